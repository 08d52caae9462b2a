// A ring of transitions: the newest `capacity` of them, from any source (real, imagined, an expert's).
#ifndef LB_DATA_RING_H_
#define LB_DATA_RING_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "core/transitions.h"

typedef struct lb_ring {
  int nobs, nact;
  int width;     // numbers in a row, see core/transitions.h
  int capacity;  // rows
  int n;         // rows that are filled
  int next;      // the row that the next transition goes to
  float* data;   // (capacity, width)
} lb_ring;

// An empty ring, its room in the arena.
void lb_ring_init(lb_ring* ring, int nobs, int nact, int capacity, lb_arena* arena);

// The same in memory of somebody else, capacity rows of lb_transitions_width numbers, which outlives the ring.
void lb_ring_init_in(lb_ring* ring, int nobs, int nact, int capacity, float* memory);

// Appends one transition; the oldest makes room when the ring is full.
void lb_ring_add(lb_ring* ring, const float* obs, const float* act, float reward, bool terminated,
                 const float* next_obs);

// `count` rows drawn uniformly with replacement from a ring that is not empty.
void lb_ring_draw(const lb_ring* ring, int* rows, int count, lb_rng* rng);

// The transitions in these rows (count); rows NULL: the first `count`, in the order of the ring's memory.
lb_transitions lb_ring_view(const lb_ring* ring, const int* rows, int count);

#endif  // LB_DATA_RING_H_
