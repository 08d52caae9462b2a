#include "task/restore.h"

#include <math.h>
#include <string.h>

// Where the numbers of a signal stand in the state; -1 for one that is no part of it.
static int offset_of(const lb_phys_signal* signal, const lb_restore* r) {
  if (strcmp(signal->name, "qpos") == 0) return 0;
  return strcmp(signal->name, "qvel") == 0 ? r->nq : -1;
}

// Signals that a step brings along, whatever the state.
static bool is_of_step(const lb_phys_signal* signal) {
  return strcmp(signal->name, "action") == 0 || strcmp(signal->name, "healthy") == 0;
}

static bool is_known(const lb_restore* r, int i) {
  return r->plain[i] >= 0 || (r->sine[i] >= 0 && r->cosine[i] >= 0);
}

// How far a quantity may lean on numbers that are not observed.
typedef enum lean { ON_NOTHING, ON_CHANGES } lean;

// Whether number i may enter the signal. A change by it passes into qpos as it is, and into what follows from positions
// if it moves everything along the world's axes.
static bool may_enter(const lb_restore* r, const lb_phys_signal* signal, int i, lean may) {
  if (is_known(r, i)) return true;
  bool plain = offset_of(signal, r) == 0 || (r->free[i] && signal->level == LB_PHYS_POSITION);
  return may == ON_CHANGES && r->velocity[i] >= 0 && plain;
}

// Whether the observation holds all numbers of a pick; of a derived one, all that it is derived from.
static bool holds(const lb_restore* r, const lb_quantity* q, lean may) {
  int offset = offset_of(q->signal, r), from = q->signal->level == LB_PHYS_POSITION ? r->nq : r->nx;
  if (is_of_step(q->signal)) return true;
  for (int i = 0; i < q->n; ++i) {
    if (lb_phys_signal_is_timed(q->signal, r->model, q->index[i])) return false;
  }
  for (int i = 0; i < (offset < 0 ? from : q->n); ++i) {
    if (!may_enter(r, q->signal, offset < 0 ? i : offset + q->index[i], may)) return false;
  }
  return true;
}

static bool holds_all(const lb_restore* r, const lb_quantity* q, lean may) {
  for (; q; q = q->from) {
    if (!holds(r, q, may)) return false;
  }
  return true;
}

// A term that is a number's change, times its weight: only then does it not matter where the number was.
static bool is_plain_change(const lb_reward_term* term) {
  const lb_factor* f = term->factors;
  const lb_quantity* q = &f->quantity;
  bool is_itself = !f->norm && !f->tolerance.sigmoid && !q->function && !q->is_clipped && !q->from;
  return term->read != LB_READ_AFTER && term->nfactor == 1 && is_itself;
}

static bool holds_rewards(const lb_restore* r, const lb_terms* terms) {
  for (int i = 0; i < terms->nreward; ++i) {
    const lb_reward_term* term = &terms->reward[i];
    lean may = is_plain_change(term) ? ON_CHANGES : ON_NOTHING;
    for (int k = 0; k < term->nfactor; ++k) {
      if (!holds_all(r, &term->factors[k].quantity, may)) return false;
    }
  }
  return true;
}

// The translations whose velocities are observed and whose positions are not.
static void find_velocities(lb_restore* r, const lb_phys_model* model, lb_arena* arena) {
  static const int numbers[] = {[LB_PHYS_FREE] = 7, [LB_PHYS_BALL] = 4, [LB_PHYS_SLIDE] = 1, [LB_PHYS_HINGE] = 1};
  int* velocity = LB_TAKE(arena, int, r->nx);
  bool* is_free = LB_TAKE(arena, bool, r->nx);
  for (int i = 0; i < r->nx; ++i) velocity[i] = -1;
  for (int id = 0, q = 0; id < lb_phys_model_joints(model); ++id) {
    lb_phys_joint joint = lb_phys_model_joint(model, id);
    int moves = joint.type == LB_PHYS_FREE ? 3 : joint.type == LB_PHYS_SLIDE;
    for (int i = 0; i < moves; ++i) {
      int at = r->nq + joint.dof + i;
      if (is_known(r, q + i) || !is_known(r, at)) continue;
      velocity[q + i] = at;
      is_free[q + i] = joint.type == LB_PHYS_FREE;
    }
    q += numbers[joint.type];
  }
  r->velocity = velocity;
  r->free = is_free;
}

// Where in the observation the numbers of the state stand.
static void find_places(lb_restore* r, const lb_terms* terms, lb_arena* arena) {
  int at = 0, *places[3];
  for (int k = 0; k < 3; ++k) {
    places[k] = LB_TAKE(arena, int, r->nx);
    for (int i = 0; i < r->nx; ++i) places[k][i] = -1;
  }
  for (int o = 0; o < terms->nobservation; ++o) {
    const lb_quantity* q = &terms->observation[o];
    int offset = offset_of(q->signal, r);
    int which = !q->function ? 0 : q->function == sin ? 1 : q->function == cos ? 2 : -1;
    bool usable = offset >= 0 && which >= 0 && !q->from && !q->minus;
    for (int i = 0; usable && i < q->n; ++i) places[which][offset + q->index[i]] = at + i;
    at += q->n;
  }
  r->plain = places[0];
  r->sine = places[1];
  r->cosine = places[2];
}

lb_restore lb_restore_new(lb_arena* arena, const lb_terms* terms, const lb_phys_model* model, const double* x0) {
  lb_phys_sizes sizes = lb_phys_model_sizes(model);
  lb_restore r = {.model = model, .nx = sizes.nx, .nq = sizes.nq, .nobs = terms->nobs, .x0 = x0, .decides = true};
  find_places(&r, terms, arena);
  find_velocities(&r, model, arena);
  for (int i = 0; i < terms->nhealthy; ++i) {
    const lb_condition* c = &terms->healthy[i];
    r.decides = r.decides && (c->is_finite || holds_all(&r, &c->quantity, ON_NOTHING));
  }
  r.rewards = r.decides && holds_rewards(&r, terms);
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

void lb_restore_next(const lb_restore* r, double* x_next, const double* x, int n, const double* obs_next, double dt) {
  lb_restore_states(r, x_next, n, obs_next);
  for (int k = 0; k < n; ++k, x += r->nx, x_next += r->nx) {
    for (int i = 0; i < r->nq; ++i) {
      int v = r->velocity[i];
      if (v >= 0) x_next[i] = x[i] + dt * 0.5 * (x[v] + x_next[v]);
    }
  }
}
