// What the results say: see findings.h.
#include "report/findings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "stats/scores.h"

enum { RESAMPLES = 10000 };

// A run's value for a contrast; an infinity where it diverged or failed, or one of the evaluations did, NaN where it
// has not come so far. A reference row is the same at every iteration.
static double contrast_value(const lb_contrast_result* c, const lb_results_row* row, const lb_results_run* run) {
  if (row->flat) return lb_results_run_final(row, run, c->metric);
  double value = lb_results_run_average(run, c->metric, c->from, c->to);
  bool known = c->metric < LB_METRICS;
  if (!isnan(value) || !known) return value;
  bool broke = lb_results_run_broke(run) || lb_results_run_came_to(run, c->to);
  return broke ? lb_metric_worst(c->metric) : NAN;
}

// The worst finite value that any run of the task has for the contrast; NaN: none.
static double worst_value(const lb_contrast_result* c) {
  double worst = NAN;
  for (int k = 0; k < c->task->n_rows; k++) {
    const lb_results_row* row = &c->task->rows[k];
    for (int i = 0; i < row->n_runs; i++) {
      double value = contrast_value(c, row, row->runs[i]);
      if (isfinite(value)) worst = lb_results_worse(c->metric, worst, value);
    }
  }
  return worst;
}

// Fills the pairs: values of the seeds that both rows have, what broke as the worst of the task.
static void pair_up(lb_arena* arena, lb_contrast_result* c) {
  int most = c->baseline->n_runs + 1;
  c->seeds = LB_TAKE(arena, int, most);
  c->a = LB_TAKE(arena, double, most);
  c->b = LB_TAKE(arena, double, most);
  double worst = c->metric >= 0 ? worst_value(c) : NAN;
  for (int i = 0; c->metric >= 0 && i < c->baseline->n_runs; i++) {
    const lb_results_run* run = c->baseline->runs[i];
    const lb_results_run* other = lb_results_run_of_seed(c->variant, run->seed);
    double a = contrast_value(c, c->baseline, run), b = other ? contrast_value(c, c->variant, other) : NAN;
    bool broke_a = isinf(a), broke_b = isinf(b);
    if (broke_a) a = worst;
    if (broke_b) b = worst;
    if (isnan(a) || isnan(b)) continue;
    c->as_worst_a += broke_a;
    c->as_worst_b += broke_b;
    c->seeds[c->n] = run->seed;
    c->a[c->n] = a;
    c->b[c->n++] = b;
  }
  c->left_out = (c->baseline->planned > c->variant->planned ? c->baseline->planned : c->variant->planned) - c->n;
}

// The iterations that a contrast is of: as stated, as far as both rows came.
static void resolve_range(lb_contrast_result* c) {
  const lb_results_row *a = c->baseline, *b = c->variant;
  int last = a->flat ? b->last : b->flat ? a->last : a->last < b->last ? a->last : b->last;
  c->to = c->contrast->to == LB_SUITE_LAST ? last : c->contrast->to;
  c->from = c->contrast->from == LB_SUITE_LAST   ? c->to
            : c->contrast->from == LB_SUITE_TAIL ? lb_results_tail(c->to) + 1
                                                 : c->contrast->from;
  if (c->from > c->to) c->from = c->to;
  if (c->metric >= 0 && lb_results_metric_is_cumulative(c->metric)) c->from = c->to;
}

// Whether the interval of the mean difference excludes 0.
static const char* verdict_of(const lb_contrast_result* c) {
  const lb_stats_summary* d = &c->paired.difference;
  if (c->n == 0) return "no data";
  if (c->n == 1) return "no interval";
  if (d->low > 0 || d->high < 0) return "excludes 0";
  return "includes 0";
}

// The mean of one side, to a place that suits both the interval of the difference and the number itself.
static const char* side_in_words(lb_arena* arena, const lb_contrast_result* c, double mean) {
  const lb_stats_summary* d = &c->paired.difference;
  double reach = c->n > 1 ? 0.5 * (d->high - d->low) : 0, coarsest = 0.01 * fabs(mean);
  return lb_format_number(arena, mean, reach > 0 && reach < coarsest ? reach : coarsest);
}

