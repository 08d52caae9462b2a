// The learner from outside: it learns, it repeats itself, it goes on from a file to the same bits, it says when it
// breaks.
#include "plan/sac.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "../io/temporary.h"
#include "../support/near.h"
#include "data/ring.h"
#include "plan/sac_private.h"

enum { NOBS = 2, NACT = 1, BATCH = 32, ROOM = 4000 };

// A task of one step: reward -(a - best(s))^2, then the end.
static double best_action(const float* s) {
  return 0.6 * tanh((double)s[0]) - 0.3 * (double)s[1];
}

static lb_sac_config small(void) {
  lb_sac_config config = lb_sac_default_config(NOBS, NACT);
  config.width = 32;
  config.batch = BATCH;
  config.rate = 3e-3;
  return config;
}

static void fill(lb_ring* ring, uint32_t seed, lb_arena* arena) {
  lb_rng rng = lb_rng_stream(seed, LB_RNG_TEST, 1, 0);
  lb_ring_init(ring, NOBS, NACT, ROOM, arena);
  for (int i = 0; i < ROOM; i++) {
    float s[NOBS] = {(float)(2 * lb_rng_uniform(&rng) - 1), (float)(2 * lb_rng_uniform(&rng) - 1)};
    float a = (float)(2 * lb_rng_uniform(&rng) - 1);
    lb_ring_add(ring, s, &a, (float)-pow((double)a - best_action(s), 2), true, s);
  }
}

static void train(lb_sac* sac, const lb_ring* ring, int updates, lb_rng* rng) {
  int rows[BATCH];
  for (int u = 0; u < updates; u++) {
    lb_sac_report report;
    lb_ring_draw(ring, rows, BATCH, rng);
    lb_transitions batch = lb_ring_view(ring, rows, BATCH);
    lb_sac_update(sac, &report, &batch, NULL, rng);
    assert_null(report.broken);
  }
}

// From random actions it must find the best action everywhere, for each of three seeds; an actor that did not learn,
// or learned on the wrong sign, is off by 0.3 and more in the mean.
static void test_it_learns(void** state) {
  (void)state;
  for (uint32_t seed = 1; seed <= 3; seed++) {
    lb_arena* arena = lb_arena_new(0);
    lb_ring ring;
    lb_rng rng = lb_rng_stream(seed, LB_RNG_TEST, 0, 0);
    lb_sac_config config = small();
    config.alpha = 0.01;
    config.learn_alpha = false;
    fill(&ring, seed, arena);
    lb_sac* sac = lb_sac_new(&config, &rng, arena);
    train(sac, &ring, 1500, &rng);
    double error = 0;
    for (int i = 0; i < 200; i++) {
      const float* s = ring.data + (long)i * ring.width;
      double obs[NOBS] = {(double)s[0], (double)s[1]}, a, v;
      lb_sac_act(sac, &a, obs, 1, NULL);
      error += fabs(a - best_action(s)) / 200;
      lb_value value = lb_sac_value(sac);
      value.at(value.ctx, 1, 0, obs, &v);
      assert_near(v, 0, 0.1);
    }
    assert_true(error < 0.06);
    lb_arena_free(arena);
  }
}

// The temperature settles where the entropy is the wanted one.
static void test_temperature_follows_the_entropy(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_ring ring;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small();
  config.target_entropy = -0.5;
  fill(&ring, 1, arena);
  lb_sac* sac = lb_sac_new(&config, &rng, arena);
  train(sac, &ring, 3000, &rng);
  double entropy = 0;
  int rows[BATCH];
  for (int u = 0; u < 200; u++) {
    lb_sac_report report;
    lb_ring_draw(&ring, rows, BATCH, &rng);
    lb_transitions batch = lb_ring_view(&ring, rows, BATCH);
    lb_sac_update(sac, &report, &batch, NULL, &rng);
    entropy -= report.log_density / 200;
  }
  assert_near(entropy, -0.5, 0.1);
  assert_true(lb_sac_alpha(sac) < 0.2);
  lb_arena_free(arena);
}

