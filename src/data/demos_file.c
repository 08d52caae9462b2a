// Demonstrations on disk, in full (format 1), and which reader a file is for: see demos.h.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/demos_private.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "io/npz.h"

#define rows lb_demos_rows

// The states before and after the rows' steps.
static const lb_demos_names of_rows[2] = {{"infos/qpos", "infos/qvel", "infos/act", "infos/state"},
                                          {"infos/next_qpos", "infos/next_qvel", "infos/next_act", "infos/next_state"}};

// What an altered file cannot keep: a hash over every array that a replay reads.
static void digest(const lb_demos* d, char out[65]) {
  lb_text bytes = {0};
  size_t n = (size_t)d->n;
  lb_text_add_bytes(&bytes, (const char*)d->x, n * (size_t)d->nx * sizeof(double));
  lb_text_add_bytes(&bytes, (const char*)d->u, n * (size_t)d->nu * sizeof(double));
  lb_text_add_bytes(&bytes, (const char*)d->x_next, n * (size_t)d->nx * sizeof(double));
  if (d->noisy) lb_text_add_bytes(&bytes, (const char*)d->noise, n * (size_t)d->nw * sizeof(double));
  if (d->has_hidden) lb_text_add_bytes(&bytes, (const char*)d->hidden, n * (size_t)d->nhidden * sizeof(double));
  lb_text_add_bytes(&bytes, (const char*)d->reward, n * sizeof(double));
  lb_text_add_bytes(&bytes, (const char*)d->terminal, n * sizeof(bool));
  lb_text_add_bytes(&bytes, (const char*)d->timeout, n * sizeof(bool));
  lb_sha256(bytes.data, bytes.length, out);
  lb_text_free(&bytes);
}

// Whether every number is a float's.
static bool are_singles(const double* data, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    if ((double)(float)data[i] != data[i]) return false;
  }
  return true;
}

// An array of n numbers in all: as float32 where they were that (`single`), which a replay has to know.
static void add_array(lb_npz_writer* w, const char* name, int rank, const int64_t* shape, const double* data, size_t n,
                      bool single, lb_arena* arena) {
  if (!single || !are_singles(data, n)) {
    lb_npz_add_doubles(w, name, rank, shape, data);
    return;
  }
  lb_mark mark = lb_arena_mark(arena);
  float* narrow = LB_TAKE(arena, float, n);
  for (size_t i = 0; i < n; ++i) narrow[i] = (float)data[i];
  lb_npz_add(w, name, LB_F32, rank, shape, narrow);
  lb_arena_release(arena, mark);
}

static void add_matrix(lb_npz_writer* w, const char* name, const lb_demos* d, int width, const double* data,
                       bool single) {
  add_array(w, name, 2, (const int64_t[]){d->n, width}, data, rows(d->n, width), single, d->arena);
}

// Columns begin..end of an array with rows of `stride` numbers as an entry of their own.
static void add_columns(lb_npz_writer* w, const char* name, const lb_demos* d, const double* x, int stride, int begin,
                        int end, bool single) {
  lb_mark mark = lb_arena_mark(d->arena);
  int width = end - begin;
  double* part = LB_TAKE(d->arena, double, rows(d->n, width));
  for (int i = 0; i < d->n; ++i) {
    memcpy(part + rows(i, width), x + rows(i, stride) + begin, (size_t)width * sizeof(double));
  }
  add_matrix(w, name, d, width, part, single);
  lb_arena_release(d->arena, mark);
}

// The card: task, sizes, mean cost, checksum, provenance.
static void add_metadata(lb_npz_writer* w, const lb_demos* d, const lb_system* s, const char* provenance) {
  char sha[65];
  digest(d, sha);
  double mean, se;
  lb_demos_cost(d, s, &mean, &se);
  lb_text text = {0};
  lb_json_writer json = lb_json_writer_on(&text);
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_int(&json, "format", 1);
  lb_json_write_string(&json, "task", s->name);
  lb_json_write_string(&json, "task_hash", s->hash);
  lb_json_write_int(&json, "episodes", d->episodes);
  lb_json_write_int(&json, "transitions", d->n);
  lb_json_write_number(&json, "mean_cost", mean);
  lb_json_write_number(&json, "mean_cost_se", se);
  lb_json_write_string(&json, "sha256", sha);
  lb_json_write_raw(&json, "provenance", provenance);
  lb_json_write_end_object(&json);
  lb_npz_add_string(w, "metadata", text.data);
  lb_text_free(&text);
}

