// The numbers of a model that a learner may have to find: see docs/task-reference.md.
#include <string.h>

#include "task/grammar.h"
#include "task/spec_private.h"

static const char option_key[] = "option";

// Where in the model the parameter stands: an element's field, or an option.
static lb_status read_place(lb_task_spec* s, lb_node node, lb_task_parameter* p) {
  int kind = -1, named = 0;
  for (int k = 0; k <= LB_PHYS_KINDS; ++k) {
    const char* key = k < LB_PHYS_KINDS ? lb_phys_kind_name((lb_phys_kind)k) : option_key;
    if (lb_json_has(node, key)) kind = k, ++named;
  }
  if (named != 1) {
    return lb_json_fail(node,
                        "a parameter needs one of 'body', 'joint', 'geom', 'site', 'tendon', 'equality', "
                        "'actuator', 'option'");
  }
  LB_TRY(lb_task_read_int(node, LB_TASK_PARAMETER, "index", &p->index));
  lb_status found;
  if (kind == LB_PHYS_KINDS) {
    p->kind = option_key;
    LB_TRY(lb_json_string(node, option_key, &p->field));
    if (lb_json_has(node, "field")) return lb_json_fail(node, "'field' belongs to an element, an option is its own");
    found = lb_phys_field_find_option(&p->place, s->model, p->field, p->index);
  } else {
    p->kind = lb_phys_kind_name((lb_phys_kind)kind);
    LB_TRY(lb_json_string(node, p->kind, &p->element));
    LB_TRY(lb_json_string(node, "field", &p->field));
    found = lb_phys_field_find(&p->place, s->model, (lb_phys_kind)kind, p->element, p->field, p->index);
  }
  return found.code == LB_OK ? found : lb_json_fail(node, "%s", found.text);
}

lb_status lb_spec_read_parameters(lb_task_spec* s, lb_node root) {
  lb_node list;
  if (!lb_json_has(root, "parameters")) return lb_ok();
  LB_TRY(lb_json_array(root, "parameters", &list, &s->nparameter));
  s->parameters = LB_TAKE(s->arena, lb_task_parameter, s->nparameter);
  for (int i = 0; i < s->nparameter; ++i) {
    lb_task_parameter* p = &s->parameters[i];
    lb_node node = lb_json_element(list, i);
    double* offset;
    LB_TRY(lb_task_check_keys(node, LB_TASK_PARAMETER));
    LB_TRY(lb_json_string(node, "name", &p->name));
    LB_TRY(read_place(s, node, p));
    LB_TRY(lb_json_numbers(node, "offset", 2, s->arena, &offset, NULL));
    if (!(offset[0] <= offset[1])) {
      return lb_json_fail(node, "'offset' is [%g, %g], expected [low, high]", offset[0], offset[1]);
    }
    p->low = offset[0], p->high = offset[1];
    for (int j = 0; j < i; ++j) {
      if (strcmp(s->parameters[j].name, p->name) == 0) return lb_json_fail(node, "'%s' is named twice", p->name);
      if (s->parameters[j].place.member == p->place.member && s->parameters[j].place.index == p->place.index) {
        return lb_json_fail(node, "'%s' is the same number as '%s'", p->name, s->parameters[j].name);
      }
    }
  }
  return lb_ok();
}
