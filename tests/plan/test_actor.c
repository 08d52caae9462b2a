// The actor by itself: it acts alike one at a time and many at once, from a file, widened, and to and from soft
// actor-critic; what is no policy for the task is refused in words.
#include "plan/actor.h"

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
#include "../nn/fill.h"
#include "../support/near.h"
#include "plan/actor_private.h"
#include "plan/sac_private.h"

enum { NOBS = 5, NACT = 2, BATCH = 16, MANY = 3 * BATCH + 5, WIDE = 19 };

static const double low[NACT] = {-2, 0.5}, high[NACT] = {4, 0.75};
static const lb_net_task task = {"hopper", "00112233445566778899"};

typedef struct fixture {
  lb_arena* arena;
  lb_rng rng;
  lb_actor_config config;
  lb_actor* actor;
  double obs[MANY * NOBS];
  lb_real x[NOBS];
} fixture;

// An actor with random weights, biases and normalizer, and observations that the latter brings near 1.
static void make(fixture* f) {
  *f = (fixture){.arena = lb_arena_new(0), .rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0)};
  f->config = lb_actor_default_config(NOBS, NACT);
  f->config.width = 33;
  f->config.batch = BATCH;
  f->actor = lb_actor_new(&f->config, &f->rng, f->arena);
  fill_net(&f->rng, f->actor->net, 0.3);
  lb_rng_normals(&f->rng, f->obs, MANY * NOBS);
  for (int i = 0; i < NOBS; i++) {
    double mean = 3 * lb_rng_normal(&f->rng), deviation = 0.1 + 2 * lb_rng_uniform(&f->rng);
    f->actor->normalizer.mean[i] = (lb_real)mean;
    f->actor->normalizer.scale[i] = (lb_real)(1 / deviation);
    for (int j = 0; j < MANY; j++) f->obs[j * NOBS + i] = mean + deviation * f->obs[j * NOBS + i];
  }
}

// The mean action by plain loops in double precision.
static double plain_action(fixture* f, int j, int i) {
  const lb_normalizer* z = &f->actor->normalizer;
  for (int k = 0; k < NOBS; k++) f->x[k] = ((lb_real)f->obs[j * NOBS + k] - z->mean[k]) * z->scale[k];
  return tanh(plain_output(f->actor->net, 0, f->x, 1, 0, i));
}

static void test_acting(void** state) {
  (void)state;
  fixture f;
  double many[MANY * NACT], sampled[MANY * NACT], one[NACT], spread = 0, noise = 0;
  make(&f);
  lb_actor_act(f.actor, many, f.obs, MANY, NULL);
  lb_rng first = lb_rng_stream(5, LB_RNG_TEST, 0, 0), second = first;
  lb_actor_act(f.actor, sampled, f.obs, MANY, &first);
  for (int j = 0; j < MANY; j++) {
    lb_actor_act(f.actor, one, f.obs + j * NOBS, 1, NULL);
    assert_memory_equal(one, many + j * NACT, sizeof one);
    lb_actor_act(f.actor, one, f.obs + j * NOBS, 1, &second);
    assert_memory_equal(one, sampled + j * NACT, sizeof one);
    for (int i = 0; i < NACT; i++) {
      assert_near(many[j * NACT + i], plain_action(&f, j, i), 1e-5);
      assert_true(fabs(one[i]) <= 1);
      spread += fabs(many[j * NACT + i] - many[i]) / (MANY * NACT);
      noise += fabs(many[j * NACT + i] - one[i]) / (MANY * NACT);
    }
  }
  assert_true(spread > 0.1 && noise > 0.1);
  lb_arena_free(f.arena);
}

// The policy reaches the limits where the actor reaches 1, and leaves alone what has no limits.
static void test_policy_is_scaled(void** state) {
  (void)state;
  fixture f;
  double a[MANY * NACT], u[MANY * NACT], lows[NACT], highs[NACT] = {4, INFINITY};
  make(&f);
  memcpy(lows, low, sizeof low);
  f.config.u_low = lows;
  f.config.u_high = highs;
  lb_rng rng = lb_rng_stream(9, LB_RNG_TEST, 0, 0);
  lb_actor* actor = lb_actor_new(&f.config, &rng, f.arena);
  lows[0] = highs[0] = 17;  // the actor has copies
  lb_layer last = lb_net_layer(actor->net, 0, 2);

  lb_policy policy = lb_actor_policy(actor);
  assert_true(policy.nin == NOBS && policy.nu == NACT && policy.input == LB_READS_OBSERVATION);
  for (int sign = 1; sign >= -1; sign -= 2) {
    actor->net->theta[last.biases] = (lb_real)(sign * 40);
    lb_policy_act(&policy, MANY, 7, f.obs, u);
    lb_actor_act(actor, a, f.obs, MANY, NULL);
    for (int j = 0; j < MANY; j++) {
      assert_true(a[j * NACT] == sign && u[j * NACT] == (sign > 0 ? 4 : -2));
      assert_true(u[j * NACT + 1] == a[j * NACT + 1]);
    }
  }
  actor->net->theta[last.biases] = 0;
  lb_policy_act(&policy, MANY, 0, f.obs, u);
  lb_actor_act(actor, a, f.obs, MANY, NULL);
  for (int j = 0; j < MANY; j++) assert_near(u[j * NACT], -2 + 6 * (a[j * NACT] + 1) / 2, 1e-14);
  policy = lb_actor_policy(f.actor);
  lb_policy_act(&policy, MANY, 0, f.obs, u);
  lb_actor_act(f.actor, a, f.obs, MANY, NULL);
  assert_memory_equal(u, a, sizeof a);
  lb_arena_free(f.arena);
}