lb_status lb_demos_save(const lb_demos* d, const lb_system* system, const char* path, const char* provenance) {
  assert(d->observation && !d->rounded);
  lb_npz_writer* w = lb_npz_writer_new(true);
  const lb_demos_singles* single = &d->singles;
  add_matrix(w, "observations", d, d->nobs, d->observation, single->observation);
  add_matrix(w, "actions", d, d->nu, d->u, false);
  add_array(w, "rewards", 1, (const int64_t[]){d->n}, d->reward, (size_t)d->n, single->reward, d->arena);
  add_matrix(w, "next_observations", d, d->nobs, d->next_observation, single->observation);
  lb_npz_add(w, "terminals", LB_BOOL, 1, (const int64_t[]){d->n}, d->terminal);
  lb_npz_add(w, "timeouts", LB_BOOL, 1, (const int64_t[]){d->n}, d->timeout);
  for (int k = 0; k < 2; ++k) {
    const char* name[3];
    int first[3], width[3], parts = lb_demos_split(system, &of_rows[k], name, first, width);
    for (int i = 0; i < parts; ++i) {
      add_columns(w, name[i], d, k == 0 ? d->x : d->x_next, d->nx, first[i], first[i] + width[i],
                  k == 0 ? single->state : single->next_state);
    }
  }
  if (d->noisy) add_matrix(w, "infos/noise", d, d->nw, d->noise, false);
  if (d->has_hidden) {
    add_columns(w, "infos/qacc_warmstart", d, d->hidden, d->nhidden, 0, system->nwarm, single->hidden);
    add_columns(w, "infos/before", d, d->hidden, d->nhidden, system->nwarm, d->nhidden, single->hidden);
  }
  add_metadata(w, d, system, provenance);
  lb_status status = lb_npz_save(w, path);
  lb_npz_writer_free(w);
  return status;
}

lb_status lb_demos_read_columns(const lb_npz* npz, const char* name, lb_arena* arena, int n, int width, double* to,
                                int stride, int column) {
  lb_mark mark = lb_arena_mark(arena);
  double* from;
  LB_TRY(lb_npz_doubles(npz, name, 2, (const int64_t[]){n, width}, arena, &from, NULL));
  for (int i = 0; i < n; ++i) {
    memcpy(to + rows(i, stride) + column, from + rows(i, width), (size_t)width * sizeof(double));
  }
  lb_arena_release(arena, mark);
  return lb_ok();
}

lb_status lb_demos_read_states(const lb_npz* npz, const lb_system* s, const lb_demos_names* names, lb_arena* scratch,
                               int n, double* to) {
  const char* name[3];
  int first[3], width[3], nx = s->space.nx, parts = lb_demos_split(s, names, name, first, width);
  if (parts == 3 && !lb_npz_has(npz, names->act)) {
    width[1] += width[2];
    parts = 2;
  }
  for (int i = 0; i < parts; ++i) {
    LB_TRY(lb_demos_read_columns(npz, name[i], scratch, n, width[i], to, nx, first[i]));
  }
  return lb_ok();
}

// Reads the entries that every recording in full has.
static lb_status read_rows(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch) {
  LB_TRY(lb_demos_read_states(npz, s, &of_rows[0], scratch, d->n, d->x));
  LB_TRY(lb_demos_read_states(npz, s, &of_rows[1], scratch, d->n, d->x_next));
  LB_TRY(lb_demos_read_columns(npz, "observations", scratch, d->n, d->nobs, d->observation, d->nobs, 0));
  LB_TRY(lb_demos_read_columns(npz, "next_observations", scratch, d->n, d->nobs, d->next_observation, d->nobs, 0));
  LB_TRY(lb_demos_read_columns(npz, "actions", scratch, d->n, d->nu, d->u, d->nu, 0));
  double* reward;
  LB_TRY(lb_npz_doubles(npz, "rewards", 1, (const int64_t[]){d->n}, scratch, &reward, NULL));
  memcpy(d->reward, reward, (size_t)d->n * sizeof(double));
  bool *terminal, *timeout;
  LB_TRY(lb_npz_bools(npz, "terminals", d->n, scratch, &terminal));
  LB_TRY(lb_npz_bools(npz, "timeouts", d->n, scratch, &timeout));
  memcpy(d->terminal, terminal, (size_t)d->n * sizeof(bool));
  memcpy(d->timeout, timeout, (size_t)d->n * sizeof(bool));
  return lb_ok();
}

