// Value moment matching of a family's parameters: the limit of least squares, the objective written out anew, what it
// is for, and checkpoints.
#include "model/parametric.h"

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

#include "../support/near.h"

// A cart on a spring with friction: x = (position, rate), x' = x + dt (rate, (-k p - b v + g u) / m). The real one also
// has friction that grows with the square of the rate. Only ratios to the mass m count.
enum { NX = 2, NPARAM = 4, MOST = 800, H = 10 };

static void* cart_new(void* ctx) {
  double* theta = malloc(sizeof(double) * NPARAM);
  memcpy(theta, ((const lb_family*)ctx)->truth, sizeof(double) * NPARAM);
  return theta;
}

static bool cart_set(void* member, const double* theta) {
  if (!(theta[3] > 0.01)) return false;
  memcpy(member, theta, sizeof(double) * NPARAM);
  return true;
}

static double bend;  // of the real cart; the family knows nothing of it

static void advance(const double* theta, double more, const double* x, double u, double* next) {
  const double dt = 0.1, v = x[1];
  double force = -theta[0] * x[0] - theta[1] * v + theta[2] * u - more * v * fabs(v);
  next[0] = x[0] + dt * v;
  next[1] = v + dt * force / theta[3];
}

static void cart_step(void* member, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  for (int i = 0; i < n; ++i) advance(member, 0, x + NX * i, u[i], x_next + NX * i);
}

static long cart_linearize(void* member, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)member, (void)t, (void)x, (void)u;
  memset(A, 0, sizeof(double) * (size_t)n * NX * NX);
  memset(B, 0, sizeof(double) * (size_t)n * NX);
  return 4L * n;
}

static const lb_space plane = {.nx = NX, .ndx = NX};
static const char* const names[] = {"spring", "damping", "gain", "mass"};
static const double truth[] = {4, 0.5, 3, 2}, low[] = {0, 0, 0, 0}, high[] = {2, 0.5, 2, 1};
static const double start_theta[] = {5, 0.8, 4, 2.5};
static const lb_family cart = {.nparam = NPARAM,
                               .names = names,
                               .truth = truth,
                               .prior_low = low,
                               .prior_high = high,
                               .space = &plane,
                               .nu = 1,
                               .ctx = (void*)&cart,
                               .member_new = cart_new,
                               .member_free = free,
                               .member_set = cart_set,
                               .step = cart_step,
                               .linearize = cart_linearize};

static int data_t[MOST];
static double data_x[MOST * NX], data_u[MOST], data_next[MOST * NX];

static lb_batch make_data(int n, double noise) {
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < n; ++i) {
    data_t[i] = i % H;
    lb_rng_normals(&rng, data_x + NX * i, NX);
    data_x[NX * i + 1] *= 2;
    data_u[i] = lb_rng_normal(&rng);
    advance(truth, bend, data_x + NX * i, data_u[i], data_next + NX * i);
    for (int j = 0; j < NX; ++j) data_next[NX * i + j] += noise * (j ? 1 : 0.2) * lb_rng_normal(&rng);
  }
  return (lb_batch){.n = n, .t = data_t, .x = data_x, .u = data_u, .x_next = data_next};
}

// V_t(x) = (1 + t / H) (x_0^2 + x_0 x_1 + 2 x_1^2) + x_1, with curvatures 2 and 4 times the bracket.
static double growth(int t) {
  return 1 + (double)t / H;
}

static void value_slope(void* ctx, int n, int t, const double* x, double* v, double* dv) {
  (void)ctx;
  for (int i = 0; i < n; ++i, x += NX) {
    v[i] = growth(t) * (x[0] * x[0] + x[0] * x[1] + 2 * x[1] * x[1]) + x[1];
    if (!dv) continue;
    dv[NX * i] = growth(t) * (2 * x[0] + x[1]);
    dv[NX * i + 1] = growth(t) * (x[0] + 4 * x[1]) + 1;
  }
}

static void value_at(void* ctx, int n, int t, const double* x, double* v) {
  value_slope(ctx, n, t, x, v, NULL);
}

