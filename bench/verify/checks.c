// Checks and their references: see checks.h.
#include "verify/checks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/environment.h"
#include "algo/run.h"
#include "campaign.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "options.h"
#include "settings.h"
#include "task/task.h"

static void path_of(char* out, size_t size, const char* root, const char* folder, const char* name) {
  snprintf(out, size, "%s/bench/verify/%s%s.json", root, folder, name);
}

lb_status lb_verify_check_names(char*** names, int* n, const char* root) {
  char folder[LB_BENCH_PATH + 32];
  snprintf(folder, sizeof folder, "%s/bench/verify", root);
  LB_TRY(lb_folder_list(folder, names, n));
  int kept = 0;
  for (int i = 0; i < *n; i++) {
    char* name = (*names)[i];
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".json") == 0) {
      name[length - 5] = '\0';
      (*names)[kept++] = name;
    } else {
      free(name);
    }
  }
  *n = kept;
  return lb_ok();
}

// The failure of a name that no check has, with the nearest.
static lb_status unknown_check(const char* root, const char* wanted) {
  char** names;
  char hint[160];
  int n;
  LB_TRY(lb_verify_check_names(&names, &n, root));
  lb_status status = lb_fail(LB_INPUT, "unknown check '%s'%s; 'bench verify --list' lists them", wanted,
                             lb_did_you_mean(wanted, (const char* const*)names, n, hint, sizeof hint));
  lb_names_free(names, n);
  return status;
}

// A string, copied into the arena.
static lb_status read_text(const char** out, lb_node object, const char* key, lb_arena* arena) {
  LB_TRY(lb_json_string(object, key, out));
  *out = lb_arena_text(arena, *out);
  return lb_ok();
}

// A check of recordings.
static lb_status read_replays(lb_verify_check* c, lb_node object, const char* root, lb_arena* arena) {
  static const char* const keys[] = {"title", "replays"};
  lb_node array;
  LB_TRY(lb_json_keys(object, keys, LB_COUNT_OF(keys)));
  LB_TRY(lb_json_array(object, "replays", &array, &c->nreplays));
  if (c->nreplays == 0) return lb_json_fail(array, "names no task");
  c->replays = LB_TAKE(arena, const char*, c->nreplays);
  for (int i = 0; i < c->nreplays; i++) {
    lb_node node = lb_json_element(array, i);
    LB_TRY(lb_json_as_string(node, &c->replays[i]));
    LB_TRY(lb_campaign_check_task(root, c->replays[i], node.path));
    c->replays[i] = lb_arena_text(arena, c->replays[i]);
  }
  return lb_ok();
}

// The numbers that a check looks at.
static lb_status read_points(lb_verify_check* c, lb_node object, lb_arena* arena) {
  static const char* const keys[] = {"metric", "at", "margin"};
  lb_node array;
  LB_TRY(lb_json_array(object, "points", &array, &c->npoints));
  if (c->npoints < 1 || c->npoints > LB_VERIFY_CHECK_POINTS) {
    return lb_json_fail(array, "has %d points; 1 to %d are possible", c->npoints, LB_VERIFY_CHECK_POINTS);
  }
  for (int i = 0; i < c->npoints; i++) {
    lb_node node = lb_json_element(array, i);
    LB_TRY(lb_json_keys(node, keys, LB_COUNT_OF(keys)));
    LB_TRY(read_text(&c->points[i].metric, node, "metric", arena));
    LB_TRY(lb_json_int(node, "at", 0, 1000000000, &c->points[i].at));
    LB_TRY(lb_json_number_or(node, "margin", 0, 1e300, -1, &c->points[i].margin));
  }
  return lb_ok();
}