// What only our own recordings hold.
static lb_status read_own_rows(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch) {
  d->has_hidden = d->nhidden > 0 && lb_npz_has(npz, "infos/before");
  if (d->has_hidden) {
    int nbefore = d->nhidden - s->nwarm;
    LB_TRY(lb_demos_read_columns(npz, "infos/qacc_warmstart", scratch, d->n, s->nwarm, d->hidden, d->nhidden, 0));
    LB_TRY(lb_demos_read_columns(npz, "infos/before", scratch, d->n, nbefore, d->hidden, d->nhidden, s->nwarm));
  }
  d->noisy = d->nw > 0 && lb_npz_has(npz, "infos/noise");
  if (d->noisy) LB_TRY(lb_demos_read_columns(npz, "infos/noise", scratch, d->n, d->nw, d->noise, d->nw, 0));
  return lb_ok();
}

// Cuts the rows into episodes at the flags; the last episode may end with the file.
static lb_status cut_episodes(lb_demos* d, const lb_system* s, const char* path) {
  int n = d->n;
  for (d->n = 1; d->n <= n; ++d->n) {
    int i = d->n - 1;
    if (d->n - d->start[d->episodes] > s->horizon) {
      return lb_fail(LB_INPUT, "%s: an episode runs past the %d steps of %s at row %d: no terminals or timeouts flag",
                     path, s->horizon, s->name, i);
    }
    if (d->terminal[i] || d->timeout[i] || d->n == n) lb_demos_close_episode(d);
  }
  d->n = n;
  return lb_ok();
}

const char* const lb_demos_observations_names[3] = {"stored", "state columns", "replay"};

// What only compact recordings say of themselves; the keys are those that lb_demos_save_compact writes.
static lb_status read_compact_card(lb_demos_card* card, lb_node root) {
  LB_TRY(lb_json_int(root, "transitions", 1, LB_DEMOS_MOST, &card->transitions));
  LB_TRY(lb_json_int(root, "episodes", 1, card->transitions, &card->episodes));
  LB_TRY(lb_json_int(root, "keyframes", card->episodes, card->transitions, &card->keyframes));
  LB_TRY(lb_json_int(root, "keyframe_every", 1, LB_DEMOS_MOST, &card->every));
  LB_TRY(lb_json_bool(root, "last_episode_cut", &card->cut));
  return lb_json_choice(root, "observations", lb_demos_observations_names, 3, &card->observations);
}

// What the file says of itself. card->doc is to be freed, whatever comes out.
static lb_status read_card(lb_demos_card* card, const lb_npz* npz) {
  const char* text;
  char origin[600];
  *card = (lb_demos_card){0};
  LB_TRY(lb_npz_string(npz, "metadata", &text));
  snprintf(origin, sizeof origin, "%s: metadata", lb_npz_origin(npz));
  LB_TRY(lb_json_parse(&card->doc, text, origin));
  lb_node root = lb_json_root(card->doc);
  LB_TRY(lb_json_string(root, "task", &card->task));
  LB_TRY(lb_json_string(root, "task_hash", &card->hash));
  LB_TRY(lb_json_string(root, "sha256", &card->sha));
  LB_TRY(lb_json_int_or(root, "format", 1, 1000000, 1, &card->format));
  if (card->format > 2) {
    return lb_fail(LB_INPUT, "%s: metadata: format %d; this program reads 1 and 2, take a newer one",
                   lb_npz_origin(npz), card->format);
  }
  return card->format == 2 ? read_compact_card(card, root) : lb_ok();
}

