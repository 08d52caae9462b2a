#include "task/restore.h"

#include <math.h>
#include <string.h>

// Where the numbers of a signal stand in the state; -1 for one that is no part of it.
static int offset_of(const lb_phys_signal* signal, const lb_restore* r) {
  if (strcmp(signal->name, "qpos") == 0) return 0;
  if (strcmp(signal->name, "act") == 0) return r->nx - r->na;
  return strcmp(signal->name, "qvel") == 0 ? r->nq : -1;
}

// Signals that a step brings along, whatever the state.
static bool is_of_step(const lb_phys_signal* signal) {
  return strcmp(signal->name, "action") == 0 || strcmp(signal->name, "healthy") == 0;
}

static bool is_known(const lb_restore* r, int i) {
  return r->plain[i] >= 0;
}

// Known by its sine and cosine: up to whole turns.
static bool is_wrapped(const lb_restore* r, int i) {
  return r->plain[i] < 0 && r->sine[i] >= 0 && r->cosine[i] >= 0;
}

// Whether a whole turn of number i leaves the quantity as it is. `function` is what is applied to it.
static bool is_periodic(const lb_restore* r, const lb_phys_signal* signal, double (*function)(double), int i) {
  if (offset_of(signal, r) >= 0) return function == sin || function == cos;
  if (signal->level == LB_PHYS_STATE || strcmp(signal->name, "xquat") == 0) return false;
  if (signal->level < LB_PHYS_FORWARD) return r->turns[i];
  // A tendon's length and a sensor may hold the angle itself.
  return r->freely[i] && strcmp(signal->name, "ten_length") != 0 && strcmp(signal->name, "sensordata") != 0;
}

// How far a quantity may lean on numbers that are not observed.
typedef enum lean { ON_NOTHING, ON_CHANGES } lean;

// Whether number i may enter the signal. A change by it passes into qpos as it is, and into what follows from positions
// if it moves everything along the world's axes.
static bool may_enter(const lb_restore* r, const lb_phys_signal* signal, double (*function)(double), int i, lean may) {
  if (is_known(r, i) || (is_wrapped(r, i) && is_periodic(r, signal, function, i))) return true;
  bool plain = offset_of(signal, r) == 0 || (r->free[i] && signal->level == LB_PHYS_POSITION);
  return may == ON_CHANGES && r->velocity[i] >= 0 && plain;
}

// Whether the observation holds all numbers of a pick; of a derived one, all that it is derived from.
static bool holds(const lb_restore* r, const lb_quantity* q, double (*function)(double), lean may) {
  int offset = offset_of(q->signal, r), from = q->signal->level == LB_PHYS_POSITION ? r->nq : r->nx;
  if (is_of_step(q->signal)) return true;
  for (int i = 0; i < q->n; ++i) {
    if (lb_phys_signal_is_timed(q->signal, r->model, q->index[i])) return false;
  }
  for (int i = 0; i < (offset < 0 ? from : q->n); ++i) {
    if (!may_enter(r, q->signal, function, offset < 0 ? i : offset + q->index[i], may)) return false;
  }
  return true;
}

// Whether a quantity, and all that is taken from it, follow from an observation.
static bool holds_all(const lb_restore* r, const lb_quantity* q, lean may) {
  for (const lb_quantity* part = q; part; part = part->from) {
    if (!holds(r, part, q->function, may)) return false;
  }
  return true;
}

// Whether a condition keeps each of its numbers within at most half a turn of (-pi, pi], so that one which is known up
// to whole turns serves.
static bool keeps_within_half_a_turn(const lb_condition* c) {
  const double half = 3.14159265358979323846;
  const lb_quantity* q = &c->quantity;
  if (q->function || q->from || q->is_clipped || !(c->within.high - c->within.low <= half)) return false;
  for (int i = 0; i < q->n; ++i) {
    double shift = q->minus ? q->minus[i] : 0;
    if (!(c->within.low + shift >= -half && c->within.high + shift <= half)) return false;
  }
  return true;
}

