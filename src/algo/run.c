#include "algo/run.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "algo/agent.h"
#include "algo/environment.h"
#include "algo/expert_files.h"
#include "algo/loop.h"
#include "algo/needs.h"
#include "base/log.h"
#include "io/file_set.h"
#include "io/run_folder.h"
#include "task/task.h"

// Everything that decides a run's numbers, as JSON text (io/run_folder.h).
static void write_config(lb_text* text, const lb_run_options* o, const lb_recipe* recipe, const lb_steps* steps) {
  lb_json_writer w = lb_json_writer_on(text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "format", 1);
  lb_json_write_string(&w, "suite", o->suite);
  lb_json_write_string(&w, "task", o->task);
  lb_json_write_string(&w, "task_hash", steps->system->hash);
  lb_json_write_string(&w, "algo", o->algo);
  lb_json_write_string(&w, "title", recipe->title);
  lb_json_write_int(&w, "seed", (int64_t)o->seed);
  lb_recipe_write(recipe, &w, "recipe");
  lb_protocol_write(&o->protocol, steps->parts, &w, "protocol");
  lb_json_write_begin_object(&w, "expert");
  if (*steps->expert->demonstrations) lb_json_write_string(&w, "demonstrations", steps->expert->demonstrations);
  if (*steps->expert->policy) lb_json_write_string(&w, "policy", steps->expert->policy);
  // Files of the user's own, which no other run is to be pooled with.
  if (*steps->expert->demonstrations && o->given.data) lb_json_write_bool(&w, "given_demonstrations", true);
  if (*steps->expert->policy && o->given.policy) lb_json_write_bool(&w, "given_policy", true);
  lb_json_write_end_object(&w);
  lb_environment_write_program(&w, "program");
  lb_environment_write_arithmetic(&w, "arithmetic");
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

// From the last checkpoint, if there is one, through the loop to the files of the end.
static lb_status work(const lb_steps* steps, lb_run_folder* folder, const lb_run_options* o, lb_run_state state,
                      lb_evaluation* last) {
  lb_npz* checkpoint = NULL;
  if (state == LB_RUN_STARTED) LB_TRY(lb_run_folder_resume(folder, &checkpoint));
  lb_status status = checkpoint && steps->restore ? steps->restore(steps->self, checkpoint) : lb_ok();
  lb_npz_free(checkpoint);
  LB_TRY(lb_run_folder_way_out(status));
  LB_TRY(lb_loop(steps, folder, o, last));
  LB_TRY(lb_lock_check(&folder->lock, folder->path));
  return steps->finish ? steps->finish(steps->self, folder->path) : lb_ok();
}

// The record of a finished run, with what its reader should know.
static lb_status finish(const lb_steps* steps, lb_run_folder* folder, const lb_evaluation* last) {
  lb_text remark = {0}, more = {0};
  lb_evaluation_remark(&remark, last, steps->system);
  if (steps->remark) steps->remark(steps->self, &more);
  if (more.length > 0) lb_text_add(&remark, "%s%s", remark.length > 0 ? "; " : "", more.data);
  lb_status status = lb_run_folder_done(folder, "finished", remark.length > 0 ? remark.data : "");
  lb_text_free(&remark);
  lb_text_free(&more);
  return status;
}

// Works in an open folder and leaves a record of how it ended, unless the run is to be resumed.
static lb_status work_to_the_end(const lb_steps* steps, lb_run_folder* folder, const lb_run_options* o,
                                 lb_run_state state) {
  LB_TRY(save_environment(folder, o));
  lb_evaluation last = {0};
  lb_status status = work(steps, folder, o, state, &last);
  if (status.code == LB_OK) return finish(steps, folder, &last);
  if (status.code == LB_DIVERGED) LB_TRY(lb_run_folder_done(folder, "diverged", status.text));
  return status;
}

// Reads the row in its form for the task. `name` is that of the task's files.
static lb_status load_recipe(lb_recipe* recipe, lb_recipe_form* form, char name[128], const lb_run_options* o) {
  char models[1024];
  lb_system* system;
  LB_TRY(lb_recipe_load(recipe, o->root, o->algo));
  lb_path_join(models, sizeof models, o->root, "models");
  LB_TRY(lb_task_open(&system, models, o->task));
  *form = lb_recipe_form_on(system);
  snprintf(name, 128, "%s", system->name);
  lb_status status = lb_recipe_load_as(recipe, o->root, o->algo, *form);
  if (status.code == LB_OK) status = lb_needs_check(recipe, system);
  lb_system_free(system);
  return status;
}

// The row and its steps, all that is read of expert_data/ at one time: a run never begins with an expert's policy and
// another's demonstrations. LB_INPUT where the task has not what they need.
lb_status lb_run_open_steps(lb_steps* steps, lb_recipe* recipe, const lb_run_options* o) {
  lb_recipe_form form;
  char name[128], folder[LB_EXPERT_FILES_FOLDER];
  LB_TRY(load_recipe(recipe, &form, name, o));
  LB_TRY(lb_expert_files_folder(folder, o->root, name));
  lb_file_share share = lb_file_set_share(folder, name);
  lb_status status = lb_agent_open(steps, recipe, o);
  lb_file_set_release(&share);
  return status;
}

// A suite has one protocol for all its rows: each passes over the settings of others that are measured by returns too.
static int parts_allowed(const lb_steps* steps, const lb_run_options* o) {
  bool shared = *o->suite && steps->parts & LB_PROTOCOL_RETURNS;
  if (*o->suite && steps->parts == 0) return LB_PROTOCOL_WHOLE;
  return shared ? LB_PROTOCOL_WHOLE & ~LB_PROTOCOL_ITERATIONS : steps->parts;
}

// What is given must mean something to the row; a suite's other rows pass it over.
static lb_status check_given(const lb_steps* steps, const lb_run_options* o) {
  if (o->given.policy && steps->system->cost) {
    return lb_fail(LB_INPUT, "--expert %s: %s has a cost, its expert is no policy network", o->given.policy, o->task);
  }
  bool afresh = steps->parts & LB_PROTOCOL_ITERATIONS &&
                (int)lb_protocol_get(&o->protocol, "demonstrations") == LB_DEMONSTRATIONS_FRESH;
  if (o->given.data && afresh) {
    return lb_fail(LB_INPUT, "--data %s: %s records its demonstrations afresh; give --set demonstrations=file with it",
                   o->given.data, o->algo);
  }
  if (*o->suite) return lb_ok();
  if (o->given.data && !*steps->expert->demonstrations) {
    return lb_fail(LB_INPUT, "--data %s: %s uses no recorded demonstrations; leave it out", o->given.data, o->algo);
  }
  if (o->given.policy && !*steps->expert->policy) {
    return lb_fail(LB_INPUT, "--expert %s: in %s no expert acts; leave it out", o->given.policy, o->algo);
  }
  return lb_ok();
}

// Checks what is given, opens the folder and works in it, unless the run is done.
static lb_status run_steps(const lb_steps* steps, const lb_recipe* recipe, const lb_run_options* o) {
  lb_text config = {0};
  lb_run_folder folder;
  lb_run_state state;
  LB_TRY(lb_protocol_check(&o->protocol, parts_allowed(steps, o), o->algo));
  LB_TRY(check_given(steps, o));
  write_config(&config, o, recipe, steps);
  lb_status status = lb_run_folder_open(&folder, o->folder, config.data, o->fresh, &state);
  lb_text_free(&config);
  LB_TRY(status);
  if (*folder.elsewhere) lb_log_note("%s: is done, with another arithmetic (%s)", folder.path, folder.elsewhere);
  if (state != LB_RUN_DONE) status = work_to_the_end(steps, &folder, o, state);
  lb_run_folder_close(&folder);
  return status;
}

lb_status lb_run_protocol_parts(int* parts, const lb_run_options* o) {
  lb_recipe recipe;
  lb_steps steps = {0};
  lb_run_options filed = *o;
  lb_protocol* p = &filed.protocol;
  // For a look no longer recording of the expert is made, and no room for transitions.
  if (!o->given.data && (int)lb_protocol_get(p, "expert_quality") == 100) lb_protocol_put(p, "expert_transitions", 0);
  lb_protocol_put(p, "buffer", 1);
  lb_protocol_put(p, "imagined_kept", 1);
  lb_protocol_put(p, "samples", 1);
  lb_protocol_put(p, "learner_rollouts", 1);
  bool fresh = (int)lb_protocol_get(p, "demonstrations") == LB_DEMONSTRATIONS_FRESH;
  if (fresh) lb_protocol_put(p, "expert_rollouts", 1);
  LB_TRY(lb_run_open_steps(&steps, &recipe, &filed));
  *parts = steps.parts;
  lb_status status = lb_protocol_check(&o->protocol, parts_allowed(&steps, o), o->algo);
  if (status.code == LB_OK) status = check_given(&steps, o);
  steps.close(steps.self);
  return status;
}

lb_status lb_run_row_parts(int* parts, const char* root, const char* task, const char* algo) {
  const lb_run_options o = {.root = root, .task = task, .algo = algo};
  lb_recipe recipe;
  lb_recipe_form form;
  char name[128];
  LB_TRY(load_recipe(&recipe, &form, name, &o));
  *parts = lb_recipe_parts(&recipe, form);
  return lb_ok();
}

lb_status lb_run_expert_used(lb_expert_used* used, const lb_run_options* o) {
  lb_recipe recipe;
  lb_steps steps = {0};
  LB_TRY(lb_run_open_steps(&steps, &recipe, o));
  *used = *steps.expert;
  steps.close(steps.self);
  return lb_ok();
}

lb_status lb_run(const lb_run_options* o) {
  lb_recipe recipe;
  lb_steps steps = {0};
  LB_TRY(lb_run_open_steps(&steps, &recipe, o));
  assert(steps.system && steps.close);
  lb_status status = run_steps(&steps, &recipe, o);
  steps.close(steps.self);
  return status;
}
