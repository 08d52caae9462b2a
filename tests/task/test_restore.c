// Rewards from observations alone, against those that the real system gave for the same steps: exact where everything
// that they read is observed, and to second order in the step where a position enters by its change and only its
// velocity is seen. Which tasks allow it is a list.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../io/temporary.h"
#include "core/system.h"
#include "task/task.h"

enum { MOST_X = 64, MOST_OBS = 400, MOST_U = 32, STEPS = 400 };

static lb_system* open_task(const char* name) {
  lb_system* s;
  lb_status status = lb_task_open(&s, LB_SOURCE_DIR "/models", name);
  assert_string_equal(status.text, "");
  assert_true(s->space.nx <= MOST_X && s->nobs <= MOST_OBS && s->nu <= MOST_U);
  return s;
}

// The largest difference between real and restored reward over random steps, and the rewards' own range.
typedef struct gap {
  double largest, mean, range;
} gap;

static gap measure(lb_system* s) {
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  double before[MOST_OBS], after[MOST_OBS], u[MOST_U], x[MOST_X], x_next[MOST_X], told;
  double low = INFINITY, high = -INFINITY;
  gap g = {0, 0, 0};
  s->reset(s->self, &rng);
  for (int t = 0; t < STEPS; ++t) {
    for (int i = 0; i < s->nu; ++i) u[i] = s->u_low[i] + lb_rng_uniform(&rng) * (s->u_high[i] - s->u_low[i]);
    s->observe(s->self, before);
    lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
    s->observe(s->self, after);
    s->restore(s->self, x, 1, before);
    s->restore_next(s->self, x_next, x, 1, after);
    s->imagine(s->self, &(lb_imagined){.reward = &told}, 1, x, u, x_next);
    g.largest = fmax(g.largest, fabs(told - outcome.reward));
    g.mean += fabs(told - outcome.reward) / STEPS;
    low = fmin(low, outcome.reward);
    high = fmax(high, outcome.reward);
    if (outcome.terminated || outcome.truncated) s->reset(s->self, &rng);
  }
  g.range = high - low;
  return g;
}

static void rewards_come_back_from_observations(void** state) {
  (void)state;
  static const struct {
    const char* task;
    double mean;  // at most this share of the range
  } rows[] = {{"pendulum-swingup", 1e-12},
              {"cartpole-swingup", 1e-12},
              {"pointmaze-large", 1e-12},
              {"serpentine", 1e-12},
              {"ball-and-beam", 1e-12},
              {"inverted-pendulum", 1e-12},
              {"inverted-double-pendulum", 1e-4},  // its tip is read one physics step late
              {"reacher", 1e-4},                   // so is its fingertip
              {"hopper", 0.002},
              {"walker2d", 0.005},
              {"halfcheetah", 0.05},
              {"swimmer", 0.01}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_system* s = open_task(rows[i].task);
    assert_non_null(s->restore_next);
    gap g = measure(s);
    print_message("%s: mean %.2g, largest %.2g of a range of %.3g\n", rows[i].task, g.mean, g.largest, g.range);
    assert_true(g.mean <= rows[i].mean * fmax(g.range, 1e-6));
    lb_system_free(s);
  }
}

// Contact forces depend on all of the state; a coordinate that is left out is part of it.
static void some_rewards_are_not_observed(void** state) {
  (void)state;
  static const char* const tasks[] = {"ant", "ant-truncated", "humanoid", "humanoid-truncated"};
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks; ++i) {
    lb_system* s = open_task(tasks[i]);
    assert_null(s->restore_next);
    lb_system_free(s);
  }
}

// A wheel without friction, spun up by a motor: some ten turns in an episode.
static const char wheel[] =
    "<mujoco><option timestep='0.02' gravity='0 0 0'/><worldbody><body name='rim'><joint name='hub' axis='0 0 1' %s/>"
    "<geom name='spoke' type='capsule' fromto='0 0 0 0.5 0 0' size='0.05' mass='1'/></body></worldbody>"
    "<actuator><motor name='motor' joint='hub' ctrlrange='-1 1' ctrllimited='true'/></actuator>"
    "<sensor><jointpos joint='hub'/></sensor></mujoco>";

static const char sine_and_cosine[] =
    "{\"signal\": \"qpos\", \"function\": \"sin\"}, {\"signal\": \"qpos\", \"function\": \"cos\"}";

static const char* of_joint = "";

// The task of the wheel with this observation, reward and condition ("": none).
static lb_system* open_wheel(const char* observation, const char* reward, const char* healthy) {
  char text[2000], model[1000];
  lb_system* s;
  snprintf(
      text, sizeof text,
      "{\"name\": \"wheel\", \"version\": 1, \"description\": \"spin\", \"model\": \"model.xml\", "
      "\"frame_skip\": 2, \"horizon\": 200, \"controls\": [\"motor\"], \"reset\": {\"qvel\": [{\"uniform\": 30}]}, "
      "\"observation\": [%s], \"reward\": [%s]%s%s%s}",
      observation, reward, *healthy ? ", \"healthy\": [" : "", healthy, *healthy ? "]" : "");
  assert_ok(lb_folder_make(temporary("models/wheel")));
  write_plainly(temporary("models/wheel/task.json"), text, strlen(text));
  snprintf(model, sizeof model, wheel, of_joint);
  write_plainly(temporary("models/wheel/model.xml"), model, strlen(model));
  lb_status status = lb_task_open(&s, temporary("models"), "wheel");
  assert_string_equal(status.text, "");
  return s;
}

