#include "packing.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { USUAL_SECONDS = 600, MOST_TASKS = 1000 };  // Slurm's own limit of an array is 1001 tasks

// A run in the order in which it is placed.
typedef struct placed {
  double seconds, bytes;
  int number;
} placed;

// Order of two runs, the longer first, then by number.
static int longer_first(const void* a, const void* b) {
  const placed *x = a, *y = b;
  if (x->seconds < y->seconds || x->seconds > y->seconds) return x->seconds < y->seconds ? 1 : -1;
  return x->number - y->number;
}

// Order of two doubles for qsort.
static int descending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x < y) - (x > y);
}

// The runs, the longest first; of what is not known the mean of the others. Returns the sum of their seconds.
static double order(placed* out, const lb_packed_run* runs, int n) {
  double known = 0, sum = 0;
  int count = 0;
  for (int i = 0; i < n; i++) {
    known += runs[i].seconds;
    count += runs[i].seconds > 0;
  }
  for (int i = 0; i < n; i++) {
    double seconds = runs[i].seconds > 0 ? runs[i].seconds : count > 0 ? known / count : 1;
    out[i] = (placed){seconds, runs[i].bytes, i};
    sum += seconds;
  }
  qsort(out, (size_t)n, sizeof *out, longer_first);
  return sum;
}

// How many tasks: as asked for, else of about ten minutes each, none with idle cores.
static int choose_tasks(const lb_packing_limits* limits, int n, double seconds) {
  if (limits->tasks > 0) return limits->tasks < n ? limits->tasks : n;
  int filled = (n + limits->cores - 1) / limits->cores;  // more tasks would leave cores idle
  double wanted = ceil(seconds / limits->cores / USUAL_SECONDS);
  int tasks = wanted < MOST_TASKS ? (int)wanted : MOST_TASKS;
  if (tasks > filled) tasks = filled;
  return tasks > 0 ? tasks : 1;
}

// The task with the least to do, of the fewest runs where that is the same.
static int least_busy(const lb_packing* p, const double* busy) {
  int best = 0;
  for (int t = 1; t < p->n; t++) {
    bool same = !(busy[t] < busy[best]) && !(busy[t] > busy[best]);
    if (busy[t] < busy[best] || (same && p->tasks[t].n < p->tasks[best].n)) best = t;
  }
  return best;
}

// How many of the task's runs may be under way at once, whichever these are, and what they need.
static void fit_memory(lb_packed_task* task, const lb_packed_run* runs, const lb_packing_limits* limits,
                       double* scratch) {
  for (int i = 0; i < task->n; i++) scratch[i] = runs[task->runs[i]].bytes;
  qsort(scratch, (size_t)task->n, sizeof *scratch, descending);
  task->at_once = 0;
  task->bytes = 0;
  while (task->at_once < task->n && task->at_once < limits->cores &&
         (limits->bytes <= 0 || task->bytes + scratch[task->at_once] <= limits->bytes)) {
    task->bytes += scratch[task->at_once++];
  }
}

// When the last of the task's runs ends: each is begun as soon as a place is free.
static double last_end(const lb_packed_task* task, const double* seconds, double* places) {
  double last = 0;
  for (int k = 0; k < task->at_once; k++) places[k] = 0;
  for (int i = 0; i < task->n; i++) {
    int first = 0;
    for (int k = 1; k < task->at_once; k++) {
      if (places[k] < places[first]) first = k;
    }
    places[first] += seconds[task->runs[i]];
    last = fmax(last, places[first]);
  }
  return last;
}

lb_status lb_pack(lb_packing* out, const lb_packed_run* runs, int n, const lb_packing_limits* limits, lb_arena* arena) {
  *out = (lb_packing){0};
  for (int i = 0; i < n && limits->bytes > 0; i++) {
    if (runs[i].bytes > limits->bytes) {
      return lb_fail(LB_INPUT, "a run needs %.1f GB of memory, and a task has %.1f", 1e-9 * runs[i].bytes,
                     1e-9 * limits->bytes);
    }
  }
  placed* sorted = LB_TAKE(arena, placed, n + 1);
  int* home = LB_TAKE(arena, int, n + 1);
  double *seconds = LB_TAKE(arena, double, n + 1), *scratch = LB_TAKE(arena, double, n + limits->cores + 1);
  double sum = order(sorted, runs, n);
  out->n = n > 0 ? choose_tasks(limits, n, sum) : 0;
  out->tasks = LB_TAKE(arena, lb_packed_task, out->n + 1);
  double* busy = LB_TAKE(arena, double, out->n + 1);
  for (int i = 0; i < n; i++) {
    home[i] = least_busy(out, busy);
    busy[home[i]] += sorted[i].seconds;
    out->tasks[home[i]].n++;
    seconds[sorted[i].number] = sorted[i].seconds;
  }
  for (int t = 0; t < out->n; t++) {
    out->tasks[t].runs = LB_TAKE(arena, int, out->tasks[t].n + 1);
    out->tasks[t].n = 0;
  }
  for (int i = 0; i < n; i++) {
    lb_packed_task* task = &out->tasks[home[i]];
    task->runs[task->n++] = sorted[i].number;
  }
  for (int t = 0; t < out->n; t++) {
    fit_memory(&out->tasks[t], runs, limits, scratch);
    out->tasks[t].seconds = last_end(&out->tasks[t], seconds, scratch);
  }
  return lb_ok();
}
