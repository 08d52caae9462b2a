// The derivatives of an update against central differences of the losses as td3.h states them, to 1e-7 relative, and
// the targets against the paper's formula in plain loops.
#include "plan/td3.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "../nn/fill.h"
#include "plan/td3_private.h"

enum { NOBS = 4, NACT = 3, N = 19, COLUMNS = 32, WIDTH = 2 * NOBS + NACT + 2, INPUTS = NOBS + NACT };

static lb_arena* arena;
static lb_td3* td3;
static float rows[N * WIDTH];
static lb_transitions batch;
static lb_real noise[NACT * COLUMNS];

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  lb_td3_config config = lb_td3_default_config(NOBS, NACT);
  config.width = 21;
  config.batch = N;
  config.smoothing = 0.4;
  td3 = lb_td3_new(&config, &rng, arena);
  fill_net(&rng, td3->actor, 0.4);
  fill_net(&rng, td3->actor_target, 0.4);
  fill_net(&rng, td3->critics, 0.4);
  fill_net(&rng, td3->critic_targets, 0.4);
  for (int i = 0; i < N * WIDTH; i++) rows[i] = (float)(0.5 * lb_rng_normal(&rng));
  for (int j = 0; j < N; j++) rows[j * WIDTH + lb_transitions_terminated(NOBS, NACT)] = j % 3 == 0 ? 1.0f : 0.0f;
  batch = (lb_transitions){.n = N, .nobs = NOBS, .nact = NACT, .data = rows};
  fill_normals(&rng, noise, NACT * COLUMNS, 1);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

// pi(s) of one net into x's lower rows, sample j.
static void plain_action(const lb_net* net, lb_real* x, int j, uint64_t* piece) {
  double action[NACT];
  for (int i = 0; i < NACT; i++) action[i] = tanh(plain_output_on(net, 0, x, COLUMNS, j, i, piece));
  for (int i = 0; i < NACT; i++) x[(NOBS + i) * COLUMNS + j] = action[i];
}

static double target(int j) {
  lb_real x[INPUTS * COLUMNS];
  const float* row = rows + j * WIDTH;
  uint64_t piece = 0;
  for (int i = 0; i < NOBS; i++) x[i * COLUMNS + j] = row[lb_transitions_next(NOBS, NACT) + i];
  plain_action(td3->actor_target, x, j, &piece);
  for (int i = 0; i < NACT; i++) {
    double e = fmin(0.5, fmax(-0.5, 0.4 * noise[i * COLUMNS + j])), a = x[(NOBS + i) * COLUMNS + j] + e;
    x[(NOBS + i) * COLUMNS + j] = fmin(1, fmax(-1, a));
  }
  double least = fmin(plain_output(td3->critic_targets, 0, x, COLUMNS, j, 0),
                      plain_output(td3->critic_targets, 1, x, COLUMNS, j, 0));
  double alive = 1 - row[lb_transitions_terminated(NOBS, NACT)];
  return row[lb_transitions_reward(NOBS, NACT)] + td3->config.gamma * alive * least;
}

static void targets_are_the_papers(void** state) {
  (void)state;
  int cut = 0;
  lb_td3_take_batch(td3, &batch);
  lb_td3_find_targets(td3, noise);
  for (int j = 0; j < N; j++) {
    assert_true(fabs(td3->y[j] - target(j)) < 1e-12);
    for (int i = 0; i < NACT; i++) cut += fabs(0.4 * noise[i * COLUMNS + j]) > 0.5;
  }
  assert_true(cut > 3);  // the noise is cut off somewhere
}

static double critic_loss(uint64_t* piece) {
  lb_real x[INPUTS * COLUMNS];
  double loss = 0;
  for (int j = 0; j < N; j++) {
    for (int i = 0; i < INPUTS; i++) x[i * COLUMNS + j] = rows[j * WIDTH + i];
    for (int k = 0; k < 2; k++) {
      double error = plain_output_on(td3->critics, k, x, COLUMNS, j, 0, piece) - td3->y[j];
      loss += error * error / N;
    }
  }
  return loss;
}

static double actor_loss(uint64_t* piece) {
  lb_real x[INPUTS * COLUMNS];
  double loss = 0;
  for (int j = 0; j < N; j++) {
    for (int i = 0; i < NOBS; i++) x[i * COLUMNS + j] = rows[j * WIDTH + i];
    plain_action(td3->actor, x, j, piece);
    loss -= plain_output_on(td3->critics, 0, x, COLUMNS, j, 0, piece) / N;
  }
  return loss;
}

// Every weight's derivative, but where a difference crosses a kink.
static void compare(lb_net* net, const lb_real* gradient, double (*loss)(uint64_t* piece)) {
  const double step = 1e-5;
  int tried = 0;
  double largest = 0;
  for (long i = 0; i < net->count; i++) largest = fmax(largest, fabs(gradient[i]));
  for (long i = 0; i < net->count; i++) {
    uint64_t above = 0, below = 0;
    lb_real here = net->theta[i];
    net->theta[i] = here + step;
    double up = loss(&above);
    net->theta[i] = here - step;
    double down = loss(&below);
    net->theta[i] = here;
    if (above != below) continue;
    tried += 1;
    double difference = (up - down) / (2 * step);
    if (fabs(difference - gradient[i]) > 1e-7 * largest + 1e-9) {
      fail_msg("weight %ld: %.12g, by differences %.12g", i, (double)gradient[i], difference);
    }
  }
  assert_true(tried > net->count / 2 && largest > 1e-3);
}

static void gradients_are_those_of_the_losses(void** state) {
  (void)state;
  uint64_t piece = 0;
  lb_td3_take_batch(td3, &batch);
  lb_td3_find_targets(td3, noise);
  double loss = lb_td3_critic_gradient(td3);
  assert_true(fabs(loss - critic_loss(&piece)) < 1e-12 * (1 + loss));
  compare(td3->critics, td3->critic_gradient, critic_loss);
  double q = lb_td3_actor_gradient(td3, NULL);
  assert_true(fabs(q + actor_loss(&piece)) < 1e-12 * (1 + fabs(q)));
  compare(td3->actor, td3->actor_gradient, actor_loss);
}

// V(s) = Q_1(s, pi(s)), and its slope.
static void the_values_slope_is_its_derivative(void** state) {
  (void)state;
  lb_value value = lb_td3_value(td3);
  double x[NOBS] = {0.3, -0.2, 0.1, 0.4}, v, dv[NOBS], up, down, h = 1e-6;
  value.slope(value.ctx, 1, 0, x, &v, dv);
  for (int i = 0; i < NOBS; i++) {
    double here = x[i];
    x[i] = here + h;
    value.at(value.ctx, 1, 0, x, &up);
    x[i] = here - h;
    value.at(value.ctx, 1, 0, x, &down);
    x[i] = here;
    assert_true(fabs(dv[i] - (up - down) / (2 * h)) < 1e-7);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(targets_are_the_papers),
      cmocka_unit_test(gradients_are_those_of_the_losses),
      cmocka_unit_test(the_values_slope_is_its_derivative),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
