// Progress of many runs: see progress.h.
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algo/forecast.h"
#include "base/clock.h"
#include "base/log.h"

static const double seconds_between_lines = 10;  // where the line cannot be rewritten

static double share_at(const lb_job* job, int round) {
  return job->rounds > 0 ? lb_forecast_at(job->curve, (double)round / job->rounds) : 0;
}

static double share_done(const lb_job* job) {
  return share_at(job, job->round);
}

// How long the whole of a running job takes, by its own pace; NAN while it has not shown any.
static double by_its_pace(const lb_job* job, double now) {
  double share = share_done(job) - share_at(job, job->started_round);
  if (job->state != LB_JOB_RUNNING || share <= 0) return NAN;
  return (now - job->started) / share;
}

// What a job took or by its pace takes; NAN while that is not known.
static double seconds_of(const lb_job* job, double now) {
  bool whole = job->state == LB_JOB_FINISHED && job->started_round <= 0;
  return whole ? job->seconds : by_its_pace(job, now);
}

// Seconds that a job of this kind takes; NAN when none of it is known.
static double seconds_of_kind(const lb_progress* p, int kind, double now) {
  double ended = 0, promised = 0;
  int nended = 0, npromised = 0;
  for (int i = 0; i < p->n; i++) {
    const lb_job* job = &p->jobs[i];
    double seconds = job->kind == kind ? seconds_of(job, now) : NAN;
    if (isnan(seconds)) continue;
    bool over = job->state == LB_JOB_FINISHED;
    *(over ? &ended : &promised) += seconds;
    *(over ? &nended : &npromised) += 1;
  }
  if (nended > 0) return ended / nended;
  return npromised > 0 ? promised / npromised : NAN;
}

// What is known of all jobs together: their mean, and how much longer they take than was expected of them.
typedef struct experience {
  double mean;   // NAN: nothing is known
  double ratio;  // 1 while nothing is known
} experience;

static experience learn(const lb_progress* p, double now) {
  double sum = 0, expected = 0, took = 0;
  int n = 0;
  for (int i = 0; i < p->n; i++) {
    const lb_job* job = &p->jobs[i];
    double seconds = seconds_of(job, now);
    // A pace of the first moments says little.
    bool shown = job->state == LB_JOB_FINISHED || now - job->started > 0.1 * job->expected;
    if (isnan(seconds)) continue;
    sum += seconds;
    n += 1;
    if (!(job->expected > 0) || !shown) continue;
    expected += job->expected;
    took += seconds;
  }
  return (experience){n > 0 ? sum / n : NAN, expected > 0 ? took / expected : 1};
}

// Seconds until this job is over; NAN: not known.
static double left_of(const lb_progress* p, const lb_job* job, const experience* known, double now) {
  double seconds = seconds_of_kind(p, job->kind, now);
  if (isnan(seconds)) seconds = job->expected > 0 ? job->expected * known->ratio : known->mean;
  if (job->state != LB_JOB_RUNNING) return seconds;
  double pace = by_its_pace(job, now);
  return isnan(pace) ? fmax(seconds - (now - job->started), 0) : pace * (1 - share_done(job));
}

double lb_progress_left(const lb_progress* p, double now) {
  experience known = learn(p, now);
  double work = 0, longest = 0;
  for (int i = 0; i < p->n; i++) {
    const lb_job* job = &p->jobs[i];
    if (job->state != LB_JOB_WAITING && job->state != LB_JOB_RUNNING) continue;
    double seconds = left_of(p, job, &known, now);
    if (isnan(seconds)) return NAN;
    work += seconds;
    longest = fmax(longest, seconds);
  }
  return fmax(work / (p->workers > 0 ? p->workers : 1), longest);
}

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
  if (newest->rounds > 0) {
    snprintf(out, size, "  %s, round %d/%d", newest->name, newest->round, newest->rounds);
  } else {
    snprintf(out, size, "  %s", newest->name);
  }
}

void lb_progress_show(const lb_progress* p) {
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
  double seconds = lb_progress_left(p, now);
  if (!isnan(seconds)) lb_format_duration(seconds, left, sizeof left);
  int nfailed = count_state(p, LB_JOB_FAILED) + count_state(p, LB_JOB_DIVERGED);
  if (nfailed > 0) snprintf(failed, sizeof failed, "  %d failed", nfailed);
  describe_newest(p, newest, sizeof newest);
  lb_log_progress(seconds_between_lines, "%s %d/%d  %d running%s  %s elapsed, %s left%s", bar, ended, p->n + p->before,
                  count_state(p, LB_JOB_RUNNING), failed, elapsed, left, newest);
}
