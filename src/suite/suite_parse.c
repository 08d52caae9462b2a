// The definition of a suite: see suite.h.
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/json_writer.h"
#include "suite/suite.h"
#include "suite/suite_grammar.h"
#include "suite/suite_keys.h"
#include "suite/suite_overrides.h"
#include "suite/suite_preset.h"
#include "suite/suite_questions.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

// An array of whole numbers from 0 to `high`.
static lb_status read_whole_numbers(lb_suite* s, lb_node object, const char* key, int high, const int** out, int* n) {
  double* values;
  LB_TRY(lb_json_numbers(object, key, -1, s->arena, &values, n));
  int* whole = LB_TAKE(s->arena, int, *n + 1);
  lb_node array;
  int length;
  LB_TRY(lb_json_array(object, key, &array, &length));
  for (int i = 0; i < *n; i++) {
    if (!(values[i] >= 0 && values[i] <= high) || values[i] != (double)(int)values[i]) {
      return lb_json_fail(lb_json_element(array, i), "%g is not a whole number from 0 to %d", values[i], high);
    }
    whole[i] = (int)values[i];
    for (int j = 0; j < i; j++) {
      if (whole[j] == whole[i]) return lb_json_fail(lb_json_element(array, i), "%d is named twice", whole[i]);
    }
  }
  *out = whole;
  return lb_ok();
}

// The seeds: a list, or how many from 0 on; 10 where nothing is said.
static lb_status read_seeds(lb_suite* s, lb_node root) {
  s->n_seeds = 10;
  if (lb_json_has(root, "seeds")) {
    lb_node node;
    LB_TRY(lb_json_child(root, "seeds", &node));
    if (lb_json_is_array(node)) {
      LB_TRY(read_whole_numbers(s, root, "seeds", INT_MAX, &s->seeds, &s->n_seeds));
      return s->n_seeds ? lb_ok() : lb_json_fail(node, "no seeds; give at least one");
    }
    LB_TRY(lb_json_int(root, "seeds", 1, LB_SUITE_MOST_SEEDS, &s->n_seeds));
  }
  int* seeds = LB_TAKE(s->arena, int, s->n_seeds);
  for (int i = 0; i < s->n_seeds; i++) seeds[i] = i;
  s->seeds = seeds;
  return lb_ok();
}

// An object that others read.
static lb_status read_opaque(lb_node root, const char* key, bool* has, lb_node* out) {
  *has = lb_json_has(root, key);
  return *has ? lb_json_object(root, key, out) : lb_ok();
}

// A row of its own: task and algorithm.
static lb_status read_row(lb_node node, lb_suite_row* row) {
  LB_TRY(lb_suite_check_keys(node, LB_SUITE_ROW));
  LB_TRY(lb_json_string(node, "task", &row->task));
  LB_TRY(lb_suite_keys_check_name(node, row->task));
  LB_TRY(lb_json_string(node, "algo", &row->algo));
  return lb_suite_keys_check_name(node, row->algo);
}

// Adds a row, or of an algorithm that is swept a row a value.
static lb_status add_rows(lb_suite* s, lb_suite_row* rows, lb_node node, const char* task, const char* algo) {
  bool swept = lb_suite_keys_find(s->sweep.algos, s->sweep.n_algos, algo) >= 0;
  for (int v = 0; v < (swept ? s->sweep.n : 1); v++) {
    lb_suite_row row = {.task = task, .algo = algo, .recipe = algo, .value = swept ? v : -1};
    if (swept) row.algo = lb_suite_overrides_label(s->arena, algo, s->sweep.texts[v]);
    if (lb_suite_find_row(s, task, row.algo)) return lb_json_fail(node, "the row %s, %s is named twice", task, algo);
    rows[s->n_rows++] = row;
  }
  return lb_ok();
}

