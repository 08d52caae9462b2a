// What a learned model imagines beside what really happens: from a state of the episode on, the model's own successor,
// step by step, under the controls that the real system got. So it shows the model's error over so many steps, and
// nothing of how a policy would act in the model.
//
// A map of states gives the body as it is. A map of observations gives of the body what observations determine
// (task/restore.h); what they leave out is the real body's, and is said.
#ifndef LB_VIEW_GHOST_H_
#define LB_VIEW_GHOST_H_

#include <stdbool.h>

#include "base/status.h"
#include "core/dynamics.h"
#include "core/system.h"

typedef struct lb_ghost lb_ghost;

// A copy of the map; what it works on must live as long. of_states: else over observations and actions in [-1, 1]. The
// system is a MuJoCo task, the ghost's own: nobody steps it.
lb_status lb_ghost_new(lb_ghost** out, const lb_dynamics* map, bool of_states, lb_system* system);
void lb_ghost_free(lb_ghost* ghost);

// Another map of the same kind takes its place.
void lb_ghost_replace(lb_ghost* ghost, const lb_dynamics* map);

// Begins anew at the real state x (nx).
void lb_ghost_anchor(lb_ghost* ghost, const double* x);

// One step under u (nu), which brought the real system from step t to x_real (nx).
void lb_ghost_step(lb_ghost* ghost, int t, const double* u, const double* x_real);

// The imagined state (nx), and how far it is from the real one: the distance of the states, or of the observations,
// that the model predicts. Not finite once the model left the finite numbers; the state is then the last that was.
const double* lb_ghost_state(const lb_ghost* ghost);
double lb_ghost_gap(const lb_ghost* ghost);

// "" or what of the body is not imagined: "not observed, so the real body's: rootx".
const char* lb_ghost_note(const lb_ghost* ghost);

#endif  // LB_VIEW_GHOST_H_
