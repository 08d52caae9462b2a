#include "algo/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/expert_files.h"
#include "algo/forecast_pace.h"
#include "algo/needs.h"
#include "algo/online.h"
#include "core/transitions.h"
#include "io/file.h"
#include "io/json.h"
#include "model/neural.h"
#include "task/task.h"

static const double mega = 1 << 20, libraries = 14 * mega;  // of a process that does nothing yet

// Updates of the model in a fit where nothing is known of the task; epochs of cloning; of the second part of a fit to
// value moments, in epochs of the first.
static const double updates_unknown = 300, clone_epochs = 170, variance_epochs = 0.6;

// Of what is held out, a look takes no more of a source; see model/neural_split.h.
static const double most_held = 5000;

static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

static double demonstrations(const lb_online_protocol* p, const lb_forecast_task* task) {
  double all = p->expert_transitions > 0 ? p->expert_transitions : task->demonstrated;
  double each = task->episodes > 0 ? (double)task->demonstrated / task->episodes : 0;
  return p->expert_episodes > 0 && each > 0 ? fmin(all, p->expert_episodes * each) : all;
}

// Transitions that the model can be fitted to at a round.
static double fitted_to(const lb_recipe* r, const lb_online_protocol* p, const lb_forecast_task* task, int round) {
  double share = r->expert_share, most = fmin(2.0 * p->steps, p->buffer);
  double learner = share < 1 ? fmin(round, p->buffer) : 0;
  if (!r->one_a_step) return learner + (share > 0 ? demonstrations(p, task) : 0);
  double expert = share >= 1 ? round : floor(share / (1 - share) * round);
  return fmin(most, (share < 1 ? round : 0) + expert);
}

static void count_fit(lb_forecast_accounts* a, const lb_recipe* r, const lb_online_protocol* p,
                      const lb_forecast_task* task, int at) {
  double n = fitted_to(r, p, task, at), held = clamp(round(0.2 * n), 1, n - 1);
  double batches = ceil((n - held) / p->model_batch), epochs = p->model_patience + 1 + task->usual_updates / batches;
  bool moments = r->loss == LB_LOSS_VALUE_MOMENTS;
  a->fits += 1;
  bool plans = lb_recipe_plans(r);
  if (!plans) a->imagined_steps += (int64_t)p->imagined_per_step * p->fit_every * lb_online_rollout_length(p, at);
  if (r->model != LB_MODEL_ENSEMBLE) return;
  held = fmin(held, most_held * (r->expert_share > 0 && r->expert_share < 1 ? 2 : 1));
  if (p->model_updates > 0) {
    double variance = moments ? fmax(1, round(LB_NEURAL_VARIANCE_SHARE * p->model_updates)) : 0;
    a->model_updates +=
        moments ? variance + fmax(1, round((1 - LB_NEURAL_VARIANCE_SHARE) * p->model_updates)) : p->model_updates;
    a->variance_updates += variance;
    a->held_out += (fmin(p->model_updates, LB_NEURAL_LOOKS) + 2) * held * (moments ? 2 : 1);
    return;
  }
  double variance = moments ? variance_epochs * epochs : 0;
  a->model_updates += (epochs + variance) * batches;
  a->variance_updates += variance * batches;
  a->held_out += (epochs + 2) * held;
}

static void count_evaluations(lb_forecast_accounts* a, const lb_online_protocol* p, const lb_forecast_task* task,
                              int steps, int first_fit) {
  int64_t regular = steps / p->evaluate_every + 1;
  bool last = steps == p->steps && steps % p->evaluate_every != 0;
  a->evaluations = regular + last;
  a->evaluation_steps = a->evaluations * p->evaluation_episodes * task->horizon;
  if (a->fits == 0) return;
  int64_t before = first_fit > 0 ? (first_fit - 1) / p->evaluate_every + 1 : 0;
  a->described = a->evaluations - before;
}

