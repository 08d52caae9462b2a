// What an online run must remember to go on as if it had never stopped, the episode under way included.
#include <math.h>
#include <string.h>

#include "algo/online.h"
#include "io/entries.h"

enum { ACCOUNTS = 29, MODEL_ACCOUNTS = 11, EPISODE = 3 };

// The accounts of every online run.
static int list_accounts(lb_entry out[ACCOUNTS], lb_online* o) {
  int last = o->protocol.online.steps;
  int64_t *steps = o->system->ledger.steps, *measured = o->evaluator->ledger.steps;
  lb_ring* real = &o->data.learner;
  lb_phase_times* t = &o->times;
  const double any = DBL_MAX;
  const lb_entry entries[ACCOUNTS] = {
      LB_ENTRY("round", &o->round, 1, last + 1),
      LB_ENTRY("updates", &o->updates, 0, LB_MOST_COUNT),
      LB_ENTRY("steps/learner", &steps[LB_STEP_LEARNER], 0, last),
      LB_ENTRY("steps/expert", &steps[LB_STEP_EXPERT], 0, LB_MOST_COUNT),
      LB_ENTRY("steps/exploration", &steps[LB_STEP_EXPLORATION], 0, last),
      LB_ENTRY("steps/evaluation", &measured[LB_STEP_EVALUATION], 0, LB_MOST_COUNT),
      LB_ENTRY("real/n", &real->n, 0, real->capacity),
      LB_ENTRY("real/next", &real->next, 0, real->capacity - 1),
      LB_ENTRY("episode/number", &o->episode.number, 0, last),
      LB_ENTRY("episode/t", &o->episode.t, 0, o->system->horizon - 1),
      LB_ENTRY("episode/total", &o->episode.total, -any, any),
      LB_ENTRY("best/round", &o->best.round, 0, last),
      LB_ENTRY("best/mean", &o->best.mean, -any, any),
      LB_ENTRY("sums/updates", &o->sums.updates, 0, LB_MOST_COUNT),
      LB_ENTRY("sums/critic_loss", &o->sums.critic_loss, -any, any),
      LB_ENTRY("sums/actor_updates", &o->sums.actor_updates, 0, LB_MOST_COUNT),
      LB_ENTRY("sums/actor_loss", &o->sums.actor_loss, -any, any),
      LB_ENTRY("sums/q", &o->sums.q, -any, any),
      LB_ENTRY("sums/log_density", &o->sums.log_density, -any, any),
      LB_ENTRY("sums/episodes", &o->sums.episodes, 0, last),
      LB_ENTRY("sums/episode_return", &o->sums.episode_return, -any, any),
      LB_ENTRY("seconds/collect", &t->collect, 0, any),
      LB_ENTRY("seconds/plan", &t->plan, 0, any),
      LB_ENTRY("seconds/evaluate", &t->evaluate, 0, any),
      LB_ENTRY("seconds/collect_steps", &t->collect_steps, 0, any),
      LB_ENTRY("seconds/fit_rollouts", &t->fit_rollouts, 0, any),
      LB_ENTRY("seconds/evaluate_terms", &t->evaluate_terms, 0, any),
      LB_ENTRY("seconds/clone", &t->clone, 0, any),
      LB_ENTRY("seconds/files", &t->files, 0, any),
  };
  memcpy(out, entries, sizeof entries);
  return ACCOUNTS;
}

// The accounts of rows with a model. A ring of imagined transitions has room for at most `most_imagined` of them.
static int list_model_accounts(lb_entry out[MODEL_ACCOUNTS], lb_online* o, int most_imagined) {
  lb_online_data* d = &o->data;
  int last = o->protocol.online.steps;
  const lb_entry entries[MODEL_ACCOUNTS] = {
      LB_ENTRY("model/fits", &o->fits, 0, last),
      LB_ENTRY("model/updates", &o->model_updates, 0, LB_MOST_COUNT),
      LB_ENTRY("model/queries", &o->counts.model_queries, 0, LB_MOST_COUNT),
      LB_ENTRY("model/seconds", &o->times.fit, 0, DBL_MAX),
      LB_ENTRY("mix/n", &d->mix.n, 0, d->mix.capacity),
      LB_ENTRY("mix/next", &d->mix.next, 0, d->mix.capacity - 1),
      LB_ENTRY("initial/n", &d->ninitial, 1, last + 1),
      LB_ENTRIES("initial", d->initial, (int64_t)LB_ONLINE_INITIAL * o->system->nobs, -INFINITY, INFINITY),
      LB_ENTRY("imagined/n", &d->imagined.n, 0, most_imagined),
      LB_ENTRY("imagined/next", &d->imagined.next, 0, most_imagined - 1),
      LB_ENTRY("imagined/capacity", &d->imagined.capacity, 1, most_imagined),
  };
  memcpy(out, entries, sizeof entries);
  return o->imagination ? MODEL_ACCOUNTS : MODEL_ACCOUNTS - 3;
}