lb_status lb_demos_check_task(const lb_demos_card* card, const lb_system* s, const char* path) {
  if (strcmp(card->task, s->name) != 0) {
    return lb_fail(LB_INPUT, "%s: recorded on the task '%s', not on '%s'", path, card->task, s->name);
  }
  if (strcmp(card->hash, s->hash) == 0) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: recorded on another version of %s (hash %.12s, the present one is %.12s); record it anew with "
                 "'bench expert %s --fresh'",
                 path, card->task, card->hash, s->hash, card->task);
}

lb_status lb_demos_check_digest(const lb_demos_card* card, const char* sha, const char* path) {
  if (strcmp(card->sha, sha) == 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: its arrays were altered after recording (SHA-256 %.12s, recorded %.12s)", path, sha,
                 card->sha);
}

lb_status lb_demos_count(int* n, const lb_system* system, const lb_npz* npz, lb_arena* scratch) {
  int64_t shape[2];
  double* actions;
  LB_TRY(lb_npz_doubles(npz, "actions", 2, (const int64_t[]){-1, system->nu}, scratch, &actions, shape));
  if (shape[0] < 1 || shape[0] > LB_DEMOS_MOST) {
    return lb_fail(LB_INPUT, "%s: actions: %lld transitions; at least one is needed", lb_npz_origin(npz),
                   (long long)shape[0]);
  }
  *n = (int)shape[0];
  return lb_demos_check_room(system, *n, true, lb_npz_origin(npz));
}

// Whether an array is there and of floats.
static bool is_single(const lb_npz* npz, const char* name) {
  const lb_array* array = lb_npz_find(npz, name);
  return array && array->dtype == LB_F32;
}

// Which numbers are float32: those of an imported recording may be.
static lb_demos_singles find_singles(const lb_npz* npz) {
  return (lb_demos_singles){.state = is_single(npz, "infos/qpos") || is_single(npz, "infos/qvel"),
                            .hidden = is_single(npz, "infos/qacc_warmstart") || is_single(npz, "infos/before"),
                            .next_state = is_single(npz, "infos/next_qpos") || is_single(npz, "infos/next_qvel"),
                            .observation = is_single(npz, "next_observations"),
                            .reward = is_single(npz, "rewards")};
}

// A recording in full (format 1): its arrays, checksum and episodes, checked.
static lb_status load_full(lb_demos** out, const lb_system* system, const lb_npz* npz, const lb_demos_card* card,
                           lb_arena* scratch) {
  int n = 0;
  const char* path = lb_npz_origin(npz);
  LB_TRY(lb_demos_check_task(card, system, path));
  LB_TRY(lb_demos_count(&n, system, npz, scratch));
  lb_demos* d = lb_demos_new(system, n, n, true);
  if (!d) return lb_fail(LB_MEMORY, "%s: no memory for %d transitions", path, n);
  d->origin = lb_arena_text(d->arena, path);
  d->n = n;
  lb_status status;
  LB_TRY_OR(failed, status, read_rows(d, system, npz, scratch));
  LB_TRY_OR(failed, status, read_own_rows(d, system, npz, scratch));
  d->singles = find_singles(npz);
  char sha[65];
  digest(d, sha);
  LB_TRY_OR(failed, status, lb_demos_check_digest(card, sha, path));
  LB_TRY_OR(failed, status, cut_episodes(d, system, path));
  *out = d;
  return status;
failed:
  lb_demos_free(d);
  return status;
}

// A recording of ours, of either format.
static lb_status load_own(lb_demos** out, lb_system* system, const lb_npz* npz, lb_arena* scratch, unsigned parts) {
  lb_demos_card card;
  lb_status status = read_card(&card, npz);
  if (status.code == LB_OK) {
    status = card.format == 2 ? lb_demos_load_compact(out, system, npz, &card, scratch, parts)
                              : load_full(out, system, npz, &card, scratch);
  }
  lb_json_free(card.doc);
  return status;
}

