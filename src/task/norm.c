#include "task/norm.h"

#include <math.h>
#include <string.h>

#include "task/grammar.h"

// sum_i x_i.
static double sum(const double* x, int n) {
  double total = 0;
  for (int i = 0; i < n; ++i) total += x[i];
  return total;
}

static double mean(const double* x, int n) {
  return sum(x, n) / n;
}

// sum_i x_i^2.
static double squared(const double* x, int n) {
  double total = 0;
  for (int i = 0; i < n; ++i) total += x[i] * x[i];
  return total;
}

static double mean_squared(const double* x, int n) {
  return squared(x, n) / n;
}

static double euclidean(const double* x, int n) {
  return sqrt(squared(x, n));
}

// sum_i |x_i|.
static double absolute(const double* x, int n) {
  double total = 0;
  for (int i = 0; i < n; ++i) total += fabs(x[i]);
  return total;
}

// A NaN is the largest of all, and stays it.
static double largest(const double* x, int n) {
  double most = 0;
  for (int i = 0; i < n && !isnan(most); ++i) {
    if (!(fabs(x[i]) <= most)) most = fabs(x[i]);
  }
  return most;
}

static const lb_norm norms[] = {
    {"sum", "sum", sum},
    {"mean", "mean", mean},
    {"squared", "sum of squares", squared},
    {"mean_squared", "mean of squares", mean_squared},
    {"euclidean", "Euclidean norm", euclidean},
    {"absolute", "sum of absolute values", absolute},
    {"largest", "largest absolute value", largest},
};

enum { NORMS = sizeof norms / sizeof norms[0] };

const lb_norm* lb_norm_at(int i) {
  return i >= 0 && i < NORMS ? &norms[i] : NULL;
}

lb_status lb_norm_read(const lb_norm** out, lb_node object, int n) {
  const char* names[NORMS];
  int choice;
  *out = NULL;
  for (int i = 0; i < NORMS; ++i) names[i] = norms[i].name;
  if (!lb_json_has(object, "norm")) {
    if (n == 1) return lb_ok();
    return lb_json_fail(object, "has %d numbers, so it needs a 'norm' that makes one of them ('squared', 'sum'...)", n);
  }
  LB_TRY(lb_json_choice(object, "norm", names, NORMS, &choice));
  *out = &norms[choice];
  return lb_ok();
}

// A falling curve with value 1 at 0; `scale` stretches it so that it has the value v at 1.
typedef struct lb_sigmoid {
  const char* name;
  double (*curve)(double z);
  double (*scale)(double v);
  bool reaches_zero;  // v = 0 is allowed
} lb_sigmoid;

static double gaussian(double z) {
  return exp(-0.5 * z * z);
}
static double gaussian_scale(double v) {
  return sqrt(-2 * log(v));
}
static double hyperbolic(double z) {
  return 1 / cosh(z);
}
static double hyperbolic_scale(double v) {
  return acosh(1 / v);
}
static double long_tail(double z) {
  return 1 / (z * z + 1);
}
static double long_tail_scale(double v) {
  return sqrt(1 / v - 1);
}
static double reciprocal(double z) {
  return 1 / (fabs(z) + 1);
}
static double reciprocal_scale(double v) {
  return 1 / v - 1;
}
static double cosine(double z) {
  return fabs(z) < 1 ? (1 + cos(M_PI * z)) / 2 : 0;
}
static double cosine_scale(double v) {
  return acos(2 * v - 1) / M_PI;
}
static double linear(double z) {
  return fabs(z) < 1 ? 1 - fabs(z) : 0;
}
static double linear_scale(double v) {
  return 1 - v;
}
static double quadratic(double z) {
  return fabs(z) < 1 ? 1 - z * z : 0;
}
static double quadratic_scale(double v) {
  return sqrt(1 - v);
}
static double tanh_squared(double z) {
  return 1 - tanh(z) * tanh(z);
}
static double tanh_squared_scale(double v) {
  return atanh(sqrt(1 - v));
}

static const lb_sigmoid sigmoids[] = {
    {"gaussian", gaussian, gaussian_scale, false},    {"hyperbolic", hyperbolic, hyperbolic_scale, false},
    {"long_tail", long_tail, long_tail_scale, false}, {"reciprocal", reciprocal, reciprocal_scale, false},
    {"cosine", cosine, cosine_scale, true},           {"linear", linear, linear_scale, true},
    {"quadratic", quadratic, quadratic_scale, true},  {"tanh_squared", tanh_squared, tanh_squared_scale, false},
};

enum { SIGMOIDS = sizeof sigmoids / sizeof sigmoids[0] };

bool lb_sigmoid_at(int i, const char** name) {
  if (i < 0 || i >= SIGMOIDS) return false;
  *name = sigmoids[i].name;
  return true;
}

lb_status lb_tolerance_read(lb_tolerance* out, lb_node object) {
  int choice = 0;
  lb_node node, value;
  *out = (lb_tolerance){.value_at_margin = 0.1};
  if (!lb_json_has(object, "tolerance")) return lb_ok();
  LB_TRY(lb_json_object(object, "tolerance", &node));
  LB_TRY(lb_task_check_keys(node, LB_TASK_TOLERANCE));
  LB_TRY(lb_bounds_read(&out->bounds, node, "bounds"));
  LB_TRY(lb_task_read_number(node, LB_TASK_TOLERANCE, "margin", &out->margin));
  LB_TRY(lb_task_read_word(node, LB_TASK_TOLERANCE, "sigmoid", &choice));
  LB_TRY(lb_task_read_number(node, LB_TASK_TOLERANCE, "value_at_margin", &out->value_at_margin));
  out->sigmoid = &sigmoids[choice];
  if (out->value_at_margin < 1 && (out->value_at_margin > 0 || out->sigmoid->reaches_zero)) {
    out->scale = out->sigmoid->scale(out->value_at_margin);
    return lb_ok();
  }
  LB_TRY(lb_json_child(node, "value_at_margin", &value));
  return lb_json_fail(value, "is %g, expected a number below 1 and %s 0 for a %s curve", out->value_at_margin,
                      out->sigmoid->reaches_zero ? "from" : "above", out->sigmoid->name);
}

double lb_tolerance_eval(const lb_tolerance* t, double x) {
  if (!t->sigmoid || isnan(x)) return x;
  double outside = fmax(fmax(t->bounds.low - x, x - t->bounds.high), 0);
  if (outside == 0) return 1;
  return t->margin > 0 ? t->sigmoid->curve(outside / t->margin * t->scale) : 0;
}

void lb_tolerance_describe(const lb_tolerance* t, lb_text* out, const char* text) {
  if (!t->sigmoid) {
    lb_text_add(out, "%s", text);
    return;
  }
  lb_text_add(out, "tolerance(%s in [", text);
  lb_bounds_add_number(out, t->bounds.low);
  lb_text_add(out, ", ");
  lb_bounds_add_number(out, t->bounds.high);
  lb_text_add(out, "], margin %g", t->margin);
  if (t->margin > 0) lb_text_add(out, ", %s %g", t->sigmoid->name, t->value_at_margin);
  lb_text_add(out, ")");
}
