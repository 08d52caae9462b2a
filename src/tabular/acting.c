#include "tabular/acting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The state that a number stands for: the nearest, within the table.
static int state_of(const lb_mdp* m, double x) {
  int s = (int)lrint(x);
  return s < 0 ? 0 : s >= m->ns ? m->ns - 1 : s;
}

// The action that a number stands for: the nearest, within the table.
static int action_of(const lb_mdp* m, double u) {
  if (!(u > 0)) return 0;
  return u >= m->na - 1 ? m->na - 1 : (int)lrint(u);
}

// The time whose row of the policy holds at t: the last one beyond the horizon.
static int time_of(const lb_mdp* m, int t) {
  int times = lb_mdp_times(m);
  return t < times ? t : times - 1;
}

// lb_policy.act: a draw from pi(. | s, t).
static void act(void* ctx, int n, int t, const double* in, double* u) {
  lb_acting* a = ctx;
  const double* rows = a->pi + (size_t)time_of(a->m, t) * (size_t)a->m->ns * (size_t)a->m->na;
  for (int i = 0; i < n; ++i) {
    u[i] = lb_mdp_pick(rows + state_of(a->m, in[i]) * a->m->na, a->m->na, lb_rng_uniform(&a->rng));
  }
}

// lb_policy.chances: pi(. | s, t).
static void chances(void* ctx, int n, int t, const double* in, double* p) {
  const lb_acting* a = ctx;
  size_t na = (size_t)a->m->na;
  const double* rows = a->pi + (size_t)time_of(a->m, t) * (size_t)a->m->ns * na;
  for (int i = 0; i < n; ++i) memcpy(p + (size_t)i * na, rows + (size_t)state_of(a->m, in[i]) * na, na * sizeof *p);
}

lb_policy lb_acting_policy(lb_acting* a) {
  return (lb_policy){.input = LB_READS_STATE, .nin = 1, .nu = 1, .ctx = a, .act = act, .chances = chances};
}

void lb_acting_read(double* pi, const lb_mdp* m, const lb_policy* policy) {
  size_t na = (size_t)m->na;
  for (int t = 0; t < lb_mdp_times(m); ++t) {
    for (int s = 0; s < m->ns; ++s, pi += na) {
      double x = s, u;
      if (policy->chances) {
        policy->chances(policy->ctx, 1, t, &x, pi);
        continue;
      }
      memset(pi, 0, na * sizeof *pi);
      lb_policy_act(policy, 1, t, &x, &u);
      pi[action_of(m, u)] = 1;
    }
  }
}

void lb_acting_choose(double* u, const lb_policy* policy, int na, int t, const double* x, lb_rng* rng) {
  enum { MOST = 64 };
  double p[MOST], *chance = na > MOST ? malloc((size_t)na * sizeof *chance) : p;
  if (!policy->chances || !chance) {
    lb_policy_act(policy, 1, t, x, u);
  } else {
    policy->chances(policy->ctx, 1, t, x, chance);
    u[0] = lb_mdp_pick(chance, na, lb_rng_uniform(rng));
  }
  if (chance != p) free(chance);
}

// lb_value.at: V of the state at time t.
static void look_up(void* ctx, int n, int t, const double* x, double* v) {
  lb_acting_table* table = ctx;
  const lb_mdp* m = table->m;
  size_t row = m->horizon > 0 ? (size_t)(t < m->horizon ? t : m->horizon) * (size_t)m->ns : 0;
  for (int i = 0; i < n; ++i) v[i] = table->V[row + (size_t)state_of(m, x[i])];
}

lb_value lb_acting_value(lb_acting_table* v) {
  return (lb_value){.nx = 1, .ctx = v, .at = look_up};
}

// lb_sampler.sample: s' ~ P(. | s, a), with its reward; a terminal state stays.
static void sample(void* ctx, int n, int t, const double* x, const double* u, double* x_next, double* reward,
                   bool* terminated, lb_rng* rng) {
  (void)t;
  const lb_mdp* m = ctx;
  for (int i = 0; i < n; ++i) {
    int s = state_of(m, x[i]), a = action_of(m, u[i]);
    double quantile = lb_rng_uniform(rng);  // drawn in any case: the same n meet the same draws
    int next = m->end[s] ? s : lb_mdp_successor(m, s, a, quantile);
    x_next[i] = next;
    reward[i] = m->end[s] ? 0 : m->step[s * m->na + a] + m->arrival[next];
    terminated[i] = m->end[next];
  }
}

