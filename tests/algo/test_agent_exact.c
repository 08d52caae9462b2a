// Rows on small systems that are known exactly: what each of them must come to, and against what is known of it.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "algo/loop.h"
#include "core/metrics.h"
#include "io/json.h"
#include "io/npz.h"
#include "task/task.h"

// A run to its end, by the loop's four steps without a folder: the last value of each metric, NAN where there is none,
// and all values of one.
typedef struct outcome {
  double last[LB_METRICS];
  double way[128];  // of the metric that is followed, by iteration
  int iterations;
} outcome;

static void take_line(outcome* o, const char* line, int iteration, int followed) {
  lb_json* doc;
  assert_int_equal(lb_json_parse(&doc, line, "a line").code, LB_OK);
  lb_node node = lb_json_root(doc);
  for (int id = 0; id < LB_METRICS; ++id) {
    if (!lb_json_has(node, lb_metric_name(id))) continue;
    if (lb_json_number(node, lb_metric_name(id), -INFINITY, INFINITY, &o->last[id]).code != LB_OK) o->last[id] = NAN;
  }
  if (followed >= 0 && iteration < 128) o->way[iteration] = o->last[followed];
  lb_json_free(doc);
}

static lb_status open_steps(lb_steps* steps, const char* world, const char* row, uint64_t seed) {
  lb_recipe recipe;
  const lb_run_options o = {
      .root = LB_SOURCE_DIR, .suite = "", .task = world, .algo = row, .seed = seed, .protocol = lb_protocol_default()};
  return lb_run_open_steps(steps, &recipe, &o);
}

static outcome follow(const char* world, const char* row, uint64_t seed, int followed) {
  lb_steps s;
  outcome o;
  lb_status status = open_steps(&s, world, row, seed);
  if (status.code != LB_OK) fail_msg("%s", status.text);
  for (int i = 0; i < LB_METRICS; ++i) o.last[i] = NAN;
  for (; *s.iteration <= s.iterations; *s.iteration += 1) {
    lb_lines lines = {0};
    if (*s.iteration > 0) s.collect(s.self);
    if (*s.iteration > 0) s.fit(s.self);
    s.plan(s.self);
    assert_true(s.measure(s.self, &lines));
    take_line(&o, lines.metrics.data, *s.iteration, followed);
    lb_text_free(&lines.metrics);
  }
  o.iterations = s.iterations;
  s.close(s.self);
  return o;
}

static outcome run(const char* world, const char* row, uint64_t seed) {
  return follow(world, row, seed, -1);
}

// What does not go together is refused in a line that names the world.
static void test_names(void** state) {
  (void)state;
  static const char* const wrong[][2] = {{"shortcut", "lds-moments"},
                                         {"portals-x", "sysid"},
                                         {"portals-60", "sysid"},
                                         {"portals-36", "sysid"},
                                         {"twins-1", "hedge-value"},
                                         {"shortcut", "hedge-value"},
                                         {"lds", "lamps"},
                                         {"trophy", "sac"},
                                         {"trophy", "lemmas"},
                                         {"generative-hard", "sysid"},
                                         {"hover-psdp", "expert"},
                                         {"helicopter-hover-2023", "lemmas"}};
  lb_steps steps;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    lb_status status = open_steps(&steps, wrong[i][0], wrong[i][1], 0);
    if (status.code != LB_INPUT || !strstr(status.text, wrong[i][0]) || strchr(status.text, '\n'))
      fail_msg("%s on %s: %s", wrong[i][1], wrong[i][0], status.text);
  }
  assert_int_equal(open_steps(&steps, "nowhere", "sysid", 0).code, LB_INPUT);
  assert_int_equal(open_steps(&steps, "portals-36-forced", "sysid", 0).code, LB_OK);
  steps.close(steps.self);
  assert_true(lb_task_exists(LB_SOURCE_DIR "/models", "lds-growing"));
  assert_true(lb_task_exists(LB_SOURCE_DIR "/models", "twins-7"));
  assert_true(lb_task_exists(LB_SOURCE_DIR "/models", "hopper"));
  assert_false(lb_task_exists(LB_SOURCE_DIR "/models", "twin"));
}

// What is done of a run is real steps of a system: the ledger has them, and what is measured is on nobody's account.
static void test_accounts(void** state) {
  (void)state;
  outcome o = run("portals-6", "lamps", 0);
  assert_near(o.last[LB_METRIC_STEPS_LEARNER], 7 * 6, 0);
  assert_near(o.last[LB_METRIC_STEPS_EXPERT], 7 * 6, 0);
  o = run("wide-tree", "hedge-value", 0);
  assert_near(o.last[LB_METRIC_STEPS_LEARNER], 300, 0);
  assert_near(o.last[LB_METRIC_STEPS_EXPERT], 300, 0);
  assert_near(o.last[LB_METRIC_INTERACTIONS], 300, 0);
  o = run("shortcut", "expert-only", 0);
  assert_near(o.last[LB_METRIC_STEPS_LEARNER], 0, 0);
  o = run("trophy", "expert", 0);
  assert_near(o.last[LB_METRIC_STEPS_EXPERT], 0, 0);
}

