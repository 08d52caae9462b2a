// One Riccati pass against gains computed by hand, the algebraic Riccati equation, a dense KKT system, and with limits
// against the same recursion in plain loops about MuJoCo's own box-constrained program.
#include "plan/lqr.h"

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
#include "lq.h"
#include "sphere.h"

static lq p;
static lb_arena* arena;
static double zeros[(LQ_MOST_H + 1) * LQ_MOST_X];

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return arena == NULL;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

typedef struct planned {
  lb_lq_policy policy;
  lb_lq_value value;
  lb_lqr_report report;
} planned;

static planned run(const lb_trajectory* about, const lb_lqr_config* config) {
  planned r;
  lb_lqr* w = lb_lqr_new(&p.space, p.m, p.H, arena);
  lb_lq_policy_init(&r.policy, &p.space, p.m, p.H, arena);
  lb_lq_value_init(&r.value, &p.space, p.H, arena);
  r.report = lb_lqr_pass(w, &r.policy, &r.value, &p.f, &p.cost, about, config, &p.counts);
  return r;
}

static lb_trajectory origin(void) {
  return (lb_trajectory){p.H, zeros, zeros};
}

static lb_trajectory random_trajectory(uint32_t index) {
  lb_rng rng = lb_rng_stream(6, LB_RNG_TEST, index, 0);
  double* x = LB_TAKE(arena, double, (p.H + 1) * p.n);
  double* u = LB_TAKE(arena, double, (p.H * p.m));
  lb_rng_normals(&rng, x, (p.H + 1) * p.n);
  lb_rng_normals(&rng, u, p.H * p.m);
  return (lb_trajectory){p.H, x, u};
}

// x' = x + u, all weights 1: P_2 = 1, K_1 = -1/2, P_1 = 3/2, K_0 = -3/5, P_0 = 8/5.
static void test_scalar_by_hand(void** state) {
  (void)state;
  lq_init(&p, 1, 1, 2);
  for (int t = 0; t < 2; ++t) p.A[t][0] = p.B[t][0] = 1;
  lb_trajectory about = origin();
  lb_lqr_config config = lb_lqr_default_config();
  planned r = run(&about, &config);
  assert_int_equal(r.report.outcome, LB_LQR_DONE);
  assert_int_equal(r.report.failed_at, -1);
  assert_near(r.policy.K[1], -0.5, 1e-15);
  assert_near(r.policy.K[0], -0.6, 1e-15);
  assert_near(r.value.P[2], 1, 1e-15);
  assert_near(r.value.P[1], 1.5, 1e-15);
  assert_near(r.value.P[0], 1.6, 1e-15);
  for (int t = 0; t < 2; ++t) assert_near(r.policy.k[t], 0, 0);
}

// A double integrator, x' = (x1 + x2, x2 + u), all weights 1, two steps.
static void test_two_states_by_hand(void** state) {
  (void)state;
  lq_init(&p, 2, 1, 2);
  for (int t = 0; t < 2; ++t) {
    memcpy(p.A[t], (double[]){1, 1, 0, 1}, 4 * sizeof(double));
    memcpy(p.B[t], (double[]){0, 1}, 2 * sizeof(double));
  }
  lb_trajectory about = origin();
  lb_lqr_config config = lb_lqr_default_config();
  planned r = run(&about, &config);
  const double K[] = {-2.0 / 7, -1, 0, -0.5}, P[] = {19.0 / 7, 2, 2, 4, 2, 1, 1, 2.5, 1, 0, 0, 1};
  assert_true(plain_difference(r.policy.K, K, 4) < 1e-15);
  assert_true(plain_difference(r.value.P, P, 12) < 1e-14);
}

// P of x' = x + u with unit weights, long before the end: the golden ratio.
static void test_golden_ratio(void** state) {
  (void)state;
  lq_init(&p, 1, 1, 60);
  for (int t = 0; t < p.H; ++t) p.A[t][0] = p.B[t][0] = 1;
  lb_trajectory about = origin();
  lb_lqr_config config = lb_lqr_default_config();
  planned r = run(&about, &config);
  assert_near(r.value.P[0], (1 + sqrt(5)) / 2, 1e-14);
}

