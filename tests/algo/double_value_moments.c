// The gradient of the value-moment loss, of an ensemble with the value of a soft actor-critic, against central
// differences of the loss as model/neural.h states it, to 1e-7 relative: through the absolute value, the lesser critic,
// the actor's mean action and the model's mean; then the likelihood's, by the last layer's rows of the log-variance.
//
// The loss has kinks: where the values agree, where the critics do, at the ReLUs of actor and critics. No difference
// crosses one: both of its ends must lie on the same piece as its middle, which the plain evaluation fingerprints.
#include "model/neural.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../nn/fill.h"
#include "model/neural_private.h"
#include "plan/sac_private.h"

enum { NOBS = 4, NACT = 2, N = 19, WIDTH = 2 * NOBS + NACT + 2, INPUTS = NOBS + NACT, TARGETS = NOBS + 1, MEMBERS = 2 };

static const double step = 1e-5, relative = 1e-7;

typedef struct fixture {
  lb_arena* arena;
  lb_sac* sac;
  lb_neural* model;
  float data[(N + 4) * WIDTH];
  int rows[MEMBERS * N];
  lb_transitions transitions;
} fixture;

static void make(fixture* f, double anchor) {
  *f = (fixture){.arena = lb_arena_new(0)};
  lb_rng rng = lb_rng_stream(11, LB_RNG_TEST, 0, 0);
  lb_sac_config learner = lb_sac_default_config(NOBS, NACT);
  learner.width = 13;
  learner.batch = 8;  // fewer than the model's: V comes in parts
  f->sac = lb_sac_new(&learner, &rng, f->arena);
  fill_net(&rng, f->sac->actor, 0.4);
  fill_net(&rng, f->sac->critics, 0.4);
  lb_neural_config config = lb_neural_default_config(NOBS, NACT);
  config.members = config.elites = MEMBERS;
  config.hidden = 2;
  config.width = 11;
  config.batch = N;
  config.rate = 0;  // a step leaves the weights where they are
  config.bounds = (lb_gaussian_bounds){.low = -2, .high = 0.5};
  config.loss = LB_NEURAL_VALUE_MOMENTS;
  config.value_scale = 0.7;
  config.anchor = anchor;
  config.balance = 0;  // the bare likelihood: with its weights the gradient is of no function
  f->model = lb_neural_new(&config, &rng, f->arena);
  fill_net(&rng, f->model->net, 0.4);
  for (int i = 0; i < (N + 4) * WIDTH; i++) f->data[i] = (float)(0.7 * lb_rng_normal(&rng));
  for (int i = 0; i < MEMBERS * N; i++) f->rows[i] = (int)lb_rng_below(&rng, N + 4);
  f->transitions = (lb_transitions){.n = N + 4, .nobs = NOBS, .nact = NACT, .data = f->data};
  for (int i = 0; i < N + 4; i++) f->data[i * WIDTH + lb_transitions_terminated(NOBS, NACT)] = i % 5 == 0 ? 1 : 0;
  lb_neural_normalize(f->model, &f->transitions);
  for (int i = 0; i < TARGETS; i++) {
    f->model->centre[i] = 0.1 * i - 0.2;
    f->model->unit[i] = 0.5 + 0.3 * i;
  }
}

static double plain_value(const fixture* f, const double* s, uint64_t* piece) {
  lb_real x[INPUTS];
  double q[2];
  for (int i = 0; i < NOBS; i++) x[i] = s[i];
  for (int i = 0; i < NACT; i++) x[NOBS + i] = tanh(plain_output_on(f->sac->actor, 0, x, 1, 0, i, piece));
  for (int c = 0; c < 2; c++) q[c] = plain_output_on(f->sac->critics, c, x, 1, 0, 0, piece);
  *piece = *piece * 3 + (q[1] < q[0]);
  return fmin(q[0], q[1]);
}

static double softplus(double z) {
  return fmax(z, 0) + log1p(exp(-fabs(z)));
}

// What one transition adds to the parts of member m's loss.
typedef struct parts {
  double value, reward, likelihood, sign;
} parts;

static parts plain_parts(const fixture* f, int m, const float* row, uint64_t* piece) {
  const lb_neural* model = f->model;
  const lb_gaussian_bounds* b = &model->config.bounds;
  parts p = {0};
  double predicted[NOBS], next[NOBS], target[TARGETS];
  lb_real x[INPUTS];
  const float* after = row + lb_transitions_next(NOBS, NACT);
  for (int i = 0; i < INPUTS; i++) x[i] = (row[i] - model->normalizer.mean[i]) * model->normalizer.scale[i];
  for (int i = 0; i < NOBS; i++) target[i] = (double)after[i] - (double)row[i];
  target[NOBS] = row[lb_transitions_reward(NOBS, NACT)];
  for (int i = 0; i < TARGETS; i++) {
    double mean = plain_output(model->net, m, x, 1, 0, i), raw = plain_output(model->net, m, x, 1, 0, TARGETS + i);
    double centre = model->centre[i], unit = model->unit[i];
    double lv = b->low + softplus(b->high - softplus(b->high - raw) - b->low);
    double error = mean - (target[i] - centre) / unit;
    p.likelihood += (error * error * exp(-lv) + lv) / TARGETS;
    if (i == NOBS) p.reward = error * error;
    if (i < NOBS) predicted[i] = row[i] + centre + unit * mean;
    if (i < NOBS) next[i] = after[i];
  }
  // Where the task ended nothing comes after: the values agree. Values are in the reward's units.
  bool end = row[lb_transitions_terminated(NOBS, NACT)] > 0;
  double error = end ? 0 : plain_value(f, predicted, piece) - plain_value(f, next, piece);
  p.sign = error > 0 ? 1 : -1;
  p.value = fabs(error) / model->unit[NOBS];
  *piece = *piece * 3 + (error > 0);
  return p;
}

