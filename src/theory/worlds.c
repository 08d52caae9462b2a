// Whose data a model is fitted to decides what it is wrong about. Fitted to the expert's it explains all that it has
// seen, and is optimistic about what the expert never does; to the learner's, it is pessimistic about what the learner
// never tries; to both, neither for long (Ross & Bagnell 2012; Vemula et al. 2023). Every row fits the same kind of
// model to as many episodes and plans in it exactly; SysID and the two that fail from the start states to the end,
// LAMPS by PSDP from the expert's states.
#include <string.h>

#include "tabular/acting.h"
#include "tabular/counted.h"
#include "tabular/families.h"
#include "tabular/lemma_terms.h"
#include "tabular/mdp.h"
#include "tabular/solve.h"
#include "theory/drawing.h"
#include "theory/study.h"

enum { ROUNDS = 30, EPISODES = 4, LONGEST = 1000 };

typedef struct world {
  lb_mdp* real;
  lb_counted* data;
  const lb_mdp* model;
  double expert_share;  // of the episodes
  bool lazy, is_expert;
  double *expert, *learner;  // policies
  double* seen;              // (T, ns) how often the expert was seen where
  uint64_t seed;
} world;

static void collect(lb_study* study, int round) {
  world* w = study->self;
  int s[LONGEST], a[LONGEST], next[LONGEST];
  for (int e = 0; e < EPISODES && !w->is_expert; ++e) {
    bool expert = e < (int)(w->expert_share * EPISODES + 0.5);
    lb_rng rng = lb_rng_stream(w->seed, expert ? LB_RNG_EXPERT : LB_RNG_LEARNER, (uint32_t)round, (uint32_t)e);
    int n = lb_acting_episode(w->real, expert ? w->expert : w->learner, w->real->horizon, &rng, s, a, next, NULL);
    study->ledger.steps[expert ? LB_STEP_EXPERT : LB_STEP_LEARNER] += n;
    for (int t = 0; t < n; ++t) {
      lb_counted_add(w->data, s[t], a[t], next[t], 1);
      if (expert) w->seen[t * w->real->ns + s[t]] += 1;
    }
  }
}

static void fit(lb_study* study, int round) {
  (void)round;
  world* w = study->self;
  if (!w->is_expert) w->model = lb_counted_fit(w->data);
}

static void plan(lb_study* study, int round) {
  world* w = study->self;
  if (round == 0 || w->is_expert) return;  // nothing is known: the uniform policy
  lb_mark mark = lb_arena_mark(study->arena);
  if (w->lazy) {
    lb_solve_psdp(w->learner, w->model, w->seen, &study->counts, study->arena);
  } else {
    double* V = LB_TAKE(study->arena, double, lb_mdp_value_size(w->real));
    lb_solve_optimal(V, w->learner, w->model, 0, &study->counts, study->arena);
  }
  lb_arena_release(study->arena, mark);
}

static double worth(const lb_study* study, const lb_mdp* m, const double* pi) {
  lb_mark mark = lb_arena_mark(study->arena);
  double* V = LB_TAKE(study->arena, double, lb_mdp_value_size(m));
  lb_solve_evaluate(V, m, pi, NULL, study->arena);
  double J = lb_solve_return(m, V);
  lb_arena_release(study->arena, mark);
  return J;
}

