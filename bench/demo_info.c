// bench demo info: what a recording holds, and how it was made.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/running.h"
#include "base/text.h"
#include "command.h"
#include "command_demo.h"
#include "data/demos.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "io/npz.h"
#include "options.h"

static const char text[] =
    "What a recording holds: episodes, transitions, returns (of a task with a cost, minus its stage costs; of all\n"
    "episodes but one that the recorder cut), the ranges\n"
    "of its actions beside the task's limits and of its observations, its checksum, and from its metadata how it was\n"
    "made and what was verified. The task is the one that the metadata name, or --task.";

static const char examples[] =
    "  bench demo info expert_data/hopper.npz\n"
    "  bench demo info mine.npz --task hopper --json";

typedef struct info {
  const char* path;
  char task[128];
  const char* kind;  // static text
  char* provenance;  // JSON text; NULL: the metadata have none
  char sum[65];
  lb_moments returns, lengths;
  double least, most;  // return
  int counted;
  double *low, *high;          // (nu) actions
  double *obs_low, *obs_high;  // (nobs); NULL: without observations
} info;

// What the metadata say: whose recording, on which task, how it was made.
static lb_status read_metadata(info* f, lb_arena* arena) {
  lb_npz* npz;
  const char *words, *task = "";
  f->kind = "from elsewhere, without metadata";
  LB_TRY(lb_npz_open(&npz, f->path));
  lb_json* doc = NULL;
  lb_status status = lb_ok();
  if (lb_npz_has(npz, "metadata")) {
    status = lb_npz_string(npz, "metadata", &words);
    if (status.code == LB_OK) status = lb_json_parse(&doc, words, f->path);
  }
  if (doc) {
    lb_node root = lb_json_root(doc), node;
    int format = 1;
    status = lb_json_string(root, "task", &task);
    if (status.code == LB_OK) status = lb_json_int_or(root, "format", 1, 1000000, 1, &format);
    bool own = lb_json_has(root, "task_hash");
    f->kind = !own ? "from elsewhere" : format == 1 ? "in full" : "compact";
    if (lb_json_child(root, "provenance", &node).code == LB_OK) {
      char* canonical = lb_json_canonical(node);
      f->provenance = (char*)lb_arena_text(arena, canonical);
      free(canonical);
    }
    if (!*f->task) snprintf(f->task, sizeof f->task, "%s", task);
  }
  lb_json_free(doc);
  lb_npz_free(npz);
  LB_TRY(status);
  if (*f->task) return lb_ok();
  return lb_fail(LB_INPUT, "%s: has no metadata that name its task; give --task NAME", f->path);
}

// [low, high] (n) takes in v.
static void widen(double* low, double* high, const double* v, int n) {
  for (int j = 0; j < n; j++) {
    low[j] = fmin(low[j], v[j]);
    high[j] = fmax(high[j], v[j]);
  }
}

// An empty range of n numbers.
static void new_range(double** low, double** high, int n, lb_arena* arena) {
  *low = LB_TAKE(arena, double, n);
  *high = LB_TAKE(arena, double, n);
  for (int j = 0; j < n; j++) (*low)[j] = INFINITY, (*high)[j] = -INFINITY;
}

// Lengths, returns and ranges of all episodes; a last one that is cut counts for no return.
static void survey(info* f, const lb_demos* demos, const lb_system* s, lb_arena* arena) {
  int episodes = lb_demos_episodes(demos);
  new_range(&f->low, &f->high, s->nu, arena);
  if (lb_demos_has_observations(demos)) new_range(&f->obs_low, &f->obs_high, s->nobs, arena);
  f->least = INFINITY, f->most = -INFINITY;
  for (int e = 0; e < episodes; e++) {
    int length = lb_demos_episode(demos, e, NULL, NULL).length;
    double sum = 0;
    for (int t = 0; t < length; t++) {
      lb_demo_step step = lb_demos_step(demos, e, t);
      sum += step.reward;
      widen(f->low, f->high, step.u, s->nu);
      if (f->obs_low && step.obs) widen(f->obs_low, f->obs_high, step.obs, s->nobs);
    }
    lb_moments_add(&f->lengths, length);
    if (lb_demos_is_cut(demos, e) && episodes > 1) continue;
    lb_moments_add(&f->returns, sum);
    f->least = fmin(f->least, sum);
    f->most = fmax(f->most, sum);
    f->counted += 1;
  }
}

