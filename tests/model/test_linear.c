// The linear model on systems that it can represent exactly, ridge and priors against closed forms, curved spaces.
#include "model/linear.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "../linalg/plain.h"
#include "../plan/sphere.h"
#include "../support/near.h"

enum { NX = 3, NU = 2, NZ = NX + NU + 1, H = 20, MOST = 4000 };

static const lb_space space = {.nx = NX, .ndx = NX};

typedef struct data {
  int t[MOST];
  double x[MOST * NX], u[MOST * NU], x_next[MOST * NX];
  lb_batch batch;
} data;

static data d;
static double true_W[H][NX * NZ];
static double ref_x[(H + 1) * NX], ref_u[H * NU];
static const lb_trajectory reference = {H, ref_x, ref_u};

// n transitions about the reference, times in turn or all `only` (>= 0), of dx' = W_t (dx, du, 1) + noise.
static void draw(int n, int only, double noise) {
  lb_rng rng = lb_rng_stream(13, LB_RNG_TEST, (uint32_t)n, 0);
  for (int i = 0; i < n; ++i) {
    double z[NZ], y[NX];
    int t = d.t[i] = only >= 0 ? only : i % H;
    lb_rng_normals(&rng, z, NZ - 1);
    z[NZ - 1] = 1;
    plain_mul(y, true_W[t], z, NX, 1, NZ, 1, 0);
    for (int j = 0; j < NX; ++j) {
      d.x[NX * i + j] = ref_x[NX * t + j] + z[j];
      d.x_next[NX * i + j] = ref_x[NX * (t + 1) + j] + y[j] + noise * lb_rng_normal(&rng);
    }
    for (int j = 0; j < NU; ++j) d.u[NU * i + j] = ref_u[NU * t + j] + z[NX + j];
  }
  d.batch = (lb_batch){.n = n, .t = d.t, .x = d.x, .u = d.u, .x_next = d.x_next};
}

// A random reference and true parameters, drifting by `drift` a step.
static void make_truth(double drift) {
  lb_rng rng = lb_rng_stream(14, LB_RNG_TEST, 0, 0);
  double slope[NX * NZ];
  lb_rng_normals(&rng, ref_x, (H + 1) * NX);
  lb_rng_normals(&rng, ref_u, H * NU);
  lb_rng_normals(&rng, true_W[0], NX * NZ);
  lb_rng_normals(&rng, slope, NX * NZ);
  for (int t = 1; t < H; ++t) {
    for (int i = 0; i < NX * NZ; ++i) true_W[t][i] = true_W[0][i] + drift * t * slope[i];
  }
}

static lb_linear* new_model(const lb_linear_config* config) {
  lb_linear* m = lb_linear_new(&space, NU, H, &reference, config, NULL);
  assert_non_null(m);
  return m;
}

static void get(const lb_linear* m, double* W) {
  lb_linear_get(m, W);
}

static void test_recovers_a_known_system(void** state) {
  (void)state;
  make_truth(0);
  draw(50, -1, 0);
  for (int solver = 0; solver < 2; ++solver) {
    for (int form = 0; form < 2; ++form) {
      lb_linear_config config = lb_linear_default_config();
      config.solver = solver ? LB_LINEAR_SVD : LB_LINEAR_QR;
      config.form = form ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
      config.ridge = 0;
      if (form) memset(ref_x, 0, sizeof ref_x);  // about a fixed point both forms can represent the system
      if (form) draw(50, -1, 0);
      lb_linear* m = new_model(&config);
      lb_linear_report r = lb_linear_fit(m, &d.batch);
      assert_true(r.ok);
      assert_int_equal(r.rank, NZ);
      assert_near(r.loss, 0, 1e-20);
      double W[NX * NZ];
      assert_int_equal(lb_linear_nparam(m), NX * NZ);
      get(m, W);
      for (int i = 0; form && i < NX; ++i) W[i * NZ + i] += 1;
      for (int i = 0; i < NX * NZ; ++i) assert_near(W[i], true_W[0][i], 1e-10);
      lb_linear_free(m);
    }
    make_truth(0);
    draw(50, -1, 0);
  }
}

