// Every derivative that src/nn computes against central differences, to 1e-7 relative: weights, biases, inputs and
// Jacobians, for each activation and each loss. A gradient must first be there: not all zeros, and none where the
// difference sees one.
#include "nn/net.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "fill.h"
#include "nn/gaussian.h"
#include "nn/tanh_gaussian.h"

enum { INPUTS = 5, OUTPUTS = 6, HALF = OUTPUTS / 2, SAMPLES = 21, COLUMNS = 32, MEMBERS = 2 };

static const double step = 1e-5, relative = 1e-7;

// A scalar on top of a net: one of the losses, with all that it reads.
typedef enum loss { SQUARED, NLL, SAMPLE, IMITATION, IMITATION_SQUARED, LOSSES } loss;

typedef struct fixture {
  lb_arena* arena;
  lb_net* net;
  lb_tape* tape;
  loss which;
  lb_real *x, *target, *noise, *pull;
  lb_real *dy, *slope, *action, *da, *density;
} fixture;

// The scalar of one member, with its derivatives with respect to the outputs in dy.
static double evaluate(fixture* f, int member) {
  lb_real* y = lb_net_forward(f->net, member, f->tape, f->x, SAMPLES);
  lb_gaussian_bounds bounds = {.low = -2, .high = 0.5};  // narrow, so that both ends bend
  double total = 0;
  switch (f->which) {
    case SQUARED:
      return lb_gaussian_squared(f->dy, y, f->target, OUTPUTS, SAMPLES);
    case NLL:
      lb_gaussian_bound(y, f->slope, &bounds, HALF, SAMPLES);
      return lb_gaussian_nll(f->dy, y, f->slope, f->target, HALF, SAMPLES);
    case SAMPLE:  // sum of pull * action + 0.3 log density
      lb_tanh_gaussian_sample(f->action, f->density, y, f->noise, HALF, SAMPLES);
      for (int j = 0; j < SAMPLES; j++) {
        total += 0.3 * f->density[j];
        for (int i = 0; i < HALF; i++) total += f->pull[i * COLUMNS + j] * f->action[i * COLUMNS + j];
      }
      lb_tanh_gaussian_backward(f->dy, f->pull, 0.3, f->action, y, f->noise, HALF, SAMPLES);
      return total;
    case IMITATION:
      for (int i = 0; i < HALF * COLUMNS; i++) f->action[i] = tanh(f->target[i]);
      return lb_tanh_gaussian_nll(f->dy, y, f->action, HALF, SAMPLES);
    case IMITATION_SQUARED:
      return lb_tanh_gaussian_squared(f->dy, y, f->target, HALF, SAMPLES);
    default:
      fail();
      return 0;
  }
}

static fixture make(lb_activation activation, loss which, int hidden, bool norm) {
  fixture f = {.arena = lb_arena_new(0), .which = which};
  lb_net_shape shape = {.members = MEMBERS,
                        .inputs = INPUTS,
                        .outputs = OUTPUTS,
                        .hidden = hidden,
                        .width = 19,
                        .activation = activation,
                        .layer_norm = norm};
  f.net = lb_net_new(&shape, f.arena);
  f.tape = lb_tape_new(&shape, SAMPLES, true, f.arena);
  lb_real** arrays[] = {&f.x, &f.target, &f.noise, &f.pull, &f.dy, &f.slope, &f.action, &f.da, &f.density};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) *arrays[i] = LB_TAKE(f.arena, lb_real, OUTPUTS * COLUMNS);
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, (uint32_t)activation, (uint32_t)which);
  fill_net(&rng, f.net, 0.4);
  fill_normals(&rng, f.x, INPUTS * COLUMNS, 1);
  fill_normals(&rng, f.target, OUTPUTS * COLUMNS, 0.7);
  fill_normals(&rng, f.noise, HALF * COLUMNS, 1);
  fill_normals(&rng, f.pull, HALF * COLUMNS, 1);
  return f;
}