// How much lower the lower side is: as a factor for counts, as a share of the higher side for the rest, the constant
// inside costs taken off. "" where neither means anything, as for returns, whose 0 is nowhere in particular.
static const char* ratio_in_words(lb_arena* arena, const lb_results* r, const lb_contrast_result* c, double lower,
                                  double higher) {
  if (lb_metric_is_higher(c->metric)) return "";
  if (lb_results_metric_is_cumulative(c->metric)) {
    return lower > 0 && lower < higher ? lb_format_text(arena, ", a factor of %.3g", higher / lower) : "";
  }
  double floor = lb_results_floor(r, c->task->name, c->metric);
  if (!(lower > floor && higher > lower)) return "";
  double share = 100 * (higher - lower) / (higher - floor);
  const char* of = floor != 0 ? lb_format_text(arena, " of what it is without the constant %g", floor) : "";
  return lb_format_text(arena, ", by %.2g %%%s", share, of);
}

// What the seeds agree on where the interval of the mean says nothing.
static const char* agreement_in_words(lb_arena* arena, const lb_contrast_result* c) {
  if (!(c->paired.sign_p < 0.05)) return "";
  int most = c->paired.positive > c->paired.negative ? c->paired.positive : c->paired.negative;
  double median = c->paired.difference.median;
  return lb_format_text(arena,
                        "; yet %d of %d seeds point the same way (sign test %s, median difference %s), so a few seeds "
                        "dominate the mean",
                        most, c->n, lb_format_p(arena, c->paired.sign_p),
                        lb_format_number(arena, median, 0.05 * fabs(median)));
}

// "LAMPS needs fewer LQR passes than SysID", "LAMPS has a lower cost than SysID".
static const char* meaning_in_words(lb_arena* arena, const lb_results* r, const lb_contrast_result* c) {
  const char* noun = c->metric >= 0 ? lb_results_metric_noun(r, c->metric) : c->metric_name;
  const char *baseline = lb_format_name(arena, c->baseline->title), *variant = lb_format_name(arena, c->variant->title);
  bool counts = lb_results_metric_is_cumulative(c->metric), higher = c->paired.difference.mean > 0;
  if (c->n == 0) return lb_format_text(arena, "%s against %s in %s", variant, baseline, noun);
  if (c->n == 1) return lb_format_text(arena, "One seed does not tell %s from %s in %s", variant, baseline, noun);
  if (c->paired.difference.sd == 0 && c->paired.difference.mean == 0) {
    return lb_format_text(arena, "%s and %s are identical in %s in every seed", variant, baseline, noun);
  }
  if (!lb_findings_decided(c)) {
    return lb_format_text(arena, "%d seeds do not tell %s from %s in %s", c->n, variant, baseline, noun);
  }
  if (counts)
    return lb_format_text(arena, "%s needs %s %s than %s", variant, higher ? "more" : "fewer", noun, baseline);
  return lb_format_text(arena, "%s has a %s %s than %s", variant, higher ? "higher" : "lower", noun, baseline);
}

// "0.5 [0.1, 0.9] lower (52.1 against 52.6, by 1 %) in 9 of 10 seeds"; where nothing is decided, "variant minus
// baseline 0.5 [-0.1, 1.1] (52.6 against 52.1)".
static const char* measure_in_words(lb_arena* arena, const lb_results* r, const lb_contrast_result* c) {
  const lb_stats_summary* d = &c->paired.difference;
  double a = lb_stats_mean(c->a, c->n), b = lb_stats_mean(c->b, c->n);
  const char* sides = lb_format_text(arena, "%s against %s", side_in_words(arena, c, b), side_in_words(arena, c, a));
  if (c->n == 1 || (d->sd == 0 && d->mean == 0)) return sides;
  const char* interval = lb_format_interval(arena, d->mean, d->low, d->high);
  if (!lb_findings_decided(c)) {
    return lb_format_text(arena, "%s minus %s %s (%s)%s", lb_format_name(arena, c->variant->title),
                          lb_format_name(arena, c->baseline->title), interval, sides, agreement_in_words(arena, c));
  }
  int agree = d->mean > 0 ? c->paired.positive : c->paired.negative;
  return lb_format_text(arena, "by %s (%s%s), in %d of %d seeds", interval, sides,
                        ratio_in_words(arena, r, c, fmin(a, b), fmax(a, b)), agree, c->n);
}

