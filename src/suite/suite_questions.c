// The parts of a suite's definition that only the report reads: see suite_questions.h.
#include "suite/suite_questions.h"

#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "suite/suite_grammar.h"
#include "suite/suite_keys.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

// The objects of an array under `key`; none when it is missing.
static lb_status read_list(lb_node root, const char* key, lb_node* array, int* n) {
  *n = 0;
  return lb_json_has(root, key) ? lb_json_array(root, key, array, n) : lb_ok();
}

lb_status lb_suite_questions_algos(lb_suite* s, lb_node node, const char* key, const char*** out, int* n) {
  LB_TRY(lb_suite_keys_names(s->arena, node, key, out, n));
  for (int i = 0; i < *n; i++) {
    if (lb_suite_keys_find(s->algos, s->n_algos, (*out)[i]) >= 0) continue;
    const char* nearest = lb_text_nearest((*out)[i], s->algos, s->n_algos);
    return lb_json_fail(node, "'%s' is no algorithm of this suite%s%s%s", (*out)[i], nearest ? " (did you mean '" : "",
                        nearest ? nearest : "", nearest ? "'?)" : "");
  }
  return *n ? lb_ok() : lb_json_fail(node, "no algorithms; give \"%s\"", key);
}

lb_status lb_suite_questions_ladder(lb_suite* s, lb_node root) {
  lb_node node, tasks;
  if (!lb_json_has(root, "ladder")) return lb_ok();
  LB_TRY(lb_json_object(root, "ladder", &node));
  LB_TRY(lb_suite_check_keys(node, LB_SUITE_LADDER));
  LB_TRY(lb_json_string(node, "label", &s->ladder.label));
  LB_TRY(lb_json_object(node, "tasks", &tasks));
  LB_TRY(lb_json_keys(tasks, s->tasks, s->n_tasks));
  int n = lb_json_length(tasks);
  double* values = LB_TAKE(s->arena, double, n + 1);
  s->ladder.tasks = LB_TAKE(s->arena, const char*, n + 1);
  s->ladder.values = values;
  for (int i = 0; i < n; i++) {  // by their numbers, in whatever order they are written
    const char* task = lb_json_key(tasks, i);
    double value;
    int at = i;
    LB_TRY(lb_json_number(tasks, task, 1e-9, 1e9, &value));
    for (; at > 0 && values[at - 1] > value; at--) {
      values[at] = values[at - 1];
      s->ladder.tasks[at] = s->ladder.tasks[at - 1];
    }
    values[at] = value;
    s->ladder.tasks[at] = task;
  }
  s->ladder.n = n;
  return lb_ok();
}

// One figure a value of the sweep: with all rows but those of other values.
static void figures_of_sweep(lb_suite* s) {
  lb_suite_figure* figures = LB_TAKE(s->arena, lb_suite_figure, s->sweep.n);
  for (int v = 0; v < s->sweep.n; v++) {
    lb_suite_figure* f = &figures[v];
    f->name = s->sweep.texts[v];
    f->title = lb_format_text(s->arena, "%s %s", s->sweep.setting, s->sweep.texts[v]);
    f->algos = LB_TAKE(s->arena, const char*, s->n_algos);
    for (int i = 0; i < s->n_rows; i++) {
      const lb_suite_row* row = &s->rows[i];
      bool other = row->value >= 0 && row->value != v;
      if (!other && lb_suite_keys_find(f->algos, f->n_algos, row->algo) < 0) f->algos[f->n_algos++] = row->algo;
    }
  }
  s->figures = figures;
  s->n_figures = s->sweep.n;
}