// The transitions in a ring. What a network imagines may overflow a float, and then ends the run by name when it is
// learned from.
static lb_entry ring_entry(const char* name, lb_ring* ring) {
  return (lb_entry)LB_ENTRIES(name, ring->data, (int64_t)ring->n * ring->width, -INFINITY, INFINITY);
}

static lb_entry best_entry(lb_online* o) {
  return (lb_entry)LB_ENTRIES("best/actor", o->best.actor, o->actor_count, -DBL_MAX, DBL_MAX);
}

// The state of the episode under way in x (nx + nhidden), and what the learner sees.
static int list_episode(lb_entry out[EPISODE], lb_online* o, double* x) {
  const lb_system* s = o->system;
  const double any = DBL_MAX;
  const lb_entry entries[EPISODE] = {
      LB_ENTRIES("episode/state", x, s->space.nx, -any, any),
      LB_ENTRIES("episode/hidden", x + s->space.nx, s->nhidden, -any, any),
      LB_ENTRIES("episode/observation", o->episode.obs, s->nobs, -any, any),
  };
  memcpy(out, entries, sizeof entries);
  return EPISODE;
}

static void save_model(lb_online* o, lb_npz_writer* w) {
  lb_entry accounts[MODEL_ACCOUNTS];
  lb_entry rings[] = {ring_entry("mix", &o->data.mix), ring_entry("imagined", &o->data.imagined)};
  lb_entries_save(accounts, list_model_accounts(accounts, o, o->data.imagined.capacity), "", w);
  lb_entries_save(rings, o->imagination ? 2 : 1, "", w);
  if (o->model) lb_neural_add(o->model, w, "model/");
  if (!o->sac) lb_online_plan_save(o, w);
}

void lb_online_save(lb_online* o, lb_npz_writer* w) {
  lb_system* s = o->system;
  lb_entry accounts[ACCOUNTS], episode[EPISODE];
  lb_entry real = ring_entry("real", &o->data.learner), best = best_entry(o);
  lb_entries_save(accounts, list_accounts(accounts, o), "", w);
  lb_entries_save(&real, 1, "", w);
  if (o->sac) {
    lb_sac_add(o->sac, w, "sac/");
    lb_entries_save(&best, 1, "", w);
  }
  lb_mark mark = lb_arena_mark(o->arena);
  double* x = LB_TAKE(o->arena, double, s->space.nx + s->nhidden);
  s->get_state(s->self, x);
  if (s->nhidden > 0) s->get_hidden(s->self, x + s->space.nx);
  lb_entries_save(episode, list_episode(episode, o, x), "", w);
  lb_arena_release(o->arena, mark);
  if (lb_online_has_model(o)) save_model(o, w);
}

// A ring that is not full yet is filled from its beginning.
static lb_status check_ring(const lb_ring* ring, const char* name, const lb_npz* npz) {
  if (ring->n > ring->capacity || ring->next >= ring->capacity || (ring->n < ring->capacity && ring->next != ring->n)) {
    return lb_fail(LB_INPUT, "%s: the entries '%s/n' = %d and '%s/next' = %d do not go together in a ring of %d",
                   lb_npz_origin(npz), name, ring->n, name, ring->next, ring->capacity);
  }
  return lb_ok();
}

