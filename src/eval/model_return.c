// Rollouts in a model that is drawn from: see model_return.h.
#include "eval/model_return.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/finite.h"

typedef struct rollouts {
  int n, nx;
  double *x, *u, *x_next, *reward;
  bool *terminated, *over;
} rollouts;

// n rollouts that begin at x (n, nx), with room for one step of all of them.
static rollouts rollouts_new(const lb_sampler* model, int n, const double* x, lb_arena* scratch) {
  size_t states = (size_t)n * (size_t)model->nx;
  rollouts r = {.n = n, .nx = model->nx};
  r.x = LB_TAKE(scratch, double, states);
  r.x_next = LB_TAKE(scratch, double, states);
  r.u = LB_TAKE(scratch, double, ((size_t)n * (size_t)model->nu));
  r.reward = LB_TAKE(scratch, double, n);
  r.terminated = LB_TAKE(scratch, bool, n);
  r.over = LB_TAKE(scratch, bool, n);
  memcpy(r.x, x, states * sizeof *x);
  return r;
}

// Adds a step's rewards to those that go on; one that is over keeps its last state, so that it is no trouble to the
// model. Returns how many go on.
static int take(rollouts* r, double* J, double weight) {
  int going = 0;
  for (int i = 0; i < r->n; ++i) {
    double *x = r->x + (ptrdiff_t)i * r->nx, *x_next = r->x_next + (ptrdiff_t)i * r->nx;
    if (r->over[i]) continue;
    J[i] += weight * r->reward[i];
    bool usable = lb_all_finite(x_next, r->nx) && isfinite(J[i]);
    if (!usable) J[i] = NAN;
    r->over[i] = !usable || r->terminated[i];
    if (!r->over[i]) memcpy(x, x_next, (size_t)r->nx * sizeof *x);
    going += !r->over[i];
  }
  return going;
}

void lb_model_return(double* J, const lb_sampler* model, const lb_policy* policy, const lb_model_rollouts* how, int n,
                     const double* x, const double* first, lb_rng* rng, lb_arena* scratch) {
  assert(policy->nin == model->nx && policy->nu == model->nu);
  lb_mark mark = lb_arena_mark(scratch);
  rollouts r = rollouts_new(model, n, x, scratch);
  memset(J, 0, (size_t)n * sizeof *J);
  double weight = 1;
  for (int k = 0, going = n; k < how->steps && going > 0; ++k) {
    int t = how->t + k;
    if (k == 0 && first) {
      memcpy(r.u, first, (size_t)n * (size_t)model->nu * sizeof *first);
    } else {
      lb_policy_act(policy, n, t, r.x, r.u);
    }
    lb_sampler_draw(model, n, t, r.x, r.u, r.x_next, r.reward, r.terminated, rng);
    going = take(&r, J, weight);
    weight *= how->discount;
  }
  lb_arena_release(scratch, mark);
}
