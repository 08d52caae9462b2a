// bench perf: micro-benchmarks.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/environment.h"
#include "base/log.h"
#include "command.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "options.h"
#include "perf/perf.h"
#include "perf/whole_run.h"
#include "plan/box_qp.h"
#include "root.h"
#include "task/task.h"

static const char text[] =
    "Times what the suites spend their time on, in CPU seconds of this process: real steps of each task beside the "
    "bare\n"
    "simulator's, the linearisation of a horizon, an LQR pass, an iteration of iLQR, a parametric fit, and a whole "
    "seed\n"
    "of the comparison; updates of SAC and of the ensemble beside the core's peak of multiply-adds. Each is warmed up "
    "and repeated; "
    "the\n"
    "figure is the median, with the best beside it. `ratio` is the share of the limit that is reached.\n\n"
    "NAME picks some of them: a whole name (step_helicopter-hover) or its beginning (step). --json prints an array of\n"
    "{\"name\", \"value\", \"unit\", \"limit\", \"ratio\", \"flop\"}. Times on a machine that does other work are "
    "worth little.\n\n"
    "With --run it makes one whole run instead, of TASK (default hopper) by --algo (default mbpo), and says where its\n"
    "CPU time went, by the run's own clocks, and how much memory it needed. Without --set, an mbpo run takes 1,000\n"
    "steps after 1,000 of warm-up with 20 updates a step and an evaluation every 1,000 steps: about two minutes. "
    "--json\n"
    "prints {\"command\", \"cpu\", \"bound\", \"peak_memory\", \"parts\"}.";

static const char examples[] =
    "  bench perf\n"
    "  bench perf step lqr_pass\n"
    "  bench perf helicopter_seed --json\n"
    "  bench perf --save\n"
    "  bench perf --compare results/perf.json\n"
    "  bench perf --run\n"
    "  bench perf --run walker2d --algo lamps --set steps=3000 --set evaluate_every=1000";

enum { MOST_RESULTS = 256 };
static const double tolerated_slowdown = 1.25;

typedef struct perf_arguments {
  const char* compare;
  bool save, as_json, quiet, whole_run;
  lb_whole_run_arguments run;
} perf_arguments;

typedef struct figures {
  lb_perf_result results[MOST_RESULTS];
  int n;
} figures;

// Whether an operand names the benchmark, or those of its kind; marks the operand as used.
static bool is_wanted(const char* name, const lb_operands* operands, bool* used) {
  if (operands->n == 0) return true;
  bool wanted = false;
  for (int i = 0; i < operands->n; i++) {
    size_t length = strlen(operands->values[i]);
    bool begins = strncmp(name, operands->values[i], length) == 0;
    if (begins && (name[length] == '\0' || name[length] == '_')) wanted = used[i] = true;
  }
  return wanted;
}

// The tasks, and which of them have a cost that can be planned for.
typedef struct task_list {
  char** names;
  bool* has_cost;
  int n;
} task_list;

// Frees the names.
static void close_tasks(task_list* list) {
  lb_names_free(list->names, list->n);
  free(list->has_cost);
}

// The caller closes the list, whatever comes of it.
static lb_status open_tasks(task_list* list, const char* models) {
  *list = (task_list){0};
  LB_TRY(lb_task_names(&list->names, &list->n, models));
  list->has_cost = calloc((size_t)list->n + 1, sizeof *list->has_cost);
  if (!list->has_cost) return lb_fail(LB_MEMORY, "no memory for the tasks");
  int n = list->n;
  list->n = 0;
  for (int i = 0; i < n; i++) {
    lb_system* system;
    lb_status status = lb_task_open(&system, models, list->names[i]);
    if (status.code != LB_OK) {  // it hides no other
      lb_log_warning("%s is left out: %s", list->names[i], status.text);
      free(list->names[i]);
      continue;
    }
    list->names[list->n] = list->names[i];
    list->has_cost[list->n++] = system->cost != NULL && system->nu <= LB_BOX_QP_MAX;
    lb_system_free(system);
  }
  return lb_ok();
}

