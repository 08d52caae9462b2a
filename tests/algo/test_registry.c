// Every registered model and planner passes the same test: each planner in each model that it goes with is opened by a
// recipe of their names, run as a whole and in parts (the same bytes), and forecast beforehand (the same accounts).
// Whoever adds a kind is tested by its line in the registry.
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
#include "algo/registry.h"
#include "algo/run.h"
#include "io/file.h"
#include "run_support.h"

static char base[] = "/tmp/lb_registry_XXXXXX", root[100];
static bool model_seen[LB_REGISTRY_MOST], planner_seen[LB_REGISTRY_MOST];

static void link_to(const char* name) {
  char path[200], there[400];
  lb_path_join(path, sizeof path, root, name);
  lb_path_join(there, sizeof there, LB_SOURCE_DIR, name);
  assert_int_equal(symlink(there, path), 0);
}

static int set_up(void** state) {
  (void)state;
  char path[200];
  assert_non_null(mkdtemp(base));
  snprintf(root, sizeof root, "%s/root", base);
  lb_path_join(path, sizeof path, root, "bench/recipes");
  assert_int_equal(lb_folder_make(path).code, LB_OK);
  link_to("models");
  link_to("expert_data");
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static void put_recipe(const char* text) {
  char path[200];
  lb_path_join(path, sizeof path, root, "bench/recipes/row.json");
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
}

// A short run, with the settings that mean something to it.
static lb_run_options options_of(const char* task, bool imitates, const char* folder) {
  static const struct {
    const char* key;
    double value;
  } small[] = {{"iterations", 3},
               {"evaluation_rollouts", 2},
               {"samples", 20},
               {"steps", 120},
               {"warmup_steps", 30},
               {"evaluate_every", 60},
               {"evaluation_episodes", 1},
               {"width", 8},
               {"batch", 8},
               {"actor_average", 0.1},
               {"fit_every", 30},
               {"model_layers", 1},
               {"model_width", 8},
               {"model_members", 2},
               {"model_elites", 1},
               {"model_updates", 5},
               {"model_features", 16},
               {"imagined_per_step", 2},
               {"imagined_kept", 20},
               {"expert_transitions", 200},
               {"plan_horizon", 3},
               {"plan_guesses", 1}};
  lb_run_options o = run_of(task, "row", 3, folder);
  int parts;
  o.root = root;
  lb_status status = lb_run_row_parts(&parts, root, task, "row");
  assert_string_equal(status.text, "");
  for (size_t i = 0; i < sizeof small / sizeof *small; ++i) {
    if (lb_protocol_check_set(small[i].key, parts, "row").code == LB_OK) {
      lb_protocol_put(&o.protocol, small[i].key, small[i].value);
    }
  }
  if (imitates) lb_protocol_put(&o.protocol, "expert_transitions", 0);  // so that there is more than one iteration
  if (imitates) lb_protocol_put(&o.protocol, "batch", 512);
  return o;
}

// The last line of metrics.jsonl, and how many there are; caller frees.
static char* last_line(const char* folder, int* lines) {
  size_t n;
  char *text = slurp(folder, "metrics.jsonl", &n), *last = text;
  *lines = 0;
  for (size_t i = 0; i < n; ++i) {
    if (text[i] != '\n') continue;
    *lines += 1;
    if (i + 1 < n) last = text + i + 1;
  }
  char* copy = strdup(last);
  copy[strcspn(copy, "\n")] = '\0';
  free(text);
  return copy;
}

static void forecast_is_what_came(const lb_forecast* f, const char* folder, const lb_planner_kind* planner) {
  int lines;
  char* line = last_line(folder, &lines);
  assert_int_equal(f->accounts.evaluations, lines);
  assert_true(f->bytes > 0);
  if (strstr(line, "\"steps_evaluation\"")) {
    assert_true(f->accounts.evaluation_steps >= number_at(line, "steps_evaluation"));
  } else {
    assert_int_equal(f->accounts.evaluation_steps, 0);
  }
  if (planner->iteration == LB_ITERATION_STEP) {
    assert_int_equal(f->accounts.gradient_updates, number_at(line, "gradient_updates"));
    assert_int_equal(f->accounts.real_steps, 120);
    assert_true(f->seconds > 0);
  }
  if (planner->iteration == LB_ITERATION_ROLLOUTS) {
    assert_int_equal(f->accounts.fits, 3);
    assert_int_equal(f->accounts.plans, 4);
    assert_true((double)f->accounts.real_steps >= number_at(line, "steps_learner") && f->seconds > 0);
  }
  free(line);
}

// As a whole, and stopped after iteration `half` and taken up again.
static void conforms(const char* task, const lb_planner_kind* planner, const char* what, int half) {
  char whole[200], parts[200];
  bool learns = planner->iteration != LB_ITERATION_ONCE;
  snprintf(whole, sizeof whole, "%s/whole", base);
  snprintf(parts, sizeof parts, "%s/parts", base);
  lb_run_options o = options_of(task, planner->iteration == LB_ITERATION_DEMOS, whole);
  lb_forecaster* forecaster = lb_forecaster_new(root);
  lb_forecast f;
  lb_status status = lb_forecast_run(forecaster, &f, NULL, task, "row", &o.protocol);
  if (status.code != LB_OK) fail_msg("%s: forecast: %s", what, status.text);
  lb_forecaster_free(forecaster);
  stop_now = 0;
  status = lb_run(&o);
  if (status.code != LB_OK) fail_msg("%s: %s", what, status.text);
  forecast_is_what_came(&f, whole, planner);
  if (learns) {
    o.folder = parts;
    o.progress = stop_after;
    o.progress_ctx = &half;
    int lines;
    free(last_line(whole, &lines));
    status = lb_run(&o);
    if (status.code != (lines > 1 ? LB_INTERRUPT : LB_OK)) fail_msg("%s: not stopped: %s", what, status.text);
    o.progress = NULL;
    stop_now = 0;
    status = lb_run(&o);
    if (status.code != LB_OK) fail_msg("%s: taken up: %s", what, status.text);
    same_bytes(whole, parts, "metrics.jsonl");
    assert_int_equal(lb_folder_remove(parts).code, LB_OK);
  }
  assert_int_equal(lb_folder_remove(whole).code, LB_OK);
}

// A small system on which the present recipe runs for more than one iteration, or for one.
static const char* exact_task(void) {
  static const char* const tasks[] = {"trophy",      "twins-4",     "generative-hard",
                                      "lds-growing", "random-mdps", "linear-psdp"};
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks; ++i) {
    int parts;
    if (lb_run_row_parts(&parts, root, tasks[i], "row").code == LB_OK) return tasks[i];
  }
  fail_msg("there is no small system for this kind");
  return "";
}