// A check of runs.
static lb_status read_run(lb_verify_check* c, lb_node object, const char* root, lb_arena* arena) {
  static const char* const keys[] = {"title", "task", "algo", "protocol", "seeds", "reference_seeds", "points"};
  lb_node protocol;
  LB_TRY(lb_json_keys(object, keys, LB_COUNT_OF(keys)));
  LB_TRY(read_text(&c->task, object, "task", arena));
  LB_TRY(read_text(&c->algo, object, "algo", arena));
  LB_TRY(lb_json_object(object, "protocol", &protocol));
  LB_TRY(lb_campaign_check_task(root, c->task, object.path));
  LB_TRY(lb_campaign_check_algo(root, c->algo, object.path));
  LB_TRY(lb_protocol_read(&c->protocol, protocol));
  LB_TRY(lb_json_int(object, "seeds", 1, LB_VERIFY_CHECK_SEEDS, &c->seeds));
  if (c->seeds % 2 == 0) return lb_json_fail(object, "'seeds' should be odd, so that there is a median");
  LB_TRY(lb_json_int(object, "reference_seeds", c->seeds + 2, LB_VERIFY_CHECK_SEEDS, &c->reference_seeds));
  return read_points(c, object, arena);
}

lb_status lb_verify_check_load(lb_verify_check* c, const char* root, const char* name, lb_arena* arena) {
  char path[LB_BENCH_PATH + 200];
  lb_json* doc;
  *c = (lb_verify_check){
      .name = lb_arena_text(arena, name), .protocol = lb_protocol_default(), .made_by = "", .machine = ""};
  if (strlen(name) > 100 || strchr(name, '/')) return unknown_check(root, name);
  path_of(path, sizeof path, root, "", name);
  if (!lb_file_exists(path)) return unknown_check(root, name);
  LB_TRY(lb_json_load(&doc, path));
  lb_node object = lb_json_root(doc);
  lb_status status = read_text(&c->title, object, "title", arena);
  if (status.code == LB_OK) {
    status = lb_json_has(object, "replays") ? read_replays(c, object, root, arena) : read_run(c, object, root, arena);
  }
  lb_json_free(doc);
  return status;
}

// The expert's files that the check's runs read.
static lb_status write_expert(const lb_verify_check* c, const char* root, lb_json_writer* w) {
  lb_expert_used used;
  lb_run_options o = {.root = root, .suite = "", .task = c->task, .algo = c->algo, .protocol = c->protocol};
  LB_TRY(lb_run_expert_used(&used, &o));
  lb_json_write_begin_object(w, "expert");
  if (*used.demonstrations) lb_json_write_string(w, "demonstrations", used.demonstrations);
  if (*used.policy) lb_json_write_string(w, "policy", used.policy);
  lb_json_write_end_object(w);
  return lb_ok();
}

// What the reference stands for: it is of no use to a check that is another now. A row may change: that shows.
static lb_status write_identity(const lb_verify_check* c, const char* root, lb_json_writer* w) {
  char models[LB_BENCH_PATH + 16];
  lb_system* system;
  lb_setting settings[LB_SETTINGS_MAX];
  lb_protocol usual = lb_protocol_default();
  int n = lb_settings_difference(settings, &c->protocol, &usual);
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&system, models, c->task));
  lb_json_write_begin_object(w, "of");
  lb_json_write_string(w, "task", c->task);
  lb_json_write_string(w, "task_hash", system->hash);
  lb_json_write_string(w, "algo", c->algo);
  lb_json_write_begin_array(w, "settings");
  for (int i = 0; i < n; i++) lb_json_write_string(w, NULL, settings[i].text);
  lb_json_write_end_array(w);
  lb_json_write_int(w, "first_seed", c->seeds);
  lb_json_write_int(w, "seeds", c->reference_seeds);
  lb_status status = write_expert(c, root, w);
  lb_json_write_end_object(w);
  lb_system_free(system);
  return status;
}

// The reference: what made it, what it is of, the values.
static lb_status write_reference(const lb_verify_check* c, const char* root, lb_json_writer* w) {
  lb_json_write_begin_object(w, NULL);
  char command[200];
  snprintf(command, sizeof command, "tools/bench verify %.100s --save-reference", c->name);
  lb_json_write_string(w, "command", command);
  lb_environment_write_versions(w, "versions");
  lb_environment_write_machine(w, "machine");
  LB_TRY(write_identity(c, root, w));
  lb_json_write_begin_array(w, "points");
  for (int i = 0; i < c->npoints; i++) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "metric", c->points[i].metric);
    lb_json_write_int(w, "at", c->points[i].at);
    lb_json_write_numbers(w, "values", c->points[i].reference, c->reference_seeds);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  lb_json_write_end_object(w);
  return lb_ok();
}

