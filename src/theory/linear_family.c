// The linear example (lds.h) as a study, and with other ridges: which part of the published result is the loss, and
// which the ridge.
#include <math.h>
#include <string.h>

#include "theory/lds.h"
#include "theory/study.h"

enum { TIGHT = 12 };  // iterations of a fit that goes on for long

typedef struct linear_study {
  lb_lds* l;
  lb_counts counts;
} linear_study;

// An iteration of the example: rollouts, samples, fit, controller.
static void plan(lb_study* study, int iteration) {
  linear_study* k = study->self;
  if (iteration == 0) return;
  study->ledger.steps[LB_STEP_LEARNER] += LB_LDS_H;
  study->ledger.steps[LB_STEP_EXPERT] += LB_LDS_H;
  lb_lds_iteration(k->l);
}

// The cost of the controller, and the size of what was fitted.
static int measure(lb_study* study, int iteration, lb_study_number out[LB_STUDY_NUMBERS]) {
  linear_study* k = study->self;
  int n = 0;
  lb_study_put(out, &n, LB_METRIC_COST, lb_lds_cost(k->l));
  const double *theta = lb_lds_theta(k->l), *K = lb_lds_gains(k->l);
  double norm = 0, gain = 0;
  for (int i = 0; i < LB_LDS_PARAMS; ++i) norm += theta[i] * theta[i];
  for (int i = 0; i < LB_LDS_H * LB_LDS_N; ++i) gain = fmax(gain, fabs(K[i]));
  lb_study_put(out, &n, LB_METRIC_PARAMETER_NORM, sqrt(norm));
  lb_study_put(out, &n, LB_METRIC_LARGEST_GAIN, gain);
  lb_study_put(out, &n, LB_METRIC_LQR_PASSES, (double)k->counts.lqr_passes);
  lb_study_put(out, &n, LB_METRIC_INTERACTIONS, 100.0 * iteration);
  if (iteration > 0) lb_study_put(out, &n, LB_METRIC_FIT_LOSS, lb_lds_fit_loss(k->l));
  return n;
}

static const char* const losses[] = {"likelihood", "value-moments", NULL};
static const lb_param params[] = {{.key = "loss",
                                   .type = LB_PARAM_WORD,
                                   .offset = offsetof(lb_lds_options, loss),
                                   .high = 1,
                                   .words = losses,
                                   .meaning = "what the model is fitted by"},
                                  {.key = "ridge",
                                   .type = LB_PARAM_REAL,
                                   .offset = offsetof(lb_lds_options, ridge),
                                   .high = 1e6,
                                   .usual = 0.01,
                                   .meaning = "weight of the squared parameters beside the moments"},
                                  {.key = "tight",
                                   .type = LB_PARAM_YES,
                                   .offset = offsetof(lb_lds_options, tight),
                                   .high = 1,
                                   .meaning = "BFGS goes on to a gradient of 1e-12, or 100 steps"}};
const lb_params lb_lds_choices = LB_PARAMS_OF(params);

int lb_lds_iterations(const void* options) {
  return ((const lb_lds_options*)options)->tight ? TIGHT : 0;
}

// The moments of all policies so far on all samples so far.
double lb_lds_seconds(const void* options, const lb_system* system, int iterations) {
  const lb_lds_options* o = options;
  (void)system;
  double each = o->loss == LB_LDS_LIKELIHOOD ? 4e-4 : o->tight ? 1e-2 : 2.5e-3;
  return each * iterations;
}

lb_status lb_lds_fits(const void* options, const lb_system* system, const char* algorithm) {
  static const char* const names[] = {"lds", "lds-growing"};
  (void)options;
  return lb_study_fits(names, 2, system, algorithm);
}

lb_status lb_lds_study_open(lb_planner* out, const lb_opening* o, const void* options) {
  const lb_lds_options* given = options;
  bool published = strcmp(o->system->name, "lds") == 0;
  lb_lds_config config = lb_lds_default_config();
  config.loss = (lb_lds_loss)given->loss;
  config.ridge = given->ridge;
  config.published_draws = published;
  config.seed = o->seed;
  config.max_iterations = published && !given->tight ? 0 : 100;
  if (given->tight) config.gradient_tolerance = 1e-12;
  lb_lds_problem problem = published ? lb_lds_published() : lb_lds_growing();
  linear_study* k = LB_TAKE(o->arena, linear_study, 1);
  k->l = lb_lds_new(&problem, &config, &k->counts, o->arena);
  const lb_study study = {.self = k, .plan = plan, .measure = measure};
  return lb_study_open(out, &study, o);
}
