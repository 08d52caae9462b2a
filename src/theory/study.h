// A study: one claim of the paper on a system so small that everything about it is computed, as rounds that collect,
// fit, plan and measure. Which study a run is follows from two names, that of the world and that of the row:
//
//   generative-hard, generative-random   plug-in-samples, plug-in-horizon             generative.c
//   shortcut, trophy, FILE.json          expert, expert-only, learner-only, sysid,    worlds.c
//                                        lamps
//   portals-DEPTH, portals-poor-expert   expert, sysid, lamps                         tree.c
//     (portals-DEPTH-forced: also where
//     its search takes hours)
//   wide-tree, twins-ROOMS               hedge-prediction, hedge-value                hedges.c
//   lds, lds-growing                     expert, zero, lds-likelihood, lds-moments    linear.c
//                                        and its ridges, lds-moments-RIDGE
//   random-mdps                          lemmas                                       lemmas.c
//   linear-psdp, hover-psdp              lqr-pass, lqr-displaced,                     passes.c
//                                        lqr-displaced-2023, psdp
//
// A file is an MDP (tabular/mdp.h) with a horizon.
//
// What is random follows from the seed. Measuring is exact (dynamic programming, or a system without noise) but where a
// study says otherwise.
#ifndef LB_THEORY_STUDY_H_
#define LB_THEORY_STUDY_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"
#include "core/counts.h"
#include "core/metrics.h"
#include "core/system.h"

typedef struct lb_study_number {
  int metric;  // an lb_metric_id
  double value;
} lb_study_number;

enum { LB_STUDY_NUMBERS = 48 };

typedef struct lb_study lb_study;
struct lb_study {
  const char *world, *row;  // their names
  bool higher;              // what is measured first is a return; else a cost
  bool chance;              // seeds differ
  int rounds;               // the last round; round 0 has no data
  void* self;
  lb_counts counts;  // what planning took so far
  lb_ledger ledger;  // real steps so far
  lb_arena* arena;
  // Each of a round, in this order; those that a study has not are NULL. The first number is the score.
  void (*collect)(lb_study* study, int round);
  void (*fit)(lb_study* study, int round);
  void (*plan)(lb_study* study, int round);
  int (*measure)(lb_study* study, int round, lb_study_number out[LB_STUDY_NUMBERS]);
  // The world and the present model as a picture; NULL: there is none.
  void (*draw)(const lb_study* study, lb_text* svg);
  void (*close)(lb_study* study);  // what is not in the arena
};

// The study of a world and a row, at round 0. LB_INPUT for names that are not above.
lb_status lb_study_open(lb_study** out, const char* world, const char* row, uint64_t seed);
void lb_study_close(lb_study* study);

// All of a round.
int lb_study_round(lb_study* study, int round, lb_study_number out[LB_STUDY_NUMBERS]);

// Whether a world's name is that of a file: it ends in ".json".
bool lb_study_is_file(const char* name);
// Whether the first name is a world's, for who looks for tasks.
bool lb_study_is_world(const char* name);
// What a world is, in a line; NULL: none of that name.
const char* lb_study_world_text(const char* name);
// One line for each row's name; NULL: none of that name.
const char* lb_study_row_title(const char* name);

// The openers of the files above: *taken says whether the names are theirs.
typedef lb_status lb_study_opener(lb_study* study, uint64_t seed, bool* taken);
lb_study_opener lb_generative_open, lb_worlds_open, lb_tree_open, lb_hedges_open, lb_linear_study_open, lb_lemmas_open,
    lb_passes_open;

// Adds a number.
static inline void lb_study_put(lb_study_number* out, int* n, int metric, double value) {
  out[*n] = (lb_study_number){metric, value};
  *n += 1;
}

// Least squares slope of log y against log x over n points, those with y <= 0 left out; NAN from fewer than two.
double lb_study_exponent(const double* x, const double* y, int n);

#endif  // LB_THEORY_STUDY_H_
