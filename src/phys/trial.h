// For phys alone: MuJoCo's compiler trusts its input. A file can make it crash, take all memory or wait for ever, so
// that a model is compiled in a child process first, where this costs nothing but the child.
#ifndef LB_PHYS_TRIAL_H_
#define LB_PHYS_TRIAL_H_

#include <stdint.h>

#include "base/status.h"

// What a child may use. Without any progress (asleep, no processor time) for `stall_seconds` it waits for something
// that does not come.
typedef struct lb_phys_limits {
  int64_t bytes;  // beyond what the process has mapped already
  int cpu_seconds;
  int stall_seconds;
} lb_phys_limits;

// 4 GiB, 60 s of processor time, 10 s of standing still.
lb_phys_limits lb_phys_default_limits(void);

// Runs body(arg) in a child process whose stderr is silent; what it writes to `text` (at most LB_PHYS_MESSAGE bytes
// with its NUL, "" on entry) becomes the failure LB_INPUT "path: text". So does its death by signal or by a limit.
lb_status lb_phys_trial(void (*body)(void* arg, char* text), void* arg, const char* path, lb_phys_limits limits);

#endif  // LB_PHYS_TRIAL_H_
