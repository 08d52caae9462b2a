#include "eval/evaluate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/running.h"
#include "base/sort.h"

enum { CHUNK = 256 };

// Middle value of n numbers, which are sorted in place.
static double median_of(double* values, int n) {
  lb_sort(values, n);
  return lb_sort_median(values, n);
}

// The record `offset` transitions further on.
static lb_record advanced(const lb_record* r, const lb_system* s, int offset) {
  lb_record next = *r;
  if (next.t) next.t += offset;
  if (next.x) next.x += (ptrdiff_t)offset * s->space.nx;
  if (next.u) next.u += (ptrdiff_t)offset * s->nu;
  if (next.x_next) next.x_next += (ptrdiff_t)offset * s->space.nx;
  if (next.obs) next.obs += (ptrdiff_t)offset * s->nobs;
  if (next.obs_next) next.obs_next += (ptrdiff_t)offset * s->nobs;
  if (next.reward) next.reward += offset;
  if (next.terminated) next.terminated += offset;
  return next;
}

lb_evaluation lb_evaluate(lb_system* system, const lb_policy* policy, int n, uint64_t seed, uint32_t iteration,
                          lb_arena* scratch, int kept, const lb_record* record, int* transitions) {
  assert(n >= 1);
  lb_mark mark = lb_arena_mark(scratch);
  double* cost = LB_TAKE(scratch, double, n);
  lb_evaluation result = {.rollouts = n};
  lb_moments moments = {0}, steps = {0};
  int recorded = 0;
  for (int i = 0; i < n; ++i) {
    lb_rng rng = lb_rng_stream(seed, LB_RNG_EVALUATION, iteration, (uint32_t)i);
    lb_record here = {0};
    if (i < kept) here = advanced(record, system, recorded);
    lb_episode episode =
        lb_episode_run(system, policy, LB_STEP_EVALUATION, &rng, LB_NO_EARLY_STOP, i < kept ? &here : NULL, scratch);
    if (i < kept) recorded += episode.length;
    cost[i] = episode.cost;
    if (episode.diverged && result.diverged++ == 0) result.fault = episode.fault;
    lb_moments_add(&moments, episode.cost);
    lb_moments_add(&steps, episode.length);
  }
  result.steps = steps.mean;
  result.steps_se = lb_moments_se(&steps);
  result.mean = result.diverged ? INFINITY : moments.mean;
  result.se = result.diverged ? NAN : lb_moments_se(&moments);
  result.median = median_of(cost, n);
  if (transitions) *transitions = recorded;
  lb_arena_release(scratch, mark);
  return result;
}

double lb_model_error(const lb_dynamics* model, const lb_batch* batch, lb_arena* scratch) {
  if (batch->n == 0) return NAN;
  int nx = model->space->nx, ndx = model->space->ndx;
  lb_mark mark = lb_arena_mark(scratch);
  double* predicted = LB_TAKE(scratch, double, ((size_t)CHUNK * (size_t)nx));
  double* dx = LB_TAKE(scratch, double, ndx);
  double sum = 0;
  for (int begin = 0; begin < batch->n; begin += CHUNK) {
    int n = batch->n - begin < CHUNK ? batch->n - begin : CHUNK;
    ptrdiff_t at = begin;
    model->step(model->ctx, n, batch->t + at, batch->x + at * nx, batch->u + at * model->nu, predicted);
    for (int i = 0; i < n; ++i) {
      lb_space_difference(model->space, dx, batch->x_next + (at + i) * nx, predicted + (ptrdiff_t)i * nx);
      for (int j = 0; j < ndx; ++j) sum += dx[j] * dx[j];
    }
  }
  lb_arena_release(scratch, mark);
  return sum / batch->n;
}

double lb_value_error(const lb_dynamics* model, const lb_value* value, const lb_batch* batch, lb_arena* scratch) {
  if (batch->n == 0 || !value->at) return NAN;
  ptrdiff_t nx = model->space->nx;
  lb_mark mark = lb_arena_mark(scratch);
  double *x = LB_TAKE(scratch, double, 2 * nx), v[2], sum = 0;
  for (ptrdiff_t i = 0; i < batch->n; ++i) {
    int t = batch->t ? batch->t[i] : 0;
    model->step(model->ctx, 1, &t, batch->x + i * nx, batch->u + i * model->nu, x);
    memcpy(x + nx, batch->x_next + i * nx, (size_t)nx * sizeof *x);
    value->at(value->ctx, 2, t + 1, x, v);
    sum += fabs(v[0] - v[1]);
  }
  lb_arena_release(scratch, mark);
  return sum / batch->n;
}

double lb_cost_in_model(const lb_dynamics* model, const lb_cost* cost, const lb_policy* policy, const double* x0,
                        int horizon, lb_arena* scratch) {
  assert(policy->input == LB_READS_STATE);
  lb_mark mark = lb_arena_mark(scratch);
  double *x = LB_TAKE(scratch, double, model->space->nx), *x_next = LB_TAKE(scratch, double, model->space->nx);
  double *u = LB_TAKE(scratch, double, model->nu), total = 0;
  size_t bytes = (size_t)model->space->nx * sizeof(double);
  memcpy(x, x0, bytes);
  for (int t = 0; t < horizon && isfinite(total); ++t) {
    lb_policy_act(policy, 1, t, x, u);
    total += cost->stage(cost->ctx, t, x, u);
    model->step(model->ctx, 1, &t, x, u, x_next);
    memcpy(x, x_next, bytes);
  }
  if (isfinite(total)) total += cost->terminal(cost->ctx, horizon, x);
  lb_arena_release(scratch, mark);
  return isfinite(total) ? total : INFINITY;
}

void lb_evaluation_remark(lb_text* out, const lb_evaluation* e, const lb_system* system) {
  char why[300];
  if (e->diverged == 0) return;
  lb_fault_describe(why, sizeof why, &e->fault, system);
  lb_text_add(out, "%d of %d evaluation episodes diverged: in the first, %s", e->diverged, e->rollouts, why);
}
