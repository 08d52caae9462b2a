// Demonstrations: episodes of an expert in the real system, with all that an exact replay needs. On disk: .npz with
// D4RL's key names (observations, actions, rewards, next_observations, terminals, timeouts, infos/qpos, infos/qvel,
// infos/next_qpos, infos/next_qvel, where there are activations infos/act and infos/next_act; systems whose state is
// not split have infos/state and infos/next_state instead), infos/noise (the step's standard-normal draws, where the
// system is noisy), infos/qacc_warmstart and infos/before (the hidden numbers of core/system.h before the action, where
// there are any), and a JSON `metadata` with the task, its hash, who made it and what it returned.
//
// A recording of a Gymnasium environment in the same layout reads as well (lb_demos_load_any), and so does D4RL's own
// (its HDF5 files' entries under the same names). It has the environment's name for a task in its metadata and no hash,
// or no metadata; entries that are not named here are not read. It may lack next_observations, infos/next_qpos and
// infos/next_qvel: then they are the next row's within an episode, and of an episode's last row unknown. It may hold:
// infos/qacc_warmstart and infos/track_x (the hidden numbers of a task with one reading before the step), infos/episode
// (the number of each row's episode), and what each step gives from its qpos and qvel alone: infos/restart_next_qpos,
// infos/restart_next_qvel, restart_observations, restart_rewards, restart_terminals.
//
// Compact recordings (format 2 in the metadata; lb_demos_save_compact) are for many transitions of big systems. NumPy
// reads them under the same names, n rows in E episodes:
//   observations, infos/qpos, infos/qvel   float32 roundings
//   actions, infos/noise                   float32, exact: they were float numbers when they were applied
//   rewards                                float64, so that a replay is held to every one of them exactly
//   terminals, timeouts                    bool
//   next_observations                      float32; left out where it would be big. It is the next row's observation,
//                                          but for an episode's last row, and
//   infos/final_observations               (E, nobs) then holds those
//   infos/act                              float32 roundings, where there are activations
//   infos/final_qpos, final_qvel, final_act   float64, the state after each episode's last row
//   keyframes/row                          int64 (K,): the rows whose state is kept exactly, every 20th of an episode
//                                          from its first
//   keyframes/qpos, qvel, act, qacc_warmstart, before   float64 (K, ...): state and hidden numbers before these rows'
//   action
// (infos/state, infos/final_state, keyframes/state where the state is not split). The last episode may have been cut
// when the recorder had enough: it ends with a timeout, as is D4RL's habit, and the metadata say last_episode_cut.
//
// Stepping a keyframe's state through the stored actions gives the rows up to the next keyframe: to the bit with the
// program that recorded them, elsewhere to what 20 steps make of rounding (LB_DEMOS_REPEATS). So nothing is lost:
// loading rebuilds what was left out, where it is asked for.
//
// Observations are written where they fit into lb_demos_compact.observation_bytes. Where they do not, but each number
// of the observation is a number of the state in all rows (metadata: observations = "state columns"),
// infos/observation_columns (nobs,) says which, and NumPy has them as hstack((qpos, qvel, act))[:, columns]. Else
// ("replay") loading steps the whole recording to rebuild them.
//
// The checksum in the metadata of a compact recording is the SHA-256 over one line an array, in the archive's order,
// without the metadata: name, NumPy's dtype ("<f4", "<f8", "|b1", "<i8"), the sizes, the SHA-256 over the data in hex;
// with single spaces between, and a newline after each.
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

// Of so many transitions in memory, and in a file in full before compression, at most.
double lb_demos_bytes(const lb_system* system, double n);

// Writes everything in full, in double; the demonstrations are exact and have observations. `provenance` is JSON text
// that says how the expert was made. The metadata holds a SHA-256 over the arrays, so that an altered file is refused
// even where each entry's CRC fits.
lb_status lb_demos_save(const lb_demos* demos, const lb_system* system, const char* path, const char* provenance);

// Rolls `policy` out until there are exactly n transitions (n >= 1), all of its randomness its own; the episode under
// way is cut there. Controls and noise are rounded to float before they are applied, so that lb_demos_save_compact
// loses nothing. Otherwise as lb_demos_record.
lb_status lb_demos_record_transitions(lb_demos** out, lb_system* system, const lb_policy* policy, int n, uint64_t seed);

typedef struct lb_demos_compact {
  int every;                       // rows from one keyframe to the next, from 1
  int64_t observation_bytes;       // what observations may take before compression (n * nobs * 4),
  int64_t next_observation_bytes;  // and what next_observations may take where there are observations
} lb_demos_compact;

// 20 rows, 8 MB, 0.5 MB.
lb_demos_compact lb_demos_default_compact(void);

// Writes a compact recording of demonstrations that are exact and have observations (recorded, or loaded so). Those
// whose actions or noise are no float numbers, or that hold numbers beyond float, are LB_INPUT.
lb_status lb_demos_save_compact(const lb_demos* demos, const lb_system* system, const char* path,
                                const char* provenance, const lb_demos_compact* config);

