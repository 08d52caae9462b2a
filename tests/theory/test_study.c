// Studies of the small worlds: what each of them must come to, and against what is known of it.
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
#include "io/npz.h"
#include "theory/study.h"

// A run to its end: the last value of each metric, NAN where there is none.
typedef struct outcome {
  double last[LB_METRICS];
  int rounds;
} outcome;

static outcome run(const char* world, const char* row, uint64_t seed) {
  lb_study* study;
  lb_study_number out[LB_STUDY_NUMBERS];
  outcome o;
  lb_status status = lb_study_open(&study, world, row, seed);
  if (status.code != LB_OK) fail_msg("%s", status.text);
  for (int i = 0; i < LB_METRICS; ++i) o.last[i] = NAN;
  for (int round = 0; round <= study->rounds; ++round) {
    int n = lb_study_round(study, round, out);
    assert_true(n > 0 && n <= LB_STUDY_NUMBERS);
    for (int i = 0; i < n; ++i) o.last[out[i].metric] = out[i].value;
  }
  o.rounds = study->rounds;
  lb_study_close(study);
  return o;
}

static void test_names(void** state) {
  (void)state;
  lb_study* study;
  assert_int_equal(lb_study_open(&study, "shortcut", "lds-moments", 0).code, LB_INPUT);
  assert_int_equal(lb_study_open(&study, "nowhere", "sysid", 0).code, LB_INPUT);
  assert_int_equal(lb_study_open(&study, "portals-x", "sysid", 0).code, LB_INPUT);
  assert_int_equal(lb_study_open(&study, "portals-60", "sysid", 0).code, LB_INPUT);
  assert_int_equal(lb_study_open(&study, "portals-36", "sysid", 0).code, LB_INPUT);
  assert_int_equal(lb_study_open(&study, "portals-36-forced", "sysid", 0).code, LB_OK);
  lb_study_close(study);
  assert_int_equal(lb_study_open(&study, "twins-1", "hedge-value", 0).code, LB_INPUT);
  assert_int_equal(lb_study_open(&study, "lds", "lds-moments-", 0).code, LB_INPUT);
  assert_int_equal(lb_study_open(&study, "lds", "lds-moments-1e-3x", 0).code, LB_INPUT);
  assert_true(lb_study_is_world("lds-growing") && lb_study_is_world("twins-7"));
  assert_false(lb_study_is_world("hopper"));
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
  enum { SEEDS = 10, ROUNDS = 100 };
  static const char* const rows[] = {"hedge-prediction", "hedge-value"};
  static const char* const keys[] = {"mle_weights", "mm_weights"};
  static const int at[] = {1, 2, 3, 5, 10, 15, 20, 30, 50, 75, 100};
  lb_npz* npz;
  assert_int_equal(lb_npz_load(&npz, LB_SOURCE_DIR "/tests/golden/widetree.npz").code, LB_OK);
  for (int kind = 0; kind < 2; ++kind) {
    double own[SEEDS][ROUNDS + 1];
    const double* theirs = lb_npz_find(npz, keys[kind])->data;  // (seed, round, {bad, good}), not normalised
    for (int seed = 0; seed < SEEDS; ++seed) {
      lb_study* study;
      lb_study_number out[LB_STUDY_NUMBERS];
      assert_int_equal(lb_study_open(&study, "wide-tree", rows[kind], (uint64_t)seed).code, LB_OK);
      for (int round = 0; round <= ROUNDS; ++round) {
        int n = lb_study_round(study, round, out);
        for (int i = 0; i < n; ++i) {
          if (out[i].metric == LB_METRIC_CLASS_WEIGHT) own[seed][round] = out[i].value;
        }
      }
      lb_study_close(study);
    }
    for (size_t k = 0; k < sizeof at / sizeof *at; ++k) {
      double mean[2] = {0}, square[2] = {0};
      for (int seed = 0; seed < SEEDS; ++seed) {
        const double* w = theirs + (seed * (ROUNDS + 1) + at[k]) * 2;
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),  cmocka_unit_test(test_worlds),
                                     cmocka_unit_test(test_tree),   cmocka_unit_test(test_wide_tree),
                                     cmocka_unit_test(test_twins),  cmocka_unit_test(test_generative),
                                     cmocka_unit_test(test_lemmas), cmocka_unit_test(test_passes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
