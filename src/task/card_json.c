// The card of a task for programs: see card.h.
#include "io/json_writer.h"
#include "task/card.h"
#include "task/mujoco_system.h"
#include "task/reads.h"
#include "task/task.h"

// Terms of a quadratic cost: of what, and their weights.
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

// The reference and the weights of a quadratic cost.
static void write_cost(lb_json_writer* w, const lb_task_spec* spec) {
  lb_json_write_string(w, "reference", spec->reference);
  lb_json_write_begin_object(w, "cost");
  write_terms(w, "stage", spec->stage, spec->nstage);
  write_terms(w, "terminal", spec->terminal, spec->nterminal);
  lb_json_write_end_object(w);
}

// What each number of the observation is, and its unit.
static void write_observation(lb_json_writer* w, const lb_terms* terms) {
  lb_json_write_begin_array(w, "observation");
  for (int i = 0; i < terms->nobservation; ++i) {
    const lb_quantity* q = &terms->observation[i];
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "quantity", q->text);
    lb_json_write_int(w, "numbers", q->n);
    lb_json_write_string(w, "unit", q->function ? "1" : q->signal->unit);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

// How far rewards of a model's states differ from those of live data (task/reads.h).
static void write_reads(lb_json_writer* w, const lb_task_spec* spec) {
  lb_reads_report r;
  if (lb_reads_measure(&r, spec, LB_CARD_READS, 0).code != LB_OK) return;
  lb_json_write_begin_object(w, "live_reads");
  lb_json_write_bool(w, "stateless", r.is_stateless);
  lb_json_write_int(w, "steps", r.steps);
  lb_json_write_number(w, "reward", r.reward);
  lb_json_write_number(w, "reward_mean", r.reward_mean);
  lb_json_write_number(w, "observation", r.observation);
  lb_json_write_int(w, "ends", r.flags);
  lb_json_write_end_object(w);
}

// Observation, reward, conditions of health, draws of the start.
static void write_rewards(lb_json_writer* w, const lb_task_spec* spec) {
  const lb_terms* terms = &spec->terms;
  write_observation(w, terms);
  lb_json_write_begin_array(w, "reward");
  for (int i = 0; i < terms->nreward; ++i) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "name", terms->reward[i].name);
    lb_json_write_string(w, "term", terms->reward[i].text);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  lb_json_write_begin_array(w, "healthy");
  for (int i = 0; i < terms->nhealthy; ++i) lb_json_write_string(w, NULL, terms->healthy[i].text);
  lb_json_write_end_array(w);
  lb_json_write_begin_array(w, "draws");
  for (int i = 0; i < spec->ndraw; ++i) lb_json_write_string(w, NULL, spec->draws[i].text);
  lb_json_write_end_array(w);
  write_reads(w, spec);
}

// What a task of MuJoCo is made of: model, steps, start, reward or cost, noise.
static void write_spec(lb_json_writer* w, const lb_task_spec* spec) {
  lb_json_write_int(w, "version", spec->version);
  lb_json_write_string(w, "model", lb_phys_model_path(spec->model));
  lb_json_write_int(w, "frame_skip", spec->frame_skip);
  lb_json_write_number(w, "timestep", lb_phys_model_sizes(spec->model).timestep);
  lb_json_write_string(w, "start", lb_card_start(spec));
  lb_json_write_string(w, "physics", spec->physics);
  if (spec->has_rewards) {
    write_rewards(w, spec);
  } else {
    write_cost(w, spec);
  }
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

// Each control's limits, and its actuator where there is one.
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

// Each parameter: its true value, and the offsets between which a learner's first guess lies.
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

void lb_card_add_json(lb_text* out, const lb_system* s, const lb_task_spec* spec) {
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "name", s->name);
  lb_json_write_string(&w, "description", lb_task_description(s));
  lb_json_write_string(&w, "hash", s->hash);
  lb_json_write_begin_array(&w, "aliases");
  for (int i = 0; s->aliases && s->aliases[i]; ++i) lb_json_write_string(&w, NULL, s->aliases[i]);
  lb_json_write_end_array(&w);
  lb_json_write_int(&w, "nx", s->space.nx);
  lb_json_write_int(&w, "ndx", s->space.ndx);
  lb_json_write_int(&w, "nq", s->nq);
  lb_json_write_int(&w, "nv", s->nq > 0 ? s->space.nx - s->nq - s->na : 0);
  lb_json_write_int(&w, "na", s->na);
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
