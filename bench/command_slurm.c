// bench slurm: suites as a job array of Slurm.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "forecasts.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "job_lines.h"
#include "options.h"
#include "packing.h"
#include "shell.h"
#include "slurm_script.h"
#include "worker.h"

static const char text[] =
    "Writes a job array for Slurm that runs what remains to be done of the suites: the runs are packed into tasks by\n"
    "forecast, --cpus at once, and a job that depends on them makes the report. --submit hands it to sbatch; without\n"
    "it, look at the scripts in OUT/slurm/N/ and start submit.sh.\n\n"
    "Before its time limit a task has its runs save what they have, and has itself requeued; so it goes on after a\n"
    "node has failed. Give the command again after failures: what is done is not run again. OUT must lie where all\n"
    "nodes see it. Runs that are begun on one type of processor go on on that type alone: where nodes differ, choose\n"
    "some (--sbatch=--constraint=NAME). docs/cluster.md has the whole way.";

static const char examples[] =
    "  bench slurm control --preset standard --out /shared/control --submit\n"
    "  bench slurm all --preset paper --out /shared/paper --time 12:00:00 --cpus 8 --partition batch\n"
    "  bench slurm maze --out /shared/maze --mem 4 --account me --sbatch=--constraint=avx512 --sbatch=--qos=low\n"
    "  bench slurm locomotion --preset standard --out /shared/lab --program 'apptainer exec lazybench.sif bench'";

typedef struct slurm_arguments {
  lb_campaign_options options;
  const char *partition, *account, *time, *program;
  lb_texts sbatch;
  int cpus, tasks;
  double memory;  // GB; 0: as much as is needed
  bool submit, as_json;
} slurm_arguments;

// What is written.
typedef struct slurm_job {
  char folder[LB_BENCH_PATH];
  lb_packing packing;
  double bytes;    // memory that a task asks for
  double seconds;  // limit of a task
  double core_seconds;
  int unknown;  // runs of which nobody knows how long they take
} slurm_job;

// "MIN", "MIN:SEC", "H:MIN:SEC", "D-H", "D-H:MIN", "D-H:MIN:SEC", as sbatch has it.
static lb_status read_time(double* seconds, const char* words) {
  int days = 0, part[3] = {0}, n = 0, end = 0;
  const char* rest = words;
  bool has_days = sscanf(words, "%9d-%n", &days, &end) == 1 && end > 0;
  if (has_days) rest = words + end;
  for (bool more = true; more && n < 3; n++) {
    char* after;
    long value = strtol(rest, &after, 10);
    if (*rest < '0' || *rest > '9' || value > (n == 0 ? 1000000 : 59)) break;
    part[n] = (int)value;
    more = *after == ':';
    rest = after + more;
  }
  if (n == 0 || *rest) return lb_fail(LB_INPUT, "--time '%s': should be MINUTES, H:MM:SS or D-HH:MM:SS", words);
  if (has_days) {
    *seconds = 86400.0 * days + 3600.0 * part[0] + 60.0 * part[1] + part[2];
  } else {
    *seconds = n == 3 ? 3600.0 * part[0] + 60.0 * part[1] + part[2] : 60.0 * part[0] + part[1];
  }
  return *seconds >= 60 ? lb_ok() : lb_fail(LB_INPUT, "--time '%s': is less than Slurm's least, a minute", words);
}

// Fails at words that would break a script.
static lb_status check_words(const slurm_arguments* a) {
  const char* const words[] = {a->partition, a->account, a->time, a->program};
  for (int i = 0; i < LB_COUNT_OF(words); i++) {
    if (words[i] && strpbrk(words[i], "\n"))
      return lb_fail(LB_INPUT, "an option holds a line end, which no script can");
  }
  for (int i = 0; i < a->sbatch.n; i++) {
    if (a->sbatch.values[i][0] != '-' || strchr(a->sbatch.values[i], '\n')) {
      return lb_fail(LB_INPUT, "--sbatch '%s': should be an option of sbatch, as in --sbatch=--qos=low",
                     a->sbatch.values[i]);
    }
  }
  return lb_ok();
}