static void test_bits_come_back_from_a_file(void** state) {
  (void)state;
  fixture f;
  lb_actor* back;
  double a[MANY * NACT], b[MANY * NACT];
  make(&f);
  lb_actor_config config = lb_actor_default_config(NOBS, NACT);  // other layers: the file's count
  config.u_low = low;
  config.u_high = high;
  assert_ok(lb_actor_save(f.actor, temporary("p"), &task, "{\"by\": \"a test\"}"));
  assert_ok(lb_actor_load(&back, temporary("p"), &task, &config, f.arena));
  const lb_actor_config* c = lb_actor_config_of(back);
  assert_true(c->width == 33 && c->hidden == 2 && c->batch == 256 && c->nobs == NOBS && c->nact == NACT);
  for (int sampled = 0; sampled < 2; sampled++) {
    lb_rng first = lb_rng_stream(5, LB_RNG_TEST, 0, 0), second = first;
    lb_actor_act(f.actor, a, f.obs, MANY, sampled ? &first : NULL);
    lb_actor_act(back, b, f.obs, MANY, sampled ? &second : NULL);
    assert_memory_equal(a, b, sizeof a);
  }
  lb_actor_act(f.actor, a, f.obs, MANY, NULL);
  lb_policy policy = lb_actor_policy(back);
  lb_policy_act(&policy, MANY, 0, f.obs, b);
  for (int j = 0; j < MANY; j++) assert_near(b[j * NACT + 1], 0.625 + 0.125 * a[j * NACT + 1], 1e-15);
  lb_arena_free(f.arena);
}

static lb_status load(fixture* f, const char* name, const lb_net_task* wanted, int nobs, int nact) {
  lb_actor_config config = lb_actor_default_config(nobs, nact);
  lb_actor* none;
  return lb_actor_load(&none, temporary(name), wanted, &config, f->arena);
}

static void save_net(fixture* f, const char* name, const char* kind, lb_net_shape shape) {
  lb_normalizer z;
  lb_normalizer_init(&z, shape.inputs, f->arena);
  assert_ok(lb_net_file_save(temporary(name), kind, &task, lb_net_new(&shape, f->arena), &z, "{}"));
}

