// For tests of MuJoCo tasks: opening the repository's own, and altered copies of one. Include after cmocka.h.
#ifndef LB_TESTS_TASK_TASK_FIXTURE_H_
#define LB_TESTS_TASK_TASK_FIXTURE_H_

#include "../phys/fixture.h"
#include "task/task.h"

#define MODELS LB_SOURCE_DIR "/models"

static inline lb_system* open_task(const char* name) {
  lb_system* system;
  assert_ok(lb_task_open(&system, MODELS, name));
  return system;
}

// A random state near `base`: every direction of its displacement within +-scale.
static inline void draw_state(const lb_space* space, lb_rng* rng, double* x, const double* base, double scale) {
  double dx[64];
  assert_true(space->ndx <= 64);
  draw(rng, dx, space->ndx, scale);
  lb_space_displace(space, x, base, dx);
}

#endif  // LB_TESTS_TASK_TASK_FIXTURE_H_
