#include "algo/diagnose.h"

#include <math.h>

#include "algo/agent.h"
#include "core/action.h"
#include "eval/model_error.h"
#include "eval/tracks.h"

const int lb_diagnose_steps[LB_DIAGNOSE_ERRORS] = {1, 5, 20};

// How much is looked at: enough for standard errors of a few per cent, little enough to take a fraction of a second.
enum { MOST_EPISODES = 10, VISITS = 1000, VISITS_WHOLE = 2000, STARTS = 64 };
static const int segments_for[LB_DIAGNOSE_ERRORS] = {1000, 400, 100};

// The streams of one evaluation.
typedef enum purpose {
  OF_STARTS,
  OF_PLANNING,
  OF_EXPERT_STATES,
  OF_EXPERT,
  OF_LEARNER_STATES,
  OF_LEARNER,
  OF_EXPERT_STATES_WHOLE,
  OF_EXPERT_WHOLE,
  OF_LEARNER_STATES_WHOLE,
  OF_LEARNER_WHOLE
} purpose;

static lb_rng stream(const lb_agent* o, int iteration, purpose what) {
  return lb_rng_stream(o->seed, LB_RNG_TERMS, (uint32_t)iteration, (uint32_t)what);
}

// Steps until a reward weighs next to nothing, an episode at most.
static int steps_that_weigh(int horizon, double discount) {
  int steps = 0;
  for (double weight = 1; steps < horizon && weight > 0.05; ++steps) weight *= discount;
  return steps;
}

static int planning_horizon(const lb_agent* o) {
  return steps_that_weigh(o->system->horizon, lb_protocol_get(&o->protocol, "discount"));
}

lb_diagnose_work lb_diagnose_work_of(int horizon, double discount) {
  lb_diagnose_work w = {.draws = VISITS + VISITS_WHOLE};
  for (int i = 0; i < LB_DIAGNOSE_ERRORS; ++i) w.predictions += (double)segments_for[i] * lb_diagnose_steps[i];
  w.rollout_steps = 2.0 * STARTS * steps_that_weigh(horizon, discount);
  return w;
}

// All terms without a number.
static lb_diagnose_terms nothing_known(const lb_agent* o) {
  lb_estimate none = lb_estimate_none();
  lb_lemma_terms side = {none, none, none, none, none};
  lb_diagnose_terms terms = {.expert = side,
                             .learner = side,
                             .expert_whole = side,
                             .learner_whole = side,
                             .left = none,
                             .residual = none,
                             .left_whole = none,
                             .residual_whole = none,
                             .planning_error = none,
                             .planning_horizon = planning_horizon(o)};
  for (int i = 0; i < LB_DIAGNOSE_ERRORS; ++i) terms.error_expert[i] = terms.error_learner[i] = none;
  return terms;
}

// Room for the steps of so many episodes.
static lb_record record_new(const lb_agent* o, int episodes) {
  size_t n = (size_t)episodes * (size_t)o->evaluator->horizon, nobs = (size_t)o->evaluator->nobs;
  return (lb_record){.t = LB_TAKE(o->scratch, int, n),
                     .u = LB_TAKE(o->scratch, double, n*(size_t)o->evaluator->nu),
                     .obs = LB_TAKE(o->scratch, double, n* nobs),
                     .obs_next = LB_TAKE(o->scratch, double, n* nobs),
                     .reward = LB_TAKE(o->scratch, double, n),
                     .terminated = LB_TAKE(o->scratch, bool, n)};
}

