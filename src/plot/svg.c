#include "plot/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "plot/frame.h"
#include "plot/legend.h"
#include "plot/ticks.h"

enum {
  WIDTH = 460,
  HEIGHT = 300,
  LEFT = 58,
  RIGHT = 14,
  TOP = 34,
  BOTTOM = 44,
  MARKS_SHOWN = 9,
  SEED_POINTS = 80,
  NAME_GAP = 16,
  NAME_MARK = 10
};

static const char* const dashes[LB_DASHES] = {"", "7 4", "8 3 2 3", "11 3 2 3 2 3"};
static const char* const flat_dashes[LB_DASHES] = {"4 3", "1.5 3", "7 2 1.5 2", "12 3 1.5 2 1.5 3"};

static const char* color_of(int color) {
  return color == LB_COLOR_INK ? "var(--ink)" : color == LB_COLOR_SOFT ? "var(--soft)" : lb_frame_color(color);
}

// ---------------------------------------------------------------------------------------------------------------------
// Where values lie

static double share(double v, double low, double high, bool log_axis) {
  return log_axis ? (log(v) - log(low)) / (log(high) - log(low)) : (v - low) / (high - low);
}

static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

// A panel, and where its axes begin and end in pixels.
typedef struct canvas {
  const lb_panel* p;
  double left, right;
} canvas;

// Positions in pixels; what is far outside stays near the frame, which cuts it.
static double at_x(const canvas* c, double x) {
  return c->left + clamp(share(x, c->p->x_low, c->p->x_high, c->p->log_x), -2, 3) * (c->right - c->left);
}

static double at_y(const canvas* c, double y) {
  return TOP + (1 - clamp(share(y, c->p->y_low, c->p->y_high, c->p->log_y), -2, 3)) * (HEIGHT - TOP - BOTTOM);
}

static bool is_drawn(const canvas* c, double x, double y) {
  return isfinite(x) && isfinite(y) && !(c->p->log_x && x <= 0) && !(c->p->log_y && y <= 0);
}

// ---------------------------------------------------------------------------------------------------------------------
// Axes

// A text at a place.
static void add_text(lb_text* out, double x, double y, const char* anchor, const char* kind, const char* text) {
  lb_text_add(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, kind);
  lb_text_add_xml(out, text);
  lb_text_add(out, "</text>");
}

// "10^{3}" of gnuplot as text with a raised part.
static void add_tick_text(lb_text* out, double x, double y, const char* anchor, const char* label) {
  const char* power = strstr(label, "^{");
  if (!power) {
    add_text(out, x, y, anchor, "tick", label);
    return;
  }
  lb_text_add(out,
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"tick\">%.*s<tspan dy=\"-4\" "
              "class=\"up\">%.*s</tspan></text>",
              x, y, anchor, (int)(power - label), label, (int)strcspn(power + 2, "}"), power + 2);
}

// Ticks and label of the x axis.
static void add_x_axis(lb_text* out, const canvas* c) {
  lb_ticks t = lb_ticks_of_x(c->p, 5);
  for (int i = 0; i < t.n; i++) {
    double x = at_x(c, t.at[i]);
    lb_text_add(out, "<path class=\"ax\" d=\"M%.1f %dv5\"/>", x, HEIGHT - BOTTOM);
    add_tick_text(out, x, HEIGHT - BOTTOM + 18, "middle", t.label[i]);
  }
  lb_text_add(out, "<path class=\"ax\" d=\"M%.1f %dH%.1f\"/>", c->left, HEIGHT - BOTTOM, c->right);
  add_text(out, 0.5 * (c->left + c->right), HEIGHT - 8, "middle", "lab", c->p->x_label);
}

// Ticks of the y axis, with lines across.
static void add_y_axis(lb_text* out, const canvas* c) {
  lb_ticks t = lb_ticks_choose(c->p->y_low, c->p->y_high, c->p->log_y, 5);
  for (int i = 0; i < t.n; i++) {
    double y = at_y(c, t.at[i]);
    lb_text_add(out, "<path class=\"gr\" d=\"M%.1f %.1fH%.1f\"/>", c->left, y, c->right);
    add_tick_text(out, c->left - 6, y + 4, "end", t.label[i]);
  }
  add_text(out, 4, 16, "start", "ttl", c->p->title);
}

// ---------------------------------------------------------------------------------------------------------------------
// Curves