// What the recording holds.
static void print_text(const info* f, const lb_demos* demos, const lb_system* s) {
  printf("%s: demonstrations of %s, %s\n", f->path, s->name, f->kind);
  printf("episodes     %d, of %.6g steps on average\n", lb_demos_episodes(demos), f->lengths.mean);
  printf("transitions  %d\n", lb_demos_transitions(demos));
  printf("%s mean %.6g, lowest %.6g, highest %.6g, of %d %s\n", s->cost ? "minus costs " : "returns     ",
         f->returns.mean, f->least, f->most, f->counted, lb_plural(f->counted, "episode", "episodes"));
  for (int j = 0; j < s->nu; j++) {
    printf("action %-5d [%.6g, %.6g], limits [%.6g, %.6g]\n", j, f->low[j], f->high[j], s->u_low[j], s->u_high[j]);
  }
  double low = INFINITY, high = -INFINITY;
  for (int j = 0; f->obs_low && j < s->nobs; j++) low = fmin(low, f->obs_low[j]), high = fmax(high, f->obs_high[j]);
  if (f->obs_low) {
    printf("observations %d numbers, in [%.6g, %.6g]\n", s->nobs, low, high);
  } else {
    puts("observations are left to a replay");
  }
  printf("sha256       %s\n", f->sum);
  printf("made         %s\n", f->provenance ? f->provenance : "the file does not say how");
}

// The same as one JSON object.
static void print_json(const info* f, const lb_demos* demos, const lb_system* s) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "file", f->path);
  lb_json_write_string(&w, "task", s->name);
  lb_json_write_string(&w, "kind", f->kind);
  lb_json_write_int(&w, "episodes", lb_demos_episodes(demos));
  lb_json_write_int(&w, "transitions", lb_demos_transitions(demos));
  lb_json_write_number(&w, "mean_length", f->lengths.mean);
  lb_json_write_number(&w, "mean_return", f->returns.mean);
  lb_json_write_number(&w, "lowest_return", f->least);
  lb_json_write_number(&w, "highest_return", f->most);
  lb_json_write_numbers(&w, "action_low", f->low, s->nu);
  lb_json_write_numbers(&w, "action_high", f->high, s->nu);
  lb_json_write_numbers(&w, "limit_low", s->u_low, s->nu);
  lb_json_write_numbers(&w, "limit_high", s->u_high, s->nu);
  if (f->obs_low) {
    lb_json_write_numbers(&w, "observation_low", f->obs_low, s->nobs);
    lb_json_write_numbers(&w, "observation_high", f->obs_high, s->nobs);
  }
  lb_json_write_string(&w, "sha256", f->sum);
  lb_json_write_raw(&w, "provenance", f->provenance ? f->provenance : "null");
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// Opens the recording with its task and tells of it.
static lb_status inform(info* f, bool as_json, lb_arena* arena) {
  char root[LB_BENCH_PATH];
  lb_system* system;
  lb_demos* demos = NULL;
  LB_TRY(read_metadata(f, arena));
  LB_TRY(lb_sha256_file(f->path, f->sum));
  LB_TRY(lb_within(lb_demo_open_task(&system, root, f->task), "%s", f->path));
  lb_status status = lb_demos_load_with(&demos, system, f->path, LB_DEMOS_FOREIGN);
  if (status.code == LB_OK) {
    survey(f, demos, system, arena);
    (as_json ? print_json : print_text)(f, demos, system);
  }
  lb_demos_free(demos);
  lb_system_free(system);
  return status;
}

int lb_demo_info(int argc, char** argv) {
  const char* task = "";
  bool as_json = false;
  const lb_option options[] = {
      {"task", "NAME", "of this task (default: as the file says)", LB_OPTION_TEXT, &task},
      {"json", NULL, "as one JSON object", LB_OPTION_FLAG, &as_json},
  };
  const lb_usage usage = {"demo info", "FILE [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) {
    lb_arena* arena = lb_arena_new(0);
    info f = {.path = operands.values[0]};
    snprintf(f.task, sizeof f.task, "%s", task);
    status = arena ? inform(&f, as_json, arena) : lb_fail(LB_MEMORY, "%s: no memory", f.path);
    lb_arena_free(arena);
  }
  lb_operands_free(&operands);
  return lb_command_end("demo info", status);
}