static void count_online(lb_forecast_accounts* a, const lb_recipe* r, const lb_online_protocol* p,
                         const lb_forecast_task* task, int steps) {
  int first_fit = 0;
  a->real_steps = steps;
  bool plans = lb_recipe_plans(r);
  if (!plans && steps > p->warmup_steps) {
    a->gradient_updates = (int64_t)floor(lb_online_updates_per_step(r, p) * (steps - p->warmup_steps));
  }
  for (int k = p->warmup_steps; r->model != LB_MODEL_NONE && k <= steps; k += p->fit_every) {
    if (k == 0 || fitted_to(r, p, task, k) < 2) continue;
    if (a->fits == 0) first_fit = k;
    count_fit(a, r, p, task, k);
  }
  count_evaluations(a, p, task, steps, first_fit);
  if (!plans && p->actor_average > 0) a->evaluation_steps *= 2;  // the actor's average has episodes of its own
  if (!plans) return;
  if (r->planner.kind == LB_PLANNER_LAZY) {
    a->plans = r->model == LB_MODEL_TRUE && a->fits > 1 ? 1 : a->fits;
    a->knots = (int64_t)(demonstrations(p, task) * (double)a->plans);
    return;
  }
  bool over = steps == p->steps;  // after the last step nothing is planned
  if (a->fits > 0) a->plans = steps - first_fit + !over;
  a->plans_evaluation = a->described * p->evaluation_episodes * task->horizon;
}

// Behaviour cloning: on 1, 4, 10 and all episodes, or once on so many transitions.
static void count_cloning(lb_forecast_accounts* a, const lb_online_protocol* p, const lb_forecast_task* task,
                          double share) {
  static const int few[] = {1, 4, 10};
  double each = task->episodes > 0 ? (double)task->demonstrated / task->episodes : 0;
  double rows[4];
  int n = 0;
  for (int i = 0; i < 3 && p->expert_transitions == 0 && p->expert_episodes == 0; ++i) {
    if (few[i] < task->episodes) rows[n++] = few[i] * each;
  }
  rows[n++] = demonstrations(p, task);
  for (int i = 0; i < n && i < ceil(share * n); ++i) {
    a->fits += 1;
    a->gradient_updates += (int64_t)(clone_epochs * ceil(0.9 * rows[i] / p->batch));
  }
  a->evaluations = a->fits;
  a->evaluation_steps = a->evaluations * p->evaluation_episodes * task->horizon;
}

void lb_forecast_count(lb_forecast_accounts* a, const lb_recipe* r, const lb_online_protocol* p,
                       const lb_forecast_task* task, int steps) {
  *a = (lb_forecast_accounts){0};
  if (steps > p->steps) steps = p->steps;
  if (r->kind != LB_ROW_LOOP) {
    a->evaluations = 1;
    a->evaluation_steps = (int64_t)p->evaluation_episodes * task->horizon;
  } else if (r->planner.kind == LB_PLANNER_BC) {
    count_cloning(a, p, task, p->steps > 0 ? (double)steps / p->steps : 1);
  } else {
    count_online(a, r, p, task, steps);
  }
}

struct lb_forecaster {
  char root[1024];
  lb_json* usual;  // NULL: there is no such file
  lb_paces paces;
};

lb_forecaster* lb_forecaster_new(const char* root) {
  lb_forecaster* f = calloc(1, sizeof *f);
  if (!f) return NULL;
  snprintf(f->root, sizeof f->root, "%s", root);
  char path[1200];
  lb_path_join(path, sizeof path, root, "bench/usual.json");
  if (!lb_file_exists(path) || lb_json_load(&f->usual, path).code != LB_OK) f->usual = NULL;
  return f;
}

void lb_forecaster_free(lb_forecaster* f) {
  if (!f) return;
  lb_json_free(f->usual);
  free(f);
}

// usual.json's object of a task under a key; false when there is none.
static bool find_usual(const lb_forecaster* f, const char* part, const char* task, lb_node* out) {
  lb_node node;
  if (!f->usual || lb_json_object(lb_json_root(f->usual), part, &node).code != LB_OK) return false;
  return lb_json_has(node, task) && lb_json_object(node, task, out).code == LB_OK;
}

