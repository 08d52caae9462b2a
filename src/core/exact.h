// A system so small that nothing about it need be estimated: a finite MDP, a tree of decisions, a linear system without
// noise. Rows on it are run by the same loop, from data of the expert and the learner; but what a policy is worth, what
// a model says, and the terms of the two lemmas are computed, not measured by episodes.
#ifndef LB_CORE_EXACT_H_
#define LB_CORE_EXACT_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/policy.h"

struct lb_mdp;      // tabular/mdp.h
struct lb_portals;  // tabular/portals.h

typedef struct lb_exact {
  const struct lb_mdp* table;           // P(s'|s, a) and r(s, a), all of it; NULL: none
  const struct lb_mdp* const* members;  // (nmembers) a class of models of it, of which none need be right; NULL: none
  int nmembers;
  struct lb_portals* tree;  // decisions without a table, and what is believed of them before anything is seen; NULL
  bool forced;              // what would take hours is not refused
  bool in_cost;             // a policy's worth is a cost; else a return
  int iterations;           // of the loop, the last one
  int episodes;             // collected in an iteration
  int demos;                // episodes of the expert that are there before iteration 0, on nobody's account
  int interactions;         // an iteration, as a published figure counts them; 0: none does
  // The world of a run's seed, where worlds differ. NULL: they do not.
  void (*draw)(void* self, uint64_t seed);
  // What the expert does in an iteration: it may choose anew among actions that are alike. Valid until the next call.
  lb_policy (*expert)(void* self, uint64_t seed, uint32_t iteration);
  // What a policy over states is worth. No step is taken, and none is counted. Infinity where it diverges.
  double (*worth)(void* self, const lb_policy* policy, lb_arena* scratch);
} lb_exact;

#endif  // LB_CORE_EXACT_H_
