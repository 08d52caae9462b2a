// The MuJoCo helicopter is the paper's helicopter: its accelerations, its noise, and how well one control step
// integrates them (the choice of RK4 at 0.05 s; numbers in models/README.md).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <mujoco/mujoco.h>

#include "ned_helicopter.h"
#include "phys/sim.h"
#include "task/mujoco_system.h"
#include "task_fixture.h"

enum { NX = 13, NV = 6, NU = 4 };

// A random attitude of any kind, velocity, rates and controls.
static void draw_flight(lb_rng* rng, double* x, double* u, double velocity, double rate, double angle, double control) {
  double axis[3], half = 0.5 * angle * lb_rng_uniform(rng), norm = 0;
  lb_rng_normals(rng, axis, 3);
  for (int i = 0; i < 3; ++i) norm += axis[i] * axis[i];
  draw(rng, x, 3, 1);
  x[3] = cos(half);
  for (int i = 0; i < 3; ++i) x[4 + i] = sin(half) * axis[i] / sqrt(norm);
  draw(rng, x + 7, 3, velocity);
  draw(rng, x + 10, 3, rate);
  draw(rng, u, NU, control);
}

static void accelerations_are_the_papers(void** state) {
  (void)state;
  static const char* const tasks[] = {"helicopter-hover", "helicopter-funnel"};
  for (int k = 0; k < 2; ++k) {
    lb_system* system = open_task(tasks[k]);
    lb_phys_sim* sim = lb_mujoco_system_sim(system);
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
    double x[NX], u[NU], got[NV], dv[3], dw[3], moved = 0;
    for (int trial = 0; trial < 500; ++trial) {
      draw_flight(&rng, x, u, 5, 5, 6.2, 10);
      lb_phys_sim_set(sim, x);
      lb_phys_sim_acceleration(sim, got, u);
      ned_state s = ned_from_model(x);
      ned_acceleration(dv, dw, &s, u, ned_truth, 0);
      for (int i = 0; i < 3; ++i) {
        double flip = i == 0 ? 1 : -1;
        assert_true(fabs(got[i] - flip * dv[i]) < 1e-9);
        assert_true(fabs(got[3 + i] - flip * dw[i]) < 1e-9);
        moved = fmax(moved, fabs(dw[i]));
      }
    }
    assert_true(moved > 100);
    lb_system_free(system);
  }
}

// Beyond its limits a control acts as at the limit.
static void controls_are_limited(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  double at[NU] = {100, -100, 100, -100}, beyond[NU] = {150, -1e6, 101, -200}, x[2][NX];
  for (int i = 0; i < NU; ++i) assert_true(system->u_low[i] == -100 && system->u_high[i] == 100);
  for (int k = 0; k < 2; ++k) {
    system->reset(system->self, NULL);
    lb_outcome outcome = lb_system_step(system, LB_STEP_EVALUATION, k ? beyond : at, NULL);
    assert_false(outcome.diverged);
    assert_true(fabs(outcome.reward + (k ? 0.5 * (150.0 * 150 + 1e12 + 101 * 101 + 200 * 200) : 20000)) < 1e-3);
    system->get_state(system->self, x[k]);
  }
  assert_memory_equal(x[0], x[1], sizeof x[0]);
  lb_system_free(system);
}

// From rest at hover a wrench (F, T) over a step h changes v by F h / m, and w by T (1 - exp(-d h / I)) / d.
static void noise_is_a_wrench_of_the_stated_size(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  double u[NU] = {0}, x[NX], damping[3] = {1.041, 0.918, 0.774};
  assert_int_equal(system->nw, 6);
  for (int i = 0; i < 6; ++i) {
    double w[6] = {0};
    w[i] = 1.5;
    system->reset(system->self, NULL);
    lb_system_step(system, LB_STEP_EVALUATION, u, w);
    system->get_state(system->self, x);
    double h = 0.05, d = i < 3 ? 0 : damping[i - 3];
    double want = i < 3 ? 1.5 * 0.1 * h / 5 : 1.5 * 0.1 * (1 - exp(-d * h / 0.3)) / d;
    // Drag and the coupling of tilt into velocity are of second order here.
    assert_true(fabs(x[7 + i] - want) < 1e-2 * want);
    for (int j = 0; j < 6; ++j) assert_true(j == i || fabs(x[7 + j]) < 0.1 * want);
  }
  lb_system_free(system);
}

