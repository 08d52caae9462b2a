#include "algo/identity.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/environment.h"
#include "algo/expert_files.h"
#include "algo/expert_used.h"
#include "algo/recipe.h"
#include "base/arena.h"
#include "io/file.h"
#include "io/run_identity.h"
#include "task/task.h"

typedef struct known_task {
  const char* name;
  char hash[65];
  lb_recipe_form form;
  lb_expert_used files;  // "": there is none
  bool given_data, given_policy;
} known_task;

typedef struct known_recipe {
  const char* name;
  lb_recipe_form form;
  char sum[65];
} known_recipe;

struct lb_identities {
  const char* root;
  known_task* tasks;
  int ntasks, room_for_tasks;
  known_recipe* recipes;
  int nrecipes, room_for_recipes;
  lb_json *program, *arithmetic;
  lb_arena* arena;
};

const char* lb_identity_words(lb_identity identity) {
  static const char* const words[LB_IDENTITIES] = {
      [LB_IDENTITY_SAME] = "the same",
      [LB_IDENTITY_ELSEWHERE] = "another arithmetic",
      [LB_IDENTITY_PLACE] = "another run",
      [LB_IDENTITY_TASK] = "another version of the task",
      [LB_IDENTITY_EXPERT] = "another recording of the expert",
      [LB_IDENTITY_RECIPE] = "another version of the algorithm",
      [LB_IDENTITY_SETTINGS] = "other settings",
      [LB_IDENTITY_PROGRAM] = "another program",
      [LB_IDENTITY_UNKNOWN] = "a program that did not say which it was",
  };
  return words[identity];
}

bool lb_identity_is_stale(lb_identity identity, bool over) {
  return identity > LB_IDENTITY_ELSEWHERE || (identity == LB_IDENTITY_ELSEWHERE && !over);
}

// A part of environment.h as a document.
static lb_json* part(void (*write)(lb_json_writer*, const char*)) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json* doc = NULL;
  write(&w, NULL);
  if (lb_json_parse(&doc, text.data, "this program").code != LB_OK) doc = NULL;
  lb_text_free(&text);
  return doc;
}

lb_identities* lb_identities_new(const char* root) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return NULL;
  lb_identities* ids = LB_TAKE(arena, lb_identities, 1);
  ids->arena = arena;
  ids->root = lb_arena_text(arena, root);
  ids->program = part(lb_environment_write_program);
  ids->arithmetic = part(lb_environment_write_arithmetic);
  if (ids->program && ids->arithmetic) return ids;
  lb_identities_free(ids);
  return NULL;
}

void lb_identities_free(lb_identities* ids) {
  if (!ids) return;
  lb_json_free(ids->program);
  lb_json_free(ids->arithmetic);
  lb_arena_free(ids->arena);
}

// The checksum of one of the expert's files; "" where there is none.
static lb_status look_at_file(char sum[65], const lb_identities* ids, const char* task, const char* ending) {
  char folder[LB_EXPERT_FILES_FOLDER], path[1400];
  LB_TRY(lb_expert_files_folder(folder, ids->root, task));
  snprintf(path, sizeof path, "%s/%.230s%s", folder, task, ending);
  sum[0] = '\0';
  return lb_file_exists(path) ? lb_sha256_file(path, sum) : lb_ok();
}

// A task's hash, whether it has a cost, and the checksums of its expert's files.
static lb_status look_at_task(known_task* t, const lb_identities* ids, const char* name) {
  char models[1100];
  lb_system* system;
  snprintf(models, sizeof models, "%.1000s/models", ids->root);
  LB_TRY(lb_task_open(&system, models, name));
  *t = (known_task){.name = lb_arena_text(ids->arena, name), .form = lb_recipe_form_on(system)};
  snprintf(t->hash, sizeof t->hash, "%s", system->hash);
  lb_status status = look_at_file(t->files.demonstrations, ids, system->name, ".npz");
  if (status.code == LB_OK) status = look_at_file(t->files.policy, ids, system->name, ".policy.safetensors");
  lb_system_free(system);
  return status;
}

