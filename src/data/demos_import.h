// Making a recording of our own (data/demos.h, in full) of one from elsewhere: what the simulator can repeat of it is
// compared, what the file lacks is filled in by stepping, and all that is found is told.
#ifndef LB_DATA_DEMOS_IMPORT_H_
#define LB_DATA_DEMOS_IMPORT_H_

#include <stdbool.h>

#include "base/status.h"
#include "core/system.h"
#include "data/demos.h"
#include "data/replay.h"

// Rows with an action beyond the control limits, by more than float32 rounds: the system clips them.
typedef struct lb_demos_beyond {
  int n, row, control;  // how many rows; where it is furthest beyond, and which control
  double value;         // that action
} lb_demos_beyond;

lb_demos_beyond lb_demos_beyond_limits(const lb_demos* demos, const lb_system* system);

// The episode whose recorded rewards add up to something else than what the simulator pays for the same steps, each
// from its recorded state.
typedef struct lb_demos_returns {
  int differ, episode;    // episodes off by more than `tolerance` a step; the one that is off most
  double recorded, paid;  // its two returns
} lb_demos_returns;

lb_demos_returns lb_demos_compare_returns(const lb_demos* demos, lb_system* system, double tolerance);

typedef struct lb_demos_import_report {
  lb_replay_report replay;  // of what the file holds, before anything is filled in
  int jumps, first_jump;  // episodes that end, without a flag, where the next row does not follow; the first one's row
  bool open_end;          // the last row has no flag
  int filled;             // rows, each an episode's last, whose state and observation afterwards are the simulator's
  lb_demos_beyond beyond;
} lb_demos_import_report;

// Reads a recording from elsewhere as lb_demos_load_any does, ends episodes where rows do not follow each other,
// compares it with the simulator and fills it in. Whether the comparison is good enough, the caller judges. LB_INPUT
// also for a recording of ours, and, before anything is compared, where the disk of `file` has no room for the new one;
// NULL: there is to be none.
lb_status lb_demos_import(lb_demos** out, lb_demos_import_report* report, lb_system* system, const char* path,
                          const char* file);

// What of an imported recording nobody has compared with anything, and what is not the recorder's: so many lines.
enum { LB_DEMOS_UNVERIFIED = 5 };
int lb_demos_import_unverified(char lines[LB_DEMOS_UNVERIFIED][200], const lb_demos_import_report* report);

#endif  // LB_DATA_DEMOS_IMPORT_H_
