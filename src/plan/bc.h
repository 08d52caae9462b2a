// Behaviour cloning: an actor (plan/actor.h) is fitted to observations and the actions that an expert took there,
// by supervised learning alone: no model, no reward, no step in the system. A baseline, and where others start from.
//
//   squared      mean over samples and actions of (tanh(mean) - a)^2. The mean action is all that it learns; the noise
//                of the actor then becomes each action's root mean square error on the holdout.
//   likelihood   mean over samples of -log pi(a | s) of the tanh Gaussian. It learns the expert's noise too,
//                in nats, not comparable to the other.
//
// A fit computes the input normalizer from the training part, trains until the holdout loss has not fallen by enough
// for `patience` epochs, goes on so at lower rates, and restores the weights of the epoch with the least holdout loss.
// The holdout is whole episodes where there are enough of them: neighbouring steps are so alike that held-out rows
// between training rows say little about states that the demonstrations do not show.
#ifndef LB_PLAN_BC_H_
#define LB_PLAN_BC_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/transitions.h"
#include "plan/actor.h"

typedef enum lb_bc_loss { LB_BC_SQUARED, LB_BC_LIKELIHOOD } lb_bc_loss;

#define LB_BC_DROP 0.2

enum { LB_BC_LEAST_TRANSITIONS = 10, LB_BC_LEAST_EPISODES = 5 };

typedef struct lb_bc_config {
  lb_bc_loss loss;
  int batch;                  // most transitions in a gradient step; an epoch's are cut evenly
  double rate, weight_decay;  // Adam's
  int drops;                  // times that the rate falls to LB_BC_DROP of itself when patience ends
  double holdout;             // share of the episodes (or transitions) held out, in (0, 1)
  int patience;               // epochs without an improvement that counts
  double improvement;         // the relative drop of the holdout loss that counts
  int most_epochs;            // a fit ends at the latest then
  // An observation that varies by less (standard deviation, in its own unit) is scaled as if by this: what hardly moves
  // in the demonstrations must not be blown up where the learner sees it move. One that never varies is only centred.
  double least_deviation;
  // The likelihood sees actions cut off at +- this, below 1: at a bound the Gaussian under tanh would be infinitely far
  // out. What is cut is noise to the loss (atanh(0.999) = 3.8). The squared error takes actions as they are.
  double most_action;
} lb_bc_config;

// Squared, batch 256, rate 1e-3 with 2 drops, decay 1e-5, holdout 0.1, patience 20, improvement 1e-3, at most 500
// epochs, least deviation 1e-3, most action 0.999.
lb_bc_config lb_bc_default_config(void);

typedef struct lb_bc_report {
  int train, held;         // transitions
  bool by_episode;         // whether the holdout is whole episodes
  int epochs, best_epoch;  // trained, and the one whose weights were kept (0: the first weights were never beaten)
  int64_t updates;         // gradient steps
  double loss;             // over the training part, by the weights kept
  double holdout;          // over the holdout, by the weights kept: the least of all epochs
  const char* broken;      // NULL, or what first was not finite: "observations" or "actions" (of the data: the actor is
                           // as it was), "weights" (the actor was not finite to begin with), "gradient", "holdout"
                           // (the loss after an epoch): the best weights until then are kept, the caller should stop
} lb_bc_report;

// Fits the actor, whose weights are the first ones, to data: its observations and actions in [-1, 1], bounds included.
// Rewards, ends and next observations are not read. episodes (nepisodes): where among the n transitions each begins,
// ascending from 0; with fewer than LB_BC_LEAST_EPISODES (NULL: none known) the holdout is drawn by transitions. Fewer
// than LB_BC_LEAST_TRANSITIONS are refused (LB_INPUT; the caller says which file). The same rng gives the same bits.
// The scratch arena is as it was afterwards; training steps take nothing from it.
lb_status lb_bc_fit(lb_actor* actor, lb_bc_report* report, const lb_transitions* data, const int* episodes,
                    int nepisodes, const lb_bc_config* config, lb_rng* rng, lb_arena* scratch);

#endif  // LB_PLAN_BC_H_
