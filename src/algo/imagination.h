// Branched rollouts (Janner et al. 2019, MBPO, algorithm 2): from given states a policy acts for a few steps in a
// learned model, and what it meets there is kept as transitions. Rewards are the model's own, or the task's; a rollout
// ends where the
// task says that an imagined observation is its end, or where a prediction is not finite (that one is dropped).
#ifndef LB_ALGO_IMAGINATION_H_
#define LB_ALGO_IMAGINATION_H_

#include "base/arena.h"
#include "base/rng.h"
#include "core/counts.h"
#include "core/sampler.h"
#include "core/system.h"
#include "data/ring.h"
#include "model/neural.h"
#include "plan/sac.h"

typedef struct lb_imagination lb_imagination;

// In the arena. The system judges imagined observations (core/system.h, restore and imagine); no real step is taken.
// model NULL: an oracle, the system itself, put into the state that an observation gives and moved on without anybody's
// account, hidden numbers at rest and without noise. known: rewards are the task's own terms. Both need observations
// that determine them (restore_next).
lb_imagination* lb_imagination_new(lb_system* system, lb_neural* model, lb_sac* sac, bool known, lb_arena* arena);

// Rollouts of up to `length` steps from the observations starts (n, nobs), any n, into the ring. Returns the number of
// imagined steps, dropped ones included, which it also adds to counts->model_queries.
int64_t lb_imagination_run(lb_imagination* im, lb_ring* out, const float* starts, int n, int length, lb_rng* rng,
                           lb_counts* counts);

// The same one step - the ensemble's draw, its reward, the task's end - as something to measure, in observations and
// actions in [-1, 1]; a view that lives as long as the imagination. It counts nothing.
lb_sampler lb_imagination_sampler(lb_imagination* im);

#endif  // LB_ALGO_IMAGINATION_H_
