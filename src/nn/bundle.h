// The whole of a learner's numbers as one .safetensors file, for checkpoints: runs of numbers as they lie in memory,
// together with the sizes that they depend on. What is read back is bit for bit what was written; what does not fit is
// refused before anything is changed.
#ifndef LB_NN_BUNDLE_H_
#define LB_NN_BUNDLE_H_

#include <stdint.h>

#include "base/status.h"
#include "io/npz.h"
#include "nn/real.h"

#ifdef LB_NN_DOUBLE
#define LB_REAL_DTYPE LB_F64
#else
#define LB_REAL_DTYPE LB_F32
#endif

typedef struct lb_bundle_run {
  const char* name;
  lb_dtype dtype;  // LB_REAL_DTYPE, LB_F64 or LB_I64
  int64_t count;
  void* data;
} lb_bundle_run;

typedef struct lb_bundle_size {
  const char* name;
  int value;
} lb_bundle_size;

typedef struct lb_bundle {
  const char* kind;             // "soft actor-critic"
  const lb_bundle_size* sizes;  // (nsizes) in the metadata; a file with others is refused
  int nsizes;
  const lb_bundle_run* runs;  // (nruns), at most 32
  int nruns;
} lb_bundle;

lb_status lb_bundle_save(const lb_bundle* bundle, const char* path);

// Into the data of the runs. Refused with a sentence, and nothing changed: damaged files, another kind, other sizes,
// missing runs, numbers that are not finite.
lb_status lb_bundle_load(const lb_bundle* bundle, const char* path);

// The same as entries "<prefix>/<run>" of an archive that holds more than this learner: a run's checkpoint.
void lb_bundle_add(const lb_bundle* bundle, lb_npz_writer* w, const char* prefix);
lb_status lb_bundle_take(const lb_bundle* bundle, const lb_npz* npz, const char* prefix);

#endif  // LB_NN_BUNDLE_H_
