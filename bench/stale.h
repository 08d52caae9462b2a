// Runs that are there and are not what would be made now, in one line.
#ifndef LB_BENCH_STALE_H_
#define LB_BENCH_STALE_H_

#include <stddef.h>

#include "algo/identity.h"
#include "report/results.h"

typedef struct lb_stale {
  int count[LB_IDENTITIES];
  int total;
  char tasks[200];  // of which there is another version
  double seconds;   // CPU that they took
} lb_stale;

// Takes account of a run that is stale (lb_identity_is_stale).
void lb_stale_add(lb_stale* stale, lb_identity identity, const char* task, const char* folder);

// "another version of the task (hopper): 3, another program: 1".
void lb_stale_words(char* out, size_t size, const lb_stale* stale);

// "is" for one, "are" for any other number; static text.
const char* lb_stale_are(const lb_stale* stale);

// The runs of a suite's results that are not over or enter a number, and are stale by what lies below the root now.
void lb_stale_survey(lb_stale* stale, lb_identities* identities, const lb_results* results);

#endif  // LB_BENCH_STALE_H_
