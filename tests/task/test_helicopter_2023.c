// The published helicopter against check data of an independent implementation (tests/golden/helicopter_2023_*.npz),
// against direct differences, and its sums against direct sums over the data.
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
#include "io/npz.h"
#include "task/helicopter_2023.h"
#include "task/helicopter_2023_family.h"
#include "task/helicopter_2023_sums.h"

enum { NX = 12, NU = 4, NPARAM = 20 };

static lb_arena* arena;
static lb_system* heli;
static lb_npz* steps;
static lb_npz* fit;
static lb_npz* lqr;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  assert_int_equal(lb_helicopter_2023_open(&heli).code, LB_OK);
  assert_int_equal(lb_npz_load(&steps, LB_SOURCE_DIR "/tests/golden/helicopter_2023_step.npz").code, LB_OK);
  assert_int_equal(lb_npz_load(&fit, LB_SOURCE_DIR "/tests/golden/helicopter_2023_fit.npz").code, LB_OK);
  assert_int_equal(lb_npz_load(&lqr, LB_SOURCE_DIR "/tests/golden/helicopter_2023_lqr.npz").code, LB_OK);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_npz_free(steps);
  lb_npz_free(fit);
  lb_npz_free(lqr);
  lb_system_free(heli);
  lb_arena_free(arena);
  return 0;
}

// The entry's numbers; *n its elements by `width`.
static const double* numbers(const lb_npz* npz, const char* name, int width, int* n) {
  const lb_array* a = lb_npz_find(npz, name);
  assert_non_null(a);
  assert_int_equal(a->dtype, LB_F64);
  assert_int_equal(a->size % width, 0);
  if (n) *n = (int)(a->size / width);
  return a->data;
}

static void assert_near(int n, const double* got, const double* want, double relative, const char* what, int row) {
  for (int i = 0; i < n; ++i) {
    double bound = relative * fmax(1, fabs(want[i]));
    if (!(fabs(got[i] - want[i]) <= bound)) {
      fail_msg("%s, row %d, component %d: %.17g, wanted %.17g (off by %.2g)", what, row, i, got[i], want[i],
               got[i] - want[i]);
    }
  }
}

static const double* of_group(const char* group, const char* part, int width, int* n) {
  char name[40];
  snprintf(name, sizeof name, "%s_%s", group, part);
  return numbers(steps, name, width, n);
}

// One group of the check data, through the family where it has parameters, else through the truth.
static void check_group(const char* group, double tolerance, double attitude_tolerance) {
  int n, perturbed = !strcmp(group, "pert"), noisy = !strcmp(group, "noise");
  const double *x = of_group(group, "x", NX, &n), *u = of_group(group, "u", NU, NULL);
  const double* want = of_group(group, "next", NX, NULL);
  const double* theta = perturbed ? of_group(group, "params", NPARAM, NULL) : NULL;
  const double* w = noisy ? of_group(group, "w", LB_HELI_NOISE, NULL) : NULL;
  lb_heli_ratios k;
  lb_heli_ratios_set(&k, heli->family->truth);
  void* member = heli->family->member_new(heli->family->ctx);
  for (int i = 0; i < n; ++i, x += NX, u += NU, want += NX) {
    double got[NX];
    if (perturbed) {
      assert_true(heli->family->member_set(member, theta + i * NPARAM));
      heli->family->step(member, 1, NULL, x, u, got);
    } else if (noisy) {
      lb_heli_step(got, &k, x, u, w + i * LB_HELI_NOISE);
    } else {
      lb_dynamics_step(heli->truth, 1, NULL, x, u, got);
    }
    assert_near(9, got, want, tolerance, group, i);
    assert_near(3, got + 9, want + 9, attitude_tolerance, group, i);
  }
  heli->family->member_free(member);
}

static void steps_match_published(void** state) {
  (void)state;
  check_group("mod", 1e-12, 1e-12);
  check_group("large", 1e-12, 1e-9);  // the arc sine near 1
  check_group("edge", 1e-12, 1e-12);
  check_group("pert", 1e-12, 1e-12);
  check_group("noise", 1e-12, 1e-12);
}

static void constants_are_published(void** state) {
  (void)state;
  assert_near(NPARAM, heli->family->truth, numbers(steps, "params_true", NPARAM, NULL), 1e-15, "truth", 0);
  assert_true(heli->dt == *numbers(steps, "dt", 1, NULL));
  assert_true(heli->u_high[0] == *numbers(steps, "control_limit", 1, NULL));
  assert_true(heli->stop_norm == 5);
  assert_int_equal(heli->horizon, 100);
  assert_string_equal(heli->name, "helicopter-hover-2023");
}

