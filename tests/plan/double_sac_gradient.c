// The derivatives of an update against central differences of the losses as sac.h states them, to 1e-7 relative: the
// critics' with respect to their weights, and the actor's with respect to its own, through actions, log density and the
// critics; of the twin critics of SAC, of five with layer normalisation and their mean (RLPD), and of five whose least
// one is taken.
#include "plan/sac.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "../nn/fill.h"
#include "plan/sac_private.h"

enum { NOBS = 4, NACT = 3, N = 19, COLUMNS = 32, WIDTH = 2 * NOBS + NACT + 2, INPUTS = NOBS + NACT };

static const double step = 1e-5, relative = 1e-7;

// Which critics there are, and which of them are in the targets.
typedef struct variant {
  int critics, target_critics, subset[5];
  bool layer_norm, mean_value;
} variant;

static const variant variants[] = {
    {2, 2, {0, 1}, false, false}, {5, 2, {1, 4}, true, true}, {5, 3, {0, 2, 3}, false, false}};
enum { VARIANTS = sizeof variants / sizeof *variants };

typedef struct fixture {
  lb_arena* arena;
  lb_sac* sac;
  const variant* kind;
  float rows[N * WIDTH];
  lb_transitions batch;
  lb_real noise[NACT * COLUMNS], next_noise[NACT * COLUMNS];
  uint64_t piece;  // of the last loss between its kinks: the ReLUs' and the least critic's
  int chosen[5];   // how often which critic was the least one in it
} fixture;

static void make(fixture* f, const variant* kind) {
  *f = (fixture){.arena = lb_arena_new(0), .kind = kind};
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  lb_sac_config config = lb_sac_default_config(NOBS, NACT);
  config.width = 21;
  config.batch = N;
  config.critics = kind->critics;
  config.target_critics = kind->target_critics;
  config.layer_norm = kind->layer_norm;
  config.mean_value = kind->mean_value;
  f->sac = lb_sac_new(&config, &rng, f->arena);
  fill_net(&rng, f->sac->actor, 0.4);
  fill_net(&rng, f->sac->critics, 0.4);
  fill_net(&rng, f->sac->targets, 0.4);
  for (int i = 0; i < N * WIDTH; i++) f->rows[i] = (float)(0.5 * lb_rng_normal(&rng));
  for (int j = 0; j < N; j++) f->rows[j * WIDTH + lb_transitions_terminated(NOBS, NACT)] = j % 3 == 0 ? 1.0f : 0.0f;
  f->batch = (lb_transitions){.n = N, .nobs = NOBS, .nact = NACT, .data = f->rows};
  fill_normals(&rng, f->noise, NACT * COLUMNS, 1);
  fill_normals(&rng, f->next_noise, NACT * COLUMNS, 1);
}

// Action and log density at sample j of x, in plain loops; the action goes into x's lower rows.
static double plain_sample(const fixture* f, lb_real* x, const lb_real* noise, int j, uint64_t* piece) {
  double density = 0;
  for (int i = 0; i < NACT; i++) {
    double mean = plain_output_on(f->sac->actor, 0, x, COLUMNS, j, i, piece), e = noise[i * COLUMNS + j];
    double log_std = fmin(2, fmax(-20, plain_output(f->sac->actor, 0, x, COLUMNS, j, NACT + i)));
    double u = mean + exp(log_std) * e;
    x[(NOBS + i) * COLUMNS + j] = tanh(u);
    density += -0.5 * e * e - log_std - 0.5 * log(2 * acos(-1)) + 2 * log(cosh(u));
  }
  return density;
}

// The actor's Q: the mean of the critics, or their least.
static double value_of(const fixture* f, const lb_real* x, int j, int* which, uint64_t* piece) {
  double mean = 0, least = INFINITY;
  *which = 0;
  for (int c = 0; c < f->kind->critics; c++) {
    double q = plain_output_on(f->sac->critics, c, x, COLUMNS, j, 0, piece);
    mean += q / f->kind->critics;
    if (q < least) *which = c;
    least = fmin(least, q);
  }
  if (f->kind->mean_value) return mean;
  *piece = *piece * 8 + (uint64_t)*which;
  return least;
}

