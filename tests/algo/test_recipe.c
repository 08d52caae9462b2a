// Recipes and protocols: every shipped recipe reads, resolves and survives being written and read again; a wrong key or
// value is refused with file, place and the nearest valid name.
// clang-format off
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

#include "algo/protocol.h"
#include "algo/recipe.h"
#include "io/file.h"
#include "io/json.h"
#include "model/model_kinds.h"
#include "plan/planner_kinds.h"

static char root[] = "/tmp/lb_recipe_XXXXXX";

static int set_up(void** state) {
  (void)state;
  char path[200];
  assert_non_null(mkdtemp(root));
  snprintf(path, sizeof path, "%s/bench/recipes", root);
  return lb_folder_make(path).code;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(root).code;
}

static void put(const char* name, const char* text) {
  char path[300];
  snprintf(path, sizeof path, "%s/bench/recipes/%s.json", root, name);
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
}

// Whether the kinds are those of these names.
static bool is_of(const lb_recipe* r, const char* planner, const char* model) {
  return strcmp(r->planner.kind->name, planner) == 0 && strcmp(r->model.kind->name, model) == 0;
}

static double model_says(const lb_recipe* r, const char* key) {
  return lb_recipe_model_value(r, key);
}

static double planner_says(const lb_recipe* r, const char* key) {
  return lb_recipe_planner_value(&r->planner, key);
}

static double settled(const lb_recipe* r, lb_protocol p, const char* key) {
  lb_recipe_settle(r, &p);
  return lb_protocol_get(&p, key);
}

static void every_shipped_recipe_reads_and_writes_back(void** state) {
  (void)state;
  char** names;
  int n;
  assert_int_equal(lb_recipe_names(&names, &n, LB_SOURCE_DIR).code, LB_OK);
  assert_true(n >= 20);
  for (int i = 0; i < n; ++i) {
    lb_recipe recipe, again;
    lb_status status = lb_recipe_load(&recipe, LB_SOURCE_DIR, names[i]);
    assert_string_equal(status.text, "");
    lb_text text = {0};
    lb_json_writer w = lb_json_writer_on(&text);
    lb_recipe_write(&recipe, &w, NULL);
    put("again", text.data);
    status = lb_recipe_load(&again, root, "again");
    assert_string_equal(status.text, "");
    assert_string_equal(recipe.title, again.title);
    assert_true(recipe.expert_share == again.expert_share && recipe.one_a_step == again.one_a_step);
    assert_memory_equal(&recipe.model, &again.model, sizeof recipe.model);
    assert_memory_equal(&recipe.planner, &again.planner, sizeof recipe.planner);
    if (!lb_recipe_is_online(&recipe)) assert_memory_equal(&recipe.first, &again.first, sizeof recipe.first);
    lb_text_free(&text);
  }
  lb_names_free(names, n);
}

static void the_rows_of_the_design_are_what_they_say(void** state) {
  (void)state;
  static const struct {
    const char* name;
    double share;
    const char* planner;
    int about;
  } rows[] = {{"expert-only", 1, "ilqr", LB_ABOUT_TARGET},
              {"learner-only", 0, "ilqr", LB_ABOUT_TARGET},
              {"sysid", 0.5, "ilqr", LB_ABOUT_TARGET},
              {"lamps", 0.5, "psdp", LB_ABOUT_EXPERT}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_recipe r;
    assert_int_equal(lb_recipe_load(&r, LB_SOURCE_DIR, rows[i].name).code, LB_OK);
    assert_true(r.expert_share == rows[i].share && is_of(&r, rows[i].planner, "parametric"));
    assert_true(planner_says(&r, "about") == rows[i].about && planner_says(&r, "edition") == LB_EDITION_TEXTBOOK);
    assert_true(model_says(&r, "fit") == 0);
  }
}

static void refuses(const char* text, const char* fragment) {
  lb_recipe recipe;
  put("bad", text);
  lb_status status = lb_recipe_load(&recipe, root, "bad");
  assert_int_equal(status.code, LB_INPUT);
  if (!strstr(status.text, fragment) || !strstr(status.text, "bad.json")) fail_msg("unhelpful: %s", status.text);
}

#define SAC_ON "{\"title\": \"x\", \"summary\": \"y\", \"planner\": {\"type\": \"sac\"}, \"model\": "