// Adds `weight` z z^T to G (NZ, NZ) and weight z y^T to b (NZ, NX), y minus what identity dynamics predict, of
// transition i.
static void add_normal_equation(double* G, double* b, int i, double weight) {
  double z[NZ], y[NX];
  int t = d.t[i];
  for (int j = 0; j < NX; ++j) {
    z[j] = d.x[NX * i + j] - ref_x[NX * t + j];
    y[j] = d.x_next[NX * i + j] - ref_x[NX * (t + 1) + j] - z[j];
  }
  for (int j = 0; j < NU; ++j) z[NX + j] = d.u[NU * i + j] - ref_u[NU * t + j];
  z[NZ - 1] = 1;
  for (int j = 0; j < NZ; ++j) {
    for (int k = 0; k < NZ; ++k) G[j * NZ + k] += weight * z[j] * z[k];
    for (int k = 0; k < NX; ++k) b[j * NX + k] += weight * z[j] * y[k];
  }
}

// The ridge solution of one output by normal equations: (Z^T Z + ridge) (w - w0) = Z^T (y - Z w0), which is well
// conditioned here.
static void test_ridge_against_the_closed_form(void** state) {
  (void)state;
  make_truth(0);
  draw(40, -1, 0.5);
  lb_linear_config config = lb_linear_default_config();
  config.ridge = 3;
  double W[NX * NZ], G[NZ * NZ] = {0}, b[NZ * NX] = {0};
  lb_linear* m = new_model(&config);
  assert_true(lb_linear_fit(m, &d.batch).ok);
  get(m, W);
  for (int i = 0; i < d.batch.n; ++i) add_normal_equation(G, b, i, 1);
  for (int j = 0; j < NZ; ++j) G[j * NZ + j] += 3;
  plain_solve(G, b, NZ, NX);
  for (int i = 0; i < NX; ++i) {
    for (int j = 0; j < NZ; ++j) assert_near(W[i * NZ + j], b[j * NX + i] + (i == j), 1e-12);
  }
  lb_linear_free(m);
}

static void test_without_data_the_prior_stays(void** state) {
  (void)state;
  make_truth(0);
  draw(0, -1, 0);
  for (int varying = 0; varying < 2; ++varying) {
    lb_linear_config config = lb_linear_default_config();
    config.time_varying = varying;
    lb_linear* m = new_model(&config);
    double before[H * NX * NZ], after[H * NX * NZ];
    get(m, before);
    lb_linear_report r = lb_linear_fit(m, &d.batch);
    assert_true(r.ok);
    assert_near(r.loss, 0, 0);
    get(m, after);
    assert_memory_equal(before, after, (size_t)lb_linear_nparam(m) * sizeof *before);
    lb_linear_free(m);
  }
}

static void test_identity_dynamics_at_first(void** state) {
  (void)state;
  make_truth(0);
  for (int form = 0; form < 2; ++form) {
    lb_linear_config config = lb_linear_default_config();
    config.form = form ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
    lb_linear* m = new_model(&config);
    const double x[NX] = {1, 2, 3}, u[NU] = {4, 5};
    double next[NX];
    int t = 7;
    lb_dynamics_step(lb_linear_dynamics(m), 1, &t, x, u, next);
    for (int i = 0; i < NX; ++i) {
      assert_near(next[i], form ? x[i] : x[i] - ref_x[NX * 7 + i] + ref_x[NX * 8 + i], 1e-15);
    }
    lb_linear_free(m);
  }
}

