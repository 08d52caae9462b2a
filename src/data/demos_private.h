// For demos.c, demos_file.c and demos_foreign.c alone: what recordings are made of.
#ifndef LB_DATA_DEMOS_PRIVATE_H_
#define LB_DATA_DEMOS_PRIVATE_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "data/demos.h"
#include "io/npz.h"

struct lb_demos {
  lb_arena* arena;
  int nx, nu, nw, nobs, nhidden;
  bool noisy;       // noise holds the draws of every step
  bool has_hidden;  // hidden holds those numbers of every step
  int episodes, n;
  int* start;  // (episodes + 1) first transition of each episode
  // One row a transition.
  double *x, *u, *x_next, *noise, *hidden, *reward, *observation, *next_observation;
  bool *terminal, *timeout;
  // What each step gives from its state alone; NULL: not recorded.
  struct {
    double *x_next, *reward, *next_observation;
    bool* terminal;
  } cold;
  // Per episode, its states once more in one piece (T + 1, nx): what lb_trajectory hands out.
  double** path;
};

static inline size_t lb_demos_rows(int n, int width) {
  return (size_t)n * (size_t)width;
}

// Room for `capacity` transitions of a system's sizes in at most `max_episodes` episodes; NULL when memory is short.
lb_demos* lb_demos_new(const lb_system* system, int capacity, int max_episodes);

// Closes the episode that ends with transition n - 1: lays its states out in one piece.
void lb_demos_close_episode(lb_demos* demos);

// How many transitions a file has.
lb_status lb_demos_count(int* n, const lb_system* system, const lb_npz* npz, lb_arena* scratch);

// Reads one (n, width) entry into `to`, whose rows are `stride` wide, at column `column`.
lb_status lb_demos_read_columns(const lb_npz* npz, const char* name, lb_arena* arena, int n, int width, double* to,
                                int stride, int column);

// Reads the entries that every layout has.
lb_status lb_demos_read_rows(lb_demos* demos, const lb_system* system, const lb_npz* npz, lb_arena* scratch);

// Whether the metadata are those of a Gymnasium environment: a task, but no hash of ours.
lb_status lb_demos_is_foreign(bool* out, const lb_npz* npz);
lb_status lb_demos_load_foreign(lb_demos** out, const lb_system* system, const lb_npz* npz, lb_arena* scratch);

#endif  // LB_DATA_DEMOS_PRIVATE_H_
