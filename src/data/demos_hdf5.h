// Recordings in HDF5, in D4RL's layout (datasets with the names of demos.h) or Minari's (a group episode_<k> each,
// whose observations and infos/... have a row more than its actions), as an .npz in the layout that demos.h reads.
#ifndef LB_DATA_DEMOS_HDF5_H_
#define LB_DATA_DEMOS_HDF5_H_

#include "base/status.h"

// Writes the .npz, reading the HDF5 file in a process of its own. LB_INPUT: no libhdf5, a file that it cannot read, or
// in neither layout.
lb_status lb_demos_hdf5_to_npz(const char* path, const char* npz);

#endif  // LB_DATA_DEMOS_HDF5_H_