// Step i of the recording as a row; false where it left the finite numbers.
static bool write_row(float* row, const lb_agent* o, const lb_record* r, ptrdiff_t i) {
  const lb_system* s = o->evaluator;
  int nobs = s->nobs, nu = s->nu;
  float *reward = row + lb_transitions_reward(nobs, nu), *next = row + lb_transitions_next(nobs, nu);
  bool usable = isfinite(r->reward[i]);
  for (int j = 0; j < nobs; ++j) {
    row[j] = (float)r->obs[i * nobs + j];
    next[j] = (float)r->obs_next[i * nobs + j];
    usable = usable && isfinite(next[j]);
  }
  for (int j = 0; j < nu; ++j) {
    row[nobs + j] = (float)lb_action_of_control(s, j, r->u[i * nu + j]);
  }
  *reward = (float)r->reward[i];
  row[lb_transitions_terminated(nobs, nu)] = r->terminated[i] ? 1.0f : 0.0f;
  return usable;
}

// The first n recorded steps; each episode as far as it stays in the finite numbers.
static lb_tracks learner_tracks(const lb_agent* o, const lb_record* r, int n) {
  int width = lb_transitions_width(o->evaluator->nobs, o->evaluator->nu), kept = 0;
  float* rows = LB_TAKE(o->scratch, float, (size_t)(n + 1) * (size_t)width);
  int* start = LB_TAKE(o->scratch, int, n + 1);
  lb_tracks tracks = {.nobs = o->evaluator->nobs, .nact = o->evaluator->nu, .data = rows, .start = start};
  bool going = false;
  for (int i = 0; i < n; ++i) {
    going = (going || r->t[i] == 0) && write_row(rows + (ptrdiff_t)kept * width, o, r, i);
    if (!going) continue;
    if (r->t[i] == 0) start[tracks.episodes++] = kept;
    kept += 1;
  }
  start[tracks.episodes] = kept;
  return tracks;
}

// The model's errors after 1, 5 and 20 steps open loop, over segments drawn from the tracks.
static void measure_errors(lb_agent* o, lb_estimate* errors, const lb_tracks* tracks, lb_rng* rng) {
  lb_fit_data fitted = lb_agent_fit_data(o);
  double* scale = LB_TAKE(o->scratch, double, o->system->nobs);
  lb_model_error_scale(scale, &fitted.rows, fitted.first, fitted.share, o->scratch);
  for (int i = 0; i < LB_DIAGNOSE_ERRORS; ++i) {
    lb_segments segments = lb_tracks_segments(tracks, segments_for[i], lb_diagnose_steps[i], rng, o->scratch);
    errors[i] = lb_model_error_open_loop(&o->model.dynamics, &segments, scale, o->scratch);
  }
}

// A side's terms over `visits` states of its tracks, in the form's discount and horizon.
static lb_lemma_terms terms_of(lb_agent* o, lb_lemma_side side, const lb_tracks* tracks, int visits,
                               const lb_tracks_form* form, lb_rng* states, lb_rng* draws) {
  lb_sampler model = lb_world_sampler(o->world);
  lb_value critic = lb_agent_planner(o)->value;
  lb_visits all = lb_tracks_visits_in(tracks, visits, form, &critic, states, o->scratch);
  return lb_lemma_visited(side, &model, &critic, lb_tracks_discount(form), &all, draws, o->scratch);
}

// `alone`: there is no other side.
static void measure_side(lb_agent* o, lb_lemma_side side, const lb_tracks* tracks, bool alone) {
  bool expert = side == LB_LEMMA_EXPERT;
  int iteration = expert ? 0 : o->iteration;
  lb_tracks_form form = {.discount = lb_protocol_get(&o->protocol, "discount"), .from_start = alone};
  lb_rng states = stream(o, iteration, expert ? OF_EXPERT_STATES : OF_LEARNER_STATES);
  lb_rng draws = stream(o, o->iteration, expert ? OF_EXPERT : OF_LEARNER);
  measure_errors(o, expert ? o->terms.error_expert : o->terms.error_learner, tracks, &states);
  if (!lb_agent_planner(o)->value.at || !o->model.sampler.sample) return;
  *(expert ? &o->terms.expert : &o->terms.learner) = terms_of(o, side, tracks, VISITS, &form, &states, &draws);
  form.horizon = o->system->horizon;
  states = stream(o, iteration, expert ? OF_EXPERT_STATES_WHOLE : OF_LEARNER_STATES_WHOLE);
  draws = stream(o, o->iteration, expert ? OF_EXPERT_WHOLE : OF_LEARNER_WHOLE);
  *(expert ? &o->terms.expert_whole : &o->terms.learner_whole) =
      terms_of(o, side, tracks, VISITS_WHOLE, &form, &states, &draws);
}

