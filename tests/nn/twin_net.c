// Nets against plain loops, and the parts around them: optimiser, clipping, normalizer, first weights, columns.
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

#include "../support/near.h"
#include "fill.h"
#include "nn/adam.h"
#include "nn/columns.h"
#include "nn/init.h"
#include "nn/layer_norm.h"
#include "nn/normalizer.h"

#ifdef LB_NN_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 2e-5;
#endif

static const lb_net_shape shapes[] = {
    {1, 1, 1, 1, 1, LB_RELU, false},    {2, 3, 1, 2, 17, LB_RELU, false},  {3, 11, 6, 2, 32, LB_TANH, false},
    {7, 14, 24, 4, 40, LB_SILU, false}, {1, 33, 2, 8, 5, LB_SILU, false},  {2, 3, 1, 2, 17, LB_RELU, true},
    {3, 11, 6, 3, 32, LB_TANH, true},   {2, 14, 24, 4, 40, LB_SILU, true},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void test_forward(void** state) {
  (void)state;
  for (int s = 0; s < SHAPES; s++) {
    lb_arena* arena = lb_arena_new(0);
    lb_net* net = lb_net_new(&shapes[s], arena);
    lb_tape *learning = lb_tape_new(&shapes[s], 70, true, arena), *forward = lb_tape_new(&shapes[s], 70, false, arena);
    lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, (uint32_t)s, 0);
    fill_net(&rng, net, 0.3);
    for (int n = 1; n <= 70; n += 23) {
      int ld = lb_columns(n);
      lb_real* x = LB_TAKE(arena, lb_real, shapes[s].inputs * ld);
      fill_normals(&rng, x, shapes[s].inputs * ld, 1);
      for (int m = 0; m < shapes[s].members; m++) {
        const lb_real *y = lb_net_forward(net, m, learning, x, n), *z = lb_net_forward(net, m, forward, x, n);
        assert_memory_equal(y, z, (size_t)(shapes[s].outputs * ld) * sizeof *y);
        for (int o = 0; o < shapes[s].outputs; o++) {
          for (int j = 0; j < n; j++) assert_near((double)y[o * ld + j], plain_output(net, m, x, ld, j, o), tolerance);
        }
      }
    }
    lb_arena_free(arena);
  }
}

static void test_layers_do_not_overlap(void** state) {
  (void)state;
  for (int s = 0; s < SHAPES; s++) {
    lb_arena* arena = lb_arena_new(0);
    lb_net* net = lb_net_new(&shapes[s], arena);
    const lb_net_shape* h = &shapes[s];
    long found = 0, middle = (long)(h->hidden - 1) * h->width * (h->width + 1);
    for (long i = 0; i < net->count; i++) found += is_parameter(net, i);
    long norms = h->layer_norm ? 2L * h->hidden * h->width : 0;
    assert_int_equal(found, h->members * (h->width * (h->inputs + 1L) + middle + h->outputs * (h->width + 1L) + norms));
    assert_true(lb_net_same_shape(h, &net->shape));
    assert_true(s == 0 || !lb_net_same_shape(h, &shapes[s - 1]));
    lb_arena_free(arena);
  }
}

// Layer normalisation of known numbers: of c - a and c + a it leaves -1 and 1, but for a^2 / (a^2 + 1e-5), however
// large c is beside a; nothing of equal numbers; and columns do not see each other.
static void test_layer_norm(void** state) {
  (void)state;
  enum { LD = 16 };
  const double a[] = {0.5, 2, 0.003, 0}, c[] = {0, 1000, -0.25, 7}, gain[] = {3, -2};
  lb_real h[2 * LD] = {0}, normal[2 * LD], inverse[LD], sums[2 * LD], g[2] = {3, -2};
  for (int j = 0; j < 4; j++) {
    h[j] = (lb_real)(c[j] - a[j]);
    h[LD + j] = (lb_real)(c[j] + a[j]);
  }
  lb_layer_norm_forward(h, normal, inverse, sums, g, 2, LD);
  for (int j = 0; j < 4; j++) {
    double unit = 1 / sqrt(a[j] * a[j] + 1e-5);
    assert_near((double)inverse[j], unit, 10 * tolerance * unit);
    for (int i = 0; i < 2; i++) {
      double x = (i == 0 ? -a[j] : a[j]) * unit;
      assert_near((double)normal[i * LD + j], x, 10 * tolerance);
      assert_near((double)h[i * LD + j], gain[i] * x, 30 * tolerance);
    }
  }
}

