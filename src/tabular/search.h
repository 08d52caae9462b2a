// Planning without a table: in a model that says what follows a state and an action, when it is asked. Searching the
// whole tree of what may happen within T steps costs (actions x successors)^T; policy search by dynamic programming
// along one trajectory costs actions x T^2 / 2. Each state that the search looks at is a node, each step that PSDP
// looks at a backup.
#ifndef LB_TABULAR_SEARCH_H_
#define LB_TABULAR_SEARCH_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/counts.h"
#include "tabular/mdp.h"

typedef struct lb_branch {
  int64_t next;
  double p, reward;
  bool end;  // nothing is earned after it
} lb_branch;

typedef struct lb_branching {
  void* ctx;
  int na;
  int most;  // successors of a state and an action, at most
  // What may follow (s, a) at time t into out; returns how many, 1 at least.
  int (*branch)(void* ctx, int64_t s, int t, int a, lb_branch* out);
} lb_branching;

// A table as one.
lb_branching lb_search_table(const lb_mdp* m);

// Nodes that the tree of T steps has at most: sum_{k <= T} (na most)^k.
double lb_search_nodes(const lb_branching* model, int T);

// Refuses what would look at more than 1e10 nodes, with how many they would be, how long that takes at 1e8 a second,
// and the greatest T that is not refused. `force`: never.
lb_status lb_search_check(const lb_branching* model, int T, bool force);

// The best that can be had from s in T steps, exhaustively. plan (T), or NULL: the best action of each step along the
// likeliest successors (where the model is deterministic: the whole plan); -1 after an end. nodes: how many states were
// looked at, s among them; counts: the same, added; NULL: nowhere.
double lb_search_tree(const lb_branching* model, int64_t s, int T, double discount, int* plan, int64_t* nodes,
                      lb_counts* counts, lb_arena* scratch);

// A policy that does action[t] in state[t] at time t, and `otherwise` in any other.
typedef struct lb_followed {
  int length;            // T
  const int64_t* state;  // (T) a trajectory; its states from an end on are -1
  int* action;           // (T)
  void* ctx;
  int (*otherwise)(void* ctx, int64_t s, int t);
} lb_followed;
int lb_followed_act(const lb_followed* p, int64_t s, int t);

// PSDP along p->state: from the last time back, the action that is best if p acts afterwards, by `rollouts` rollouts of
// each (1 is exact where the model is deterministic; more take rng). An action is replaced only by one that is better.
// Returns the value of p from state[0] by those rollouts. Steps looked at are counted as backups.
double lb_search_psdp(lb_followed* p, const lb_branching* model, double discount, int rollouts, lb_rng* rng,
                      lb_counts* counts, lb_arena* scratch);

// The sum of rewards of one rollout of p in the model from s at time t to the end; state (T + 1): where it was, or
// NULL.
double lb_search_rollout(const lb_followed* p, const lb_branching* model, int64_t s, int t, double discount,
                         lb_rng* rng, int64_t* state, int64_t* steps, lb_arena* scratch);

#endif  // LB_TABULAR_SEARCH_H_