static void every_pair_conforms(void** state) {
  (void)state;
  for (int p = 0; lb_registry_planner(p); ++p) {
    const lb_planner_kind* planner = lb_registry_planner(p);
    for (int m = 0; lb_registry_model(m) && planner->iteration != LB_ITERATION_ONCE; ++m) {
      const lb_model_kind* model = lb_registry_model(m);
      char text[300], what[100];
      snprintf(what, sizeof what, "%s in %s", planner->name, model->name);
      snprintf(text, sizeof text,
               "{\"title\": \"t\", \"summary\": \"s\", \"model\": {\"type\": \"%s\"}, \"planner\": {\"type\": \"%s\"}}",
               model->name, planner->name);
      put_recipe(text);
      lb_recipe recipe;
      lb_status together = lb_registry_check(planner, model);
      assert_int_equal(lb_recipe_load(&recipe, root, "row").code, together.code);
      if (together.code != LB_OK) continue;
      bool iterations = planner->iteration == LB_ITERATION_ROLLOUTS, steps = planner->iteration == LB_ITERATION_STEP;
      const char* task = iterations ? "helicopter-hover-2023" : "pendulum-swingup";
      if (planner->iteration == LB_ITERATION_EXACT) task = exact_task();
      conforms(task, planner, what, steps ? 60 : 1);
      model_seen[m] = planner_seen[p] = true;
    }
  }
}

static void policies_that_never_plan_conform(void** state) {
  (void)state;
  static const char* const tasks[] = {"helicopter-hover-2023", "pendulum-swingup", "trophy", "lds"};
  for (int p = 0; lb_registry_planner(p); ++p) {
    const lb_planner_kind* planner = lb_registry_planner(p);
    char text[200];
    if (planner->iteration != LB_ITERATION_ONCE) continue;
    snprintf(text, sizeof text, "{\"title\": \"t\", \"summary\": \"s\", \"kind\": \"%s\"}", planner->name);
    put_recipe(text);
    for (int i = 0; i < 4; ++i) conforms(tasks[i], planner, planner->name, 0);
    planner_seen[p] = true;
  }
}

static void every_kind_was_tried(void** state) {
  (void)state;
  for (int m = 0; lb_registry_model(m); ++m) {
    if (!model_seen[m]) fail_msg("no planner was run in model '%s'", lb_registry_model(m)->name);
  }
  for (int p = 0; lb_registry_planner(p); ++p) {
    if (!planner_seen[p]) fail_msg("planner '%s' was not run", lb_registry_planner(p)->name);
  }
}

static void settings_are_told_apart_and_explained(void** state) {
  (void)state;
  lb_protocol usual = lb_protocol_default();
  lb_protocol_setting all[LB_PROTOCOL_SETTINGS];
  int n = lb_protocol_settings(all, &usual, LB_PROTOCOL_WHOLE);
  assert_true(n > 50);
  for (int i = 0; i < n; ++i) {
    assert_true(all[i].usual >= all[i].low && all[i].usual <= all[i].high);
    if (!*all[i].meaning) fail_msg("%s has no meaning", all[i].key);
    for (int k = 0; k < i; ++k) assert_string_not_equal(all[i].key, all[k].key);
    assert_true(lb_protocol_get(&usual, all[i].key) == all[i].usual);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_pair_conforms),
      cmocka_unit_test(policies_that_never_plan_conform),
      cmocka_unit_test(every_kind_was_tried),
      cmocka_unit_test(settings_are_told_apart_and_explained),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
