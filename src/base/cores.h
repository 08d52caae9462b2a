// How many cores this process may use.
#ifndef LB_BASE_CORES_H_
#define LB_BASE_CORES_H_

// Those of its affinity, or what a quota of its control group allows where that is less; at least 1.
int lb_cores(void);

#endif  // LB_BASE_CORES_H_