// OUT/slurm/N with the first number that is free.
static lb_status make_folder(char folder[LB_BENCH_PATH], const char* out) {
  char parent[LB_BENCH_PATH];
  if (snprintf(parent, sizeof parent, "%s/slurm", out) >= (int)sizeof parent - 32) {
    return lb_fail(LB_INPUT, "%s: the path is too long", out);
  }
  LB_TRY(lb_folder_make(parent));
  for (int i = 1; i < 1000000; i++) {
    snprintf(folder, LB_BENCH_PATH, "%.980s/%d", parent, i);
    if (mkdir(folder, 0777) == 0) return lb_ok();
    if (errno != EEXIST) break;
  }
  return lb_fail(LB_IO, "%s: cannot be made: %s", folder, strerror(errno));
}

// Writes a script that may be started.
static lb_status write_script(const char* folder, const char* name, const lb_text* script) {
  char path[LB_BENCH_PATH + 64];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  LB_TRY(lb_file_replace(path, script->data, script->length));
  if (chmod(path, 0755) != 0) return lb_fail(LB_IO, "%s: cannot be made executable: %s", path, strerror(errno));
  return lb_ok();
}

// A task's file: how many runs at once, for the script, and the rest of the line for people; then a run a line.
static lb_status write_task(const slurm_job* job, int t, const lb_campaign* c, const char* program) {
  const lb_packed_task* task = &job->packing.tasks[t];
  char path[LB_BENCH_PATH + 64], time[32], memory[32];
  lb_text words = {0}, line = {0};
  lb_forecasts_duration(time, sizeof time, task->seconds);
  lb_forecasts_bytes(memory, sizeof memory, task->bytes);
  lb_text_add(&words, "# %d at once of %d, about %s, %s\n", task->at_once, task->n, time, memory);
  for (int i = 0; i < task->n; i++) {
    lb_job_line(&line, &c->jobs[task->runs[i]], program);
    lb_text_add(&words, "%s\n", line.data);
    lb_text_free(&line);
  }
  snprintf(path, sizeof path, "%s/tasks/%d.txt", job->folder, t);
  lb_status status = lb_file_replace(path, words.data, words.length);
  lb_text_free(&words);
  return status;
}

// "40 runs in 12 tasks of 4 cores and 1.2 GB, about 3 min each (0.5 core-hours)".
static void summarise(char* out, size_t size, const slurm_job* job, const lb_campaign* c, int cores) {
  char time[32], memory[32];
  double longest = 0;
  for (int t = 0; t < job->packing.n; t++) longest = fmax(longest, job->packing.tasks[t].seconds);
  lb_forecasts_duration(time, sizeof time, longest);
  lb_forecasts_bytes(memory, sizeof memory, job->bytes);
  int used = snprintf(out, size, "%d %s in %d %s of %d %s and %s", c->njobs, lb_plural(c->njobs, "run", "runs"),
                      job->packing.n, lb_plural(job->packing.n, "task", "tasks"), cores,
                      lb_plural(cores, "core", "cores"), memory);
  if (job->unknown == c->njobs) return;
  snprintf(out + used, size - (size_t)used, ", at most about %s each (%.3g core-hours)", time,
           job->core_seconds / 3600);
}

