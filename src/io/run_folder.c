// The folder of one run: see run_folder.h.
//
// Order of writing: a line of metrics, a line of timing, then a checkpoint that knows the lengths of both. Whatever the
// process was doing when it died, the checkpoint names a state of the two logs that was on the disk before it.
#include "io/run_folder.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "io/file_failure.h"
#include "io/json.h"
#include "io/json_writer.h"

static const char config_name[] = "config.json";
static const char metrics_name[] = "metrics.jsonl";
static const char timing_name[] = "timing.jsonl";
static const char checkpoint_name[] = "checkpoint.npz";
static const char policy_name[] = "policy.safetensors";
static const char done_name[] = "done.json";
static const char progress_name[] = "progress.json";

static const char metrics_key[] = "run_folder/metrics_bytes";
static const char timing_key[] = "run_folder/timing_bytes";

typedef char file_path[sizeof((lb_run_folder*)0)->path + 64];

static const char* path_of(const lb_run_folder* run, const char* name, file_path out) {
  lb_path_join(out, sizeof(file_path), run->path, name);
  return out;
}

static bool has_file(const lb_run_folder* run, const char* name) {
  file_path path;
  return lb_file_exists(path_of(run, name, path));
}

static size_t file_length(const lb_run_folder* run, const char* name) {
  file_path path;
  struct stat info;
  return stat(path_of(run, name, path), &info) == 0 ? (size_t)info.st_size : 0;
}

// Removes a run's own files and nothing else: a folder that somebody named by mistake keeps what is in it.
static lb_status remove_run(const lb_run_folder* run) {
  // The configuration goes last: while it stands, the folder is still known as a run's.
  const char* const names[] = {done_name,    progress_name, checkpoint_name, policy_name,
                               metrics_name, timing_name,   config_name};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    file_path path;
    if (unlink(path_of(run, names[i], path)) != 0 && errno != ENOENT) return lb_file_failure("remove", path, errno);
  }
  return lb_ok();
}

// Where two JSON values first differ, as text for a message; false when they are equal.
static bool first_difference(lb_node there, lb_node here, char* out, size_t size) {
  bool objects = lb_json_is_object(there) && lb_json_is_object(here);
  bool arrays = lb_json_is_array(there) && lb_json_is_array(here) && lb_json_length(there) == lb_json_length(here);
  if (objects || arrays) {
    for (int i = 0; i < lb_json_length(here); i++) {
      lb_node a = there, b = lb_json_element(here, i);
      if (arrays) {
        a = lb_json_element(there, i);
      } else {
        const char* key = lb_json_key(here, i);
        if (lb_json_child(here, key, &b).code != LB_OK) continue;
        if (lb_json_child(there, key, &a).code != LB_OK) {
          snprintf(out, size, "%s is new", b.path);
          return true;
        }
      }
      if (first_difference(a, b, out, size)) return true;
    }
    if (arrays || lb_json_length(there) == lb_json_length(here)) return false;
    snprintf(out, size, "%s had more keys", here.path);
    return true;
  }
  char *a = lb_json_canonical(there), *b = lb_json_canonical(here);
  bool differ = strcmp(a, b) != 0;
  if (differ) snprintf(out, size, "%s was %.40s and is now %.40s", here.path, a, b);
  free(a);
  free(b);
  return differ;
}

static lb_status other_configuration(const lb_run_folder* run, const char* there, const char* here) {
  char difference[320] = "";
  lb_json *a = NULL, *b = NULL;
  if (lb_json_parse(&a, there, run->path).code == LB_OK && lb_json_parse(&b, here, run->path).code == LB_OK) {
    first_difference(lb_json_root(a), lb_json_root(b), difference, sizeof difference);
  }
  lb_json_free(a);
  lb_json_free(b);
  return lb_fail(LB_INPUT, "%.120s: was made with another configuration%s%s%s; choose another --out or give --fresh",
                 run->path, *difference ? " (" : "", difference, *difference ? ")" : "");
}

// Compares the stored configuration, or stores it in a folder that has none.
static lb_status settle_config(const lb_run_folder* run, const char* config, lb_run_state* state) {
  file_path path;
  path_of(run, config_name, path);
  if (!lb_file_exists(path)) {
    if (has_file(run, checkpoint_name) || has_file(run, metrics_name)) {
      return lb_fail(LB_INPUT, "%s: holds a run without its %s; choose another --out or give --fresh", run->path,
                     config_name);
    }
    *state = LB_RUN_NEW;
    return lb_file_replace(path, config, strlen(config));
  }
  char* there;
  size_t n;
  LB_TRY(lb_file_read(path, &there, &n));
  bool same = n == strlen(config) && memcmp(there, config, n) == 0;
  lb_status status = same ? lb_ok() : other_configuration(run, there, config);
  free(there);
  *state = has_file(run, done_name) ? LB_RUN_DONE : LB_RUN_STARTED;
  return status;
}

static lb_status open_locked(lb_run_folder* run, const char* config, bool fresh, lb_run_state* state) {
  lb_folder_sweep(run->path);
  if (fresh) LB_TRY(remove_run(run));
  LB_TRY(settle_config(run, config, state));
  run->metrics_bytes = file_length(run, metrics_name);
  run->timing_bytes = file_length(run, timing_name);
  return lb_ok();
}

lb_status lb_run_folder_open(lb_run_folder* run, const char* path, const char* config, bool fresh,
                             lb_run_state* state) {
  *run = (lb_run_folder){.lock = {.fd = -1}};
  if (strlen(path) >= sizeof run->path) {
    return lb_fail(LB_INPUT, "%.80s...: the name of the folder is longer than %zu bytes", path, sizeof run->path - 1);
  }
  memcpy(run->path, path, strlen(path) + 1);
  LB_TRY(lb_folder_make(path));
  LB_TRY(lb_lock_take(&run->lock, path));
  lb_status status = open_locked(run, config, fresh, state);
  if (status.code != LB_OK) lb_run_folder_close(run);
  return status;
}

