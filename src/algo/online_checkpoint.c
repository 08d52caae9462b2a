// What an online run must remember to go on as if it had never stopped, the episode under way included.
#include <math.h>
#include <string.h>

#include "algo/online.h"

enum { ACCOUNTS = 12, NUMBERS = 12, PARTS = 5, MODEL_ACCOUNTS = 9 };

// The whole-number accounts, in a fixed order.
static void visit_accounts(lb_online* o, int64_t values[ACCOUNTS], bool store) {
  int64_t* wide[] = {&o->updates, &o->system->ledger.steps[LB_STEP_LEARNER], &o->system->ledger.steps[LB_STEP_EXPERT],
                     &o->system->ledger.steps[LB_STEP_EXPLORATION], &o->evaluator->ledger.steps[LB_STEP_EVALUATION]};
  int* ints[] = {&o->round,          &o->data.learner.n, &o->data.learner.next,
                 &o->episode.number, &o->episode.t,      &o->best.round};
  int k = 0;
  for (size_t i = 0; i < sizeof wide / sizeof *wide; ++i, ++k) {
    if (store) {
      values[k] = *wide[i];
    } else {
      *wide[i] = values[k];
    }
  }
  for (size_t i = 0; i < sizeof ints / sizeof *ints; ++i, ++k) {
    if (store) {
      values[k] = *ints[i];
    } else {
      *ints[i] = (int)values[k];
    }
  }
}

static void visit_numbers(lb_online* o, double values[NUMBERS], bool store) {
  double* numbers[] = {&o->episode.total,       &o->best.mean,     &o->sums.updates,     &o->sums.critic_loss,
                       &o->sums.actor_loss,     &o->sums.q,        &o->sums.log_density, &o->sums.episodes,
                       &o->sums.episode_return, &o->times.collect, &o->times.plan,       &o->times.evaluate};
  for (int i = 0; i < NUMBERS; ++i) {
    if (store) {
      values[i] = *numbers[i];
    } else {
      *numbers[i] = values[i];
    }
  }
}

// The parts of the times; a checkpoint without them is as good.
static void visit_parts(lb_online* o, double values[PARTS], bool store) {
  lb_phase_times* t = &o->times;
  double* parts[PARTS] = {&t->collect_steps, &t->fit_rollouts, &t->evaluate_terms, &t->clone, &t->files};
  for (int i = 0; i < PARTS; ++i) {
    if (store) {
      values[i] = *parts[i];
    } else {
      *parts[i] = values[i];
    }
  }
}

// The data stay where they are until the checkpoint is written.
static void add_floats(lb_npz_writer* w, const char* name, int64_t n, const float* data) {
  lb_npz_add_view(w, name, LB_F32, 1, (const int64_t[]){n}, data);
}

static void add_doubles(lb_npz_writer* w, const char* name, int64_t n, const double* data) {
  lb_npz_add_doubles(w, name, 1, (const int64_t[]){n}, data);
}

// The accounts of the model's part.
static void visit_model_accounts(lb_online* o, int64_t values[MODEL_ACCOUNTS], bool store) {
  int64_t* wide[] = {&o->model_updates, &o->counts.model_queries};
  int* ints[] = {&o->fits,
                 &o->data.mix.n,
                 &o->data.mix.next,
                 &o->data.imagined.n,
                 &o->data.imagined.next,
                 &o->data.imagined.capacity,
                 &o->data.ninitial};
  for (int i = 0; i < MODEL_ACCOUNTS; ++i) {
    if (store) {
      values[i] = i < 2 ? *wide[i] : *ints[i - 2];
    } else if (i < 2) {
      *wide[i] = values[i];
    } else {
      *ints[i - 2] = (int)values[i];
    }
  }
}

static void save_model(lb_online* o, lb_npz_writer* w) {
  int64_t accounts[MODEL_ACCOUNTS];
  const lb_online_data* d = &o->data;
  visit_model_accounts(o, accounts, true);
  lb_npz_add(w, "model/accounts", LB_I64, 1, (const int64_t[]){MODEL_ACCOUNTS}, accounts);
  add_doubles(w, "model/seconds", 1, &o->times.fit);
  if (o->model) lb_neural_add(o->model, w, "model");
  add_floats(w, "mix", (int64_t)d->mix.n * d->mix.width, d->mix.data);
  if (o->imagination) add_floats(w, "imagined", (int64_t)d->imagined.n * d->imagined.width, d->imagined.data);
  if (!o->sac) lb_online_plan_save(o, w);
  add_floats(w, "initial", (int64_t)LB_ONLINE_INITIAL * o->system->nobs, d->initial);
}

void lb_online_save(lb_online* o, lb_npz_writer* w) {
  lb_system* s = o->system;
  int64_t accounts[ACCOUNTS] = {0};
  double numbers[NUMBERS], parts[PARTS];
  visit_accounts(o, accounts, true);
  visit_numbers(o, numbers, true);
  visit_parts(o, parts, true);
  lb_npz_add(w, "accounts", LB_I64, 1, (const int64_t[]){ACCOUNTS}, accounts);
  add_doubles(w, "numbers", NUMBERS, numbers);
  add_doubles(w, "seconds", PARTS, parts);
  add_floats(w, "real", (int64_t)o->data.learner.n * o->data.learner.width, o->data.learner.data);
  if (o->sac) {
    lb_sac_add(o->sac, w, "sac");
    add_floats(w, "best", o->actor_count, o->best.actor);
  }

  lb_mark mark = lb_arena_mark(o->arena);
  double* x = LB_TAKE(o->arena, double, s->space.nx + s->nhidden);
  s->get_state(s->self, x);
  add_doubles(w, "episode/state", s->space.nx, x);
  if (s->nhidden > 0) s->get_hidden(s->self, x + s->space.nx);
  add_doubles(w, "episode/hidden", s->nhidden, x + s->space.nx);
  add_doubles(w, "episode/observation", s->nobs, o->episode.obs);
  lb_arena_release(o->arena, mark);
  if (lb_online_has_model(o)) save_model(o, w);
}