lb_status lb_suite_questions_figures(lb_suite* s, lb_node root) {
  lb_node array = root;
  if (s->sweep.n > 0 && !lb_json_has(root, "figures")) {
    figures_of_sweep(s);
    return lb_ok();
  }
  LB_TRY(read_list(root, "figures", &array, &s->n_figures));
  lb_suite_figure* figures = LB_TAKE(s->arena, lb_suite_figure, s->n_figures + 1);
  s->figures = figures;
  for (int i = 0; i < s->n_figures; i++) {
    lb_node node = lb_json_element(array, i);
    lb_suite_figure* f = &figures[i];
    LB_TRY(lb_suite_check_keys(node, LB_SUITE_FIGURE));
    LB_TRY(lb_json_string(node, "name", &f->name));
    LB_TRY(lb_suite_keys_check_name(node, f->name));
    LB_TRY(lb_json_string_or(node, "title", f->name, &f->title));
    LB_TRY(lb_suite_questions_algos(s, node, "algos", &f->algos, &f->n_algos));
    for (int j = 0; j < i; j++) {
      if (strcmp(figures[j].name, f->name) == 0) return lb_json_fail(node, "two figures are named '%s'", f->name);
    }
  }
  return lb_ok();
}

// Which iterations a contrast is of: "at", or "from" and "to".
static lb_status read_range(lb_node node, lb_suite_contrast* c) {
  if (lb_json_has(node, "at")) {
    if (lb_json_has(node, "from") || lb_json_has(node, "to")) {
      return lb_json_fail(node, "\"at\" stands alone; give either \"at\" or \"from\" and \"to\"");
    }
    lb_node at;
    const char* word = "";
    LB_TRY(lb_json_child(node, "at", &at));
    if (lb_json_is_string(at)) LB_TRY(lb_json_as_string(at, &word));
    if (strcmp(word, "tail") == 0) {
      c->from = LB_SUITE_TAIL;
      c->to = LB_SUITE_LAST;
      return lb_ok();
    }
    LB_TRY(lb_suite_keys_iteration(node, "at", LB_SUITE_LAST, &c->to));
    c->from = c->to;
    return lb_ok();
  }
  LB_TRY(lb_json_int_or(node, "from", 0, LB_SUITE_MOST_ITERATION, 1, &c->from));
  LB_TRY(lb_suite_keys_iteration(node, "to", LB_SUITE_LAST, &c->to));
  if (c->to != LB_SUITE_LAST && c->to < c->from) return lb_json_fail(node, "\"to\" lies before \"from\"");
  return lb_ok();
}

// A contrast: two rows, metrics, tasks.
static lb_status read_contrast(lb_suite* s, lb_node node, lb_suite_contrast* c) {
  LB_TRY(lb_suite_check_keys(node, LB_SUITE_CONTRAST));
  LB_TRY(lb_json_string(node, "name", &c->name));
  LB_TRY(lb_suite_keys_check_name(node, c->name));
  LB_TRY(lb_json_string_or(node, "question", "", &c->question));
  LB_TRY(lb_json_bool_or(node, "primary", false, &c->primary));
  LB_TRY(lb_suite_keys_known(node, "baseline", s->algos, s->n_algos, &c->baseline));
  LB_TRY(lb_suite_keys_known(node, "variant", s->algos, s->n_algos, &c->variant));
  if (strcmp(c->baseline, c->variant) == 0) return lb_json_fail(node, "baseline and variant are the same row");
  LB_TRY(lb_suite_keys_names(s->arena, node, "metrics", &c->metrics, &c->n_metrics));
  if (c->n_metrics == 0) {
    c->metrics = &s->metric;
    c->n_metrics = 1;
  }
  LB_TRY(lb_suite_keys_names(s->arena, node, "tasks", &c->tasks, &c->n_tasks));
  for (int i = 0; i < c->n_tasks; i++) {
    bool both = lb_suite_find_row(s, c->tasks[i], c->baseline) && lb_suite_find_row(s, c->tasks[i], c->variant);
    if (!both) return lb_json_fail(node, "task '%s' does not have both rows", c->tasks[i]);
  }
  return read_range(node, c);
}

