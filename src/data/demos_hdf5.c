#include "data/demos_hdf5.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "io/file.h"
#include "io/hdf5.h"
#include "io/npz.h"

typedef struct conversion {
  const char *path, *npz;
  lb_hdf5* file;
  lb_npz_writer* writer;
  lb_arena* arena;
  int episodes;  // of Minari's layout; 0: D4RL's
  double bytes;  // of the .npz so far
} conversion;

// What an array is called in the .npz, and that of its next rows.
typedef struct column {
  const char *name, *next;
  bool flat;  // (n,)
} column;

static const column columns[] = {{"observations", "next_observations", false},
                                 {"next_observations", NULL, false},
                                 {"actions", NULL, false},
                                 {"rewards", NULL, true},
                                 {"terminals", NULL, true},
                                 {"terminations", NULL, true},
                                 {"timeouts", NULL, true},
                                 {"truncations", NULL, true},
                                 {"infos/qpos", "infos/next_qpos", false},
                                 {"infos/qvel", "infos/next_qvel", false},
                                 {"infos/act", "infos/next_act", false},
                                 {"infos/next_qpos", NULL, false},
                                 {"infos/next_qvel", NULL, false},
                                 {"infos/next_act", NULL, false},
                                 {"infos/qacc_warmstart", NULL, false}};

// Adds an array (n, width) to the .npz, as floats if `single`; `flat`: of one dimension where width is 1.
static void add(conversion* c, const char* name, bool flat, int64_t n, int64_t width, bool single, const double* data) {
  const int64_t shape[2] = {n, width};
  int64_t size = n * width;
  c->bytes += (double)size * (single ? sizeof(float) : sizeof(double));
  if (!single) {
    lb_npz_add_doubles(c->writer, name, flat && width == 1 ? 1 : 2, shape, data);
    return;
  }
  float* narrow = LB_TAKE(c->arena, float, size);
  for (int64_t i = 0; i < size; i++) narrow[i] = (float)data[i];
  lb_npz_add(c->writer, name, LB_F32, flat && width == 1 ? 1 : 2, shape, narrow);
}

// One dataset a column, all episodes behind each other.
static lb_status convert_d4rl(conversion* c) {
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    lb_hdf5_sizes s;
    if (!lb_hdf5_has(c->file, columns[i].name)) continue;
    LB_TRY(lb_hdf5_look(&s, c->file, columns[i].name));
    lb_mark mark = lb_arena_mark(c->arena);
    double* data = LB_TAKE(c->arena, double, (s.n * s.width));
    LB_TRY(lb_hdf5_read(data, c->file, columns[i].name));
    add(c, columns[i].name, columns[i].flat, s.n, s.width, s.single, data);
    lb_arena_release(c->arena, mark);
  }
  return lb_ok();
}

static void name_of(char name[120], int episode, const char* dataset) {
  snprintf(name, 120, "episode_%d/%s", episode, dataset);
}

// Steps of each episode, and all of them.
static lb_status count_steps(conversion* c, int64_t* steps, int64_t* n) {
  *n = 0;
  for (int e = 0; e < c->episodes; e++) {
    char name[120];
    lb_hdf5_sizes s;
    name_of(name, e, "actions");
    LB_TRY(lb_hdf5_look(&s, c->file, name));
    steps[e] = s.n;
    *n += s.n;
  }
  return lb_ok();
}

