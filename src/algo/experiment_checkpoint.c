// What an experiment must remember to go on as if it had never stopped. The expert and its demonstrations are not
// stored: they follow from the seed.
#include <string.h>

#include "algo/experiment.h"
#include "io/entries.h"

enum { ACCOUNTS = 15, DATA = 4 };

static int list_accounts(lb_entry out[ACCOUNTS], lb_experiment* e) {
  int64_t* steps = e->system->ledger.steps;
  lb_phase_times* t = &e->times;
  const lb_entry entries[ACCOUNTS] = {
      LB_ENTRY("round", &e->round, 1, e->protocol.iterations + 1),
      LB_ENTRY("acting", &e->acting, 0, 1),
      LB_ENTRY("fitted", &e->fitted, 0, e->data.capacity),
      LB_ENTRY("data/n", &e->data.n, 0, e->data.capacity),
      LB_ENTRY("data/from_expert", &e->data.from_expert, 0, e->data.capacity),
      LB_ENTRY("steps/learner", &steps[LB_STEP_LEARNER], 0, LB_MOST_COUNT),
      LB_ENTRY("steps/expert", &steps[LB_STEP_EXPERT], 0, LB_MOST_COUNT),
      LB_ENTRY("steps/exploration", &steps[LB_STEP_EXPLORATION], 0, LB_MOST_COUNT),
      LB_ENTRY("steps/evaluation", &steps[LB_STEP_EVALUATION], 0, LB_MOST_COUNT),
      LB_ENTRY("lqr_passes", &e->counts.lqr_passes, 0, LB_MOST_COUNT),
      LB_ENTRY("model_queries", &e->counts.model_queries, 0, LB_MOST_COUNT),
      LB_ENTRY("seconds/collect", &t->collect, 0, DBL_MAX),
      LB_ENTRY("seconds/fit", &t->fit, 0, DBL_MAX),
      LB_ENTRY("seconds/plan", &t->plan, 0, DBL_MAX),
      LB_ENTRY("seconds/evaluate", &t->evaluate, 0, DBL_MAX),
  };
  memcpy(out, entries, sizeof entries);
  return ACCOUNTS;
}

static int list_data(lb_entry out[DATA], lb_experiment* e) {
  const lb_dataset* d = &e->data;
  int64_t nx = (int64_t)d->n * d->nx, nu = (int64_t)d->n * d->nu;
  const lb_entry entries[DATA] = {
      LB_ENTRIES("data/t", d->t, d->n, 0, e->system->horizon - 1),
      LB_ENTRIES("data/x", d->x, nx, -DBL_MAX, DBL_MAX),
      LB_ENTRIES("data/u", d->u, nu, -DBL_MAX, DBL_MAX),
      LB_ENTRIES("data/x_next", d->x_next, nx, -DBL_MAX, DBL_MAX),
  };
  memcpy(out, entries, sizeof entries);
  return DATA;
}

// The states of the model and of the planner that acts, as `state` (room for either) has them.
static lb_entry model_entry(const lb_experiment* e, double* state) {
  return (lb_entry)LB_ENTRIES("model", state, e->model.nstate, -DBL_MAX, DBL_MAX);
}

static lb_entry planner_entry(const lb_experiment* e, double* state) {
  return (lb_entry)LB_ENTRIES("planner", state, e->planners[e->acting].nstate, -DBL_MAX, DBL_MAX);
}

static double* room_for_states(const lb_experiment* e) {
  int model = e->model.nstate, planner = e->planners[e->acting].nstate;
  return LB_TAKE(e->arena, double, model > planner ? model : planner);
}

void lb_experiment_save(lb_experiment* e, lb_npz_writer* w) {
  lb_entry accounts[ACCOUNTS], data[DATA], state;
  lb_entries_save(accounts, list_accounts(accounts, e), "", w);
  lb_entries_save(data, list_data(data, e), "", w);
  lb_mark mark = lb_arena_mark(e->arena);
  double* numbers = room_for_states(e);
  const lb_planner* planner = &e->planners[e->acting];
  e->model.get_state(e->model.ctx, numbers);
  state = model_entry(e, numbers);
  lb_entries_save(&state, 1, "", w);
  planner->get_state(planner->ctx, numbers);
  state = planner_entry(e, numbers);
  lb_entries_save(&state, 1, "", w);
  lb_arena_release(e->arena, mark);
}

// A state that its owner did not take.
static lb_status refused(const char* what, const char* entry, const lb_npz* npz) {
  if (!what) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the entry '%s' holds what no run can have: %s", lb_npz_origin(npz), entry, what);
}

// What several accounts say together.
static lb_status check_accounts(const lb_experiment* e, const lb_npz* npz) {
  const char* origin = lb_npz_origin(npz);
  if (e->fitted > e->data.n) {
    return lb_fail(LB_INPUT, "%s: the entry 'fitted' is %d, of 'data/n' = %d transitions", origin, e->fitted,
                   e->data.n);
  }
  if (e->data.from_expert > e->data.n) {
    return lb_fail(LB_INPUT, "%s: the entry 'data/from_expert' is %d, of 'data/n' = %d transitions", origin,
                   e->data.from_expert, e->data.n);
  }
  if (e->data.n > (e->round - 1) * e->protocol.samples) {
    return lb_fail(LB_INPUT, "%s: the entry 'data/n' is %d, more than 'round' = %d rounds of %d samples collect",
                   origin, e->data.n, e->round - 1, e->protocol.samples);
  }
  return lb_ok();
}

lb_status lb_experiment_restore(lb_experiment* e, const lb_npz* npz) {
  lb_entry accounts[ACCOUNTS], data[DATA], state;
  LB_TRY(lb_entries_restore(accounts, list_accounts(accounts, e), "", npz));
  LB_TRY(check_accounts(e, npz));
  LB_TRY(lb_entries_restore(data, list_data(data, e), "", npz));

  double* numbers = room_for_states(e);
  state = model_entry(e, numbers);
  LB_TRY(lb_entries_restore(&state, 1, "", npz));
  lb_batch fitted = lb_dataset_batch(&e->data);
  fitted.n = e->fitted;
  LB_TRY(refused(e->model.set_state(e->model.ctx, numbers, &fitted), "model", npz));
  lb_planner* planner = &e->planners[e->acting];
  state = planner_entry(e, numbers);
  LB_TRY(lb_entries_restore(&state, 1, "", npz));
  return refused(planner->set_state(planner->ctx, numbers), "planner", npz);
}
