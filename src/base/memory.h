// How much memory there is, so that what asks for more is refused before it begins.
#ifndef LB_BASE_MEMORY_H_
#define LB_BASE_MEMORY_H_

#include "base/status.h"

typedef struct lb_memory {
  double bytes;       // INFINITY where nothing is known
  const char* whose;  // "the machine has", "its control group allows", ...: static text
} lb_memory;

// What all processes of this machine, or of this process's control group, can have together.
lb_memory lb_memory_of_machine(void);
// What this process can still have: of that, and of its own limits (ulimit -v, -d).
lb_memory lb_memory_of_process(void);

// The most memory that this process has held at once so far, in bytes of main memory; 0 where the system does not say.
double lb_memory_peak(void);

// LB_INPUT with both numbers where `bytes`, of `what`, are more than there is; `mend` is what to do about it.
lb_status lb_memory_check(double bytes, const lb_memory* there, const char* what, const char* mend);

#endif  // LB_BASE_MEMORY_H_
