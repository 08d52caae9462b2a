// For the files of demonstrations (demos*.c, replay_keyed.c) alone: what recordings are made of.
#ifndef LB_DATA_DEMOS_PRIVATE_H_
#define LB_DATA_DEMOS_PRIVATE_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "data/demos.h"
#include "data/replay.h"
#include "io/json.h"
#include "io/npz.h"

struct lb_demos {
  lb_arena* arena;
  const char* origin;  // the file, for messages
  int nx, nu, nw, nobs, nhidden;
  bool noisy;       // noise holds the draws of every step
  bool has_hidden;  // hidden holds those numbers of every step
  bool rounded;     // states between keyframes are roundings to float
  bool observed;    // of a compact recording: observations are the file's
  int episodes, n;
  int* start;  // (episodes + 1) first transition of each episode
  bool* cut;   // (episodes) neither the task nor the clock ended it: the recorder stopped
  // One row a transition. observation and next_observation are both NULL where they were not asked for.
  double *x, *u, *x_next, *noise, *hidden, *reward, *observation, *next_observation;
  bool *terminal, *timeout;
  lb_demos_singles singles;
  bool* no_next;  // (n) the state and observation after this row are not in the file; NULL: they all are
  // What each step gives from its state alone; NULL: not recorded.
  struct {
    double *x_next, *reward, *next_observation;
    bool* terminal;
  } cold;
  // Where a compact recording holds exact states: x of these rows, and x_next of each episode's last row.
  struct {
    int n;
    int* row;        // (n) ascending; each episode's first row is one of them
    double* hidden;  // (n, nhidden)
  } keys;
  // Per episode, its states once more in one piece (T + 1, nx): what lb_trajectory hands out.
  double** path;
};

// Transitions that a file may hold.
enum { LB_DEMOS_MOST = 100000000 };

// Refuses n transitions that would fill the memory: more than 2e9 numbers, 16 GB, or more than this process can have.
lb_status lb_demos_check_room(const lb_system* system, double n, bool with_observations, const char* path);

static inline size_t lb_demos_rows(int n, int width) {
  return (size_t)n * (size_t)width;
}

// Room for `capacity` transitions of a system's sizes in at most `max_episodes` episodes; NULL when memory is short.
lb_demos* lb_demos_new(const lb_system* system, int capacity, int max_episodes, bool with_observations);

// Closes the episode that ends with transition n - 1: lays its states out in one piece.
void lb_demos_close_episode(lb_demos* demos);
// The latter alone, for episode e.
void lb_demos_lay_path(lb_demos* demos, int e);

// How many transitions a file has; refused where they do not fit into the memory that a recording may fill.
lb_status lb_demos_count(int* n, const lb_system* system, const lb_npz* npz, lb_arena* scratch);

// Reads one (n, width) entry into `to`, whose rows are `stride` wide, at column `column`.
lb_status lb_demos_read_columns(const lb_npz* npz, const char* name, lb_arena* arena, int n, int width, double* to,
                                int stride, int column);

// The entries that states are spread over: qpos, qvel and, where the system has activations, act; or `whole` where the
// state is not split so.
typedef struct lb_demos_names {
  const char *qpos, *qvel, *act, *whole;
} lb_demos_names;

// Of a compact recording.
extern const lb_demos_names lb_demos_of_rows, lb_demos_of_keyframes, lb_demos_of_ends;

// Where the parts of a state stand: their number, and first column and width of each.
int lb_demos_split(const lb_system* system, const lb_demos_names* names, const char* name[3], int first[3],
                   int width[3]);

// Reads n states (n, nx). Files of earlier versions hold activations as the last columns of qvel, and no act.
lb_status lb_demos_read_states(const lb_npz* npz, const lb_system* system, const lb_demos_names* names,
                               lb_arena* scratch, int n, double* to);

// Whether the metadata are those of a Gymnasium environment (a task, but no hash of ours), or missing.
lb_status lb_demos_is_foreign(bool* out, const lb_npz* npz);

// What a reader finds out by stepping, where it is asked to mend a recording: episodes also end, with a timeout, where
// the next row does not follow, and with the file.
typedef struct lb_demos_mend {
  lb_system* system;
  int jumps, first_jump;  // ends that no flag tells; the first one's row
  bool open_end;          // the last row has no flag
  bool has_next_state;    // the file has the states after the rows
} lb_demos_mend;

// `mend` may be NULL: then the recording is taken as it is.
lb_status lb_demos_load_foreign(lb_demos** out, const lb_system* system, const lb_npz* npz, lb_arena* scratch,
                                lb_demos_mend* mend);

// Opens an archive of any layout.
lb_status lb_demos_open_archive(lb_npz** out, const char* path);

// What a file of ours says of itself; strings are the document's, which the caller frees.
typedef struct lb_demos_card {
  lb_json* doc;
  int format;
  const char *task, *hash, *sha;
  // Of a compact recording:
  int transitions, episodes, keyframes, every;
  int observations;  // an lb_demos_observations
  bool cut;          // the last episode is
} lb_demos_card;

typedef enum lb_demos_observations {
  LB_DEMOS_STORED,   // written in full
  LB_DEMOS_COLUMNS,  // numbers of the state, so that the states hold them
  LB_DEMOS_REPLAYED  // to be had by stepping the recording again
} lb_demos_observations;
extern const char* const lb_demos_observations_names[3];

// Refuse a file of another task or version of it, or with other arrays than were hashed.
lb_status lb_demos_check_task(const lb_demos_card* card, const lb_system* s, const char* path);
lb_status lb_demos_check_digest(const lb_demos_card* card, const char* sha, const char* path);

// SHA-256 over arrays of a compact recording (see demos.h); false at an array of a type that they do not use.
bool lb_demos_digest(char sha[65], const lb_array* arrays, int n, const char** odd);

// Reads a compact recording whose card has been read.
lb_status lb_demos_load_compact(lb_demos** out, lb_system* system, const lb_npz* npz, const lb_demos_card* card,
                                lb_arena* scratch, unsigned parts);

// Steps a recording with keyframes from each of them to the next and compares. `fill` is NULL or `demos` itself: then
// its states, hidden numbers and, if it has room for them, observations become what was stepped through; what the
// recording holds exactly stays.
void lb_demos_walk(lb_replay_keyed_report* report, lb_system* system, const lb_demos* demos, lb_demos* fill);

#endif  // LB_DATA_DEMOS_PRIVATE_H_
