#include "small.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "algo/environment.h"
#include "algo/phases.h"
#include "base/log.h"
#include "io/json_writer.h"
#include "io/run_folder.h"
#include "root.h"
#include "theory/study.h"

lb_status lb_small_is_suite(bool* small, const lb_suite* suite) {
  int worlds = 0;
  for (int i = 0; i < suite->n_tasks; i++) worlds += lb_study_is_world(suite->tasks[i]);
  *small = worlds > 0;
  if (worlds > 0 && worlds < suite->n_tasks) {
    return lb_fail(LB_INPUT, "%s: has small worlds and other tasks; they go into suites of their own", suite->path);
  }
  for (int i = 0; *small && i < suite->n_rows; i++) {
    lb_study* study;
    LB_TRY(lb_within(lb_study_open(&study, suite->rows[i].task, suite->rows[i].algo, 0), "%s", suite->path));
    lb_study_close(study);
  }
  return lb_ok();
}

// What decides the run's numbers, as JSON text.
static void write_config(lb_text* text, const lb_small_run* run, const lb_study* study) {
  char hash[65] = "";
  const char* what = lb_study_world_text(run->world);
  // A file was read when the study was opened; one that is gone since has no checksum.
  if (!lb_study_is_file(run->world) || lb_sha256_file(run->world, hash).code != LB_OK) {
    lb_sha256(what, strlen(what), hash);
  }
  lb_json_writer w = lb_json_writer_on(text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "format", 1);
  lb_json_write_string(&w, "suite", run->suite);
  lb_json_write_string(&w, "task", run->world);
  lb_json_write_string(&w, "task_hash", hash);
  lb_json_write_string(&w, "algo", run->row);
  lb_json_write_string(&w, "title", lb_study_row_title(run->row));
  lb_json_write_int(&w, "seed", (int64_t)run->seed);
  lb_json_write_begin_object(&w, "recipe");
  lb_json_write_string(&w, "kind", "study");
  lb_json_write_end_object(&w);
  lb_json_write_begin_object(&w, "protocol");
  lb_json_write_int(&w, "iterations", study->rounds);
  lb_json_write_end_object(&w);
  lb_json_write_begin_object(&w, "expert");
  lb_json_write_end_object(&w);
  lb_environment_write_program(&w, "program");
  lb_environment_write_arithmetic(&w, "arithmetic");
  lb_json_write_end_object(&w);
}

static lb_status save_environment(const lb_small_run* run) {
  char path[LB_BENCH_PATH + 32];
  lb_path_join(path, sizeof path, run->folder, "environment.json");
  lb_text text = {0}, command = {0};
  lb_text_add(&command, "tools/bench run %s --algo %s --seed %llu", run->world, run->row,
              (unsigned long long)run->seed);
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "command", command.data);
  lb_environment_write_versions(&w, "versions");
  lb_environment_write_machine(&w, "machine");
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  lb_status status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  lb_text_free(&command);
  return status;
}