// The whole loss of member m, the likelihood beside it, and the piece that they were evaluated on.
static double plain_loss(const fixture* f, int m, double* likelihood, uint64_t* piece) {
  const lb_neural_config* c = &f->model->config;
  double total = 0;
  *likelihood = 0;
  *piece = 0;
  for (int j = 0; j < N; j++) {
    parts p = plain_parts(f, m, f->data + f->rows[m * N + j] * WIDTH, piece);
    total += (c->value_scale * p.value + p.reward + c->anchor * p.likelihood) / N;
    *likelihood += p.likelihood / N;
  }
  return total;
}

// Whether number i of a member is of the last layer's rows for the log-variance.
static bool is_variance(const lb_net* net, long i) {
  lb_layer last = lb_net_layer(net, 0, net->shape.hidden);
  bool weight = i >= last.weights + (long)TARGETS * last.ld && i < last.weights + 2L * TARGETS * last.ld;
  return weight || (i >= last.biases + TARGETS && i < last.biases + 2 * TARGETS);
}

static double largest(const lb_net* net, const lb_real* gradient, bool variance) {
  double most = 0;
  for (long i = 0; i < net->stride; i++) {
    if (is_variance(net, i) == variance) most = fmax(most, fabs(gradient[i]));
  }
  return most;
}

// One number of the gradient of member m against differences of its loss, or of the likelihood alone.
static void compare(fixture* f, int m, long i, bool likelihood_alone, double size) {
  lb_real* number = f->model->net->theta + m * f->model->net->stride + i;
  double saved = *number, ends[2], likelihood, analytic = f->model->gradient[i];
  uint64_t piece, here;
  plain_loss(f, m, &likelihood, &piece);
  for (int e = 0; e < 2; e++) {
    *number = saved + (e ? step : -step);
    ends[e] = plain_loss(f, m, &likelihood, &here);
    if (likelihood_alone) ends[e] = likelihood;
    assert_true(here == piece);
  }
  *number = saved;
  double numeric = (ends[1] - ends[0]) / (2 * step);
  if (fabs(analytic - numeric) <= relative * fmax(fabs(numeric), 1e-2 * size)) return;
  fail_msg("weight %ld: %.12g, by differences %.12g", i, analytic, numeric);
}

// Member m is the last one: its gradient is what a step leaves behind.
static void compare_all(fixture* f, int m, bool variances_alone) {
  const lb_net* net = f->model->net;
  double size = largest(net, f->model->gradient, variances_alone);
  assert_true(size > 0.05);
  for (long i = 0; i < net->stride; i++) {
    if (!is_parameter(net, m * net->stride + i) || (variances_alone && !is_variance(net, i))) continue;
    compare(f, m, i, variances_alone, size);
  }
}

static void check(double anchor) {
  fixture f;
  double likelihood, expected = 0;
  uint64_t piece;
  make(&f, anchor);
  lb_value value = lb_sac_value(f.sac);
  lb_neural_values values = lb_neural_values_new(&value, &f.transitions, f.arena);
  double loss = lb_neural_step(f.model, &f.transitions, &values, f.rows, N);
  for (int m = 0; m < MEMBERS; m++) expected += plain_loss(&f, m, &likelihood, &piece) / MEMBERS;
  assert_true(fabs(loss - expected) < 1e-12);
  int above = 0;
  for (int j = 0; j < N; j++) {
    above += plain_parts(&f, MEMBERS - 1, f.data + f.rows[(MEMBERS - 1) * N + j] * WIDTH, &piece).sign > 0;
  }
  assert_true(above > 2 && above < N - 2);
  compare_all(&f, MEMBERS - 1, false);
  loss = lb_neural_variance_step(f.model, &f.transitions, f.rows, N);
  expected = 0;
  for (int m = 0; m < MEMBERS; m++) {
    plain_loss(&f, m, &likelihood, &piece);
    expected += likelihood / MEMBERS;
  }
  assert_true(fabs(loss - expected) < 1e-12);
  compare_all(&f, MEMBERS - 1, true);
  lb_arena_free(f.arena);
}

static void test_gradient(void** state) {
  (void)state;
  check(0);
}

static void test_gradient_with_an_anchor(void** state) {
  (void)state;
  check(0.3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gradient),
      cmocka_unit_test(test_gradient_with_an_anchor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
