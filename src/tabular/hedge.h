// Hedge over a finite class of models (Freund & Schapire 1997): weights that fall by exp(-eta loss), and a model drawn
// by them. What the loss of a model is decides what it is chosen for (Vemula et al. 2023):
//   prediction    how often one draw of it is another state than the real one: mean 1[s'' != s']
//   value moment  how far one draw of it is from the real one in value: mean |W(s') - W(s'')|
// over transitions (s, a, s'), s'' drawn from the model, W the value of the present policy.
#ifndef LB_TABULAR_HEDGE_H_
#define LB_TABULAR_HEDGE_H_

#include "base/rng.h"
#include "tabular/mdp.h"

typedef enum lb_hedge_loss { LB_HEDGE_PREDICTION, LB_HEDGE_VALUE } lb_hedge_loss;

typedef struct lb_transition {
  int s, a, next;
} lb_transition;

// weight (n) becomes weight exp(-eta loss), normalised.
void lb_hedge_update(double* weight, const double* loss, int n, double eta);

// A model by its weight.
int lb_hedge_draw(const double* weight, int n, lb_rng* rng);

// The loss by one fresh draw a transition, and its expectation over the draws. W (ns): for LB_HEDGE_VALUE.
double lb_hedge_sampled_loss(lb_hedge_loss kind, const lb_mdp* model, const double* W, const lb_transition* data, int n,
                             lb_rng* rng);
double lb_hedge_expected_loss(lb_hedge_loss kind, const lb_mdp* model, const double* W, const lb_transition* data,
                              int n);

#endif  // LB_TABULAR_HEDGE_H_