// Both forms' left sides and residuals, of the sides that there are.
static void close_lemma(lb_diagnose_terms* t, bool alone) {
  t->left = alone ? t->learner.left : lb_lemma_left(&t->expert, &t->learner);
  t->residual = alone ? t->learner.residual : lb_lemma_residual(&t->expert, &t->learner);
  t->left_whole = alone ? t->learner_whole.left : lb_lemma_left(&t->expert_whole, &t->learner_whole);
  t->residual_whole = alone ? t->learner_whole.residual : lb_lemma_residual(&t->expert_whole, &t->learner_whole);
}

// The expert's mean action in [-1, 1].
static void act_as_expert(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_actor_act(ctx, u, in, n, NULL);
}

// A sampler whose draws stay within a box of observations and rewards: [low, high], both (nobs + 1).
typedef struct boxed {
  lb_sampler inner;
  double *low, *high;
} boxed;

// Draws of the inner sampler, each number moved to the nearest in the box.
static void draw_boxed(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                       bool* terminated, lb_rng* rng) {
  const boxed* b = ctx;
  int nobs = b->inner.nx;
  lb_sampler_draw(&b->inner, n, t, x, u, x_next, reward, terminated, rng);
  for (int i = 0; i < n; ++i) {
    double* next = x_next + (ptrdiff_t)i * nobs;
    for (int j = 0; j < nobs; ++j) next[j] = fmin(b->high[j], fmax(b->low[j], next[j]));
    reward[i] = fmin(b->high[nobs], fmax(b->low[nobs], reward[i]));
  }
}

// The box of what the model is fitted to, widened by its size on every side.
static void find_box(boxed* b, const lb_agent* o) {
  lb_fit_data data = lb_agent_fit_data(o);
  int nobs = data.rows.nobs, width = lb_transitions_width(nobs, data.rows.nact);
  int reward = lb_transitions_reward(nobs, data.rows.nact);
  b->low = LB_TAKE(o->scratch, double, nobs + 1);
  b->high = LB_TAKE(o->scratch, double, nobs + 1);
  for (int j = 0; j <= nobs; ++j) {
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < data.rows.n; ++i) {
      double value = (double)data.rows.data[(ptrdiff_t)i * width + (j < nobs ? j : reward)];
      low = fmin(low, value);
      high = fmax(high, value);
    }
    b->low[j] = low - (high - low);
    b->high[j] = high + (high - low);
  }
}

// The evaluator's own first observations, the same at every evaluation.
static void measure_planning(lb_agent* o) {
  lb_system* s = o->evaluator;
  lb_rng starts = stream(o, 0, OF_STARTS), draws = stream(o, o->iteration, OF_PLANNING);
  double* x = LB_TAKE(o->scratch, double, (size_t)STARTS*(size_t)s->nobs);
  for (int i = 0; i < STARTS; ++i) {
    s->reset(s->self, &starts);
    s->observe(s->self, x + (ptrdiff_t)i * s->nobs);
  }
  boxed box = {.inner = lb_world_sampler(o->world)};
  find_box(&box, o);
  lb_sampler model = {.nx = box.inner.nx, .nu = box.inner.nu, .ctx = &box, .sample = draw_boxed};
  lb_policy learner = lb_agent_planner(o)->policy, expert = learner;
  expert.ctx = o->expert_actor;
  expert.act = act_as_expert;
  o->terms.planning_error =
      lb_lemma_planning_error(&model, &expert, &learner, lb_protocol_get(&o->protocol, "discount"),
                              o->terms.planning_horizon, STARTS, x, &draws, o->scratch);
}

