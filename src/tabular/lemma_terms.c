#include "tabular/lemma_terms.h"

#include <math.h>
#include <string.h>

#include "tabular/solve.h"

typedef struct pair {
  const lb_mdp *real, *model;
  double* spread;  // (ns) all 0 between uses
} pair;

// One row's sum_s' (M* - M^) W, its |M^ - M*|_1 and r - r^.
typedef struct difference {
  double value, l1, reward;
} difference;

// gamma sum_s' (M* - M^)(s' | s, a) W(s'), sum_s' |M* - M^| and r* - r^ of one state and action.
static difference compare(const pair* p, int sa, const double* W) {
  const lb_mdp *a = p->real, *b = p->model;
  difference d = {.reward = a->reward[sa] - b->reward[sa]};
  for (int i = a->row[sa]; i < a->row[sa + 1]; ++i) {
    p->spread[a->next[i]] += a->p[i];
    d.value += a->p[i] * W[a->next[i]];
  }
  for (int i = b->row[sa]; i < b->row[sa + 1]; ++i) {
    p->spread[b->next[i]] -= b->p[i];
    d.value -= b->p[i] * W[b->next[i]];
  }
  for (int i = a->row[sa]; i < a->row[sa + 1]; ++i) {
    d.l1 += fabs(p->spread[a->next[i]]);
    p->spread[a->next[i]] = 0;
  }
  for (int i = b->row[sa]; i < b->row[sa + 1]; ++i) {
    d.l1 += fabs(p->spread[b->next[i]]);
    p->spread[b->next[i]] = 0;
  }
  d.value *= a->discount;
  return d;
}

// S_pi of the differences with W as value, and of the advantage of V in the model.
typedef struct sums {
  double value, l1, reward, advantage;
} sums;

// sum_t gamma^t sum_s,a d_t(s) pi(a | s, t) of these, d_t the states that pi is in under the truth.
static sums add_up(const pair* p, const double* pi, const double* W, const double* V, lb_arena* scratch) {
  const lb_mdp* m = p->real;
  size_t ns = (size_t)m->ns, na = (size_t)m->na;
  int times = lb_mdp_times(m);
  lb_mark mark = lb_arena_mark(scratch);
  double* d = LB_TAKE(scratch, double, (size_t)times* ns);
  lb_solve_occupancy(d, m, pi, scratch);
  sums all = {0};
  double weight = 1;
  for (int t = 0; t < times; ++t) {
    size_t later = m->horizon > 0 ? (size_t)(t + 1) * ns : 0, now = (size_t)t * ns;
    for (int s = 0; s < m->ns; ++s) {
      for (int a = 0; a < m->na; ++a) {
        int sa = s * m->na + a;
        double w = weight * d[now + (size_t)s] * pi[now * na + (size_t)sa];
        if (w == 0) continue;
        difference f = compare(p, sa, W + later);
        all.value += w * f.value;
        all.l1 += w * f.l1;
        all.reward += w * f.reward;
        all.advantage += w * (lb_solve_backup(p->model, sa, V + later) - V[now + (size_t)s]);
      }
    }
    if (m->horizon > 0) weight *= m->discount;
  }
  lb_arena_release(scratch, mark);
  return all;
}

// max V - min V.
static double range_of(const double* V, size_t n) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < n; ++i) {
    low = fmin(low, V[i]);
    high = fmax(high, V[i]);
  }
  return high - low;
}

// J of pi, and its V.
static double worth(double* V, const lb_mdp* m, const double* pi, lb_arena* scratch) {
  lb_solve_evaluate(V, m, pi, NULL, scratch);
  return lb_solve_return(m, V);
}

