// What is said of a run beforehand against the run: accounts to the number, seconds within a factor, curves that grow.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "algo/forecast.h"
#include "algo/run.h"
#include "base/clock.h"
#include "io/file.h"
#include "model/model_kinds.h"
#include "run_support.h"
#include "task/task.h"

static char base[] = "/tmp/lb_forecast_XXXXXX";
static lb_forecaster* forecaster;

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(base));
  forecaster = lb_forecaster_new(LB_SOURCE_DIR);
  assert_non_null(forecaster);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_forecaster_free(forecaster);
  return lb_folder_remove(base).code;
}

// Numbers that do not divide each other, rollouts that grow, a ring for the mix that fills up.
static lb_protocol odd(void) {
  lb_protocol p = lb_protocol_default();
  lb_protocol_put(&p, "steps", 333);
  lb_protocol_put(&p, "warmup_steps", 61);
  lb_protocol_put(&p, "evaluate_every", 100);
  lb_protocol_put(&p, "evaluation_episodes", 2);
  lb_protocol_put(&p, "buffer", 500);
  lb_protocol_put(&p, "updates_per_step", 0.7);
  lb_protocol_put(&p, "hidden_layers", 1);
  lb_protocol_put(&p, "width", 16);
  lb_protocol_put(&p, "batch", 16);
  lb_protocol_put(&p, "fit_every", 50);
  lb_protocol_put(&p, "model_layers", 1);
  lb_protocol_put(&p, "model_width", 8);
  lb_protocol_put(&p, "model_members", 2);
  lb_protocol_put(&p, "model_elites", 1);
  lb_protocol_put(&p, "model_patience", 1);
  lb_protocol_put(&p, "model_updates", 7);
  lb_protocol_put(&p, "imagined_per_step", 3);
  lb_protocol_put(&p, "imagined_kept", 100);
  lb_protocol_put(&p, "rollout_last", 4);
  lb_protocol_put(&p, "rollout_from", 100);
  lb_protocol_put(&p, "rollout_to", 300);
  lb_protocol_put(&p, "plan_horizon", 3);
  lb_protocol_put(&p, "plan_iterations", 1);
  lb_protocol_put(&p, "plan_guesses", 1);
  return p;
}

// Runs it and returns the last line of its metrics (caller frees); *lines: how many there are, *seconds: CPU time.
static char* run(const char* task, const char* algo, const lb_protocol* p, int* lines, double* seconds) {
  char folder[200];
  snprintf(folder, sizeof folder, "%s/%s-%s", base, task, algo);
  lb_run_options o = run_of(task, algo, 0, folder);
  o.suite = "a suite";
  o.protocol = *p;
  double start = lb_cpu_seconds();
  lb_status status = lb_run(&o);
  *seconds = lb_cpu_seconds() - start;
  assert_string_equal(status.text, "");
  size_t n;
  char* text = slurp(folder, "metrics.jsonl", &n);
  *lines = 0;
  for (size_t i = 0; i < n; ++i) *lines += text[i] == '\n';
  text[n - 1] = '\0';
  size_t begin = n - 1;
  while (begin > 0 && text[begin - 1] != '\n') begin -= 1;
  memmove(text, text + begin, n - begin);  // with the end of the text
  return text;
}