// What several accounts say together: every step taken was the learner's or exploration; an episode takes a step.
static lb_status check_accounts(const lb_online* o, const lb_npz* npz) {
  const int64_t* steps = o->system->ledger.steps;
  const char* origin = lb_npz_origin(npz);
  int taken = o->round - 1;
  if (steps[LB_STEP_LEARNER] + steps[LB_STEP_EXPLORATION] != taken) {
    return lb_fail(LB_INPUT,
                   "%s: the entries 'steps/learner' and 'steps/exploration' are not %d together, the steps "
                   "before 'round' = %d",
                   origin, taken, o->round);
  }
  if (o->data.learner.n > taken) {
    return lb_fail(LB_INPUT, "%s: the entry 'real/n' is %d after %d steps", origin, o->data.learner.n, taken);
  }
  if ((int64_t)o->episode.number + o->episode.t > taken) {
    return lb_fail(LB_INPUT, "%s: the entries 'episode/number' = %d and 'episode/t' = %d are too many for %d steps",
                   origin, o->episode.number, o->episode.t, taken);
  }
  if (o->best.round > taken) {
    return lb_fail(LB_INPUT, "%s: the entry 'best/round' is %d after %d steps", origin, o->best.round, taken);
  }
  double most = lb_online_updates_per_step(&o->recipe, &o->protocol.online);
  if ((double)o->updates > fmax(0, most * taken)) {
    return lb_fail(LB_INPUT, "%s: the entry 'updates' is %lld after %d steps of %g", origin, (long long)o->updates,
                   taken, most);
  }
  return check_ring(&o->data.learner, "real", npz);
}

static lb_status check_model_accounts(const lb_online* o, const lb_npz* npz) {
  const lb_online_data* d = &o->data;
  const lb_online_protocol* p = &o->protocol.online;
  const char* origin = lb_npz_origin(npz);
  LB_TRY(check_ring(&d->mix, "mix", npz));
  int fitted_to = lb_online_fitted_to(o).rows.n;
  if (o->fits > 0 && fitted_to < 2) {
    return lb_fail(LB_INPUT, "%s: the entry 'model/fits' is %d, and there are %d transitions to fit to", origin,
                   o->fits, fitted_to);
  }
  if (d->ninitial != o->episode.number + 1) {
    return lb_fail(LB_INPUT, "%s: the entry 'initial/n' is %d in episode %d", origin, d->ninitial, o->episode.number);
  }
  if (!o->imagination) return lb_ok();
  LB_TRY(check_ring(&d->imagined, "imagined", npz));
  int64_t a_step = (int64_t)p->imagined_per_step * p->imagined_kept;
  if (d->imagined.capacity % a_step != 0) {
    return lb_fail(LB_INPUT,
                   "%s: the entry 'imagined/capacity' is %d, no multiple of imagined_per_step times "
                   "imagined_kept (%lld)",
                   origin, d->imagined.capacity, (long long)a_step);
  }
  if (o->fits == 0 && d->imagined.n > 0) {
    return lb_fail(LB_INPUT, "%s: the entry 'imagined/n' is %d before the first fit", origin, d->imagined.n);
  }
  return lb_ok();
}

static lb_status restore_model(lb_online* o, const lb_npz* npz) {
  lb_entry accounts[MODEL_ACCOUNTS];
  int most_imagined = o->data.imagined.capacity;
  LB_TRY(lb_entries_restore(accounts, list_model_accounts(accounts, o, most_imagined), "", npz));
  LB_TRY(check_model_accounts(o, npz));
  lb_entry rings[] = {ring_entry("mix", &o->data.mix), ring_entry("imagined", &o->data.imagined)};
  LB_TRY(lb_entries_restore(rings, o->imagination ? 2 : 1, "", npz));
  if (o->model) LB_TRY(lb_neural_take_from(o->model, npz, "model/"));
  return o->sac ? lb_ok() : lb_online_plan_restore(o, npz);
}

lb_status lb_online_restore(lb_online* o, const lb_npz* npz) {
  lb_system* s = o->system;
  lb_entry accounts[ACCOUNTS], episode[EPISODE], best = best_entry(o);
  LB_TRY(lb_entries_restore(accounts, list_accounts(accounts, o), "", npz));
  LB_TRY(check_accounts(o, npz));
  lb_entry real = ring_entry("real", &o->data.learner);
  LB_TRY(lb_entries_restore(&real, 1, "", npz));
  if (o->sac) {
    LB_TRY(lb_entries_restore(&best, 1, "", npz));
    LB_TRY(lb_sac_take(o->sac, npz, "sac/"));
  }
  double* x = LB_TAKE(o->arena, double, s->space.nx + s->nhidden);
  LB_TRY(lb_entries_restore(episode, list_episode(episode, o, x), "", npz));
  s->set_state(s->self, x, o->episode.t);
  if (s->nhidden > 0) s->set_hidden(s->self, x + s->space.nx);
  return lb_online_has_model(o) ? restore_model(o, npz) : lb_ok();
}
