// A checkpoint is input: whatever number of it is changed, whatever entry is missing or too short, a run that is taken
// up says which entry it is, or goes on; it never trips over it. Every entry of every kind of run is tried.
// clang-format off
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "io/npz.h"
#include "run_support.h"

// In memory where that can be: every trial writes a few files and waits for the disk.
static char base[64] = "/dev/shm/lb_checkpoint_XXXXXX";

static int set_up(void** state) {
  (void)state;
  if (mkdtemp(base)) return 0;
  strcpy(base, "/tmp/lb_checkpoint_XXXXXX");
  assert_non_null(mkdtemp(base));
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

// A short run, with the settings that mean something to it.
static lb_run_options options(const char* task, const char* algo, const char* folder) {
  lb_run_options o = run_of(task, algo, 5, folder);
  lb_protocol* p = &o.protocol;
  int parts;
  assert_int_equal(lb_run_protocol_parts(&parts, &o).code, LB_OK);
  if (parts & LB_PROTOCOL_ITERATIONS) {
    lb_protocol_put(&o.protocol, "iterations", 4);
    lb_protocol_put(&o.protocol, "evaluation_rollouts", 3);
    lb_protocol_put(&o.protocol, "samples", 20);
  }
  if (parts & LB_PROTOCOL_ONLINE) {
    lb_protocol_put(p, "steps", 200);
    lb_protocol_put(p, "warmup_steps", 30);
    lb_protocol_put(p, "evaluate_every", 100);
    lb_protocol_put(p, "evaluation_episodes", 1);
  }
  if (strncmp(algo, "lamps-ilqr", 10) == 0) lb_protocol_put(p, "expert_transitions", 200);  // one demonstration
  static const struct {
    const char* key;
    double value;
  } small[] = {{"width", 8},
               {"batch", 8},
               {"actor_average", 0.01},
               {"fit_every", 40},
               {"model_width", 8},
               {"model_layers", 2},
               {"model_members", 2},
               {"model_updates", 5},
               {"model_elites", 1},
               {"imagined_per_step", 5},
               {"imagined_kept", 50}};
  for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
    if (lb_protocol_check_set(small[i].key, parts, algo).code == LB_OK)
      lb_protocol_put(p, small[i].key, small[i].value);
  }
  return o;
}

// How an entry is changed. The greatest whole number, -1, and numbers that are not finite are what no run has.
typedef enum change { MOST, MINUS_ONE, ONE_MORE, ONE_LESS, NOT_A_NUMBER, HUGE, SHORT, MISSING, CHANGES } change;

static bool is_whole(const lb_array* a) {
  return a->dtype == LB_I32 || a->dtype == LB_I64;
}

// The last number of a copy of the data, changed; false where the change means nothing for it.
static bool alter(void* data, const lb_array* a, change how) {
  int64_t i = a->size - 1;
  if (is_whole(a)) {
    if (how > ONE_LESS) return false;
    int64_t* wide = data;
    int* narrow = data;
    int64_t now = a->dtype == LB_I64 ? wide[i] : narrow[i];
    int64_t next = how == MOST ? INT64_MAX : how == MINUS_ONE ? -1 : how == ONE_MORE ? now + 1 : now - 1;
    if (a->dtype == LB_I64) {
      wide[i] = next;
    } else {
      narrow[i] = next > INT32_MAX ? INT32_MAX : (int)next;
    }
    return true;
  }
  if (how != NOT_A_NUMBER && how != HUGE) return false;
  if (how == HUGE && a->rank > 0 && strcmp(a->name, "plan/action") != 0) return false;
  if (a->dtype == LB_F32) ((float*)data)[i] = how == HUGE ? -1e38f : NAN;
  if (a->dtype == LB_F64) ((double*)data)[i] = how == HUGE ? -1e300 : NAN;
  return true;
}

// The checksum of the other entries, which is mended after a change.
static const char seal[] = "run/sha256";

// A copy of the archive with entry `which` (-1: none) changed; false where there is nothing to try.
static bool write_changed(const lb_npz* npz, int which, change how, const char* path) {
  lb_npz_writer* w = lb_npz_writer_new(false);
  bool tried = which >= 0;
  for (int i = 0; i < lb_npz_count(npz); i++) {
    const lb_array* a = lb_npz_at(npz, i);
    if (strcmp(a->name, seal) == 0) {
      tried = tried && i != which;
      continue;
    }
    if (i != which) {
      lb_npz_add(w, a->name, a->dtype, a->rank, a->shape, a->data);
      continue;
    }
    // A single number that is missing is refused by the same lines as an array.
    if (how == MISSING) tried = a->rank > 0;
    if (how == MISSING) continue;
    int64_t shape = a->size - 1;
    size_t each = a->dtype == LB_I32 || a->dtype == LB_F32 ? 4 : 8;
    if (how == SHORT) {
      tried = a->rank == 1 && a->size > 0;
      if (tried) lb_npz_add(w, a->name, a->dtype, 1, &shape, a->data);
      continue;
    }
    void* data = calloc((size_t)a->size + 1, each);
    tried = a->dtype != LB_UTF8 && a->size > 0;
    if (tried) memcpy(data, a->data, (size_t)a->size * each);
    tried = tried && alter(data, a, how);
    lb_npz_add(w, a->name, a->dtype, a->rank, a->shape, a->dtype == LB_UTF8 ? a->data : data);
    free(data);
  }
  lb_npz_seal(w, seal);
  if (tried || which < 0) assert_int_equal(lb_npz_save(w, path).code, LB_OK);
  lb_npz_writer_free(w);
  return tried;
}

