#include "algo/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algo/environment.h"
#include "algo/experiment.h"
#include "algo/loop.h"
#include "algo/online.h"
#include "algo/policy_file.h"
#include "base/clock.h"
#include "io/run_folder.h"

// A row at work: on whole trajectories, or online.
typedef struct row {
  lb_recipe recipe;
  bool is_online;
  lb_experiment experiment;
  lb_online online;
} row;

static const lb_system* system_of(const row* r) {
  return r->is_online ? r->online.system : r->experiment.system;
}

// Everything that decides a run's numbers, as JSON text: a resumed run must agree with it to the byte.
static void write_config(lb_text* text, const lb_run_options* o, const row* r) {
  lb_json_writer w = lb_json_writer_on(text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "format", 1);
  lb_json_write_string(&w, "suite", o->suite);
  lb_json_write_string(&w, "task", o->task);
  lb_json_write_string(&w, "task_hash", system_of(r)->hash);
  lb_json_write_string(&w, "algo", o->algo);
  lb_json_write_string(&w, "title", r->recipe.title);
  lb_json_write_int(&w, "seed", (int64_t)o->seed);
  lb_recipe_write(&r->recipe, &w, "recipe");
  lb_protocol_write(&o->protocol, r->is_online ? LB_PROTOCOL_ONLINE : LB_PROTOCOL_ROUNDS, &w, "protocol");
  lb_json_write_end_object(&w);
}

// environment.json: what made this run, rewritten whenever a process takes it up.
static lb_status save_environment(const lb_run_folder* folder, const lb_run_options* o) {
  char path[1200];
  lb_path_join(path, sizeof path, folder->path, "environment.json");
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "command", o->command);
  lb_environment_write_versions(&w, "versions");
  lb_environment_write_machine(&w, "machine");
  lb_json_write_end_object(&w);
  lb_text_add(&text, "\n");
  lb_status status = lb_file_replace(path, text.data, text.length);
  lb_text_free(&text);
  return status;
}

// The reference's controls without feedback: what it costs to do nothing about the noise.
static void zero_policy(lb_lq_policy* policy, const lb_system* s, lb_arena* arena) {
  lb_lq_policy_init(policy, &s->space, s->nu, s->horizon, arena);
  size_t steps = (size_t)s->horizon;
  memcpy(policy->x_nominal, s->reference->x, (steps + 1) * (size_t)s->space.nx * sizeof(double));
  memcpy(policy->u_nominal, s->reference->u, steps * (size_t)s->nu * sizeof(double));
}

// A reference row: one policy, measured once with the noise of the last round.
static lb_status measure_reference(lb_experiment* e, lb_run_folder* folder) {
  double start = lb_cpu_seconds();
  lb_lq_policy zero;
  if (e->recipe.kind == LB_ROW_ZERO) zero_policy(&zero, e->system, e->arena);
  lb_policy policy = lb_lq_policy_view(e->recipe.kind == LB_ROW_ZERO ? &zero : &e->expert);
  lb_evaluation real = lb_evaluate(e->system, &policy, e->protocol.evaluation_rollouts, e->seed,
                                   (uint32_t)e->protocol.iterations, e->arena, 0, NULL, NULL);
  lb_text metrics = {0}, timing = {0};
  lb_json_writer w = lb_json_writer_on(&metrics);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", 0);
  lb_json_write_number(&w, "cost", real.mean);
  lb_json_write_number(&w, "cost_se", real.se);
  lb_json_write_number(&w, "cost_median", real.median);
  lb_json_write_int(&w, "rollouts_diverged", real.diverged);
  lb_json_write_int(&w, "steps_evaluation", e->system->ledger.steps[LB_STEP_EVALUATION]);
  lb_json_write_end_object(&w);
  w = lb_json_writer_on(&timing);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", 0);
  lb_json_write_number(&w, "cpu", lb_cpu_seconds() - start);
  lb_json_write_number(&w, "evaluate", lb_cpu_seconds() - start);
  lb_json_write_end_object(&w);
  lb_status status = lb_run_folder_metrics(folder, metrics.data, timing.data);
  lb_text_free(&metrics);
  lb_text_free(&timing);
  return status;
}

