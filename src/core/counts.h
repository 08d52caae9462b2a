// The one place where planning and model use are counted. Real steps are counted by the system's own ledger
// (core/system.h), so that a model step can never pass for a real one.
#ifndef LB_CORE_COUNTS_H_
#define LB_CORE_COUNTS_H_

#include <stdint.h>

typedef struct lb_counts {
  int64_t lqr_passes;        // backward Riccati passes, whoever asked for them
  int64_t model_queries;     // evaluations of a learned model's one-step map, those inside derivatives included
  int64_t gradient_updates;  // optimiser steps of networks
  int64_t backups;           // Bellman backups of a state (tabular planners)
  int64_t nodes;             // states that a tree search looked at
} lb_counts;

#endif  // LB_CORE_COUNTS_H_
