// What a check of a task counts and measures, on two masses whose motion can be worked out by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "../support/near.h"
#include "task/check.h"
#include "task_fixture.h"

// An Euler step of 0.01 s adds u / 2 kg * 0.01 s to the velocity of the first; the second stays where it is.
static const char slides[] =
    "<mujoco><option timestep='0.01' gravity='0 0 0'/><worldbody>"
    "<body name='first'><joint name='a' type='slide' axis='1 0 0'/><geom size='0.1' mass='2'/></body>"
    "<body name='second' pos='0 1 0'><joint name='b' type='slide' axis='0 1 0'/><geom size='0.1' mass='0.5'/></body>"
    "</worldbody><actuator><motor name='ma' joint='a' ctrlrange='-4 2' ctrllimited='true'/></actuator></mujoco>";

static const char task[] =
    "{\"name\": \"toy\", \"version\": 1, \"description\": \"two masses\", \"model\": \"model.xml\", \"frame_skip\": 1,"
    " \"horizon\": 40, \"controls\": [\"ma\"], \"reward\": ["
    "{\"name\": \"place\", \"signal\": \"xpos\", \"of\": \"first\", \"components\": [0], \"weight\": 3},"
    "{\"name\": \"gain\", \"signal\": \"qpos\", \"of\": \"a\", \"read\": \"rate\", \"weight\": 1},"
    "{\"name\": \"still\", \"signal\": \"qpos\", \"of\": \"b\", \"weight\": 1}],"
    " \"healthy\": [{\"signal\": \"qpos\", \"of\": \"a\", \"within\": [-0.04, 10]}]}";

static void check_toy(lb_check* check, lb_arena* arena, int random, int zero) {
  char path[1024];
  assert_ok(lb_folder_make(temporary("models/toy")));
  lb_path_join(path, sizeof path, temporary("models/toy"), "model.xml");
  write_plainly(path, slides, strlen(slides));
  lb_path_join(path, sizeof path, temporary("models/toy"), "task.json");
  write_plainly(path, task, strlen(task));
  lb_check_config config = {.random_steps = random, .zero_steps = zero, .seed = 7};
  assert_ok(lb_check_run(check, arena, temporary("models"), "toy", &config));
}

static bool finds(const lb_check* check, lb_check_level level, const char* words) {
  for (int i = 0; i < check->nfinding; ++i) {
    if (check->findings[i].level == level && strstr(check->findings[i].what, words)) return true;
  }
  return false;
}

// The same steps by hand, from the same stream of controls.
static void test_steps_are_counted_and_measured(void** state) {
  (void)state;
  enum { STEPS = 600 };
  lb_arena* arena = lb_arena_new(0);
  lb_check check;
  check_toy(&check, arena, STEPS, 80);
  lb_rng rng = lb_rng_stream(7, LB_RNG_EVALUATION, 0, 0);
  double x = 0, v = 0, low = 0, high = 0, least = INFINITY, most = -INFINITY, gap = 0, mean = 0;
  int t = 0, begun = 1, ended = 0, timed_out = 0, shortest = 0;
  bool fresh = false;
  for (int i = 0; i < STEPS; ++i) {
    if (fresh) x = v = 0, t = 0, ++begun;
    double before = x, u = -4 + 6 * lb_rng_uniform(&rng);
    v += u / 2 * 0.01;
    x += v * 0.01;
    ++t;
    low = fmin(low, x), high = fmax(high, x);
    // MuJoCo computed the place of the body before it moved it.
    least = fmin(least, 3 * before), most = fmax(most, 3 * before);
    gap = fmax(gap, 3 * fabs(x - before));
    mean += (3 * before + (x - before) / 0.01) / STEPS;
    bool over = x < -0.04;
    ended += over;
    timed_out += !over && t == 40;
    if (over && (shortest == 0 || t < shortest)) shortest = t;
    fresh = over || t == 40;
  }
  assert_true(ended > 0 && timed_out > 0);
  assert_int_equal(check.random.steps, STEPS);
  assert_int_equal(check.random.begun, begun);
  assert_int_equal(check.random.terminated, ended);
  assert_int_equal(check.random.truncated, timed_out);
  assert_int_equal(check.random.shortest, shortest);
  assert_near(check.random.reward, mean, 1e-12);
  assert_int_equal(check.nobs, 4);
  assert_near(check.obs[0].low, low, 1e-12);
  assert_near(check.obs[0].high, high, 1e-12);
  assert_int_equal(check.nterm, 3);
  assert_near(check.terms[0].low, least, 1e-12);
  assert_near(check.terms[0].high, most, 1e-12);
  assert_near(check.states.reward, gap, 1e-12);
  assert_int_equal(check.states.ends, 0);
  assert_int_equal(check.zero.begun, 2);
  assert_int_equal(check.zero.truncated, 2);
  assert_int_equal(check.restarts, 20);
  assert_int_equal(check.unequal, 0);
  assert_int_equal(check.nerror, 0);
  assert_true(finds(&check, LB_CHECK_NOTE, "2 of 4 numbers of the observation never change, qpos of joint b first"));
  assert_true(finds(&check, LB_CHECK_NOTE, "the reward's term 'still' was 0 in every random step"));
  assert_false(finds(&check, LB_CHECK_NOTE, "no episode ever terminates"));
  lb_system_free((lb_system*)check.system);
  lb_arena_free(arena);
}

