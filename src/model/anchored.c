#include "model/anchored.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "linalg/chol.h"
#include "linalg/mat.h"

enum { PART = 256 };  // rows of the Jacobian at a time

typedef struct work {
  const lb_anchored_problem* p;
  double *r, *trial_r;       // (rows)
  double* trial;             // (n)
  double *J, *pull;          // (PART, n), (PART)
  double *G, *L, *g, *step;  // (n, n) curvature and its factor, (n) gradient and step
  int evaluations;
} work;

lb_anchored_config lb_anchored_default_config(void) {
  return (lb_anchored_config){.tolerance = 1e-9, .max_iterations = 50};
}

// sum_i w_i (sqrt(1 + r_i^2) - 1), written without the difference that cancels.
static double sum_of_rows(const lb_anchored_problem* p, const double* r) {
  double sum = 0;
  for (int i = 0; i < p->rows; ++i) sum += p->weight[i] * r[i] * r[i] / (sqrt(1 + r[i] * r[i]) + 1);
  return sum;
}

// r at v, and the objective there.
static double evaluate(work* k, double* r, const double* v) {
  k->p->residuals(k->p->ctx, r, v);
  k->evaluations += 1;
  return 0.5 * lb_mat_dot(v, v, k->p->n) + sum_of_rows(k->p, r);
}

// G = I + sum w / q J^T J and g = v + sum w r / q J, with q = sqrt(1 + r^2).
static void expand(work* k, const double* v) {
  const lb_anchored_problem* p = k->p;
  int n = p->n;
  memset(k->G, 0, (size_t)n * (size_t)n * sizeof(double));
  memcpy(k->g, v, (size_t)n * sizeof(double));
  for (int begin = 0; begin < p->rows; begin += PART) {
    int count = p->rows - begin < PART ? p->rows - begin : PART;
    p->slopes(p->ctx, k->J, v, begin, count);
    for (int i = 0; i < count; ++i) {
      double r = k->r[begin + i], root = sqrt(p->weight[begin + i] / sqrt(1 + r * r)), *row = k->J + (ptrdiff_t)i * n;
      k->pull[i] = root * r;
      for (int j = 0; j < n; ++j) row[j] *= root;
    }
    lb_mat_vec_t(k->g, k->J, k->pull, count, n, 1, 1);
    lb_mat_gram(k->G, k->J, n, count, 1, 1);
  }
  for (ptrdiff_t j = 0; j < n; ++j) k->G[j * n + j] += 1;
}

// step = -(G + damping I)^-1 g; returns the gain that the quadratic model expects, or -1 without a factor.
static double take_step(work* k, double damping) {
  int n = k->p->n;
  memcpy(k->L, k->G, (size_t)n * (size_t)n * sizeof(double));
  for (ptrdiff_t j = 0; j < n; ++j) k->L[j * n + j] += damping;
  if (!lb_chol_factor(k->L, n)) return -1;
  for (int j = 0; j < n; ++j) k->step[j] = -k->g[j];
  lb_chol_solve(k->step, k->L, n, 1);
  double gain = 0;  // -g s - s G s / 2 with G s = -g - damping s
  for (int j = 0; j < n; ++j) gain += 0.5 * k->step[j] * (damping * k->step[j] - k->g[j]);
  return gain;
}

// trace(G) / n, the scale of damping.
static double mean_diagonal(const work* k) {
  double sum = 0;
  for (ptrdiff_t j = 0; j < k->p->n; ++j) sum += k->G[j * k->p->n + j];
  return sum / k->p->n;
}

// Room for the residuals, PART rows of slopes, the normal equations and a step.
static work take_work(const lb_anchored_problem* p, lb_arena* arena) {
  size_t n = (size_t)p->n, square = n * n, part = (size_t)(p->rows < PART ? p->rows : PART);
  work k = {.p = p};
  k.r = LB_TAKE(arena, double, p->rows);
  k.trial_r = LB_TAKE(arena, double, p->rows);
  k.trial = LB_TAKE(arena, double, n);
  k.J = LB_TAKE(arena, double, (part * n));
  k.pull = LB_TAKE(arena, double, part);
  k.G = LB_TAKE(arena, double, square);
  k.L = LB_TAKE(arena, double, square);
  k.g = LB_TAKE(arena, double, n);
  k.step = LB_TAKE(arena, double, n);
  return k;
}

// Moves v along the last step if the objective falls there; returns whether it did.
static bool try_step(work* k, double* v, double* objective) {
  int n = k->p->n;
  for (int j = 0; j < n; ++j) k->trial[j] = v[j] + k->step[j];
  double tried = evaluate(k, k->trial_r, k->trial);
  if (!(tried < *objective)) return false;
  *objective = tried;
  memcpy(v, k->trial, (size_t)n * sizeof *v);
  double* swap = k->r;
  k->r = k->trial_r;
  k->trial_r = swap;
  return true;
}

// Levenberg-Marquardt: damping / 10 after a step that gained, 10 * damping after one that did not. Returns why it
// ended; *v is the best point.
static const char* iterate(work* k, double* v, double objective, const lb_anchored_config* config) {
  double damping = 0;
  bool moved = true;
  for (int i = 0; i < config->max_iterations; ++i) {
    if (moved) expand(k, v);
    double least = 1e-3 * mean_diagonal(k), gain = take_step(k, damping);
    if (!isfinite(mean_diagonal(k))) return "a slope is not finite";
    if (gain >= 0 && gain <= config->tolerance * objective) return "the loss settled";
    moved = gain >= 0 && try_step(k, v, &objective);
    damping = !moved ? fmax(least, 10 * damping) : damping > least ? damping / 10 : 0;
  }
  return "the iterations ran out";
}

lb_anchored_result lb_anchored_minimize(const lb_anchored_problem* p, double* v, const lb_anchored_config* config,
                                        lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  work k = take_work(p, scratch);
  double objective = evaluate(&k, k.r, v);
  lb_anchored_result result = {.ok = isfinite(objective), .stop = "no finite loss at the start"};
  result.start = result.loss = sum_of_rows(p, k.r);
  if (result.ok) {
    result.stop = iterate(&k, v, objective, config);
    result.loss = sum_of_rows(p, k.r);
  }
  result.evaluations = k.evaluations;
  lb_arena_release(scratch, mark);
  return result;
}
