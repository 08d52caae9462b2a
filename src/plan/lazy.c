// Passes about demonstrations, and the knot that acts: see lazy.h.
#include "plan/lazy.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "core/space.h"
#include "plan/box_qp.h"
#include "plan/lq_policy.h"
#include "plan/lqr.h"
#include "plan/reward_knots.h"

// Steps that the model is asked for at once.
enum { CHUNK = 64 };

struct lb_lazy {
  lb_lazy_config config;
  int nx, nu, n, longest;
  const lb_trajectory* demos;
  int* first;  // (n) knot of each demonstration's first step
  double *low, *high;
  double* scale;  // (nx) of each number of a state
  double *K, *k;  // (knots, nu, nx), (knots, nu)
  lb_space space;
  lb_lqr* lqr;
  lb_lq_policy policy;
  lb_lqr_expansion knots;
  lb_reward_knots costs;
  // Of the demonstration at work.
  double *next, *reward;       // (longest, nx), (longest)
  double *gradient, *hessian;  // (longest, nx + nu), (longest, nx + nu, nx + nu)
  bool ended[CHUNK];
};

static size_t at(int t, int rows, int cols) {
  return (size_t)t * (size_t)rows * (size_t)cols;
}

lb_lazy_config lb_lazy_default_config(void) {
  return (lb_lazy_config){.horizon = 25, .window = INT_MAX, .mu_control = 1e-2, .mu_state = 1, .reach = 0.1};
}

// Each number's standard deviation over all knots; a number that never varies counts as it is.
static void find_scales(lb_lazy* p, int knots) {
  for (int i = 0; i < p->nx; ++i) {
    double mean = 0, square = 0;
    for (int d = 0; d < p->n; ++d) {
      for (int t = 0; t < p->demos[d].length; ++t) mean += p->demos[d].x[at(t, p->nx, 1) + (size_t)i] / knots;
    }
    for (int d = 0; d < p->n; ++d) {
      for (int t = 0; t < p->demos[d].length; ++t) {
        double away = p->demos[d].x[at(t, p->nx, 1) + (size_t)i] - mean;
        square += away * away / knots;
      }
    }
    p->scale[i] = square > 1e-12 * (1 + mean * mean) ? sqrt(square) : 1;
  }
}

// Room for gains at all knots and for one trajectory of the longest demonstration.
static void take_room(lb_lazy* p, int knots, lb_arena* arena) {
  int H = p->longest, nx = p->nx, nu = p->nu, m = nx + nu;
  p->low = LB_TAKE(arena, double, nu);
  p->high = LB_TAKE(arena, double, nu);
  p->scale = LB_TAKE(arena, double, nx);
  p->K = LB_TAKE(arena, double, at(knots, nu, nx));
  p->k = LB_TAKE(arena, double, at(knots, nu, 1));
  p->next = LB_TAKE(arena, double, at(H, nx, 1));
  p->reward = LB_TAKE(arena, double, H);
  p->gradient = LB_TAKE(arena, double, at(H, m, 1));
  p->hessian = LB_TAKE(arena, double, at(H, m, m));
}

lb_lazy* lb_lazy_new(const lb_lazy_config* config, int nx, int nu, const double* low, const double* high,
                     const lb_trajectory* demos, int n, lb_arena* arena) {
  assert(config->horizon >= 1 && config->window >= 0 && config->mu_control > 0 && config->mu_state >= 0 &&
         config->reach > 0 && n >= 1);
  assert(nx >= 1 && nu >= 1 && nu <= LB_BOX_QP_MAX);
  lb_lazy* p = LB_TAKE(arena, lb_lazy, 1);
  *p = (lb_lazy){.config = *config, .nx = nx, .nu = nu, .n = n, .demos = demos};
  p->first = LB_TAKE(arena, int, n);
  int knots = 0;
  for (int d = 0; d < n; ++d) {
    assert(demos[d].length >= 1);
    p->first[d] = knots;
    knots += demos[d].length;
    p->longest = demos[d].length > p->longest ? demos[d].length : p->longest;
  }
  take_room(p, knots, arena);
  memcpy(p->low, low, (size_t)nu * sizeof *low);
  memcpy(p->high, high, (size_t)nu * sizeof *high);
  memset(p->K, 0, at(knots, nu, nx) * sizeof *p->K);
  memset(p->k, 0, at(knots, nu, 1) * sizeof *p->k);
  find_scales(p, knots);
  p->space = (lb_space){.nx = nx, .ndx = nx};
  p->lqr = lb_lqr_new(&p->space, nu, p->longest, arena);
  p->knots = lb_lqr_fill(p->lqr, true);
  lb_lq_policy_init(&p->policy, &p->space, nu, p->longest, arena);
  p->costs = lb_reward_knots_new(nx, nu, arena);
  return p;
}

