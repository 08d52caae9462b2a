// The folder of one run: see run_folder.h.
//
// Order of writing: a line of metrics, a line of timing, then a checkpoint that knows the lengths of both. Whatever the
// process was doing when it died, the checkpoint names a state of the two logs that was on the disk before it.
#include "io/run_folder.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "io/file_failure.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "io/run_identity.h"
#include "io/run_policies.h"
#include "io/run_rollout.h"

static const char config_name[] = "config.json";
static const char metrics_name[] = "metrics.jsonl";
static const char timing_name[] = "timing.jsonl";
static const char checkpoint_name[] = "checkpoint.npz";
static const char done_name[] = "done.json";
static const char progress_name[] = "progress.json";
static const char suite_name[] = "suite.json";

// All that a run may write into its folder, and what of it done.json vouches for.
typedef enum vouched { NOT, WHOLE, TAIL } vouched;
static const struct {
  const char* name;
  vouched how;    // TAIL: a large archive, by its length and its end, where its entries' checksums are
  bool can_lack;  // results may be published without it: done.json then says that it was left out
} run_files[] = {
    {done_name, NOT, false},
    {progress_name, NOT, false},
    {"environment.json", NOT, false},
    {LB_RUN_STRIP, NOT, false},
    {LB_RUN_DRAWING, NOT, false},
    {checkpoint_name, TAIL, true},
    {"policy.safetensors", WHOLE, true},
    {"best.safetensors", WHOLE, true},
    {"average.safetensors", WHOLE, true},
    {"model.safetensors", WHOLE, true},
    {LB_RUN_ROLLOUT, WHOLE, false},
    {metrics_name, WHOLE, false},
    {timing_name, WHOLE, false},
    // The configuration goes last: while it stands, the folder is still known as a run's.
    {config_name, WHOLE, false},
};
enum { RUN_FILES = sizeof run_files / sizeof run_files[0], TAIL_BYTES = 1 << 16 };

// What the checkpoint says of the run that it belongs to. Another format is another program's.
enum { CHECKPOINT_FORMAT = 3 };
static const char format_key[] = "run/format";
static const char config_key[] = "run/config";
static const char seal_key[] = "run/sha256";

// In done.json: how many files it lists, so that an entry is not removed together with its file.
static const char listed_key[] = "files_listed";

// What tools/publish adds to a file in done.json.
static const char left_out_key[] = "left_out";

// The state of a log, as the checkpoint has it.
typedef struct log_keys {
  const char *name, *bytes, *sha256;
} log_keys;
static const log_keys metrics_keys = {metrics_name, "run/metrics_bytes", "run/metrics_sha256"};
static const log_keys timing_keys = {timing_name, "run/timing_bytes", "run/timing_sha256"};

typedef char file_path[sizeof((lb_run_folder*)0)->path + 64];

// out = the path of a file of the run.
static const char* path_of(const lb_run_folder* run, const char* name, file_path out) {
  lb_path_join(out, sizeof(file_path), run->path, name);
  return out;
}

// Whether the run has this file.
static bool has_file(const lb_run_folder* run, const char* name) {
  file_path path;
  return lb_file_exists(path_of(run, name, path));
}

// Removes the policies that a run kept of its way.
static lb_status remove_policies(const lb_run_folder* run) {
  int iterations[4 * LB_RUN_POLICIES], n;
  while ((n = lb_run_policies_list(iterations, 4 * LB_RUN_POLICIES, run->path)) > 0) {
    for (int i = 0; i < n; i++) {
      char name[LB_RUN_POLICY_NAME];
      file_path path;
      lb_run_policy_name(name, iterations[i]);
      if (unlink(path_of(run, name, path)) != 0 && errno != ENOENT) return lb_file_failure("remove", path, errno);
    }
  }
  return lb_ok();
}

// Removes a run's own files and nothing else: a folder that somebody named by mistake keeps what is in it.
static lb_status remove_run(const lb_run_folder* run) {
  LB_TRY(remove_policies(run));
  for (int i = 0; i < RUN_FILES; i++) {
    file_path path;
    if (unlink(path_of(run, run_files[i].name, path)) != 0 && errno != ENOENT) {
      return lb_file_failure("remove", path, errno);
    }
  }
  return lb_ok();
}

