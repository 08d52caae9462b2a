#include "algo/experiment.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/expert.h"
#include "algo/expert_files.h"
#include "algo/forecast.h"
#include "algo/models.h"
#include "algo/planners.h"
#include "algo/policy_file.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "plan/mean_trajectory.h"
#include "task/task.h"

// The expert's policy and demonstrations as this run's own: solved and rolled out anew.
static lb_status fresh_expert(lb_experiment* e) {
  lb_expert_account account;
  LB_TRY(lb_expert_solve(&e->expert, &account, e->system, e->arena));
  lb_policy view = lb_lq_policy_view(&e->expert);
  return lb_demos_record(&e->demos, e->system, &view, e->protocol.expert_rollouts, e->seed);
}

// A draw of `n` of `total` numbers without replacement.
static void draw_some(int* index, int n, int total, lb_rng* rng, lb_arena* arena) {
  lb_mark mark = lb_arena_mark(arena);
  int* deck = LB_TAKE(arena, int, total);
  for (int i = 0; i < total; ++i) deck[i] = i;
  for (int i = 0; i < n; ++i) {
    int j = i + (int)lb_rng_below(rng, (uint32_t)(total - i));
    int swap = deck[i];
    deck[i] = deck[j];
    deck[j] = swap;
    index[i] = deck[i];
  }
  lb_arena_release(arena, mark);
}

// The recorded expert's policy and all of its demonstrations.
static lb_status load_recorded(lb_demos** all, lb_experiment* e, const char* root) {
  char folder[LB_EXPERT_FILES_FOLDER], path[1300];
  lb_file_share share;
  lb_expert_files_sums sums;
  LB_TRY(lb_expert_files_folder(folder, root, e->system->name));
  lb_status status = lb_expert_files_open(&sums, &share, folder, e->system->name);
  if (status.code == LB_OK) {
    snprintf(path, sizeof path, "%s/%.150s.policy.safetensors", folder, e->system->name);
    status = lb_policy_file_load(&e->expert, path, e->system, e->arena);
  }
  if (status.code == LB_OK) {
    snprintf(path, sizeof path, "%s/%.150s.npz", folder, e->system->name);
    status = lb_demos_load(all, e->system, e->given.data ? e->given.data : path);
  }
  lb_file_set_release(&share);
  LB_TRY(status);
  memcpy(e->used.policy, sums.policy, sizeof sums.policy);
  memcpy(e->used.demonstrations, sums.demonstrations, sizeof sums.demonstrations);
  if (e->given.data) status = lb_sha256_file(e->given.data, e->used.demonstrations);
  if (status.code != LB_OK) lb_demos_free(*all);
  return status;
}

// The recorded expert, and episodes of its demonstrations drawn for this seed.
static lb_status recorded_expert(lb_experiment* e, const char* root) {
  lb_demos* all;
  LB_TRY(load_recorded(&all, e, root));
  int n = e->protocol.expert_rollouts, total = lb_demos_episodes(all);
  lb_status status;
  if (n > total) {
    status = lb_fail(LB_INPUT, "%s: %d %s, expert_rollouts asks for %d; lower it, or record more",
                     e->given.data ? e->given.data : e->system->name, total,
                     lb_plural(total, "demonstration", "demonstrations"), n);
  } else {
    int* index = LB_TAKE(e->arena, int, n);
    lb_rng rng = lb_rng_stream(e->seed, LB_RNG_EXPERT, 0, LB_EXPERT_DRAW);
    draw_some(index, n, total, &rng, e->arena);
    status = lb_demos_select(&e->demos, all, index, n);
    if (status.code == LB_OK) e->system->ledger.steps[LB_STEP_EXPERT] += lb_demos_transitions(e->demos);
  }
  lb_demos_free(all);
  return status;
}

