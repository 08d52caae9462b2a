// The ensemble on a system that is known: a noisy nonlinear map of two numbers. Its error, its variance, its
// derivatives and its draws are held against the truth.
#include "model/neural.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../io/temporary.h"
#include "../support/near.h"
#include "data/ring.h"
#include "model/neural_private.h"
#include "model/neural_split.h"

enum { NOBS = 2, NACT = 1, N = 3000, TARGETS = NOBS + 1 };

static const double noise_first = 0.05, noise_second = 0.01, noise_reward = 0.02;

// The change of the state, and the reward.
static void truth(double* out, double p, double v, double u) {
  out[0] = 0.2 * v;
  out[1] = -0.3 * sin(p) + 0.4 * u;
  out[2] = cos(p) - 0.1 * u * u;
}

typedef struct fixture {
  lb_arena* arena;
  lb_ring ring;
  lb_neural* model;
  lb_neural_report report;
} fixture;

static lb_neural_config small(void) {
  lb_neural_config config = lb_neural_default_config(NOBS, NACT);
  config.members = 4;
  config.elites = 3;
  config.hidden = 2;
  config.width = 32;
  config.batch = 64;
  config.rate = 2e-3;
  config.patience = 10;
  return config;
}

static void fill(lb_ring* ring, lb_arena* arena, int n) {
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_ring_init(ring, NOBS, NACT, n, arena);
  for (int i = 0; i < n; i++) {
    double p = 5 * lb_rng_uniform(&rng) - 2.5, v = 3 * lb_rng_uniform(&rng) - 1.5, u = 2 * lb_rng_uniform(&rng) - 1;
    double out[TARGETS];
    truth(out, p, v, u);
    float obs[] = {(float)p, (float)v}, act = (float)u;
    float next[] = {(float)(p + out[0] + noise_first * lb_rng_normal(&rng)),
                    (float)(v + out[1] + noise_second * lb_rng_normal(&rng))};
    lb_ring_add(ring, obs, &act, (float)(out[2] + noise_reward * lb_rng_normal(&rng)), false, next);
  }
}

static void fit_as(fixture* f, const lb_neural_config* config, uint32_t seed) {
  lb_rng rng = lb_rng_stream(seed, LB_RNG_TEST, 1, 0);
  f->arena = lb_arena_new(0);
  fill(&f->ring, f->arena, N);
  f->model = lb_neural_new(config, &rng, f->arena);
  lb_transitions data = lb_ring_view(&f->ring, NULL, N);
  lb_neural_fit(f->model, &f->report, &data, NULL, &rng, f->arena);
}

static void fit(fixture* f, uint32_t seed) {
  lb_neural_config config = small();
  fit_as(f, &config, seed);
}

// Points that no fit has seen, within the bulk of the data.
static void points(double* obs, double* act, int n) {
  lb_rng rng = lb_rng_stream(9, LB_RNG_TEST, 2, 0);
  for (int j = 0; j < n; j++) {
    obs[2 * j] = 4 * lb_rng_uniform(&rng) - 2;
    obs[2 * j + 1] = 2 * lb_rng_uniform(&rng) - 1;
    act[j] = 1.6 * lb_rng_uniform(&rng) - 0.8;
  }
}