static double difference(fixture* f, int member, lb_real* number) {
  double saved = *number;
  *number = saved + step;
  double up = evaluate(f, member);
  *number = saved - step;
  double down = evaluate(f, member);
  *number = saved;
  return (up - down) / (2 * step);
}

static double largest(const lb_real* a, long n) {
  double most = 0;
  for (long i = 0; i < n; i++) most = fmax(most, fabs(a[i]));
  return most;
}

static void compare(double analytic, double numeric, double size, const char* what, long at) {
  if (fabs(analytic - numeric) <= relative * fmax(fabs(numeric), 1e-2 * size)) return;
  fail_msg("%s %ld: %.12g, by differences %.12g", what, at, analytic, numeric);
}

static void check(lb_activation activation, loss which, int hidden, bool norm) {
  fixture f = make(activation, which, hidden, norm);
  lb_real* gradient = lb_net_gradient_new(f.net, f.arena);
  lb_real* dx = LB_TAKE(f.arena, lb_real, INPUTS * COLUMNS);
  lb_real* part = LB_TAKE(f.arena, lb_real, 2 * COLUMNS);
  for (int member = 0; member < MEMBERS; member++) {
    evaluate(&f, member);
    lb_net_backward(f.net, member, f.tape, gradient + member * f.net->stride, dx, f.dy, 0, INPUTS);
    lb_net_backward(f.net, member, f.tape, NULL, part, f.dy, 2, 2);
    assert_memory_equal(part, dx + 2 * COLUMNS, 2 * COLUMNS * sizeof *part);
    const lb_real* own = gradient + member * f.net->stride;
    double size = largest(own, f.net->stride), size_x = largest(dx, INPUTS * COLUMNS);
    assert_true(size > 1e-3 && size_x > 1e-4);
    for (long i = 0; i < f.net->stride; i++) {
      long at = member * f.net->stride + i;
      if (is_parameter(f.net, at)) {
        compare(own[i], difference(&f, member, f.net->theta + at), size, "weight", at);
      } else {
        assert_true(own[i] == 0);
      }
    }
    for (int i = 0; i < INPUTS; i++) {
      for (int j = 0; j < SAMPLES; j++) {
        compare(dx[i * COLUMNS + j], difference(&f, member, f.x + i * COLUMNS + j), size_x, "input", i * COLUMNS + j);
      }
    }
  }
  lb_arena_free(f.arena);
}

static void test_gradients(void** state) {
  (void)state;
  for (int activation = 0; activation < LB_ACTIVATIONS; activation++) {
    for (int which = 0; which < LOSSES; which++) check((lb_activation)activation, (loss)which, 2, false);
    check((lb_activation)activation, NLL, 1, false);
    check((lb_activation)activation, NLL, 4, false);
  }
}

// The same with layer normalisation: gains and shifts too, and through it to the weights and inputs below.
static void test_gradients_with_layer_norm(void** state) {
  (void)state;
  for (int activation = 0; activation < LB_ACTIVATIONS; activation++) {
    for (int hidden = 1; hidden <= 3; hidden++) check((lb_activation)activation, SQUARED, hidden, true);
    check((lb_activation)activation, SAMPLE, 2, true);
  }
}