// The task by its name, looked at once.
static lb_status find_task(const known_task** out, lb_identities* ids, const char* name) {
  for (int i = 0; i < ids->ntasks; i++) {
    *out = &ids->tasks[i];
    if (strcmp(ids->tasks[i].name, name) == 0) return lb_ok();
  }
  if (ids->ntasks == ids->room_for_tasks) {
    ids->room_for_tasks = 2 * ids->room_for_tasks + 8;
    known_task* larger = LB_TAKE(ids->arena, known_task, ids->room_for_tasks);
    if (ids->ntasks > 0) memcpy(larger, ids->tasks, (size_t)ids->ntasks * sizeof *larger);
    ids->tasks = larger;
  }
  LB_TRY(look_at_task(&ids->tasks[ids->ntasks], ids, name));
  *out = &ids->tasks[ids->ntasks++];
  return lb_ok();
}

lb_status lb_identities_give(lb_identities* ids, const char* task, const lb_expert_given* given) {
  const known_task* found;
  LB_TRY(find_task(&found, ids, task));
  known_task* t = &ids->tasks[found - ids->tasks];
  if (given->data) LB_TRY(lb_sha256_file(given->data, t->files.demonstrations));
  if (given->policy) LB_TRY(lb_sha256_file(given->policy, t->files.policy));
  t->given_data = given->data != NULL;
  t->given_policy = given->policy != NULL;
  return lb_ok();
}

// The checksum of an algorithm, all of its choices written out.
static lb_status look_at_recipe(known_recipe* r, const lb_identities* ids, const char* name, lb_recipe_form form) {
  lb_recipe recipe;
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json* doc;
  *r = (known_recipe){.name = lb_arena_text(ids->arena, name), .form = form};
  LB_TRY(lb_recipe_load_as(&recipe, ids->root, name, form));
  lb_recipe_write(&recipe, &w, NULL);
  lb_status status = lb_json_parse(&doc, text.data, name);
  lb_text_free(&text);
  LB_TRY(status);
  lb_run_sum(r->sum, lb_json_root(doc));
  lb_json_free(doc);
  return lb_ok();
}

// The algorithm by its name and form, looked at once.
static lb_status find_recipe(const known_recipe** out, lb_identities* ids, const char* name, lb_recipe_form form) {
  for (int i = 0; i < ids->nrecipes; i++) {
    *out = &ids->recipes[i];
    if ((*out)->form == form && strcmp((*out)->name, name) == 0) return lb_ok();
  }
  if (ids->nrecipes == ids->room_for_recipes) {
    ids->room_for_recipes = 2 * ids->room_for_recipes + 16;
    known_recipe* larger = LB_TAKE(ids->arena, known_recipe, ids->room_for_recipes);
    if (ids->nrecipes > 0) memcpy(larger, ids->recipes, (size_t)ids->nrecipes * sizeof *larger);
    ids->recipes = larger;
  }
  LB_TRY(look_at_recipe(&ids->recipes[ids->nrecipes], ids, name, form));
  *out = &ids->recipes[ids->nrecipes++];
  return lb_ok();
}

// Whether a member is there and says something else than `sum`; "" stands for a file that is gone.
static bool says_otherwise(lb_node object, const char* key, const char* sum) {
  const char* there;
  return lb_json_has(object, key) && (lb_json_string(object, key, &there).code != LB_OK || strcmp(there, sum) != 0);
}

// Whether two parts of a config are equal, whatever the order of their keys.
static bool same(lb_node a, lb_node b) {
  char *x = lb_json_canonical(a), *y = lb_json_canonical(b);
  bool equal = strcmp(x, y) == 0;
  free(x);
  free(y);
  return equal;
}

// Whether a run and those that are looked for differ in whose file they read: the user's own or the expert's. A run is
// taken by its word where nobody looks for any (`asked` is false).
static bool other_owner(lb_node expert, const char* key, const char* flag, bool given, bool asked) {
  bool own = false;
  if (lb_json_bool_or(expert, flag, false, &own).code != LB_OK) return true;
  return asked && lb_json_has(expert, key) && own != given;
}