// The mean is within 0.02 of the truth (root mean square), the predicted deviations near those of the noise, and the
// holdout error near the noise's own variance, which no model can pass by much.
static void test_mean_and_variance(void** state) {
  (void)state;
  enum { M = 400 };
  fixture f;
  fit(&f, 1);
  double obs[2 * M], act[M], mean[TARGETS * M], variance[TARGETS * M], square[TARGETS] = {0}, spread[TARGETS] = {0};
  points(obs, act, M);
  lb_neural_predict(f.model, -1, mean, variance, obs, act, M);
  for (int j = 0; j < M; j++) {
    double out[TARGETS];
    truth(out, obs[2 * j], obs[2 * j + 1], act[j]);
    out[0] += obs[2 * j];
    out[1] += obs[2 * j + 1];
    for (int i = 0; i < TARGETS; i++) {
      square[i] += pow(mean[TARGETS * j + i] - out[i], 2) / M;
      spread[i] += sqrt(variance[TARGETS * j + i]) / M;
    }
  }
  const double noise[] = {noise_first, noise_second, noise_reward};
  for (int i = 0; i < TARGETS; i++) {
    assert_true(sqrt(square[i]) < 0.02);
    assert_true(spread[i] > 0.75 * noise[i] && spread[i] < 1.5 * noise[i] + 0.02);
  }
  assert_null(f.report.broken);
  assert_true(f.report.best_epoch >= 2 && f.report.epochs <= f.report.best_epoch + 10);
  double floor = 0;  // in the targets' own units
  for (int i = 0; i < TARGETS; i++) floor += pow(noise[i] / (double)f.model->unit[i], 2) / TARGETS;
  for (int m = 0; m < 4; m++) assert_true(f.report.holdout[m] > 0.5 * floor && f.report.holdout[m] < 3 * floor);
  lb_arena_free(f.arena);
}

// Data in other units: what is predicted is the same in those, means, deviations and derivatives, as well as rounding
// in single precision lets two trainings agree.
static void test_units_do_not_matter(void** state) {
  (void)state;
  enum { M = 100 };
  static const double units[][TARGETS] = {{1e-5, 1, 1e4}, {300, 1e-3, 1e-4}};
  double obs[2 * M], act[M], x[2 * M], mean[2][TARGETS * M], variance[2][TARGETS * M], A[2][4 * M], B[2][2 * M];
  points(obs, act, M);
  fixture plain;
  fit(&plain, 3);
  lb_neural_predict(plain.model, -1, mean[0], variance[0], obs, act, M);
  lb_neural_jacobian(plain.model, -1, A[0], B[0], obs, act, M);
  for (int k = 0; k < 2; k++) {
    const double* u = units[k];
    lb_neural_config config = small();
    lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 1, 0);
    lb_ring ring;
    lb_neural_report report;
    fill(&ring, plain.arena, N);
    for (int j = 0; j < N; j++) {
      float* row = ring.data + j * ring.width;
      for (int i = 0; i < NOBS; i++) {
        row[i] = (float)((double)row[i] * u[i]);
        row[lb_transitions_next(NOBS, NACT) + i] = (float)((double)row[lb_transitions_next(NOBS, NACT) + i] * u[i]);
      }
      row[lb_transitions_reward(NOBS, NACT)] *= (float)u[NOBS];
    }
    lb_neural* model = lb_neural_new(&config, &rng, plain.arena);
    lb_transitions data = lb_ring_view(&ring, NULL, N);
    lb_neural_fit(model, &report, &data, NULL, &rng, plain.arena);
    assert_null(report.broken);
    for (int j = 0; j < 2 * M; j++) x[j] = obs[j] * u[j % 2];
    lb_neural_predict(model, -1, mean[1], variance[1], x, act, M);
    lb_neural_jacobian(model, -1, A[1], B[1], x, act, M);
    double off[TARGETS] = {0}, noise[] = {noise_first, noise_second, noise_reward};
    for (int j = 0; j < M; j++) {
      for (int i = 0; i < TARGETS; i++) {
        int at = TARGETS * j + i;
        off[i] += pow(mean[1][at] / u[i] - mean[0][at], 2) / M;
        assert_true(sqrt(variance[1][at]) / u[i] < 3 * noise[i] + 0.05);
      }
      assert_near(B[1][2 * j + 1] / u[1], B[0][2 * j + 1], 0.05);
      assert_near(A[1][4 * j + 2] / u[1] * u[0], A[0][4 * j + 2], 0.1);
    }
    for (int i = 0; i < TARGETS; i++) assert_true(sqrt(off[i]) < 0.02);
  }
  lb_arena_free(plain.arena);
}

