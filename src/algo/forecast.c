#include "algo/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/diagnose.h"
#include "algo/expert_files.h"
#include "algo/forecast_pace.h"
#include "algo/needs.h"
#include "core/transitions.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_policies.h"
#include "io/run_rollout.h"
#include "task/task.h"

static const double mega = 1 << 20, libraries = 14 * mega;  // of a process that does nothing yet

// Demonstrated transitions that are given: as many as expert_transitions and expert_episodes allow.
static double demonstrations(const lb_loop_settings* l, const lb_forecast_task* task) {
  double all = l->expert_transitions > 0 ? l->expert_transitions : task->demonstrated;
  double each = task->episodes > 0 ? (double)task->demonstrated / task->episodes : 0;
  return l->expert_episodes > 0 && each > 0 ? fmin(all, l->expert_episodes * each) : all;
}

// Transitions that the model can be fitted to at an iteration.
static double fitted_to(const lb_forecast_plan* p, const lb_forecast_task* task, int iteration) {
  const lb_loop_settings* l = &p->schedule.settings;
  double share = p->recipe->expert_share, most = fmin(2.0 * l->steps, l->buffer);
  double learner = share < 1 ? fmin(iteration, l->buffer) : 0;
  if (!p->recipe->one_a_step) return learner + (share > 0 ? demonstrations(l, task) : 0);
  double expert = share >= 1 ? iteration : floor(share / (1 - share) * iteration);
  return fmin(most, (share < 1 ? iteration : 0) + expert);
}

//
// What is due: the schedule, run dry
//

// The accounts up to some iteration, and the CPU seconds of them.
typedef struct dry {
  const lb_forecast_plan* plan;
  const lb_forecast_task* task;
  const lb_system* system;
  const lb_pace* pace;
  lb_forecast_accounts a;
  double rows;  // transitions of rollouts so far
  double seconds;
} dry;

// Demonstrated transitions, in units of those on which planning about them is measured.
static double knots(const dry* d) {
  return demonstrations(&d->plan->schedule.settings, d->task) / LB_PACE_KNOTS;
}

// Real steps of the learner, and rollouts as long as they can be.
static void run_collect(dry* d, const lb_due* due) {
  const lb_pace* p = d->pace;
  int64_t rollouts = (int64_t)due->rollouts * d->task->horizon;
  d->a.real_steps += due->steps + rollouts;
  d->rows += due->samples;
  d->seconds += due->steps * (p->step + (due->explores ? 0 : p->act)) + (double)rollouts * (p->step + p->measured);
}

// A fit of a model over states: in proportion to its data, the first one longer.
static double fit_of_states(const dry* d) {
  const double* fit = d->pace->fit;
  return (d->a.fits == 1 ? fit[0] : 0) + fit[1] + fit[2] * d->rows;
}

// A fit of a model over observations, the rollouts in it and the plans after it.
static double fit_of_observations(dry* d, const lb_due* due, double rows) {
  const lb_forecast_plan* plan = d->plan;
  const lb_model_kind* kind = plan->recipe->model.kind;
  const lb_planner_kind* planner = plan->recipe->planner.kind;
  double share = plan->recipe->expert_share, updates = 0, seconds = d->pace->fit[0] * rows;
  lb_fit_size size = {.rows = rows, .both = share > 0 && share < 1 && !plan->recipe->one_a_step};
  if (kind->fit_work) kind->fit_work(&updates, &seconds, &plan->model, d->pace->fit, &size);
  d->a.model_updates += updates;
  if (plan->imagines) {
    double steps = (double)due->imagined * due->length;
    d->a.imagined_steps += (int64_t)steps;
    seconds += steps * d->pace->imagined;
  }
  bool plans = planner->plans_for_reward && !planner->plans_when_acting;
  if (plans && (plan->is_fitted || d->a.fits == 1)) {
    d->a.plans += 1;
    seconds += d->pace->renew * knots(d);
  }
  return seconds;
}