// The outline of a marker about a point.
static void add_mark(lb_text* out, double x, double y, int mark, double r) {
  switch (mark % LB_MARKS) {
    case 0:
      lb_text_add(out, "M%.1f %.1fa%.1f %.1f 0 1 0 %.1f 0a%.1f %.1f 0 1 0 %.1f 0z", x - r, y, r, r, 2 * r, r, r,
                  -2 * r);
      break;
    case 1:
      lb_text_add(out, "M%.1f %.1fh%.1fv%.1fh%.1fz", x - r, y - r, 2 * r, 2 * r, -2 * r);
      break;
    case 2:
      lb_text_add(out, "M%.1f %.1fl%.1f %.1fh%.1fz", x, y - 1.2 * r, 1.2 * r, 2.1 * r, -2.4 * r);
      break;
    case 3:
      lb_text_add(out, "M%.1f %.1fl%.1f %.1fl%.1f %.1fl%.1f %.1fz", x, y - 1.3 * r, 1.2 * r, 1.3 * r, -1.2 * r, 1.3 * r,
                  -1.2 * r, -1.3 * r);
      break;
    case 4:
      lb_text_add(out, "M%.1f %.1fl%.1f %.1fh%.1fz", x, y + 1.2 * r, 1.2 * r, -2.1 * r, -2.4 * r);
      break;
    default:
      lb_text_add(out, "M%.1f %.1fl%.1f %.1fl%.1f %.1fh%.1fl%.1f %.1fz", x, y - 1.2 * r, 1.2 * r, 0.9 * r, -0.5 * r,
                  1.3 * r, -1.4 * r, -0.5 * r, -1.3 * r);
  }
}

// A line through points, at most `most` of them; it breaks where there is none.
static void add_line(lb_text* out, const canvas* c, const double* x, const double* y, int n, int most) {
  int stride = most > 0 ? (n + most - 1) / most : 1;
  bool down = false;
  for (int i = 0; i < n; i++) {
    if (stride > 1 && (n - 1 - i) % stride != 0) continue;
    if (!is_drawn(c, x[i], y[i])) {
      down = false;
      continue;
    }
    lb_text_add(out, "%s%.1f %.1f", down ? "L" : "M", at_x(c, x[i]), at_y(c, y[i]));
    down = true;
  }
}

static bool has_interval(const canvas* c, const lb_series* s, int i) {
  return s->low && s->high && is_drawn(c, s->x[i], s->low[i]) && is_drawn(c, s->x[i], s->high[i]);
}

// The band between low and high, a shape for every stretch that has one.
static void add_band(lb_text* out, const canvas* c, const lb_series* s) {
  for (int i = 0; i < s->n; i++) {
    int end = i;
    while (end < s->n && has_interval(c, s, end)) end++;
    for (int k = i; k < end; k++)
      lb_text_add(out, "%s%.1f %.1f", k == i ? "M" : "L", at_x(c, s->x[k]), at_y(c, s->high[k]));
    for (int k = end; k-- > i;) lb_text_add(out, "L%.1f %.1f", at_x(c, s->x[k]), at_y(c, s->low[k]));
    if (end > i) lb_text_add(out, "z");
    i = end;
  }
}

// "LAMPS: 0.83 [0.70, 0.95], 5 seeds; at 500": what a point says.
static void add_words(lb_text* out, const canvas* c, const lb_series* s, int i) {
  lb_arena* arena = lb_arena_new(1024);
  if (!arena) return;
  bool interval = s->low && s->high && isfinite(s->low[i]) && isfinite(s->high[i]);
  lb_text_add_xml(out, s->label ? s->label : "");
  lb_text_add(out, ": %s",
              interval ? lb_format_interval(arena, s->y[i], s->low[i], s->high[i])
                       : lb_format_number(arena, s->y[i], 0.01 * fabs(s->y[i])));
  if (s->seeds) lb_text_add(out, ", %s", lb_format_count(arena, s->seeds[i], "seed", "seeds"));
  if (s->kind != LB_SERIES_FLAT && c->p->x_label) {
    lb_text_add(out, "; ");
    lb_text_add_xml(out, c->p->x_label);
    lb_text_add(out, ": %s", lb_format_number(arena, s->x[i], 0));
  }
  lb_arena_free(arena);
}