// Units that follow the data leave every prediction where it was, the variance too as long as it is within its bounds.
static void test_units_follow_and_predictions_stay(void** state) {
  (void)state;
  enum { M = 100 };
  double obs[2 * M], act[M], mean[2][TARGETS * M], variance[2][TARGETS * M];
  points(obs, act, M);
  fixture f;
  fit(&f, 4);
  lb_neural_predict(f.model, -1, mean[0], variance[0], obs, act, M);
  lb_real before[TARGETS];
  for (int i = 0; i < TARGETS; i++) before[i] = f.model->unit[i];
  lb_transitions data = lb_ring_view(&f.ring, NULL, N);
  lb_neural_settle_units(f.model, &data, 0, 0);  // the same data: nothing follows
  for (int i = 0; i < TARGETS; i++) assert_true(f.model->unit[i] == before[i]);
  for (int j = 0; j < N; j++) {
    float* row = f.ring.data + j * f.ring.width;
    for (int i = 0; i < NOBS; i++) {
      row[lb_transitions_next(NOBS, NACT) + i] += 2 * (row[lb_transitions_next(NOBS, NACT) + i] - row[i]);
    }
    row[lb_transitions_reward(NOBS, NACT)] += 7;
  }
  lb_neural_settle_units(f.model, &data, 0, 0);
  for (int i = 0; i < NOBS; i++) assert_near((double)f.model->unit[i] / (double)before[i], 3, 1e-3);
  assert_near((double)f.model->unit[NOBS], (double)before[NOBS], 1e-3);
  lb_neural_predict(f.model, -1, mean[1], variance[1], obs, act, M);
  for (int j = 0; j < TARGETS * M; j++) {
    assert_near(mean[1][j], mean[0][j], 1e-4);
    assert_near(sqrt(variance[1][j] / variance[0][j]), 1, 0.2);
  }
  lb_arena_free(f.arena);
}

// Elites are the members with the least holdout error, best first.
static void test_elites(void** state) {
  (void)state;
  fixture f;
  fit(&f, 2);
  const int* elites = lb_neural_elites(f.model);
  int left = 0 + 1 + 2 + 3;
  for (int i = 0; i < 3; i++) {
    if (i > 0) assert_true(f.report.holdout[elites[i - 1]] <= f.report.holdout[elites[i]]);
    left -= elites[i];
  }
  assert_true(left >= 0 && left <= 3);
  for (int i = 0; i < 3; i++) assert_true(f.report.holdout[elites[i]] <= f.report.holdout[left]);
  lb_arena_free(f.arena);
}

// The elites' mean is the mean of its members' means; more inputs than a batch are the same as one at a time.
static void test_members_and_batches(void** state) {
  (void)state;
  enum { M = 150 };
  fixture f;
  fit(&f, 3);
  double obs[2 * M], act[M], mean[TARGETS * M], variance[TARGETS * M], x_next[NOBS * M], one[TARGETS], sum[TARGETS];
  points(obs, act, M);
  lb_neural_predict(f.model, -1, mean, variance, obs, act, M);
  const int* elites = lb_neural_elites(f.model);
  for (int j = 0; j < M; j += 7) {
    memset(sum, 0, sizeof sum);
    for (int e = 0; e < 3; e++) {
      lb_neural_predict(f.model, elites[e], one, NULL, obs + 2 * j, act + j, 1);
      for (int i = 0; i < TARGETS; i++) sum[i] += one[i] / 3;
    }
    for (int i = 0; i < TARGETS; i++) assert_near(mean[TARGETS * j + i], sum[i], 1e-12);
  }
  lb_space space = {.nx = NOBS, .ndx = NOBS};
  lb_counts counts = {0};
  lb_dynamics dynamics = lb_neural_dynamics(f.model, &space, &counts);
  lb_dynamics_step(&dynamics, M, NULL, obs, act, x_next);
  for (int j = 0; j < M; j++) {
    for (int i = 0; i < NOBS; i++) assert_true(x_next[NOBS * j + i] == mean[TARGETS * j + i]);
  }
  assert_int_equal(counts.model_queries, M);
  lb_arena_free(f.arena);
}

