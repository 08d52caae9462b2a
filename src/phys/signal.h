// Every number of a running simulation that a task's terms may read, by name: one table in signal.c, one line a signal.
// Most are arrays of MuJoCo's mjData under MuJoCo's own names; `action` and `healthy` come from the step.
//
// What a signal is worth depends on when it is read. After a real step the derived ones (everything but qpos, qvel,
// act, ctrl) belong to the last state that the integrator evaluated, not to the new one: that is what Gymnasium's
// environments read. On a state by itself they are computed up to the signal's level (phys/sim.h).
#ifndef LB_PHYS_SIGNAL_H_
#define LB_PHYS_SIGNAL_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text.h"
#include "phys/phys_model.h"
#include "phys/sim.h"

struct mjData_;

typedef struct lb_phys_signal {
  const char* name;
  const char* unit;
  const char* what;
  const struct lb_phys_rows* rows;  // what a row of it belongs to
  int width;                        // numbers in a row
  lb_phys_level level;              // what must have been computed
  size_t member;                    // offset in mjData; 0: not there
} lb_phys_signal;

// What terms look at: one simulation's data as they stand, and what the step adds.
typedef struct lb_phys_view {
  const struct mjData_* data;
  const double* action;  // (nu) as asked for, before MuJoCo clamps it
  double healthy;        // 1 or 0: whether the task's conditions hold
} lb_phys_view;

// Unknown: LB_INPUT "there is no signal 'qpo' (did you mean 'qpos'?)".
lb_status lb_phys_signal_find(const lb_phys_signal** out, const char* name);

// All of them, for documentation and tests; NULL beyond the last.
const lb_phys_signal* lb_phys_signal_at(int i);

// Whose a row of it is, in words: "joint", "controlled actuator"; "": it is one number.
const char* lb_phys_signal_owner(const lb_phys_signal* signal);

// How many rows it has in this model.
int lb_phys_signal_rows(const lb_phys_signal* signal, const lb_phys_model* model, const lb_phys_rate* rate);

// Where the numbers of a named element stand: first of them, and how many. LB_INPUT names the nearest, or says that
// the signal's rows have no names.
lb_status lb_phys_signal_element(const lb_phys_signal* signal, int* first, int* n, const lb_phys_model* model,
                                 const lb_phys_rate* rate, const char* name);

// Appends what its number at `index` is: "qpos of joint knee", "qvel of free joint root: angular x", "sensor gyro: z",
// "act of actuator 3" where nothing has a name.
void lb_phys_signal_label(const lb_phys_signal* signal, lb_text* out, const lb_phys_model* model,
                          const lb_phys_rate* rate, int index);

// Whether its number at `index` tells the time: no state does.
bool lb_phys_signal_is_timed(const lb_phys_signal* signal, const lb_phys_model* model, int index);

// All its numbers (rows, width). Valid until the simulation or the view changes.
const double* lb_phys_signal_read(const lb_phys_signal* signal, const lb_phys_view* view);

#endif  // LB_PHYS_SIGNAL_H_
