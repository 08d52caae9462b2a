// What a model is chosen for: a finite class, none of which is the real world, weighed by Hedge after every round. The
// wide tree is the published example: the bad model is right about a hundred leaves on which nothing depends, the good
// one about the root. The twins are a family of it: the more pairs of equal rooms there are, the more often the model
// that is right about the doors is wrong, and the better the other predicts.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tabular/acting.h"
#include "tabular/families.h"
#include "tabular/hedge.h"
#include "tabular/lemma_terms.h"
#include "tabular/solve.h"
#include "theory/study.h"

enum { MODELS = 2, WIDE_ROUNDS = 100, TWIN_ROUNDS = 30, MOST_ROOMS = 4096 };
static const double rate = 0.9;  // of Hedge, as published

typedef struct hedges {
  lb_mdp *real, *model[MODELS];
  bool wide;
  lb_hedge_loss loss;
  double* V[MODELS];  // of each, its own optimum
  double* best;       // V of the real world
  double* expert;
  double* learner;
  double* W;
  double weight[MODELS], last[MODELS];
  int picked;
  lb_transition* data;
  int n;
  uint64_t seed;
  int *s, *a, *next;
} hedges;

// The optimum of m with actions drawn anew among those that are alike.
static void choose(double* pi, const lb_mdp* m, const double* V, lb_rng* rng) {
  memset(pi, 0, lb_mdp_policy_size(m) * sizeof *pi);
  for (int t = 0; t < m->horizon; ++t) {
    for (int s = 0; s < m->ns; ++s) {
      double q[2], best;
      for (int a = 0; a < 2; ++a) q[a] = m->end[s] ? 0 : lb_solve_backup(m, 2 * s + a, V + (t + 1) * m->ns);
      best = fmax(q[0], q[1]);
      bool alike = fabs(q[0] - q[1]) < 1e-9;
      int a = alike ? (int)lb_rng_below(rng, 2) : q[1] == best;
      pi[((size_t)t * (size_t)m->ns + (size_t)s) * 2 + (size_t)a] = 1;
    }
  }
}

static void take(lb_study* study, const double* pi, lb_source source, int round) {
  hedges* h = study->self;
  lb_rng rng = lb_rng_stream(h->seed, source == LB_STEP_EXPERT ? LB_RNG_EXPERT : LB_RNG_LEARNER, (uint32_t)round, 0);
  int n = lb_acting_episode(h->real, pi, h->real->horizon, &rng, h->s, h->a, h->next, NULL);
  for (int t = 0; t < n; ++t) h->data[h->n++] = (lb_transition){h->s[t], h->a[t], h->next[t]};
  study->ledger.steps[source] += n;
}

static void collect(lb_study* study, int round) {
  hedges* h = study->self;
  lb_rng rng = lb_rng_stream(h->seed, LB_RNG_PLAN, (uint32_t)round, 1);
  choose(h->expert, h->real, h->best, &rng);
  take(study, h->learner, LB_STEP_LEARNER, round);
  take(study, h->expert, LB_STEP_EXPERT, round);
}

static void fit(lb_study* study, int round) {
  hedges* h = study->self;
  lb_rng rng = lb_rng_stream(h->seed, LB_RNG_FIT, (uint32_t)round, 0);
  for (int s = 0; s < h->real->ns; ++s) h->W[s] = h->real->arrival[s] + h->V[h->picked][s];
  for (int j = 0; j < MODELS; ++j) {
    h->last[j] = lb_hedge_sampled_loss(h->loss, h->model[j], h->W, h->data, h->n, &rng);
  }
  lb_hedge_update(h->weight, h->last, MODELS, rate);
}

static void plan(lb_study* study, int round) {
  hedges* h = study->self;
  lb_rng rng = lb_rng_stream(h->seed, LB_RNG_PLAN, (uint32_t)round, 0);
  h->picked = lb_hedge_draw(h->weight, MODELS, &rng);
  choose(h->learner, h->model[h->picked], h->V[h->picked], &rng);
  study->counts.backups += (int64_t)h->real->ns * h->real->na * h->real->horizon;
}

// The mean loss of the present pick, its expectation over its draws.
static double expected(hedges* h, lb_hedge_loss kind) {
  return lb_hedge_expected_loss(kind, h->model[h->picked], h->W, h->data, h->n);
}

