// One task's comparison: see task_suite.h.
#include "task_suite.h"

#include <stdio.h>
#include <string.h>

#include "algo/expert_files.h"
#include "algo/needs.h"
#include "algo/recipe.h"
#include "algo/run.h"
#include "base/arena.h"
#include "base/text.h"
#include "campaign.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "options.h"
#include "suite_files.h"
#include "task/task.h"

enum { MOST_ALGOS = 64, OWN_SEEDS = 5 };

// A task as it was opened for a look, and the suite whose settings it takes.
typedef struct home {
  char task[128];
  bool has_cost, has_expert;
  lb_suite* suite;  // NULL: there is none
  bool is_own;      // the suite has the task itself
  lb_arena* arena;
} home;

// Whether an algorithm learns anything, and is no reference.
static bool learns(const char* root, const char* algo) {
  lb_recipe recipe;
  return lb_recipe_load(&recipe, root, algo).code == LB_OK && lb_recipe_learns(&recipe);
}

// Whether something learns on the task in the suite, and not only through the values of a sweep.
static bool has_task(const lb_suite* suite, const char* task, const char* root) {
  for (int r = 0; r < suite->n_rows; r++) {
    const lb_suite_row* row = &suite->rows[r];
    if (strcmp(row->task, task) == 0 && row->value < 0 && learns(root, row->recipe)) return true;
  }
  return false;
}

// The first of these suites that has the task. One that cannot be read is passed over: it is none of this task's
// business.
static void find_among(home* h, const char* const* names, int n, const char* root, const char* preset) {
  for (int i = 0; i < n && !h->suite; i++) {
    lb_suite* suite = NULL;
    if (lb_suite_files_load(&suite, root, names[i], preset).code != LB_OK) continue;
    if (has_task(suite, h->task, root)) {
      h->suite = suite;
      h->is_own = true;
    } else {
      lb_suite_free(suite);
    }
  }
}

// The suite whose settings the task has: one that names it, else one of its sort.
static lb_status find_suite(home* h, const char* root, const char* preset) {
  const char** first = NULL;
  char** all;
  int n_first = 0, n_all;
  if (lb_suite_files_of_all(&first, &n_first, root, preset, h->arena).code != LB_OK) n_first = 0;
  find_among(h, first, n_first, root, preset);
  LB_TRY(lb_suite_files_names(&all, &n_all, root));
  find_among(h, (const char* const*)all, n_all, root, preset);
  lb_names_free(all, n_all);
  if (h->suite) return lb_ok();
  lb_status status = lb_suite_files_load(&h->suite, root, h->has_cost ? "helicopter" : "control", preset);
  if (status.code != LB_OK) h->suite = NULL;
  return lb_ok();
}

// What the task has: a cost, a recorded expert.
static lb_status look_at_task(home* h, const char* root, const char* task) {
  char models[LB_BENCH_PATH + 16], folder[LB_EXPERT_FILES_FOLDER], card[LB_EXPERT_FILES_FOLDER + 160];
  lb_system* system;
  LB_TRY(lb_campaign_check_task(root, task, NULL));
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&system, models, task));
  snprintf(h->task, sizeof h->task, "%s", system->name);
  h->has_cost = system->cost != NULL;
  lb_system_free(system);
  LB_TRY(lb_expert_files_folder(folder, root, h->task));
  snprintf(card, sizeof card, "%s/%.130s.json", folder, h->task);
  h->has_expert = lb_file_exists(card);
  return lb_ok();
}

// The task and the suite that its settings come from.
static lb_status open_home(home* h, const char* root, const char* task, const char* preset) {
  *h = (home){.arena = lb_arena_new(0)};
  if (!h->arena) return lb_fail(LB_MEMORY, "no memory for the settings of %s", task);
  LB_TRY(lb_campaign_check_preset(preset));
  LB_TRY(look_at_task(h, root, task));
  return find_suite(h, root, preset);
}

// Frees the suite.
static void close_home(home* h) {
  lb_suite_free(h->suite);
  lb_arena_free(h->arena);
}

// The settings of `parts` alone, the others as they are by default: they would mean nothing.
static lb_status keep_parts(lb_protocol* out, const lb_protocol* from, int parts) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json* doc = NULL;
  lb_protocol_write(from, parts, &w, NULL);
  lb_status status = lb_json_parse(&doc, text.data, "settings");
  *out = lb_protocol_default();
  if (status.code == LB_OK) status = lb_protocol_read(out, lb_json_root(doc));
  lb_json_free(doc);
  lb_text_free(&text);
  return status;
}

