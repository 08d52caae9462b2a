// Value moment matching of linear models: gradients by differences, the two limits (least squares; an exact system),
// the objective written out anew, and what it is for: a model that cannot be right about states is right about values.
#include "model/linear.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../linalg/plain.h"
#include "../plan/sphere.h"
#include "../support/near.h"
#include "base/arena.h"
#include "core/tangent.h"

enum { NX = 3, NU = 2, NZ = NX + NU + 1, NW = NX * NZ, H = 8, MOST = 6000 };

static const lb_space plain_space = {.nx = NX, .ndx = NX};

typedef struct data {
  int t[MOST];
  double x[MOST * 4], u[MOST * 3], x_next[MOST * 4];
  lb_batch batch;
} data;

static data d;

// V_t(x) = p_t . dx + dx^T P_t dx / 2 with dx = x (-) middle_t, as an lb_value of three directions.
typedef struct quadratic {
  const lb_space* space;
  double middle[(H + 1) * 4], P[H + 1][9], p[H + 1][3];
} quadratic;

static quadratic q;

static void quadratic_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  const quadratic* f = ctx;
  int nx = f->space->nx;
  for (int i = 0; i < n; ++i) {
    double dx[3], g[3], J[9], moved[16];
    lb_space_difference(f->space, dx, f->middle + nx * t, x + nx * i);
    v[i] = 0;
    for (int j = 0; j < 3; ++j) {
      g[j] = f->p[t][j];
      for (int k = 0; k < 3; ++k) g[j] += f->P[t][3 * j + k] * dx[k];
      v[i] += 0.5 * dx[j] * (g[j] + f->p[t][j]);
    }
    if (!dv) continue;
    lb_tangent_of_difference(f->space, J, f->middle + nx * t, x + nx * i, moved);
    for (int k = 0; k < 3; ++k) {
      dv[3 * i + k] = J[k] * g[0] + J[3 + k] * g[1] + J[6 + k] * g[2];
    }
  }
}

static void quadratic_at(void* ctx, int n, int t, const double* x, double* v) {
  quadratic_slope(ctx, n, t, x, v, NULL);
}

// Positive definite P, slopes of `slope`, about the given states (H + 1, nx).
static lb_value make_value(const lb_space* space, const double* middle, double slope) {
  lb_rng rng = lb_rng_stream(17, LB_RNG_TEST, 0, 0);
  q.space = space;
  memcpy(q.middle, middle, (size_t)((H + 1) * space->nx) * sizeof(double));
  for (int t = 0; t <= H; ++t) {
    double L[9];
    lb_rng_normals(&rng, L, 9);
    lb_rng_normals(&rng, q.p[t], 3);
    for (int j = 0; j < 3; ++j) q.p[t][j] *= slope;
    for (int j = 0; j < 9; ++j) {
      q.P[t][j] = j % 4 == 0;
      for (int k = 0; k < 3; ++k) q.P[t][j] += L[3 * (j / 3) + k] * L[3 * (j % 3) + k];
    }
  }
  return (lb_value){.nx = space->nx, .ctx = &q, .at = quadratic_at, .slope = quadratic_slope};
}

static double ref_x[(H + 1) * 4], ref_u[H * 3], true_W[NW];
static const lb_trajectory reference = {H, ref_x, ref_u};

