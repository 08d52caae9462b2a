// Stepping compact recordings from keyframe to keyframe: see replay.h.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "data/demos_private.h"

#define rows lb_demos_rows

// A walk over the rows, in episode e.
typedef struct walk {
  lb_replay_keyed_report* report;
  lb_system* system;
  const lb_demos* demos;
  lb_demos* fill;
  int e;
  double *x, *obs, *hidden;  // (nx), (nobs), (nhidden) what the simulator gives
} walk;

static double scaled(double off, double b) {
  return isnan(off) ? INFINITY : off / fmax(1, fabs(b));
}

// The largest deviation of a from b; *same becomes false where they are not equal to the bit.
static double exact_gap(const double* a, const double* b, int n, bool* same) {
  double worst = 0;
  for (int i = 0; i < n; ++i) worst = fmax(worst, scaled(fabs(a[i] - b[i]), b[i]));
  if (memcmp(a, b, (size_t)n * sizeof *a) != 0) *same = false;
  return worst;
}

// How far a number is from those that round to the float b; *same becomes false where its own rounding is another.
static double rounded_gap(const double* a, const double* b, int n, bool* same) {
  double worst = 0;
  for (int i = 0; i < n; ++i) {
    float f = (float)b[i];
    if ((float)a[i] == f) continue;
    *same = false;
    double half = 0.5 * ((double)nextafterf(fabsf(f), INFINITY) - fabs((double)f));
    double off = fabs(a[i] - (double)f);
    worst = fmax(worst, scaled(isnan(off) ? off : fmax(0, off - half), b[i]));
  }
  return worst;
}

// The largest deviation of a kind of state, and the row of the worst of all.
static void note_state(lb_replay_keyed_report* r, double* of_kind, double off, int row) {
  *of_kind = fmax(*of_kind, off);
  if (off <= r->worst) return;
  r->worst = off;
  r->row = row;
}

// Compares the state after row i, and keeps it. Where the recording holds it exactly, the recording's stays.
static void take_state(walk* w, const double* x, int i, bool at_key) {
  lb_replay_keyed_report* r = w->report;
  const lb_demos* d = w->demos;
  bool at_end = i + 1 == d->start[w->e + 1];
  const double* want = at_end ? d->x_next + rows(i, d->nx) : d->x + rows(i + 1, d->nx);
  if (at_end || at_key) {
    r->exact += 1;
    note_state(r, &r->exact_state, exact_gap(x, want, d->nx, &r->is_bitwise), at_end ? i : i + 1);
  } else {
    r->rounded += 1;
    note_state(r, &r->rounded_state, rounded_gap(x, want, d->nx, &r->is_bitwise), i + 1);
  }
  if (!w->fill || at_end) return;
  const double* keep = at_key ? want : x;
  size_t bytes = (size_t)d->nx * sizeof *x;
  memmove(w->fill->x_next + rows(i, d->nx), keep, bytes);
  memmove(w->fill->x + rows(i + 1, d->nx), keep, bytes);
}

// Compares what is observed after row i, and keeps it: the row's next observation, and the observation of the row after
// it in the episode. (Observed there it may not be: derived quantities are those of the step that led to it.)
static void observe_after(walk* w, int i) {
  const lb_demos* d = w->demos;
  if (!d->observation) return;
  double* obs = w->obs;
  double* next = d->next_observation + rows(i, d->nobs);
  w->system->observe(w->system->self, obs);
  if (d->observed) {
    w->report->observed += 1;
    w->report->observation = fmax(w->report->observation, rounded_gap(obs, next, d->nobs, &w->report->is_bitwise));
  }
  if (!w->fill) return;
  size_t bytes = (size_t)d->nobs * sizeof *obs;
  memcpy(next, obs, bytes);
  if (i + 1 < d->start[w->e + 1]) memcpy(d->observation + rows(i + 1, d->nobs), obs, bytes);
}

// The same for an episode's first observation, which begins the rows.
static void observe_start(walk* w, int i) {
  const lb_demos* d = w->demos;
  if (!d->observation) return;
  double* obs = w->obs;
  double* first = d->observation + rows(i, d->nobs);
  w->system->observe(w->system->self, obs);
  if (d->observed) {
    w->report->observation = fmax(w->report->observation, rounded_gap(obs, first, d->nobs, &w->report->is_bitwise));
  }
  if (w->fill) memcpy(first, obs, (size_t)d->nobs * sizeof *obs);
}

