// The whole of a learner's numbers as one .safetensors file: its entries (io/entries.h) as they lie in memory, together
// with the sizes that they depend on. What is read back is bit for bit what was written; what does not fit is
// refused before anything is changed.
#ifndef LB_NN_BUNDLE_H_
#define LB_NN_BUNDLE_H_

#include "base/status.h"
#include "io/entries.h"
#include "io/npz.h"

typedef struct lb_bundle_size {
  const char* name;
  int value;
} lb_bundle_size;

typedef struct lb_bundle {
  const char* kind;             // "soft actor-critic"
  const lb_bundle_size* sizes;  // (nsizes) in the metadata; a file with others is refused
  int nsizes;
  const lb_entry* entries;  // (nentries) arrays, at most 32
  int nentries;
} lb_bundle;

lb_status lb_bundle_save(const lb_bundle* bundle, const char* path);

// Into the entries' memory. Refused with a sentence, and nothing changed: damaged files, another kind, other sizes,
// missing entries, numbers out of their bounds.
lb_status lb_bundle_load(const lb_bundle* bundle, const char* path);

#endif  // LB_NN_BUNDLE_H_
