// What is to be run: see campaign.h.
#include "campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/recipe.h"
#include "algo/run.h"
#include "data/demos.h"
#include "io/file_set.h"
#include "io/run_folder.h"
#include "io/safetensors.h"
#include "only.h"
#include "report/chapters.h"
#include "settings.h"
#include "suite_files.h"
#include "task/task.h"
#include "task_suite.h"
#include "worker.h"

// Runs these seeds in place of the suite's own.
static void use_seeds(lb_campaign_suite* s, const uint64_t* values, int n, lb_arena* arena) {
  int* seeds = LB_TAKE(arena, int, n);
  for (int i = 0; i < n; i++) seeds[i] = (int)values[i];
  s->seeds = seeds;
  s->nseeds = n;
}

// Reads the settings of an object that may have any, to find what is wrong with them.
static lb_status check_settings(lb_node object) {
  lb_protocol scratch = lb_protocol_default();
  lb_node node;
  int n = 0;
  if (lb_json_has(object, "protocol")) {
    LB_TRY(lb_json_object(object, "protocol", &node));
    LB_TRY(lb_protocol_read(&scratch, node));
  }
  if (!lb_json_has(object, "overrides")) return lb_ok();
  LB_TRY(lb_json_array(object, "overrides", &node, &n));
  for (int i = 0; i < n; i++) {
    lb_node protocol, override = lb_json_element(node, i);
    LB_TRY(lb_json_object(override, "protocol", &protocol));
    LB_TRY(lb_protocol_read(&scratch, protocol));
  }
  return lb_ok();
}

// All settings that the definition and its presets name, whichever preset is asked for.
static lb_status check_all_settings(const lb_suite* suite) {
  LB_TRY(check_settings(lb_json_root(suite->written)));
  for (int i = 0; suite->has_presets && i < lb_json_length(suite->presets); i++) {
    lb_node preset;
    LB_TRY(lb_json_object(suite->presets, lb_json_key(suite->presets, i), &preset));
    LB_TRY(check_settings(preset));
  }
  return lb_ok();
}

// Sets the swept setting of a row to its value.
static lb_status set_swept(lb_protocol* p, const lb_suite* suite, const lb_suite_row* row) {
  const lb_suite_sweep* sweep = &suite->sweep;
  char assignment[200];
  if (row->value < 0) return lb_ok();
  snprintf(assignment, sizeof assignment, "%s=%s", sweep->setting, sweep->texts[row->value]);
  return lb_within(lb_protocol_set(p, assignment), "%s: $.sweep", suite->path);
}

lb_status lb_campaign_resolve(lb_protocol* p, const lb_suite* suite, const lb_suite_row* row) {
  *p = lb_protocol_default();
  if (suite->has_protocol) LB_TRY(lb_protocol_read(p, suite->protocol));
  for (int i = 0; i < suite->n_overrides; i++) {
    const lb_suite_override* o = &suite->overrides[i];
    if (lb_suite_override_covers(o, row)) LB_TRY(lb_protocol_read(p, o->protocol));
  }
  return set_swept(p, suite, row);
}

// Fails where --set names the setting that the suite sweeps.
static lb_status check_set_against_sweep(const lb_suite* suite, const lb_texts* set) {
  for (int i = 0; suite->sweep.n > 0 && i < set->n; i++) {
    size_t n = strlen(suite->sweep.setting);
    if (strncmp(set->values[i], suite->sweep.setting, n) != 0 || set->values[i][n] != '=') continue;
    return lb_fail(LB_INPUT, "--set %s: the suite %s sweeps this setting through values of its own", set->values[i],
                   suite->name);
  }
  return lb_ok();
}

// The settings of all rows, with those of --set over them.
static lb_status resolve_protocols(lb_campaign_suite* s, const lb_texts* set, lb_arena* arena) {
  const lb_suite* suite = s->suite;
  LB_TRY(check_all_settings(suite));
  LB_TRY(check_set_against_sweep(suite, set));
  s->protocols = LB_TAKE(arena, lb_protocol, suite->n_rows);
  for (int r = 0; r < suite->n_rows; r++) {
    LB_TRY(lb_campaign_resolve(&s->protocols[r], suite, &suite->rows[r]));
    for (int i = 0; i < set->n; i++) LB_TRY(lb_protocol_set(&s->protocols[r], set->values[i]));
  }
  return lb_ok();
}