static void test_adam(void** state) {
  (void)state;
  enum { N = 37, STEPS = 50 };
  lb_arena* arena = lb_arena_new(0);
  lb_adam_config config = {.rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1};
  lb_adam adam, plain_adam;
  lb_adam_init(&adam, N, &config, arena);
  lb_adam_init(&plain_adam, N, &config, arena);
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  lb_real theta[N], same[N], target[N], g[N];
  double p[N], m[N] = {0}, v[N] = {0}, q[N] = {0};
  memset(target, 0, sizeof target);
  fill_normals(&rng, theta, N, 1);
  memcpy(same, theta, sizeof theta);
  for (int i = 0; i < N; i++) p[i] = (double)theta[i];
  for (int t = 1; t <= STEPS; t++) {
    fill_normals(&rng, g, N, 1);
    lb_adam_step(&adam, theta, g, target, 0.25);
    lb_adam_step(&plain_adam, same, g, NULL, 0);
    for (int i = 0; i < N; i++) {
      double d = (double)g[i] + 0.1 * p[i];
      m[i] = 0.8 * m[i] + 0.2 * d;
      v[i] = 0.95 * v[i] + 0.05 * d * d;
      p[i] -= 0.02 * (m[i] / (1 - pow(0.8, t))) / (sqrt(v[i] / (1 - pow(0.95, t))) + 1e-3);
      q[i] += 0.25 * (p[i] - q[i]);
      assert_near((double)theta[i], p[i], tolerance);
      assert_near((double)target[i], q[i], tolerance);
    }
  }
  assert_memory_equal(theta, same, sizeof theta);
  assert_int_equal(adam.steps, STEPS);
  lb_arena_free(arena);
}

// After gradients that end, the moments end too, at 0 and not among denormal numbers; weights stand still meanwhile.
static void test_moments_end_at_zero(void** state) {
  (void)state;
  enum { N = 33 };
  lb_arena* arena = lb_arena_new(0);
  lb_adam_config config = lb_adam_default_config();
  config.beta2 = 0.9;
  lb_adam adam;
  lb_real theta[N] = {0}, g[N], before[N];
  lb_adam_init(&adam, N, &config, arena);
  for (int i = 0; i < N; i++) g[i] = (lb_real)(i - 16);
  lb_adam_step(&adam, theta, g, NULL, 0);
  memset(g, 0, sizeof g);
  for (int t = 0; t < 2000; t++) {
    if (t == 700) memcpy(before, theta, sizeof theta);
    lb_adam_step(&adam, theta, g, NULL, 0);
    for (int i = 0; i < N; i++) {
      assert_true(adam.m[i] == 0 || fabs((double)adam.m[i]) > 1e-33);
      assert_true(adam.v[i] == 0 || (double)adam.v[i] > 1e-33);
    }
  }
  assert_memory_equal(before, theta, sizeof theta);
  for (int i = 0; i < N; i++) assert_true(adam.m[i] == 0 && adam.v[i] == 0 && (i == 16) == (theta[i] == 0));
  lb_arena_free(arena);
}

static void test_clipping(void** state) {
  (void)state;
  lb_real g[40] = {0};
  g[3] = 3;
  g[38] = -4;
  assert_near(lb_adam_norm(g, 40), 5, 1e-12);
  assert_near(lb_adam_clip(g, 40, 10), 5, 1e-12);
  assert_true(g[3] == 3 && g[38] == -4);
  assert_near(lb_adam_clip(g, 40, 1), 5, 1e-12);
  assert_near((double)g[3], 0.6, 1e-6);
  assert_near((double)g[38], -0.8, 1e-6);
  g[17] = (lb_real)NAN;
  assert_true(isnan(lb_adam_norm(g, 40)));
  g[17] = (lb_real)INFINITY;
  assert_true(isinf(lb_adam_norm(g, 40)));
}

static void test_finite(void** state) {
  (void)state;
  enum { N = 200 };
  lb_real g[N];
  for (int i = 0; i < N; i++) g[i] = (lb_real)(i % 2 ? 1e30 : -1e-30);
  assert_true(lb_adam_is_finite(g, N));
  for (int i = 0; i < N; i++) {
    lb_real saved = g[i];
    g[i] = (lb_real)(i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY);
    assert_false(lb_adam_is_finite(g, N));
    assert_true(lb_adam_is_finite(g, i));
    g[i] = saved;
  }
}