// The rows: tasks times algorithms, and single ones; then the tasks and algorithms that occur.
static lb_status read_rows(lb_suite* s, lb_node root) {
  const char **tasks = NULL, **algos = NULL;
  int n_tasks, n_algos, n_single = 0;
  lb_node single = root;
  LB_TRY(lb_suite_keys_names(s->arena, root, "tasks", &tasks, &n_tasks));
  LB_TRY(lb_suite_keys_names(s->arena, root, "algos", &algos, &n_algos));
  if (lb_json_has(root, "rows")) LB_TRY(lb_json_array(root, "rows", &single, &n_single));
  if ((n_tasks > 0) != (n_algos > 0)) return lb_json_fail(root, "\"tasks\" and \"algos\" go together");
  int n = (n_tasks * n_algos + n_single) * (s->sweep.n > 1 ? s->sweep.n : 1);
  if (n == 0) return lb_json_fail(root, "no rows; give \"tasks\" and \"algos\", or \"rows\"");
  lb_suite_row* rows = LB_TAKE(s->arena, lb_suite_row, n);
  s->rows = rows;
  for (int t = 0; t < n_tasks; t++) {
    for (int a = 0; a < n_algos; a++) LB_TRY(add_rows(s, rows, root, tasks[t], algos[a]));
  }
  for (int i = 0; i < n_single; i++) {
    lb_suite_row row;
    lb_node node = lb_json_element(single, i);
    LB_TRY(read_row(node, &row));
    LB_TRY(add_rows(s, rows, node, row.task, row.algo));
  }
  s->tasks = LB_TAKE(s->arena, const char*, n);
  s->algos = LB_TAKE(s->arena, const char*, n);
  for (int i = 0; i < s->n_rows; i++) {
    if (lb_suite_keys_find(s->tasks, s->n_tasks, rows[i].task) < 0) s->tasks[s->n_tasks++] = rows[i].task;
    if (lb_suite_keys_find(s->algos, s->n_algos, rows[i].algo) < 0) s->algos[s->n_algos++] = rows[i].algo;
  }
  return lb_ok();
}

// The constants inside costs, by task.
static lb_status read_floors(lb_suite* s, lb_node root) {
  if (!lb_json_has(root, "cost_floor")) return lb_ok();
  lb_node object;
  LB_TRY(lb_json_object(root, "cost_floor", &object));
  LB_TRY(lb_json_keys(object, s->tasks, s->n_tasks));
  int n = lb_json_length(object);
  lb_suite_floor* floors = LB_TAKE(s->arena, lb_suite_floor, n + 1);
  for (int i = 0; i < n; i++) {
    floors[i].task = lb_json_key(object, i);
    LB_TRY(lb_json_number(object, floors[i].task, -1e300, 1e300, &floors[i].value));
  }
  s->floors = floors;
  s->n_floors = n;
  return lb_ok();
}

// The name of a row kind: as given, else `usual` or `other` when the suite has such an algorithm, else NULL.
static lb_status read_role(const lb_suite* s, lb_node root, const char* key, const char* usual, const char* other,
                           const char** out) {
  const char* missing = lb_suite_keys_find(s->algos, s->n_algos, usual) >= 0 ? usual : NULL;
  if (!missing && other && lb_suite_keys_find(s->algos, s->n_algos, other) >= 0) missing = other;
  return lb_suite_keys_known_or(root, key, s->algos, s->n_algos, missing, out);
}

// Reference, start, baseline, and the rows that are references.
static lb_status read_roles(lb_suite* s, lb_node root) {
  LB_TRY(read_role(s, root, "reference", "expert", NULL, &s->reference));
  LB_TRY(read_role(s, root, "start", "zero", "random", &s->start));
  LB_TRY(lb_suite_keys_known_or(root, "baseline", s->algos, s->n_algos, NULL, &s->baseline));
  if (!lb_json_has(root, "references")) return lb_ok();
  return lb_suite_questions_algos(s, root, "references", &s->references, &s->n_references);
}

// The rows that are asked for.
static lb_status read_only(lb_suite* s, lb_node root) {
  if (!lb_json_has(root, "only")) return lb_ok();
  lb_node array;
  LB_TRY(lb_json_array(root, "only", &array, &s->n_only));
  s->only = LB_TAKE(s->arena, const char*, s->n_only + 1);
  for (int i = 0; i < s->n_only; i++) LB_TRY(lb_json_as_string(lb_json_element(array, i), &s->only[i]));
  return lb_ok();
}

