#include "data/demos_import.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/finite.h"
#include "base/text.h"
#include "data/demos_private.h"
#include "io/file.h"

#define rows lb_demos_rows

// What float32 makes of a control at its limit.
static const double limit_iterations_by = 1e-6;

// Rows with a control outside its limits by more than rounding, and the worst of them.
lb_demos_beyond lb_demos_beyond_limits(const lb_demos* d, const lb_system* s) {
  lb_demos_beyond b = {0};
  double worst = 0;
  for (int i = 0; i < d->n; ++i) {
    bool beyond = false;
    for (int j = 0; j < d->nu; ++j) {
      double u = d->u[rows(i, d->nu) + (size_t)j], off = fmax(u - s->u_high[j], s->u_low[j] - u);
      double limit = u > 0 ? s->u_high[j] : s->u_low[j];
      if (!(off > limit_iterations_by * fmax(1, fabs(limit)))) continue;
      beyond = true;
      if (off <= worst) continue;
      worst = off;
      b.row = i, b.control = j, b.value = u;
    }
    b.n += beyond;
  }
  return b;
}

// What the simulator pays for a recorded step.
static double pay(const lb_demo_step* step, lb_system* s, int t) {
  s->set_state(s->self, step->x, t);
  if (step->hidden) s->set_hidden(s->self, step->hidden);
  return lb_system_step(s, LB_STEP_EVALUATION, step->u, step->noise).reward;
}

// Episodes whose recorded rewards do not sum to what the task pays for them, and the worst of them.
lb_demos_returns lb_demos_compare_returns(const lb_demos* demos, lb_system* system, double tolerance) {
  lb_demos_returns r = {0};
  double worst = 0;
  for (int e = 0; e < lb_demos_episodes(demos); ++e) {
    double recorded = 0, paid = 0;
    int length = lb_demos_episode(demos, e, NULL, NULL).length;
    for (int t = 0; t < length; ++t) {
      lb_demo_step step = lb_demos_step(demos, e, t);
      recorded += step.reward;
      paid += pay(&step, system, t);
    }
    double off = fabs(recorded - paid);
    if (off <= tolerance * length) continue;
    r.differ += 1;
    if (off <= worst) continue;
    worst = off;
    r.episode = e, r.recorded = recorded, r.paid = paid;
  }
  return r;
}

static void round_to_float(double* v, int n) {
  for (int i = 0; i < n; ++i) v[i] = (double)(float)v[i];
}

// Steps the rows after which the file holds nothing, and keeps where they lead.
static int fill_in(lb_demos* d, lb_system* s, bool has_next_state) {
  int filled = 0;
  for (int i = 0; i < d->n; ++i) {
    double *x = d->x_next + rows(i, d->nx), *obs = d->next_observation + rows(i, d->nobs);
    if (!d->no_next[i]) continue;
    s->set_state(s->self, d->x + rows(i, d->nx), 0);
    if (d->has_hidden) s->set_hidden(s->self, d->hidden + rows(i, d->nhidden));
    lb_system_step(s, LB_STEP_EVALUATION, d->u + rows(i, d->nu), NULL);
    if (!has_next_state) s->get_state(s->self, x);
    s->observe(s->self, obs);
    if (d->singles.next_state) round_to_float(x, d->nx);
    if (d->singles.observation) round_to_float(obs, d->nobs);
    filled += 1;
  }
  d->no_next = NULL;
  for (int e = 0; e < d->episodes; ++e) lb_demos_lay_path(d, e);
  return filled;
}

// What the simulator was led to that is no number cannot be filed.
static lb_status check_finite(const lb_demos* d, const lb_system* s, const char* path) {
  for (int i = 0; i < d->n; ++i) {
    if (lb_all_finite(d->x_next + rows(i, d->nx), d->nx) &&
        lb_all_finite(d->next_observation + rows(i, d->nobs), d->nobs)) {
      continue;
    }
    return lb_fail(LB_INPUT, "%s: from row %d on the simulator of %s leaves the finite numbers", path, i, s->name);
  }
  return lb_ok();
}