// H = (I + G P)^-1 applied from the left to M (n, cols).
static void resolvent(double* M, const double* G, const double* P, int n, int cols) {
  double T[LQ_MOST_X * LQ_MOST_X];
  plain_mul(T, G, P, n, n, n, 1, 0);
  for (int i = 0; i < n; ++i) T[i * n + i] += 1;
  plain_solve(T, M, n, cols);
}

// The stabilising solution of the algebraic Riccati equation by the structured doubling algorithm (Chu, Fan, Lin, Wang
// 2004): each step doubles the horizon, so twelve of them see 4096 steps without one Riccati step.
static void doubling(double* P, const double* A0, const double* B, const double* R, const double* Q, int n, int m) {
  double A[LQ_MOST_X * LQ_MOST_X], G[LQ_MOST_X * LQ_MOST_X], T[LQ_MOST_X * LQ_MOST_X], S[LQ_MOST_X * LQ_MOST_X] = {0};
  double At[LQ_MOST_X * LQ_MOST_X], Bt[LQ_MOST_X * LQ_MOST_X], R1[LQ_MOST_U * LQ_MOST_U];
  memcpy(A, A0, (size_t)(n * n) * sizeof *A);
  memcpy(P, Q, (size_t)(n * n) * sizeof *P);
  memcpy(R1, R, (size_t)(m * m) * sizeof *R1);
  plain_transpose(Bt, B, n, m);
  plain_solve(R1, Bt, m, n);
  plain_mul(G, B, Bt, n, n, m, 1, 0);
  for (int k = 0; k < 12; ++k) {
    plain_transpose(At, A, n, n);
    memcpy(T, A, (size_t)(n * n) * sizeof *T);
    resolvent(T, G, P, n, n);  // (I + G P)^-1 A
    double PT[LQ_MOST_X * LQ_MOST_X], GA[LQ_MOST_X * LQ_MOST_X], next[LQ_MOST_X * LQ_MOST_X];
    plain_mul(next, A, T, n, n, n, 1, 0);
    plain_mul(GA, G, At, n, n, n, 1, 0);
    resolvent(GA, G, P, n, n);
    plain_mul(PT, P, T, n, n, n, 1, 0);
    plain_mul(G, A, GA, n, n, n, 1, 1);
    plain_mul(S, At, PT, n, n, n, 1, 0);
    for (int i = 0; i < n * n; ++i) P[i] += S[i];
    memcpy(A, next, (size_t)(n * n) * sizeof *A);
  }
}

static void test_algebraic_riccati_limit(void** state) {
  (void)state;
  for (uint32_t index = 0; index < 5; ++index) {
    lq_random(&p, 4, 2, 400, index);
    memset(p.N, 0, sizeof p.N);
    for (int i = 0; i < 16; ++i) p.A[0][i] *= 2;  // unstable
    for (int t = 1; t < p.H; ++t) {
      memcpy(p.A[t], p.A[0], sizeof p.A[0]);
      memcpy(p.B[t], p.B[0], sizeof p.B[0]);
    }
    double P[16];
    doubling(P, p.A[0], p.B[0], p.R, p.Q, 4, 2);
    lb_trajectory about = random_trajectory(index);
    lb_lqr_config config = lb_lqr_default_config();
    planned r = run(&about, &config);
    assert_int_equal(r.report.outcome, LB_LQR_DONE);
    for (int i = 0; i < 16; ++i) assert_near(r.value.P[i], P[i], 1e-9 * (1 + fabs(P[i])));
  }
}

enum { KKT_N = 3, KKT_M = 2, KKT_H = 6, KKT_SIZE = KKT_H * (2 * KKT_N + KKT_M) };

// Adds v to the entry (i, j) of the KKT matrix, or to the right-hand side when j is -1 (with the other sign).
static void kkt_add(double* M, double* b, int i, int j, double v) {
  if (j >= 0) {
    M[i * KKT_SIZE + j] += v;
  } else {
    b[i] -= v;
  }
}