#define MPC_WITH "{\"title\": \"x\", \"summary\": \"y\", \"planner\": "

static void rows_that_plan_at_every_step_are_what_they_say(void** state) {
  (void)state;
  static const struct {
    const char* name;
    const char* model;
    lb_reward_source reward;
  } rows[] = {{"sysid-ilqr", "ensemble", LB_REWARD_KNOWN},
              {"sysid-ilqr-learned-reward", "ensemble", LB_REWARD_LEARNED},
              {"sysid-ilqr-linear", "linear", LB_REWARD_KNOWN}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_recipe r;
    assert_int_equal(lb_recipe_load(&r, LB_SOURCE_DIR, rows[i].name).code, LB_OK);
    assert_true(is_of(&r, "mpc", rows[i].model) && r.expert_share == 0.5 && model_says(&r, "loss") == 0);
    assert_true(r.planner.reward == rows[i].reward);
    assert_true(lb_recipe_is_online(&r) && !r.has_two_forms);
    lb_text text = {0};
    lb_json_writer w = lb_json_writer_on(&text);
    lb_recipe_write(&r, &w, NULL);
    const char* word = rows[i].reward == LB_REWARD_LEARNED ? "\"reward\":\"learned\"" : "\"reward\":\"known\"";
    assert_non_null(strstr(text.data, word));
    lb_text_free(&text);
  }
}

