// How a run went: see outcome.h.
#include "outcome.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/json.h"
#include "io/run_folder.h"
#include "root.h"

static const char* const end_names[] = {"running", "finished", "diverged", "failed"};

const char* lb_run_end_name(lb_run_end end) {
  return end_names[end];
}

lb_status lb_outcome_read_end(lb_outcome_line* line, const char* folder) {
  char path[LB_BENCH_PATH + 16];
  snprintf(path, sizeof path, "%s/done.json", folder);
  *line = (lb_outcome_line){.end = LB_END_NONE};
  if (!lb_file_exists(path)) return lb_ok();
  lb_json* doc;
  int end = 0;
  const char* message = "";
  LB_TRY(lb_json_load(&doc, path));
  lb_node object = lb_json_root(doc);
  lb_status status = lb_json_choice(object, "status", end_names, 4, &end);
  if (status.code == LB_OK) status = lb_json_string_or(object, "message", "", &message);
  line->end = (lb_run_end)end;
  snprintf(line->message, sizeof line->message, "%s", message);
  lb_json_free(doc);
  return status;
}

// A number that may be null (not finite) or absent.
static double number_or_nan(lb_node object, const char* key) {
  double value;
  if (!lb_json_has(object, key) || lb_json_number(object, key, -INFINITY, INFINITY, &value).code != LB_OK) return NAN;
  return fabs(value) > 1e308 ? NAN : value;  // what older runs wrote where there was no value
}

// Whether the object has the key, be it null.
static bool is_named(lb_node object, const char* key) {
  lb_node node;
  return lb_json_child(object, key, &node).code == LB_OK;
}

// Takes a line of metrics; a later one takes the place of an earlier one.
static lb_status take_line(lb_outcome_line* line, const char* text, const char* path) {
  lb_json* doc;
  LB_TRY(lb_json_parse(&doc, text, path));
  lb_node object = lb_json_root(doc);
  lb_status status = lb_json_int(object, "iteration", 0, 1 << 30, &line->iteration);
  if (is_named(object, "return")) line->measure = "return";
  bool is_return = line->measure[0] == 'r';
  line->score = number_or_nan(object, is_return ? "return" : "cost");
  line->score_se = number_or_nan(object, is_return ? "return_se" : "cost_se");
  line->by_steps = is_named(object, "return_best");
  line->best = number_or_nan(object, "return_best");
  double episodes = number_or_nan(object, "demonstrations");
  if (episodes >= 0 && episodes < 1e9 && line->n_sizes < LB_OUTCOME_SIZES) {
    line->sizes[line->n_sizes++] = (lb_outcome_size){
        .episodes = (int)episodes, .transitions = line->iteration, .score = line->score, .score_se = line->score_se};
  }
  lb_json_free(doc);
  return status;
}

// The last whole line, and the earlier ones where the last is of a row that only imitates: there are few.
static lb_status take_lines(lb_outcome_line* line, char* text, size_t n, const char* path) {
  while (n > 0 && text[n - 1] != '\n') n--;
  if (n == 0) return lb_ok();
  text[n - 1] = '\0';
  char* before = strrchr(text, '\n');
  LB_TRY(take_line(line, before ? before + 1 : text, path));
  if (line->n_sizes == 0) return lb_ok();
  line->n_sizes = 0;
  for (char *start = text, *end; start; start = end ? end + 1 : NULL) {
    end = strchr(start, '\n');
    if (end) *end = '\0';
    LB_TRY(take_line(line, start, path));
  }
  return lb_ok();
}

static lb_status read_metrics(lb_outcome_line* line, const char* folder) {
  char path[LB_BENCH_PATH + 16];
  snprintf(path, sizeof path, "%s/metrics.jsonl", folder);
  line->iteration = -1;
  line->measure = "cost";
  line->score = line->score_se = line->best = line->expert = NAN;
  line->by_steps = false;
  if (!lb_file_exists(path)) return lb_ok();
  char* text;
  size_t n;
  LB_TRY(lb_file_read(path, &text, &n));
  lb_status status = take_lines(line, text, n, path);
  free(text);
  return status;
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
  char path[LB_BENCH_PATH + 300], of_run[80], of_expert[80];
  lb_json *config, *expert;
  line->expert = NAN;
  snprintf(path, sizeof path, "%s/config.json", folder);
  if (lb_json_load(&config, path).code != LB_OK) return;
  copy_text(of_run, lb_json_root(config), NULL, "task_hash");
  lb_json_free(config);
  snprintf(path, sizeof path, "%s/expert_data/%s.json", root, task);
  if (lb_json_load(&expert, path).code != LB_OK) return;
  copy_text(of_expert, lb_json_root(expert), "provenance", "task_hash");
  const char* key = line->measure[0] == 'r' ? "mean_return" : "mean_cost";
  if (*of_run && strcmp(of_run, of_expert) == 0) line->expert = number_or_nan(lb_json_root(expert), key);
  lb_json_free(expert);
}

// The last whole line; NULL when there is none. Cuts the text.
static const char* last_line(char* text, size_t n) {
  while (n > 0 && text[n - 1] != '\n') n--;
  if (n == 0) return NULL;
  text[n - 1] = '\0';
  const char* before = strrchr(text, '\n');
  return before ? before + 1 : text;
}

double lb_outcome_cpu(const char* folder) {
  char path[LB_BENCH_PATH + 16], *text;
  size_t n;
  snprintf(path, sizeof path, "%s/timing.jsonl", folder);
  if (!lb_file_exists(path) || lb_file_read(path, &text, &n).code != LB_OK) return 0;
  const char* last = last_line(text, n);
  lb_json* doc;
  double seconds = 0;
  if (last && lb_json_parse(&doc, last, path).code == LB_OK) {
    seconds = number_or_nan(lb_json_root(doc), "cpu");
    lb_json_free(doc);
  }
  free(text);
  return seconds >= 0 ? seconds : 0;
}
