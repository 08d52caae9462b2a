#include "algo/logbook.h"

#include <math.h>
#include <string.h>

#include "io/run_policies.h"

// Adds the CPU seconds since `start` to what files cost.
static void count_files(const lb_logbook* b, double start) {
  if (b->steps->times) lb_phase_add(&b->steps->times->files, start);
}

lb_status lb_logbook_open(lb_logbook* b, const lb_steps* s, lb_run_folder* folder, const lb_run_options* options) {
  double now = lb_wall_seconds();
  *b = (lb_logbook){.steps = s,
                    .folder = folder,
                    .options = options,
                    .saved_at = now,
                    .saved_iteration = *s->iteration - 1,
                    .said_at = now,
                    .filed_at = now,
                    .from = *s->iteration};
  if (*s->iteration == 0) return s->begin ? s->begin(s->self) : lb_ok();
  return s->deposit ? s->deposit(s->self, folder->path) : lb_ok();
}

// What a run keeps of its way (io/run_policies.h).
static lb_status keep_policy(const lb_logbook* b, int iteration) {
  char name[LB_RUN_POLICY_NAME], path[1200];
  const lb_steps* s = b->steps;
  if (!s->write_policy || !lb_run_policy_is_wanted(b->folder->path, *s->iteration, s->iterations)) return lb_ok();
  lb_run_policy_name(name, iteration);
  lb_path_join(path, sizeof path, b->folder->path, name);
  return s->write_policy(s->self, path);
}

lb_status lb_logbook_write(lb_logbook* b, lb_lines* lines) {
  const lb_steps* s = b->steps;
  const lb_run_options* o = b->options;
  lb_text timing = {0};
  b->enough = o->enough > 0 && strcmp(lines->measure, "return") == 0 && lines->score >= o->enough;
  double start = lb_cpu_seconds();
  lb_phase_line(&timing, lines->iteration, s->times ? s->times : &(lb_phase_times){0});
  lb_status status = lb_run_folder_metrics(b->folder, lines->metrics.data, timing.data);
  lb_text_free(&lines->metrics);
  lb_text_free(&timing);
  if (status.code == LB_OK && s->deposit) status = s->deposit(s->self, b->folder->path);
  if (status.code == LB_OK) status = keep_policy(b, lines->iteration);
  count_files(b, start);
  if (status.code == LB_OK && o->progress) {
    lb_run_progress progress = {.iteration = *s->iteration,
                                .iterations = s->iterations,
                                .iteration_name = s->iteration_name,
                                .measure = lines->measure,
                                .score = lines->score,
                                .score_se = lines->score_se};
    o->progress(o->progress_ctx, &progress);
  }
  return status;
}

lb_status lb_logbook_check(const lb_logbook* b) {
  const lb_steps* s = b->steps;
  lb_status status = s->check ? s->check(s->self) : lb_ok();
  if (status.code == LB_OK || b->saved_iteration < 0) return status;
  return lb_fail(status.code, "%s; the last good checkpoint is that of %s %d in %s", status.text, s->iteration_name,
                 b->saved_iteration, b->folder->path);
}

// What this process has done so far, for whoever looks at the folder from outside: io/run_folder.h has the format.
static void say_progress(lb_logbook* b, int iteration) {
  const lb_steps* s = b->steps;
  double now = lb_wall_seconds();
  if (now - b->said_at < 1) return;
  b->said_at = now;
  if (b->options->beat) b->options->beat(b->options->progress_ctx, iteration, s->iterations);
  if (now - b->filed_at < 5) return;
  b->filed_at = now;
  lb_run_folder_progress progress = {.iteration = iteration,
                                     .iterations = s->iterations,
                                     .from = b->from,
                                     .cpu = lb_cpu_seconds(),
                                     .iteration_name = s->iteration_name};
  lb_run_folder_write_progress(b->folder, &progress);
}

// A checkpoint, and how long it took.
static lb_status save_checkpoint(lb_logbook* b) {
  double start = lb_wall_seconds(), start_cpu = lb_cpu_seconds();
  lb_npz_writer* w = lb_npz_writer_new(false);
  b->steps->save(b->steps->self, w);
  lb_status status = lb_run_folder_save(b->folder, w);
  lb_npz_writer_free(w);
  b->saved_at = lb_wall_seconds();
  b->save_took = b->saved_at - start;
  b->saved_iteration = *b->steps->iteration - 1;
  count_files(b, start_cpu);
  return status;
}

// Whether a checkpoint is due by the clock.
static bool is_due(const lb_logbook* b) {
  enum { LONGEST = 600 };  // a process that was suspended while it saved did not take so long for it
  double since = lb_wall_seconds() - b->saved_at;
  return since >= b->options->checkpoint_seconds && since >= fmin(19 * b->save_took, LONGEST);
}

lb_status lb_logbook_end_iteration(lb_logbook* b) {
  const lb_steps* s = b->steps;
  int iteration = *s->iteration - 1;
  say_progress(b, iteration);
  bool stopping = b->enough || (b->options->stop && *b->options->stop);
  if (s->save && (stopping || is_due(b))) LB_TRY(save_checkpoint(b));
  if (stopping && iteration < s->iterations) {
    return lb_fail(LB_INTERRUPT, "stopped after %s %d of %d", s->iteration_name, iteration, s->iterations);
  }
  return lb_ok();
}