lb_status lb_campaign_check_preset(const char* preset) {
  char hint[160];
  for (int i = 0; i < LB_SUITE_PRESETS; i++) {
    if (strcmp(preset, lb_suite_presets[i]) == 0) return lb_ok();
  }
  return lb_fail(LB_INPUT, "unknown preset '%s'%s; there are quick, evening, standard and paper", preset,
                 lb_did_you_mean(preset, lb_suite_presets, LB_SUITE_PRESETS, hint, sizeof hint));
}

lb_status lb_campaign_check_task(const char* root, const char* task, const char* origin) {
  char models[LB_BENCH_PATH + 16], hint[160];
  snprintf(models, sizeof models, "%s/models", root);
  char** names;
  int n;
  if (lb_task_exists(models, task)) return lb_ok();
  LB_TRY(lb_task_names(&names, &n, models));
  lb_did_you_mean(task, (const char* const*)names, n, hint, sizeof hint);
  lb_names_free(names, n);
  return lb_fail(LB_INPUT, "%s%sunknown task '%s'%s; 'bench tasks' lists all", origin ? origin : "", origin ? ": " : "",
                 task, hint);
}

lb_status lb_campaign_check_algo(const char* root, const char* algo, const char* origin) {
  lb_recipe recipe;
  lb_status status = lb_recipe_load(&recipe, root, algo);
  return origin ? lb_within(status, "%s", origin) : status;
}

// Fails unless every task and algorithm of the suite can be opened.
static lb_status check_rows(const lb_campaign* c, const lb_suite* suite) {
  for (int i = 0; i < suite->n_tasks; i++) {
    if (!strchr(suite->tasks[i], '/')) continue;
    return lb_fail(LB_INPUT, "%s: task '%s': a suite names tasks, not paths", suite->path, suite->tasks[i]);
  }
  for (int i = 0; i < suite->n_tasks; i++) LB_TRY(lb_campaign_check_task(c->root, suite->tasks[i], suite->path));
  for (int i = 0; i < suite->n_rows; i++) {
    if (suite->rows[i].value <= 0) LB_TRY(lb_campaign_check_algo(c->root, suite->rows[i].recipe, suite->path));
  }
  return lb_ok();
}

// Results that are there must have been made under the same settings: runs of two would end up in one table.
static lb_status compare_protocols(const lb_campaign_suite* s, const lb_suite* earlier) {
  for (int r = 0; r < earlier->n_rows; r++) {
    const lb_suite_row* own = lb_suite_find_row(s->suite, earlier->rows[r].task, earlier->rows[r].algo);
    if (!own) continue;
    const lb_protocol* here = &s->protocols[own - s->suite->rows];
    lb_protocol there;
    LB_TRY(lb_campaign_resolve(&there, earlier, &earlier->rows[r]));
    lb_setting theirs[LB_SETTINGS_MAX], ours[LB_SETTINGS_MAX];
    if (lb_settings_difference(theirs, &there, here) == 0) continue;
    lb_settings_difference(ours, here, &there);
    return lb_fail(LB_INPUT,
                   "%s: holds runs under other settings (%s on %s: %s there, %s here); choose another --out, or "
                   "--fresh to start over",
                   s->folder, earlier->rows[r].algo, earlier->rows[r].task, theirs[0].text, ours[0].text);
  }
  return lb_ok();
}

// Fails where the folder holds runs under other settings, or with --resume nothing.
static lb_status check_earlier_results(const lb_campaign_suite* s, bool resume) {
  char path[LB_BENCH_PATH + 16];
  lb_file_share before = lb_file_set_share(s->folder, "suite");  // finishes what was begun
  lb_file_set_release(&before);
  snprintf(path, sizeof path, "%s/suite.json", s->folder);
  if (!lb_file_exists(path)) {
    return resume ? lb_fail(LB_INPUT, "--resume: there is nothing to resume in %s", s->folder) : lb_ok();
  }
  lb_suite* earlier;
  LB_TRY(lb_suite_load(&earlier, path));
  lb_status status = compare_protocols(s, earlier);
  lb_suite_free(earlier);
  return status;
}