// Series and closed form must agree where one takes over from the other.
static void small_angle_series_are_exact(void** state) {
  (void)state;
  for (int i = 1; i <= 400; ++i) {
    double z = 0.3 * i / 400, r = sqrt(z);
    if (z < 0.25) assert_true(fabs(lb_heli_sinc(z) - sin(r) / r) <= 4e-16);
    assert_true(fabs(lb_heli_asinc(z) - asin(r) / r) <= 4e-16);
  }
  assert_true(lb_heli_asinc(0) == 1);
  assert_true(fabs(lb_heli_asinc(1) - acos(0)) < 1e-15);
  assert_true(isnan(lb_heli_asinc(NAN)));
}

static void attitude_triples(void** state) {
  (void)state;
  const double u[NU] = {0};
  double x[NX] = {0}, y[NX];
  x[10] = 0.2;
  lb_dynamics_step(heli->truth, 1, NULL, x, u, y);
  assert_true(fabs(y[10] - 0.6) < 1e-15);
  x[10] = 5e-5;
  lb_dynamics_step(heli->truth, 1, NULL, x, u, y);
  assert_true(fabs(y[10] - 1e-4) < 1e-14);
}

static void system_steps_with_noise_and_reward(void** state) {
  (void)state;
  const double x0[NX] = {1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0.01}, u[NU] = {0, 200, 0, 1};
  const double w[6] = {1, -2, 0.5, 0.25, 1, -3};
  double got[NX], want[NX], noise[6];
  heli->set_state(heli->self, x0, 98);
  lb_outcome first = lb_system_step(heli, LB_STEP_LEARNER, u, w);
  heli->get_state(heli->self, got);
  for (int i = 0; i < 6; ++i) noise[i] = 0.1 * w[i];
  lb_heli_ratios k;
  lb_heli_ratios_set(&k, heli->family->truth);
  lb_heli_step(want, &k, x0, u, noise);
  assert_memory_equal(got, want, sizeof got);
  assert_true(fabs(first.reward + 0.5 * (14 + 1e-4 + 1) + 0.5 * (40000 + 1)) < 1e-9);  // the control unclipped
  assert_false(first.truncated || first.terminated || first.diverged);
  lb_outcome second = lb_system_step(heli, LB_STEP_LEARNER, u, NULL);
  assert_true(second.truncated && !second.terminated);
  assert_int_equal(heli->ledger.steps[LB_STEP_LEARNER], 2);
  heli->reset(heli->self, NULL);
  heli->observe(heli->self, got);
  for (int i = 0; i < NX; ++i) assert_true(got[i] == 0);
}

static void not_finite_is_seen(void** state) {
  (void)state;
  const double u[NU] = {0, 0, NAN, 0};
  heli->reset(heli->self, NULL);
  assert_true(lb_system_step(heli, LB_STEP_LEARNER, u, NULL).diverged);
}

static void linearization_at_hover_matches_published(void** state) {
  (void)state;
  double x[NX] = {0}, u[NU] = {0}, A[NX * NX], B[NX * NU];
  lb_dynamics_linearize(heli->truth, 1, NULL, x, u, A, B);
  assert_near(NX * NX, A, numbers(lqr, "A", NX * NX, NULL), 1e-12, "A", 0);
  assert_near(NX * NU, B, numbers(lqr, "B", NX * NU, NULL), 1e-12, "B", 0);
}

static void linearization_of_members_matches_published(void** state) {
  (void)state;
  int n;
  const double* theta = numbers(lqr, "pm_params", NPARAM, &n);
  const double *wantA = numbers(lqr, "pm_A", NX * NX, NULL), *wantB = numbers(lqr, "pm_B", NX * NU, NULL);
  double x[NX] = {0}, u[NU] = {0}, A[NX * NX], B[NX * NU];
  void* member = heli->family->member_new(heli->family->ctx);
  for (int i = 0; i < n; ++i) {
    assert_true(heli->family->member_set(member, theta + i * NPARAM));
    heli->family->linearize(member, 1, NULL, x, u, A, B);
    assert_near(NX * NX, A, wantA + i * NX * NX, 1e-12, "A", i);
    assert_near(NX * NU, B, wantB + i * NX * NU, 1e-12, "B", i);
  }
  heli->family->member_free(member);
}