// n transitions of dx' = W (dx, du, 1) + bend (dx_0^2, dx_0 dx_1, 0) + noise.
static void draw(int n, double bend, double noise, uint32_t stream) {
  lb_rng rng = lb_rng_stream(18, LB_RNG_TEST, 0, 0);
  lb_rng_normals(&rng, ref_x, (H + 1) * NX);
  lb_rng_normals(&rng, ref_u, H * NU);
  lb_rng_normals(&rng, true_W, NW);
  rng = lb_rng_stream(18, LB_RNG_TEST, 1, stream);
  for (int i = 0; i < n; ++i) {
    double z[NZ], y[NX];
    int t = d.t[i] = i % H;
    lb_rng_normals(&rng, z, NZ - 1);
    z[NZ - 1] = 1;
    plain_mul(y, true_W, z, NX, 1, NZ, 1, 0);
    y[0] += bend * z[0] * z[0];
    y[1] += bend * z[0] * z[1];
    for (int j = 0; j < NX; ++j) {
      d.x[NX * i + j] = ref_x[NX * t + j] + z[j];
      d.x_next[NX * i + j] = ref_x[NX * (t + 1) + j] + y[j] + noise * lb_rng_normal(&rng);
    }
    for (int j = 0; j < NU; ++j) d.u[NU * i + j] = ref_u[NU * t + j] + z[NX + j];
  }
  d.batch = (lb_batch){.n = n, .t = d.t, .x = d.x, .u = d.u, .x_next = d.x_next};
}

// Transitions of sphere.h about a reference that it does not follow.
static void draw_rotations(int n, double spread) {
  lb_rng rng = lb_rng_stream(19, LB_RNG_TEST, 0, 0);
  ref_x[0] = 1, ref_x[1] = ref_x[2] = ref_x[3] = 0;
  for (int t = 0; t < H; ++t) {
    double off[3];
    lb_rng_normals(&rng, ref_u + 3 * t, 3);
    lb_rng_normals(&rng, off, 3);
    for (int j = 0; j < 3; ++j) off[j] *= 0.1;
    sphere_step(NULL, 1, NULL, ref_x + 4 * t, ref_u + 3 * t, ref_x + 4 * (t + 1));
    sphere_displace(NULL, ref_x + 4 * (t + 1), ref_x + 4 * (t + 1), off);
  }
  for (int i = 0; i < n; ++i) {
    double dx[3], du[3];
    int t = d.t[i] = i % H;
    lb_rng_normals(&rng, dx, 3);
    lb_rng_normals(&rng, du, 3);
    for (int j = 0; j < 3; ++j) dx[j] *= spread;
    for (int j = 0; j < 3; ++j) d.u[3 * i + j] = ref_u[3 * t + j] + spread * du[j];
    sphere_displace(NULL, d.x + 4 * i, ref_x + 4 * t, dx);
    sphere_step(NULL, 1, NULL, d.x + 4 * i, d.u + 3 * i, d.x_next + 4 * i);
  }
  d.batch = (lb_batch){.n = n, .t = d.t, .x = d.x, .u = d.u, .x_next = d.x_next};
}

static lb_linear_config config_of(bool varying, bool delta, double anchor) {
  lb_linear_config config = lb_linear_default_config();
  config.time_varying = varying;
  config.form = delta ? LB_LINEAR_DELTA : LB_LINEAR_NEXT;
  config.window = 2;
  config.anchor = anchor;
  config.moments_tolerance = 1e-14;
  return config;
}

static lb_linear* new_model(const lb_space* space, const lb_linear_config* config) {
  lb_linear* m = lb_linear_new(space, space->nx == 4 ? 3 : NU, H, &reference, config, NULL);
  assert_non_null(m);
  return m;
}

static void check_gradient(lb_linear* m, const lb_value* value, double scale) {
  int n = lb_linear_nparam(m);
  double *W = calloc((size_t)n, sizeof *W), *gradient = calloc((size_t)n, sizeof *W), largest = 0;
  lb_linear_get(m, W);
  double mean = lb_linear_moments(m, gradient, &d.batch, value, scale);
  assert_true(mean > 0);
  for (int i = 0; i < n; ++i) largest = fmax(largest, fabs(gradient[i]));
  assert_true(largest > 1e-3);
  for (int i = 0; i < n; ++i) {
    double middle = W[i], h = 1e-5, at[2];
    for (int sign = 0; sign < 2; ++sign) {
      W[i] = middle + (sign ? h : -h);
      lb_linear_set(m, W);
      at[sign] = lb_linear_moments(m, NULL, &d.batch, value, scale);
    }
    W[i] = middle;
    assert_near(gradient[i], (at[1] - at[0]) / (2 * h), 1e-6 * largest);
  }
  free(W);
  free(gradient);
}

