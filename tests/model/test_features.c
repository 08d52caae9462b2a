// Ridge regression on random features: the estimate against the same sums and the same solution by plain loops, also
// after fits that only added rows, and after a buffer was written over; derivatives against differences; the predictive
// deviation against its formula; a stored state goes on to the bit.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "../support/near.h"
#include "model/features_private.h"

enum {
  NOBS = 2,
  NACT = 1,
  D = 40,
  d = NOBS + NACT,
  T = NOBS + 1,
  F = D + d + 1,
  WIDTH = 2 * NOBS + NACT + 2,
  MOST = 400
};

static lb_arena* arena;
static float rows[MOST * WIDTH];

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < MOST; ++i) {
    float* r = rows + i * WIDTH;
    for (int j = 0; j < d; ++j) r[j] = (float)(2 * lb_rng_uniform(&rng) - 1);
    double x = (double)r[0], y = (double)r[1], u = (double)r[2];
    r[3] = (float)(x * y - 0.3 * u * u);  // reward
    r[4] = 0;                             // terminated
    r[5] = (float)(x + 0.1 * y);          // next
    r[6] = (float)(y + 0.2 * sin(3 * x) + 0.1 * u + 0.01 * lb_rng_normal(&rng));
  }
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

static lb_features* new_model(void) {
  lb_features_config c = {.nobs = NOBS, .nact = NACT, .features = D, .bandwidth = 0.7, .ridge = 1e-4};
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 0, 0);
  return lb_features_new(&c, &rng, arena);
}

static lb_fit_data data_of(int n, int first, double share) {
  return (lb_fit_data){.rows = {.n = n, .nobs = NOBS, .nact = NACT, .data = rows}, .first = first, .share = share};
}

static void features_of(const lb_features* m, double* phi, const float* row) {
  for (int k = 0; k < D; ++k) {
    double wave = m->b[k];
    for (int i = 0; i < d; ++i) wave += m->omega[k * d + i] * ((double)row[i] - m->mean[i]) / m->scale[i];
    phi[k] = sqrt(2.0 / D) * cos(wave);
  }
  for (int i = 0; i < d; ++i) phi[D + i] = ((double)row[i] - m->mean[i]) / m->scale[i];
  phi[F - 1] = 1;
}

static double target_of(const lb_features* m, const float* row, int j) {
  double raw = j < NOBS ? (double)row[5 + j] - (double)row[j] : (double)row[3];
  return (raw - m->mean[d + j]) / m->scale[d + j];
}

// A (F, F + T) by Gauss and Jordan.
static void eliminate(double A[F][F + T]) {
  for (int k = 0; k < F; ++k) {
    int best = k;
    for (int i = k; i < F; ++i) best = fabs(A[i][k]) > fabs(A[best][k]) ? i : best;
    for (int c = 0; c < F + T; ++c) {
      double swap = A[k][c];
      A[k][c] = A[best][c];
      A[best][c] = swap;
    }
    for (int i = 0; i < F; ++i) {
      double factor = i == k ? 0 : A[i][k] / A[k][k];
      for (int c = k; c < F + T && i != k; ++c) A[i][c] -= factor * A[k][c];
    }
  }
  for (int i = 0; i < F; ++i) {
    for (int c = F; c < F + T; ++c) A[i][c] /= A[i][i];
  }
}

// The largest difference between the model's W and the solution of the weighted normal equations, in the model's units.
static double off_by(const lb_features* m, const lb_fit_data* data) {
  static double A[F][F + T];
  double phi[F], worst = 0;
  int n[2] = {data->first, data->rows.n - data->first};
  memset(A, 0, sizeof A);
  for (int r = 0; r < data->rows.n; ++r) {
    bool second = r >= data->first;
    double w = n[0] == 0 || n[1] == 0 ? 1.0 / data->rows.n : (second ? 1 - data->share : data->share) / n[second];
    const float* row = rows + r * WIDTH;
    features_of(m, phi, row);
    for (int i = 0; i < F; ++i) {
      for (int k = 0; k < F; ++k) A[i][k] += w * phi[i] * phi[k];
      for (int j = 0; j < T; ++j) A[i][F + j] += w * phi[i] * target_of(m, row, j);
    }
  }
  for (int i = 0; i < F; ++i) A[i][i] += m->config.ridge;
  eliminate(A);
  for (int i = 0; i < F; ++i) {
    for (int j = 0; j < T; ++j) worst = fmax(worst, fabs(A[i][F + j] - m->W[i * T + j]));
  }
  return worst;
}

