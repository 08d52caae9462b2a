// Episodes within rows of transitions (core/transitions.h), and what is drawn from them to measure a model: pieces of
// episodes (eval/model_error.h) and visited states (eval/lemma.h). Draws are stratified: spread evenly, at random
// within each stratum, so that sums over them are unbiased and vary less.
#ifndef LB_EVAL_TRACKS_H_
#define LB_EVAL_TRACKS_H_

#include "base/arena.h"
#include "base/rng.h"
#include "core/transitions.h"
#include "eval/lemma.h"
#include "eval/model_error.h"

typedef struct lb_tracks {
  int nobs, nact;
  const float* data;  // rows of lb_transitions_width numbers, in the order in which they happened
  int episodes;
  const int* start;  // (episodes + 1) episode e has the rows start[e] .. start[e + 1] - 1
} lb_tracks;

// The first n rows as episodes, `start` in the arena: a row goes on with the episode before it when that one did not
// terminate and ended at the observation where this one begins, to the bit.
lb_tracks lb_tracks_find(const float* data, int n, int nobs, int nact, lb_arena* arena);

// Pieces of k >= 1 steps: `most` of the places where one fits, or all where there are no more than that (none where no
// episode is that long). In the arena.
lb_segments lb_tracks_segments(const lb_tracks* tracks, int most, int k, lb_rng* rng, lb_arena* arena);

// Up to `most` visits (20 at least) for sums weighted by discount^t, from most / 20 episodes chosen at random, or all
// where there are no more than that. Each has its equal share of the visits: every step of an episode that has no more,
// else times drawn with density discount^t. In the arena.
lb_visits lb_tracks_visits(const lb_tracks* tracks, int most, double discount, lb_rng* rng, lb_arena* arena);

// In which of the lemma's forms (eval/lemma.h) episodes are looked at, with a W made of a stationary value V.
typedef struct lb_tracks_form {
  double discount;  // V's own
  int horizon;      // 0: the discounted form, W = V. T: the undiscounted one, W_t = (1 - discount) (T - t) V until T, 0
                    // from there on: the mean reward of a step that V tells, for the steps that are left
  bool from_start;  // gains less W(s_0), so that a side stands for itself
} lb_tracks_form;

// The discount that lb_lemma_visited is then to be given.
static inline double lb_tracks_discount(const lb_tracks_form* form) {
  return form->horizon > 0 ? 1 : form->discount;
}

// Such visits with W's factors, and the gains of their episodes from all rewards of them, visited or not.
lb_visits lb_tracks_visits_in(const lb_tracks* tracks, int most, const lb_tracks_form* form, const lb_value* value,
                              lb_rng* rng, lb_arena* arena);

#endif  // LB_EVAL_TRACKS_H_