static double actor_loss(fixture* f) {
  lb_real x[INPUTS * COLUMNS];
  double total = 0;
  f->piece = 0;
  memset(f->chosen, 0, sizeof f->chosen);
  for (int j = 0; j < N; j++) {
    int which;
    for (int i = 0; i < NOBS; i++) x[i * COLUMNS + j] = f->rows[j * WIDTH + i];
    double density = plain_sample(f, x, f->noise, j, &f->piece);
    total += (lb_sac_alpha(f->sac) * density - value_of(f, x, j, &which, &f->piece)) / N;
    f->chosen[which] += 1;
  }
  return total;
}

static double target(fixture* f, int j) {
  lb_real x[INPUTS * COLUMNS];
  const float* row = f->rows + j * WIDTH;
  for (int i = 0; i < NOBS; i++) x[i * COLUMNS + j] = row[lb_transitions_next(NOBS, NACT) + i];
  double density = plain_sample(f, x, f->next_noise, j, NULL), alive = 1 - row[lb_transitions_terminated(NOBS, NACT)];
  double least = INFINITY;
  for (int i = 0; i < f->kind->target_critics; i++) {
    least = fmin(least, plain_output(f->sac->targets, f->kind->subset[i], x, COLUMNS, j, 0));
  }
  double next = least - lb_sac_alpha(f->sac) * density;
  return row[lb_transitions_reward(NOBS, NACT)] + f->sac->config.gamma * alive * next;
}

static double critic_loss(fixture* f, const double* y) {
  lb_real x[INPUTS * COLUMNS];
  double total = 0;
  f->piece = 0;
  for (int j = 0; j < N; j++) {
    for (int i = 0; i < INPUTS; i++) x[i * COLUMNS + j] = f->rows[j * WIDTH + i];
    for (int c = 0; c < f->kind->critics; c++) {
      total += pow(plain_output_on(f->sac->critics, c, x, COLUMNS, j, 0, &f->piece) - y[j], 2) / N;
    }
  }
  return total;
}

typedef double (*loss_of)(fixture* f, const double* y);

static double actor_loss_of(fixture* f, const double* y) {
  (void)y;
  return actor_loss(f);
}

// A few differences may step over a kink, of which there are tens of thousands; they are left out.
static void check(fixture* f, lb_net* net, const lb_real* gradient, loss_of loss, const double* y) {
  double size = 0;
  int seen = 0, left_out = 0;
  for (long i = 0; i < net->count; i++) size = fmax(size, fabs(gradient[i]));
  assert_true(size > 1e-2);
  for (long i = 0; i < net->count; i++) {
    if (!is_parameter(net, i)) continue;
    double saved = net->theta[i];
    net->theta[i] = saved + step;
    double up = loss(f, y);
    uint64_t piece = f->piece;
    net->theta[i] = saved - step;
    double numeric = (up - loss(f, y)) / (2 * step);
    net->theta[i] = saved;
    seen += 1;
    if (piece != f->piece) left_out += 1;
    if (piece != f->piece) continue;
    if (fabs(gradient[i] - numeric) <= relative * fmax(fabs(numeric), 1e-2 * size)) continue;
    fail_msg("weight %ld: %.12g, by differences %.12g", i, gradient[i], numeric);
  }
  assert_true(left_out < seen / 50);
}

static void check_critics(const variant* kind) {
  fixture f;
  double y[N];
  make(&f, kind);
  lb_sac_take_batch(f.sac, &f.batch);
  lb_sac_find_targets(f.sac, f.next_noise, kind->subset);
  for (int j = 0; j < N; j++) {
    y[j] = target(&f, j);
    assert_true(fabs(f.sac->y[j] - y[j]) < 1e-12);
    // What terminated has no value beyond its reward.
    if (j % 3 == 0) assert_true(f.sac->y[j] == f.rows[j * WIDTH + lb_transitions_reward(NOBS, NACT)]);
  }
  double loss = lb_sac_critic_gradient(f.sac);
  assert_true(fabs(loss - critic_loss(&f, y)) < 1e-12);
  check(&f, f.sac->critics, f.sac->critic_gradient, critic_loss, y);
  lb_arena_free(f.arena);
}

static void test_critics(void** state) {
  (void)state;
  for (int k = 0; k < VARIANTS; k++) check_critics(&variants[k]);
}