// The whole definition.
static lb_status read_suite(lb_suite* s) {
  lb_node root = lb_json_root(s->doc);
  LB_TRY(lb_suite_check_keys(root, LB_SUITE_ROOT));
  LB_TRY(lb_json_string(root, "name", &s->name));
  LB_TRY(lb_suite_keys_check_name(root, s->name));
  LB_TRY(lb_json_string_or(root, "title", s->name, &s->title));
  LB_TRY(lb_json_string_or(root, "summary", "", &s->summary));
  LB_TRY(lb_json_string_or(root, "part", "", &s->part));
  LB_TRY(lb_json_string_or(root, "preset", "", &s->preset));
  LB_TRY(read_only(s, root));
  LB_TRY(read_opaque(root, "as_run", &s->has_as_run, &s->as_run));
  s->has_metric = lb_json_has(root, "metric");
  LB_TRY(lb_json_string_or(root, "metric", "cost", &s->metric));
  LB_TRY(read_seeds(s, root));
  LB_TRY(read_opaque(root, "protocol", &s->has_protocol, &s->protocol));
  LB_TRY(lb_suite_overrides_sweep(s, root));
  LB_TRY(read_rows(s, root));
  LB_TRY(lb_suite_overrides_check_sweep(s, root));
  LB_TRY(lb_suite_overrides_overrides(s, root));
  LB_TRY(read_roles(s, root));
  if (lb_json_has(root, "show"))
    LB_TRY(read_whole_numbers(s, root, "show", LB_SUITE_MOST_ITERATION, &s->show, &s->n_show));
  LB_TRY(read_floors(s, root));
  LB_TRY(lb_suite_questions_ladder(s, root));
  LB_TRY(lb_suite_questions_figures(s, root));
  LB_TRY(lb_suite_questions_contrasts(s, root));
  LB_TRY(lb_suite_questions_claims(s, root));
  LB_TRY(lb_suite_questions_bands(s, root));
  return lb_suite_questions_overlays(s, root);
}

// Puts what the preset makes of the definition in the place of what was written.
static lb_status apply_preset(lb_suite* s, const char* preset) {
  lb_node root = lb_json_root(s->written);
  LB_TRY(lb_suite_check_keys(root, LB_SUITE_ROOT));
  LB_TRY(read_opaque(root, "presets", &s->has_presets, &s->presets));
  if (s->has_presets) LB_TRY(lb_suite_preset_check(s->presets));
  s->doc = s->written;
  if (!preset) return lb_ok();
  lb_text text = {0}, origin = {0};
  lb_text_add(&origin, "%s, preset %s", s->path, preset);
  lb_status status = lb_suite_preset_apply(&text, root, preset, s->arena);
  if (status.code == LB_OK) status = lb_json_parse(&s->doc, text.data, origin.data);
  if (status.code != LB_OK) s->doc = NULL;
  lb_text_free(&origin);
  lb_text_free(&text);
  return status;
}

// From the file at `path`, or from `text` where there is one.
static lb_status load(lb_suite** out, const char* path, const char* text, const char* preset) {
  *out = NULL;
  lb_arena* arena = lb_arena_new(1 << 14);
  if (!arena) return lb_fail(LB_MEMORY, "%s: no memory to read it", path);
  lb_suite* s = LB_TAKE(arena, lb_suite, 1);
  s->arena = arena;
  s->path = lb_arena_text(arena, path);
  lb_status status = text ? lb_json_parse(&s->written, text, path) : lb_json_load(&s->written, path);
  if (status.code == LB_OK) status = apply_preset(s, preset);
  if (status.code == LB_OK) status = read_suite(s);
  if (status.code != LB_OK) {
    lb_suite_free(s);
    return status;
  }
  *out = s;
  return status;
}

lb_status lb_suite_load(lb_suite** out, const char* path) {
  return load(out, path, NULL, NULL);
}

lb_status lb_suite_parse(lb_suite** out, const char* text, const char* origin) {
  return load(out, origin, text, NULL);
}

lb_status lb_suite_load_preset(lb_suite** out, const char* path, const char* preset) {
  return load(out, path, NULL, preset);
}