// The optimal x_1..x_H and u_0..u_{H-1} of p from x0, by one dense solve.
// Unknowns: u (H m), x_1..x_H (H n), multipliers (H n).
static void solve_kkt(double* x, double* u, const double* x0) {
  static double M[KKT_SIZE * KKT_SIZE], b[KKT_SIZE];
  int n = KKT_N, m = KKT_M, X = KKT_H * m, L = X + KKT_H * n;
  memset(M, 0, sizeof M);
  memset(b, 0, sizeof b);
  for (int t = 0; t < KKT_H; ++t) {
    const double* W = t + 1 < KKT_H ? p.Q : p.F;
    for (int i = 0; i < n; ++i) {
      int row = X + t * n + i, eq = L + t * n + i;
      for (int j = 0; j < n; ++j) {
        kkt_add(M, b, row, X + t * n + j, W[i * n + j]);
        kkt_add(M, b, row, -1, -W[i * n + j] * p.r[t + 1][j]);
        kkt_add(M, b, eq, t ? X + (t - 1) * n + j : -1, -p.A[t][i * n + j] * (t ? 1 : x0[j]));
        if (t) kkt_add(M, b, X + (t - 1) * n + j, eq, -p.A[t][i * n + j]);
      }
      kkt_add(M, b, row, eq, 1);
      kkt_add(M, b, eq, row, 1);
      kkt_add(M, b, eq, -1, -p.c[t][i]);
      for (int j = 0; j < m; ++j) {
        kkt_add(M, b, eq, t * m + j, -p.B[t][i * m + j]);
        kkt_add(M, b, t * m + j, eq, -p.B[t][i * m + j]);
        kkt_add(M, b, t * m + j, t ? X + (t - 1) * n + i : -1, p.N[j * n + i] * (t ? 1 : x0[i]));
        kkt_add(M, b, t * m + j, -1, -p.N[j * n + i] * p.r[t][i]);
        if (t) kkt_add(M, b, X + (t - 1) * n + i, t * m + j, p.N[j * n + i]);
      }
    }
    for (int i = 0; i < m * m; ++i) kkt_add(M, b, t * m + i / m, t * m + i % m, p.R[i]);
  }
  plain_solve(M, b, KKT_SIZE, 1);
  memcpy(u, b, (size_t)(KKT_H * m) * sizeof *u);
  memcpy(x, b + X, (size_t)(KKT_H * n) * sizeof *x);
}

// About any trajectory, a rollout of the model or not, the pass with defects solves the affine problem exactly.
static void test_defects_against_kkt(void** state) {
  (void)state;
  for (uint32_t index = 0; index < 4; ++index) {
    lq_random(&p, KKT_N, KKT_M, KKT_H, index);
    double x0[] = {1, -2, 0.5}, x[(KKT_H + 1) * KKT_N], u[KKT_H * KKT_M], x_opt[KKT_H * KKT_N], u_opt[KKT_H * KKT_M];
    solve_kkt(x_opt, u_opt, x0);
    lb_trajectory about = index ? random_trajectory(index) : origin();
    lb_lqr_config config = lb_lqr_default_config();
    planned r = run(&about, &config);
    lb_policy policy = lb_lq_policy_view(&r.policy);
    double v, cost = lb_rollout(x, u, &p.f, &p.cost, &policy, (lb_control_limits){0}, x0, KKT_H);
    assert_true(plain_difference(x + KKT_N, x_opt, KKT_H * KKT_N) < 1e-10);
    assert_true(plain_difference(u, u_opt, KKT_H * KKT_M) < 1e-10);
    lb_value value = lb_lq_value_view(&r.value);
    value.at(value.ctx, 1, 0, x0, &v);
    assert_near(v, cost, 1e-10 * cost);
  }
}

