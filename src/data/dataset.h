// The transitions that a model is fitted to: aggregated over the iterations of the loop, drawn from the expert and the
// learner in a stated share (Ross & Bagnell 2012, "Agnostic system identification").
#ifndef LB_DATA_DATASET_H_
#define LB_DATA_DATASET_H_

#include "base/arena.h"
#include "base/rng.h"
#include "core/batch.h"

typedef struct lb_dataset {
  int nx, nu, capacity, n;
  int* t;
  double* x;
  double* u;
  double* x_next;
  int from_expert;  // how many of the n came from the expert
} lb_dataset;

// Room for `capacity` transitions, in the arena.
void lb_dataset_init(lb_dataset* data, int nx, int nu, int capacity, lb_arena* arena);

// All transitions as a batch.
lb_batch lb_dataset_batch(const lb_dataset* data);

// Appends one transition; asserts that there is room.
void lb_dataset_add(lb_dataset* data, int t, const double* x, const double* u, const double* x_next);

// Draws n transitions with replacement: each from the expert with probability expert_share, else from the learner. When
// the learner has none, all come from the expert, unless expert_share is 0: then nothing is added.
void lb_dataset_mix(lb_dataset* data, const lb_batch* expert, const lb_batch* learner, double expert_share, int n,
                    lb_rng* rng);

#endif  // LB_DATA_DATASET_H_
