#include "tabular/search.h"

#include <math.h>
#include <string.h>

static const double most_nodes = 1e10, nodes_a_second = 1e8;

// lb_branching.branch of a table: all successors with their probabilities.
static int branch_table(void* ctx, int64_t s, int t, int a, lb_branch* out) {
  (void)t;
  const lb_mdp* m = ctx;
  int sa = (int)s * m->na + a, n = 0;
  for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) {
    int next = m->next[i];
    out[n++] = (lb_branch){.next = next, .p = m->p[i], .reward = m->step[sa] + m->arrival[next], .end = m->end[next]};
  }
  return n;
}

lb_branching lb_search_table(const lb_mdp* m) {
  int most = 1;
  for (int sa = 0; sa < m->ns * m->na; ++sa) {
    if (m->row[sa + 1] - m->row[sa] > most) most = m->row[sa + 1] - m->row[sa];
  }
  return (lb_branching){.ctx = (void*)(uintptr_t)m, .na = m->na, .most = most, .branch = branch_table};
}

double lb_search_nodes(const lb_branching* model, int T) {
  double width = (double)model->na * model->most, layer = 1, sum = 1;
  for (int t = 0; t < T && sum < 1e300; ++t) sum += layer *= width;
  return sum;
}

lb_status lb_search_check(const lb_branching* model, int T, bool force) {
  double nodes = lb_search_nodes(model, T);
  if (force || nodes <= most_nodes) return lb_ok();
  int deepest = 0;
  while (lb_search_nodes(model, deepest + 1) <= most_nodes) ++deepest;
  double seconds = nodes / nodes_a_second;
  bool years = seconds > 3.15e7;
  return lb_fail(LB_INPUT,
                 "searching the tree of %d steps with %d actions of %d successors looks at %.3g nodes, about %.3g %s: "
                 "take %d steps at most, or force it",
                 T, model->na, model->most, nodes, years ? seconds / 3.15e7 : seconds / 3600, years ? "years" : "hours",
                 deepest);
}

// ---------------------------------------------------------------------------------------------------------------------
// The whole tree

typedef struct search {
  const lb_branching* model;
  double discount;
  int T;
  int64_t nodes;
  lb_branch* branches;  // (T, most)
  int* plans;           // (T + 1, T): the best plan found below each depth; NULL: none wanted
} search;

// The same where one state follows every action: without a list of successors, and without a call for a leaf.
static double look_along(search* k, int64_t s, int t) {
  const lb_branching* model = k->model;
  const int T = k->T;
  int *mine = k->plans ? k->plans + t * T : NULL, *below = k->plans ? mine + T : NULL;
  double best = -INFINITY;
  k->nodes += 1;
  for (int a = 0; a < model->na; ++a) {
    lb_branch b;
    double later = 0;
    model->branch(model->ctx, s, t, a, &b);
    if (b.end || t + 1 == T) {
      k->nodes += 1;
    } else {
      later = look_along(k, b.next, t + 1);
    }
    double q = b.reward + k->discount * later;
    if (!(q > best)) continue;
    best = q;
    if (!mine) continue;
    mine[t] = a;
    for (int i = t + 1; i < T; ++i) mine[i] = b.end ? -1 : below[i];
  }
  return best;
}

// max over what can be done from s at time t.
static double look(search* k, int64_t s, int t) {
  k->nodes += 1;
  if (t == k->T) return 0;
  const lb_branching* model = k->model;
  lb_branch* out = k->branches + t * model->most;
  double best = -INFINITY;
  for (int a = 0; a < model->na; ++a) {
    int n = model->branch(model->ctx, s, t, a, out), likeliest = 0;
    double q = 0;
    for (int i = 1; i < n; ++i) {
      if (out[i].p > out[likeliest].p) likeliest = i;
    }
    // The likeliest successor last, so that the plan below is its.
    lb_branch last = out[likeliest];
    out[likeliest] = out[n - 1];
    out[n - 1] = last;
    int* below = k->plans ? k->plans + (t + 1) * k->T : NULL;
    for (int i = 0; i < n; ++i) {
      double later = 0;
      if (below) below[t + 1 < k->T ? t + 1 : 0] = -1;
      if (out[i].end) {
        k->nodes += 1;
      } else {
        later = look(k, out[i].next, t + 1);
      }
      q += out[i].p * (out[i].reward + k->discount * later);
    }
    if (q > best) {
      best = q;
      if (below) {
        int* mine = k->plans + t * k->T;
        mine[t] = a;
        for (int i = t + 1; i < k->T; ++i) {
          mine[i] = last.end ? -1 : below[i];
        }
      }
    }
  }
  return best;
}

