#include "task/funnel.h"

#include <math.h>
#include <string.h>

#include "linalg/lstsq.h"
#include "phys/map.h"

// Unknowns z: roll, pitch, velocity (3, world), rates (3, body), controls (4). State: position, quaternion, velocity,
// rates.
enum { NX = 13, N = 12, NU = 4, ROLL = 0, PITCH = 1, VELOCITY = 2, RATES = 5, CONTROL = 8, POINTS = 2 * N + 1 };

#define TOLERANCE 1e-10
#define DIFFERENCE 1e-6
#define GRAVITY 9.81  // for the first guess only

typedef struct problem {
  lb_phys_map* map;
  lb_space space;
  double radius, angle;  // of one step
} problem;

lb_funnel_config lb_funnel_default_config(void) {
  return (lb_funnel_config){.radius = 5, .horizon = 150, .turns = 1, .iterations = 50};
}

// out = a b, quaternions w x y z.
static void multiply(double* out, const double* a, const double* b) {
  double product[4] = {
      a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3], a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
      a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1], a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0]};
  memcpy(out, product, sizeof product);
}

// out = x turned by `angle` about the vertical axis through the origin.
static void turn(double* out, const double* x, double angle) {
  double c = cos(angle), s = sin(angle), half[4] = {cos(angle / 2), 0, 0, sin(angle / 2)};
  memmove(out, x, sizeof(double) * NX);
  for (int at = 0; at <= 7; at += 7) {  // position, velocity
    double east = x[at], north = x[at + 1];
    out[at] = c * east - s * north;
    out[at + 1] = s * east + c * north;
  }
  multiply(out + 3, half, x + 3);
}

// The state at (radius, 0, 0) with the nose over the line to the centre: heading, then pitch, then roll.
static void state_of(double* x, const double* z, double radius) {
  double heading[4] = {0, 0, 0, 1};  // half a turn: towards -x
  double pitch[4] = {cos(z[PITCH] / 2), 0, sin(z[PITCH] / 2), 0};
  double roll[4] = {cos(z[ROLL] / 2), sin(z[ROLL] / 2), 0, 0};
  x[0] = radius, x[1] = 0, x[2] = 0;
  multiply(x + 3, heading, pitch);
  multiply(x + 3, x + 3, roll);
  memcpy(x + 7, z + VELOCITY, sizeof(double) * 6);
}

// r (n, N) at the points z (n, N).
static void residuals(const problem* p, double* r, const double* z, int n) {
  double x[POINTS * NX], u[POINTS * NU], next[POINTS * NX], turned[NX];
  for (int i = 0; i < n; ++i) {
    state_of(x + i * NX, z + i * N, p->radius);
    memcpy(u + i * NU, z + i * N + CONTROL, sizeof(double) * NU);
  }
  lb_phys_map_step(p->map, n, x, u, next);
  for (int i = 0; i < n; ++i) {
    turn(turned, x + i * NX, p->angle);
    lb_space_difference(&p->space, r + i * N, turned, next + i * NX);
  }
}

// max |r_i|; INFINITY where one is not finite.
static double largest(const double* r) {
  double most = 0;
  for (int i = 0; i < N; ++i) most = isfinite(r[i]) ? fmax(most, fabs(r[i])) : INFINITY;
  return most;
}

// Residual at z, and the Newton step there; false where the Jacobian is singular.
static bool newton_step(const problem* p, double* step, double* residual, const double* z, lb_arena* scratch) {
  double points[POINTS * N], r[POINTS * N], J[N * N], b[N];
  for (int i = 0; i < POINTS; ++i) memcpy(points + i * N, z, sizeof(double) * N);
  for (int j = 0; j < N; ++j) {
    points[(2 * j) * N + j] += DIFFERENCE;
    points[(2 * j + 1) * N + j] -= DIFFERENCE;
  }
  residuals(p, r, points, POINTS);
  const double* at_z = r + 2 * N * N;
  for (int i = 0; i < N; ++i) {
    b[i] = -at_z[i];
    for (int j = 0; j < N; ++j) J[i * N + j] = (r[(2 * j) * N + i] - r[(2 * j + 1) * N + i]) / (2 * DIFFERENCE);
  }
  *residual = largest(at_z);
  return isfinite(*residual) && lb_lstsq_qr(step, J, b, N, N, 1, 1e-12, scratch).ok;
}

