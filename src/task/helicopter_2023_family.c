// The family of maps of task/helicopter_2023_map.h: its truth and prior (one draw of truth + U[0, 1) a run), its
// members, and the derivatives that the published planners use: central differences with a step of 0.01 in every state
// and control, which is larger than the map's jump at 1e-4, and so sees the doubled angle everywhere.
#include "task/helicopter_2023_family.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "task/helicopter_2023_sums.h"

enum {
  NX = LB_HELI_NX,
  NU = LB_HELI_NU,
  NPARAM = LB_HELI_NPARAM,
  V = LB_HELI_V,
  P = LB_HELI_P,
  W = LB_HELI_W,
  A0 = LB_HELI_A
};

#define STEP 0.01

static const char* const names[NPARAM] = {
    "mass",          "inertia_x",     "inertia_y",        "inertia_z",     "torque_x_bias", "torque_x_damping",
    "torque_x_gain", "torque_y_bias", "torque_y_damping", "torque_y_gain", "torque_z_bias", "torque_z_damping",
    "torque_z_gain", "force_x_drag",  "force_y_bias",     "force_y_drag",  "force_z_bias",  "force_z_drag",
    "force_z_gain",  "gravity"};
static const double truth[NPARAM] = {5,           0.3,         0.3,         0.3,         0 * 0.3,
                                     -3.47 * 0.3, 13.20 * 0.3, 0 * 0.3,     -3.06 * 0.3, -9.21 * 0.3,
                                     0 * 0.3,     -2.58 * 0.3, 14.84 * 0.3, -0.048 * 5,  0 * 5,
                                     -0.12 * 5,   -9.81 * 5,   -0.0005 * 5, -27.5 * 5,   9.81};
static const double prior_low[NPARAM];
static const double prior_high[NPARAM] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const lb_space space = {.nx = NX, .ndx = NX};

void lb_heli_steps(void* ratios, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  for (int i = 0; i < n; ++i) lb_heli_step(x_next + i * NX, ratios, x + i * NX, u + i * NU, NULL);
}

// Column of A or B (rows from `row` on, `stride` apart): the central difference of three components.
static void set_column(double* M, int stride, int row, int column, const double* plus, const double* minus) {
  for (int i = 0; i < 3; ++i) M[(row + i) * stride + column] = (plus[i] - minus[i]) / (2 * STEP);
}

// Attitude and rate enter through quaternions: true differences. Only what depends on the moved component is stepped.
static void difference_turning(const lb_heli_ratios* k, const double* x, double collective, double* A) {
  double R[3][3], y[2][3], velocity[2][3];
  lb_heli_quaternion attitude = lb_heli_quat(x + A0, 1), spin = lb_heli_quat(x + W, LB_HELI_DT);
  for (int j = 0; j < 3; ++j) {
    for (int side = 0; side < 2; ++side) {
      double a[3] = {x[A0], x[A0 + 1], x[A0 + 2]};
      a[j] += side ? -STEP : STEP;
      lb_heli_quaternion moved = lb_heli_quat(a, 1);
      lb_heli_rotation(R, &moved);
      lb_heli_velocity(velocity[side], k, x + V, R, collective);
      lb_heli_attitude(y[side], a, &moved, &spin);
    }
    set_column(A, NX, V, A0 + j, velocity[0], velocity[1]);
    set_column(A, NX, A0, A0 + j, y[0], y[1]);
    for (int side = 0; side < 2; ++side) {
      double w[3] = {x[W], x[W + 1], x[W + 2]};
      w[j] += side ? -STEP : STEP;
      lb_heli_quaternion moved = lb_heli_quat(w, LB_HELI_DT);
      lb_heli_attitude(y[side], x + A0, &attitude, &moved);
    }
    set_column(A, NX, A0, W + j, y[0], y[1]);
  }
}

// All else is linear, where a central difference is the derivative; only the clip of a control needs its difference.
static void difference_linear(const lb_heli_ratios* k, const double* x, const double* u, double* A, double* B) {
  double R[3][3], slope[NU];
  lb_heli_quaternion attitude = lb_heli_quat(x + A0, 1);
  lb_heli_rotation(R, &attitude);
  for (int j = 0; j < NU; ++j) slope[j] = (lb_heli_clip(u[j] + STEP) - lb_heli_clip(u[j] - STEP)) / (2 * STEP);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      double drag = 0;
      for (int axis = 0; axis < 3; ++axis) drag += R[i][axis] * k->force[axis][1] * R[j][axis];
      A[(V + i) * NX + V + j] = (i == j) + LB_HELI_DT * drag;
    }
    B[(V + i) * NU + 3] = LB_HELI_DT * R[i][2] * k->force[2][2] * slope[3];
    A[(P + i) * NX + P + i] = 1;
    A[(P + i) * NX + V + i] = LB_HELI_DT;
    A[(W + i) * NX + W + i] = 1 + LB_HELI_DT * k->torque[i][1];
    B[(W + i) * NU + i] = LB_HELI_DT * k->torque[i][2] * slope[i];
  }
}

long lb_heli_linearize(void* ratios, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)t;
  memset(A, 0, sizeof(double) * (size_t)n * NX * NX);
  memset(B, 0, sizeof(double) * (size_t)n * NX * NU);
  for (int i = 0; i < n; ++i) {
    difference_linear(ratios, x + i * NX, u + i * NU, A + i * NX * NX, B + i * NX * NU);
    difference_turning(ratios, x + i * NX, lb_heli_clip(u[i * NU + 3]), A + i * NX * NX);
  }
  return 2L * (NX + NU) * n;  // what the differences stand for: two steps a column
}

// A member at the true parameters.
static void* member_new(void* ctx) {
  (void)ctx;
  lb_heli_ratios* member = malloc(sizeof *member);
  if (member) lb_heli_ratios_set(member, truth);
  return member;
}

// Takes the parameters; false where one is not finite or a divisor (the first four) is 0.
static bool member_set(void* member, const double* theta) {
  for (int i = 0; i < NPARAM; ++i) {
    if (!isfinite(theta[i]) || (i < 4 && theta[i] == 0)) return false;
  }
  lb_heli_ratios_set(member, theta);
  return true;
}

static const lb_family family = {.nparam = NPARAM,
                                 .names = names,
                                 .truth = truth,
                                 .prior_low = prior_low,
                                 .prior_high = prior_high,
                                 .space = &space,
                                 .nu = NU,
                                 .member_new = member_new,
                                 .member_free = free,
                                 .member_set = member_set,
                                 .step = lb_heli_steps,
                                 .linearize = lb_heli_linearize,
                                 .nsums = LB_HELI_NSUMS,
                                 .nresidual = LB_HELI_NRESIDUAL,
                                 .absorb = lb_heli_sums_absorb,
                                 .loss = lb_heli_sums_loss,
                                 .residual = lb_heli_sums_residual};

const lb_family* lb_heli_family(void) {
  return &family;
}

const lb_space* lb_heli_space(void) {
  return &space;
}
