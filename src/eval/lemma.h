// The terms of the two lemmas that say where a difference in performance comes from (Vemula et al., ICML 2023), as
// estimates from what the expert pi* and the learner pi^ met in the real system M*, and from draws of a model M^.
//
// For any function W_t(s), 0 at and beyond the end of an episode, let
//   (B^ W)_t(s, a) = E[ r^ + g (1 - d^) W_{t+1}(s^) ],  (r^, d^, s^) ~ M^(s, a)      one step in the model
//   (B* W)_t(s, a) = E[ r  + g (1 - d ) W_{t+1}(s') ],  (r,  d,  s') ~ M*(s, a)      one step in the real system
//   A_t(s, a) = (B^ W)_t(s, a) - W_t(s)                                              advantage in the model
// with discount g, rewards r and ends d (1: terminated). The real step is split into what it says of states and
// rewards,
//   (B* - B^) W = g E[ (1 - d) W(s') - (1 - d^) W(s^) ]  +  E[ r - r^ ]
//               = value disagreement                     +  reward disagreement      (the latter 0 if r is known).
// With J the expected sum of g^t r_t and S_pi[.] = E sum_t g^t (.)(s_t, a_t) along pi in the real system:
//
//   lemma 2 (advantage in the model), for any W:
//     J_M*(pi*) - J_M*(pi^) =  S_pi*[A] + S_pi*[(B* - B^) W]           expert: advantage + value + reward
//                            - S_pi^[A] + S_pi^[(B^ - B*) W]           learner: the same with the other sign
//     Where W = V, the value of pi^ in M^, S_pi^[A] = 0; where it is only near (a critic), that term is its error, and
//     without it the equality does not hold.
//   lemma 1 (planning in the model), with W = V on the learner's side and W = V^e, the value of pi* in M^, on the
//   expert's:
//     J_M*(pi*) - J_M*(pi^) = [J_M^(pi*) - J_M^(pi^)] + S_pi*[(B* - B^) V^e] + S_pi^[(B^ - B*) V]
//     the bracket being the planning error at the initial states. Approximations add S_pi*[A of W^e] - S_pi^[A of W]
//     and put E W^e(s_0) - E W(s_0) in the bracket's place.
//
// Two forms, by discount and weights (lb_visits):
//   discounted    g < 1, a visit at time t weighs g^t; all is in units of discounted return. (1 - g) times it is the
//                 mean over the normalised discounted occupancy, as the lemma is often written.
//   undiscounted  g = 1, every visit weighs 1, W depends on time; all is in units of return. Over T it is the mean over
//                 time.
// An episode that was cut at time L, by the clock or by who recorded it, stands for one that is worth W(s_L) from
// there: the equality is then that of sum_{t<L} g^t r_t + g^L W(s_L).
//
// The residual, left side minus the terms, tests all of this: its expectation is 0 whatever W and the model are, so
// that a residual of many standard errors tells of a wrong sign, a term, an end or a weight that is missing. An
// episode's terms, draws included, add up to its gain less W(s_0) where every step of it is visited: what is left then
// is the chance of initial states.
#ifndef LB_EVAL_LEMMA_H_
#define LB_EVAL_LEMMA_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/rng.h"
#include "core/policy.h"
#include "core/sampler.h"
#include "core/value.h"
#include "eval/estimate.h"

// Real transitions (s, a, r, d, s') along episodes of one policy. S_pi[f] is estimated by the mean over episodes of the
// sums of weight * f over an episode's rows.
typedef struct lb_visits {
  int n;
  int episodes;              // 1 at least where n > 0
  const int* episode;        // (n) in [0, episodes); NULL: all 0
  const double* weight;      // (n) g^t where every step is there, more where a row stands for several
  const int* t;              // (n) time; NULL: all 0 (nothing depends on time). Rows of equal time that lie together go
                             // through model and value together
  const double *x, *u;       // (n, nx) s and (n, nu) a, in the model's units
  const double* reward;      // (n)
  const double* x_next;      // (n, nx)
  const bool* terminated;    // (n) no value beyond x_next
  const double *now, *then;  // (n) what W is times value->at, at x and at x_next; NULL: 1
  const double* gain;  // (episodes) an episode's sum of g^t r_t, and of g^L W(s_L) where it was cut; NULL: not known
} lb_visits;

// Which side of the lemma: its terms' sign in the performance difference.
typedef enum lb_lemma_side { LB_LEMMA_EXPERT = 1, LB_LEMMA_LEARNER = -1 } lb_lemma_side;

// One side's terms with their signs, so that the six means of both sides add up to the performance difference; standard
// errors over episodes.
typedef struct lb_lemma_terms {
  lb_estimate advantage;  // expert: S[A]; learner: -S[A], the error of W as a value
  lb_estimate value;      // expert: S[(M* - M^) W]; learner: S[(M^ - M*) W]; see above for g and ends
  lb_estimate reward;     // expert: S[r - r^]; learner: S[r^ - r]
  lb_estimate left;       // the mean gain, with the side's sign
  lb_estimate residual;  // left - advantage - value - reward, an episode's at a time; both none where no gain is known.
                         // Its error is not below what single precision makes of numbers of that size
} lb_lemma_terms;

// The sum of both sides' left parts, which are independent, and that of their residuals. A residual of one episode
// alone takes its error from the other side's spread: what is left of an episode all of whose steps are visited is
// W(s_0), and both sides begin alike.
lb_estimate lb_lemma_left(const lb_lemma_terms* expert, const lb_lemma_terms* learner);
lb_estimate lb_lemma_residual(const lb_lemma_terms* expert, const lb_lemma_terms* learner);

// One draw of the model for each visit; where more are wanted, the visits are handed in that many times with that part
// of their weight. `value` is W. NAN for no visits, and where model or value leave the finite numbers.
lb_lemma_terms lb_lemma_visited(lb_lemma_side side, const lb_sampler* model, const lb_value* value, double discount,
                                const lb_visits* visits, lb_rng* rng, lb_arena* scratch);

// S[A] with the value of `policy` in the model by rollouts in place of W: from each visit two rollouts with the same
// draws, one that begins with a, one with the policy's action; both to time `horizon`. No critic, no bias; many draws.
lb_estimate lb_lemma_advantage(const lb_sampler* model, const lb_policy* policy, double discount, int horizon,
                               const lb_visits* visits, lb_rng* rng, lb_arena* scratch);

// J_M^(pi*) - J_M^(pi^) from the same n starts x (n, nx) with the same draws, over `horizon` steps; the standard error
// is over the n pairs. NAN when a rollout left the finite numbers.
lb_estimate lb_lemma_planning_error(const lb_sampler* model, const lb_policy* expert, const lb_policy* learner,
                                    double discount, int horizon, int n, const double* x, lb_rng* rng,
                                    lb_arena* scratch);

#endif  // LB_EVAL_LEMMA_H_
