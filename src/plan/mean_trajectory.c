// Karcher means by fixed-point steps: the mean displacement from the present guess, added to it, until it vanishes.
#include "plan/mean_trajectory.h"

#include <assert.h>
#include <math.h>
#include <string.h>

// Steps and the displacement (largest entry) at which they end. On a curved space each step squares a small error.
enum { MAX_STEPS = 50 };
#define SMALL_STEP 1e-13

// The mean on the space (Karcher): steps by the mean difference from n states at time t until they are small.
static void mean_state(const lb_space* s, double* mean, const lb_trajectory* demos, int n, int t, double* scratch) {
  double *d = scratch, *sum = scratch + s->ndx;
  size_t row = (size_t)t * (size_t)s->nx;
  memcpy(mean, demos[0].x + row, (size_t)s->nx * sizeof *mean);
  for (int step = 0; step < MAX_STEPS; ++step) {
    double largest = 0;
    memset(sum, 0, (size_t)s->ndx * sizeof *sum);
    for (int i = 0; i < n; ++i) {
      lb_space_difference(s, d, mean, demos[i].x + row);
      for (int j = 0; j < s->ndx; ++j) sum[j] += d[j] / n;
    }
    for (int j = 0; j < s->ndx; ++j) largest = fmax(largest, fabs(sum[j]));
    lb_space_displace(s, mean, mean, sum);
    if (!(largest > SMALL_STEP)) return;
  }
}

lb_trajectory lb_mean_trajectory(const lb_space* space, int nu, const lb_trajectory* demos, int n, lb_arena* arena) {
  assert(n >= 1);
  int H = demos[0].length;
  for (int i = 1; i < n; ++i) H = demos[i].length < H ? demos[i].length : H;
  double* x = LB_TAKE(arena, double, (size_t)(H + 1) * (size_t)space->nx);
  double* u = LB_TAKE(arena, double, ((size_t)H * (size_t)nu));
  double* scratch = LB_TAKE(arena, double, 2 * space->ndx);
  for (int t = 0; t <= H; ++t) mean_state(space, x + (size_t)t * (size_t)space->nx, demos, n, t, scratch);
  for (int i = 0; i < n; ++i) {
    for (size_t j = 0; j < (size_t)H * (size_t)nu; ++j) u[j] += demos[i].u[j] / n;
  }
  return (lb_trajectory){H, x, u};
}