lb_sampler lb_acting_sampler(const lb_mdp* m) {
  return (lb_sampler){.nx = 1, .nu = 1, .ctx = (void*)(uintptr_t)m, .sample = sample};
}

// ---------------------------------------------------------------------------------------------------------------------
// The real system

typedef lb_acting_world world;

// lb_system.reset: s ~ the start's distribution.
static void reset(void* self, lb_rng* rng) {
  world* w = self;
  w->s = lb_mdp_pick(w->m->start, w->m->ns, lb_rng_uniform(rng));
  w->t = 0;
}

// lb_system.set_state.
static void set_state(void* self, const double* x, int t) {
  world* w = self;
  w->s = state_of(w->m, x[0]);
  w->t = t;
}

static void get_state(void* self, double* x) {
  x[0] = ((world*)self)->s;
}

// argmax_s' P(s' | s, a); the first of equals.
static int likeliest(const lb_mdp* m, int sa) {
  int best = m->row[sa];
  for (int i = best + 1; i < m->row[sa + 1]; ++i) {
    if (m->p[i] > m->p[best]) best = i;
  }
  return m->next[best];
}

// lb_system.step: the successor at the quantile Phi(noise), without noise the likeliest.
static lb_outcome step(void* self, const double* u, const double* noise) {
  world* w = self;
  const lb_mdp* m = w->m;
  lb_outcome outcome = {0};
  w->t += 1;
  outcome.truncated = w->t >= w->system.horizon;
  if (m->end[w->s]) {
    outcome.terminated = true;
    return outcome;
  }
  int a = action_of(m, u[0]), sa = w->s * m->na + a;
  int next = noise ? lb_mdp_successor(m, w->s, a, noise[0]) : likeliest(m, sa);
  outcome.reward = m->step[sa] + m->arrival[next];
  outcome.terminated = m->end[next];
  w->s = next;
  return outcome;
}

// lb_system.noise: uniform numbers in [0, 1), by which a step draws the next state.
static void noise(void* self, int n, double* w, lb_rng* rng) {
  (void)self;
  for (int i = 0; i < n; ++i) w[i] = lb_rng_uniform(rng);
}

static void destroy(void* self) {
  free(self);
}

void lb_acting_world_init(lb_acting_world* w, const lb_mdp* m, const char* name, int horizon) {
  bool ends = false;
  for (int s = 0; s < m->ns; ++s) ends = ends || m->end[s];
  w->m = m;
  w->low = w->s = w->t = 0;
  w->high = m->na - 1;
  w->system = (lb_system){.name = name,
                          .hash = "",
                          .self = w,
                          .space = {.nx = 1, .ndx = 1},
                          .nu = 1,
                          .nobs = 1,
                          .nw = 1,
                          .has_end = ends,
                          .horizon = horizon > 0 ? horizon : m->horizon,
                          .dt = 1,
                          .u_low = &w->low,
                          .u_high = &w->high,
                          .stop_norm = INFINITY,
                          .reset = reset,
                          .set_state = set_state,
                          .get_state = get_state,
                          .observe = get_state,
                          .step = step,
                          .noise = noise,
                          .destroy = destroy};
}

lb_status lb_acting_system(lb_system** out, const lb_mdp* m, const char* name, int horizon) {
  *out = NULL;
  lb_acting_world* w = calloc(1, sizeof *w);
  if (!w) return lb_fail(LB_MEMORY, "%s: no memory", name);
  lb_acting_world_init(w, m, name, horizon);
  *out = &w->system;
  return lb_ok();
}

int lb_acting_episode(const lb_mdp* m, const double* pi, int most, lb_rng* rng, int* s, int* a, int* next,
                      double* earned) {
  int at = lb_mdp_pick(m->start, m->ns, lb_rng_uniform(rng)), t = 0;
  double sum = 0, weight = 1;
  for (; t < most && !m->end[at]; ++t) {
    const double* rows = pi + (size_t)time_of(m, t) * (size_t)m->ns * (size_t)m->na;
    s[t] = at;
    a[t] = lb_mdp_pick(rows + at * m->na, m->na, lb_rng_uniform(rng));
    at = next[t] = lb_mdp_successor(m, at, a[t], lb_rng_uniform(rng));
    sum += weight * (m->step[s[t] * m->na + a[t]] + m->arrival[at]);
    weight *= m->discount;
  }
  if (earned) *earned = sum;
  return t;
}