static void nan_at(void* ctx, int n, int t, const double* x, double* v) {
  (void)ctx, (void)t, (void)x;
  for (int i = 0; i < n; ++i) v[i] = NAN;
}

static const lb_value value = {.nx = NX, .at = value_at, .slope = value_slope}, none = {.nx = NX, .at = nan_at};

static lb_parametric_config config_of(double anchor) {
  lb_parametric_config config = lb_parametric_default_config();
  config.tolerance = 1e-12;
  config.anchor = anchor;
  config.moments_tolerance = 1e-13;
  return config;
}

static lb_parametric* new_model(const lb_parametric_config* config) {
  lb_parametric* m = lb_parametric_new(&cart, start_theta, config, NULL);
  assert_non_null(m);
  return m;
}

// theta (NPARAM) by least squares or, with a value, by moments.
static lb_fit_report fitted(double* theta, const lb_parametric_config* config, const lb_batch* data,
                            const lb_value* v) {
  lb_parametric* m = new_model(config);
  lb_fit_report report;
  if (v) {
    lb_parametric_fit_moments(m, &report, data, 0, v, NULL);
  } else {
    lb_parametric_fit(m, &report, data, 0, NULL);
  }
  memcpy(theta, lb_parametric_theta(m), sizeof(double) * NPARAM);
  lb_parametric_free(m);
  return report;
}

static double distance(const double* a, const double* b) {
  double most = 0;
  for (int i = 0; i < NPARAM; ++i) most = fmax(most, fabs(a[i] - b[i]));
  return most;
}

static void a_strong_anchor_is_least_squares(void** state) {
  (void)state;
  bend = 0.3;
  lb_batch data = make_data(400, 0.05);
  double squares[NPARAM], moments[NPARAM], far;
  lb_parametric_config config = config_of(1e5);
  fitted(squares, &config, &data, NULL);
  fitted(moments, &config, &data, &value);
  far = distance(squares, moments);
  assert_true(far > 1e-9);
  config.anchor = 1e7;
  fitted(moments, &config, &data, &value);
  assert_near(far / distance(squares, moments), 100, 3);
}

static int ascending(const void* a, const void* b) {
  return (*(const double*)a > *(const double*)b) - (*(const double*)a < *(const double*)b);
}

static double median(double* a, int n) {
  for (int i = 0; i < n; ++i) a[i] = fabs(a[i]);
  qsort(a, (size_t)n, sizeof *a, ascending);
  return n % 2 ? a[n / 2] : 0.5 * (a[n / 2 - 1] + a[n / 2]);
}

// |V(f) - V(x')|.
static void value_errors(double* errors, const double* theta, const lb_batch* data) {
  double next[NX], v[2];
  for (int i = 0; i < data->n; ++i) {
    advance(theta, 0, data->x + NX * i, data->u[i], next);
    value_at(NULL, 1, data->t[i] + 1, next, v);
    value_at(NULL, 1, data->t[i] + 1, data->x_next + NX * i, v + 1);
    errors[i] = fabs(v[0] - v[1]);
  }
}

// Friction that the family does not have: states are predicted worse, values better in the loss's own measure.
static void a_system_outside_of_the_family(void** state) {
  (void)state;
  bend = 0.6;
  lb_batch data = make_data(MOST, 0.02);
  static double of_squares[MOST], of_moments[MOST], sorted[MOST];
  double squares[NPARAM], moments[NPARAM], before = 0, after = 0;
  lb_parametric_config config = config_of(0.02);
  config.spread = false;  // what is wrong here is the family
  lb_fit_report a = fitted(squares, &config, &data, NULL), b = fitted(moments, &config, &data, &value);
  assert_true(b.loss > a.loss && b.evaluations > a.evaluations);
  value_errors(of_squares, squares, &data);
  value_errors(of_moments, moments, &data);
  memcpy(sorted, of_squares, sizeof sorted);
  double scale = median(sorted, MOST);
  for (int i = 0; i < MOST; ++i) {
    before += sqrt(1 + pow(of_squares[i] / scale, 2)) - 1;
    after += sqrt(1 + pow(of_moments[i] / scale, 2)) - 1;
  }
  assert_true(after < 0.998 * before);
}