static void lazy_rows_are_read_and_written(void** state) {
  (void)state;
  static const struct {
    const char* name;
    const char* model;
    int window;
  } rows[] = {{"lamps-ilqr", "ensemble", -1},
              {"lamps-ilqr-clock", "ensemble", 0},
              {"lamps-ilqr-linear", "linear", -1},
              {"lamps-ilqr-oracle", "true", -1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_recipe r;
    assert_int_equal(lb_recipe_load(&r, LB_SOURCE_DIR, rows[i].name).code, LB_OK);
    for (int again = 0; again < 2; ++again) {
      assert_true(is_of(&r, "lazy", rows[i].model) && r.expert_share == 0.5 && r.planner.reward == LB_REWARD_KNOWN);
      assert_true(planner_says(&r, "window") == rows[i].window);
      assert_true(lb_recipe_is_online(&r) && r.planner.kind->plans_for_reward && lb_recipe_uses_demonstrations(&r));
      lb_text text = {0};
      lb_json_writer w = lb_json_writer_on(&text);
      lb_recipe_write(&r, &w, NULL);
      put("lazy", text.data);
      lb_text_free(&text);
      assert_int_equal(lb_recipe_load(&r, root, "lazy").code, LB_OK);
    }
  }
  // The planner needs demonstrations whatever the model is fitted to.
  lb_recipe r;
  put("lazy", MPC_WITH "{\"type\": \"lazy\"}, \"model\": {\"type\": \"linear\"}, \"data\": {\"expert_share\": 0}}");
  assert_int_equal(lb_recipe_load(&r, root, "lazy").code, LB_OK);
  assert_true(lb_recipe_uses_demonstrations(&r));
}

// A row's critics are read and written; settings stand above them, and what is not set is the row's.
static void critics_are_the_rows_unless_settings_say_otherwise(void** state) {
  (void)state;
  lb_recipe rlpd, sac, again;
  lb_protocol p = lb_protocol_default();
  assert_int_equal(lb_recipe_load(&sac, LB_SOURCE_DIR, "sac").code, LB_OK);
  assert_int_equal(lb_recipe_load(&rlpd, LB_SOURCE_DIR, "rlpd").code, LB_OK);
  assert_true(rlpd.expert_share == 0.5 && is_of(&rlpd, "sac", "none") && !rlpd.planner.from_clone);
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_recipe_write(&rlpd, &w, NULL);
  put("again", text.data);
  lb_text_free(&text);
  assert_int_equal(lb_recipe_load(&again, root, "again").code, LB_OK);
  assert_memory_equal(&again.planner, &rlpd.planner, sizeof again.planner);
  assert_true(settled(&again, p, "critics") == 10 && settled(&again, p, "target_critics") == 2);
  assert_true(settled(&again, p, "layer_norm") == 1 && settled(&again, p, "critic_updates") == 20);
  assert_true(planner_says(&again, "actor_value") == 1);
  assert_true(settled(&sac, p, "critics") == 2 && settled(&sac, p, "target_critics") == 2);
  assert_true(settled(&sac, p, "layer_norm") == 0 && settled(&sac, p, "critic_updates") == 0);
  lb_protocol_put(&p, "critics", 5);
  assert_true(settled(&sac, p, "critics") == 5 && settled(&sac, p, "target_critics") == 5);
  lb_protocol_put(&p, "critics", 1);
  lb_protocol_put(&p, "layer_norm", 0);
  lb_protocol_put(&p, "critic_updates", 7);
  assert_true(settled(&rlpd, p, "critics") == 1 && settled(&rlpd, p, "target_critics") == 1);
  assert_true(settled(&rlpd, p, "layer_norm") == 0 && settled(&rlpd, p, "critic_updates") == 7);
  refuses(MPC_WITH "{\"type\": \"mpc\", \"layer_norm\": true}, \"model\": {\"type\": \"ensemble\"}}",
          "'layer_norm' means nothing to planner 'mpc'; it goes with sac");
  refuses(MPC_WITH "{\"type\": \"sac\", \"critics\": 3, \"target_critics\": 4}, \"model\": {\"type\": \"none\"}}",
          "$.planner: 'target_critics' (4) are more than 'critics' (3)");
  refuses(MPC_WITH "{\"type\": \"sac\", \"actor_value\": \"man\"}, \"model\": {\"type\": \"none\"}}", "mean");
}

// What the authors' code has, and what our own row has in its place.
static lb_neural_config ensemble_of(const lb_recipe* r) {
  lb_protocol p = lb_protocol_default();
  lb_options_room options;
  lb_recipe_model_options(r, &p, &options);
  return lb_ensemble_config(3, 1, (const lb_ensemble_options*)(const void*)&options);
}

static void released_rows_are_what_they_say(void** state) {
  (void)state;
  lb_recipe mm, as_released, ours;
  assert_int_equal(lb_recipe_load(&mm, LB_SOURCE_DIR, "lamps-mm-released").code, LB_OK);
  assert_int_equal(lb_recipe_load(&as_released, LB_SOURCE_DIR, "lamps-released").code, LB_OK);
  assert_int_equal(lb_recipe_load_for_rewards(&ours, LB_SOURCE_DIR, "lamps-mm").code, LB_OK);
  lb_neural_config theirs = ensemble_of(&mm), own = ensemble_of(&ours);
  assert_true(theirs.loss == LB_NEURAL_VALUE_MOMENTS && theirs.anchor == 0 && theirs.value_scale == 0.01);
  assert_true(theirs.score == LB_NEURAL_SCORE_SQUARED && own.score == LB_NEURAL_SCORE_LOSS);
  assert_true(mm.one_a_step && mm.expert_share == as_released.expert_share);
  assert_memory_equal(mm.planner.starts, as_released.planner.starts, sizeof mm.planner.starts);
  assert_memory_equal(mm.planner.actor_states, as_released.planner.actor_states, sizeof mm.planner.starts);
  assert_true(mm.planner.real_share == as_released.planner.real_share);
  assert_true(theirs.weight_decay == 1e-5 && own.weight_decay == 0.01 * 1e-5);
}

static void value_moments_are_read_and_written(void** state) {
  (void)state;
  lb_recipe r;
  put("moments", SAC_ON "{\"type\": \"ensemble\", \"loss\": \"value-moments\"}}");
  assert_int_equal(lb_recipe_load(&r, root, "moments").code, LB_OK);
  assert_true(model_says(&r, "loss") == 1 && model_says(&r, "value_scale") == 0.01 && model_says(&r, "anchor") == 0);
  assert_true(model_says(&r, "score") == LB_NEURAL_SCORE_LOSS);
  put("moments", SAC_ON
      "{\"type\": \"ensemble\", \"loss\": \"value-moments\", \"value_scale\": 0.5, \"anchor\": 0.125, "
      "\"score\": \"mse\", \"decay\": \"plain\"}}");
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(lb_recipe_load(&r, root, "moments").code, LB_OK);
    assert_true(model_says(&r, "loss") == 1 && model_says(&r, "value_scale") == 0.5);
    assert_true(model_says(&r, "anchor") == 0.125 && model_says(&r, "decay") == 1);
    assert_true(model_says(&r, "score") == LB_NEURAL_SCORE_SQUARED);
    lb_text text = {0};
    lb_json_writer w = lb_json_writer_on(&text);
    lb_recipe_write(&r, &w, NULL);
    put("moments", text.data);
    lb_text_free(&text);
  }
}