// Points of a line, each a marker or, between those, an unseen disc that a pointer finds.
static void add_points(lb_text* out, const canvas* c, const lb_series* s) {
  int stride = (s->n + MARKS_SHOWN - 1) / MARKS_SHOWN, touched = (s->n + 39) / 40;
  for (int i = 0; i < s->n; i++) {
    if (!is_drawn(c, s->x[i], s->y[i])) continue;
    double x = at_x(c, s->x[i]), y = at_y(c, s->y[i]);
    bool shown = s->kind == LB_SERIES_MARKERS || (!s->bare && (s->n - 1 - i) % stride == 0);
    if (!shown && (s->n - 1 - i) % touched != 0) continue;
    if (x < c->left - 1 || x > c->right + 1 || y < TOP - 1 || y > HEIGHT - BOTTOM + 1) continue;
    lb_text_add(out, "<path class=\"%s\" d=\"", !shown ? "pt no" : s->kind == LB_SERIES_MARKERS ? "pt open" : "pt");
    add_mark(out, x, y, shown ? s->mark : 0, shown ? 3.2 : 5);
    lb_text_add(out, "\"><title>");
    add_words(out, c, s, i);
    lb_text_add(out, "</title></path>");
  }
}

// A horizontal line with its interval.
static void add_flat(lb_text* out, const canvas* c, const lb_series* s) {
  if (s->n == 0 || !is_drawn(c, c->p->x_low > 0 ? c->p->x_low : 1, s->y[0])) return;
  double y = at_y(c, s->y[0]);
  if (s->low && isfinite(s->low[0]) && isfinite(s->high[0]) && is_drawn(c, 1, s->low[0])) {
    double low = at_y(c, s->low[0]), high = at_y(c, s->high[0]);
    lb_text_add(out, "<path class=\"bd\" d=\"M%.1f %.1fH%.1fV%.1fH%.1fz\"/>", c->left, low, c->right, high, c->left);
  }
  lb_text_add(out,
              "<path class=\"ln\" stroke-dasharray=\"%s\" d=\"M%.1f %.1fH%.1f\"/><path class=\"hit\" d=\"M%.1f "
              "%.1fH%.1f\"><title>",
              flat_dashes[s->dash % LB_DASHES], c->left, y, c->right, c->left, y, c->right);
  add_words(out, c, s, 0);
  lb_text_add(out, "</title></path>");
}

// A curve with its markers, or markers with error bars.
static void add_curve(lb_text* out, const canvas* c, const lb_series* s) {
  if (s->kind == LB_SERIES_MARKERS) {
    lb_text_add(out, "<path class=\"eb\" d=\"");
    for (int i = 0; i < s->n; i++) {
      if (!has_interval(c, s, i)) continue;
      lb_text_add(out, "M%.1f %.1fV%.1f", at_x(c, s->x[i]), at_y(c, s->low[i]), at_y(c, s->high[i]));
    }
    lb_text_add(out, "\"/>");
    add_points(out, c, s);
    return;
  }
  bool thin = s->kind == LB_SERIES_THIN;
  if (!thin) {
    lb_text_add(out, "<path class=\"bd\" d=\"");
    add_band(out, c, s);
    lb_text_add(out, "\"/>");
  }
  if (s->n_lines > 1) {
    lb_text_add(out, "<path class=\"sd\" d=\"");
    for (int i = 0; i < s->n_lines; i++) add_line(out, c, s->lines[i].x, s->lines[i].y, s->lines[i].n, SEED_POINTS);
    lb_text_add(out, "\"/>");
  }
  lb_text_add(out, "<path class=\"%s\" stroke-dasharray=\"%s\" d=\"", thin ? "th" : "ln",
              thin ? "2 2" : dashes[s->dash % LB_DASHES]);
  add_line(out, c, s->x, s->y, s->n, 0);
  lb_text_add(out, "\"/>");
  if (!thin) add_points(out, c, s);
}

// All that belongs to a curve, in a group with its label.
static void add_series(lb_text* out, const canvas* c, const lb_series* s) {
  lb_text_add(out, "<g data-row=\"");
  lb_text_add_xml(out, s->label ? s->label : "");
  lb_text_add(out, "\" style=\"--c:%s\">", color_of(s->color));
  if (s->kind == LB_SERIES_FLAT) {
    add_flat(out, c, s);
  } else {
    add_curve(out, c, s);
  }
  lb_text_add(out, "</g>\n");
}

// ---------------------------------------------------------------------------------------------------------------------
// Stacked bars

