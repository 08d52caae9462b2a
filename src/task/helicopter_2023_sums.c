// Layout of the sums: the part without theta, the velocity factor (8, 8), three rate factors (4, 4); factors are upper
// triangular, row-major.
#include "task/helicopter_2023_sums.h"

#include "linalg/triangle.h"
#include "task/helicopter_2023_family.h"

enum {
  VELOCITY = LB_HELI_VELOCITY_COLUMNS,
  RATE = LB_HELI_RATE_COLUMNS,
  V = LB_HELI_V,
  P = LB_HELI_P,
  W = LB_HELI_W,
  A = LB_HELI_A
};

static double* rate_factor(double* sums, int axis) {
  return sums + 1 + VELOCITY * VELOCITY + axis * RATE * RATE;
}

// Adds the three velocity equations of a transition, linear in the ratios, to their triangular factor.
static void absorb_velocity(double* factor, const double* x, const double* u, const double* error) {
  double R[3][3], c[3], e[3];
  lb_heli_quaternion attitude = lb_heli_quat(x + A, 1);
  lb_heli_rotation(R, &attitude);
  lb_heli_to_body(c, R, x + V);
  lb_heli_to_body(e, R, error);  // a rotation keeps the length
  const double dt = LB_HELI_DT;
  double rows[3][VELOCITY] = {{dt * c[0], 0, 0, 0, 0, 0, dt * R[2][0], e[0]},
                              {0, dt, dt * c[1], 0, 0, 0, dt * R[2][1], e[1]},
                              {0, 0, 0, dt, dt * c[2], dt * lb_heli_clip(u[3]), dt * R[2][2], e[2]}};
  for (int i = 0; i < 3; ++i) lb_triangle_add_row(factor, rows[i], VELOCITY);
}

void lb_heli_sums_absorb(void* ctx, double* sums, int n, const double* x, const double* u, const double* x_next) {
  (void)ctx;
  lb_heli_ratios truth;
  lb_heli_ratios_set(&truth, lb_heli_family()->truth);
  for (; n > 0; --n, x += LB_HELI_NX, u += LB_HELI_NU, x_next += LB_HELI_NX) {
    double error[LB_HELI_NX];
    lb_heli_step(error, &truth, x, u, NULL);
    for (int i = 0; i < LB_HELI_NX; ++i) error[i] -= x_next[i];
    for (int i = 0; i < 3; ++i) sums[0] += error[P + i] * error[P + i] + error[A + i] * error[A + i];
    absorb_velocity(sums + 1, x, u, error + V);
    for (int i = 0; i < 3; ++i) {
      double row[RATE] = {LB_HELI_DT, LB_HELI_DT * x[W + i], LB_HELI_DT * lb_heli_clip(u[i]), error[W + i]};
      lb_triangle_add_row(rate_factor(sums, i), row, RATE);
    }
  }
}

// The differences d of the header, each with its 1 at the end.
static void differences(double velocity[VELOCITY], double rate[3][RATE], const double* theta) {
  lb_heli_ratios k, truth;
  lb_heli_ratios_set(&k, theta);
  lb_heli_ratios_set(&truth, lb_heli_family()->truth);
  velocity[0] = k.force[0][1] - truth.force[0][1];
  for (int i = 0; i < 2; ++i) velocity[1 + i] = k.force[1][i] - truth.force[1][i];
  for (int i = 0; i < 3; ++i) velocity[3 + i] = k.force[2][i] - truth.force[2][i];
  velocity[6] = k.gravity - truth.gravity;
  velocity[7] = 1;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) rate[i][j] = k.torque[i][j] - truth.torque[i][j];
    rate[i][3] = 1;
  }
}

// r = the rows of R d but the last; returns the square of the last, which has no theta in it.
static inline double apply(int n, double* r, const double* R, const double* d) {
  for (int i = 0; i < n - 1; ++i) {
    r[i] = 0;
    for (int j = i; j < n; ++j) r[i] += R[i * n + j] * d[j];
  }
  return R[n * n - 1] * R[n * n - 1];
}

// r, and returned the square sum that no theta changes: |r|^2 plus it is that of all transitions.
static double evaluate(double r[LB_HELI_NRESIDUAL], const double* sums, const double* theta) {
  double velocity[VELOCITY], rate[3][RATE];
  differences(velocity, rate, theta);
  double fixed = sums[0] + apply(VELOCITY, r, sums + 1, velocity);
  for (int i = 0; i < 3; ++i)
    fixed += apply(RATE, r + VELOCITY - 1 + i * (RATE - 1), rate_factor((double*)sums, i), rate[i]);
  return fixed;
}

double lb_heli_sums_loss(void* ctx, const double* sums, double count, const double* theta) {
  (void)ctx;
  double r[LB_HELI_NRESIDUAL], sum = evaluate(r, sums, theta);
  for (int i = 0; i < LB_HELI_NRESIDUAL; ++i) sum += r[i] * r[i];
  return sum / count;
}

void lb_heli_sums_residual(void* ctx, const double* sums, const double* theta, double* r) {
  (void)ctx;
  evaluate(r, sums, theta);
}