// Derivatives against differences of the mean in single precision: coarse, but a wrong scale or a swapped index shows.
static void test_jacobian(void** state) {
  (void)state;
  enum { M = 70 };
  fixture f;
  fit(&f, 4);
  double obs[2 * M], act[M], A[4 * M], B[2 * M], up[TARGETS], down[TARGETS];
  points(obs, act, M);
  lb_neural_jacobian(f.model, -1, A, B, obs, act, M);
  for (int j = 0; j < M; j += 3) {
    for (int i = 0; i < 3; i++) {
      double h = 1e-2, x[] = {obs[2 * j], obs[2 * j + 1], act[j]};
      x[i] += h;
      lb_neural_predict(f.model, -1, up, NULL, x, x + 2, 1);
      x[i] -= 2 * h;
      lb_neural_predict(f.model, -1, down, NULL, x, x + 2, 1);
      for (int o = 0; o < NOBS; o++) {
        double analytic = i < NOBS ? A[(j * NOBS + o) * NOBS + i] : B[j * NOBS + o];
        assert_near(analytic, (up[o] - down[o]) / (2 * h), 5e-3);
      }
    }
    // And the truth's own derivatives are near.
    assert_near(B[j * NOBS + 1], 0.4, 0.03);
    assert_near(A[j * 4 + 2], -0.3 * cos(obs[2 * j]), 0.05);
  }
  lb_arena_free(f.arena);
}

// The reward's gradient against differences of its mean, and its Hessian against differences of the gradient over other
// steps, in single precision; both near the truth's own. More columns of differences than one batch has.
static void test_reward_expansion(void** state) {
  (void)state;
  enum { M = 70, INPUTS = NOBS + NACT };
  fixture f;
  fit(&f, 4);
  double obs[2 * M], act[M], g[INPUTS * M], H[INPUTS * INPUTS * M], up[INPUTS], down[INPUTS];
  points(obs, act, M);
  lb_neural_reward_expansion(f.model, g, H, obs, act, M);
  for (int j = 0; j < M; j += 3) {
    for (int i = 0; i < INPUTS; i++) {
      double h = 2e-2, x[] = {obs[2 * j], obs[2 * j + 1], act[j]}, high[TARGETS], low[TARGETS];
      x[i] += h;
      lb_neural_predict(f.model, -1, high, NULL, x, x + 2, 1);
      lb_neural_reward_expansion(f.model, up, NULL, x, x + 2, 1);
      x[i] -= 2 * h;
      lb_neural_predict(f.model, -1, low, NULL, x, x + 2, 1);
      lb_neural_reward_expansion(f.model, down, NULL, x, x + 2, 1);
      assert_near(g[j * INPUTS + i], (high[NOBS] - low[NOBS]) / (2 * h), 2e-3);
      for (int k = 0; k < INPUTS; k++) {
        double curve = (up[k] - down[k]) / (2 * h);
        assert_near(H[(j * INPUTS + k) * INPUTS + i], curve, 0.01 + 0.02 * fabs(curve));
        assert_true(H[(j * INPUTS + k) * INPUTS + i] == H[(j * INPUTS + i) * INPUTS + k]);
      }
    }
    assert_near(g[j * INPUTS], -sin(obs[2 * j]), 0.1);
    assert_near(g[j * INPUTS + 2], -0.2 * act[j], 0.1);
    assert_near(H[j * INPUTS * INPUTS], -cos(obs[2 * j]), 0.5);
  }
  lb_arena_free(f.arena);
}

