#include "data/demos.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/moments.h"
#include "base/text.h"
#include "data/demos_private.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "io/npz.h"

#define rows lb_demos_rows

lb_demos* lb_demos_new(const lb_system* s, int capacity, int max_episodes) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return NULL;
  lb_demos* d = LB_TAKE(arena, lb_demos, 1);
  *d = (lb_demos){.arena = arena, .nx = s->space.nx, .nu = s->nu, .nw = s->nw, .nobs = s->nobs, .nhidden = s->nhidden};
  d->start = LB_TAKE(arena, int, max_episodes + 1);
  d->path = LB_TAKE(arena, double*, max_episodes);
  d->x = LB_TAKE(arena, double, rows(capacity, d->nx));
  d->u = LB_TAKE(arena, double, rows(capacity, d->nu));
  d->x_next = LB_TAKE(arena, double, rows(capacity, d->nx));
  d->noise = LB_TAKE(arena, double, rows(capacity, d->nw));
  d->hidden = LB_TAKE(arena, double, rows(capacity, d->nhidden));
  d->reward = LB_TAKE(arena, double, (size_t)capacity);
  d->observation = LB_TAKE(arena, double, rows(capacity, d->nobs));
  d->next_observation = LB_TAKE(arena, double, rows(capacity, d->nobs));
  d->terminal = LB_TAKE(arena, bool, (size_t)capacity);
  d->timeout = LB_TAKE(arena, bool, (size_t)capacity);
  return d;
}

void lb_demos_free(lb_demos* demos) {
  if (demos) lb_arena_free(demos->arena);
}

int lb_demos_episodes(const lb_demos* demos) {
  return demos->episodes;
}

int lb_demos_transitions(const lb_demos* demos) {
  return demos->n;
}

// Closes the episode that ends with transition n - 1: lays its states out in one piece.
void lb_demos_close_episode(lb_demos* d) {
  int begin = d->start[d->episodes], length = d->n - begin;
  double* path = LB_TAKE(d->arena, double, rows(length + 1, d->nx));
  memcpy(path, d->x + rows(begin, d->nx), rows(length, d->nx) * sizeof(double));
  memcpy(path + rows(length, d->nx), d->x_next + rows(d->n - 1, d->nx), (size_t)d->nx * sizeof(double));
  d->path[d->episodes++] = path;
  d->start[d->episodes] = d->n;
}

// Takes one step of the policy and appends it; returns what the system said.
static lb_outcome record_step(lb_demos* d, lb_system* s, const lb_policy* policy, int t, lb_rng* rng) {
  int i = d->n++;
  double* x = d->x + rows(i, d->nx);
  double* u = d->u + rows(i, d->nu);
  double* w = d->noise + rows(i, d->nw);
  s->get_state(s->self, x);
  if (d->has_hidden) s->get_hidden(s->self, d->hidden + rows(i, d->nhidden));
  s->observe(s->self, d->observation + rows(i, d->nobs));
  lb_policy_act(policy, 1, t, policy->input == LB_READS_STATE ? x : d->observation + rows(i, d->nobs), u);
  lb_rng_normals(rng, w, d->nw);
  lb_outcome outcome = lb_system_step(s, LB_STEP_EXPERT, u, d->nw > 0 ? w : NULL);
  s->get_state(s->self, d->x_next + rows(i, d->nx));
  s->observe(s->self, d->next_observation + rows(i, d->nobs));
  d->reward[i] = outcome.reward;
  d->terminal[i] = outcome.terminated;
  d->timeout[i] = !outcome.terminated && (outcome.truncated || t + 1 == s->horizon);
  return outcome;
}

lb_status lb_demos_record(lb_demos** out, lb_system* system, const lb_policy* policy, int n, uint64_t seed) {
  *out = NULL;
  lb_demos* d = lb_demos_new(system, n * system->horizon, n);
  if (!d) return lb_fail(LB_MEMORY, "no memory for %d demonstrations of %s", n, system->name);
  d->noisy = d->nw > 0;
  d->has_hidden = d->nhidden > 0;
  for (int e = 0; e < n; ++e) {
    lb_rng rng = lb_rng_stream(seed, LB_RNG_EXPERT, (uint32_t)e, 0);
    system->reset(system->self, &rng);
    for (int t = 0; t < system->horizon; ++t) {
      lb_outcome outcome = record_step(d, system, policy, t, &rng);
      if (outcome.diverged) {
        lb_demos_free(d);
        return lb_fail(LB_DIVERGED, "%s: the expert's episode %d diverged at step %d", system->name, e, t);
      }
      if (outcome.terminated || outcome.truncated) break;
    }
    lb_demos_close_episode(d);
  }
  *out = d;
  return lb_ok();
}