typedef struct objective {
  const lb_batch* data;
  double anchor, squares[NPARAM], sigma[NX], scale, M[NPARAM][NPARAM];
} objective;

static void error_of(double* e, const double* theta, const lb_batch* data, int i) {
  advance(theta, 0, data->x + NX * i, data->u[i], e);
  for (int j = 0; j < NX; ++j) e[j] -= data->x_next[NX * i + j];
}

static double value_error(const objective* f, const double* theta, int i) {
  double next[NX], v[2];
  int t = f->data->t[i] + 1;
  advance(theta, 0, f->data->x + NX * i, f->data->u[i], next);
  value_at(NULL, 1, t, next, v);
  value_at(NULL, 1, t, f->data->x_next + NX * i, v + 1);
  double added = growth(t) * (f->sigma[0] * f->sigma[0] + 2 * f->sigma[1] * f->sigma[1]);
  return v[0] + added - v[1];
}

static void make_objective(objective* f, const lb_parametric_config* config, const lb_batch* data) {
  static double errors[NX][MOST];
  *f = (objective){.data = data, .anchor = config->anchor};
  double loss = fitted(f->squares, config, data, NULL).loss, noise = loss / NX;
  for (int i = 0; i < data->n; ++i) {
    double e[NX], J[NX][NPARAM], theta[NPARAM];
    error_of(e, f->squares, data, i);
    for (int j = 0; j < NX; ++j) errors[j][i] = e[j];
    for (int k = 0; k < NPARAM; ++k) {  // by the prior's width
      double h = 1e-5 * (high[k] - low[k]), up[NX], down[NX];
      memcpy(theta, f->squares, sizeof theta);
      theta[k] += h;
      error_of(up, theta, data, i);
      theta[k] -= 2 * h;
      error_of(down, theta, data, i);
      for (int j = 0; j < NX; ++j) J[j][k] = (up[j] - down[j]) / 2e-5;
    }
    for (int k = 0; k < NPARAM * NPARAM * NX; ++k) {
      int a = k / NX / NPARAM, b = k / NX % NPARAM, j = k % NX;
      f->M[a][b] += J[j][a] * J[j][b] / noise;
    }
  }
  for (int k = 0; k < NPARAM; ++k) f->M[k][k] += config->ridge * config->ridge;
  for (int j = 0; j < NX; ++j) f->sigma[j] = 1.4826 * median(errors[j], data->n);
  for (int i = 0; i < data->n; ++i) errors[0][i] = value_error(f, f->squares, i);
  f->scale = median(errors[0], data->n);
}

static double objective_at(const objective* f, const double* theta) {
  double sum = 0, d[NPARAM];
  for (int i = 0; i < f->data->n; ++i) {
    double r = value_error(f, theta, i) / f->scale;
    sum += sqrt(1 + r * r) - 1;
  }
  for (int k = 0; k < NPARAM; ++k) d[k] = (theta[k] - f->squares[k]) / (high[k] - low[k]);
  for (int k = 0; k < NPARAM * NPARAM; ++k) {
    sum += 0.5 * f->anchor * d[k / NPARAM] * d[k % NPARAM] * f->M[k / NPARAM][k % NPARAM];
  }
  return sum;
}

static void the_objective_written_out(void** state) {
  (void)state;
  bend = 0.4;
  lb_batch data = make_data(500, 0.05);
  lb_parametric_config config = config_of(0.1);
  objective f;
  make_objective(&f, &config, &data);
  double moments[NPARAM], steepest = 0;
  fitted(moments, &config, &data, &value);
  assert_true(objective_at(&f, moments) < objective_at(&f, f.squares));
  for (int at_end = 0; at_end < 2; ++at_end) {
    for (int k = 0; k < NPARAM; ++k) {
      double theta[NPARAM], h = 1e-5, up, down;
      memcpy(theta, at_end ? moments : f.squares, sizeof theta);
      theta[k] += h;
      up = objective_at(&f, theta);
      theta[k] -= 2 * h;
      down = objective_at(&f, theta);
      double slope = fabs(up - down) / (2 * h);
      if (!at_end) steepest = fmax(steepest, slope);
      if (at_end) assert_true(slope < 1e-3 * steepest);
    }
  }
}