// The final policy as a file of its own. Planners that are not of the feedback kind have none to save here.
static lb_status save_policy(lb_experiment* e, const lb_run_folder* folder) {
  char path[1200];
  lb_path_join(path, sizeof path, folder->path, "policy.safetensors");
  lb_lq_policy policy;
  if (e->recipe.kind == LB_ROW_ZERO) {
    zero_policy(&policy, e->system, e->arena);
  } else if (e->recipe.kind == LB_ROW_EXPERT) {
    policy = e->expert;
  } else {
    policy = *lb_lq_policy_of(lb_experiment_policy(e));
  }
  return lb_policy_file_save(path, &policy, e->system, "{}");
}

static lb_status work_on_trajectories(lb_experiment* e, lb_run_folder* folder, const lb_run_options* o,
                                      const lb_npz* checkpoint) {
  if (e->recipe.kind != LB_ROW_LOOP) {
    LB_TRY(measure_reference(e, folder));
    return save_policy(e, folder);
  }
  if (checkpoint) LB_TRY(lb_experiment_restore(e, checkpoint));
  lb_steps steps = lb_experiment_steps(e);
  LB_TRY(lb_loop(&steps, folder, o));
  return save_policy(e, folder);
}

static lb_status work_online(lb_online* online, lb_run_folder* folder, const lb_run_options* o,
                             const lb_npz* checkpoint) {
  if (checkpoint) LB_TRY(lb_online_restore(online, checkpoint));
  lb_steps steps = lb_online_steps(online);
  return lb_loop(&steps, folder, o);
}

static lb_status work(row* r, lb_run_folder* folder, const lb_run_options* o, lb_run_state state) {
  lb_npz* checkpoint = NULL;
  if (state == LB_RUN_STARTED) LB_TRY(lb_run_folder_resume(folder, &checkpoint));
  lb_status status = r->is_online ? work_online(&r->online, folder, o, checkpoint)
                                  : work_on_trajectories(&r->experiment, folder, o, checkpoint);
  lb_npz_free(checkpoint);
  return status;
}

// Works in an open folder and leaves a record of how it ended, unless the run is to be resumed.
static lb_status work_to_the_end(row* r, lb_run_folder* folder, const lb_run_options* o, lb_run_state state) {
  LB_TRY(save_environment(folder, o));
  lb_status status = work(r, folder, o, state);
  if (status.code == LB_OK) return lb_run_folder_done(folder, "finished", "");
  if (status.code == LB_DIVERGED) LB_TRY(lb_run_folder_done(folder, "diverged", status.text));
  return status;
}

static lb_status open_row(row* r, const lb_run_options* o) {
  LB_TRY(lb_recipe_load(&r->recipe, o->root, o->algo));
  r->is_online = lb_recipe_is_online(&r->recipe);
  LB_TRY(lb_protocol_check(&o->protocol, r->is_online ? LB_PROTOCOL_ONLINE : LB_PROTOCOL_ROUNDS, o->algo));
  if (r->is_online) {
    r->online = (lb_online){.recipe = r->recipe, .protocol = o->protocol, .seed = o->seed};
    return lb_online_open(&r->online, o->root, o->task);
  }
  r->experiment = (lb_experiment){.recipe = r->recipe, .protocol = o->protocol, .seed = o->seed};
  return lb_experiment_open(&r->experiment, o->root, o->task);
}

static void close_row(row* r) {
  if (r->is_online) {
    lb_online_close(&r->online);
  } else {
    lb_experiment_close(&r->experiment);
  }
}

lb_status lb_run(const lb_run_options* o) {
  row r = {0};
  lb_status status;
  lb_text config = {0};
  LB_TRY_OR(done, status, open_row(&r, o));
  write_config(&config, o, &r);
  lb_run_folder folder;
  lb_run_state state;
  LB_TRY_OR(done, status, lb_run_folder_open(&folder, o->folder, config.data, o->fresh, &state));
  if (state != LB_RUN_DONE) status = work_to_the_end(&r, &folder, o, state);
  lb_run_folder_close(&folder);
done:
  lb_text_free(&config);
  close_row(&r);
  return status;
}