// How many benchmarks a case may stand for, and whether the t-th of them is one.
static int count_of(const lb_perf_case* c, const task_list* tasks) {
  return c->scope == LB_PERF_ONCE ? 1 : tasks->n;
}

static bool applies(const lb_perf_case* c, const task_list* tasks, int t) {
  return c->scope != LB_PERF_PER_COST || tasks->has_cost[t];
}

// The name of a benchmark, for one task or for none.
static void name_case(char* out, size_t size, const lb_perf_case* c, const task_list* tasks, int t) {
  if (c->scope == LB_PERF_ONCE) {
    snprintf(out, size, "%s", c->name);
  } else {
    snprintf(out, size, "%s_%s", c->name, tasks->names[t]);
  }
}

// Visits every benchmark by name: those that are wanted are run (`f` not NULL), or only looked for.
static lb_status visit(figures* f, const lb_operands* operands, bool* used, const char* root, const task_list* tasks) {
  for (int i = 0; i < lb_perf_ncases; i++) {
    const lb_perf_case* c = &lb_perf_cases[i];
    for (int t = 0; t < count_of(c, tasks); t++) {
      char name[160];
      if (!applies(c, tasks, t)) continue;
      name_case(name, sizeof name, c, tasks, t);
      if (!is_wanted(name, operands, used) || !f) continue;
      if (f->n == MOST_RESULTS) return lb_fail(LB_INPUT, "more than %d benchmarks; name some", (int)MOST_RESULTS);
      lb_log_progress(0, "%s", name);
      LB_TRY(lb_within(c->run(&f->results[f->n], name, root, c->scope == LB_PERF_ONCE ? NULL : tasks->names[t]), "%s",
                       name));
      f->n++;
    }
  }
  lb_log_progress_done();
  return lb_ok();
}

// The failure of an operand that names no benchmark, with the nearest.
static lb_status unknown_name(const char* wanted, const task_list* tasks) {
  const char* names[MOST_RESULTS];
  static char text_of[MOST_RESULTS][160];
  int n = 0;
  for (int i = 0; i < lb_perf_ncases; i++) {
    const lb_perf_case* c = &lb_perf_cases[i];
    if (n == MOST_RESULTS) break;
    names[n++] = c->name;
    for (int t = 0; t < count_of(c, tasks) && c->scope != LB_PERF_ONCE && n < MOST_RESULTS - 1; t++) {
      if (!applies(c, tasks, t)) continue;
      name_case(text_of[n], sizeof text_of[n], c, tasks, t);
      names[n] = text_of[n];
      n++;
    }
  }
  char hint[160];
  return lb_fail(
      LB_INPUT,
      "unknown benchmark '%s'%s; there are step, linearize, lqr_pass, ilqr_iteration, "
      "parametric_fit, helicopter_seed, helicopter_mujoco_seed, sac_update_256, sac_update_512, ensemble_update, "
      "ensemble_update_moments and ensemble_rollout",
      wanted, lb_did_you_mean(wanted, names, n, hint, sizeof hint));
}

// The figures as an array.
static void write_results(const figures* f, lb_json_writer* w, const char* key) {
  lb_json_write_begin_array(w, key);
  for (int i = 0; i < f->n; i++) {
    const lb_perf_result* r = &f->results[i];
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "name", r->name);
    lb_json_write_number(w, "value", r->value);
    lb_json_write_string(w, "unit", r->unit);
    lb_json_write_number(w, "limit", r->limit);
    lb_json_write_number(w, "ratio", r->ratio);
    lb_json_write_number(w, "flop", r->flop);
    lb_json_write_number(w, "best", r->best);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

// The figures as JSON.
static void print_json(const figures* f) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  write_results(f, &w, NULL);
  puts(out.data);
  lb_text_free(&out);
}

// The machine and the versions that the figures are of.
static void print_machine(void) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_environment_write_machine(&w, "machine");
  lb_environment_write_versions(&w, "versions");
  lb_json_write_end_object(&w);
  printf("%s\n\n", out.data);
  lb_text_free(&out);
}

// Four digits, or "-" for none.
static void print_number(double x, int width) {
  if (isnan(x)) {
    printf("%*s", width, "-");
  } else {
    printf("%*.4g", width, x);
  }
}