// One column of all episodes, one after the other; where they have a row more than steps, also that of the next rows.
static lb_status join(conversion* c, const column* k, const int64_t* steps, int64_t n) {
  char name[120];
  lb_hdf5_sizes first, s;
  name_of(name, 0, k->name);
  if (!lb_hdf5_has(c->file, name)) return lb_ok();
  LB_TRY(lb_hdf5_look(&first, c->file, name));
  if ((double)n * (double)first.width > 2e9) {
    return lb_fail(LB_INPUT, "%s: '%s' has more than 2e9 numbers", c->path, k->name);
  }
  double *now = LB_TAKE(c->arena, double, (n * first.width)), *next = LB_TAKE(c->arena, double, (n * first.width));
  int64_t row = 0, more = first.n - steps[0];
  for (int e = 0; e < c->episodes; e++) {
    name_of(name, e, k->name);
    LB_TRY(lb_hdf5_look(&s, c->file, name));
    if (s.width != first.width || s.n != steps[e] + more || more < 0 || more > (k->next ? 1 : 0)) {
      return lb_fail(LB_INPUT, "%s: the dataset '%s' has %lld x %lld numbers, which go with no %lld steps", c->path,
                     name, (long long)s.n, (long long)s.width, (long long)steps[e]);
    }
    lb_mark mark = lb_arena_mark(c->arena);
    double* data = LB_TAKE(c->arena, double, (s.n * s.width));
    LB_TRY(lb_hdf5_read(data, c->file, name));
    size_t bytes = (size_t)(steps[e] * s.width) * sizeof *data;
    memcpy(now + row * s.width, data, bytes);
    if (more > 0) memcpy(next + row * s.width, data + s.width, bytes);
    lb_arena_release(c->arena, mark);
    row += steps[e];
  }
  add(c, k->name, k->flat, n, first.width, first.single, now);
  if (more > 0) add(c, k->next, k->flat, n, first.width, first.single, next);
  return lb_ok();
}

// A group an episode: the columns joined, and each row's episode.
static lb_status convert_minari(conversion* c) {
  int64_t* steps = LB_TAKE(c->arena, int64_t, c->episodes);
  int64_t n, row = 0;
  LB_TRY(count_steps(c, steps, &n));
  if (n < 1 || n > 100000000) return lb_fail(LB_INPUT, "%s: %lld transitions", c->path, (long long)n);
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    lb_mark mark = lb_arena_mark(c->arena);
    LB_TRY(join(c, &columns[i], steps, n));
    lb_arena_release(c->arena, mark);
  }
  int64_t* episode = LB_TAKE(c->arena, int64_t, n);
  for (int e = 0; e < c->episodes; e++) {
    for (int64_t t = 0; t < steps[e]; t++) episode[row++] = e;
  }
  lb_npz_add(c->writer, "infos/episode", LB_I64, 1, &n, episode);
  return lb_ok();
}

// Whether the .npz will have room.
static lb_status check_disk(const conversion* c) {
  char folder[4096];
  snprintf(folder, sizeof folder, "%s", c->npz);
  char* end = strrchr(folder, '/');
  snprintf(end ? end : folder, 2, end ? "" : ".");
  return lb_folder_check_room(*folder ? folder : "/", c->bytes, c->path, "free some, or give --out on another disk");
}

// Converts the layout that the file has.
static lb_status convert(conversion* c) {
  char name[120];
  for (;; c->episodes++) {
    snprintf(name, sizeof name, "episode_%d", c->episodes);
    if (!lb_hdf5_has(c->file, name)) break;
  }
  if (c->episodes == 0 && !lb_hdf5_has(c->file, "actions")) {
    return lb_fail(LB_INPUT,
                   "%s: has neither the dataset 'actions' (D4RL's layout) nor the group 'episode_0' (Minari's)",
                   c->path);
  }
  LB_TRY(c->episodes > 0 ? convert_minari(c) : convert_d4rl(c));
  LB_TRY(check_disk(c));
  return lb_npz_save(c->writer, c->npz);
}

// Opens, converts, closes: all that calls libhdf5.
static lb_status work(void* ctx) {
  conversion* c = ctx;
  LB_TRY(lb_hdf5_open(&c->file, c->path));
  c->writer = lb_npz_writer_new(false);
  c->arena = lb_arena_new(0);
  lb_status status = c->arena ? convert(c) : lb_fail(LB_MEMORY, "%s: no memory", c->path);
  lb_arena_free(c->arena);
  lb_npz_writer_free(c->writer);
  lb_hdf5_close(c->file);
  return status;
}

lb_status lb_demos_hdf5_to_npz(const char* path, const char* npz) {
  conversion c = {.path = path, .npz = npz};
  return lb_hdf5_apart(work, &c, path);
}