#define ON_COST(model) "{\"title\": \"x\", \"summary\": \"y\", \"model\": " model "}"

static void value_moments_of_linear_models_are_read_and_written(void** state) {
  (void)state;
  lb_recipe r;
  put("moments", ON_COST("{\"type\": \"linear\", \"loss\": \"value-moments\"}"));
  assert_int_equal(lb_recipe_load(&r, root, "moments").code, LB_OK);
  assert_true(model_says(&r, "loss") == 1 && model_says(&r, "anchor") == 1 && model_says(&r, "spread") == 1);
  put("moments",
      ON_COST("{\"type\": \"linear-tv\", \"loss\": \"value-moments\", \"anchor\": 0.125, \"spread\": false}"));
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(lb_recipe_load(&r, root, "moments").code, LB_OK);
    assert_true(is_of(&r, "psdp", "linear-tv") && model_says(&r, "loss") == 1);
    assert_true(model_says(&r, "anchor") == 0.125 && model_says(&r, "spread") == 0 && model_says(&r, "ridge") == 1e-3);
    lb_text text = {0};
    lb_json_writer w = lb_json_writer_on(&text);
    lb_recipe_write(&r, &w, NULL);
    put("moments", text.data);
    lb_text_free(&text);
  }
}

static void wrong_recipes_are_refused_with_place_and_mend(void** state) {
  (void)state;
  refuses("", "bad.json");
  refuses("{\"title\": \"x\"}", "summary");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"planer\": {}}", "planner");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"planner\": {\"type\": \"ilqg\"}}", "ilqr");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"planner\": {\"type\": \"ilqr\", \"max_iterations\": 0}}",
          "$.planner.max_iterations");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"planner\": {\"max_iterations\": 3}}",
          "'max_iterations' means nothing to planner 'psdp'; it goes with ilqr");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"data\": {\"expert_share\": 1.5}}", "$.data.expert_share");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"model\": {\"type\": 3}}", "$.model.type");
  refuses(SAC_ON "{\"type\": \"ensemble\", \"anchor\": 1}}", "'anchor' means nothing to loss 'prediction'");
  refuses(SAC_ON "{\"type\": \"ensemble\", \"loss\": \"value-moments\", \"anchor\": -1}}", "$.model.anchor");
  refuses(SAC_ON "{\"type\": \"ensemble\", \"loss\": \"value-moments\", \"score\": \"rmse\"}}", "mse");
  refuses(SAC_ON "{\"type\": \"linear\"}}",
          "planner 'sac' does not go with model 'linear': it needs one that can be drawn from; it goes with none, "
          "ensemble");
  refuses(MPC_WITH "{\"type\": \"mpc\", \"reward\": \"lerned\"}, \"model\": {\"type\": \"ensemble\"}}", "learned");
  refuses(MPC_WITH "{\"type\": \"mpc\", \"reward\": \"learned\"}, \"model\": {\"type\": \"linear\"}}",
          "does not predict rewards");
  refuses(MPC_WITH "{\"type\": \"mpc\"}, \"model\": {\"type\": \"linear-tv\"}}", "does not go with model 'linear-tv'");
  refuses(MPC_WITH "{\"type\": \"mpc\"}, \"model\": {\"type\": \"ensemble\", \"loss\": \"value-moments\"}}",
          "needs the value of a policy");
  refuses(MPC_WITH "{\"type\": \"lazy\"}, \"model\": {\"type\": \"ensemble\", \"loss\": \"value-moments\"}}",
          "planner 'lazy' has none");
  refuses(MPC_WITH "{\"type\": \"lazy\", \"window\": -1}, \"model\": {\"type\": \"linear\"}}", "$.planner.window");
  refuses(MPC_WITH "{\"type\": \"mpc\", \"window\": 3}, \"model\": {\"type\": \"linear\"}}",
          "'window' means nothing to planner 'mpc'");
  refuses(MPC_WITH "{\"type\": \"ilqr\", \"reward\": \"known\"}}", "'reward' means nothing to planner 'ilqr'");
  refuses(ON_COST("{\"fit\": \"bfgs-2023\", \"loss\": \"value-moments\"}"), "every fit but 'bfgs-2023'");
  refuses(SAC_ON "{\"type\": \"none\", \"loss\": \"value-moments\"}}", "'loss' means nothing to model 'none'");
  refuses(ON_COST("{\"loss\": \"value-moments\", \"ridge\": 0}"), "'ridge' must be more than 0");
  refuses(ON_COST("{\"type\": \"linear\", \"anchor\": 1}"), "'anchor' means nothing to loss 'prediction'");
  refuses(ON_COST("{\"type\": \"linear\", \"loss\": \"value-moments\", \"anchor\": 0}"), "$.model.anchor");
  refuses(ON_COST("{\"type\": \"linear\", \"loss\": \"value-moments\", \"score\": \"mse\"}"),
          "'score' means nothing to model 'linear'");
  refuses(SAC_ON "{\"type\": \"ensemble\", \"loss\": \"value-moments\", \"spread\": true}}",
          "'spread' means nothing to model 'ensemble'");
  refuses("{\"title\": 7, \"summary\": \"y\"}", "$.title");
}

