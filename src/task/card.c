// All that defines a task, as text or as JSON: what `bench tasks NAME` prints. See lb_task_card in task.h.

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "io/json_writer.h"
#include "task/mujoco_system.h"
#include "task/reads.h"
#include "task/task.h"

enum { READS = 500 };  // random steps that live reads are measured over

// Where an episode begins before anything is drawn.
static const char* start_of(const lb_task_spec* spec) {
  return spec->start == LB_START_KEYFRAME ? spec->keyframe : spec->start == LB_START_REFERENCE ? "reference" : "qpos0";
}

// ---------------------------------------------------------------------------------------------------------------------
// For people

// "1", or "1 2 3" where the components differ.
static void add_weight(lb_text* out, const lb_task_term* term) {
  int n = 1;
  for (int i = 1; i < term->n; ++i) {
    if (term->weight[i] != term->weight[0]) n = term->n;
  }
  for (int i = 0; i < n; ++i) lb_text_add(out, i ? " %g" : "%g", term->weight[i]);
}

// One line of a quadratic cost: weights and what they weigh.
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

// The reference and the weights of a quadratic cost.
static void add_cost(lb_text* out, const lb_task_spec* spec) {
  lb_text_add(out, "  %-11s%s\n", "reference", spec->reference ? spec->reference : "the start, with zero control");
  lb_text_add(out, "  %-11s0.5 * sum of weight * (difference to the reference)^2, with weights\n", "cost");
  add_terms(out, "  stage", spec->stage, spec->nstage);
  add_terms(out, "  terminal", spec->terminal, spec->nterminal);
}

// The numbers of the observation, by their places, with units.
static void add_observation(lb_text* out, const lb_terms* terms) {
  int first = 0;
  lb_text_add(out, "  %-11s%d %s\n", "observes", terms->nobs, lb_plural(terms->nobs, "number", "numbers"));
  for (int i = 0; i < terms->nobservation; ++i) {
    const lb_quantity* q = &terms->observation[i];
    char places[40];
    snprintf(places, sizeof places, q->n > 1 ? "%d to %d" : "%d", first, first + q->n - 1);
    lb_text_add(out, "    %-12s %s  (%s)\n", places, q->text, q->function ? "1" : q->signal->unit);
    first += q->n;
  }
}

// The terms of the reward, and the conditions whose failure ends an episode.
static void add_reward(lb_text* out, const lb_terms* terms) {
  lb_text_add(out, "  %-11ssum of\n", "reward");
  for (int i = 0; i < terms->nreward; ++i) {
    lb_text_add(out, "    %-12s %s\n", terms->reward[i].name ? terms->reward[i].name : "", terms->reward[i].text);
  }
  if (terms->nhealthy == 0) {
    lb_text_add(out, "  %-11snever ends but by the clock\n", "healthy");
    return;
  }
  lb_text_add(out, "  %-11sthe episode ends once one of these fails\n", "healthy");
  for (int i = 0; i < terms->nhealthy; ++i) lb_text_add(out, "    %s\n", terms->healthy[i].text);
}

// How far rewards of a model's states differ from those of live data (task/reads.h).
static void add_reads(lb_text* out, const lb_task_spec* spec) {
  lb_reads_report r;
  if (lb_reads_measure(&r, spec, READS, 0).code != LB_OK) return;
  lb_text_add(out, "  %-11s", "live reads");
  if (r.is_stateless) {
    lb_text_add(out, "qpos, qvel and controls alone: a model's state is judged exactly as a real one\n");
    return;
  }
  lb_text_add(out,
              "derived quantities are those of the integrator's last evaluation, as in Gymnasium; a model's\n"
              "             state has none but its own. Over %d random steps this changes the reward of a step by up\n"
              "             to %.2g (mean %.2g), the observation by up to %.2g, and %d ends\n",
              r.steps, r.reward, r.reward_mean, r.observation, r.flags);
}

// Where episodes begin, and what is drawn there.
static void add_start(lb_text* out, const lb_task_spec* spec) {
  lb_text_add(out, "  %-11s%s\n", "start", start_of(spec));
  for (int i = 0; i < spec->ndraw; ++i) lb_text_add(out, "    %s\n", spec->draws[i].text);
}

// What a task of MuJoCo is made of: model, steps, start, reward or cost, noise.
static void add_spec(lb_text* out, const lb_task_spec* spec) {
  lb_phys_sizes sizes = lb_phys_model_sizes(spec->model);
  lb_text_add(out, "  %-11s%s, %d physics step%s of %g s in a control step\n", "model", lb_phys_model_path(spec->model),
              spec->frame_skip, spec->frame_skip == 1 ? "" : "s", sizes.timestep);
  if (spec->physics) lb_text_add(out, "  %-11s%s\n", "physics", spec->physics);
  if (spec->max_velocity > 0) {
    lb_text_add(out, "  %-11severy number of qvel is clipped to +-%g before a step\n", "velocity", spec->max_velocity);
  }
  add_start(out, spec);
  if (spec->has_rewards) {
    add_observation(out, &spec->terms);
    add_reward(out, &spec->terms);
    add_reads(out, spec);
  } else {
    add_cost(out, spec);
  }
  for (int i = 0; i < spec->nnoise; ++i) {
    lb_text_add(out, "  %-11sbody %s: force %g N (world axes), torque %g N m (body axes), std of each component\n",
                "noise", spec->noise[i].name, spec->noise[i].force, spec->noise[i].torque);
  }
}

