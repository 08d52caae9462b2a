// A ring of transitions: see ring.h.
#include "data/ring.h"

#include <assert.h>
#include <string.h>

void lb_ring_init_in(lb_ring* ring, int nobs, int nact, int capacity, float* memory) {
  assert(nobs >= 1 && nact >= 1 && capacity >= 1);
  *ring = (lb_ring){.nobs = nobs, .nact = nact, .width = lb_transitions_width(nobs, nact), .capacity = capacity};
  ring->data = memory;
}

void lb_ring_init(lb_ring* ring, int nobs, int nact, int capacity, lb_arena* arena) {
  size_t width = (size_t)lb_transitions_width(nobs, nact);
  lb_ring_init_in(ring, nobs, nact, capacity, LB_TAKE(arena, float, ((size_t)capacity * width)));
}

void lb_ring_add(lb_ring* ring, const float* obs, const float* act, float reward, bool terminated,
                 const float* next_obs) {
  int nobs = ring->nobs, nact = ring->nact;
  float* row = ring->data + (size_t)ring->next * (size_t)ring->width;
  memcpy(row, obs, (size_t)nobs * sizeof *row);
  memcpy(row + nobs, act, (size_t)nact * sizeof *row);
  row[lb_transitions_reward(nobs, nact)] = reward;
  row[lb_transitions_terminated(nobs, nact)] = terminated ? 1.0f : 0.0f;
  memcpy(row + lb_transitions_next(nobs, nact), next_obs, (size_t)nobs * sizeof *row);
  ring->next = (ring->next + 1) % ring->capacity;
  if (ring->n < ring->capacity) ring->n += 1;
}

void lb_ring_draw(const lb_ring* ring, int* rows, int count, lb_rng* rng) {
  assert(ring->n >= 1);
  for (int i = 0; i < count; i++) rows[i] = (int)lb_rng_below(rng, (uint32_t)ring->n);
}

lb_transitions lb_ring_view(const lb_ring* ring, const int* rows, int count) {
  assert(rows || count <= ring->n);
  return (lb_transitions){.n = count, .nobs = ring->nobs, .nact = ring->nact, .data = ring->data, .rows = rows};
}
