// bench run: one run.
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "campaign.h"
#include "command.h"
#include "estimate.h"
#include "io/json_writer.h"
#include "options.h"
#include "outcome.h"
#include "settings.h"
#include "worker.h"

static const char text[] =
    "One run: the algorithm learns on the task from the given seed. The folder gets everything: the configuration, a\n"
    "line of measurements a round, the final policy. A run that was stopped goes on where it was; one that is done is\n"
    "not run again. The same task, algorithm, seed and settings give the same bytes in metrics.jsonl, however often\n"
    "the run was stopped.\n\n"
    "Which settings --set can change depends on the algorithm: --dry-run lists them with their values, and says what\n"
    "the run would take.";

static const char examples[] =
    "  bench run helicopter-hover --algo lamps\n"
    "  bench run pendulum-swingup --algo sac --set steps=20000 --set width=64 --set batch=128\n"
    "  bench run helicopter-hover --algo sysid --seed 3 --set iterations=5 --set evaluation_rollouts=20\n"
    "  bench run helicopter-hover-2023 --algo lamps-2023 --out /tmp/lamps --fresh --json";

typedef struct run_arguments {
  const char* algo;
  uint64_t seed;
  lb_texts set;
  const char* out;
  const char* suite;
  double checkpoint;
  bool fresh, json, quiet, worker, dry_run;
} run_arguments;

static lb_status resolve(lb_run_options* o, const run_arguments* a, const char* task, char* root, char* folder,
                         char* command, int command_size) {
  if (!a->algo) return lb_fail(LB_INPUT, "which algorithm? Give --algo NAME; 'bench algos' lists them");
  LB_TRY(lb_root_find(root, LB_BENCH_PATH));
  LB_TRY(lb_campaign_check_task(root, task, NULL));
  LB_TRY(lb_campaign_check_algo(root, a->algo, NULL));
  *o = (lb_run_options){.root = root,
                        .suite = a->suite,
                        .task = task,
                        .algo = a->algo,
                        .seed = a->seed,
                        .protocol = lb_protocol_default(),
                        .folder = folder,
                        .command = command,
                        .fresh = a->fresh,
                        .checkpoint_seconds = a->checkpoint};
  for (int i = 0; i < a->set.n; i++) LB_TRY(lb_protocol_set(&o->protocol, a->set.values[i]));
  if (a->out) {
    LB_TRY(lb_root_check_path(a->out, "--out"));
    snprintf(folder, LB_BENCH_PATH, "%s", a->out);
  } else {
    char results[LB_BENCH_PATH];
    LB_TRY(lb_root_results(results, sizeof results, root));
    int n = snprintf(folder, LB_BENCH_PATH, "%s/results/runs/single/%s/%s/seed-%llu", results, task, a->algo,
                     (unsigned long long)a->seed);
    if (n >= LB_BENCH_PATH) return lb_fail(LB_INPUT, "%s: the path of the run is too long; give --out", root);
  }
  lb_worker_command(command, command_size, o);
  return lb_ok();
}

static void print_json(const lb_run_options* o, const lb_outcome_line* line) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", o->task);
  lb_json_write_string(&w, "algo", o->algo);
  lb_json_write_int(&w, "seed", (int64_t)o->seed);
  lb_json_write_string(&w, "folder", o->folder);
  lb_json_write_string(&w, "status", lb_run_end_name(line->end));
  lb_json_write_string(&w, "message", line->message);
  lb_json_write_int(&w, "iteration", line->iteration);
  char se[16];
  snprintf(se, sizeof se, "%s_se", line->measure);
  lb_json_write_number(&w, line->measure, line->score);
  lb_json_write_number(&w, se, line->score_se);
  if (line->by_steps) lb_json_write_number(&w, "return_best", line->best);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// The result on stdout, and the exit status.
static int report(const lb_run_options* o, const run_arguments* a, lb_status status) {
  lb_outcome_line line;
  if (status.code == LB_INTERRUPT) {
    fprintf(stderr, "bench run: %s; what was done is kept in %s, the same command goes on from there\n", status.text,
            o->folder);
    return LB_EXIT_INTERRUPT;
  }
  if (status.code != LB_OK && status.code != LB_DIVERGED) return lb_command_end("run", status);
  lb_status read = lb_outcome_read(&line, o->folder);
  if (read.code != LB_OK) return lb_command_end("run", read);
  if (status.code == LB_DIVERGED && line.end == LB_END_NONE)
    return lb_command_end("run", lb_within(status, "diverged"));
  if (a->json) {
    print_json(o, &line);
  } else {
    char score[80];
    lb_outcome_score(score, line.measure, line.score, line.score_se);
    printf("%s %s seed %llu: %s after %s %d, %s%s", o->task, o->algo, (unsigned long long)o->seed,
           lb_run_end_name(line.end), line.by_steps ? "step" : "round", line.iteration, score,
           isfinite(line.score) ? " (s.e.)" : "");
    if (!isnan(line.best)) printf(", best %.6g", line.best);
    printf("  %s\n", o->folder);
  }
  fflush(stdout);
  if (line.end == LB_END_FINISHED && line.message[0]) fprintf(stderr, "bench run: %s\n", line.message);
  if (line.end == LB_END_FINISHED) return LB_EXIT_OK;
  fprintf(stderr, "bench run: %s: %s\n", lb_run_end_name(line.end), line.message);
  return LB_EXIT_FAILED;
}

