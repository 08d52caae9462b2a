// The runs of checks: see runs.h.
#include "verify/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cores.h"
#include "base/log.h"
#include "io/file.h"
#include "io/run_read.h"
#include "outcome.h"
#include "progress.h"
#include "stale.h"
#include "worker.h"

void lb_verify_runs_add(lb_verify_runs* r, const lb_verify_check* check, int first, int count, lb_arena* arena) {
  lb_verify_run* more = LB_TAKE(arena, lb_verify_run, r->n + count);
  if (r->n > 0) memcpy(more, r->runs, (size_t)r->n * sizeof *more);
  r->runs = more;
  for (int i = 0; i < count; i++) {
    lb_verify_run* run = &r->runs[r->n++];
    *run = (lb_verify_run){.check = check, .seed = first + i};
    snprintf(run->folder, sizeof run->folder, "%s/%s/seed-%d", r->out, check->name, run->seed);
  }
}

// The path of the run's done.json.
static const char* done_of(char path[LB_BENCH_PATH + 16], const lb_verify_run* run) {
  snprintf(path, LB_BENCH_PATH + 16, "%s/done.json", run->folder);
  return path;
}

// A run as a job; one that is stale starts over.
static lb_status name_job(lb_job* job, const lb_verify_run* run, lb_verify_runs* r, const char* program,
                          lb_arena* arena) {
  char name[200], path[LB_BENCH_PATH + 16];
  snprintf(name, sizeof name, "%s, seed %d", run->check->name, run->seed);
  lb_run_options options = {.suite = "",
                            .task = run->check->task,
                            .algo = run->check->algo,
                            .seed = (uint64_t)run->seed,
                            .protocol = run->check->protocol,
                            .folder = run->folder,
                            .checkpoint_seconds = 30};
  lb_identity identity = LB_IDENTITY_SAME;
  for (int i = 0; i < r->set.n; i++) LB_TRY(lb_protocol_set(&options.protocol, r->set.values[i]));
  LB_TRY(lb_identities_compare(r->identities, &identity, run->folder, run->check->task, run->check->algo, -1, NULL));
  options.fresh = lb_identity_is_stale(identity, lb_file_exists(done_of(path, run)));
  if (options.fresh) lb_stale_add(&r->stale, identity, run->check->task, run->folder);
  job->words = lb_worker_words(program, &options, arena);
  job->name = lb_arena_text(arena, name);
  return lb_ok();
}

static void tick(void* ctx) {
  lb_progress_show(ctx);
}

// Runs the jobs, so many at once.
static lb_status run_jobs(lb_job* jobs, int n, int workers) {
  lb_progress progress = {.jobs = jobs, .n = n, .workers = workers, .started = lb_wall_seconds()};
  lb_runner_options options = {
      .workers = workers, .program = LB_WORKER_PROGRAM, .patience = 600, .grace = 20, .ctx = &progress, .tick = tick};
  setenv("OPENBLAS_NUM_THREADS", "1", 1);  // a run a core
  lb_status status = lb_runner_run(&options, jobs, n);
  lb_log_progress_done();
  return status;
}

// The value of each point that this line is of.
static lb_status take_line(void* ctx, lb_node line) {
  lb_verify_run* run = ctx;
  int iteration;
  LB_TRY(lb_json_int(line, "iteration", 0, 1 << 30, &iteration));
  for (int i = 0; i < run->check->npoints; i++) {
    const lb_verify_check_point* point = &run->check->points[i];
    if (point->at == iteration) run->values[i] = lb_run_read_number(line, point->metric);
  }
  return lb_ok();
}

// The values at the check's points; NAN where there is none.
static lb_status read_values(lb_verify_run* run) {
  for (int i = 0; i < LB_VERIFY_CHECK_POINTS; i++) run->values[i] = NAN;
  return lb_run_read_log(run->folder, "metrics.jsonl", false, take_line, run);
}

// Why a run did not finish, in words.
static void name_trouble(lb_verify_run* run, const lb_job* job, lb_arena* arena) {
  if (job->state == LB_JOB_FINISHED) return;
  char text[500];
  snprintf(text, sizeof text, "seed %d %s: %s", run->seed, job->state == LB_JOB_DIVERGED ? "diverged" : "failed",
           job->reason);
  run->trouble = lb_arena_text(arena, text);
}

// All runs as jobs.
static lb_status name_jobs(lb_job* jobs, lb_verify_runs* r, const char* program, lb_arena* arena) {
  lb_status status = lb_ok();
  r->identities = lb_identities_new(r->root);
  if (!r->identities) return lb_fail(LB_MEMORY, "no memory to look at earlier runs");
  for (int i = 0; i < r->n && status.code == LB_OK; i++) {
    jobs[i].kind = i == 0 ? 0 : jobs[i - 1].kind + (r->runs[i].check != r->runs[i - 1].check);
    status = name_job(&jobs[i], &r->runs[i], r, program, arena);
  }
  lb_identities_free(r->identities);
  return status;
}

lb_status lb_verify_runs_make(lb_verify_runs* r, lb_arena* arena) {
  const char* program;
  lb_job* jobs = LB_TAKE(arena, lb_job, r->n + 1);
  LB_TRY(lb_worker_program(&program, arena));
  LB_TRY(name_jobs(jobs, r, program, arena));
  if (r->stale.total > 0) {
    char why[400];
    lb_stale_words(why, sizeof why, &r->stale);
    const char* are = lb_stale_are(&r->stale);
    lb_log_warning("%d of the runs in %s %s stale and %s made anew: %s", r->stale.total, r->out, are, are, why);
  }
  LB_TRY(run_jobs(jobs, r->n, r->jobs > 0 ? r->jobs : lb_cores()));
  for (int i = 0; i < r->n; i++) {
    LB_TRY(read_values(&r->runs[i]));
    name_trouble(&r->runs[i], &jobs[i], arena);
  }
  return lb_ok();
}
