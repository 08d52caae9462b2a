// Reading HDF5 through libhdf5, which is looked for when the first such file is opened: nothing else needs it. Its file
// is $LB_HDF5, or one of the names that systems give it. Release 1.10 or newer.
//
// The library is not made for files that somebody made to break it. Callers that read files of others do it in a
// process of its own (lb_hdf5_apart).
#ifndef LB_IO_HDF5_H_
#define LB_IO_HDF5_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct lb_hdf5 lb_hdf5;

// Whether the file begins as HDF5 does.
bool lb_hdf5_is(const char* path);

// LB_INPUT: no library (the message says which package has it), a file that it cannot open. `path` must outlive it.
lb_status lb_hdf5_open(lb_hdf5** out, const char* path);
void lb_hdf5_close(lb_hdf5* file);

// Whether there is an object of that name, "infos/qpos".
bool lb_hdf5_has(const lb_hdf5* file, const char* name);

// A dataset's sizes and whether its numbers are float32. LB_INPUT: no such dataset, other than numbers, more than two
// dimensions (rank 1 has width 1), one that lies in other files, more than 2e9 numbers.
typedef struct lb_hdf5_sizes {
  int64_t n, width;
  int rank;
  bool single;
} lb_hdf5_sizes;
lb_status lb_hdf5_look(lb_hdf5_sizes* sizes, const lb_hdf5* file, const char* name);

// All n * width numbers as doubles. LB_INPUT: a truncated file, a filter that the library lacks.
lb_status lb_hdf5_read(double* to, const lb_hdf5* file, const char* name);

// Does `work` in a child process, so that whatever the library does to it ends there: the child's failure, or LB_INPUT
// with `path` if it broke down.
lb_status lb_hdf5_apart(lb_status (*work)(void* ctx), void* ctx, const char* path);

#endif  // LB_IO_HDF5_H_
