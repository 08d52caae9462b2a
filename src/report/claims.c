// The claims of suites: see claims.h.
#include "report/claims.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "report/csv.h"

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

// Whether a claim is about a contrast: its metric and task.
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

const char* lb_claims_verdict(lb_claim_verdict verdict) {
  static const char* const words[] = {"holds here", "does not hold here", "cannot be told"};
  return words[verdict];
}

// Fills words and sentence.
static void put_in_words(const lb_results* r, lb_claim_result* out) {
  lb_arena* a = r->arena;
  const lb_contrast_result* c = out->contrast;
  out->words = c->n == 0 ? "not run yet" : lb_claims_verdict(out->verdict);
  if (c->n > 0 && out->verdict == LB_CLAIM_OPEN) {
    out->words = lb_format_text(a, "%s with %s", out->words, lb_format_count(a, c->n, "seed", "seeds"));
  }
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