// Lays the demonstrations out as one batch, and takes their mean.
static void pool_demonstrations(lb_experiment* e) {
  const lb_system* s = e->system;
  int episodes = lb_demos_episodes(e->demos);
  lb_dataset pool;
  lb_dataset_init(&pool, s->space.nx, s->nu, lb_demos_transitions(e->demos), e->arena);
  lb_trajectory* paths = LB_TAKE(e->arena, lb_trajectory, episodes);
  for (int k = 0; k < episodes; ++k) {
    const double* x_next;
    paths[k] = lb_demos_episode(e->demos, k, &x_next, NULL);
    for (int t = 0; t < paths[k].length; ++t) {
      lb_dataset_add(&pool, t, paths[k].x + t * s->space.nx, paths[k].u + t * s->nu, x_next + t * s->space.nx);
    }
  }
  e->expert_data = lb_dataset_batch(&pool);
  e->expert_mean = lb_mean_trajectory(&s->space, s->nu, paths, episodes, e->arena);
}

// Whether there is room for the transitions that the settings ask for.
static lb_status check_memory(const lb_experiment* e) {
  const lb_system* s = e->system;
  const lb_protocol* p = &e->protocol;
  double n = (double)p->iterations * p->samples + (double)p->learner_rollouts * s->horizon;
  lb_memory there = lb_memory_of_process();
  LB_TRY(lb_memory_check(lb_forecast_bytes_of_rounds(p, s), &there, s->name,
                         "lower iterations, samples or learner_rollouts"));
  if (n <= INT_MAX) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: iterations times samples, and learner_rollouts, are %.0f transitions; at most %d can be "
                 "kept: lower one of them",
                 s->name, n, INT_MAX);
}

static lb_status make_learner(lb_experiment* e) {
  const lb_system* s = e->system;
  const lb_protocol* p = &e->protocol;
  LB_TRY(check_memory(e));
  LB_TRY(lb_model_make(&e->model, &e->recipe, s, e->seed, &e->counts));
  e->planners[0] = lb_planner_make(&e->recipe.first, s);
  e->planners[1] = lb_planner_make(&e->recipe.planner, s);
  int nx = s->space.nx, H = s->horizon;
  lb_dataset_init(&e->data, nx, s->nu, p->iterations * p->samples, e->arena);
  lb_dataset_init(&e->learner, nx, s->nu, p->learner_rollouts * H, e->arena);
  lb_dataset_init(&e->evaluation, nx, s->nu, LB_EXPERIMENT_KEPT * H, e->arena);
  return lb_ok();
}

static lb_status open_world(lb_experiment* e, const char* root, const char* task) {
  char models[1024];
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_task_open(&e->system, models, task));
  e->arena = lb_arena_new(0);
  if (!e->arena) return lb_fail(LB_MEMORY, "%s: no memory for a run", task);
  bool from_file = e->protocol.demonstrations == LB_DEMONSTRATIONS_FILE;
  LB_TRY(from_file ? recorded_expert(e, root) : fresh_expert(e));
  if (e->recipe.kind != LB_ROW_LOOP) return lb_ok();
  pool_demonstrations(e);
  return make_learner(e);
}

static void close_experiment(void* self) {
  lb_experiment* e = self;
  if (e->model.destroy) e->model.destroy(e->model.ctx);
  for (int i = 0; i < 2; ++i) {
    if (e->planners[i].destroy) e->planners[i].destroy(e->planners[i].ctx);
  }
  lb_demos_free(e->demos);
  lb_arena_free(e->arena);
  lb_system_free(e->system);
  free(e);
}

lb_status lb_experiment_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* o) {
  lb_experiment* e = calloc(1, sizeof *e);
  if (!e) return lb_fail(LB_MEMORY, "%s: no memory for a run", o->task);
  *e = (lb_experiment){.recipe = *recipe, .protocol = o->protocol, .seed = o->seed, .given = o->given};
  lb_status status = open_world(e, o->root, o->task);
  if (status.code != LB_OK) {
    close_experiment(e);
    return status;
  }
  *steps = recipe->kind == LB_ROW_LOOP ? lb_experiment_steps(e) : lb_experiment_reference_steps(e);
  steps->close = close_experiment;
  return status;
}