// Fails unless every published curve's file is there.
static lb_status check_overlays(const lb_suite* suite) {
  for (int i = 0; i < suite->n_overlays; i++) {
    char path[2 * LB_BENCH_PATH];
    lb_suite_files_overlay(path, sizeof path, suite, suite->overlays[i].file);
    if (!lb_file_exists(path)) {
      return lb_fail(LB_INPUT, "%s: $.overlays[%d].file: there is no %s", suite->path, i, path);
    }
  }
  return lb_ok();
}

// Reads a suite, checks it, and settles its settings, seeds and folder.
static lb_status open_suite(lb_campaign* c, lb_campaign_suite* s, const char* name, const lb_campaign_options* o) {
  s->lock.fd = -1;
  LB_TRY(lb_suite_files_load(&s->suite, c->root, name, o->preset));
  LB_TRY(lb_chapters_check(lb_json_root(s->suite->doc)));
  LB_TRY(check_rows(c, s->suite));
  LB_TRY(check_overlays(s->suite));
  s->seeds = s->suite->seeds;
  s->nseeds = s->suite->n_seeds;
  LB_TRY(resolve_protocols(s, &o->set, c->arena));
  if (o->seeds.n > 0) use_seeds(s, o->seeds.values, o->seeds.n, c->arena);
  lb_path_join(s->folder, sizeof s->folder, c->out, s->suite->name);
  for (const lb_campaign_suite* other = c->suites; other != s; other++) {
    if (strcmp(other->suite->name, s->suite->name) != 0) continue;
    return lb_fail(LB_INPUT, "%s and %s: both are called '%s', and so would their results be", other->suite->path,
                   s->suite->path, s->suite->name);
  }
  return o->fresh ? lb_ok() : check_earlier_results(s, o->resume);
}

// The most seeds that one of the suites has.
static int longest_list_of_seeds(const lb_campaign* c) {
  int longest = 0;
  for (int i = 0; i < c->nsuites; i++) {
    if (c->suites[i].nseeds > longest) longest = c->suites[i].nseeds;
  }
  return longest;
}

// Whether what is there of a run is what is asked for. What cannot be read or was altered, the run's own process will
// complain of.
static void judge(lb_campaign* c, lb_campaign_run* run) {
  const lb_suite_row* row = lb_campaign_row(run);
  lb_identity identity;
  bool over = run->before == LB_END_FINISHED || run->before == LB_END_DIVERGED;
  lb_status status = lb_identities_compare(c->identities, &identity, run->folder, row->task, row->recipe, run->seed,
                                           lb_campaign_protocol(run));
  run->stale = status.code == LB_OK && lb_identity_is_stale(identity, over);
  if (over && !run->stale && lb_run_folder_verify(run->folder).code == LB_INPUT) run->before = LB_END_NONE;
  if (!run->stale) return;
  lb_stale_add(&c->stale, identity, row->task, run->folder);
  run->before = LB_END_NONE;
}

// Adds one run, and how it stands in its folder.
static lb_status add_run(lb_campaign* c, const lb_campaign_suite* s, int r, int seed, bool fresh) {
  lb_campaign_run* run = &c->runs[c->nruns++];
  const lb_suite_row* row = &s->suite->rows[r];
  *run = (lb_campaign_run){.suite = s, .row = r, .seed = seed};
  int n = snprintf(run->folder, sizeof run->folder, "%s/%s/%s/seed-%d", s->folder, row->task, row->algo, seed);
  if (n >= (int)sizeof run->folder) return lb_fail(LB_INPUT, "%s: the path of a run is too long", s->folder);
  if (fresh) return lb_ok();
  lb_outcome_line line;
  LB_TRY(lb_outcome_read_end(&line, run->folder));
  run->before = line.end;
  judge(c, run);
  return lb_ok();
}

