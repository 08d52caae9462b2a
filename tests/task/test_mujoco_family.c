// A task's parameters: the true member is the true map, and a changed member follows the paper's equations with the
// parameter changed there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>

#include "ned_helicopter.h"
#include "task_fixture.h"

enum { NX = 13, NU = 4, STATES = 20 };

static void the_prior_is_the_papers(void** state) {
  (void)state;
  static const char* const tasks[] = {"helicopter-hover", "helicopter-funnel"};
  for (int k = 0; k < 2; ++k) {
    lb_system* system = open_task(tasks[k]);
    const lb_family* f = system->family;
    assert_int_equal(f->nparam, NED_NPARAM);
    for (int i = 0; i < NED_NPARAM; ++i) {
      assert_true(f->truth[i] == ned_sign[i] * ned_truth[i]);
      assert_true(f->prior_low[i] == (ned_sign[i] > 0 ? 0 : -1) && f->prior_high[i] == (ned_sign[i] > 0 ? 1 : 0));
    }
    lb_system_free(system);
  }
}

static void the_true_member_is_the_true_map(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  const lb_family* f = system->family;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  double x[STATES * NX], u[STATES * NU], want[STATES * NX], got[STATES * NX];
  for (int i = 0; i < STATES; ++i) draw_state(&system->space, &rng, x + i * NX, system->reference->x, 1);
  draw(&rng, u, STATES * NU, 1);
  void* member = f->member_new(f->ctx);
  assert_non_null(member);
  lb_dynamics_step(system->truth, STATES, NULL, x, u, want);
  f->step(member, STATES, NULL, x, u, got);
  assert_memory_equal(got, want, sizeof want);
  double theta[NED_NPARAM];
  memcpy(theta, f->truth, sizeof theta);
  theta[0] = 6;
  assert_true(f->member_set(member, theta));
  f->step(member, STATES, NULL, x, u, got);
  assert_memory_not_equal(got, want, sizeof want);
  assert_true(f->member_set(member, f->truth));
  f->step(member, STATES, NULL, x, u, got);
  assert_memory_equal(got, want, sizeof want);
  for (int s = 0; s < LB_STEP_SOURCES; ++s) assert_int_equal(system->ledger.steps[s], 0);  // imagined, all of it
  f->member_free(member);
  lb_system_free(system);
}

// One parameter at a time, then all at once, drawn from the prior.
static void members_follow_the_equations(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  const lb_family* f = system->family;
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  void* member = f->member_new(f->ctx);
  for (int trial = 0; trial < 3 * (NED_NPARAM + 1); ++trial) {
    double theta[NED_NPARAM], paper[NED_NPARAM], x[NX], u[NU], next[NX], plain[NX];
    for (int i = 0; i < NED_NPARAM; ++i) {
      bool moved = trial / 3 == NED_NPARAM || trial / 3 == i;
      double range = f->prior_high[i] - f->prior_low[i];
      theta[i] = f->truth[i] + (moved ? f->prior_low[i] + range * lb_rng_uniform(&rng) : 0);
      paper[i] = ned_sign[i] * theta[i];
    }
    draw_state(&system->space, &rng, x, system->reference->x, 0.7);
    draw(&rng, u, NU, 0.7);
    u[3] *= 0.1;
    assert_true(f->member_set(member, theta));
    f->step(member, 1, NULL, x, u, next);
    lb_dynamics_step(system->truth, 1, NULL, x, u, plain);
    ned_state got = ned_from_model(next), before = ned_from_model(plain);
    ned_state want = ned_flow(ned_from_model(x), u, paper, 0.05, 100);
    double off = ned_distance(&got, &want);
    if (!(off < 2e-5))
      fail_msg("parameter %d (%s): off by %g", trial / 3, trial / 3 < 20 ? f->names[trial / 3] : "all", off);
    assert_true(ned_distance(&got, &before) > 0);
  }
  f->member_free(member);
  lb_system_free(system);
}

static void members_linearize_as_the_truth_does(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-funnel");
  const lb_family* f = system->family;
  void* member = f->member_new(f->ctx);
  static double A[2][30 * 144], B[2][30 * 48];
  long evaluations = f->linearize(member, 30, NULL, system->reference->x, system->reference->u, A[0], B[0]);
  assert_int_equal(evaluations, 30 * 32);
  assert_int_equal(
      system->truth->linearize(system->truth->ctx, 30, NULL, system->reference->x, system->reference->u, A[1], B[1]),
      evaluations);
  assert_memory_equal(A[0], A[1], sizeof A[0]);
  assert_memory_equal(B[0], B[1], sizeof B[0]);
  f->member_free(member);
  lb_system_free(system);
}

static void some_parameters_have_no_member(void** state) {
  (void)state;
  lb_system* system = open_task("helicopter-hover");
  const lb_family* f = system->family;
  void* member = f->member_new(f->ctx);
  double theta[NED_NPARAM], x[NX] = {0, 0, 0, 1}, u[NU] = {0}, before[NX], after[NX];
  f->step(member, 1, NULL, x, u, before);
  static const struct {
    int index;
    double value;
  } bad[] = {{0, 0}, {0, -5}, {0, NAN}, {2, 0}, {3, -0.3}, {10, INFINITY}, {19, NAN}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    memcpy(theta, f->truth, sizeof theta);
    theta[16] = 1;
    theta[bad[i].index] = bad[i].value;
    assert_false(f->member_set(member, theta));
    f->step(member, 1, NULL, x, u, after);
    assert_memory_equal(before, after, sizeof before);
  }
  f->member_free(member);
  lb_system_free(system);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(the_prior_is_the_papers),        simulated_test(the_true_member_is_the_true_map),
      simulated_test(members_follow_the_equations),   simulated_test(members_linearize_as_the_truth_does),
      simulated_test(some_parameters_have_no_member),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
