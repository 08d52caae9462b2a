// The helicopter's equations of motion as the paper's simulator has them (arXiv 2303.00694), with true rotations, in
// north-east-down and forward-right-down axes, written apart from the MuJoCo model that they are compared with; and the
// half turn about x between those axes and the model's (z up; forward, left, up).
#ifndef LB_TESTS_TASK_NED_HELICOPTER_H_
#define LB_TESTS_TASK_NED_HELICOPTER_H_

#include <math.h>
#include <string.h>

// mass, inertia (3), torque about x, y, z (bias, damping, gain each), drag x, side (bias, drag), lift (bias, drag,
// gain), gravity: the paper's order and signs.
enum { NED_NPARAM = 20 };
static const double ned_truth[NED_NPARAM] = {5, 0.3,    0.3,   0.3,   0, -1.041, 3.96,   0,       -0.918, -2.763,
                                             0, -0.774, 4.452, -0.24, 0, -0.6,   -49.05, -0.0025, -137.5, 9.81};

// +1 where the model's parameter (in the task's order, which is the same) equals the paper's, -1 where the half turn
// flips its sign.
static const double ned_sign[NED_NPARAM] = {1, 1, 1, 1, 1, 1, 1, -1, 1, -1, -1, 1, -1, 1, -1, 1, -1, 1, -1, -1};

// The state of the equations: velocity v (NED), body rates w (FRD), rotation R body -> NED.
typedef struct ned_state {
  double v[3], p[3], w[3], R[9];
} ned_state;

// dv/dt and dw/dt under controls u. `spin`: with Euler's term -w x I w, which MuJoCo has and the paper leaves out; it
// is zero where the three inertias are equal.
static inline void ned_acceleration(double dv[3], double dw[3], const ned_state* s, const double* u, const double* th,
                                    int spin) {
  double c[3], F[3], T[3], L[3];
  for (int i = 0; i < 3; ++i) c[i] = s->R[i] * s->v[0] + s->R[3 + i] * s->v[1] + s->R[6 + i] * s->v[2];
  F[0] = th[13] * c[0];
  F[1] = th[14] + th[15] * c[1];
  F[2] = th[16] + th[17] * c[2] + th[18] * u[3];
  for (int i = 0; i < 3; ++i) {
    dv[i] = (s->R[3 * i] * F[0] + s->R[3 * i + 1] * F[1] + s->R[3 * i + 2] * F[2]) / th[0];
    T[i] = th[4 + 3 * i] + th[5 + 3 * i] * s->w[i] + th[6 + 3 * i] * u[i];
    L[i] = th[1 + i] * s->w[i];
  }
  dv[2] += th[19];
  for (int i = 0; i < 3; ++i) {
    int j = (i + 1) % 3, k = (i + 2) % 3;
    dw[i] = (T[i] - (spin ? s->w[j] * L[k] - s->w[k] * L[j] : 0)) / th[1 + i];
  }
}

// R of a quaternion w x y z.
static inline void ned_rotation(double R[9], const double q[4]) {
  double w = q[0], x = q[1], y = q[2], z = q[3];
  double full[9] = {w * w + x * x - y * y - z * z, 2 * (x * y - w * z),           2 * (x * z + w * y),
                    2 * (x * y + w * z),           w * w - x * x + y * y - z * z, 2 * (y * z - w * x),
                    2 * (x * z - w * y),           2 * (y * z + w * x),           w * w - x * x - y * y + z * z};
  memcpy(R, full, sizeof full);
}

// From the model's state (position, quaternion, velocity, rates). The half turn flips y and z of every vector, and
// turns the quaternion (w, x, y, z) into (w, x, -y, -z).
static inline ned_state ned_from_model(const double* x) {
  ned_state s;
  double q[4] = {x[3], x[4], -x[5], -x[6]};
  for (int i = 0; i < 3; ++i) {
    double flip = i == 0 ? 1 : -1;
    s.p[i] = flip * x[i];
    s.v[i] = flip * x[7 + i];
    s.w[i] = flip * x[10 + i];
  }
  ned_rotation(s.R, q);
  return s;
}

// s + h * (derivative: dp = v, dR = R [w], dv, dw).
static inline ned_state ned_advance(const ned_state* s, const ned_state* k, double h) {
  ned_state out = *s;
  for (int i = 0; i < 3; ++i) {
    out.p[i] += h * k->p[i];
    out.v[i] += h * k->v[i];
    out.w[i] += h * k->w[i];
  }
  for (int i = 0; i < 9; ++i) out.R[i] += h * k->R[i];
  return out;
}

static inline ned_state ned_derivative(const ned_state* s, const double* u, const double* th) {
  ned_state k;
  ned_acceleration(k.v, k.w, s, u, th, 1);
  memcpy(k.p, s->v, sizeof k.p);
  const double* w = s->w;
  double W[9] = {0, -w[2], w[1], w[2], 0, -w[0], -w[1], w[0], 0};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      k.R[3 * i + j] = s->R[3 * i] * W[j] + s->R[3 * i + 1] * W[3 + j] + s->R[3 * i + 2] * W[6 + j];
    }
  }
  return k;
}

// The exact flow over `time`: classical Runge-Kutta in n small steps.
static inline ned_state ned_flow(ned_state s, const double* u, const double* th, double time, int n) {
  double h = time / n;
  for (int i = 0; i < n; ++i) {
    ned_state k1 = ned_derivative(&s, u, th), a = ned_advance(&s, &k1, h / 2);
    ned_state k2 = ned_derivative(&a, u, th), b = ned_advance(&s, &k2, h / 2);
    ned_state k3 = ned_derivative(&b, u, th), c = ned_advance(&s, &k3, h);
    ned_state k4 = ned_derivative(&c, u, th);
    s = ned_advance(&s, &k1, h / 6);
    s = ned_advance(&s, &k2, h / 3);
    s = ned_advance(&s, &k3, h / 3);
    s = ned_advance(&s, &k4, h / 6);
  }
  return s;
}

// The largest difference of two states: position, velocity, rates, and entries of R.
static inline double ned_distance(const ned_state* a, const ned_state* b) {
  double most = 0;
  for (int i = 0; i < 3; ++i) {
    most = fmax(most, fmax(fabs(a->p[i] - b->p[i]), fmax(fabs(a->v[i] - b->v[i]), fabs(a->w[i] - b->w[i]))));
  }
  for (int i = 0; i < 9; ++i) most = fmax(most, fabs(a->R[i] - b->R[i]));
  return most;
}

#endif  // LB_TESTS_TASK_NED_HELICOPTER_H_
