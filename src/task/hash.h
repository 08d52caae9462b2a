// What makes two tasks the same: SHA-256 over the format's version, the canonical task.json, the model file as MuJoCo
// read it, the name, size and SHA-256 of every other file that MuJoCo opened for it (includes, meshes, height fields,
// textures, attached models, ...; lb_phys_model_files), and the reference file.
#ifndef LB_TASK_HASH_H_
#define LB_TASK_HASH_H_

#include "base/status.h"
#include "io/json.h"
#include "phys/phys_model.h"

// 64 hex digits and a NUL. `reference` may be NULL.
lb_status lb_task_hash(char out[65], lb_node task, const lb_phys_model* model, const char* reference);

#endif  // LB_TASK_HASH_H_
