// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as
// 1, 2, 3"). A stream is named by the run's seed, its purpose and up to two indices (an iteration, a rollout), so that
// no stream shifts another: evaluating more often does not change the training, and rollout 7 has the same noise
// whether it is computed first or last. The state is a few integers; a checkpoint stores them as they are.
#ifndef LB_BASE_RNG_H_
#define LB_BASE_RNG_H_

#include <stdint.h>

// One value a purpose; the numbers are part of the results, never renumber them.
typedef enum lb_purpose {
  LB_RNG_INITIAL_MODEL = 1,
  LB_RNG_EXPERT = 2,      // demonstrations of the expert
  LB_RNG_LEARNER = 3,     // the learner's rollouts that collect data
  LB_RNG_EVALUATION = 4,  // the rollouts that measure a policy
  LB_RNG_MIX = 5,         // draws from expert and learner transitions
  LB_RNG_FIT = 6,         // restarts, shuffles, bootstraps of a model fit
  LB_RNG_PLAN = 7,        // a planner's own randomness
  LB_RNG_STATISTICS = 8,  // bootstrap of the report
  LB_RNG_TEST = 9,
  LB_RNG_TERMS = 10,  // what measures a model draws from it and from recordings
} lb_purpose;

// What the last index of LB_RNG_EXPERT stands for. Independent streams, whose numbers are never changed either.
enum {
  LB_EXPERT_EPISODE = 0,        // the noise of a demonstration, the first index being its number
  LB_EXPERT_CHECK_STATES = 1,   // whether two tasks are one but for what is observed: the start
  LB_EXPERT_CHECK_ACTIONS = 2,  // and the actions
  LB_EXPERT_SAMPLES = 3,        // actions that a stochastic expert samples
  LB_EXPERT_DRAW = 4,           // which of the recorded episodes a run gets
  LB_EXPERT_ORDER = 5,          // in which order a clone takes them
  LB_EXPERT_NOISE = 6,          // noise on the actions of a policy that is recorded
};

typedef struct lb_rng {
  uint32_t key[2];
  uint32_t counter[4];  // counter[0..1] count blocks; counter[2..3] hold the indices
  uint32_t block[4];    // the block being handed out
  uint32_t used;        // words of it that are spent
  uint32_t has_spare;   // a second normal is waiting
  double spare;
} lb_rng;

// The stream of (seed, purpose, i, j).
lb_rng lb_rng_stream(uint64_t seed, lb_purpose purpose, uint32_t i, uint32_t j);

// 32 uniform bits.
uint32_t lb_rng_bits(lb_rng* rng);

// Uniform on [0, 1), 53 bits.
double lb_rng_uniform(lb_rng* rng);

// Uniform on 0..n-1 without bias (Lemire 2019), n >= 1.
uint32_t lb_rng_below(lb_rng* rng, uint32_t n);

// Brings a[0..n) into one of its n! orders, all alike (Fisher and Yates, from the back).
void lb_rng_shuffle(lb_rng* rng, int* a, int n);

// Standard normal (Box-Muller, both values used).
double lb_rng_normal(lb_rng* rng);

// n standard normals, the same values as n calls of lb_rng_normal.
void lb_rng_normals(lb_rng* rng, double* out, int n);

#endif  // LB_BASE_RNG_H_