// Whether a run has a file of the user's own, of which nothing is known here.
static bool is_unknown(lb_node expert, const char* flag, bool given) {
  bool own = false;
  return lb_json_bool_or(expert, flag, false, &own).code == LB_OK && own && !given;
}

// Whether the run read other demonstrations than there are now: of the quality that its settings ask for.
static lb_status other_demonstrations(bool* out, lb_node config, lb_node expert, const lb_identities* ids,
                                      const known_task* t, bool asked) {
  *out = other_owner(expert, "demonstrations", "given_demonstrations", t->given_data, asked);
  if (*out || is_unknown(expert, "given_demonstrations", t->given_data)) return lb_ok();
  char name[LB_EXPERT_FILES_NAME], sum[65];
  lb_node protocol;
  int quality = 100;
  bool asks = lb_json_has(config, "protocol") && lb_json_object(config, "protocol", &protocol).code == LB_OK &&
              lb_json_int_or(protocol, "expert_quality", 1, 100, 100, &quality).code == LB_OK;
  if (!asks || quality == 100) {
    *out = says_otherwise(expert, "demonstrations", t->files.demonstrations);
    return lb_ok();
  }
  lb_expert_files_name(name, t->name, quality);
  LB_TRY(look_at_file(sum, ids, name, ".npz"));
  *out = says_otherwise(expert, "demonstrations", sum);
  return lb_ok();
}

// Whether the run was made with another policy of the expert than is there now.
static bool other_policy(lb_node expert, const known_task* t, bool asked) {
  if (other_owner(expert, "policy", "given_policy", t->given_policy, asked)) return true;
  return !is_unknown(expert, "given_policy", t->given_policy) && says_otherwise(expert, "policy", t->files.policy);
}

// Whether every setting that a run has is the present one.
static lb_status same_settings(bool* out, lb_node there, const lb_protocol* protocol) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json* doc;
  lb_protocol_write(protocol, LB_PROTOCOL_WHOLE, &w, NULL);
  lb_status status = lb_json_parse(&doc, text.data, "the settings");
  lb_text_free(&text);
  LB_TRY(status);
  *out = true;
  for (int i = 0; i < lb_json_length(there); i++) {
    lb_node here;
    bool known = lb_json_child(lb_json_root(doc), lb_json_key(there, i), &here).code == LB_OK;
    *out = *out && known && same(lb_json_element(there, i), here);
  }
  lb_json_free(doc);
  return lb_ok();
}

// A member that is an object, or nothing.
static bool member(lb_node object, const char* key, lb_node* out) {
  return lb_json_has(object, key) && lb_json_object(object, key, out).code == LB_OK;
}

// Whether the configuration is of another run than the one that is looked for in its folder.
static bool is_elsewhere(lb_node config, const char* task, const char* recipe, int64_t seed) {
  int own = 0;
  if (says_otherwise(config, "task", task) || says_otherwise(config, "algo", recipe)) return true;
  return seed >= 0 && lb_json_has(config, "seed") &&
         (lb_json_int(config, "seed", 0, INT_MAX, &own).code != LB_OK || own != seed);
}