static void test_gradient(void** state) {
  (void)state;
  for (int c = 0; c < 8; ++c) {
    bool curved = c & 4;
    lb_linear_config config = config_of(c & 1, c & 2, 1);
    if (curved) {
      draw_rotations(60, 0.5);
    } else {
      draw(60, 1, 0.3, 0);
    }
    lb_value value = make_value(curved ? &sphere_space : &plain_space, ref_x, 1);
    lb_linear* m = new_model(curved ? &sphere_space : &plain_space, &config);
    check_gradient(m, &value, 0.7);  // large errors: identity dynamics
    assert_true(lb_linear_fit(m, &d.batch).ok);
    check_gradient(m, &value, curved ? 0.1 : 3);
    lb_linear_free(m);
  }
}

// By how much the two fits differ.
static double distance_of_fits(const lb_space* space, const lb_linear_config* config, const lb_value* value) {
  lb_linear *a = new_model(space, config), *b = new_model(space, config);
  assert_true(lb_linear_fit(a, &d.batch).ok);
  assert_true(lb_linear_fit_moments(b, &d.batch, value).ok);
  int n = lb_linear_nparam(a);
  double *A = calloc((size_t)n, sizeof *A), *B = calloc((size_t)n, sizeof *B);
  lb_linear_get(a, A);
  lb_linear_get(b, B);
  double distance = plain_difference(A, B, n);
  free(A);
  free(B);
  lb_linear_free(a);
  lb_linear_free(b);
  return distance;
}

static void test_a_strong_anchor_is_least_squares(void** state) {
  (void)state;
  for (int c = 0; c < 4; ++c) {
    draw(240, 0.5, 0.2, 0);
    lb_value value = make_value(&plain_space, ref_x, 1);
    lb_linear_config config = config_of(c & 1, c & 2, 1e4);
    double near = distance_of_fits(&plain_space, &config, &value);
    config.anchor = 1e6;
    double nearer = distance_of_fits(&plain_space, &config, &value);
    config.anchor = 1e12;
    assert_true(near > 1e-6);
    assert_near(near / nearer, 100, 2);
    assert_true(distance_of_fits(&plain_space, &config, &value) < 1e-9);
  }
}

// The model class holds the system: values are right to rounding, and so are states, however little holds them.
static void test_an_exactly_linear_system(void** state) {
  (void)state;
  draw(240, 0, 0, 0);
  lb_value value = make_value(&plain_space, ref_x, 1);
  for (int varying = 0; varying < 2; ++varying) {
    lb_linear_config config = config_of(varying, false, 1e-4);
    config.ridge = config.prior_strength = 0;
    lb_linear* m = new_model(&plain_space, &config);
    lb_linear_report r = lb_linear_fit_moments(m, &d.batch, &value);
    assert_true(r.ok);
    assert_true(r.loss < 1e-20);
    double next[MOST * NX], v[2];
    lb_dynamics_step(lb_linear_dynamics(m), d.batch.n, d.t, d.x, d.u, next);
    for (int i = 0; i < d.batch.n; ++i) {
      quadratic_at(&q, 1, d.t[i] + 1, next + NX * i, v);
      quadratic_at(&q, 1, d.t[i] + 1, d.x_next + NX * i, v + 1);
      assert_near(v[0], v[1], 1e-8);
    }
    lb_linear_free(m);
  }
}

