#include "task/quantity.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "task/grammar.h"

static const struct {
  const char* name;
  double (*of)(double);
} functions[] = {{"sin", sin}, {"cos", cos}, {"tanh", tanh}, {"abs", fabs}, {"sqrt", sqrt}, {"exp", exp}, {"log", log}};

enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

bool lb_quantity_function_at(int i, const char** name) {
  if (i < 0 || i >= FUNCTIONS) return false;
  *name = functions[i].name;
  return true;
}

// Blocks of the signal's numbers, one an element or row, before components are taken.
typedef struct blocks {
  int n;
  int *first, *size;
} blocks;

// Rows [first, end) of the signal by "range", else all of them.
static lb_status pick_rows(blocks* b, lb_node object, int rows, const lb_phys_signal* signal, lb_arena* arena) {
  int first = 0, end = rows;
  if (lb_json_has(object, "range")) {
    lb_node list;
    int n;
    double at[2];
    LB_TRY(lb_json_array(object, "range", &list, &n));
    if (n != 2) return lb_json_fail(list, "expected [first, end), two whole numbers, found %d", n);
    for (int i = 0; i < 2; ++i) LB_TRY(lb_json_as_number(lb_json_element(list, i), 0, 1e6, &at[i]));
    if (at[0] != floor(at[0]) || at[1] != floor(at[1]) || !(at[0] < at[1]) || at[1] > rows) {
      return lb_json_fail(list, "is [%g, %g), but '%s' has rows 0 to %d here: expected 0 <= first < end <= %d", at[0],
                          at[1], signal->name, rows - 1, rows);
    }
    first = (int)at[0], end = (int)at[1];
  }
  if (end == 0) return lb_json_fail(object, "the model has nothing that the signal '%s' could read", signal->name);
  b->n = end - first;
  b->first = LB_TAKE(arena, int, b->n);
  b->size = LB_TAKE(arena, int, b->n);
  for (int i = 0; i < b->n; ++i) {
    b->first[i] = (first + i) * signal->width;
    b->size[i] = signal->width;
  }
  return lb_ok();
}

// The numbers of one named element.
static lb_status pick_element(blocks* b, lb_node node, const lb_phys_signal* signal, const lb_quantity_source* s) {
  const char* name;
  LB_TRY(lb_json_as_string(node, &name));
  lb_status found = lb_phys_signal_element(signal, &b->first[b->n], &b->size[b->n], s->model, &s->rate, name);
  b->n += 1;
  return found.code == LB_OK ? found : lb_json_fail(node, "%s", found.text);
}

// The numbers of the elements in "of", in their order.
static lb_status pick_named(blocks* b, lb_node object, const lb_phys_signal* signal, const lb_quantity_source* s) {
  lb_node of;
  LB_TRY(lb_json_child(object, "of", &of));
  if (lb_json_has(object, "range")) return lb_json_fail(object, "has both 'of' and 'range', expected one of them");
  bool is_list = lb_json_is_array(of);
  int n = is_list ? lb_json_length(of) : 1;
  if (n == 0) return lb_json_fail(of, "names nothing");
  b->first = LB_TAKE(s->arena, int, n);
  b->size = LB_TAKE(s->arena, int, n);
  for (int i = 0; i < n; ++i) LB_TRY(pick_element(b, is_list ? lb_json_element(of, i) : of, signal, s));
  return lb_ok();
}

// Which of each block's numbers; all without the key.
static lb_status read_components(int** out, int* n, lb_node object, const blocks* b, const lb_quantity_source* s) {
  lb_node list;
  *n = 0;
  if (!lb_json_has(object, "components")) return lb_ok();
  LB_TRY(lb_json_array(object, "components", &list, n));
  if (*n == 0) return lb_json_fail(list, "names no component");
  *out = LB_TAKE(s->arena, int, *n);
  for (int i = 0; i < *n; ++i) {
    double value;
    lb_node node = lb_json_element(list, i);
    LB_TRY(lb_json_as_number(node, 0, 1e6, &value));
    for (int k = 0; k < b->n; ++k) {
      if (value == floor(value) && value < b->size[k]) continue;
      return lb_json_fail(node, "is %g, but there are components 0 to %d", value, b->size[k] - 1);
    }
    (*out)[i] = (int)value;
  }
  return lb_ok();
}