// 6,000 draws at one point: their mean and deviation are those that the ensemble predicts, within five standard errors
// and a tenth; the same stream gives the same draws.
static void test_draws(void** state) {
  (void)state;
  enum { M = 6000 };
  fixture f;
  fit(&f, 5);
  static float obs[NOBS * M], act[M], next[NOBS * M], reward[M], again[NOBS * M];
  double x[] = {0.7, -0.4}, u = 0.3, mean[TARGETS], variance[TARGETS];
  for (int j = 0; j < M; j++) {
    obs[2 * j] = (float)x[0];
    obs[2 * j + 1] = (float)x[1];
    act[j] = (float)u;
  }
  lb_neural_predict(f.model, -1, mean, variance, x, &u, 1);
  lb_rng rng = lb_rng_stream(7, LB_RNG_TEST, 0, 0), same = rng;
  lb_neural_sample(f.model, next, reward, obs, act, M, &rng, f.arena);
  for (int i = 0; i < TARGETS; i++) {
    double m = 0, s = 0;
    for (int j = 0; j < M; j++) m += (double)(i < NOBS ? next[NOBS * j + i] : reward[j]) / M;
    for (int j = 0; j < M; j++) s += pow((double)(i < NOBS ? next[NOBS * j + i] : reward[j]) - m, 2) / M;
    assert_near(m, mean[i], 5 * sqrt(variance[i] / M));
    assert_near(sqrt(s / variance[i]), 1, 0.1);
  }
  lb_neural_sample(f.model, again, NULL, obs, act, M, &same, f.arena);
  assert_memory_equal(next, again, sizeof next);
  lb_arena_free(f.arena);
}

// The weights are those of the best epoch: a fit that ends right there has the same.
static void test_best_weights_are_restored(void** state) {
  (void)state;
  fixture whole, cut;
  fit(&whole, 8);
  assert_true(whole.report.best_epoch < whole.report.epochs);
  lb_neural_config config = small();
  config.most_epochs = whole.report.best_epoch;
  fit_as(&cut, &config, 8);
  assert_int_equal(cut.report.epochs, whole.report.best_epoch);
  assert_memory_equal(cut.report.holdout, whole.report.holdout, sizeof cut.report.holdout);
  size_t bytes = (size_t)whole.model->net->count * sizeof(lb_real);
  assert_memory_equal(cut.model->net->theta, whole.model->net->theta, bytes);
  lb_arena_free(whole.arena);
  lb_arena_free(cut.arena);
}

// When nothing counts as an improvement, a fit ends after `patience` epochs and leaves the weights as they were.
static void test_patience(void** state) {
  (void)state;
  fixture f;
  lb_neural_config config = small();
  config.improvement = 1.5;
  config.patience = 3;
  fit_as(&f, &config, 1);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 1, 0);
  const lb_neural* fresh = lb_neural_new(&config, &rng, f.arena);
  assert_true(f.report.epochs == 3 && f.report.best_epoch == 0);
  int train = 0;
  for (int i = 0; i < N; i++) train += !lb_neural_is_held(f.ring.data + i * f.ring.width, f.ring.width, config.holdout);
  assert_true(abs(train - N * 8 / 10) < 100);
  assert_int_equal(f.report.updates, 3 * ((train + config.batch - 1) / config.batch));
  size_t bytes = (size_t)fresh->net->count * sizeof(lb_real);
  assert_memory_equal(f.model->net->theta, fresh->net->theta, bytes);
  lb_arena_free(f.arena);
}

