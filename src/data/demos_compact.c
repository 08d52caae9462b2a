// Compact recordings (format 2): see demos.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "data/demos_private.h"
#include "io/json_writer.h"
#include "io/npz.h"

// ---------------------------------------------------------------------------------------------------------------------
// Reading

#define rows lb_demos_rows

typedef struct reader {
  lb_demos* d;
  lb_system* system;
  const lb_npz* npz;
  const lb_demos_card* card;
  lb_arena* scratch;
  const char* path;
} reader;

// Fails unless the arrays have the checksum that the card names.
static lb_status check_arrays(const reader* r) {
  lb_array arrays[64];
  int n = 0, count = lb_npz_count(r->npz);
  for (int i = 0; i < count && n < 64; ++i) {
    const char* name = lb_npz_at(r->npz, i)->name;
    const lb_array* array;
    if (strcmp(name, "metadata") == 0) continue;
    LB_TRY(lb_npz_fetch(r->npz, name, &array));
    arrays[n++] = *array;
  }
  if (count > 64) return lb_fail(LB_INPUT, "%s: %d arrays; a compact recording has at most 28", r->path, count);
  char sha[65];
  const char* odd;
  if (!lb_demos_digest(sha, arrays, n, &odd)) {
    return lb_fail(LB_INPUT, "%s: the array '%.100s' is of no type that recordings use (float32, float64, bool, int64)",
                   r->path, odd);
  }
  return lb_demos_check_digest(r->card, sha, r->path);
}

// That the sizes which memory is taken for are the file's, and within reason.
static lb_status check_sizes(const reader* r, bool with_observations) {
  const lb_array* actions = lb_npz_find(r->npz, "actions");
  if (!actions) return lb_fail(LB_INPUT, "%s: the array 'actions' is missing", r->path);
  if (actions->rank < 1 || actions->shape[0] != r->card->transitions) {
    return lb_fail(LB_INPUT, "%s: metadata: $.transitions is %d, but 'actions' has %lld rows", r->path,
                   r->card->transitions, actions->rank < 1 ? 0 : (long long)actions->shape[0]);
  }
  return lb_demos_check_room(r->system, r->card->transitions, with_observations, r->path);
}

static lb_status read_states(const reader* r, const lb_demos_names* names, int n, double* to) {
  return lb_demos_read_states(r->npz, r->system, names, r->scratch, n, to);
}

// terminals and timeouts; fails where a row is both, or where the last one ends nothing.
static lb_status read_flags(const reader* r) {
  lb_demos* d = r->d;
  bool *terminal, *timeout;
  LB_TRY(lb_npz_bools(r->npz, "terminals", d->n, r->scratch, &terminal));
  LB_TRY(lb_npz_bools(r->npz, "timeouts", d->n, r->scratch, &timeout));
  memcpy(d->terminal, terminal, (size_t)d->n * sizeof(bool));
  memcpy(d->timeout, timeout, (size_t)d->n * sizeof(bool));
  for (int i = 0; i < d->n; ++i) {
    if (d->terminal[i] && d->timeout[i]) {
      return lb_fail(LB_INPUT, "%s: row %d is in terminals and in timeouts; it can be in one of them", r->path, i);
    }
  }
  if (d->terminal[d->n - 1] || d->timeout[d->n - 1]) return lb_ok();
  return lb_fail(LB_INPUT, "%s: timeouts[%d] is 0; the last row ends an episode, or is cut and marked as a timeout",
                 r->path, d->n - 1);
}

// Where episodes begin and end, as the flags say and the card confirms.
static lb_status cut_episodes(const reader* r) {
  lb_demos* d = r->d;
  for (int i = 0; i < d->n; ++i) {
    int length = i + 1 - d->start[d->episodes];
    if (length > r->system->horizon) {
      return lb_fail(LB_INPUT, "%s: an episode runs past the %d steps of %s at row %d: no terminals or timeouts flag",
                     r->path, r->system->horizon, r->system->name, i);
    }
    if (d->terminal[i] || d->timeout[i]) d->start[++d->episodes] = i + 1;
  }
  int last = d->episodes - 1, length = d->n - d->start[last];
  d->cut[last] = d->timeout[d->n - 1] && length < r->system->horizon;
  if (d->episodes != r->card->episodes) {
    return lb_fail(LB_INPUT, "%s: metadata: $.episodes is %d, but terminals and timeouts end %d", r->path,
                   r->card->episodes, d->episodes);
  }
  if (d->cut[last] == r->card->cut) return lb_ok();
  return lb_fail(LB_INPUT, "%s: metadata: $.last_episode_cut is %s, but the last episode %s", r->path,
                 r->card->cut ? "true" : "false", r->card->cut ? "came to its end" : "stops short of its end");
}

