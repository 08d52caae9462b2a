// Writing compact recordings (format 2): see demos.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "data/demos_private.h"
#include "io/json_writer.h"
#include "io/npz.h"

#define rows lb_demos_rows

enum { MOST_ARRAYS = 32 };

const lb_demos_names lb_demos_of_rows = {"infos/qpos", "infos/qvel", "infos/act", "infos/state"};
const lb_demos_names lb_demos_of_keyframes = {"keyframes/qpos", "keyframes/qvel", "keyframes/act", "keyframes/state"};
const lb_demos_names lb_demos_of_ends = {"infos/final_qpos", "infos/final_qvel", "infos/final_act",
                                         "infos/final_state"};

// The arrays of a file while they are collected; their data are in the arena, or the demonstrations'.
typedef struct table {
  const lb_demos* demos;
  const lb_system* system;
  lb_arena* arena;
  lb_array arrays[MOST_ARRAYS];
  int n;
} table;

lb_demos_compact lb_demos_default_compact(void) {
  return (lb_demos_compact){.every = 20, .observation_bytes = 8000000, .next_observation_bytes = 500000};
}

// Appends an array (n, width), or (n) for width 0; the data stay the caller's.
static void add(table* t, const char* name, lb_dtype dtype, int n, int width, const void* data) {
  assert(t->n < MOST_ARRAYS);
  t->arrays[t->n++] = (lb_array){.name = name,
                                 .dtype = dtype,
                                 .rank = width > 0 ? 2 : 1,
                                 .shape = {n, width},
                                 .size = (int64_t)n * (width > 0 ? width : 1),
                                 .data = data};
}

// Columns first..first+width of `n` rows of `stride` numbers, in float. row (n) says which rows; NULL: the first n.
static lb_status add_floats(table* t, const char* name, int n, int width, const double* from, int stride, int first,
                            const int* row) {
  float* to = LB_TAKE(t->arena, float, rows(n, width));
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < width; ++j) {
      double value = from[rows(row ? row[i] : i, stride) + (size_t)(first + j)];
      to[rows(i, width) + (size_t)j] = (float)value;
      if (isfinite((float)value)) continue;
      return lb_fail(LB_INPUT, "%s: %s[%d, %d] is %g, which no float holds; a compact recording cannot have it",
                     t->demos->origin, name, i, j, value);
    }
  }
  add(t, name, LB_F32, n, width, to);
  return lb_ok();
}

// Appends columns [first, first + width) of the rows named by `row` (NULL: the first n).
static void add_doubles(table* t, const char* name, int n, int width, const double* from, int stride, int first,
                        const int* row) {
  double* to = LB_TAKE(t->arena, double, rows(n, width));
  for (int i = 0; i < n; ++i) {
    memcpy(to + rows(i, width), from + rows(row ? row[i] : i, stride) + first, (size_t)width * sizeof(double));
  }
  add(t, name, LB_F64, n, width, to);
}

// Refuses numbers that float would change: a replay would not repeat them.
static lb_status check_floats(const lb_demos* d, const char* name, const double* v, int width) {
  for (size_t i = 0; i < rows(d->n, width); ++i) {
    if ((double)(float)v[i] == v[i]) continue;
    return lb_fail(LB_INPUT,
                   "%s: %s of row %zu are not float numbers, so that a compact recording cannot repeat them; record "
                   "with lb_demos_record_transitions",
                   d->origin, name, i / (size_t)width);
  }
  return lb_ok();
}

// The rows that get a keyframe: every `every`-th of an episode, from its first.
static int* choose_keyframes(const lb_demos* d, int every, lb_arena* arena, int* count) {
  int* row = LB_TAKE(arena, int, d->n);
  *count = 0;
  for (int e = 0; e < d->episodes; ++e) {
    for (int i = d->start[e]; i < d->start[e + 1]; i += every) row[(*count)++] = i;
  }
  return row;
}

// Appends what the simulator starts from at n rows: state, warm start, what the solver remembers.
static void add_keyframes(table* t, const int* row, int n) {
  const lb_demos* d = t->demos;
  int nwarm = t->system->nwarm, nbefore = d->nhidden - nwarm;
  int64_t* wide = LB_TAKE(t->arena, int64_t, n);
  for (int k = 0; k < n; ++k) wide[k] = row[k];
  add(t, "keyframes/row", LB_I64, n, 0, wide);
  const char* name[3];
  int first[3], width[3], parts = lb_demos_split(t->system, &lb_demos_of_keyframes, name, first, width);
  for (int i = 0; i < parts; ++i) add_doubles(t, name[i], n, width[i], d->x, d->nx, first[i], row);
  if (nwarm > 0) add_doubles(t, "keyframes/qacc_warmstart", n, nwarm, d->hidden, d->nhidden, 0, row);
  if (nbefore > 0) add_doubles(t, "keyframes/before", n, nbefore, d->hidden, d->nhidden, nwarm, row);
}

// Appends the states: the last of each episode in full, all others as floats.
static lb_status add_states(table* t, const int* last) {
  const lb_demos* d = t->demos;
  const char* name[3];
  int first[3], width[3], parts = lb_demos_split(t->system, &lb_demos_of_ends, name, first, width);
  for (int i = 0; i < parts; ++i) add_doubles(t, name[i], d->episodes, width[i], d->x_next, d->nx, first[i], last);
  lb_demos_split(t->system, &lb_demos_of_rows, name, first, width);
  for (int i = 0; i < parts; ++i) LB_TRY(add_floats(t, name[i], d->n, width[i], d->x, d->nx, first[i], NULL));
  return lb_ok();
}

