// The numbers of a fitted map as a .safetensors file, to be looked at afterwards.
#ifndef LB_MODEL_MAP_FILE_H_
#define LB_MODEL_MAP_FILE_H_

#include "base/status.h"

// kind: what the file says that it holds ("map of states").
lb_status lb_map_save(double* map, int n, const char* kind, const char* path);
// Refused with a sentence: damaged files, those of other models.
lb_status lb_map_load(double* map, int n, const char* kind, const char* path);

#endif  // LB_MODEL_MAP_FILE_H_