// Transitions may hold anything: a network's imagination may overflow.
static bool holds_anything(const char* name) {
  static const char* const names[] = {"real", "mix", "imagined", "initial"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(name, names[i]) == 0) return true;
  }
  return false;
}

// A stopped run: its checkpoint and its logs.
typedef struct stopped {
  lb_run_options options;
  char folder[200], checkpoint[300];
  lb_npz* npz;
  char *metrics, *timing;
} stopped;

static void stop_a_run(stopped* r, const char* task, const char* algo, int half) {
  size_t n;
  snprintf(r->folder, sizeof r->folder, "%s/%s", base, algo);
  r->options = options(task, algo, r->folder);
  r->options.progress = stop_after;
  r->options.progress_ctx = &half;
  stop_now = 0;
  lb_status status = lb_run(&r->options);
  if (status.code != LB_INTERRUPT) fail_msg("%s: %s", algo, status.text);
  r->options.progress = NULL;
  snprintf(r->checkpoint, sizeof r->checkpoint, "%s/checkpoint.npz", r->folder);
  assert_int_equal(lb_npz_load(&r->npz, r->checkpoint).code, LB_OK);
  r->metrics = slurp(r->folder, "metrics.jsonl", &n);
  r->timing = slurp(r->folder, "timing.jsonl", &n);
}

static void free_run(stopped* r) {
  free(r->metrics);
  free(r->timing);
  lb_npz_free(r->npz);
}

static void write_text(const stopped* r, const char* name, const char* text) {
  char path[300];
  snprintf(path, sizeof path, "%s/%s", r->folder, name);
  FILE* file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

// The run's folder as it was when it stopped, but for the checkpoint.
static void put_back(const stopped* r) {
  char done[300];
  snprintf(done, sizeof done, "%s/done.json", r->folder);
  unlink(done);
  write_text(r, "metrics.jsonl", r->metrics);
  write_text(r, "timing.jsonl", r->timing);
}

// Takes the run up with one entry changed: whether it was refused.
static bool refuses(const stopped* r, const lb_array* a, change how) {
  stop_now = 1;  // after one iteration
  lb_status status = lb_run(&r->options);
  bool named = strstr(status.text, a->name) || strncmp(a->name, "run/", 4) == 0;
  // A number within its bounds contradicts another entry.
  if (!named && (how == ONE_MORE || how == ONE_LESS)) named = strstr(status.text, ": the entr") != NULL;
  if (status.code == LB_INPUT && (!named || !strstr(status.text, "; start over with --fresh"))) {
    fail_msg("%s, change %d: %s", a->name, how, status.text);
  }
  bool never = how == MISSING || how == SHORT || how == MINUS_ONE || how == MOST ||
               (how == NOT_A_NUMBER && !holds_anything(a->name)) ||
               (how == HUGE && strcmp(a->name, "plan/action") == 0);
  if (never && status.code != LB_INPUT) fail_msg("%s, change %d: %s", a->name, how, status.text);
  return status.code == LB_INPUT;
}

// The changes that are tried on entry i: all, or one in turn to a sanitizer, which takes ten times as long.
static bool is_tried(int i, change how) {
#ifdef __SANITIZE_ADDRESS__
  return ((int)how + i) % 4 == 0;
#else
  (void)i, (void)how;
  return true;
#endif
}

static void every_entry(const char* task, const char* algo, int half) {
  stopped r;
  int refused = 0, tried = 0;
  stop_a_run(&r, task, algo, half);
  for (int i = 0; i < lb_npz_count(r.npz); i++) {
    for (change how = MOST; how < CHANGES; how++) {
      if (!is_tried(i, how) || !write_changed(r.npz, i, how, r.checkpoint)) continue;
      put_back(&r);
      tried += 1;
      refused += refuses(&r, lb_npz_at(r.npz, i), how);
    }
  }
  if (tried < 20 || refused < tried / 2) fail_msg("%s: %d of %d refused", algo, refused, tried);
  // As it was, it goes on.
  assert_false(write_changed(r.npz, -1, MISSING, r.checkpoint));
  put_back(&r);
  stop_now = 0;
  lb_status status = lb_run(&r.options);
  assert_string_equal(status.text, "");
  free_run(&r);
}

static void of_rows_by_iterations(void** state) {
  (void)state;
  static const char* const algos[] = {"lamps", "lamps-mm", "sysid-ltv"};
  for (size_t i = 0; i < sizeof algos / sizeof *algos; i++) every_entry("helicopter-hover-2023", algos[i], 2);
}

static void of_rows_that_learn_step_by_step(void** state) {
  (void)state;
  every_entry("pendulum-swingup", "mbpo", 100);
  every_entry("pendulum-swingup", "sysid-ilqr-linear", 100);
  every_entry("pendulum-swingup", "lamps-ilqr-linear", 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(of_rows_by_iterations),
      cmocka_unit_test(of_rows_that_learn_step_by_step),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
