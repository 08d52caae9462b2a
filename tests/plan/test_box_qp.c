// Projected Newton against enumeration of all active sets (every control is low, high or free: 3^n cases), and against
// mju_boxQP, MuJoCo's own program for the same problem.
#include "plan/box_qp.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <mujoco/mujoco.h>
// clang-format on

#include "../linalg/plain.h"
#include "../support/near.h"

enum { MOST = 5, WIDE = LB_BOX_QP_MAX };

static double objective(const double* Q, const double* q, const double* u, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    sum += q[i] * u[i];
    for (int j = 0; j < n; ++j) sum += 0.5 * u[i] * Q[i * n + j] * u[j];
  }
  return sum;
}

// The best feasible u with the controls held as the base-3 digits of `code` say; INFINITY when it is not feasible.
static double try_set(double* u, const double* Q, const double* q, const double* low, const double* high, int n,
                      int code) {
  double A[MOST * MOST], b[MOST];
  int free[MOST], m = 0;
  for (int i = 0; i < n; ++i, code /= 3) {
    u[i] = code % 3 == 1 ? low[i] : code % 3 == 2 ? high[i] : 0;
    if (code % 3 == 0) free[m++] = i;
    if (!isfinite(u[i])) return INFINITY;
  }
  for (int i = 0; i < m; ++i) {
    b[i] = -q[free[i]];
    for (int j = 0; j < n; ++j) b[i] -= Q[free[i] * n + j] * u[j];
    for (int j = 0; j < m; ++j) A[i * m + j] = Q[free[i] * n + free[j]];
  }
  plain_solve(A, b, m, 1);
  for (int i = 0; i < m; ++i) {
    u[free[i]] = b[i];
    if (b[i] < low[free[i]] || b[i] > high[free[i]]) return INFINITY;
  }
  return objective(Q, q, u, n);
}

static void enumerate(double* best, const double* Q, const double* q, const double* low, const double* high, int n) {
  double u[MOST], least = INFINITY;
  int codes = 1;
  for (int i = 0; i < n; ++i) codes *= 3;
  for (int code = 0; code < codes; ++code) {
    double value = try_set(u, Q, q, low, high, n, code);
    if (value >= least) continue;
    least = value;
    memcpy(best, u, (size_t)n * sizeof *u);
  }
}

static void random_problem(double* Q, double* q, double* low, double* high, double* u, int n, uint32_t index) {
  lb_rng rng = lb_rng_stream(8, LB_RNG_TEST, index, 0);
  double G[WIDE * WIDE], T[WIDE * WIDE];
  plain_fill(&rng, G, n * n);
  plain_transpose(T, G, n, n);
  plain_mul(Q, G, T, n, n, n, 1, 0);
  for (int i = 0; i < n; ++i) Q[i * n + i] += 0.05;
  plain_fill(&rng, q, n);
  for (int i = 0; i < n; ++i) {
    low[i] = index % 7 == 0 && i == 0 ? -INFINITY : -lb_rng_uniform(&rng);
    high[i] = index % 5 == 0 && i == 1 ? INFINITY : lb_rng_uniform(&rng);
    if (index % 11 == 0 && i == 2) high[i] = low[i];
    u[i] = 3 * lb_rng_normal(&rng);
  }
}

static void test_against_enumeration(void** state) {
  (void)state;
  for (uint32_t index = 0; index < 500; ++index) {
    double Q[MOST * MOST], q[MOST], low[MOST], high[MOST], u[MOST], best[MOST];
    int n = 1 + (int)(index % MOST);
    lb_box_qp r;
    random_problem(Q, q, low, high, u, n, index);
    enumerate(best, Q, q, low, high, n);
    lb_box_qp_solve(&r, u, Q, q, low, high, n);
    assert_true(r.ok);
    assert_true(r.iterations < 30);
    for (int i = 0; i < n; ++i) assert_near(u[i], best[i], 1e-9 * (1 + fabs(best[i])));
    int inside = 0;
    for (int i = 0; i < n; ++i) inside += best[i] > low[i] + 1e-9 && best[i] < high[i] - 1e-9;
    assert_int_equal(r.nfree, inside);
    for (int i = 0; i < r.nfree; ++i) {  // the factor belongs to the free block
      for (int j = 0; j <= i; ++j) {
        double sum = 0;
        for (int k = 0; k <= j; ++k) sum += r.L[i * r.nfree + k] * r.L[j * r.nfree + k];
        assert_near(sum, Q[r.free[i] * n + r.free[j]], 1e-12 * (1 + fabs(sum)));
      }
    }
  }
}

