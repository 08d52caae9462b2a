#include "io/run_policies.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

enum { DIGITS = 9 };
static const char head[] = "policy-";
static const char tail[] = ".safetensors";

void lb_run_policy_name(char name[LB_RUN_POLICY_NAME], int iteration) {
  snprintf(name, LB_RUN_POLICY_NAME, "%s%0*d%s", head, DIGITS, iteration, tail);
}

bool lb_run_policy_iteration(int* iteration, const char* name) {
  char same[LB_RUN_POLICY_NAME];
  if (strncmp(name, head, sizeof head - 1) != 0) return false;
  long value = strtol(name + sizeof head - 1, NULL, 10);
  if (value < 0 || value > 999999999) return false;
  lb_run_policy_name(same, (int)value);
  *iteration = (int)value;
  return strcmp(name, same) == 0;
}

// Order of two ints for qsort.
static int ascending(const void* a, const void* b) {
  int x = *(const int*)a, y = *(const int*)b;
  return (x > y) - (x < y);
}

int lb_run_policies_list(int* iterations, int most, const char* folder) {
  char** names;
  int n, found = 0, iteration;
  if (!lb_folder_exists(folder) || lb_folder_list(folder, &names, &n).code != LB_OK) return 0;
  for (int i = 0; i < n && found < most; ++i) {
    if (lb_run_policy_iteration(&iteration, names[i])) iterations[found++] = iteration;
  }
  lb_names_free(names, n);
  qsort(iterations, (size_t)found, sizeof *iterations, ascending);
  return found;
}

// Of the equal parts of a run, the one that an iteration is in.
static int part_of(int iteration, int iterations) {
  return (int)((int64_t)iteration * LB_RUN_POLICIES / iterations);
}

bool lb_run_policy_is_wanted(const char* folder, int iteration, int iterations) {
  int kept[LB_RUN_POLICIES];
  if (iteration >= iterations) return false;
  int n = lb_run_policies_list(kept, LB_RUN_POLICIES, folder);
  for (int i = 0; i < n; ++i) {
    if (kept[i] < iteration && part_of(kept[i], iterations) == part_of(iteration, iterations)) return false;
  }
  return true;
}
