// The parametric model on families of the test's own: a pendulum on a curved space, nonlinear in its parameters, and
// lines whose best fit is a closed form.
#include "model/parametric.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "base/arena.h"

// --- A pendulum of unknown length, mass, damping and motor gain: x = (cos a, sin a, rate), one control. Mass, damping
// and gain enter as ratios only, so one direction of the four is not identifiable.
enum { NX = 3, NDX = 2, NU = 1, NPARAM = 4 };

static void circle_difference(const void* ctx, double* dx, const double* from, const double* to) {
  (void)ctx;
  dx[0] = atan2(from[0] * to[1] - from[1] * to[0], from[0] * to[0] + from[1] * to[1]);
  dx[1] = to[2] - from[2];
}

static void circle_displace(const void* ctx, double* x_new, const double* x, const double* dx) {
  (void)ctx;
  double c = cos(dx[0]), s = sin(dx[0]), x0 = x[0], x1 = x[1];
  x_new[0] = c * x0 - s * x1;
  x_new[1] = s * x0 + c * x1;
  x_new[2] = x[2] + dx[1];
}

static const lb_space circle = {.nx = NX, .ndx = NDX, .difference = circle_difference, .displace = circle_displace};

static void* pendulum_new(void* ctx) {
  double* theta = malloc(sizeof(double) * NPARAM);
  memcpy(theta, ((const lb_family*)ctx)->truth, sizeof(double) * NPARAM);
  return theta;
}

static bool pendulum_set(void* member, const double* theta) {
  if (!(theta[0] > 0.05) || !(theta[1] > 0.05) || !isfinite(theta[2]) || !isfinite(theta[3])) return false;
  memcpy(member, theta, sizeof(double) * NPARAM);
  return true;
}

static void pendulum_step(void* member, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  const double *th = member, dt = 0.1;
  for (; n > 0; --n, x += NX, u += NU, x_next += NX) {
    double inertia = th[1] * th[0] * th[0], angle = atan2(x[1], x[0]), rate = x[2];
    for (int i = 0; i < 4; ++i) {
      rate += dt / 4 * (-9.81 / th[0] * sin(angle) + (-th[2] * rate + th[3] * *u) / inertia);
      angle += dt / 4 * rate;
    }
    x_next[0] = cos(angle);
    x_next[1] = sin(angle);
    x_next[2] = rate;
  }
}

static long pendulum_linearize(void* member, int n, const int* t, const double* x, const double* u, double* A,
                               double* B) {
  (void)member, (void)t, (void)x, (void)u;
  memset(A, 0, sizeof(double) * (size_t)n * NDX * NDX);
  memset(B, 0, sizeof(double) * (size_t)n * NDX * NU);
  return 5L * n;
}

static const char* const pendulum_names[] = {"length", "mass", "damping", "gain"};
static const double pendulum_truth[] = {1, 2, 0.3, 4}, low[] = {0, 0, 0, 0}, high[] = {1, 1, 0.7, 1};
static const lb_family pendulum = {.nparam = NPARAM,
                                   .names = pendulum_names,
                                   .truth = pendulum_truth,
                                   .prior_low = low,
                                   .prior_high = high,
                                   .space = &circle,
                                   .nu = NU,
                                   .ctx = (void*)&pendulum,
                                   .member_new = pendulum_new,
                                   .member_free = free,
                                   .member_set = pendulum_set,
                                   .step = pendulum_step,
                                   .linearize = pendulum_linearize};

enum { MOST = 2000 };
static double data_x[MOST * NX], data_u[MOST * NU], data_next[MOST * NX];

// The first n of MOST transitions of the true pendulum, with noise in the tangent space.
static lb_batch make_data(int n, double noise) {
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < n; ++i) {
    double a = 3.1 * (2 * lb_rng_uniform(&rng) - 1), e[NDX];
    data_x[i * NX] = cos(a);
    data_x[i * NX + 1] = sin(a);
    data_x[i * NX + 2] = 2 * lb_rng_normal(&rng);
    data_u[i] = lb_rng_normal(&rng);
    pendulum_step((void*)pendulum_truth, 1, NULL, data_x + i * NX, data_u + i, data_next + i * NX);
    e[0] = noise * lb_rng_normal(&rng);
    e[1] = noise * lb_rng_normal(&rng);
    circle_displace(NULL, data_next + i * NX, data_next + i * NX, e);
  }
  return (lb_batch){.n = n, .x = data_x, .u = data_u, .x_next = data_next};
}

