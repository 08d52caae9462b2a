// The settings in a suite's definition: see suite_overrides.h.
#include "suite/suite_overrides.h"

#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "io/json_writer.h"
#include "suite/suite_grammar.h"
#include "suite/suite_keys.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

const char* lb_suite_overrides_label(lb_arena* arena, const char* algo, const char* text) {
  return lb_format_text(arena, "%s@%s", algo, text);
}

// The sweep's values, as numbers and as they are written.
static lb_status read_values(lb_suite* s, lb_node sweep) {
  double* values;
  LB_TRY(lb_json_numbers(sweep, "values", -1, s->arena, &values, &s->sweep.n));
  lb_node array;
  int n;
  LB_TRY(lb_json_array(sweep, "values", &array, &n));
  if (n == 0) return lb_json_fail(array, "no values; give at least one");
  s->sweep.values = values;
  s->sweep.texts = LB_TAKE(s->arena, const char*, n);
  for (int i = 0; i < n; i++) {
    char text[LB_NUMBER_TEXT];
    if (i > 0 && !(values[i] > values[i - 1])) return lb_json_fail(lb_json_element(array, i), "values must ascend");
    lb_json_number_text(values[i], text);
    s->sweep.texts[i] = lb_arena_text(s->arena, text);
    LB_TRY(lb_suite_keys_check_name(lb_json_element(array, i), text));
  }
  return lb_ok();
}

lb_status lb_suite_overrides_sweep(lb_suite* s, lb_node root) {
  if (!lb_json_has(root, "sweep")) return lb_ok();
  lb_node sweep;
  LB_TRY(lb_json_object(root, "sweep", &sweep));
  LB_TRY(lb_suite_check_keys(sweep, LB_SUITE_SWEEP));
  LB_TRY(lb_json_string(sweep, "setting", &s->sweep.setting));
  LB_TRY(read_values(s, sweep));
  LB_TRY(lb_suite_keys_names(s->arena, sweep, "algos", &s->sweep.algos, &s->sweep.n_algos));
  return s->sweep.n_algos ? lb_ok() : lb_json_fail(sweep, "no algorithms to sweep; give \"algos\"");
}

// Whether some row is of a recipe.
static bool has_recipe(const lb_suite* s, const char* name) {
  for (int i = 0; i < s->n_rows; i++) {
    if (strcmp(s->rows[i].recipe, name) == 0) return true;
  }
  return false;
}

// A failure that names the nearest algorithm.
static lb_status unknown(const lb_suite* s, lb_node node, const char* name) {
  const char* nearest = lb_text_nearest(name, s->algos, s->n_algos);
  return lb_json_fail(node, "'%s' is no algorithm of this suite%s%s%s", name, nearest ? " (did you mean '" : "",
                      nearest ? nearest : "", nearest ? "'?)" : "");
}

lb_status lb_suite_overrides_check_sweep(const lb_suite* s, lb_node root) {
  for (int i = 0; i < s->sweep.n_algos; i++) {
    lb_node sweep;
    LB_TRY(lb_json_object(root, "sweep", &sweep));
    if (!has_recipe(s, s->sweep.algos[i])) return unknown(s, sweep, s->sweep.algos[i]);
  }
  return lb_ok();
}

// An override: its rows, and its settings.
static lb_status read_override(lb_suite* s, lb_node node, lb_suite_override* o) {
  LB_TRY(lb_suite_check_keys(node, LB_SUITE_OVERRIDE));
  LB_TRY(lb_suite_keys_names(s->arena, node, "tasks", &o->tasks, &o->n_tasks));
  LB_TRY(lb_suite_keys_names(s->arena, node, "algos", &o->algos, &o->n_algos));
  for (int i = 0; i < o->n_tasks; i++) {
    if (lb_suite_keys_find(s->tasks, s->n_tasks, o->tasks[i]) >= 0) continue;
    const char* nearest = lb_text_nearest(o->tasks[i], s->tasks, s->n_tasks);
    return lb_json_fail(node, "'%s' is no task of this suite%s%s%s", o->tasks[i], nearest ? " (did you mean '" : "",
                        nearest ? nearest : "", nearest ? "'?)" : "");
  }
  for (int i = 0; i < o->n_algos; i++) {
    bool known = has_recipe(s, o->algos[i]) || lb_suite_keys_find(s->algos, s->n_algos, o->algos[i]) >= 0;
    if (!known) return unknown(s, node, o->algos[i]);
  }
  return lb_json_object(node, "protocol", &o->protocol);
}

lb_status lb_suite_overrides_overrides(lb_suite* s, lb_node root) {
  if (!lb_json_has(root, "overrides")) return lb_ok();
  lb_node array;
  LB_TRY(lb_json_array(root, "overrides", &array, &s->n_overrides));
  lb_suite_override* overrides = LB_TAKE(s->arena, lb_suite_override, s->n_overrides + 1);
  s->overrides = overrides;
  for (int i = 0; i < s->n_overrides; i++) LB_TRY(read_override(s, lb_json_element(array, i), &overrides[i]));
  return lb_ok();
}

bool lb_suite_override_covers(const lb_suite_override* o, const lb_suite_row* row) {
  bool task = o->n_tasks == 0 || lb_suite_keys_find(o->tasks, o->n_tasks, row->task) >= 0;
  bool algo = o->n_algos == 0 || lb_suite_keys_find(o->algos, o->n_algos, row->algo) >= 0 ||
              lb_suite_keys_find(o->algos, o->n_algos, row->recipe) >= 0;
  return task && algo;
}
