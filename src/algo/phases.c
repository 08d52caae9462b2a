#include "algo/phases.h"

#include "base/memory.h"

void lb_phase_memory(lb_json_writer* w) {
  lb_json_write_number(w, "peak_memory", lb_memory_peak() / 1e6);
}

void lb_phase_line(lb_text* timing, int iteration, const lb_phase_times* t) {
  lb_json_writer w = lb_json_writer_on(timing);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", iteration);
  lb_json_write_number(&w, "cpu", t->collect + t->fit + t->plan + t->evaluate + t->clone);
  lb_json_write_number(&w, "collect", t->collect);
  lb_json_write_number(&w, "fit", t->fit);
  lb_json_write_number(&w, "plan", t->plan);
  lb_json_write_number(&w, "evaluate", t->evaluate);
  lb_json_write_number(&w, "collect_steps", t->collect_steps);
  lb_json_write_number(&w, "fit_rollouts", t->fit_rollouts);
  lb_json_write_number(&w, "evaluate_terms", t->evaluate_terms);
  lb_json_write_number(&w, "clone", t->clone);
  lb_json_write_number(&w, "files", t->files);
  lb_phase_memory(&w);
  lb_json_write_end_object(&w);
}