static void an_unknown_algorithm_suggests_the_nearest(void** state) {
  (void)state;
  lb_recipe recipe;
  lb_status status = lb_recipe_load(&recipe, LB_SOURCE_DIR, "lampz");
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "did you mean 'lamps'?"));
  status = lb_recipe_load(&recipe, LB_SOURCE_DIR, "../suites/helicopter");
  assert_int_equal(status.code, LB_INPUT);
}

static void settings_are_read_from_json_and_from_the_command_line(void** state) {
  (void)state;
  lb_protocol p = lb_protocol_default();
  lb_json* doc;
  assert_int_equal(lb_json_parse(&doc, "{\"iterations\": 3, \"demonstrations\": \"file\"}", "suite").code, LB_OK);
  assert_int_equal(lb_protocol_read(&p, lb_json_root(doc)).code, LB_OK);
  lb_json_free(doc);
  assert_int_equal(lb_protocol_get(&p, "iterations"), 3);
  assert_int_equal(lb_protocol_get(&p, "samples"), 100);
  assert_int_equal(lb_protocol_get(&p, "demonstrations"), LB_DEMONSTRATIONS_FILE);
  assert_int_equal(lb_protocol_set(&p, "samples=50").code, LB_OK);
  assert_int_equal(lb_protocol_get(&p, "samples"), 50);
  assert_int_equal(lb_protocol_set(&p, "demonstrations=fresh").code, LB_OK);
  assert_int_equal(lb_protocol_get(&p, "demonstrations"), LB_DEMONSTRATIONS_FRESH);
  static const char* const bad[][2] = {{"samples", "key=value"},         {"samples=", "whole number"},
                                       {"samples=1.5", "whole number"},  {"samples=0", "from 1"},
                                       {"iteration=3", "'iterations'?"}, {"demonstrations=both", "'fresh' or 'file'"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    lb_status status = lb_protocol_set(&p, bad[i][0]);
    assert_int_equal(status.code, LB_INPUT);
    if (!strstr(status.text, bad[i][1])) fail_msg("unhelpful: %s", status.text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_shipped_recipe_reads_and_writes_back),
      cmocka_unit_test(the_rows_of_the_design_are_what_they_say),
      cmocka_unit_test(rows_that_plan_at_every_step_are_what_they_say),
      cmocka_unit_test(lazy_rows_are_read_and_written),
      cmocka_unit_test(critics_are_the_rows_unless_settings_say_otherwise),
      cmocka_unit_test(released_rows_are_what_they_say),
      cmocka_unit_test(value_moments_are_read_and_written),
      cmocka_unit_test(value_moments_of_linear_models_are_read_and_written),
      cmocka_unit_test(wrong_recipes_are_refused_with_place_and_mend),
      cmocka_unit_test(an_unknown_algorithm_suggests_the_nearest),
      cmocka_unit_test(settings_are_read_from_json_and_from_the_command_line),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
