// For phys alone: the files that MuJoCo opens while it reads a model. All of them pass through a resource provider of
// ours that is mounted over the whole file system (mj_mountVFS), so that includes, asset folders, attached models and
// whatever else MJCF may name are known without a second reader of MJCF. Only archives (.mjz, .zip) MuJoCo reads past
// it: a text that names something in one is noticed.
#ifndef LB_PHYS_FILES_H_
#define LB_PHYS_FILES_H_

#include <mujoco/mujoco.h>
#include <threads.h>

#include "base/status.h"
#include "phys/phys_model.h"

typedef struct lb_phys_files {
  mjVFS vfs;  // to be handed to MuJoCo
  mjpResourceProvider provider;
  mtx_t mutex;         // assets are read by several threads
  lb_phys_file* list;  // (n) by absolute name, in the order of opening; then as lb_phys_files_settle leaves them
  int n, capacity;
  char* text;  // what the first held
  size_t text_size;
  bool names_archive;
} lb_phys_files;

// Stays where it is from here to lb_phys_files_close.
lb_status lb_phys_files_open(lb_phys_files* files);

// Nothing is opened through it any more: leaves the list and the text alone.
void lb_phys_files_close(lb_phys_files* files);

// Names the files from the folder of the first, which stays first, and sorts the others by name.
void lb_phys_files_settle(lb_phys_files* files);

void lb_phys_files_free(lb_phys_file* list, int n, char* text);

#endif  // LB_PHYS_FILES_H_