const char* lb_findings_where(lb_arena* arena, const lb_results* r, const lb_contrast_result* c) {
  const char* unit = r->measure->iteration;
  if (c->from != c->to) return lb_format_text(arena, "mean over %ss %d to %d", unit, c->from, c->to);
  return lb_format_text(arena, "at %s %d", unit, c->to);
}

// Whether the suite is there for this contrast, where it says so of any.
static const char* rank_in_words(lb_arena* arena, const lb_results* r, const lb_contrast_result* c) {
  bool any = false;
  for (int i = 0; i < r->suite->n_contrasts; i++) any = any || r->suite->contrasts[i].primary;
  if (!any) return "";
  if (isnan(c->holm_p)) return c->contrast->primary && c->metric == r->metric ? " Primary." : " Exploratory.";
  return lb_format_text(arena, " Primary: %s after Holm's correction.", lb_format_p(arena, c->holm_p));
}

// " 1 seed of LAMPS diverged or failed, and counts as the worst run of the task." "" where none did.
static const char* broken_in_words(lb_arena* arena, const lb_contrast_result* c) {
  const char* text = "";
  const lb_results_row* rows[] = {c->baseline, c->variant};
  const int counts[] = {c->as_worst_a, c->as_worst_b};
  for (int i = 0; i < 2; i++) {
    if (counts[i] == 0) continue;
    text = lb_format_text(arena, "%s %s of %s diverged or failed, and %s as the worst run of the task.", text,
                          lb_format_count(arena, counts[i], "seed", "seeds"), lb_format_name(arena, rows[i]->title),
                          counts[i] == 1 ? "counts" : "count");
  }
  return text;
}

// The finding in words.
static const char* contrast_sentence(lb_arena* arena, const lb_results* r, const lb_contrast_result* c) {
  const char* head = lb_format_text(arena, "%s, %s", meaning_in_words(arena, r, c), lb_findings_where(arena, r, c));
  if (c->n == 0) return lb_format_text(arena, "%s: no seed has both values yet.", head);
  const char* rest = c->left_out
                         ? lb_format_text(arena, " %s of %d left out: missing in one of the two rows.",
                                          lb_format_count(arena, c->left_out, "seed", "seeds"), c->n + c->left_out)
                         : "";
  const char* seen = c->smallest > 0 ? lb_format_text(arena, " %s see differences from %s on (80 %% power).",
                                                      lb_format_count(arena, c->n, "seed", "seeds"),
                                                      lb_format_number(arena, c->smallest, 0.05 * c->smallest))
                                     : "";
  return lb_format_text(arena, "%s: %s.%s%s%s%s", head, measure_in_words(arena, r, c), rank_in_words(arena, r, c), seen,
                        broken_in_words(arena, c), rest);
}

// Whether a contrast is of a task.
static bool applies(const lb_suite_contrast* contrast, const lb_results_task* task) {
  for (int i = 0; i < contrast->n_tasks; i++) {
    if (strcmp(contrast->tasks[i], task->name) == 0) return true;
  }
  return contrast->n_tasks == 0;
}

// Works out a contrast of two rows.
static void fill_contrast(const lb_results* r, lb_contrast_result* c) {
  c->metric = lb_results_metric(r, c->metric_name);
  resolve_range(c);
  pair_up(r->arena, c);
  c->paired = lb_stats_compare(c->b, c->a, c->n, 0.95);
  c->better = lb_metric_is_higher(c->metric) ? c->paired.positive : c->paired.negative;
  double* d = LB_TAKE(r->arena, double, c->n + 1);
  for (int i = 0; i < c->n; i++) d[i] = c->b[i] - c->a[i];
  c->bootstrap = (lb_interval){NAN, NAN};
  if (c->n >= LB_SCORES_LEAST) c->bootstrap = lb_stats_bootstrap(lb_stats_mean, d, &c->n, 1, 0.95, RESAMPLES, 0);
  c->smallest = lb_stats_smallest_difference(c->paired.difference.sd, c->n, 0.05, 0.8);
  c->holm_p = NAN;
  c->verdict = verdict_of(c);
}

