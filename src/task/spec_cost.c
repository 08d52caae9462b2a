// The terms of a cost: see docs/task-reference.md.
#include <string.h>

#include "task/grammar.h"
#include "task/spec_private.h"

// What a joint's name can be followed by in a cost term, and where it stands among the joint's own directions.
typedef enum part { POSITION, ROTATION, VELOCITY, ANGULAR_VELOCITY, PARTS } part;

// A number for all n components, or n numbers; none below 0.
static lb_status read_weight(lb_task_spec* s, lb_node node, lb_task_term* term) {
  lb_node value;
  double* weight;
  LB_TRY(lb_json_child(node, "weight", &value));
  if (lb_json_is_array(value)) {
    LB_TRY(lb_json_numbers(node, "weight", term->n, s->arena, &weight, NULL));
    for (int i = 0; i < term->n; ++i) LB_TRY(lb_json_as_number(lb_json_element(value, i), 0, 1e12, &weight[i]));
  } else {
    weight = LB_TAKE(s->arena, double, term->n);
    LB_TRY(lb_json_as_number(value, 0, 1e12, &weight[0]));
    for (int i = 1; i < term->n; ++i) weight[i] = weight[0];
  }
  term->weight = weight;
  return lb_ok();
}

// Which of a joint's own directions a part is; false where the joint has no such part.
static bool locate(lb_phys_joint_type type, part which, int* first, int* n) {
  bool turns = which == ROTATION || which == ANGULAR_VELOCITY;
  *first = type == LB_PHYS_FREE && turns ? 3 : 0;
  *n = type == LB_PHYS_FREE || type == LB_PHYS_BALL ? 3 : 1;
  if (type == LB_PHYS_FREE) return true;
  return type == LB_PHYS_BALL ? turns : !turns;
}

// A joint's part (position, velocity, ...): where it stands in dx, and how many numbers.
static lb_status read_joint_term(lb_task_spec* s, lb_node node, lb_task_term* term) {
  int id, choice = 0, first;
  LB_TRY(lb_json_string(node, "joint", &term->name));
  lb_status found = lb_phys_model_find(s->model, &id, LB_PHYS_JOINT, term->name);
  if (found.code != LB_OK) return lb_json_fail(node, "%s", found.text);
  const char* part_names[LB_TASK_WORDS_MOST];
  lb_task_words_list(part_names, NULL, LB_WORDS_PART);
  LB_TRY(lb_json_choice(node, "of", part_names, PARTS, &choice));
  lb_phys_joint joint = lb_phys_model_joint(s->model, id);
  if (!locate(joint.type, (part)choice, &first, &term->n)) {
    bool ball = joint.type == LB_PHYS_BALL;
    return lb_json_fail(node, "joint '%s' has no %s, expected '%s' or '%s'", term->name, part_names[choice],
                        part_names[ball ? ROTATION : POSITION], part_names[ball ? ANGULAR_VELOCITY : VELOCITY]);
  }
  bool rate = choice == VELOCITY || choice == ANGULAR_VELOCITY;
  term->of = part_names[choice];
  term->first = joint.dof + first + (rate ? lb_phys_model_sizes(s->model).nv : 0);
  return lb_ok();
}

// An actuator's control: where it stands in u.
static lb_status read_actuator_term(lb_task_spec* s, lb_node node, lb_task_term* term) {
  int id;
  lb_node actuator;
  LB_TRY(lb_json_child(node, "actuator", &actuator));
  if (lb_json_has(node, "of")) return lb_json_fail(node, "'of' belongs to a joint, an actuator has only its control");
  LB_TRY(lb_spec_find_actuator(s, actuator, &id, &term->name));
  for (int i = 0; i < s->nu; ++i) {
    if (s->actuators[i] == id) term->first = i, term->n = 1;
  }
  return term->n ? lb_ok() : lb_json_fail(node, "actuator '%s' is not among $.controls", term->name);
}

// The terms of the stage cost or of the terminal one.
static lb_status read_terms(lb_task_spec* s, lb_node cost, const char* key, lb_task_term** terms, int* n) {
  bool terminal = strcmp(key, "terminal") == 0;
  lb_node list;
  LB_TRY(lb_json_array(cost, key, &list, n));
  *terms = LB_TAKE(s->arena, lb_task_term, *n);
  for (int i = 0; i < *n; ++i) {
    lb_node node = lb_json_element(list, i);
    LB_TRY(lb_task_check_keys(node, LB_TASK_COST_TERM));
    bool joint = lb_json_has(node, "joint"), actuator = lb_json_has(node, "actuator");
    if (joint == actuator) return lb_json_fail(node, "a term needs either 'joint' or 'actuator'");
    if (actuator && terminal) return lb_json_fail(node, "no control acts at the end, so no actuator has a cost there");
    LB_TRY(joint ? read_joint_term(s, node, &(*terms)[i]) : read_actuator_term(s, node, &(*terms)[i]));
    LB_TRY(read_weight(s, node, &(*terms)[i]));
  }
  return lb_ok();
}

lb_status lb_spec_read_cost(lb_task_spec* s, lb_node root) {
  lb_node cost;
  LB_TRY(lb_json_object(root, "cost", &cost));
  LB_TRY(lb_task_check_keys(cost, LB_TASK_COST));
  LB_TRY(read_terms(s, cost, "stage", &s->stage, &s->nstage));
  return read_terms(s, cost, "terminal", &s->terminal, &s->nterminal);
}
