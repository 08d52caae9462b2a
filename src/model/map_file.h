// The map of a fitted model (core/model.h, `nmap` numbers) as a .safetensors file, to be looked at afterwards.
#ifndef LB_MODEL_MAP_FILE_H_
#define LB_MODEL_MAP_FILE_H_

#include "base/arena.h"
#include "base/status.h"
#include "core/model.h"

lb_status lb_map_save(lb_model* model, const char* path, lb_arena* scratch);
// Refused with a sentence: damaged files, those of other models, numbers that no model of the kind has.
lb_status lb_map_load(lb_model* model, const char* path, lb_arena* scratch);

#endif  // LB_MODEL_MAP_FILE_H_