// Knots beyond a demonstration's end: nothing is earned and nothing moves.
static void write_rest(lb_lazy* p, int from) {
  int H = p->longest, nx = p->nx, nu = p->nu, m = nx + nu;
  lb_lqr_expansion* k = &p->knots;
  size_t rest = (size_t)(H - from);
  memset(k->A + at(from, nx, nx), 0, rest * at(1, nx, nx) * sizeof(double));
  memset(k->B + at(from, nx, nu), 0, rest * at(1, nx, nu) * sizeof(double));
  memset(k->d + at(from, nx, 1), 0, rest * at(1, nx, 1) * sizeof(double));
  memset(k->u + at(from, nu, 1), 0, rest * at(1, nu, 1) * sizeof(double));
  memset(p->gradient, 0, (size_t)m * sizeof(double));
  for (int t = from; t < H; ++t) {
    memcpy(k->x + at(t + 1, nx, 1), k->x + at(from, nx, 1), (size_t)nx * sizeof(double));
    memset(p->hessian, 0, at(1, m, m) * sizeof(double));
    lb_reward_knots_write(&p->costs, k, t, 0, p->gradient, p->hessian);
  }
  lb_reward_knots_end(&p->costs, k, H);
}

// Knot t with displacements of states in their own scales.
static void scale_knot(lb_lazy* p, int t) {
  int nx = p->nx, nu = p->nu;
  lb_lqr_expansion* k = &p->knots;
  double *A = k->A + at(t, nx, nx), *B = k->B + at(t, nx, nu), *lxx = k->lxx + at(t, nx, nx);
  double *d = k->d + at(t, nx, 1), *lx = k->lx + at(t, nx, 1), *lux = k->lux + at(t, nu, nx);
  for (int i = 0; i < nx; ++i) {
    double unit = p->scale[i];
    d[i] /= unit;
    lx[i] *= unit;
    for (int j = 0; j < nx; ++j) A[i * nx + j] *= p->scale[j] / unit;
    for (int j = 0; j < nx; ++j) lxx[i * nx + j] *= p->scale[j] * unit;
    for (int j = 0; j < nu; ++j) B[i * nu + j] /= unit;
    for (int j = 0; j < nu; ++j) lux[j * nx + i] *= unit;
  }
}

// The expansion about a demonstration.
static void expand(lb_lazy* p, const lb_trajectory* demo, const lb_reward_model* model, lb_counts* counts) {
  int L = demo->length, nx = p->nx, nu = p->nu, m = nx + nu;
  lb_lqr_expansion* k = &p->knots;
  for (int t = 0, part; t < L; t += part) {
    part = L - t < CHUNK ? L - t : CHUNK;
    model->step(model->ctx, part, demo->x + at(t, nx, 1), demo->u + at(t, nu, 1), p->next + at(t, nx, 1), p->reward + t,
                p->ended);
  }
  long queries = model->expand(model->ctx, L, demo->x, demo->u, p->next, k->A, k->B, p->gradient, p->hessian);
  if (counts) counts->model_queries += L + queries;
  memcpy(k->x, demo->x, at(L + 1, nx, 1) * sizeof(double));
  memcpy(k->u, demo->u, at(L, nu, 1) * sizeof(double));
  for (int t = 0; t < L; ++t) {
    lb_space_difference(&p->space, k->d + at(t, nx, 1), demo->x + at(t + 1, nx, 1), p->next + at(t, nx, 1));
    lb_reward_knots_write(&p->costs, k, t, p->reward[t], p->gradient + at(t, m, 1), p->hessian + at(t, m, m));
    scale_knot(p, t);
  }
  write_rest(p, L);
}

