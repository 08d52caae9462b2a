// One reader for every file that can act in a task, whatever is in it:
//   a network                       best.safetensors, policy.safetensors, expert_data/*.policy.safetensors
//   time-varying linear feedback    policy.safetensors of rows with a cost, expert_data/helicopter-*
//   a learned model, and what       model.safetensors: iLQR at every step, or LQR passes about demonstrations; the
//   plans in it                     run's own config.json, beside the file, says which, and with which settings
//   what plans in the true system   that config.json alone
//   a run as it stood               checkpoint.npz of one under way, its config.json beside it
//
// In a folder with config.json a policy acts to the bits of the run's own evaluation: that scales a network's actions
// to the limits as low + (action + 1) (high - low) / 2, whereas an expert's file and a clone have the middle plus half
// of the range times the action, which rounds otherwise.
#ifndef LB_ALGO_POLICY_OPEN_H_
#define LB_ALGO_POLICY_OPEN_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/status.h"
#include "core/dynamics.h"
#include "core/policy.h"
#include "core/system.h"

typedef struct lb_open_policy lb_open_policy;

// `root` holds models/, bench/recipes/ and expert_data/. The system must outlive the policy. LB_INPUT: what the file's
// own reader refuses, a policy of another task or another version of it, a model without its run's config.json.
lb_status lb_policy_open(lb_open_policy** out, const char* path, const char* root, const lb_system* system);
// The model that the run in this folder has learned: model.safetensors of one that is finished, else the checkpoint's.
// LB_INPUT for a run that learns none, or has none to show; with what to do.
lb_status lb_policy_open_learned(lb_open_policy** out, const char* folder, const char* root, const lb_system* system);
// Its map, over states where `of_states`, else over observations and actions in [-1, 1]; NULL while nothing is learned.
const lb_dynamics* lb_policy_learned(const lb_open_policy* policy, bool* of_states);

// NULL is allowed.
void lb_policy_close(lb_open_policy* policy);

// The mean action, or the plan's; a view that lives as long as the policy.
lb_policy lb_policy_of(const lb_open_policy* policy);

// What it is, for people: "network", "time-varying linear feedback", "plans in a learned model"; static text.
const char* lb_policy_kind(const lb_open_policy* policy);

// The file that it was read from; "": none was.
const char* lb_policy_path(const lb_open_policy* policy);

// The iteration after which a checkpoint was saved; -1 of all other files.
int lb_policy_iteration(const lb_open_policy* policy);

// The network's actions with their noise, drawn from `rng` on. LB_INPUT for what has none.
lb_status lb_policy_sampled(lb_policy* out, lb_open_policy* policy, lb_rng rng);

// The expert of a task: expert_data/<task>.policy.safetensors, once its files are found to belong together.
lb_status lb_policy_open_expert(lb_open_policy** out, const char* root, const lb_system* system);

// Uniformly random actions within the limits, of a row `random` with that seed; doing nothing.
lb_status lb_policy_open_random(lb_open_policy** out, const lb_system* system, uint64_t seed);
lb_status lb_policy_open_zero(lb_open_policy** out, const lb_system* system);

#endif  // LB_ALGO_POLICY_OPEN_H_