static void test_time_varying_recovers_a_drifting_system(void** state) {
  (void)state;
  make_truth(0.05);
  draw(400, -1, 0);
  lb_linear_config config = lb_linear_default_config();
  config.time_varying = true;
  config.window = 0;  // twenty samples at each time, and exactly those
  config.prior_strength = config.ridge = 0;
  for (int solver = 0; solver < 2; ++solver) {
    config.solver = solver ? LB_LINEAR_SVD : LB_LINEAR_QR;
    lb_linear* m = new_model(&config);
    lb_linear_report r = lb_linear_fit(m, &d.batch);
    assert_true(r.ok);
    assert_int_equal(r.rank, NZ);
    assert_near(r.loss, 0, 1e-20);
    double W[H * NX * NZ];
    get(m, W);
    for (int i = 0; i < H * NX * NZ; ++i) assert_near(W[i], true_W[i / (NX * NZ)][i % (NX * NZ)], 1e-10);
    lb_linear_free(m);
  }
}

// With few noisy samples the window and the prior help: the error is below that of time-invariant and of unaided fits.
static void test_window_and_prior_help_on_few_samples(void** state) {
  (void)state;
  make_truth(0.05);
  draw(8 * H, -1, 0.3);
  double error[3];
  for (int c = 0; c < 3; ++c) {
    lb_linear_config config = lb_linear_default_config();
    config.time_varying = c > 0;
    config.window = c == 1 ? 0 : 4;
    config.prior = LB_LINEAR_PRIOR_INVARIANT;
    config.prior_strength = c == 1 ? 0 : 1;
    lb_linear* m = new_model(&config);
    assert_true(lb_linear_fit(m, &d.batch).ok);
    double W[H * NX * NZ];
    get(m, W);
    error[c] = 0;
    for (int i = 0; i < H * NX * NZ; ++i) {
      double e = W[c > 0 ? i : i % (NX * NZ)] - true_W[i / (NX * NZ)][i % (NX * NZ)];
      error[c] += e * e;
    }
    lb_linear_free(m);
  }
  assert_true(error[2] < 0.5 * error[0]);
  assert_true(error[2] < 0.5 * error[1]);
}

// One sample at one time: every knot has a model, and far from the sample it is the prior's.
static void test_well_posed_on_one_sample(void** state) {
  (void)state;
  make_truth(0);
  draw(1, 10, 0);
  lb_linear_prior priors[] = {LB_LINEAR_PRIOR_INITIAL, LB_LINEAR_PRIOR_INVARIANT, LB_LINEAR_PRIOR_PREVIOUS};
  for (int p = 0; p < 3; ++p) {
    for (int solver = 0; solver < 2; ++solver) {
      lb_linear_config config = lb_linear_default_config();
      config.time_varying = true;
      config.window = 3;
      config.prior = priors[p];
      config.solver = solver ? LB_LINEAR_SVD : LB_LINEAR_QR;
      lb_linear* m = new_model(&config);
      double before[H * NX * NZ], after[H * NX * NZ];
      get(m, before);
      assert_true(lb_linear_fit(m, &d.batch).ok);
      get(m, after);
      for (int i = 0; i < H * NX * NZ; ++i) {
        int k = i / (NX * NZ);
        if (p != 1 && abs(k - 10) > 3) assert_near(after[i], before[i], 1e-9);
        assert_true(fabs(after[i] - before[i]) < 10);
      }
      assert_true(plain_difference(after + 10 * NX * NZ, before + 10 * NX * NZ, NX * NZ) > 1e-3);
      lb_linear_free(m);
    }
  }
}

// Copies transition i (of `from`) n times to the end of the data, moved to time t with its place about the reference.
static void copy_to(data* to, const data* from, int i, int t, int n) {
  int s = from->t[i];
  for (; n > 0; --n) {
    int k = to->batch.n++;
    to->t[k] = t;
    for (int j = 0; j < NX; ++j) {
      to->x[NX * k + j] = from->x[NX * i + j] - ref_x[NX * s + j] + ref_x[NX * t + j];
      to->x_next[NX * k + j] = from->x_next[NX * i + j] - ref_x[NX * (s + 1) + j] + ref_x[NX * (t + 1) + j];
    }
    for (int j = 0; j < NU; ++j) to->u[NU * k + j] = from->u[NU * i + j] - ref_u[NU * s + j] + ref_u[NU * t + j];
  }
}