// Without the affine terms the same pass misses that optimum, and about the target it is pure feedback.
static void test_without_affine_terms(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 10, 0);
  memset(p.r, 0, sizeof p.r);
  lb_trajectory about = origin();
  lb_lqr_config affine = lb_lqr_default_config(), plain = {.affine = false};
  planned with = run(&about, &affine), without = run(&about, &plain);
  double largest = 0;
  for (int i = 0; i < p.H * p.m; ++i) {
    assert_near(without.policy.k[i], 0, 0);
    largest = fmax(largest, fabs(with.policy.k[i]));
  }
  assert_true(largest > 0.1);
  assert_true(plain_difference(with.policy.K, without.policy.K, p.H * p.m * p.n) < 1e-14);
}

// Cost of policy from state x at time t, in p.
static double cost_from(const lb_policy* policy, int t0, const double* x_start) {
  double x[LQ_MOST_X], next[LQ_MOST_X], u[LQ_MOST_U], sum = 0;
  memcpy(x, x_start, (size_t)p.n * sizeof *x);
  for (int t = t0; t < p.H; ++t) {
    lb_policy_act(policy, 1, t, x, u);
    sum += lq_stage(&p, t, x, u);
    lq_step(&p, 1, &t, x, u, next);
    memcpy(x, next, sizeof x);
  }
  return sum + lq_terminal(&p, p.H, x);
}

// The value is the cost of the policy, wherever it starts; for a regularised and for a limited pass too.
static void test_value_is_the_cost_of_the_policy(void** state) {
  (void)state;
  double low[] = {-0.2, -0.3}, high[] = {0.1, 0.2};
  lb_lqr_config configs[] = {{.affine = true},
                             {.affine = true, .mu_control = 3},
                             {.affine = true, .mu_state = 2},
                             {.affine = true, .limits = {low, high}}};
  lq_random(&p, 3, 2, 12, 1);
  lb_trajectory about = random_trajectory(9);
  for (int c = 0; c < 4; ++c) {
    planned r = run(&about, &configs[c]);
    assert_int_equal(r.report.outcome, LB_LQR_DONE);
    lb_policy policy = lb_lq_policy_view(&r.policy);
    lb_value value = lb_lq_value_view(&r.value);
    lb_rng rng = lb_rng_stream(7, LB_RNG_TEST, 0, 0);
    for (int t = 0; t <= p.H; ++t) {
      double x[6], v[2];
      lb_rng_normals(&rng, x, 6);
      value.at(value.ctx, 2, t, x, v);
      for (int i = 0; i < 2; ++i) {
        double cost = cost_from(&policy, t, x + 3 * i);
        assert_near(v[i], cost, 1e-10 * (1 + fabs(cost)));
      }
    }
  }
}

static void test_value_gradient(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 8, 2);
  lb_trajectory about = random_trajectory(3);
  lb_lqr_config config = lb_lqr_default_config();
  planned r = run(&about, &config);
  lb_value value = lb_lq_value_view(&r.value);
  for (int t = 0; t <= p.H; ++t) {
    for (int i = 0; i < 3; ++i) {
      double x[2][3], v[2], h = 1e-4;
      for (int s = 0; s < 2; ++s) {
        memcpy(x[s], about.x + 3 * t, sizeof x[s]);
        x[s][i] += s ? h : -h;
      }
      value.at(value.ctx, 2, t, x[0], v);
      assert_near((v[1] - v[0]) / (2 * h), r.value.p[3 * t + i], 1e-7 * (1 + fabs(r.value.p[3 * t + i])));
    }
  }
}

