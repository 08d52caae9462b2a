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

lb_claim_verdict lb_claims_judge(lb_claim_kind expect, double margin, double low, double high) {
  lb_interval region = region_of(expect, margin);
  if (low > region.low && high < region.high) return LB_CLAIM_HOLDS;
  return low > region.high || high < region.low ? LB_CLAIM_FAILS : LB_CLAIM_OPEN;
}

static const char* expected_in_words(lb_arena* arena, const lb_suite_claim* c) {
  switch (c->expect) {
    case LB_CLAIM_BETTER:
      return lb_format_text(arena, "> %g", c->margin);
    case LB_CLAIM_WORSE:
      return lb_format_text(arena, "< %g", c->margin > 0 ? -c->margin : 0);
    case LB_CLAIM_NO_WORSE:
      return lb_format_text(arena, "> %g", -c->margin);
    case LB_CLAIM_EQUAL:
      break;
  }
  return lb_format_text(arena, "within %g", c->margin);
}

static bool is_about(const lb_suite_claim* claim, const lb_contrast_result* c) {
  const char* metric = claim->metric ? claim->metric : claim->contrast->metrics[0];
  if (c->contrast != claim->contrast || strcmp(c->metric_name, metric) != 0) return false;
  for (int i = 0; i < claim->n_tasks; ++i) {
    if (strcmp(claim->tasks[i], c->task->name) == 0) return true;
  }
  return claim->n_tasks == 0;
}

static lb_claim_result result_of(const lb_results* r, const lb_suite_claim* claim, const lb_contrast_result* c) {
  lb_arena* a = r->arena;
  const lb_stats_summary* d = &c->paired.difference;
  lb_claim_result out = {.claim = claim, .contrast = c, .verdict = LB_CLAIM_OPEN, .number = "-"};
  if (c->n >= 2) out.verdict = lb_claims_judge(claim->expect, claim->margin, d->low, d->high);
  if (c->n > 0) out.number = lb_format_interval(a, d->mean, d->low, d->high);
  out.expected = expected_in_words(a, claim);
  out.words = c->n == 0                       ? "not run yet"
              : out.verdict == LB_CLAIM_HOLDS ? "holds here"
              : out.verdict == LB_CLAIM_FAILS
                  ? "does not hold here"
                  : lb_format_text(a, "cannot be told with %s", lb_format_count(a, c->n, "seed", "seeds"));
  const char* noun = c->metric >= 0 ? lb_results_metric_noun(r, c->metric) : c->metric_name;
  out.sentence = lb_format_text(a, "%s: %s (%s, %s; %s minus %s, %s, %s: %s, claimed %s)", out.words, claim->text,
                                r->suite->name, c->task->label, c->minuend->title, c->subtrahend->title, noun,
                                lb_findings_where(a, r, c), out.number, out.expected);
  return out;
}

lb_claim_result* lb_claims_find(const lb_results* r, const lb_contrast_result* contrasts, int n_contrasts, int* n) {
  lb_claim_result* all = LB_TAKE(r->arena, lb_claim_result, r->suite->n_claims * (n_contrasts + 1) + 1);
  *n = 0;
  for (int i = 0; i < r->suite->n_claims; ++i) {
    for (int k = 0; k < n_contrasts; ++k) {
      if (is_about(&r->suite->claims[i], &contrasts[k])) {
        all[(*n)++] = result_of(r, &r->suite->claims[i], &contrasts[k]);
      }
    }
  }
  return all;
}

static const char caption[] =
    "Each claim against the paired difference over the seeds that it is about, the way round that is positive when the "
    "variant is better, with its 95 % t interval. It holds here where all of the interval is where the claim says, it "
    "does not where none of it is, and else so many seeds cannot tell. Of twenty claims with nothing behind them one "
    "would be judged by chance.";

static void add_row(lb_table* table, const lb_results* r, const lb_claim_result* c, bool several) {
  lb_arena* a = table->arena;
  const char* noun =
      c->contrast->metric >= 0 ? lb_results_metric_noun(r, c->contrast->metric) : c->contrast->metric_name;
  lb_table_cell(table, c->claim->text, NULL);
  if (several) lb_table_cell(table, r->suite->name, NULL);
  lb_table_cell(table, c->contrast->task->label, NULL);
  lb_table_cell(table,
                lb_format_text(a, "%s minus %s, %s, %s", c->contrast->minuend->title, c->contrast->subtrahend->title,
                               noun, lb_findings_where(a, r, c->contrast)),
                NULL);
  lb_table_cell(table, c->number, NULL);
  lb_table_cell(table, c->expected, NULL);
  lb_table_cell(table, lb_format_text(a, "%d", c->contrast->n), NULL);
  lb_table_cell(table, c->words, NULL);
}

void lb_claims_doc_add(lb_doc* doc, lb_results* const* results, int n) {
  bool several = n > 1;
  lb_table* table = NULL;
  for (int i = 0; i < n; ++i) {
    int n_contrasts, n_claims;
    const lb_contrast_result* contrasts = lb_findings_contrasts(results[i], &n_contrasts);
    const lb_claim_result* claims = lb_claims_find(results[i], contrasts, n_contrasts, &n_claims);
    for (int k = 0; k < n_claims; ++k) {
      if (!table) {
        lb_doc_heading(doc, 2, "claims", "What is claimed, and what is found here");
        table = lb_doc_table(doc, caption,
                             several ? "Claim|Suite|Task|Compared|#Difference [95 %]|#Claimed|#Seeds|Verdict"
                                     : "Claim|Task|Compared|#Difference [95 %]|#Claimed|#Seeds|Verdict");
      }
      add_row(table, results[i], &claims[k], several);
    }
  }
}

void lb_claims_csv(lb_text* out, const lb_results* r) {
  static const char* const verdicts[] = {"holds", "does not hold", "cannot be told"};
  int n_contrasts, n;
  const lb_contrast_result* contrasts = lb_findings_contrasts(r, &n_contrasts);
  const lb_claim_result* claims = lb_claims_find(r, contrasts, n_contrasts, &n);
  lb_text_add(out, "suite,task,claim,contrast,metric,expect,margin,seeds,difference,low,high,verdict\n");
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
    const double numbers[] = {d->mean, d->low, d->high};
    for (int k = 0; k < 3; ++k) lb_text_add(out, isfinite(numbers[k]) ? ",%.17g" : ",", numbers[k]);
    lb_text_add(out, ",%s\n", verdicts[claims[i].verdict]);
  }
}