lb_status lb_suite_questions_contrasts(lb_suite* s, lb_node root) {
  lb_node array = root;
  LB_TRY(read_list(root, "contrasts", &array, &s->n_contrasts));
  lb_suite_contrast* contrasts = LB_TAKE(s->arena, lb_suite_contrast, s->n_contrasts + 1);
  s->contrasts = contrasts;
  for (int i = 0; i < s->n_contrasts; i++) {
    LB_TRY(read_contrast(s, lb_json_element(array, i), &contrasts[i]));
    for (int j = 0; j < i; j++) {
      if (strcmp(contrasts[j].name, contrasts[i].name) == 0) {
        return lb_json_fail(lb_json_element(array, i), "two contrasts are named '%s'", contrasts[i].name);
      }
    }
  }
  return lb_ok();
}

// The contrast that a claim is about, by name.
static lb_status find_contrast(const lb_suite* s, lb_node node, const lb_suite_contrast** out) {
  const char** names = LB_TAKE(s->arena, const char*, s->n_contrasts + 1);
  int i = 0;
  for (int k = 0; k < s->n_contrasts; k++) names[k] = s->contrasts[k].name;
  if (s->n_contrasts == 0) return lb_json_fail(node, "a claim is about a contrast, and the suite has none");
  LB_TRY(lb_json_choice(node, "contrast", names, s->n_contrasts, &i));
  *out = &s->contrasts[i];
  return lb_ok();
}

// A claim: what a contrast should show.
static lb_status read_claim(const lb_suite* s, lb_node node, lb_suite_claim* c) {
  int expect = 0;
  LB_TRY(lb_suite_check_keys(node, LB_SUITE_CLAIM));
  LB_TRY(lb_json_string(node, "claim", &c->text));
  LB_TRY(find_contrast(s, node, &c->contrast));
  LB_TRY(lb_suite_keys_known_or(node, "metric", c->contrast->metrics, c->contrast->n_metrics, NULL, &c->metric));
  LB_TRY(lb_json_choice(node, "expect", lb_suite_expectations, LB_SUITE_EXPECTATIONS, &expect));
  c->expect = (lb_claim_kind)expect;
  LB_TRY(lb_json_number_or(node, "margin", 0, LB_SUITE_MOST_NUMBER, 0, &c->margin));
  if (expect >= LB_CLAIM_NO_WORSE && !(c->margin > 0)) {
    return lb_json_fail(node, "\"%s\" needs a \"margin\" above 0: what difference does not matter",
                        lb_suite_expectations[expect]);
  }
  LB_TRY(lb_suite_keys_names(s->arena, node, "tasks", &c->tasks, &c->n_tasks));
  for (int i = 0; i < c->n_tasks; i++) {
    bool both = lb_suite_find_row(s, c->tasks[i], c->contrast->baseline) &&
                lb_suite_find_row(s, c->tasks[i], c->contrast->variant);
    if (!both) return lb_json_fail(node, "task '%s' does not have both rows", c->tasks[i]);
  }
  return lb_ok();
}

lb_status lb_suite_questions_claims(lb_suite* s, lb_node root) {
  lb_node array = root;
  LB_TRY(read_list(root, "claims", &array, &s->n_claims));
  lb_suite_claim* claims = LB_TAKE(s->arena, lb_suite_claim, s->n_claims + 1);
  s->claims = claims;
  for (int i = 0; i < s->n_claims; i++) LB_TRY(read_claim(s, lb_json_element(array, i), &claims[i]));
  return lb_ok();
}