// The controls and their limits.
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

// Each parameter: its true value, and the range of a learner's first guess.
static void add_parameters(lb_text* out, const lb_family* family) {
  lb_text_add(out, "  %-11s%d that a learner may have to find: true value, then where its first guess lies\n",
              "parameters", family->nparam);
  for (int i = 0; i < family->nparam; ++i) {
    double truth = family->truth[i];
    lb_text_add(out, "    %-20s %10g  [%g, %g]\n", family->names[i], truth, truth + family->prior_low[i],
                truth + family->prior_high[i]);
  }
}

// spec is NULL for a system that is no MuJoCo task.
static void add_text(lb_text* out, const lb_system* s, const lb_task_spec* spec) {
  lb_text_add(out, "%s: %s\n", s->name, lb_task_description(s));
  lb_text_add(out, "  %-11s%d %s", "state", s->space.nx, lb_plural(s->space.nx, "number", "numbers"));
  if (s->nq > 0) lb_text_add(out, " (%d qpos, then %d qvel", s->nq, s->space.nx - s->nq - s->na);
  if (s->na > 0) lb_text_add(out, ", then %d act", s->na);
  if (s->nq > 0) lb_text_add(out, ")");
  if (s->space.ndx != s->space.nx) lb_text_add(out, ", %d directions", s->space.ndx);
  lb_text_add(out, "\n");
  add_limits(out, s, spec);
  lb_text_add(out, "  %-11s%d %s of %g s\n", "episode", s->horizon, lb_plural(s->horizon, "step", "steps"), s->dt);
  if (spec) add_spec(out, spec);
  if (isfinite(s->stop_norm)) {
    lb_text_add(out, "  %-11sa learner's rollout for data ends once |(state, control) - reference| > %g\n", "stop",
                s->stop_norm);
  }
  if (s->family) add_parameters(out, s->family);
  for (int i = 0; s->aliases && s->aliases[i]; ++i) lb_text_add(out, "  %-11s%s\n", "also", s->aliases[i]);
  lb_text_add(out, "  %-11s%s\n", "hash", s->hash);
}

// ---------------------------------------------------------------------------------------------------------------------
// For programs

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
static void write_observation(lb_json_writer* w, const lb_terms* terms, const char* const* names) {
  lb_json_write_begin_array(w, "observation");
  for (int i = 0; i < terms->nobservation; ++i) {
    const lb_quantity* q = &terms->observation[i];
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "quantity", q->text);
    lb_json_write_int(w, "numbers", q->n);
    lb_json_write_string(w, "unit", q->function ? "1" : q->signal->unit);
    lb_json_write_begin_array(w, "names");
    for (int k = 0; k < q->n; ++k) lb_json_write_string(w, NULL, *names++);
    lb_json_write_end_array(w);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

// How far rewards of a model's states differ from those of live data (task/reads.h).
static void write_reads(lb_json_writer* w, const lb_task_spec* spec) {
  lb_reads_report r;
  if (lb_reads_measure(&r, spec, READS, 0).code != LB_OK) return;
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
static void write_rewards(lb_json_writer* w, const lb_system* s, const lb_task_spec* spec) {
  const lb_terms* terms = &spec->terms;
  write_observation(w, terms, s->obs_names);
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
static void write_spec(lb_json_writer* w, const lb_system* s, const lb_task_spec* spec) {
  lb_json_write_int(w, "version", spec->version);
  lb_json_write_string(w, "model", lb_phys_model_path(spec->model));
  lb_json_write_int(w, "frame_skip", spec->frame_skip);
  lb_json_write_number(w, "timestep", lb_phys_model_sizes(spec->model).timestep);
  lb_json_write_string(w, "start", start_of(spec));
  lb_json_write_string(w, "physics", spec->physics);
  if (spec->has_rewards) {
    write_rewards(w, s, spec);
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

// The same as one JSON object.
static void add_json(lb_text* out, const lb_system* s, const lb_task_spec* spec) {
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
  if (spec) write_spec(&w, s, spec);
  if (s->family) write_parameters(&w, s->family);
  lb_json_write_end_object(&w);
}

// ---------------------------------------------------------------------------------------------------------------------
// Either

void lb_task_card(lb_text* out, const lb_system* system, bool json) {
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  if (json) {
    add_json(out, system, spec);
  } else {
    add_text(out, system, spec);
  }
}
