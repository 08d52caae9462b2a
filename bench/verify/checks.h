// A check of `bench verify`: what is run, and what a correct build gave. Two files:
//
//   bench/verify/<name>.json                 written by people
//     {"title": "...",
//      "task": "...", "algo": "...", "protocol": {...},
//      "seeds": 5,                           of a check, the first: 0..4; odd, so that there is a median
//      "reference_seeds": 24,                those after them
//      "points": [{"metric": "return", "at": 2000,         a number of metrics.jsonl, in the line of that iteration
//                  "margin": 10}]}                         what is too little to matter (verify/band.h);
//                                                        default half the range
//   or, without a reference,
//     {"title": "...", "replays": ["hopper", ...]}         recordings that the simulator must repeat
//
//   bench/verify/reference/<name>.json       written by `bench verify --save-reference`: what made it, and each seed's
//                                            value at each point
#ifndef LB_BENCH_VERIFY_CHECKS_H_
#define LB_BENCH_VERIFY_CHECKS_H_

#include <stdbool.h>

#include "algo/protocol.h"
#include "base/arena.h"
#include "base/status.h"

enum { LB_VERIFY_CHECK_POINTS = 8, LB_VERIFY_CHECK_SEEDS = 64 };

typedef struct lb_verify_check_point {
  const char* metric;
  int at;             // iteration
  double margin;      // < 0: none is named
  double* reference;  // (reference_seeds); NULL before it is loaded
} lb_verify_check_point;

typedef struct lb_verify_check {
  const char* name;
  const char* title;
  const char** replays;  // (nreplays) tasks; the rest means nothing where there are any
  int nreplays;

  const char* task;
  const char* algo;
  lb_protocol protocol;
  int seeds, reference_seeds;
  lb_verify_check_point points[LB_VERIFY_CHECK_POINTS];
  int npoints;

  const char* made_by;  // the versions behind the reference; "" where there is none
  const char* machine;
} lb_verify_check;

// Names of all checks, sorted; free with lb_names_free. And one of them by name, without its reference. An unknown name
// is LB_INPUT and suggests the nearest. Texts and values are in the arena.
lb_status lb_verify_check_names(char*** names, int* n, const char* root);
lb_status lb_verify_check_load(lb_verify_check* check, const char* root, const char* name, lb_arena* arena);

bool lb_verify_check_has_reference(const lb_verify_check* check, const char* root);

// Its reference. LB_INPUT where there is none, or one of another task (its hash), algorithm, protocol or points.
lb_status lb_verify_check_load_reference(lb_verify_check* check, const char* root, lb_arena* arena);

// Writes it: the points' `reference` are filled.
lb_status lb_verify_check_save_reference(const lb_verify_check* check, const char* root);

#endif  // LB_BENCH_VERIFY_CHECKS_H_