// With a window of one step a neighbour weighs (1 - 1/4)^2 = 9/16: as nine copies of it beside sixteen of one's own.
static void test_window_weights(void** state) {
  (void)state;
  make_truth(0.05);
  draw(8 * H, -1, 0.3);
  static data copies;
  copies.batch = (lb_batch){.n = 0, .t = copies.t, .x = copies.x, .u = copies.u, .x_next = copies.x_next};
  for (int i = 0; i < d.batch.n; ++i) {
    int distance = abs(d.t[i] - 10);
    if (distance < 2) copy_to(&copies, &d, i, 10, distance ? 9 : 16);
  }
  lb_linear_config config = lb_linear_default_config();
  config.time_varying = true;
  config.solver = LB_LINEAR_SVD;
  config.prior_strength = config.ridge = 0;
  double W[2][H * NX * NZ];
  for (int c = 0; c < 2; ++c) {
    config.window = c ? 0 : 1;
    lb_linear* m = new_model(&config);
    assert_true(lb_linear_fit(m, c ? &copies.batch : &d.batch).ok);
    get(m, W[c]);
    lb_linear_free(m);
  }
  assert_true(plain_difference(W[0] + 10 * NX * NZ, W[1] + 10 * NX * NZ, NX * NZ) < 1e-12);
}

// prior_strength counts samples: s samples of the prior's own predictions, spread like the data, weigh as much.
static void test_prior_strength_counts_samples(void** state) {
  (void)state;
  make_truth(0);
  int n = 30;
  draw(n, 5, 0.4);
  lb_linear_config config = lb_linear_default_config();
  config.time_varying = true;
  config.window = 0;
  config.ridge = 0;
  config.prior_strength = n;
  lb_linear* with_prior = new_model(&config);
  assert_true(lb_linear_fit(with_prior, &d.batch).ok);
  for (int i = 0; i < n; ++i) {  // the same inputs again, with the outputs that identity dynamics predict
    d.t[n + i] = 5;
    memcpy(d.u + NU * (n + i), d.u + NU * i, NU * sizeof *d.u);
    for (int j = 0; j < NX; ++j) {
      d.x[NX * (n + i) + j] = d.x[NX * i + j];
      d.x_next[NX * (n + i) + j] = d.x[NX * i + j] - ref_x[NX * 5 + j] + ref_x[NX * 6 + j];
    }
  }
  d.batch.n = 2 * n;
  config.prior_strength = 0;
  config.solver = LB_LINEAR_SVD;  // the other knots have no data
  lb_linear* with_samples = new_model(&config);
  assert_true(lb_linear_fit(with_samples, &d.batch).ok);
  double a[H * NX * NZ], b[H * NX * NZ];
  get(with_prior, a);
  get(with_samples, b);
  assert_true(plain_difference(a + 5 * NX * NZ, b + 5 * NX * NZ, NX * NZ) < 1e-12);
  lb_linear_free(with_prior);
  lb_linear_free(with_samples);
}

// The time-varying fit on n = 1.. samples, fewer than features and more, against its normal equations at every knot:
// (sum_i w_i z z^T + prior_strength mean z z^T + ridge) (w - w0) = sum_i w_i z (y - w0 z).
static void test_time_varying_against_the_closed_form(void** state) {
  (void)state;
  make_truth(0.05);
  for (int n = 1; n <= 3 * NZ; ++n) {
    draw(n, -1, 0.3);
    lb_linear_config config = lb_linear_default_config();
    config.time_varying = true;
    config.window = 3;
    config.prior_strength = 2;
    config.ridge = 0.5;
    config.solver = n % 2 ? LB_LINEAR_SVD : LB_LINEAR_QR;
    lb_linear* m = new_model(&config);
    double W[H * NX * NZ];
    assert_true(lb_linear_fit(m, &d.batch).ok);
    get(m, W);
    for (int k = 0; k < H; ++k) {
      double G[NZ * NZ] = {0}, b[NZ * NX] = {0}, unused[NZ * NX] = {0};
      for (int i = 0; i < n; ++i) {
        double q = (d.t[i] - k) / 4.0;
        if (fabs(q) < 1) add_normal_equation(G, b, i, (1 - q * q) * (1 - q * q));
        add_normal_equation(G, unused, i, 2.0 / n);
      }
      for (int j = 0; j < NZ; ++j) G[j * NZ + j] += 0.5;
      plain_solve(G, b, NZ, NX);
      for (int i = 0; i < NX; ++i) {
        for (int j = 0; j < NZ; ++j) assert_near(W[(k * NX + i) * NZ + j], b[j * NX + i] + (i == j), 1e-11);
      }
    }
    lb_linear_free(m);
  }
}

