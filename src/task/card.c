// What `bench tasks NAME` prints: see lb_task_card in task.h.
#include <math.h>

#include "io/json_writer.h"
#include "task/mujoco_system.h"
#include "task/task.h"

static const char* start_text(const lb_task_spec* spec) {
  return spec->start == LB_START_KEYFRAME ? spec->keyframe : spec->start == LB_START_REFERENCE ? "reference" : "qpos0";
}

// "1", or "1 2 3" where the components differ.
static void add_weight(lb_text* out, const lb_task_term* term) {
  int n = 1;
  for (int i = 1; i < term->n; ++i) {
    if (term->weight[i] != term->weight[0]) n = term->n;
  }
  for (int i = 0; i < n; ++i) lb_text_add(out, i ? " %g" : "%g", term->weight[i]);
}

static void add_terms(lb_text* out, const char* label, const lb_task_term* terms, int n) {
  lb_text_add(out, "  %-11s", label);
  if (n == 0) lb_text_add(out, "nothing");
  for (int i = 0; i < n; ++i) {
    lb_text_add(out, "%s", i ? ", " : "");
    add_weight(out, &terms[i]);
    lb_text_add(out, " %s%s%s", terms[i].name, terms[i].of ? "." : "", terms[i].of ? terms[i].of : "");
  }
  lb_text_add(out, "\n");
}

static void add_spec(lb_text* out, const lb_task_spec* spec) {
  lb_phys_sizes sizes = lb_phys_model_sizes(spec->model);
  lb_text_add(out, "  %-11s%s, %d physics step%s of %g s in a control step\n", "model", lb_phys_model_path(spec->model),
              spec->frame_skip, spec->frame_skip == 1 ? "" : "s", sizes.timestep);
  lb_text_add(out, "  %-11s%s\n", "start", start_text(spec));
  lb_text_add(out, "  %-11s%s\n", "reference", spec->reference ? spec->reference : "the start, with zero control");
  lb_text_add(out, "  %-11s0.5 * sum of weight * (difference to the reference)^2, with weights\n", "cost");
  add_terms(out, "  stage", spec->stage, spec->nstage);
  add_terms(out, "  terminal", spec->terminal, spec->nterminal);
  for (int i = 0; i < spec->nnoise; ++i) {
    lb_text_add(out, "  %-11sbody %s: force %g N (world axes), torque %g N m (body axes), std of each component\n",
                "noise", spec->noise[i].name, spec->noise[i].force, spec->noise[i].torque);
  }
}

static void add_limits(lb_text* out, const lb_system* system, const lb_task_spec* spec) {
  lb_text_add(out, "  %-11s%d:", "controls", system->nu);
  for (int i = 0; i < system->nu; ++i) {
    lb_text_add(out, "%s", i ? "," : "");
    if (spec) lb_text_add(out, " %s", spec->controls[i]);
    if (isfinite(system->u_low[i]) || isfinite(system->u_high[i])) {
      lb_text_add(out, " [%g, %g]", system->u_low[i], system->u_high[i]);
    } else {
      lb_text_add(out, " unlimited");
    }
  }
  lb_text_add(out, "\n");
}

static void add_parameters(lb_text* out, const lb_family* family) {
  lb_text_add(out, "  %-11s%d that a learner may have to find: true value, then where its first guess lies\n",
              "parameters", family->nparam);
  for (int i = 0; i < family->nparam; ++i) {
    double truth = family->truth[i];
    lb_text_add(out, "    %-20s %10g  [%g, %g]\n", family->names[i], truth, truth + family->prior_low[i],
                truth + family->prior_high[i]);
  }
}

