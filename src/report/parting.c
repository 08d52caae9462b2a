// Bands that part: see parting.h.
#include "report/parting.h"

#include <math.h>

#include "base/format.h"
#include "report/panels.h"

static bool has_band(const lb_panel* p, const lb_series* s, int i) {
  if (!s->low || !s->high || !isfinite(s->y[i]) || !isfinite(s->low[i]) || !isfinite(s->high[i])) return false;
  return !p->log_y || (s->low[i] > 0 && s->y[i] > 0);
}

// A height as distances are taken.
static double scaled(const lb_panel* p, double y) {
  return p->log_y ? log(y) : y;
}

static void compare(lb_parting* out, const lb_panel* p, const lb_series* a, int i, const lb_series* b, int k) {
  double ya = scaled(p, a->y[i]), yb = scaled(p, b->y[k]);
  const lb_series *over = ya > yb ? a : b, *under = ya > yb ? b : a;
  int above = ya > yb ? i : k, below = ya > yb ? k : i;
  double needed = scaled(p, over->y[above]) - scaled(p, over->low[above]) + scaled(p, under->high[below]) -
                  scaled(p, under->y[below]);
  out->pairs += 1;
  out->parts = out->parts || fabs(ya - yb) > needed;
  if (isnan(out->largest) || fabs(ya - yb) > out->largest) out->largest = fabs(ya - yb);
  if (!isnan(out->least) && needed >= out->least) return;
  out->least = needed;
  out->iteration = a->iteration[i];
}

static bool is_curve(const lb_series* s) {
  return s->kind == LB_SERIES_LINE && s->iteration;
}

// Two curves at the iterations that they share; both ascend.
static void compare_curves(lb_parting* out, const lb_panel* p, const lb_series* a, const lb_series* b) {
  for (int i = 0, k = 0; i < a->n && k < b->n;) {
    if (a->iteration[i] == b->iteration[k]) {
      if (has_band(p, a, i) && has_band(p, b, k)) compare(out, p, a, i, b, k);
      i += 1;
      k += 1;
    } else if (a->iteration[i] < b->iteration[k]) {
      i += 1;
    } else {
      k += 1;
    }
  }
}

lb_parting lb_parting_of(const lb_panel* p) {
  lb_parting out = {.least = NAN, .largest = NAN};
  for (int i = 0; i < p->n; ++i) {
    for (int k = i + 1; k < p->n; ++k) {
      if (is_curve(&p->series[i]) && is_curve(&p->series[k])) {
        compare_curves(&out, p, &p->series[i], &p->series[k]);
      }
    }
  }
  if (p->log_y) {
    out.least = exp(out.least);
    out.largest = exp(out.largest);
  }
  return out;
}

const char* lb_parting_in_words(const lb_panel* p, lb_arena* arena) {
  lb_parting a = lb_parting_of(p);
  if (a.pairs == 0 || a.parts || !(p->log_y ? a.least > 1 : a.least > 0)) return "";
  const char* of = p->log_y ? "a factor of " : "";
  return lb_format_text(arena,
                        "No two bands part: the narrowest two would at a distance of %s%s (at %d), and no two means "
                        "are more than %s%s apart",
                        of, lb_format_number(arena, a.least, 0.05 * a.least), a.iteration, of,
                        lb_format_number(arena, a.largest, 0.05 * a.largest));
}

void lb_parting_say(lb_doc* doc, const lb_panel* panels, int n) {
  const char** texts = LB_TAKE(doc->arena, const char*, n + 1);
  for (int i = 0; i < n; ++i) texts[i] = lb_parting_in_words(&panels[i], doc->arena);
  const char* all = lb_panels_by_letter(doc->arena, texts, n);
  if (all[0]) lb_doc_say(doc, LB_BLOCK_PARAGRAPH, "No difference shows.", all + 1);
}