static void test_it_goes_on_from_a_file_to_the_same_bits(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_ring ring;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0), other = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small();
  fill(&ring, 1, arena);
  lb_sac *sac = lb_sac_new(&config, &rng, arena), *resumed = lb_sac_new(&config, &other, arena);
  train(sac, &ring, 20, &rng);
  assert_ok(lb_sac_save(sac, temporary("half")));
  assert_ok(lb_sac_load(resumed, temporary("half")));
  other = rng;
  train(sac, &ring, 20, &rng);
  train(resumed, &ring, 20, &other);
  assert_ok(lb_sac_save(sac, temporary("a")));
  assert_ok(lb_sac_save(resumed, temporary("b")));
  char *a, *b, *half;
  size_t na, nb, nh;
  assert_ok(lb_file_read(temporary("a"), &a, &na));
  assert_ok(lb_file_read(temporary("b"), &b, &nb));
  assert_ok(lb_file_read(temporary("half"), &half, &nh));
  assert_int_equal(na, nb);
  assert_memory_equal(a, b, na);
  assert_int_equal(na, nh);
  assert_memory_not_equal(a, half, na);
  free(a);
  free(b);
  free(half);
  lb_arena_free(arena);
}

static void test_wrong_files_are_refused(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small(), wider = small();
  wider.width = 33;
  lb_sac *sac = lb_sac_new(&config, &rng, arena), *other = lb_sac_new(&wider, &rng, arena);
  assert_ok(lb_sac_save(other, temporary("wide")));
  check_failure(lb_sac_load(sac, temporary("wide")), LB_INPUT, "wide|$.width|33|32");
  check_failure(lb_sac_load(sac, temporary("none")), LB_INPUT, "none");
  assert_ok(lb_sac_save(sac, temporary("ours")));
  char* bytes;
  size_t n;
  assert_ok(lb_file_read(temporary("ours"), &bytes, &n));
  write_plainly(temporary("cut"), bytes, n - 9);
  check_failure(lb_sac_load(sac, temporary("cut")), LB_INPUT, "cut");
  bytes[n - 100] ^= 4;
  write_plainly(temporary("changed"), bytes, n);
  check_failure(lb_sac_load(sac, temporary("changed")), LB_INPUT, "changed");
  free(bytes);
  lb_arena_free(arena);
}

// The lesser of the two critics at one observation and action.
static double lesser_value(lb_sac* sac, const double* obs, double action) {
  lb_real x[(NOBS + NACT) * LB_NN_PAD] = {0};
  for (int i = 0; i < NOBS; i++) x[i * LB_NN_PAD] = (lb_real)obs[i];
  x[NOBS * LB_NN_PAD] = (lb_real)action;
  double q0 = (double)lb_net_forward(sac->critics, 0, sac->critic_tape[0], x, 1)[0];
  double q1 = (double)lb_net_forward(sac->critics, 1, sac->critic_tape[1], x, 1)[0];
  return fmin(q0, q1);
}

// Many at once, across the capacity of the tapes, are the same as one at a time, sampled or not; values but for the
// last bit: some processors' matrix products add up in another order where there are more columns.
static void test_acting(void** state) {
  (void)state;
  enum { MANY = 3 * BATCH + 5 };
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small();
  lb_sac* sac = lb_sac_new(&config, &rng, arena);
  const double rounding = 1e-6;
  double obs[MANY * NOBS], many[MANY], sampled[MANY], one, v[MANY];
  lb_rng_normals(&rng, obs, MANY * NOBS);
  lb_policy policy = lb_sac_policy(sac);
  lb_value value = lb_sac_value(sac);
  assert_true(policy.nin == NOBS && policy.nu == NACT && policy.input == LB_READS_OBSERVATION);
  lb_policy_act(&policy, MANY, 0, obs, many);
  value.at(value.ctx, MANY, 0, obs, v);
  lb_rng first = lb_rng_stream(5, LB_RNG_TEST, 0, 0), second = first;
  lb_sac_act(sac, sampled, obs, MANY, &first);
  double spread = 0;
  for (int i = 0; i < MANY; i++) {
    lb_policy_act(&policy, 1, 0, obs + i * NOBS, &one);
    assert_true(one == many[i] && fabs(one) < 1);
    lb_sac_act(sac, &one, obs + i * NOBS, 1, &second);
    assert_true(one == sampled[i] && fabs(one) <= 1);
    spread += fabs(one - many[i]) / MANY;
    value.at(value.ctx, 1, 0, obs + i * NOBS, &one);
    assert_true(one == lesser_value(sac, obs + i * NOBS, many[i]));
    assert_true(fabs(one - v[i]) < rounding);
  }
  assert_true(spread > 0.1);
  lb_arena_free(arena);
}

