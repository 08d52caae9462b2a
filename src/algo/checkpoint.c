// What a run must remember to go on as if it had never stopped, the episode under way included. Experts and their
// demonstrations are not stored: they follow from the seed and the files.
#include <math.h>
#include <string.h>

#include "algo/agent.h"
#include "io/entries.h"

enum { MOST_ENTRIES = 24, EPISODE = 3 };

typedef struct list {
  lb_entry entries[MOST_ENTRIES];
  int n;
} list;

#define ADD(list, ...) ((list)->entries[(list)->n++] = (lb_entry)LB_ENTRY(__VA_ARGS__))
#define ADD_ARRAY(list, ...) ((list)->entries[(list)->n++] = (lb_entry)LB_ENTRIES(__VA_ARGS__))

// The accounts of every run.
static list accounts_of(lb_agent* a) {
  list l = {.n = 0};
  int64_t *steps = a->system->ledger.steps, *measured = a->evaluator->ledger.steps;
  lb_phase_times* t = &a->times;
  double most = lb_agent_has_episode(a) ? a->schedule.iterations : LB_MOST_COUNT;
  const double any = DBL_MAX;
  ADD(&l, "iteration", &a->iteration, 1, a->schedule.iterations + 1);
  ADD(&l, "acting", &a->acting, a->schedule.run->rolls_out ? 0 : 1, 1);
  ADD(&l, "fits", &a->fits, 0, a->schedule.iterations);
  ADD(&l, "gradient_updates", &a->counts.gradient_updates, 0, LB_MOST_COUNT);
  ADD(&l, "lqr_passes", &a->counts.lqr_passes, 0, LB_MOST_COUNT);
  ADD(&l, "model_queries", &a->counts.model_queries, 0, LB_MOST_COUNT);
  ADD(&l, "backups", &a->counts.backups, 0, LB_MOST_COUNT);
  ADD(&l, "steps/learner", &steps[LB_STEP_LEARNER], 0, most);
  ADD(&l, "steps/expert", &steps[LB_STEP_EXPERT], 0, LB_MOST_COUNT);
  ADD(&l, "steps/exploration", &steps[LB_STEP_EXPLORATION], 0, most);
  ADD(&l, "steps/evaluation", &measured[LB_STEP_EVALUATION], 0, LB_MOST_COUNT);
  ADD(&l, "seconds/collect", &t->collect, 0, any);
  ADD(&l, "seconds/fit", &t->fit, 0, any);
  ADD(&l, "seconds/plan", &t->plan, 0, any);
  ADD(&l, "seconds/evaluate", &t->evaluate, 0, any);
  ADD(&l, "seconds/collect_steps", &t->collect_steps, 0, any);
  ADD(&l, "seconds/fit_rollouts", &t->fit_rollouts, 0, any);
  ADD(&l, "seconds/evaluate_terms", &t->evaluate_terms, 0, any);
  ADD(&l, "seconds/clone", &t->clone, 0, any);
  ADD(&l, "seconds/files", &t->files, 0, any);
  return l;
}

// Those of real steps. A ring of imagined transitions has room for at most `most_imagined` of them.
static list step_accounts_of(lb_agent* a, int most_imagined) {
  list l = {.n = 0};
  lb_agent_rows* d = &a->data;
  int last = a->schedule.iterations;
  const double any = DBL_MAX;
  ADD(&l, "real/n", &d->learner.n, 0, d->learner.capacity);
  ADD(&l, "real/next", &d->learner.next, 0, d->learner.capacity - 1);
  ADD(&l, "episode/number", &a->episode.number, 0, last);
  ADD(&l, "episode/t", &a->episode.t, 0, a->system->horizon - 1);
  ADD(&l, "episode/total", &a->episode.total, -any, any);
  ADD(&l, "best/iteration", &a->best.iteration, 0, last);
  ADD(&l, "best/mean", &a->best.mean, -any, any);
  ADD(&l, "sums/episodes", &a->episodes, 0, last);
  ADD(&l, "sums/episode_return", &a->episode_return, -any, any);
  ADD(&l, "initial/n", &d->ninitial, 1, last + 1);
  ADD_ARRAY(&l, "initial", d->initial, (int64_t)LB_AGENT_INITIAL * a->system->nobs, -INFINITY, INFINITY);
  if (!lb_recipe_has_model(&a->recipe)) return l;
  ADD(&l, "mix/n", &d->mix.n, 0, d->mix.capacity);
  ADD(&l, "mix/next", &d->mix.next, 0, d->mix.capacity - 1);
  if (!lb_recipe_imagines(&a->recipe)) return l;
  ADD(&l, "imagined/n", &d->imagined.n, 0, most_imagined);
  ADD(&l, "imagined/next", &d->imagined.next, 0, most_imagined - 1);
  ADD(&l, "imagined/capacity", &d->imagined.capacity, 1, most_imagined);
  return l;
}

// The transitions in a ring. What a network imagines may overflow a float, and then ends the run by name when it is
// learned from.
static void add_ring(list* l, const char* name, lb_ring* ring) {
  ADD_ARRAY(l, name, ring->data, (int64_t)ring->n * ring->width, -INFINITY, INFINITY);
}

