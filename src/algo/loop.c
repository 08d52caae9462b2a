// repeat: collect real transitions, fit a model to them, plan a policy in it, evaluate the policy in the real system.
// What is collected, how the model is fitted and how the policy is planned are the recipe's choices (algo/recipe.h).
#include "algo/loop.h"

#include <math.h>

#include "base/clock.h"

static lb_status save_checkpoint(lb_experiment* e, lb_run_folder* folder) {
  lb_npz_writer* w = lb_npz_writer_new(false);
  lb_experiment_save(e, w);
  lb_status status = lb_run_folder_save(folder, w);
  lb_npz_writer_free(w);
  return status;
}

static lb_status write_lines(lb_experiment* e, const lb_measurement* m, lb_run_folder* folder) {
  lb_text metrics = {0}, timing = {0};
  lb_experiment_lines(e, m, &metrics, &timing);
  lb_status status = lb_run_folder_metrics(folder, metrics.data, timing.data);
  lb_text_free(&metrics);
  lb_text_free(&timing);
  return status;
}

static void tell(const lb_run_options* o, int round, const lb_measurement* m) {
  if (!o->progress) return;
  lb_run_progress progress = {
      .iteration = round, .iterations = o->protocol.iterations, .cost = m->real.mean, .cost_se = m->real.se};
  o->progress(o->progress_ctx, &progress);
}

lb_status lb_loop(lb_experiment* e, lb_run_folder* folder, const lb_run_options* options) {
  double last_checkpoint = lb_wall_seconds();
  while (e->round <= e->protocol.iterations) {
    lb_measurement m = {0};
    if (e->round > 0) {
      lb_collect(e);
      lb_fit(e, &m);
    }
    lb_plan(e, &m);
    lb_measure(e, &m);

    LB_TRY(write_lines(e, &m, folder));
    tell(options, e->round, &m);
    if (!isfinite(m.fit.loss)) {
      return lb_fail(LB_DIVERGED, "round %d: the model's error is not finite after the fit (%s)", e->round, m.fit.stop);
    }
    e->round += 1;
    bool stopping = options->stop && *options->stop;
    if (stopping || lb_wall_seconds() - last_checkpoint >= options->checkpoint_seconds) {
      LB_TRY(save_checkpoint(e, folder));
      last_checkpoint = lb_wall_seconds();
    }
    if (stopping && e->round <= e->protocol.iterations) {
      return lb_fail(LB_INTERRUPT, "stopped after round %d of %d", e->round - 1, e->protocol.iterations);
    }
  }
  return lb_ok();
}