// Every column by two whole steps, at states where all parts of the map are at work, and at the edge of the clip.
static void linearization_is_a_central_difference(void** state) {
  (void)state;
  int n;
  const double *x = of_group("large", "x", NX, &n), *u = of_group("large", "u", NU, NULL);
  double A[NX * NX], B[NX * NU], at_limit[NU] = {100, -100.005, 99.995, -100};
  for (int i = 0; i < n; ++i, x += NX, u += NU) {
    const double* control = i % 2 ? u : at_limit;
    assert_int_equal(heli->truth->linearize(heli->truth->ctx, 1, NULL, x, control, A, B), 32);
    for (int j = 0; j < NX + NU; ++j) {
      double plus[NX], minus[NX], z[NX + NU], column[NX];
      memcpy(z, x, sizeof(double) * NX);
      memcpy(z + NX, control, sizeof(double) * NU);
      double middle = z[j];
      z[j] = middle + 0.01;
      lb_dynamics_step(heli->truth, 1, NULL, z, z + NX, plus);
      z[j] = middle - 0.01;
      lb_dynamics_step(heli->truth, 1, NULL, z, z + NX, minus);
      for (int k = 0; k < NX; ++k) {
        column[k] = j < NX ? A[k * NX + j] : B[k * NU + j - NX];
        plus[k] = (plus[k] - minus[k]) / 0.02;
      }
      assert_near(NX, column, plus, 1e-9, "column", j);
    }
  }
}

// mean |f(x, u; theta) - x'|^2, sample by sample.
static double direct_loss(int n, const double* x, const double* u, const double* x_next, const double* theta) {
  long double sum = 0;
  lb_heli_ratios k;
  lb_heli_ratios_set(&k, theta);
  for (int i = 0; i < n; ++i) {
    double y[NX];
    lb_heli_step(y, &k, x + i * NX, u + i * NU, NULL);
    for (int j = 0; j < NX; ++j) {
      long double error = (long double)y[j] - (long double)x_next[i * NX + j];
      sum += error * error;
    }
  }
  return (double)(sum / n);
}

static void assert_relative(double got, double want, double relative) {
  if (!(fabs(got - want) <= relative * fabs(want)))
    fail_msg("%.17g, wanted %.17g (relative %.2g)", got, want, got / want - 1);
}

static void sums_give_the_loss(void** state) {
  (void)state;
  int n, rows;
  const double *x = numbers(fit, "x", NX, &n), *u = numbers(fit, "u", NU, NULL), *y = numbers(fit, "next", NX, NULL);
  const double *theta = numbers(fit, "loss_params", NPARAM, &rows), *loss = numbers(fit, "loss", 1, NULL);
  const lb_family* f = heli->family;
  double sums[LB_HELI_NSUMS] = {0}, r[LB_HELI_NRESIDUAL], base[LB_HELI_NRESIDUAL], random[NPARAM];
  f->absorb(f->ctx, sums, 100, x, u, y);  // in two parts, as a loop does
  f->absorb(f->ctx, sums, n - 100, x + 100 * NX, u + 100 * NU, y + 100 * NX);
  for (int i = 0; i < rows; ++i) {
    assert_relative(f->loss(f->ctx, sums, n, theta + i * NPARAM), loss[i], 1e-11);
  }
  assert_relative(f->loss(f->ctx, sums, n, numbers(fit, "fit_params", NPARAM, NULL)),
                  *numbers(fit, "fit_loss", 1, NULL), 1e-11);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  f->residual(f->ctx, sums, f->truth, base);
  double fixed = n * f->loss(f->ctx, sums, n, f->truth);
  for (int i = 0; i < f->nresidual; ++i) fixed -= base[i] * base[i];
  for (int i = 0; i < 40; ++i) {
    double spread = i < 20 ? 1 : 1e-3;
    for (int j = 0; j < NPARAM; ++j) random[j] = f->truth[j] + spread * lb_rng_uniform(&rng);
    double want = direct_loss(n, x, u, y, random);
    assert_relative(f->loss(f->ctx, sums, n, random), want, 1e-11);
    f->residual(f->ctx, sums, random, r);
    double sum = fixed;
    for (int j = 0; j < f->nresidual; ++j) sum += r[j] * r[j];
    assert_relative(sum, n * want, 1e-11);
  }
}