// The terms of lemma 2 are what the expert is better by, in every world and iteration: of a tree by its steps alone.
static void test_terms_add_up(void** state) {
  (void)state;
  static const char* const rows[][2] = {
      {"portals-8", "sysid"},      {"portals-8", "lamps"}, {"portals-poor-expert", "sysid"},
      {"shortcut", "expert-only"}, {"trophy", "lamps"},    {"wide-tree", "hedge-value"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    outcome o = follow(rows[i][0], rows[i][1], 2, LB_METRIC_LEMMA_RESIDUAL);
    for (int iteration = 1; iteration <= o.iterations && iteration < 128; ++iteration)
      assert_near(o.way[iteration], 0, 1e-9);
    double sum = o.last[LB_METRIC_ADVANTAGE] + o.last[LB_METRIC_VALUE_GAP_EXPERT] +
                 o.last[LB_METRIC_VALUE_GAP_LEARNER] + o.last[LB_METRIC_REWARD_GAP_EXPERT] +
                 o.last[LB_METRIC_REWARD_GAP_LEARNER];
    assert_near(sum, o.last[LB_METRIC_LEMMA_LEFT], 1e-9);
  }
  // At first the search goes for a portal's promise, which is all that it is wrong about.
  outcome o = follow("portals-8", "sysid", 0, LB_METRIC_REWARD_GAP_LEARNER);
  assert_true(o.way[0] > 1 && o.way[0] <= 2);
  assert_near(o.last[LB_METRIC_REWARD_GAP_LEARNER], 0, 0);
}

// Data of the expert alone explain all that was seen and end in the ditch; of the learner alone, with the coin, on most
// seeds; the mix finds the optimum (0.9222 = 1 - 7 x 0.1 / 9; the trophy's by its own expert), lazily planned or not.
static void test_worlds(void** state) {
  (void)state;
  double best[] = {run("shortcut", "expert", 0).last[LB_METRIC_RETURN],
                   run("trophy", "expert", 0).last[LB_METRIC_RETURN]};
  assert_near(best[0], 1 - 0.7 / 9, 1e-12);
  int coins = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    outcome o = run("shortcut", "expert-only", seed);
    assert_true(o.last[LB_METRIC_RETURN] < -1);
    assert_near(o.last[LB_METRIC_FIT_LOSS], 0, 0);
    assert_true(o.last[LB_METRIC_RETURN_IN_MODEL] > best[0]);  // optimistic
    o = run("trophy", "learner-only", seed);
    coins += fabs(o.last[LB_METRIC_RETURN] - 1) < 1e-12;
    assert_near(run("shortcut", "sysid", seed).last[LB_METRIC_RETURN], best[0], 1e-12);
    assert_near(run("shortcut", "lamps", seed).last[LB_METRIC_RETURN], best[0], 1e-12);
    assert_near(run("trophy", "sysid", seed).last[LB_METRIC_RETURN], best[1], 1e-12);
    assert_near(run("trophy", "lamps", seed).last[LB_METRIC_RETURN], best[1], 1e-12);
  }
  print_message("the learner's data alone take the coin on %d of 20 seeds\n", coins);
  assert_true(coins >= 10);
}

static void test_tree(void** state) {
  (void)state;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    outcome full = run("portals-10", "sysid", seed), lazy = run("portals-10", "lamps", seed);
    assert_near(full.last[LB_METRIC_RETURN], 1, 0);
    assert_near(lazy.last[LB_METRIC_RETURN], 1, 0);
    assert_true(full.last[LB_METRIC_PLANNING_WORK] > 10 * lazy.last[LB_METRIC_PLANNING_WORK]);
    assert_true(full.last[LB_METRIC_NODES] <= full.last[LB_METRIC_PLANS] * 2047);
    assert_true(lazy.last[LB_METRIC_BACKUPS] <= lazy.last[LB_METRIC_PLANS] * 110);  // 2 x 10 x 11 / 2
    assert_near(full.last[LB_METRIC_PORTALS_OPEN], 0, 10);
    assert_near(run("portals-poor-expert", "sysid", seed).last[LB_METRIC_RETURN], 2, 0);
    assert_true(run("portals-poor-expert", "lamps", seed).last[LB_METRIC_RETURN] >= 1);
  }
}