// Whether a condition on numbers of the state alone is decided, those that are known up to whole turns among them.
static bool holds_near(const lb_restore* r, const lb_condition* c) {
  const lb_quantity* q = &c->quantity;
  int offset = offset_of(q->signal, r);
  if (offset < 0 || !keeps_within_half_a_turn(c)) return false;
  for (int i = 0; i < q->n; ++i) {
    if (!is_known(r, offset + q->index[i]) && !is_wrapped(r, offset + q->index[i])) return false;
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

// Whether every term of the reward does.
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

// Whether some term of the reward is the change of number i of qpos.
static bool is_change_rewarded(const lb_terms* terms, int i) {
  for (int k = 0; k < terms->nreward; ++k) {
    const lb_quantity* q = &terms->reward[k].factors->quantity;
    if (!is_plain_change(&terms->reward[k]) || strcmp(q->signal->name, "qpos") != 0) continue;
    for (int j = 0; j < q->n; ++j) {
      if (q->index[j] == i) return true;
    }
  }
  return false;
}

// The translations, and the hinges whose change counts, whose velocities are observed and whose positions are not.
static void find_velocities(lb_restore* r, const lb_terms* terms, const lb_phys_model* model, lb_arena* arena) {
  static const int numbers[] = {[LB_PHYS_FREE] = 7, [LB_PHYS_BALL] = 4, [LB_PHYS_SLIDE] = 1, [LB_PHYS_HINGE] = 1};
  int* velocity = LB_TAKE(arena, int, r->nx);
  bool *is_free = LB_TAKE(arena, bool, r->nx), *turns = LB_TAKE(arena, bool, r->nx);
  bool* freely = LB_TAKE(arena, bool, r->nx);
  for (int i = 0; i < r->nx; ++i) velocity[i] = -1;
  for (int id = 0, q = 0; id < lb_phys_model_joints(model); ++id) {
    lb_phys_joint joint = lb_phys_model_joint(model, id);
    bool hinge = joint.type == LB_PHYS_HINGE;
    int moves = joint.type == LB_PHYS_FREE ? 3 : joint.type == LB_PHYS_SLIDE || hinge;
    turns[q] = hinge;
    freely[q] = hinge && lb_phys_model_turns_freely(model, id);
    for (int i = 0; i < moves; ++i) {
      int at = r->nq + joint.dof + i;
      if (is_known(r, q + i) || !is_known(r, at) || (hinge && !is_change_rewarded(terms, q))) continue;
      velocity[q + i] = at;
      is_free[q + i] = joint.type == LB_PHYS_FREE;
    }
    q += numbers[joint.type];
  }
  r->velocity = velocity;
  r->free = is_free;
  r->turns = turns;
  r->freely = freely;
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
    bool usable = offset >= 0 && which >= 0 && !q->from && !q->minus && (which == 0 || !q->is_clipped);
    for (int i = 0; usable && i < q->n; ++i) places[which][offset + q->index[i]] = at + i;
    at += q->n;
  }
  r->plain = places[0];
  r->sine = places[1];
  r->cosine = places[2];
}

lb_restore lb_restore_new(lb_arena* arena, const lb_terms* terms, const lb_phys_model* model, const double* x0) {
  lb_phys_sizes sizes = lb_phys_model_sizes(model);
  lb_restore r = {
      .model = model, .nx = sizes.nx, .nq = sizes.nq, .na = sizes.na, .nobs = terms->nobs, .x0 = x0, .decides = true};
  find_places(&r, terms, arena);
  find_velocities(&r, terms, model, arena);
  for (int i = 0; i < terms->nhealthy; ++i) {
    const lb_condition* c = &terms->healthy[i];
    r.decides = r.decides && (c->is_finite || holds_all(&r, &c->quantity, ON_NOTHING) || holds_near(&r, c));
  }
  r.rewards = r.decides && holds_rewards(&r, terms);
  return r;
}

void lb_restore_states(const lb_restore* r, double* x, int n, const double* obs) {
  for (int k = 0; k < n; ++k, x += r->nx, obs += r->nobs) {
    for (int i = 0; i < r->nx; ++i) {
      bool angle = is_wrapped(r, i);
      x[i] = r->plain[i] >= 0 ? obs[r->plain[i]] : angle ? atan2(obs[r->sine[i]], obs[r->cosine[i]]) : r->x0[i];
    }
  }
}

void lb_restore_next(const lb_restore* r, double* x_next, const double* x, int n, const double* obs_next, double dt) {
  lb_restore_states(r, x_next, n, obs_next);
  for (int k = 0; k < n; ++k, x += r->nx, x_next += r->nx) {
    for (int i = 0; i < r->nq; ++i) {
      int v = r->velocity[i];
      if (v < 0) continue;
      const double turn = 6.28318530717958647692;
      double there = x[i] + dt * 0.5 * (x[v] + x_next[v]);
      x_next[i] = is_wrapped(r, i) ? x_next[i] + turn * round((there - x_next[i]) / turn) : there;
    }
  }
}