static const double far_start[] = {1.8, 2.9, 1.1, 4.2};

static lb_parametric* new_model(const lb_parametric_config* config, lb_counts* counts) {
  lb_parametric* m = lb_parametric_new(&pendulum, far_start, config, counts);
  assert_non_null(m);
  return m;
}

static void assert_relative(double got, double want, double relative, const char* what) {
  if (!(fabs(got - want) <= relative * fabs(want)))
    fail_msg("%s: %.17g, wanted %.17g (relative %.2g)", what, got, want, got / want - 1);
}

// The identifiable combinations.
static void assert_true_ratios(const double* theta, double relative) {
  assert_relative(theta[0], 1, relative, "length");
  assert_relative(theta[2] / theta[1], 0.15, relative, "damping / mass");
  assert_relative(theta[3] / theta[1], 2, relative, "gain / mass");
}

static void recovers_the_truth_without_noise(void** state) {
  (void)state;
  lb_parametric_config config = lb_parametric_default_config();
  config.ridge = 0;
  config.tolerance = 1e-14;
  lb_parametric* m = new_model(&config, NULL);
  lb_batch data = make_data(100, 0);
  lb_fit_report report;
  lb_parametric_fit(m, &report, &data, 0, NULL);
  assert_true(report.loss < 1e-18);
  assert_true_ratios(lb_parametric_theta(m), 1e-8);
  assert_int_equal(report.rank, 3);
  assert_int_equal(report.nparam, 4);
  assert_int_equal(lb_parametric_last_fit(m)->unidentified, 1);
  assert_int_equal(lb_parametric_last_fit(m)->queries % 100, 0);
  lb_parametric_free(m);
}

// The loss at the estimate is lower than around it, as the test's own sum says.
static void finds_a_minimum(void** state) {
  (void)state;
  lb_parametric_config config = lb_parametric_default_config();
  config.ridge = 0;
  config.tolerance = 1e-14;
  lb_parametric* m = new_model(&config, NULL);
  lb_batch data = make_data(300, 0.02);
  lb_fit_report report;
  lb_parametric_fit(m, &report, &data, 0, NULL);
  double at = lb_parametric_loss(m, &data), theta[NPARAM], y[NX], e[NDX], sum = 0;
  assert_relative(report.loss, at, 1e-12, "reported loss");
  memcpy(theta, lb_parametric_theta(m), sizeof theta);
  for (int i = 0; i < data.n; ++i) {
    pendulum_step(theta, 1, NULL, data_x + i * NX, data_u + i, y);
    circle_difference(NULL, e, data_next + i * NX, y);
    sum += e[0] * e[0] + e[1] * e[1];
  }
  assert_relative(at, sum / data.n, 1e-12, "loss");
  for (int j = 0; j < NPARAM; ++j) {
    for (int sign = -1; sign <= 1; sign += 2) {
      double moved[NPARAM];
      memcpy(moved, theta, sizeof theta);
      moved[j] += sign * 1e-3;
      assert_true(lb_parametric_set_theta(m, moved));
      assert_true(lb_parametric_loss(m, &data) > at);
    }
  }
  lb_parametric_free(m);
}

