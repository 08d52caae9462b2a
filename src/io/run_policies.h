// The policies that a run keeps of its way, beside its last and its best: `policy-<iteration>.safetensors`, nine
// digits, written when they are measured. A run is cut into LB_RUN_POLICIES equal parts and keeps the first measured
// policy of each, so that there are never more; which ones follows from the run's length alone, interrupted or not. A
// row that imitates more and more demonstrations keeps them all, named by the transitions that each has seen.
#ifndef LB_IO_RUN_POLICIES_H_
#define LB_IO_RUN_POLICIES_H_

#include <stdbool.h>

#include "base/status.h"

enum { LB_RUN_POLICIES = 16, LB_RUN_POLICY_NAME = 40 };

void lb_run_policy_name(char name[LB_RUN_POLICY_NAME], int iteration);
// The iteration of a file of that name; false: it is none.
bool lb_run_policy_iteration(int* iteration, const char* name);

// The iterations of those in the folder, ascending: the first `most` of them. Returns how many; none where there is no
// folder.
int lb_run_policies_list(int* iterations, int most, const char* folder);

// Whether the policy that was measured at `iteration` of `iterations` is one to keep. The last is none: it is
// policy.safetensors.
bool lb_run_policy_is_wanted(const char* folder, int iteration, int iterations);

#endif  // LB_IO_RUN_POLICIES_H_