static void write_line(lb_text* text, int round, const lb_study* study, const lb_study_number* numbers, int n) {
  static const int accounts[] = {LB_METRIC_STEPS_LEARNER, LB_METRIC_STEPS_EXPERT, LB_METRIC_STEPS_EXPLORATION};
  static const lb_source sources[] = {LB_STEP_LEARNER, LB_STEP_EXPERT, LB_STEP_EXPLORATION};
  lb_json_writer w = lb_json_writer_on(text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", round);
  for (int i = 0; i < n; i++) lb_json_write_number(&w, lb_metric_name(numbers[i].metric), numbers[i].value);
  for (int i = 0; i < 3; i++) {
    lb_json_write_int(&w, lb_metric_name(accounts[i]), study->ledger.steps[sources[i]]);
  }
  lb_json_write_end_object(&w);
}

// All rounds; what clocks say of each goes to the other log.
static lb_status work(lb_study* study, lb_run_folder* folder) {
  lb_phase_times times = {0};
  lb_study_number numbers[LB_STUDY_NUMBERS];
  lb_status status = lb_ok();
  for (int round = 0; round <= study->rounds && status.code == LB_OK; round++) {
    double start = lb_cpu_seconds();
    if (round > 0 && study->collect) study->collect(study, round);
    lb_phase_add(&times.collect, start);
    start = lb_cpu_seconds();
    if (round > 0 && study->fit) study->fit(study, round);
    lb_phase_add(&times.fit, start);
    start = lb_cpu_seconds();
    if (study->plan) study->plan(study, round);
    lb_phase_add(&times.plan, start);
    start = lb_cpu_seconds();
    int n = study->measure(study, round, numbers);
    lb_phase_add(&times.evaluate, start);
    lb_text metrics = {0}, timing = {0};
    write_line(&metrics, round, study, numbers, n);
    lb_phase_line(&timing, round, &times);
    status = lb_run_folder_metrics(folder, metrics.data, timing.data);
    lb_text_free(&metrics);
    lb_text_free(&timing);
  }
  return status;
}

static lb_status draw(const lb_study* study, const lb_small_run* run) {
  lb_text svg = {0};
  if (!run->drawing || !study->draw) return lb_ok();
  study->draw(study, &svg);
  lb_status status = svg.length > 0 ? lb_file_replace(run->drawing, svg.data, svg.length) : lb_ok();
  lb_text_free(&svg);
  return status;
}

static lb_status open_folder(lb_run_folder* folder, const lb_small_run* run, const lb_study* study, bool fresh,
                             lb_run_state* state) {
  lb_text config = {0};
  write_config(&config, run, study);
  lb_status status = lb_run_folder_open(folder, run->folder, config.data, fresh, state);
  if (status.code == LB_INPUT && !fresh) status = lb_run_folder_open(folder, run->folder, config.data, true, state);
  lb_text_free(&config);
  return status;
}

lb_status lb_small_run_make(const lb_small_run* run, bool fresh) {
  lb_study* study;
  lb_run_folder folder;
  lb_run_state state;
  LB_TRY(lb_study_open(&study, run->world, run->row, run->seed));
  lb_status status = open_folder(&folder, run, study, fresh, &state);
  if (status.code == LB_OK) {
    if (state == LB_RUN_STARTED) {  // from the beginning: there are no checkpoints
      lb_npz* none = NULL;
      status = lb_run_folder_resume(&folder, &none);
      lb_npz_free(none);
    }
    if (status.code == LB_OK && state != LB_RUN_DONE) {
      status = save_environment(run);
      if (status.code == LB_OK) status = work(study, &folder);
      if (status.code == LB_OK) status = draw(study, run);
      if (status.code == LB_OK) status = lb_run_folder_done(&folder, "finished", "");
    }
    lb_run_folder_close(&folder);
  }
  lb_study_close(study);
  return status;
}

// Every `workers`-th run from the first-th on: the first seed of every row comes first.
static lb_status make_share(const lb_suite* suite, const bool* wanted, const int* seeds, int nseeds, const char* folder,
                            int first, int workers) {
  lb_status worst = lb_ok();
  int number = 0;
  for (int k = 0; k < nseeds; k++) {
    for (int r = 0; r < suite->n_rows; r++) {
      if (!wanted[r] || number++ % workers != first) continue;
      char path[LB_BENCH_PATH];
      const lb_suite_row* row = &suite->rows[r];
      int n = snprintf(path, sizeof path, "%s/%s/%s/seed-%d", folder, row->task, row->algo, seeds[k]);
      if (n >= (int)sizeof path) return lb_fail(LB_INPUT, "%s: the path of a run is too long", folder);
      char drawing[LB_BENCH_PATH];
      n = snprintf(drawing, sizeof drawing, "%s/drawings/%s-%s.svg", folder, row->task, row->algo);
      bool fits = n < (int)sizeof drawing && k == 0;
      lb_small_run run = {suite->name, row->task, row->algo, (uint64_t)seeds[k], path, fits ? drawing : NULL};
      lb_status status = lb_small_run_make(&run, false);
      if (status.code != LB_OK) lb_log_warning("%s on %s, seed %d: %s", row->algo, row->task, seeds[k], status.text);
      if (status.code != LB_OK && worst.code == LB_OK) worst = status;
    }
  }
  return worst;
}

lb_status lb_small_suite_make(const lb_suite* suite, const bool* wanted, const int* seeds, int nseeds,
                              const char* folder, int workers) {
  char drawings[LB_BENCH_PATH + 16];
  snprintf(drawings, sizeof drawings, "%s/drawings", folder);
  LB_TRY(lb_folder_make(drawings));
  if (workers <= 1) return make_share(suite, wanted, seeds, nseeds, folder, 0, 1);
  fflush(NULL);
  int started = 0, failed = 0;
  for (; started < workers; started++) {
    pid_t child = fork();
    if (child < 0) break;
    if (child == 0) _exit(make_share(suite, wanted, seeds, nseeds, folder, started, workers).code != LB_OK);
  }
  for (int i = 0; i < started; i++) {
    int code;
    if (wait(&code) < 0 || !WIFEXITED(code) || WEXITSTATUS(code) != 0) failed++;
  }
  if (started < workers) return lb_fail(LB_MEMORY, "%s: no process for its runs", suite->name);
  return failed ? lb_fail(LB_IO, "%s: runs failed; the same command tries them again", suite->name) : lb_ok();
}