// Of a recording from elsewhere where one of ours is wanted.
static lb_status say_foreign(const lb_npz* npz, const char* task) {
  const char* path = lb_npz_origin(npz);
  bool has = lb_npz_has(npz, "metadata");
  return lb_fail(LB_INPUT,
                 "%s: %s, as in recordings from elsewhere; 'bench demo import %s --task %s --out NEW.npz' makes one of "
                 "ours of it",
                 path, has ? "its metadata have no 'task_hash'" : "the array 'metadata' is missing", path, task);
}

// Gymnasium's recordings know no hash of ours.
static lb_status load_parsed(lb_demos** out, lb_system* system, const lb_npz* npz, lb_arena* scratch, unsigned parts) {
  bool foreign;
  LB_TRY(lb_demos_is_foreign(&foreign, npz));
  if (!foreign) return load_own(out, system, npz, scratch, parts);
  if (!(parts & LB_DEMOS_FOREIGN)) return say_foreign(npz, system->name);
  return lb_demos_load_foreign(out, system, npz, scratch, NULL);
}

// The arrays of all layouts.
static const char* const known[] = {"metadata",
                                    "observations",
                                    "next_observations",
                                    "actions",
                                    "rewards",
                                    "terminals",
                                    "timeouts",
                                    "terminations",
                                    "truncations",
                                    "infos/qpos",
                                    "infos/qvel",
                                    "infos/act",
                                    "infos/state",
                                    "infos/next_qpos",
                                    "infos/next_qvel",
                                    "infos/next_act",
                                    "infos/next_state",
                                    "infos/final_qpos",
                                    "infos/final_qvel",
                                    "infos/final_act",
                                    "infos/final_state",
                                    "infos/final_observations",
                                    "infos/observation_columns",
                                    "infos/noise",
                                    "infos/before",
                                    "infos/qacc_warmstart",
                                    "infos/track_x",
                                    "infos/episode",
                                    "infos/restart_next_qpos",
                                    "infos/restart_next_qvel",
                                    "infos/restart_next_act",
                                    "infos/restart_next_state",
                                    "restart_observations",
                                    "restart_rewards",
                                    "restart_terminals",
                                    "keyframes/row",
                                    "keyframes/qpos",
                                    "keyframes/qvel",
                                    "keyframes/act",
                                    "keyframes/state",
                                    "keyframes/before",
                                    "keyframes/qacc_warmstart"};

lb_status lb_demos_open_archive(lb_npz** out, const char* path) {
  LB_TRY(lb_npz_open(out, path));
  lb_npz_know(*out, known, (int)(sizeof known / sizeof known[0]));
  return lb_ok();
}

lb_status lb_demos_load_with(lb_demos** out, lb_system* system, const char* path, unsigned parts) {
  *out = NULL;
  lb_npz* npz;
  LB_TRY(lb_demos_open_archive(&npz, path));
  lb_arena* scratch = lb_arena_new(0);
  lb_status status =
      scratch ? load_parsed(out, system, npz, scratch, parts) : lb_fail(LB_MEMORY, "%s: out of memory", path);
  lb_arena_free(scratch);
  lb_npz_free(npz);
  return status;
}

lb_status lb_demos_read_task(char task[128], const char* path) {
  lb_npz* npz;
  lb_demos_card card = {0};
  bool foreign;
  LB_TRY(lb_npz_open(&npz, path));
  lb_status status = lb_demos_is_foreign(&foreign, npz);
  if (status.code == LB_OK && foreign) status = say_foreign(npz, "NAME");
  if (status.code == LB_OK) status = read_card(&card, npz);
  if (status.code == LB_OK) snprintf(task, 128, "%s", card.task);
  lb_json_free(card.doc);
  lb_npz_free(npz);
  return status;
}

lb_status lb_demos_load(lb_demos** out, lb_system* system, const char* path) {
  return lb_demos_load_with(out, system, path, LB_DEMOS_EXACT | LB_DEMOS_OBSERVATIONS);
}

lb_status lb_demos_load_any(lb_demos** out, lb_system* system, const char* path) {
  return lb_demos_load_with(out, system, path, LB_DEMOS_EXACT | LB_DEMOS_OBSERVATIONS | LB_DEMOS_FOREIGN);
}