static void values_that_are_none_leave_the_least_squares(void** state) {
  (void)state;
  bend = 0.4;
  lb_batch data = make_data(300, 0.05);
  lb_parametric_config config = config_of(0.1);
  double squares[NPARAM], moments[NPARAM];
  fitted(squares, &config, &data, NULL);
  fitted(moments, &config, &data, &none);
  assert_true(distance(squares, moments) == 0);
  config.ridge = 0;  // the mass is then anybody's guess
  fitted(squares, &config, &data, NULL);
  fitted(moments, &config, &data, &none);
  assert_true(distance(squares, moments) == 0);
  data.n = 0;
  fitted(moments, &config, &data, &value);
  assert_true(distance(start_theta, moments) < 1e-15);
}

// Fits go on from the least squares, whatever acted in between; and from a checkpoint with the same bits.
static void a_checkpoint_goes_on_with_the_same_bits(void** state) {
  (void)state;
  bend = 0.4;
  lb_parametric_config config = config_of(0.1);
  lb_model a = lb_parametric_as_model(new_model(&config)), b = lb_parametric_as_model(new_model(&config));
  lb_batch data = make_data(400, 0.05);
  lb_fit_report report;
  double *mid = calloc((size_t)lb_parametric_nstate(a.ctx), sizeof *mid),
         *end = calloc((size_t)lb_parametric_nstate(a.ctx), sizeof *end);
  double *again = calloc((size_t)lb_parametric_nstate(a.ctx), sizeof *again), y[2][NX];
  for (int k = 1; k <= 4; ++k) {
    data.n = 100 * k;
    a.fit(a.ctx, &(lb_fit_data){.batch = data, .first_new = 100 * (k - 1), .value = &value}, NULL, &report, NULL);
    if (k == 2) lb_parametric_get_state(a.ctx, mid);
    if (k == 2) lb_dynamics_step(&a.dynamics, 1, NULL, data_x, data_u, y[0]);
  }
  lb_parametric_get_state(a.ctx, end);
  data.n = 200;
  lb_parametric_set_state(b.ctx, mid, &data);
  lb_dynamics_step(&b.dynamics, 1, NULL, data_x, data_u, y[1]);
  assert_memory_equal(y[0], y[1], sizeof y[0]);
  for (int k = 3; k <= 4; ++k) {
    data.n = 100 * k;
    b.fit(b.ctx, &(lb_fit_data){.batch = data, .first_new = 100 * (k - 1), .value = &value}, NULL, &report, NULL);
  }
  lb_parametric_get_state(b.ctx, again);
  assert_memory_equal(end, again, sizeof(double) * (size_t)lb_parametric_nstate(a.ctx));
  lb_dynamics_step(&a.dynamics, 1, NULL, data_x, data_u, y[0]);
  lb_dynamics_step(&b.dynamics, 1, NULL, data_x, data_u, y[1]);
  assert_memory_equal(y[0], y[1], sizeof y[0]);
  config.anchor = 0;
  lb_parametric* alone = new_model(&config);
  for (int k = 1; k <= 4; ++k) {
    data.n = 100 * k;
    lb_parametric_fit(alone, &report, &data, 100 * (k - 1), NULL);
  }
  assert_memory_equal(end, lb_parametric_theta(alone), sizeof(double) * NPARAM);
  assert_true(distance(end, end + 2 * NPARAM) > 1e-6);  // what acts is something else
  lb_parametric_free(alone);
  free(mid), free(end), free(again);
  a.destroy(a.ctx);
  b.destroy(b.ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_strong_anchor_is_least_squares),
      cmocka_unit_test(a_system_outside_of_the_family),
      cmocka_unit_test(the_objective_written_out),
      cmocka_unit_test(values_that_are_none_leave_the_least_squares),
      cmocka_unit_test(a_checkpoint_goes_on_with_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
