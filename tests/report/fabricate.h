// Made-up runs of suites that compare returns, written as run folders.
#ifndef LB_TESTS_REPORT_FABRICATE_H_
#define LB_TESTS_REPORT_FABRICATE_H_

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"
#include "report/load.h"
#include "report/results.h"
#include "well_formed.h"

static const char finished[] = "{\"status\":\"finished\",\"message\":\"\"}";

static inline void put(const char* path, const char* text) {
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
}

static __attribute__((noinline, unused)) char* slurp(const char* folder, const char* name) {
  char path[400], *text;
  size_t n;
  lb_path_join(path, sizeof path, folder, name);
  lb_status status = lb_file_read(path, &text, &n);
  assert_string_equal(status.text, "");
  return text;
}

static inline void expect_in(const char* folder, const char* name, const char* fragment) {
  char* text = slurp(folder, name);
  if (!strstr(text, fragment)) fail_msg("%s does not say '%s'", name, fragment);
  free(text);
}

static inline void near(double x, double expected, double tolerance) {
  if (!(fabs(x - expected) <= tolerance)) fail_msg("%.17g is not %.17g", x, expected);
}

static inline lb_results* load(const char* folder) {
  lb_results* results;
  lb_status status = lb_load_suite(&results, folder);
  assert_string_equal(status.text, "");
  return results;
}

// The worlds: returns on the scale of 0 (random) and 1 (expert).
static inline double zero_of(const char* task) {
  return strcmp(task, "alpha") == 0 ? 0 : -50;
}
static inline double one_of(const char* task) {
  return strcmp(task, "alpha") == 0 ? 100 : 150;
}

// The normalised return of a seed of a row at a step: the curves cross, and one evaluation of the slow row is far above
// its others.
static inline double score_of(const char* task, const char* algo, int seed, int step) {
  if (strcmp(algo, "random") == 0) return 0.01 * (seed - 1);
  if (strcmp(algo, "expert") == 0) return 1;
  if (strcmp(algo, "bc") == 0) return step < 1900 ? 0.1 : 0.5 + 0.1 * seed;
  if (strcmp(algo, "fast") == 0) return 0.9 * step / 500 + 0.01 * seed;
  if (strcmp(task, "beta") == 0 && seed == 2 && step == 100) return 0.85;
  return 0.3 + 0.4 * step / 500 + 0.01 * seed;
}

static inline void add_point(lb_text* metrics, lb_text* timing, const char* task, const char* algo, int seed,
                             int step) {
  bool fast = strcmp(algo, "fast") == 0, learns = fast || strcmp(algo, "slow") == 0;
  double score = score_of(task, algo, seed, step), zero = zero_of(task), one = one_of(task);
  lb_text_add(metrics, "{\"iteration\":%d,\"return\":%.17g,\"return_se\":1", step, zero + score * (one - zero));
  if (learns) {
    lb_text_add(metrics,
                ",\"survival_steps\":%d,\"lemma_residual\":%g,\"lemma_residual_se\":2,"
                "\"undiscounted_lemma_residual\":0.25,\"undiscounted_lemma_residual_se\":0.5,"
                "\"model_updates\":%d,\"steps_learner\":%d,\"steps_exploration\":%d,\"steps_expert\":%d,\"gradient_"
                "updates\":%d,"
                "\"planning_error\":%d,\"model_error_expert_20\":%.17g",
                100 + step / 10, step == 300 ? 6.0 : 1.0, 7 * step, step > 50 ? step - 50 : 0, step > 50 ? 50 : step,
                fast ? 1000 : 0, (fast ? 2 : 1) * step, step - 100, 0.75 + 0.001 * step);
  }
  // Of one row, on one task.
  if (fast && strcmp(task, "beta") == 0) {
    lb_text_add(metrics, ",\"return_average\":%.17g,\"return_average_se\":1", zero + score * (one - zero) - 7);
  }
  lb_text_add(metrics, "}\n");
  lb_text_add(timing, "{\"iteration\":%d,\"cpu\":%d,\"plan\":%d%s}\n", step, step, step / 2,
              learns && !fast ? ",\"clone\":3" : "");
}

// A run up to `steps`; done: NULL for one that is still running.
static inline void write_run(const char* suite, const char* task, const char* algo, int seed, int steps,
                             const char* done, const char* hash) {
  char folder[300], path[400];
  snprintf(folder, sizeof folder, "%s/%s/%s/seed-%d", suite, task, algo, seed);
  assert_int_equal(lb_folder_make(folder).code, LB_OK);
  lb_text text = {0}, timing = {0};
  lb_text_add(&text,
              "{\"task\":\"%s\",\"task_hash\":\"%s\",\"algo\":\"%s\",\"title\":\"Row %s_%%\",\"seed\":%d,"
              "\"recipe\":{\"kind\":\"loop\"},\"protocol\":{\"iterations\":20,\"steps\":500%s}}",
              task, hash, algo, algo, seed, strcmp(algo, "bc") == 0 ? "" : ",\"evaluate_every\":100");
  lb_path_join(path, sizeof path, folder, "config.json");
  put(path, text.data);
  lb_text_free(&text);
  if (strcmp(algo, "bc") == 0) {
    add_point(&text, &timing, task, algo, seed, 1000);
    add_point(&text, &timing, task, algo, seed, 2000 - 10 * seed);
  } else {
    bool once = strcmp(algo, "expert") == 0 || strcmp(algo, "random") == 0;
    for (int step = 0; step <= (once ? 0 : steps); step += 100) add_point(&text, &timing, task, algo, seed, step);
  }
  lb_path_join(path, sizeof path, folder, "metrics.jsonl");
  put(path, text.data);
  lb_path_join(path, sizeof path, folder, "timing.jsonl");
  put(path, timing.data);
  lb_text_free(&text);
  lb_text_free(&timing);
  lb_path_join(path, sizeof path, folder, "done.json");
  unlink(path);
  if (done) put(path, done);
}

// A suite of these worlds: three seeds of every row named, all runs finished.
static inline void write_suite(const char* folder, const char* tasks, const char* algos, const char* more, int seeds) {
  char path[300], list[200];
  lb_text text = {0};
  assert_int_equal(lb_folder_make(folder).code, LB_OK);
  lb_text_add(&text, "{\"name\":\"made\",\"seeds\":%d,\"tasks\":%s,\"algos\":%s%s}", seeds, tasks, algos, more);
  lb_path_join(path, sizeof path, folder, "suite.json");
  put(path, text.data);
  lb_text_free(&text);
  snprintf(list, sizeof list, "%s", algos);
  static const char* const worlds[] = {"alpha", "beta"};
  for (int t = 0; t < 2; ++t) {
    if (!strstr(tasks, worlds[t])) continue;
    char* rest = list;
    snprintf(list, sizeof list, "%s", algos);
    for (char* name; (name = strtok_r(rest, "[]\", ", &rest));) {
      for (int seed = 0; seed < seeds; ++seed) write_run(folder, worlds[t], name, seed, 500, finished, "aa");
    }
  }
}

#endif  // LB_TESTS_REPORT_FABRICATE_H_
