#include "report/forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/sort.h"
#include "report/cells.h"
#include "report/chapters.h"
#include "report/claims.h"
#include "report/looks.h"
#include "report/run_pages.h"

const char* lb_forest_task_id(const lb_doc* doc, const lb_results_task* task) {
  char* id = lb_format_text(doc->arena, "%s", task->label);
  for (char* c = id; *c; ++c) {
    if (*c == ' ' || *c == '(' || *c == ')') *c = '-';
  }
  return id;
}

// ---------------------------------------------------------------------------------------------------------------------
// Which row is best

// The two-sided p of the paired t test between two rows; NaN with fewer than two seeds. A run that broke counts as the
// worst finite value of both.
static double p_of_pair(const lb_results* r, const lb_results_row* x, const lb_results_row* y) {
  double* a = LB_TAKE(r->arena, double, x->n_runs + 1);
  double* b = LB_TAKE(r->arena, double, x->n_runs + 1);
  double worst = NAN;
  int n = 0;
  for (int i = 0; i < x->n_runs; i++) {
    const lb_results_run* other = lb_results_run_of_seed(y, x->runs[i]->seed);
    a[n] = r->measure->number(x, x->runs[i], r->metric);
    b[n] = other ? r->measure->number(y, other, r->metric) : NAN;
    if (isnan(a[n]) || isnan(b[n])) continue;
    if (isfinite(a[n])) worst = lb_results_worse(r->metric, worst, a[n]);
    if (isfinite(b[n])) worst = lb_results_worse(r->metric, worst, b[n]);
    n++;
  }
  for (int i = 0; i < n; i++) {
    if (!isfinite(a[i])) a[i] = worst;
    if (!isfinite(b[i])) b[i] = worst;
  }
  lb_stats_paired paired = lb_stats_compare(a, b, n, 0.95);
  if (n < 2) return NAN;
  return paired.difference.sd > 0 ? paired.t_p : paired.difference.mean < 0 || paired.difference.mean > 0 ? 0 : 1;
}

void lb_forest_standings(lb_standing* out, const lb_results* r, const lb_results_task* task) {
  int best = -1;
  double most = NAN;
  double* p = LB_TAKE(r->arena, double, task->n_rows + 1);
  double* adjusted = LB_TAKE(r->arena, double, task->n_rows + 1);
  for (int k = 0; k < task->n_rows; k++) {
    out[k] = LB_STANDING_NONE;
    double mean = lb_results_row_compared(r, &task->rows[k]).mean;
    if (isnan(mean) || lb_looks_is_role(r->suite, task->rows[k].algo)) continue;
    if (isnan(most) || lb_metric_is_better(r->metric, mean, most)) {
      most = mean;
      best = k;
    }
  }
  bool alone = true, any = false;
  for (int k = 0; k < task->n_rows; k++) {
    bool rival = best >= 0 && k != best && !lb_looks_is_role(r->suite, task->rows[k].algo);
    p[k] = rival ? p_of_pair(r, &task->rows[best], &task->rows[k]) : NAN;
    any = any || !isnan(p[k]);
  }
  lb_stats_holm(adjusted, p, task->n_rows);
  for (int k = 0; k < task->n_rows; k++) {
    if (isnan(adjusted[k]) || adjusted[k] < 0.05) continue;
    out[k] = LB_STANDING_TIED;
    alone = false;
  }
  if (any) out[best] = alone ? LB_STANDING_BEST : LB_STANDING_TIED;
}

// ---------------------------------------------------------------------------------------------------------------------
// All rows in order

typedef struct entry {
  int metric;
  const lb_results_row* row;
  lb_stats_summary s;
  lb_standing standing;
} entry;

// The best first, rows without a mean last.
static int best_first(const void* a, const void* b) {
  const entry *x = a, *y = b;
  bool nx = isnan(x->s.mean), ny = isnan(y->s.mean);
  if (nx != ny) return nx - ny;
  return lb_metric_is_better(y->metric, y->s.mean, x->s.mean) - lb_metric_is_better(x->metric, x->s.mean, y->s.mean);
}

