// A task prepared for measuring: see subject.h.
#include "perf/subject.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algo/expert.h"
#include "perf/perf.h"
#include "task/helicopter_2023_map.h"
#include "task/mujoco_system.h"
#include "task/task.h"

enum { EPISODES = 10, RANDOM_STEPS = 200 };

// The bare simulator of a MuJoCo task; none for others.
static lb_status open_raw(lb_subject* s) {
  const lb_task_spec* spec = lb_mujoco_system_spec(s->system);
  if (!spec) return lb_ok();
  lb_phys_rate rate = lb_task_spec_rate(spec);
  return lb_phys_raw_new(&s->raw, spec->model, &rate);
}

// All episodes' transitions, one after the other.
static void gather(lb_subject* s) {
  int nx = s->system->space.nx, nu = s->system->nu, n = 0, total = lb_demos_transitions(s->demos);
  int* t = LB_TAKE(s->arena, int, total);
  double* x = LB_TAKE(s->arena, double, total* nx);
  double* u = LB_TAKE(s->arena, double, total* nu);
  double* x_next = LB_TAKE(s->arena, double, total* nx);
  for (int e = 0; e < lb_demos_episodes(s->demos); e++) {
    const double *next, *noise;
    lb_trajectory episode = lb_demos_episode(s->demos, e, &next, &noise);
    size_t steps = (size_t)episode.length;
    for (int i = 0; i < episode.length; i++) t[n + i] = i;
    memcpy(x + n * nx, episode.x, steps * (size_t)nx * sizeof *x);
    memcpy(u + n * nu, episode.u, steps * (size_t)nu * sizeof *u);
    memcpy(x_next + n * nx, next, steps * (size_t)nx * sizeof *x);
    n += episode.length;
  }
  s->data = (lb_batch){.n = n, .t = t, .x = x, .u = u, .x_next = x_next};
}

// One episode of smooth random controls, which goes on past the task's own end: a task with rewards has no expert here.
static void act_at_random(lb_subject* s) {
  lb_system* system = s->system;
  int n = system->horizon < RANDOM_STEPS ? system->horizon : RANDOM_STEPS, nu = system->nu;
  double* x = LB_TAKE(s->arena, double, system->space.nx);
  double* u = LB_TAKE(s->arena, double, n* nu);
  lb_rng rng = lb_rng_stream(0, LB_RNG_EXPERT, 0, 0);
  system->reset(system->self, &rng);
  system->get_state(system->self, x);
  for (int i = 0; i < n * nu; i++) {
    double reach = isfinite(system->u_high[i % nu]) ? system->u_high[i % nu] : 1;
    u[i] = (i >= nu ? 0.85 * u[i - nu] : 0) + 0.5 * reach * lb_rng_normal(&rng);
  }
  s->first = (lb_trajectory){.length = n, .x = x, .u = u};
}

// The task, its expert's episodes or random ones, the bare simulator.
static lb_status prepare(lb_subject* s, const char* root, const char* task) {
  char models[1200];
  lb_expert_account account;
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&s->system, models, task));
  if (!s->system->cost) {
    act_at_random(s);
    return open_raw(s);
  }
  LB_TRY(lb_expert_solve(&s->expert, &account, s->system, s->arena));
  lb_policy policy = lb_lq_policy_view(&s->expert);
  LB_TRY(lb_demos_record(&s->demos, s->system, &policy, EPISODES, 0));
  const double* next;
  s->first = lb_demos_episode(s->demos, 0, &next, &s->noise);
  gather(s);
  return open_raw(s);
}

// Opens what is measured.
lb_status lb_subject_open(lb_subject* s, const char* root, const char* task) {
  *s = (lb_subject){.arena = lb_arena_new(0)};
  if (!s->arena) return lb_fail(LB_MEMORY, "no memory to measure '%s'", task);
  lb_status status = prepare(s, root, task);
  if (status.code != LB_OK) lb_subject_close(s);
  return status;
}

// Frees all of it.
void lb_subject_close(lb_subject* s) {
  lb_phys_raw_free(s->raw);
  lb_demos_free(s->demos);
  lb_system_free(s->system);
  lb_arena_free(s->arena);
  *s = (lb_subject){0};
}

// The published helicopter's step, as the compiler inlines it.
static void published_steps(const lb_subject* s, long n) {
  lb_heli_ratios ratios;
  lb_heli_ratios_set(&ratios, s->system->family->truth);
  double x[2][LB_HELI_NX] = {{0}};
  for (long i = 0; i < n; i++) {
    int t = (int)(i % s->first.length), here = t % 2;
    if (t == 0) memcpy(x[0], s->first.x, sizeof x[0]);
    lb_heli_step(x[1 - here], &ratios, x[here], s->first.u + t * LB_HELI_NU, s->noise + t * LB_HELI_NOISE);
  }
  volatile double sink = x[0][0] + x[1][0];  // so that nothing is optimised away
  (void)sink;
}

void lb_subject_raw_steps(lb_subject* s, long n) {
  if (s->raw) {
    lb_phys_raw_run(s->raw, s->first.x, s->first.u, s->first.length, n);
  } else {
    published_steps(s, n);
  }
}

static void run_raw(void* ctx, long n) {
  lb_subject_raw_steps(ctx, n);
}

double lb_subject_raw_seconds(lb_subject* s) {
  return lb_perf_measure(run_raw, s, 0.02, 9).median;
}

lb_status lb_subject_guess(lb_dynamics* guess, double* theta, const lb_subject* s, lb_counts* counts) {
  const lb_family* family = s->system->family;
  if (!family) return lb_fail(LB_INPUT, "%s: has no unknown parameters", s->system->name);
  void* member = family->member_new(family->ctx);
  if (!member) return lb_fail(LB_MEMORY, "%s: no memory for a model", s->system->name);
  // A quarter of the way into the prior: wrong enough to need planning, and in the domain of every family.
  for (int i = 0; i < family->nparam; i++) {
    theta[i] = family->truth[i] + 0.75 * family->prior_low[i] + 0.25 * family->prior_high[i];
  }
  if (!family->member_set(member, theta)) {
    family->member_free(member);
    return lb_fail(LB_INPUT, "%s: a draw of the prior is no member of the family", s->system->name);
  }
  *guess = (lb_dynamics){.space = family->space,
                         .nu = family->nu,
                         .ctx = member,
                         .counts = counts,
                         .step = family->step,
                         .linearize = family->linearize};
  return lb_ok();
}
