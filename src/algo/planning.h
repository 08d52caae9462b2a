// The learned model as a planner of rewards sees it (core/reward_model.h): observations, actions in [-1, 1], the mean
// prediction; the reward either the task's own terms on what was imagined (known), or what the ensemble learned to
// predict; and the task's own end where observations tell it, beyond which nothing is earned.
//
// Derivatives: of the mean, exact (back through the networks, or the linear model's matrices); of a known reward, by
// differences (plan/reward_expansion.h), since a task's terms are any; of a learned one, back through the networks.
#ifndef LB_ALGO_PLANNING_H_
#define LB_ALGO_PLANNING_H_

#include "algo/protocol.h"
#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/dynamics.h"
#include "core/reward_model.h"
#include "core/system.h"
#include "model/linear.h"
#include "model/neural.h"
#include "plan/lazy.h"
#include "plan/mpc.h"

typedef enum lb_reward_source { LB_REWARD_KNOWN, LB_REWARD_LEARNED } lb_reward_source;

typedef struct lb_planning lb_planning;

// LB_INPUT where there are too many controls, or the task's own terms are wanted and its observations do not determine
// them.
lb_status lb_planning_check(const lb_system* system, lb_reward_source source);

// LB_INPUT where the task's own terms are wanted, and observations do not determine them.
lb_status lb_planning_check_known(const lb_system* system);

// In the arena, for up to `most` samples at once. The system judges what is imagined; no real step is taken. mean: the
// model's map; neural: the ensemble that it belongs to, which a learned reward needs; else NULL.
lb_planning* lb_planning_new(lb_system* system, const lb_dynamics* mean, lb_neural* neural, lb_reward_source source,
                             int most, lb_arena* arena);

// A planner with the protocol's settings, for actions in [-1, 1]; rng draws its guesses; in the arena.
lb_mpc* lb_planning_planner(const lb_system* system, const lb_online_protocol* protocol, lb_rng* rng, lb_arena* arena);

// A lazy planner about these demonstrations, with the protocol's horizon; in the arena.
lb_lazy* lb_planning_lazy(const lb_system* system, const lb_online_protocol* protocol, int window,
                          const lb_trajectory* demos, int n, lb_arena* arena);

// The linear model of observations: one affine map of the change of the observation, pulled towards none; free it.
lb_linear* lb_planning_linear(const lb_space* space, int nu, double ridge);

// A view that lives as long as the planning.
const lb_reward_model* lb_planning_model(const lb_planning* p);

#endif  // LB_ALGO_PLANNING_H_
