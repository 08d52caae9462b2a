// Models are enough, in theory: N samples of every state and action, the model of greatest likelihood, and an exact
// plan in it (Agarwal, Kakade, Yang 2020). Whatever the plan, its error is at most of order N^(-1/2) (1 - g)^(-3/2),
// and no method does better on the hard instance, whose two actions differ by as much as N samples can just not tell.
#include <math.h>
#include <string.h>

#include "tabular/counted.h"
#include "tabular/families.h"
#include "tabular/solve.h"
#include "theory/study.h"

enum { COPIES = 16, MOST_SUCCESSORS = 8, STATES = 20, ACTIONS = 3, SUCCESSORS = 5, POINTS = 8, HORIZONS = 6 };

typedef struct generative {
  bool hard, horizons;
  uint64_t seed;
  double x[POINTS], error[POINTS], loss[POINTS];
} generative;

// Samples and discount of an iteration.
static void setting(const generative* g, int iteration, double* samples, double* discount) {
  *samples = g->horizons ? 16384 : ldexp(256, iteration);
  *discount = g->horizons ? 1 - ldexp(0.25, -iteration) : 0.9;
}

// The real MDP of an iteration.
static lb_mdp* make(const generative* g, double samples, double discount, lb_arena* arena) {
  if (g->hard) {
    double p = lb_families_hard_stay(discount);
    lb_family_hard f = {.copies = COPIES, .actions = 2, .discount = discount, .gap = sqrt(p * (1 - p) / samples)};
    return lb_families_hard(&f, arena);
  }
  lb_family_random f = {
      .states = STATES, .actions = ACTIONS, .successors = SUCCESSORS, .discount = discount, .seed = g->seed};
  return lb_families_random(&f, arena);
}

// max |Q - Q'| over states and actions, of two MDPs' optimal values.
static double q_error(const lb_mdp* a, const double* Va, const lb_mdp* b, const double* Vb) {
  double most = 0;
  for (int sa = 0; sa < a->ns * a->na; ++sa) {
    most = fmax(most, fabs(lb_solve_backup(a, sa, Va) - lb_solve_backup(b, sa, Vb)));
  }
  return most;
}

// Samples, fit, plan, and the errors of values and policy.
static int measure(lb_study* study, int iteration, lb_study_number out[LB_STUDY_NUMBERS]) {
  generative* g = study->self;
  lb_mark mark = lb_arena_mark(study->arena);
  double samples, discount;
  setting(g, iteration, &samples, &discount);
  lb_mdp* real = make(g, samples, discount, study->arena);
  lb_counted* data = lb_counted_new(real, LB_UNSEEN_STAY, NULL);
  lb_rng rng = lb_rng_stream(g->seed, LB_RNG_LEARNER, (uint32_t)iteration, 0);
  for (int sa = 0; sa < real->ns * real->na; ++sa) {
    int first = real->row[sa], n = real->row[sa + 1] - first, met = 0;
    // Successors in the order in which they are met, and how often.
    int64_t times[MOST_SUCCESSORS] = {0};
    int order[MOST_SUCCESSORS];
    if (n == 1) times[order[met++] = 0] = (int64_t)samples;  // a sample is as good as many
    for (int i = 0; n > 1 && i < (int)samples; ++i) {
      double u = lb_rng_uniform(&rng);
      int k = 0;
      for (; k + 1 < n; ++k) {
        u -= real->p[first + k];
        if (u < 0) break;
      }
      if (times[k]++ == 0) order[met++] = k;
    }
    for (int k = 0; k < met; ++k) {
      lb_counted_add(data, sa / real->na, sa % real->na, real->next[first + order[k]], times[order[k]]);
    }
  }
  study->ledger.steps[LB_STEP_EXPLORATION] += (int64_t)samples * real->ns * real->na;
  const lb_mdp* model = lb_counted_fit(data);
  size_t ns = (size_t)real->ns;
  double *V = LB_TAKE(study->arena, double, ns), *W = LB_TAKE(study->arena, double, ns),
         *U = LB_TAKE(study->arena, double, ns);
  double* pi = LB_TAKE(study->arena, double, lb_mdp_policy_size(real));
  lb_solve_optimal(V, NULL, real, 1e-9, NULL, study->arena);
  lb_solve_optimal(W, pi, model, 1e-9, &study->counts, study->arena);
  lb_solve_evaluate(U, real, pi, NULL, study->arena);
  double loss = 0;
  for (int s = 0; s < real->ns; ++s) loss += real->start[s] * (V[s] - U[s]);
  loss = loss > 1e-7 ? loss : 0;  // the tolerance of the two plans
  double horizon = 1 / (1 - discount);
  g->x[iteration] = g->horizons ? horizon : samples;
  g->error[iteration] = q_error(real, V, model, W);
  g->loss[iteration] = loss;
  int n = 0;
  lb_study_put(out, &n, LB_METRIC_VALUE_ERROR, g->error[iteration]);
  lb_study_put(out, &n, LB_METRIC_SUBOPTIMALITY, loss);
  lb_study_put(out, &n, LB_METRIC_SAMPLES_EACH, samples);
  lb_study_put(out, &n, LB_METRIC_EFFECTIVE_HORIZON, horizon);
  if (iteration > 0) lb_study_put(out, &n, LB_METRIC_EXPONENT, lb_study_exponent(g->x, g->error, iteration + 1));
  if (iteration > 0) lb_study_put(out, &n, LB_METRIC_EXPONENT_LOSS, lb_study_exponent(g->x, g->loss, iteration + 1));
  lb_counted_free(data);
  lb_arena_release(study->arena, mark);
  return n;
}

static const char* const ways[] = {"samples", "horizon", NULL};
static const lb_param params[] = {{.key = "along",
                                   .type = LB_PARAM_WORD,
                                   .offset = offsetof(lb_plug_in_options, along),
                                   .high = 1,
                                   .words = ways,
                                   .meaning = "what grows from iteration to iteration"}};
const lb_params lb_plug_in_choices = LB_PARAMS_OF(params);

int lb_plug_in_iterations(const void* options) {
  return ((const lb_plug_in_options*)options)->along == 1 ? HORIZONS - 1 : POINTS - 1;
}

double lb_plug_in_seconds(const void* options, const lb_system* system, int iterations) {
  (void)options;
  (void)system;
  return 0.015 * (iterations + 1);
}

lb_status lb_plug_in_fits(const void* options, const lb_system* system, const char* algorithm) {
  static const char* const names[] = {"generative-"};
  (void)options;
  return lb_study_fits(names, 1, system, algorithm);
}

lb_status lb_plug_in_open(lb_planner* out, const lb_opening* o, const void* options) {
  bool horizons = ((const lb_plug_in_options*)options)->along == 1;
  generative* g = LB_TAKE(o->arena, generative, 1);
  *g = (generative){.hard = strcmp(o->system->name, "generative-hard") == 0, .horizons = horizons, .seed = o->seed};
  const lb_study study = {.self = g, .measure = measure};
  return lb_study_open(out, &study, o);
}