// Problems too wide to enumerate, and their starts: the same solution, the same free controls, the same factor.
static void test_against_mujoco(void** state) {
  (void)state;
  int held = 0, most_free = 0;
  for (uint32_t index = 0; index < 640; ++index) {
    double Q[WIDE * WIDE], q[WIDE], low[WIDE], high[WIDE], u[WIDE], theirs[WIDE], R[WIDE * (WIDE + 7)];
    int n = 1 + (int)(index % WIDE), index_of[WIDE];
    lb_box_qp r;
    random_problem(Q, q, low, high, u, n, index);
    for (int i = 0; i < n; ++i) high[i] += high[i] == low[i];  // MuJoCo wants room for every control
    memcpy(theirs, u, sizeof theirs);
    lb_box_qp_solve(&r, u, Q, q, low, high, n);
    int nfree = mju_boxQP(theirs, R, index_of, Q, q, n, low, high);
    assert_true(r.ok);
    assert_int_equal(r.nfree, nfree);
    for (int i = 0; i < n; ++i) assert_near(u[i], theirs[i], 1e-9 * (1 + fabs(theirs[i])));
    for (int i = 0; i < nfree; ++i) {
      assert_int_equal(r.free[i], index_of[i]);
      for (int j = 0; j <= i; ++j)
        assert_near(r.L[i * nfree + j], R[i * nfree + j], 1e-9 * (1 + fabs(R[i * nfree + j])));
    }
    held += n - nfree;
    most_free = nfree > most_free ? nfree : most_free;
  }
  assert_true(held > 1000 && most_free > 10);  // limits matter, and not all controls are held
}

static void test_no_limits_is_one_newton_step(void** state) {
  (void)state;
  double Q[] = {2, 1, 1, 3}, q[] = {-4, 7}, low[] = {-INFINITY, -INFINITY}, high[] = {INFINITY, INFINITY};
  double u[] = {0, 0};
  lb_box_qp r;
  lb_box_qp_solve(&r, u, Q, q, low, high, 2);
  assert_true(r.ok);
  assert_int_equal(r.nfree, 2);
  assert_near(u[0], 19.0 / 5, 1e-14);
  assert_near(u[1], -18.0 / 5, 1e-14);
}

// A control without room is never free, whatever its gradient.
static void test_no_room(void** state) {
  (void)state;
  double Q[] = {1, 0, 0, 1}, q[] = {0, -1}, low[] = {0, -9}, high[] = {0, 9}, u[] = {0, 0};
  lb_box_qp r;
  lb_box_qp_solve(&r, u, Q, q, low, high, 2);
  assert_true(r.ok);
  assert_int_equal(r.nfree, 1);
  assert_int_equal(r.free[0], 1);
  assert_near(u[1], 1, 1e-15);
}

static void test_failures(void** state) {
  (void)state;
  double Q[] = {1, 0, 0, -1}, q[] = {1, 0}, low[] = {-1, -1}, high[] = {1, 1}, u[] = {0, 0};
  lb_box_qp r;
  lb_box_qp_solve(&r, u, Q, q, low, high, 2);
  assert_false(r.ok);
  double bad[] = {NAN, 0};
  Q[3] = 1;
  lb_box_qp_solve(&r, u, Q, bad, low, high, 2);
  assert_false(r.ok);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_enumeration),
      cmocka_unit_test(test_against_mujoco),
      cmocka_unit_test(test_no_limits_is_one_newton_step),
      cmocka_unit_test(test_no_room),
      cmocka_unit_test(test_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
