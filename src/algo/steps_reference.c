// The rows of an experiment that do not learn: the expert's own policy, and the reference's controls without feedback.
// One round: measured once, with the noise of the other rows' last round.
#include <string.h>

#include "algo/experiment.h"
#include "algo/policy_file.h"
#include "base/clock.h"
#include "io/json_writer.h"

// The reference's controls without feedback: what it costs to do nothing about the noise.
static void zero_policy(lb_lq_policy* policy, const lb_system* s, lb_arena* arena) {
  lb_lq_policy_init(policy, &s->space, s->nu, s->horizon, arena);
  size_t steps = (size_t)s->horizon;
  memcpy(policy->x_nominal, s->reference->x, (steps + 1) * (size_t)s->space.nx * sizeof(double));
  memcpy(policy->u_nominal, s->reference->u, steps * (size_t)s->nu * sizeof(double));
}

static lb_lq_policy its_policy(lb_experiment* e) {
  lb_lq_policy policy = e->expert;
  if (e->recipe.kind == LB_ROW_ZERO) zero_policy(&policy, e->system, e->arena);
  return policy;
}

static void write_lines(const lb_experiment* e, const lb_evaluation* real, double seconds, lb_lines* lines) {
  lb_json_writer w = lb_json_writer_on(&lines->metrics);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", 0);
  lb_json_write_number(&w, "cost", real->mean);
  lb_json_write_number(&w, "cost_se", real->se);
  lb_json_write_number(&w, "cost_median", real->median);
  lb_json_write_int(&w, "rollouts_diverged", real->diverged);
  lb_json_write_int(&w, "steps_evaluation", e->system->ledger.steps[LB_STEP_EVALUATION]);
  lb_json_write_end_object(&w);
  w = lb_json_writer_on(&lines->timing);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", 0);
  lb_json_write_number(&w, "cpu", seconds);
  lb_json_write_number(&w, "evaluate", seconds);
  lb_json_write_end_object(&w);
}

static void nothing(void* self) {
  (void)self;
}

static bool measure(void* self, lb_lines* lines) {
  lb_experiment* e = self;
  double start = lb_cpu_seconds();
  lb_lq_policy its = its_policy(e);
  lb_policy policy = lb_lq_policy_view(&its);
  lb_evaluation real = lb_evaluate(e->system, &policy, e->protocol.evaluation_rollouts, e->seed,
                                   (uint32_t)e->protocol.iterations, e->arena, 0, NULL, NULL);
  *lines = (lb_lines){.measure = "cost", .score = real.mean, .score_se = real.se};
  write_lines(e, &real, lb_cpu_seconds() - start, lines);
  return true;
}

static lb_status check(void* self) {
  (void)self;
  return lb_ok();
}

static void save(void* self, lb_npz_writer* w) {
  (void)self;
  (void)w;
}

static lb_status restore(void* self, const lb_npz* npz) {
  (void)self;
  (void)npz;
  return lb_ok();
}

static lb_status finish(void* self, const char* folder) {
  lb_experiment* e = self;
  char path[1200];
  lb_path_join(path, sizeof path, folder, "policy.safetensors");
  lb_lq_policy its = its_policy(e);
  return lb_policy_file_save(path, &its, e->system, "{}");
}

lb_steps lb_experiment_reference_steps(lb_experiment* e) {
  return (lb_steps){.self = e,
                    .system = e->system,
                    .parts = LB_PROTOCOL_ROUNDS,
                    .rounds = 0,
                    .round_name = "round",
                    .round = &e->round,
                    .collect = nothing,
                    .fit = nothing,
                    .plan = nothing,
                    .measure = measure,
                    .check = check,
                    .save = save,
                    .restore = restore,
                    .finish = finish};
}
