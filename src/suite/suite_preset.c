// What a preset makes of a suite's definition: see suite_preset.h. Whatever is malformed is copied as it is: the reader
// of the result says what is wrong with it.
#include "suite/suite_preset.h"

#include <stdlib.h>
#include <string.h>

#include "io/json_writer.h"
#include "suite/suite.h"
#include "suite/suite_grammar.h"
#include "suite/suite_keys.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

const char* const lb_suite_presets[LB_SUITE_PRESETS] = {"quick", "evening", "standard", "paper"};

// The names that a definition has under the preset.
typedef struct names {
  const char** tasks;
  int n_tasks;
  const char** algos;
  int n_algos;
  const char** swept;  // algorithms
  int n_swept;
  const char** values;  // of the sweep, as they stand in names
  int n_values;
  lb_arena* arena;
} names;

lb_status lb_suite_preset_check(lb_node presets) {
  LB_TRY(lb_suite_check_keys(presets, LB_SUITE_PRESETS_OBJECT));
  for (int i = 0; i < lb_json_length(presets); i++) {
    lb_node preset;
    LB_TRY(lb_json_object(presets, lb_json_key(presets, i), &preset));
    LB_TRY(lb_suite_check_keys(preset, LB_SUITE_PRESET));
  }
  return lb_ok();
}

// A member as it is.
static void copy(lb_json_writer* w, const char* key, lb_node node) {
  char* text = lb_json_canonical(node);
  lb_json_write_raw(w, key, text);
  free(text);
}

// The node under a key of the preset, else of the definition; false when neither has it.
static bool find(lb_node* out, lb_node root, lb_node preset, const char* key) {
  lb_node from = lb_json_has(preset, key) ? preset : root;
  return lb_json_has(from, key) && lb_json_child(from, key, out).code == LB_OK;
}

// The names in a text, or in a list of texts; none of anything else.
static int texts_of(const char** out, int most, lb_node node) {
  int n = 0;
  if (lb_json_is_string(node)) return lb_json_as_string(node, &out[0]).code == LB_OK;
  for (int i = 0; lb_json_is_array(node) && i < lb_json_length(node) && n < most; i++) {
    lb_node element = lb_json_element(node, i);
    if (lb_json_is_string(element) && lb_json_as_string(element, &out[n]).code == LB_OK) n++;
  }
  return n;
}

// The tasks, algorithms and swept values that the preset's rows have.
static void find_names(names* all, lb_node root, lb_node preset, lb_arena* arena) {
  enum { MOST = 1024 };
  lb_node node;
  *all = (names){.arena = arena};
  all->tasks = LB_TAKE(arena, const char*, MOST);
  all->algos = LB_TAKE(arena, const char*, MOST);
  all->values = LB_TAKE(arena, const char*, MOST);
  if (find(&node, root, preset, "tasks")) all->n_tasks = texts_of(all->tasks, MOST, node);
  if (find(&node, root, preset, "algos")) all->n_algos = texts_of(all->algos, MOST, node);
  for (int i = 0; find(&node, root, preset, "rows") && lb_json_is_array(node) && i < lb_json_length(node); i++) {
    lb_node row = lb_json_element(node, i), name;
    if (!lb_json_is_object(row)) continue;
    if (all->n_tasks < MOST && lb_json_has(row, "task") && lb_json_child(row, "task", &name).code == LB_OK)
      all->n_tasks += texts_of(all->tasks + all->n_tasks, 1, name);
    if (all->n_algos < MOST && lb_json_has(row, "algo") && lb_json_child(row, "algo", &name).code == LB_OK)
      all->n_algos += texts_of(all->algos + all->n_algos, 1, name);
  }
  all->swept = LB_TAKE(arena, const char*, MOST);
  lb_node list;
  if (!find(&node, root, preset, "sweep") || !lb_json_is_object(node)) return;
  if (lb_json_has(node, "algos") && lb_json_child(node, "algos", &list).code == LB_OK) {
    all->n_swept = texts_of(all->swept, MOST, list);
  }
  if (!lb_json_has(node, "values") || lb_json_child(node, "values", &list).code != LB_OK) return;
  for (int i = 0; lb_json_is_array(list) && i < lb_json_length(list) && i < MOST; i++) {
    char* text = lb_json_canonical(lb_json_element(list, i));
    all->values[all->n_values++] = lb_arena_text(arena, text);
    free(text);
  }
}

static bool has_task(const names* all, const char* task) {
  return lb_suite_keys_find(all->tasks, all->n_tasks, task) >= 0;
}

static bool has_recipe(const names* all, const char* algo) {
  return lb_suite_keys_find(all->algos, all->n_algos, algo) >= 0;
}

// A row's name: "bc" where it is not swept, "bc@1000" where it is.
static bool has_algo(const names* all, const char* algo) {
  const char* at = strchr(algo, '@');
  if (!at) return has_recipe(all, algo) && lb_suite_keys_find(all->swept, all->n_swept, algo) < 0;
  char* recipe = lb_arena_text(all->arena, algo);
  recipe[at - algo] = '\0';
  return has_recipe(all, recipe) && lb_suite_keys_find(all->swept, all->n_swept, recipe) >= 0 &&
         lb_suite_keys_find(all->values, all->n_values, at + 1) >= 0;
}

