// repeat: collect real transitions, fit a model to them, plan a policy in it, evaluate the policy in the real system.
// What is collected, how the model is fitted and how the policy is planned are the recipe's choices (algo/recipe.h).
#include "algo/loop.h"

#include <math.h>
#include <string.h>

#include "io/run_policies.h"

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

// What a run keeps of its way (io/run_policies.h).
static lb_status keep_policy(const lb_steps* s, const lb_run_folder* folder) {
  char name[LB_RUN_POLICY_NAME], path[1200];
  if (!s->snapshot || !lb_run_policy_is_wanted(folder->path, *s->round, s->rounds)) return lb_ok();
  lb_run_policy_name(name, *s->round);
  lb_path_join(path, sizeof path, folder->path, name);
  return s->snapshot(s->self, path);
}

// *enough: an evaluation returned as much as is asked for.
static lb_status measure(const lb_steps* s, lb_run_folder* folder, const lb_run_options* o, lb_evaluation* real,
                         bool* enough) {
  lb_lines lines = {0};
  *enough = false;
  if (!s->measure(s->self, &lines)) return lb_ok();
  *real = lines.real;
  *enough = o->enough > 0 && strcmp(lines.measure, "return") == 0 && lines.score >= o->enough;
  double start = lb_cpu_seconds();
  lb_status status = lb_run_folder_metrics(folder, lines.metrics.data, lines.timing.data);
  lb_text_free(&lines.metrics);
  lb_text_free(&lines.timing);
  if (status.code == LB_OK && s->deposit) status = s->deposit(s->self, folder->path);
  if (status.code == LB_OK) status = keep_policy(s, folder);
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

lb_status lb_loop(const lb_steps* steps, lb_run_folder* folder, const lb_run_options* options, lb_evaluation* last) {
  *last = (lb_evaluation){0};
  saving saved = {.at = lb_wall_seconds(), .round = *steps->round - 1};
  watch st = {.beat = saved.at, .filed = saved.at, .from = *steps->round};
  if (steps->begin && *steps->round == 0) LB_TRY(steps->begin(steps->self));
  if (steps->deposit && *steps->round > 0) LB_TRY(steps->deposit(steps->self, folder->path));
  while (*steps->round <= steps->rounds) {
    if (*steps->round > 0) {
      if (steps->collect) steps->collect(steps->self);
      if (steps->fit) steps->fit(steps->self);
    }
    if (steps->plan) steps->plan(steps->self);
    bool enough;
    LB_TRY(measure(steps, folder, options, last, &enough));
    LB_TRY(check(steps, folder, &saved));
    show_standing(&st, steps, folder, options);

    *steps->round += 1;
    bool stopping = enough || (options->stop && *options->stop);
    if (steps->save && (stopping || is_due(&saved, options))) LB_TRY(save_checkpoint(steps, folder, &saved));
    if (stopping && *steps->round <= steps->rounds) {
      return lb_fail(LB_INTERRUPT, "stopped after %s %d of %d", steps->round_name, *steps->round - 1, steps->rounds);
    }
  }
  return lb_ok();
}