// A transition stays on its side whatever is added, its copies stay with it, and a fit draws none that is held out.
static void test_the_holdout_is_for_good(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_neural_config config = small();
  lb_ring ring, twice;
  fill(&ring, arena, N);
  lb_ring_init(&twice, NOBS, NACT, 2 * N, arena);
  memcpy(twice.data, ring.data, (size_t)N * (size_t)ring.width * sizeof(float));
  memcpy(twice.data + N * ring.width, ring.data, (size_t)N * (size_t)ring.width * sizeof(float));
  twice.n = 2 * N;
  bool held[N] = {false};
  for (int fit = 0; fit < 3; fit++) {
    lb_rng rng = lb_rng_stream((uint64_t)fit, LB_RNG_TEST, 6, 0);
    lb_transitions data = lb_ring_view(&twice, NULL, fit == 0 ? N / 2 : fit == 1 ? N : 2 * N);
    lb_neural_split s = lb_neural_split_new(&config, &data, 0, 0, &rng, arena);
    const lb_neural_source* all = &s.sources[0];
    assert_int_equal(all->nheld + all->ntrain, data.n);
    for (int i = 0; i < all->nheld && fit == 0; i++) held[all->held[i]] = true;
    if (fit > 0) {
      int before = 0, now = 0;
      for (int i = 0; i < N / 2; i++) before += held[i];
      for (int i = 0; i < all->nheld; i++) {
        int row = all->held[i] % N;
        if (row < N / 2) assert_true(held[row]);
        now += row < N / 2;
      }
      assert_int_equal(now, before * fit);
    }
    for (int k = 0; k < 20; k++) {
      lb_neural_split_draw(&s, config.batch, &rng);
      for (int i = 0; i < config.members * config.batch; i++) {
        assert_false(lb_neural_is_held(twice.data + s.batch[i] * ring.width, ring.width, config.holdout));
      }
    }
  }
  lb_arena_free(arena);
}

// Of 100 rows and 2,900 others, half of all draws are of the first when they are to be, within five standard errors;
// inputs are normalized, and errors weighted, likewise.
static void test_shares_do_not_depend_on_numbers(void** state) {
  (void)state;
  enum { FIRST = 100, DRAWS = 4000 };
  lb_arena* arena = lb_arena_new(0);
  lb_neural_config config = small();
  lb_ring ring;
  fill(&ring, arena, N);
  for (int i = 0; i < FIRST; i++) ring.data[i * ring.width] += 10;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 7, 0);
  lb_transitions data = lb_ring_view(&ring, NULL, N);
  for (int k = 0; k < 3; k++) {
    double share = 0.5 * k;
    lb_neural_split s = lb_neural_split_new(&config, &data, FIRST, share, &rng, arena);
    int first = 0;
    for (int at = 0; at < DRAWS; at += 50) {
      lb_neural_split_draw(&s, 50, &rng);
      for (int i = 0; i < 50; i++) first += s.batch[i] < FIRST;
    }
    assert_near(first, share * DRAWS, 5 * sqrt(share * (1 - share) * DRAWS) + 1e-9);
  }
  lb_neural* model = lb_neural_new(&config, &rng, arena);
  double mean[2] = {0};
  for (int i = 0; i < N; i++) mean[i >= FIRST] += (double)ring.data[i * ring.width] / (i < FIRST ? FIRST : N - FIRST);
  lb_neural_normalize_shares(model, &data, FIRST, 0.5);
  assert_near((double)model->normalizer.mean[0], 0.5 * (mean[0] + mean[1]), 1e-5);
  lb_neural_normalize_shares(model, &data, FIRST, 0.25);
  assert_near((double)model->normalizer.mean[0], 0.25 * mean[0] + 0.75 * mean[1], 1e-5);
  lb_arena_free(arena);
}

// A fit with a number of updates takes just so many, of any number of rows.
static void test_a_number_of_updates(void** state) {
  (void)state;
  static const int rows[] = {20, 700, N}, updates[] = {1, 7, 20, 95};
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 4; k++) {
      lb_arena* arena = lb_arena_new(0);
      lb_neural_config config = small();
      lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 8, 0);
      lb_ring ring;
      lb_neural_report report;
      config.updates = updates[k];
      fill(&ring, arena, rows[i]);
      lb_neural* model = lb_neural_new(&config, &rng, arena);
      lb_transitions data = lb_ring_view(&ring, NULL, rows[i]);
      lb_neural_fit(model, &report, &data, NULL, &rng, arena);
      assert_int_equal(report.updates, updates[k]);
      assert_int_equal(model->adam.steps, updates[k]);
      lb_arena_free(arena);
    }
  }
}

