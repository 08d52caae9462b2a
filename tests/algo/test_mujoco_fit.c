// The parametric model on a MuJoCo task: fits that reuse the past against whole fits of the same data.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "base/arena.h"
#include "model/parametric.h"
#include "task/task.h"

enum { PART = 80, PARTS = 4 };

// Noisy steps from states about the reference, under random controls about the reference's.
static lb_batch collect(lb_system* s, lb_arena* arena, int n) {
  int nx = s->space.nx, ndx = s->space.ndx, nu = s->nu;
  double *x = LB_TAKE(arena, double, n*nx), *u = LB_TAKE(arena, double, n*nu), *y = LB_TAKE(arena, double, n*nx);
  double *dx = LB_TAKE(arena, double, ndx), *w = LB_TAKE(arena, double, s->nw);
  lb_rng rng = lb_rng_stream(11, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < n; ++i) {
    int t = i % s->horizon;
    for (int j = 0; j < ndx; ++j) dx[j] = 0.1 * lb_rng_normal(&rng);
    for (int j = 0; j < nu; ++j) u[i * nu + j] = s->reference->u[t * nu + j] + 0.1 * lb_rng_normal(&rng);
    lb_rng_normals(&rng, w, s->nw);
    lb_space_displace(&s->space, x + i * nx, s->reference->x + t * nx, dx);
    s->set_state(s->self, x + i * nx, t);
    lb_system_step(s, LB_STEP_LEARNER, u + i * nu, w);
    s->get_state(s->self, y + i * nx);
  }
  return (lb_batch){.n = n, .x = x, .u = u, .x_next = y};
}

// What a fit with a ridge of 1 minimises: the loss, and the pull towards the start at the noise of `loss`.
static double objective(const lb_family* f, const lb_parametric* m, const double* start, double loss, int n) {
  double pull = 0;
  for (int i = 0; i < f->nparam; ++i) {
    double moved = (lb_parametric_theta(m)[i] - start[i]) / (f->prior_high[i] - f->prior_low[i]);
    pull += moved * moved;
  }
  return loss + pull * loss / f->space->ndx / n;
}

static void check_task(const char* name) {
  lb_system* s;
  assert_int_equal(lb_task_open(&s, LB_SOURCE_DIR "/models", name).code, LB_OK);
  const lb_family* f = s->family;
  lb_arena* arena = lb_arena_new(0);
  lb_batch data = collect(s, arena, PART * PARTS);
  int64_t queries = 0, whole_queries = 0;
  double *theta = LB_TAKE(arena, double, f->nparam), worst = 0, before = 0;
  lb_rng rng = lb_rng_stream(0, LB_RNG_INITIAL_MODEL, 0, 0);
  for (int i = 0; i < f->nparam; ++i)
    theta[i] = f->truth[i] + f->prior_low[i] + (f->prior_high[i] - f->prior_low[i]) * lb_rng_uniform(&rng);
  lb_parametric_config config = lb_parametric_default_config(), whole = config;
  whole.warm_start = false;
  lb_counts counts = {0};
  lb_parametric* a = lb_parametric_new(f, theta, &config, &counts);
  lb_parametric* b = lb_parametric_new(f, theta, &whole, &counts);
  lb_parametric* truth = lb_parametric_new(f, f->truth, &config, NULL);
  before = lb_parametric_loss(a, &data);
  for (int k = 0; k < PARTS; ++k) {
    lb_fit_report grown, full;
    data.n = PART * (k + 1);
    lb_parametric_fit(a, &grown, &data, PART * k, NULL);
    lb_parametric_fit(b, &full, &data, PART * k, NULL);
    if (k > 0) {
      queries += lb_parametric_last_fit(a)->queries;
      whole_queries += lb_parametric_last_fit(b)->queries;
    }
    double ours = objective(f, a, theta, grown.loss, data.n), theirs = objective(f, b, theta, full.loss, data.n);
    worst = fmax(worst, fabs(ours / theirs - 1));
  }
  double fitted = lb_parametric_loss(a, &data), true_loss = lb_parametric_loss(truth, &data);
  print_message("%s: loss %.4g, truth %.4g, at first %.4g; differs from whole fits by %.1g; %.2g of their queries\n",
                name, fitted, true_loss, before, worst, (double)queries / (double)whole_queries);
  assert_true(worst < 5e-5);
  assert_true(fitted < true_loss && fitted > 0.9 * true_loss);  // explains a little of the noise, and no more
  assert_true(before > 2 * fitted);
  assert_true(queries * 3 < whole_queries);
  assert_int_equal(counts.model_queries, 0);
  assert_int_equal(s->ledger.steps[LB_STEP_LEARNER], PART * PARTS);  // model steps are not real ones
  lb_parametric_free(a);
  lb_parametric_free(b);
  lb_parametric_free(truth);
  lb_arena_free(arena);
  lb_system_free(s);
}

static void hover(void** state) {
  (void)state;
  check_task("helicopter-hover");
}

static void funnel(void** state) {
  (void)state;
  check_task("helicopter-funnel");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(hover), cmocka_unit_test(funnel)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