static double mean_value_error(const lb_linear* m) {
  double next[MOST * 4], v[2], sum = 0;
  int nx = q.space->nx;
  lb_dynamics_step(lb_linear_dynamics(m), d.batch.n, d.t, d.x, d.u, next);
  for (int i = 0; i < d.batch.n; ++i) {
    quadratic_at(&q, 1, d.t[i] + 1, next + nx * i, v);
    quadratic_at(&q, 1, d.t[i] + 1, d.x_next + nx * i, v + 1);
    sum += fabs(v[0] - v[1]) / d.batch.n;
  }
  return sum;
}

// A bent system: the moments' fit is worse about states, and better about values: on its own data, and on others.
static void test_a_system_that_is_not_linear(void** state) {
  (void)state;
  for (int c = 0; c < 4; ++c) {
    draw(MOST, 0.6, 0.05, 0);
    lb_value value = make_value(&plain_space, ref_x, 2);
    lb_linear_config config = config_of(c & 1, c & 2, 0.05);
    lb_linear *squares = new_model(&plain_space, &config), *moments = new_model(&plain_space, &config);
    lb_linear_report a = lb_linear_fit(squares, &d.batch), b = lb_linear_fit_moments(moments, &d.batch, &value);
    assert_true(a.ok && b.ok);
    assert_true(b.loss > a.loss);
    assert_true(b.moments < 0.95 * b.moments_before);
    for (uint32_t other = 0; other < 2; ++other) {
      draw(MOST, 0.6, 0.05, other);
      assert_true(mean_value_error(moments) < 0.95 * mean_value_error(squares));
      assert_true(lb_linear_moments(moments, NULL, &d.batch, &value, 1) <
                  lb_linear_moments(squares, NULL, &d.batch, &value, 1));
    }
    lb_linear_free(squares);
    lb_linear_free(moments);
  }
}

static void test_a_curved_space(void** state) {
  (void)state;
  draw_rotations(2000, 0.7);
  lb_value value = make_value(&sphere_space, ref_x, 1);
  for (int c = 0; c < 4; ++c) {
    lb_linear_config config = config_of(c & 1, c & 2, 0.05);
    lb_linear *squares = new_model(&sphere_space, &config), *moments = new_model(&sphere_space, &config);
    assert_true(lb_linear_fit(squares, &d.batch).ok);
    lb_linear_report r = lb_linear_fit_moments(moments, &d.batch, &value);
    assert_true(r.ok && r.moments < 0.95 * r.moments_before);
    assert_true(mean_value_error(moments) < mean_value_error(squares));
    lb_linear_free(squares);
    lb_linear_free(moments);
  }
}

static int ascending(const void* a, const void* b) {
  return (*(const double*)a > *(const double*)b) - (*(const double*)a < *(const double*)b);
}

static double median(double* a, int n) {
  for (int i = 0; i < n; ++i) a[i] = fabs(a[i]);
  qsort(a, (size_t)n, sizeof *a, ascending);
  return n % 2 ? a[n / 2] : 0.5 * (a[n / 2 - 1] + a[n / 2]);
}

// The objective of the time-invariant model in its own words: the likelihood is a sum over data and prior.
typedef struct objective {
  lb_linear_config config;
  double squares[NW], sigma[NX], scale, added[H + 1];
} objective;

static void residual(double* e, const double* W, int i) {
  double z[NZ];
  int t = d.t[i];
  for (int j = 0; j < NX; ++j) z[j] = d.x[NX * i + j] - ref_x[NX * t + j];
  for (int j = 0; j < NU; ++j) z[NX + j] = d.u[NU * i + j] - ref_u[NU * t + j];
  z[NZ - 1] = 1;
  for (int j = 0; j < NX; ++j) e[j] = d.x_next[NX * i + j] - ref_x[NX * (t + 1) + j];
  plain_mul(e, W, z, NX, 1, NZ, -1, 1);
}