// A panel of stacked horizontal bars.
static void add_bars(lb_text* out, const lb_panel* p, const char* alt) {
  enum { STEP = 26, NAMES = 150 };
  static const char* const shades[] = {"#c9ced4", "#5d6873", "#8b96a1", "#b5a27c"};
  int height = 62 + STEP * p->bars;
  lb_text_add(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, height);
  lb_text_add_xml(out, alt);
  lb_text_add(out, "\">");
  add_text(out, 4, 16, "start", "ttl", p->title);
  double x = 4;
  for (int k = 0; k < p->parts; k++) {
    lb_text_add(out, "<rect x=\"%.0f\" y=\"28\" width=\"12\" height=\"10\" fill=\"%s\"/>", x, shades[k % 4]);
    add_text(out, x + 17, 37, "start", "tick", p->part_labels[k]);
    x += 32 + lb_frame_text_width(p->part_labels[k], 12);
  }
  for (int b = 0; b < p->bars; b++) {
    double from = NAMES, y = 52 + STEP * b;
    char name[80];
    lb_frame_shorten(name, sizeof name, p->bar_labels[b], NAMES - 20);
    lb_text_add(out, "<g data-row=\"");
    lb_text_add_xml(out, p->bar_labels[b]);
    lb_text_add(out, "\">");
    add_text(out, NAMES - 6, y + 12, "end", "tick", name);
    for (int k = 0; k < p->parts; k++) {
      double value = p->values[b * p->parts + k], width = value / p->x_high * (WIDTH - NAMES - 60);
      if (!(width > 0)) continue;
      lb_text_add(out, "<rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"16\" fill=\"%s\"><title>", from, y, width,
                  shades[k % 4]);
      lb_text_add_xml(out, p->bar_labels[b]);
      lb_text_add(out, ", %s: %.3g s</title></rect>", p->part_labels[k], value);
      from += width;
    }
    add_text(out, from + 5, y + 12, "start", "tick", p->bar_notes[b]);
    lb_text_add(out, "</g>\n");
  }
  lb_text_add(out, "</svg>");
}

// ---------------------------------------------------------------------------------------------------------------------
// Names at the ends of curves

// The names beside a panel, and its canvas with room for them; without names where they do not fit, or none are wanted.
static canvas place(lb_legend_entry** names, int* n, const lb_panel* p, bool named, lb_arena* arena) {
  canvas c = {.p = p, .left = LEFT, .right = WIDTH - RIGHT};
  lb_ticks t = lb_ticks_choose(p->y_low, p->y_high, p->log_y, 5);
  for (int i = 0; i < t.n; i++) {
    if (!strstr(t.label[i], "^{")) c.left = fmax(c.left, 14 + lb_frame_text_width(t.label[i], 12));
  }
  const lb_frame f = {.width = WIDTH, .height = HEIGHT, .top = TOP, .bottom = HEIGHT - BOTTOM};
  double width = lb_legend_ends(names, n, arena, p, &f);
  if (!named || width < 0) *n = 0;
  if (*n > 0) c.right = WIDTH - 1.13 * width - NAME_GAP - NAME_MARK - 4;  // names are bold
  return c;
}

bool lb_svg_names_fit(const lb_panel* panels, int n) {
  bool fit = true;
  for (int i = 0; i < n && fit; i++) {
    lb_legend_entry* names;
    int count;
    lb_arena* arena = lb_arena_new(4096);
    if (!arena) return false;
    const lb_frame f = {.width = WIDTH, .height = HEIGHT, .top = TOP, .bottom = HEIGHT - BOTTOM};
    fit = panels[i].bars > 0 || lb_legend_ends(&names, &count, arena, &panels[i], &f) >= 0;
    lb_arena_free(arena);
  }
  return fit;
}

// Where a curve ends inside its panel.
static void find_end(double* x, double* y, const canvas* c, const lb_series* s) {
  *x = c->right;
  *y = HEIGHT - BOTTOM;
  for (int i = 0; i < s->n; i++) {
    if (!is_drawn(c, s->kind == LB_SERIES_FLAT ? fmax(c->p->x_low, 1) : s->x[i], s->y[i])) continue;
    if (s->kind != LB_SERIES_FLAT) *x = at_x(c, s->x[i]);
    *y = at_y(c, s->y[i]);
  }
  *x = clamp(*x, c->left, c->right);
  *y = clamp(*y, TOP, HEIGHT - BOTTOM);
}

