// Recordings of Gymnasium environments: see demos.h for the layout.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/demos_private.h"
#include "io/json.h"

#define rows lb_demos_rows

// Parses the metadata; the caller frees it.
static lb_status open_metadata(lb_json** doc, const lb_npz* npz) {
  const char* text;
  char origin[600];
  LB_TRY(lb_npz_string(npz, "metadata", &text));
  snprintf(origin, sizeof origin, "%s: metadata", lb_npz_origin(npz));
  return lb_json_parse(doc, text, origin);
}

lb_status lb_demos_is_foreign(bool* out, const lb_npz* npz) {
  lb_json* doc;
  *out = !lb_npz_has(npz, "metadata");
  if (*out) return lb_ok();
  LB_TRY(open_metadata(&doc, npz));
  lb_node root = lb_json_root(doc);
  *out = lb_json_is_object(root) && !lb_json_has(root, "task_hash");
  bool half = lb_json_has(root, "task_hash") && !lb_json_has(root, "sha256");
  lb_json_free(doc);
  if (!half) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: metadata: has a 'task_hash', as recordings of this program have, but no 'sha256': remove "
                 "'task_hash' of a recording from elsewhere, and import it",
                 lb_npz_origin(npz));
}

// Whether the name is the task's, or one of its aliases.
static bool is_called(const lb_system* s, const char* name) {
  for (int i = 0; s->aliases && s->aliases[i]; ++i) {
    if (strcmp(s->aliases[i], name) == 0) return true;
  }
  return strcmp(s->name, name) == 0;
}

// Fails where the metadata name another task; none are needed.
static lb_status check_task(const lb_system* s, const lb_npz* npz) {
  lb_json* doc;
  const char* task;
  if (!lb_npz_has(npz, "metadata")) return lb_ok();
  LB_TRY(open_metadata(&doc, npz));
  lb_status status = lb_json_string(lb_json_root(doc), "task", &task);
  if (status.code == LB_OK && !is_called(s, task)) {
    bool alias = s->aliases && s->aliases[0];
    status = lb_fail(LB_INPUT, "%s: recorded on the task '%s', not on '%s'%s%s%s", lb_npz_origin(npz), task, s->name,
                     alias ? " (also called '" : "", alias ? s->aliases[0] : "", alias ? "')" : "");
  }
  lb_json_free(doc);
  return status;
}

// Whether an array is there and of floats.
static bool is_single(const lb_npz* npz, const char* name) {
  const lb_array* array = lb_npz_find(npz, name);
  return array && array->dtype == LB_F32;
}

// Fails where one of two entries is there without the other.
static lb_status both_or_none(bool* both, const lb_npz* npz, const char* a, const char* b) {
  *both = lb_npz_has(npz, a);
  if (*both == lb_npz_has(npz, b)) return lb_ok();
  return lb_fail(LB_INPUT, "%s: has the array '%s' but not '%s'", lb_npz_origin(npz), *both ? a : b, *both ? b : a);
}

// The first of two names of an entry, unless only the second is there.
static const char* either(const lb_npz* npz, const char* name, const char* other) {
  return !lb_npz_has(npz, name) && lb_npz_has(npz, other) ? other : name;
}

// MuJoCo takes a control beyond this (its mjMAXVAL) for an accident: it sets all of them to 0 and warns.
static const double most_control = 1e10;

// Fails at a control beyond what MuJoCo takes.
static lb_status check_controls(const lb_demos* d, const lb_npz* npz) {
  for (int i = 0; i < d->n; ++i) {
    for (int j = 0; j < d->nu; ++j) {
      double u = d->u[rows(i, d->nu) + (size_t)j];
      if (fabs(u) <= most_control) continue;
      return lb_fail(LB_INPUT,
                     "%s: the array 'actions'[%d, %d] is %g, which is no control: MuJoCo takes none beyond %g; correct "
                     "or remove its episode",
                     lb_npz_origin(npz), i, j, u, most_control);
    }
  }
  return lb_ok();
}