static void test_normalizer(void** state) {
  (void)state;
  enum { DIM = 3, N = 29 };
  lb_arena* arena = lb_arena_new(0);
  float data[N * DIM];
  lb_real x[DIM * 32];
  lb_rng rng = lb_rng_stream(6, LB_RNG_TEST, 0, 0);
  for (int j = 0; j < N; j++) {
    data[j * DIM] = (float)(1e3 + 5 * lb_rng_normal(&rng));
    data[j * DIM + 1] = -7;
    data[j * DIM + 2] = (float)(1e-3 * lb_rng_normal(&rng));
  }
  lb_normalizer z;
  lb_normalizer_init(&z, DIM, arena);
  lb_columns_gather(x, data, NULL, DIM, DIM, N);
  lb_normalizer_apply(&z, x, N);
  for (int j = 0; j < N; j++) assert_true((float)x[j] == data[j * DIM]);
  lb_normalizer_fit(&z, data, NULL, DIM, N);
  lb_normalizer_apply(&z, x, N);
  for (int i = 0; i < DIM; i++) {
    double mean = 0, square = 0;
    for (int j = 0; j < N; j++) mean += (double)x[i * 32 + j] / N;
    for (int j = 0; j < N; j++) square += pow((double)x[i * 32 + j] - mean, 2) / N;
    assert_near(mean, 0, 2e-5);
    assert_near(square, i == 1 ? 0 : 1, 1e-5);
  }
  lb_arena_free(arena);
}

static void test_columns(void** state) {
  (void)state;
  float data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, back[6];
  const int rows[] = {2, 0, 1};
  lb_real x[2 * LB_NN_PAD];
  lb_columns_gather(x, data, NULL, 2, 3, 3);
  for (int j = 0; j < 3; j++) assert_true((float)x[j] == data[3 * j] && (float)x[LB_NN_PAD + j] == data[3 * j + 1]);
  assert_true(x[3] == 0 && x[2 * LB_NN_PAD - 1] == 0);
  lb_columns_gather(x, data, rows, 2, 3, 3);
  lb_columns_scatter(back, x, 2, 3);
  const double doubles[] = {1, 2, 3, 4, 5, 6};
  lb_columns_take(x, doubles, 2, 3);
  for (int j = 0; j < 3; j++) assert_true((double)x[j] == doubles[2 * j]);
  for (int j = 0; j < 3; j++) assert_true((double)x[LB_NN_PAD + j] == doubles[2 * j + 1]);
  assert_true(x[3] == 0 && x[2 * LB_NN_PAD - 1] == 0);
  assert_true(back[0] == 7 && back[1] == 8 && back[2] == 1 && back[3] == 2 && back[4] == 4 && back[5] == 5);
}

// Mean 0, the stated spread, nothing past the cut; for tens of thousands of draws the bounds are over five deviations
// wide. The same seed gives the same weights.
static void test_first_weights(void** state) {
  (void)state;
  lb_net_shape shape = {2, 50, 150, 1, 150, LB_SILU, true};
  lb_arena* arena = lb_arena_new(0);
  lb_net *net = lb_net_new(&shape, arena), *again = lb_net_new(&shape, arena);
  for (int kind = 0; kind < 2; kind++) {
    lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0), same = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
    (kind ? lb_init_xavier_uniform : lb_init_truncated_normal)(net, &rng);
    (kind ? lb_init_xavier_uniform : lb_init_truncated_normal)(again, &same);
    assert_memory_equal(net->theta, again->theta, (size_t)net->count * sizeof *net->theta);
    for (int l = 0; l < 2; l++) {
      lb_layer layer = lb_net_layer(net, 1, l);
      double unit = kind ? sqrt(6.0 / (layer.in + layer.out)) : 1 / (2 * sqrt(layer.in)), most = 0, mean = 0,
             square = 0;
      int n = layer.in * layer.out;
      for (int i = 0; i < layer.out; i++) {
        for (int j = 0; j < layer.ld; j++) {
          double w = (double)net->theta[layer.weights + i * layer.ld + j] / unit;
          assert_true(j < layer.in || w == 0);
          most = fmax(most, fabs(w));
          mean += w / n;
          square += w * w / n;
        }
        assert_true(net->theta[layer.biases + i] == 0);
        assert_true(l == 1 || (net->theta[layer.gains + i] == 1 && net->theta[layer.shifts + i] == 0));
      }
      // The variance of a normal cut at 2 is 0.77374, that of a uniform on +-1 is 1/3.
      assert_near(mean, 0, 0.06);
      assert_near(square, kind ? 1.0 / 3 : 0.77374, 0.06);
      assert_true(most <= (kind ? 1 : 2) + 1e-6 && most > (kind ? 0.99 : 1.95));
    }
  }
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_forward),
      cmocka_unit_test(test_layers_do_not_overlap),
      cmocka_unit_test(test_layer_norm),
      cmocka_unit_test(test_adam),
      cmocka_unit_test(test_moments_end_at_zero),
      cmocka_unit_test(test_clipping),
      cmocka_unit_test(test_finite),
      cmocka_unit_test(test_normalizer),
      cmocka_unit_test(test_columns),
      cmocka_unit_test(test_first_weights),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
