// The equations of motion of the helicopter hover experiment of "The Virtues of Laziness in Model-based RL" (Vemula,
// Song, Singh, Bagnell, Choudhury, ICML 2023; arXiv 2303.00694) as the published curves have them: explicit Euler with
// dt = 0.05 s, every right-hand side at the old state, free parameters theta.
//
//   state x (12)  0-2 velocity, north-east-down, m/s       control u (4), no unit, clipped to [-100, 100]
//                 3-5 position, north-east-down, m           0-2 torque about body x, y, z
//                 6-8 angular rate, body axes, rad/s         3   collective; positive lifts (towards body -z)
//                 9-11 attitude "rotation vector", body to north-east-down, rad
//   theta (20)    0 mass, 1-3 inertia, then for each axis of torque bias, rate damping, control gain: 4-6, 7-9, 10-12;
//                 13 drag along body x; 14-15 bias and drag along y; 16-18 bias, drag and collective along z; 19
//                 gravity
//
// THE ATTITUDE MAP IS NOT A ROTATION INTEGRATOR. Two things differ from one:
//   1. the quaternion of a rotation vector a uses sin|a| where sin(|a|/2) is right, for |a| >= 1e-4: every attitude
//   (and
//      every increment dt*w) acts as a rotation by twice its angle. Below 1e-4 the map is the right one, so it jumps;
//   2. the new rotation vector is added to the old one, which it should replace.
// At zero rate the attitude therefore triples every step: hover is far less stable than a helicopter's, and all the
// published costs, gains and planner call counts are those of this system. A repaired map gives another experiment
// (expert cost 50.6, not 52.15), so both are kept as they are. The sign of a quaternion's scalar part is ignored by the
// logarithm, which too is kept.
#ifndef LB_TASK_HELICOPTER_2023_MAP_H_
#define LB_TASK_HELICOPTER_2023_MAP_H_

#include <math.h>

enum { LB_HELI_NX = 12, LB_HELI_NU = 4, LB_HELI_NOISE = 6, LB_HELI_NPARAM = 20 };
enum { LB_HELI_V = 0, LB_HELI_P = 3, LB_HELI_W = 6, LB_HELI_A = 9 };  // first index of each part of x

#define LB_HELI_DT 0.05
#define LB_HELI_LIMIT 100.0

// What of theta the map depends on: forces by mass and torques by inertia. Acceleration, SI units.
typedef struct lb_heli_ratios {
  double torque[3][3];  // axis; bias, rate damping, control gain
  double force[3][3];   // axis; bias, drag, collective
  double gravity;
  double inverse_mass, inverse_inertia[3];  // for the noise, a force and a torque
} lb_heli_ratios;

typedef struct lb_heli_quaternion {
  double v[3], s;
} lb_heli_quaternion;

// Divides, and does not multiply by an inverse: the true system's weight and lift then cancel exactly at hover, which
// makes hover a fixed point there. A residue of 1e-17 would grow by 3 a step.
static inline void lb_heli_ratios_set(lb_heli_ratios* k, const double* theta) {
  double m = theta[0];
  *k = (lb_heli_ratios){.force = {{0, theta[13] / m, 0},
                                  {theta[14] / m, theta[15] / m, 0},
                                  {theta[16] / m, theta[17] / m, theta[18] / m}},
                        .gravity = theta[19],
                        .inverse_mass = 1 / m};
  for (int i = 0; i < 3; ++i) {
    k->inverse_inertia[i] = 1 / theta[1 + i];
    for (int j = 0; j < 3; ++j) k->torque[i][j] = theta[4 + 3 * i + j] / theta[1 + i];
  }
}

static inline double lb_heli_clip(double u) {
  return u < -LB_HELI_LIMIT ? -LB_HELI_LIMIT : u > LB_HELI_LIMIT ? LB_HELI_LIMIT : u;  // a NaN stays one
}

// Near hover the angles are small, and there a few terms of a series are exact to rounding at a fraction of the price
// of a square root and a call. sin(r) / r from z = r^2 < 0.25:
static inline double lb_heli_sinc(double z) {
  static const double c[] = {-1.0 / 6,        1.0 / 120,        -1.0 / 5040,         1.0 / 362880,
                             -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000};  // 1 / (2i + 3)!, alternating
  double sum = c[6];
  for (int i = 5; i >= 0; --i) sum = sum * z + c[i];
  return 1 + z * sum;
}

// asin(r) / r from z = r^2, for any z; beyond 1, where only rounding leads, as at 1.
static inline double lb_heli_asinc(double z) {
  static const double c[] = {1.0 / 6,       3.0 / 40,      5.0 / 112,       35.0 / 1152,      63.0 / 2816,
                             231.0 / 13312, 143.0 / 10240, 6435.0 / 557056, 12155.0 / 1245184};
  if (!(z < 0.03)) return asin(z < 1 ? sqrt(z) : 1) / sqrt(z);
  double sum = c[8];
  for (int i = 7; i >= 0; --i) sum = sum * z + c[i];
  return 1 + z * sum;
}

