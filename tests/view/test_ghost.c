// What a model imagines: the true map gives the real body, a map that stays where it is falls behind by what really
// moved, and of a model of observations the body is what observations determine.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "task/task.h"
#include "view/ghost.h"
#include "view/play.h"

enum { STEPS = 20 };

static const char models[] = LB_SOURCE_DIR "/models";

static void wave(void* ctx, int n, int t, const double* in, double* u) {
  (void)n;
  (void)in;
  const lb_system* s = ctx;
  for (int i = 0; i < s->nu; ++i) u[i] = 0.4 * sin(0.7 * t + i);
}

typedef struct pair {
  lb_system *system, *own;
  lb_play* play;
  const lb_play_moment* now;
} pair;

static pair open_pair(const char* task) {
  pair p = {0};
  assert_int_equal(lb_task_open(&p.system, models, task).code, LB_OK);
  assert_int_equal(lb_task_open(&p.own, models, task).code, LB_OK);
  lb_policy policy = {
      .input = LB_READS_STATE, .nin = p.system->space.nx, .nu = p.system->nu, .ctx = p.system, .act = wave};
  assert_int_equal(lb_play_new(&p.play, p.system, &policy, NULL, 3).code, LB_OK);
  p.now = lb_play_now(p.play);
  return p;
}

static void close_pair(pair* p) {
  lb_play_free(p->play);
  lb_system_free(p->system);
  lb_system_free(p->own);
}

static void the_true_map_is_the_real_body(void** state) {
  (void)state;
  pair p = open_pair("pendulum-swingup");
  lb_ghost* g;
  assert_int_equal(lb_ghost_new(&g, p.own->truth, true, p.own).code, LB_OK);
  assert_string_equal(lb_ghost_note(g), "");
  lb_ghost_anchor(g, p.now->x);
  double moved = 0;
  for (int t = 0; t < STEPS; ++t) {
    lb_play_step(p.play);
    lb_ghost_step(g, t, p.now->u, p.now->x);
    assert_true(lb_ghost_gap(g) < 1e-9);
    for (int i = 0; i < p.system->space.nx; ++i) assert_true(fabs(lb_ghost_state(g)[i] - p.now->x[i]) < 1e-9);
    moved += fabs(p.now->x[0]);
  }
  assert_true(moved > 0.01);
  lb_ghost_free(g);
  close_pair(&p);
}

// Everything stays as it is; what is not a number any more once it was asked ctx times.
static void stay(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  (void)u;
  int* left = ctx;
  assert_int_equal(n, 1);
  memcpy(x_next, x, 11 * sizeof *x);
  if (left && --*left < 0) x_next[3] = NAN;
}

static void stay_of_three(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)ctx;
  (void)t;
  (void)u;
  assert_int_equal(n, 1);
  memcpy(x_next, x, 3 * sizeof *x);
}

static void what_stays_falls_behind(void** state) {
  (void)state;
  pair p = open_pair("hopper");
  lb_ghost* g;
  lb_dynamics still = {.nu = p.own->nu, .step = stay};
  double start[16], obs[16], x0[16];
  assert_int_equal(p.system->nobs, 11);
  assert_int_equal(lb_ghost_new(&g, &still, false, p.own).code, LB_OK);
  assert_string_equal(lb_ghost_note(g), "");  // where the root is along the ground follows from its velocity
  for (int t = 0; t < 3; ++t) lb_play_step(p.play);
  memcpy(x0, p.now->x, 12 * sizeof *x0);
  lb_ghost_anchor(g, x0);
  assert_true(lb_ghost_gap(g) == 0);
  p.system->observe(p.system->self, start);
  for (int t = 0; t < 10; ++t) {
    lb_play_step(p.play);
    lb_ghost_step(g, 3 + t, p.now->u, p.now->x);
    p.system->observe(p.system->self, obs);
    double sum = 0;
    for (int i = 0; i < 11; ++i) sum += (obs[i] - start[i]) * (obs[i] - start[i]);
    assert_true(fabs(lb_ghost_gap(g) - sqrt(sum)) < 1e-12);
    const double* x = lb_ghost_state(g);
    // All but the root's place is as it was; that went on with the velocity that stays.
    assert_true(fabs(x[0] - (x0[0] + (t + 1) * p.system->dt * x0[6])) < 1e-12);
    for (int i = 1; i < 12; ++i) assert_true(fabs(x[i] - x0[i]) < 1e-12);
  }
  lb_ghost_free(g);
  close_pair(&p);
}

