// The claims of suites: see claims.h.
#include "report/claims.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "report/cells.h"
#include "report/chapters.h"
#include "report/csv.h"
#include "report/overview.h"

static const char* const kinds[] = {"better", "worse", "no worse", "equal"};

// Where the difference should lie.
static lb_interval region_of(lb_claim_kind expect, double margin) {
  switch (expect) {
    case LB_CLAIM_BETTER:
      return (lb_interval){margin, INFINITY};
    case LB_CLAIM_WORSE:
      return (lb_interval){-INFINITY, -margin};
    case LB_CLAIM_NO_WORSE:
      return (lb_interval){-margin, INFINITY};
    case LB_CLAIM_EQUAL:
      break;
  }
  return (lb_interval){-margin, margin};
}

// The two-sided p value of the t test that the mean is `bound`.
static double p_of_bound(double bound, double mean, double se, int n) {
  if (isinf(bound)) return 0;
  if (!(se > 0)) return mean < bound || mean > bound ? 0 : 1;
  return 2 * lb_stats_t_upper(fabs(mean - bound) / se, n - 1);
}

bool lb_claims_test(double* p, lb_claim_kind expect, double margin, double mean, double se, int n) {
  lb_interval region = region_of(expect, margin);
  double low = p_of_bound(region.low, mean, se, n), high = p_of_bound(region.high, mean, se, n);
  bool inside = mean > region.low && mean < region.high;
  *p = inside ? fmax(low, high) : mean >= region.high ? high : low;
  return inside;
}

// Where variant minus baseline should lie: better is upwards only of some metrics.
static const char* expected_in_words(lb_arena* arena, const lb_suite_claim* c, bool higher) {
  double margin = c->margin > 0 ? c->margin : 0, minus = margin > 0 ? -margin : 0;
  switch (c->expect) {
    case LB_CLAIM_BETTER:
      return higher ? lb_format_text(arena, "> %g", margin) : lb_format_text(arena, "< %g", minus);
    case LB_CLAIM_WORSE:
      return higher ? lb_format_text(arena, "< %g", minus) : lb_format_text(arena, "> %g", margin);
    case LB_CLAIM_NO_WORSE:
      return higher ? lb_format_text(arena, "> %g", minus) : lb_format_text(arena, "< %g", margin);
    case LB_CLAIM_EQUAL:
      break;
  }
  return lb_format_text(arena, "within %g", margin);
}

static bool is_about(const lb_suite_claim* claim, const lb_contrast_result* c) {
  const char* metric = claim->metric ? claim->metric : claim->contrast->metrics[0];
  if (c->contrast != claim->contrast || strcmp(c->metric_name, metric) != 0) return false;
  for (int i = 0; i < claim->n_tasks; ++i) {
    if (strcmp(claim->tasks[i], c->task->name) == 0) return true;
  }
  return claim->n_tasks == 0;
}

// A claim's test by itself.
static lb_claim_result result_of(const lb_results* r, const lb_suite_claim* claim, const lb_contrast_result* c,
                                 bool* inside) {
  lb_arena* a = r->arena;
  const lb_stats_summary* d = &c->paired.difference;
  lb_claim_result out = {.claim = claim, .contrast = c, .verdict = LB_CLAIM_OPEN, .p = NAN, .number = "-"};
  double gain = lb_findings_gain(c, d->mean);
  *inside = c->n >= 2 && lb_claims_test(&out.p, claim->expect, claim->margin, gain, d->se, c->n);
  if (c->n > 0) out.number = lb_format_interval(a, d->mean, d->low, d->high);
  out.expected = expected_in_words(a, claim, lb_metric_is_higher(c->metric));
  return out;
}

static void put_in_words(const lb_results* r, lb_claim_result* out) {
  lb_arena* a = r->arena;
  const lb_contrast_result* c = out->contrast;
  out->words = c->n == 0                        ? "not run yet"
               : out->verdict == LB_CLAIM_HOLDS ? "holds here"
               : out->verdict == LB_CLAIM_FAILS
                   ? "does not hold here"
                   : lb_format_text(a, "cannot be told with %s", lb_format_count(a, c->n, "seed", "seeds"));
  const char* noun = c->metric >= 0 ? lb_results_metric_noun(r, c->metric) : c->metric_name;
  const char* corrected = isnan(out->holm_p) ? "" : lb_format_text(a, ", %s (Holm)", lb_format_p(a, out->holm_p));
  out->sentence =
      lb_format_text(a, "%s: %s (%s, %s; %s minus %s, %s, %s: %s, claimed %s%s)", out->words, out->claim->text,
                     r->suite->name, c->task->label, c->variant->title, c->baseline->title, noun,
                     lb_findings_where(a, r, c), out->number, out->expected, corrected);
}