// A fit, if one is due and there is enough to fit to.
static void run_fit(dry* d, const lb_due* due, int iteration) {
  double rows = fitted_to(d->plan, d->task, iteration);
  if (!due->fits || (due->samples == 0 && rows < 2)) return;
  d->a.fits += 1;
  d->seconds += due->samples > 0 ? fit_of_states(d) : fit_of_observations(d, due, rows);
}

// Gradient updates to which the steps so far entitle; a clone of demonstrations; a plan.
static void run_plan(dry* d, const lb_due* due, bool last) {
  const lb_forecast_plan* plan = d->plan;
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  if (kind->updates && due->learned > 0) {
    int64_t updates = (int64_t)kind->updates(&plan->planner, due->learned);
    d->seconds += d->pace->update * (double)(updates - d->a.gradient_updates);
    d->a.gradient_updates = updates;
  }
  if (kind->updates && due->episodes > 0) {
    double each = d->task->episodes > 0 ? (double)d->task->demonstrated / d->task->episodes : 0;
    double n = last ? demonstrations(&plan->schedule.settings, d->task) : due->episodes * each;
    d->a.fits += 1;
    d->a.gradient_updates += (int64_t)kind->updates(&plan->planner, n);
    d->seconds += lb_pace_of_clone(d->system, plan, n);
  }
  bool acts = kind->plans_when_acting && d->a.fits > 0 && due->acts_next;
  if (!acts && !plan->schedule.run->rolls_out) return;
  d->a.plans += 1;
  d->seconds += d->pace->plan;
}

// The episodes of an evaluation, and what the model is described by.
static void run_evaluation(dry* d) {
  const lb_pace* p = d->pace;
  const lb_forecast_plan* plan = d->plan;
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  double steps = (double)lb_schedule_evaluation_episodes(&plan->schedule) * d->task->horizon * (p->averages ? 2 : 1);
  bool learns = plan->schedule.run->keeps_episode, described = d->a.fits > 0 && plan->has_model;
  d->a.evaluations += 1;
  d->a.evaluation_steps += (int64_t)steps;
  double acting = p->measured * (kind->needs_demos && learns ? knots(d) : 1);
  if (kind->plans_for_reward && !described) acting = 0;
  d->seconds += (learns ? p->length : 1) * steps * (p->step + acting) + p->described;
  if (!described || !learns) return;
  d->a.described += 1;
  if (kind->plans_when_acting) d->a.plans_evaluation += (int64_t)steps;
  if (!plan->is_fitted) return;
  double discount = lb_protocol_get(plan->protocol, "discount");
  bool both = lb_recipe_uses_demonstrations(plan->recipe);
  lb_diagnose_work w = lb_diagnose_work_of(d->task->horizon, discount);
  d->seconds += (both ? 2 : 1) * (w.predictions * p->predicted + w.draws * 2 * p->imagined);
  if (both) d->seconds += w.rollout_steps * 1.5 * p->imagined;
}

// What is due in an iteration, in the order of algo/agent.c.
static void run_iteration(dry* d, int iteration) {
  const lb_due due = lb_schedule_due(&d->plan->schedule, iteration);
  run_collect(d, &due);
  run_fit(d, &due, iteration);
  run_plan(d, &due, iteration == d->plan->schedule.iterations);
  if (due.measures) run_evaluation(d);
}

//
// Memory
//