// Whether the new file will have room.
static lb_status check_disk(const lb_demos* d, const lb_system* s, const lb_npz* npz, const char* file) {
  char what[400];
  if (!file) return lb_ok();
  snprintf(what, sizeof what, "%.280s: %d %s", lb_npz_origin(npz), d->n, lb_plural(d->n, "transition", "transitions"));
  return lb_folder_check_room(file, lb_demos_bytes(s, d->n), what, "free some, or give --out on another disk");
}

// Reads a foreign recording, compares it with the simulator and fills in what it lacks.
static lb_status import(lb_demos** out, lb_demos_import_report* report, lb_system* system, const char* path,
                        const lb_npz* npz, const char* file, lb_arena* scratch) {
  lb_demos_mend mend = {.system = system};
  bool foreign;
  lb_demos* d;
  LB_TRY(lb_demos_is_foreign(&foreign, npz));
  if (!foreign) {
    lb_demos* own;  // what is wrong with it comes first
    LB_TRY(lb_demos_load_with(&own, system, path, LB_DEMOS_AS_STORED));
    lb_demos_free(own);
    return lb_fail(LB_INPUT, "%s: is a recording of this program's already; it is used as it is", path);
  }
  LB_TRY(lb_demos_load_foreign(&d, system, npz, scratch, &mend));
  lb_status status = check_disk(d, system, npz, file);
  if (status.code != LB_OK) {
    lb_demos_free(d);
    return status;
  }
  *report = (lb_demos_import_report){.jumps = mend.jumps, .first_jump = mend.first_jump, .open_end = mend.open_end};
  report->beyond = lb_demos_beyond_limits(d, system);
  lb_replay(&report->replay, system, d);
  report->filled = fill_in(d, system, mend.has_next_state);
  status = check_finite(d, system, lb_npz_origin(npz));
  if (status.code == LB_OK) {
    *out = d;
  } else {
    lb_demos_free(d);
  }
  return status;
}

lb_status lb_demos_import(lb_demos** out, lb_demos_import_report* report, lb_system* system, const char* path,
                          const char* file) {
  lb_npz* npz;
  LB_TRY(lb_demos_open_archive(&npz, path));
  lb_arena* scratch = lb_arena_new(0);
  lb_ledger ledger = system->ledger;
  lb_status status =
      scratch ? import(out, report, system, path, npz, file, scratch) : lb_fail(LB_MEMORY, "%s: no memory", path);
  system->ledger = ledger;
  lb_arena_free(scratch);
  lb_npz_free(npz);
  return status;
}

int lb_demos_import_unverified(char lines[LB_DEMOS_UNVERIFIED][200], const lb_demos_import_report* r) {
  const lb_replay_report* p = &r->replay;
  int n = 0;
  if (!p->is_exact) {
    snprintf(lines[n++], 200,
             "that steps repeat to the bit: the solver's warm start, and what a reward had read before the step, are "
             "not in the data");
  }
  if (p->singles.state || p->singles.hidden) {
    snprintf(lines[n++], 200, "whole episodes: their states are rounded to float32");
  }
  if (p->without_reading > 0) {
    snprintf(lines[n++], 200, "the rewards of %d %s: nothing tells what was read before the step", p->without_reading,
             lb_plural(p->without_reading, "row", "rows"));
  }
  if (r->filled > 0) {
    snprintf(lines[n++], 200, "where %d %s, each the last of an episode: what follows is this simulator's", r->filled,
             lb_plural(r->filled, "row leads", "rows lead"));
  }
  if (r->jumps > 0) {
    snprintf(lines[n++], 200, "why %d %s without a flag: it is taken for a timeout", r->jumps,
             lb_plural(r->jumps, "episode ends", "episodes end"));
  }
  return n;
}