// Twenty fits of a growing data set on kept rows, against MINPACK on all data each time.
static void check_growing_data(double ridge, double gain_tolerance, double noise, double tolerance) {
  lb_parametric_config grow = lb_parametric_default_config(), whole;
  grow.ridge = ridge;
  grow.gain_tolerance = gain_tolerance;
  whole = grow;
  whole.warm_start = false;
  whole.tolerance = 1e-14;
  lb_parametric *a = new_model(&grow, NULL), *b = new_model(&whole, NULL);
  lb_batch data = make_data(MOST, noise);
  lb_fit_report report, full;
  int64_t queries = 0, full_queries = 0;
  double worst = 0;
  for (int k = 1; k <= 20; ++k) {
    data.n = 100 * k;
    lb_parametric_fit(a, &report, &data, 100 * (k - 1), NULL);
    lb_parametric_fit(b, &full, &data, 100 * (k - 1), NULL);
    queries += lb_parametric_last_fit(a)->queries;
    full_queries += lb_parametric_last_fit(b)->queries;
    worst = fmax(worst, report.loss / full.loss - 1);
    assert_relative(report.loss, full.loss, tolerance, "loss of the fit on kept rows");
    assert_relative(report.loss, lb_parametric_loss(a, &data), 1e-12, "reported loss");
    assert_int_equal(report.rank, 3);
    for (int i = 0; i < NPARAM; ++i) {  // relative: along the free direction all but the length share a factor
      double d = lb_parametric_last_fit(b)->deviation[i] / lb_parametric_theta(b)[i];
      assert_relative(lb_parametric_last_fit(a)->deviation[i] / lb_parametric_theta(a)[i], d, 0.2, "deviation");
    }
  }
  print_message("%.1f queries a transition on kept rows, %.1f by whole fits; loss higher by %.1g at most\n",
                (double)queries / MOST, (double)full_queries / MOST, worst);
  assert_true(queries < full_queries / 2);
  lb_parametric_free(a);
  lb_parametric_free(b);
}

static void growing_data_equals_whole_fits(void** state) {
  (void)state;
  check_growing_data(0, 1e-8, 0.02, 1e-6);
  check_growing_data(0, 1e-8, 0.3, 1e-6);
}

// A tighter tolerance ends at the same place.
static void tolerance_costs_queries_only(void** state) {
  (void)state;
  check_growing_data(0, 1e-12, 0.02, 1e-7);
}

// The ridge follows the noise that the last loss tells, so the two ways weigh it a little differently.
static void growing_data_equals_whole_fits_with_a_ridge(void** state) {
  (void)state;
  check_growing_data(1, lb_parametric_default_config().gain_tolerance, 0.02, 2e-5);
}

static void a_checkpoint_goes_on_with_the_same_bits(void** state) {
  (void)state;
  lb_parametric_config config = lb_parametric_default_config();
  lb_model a = lb_parametric_as_model(new_model(&config, NULL)), b = lb_parametric_as_model(new_model(&config, NULL));
  lb_batch data = make_data(400, 0.02);
  lb_fit_report report;
  double *mid = malloc(sizeof(double) * (size_t)lb_parametric_nstate(a.ctx)),
         *end = malloc(sizeof(double) * (size_t)lb_parametric_nstate(a.ctx));
  double* again = malloc(sizeof(double) * (size_t)lb_parametric_nstate(a.ctx));
  for (int k = 1; k <= 4; ++k) {
    data.n = 100 * k;
    a.fit(a.ctx, &(lb_fit_data){.batch = data, .first_new = 100 * (k - 1), .value = NULL}, NULL, &report, NULL);
    if (k == 2) lb_parametric_get_state(a.ctx, mid);
  }
  lb_parametric_get_state(a.ctx, end);
  data.n = 200;
  lb_parametric_set_state(b.ctx, mid, &data);
  for (int k = 3; k <= 4; ++k) {
    data.n = 100 * k;
    b.fit(b.ctx, &(lb_fit_data){.batch = data, .first_new = 100 * (k - 1), .value = NULL}, NULL, &report, NULL);
  }
  lb_parametric_get_state(b.ctx, again);
  assert_memory_equal(end, again, sizeof(double) * (size_t)lb_parametric_nstate(a.ctx));
  double y[2][NX];
  lb_dynamics_step(&a.dynamics, 1, NULL, data_x, data_u, y[0]);
  lb_dynamics_step(&b.dynamics, 1, NULL, data_x, data_u, y[1]);
  assert_memory_equal(y[0], y[1], sizeof y[0]);
  free(mid), free(end), free(again);
  a.destroy(a.ctx);
  b.destroy(b.ctx);
}

static void planning_is_counted_and_fitting_is_not(void** state) {
  (void)state;
  lb_counts counts = {0};
  lb_parametric_config config = lb_parametric_default_config();
  lb_parametric* m = new_model(&config, &counts);
  lb_batch data = make_data(50, 0.02);
  lb_fit_report report;
  lb_parametric_fit(m, &report, &data, 0, NULL);
  int64_t queries = lb_parametric_last_fit(m)->queries;  // an evaluation outside the domain steps nothing
  assert_true(queries > 0 && queries <= 50 * report.evaluations && queries % 50 == 0);
  assert_int_equal(counts.model_queries, 0);
  double y[5 * NX], A[NDX * NDX], B[NDX * NU];
  lb_dynamics_step(lb_parametric_dynamics(m), 5, NULL, data_x, data_u, y);
  lb_dynamics_linearize(lb_parametric_dynamics(m), 1, NULL, data_x, data_u, A, B);
  assert_int_equal(counts.model_queries, 10);
  lb_parametric_free(m);
}