lb_exact_terms lb_exact_terms_of(const lb_mdp* real, const lb_mdp* model, const double* expert, const double* learner,
                                 lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  size_t n = lb_mdp_value_size(real);
  double *V = LB_TAKE(scratch, double, n), *Ve = LB_TAKE(scratch, double, n), *best = LB_TAKE(scratch, double, n);
  pair p = {.real = real, .model = model, .spread = LB_TAKE(scratch, double, real->ns)};
  lb_exact_terms t = {.expert = worth(V, real, expert, scratch), .learner = worth(V, real, learner, scratch)};
  t.gap = t.expert - t.learner;
  double in_model = worth(V, model, learner, scratch);
  t.learner_in_model = in_model;
  t.expert_in_model = worth(Ve, model, expert, scratch);
  t.planning = t.expert_in_model - in_model;
  sums e1 = add_up(&p, expert, Ve, V, scratch), e2 = add_up(&p, expert, V, V, scratch);
  sums l = add_up(&p, learner, V, V, scratch);
  t.expert_value_1 = e1.value;
  t.advantage = e2.advantage;
  t.expert_value_2 = e2.value;
  t.learner_value = -l.value;
  t.expert_reward = e2.reward;
  t.learner_reward = -l.reward;
  t.expert_l1 = e2.l1;
  t.learner_l1 = l.l1;
  lb_solve_optimal(best, NULL, model, 1e-12, NULL, scratch);
  t.planning_error = lb_solve_return(model, best) - in_model;
  double half = real->discount * range_of(V, n) / 2, half_e = real->discount * range_of(Ve, n) / 2;
  double rewards = fabs(t.expert_reward) + fabs(t.learner_reward);
  t.bound_1 = t.planning_error + half_e * t.expert_l1 + half * t.learner_l1 + rewards;
  t.bound_2 = t.advantage + half * (t.expert_l1 + t.learner_l1) + rewards;
  lb_arena_release(scratch, mark);
  return t;
}

// One step from s at time t by a policy. False once nothing can follow: behind an end, or at the last time.
static bool go(const lb_branching* m, const lb_policy* policy, int64_t* s, int t, lb_branch* out) {
  double x = (double)*s, u;
  lb_policy_act(policy, 1, t, &x, &u);
  m->branch(m->ctx, *s, t, u >= 0.5, out);
  *s = out->next;
  return !out->end;
}

// What a policy earns from s at time t on.
static double earned(const lb_branching* m, const lb_policy* policy, int64_t s, int t, int T) {
  double sum = 0;
  lb_branch out;
  for (bool on = true; on && t < T; ++t) {
    on = go(m, policy, &s, t, &out);
    sum += out.reward;
  }
  return sum;
}

// S_pi along the way of a policy in the real tree: (M* - M^) of what `next` earns in the model afterwards, r - r^, and
// the advantage of `next` in the model.
static sums along(const lb_branching* real, const lb_branching* model, int T, const lb_policy* pi,
                  const lb_policy* next) {
  sums all = {0};
  int64_t s = 0;
  for (int t = 0; t < T; ++t) {
    int64_t in_model = s, here = s;
    lb_branch a, b;
    go(real, pi, &s, t, &a);
    bool on = go(model, pi, &in_model, t, &b);
    double later = on ? earned(model, next, in_model, t + 1, T) : 0;
    all.value += earned(model, next, s, t + 1, T) - later;
    all.reward += a.reward - b.reward;
    all.advantage += b.reward + later - earned(model, next, here, t, T);
  }
  return all;
}

lb_exact_terms lb_exact_terms_of_tree(const lb_branching* real, const lb_branching* model, int T,
                                      const lb_policy* expert, const lb_policy* learner) {
  lb_exact_terms t = {.expert = earned(real, expert, 0, 0, T),
                      .learner = earned(real, learner, 0, 0, T),
                      .expert_in_model = earned(model, expert, 0, 0, T),
                      .learner_in_model = earned(model, learner, 0, 0, T),
                      .expert_l1 = NAN,
                      .learner_l1 = NAN,
                      .planning_error = NAN,
                      .bound_1 = NAN,
                      .bound_2 = NAN};
  sums e1 = along(real, model, T, expert, expert), e2 = along(real, model, T, expert, learner);
  sums l = along(real, model, T, learner, learner);
  t.gap = t.expert - t.learner;
  t.planning = t.expert_in_model - t.learner_in_model;
  t.expert_value_1 = e1.value;
  t.advantage = e2.advantage;
  t.expert_value_2 = e2.value;
  t.learner_value = -l.value;
  t.expert_reward = e2.reward;
  t.learner_reward = -l.reward;
  return t;
}

double lb_exact_terms_residual(const lb_exact_terms* t, int lemma) {
  double first = lemma == 1 ? t->planning + t->expert_value_1 : t->advantage + t->expert_value_2;
  return t->gap - (first + t->learner_value + t->expert_reward + t->learner_reward);
}
