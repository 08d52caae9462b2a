// The rows of an experiment that do not learn: the expert's own policy, and the reference's controls without feedback.
// One round: measured once, with the noise of the other rows' last round.
#include <string.h>

#include "algo/experiment.h"
#include "algo/policy_file.h"
#include "algo/reference_lines.h"
#include "base/clock.h"
#include "io/file.h"

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

static bool measure(void* self, lb_lines* lines) {
  lb_experiment* e = self;
  double start = lb_cpu_seconds();
  lb_lq_policy its = its_policy(e);
  lb_policy policy = lb_lq_policy_view(&its);
  lb_evaluation real = lb_evaluate(e->system, &policy, e->protocol.evaluation_rollouts, e->seed,
                                   (uint32_t)e->protocol.iterations, e->arena, 0, NULL, NULL);
  lb_reference_lines(lines, "cost", e->system, &real, lb_cpu_seconds() - start);
  return true;
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
                    .expert = &e->used,
                    .parts = LB_PROTOCOL_ROUNDS,
                    .rounds = 0,
                    .round_name = "round",
                    .round = &e->round,
                    .measure = measure,
                    .finish = finish};
}
