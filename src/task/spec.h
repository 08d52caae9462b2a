// A task.json as it was read and checked against its model: everything that defines a MuJoCo task but the reference's
// numbers. The grammar is in docs/task-reference.md. A task has a cost that control-theoretic planners minimise, or
// rewards with an observation and conditions of its own (task/terms.h).
#ifndef LB_TASK_SPEC_H_
#define LB_TASK_SPEC_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "io/json.h"
#include "phys/field.h"
#include "phys/phys_model.h"
#include "task/start.h"
#include "task/terms.h"

// 0.5 * sum_i weight[i] * (difference to the reference)[first + i]^2
typedef struct lb_task_term {
  const char* name;      // of the joint or actuator
  const char* of;        // "position", "rotation", "velocity", "angular_velocity"; NULL: an actuator's control
  int first, n;          // its place in dx (ndx), or in u (nu)
  const double* weight;  // (n)
} lb_task_term;

// A Gaussian wrench on a body, constant over a control step: force in world axes, torque in body axes.
typedef struct lb_task_noise {
  const char* name;
  int body;
  double force, torque;  // standard deviation of each of three components, N and N m
} lb_task_noise;

// A number of the model that a learner does not know: its guess is the model's value + uniform[low, high).
typedef struct lb_task_parameter {
  const char* name;
  const char *kind, *element, *field;  // as in the file; element is NULL for an option
  int index;
  lb_phys_field place;
  double low, high;
} lb_task_parameter;

enum { LB_TASK_NAME_MOST = 100 };  // characters of a task's name, as in a suite

typedef enum lb_task_start { LB_START_QPOS0, LB_START_KEYFRAME, LB_START_REFERENCE } lb_task_start;

typedef struct lb_task_spec {
  const char *name, *description;
  const char* physics;         // which physics it follows, one line; NULL: not said
  const char* const* aliases;  // NULL-terminated; NULL: none
  const char* folder;
  const char* reference;  // path of the reference file; NULL: stay at the start with zero control
  lb_phys_model* model;
  int version, frame_skip, horizon;
  int nu;
  const char** controls;   // (nu) actuator names
  int* actuators;          // (nu) their ids
  double *u_low, *u_high;  // (nu)
  double max_velocity;     // 0: not clipped
  lb_task_start start;
  const char* keyframe;
  int ndraw;
  lb_draw* draws;
  int nnoise, nstage, nterminal, nparameter;
  lb_task_noise* noise;
  lb_task_term *stage, *terminal;
  lb_task_parameter* parameters;
  bool has_rewards;  // it has terms, and no cost
  lb_terms terms;
  double stop_norm;  // INFINITY: none
  char hash[65];
  lb_json* doc;
  lb_arena* arena;
} lb_task_spec;

// Reads folder/task.json and the model that it names. `name` is the folder's name, which the file must repeat.
lb_status lb_task_spec_load(lb_task_spec** out, const char* folder, const char* name);
// How a simulation of it is driven. Valid while the spec lives.
lb_phys_rate lb_task_spec_rate(const lb_task_spec* spec);

// The start of an episode before any draws, x0 (nx): qpos0 or the keyframe. Not for LB_START_REFERENCE.
void lb_task_spec_start(const lb_task_spec* spec, double* x0);

void lb_task_spec_free(lb_task_spec* spec);

#endif  // LB_TASK_SPEC_H_
