// The derivatives of both losses of behaviour cloning, through head, net and normalizer, against central differences of
// the losses as bc.h states them in plain loops, to 1e-7 relative. Some actions stand at their bounds.
#include "plan/bc.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../nn/fill.h"
#include "plan/bc_private.h"

enum { NOBS = 4, NACT = 3, N = 19, COLUMNS = 32, WIDTH = 2 * NOBS + NACT + 2 };

static const double step = 1e-5, relative = 1e-7;

typedef struct fixture {
  lb_arena* arena;
  lb_actor* actor;
  lb_bc_config config;
  lb_bc_work work;
  float data[N * WIDTH];
  lb_transitions rows;
  int order[N];
} fixture;

static void make(fixture* f, lb_bc_loss loss) {
  *f = (fixture){.arena = lb_arena_new(0), .config = lb_bc_default_config()};
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  lb_actor_config config = lb_actor_default_config(NOBS, NACT);
  config.width = 21;
  f->actor = lb_actor_new(&config, &rng, f->arena);
  fill_net(&rng, f->actor->net, 0.4);
  fill_normals(&rng, f->actor->normalizer.mean, NOBS, 0.5);
  for (int i = 0; i < NOBS; i++) f->actor->normalizer.scale[i] = 0.5 + lb_rng_uniform(&rng);
  for (int i = 0; i < N * WIDTH; i++) f->data[i] = (float)tanh(0.7 * lb_rng_normal(&rng));
  for (int j = 0; j < N; j += 4) f->data[j * WIDTH + NOBS + j % NACT] = j % 8 ? -1 : 1;
  for (int j = 0; j < N; j++) f->order[j] = (7 * j + 3) % N;
  f->rows = (lb_transitions){.n = N, .nobs = NOBS, .nact = NACT, .data = f->data};
  f->config.loss = loss;
  f->config.batch = N;
  f->work = lb_bc_begin(f->actor, &f->rows, &f->config, f->arena);
}

// The loss of one action, given a mean and what the net says of the log standard deviation.
static double plain_loss(lb_bc_loss loss, double mean, double raw, double action) {
  if (loss == LB_BC_SQUARED) return pow(tanh(mean) - action, 2) / (NACT * N);
  double u = atanh(fmin(0.999, fmax(-0.999, action))), log_std = fmin(2, fmax(-20, raw));
  double e = (u - mean) / exp(log_std);
  return (0.5 * e * e + log_std + 0.5 * log(2 * acos(-1)) - 2 * log(cosh(u))) / N;
}

static double loss_of(const fixture* f) {
  const lb_normalizer* z = &f->actor->normalizer;
  double total = 0;
  for (int j = 0; j < N; j++) {
    lb_real x[NOBS];
    const float* row = f->data + j * WIDTH;
    for (int i = 0; i < NOBS; i++) x[i] = (row[i] - z->mean[i]) * z->scale[i];
    for (int i = 0; i < NACT; i++) {
      double mean = plain_output(f->actor->net, 0, x, 1, 0, i), raw = plain_output(f->actor->net, 0, x, 1, 0, NACT + i);
      total += plain_loss(f->config.loss, mean, raw, row[NOBS + i]);
    }
  }
  return total;
}

static void check(lb_bc_loss loss) {
  fixture f;
  make(&f, loss);
  lb_net* net = f.actor->net;
  double found = lb_bc_loss_at(&f.work, f.order, N, true), size = 0;
  assert_true(fabs(found - loss_of(&f)) < 1e-12 * fmax(1, fabs(found)));
  assert_true(lb_bc_loss_at(&f.work, f.order, N, false) == found);
  for (long i = 0; i < net->count; i++) size = fmax(size, fabs(f.work.gradient[i]));
  assert_true(size > 1e-2);
  for (long i = 0; i < net->count; i++) {
    if (!is_parameter(net, i)) continue;
    double saved = net->theta[i];
    net->theta[i] = saved + step;
    double up = loss_of(&f);
    net->theta[i] = saved - step;
    double numeric = (up - loss_of(&f)) / (2 * step);
    net->theta[i] = saved;
    if (fabs(f.work.gradient[i] - numeric) <= relative * fmax(fabs(numeric), 1e-2 * size)) continue;
    fail_msg("weight %ld: %.12g, by differences %.12g", i, f.work.gradient[i], numeric);
  }
  lb_arena_free(f.arena);
}

static void test_squared(void** state) {
  (void)state;
  check(LB_BC_SQUARED);
}

static void test_likelihood(void** state) {
  (void)state;
  check(LB_BC_LIKELIHOOD);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_squared),
      cmocka_unit_test(test_likelihood),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