// Networks, transitions, and what a checkpoint copies.
double lb_forecast_bytes(const lb_recipe* r, const lb_protocol* protocol, const lb_forecast_task* t) {
  lb_forecast_plan plan = lb_forecast_plan_of(r, protocol, NULL, t->episodes);
  const lb_loop_settings* l = &plan.schedule.settings;
  const lb_planner_kind* planner = r->planner.kind;
  double row = sizeof(float) * (double)lb_transitions_width(t->nobs, t->nu), bytes = libraries;
  if (!lb_recipe_learns(r)) return bytes;
  double expert = demonstrations(l, t), fitted = plan.is_fitted ? fitted_to(&plan, t, l->steps) : 0;
  if (planner->bytes) bytes += planner->bytes(&plan.planner, t->nobs, t->nu);
  if (r->model.kind->bytes) bytes += r->model.kind->bytes(&plan.model, t->nobs, t->nu, fitted);
  if (lb_recipe_uses_demonstrations(r)) bytes += expert * (row + 8.0 * (2 * t->nx + 2 * t->nobs + t->nu + 2));
  if (!plan.schedule.run->keeps_episode) return bytes;
  bool about_demos = planner->plans_for_reward && planner->needs_demos;
  if (about_demos) bytes += 8.0 * expert * (t->nobs + 2.0 * t->nu + (double)t->nobs * t->nu);
  double kept = row * fmin(l->steps, l->buffer);
  if (r->one_a_step) kept += row * fitted;
  if (plan.imagines) {
    double longest = l->rollout_first > l->rollout_last ? l->rollout_first : l->rollout_last;
    double imagined = longest * l->imagined_per_step * l->imagined_kept;
    kept += row * fmin(imagined, longest * l->imagined_per_step * fmax(0, l->steps - l->warmup_steps + l->fit_every));
  }
  return bytes + kept;  // a checkpoint takes transitions from where they are
}

//
// A run
//

enum { PACES = 128 };

// What was measured so far, by what it was measured on.
struct lb_forecaster {
  char root[1024];
  uint64_t keys[PACES];
  lb_pace paces[PACES];
  int n;
  lb_pace_trials trials;
};

// Nothing measured yet.
lb_forecaster* lb_forecaster_new(const char* root) {
  lb_forecaster* f = calloc(1, sizeof *f);
  if (f) snprintf(f->root, sizeof f->root, "%s", root);
  return f;
}

// With the agents that went some iterations.
void lb_forecaster_free(lb_forecaster* f) {
  if (!f) return;
  lb_pace_trials_free(&f->trials);
  free(f);
}

// The pace of an algorithm on a task, measured once. *status says why a run by iterations is refused.
static const lb_pace* pace_of(lb_forecaster* f, const char* task, lb_system* s, const lb_forecast_plan* plan,
                              lb_status* status) {
  const lb_recipe* r = plan->recipe;
  const lb_loop_settings* l = &plan->schedule.settings;
  bool knows = lb_recipe_knows_reward(r);
  uint64_t key = lb_pace_key(LB_PACE_KEY, s->name, strlen(s->name));
  key = lb_pace_key(key, &r->model.kind, sizeof(lb_model_kind*));
  key = lb_pace_key(key, &r->planner.kind, sizeof(lb_planner_kind*));
  key = lb_pace_key(key, &plan->model, r->model.kind->size);
  key = lb_pace_key(key, &plan->planner, r->planner.kind->size);
  key = lb_pace_key(key, &knows, sizeof knows);
  key = lb_pace_key(key, &l->expert_rollouts, sizeof l->expert_rollouts);
  key = lb_pace_key(key, &l->demonstrations, sizeof l->demonstrations);
  key = lb_pace_key(key, &l->iterations, sizeof l->iterations);
  for (int i = 0; i < f->n; ++i) {
    if (f->keys[i] == key) return &f->paces[i];
  }
  if (f->n == PACES) f->n = 0;  // forgets: it only costs time
  lb_pace* pace = &f->paces[f->n];
  if (plan->schedule.run->rolls_out) {
    *status = lb_pace_of_iterations(pace, &f->trials, f->root, task, plan);
    if (status->code != LB_OK) return pace;
  } else {
    lb_pace_measure(pace, s, plan);
  }
  f->keys[f->n++] = key;
  return pace;
}