// Corrects the p values of all claims for being several, and judges by that.
static void judge(const lb_results* r, lb_claim_result* all, const bool* inside, int n) {
  double* p = LB_TAKE(r->arena, double, n + 1);
  double* adjusted = LB_TAKE(r->arena, double, n + 1);
  for (int i = 0; i < n; ++i) p[i] = all[i].p;
  lb_stats_holm(adjusted, p, n);
  for (int i = 0; i < n; ++i) {
    all[i].holm_p = adjusted[i];
    if (adjusted[i] < 0.05) all[i].verdict = inside[i] ? LB_CLAIM_HOLDS : LB_CLAIM_FAILS;
    put_in_words(r, &all[i]);
  }
}

const lb_claim_result* lb_claims_find(lb_results* r, int* n) {
  *n = r->n_claims;
  if (r->claims) return r->claims;
  int n_contrasts;
  const lb_contrast_result* contrasts = lb_findings_contrasts(r, &n_contrasts);
  int most = r->suite->n_claims * (n_contrasts + 1) + 1;
  lb_claim_result* all = LB_TAKE(r->arena, lb_claim_result, most);
  bool* inside = LB_TAKE(r->arena, bool, most);
  *n = 0;
  for (int i = 0; i < r->suite->n_claims; ++i) {
    for (int k = 0; k < n_contrasts; ++k) {
      if (!is_about(&r->suite->claims[i], &contrasts[k])) continue;
      all[*n] = result_of(r, &r->suite->claims[i], &contrasts[k], &inside[*n]);
      *n += 1;
    }
  }
  judge(r, all, inside, *n);
  r->claims = all;
  r->n_claims = *n;
  return all;
}

static const char caption[] =
    "Variant minus baseline over paired seeds, with 95 % t interval; drawn is how much better the variant is, in "
    "percent of the way from random to expert (returns) or of the baseline (costs above their floor, counts). A claim "
    "holds "
    "here where the t test against the end of the claimed region says that the difference is inside, it does not where "
    "it says outside, else so many seeds cannot tell. p is corrected for the claims of a suite being several (Holm)";

// Where the section of the claim's task is, or the chapter that rests on it: an address; NULL for none.
static const char* evidence_of(lb_arena* a, const lb_results* r, const lb_results_task* task, const char* id,
                               bool several, const char* beside) {
  if (lb_chapters_there(r)) {
    int chapter = lb_chapters_of_task(r, task->name);
    if (chapter == 0) return NULL;
    id = lb_format_text(a, "chapter-%d", chapter);
  }
  const char* at = r->out ? r->out : r->folder;
  const char* folder = strrchr(at, '/') ? strrchr(at, '/') + 1 : at;
  if (beside) return lb_format_text(a, "%s/%s#%s", folder, beside, id);
  return several ? lb_format_text(a, "#%s-%s", folder, id) : lb_format_text(a, "#%s", id);
}

static void add_row(lb_doc* doc, lb_table* table, const lb_results* r, const lb_claim_result* c, lb_span gain,
                    bool several, const char* beside) {
  static const char* const looks[] = {"holds", "fails", "open"};
  static const char* const words[] = {"holds here", "does not hold here", "cannot be told"};
  lb_arena* a = table->arena;
  const lb_contrast_result* x = c->contrast;
  const char* noun = x->metric >= 0 ? lb_results_metric_noun(r, x->metric) : x->metric_name;
  lb_table_cell(table, c->claim->text, NULL);
  lb_table_cell_as(table, x->n == 0 ? c->words : words[c->verdict], NULL, looks[c->verdict]);
  lb_table_cell(table, c->number, NULL);
  lb_table_span(table, gain);
  lb_table_cell(table, c->expected, NULL);
  lb_table_cell(table, lb_cell_p(doc, c->holm_p), NULL);
  lb_table_cell(table, lb_format_text(a, "%d", x->n), NULL);
  lb_table_cell(table,
                lb_format_text(a, "%s: %s minus %s, %s", x->task->label, x->variant->title, x->baseline->title, noun),
                evidence_of(a, r, x->task, lb_overview_task_id(doc, x->task), several, beside));
}

// A claim of one of the results, as it is drawn.
typedef struct entry {
  const lb_results* r;
  const lb_claim_result* claim;
  const char* part;
  lb_span gain;
} entry;