// The settings that mean something to the run, as many a line as there is room for.
static void print_settings(const lb_protocol* protocol, int parts) {
  enum { INDENT = 4, WIDTH = 100 };
  lb_setting settings[LB_SETTINGS_MAX];
  int n = lb_settings_list(settings, protocol, parts), column = WIDTH;
  printf("  settings, to be changed by --set KEY=VALUE:");
  for (int i = 0; i < n; i++) {
    int length = (int)strlen(settings[i].text) + 1;
    if (column + length > WIDTH) {
      printf("\n%*s", INDENT - 1, "");
      column = INDENT;
    }
    printf(" %s", settings[i].text);
    column += length;
  }
  fputc('\n', stdout);
}

// --dry-run.
static lb_status forecast(const lb_run_options* o) {
  lb_forecast f;
  char time[32], memory[32];
  int parts;
  LB_TRY(lb_run_protocol_parts(&parts, o));
  openblas_set_num_threads(1);
  lb_forecaster* forecaster = lb_forecaster_new(o->root);
  if (!forecaster) return lb_fail(LB_MEMORY, "no memory to estimate what the run takes");
  lb_status status = lb_forecast_run(forecaster, &f, NULL, o->task, o->algo, &o->protocol);
  lb_forecaster_free(forecaster);
  LB_TRY(status);
  lb_estimate_duration(time, sizeof time, f.seconds);
  lb_estimate_bytes(memory, sizeof memory, f.bytes);
  const lb_forecast_accounts* a = &f.accounts;
  printf("%s %s: about %s of CPU time, %s of memory\n", o->task, o->algo, time, memory);
  printf("  %lld real steps, %lld gradient updates, %lld fits with about %.0f updates, at most %lld imagined steps\n",
         (long long)a->real_steps, (long long)a->gradient_updates, (long long)a->fits, a->model_updates,
         (long long)a->imagined_steps);
  printf("  %lld evaluations of at most %lld steps\n", (long long)a->evaluations, (long long)a->evaluation_steps);
  print_settings(&o->protocol, parts);
  return lb_ok();
}

static int run_it(const run_arguments* a, const char* task) {
  char root[LB_BENCH_PATH], folder[LB_BENCH_PATH], command[2048];
  lb_run_options o;
  lb_run_progress last = {0};
  lb_log_quiet(a->quiet || a->worker);
  lb_status status = resolve(&o, a, task, root, folder, command, sizeof command);
  if (status.code != LB_OK) return lb_command_end("run", status);
  if (a->dry_run) return lb_command_end("run", forecast(&o));
  status = lb_worker_run(&o, a->worker, &last);
  return a->worker ? lb_command_end("run", status) : report(&o, a, status);
}

int lb_command_run(int argc, char** argv) {
  run_arguments a = {.suite = "", .checkpoint = 5};
  const lb_option options[] = {
      {"algo", "NAME", "the algorithm (bench algos lists them); required", LB_OPTION_TEXT, &a.algo},
      {"seed", "N", "of all randomness (default 0)", LB_OPTION_SEED, &a.seed},
      {"set", "KEY=VALUE", "changes a setting of the protocol; may be repeated", LB_OPTION_TEXTS, &a.set},
      {"out", "DIR", "the run's folder\n(default results/runs/single/TASK/ALGO/seed-N)", LB_OPTION_TEXT, &a.out},
      {"fresh", NULL, "start over, whatever the folder holds of an earlier run", LB_OPTION_FLAG, &a.fresh},
      {"checkpoint", "SECONDS", "least time between two checkpoints; 0: one a round (default 5)", LB_OPTION_NUMBER,
       &a.checkpoint},
      {"dry-run", NULL, "say what it would take (time, memory), and do nothing", LB_OPTION_FLAG, &a.dry_run},
      {"json", NULL, "the result as one JSON object", LB_OPTION_FLAG, &a.json},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &a.quiet},
      {"suite", "NAME", NULL, LB_OPTION_TEXT, &a.suite},
      {"worker", NULL, NULL, LB_OPTION_FLAG, &a.worker},
  };
  const lb_usage usage = {"run", "TASK --algo NAME [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  int exit_status = LB_EXIT_OK;
  if (status.code != LB_OK) {
    exit_status = lb_command_end("run", status);
  } else if (!operands.help) {
    exit_status = run_it(&a, operands.values[0]);
  }
  lb_operands_free(&operands);
  lb_texts_free(&a.set);
  return exit_status;
}
