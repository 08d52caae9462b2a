#include "data/dataset.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

void lb_dataset_init(lb_dataset* data, int nx, int nu, int capacity, lb_arena* arena) {
  *data = (lb_dataset){.nx = nx, .nu = nu, .capacity = capacity};
  data->t = LB_TAKE(arena, int, capacity);
  data->x = LB_TAKE(arena, double, ((size_t)capacity * (size_t)nx));
  data->u = LB_TAKE(arena, double, ((size_t)capacity * (size_t)nu));
  data->x_next = LB_TAKE(arena, double, ((size_t)capacity * (size_t)nx));
}

lb_batch lb_dataset_batch(const lb_dataset* data) {
  return (lb_batch){.n = data->n, .t = data->t, .x = data->x, .u = data->u, .x_next = data->x_next};
}

void lb_dataset_add(lb_dataset* data, int t, const double* x, const double* u, const double* x_next) {
  assert(data->n < data->capacity);
  size_t i = (size_t)data->n++;
  size_t nx = (size_t)data->nx, nu = (size_t)data->nu;
  data->t[i] = t;
  memcpy(data->x + i * nx, x, nx * sizeof(double));
  memcpy(data->u + i * nu, u, nu * sizeof(double));
  memcpy(data->x_next + i * nx, x_next, nx * sizeof(double));
}

void lb_dataset_mix(lb_dataset* data, const lb_batch* expert, const lb_batch* learner, double expert_share, int n,
                    lb_rng* rng) {
  if (learner->n == 0 && expert_share == 0) return;
  assert(expert->n > 0 || (learner->n > 0 && expert_share == 0));
  for (int k = 0; k < n; ++k) {
    // Both numbers are drawn whatever the sizes of the pools, so that two runs see the same coins.
    bool heads = lb_rng_uniform(rng) < expert_share;
    double position = lb_rng_uniform(rng);
    bool from_expert = heads || learner->n == 0;
    const lb_batch* pool = from_expert ? expert : learner;
    size_t i = (size_t)(position * pool->n);
    lb_dataset_add(data, pool->t[i], pool->x + i * (size_t)data->nx, pool->u + i * (size_t)data->nu,
                   pool->x_next + i * (size_t)data->nx);
    data->from_expert += from_expert;
  }
}