// The index of each number that is picked: of every block all components, or those in "components".
static lb_status lay_out(lb_quantity* q, lb_node object, const blocks* b, const lb_quantity_source* s) {
  int *component = NULL, ncomponent, total = 0;
  LB_TRY(read_components(&component, &ncomponent, object, b, s));
  for (int k = 0; k < b->n; ++k) total += ncomponent > 0 ? ncomponent : b->size[k];
  if (total > LB_QUANTITY_MAX) {
    return lb_json_fail(object, "picks %d numbers of '%s', expected at most %d", total, q->signal->name,
                        (int)LB_QUANTITY_MAX);
  }
  int* index = LB_TAKE(s->arena, int, total);
  q->n = 0;
  for (int k = 0; k < b->n; ++k) {
    int size = ncomponent > 0 ? ncomponent : b->size[k];
    for (int i = 0; i < size; ++i) index[q->n++] = b->first[k] + (ncomponent > 0 ? component[i] : i);
  }
  q->index = index;
  return lb_ok();
}

// Appends the elements' names, with blanks between them.
static void add_names(lb_text* out, lb_node of) {
  const char* name = NULL;
  int n = lb_json_is_array(of) ? lb_json_length(of) : 1;
  for (int i = 0; i < n; ++i) {
    if (lb_json_as_string(lb_json_is_array(of) ? lb_json_element(of, i) : of, &name).code != LB_OK) continue;
    lb_text_add(out, i ? " %s" : "%s", name);
  }
}

// "xpos(torso)[0]": the signal with what was picked, as in the file.
static void describe_pick(lb_text* out, const lb_quantity* q, lb_node object) {
  lb_node node, list;
  int n;
  double* at;
  lb_arena* arena = lb_arena_new(4096);
  lb_text_add(out, "%s", q->signal->name);
  if (lb_json_has(object, "of") && lb_json_child(object, "of", &node).code == LB_OK) {
    lb_text_add(out, "(");
    add_names(out, node);
    lb_text_add(out, ")");
  }
  if (lb_json_has(object, "range") && lb_json_numbers(object, "range", 2, arena, &at, NULL).code == LB_OK) {
    lb_text_add(out, "[%g:%g]", at[0], at[1]);
  }
  if (lb_json_has(object, "components") && lb_json_array(object, "components", &list, &n).code == LB_OK &&
      lb_json_numbers(object, "components", n, arena, &at, NULL).code == LB_OK) {
    lb_text_add(out, ".");
    for (int i = 0; i < n; ++i) lb_text_add(out, i ? ",%g" : "%g", at[i]);
  }
  lb_arena_free(arena);
}

lb_status lb_quantity_pick(lb_quantity* q, lb_node object, const lb_phys_signal* signal,
                           const lb_quantity_source* source) {
  blocks b = {0};
  *q = (lb_quantity){.signal = signal, .level = signal->level, .clip = lb_bounds_none()};
  if (lb_json_has(object, "of")) {
    LB_TRY(pick_named(&b, object, signal, source));
  } else {
    LB_TRY(pick_rows(&b, object, lb_phys_signal_rows(signal, source->model, &source->rate), signal, source->arena));
  }
  LB_TRY(lay_out(q, object, &b, source));
  lb_text text = {0};
  describe_pick(&text, q, object);
  q->text = lb_arena_text(source->arena, text.data);
  lb_text_free(&text);
  return lb_ok();
}

// Finds the signal, and picks from it.
static lb_status pick_signal(lb_quantity* q, lb_node object, const lb_quantity_source* source) {
  const char* name;
  const lb_phys_signal* signal;
  lb_node node;
  LB_TRY(lb_json_string(object, "signal", &name));
  lb_status found = lb_phys_signal_find(&signal, name);
  if (found.code == LB_OK) return lb_quantity_pick(q, object, signal, source);
  LB_TRY(lb_json_child(object, "signal", &node));
  return lb_json_fail(node, "%s", found.text);
}

// A number, a list of n, or a quantity of n numbers.
static lb_status read_minus(lb_quantity* q, lb_node object, const lb_quantity_source* s) {
  lb_node node;
  double* values;
  LB_TRY(lb_json_child(object, "minus", &node));
  if (lb_json_is_object(node)) {
    lb_quantity* from = LB_TAKE(s->arena, lb_quantity, 1);
    LB_TRY(lb_task_check_keys(node, LB_TASK_PICK));
    LB_TRY(pick_signal(from, node, s));
    if (from->n != q->n)
      return lb_json_fail(node, "has %d %s, to be taken from %d", from->n, lb_plural(from->n, "number", "numbers"),
                          q->n);
    q->from = from;
    if (from->level > q->level) q->level = from->level;
    return lb_ok();
  }
  if (lb_json_is_array(node)) {
    LB_TRY(lb_json_numbers(object, "minus", q->n, s->arena, &values, NULL));
  } else {
    values = LB_TAKE(s->arena, double, q->n);
    LB_TRY(lb_json_as_number(node, -1e300, 1e300, &values[0]));
    for (int i = 1; i < q->n; ++i) values[i] = values[0];
  }
  q->minus = values;
  return lb_ok();
}

