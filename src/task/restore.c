#include "task/restore.h"

#include <math.h>
#include <string.h>

// Where the numbers of a signal stand in the state; -1 for one that is no part of it.
static int offset_of(const lb_phys_signal* signal, const lb_phys_model* model) {
  if (strcmp(signal->name, "qpos") == 0) return 0;
  return strcmp(signal->name, "qvel") == 0 ? lb_phys_model_sizes(model).nq : -1;
}

static bool is_known(const lb_restore* r, int i) {
  return r->plain[i] >= 0 || (r->sine[i] >= 0 && r->cosine[i] >= 0);
}

// Signals that a step brings along, whatever the state.
static bool is_of_step(const lb_phys_signal* signal) {
  return strcmp(signal->name, "action") == 0 || strcmp(signal->name, "healthy") == 0;
}

// Whether the observation holds all numbers of a pick; of a derived one, all of the state.
static bool holds(const lb_restore* r, const lb_quantity* q, const lb_phys_model* model) {
  int offset = offset_of(q->signal, model);
  if (is_of_step(q->signal)) return true;
  if (offset < 0) {
    for (int i = 0; i < r->nx; ++i) {
      if (!is_known(r, i)) return false;
    }
    return true;
  }
  for (int i = 0; i < q->n; ++i) {
    if (!is_known(r, offset + q->index[i])) return false;
  }
  return true;
}

static bool holds_all(const lb_restore* r, const lb_quantity* q, const lb_phys_model* model) {
  for (; q; q = q->from) {
    if (!holds(r, q, model)) return false;
  }
  return true;
}

static bool holds_rewards(const lb_restore* r, const lb_terms* terms, const lb_phys_model* model) {
  for (int i = 0; i < terms->nreward; ++i) {
    for (int k = 0; k < terms->reward[i].nfactor; ++k) {
      if (!holds_all(r, &terms->reward[i].factors[k].quantity, model)) return false;
    }
  }
  return true;
}

lb_restore lb_restore_new(lb_arena* arena, const lb_terms* terms, const lb_phys_model* model, const double* x0) {
  int nx = lb_phys_model_sizes(model).nx, at = 0;
  int* places[3];
  for (int k = 0; k < 3; ++k) {
    places[k] = LB_TAKE(arena, int, nx);
    for (int i = 0; i < nx; ++i) places[k][i] = -1;
  }
  for (int o = 0; o < terms->nobservation; ++o) {
    const lb_quantity* q = &terms->observation[o];
    int offset = offset_of(q->signal, model);
    int which = !q->function ? 0 : q->function == sin ? 1 : q->function == cos ? 2 : -1;
    bool usable = offset >= 0 && which >= 0 && !q->from && !q->minus;
    for (int i = 0; usable && i < q->n; ++i) places[which][offset + q->index[i]] = at + i;
    at += q->n;
  }
  lb_restore r = {.nx = nx, .nobs = terms->nobs, .x0 = x0, .plain = places[0], .sine = places[1], .cosine = places[2]};
  r.decides = true;
  for (int i = 0; i < terms->nhealthy; ++i) {
    const lb_condition* c = &terms->healthy[i];
    r.decides = r.decides && (c->is_finite || holds_all(&r, &c->quantity, model));
  }
  r.rewards = r.decides && holds_rewards(&r, terms, model);
  return r;
}

void lb_restore_states(const lb_restore* r, double* x, int n, const double* obs) {
  for (int k = 0; k < n; ++k, x += r->nx, obs += r->nobs) {
    for (int i = 0; i < r->nx; ++i) {
      bool angle = r->plain[i] < 0 && is_known(r, i);
      x[i] = r->plain[i] >= 0 ? obs[r->plain[i]] : angle ? atan2(obs[r->sine[i]], obs[r->cosine[i]]) : r->x0[i];
    }
  }
}
