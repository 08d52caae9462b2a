// A random tabular MDP and a wrong model of it (6 states, 3 actions, 8 steps), with everything by dynamic programming:
// what tests/golden/lemma_tabular.npz holds, computed again here so that rewards, ends and discounts can vary. Include
// after cmocka.h.
#ifndef LB_TESTS_EVAL_TABULAR_H_
#define LB_TESTS_EVAL_TABULAR_H_

#include <string.h>

#include "core/policy.h"
#include "core/sampler.h"
#include "core/value.h"
#include "io/npz.h"

enum { S = 6, A = 3, T = 8, SA = S * A };

typedef struct world {
  double P[SA * S];  // (S, A, S)
  double r[SA];      // (S, A)
  bool end[S];       // whether arriving there ends the episode
} world;

typedef double table[T + 1][S];
typedef double choice[T][SA];  // probabilities of the actions, (S, A) at each time

typedef struct tabular {
  world real, model;
  double mu[S];
  choice expert, learner;
  double g;
} tabular;

static inline const double* golden_numbers(lb_npz* npz, const char* name) {
  const lb_array* a = lb_npz_find(npz, name);
  if (!a || a->dtype != LB_F64) {
    fail_msg("no numbers %s", name);
    return NULL;
  }
  return a->data;
}

static inline lb_npz* golden_file(void) {
  lb_npz* npz;
  lb_status status = lb_npz_load(&npz, LB_SOURCE_DIR "/tests/golden/lemma_tabular.npz");
  if (status.code != LB_OK) fail_msg("%s", status.text);
  return npz;
}

// As it was published: known reward, no ends, no discount.
static inline void tabular_load(tabular* m, lb_npz* npz) {
  *m = (tabular){.g = 1};
  memcpy(m->real.P, golden_numbers(npz, "M_true"), sizeof m->real.P);
  memcpy(m->model.P, golden_numbers(npz, "M_model"), sizeof m->model.P);
  memcpy(m->real.r, golden_numbers(npz, "reward"), sizeof m->real.r);
  memcpy(m->model.r, m->real.r, sizeof m->model.r);
  memcpy(m->mu, golden_numbers(npz, "mu"), sizeof m->mu);
  memcpy(m->expert, golden_numbers(npz, "pi_expert"), sizeof m->expert);
  memcpy(m->learner, golden_numbers(npz, "pi_learner"), sizeof m->learner);
}

// Rewards that the model has wrong, a state that ends episodes in the real system, another that does in the model.
static inline void tabular_hard(tabular* m) {
  for (int i = 0; i < SA; ++i) m->model.r[i] = m->real.r[i] + 0.3 * m->real.r[(i + 5) % SA] - 0.1;
  m->real.end[5] = true;
  m->model.end[2] = true;
  m->g = 0.9;
}

// E[(1 - d) W(s')] after (s, a).
static inline double backup(const world* w, int sa, const double* W) {
  double sum = 0;
  for (int j = 0; j < S; ++j) sum += w->P[sa * S + j] * (w->end[j] ? 0 : W[j]);
  return sum;
}

static inline void value_of(table V, const world* w, double (*pi)[SA], double g) {
  memset(V[T], 0, sizeof V[T]);
  for (int t = T - 1; t >= 0; --t) {
    memset(V[t], 0, sizeof V[t]);
    for (int sa = 0; sa < SA; ++sa) V[t][sa / A] += pi[t][sa] * (w->r[sa] + g * backup(w, sa, V[t + 1]));
  }
}

// Probability of being at s at time t, in an episode that has not ended.
static inline void occupancy_of(table d, const tabular* m, double (*pi)[SA]) {
  memset(d, 0, sizeof(table));
  memcpy(d[0], m->mu, sizeof m->mu);
  for (int t = 0; t < T; ++t) {
    for (int sa = 0; sa < SA; ++sa) {
      for (int j = 0; j < S; ++j) {
        if (!m->real.end[j]) d[t + 1][j] += d[t][sa / A] * pi[t][sa] * m->real.P[sa * S + j];
      }
    }
  }
}