// The range of an axis that shows most rows: one that diverges would leave the others no room.
static lb_table_axis axis_of_rows(const lb_results* r, const lb_results_task* task, const entry* e, int n) {
  double* means = LB_TAKE(r->arena, double, n + 1);
  double sign = lb_metric_is_higher(r->metric) ? -1 : 1;  // the least is the best
  int count = 0;
  for (int i = 0; i < n; i++) {
    if (isfinite(e[i].s.mean)) means[count++] = sign * e[i].s.mean;
  }
  lb_sort(means, count);
  lb_table_axis a = {.low = 0, .high = 1, .line = NAN, .reversed = sign > 0};
  if (count == 0) return a;
  const lb_results_row* goal = lb_results_find_row(task, r->suite->reference);
  a.line = goal ? lb_results_row_compared(r, goal).mean : NAN;
  // Rows further from the best than a few times most of the others are off the scale.
  double middle = lb_stats_quantile(means, count, 0.6);
  double most = means[0] + 4 * fmax(middle - means[0], 1e-9 * fabs(middle));
  a.low = INFINITY;
  a.high = -INFINITY;
  for (int i = 0; i < n; i++) {
    const lb_stats_summary* x = &e[i].s;
    if (!isfinite(x->mean) || sign * x->mean > most) continue;
    double reach = isfinite(x->high) ? fmin(x->high - x->mean, most - means[0]) : 0;
    a.low = fmin(a.low, x->mean - reach);
    a.high = fmax(a.high, x->mean + reach);
  }
  double margin = 0.04 * (a.high - a.low);
  if (!(margin > 0)) margin = fmax(0.5 * fabs(a.low), 0.5);
  a.low -= margin;
  a.high += margin;
  return a;
}

// A row, its interval, and how it stands to the others.
static void add_row(lb_doc* doc, lb_table* table, const lb_results* r, const entry* e) {
  static const char* const words[] = {"", "best", "tied"};
  static const char* const kinds[] = {NULL, "best", NULL};
  const lb_results_row* row = e->row;
  lb_looks looks = lb_looks_of(r->suite, row->algo);
  lb_table_cell_as(table, row->title, lb_run_pages_of_row(r, row), kinds[e->standing]);
  lb_table_span(table, (lb_span){e->s.mean, e->s.low, e->s.high, looks.color});
  lb_table_cell(table, lb_cell_compared(doc, r, row), NULL);
  lb_table_cell(table, words[e->standing], NULL);
  lb_table_cell(table, lb_cell_tail(doc, row, LB_METRIC_RETURN_NORMALISED), NULL);
  lb_table_cell(table, lb_cell_solved(doc, row), NULL);
  lb_table_cell(table, lb_cell_mean(doc, row, r->measure->work), NULL);
  lb_table_cell(table, lb_cell_mean(doc, row, LB_METRIC_CPU_LEARNING), NULL);
  lb_table_cell(table, lb_cell_seeds(doc, row), NULL);
}

// The rows of a task, the best first.
static void add_task(lb_doc* doc, lb_results* r, const lb_results_task* task, bool first) {
  lb_arena* a = doc->arena;
  entry* e = LB_TAKE(a, entry, task->n_rows + 1);
  lb_standing* standings = LB_TAKE(a, lb_standing, task->n_rows + 1);
  int n = 0;
  lb_forest_standings(standings, r, task);
  for (int k = 0; k < task->n_rows; k++) {
    const lb_results_row* row = &task->rows[k];
    if (row->n_runs == 0) continue;
    e[n++] = (entry){r->metric, row, lb_results_row_compared(r, row), standings[k]};
  }
  if (n == 0) return;
  qsort(e, (size_t)n, sizeof *e, best_first);
  lb_doc_heading(doc, 3, lb_format_text(a, "rows-%s", lb_forest_task_id(doc, task)), task->label);
  const char* title = lb_results_metric_title(r, r->metric);
  const char* scale =
      r->measure->normalised ? " Normalised: 0 is random, 1 the expert. Solved: seeds at 80 % of that way." : "";
  lb_table* table = lb_doc_table(
      doc,
      first ? lb_format_text(a,
                             "%s %s, %s and to the right: mean over the seeds with 95 %% t interval, the best first. "
                             "best: told from every other row (paired t tests, Holm); tied: the best mean, or not told "
                             "from it.%s The line is the expert",
                             title, r->measure->when, lb_results_better(r->metric), scale)
            : "",
      lb_format_text(a,
                     "Algorithm|worse - better|#%s [95 %%]|Standing|#Normalised|#Solved|#%s|#CPU s of learning|#Seeds",
                     title, lb_results_metric_title(r, r->measure->work)));
  lb_table_set_axis(table, axis_of_rows(r, task, e, n));
  for (int i = 0; i < n; i++) add_row(doc, table, r, &e[i]);
}