static double usual_updates(const lb_forecaster* f, const char* task, const lb_recipe* r) {
  const char* whose = r->expert_share >= 1 ? "expert" : r->expert_share > 0 ? "mix" : "learner";
  double value = updates_unknown;
  lb_node node;
  if (!find_usual(f, "fits", task, &node)) return value;
  return lb_json_number_or(node, whose, 0, 1e9, value, &value).code == LB_OK ? value : updates_unknown;
}

static double usual_length(const lb_forecaster* f, const char* task) {
  lb_node node;
  double share = 1;
  if (!f->usual || lb_json_object(lb_json_root(f->usual), "lengths", &node).code != LB_OK) return share;
  return lb_json_number_or(node, task, 0, 1, share, &share).code == LB_OK ? share : 1;
}

// How much is filed, by the card beside the demonstrations.
static void look_at_demonstrations(const lb_forecaster* f, lb_forecast_task* t, const char* task) {
  char folder[LB_EXPERT_FILES_FOLDER], path[1300];
  lb_json* card;
  if (lb_expert_files_folder(folder, f->root, task).code != LB_OK) return;
  snprintf(path, sizeof path, "%s/%.100s.json", folder, task);
  if (!lb_file_exists(path) || lb_json_load(&card, path).code != LB_OK) return;
  lb_node root = lb_json_root(card);
  if (lb_json_int_or(root, "transitions", 0, 1 << 30, 0, &t->demonstrated).code != LB_OK) t->demonstrated = 0;
  if (lb_json_int_or(root, "episodes", 0, 1 << 30, 0, &t->episodes).code != LB_OK) t->episodes = 0;
  lb_json_free(card);
}

// Numbers of a net: members x weights.
static double net_size(double members, double in, double hidden, double width, double out) {
  return members * ((in + 1) * width + (hidden - 1) * (width + 1) * width + (width + 1) * out);
}

// What the networks and batches of a row take, and of that what a checkpoint copies.
static double bytes_of_networks(const lb_recipe* r, const lb_online_protocol* p, const lb_forecast_task* t,
                                double* saved) {
  double layers = p->hidden_layers, width = p->width, nets = 0;
  double actor = net_size(1, t->nobs, layers, width, 2.0 * t->nu);
  lb_online_protocol own = *p;
  lb_recipe_settle(r, &own);
  double members = own.critics, norms = own.layer_norm > 0 ? layers : 0;
  double critics = net_size(members, t->nobs + t->nu, layers, width, 1) + 2 * members * norms * width;
  double tapes = (double)p->batch * (layers + norms + 3) * width * (r->planner.mean_value ? 5 : 4 + members);
  bool learns = !lb_recipe_plans(r);
  if (learns) nets = (p->actor_average > 0 ? 6 : 5) * actor + 5 * critics + tapes;
  *saved = learns ? 4 * actor + 4 * critics : 0;
  if (r->model == LB_MODEL_ENSEMBLE) {
    double model = net_size(p->model_members, t->nobs + t->nu, p->model_layers, p->model_width, 2.0 * (t->nobs + 1));
    nets += 5 * model + (double)p->model_batch * (p->model_layers + 3) * p->model_width * 3;
    *saved += 3 * model;
  }
  *saved *= sizeof(float);
  return sizeof(float) * nets;
}