static double value_error(const double* W, const objective* f, int i) {
  double e[NX], x[NX], v[2];
  residual(e, W, i);
  for (int j = 0; j < NX; ++j) x[j] = d.x_next[NX * i + j] - e[j];
  quadratic_at(&q, 1, d.t[i] + 1, x, v);
  quadratic_at(&q, 1, d.t[i] + 1, d.x_next + NX * i, v + 1);
  return v[0] + f->added[d.t[i] + 1] - v[1];
}

static void make_objective(objective* f, const lb_linear_config* config) {
  static double errors[NX][MOST];
  *f = (objective){.config = *config};
  lb_linear* m = new_model(&plain_space, config);
  assert_true(lb_linear_fit(m, &d.batch).ok);
  lb_linear_get(m, f->squares);
  lb_linear_free(m);
  for (int i = 0; i < d.batch.n; ++i) {
    double e[NX];
    residual(e, f->squares, i);
    for (int j = 0; j < NX; ++j) errors[j][i] = e[j];
  }
  for (int j = 0; j < NX; ++j) f->sigma[j] = 1.4826 * median(errors[j], d.batch.n);
  for (int t = 0; config->spread && t <= H; ++t) {
    for (int j = 0; j < NX; ++j) f->added[t] += 0.5 * q.P[t][4 * j] * f->sigma[j] * f->sigma[j];
  }
  for (int i = 0; i < d.batch.n; ++i) errors[0][i] = value_error(f->squares, f, i);
  f->scale = median(errors[0], d.batch.n);
}

static double objective_at(const objective* f, const double* W) {
  double sum = 0;
  for (int i = 0; i < d.batch.n; ++i) {
    double e[NX], r = value_error(W, f, i) / f->scale;
    residual(e, W, i);
    sum += sqrt(1 + r * r) - 1;
    for (int j = 0; j < NX; ++j) sum += 0.5 * f->config.anchor * e[j] * e[j] / f->sigma[j] / f->sigma[j];
  }
  for (int i = 0; i < NW; ++i) {
    double pull = W[i] - (i % NZ == i / NZ), sigma = f->sigma[i / NZ];  // towards identity dynamics
    sum += 0.5 * f->config.anchor * f->config.ridge * pull * pull / sigma / sigma;
  }
  return sum;
}

static void test_the_objective_written_out(void** state) {
  (void)state;
  for (int spread = 0; spread < 2; ++spread) {
    draw(400, 0.4, 0.2, 0);
    lb_value value = make_value(&plain_space, ref_x, 1);
    lb_linear_config config = config_of(false, false, 0.3);
    config.ridge = 0.5;
    config.spread = spread;
    objective f;
    make_objective(&f, &config);
    lb_linear* m = new_model(&plain_space, &config);
    assert_true(lb_linear_fit_moments(m, &d.batch, &value).ok);
    double W[NW], steepest = 0;
    lb_linear_get(m, W);
    assert_true(objective_at(&f, W) < objective_at(&f, f.squares));
    for (int at_end = 0; at_end < 2; ++at_end) {
      for (int i = 0; i < NW; ++i) {
        double* at = at_end ? W : f.squares;
        double middle = at[i], h = 1e-5, up, down;
        at[i] = middle + h;
        up = objective_at(&f, at);
        at[i] = middle - h;
        down = objective_at(&f, at);
        at[i] = middle;
        double slope = fabs(up - down) / (2 * h);
        if (!at_end) steepest = fmax(steepest, slope);
        if (at_end) assert_true(slope < 1e-4 * steepest);
      }
    }
    lb_linear_free(m);
  }
}