void lb_run_folder_close(lb_run_folder* run) {
  lb_lock_release(&run->lock);
}

static lb_status append_line(const lb_run_folder* run, const char* name, const char* line, size_t* bytes) {
  assert(!strchr(line, '\n'));
  file_path path;
  lb_text text = {0};
  lb_text_add(&text, "%s\n", line);
  lb_status status = lb_file_append(path_of(run, name, path), text.data, text.length);
  if (status.code == LB_OK) *bytes += text.length;
  lb_text_free(&text);
  return status;
}

lb_status lb_run_folder_metrics(lb_run_folder* run, const char* metrics, const char* timing) {
  LB_TRY(append_line(run, metrics_name, metrics, &run->metrics_bytes));
  return append_line(run, timing_name, timing, &run->timing_bytes);
}

lb_status lb_run_folder_save(lb_run_folder* run, lb_npz_writer* checkpoint) {
  int64_t metrics = (int64_t)run->metrics_bytes, timing = (int64_t)run->timing_bytes;
  lb_npz_add(checkpoint, metrics_key, LB_I64, 0, NULL, &metrics);
  lb_npz_add(checkpoint, timing_key, LB_I64, 0, NULL, &timing);
  file_path path;
  return lb_npz_save(checkpoint, path_of(run, checkpoint_name, path));
}

// A length that the checkpoint knows.
static lb_status read_length(const lb_npz* npz, const char* name, size_t* out) {
  const lb_array* array = lb_npz_find(npz, name);
  if (!array || array->dtype != LB_I64 || array->rank != 0 || *(const int64_t*)array->data < 0) {
    return lb_fail(LB_INPUT, "%s: '%s' is missing or not a length", lb_npz_origin(npz), name);
  }
  *out = (size_t) * (const int64_t*)array->data;
  return lb_ok();
}

static lb_status cut_logs(lb_run_folder* run, size_t metrics, size_t timing) {
  file_path path;
  LB_TRY(lb_file_truncate(path_of(run, metrics_name, path), metrics));
  LB_TRY(lb_file_truncate(path_of(run, timing_name, path), timing));
  run->metrics_bytes = metrics;
  run->timing_bytes = timing;
  return lb_ok();
}

static lb_status resume_from(lb_run_folder* run, const char* path, lb_npz** out) {
  size_t metrics = 0, timing = 0;
  LB_TRY(lb_npz_load(out, path));
  LB_TRY(read_length(*out, metrics_key, &metrics));
  LB_TRY(read_length(*out, timing_key, &timing));
  return cut_logs(run, metrics, timing);
}

lb_status lb_run_folder_resume(lb_run_folder* run, lb_npz** out) {
  file_path path;
  *out = NULL;
  if (!lb_file_exists(path_of(run, checkpoint_name, path))) return cut_logs(run, 0, 0);
  lb_status status = resume_from(run, path, out);
  if (status.code != LB_OK) {
    lb_npz_free(*out);
    *out = NULL;
  }
  if (status.code != LB_INPUT) return status;
  return lb_fail(LB_INPUT, "%.400s; start the run over with --fresh", status.text);
}

lb_status lb_run_folder_done(lb_run_folder* run, const char* status, const char* message) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "status", status);
  lb_json_write_string(&w, "message", message);
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  file_path path;
  lb_status result = lb_file_replace(path_of(run, done_name, path), text.data, text.length);
  lb_text_free(&text);
  unlink(path_of(run, progress_name, path));
  return result;
}

void lb_run_folder_stand(const lb_run_folder* run, const lb_run_standing* s) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "unit", s->round_name);
  lb_json_write_int(&w, "round", s->round);
  lb_json_write_int(&w, "rounds", s->rounds);
  lb_json_write_int(&w, "from", s->from);
  lb_json_write_number(&w, "cpu", s->cpu);
  lb_json_write_int(&w, "time", (int64_t)time(NULL));
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  file_path path;
  lb_status ignored = lb_file_replace(path_of(run, progress_name, path), text.data, text.length);
  (void)ignored;
  lb_text_free(&text);
}

static lb_status read_standing(lb_run_standing* out, lb_node root) {
  enum { MOST = 1000000000 };
  static const char* const units[] = {"round", "step"};
  int unit;
  double written;
  LB_TRY(lb_json_choice(root, "unit", units, 2, &unit));
  LB_TRY(lb_json_int(root, "round", 0, MOST, &out->round));
  LB_TRY(lb_json_int(root, "rounds", 0, MOST, &out->rounds));
  LB_TRY(lb_json_int(root, "from", 0, MOST, &out->from));
  LB_TRY(lb_json_number(root, "cpu", 0, 1e12, &out->cpu));
  LB_TRY(lb_json_number(root, "time", 0, 1e12, &written));
  out->round_name = units[unit];
  out->age = difftime(time(NULL), (time_t)written);
  return lb_ok();
}

bool lb_run_folder_standing(lb_run_standing* out, const char* folder) {
  char path[4096];
  lb_json* doc;
  *out = (lb_run_standing){0};
  lb_path_join(path, sizeof path, folder, progress_name);
  if (!lb_file_exists(path) || lb_json_load(&doc, path).code != LB_OK) return false;
  lb_status status = read_standing(out, lb_json_root(doc));
  lb_json_free(doc);
  return status.code == LB_OK;
}