// pendulum-swingup ends no episode early, neither a real nor an imagined one: everything is exact.
static void accounts_come_out_as_forecast(void** state) {
  (void)state;
  static const char* const algos[] = {"sac",
                                      "mbpo",
                                      "sysid-sac",
                                      "lamps-mm",
                                      "expert-only",
                                      "bc-sac",
                                      "sysid-ilqr",
                                      "sysid-ilqr-linear",
                                      "lamps-ilqr",
                                      "lamps-ilqr-linear",
                                      "lamps-ilqr-oracle",
                                      "rlpd",
                                      "sac-ln"};
  for (size_t i = 0; i < sizeof algos / sizeof *algos; ++i) {
    for (int variant = 0; variant < (i < 2 ? 3 : 1); ++variant) {
      lb_protocol p = odd();
      bool lazy = strncmp(algos[i], "lamps-ilqr", 10) == 0;
      if (lazy) lb_protocol_put(&p, "expert_transitions", 2000);
      if (variant == 1) lb_protocol_put(&p, "warmup_steps", 0);
      if (variant == 2) lb_protocol_put(&p, "evaluate_every", 111);  // divides the steps
      if (strcmp(algos[i], "sac-ln") == 0) lb_protocol_put(&p, "actor_average", 0.1);
      lb_forecast f;
      int lines;
      double seconds;
      lb_status status = lb_forecast_run(forecaster, &f, NULL, "pendulum-swingup", algos[i], &p);
      assert_string_equal(status.text, "");
      char* line = run("pendulum-swingup", algos[i], &p, &lines, &seconds);
      const lb_forecast_accounts* a = &f.accounts;
      bool model = strncmp(algos[i], "sac", 3) != 0 && strcmp(algos[i], "bc-sac") != 0 && strcmp(algos[i], "rlpd") != 0;
      assert_int_equal(a->real_steps, number_at(line, "steps_learner") + number_at(line, "steps_exploration"));
      assert_int_equal(a->gradient_updates, number_at(line, "gradient_updates"));
      assert_int_equal(a->evaluations, lines);
      assert_int_equal(a->evaluation_steps, number_at(line, "steps_evaluation"));
      assert_int_equal(a->fits, model ? (int)number_at(line, "fits") : 0);
      bool plans = lazy || strncmp(algos[i], "sysid-ilqr", 10) == 0;
      if (plans) {
        assert_int_equal(a->plans, number_at(line, "planner_calls"));
        assert_int_equal(a->plans_evaluation, number_at(line, "planner_calls_evaluation"));
      }
      if (lazy) {
        // Each step, and its derivatives: of the true system by 2 (3 + 1) steps more.
        int queries = strcmp(algos[i], "lamps-ilqr-oracle") == 0 ? 9 : 2;
        assert_int_equal(queries * 2000 * a->plans, number_at(line, "model_queries"));
      }
      assert_int_equal(a->imagined_steps, model && !plans ? (int)number_at(line, "model_queries") : 0);
      if (model) assert_true(a->described > 0 && a->described <= a->evaluations);
      free(line);
      char folder[200];
      snprintf(folder, sizeof folder, "%s/pendulum-swingup-%s", base, algos[i]);
      assert_int_equal(lb_folder_remove(folder).code, LB_OK);
    }
  }
}

// Whatever data a row has, and whatever it is fitted for, a fit takes the same number of updates; as is told
// beforehand.
static void a_fit_has_as_many_updates_as_asked_for(void** state) {
  (void)state;
  static const char* const algos[] = {"mbpo", "sysid-sac", "lamps-mm", "expert-only"};
  static const int wanted[] = {1, 20, 33};
  for (size_t i = 0; i < sizeof algos / sizeof *algos; ++i) {
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; ++k) {
      lb_protocol p = odd();
      lb_forecast f;
      lb_protocol_put(&p, "steps", 110);
      lb_protocol_put(&p, "warmup_steps", 100);
      lb_protocol_put(&p, "fit_every", 5);
      lb_protocol_put(&p, "model_updates", wanted[k]);
      int lines, each = k == 0 && strcmp(algos[i], "lamps-mm") == 0 ? 2 : wanted[k];  // one of either part at least
      double seconds;
      lb_status status = lb_forecast_run(forecaster, &f, NULL, "pendulum-swingup", algos[i], &p);
      assert_string_equal(status.text, "");
      char* line = run("pendulum-swingup", algos[i], &p, &lines, &seconds);
      assert_int_equal(number_at(line, "fits"), 3);
      assert_int_equal(number_at(line, "model_updates"), 3 * each);
      assert_int_equal((int)f.accounts.model_updates, 3 * each);
      free(line);
      char folder[200];
      snprintf(folder, sizeof folder, "%s/pendulum-swingup-%s", base, algos[i]);
      assert_int_equal(lb_folder_remove(folder).code, LB_OK);
    }
  }
}

// Where episodes end early the forecast is the most that there can be.
static void ends_make_it_less(void** state) {
  (void)state;
  lb_protocol p = odd();
  lb_forecast f;
  int lines;
  double seconds;
  assert_int_equal(lb_forecast_run(forecaster, &f, NULL, "hopper", "mbpo", &p).code, LB_OK);
  char* line = run("hopper", "mbpo", &p, &lines, &seconds);
  assert_int_equal(f.accounts.gradient_updates, number_at(line, "gradient_updates"));
  assert_int_equal(f.accounts.evaluations, lines);
  assert_true((double)f.accounts.imagined_steps >= number_at(line, "model_queries"));
  assert_true((double)f.accounts.evaluation_steps >= number_at(line, "steps_evaluation"));
  free(line);
}

