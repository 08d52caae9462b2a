// What the tests of runs share: a run under the usual settings, being stopped, and reading what a run left. Included
// after cmocka.h.
#ifndef LB_TESTS_ALGO_RUN_SUPPORT_H_
#define LB_TESTS_ALGO_RUN_SUPPORT_H_

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "algo/run.h"
#include "io/file.h"
#include "io/json.h"

static volatile sig_atomic_t stop_now;

// Asks to stop once the iteration in *ctx has been measured.
static inline void stop_after(void* ctx, const lb_run_progress* progress) {
  if (progress->iteration == *(int*)ctx) stop_now = 1;
}

static inline char* slurp(const char* folder, const char* name, size_t* n) {
  char path[300], *bytes;
  lb_path_join(path, sizeof path, folder, name);
  assert_int_equal(lb_file_read(path, &bytes, n).code, LB_OK);
  return bytes;
}

static inline void same_bytes(const char* a, const char* b, const char* name) {
  size_t na, nb;
  char *x = slurp(a, name, &na), *y = slurp(b, name, &nb);
  assert_int_equal(na, nb);
  assert_memory_equal(x, y, na);
  free(x);
  free(y);
}

// A run under the usual settings that saves only when it is stopped, by stop_now.
static inline lb_run_options run_of(const char* task, const char* algo, uint64_t seed, const char* folder) {
  return (lb_run_options){.root = LB_SOURCE_DIR,
                          .suite = "",
                          .task = task,
                          .algo = algo,
                          .seed = seed,
                          .protocol = lb_protocol_default(),
                          .folder = folder,
                          .command = "a test",
                          .checkpoint_seconds = 1e9,
                          .stop = &stop_now};
}

// The run at one go, in the folder `whole`, and one in `parts` that is stopped at each measurement, `every` iterations
// apart, before iteration `iterations`, and taken up again: the same metrics.
static inline void same_in_parts(lb_run_options o, const char* whole, const char* parts, int iterations, int every) {
  o.folder = whole;
  stop_now = 0;
  lb_status status = lb_run(&o);
  assert_string_equal(status.text, "");
  o.folder = parts;
  o.progress = stop_after;
  for (int iteration = 0; iteration < iterations; iteration += every) {
    o.progress_ctx = &iteration;
    stop_now = 0;
    assert_int_equal(lb_run(&o).code, LB_INTERRUPT);
  }
  stop_now = 0;
  o.progress = NULL;
  assert_int_equal(lb_run(&o).code, LB_OK);
  same_bytes(whole, parts, "metrics.jsonl");
}

static inline double number_at(const char* line, const char* key) {
  lb_json* doc;
  double value;
  assert_int_equal(lb_json_parse(&doc, line, "metrics").code, LB_OK);
  assert_int_equal(lb_json_number(lb_json_root(doc), key, -1e300, 1e300, &value).code, LB_OK);
  lb_json_free(doc);
  return value;
}

#endif  // LB_TESTS_ALGO_RUN_SUPPORT_H_