// Corrects the tests of the primary contrasts, in the suite's own metric, for being several.
static void correct(const lb_results* r, lb_contrast_result* all, int n) {
  double* p = LB_TAKE(r->arena, double, n + 1);
  double* adjusted = LB_TAKE(r->arena, double, n + 1);
  for (int i = 0; i < n; i++) {
    bool counts = all[i].contrast->primary && all[i].metric == r->metric;
    p[i] = counts ? all[i].paired.t_p : NAN;
  }
  lb_stats_holm(adjusted, p, n);
  for (int i = 0; i < n; i++) all[i].holm_p = adjusted[i];
}

const lb_contrast_result* lb_findings_contrasts(lb_results* r, int* n) {
  *n = r->n_contrasts;
  if (r->contrasts) return r->contrasts;
  int most = 1;
  for (int i = 0; i < r->suite->n_contrasts; i++) most += r->n_tasks * r->suite->contrasts[i].n_metrics;
  lb_contrast_result* all = LB_TAKE(r->arena, lb_contrast_result, most);
  *n = 0;
  for (int i = 0; i < r->suite->n_contrasts; i++) {
    const lb_suite_contrast* contrast = &r->suite->contrasts[i];
    for (int t = 0; t < r->n_tasks; t++) {
      const lb_results_row* baseline = lb_results_find_row(&r->tasks[t], contrast->baseline);
      const lb_results_row* variant = lb_results_find_row(&r->tasks[t], contrast->variant);
      if (!baseline || !variant || !applies(contrast, &r->tasks[t])) continue;
      for (int m = 0; m < contrast->n_metrics; m++) {
        lb_contrast_result* c = &all[(*n)++];
        *c = (lb_contrast_result){.contrast = contrast, .task = &r->tasks[t], .baseline = baseline, .variant = variant};
        c->metric_name = contrast->metrics[m];
        fill_contrast(r, c);
      }
    }
  }
  correct(r, all, *n);
  for (int i = 0; i < *n; i++) all[i].sentence = contrast_sentence(r->arena, r, &all[i]);
  r->contrasts = all;
  r->n_contrasts = *n;
  return all;
}

// How many runs of a row diverged or failed before they had a value of a metric of which that is the worst.
static int broken_before(const lb_results_row* row, int metric, int iteration) {
  int n = 0;
  bool has_worst = !isnan(lb_metric_worst(metric));
  for (int i = 0; has_worst && i < row->n_runs; i++) {
    n += lb_results_run_broke(row->runs[i]) && isnan(lb_results_run_value(row->runs[i], metric, iteration));
  }
  return n;
}

// A metric over the seeds of a row at an iteration, less what it was at `since`.
static lb_stats_summary band_value(const lb_results_row* row, int metric, int iteration, int since) {
  double* x = malloc(sizeof(double) * (size_t)(row->n_runs + 1));
  if (!x) abort();
  int n = 0;
  for (int i = 0; i < row->n_runs; i++) {
    double value = lb_results_run_value(row->runs[i], metric, iteration);
    if (since >= 0) value -= lb_results_run_value(row->runs[i], metric, since);
    if (!isnan(value)) x[n++] = value;
  }
  lb_stats_summary summary = lb_stats_summarise(x, n, 0.95);
  free(x);
  return summary;
}

// The level of each band that states a published result, so that all of a suite hold at once with 95 %.
static double band_level(const lb_suite* suite) {
  int n = 0;
  for (int i = 0; i < suite->n_bands; i++) n += suite->bands[i].seeds > 0;
  return n > 0 ? 1 - 0.05 / n : 0.95;
}

// Where the mean over n seeds must lie.
static void resolve_band(lb_band_result* b, double level, int n) {
  const lb_suite_band* band = b->band;
  b->low = band->low;
  b->high = band->high;
  if (band->seeds == 0) return;
  double t = lb_stats_t_quantile(0.5 + 0.5 * level, band->seeds - 1);
  double reach = n > 0 ? t * band->se * sqrt(1 + (double)band->seeds / n) : NAN;
  b->low = band->mean - reach;
  b->high = band->mean + reach;
}

