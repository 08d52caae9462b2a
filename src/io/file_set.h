// Files of one folder that belong together and are replaced as one: whoever looks finds all of the old ones or all of
// the new ones, whenever the process that replaces them is killed.
//
// New files are written into a folder of their own, ".NAME.next-PID", which is then renamed ".NAME.ready": that is the
// step. Its files are moved to their places right after; where a kill came between, the next use of the set does it.
// Who moves them holds the folder for itself meanwhile, who reads them shares it (flock on the folder; where a file
// system has none, readers and writers are not kept apart).
#ifndef LB_IO_FILE_SET_H_
#define LB_IO_FILE_SET_H_

#include <stdbool.h>

#include "base/status.h"

typedef struct lb_file_set {
  char folder[1024];   // where the files belong
  char staging[1200];  // where they are written until then; its files have their final names
  char name[100];
  int hold;  // says that this process works on the staging folder
} lb_file_set;

// Makes the folder and the staging folder. Ends with commit or abandon.
lb_status lb_file_set_begin(lb_file_set* set, const char* folder, const char* name);

// Says that the set has no file `name` any more: commit removes one that is there.
lb_status lb_file_set_drop(lb_file_set* set, const char* name);

// Puts everything from the staging folder, one level of folders in it included, in its place. Waits while others read.
lb_status lb_file_set_commit(lb_file_set* set);
void lb_file_set_abandon(lb_file_set* set);

// Keeps others from replacing a set of the folder until lb_file_set_release; finishes beforehand what a killed process
// left to be moved, and removes what one left unfinished. A folder that is missing or cannot be written is no failure.
// Any number of processes share a folder, and one of them any number of times.
typedef struct lb_file_share {
  int fd;
} lb_file_share;
lb_file_share lb_file_set_share(const char* folder, const char* name);
void lb_file_set_release(lb_file_share* share);

#endif  // LB_IO_FILE_SET_H_
