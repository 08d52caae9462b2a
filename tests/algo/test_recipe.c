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

#include "algo/online.h"
#include "algo/protocol.h"
#include "algo/recipe.h"
#include "io/file.h"
#include "io/json.h"

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
    assert_true(recipe.kind == again.kind);
    if (recipe.kind == LB_ROW_LOOP) {
      assert_true(recipe.model == again.model && recipe.fit == again.fit);
      assert_true(recipe.expert_share == again.expert_share);
      assert_memory_equal(&recipe.planner.kind, &again.planner.kind, sizeof recipe.planner.kind);
      assert_true(recipe.planner.about == again.planner.about && recipe.planner.edition == again.planner.edition);
      assert_true(recipe.first.kind == again.first.kind && recipe.first.edition == again.first.edition);
    }
    lb_text_free(&text);
  }
  lb_names_free(names, n);
}

static void the_rows_of_the_design_are_what_they_say(void** state) {
  (void)state;
  static const struct {
    const char* name;
    double share;
    lb_planner_kind planner;
    lb_about about;
  } rows[] = {{"expert-only", 1, LB_PLANNER_ILQR, LB_ABOUT_TARGET},
              {"learner-only", 0, LB_PLANNER_ILQR, LB_ABOUT_TARGET},
              {"sysid", 0.5, LB_PLANNER_ILQR, LB_ABOUT_TARGET},
              {"lamps", 0.5, LB_PLANNER_PSDP, LB_ABOUT_EXPERT}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_recipe r;
    assert_int_equal(lb_recipe_load(&r, LB_SOURCE_DIR, rows[i].name).code, LB_OK);
    assert_true(r.expert_share == rows[i].share && r.planner.kind == rows[i].planner);
    assert_true(r.planner.about == rows[i].about && r.planner.edition == LB_EDITION_TEXTBOOK);
    assert_true(r.model == LB_MODEL_PARAMETRIC && r.fit == LB_CHOICE_LEAST_SQUARES);
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
    lb_model_kind model;
    lb_reward_source reward;
  } rows[] = {{"sysid-ilqr", LB_MODEL_ENSEMBLE, LB_REWARD_KNOWN},
              {"sysid-ilqr-learned-reward", LB_MODEL_ENSEMBLE, LB_REWARD_LEARNED},
              {"sysid-ilqr-linear", LB_MODEL_LINEAR, LB_REWARD_KNOWN}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_recipe r;
    assert_int_equal(lb_recipe_load(&r, LB_SOURCE_DIR, rows[i].name).code, LB_OK);
    assert_true(r.planner.kind == LB_PLANNER_MPC && r.expert_share == 0.5 && r.loss == LB_LOSS_PREDICTION);
    assert_true(r.model == rows[i].model && r.planner.reward == rows[i].reward);
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
    lb_model_kind model;
    int window;
  } rows[] = {{"lamps-ilqr", LB_MODEL_ENSEMBLE, -1},
              {"lamps-ilqr-clock", LB_MODEL_ENSEMBLE, 0},
              {"lamps-ilqr-linear", LB_MODEL_LINEAR, -1},
              {"lamps-ilqr-oracle", LB_MODEL_TRUE, -1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_recipe r;
    assert_int_equal(lb_recipe_load(&r, LB_SOURCE_DIR, rows[i].name).code, LB_OK);
    for (int again = 0; again < 2; ++again) {
      assert_true(r.planner.kind == LB_PLANNER_LAZY && r.expert_share == 0.5 && r.loss == LB_LOSS_PREDICTION);
      assert_true(r.model == rows[i].model && r.planner.reward == LB_REWARD_KNOWN);
      assert_true(r.planner.window == rows[i].window);
      assert_true(lb_recipe_is_online(&r) && lb_recipe_plans(&r) && lb_recipe_uses_demonstrations(&r));
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
  lb_online_protocol p = lb_protocol_default().online;
  assert_int_equal(lb_recipe_load(&sac, LB_SOURCE_DIR, "sac").code, LB_OK);
  assert_int_equal(lb_recipe_load(&rlpd, LB_SOURCE_DIR, "rlpd").code, LB_OK);
  assert_true(rlpd.expert_share == 0.5 && rlpd.model == LB_MODEL_NONE && !rlpd.planner.from_clone);
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_recipe_write(&rlpd, &w, NULL);
  put("again", text.data);
  lb_text_free(&text);
  assert_int_equal(lb_recipe_load(&again, root, "again").code, LB_OK);
  assert_memory_equal(&again.planner, &rlpd.planner, sizeof again.planner);
  lb_recipe_settle(&again, &p);
  assert_true(p.critics == 10 && p.target_critics == 2 && p.layer_norm == 1 && p.critic_updates == 20);
  assert_true(again.planner.mean_value);
  p = lb_protocol_default().online;
  lb_recipe_settle(&sac, &p);
  assert_true(p.critics == 2 && p.target_critics == 2 && p.layer_norm == 0 && p.critic_updates == 0);
  p = lb_protocol_default().online;
  p.critics = 5;
  lb_recipe_settle(&sac, &p);
  assert_true(p.critics == 5 && p.target_critics == 5);
  p = lb_protocol_default().online;
  p.critics = 1;
  p.layer_norm = 0;
  p.critic_updates = 7;
  lb_recipe_settle(&rlpd, &p);
  assert_true(p.critics == 1 && p.target_critics == 1 && p.layer_norm == 0 && p.critic_updates == 7);
  refuses(MPC_WITH "{\"type\": \"mpc\", \"layer_norm\": true}, \"model\": {\"type\": \"ensemble\"}}",
          "'layer_norm' means nothing to planner 'mpc'; it goes with sac");
  refuses(MPC_WITH "{\"type\": \"sac\", \"critics\": 3, \"target_critics\": 4}, \"model\": {\"type\": \"none\"}}",
          "$.planner.target_critics");
  refuses(MPC_WITH "{\"type\": \"sac\", \"actor_value\": \"man\"}, \"model\": {\"type\": \"none\"}}", "mean");
}

// What the authors' code has, and what our own row has in its place.
static void released_rows_are_what_they_say(void** state) {
  (void)state;
  lb_recipe mm, as_released, ours;
  assert_int_equal(lb_recipe_load(&mm, LB_SOURCE_DIR, "lamps-mm-released").code, LB_OK);
  assert_int_equal(lb_recipe_load(&as_released, LB_SOURCE_DIR, "lamps-released").code, LB_OK);
  assert_int_equal(lb_recipe_load_for_rewards(&ours, LB_SOURCE_DIR, "lamps-mm").code, LB_OK);
  assert_true(mm.loss == LB_LOSS_VALUE_MOMENTS && mm.anchor == 0 && mm.value_scale == 0.01 && mm.plain_decay);
  assert_true(mm.score == LB_NEURAL_SCORE_SQUARED && ours.score == LB_NEURAL_SCORE_LOSS && !ours.plain_decay);
  assert_true(mm.one_a_step && mm.expert_share == as_released.expert_share);
  assert_memory_equal(mm.planner.starts, as_released.planner.starts, sizeof mm.planner.starts);
  assert_memory_equal(mm.planner.actor_states, as_released.planner.actor_states, sizeof mm.planner.starts);
  assert_true(mm.planner.real_share == as_released.planner.real_share);
  lb_online_protocol p = lb_protocol_default().online;
  lb_system s = {.nobs = 3, .nu = 1};
  assert_true(lb_online_ensemble_config(&s, &mm, &p).weight_decay == p.model_decay);
  assert_true(lb_online_ensemble_config(&s, &ours, &p).weight_decay == 0.01 * p.model_decay);
  assert_true(lb_online_ensemble_config(&s, &mm, &p).score == LB_NEURAL_SCORE_SQUARED);
}

static void value_moments_are_read_and_written(void** state) {
  (void)state;
  lb_recipe r;
  put("moments", SAC_ON "{\"type\": \"ensemble\", \"loss\": \"value-moments\"}}");
  assert_int_equal(lb_recipe_load(&r, root, "moments").code, LB_OK);
  assert_true(r.loss == LB_LOSS_VALUE_MOMENTS && r.value_scale == 0.01 && r.anchor == 0);
  assert_true(r.score == LB_NEURAL_SCORE_LOSS);
  put("moments", SAC_ON
      "{\"type\": \"ensemble\", \"loss\": \"value-moments\", \"value_scale\": 0.5, \"anchor\": 0.125, "
      "\"score\": \"mse\", \"decay\": \"plain\"}}");
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(lb_recipe_load(&r, root, "moments").code, LB_OK);
    assert_true(r.loss == LB_LOSS_VALUE_MOMENTS && r.value_scale == 0.5 && r.anchor == 0.125);
    assert_true(r.score == LB_NEURAL_SCORE_SQUARED && r.plain_decay);
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
  assert_true(r.loss == LB_LOSS_VALUE_MOMENTS && r.anchor == 1 && r.spread);
  put("moments",
      ON_COST("{\"type\": \"linear-tv\", \"loss\": \"value-moments\", \"anchor\": 0.125, \"spread\": false}"));
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(lb_recipe_load(&r, root, "moments").code, LB_OK);
    assert_true(r.model == LB_MODEL_LINEAR_TV && r.loss == LB_LOSS_VALUE_MOMENTS);
    assert_true(r.anchor == 0.125 && !r.spread && r.ridge == 1e-3);
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
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"planner\": {\"max_iterations\": 0}}", "$.planner.max_iterations");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"data\": {\"expert_share\": 1.5}}", "$.data.expert_share");
  refuses("{\"title\": \"x\", \"summary\": \"y\", \"model\": {\"type\": 3}}", "$.model.type");
  refuses(SAC_ON "{\"type\": \"ensemble\", \"anchor\": 1}}", "'anchor' means nothing to loss 'prediction'");
  refuses(SAC_ON "{\"type\": \"ensemble\", \"loss\": \"value-moments\", \"anchor\": -1}}", "$.model.anchor");
  refuses(SAC_ON "{\"type\": \"ensemble\", \"loss\": \"value-moments\", \"score\": \"rmse\"}}", "mse");
  refuses(SAC_ON "{\"type\": \"linear\"}}", "mpc with linear and ensemble, lazy with these and true");
  refuses(MPC_WITH "{\"type\": \"mpc\", \"reward\": \"lerned\"}, \"model\": {\"type\": \"ensemble\"}}", "learned");
  refuses(MPC_WITH "{\"type\": \"mpc\", \"reward\": \"learned\"}, \"model\": {\"type\": \"linear\"}}",
          "does not predict rewards");
  refuses(MPC_WITH "{\"type\": \"mpc\"}, \"model\": {\"type\": \"linear-tv\"}}", "does not go with model 'linear-tv'");
  refuses(MPC_WITH "{\"type\": \"mpc\"}, \"model\": {\"type\": \"ensemble\", \"loss\": \"value-moments\"}}",
          "needs the critics of sac");
  refuses(MPC_WITH "{\"type\": \"lazy\"}, \"model\": {\"type\": \"ensemble\", \"loss\": \"value-moments\"}}",
          "planner 'lazy' has none");
  refuses(MPC_WITH "{\"type\": \"lazy\", \"window\": -1}, \"model\": {\"type\": \"linear\"}}", "$.planner.window");
  refuses(MPC_WITH "{\"type\": \"mpc\", \"window\": 3}, \"model\": {\"type\": \"linear\"}}",
          "'window' means nothing to planner 'mpc'");
  refuses(MPC_WITH "{\"type\": \"ilqr\", \"reward\": \"known\"}}", "'reward' means nothing to planner 'ilqr'");
  refuses(ON_COST("{\"fit\": \"bfgs-2023\", \"loss\": \"value-moments\"}"), "every fit but 'bfgs-2023'");
  refuses(SAC_ON "{\"type\": \"none\", \"loss\": \"value-moments\"}}", "every model but 'none'");
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
  assert_int_equal(p.iterations, 3);
  assert_int_equal(p.samples, 100);
  assert_int_equal(p.demonstrations, LB_DEMONSTRATIONS_FILE);
  assert_int_equal(lb_protocol_set(&p, "samples=50").code, LB_OK);
  assert_int_equal(p.samples, 50);
  assert_int_equal(lb_protocol_set(&p, "demonstrations=fresh").code, LB_OK);
  assert_int_equal(p.demonstrations, LB_DEMONSTRATIONS_FRESH);
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