static inline double at_start(const tabular* m, table V) {
  double sum = 0;
  for (int s = 0; s < S; ++s) sum += m->mu[s] * V[0][s];
  return sum;
}

// J(expert) - J(learner) in a world.
static inline double gap_in(tabular* m, const world* w) {
  table e, l;
  value_of(e, w, m->expert, m->g);
  value_of(l, w, m->learner, m->g);
  return at_start(m, e) - at_start(m, l);
}

static inline void lookup(void* ctx, int n, int t, const double* x, double* v) {
  double(*W)[S] = ctx;
  for (int i = 0; i < n; ++i) v[i] = W[t][(int)x[i]];
}

static inline lb_value value_view(table W) {
  return (lb_value){.nx = 1, .ctx = W, .at = lookup};
}

static inline int draw_from(const double* p, int n, double u) {
  for (int i = 0; i + 1 < n; ++i) {
    u -= p[i];
    if (u < 0) return i;
  }
  return n - 1;
}

static inline void sample_world(void* ctx, int n, int t, const double* x, const double* u, double* x_next,
                                double* reward, bool* terminated, lb_rng* rng) {
  (void)t;
  const world* w = ctx;
  for (int i = 0; i < n; ++i) {
    int sa = (int)x[i] * A + (int)u[i], next = draw_from(w->P + sa * S, S, lb_rng_uniform(rng));
    x_next[i] = next;
    reward[i] = w->r[sa];
    terminated[i] = w->end[next];
  }
}

static inline lb_sampler sampler_of(world* w) {
  return (lb_sampler){.nx = 1, .nu = 1, .ctx = w, .sample = sample_world};
}

// Always the likeliest action.
static inline void act_likeliest(void* ctx, int n, int t, const double* x, double* u) {
  double(*pi)[SA] = ctx;
  for (int i = 0; i < n; ++i) {
    const double* p = pi[t] + (int)x[i] * A;
    u[i] = p[0] >= p[1] && p[0] >= p[2] ? 0 : p[1] >= p[2] ? 1 : 2;
  }
}

static inline void make_deterministic(double (*pi)[SA]) {
  for (int t = 0; t < T; ++t) {
    for (int s = 0; s < S; ++s) {
      double x = s, u;
      act_likeliest(pi, 1, t, &x, &u);
      for (int a = 0; a < A; ++a) pi[t][s * A + a] = a == (int)u;
    }
  }
}

static inline lb_policy likeliest(double (*pi)[SA]) {
  return (lb_policy){.nin = 1, .nu = 1, .ctx = pi, .act = act_likeliest};
}

// The same model on distributions over states: x (S) is one, u (SA) the probabilities of the actions in each state.
// It is deterministic and linear, so that a single rollout gives an expectation to the last digit.
static inline void sample_lifted(void* ctx, int n, int t, const double* x, const double* u, double* x_next,
                                 double* reward, bool* terminated, lb_rng* rng) {
  (void)t;
  (void)rng;
  const world* w = ctx;
  for (int i = 0; i < n; ++i, x += S, x_next += S, u += SA) {
    memset(x_next, 0, S * sizeof *x_next);
    reward[i] = 0;
    terminated[i] = false;
    for (int sa = 0; sa < SA; ++sa) {
      double p = x[sa / A] * u[sa];
      reward[i] += p * w->r[sa];
      for (int j = 0; j < S; ++j) x_next[j] += w->end[j] ? 0 : p * w->P[sa * S + j];
    }
  }
}

static inline lb_sampler lifted(world* w) {
  return (lb_sampler){.nx = S, .nu = SA, .ctx = w, .sample = sample_lifted};
}

static inline void act_lifted(void* ctx, int n, int t, const double* x, double* u) {
  (void)x;
  double(*pi)[SA] = ctx;
  for (int i = 0; i < n; ++i) memcpy(u + (ptrdiff_t)i * SA, pi[t], SA * sizeof *u);
}

static inline lb_policy lifted_policy(double (*pi)[SA]) {
  return (lb_policy){.nin = S, .nu = SA, .ctx = pi, .act = act_lifted};
}

#endif  // LB_TESTS_EVAL_TABULAR_H_
