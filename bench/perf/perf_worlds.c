// Finite MDPs and small worlds: what planning in tables costs, and whole seeds of the two published small examples.
#include <math.h>
#include <string.h>

#include "algo/loop.h"
#include "perf/perf.h"
#include "tabular/families.h"
#include "tabular/portals.h"
#include "tabular/solve.h"

enum { REPETITIONS = 9, STATES = 20000, ACTIONS = 4, SUCCESSORS = 8, SWEEPS = 10, DEPTH = 14 };
static const double seconds_each = 0.1;

typedef struct tables {
  lb_arena* arena;
  lb_mdp* m;
  double *V, *pi, *d;
  double sum;  // so that what streams is not left out
  lb_counts counts;
} tables;

// A random MDP with room for its plan.
static tables open_tables(int states) {
  tables k = {.arena = lb_arena_new(0)};
  lb_family_random f = {
      .states = states, .actions = ACTIONS, .successors = SUCCESSORS, .horizon = SWEEPS, .discount = 0.99, .seed = 1};
  k.m = lb_families_random(&f, k.arena);
  k.V = LB_TAKE(k.arena, double, lb_mdp_value_size(k.m));
  k.pi = LB_TAKE(k.arena, double, lb_mdp_policy_size(k.m));
  k.d = LB_TAKE(k.arena, double, (size_t)SWEEPS*(size_t)states);
  for (size_t i = 0; i < (size_t)SWEEPS * (size_t)states; i++) k.d[i] = 1;
  return k;
}

// n times value iteration.
static void run_sweeps(void* ctx, long n) {
  tables* k = ctx;
  for (long i = 0; i < n; i++) lb_solve_optimal(k->V, NULL, k->m, 0, NULL, k->arena);
}

// The same numbers read once a sweep, from the first to the last.
static void run_stream(void* ctx, long n) {
  tables* k = ctx;
  int rows = STATES * ACTIONS, links = k->m->row[rows];
  for (long i = 0; i < n * SWEEPS; i++) {
    double sum = 0;
    for (int j = 0; j < links; j++) sum += k->m->p[j] * k->m->next[j];
    for (int j = 0; j < rows; j++) sum += k->m->reward[j] * k->m->row[j];
    k->sum += sum;
  }
}

lb_status lb_perf_value_iteration(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)root;
  (void)task;
  tables k = open_tables(STATES);
  lb_perf_time time, stream;
  lb_perf_measure_beside(&time, &stream, run_sweeps, run_stream, &k, seconds_each, REPETITIONS);
  *result = lb_perf_rate(name, "s a s'/s", time, (double)STATES * ACTIONS * SUCCESSORS * SWEEPS, stream.median);
  result->note =
      "successors looked at a second, 20,000 states, 4 actions, 8 successors; limit: the same memory read once";
  lb_arena_free(k.arena);
  return lb_ok();
}

// n passes of PSDP from all states.
static void run_psdp(void* ctx, long n) {
  tables* k = ctx;
  for (long i = 0; i < n; i++) lb_solve_psdp(k->pi, k->m, k->d, NULL, k->arena);
}

lb_status lb_perf_psdp_backups(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)root;
  (void)task;
  tables k = open_tables(STATES / 10);
  lb_perf_time time = lb_perf_measure(run_psdp, &k, seconds_each, REPETITIONS);
  *result = lb_perf_rate(name, "backups/s", time, (double)STATES / 10 * ACTIONS * SWEEPS, NAN);
  result->note = "PSDP from all of 2,000 states, 4 actions, 8 successors, 10 steps";
  lb_arena_free(k.arena);
  return lb_ok();
}

typedef struct searched {
  lb_arena* arena;
  lb_branching model;
} searched;

// n exhaustive searches.
static void run_search(void* ctx, long n) {
  searched* k = ctx;
  int plan[DEPTH];
  for (long i = 0; i < n; i++) lb_search_tree(&k->model, 0, DEPTH, 1, plan, NULL, NULL, k->arena);
}

lb_status lb_perf_tree_nodes(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)root;
  (void)task;
  searched k = {.arena = lb_arena_new(0)};
  k.model = lb_portals_model(lb_portals_new(DEPTH, 0, 0, 0, 0, k.arena));
  lb_perf_time time = lb_perf_measure(run_search, &k, seconds_each, REPETITIONS);
  *result = lb_perf_rate(name, "nodes/s", time, lb_search_nodes(&k.model, DEPTH), NAN);
  result->note = "exhaustive search of a binary tree of 14 steps, with its plan";
  lb_arena_free(k.arena);
  return lb_ok();
}

// Whole runs of a row, without what is measured of it.
typedef struct seed {
  const char *root, *world, *row;
} seed;

// n seeds of a small world, without a file.
static void run_seed(void* ctx, long n) {
  const seed* k = ctx;
  for (long i = 0; i < n; i++) {
    lb_recipe recipe;
    lb_steps steps;
    const lb_run_options o = {.root = k->root,
                              .suite = "",
                              .task = k->world,
                              .algo = k->row,
                              .seed = (uint64_t)i,
                              .protocol = lb_protocol_default()};
    if (lb_run_open_steps(&steps, &recipe, &o).code != LB_OK) return;
    for (; *steps.iteration <= steps.iterations; *steps.iteration += 1) {
      if (*steps.iteration > 0) steps.collect(steps.self);
      if (*steps.iteration > 0) steps.fit(steps.self);
      steps.plan(steps.self);
    }
    steps.close(steps.self);
  }
}

lb_status lb_perf_lds_seed(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)task;
  seed k = {root, "lds", "lds-moments"};
  *result = lb_perf_duration(name, "s", lb_perf_measure(run_seed, &k, seconds_each, REPETITIONS), 1, NAN);
  result->note = "one seed of the published linear example, value moments, 50 iterations";
  return lb_ok();
}

lb_status lb_perf_wide_tree_seed(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)task;
  seed k = {root, "wide-tree", "hedge-value"};
  *result = lb_perf_duration(name, "ms", lb_perf_measure(run_seed, &k, seconds_each, REPETITIONS), 1e3, NAN);
  result->note = "one seed of the published wide tree, value moments, 100 iterations";
  return lb_ok();
}