// How much is filed, by the card beside the demonstrations.
static void look_at_demonstrations(const char* root, lb_forecast_task* t, const char* task) {
  char folder[LB_EXPERT_FILES_FOLDER], path[1300];
  lb_json* card;
  if (lb_expert_files_folder(folder, root, task).code != LB_OK) return;
  snprintf(path, sizeof path, "%s/%.100s.json", folder, task);
  if (!lb_file_exists(path) || lb_json_load(&card, path).code != LB_OK) return;
  lb_node top = lb_json_root(card);
  if (lb_json_int_or(top, "transitions", 0, 1 << 30, 0, &t->demonstrated).code != LB_OK) t->demonstrated = 0;
  if (lb_json_int_or(top, "episodes", 0, 1 << 30, 0, &t->episodes).code != LB_OK) t->episodes = 0;
  lb_json_free(card);
}

double lb_forecast_bytes_of_iterations(const lb_protocol* protocol, const lb_system* s) {
  lb_loop_settings l = lb_protocol_loop(protocol);
  double n = (double)l.iterations * l.samples + (double)l.learner_rollouts * s->horizon;
  return n * (sizeof(int) + sizeof(double) * (2.0 * s->space.nx + s->nu));
}

// Lines of the logs, and what else is small beside rollout.npz.
enum { LINE = 4096, SMALL = 16384 };

// Policies in a run's folder: those of its way, the last, the best, and their average.
static double policies_of(double evaluations) {
  return fmin(evaluations, LB_RUN_POLICIES) + 3;
}

// The folder of a row by iterations: feedback policies, and a checkpoint with the data and the model.
static double disk_of_iterations(int iterations, double data, const lb_system* s) {
  double nx = s->space.nx, ndx = s->space.ndx, nu = s->nu, steps = s->horizon;
  double policy = SMALL + 8 * ((steps + 1) * nx + steps * nu * (2 + ndx));
  double model = 16 * (ndx + 1) * (nx + nu + 1) * (steps + 1);
  return SMALL + LB_RUN_ROLLOUT_BYTES + LINE * (iterations + 1.0) + policies_of(iterations) * policy + policy + data +
         model;
}

// The folder of a row that learns networks: what its process keeps in memory is more than its checkpoint and its model.
static double disk_of_networks(const lb_forecast_plan* plan, double bytes, double evaluations, int nobs, int nu) {
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  double policy = kind && kind->policy_bytes ? kind->policy_bytes(&plan->planner, nobs, nu) : 0;
  return SMALL + LB_RUN_ROLLOUT_BYTES + LINE * evaluations + policies_of(evaluations) * policy + (bytes - libraries);
}

// Of a system that is known exactly: a line an iteration.
static double disk_of_exact(int iterations) {
  return SMALL + LINE * (iterations + 1.0);
}

// How often an evaluation is due.
static double count_evaluations(const lb_schedule* schedule) {
  double n = 0;
  for (int i = 0; i <= schedule->iterations; ++i) n += lb_schedule_due(schedule, i).measures;
  return n;
}

typedef struct subject {
  lb_system* system;
  lb_recipe recipe;
  lb_forecast_task task;
} subject;

// Task and algorithm in its form for the task, and how much is demonstrated.
static lb_status open_subject(const char* root, subject* s, const char* task, const char* algo) {
  char models[1100];
  *s = (subject){0};
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_recipe_load(&s->recipe, root, algo));
  LB_TRY(lb_task_open(&s->system, models, task));
  lb_status status = lb_recipe_load_as(&s->recipe, root, algo, lb_recipe_form_on(s->system));
  if (status.code == LB_OK) status = lb_needs_check(&s->recipe, s->system);
  if (status.code != LB_OK) {
    lb_system_free(s->system);
    return status;
  }
  s->task = (lb_forecast_task){
      .nobs = s->system->nobs, .nu = s->system->nu, .nx = s->system->space.nx, .horizon = s->system->horizon};
  look_at_demonstrations(root, &s->task, task);
  return lb_ok();
}

