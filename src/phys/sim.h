// One live simulation, stepped at the control rate: frame_skip physics steps with constant controls and forces.
// Controls are clamped by MuJoCo to each actuator's ctrlrange.
#ifndef LB_PHYS_SIM_H_
#define LB_PHYS_SIM_H_

#include <stdbool.h>

#include "base/status.h"
#include "phys/phys_model.h"

struct mjData_;

// How a task drives the model.
typedef struct lb_phys_rate {
  int frame_skip;        // physics steps in a control step, >= 1
  int nu;                // controls
  const int* actuators;  // (nu) ids of their actuators; the other actuators' controls stay as at the start
  double max_velocity;   // each qvel is clipped to +-this before a step; 0: none is
  const char* keyframe;  // whose time, controls and mocap poses an episode begins with, as mj_resetDataKeyframe has it;
                         // NULL: those of mj_resetData
} lb_phys_rate;

// How far derived quantities are computed. Each level contains those before it.
typedef enum lb_phys_level {
  LB_PHYS_STATE,     // qpos, qvel, act, ctrl: nothing to compute
  LB_PHYS_POSITION,  // kinematics, centres of mass
  LB_PHYS_VELOCITY,  // velocities of bodies
  LB_PHYS_FORWARD,   // all of mj_forward: contacts, forces, accelerations, sensors
  LB_PHYS_CONTACT    // and mj_rnePostConstraint: contact forces on bodies
} lb_phys_level;

typedef struct lb_phys_sim lb_phys_sim;

// At qpos0 and rest. The model is the caller's and must outlive the simulation; `rate` is copied.
lb_status lb_phys_sim_new(lb_phys_sim** out, const lb_phys_model* model, const lb_phys_rate* rate);
void lb_phys_sim_free(lb_phys_sim* sim);

// Puts it at x (nx) and time 0, cold: what follows depends on x alone, not on what was simulated before.
void lb_phys_sim_set(lb_phys_sim* sim, const double* x);

// As lb_phys_sim_set at time t (control steps since the start), then all derived quantities at x by mj_forward, contact
// forces on bodies zero: how an episode begins, or goes on. False when MuJoCo cannot compute them (then the simulation
// counts as diverged).
bool lb_phys_sim_begin(lb_phys_sim* sim, const double* x, int t);

// As lb_phys_sim_set, then the derived quantities at x under controls u (nu; NULL: the start's) as far as `level`.
// False when MuJoCo cannot compute them or a number of x or u is not finite.
bool lb_phys_sim_look(lb_phys_sim* sim, const double* x, const double* u, lb_phys_level level);

// The contact forces on bodies (cfrc_ext) of the last evaluated state, by mj_rnePostConstraint.
void lb_phys_sim_contacts(lb_phys_sim* sim);

// The constraint solver's warm start (nv): what a step depends on besides the state and the controls. How many numbers
// that are: nv, or 0 for a model without anything to solve for.
int lb_phys_model_nwarm(const lb_phys_model* model);
void lb_phys_sim_get_warm(const lb_phys_sim* sim, double* warm);
void lb_phys_sim_set_warm(lb_phys_sim* sim, const double* warm);

// Whether it has left the finite numbers since it was set.
bool lb_phys_sim_diverged(const lb_phys_sim* sim);

// x (nx); all NaN once the simulation has diverged, until it is set again.
void lb_phys_sim_get(const lb_phys_sim* sim, double* x);

// Adds a force (3, N, world axes) and a torque (3, N m, axes of the body as it stands now) that act on the body's
// centre of mass during the next control step only, constant in world axes.
void lb_phys_sim_push(lb_phys_sim* sim, int body, const double* force, const double* torque);

// One control step with u (nu). False when the simulation left the finite numbers (a state or acceleration beyond
// 1e10, a control that is no number, an error raised by MuJoCo); then every later step is false too until it is set.
bool lb_phys_sim_step(lb_phys_sim* sim, const double* u);

// dv/dt (nv) at the present state under controls u, by mj_forward.
void lb_phys_sim_acceleration(lb_phys_sim* sim, double* acceleration, const double* u);

// MuJoCo's own live data.
struct mjData_* lb_phys_sim_raw(lb_phys_sim* sim);

#endif  // LB_PHYS_SIM_H_