// Whether observation j is state c in every row, before and after.
static bool is_column(const lb_demos* d, int j, int c) {
  for (int i = 0; i < d->n; ++i) {
    size_t o = rows(i, d->nobs) + (size_t)j, x = rows(i, d->nx) + (size_t)c;
    if (d->observation[o] != d->x[x] || d->next_observation[o] != d->x_next[x]) return false;
  }
  return true;
}

// Which number of the state each number of the observation is, in every row; NULL: not all of them are one.
static int64_t* find_columns(const lb_demos* d, lb_arena* arena) {
  int64_t* column = LB_TAKE(arena, int64_t, d->nobs);
  for (int j = 0; j < d->nobs; ++j) {
    int c = 0;
    while (c < d->nx && !is_column(d, j, c)) ++c;
    if (c == d->nx) return NULL;
    column[j] = c;
  }
  return column;
}

// Appends the observations in full where they are small, else as columns of the state, else not at all: *how says
// which.
static lb_status add_observations(table* t, const int* last, const lb_demos_compact* config,
                                  lb_demos_observations* how) {
  const lb_demos* d = t->demos;
  int64_t bytes = (int64_t)d->n * d->nobs * 4;
  if (bytes <= config->observation_bytes) {
    *how = LB_DEMOS_STORED;
    LB_TRY(add_floats(t, "observations", d->n, d->nobs, d->observation, d->nobs, 0, NULL));
    bool both = bytes <= config->next_observation_bytes;
    return add_floats(t, both ? "next_observations" : "infos/final_observations", both ? d->n : d->episodes, d->nobs,
                      d->next_observation, d->nobs, 0, both ? NULL : last);
  }
  int64_t* column = find_columns(d, t->arena);
  *how = column ? LB_DEMOS_COLUMNS : LB_DEMOS_REPLAYED;
  if (column) add(t, "infos/observation_columns", LB_I64, d->nobs, 0, column);
  return lb_ok();
}

// All arrays of the file.
static lb_status collect(table* t, const lb_demos_compact* config, int* keyframes, lb_demos_observations* how) {
  const lb_demos* d = t->demos;
  int* last = LB_TAKE(t->arena, int, d->episodes);
  for (int e = 0; e < d->episodes; ++e) last[e] = d->start[e + 1] - 1;
  int* row = choose_keyframes(d, config->every, t->arena, keyframes);
  LB_TRY(check_floats(d, "actions", d->u, d->nu));
  if (d->noisy) LB_TRY(check_floats(d, "infos/noise", d->noise, d->nw));
  LB_TRY(add_observations(t, last, config, how));
  LB_TRY(add_floats(t, "actions", d->n, d->nu, d->u, d->nu, 0, NULL));
  add(t, "rewards", LB_F64, d->n, 0, d->reward);
  add(t, "terminals", LB_BOOL, d->n, 0, d->terminal);
  add(t, "timeouts", LB_BOOL, d->n, 0, d->timeout);
  LB_TRY(add_states(t, last));
  if (d->noisy) LB_TRY(add_floats(t, "infos/noise", d->n, d->nw, d->noise, d->nw, 0, NULL));
  add_keyframes(t, row, *keyframes);
  return lb_ok();
}

// The metadata: task, sizes, mean cost, checksum, provenance.
static void write_card(lb_text* text, const table* t, const lb_demos_compact* config, int keyframes,
                       lb_demos_observations how, const char* provenance) {
  const lb_demos* d = t->demos;
  char sha[65];
  const char* odd;
  double mean, se;
  lb_demos_digest(sha, t->arrays, t->n, &odd);
  lb_demos_cost(d, t->system, &mean, &se);
  lb_json_writer json = lb_json_writer_on(text);
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_int(&json, "format", 2);
  lb_json_write_string(&json, "task", t->system->name);
  lb_json_write_string(&json, "task_hash", t->system->hash);
  lb_json_write_int(&json, "episodes", d->episodes);
  lb_json_write_int(&json, "transitions", d->n);
  lb_json_write_int(&json, "keyframes", keyframes);
  lb_json_write_int(&json, "keyframe_every", config->every);
  lb_json_write_string(&json, "observations", lb_demos_observations_names[how]);
  lb_json_write_bool(&json, "last_episode_cut", d->cut[d->episodes - 1]);
  lb_json_write_number(&json, "mean_cost", mean);
  lb_json_write_number(&json, "mean_cost_se", se);
  lb_json_write_string(&json, "sha256", sha);
  lb_json_write_raw(&json, "provenance", provenance);
  lb_json_write_end_object(&json);
}

// Writes the arrays, compressed, and the card.
static lb_status write_file(const table* t, const char* path, const char* card) {
  lb_npz_writer* w = lb_npz_writer_new(true);
  for (int i = 0; i < t->n; ++i) {
    const lb_array* a = &t->arrays[i];
    lb_npz_add(w, a->name, a->dtype, a->rank, a->shape, a->data);
  }
  lb_npz_add_string(w, "metadata", card);
  lb_status status = lb_npz_save(w, path);
  lb_npz_writer_free(w);
  return status;
}

lb_status lb_demos_save_compact(const lb_demos* demos, const lb_system* system, const char* path,
                                const char* provenance, const lb_demos_compact* config) {
  assert(config->every >= 1 && demos->observation && lb_demos_has_hidden(demos));
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "%s: out of memory", path);
  table t = {.demos = demos, .system = system, .arena = arena};
  int keyframes = 0;
  lb_demos_observations how = LB_DEMOS_STORED;
  lb_status status = collect(&t, config, &keyframes, &how);
  if (status.code == LB_OK) {
    lb_text card = {0};
    write_card(&card, &t, config, keyframes, how, provenance);
    status = write_file(&t, path, card.data);
    lb_text_free(&card);
  }
  lb_arena_free(arena);
  return status;
}
