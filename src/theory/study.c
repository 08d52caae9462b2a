#include "theory/study.h"

#include <math.h>
#include <string.h>

typedef struct running {
  lb_study study;
  lb_system* system;  // on whose accounts its real steps are; NULL: nowhere
  lb_study_number numbers[LB_STUDY_NUMBERS];
  int n;
} running;

// An iteration, and what it comes to.
static lb_status plan(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  running* r = ctx;
  lb_study* s = &r->study;
  int iteration = (int)problem->iteration;
  if (iteration > 0 && s->collect) s->collect(s, iteration);
  if (s->plan) s->plan(s, iteration);
  r->n = s->measure(s, iteration, r->numbers);
  if (r->system) r->system->ledger = s->ledger;
  *report = (lb_plan_report){.planned = true, .cost_in_model = r->numbers[0].value};
  return lb_ok();
}

// The study's numbers, by their metrics' names.
static void write(void* ctx, lb_json_writer* w) {
  const running* r = ctx;
  for (int i = 0; i < r->n; ++i) lb_json_write_number(w, lb_metric_name(r->numbers[i].metric), r->numbers[i].value);
}

// Closes what the study has open.
static void destroy(void* ctx) {
  running* r = ctx;
  if (r->study.close) r->study.close(&r->study);
}

lb_status lb_study_open(lb_planner* out, const lb_study* study, const lb_opening* o) {
  running* r = LB_TAKE(o->arena, running, 1);
  r->study = *study;
  r->study.arena = o->arena;
  r->system = o->other;
  *out = (lb_planner){.ctx = r, .plan = plan, .write = write, .destroy = destroy};
  return lb_ok();
}

lb_status lb_study_fits(const char* const* names, int n, const lb_system* system, const char* algorithm) {
  for (int i = 0; i < n; ++i) {
    size_t length = strlen(names[i]);
    bool begins = names[i][length - 1] == '-';
    if (begins ? strncmp(names[i], system->name, length) == 0 : strcmp(names[i], system->name) == 0) return lb_ok();
  }
  return lb_fail(LB_INPUT, "%s: %s is a study of another small system (docs/theory.md)", system->name, algorithm);
}

double lb_study_exponent(const double* x, const double* y, int n) {
  double k = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (int i = 0; i < n; ++i) {
    if (!(y[i] > 0)) continue;
    double a = log(x[i]), b = log(y[i]);
    k += 1, sx += a, sy += b, sxx += a * a, sxy += a * b;
  }
  return k < 2 ? NAN : (k * sxy - sx * sy) / (k * sxx - sx * sx);
}