// Of a policy over observations.
static lb_evaluation evaluate_observations(lb_agent* o) {
  const lb_ring* expert = o->data.apart.n > 0 ? &o->data.apart : &o->data.expert;
  int episodes = lb_schedule_evaluation_episodes(&o->schedule), kept = 0, steps = 0;
  lb_record record = {0};
  o->terms = nothing_known(o);
  if (o->world && o->model.fit && lb_agent_is_ready(o)) kept = episodes < MOST_EPISODES ? episodes : MOST_EPISODES;
  if (kept > 0) record = record_new(o, kept);
  int iteration = lb_schedule_evaluation_iteration(&o->schedule, o->iteration);
  lb_evaluation result =
      lb_evaluate(o->evaluator, &o->policy, episodes, o->seed, (uint32_t)iteration, o->scratch, kept, &record, &steps);
  double start = lb_cpu_seconds();
  if (kept > 0) {
    lb_tracks tracks = learner_tracks(o, &record, steps);
    bool alone = expert->n == 0;
    measure_side(o, LB_LEMMA_LEARNER, &tracks, alone);
    if (!alone) {
      tracks = lb_tracks_find(expert->data, expert->n, expert->nobs, expert->nact, o->scratch);
      measure_side(o, LB_LEMMA_EXPERT, &tracks, alone);
    }
    close_lemma(&o->terms, alone);
    if (o->expert_actor) measure_planning(o);
  }
  lb_phase_add(&o->times.evaluate_terms, start);
  return result;
}

// Of a policy over states, planned for a cost.
static lb_evaluation evaluate_states(lb_agent* a) {
  lb_system* s = a->system;
  const lb_dynamics* model = &a->model.dynamics;
  const lb_value* value = &lb_agent_planner(a)->value;
  lb_dataset* seen = &a->rollouts.unseen;
  lb_diagnose_errors* e = &a->errors;
  lb_record record = {.t = seen->t, .x = seen->x, .u = seen->u, .x_next = seen->x_next};
  int n = lb_schedule_evaluation_episodes(&a->schedule), kept = n < LB_AGENT_KEPT ? n : LB_AGENT_KEPT;
  lb_evaluation result =
      lb_evaluate(s, &a->policy, n, a->seed, (uint32_t)a->iteration, a->scratch, kept, &record, &seen->n);
  e->cost_in_model = lb_cost_in_model(model, s->cost, &a->policy, s->reference->x, s->horizon, a->scratch);
  e->expert_cost_in_model = lb_cost_in_model(model, s->cost, &a->expert, s->reference->x, s->horizon, a->scratch);
  lb_batch unseen = lb_dataset_batch(seen);
  e->model_error_expert = lb_model_error(model, &a->rollouts.expert, a->scratch);
  e->model_error_learner = lb_model_error(model, &unseen, a->scratch);
  e->value_error_expert = lb_value_error(model, value, &a->rollouts.expert, a->scratch);
  e->value_error_learner = lb_value_error(model, value, &unseen, a->scratch);
  return result;
}

lb_evaluation lb_diagnose(lb_agent* a) {
  lb_mark mark = lb_arena_mark(a->scratch);
  lb_evaluation result = lb_agent_has_rollouts(a) ? evaluate_states(a) : evaluate_observations(a);
  lb_arena_release(a->scratch, mark);
  return result;
}

void lb_diagnose_average(lb_agent* a) {
  const lb_planner* p = lb_agent_planner(a);
  int none;
  a->has_average = p->use && p->use(p->ctx, LB_POLICY_AVERAGE);
  if (!a->has_average) return;
  a->measured_average = lb_evaluate(a->evaluator, &a->policy, lb_schedule_evaluation_episodes(&a->schedule), a->seed,
                                    (uint32_t)a->iteration, a->scratch, 0, &(lb_record){0}, &none);
  p->use(p->ctx, LB_POLICY_LAST);
}