// What an override may name.
static bool has_either(const names* all, const char* algo) {
  return has_recipe(all, algo) || has_algo(all, algo);
}

// Whether every name under the key of an object is still there; an object without the key has nothing against it.
static bool keeps(const names* all, lb_node object, const char* key, bool (*has)(const names*, const char*)) {
  lb_node node;
  const char* name;
  if (!lb_json_has(object, key) || lb_json_child(object, key, &node).code != LB_OK) return true;
  return texts_of(&name, 1, node) == 0 || has(all, name);
}

// Copies the names of a list that are still there; returns how many.
static int write_names(lb_json_writer* w, const char* key, const names* all, lb_node list,
                       bool (*has)(const names*, const char*)) {
  int n = 0;
  lb_json_write_begin_array(w, key);
  for (int i = 0; i < lb_json_length(list); i++) {
    const char* name;
    if (texts_of(&name, 1, lb_json_element(list, i)) == 1 && !has(all, name)) continue;
    copy(w, NULL, lb_json_element(list, i));
    n++;
  }
  lb_json_write_end_array(w);
  return n;
}

// An object of a list (a figure, a contrast, a claim, a band, an overlay, an override) with its lists of names
// narrowed; false when nothing is left that it could be about.
static bool write_part(lb_text* out, const names* all, lb_node part, bool is_override) {
  bool (*has)(const names*, const char*) = is_override ? has_either : has_algo;
  bool whole = keeps(all, part, "task", has_task) && keeps(all, part, "algo", has_algo) &&
               keeps(all, part, "baseline", has_algo) && keeps(all, part, "variant", has_algo);
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  for (int i = 0; whole && i < lb_json_length(part); i++) {
    const char* key = lb_json_key(part, i);
    lb_node node = lb_json_element(part, i);
    bool of_tasks = strcmp(key, "tasks") == 0, of_algos = strcmp(key, "algos") == 0;
    if ((of_tasks || of_algos) && lb_json_is_array(node) && lb_json_length(node) > 0) {
      whole = write_names(&w, key, all, node, of_tasks ? has_task : has) > 0;
    } else {
      copy(&w, key, node);
    }
  }
  lb_json_write_end_object(&w);
  return whole;
}

// The contrast of this name in a list of them; false when there is none.
static bool find_contrast(lb_node* out, lb_node from, const char* name) {
  lb_node list;
  const char* own;
  if (!lb_json_has(from, "contrasts") || lb_json_child(from, "contrasts", &list).code != LB_OK) return false;
  for (int i = 0; lb_json_is_array(list) && i < lb_json_length(list); i++) {
    *out = lb_json_element(list, i);
    bool named = lb_json_is_object(*out) && lb_json_string(*out, "name", &own).code == LB_OK;
    if (named && strcmp(own, name) == 0) return true;
  }
  return false;
}

// Whether the contrast that a claim is about is still there. One that never was is for the reader to name.
static bool is_left(const names* all, lb_node root, lb_node preset, lb_node claim) {
  const char* name;
  lb_node contrast;
  if (!lb_json_is_object(claim) || !lb_json_has(claim, "contrast")) return true;
  if (lb_json_string(claim, "contrast", &name).code != LB_OK) return true;
  if (lb_json_has(preset, "contrasts")) {
    return find_contrast(&contrast, preset, name) || !find_contrast(&contrast, root, name);
  }
  if (!find_contrast(&contrast, root, name)) return true;
  lb_text text = {0};
  bool left = write_part(&text, all, contrast, false);
  lb_text_free(&text);
  return left;
}

// The suite's claims, without those about contrasts or tasks that the preset leaves out.
static void write_claims(lb_json_writer* w, const names* all, lb_node root, lb_node preset, lb_node list) {
  lb_json_write_begin_array(w, "claims");
  for (int i = 0; i < lb_json_length(list); i++) {
    lb_text text = {0};
    lb_node claim = lb_json_element(list, i);
    if (!is_left(all, root, preset, claim)) continue;
    if (!lb_json_is_object(claim)) {
      copy(w, NULL, claim);
    } else if (write_part(&text, all, claim, false)) {
      lb_json_write_raw(w, NULL, text.data);
    }
    lb_text_free(&text);
  }
  lb_json_write_end_array(w);
}

// The parts of a list that are about rows which are there; returns how many.
static int write_parts(lb_json_writer* w, const names* all, lb_node list, bool are_overrides) {
  int n = 0;
  for (int i = 0; i < lb_json_length(list); i++) {
    lb_text text = {0};
    lb_node part = lb_json_element(list, i);
    if (!lb_json_is_object(part)) {
      copy(w, NULL, part);
      n++;
    } else if (write_part(&text, all, part, are_overrides)) {
      lb_json_write_raw(w, NULL, text.data);
      n++;
    }
    lb_text_free(&text);
  }
  return n;
}