// Networks, transitions, and what a checkpoint copies.
double lb_forecast_bytes(const lb_recipe* r, const lb_online_protocol* p, const lb_forecast_task* t) {
  double row = sizeof(float) * (double)lb_transitions_width(t->nobs, t->nu), saved;
  double bytes = libraries + bytes_of_networks(r, p, t, &saved);
  if (r->kind != LB_ROW_LOOP) return libraries;
  double expert = demonstrations(p, t);
  if (lb_recipe_uses_demonstrations(r)) bytes += expert * (row + 8.0 * (2 * t->nx + 2 * t->nobs + t->nu + 2));
  if (r->planner.kind == LB_PLANNER_BC) return bytes;
  if (r->planner.kind == LB_PLANNER_LAZY) bytes += 8.0 * expert * (t->nobs + 2.0 * t->nu + (double)t->nobs * t->nu);
  double kept = row * fmin(p->steps, p->buffer);
  bool plans = lb_recipe_plans(r);
  double fitted = r->model == LB_MODEL_NONE ? 0 : fitted_to(r, p, t, p->steps);
  if (r->one_a_step) kept += row * fitted;
  if ((r->model == LB_MODEL_ENSEMBLE || r->model == LB_MODEL_TRUE) && !plans) {
    double longest = p->rollout_first > p->rollout_last ? p->rollout_first : p->rollout_last;
    double imagined = longest * p->imagined_per_step * p->imagined_kept;
    kept += row * fmin(imagined, longest * p->imagined_per_step * fmax(0, p->steps - p->warmup_steps + p->fit_every));
  }
  if (r->model == LB_MODEL_ENSEMBLE) bytes += fitted * sizeof(int) * (p->model_members + 2.0);
  return bytes + kept + saved;  // a checkpoint copies networks, and takes transitions from where they are
}

static double seconds_of_online(const lb_recipe* r, const lb_forecast_accounts* a, const lb_forecast_task* t,
                                const lb_pace* pace) {
  bool learner = r->kind == LB_ROW_LOOP && r->planner.kind != LB_PLANNER_BC;
  double evaluated = (learner ? t->usual_length : 1) * (double)a->evaluation_steps;
  double seconds = pace->step * ((double)a->real_steps + evaluated);
  if (r->kind != LB_ROW_LOOP) return seconds;
  double update = r->planner.kind == LB_PLANNER_BC ? pace->clone_update : pace->update;
  seconds += update * (double)a->gradient_updates;
  seconds += pace->model_update * (a->model_updates - a->variance_updates) + pace->judged * a->held_out;
  seconds += pace->variance_update * a->variance_updates;
  seconds += pace->plan * ((double)a->plans + t->usual_length * (double)a->plans_evaluation);
  double follows = (double)a->real_steps + evaluated;
  if (a->plans > 0)
    seconds += pace->knot * (double)a->knots + pace->compared * follows * (double)a->knots / (double)a->plans;
  return seconds + pace->imagined * (double)a->imagined_steps + pace->terms * (double)a->described;
}

// A clone to begin with costs as much as cloning alone.
static double seconds_of_clone(const lb_recipe* r, const lb_online_protocol* p, const lb_forecast_task* t,
                               const lb_pace* pace) {
  if (r->kind != LB_ROW_LOOP || !r->planner.from_clone) return 0;
  double n = demonstrations(p, t);
  return pace->clone_update * clone_epochs * ceil(0.9 * n / p->batch);
}

// Learning through so many rounds, from what the first 10 and 20 took: what a round takes grows with the data.
static double seconds_of_learning(double ten, double twenty, double rounds) {
  double square = (twenty - 2 * ten) / 200, straight = (ten - 100 * square) / 10;
  if (square < 0 || straight < 0) return twenty * rounds / 20;
  return straight * rounds + square * rounds * rounds;
}

double lb_forecast_bytes_of_rounds(const lb_protocol* p, const lb_system* s) {
  double n = (double)p->iterations * p->samples + (double)p->learner_rollouts * s->horizon;
  return n * (sizeof(int) + sizeof(double) * (2.0 * s->space.nx + s->nu));
}

// A row that goes by rounds.
static void forecast_rounds(lb_forecaster* f, lb_forecast* out, lb_system* system, const char* algo,
                            const lb_protocol* p, bool reference) {
  double step = lb_pace_of_task(&f->paces, system), then = step, learning = 0;
  int rounds = reference ? 0 : p->iterations, n = 0;
  lb_node node;
  out->accounts.evaluations = rounds + 1;
  out->accounts.evaluation_steps = (int64_t)(rounds + 1) * p->evaluation_rollouts * system->horizon;
  out->seconds = 1.15 * step * (double)out->accounts.evaluation_steps;
  out->bytes = libraries + 10 * mega;
  if (reference) return;
  out->bytes += lb_forecast_bytes_of_rounds(p, system);
  double* took;
  lb_arena* arena = lb_arena_new(0);
  bool known = arena && find_usual(f, "rounds", system->name, &node) && lb_json_has(node, algo) &&
               lb_json_number(node, "step", 1e-12, 1e3, &then).code == LB_OK &&
               lb_json_numbers(node, algo, 2, arena, &took, &n).code == LB_OK;
  if (known) learning = seconds_of_learning(took[0], took[1], rounds) * p->samples / 100;
  out->seconds = known ? out->seconds + learning * step / then : NAN;
  lb_arena_free(arena);
}

