// The transitions of one fit of an ensemble: some held out, the others drawn for each member's batches.
//
// A transition's side is decided by a hash of its own numbers: it stays on that side in every fit, whatever else there
// is, and copies of it stay with it. The data are one or two runs of rows; with two, a batch takes the first with
// probability `share`, whatever their sizes.
#ifndef LB_MODEL_NEURAL_SPLIT_H_
#define LB_MODEL_NEURAL_SPLIT_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/rng.h"
#include "model/neural.h"

typedef struct lb_neural_source {
  double share;       // of the draws
  int ntrain, nheld;  // rows on either side; of many that are held out some thousands are looked at
  int *train, *held;  // numbers of rows of the data
  int* own;           // (members, ntrain) what each member sees, in its present order
  int at;             // so many of them were drawn in this order
} lb_neural_source;

typedef struct lb_neural_split {
  const lb_transitions* data;
  int members;
  int nsources;
  lb_neural_source sources[2];
  int train, held;  // rows of all sources
  int* batch;       // (members, n) what was drawn last
} lb_neural_split;

// Shares out data, whose first `first` rows (of 0 to all) are drawn with this share and the others with the rest; one
// of the two alone is drawn always. In scratch.
lb_neural_split lb_neural_split_new(const lb_neural_config* config, const lb_transitions* data, int first, double share,
                                    lb_rng* rng, lb_arena* scratch);

// The next n rows of each member, into batch.
void lb_neural_split_draw(lb_neural_split* split, int n, lb_rng* rng);

// Whether a row of `width` numbers is held out when this share of all rows is.
bool lb_neural_is_held(const float* row, int width, double share);

#endif  // LB_MODEL_NEURAL_SPLIT_H_
