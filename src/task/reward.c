#include "task/reward.h"

#include <math.h>

#include "task/grammar.h"

// A factor: scale * tolerance(norm(quantity)) + plus.
static lb_status read_factor(lb_factor* f, lb_node object, const lb_quantity_source* source) {
  LB_TRY(lb_quantity_read(&f->quantity, object, source));
  LB_TRY(lb_norm_read(&f->norm, object, f->quantity.n));
  LB_TRY(lb_tolerance_read(&f->tolerance, object));
  f->scale = 1;
  LB_TRY(lb_task_read_number(object, LB_TASK_FACTOR, "scale", &f->scale));
  return lb_task_read_number(object, LB_TASK_FACTOR, "plus", &f->plus);
}

// The factors of a product.
static lb_status read_product(lb_reward_term* t, lb_node object, const lb_quantity_source* source) {
  lb_node list;
  LB_TRY(lb_task_check_keys(object, LB_TASK_PRODUCT));
  LB_TRY(lb_json_array(object, "product", &list, &t->nfactor));
  if (t->nfactor == 0) return lb_json_fail(list, "a product needs at least one factor");
  t->factors = LB_TAKE(source->arena, lb_factor, t->nfactor);
  for (int i = 0; i < t->nfactor; ++i) {
    lb_node node = lb_json_element(list, i);
    LB_TRY(lb_task_check_keys(node, LB_TASK_FACTOR));
    LB_TRY(read_factor(&t->factors[i], node, source));
  }
  return lb_ok();
}

// The factors of a product, or the term itself as its only one.
static lb_status read_factors(lb_reward_term* t, lb_node object, const lb_quantity_source* source) {
  if (lb_json_has(object, "product")) return read_product(t, object, source);
  LB_TRY(lb_task_check_keys(object, LB_TASK_TERM));
  t->nfactor = 1;
  t->factors = LB_TAKE(source->arena, lb_factor, 1);
  return read_factor(t->factors, object, source);
}

// The factor as a formula.
static void describe_factor(const lb_factor* f, lb_text* out) {
  lb_text inner = {0};
  lb_text_add(&inner, f->norm ? "%s(" : "", f->norm ? f->norm->name : "");
  lb_text_add(&inner, "%s%s", f->quantity.text, f->norm ? ")" : "");
  if (f->plus != 0) lb_text_add(out, "(%g + ", f->plus);
  if (f->scale != 1) lb_text_add(out, "%g * ", f->scale);
  lb_tolerance_describe(&f->tolerance, out, inner.data);
  if (f->plus != 0) lb_text_add(out, ")");
  lb_text_free(&inner);
}

// The term as a formula, in t->text.
static void describe(lb_reward_term* t, lb_arena* arena) {
  lb_text text = {0};
  if (isfinite(t->limits.low) || isfinite(t->limits.high)) lb_text_add(&text, "clip(");
  lb_bounds_add_number(&text, t->weight);
  lb_text_add(&text, t->read == LB_READ_AFTER ? " * " : t->read == LB_READ_RATE ? " * rate of " : " * change of ");
  for (int i = 0; i < t->nfactor; ++i) {
    lb_text_add(&text, i ? " * " : "");
    describe_factor(&t->factors[i], &text);
  }
  if (isfinite(t->limits.low) || isfinite(t->limits.high)) {
    lb_text_add(&text, ", ");
    lb_bounds_add_number(&text, t->limits.low);
    lb_text_add(&text, ", ");
    lb_bounds_add_number(&text, t->limits.high);
    lb_text_add(&text, ")");
  }
  t->text = lb_arena_text(arena, text.data);
  lb_text_free(&text);
}

// A term of the reward from its object in task.json.
lb_status lb_reward_term_read(lb_reward_term* t, lb_node object, const lb_quantity_source* source) {
  int read = LB_READ_AFTER;
  *t = (lb_reward_term){.limits = lb_bounds_none()};
  LB_TRY(read_factors(t, object, source));
  LB_TRY(lb_json_string_or(object, "name", NULL, &t->name));
  LB_TRY(lb_task_read_number(object, LB_TASK_TERM, "weight", &t->weight));
  LB_TRY(lb_task_read_word(object, LB_TASK_TERM, "read", &read));
  if (lb_json_has(object, "limits")) LB_TRY(lb_bounds_read(&t->limits, object, "limits"));
  t->read = (lb_reading)read;
  for (int i = 0; i < t->nfactor; ++i) {
    if (t->factors[i].quantity.level > t->level) t->level = t->factors[i].quantity.level;
  }
  describe(t, source->arena);
  return lb_ok();
}

// scale * tolerance(norm(quantity)) + plus.
static double factor_value(const lb_factor* f, const lb_phys_view* view) {
  double x[LB_QUANTITY_MAX];
  lb_quantity_eval(&f->quantity, x, view);
  double value = f->norm ? f->norm->of(x, f->quantity.n) : x[0];
  return f->scale * lb_tolerance_eval(&f->tolerance, value) + f->plus;
}

double lb_reward_term_value(const lb_reward_term* term, const lb_phys_view* view) {
  double value = 1;
  for (int i = 0; i < term->nfactor; ++i) value *= factor_value(&term->factors[i], view);
  return value;
}

double lb_reward_term_worth(const lb_reward_term* term, double value, double before, double dt) {
  double read = term->read == LB_READ_AFTER ? value : value - before;
  if (term->read == LB_READ_RATE) read /= dt;
  double worth = term->weight * read;
  return worth < term->limits.low ? term->limits.low : worth > term->limits.high ? term->limits.high : worth;
}
