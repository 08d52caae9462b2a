#include "task/healthy.h"

#include <math.h>
#include <string.h>

#include "task/grammar.h"

// "low <= quantity <= high", or "quantity finite".
static void describe(lb_condition* c, lb_arena* arena) {
  lb_text text = {0};
  if (c->is_finite) {
    lb_text_add(&text, "%s finite", c->quantity.text);
  } else {
    const char* less = c->is_open ? " < " : " <= ";
    lb_bounds_add_number(&text, c->within.low);
    lb_text_add(&text, "%s%s%s", less, c->quantity.text, less);
    lb_bounds_add_number(&text, c->within.high);
  }
  c->text = lb_arena_text(arena, text.data);
  lb_text_free(&text);
}

// A condition of health from its object in task.json.
lb_status lb_condition_read(lb_condition* c, lb_node object, const lb_quantity_source* source) {
  *c = (lb_condition){.within = lb_bounds_none()};
  LB_TRY(lb_task_check_keys(object, LB_TASK_CONDITION));
  LB_TRY(lb_quantity_read(&c->quantity, object, source));
  for (const lb_quantity* q = &c->quantity; q; q = q->from) {
    lb_node node;
    if (strcmp(q->signal->name, "healthy") != 0) continue;
    LB_TRY(lb_json_child(object, "signal", &node));
    return lb_json_fail(node, "'healthy' is what these conditions decide, it cannot be one of them");
  }
  LB_TRY(lb_json_bool_or(object, "finite", false, &c->is_finite));
  LB_TRY(lb_json_bool_or(object, "open", false, &c->is_open));
  bool bounded = lb_json_has(object, "within");
  if (bounded == c->is_finite) {
    return lb_json_fail(object, "a condition needs either 'within': [low, high] or 'finite': true");
  }
  if (c->is_finite && c->is_open) return lb_json_fail(object, "'open' belongs to 'within'");
  if (bounded) LB_TRY(lb_bounds_read(&c->within, object, "within"));
  describe(c, source->arena);
  return lb_ok();
}

// Whether all numbers of its quantity are within the bounds, or finite.
bool lb_condition_holds(const lb_condition* c, const lb_phys_view* view) {
  double x[LB_QUANTITY_MAX];
  bool holds = true;
  lb_quantity_eval(&c->quantity, x, view);
  double low = c->within.low, high = c->within.high;
  for (int i = 0; i < c->quantity.n; ++i) {
    if (c->is_finite) {
      holds = holds && isfinite(x[i]);
    } else if (c->is_open) {
      holds = holds && low < x[i] && x[i] < high;
    } else {
      holds = holds && low <= x[i] && x[i] <= high;
    }
  }
  return holds;
}
