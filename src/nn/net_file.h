// Nets as .safetensors, which Python reads in one line: for layer l the tensors "layers.<l>.weight" (members, out, in)
// and "layers.<l>.bias" (members, out), for layer normalisation of hidden layer l (metadata "layer_norm": true) its
// gains "layers.<l>.norm.weight" and shifts "layers.<l>.norm.bias" (members, out), for a normalizer "normalizer.mean"
// and "normalizer.scale" (inputs), x becoming (x - mean) * scale. The metadata name the shape, the activation, the
// task, and where the net comes from.
#ifndef LB_NN_NET_FILE_H_
#define LB_NN_NET_FILE_H_

#include "base/arena.h"
#include "base/status.h"
#include "nn/net.h"
#include "nn/normalizer.h"

// The task that a net was made for: its name, and the hash over all that defines it (core/system.h).
typedef struct lb_net_task {
  const char *name, *hash;
} lb_net_task;

// kind says what the net is ("policy", "dynamics"); task NULL: it belongs to none; normalizer NULL: none; provenance is
// JSON text.
lb_status lb_net_file_save(const char* path, const char* kind, const lb_net_task* task, const lb_net* net,
                           const lb_normalizer* normalizer, const char* provenance);

// A net of that kind, in the arena; bit for bit what was saved. task NULL: made for any task or none, else for this
// one. expected NULL: any shape, else every size and the activation must agree. normalizer NULL: the file must have
// none; else it receives the file's, and the file must have one. Refused with a sentence: damaged files, another kind,
// another task or another version of it, absurd or other sizes, missing tensors, numbers that are not finite.
lb_status lb_net_file_load(lb_net** net, lb_normalizer* normalizer, const char* path, const char* kind,
                           const lb_net_task* task, const lb_net_shape* expected, lb_arena* arena);

#endif  // LB_NN_NET_FILE_H_