static void test_what_is_no_policy_for_the_task_is_refused(void** state) {
  (void)state;
  fixture f;
  make(&f);
  lb_net_task ant = {"ant", task.hash}, changed = {task.name, "ffff2233445566778899"};
  assert_ok(lb_actor_save(f.actor, temporary("p"), &task, "{}"));
  check_failure(load(&f, "p", &ant, NOBS, NACT), LB_INPUT, "p:|the task 'hopper', not for 'ant'");
  check_failure(
      load(&f, "p", &changed, NOBS, NACT), LB_INPUT,
      "p:|another version of hopper|001122334455,|ffff22334455)|make it anew with 'bench expert hopper --fresh'");
  check_failure(load(&f, "p", &task, NOBS + 1, NACT), LB_INPUT, "p:|5 inputs to 4 outputs|has 6|name a file");
  check_failure(load(&f, "p", &task, NOBS, 3), LB_INPUT, "p:|5 inputs to 4 outputs|and 6|3 actions|name a file");
  check_failure(load(&f, "none", &task, NOBS, NACT), LB_INPUT, "none");
  lb_net_shape sound = {1, NOBS, 2 * NACT, 1, WIDE, LB_RELU, false};
  save_net(&f, "sound", "policy", sound);
  assert_ok(load(&f, "sound", &task, NOBS, NACT));
  save_net(&f, "kind", "dynamics", sound);
  check_failure(load(&f, "kind", &task, NOBS, NACT), LB_INPUT, "kind:|'dynamics'|'policy'");
  save_net(&f, "two", "policy", (lb_net_shape){2, NOBS, 2 * NACT, 1, WIDE, LB_RELU, false});
  check_failure(load(&f, "two", &task, NOBS, NACT), LB_INPUT, "two:|not one net of ReLU layers");
  save_net(&f, "silu", "policy", (lb_net_shape){1, NOBS, 2 * NACT, 1, WIDE, LB_SILU, false});
  check_failure(load(&f, "silu", &task, NOBS, NACT), LB_INPUT, "silu:|not one net of ReLU layers");
  save_net(&f, "norm", "policy", (lb_net_shape){1, NOBS, 2 * NACT, 1, WIDE, LB_RELU, true});
  check_failure(load(&f, "norm", &task, NOBS, NACT), LB_INPUT, "norm:|not one net of ReLU layers");
  save_net(&f, "huge", "policy", (lb_net_shape){1, NOBS, 2 * NACT, 1, 8193, LB_RELU, false});
  check_failure(load(&f, "huge", &task, NOBS, NACT), LB_INPUT, "huge:|at most 8192");
  lb_net* bare = lb_net_new(&sound, f.arena);
  assert_ok(lb_net_file_save(temporary("bare"), "policy", &task, bare, NULL, "{}"));
  check_failure(load(&f, "bare", &task, NOBS, NACT), LB_INPUT, "bare:|normalizer");
  f.actor->normalizer.scale[2] = INFINITY;
  assert_ok(lb_actor_save(f.actor, temporary("inf"), &task, "{}"));
  check_failure(load(&f, "inf", &task, NOBS, NACT), LB_INPUT, "inf:|normalizer.scale|entry 2");
  lb_arena_free(f.arena);
}

// Every cut of a file and every changed byte is refused, and leaves nothing behind in the arena.
static void test_damage_is_refused(void** state) {
  (void)state;
  fixture f;
  char* bytes;
  size_t n;
  make(&f);
  assert_ok(lb_actor_save(f.actor, temporary("p"), &task, "{}"));
  assert_ok(lb_file_read(temporary("p"), &bytes, &n));
  size_t peak = 0;
  for (size_t at = 0; at < n; at += n / 23 + 1) {
    write_plainly(temporary("cut"), bytes, at);
    check_failure(load(&f, "cut", &task, NOBS, NACT), LB_INPUT, "cut");
    bytes[at] ^= 0x10;
    write_plainly(temporary("changed"), bytes, n);
    check_failure(load(&f, "changed", &task, NOBS, NACT), LB_INPUT, "changed");
    bytes[at] ^= 0x10;
    check_failure(load(&f, "p", &task, NOBS + 1, NACT), LB_INPUT, "p");
    if (peak == 0) peak = lb_arena_peak(f.arena);
    assert_true(lb_arena_peak(f.arena) == peak);
  }
  free(bytes);
  lb_arena_free(f.arena);
}

// Whatever stands in the further observations.
static void test_widened(void** state) {
  (void)state;
  fixture f;
  double wide[MANY * WIDE], a[MANY * NACT], b[MANY * NACT];
  make(&f);
  lb_rng_normals(&f.rng, wide, MANY * WIDE);
  for (int i = 0; i < MANY * NOBS; i++) wide[i / NOBS * WIDE + i % NOBS] = f.obs[i];
  lb_actor* actor = lb_actor_widen(f.actor, WIDE, f.arena);
  assert_int_equal(lb_actor_config_of(actor)->nobs, WIDE);
  for (int sampled = 0; sampled < 2; sampled++) {
    lb_rng first = lb_rng_stream(5, LB_RNG_TEST, 0, 0), second = first;
    lb_actor_act(f.actor, a, f.obs, MANY, sampled ? &first : NULL);
    lb_actor_act(actor, b, wide, MANY, sampled ? &second : NULL);
    assert_memory_equal(a, b, sizeof a);
  }
  lb_actor_act(lb_actor_widen(f.actor, NOBS, f.arena), b, f.obs, MANY, NULL);
  lb_actor_act(f.actor, a, f.obs, MANY, NULL);
  assert_memory_equal(a, b, sizeof a);
  lb_arena_free(f.arena);
}

static lb_sac* make_sac(fixture* f) {
  lb_sac_config config = lb_sac_default_config(NOBS, NACT);
  config.width = 33;
  config.batch = BATCH;
  lb_sac* sac = lb_sac_new(&config, &f->rng, f->arena);
  fill_net(&f->rng, sac->actor, 0.3);
  return sac;
}

