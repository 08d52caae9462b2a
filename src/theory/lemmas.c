// Both lemmas on random MDPs, one an iteration: how far the sum of their terms is from the true difference of the two
// policies, which must be rounding, and how often a bound is exceeded, which must be never.
#include <math.h>
#include <string.h>

#include "tabular/families.h"
#include "tabular/lemma_terms.h"
#include "theory/study.h"

enum { MDPS = 50 };  // a seed

typedef struct lemmas {
  uint64_t seed;
  double worst_1, worst_2, exceeded;
} lemmas;

// Probabilities by row, uniform on the simplex; or one action each.
static double* random_policy(const lb_mdp* m, lb_rng* rng, bool deterministic, lb_arena* arena) {
  size_t rows = lb_mdp_policy_size(m) / (size_t)m->na;
  double* pi = LB_TAKE(arena, double, lb_mdp_policy_size(m));
  for (size_t i = 0; i < rows; ++i) {
    double sum = 0, *p = pi + i * (size_t)m->na;
    if (deterministic) {
      p[lb_rng_below(rng, (uint32_t)m->na)] = 1;
      continue;
    }
    for (int a = 0; a < m->na; ++a) sum += p[a] = -log(1 - lb_rng_uniform(rng));
    for (int a = 0; a < m->na; ++a) p[a] /= sum;
  }
  return pi;
}

// Two MDPs and two policies, and whether the lemmas hold for them.
static int measure(lb_study* study, int iteration, lb_study_number out[LB_STUDY_NUMBERS]) {
  lemmas* l = study->self;
  lb_mark mark = lb_arena_mark(study->arena);
  uint64_t number = l->seed * MDPS + (uint64_t)iteration;
  lb_rng rng = lb_rng_stream(l->seed, LB_RNG_TERMS, (uint32_t)iteration, 0);
  int states = 2 + (int)lb_rng_below(&rng, 49), actions = 2 + (int)lb_rng_below(&rng, 3);
  bool clock = iteration % 2;
  lb_family_random f = {.states = states,
                        .actions = actions,
                        .successors = 1 + (int)lb_rng_below(&rng, (uint32_t)(states < 6 ? states : 6)),
                        .ends = iteration % 3 == 0 ? (int)lb_rng_below(&rng, (uint32_t)(states / 2 + 1)) : 0,
                        .horizon = clock ? 1 + (int)lb_rng_below(&rng, 20) : 0,
                        .discount = clock ? 1 : 0.5 + 0.49 * lb_rng_uniform(&rng),
                        .seed = 2 * number};
  lb_mdp* real = lb_families_random(&f, study->arena);
  f.seed = 2 * number + 1;
  lb_mdp* model = lb_families_random(&f, study->arena);
  model->start = real->start;
  model->step = real->step;  // rewards are known
  for (int s = 0; iteration % 5 == 0 && s < states; ++s) real->arrival[s] = model->arrival[s] = lb_rng_normal(&rng);
  lb_mdp_seal(real, states * actions);
  lb_mdp_seal(model, states * actions);
  const double *expert = random_policy(real, &rng, iteration % 4 == 0, study->arena),
               *learner = random_policy(real, &rng, iteration % 4 == 1, study->arena);
  lb_exact_terms t = lb_exact_terms_of(real, model, expert, learner, study->arena);
  l->worst_1 = fmax(l->worst_1, fabs(lb_exact_terms_residual(&t, 1)));
  l->worst_2 = fmax(l->worst_2, fabs(lb_exact_terms_residual(&t, 2)));
  l->exceeded += t.gap > t.bound_1 + 1e-9 || t.gap > t.bound_2 + 1e-9 || t.planning > t.planning_error + 1e-9;
  int n = 0;
  lb_study_put(out, &n, LB_METRIC_LEMMA_WORST, fmax(l->worst_1, l->worst_2));
  lb_study_put(out, &n, LB_METRIC_BOUNDS_EXCEEDED, l->exceeded);
  lb_study_put(out, &n, LB_METRIC_LEMMA_LEFT, t.gap);
  lb_study_put(out, &n, LB_METRIC_PLANNING_ERROR, t.planning);
  lb_study_put(out, &n, LB_METRIC_ADVANTAGE, t.advantage);
  lb_study_put(out, &n, LB_METRIC_VALUE_GAP_EXPERT, t.expert_value_2);
  lb_study_put(out, &n, LB_METRIC_VALUE_GAP_LEARNER, t.learner_value);
  lb_study_put(out, &n, LB_METRIC_REWARD_GAP_EXPERT, t.expert_reward);
  lb_study_put(out, &n, LB_METRIC_REWARD_GAP_LEARNER, t.learner_reward);
  lb_study_put(out, &n, LB_METRIC_LEMMA_BOUND, t.bound_2);
  lb_arena_release(study->arena, mark);
  return n;
}

double lb_lemmas_seconds(const void* options, const lb_system* system, int iterations) {
  (void)options;
  (void)system;
  return 3e-4 * (iterations + 1);
}

lb_status lb_lemmas_fits(const void* options, const lb_system* system, const char* algorithm) {
  static const char* const names[] = {"random-mdps"};
  (void)options;
  return lb_study_fits(names, 1, system, algorithm);
}

lb_status lb_lemmas_open(lb_planner* out, const lb_opening* o, const void* options) {
  (void)options;
  lemmas* l = LB_TAKE(o->arena, lemmas, 1);
  l->seed = o->seed;
  const lb_study study = {.self = l, .measure = measure};
  return lb_study_open(out, &study, o);
}