static lb_status damaged(const lb_npz* npz, const char* what) {
  return lb_fail(LB_INPUT, "%s: %s; start over with --fresh", lb_npz_origin(npz), what);
}

static lb_status take_floats(const lb_npz* npz, const char* name, int64_t n, float* to) {
  const lb_array* a = lb_npz_find(npz, name);
  if (!a || a->dtype != LB_F32 || a->size != n) return damaged(npz, "arrays of another size than the accounts say");
  memcpy(to, a->data, (size_t)n * sizeof *to);
  return lb_ok();
}

static lb_status restore_accounts(lb_online* o, const lb_npz* npz) {
  const lb_array* stored = lb_npz_find(npz, "accounts");
  if (!stored || stored->dtype != LB_I64 || stored->size != ACCOUNTS) return damaged(npz, "no accounts");
  int64_t accounts[ACCOUNTS];
  memcpy(accounts, stored->data, sizeof accounts);
  visit_accounts(o, accounts, false);
  const lb_ring* real = &o->data.learner;
  if (o->round < 0 || real->n < 0 || real->n > real->capacity || real->next < 0 || real->next >= real->capacity ||
      o->episode.t < 0 || o->episode.t >= o->system->horizon || o->episode.number < 0 || o->updates < 0) {
    return damaged(npz, "impossible accounts");
  }
  double *numbers, *parts;
  LB_TRY(lb_npz_doubles(npz, "numbers", 1, (const int64_t[]){NUMBERS}, o->arena, &numbers, NULL));
  visit_numbers(o, numbers, false);
  if (!lb_npz_find(npz, "seconds")) return lb_ok();
  LB_TRY(lb_npz_doubles(npz, "seconds", 1, (const int64_t[]){PARTS}, o->arena, &parts, NULL));
  visit_parts(o, parts, false);
  return lb_ok();
}

static bool is_ring(const lb_ring* ring, int most) {
  return ring->capacity >= 1 && ring->capacity <= most && ring->n >= 0 && ring->n <= ring->capacity &&
         ring->next >= 0 && ring->next < ring->capacity;
}

static lb_status restore_model(lb_online* o, const lb_npz* npz) {
  lb_online_data* d = &o->data;
  int mix = d->mix.capacity, imagined = d->imagined.capacity;
  int64_t accounts[MODEL_ACCOUNTS];
  double* seconds;
  const lb_array* stored = lb_npz_find(npz, "model/accounts");
  if (!stored || stored->dtype != LB_I64 || stored->size != MODEL_ACCOUNTS) return damaged(npz, "no model accounts");
  memcpy(accounts, stored->data, sizeof accounts);
  visit_model_accounts(o, accounts, false);
  if (!is_ring(&d->mix, mix) || (o->imagination && !is_ring(&d->imagined, imagined)) || d->ninitial < 1) {
    return damaged(npz, "impossible accounts of the model");
  }
  LB_TRY(lb_npz_doubles(npz, "model/seconds", 1, (const int64_t[]){1}, o->arena, &seconds, NULL));
  o->times.fit = *seconds;
  LB_TRY(take_floats(npz, "mix", (int64_t)d->mix.n * d->mix.width, d->mix.data));
  if (o->imagination) {
    LB_TRY(take_floats(npz, "imagined", (int64_t)d->imagined.n * d->imagined.width, d->imagined.data));
  }
  LB_TRY(take_floats(npz, "initial", (int64_t)LB_ONLINE_INITIAL * o->system->nobs, d->initial));
  if (!o->sac) LB_TRY(lb_online_plan_restore(o, npz));
  return o->model ? lb_neural_take_from(o->model, npz, "model") : lb_ok();
}

lb_status lb_online_restore(lb_online* o, const lb_npz* npz) {
  lb_system* s = o->system;
  LB_TRY(restore_accounts(o, npz));
  LB_TRY(take_floats(npz, "real", (int64_t)o->data.learner.n * o->data.learner.width, o->data.learner.data));
  if (o->sac) {
    LB_TRY(take_floats(npz, "best", o->actor_count, o->best.actor));
    LB_TRY(lb_sac_take(o->sac, npz, "sac"));
  }
  double *x, *hidden, *obs;
  LB_TRY(lb_npz_doubles(npz, "episode/state", 1, (const int64_t[]){s->space.nx}, o->arena, &x, NULL));
  LB_TRY(lb_npz_doubles(npz, "episode/hidden", 1, (const int64_t[]){s->nhidden}, o->arena, &hidden, NULL));
  LB_TRY(lb_npz_doubles(npz, "episode/observation", 1, (const int64_t[]){s->nobs}, o->arena, &obs, NULL));
  s->set_state(s->self, x, o->episode.t);
  if (s->nhidden > 0) s->set_hidden(s->self, hidden);
  memcpy(o->episode.obs, obs, (size_t)s->nobs * sizeof *obs);
  return lb_online_has_model(o) ? restore_model(o, npz) : lb_ok();
}
