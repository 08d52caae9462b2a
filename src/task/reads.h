// How much a task's rewards and observations depend on the simulator's history: the difference between what real steps
// read live and what the same terms say of the same states by themselves (phys/signal.h).
#ifndef LB_TASK_READS_H_
#define LB_TASK_READS_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "task/spec.h"

typedef struct lb_reads_report {
  bool is_stateless;  // every term reads qpos, qvel, act and controls alone: nothing to measure, no difference
  int steps;
  double reward, reward_mean;  // largest and mean absolute difference of the reward of a step
  double observation;          // largest difference of a number of the observation
  int flags;                   // ends that differ
} lb_reads_report;

// Steps a simulation of its own with random controls within their limits (within [-1, 1] where there is none), episode
// after episode. The same seed gives the same numbers.
lb_status lb_reads_measure(lb_reads_report* r, const lb_task_spec* spec, int steps, uint64_t seed);

#endif  // LB_TASK_READS_H_