// Writes the tasks' lists of runs and the scripts around them.
static lb_status write_scripts(const slurm_job* job, const lb_campaign* c, const slurm_arguments* a,
                               const char* summary, const char* program) {
  enum { LEAD = 120, LEAST = 20 };  // a run has 15 seconds to come to the end of an iteration
  const lb_slurm_script script = {.folder = job->folder,
                                  .out = c->out,
                                  .summary = summary,
                                  .program = program,
                                  .partition = a->partition,
                                  .account = a->account,
                                  .time = a->time,
                                  .more = a->sbatch,
                                  .tasks = job->packing.n,
                                  .cores = a->cpus,
                                  .bytes = job->bytes,
                                  .seconds_before = (int)fmax(LEAST, fmin(LEAD, job->seconds / 10))};
  static const struct {
    const char* name;
    void (*write)(lb_text* out, const lb_slurm_script* script);
  } scripts[] = {
      {"array.sh", lb_slurm_write_array}, {"report.sh", lb_slurm_write_report}, {"submit.sh", lb_slurm_write_submit}};
  char tasks[LB_BENCH_PATH + 16];
  snprintf(tasks, sizeof tasks, "%s/tasks", job->folder);
  LB_TRY(lb_folder_make(tasks));
  for (int t = 0; t < job->packing.n; t++) LB_TRY(write_task(job, t, c, a->program));
  for (int i = 0; i < LB_COUNT_OF(scripts); i++) {
    lb_text words = {0};
    scripts[i].write(&words, &script);
    lb_status status = write_script(job->folder, scripts[i].name, &words);
    lb_text_free(&words);
    LB_TRY(status);
  }
  return lb_ok();
}

// Forecasts the runs and packs them.
static lb_status plan(slurm_job* job, lb_campaign* c, const slurm_arguments* a) {
  enum { MARGIN = 256 << 20 };  // of a task: its shell, the program's own files, what the file system keeps
  lb_forecasts forecasts;
  LB_TRY(lb_forecasts_make(&forecasts, c, a->cpus));
  job->core_seconds = forecasts.core_seconds;
  job->unknown = forecasts.unknown;
  lb_packed_run* runs = LB_TAKE(c->arena, lb_packed_run, c->njobs + 1);
  for (int i = 0; i < c->njobs; i++) {
    // A quarter more than was counted: the allocator's and the libraries' own.
    runs[i] = (lb_packed_run){c->jobs[i].expected, 1.25 * forecasts.rows[c->jobs[i].kind].forecast.bytes};
  }
  double given = 1e9 * a->memory;
  if (given > 0 && given <= MARGIN) return lb_fail(LB_INPUT, "--mem %g: a task needs more than 0.3 GB", a->memory);
  const lb_packing_limits limits = {.cores = a->cpus, .bytes = given > 0 ? given - MARGIN : 0, .tasks = a->tasks};
  LB_TRY(lb_within(lb_pack(&job->packing, runs, c->njobs, &limits, c->arena), "--mem"));
  job->bytes = given;
  for (int t = 0; t < job->packing.n && given <= 0; t++) {
    job->bytes = fmax(job->bytes, job->packing.tasks[t].bytes + MARGIN);
  }
  return lb_ok();
}

// Starts submit.sh.
static lb_status submit(const char* folder) {
  char path[LB_BENCH_PATH + 64];
  snprintf(path, sizeof path, "%s/submit.sh", folder);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    execlp("bash", "bash", path, (char*)NULL);
    _exit(127);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return lb_fail(LB_IO, "bash cannot be started: %s", strerror(errno));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return lb_ok();
  return lb_fail(LB_IO, "%s: failed; mend what it says and start it again", path);
}

