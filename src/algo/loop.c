// repeat: collect real transitions, fit a model to them, plan a policy in it, evaluate the policy in the real system.
// What is collected, how the model is fitted and how the policy is planned are the recipe's choices (algo/recipe.h).
#include "algo/loop.h"

#include <math.h>

// When the last checkpoint was saved, and how long that took.
typedef struct saving {
  double at, took;
  int round;  // -1: there is none
} saving;

static void count_files(const lb_steps* s, double start) {
  if (s->times) lb_phase_add(&s->times->files, start);
}

static lb_status save_checkpoint(const lb_steps* s, lb_run_folder* folder, saving* last) {
  double start = lb_wall_seconds(), start_cpu = lb_cpu_seconds();
  lb_npz_writer* w = lb_npz_writer_new(false);
  s->save(s->self, w);
  lb_status status = lb_run_folder_save(folder, w);
  lb_npz_writer_free(w);
  last->at = lb_wall_seconds();
  last->took = last->at - start;
  last->round = *s->round - 1;
  count_files(s, start_cpu);
  return status;
}

static bool is_due(const saving* last, const lb_run_options* o) {
  enum { LONGEST = 600 };  // a process that was suspended while it saved did not take so long for it
  double since = lb_wall_seconds() - last->at;
  return since >= o->checkpoint_seconds && since >= fmin(19 * last->took, LONGEST);
}

static lb_status measure(const lb_steps* s, lb_run_folder* folder, const lb_run_options* o, lb_evaluation* real) {
  lb_lines lines = {0};
  if (!s->measure(s->self, &lines)) return lb_ok();
  *real = lines.real;
  double start = lb_cpu_seconds();
  lb_status status = lb_run_folder_metrics(folder, lines.metrics.data, lines.timing.data);
  lb_text_free(&lines.metrics);
  lb_text_free(&lines.timing);
  if (status.code == LB_OK && s->deposit) status = s->deposit(s->self, folder->path);
  count_files(s, start);
  if (status.code == LB_OK && o->progress) {
    lb_run_progress progress = {.round = *s->round,
                                .rounds = s->rounds,
                                .round_name = s->round_name,
                                .measure = lines.measure,
                                .score = lines.score,
                                .score_se = lines.score_se};
    o->progress(o->progress_ctx, &progress);
  }
  return status;
}

// A run that has to end says from where it could be looked at again.
static lb_status check(const lb_steps* s, const lb_run_folder* folder, const saving* last) {
  lb_status status = s->check ? s->check(s->self) : lb_ok();
  if (status.code == LB_OK || last->round < 0) return status;
  return lb_fail(status.code, "%s; the last good checkpoint is that of %s %d in %s", status.text, s->round_name,
                 last->round, folder->path);
}

// What this process has done so far, for whoever looks at the folder from outside: io/run_folder.h has the format.
typedef struct watch {
  double beat, filed;  // when that was said and written last
  int from;            // the round at which this process began
} watch;

static void show_standing(watch* st, const lb_steps* s, const lb_run_folder* folder, const lb_run_options* o) {
  double now = lb_wall_seconds();
  if (now - st->beat < 1) return;
  st->beat = now;
  if (o->beat) o->beat(o->progress_ctx, *s->round, s->rounds);
  if (now - st->filed < 5) return;
  st->filed = now;
  lb_run_standing now_at = {
      .round = *s->round, .rounds = s->rounds, .from = st->from, .cpu = lb_cpu_seconds(), .round_name = s->round_name};
  lb_run_folder_stand(folder, &now_at);
}

lb_status lb_loop(const lb_steps* s, lb_run_folder* folder, const lb_run_options* options, lb_evaluation* real) {
  *real = (lb_evaluation){0};
  saving last = {.at = lb_wall_seconds(), .round = *s->round - 1};
  watch st = {.beat = last.at, .filed = last.at, .from = *s->round};
  if (s->begin && *s->round == 0) LB_TRY(s->begin(s->self));
  if (s->deposit && *s->round > 0) LB_TRY(s->deposit(s->self, folder->path));
  while (*s->round <= s->rounds) {
    if (*s->round > 0) {
      if (s->collect) s->collect(s->self);
      if (s->fit) s->fit(s->self);
    }
    if (s->plan) s->plan(s->self);
    LB_TRY(measure(s, folder, options, real));
    LB_TRY(check(s, folder, &last));
    show_standing(&st, s, folder, options);

    *s->round += 1;
    bool stopping = options->stop && *options->stop;
    if (s->save && (stopping || is_due(&last, options))) LB_TRY(save_checkpoint(s, folder, &last));
    if (stopping && *s->round <= s->rounds) {
      return lb_fail(LB_INTERRUPT, "stopped after %s %d of %d", s->round_name, *s->round - 1, s->rounds);
    }
  }
  return lb_ok();
}
