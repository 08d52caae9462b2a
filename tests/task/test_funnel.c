// The funnel's stored reference: a trajectory of the task's own map, sideways, nose to the centre; made anew it is the
// same.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "phys/map.h"
#include "task/funnel.h"
#include "task/mujoco_system.h"
#include "task_fixture.h"

enum { NX = 13, N = 12, NU = 4 };

static void it_is_a_trajectory(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-funnel");
  const lb_trajectory* r = system->reference;
  double next[NX], defect[N], worst = 0;
  assert_int_equal(r->length, system->horizon);
  for (int t = 0; t < r->length; ++t) {
    lb_dynamics_step(system->truth, 1, &t, r->x + t * NX, r->u + t * NU, next);
    lb_space_difference(&system->space, defect, r->x + (t + 1) * NX, next);
    for (int i = 0; i < N; ++i) worst = fmax(worst, fabs(defect[i]));
  }
  assert_true(worst < 1e-8);
  // Tracking it without noise costs nothing but rounding, all the way round.
  system->reset(system->self, NULL);
  for (int t = 0; t < 20; ++t)
    assert_true(lb_system_step(system, LB_STEP_EVALUATION, r->u + t * NU, NULL).reward > -1e-12);
  lb_system_free(system);
}

static void it_is_a_funnel(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-funnel");
  const lb_trajectory* r = system->reference;
  for (int t = 0; t <= r->length; ++t) {
    const double *x = r->x + t * NX, *q = x + 3;
    double angle = 2 * acos(-1.0) * t / r->length;
    assert_true(fabs(x[0] - 5 * cos(angle)) < 1e-12 && fabs(x[1] - 5 * sin(angle)) < 1e-12 && x[2] == 0);
    // The nose (body x in world axes), seen from above, points from where it is to the origin.
    double nose[2] = {1 - 2 * (q[2] * q[2] + q[3] * q[3]), 2 * (q[1] * q[2] + q[0] * q[3])};
    assert_true(fabs(nose[0] * x[1] - nose[1] * x[0]) < 1e-9 && nose[0] * x[0] + nose[1] * x[1] < -4);
    // The velocity is along the tangent, level, and of one turn in the horizon.
    double speed = 2 * acos(-1.0) * 5 / (r->length * system->dt);
    assert_true(fabs(x[7] * x[0] + x[8] * x[1]) < 1e-6 && fabs(x[9]) < 1e-6);
    assert_true(fabs(hypot(x[7], x[8]) - speed) < 1e-3);
    for (int i = 0; i < NU; ++i) assert_true(r->u[i] == r->u[(t < r->length ? t : 0) * NU + i] && fabs(r->u[i]) < 1);
  }
  // Moderate: it leans by less than 30 degrees.
  const double* q = r->x + 3;
  assert_true(1 - 2 * (q[1] * q[1] + q[2] * q[2]) > cos(30 * acos(-1.0) / 180));
  lb_system_free(system);
}

static void solving_again_gives_the_stored_file(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-funnel");
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  lb_phys_rate rate = lb_task_spec_rate(spec);
  lb_funnel_config config = lb_funnel_default_config();
  lb_funnel_report report;
  lb_trajectory again;
  lb_arena* arena = lb_arena_new(0);
  assert_ok(lb_funnel_reference(&again, &report, arena, spec->model, &rate, &config));
  assert_int_equal(again.length, system->horizon);
  assert_true(report.residual < 1e-12);
  for (int i = 0; i < (again.length + 1) * NX; ++i) assert_true(fabs(again.x[i] - system->reference->x[i]) < 1e-9);
  for (int i = 0; i < again.length * NU; ++i) assert_true(fabs(again.u[i] - system->reference->u[i]) < 1e-9);
  lb_arena_free(arena);
  lb_system_free(system);
}

static void what_has_no_funnel(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-funnel");
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  lb_phys_rate rate = lb_task_spec_rate(spec);
  lb_funnel_config config = lb_funnel_default_config();
  lb_funnel_report report;
  lb_trajectory out;
  lb_arena* arena = lb_arena_new(0);
  config.iterations = 1;
  check_failure(lb_funnel_reference(&out, &report, arena, spec->model, &rate, &config), LB_DIVERGED,
                "no funnel of radius 5 m found: residual");
  rate.nu = 3;
  check_failure(lb_funnel_reference(&out, &report, arena, spec->model, &rate, &config), LB_INPUT,
                "model.xml: a funnel needs one body on a free joint and four controls");
  lb_arena_free(arena);
  lb_system_free(system);
}

// Both tasks fly the same helicopter.
static void the_helicopter_is_the_hovering_one(void** state) {
  (void)state;
  lb_system *hover = open_task("helicopter-hover"), *funnel = open_task("helicopter-funnel");
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  double x[NX], u[NU], a[NX], b[NX];
  for (int trial = 0; trial < 50; ++trial) {
    draw_state(&hover->space, &rng, x, hover->reference->x, 1.5);
    draw(&rng, u, NU, 2);
    lb_dynamics_step(hover->truth, 1, NULL, x, u, a);
    lb_dynamics_step(funnel->truth, 1, NULL, x, u, b);
    assert_memory_equal(a, b, sizeof a);
  }
  lb_system_free(hover);
  lb_system_free(funnel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(it_is_a_trajectory),
      simulated_test(it_is_a_funnel),
      simulated_test(solving_again_gives_the_stored_file),
      simulated_test(what_has_no_funnel),
      simulated_test(the_helicopter_is_the_hovering_one),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
