// Whether a task's recording belongs to its simulator, as `bench replay` judges it.
#ifndef LB_BENCH_COMMAND_REPLAY_H_
#define LB_BENCH_COMMAND_REPLAY_H_

#include <stdbool.h>

#include "base/status.h"
#include "core/system.h"
#include "data/demos.h"
#include "data/replay.h"

// Steps expert_data/<task>.npz through the simulator. *deviation: the largest of those that are judged.
lb_status lb_replay_check(bool* holds, double* deviation, double* tolerance, const char* root, const char* task);

// Whether a recording in full belongs to the simulator. *tolerance: the largest deviation that passes;
// LB_REPLAY_BY_DATA for the one that the data allow, which it becomes.
#define LB_REPLAY_BY_DATA (-1.0)
bool lb_replay_judge(double* tolerance, const lb_replay_report* report);

// LB_INPUT for a --tolerance by which anything would pass.
lb_status lb_replay_check_tolerance(double tolerance);

// Steps any recording, loaded without LB_DEMOS_EXACT, and prints how far it is repeated, as `bench replay` does; or
// says only what came out. Tolerances as above.
bool lb_replay_show(lb_system* system, const lb_demos* demos, double tolerance);
void lb_replay_measure(bool* holds, double* deviation, double* tolerance, lb_system* system, const lb_demos* demos);

#endif  // LB_BENCH_COMMAND_REPLAY_H_
