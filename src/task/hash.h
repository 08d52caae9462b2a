// What makes two tasks the same: SHA-256 over the format's version, the canonical task.json, the model file with every
// file that it names, and the reference file.
#ifndef LB_TASK_HASH_H_
#define LB_TASK_HASH_H_

#include "base/status.h"
#include "io/json.h"

// 64 hex digits and a NUL. `reference` may be NULL.
lb_status lb_task_hash(char out[65], lb_node task, const char* model, const char* reference);

#endif  // LB_TASK_HASH_H_