// Whether it is a file that a run writes.
static bool is_run_file(const char* name) {
  int iteration;
  if (lb_run_policy_iteration(&iteration, name)) return true;
  for (int i = 0; i < RUN_FILES; i++) {
    if (strcmp(name, run_files[i].name) == 0) return true;
  }
  return false;
}

// Whether there is a run's configuration, and not another program's file of that name.
static bool has_config(const char* folder) {
  char path[LB_PATH_SIZE];
  lb_json* doc;
  lb_path_join(path, sizeof path, folder, config_name);
  if (lb_json_load(&doc, path).code != LB_OK) return false;
  lb_node root = lb_json_root(doc);
  bool is_run =
      lb_json_is_object(root) && lb_json_has(root, "task") && lb_json_has(root, "algo") && lb_json_has(root, "seed");
  lb_json_free(doc);
  return is_run;
}

// Whether a folder has this file.
static bool exists_in(const char* folder, const char* name) {
  char path[LB_PATH_SIZE];
  lb_path_join(path, sizeof path, folder, name);
  return lb_file_exists(path);
}

// A folder is a run's when there is the configuration of one, or a run's lock and nothing but files of a run; or new
// and empty.
static lb_status check_is_ours(const char* folder) {
  char** names;
  int n;
  const char* foreign = NULL;
  if (!lb_folder_exists(folder) || has_config(folder)) return lb_ok();
  bool locked = exists_in(folder, ".lock"), configured = exists_in(folder, config_name);
  LB_TRY(lb_folder_list(folder, &names, &n));
  for (int i = 0; i < n && !foreign; i++) {
    if (!locked || (!configured && !is_run_file(names[i]))) foreign = names[i];
  }
  lb_status status = lb_ok();
  if (foreign) {
    bool suite = exists_in(folder, suite_name);
    status = lb_fail(LB_INPUT, "%s: is not the folder of a run: it holds %s%.60s; choose another --out, new or empty",
                     folder, suite ? "the results of a suite, " : "", suite ? suite_name : foreign);
  }
  lb_names_free(names, n);
  return status;
}

// Where two configurations first differ.
typedef struct difference {
  bool also_arithmetic;  // whether $.arithmetic counts
  char path[120];        // "": nowhere
  char words[320];
} difference;

static bool counts(const difference* d, const char* key) {
  return !lb_run_is_wording(key) && (d->also_arithmetic || strcmp(key, "arithmetic") != 0);
}

// Notes a difference; true.
static bool differ(difference* d, lb_node at, const char* words) {
  snprintf(d->path, sizeof d->path, "%.100s", at.path);
  snprintf(d->words, sizeof d->words, "%.150s %.160s", at.path, words);
  return true;
}

// A value as JSON, cut where it is long; a text keeps both of its quotes.
static void shorten(char* out, size_t size, const char* value) {
  enum { LONG = 60, HASH = 8, KEPT = 50 };
  size_t length = strlen(value);
  bool text = value[0] == '"', hash = text && length == 66 && strspn(value + 1, "0123456789abcdef") == 64;
  if (length <= LONG) {
    snprintf(out, size, "%s", value);
  } else {
    snprintf(out, size, "%.*s...%s", hash ? HASH + 1 : KEPT, value, text ? "\"" : "");
  }
}

static bool find_difference(difference* d, lb_node there, lb_node here);

// The first difference of two objects: a key that one lacks, or a value that differs.
static bool compare_objects(difference* d, lb_node there, lb_node here) {
  for (int side = 0; side < 2; side++) {
    lb_node own = side ? there : here, other = side ? here : there;
    for (int i = 0; i < lb_json_length(own); i++) {
      lb_node a, b;
      const char* key = lb_json_key(own, i);
      if (!counts(d, key) || lb_json_child(own, key, &a).code != LB_OK) continue;
      if (lb_json_child(other, key, &b).code != LB_OK) return differ(d, a, side ? "is no longer there" : "is new");
      if (side) continue;
      if (find_difference(d, b, a)) return true;
    }
  }
  return false;
}