// Ten seeds beside the published ten: a difference of two means of ten, in units of its standard error.
static void test_wide_tree(void** state) {
  (void)state;
  enum { SEEDS = 10, ITERATIONS = 100 };
  static const char* const rows[] = {"hedge-prediction", "hedge-value"};
  static const char* const keys[] = {"mle_weights", "mm_weights"};
  static const int at[] = {1, 2, 3, 5, 10, 15, 20, 30, 50, 75, 100};
  lb_npz* npz;
  assert_int_equal(lb_npz_load(&npz, LB_SOURCE_DIR "/tests/golden/widetree.npz").code, LB_OK);
  for (int kind = 0; kind < 2; ++kind) {
    double own[SEEDS][ITERATIONS + 1];
    const double* theirs = lb_npz_find(npz, keys[kind])->data;  // (seed, iteration, {bad, good}), not normalised
    for (int seed = 0; seed < SEEDS; ++seed) {
      outcome o = follow("wide-tree", rows[kind], (uint64_t)seed, LB_METRIC_CLASS_WEIGHT);
      for (int iteration = 0; iteration <= ITERATIONS; ++iteration) own[seed][iteration] = o.way[iteration];
    }
    for (size_t k = 0; k < sizeof at / sizeof *at; ++k) {
      double mean[2] = {0}, square[2] = {0};
      for (int seed = 0; seed < SEEDS; ++seed) {
        const double* w = theirs + (seed * (ITERATIONS + 1) + at[k]) * 2;
        double value[2] = {own[seed][at[k]], w[0] / (w[0] + w[1])};
        for (int i = 0; i < 2; ++i) mean[i] += value[i] / SEEDS, square[i] += value[i] * value[i] / SEEDS;
      }
      double var[2];
      for (int i = 0; i < 2; ++i) var[i] = fmax(square[i] - mean[i] * mean[i], 0) / (SEEDS - 1);
      double z = (mean[0] - mean[1]) / sqrt(var[0] + var[1] + 1e-18);
      print_message("%s at %d: %.4f, published %.4f, %.1f standard errors apart\n", rows[kind], at[k], mean[0], mean[1],
                    z);
      assert_true(fabs(z) < 3.5);  // 22 comparisons
    }
  }
  lb_npz_free(npz);
}

static void test_twins(void** state) {
  (void)state;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    outcome a = run("twins-16", "hedge-prediction", seed), b = run("twins-16", "hedge-value", seed);
    assert_near(a.last[LB_METRIC_RETURN], 0, 0);
    assert_near(a.last[LB_METRIC_MODEL_MISS], 1 / 16., 1e-12);
    assert_near(b.last[LB_METRIC_RETURN], 16, 0);
    assert_near(b.last[LB_METRIC_MODEL_MISS], 15 / 16., 1e-12);
  }
}

static void test_generative(void** state) {
  (void)state;
  double samples = 0, horizon = 0;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    samples += run("generative-hard", "plug-in-samples", seed).last[LB_METRIC_EXPONENT] / 4;
    horizon += run("generative-hard", "plug-in-horizon", seed).last[LB_METRIC_EXPONENT] / 4;
  }
  assert_near(samples, -0.5, 0.08);
  assert_near(horizon, 1.5, 0.12);
}

static void test_lemmas(void** state) {
  (void)state;
  outcome o = run("random-mdps", "lemmas", 3);
  assert_true(o.last[LB_METRIC_LEMMA_WORST] > 0 && o.last[LB_METRIC_LEMMA_WORST] < 1e-9);
  assert_near(o.last[LB_METRIC_BOUNDS_EXCEEDED], 0, 0);
}

// On the linear system PSDP's gains are the pass's, and a pass about any other trajectory of it gives them too.
static void test_passes(void** state) {
  (void)state;
  outcome pass = run("linear-psdp", "lqr-pass", 0), psdp = run("linear-psdp", "psdp", 0),
          moved = run("linear-psdp", "lqr-displaced", 0), wrong = run("linear-psdp", "lqr-displaced-2023", 0);
  assert_true(psdp.last[LB_METRIC_GAIN_DIFFERENCE] < 1e-10);
  assert_near(psdp.last[LB_METRIC_COST], pass.last[LB_METRIC_COST], 1e-9 * pass.last[LB_METRIC_COST]);
  assert_true(moved.last[LB_METRIC_GAIN_DIFFERENCE] < 1e-12);
  assert_near(moved.last[LB_METRIC_COST], pass.last[LB_METRIC_COST], 1e-9 * pass.last[LB_METRIC_COST]);
  assert_true(wrong.last[LB_METRIC_COST] > 2 * pass.last[LB_METRIC_COST]);
  assert_near(pass.last[LB_METRIC_LQR_PASSES], 1, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),        cmocka_unit_test(test_accounts),
                                     cmocka_unit_test(test_terms_add_up), cmocka_unit_test(test_worlds),
                                     cmocka_unit_test(test_tree),         cmocka_unit_test(test_wide_tree),
                                     cmocka_unit_test(test_twins),        cmocka_unit_test(test_generative),
                                     cmocka_unit_test(test_lemmas),       cmocka_unit_test(test_passes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