// From a rollout of the model the expected change of cost is the true one: for any step length, or, with
// regularisation, for the full one.
static void test_expected_change(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 10, 3);
  lb_trajectory start = random_trajectory(4);
  double x0[] = {0.3, 0.1, -1}, x[33], u[20], x_try[33], u_try[20];
  lb_lq_policy open;
  lb_lq_policy_init(&open, &p.space, p.m, p.H, arena);
  memcpy(open.u_nominal, start.u, sizeof u);
  lb_policy view = lb_lq_policy_view(&open);
  double before = lb_rollout(x, u, &p.f, &p.cost, &view, (lb_control_limits){0}, x0, p.H);
  lb_trajectory about = {p.H, x, u};
  double largest = 0;
  planned r;
  for (int mu = 1; mu >= 0; --mu) {
    lb_lqr_config config = {.mu_control = mu};
    r = run(&about, &config);
    lb_policy policy = lb_lq_policy_view(&r.policy);
    for (int halvings = 0; halvings < (mu ? 1 : 4); ++halvings) {
      double alpha = r.policy.alpha = 1.0 / (1 << halvings);
      double after = lb_rollout(x_try, u_try, &p.f, &p.cost, &policy, (lb_control_limits){0}, x0, p.H);
      double expected = alpha * r.report.expected_linear + alpha * alpha * r.report.expected_quadratic;
      assert_near(after - before, expected, 1e-9 * fabs(before));
      assert_true(expected < 0);
    }
  }
  for (int i = 0; i < 20; ++i) largest = fmax(largest, fabs(r.policy.k[i]) / (1 + fabs(u[i])));
  assert_near(r.report.feedforward, largest, 1e-15);
}

// One knot of x' = a x + b u by hand, with both kinds of regularisation.
static void test_regularisation_by_hand(void** state) {
  (void)state;
  lq_init(&p, 1, 1, 1);
  p.A[0][0] = 2;
  p.B[0][0] = 3;
  lb_trajectory about = origin();
  lb_lqr_config control = {.mu_control = 5}, both = {.mu_control = 5, .mu_state = 7};
  assert_near(run(&about, &control).policy.K[0], -6.0 / (1 + 9 + 5), 1e-15);
  assert_near(run(&about, &both).policy.K[0], -6.0 * (1 + 7) / (1 + 9 * (1 + 7) + 5), 1e-15);
}

static void test_failures(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 10, 4);
  lb_trajectory about = random_trajectory(5);
  lb_lqr_config config = lb_lqr_default_config();
  for (int i = 0; i < 4; ++i) p.R[i] = i % 3 ? 0 : -100;
  planned r = run(&about, &config);
  assert_int_equal(r.report.outcome, LB_LQR_NOT_POSITIVE);
  assert_int_equal(r.report.failed_at, 9);
  config.mu_control = 1000;
  assert_int_equal(run(&about, &config).report.outcome, LB_LQR_DONE);
  double low[] = {-1, -1}, high[] = {1, 1};
  config = (lb_lqr_config){.limits = {low, high}};
  p.R[0] = 1;
  assert_int_equal(run(&about, &config).report.outcome, LB_LQR_NOT_POSITIVE);
  lq_random(&p, 3, 2, 10, 4);
  double* spoilt[] = {&p.A[6][2], &p.B[6][5], &p.c[6][0]};
  for (int i = 0; i < 3; ++i) {
    for (int limited = 0; limited < 2; ++limited) {
      double kept = *spoilt[i];
      *spoilt[i] = i == 1 ? INFINITY : NAN;
      config = (lb_lqr_config){.affine = true};
      if (limited) config.limits = (lb_control_limits){low, high};
      r = run(&about, &config);
      assert_int_equal(r.report.outcome, LB_LQR_NOT_FINITE);
      assert_int_equal(r.report.failed_at, 6);
      *spoilt[i] = kept;
    }
  }
}

static void test_counts(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 10, 5);
  lb_trajectory about = random_trajectory(5);
  lb_lqr_config affine = lb_lqr_default_config(), plain = {.affine = false};
  run(&about, &affine);
  assert_int_equal(p.counts.lqr_passes, 1);
  assert_int_equal(p.counts.model_queries, 20);  // 10 linearisations, 10 steps for the defects
  run(&about, &plain);
  assert_int_equal(p.counts.lqr_passes, 2);
  assert_int_equal(p.counts.model_queries, 30);
  p.R[0] = -1000;
  run(&about, &plain);
  assert_int_equal(p.counts.lqr_passes, 3);  // a pass that fails is one too
}

