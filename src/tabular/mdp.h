// A finite Markov decision process, whole in memory: for every state and action the few states that may follow, with
// their probabilities, and what a step earns. With a clock (horizon T: policies and values depend on time) or without
// one (horizon 0: discounted, g < 1).
//
// A file says one out in full, or names a family that makes it (tabular/families.h); sizes and seeds are in the file:
//
//   {
//     "title": "...",                                 for people; optional
//     "horizon": 8,                                   steps of an episode; or, or as well,
//     "discount": 0.95,                               g; default 1, less than 1 where there is no horizon
//     "states": ["home", "ditch", "goal"],            or a number n: their names are then "0" .. "n-1"
//     "actions": ["walk", "jump"],                    or a number
//     "start": {"home": 1},                           probabilities; or one name
//     "ends": ["goal"],                               states on whose arrival an episode is over; optional
//     "arrival": {"goal": 1},                         what arriving in a state earns, on top; optional
//     "rows": [{"state": "home", "action": "walk",    one for every state that is no end and every action; without
//               "to": {"goal": 0.9, "home": 0.1},     "action" for all actions of the state
//               "reward": -0.1}]                      default 0
//   }
//   {"family": "random", "states": 20, "seed": 7, ...}
//
// Every mistake is named by file and JSON path: rows that do not sum to one (by more than 1e-9), negative
// probabilities, unknown names, rows that are missing or there twice, ends that lead on or where episodes begin, sizes
// that the machine's memory does not hold (with what they would need).
#ifndef LB_TABULAR_MDP_H_
#define LB_TABULAR_MDP_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "base/text.h"
#include "io/json.h"

typedef struct lb_mdp {
  const char* title;
  int ns, na;            // states, actions
  int horizon;           // T; 0: none
  double discount;       // g
  int* row;              // (ns na + 1) what may follow (s, a) lies at row[s na + a] .. row[s na + a + 1] - 1 of
  int* next;             // the states
  double* p;             // and their probabilities, > 0, which sum to 1. The rows of an end are empty
  double* step;          // (ns na) what a step earns wherever it leads
  double* arrival;       // (ns) what arriving earns
  double* reward;        // (ns na) r(s, a): step + sum p arrival
  bool* end;             // (ns)
  double* start;         // (ns) probabilities
  int* place;            // (ns) numbers along a line; INT_MIN: none. NULL: no state has one
  const char** states;   // (ns) names; NULL: numbers
  const char** actions;  // (na) names; NULL: numbers
} lb_mdp;

// One in the arena with room for `links` successors in all, no row and no reward yet; discount 1, start in state 0.
lb_mdp* lb_mdp_new(int ns, int na, int links, lb_arena* arena);

// Rows are filled in order, (0, 0), (0, 1), ...: any number of successors (one named again adds to its probability;
// one of probability 0 is left out), then what the step earns.
void lb_mdp_put(lb_mdp* m, int* filled, int next, double p);
void lb_mdp_close(lb_mdp* m, int* filled, double step);

// After the last row: the expected rewards. Asserts that every row is there.
void lb_mdp_seal(lb_mdp* m, int filled);

// A copy in the arena, with room for `links` more successors a row (for models that start as it).
lb_mdp* lb_mdp_copy(const lb_mdp* m, lb_arena* arena);

// Times at which a policy has rows of its own: T, or 1. Numbers in a policy (times, ns, na), and in a value (T + 1, ns)
// or (ns).
int lb_mdp_times(const lb_mdp* m);
size_t lb_mdp_policy_size(const lb_mdp* m);
size_t lb_mdp_value_size(const lb_mdp* m);

// Reads and checks a file, or a node of one.
lb_status lb_mdp_load(lb_mdp** out, const char* path, lb_arena* arena);
lb_status lb_mdp_read(lb_mdp** out, lb_node node, lb_arena* arena);

// The same as a file says it out in full.
void lb_mdp_write(const lb_mdp* m, lb_text* text);

// Bytes that one of these sizes takes, and LB_INPUT (at the node) where that is more than half the machine's memory.
double lb_mdp_bytes(double ns, double na, double links);
lb_status lb_mdp_check_size(lb_node node, double ns, double na, double links);

// The names, numbers where there are none, in `out`.
enum { LB_MDP_NAME = 64 };
const char* lb_mdp_state_name(const lb_mdp* m, int s, char out[LB_MDP_NAME]);
const char* lb_mdp_action_name(const lb_mdp* m, int a, char out[LB_MDP_NAME]);

// Index of a state's name; -1 where there is none.
int lb_mdp_find_state(const lb_mdp* m, const char* name);

// The successor at the quantile u in [0, 1) of (s, a), which has a row.
static inline int lb_mdp_successor(const lb_mdp* m, int s, int a, double u) {
  int i = m->row[s * m->na + a], last = m->row[s * m->na + a + 1] - 1;
  for (; i < last; ++i) {
    u -= m->p[i];
    if (u < 0) break;
  }
  return m->next[i];
}

// The same of a plain distribution p (n).
static inline int lb_mdp_pick(const double* p, int n, double u) {
  int last = n - 1;
  while (last > 0 && p[last] == 0) --last;
  for (int i = 0; i < last; ++i) {
    u -= p[i];
    if (u < 0) return i;
  }
  return last;
}

#endif  // LB_TABULAR_MDP_H_