// The suite's overrides, the preset's protocol as one of all rows, the preset's overrides.
static void write_overrides(lb_json_writer* w, const names* all, lb_node root, lb_node preset) {
  lb_node node;
  lb_json_write_begin_array(w, "overrides");
  if (lb_json_has(root, "overrides") && lb_json_child(root, "overrides", &node).code == LB_OK) {
    if (lb_json_is_array(node)) write_parts(w, all, node, true);
  }
  if (lb_json_has(preset, "protocol") && lb_json_child(preset, "protocol", &node).code == LB_OK) {
    lb_json_write_begin_object(w, NULL);
    copy(w, "protocol", node);
    lb_json_write_end_object(w);
  }
  if (lb_json_has(preset, "overrides") && lb_json_child(preset, "overrides", &node).code == LB_OK) {
    for (int i = 0; i < lb_json_length(node); i++) copy(w, NULL, lb_json_element(node, i));
  }
  lb_json_write_end_array(w);
}

// An object with a key a task, without those that the preset leaves out.
static void write_by_task(lb_json_writer* w, const names* all, const char* key, lb_node node) {
  lb_json_write_begin_object(w, key);
  for (int i = 0; i < lb_json_length(node); i++) {
    if (has_task(all, lb_json_key(node, i))) copy(w, lb_json_key(node, i), lb_json_element(node, i));
  }
  lb_json_write_end_object(w);
}

static bool is_one_of(const char* key, const char* const* keys, int n) {
  return lb_suite_keys_find(keys, n, key) >= 0;
}

// A key of the suite that the preset does not replace, without what it says of rows that the preset leaves out.
static void write_own(lb_json_writer* w, const names* all, const char* key, lb_node node) {
  static const char* const roles[] = {"reference", "start", "baseline"};
  static const char* const lists[] = {"figures", "contrasts", "bands", "overlays"};
  const char* name;
  if (is_one_of(key, roles, COUNT(roles))) {
    if (texts_of(&name, 1, node) == 0 || has_algo(all, name)) copy(w, key, node);
  } else if (is_one_of(key, lists, COUNT(lists)) && lb_json_is_array(node)) {
    lb_text text = {0};
    lb_json_writer own = lb_json_writer_on(&text);
    lb_json_write_begin_array(&own, NULL);
    int n = write_parts(&own, all, node, false);
    lb_json_write_end_array(&own);
    if (n > 0) lb_json_write_raw(w, key, text.data);
    lb_text_free(&text);
  } else if (strcmp(key, "references") == 0 && lb_json_is_array(node)) {
    lb_text text = {0};
    lb_json_writer own = lb_json_writer_on(&text);
    if (write_names(&own, NULL, all, node, has_algo) > 0) lb_json_write_raw(w, key, text.data);
    lb_text_free(&text);
  } else if (strcmp(key, "cost_floor") == 0 && lb_json_is_object(node)) {
    write_by_task(w, all, key, node);
  } else if (strcmp(key, "ladder") == 0 && lb_json_is_object(node)) {
    lb_json_write_begin_object(w, key);
    for (int i = 0; i < lb_json_length(node); i++) {
      const char* own = lb_json_key(node, i);
      lb_node part = lb_json_element(node, i);
      if (strcmp(own, "tasks") == 0 && lb_json_is_object(part)) {
        write_by_task(w, all, own, part);
      } else {
        copy(w, own, part);
      }
    }
    lb_json_write_end_object(w);
  } else {
    copy(w, key, node);
  }
}

lb_status lb_suite_preset_apply(lb_text* out, lb_node root, const char* preset, lb_arena* arena) {
  static const char* const apart[] = {"preset", "presets", "overrides"};
  lb_node presets, own = root;
  bool named = lb_json_has(root, "presets");
  if (named) LB_TRY(lb_json_object(root, "presets", &presets));
  named = named && lb_json_has(presets, preset);
  if (named) LB_TRY(lb_json_object(presets, preset, &own));
  names all = {0};
  if (named) find_names(&all, root, own, arena);
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "preset", preset);
  for (int i = 0; i < lb_json_length(root); i++) {
    const char* key = lb_json_key(root, i);
    bool replaced = named && lb_json_has(own, key) && strcmp(key, "protocol") != 0;
    if (is_one_of(key, apart, named ? 3 : 2) || replaced) continue;
    lb_node node = lb_json_element(root, i);
    if (named && strcmp(key, "claims") == 0 && lb_json_is_array(node)) {
      write_claims(&w, &all, root, own, node);
    } else if (named) {
      write_own(&w, &all, key, node);
    } else {
      copy(&w, key, node);
    }
  }
  for (int i = 0; named && i < lb_json_length(own); i++) {
    const char* key = lb_json_key(own, i);
    if (strcmp(key, "protocol") != 0 && strcmp(key, "overrides") != 0) copy(&w, key, lb_json_element(own, i));
  }
  if (named) write_overrides(&w, &all, root, own);
  lb_json_write_end_object(&w);
  return lb_ok();
}