static void test_previous_prior_accumulates(void** state) {
  (void)state;
  make_truth(0);
  draw(10, -1, 0);
  lb_linear_config config = lb_linear_default_config();
  config.prior = LB_LINEAR_PRIOR_PREVIOUS;
  config.ridge = 5;
  lb_linear* m = new_model(&config);
  double last = INFINITY;
  for (int i = 0; i < 200; ++i) {  // each fit moves on from the last one: the ridge loses its pull
    lb_linear_report r = lb_linear_fit(m, &d.batch);
    assert_true(r.loss < last || r.loss < 1e-20);
    last = r.loss;
  }
  assert_true(last < 1e-10);
  lb_linear_free(m);
}

static void test_failures_keep_the_model(void** state) {
  (void)state;
  make_truth(0);
  draw(4, -1, 0);  // fewer samples than features
  lb_linear_config config = lb_linear_default_config();
  config.ridge = 0;
  lb_linear* m = new_model(&config);
  double before[NX * NZ], after[NX * NZ];
  get(m, before);
  lb_linear_report r = lb_linear_fit(m, &d.batch);
  assert_false(r.ok);
  assert_int_equal(r.rank, 4);
  get(m, after);
  assert_memory_equal(before, after, sizeof before);
  lb_linear_free(m);
  config.solver = LB_LINEAR_SVD;  // goes as far from the prior as the data say, and no further
  m = new_model(&config);
  r = lb_linear_fit(m, &d.batch);
  assert_true(r.ok);
  assert_int_equal(r.rank, 4);
  assert_near(r.loss, 0, 1e-20);
  lb_linear_free(m);
  config = lb_linear_default_config();
  for (int varying = 0; varying < 2; ++varying) {
    config.time_varying = varying;
    m = new_model(&config);
    d.x[2] = NAN;
    assert_false(lb_linear_fit(m, &d.batch).ok);
    d.x[2] = 0;
    d.x_next[1] = INFINITY;
    assert_false(lb_linear_fit(m, &d.batch).ok);
    d.x_next[1] = 0;
    lb_linear_free(m);
  }
}

static void test_condition(void** state) {
  (void)state;
  make_truth(0);
  draw(60, -1, 0);
  lb_linear_config config = lb_linear_default_config();
  config.ridge = 0;
  config.solver = LB_LINEAR_SVD;
  lb_linear* m = new_model(&config);
  double G[NZ * NZ] = {0}, eigenvalues[NZ];
  lb_linear_report r = lb_linear_fit(m, &d.batch);
  for (int i = 0; i < 60; ++i) {
    double z[NZ];
    for (int j = 0; j < NX; ++j) z[j] = d.x[NX * i + j] - ref_x[NX * d.t[i] + j];
    for (int j = 0; j < NU; ++j) z[NX + j] = d.u[NU * i + j] - ref_u[NU * d.t[i] + j];
    z[NZ - 1] = 1;
    for (int j = 0; j < NZ * NZ; ++j) G[j] += z[j / NZ] * z[j % NZ];
  }
  plain_eigenvalues(eigenvalues, G, NZ);
  assert_near(r.condition, sqrt(eigenvalues[NZ - 1] / eigenvalues[0]), 1e-10);
  lb_linear_free(m);
}