// The function that is taken of each number.
static lb_status read_function(lb_quantity* q, lb_node object) {
  const char* names[FUNCTIONS];
  int choice;
  for (int i = 0; i < FUNCTIONS; ++i) names[i] = functions[i].name;
  LB_TRY(lb_json_choice(object, "function", names, FUNCTIONS, &choice));
  q->function = functions[choice].of;
  q->function_name = names[choice];
  return lb_ok();
}

// "(quantity - what is taken from it)".
static void describe_difference(lb_text* out, const lb_quantity* q) {
  lb_text_add(out, "(%s - ", q->text);
  if (q->from) {
    lb_text_add(out, "%s", q->from->text);
  } else {
    bool same = true;
    for (int i = 1; i < q->n; ++i) same = same && q->minus[i] == q->minus[0];
    for (int i = 0; i < (same ? 1 : q->n); ++i) {
      lb_text_add(out, "%s", i ? " " : same ? "" : "[");
      lb_bounds_add_number(out, q->minus[i]);
    }
    lb_text_add(out, same ? "" : "]");
  }
  lb_text_add(out, ")");
}

// Puts what was done to the pick around its text.
static void describe(lb_quantity* q, lb_arena* arena) {
  lb_text text = {0};
  if (q->is_clipped) lb_text_add(&text, "clip(");
  if (q->function) lb_text_add(&text, "%s(", q->function_name);
  if (q->from || q->minus) {
    describe_difference(&text, q);
  } else {
    lb_text_add(&text, "%s", q->text);
  }
  if (q->function) lb_text_add(&text, ")");
  if (q->is_clipped) {
    lb_text_add(&text, ", ");
    lb_bounds_add_number(&text, q->clip.low);
    lb_text_add(&text, ", ");
    lb_bounds_add_number(&text, q->clip.high);
    lb_text_add(&text, ")");
  }
  q->text = lb_arena_text(arena, text.data);
  lb_text_free(&text);
}

// A quantity from its object in task.json: signal, minus, function, clip, in that order.
lb_status lb_quantity_read(lb_quantity* q, lb_node object, const lb_quantity_source* source) {
  LB_TRY(pick_signal(q, object, source));
  if (lb_json_has(object, "minus")) LB_TRY(read_minus(q, object, source));
  if (lb_json_has(object, "function")) LB_TRY(read_function(q, object));
  q->is_clipped = lb_json_has(object, "clip");
  if (q->is_clipped) LB_TRY(lb_bounds_read(&q->clip, object, "clip"));
  describe(q, source->arena);
  return lb_ok();
}

void lb_quantity_label(const lb_quantity* q, lb_text* out, const lb_phys_model* model, const lb_phys_rate* rate,
                       int k) {
  bool differs = q->from || (q->minus && q->minus[k] != 0);
  if (q->function) lb_text_add(out, "%s(", q->function_name);
  if (differs && !q->function) lb_text_add(out, "(");
  lb_phys_signal_label(q->signal, out, model, rate, q->index[k]);
  if (differs) lb_text_add(out, " - ");
  if (q->from) {
    lb_phys_signal_label(q->from->signal, out, model, rate, q->from->index[k]);
  } else if (differs) {
    lb_bounds_add_number(out, q->minus[k]);
  }
  if (differs || q->function) lb_text_add(out, ")");
}

void lb_quantity_eval(const lb_quantity* q, double* out, const lb_phys_view* view) {
  const double* base = lb_phys_signal_read(q->signal, view);
  for (int i = 0; i < q->n; ++i) out[i] = base[q->index[i]];
  if (q->from) {
    const double* other = lb_phys_signal_read(q->from->signal, view);
    for (int i = 0; i < q->n; ++i) out[i] -= other[q->from->index[i]];
  } else if (q->minus) {
    for (int i = 0; i < q->n; ++i) out[i] -= q->minus[i];
  }
  if (q->function) {
    for (int i = 0; i < q->n; ++i) out[i] = q->function(out[i]);
  }
  if (!q->is_clipped) return;
  // Written so that a NaN stays one.
  for (int i = 0; i < q->n; ++i) {
    out[i] = out[i] < q->clip.low ? q->clip.low : out[i] > q->clip.high ? q->clip.high : out[i];
  }
}
