// One seed of the paper's comparison, as the suites run it, in process CPU seconds.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/run.h"
#include "io/file.h"
#include "io/run_read.h"
#include "perf/perf.h"
#include "perf/subject.h"

typedef struct seed {
  const char* root;
  const char* task;
  const char* const* algos;  // (nalgos)
  int nalgos;
  char folder[300];
  lb_status status;
  double steps;  // real steps of the last time
} seed;

// Real steps that a run took, by its last line of metrics.
static lb_status count_steps(double* steps, const char* folder) {
  lb_json* last;
  LB_TRY(lb_run_read_last(&last, folder, "metrics.jsonl"));
  if (!last) return lb_fail(LB_INPUT, "%s: no line of metrics.jsonl", folder);
  double evaluation = 0, learner = 0;
  lb_status status = lb_json_number(lb_json_root(last), "steps_evaluation", 0, 1e15, &evaluation);
  if (status.code == LB_OK) status = lb_json_number(lb_json_root(last), "steps_learner", 0, 1e15, &learner);
  *steps += evaluation + learner;
  lb_json_free(last);
  return status;
}

// Runs the algorithms once, and counts their real steps.
static lb_status run_once(seed* s) {
  s->steps = 0;
  for (int i = 0; i < s->nalgos; i++) {
    char folder[400];
    snprintf(folder, sizeof folder, "%s/%s", s->folder, s->algos[i]);
    lb_run_options options = {.root = s->root,
                              .suite = "",
                              .task = s->task,
                              .algo = s->algos[i],
                              .seed = 0,
                              .protocol = lb_protocol_default(),
                              .folder = folder,
                              .command = "bench perf",
                              .fresh = true,
                              .checkpoint_seconds = 1e9};
    LB_TRY(lb_run(&options));
    LB_TRY(count_steps(&s->steps, folder));
  }
  return lb_ok();
}

// The same n times, until one fails.
static void run_seeds(void* ctx, long n) {
  seed* s = ctx;
  for (long i = 0; i < n && s->status.code == LB_OK; i++) s->status = run_once(s);
}

// Times a seed beside its real steps alone.
static lb_status measure_seed(lb_perf_result* result, const char* name, const char* root, seed* s) {
  LB_TRY(lb_folder_temporary(s->folder, "perf"));
  s->root = root;
  lb_perf_time time = lb_perf_measure(run_seeds, s, 0, 5);
  lb_status status = s->status;
  lb_status removed = lb_folder_remove(s->folder);
  LB_TRY(status);
  LB_TRY(removed);
  lb_subject subject;
  LB_TRY(lb_subject_open(&subject, root, s->task));
  *result = lb_perf_duration(name, "s", time, 1, s->steps * lb_subject_raw_seconds(&subject));
  lb_subject_close(&subject);
  result->note = "one seed of SysID and LAMPS, 20 iterations; limit: its real steps alone, by the bare simulator";
  return lb_ok();
}

lb_status lb_perf_seed_2023(lb_perf_result* result, const char* name, const char* root, const char* task) {
  static const char* const algos[] = {"sysid-2023", "lamps-2023"};
  (void)task;
  seed s = {.task = "helicopter-hover-2023", .algos = algos, .nalgos = 2};
  return measure_seed(result, name, root, &s);
}

lb_status lb_perf_seed_mujoco(lb_perf_result* result, const char* name, const char* root, const char* task) {
  static const char* const algos[] = {"sysid", "lamps"};
  (void)task;
  seed s = {.task = "helicopter-hover", .algos = algos, .nalgos = 2};
  return measure_seed(result, name, root, &s);
}
