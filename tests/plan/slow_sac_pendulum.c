// Soft actor-critic on a task with dynamics: the swing-up of a pendulum from any state (the classic one of length,
// mass 1, torque 2, speed 8, 200 steps of 0.05 s; reward -(angle^2 + 0.1 speed^2 + 0.001 torque^2)). Episodes end by
// time alone, so a learner that took that for termination would undervalue staying up. Random actions earn about
// -1200 an episode, holding still about -1300, a good controller between -130 and -170 from random starts.
#include "plan/sac.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "data/ring.h"

enum { NOBS = 3, NACT = 1, STEPS = 200, EPISODES = 60, BATCH = 128, TRIALS = 30 };

typedef struct pendulum {
  double angle, speed;  // 0 is up
} pendulum;

static void reset(pendulum* p, lb_rng* rng) {
  p->angle = (2 * lb_rng_uniform(rng) - 1) * acos(-1);
  p->speed = 2 * lb_rng_uniform(rng) - 1;
}

static void observe(const pendulum* p, double obs[NOBS]) {
  obs[0] = cos(p->angle);
  obs[1] = sin(p->angle);
  obs[2] = p->speed / 8;
}

// One step with an action in [-1, 1]; returns the reward.
static double step(pendulum* p, double action) {
  double u = 2 * action, angle = remainder(p->angle, 2 * acos(-1));
  double reward = -(angle * angle + 0.1 * p->speed * p->speed + 0.001 * u * u);
  p->speed = fmax(-8, fmin(8, p->speed + 0.05 * (15 * sin(p->angle) + 3 * u)));
  p->angle += 0.05 * p->speed;
  return reward;
}

static void collect(lb_sac* sac, pendulum* p, lb_ring* ring, bool random, lb_rng* rng) {
  double obs[NOBS], action;
  float row[NOBS], next[NOBS], act;
  observe(p, obs);
  lb_sac_act(sac, &action, obs, 1, rng);
  if (random) action = 2 * lb_rng_uniform(rng) - 1;
  for (int i = 0; i < NOBS; i++) row[i] = (float)obs[i];
  double reward = step(p, action);
  observe(p, obs);
  for (int i = 0; i < NOBS; i++) next[i] = (float)obs[i];
  act = (float)action;
  lb_ring_add(ring, row, &act, (float)(0.1 * reward), false, next);
}

static double evaluate(lb_sac* sac, lb_rng* rng) {
  double total = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    pendulum p;
    reset(&p, rng);
    for (int t = 0; t < STEPS; t++) {
      double obs[NOBS], action;
      observe(&p, obs);
      lb_sac_act(sac, &action, obs, 1, NULL);
      total += step(&p, action) / TRIALS;
    }
  }
  return total;
}

static double train(uint32_t seed) {
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(seed, LB_RNG_TEST, 0, 0);
  lb_sac_config config = lb_sac_default_config(NOBS, NACT);
  config.width = 64;
  config.batch = BATCH;
  config.rate = 1e-3;
  lb_sac* sac = lb_sac_new(&config, &rng, arena);
  lb_ring ring;
  lb_ring_init(&ring, NOBS, NACT, EPISODES * STEPS, arena);
  for (int e = 0; e < EPISODES; e++) {
    pendulum p;
    reset(&p, &rng);
    for (int t = 0; t < STEPS; t++) {
      int rows[BATCH];
      lb_sac_report report;
      collect(sac, &p, &ring, e < 2, &rng);
      if (e < 2) continue;
      lb_ring_draw(&ring, rows, BATCH, &rng);
      lb_transitions batch = lb_ring_view(&ring, rows, BATCH);
      lb_sac_update(sac, &report, &batch, NULL, &rng);
      assert_null(report.broken);
    }
  }
  double result = evaluate(sac, &rng);
  lb_arena_free(arena);
  return result;
}

static void test_swing_up(void** state) {
  (void)state;
  for (uint32_t seed = 1; seed <= 5; seed++) {
    double result = train(seed);
    print_message("seed %u: %.1f\n", seed, result);
    assert_true(result > -220);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_swing_up)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