// The hidden numbers before row i, which is keyframe `key`, or none (-1): compared, or kept.
static void take_hidden(walk* w, int i, int key) {
  const lb_demos* d = w->demos;
  if (d->nhidden == 0 || (key < 0 && !w->fill)) return;
  double* hidden = w->hidden;
  w->system->get_hidden(w->system->self, hidden);
  if (key < 0) {
    memcpy(w->fill->hidden + rows(i, d->nhidden), hidden, (size_t)d->nhidden * sizeof *hidden);
    return;
  }
  double gap = exact_gap(hidden, d->keys.hidden + rows(key, d->nhidden), d->nhidden, &w->report->is_bitwise);
  w->report->hidden_compared += 1;
  w->report->hidden = fmax(w->report->hidden, gap);
}

// Compares the reward and the flags of row i with what the step gave.
static void take_outcome(walk* w, const lb_outcome* outcome, int i) {
  lb_replay_keyed_report* r = w->report;
  const lb_demos* d = w->demos;
  bool timeout = !outcome->terminated && (outcome->truncated || i + 1 - d->start[w->e] == w->system->horizon);
  bool is_cut = d->cut[w->e] && i + 1 == d->start[w->e + 1];
  int flags = (outcome->terminated != d->terminal[i]) + (!is_cut && timeout != d->timeout[i]);
  r->reward = fmax(r->reward, scaled(fabs(outcome->reward - d->reward[i]), d->reward[i]));
  r->flags += flags;
  r->is_bitwise = r->is_bitwise && flags == 0 && outcome->reward == d->reward[i];
}

// From keyframe `key` to the next one or to the end of the episode.
static void take_stretch(walk* w, int key) {
  const lb_demos* d = w->demos;
  lb_system* s = w->system;
  int begin = d->keys.row[key], end = d->start[w->e + 1], next = key + 1 < d->keys.n ? d->keys.row[key + 1] : end;
  if (next > end) next = end;
  s->set_state(s->self, d->x + rows(begin, d->nx), begin - d->start[w->e]);
  if (d->nhidden > 0) s->set_hidden(s->self, d->keys.hidden + rows(key, d->nhidden));
  if (begin == d->start[w->e]) observe_start(w, begin);
  if (w->fill && d->nhidden > 0) {
    memcpy(w->fill->hidden + rows(begin, d->nhidden), d->keys.hidden + rows(key, d->nhidden),
           (size_t)d->nhidden * sizeof(double));
  }
  for (int i = begin; i < next; ++i) {
    double* x = w->x;
    lb_outcome outcome =
        lb_system_step(s, LB_STEP_EVALUATION, d->u + rows(i, d->nu), d->noisy ? d->noise + rows(i, d->nw) : NULL);
    bool at_key = i + 1 == next && next < end;
    take_outcome(w, &outcome, i);
    s->get_state(s->self, x);
    take_state(w, x, i, at_key);
    observe_after(w, i);
    if (i + 1 < end) take_hidden(w, i + 1, at_key ? key + 1 : -1);
  }
}

void lb_demos_walk(lb_replay_keyed_report* report, lb_system* system, const lb_demos* demos, lb_demos* fill) {
  assert(demos->keys.n > 0 && (!fill || fill == demos));
  *report = (lb_replay_keyed_report){
      .episodes = demos->episodes, .transitions = demos->n, .keyframes = demos->keys.n, .is_bitwise = true};
  lb_arena* arena = lb_arena_new(0);
  walk w = {.report = report,
            .system = system,
            .demos = demos,
            .fill = fill,
            .x = LB_TAKE(arena, double, system->space.nx),
            .obs = LB_TAKE(arena, double, system->nobs),
            .hidden = LB_TAKE(arena, double, system->nhidden)};
  for (int key = 0; key < demos->keys.n; ++key) {
    if (demos->keys.row[key] >= demos->start[w.e + 1]) w.e += 1;
    take_stretch(&w, key);
  }
  lb_arena_free(arena);
}

void lb_replay_keyed(lb_replay_keyed_report* report, lb_system* system, const lb_demos* demos) {
  assert(demos->rounded);
  lb_demos_walk(report, system, demos, NULL);
}