// The flags, under D4RL's names or Minari's; D4RL's first files have no timeouts.
static lb_status read_flags(lb_demos* d, const lb_npz* npz, lb_arena* scratch) {
  bool *terminal, *timeout;
  const char* timeouts = either(npz, "timeouts", "truncations");
  LB_TRY(lb_npz_bools(npz, either(npz, "terminals", "terminations"), d->n, scratch, &terminal));
  memcpy(d->terminal, terminal, (size_t)d->n * sizeof(bool));
  if (!lb_npz_has(npz, timeouts)) return lb_ok();
  LB_TRY(lb_npz_bools(npz, timeouts, d->n, scratch, &timeout));
  memcpy(d->timeout, timeout, (size_t)d->n * sizeof(bool));
  return lb_ok();
}

// Where a row is the last of its episode: where the episode's number changes, or at the flags where there are no
// numbers.
static lb_status find_ends(bool* end, const lb_demos* d, const lb_npz* npz, lb_arena* scratch) {
  double* number = NULL;
  if (lb_npz_has(npz, "infos/episode")) {
    LB_TRY(lb_npz_doubles(npz, "infos/episode", 1, (const int64_t[]){d->n}, scratch, &number, NULL));
  }
  for (int i = 0; i < d->n; ++i) {
    end[i] = i + 1 == d->n || (number ? number[i + 1] != number[i] : d->terminal[i] || d->timeout[i]);
  }
  return lb_ok();
}

// What follows each row is the next one's, but after an episode's last: there it is not known.
static void shift(double* next, const double* now, bool* no_next, const bool* end, int n, int width) {
  for (int i = 0; i < n; ++i) {
    memcpy(next + rows(i, width), now + rows(end[i] ? i : i + 1, width), (size_t)width * sizeof *next);
    no_next[i] = no_next[i] || end[i];
  }
}

// By how much a state may be off where one row leads to the next, as |a - b| / max(1, |b|). A start of an episode is
// off by more from where the last one ended; what a step without its warm start and rounding to float32 make is less.
static const double follows_within = 1e-3;

// Whether state `to` is `from` up to rounding: the next row goes on from it.
static bool follows(const double* from, const double* to, int n) {
  for (int i = 0; i < n; ++i) {
    if (!(fabs(from[i] - to[i]) <= follows_within * fmax(1, fabs(to[i])))) return false;
  }
  return true;
}

// Whether row i leads to the one after it: by the state after it, where the file has that, else by the simulator.
static bool leads_on(const lb_demos* d, lb_system* s, bool has_next, int i, double* x) {
  const double* next = d->x + rows(i + 1, d->nx);
  if (has_next) return follows(d->x_next + rows(i, d->nx), next, d->nx);
  s->set_state(s->self, d->x + rows(i, d->nx), 0);
  lb_system_step(s, LB_STEP_EVALUATION, d->u + rows(i, d->nu), NULL);
  s->get_state(s->self, x);
  return follows(x, next, d->nx);
}

// Ends episodes without a flag where the next row does not follow. Where rows follow hardly anywhere, the simulator is
// another than that of the data, and nothing can be told.
static void find_jumps(lb_demos_mend* mend, lb_demos* d, bool* end, bool has_next, lb_arena* scratch) {
  double* x = LB_TAKE(scratch, double, d->nx);
  bool* jump = LB_TAKE(scratch, bool, d->n);
  int found = 0;
  bool in_a_row = false;
  for (int i = 0; i + 1 < d->n; ++i) {
    if (end[i]) continue;
    jump[i] = !leads_on(d, mend->system, has_next, i, x);
    found += jump[i];
    in_a_row = in_a_row || (i > 0 && jump[i] && jump[i - 1]);
  }
  if (!has_next && (in_a_row || found > d->n / 5)) return;
  for (int i = 0; i < d->n; ++i) {
    if (!jump[i]) continue;
    if (mend->jumps++ == 0) mend->first_jump = i;
    end[i] = d->timeout[i] = true;
  }
}