static void data_that_are_not_finite_leave_the_estimate(void** state) {
  (void)state;
  lb_parametric_config config = lb_parametric_default_config();
  lb_parametric* m = new_model(&config, NULL);
  lb_batch data = make_data(100, 0.02);
  lb_fit_report report;
  double before[NPARAM];
  data.n = 60;
  lb_parametric_fit(m, &report, &data, 0, NULL);
  memcpy(before, lb_parametric_theta(m), sizeof before);
  data.n = 100;
  data_next[80 * NX + 2] = NAN;
  lb_parametric_fit(m, &report, &data, 60, NULL);
  assert_memory_equal(before, lb_parametric_theta(m), sizeof before);
  assert_true(isnan(report.loss));
  assert_int_equal(lb_parametric_last_fit(m)->best_run, -1);
  data = make_data(100, 0.02);  // and sound data heal it
  lb_parametric_fit(m, &report, &data, 60, NULL);
  assert_true(report.loss < 1.2 * 2 * 0.02 * 0.02);
  data.n = 0;
  lb_parametric_fit(m, &report, &data, 0, NULL);
  assert_string_equal(report.stop, "no data");
  lb_parametric_free(m);
}

static void steps_out_of_the_domain_are_rejected(void** state) {
  (void)state;
  lb_parametric_config config = lb_parametric_default_config();
  config.restarts = 20;
  config.restart_spread = 3;  // many starts are no members
  lb_parametric* m = new_model(&config, NULL);
  lb_batch data = make_data(100, 0.02);
  lb_rng rng = lb_rng_stream(5, LB_RNG_FIT, 0, 0);
  lb_fit_report report;
  lb_parametric_fit(m, &report, &data, 0, &rng);
  assert_int_equal(lb_parametric_last_fit(m)->runs, 21);
  assert_true(lb_parametric_last_fit(m)->best_run >= 0);
  assert_true_ratios(lb_parametric_theta(m), 0.2);
  const double nowhere[] = {0.01, 1, 1, 1};
  assert_false(lb_parametric_set_theta(m, nowhere));
  assert_true_ratios(lb_parametric_theta(m), 0.2);
  lb_parametric_free(m);
}

static void bfgs_works_without_sums(void** state) {
  (void)state;
  lb_parametric_config config = lb_parametric_2023_config();
  lb_parametric* m = new_model(&config, NULL);
  lb_batch data = make_data(200, 0.02);
  lb_rng rng = lb_rng_stream(5, LB_RNG_FIT, 0, 0);
  double before = lb_parametric_loss(m, &data);
  lb_fit_report report;
  lb_parametric_fit(m, &report, &data, 0, &rng);
  assert_int_equal(lb_parametric_last_fit(m)->runs, 5);
  assert_true(before > 0.1 && report.loss < 1.1 * 2 * 0.02 * 0.02);
  assert_relative(report.loss, lb_parametric_loss(m, &data), 1e-12, "reported loss");
  lb_parametric_free(m);
}

// --- Lines: x' = a x + b u with sums, so that the best fit and its deviations are closed forms. sums: the moments.
static bool line_set(void* member, const double* theta) {
  memcpy(member, theta, sizeof(double) * 2);
  return isfinite(theta[0]) && isfinite(theta[1]);
}

static void* line_new(void* ctx) {
  (void)ctx;
  return calloc(2, sizeof(double));
}

static void line_step(void* member, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  const double* th = member;
  for (int i = 0; i < n; ++i) x_next[i] = th[0] * x[i] + th[1] * u[i];
}

static void line_absorb(void* ctx, double* s, int n, const double* x, const double* u, const double* y) {
  (void)ctx;
  for (int i = 0; i < n; ++i) {
    double v[3] = {x[i], u[i], y[i]};
    for (int j = 0; j < 9; ++j) s[j] += v[j / 3] * v[j % 3];
  }
}