lb_trajectory lb_demos_episode(const lb_demos* demos, int e, const double** x_next, const double** noise) {
  assert(e >= 0 && e < demos->episodes);
  int begin = demos->start[e];
  if (x_next) *x_next = demos->x_next + rows(begin, demos->nx);
  if (noise) *noise = demos->noisy ? demos->noise + rows(begin, demos->nw) : NULL;
  return (lb_trajectory){
      .length = demos->start[e + 1] - begin, .x = demos->path[e], .u = demos->u + rows(begin, demos->nu)};
}

lb_demo_step lb_demos_step(const lb_demos* d, int e, int t) {
  int i = d->start[e] + t;
  assert(t >= 0 && i < d->start[e + 1]);
  return (lb_demo_step){.x = d->x + rows(i, d->nx),
                        .u = d->u + rows(i, d->nu),
                        .noise = d->noisy ? d->noise + rows(i, d->nw) : NULL,
                        .hidden = d->has_hidden ? d->hidden + rows(i, d->nhidden) : NULL,
                        .obs = d->observation + rows(i, d->nobs),
                        .x_next = d->x_next + rows(i, d->nx),
                        .next_obs = d->next_observation + rows(i, d->nobs),
                        .reward = d->reward[i],
                        .terminal = d->terminal[i]};
}

bool lb_demos_has_hidden(const lb_demos* demos) {
  return demos->has_hidden || demos->nhidden == 0;
}

bool lb_demos_has_cold(const lb_demos* demos) {
  return demos->cold.x_next != NULL;
}

lb_demo_step lb_demos_cold_step(const lb_demos* d, int e, int t) {
  assert(d->cold.x_next);
  int i = d->start[e] + t;
  lb_demo_step step = lb_demos_step(d, e, t);
  step.hidden = NULL;
  step.x_next = d->cold.x_next + rows(i, d->nx);
  step.next_obs = d->cold.next_observation + rows(i, d->nobs);
  step.reward = d->cold.reward[i];
  step.terminal = d->cold.terminal[i];
  return step;
}

static void copy_rows(double* to, int at, const double* from, int begin, int n, int width) {
  memcpy(to + rows(at, width), from + rows(begin, width), rows(n, width) * sizeof(double));
}

lb_status lb_demos_select(lb_demos** out, const lb_demos* demos, const int* index, int n) {
  int total = 0;
  for (int k = 0; k < n; ++k) total += demos->start[index[k] + 1] - demos->start[index[k]];
  lb_system shape = {
      .space = {.nx = demos->nx}, .nu = demos->nu, .nw = demos->nw, .nobs = demos->nobs, .nhidden = demos->nhidden};
  lb_demos* d = lb_demos_new(&shape, total, n);
  if (!d) return lb_fail(LB_MEMORY, "no memory for %d demonstrations", n);
  d->noisy = demos->noisy;
  d->has_hidden = demos->has_hidden;
  for (int k = 0; k < n; ++k) {
    int begin = demos->start[index[k]], length = demos->start[index[k] + 1] - begin;
    copy_rows(d->x, d->n, demos->x, begin, length, d->nx);
    copy_rows(d->u, d->n, demos->u, begin, length, d->nu);
    copy_rows(d->x_next, d->n, demos->x_next, begin, length, d->nx);
    copy_rows(d->noise, d->n, demos->noise, begin, length, d->nw);
    copy_rows(d->hidden, d->n, demos->hidden, begin, length, d->nhidden);
    copy_rows(d->reward, d->n, demos->reward, begin, length, 1);
    copy_rows(d->observation, d->n, demos->observation, begin, length, d->nobs);
    copy_rows(d->next_observation, d->n, demos->next_observation, begin, length, d->nobs);
    memcpy(d->terminal + d->n, demos->terminal + begin, (size_t)length * sizeof(bool));
    memcpy(d->timeout + d->n, demos->timeout + begin, (size_t)length * sizeof(bool));
    d->n += length;
    lb_demos_close_episode(d);
  }
  *out = d;
  return lb_ok();
}

