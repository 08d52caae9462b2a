// The end of a run with a learned model: the first episode of its last evaluation again, and beside it what the model
// imagines of it (io/run_rollout.h). Counts nothing, and draws from the evaluation's own stream.
#ifndef LB_ALGO_IMAGINED_EPISODE_H_
#define LB_ALGO_IMAGINED_EPISODE_H_

#include "algo/agent.h"

// Writes rollout.npz into the run's folder; nothing where no model was learned, or where the episode has not a step.
lb_status lb_imagined_episode_write(lb_agent* agent, const char* folder);

#endif  // LB_ALGO_IMAGINED_EPISODE_H_