#define RATE "{\"signal\": \"qpos\", \"read\": \"rate\", \"weight\": 1}"
#define CHANGE "{\"signal\": \"qpos\", \"minus\": 2, \"read\": \"change\", \"weight\": 3}"
#define RATES ", {\"signal\": \"qvel\"}"

// The change of an angle that winds, from its sine and cosine: exact where both are seen, to second order where only
// the velocity is. Up to 30 rad/s of 0.04 s a step: more than a turn in six steps.
static void angles_wind(void** state) {
  (void)state;
  static const struct {
    const char *observation, *reward;
    double largest;
  } rows[] = {{"{\"signal\": \"qpos\", \"function\": \"sin\"}, {\"signal\": \"qpos\", \"function\": \"cos\"}" RATES,
               RATE, 1e-10},
              {"{\"signal\": \"qpos\", \"function\": \"sin\"}, {\"signal\": \"qpos\", \"function\": \"cos\"}" RATES,
               CHANGE ", {\"signal\": \"geom_xpos\", \"of\": \"spoke\", \"components\": [0], \"weight\": 0}", 1e-10},
              {"{\"signal\": \"qvel\"}", RATE, 0.2}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_system* s = open_wheel(rows[i].observation, rows[i].reward, "");
    assert_non_null(s->restore_next);
    gap g = measure(s);
    print_message("row %d: largest %.2g of a range of %.3g\n", (int)i, g.largest, g.range);
    assert_true(g.largest <= rows[i].largest && g.range > 1);
    lb_system_free(s);
  }
}

// What a whole turn changes is not told from sine and cosine.
static void what_a_turn_changes_is_not_observed(void** state) {
  (void)state;
  static const char* const rewards[] = {
      "{\"signal\": \"qpos\", \"weight\": 1}",
      "{\"signal\": \"qpos\", \"norm\": \"squared\", \"read\": \"rate\", \"weight\": 1}",
      "{\"signal\": \"qpos\", \"function\": \"tanh\", \"weight\": 1}",
      "{\"signal\": \"xquat\", \"of\": \"rim\", \"norm\": \"sum\", \"weight\": 1}",
      "{\"signal\": \"sensordata\", \"weight\": 1}"};
  char observation[300];
  snprintf(observation, sizeof observation, "%s" RATES, sine_and_cosine);
  for (size_t i = 0; i < sizeof rewards / sizeof *rewards; ++i) {
    lb_system* s = open_wheel(observation, rewards[i], "");
    assert_null(s->restore_next);
    lb_system_free(s);
  }
  // Without the velocity, nor is the change; the clipped sine is no sine.
  lb_system* s = open_wheel(sine_and_cosine, RATE, "");
  assert_null(s->restore_next);
  lb_system_free(s);
  s = open_wheel(
      "{\"signal\": \"qpos\", \"function\": \"sin\", \"clip\": [-0.5, 0.5]}, "
      "{\"signal\": \"qpos\", \"function\": \"cos\"}" RATES,
      "{\"signal\": \"qpos\", \"function\": \"sin\", \"weight\": 1}", "");
  assert_null(s->restore_next);
  lb_system_free(s);
}

// A force knows how often the wheel has turned only where something counts it.
static void forces_and_turns(void** state) {
  (void)state;
  static const struct {
    const char* joint;
    bool told;
  } rows[] = {{"damping='1'", true}, {"stiffness='1'", false}, {"range='-900 900' limited='true'", false}};
  static const char* const rewards[] = {"{\"signal\": \"qacc\", \"weight\": 1}",
                                        "{\"signal\": \"qfrc_passive\", \"weight\": 1}"};
  char observation[300];
  snprintf(observation, sizeof observation, "%s" RATES, sine_and_cosine);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    of_joint = rows[i].joint;
    for (int k = 0; k < 2; ++k) {
      lb_system* s = open_wheel(observation, rewards[k], "");
      assert_true((s->restore_next != NULL) == rows[i].told);
      lb_system_free(s);
    }
  }
  of_joint = "";
}

static void conditions_on_angles(void** state) {
  (void)state;
  static const struct {
    const char* within;
    bool decided;
  } rows[] = {{"[-1, 1]", true},    {"[-1.5, 1.6]", true}, {"[0.5, 3]", true}, {"[-3, 3]", false},
              {"[-10, 10]", false}, {"[null, 1]", false},  {"[2, 4]", false}};
  char observation[300], healthy[200];
  snprintf(observation, sizeof observation, "%s" RATES, sine_and_cosine);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    snprintf(healthy, sizeof healthy, "{\"signal\": \"qpos\", \"within\": %s}", rows[i].within);
    lb_system* s = open_wheel(observation, RATE, healthy);
    assert_true(s->has_end && (s->restore != NULL) == rows[i].decided);
    lb_system_free(s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rewards_come_back_from_observations),
      cmocka_unit_test(some_rewards_are_not_observed),
      cmocka_unit_test(angles_wind),
      cmocka_unit_test(what_a_turn_changes_is_not_observed),
      cmocka_unit_test(forces_and_turns),
      cmocka_unit_test(conditions_on_angles),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