void lb_forest_add_rows(lb_doc* doc, lb_results* r) {
  bool first = true;
  for (int t = 0; t < r->n_tasks; t++) {
    if (!r->tasks[t].hash) continue;
    if (first) lb_doc_heading(doc, 2, "rows", "All rows, the best first");
    add_task(doc, r, &r->tasks[t], first);
    first = false;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Contrasts

lb_span lb_forest_gain(const lb_results* r, const lb_contrast_result* c) {
  const lb_stats_summary* d = &c->paired.difference;
  lb_span none = {NAN, NAN, NAN, 0};
  if (c->n == 0 || c->metric < 0) return none;
  double unit = fabs(lb_stats_mean(c->a, c->n));
  bool is_return = c->metric == LB_METRIC_RETURN || c->metric == LB_METRIC_RETURN_BEST;
  if (c->metric == r->metric) unit = fabs(lb_stats_mean(c->a, c->n) - lb_results_floor(r, c->task->name, c->metric));
  if (c->metric == LB_METRIC_RETURN_NORMALISED) unit = 1;
  if (is_return) unit = c->task->unscaled ? NAN : c->task->one - c->task->zero;
  double scale = lb_findings_gain(c, 100) / unit;
  if (!(unit > 0) || !isfinite(scale)) return none;
  lb_span gain = {scale * d->mean, scale * d->low, scale * d->high, 0};
  if (scale < 0) {
    gain.low = scale * d->high;
    gain.high = scale * d->low;
  }
  gain.color = lb_findings_decided(c) ? (gain.value > 0 ? 2 : 1) : LB_COLOR_SOFT;
  return gain;
}

lb_table_axis lb_forest_gain_axis(const lb_span* gains, int n) {
  double reach = 5;
  double* ends = malloc(sizeof(double) * (size_t)(n + 1));
  if (!ends) abort();
  int count = 0;
  for (int i = 0; i < n; i++) {
    double low = isfinite(gains[i].low) ? gains[i].low : gains[i].value;
    double high = isfinite(gains[i].high) ? gains[i].high : gains[i].value;
    if (isfinite(low) && isfinite(high)) ends[count++] = fmax(fabs(low), fabs(high));
  }
  lb_sort(ends, count);
  if (count > 0) reach = fmin(100, fmax(reach, 1.05 * lb_stats_quantile(ends, count, 0.85)));
  free(ends);
  return (lb_table_axis){.low = -reach, .high = reach, .line = 0};
}

void lb_forest_add_contrasts(lb_doc* doc, lb_results* r) {
  lb_arena* a = doc->arena;
  int n, kept = 0;
  bool primary = false;
  const lb_contrast_result* c = lb_findings_contrasts(r, &n);
  for (int i = 0; i < n; i++) primary = primary || c[i].contrast->primary;
  lb_span* gains = LB_TAKE(a, lb_span, n + 1);
  const lb_contrast_result** shown = LB_TAKE(a, const lb_contrast_result*, n + 1);
  for (int i = 0; i < n; i++) {
    if (c[i].n == 0 || c[i].metric < 0 || (primary && !c[i].contrast->primary)) continue;
    gains[kept] = lb_forest_gain(r, &c[i]);
    shown[kept++] = &c[i];
  }
  if (kept == 0) return;
  lb_doc_heading(doc, 2, "contrasts", primary ? "The contrasts that it is about" : "Contrasts");
  lb_table* table = lb_doc_table(
      doc,
      "Variant minus baseline over paired seeds, with 95 % t intervals. Drawn is how much better the variant is, in "
      "percent of the way from random to expert (returns) or of the baseline (costs above their floor, counts): right "
      "of the line it is better. Holm: p of the primary contrasts, corrected for being several",
      "Variant - baseline|Task|Metric|worse - better|#Difference [95 %]|#Better in|#p|#Holm");
  lb_table_axis axis = lb_forest_gain_axis(gains, kept);
  axis.left = lb_format_text(a, "%.3g %%", axis.low);
  axis.right = lb_format_text(a, "+%.3g %%", axis.high);
  lb_table_set_axis(table, axis);
  for (int i = 0; i < kept; i++) {
    const lb_stats_summary* d = &shown[i]->paired.difference;
    lb_table_cell(table, lb_format_text(a, "%s - %s", shown[i]->variant->title, shown[i]->baseline->title), NULL);
    lb_table_cell(table, shown[i]->task->label, lb_format_text(a, "#%s", lb_forest_task_id(doc, shown[i]->task)));
    lb_table_cell(table, lb_results_metric_noun(r, shown[i]->metric), NULL);
    lb_table_span(table, gains[i]);
    lb_table_cell(table, lb_format_interval(a, d->mean, d->low, d->high), NULL);
    lb_table_cell(table, lb_format_text(a, "%d of %d", shown[i]->better, shown[i]->n), NULL);
    lb_table_cell(table, lb_cell_p(doc, shown[i]->paired.t_p), NULL);
    lb_table_cell(table, lb_cell_p(doc, shown[i]->holm_p), NULL);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Claims

static const char claims_caption[] =
    "Variant minus baseline over paired seeds, with 95 % t interval; drawn is how much better the variant is, in "
    "percent of the way from random to expert (returns) or of the baseline (costs above their floor, counts). A claim "
    "holds "
    "here where the t test against the end of the claimed region says that the difference is inside, it does not where "
    "it says outside, else so many seeds cannot tell. p is corrected for the claims of a suite being several (Holm)";

// Where the section of the claim's task is, or the chapter that rests on it: an address; NULL for none.
static const char* evidence_of(lb_arena* a, const lb_results* r, const lb_results_task* task, const char* id,
                               bool several, const char* beside) {
  if (lb_results_has_chapters(r)) {
    int chapter = lb_chapters_of_task(r, task->name);
    if (chapter == 0) return NULL;
    id = lb_format_text(a, "chapter-%d", chapter);
  }
  const char* at = r->out ? r->out : r->folder;
  const char* folder = strrchr(at, '/') ? strrchr(at, '/') + 1 : at;
  if (beside) return lb_format_text(a, "%s/%s#%s", folder, beside, id);
  return several ? lb_format_text(a, "#%s-%s", folder, id) : lb_format_text(a, "#%s", id);
}

// A claim, its verdict, and where its evidence is.
static void add_claim(lb_doc* doc, lb_table* table, const lb_results* r, const lb_claim_result* c, lb_span gain,
                      bool several, const char* beside) {
  static const char* const looks[] = {"holds", "fails", "open"};
  lb_arena* a = table->arena;
  const lb_contrast_result* x = c->contrast;
  const char* noun = x->metric >= 0 ? lb_results_metric_noun(r, x->metric) : x->metric_name;
  lb_table_cell(table, c->claim->text, NULL);
  lb_table_cell_as(table, x->n == 0 ? c->words : lb_claims_verdict(c->verdict), NULL, looks[c->verdict]);
  lb_table_cell(table, c->number, NULL);
  lb_table_span(table, gain);
  lb_table_cell(table, c->expected, NULL);
  lb_table_cell(table, lb_cell_p(doc, c->holm_p), NULL);
  lb_table_cell(table, lb_format_text(a, "%d", x->n), NULL);
  lb_table_cell(table,
                lb_format_text(a, "%s: %s minus %s, %s", x->task->label, x->variant->title, x->baseline->title, noun),
                evidence_of(a, r, x->task, lb_forest_task_id(doc, x->task), several, beside));
}

// A claim of one of the results, as it is drawn.
typedef struct claim_entry {
  const lb_results* r;
  const lb_claim_result* claim;
  const char* part;
  lb_span gain;
} claim_entry;

// All claims of the results; *n of them.
static claim_entry* list_claims(lb_arena* arena, lb_results* const* results, int n_results, int* n) {
  static const int colors[] = {2, 1, LB_COLOR_SOFT};  // by the verdict: green, vermilion, grey
  int total = 0, own;
  for (int i = 0; i < n_results; ++i) {
    lb_claims_find(results[i], &own);
    total += own;
  }
  claim_entry* all = LB_TAKE(arena, claim_entry, total + 1);
  *n = 0;
  for (int i = 0; i < n_results; ++i) {
    const lb_claim_result* claims = lb_claims_find(results[i], &own);
    const lb_suite* suite = results[i]->suite;
    for (int c = 0; c < own; ++c) {
      lb_span gain = lb_forest_gain(results[i], claims[c].contrast);
      gain.color = colors[claims[c].verdict];
      all[(*n)++] = (claim_entry){results[i], &claims[c], suite->part[0] ? suite->part : suite->title, gain};
    }
  }
  return all;
}

// "11 of 28 claims hold here, 1 does not, 16 cannot be told": of one part, or with NULL of all.
static const char* count_in_words(lb_arena* a, const claim_entry* all, int n, const char* part) {
  int count[3] = {0}, waiting = 0, total = 0;
  for (int i = 0; i < n; ++i) {
    if (part && strcmp(all[i].part, part) != 0) continue;
    ++total;
    if (all[i].claim->contrast->n == 0) {
      ++waiting;
    } else {
      ++count[all[i].claim->verdict];
    }
  }
  const char* words =
      lb_format_text(a, "%d of %s %s here", count[LB_CLAIM_HOLDS], lb_format_count(a, total, "claim", "claims"),
                     count[LB_CLAIM_HOLDS] == 1 ? "holds" : "hold");
  int fails = count[LB_CLAIM_FAILS], open = count[LB_CLAIM_OPEN];
  if (fails > 0) words = lb_format_text(a, "%s, %d %s not", words, fails, fails == 1 ? "does" : "do");
  if (open > 0) words = lb_format_text(a, "%s, %d cannot be told with so many seeds", words, open);
  if (waiting > 0) words = lb_format_text(a, "%s, %d %s not been run", words, waiting, waiting == 1 ? "has" : "have");
  return words;
}

// The claims of one part: what is decided first.
static void add_part(lb_doc* doc, const claim_entry* all, int n, const char* part, lb_table_axis axis,
                     const char* below, bool several, const char* beside) {
  static const lb_claim_verdict order[] = {LB_CLAIM_HOLDS, LB_CLAIM_FAILS, LB_CLAIM_OPEN};
  lb_table* table =
      lb_doc_table(doc, below, "Claim|Verdict|#Difference [95 %]|worse - better|#Claimed|#p (Holm)|#Seeds|Evidence");
  lb_table_set_axis(table, axis);
  for (int pass = 0; pass < 3; ++pass) {
    for (int i = 0; i < n; ++i) {
      if (strcmp(all[i].part, part) != 0 || all[i].claim->verdict != order[pass]) continue;
      add_claim(doc, table, all[i].r, all[i].claim, all[i].gain, several, beside);
    }
  }
}

// How many claims of a part are decided.
static int decided_of(const claim_entry* all, int n, const char* part) {
  int count = 0;
  for (int i = 0; i < n; ++i) count += strcmp(all[i].part, part) == 0 && all[i].claim->verdict != LB_CLAIM_OPEN;
  return count;
}

// The parts that the claims stand under, the one of the most that are decided first; returns how many.
static int list_parts(const char** parts, const claim_entry* all, int n) {
  int count = 0;
  for (int i = 0; i < n; ++i) {
    int at = 0;
    while (at < count && strcmp(parts[at], all[i].part) != 0) ++at;
    if (at < count) continue;
    int own = decided_of(all, n, all[i].part);
    for (at = count++; at > 0 && decided_of(all, n, parts[at - 1]) < own; --at) parts[at] = parts[at - 1];
    parts[at] = all[i].part;
  }
  return count;
}

void lb_forest_add_claims(lb_doc* doc, lb_results* const* results, int n, const char* beside) {
  lb_arena* a = doc->arena;
  int total;
  claim_entry* all = list_claims(a, results, n, &total);
  if (total == 0) return;
  lb_span* gains = LB_TAKE(a, lb_span, total);
  const char** parts = LB_TAKE(a, const char*, total);
  int n_parts = list_parts(parts, all, total);
  for (int i = 0; i < total; ++i) gains[i] = all[i].gain;
  lb_table_axis axis = lb_forest_gain_axis(gains, total);
  axis.left = lb_format_text(a, "%.3g %%", axis.low);
  axis.right = lb_format_text(a, "+%.3g %%", axis.high);
  lb_doc_heading(doc, 2, "claims", "What is claimed, and what is found here");
  lb_doc_say(doc, LB_BLOCK_PARAGRAPH, lb_format_text(a, "%s.", count_in_words(a, all, total, NULL)), "");
  for (int i = 0; i < n_parts && n_parts > 1; ++i) {
    lb_doc_say(doc, LB_BLOCK_ITEM, lb_format_text(a, "%s:", parts[i]), count_in_words(a, all, total, parts[i]));
  }
  for (int i = 0; i < n_parts; ++i) {
    if (n_parts > 1) lb_doc_heading(doc, 3, lb_format_text(a, "claims-%d", i + 1), parts[i]);
    add_part(doc, all, total, parts[i], axis, i == n_parts - 1 ? claims_caption : "", n > 1 || beside, beside);
  }
}