// Wide limits change nothing; narrow ones hold, and a control at its limit has no feedback.
static void test_limits(void** state) {
  (void)state;
  lq_random(&p, 3, 2, 10, 6);
  lb_trajectory about = random_trajectory(6);
  double wide[] = {-1e6, -1e6}, wide_high[] = {1e6, 1e6}, low[] = {-0.3, -0.3}, high[] = {0.2, 0.2};
  lb_lqr_config config = lb_lqr_default_config(), limited = config;
  limited.limits = (lb_control_limits){wide, wide_high};
  planned free = run(&about, &config), same = run(&about, &limited);
  assert_true(plain_difference(free.policy.k, same.policy.k, p.H * p.m) < 1e-10);
  assert_true(plain_difference(free.policy.K, same.policy.K, p.H * p.m * p.n) < 1e-10);
  limited.limits = (lb_control_limits){low, high};
  planned r = run(&about, &limited);
  int held = 0;
  for (int i = 0; i < p.H * p.m; ++i) {
    double u = about.u[i] + r.policy.k[i];
    assert_true(u >= low[i % 2] - 1e-14 && u <= high[i % 2] + 1e-14);
    if (u > low[i % 2] + 1e-12 && u < high[i % 2] - 1e-12) continue;
    ++held;
    for (int j = 0; j < p.n; ++j) assert_near(r.policy.K[i * p.n + j], 0, 0);
  }
  assert_true(held > 0 && held < p.H * p.m);
}

// k, K of one knot from its quadratic form, by mju_boxQP; k holds the start. Returns how many controls are free.
static int limited_gains(double* K, double* k, const double* Quu, const double* Qu, const double* Qux,
                         const double* low, const double* high, int m, int n) {
  double R[LQ_MOST_U * (LQ_MOST_U + 7)], rhs[LQ_MOST_U];
  int free[LQ_MOST_U], nfree = mju_boxQP(k, R, free, Quu, Qu, m, low, high);
  memset(K, 0, (size_t)(m * n) * sizeof *K);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < nfree; ++i) rhs[i] = -Qux[free[i] * n + j];
    if (nfree > 0) mju_cholSolve(rhs, R, rhs, nfree);
    for (int i = 0; i < nfree; ++i) K[free[i] * n + j] = rhs[i];
  }
  return nfree;
}

// The quadratic form of knot t of p about (x, u), from P, v of knot t + 1 (Tassa, Mansard, Todorov 2014, eq. 5).
typedef struct knot_form {
  double Qx[LQ_MOST_X], Qu[LQ_MOST_U], Qxx[LQ_MOST_X * LQ_MOST_X], Qux[LQ_MOST_U * LQ_MOST_X],
      Quu[LQ_MOST_U * LQ_MOST_U];
} knot_form;

static void plain_form(knot_form* q, const double* P, const double* v, const lb_trajectory* about, int t) {
  int n = p.n, m = p.m;
  const double *A = p.A[t], *B = p.B[t], *x = about->x + t * n, *u = about->u + t * m;
  double At[LQ_MOST_X * LQ_MOST_X], Bt[LQ_MOST_X * LQ_MOST_U], PA[LQ_MOST_X * LQ_MOST_X], PB[LQ_MOST_X * LQ_MOST_U];
  double d[LQ_MOST_X], vx[LQ_MOST_X];
  lq_step(&p, 1, &t, x, u, d);
  for (int i = 0; i < n; ++i) d[i] -= x[n + i];
  memcpy(vx, v, sizeof vx);
  plain_mul(vx, P, d, n, 1, n, 1, 1);
  plain_transpose(At, A, n, n);
  plain_transpose(Bt, B, n, m);
  plain_mul(PA, P, A, n, n, n, 1, 0);
  plain_mul(PB, P, B, n, m, n, 1, 0);
  lq_stage_derivatives(&p, t, x, u, q->Qx, q->Qu, q->Qxx, q->Quu, q->Qux);
  plain_mul(q->Qx, At, vx, n, 1, n, 1, 1);
  plain_mul(q->Qu, Bt, vx, m, 1, n, 1, 1);
  plain_mul(q->Qxx, At, PA, n, n, n, 1, 1);
  plain_mul(q->Qux, Bt, PA, m, n, n, 1, 1);
  plain_mul(q->Quu, Bt, PB, m, m, n, 1, 1);
}

