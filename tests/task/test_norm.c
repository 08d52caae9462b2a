// Norms by hand, and tolerances against what defines them: 1 within the bounds, the stated value at the margin,
// falling.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "../io/temporary.h"
#include "../support/near.h"
#include "task/norm.h"

static lb_node root_of(lb_json** doc, const char* text) {
  assert_ok(lb_json_parse(doc, text, "here"));
  return lb_json_root(*doc);
}

static void norms(void** state) {
  (void)state;
  static const struct {
    const char* name;
    double value;
  } wanted[] = {
      {"sum", 2},       {"mean", 0.5}, {"squared", 30}, {"mean_squared", 7.5}, {"euclidean", 5.477225575051661},
      {"absolute", 10}, {"largest", 4}};
  const double x[] = {-1, 2, -3, 4};
  int n = 0;
  for (; lb_norm_at(n); ++n) {
    assert_string_equal(lb_norm_at(n)->name, wanted[n].name);
    assert_near(lb_norm_at(n)->of(x, 4), wanted[n].value, 1e-15);
    const double bad[] = {1, NAN, 2};
    assert_true(isnan(lb_norm_at(n)->of(bad, 3)));
  }
  assert_int_equal(n, 7);
}

static const char* const curves[] = {"gaussian", "hyperbolic", "long_tail", "reciprocal",
                                     "cosine",   "linear",     "quadratic", "tanh_squared"};

static lb_tolerance tolerance_of(const char* text) {
  lb_json* doc;
  lb_tolerance t;
  assert_ok(lb_tolerance_read(&t, root_of(&doc, text)));
  lb_json_free(doc);
  return t;
}

static void tolerances(void** state) {
  (void)state;
  char text[300];
  for (size_t i = 0; i < sizeof curves / sizeof curves[0]; ++i) {
    for (int k = 1; k <= 3; ++k) {
      double value = 0.25 * k, last = 1;
      snprintf(text, sizeof text,
               "{\"tolerance\": {\"bounds\": [-1, 2], \"margin\": 0.5, \"sigmoid\": \"%s\", \"value_at_margin\": %g}}",
               curves[i], value);
      lb_tolerance t = tolerance_of(text);
      assert_true(lb_tolerance_eval(&t, -1) == 1 && lb_tolerance_eval(&t, 0.3) == 1 && lb_tolerance_eval(&t, 2) == 1);
      assert_near(lb_tolerance_eval(&t, 2.5), value, 1e-12);
      assert_near(lb_tolerance_eval(&t, -1.5), value, 1e-12);
      for (int j = 1; j <= 40; ++j) {
        double now = lb_tolerance_eval(&t, 2 + 0.05 * j);
        assert_true(now <= last && now >= 0);
        assert_near(lb_tolerance_eval(&t, -1 - 0.05 * j), now, 1e-12);
        last = now;
      }
      assert_true(isnan(lb_tolerance_eval(&t, NAN)));
    }
  }
}

// Values of dm_control's own definitions, worked out by hand.
static void known_tolerances(void** state) {
  (void)state;
  lb_tolerance t = tolerance_of("{\"tolerance\": {\"bounds\": [0, 0], \"margin\": 2}}");
  assert_near(lb_tolerance_eval(&t, 1), pow(0.1, 0.25), 1e-14);  // gaussian: v^((d / margin)^2)
  t = tolerance_of(
      "{\"tolerance\": {\"bounds\": [0, null], \"margin\": 1, \"sigmoid\": \"linear\", "
      "\"value_at_margin\": 0}}");
  assert_near(lb_tolerance_eval(&t, -0.25), 0.75, 1e-15);
  assert_true(lb_tolerance_eval(&t, 1e300) == 1 && lb_tolerance_eval(&t, -2) == 0);
  t = tolerance_of(
      "{\"tolerance\": {\"bounds\": [0, 0], \"margin\": 1, \"sigmoid\": \"quadratic\", "
      "\"value_at_margin\": 0}}");
  assert_near(lb_tolerance_eval(&t, 0.5), 0.75, 1e-15);
  t = tolerance_of("{\"tolerance\": {\"bounds\": [0, 0.5]}}");
  assert_true(lb_tolerance_eval(&t, 0.5) == 1 && lb_tolerance_eval(&t, 0.5000001) == 0);
  t = tolerance_of("{}");
  assert_true(lb_tolerance_eval(&t, -7) == -7);
}

static void check_refused(const char* text, const char* words) {
  lb_json* doc;
  lb_tolerance t;
  lb_node root = root_of(&doc, text);
  check_failure(lb_tolerance_read(&t, root), LB_INPUT, words);
  lb_json_free(doc);
}

static void wrong_tolerances(void** state) {
  (void)state;
  check_refused("{\"tolerance\": {}}", "$.tolerance: the key 'bounds' is missing");
  check_refused("{\"tolerance\": {\"bounds\": [1, 0]}}", "$.tolerance.bounds: is [1, 0], expected [low, high]");
  check_refused("{\"tolerance\": {\"bounds\": [1]}}", "$.tolerance.bounds: expected [low, high], found 1 element");
  check_refused("{\"tolerance\": {\"bounds\": [1, \"a\"]}}", "$.tolerance.bounds[1]: expected a number");
  check_refused("{\"tolerance\": {\"bounds\": [0, 1], \"margn\": 2}}", "unknown key 'margn' (did you mean 'margin'?)");
  check_refused("{\"tolerance\": {\"bounds\": [0, 1], \"margin\": -2}}", "$.tolerance.margin: expected a number");
  check_refused("{\"tolerance\": {\"bounds\": [0, 1], \"sigmoid\": \"gausian\"}}", "did you mean 'gaussian'?");
  check_refused("{\"tolerance\": {\"bounds\": [0, 1], \"value_at_margin\": 0}}",
                "$.tolerance.value_at_margin: is 0, expected a number below 1 and above 0 for a gaussian curve");
  check_refused("{\"tolerance\": {\"bounds\": [0, 1], \"sigmoid\": \"linear\", \"value_at_margin\": 1}}",
                "$.tolerance.value_at_margin: is 1, expected a number below 1 and from 0 for a linear curve");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(norms),
      cmocka_unit_test(tolerances),
      cmocka_unit_test(known_tolerances),
      cmocka_unit_test(wrong_tolerances),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
