// Whether a task's recording belongs to its simulator, as `bench replay` judges it.
#ifndef LB_BENCH_REPLAY_H_
#define LB_BENCH_REPLAY_H_

#include <stdbool.h>

#include "base/status.h"

// Steps expert_data/<task>.npz through the simulator. *deviation: the largest of those that are judged.
lb_status lb_replay_check(bool* holds, double* deviation, double* tolerance, const char* root, const char* task);

#endif  // LB_BENCH_REPLAY_H_
