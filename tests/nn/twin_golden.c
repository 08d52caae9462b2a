// A hundred Adam steps against PyTorch's, from the same weights on the same data (tests/golden/make_torch.py): losses
// at every step and weights at the end.
#include "nn/adam.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>

#include "../support/near.h"
#include "io/npz.h"
#include "nn/gaussian.h"
#include "torch_layers.h"

enum { MEMBERS = 2, INPUTS = 5, OUTPUTS = 6, SAMPLES = 24, BATCHES = 4, STEPS = 100, COLUMNS = 32 };

// Rounding grows along the trajectory; in double it stays out of sight.
#ifdef LB_NN_DOUBLE
static const double loss_tolerance = 1e-11, weight_tolerance = 1e-10;
#else
static const double loss_tolerance = 2e-5, weight_tolerance = 2e-4;
#endif

// Batch b of (BATCHES, SAMPLES, dim) as columns.
static void take_batch(lb_real* x, const double* all, int b, int dim) {
  for (int j = 0; j < SAMPLES; j++) {
    for (int i = 0; i < dim; i++) x[i * COLUMNS + j] = (lb_real)all[(b * SAMPLES + j) * dim + i];
  }
}

static void follow(const char* name, lb_activation activation, bool nll, double decay) {
  lb_arena* arena = lb_arena_new(0);
  lb_npz* npz = torch_open("torch_nets.npz");
  int targets = nll ? OUTPUTS / 2 : OUTPUTS;
  const double *x_all = torch_array(npz, arena, "%s_x", name), *y_all = torch_array(npz, arena, "%s_y", name);
  const double* losses = torch_array(npz, arena, "%s_loss", name);
  lb_net_shape shape = {MEMBERS, INPUTS, OUTPUTS, 2, 16, activation, false};
  lb_net *net = lb_net_new(&shape, arena), *end = lb_net_new(&shape, arena);
  torch_layers(net, npz, arena, "%s_start", name);
  torch_layers(end, npz, arena, "%s_end", name);
  lb_adam_config config = lb_adam_default_config();
  config.rate = 1e-2;
  config.weight_decay = decay;
  lb_adam adam;
  lb_adam_init(&adam, net->count, &config, arena);
  lb_tape* tape = lb_tape_new(&shape, SAMPLES, true, arena);
  lb_real* gradient = lb_net_gradient_new(net, arena);
  lb_real *x = LB_TAKE(arena, lb_real, INPUTS * COLUMNS), *y = LB_TAKE(arena, lb_real, OUTPUTS * COLUMNS);
  lb_real *dy = LB_TAKE(arena, lb_real, OUTPUTS * COLUMNS), *slope = LB_TAKE(arena, lb_real, OUTPUTS * COLUMNS);
  lb_gaussian_bounds bounds = lb_gaussian_default_bounds();
  for (int step = 0; step < STEPS; step++) {
    take_batch(x, x_all, step % BATCHES, INPUTS);
    take_batch(y, y_all, step % BATCHES, targets);
    for (int m = 0; m < MEMBERS; m++) {
      double loss;
      lb_real* out = lb_net_forward(net, m, tape, x, SAMPLES);
      if (nll) {
        lb_gaussian_bound(out, slope, &bounds, targets, SAMPLES);
        loss = lb_gaussian_nll(dy, out, slope, y, targets, SAMPLES);
      } else {
        loss = lb_gaussian_squared(dy, out, y, targets, SAMPLES);
      }
      assert_near(loss, losses[step * MEMBERS + m], loss_tolerance);
      lb_net_backward(net, m, tape, gradient + m * net->stride, NULL, dy, 0, 0);
    }
    lb_adam_step(&adam, net->theta, gradient, NULL, 0);
  }
  for (long i = 0; i < net->count; i++) assert_near((double)net->theta[i], (double)end->theta[i], weight_tolerance);
  // The weights must have gone somewhere.
  assert_true(losses[STEPS * MEMBERS - 1] < losses[0] - 0.2);
  lb_npz_free(npz);
  lb_arena_free(arena);
}

static void test_silu_likelihood_with_decay(void** state) {
  (void)state;
  follow("silu_nll", LB_SILU, true, 1e-2);
}

static void test_relu_squared(void** state) {
  (void)state;
  follow("relu_squared", LB_RELU, false, 0);
}

static void test_tanh_squared_with_decay(void** state) {
  (void)state;
  follow("tanh_squared", LB_TANH, false, 1e-3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_silu_likelihood_with_decay),
      cmocka_unit_test(test_relu_squared),
      cmocka_unit_test(test_tanh_squared_with_decay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