// Whether two JSON values differ, and where first.
static bool find_difference(difference* d, lb_node there, lb_node here) {
  if (lb_json_is_object(there) && lb_json_is_object(here)) return compare_objects(d, there, here);
  if (lb_json_is_array(there) && lb_json_is_array(here) && lb_json_length(there) == lb_json_length(here)) {
    for (int i = 0; i < lb_json_length(here); i++) {
      if (find_difference(d, lb_json_element(there, i), lb_json_element(here, i))) return true;
    }
    return false;
  }
  char *a = lb_json_canonical(there), *b = lb_json_canonical(here), words[200], was[64], is[64];
  bool other = strcmp(a, b) != 0;
  shorten(was, sizeof was, a);
  shorten(is, sizeof is, b);
  snprintf(words, sizeof words, "was %s and is now %s", was, is);
  free(a);
  free(b);
  return other && differ(d, here, words);
}

// The failure of a folder that holds another run, by the kind of its first difference.
static lb_status other_configuration(const lb_run_folder* run, const difference* d) {
  static const struct {
    const char *path, *what;
  } kinds[] = {{"$.task_hash", "is of another version of the task"},
               {"$.expert", "was made from another recording of the expert"},
               {"$.recipe", "was made by another version of the algorithm"},
               {"$.protocol", "was made with other settings"},
               {"$.program", "was made by another program"},
               {"$.arithmetic", "was begun with another arithmetic and cannot go on with this one"}};
  const char* what = "was made with another configuration";
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    size_t n = strlen(kinds[i].path);
    if (strncmp(d->path, kinds[i].path, n) == 0 && (d->path[n] == '\0' || d->path[n] == '.')) what = kinds[i].what;
  }
  return lb_fail(LB_INPUT, "%.560s: %s (%s); choose another --out or give --fresh", run->path, what, d->words);
}

// Where the configurations of two texts differ, JSON both: whether they do, $.arithmetic aside unless it counts.
static lb_status compare_texts(bool* differs, difference* d, const char* there, const char* here, const char* origin) {
  lb_json *a = NULL, *b = NULL;
  lb_status status = lb_json_parse(&a, there, origin);
  if (status.code == LB_OK) status = lb_json_parse(&b, here, origin);
  *differs = status.code == LB_OK && find_difference(d, lb_json_root(a), lb_json_root(b));
  lb_json_free(a);
  lb_json_free(b);
  return status;
}

// Whether the run that is there is the one that `here` describes: LB_INPUT if not. One that is over may have been made
// with another arithmetic: run->elsewhere says where it differs.
static lb_status compare_configs(lb_run_folder* run, const char* there, const char* here, bool over) {
  difference d = {.also_arithmetic = true}, rest = {.also_arithmetic = false};
  bool differs, by_more;
  LB_TRY(compare_texts(&differs, &d, there, here, run->path));
  if (!differs) return lb_ok();
  if (!over) return other_configuration(run, &d);
  LB_TRY(compare_texts(&by_more, &rest, there, here, run->path));
  if (by_more) return other_configuration(run, &rest);
  snprintf(run->elsewhere, sizeof run->elsewhere, "%s", d.words);
  return lb_ok();
}

// Compares the stored configuration, or stores it in a folder that has none.
static lb_status settle_config(lb_run_folder* run, const char* config, lb_run_state* state) {
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
  *state = has_file(run, done_name) ? LB_RUN_DONE : LB_RUN_STARTED;
  lb_status status = compare_configs(run, there, config, *state == LB_RUN_DONE);
  free(there);
  return status;
}

// The run as it stands, in a folder that nobody else works on now.
static lb_status open_locked(lb_run_folder* run, const char* config, bool fresh, lb_run_state* state) {
  lb_folder_sweep(run->path);
  if (fresh) LB_TRY(remove_run(run));
  LB_TRY(settle_config(run, config, state));
  run->config = strdup(config);
  if (!run->config) return lb_fail(LB_MEMORY, "%s: no memory for the run", run->path);
  run->metrics = run->timing = (lb_run_log){.digest = lb_digest_new()};
  return *state == LB_RUN_DONE ? lb_run_folder_verify(run->path) : lb_ok();
}