// The objective of a knot with window 0, whose noise and scale are those of all data under its time's least squares.
static void make_knot_objective(objective* f, const lb_linear_config* config, const double* squares) {
  static double errors[NX][MOST];
  *f = (objective){.config = *config};
  for (int i = 0; i < d.batch.n; ++i) {
    double e[NX];
    residual(e, squares + NW * d.t[i], i);
    for (int j = 0; j < NX; ++j) errors[j][i] = e[j];
  }
  for (int j = 0; j < NX; ++j) f->sigma[j] = 1.4826 * median(errors[j], d.batch.n);
  for (int t = 0; config->spread && t <= H; ++t) {
    for (int j = 0; j < NX; ++j) f->added[t] += 0.5 * q.P[t][4 * j] * f->sigma[j] * f->sigma[j];
  }
  for (int i = 0; i < d.batch.n; ++i) errors[0][i] = value_error(squares + NW * d.t[i], f, i);
  f->scale = median(errors[0], d.batch.n);
}

// Only the data at time t are left.
static void keep_time(int t) {
  int kept = 0;
  for (int i = 0; i < d.batch.n; ++i) {
    if (d.t[i] != t) continue;
    d.t[kept] = t;
    memmove(d.x + NX * kept, d.x + NX * i, NX * sizeof(double));
    memmove(d.u + NU * kept, d.u + NU * i, NU * sizeof(double));
    memmove(d.x_next + NX * kept++, d.x_next + NX * i, NX * sizeof(double));
  }
  d.batch.n = kept;
}

// No small move of a knot lowers the objective over the rows of its time.
static void test_a_knot_is_a_model_of_its_time(void** state) {
  (void)state;
  draw(800, 0.5, 0.2, 0);
  lb_value value = make_value(&plain_space, ref_x, 1);
  lb_linear_config config = config_of(true, false, 0.3);
  config.window = config.prior_strength = 0;
  double squares[H * NW], W[H * NW];
  lb_linear* m = new_model(&plain_space, &config);
  assert_true(lb_linear_fit(m, &d.batch).ok);
  lb_linear_get(m, squares);
  assert_true(lb_linear_fit_moments(m, &d.batch, &value).ok);
  lb_linear_get(m, W);
  lb_linear_free(m);
  objective f;
  make_knot_objective(&f, &config, squares);
  keep_time(3);
  double *knot = W + 3 * NW, least = objective_at(&f, knot);
  assert_true(least < objective_at(&f, squares + 3 * NW));
  for (int i = 0; i < NW; ++i) {
    for (int sign = -1; sign <= 1; sign += 2) {
      double middle = knot[i];
      knot[i] += sign * 1e-4;
      assert_true(objective_at(&f, knot) > least);
      knot[i] = middle;
    }
  }
}

// Noise in the system is no error of the model: with `spread` the fit stays nearer the truth than without. (Not at it:
// values of noisy states are skewed, and rho estimates something between their mean and their median.)
static void test_noise_is_no_error_of_values(void** state) {
  (void)state;
  double distance[2];
  for (int spread = 0; spread < 2; ++spread) {
    draw(MOST, 0, 1.5, 0);
    lb_value value = make_value(&plain_space, ref_x, 0);
    lb_linear_config config = config_of(false, false, 0.01);
    config.spread = spread;
    lb_linear* m = new_model(&plain_space, &config);
    assert_true(lb_linear_fit_moments(m, &d.batch, &value).ok);
    double W[NW];
    lb_linear_get(m, W);
    distance[spread] = 0;
    for (int i = 0; i < NW; ++i) distance[spread] += (W[i] - true_W[i]) * (W[i] - true_W[i]);
    lb_linear_free(m);
  }
  assert_true(distance[1] < 0.6 * distance[0]);
}

static void nan_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  quadratic_slope(ctx, n, t, x, v, dv);
  for (int i = 0; i < n; ++i) v[i] = NAN;
}

static void nan_at(void* ctx, int n, int t, const double* x, double* v) {
  nan_slope(ctx, n, t, x, v, NULL);
}

static void zero_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  (void)ctx, (void)t, (void)x;
  for (int i = 0; i < n; ++i) v[i] = 0;
  for (int i = 0; dv && i < NX * n; ++i) dv[i] = 0;
}

static void zero_at(void* ctx, int n, int t, const double* x, double* v) {
  zero_slope(ctx, n, t, x, v, NULL);
}