// All claims of the results; *n of them.
static entry* list(lb_arena* arena, lb_results* const* results, int n_results, int* n) {
  static const int colors[] = {2, 1, LB_COLOR_SOFT};  // by the verdict: green, vermilion, grey
  int total = 0, own;
  for (int i = 0; i < n_results; ++i) {
    lb_claims_find(results[i], &own);
    total += own;
  }
  entry* all = LB_TAKE(arena, entry, total + 1);
  *n = 0;
  for (int i = 0; i < n_results; ++i) {
    const lb_claim_result* claims = lb_claims_find(results[i], &own);
    const lb_suite* suite = results[i]->suite;
    for (int c = 0; c < own; ++c) {
      lb_span gain = lb_overview_gain(results[i], claims[c].contrast);
      gain.color = colors[claims[c].verdict];
      all[(*n)++] = (entry){results[i], &claims[c], suite->part[0] ? suite->part : suite->title, gain};
    }
  }
  return all;
}

// "11 of 28 claims hold here, 1 does not, 16 cannot be told": of one part, or with NULL of all.
static const char* count_in_words(lb_arena* a, const entry* all, int n, const char* part) {
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
static void add_part(lb_doc* doc, const entry* all, int n, const char* part, lb_table_axis axis, const char* below,
                     bool several, const char* beside) {
  static const lb_claim_verdict order[] = {LB_CLAIM_HOLDS, LB_CLAIM_FAILS, LB_CLAIM_OPEN};
  lb_table* table =
      lb_doc_table(doc, below, "Claim|Verdict|#Difference [95 %]|worse - better|#Claimed|#p (Holm)|#Seeds|Evidence");
  lb_table_set_axis(table, axis);
  for (int pass = 0; pass < 3; ++pass) {
    for (int i = 0; i < n; ++i) {
      if (strcmp(all[i].part, part) != 0 || all[i].claim->verdict != order[pass]) continue;
      add_row(doc, table, all[i].r, all[i].claim, all[i].gain, several, beside);
    }
  }
}

static int decided_of(const entry* all, int n, const char* part) {
  int count = 0;
  for (int i = 0; i < n; ++i) count += strcmp(all[i].part, part) == 0 && all[i].claim->verdict != LB_CLAIM_OPEN;
  return count;
}

// The parts that the claims stand under, the one of the most that are decided first; returns how many.
static int list_parts(const char** parts, const entry* all, int n) {
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

void lb_claims_doc_add(lb_doc* doc, lb_results* const* results, int n, const char* beside) {
  lb_arena* a = doc->arena;
  int total;
  entry* all = list(a, results, n, &total);
  if (total == 0) return;
  lb_span* gains = LB_TAKE(a, lb_span, total);
  const char** parts = LB_TAKE(a, const char*, total);
  int n_parts = list_parts(parts, all, total);
  for (int i = 0; i < total; ++i) gains[i] = all[i].gain;
  lb_table_axis axis = lb_overview_gain_axis(gains, total);
  axis.left = lb_format_text(a, "%.3g %%", axis.low);
  axis.right = lb_format_text(a, "+%.3g %%", axis.high);
  lb_doc_heading(doc, 2, "claims", "What is claimed, and what is found here");
  lb_doc_say(doc, LB_BLOCK_PARAGRAPH, lb_format_text(a, "%s.", count_in_words(a, all, total, NULL)), "");
  for (int i = 0; i < n_parts && n_parts > 1; ++i) {
    lb_doc_say(doc, LB_BLOCK_ITEM, lb_format_text(a, "%s:", parts[i]), count_in_words(a, all, total, parts[i]));
  }
  for (int i = 0; i < n_parts; ++i) {
    if (n_parts > 1) lb_doc_heading(doc, 3, lb_format_text(a, "claims-%d", i + 1), parts[i]);
    add_part(doc, all, total, parts[i], axis, i == n_parts - 1 ? caption : "", n > 1 || beside, beside);
  }
}

void lb_claims_csv(lb_text* out, lb_results* r) {
  static const char* const verdicts[] = {"holds", "does not hold", "cannot be told"};
  int n;
  const lb_claim_result* claims = lb_claims_find(r, &n);
  lb_text_add(out, "suite,task,claim,contrast,metric,expect,margin,seeds,difference,low,high,p,holm_p,verdict\n");
  for (int i = 0; i < n; ++i) {
    const lb_contrast_result* c = claims[i].contrast;
    const lb_stats_summary* d = &c->paired.difference;
    const char* const texts[] = {r->suite->name,    c->task->name,  claims[i].claim->text,
                                 c->contrast->name, c->metric_name, kinds[claims[i].claim->expect]};
    for (int k = 0; k < 6; ++k) {
      lb_csv_field(out, texts[k]);
      lb_text_add(out, ",");
    }
    lb_text_add(out, "%.17g,%d", claims[i].claim->margin, c->n);
    const double numbers[] = {d->mean, d->low, d->high, claims[i].p, claims[i].holm_p};
    for (int k = 0; k < 5; ++k) lb_text_add(out, isfinite(numbers[k]) ? ",%.17g" : ",", numbers[k]);
    lb_text_add(out, ",%s\n", verdicts[claims[i].verdict]);
  }
}
