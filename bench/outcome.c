// How a run went: see outcome.h.
#include "outcome.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/expert_files.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_folder.h"
#include "io/run_read.h"
#include "root.h"

lb_status lb_outcome_read_end(lb_outcome_line* line, const char* folder) {
  *line = (lb_outcome_line){.end = LB_END_NONE};
  return lb_run_read_end(&line->end, line->message, sizeof line->message, folder);
}

// Whether the object has the key, be it null.
static bool is_named(lb_node object, const char* key) {
  lb_node node;
  return lb_json_child(object, key, &node).code == LB_OK;
}

// Takes a line of metrics; a later one takes the place of an earlier one.
static lb_status take_line(void* ctx, lb_node object) {
  lb_outcome_line* line = ctx;
  LB_TRY(lb_json_int(object, "iteration", 0, 1 << 30, &line->iteration));
  if (is_named(object, "return")) line->measure = "return";
  bool is_return = line->measure[0] == 'r';
  line->score = lb_run_read_number(object, is_return ? "return" : "cost");
  line->score_se = lb_run_read_number(object, is_return ? "return_se" : "cost_se");
  line->by_steps = is_named(object, "return_best");
  line->best = lb_run_read_number(object, "return_best");
  double episodes = lb_run_read_number(object, "demonstrations");
  if (episodes >= 0 && episodes < 1e9 && line->n_sizes < LB_OUTCOME_SIZES) {
    line->sizes[line->n_sizes++] = (lb_outcome_size){
        .episodes = (int)episodes, .transitions = line->iteration, .score = line->score, .score_se = line->score_se};
  }
  return lb_ok();
}

// The last whole line, and the earlier ones where the last is of a row that only imitates: there are few.
static lb_status read_metrics(lb_outcome_line* line, const char* folder) {
  lb_json* last;
  line->iteration = -1;
  line->measure = "cost";
  line->score = line->score_se = line->best = line->expert = NAN;
  line->by_steps = false;
  LB_TRY(lb_run_read_last(&last, folder, "metrics.jsonl"));
  if (!last) return lb_ok();
  lb_status status = take_line(line, lb_json_root(last));
  lb_json_free(last);
  if (status.code != LB_OK || line->n_sizes == 0) return status;
  line->n_sizes = 0;
  return lb_run_read_log(folder, "metrics.jsonl", false, take_line, line);
}

void lb_outcome_score(char out[80], const char* measure, double score, double se) {
  if (isfinite(score)) {
    snprintf(out, 80, isfinite(se) ? "%s %.6g +- %.2g" : "%s %.6g", measure, score, se);
  } else {
    snprintf(out, 80, "no %s", measure);
  }
}

lb_status lb_outcome_read(lb_outcome_line* line, const char* folder) {
  LB_TRY(lb_outcome_read_end(line, folder));
  LB_TRY(lb_run_folder_verify(folder));
  return read_metrics(line, folder);
}

// The text at a path of two keys at most, "" where there is none.
static void copy_text(char out[80], lb_node object, const char* parent, const char* key) {
  const char* text;
  out[0] = '\0';
  if (parent && lb_json_object(object, parent, &object).code != LB_OK) return;
  if (lb_json_string(object, key, &text).code == LB_OK) snprintf(out, 80, "%s", text);
}

void lb_outcome_read_expert(lb_outcome_line* line, const char* root, const char* task, const char* folder) {
  char path[LB_EXPERT_FILES_FOLDER + 300], data[LB_EXPERT_FILES_FOLDER], of_run[80], of_expert[80];
  lb_json *config, *expert;
  line->expert = NAN;
  snprintf(path, sizeof path, "%s/config.json", folder);
  if (lb_json_load(&config, path).code != LB_OK) return;
  copy_text(of_run, lb_json_root(config), NULL, "task_hash");
  lb_json_free(config);
  if (lb_expert_files_folder(data, root, task).code != LB_OK) return;
  snprintf(path, sizeof path, "%s/%.200s.json", data, task);
  if (lb_json_load(&expert, path).code != LB_OK) return;
  copy_text(of_expert, lb_json_root(expert), "provenance", "task_hash");
  const char* key = line->measure[0] == 'r' ? "mean_return" : "mean_cost";
  if (*of_run && strcmp(of_run, of_expert) == 0) line->expert = lb_run_read_number(lb_json_root(expert), key);
  lb_json_free(expert);
}

double lb_outcome_cpu(const char* folder) {
  lb_json* last;
  if (lb_run_read_last(&last, folder, "timing.jsonl").code != LB_OK || !last) return 0;
  double seconds = lb_run_read_number(lb_json_root(last), "cpu");
  lb_json_free(last);
  return seconds >= 0 ? seconds : 0;
}