// By how much a simulator may differ, as |a - b| / max(1, |b|), from what a compact recording holds, and still be its
// own. Rounding errors of 1e-16 at a keyframe grow to less than 1e-10 in 20 steps of Gymnasium's tasks.
#define LB_DEMOS_REPEATS 1e-6

// What is needed of a file; any of them, or'ed. Files that hold everything in full give everything whatever is asked.
typedef enum lb_demos_parts {
  LB_DEMOS_AS_STORED = 0,     // of a compact recording: states rounded to float, observations only if they are at hand
  LB_DEMOS_OBSERVATIONS = 1,  // observations, if need be by stepping the recording again
  LB_DEMOS_EXACT = 2,         // states, hidden numbers (and observations, if at hand or asked for) as they were, by
                              // stepping the recording again
  LB_DEMOS_FOREIGN = 4  // a recording of the Gymnasium environment that the system's name or aliases name is welcome
} lb_demos_parts;

// Reads a file recorded on this system. Refused with a sentence: another task, another version of the task (its hash),
// wrong shapes, NaN, altered arrays; of a compact recording also counts that lie, keyframes out of order or at odds
// with the rows, and, when it is stepped, a simulator that does not repeat it. Stepping leaves the system anywhere
// (reset it) and its ledger as it was.
lb_status lb_demos_load_with(lb_demos** out, lb_system* system, const char* path, unsigned parts);
// With LB_DEMOS_EXACT and LB_DEMOS_OBSERVATIONS; and the same with LB_DEMOS_FOREIGN.
lb_status lb_demos_load(lb_demos** out, lb_system* system, const char* path);
lb_status lb_demos_load_any(lb_demos** out, lb_system* system, const char* path);
// The task that a recording of ours names. LB_INPUT for one from elsewhere.
lb_status lb_demos_read_task(char task[128], const char* path);
void lb_demos_free(lb_demos* demos);

int lb_demos_episodes(const lb_demos* demos);
int lb_demos_transitions(const lb_demos* demos);

// Episode e by pointers that live as long as the demos. noise (T, nw) may be NULL (no noise recorded).
lb_trajectory lb_demos_episode(const lb_demos* demos, int e, const double** x_next, const double** noise);

// Step t of episode e: what went in and what came out. Pointers live as long as the demos.
typedef struct lb_demo_step {
  const double *x, *u;
  const double* noise;              // (nw) NULL: none
  const double* hidden;             // (nhidden) NULL: not recorded, or there are none
  const double* obs;                // (nobs) before the step; NULL: not loaded
  const double *x_next, *next_obs;  // NULL: not recorded
  double reward;
  bool terminal;
} lb_demo_step;

lb_demo_step lb_demos_step(const lb_demos* demos, int e, int t);

// The state (nx) before step t of episode e as it was, and the hidden numbers (nhidden; NULL: not recorded) with it,
// where the file holds them: at keyframes, each episode's first row among them, or of a recording in full everywhere.
// False elsewhere: stepping from the last such row through the recorded controls and noise leads there.
bool lb_demos_exact_at(const lb_demos* demos, int e, int t, const double** x, const double** hidden);

// Whether each step can be repeated to the bit from its recorded state (nothing hidden is missing).
bool lb_demos_has_hidden(const lb_demos* demos);

// Which numbers of a recording from elsewhere are float32, so that they are roundings of what was.
typedef struct lb_demos_singles {
  bool state, hidden;  // what goes into a step; actions that are float32 were so when they were taken
  bool next_state, observation, reward;
} lb_demos_singles;
lb_demos_singles lb_demos_in_single(const lb_demos* demos);

// How many rows have no recorded state after them.
int lb_demos_without_next(const lb_demos* demos);

// Whether states (but for keyframes) are float roundings of the real ones; whether observations are there; how many
// keyframes there are to replay from (0 for a recording in full, and for a selection).
bool lb_demos_is_rounded(const lb_demos* demos);
bool lb_demos_has_observations(const lb_demos* demos);
int lb_demos_keyframes(const lb_demos* demos);

// Whether episode e ended only because the recorder had enough.
bool lb_demos_is_cut(const lb_demos* demos, int e);

// The same step as recorded from its state alone, with nothing hidden: only where the file holds that.
bool lb_demos_has_cold(const lb_demos* demos);
lb_demo_step lb_demos_cold_step(const lb_demos* demos, int e, int t);

// The episodes named by index[0..n), copied into demos of their own.
lb_status lb_demos_select(lb_demos** out, const lb_demos* demos, const int* index, int n);

// Mean and standard error over episodes of the episode cost (or minus the return), as recorded. A cut episode counts
// only where it is alone.
void lb_demos_cost(const lb_demos* demos, const lb_system* system, double* mean, double* se);

#endif  // LB_DATA_DEMOS_H_
