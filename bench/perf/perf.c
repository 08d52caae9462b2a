// Timing: see perf.h.
#include "perf/perf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/sort.h"

const lb_perf_case lb_perf_cases[] = {
    {"step", LB_PERF_PER_TASK, lb_perf_step},
    {"linearize", LB_PERF_PER_COST, lb_perf_linearize},
    {"lqr_pass", LB_PERF_ONCE, lb_perf_lqr_pass},
    {"ilqr_iteration", LB_PERF_PER_COST, lb_perf_ilqr_iteration},
    {"parametric_fit", LB_PERF_PER_COST, lb_perf_parametric_fit},
    {"helicopter_seed", LB_PERF_ONCE, lb_perf_seed_2023},
    {"helicopter_mujoco_seed", LB_PERF_ONCE, lb_perf_seed_mujoco},
    {"fma", LB_PERF_ONCE, lb_perf_fma},
    {"sgemm", LB_PERF_ONCE, lb_perf_sgemm},
    {"sac_update_256", LB_PERF_ONCE, lb_perf_sac_256},
    {"sac_update_512", LB_PERF_ONCE, lb_perf_sac_512},
    {"ensemble_update", LB_PERF_ONCE, lb_perf_ensemble_update},
    {"ensemble_update_moments", LB_PERF_ONCE, lb_perf_ensemble_update_moments},
    {"ensemble_rollout", LB_PERF_ONCE, lb_perf_ensemble_rollout},
    {"value_iteration", LB_PERF_ONCE, lb_perf_value_iteration},
    {"psdp_backups", LB_PERF_ONCE, lb_perf_psdp_backups},
    {"tree_nodes", LB_PERF_ONCE, lb_perf_tree_nodes},
    {"lds_seed", LB_PERF_ONCE, lb_perf_lds_seed},
    {"wide_tree_seed", LB_PERF_ONCE, lb_perf_wide_tree_seed},
};
const int lb_perf_ncases = sizeof lb_perf_cases / sizeof *lb_perf_cases;

enum { LEAST_REPETITIONS = 3, MOST_REPETITIONS = 64 };

// CPU seconds of n calls.
static double seconds_of(void (*run)(void* ctx, long n), void* ctx, long n) {
  double start = lb_cpu_seconds();
  run(ctx, n);
  return lb_cpu_seconds() - start;
}

// How often it must run to fill `seconds`; *repetitions is lowered for what takes long.
static long calibrate(void (*run)(void* ctx, long n), void* ctx, double seconds, int* repetitions) {
  long n = 1;
  double took = seconds_of(run, ctx, n);
  while (took < seconds / 10 && n < 1L << 40) {
    n *= 4;
    took = seconds_of(run, ctx, n);
  }
  if (took > 0.5 && *repetitions > LEAST_REPETITIONS) *repetitions = LEAST_REPETITIONS;
  return (long)fmax(1, round((double)n * seconds / fmax(took, 1e-9)));
}

// Median and best of the samples.
static lb_perf_time summarise(double* sample, int n) {
  lb_sort(sample, n);
  double median = lb_sort_median(sample, n);
  return (lb_perf_time){.median = median, .best = sample[0]};
}

lb_perf_time lb_perf_measure(void (*run)(void* ctx, long n), void* ctx, double seconds, int repetitions) {
  double sample[MOST_REPETITIONS];
  if (repetitions > MOST_REPETITIONS) repetitions = MOST_REPETITIONS;
  long n = calibrate(run, ctx, seconds, &repetitions);
  for (int i = 0; i < repetitions; i++) sample[i] = seconds_of(run, ctx, n) / (double)n;
  return summarise(sample, repetitions);
}

void lb_perf_measure_beside(lb_perf_time* time, lb_perf_time* other, void (*run)(void* ctx, long n),
                            void (*beside)(void* ctx, long n), void* ctx, double seconds, int repetitions) {
  double sample[2][MOST_REPETITIONS];
  if (repetitions > MOST_REPETITIONS) repetitions = MOST_REPETITIONS;
  long n = calibrate(run, ctx, seconds, &repetitions), m = calibrate(beside, ctx, seconds, &repetitions);
  for (int i = 0; i < repetitions; i++) {
    sample[0][i] = seconds_of(run, ctx, n) / (double)n;
    sample[1][i] = seconds_of(beside, ctx, m) / (double)m;
  }
  *time = summarise(sample[0], repetitions);
  *other = summarise(sample[1], repetitions);
}

// A result without limits yet.
static lb_perf_result named(const char* name, const char* unit) {
  lb_perf_result result = {.unit = unit, .limit = NAN, .ratio = NAN, .flop = NAN, .note = ""};
  snprintf(result.name, sizeof result.name, "%s", name);
  return result;
}

lb_perf_result lb_perf_rate(const char* name, const char* unit, lb_perf_time time, double work, double limit) {
  lb_perf_result result = named(name, unit);
  result.value = work / time.median;
  result.best = work / time.best;
  result.limit = work / limit;
  result.ratio = limit / time.median;
  return result;
}

lb_perf_result lb_perf_duration(const char* name, const char* unit, lb_perf_time time, double scale, double limit) {
  lb_perf_result result = named(name, unit);
  result.value = scale * time.median;
  result.best = scale * time.best;
  result.limit = scale * limit;
  result.ratio = limit / time.median;
  return result;
}

double lb_perf_seconds(const char* unit) {
  if (strcmp(unit, "s") == 0) return 1;
  if (strcmp(unit, "ms") == 0) return 1e-3;
  return strcmp(unit, "us") == 0 ? 1e-6 : NAN;
}

int lb_perf_is_time(const char* unit) {
  return !isnan(lb_perf_seconds(unit));
}