static void references_and_iterations_are_told(void** state) {
  (void)state;
  lb_protocol p = lb_protocol_default();
  lb_forecast f, fewer;
  lb_protocol_put(&p, "evaluation_episodes", 3);
  lb_protocol_put(&p, "width", 16);
  assert_int_equal(lb_forecast_run(forecaster, &f, NULL, "hopper", "expert", &p).code, LB_OK);
  assert_int_equal(f.accounts.evaluation_steps, 3000);
  assert_int_equal(f.accounts.gradient_updates, 0);
  assert_int_equal(lb_forecast_run(forecaster, &f, NULL, "hopper", "bc", &p).code, LB_OK);
  assert_int_equal(f.accounts.fits, 3);  // on 1, 4 and all 10 episodes
  lb_protocol_put(&p, "expert_transitions", 2000);
  assert_int_equal(lb_forecast_run(forecaster, &fewer, NULL, "hopper", "bc", &p).code, LB_OK);
  assert_int_equal(fewer.accounts.fits, 1);
  assert_true(fewer.seconds < f.seconds);
  p = lb_protocol_default();
  assert_int_equal(lb_forecast_run(forecaster, &f, NULL, "helicopter-hover", "sysid", &p).code, LB_OK);
  assert_int_equal(f.accounts.evaluations, 21);
  assert_int_equal(f.accounts.evaluation_steps, 21 * 100 * 100);
  assert_int_equal(f.accounts.real_steps, 20 * 100);
  assert_int_equal(f.accounts.fits, 20);
  assert_int_equal(f.accounts.plans, 21);
  assert_true(isfinite(f.seconds) && f.seconds > 0);
  lb_status status = lb_forecast_run(forecaster, &f, NULL, "hopper", "no-such-row", &p);
  assert_int_equal(status.code, LB_INPUT);
}

// More of everything takes more memory, and a curve goes from 0 to 1 and never back.
static void memory_and_curves_make_sense(void** state) {
  (void)state;
  lb_protocol p = odd();
  lb_forecast small, large;
  double curve[LB_FORECAST_CURVE];
  assert_int_equal(lb_forecast_run(forecaster, &small, NULL, "hopper", "lamps", &p).code, LB_OK);
  // Paces are measured, also on a busy machine: with many updates a step there is no doubt what takes the time.
  lb_protocol busy = p;
  lb_protocol_put(&busy, "updates_per_step", 40);
  assert_int_equal(lb_forecast_run(forecaster, &large, curve, "hopper", "lamps", &busy).code, LB_OK);
  for (int i = 1; i < LB_FORECAST_CURVE; ++i) assert_true(curve[i] >= curve[i - 1]);
  assert_true(curve[0] < 0.2 && curve[LB_FORECAST_CURVE - 1] == 1);
  // Warming up is a fifth of the steps and takes next to nothing beside learning.
  assert_true(lb_forecast_at(curve, 60.0 / 333) < 0.5 * 60.0 / 333);
  assert_true(lb_forecast_at(NULL, 0.3) == 0.3 && lb_forecast_at(curve, 2) == 1);
  lb_protocol_put(&p, "imagined_kept", 100000);
  lb_protocol_put(&p, "imagined_per_step", 100);
  lb_protocol_put(&p, "steps", 30000);
  lb_protocol_put(&p, "buffer", 30000);
  assert_int_equal(lb_forecast_run(forecaster, &large, NULL, "hopper", "lamps", &p).code, LB_OK);
  double row = sizeof(float) * (2 * 11 + 3 + 2), rows = 30000 + 30000 + 4 * 100 * 29000.0;
  assert_true(large.bytes > small.bytes + row * rows);
  assert_true(large.bytes < 2 * row * rows);
}

// Paces are measured on this very machine in this very build, so that the bar holds in slow builds as well. A run of a
// second or so on a busy machine varies; a factor of three says that nothing was forgotten or counted twice.
static void seconds_come_out_about_as_forecast(void** state) {
  (void)state;
  lb_protocol p = lb_protocol_default();
  lb_protocol_put(&p, "steps", 900);
  lb_protocol_put(&p, "warmup_steps", 100);
  lb_protocol_put(&p, "evaluate_every", 300);
  lb_protocol_put(&p, "evaluation_episodes", 5);
  lb_protocol_put(&p, "updates_per_step", 1);
  lb_protocol_put(&p, "width", 64);
  lb_protocol_put(&p, "batch", 64);
  lb_forecast f;
  int lines;
  double seconds;
  assert_int_equal(lb_forecast_run(forecaster, &f, NULL, "halfcheetah", "sac", &p).code, LB_OK);
  free(run("halfcheetah", "sac", &p, &lines, &seconds));
  if (!(f.seconds < 3 * seconds && seconds < 3 * f.seconds)) {
    fail_msg("forecast %g s, taken %g s", f.seconds, seconds);
  }
}