// A square root of the moments of (x, u), by Cholesky, and the right-hand side that belongs to it.
static void line_residual(void* ctx, const double* s, const double* th, double* r) {
  (void)ctx;
  double a = sqrt(s[0]), b = s[1] / a, c = sqrt(s[4] - b * b), p = s[2] / a, q = (s[5] - b * p) / c;
  r[0] = a * th[0] + b * th[1] - p;
  r[1] = c * th[1] - q;
}

static double line_loss(void* ctx, const double* s, double count, const double* th) {
  (void)ctx;
  const double v[3] = {th[0], th[1], -1};
  double sum = 0;
  for (int j = 0; j < 9; ++j) sum += v[j / 3] * v[j % 3] * s[j];
  return sum / count;
}

static const lb_space line_space = {.nx = 1, .ndx = 1};
static const lb_family line = {.nparam = 2,
                               .names = pendulum_names,
                               .truth = pendulum_truth,
                               .prior_low = low,
                               .prior_high = high,
                               .space = &line_space,
                               .nu = 1,
                               .member_new = line_new,
                               .member_free = free,
                               .member_set = line_set,
                               .step = line_step,
                               .linearize = pendulum_linearize,
                               .nsums = 9,
                               .nresidual = 2,
                               .absorb = line_absorb,
                               .loss = line_loss,
                               .residual = line_residual};

static void sums_give_the_closed_form(void** state) {
  (void)state;
  enum { N = 50 };
  double x[N], u[N], y[N], s[9] = {0}, start[2] = {0.5, 0.5};
  lb_rng rng = lb_rng_stream(9, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < N; ++i) {
    x[i] = lb_rng_normal(&rng);
    u[i] = 0.5 * x[i] + lb_rng_normal(&rng);
    y[i] = 0.9 * x[i] - 2 * u[i] + 0.1 * lb_rng_normal(&rng);
  }
  line_absorb(NULL, s, N, x, u, y);
  double det = s[0] * s[4] - s[1] * s[1];
  double best[2] = {(s[4] * s[2] - s[1] * s[5]) / det, (s[0] * s[5] - s[1] * s[2]) / det};
  double noise = line_loss(NULL, s, N - 2, best);  // the unbiased variance
  double deviation[2] = {sqrt(noise * s[4] / det), sqrt(noise * s[0] / det)};
  lb_family stripped = line;
  stripped.absorb = NULL;
  stripped.loss = NULL;
  stripped.residual = NULL;
  for (int with_sums = 0; with_sums < 2; ++with_sums) {
    lb_parametric_config config = lb_parametric_default_config();
    config.ridge = 0;
    config.tolerance = config.gain_tolerance = 1e-15;
    lb_parametric* m = lb_parametric_new(with_sums ? &line : &stripped, start, &config, NULL);
    lb_batch data = {.n = 20, .x = x, .u = u, .x_next = y};
    lb_fit_report report;
    lb_parametric_fit(m, &report, &data, 0, NULL);
    data.n = N;
    lb_parametric_fit(m, &report, &data, 20, NULL);
    for (int i = 0; i < 2; ++i) {
      assert_relative(lb_parametric_theta(m)[i], best[i], 1e-8, "estimate");
      assert_relative(lb_parametric_last_fit(m)->deviation[i], deviation[i], 1e-5, "deviation");
    }
    assert_relative(report.loss, line_loss(NULL, s, N, best), 1e-10, "loss");
    assert_int_equal(report.rank, 2);
    assert_true((lb_parametric_last_fit(m)->queries == 0) == with_sums);
    lb_parametric_free(m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recovers_the_truth_without_noise),
      cmocka_unit_test(finds_a_minimum),
      cmocka_unit_test(growing_data_equals_whole_fits),
      cmocka_unit_test(tolerance_costs_queries_only),
      cmocka_unit_test(growing_data_equals_whole_fits_with_a_ridge),
      cmocka_unit_test(a_checkpoint_goes_on_with_the_same_bits),
      cmocka_unit_test(planning_is_counted_and_fitting_is_not),
      cmocka_unit_test(data_that_are_not_finite_leave_the_estimate),
      cmocka_unit_test(steps_out_of_the_domain_are_rejected),
      cmocka_unit_test(bfgs_works_without_sums),
      cmocka_unit_test(sums_give_the_closed_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
