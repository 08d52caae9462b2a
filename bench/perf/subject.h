// A task prepared for measuring: its system, its expert, one noisy episode of that expert with all that repeats it, and
// the bare simulator below it. A task with rewards is prepared with random controls instead: no expert, no data.
#ifndef LB_BENCH_PERF_SUBJECT_H_
#define LB_BENCH_PERF_SUBJECT_H_

#include "base/arena.h"
#include "base/status.h"
#include "core/batch.h"
#include "core/system.h"
#include "data/demos.h"
#include "phys/raw.h"
#include "plan/lq_policy.h"

typedef struct lb_subject {
  lb_arena* arena;
  lb_system* system;
  lb_lq_policy expert;
  lb_demos* demos;      // EPISODES of the expert, with noise; NULL without one
  lb_trajectory first;  // the first of them
  const double* noise;  // its draws (length, nw)
  lb_batch data;        // all transitions
  lb_phys_raw* raw;     // NULL for a system that is not MuJoCo's
} lb_subject;

lb_status lb_subject_open(lb_subject* s, const char* root, const char* task);
void lb_subject_close(lb_subject* s);

// n steps of the bare simulator along the first episode: mj_step, or the published equations' own function.
void lb_subject_raw_steps(lb_subject* s, long n);

// Seconds that one of them takes.
double lb_subject_raw_seconds(lb_subject* s);

// A member of the family at a draw of its prior, as a dynamics whose queries are counted; free it with member_free.
lb_status lb_subject_guess(lb_dynamics* guess, double* theta, const lb_subject* s, lb_counts* counts);

#endif  // LB_BENCH_PERF_SUBJECT_H_