lb_status lb_run_folder_open(lb_run_folder* run, const char* path, const char* config, bool fresh,
                             lb_run_state* state) {
  *run = (lb_run_folder){.lock = {.fd = -1}};
  if (strlen(path) >= sizeof run->path) {
    return lb_fail(LB_INPUT, "%.80s...: the name of the folder is longer than %zu bytes", path, sizeof run->path - 1);
  }
  memcpy(run->path, path, strlen(path) + 1);
  LB_TRY(check_is_ours(path));
  LB_TRY(lb_folder_make(path));
  LB_TRY(lb_lock_take(&run->lock, path));
  lb_status status = open_locked(run, config, fresh, state);
  if (status.code != LB_OK) lb_run_folder_close(run);
  return status;
}

lb_status lb_run_folder_remove(const char* path) {
  lb_run_folder run = {.lock = {.fd = -1}};
  file_path lock;
  if (strlen(path) >= sizeof run.path) return lb_file_failure("remove", path, ENAMETOOLONG);
  memcpy(run.path, path, strlen(path) + 1);
  LB_TRY(lb_lock_take(&run.lock, path));
  lb_folder_sweep(path);
  lb_status status = remove_run(&run);
  if (status.code == LB_OK) unlink(path_of(&run, ".lock", lock));
  lb_lock_release(&run.lock);
  if (status.code == LB_OK) rmdir(path);
  return status;
}

void lb_run_folder_close(lb_run_folder* run) {
  lb_lock_release(&run->lock);
  free(run->config);
  run->config = NULL;
}

// Appends a line to a log, and to the checksum of what it holds.
static lb_status append_line(const lb_run_folder* run, const char* name, const char* line, lb_run_log* log) {
  assert(!strchr(line, '\n'));
  file_path path;
  lb_text text = {0};
  lb_text_add(&text, "%s\n", line);
  lb_status status = lb_file_append(path_of(run, name, path), text.data, text.length);
  if (status.code == LB_OK) {
    log->bytes += text.length;
    lb_digest_add(&log->digest, text.data, text.length);
  }
  lb_text_free(&text);
  return status;
}

lb_status lb_run_folder_metrics(lb_run_folder* run, const char* metrics, const char* timing) {
  LB_TRY(lb_lock_check(&run->lock, run->path));
  LB_TRY(append_line(run, metrics_name, metrics, &run->metrics));
  return append_line(run, timing_name, timing, &run->timing);
}

// What a checkpoint, or the record of the end, says of the logs is on the disk before it.
static lb_status sync_logs(const lb_run_folder* run) {
  file_path path;
  LB_TRY(lb_file_sync(path_of(run, metrics_name, path)));
  return lb_file_sync(path_of(run, timing_name, path));
}

// A log's length and checksum into a checkpoint.
static void add_log(lb_npz_writer* w, const log_keys* keys, const lb_run_log* log) {
  char sha256[65];
  int64_t bytes = (int64_t)log->bytes;
  lb_digest_text(&log->digest, sha256);
  lb_npz_add(w, keys->bytes, LB_I64, 0, NULL, &bytes);
  lb_npz_add_string(w, keys->sha256, sha256);
}

lb_status lb_run_folder_save(lb_run_folder* run, lb_npz_writer* checkpoint) {
  int64_t format = CHECKPOINT_FORMAT;
  file_path path;
  LB_TRY(lb_lock_check(&run->lock, run->path));
  LB_TRY(sync_logs(run));
  lb_npz_add(checkpoint, format_key, LB_I64, 0, NULL, &format);
  lb_npz_add_string(checkpoint, config_key, run->config);
  add_log(checkpoint, &metrics_keys, &run->metrics);
  add_log(checkpoint, &timing_keys, &run->timing);
  lb_npz_seal(checkpoint, seal_key);
  return lb_npz_save(checkpoint, path_of(run, checkpoint_name, path));
}

// A whole number >= 0 that the checkpoint keeps; -1: none.
static int64_t read_count(const lb_npz* npz, const char* name) {
  const lb_array* array = lb_npz_find(npz, name);
  if (!array || array->dtype != LB_I64 || array->rank != 0) return -1;
  int64_t value = *(const int64_t*)array->data;
  return value < 0 ? -1 : value;
}

