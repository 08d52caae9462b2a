#include "task/start.h"

#include <string.h>

#include "base/text.h"
#include "task/grammar.h"

static const char* const kinds[LB_DRAW_KINDS] = {"uniform", "normal", "disc", "choice"};

// A half width, or [low, high).
static lb_status read_uniform(lb_draw* d, lb_node object) {
  lb_node node;
  LB_TRY(lb_json_child(object, "uniform", &node));
  if (!lb_json_is_array(node)) {
    LB_TRY(lb_task_read_number(object, LB_TASK_DRAW, "uniform", &d->high));
    d->low = -d->high;
    return lb_ok();
  }
  lb_bounds bounds;
  LB_TRY(lb_bounds_read(&bounds, object, "uniform"));
  for (int i = 0; i < 2; ++i) {
    if (lb_json_is_null(lb_json_element(node, i))) return lb_json_fail(node, "expected two finite numbers");
  }
  d->low = bounds.low, d->high = bounds.high;
  return lb_ok();
}

// Rows of which one is drawn, each with a number for every one picked.
static lb_status read_choice(lb_draw* d, lb_node object, const lb_quantity_source* source) {
  lb_node list;
  int n = d->pick.n;
  LB_TRY(lb_json_array(object, "choice", &list, &d->nrow));
  if (d->nrow == 0) return lb_json_fail(list, "lists nothing to choose from");
  double* rows = LB_TAKE(source->arena, double, (d->nrow * n));
  for (int r = 0; r < d->nrow; ++r) {
    lb_node row = lb_json_element(list, r);
    if (!lb_json_is_array(row) || lb_json_length(row) != n) {
      return lb_json_fail(row, "expected a list of %d number%s, one for each that is drawn", n, n == 1 ? "" : "s");
    }
    for (int i = 0; i < n; ++i) LB_TRY(lb_json_as_number(lb_json_element(row, i), -1e300, 1e300, &rows[r * n + i]));
  }
  d->rows = rows;
  return lb_ok();
}

// What the draw is added to, instead of the start.
static lb_status read_about(lb_draw* d, lb_node object, const lb_quantity_source* source) {
  double* about;
  if (!lb_json_has(object, "about")) return lb_ok();
  if (d->kind == LB_DRAW_CHOICE) return lb_json_fail(object, "'about' has no meaning beside 'choice'");
  LB_TRY(lb_json_numbers(object, "about", d->pick.n, source->arena, &about, NULL));
  d->about = about;
  return lb_ok();
}

// How it is drawn: uniform, normal, in a disc, from rows.
static lb_status read_kind(lb_draw* d, lb_node object, const lb_quantity_source* source) {
  int named = 0;
  for (int k = 0; k < LB_DRAW_KINDS; ++k) {
    if (lb_json_has(object, kinds[k])) d->kind = (lb_draw_kind)k, ++named;
  }
  if (named != 1) return lb_json_fail(object, "a draw needs one of 'uniform', 'normal', 'disc', 'choice'");
  switch (d->kind) {
    case LB_DRAW_UNIFORM:
      return read_uniform(d, object);
    case LB_DRAW_NORMAL:
      return lb_task_read_number(object, LB_TASK_DRAW, "normal", &d->size);
    case LB_DRAW_DISC:
      if (d->pick.n != 2)
        return lb_json_fail(object, "a disc has 2 coordinates, but %d %s drawn", d->pick.n,
                            lb_plural(d->pick.n, "number is", "numbers are"));
      return lb_task_read_number(object, LB_TASK_DRAW, "disc", &d->size);
    default:
      return read_choice(d, object, source);
  }
}