// What is kept for every row: flags, controls, rewards, noise, states as floats.
static lb_status read_rows(const reader* r) {
  lb_demos* d = r->d;
  double* reward;
  LB_TRY(read_flags(r));
  LB_TRY(cut_episodes(r));
  LB_TRY(lb_demos_read_columns(r->npz, "actions", r->scratch, d->n, d->nu, d->u, d->nu, 0));
  LB_TRY(lb_npz_doubles(r->npz, "rewards", 1, (const int64_t[]){d->n}, r->scratch, &reward, NULL));
  memcpy(d->reward, reward, (size_t)d->n * sizeof(double));
  d->noisy = d->nw > 0 && lb_npz_has(r->npz, "infos/noise");
  if (d->noisy) LB_TRY(lb_demos_read_columns(r->npz, "infos/noise", r->scratch, d->n, d->nw, d->noise, d->nw, 0));
  return read_states(r, &lb_demos_of_rows, d->n, d->x);
}

// The keyframes' rows: whole, ascending, none missing.
static lb_status read_key_rows(const reader* r) {
  lb_demos* d = r->d;
  const char name[] = "keyframes/row";
  double* row;
  LB_TRY(lb_npz_doubles(r->npz, name, 1, (const int64_t[]){r->card->keyframes}, r->scratch, &row, NULL));
  d->keys.n = r->card->keyframes;
  d->keys.row = LB_TAKE(d->arena, int, d->keys.n);
  int k = 0, every = r->card->every;
  for (int e = 0; e < d->episodes; ++e) {
    for (int i = d->start[e]; i<d->start[e + 1]; i = i> d->n - every ? d->n : i + every, ++k) {
      if (k == d->keys.n)
        return lb_fail(LB_INPUT, "%s: %s: %d %s; row %d has none", r->path, name, k,
                       lb_plural(k, "keyframe", "keyframes"), i);
      if (row[k] != i) {
        return lb_fail(LB_INPUT, "%s: %s[%d] is %.17g, expected %d: every %d rows of an episode, from its first",
                       r->path, name, k, row[k], i, every);
      }
      d->keys.row[k] = i;
    }
  }
  if (k == d->keys.n) return lb_ok();
  return lb_fail(LB_INPUT, "%s: %s: %d %s, expected %d: every %d rows of an episode, from its first", r->path, name,
                 d->keys.n, lb_plural(d->keys.n, "keyframe", "keyframes"), k, every);
}

// The exact states, and what the next step depends on besides; a keyframe's state rounds to its row's.
static lb_status read_keyframes(const reader* r) {
  lb_demos* d = r->d;
  int nwarm = r->system->nwarm, nbefore = d->nhidden - nwarm;
  LB_TRY(read_key_rows(r));
  double* x = LB_TAKE(r->scratch, double, rows(d->keys.n, d->nx));
  LB_TRY(read_states(r, &lb_demos_of_keyframes, d->keys.n, x));
  for (int k = 0; k < d->keys.n; ++k) {
    double* of_row = d->x + rows(d->keys.row[k], d->nx);
    for (int j = 0; j < d->nx; ++j) {
      double exact = x[rows(k, d->nx) + (size_t)j];
      if ((double)(float)exact != of_row[j]) {
        return lb_fail(LB_INPUT, "%s: keyframe %d and row %d differ in number %d of the state: %.17g and %.9g", r->path,
                       k, d->keys.row[k], j, exact, of_row[j]);
      }
      of_row[j] = exact;
    }
  }
  d->keys.hidden = LB_TAKE(d->arena, double, rows(d->keys.n, d->nhidden));
  if (nwarm > 0) {
    LB_TRY(lb_demos_read_columns(r->npz, "keyframes/qacc_warmstart", r->scratch, d->keys.n, nwarm, d->keys.hidden,
                                 d->nhidden, 0));
  }
  if (nbefore == 0) return lb_ok();
  return lb_demos_read_columns(r->npz, "keyframes/before", r->scratch, d->keys.n, nbefore, d->keys.hidden, d->nhidden,
                               nwarm);
}

// x_next: the next row's state, and after an episode's last row the one that the file has for it.
static lb_status read_ends(const reader* r) {
  lb_demos* d = r->d;
  double* final = LB_TAKE(r->scratch, double, rows(d->episodes, d->nx));
  LB_TRY(read_states(r, &lb_demos_of_ends, d->episodes, final));
  memcpy(d->x_next, d->x + d->nx, rows(d->n - 1, d->nx) * sizeof(double));
  for (int e = 0; e < d->episodes; ++e) {
    memcpy(d->x_next + rows(d->start[e + 1] - 1, d->nx), final + rows(e, d->nx), (size_t)d->nx * sizeof(double));
  }
  return lb_ok();
}

// Next observations from the rows after, and those after an episode's last row from the file; or all from the file,
// then they must agree.
static lb_status read_next_observations(const reader* r) {
  lb_demos* d = r->d;
  size_t bytes = (size_t)d->nobs * sizeof(double);
  bool full = lb_npz_has(r->npz, "next_observations");
  const char* name = full ? "next_observations" : "infos/final_observations";
  double* next;
  LB_TRY(
      lb_npz_doubles(r->npz, name, 2, (const int64_t[]){full ? d->n : d->episodes, d->nobs}, r->scratch, &next, NULL));
  for (int e = 0; e < d->episodes; ++e) {
    for (int i = d->start[e]; i + 1 < d->start[e + 1]; ++i) {
      const double* after = d->observation + rows(i + 1, d->nobs);
      if (full && memcmp(next + rows(i, d->nobs), after, bytes) != 0) {
        return lb_fail(LB_INPUT, "%s: next_observations[%d] is not observations[%d], within an episode", r->path, i,
                       i + 1);
      }
      memcpy(d->next_observation + rows(i, d->nobs), after, bytes);
    }
    int last = d->start[e + 1] - 1;
    memcpy(d->next_observation + rows(last, d->nobs), next + rows(full ? last : e, d->nobs), bytes);
  }
  return lb_ok();
}