// States and next states; where the latter are missing they are the next row's, and episodes end where states jump
// (`mend`).
static lb_status read_states(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch, bool* end,
                             lb_demos_mend* mend) {
  static const lb_demos_names now = {"infos/qpos", "infos/qvel", "infos/act", "infos/state"};
  static const lb_demos_names next = {"infos/next_qpos", "infos/next_qvel", "infos/next_act", "infos/next_state"};
  bool has_next;
  LB_TRY(lb_demos_read_states(npz, s, &now, scratch, d->n, d->x));
  LB_TRY(both_or_none(&has_next, npz, "infos/next_qpos", "infos/next_qvel"));
  if (has_next) LB_TRY(lb_demos_read_states(npz, s, &next, scratch, d->n, d->x_next));
  if (mend) {
    mend->has_next_state = has_next;
    mend->open_end = !d->terminal[d->n - 1] && !d->timeout[d->n - 1];
    if (!lb_npz_has(npz, "infos/episode")) find_jumps(mend, d, end, has_next, scratch);
    if (mend->open_end) d->timeout[d->n - 1] = true;
  }
  d->singles.state = is_single(npz, "infos/qpos") || is_single(npz, "infos/qvel");
  d->singles.next_state = d->singles.state;
  if (has_next) d->singles.next_state = is_single(npz, "infos/next_qpos") || is_single(npz, "infos/next_qvel");
  if (!has_next) shift(d->x_next, d->x, d->no_next, end, d->n, d->nx);
  return lb_ok();
}

// Observations and next ones; where the latter are missing they are the next row's.
static lb_status read_observations(lb_demos* d, const lb_npz* npz, lb_arena* scratch, const bool* end) {
  LB_TRY(lb_demos_read_columns(npz, "observations", scratch, d->n, d->nobs, d->observation, d->nobs, 0));
  if (!lb_npz_has(npz, "next_observations")) {
    d->singles.observation = is_single(npz, "observations");
    shift(d->next_observation, d->observation, d->no_next, end, d->n, d->nobs);
    return lb_ok();
  }
  d->singles.observation = is_single(npz, "next_observations");
  return lb_demos_read_columns(npz, "next_observations", scratch, d->n, d->nobs, d->next_observation, d->nobs, 0);
}

// Controls, states, observations, rewards.
static lb_status read_rows(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch, bool* end,
                           lb_demos_mend* mend) {
  double* reward;
  d->no_next = LB_TAKE(d->arena, bool, d->n);
  LB_TRY(lb_demos_read_columns(npz, "actions", scratch, d->n, d->nu, d->u, d->nu, 0));
  LB_TRY(read_states(d, s, npz, scratch, end, mend));
  LB_TRY(read_observations(d, npz, scratch, end));
  LB_TRY(lb_npz_doubles(npz, "rewards", 1, (const int64_t[]){d->n}, scratch, &reward, NULL));
  memcpy(d->reward, reward, (size_t)d->n * sizeof(double));
  d->singles.reward = is_single(npz, "rewards");
  return lb_ok();
}

// The hidden numbers, where the file has them all: the warm start, and at most one reading before the step.
static lb_status read_hidden(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch) {
  int nbefore = d->nhidden - s->nwarm;
  bool warm = s->nwarm == 0 || lb_npz_has(npz, "infos/qacc_warmstart");
  bool before = nbefore == 0 || (nbefore == 1 && lb_npz_has(npz, "infos/track_x"));
  if (d->nhidden == 0 || !warm || !before) return lb_ok();
  if (s->nwarm > 0) {
    LB_TRY(lb_demos_read_columns(npz, "infos/qacc_warmstart", scratch, d->n, s->nwarm, d->hidden, d->nhidden, 0));
  }
  if (nbefore == 1) {
    double* track;
    LB_TRY(lb_npz_doubles(npz, "infos/track_x", 1, (const int64_t[]){d->n}, scratch, &track, NULL));
    for (int i = 0; i < d->n; ++i) d->hidden[rows(i, d->nhidden) + (size_t)s->nwarm] = track[i];
  }
  d->has_hidden = true;
  d->singles.hidden = is_single(npz, "infos/qacc_warmstart") || is_single(npz, "infos/track_x");
  return lb_ok();
}

