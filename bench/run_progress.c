// How far a run of its own has come: see run_progress.h.
#include "run_progress.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "base/log.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_folder.h"
#include "outcome.h"
#include "root.h"

// "ALGO on TASK, seed N: ".
static lb_status print_name(const char* folder) {
  char path[LB_BENCH_PATH + 16];
  const char *task = "", *algo = "";
  int seed = 0;
  lb_json* doc;
  snprintf(path, sizeof path, "%s/config.json", folder);
  LB_TRY(lb_json_load(&doc, path));
  lb_node config = lb_json_root(doc);
  lb_status status = lb_json_string(config, "task", &task);
  if (status.code == LB_OK) status = lb_json_string(config, "algo", &algo);
  if (status.code == LB_OK) status = lb_json_int(config, "seed", 0, INT_MAX, &seed);
  if (status.code == LB_OK) printf("%s on %s, seed %d: ", algo, task, seed);
  lb_json_free(doc);
  return status;
}

// "; stale: another program".
static void print_staleness(const char* folder, lb_identities* identities, bool over) {
  char path[LB_BENCH_PATH + 16];
  const char *task, *algo;
  lb_identity identity;
  lb_json* doc;
  snprintf(path, sizeof path, "%s/config.json", folder);
  if (lb_json_load(&doc, path).code != LB_OK) return;
  lb_node config = lb_json_root(doc);
  bool known = lb_json_string(config, "task", &task).code == LB_OK &&
               lb_json_string(config, "algo", &algo).code == LB_OK &&
               lb_identities_compare(identities, &identity, folder, task, algo, -1, NULL).code == LB_OK;
  if (known && lb_identity_is_stale(identity, over)) printf("; stale: %s", lb_identity_words(identity));
  lb_json_free(doc);
}

// ", step 1200 of 3000 (40 %), 3 min 20 s left": iterations are taken to last equally long.
static void print_progress(const lb_run_folder_progress* at) {
  printf(", %s %d of %d (%.0f %%)", at->iteration_name, at->iteration, at->iterations,
         100.0 * at->iteration / at->iterations);
  // The first moments of a process say nothing of its pace.
  if (at->iteration <= at->from || (at->iteration - at->from < 0.05 * at->iterations && at->cpu < 60)) return;
  char time[32];
  lb_format_duration(at->cpu / (at->iteration - at->from) * (at->iterations - at->iteration), time, sizeof time);
  printf(", %s left", time);
}

lb_status lb_run_progress_print(const char* folder, lb_identities* identities) {
  lb_outcome_line line;
  lb_run_folder_progress at;
  lb_status status = lb_outcome_read(&line, folder);
  LB_TRY(print_name(folder));
  if (status.code == LB_INPUT) {
    printf("unreadable: %s\n", status.text);
    return lb_ok();
  }
  LB_TRY(status);
  if (line.end != LB_END_NONE) {
    printf("%s%s%s", lb_run_end_word(line.end), line.message[0] ? ": " : "", line.message);
  } else {
    bool told = lb_run_folder_read_progress(&at, folder) && at.iterations > 0;
    printf("%s", lb_lock_is_held(folder) ? "running" : "interrupted");
    if (told) print_progress(&at);
  }
  if (line.iteration >= 0) {
    char score[80];
    lb_outcome_score(score, line.measure, line.score, NAN);
    printf("; %s at %d", score, line.iteration);
    if (!isnan(line.best)) printf(", best %.6g", line.best);
  }
  print_staleness(folder, identities, line.end == LB_END_FINISHED || line.end == LB_END_DIVERGED);
  fputc('\n', stdout);
  return lb_ok();
}
