#include "io/run_policies.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

enum { DIGITS = 9 };
static const char head[] = "policy-";
static const char tail[] = ".safetensors";

void lb_run_policy_name(char name[LB_RUN_POLICY_NAME], int round) {
  snprintf(name, LB_RUN_POLICY_NAME, "%s%0*d%s", head, DIGITS, round, tail);
}

bool lb_run_policy_round(int* round, const char* name) {
  char same[LB_RUN_POLICY_NAME];
  if (strncmp(name, head, sizeof head - 1) != 0) return false;
  long value = strtol(name + sizeof head - 1, NULL, 10);
  if (value < 0 || value > 999999999) return false;
  lb_run_policy_name(same, (int)value);
  *round = (int)value;
  return strcmp(name, same) == 0;
}

// Order of two ints for qsort.
static int ascending(const void* a, const void* b) {
  int x = *(const int*)a, y = *(const int*)b;
  return (x > y) - (x < y);
}

int lb_run_policies_list(int* rounds, int most, const char* folder) {
  char** names;
  int n, found = 0, round;
  if (!lb_folder_exists(folder) || lb_folder_list(folder, &names, &n).code != LB_OK) return 0;
  for (int i = 0; i < n && found < most; ++i) {
    if (lb_run_policy_round(&round, names[i])) rounds[found++] = round;
  }
  lb_names_free(names, n);
  qsort(rounds, (size_t)found, sizeof *rounds, ascending);
  return found;
}

// Of the equal parts of a run, the one that a round is in.
static int part_of(int round, int rounds) {
  return (int)((int64_t)round * LB_RUN_POLICIES / rounds);
}

bool lb_run_policy_is_wanted(const char* folder, int round, int rounds) {
  int kept[LB_RUN_POLICIES];
  if (round >= rounds) return false;
  int n = lb_run_policies_list(kept, LB_RUN_POLICIES, folder);
  for (int i = 0; i < n; ++i) {
    if (kept[i] < round && part_of(kept[i], rounds) == part_of(round, rounds)) return false;
  }
  return true;
}