// The figures beside what the machine could do.
static void print_table(const figures* f) {
  print_machine();
  printf("%-40s%12s%12s%12s  %-8s%8s%10s\n", "name", "median", "best", "limit", "unit", "ratio", "GFLOP/s");
  for (int i = 0; i < f->n; i++) {
    const lb_perf_result* r = &f->results[i];
    double seconds = r->value * lb_perf_seconds(r->unit);
    printf("%-40s", r->name);
    print_number(r->value, 12);
    print_number(r->best, 12);
    print_number(r->limit, 12);
    printf("  %-8s", r->unit);
    print_number(r->ratio, 8);
    print_number(r->flop / seconds / 1e9, 10);
    printf("\n    %s\n", r->note);
  }
}

// As results/<name>, with the machine's description before it.
static lb_status save(const char* root, const char* name, const char* command, const figures* f,
                      const lb_run_parts* parts) {
  char folder[LB_BENCH_PATH + 16], path[LB_BENCH_PATH + 64], results[LB_BENCH_PATH];
  LB_TRY(lb_root_results(results, sizeof results, root));
  snprintf(folder, sizeof folder, "%s/results", results);
  snprintf(path, sizeof path, "%s/%s", folder, name);
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "command", command);
  lb_environment_write_machine(&w, "machine");
  lb_environment_write_versions(&w, "versions");
  if (f) write_results(f, &w, "results");
  if (parts) lb_run_parts_write(parts, &w, "run");
  lb_json_write_end_object(&w);
  lb_text_add(&out, "\n");
  lb_status status = lb_folder_make(folder);
  if (status.code == LB_OK) status = lb_file_replace(path, out.data, out.length);
  lb_text_free(&out);
  if (status.code == LB_OK) lb_log_note("%s", path);
  return status;
}

// How much slower `now` is than `then`: above 1 is slower.
static double slowdown(double now, double then, const char* unit) {
  return lb_perf_is_time(unit) ? now / then : then / now;
}

// A figure by its name; NULL: none.
static const lb_perf_result* find_result(const figures* f, const char* name) {
  for (int i = 0; i < f->n; i++) {
    if (strcmp(f->results[i].name, name) == 0) return &f->results[i];
  }
  return NULL;
}

// Lists the figures beside earlier ones; *slower counts those beyond what is tolerated.
static lb_status compare_with(const figures* f, lb_node earlier, int* slower) {
  lb_node array = earlier;
  int n = 0;
  if (lb_json_is_object(earlier)) {
    LB_TRY(lb_json_array(earlier, "results", &array, &n));
  } else if (!lb_json_is_array(earlier)) {
    return lb_json_fail(earlier, "should be what `bench perf --save` or `bench perf --json` wrote");
  }
  printf("\n%-40s%12s%12s%10s\n", "compared", "now", "then", "slower by");
  for (int i = 0; i < lb_json_length(array); i++) {
    lb_node node = lb_json_element(array, i);
    const char *name, *unit;
    double value;
    LB_TRY(lb_json_string(node, "name", &name));
    LB_TRY(lb_json_string(node, "unit", &unit));
    LB_TRY(lb_json_number(node, "value", 1e-300, 1e300, &value));
    const lb_perf_result* now = find_result(f, name);
    if (!now || strcmp(now->unit, unit) != 0) continue;
    double factor = slowdown(now->value, value, unit);
    bool too_slow = factor > tolerated_slowdown;
    *slower += too_slow;
    printf("%-40s%12.4g%12.4g%9.0f%%%s\n", name, now->value, value, 100 * (factor - 1), too_slow ? "  SLOWER" : "");
  }
  return lb_ok();
}

// Lists the figures beside those of a file.
static lb_status compare(const figures* f, const char* path, int* slower) {
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = compare_with(f, lb_json_root(doc), slower);
  lb_json_free(doc);
  return status;
}

