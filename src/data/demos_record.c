// Recording demonstrations: see demos.h.
#include <math.h>

#include "core/fault.h"
#include "data/demos_private.h"

#define rows lb_demos_rows

static void round_to_float(double* v, int n) {
  for (int i = 0; i < n; ++i) v[i] = (double)(float)v[i];
}

// Takes one step of the policy and appends it; returns what the system said. An observation, a control or a reward that
// is no number (in float, if `in_float`) counts as a divergence; *fault says which.
static lb_outcome record_step(lb_demos* d, lb_system* s, const lb_policy* policy, int t, bool in_float, lb_rng* rng,
                              lb_fault* fault) {
  int i = d->n++;
  double* x = d->x + rows(i, d->nx);
  double* u = d->u + rows(i, d->nu);
  double* w = d->noise + rows(i, d->nw);
  s->get_state(s->self, x);
  if (d->has_hidden) s->get_hidden(s->self, d->hidden + rows(i, d->nhidden));
  s->observe(s->self, d->observation + rows(i, d->nobs));
  *fault = lb_fault_in("observation", d->observation + rows(i, d->nobs), d->nobs, t - 1);
  if (fault->what) return (lb_outcome){.diverged = true};
  lb_policy_act(policy, 1, t, policy->input == LB_READS_STATE ? x : d->observation + rows(i, d->nobs), u);
  lb_system_noise(s, 1, w, rng);
  if (in_float) {
    round_to_float(u, d->nu);
    round_to_float(w, d->nw);
  }
  *fault = lb_fault_in("control", u, d->nu, t);
  if (fault->what) return (lb_outcome){.diverged = true};
  lb_outcome outcome = lb_system_step(s, LB_STEP_EXPERT, u, d->nw > 0 ? w : NULL);
  s->get_state(s->self, d->x_next + rows(i, d->nx));
  s->observe(s->self, d->next_observation + rows(i, d->nobs));
  d->reward[i] = outcome.reward;
  d->terminal[i] = outcome.terminated;
  d->timeout[i] = !outcome.terminated && (outcome.truncated || t + 1 == s->horizon);
  *fault = outcome.diverged ? (lb_fault){"simulation", 0, t, NAN} : lb_fault_in("reward", &outcome.reward, 1, t);
  if (!fault->what) *fault = lb_fault_in("observation", d->next_observation + rows(i, d->nobs), d->nobs, t);
  outcome.diverged = fault->what != NULL;
  return outcome;
}

// One episode, cut short when the demonstrations hold `most` transitions.
static lb_status record_episode(lb_demos* d, lb_system* s, const lb_policy* policy, int most, bool in_float,
                                uint64_t seed) {
  int e = d->episodes;
  lb_rng rng = lb_rng_stream(seed, LB_RNG_EXPERT, (uint32_t)e, LB_EXPERT_EPISODE);
  bool ended = false;
  s->reset(s->self, &rng);
  for (int t = 0; t < s->horizon && !ended && d->n < most; ++t) {
    lb_fault fault;
    lb_outcome outcome = record_step(d, s, policy, t, in_float, &rng, &fault);
    if (outcome.diverged) {
      char why[300];
      lb_fault_describe(why, sizeof why, &fault, s);
      return lb_fail(LB_DIVERGED, "%s: episode %d of the recording diverged: %s", s->name, e, why);
    }
    ended = outcome.terminated || d->timeout[d->n - 1];
  }
  d->cut[e] = !ended;
  if (!ended) d->timeout[d->n - 1] = true;
  lb_demos_close_episode(d);
  return lb_ok();
}

// An empty recording with room for so many rows and episodes.
static lb_demos* new_record(const lb_system* s, int capacity, int episodes) {
  lb_demos* d = lb_demos_new(s, capacity, episodes, true);
  if (!d) return NULL;
  d->noisy = d->nw > 0;
  d->has_hidden = d->nhidden > 0;
  return d;
}

// The recording to the caller on success; else it is freed.
static lb_status hand_over(lb_demos** out, lb_demos* d, lb_status status) {
  if (status.code == LB_OK) {
    *out = d;
  } else {
    lb_demos_free(d);
  }
  return status;
}

lb_status lb_demos_record(lb_demos** out, lb_system* system, const lb_policy* policy, int n, uint64_t seed) {
  *out = NULL;
  LB_TRY(lb_demos_check_room(system, (double)n * system->horizon, true, "the recording"));
  int most = n * system->horizon;
  lb_demos* d = new_record(system, most, n);
  if (!d) return lb_fail(LB_MEMORY, "no memory for %d demonstrations of %s", n, system->name);
  lb_status status = lb_ok();
  while (status.code == LB_OK && d->episodes < n) status = record_episode(d, system, policy, most, false, seed);
  return hand_over(out, d, status);
}

lb_status lb_demos_record_transitions(lb_demos** out, lb_system* system, const lb_policy* policy, int n,
                                      uint64_t seed) {
  *out = NULL;
  LB_TRY(lb_demos_check_room(system, n, true, "the recording"));
  lb_demos* d = new_record(system, n, n);
  if (!d) return lb_fail(LB_MEMORY, "no memory for %d transitions of %s", n, system->name);
  lb_status status = lb_ok();
  while (status.code == LB_OK && d->n < n) status = record_episode(d, system, policy, n, true, seed);
  return hand_over(out, d, status);
}