// Whether the checkpoint is this run's, by this program.
static lb_status check_identity(const lb_run_folder* run, const lb_npz* npz) {
  const char *config, *origin = lb_npz_origin(npz);
  int64_t format = read_count(npz, format_key);
  if (format != CHECKPOINT_FORMAT) {
    return lb_fail(LB_INPUT,
                   "%s: was written by another version of the program, whose checkpoints this one cannot read", origin);
  }
  LB_TRY(lb_npz_string(npz, config_key, &config));
  difference d = {.also_arithmetic = true};
  bool differs;
  LB_TRY(compare_texts(&differs, &d, config, run->config, origin));
  if (!differs) return lb_ok();
  return lb_fail(LB_INPUT, "%.560s: is the checkpoint of another run (%s)", origin, d.words);
}

// Compares the beginning of a log with what the checkpoint knows of it.
static lb_status check_log(lb_run_log* log, const char* folder, const log_keys* keys, const lb_npz* npz) {
  char path[LB_PATH_SIZE], found[65], *bytes;
  const char* wanted;
  size_t n;
  int64_t length = read_count(npz, keys->bytes);
  if (length < 0) {
    return lb_fail(LB_INPUT, "%s: the entry '%s' is missing or no length", lb_npz_origin(npz), keys->bytes);
  }
  LB_TRY(lb_npz_string(npz, keys->sha256, &wanted));
  *log = (lb_run_log){.bytes = (size_t)length, .digest = lb_digest_new()};
  if (length == 0) return lb_ok();
  lb_path_join(path, sizeof path, folder, keys->name);
  LB_TRY(lb_file_read(path, &bytes, &n));
  if (n >= log->bytes) lb_digest_add(&log->digest, bytes, log->bytes);
  free(bytes);
  lb_digest_text(&log->digest, found);
  if (n >= log->bytes && strcmp(found, wanted) == 0) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: was altered since the run was stopped: its first %zu bytes are not those that were "
                 "written; put them back",
                 path, log->bytes);
}

// Compares a log, cuts off what follows, and goes on from there.
static lb_status take_up_log(const lb_run_folder* run, const log_keys* keys, const lb_npz* npz, lb_run_log* log) {
  file_path path;
  LB_TRY(check_log(log, run->path, keys, npz));
  return lb_file_truncate(path_of(run, keys->name, path), log->bytes);
}

// The checkpoint, verified, and the logs cut to where they were at it.
static lb_status resume_from(lb_run_folder* run, const char* path, lb_npz** out) {
  lb_run_log metrics, timing;
  LB_TRY(lb_npz_load(out, path));
  LB_TRY(check_identity(run, *out));
  LB_TRY(lb_npz_check_seal(*out, seal_key));
  LB_TRY(take_up_log(run, &metrics_keys, *out, &metrics));
  LB_TRY(take_up_log(run, &timing_keys, *out, &timing));
  run->metrics = metrics;
  run->timing = timing;
  return lb_ok();
}

lb_status lb_run_folder_resume(lb_run_folder* run, lb_npz** out) {
  file_path path;
  *out = NULL;
  if (!lb_file_exists(path_of(run, checkpoint_name, path))) {
    file_path log;
    LB_TRY(lb_file_truncate(path_of(run, metrics_name, log), 0));
    return lb_file_truncate(path_of(run, timing_name, log), 0);
  }
  lb_status status = resume_from(run, path, out);
  if (status.code != LB_OK) {
    lb_npz_free(*out);
    *out = NULL;
  }
  return lb_run_folder_way_out(status);
}

lb_status lb_run_folder_way_out(lb_status status) {
  if (status.code != LB_INPUT) return status;
  return lb_fail(LB_INPUT, "%.900s; start over with --fresh", status.text);
}

