#include "algo/reference_lines.h"

#include <stdio.h>
#include <string.h>

#include "algo/phases.h"
#include "io/json_writer.h"

static void write_score(lb_json_writer* w, const char* measure, const char* ending, double value) {
  char key[32];
  snprintf(key, sizeof key, "%s%s", measure, ending);
  lb_json_write_number(w, key, value);
}

void lb_reference_lines_survival(lb_json_writer* w, const lb_system* system, const lb_evaluation* real) {
  if (!system->has_end) return;
  lb_json_write_number(w, "survival_steps", real->steps);
  lb_json_write_number(w, "survival_steps_se", real->steps_se);
}

void lb_reference_lines(lb_lines* lines, const char* measure, const lb_system* system, const lb_evaluation* real,
                        double seconds) {
  double sign = strcmp(measure, "return") == 0 ? -1 : 1;
  *lines = (lb_lines){.measure = measure, .score = sign * real->mean, .score_se = real->se, .real = *real};
  lb_json_writer w = lb_json_writer_on(&lines->metrics);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", 0);
  write_score(&w, measure, "", lines->score);
  write_score(&w, measure, "_se", real->se);
  write_score(&w, measure, "_median", sign * real->median);
  lb_reference_lines_survival(&w, system, real);
  lb_json_write_int(&w, "rollouts_diverged", real->diverged);
  lb_json_write_int(&w, "steps_evaluation", system->ledger.steps[LB_STEP_EVALUATION]);
  lb_json_write_end_object(&w);
  w = lb_json_writer_on(&lines->timing);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", 0);
  lb_json_write_number(&w, "cpu", seconds);
  lb_json_write_number(&w, "evaluate", seconds);
  lb_phase_memory(&w);
  lb_json_write_end_object(&w);
}