// The last pass as the feedback about demonstration d; of a pass that left the finite numbers, none.
static void keep(lb_lazy* p, int d, bool done) {
  int L = p->demos[d].length, nx = p->nx, nu = p->nu;
  double *K = p->K + at(p->first[d], nu, nx), *k = p->k + at(p->first[d], nu, 1);
  for (size_t i = 0; i < at(L, nu, 1); ++i) k[i] = done ? p->policy.k[i] : 0;
  for (size_t i = 0; i < at(L, nu, nx); ++i) K[i] = done ? p->policy.K[i] / p->scale[i % (size_t)nx] : 0;
}

lb_lazy_report lb_lazy_plan(lb_lazy* p, const lb_reward_model* model, lb_counts* counts) {
  lb_lazy_report report = {0};
  lb_lqr_config config = {.affine = true,
                          .mu_control = p->config.mu_control,
                          .mu_state = p->config.mu_state,
                          .reach = isfinite(p->config.reach) ? p->config.reach : 0,
                          .limits = {p->low, p->high}};
  assert(model->nx == p->nx && model->nu == p->nu);
  for (int d = 0; d < p->n; ++d) {
    expand(p, &p->demos[d], model, counts);
    bool done = lb_lqr_backward(p->lqr, &p->policy, NULL, &config, counts).outcome == LB_LQR_DONE;
    report.passes += 1;
    report.failed += !done;
    keep(p, d, done);
  }
  return report;
}

// The squared distance of x from y, or some number from `most` on where it is no less than that.
static double distance(const lb_lazy* p, const double* x, const double* y, double most) {
  double sum = 0;
  for (int i = 0; i < p->nx && sum < most; ++i) {
    double away = (x[i] - y[i]) / p->scale[i];
    sum += away * away;
  }
  return sum;
}

int lb_lazy_nearest(const lb_lazy* p, int* time, const double* x, int t, int to_go) {
  int best = 0, need = to_go < p->config.horizon ? to_go : p->config.horizon;
  double least = INFINITY;
  *time = 0;
  for (int d = 0; d < p->n; ++d) {
    const lb_trajectory* demo = &p->demos[d];
    int last = demo->length > need ? demo->length - need : 0, window = p->config.window;
    int from = t > window ? t - window : 0, to = t < last - window ? t + window : last;
    if (from > last) from = last;
    for (int s = from; s <= to; ++s) {
      double away = distance(p, x, demo->x + at(s, p->nx, 1), least);
      if (!(away < least)) continue;
      least = away;
      best = d;
      *time = s;
    }
  }
  return best;
}

void lb_lazy_feedback(const lb_lazy* p, const double** k, const double** K, int demo, int t) {
  *k = p->k + at(p->first[demo] + t, p->nu, 1);
  *K = p->K + at(p->first[demo] + t, p->nu, p->nx);
}

void lb_lazy_act(const lb_lazy* p, double* u, const double* x, int t, int to_go) {
  int s, d = lb_lazy_nearest(p, &s, x, t, to_go);
  const double *k, *K, *x_near = p->demos[d].x + at(s, p->nx, 1), *u_near = p->demos[d].u + at(s, p->nu, 1);
  lb_lazy_feedback(p, &k, &K, d, s);
  for (int i = 0; i < p->nu; ++i) {
    u[i] = u_near[i] + k[i];
    for (int j = 0; j < p->nx; ++j) u[i] += K[at(i, p->nx, 1) + (size_t)j] * (x[j] - x_near[j]);
    u[i] = fmin(p->high[i], fmax(p->low[i], u[i]));
  }
}