// "name": {"bytes": ..., "sha256": ...} of a file that is there.
static lb_status write_file(const lb_run_folder* run, int i, lb_json_writer* w, int* listed) {
  file_path path;
  char sha256[65];
  path_of(run, run_files[i].name, path);
  if (run_files[i].how == NOT || !lb_file_exists(path)) return lb_ok();
  size_t bytes = lb_file_length(path);
  LB_TRY(lb_sha256_tail(path, run_files[i].how == TAIL ? TAIL_BYTES : SIZE_MAX, sha256));
  // A log is what this process and those before it have written, whoever changed the file meanwhile.
  const lb_run_log* log = run_files[i].name == metrics_name  ? &run->metrics
                          : run_files[i].name == timing_name ? &run->timing
                                                             : NULL;
  if (log && run->lock.fd >= 0) {
    bytes = log->bytes;
    lb_digest_text(&log->digest, sha256);
  }
  lb_json_write_begin_object(w, run_files[i].name);
  lb_json_write_int(w, "bytes", (int64_t)bytes);
  lb_json_write_string(w, run_files[i].how == TAIL ? "sha256_of_end" : "sha256", sha256);
  lb_json_write_end_object(w);
  *listed += 1;
  return lb_ok();
}

// The checksums of all files, for done.json.
static lb_status write_files(const lb_run_folder* run, lb_json_writer* w) {
  int listed = 0;
  lb_json_write_begin_object(w, "files");
  for (int i = 0; i < RUN_FILES; i++) LB_TRY(write_file(run, i, w, &listed));
  lb_json_write_end_object(w);
  lb_json_write_int(w, listed_key, listed);
  return lb_ok();
}

// Marks the run as ended, with the checksums of its files.
lb_status lb_run_folder_done(lb_run_folder* run, const char* status, const char* message) {
  lb_text text = {0};
  LB_TRY(lb_lock_check(&run->lock, run->path));
  LB_TRY(sync_logs(run));
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "status", status);
  lb_json_write_string(&w, "message", message);
  lb_status result = write_files(run, &w);
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  file_path path;
  if (result.code == LB_OK) result = lb_file_replace(path_of(run, done_name, path), text.data, text.length);
  lb_text_free(&text);
  unlink(path_of(run, progress_name, path));
  return result;
}

static lb_status altered(const char* path, const char* how) {
  return lb_fail(LB_INPUT, "%s: %s; put it back, or run it again with --fresh", path, how);
}

// One file as done.json has it.
static lb_status verify_file(const char* folder, int i, lb_node files, int* listed) {
  const char* name = run_files[i].name;
  bool tail = run_files[i].how == TAIL;
  char path[LB_PATH_SIZE], sha256[65];
  lb_node node;
  double bytes;
  bool left_out;
  const char* wanted;
  lb_path_join(path, sizeof path, folder, name);
  bool exists = lb_file_exists(path);
  if (!lb_json_has(files, name)) {
    return exists ? altered(path, "was not there when the run ended, it is not the run's") : lb_ok();
  }
  LB_TRY(lb_json_object(files, name, &node));
  LB_TRY(lb_json_string(node, tail ? "sha256_of_end" : "sha256", &wanted));
  *listed += 1;
  LB_TRY(lb_json_bool_or(node, left_out_key, false, &left_out));
  if (!exists && left_out && run_files[i].can_lack) return lb_ok();
  if (!exists) return altered(path, "is missing, though the run is over");
  LB_TRY(lb_json_number(node, "bytes", 0, 1e15, &bytes));
  bool same = (double)lb_file_length(path) <= bytes && (double)lb_file_length(path) >= bytes;
  if (same) {
    LB_TRY(lb_sha256_again(path, tail ? TAIL_BYTES : SIZE_MAX, sha256));
    same = strcmp(sha256, wanted) == 0;
  }
  return same ? lb_ok() : altered(path, "is not what the run left: it was altered, or is another run's");
}

// Whether the run is by a program that lists no files in done.json: older ones, which config.json does not name either.
static lb_status check_is_older(const char* folder) {
  char path[LB_PATH_SIZE];
  lb_json* doc;
  lb_path_join(path, sizeof path, folder, config_name);
  LB_TRY(lb_json_load(&doc, path));
  bool older = !lb_json_has(lb_json_root(doc), "program");
  lb_json_free(doc);
  lb_path_join(path, sizeof path, folder, done_name);
  return older ? lb_ok() : altered(path, "has no \"files\", the checksums of what the run left: it was altered");
}