// What the numbers mean: each of these is an error or a warning, with a mend.
static void test_findings(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_check check;
  check_toy(&check, arena, 100, 10);
  check.unequal = 3, check.apart = 0.5;
  check.random.diverged = 2, check.random.begun = 4;
  check.obs[1].low = -5, check.obs[1].high = 5, check.obs[1].sd = 2000 * check.obs[0].sd;
  check.obs[0].sd = fmin(check.obs[0].sd, check.obs[2].sd);
  check.terms[1].low = -1, check.terms[1].high = 1e-2;
  check.terms[2].low = -1e-4, check.terms[2].high = 0;
  check.steps_per_second = 100;
  lb_check_find(&check, arena);
  assert_true(finds(&check, LB_CHECK_ERROR, "3 of 20 restarts"));
  assert_true(finds(&check, LB_CHECK_ERROR, "2 of 4 episodes with random controls left the finite numbers"));
  assert_true(finds(&check, LB_CHECK_WARNING, "the numbers of the observation differ by more than 1000 in scale"));
  assert_true(finds(&check, LB_CHECK_WARNING, "'still' is at most 0.0001, 'gain' up to 1"));
  assert_true(finds(&check, LB_CHECK_WARNING, "100 steps a second: a million take 2.8 hours"));
  assert_int_equal(check.nerror, 2);
  for (int i = 0; i < check.nfinding; ++i) assert_true(strlen(check.findings[i].mend) > 10);
  lb_system_free((lb_system*)check.system);
  lb_arena_free(arena);
}

// A servo whose limits were written in degrees.
static void test_servos_in_degrees_are_found(void** state) {
  (void)state;
  static const char* const ranges[] = {"-20 20", "-0.35 0.35", "-3 3"};
  static const char model[] =
      "<mujoco><worldbody><body><joint name='tilt' axis='0 1 0' range='-20 20' limited='true'/><geom size='0.1' "
      "mass='1'/></body></worldbody><actuator><position name='servo' joint='tilt' kp='5' ctrlrange='%s' "
      "ctrllimited='true'/></actuator></mujoco>";
  static const char task_of_it[] =
      "{\"name\": \"tilt\", \"version\": 1, \"description\": \"a servo\", \"model\": \"model.xml\", "
      "\"frame_skip\": 5, \"horizon\": 40, \"controls\": [\"servo\"], \"observation\": [{\"signal\": \"qpos\"}], "
      "\"reward\": [{\"name\": \"place\", \"signal\": \"qpos\", \"weight\": 1}]}";
  assert_ok(lb_folder_make(temporary("models/tilt")));
  for (int i = 0; i < 3; ++i) {
    char path[1024], text[600];
    lb_arena* arena = lb_arena_new(0);
    lb_check check;
    lb_path_join(path, sizeof path, temporary("models/tilt"), "model.xml");
    snprintf(text, sizeof text, model, ranges[i]);
    write_plainly(path, text, strlen(text));
    lb_path_join(path, sizeof path, temporary("models/tilt"), "task.json");
    write_plainly(path, task_of_it, strlen(task_of_it));
    lb_check_config config = {.random_steps = 60, .zero_steps = 10, .seed = 1};
    assert_ok(lb_check_run(&check, arena, temporary("models"), "tilt", &config));
    bool found = finds(&check, LB_CHECK_WARNING,
                       "control servo holds its joint at [-20, 20], which itself goes from "
                       "-0.349 to 0.349");
    assert_int_equal(found, i == 0);
    lb_system_free((lb_system*)check.system);
    lb_arena_free(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_steps_are_counted_and_measured),
      cmocka_unit_test(test_findings),
      cmocka_unit_test(test_servos_in_degrees_are_found),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