// Derivatives of the model against central differences of its own step, at several times, beyond the horizon too.
static void check_derivatives(const lb_dynamics* f, const double* x, const double* u, int t) {
  int n = f->space->ndx, nu = f->nu;
  double A[16], B[16], d_plus[4], d_minus[4], moved[4], reached[4], next[4], v[4], e[4];
  lb_dynamics_linearize(f, 1, &t, x, u, A, B);
  lb_dynamics_step(f, 1, &t, x, u, reached);
  for (int j = 0; j < n + nu; ++j) {
    for (int sign = 1; sign >= -1; sign -= 2) {
      memset(e, 0, sizeof e);
      memcpy(v, u, (size_t)nu * sizeof *v);
      if (j < n) {
        e[j] = sign * 1e-5;
      } else {
        v[j - n] += sign * 1e-5;
      }
      lb_space_displace(f->space, moved, x, e);
      lb_dynamics_step(f, 1, &t, moved, v, next);
      lb_space_difference(f->space, sign > 0 ? d_plus : d_minus, reached, next);
    }
    for (int i = 0; i < n; ++i) {
      assert_near(j < n ? A[i * n + j] : B[i * nu + j - n], (d_plus[i] - d_minus[i]) / 2e-5, 1e-8);
    }
  }
}

static void test_derivatives(void** state) {
  (void)state;
  make_truth(0.05);
  draw(100, -1, 0.1);
  for (int c = 0; c < 4; ++c) {
    lb_linear_config config = lb_linear_default_config();
    config.time_varying = c & 1;
    config.form = c & 2 ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
    lb_counts counts = {0};
    lb_linear* m = lb_linear_new(&space, NU, H, &reference, &config, &counts);
    assert_true(lb_linear_fit(m, &d.batch).ok);
    assert_int_equal(counts.model_queries, 0);  // fitting is not planning
    check_derivatives(lb_linear_dynamics(m), d.x, d.u, 3);
    assert_int_equal(counts.model_queries, 1 + 1 + 2 * (NX + NU));
    check_derivatives(lb_linear_dynamics(m), d.x, d.u, H + 5);
    lb_linear_free(m);
  }
}

static double q_ref[(H + 1) * 4], q_u[H * 3];
static const lb_trajectory q_reference = {H, q_ref, q_u};

// The rotation of sphere.h about a reference that it does not follow exactly.
static void make_rotation(int n, double spread) {
  lb_rng rng = lb_rng_stream(15, LB_RNG_TEST, 0, 0);
  q_ref[0] = 1;
  for (int t = 0; t < H; ++t) {
    double off[3];
    lb_rng_normals(&rng, q_u + 3 * t, 3);
    lb_rng_normals(&rng, off, 3);
    sphere_step(NULL, 1, NULL, q_ref + 4 * t, q_u + 3 * t, q_ref + 4 * (t + 1));
    for (int j = 0; j < 3; ++j) off[j] *= 0.1;
    sphere_displace(NULL, q_ref + 4 * (t + 1), q_ref + 4 * (t + 1), off);
  }
  for (int i = 0; i < n; ++i) {
    double dx[3], du[3], x[4], u[3];
    int t = d.t[i] = i % H;
    lb_rng_normals(&rng, dx, 3);
    lb_rng_normals(&rng, du, 3);
    for (int j = 0; j < 3; ++j) dx[j] *= spread;
    for (int j = 0; j < 3; ++j) u[j] = q_u[3 * t + j] + spread * du[j];
    sphere_displace(NULL, x, q_ref + 4 * t, dx);
    memcpy(d.x + 4 * i, x, sizeof x);
    memcpy(d.u + 3 * i, u, sizeof u);
    sphere_step(NULL, 1, NULL, x, u, d.x_next + 4 * i);
  }
  d.batch = (lb_batch){.n = n, .t = d.t, .x = d.x, .u = d.u, .x_next = d.x_next};
}