// Asking for values and their derivatives between updates changes nothing.
static void test_values_leave_the_learner_alone(void** state) {
  (void)state;
  enum { MANY = BATCH + 3 };
  char* bytes[2];
  size_t n[2];
  for (int asked = 0; asked < 2; asked++) {
    lb_arena* arena = lb_arena_new(0);
    lb_ring ring;
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0), other = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
    lb_sac_config config = small();
    double obs[MANY * NOBS], v[MANY], dv[MANY * NOBS];
    lb_sac* sac = lb_sac_new(&config, &rng, arena);
    lb_value value = lb_sac_value(sac);
    fill(&ring, 1, arena);
    lb_rng_normals(&other, obs, MANY * NOBS);
    for (int i = 0; i < 5; i++) {
      train(sac, &ring, 1, &rng);
      if (asked) value.slope(value.ctx, MANY, 0, obs, v, dv);
    }
    assert_ok(lb_sac_save(sac, temporary("asked")));
    assert_ok(lb_file_read(temporary("asked"), &bytes[asked], &n[asked]));
    lb_arena_free(arena);
  }
  assert_true(n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0);
  free(bytes[0]);
  free(bytes[1]);
}

static void test_it_says_what_broke(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_ring ring;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small();
  lb_sac_report report;
  lb_sac* sac = lb_sac_new(&config, &rng, arena);
  fill(&ring, 1, arena);
  train(sac, &ring, 3, &rng);
  assert_ok(lb_sac_save(sac, temporary("before")));
  ring.data[7 * ring.width + lb_transitions_reward(NOBS, NACT)] = NAN;
  lb_transitions batch = lb_ring_view(&ring, NULL, BATCH);
  lb_sac_update(sac, &report, &batch, NULL, &rng);
  assert_string_equal(report.broken, "critics");
  assert_int_equal(report.updates, 3);
  assert_ok(lb_sac_save(sac, temporary("after")));
  char *a, *b;
  size_t na, nb;
  assert_ok(lb_file_read(temporary("before"), &a, &na));
  assert_ok(lb_file_read(temporary("after"), &b, &nb));
  assert_true(na == nb && memcmp(a, b, na) == 0);
  free(a);
  free(b);
  lb_arena_free(arena);
}

// Both optimisers see gradients that are no longer than the limit, and with none they see longer ones.
static void test_clipping(void** state) {
  (void)state;
  const double limit = 1e-3;
  for (int clipped = 0; clipped < 2; clipped++) {
    lb_arena* arena = lb_arena_new(0);
    lb_ring ring;
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
    lb_sac_config config = small();
    config.clip = clipped ? limit : 0;
    fill(&ring, 1, arena);
    lb_sac* sac = lb_sac_new(&config, &rng, arena);
    train(sac, &ring, 1, &rng);
    // After one step the first moment is a tenth of the gradient.
    double actor = 10 * lb_adam_norm(sac->actor_adam.m, sac->actor_adam.count);
    double critics = 10 * lb_adam_norm(sac->critic_adam.m, sac->critic_adam.count);
    if (clipped) {
      assert_near(actor, limit, 1e-6);
      assert_near(critics, limit, 1e-6);
    } else {
      assert_true(actor > 2 * limit && critics > 2 * limit);
    }
    lb_arena_free(arena);
  }
}

// Each update draws two of ten critics for its targets, all pairs alike: where critic i says i everywhere, the target
// is the lesser of two numbers drawn without replacement from 0..9, i with probability (9 - i) / 45.
static void test_targets_are_a_random_subset_s(void** state) {
  (void)state;
  enum { CRITICS = 10, DRAWS = 3000 };
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small();
  config.critics = CRITICS;
  config.target_critics = 2;
  config.tau = 0;
  config.gamma = 1;
  config.alpha = 1e-9;
  config.learn_alpha = false;
  config.batch = 1;
  config.width = 4;
  lb_sac* sac = lb_sac_new(&config, &rng, arena);
  memset(sac->targets->theta, 0, (size_t)sac->targets->count * sizeof *sac->targets->theta);
  for (int i = 0; i < CRITICS; i++) sac->targets->theta[lb_net_layer(sac->targets, i, 2).biases] = (lb_real)i;
  float row[2 * NOBS + NACT + 2] = {0};
  lb_transitions batch = {.n = 1, .nobs = NOBS, .nact = NACT, .data = row};
  int counts[CRITICS] = {0};
  for (int u = 0; u < DRAWS; u++) {
    lb_sac_report report;
    lb_sac_update(sac, &report, &batch, NULL, &rng);
    int which = (int)lround((double)sac->y[0]);
    assert_true(which >= 0 && which < CRITICS && fabs((double)sac->y[0] - which) < 1e-3);
    counts[which] += 1;
  }
  for (int i = 0; i < CRITICS; i++) {
    double p = (9 - i) / 45.0;
    assert_near((double)counts[i] / DRAWS, p, 5 * sqrt(p * (1 - p) / DRAWS) + 1e-12);
  }
  lb_arena_free(arena);
}