// The first difference, in the order of lb_identity, between a config and what would be made now.
static lb_status compare(lb_identity* out, lb_node config, lb_identities* ids, const char* task, const char* recipe,
                         int64_t seed, const lb_protocol* protocol) {
  const known_task* t;
  const known_recipe* r;
  lb_node node;
  char sum[65] = "";
  bool equal = true;
  LB_TRY(find_task(&t, ids, task));
  LB_TRY(find_recipe(&r, ids, recipe, t->form));
  *out = LB_IDENTITY_PLACE;
  if (is_elsewhere(config, task, recipe, seed)) return lb_ok();
  *out = LB_IDENTITY_TASK;
  if (!lb_json_has(config, "task_hash") || says_otherwise(config, "task_hash", t->hash)) return lb_ok();
  *out = LB_IDENTITY_EXPERT;
  if (member(config, "expert", &node)) {
    bool other;
    LB_TRY(other_demonstrations(&other, config, node, ids, t, protocol != NULL));
    if (other || other_policy(node, t, protocol != NULL)) return lb_ok();
  }
  *out = LB_IDENTITY_RECIPE;
  if (member(config, "recipe", &node)) lb_run_sum(sum, node);
  if (strcmp(sum, r->sum) != 0) return lb_ok();
  *out = LB_IDENTITY_SETTINGS;
  if (protocol && member(config, "protocol", &node)) LB_TRY(same_settings(&equal, node, protocol));
  if (!equal) return lb_ok();
  *out = LB_IDENTITY_UNKNOWN;
  if (!member(config, "program", &node)) return lb_ok();
  *out = LB_IDENTITY_PROGRAM;
  if (!same(node, lb_json_root(ids->program))) return lb_ok();
  bool here = member(config, "arithmetic", &node) && same(node, lb_json_root(ids->arithmetic));
  *out = here ? LB_IDENTITY_SAME : LB_IDENTITY_ELSEWHERE;
  return lb_ok();
}

lb_status lb_identities_compare(lb_identities* ids, lb_identity* out, const char* folder, const char* task,
                                const char* recipe, int64_t seed, const lb_protocol* protocol) {
  char path[4200];
  lb_json* doc;
  *out = LB_IDENTITY_SAME;
  snprintf(path, sizeof path, "%s/config.json", folder);
  if (!lb_file_exists(path)) return lb_ok();
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = compare(out, lb_json_root(doc), ids, task, recipe, seed, protocol);
  lb_json_free(doc);
  return status;
}

// Whether the first `n` of `names` have names[n].
static bool is_named_before(const char* const* names, int n) {
  for (int i = 0; i < n; i++) {
    if (strcmp(names[i], names[n]) == 0) return true;
  }
  return false;
}

// Those of worse policies: "demonstrations-30".
static void write_qualities(const lb_identities* ids, lb_json_writer* w, const known_task* t) {
  for (int quality = 1; quality < 100; quality++) {
    char name[LB_EXPERT_FILES_NAME], sum[65], key[40];
    lb_expert_files_name(name, t->name, quality);
    if (look_at_file(sum, ids, name, ".npz").code != LB_OK || !*sum) continue;
    snprintf(key, sizeof key, "demonstrations-%d", quality);
    lb_json_write_string(w, key, sum);
  }
}

// The tasks, each once, with the checksums of their files.
static void write_tasks(lb_identities* ids, lb_json_writer* w, const char* const* tasks, int n) {
  lb_json_write_begin_object(w, "tasks");
  for (int i = 0; i < n; i++) {
    const known_task* t;
    if (is_named_before(tasks, i) || find_task(&t, ids, tasks[i]).code != LB_OK) continue;
    lb_json_write_begin_object(w, tasks[i]);
    lb_json_write_string(w, "hash", t->hash);
    lb_json_write_string(w, "demonstrations", t->files.demonstrations);
    write_qualities(ids, w, t);
    lb_json_write_string(w, "policy", t->files.policy);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_object(w);
}

void lb_identities_write(lb_identities* ids, lb_json_writer* w, const char* const* tasks, const char* const* recipes,
                         int n) {
  lb_json_write_begin_object(w, NULL);
  lb_environment_write_program(w, "program");
  write_tasks(ids, w, tasks, n);
  lb_json_write_begin_object(w, "recipes");
  for (int i = 0; i < n; i++) {
    const known_task* t;
    const known_recipe* r;
    char key[400];
    if (find_task(&t, ids, tasks[i]).code != LB_OK) continue;
    if (find_recipe(&r, ids, recipes[i], t->form).code != LB_OK) continue;
    snprintf(key, sizeof key, "%.190s/%.190s", tasks[i], recipes[i]);
    bool known = false;
    for (int k = 0; k < i && !known; k++)
      known = strcmp(tasks[k], tasks[i]) == 0 && strcmp(recipes[k], recipes[i]) == 0;
    if (!known) lb_json_write_string(w, key, r->sum);
  }
  lb_json_write_end_object(w);
  lb_json_write_end_object(w);
}
