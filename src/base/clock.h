// Time: the wall, and this process's own CPU.
#ifndef LB_BASE_CLOCK_H_
#define LB_BASE_CLOCK_H_

// Seconds of a monotonic clock; only differences mean something.
double lb_wall_seconds(void);

// CPU seconds that this process has used, all threads together.
double lb_cpu_seconds(void);

// CPU seconds that one call takes on this machine now: the median of a few blocks of calls, some hundredths of a second
// in all.
double lb_clock_of_call(void (*call)(void* ctx), void* ctx);

#endif  // LB_BASE_CLOCK_H_