// The folder, the tasks and what they take.
static void print_json(const slurm_job* job, const lb_campaign* c, int cores) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "folder", job->packing.n > 0 ? job->folder : "");
  lb_json_write_int(&w, "runs", c->nruns);
  lb_json_write_int(&w, "to_do", c->njobs);
  lb_json_write_int(&w, "cores", cores);
  lb_json_write_number(&w, "bytes", job->bytes);
  lb_json_write_number(&w, "core_seconds", job->core_seconds);
  lb_json_write_begin_array(&w, "tasks");
  for (int t = 0; t < job->packing.n; t++) {
    const lb_packed_task* task = &job->packing.tasks[t];
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_int(&w, "runs", task->n);
    lb_json_write_int(&w, "at_once", task->at_once);
    lb_json_write_number(&w, "seconds", task->seconds);
    lb_json_write_number(&w, "bytes", task->bytes);
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_array(&w);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// Plans the tasks of the job array and writes its folder.
static lb_status make(slurm_job* job, lb_campaign* c, slurm_arguments* a, lb_arena* arena) {
  lb_text program = {0};
  char summary[300];
  LB_TRY(read_time(&job->seconds, a->time));
  LB_TRY(check_words(a));
  LB_TRY(lb_job_lines_open(c, &a->options, arena));
  LB_TRY(plan(job, c, a));
  if (c->njobs == 0) {
    if (a->as_json) print_json(job, c, a->cpus);
    lb_log_note("%d %s, none of them to do, in %s", c->nruns, lb_plural(c->nruns, "run", "runs"), c->out);
    return lb_ok();
  }
  LB_TRY(make_folder(job->folder, c->out));
  summarise(summary, sizeof summary, job, c, a->cpus);
  LB_TRY(lb_job_program(&program, a->program, arena));
  lb_status status = write_scripts(job, c, a, summary, program.data);
  lb_text_free(&program);
  LB_TRY(status);
  if (a->as_json) {
    print_json(job, c, a->cpus);
  } else {
    printf("%s\n%s/array.sh\n", summary, job->folder);
    if (!a->submit) printf("to submit: %s/submit.sh\n", job->folder);
  }
  if (job->unknown > 0) {
    lb_log_note("of %d %s nobody knows how long: taken to be as long as the others", job->unknown,
                lb_plural(job->unknown, "run", "runs"));
  }
  return a->submit ? submit(job->folder) : lb_ok();
}

int lb_command_slurm(int argc, char** argv) {
  slurm_arguments a = {.options = lb_campaign_options_default(), .time = "4:00:00", .cpus = 4};
  lb_option options[LB_CAMPAIGN_OPTIONS + 12];
  const lb_option own[] = {
      {"cpus", "N", "cores of a task: so many runs at once (default 4)", LB_OPTION_COUNT, &a.cpus},
      {"mem", "GB", "memory of a task; fewer runs at once where it is short\n(default: what they need)",
       LB_OPTION_NUMBER, &a.memory},
      {"time", "TIME", "limit of a task: MINUTES, H:MM:SS or D-HH:MM:SS (default 4:00:00)", LB_OPTION_TEXT, &a.time},
      {"tasks", "N", "how many tasks (default: of about ten minutes each, 1000 at most)", LB_OPTION_COUNT, &a.tasks},
      {"partition", "NAME", "as sbatch has it", LB_OPTION_TEXT, &a.partition},
      {"account", "NAME", "as sbatch has it", LB_OPTION_TEXT, &a.account},
      {"sbatch", "OPTION", "another option of sbatch: --sbatch=--qos=low; may be repeated", LB_OPTION_TEXTS, &a.sbatch},
      {"program", "WORDS",
       "what starts the program, as a shell reads it: 'apptainer exec\nlazybench.sif bench' (default: the file of this "
       "program)",
       LB_OPTION_TEXT, &a.program},
      {"submit", NULL, "submit it", LB_OPTION_FLAG, &a.submit},
      {"json", NULL, "an object: the folder, the tasks, what they take", LB_OPTION_FLAG, &a.as_json},
  };
  int n = lb_campaign_options_list(options, &a.options);
  for (int i = 0; i < LB_COUNT_OF(own); i++) options[n++] = own[i];
  const lb_usage usage = {"slurm", "SUITE...|--task NAME [OPTION...]", text, examples, 0, -1, options, n};
  lb_operands operands;
  lb_campaign campaign = {0};
  lb_arena* arena = lb_arena_new(0);
  slurm_job job = {0};
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  a.options.suites = operands.values;
  a.options.nsuites = operands.n;
  if (status.code == LB_OK && !operands.help) status = make(&job, &campaign, &a, arena);
  lb_campaign_close(&campaign);
  lb_arena_free(arena);
  lb_operands_free(&operands);
  lb_texts_free(&a.sbatch);
  lb_campaign_options_free(&a.options);
  return lb_command_end("slurm", status);
}