// Values that say nothing leave the least squares; so do rows that do not determine it, and no data the prior.
static void test_where_there_is_nothing_to_match(void** state) {
  (void)state;
  draw(240, 0.5, 0.2, 0);
  lb_value value = make_value(&plain_space, ref_x, 1);
  lb_value none = {.nx = NX, .ctx = &q, .at = nan_at, .slope = nan_slope};
  lb_value zero = {.nx = NX, .ctx = &q, .at = zero_at, .slope = zero_slope};
  for (int varying = 0; varying < 2; ++varying) {
    lb_linear_config config = config_of(varying, false, 0.1);
    assert_true(distance_of_fits(&plain_space, &config, &value) > 1e-6);
    assert_true(distance_of_fits(&plain_space, &config, &none) == 0);
    assert_true(distance_of_fits(&plain_space, &config, &zero) == 0);
    config.solver = LB_LINEAR_SVD;
    assert_true(distance_of_fits(&plain_space, &config, &value) > 1e-6);
    config.ridge = config.prior_strength = 0;
    d.batch.n = 4;
    assert_true(distance_of_fits(&plain_space, &config, &value) == 0);
    config = config_of(varying, false, 0.1);
    d.batch.n = 0;
    assert_true(distance_of_fits(&plain_space, &config, &value) == 0);
    d.batch.n = 240;
    lb_linear* m = new_model(&plain_space, &config);
    d.x_next[1] = NAN;
    double before[H * NW], after[H * NW];
    lb_linear_get(m, before);
    assert_false(lb_linear_fit_moments(m, &d.batch, &value).ok);
    lb_linear_get(m, after);
    assert_memory_equal(before, after, (size_t)lb_linear_nparam(m) * sizeof(double));
    lb_linear_free(m);
    draw(240, 0.5, 0.2, 0);
  }
}

static void test_as_model(void** state) {
  (void)state;
  draw(240, 0.5, 0.2, 0);
  lb_value value = make_value(&plain_space, ref_x, 1);
  for (int varying = 0; varying < 2; ++varying) {
    lb_linear_config config = config_of(varying, false, 0.1);
    lb_linear* alone = new_model(&plain_space, &config);
    lb_linear_report r = lb_linear_fit_moments(alone, &d.batch, &value);
    lb_model m = lb_linear_as_model(new_model(&plain_space, &config));
    lb_fit_report report;
    m.fit(m.ctx, &(lb_fit_data){.batch = d.batch, .value = &value}, NULL, &report, NULL);
    assert_true(report.loss == r.loss && report.evaluations == 1 + r.evaluations && r.evaluations >= 3);
    double a[H * NW], b[2 * H * NW];
    lb_linear_get(alone, a);
    lb_linear_get_state(m.ctx, b);
    assert_memory_equal(a, b, (size_t)lb_linear_nparam(alone) * sizeof(double));
    m.fit(m.ctx, &(lb_fit_data){.batch = d.batch}, NULL, &report, NULL);  // without a value
    assert_int_equal(report.evaluations, 1);
    lb_linear_get_state(m.ctx, b);
    assert_true(plain_difference(a, b, lb_linear_nparam(alone)) > 1e-6);
    m.destroy(m.ctx);
    lb_linear_free(alone);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gradient),
      cmocka_unit_test(test_a_strong_anchor_is_least_squares),
      cmocka_unit_test(test_an_exactly_linear_system),
      cmocka_unit_test(test_a_system_that_is_not_linear),
      cmocka_unit_test(test_a_curved_space),
      cmocka_unit_test(test_the_objective_written_out),
      cmocka_unit_test(test_a_knot_is_a_model_of_its_time),
      cmocka_unit_test(test_noise_is_no_error_of_values),
      cmocka_unit_test(test_where_there_is_nothing_to_match),
      cmocka_unit_test(test_as_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