// obs (n, nobs): columns of the state, as floats.
static void pick_columns(const lb_demos* d, double* obs, const double* x, const int* column) {
  for (int i = 0; i < d->n; ++i) {
    for (int j = 0; j < d->nobs; ++j) {
      obs[rows(i, d->nobs) + (size_t)j] = (double)(float)x[rows(i, d->nx) + (size_t)column[j]];
    }
  }
}

// Observations that are columns of the state, by their numbers.
static lb_status read_columns(const reader* r) {
  lb_demos* d = r->d;
  const char name[] = "infos/observation_columns";
  double* from;
  LB_TRY(lb_npz_doubles(r->npz, name, 1, (const int64_t[]){d->nobs}, r->scratch, &from, NULL));
  int* column = LB_TAKE(r->scratch, int, d->nobs);
  for (int j = 0; j < d->nobs; ++j) {
    if (!(from[j] >= 0 && from[j] < d->nx)) {
      return lb_fail(LB_INPUT, "%s: %s[%d] is %g; the state has numbers 0 to %d", r->path, name, j, from[j], d->nx - 1);
    }
    column[j] = (int)from[j];
  }
  pick_columns(d, d->observation, d->x, column);
  pick_columns(d, d->next_observation, d->x_next, column);
  return lb_ok();
}

// Observations as the card says they are kept; those that replay gives come later.
static lb_status read_observations(const reader* r) {
  lb_demos* d = r->d;
  if (!d->observation || r->card->observations == LB_DEMOS_REPLAYED) return lb_ok();
  d->observed = true;
  if (r->card->observations == LB_DEMOS_COLUMNS) return read_columns(r);
  LB_TRY(lb_demos_read_columns(r->npz, "observations", r->scratch, d->n, d->nobs, d->observation, d->nobs, 0));
  return read_next_observations(r);
}

// Steps the whole recording, so that everything is as it was when it was recorded. No step of it is new to anybody, so
// that the ledger stays.
static lb_status rebuild(const reader* r) {
  lb_demos* d = r->d;
  lb_ledger kept = r->system->ledger;
  lb_replay_keyed_report report;
  lb_demos_walk(&report, r->system, d, d);
  r->system->ledger = kept;
  double worst = fmax(fmax(report.worst, report.observation), fmax(report.hidden, report.reward));
  if (!(worst <= LB_DEMOS_REPEATS) || report.flags > 0) {
    return lb_fail(LB_INPUT,
                   "%s: this simulator does not repeat it: off by %.3g (the state by %.3g, at row %d), and %d flags "
                   "differ; record it anew with 'bench expert %s --fresh'",
                   r->path, worst, report.worst, report.row, report.flags, r->system->name);
  }
  d->rounded = false;
  d->has_hidden = d->nhidden > 0;
  return lb_ok();
}

// All of a compact recording; it is stepped through the simulator where exact states or observations are wanted.
static lb_status read_all(const reader* r, unsigned parts) {
  LB_TRY(read_rows(r));
  LB_TRY(read_keyframes(r));
  LB_TRY(read_ends(r));
  LB_TRY(read_observations(r));
  bool missing = r->d->observation && r->card->observations == LB_DEMOS_REPLAYED;
  if ((parts & LB_DEMOS_EXACT) || missing) LB_TRY(rebuild(r));
  for (int e = 0; e < r->d->episodes; ++e) lb_demos_lay_path(r->d, e);
  return lb_ok();
}

lb_status lb_demos_load_compact(lb_demos** out, lb_system* system, const lb_npz* npz, const lb_demos_card* card,
                                lb_arena* scratch, unsigned parts) {
  reader r = {.system = system, .npz = npz, .card = card, .scratch = scratch, .path = lb_npz_origin(npz)};
  bool with_observations = (parts & LB_DEMOS_OBSERVATIONS) || card->observations != LB_DEMOS_REPLAYED;
  LB_TRY(lb_demos_check_task(card, system, r.path));
  LB_TRY(check_arrays(&r));
  LB_TRY(check_sizes(&r, with_observations));
  r.d = lb_demos_new(system, card->transitions, card->transitions, with_observations);
  if (!r.d) return lb_fail(LB_MEMORY, "%s: no memory for %d transitions", r.path, card->transitions);
  r.d->origin = lb_arena_text(r.d->arena, r.path);
  r.d->n = card->transitions;
  r.d->rounded = true;
  lb_status status = read_all(&r, parts);
  if (status.code == LB_OK) {
    *out = r.d;
  } else {
    lb_demos_free(r.d);
  }
  return status;
}

// ---------------------------------------------------------------------------------------------------------------------
// Writing

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