// Makes the benchmarks that the operands name, or all.
static lb_status measure(figures* f, const lb_operands* operands, const char* root) {
  char models[LB_BENCH_PATH + 16];
  task_list tasks;
  bool* used = calloc((size_t)operands->n + 1, sizeof *used);
  if (!used) return lb_fail(LB_MEMORY, "no memory for the names");
  snprintf(models, sizeof models, "%s/models", root);
  lb_status status = open_tasks(&tasks, models);
  if (status.code == LB_OK) {
    status = visit(NULL, operands, used, root, &tasks);
    for (int i = 0; i < operands->n && status.code == LB_OK; i++) {
      if (!used[i]) status = unknown_name(operands->values[i], &tasks);
    }
    if (status.code == LB_OK) status = visit(f, operands, used, root, &tasks);
  }
  close_tasks(&tasks);
  free(used);
  return status;
}

// Where the time of a run goes.
static lb_status whole_run(const lb_operands* operands, const perf_arguments* a) {
  static lb_run_parts parts;
  char root[LB_BENCH_PATH];
  if (a->compare) return lb_fail(LB_INPUT, "--compare compares micro-benchmarks; leave out --run");
  LB_TRY(lb_root_find(root, sizeof root));
  LB_TRY(lb_whole_run_measure(&parts, root, operands, &a->run));
  if (a->as_json) {
    lb_text out = {0};
    lb_json_writer w = lb_json_writer_on(&out);
    lb_run_parts_write(&parts, &w, NULL);
    puts(out.data);
    lb_text_free(&out);
  } else {
    print_machine();
    lb_run_parts_print(&parts);
  }
  return a->save ? save(root, "perf-run.json", "tools/bench perf --run --save", NULL, &parts) : lb_ok();
}

// What the options ask for.
static lb_status perf(const lb_operands* operands, const perf_arguments* a, int* slower) {
  static figures f;
  char root[LB_BENCH_PATH];
  if (a->whole_run) return whole_run(operands, a);
  LB_TRY(lb_whole_run_refuse(&a->run));
  if (a->as_json && a->compare) return lb_fail(LB_INPUT, "--compare prints a table; leave out --json");
  LB_TRY(lb_root_find(root, sizeof root));
  LB_TRY(measure(&f, operands, root));
  if (a->as_json) {
    print_json(&f);
  } else {
    print_table(&f);
  }
  if (a->save) LB_TRY(save(root, "perf.json", "tools/bench perf --save", &f, NULL));
  return a->compare ? compare(&f, a->compare, slower) : lb_ok();
}

int lb_command_perf(int argc, char** argv) {
  perf_arguments a = {0};
  const lb_option options[] = {
      {"json", NULL, "an array of objects", LB_OPTION_FLAG, &a.as_json},
      {"save", NULL,
       "write the figures, with the machine's description, to results/perf.json\n(with --run: to "
       "results/perf-run.json)",
       LB_OPTION_FLAG, &a.save},
      {"run", NULL, "where the time of a whole run goes; the operand is its task", LB_OPTION_FLAG, &a.whole_run},
      {"algo", "NAME", "the run's algorithm (default mbpo)", LB_OPTION_TEXT, &a.run.algo},
      {"seed", "N", "the run's seed (default 0)", LB_OPTION_SEED, &a.run.seed},
      {"set", "KEY=VALUE", "changes a setting of the run; may be repeated", LB_OPTION_TEXTS, &a.run.set},
      {"compare", "FILE", "list the figures beside those of FILE; exit status 1 when one is more than\n25 % slower",
       LB_OPTION_TEXT, &a.compare},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &a.quiet},
  };
  const lb_usage usage = {"perf",  "[NAME...] [OPTION...]  |  --run [TASK] [OPTION...]",
                          text,    examples,
                          0,       -1,
                          options, LB_COUNT_OF(options)};
  lb_operands operands;
  int slower = 0;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  lb_log_quiet(a.quiet);
  if (status.code == LB_OK && !operands.help) status = perf(&operands, &a, &slower);
  lb_operands_free(&operands);
  lb_texts_free(&a.run.set);
  if (status.code != LB_OK) return lb_command_end("perf", status);
  return slower > 0 ? LB_EXIT_FAILED : LB_EXIT_OK;
}
