// Progress of many runs: see progress.h.
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algo/forecast.h"
#include "base/clock.h"
#include "base/log.h"

static const double seconds_between_lines = 10;  // where the line cannot be rewritten

static double share_at(const lb_job* job, int iteration) {
  return job->iterations > 0 ? lb_forecast_at(job->curve, (double)iteration / job->iterations) : 0;
}

static double share_done(const lb_job* job) {
  return share_at(job, job->iteration);
}

// What was expected of some jobs, of the share of them that is done, and how long that took.
typedef struct work {
  double expected, took;
} work;

// What a job has shown: the whole of one that is finished, the iterations of one that runs, as far as they say
// something. Where nothing was expected of it, its share stands for that.
static work shown_by(const lb_job* job) {
  double begun = share_at(job, job->started_iteration), whole = job->expected > 0 ? job->expected : 1;
  if (job->state == LB_JOB_FINISHED) return (work){whole * (job->iterations > 0 ? 1 - begun : 1), job->seconds};
  double share = share_done(job) - begun;
  if (job->state != LB_JOB_RUNNING || share <= 0) return (work){0, 0};
  if (share < 0.05 && job->reached < 60) return (work){0, 0};
  return (work){whole * share, job->reached};
}

// Sums up work.
static void add(work* sum, work one) {
  sum->expected += one.expected;
  sum->took += one.took;
}

// What is known of all jobs together.
typedef struct experience {
  double slowness;  // how much longer work takes than was expected of it
  double seconds;   // what a job takes of which nothing was expected; NAN: not known
} experience;

// How much longer work takes than expected: by what was done, and beside it by `before`, as if `weight` of work had
// taken as much longer.
static double slowness(work done, double before, double weight) {
  return (weight * before + done.took) / (weight + done.expected);
}

// How slow this machine is beside the forecasts, and how long runs without one take.
static experience learn(const lb_progress* p) {
  work known = {0, 0}, unknown = {0, 0};
  double whole = 0;
  for (int i = 0; i < p->n; i++) {
    bool expected = p->jobs[i].expected > 0;
    add(expected ? &known : &unknown, shown_by(&p->jobs[i]));
    if (expected) whole += p->jobs[i].expected;
  }
  return (experience){.slowness = whole > 0 ? slowness(known, 1, 0.05 * whole) : 1,
                      .seconds = unknown.expected > 0 ? unknown.took / unknown.expected : NAN};
}

// Seconds that a whole job of this kind takes; NAN: not known.
static double seconds_of_kind(const lb_progress* p, const lb_job* like, const experience* all) {
  work done = {0, 0};
  for (int i = 0; i < p->n; i++) {
    if (p->jobs[i].kind == like->kind) add(&done, shown_by(&p->jobs[i]));
  }
  if (like->expected > 0) return like->expected * slowness(done, all->slowness, 0.5 * like->expected);
  return done.expected > 0 ? done.took / done.expected : all->seconds;
}

// Seconds until this job is over; NAN: not known.
static double left_of(const lb_progress* p, const lb_job* job, const experience* all) {
  double seconds = seconds_of_kind(p, job, all);
  if (job->state != LB_JOB_RUNNING) return seconds;
  work own = shown_by(job);
  if (job->expected > 0) {
    seconds = job->expected * slowness(own, seconds / job->expected, 0.25 * job->expected);
  } else if (own.expected > 0) {
    seconds = own.took / own.expected;
  }
  return fmax(seconds * (1 - share_done(job)) - (job->seconds - job->reached), 0);
}