static void test_jacobians(void** state) {
  (void)state;
  for (int variant = 0; variant < 2 * LB_ACTIVATIONS; variant++) {
    fixture f = make((lb_activation)(variant / 2), SQUARED, 3, variant % 2 == 1);
    lb_real* J = LB_TAKE(f.arena, lb_real, HALF * INPUTS * COLUMNS);
    lb_net_forward(f.net, 1, f.tape, f.x, SAMPLES);
    lb_net_jacobian(f.net, 1, f.tape, J, HALF);
    double size = largest(J, HALF * INPUTS * COLUMNS);
    assert_true(size > 1e-3);
    for (int i = 0; i < INPUTS * SAMPLES; i++) {
      int at = i / SAMPLES * COLUMNS + i % SAMPLES, j = i % SAMPLES;
      double saved = f.x[at], plus[HALF];
      f.x[at] = saved + step;
      const lb_real* y = lb_net_forward(f.net, 1, f.tape, f.x, SAMPLES);
      for (int o = 0; o < HALF; o++) plus[o] = y[o * COLUMNS + j];
      f.x[at] = saved - step;
      y = lb_net_forward(f.net, 1, f.tape, f.x, SAMPLES);
      for (int o = 0; o < HALF; o++) {
        compare(J[(o * INPUTS + i / SAMPLES) * COLUMNS + j], (plus[o] - y[o * COLUMNS + j]) / (2 * step), size,
                "Jacobian", o);
      }
      f.x[at] = saved;
    }
    lb_arena_free(f.arena);
  }
}

// What is kept of a batch goes back as it would have within the whole.
static void test_selected_samples(void** state) {
  (void)state;
  static const int columns[] = {0, 3, 4, 9, 17, 20};
  enum { KEPT = sizeof columns / sizeof *columns, LD = 16 };
  for (int variant = 0; variant < 2 * LB_ACTIVATIONS; variant++) {
    fixture f = make((lb_activation)(variant / 2), SQUARED, 3, variant % 2 == 1);
    lb_real *dx = LB_TAKE(f.arena, lb_real, INPUTS * COLUMNS), *part = LB_TAKE(f.arena, lb_real, INPUTS * COLUMNS);
    evaluate(&f, 1);
    lb_net_backward(f.net, 1, f.tape, NULL, dx, f.dy, 0, INPUTS);
    lb_tape_select(f.tape, columns, KEPT);
    for (int o = 0; o < OUTPUTS; o++) {
      for (int j = 0; j < KEPT; j++) f.dy[o * LD + j] = f.dy[o * COLUMNS + columns[j]];
    }
    lb_net_backward(f.net, 1, f.tape, NULL, part, f.dy, 0, INPUTS);
    for (int i = 0; i < INPUTS; i++) {
      for (int j = 0; j < KEPT; j++) assert_true(part[i * LD + j] == dx[i * COLUMNS + columns[j]]);
    }
    lb_arena_free(f.arena);
  }
}

// The gradient of some outputs' own rows is what the whole backward pass gives them, and nothing else of it changes.
static void test_last_layer_alone(void** state) {
  (void)state;
  for (int activation = 0; activation < LB_ACTIVATIONS; activation++) {
    fixture f = make((lb_activation)activation, SQUARED, 2, false);
    lb_real *whole = LB_TAKE(f.arena, lb_real, f.net->stride), *part = LB_TAKE(f.arena, lb_real, f.net->stride);
    evaluate(&f, 1);
    lb_net_backward(f.net, 1, f.tape, whole, NULL, f.dy, 0, 0);
    for (long i = 0; i < f.net->stride; i++) part[i] = 7;
    lb_net_backward_last(f.net, f.tape, part, f.dy + 2 * COLUMNS, 2, 3);
    lb_layer last = lb_net_layer(f.net, 0, 2);
    long from = last.weights + 2 * last.ld, to = last.weights + 5 * last.ld, changed = 0;
    for (long i = 0; i < f.net->stride; i++) {
      bool own = (i >= from && i < to) || (i >= last.biases + 2 && i < last.biases + 5);
      assert_true(own ? fabs(part[i] - whole[i]) <= 1e-14 : part[i] == 7);
      changed += own && whole[i] != 0;
    }
    assert_true(changed > 3 * 15);
    lb_arena_free(f.arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gradients),        cmocka_unit_test(test_gradients_with_layer_norm),
      cmocka_unit_test(test_jacobians),        cmocka_unit_test(test_selected_samples),
      cmocka_unit_test(test_last_layer_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