// The settings that an algorithm has on the task.
static lb_status settle(lb_protocol* out, int* parts, const home* h, const char* root, const char* algo) {
  lb_suite_row row = {.task = h->task, .algo = algo, .recipe = algo, .value = -1};
  lb_protocol own = lb_protocol_default();
  LB_TRY(lb_campaign_check_algo(root, algo, NULL));
  LB_TRY(lb_run_row_parts(parts, root, h->task, algo));
  if (h->suite) LB_TRY(lb_campaign_resolve(&own, h->suite, &row));
  if (!h->has_expert) lb_protocol_put(&own, "demonstrations", LB_DEMONSTRATIONS_FRESH);
  return keep_parts(out, &own, *parts);
}

lb_status lb_task_suite_settings(lb_protocol* out, char suite[128], const char* root, const char* task,
                                 const char* algo, const char* preset) {
  home h;
  int parts;
  suite[0] = '\0';
  lb_status status = open_home(&h, root, task, preset);
  if (status.code == LB_OK) status = settle(out, &parts, &h, root, algo);
  if (h.suite) snprintf(suite, 128, "%s", h.suite->name);
  close_home(&h);
  return status;
}

// Names of algorithms, each once.
typedef struct names {
  const char* of[MOST_ALGOS];
  int n;
} names;

// Adds a name, once.
static lb_status add(names* list, const char* name) {
  for (int i = 0; i < list->n; i++) {
    if (strcmp(list->of[i], name) == 0) return lb_ok();
  }
  if (list->n == MOST_ALGOS) return lb_fail(LB_INPUT, "--algos: more than %d", MOST_ALGOS);
  list->of[list->n++] = name;
  return lb_ok();
}

// "lamps,mbpo" as names.
static lb_status split(names* list, const char* text, lb_arena* arena) {
  for (const char* p = text;; p++) {
    int n = (int)strcspn(p, ",");
    char name[128];
    if (n == 0) return lb_fail(LB_INPUT, "--algos %s: names with commas between are needed", text);
    snprintf(name, sizeof name, "%.*s", n, p);
    LB_TRY(add(list, lb_arena_text(arena, name)));
    p += n;
    if (!*p) return lb_ok();
  }
}

// Whether the algorithm has what it needs on the task, demonstrations among it.
static lb_status suits(bool* out, const home* h, const lb_task_suite* w, const char* root, const char* algo) {
  char models[LB_BENCH_PATH + 16];
  lb_system* system;
  lb_recipe recipe;
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&system, models, h->task));
  lb_status status = lb_recipe_load_as(&recipe, root, algo, lb_recipe_form_on(system));
  if (status.code != LB_OK) {
    lb_system_free(system);
    return status;
  }
  *out = lb_needs_check(&recipe, system).code == LB_OK;
  lb_system_free(system);
  if (!h->has_cost && lb_recipe_uses_demonstrations(&recipe)) *out = *out && (h->has_expert || w->has_data);
  return lb_ok();
}

// What an own task is compared on unless somebody says.
static lb_status choose(names* list, const home* h, const lb_task_suite* w, const char* root) {
  static const char* const for_cost[] = {"sysid", "lamps", NULL};
  static const char* const for_reward[] = {"bc", "sac", "mbpo", "lamps", NULL};
  for (const char* const* p = h->has_cost ? for_cost : for_reward; *p; p++) {
    bool fits;
    if (lb_campaign_check_algo(root, *p, NULL).code != LB_OK) continue;
    LB_TRY(suits(&fits, h, w, root, *p));
    if (fits) LB_TRY(add(list, *p));
  }
  return lb_ok();
}

// References first, then the algorithms asked for, those of the suite, or some that suit the task.
static lb_status choose_algos(names* list, int* references, const home* h, const lb_task_suite* w, const char* root) {
  if (h->has_cost || h->has_expert || w->has_policy) LB_TRY(add(list, "expert"));
  LB_TRY(add(list, h->has_cost ? "zero" : "random"));
  *references = list->n;
  if (w->algos) return split(list, w->algos, h->arena);
  if (!h->is_own) return choose(list, h, w, root);
  for (int r = 0; r < h->suite->n_rows; r++) {
    const lb_suite_row* row = &h->suite->rows[r];
    if (strcmp(row->task, h->task) == 0 && row->value < 0) LB_TRY(add(list, row->recipe));
  }
  return lb_ok();
}