// What the recorder gives beside each row of a step from its state alone, without the solver's warm start.
static lb_status read_cold(lb_demos* d, const lb_system* s, const lb_npz* npz, lb_arena* scratch) {
  if (!lb_npz_has(npz, "restart_observations")) return lb_ok();
  static const lb_demos_names names = {"infos/restart_next_qpos", "infos/restart_next_qvel", "infos/restart_next_act",
                                       "infos/restart_next_state"};
  double *x_next = LB_TAKE(d->arena, double, rows(d->n, d->nx)), *reward;
  bool* terminal;
  LB_TRY(lb_demos_read_states(npz, s, &names, scratch, d->n, x_next));
  d->cold.next_observation = LB_TAKE(d->arena, double, rows(d->n, d->nobs));
  LB_TRY(
      lb_demos_read_columns(npz, "restart_observations", scratch, d->n, d->nobs, d->cold.next_observation, d->nobs, 0));
  LB_TRY(lb_npz_doubles(npz, "restart_rewards", 1, (const int64_t[]){d->n}, d->arena, &reward, NULL));
  LB_TRY(lb_npz_bools(npz, "restart_terminals", d->n, d->arena, &terminal));
  d->cold.reward = reward;
  d->cold.terminal = terminal;
  d->cold.x_next = x_next;
  return lb_ok();
}

// Closes an episode at each end.
static lb_status cut_episodes(lb_demos* d, const lb_system* s, const lb_npz* npz, const bool* end) {
  int n = d->n;
  for (d->n = 1; d->n <= n; ++d->n) {
    int i = d->n - 1;
    if (d->n - d->start[d->episodes] > s->horizon) {
      return lb_fail(LB_INPUT, "%s: an episode runs past the %d steps of %s at row %d", lb_npz_origin(npz), s->horizon,
                     s->name, i);
    }
    if (end[i]) lb_demos_close_episode(d);
  }
  d->n = n;
  return lb_ok();
}

lb_status lb_demos_load_foreign(lb_demos** out, const lb_system* system, const lb_npz* npz, lb_arena* scratch,
                                lb_demos_mend* mend) {
  int n = 0;
  LB_TRY(check_task(system, npz));
  if (system->nq == 0) {
    return lb_fail(LB_INPUT, "%s: no recording of ours, and %s has no qpos and qvel as D4RL's layout has them",
                   lb_npz_origin(npz), system->name);
  }
  LB_TRY(lb_demos_count(&n, system, npz, scratch));
  lb_demos* d = lb_demos_new(system, n, n, true);
  if (!d) return lb_fail(LB_MEMORY, "%s: no memory for %d transitions", lb_npz_origin(npz), n);
  d->origin = lb_arena_text(d->arena, lb_npz_origin(npz));
  d->n = n;
  bool* end = LB_TAKE(scratch, bool, n);
  lb_status status;
  LB_TRY_OR(failed, status, read_flags(d, npz, scratch));
  LB_TRY_OR(failed, status, find_ends(end, d, npz, scratch));
  LB_TRY_OR(failed, status, read_rows(d, system, npz, scratch, end, mend));
  LB_TRY_OR(failed, status, check_controls(d, npz));
  LB_TRY_OR(failed, status, read_hidden(d, system, npz, scratch));
  LB_TRY_OR(failed, status, read_cold(d, system, npz, scratch));
  LB_TRY_OR(failed, status, cut_episodes(d, system, npz, end));
  *out = d;
  return status;
failed:
  lb_demos_free(d);
  return status;
}