// The quaternion of the rotation vector scale * a, with the doubled angle (1. above). Near a quarter turn the scalar
// part is all rounding, so there the operations are those of the published code, in its order.
static inline lb_heli_quaternion lb_heli_quat(const double* a, double scale) {
  lb_heli_quaternion q = {{scale * a[0], scale * a[1], scale * a[2]}, 0};
  double* v = q.v;
  double squares = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
  if (squares < 0.25) {
    double c = squares < 1e-8 ? 0.5 : lb_heli_sinc(squares);
    for (int i = 0; i < 3; ++i) v[i] *= c;
  } else {
    double angle = sqrt(squares), sine = sin(angle);
    for (int i = 0; i < 3; ++i) v[i] = v[i] / angle * sine;
  }
  q.s = sqrt(fabs(1 - (v[0] * v[0] + v[1] * v[1] + v[2] * v[2])));  // the difference is negative by rounding alone
  return q;
}

// R (3, 3): body to north-east-down.
static inline void lb_heli_rotation(double R[3][3], const lb_heli_quaternion* q) {
  double x = q->v[0], y = q->v[1], z = q->v[2], s = q->s;
  double d = s * s - (x * x + y * y + z * z);
  R[0][0] = d + 2 * x * x, R[0][1] = 2 * (x * y - s * z), R[0][2] = 2 * (x * z + s * y);
  R[1][0] = 2 * (x * y + s * z), R[1][1] = d + 2 * y * y, R[1][2] = 2 * (y * z - s * x);
  R[2][0] = 2 * (x * z - s * y), R[2][1] = 2 * (y * z + s * x), R[2][2] = d + 2 * z * z;
}

// c = R^T v: the velocity along the body axes.
static inline void lb_heli_to_body(double c[3], double R[3][3], const double* v) {
  for (int i = 0; i < 3; ++i) c[i] = R[0][i] * v[0] + R[1][i] * v[1] + R[2][i] * v[2];
}

// v_next = v + dt (R f + g), f the specific force along the body axes at the (clipped) collective.
static inline void lb_heli_velocity(double* v_next, const lb_heli_ratios* k, const double* v, double R[3][3],
                                    double collective) {
  double c[3], f[3];
  lb_heli_to_body(c, R, v);
  f[0] = k->force[0][1] * c[0];
  f[1] = k->force[1][0] + k->force[1][1] * c[1];
  f[2] = k->force[2][0] + k->force[2][1] * c[2] + k->force[2][2] * collective;
  for (int i = 0; i < 3; ++i) {
    double acceleration = R[i][0] * f[0] + R[i][1] * f[1] + R[i][2] * f[2] + (i == 2 ? k->gravity : 0);
    v_next[i] = v[i] + LB_HELI_DT * acceleration;
  }
}

// a_next = a + log(attitude * spin): with the '+' of 2. above. spin = quat(dt * rate).
static inline void lb_heli_attitude(double* a_next, const double* a, const lb_heli_quaternion* attitude,
                                    const lb_heli_quaternion* spin) {
  const double *p = attitude->v, *q = spin->v;
  double s = attitude->s, t = spin->s;
  double v[3] = {s * q[0] + t * p[0] + p[1] * q[2] - p[2] * q[1], s * q[1] + t * p[1] + p[2] * q[0] - p[0] * q[2],
                 s * q[2] + t * p[2] + p[0] * q[1] - p[1] * q[0]};
  double squares = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
  double c = squares < 2.5e-13 ? 0 : 2 * lb_heli_asinc(squares);  // an angle 2 asin|v| below 1e-6 counts as none
  for (int i = 0; i < 3; ++i) a_next[i] = a[i] + c * v[i];
}

// x_next (12) from x (12) and u (4); x_next must not be x. noise (6): force in N (north-east-down), torque in N m
// (body); NULL: none.
static inline void lb_heli_step(double* restrict x_next, const lb_heli_ratios* k, const double* x, const double* u,
                                const double* noise) {
  const double *v = x + LB_HELI_V, *p = x + LB_HELI_P, *w = x + LB_HELI_W, *a = x + LB_HELI_A;
  lb_heli_quaternion attitude = lb_heli_quat(a, 1), spin = lb_heli_quat(w, LB_HELI_DT);
  double R[3][3];
  lb_heli_rotation(R, &attitude);
  lb_heli_velocity(x_next + LB_HELI_V, k, v, R, lb_heli_clip(u[3]));
  for (int i = 0; i < 3; ++i) {
    x_next[LB_HELI_P + i] = p[i] + LB_HELI_DT * v[i];
    x_next[LB_HELI_W + i] =
        w[i] + LB_HELI_DT * (k->torque[i][0] + k->torque[i][1] * w[i] + k->torque[i][2] * lb_heli_clip(u[i]));
  }
  lb_heli_attitude(x_next + LB_HELI_A, a, &attitude, &spin);
  if (!noise) return;
  for (int i = 0; i < 3; ++i) {
    x_next[LB_HELI_V + i] += LB_HELI_DT * noise[i] * k->inverse_mass;
    x_next[LB_HELI_W + i] += LB_HELI_DT * noise[3 + i] * k->inverse_inertia[i];
  }
}

#endif  // LB_TASK_HELICOPTER_2023_MAP_H_