static void test_curved_space(void** state) {
  (void)state;
  make_rotation(900, 0.01);
  lb_dynamics truth = sphere_dynamics();
  for (int form = 0; form < 2; ++form) {
    lb_linear_config config = lb_linear_default_config();
    config.time_varying = true;
    config.form = form ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
    config.window = 0;
    config.prior_strength = config.ridge = 0;
    lb_linear* m = lb_linear_new(&sphere_space, 3, H, &q_reference, &config, NULL);
    lb_linear_report r = lb_linear_fit(m, &d.batch);
    assert_true(r.ok);
    assert_true(r.loss < 1e-9);  // what is left is of second order in the spread
    for (int t = 0; t < H; ++t) {
      double A[2][9], B[2][9];
      lb_dynamics_linearize(lb_linear_dynamics(m), 1, &t, q_ref + 4 * t, q_u + 3 * t, A[0], B[0]);
      lb_dynamics_linearize(&truth, 1, &t, q_ref + 4 * t, q_u + 3 * t, A[1], B[1]);
      assert_true(plain_difference(A[0], A[1], 9) < 1e-2);
      assert_true(plain_difference(B[0], B[1], 9) < 1e-2);
      double far[3] = {0.5, -0.4, 0.3}, x[4];  // the model's own derivatives, away from the reference
      sphere_displace(NULL, x, q_ref + 4 * t, far);
      check_derivatives(lb_linear_dynamics(m), x, q_u, t);
    }
    lb_linear_free(m);
  }
}

// Taking up another model: it and its derivatives agree at the reference, and it becomes the prior.
static void test_start_from(void** state) {
  (void)state;
  make_rotation(0, 0);
  lb_dynamics truth = sphere_dynamics();
  for (int form = 0; form < 2; ++form) {
    lb_linear_config config = lb_linear_default_config();
    config.time_varying = true;
    config.form = form ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
    lb_linear* m = lb_linear_new(&sphere_space, 3, H, &q_reference, &config, NULL);
    lb_linear_start_from(m, &truth);
    assert_true(lb_linear_fit(m, &d.batch).ok);  // no data: the prior
    for (int t = 0; t < H; ++t) {
      double A[2][9], B[2][9], next[2][4];
      const double *x = q_ref + 4 * t, *u = q_u + 3 * t;
      lb_dynamics_step(lb_linear_dynamics(m), 1, &t, x, u, next[0]);
      lb_dynamics_step(&truth, 1, &t, x, u, next[1]);
      assert_true(plain_difference(next[0], next[1], 4) < 1e-12);
      lb_dynamics_linearize(lb_linear_dynamics(m), 1, &t, x, u, A[0], B[0]);
      lb_dynamics_linearize(&truth, 1, &t, x, u, A[1], B[1]);
      assert_true(plain_difference(A[0], A[1], 9) < 1e-8);
      assert_true(plain_difference(B[0], B[1], 9) < 1e-8);
    }
    lb_linear_free(m);
  }
}

// A model of the plain space that is started from another one is that one.
static void test_start_from_a_linear_model(void** state) {
  (void)state;
  make_truth(0.05);
  draw(200, -1, 0.1);
  for (int c = 0; c < 4; ++c) {
    lb_linear_config config = lb_linear_default_config();
    config.time_varying = true;
    config.form = c & 1 ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
    lb_linear* a = new_model(&config);
    config.form = c & 2 ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
    lb_linear* b = new_model(&config);
    assert_true(lb_linear_fit(a, &d.batch).ok);
    lb_linear_start_from(b, lb_linear_dynamics(a));
    for (int t = 0; t < H; ++t) {
      double next[2][NX];
      lb_dynamics_step(lb_linear_dynamics(a), 1, &t, d.x, d.u, next[0]);
      lb_dynamics_step(lb_linear_dynamics(b), 1, &t, d.x, d.u, next[1]);
      assert_true(plain_difference(next[0], next[1], NX) < 1e-12);
    }
    lb_linear_free(a);
    lb_linear_free(b);
  }
}