double lb_search_tree(const lb_branching* model, int64_t s, int T, double discount, int* plan, int64_t* nodes,
                      lb_counts* counts, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  search k = {.model = model,
              .discount = discount,
              .T = T,
              .branches = LB_TAKE(scratch, lb_branch, (T * model->most + 1)),
              .plans = plan ? LB_TAKE(scratch, int, ((T + 1) * T + 1)) : NULL};
  double value = model->most == 1 && T > 0 ? look_along(&k, s, 0) : look(&k, s, 0);
  if (plan) memcpy(plan, k.plans, (size_t)T * sizeof *plan);
  if (nodes) *nodes = k.nodes;
  if (counts) counts->nodes += k.nodes;
  lb_arena_release(scratch, mark);
  return value;
}

// ---------------------------------------------------------------------------------------------------------------------
// Along a trajectory

int lb_followed_act(const lb_followed* p, int64_t s, int t) {
  return p->state[t] == s ? p->action[t] : p->otherwise(p->ctx, s, t);
}

// A branch by its probability.
static const lb_branch* draw(const lb_branch* out, int n, lb_rng* rng) {
  if (n == 1) return out;
  double u = lb_rng_uniform(rng);
  int i = 0;
  for (; i + 1 < n; ++i) {
    u -= out[i].p;
    if (u < 0) break;
  }
  return &out[i];
}

// One rollout whose first action is given.
static double roll(const lb_followed* p, const lb_branching* model, int64_t s, int t, int first, double discount,
                   lb_rng* rng, int64_t* state, int64_t* steps, lb_branch* out) {
  double sum = 0, weight = 1;
  for (int k = t; k < p->length; ++k) {
    int a = k == t ? first : lb_followed_act(p, s, k);
    const lb_branch* b = draw(out, model->branch(model->ctx, s, k, a, out), rng);
    sum += weight * b->reward;
    weight *= discount;
    s = b->next;
    *steps += 1;
    if (state) state[k + 1] = s;
    if (b->end) break;
  }
  return sum;
}

double lb_search_rollout(const lb_followed* p, const lb_branching* model, int64_t s, int t, double discount,
                         lb_rng* rng, int64_t* state, int64_t* steps, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  lb_branch* out = LB_TAKE(scratch, lb_branch, model->most);
  int64_t taken = 0;
  for (int k = t; state && k <= p->length; ++k) state[k] = k == t ? s : -1;
  double sum = t < p->length ? roll(p, model, s, t, lb_followed_act(p, s, t), discount, rng, state, &taken, out) : 0;
  if (steps) *steps = taken;
  lb_arena_release(scratch, mark);
  return sum;
}

double lb_search_psdp(lb_followed* p, const lb_branching* model, double discount, int rollouts, lb_rng* rng,
                      lb_counts* counts, lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  lb_branch* out = LB_TAKE(scratch, lb_branch, model->most);
  int64_t steps = 0;
  double value = 0;
  for (int t = p->length - 1; t >= 0; --t) {
    if (p->state[t] < 0) continue;
    int present = p->action[t], best = present;
    double most = 0;
    for (int i = 0; i < model->na; ++i) {
      int a = i == 0 ? present : i - 1 < present ? i - 1 : i;  // the present one first
      double mean = 0;
      for (int k = 0; k < rollouts; ++k) {
        mean += roll(p, model, p->state[t], t, a, discount, rng, NULL, &steps, out) / rollouts;
      }
      if (i == 0 || mean > most) most = mean, best = a;
    }
    p->action[t] = best;
    value = most;
  }
  if (counts) counts->backups += steps;
  lb_arena_release(scratch, mark);
  return value;
}