// The cost of episode e as recorded: minus its rewards, plus the terminal cost where the system has one.
static double episode_cost(const lb_demos* d, const lb_system* s, int e) {
  int length = d->start[e + 1] - d->start[e];
  double cost = 0;
  for (int i = d->start[e]; i < d->start[e + 1]; ++i) cost -= d->reward[i];
  if (s->cost) cost += s->cost->terminal(s->cost->ctx, length, d->path[e] + rows(length, d->nx));
  return cost;
}

void lb_demos_cost(const lb_demos* demos, const lb_system* system, double* mean, double* se) {
  lb_moments moments = {0};
  for (int e = 0; e < demos->episodes; ++e) lb_moments_add(&moments, episode_cost(demos, system, e));
  *mean = moments.mean;
  *se = lb_moments_se(&moments);
}

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

static void add_matrix(lb_npz_writer* w, const char* name, int n, int width, const double* data) {
  lb_npz_add_doubles(w, name, 2, (const int64_t[]){n, width}, data);
}

// Columns begin..end of an array with rows of `stride` numbers as an entry of their own.
static void add_columns(lb_npz_writer* w, const char* name, const lb_demos* d, const double* x, int stride, int begin,
                        int end) {
  lb_mark mark = lb_arena_mark(d->arena);
  int width = end - begin;
  double* part = LB_TAKE(d->arena, double, rows(d->n, width));
  for (int i = 0; i < d->n; ++i) {
    memcpy(part + rows(i, width), x + rows(i, stride) + begin, (size_t)width * sizeof(double));
  }
  add_matrix(w, name, d->n, width, part);
  lb_arena_release(d->arena, mark);
}

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
  lb_npz_writer* w = lb_npz_writer_new(true);
  add_matrix(w, "observations", d->n, d->nobs, d->observation);
  add_matrix(w, "actions", d->n, d->nu, d->u);
  lb_npz_add_doubles(w, "rewards", 1, (const int64_t[]){d->n}, d->reward);
  add_matrix(w, "next_observations", d->n, d->nobs, d->next_observation);
  lb_npz_add(w, "terminals", LB_BOOL, 1, (const int64_t[]){d->n}, d->terminal);
  lb_npz_add(w, "timeouts", LB_BOOL, 1, (const int64_t[]){d->n}, d->timeout);
  if (system->nq > 0) {
    add_columns(w, "infos/qpos", d, d->x, d->nx, 0, system->nq);
    add_columns(w, "infos/qvel", d, d->x, d->nx, system->nq, d->nx);
    add_columns(w, "infos/next_qpos", d, d->x_next, d->nx, 0, system->nq);
    add_columns(w, "infos/next_qvel", d, d->x_next, d->nx, system->nq, d->nx);
  } else {
    add_matrix(w, "infos/state", d->n, d->nx, d->x);
    add_matrix(w, "infos/next_state", d->n, d->nx, d->x_next);
  }
  if (d->noisy) add_matrix(w, "infos/noise", d->n, d->nw, d->noise);
  if (d->has_hidden) {
    add_columns(w, "infos/qacc_warmstart", d, d->hidden, d->nhidden, 0, system->nwarm);
    add_columns(w, "infos/before", d, d->hidden, d->nhidden, system->nwarm, d->nhidden);
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

static lb_status read_states(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch) {
  if (s->nq == 0) {
    LB_TRY(lb_demos_read_columns(npz, "infos/state", scratch, d->n, d->nx, d->x, d->nx, 0));
    return lb_demos_read_columns(npz, "infos/next_state", scratch, d->n, d->nx, d->x_next, d->nx, 0);
  }
  int nq = s->nq, nv = d->nx - s->nq;
  LB_TRY(lb_demos_read_columns(npz, "infos/qpos", scratch, d->n, nq, d->x, d->nx, 0));
  LB_TRY(lb_demos_read_columns(npz, "infos/qvel", scratch, d->n, nv, d->x, d->nx, nq));
  LB_TRY(lb_demos_read_columns(npz, "infos/next_qpos", scratch, d->n, nq, d->x_next, d->nx, 0));
  return lb_demos_read_columns(npz, "infos/next_qvel", scratch, d->n, nv, d->x_next, d->nx, nq);
}

lb_status lb_demos_read_rows(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch) {
  LB_TRY(read_states(d, s, npz, scratch));
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
  d->has_hidden = d->nhidden > 0 && lb_npz_find(npz, "infos/before") != NULL;
  if (d->has_hidden) {
    int nbefore = d->nhidden - s->nwarm;
    LB_TRY(lb_demos_read_columns(npz, "infos/qacc_warmstart", scratch, d->n, s->nwarm, d->hidden, d->nhidden, 0));
    LB_TRY(lb_demos_read_columns(npz, "infos/before", scratch, d->n, nbefore, d->hidden, d->nhidden, s->nwarm));
  }
  d->noisy = d->nw > 0 && lb_npz_find(npz, "infos/noise") != NULL;
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

// The metadata must say: this task, this version of it, these arrays.
static lb_status check_metadata(const lb_demos* d, const lb_system* s, const lb_npz* npz) {
  const char* path = lb_npz_origin(npz);
  const char* text;
  LB_TRY(lb_npz_string(npz, "metadata", &text));
  lb_json* doc;
  char origin[600];
  snprintf(origin, sizeof origin, "%s: metadata", path);
  LB_TRY(lb_json_parse(&doc, text, origin));
  const char *task, *hash, *sha;
  lb_node root = lb_json_root(doc);
  lb_status status;
  LB_TRY_OR(done, status, lb_json_string(root, "task", &task));
  LB_TRY_OR(done, status, lb_json_string(root, "task_hash", &hash));
  LB_TRY_OR(done, status, lb_json_string(root, "sha256", &sha));
  char own[65];
  digest(d, own);
  if (strcmp(task, s->name) != 0) {
    status = lb_fail(LB_INPUT, "%s: recorded on the task '%s', not on '%s'", path, task, s->name);
  } else if (strcmp(hash, s->hash) != 0) {
    status =
        lb_fail(LB_INPUT,
                "%s: recorded on another version of %s (hash %.12s, the present one is %.12s); record it anew with "
                "'bench expert %s'",
                path, task, hash, s->hash, task);
  } else if (strcmp(sha, own) != 0) {
    status = lb_fail(LB_INPUT, "%s: its arrays were altered after recording (SHA-256 %.12s, recorded %.12s)", path, own,
                     sha);
  }
done:
  lb_json_free(doc);
  return status;
}

lb_status lb_demos_count(int* n, const lb_system* system, const lb_npz* npz, lb_arena* scratch) {
  int64_t shape[2];
  double* actions;
  LB_TRY(lb_npz_doubles(npz, "actions", 2, (const int64_t[]){-1, system->nu}, scratch, &actions, shape));
  if (shape[0] < 1 || shape[0] > 100000000) {
    return lb_fail(LB_INPUT, "%s: actions: %lld transitions; at least one is needed", lb_npz_origin(npz),
                   (long long)shape[0]);
  }
  *n = (int)shape[0];
  return lb_ok();
}

static lb_status load_own(lb_demos** out, const lb_system* system, const lb_npz* npz, lb_arena* scratch) {
  int n = 0;
  LB_TRY(lb_demos_count(&n, system, npz, scratch));
  lb_demos* d = lb_demos_new(system, n, n);
  if (!d) return lb_fail(LB_MEMORY, "%s: no memory for %d transitions", lb_npz_origin(npz), n);
  d->n = n;
  lb_status status;
  LB_TRY_OR(failed, status, lb_demos_read_rows(d, system, npz, scratch));
  LB_TRY_OR(failed, status, read_own_rows(d, system, npz, scratch));
  LB_TRY_OR(failed, status, check_metadata(d, system, npz));
  LB_TRY_OR(failed, status, cut_episodes(d, system, lb_npz_origin(npz)));
  *out = d;
  return status;
failed:
  lb_demos_free(d);
  return status;
}

typedef lb_status loader(lb_demos** out, const lb_system* system, const lb_npz* npz, lb_arena* scratch);

static lb_status load_by(loader* load, lb_demos** out, const lb_system* system, const char* path) {
  *out = NULL;
  lb_npz* npz;
  LB_TRY(lb_npz_load(&npz, path));
  lb_arena* scratch = lb_arena_new(0);
  lb_status status = load(out, system, npz, scratch);
  lb_arena_free(scratch);
  lb_npz_free(npz);
  return status;
}

// Gymnasium's recordings know no hash of ours.
static lb_status load_either(lb_demos** out, const lb_system* system, const lb_npz* npz, lb_arena* scratch) {
  bool foreign;
  LB_TRY(lb_demos_is_foreign(&foreign, npz));
  return foreign ? lb_demos_load_foreign(out, system, npz, scratch) : load_own(out, system, npz, scratch);
}

lb_status lb_demos_load(lb_demos** out, const lb_system* system, const char* path) {
  return load_by(load_own, out, system, path);
}

lb_status lb_demos_load_any(lb_demos** out, const lb_system* system, const char* path) {
  return load_by(load_either, out, system, path);
}
