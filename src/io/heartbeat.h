// A sign of life in a folder that machines may share: a flag, the file ".alive-<token>" in it, says which process holds
// the folder, and the time of its last change that the process lives. A thread of the process touches it every
// patience / 6 seconds; when nobody has for the patience, another process may take the folder over. For io/lock.c,
// which also knows what the kernel knows of this machine.
//
// Who wants a folder puts up a flag of its own, then looks for those of others, and has the folder once all that it saw
// are gone: by themselves, or taken away because their process is dead. Of two, one at least sees the other's, so never
// both have it; and no flag is ever taken for another, since no two have the same name. Of two that see each other the
// one whose token comes later lowers its flag.
//
// Process ids of other machines mean nothing here, and no clocks are compared: ages are differences of times that the
// file server writes.
#ifndef LB_IO_HEARTBEAT_H_
#define LB_IO_HEARTBEAT_H_

#include <stdbool.h>

#include "base/status.h"

enum { LB_HEARTBEAT_NAME = 65 };

// A folder that this process holds.
typedef struct lb_heartbeat lb_heartbeat;

// Who holds a folder.
typedef struct lb_holder {
  long pid;
  char host[LB_HEARTBEAT_NAME];
  char machine[LB_HEARTBEAT_NAME];  // the kernel's boot id, which containers of a machine share
  char token[LB_HEARTBEAT_NAME];    // of this holder alone
  bool here;                        // it is of this machine
  bool locked;                      // it has the kernel's lock, too
  double age;                       // seconds since its last sign of life
} lb_holder;

// $LAZYBENCH_PATIENCE, or 60: seconds without a sign of life after which a process of another machine is taken for
// dead. To be the same for all who share a folder.
double lb_heartbeat_patience(void);

// Takes the folder. Where a process of another machine holds it, this waits until it gives a sign of life (LB_IO with
// its host and pid) or its patience has passed. `alone`: the kernel says that no other process of this machine has the
// folder, so one of this machine is dead; and where the folder takes no such file (a full disk), *out is NULL, for the
// kernel's word is enough. Without it that is LB_IO.
lb_status lb_heartbeat_take(lb_heartbeat** out, const char* folder, bool alone);
void lb_heartbeat_release(lb_heartbeat* heartbeat);

// LB_IO where another process took the folder over, because this one was suspended, or cut off, for too long. Looks at
// the flag when its own last sign of life is older than half of the patience, else costs nothing.
lb_status lb_heartbeat_check(lb_heartbeat* heartbeat, const char* folder);

// False where nobody has left a sign of life.
bool lb_heartbeat_look(lb_holder* out, const char* folder);

#endif  // LB_IO_HEARTBEAT_H_