// Members that start alike and take whole-batch steps stay alike on the same data and part on resampled ones.
static void test_bootstrap(void** state) {
  (void)state;
  double apart[2];
  for (int bootstrap = 0; bootstrap < 2; bootstrap++) {
    lb_arena* arena = lb_arena_new(0);
    lb_neural_config config = small();
    lb_ring ring;
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 5, 0);
    lb_neural_report report;
    config.members = config.elites = 2;
    config.bootstrap = bootstrap;
    config.batch = 200;
    config.most_epochs = 20;
    config.patience = 20;
    fill(&ring, arena, 200);
    lb_neural* model = lb_neural_new(&config, &rng, arena);
    lb_net* net = model->net;
    memcpy(net->theta + net->stride, net->theta, (size_t)net->stride * sizeof(lb_real));
    lb_transitions data = lb_ring_view(&ring, NULL, 200);
    lb_neural_fit(model, &report, &data, NULL, &rng, arena);
    double difference = 0, size = 0;
    for (long i = 0; i < net->stride; i++) {
      difference += pow((double)(net->theta[i] - net->theta[net->stride + i]), 2);
      size += pow((double)net->theta[i], 2);
    }
    apart[bootstrap] = sqrt(difference / size);
    lb_arena_free(arena);
  }
  assert_true(apart[0] < 1e-3);
  assert_true(apart[1] > 1e-2);
}

// Bytes of a model's file.
static char* bytes_of(lb_neural* model, const char* name, size_t* n) {
  char* bytes;
  assert_ok(lb_neural_save(model, temporary(name)));
  assert_ok(lb_file_read(temporary(name), &bytes, n));
  return bytes;
}

static void test_it_goes_on_from_a_file_to_the_same_bits(void** state) {
  (void)state;
  fixture f;
  fit(&f, 6);
  lb_neural_config config = small();
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0), other = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  lb_neural* resumed = lb_neural_new(&config, &other, f.arena);
  assert_ok(lb_neural_save(f.model, temporary("half")));
  assert_ok(lb_neural_load(resumed, temporary("half")));
  assert_memory_equal(lb_neural_elites(resumed), lb_neural_elites(f.model), 3 * sizeof(int));
  lb_transitions data = lb_ring_view(&f.ring, NULL, 700);
  lb_neural_report report, resumed_report;
  other = rng;
  lb_neural_fit(f.model, &report, &data, NULL, &rng, f.arena);
  lb_neural_fit(resumed, &resumed_report, &data, NULL, &other, f.arena);
  assert_memory_equal(report.holdout, resumed_report.holdout, sizeof report.holdout);
  size_t na, nb;
  char *a = bytes_of(f.model, "a", &na), *b = bytes_of(resumed, "b", &nb);
  assert_true(na == nb && memcmp(a, b, na) == 0);
  free(a);
  free(b);
  config.width = 33;
  lb_neural* wider = lb_neural_new(&config, &other, f.arena);
  check_failure(lb_neural_load(wider, temporary("half")), LB_INPUT, "half|$.width|32|33");
  lb_arena_free(f.arena);
}

