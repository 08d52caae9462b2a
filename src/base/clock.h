// Time: the wall, and this process's own CPU.
#ifndef LB_BASE_CLOCK_H_
#define LB_BASE_CLOCK_H_

// Seconds of a monotonic clock; only differences mean something.
double lb_wall_seconds(void);

// CPU seconds that this process has used, all threads together.
double lb_cpu_seconds(void);

#endif  // LB_BASE_CLOCK_H_
