// Demonstrations: episodes of an expert in the real system, with all that an exact replay needs. On disk: .npz with
// D4RL's key names (observations, actions, rewards, next_observations, terminals, timeouts, infos/qpos, infos/qvel,
// infos/next_qpos, infos/next_qvel; systems whose state is not split have infos/state and infos/next_state instead),
// infos/noise (the step's standard-normal draws, where the system is noisy), infos/qacc_warmstart and infos/before (the
// hidden numbers of core/system.h before the action, where there are any), and a JSON `metadata` with the task, its
// hash, who made it and what it returned.
//
// A recording of a Gymnasium environment in the same layout reads as well (lb_demos_load_any). It has the environment's
// name for a task in its metadata, no hash, and may hold: infos/qacc_warmstart and infos/track_x (the hidden numbers of
// a task with one reading before the step), infos/episode (the number of each row's episode), and what each step gives
// from its qpos and qvel alone: infos/restart_next_qpos, infos/restart_next_qvel, restart_observations,
// restart_rewards, restart_terminals.
#ifndef LB_DATA_DEMOS_H_
#define LB_DATA_DEMOS_H_

#include <stdint.h>

#include "base/status.h"
#include "core/policy.h"
#include "core/system.h"

typedef struct lb_demos lb_demos;

// Rolls `policy` out for n episodes on account LB_STEP_EXPERT. Episode e uses the stream (seed, LB_RNG_EXPERT, e, 0)
// for its noise. Without early stop.
lb_status lb_demos_record(lb_demos** out, lb_system* system, const lb_policy* policy, int n, uint64_t seed);

// Writes the file; `provenance` is JSON text that says how the expert was made. The metadata holds a SHA-256 over the
// arrays, so that an altered file is refused even where each entry's CRC fits.
lb_status lb_demos_save(const lb_demos* demos, const lb_system* system, const char* path, const char* provenance);

// Reads a file recorded on this system. Refused with a sentence: another task, another version of the task (its hash),
// wrong shapes, NaN, altered arrays.
lb_status lb_demos_load(lb_demos** out, const lb_system* system, const char* path);
// The same, or a recording of the Gymnasium environment that the system's name or aliases name.
lb_status lb_demos_load_any(lb_demos** out, const lb_system* system, const char* path);
void lb_demos_free(lb_demos* demos);

int lb_demos_episodes(const lb_demos* demos);
int lb_demos_transitions(const lb_demos* demos);

// Episode e by pointers that live as long as the demos. noise (T, nw) may be NULL (no noise recorded).
lb_trajectory lb_demos_episode(const lb_demos* demos, int e, const double** x_next, const double** noise);

// Step t of episode e: what went in and what came out. Pointers live as long as the demos.
typedef struct lb_demo_step {
  const double *x, *u;
  const double* noise;   // (nw) NULL: none
  const double* hidden;  // (nhidden) NULL: not recorded, or there are none
  const double* obs;     // (nobs) before the step
  const double *x_next, *next_obs;
  double reward;
  bool terminal;
} lb_demo_step;

lb_demo_step lb_demos_step(const lb_demos* demos, int e, int t);

// Whether each step can be repeated to the bit from its recorded state (nothing hidden is missing).
bool lb_demos_has_hidden(const lb_demos* demos);

// The same step as recorded from its state alone, with nothing hidden: only where the file holds that.
bool lb_demos_has_cold(const lb_demos* demos);
lb_demo_step lb_demos_cold_step(const lb_demos* demos, int e, int t);

// The episodes named by index[0..n), copied into demos of their own.
lb_status lb_demos_select(lb_demos** out, const lb_demos* demos, const int* index, int n);

// Mean and standard error over episodes of the episode cost (or minus the return), as recorded.
void lb_demos_cost(const lb_demos* demos, const lb_system* system, double* mean, double* se);

#endif  // LB_DATA_DEMOS_H_
