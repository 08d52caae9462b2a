// What a run must remember to go on as if it had never stopped. The expert and its demonstrations are not stored: they
// follow from the seed.
#include <string.h>

#include "algo/experiment.h"

enum { STEPS = 4, ACCOUNTS = 14 };

// The whole-number accounts, in a fixed order.
static void visit_accounts(lb_experiment* e, int64_t values[ACCOUNTS], bool store) {
  int64_t* counts[] = {&e->counts.lqr_passes,
                       &e->counts.model_queries,
                       &e->counts.gradient_updates,
                       &e->counts.backups,
                       &e->system->ledger.steps[LB_STEP_LEARNER],
                       &e->system->ledger.steps[LB_STEP_EXPERT],
                       &e->system->ledger.steps[LB_STEP_EXPLORATION],
                       &e->system->ledger.steps[LB_STEP_EVALUATION]};
  int* ints[] = {&e->round, &e->acting, &e->data.n, &e->data.from_expert, &e->fitted};
  int k = 0;
  for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i, ++k) {
    if (store) {
      values[k] = *counts[i];
    } else {
      *counts[i] = values[k];
    }
  }
  for (size_t i = 0; i < sizeof ints / sizeof *ints; ++i, ++k) {
    if (store) {
      values[k] = *ints[i];
    } else {
      *ints[i] = (int)values[k];
    }
  }
}

void lb_experiment_save(lb_experiment* e, lb_npz_writer* w) {
  int64_t accounts[ACCOUNTS] = {0};
  visit_accounts(e, accounts, true);
  lb_npz_add(w, "accounts", LB_I64, 1, (const int64_t[]){ACCOUNTS}, accounts);
  lb_npz_add_doubles(w, "times", 1, (const int64_t[]){STEPS}, (const double*)&e->times);

  const lb_dataset* d = &e->data;
  lb_npz_add(w, "data/t", LB_I32, 1, (const int64_t[]){d->n}, d->t);
  lb_npz_add_doubles(w, "data/x", 2, (const int64_t[]){d->n, d->nx}, d->x);
  lb_npz_add_doubles(w, "data/u", 2, (const int64_t[]){d->n, d->nu}, d->u);
  lb_npz_add_doubles(w, "data/x_next", 2, (const int64_t[]){d->n, d->nx}, d->x_next);

  const lb_planner* planner = &e->planners[e->acting];
  int most = e->model.nstate > planner->nstate ? e->model.nstate : planner->nstate;
  lb_mark mark = lb_arena_mark(e->arena);
  double* state = LB_TAKE(e->arena, double, most);
  e->model.get_state(e->model.ctx, state);
  lb_npz_add_doubles(w, "model", 1, (const int64_t[]){e->model.nstate}, state);
  planner->get_state(planner->ctx, state);
  lb_npz_add_doubles(w, "planner", 1, (const int64_t[]){planner->nstate}, state);
  lb_arena_release(e->arena, mark);
}

static lb_status restore_data(lb_experiment* e, const lb_npz* npz, int n) {
  lb_dataset* d = &e->data;
  const lb_array* t = lb_npz_find(npz, "data/t");
  if (!t || t->dtype != LB_I32 || t->size != n || n > d->capacity) {
    return lb_fail(LB_INPUT, "%s: data/t does not hold %d times; start over with --fresh", lb_npz_origin(npz), n);
  }
  memcpy(d->t, t->data, (size_t)n * sizeof(int));
  const char* names[] = {"data/x", "data/u", "data/x_next"};
  double* to[] = {d->x, d->u, d->x_next};
  int width[] = {d->nx, d->nu, d->nx};
  for (int i = 0; i < 3; ++i) {
    lb_mark mark = lb_arena_mark(e->arena);
    double* from;
    LB_TRY(lb_npz_doubles(npz, names[i], 2, (const int64_t[]){n, width[i]}, e->arena, &from, NULL));
    memcpy(to[i], from, (size_t)n * (size_t)width[i] * sizeof(double));
    lb_arena_release(e->arena, mark);
  }
  return lb_ok();
}

lb_status lb_experiment_restore(lb_experiment* e, const lb_npz* npz) {
  const lb_array* stored = lb_npz_find(npz, "accounts");
  if (!stored || stored->dtype != LB_I64 || stored->size != ACCOUNTS) {
    return lb_fail(LB_INPUT, "%s: no accounts in this checkpoint; start over with --fresh", lb_npz_origin(npz));
  }
  int64_t accounts[ACCOUNTS];
  memcpy(accounts, stored->data, sizeof accounts);
  visit_accounts(e, accounts, false);
  if (e->acting < 0 || e->acting > 1 || e->data.n < 0) {
    return lb_fail(LB_INPUT, "%s: impossible accounts; start over with --fresh", lb_npz_origin(npz));
  }
  double *times, *state;
  LB_TRY(lb_npz_doubles(npz, "times", 1, (const int64_t[]){STEPS}, e->arena, &times, NULL));
  memcpy(&e->times, times, STEPS * sizeof *times);
  LB_TRY(restore_data(e, npz, e->data.n));

  LB_TRY(lb_npz_doubles(npz, "model", 1, (const int64_t[]){e->model.nstate}, e->arena, &state, NULL));
  lb_batch fitted = lb_dataset_batch(&e->data);
  fitted.n = e->fitted;
  e->model.set_state(e->model.ctx, state, &fitted);
  lb_planner* planner = &e->planners[e->acting];
  LB_TRY(lb_npz_doubles(npz, "planner", 1, (const int64_t[]){planner->nstate}, e->arena, &state, NULL));
  planner->set_state(planner->ctx, state);
  return lb_ok();
}