static int measure(lb_study* study, int round, lb_study_number out[LB_STUDY_NUMBERS]) {
  (void)round;
  world* w = study->self;
  int n = 0;
  lb_study_put(out, &n, LB_METRIC_RETURN, worth(study, w->real, w->is_expert ? w->expert : w->learner));
  if (!w->model) return n;
  lb_terms t = lb_terms_of(w->real, w->model, w->expert, w->learner, study->arena);
  lb_study_put(out, &n, LB_METRIC_RETURN_IN_MODEL, worth(study, w->model, w->learner));
  lb_study_put(out, &n, LB_METRIC_EXPERT_RETURN_IN_MODEL, worth(study, w->model, w->expert));
  lb_study_put(out, &n, LB_METRIC_FIT_LOSS, lb_counted_surprise(w->data, w->model));
  lb_study_put(out, &n, LB_METRIC_PLANNING_ERROR, t.planning);
  lb_study_put(out, &n, LB_METRIC_LEMMA_LEFT, t.gap);
  lb_study_put(out, &n, LB_METRIC_ADVANTAGE, t.advantage);
  lb_study_put(out, &n, LB_METRIC_VALUE_GAP_EXPERT, t.expert_value_2);
  lb_study_put(out, &n, LB_METRIC_VALUE_GAP_LEARNER, t.learner_value);
  lb_study_put(out, &n, LB_METRIC_REWARD_GAP_EXPERT, t.expert_reward);
  lb_study_put(out, &n, LB_METRIC_REWARD_GAP_LEARNER, t.learner_reward);
  lb_study_put(out, &n, LB_METRIC_LEMMA_RESIDUAL, lb_terms_residual(&t, 2));
  lb_study_put(out, &n, LB_METRIC_BACKUPS, (double)study->counts.backups);
  return n;
}

static void draw(const lb_study* study, lb_text* svg) {
  const world* w = study->self;
  if (!w->model) return;
  bool* seen = LB_TAKE(study->arena, bool, (w->real->ns * w->real->na));
  for (int sa = 0; sa < w->real->ns * w->real->na; ++sa) {
    seen[sa] = lb_counted_seen(w->data, sa / w->real->na, sa % w->real->na) > 0;
  }
  const char* title = w->lazy                ? "The model of LAMPS"
                      : w->expert_share == 1 ? "The model fitted to the expert's data alone"
                      : w->expert_share == 0 ? "The model fitted to the learner's data alone"
                                             : "The model fitted to both";
  lb_drawing_write(svg, w->real, "The world", w->model, title, seen);
}

static void close_world(lb_study* study) {
  lb_counted_free(((world*)study->self)->data);
}

lb_status lb_worlds_open(lb_study* study, uint64_t seed, bool* taken) {
  static const char* const names[] = {"expert", "expert-only", "learner-only", "sysid", "lamps"};
  bool shortcut = strcmp(study->world, "shortcut") == 0, trophy = strcmp(study->world, "trophy") == 0;
  bool file = lb_study_is_file(study->world);
  int row = 0;
  while (row < 5 && strcmp(study->row, names[row]) != 0) ++row;
  if (!(shortcut || trophy || file) || row == 5) return lb_ok();
  world* w = LB_TAKE(study->arena, world, 1);
  lb_family_shortcut f = {.length = 9, .horizon = 12};
  lb_family_trophy g = {.rungs = 5, .horizon = 9, .grip = 0.2, .prize = 10};
  if (file) {
    LB_TRY(lb_mdp_load(&w->real, study->world, study->arena));
    if (w->real->horizon < 1 || w->real->horizon > LONGEST) {
      return lb_fail(LB_INPUT, "%s: these rows plan over episodes: give a 'horizon' of 1 to %d", study->world, LONGEST);
    }
  } else {
    w->real = shortcut ? lb_families_shortcut(&f, study->arena) : lb_families_trophy(&g, study->arena);
  }
  w->data = lb_counted_new(w->real, LB_UNSEEN_POOLED, NULL);
  w->is_expert = row == 0;
  w->expert_share = row == 1 ? 1 : row == 2 ? 0 : 0.5;
  w->lazy = row == 4;
  w->seed = seed;
  w->seen = LB_TAKE(study->arena, double, (size_t)w->real->horizon*(size_t)w->real->ns);
  w->expert = LB_TAKE(study->arena, double, lb_mdp_policy_size(w->real));
  w->learner = LB_TAKE(study->arena, double, lb_mdp_policy_size(w->real));
  double* V = LB_TAKE(study->arena, double, lb_mdp_value_size(w->real));
  lb_solve_optimal(V, w->expert, w->real, 0, NULL, study->arena);
  lb_solve_uniform(w->learner, w->real);
  study->self = w;
  study->higher = true;
  study->chance = row > 0;
  study->rounds = ROUNDS;
  study->collect = collect;
  study->fit = fit;
  study->plan = plan;
  study->measure = measure;
  study->draw = draw;
  study->close = close_world;
  *taken = true;
  return lb_ok();
}
