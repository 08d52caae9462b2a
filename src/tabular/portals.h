// A tree of binary decisions without a table, and a model of it that is wrong in a few places: portals (Vemula et al.
// 2023, and their talk). States are numbered as by a heap: behind decision a in state s lies 2 s + 1 + a; the tree ends
// after `depth` decisions. In the real tree one leaf earns 1, the one to which the expert goes; another may earn more,
// which the expert does not know; the rest earn nothing. The model knows the tree but for the portals: where it
// believes that a decision leads to a treasure at once. In the real tree it leads where any decision does.
#ifndef LB_TABULAR_PORTALS_H_
#define LB_TABULAR_PORTALS_H_

#include <stdint.h>

#include "tabular/search.h"

enum { LB_PORTALS_DEEPEST = 40 };

typedef struct lb_portal {
  int64_t s;
  int a;
  double promise;  // what the model believes to be earned behind it
  bool closed;     // somebody went there and saw
} lb_portal;

typedef struct lb_portals {
  int depth;
  uint64_t good, best;           // decisions to the two leaves (bit t: at time t)
  double best_reward;            // 0: there is no better leaf than the expert's
  int64_t good_leaf, best_leaf;  // -1: none
  int n;
  lb_portal* portal;  // (n) by state and action
  uint64_t* may;      // bits by a hash of state and action: no portal where it is 0
} lb_portals;

// `near` portals one step off the expert's way, at different times where there are enough, and `far` ones below it or
// anywhere, their depth uniform; promises uniform on (1, 2], beyond what the expert earns. In the arena.
lb_portals* lb_portals_new(int depth, int near, int far, double best_reward, uint64_t seed, lb_arena* arena);

// The real tree, and the model with the portals that are still open.
lb_branching lb_portals_real(lb_portals* p);
lb_branching lb_portals_model(lb_portals* p);

// What a real step shows: closes the portal there, if there is one. Returns whether it was open.
bool lb_portals_visit(lb_portals* p, int64_t s, int a);
int lb_portals_open(const lb_portals* p);

// The states of the way to a leaf, (depth).
void lb_portals_way(const lb_portals* p, uint64_t decisions, int64_t* state);

#endif  // LB_TABULAR_PORTALS_H_
