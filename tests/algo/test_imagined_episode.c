// rollout.npz of a run: its real numbers are those of the first episode of the last evaluation under the policy that
// the run left, its model's those of the model that it left, step by step from that start; its error is what the header
// says of both.
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

#include "algo/policy_open.h"
#include "algo/run.h"
#include "eval/episode.h"
#include "io/run_rollout.h"
#include "run_support.h"
#include "task/task.h"

static char base[] = "/tmp/lb_imagined_XXXXXX";

static int set_up(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : -1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static void near(double a, double b) {
  if (!(fabs(a - b) <= 1e-9 * (1 + fabs(b)))) fail_msg("%.17g is not %.17g", a, b);
}

// The number of the state or observation that a name is of.
static int index_of(const lb_system* s, bool of_states, const char* name) {
  int i = 0;
  if (of_states) {
    assert_int_equal(sscanf(name, "state[%d]", &i), 1);
    return i;
  }
  while (strcmp(s->obs_names[i], name) != 0) assert_true(++i < s->nobs);
  return i;
}

// Compares with the episode that the files of the folder give.
static void compare(const char* folder, const char* task, int iteration, int steps, bool of_states) {
  enum { MOST = 64 };
  char models[400], policy_file[400];
  lb_system* s;
  lb_open_policy *policy, *learned;
  lb_run_rollout e;
  bool states;
  lb_arena* arena = lb_arena_new(0);
  snprintf(models, sizeof models, "%s/models", LB_SOURCE_DIR);
  snprintf(policy_file, sizeof policy_file, "%s/policy.safetensors", folder);
  assert_string_equal(lb_run_rollout_read(&e, folder, arena).text, "");
  assert_int_equal(e.steps, steps);
  assert_true(e.of_states == of_states);
  assert_int_equal(lb_task_open(&s, models, task).code, LB_OK);
  assert_string_equal(lb_policy_open(&policy, policy_file, LB_SOURCE_DIR, s).text, "");
  assert_string_equal(lb_policy_open_learned(&learned, folder, LB_SOURCE_DIR, s).text, "");
  const lb_dynamics* map = lb_policy_learned(learned, &states);
  assert_true(states == of_states);

  int n = of_states ? s->space.nx : s->nobs;
  assert_true(n <= MOST);
  double* x = LB_TAKE(arena, double, s->horizon* n);
  double* x_next = LB_TAKE(arena, double, s->horizon* n);
  double* u = LB_TAKE(arena, double, s->horizon * s->nu);
  lb_record record = {.u = u};
  *(of_states ? &record.x : &record.obs) = x;
  *(of_states ? &record.x_next : &record.obs_next) = x_next;
  lb_policy acting = lb_policy_of(policy);
  lb_rng rng = lb_rng_stream(7, LB_RNG_EVALUATION, (uint32_t)iteration, 0);
  lb_episode_run(s, &acting, LB_STEP_EVALUATION, &rng, LB_NO_EARLY_STOP, &record, arena);

  double *model = LB_TAKE(arena, double, (steps + 1) * n), mean[MOST] = {0}, square[MOST] = {0};
  memcpy(model, x, sizeof(double) * (size_t)n);
  for (int t = 0; t < steps; ++t) {
    double action[16];
    for (int i = 0; i < s->nu; ++i) {
      double within = fmin(s->u_high[i], fmax(s->u_low[i], u[t * s->nu + i]));
      action[i] = of_states ? within : 2 * (within - s->u_low[i]) / (s->u_high[i] - s->u_low[i]) - 1;
    }
    lb_dynamics_step(map, 1, &t, model + t * n, action, model + (t + 1) * n);
  }
  for (int t = 0; t <= steps; ++t) {
    const double* real = t == 0 ? x : x_next + (t - 1) * n;
    for (int i = 0; i < n; ++i) mean[i] += real[i] / (steps + 1);
    for (int i = 0; i < n; ++i) square[i] += real[i] * real[i] / (steps + 1);
    for (int k = 0; k < e.n; ++k) {
      int i = index_of(s, of_states, e.names[k]);
      near(e.real[t * e.n + k], real[i]);
      near(e.model[t * e.n + k], model[t * n + i]);
    }
  }
  for (int t = 0; t <= steps && !of_states; ++t) {  // all of the pendulum's numbers vary
    const double* real = t == 0 ? x : x_next + (t - 1) * n;
    double sum = 0;
    for (int i = 0; i < n; ++i) {
      sum += pow(model[t * n + i] - real[i], 2) / (square[i] - mean[i] * mean[i]) / n;
    }
    assert_true(fabs(e.error[t] - sqrt(sum)) <= 1e-6 * (1 + e.error[t]));
  }
  lb_policy_close(policy);
  lb_policy_close(learned);
  lb_system_free(s);
  lb_arena_free(arena);
}

static void of_states(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/states", base);
  lb_run_options o = run_of("helicopter-hover-2023", "lamps-2023", 7, folder);
  lb_protocol_put(&o.protocol, "iterations", 3);
  lb_protocol_put(&o.protocol, "evaluation_rollouts", 2);
  assert_string_equal(lb_run(&o).text, "");
  compare(folder, "helicopter-hover-2023", 3, 100, true);
}

static void of_observations(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/observations", base);
  lb_run_options o = run_of("pendulum-swingup", "mbpo", 7, folder);
  static const struct {
    const char* name;
    double value;
  } small[] = {{"steps", 300},         {"warmup_steps", 200}, {"evaluate_every", 100}, {"fit_every", 100},
               {"width", 16},          {"batch", 16},         {"updates_per_step", 1}, {"model_width", 16},
               {"model_updates", 200}, {"model_batch", 16},   {"model_members", 2},    {"model_elites", 1},
               {"imagined_kept", 100}, {"buffer", 400},       {"imagined_per_step", 5}};
  for (size_t i = 0; i < sizeof small / sizeof *small; ++i) lb_protocol_put(&o.protocol, small[i].name, small[i].value);
  assert_string_equal(lb_run(&o).text, "");
  compare(folder, "pendulum-swingup", 300, LB_RUN_ROLLOUT_STEPS, false);
}

// A row without a model leaves none.
static void nothing_learned_nothing_left(void** state) {
  (void)state;
  char folder[200], path[300];
  snprintf(folder, sizeof folder, "%s/expert", base);
  lb_run_options o = run_of("helicopter-hover-2023", "expert", 7, folder);
  lb_protocol_put(&o.protocol, "evaluation_rollouts", 2);
  assert_string_equal(lb_run(&o).text, "");
  snprintf(path, sizeof path, "%s/%s", folder, LB_RUN_ROLLOUT);
  assert_false(lb_file_exists(path));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(of_states),
      cmocka_unit_test(of_observations),
      cmocka_unit_test(nothing_learned_nothing_left),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
