#include "base/cores.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>

// Cores that a quota of control group version 2 or 1 allows, rounded up; 0 where there is none.
static int quota_cores(void) {
  double quota = 0, period = 0;
  FILE* file = fopen("/sys/fs/cgroup/cpu.max", "re");
  if (file) {
    if (fscanf(file, "%lf %lf", &quota, &period) != 2) quota = 0;  // "max 100000"
    fclose(file);
  } else {
    file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re");
    if (!file || fscanf(file, "%lf", &quota) != 1) quota = 0;
    if (file) fclose(file);
    file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
    if (!file || fscanf(file, "%lf", &period) != 1) period = 0;
    if (file) fclose(file);
  }
  return quota > 0 && period > 0 ? (int)ceil(quota / period) : 0;
}

int lb_cores(void) {
  cpu_set_t mask;
  int cores = sched_getaffinity(0, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : 1;
  int quota = quota_cores();
  if (quota > 0 && quota < cores) cores = quota;
  return cores > 0 ? cores : 1;
}