static void write_text(lb_text* out, const lb_system* s, const lb_task_spec* spec) {
  lb_text_add(out, "%s: %s\n", s->name, lb_task_description(s));
  lb_text_add(out, "  %-11s%d numbers", "state", s->space.nx);
  if (s->nq > 0) lb_text_add(out, " (%d qpos, then %d qvel)", s->nq, s->space.nx - s->nq);
  if (s->space.ndx != s->space.nx) lb_text_add(out, ", %d directions", s->space.ndx);
  lb_text_add(out, "\n");
  add_limits(out, s, spec);
  lb_text_add(out, "  %-11s%d steps of %g s\n", "episode", s->horizon, s->dt);
  if (spec) add_spec(out, spec);
  if (isfinite(s->stop_norm)) {
    lb_text_add(out, "  %-11sa learner's rollout for data ends once |(state, control) - reference| > %g\n", "stop",
                s->stop_norm);
  }
  if (s->family) add_parameters(out, s->family);
  lb_text_add(out, "  %-11s%s\n", "hash", s->hash);
}

static void write_terms(lb_json_writer* w, const char* key, const lb_task_term* terms, int n) {
  lb_json_write_begin_array(w, key);
  for (int i = 0; i < n; ++i) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, terms[i].of ? "joint" : "actuator", terms[i].name);
    if (terms[i].of) lb_json_write_string(w, "of", terms[i].of);
    lb_json_write_numbers(w, "weight", terms[i].weight, terms[i].n);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

static void write_spec(lb_json_writer* w, const lb_task_spec* spec) {
  lb_json_write_int(w, "version", spec->version);
  lb_json_write_string(w, "model", lb_phys_model_path(spec->model));
  lb_json_write_int(w, "frame_skip", spec->frame_skip);
  lb_json_write_number(w, "timestep", lb_phys_model_sizes(spec->model).timestep);
  lb_json_write_string(w, "start", start_text(spec));
  lb_json_write_string(w, "reference", spec->reference);
  lb_json_write_begin_object(w, "cost");
  write_terms(w, "stage", spec->stage, spec->nstage);
  write_terms(w, "terminal", spec->terminal, spec->nterminal);
  lb_json_write_end_object(w);
  lb_json_write_begin_array(w, "noise");
  for (int i = 0; i < spec->nnoise; ++i) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "body", spec->noise[i].name);
    lb_json_write_number(w, "force", spec->noise[i].force);
    lb_json_write_number(w, "torque", spec->noise[i].torque);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

static void write_controls(lb_json_writer* w, const lb_system* s, const lb_task_spec* spec) {
  lb_json_write_begin_array(w, "controls");
  for (int i = 0; i < s->nu; ++i) {
    lb_json_write_begin_object(w, NULL);
    if (spec) lb_json_write_string(w, "actuator", spec->controls[i]);
    lb_json_write_number(w, "low", s->u_low[i]);
    lb_json_write_number(w, "high", s->u_high[i]);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

static void write_parameters(lb_json_writer* w, const lb_family* family) {
  lb_json_write_begin_array(w, "parameters");
  for (int i = 0; i < family->nparam; ++i) {
    double offset[2] = {family->prior_low[i], family->prior_high[i]};
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "name", family->names[i]);
    lb_json_write_number(w, "truth", family->truth[i]);
    lb_json_write_numbers(w, "offset", offset, 2);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

static void write_json(lb_text* out, const lb_system* s, const lb_task_spec* spec) {
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "name", s->name);
  lb_json_write_string(&w, "description", lb_task_description(s));
  lb_json_write_string(&w, "hash", s->hash);
  lb_json_write_int(&w, "nx", s->space.nx);
  lb_json_write_int(&w, "ndx", s->space.ndx);
  lb_json_write_int(&w, "nq", s->nq);
  lb_json_write_int(&w, "nu", s->nu);
  lb_json_write_int(&w, "nobs", s->nobs);
  lb_json_write_int(&w, "horizon", s->horizon);
  lb_json_write_number(&w, "dt", s->dt);
  lb_json_write_number(&w, "stop_norm", s->stop_norm);
  write_controls(&w, s, spec);
  if (spec) write_spec(&w, spec);
  if (s->family) write_parameters(&w, s->family);
  lb_json_write_end_object(&w);
}

void lb_task_card(lb_text* out, const lb_system* system, bool json) {
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  if (json) {
    write_json(out, system, spec);
  } else {
    write_text(out, system, spec);
  }
}
