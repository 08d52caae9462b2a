// The terms of the two lemmas of eval/lemma.h in a finite MDP, exactly: sums over all states instead of episodes and
// draws. With S_pi[f] = sum_t g^t E f(s_t, a_t) along pi in the real MDP M*, V the value of the learner pi^ in the
// model M^, V^e that of the expert pi* in it:
//   J_M*(pi*) - J_M*(pi^) = planning  + S_pi*[(M* - M^) V^e] + S_pi*[r - r^] + S_pi^[(M^ - M*) V] + S_pi^[r^ - r]
//                         = advantage + S_pi*[(M* - M^) V]   + S_pi*[r - r^] + S_pi^[(M^ - M*) V] + S_pi^[r^ - r]
// where (M W)(s, a) = g sum_s' M(s' | s, a) W_{t+1}(s'), planning = J_M^(pi*) - J_M^(pi^), advantage = S_pi*[A] with A
// that of pi^ in M^. And the bounds that follow: planning <= max_pi J_M^(pi) - J_M^(pi^), and each value term <= g
// range / 2 S_pi[|M^ - M*|_1], range = max V - min V over all states and times.
#ifndef LB_TABULAR_LEMMA_TERMS_H_
#define LB_TABULAR_LEMMA_TERMS_H_

#include "base/arena.h"
#include "core/policy.h"
#include "tabular/mdp.h"
#include "tabular/search.h"

typedef struct lb_exact_terms {
  double expert, learner;                    // J_M*
  double expert_in_model, learner_in_model;  // J_M^
  double gap;                                // their difference
  double planning;                           // lemma 1
  double expert_value_1;                     // S_pi*[(M* - M^) V^e]
  double advantage;                          // lemma 2
  double expert_value_2;                     // S_pi*[(M* - M^) V]
  double learner_value;                      // of both
  double expert_reward, learner_reward;
  double expert_l1, learner_l1;  // S_pi[|M^ - M*|_1]
  double planning_error;         // max_pi J_M^(pi) - J_M^(pi^) >= planning
  double bound_1, bound_2;       // >= gap
} lb_exact_terms;

// real and model have the same states, actions, horizon and discount; pi (times, ns, na).
lb_exact_terms lb_exact_terms_of(const lb_mdp* real, const lb_mdp* model, const double* expert, const double* learner,
                                 lb_arena* scratch);

// The same in a tree of decisions that lead to one state each (tabular/search.h), by the steps of the two policies over
// T times; the bounds are left out (NAN). The policies read the number of a state.
lb_exact_terms lb_exact_terms_of_tree(const lb_branching* real, const lb_branching* model, int T,
                                      const lb_policy* expert, const lb_policy* learner);

// gap less the terms of lemma 1 or 2: 0 but for rounding.
double lb_exact_terms_residual(const lb_exact_terms* t, int lemma);

#endif  // LB_TABULAR_LEMMA_TERMS_H_
