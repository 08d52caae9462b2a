#include "report/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char* const words[] = {"identical", "agree", "differ", "cannot be told", "only in A", "only in B"};

const char* lb_compare_word(lb_compare_verdict verdict) {
  return words[verdict];
}

// The numbers of a row's runs, those that broke as the worst finite one of the row; returns how many.
static int collect(double* x, int* seeds, const lb_results* r, const lb_results_row* row) {
  int n = 0;
  double worst = NAN;
  for (int i = 0; i < row->n_runs; i++) {
    double value = r->measure->number(row, row->runs[i], r->metric);
    if (isnan(value)) continue;
    seeds[n] = row->runs[i]->seed;
    x[n++] = value;
    if (isfinite(value)) worst = lb_results_worse(r->metric, worst, value);
  }
  if (isnan(worst)) return 0;
  for (int i = 0; i < n; i++) x[i] = isfinite(x[i]) ? x[i] : worst;
  return n;
}

// Whether the seeds that both have, one at least, have the same numbers to twelve digits.
static bool is_identical(const double* a, const int* seeds_a, int n, const double* b, const int* seeds_b, int m) {
  int shared = 0;
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < m; k++) {
      if (seeds_a[i] != seeds_b[k]) continue;
      if (!(fabs(a[i] - b[k]) <= 1e-12 * fmax(fabs(a[i]), fabs(b[k])))) return false;
      shared++;
    }
  }
  return shared > 0 && n == m && shared == n;
}

// Compares a row of both sides.
static void compare_row(lb_compared_row* out, lb_results* ra, const lb_results_row* a, lb_results* rb,
                        const lb_results_row* b) {
  lb_arena* arena = ra->arena;
  double *x = LB_TAKE(arena, double, a->n_runs + 1), *y = LB_TAKE(arena, double, b->n_runs + 1);
  int *seeds_x = LB_TAKE(arena, int, a->n_runs + 1), *seeds_y = LB_TAKE(arena, int, b->n_runs + 1);
  int n = collect(x, seeds_x, ra, a), m = collect(y, seeds_y, rb, b);
  out->a = lb_results_row_of(&out->as_worst_a, a, ra->metric, ra->measure->number);
  out->b = lb_results_row_of(&out->as_worst_b, b, rb->metric, rb->measure->number);
  out->other_task = a->in && b->in && a->in->hash && b->in->hash && strcmp(a->in->hash, b->in->hash) != 0;
  out->welch = lb_stats_compare_means(y, m, x, n, 0.95);
  out->verdict = n == 0 || m == 0 ? (n > 0 ? LB_COMPARE_ONLY_A : LB_COMPARE_ONLY_B) : LB_COMPARE_OPEN;
  if (n > 0 && m > 0 && is_identical(x, seeds_x, n, y, seeds_y, m)) out->verdict = LB_COMPARE_IDENTICAL;
}

// The row of a task that has runs; NULL: none.
static const lb_results_row* row_of(const lb_results* r, const char* task, const char* algo) {
  const lb_results_task* in = lb_results_find_task(r, task);
  const lb_results_row* row = in ? lb_results_find_row(in, algo) : NULL;
  return row && row->n_runs > 0 ? row : NULL;
}

lb_status lb_compare(lb_compared_row** out, int* n, lb_results* a, lb_results* b) {
  int most = 1, shared = 0;
  *n = 0;
  if (a->measure != b->measure) {
    return lb_fail(LB_INPUT, "%s compares %s, %s compares %s", a->folder, a->suite->metric, b->folder,
                   b->suite->metric);
  }
  for (int t = 0; t < a->n_tasks; t++) most += a->tasks[t].n_rows;
  for (int t = 0; t < b->n_tasks; t++) most += b->tasks[t].n_rows;
  *out = LB_TAKE(a->arena, lb_compared_row, most);
  for (int side = 0; side < 2; side++) {
    lb_results* r = side == 0 ? a : b;
    for (int t = 0; t < r->n_tasks; t++) {
      for (int k = 0; k < r->tasks[t].n_rows; k++) {
        const lb_results_row* row = &r->tasks[t].rows[k];
        const lb_results_row* other = row_of(side == 0 ? b : a, row->task, row->algo);
        if (row->n_runs == 0 || (side == 1 && other)) continue;
        lb_compared_row* c = &(*out)[(*n)++];
        *c = (lb_compared_row){.suite = a->suite->name,
                               .task = row->task,
                               .algo = row->algo,
                               .title = row->title,
                               .measure = a->metrics[a->metric],
                               .holm_p = NAN,
                               .welch = {NAN, NAN, NAN, NAN, NAN, NAN}};
        c->verdict = side == 0 ? LB_COMPARE_ONLY_A : LB_COMPARE_ONLY_B;
        if (other) compare_row(c, a, row, b, other);
        if (!other && side == 0) c->a = lb_results_row_of(NULL, row, a->metric, a->measure->number);
        if (!other && side == 1) c->b = lb_results_row_of(NULL, row, b->metric, b->measure->number);
        shared += other != NULL;
      }
    }
  }
  if (shared == 0) return lb_fail(LB_INPUT, "%s and %s have no row in common", a->folder, b->folder);
  return lb_ok();
}

void lb_compare_judge(lb_compared_row* rows, int n) {
  double* p = calloc((size_t)(2 * n + 1), sizeof(double));
  if (!p) abort();
  for (int i = 0; i < n; i++) p[i] = rows[i].verdict == LB_COMPARE_OPEN ? rows[i].welch.p : NAN;
  lb_stats_holm(p + n, p, n);
  for (int i = 0; i < n; i++) {
    rows[i].holm_p = p[n + i];
    if (isnan(p[n + i])) continue;
    rows[i].verdict = p[n + i] < 0.05 ? LB_COMPARE_DIFFER : LB_COMPARE_AGREE;
  }
  free(p);
}
