// Where the time of a run goes: see run_parts.h.
#include "perf/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/recipe.h"
#include "base/clock.h"
#include "base/memory.h"
#include "io/file.h"
#include "io/run_read.h"
#include "worker.h"

// The last line of timing.jsonl, by its keys; 0 where a row has none of it.
typedef struct clocks {
  double collect, fit, plan, evaluate, collect_steps, fit_rollouts, evaluate_terms, clone, files;
} clocks;

// The clocks of a line of timing.jsonl.
static lb_status take_clocks(clocks* c, lb_node line) {
  struct {
    const char* key;
    double* value;
  } keys[] = {{"collect", &c->collect},
              {"fit", &c->fit},
              {"plan", &c->plan},
              {"evaluate", &c->evaluate},
              {"collect_steps", &c->collect_steps},
              {"fit_rollouts", &c->fit_rollouts},
              {"evaluate_terms", &c->evaluate_terms},
              {"clone", &c->clone},
              {"files", &c->files}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    LB_TRY(lb_json_number_or(line, keys[i].key, 0, 1e12, 0, keys[i].value));
  }
  return lb_ok();
}

// The clocks of the run's last line.
static lb_status read_clocks(clocks* c, const char* folder) {
  lb_json* last;
  LB_TRY(lb_run_read_last(&last, folder, "timing.jsonl"));
  if (!last) return lb_fail(LB_INPUT, "%s: no line of timing.jsonl", folder);
  lb_status status = take_clocks(c, lb_json_root(last));
  lb_json_free(last);
  return status;
}

static void add_part(lb_run_parts* out, const char* name, const char* text, bool is_bound, double seconds) {
  out->parts[out->n++] = (lb_run_part){.name = name, .text = text, .is_bound = is_bound, .seconds = seconds};
}

// A row that plans over trajectories: its planner's passes and its model's queries are what the machine can do too.
static void split_iterations(lb_run_parts* out, const clocks* c) {
  add_part(out, "collect", "real rollouts to learn from", true, c->collect);
  add_part(out, "fit", "fits of the model", true, c->fit);
  add_part(out, "plan", "planning", true, c->plan);
  add_part(out, "evaluate", "evaluation in the real system and in the model", false, c->evaluate);
}

// The parts of a run that imitates.
static void split_cloning(lb_run_parts* out, const clocks* c) {
  add_part(out, "clone", "imitation", true, c->plan);
  add_part(out, "evaluate", "evaluation in the real system", false, c->evaluate);
}

// The parts of a run that goes by real steps.
static void split_online(lb_run_parts* out, const clocks* c) {
  add_part(out, "physics", "real steps to learn from", true, c->collect_steps);
  add_part(out, "collect", "actions and the keeping of transitions", false, c->collect - c->collect_steps);
  add_part(out, "model", "fits of the model: its updates and its holdout", true, c->fit - c->fit_rollouts);
  add_part(out, "rollouts", "rollouts in the model", false, c->fit_rollouts);
  add_part(out, "updates", "updates of actor and critics", true, c->plan);
  add_part(out, "clone", "imitation", true, c->clone);
  add_part(out, "evaluate", "evaluation in the real system", false, c->evaluate - c->evaluate_terms);
  add_part(out, "terms", "the model's errors and the terms of the lemmas", false, c->evaluate_terms);
}

// The parts of the run, which add up to its CPU time.
static void split(lb_run_parts* out, const clocks* c, const lb_recipe* recipe, bool online) {
  double known = 0;
  if (lb_recipe_iterations(recipe)->imitates) {
    split_cloning(out, c);
  } else if (online) {
    split_online(out, c);
  } else {
    split_iterations(out, c);
  }
  add_part(out, "files", "logs, policies, checkpoints", false, c->files);
  for (int i = 0; i < out->n; i++) known += out->parts[i].seconds;
  add_part(out, "rest", "opening (tasks, demonstrations) and the rest", false, out->total - known);
  for (int i = 0; i < out->n; i++) out->bound += out->parts[i].is_bound ? out->parts[i].seconds / out->total : 0;
}

// Runs it in this folder, and splits its time.
static lb_status measure_in(lb_run_parts* out, const lb_run_options* options, const char* folder) {
  lb_run_options o = *options;
  lb_run_progress last;
  lb_recipe recipe;
  clocks c = {0};
  double start = lb_cpu_seconds();
  o.folder = folder;
  o.fresh = true;
  LB_TRY(lb_worker_run(&o, false, &last));
  out->total = lb_cpu_seconds() - start;
  LB_TRY(read_clocks(&c, folder));
  LB_TRY(lb_recipe_load(&recipe, o.root, o.algo));
  if (recipe.has_two_forms && strcmp(last.measure, "return") == 0) {
    LB_TRY(lb_recipe_load_for_rewards(&recipe, o.root, o.algo));
  }
  split(out, &c, &recipe, lb_recipe_is_online(&recipe));
  return lb_ok();
}

lb_status lb_run_parts_measure(lb_run_parts* out, const lb_run_options* options) {
  char folder[300];
  *out = (lb_run_parts){0};
  lb_worker_command(out->command, sizeof out->command, options);
  LB_TRY(lb_folder_temporary(folder, "perf"));
  lb_status status = measure_in(out, options, folder), removed = lb_folder_remove(folder);
  out->peak_memory = lb_memory_peak();
  return status.code == LB_OK ? removed : status;
}

// The parts as a table.
void lb_run_parts_print(const lb_run_parts* p) {
  printf("%s\n\n%-50s%12s%9s\n", p->command, "part", "CPU s", "share");
  for (int i = 0; i < p->n; i++) {
    const lb_run_part* part = &p->parts[i];
    printf("%c %-48s%12.3f%8.1f%%\n", part->is_bound ? '*' : ' ', part->text, part->seconds,
           100 * part->seconds / p->total);
  }
  printf("  %-48s%12.3f%8.1f%%\n", "the whole run", p->total, 100.0);
  printf("* %-48s%12.3f%8.1f%%\n", "updates, fits and real steps together", p->bound * p->total, 100 * p->bound);
  printf("\nPeak memory %.0f MB.\n", p->peak_memory / 1e6);
}

// The parts as an object.
void lb_run_parts_write(const lb_run_parts* p, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "command", p->command);
  lb_json_write_number(w, "cpu", p->total);
  lb_json_write_number(w, "bound", p->bound);
  lb_json_write_number(w, "peak_memory", p->peak_memory);
  lb_json_write_begin_array(w, "parts");
  for (int i = 0; i < p->n; i++) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "name", p->parts[i].name);
    lb_json_write_string(w, "text", p->parts[i].text);
    lb_json_write_bool(w, "bound", p->parts[i].is_bound);
    lb_json_write_number(w, "cpu", p->parts[i].seconds);
    lb_json_write_number(w, "share", p->parts[i].seconds / p->total);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  lb_json_write_end_object(w);
}
