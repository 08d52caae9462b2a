// What a task costs: a step, a linearisation, an iteration of iLQR, a fit. Limits are the bare simulator's steps.
#include <math.h>
#include <stdlib.h>

#include "model/parametric.h"
#include "perf/perf.h"
#include "perf/subject.h"
#include "plan/ilqr.h"
#include "plan/psdp.h"

enum { REPETITIONS = 9 };
static const double seconds_each = 0.05;

// The first episode again and again, noise included: the states are those of a real run.
static void run_steps(void* ctx, long n) {
  lb_subject* s = ctx;
  lb_system* system = s->system;
  int nu = system->nu, nw = system->nw;
  for (long i = 0; i < n; i++) {
    int t = (int)(i % s->first.length);
    if (t == 0) system->set_state(system->self, s->first.x, 0);
    lb_system_step(system, LB_STEP_EVALUATION, s->first.u + t * nu, s->noise ? s->noise + t * nw : NULL);
  }
}

static void run_raw_steps(void* ctx, long n) {
  lb_subject_raw_steps(ctx, n);
}

lb_status lb_perf_step(lb_perf_result* result, const char* name, const char* root, const char* task) {
  lb_subject s;
  LB_TRY(lb_subject_open(&s, root, task));
  lb_perf_time time, limit;
  lb_perf_measure_beside(&time, &limit, run_steps, run_raw_steps, &s, seconds_each, REPETITIONS);
  *result = lb_perf_rate(name, "steps/s", time, 1, limit.median);
  result->note = !s.raw ? "real control steps with noise and cost; limit: the step's equations, inlined"
                 : s.system->cost
                     ? "real control steps with noise and cost; limit: mj_step alone at the same frame skip"
                     : "real control steps with reward and end; limit: mj_step alone at the same frame skip";
  lb_subject_close(&s);
  return lb_ok();
}

// Seconds of so many bare steps; NAN where queries cost less than a step (the published equations share most of it).
static double limit_of(lb_subject* s, int64_t queries) {
  return s->raw && queries > 0 ? (double)queries * lb_subject_raw_seconds(s) : NAN;
}

typedef struct linearization {
  lb_subject s;
  double *A, *B;
  long queries;
} linearization;

// n linearisations along an episode.
static void run_linearize(void* ctx, long n) {
  linearization* l = ctx;
  const lb_dynamics* f = l->s.system->truth;
  for (long i = 0; i < n; i++) {
    l->queries = f->linearize(f->ctx, l->s.first.length, l->s.data.t, l->s.first.x, l->s.first.u, l->A, l->B);
  }
}

lb_status lb_perf_linearize(lb_perf_result* result, const char* name, const char* root, const char* task) {
  linearization l;
  LB_TRY(lb_subject_open(&l.s, root, task));
  int H = l.s.first.length, ndx = l.s.system->space.ndx;
  l.A = LB_TAKE(l.s.arena, double, H* ndx* ndx);
  l.B = LB_TAKE(l.s.arena, double, H* ndx* l.s.system->nu);
  lb_perf_time time = lb_perf_measure(run_linearize, &l, seconds_each, REPETITIONS);
  *result = lb_perf_duration(name, "us", time, 1e6, limit_of(&l.s, l.queries));
  result->note = l.s.raw ? "A and B along an episode; limit: as many bare steps as it takes"
                         : "A and B along an episode, by differences that share most of a step";
  lb_subject_close(&l.s);
  return lb_ok();
}

typedef struct iteration {
  lb_subject s;
  lb_dynamics guess;
  lb_lq_policy start;
  lb_ilqr* ilqr;
  lb_ilqr_config config;
  lb_counts counts;
} iteration;

// n single iterations of iLQR from the same start.
static void run_iteration(void* ctx, long n) {
  iteration* it = ctx;
  lb_ilqr_start start = {.x0 = it->s.system->reference->x, .lq = &it->start};
  for (long i = 0; i < n; i++) {
    it->counts = (lb_counts){0};
    lb_ilqr_solve(it->ilqr, &it->guess, it->s.system->cost, &start, &it->config, &it->counts);
  }
}

lb_status lb_perf_ilqr_iteration(lb_perf_result* result, const char* name, const char* root, const char* task) {
  iteration it;
  LB_TRY(lb_subject_open(&it.s, root, task));
  lb_system* system = it.s.system;
  double* theta = LB_TAKE(it.s.arena, double, system->family ? system->family->nparam : 1);
  lb_status status = lb_subject_guess(&it.guess, theta, &it.s, &it.counts);
  if (status.code == LB_OK) {
    int H = system->horizon;
    lb_lq_policy_init(&it.start, &system->space, system->nu, H, it.s.arena);
    lb_lqr* lqr = lb_lqr_new(&system->space, system->nu, H, it.s.arena);
    lb_psdp_config psdp = lb_psdp_default_config();
    psdp.about = LB_PSDP_ABOUT_TARGET;
    lb_psdp_plan(lqr, &it.start, NULL, &it.guess, system->cost, NULL, system->reference, &psdp, &it.counts);
    it.ilqr = lb_ilqr_new(&system->space, system->nu, H, it.s.arena);
    it.config = lb_ilqr_default_config();
    it.config.max_iterations = 1;
    lb_perf_time time = lb_perf_measure(run_iteration, &it, seconds_each, REPETITIONS);
    *result = lb_perf_duration(name, "us", time, 1e6, limit_of(&it.s, it.counts.model_queries));
    result->note = it.s.raw ? "rollout, expansion, pass, line search in a wrong model; limit: as many bare steps"
                            : "rollout, expansion, pass, line search in a wrong model";
    system->family->member_free(it.guess.ctx);
  }
  lb_subject_close(&it.s);
  return status;
}

typedef struct fitting {
  lb_subject s;
  lb_parametric* model;
  const double* theta;
  int64_t queries;
} fitting;

// n fits from the same start.
static void run_fit(void* ctx, long n) {
  fitting* f = ctx;
  for (long i = 0; i < n; i++) {
    lb_rng rng = lb_rng_stream(0, LB_RNG_FIT, 0, 0);
    lb_fit_report report;
    lb_parametric_set_theta(f->model, f->theta);
    lb_parametric_fit(f->model, &report, &f->s.data, 0, &rng);
    f->queries = lb_parametric_last_fit(f->model)->queries;
  }
}

lb_status lb_perf_parametric_fit(lb_perf_result* result, const char* name, const char* root, const char* task) {
  fitting f;
  LB_TRY(lb_subject_open(&f.s, root, task));
  const lb_family* family = f.s.system->family;
  lb_dynamics guess;
  double* theta = LB_TAKE(f.s.arena, double, family ? family->nparam : 1);
  lb_status status = lb_subject_guess(&guess, theta, &f.s, NULL);
  if (status.code == LB_OK) {
    lb_parametric_config config = lb_parametric_default_config();
    f.theta = theta;
    f.model = lb_parametric_new(family, theta, &config, NULL);
    if (!f.model) status = lb_fail(LB_MEMORY, "%s: no memory for a model", task);
    family->member_free(guess.ctx);
  }
  if (status.code == LB_OK) {
    lb_perf_time time = lb_perf_measure(run_fit, &f, seconds_each, REPETITIONS);
    *result = lb_perf_duration(name, "us", time, 1e6, limit_of(&f.s, f.queries));
    result->note = f.queries > 0 ? "least squares on ten episodes from a wrong model; limit: as many bare steps"
                                 : "least squares on ten episodes from a wrong model, through sums of the data";
    lb_parametric_free(f.model);
  }
  lb_subject_close(&f.s);
  return status;
}