// P, v of a knot under u = k + K dx (the same, eq. 11, which holds for any K and k).
static void plain_value(double* P, double* v, const knot_form* q, const double* K, const double* k) {
  int n = p.n, m = p.m;
  double Kt[LQ_MOST_X * LQ_MOST_U], Quxt[LQ_MOST_X * LQ_MOST_U], g[LQ_MOST_U], W[LQ_MOST_U * LQ_MOST_X];
  plain_transpose(Kt, K, m, n);
  plain_transpose(Quxt, q->Qux, m, n);
  memcpy(g, q->Qu, sizeof g);
  plain_mul(g, q->Quu, k, m, 1, m, 1, 1);
  memcpy(v, q->Qx, (size_t)n * sizeof *v);
  plain_mul(v, Kt, g, n, 1, m, 1, 1);
  plain_mul(v, Quxt, k, n, 1, m, 1, 1);
  memcpy(W, q->Qux, sizeof W);
  plain_mul(W, q->Quu, K, m, n, m, 1, 1);
  memcpy(P, q->Qxx, (size_t)(n * n) * sizeof *P);
  plain_mul(P, Kt, W, n, n, m, 1, 1);
  plain_mul(P, Quxt, K, n, n, m, 1, 1);
}

static void test_limits_against_mujoco(void** state) {
  (void)state;
  int held = 0, free = 0;
  for (uint32_t index = 0; index < 40; ++index) {
    int n = 1 + (int)index % LQ_MOST_X, m = 1 + (int)index % LQ_MOST_U;
    double low[] = {-0.4, -1.2, -0.1}, high[] = {0.9, 0.2, 0.6};
    double P[LQ_MOST_X * LQ_MOST_X], v[LQ_MOST_X], K[LQ_MOST_U * LQ_MOST_X], k[LQ_MOST_U];
    lq_random(&p, n, m, 25, index);
    lb_trajectory about = random_trajectory(index);
    lb_lqr_config config = {.affine = true, .limits = {low, high}};
    planned r = run(&about, &config);
    assert_int_equal(r.report.outcome, LB_LQR_DONE);
    lq_terminal_derivatives(&p, p.H, about.x + p.H * n, v, P);
    for (int t = p.H - 1; t >= 0; --t) {
      double room_below[LQ_MOST_U], room_above[LQ_MOST_U];
      knot_form q;
      plain_form(&q, P, v, &about, t);
      for (int i = 0; i < m; ++i) {
        room_below[i] = low[i] - about.u[t * m + i];
        room_above[i] = high[i] - about.u[t * m + i];
        k[i] = 0;
      }
      int nfree = limited_gains(K, k, q.Quu, q.Qu, q.Qux, room_below, room_above, m, n);
      assert_true(nfree >= 0);
      free += nfree;
      held += m - nfree;
      plain_value(P, v, &q, K, k);
      assert_true(plain_difference(r.policy.k + t * m, k, m) < 1e-8);
      assert_true(plain_difference(r.policy.K + t * m * n, K, m * n) < 1e-8);
      for (int i = 0; i < n * n; ++i) assert_near(r.value.P[t * n * n + i], P[i], 1e-8 * (1 + fabs(P[i])));
      for (int i = 0; i < n; ++i) assert_near(r.value.p[t * n + i], v[i], 1e-8 * (1 + fabs(v[i])));
    }
  }
  assert_true(held > 200 && free > 200);
}

static double sphere_target[4];