// Every row's first seed comes first, so that an early look at the results sees all rows.
static lb_status list_runs(lb_campaign* c, bool fresh) {
  int total = 0;
  for (int i = 0; i < c->nsuites; i++) total += c->suites[i].nseeds * c->suites[i].suite->n_rows;
  c->runs = LB_TAKE(c->arena, lb_campaign_run, total + 1);
  int rounds = longest_list_of_seeds(c);
  for (int k = 0; k < rounds; k++) {
    for (int i = 0; i < c->nsuites; i++) {
      const lb_campaign_suite* s = &c->suites[i];
      for (int r = 0; r < s->suite->n_rows && k < s->nseeds; r++) {
        if (s->wanted[r]) LB_TRY(add_run(c, s, r, s->seeds[k], fresh));
      }
    }
  }
  return lb_ok();
}

// The kind of a run: the number of its row, counted over all suites.
static int kind_of(const lb_campaign* c, const lb_campaign_run* run) {
  int kind = run->row;
  for (const lb_campaign_suite* s = c->suites; s != run->suite; s++) kind += s->suite->n_rows;
  return kind;
}

// A finished run and one that diverged (it would again) are over; one that failed gets another chance.
static lb_status list_jobs(lb_campaign* c, double checkpoint) {
  const char* program = NULL;
  LB_TRY(lb_worker_program(&program, c->arena));
  c->jobs = LB_TAKE(c->arena, lb_job, c->nruns + 1);
  for (int i = 0; i < c->nruns; i++) {
    lb_campaign_run* run = &c->runs[i];
    if (run->before == LB_END_FINISHED || run->before == LB_END_DIVERGED) continue;
    char name[400];
    const lb_suite_row* row = lb_campaign_row(run);
    snprintf(name, sizeof name, "%s on %s, seed %d", row->algo, row->task, run->seed);
    lb_run_options options = {.suite = run->suite->suite->name,
                              .task = row->task,
                              .algo = row->recipe,
                              .seed = (uint64_t)run->seed,
                              .protocol = *lb_campaign_protocol(run),
                              .given = lb_campaign_given_to(c, row->task),
                              .folder = run->folder,
                              .checkpoint_seconds = checkpoint};
    run->again = lb_worker_words(program, &options, c->arena);
    options.fresh = run->stale;
    c->jobs[c->njobs++] = (lb_job){.words = lb_worker_words(program, &options, c->arena),
                                   .name = lb_arena_text(c->arena, name),
                                   .kind = kind_of(c, run),
                                   .ctx = run};
  }
  return lb_ok();
}

// Marks the rows that --only asks for; fails for a pattern that fits none.
static lb_status choose_rows(lb_campaign* c, const lb_texts* only) {
  const lb_suite** suites = LB_TAKE(c->arena, const lb_suite*, c->nsuites);
  for (int i = 0; i < c->nsuites; i++) {
    lb_campaign_suite* s = &c->suites[i];
    suites[i] = s->suite;
    s->wanted = LB_TAKE(c->arena, bool, s->suite->n_rows);
    for (int r = 0; r < s->suite->n_rows; r++) {
      s->wanted[r] = lb_suite_row_is_wanted(&s->suite->rows[r], only->values, only->n);
    }
  }
  return lb_only_check(only, suites, c->nsuites);
}

// A row's own settings, and those of others in its suite that it passes over (algo/run.c).
static int shared_parts(int parts) {
  return parts & LB_PROTOCOL_RETURNS ? LB_PROTOCOL_WHOLE & ~LB_PROTOCOL_ITERATIONS : parts;
}

// Each setting of --set must mean something to a row of every suite that has settings at all, and to none nothing,
// which would refuse it.
static lb_status check_set_means(const lb_campaign* c, const lb_campaign_suite* s, const char* assignment) {
  lb_status without = lb_ok();
  bool means = false, has_settings = false;
  for (int r = 0; r < s->suite->n_rows; r++) {
    const lb_suite_row* row = &s->suite->rows[r];
    int parts;
    if (!s->wanted[r]) continue;
    LB_TRY(lb_within(lb_run_row_parts(&parts, c->root, row->task, row->recipe), "%s", s->suite->path));
    if (parts == 0) continue;
    has_settings = true;
    LB_TRY(lb_within(lb_protocol_check_set(assignment, shared_parts(parts), row->algo), "--set %s: %s", assignment,
                     s->suite->name));
    lb_status own = lb_protocol_check_set(assignment, parts, row->algo);
    means = means || own.code == LB_OK;
    without = own.code == LB_OK ? without : own;
  }
  return means || !has_settings ? lb_ok() : lb_within(without, "--set %s: %s", assignment, s->suite->name);
}

