// The linear example (lds.h) as a study, with the expert and with doing nothing beside it, and with other ridges: which
// part of the published result is the loss, and which the ridge.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/lds.h"
#include "theory/study.h"

enum { ROUNDS = 50, SHORT = 20, TIGHT = 12, EXPERT, ZERO, LEARNER };

typedef struct linear_study {
  lb_lds* l;
  int row;
  bool failed;
} linear_study;

static void plan(lb_study* study, int round) {
  linear_study* k = study->self;
  if (round == 0 || k->row != LEARNER) return;
  study->ledger.steps[LB_STEP_LEARNER] += LB_LDS_H;
  study->ledger.steps[LB_STEP_EXPERT] += LB_LDS_H;
  k->failed = !lb_lds_round(k->l) || k->failed;
}

static int measure(lb_study* study, int round, lb_study_number out[LB_STUDY_NUMBERS]) {
  linear_study* k = study->self;
  int n = 0;
  double cost = k->row == EXPERT ? lb_lds_expert_cost(k->l)
                : k->row == ZERO ? lb_lds_zero_cost(k->l)
                                 : lb_lds_cost(k->l);
  lb_study_put(out, &n, LB_METRIC_COST, cost);
  if (k->row != LEARNER) return n;
  const double *theta = lb_lds_theta(k->l), *K = lb_lds_gains(k->l);
  double norm = 0, gain = 0;
  for (int i = 0; i < LB_LDS_PARAMS; ++i) norm += theta[i] * theta[i];
  for (int i = 0; i < LB_LDS_H * LB_LDS_N; ++i) gain = fmax(gain, fabs(K[i]));
  lb_study_put(out, &n, LB_METRIC_PARAMETER_NORM, sqrt(norm));
  lb_study_put(out, &n, LB_METRIC_LARGEST_GAIN, gain);
  lb_study_put(out, &n, LB_METRIC_LQR_PASSES, (double)study->counts.lqr_passes);
  lb_study_put(out, &n, LB_METRIC_INTERACTIONS, 100.0 * round);
  if (round > 0) lb_study_put(out, &n, LB_METRIC_FIT_LOSS, lb_lds_fit_loss(k->l));
  return n;
}

lb_status lb_linear_study_open(lb_study* study, uint64_t seed, bool* taken) {
  bool published = strcmp(study->world, "lds") == 0, growing = strcmp(study->world, "lds-growing") == 0;
  const char* row = study->row;
  bool expert = strcmp(row, "expert") == 0, zero = strcmp(row, "zero") == 0;
  bool likelihood = strcmp(row, "lds-likelihood") == 0, moments = strncmp(row, "lds-moments", 11) == 0;
  if (!(published || growing) || !(expert || zero || likelihood || moments)) return lb_ok();
  lb_lds_config config = lb_lds_default_config();
  config.loss = moments ? LB_LDS_MOMENTS : LB_LDS_LIKELIHOOD;
  config.published_draws = published;
  config.seed = seed;
  config.max_iterations = growing ? 100 : 0;
  if (moments && row[11]) {  // lds-moments-1e-8: the ridge; with "-tight" behind it BFGS goes on to a gradient of 1e-12
                             // or 100 steps
    char* end;
    config.ridge = row[11] == '-' ? strtod(row + 12, &end) : NAN;
    if (!isfinite(config.ridge) || config.ridge < 0 || end == row + 12) {
      return lb_fail(LB_INPUT, "%s: lds-moments-RIDGE, as lds-moments-1e-6, has a number of 0 or more there", row);
    }
    if (strcmp(end, "-tight") == 0) {
      config.gradient_tolerance = 1e-12;
      config.max_iterations = 100;
    } else if (*end) {
      return lb_fail(LB_INPUT, "%s: behind the ridge there may be -tight", row);
    }
  }
  linear_study* k = LB_TAKE(study->arena, linear_study, 1);
  lb_lds_problem problem = published ? lb_lds_published() : lb_lds_growing();
  k->row = expert ? EXPERT : zero ? ZERO : LEARNER;
  k->l = lb_lds_new(&problem, &config, &study->counts, study->arena);
  study->self = k;
  study->chance = k->row == LEARNER;
  study->rounds = growing ? SHORT : config.max_iterations > 0 ? TIGHT : ROUNDS;
  study->plan = plan;
  study->measure = measure;
  *taken = true;
  return lb_ok();
}
