// Demonstrations for learners that work on observations: float rows as core/transitions.h has them, with actions scaled
// from the system's control limits to [-1, 1] (what is beyond them is clipped, as the system does). An episode that
// only ran out of time, or was cut by the recorder, is not terminated: its last next observation counts.
#ifndef LB_DATA_DEMOS_ROWS_H_
#define LB_DATA_DEMOS_ROWS_H_

#include "base/status.h"
#include "core/system.h"
#include "data/demos.h"
#include "data/ring.h"

// Which transitions: those of `episodes` episodes, namely index[0..episodes), in this order, or the first ones where
// index is NULL; of these only the first `transitions`. 0 means all, in both; {0} is everything.
typedef struct lb_demos_choice {
  const int* index;
  int episodes;
  int transitions;
} lb_demos_choice;

// How many that are. More than there are, or an episode that there is not: LB_INPUT.
lb_status lb_demos_rows_count(int* n, const lb_demos* demos, const lb_demos_choice* choice);

// Fills rows (that many, lb_transitions_width numbers each); the demos must have observations (LB_DEMOS_OBSERVATIONS).
// A control without finite limits is LB_INPUT.
lb_status lb_demos_rows_copy(float* rows, const lb_demos* demos, const lb_system* system,
                             const lb_demos_choice* choice);

// Appends them to a ring of the system's sizes; *n (may be NULL) says how many they were.
lb_status lb_demos_rows_push(lb_ring* ring, int* n, const lb_demos* demos, const lb_system* system,
                             const lb_demos_choice* choice);

#endif  // LB_DATA_DEMOS_ROWS_H_