// A number that is not finite ends the fit with a word, and the weights stay good.
static void test_it_says_what_broke(void** state) {
  (void)state;
  fixture f;
  fit(&f, 7);
  double x[] = {0.1, 0.2}, u = 0.3, before[TARGETS], after[TARGETS];
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  lb_transitions data = lb_ring_view(&f.ring, NULL, 200);
  lb_neural_normalize(f.model, &data);
  lb_neural_predict(f.model, -1, before, NULL, x, &u, 1);
  int width = f.ring.width;
  for (int held = 0; held < 2; held++) {
    int row = 0;
    float* reward;
    for (;; row++) {  // one that is on this side with a NaN in it
      reward = f.ring.data + row * width + lb_transitions_reward(NOBS, NACT);
      float kept = *reward;
      *reward = NAN;
      if (lb_neural_is_held(f.ring.data + row * width, width, 0.2) == (held > 0)) break;
      *reward = kept;
    }
    lb_neural_report report;
    lb_neural_fit(f.model, &report, &data, NULL, &rng, f.arena);
    assert_string_equal(report.broken, held ? "holdout error" : "gradient");
    lb_neural_predict(f.model, 0, after, NULL, x, &u, 1);
    assert_true(isfinite(before[0]) && isfinite(after[0]) && isfinite(after[1]) && isfinite(after[2]));
    *reward = 0;
  }
  lb_arena_free(f.arena);
}

// Every member's gradient is no longer than the limit, and along its own direction; without a limit it is longer.
static void test_clipping(void** state) {
  (void)state;
  enum { ROWS = 40 };
  const double limit = 1e-3;
  lb_real* first = NULL;
  for (int clipped = 0; clipped < 2; clipped++) {
    lb_arena* arena = lb_arena_new(0);
    lb_ring ring;
    lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
    lb_neural_config config = small();
    config.weight_decay = 0;
    config.clip = clipped ? limit : 0;
    fill(&ring, arena, N);
    lb_neural* model = lb_neural_new(&config, &rng, arena);
    lb_transitions all = lb_ring_view(&ring, NULL, N);
    int rows[4 * ROWS];
    for (int i = 0; i < 4 * ROWS; i++) rows[i] = i;
    lb_neural_normalize(model, &all);
    assert_true(isfinite(lb_neural_step(model, &all, NULL, rows, ROWS)));
    for (int m = 0; m < config.members; m++) {
      // After one step the first moment is a tenth of the gradient.
      const lb_real* moment = model->adam.m + m * model->net->stride;
      double norm = 10 * lb_adam_norm(moment, model->net->stride), along = 0;
      if (!clipped) {
        assert_true(norm > 10 * limit);
        continue;
      }
      assert_near(norm, limit, 1e-6);
      const lb_real* free_moment = first + m * model->net->stride;
      for (long i = 0; i < model->net->stride; i++) along += (double)moment[i] * (double)free_moment[i];
      assert_near(along, lb_adam_norm(moment, model->net->stride) * lb_adam_norm(free_moment, model->net->stride),
                  1e-5 * along);
    }
    if (!clipped) {
      first = malloc((size_t)model->net->count * sizeof *first);
      memcpy(first, model->adam.m, (size_t)model->net->count * sizeof *first);
    }
    lb_arena_free(arena);
  }
  free(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mean_and_variance),
      cmocka_unit_test(test_elites),
      cmocka_unit_test(test_members_and_batches),
      cmocka_unit_test(test_jacobian),
      cmocka_unit_test(test_reward_expansion),
      cmocka_unit_test(test_draws),
      cmocka_unit_test(test_best_weights_are_restored),
      cmocka_unit_test(test_patience),
      cmocka_unit_test(test_units_do_not_matter),
      cmocka_unit_test(test_units_follow_and_predictions_stay),
      cmocka_unit_test(test_the_holdout_is_for_good),
      cmocka_unit_test(test_shares_do_not_depend_on_numbers),
      cmocka_unit_test(test_a_number_of_updates),
      cmocka_unit_test(test_bootstrap),
      cmocka_unit_test(test_clipping),
      cmocka_unit_test(test_it_goes_on_from_a_file_to_the_same_bits),
      cmocka_unit_test(test_it_says_what_broke),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