// The transitions of all rings that the run has.
static list rings_of(lb_agent* a) {
  list l = {.n = 0};
  add_ring(&l, "real", &a->data.learner);
  if (lb_recipe_has_model(&a->recipe)) add_ring(&l, "mix", &a->data.mix);
  if (lb_recipe_imagines(&a->recipe)) add_ring(&l, "imagined", &a->data.imagined);
  return l;
}

// The state of the episode under way in x (nx + nhidden), and what the learner sees.
static list episode_of(lb_agent* a, double* x) {
  list l = {.n = 0};
  const lb_system* s = a->system;
  const double any = DBL_MAX;
  ADD_ARRAY(&l, "episode/state", x, s->space.nx, -any, any);
  ADD_ARRAY(&l, "episode/hidden", x + s->space.nx, s->nhidden, -any, any);
  ADD_ARRAY(&l, "episode/observation", a->episode.obs, s->nobs, -any, any);
  return l;
}

// The sizes of the data of rollouts, then the data.
static list rollout_accounts_of(lb_agent* a) {
  list l = {.n = 0};
  lb_dataset* d = &a->rollouts.seen;
  ADD(&l, "fitted", &a->rollouts.fitted, 0, d->capacity);
  ADD(&l, "data/n", &d->n, 0, d->capacity);
  ADD(&l, "data/from_expert", &d->from_expert, 0, d->capacity);
  return l;
}

// The transitions over states, as far as there are.
static list rollouts_of(lb_agent* a) {
  list l = {.n = 0};
  const lb_dataset* d = &a->rollouts.seen;
  int64_t nx = (int64_t)d->n * d->nx, nu = (int64_t)d->n * d->nu;
  ADD_ARRAY(&l, "data/t", d->t, d->n, 0, a->system->horizon - 1);
  ADD_ARRAY(&l, "data/x", d->x, nx, -DBL_MAX, DBL_MAX);
  ADD_ARRAY(&l, "data/u", d->u, nu, -DBL_MAX, DBL_MAX);
  ADD_ARRAY(&l, "data/x_next", d->x_next, nx, -DBL_MAX, DBL_MAX);
  return l;
}

static void save_list(list l, lb_npz_writer* w) {
  lb_entries_save(l.entries, l.n, "", w);
}

static lb_status restore_list(list l, const lb_npz* npz) {
  return lb_entries_restore(l.entries, l.n, "", npz);
}

// All of a run by real steps: accounts, transitions, the episode under way.
static void save_steps(lb_agent* a, lb_npz_writer* w) {
  lb_system* s = a->system;
  save_list(step_accounts_of(a, a->data.imagined.capacity), w);
  save_list(rings_of(a), w);
  lb_mark mark = lb_arena_mark(a->scratch);
  double* x = LB_TAKE(a->scratch, double, s->space.nx + s->nhidden);
  s->get_state(s->self, x);
  if (s->nhidden > 0) s->get_hidden(s->self, x + s->space.nx);
  save_list(episode_of(a, x), w);
  lb_arena_release(a->scratch, mark);
}

void lb_agent_save(lb_agent* a, lb_npz_writer* w) {
  const lb_planner* p = lb_agent_planner(a);
  save_list(accounts_of(a), w);
  if (lb_agent_has_episode(a)) save_steps(a, w);
  if (lb_agent_has_rollouts(a)) save_list(rollout_accounts_of(a), w);
  if (lb_agent_has_rollouts(a)) save_list(rollouts_of(a), w);
  if (a->model.save) a->model.save(a->model.ctx, w, a->scratch);
  if (p->save) p->save(p->ctx, w, a->scratch);
}

// A ring that is not full yet is filled from its beginning.
static lb_status check_ring(const lb_ring* ring, const char* name, const lb_npz* npz) {
  if (ring->n > ring->capacity || ring->next >= ring->capacity || (ring->n < ring->capacity && ring->next != ring->n)) {
    return lb_fail(LB_INPUT, "%s: the entries '%s/n' = %d and '%s/next' = %d do not go together in a ring of %d",
                   lb_npz_origin(npz), name, ring->n, name, ring->next, ring->capacity);
  }
  return lb_ok();
}