// The draw as a formula, in d->text.
static void describe(lb_draw* d, lb_arena* arena) {
  lb_text text = {0};
  lb_text_add(&text, "%s %s ", d->pick.text, d->about ? "about" : d->kind == LB_DRAW_CHOICE ? "=" : "+");
  for (int i = 0; d->about && i < d->pick.n; ++i) lb_text_add(&text, "%g ", d->about[i]);
  if (d->kind == LB_DRAW_UNIFORM) {
    lb_text_add(&text, "uniform [%g, %g)", d->low, d->high);
  } else if (d->kind == LB_DRAW_CHOICE) {
    lb_text_add(&text, "one of %d %s", d->nrow, lb_plural(d->nrow, "row", "rows"));
  } else {
    lb_text_add(&text, d->kind == LB_DRAW_NORMAL ? "normal, std %g" : "uniform in a disc of radius %g", d->size);
  }
  d->text = lb_arena_text(arena, text.data);
  lb_text_free(&text);
}

// The draws of qpos or of qvel.
static lb_status read_list(lb_draw* draws, lb_node list, int n, const char* name, const lb_quantity_source* source) {
  const lb_phys_signal* signal;
  LB_TRY(lb_phys_signal_find(&signal, name));
  for (int i = 0; i < n; ++i) {
    lb_draw* d = &draws[i];
    lb_node node = lb_json_element(list, i);
    LB_TRY(lb_task_check_keys(node, LB_TASK_DRAW));
    LB_TRY(lb_quantity_pick(&d->pick, node, signal, source));
    d->offset = strcmp(name, "qvel") == 0 ? lb_phys_model_sizes(source->model).nq : 0;
    LB_TRY(read_kind(d, node, source));
    LB_TRY(read_about(d, node, source));
    describe(d, source->arena);
  }
  return lb_ok();
}

lb_status lb_draws_read(lb_draw** out, int* n, lb_node reset, const lb_quantity_source* source) {
  static const char* const names[] = {"qpos", "qvel"};
  lb_node lists[2];
  int lengths[2] = {0, 0};
  for (int k = 0; k < 2; ++k) {
    if (lb_json_has(reset, names[k])) LB_TRY(lb_json_array(reset, names[k], &lists[k], &lengths[k]));
  }
  *n = lengths[0] + lengths[1];
  *out = LB_TAKE(source->arena, lb_draw, *n);
  for (int k = 0; k < 2; ++k) {
    lb_draw* draws = *out + (k ? lengths[0] : 0);
    if (lengths[k] > 0) LB_TRY(read_list(draws, lists[k], lengths[k], names[k], source));
  }
  return lb_ok();
}

// Uniform in the open disc of radius 1: from the square around it, until a point lies inside.
static void draw_disc(double point[2], lb_rng* rng) {
  do {
    point[0] = 2 * lb_rng_uniform(rng) - 1;
    point[1] = 2 * lb_rng_uniform(rng) - 1;
  } while (point[0] * point[0] + point[1] * point[1] >= 1);
}

// Draws once, into the state x.
static void apply(const lb_draw* d, double* x, lb_rng* rng) {
  const int* index = d->pick.index;
  double point[2];
  int n = d->pick.n;
  const double* put = d->kind == LB_DRAW_CHOICE ? d->rows + n * (int)lb_rng_below(rng, (uint32_t)d->nrow) : d->about;
  for (int i = 0; put && i < n; ++i) x[index[i]] = put[i];
  if (d->kind == LB_DRAW_DISC) draw_disc(point, rng);
  for (int i = 0; i < n; ++i) {
    switch (d->kind) {
      case LB_DRAW_UNIFORM:
        x[index[i]] += d->low + (d->high - d->low) * lb_rng_uniform(rng);
        break;
      case LB_DRAW_NORMAL:
        x[index[i]] += d->size * lb_rng_normal(rng);
        break;
      case LB_DRAW_DISC:
        x[index[i]] += d->size * point[i];
        break;
      default:
        break;
    }
  }
}

void lb_draws_apply(const lb_draw* draws, int n, double* x, lb_rng* rng) {
  for (int i = 0; i < n; ++i) apply(&draws[i], x + draws[i].offset, rng);
}