static void update(lb_sac* sac, lb_rng* rng) {
  enum { WIDTH = 2 * NOBS + NACT + 2 };
  float rows[BATCH * WIDTH];
  lb_sac_report report;
  for (int i = 0; i < BATCH * WIDTH; i++) rows[i] = (float)lb_rng_uniform(rng);
  lb_transitions batch = {.n = BATCH, .nobs = NOBS, .nact = NACT, .data = rows};
  lb_sac_update(sac, &report, &batch, NULL, rng);
  assert_null(report.broken);
}

// The copy stays as it is when the learner goes on.
static void test_actor_of_a_learner(void** state) {
  (void)state;
  fixture f;
  double a[MANY * NACT], b[MANY * NACT], later[MANY * NACT];
  make(&f);
  lb_sac* sac = make_sac(&f);
  update(sac, &f.rng);
  lb_actor* actor = lb_sac_actor_copy(sac, low, high, f.arena);
  lb_rng first = lb_rng_stream(5, LB_RNG_TEST, 0, 0), second = first;
  lb_sac_act(sac, a, f.obs, MANY, &first);
  lb_actor_act(actor, b, f.obs, MANY, &second);
  assert_memory_equal(a, b, sizeof a);
  lb_sac_act(sac, a, f.obs, MANY, NULL);
  update(sac, &f.rng);
  lb_actor_act(actor, b, f.obs, MANY, NULL);
  assert_memory_equal(a, b, sizeof a);
  lb_sac_act(sac, later, f.obs, MANY, NULL);
  assert_memory_not_equal(a, later, sizeof a);
  lb_policy policy = lb_actor_policy(actor);
  lb_policy_act(&policy, MANY, 0, f.obs, b);
  for (int j = 0; j < MANY; j++) assert_near(b[j * NACT], 1 + 3 * a[j * NACT], 1e-14);
  lb_arena_free(f.arena);
}

// Sampled actions show that the log standard deviations came along.
static void test_learner_takes_an_actor(void** state) {
  (void)state;
  fixture f;
  double a[MANY * NACT], b[MANY * NACT];
  make(&f);
  lb_sac* sac = make_sac(&f);
  for (int i = 0; i < 3; i++) update(sac, &f.rng);
  assert_ok(lb_sac_actor_take(sac, f.actor));
  for (int sampled = 0; sampled < 2; sampled++) {
    lb_rng first = lb_rng_stream(5, LB_RNG_TEST, 0, 0), second = first;
    lb_actor_act(f.actor, a, f.obs, MANY, sampled ? &first : NULL);
    lb_sac_act(sac, b, f.obs, MANY, sampled ? &second : NULL);
    for (int i = 0; i < MANY * NACT; i++) assert_near(a[i], b[i], 2e-5);
  }
  // The optimiser does not remember the actor that was there before.
  assert_int_equal(sac->actor_adam.steps, 0);
  for (long i = 0; i < sac->actor->count; i++) assert_true(sac->actor_adam.m[i] == 0 && sac->actor_adam.v[i] == 0);
  assert_true(sac->critic_adam.steps == 3 && sac->updates == 3);
  // Without a normalizer there is no rounding either, and back again.
  lb_actor* copy = lb_sac_actor_copy(sac, NULL, NULL, f.arena);
  lb_sac* other = make_sac(&f);
  assert_ok(lb_sac_actor_take(other, copy));
  lb_sac_act(other, a, f.obs, MANY, NULL);
  lb_actor_act(copy, b, f.obs, MANY, NULL);
  assert_memory_equal(a, b, sizeof a);
  lb_arena_free(f.arena);
}

static void test_learner_refuses_other_shapes(void** state) {
  (void)state;
  fixture f;
  double a[MANY * NACT], b[MANY * NACT];
  make(&f);
  lb_sac* sac = make_sac(&f);
  lb_sac_act(sac, a, f.obs, MANY, NULL);
  f.config.width = 34;
  lb_actor* wider = lb_actor_new(&f.config, &f.rng, f.arena);
  check_failure(lb_sac_actor_take(sac, wider), LB_INPUT, "2 hidden layers of 34|2 of 33");
  check_failure(lb_sac_actor_take(sac, lb_actor_widen(f.actor, 6, f.arena)), LB_INPUT, "from 6 observations|has 5");
  lb_sac_act(sac, b, f.obs, MANY, NULL);
  assert_memory_equal(a, b, sizeof a);
  lb_arena_free(f.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_acting),
      cmocka_unit_test(test_policy_is_scaled),
      cmocka_unit_test(test_bits_come_back_from_a_file),
      cmocka_unit_test(test_what_is_no_policy_for_the_task_is_refused),
      cmocka_unit_test(test_damage_is_refused),
      cmocka_unit_test(test_widened),
      cmocka_unit_test(test_actor_of_a_learner),
      cmocka_unit_test(test_learner_takes_an_actor),
      cmocka_unit_test(test_learner_refuses_other_shapes),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