// The ring of imagined transitions is of a size that an iteration can give it, and empty before the first fit.
static lb_status check_imagined(const lb_agent* a, const lb_npz* npz) {
  const lb_loop_settings* l = &a->schedule.settings;
  const lb_ring* ring = &a->data.imagined;
  int64_t a_step = (int64_t)l->imagined_per_step * l->imagined_kept;
  LB_TRY(check_ring(ring, "imagined", npz));
  if (ring->capacity % a_step != 0) {
    return lb_fail(LB_INPUT,
                   "%s: the entry 'imagined/capacity' is %d, no multiple of imagined_per_step times "
                   "imagined_kept (%lld)",
                   lb_npz_origin(npz), ring->capacity, (long long)a_step);
  }
  if (a->fits > 0 || ring->n == 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the entry 'imagined/n' is %d before the first fit", lb_npz_origin(npz), ring->n);
}

// What several accounts say together: every step taken was the learner's or exploration; an episode takes a step.
static lb_status check_steps(const lb_agent* a, const lb_npz* npz) {
  const int64_t* steps = a->system->ledger.steps;
  const char* origin = lb_npz_origin(npz);
  int taken = a->iteration - 1;
  if (steps[LB_STEP_LEARNER] + steps[LB_STEP_EXPLORATION] != taken) {
    return lb_fail(LB_INPUT,
                   "%s: the entries 'steps/learner' and 'steps/exploration' are not %d together, the steps "
                   "before 'iteration' = %d",
                   origin, taken, a->iteration);
  }
  if (a->data.learner.n > taken) {
    return lb_fail(LB_INPUT, "%s: the entry 'real/n' is %d after %d steps", origin, a->data.learner.n, taken);
  }
  if ((int64_t)a->episode.number + a->episode.t > taken) {
    return lb_fail(LB_INPUT, "%s: the entries 'episode/number' = %d and 'episode/t' = %d are too many for %d steps",
                   origin, a->episode.number, a->episode.t, taken);
  }
  if (a->best.iteration > taken) {
    return lb_fail(LB_INPUT, "%s: the entry 'best/iteration' is %d after %d steps", origin, a->best.iteration, taken);
  }
  if (a->data.ninitial != a->episode.number + 1) {
    return lb_fail(LB_INPUT, "%s: the entry 'initial/n' is %d in episode %d", origin, a->data.ninitial,
                   a->episode.number);
  }
  LB_TRY(check_ring(&a->data.learner, "real", npz));
  if (lb_recipe_has_model(&a->recipe)) LB_TRY(check_ring(&a->data.mix, "mix", npz));
  if (lb_recipe_imagines(&a->recipe)) LB_TRY(check_imagined(a, npz));
  int rows = lb_agent_fit_data(a).rows.n;
  if (a->fits == 0 || rows >= 2) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the entry 'fits' is %d, and there are %d transitions to fit to", origin, a->fits, rows);
}

// What the accounts of rollouts say together: not more was fitted to, or is the expert's, than there is.
static lb_status check_rollouts(const lb_agent* a, const lb_npz* npz) {
  const char* origin = lb_npz_origin(npz);
  const lb_dataset* d = &a->rollouts.seen;
  int samples = a->schedule.settings.samples;
  if (a->rollouts.fitted > d->n) {
    return lb_fail(LB_INPUT, "%s: the entry 'fitted' is %d, of 'data/n' = %d transitions", origin, a->rollouts.fitted,
                   d->n);
  }
  if (d->from_expert > d->n) {
    return lb_fail(LB_INPUT, "%s: the entry 'data/from_expert' is %d, of 'data/n' = %d transitions", origin,
                   d->from_expert, d->n);
  }
  if (d->n > (a->iteration - 1) * samples) {
    return lb_fail(LB_INPUT,
                   "%s: the entry 'data/n' is %d, more than 'iteration' = %d iterations of %d samples collect", origin,
                   d->n, a->iteration - 1, samples);
  }
  return lb_ok();
}

// The reverse of save_steps: accounts first, which say how much there is of the rest.
static lb_status restore_steps(lb_agent* a, const lb_npz* npz) {
  lb_system* s = a->system;
  LB_TRY(restore_list(step_accounts_of(a, a->data.imagined.capacity), npz));
  LB_TRY(check_steps(a, npz));
  LB_TRY(restore_list(rings_of(a), npz));
  double* x = LB_TAKE(a->scratch, double, s->space.nx + s->nhidden);
  LB_TRY(restore_list(episode_of(a, x), npz));
  s->set_state(s->self, x, a->episode.t);
  if (s->nhidden > 0) s->set_hidden(s->self, x + s->space.nx);
  return lb_ok();
}

// Sizes first, then as much data.
static lb_status restore_rollouts(lb_agent* a, const lb_npz* npz) {
  LB_TRY(restore_list(rollout_accounts_of(a), npz));
  LB_TRY(check_rollouts(a, npz));
  return restore_list(rollouts_of(a), npz);
}

// Accounts and data, then what model and planner keep.
static lb_status restore_all(lb_agent* a, const lb_npz* npz) {
  LB_TRY(restore_list(accounts_of(a), npz));
  if (lb_agent_has_episode(a)) LB_TRY(restore_steps(a, npz));
  if (lb_agent_has_rollouts(a)) LB_TRY(restore_rollouts(a, npz));
  lb_fit_data data = lb_agent_fit_data(a);
  if (lb_agent_has_rollouts(a)) data.batch.n = a->rollouts.fitted;
  if (a->model.restore) LB_TRY(a->model.restore(a->model.ctx, npz, &data, a->scratch));
  const lb_planner* p = lb_agent_planner(a);
  return p->restore ? p->restore(p->ctx, npz, a->scratch) : lb_ok();
}

lb_status lb_agent_restore(lb_agent* a, const lb_npz* npz) {
  lb_mark mark = lb_arena_mark(a->scratch);
  lb_status status = restore_all(a, npz);
  lb_arena_release(a->scratch, mark);
  return status;
}