static double sphere_stage(void* ctx, int t, const double* x, const double* u) {
  (void)ctx, (void)t, (void)x;
  return 0.005 * (u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
}

static double sphere_terminal(void* ctx, int t, const double* x) {
  (void)ctx, (void)t;
  double d[3];
  sphere_difference(NULL, d, sphere_target, x);
  return 0.5 * (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

static void sphere_stage_derivatives(void* ctx, int t, const double* x, const double* u, double* lx, double* lu,
                                     double* lxx, double* luu, double* lux) {
  (void)ctx, (void)t, (void)x;
  for (int i = 0; i < 9; ++i) {
    lxx[i] = lux[i] = 0;
    luu[i] = i % 4 ? 0 : 0.01;
  }
  for (int i = 0; i < 3; ++i) {
    lx[i] = 0;
    lu[i] = 0.01 * u[i];
  }
}

// At the target itself, where alone the test asks for it.
static void sphere_terminal_derivatives(void* ctx, int t, const double* x, double* lx, double* lxx) {
  (void)ctx, (void)t;
  sphere_difference(NULL, lx, sphere_target, x);
  for (int i = 0; i < 9; ++i) lxx[i] = i % 4 ? 0 : 1;
}

// On quaternions, one step that ends far from the nominal x_1: the step in u must be the Gauss-Newton step of
// R |u|^2 / 2 + |f(x_0, u) (-) x_1|^2 / 2, its Jacobian taken here by differences of that very residual.
static void test_defects_on_a_curved_space(void** state) {
  (void)state;
  lb_dynamics f = sphere_dynamics();
  lb_cost cost = {.ndx = 3,
                  .nu = 3,
                  .stage = sphere_stage,
                  .terminal = sphere_terminal,
                  .stage_derivatives = sphere_stage_derivatives,
                  .terminal_derivatives = sphere_terminal_derivatives};
  double x[8] = {1, 0, 0, 0}, u[3] = {1, -2, 0.5}, far[3] = {0.9, 0.7, -0.8}, J[9], y[3], moved[4], G[9], k[3];
  sphere_displace(NULL, x + 4, x, far);
  memcpy(sphere_target, x + 4, sizeof sphere_target);
  sphere_step(NULL, 1, NULL, x, u, moved);
  sphere_difference(NULL, y, x + 4, moved);
  for (int j = 0; j < 3; ++j) {
    double d[2][3];
    for (int s = 0; s < 2; ++s) {
      double v[3] = {u[0], u[1], u[2]};
      v[j] += s ? 1e-5 : -1e-5;
      sphere_step(NULL, 1, NULL, x, v, moved);
      sphere_difference(NULL, d[s], x + 4, moved);
    }
    for (int i = 0; i < 3; ++i) J[3 * i + j] = (d[1][i] - d[0][i]) / 2e-5;
  }
  lb_mat_gram(G, J, 3, 3, 1, 0);
  lb_mat_vec_t(k, J, y, 3, 3, -1, 0);
  for (int i = 0; i < 3; ++i) {
    G[4 * i] += 0.01;
    k[i] -= 0.01 * u[i];
  }
  plain_solve(G, k, 3, 1);
  lb_lq_policy policy;
  lb_lq_policy_init(&policy, &sphere_space, 3, 1, arena);
  lb_lqr_config config = lb_lqr_default_config();
  lb_lqr_report r = lb_lqr_pass(lb_lqr_new(&sphere_space, 3, 1, arena), &policy, NULL, &f, &cost,
                                &(lb_trajectory){1, x, u}, &config, NULL);
  assert_int_equal(r.outcome, LB_LQR_DONE);
  assert_true(plain_difference(policy.k, k, 3) < 1e-6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_scalar_by_hand),
      TEST(test_two_states_by_hand),
      TEST(test_golden_ratio),
      TEST(test_algebraic_riccati_limit),
      TEST(test_defects_against_kkt),
      TEST(test_without_affine_terms),
      TEST(test_value_is_the_cost_of_the_policy),
      TEST(test_value_gradient),
      TEST(test_expected_change),
      TEST(test_regularisation_by_hand),
      TEST(test_failures),
      TEST(test_counts),
      TEST(test_limits),
      TEST(test_limits_against_mujoco),
      TEST(test_defects_on_a_curved_space),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