// A band: where a mean should lie.
static lb_status read_band(const lb_suite* s, lb_node node, lb_suite_band* b) {
  LB_TRY(lb_suite_check_keys(node, LB_SUITE_BAND));
  LB_TRY(lb_suite_keys_known_or(node, "task", s->tasks, s->n_tasks, s->n_tasks == 1 ? s->tasks[0] : NULL, &b->task));
  if (!b->task) return lb_json_fail(node, "which task? The suite has %d; give \"task\"", s->n_tasks);
  LB_TRY(lb_suite_keys_known(node, "algo", s->algos, s->n_algos, &b->algo));
  if (!lb_suite_find_row(s, b->task, b->algo)) return lb_json_fail(node, "no row %s, %s", b->task, b->algo);
  LB_TRY(lb_json_string_or(node, "metric", s->metric, &b->metric));
  LB_TRY(lb_json_string_or(node, "source", "", &b->source));
  LB_TRY(lb_suite_keys_iteration(node, "iteration", LB_SUITE_LAST, &b->iteration));
  LB_TRY(lb_json_int_or(node, "since", 0, LB_SUITE_MOST_ITERATION, -1, &b->since));
  if (!lb_json_has(node, "mean")) {
    if (lb_json_has(node, "se") || lb_json_has(node, "seeds")) {
      return lb_json_fail(node, "\"se\" and \"seeds\" go with \"mean\"; a fixed band has \"low\" and \"high\"");
    }
    LB_TRY(lb_json_number(node, "low", -LB_SUITE_MOST_NUMBER, LB_SUITE_MOST_NUMBER, &b->low));
    return lb_json_number(node, "high", b->low, LB_SUITE_MOST_NUMBER, &b->high);
  }
  if (lb_json_has(node, "low") || lb_json_has(node, "high")) {
    return lb_json_fail(node, "give \"mean\", \"se\" and \"seeds\", or \"low\" and \"high\", not both");
  }
  LB_TRY(lb_json_number(node, "mean", -LB_SUITE_MOST_NUMBER, LB_SUITE_MOST_NUMBER, &b->mean));
  LB_TRY(lb_json_number(node, "se", 0, LB_SUITE_MOST_NUMBER, &b->se));
  return lb_json_int(node, "seeds", 2, LB_SUITE_MOST_SEEDS, &b->seeds);
}

lb_status lb_suite_questions_bands(lb_suite* s, lb_node root) {
  lb_node array = root;
  LB_TRY(read_list(root, "bands", &array, &s->n_bands));
  lb_suite_band* bands = LB_TAKE(s->arena, lb_suite_band, s->n_bands + 1);
  s->bands = bands;
  for (int i = 0; i < s->n_bands; i++) LB_TRY(read_band(s, lb_json_element(array, i), &bands[i]));
  return lb_ok();
}

// A published curve.
static lb_status read_overlay(const lb_suite* s, lb_node node, lb_suite_overlay* o) {
  LB_TRY(lb_suite_check_keys(node, LB_SUITE_OVERLAY));
  LB_TRY(lb_json_string(node, "file", &o->file));
  if (!o->file[0] || o->file[0] == '/' || strstr(o->file, "..")) {
    return lb_json_fail(node, "\"file\" must be a relative path without '..', not '%s'", o->file);
  }
  LB_TRY(lb_suite_keys_known_or(node, "task", s->tasks, s->n_tasks, NULL, &o->task));
  LB_TRY(lb_suite_keys_known(node, "algo", s->algos, s->n_algos, &o->algo));
  LB_TRY(lb_json_string_or(node, "metric", s->metric, &o->metric));
  LB_TRY(lb_json_string_or(node, "x", "iteration", &o->x));
  LB_TRY(lb_json_string_or(node, "at", NULL, &o->at));
  LB_TRY(lb_json_string(node, "mean", &o->mean));
  LB_TRY(lb_json_string_or(node, "se", NULL, &o->se));
  LB_TRY(lb_json_string_or(node, "label", "published", &o->label));
  return lb_json_int_or(node, "seeds", 2, LB_SUITE_MOST_SEEDS, 0, &o->seeds);
}

lb_status lb_suite_questions_overlays(lb_suite* s, lb_node root) {
  lb_node array = root;
  LB_TRY(read_list(root, "overlays", &array, &s->n_overlays));
  lb_suite_overlay* overlays = LB_TAKE(s->arena, lb_suite_overlay, s->n_overlays + 1);
  s->overlays = overlays;
  for (int i = 0; i < s->n_overlays; i++) LB_TRY(read_overlay(s, lb_json_element(array, i), &overlays[i]));
  return lb_ok();
}
