// A first task.json for a model that has none: it runs, and is there to be edited.
#ifndef LB_TASK_DRAFT_H_
#define LB_TASK_DRAFT_H_

#include "base/status.h"
#include "base/text.h"

typedef struct lb_draft {
  char folder[1200];       // what was made
  const char* purpose;     // what the reward is for, "moving forward"; static
  int controls, left_out;  // actuators; those that take no or several controls are left out
  int unlimited;           // controls without limits
  int files;               // copied, the model's own among them
} lb_draft;

// Makes models_dir/name with the model at `xml` and every file that MuJoCo opens for it, laid out as they are, and a
// task.json: all actuators with one control; positions (a hinge that turns freely as its sine and cosine; no place
// along the ground where that changes nothing), velocities, activations, touch sensors and range finders; a start with
// a little noise; a reward by what the model has: moving forward, the nearness of a target, or the height of its last
// body, less the controls. The folder appears whole or not at all. LB_INPUT where the name serves for no task or is
// taken, the model cannot be read, has no actuator, or names files by absolute paths.
lb_status lb_draft_make(lb_draft* out, const char* models_dir, const char* name, const char* xml);

#endif  // LB_TASK_DRAFT_H_
