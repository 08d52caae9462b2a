#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void take_lesser(lb_memory* least, double bytes, const char* whose) {
  if (bytes > 0 && bytes < least->bytes) *least = (lb_memory){bytes, whose};
}

// The number in a file; 0 where there is none ("max").
static double number_in(const char* path) {
  double value = 0;
  FILE* file = fopen(path, "re");
  if (!file) return 0;
  if (fscanf(file, "%lf", &value) != 1) value = 0;
  fclose(file);
  return value;
}

lb_memory lb_memory_of_machine(void) {
  lb_memory least = {INFINITY, "nothing is known of the machine's memory:"};
  take_lesser(&least, (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE), "the machine has");
  take_lesser(&least, number_in("/sys/fs/cgroup/memory.max"), "its control group allows");
  take_lesser(&least, number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes"), "its control group allows");
  return least;
}

// What a limit leaves beyond what is in use.
static void take_limit(lb_memory* least, const struct rlimit* limit, double used, const char* whose) {
  if (limit->rlim_cur == RLIM_INFINITY) return;
  take_lesser(least, fmax(1, (double)limit->rlim_cur - used), whose);
}

lb_memory lb_memory_of_process(void) {
  lb_memory least = lb_memory_of_machine();
  double mapped = number_in("/proc/self/statm") * (double)sysconf(_SC_PAGESIZE);
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0) {
    take_limit(&least, &limit, mapped, "its limit of address space (ulimit -v) leaves");
  }
  if (getrlimit(RLIMIT_DATA, &limit) == 0) take_limit(&least, &limit, 0, "its limit of data (ulimit -d) leaves");
  return least;
}

// "512 MB" or "1.5 GB", rounded up below a gigabyte.
static void in_words(char out[32], double bytes) {
  if (bytes < 1e9) {
    snprintf(out, 32, "%.0f MB", ceil(bytes / 1e6));
  } else {
    snprintf(out, 32, "%.1f GB", bytes / 1e9);
  }
}

double lb_memory_peak(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? 1024.0 * (double)usage.ru_maxrss : 0;
}

lb_status lb_memory_check(double bytes, const lb_memory* there, const char* what, const char* mend) {
  char wanted[32], had[32];
  if (!(bytes > there->bytes)) return lb_ok();
  in_words(wanted, bytes);
  in_words(had, there->bytes);
  return lb_fail(LB_INPUT, "%s: takes about %s of memory, and %s %s; %s", what, wanted, there->whose, had, mend);
}
