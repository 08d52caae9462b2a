// For phys alone: what its files share of MuJoCo's own types.
#ifndef LB_PHYS_INTERNAL_H_
#define LB_PHYS_INTERNAL_H_

#include <mujoco/mujoco.h>

#include "phys/phys_model.h"
#include "phys/sim.h"

struct lb_phys_model {
  mjModel* raw;
  char* path;
  lb_phys_file* files;  // (nfiles); a copy has none
  int nfiles;
  char* text;  // of the first
  size_t text_size;
};

// What one control step needs to know, looked up once.
typedef struct lb_phys_control {
  int frame_skip, nu;
  int* address;         // (nu) index into mjData.ctrl
  double max_velocity;  // see lb_phys_rate
  int key;              // the keyframe that hidden numbers begin with; -1: none
} lb_phys_control;

lb_status lb_phys_control_new(lb_phys_control* control, const lb_phys_model* model, const lb_phys_rate* rate);
void lb_phys_control_free(lb_phys_control* control);

// mjData or NULL with the reason in `error` (LB_PHYS_MESSAGE bytes).
mjData* lb_phys_data_new(const mjModel* m, char* error);

// Puts d at x with nothing hidden left from before: no warm start, applied force or warning; time, controls and mocap
// bodies as at the start of an episode.
void lb_phys_put(const mjModel* m, mjData* d, const lb_phys_control* control, const double* x);
void lb_phys_take(const mjModel* m, const mjData* d, double* x);

// One control step: frame_skip physics steps with constant controls u. False when the simulation diverged.
// Raises MuJoCo's errors.
bool lb_phys_advance(const mjModel* m, mjData* d, const lb_phys_control* control, const double* u);

#endif  // LB_PHYS_INTERNAL_H_