// A name behind its curve's marker, with a thin line from the end of the curve to it; a button that hides the row, as
// one of a legend is.
static void add_name(lb_text* out, const canvas* c, const lb_legend_entry* e) {
  const lb_series* s = e->series;
  double x, y, at = c->right + NAME_GAP, first = e->second ? e->y - 0.5 * LB_LEGEND_LINE : e->y;
  bool marked = s->kind == LB_SERIES_MARKERS || (s->kind == LB_SERIES_LINE && !s->bare);
  find_end(&x, &y, c, s);
  lb_text_add(out, "<g class=\"key end\" role=\"button\" tabindex=\"0\" aria-pressed=\"true\" data-row=\"");
  lb_text_add_xml(out, s->label);
  lb_text_add(out, "\" style=\"--c:%s\"><path class=\"to\" d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1f\"/>", color_of(s->color),
              x, y, fmax(x, c->right), y, at - 3, first);
  if (marked) {
    lb_text_add(out, "<path class=\"%s\" d=\"", s->kind == LB_SERIES_MARKERS ? "pt open" : "pt");
    add_mark(out, at + 1, first, s->mark, 3.2);
    lb_text_add(out, "\"/>");
  } else {
    lb_text_add(out, "<path class=\"ln\" stroke-dasharray=\"%s\" d=\"M%.1f %.1fh10\"/>",
                s->kind == LB_SERIES_FLAT ? flat_dashes[s->dash % LB_DASHES] : dashes[s->dash % LB_DASHES], at - 3,
                first);
  }
  add_text(out, at + NAME_MARK, first + 4, "start", "nm", e->first);
  if (e->second) add_text(out, at + NAME_MARK, first + 4 + LB_LEGEND_LINE, "start", "nm", e->second);
  lb_text_add(out, "</g>\n");
}

void lb_svg_panel(lb_text* out, const lb_panel* p, const char* id, const char* alt, bool named) {
  lb_legend_entry* names;
  int n;
  if (p->bars > 0) {
    add_bars(out, p, alt);
    return;
  }
  lb_arena* arena = lb_arena_new(4096);
  if (!arena) return;
  const canvas c = place(&names, &n, p, named, arena);
  lb_text_add(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
  lb_text_add_xml(out, alt);
  lb_text_add(out, "\"><clipPath id=\"%s\"><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/></clipPath>\n", id,
              c.left, TOP, c.right - c.left, HEIGHT - TOP - BOTTOM);
  add_y_axis(out, &c);
  add_x_axis(out, &c);
  lb_text_add(out, "<g clip-path=\"url(#%s)\">\n", id);
  for (int i = 0; i < p->n; i++) {
    if (p->series[i].kind == LB_SERIES_FLAT) add_series(out, &c, &p->series[i]);
  }
  for (int i = 0; i < p->n; i++) {
    if (p->series[i].kind != LB_SERIES_FLAT) add_series(out, &c, &p->series[i]);
  }
  lb_text_add(out, "</g>\n");
  if (n > 0) lb_text_add(out, "<g class=\"names\">\n");
  for (int i = 0; i < n; i++) add_name(out, &c, &names[i]);
  lb_text_add(out, n > 0 ? "</g></svg>" : "</svg>");
  lb_arena_free(arena);
}

// ---------------------------------------------------------------------------------------------------------------------
// Legend

// Whether an earlier series of the panels has a label.
static bool is_named_before(const lb_panel* panels, int panel, int series, const char* label) {
  for (int i = 0; i <= panel; i++) {
    for (int k = 0; k < (i < panel ? panels[i].n : series); k++) {
      const lb_series* s = &panels[i].series[k];
      if (s->kind != LB_SERIES_THIN && s->label && strcmp(s->label, label) == 0) return true;
    }
  }
  return false;
}

// A legend's button with the line and marker of a series.
static void add_key(lb_text* out, const lb_series* s) {
  bool line = s->kind != LB_SERIES_MARKERS;
  lb_text_add(out, "<button type=\"button\" class=\"key\" aria-pressed=\"true\" data-row=\"");
  lb_text_add_xml(out, s->label);
  lb_text_add(out, "\"><svg viewBox=\"0 0 36 12\" aria-hidden=\"true\" style=\"--c:%s\">", color_of(s->color));
  if (line) {
    const char* dash = s->kind == LB_SERIES_FLAT ? flat_dashes[s->dash % LB_DASHES] : dashes[s->dash % LB_DASHES];
    lb_text_add(out, "<path class=\"ln\" stroke-dasharray=\"%s\" d=\"M1 6H35\"/>", dash);
  }
  if (!line || (s->kind == LB_SERIES_LINE && !s->bare)) {
    lb_text_add(out, "<path class=\"%s\" d=\"", line ? "pt" : "pt open");
    add_mark(out, 18, 6, s->mark, 3.4);
    lb_text_add(out, "\"/>");
  }
  lb_text_add(out, "</svg>");
  lb_text_add_xml(out, s->label);
  lb_text_add(out, "</button>");
}

void lb_svg_legend(lb_text* out, const lb_panel* panels, int n) {
  bool any = false;
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < panels[i].n; k++) {
      const lb_series* s = &panels[i].series[k];
      if (s->kind == LB_SERIES_THIN || !s->label || is_named_before(panels, i, k, s->label)) continue;
      if (!any) lb_text_add(out, "<div class=\"keys\">");
      any = true;
      add_key(out, s);
    }
  }
  if (any) lb_text_add(out, "</div>\n");
}