lb_status lb_verify_check_save_reference(const lb_verify_check* c, const char* root) {
  char folder[LB_BENCH_PATH + 40], path[LB_BENCH_PATH + 200];
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  snprintf(folder, sizeof folder, "%s/bench/verify/reference", root);
  path_of(path, sizeof path, root, "reference/", c->name);
  lb_status status = write_reference(c, root, &w);
  if (status.code == LB_OK) status = lb_folder_make(folder);
  if (status.code == LB_OK) {
    lb_text_add(&text, "\n");
    status = lb_file_replace(path, text.data, text.length);
  }
  lb_text_free(&text);
  return status;
}

// Whether the reference is of this very check.
static lb_status check_identity(const lb_verify_check* c, const char* root, lb_node reference) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json* ours = NULL;
  lb_node then, now;
  lb_json_write_begin_object(&w, NULL);
  lb_status status = write_identity(c, root, &w);
  lb_json_write_end_object(&w);
  if (status.code == LB_OK) status = lb_json_object(reference, "of", &then);
  if (status.code == LB_OK) status = lb_json_parse(&ours, text.data, c->name);
  if (status.code == LB_OK) status = lb_json_object(lb_json_root(ours), "of", &now);
  if (status.code == LB_OK) {
    char *a = lb_json_canonical(then), *b = lb_json_canonical(now);
    if (strcmp(a, b) != 0) {
      status = lb_json_fail(then,
                            "is not what '%s' is now (its task, expert, settings or seeds have changed); make it "
                            "anew with 'bench verify %s --save-reference' by a build that is known to be right",
                            c->name, c->name);
    }
    free(a);
    free(b);
  }
  lb_json_free(ours);
  lb_text_free(&text);
  return status;
}

// The reference's values, checked to be of the same points.
static lb_status read_values(lb_verify_check* c, lb_node reference, lb_arena* arena) {
  lb_node array;
  int n;
  LB_TRY(lb_json_array(reference, "points", &array, &n));
  if (n != c->npoints) return lb_json_fail(array, "has %d points, not %d", n, c->npoints);
  for (int i = 0; i < n; i++) {
    lb_node node = lb_json_element(array, i);
    const char* metric;
    int at, length;
    LB_TRY(lb_json_string(node, "metric", &metric));
    LB_TRY(lb_json_int(node, "at", 0, 1000000000, &at));
    if (strcmp(metric, c->points[i].metric) != 0 || at != c->points[i].at) {
      return lb_json_fail(node, "should be of %s at %d", c->points[i].metric, c->points[i].at);
    }
    LB_TRY(lb_json_numbers(node, "values", c->reference_seeds, arena, &c->points[i].reference, &length));
  }
  return lb_ok();
}

// A text two levels down; "": there is none.
static const char* text_of(lb_node object, const char* key, const char* inner, lb_arena* arena) {
  lb_node node;
  const char* text;
  if (lb_json_object(object, key, &node).code != LB_OK || lb_json_string(node, inner, &text).code != LB_OK) return "";
  return lb_arena_text(arena, text);
}

// Whether there is a file.
bool lb_verify_check_has_reference(const lb_verify_check* c, const char* root) {
  char path[LB_BENCH_PATH + 200];
  path_of(path, sizeof path, root, "reference/", c->name);
  return lb_file_exists(path);
}

lb_status lb_verify_check_load_reference(lb_verify_check* c, const char* root, lb_arena* arena) {
  char path[LB_BENCH_PATH + 200];
  lb_json* doc;
  path_of(path, sizeof path, root, "reference/", c->name);
  if (!lb_file_exists(path)) {
    return lb_fail(LB_INPUT, "%s: there is no reference of '%s' yet; 'bench verify %s --save-reference' makes it", path,
                   c->name, c->name);
  }
  LB_TRY(lb_json_load(&doc, path));
  lb_node object = lb_json_root(doc);
  lb_status status = check_identity(c, root, object);
  if (status.code == LB_OK) status = read_values(c, object, arena);
  c->made_by = text_of(object, "versions", "commit", arena);
  c->machine = text_of(object, "machine", "cpu", arena);
  lb_json_free(doc);
  return status;
}
