// Progress of many runs: see progress.h.
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static const double seconds_between_lines = 10;  // where the line cannot be rewritten

static double share_done(const lb_job* job) {
  return job->rounds > 0 ? (double)job->round / job->rounds : 0;
}

// How long the whole of a running job takes, by its own pace; NAN while it has not shown any.
static double by_its_pace(const lb_job* job, double now) {
  double share = share_done(job) - job->started_share;
  if (job->state != LB_JOB_RUNNING || share <= 0) return NAN;
  return (now - job->started) / share;
}

// Seconds that a job of this kind takes; NAN when none of it is known.
static double seconds_of_kind(const lb_progress* p, int kind, double now) {
  double ended = 0, promised = 0;
  int nended = 0, npromised = 0;
  for (int i = 0; i < p->n; i++) {
    const lb_job* job = &p->jobs[i];
    if (job->kind != kind) continue;
    if (job->state == LB_JOB_FINISHED && job->started_share <= 0) {
      ended += job->seconds;
      nended++;
    }
    double pace = by_its_pace(job, now);
    if (!isnan(pace)) {
      promised += pace;
      npromised++;
    }
  }
  if (nended > 0) return ended / nended;
  return npromised > 0 ? promised / npromised : NAN;
}

static double seconds_of_any(const lb_progress* p, double now) {
  double sum = 0;
  int n = 0;
  for (int i = 0; i < p->n; i++) {
    const lb_job* job = &p->jobs[i];
    double seconds = job->state == LB_JOB_FINISHED ? job->seconds : by_its_pace(job, now);
    if (isnan(seconds)) continue;
    sum += seconds;
    n++;
  }
  return n > 0 ? sum / n : NAN;
}

double lb_progress_left(const lb_progress* p, double now) {
  double any = seconds_of_any(p, now), work = 0, longest = 0;
  if (isnan(any)) return NAN;
  for (int i = 0; i < p->n; i++) {
    const lb_job* job = &p->jobs[i];
    if (job->state != LB_JOB_WAITING && job->state != LB_JOB_RUNNING) continue;
    double seconds = seconds_of_kind(p, job->kind, now);
    if (isnan(seconds)) seconds = any;
    if (job->state == LB_JOB_RUNNING) {
      double pace = by_its_pace(job, now);
      if (!isnan(pace)) {
        seconds = pace * (1 - share_done(job));
      } else {
        seconds = fmax(seconds - (now - job->started), 0);
      }
    }
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
