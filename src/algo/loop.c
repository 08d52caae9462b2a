#include "algo/loop.h"

#include "algo/logbook.h"

// One step of an iteration, if the algorithm has it, and the CPU seconds that it took.
static void take(void (*step)(void*), const lb_steps* s, double* seconds) {
  double start = lb_cpu_seconds();
  if (step) step(s->self);
  lb_phase_add(seconds, start);
}

// Repeats: collect real transitions, fit a model to them, plan a policy in it, measure the policy in the real system.
lb_status lb_loop(const lb_steps* s, lb_run_folder* folder, const lb_run_options* options, lb_evaluation* last) {
  lb_phase_times unwanted = {0}, *seconds = s->times ? s->times : &unwanted;
  lb_logbook book;
  *last = (lb_evaluation){0};
  LB_TRY(lb_logbook_open(&book, s, folder, options));
  while (*s->iteration <= s->iterations) {
    if (*s->iteration > 0) {
      take(s->collect, s, &seconds->collect);
      take(s->fit, s, &seconds->fit);
    }
    take(s->plan, s, &seconds->plan);

    lb_lines lines = {0};
    double start = lb_cpu_seconds();
    bool measured = s->measure(s->self, &lines);
    lb_phase_add(&seconds->evaluate, start);
    if (measured) {
      *last = lines.real;
      LB_TRY(lb_logbook_write(&book, &lines));
    }
    LB_TRY(lb_logbook_check(&book));
    *s->iteration += 1;
    LB_TRY(lb_logbook_end_iteration(&book));
  }
  return lb_ok();
}
