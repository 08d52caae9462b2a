// The elementary functions against libm in a wider type, in units of the last place.
#include "nn/vec.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <float.h>

#ifdef LB_NN_DOUBLE
static const long double epsilon = DBL_EPSILON;
#else
static const long double epsilon = FLT_EPSILON;
#endif

static long double sigmoid(long double x) {
  return 1 / (1 + expl(-x));
}

static long double softplus(long double x) {
  return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

// The largest error, in units of the last place of the true value, on an even grid of [low, high].
static double worst(lb_vec (*f)(lb_vec), long double (*truth)(long double), double low, double high) {
  enum { POINTS = 20011 };
  double most = 0;
  for (int i = 0; i < POINTS; i += LB_LANES) {
    lb_vec x = {0};
    for (int l = 0; l < LB_LANES; l++) x[l] = (lb_real)(low + (high - low) * (i + l) / POINTS);
    lb_vec y = f(x);
    for (int l = 0; l < LB_LANES; l++) {
      long double t = truth(x[l]), error = fabsl((long double)y[l] - t) / (epsilon * fmaxl(fabsl(t), 1e-37L));
      if (!(error <= most)) most = (double)error;
    }
  }
  return most;
}

static lb_vec do_exp(lb_vec x) {
  return lb_vec_exp(x);
}

static lb_vec do_expm1(lb_vec x) {
  return lb_vec_expm1(x);
}

static lb_vec do_sigmoid(lb_vec x) {
  return lb_vec_sigmoid(x);
}

static lb_vec do_tanh(lb_vec x) {
  return lb_vec_tanh(x);
}

static lb_vec do_log1p(lb_vec x) {
  return lb_vec_log1p_unit(x);
}

static lb_vec do_softplus(lb_vec x) {
  return lb_vec_softplus(x);
}

static void test_accuracy(void** state) {
  (void)state;
  static const struct {
    const char* name;
    lb_vec (*f)(lb_vec);
    long double (*truth)(long double);
    double low, high, most;
  } cases[] = {
      {"exp", do_exp, expl, -80, 80, 2},
      {"exp", do_exp, expl, -0.5, 0.5, 2},
      {"expm1", do_expm1, expm1l, -10, 10, 3},
      {"expm1", do_expm1, expm1l, -1e-3, 1e-3, 3},
      {"sigmoid", do_sigmoid, sigmoid, -70, 70, 4},
      {"tanh", do_tanh, tanhl, -12, 12, 4},
      {"tanh", do_tanh, tanhl, -1e-2, 1e-2, 4},
      {"log1p", do_log1p, log1pl, 0, 1, 4},
      {"log1p", do_log1p, log1pl, 0, 1e-4, 4},
      {"softplus", do_softplus, softplus, -60, 60, 4},
      {"softplus", do_softplus, softplus, -1, 1, 4},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double error = worst(cases[i].f, cases[i].truth, cases[i].low, cases[i].high);
    if (!(error <= cases[i].most)) {
      fail_msg("%s on [%g, %g]: %.2f units, at most %g", cases[i].name, cases[i].low, cases[i].high, error,
               cases[i].most);
    }
  }
}

static void test_ends(void** state) {
  (void)state;
  lb_real huge = (lb_real)1e30;
  assert_true(isnan((double)lb_vec_exp(lb_vec_of((lb_real)NAN))[0]));
  assert_true(isnan((double)lb_vec_tanh(lb_vec_of((lb_real)NAN))[0]));
  assert_true(isnan((double)lb_vec_softplus(lb_vec_of((lb_real)NAN))[0]));
  assert_true(lb_vec_tanh(lb_vec_of(huge))[0] == 1 && lb_vec_tanh(lb_vec_of(-huge))[0] == -1);
  assert_true(lb_vec_sigmoid(lb_vec_of(huge))[0] == 1 && lb_vec_sigmoid(lb_vec_of(-huge))[0] < (lb_real)1e-36);
  assert_true(lb_vec_softplus(lb_vec_of(huge))[0] == huge && lb_vec_softplus(lb_vec_of(-huge))[0] < (lb_real)1e-36);
}

static void test_sum_takes_every_lane_once(void** state) {
  (void)state;
  lb_vec v = {0};
  double expected = 0;
  for (int l = 0; l < LB_LANES; l++) expected += (double)(v[l] = (lb_real)(1 << l));
  assert_true((double)lb_vec_sum(v) == expected);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accuracy),
      cmocka_unit_test(test_ends),
      cmocka_unit_test(test_sum_takes_every_lane_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
