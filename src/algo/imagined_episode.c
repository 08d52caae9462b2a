#include "algo/imagined_episode.h"

#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "base/format.h"
#include "core/action.h"
#include "io/run_rollout.h"

// What the model predicts along an episode: (steps + 1, n) numbers each.
typedef struct pair {
  int steps, n;
  double *real, *model;
} pair;

// The controls as the model takes them: of states within the limits, of observations as actions in [-1, 1].
static void set_action(double* action, const lb_system* s, const double* u, bool of_states) {
  for (int i = 0; i < s->nu; ++i) {
    double within = fmax(s->u_low[i], fmin(s->u_high[i], u[i]));
    action[i] = of_states || !isfinite(s->u_high[i] - s->u_low[i]) ? within : lb_action_of_control(s, i, within);
  }
}

// The real episode, and the model's from the same start under the same controls, as far as both are finite.
static pair follow(lb_agent* a, bool of_states) {
  lb_system s = *a->evaluator;  // a view with a ledger of its own, and with a shorter episode
  if (s.horizon > LB_RUN_ROLLOUT_STEPS) s.horizon = LB_RUN_ROLLOUT_STEPS;
  int n = of_states ? s.space.nx : s.nobs, steps = 0;
  size_t horizon = (size_t)s.horizon, row = sizeof(double) * (size_t)n;
  double* before = LB_TAKE(a->scratch, double, horizon*(size_t)n);
  double* after = LB_TAKE(a->scratch, double, horizon*(size_t)n);
  double* u = LB_TAKE(a->scratch, double, horizon*(size_t)s.nu);
  double* action = LB_TAKE(a->scratch, double, s.nu);
  pair p = {.n = n,
            .real = LB_TAKE(a->scratch, double, (horizon + 1) * (size_t)n),
            .model = LB_TAKE(a->scratch, double, (horizon + 1) * (size_t)n)};
  lb_record record = {.u = u};
  *(of_states ? &record.x : &record.obs) = before;
  *(of_states ? &record.x_next : &record.obs_next) = after;
  int iteration = lb_schedule_evaluation_iteration(&a->schedule, a->iteration - 1);
  lb_evaluate(&s, &a->policy, 1, a->seed, (uint32_t)iteration, a->scratch, 1, &record, &steps);
  lb_dynamics map = a->model.dynamics;
  map.counts = NULL;
  if (steps > 0) memcpy(p.real, before, row);
  if (steps > 0) memcpy(p.model, before, row);
  for (int t = 0; t < steps; ++t) {
    double* next = p.model + (size_t)(t + 1) * (size_t)n;
    set_action(action, &s, u + (size_t)t * (size_t)s.nu, of_states);
    lb_dynamics_step(&map, 1, &t, p.model + (size_t)t * (size_t)n, action, next);
    memcpy(p.real + (size_t)(t + 1) * (size_t)n, after + (size_t)t * (size_t)n, row);
    if (!lb_all_finite(next, n) || !lb_all_finite(p.real + (size_t)(t + 1) * (size_t)n, n)) break;
    p.steps = t + 1;
  }
  return p;
}

// The standard deviation of each number over the real steps; 0 where it does not vary.
static double* find_scale(const pair* p, lb_arena* arena) {
  double* scale = LB_TAKE(arena, double, p->n);
  for (int i = 0; i < p->n; ++i) {
    double mean = 0, square = 0;
    for (int t = 0; t <= p->steps; ++t) mean += p->real[t * p->n + i] / (p->steps + 1);
    for (int t = 0; t <= p->steps; ++t) square += pow(p->real[t * p->n + i] - mean, 2) / (p->steps + 1);
    scale[i] = sqrt(square) > 1e-9 * fmax(1, fabs(mean)) ? sqrt(square) : 0;
  }
  return scale;
}

// The difference of a number at step t in units of its scale; 0 of one that does not vary.
static double off_by(const pair* p, const double* scale, int t, int i) {
  return scale[i] > 0 ? (p->model[t * p->n + i] - p->real[t * p->n + i]) / scale[i] : 0;
}

// error[t] = sqrt(mean over the numbers that vary of ((model - real) / scale)^2).
static double* find_error(const pair* p, const double* scale, lb_arena* arena) {
  double* error = LB_TAKE(arena, double, p->steps + 1);
  int varying = 0;
  for (int i = 0; i < p->n; ++i) varying += scale[i] > 0;
  for (int t = 0; t <= p->steps; ++t) {
    double sum = 0;
    for (int i = 0; i < p->n; ++i) sum += pow(off_by(p, scale, t, i), 2);
    error[t] = varying > 0 ? sqrt(sum / varying) : 0;
  }
  return error;
}

// The numbers that are furthest apart at the end, in their own order; returns how many.
static int choose(int* chosen, const pair* p, const double* scale) {
  int n = 0;
  while (n < LB_RUN_ROLLOUT_NUMBERS && n < p->n) {
    int best = -1, at = n;
    for (int i = 0; i < p->n; ++i) {
      bool taken = false;
      for (int k = 0; k < n; ++k) taken = taken || chosen[k] == i;
      if (taken) continue;
      if (best < 0 || fabs(off_by(p, scale, p->steps, i)) > fabs(off_by(p, scale, p->steps, best))) best = i;
    }
    for (; at > 0 && chosen[at - 1] > best; --at) chosen[at] = chosen[at - 1];
    chosen[at] = best;
    n += 1;
  }
  return n;
}

// What the i-th number of an observation or a state is called.
static const char* name_of(const lb_system* s, bool of_states, int i, lb_arena* arena) {
  const char* const* names = of_states ? s->state_names : s->obs_names;
  return names ? names[i] : lb_format_text(arena, of_states ? "state[%d]" : "observation[%d]", i);
}

// The chosen columns of (steps + 1, n) numbers.
static double* columns(const pair* p, const double* of, const int* chosen, int n, lb_arena* arena) {
  double* out = LB_TAKE(arena, double, (p->steps + 1) * n);
  for (int t = 0; t <= p->steps; ++t) {
    for (int k = 0; k < n; ++k) out[t * n + k] = of[t * p->n + chosen[k]];
  }
  return out;
}

// The numbers that differ most, both ways, and the error, as a file in the folder.
static lb_status write_numbers(lb_agent* a, const pair* p, bool of_states, const char* folder) {
  int chosen[LB_RUN_ROLLOUT_NUMBERS];
  double* scale = find_scale(p, a->scratch);
  lb_run_rollout out = {.steps = p->steps, .n = choose(chosen, p, scale), .of_states = of_states, .dt = a->system->dt};
  for (int k = 0; k < out.n; ++k) out.names[k] = name_of(a->system, of_states, chosen[k], a->scratch);
  out.real = columns(p, p->real, chosen, out.n, a->scratch);
  out.model = columns(p, p->model, chosen, out.n, a->scratch);
  out.error = find_error(p, scale, a->scratch);
  return lb_run_rollout_write(&out, folder);
}

lb_status lb_imagined_episode_write(lb_agent* a, const char* folder) {
  bool of_states = lb_agent_has_rollouts(a);
  if (!a->model.fit || !a->model.dynamics.step || !lb_agent_is_ready(a)) return lb_ok();
  lb_mark mark = lb_arena_mark(a->scratch);
  pair p = follow(a, of_states);
  lb_status status = p.steps > 0 ? write_numbers(a, &p, of_states, folder) : lb_ok();
  lb_arena_release(a->scratch, mark);
  return status;
}
