// Time-varying feedback policies as .safetensors: tensors x_nominal (H + 1, nx), u_nominal (H, nu), K (H, nu, ndx),
// k (H, nu), alpha (1), all f64; the metadata name the task, its hash, the rule, and how the policy was made.
#ifndef LB_PLAN_LQ_POLICY_FILE_H_
#define LB_PLAN_LQ_POLICY_FILE_H_

#include "base/arena.h"
#include "base/status.h"
#include "core/system.h"
#include "plan/lq_policy.h"

// `provenance` is JSON text.
lb_status lb_lq_policy_file_save(const char* path, const lb_lq_policy* policy, const lb_system* system,
                                 const char* provenance);

// A policy made for this system, in the arena. Refused with a sentence: another task or version of it, other sizes.
lb_status lb_lq_policy_file_load(lb_lq_policy* policy, const char* path, const lb_system* system, lb_arena* arena);

#endif  // LB_PLAN_LQ_POLICY_FILE_H_
