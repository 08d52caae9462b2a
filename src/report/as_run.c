#include "report/as_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"

// A text of an object, "" when there is none.
static const char* text_of(lb_node object, const char* key) {
  const char* text;
  return lb_json_has(object, key) && lb_json_string(object, key, &text).code == LB_OK ? text : "";
}

static bool member(lb_node object, const char* key, lb_node* out) {
  return lb_json_has(object, key) && lb_json_object(object, key, out).code == LB_OK;
}

// Whether the run read such a file and the suite has another now; of demonstrations there may be several, by whom they
// are: "demonstrations", "demonstrations-30".
static bool other_file(const char* read, lb_node task, const char* key) {
  bool there = false;
  for (int i = 0; *read && i < lb_json_length(task); ++i) {
    const char* own = lb_json_key(task, i);
    size_t n = strlen(key);
    if (strncmp(own, key, n) != 0 || (own[n] && own[n] != '-')) continue;
    if (strcmp(read, text_of(task, own)) == 0) return false;
    there = true;
  }
  return there;
}

static bool other_recipe(const lb_suite* suite, const lb_results_run* run) {
  lb_node recipes;
  const lb_suite_row* row = lb_suite_find_row(suite, run->task, run->algo);
  if (!row || !run->recipe_sum || !member(suite->as_run, "recipes", &recipes)) return false;
  char key[400];
  snprintf(key, sizeof key, "%.190s/%.190s", row->task, row->recipe);
  return lb_json_has(recipes, key) && strcmp(text_of(recipes, key), run->recipe_sum) != 0;
}

static bool other_program(const lb_suite* suite, const lb_results_run* run) {
  lb_node program;
  if (!member(suite->as_run, "program", &program)) return false;
  char* now = lb_json_canonical(program);
  bool other = !run->program || strcmp(run->program, now) != 0;
  free(now);
  return other;
}

const char* lb_as_run_staleness(const lb_suite* suite, const lb_results_run* run, lb_arena* arena) {
  lb_node tasks, task;
  if (!suite->has_as_run || !run->task_hash) return NULL;
  if (member(suite->as_run, "tasks", &tasks) && member(tasks, run->task, &task)) {
    if (strcmp(run->task_hash, text_of(task, "hash")) != 0) {
      return lb_format_text(arena, "of another version of the task (hash %.8s, the suite's is %.8s), left out",
                            run->task_hash, text_of(task, "hash"));
    }
    if (other_file(run->demonstrations, task, "demonstrations") || other_file(run->policy, task, "policy")) {
      return "made from another recording of the expert, left out";
    }
  }
  if (other_recipe(suite, run)) return "made by another recipe than the row's now, left out";
  if (!other_program(suite, run)) return NULL;
  return run->program ? "made by another program than the suite's last, left out"
                      : "made by a program that did not say which it was, left out";
}