static void numbers_that_are_none_end_it(void** state) {
  (void)state;
  pair p = open_pair("hopper");
  lb_ghost* g;
  int left = 4;
  lb_dynamics still = {.nu = p.own->nu, .ctx = &left, .step = stay};
  assert_int_equal(lb_ghost_new(&g, &still, false, p.own).code, LB_OK);
  lb_ghost_anchor(g, p.now->x);
  for (int t = 0; t < 8; ++t) {
    lb_play_step(p.play);
    lb_ghost_step(g, t, p.now->u, p.now->x);
    assert_true((t < 4) == (isfinite(lb_ghost_gap(g)) != 0));
    for (int i = 0; i < p.system->space.nx; ++i) assert_true(isfinite(lb_ghost_state(g)[i]));
  }
  lb_ghost_free(g);
  close_pair(&p);
}

static const char arm[] =
    "<mujoco><option timestep='0.01'/><worldbody><body name='upper'><joint name='shoulder' axis='0 1 0'/>"
    "<geom type='capsule' size='0.03' fromto='0 0 0 0 0 -0.4'/><body name='lower' pos='0 0 -0.4'>"
    "<joint name='elbow' axis='0 1 0'/><geom type='capsule' size='0.03' fromto='0 0 0 0 0 -0.3'/></body></body>"
    "</worldbody><actuator><motor name='shoulder' joint='shoulder' ctrlrange='-1 1' ctrllimited='true'/></actuator>"
    "</mujoco>";
static const char task[] =
    "{\"name\": \"arm\", \"version\": 1, \"description\": \"an arm whose elbow is not seen\", \"model\": \"arm.xml\","
    " \"frame_skip\": 1, \"horizon\": 50, \"controls\": [\"shoulder\"],"
    " \"reset\": {\"qpos\": [{\"uniform\": 0.5}]},"
    " \"observation\": [{\"signal\": \"qpos\", \"of\": \"shoulder\"}, {\"signal\": \"qvel\"}],"
    " \"reward\": [{\"name\": \"still\", \"signal\": \"qvel\", \"norm\": \"squared\", \"weight\": -1}]}";

static void write_file(const char* folder, const char* name, const char* text) {
  char path[300];
  snprintf(path, sizeof path, "%s/arm/%s", folder, name);
  FILE* f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void what_is_not_observed_is_the_real_bodys(void** state) {
  (void)state;
  char folder[] = "/tmp/lb_ghost_XXXXXX", path[300];
  lb_system *system, *own;
  lb_ghost* g;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/arm", folder);
  assert_int_equal(lb_folder_make(path).code, LB_OK);
  write_file(folder, "arm.xml", arm);
  write_file(folder, "task.json", task);
  assert_int_equal(lb_task_open(&system, folder, "arm").code, LB_OK);
  assert_int_equal(lb_task_open(&own, folder, "arm").code, LB_OK);
  lb_dynamics still = {.nu = 1, .step = stay_of_three};
  assert_int_equal(lb_ghost_new(&g, &still, false, own).code, LB_OK);
  assert_string_equal(lb_ghost_note(g), "not observed, so the real body's: elbow");
  const double u[1] = {0.5}, before[4] = {0.1, 0.2, 0, 0}, after[4] = {0.3, 0.7, 1, 2};
  lb_ghost_anchor(g, before);
  lb_ghost_step(g, 0, u, after);
  const double wanted[4] = {0.1, 0.7, 0, 0};
  for (int i = 0; i < 4; ++i) assert_true(fabs(lb_ghost_state(g)[i] - wanted[i]) < 1e-12);
  assert_true(fabs(lb_ghost_gap(g) - sqrt(0.04 + 1 + 4)) < 1e-12);
  lb_ghost_free(g);
  lb_system_free(system);
  lb_system_free(own);
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_true_map_is_the_real_body),
      cmocka_unit_test(what_stays_falls_behind),
      cmocka_unit_test(numbers_that_are_none_end_it),
      cmocka_unit_test(what_is_not_observed_is_the_real_bodys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