static void is_the_ridge_solution(void** state) {
  (void)state;
  static const struct {
    int n, first;
    double share;
  } cases[] = {{300, 0, 0}, {300, 300, 1}, {300, 100, 0.5}, {300, 250, 0.2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    lb_features* m = new_model();
    lb_fit_data data = data_of(cases[i].n, cases[i].first, cases[i].share);
    lb_features_report r = lb_features_fit(m, &data);
    assert_true(r.ok && r.is_anew && r.added == 300);
    assert_true(off_by(m, &data) < 1e-7);
    // sigma^2 is the mean squared residual.
    if (cases[i].share > 0) continue;
    double mean[T], squares[T] = {0};
    for (int k = 0; k < 300; ++k) {
      double x[d];
      for (int j = 0; j < d; ++j) x[j] = (double)rows[k * WIDTH + j];
      lb_features_predict(m, mean, NULL, x, x + NOBS, 1);
      for (int j = 0; j < T; ++j) {
        double truth = j < NOBS ? (double)rows[k * WIDTH + 5 + j] : (double)rows[k * WIDTH + 3];
        squares[j] += pow((mean[j] - truth) / m->scale[d + j], 2) / 300;
      }
    }
    for (int j = 0; j < T; ++j) assert_near(squares[j], m->sigma2[j], 1e-8 + 1e-3 * squares[j]);
  }
}

static void later_fits_add_only_what_is_new(void** state) {
  (void)state;
  lb_features* m = new_model();
  lb_fit_data data = data_of(200, 50, 0.5);
  lb_features_fit(m, &data);
  data = data_of(350, 50, 0.5);
  lb_features_report r = lb_features_fit(m, &data);
  assert_true(r.ok && !r.is_anew && r.added == 150);
  assert_true(off_by(m, &data) < 1e-7);
  r = lb_features_fit(m, &data);
  assert_int_equal(r.added, 0);
  // A full buffer writes over its oldest rows.
  float kept = rows[60 * WIDTH + 6];
  rows[60 * WIDTH + 6] = 0.5f;
  r = lb_features_fit(m, &data);
  assert_true(r.is_anew && r.added == 300);
  assert_true(off_by(m, &data) < 1e-7);
  rows[60 * WIDTH + 6] = kept;
}

static void units_follow_the_data(void** state) {
  (void)state;
  lb_features* m = new_model();
  lb_fit_data data = data_of(100, 0, 0);
  lb_features_fit(m, &data);
  double before = m->scale[0];
  static float kept[MOST * WIDTH];
  memcpy(kept, rows, sizeof rows);
  for (int i = 100; i < MOST; ++i) rows[i * WIDTH] *= 10;
  data = data_of(MOST, 0, 0);
  lb_features_report r = lb_features_fit(m, &data);
  assert_true(r.is_anew && r.added == MOST && m->scale[0] > 3 * before);
  assert_true(off_by(m, &data) < 1e-6);
  memcpy(rows, kept, sizeof rows);
}

static void predicts_what_it_saw(void** state) {
  (void)state;
  lb_features* m = new_model();
  lb_fit_data data = data_of(MOST, 0, 0);
  lb_features_fit(m, &data);
  double x[NOBS] = {0.3, -0.4}, u = 0.2, mean[T];
  lb_features_predict(m, mean, NULL, x, &u, 1);
  assert_near(mean[0], 0.3 - 0.04, 1e-2);
  assert_near(mean[1], -0.4 + 0.2 * sin(0.9) + 0.02, 2e-2);
  assert_near(mean[2], 0.3 * -0.4 - 0.3 * 0.04, 3e-2);
}

static void derivatives_are_those_of_the_mean(void** state) {
  (void)state;
  lb_features* m = new_model();
  lb_fit_data data = data_of(MOST, 0, 0);
  lb_features_fit(m, &data);
  double x[d] = {0.25, -0.15, 0.4}, A[NOBS * NOBS], B[NOBS], g[d], H[d * d], up[T], down[T], gu[d], gd[d], h = 1e-5;
  lb_features_jacobian(m, A, B, x, x + NOBS, 1);
  lb_features_reward(m, g, H, x, x + NOBS, 1);
  for (int i = 0; i < d; ++i) {
    double here = x[i];
    x[i] = here + h;
    lb_features_predict(m, up, NULL, x, x + NOBS, 1);
    lb_features_reward(m, gu, NULL, x, x + NOBS, 1);
    x[i] = here - h;
    lb_features_predict(m, down, NULL, x, x + NOBS, 1);
    lb_features_reward(m, gd, NULL, x, x + NOBS, 1);
    x[i] = here;
    for (int j = 0; j < NOBS; ++j) {
      assert_near(i < NOBS ? A[j * NOBS + i] : B[j], (up[j] - down[j]) / (2 * h), 1e-8);
    }
    assert_near(g[i], (up[NOBS] - down[NOBS]) / (2 * h), 1e-8);
    for (int k = 0; k < d; ++k) assert_near(H[i * d + k], (gu[k] - gd[k]) / (2 * h), 1e-7);
  }
}

// sigma sqrt(1 + phi (S + ridge)^-1 phi / n): a little more than the noise where there are data, much more far away.
static void doubts_more_where_it_saw_nothing(void** state) {
  (void)state;
  lb_features* m = new_model();
  lb_fit_data data = data_of(MOST, 0, 0);
  lb_features_fit(m, &data);
  double near[d] = {0.1, 0.1, 0}, far[d] = {30, -30, 0}, mean[T], here[T], there[T];
  lb_features_predict(m, mean, here, near, near + NOBS, 1);
  lb_features_predict(m, mean, there, far, far + NOBS, 1);
  for (int j = 0; j < T; ++j) {
    double sigma = m->scale[d + j] * sqrt(m->sigma2[j]);
    assert_true(here[j] > sigma && here[j] < 1.5 * sigma && there[j] > 1.5 * here[j]);
  }
}

static void a_stored_state_goes_on_to_the_bit(void** state) {
  (void)state;
  lb_features *a = new_model(), *b = new_model();
  lb_fit_data data = data_of(150, 50, 0.5);
  lb_features_fit(a, &data);
  double* kept = LB_TAKE(arena, double, lb_features_nstate(a));
  lb_features_get_state(a, kept);
  assert_true(lb_features_set_state(b, kept));
  data = data_of(300, 50, 0.5);
  lb_features_fit(a, &data);
  lb_features_report r = lb_features_fit(b, &data);
  assert_true(!r.is_anew && r.added == 150);
  double x[d] = {0.1, 0.2, 0.3}, mean[2][T], deviation[2][T];
  lb_features_predict(a, mean[0], deviation[0], x, x + NOBS, 1);
  lb_features_predict(b, mean[1], deviation[1], x, x + NOBS, 1);
  assert_memory_equal(mean[0], mean[1], sizeof mean[0]);
  assert_memory_equal(deviation[0], deviation[1], sizeof deviation[0]);
  kept[2] = -1;
  assert_false(lb_features_set_state(b, kept));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_the_ridge_solution),
      cmocka_unit_test(later_fits_add_only_what_is_new),
      cmocka_unit_test(units_follow_the_data),
      cmocka_unit_test(predicts_what_it_saw),
      cmocka_unit_test(derivatives_are_those_of_the_mean),
      cmocka_unit_test(doubts_more_where_it_saw_nothing),
      cmocka_unit_test(a_stored_state_goes_on_to_the_bit),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