void lb_suite_use_metric(lb_suite* s, const char* metric) {
  const char* before = s->metric;  // who named none has this very pointer
  for (int i = 0; i < s->n_bands; i++) {
    if (s->bands[i].metric == before) s->bands[i].metric = metric;
  }
  for (int i = 0; i < s->n_overlays; i++) {
    if (s->overlays[i].metric == before) s->overlays[i].metric = metric;
  }
  s->metric = metric;  // contrasts point here
}

void lb_suite_free(lb_suite* suite) {
  if (!suite) return;
  if (suite->doc != suite->written) lb_json_free(suite->doc);
  lb_json_free(suite->written);
  lb_arena_free(suite->arena);
}

// The seeds, one by one.
static void write_seeds(lb_json_writer* w, const int* seeds, int n) {
  lb_json_write_begin_array(w, "seeds");
  for (int i = 0; i < n; i++) lb_json_write_int(w, NULL, seeds[i]);
  lb_json_write_end_array(w);
}

// The rows that are asked for; nothing where these are all.
static void write_only(lb_json_writer* w, const char* const* only, int n) {
  if (n == 0) return;
  lb_json_write_begin_array(w, "only");
  for (int i = 0; i < n; i++) lb_json_write_string(w, NULL, only[i]);
  lb_json_write_end_array(w);
}

// Whether a copy has its own value of a key.
static bool is_replaced(const char* key, const lb_suite_as_run* run) {
  static const char* const keys[] = {"seeds", "presets", "overrides", "only", "as_run"};
  return lb_suite_keys_find(keys, COUNT(keys), key) >= 0 || (run->protocol && strcmp(key, "protocol") == 0);
}

// A member as it is.
static void copy_value(lb_json_writer* w, const char* key, lb_node node) {
  char* value = lb_json_canonical(node);
  lb_json_write_raw(w, key, value);
  free(value);
}

// The overrides as they are, and `set` as one of all rows behind them.
static void write_overrides(lb_json_writer* w, lb_node root, const char* set) {
  lb_node array;
  int n = 0;
  if (lb_json_has(root, "overrides") && lb_json_array(root, "overrides", &array, &n).code != LB_OK) n = 0;
  lb_json_write_begin_array(w, "overrides");
  for (int i = 0; i < n; i++) copy_value(w, NULL, lb_json_element(array, i));
  if (set) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_raw(w, "protocol", set);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

lb_status lb_suite_save(const lb_suite* suite, const char* path, const lb_suite_as_run* run) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_node root = lb_json_root(suite->doc);
  for (int i = 0; i < lb_json_length(root); i++) {
    const char* key = lb_json_key(root, i);
    if (!is_replaced(key, run)) copy_value(&w, key, lb_json_element(root, i));
  }
  write_seeds(&w, run->seeds, run->n_seeds);
  write_only(&w, run->only, run->n_only);
  if (run->protocol) lb_json_write_raw(&w, "protocol", run->protocol);
  if (run->set || lb_json_has(root, "overrides")) write_overrides(&w, root, run->set);
  if (run->as_run) lb_json_write_raw(&w, "as_run", run->as_run);
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  lb_status status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  return status;
}

void lb_suite_row_name(char name[LB_SUITE_ROW_NAME], const char* pattern, const lb_suite_row* row) {
  snprintf(name, LB_SUITE_ROW_NAME, strchr(pattern, '/') ? "%s/%s" : "%s", row->task, row->algo);
}

bool lb_suite_row_is_wanted(const lb_suite_row* row, const char* const* only, int n) {
  char name[LB_SUITE_ROW_NAME];
  for (int i = 0; i < n; i++) {
    lb_suite_row_name(name, only[i], row);
    if (fnmatch(only[i], name, 0) == 0) return true;
  }
  return n == 0;
}

const lb_suite_row* lb_suite_find_row(const lb_suite* suite, const char* task, const char* algo) {
  for (int i = 0; i < suite->n_rows; i++) {
    const lb_suite_row* row = &suite->rows[i];
    if (strcmp(row->task, task) == 0 && strcmp(row->algo, algo) == 0) return row;
  }
  return NULL;
}

double lb_suite_cost_floor(const lb_suite* suite, const char* task) {
  for (int i = 0; i < suite->n_floors; i++) {
    if (strcmp(suite->floors[i].task, task) == 0) return suite->floors[i].value;
  }
  return 0;
}