static void test_as_model(void** state) {
  (void)state;
  make_truth(0.02);
  draw(300, -1, 0.1);
  lb_linear_config config = lb_linear_default_config();
  config.time_varying = true;
  lb_model a = lb_linear_as_model(new_model(&config)), b = lb_linear_as_model(new_model(&config));
  lb_fit_report r;
  a.fit(a.ctx, &(lb_fit_data){.batch = d.batch}, NULL, &r, NULL);
  assert_int_equal(r.nparam, H * NX * NZ);
  assert_int_equal(r.rank, r.nparam);
  assert_string_equal(r.stop, "solved");
  double loss = 0, next[MOST * NX];
  lb_dynamics_step(&a.dynamics, d.batch.n, d.t, d.x, d.u, next);
  for (int i = 0; i < d.batch.n * NX; ++i) loss += (next[i] - d.x_next[i]) * (next[i] - d.x_next[i]);
  assert_near(r.loss, loss / d.batch.n, 1e-14);
  double* stored = calloc((size_t)lb_linear_nstate(a.ctx), sizeof *stored);
  lb_linear_get_state(a.ctx, stored);
  lb_linear_set_state(b.ctx, stored);
  double other[MOST * NX];
  lb_dynamics_step(&b.dynamics, d.batch.n, d.t, d.x, d.u, other);
  assert_memory_equal(next, other, (size_t)(d.batch.n * NX) * sizeof *next);
  free(stored);
  a.destroy(a.ctx);
  b.destroy(b.ctx);
}

// A fixed point, and the origin, as the reference.
static void test_references(void** state) {
  (void)state;
  make_truth(0);
  lb_linear_config config = lb_linear_default_config();
  lb_linear* origin = lb_linear_new(&space, NU, H, NULL, &config, NULL);
  const double point[NX] = {1, 2, 3};
  lb_linear* fixed = lb_linear_new(&space, NU, H, &(lb_trajectory){0, point, NULL}, &config, NULL);
  double W[NX * NZ];
  memcpy(W, true_W[0], sizeof W);
  lb_linear_set(origin, W);
  lb_linear_set(fixed, W);
  double x[NX] = {0.1, 0.2, 0.3}, u[NU] = {1, -1}, at_origin[NX], at_point[NX];
  lb_dynamics_step(lb_linear_dynamics(origin), 1, NULL, x, u, at_origin);
  for (int i = 0; i < NX; ++i) x[i] += point[i];
  lb_dynamics_step(lb_linear_dynamics(fixed), 1, NULL, x, u, at_point);
  for (int i = 0; i < NX; ++i) assert_near(at_point[i], at_origin[i] + point[i], 1e-14);
  lb_linear_free(origin);
  lb_linear_free(fixed);
  lb_linear_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_recovers_a_known_system),
      cmocka_unit_test(test_ridge_against_the_closed_form),
      cmocka_unit_test(test_without_data_the_prior_stays),
      cmocka_unit_test(test_identity_dynamics_at_first),
      cmocka_unit_test(test_time_varying_recovers_a_drifting_system),
      cmocka_unit_test(test_window_and_prior_help_on_few_samples),
      cmocka_unit_test(test_well_posed_on_one_sample),
      cmocka_unit_test(test_window_weights),
      cmocka_unit_test(test_prior_strength_counts_samples),
      cmocka_unit_test(test_time_varying_against_the_closed_form),
      cmocka_unit_test(test_previous_prior_accumulates),
      cmocka_unit_test(test_failures_keep_the_model),
      cmocka_unit_test(test_condition),
      cmocka_unit_test(test_derivatives),
      cmocka_unit_test(test_curved_space),
      cmocka_unit_test(test_start_from),
      cmocka_unit_test(test_start_from_a_linear_model),
      cmocka_unit_test(test_as_model),
      cmocka_unit_test(test_references),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