static void check_actor(const variant* kind) {
  fixture f;
  lb_sac_report report;
  make(&f, kind);
  lb_sac_take_batch(f.sac, &f.batch);
  lb_sac_take_states(f.sac, NULL);
  lb_sac_actor_gradient(f.sac, &report, f.noise);
  assert_true(fabs(report.actor_loss - actor_loss(&f)) < 1e-12);
  // More than one critic must be the least one somewhere, or a part of the path is not seen.
  for (int c = 0; c < 5; c++) assert_true(kind->mean_value || f.chosen[c] < N);
  check(&f, f.sac->actor, f.sac->actor_gradient, actor_loss_of, NULL);
  lb_arena_free(f.arena);
}

static void test_actor(void** state) {
  (void)state;
  for (int k = 0; k < VARIANTS; k++) check_actor(&variants[k]);
}

// V at sample 0 of x (INPUTS, COLUMNS), in plain loops, and the piece of it between kinks: the ReLUs' and the lesser
// critic's. direct: the actions stay those that x holds.
static double plain_value(const fixture* f, lb_real* x, bool direct, uint64_t* piece) {
  int which;
  for (int i = 0; i < NACT && !direct; i++) {
    x[(NOBS + i) * COLUMNS] = tanh(plain_output_on(f->sac->actor, 0, x, COLUMNS, 0, i, piece));
  }
  return value_of(f, x, 0, &which, piece);
}

// The derivatives of V by the state, for more states than a batch holds. What differences cross a kink, their ends on
// other pieces, are left out.
static void check_value(const variant* kind) {
  enum { MANY = 2 * N + 5 };
  fixture f;
  make(&f, kind);
  double s[MANY * NOBS], v[MANY], again[MANY], dv[MANY * NOBS], through_action = 0, size = 0;
  int least_first = 0, left_out = 0;
  lb_rng rng = lb_rng_stream(6, LB_RNG_TEST, 0, 0);
  lb_rng_normals(&rng, s, MANY * NOBS);
  lb_value value = lb_sac_value(f.sac);
  value.slope(value.ctx, MANY, 3, s, v, dv);
  value.at(value.ctx, MANY, 3, s, again);
  for (int j = 0; j < MANY * NOBS; j++) size = fmax(size, fabs(dv[j]));
  assert_true(size > 0.1);
  for (int j = 0; j < MANY; j++) {
    lb_real x[INPUTS * COLUMNS] = {0};
    for (int i = 0; i < NOBS; i++) x[i * COLUMNS] = s[j * NOBS + i];
    uint64_t piece = 0;
    assert_true(fabs(plain_value(&f, x, false, &piece) - v[j]) < 1e-12 && v[j] == again[j]);
    least_first += kind->mean_value ? j % 2 : piece % 8 == 0;
    for (int i = 0; i < NOBS; i++) {
      double ends[2], direct[2];
      bool crossed = false;
      for (int e = 0; e < 2; e++) {
        uint64_t here = 0, ignored = 0;
        x[i * COLUMNS] = s[j * NOBS + i] + (e ? step : -step);
        direct[e] = plain_value(&f, x, true, &ignored);
        ends[e] = plain_value(&f, x, false, &here);
        crossed = crossed || here != piece;
        x[i * COLUMNS] = s[j * NOBS + i];
        plain_value(&f, x, false, &ignored);
      }
      left_out += crossed;
      if (crossed) continue;
      double numeric = (ends[1] - ends[0]) / (2 * step);
      through_action = fmax(through_action, fabs(numeric - (direct[1] - direct[0]) / (2 * step)));
      if (fabs(dv[j * NOBS + i] - numeric) <= relative * fmax(fabs(numeric), 1e-2 * size)) continue;
      fail_msg("state %d of %d: %.12g, by differences %.12g", i, j, dv[j * NOBS + i], numeric);
    }
  }
  // Several critics and the way through the action must count, or a part of it is not seen.
  assert_true(least_first < MANY - 4 && left_out < MANY * NOBS / 50 && through_action > 0.05 * size);
  lb_arena_free(f.arena);
}

static void test_value(void** state) {
  (void)state;
  for (int k = 0; k < VARIANTS; k++) check_value(&variants[k]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_critics),
      cmocka_unit_test(test_actor),
      cmocka_unit_test(test_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
