// The optimiser's one pass: see adam.h. Plain loops that the compiler vectorises; each number is independent.
#include "nn/adam.h"

#include <math.h>

#ifdef LB_NN_DOUBLE
#define LB_SQRT sqrt
#else
#define LB_SQRT sqrtf
#endif

lb_adam_config lb_adam_default_config(void) {
  return (lb_adam_config){.rate = 3e-4, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

// Both moments start at zero (Kingma & Ba 2015, algorithm 1).
void lb_adam_init(lb_adam* adam, long count, const lb_adam_config* config, lb_arena* arena) {
  *adam = (lb_adam){.config = *config, .count = count};
  adam->m = LB_TAKE(arena, lb_real, count);
  adam->v = LB_TAKE(arena, lb_real, count);
}

// What one step needs of the configuration: theta -= length m / (sqrt(v) scale + epsilon).
typedef struct coefficients {
  lb_real keep1, add1, keep2, add2, length, scale, epsilon, decay, tau;
} coefficients;

// Moments below this change nothing beside epsilon; left to decay (a unit that is never active has gradients of 0) they
// would become denormal numbers, on which some processors are a hundred times as slow.
static const lb_real least = (lb_real)1e-32;

static inline lb_real flushed(lb_real x) {
  return x < least && x > -least ? 0 : x;
}

// One number's step: returns where theta goes.
static inline lb_real move(lb_real theta, lb_real* m, lb_real* v, lb_real g, const coefficients* c) {
  lb_real d = g + c->decay * theta;
  *m = flushed(c->keep1 * *m + c->add1 * d);
  *v = flushed(c->keep2 * *v + c->add2 * d * d);
  return theta - c->length * *m / (LB_SQRT(*v) * c->scale + c->epsilon);
}

static void plain_step(lb_real* restrict theta, lb_real* restrict m, lb_real* restrict v, const lb_real* restrict g,
                       long count, const coefficients c) {
  for (long i = 0; i < count; i++) theta[i] = move(theta[i], &m[i], &v[i], g[i], &c);
}

// A step of Adam, then target += tau (theta - target), in one pass over the memory.
static void step_with_target(lb_real* restrict theta, lb_real* restrict m, lb_real* restrict v,
                             const lb_real* restrict g, lb_real* restrict target, long count, const coefficients c) {
  for (long i = 0; i < count; i++) {
    theta[i] = move(theta[i], &m[i], &v[i], g[i], &c);
    target[i] += c.tau * (theta[i] - target[i]);
  }
}

void lb_adam_advance(lb_adam* adam) {
  adam->steps += 1;
}

void lb_adam_step_part(lb_adam* adam, lb_real* theta, const lb_real* gradient, lb_real* target, double tau, long first,
                       long count) {
  const lb_adam_config* a = &adam->config;
  double t = (double)adam->steps;
  coefficients c = {.keep1 = (lb_real)a->beta1,
                    .add1 = (lb_real)(1 - a->beta1),
                    .keep2 = (lb_real)a->beta2,
                    .add2 = (lb_real)(1 - a->beta2),
                    .length = (lb_real)(a->rate / (1 - pow(a->beta1, t))),
                    .scale = (lb_real)(1 / sqrt(1 - pow(a->beta2, t))),
                    .epsilon = (lb_real)a->epsilon,
                    .decay = (lb_real)a->weight_decay,
                    .tau = (lb_real)tau};
  lb_real *m = adam->m + first, *v = adam->v + first;
  if (target) {
    step_with_target(theta, m, v, gradient, target, count, c);
  } else {
    plain_step(theta, m, v, gradient, count, c);
  }
}

void lb_adam_step(lb_adam* adam, lb_real* theta, const lb_real* gradient, lb_real* target, double tau) {
  lb_adam_advance(adam);
  lb_adam_step_part(adam, theta, gradient, target, tau, 0, adam->count);
}

// 0 x is 0 unless x is not finite, and a NaN stays in the sum.
bool lb_adam_is_finite(const lb_real* gradient, long count) {
  lb_real sum[4 * LB_NN_PAD] = {0}, total = 0;
  long i = 0;
  for (; i + 4 * LB_NN_PAD <= count; i += 4 * LB_NN_PAD) {
    for (int l = 0; l < 4 * LB_NN_PAD; l++) sum[l] += 0 * gradient[i + l];
  }
  for (; i < count; i++) total += 0 * gradient[i];
  for (int l = 0; l < 4 * LB_NN_PAD; l++) total += sum[l];
  return total == 0;
}

double lb_adam_norm(const lb_real* gradient, long count) {
  double sum[LB_NN_PAD] = {0};
  long i = 0;
  for (; i + LB_NN_PAD <= count; i += LB_NN_PAD) {
    for (int l = 0; l < LB_NN_PAD; l++) sum[l] += (double)gradient[i + l] * (double)gradient[i + l];
  }
  for (; i < count; i++) sum[0] += (double)gradient[i] * (double)gradient[i];
  for (int l = 1; l < LB_NN_PAD; l++) sum[0] += sum[l];
  return sqrt(sum[0]);
}

double lb_adam_clip(lb_real* gradient, long count, double most) {
  double norm = lb_adam_norm(gradient, count);
  if (norm > most) {
    lb_real scale = (lb_real)(most / norm);
    for (long i = 0; i < count; i++) gradient[i] *= scale;
  }
  return norm;
}