// All iterations, one after the other, and how the seconds come to be along them. The curve may be NULL.
static void run_dry(dry* d, double* curve) {
  enum { LAST = LB_FORECAST_CURVE - 1 };
  const lb_forecast_plan* plan = d->plan;
  double at[LB_FORECAST_CURVE] = {0};
  int iterations = plan->schedule.iterations, next = 0;
  if (plan->recipe->planner.from_clone) {
    d->seconds += lb_pace_of_clone(d->system, plan, demonstrations(&plan->schedule.settings, d->task));
  }
  for (int iteration = 0; iteration <= iterations; ++iteration) {
    run_iteration(d, iteration);
    while (next <= LAST && (int)((double)iterations * next / LAST) <= iteration) at[next++] = d->seconds;
  }
  for (int i = 0; curve && iterations > 0 && d->seconds > 0 && i <= LAST; ++i) curve[i] = fmin(1, at[i] / d->seconds);
}

// Of a system that is known exactly: a line an iteration, by the planner's own word.
static void forecast_exact(lb_forecast* out, const lb_system* s, const lb_forecast_plan* plan) {
  const lb_planner_kind* kind = plan->recipe->planner.kind;
  int iterations = plan->schedule.iterations;
  out->accounts.evaluations = iterations + 1;
  out->seconds = kind->exact_seconds ? kind->exact_seconds(&plan->planner, s, iterations) : 0;
  out->bytes = libraries + 10 * mega;
  out->disk = disk_of_exact(iterations);
}

// Memory and disk.
static void find_room(lb_forecast* out, const subject* s, const lb_forecast_plan* plan) {
  const lb_schedule* schedule = &plan->schedule;
  if (!schedule->in_cost) {
    out->bytes = lb_forecast_bytes(&s->recipe, plan->protocol, &s->task);
    out->disk = disk_of_networks(plan, out->bytes, count_evaluations(schedule), s->task.nobs, s->task.nu);
    return;
  }
  out->bytes = libraries + 10 * mega;
  if (!schedule->run->learns) return;
  double data = lb_forecast_bytes_of_iterations(plan->protocol, s->system);
  out->bytes += data;
  out->disk = disk_of_iterations(schedule->iterations, data, s->system);
}

lb_status lb_forecast_run(lb_forecaster* f, lb_forecast* out, double* curve, const char* task, const char* algo,
                          const lb_protocol* protocol) {
  subject s;
  *out = (lb_forecast){0};
  for (int i = 0; curve && i < LB_FORECAST_CURVE; ++i) curve[i] = (double)i / (LB_FORECAST_CURVE - 1);
  LB_TRY(open_subject(f->root, &s, task, algo));
  lb_status status = lb_ok();
  lb_forecast_plan plan = lb_forecast_plan_of(&s.recipe, protocol, s.system, s.task.episodes);
  if (plan.schedule.run->is_exact) {
    forecast_exact(out, s.system, &plan);
    lb_system_free(s.system);
    return lb_ok();
  }
  dry d = {.plan = &plan, .task = &s.task, .system = s.system, .pace = pace_of(f, task, s.system, &plan, &status)};
  run_dry(&d, curve);
  out->accounts = d.a;
  out->seconds = status.code == LB_OK ? d.seconds : NAN;
  find_room(out, &s, &plan);
  lb_system_free(s.system);
  return lb_ok();
}

// The most that the run's folder holds, from its schedule alone.
lb_status lb_forecast_disk(double* disk, const char* root, const char* task, const char* algo,
                           const lb_protocol* protocol) {
  subject s;
  lb_forecast f = {0};
  LB_TRY(open_subject(root, &s, task, algo));
  lb_forecast_plan plan = lb_forecast_plan_of(&s.recipe, protocol, s.system, s.task.episodes);
  if (plan.schedule.run->is_exact) {
    f.disk = disk_of_exact(plan.schedule.iterations);
  } else {
    find_room(&f, &s, &plan);
  }
  *disk = f.disk;
  lb_system_free(s.system);
  return lb_ok();
}