// "expected 10 to 12": what a band states.
static const char* band_in_words(lb_arena* arena, const lb_band_result* b) {
  const lb_suite_band* band = b->band;
  if (band->seeds > 0) {
    const char* published = lb_format_text(arena, "published %.10g +- %.3g (s.e.) over %s", band->mean, band->se,
                                           lb_format_count(arena, band->seeds, "seed", "seeds"));
    if (isnan(b->low)) return published;
    double fine = 0.1 * (b->high - b->low);
    return lb_format_text(arena, "expected %s to %s for as many (%s)", lb_format_number(arena, b->low, fine),
                          lb_format_number(arena, b->high, fine), published);
  }
  if (band->low == band->high) return lb_format_text(arena, "expected exactly %.10g", band->low);
  return lb_format_text(arena, "expected %.10g to %.10g", band->low, band->high);
}

// The verdict in words.
static const char* band_sentence(lb_arena* arena, const lb_results* r, const lb_band_result* b,
                                 const lb_results_row* row, int metric) {
  const lb_suite_band* band = b->band;
  const char* noun = metric >= 0 ? lb_results_metric_noun(r, metric) : band->metric;
  const char* since = band->since >= 0 ? lb_format_text(arena, " since iteration %d", band->since) : "";
  const char* where = row && row->flat ? "" : lb_format_text(arena, " at iteration %d", b->iteration);
  const char* head =
      lb_format_text(arena, "%s, %s%s%s", lb_format_name(arena, row ? row->title : band->algo), noun, where, since);
  const char* wanted = band_in_words(arena, b);
  if (b->verdict == LB_BAND_NO_DATA) return lb_format_text(arena, "%s: no value yet, %s.", head, wanted);
  if (b->broken > 0) {
    return lb_format_text(arena, "%s: %s diverged or failed before, %s: OUTSIDE.", head,
                          lb_format_count(arena, b->broken, "seed", "seeds"), wanted);
  }
  return lb_format_text(
      arena, "%s: %s over %s, %s: %s.", head, lb_format_interval(arena, b->value.mean, b->value.low, b->value.high),
      lb_format_count(arena, b->value.n, "seed", "seeds"), wanted, b->verdict == LB_BAND_INSIDE ? "inside" : "OUTSIDE");
}

const lb_band_result* lb_findings_bands(lb_results* r, int* n) {
  *n = r->suite->n_bands;
  if (r->bands) return r->bands;
  lb_band_result* all = LB_TAKE(r->arena, lb_band_result, r->suite->n_bands + 1);
  for (int i = 0; i < *n; i++) {
    lb_band_result* b = &all[i];
    *b = (lb_band_result){.band = &r->suite->bands[i], .verdict = LB_BAND_NO_DATA};
    b->task = lb_results_find_task(r, b->band->task);
    lb_results_row* row = b->task ? lb_results_find_row(b->task, b->band->algo) : NULL;
    int metric = lb_results_metric(r, b->band->metric);
    b->iteration = b->band->iteration;
    if (row && (row->flat || b->iteration == LB_SUITE_LAST)) b->iteration = row->last;
    if (row && metric >= 0 && !row->partial) b->value = band_value(row, metric, b->iteration, b->band->since);
    resolve_band(b, band_level(r->suite), b->value.n);
    if (b->value.n > 0 && isfinite(b->value.mean)) {
      double slack = 1e-9 * fmax(fabs(b->low), fabs(b->high));  // decimals are not exact in binary
      bool inside = b->value.mean >= b->low - slack && b->value.mean <= b->high + slack;
      b->verdict = inside ? LB_BAND_INSIDE : LB_BAND_OUTSIDE;
    }
    b->broken = row && !row->partial ? broken_before(row, metric, b->iteration) : 0;
    if (b->broken > 0) b->verdict = LB_BAND_OUTSIDE;
    b->sentence = band_sentence(r->arena, r, b, row, metric);
  }
  return r->bands = all;
}