// The same of iterations of rollouts, whose pace is that of a few of their own: twice the iterations, more than twice
// the learning, as the data grow.
static void iterations_come_out_about_as_forecast(void** state) {
  (void)state;
  static const char* const algos[] = {"lamps", "lamps-ltv"};
  static const int iterations[] = {10, 20};  // that either takes a second or so
  for (int i = 0; i < 2; ++i) {
    lb_protocol p = lb_protocol_default(), twice;
    lb_protocol_put(&p, "iterations", iterations[i]);
    lb_protocol_put(&p, "evaluation_rollouts", 2);
    lb_protocol_put(&p, "demonstrations", LB_DEMONSTRATIONS_FILE);
    twice = p;
    lb_protocol_put(&twice, "iterations", 2 * iterations[i]);
    lb_forecast f, more;
    double curve[LB_FORECAST_CURVE], seconds;
    int lines;
    assert_int_equal(lb_forecast_run(forecaster, &f, NULL, "helicopter-hover", algos[i], &p).code, LB_OK);
    assert_int_equal(lb_forecast_run(forecaster, &more, curve, "helicopter-hover", algos[i], &twice).code, LB_OK);
    free(run("helicopter-hover", algos[i], &p, &lines, &seconds));
    if (!(f.seconds < 3 * seconds && seconds < 3 * f.seconds)) {
      fail_msg("%s: forecast %g s, taken %g s", algos[i], f.seconds, seconds);
    }
    assert_true(more.seconds > f.seconds);
    for (int k = 1; k < LB_FORECAST_CURVE; ++k) assert_true(curve[k] >= curve[k - 1]);
    assert_true(curve[LB_FORECAST_CURVE - 1] == 1);
  }
  // What a run would be refused for is no forecast.
  lb_protocol p = lb_protocol_default();
  lb_forecast f;
  lb_protocol_put(&p, "demonstrations", LB_DEMONSTRATIONS_FILE);
  lb_protocol_put(&p, "expert_rollouts", 100000);
  assert_int_equal(lb_forecast_run(forecaster, &f, NULL, "helicopter-hover", "sysid", &p).code, LB_OK);
  assert_true(isnan(f.seconds));
}

// A transition held out takes a third of its share of a batch: forward alone, without backward.
static void judging_is_paced_by_the_models_batch(void** state) {
  (void)state;
  static const int batches[] = {32, 64, 256};
  const lb_model_kind* kind = lb_registry_find_model("ensemble");
  lb_space space = {.nx = 3, .ndx = 3};
  lb_system system = {.nobs = 3, .nu = 1};
  for (int i = 0; i < 3; ++i) {
    lb_protocol p = odd();
    lb_ensemble_options options = {.value_scale = 1};
    lb_arena *arena = lb_arena_new(0), *scratch = lb_arena_new(0);
    lb_opening opening = {.system = &system, .space = &space, .arena = arena};
    lb_model model;
    double pace[LB_PACES] = {0};
    lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
    lb_protocol_put(&p, "model_batch", batches[i]);
    lb_protocol_fill(&p, kind->settings, &options);
    assert_int_equal(kind->open(&model, &opening, &options).code, LB_OK);
    float rows[100 * 9];
    for (int k = 0; k < 900; ++k) rows[k] = (float)lb_rng_uniform(&rng);
    lb_fit_data sample = {.rows = {.n = 100, .nobs = 3, .nact = 1, .data = rows}};
    kind->pace(pace, &model, &sample, &rng, scratch);
    assert_true(pace[0] > 0 && fabs(pace[2] * batches[i] / (pace[0] / 3) - 1) < 1e-9);
    lb_arena_free(scratch);
    lb_arena_free(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accounts_come_out_as_forecast),        cmocka_unit_test(a_fit_has_as_many_updates_as_asked_for),
      cmocka_unit_test(judging_is_paced_by_the_models_batch), cmocka_unit_test(ends_make_it_less),
      cmocka_unit_test(references_and_iterations_are_told),   cmocka_unit_test(memory_and_curves_make_sense),
      cmocka_unit_test(seconds_come_out_about_as_forecast),   cmocka_unit_test(iterations_come_out_about_as_forecast),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