// Force in world axes, torque in body axes, whatever the attitude.
static void noise_knows_its_axes(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  double x[NX], u[NU], calm[NX], next[NX], w[6];
  for (int trial = 0; trial < 50; ++trial) {
    draw_flight(&rng, x, u, 1, 0, 6, 1);
    draw(&rng, w, 6, 2);
    for (int i = 0; i < NU; ++i) u[i] = 0;
    system->set_state(system->self, x, 0);
    lb_system_step(system, LB_STEP_EVALUATION, u, NULL);
    system->get_state(system->self, calm);
    system->set_state(system->self, x, 0);
    lb_system_step(system, LB_STEP_EVALUATION, u, w);
    system->get_state(system->self, next);
    for (int i = 0; i < 3; ++i) {
      assert_true(fabs(next[7 + i] - calm[7 + i] - 0.05 * 0.1 * w[i] / 5) < 6e-4);  // tilt by the torque adds some
      assert_true(fabs(next[10 + i] - calm[10 + i] - 0.05 * 0.1 * w[3 + i] / 0.3) < 0.1 * 0.05 * 0.1 * 2 / 0.3);
    }
  }
  lb_system_free(system);
}

// A control step of the task against the converged flow of the equations.
static void one_step_is_the_flow(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  double x[NX], u[NU], next[NX];
  for (int trial = 0; trial < 200; ++trial) {
    draw_flight(&rng, x, u, 2, 2, 1, 1);
    u[3] *= 0.1;
    lb_dynamics_step(system->truth, 1, NULL, x, u, next);
    ned_state got = ned_from_model(next), want = ned_flow(ned_from_model(x), u, ned_truth, 0.05, 100);
    assert_true(ned_distance(&got, &want) < 3e-5);
  }
  lb_system_free(system);
}

typedef struct envelope {
  double velocity, rate, angle, control;
} envelope;

// Around the controlled helicopter; and as far as a learner's rollout gets before it is stopped.
static const envelope regulated = {0.5, 0.5, 0.3, 0.3}, excursion = {2, 2, 1, 1};

// The largest deviations in v (m/s) and w (rad/s) after 0.05 s, over 300 states, of MuJoCo's integrator at timestep h.
static void measure(double* dv, double* dw, const lb_phys_model* model, envelope e, int integrator, double h) {
  mjModel* m = mj_copyModel(NULL, lb_phys_model_raw(model));
  m->opt.integrator = integrator;
  m->opt.timestep = h;
  mjData* d = mj_makeData(m);
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  double x[NX], u[NU];
  *dv = *dw = 0;
  for (int trial = 0; trial < 300; ++trial) {
    draw_flight(&rng, x, u, e.velocity, e.rate, e.angle, e.control);
    u[3] *= 0.1;
    memcpy(d->qpos, x, 7 * sizeof *x);
    memcpy(d->qvel, x + 7, 6 * sizeof *x);
    memcpy(d->ctrl, u, sizeof u);
    for (int i = 0; i < (int)lround(0.05 / h); ++i) mj_step(m, d);
    ned_state want = ned_flow(ned_from_model(x), u, ned_truth, 0.05, 100);
    for (int i = 0; i < 3; ++i) {
      double flip = i == 0 ? 1 : -1;
      *dv = fmax(*dv, fabs(d->qvel[i] - flip * want.v[i]));
      *dw = fmax(*dw, fabs(d->qvel[3 + i] - flip * want.w[i]));
    }
  }
  mj_deleteData(d);
  mj_deleteModel(m);
}

// The rule that chose the integrator: at most a tenth of the one-step noise (0.001 m/s, 1/60 rad/s), the cheapest that
// keeps it. Euler, cheaper at 0.05 s and as dear at 0.0125 s, does not; RK4 at 0.05 s does, with room to spare.
static void the_integrator_was_chosen_by_this(void** state) {
  (void)state;
  const double v_allowed = 0.1 * 0.001, w_allowed = 0.1 / 60;
  lb_system* system = open_task("helicopter-hover");
  const lb_phys_model* model = lb_mujoco_system_spec(system)->model;
  const mjModel* raw = lb_phys_model_raw(model);
  double dv, dw;
  assert_int_equal(raw->opt.integrator, mjINT_RK4);
  assert_true(raw->opt.timestep == 0.05 && system->dt == 0.05);
  measure(&dv, &dw, model, regulated, mjINT_RK4, 0.05);
  assert_true(dv < 0.05 * v_allowed && dw < 0.05 * w_allowed);
  measure(&dv, &dw, model, excursion, mjINT_RK4, 0.05);
  assert_true(dv < v_allowed && dw < w_allowed);
  static const struct {
    int integrator;
    double timestep;
  } refused[] = {{mjINT_EULER, 0.05}, {mjINT_EULER, 0.025}, {mjINT_EULER, 0.0125}, {mjINT_IMPLICITFAST, 0.05}};
  for (int i = 0; i < 4; ++i) {
    measure(&dv, &dw, model, regulated, refused[i].integrator, refused[i].timestep);
    assert_true(dv > 10 * v_allowed && dw > w_allowed);
  }
  lb_system_free(system);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(accelerations_are_the_papers),
      simulated_test(controls_are_limited),
      simulated_test(noise_is_a_wrench_of_the_stated_size),
      simulated_test(noise_knows_its_axes),
      simulated_test(one_step_is_the_flow),
      simulated_test(the_integrator_was_chosen_by_this),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
