// Runs of small worlds (theory/study.h): suites all of whose tasks are such worlds, and single runs. They need no task
// folder, no recipe and no settings; each takes a moment, so that a few processes work through a list.
#ifndef LB_BENCH_SMALL_H_
#define LB_BENCH_SMALL_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "suite/suite.h"

typedef struct lb_small_run {
  const char *suite, *world, *row;
  uint64_t seed;
  const char* folder;
  const char* drawing;  // where a picture of the world and the model in the end goes; NULL: nowhere
} lb_small_run;

// Whether all of a suite's tasks are small worlds; LB_INPUT where some are and some are not, or a row is none of its
// world's.
lb_status lb_small_is_suite(bool* small, const lb_suite* suite);

// One run in its folder, as io/run_folder.h has it. One that is done stays; one that was made with another
// configuration or program, or that was stopped, is made anew.
lb_status lb_small_run_make(const lb_small_run* run, bool fresh);

// The rows of the suite that are wanted, each with its seeds, in `folder`/WORLD/ROW/seed-N by so many processes, and
// pictures of the first seed's worlds and models in `folder`/drawings. LB_IO where one of them failed, after the
// others.
lb_status lb_small_suite_make(const lb_suite* suite, const bool* wanted, const int* seeds, int nseeds,
                              const char* folder, int workers);

#endif  // LB_BENCH_SMALL_H_