// A data set that the truth explains exactly has a loss at rounding level, squared: nothing cancels.
static void sums_do_not_cancel(void** state) {
  (void)state;
  int n;
  const double *x = of_group("large", "x", NX, &n), *u = of_group("large", "u", NU, NULL);
  double* y = LB_TAKE(arena, double, (n * NX));
  const lb_family* f = heli->family;
  lb_dynamics_step(heli->truth, n, NULL, x, u, y);
  double sums[LB_HELI_NSUMS] = {0}, theta[NPARAM];
  f->absorb(f->ctx, sums, n, x, u, y);
  memcpy(theta, f->truth, sizeof theta);
  assert_true(f->loss(f->ctx, sums, n, theta) == 0);
  theta[18] += 1e-6;
  assert_relative(f->loss(f->ctx, sums, n, theta), direct_loss(n, x, u, y, theta), 1e-6);
}

static void members_outside_the_domain_are_refused(void** state) {
  (void)state;
  const lb_family* f = heli->family;
  void* member = f->member_new(f->ctx);
  double theta[NPARAM], x[NX] = {1, -1, 2}, u[NU] = {1, 2, 3, 4}, before[NX], after[NX];
  f->step(member, 1, NULL, x, u, before);
  for (int i = 0; i < 5; ++i) {
    memcpy(theta, f->truth, sizeof theta);
    theta[i] = i < 4 ? 0 : NAN;
    assert_false(f->member_set(member, theta));
  }
  f->step(member, 1, NULL, x, u, after);
  assert_memory_equal(before, after, sizeof before);
  memcpy(theta, f->truth, sizeof theta);
  for (int i = 1; i < 13; ++i) theta[i] = -theta[i];  // inertias and torques
  assert_true(f->member_set(member, theta));
  f->step(member, 1, NULL, x, u, after);
  assert_memory_equal(before, after, sizeof before);
  f->member_free(member);
}

static void cost_derivatives_are_differences(void** state) {
  (void)state;
  const lb_cost* c = heli->cost;
  const double x[NX] = {.1, -.2, .3, 1, 2, -3, .5, 0, .25, -1, .75, 2}, u[NU] = {1, -2, 300, .5};
  double lx[NX], lu[NU], lxx[NX * NX], luu[NU * NU], lux[NU * NX];
  c->stage_derivatives(c->ctx, 0, x, u, lx, lu, lxx, luu, lux);
  double z[NX + NU];
  memcpy(z, x, sizeof x);
  memcpy(z + NX, u, sizeof u);
  for (int j = 0; j < NX + NU; ++j) {  // a quadratic: unit steps are exact
    double middle = z[j];
    z[j] = middle + 1;
    double plus = c->stage(c->ctx, 0, z, z + NX);
    z[j] = middle - 1;
    double minus = c->stage(c->ctx, 0, z, z + NX);
    z[j] = middle;
    assert_relative(0.5 * (plus - minus) + 1, (j < NX ? lx[j] : lu[j - NX]) + 1, 1e-10);
    assert_relative(plus + minus - 2 * c->stage(c->ctx, 0, x, u), j < NX ? lxx[j * NX + j] : luu[(j - NX) * (NU + 1)],
                    1e-8);
  }
  double fx[NX], fxx[NX * NX];
  c->terminal_derivatives(c->ctx, 100, x, fx, fxx);
  assert_memory_equal(fx, lx, sizeof fx);
  assert_memory_equal(fxx, lxx, sizeof fxx);
  const double zero[NX] = {0};
  assert_true(c->terminal(c->ctx, 100, zero) == 0.5 && c->stage(c->ctx, 0, zero, zero) == 0.5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constants_are_published),
      cmocka_unit_test(steps_match_published),
      cmocka_unit_test(small_angle_series_are_exact),
      cmocka_unit_test(attitude_triples),
      cmocka_unit_test(system_steps_with_noise_and_reward),
      cmocka_unit_test(not_finite_is_seen),
      cmocka_unit_test(linearization_at_hover_matches_published),
      cmocka_unit_test(linearization_of_members_matches_published),
      cmocka_unit_test(linearization_is_a_central_difference),
      cmocka_unit_test(sums_give_the_loss),
      cmocka_unit_test(sums_do_not_cancel),
      cmocka_unit_test(members_outside_the_domain_are_refused),
      cmocka_unit_test(cost_derivatives_are_differences),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
