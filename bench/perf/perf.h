// Micro-benchmarks: how they are timed, and what each of them measures.
#ifndef LB_BENCH_PERF_PERF_H_
#define LB_BENCH_PERF_PERF_H_

#include "base/status.h"

// Process CPU seconds of one call, over several repetitions.
typedef struct lb_perf_time {
  double median, best;
} lb_perf_time;

// Times run(ctx, n), which does its work n times: one call to warm up, then `repetitions`, each with an n that fills
// `seconds` (or 1, if a single one takes longer; what takes more than half a second is repeated three times).
lb_perf_time lb_perf_measure(void (*run)(void* ctx, long n), void* ctx, double seconds, int repetitions);

// The same for two at once, turn by turn, so that both see the same machine.
void lb_perf_measure_beside(lb_perf_time* time, lb_perf_time* other, void (*run)(void* ctx, long n),
                            void (*beside)(void* ctx, long n), void* ctx, double seconds, int repetitions);

// A figure. Either a rate ("steps/s", "GFLOP/s": more is better) or a time ("us", "s": less is better).
typedef struct lb_perf_result {
  char name[160];
  double value, best;  // median and best of the repetitions
  const char* unit;
  double limit;      // what the machine could do, in the same unit; NAN: not known
  double ratio;      // share of the limit, 1 = at the limit; NAN
  double flop;       // floating-point operations of one unit of work; NAN where they are not counted
  const char* note;  // what was measured, and what the limit is; static text
} lb_perf_result;

// A rate of `work` units in the measured time, or the time itself times `scale`; limit in seconds a call, NAN: none.
lb_perf_result lb_perf_rate(const char* name, const char* unit, lb_perf_time time, double work, double limit);
lb_perf_result lb_perf_duration(const char* name, const char* unit, lb_perf_time time, double scale, double limit);

// Seconds in a unit of time; NAN for a unit that is none.
double lb_perf_seconds(const char* unit);

// Whether less of the unit is better.
int lb_perf_is_time(const char* unit);

// How often a benchmark is made: once, for every task, for every task with a cost.
typedef enum lb_perf_scope { LB_PERF_ONCE, LB_PERF_PER_TASK, LB_PERF_PER_COST } lb_perf_scope;

// A benchmark: name (for one that is made for every task, the part before the task's name).
typedef struct lb_perf_case {
  const char* name;
  lb_perf_scope scope;
  // root is the data folder; task is NULL for one that is made once.
  lb_status (*run)(lb_perf_result* result, const char* name, const char* root, const char* task);
} lb_perf_case;

extern const lb_perf_case lb_perf_cases[];
extern const int lb_perf_ncases;

// Each measures what the note in its result says.
lb_status lb_perf_step(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_linearize(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_ilqr_iteration(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_parametric_fit(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_lqr_pass(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_seed_2023(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_seed_mujoco(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_fma(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_sgemm(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_sac_256(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_sac_512(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_ensemble_update(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_ensemble_update_moments(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_ensemble_rollout(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_value_iteration(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_psdp_backups(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_tree_nodes(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_lds_seed(lb_perf_result* result, const char* name, const char* root, const char* task);
lb_status lb_perf_wide_tree_seed(lb_perf_result* result, const char* name, const char* root, const char* task);

#endif  // LB_BENCH_PERF_PERF_H_