// Fails at a --set that means nothing to any row of a suite.
static lb_status check_sets(const lb_campaign* c, const lb_texts* set) {
  for (int i = 0; i < c->nsuites; i++) {
    for (int k = 0; k < set->n; k++) LB_TRY(check_set_means(c, &c->suites[i], set->values[k]));
  }
  return lb_ok();
}

// Where results go: --out, else results/runs/PRESET below the data folder.
static lb_status choose_out(lb_campaign* c, const lb_campaign_options* o) {
  if (o->out) {
    LB_TRY(lb_root_check_path(o->out, "--out"));
    snprintf(c->out, sizeof c->out, "%s", o->out);
    return lb_ok();
  }
  LB_TRY(lb_root_check_path(c->root, "LAZYBENCH_ROOT"));
  char results[LB_BENCH_PATH];
  LB_TRY(lb_root_results(results, sizeof results, c->root));
  lb_path_join(c->out, sizeof c->out, results, "results/runs");
  size_t used = strlen(c->out);
  snprintf(c->out + used, sizeof c->out - used, "/%s", o->preset);
  return lb_ok();
}

lb_expert_given lb_campaign_given_to(const lb_campaign* c, const char* task) {
  for (int i = 0; i < c->ngiven; i++) {
    if (strcmp(c->given[i].task, task) == 0) return c->given[i].files;
  }
  return (lb_expert_given){0};
}

// Whether a suite has the task.
static bool has_task(const lb_campaign* c, const char* task) {
  for (int i = 0; i < c->nsuites; i++) {
    for (int t = 0; t < c->suites[i].suite->n_tasks; t++) {
      if (strcmp(c->suites[i].suite->tasks[t], task) == 0) return true;
    }
  }
  return false;
}

// The task that a policy's file names.
static lb_status read_policy_task(char task[128], const char* path) {
  lb_safetensors* file;
  lb_json* doc = NULL;
  const char* name;
  LB_TRY(lb_safetensors_load(&file, path));
  lb_status status = lb_json_parse(&doc, lb_safetensors_metadata(file), path);
  if (status.code == LB_OK) status = lb_json_string(lb_json_root(doc), "task", &name);
  if (status.code == LB_OK) snprintf(task, 128, "%s", name);
  lb_json_free(doc);
  lb_safetensors_free(file);
  return status;
}

// Files of one option, each for the task that it names itself.
static lb_status read_given(lb_campaign* c, const lb_texts* files, const char* option, bool is_data) {
  for (int i = 0; i < files->n; i++) {
    const char *path = files->values[i], **place = NULL;
    char task[128];
    LB_TRY(lb_root_check_path(path, option));
    LB_TRY(is_data ? lb_demos_read_task(task, path) : read_policy_task(task, path));
    if (!has_task(c, task))
      return lb_fail(LB_INPUT, "%s %s: is of %s, which is no task of the suite", option, path, task);
    for (int k = 0; k < c->ngiven && !place; k++) {
      lb_expert_given* g = &c->given[k].files;
      if (strcmp(c->given[k].task, task) == 0) place = is_data ? &g->data : &g->policy;
    }
    if (!place) {
      lb_campaign_given* g = &c->given[c->ngiven++];
      snprintf(g->task, sizeof g->task, "%s", task);
      place = is_data ? &g->files.data : &g->files.policy;
    }
    if (*place) return lb_fail(LB_INPUT, "%s %s and %s: both are of %s", option, *place, path, task);
    *place = path;
  }
  return lb_ok();
}