// An override an algorithm.
static lb_status write_settings(lb_json_writer* w, const names* list, const home* h, const lb_task_suite* wanted,
                                const char* root) {
  lb_json_write_begin_array(w, "overrides");
  for (int i = 0; i < list->n; i++) {
    lb_protocol protocol;
    int parts;
    LB_TRY(settle(&protocol, &parts, h, root, list->of[i]));
    if (wanted->has_data) lb_protocol_put(&protocol, "expert_transitions", 0);  // all that the file has
    if (wanted->has_data) lb_protocol_put(&protocol, "demonstrations", LB_DEMONSTRATIONS_FILE);
    lb_json_write_begin_object(w, NULL);
    lb_json_write_begin_array(w, "algos");
    lb_json_write_string(w, NULL, list->of[i]);
    lb_json_write_end_array(w);
    lb_protocol_write(&protocol, parts, w, "protocol");
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  return lb_ok();
}

// The first algorithm against each other one.
static void write_contrasts(lb_json_writer* w, const names* list, int first, bool has_cost) {
  char text[400];
  lb_json_write_begin_array(w, "contrasts");
  for (int i = first + 1; i < list->n; i++) {
    lb_json_write_begin_object(w, NULL);
    snprintf(text, sizeof text, "%.100s-over-%.100s", list->of[i], list->of[first]);
    lb_json_write_string(w, "name", text);
    snprintf(text, sizeof text, "Is %.100s better than %.100s?", list->of[i], list->of[first]);
    lb_json_write_string(w, "question", text);
    lb_json_write_string(w, "baseline", list->of[first]);
    lb_json_write_string(w, "variant", list->of[i]);
    lb_json_write_raw(w, "metrics", has_cost ? "[\"cost\"]" : "[\"return\"]");
    lb_json_write_string(w, "at", has_cost ? "last" : "tail");
    lb_json_write_bool(w, "primary", true);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

// The suite of one task, as a definition.
static lb_status write_suite(lb_text* out, const home* h, const lb_task_suite* wanted, const char* root) {
  char text[300];
  names list = {0};
  int references = 0;
  LB_TRY(choose_algos(&list, &references, h, wanted, root));
  if (list.n == references) {
    return lb_fail(LB_INPUT, "%s: no algorithm suits it by itself; give --algos NAME,NAME ('bench algos' lists them)",
                   h->task);
  }
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  snprintf(text, sizeof text, "on-%.90s", h->task);
  lb_json_write_string(&w, "name", text);
  lb_json_write_string(&w, "title", h->task);
  snprintf(text, sizeof text, "Algorithms on %.100s, with the settings of the suite %.100s under the preset %.20s.",
           h->task, h->suite ? h->suite->name : "that is none", wanted->preset);
  lb_json_write_string(&w, "summary", h->suite ? text : "Algorithms on one task, with the program's default settings.");
  if (h->is_own) {
    lb_json_write_begin_array(&w, "seeds");
    for (int i = 0; i < h->suite->n_seeds; i++) lb_json_write_int(&w, NULL, h->suite->seeds[i]);
    lb_json_write_end_array(&w);
  } else {
    lb_json_write_int(&w, "seeds", OWN_SEEDS);
  }
  lb_json_write_string(&w, "metric", h->has_cost ? "cost" : "return");
  lb_status status = write_settings(&w, &list, h, wanted, root);
  lb_json_write_begin_array(&w, "tasks");
  lb_json_write_string(&w, NULL, h->task);
  lb_json_write_end_array(&w);
  lb_json_write_begin_array(&w, "algos");
  for (int i = 0; i < list.n; i++) lb_json_write_string(&w, NULL, list.of[i]);
  lb_json_write_end_array(&w);
  if (list.n > references + 1 && wanted->algos) write_contrasts(&w, &list, references, h->has_cost);
  lb_json_write_end_object(&w);
  return status;
}

lb_status lb_task_suite_write(const char* path, const lb_task_suite* wanted, const char* root) {
  home h;
  lb_text text = {0};
  lb_status status = open_home(&h, root, wanted->task, wanted->preset);
  if (status.code == LB_OK) status = write_suite(&text, &h, wanted, root);
  if (status.code == LB_OK) status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  close_home(&h);
  return status;
}
