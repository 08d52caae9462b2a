// A curved space for tests: unit quaternions (w, x, y, z), displaced on the right by rotation vectors, and one angular
// "integrator" on it: q' = q + (dt u + drift), the last in body axes.
#ifndef LB_TESTS_PLAN_SPHERE_H_
#define LB_TESTS_PLAN_SPHERE_H_

#include <math.h>

#include "core/dynamics.h"

static inline void sphere_multiply(double* out, const double* p, const double* q) {
  double w = p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3];
  double x = p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2];
  double y = p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1];
  double z = p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0];
  out[0] = w, out[1] = x, out[2] = y, out[3] = z;
}

static inline void sphere_difference(const void* ctx, double* dx, const double* from, const double* to) {
  (void)ctx;
  double inverse[4] = {from[0], -from[1], -from[2], -from[3]}, q[4];
  sphere_multiply(q, inverse, to);
  double s = sqrt(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  double scale = s < 1e-12 ? 2 / q[0] : 2 * atan2(q[0] < 0 ? -s : s, fabs(q[0])) / s;
  for (int i = 0; i < 3; ++i) dx[i] = scale * q[1 + i];
}

static inline void sphere_displace(const void* ctx, double* x_new, const double* x, const double* dx) {
  (void)ctx;
  double angle = sqrt(dx[0] * dx[0] + dx[1] * dx[1] + dx[2] * dx[2]);
  double scale = angle < 1e-12 ? 0.5 : sin(angle / 2) / angle;
  double q[4] = {cos(angle / 2), scale * dx[0], scale * dx[1], scale * dx[2]};
  sphere_multiply(x_new, x, q);
}

static const lb_space sphere_space = {.nx = 4, .ndx = 3, .difference = sphere_difference, .displace = sphere_displace};

static const double sphere_dt = 0.1, sphere_drift[3] = {0.05, -0.02, 0.1};

static inline void sphere_step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)ctx, (void)t;
  for (int i = 0; i < n; ++i) {
    double v[3];
    for (int j = 0; j < 3; ++j) v[j] = sphere_dt * u[3 * i + j] + sphere_drift[j];
    sphere_displace(NULL, x_next + 4 * i, x + 4 * i, v);
  }
}

// Central differences, in the tangent spaces at x and at f(x, u).
static inline long sphere_linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A,
                                    double* B) {
  for (int i = 0; i < n; ++i) {
    double reached[4], moved[4], d[2][3];
    sphere_step(ctx, 1, t, x + 4 * i, u + 3 * i, reached);
    for (int j = 0; j < 6; ++j) {
      for (int sign = 0; sign < 2; ++sign) {
        double e[3] = {0}, x_moved[4], u_moved[3] = {u[3 * i], u[3 * i + 1], u[3 * i + 2]}, h = sign ? 1e-5 : -1e-5;
        if (j < 3) {
          e[j] = h;
        } else {
          u_moved[j - 3] += h;
        }
        sphere_displace(NULL, x_moved, x + 4 * i, e);
        sphere_step(ctx, 1, t, x_moved, u_moved, moved);
        sphere_difference(NULL, d[sign], reached, moved);
      }
      for (int k = 0; k < 3; ++k) (j < 3 ? A : B)[9 * i + 3 * k + j % 3] = (d[1][k] - d[0][k]) / 2e-5;
    }
  }
  return 13L * n;
}

static inline lb_dynamics sphere_dynamics(void) {
  return (lb_dynamics){.space = &sphere_space, .nu = 3, .step = sphere_step, .linearize = sphere_linearize};
}

#endif  // LB_TESTS_PLAN_SPHERE_H_