// The average is what its definition gives; actor and temperature learn with every third update of the critics alone.
static void test_average_and_the_actor_s_pace(void** state) {
  (void)state;
  enum { UPDATES = 30, EVERY = 3 };
  lb_arena* arena = lb_arena_new(0);
  lb_ring ring;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small();
  config.average = 0.1;
  config.actor_every = EVERY;
  fill(&ring, 1, arena);
  lb_sac* sac = lb_sac_new(&config, &rng, arena);
  long count;
  const lb_real *actor = lb_sac_actor_weights(sac, &count), *average = lb_sac_average_weights(sac);
  double* mean = LB_TAKE(arena, double, count);
  lb_real* before = LB_TAKE(arena, lb_real, count);
  for (long i = 0; i < count; i++) mean[i] = (double)actor[i];
  for (int u = 1; u <= UPDATES; u++) {
    double alpha = lb_sac_alpha(sac);
    memcpy(before, actor, (size_t)count * sizeof *before);
    train(sac, &ring, 1, &rng);
    bool moved = memcmp(before, actor, (size_t)count * sizeof *before) != 0;
    assert_true(moved == (u % EVERY == 0) && moved == (alpha < lb_sac_alpha(sac) || alpha > lb_sac_alpha(sac)));
    for (long i = 0; i < count && moved; i++) mean[i] += 0.1 * ((double)actor[i] - mean[i]);
  }
  for (long i = 0; i < count; i++) assert_near((double)average[i], mean[i], 1e-6);
  assert_memory_not_equal(average, actor, (size_t)count * sizeof *actor);
  lb_arena_free(arena);
}

// The learner of RLPD learns as SAC does, and goes on from a file to the same bits; its file is no other learner's.
static void test_many_critics(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_ring ring;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0), other = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  lb_sac_config config = small(), plain = small();
  config.critics = 6;
  config.target_critics = 2;
  config.layer_norm = true;
  config.mean_value = true;
  config.average = 0.05;
  config.alpha = 0.01;
  config.learn_alpha = false;
  fill(&ring, 1, arena);
  lb_sac *sac = lb_sac_new(&config, &rng, arena), *resumed = lb_sac_new(&config, &other, arena);
  train(sac, &ring, 1200, &rng);
  double error = 0, v;
  for (int i = 0; i < 200; i++) {
    const float* s = ring.data + (long)i * ring.width;
    double obs[NOBS] = {(double)s[0], (double)s[1]}, a;
    lb_sac_act(sac, &a, obs, 1, NULL);
    error += fabs(a - best_action(s)) / 200;
    lb_value value = lb_sac_value(sac);
    value.at(value.ctx, 1, 0, obs, &v);
    assert_near(v, 0, 0.1);
  }
  assert_true(error < 0.06);
  assert_ok(lb_sac_save(sac, temporary("half")));
  assert_ok(lb_sac_load(resumed, temporary("half")));
  other = rng;
  train(sac, &ring, 20, &rng);
  train(resumed, &ring, 20, &other);
  assert_memory_equal(sac->critics->theta, resumed->critics->theta, (size_t)sac->critics->count * sizeof(lb_real));
  assert_memory_equal(sac->average, resumed->average, (size_t)sac->actor->count * sizeof(lb_real));
  lb_sac* twin = lb_sac_new(&plain, &other, arena);
  check_failure(lb_sac_load(twin, temporary("half")), LB_INPUT, "half|$.critics|6|2");
  config.layer_norm = false;
  check_failure(lb_sac_load(lb_sac_new(&config, &other, arena), temporary("half")), LB_INPUT, "half|$.layer_norm");
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_it_learns),
      cmocka_unit_test(test_temperature_follows_the_entropy),
      cmocka_unit_test(test_it_goes_on_from_a_file_to_the_same_bits),
      cmocka_unit_test(test_wrong_files_are_refused),
      cmocka_unit_test(test_acting),
      cmocka_unit_test(test_clipping),
      cmocka_unit_test(test_targets_are_a_random_subset_s),
      cmocka_unit_test(test_average_and_the_actor_s_pace),
      cmocka_unit_test(test_many_critics),
      cmocka_unit_test(test_values_leave_the_learner_alone),
      cmocka_unit_test(test_it_says_what_broke),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
