// The live simulation: control steps against closed forms, pushes, cold starts, divergence.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <mujoco/mujoco.h>
#include <stdlib.h>

#include "fixture.h"
#include "phys/sim.h"

static lb_phys_sim* open_it(const lb_phys_model* model, int frame_skip, int nu, const int* actuators) {
  lb_phys_sim* sim;
  lb_phys_rate rate = {.frame_skip = frame_skip, .nu = nu, .actuators = actuators};
  assert_ok(lb_phys_sim_new(&sim, model, &rate));
  return sim;
}

// MuJoCo's Euler without implicit damping: v' = v + h a(x, v, u), x' = x + h v'.
static void euler_step(double* x, const double* u) {
  static const double mass[2] = {2, 0.5}, k[2] = {3, 5}, c[2] = {0.7, 0.2}, gear[2] = {2, 1};
  for (int i = 0; i < 2; ++i) {
    double push = i == 0 ? fmax(-1, fmin(1, u[i])) : u[i];
    x[2 + i] += 0.01 * (gear[i] * push - k[i] * x[i] - c[i] * x[2 + i]) / mass[i];
    x[i] += 0.01 * x[2 + i];
  }
}

static void steps_are_the_integrators(void** state) {
  (void)state;
  static const int actuators[2] = {0, 1};
  lb_phys_model* model = load_text(SPRINGS("Euler"));
  lb_phys_sim* sim = open_it(model, 3, 2, actuators);
  double x[4] = {0.3, -0.2, 1, 0.5}, got[4], u[2];
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  lb_phys_sim_set(sim, x);
  for (int t = 0; t < 50; ++t) {
    draw(&rng, u, 2, 2);  // the first is limited to [-1, 1]
    assert_true(lb_phys_sim_step(sim, u));
    for (int i = 0; i < 3; ++i) euler_step(x, u);
    lb_phys_sim_get(sim, got);
    for (int i = 0; i < 4; ++i) assert_true(fabs(got[i] - x[i]) < 1e-12);
  }
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

static void unnamed_actuators_stay_at_rest(void** state) {
  (void)state;
  static const int second[1] = {1};
  lb_phys_model* model = load_text(SPRINGS("Euler"));
  lb_phys_sim* sim = open_it(model, 1, 1, second);
  double x[4] = {0}, got[4], u[1] = {0.5}, both[2] = {0, 0.5};
  lb_phys_sim_set(sim, x);
  assert_true(lb_phys_sim_step(sim, u));
  euler_step(x, both);
  lb_phys_sim_get(sim, got);
  for (int i = 0; i < 4; ++i) assert_true(fabs(got[i] - x[i]) < 1e-15);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// A turned free body without gravity: a force changes v by F h / m, a torque in body axes changes w by T h / I.
static void pushes_act_for_one_step(void** state) {
  (void)state;
  lb_phys_model* model = load_text(
      "<mujoco><option timestep='0.1' gravity='0 0 0'/><worldbody><body name='b'><freejoint/>"
      "<inertial pos='0 0 0' mass='2' diaginertia='0.1 0.2 0.25'/></body></worldbody></mujoco>");
  lb_phys_sim* sim = open_it(model, 1, 0, NULL);
  double x[13] = {0}, got[13], force[3] = {1, 2, 3}, torque[3] = {0.1, -0.2, 0.3}, inertia[3] = {0.1, 0.2, 0.25};
  int body;
  assert_ok(lb_phys_model_find(model, &body, LB_PHYS_BODY, "b"));
  x[3] = cos(0.6), x[4] = 0.48 * sin(0.6), x[5] = 0.6 * sin(0.6), x[6] = 0.64 * sin(0.6);
  lb_phys_sim_set(sim, x);
  lb_phys_sim_push(sim, body, force, torque);
  assert_true(lb_phys_sim_step(sim, NULL));
  lb_phys_sim_get(sim, got);
  for (int i = 0; i < 3; ++i) {
    assert_true(fabs(got[7 + i] - 0.1 * force[i] / 2) < 1e-14);
    assert_true(fabs(got[10 + i] - 0.1 * torque[i] / inertia[i]) < 1e-14);
  }
  double before[3] = {got[7], got[8], got[9]};
  assert_true(lb_phys_sim_step(sim, NULL));
  lb_phys_sim_get(sim, got);
  for (int i = 0; i < 3; ++i) assert_true(got[7 + i] == before[i]);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// The torque on a link turns with the link, not with its parent.
static void pushes_know_the_attitude_of_links(void** state) {
  (void)state;
  lb_phys_model* model = load_text(
      "<mujoco><option timestep='0.1' gravity='0 0 0'/><worldbody><body><joint axis='1 0 0'/>"
      "<inertial pos='0 0 0' mass='1' diaginertia='1 1 1'/>"
      "<body name='link'><joint axis='0 0 1'/><inertial pos='0 0 0' mass='1' diaginertia='0.5 0.5 0.5'/></body></body>"
      "</worldbody></mujoco>");
  lb_phys_sim* sim = open_it(model, 1, 0, NULL);
  double x[4] = {0.7, 0, 0, 0}, got[4], force[3] = {0}, torque[3] = {0, 0, 2};
  int body;
  assert_ok(lb_phys_model_find(model, &body, LB_PHYS_BODY, "link"));
  lb_phys_sim_set(sim, x);
  lb_phys_sim_push(sim, body, force, torque);
  assert_true(lb_phys_sim_step(sim, NULL));
  lb_phys_sim_get(sim, got);
  assert_true(fabs(got[2]) < 1e-14 && fabs(got[3] - 0.1 * 2 / 0.5) < 1e-14);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// With contacts the solver's warm start is hidden state: a cold start forgets it.
static void a_step_after_set_depends_on_the_state_alone(void** state) {
  (void)state;
  lb_phys_model* model = load_text(
      "<mujoco><worldbody><geom type='plane' size='1 1 1'/><body pos='0 0 0.09'><freejoint/>"
      "<geom type='box' size='0.1 0.1 0.1'/></body></worldbody></mujoco>");
  lb_phys_sim* sim = open_it(model, 5, 0, NULL);
  double start[13], x[13], first[13], second[13];
  lb_phys_model_start(model, start);
  memcpy(x, start, sizeof x);
  x[10] = 1;
  lb_phys_sim_set(sim, x);
  assert_true(lb_phys_sim_step(sim, NULL));
  lb_phys_sim_get(sim, first);
  lb_phys_sim_set(sim, start);
  for (int i = 0; i < 20; ++i) assert_true(lb_phys_sim_step(sim, NULL));
  lb_phys_sim_set(sim, x);
  lb_phys_sim_get(sim, second);
  assert_memory_equal(x, second, sizeof x);
  assert_true(lb_phys_sim_step(sim, NULL));
  lb_phys_sim_get(sim, second);
  assert_memory_equal(first, second, sizeof first);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

static void divergence_is_a_value(void** state) {
  (void)state;
  static const int actuators[2] = {0, 1};
  lb_phys_model* model = load_text(SPRINGS("RK4"));
  lb_phys_sim* sim = open_it(model, 2, 2, actuators);
  double x[4] = {0, 0, 1e9, 0}, got[4], u[2] = {0, 0}, nan_control[2] = {0, NAN}, huge[2] = {0, 1e300};
  lb_phys_sim_set(sim, x);
  assert_true(lb_phys_sim_step(sim, u));
  x[2] = 1e11;
  lb_phys_sim_set(sim, x);
  assert_false(lb_phys_sim_step(sim, u));
  expect_warning("QVEL");
  lb_phys_sim_get(sim, got);
  for (int i = 0; i < 4; ++i) assert_true(isnan(got[i]));
  assert_false(lb_phys_sim_step(sim, u));
  x[2] = 0;
  lb_phys_sim_set(sim, x);
  assert_false(lb_phys_sim_step(sim, nan_control));
  lb_phys_sim_set(sim, x);
  assert_false(lb_phys_sim_step(sim, huge));
  x[1] = NAN;
  lb_phys_sim_set(sim, x);
  assert_false(lb_phys_sim_step(sim, u));
  expect_warning("QPOS");
  x[1] = 0;
  lb_phys_sim_set(sim, x);
  assert_true(lb_phys_sim_step(sim, u));
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// Everything that a step depends on, as MuJoCo lists it, at the keyframe and some steps after it.
static void a_keyframe_sets_all_that_mujoco_sets(void** state) {
  (void)state;
  static const int second[1] = {1};
  lb_phys_model* model = load_text(
      "<mujoco><worldbody><body name='hand' mocap='true' pos='0 0 1'/>"
      "<body name='load' pos='0 0 1'><freejoint/><geom size='0.05' mass='0.2'/></body>"
      "<body pos='0 1 1'><joint name='a' axis='0 1 0' damping='1'/><geom type='capsule' fromto='0 0 0 0.4 0 0' "
      "size='0.02'/><body pos='0.4 0 0'><joint name='b' axis='0 1 0' damping='1'/><geom type='capsule' fromto='0 0 0 "
      "0.4 0 0' size='0.02'/></body></body></worldbody><equality><weld body1='hand' body2='load'/></equality>"
      "<actuator><position joint='a' kp='200'/><intvelocity joint='b' kp='20' actrange='-1 1'/></actuator>"
      "<sensor><clock/></sensor><keyframe><key name='home' time='0.25' qpos='0.5 0 1.5 1 0 0 0 -0.6 1.2' "
      "qvel='0 0 0.1 0 0 0 1 0' act='0.3' ctrl='-0.6 0.4' mpos='0.5 0 1.5' mquat='1 1 0 0'/></keyframe></mujoco>");
  const mjModel* m = lb_phys_model_raw(model);
  lb_phys_rate rate = {.frame_skip = 3, .nu = 1, .actuators = second, .keyframe = "home"};
  lb_phys_sim* sim;
  mjData* plain = mj_makeData(m);
  double x[18], u[1] = {-0.2}, *mine, *theirs;
  int n = (int)mj_stateSize(m, mjSTATE_INTEGRATION);
  mine = calloc((size_t)n, sizeof *mine);
  theirs = calloc((size_t)n, sizeof *theirs);
  assert_ok(lb_phys_sim_new(&sim, model, &rate));
  assert_ok(lb_phys_model_keyframe(model, x, "home"));
  for (int again = 0; again < 2; ++again) {
    mj_resetDataKeyframe(m, plain, 0);
    mj_forward(m, plain);
    assert_true(lb_phys_sim_begin(sim, x, 0));
    for (int t = 0; t < 4; ++t) {
      mj_getState(m, plain, theirs, mjSTATE_INTEGRATION);
      mj_getState(m, lb_phys_sim_raw(sim), mine, mjSTATE_INTEGRATION);
      assert_memory_equal(mine, theirs, (size_t)n * sizeof *mine);
      plain->ctrl[1] = u[0];
      for (int i = 0; i < 3; ++i) mj_step(m, plain);
      assert_true(lb_phys_sim_step(sim, u));
    }
  }
  // Taken up again at time 4, its clock tells what it told.
  double seconds = lb_phys_sim_raw(sim)->time;
  lb_phys_sim_get(sim, x);
  assert_true(lb_phys_sim_begin(sim, x, 4));
  assert_true(lb_phys_sim_raw(sim)->time == seconds && lb_phys_sim_raw(sim)->sensordata[0] == seconds);
  free(mine);
  free(theirs);
  mj_deleteData(plain);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// Memory for contacts that is too small: MuJoCo raises an error inside the step, and the process lives on.
static void a_step_that_mujoco_gives_up(void** state) {
  (void)state;
  lb_phys_model* model = load_text(
      "<mujoco><size memory='8K'/><worldbody><geom type='plane' size='1 1 1'/><body pos='0 0 0.05'><freejoint/>"
      "<geom type='box' size='0.1 0.1 0.1'/></body></worldbody></mujoco>");
  lb_phys_sim* sim = open_it(model, 1, 0, NULL);
  double x[13];
  lb_phys_model_start(model, x);
  lb_phys_sim_set(sim, x);
  assert_false(lb_phys_sim_step(sim, NULL));
  lb_phys_sim_set(sim, x);
  lb_phys_sim_get(sim, x);
  assert_true(fabs(x[2] - 0.05) < 1e-15);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(steps_are_the_integrators),
      simulated_test(unnamed_actuators_stay_at_rest),
      simulated_test(pushes_act_for_one_step),
      simulated_test(pushes_know_the_attitude_of_links),
      simulated_test(a_step_after_set_depends_on_the_state_alone),
      simulated_test(divergence_is_a_value),
      simulated_test(a_keyframe_sets_all_that_mujoco_sets),
      simulated_test(a_step_that_mujoco_gives_up),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
