// A MuJoCo model read from MJCF: its sizes, the names in it, and the space in which its states live.
//
// State x (nx) = qpos (nq), qvel (nv), act (na); nx = nq + nv + na. Displacement dx (ndx) = dq (nv), dv (nv), da (na),
// dq in MuJoCo's tangent space of the configuration (mj_differentiatePos, mj_integratePos): for a free joint the
// translation in world axes, then the rotation vector in the axes of the body.
#ifndef LB_PHYS_PHYS_MODEL_H_
#define LB_PHYS_PHYS_MODEL_H_

#include <stdbool.h>

#include "base/status.h"
#include "core/space.h"

struct mjModel_;

typedef struct lb_phys_model lb_phys_model;

// Reads and compiles an MJCF file. Without `whole`, and where the model has nothing that could see or name them (a
// sensor, a tuple, a plugin), its purely visual elements, cameras and lights are left out: they change no motion and
// cost time in every step (MuJoCo's compiler flag discardvisual; the helicopters' step takes 14 % longer with them). A
// missing, empty or wrong file, and a model whose state is more than (qpos, qvel, act), is LB_INPUT with MuJoCo's own
// message, line included; so is one on which MuJoCo crashes, stands still or takes more than trial.h allows.
lb_status lb_phys_model_load(lb_phys_model** out, const char* path, bool whole);

// The whole of it to be drawn: with a light and a sky where it has none.
lb_status lb_phys_model_load_drawn(lb_phys_model** out, const char* path);

// A copy with fields of its own (phys/field.h); NULL when memory is short.
lb_phys_model* lb_phys_model_copy(const lb_phys_model* model);

// NULL is allowed.
void lb_phys_model_free(lb_phys_model* model);

// The path that it was read from; the model's own string.
const char* lb_phys_model_path(const lb_phys_model* model);

// A file that MuJoCo opened to make a model.
typedef struct lb_phys_file {
  char* name;  // seen from the folder of the model's own file, "../meshes/hull.obj"; absolute where they share none
  size_t size;
  char sha256[65];
} lb_phys_file;

// Every file that MuJoCo opened to make the model, whatever named it: its own first, the others by name. A copy of a
// model has none.
const lb_phys_file* lb_phys_model_files(const lb_phys_model* model, int* n);

// What the first of them held when MuJoCo read it: `size` bytes.
const char* lb_phys_model_text(const lb_phys_model* model, size_t* size);

typedef struct lb_phys_sizes {
  int nq, nv, na;
  int nx, ndx;
  double timestep;  // seconds of one physics step
} lb_phys_sizes;

lb_phys_sizes lb_phys_model_sizes(const lb_phys_model* model);

// The space of its states. Valid while the model lives; does not depend on the fields of phys/field.h.
lb_space lb_phys_model_space(const lb_phys_model* model);

// The first state component of x (nx) that no state can hold (not finite, or the first number of a quaternion whose
// norm is off 1 by more than 1e-6), or -1.
int lb_phys_model_bad_component(const lb_phys_model* model, const double* x);

// x (nx) = qpos0 and zeros. For a keyframe: its qpos, qvel and act; what else it sets a simulation takes from it by
// lb_phys_rate.keyframe.
void lb_phys_model_start(const lb_phys_model* model, double* x);
lb_status lb_phys_model_keyframe(const lb_phys_model* model, double* x, const char* name);

// Whether it has a clock that can be read (a <clock> sensor), so that time is more than a count of steps.
bool lb_phys_model_is_timed(const lb_phys_model* model);

// Kinds of named elements.
typedef enum lb_phys_kind {
  LB_PHYS_BODY,
  LB_PHYS_JOINT,
  LB_PHYS_GEOM,
  LB_PHYS_SITE,
  LB_PHYS_TENDON,
  LB_PHYS_EQUALITY,
  LB_PHYS_ACTUATOR,
  LB_PHYS_SENSOR,
  LB_PHYS_KINDS
} lb_phys_kind;

// "body", "joint", ...
const char* lb_phys_kind_name(lb_phys_kind kind);

// The id of a named element; an actuator without a name goes by that of the joint, tendon, site or body on which it
// acts. Unknown: LB_INPUT "the model has no joint 'rot' (did you mean 'root'?)".
lb_status lb_phys_model_find(const lb_phys_model* model, int* id, lb_phys_kind kind, const char* name);

// What the element is called; NULL where it has no name.
const char* lb_phys_model_name(const lb_phys_model* model, lb_phys_kind kind, int id);

// How many actuators there are, and what one is called (see above); NULL where nothing there has a name.
int lb_phys_model_actuators(const lb_phys_model* model);
const char* lb_phys_model_actuator_name(const lb_phys_model* model, int id);

// Where a joint's numbers stand: dq and dv of a displacement, and what they are.
typedef enum lb_phys_joint_type { LB_PHYS_FREE, LB_PHYS_BALL, LB_PHYS_SLIDE, LB_PHYS_HINGE } lb_phys_joint_type;
typedef struct lb_phys_joint {
  lb_phys_joint_type type;
  int dof, ndof;  // first of its directions among nv, and how many: 6, 3, 1, 1
} lb_phys_joint;

int lb_phys_model_joints(const lb_phys_model* model);
lb_phys_joint lb_phys_model_joint(const lb_phys_model* model, int id);
// NULL where the joint has no name.
const char* lb_phys_model_joint_name(const lb_phys_model* model, int id);

// Whether a whole turn of this hinge leaves every force as it is: no spring, limit, tendon, joint equality or actuator
// knows how often it has turned.
bool lb_phys_model_turns_freely(const lb_phys_model* model, int joint);

// The range of the control of actuator `id`; infinite where it is not limited. LB_INPUT for an actuator that takes
// more or fewer than one control.
lb_status lb_phys_model_control(const lb_phys_model* model, int id, double* low, double* high);

// Whether actuator `id` drives the angle or place of a joint to what its control says (<position>), within limits more
// than ten times as wide as the joint's: written in degrees, it may be. *joint (radians or metres): the joint's range.
bool lb_phys_model_overshoots(const lb_phys_model* model, int id, double joint[2]);

// MuJoCo's own struct, for tests and drawing.
const struct mjModel_* lb_phys_model_raw(const lb_phys_model* model);

#endif  // LB_PHYS_PHYS_MODEL_H_