double lb_progress_left(const lb_progress* p) {
  enum { MOST_WORKERS = 1024 };
  experience all = learn(p);
  double busy[MOST_WORKERS] = {0}, last = 0;
  int workers = p->workers < 1 ? 1 : p->workers < MOST_WORKERS ? p->workers : MOST_WORKERS, taken = 0;
  // Those that run have a worker each; those that wait take the next one that is free.
  for (int waiting = 0; waiting < 2; waiting++) {
    for (int i = 0; i < p->n; i++) {
      const lb_job* job = &p->jobs[i];
      if (job->state != (waiting ? LB_JOB_WAITING : LB_JOB_RUNNING)) continue;
      double seconds = left_of(p, job, &all);
      if (isnan(seconds)) return NAN;
      int next = 0;
      if (!waiting && taken < workers) {
        next = taken++;
      } else {
        for (int w = 1; w < workers; w++) next = busy[w] < busy[next] ? w : next;
      }
      busy[next] += seconds;
      last = fmax(last, busy[next]);
    }
  }
  return last;
}

double lb_progress_steady(lb_progress* p, double now) {
  enum { EVERY = 1 };
  bool told = p->told > 0;
  double passed = now - p->told;
  if (told && passed < EVERY) return fmax(p->left - passed, 0);
  double left = lb_progress_left(p), before = fmax(p->left - passed, 0);
  if (isnan(left)) return told ? before : NAN;
  double slow = fmin(fmax(0.25 * left, 2), 60), turn = (1 - exp(-passed / slow)) * (left - before);
  double most = passed * fmax(2, 0.02 * p->left);
  p->left = told ? before + fmin(turn, most) : left;
  p->told = now;
  return p->left;
}

// How many jobs are in this state.
static int count_state(const lb_progress* p, lb_job_state state) {
  int count = 0;
  for (int i = 0; i < p->n; i++) count += p->jobs[i].state == state;
  return count;
}

// "[####----]" for a share in 0..1.
static void draw_bar(char* out, double share) {
  enum { WIDTH = 20 };
  int full = (int)(share * WIDTH + 0.5);
  out[0] = '[';
  for (int i = 0; i < WIDTH; i++) out[1 + i] = i < full ? '#' : '-';
  memcpy(out + 1 + WIDTH, "]", 2);
}

// The newest running job, so that a reader sees what is being done.
static void describe_newest(const lb_progress* p, char* out, size_t size) {
  const lb_job* newest = NULL;
  for (int i = 0; i < p->n; i++) {
    const lb_job* job = &p->jobs[i];
    if (job->state == LB_JOB_RUNNING && (!newest || job->started > newest->started)) newest = job;
  }
  out[0] = '\0';
  if (!newest) return;
  if (newest->iterations > 0) {
    snprintf(out, size, "  %s, %s%s%d/%d", newest->name, newest->unit, *newest->unit ? " " : "", newest->iteration,
             newest->iterations);
  } else {
    snprintf(out, size, "  %s", newest->name);
  }
}

void lb_progress_show(lb_progress* p) {
  double now = lb_wall_seconds(), done = p->before;
  int ended = p->before;
  for (int i = 0; i < p->n; i++) {
    bool over = p->jobs[i].state != LB_JOB_WAITING && p->jobs[i].state != LB_JOB_RUNNING;
    ended += over;
    done += over ? 1 : p->jobs[i].state == LB_JOB_RUNNING ? share_done(&p->jobs[i]) : 0;
  }
  char bar[32], elapsed[32], left[32] = "?", failed[32] = "", newest[200];
  draw_bar(bar, p->n + p->before > 0 ? done / (p->n + p->before) : 1);
  lb_format_duration(now - p->started, elapsed, sizeof elapsed);
  double seconds = lb_progress_steady(p, now);
  if (!isnan(seconds)) lb_format_duration(seconds, left, sizeof left);
  int nfailed = count_state(p, LB_JOB_FAILED) + count_state(p, LB_JOB_DIVERGED);
  if (nfailed > 0) snprintf(failed, sizeof failed, "  %d failed", nfailed);
  describe_newest(p, newest, sizeof newest);
  lb_log_progress(seconds_between_lines, "%s %d/%d  %d running%s  %s elapsed, %s left%s", bar, ended, p->n + p->before,
                  count_state(p, LB_JOB_RUNNING), failed, elapsed, left, newest);
}