// Fails unless every file listed is as it was written, and none is missing from the list.
static lb_status verify_files(const char* folder, lb_node done) {
  lb_node files;
  if (!lb_json_has(done, "files")) return check_is_older(folder);
  char path[LB_PATH_SIZE];
  int listed = 0, wanted;
  LB_TRY(lb_json_object(done, "files", &files));
  for (int i = 0; i < RUN_FILES; i++) {
    if (run_files[i].how != NOT) LB_TRY(verify_file(folder, i, files, &listed));
  }
  LB_TRY(lb_json_int_or(done, listed_key, 0, RUN_FILES, listed, &wanted));  // older runs do not say
  if (listed == wanted) return lb_ok();
  lb_path_join(path, sizeof path, folder, done_name);
  return altered(path, "does not list the files that the run left: it was altered");
}

// The same from done.json's path.
static lb_status verify_finished(const char* folder, const char* done_path) {
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, done_path));
  lb_status status = verify_files(folder, lb_json_root(doc));
  lb_json_free(doc);
  return status;
}

// The logs of a run that was interrupted, by its checkpoint. Another version's checkpoint says nothing to this one.
static lb_status verify_stopped(const char* folder, const char* checkpoint) {
  lb_npz* npz;
  lb_run_log log;
  LB_TRY(lb_npz_open(&npz, checkpoint));
  const lb_array* format;
  bool known = lb_npz_has(npz, format_key) && lb_npz_fetch(npz, format_key, &format).code == LB_OK &&
               read_count(npz, format_key) == CHECKPOINT_FORMAT;
  lb_status status = lb_ok();
  const log_keys* logs[] = {&metrics_keys, &timing_keys};
  for (int i = 0; i < 2 && known && status.code == LB_OK; i++) {
    const lb_array* bytes;
    status = lb_npz_fetch(npz, logs[i]->bytes, &bytes);
    if (status.code == LB_OK) status = check_log(&log, folder, logs[i], npz);
  }
  lb_npz_free(npz);
  return status;
}

lb_status lb_run_folder_verify(const char* folder) {
  char path[LB_PATH_SIZE];
  if (strlen(folder) + 64 > sizeof path) return lb_file_failure("read", folder, ENAMETOOLONG);
  lb_path_join(path, sizeof path, folder, done_name);
  if (lb_file_exists(path)) return verify_finished(folder, path);
  lb_path_join(path, sizeof path, folder, checkpoint_name);
  bool stopped = lb_file_exists(path) && !lb_lock_is_held(folder);
  return stopped ? lb_run_folder_way_out(verify_stopped(folder, path)) : lb_ok();
}

void lb_run_folder_write_progress(const lb_run_folder* run, const lb_run_folder_progress* s) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "unit", s->iteration_name);
  lb_json_write_int(&w, "iteration", s->iteration);
  lb_json_write_int(&w, "iterations", s->iterations);
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

// How far a run is, from progress.json.
static lb_status read_progress(lb_run_folder_progress* out, lb_node root) {
  enum { MOST = 1000000000 };
  static const char* const units[] = {"iteration", "step", "size of the data"};
  int unit;
  LB_TRY(lb_json_choice(root, "unit", units, 3, &unit));
  LB_TRY(lb_json_int(root, "iteration", 0, MOST, &out->iteration));
  LB_TRY(lb_json_int(root, "iterations", 0, MOST, &out->iterations));
  LB_TRY(lb_json_int(root, "from", 0, MOST, &out->from));
  LB_TRY(lb_json_number(root, "cpu", 0, 1e12, &out->cpu));
  out->iteration_name = units[unit];
  return lb_ok();
}

bool lb_run_folder_read_progress(lb_run_folder_progress* out, const char* folder) {
  char path[4096];
  lb_json* doc;
  *out = (lb_run_folder_progress){0};
  lb_path_join(path, sizeof path, folder, progress_name);
  if (!lb_file_exists(path) || lb_json_load(&doc, path).code != LB_OK) return false;
  lb_status status = read_progress(out, lb_json_root(doc));
  lb_json_free(doc);
  return status.code == LB_OK;
}