// Newton's method down to where rounding stops it; the best point stays in z.
static void solve(const problem* p, double* z, lb_funnel_report* report, int iterations, lb_arena* scratch) {
  double trial[N], step[N], residual;
  memcpy(trial, z, sizeof trial);
  *report = (lb_funnel_report){0, INFINITY};
  while (report->iterations < iterations) {
    bool regular = newton_step(p, step, &residual, trial, scratch);
    bool settled = residual >= report->residual && report->residual < TOLERANCE;
    if (!regular || settled) return;
    if (residual < report->residual) {
      report->residual = residual;
      memcpy(z, trial, sizeof trial);
    }
    report->iterations += 1;
    for (int i = 0; i < N; ++i) trial[i] += step[i];
  }
}

// Level sideways flight, leaning into the turn.
static void guess(double* z, double radius, double rate) {
  double pitch = atan(radius * rate * rate / GRAVITY);
  memset(z, 0, sizeof(double) * N);
  z[PITCH] = pitch;
  z[VELOCITY + 1] = radius * rate;
  z[RATES] = -rate * sin(pitch);
  z[RATES + 2] = rate * cos(pitch);
}

// The funnel of z: at each step the start turned by one angle more, under constant controls.
static void unroll(lb_trajectory* out, lb_arena* arena, const problem* p, const double* z, int horizon) {
  double *x = LB_TAKE(arena, double, (horizon + 1) * NX), *u = LB_TAKE(arena, double, (horizon * NU));
  double start[NX];
  state_of(start, z, p->radius);
  for (int t = 0; t <= horizon; ++t) turn(x + t * NX, start, t * p->angle);
  for (int t = 0; t < horizon; ++t) memcpy(u + t * NU, z + CONTROL, sizeof(double) * NU);
  *out = (lb_trajectory){horizon, x, u};
}

// Whether the model is one free body with NU controls, which the funnel is solved for.
static bool is_one_free_body(const lb_phys_model* model, const lb_phys_rate* rate) {
  lb_phys_sizes sizes = lb_phys_model_sizes(model);
  return sizes.nx == NX && sizes.ndx == N && rate->nu == NU && lb_phys_model_joints(model) == 1 &&
         lb_phys_model_joint(model, 0).type == LB_PHYS_FREE;
}

lb_status lb_funnel_reference(lb_trajectory* out, lb_funnel_report* report, lb_arena* arena, const lb_phys_model* model,
                              const lb_phys_rate* rate, const lb_funnel_config* config) {
  if (!is_one_free_body(model, rate)) {
    return lb_fail(LB_INPUT, "%s: a funnel needs one body on a free joint and four controls",
                   lb_phys_model_path(model));
  }
  problem p = {.space = lb_phys_model_space(model), .radius = config->radius};
  p.angle = 2 * acos(-1.0) * config->turns / config->horizon;
  double dt = lb_phys_model_sizes(model).timestep * rate->frame_skip, z[N];
  LB_TRY(lb_phys_map_new(&p.map, model, rate, NULL));
  guess(z, p.radius, p.angle / dt);
  solve(&p, z, report, config->iterations, arena);
  lb_phys_map_free(p.map);
  if (!(report->residual < TOLERANCE)) {
    return lb_fail(LB_DIVERGED, "%s: no funnel of radius %g m found: residual %.2g after %d iterations",
                   lb_phys_model_path(model), p.radius, report->residual, report->iterations);
  }
  unroll(out, arena, &p, z, config->horizon);
  return lb_ok();
}