static int measure(lb_study* study, int round, lb_study_number out[LB_STUDY_NUMBERS]) {
  hedges* h = study->self;
  lb_mark mark = lb_arena_mark(study->arena);
  double* V = LB_TAKE(study->arena, double, lb_mdp_value_size(h->real));
  lb_solve_evaluate(V, h->real, h->learner, NULL, study->arena);
  double J = lb_solve_return(h->real, V);
  int n = 0;
  if (h->wide) {
    lb_study_put(out, &n, LB_METRIC_COST, -J);
  } else {
    lb_study_put(out, &n, LB_METRIC_RETURN, J);
  }
  lb_study_put(out, &n, LB_METRIC_CLASS_WEIGHT, h->weight[0]);
  if (round > 0 && h->n <= 20000) {
    lb_study_put(out, &n, LB_METRIC_MODEL_MISS, expected(h, LB_HEDGE_PREDICTION));
    lb_study_put(out, &n, LB_METRIC_VALUE_MISS, expected(h, LB_HEDGE_VALUE));
  }
  if (h->wide) lb_study_put(out, &n, LB_METRIC_INTERACTIONS, 3.0 * round);
  lb_study_put(out, &n, LB_METRIC_BACKUPS, (double)study->counts.backups);
  if (h->real->ns <= 200) {
    lb_terms t = lb_terms_of(h->real, h->model[h->picked], h->expert, h->learner, study->arena);
    lb_study_put(out, &n, LB_METRIC_PLANNING_ERROR, t.planning);
    lb_study_put(out, &n, LB_METRIC_LEMMA_LEFT, t.gap);
    lb_study_put(out, &n, LB_METRIC_ADVANTAGE, t.advantage);
    lb_study_put(out, &n, LB_METRIC_VALUE_GAP_EXPERT, t.expert_value_2);
    lb_study_put(out, &n, LB_METRIC_VALUE_GAP_LEARNER, t.learner_value);
    lb_study_put(out, &n, LB_METRIC_REWARD_GAP_EXPERT, t.expert_reward);
    lb_study_put(out, &n, LB_METRIC_REWARD_GAP_LEARNER, t.learner_reward);
    lb_study_put(out, &n, LB_METRIC_LEMMA_RESIDUAL, lb_terms_residual(&t, 2));
  }
  lb_arena_release(study->arena, mark);
  return n;
}

static void make_wide(hedges* h, uint64_t seed, lb_arena* arena) {
  lb_family_wide_tree f = {.leaves = 100, .seed = seed};
  h->real = lb_families_wide_tree(&f, arena);
  f.kind = LB_WIDE_TREE_BAD;
  h->model[0] = lb_families_wide_tree(&f, arena);
  f.kind = LB_WIDE_TREE_GOOD;
  h->model[1] = lb_families_wide_tree(&f, arena);
}

static void make_twins(hedges* h, int rooms, lb_arena* arena) {
  lb_family_twins f = {.rooms = rooms};
  h->real = lb_families_twins(&f, arena);
  f.kind = LB_TWINS_A;
  h->model[0] = lb_families_twins(&f, arena);
  f.kind = LB_TWINS_B;
  h->model[1] = lb_families_twins(&f, arena);
}

lb_status lb_hedges_open(lb_study* study, uint64_t seed, bool* taken) {
  bool wide = strcmp(study->world, "wide-tree") == 0, twins = strncmp(study->world, "twins-", 6) == 0;
  bool prediction = strcmp(study->row, "hedge-prediction") == 0, value = strcmp(study->row, "hedge-value") == 0;
  if (!(wide || twins) || !(prediction || value)) return lb_ok();
  char* end = NULL;
  long rooms = twins ? strtol(study->world + 6, &end, 10) : 1;
  if (rooms < 2 - (long)wide || rooms > MOST_ROOMS || (end && *end)) {
    return lb_fail(LB_INPUT, "%s: there are 2 to %d pairs of rooms", study->world, MOST_ROOMS);
  }
  lb_arena* arena = study->arena;
  hedges* h = LB_TAKE(arena, hedges, 1);
  h->wide = wide;
  h->loss = value ? LB_HEDGE_VALUE : LB_HEDGE_PREDICTION;
  h->seed = seed;
  if (wide) {
    make_wide(h, seed, arena);
  } else {
    make_twins(h, (int)rooms, arena);
  }
  study->rounds = wide ? WIDE_ROUNDS : TWIN_ROUNDS;
  int T = h->real->horizon;
  for (int j = 0; j < MODELS; ++j) {
    h->V[j] = LB_TAKE(arena, double, lb_mdp_value_size(h->real));
    lb_solve_optimal(h->V[j], NULL, h->model[j], 0, NULL, arena);
    h->weight[j] = 1.0 / MODELS;
  }
  h->best = LB_TAKE(arena, double, lb_mdp_value_size(h->real));
  lb_solve_optimal(h->best, NULL, h->real, 0, NULL, arena);
  h->W = LB_TAKE(arena, double, h->real->ns);
  h->expert = LB_TAKE(arena, double, lb_mdp_policy_size(h->real));
  h->learner = LB_TAKE(arena, double, lb_mdp_policy_size(h->real));
  h->s = LB_TAKE(arena, int, T);
  h->a = LB_TAKE(arena, int, T);
  h->next = LB_TAKE(arena, int, T);
  h->data = LB_TAKE(arena, lb_transition, (2 * T * study->rounds));
  lb_rng rng = lb_rng_stream(seed, LB_RNG_PLAN, 0, 2);
  choose(h->expert, h->real, h->best, &rng);
  study->self = h;
  study->higher = !wide;
  study->chance = true;
  study->collect = collect;
  study->fit = fit;
  study->plan = plan;
  study->measure = measure;
  *taken = true;
  return lb_ok();
}