typedef struct subject {
  lb_system* system;
  lb_recipe recipe;
  lb_forecast_task task;
  bool by_rounds;
} subject;

static lb_status open_subject(const lb_forecaster* f, subject* s, const char* task, const char* algo) {
  char models[1100];
  *s = (subject){0};
  lb_path_join(models, sizeof models, f->root, "models");
  LB_TRY(lb_recipe_load(&s->recipe, f->root, algo));
  LB_TRY(lb_task_open(&s->system, models, task));
  bool cost = s->system->cost != NULL;
  lb_status status = cost ? lb_ok() : lb_recipe_load_for_rewards(&s->recipe, f->root, algo);
  if (status.code == LB_OK) status = lb_needs_check(&s->recipe, s->system);
  if (status.code != LB_OK) {
    lb_system_free(s->system);
    return status;
  }
  s->by_rounds = cost && !lb_recipe_is_online(&s->recipe);
  s->task = (lb_forecast_task){.nobs = s->system->nobs,
                               .nu = s->system->nu,
                               .nx = s->system->space.nx,
                               .horizon = s->system->horizon,
                               .has_cost = cost,
                               .usual_updates = usual_updates(f, task, &s->recipe),
                               .usual_length = usual_length(f, task)};
  look_at_demonstrations(f, &s->task, task);
  return lb_ok();
}

// CPU seconds of a row that learns networks up to some step.
static double seconds_until(const subject* s, const lb_online_protocol* p, const lb_pace* pace, int steps,
                            lb_forecast_accounts* accounts) {
  lb_forecast_count(accounts, &s->recipe, p, &s->task, steps);
  return seconds_of_online(&s->recipe, accounts, &s->task, pace) + seconds_of_clone(&s->recipe, p, &s->task, pace);
}

// The curve may be NULL.
static void forecast_online(lb_forecaster* f, lb_forecast* out, double* curve, const subject* s,
                            const lb_online_protocol* p) {
  enum { LAST = LB_FORECAST_CURVE - 1 };
  lb_pace pace;
  lb_forecast_accounts so_far;
  lb_pace_measure(&pace, &f->paces, s->system, &s->recipe, p, lb_recipe_uses_demonstrations(&s->recipe));
  out->seconds = seconds_until(s, p, &pace, p->steps, &out->accounts);
  out->bytes = lb_forecast_bytes(&s->recipe, p, &s->task);
  bool by_steps = s->recipe.kind == LB_ROW_LOOP && s->recipe.planner.kind != LB_PLANNER_BC;
  for (int i = 0; curve && by_steps && out->seconds > 0 && i <= LAST; ++i) {
    int steps = (int)((double)p->steps * i / LAST);
    curve[i] = fmin(1, seconds_until(s, p, &pace, steps, &so_far) / out->seconds);
  }
}

lb_status lb_forecast_run(lb_forecaster* f, lb_forecast* out, double* curve, const char* task, const char* algo,
                          const lb_protocol* p) {
  subject s;
  *out = (lb_forecast){0};
  for (int i = 0; curve && i < LB_FORECAST_CURVE; ++i) curve[i] = (double)i / (LB_FORECAST_CURVE - 1);
  LB_TRY(open_subject(f, &s, task, algo));
  if (s.by_rounds) {
    forecast_rounds(f, out, s.system, algo, p, s.recipe.kind != LB_ROW_LOOP);
  } else {
    forecast_online(f, out, curve, &s, &p->online);
  }
  lb_system_free(s.system);
  return lb_ok();
}
