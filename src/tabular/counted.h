// The model of greatest likelihood of a finite MDP: the frequencies of what was seen. Rewards and ends are known, as
// functions of state, action and next state; only where steps lead is learned. What a state and an action lead to that
// were never tried together, the data do not say; a model must say something all the same:
//   LB_UNSEEN_STAY     nothing happens
//   LB_UNSEEN_UNIFORM  anywhere, all states alike
//   LB_UNSEEN_POOLED   what the same action did elsewhere: displacements along `place` of the MDP, and states that have
//                      none as they are, by their frequencies over all states. Where it was never tried: nothing
//   LB_UNSEEN_PRIOR    what another MDP of the same states and actions says
#ifndef LB_TABULAR_COUNTED_H_
#define LB_TABULAR_COUNTED_H_

#include <stdint.h>

#include "base/arena.h"
#include "tabular/mdp.h"

typedef enum lb_unseen { LB_UNSEEN_STAY, LB_UNSEEN_UNIFORM, LB_UNSEEN_POOLED, LB_UNSEEN_PRIOR } lb_unseen;

typedef struct lb_counted lb_counted;

// No data yet. Of `real` it takes all but the probabilities; prior: for LB_UNSEEN_PRIOR, else NULL. Both must outlive
// it. It grows on the heap: lb_counted_free.
lb_counted* lb_counted_new(const lb_mdp* real, lb_unseen unseen, const lb_mdp* prior);
void lb_counted_free(lb_counted* c);
void lb_counted_clear(lb_counted* c);

// `times` transitions from s under a to next, s no end.
void lb_counted_add(lb_counted* c, int s, int a, int next, int64_t times);
int64_t lb_counted_seen(const lb_counted* c, int s, int a);
int64_t lb_counted_total(const lb_counted* c);

// The model of all data so far; valid until the next fit or the end of c.
const lb_mdp* lb_counted_fit(lb_counted* c);

// Mean over the data of -log p(s' | s, a) under an MDP of the same states; INFINITY where it rules one out. And of
// 1 - p(s' | s, a): how often one draw of it would be another state.
double lb_counted_surprise(const lb_counted* c, const lb_mdp* model);
double lb_counted_miss(const lb_counted* c, const lb_mdp* model);

#endif  // LB_TABULAR_COUNTED_H_