// Reads --data and --expert, which replace the recorded ones of their tasks.
static lb_status read_all_given(lb_campaign* c, const lb_campaign_options* o) {
  c->given = LB_TAKE(c->arena, lb_campaign_given, o->data.n + o->expert.n + 1);
  if (o->data.n + o->expert.n > 0 && !o->out) {
    return lb_fail(LB_INPUT, "%s needs --out DIR: results with files of your own have a folder of their own",
                   o->data.n > 0 ? "--data" : "--expert");
  }
  LB_TRY(read_given(c, &o->data, "--data", true));
  LB_TRY(read_given(c, &o->expert, "--expert", false));
  for (int i = 0; i < c->ngiven; i++) {
    LB_TRY(lb_identities_give(c->identities, c->given[i].task, &c->given[i].files));
  }
  return lb_ok();
}

// Fails at options that contradict each other.
static lb_status check_names(const lb_campaign_options* o) {
  for (int i = 0; i < o->nsuites; i++) {
    for (int j = 0; j < i; j++) {
      if (strcmp(o->suites[i], o->suites[j]) == 0) {
        return lb_fail(LB_INPUT, "suite '%s' is named twice", o->suites[i]);
      }
    }
  }
  if (o->task && o->nsuites > 0) {
    return lb_fail(LB_INPUT, "--task %s: is a comparison of its own; leave '%s' out", o->task, o->suites[0]);
  }
  if (o->algos && !o->task) return lb_fail(LB_INPUT, "--algos goes with --task; of a suite --only runs a part");
  if (!o->task && o->nsuites == 0) {
    return lb_fail(LB_INPUT,
                   "which suite? Name one of bench/suites (docs/suites.md says what they are), or give --task NAME for "
                   "a comparison on one task");
  }
  if (o->fresh && o->only.n > 0) {
    return lb_fail(LB_INPUT, "--fresh deletes all results of a suite, and --only runs a part of it; give one of them");
  }
  if (o->fresh && o->resume) return lb_fail(LB_INPUT, "--fresh and --resume contradict each other; give one of them");
  return lb_campaign_check_preset(o->preset);
}

// --task: the definition is written, read and gone; its copy beside the results stays.
static lb_status open_on_task(lb_campaign* c, const lb_campaign_options* o) {
  char folder[300], path[320];
  const lb_task_suite wanted = {.task = o->task,
                                .preset = o->preset,
                                .algos = o->algos,
                                .has_data = o->data.n > 0,
                                .has_policy = o->expert.n > 0};
  LB_TRY(lb_folder_temporary(folder, "suite"));
  snprintf(path, sizeof path, "%s/on-task.json", folder);
  lb_status status = lb_task_suite_write(path, &wanted, c->root);
  if (status.code == LB_OK) {
    c->nsuites = 1;
    status = open_suite(c, &c->suites[0], path, o);
  }
  lb_status removed = lb_folder_remove(folder);
  return status.code == LB_OK ? removed : status;
}

lb_status lb_campaign_open(lb_campaign* c, const lb_campaign_options* o) {
  *c = (lb_campaign){.arena = lb_arena_new(0)};
  if (!c->arena) return lb_fail(LB_MEMORY, "no memory for the list of runs");
  LB_TRY(check_names(o));
  LB_TRY(lb_root_find(c->root, sizeof c->root));
  LB_TRY(choose_out(c, o));
  c->identities = lb_identities_new(c->root);
  if (!c->identities) return lb_fail(LB_MEMORY, "no memory to look at earlier runs");
  c->suites = LB_TAKE(c->arena, lb_campaign_suite, o->nsuites + 1);
  if (o->task) LB_TRY(open_on_task(c, o));
  for (int i = 0; i < o->nsuites; i++) {
    c->nsuites = i + 1;
    LB_TRY(open_suite(c, &c->suites[i], o->suites[i], o));
  }
  LB_TRY(read_all_given(c, o));
  LB_TRY(choose_rows(c, &o->only));
  LB_TRY(check_sets(c, &o->set));
  LB_TRY(list_runs(c, o->fresh));
  return list_jobs(c, o->checkpoint);
}

void lb_campaign_close(lb_campaign* c) {
  for (int i = 0; i < c->nsuites; i++) {
    if (c->suites[i].lock.fd >= 0) lb_lock_release(&c->suites[i].lock);
    lb_suite_free(c->suites[i].suite);
  }
  lb_identities_free(c->identities);
  lb_arena_free(c->arena);
  *c = (lb_campaign){0};
}
