// Legends: see legend.h.
#include "plot/legend.h"

#include <math.h>
#include <string.h>

#include "base/format.h"

enum { LEGEND_LINE = 16, LABEL_WRAP = 24, NAME_WRAP = 18, NAME_MOST = 132, NAME_AWAY = 84 };

// The short piece of line, with its marker, that stands before a name in a legend.
static void add_sample(lb_text* script, const lb_frame* f, double x, double y, const lb_series* s) {
  double sx = x / f->width, ex = (x + LB_LEGEND_SAMPLE) / f->width, sy = 1 - y / f->height;
  const char* color = lb_frame_color(s->color);
  if (s->kind == LB_SERIES_LINE || s->kind == LB_SERIES_FLAT) {
    lb_text_add(script, "set arrow from screen %.6f,%.6f to screen %.6f,%.6f nohead lw %s dt %s lc rgb '%s'\n", sx, sy,
                ex, sy, s->kind == LB_SERIES_FLAT ? "1.4" : "2",
                s->kind == LB_SERIES_FLAT ? lb_frame_flat_dashes[s->dash] : lb_frame_dashes[s->dash], color);
  }
  if ((s->kind == LB_SERIES_LINE && !s->bare) || s->kind == LB_SERIES_MARKERS) {
    lb_text_add(script, "set label '' at screen %.6f,%.6f point pt %d ps 0.7 lc rgb '%s'\n", 0.5 * (sx + ex), sy,
                lb_frame_mark(s), color);
  }
}

// Breaks a label at the last space before so many characters; returns the second part, NULL when it fits.
static const char* wrap(lb_arena* arena, const char* label, size_t most, char** first) {
  size_t length = strlen(label), cut = 0;
  *first = lb_format_text(arena, "%s", label);
  if (length <= most) return NULL;
  for (size_t i = 1; i <= most; i++) {
    if (label[i] == ' ') cut = i;
  }
  if (!cut) return NULL;
  (*first)[cut] = '\0';
  return label + cut + 1;
}

// Where a series ends, as a height on the canvas; the legend entry stands near it.
static double height_at_end(const lb_panel* p, const lb_frame* f, const lb_series* s) {
  double y = NAN;
  for (int i = 0; i < s->n; i++) {
    if (isfinite(s->y[i])) y = s->y[i];
  }
  if (isnan(y) || (p->log_y && y <= 0)) return f->bottom;
  double share =
      p->log_y ? (log(y) - log(p->y_low)) / (log(p->y_high) - log(p->y_low)) : (y - p->y_low) / (p->y_high - p->y_low);
  share = share < 0 ? 0 : share > 1 ? 1 : share;
  return f->bottom - share * (f->bottom - f->top);
}

// A thin line goes without saying, a horizontal one outside the panel would be sought in vain.
static bool has_entry(const lb_panel* p, const lb_series* s) {
  if (s->kind == LB_SERIES_FLAT) return s->n > 0 && s->y[0] >= p->y_low && s->y[0] <= p->y_high;
  return s->kind != LB_SERIES_THIN;
}

// The entries, their names broken at so many characters.
static int list(lb_arena* arena, const lb_panel* p, size_t most, lb_legend_entry** out) {
  lb_legend_entry* entries = LB_TAKE(arena, lb_legend_entry, p->n + 1);
  int n = 0;
  for (int i = 0; i < p->n; i++) {
    if (!has_entry(p, &p->series[i])) continue;
    lb_legend_entry* e = &entries[n++];
    e->series = &p->series[i];
    e->second = wrap(arena, p->series[i].label, most, &e->first);
    e->height = e->second ? 2 * LEGEND_LINE - 2 : LEGEND_LINE + 2;
  }
  *out = entries;
  return n;
}

int lb_legend_list(lb_arena* arena, const lb_panel* p, lb_legend_entry** out) {
  return list(arena, p, LABEL_WRAP, out);
}

// Moves entries, sorted by height, apart until none overlaps and all lie between top and bottom.
static void spread(lb_legend_entry* e, int n, double top, double bottom) {
  double edge = top;
  for (int i = 0; i < n; i++) {
    if (e[i].y - 0.5 * e[i].height < edge) e[i].y = edge + 0.5 * e[i].height;
    edge = e[i].y + 0.5 * e[i].height;
  }
  edge = bottom;
  for (int i = n - 1; i >= 0; i--) {
    if (e[i].y + 0.5 * e[i].height > edge) e[i].y = edge - 0.5 * e[i].height;
    edge = e[i].y - 0.5 * e[i].height;
  }
}

// An entry of one or two lines, its sample at x.
static void add_entry(lb_text* script, const lb_frame* f, double x, const lb_legend_entry* e) {
  double text_x = x + LB_LEGEND_SAMPLE + 7, first_y = e->second ? e->y - 0.5 * LB_LEGEND_LINE : e->y;
  add_sample(script, f, x, first_y, e->series);
  const char* color = e->series->kind == LB_SERIES_MARKERS ? lb_frame_soft : lb_frame_ink;
  lb_frame_label(script, f, text_x, first_y, "left", 12, color, e->first);
  if (e->second) lb_frame_label(script, f, text_x, first_y + LB_LEGEND_LINE, "left", 12, color, e->second);
}

// Puts entries at the ends of their curves, from top to bottom.
static void sort_by_ends(lb_legend_entry* e, int n, const lb_panel* p, const lb_frame* f) {
  for (int i = 0; i < n; i++) e[i].y = height_at_end(p, f, e[i].series);
  for (int i = 1; i < n; i++) {
    for (int j = i; j > 0 && e[j].y < e[j - 1].y; j--) {
      lb_legend_entry swap = e[j];
      e[j] = e[j - 1];
      e[j - 1] = swap;
    }
  }
}

double lb_legend_ends(lb_legend_entry** out, int* n, lb_arena* arena, const lb_panel* p, const lb_frame* f) {
  lb_legend_entry* e;
  double width = 0, tall = 0;
  *n = list(arena, p, NAME_WRAP, &e);
  *out = e;
  sort_by_ends(e, *n, p, f);
  for (int i = 0; i < *n; i++) {
    width = fmax(width, lb_frame_text_width(e[i].first, 12));
    if (e[i].second) width = fmax(width, lb_frame_text_width(e[i].second, 12));
    tall += e[i].height;
  }
  if (width > NAME_MOST || tall > f->bottom - f->top + LEGEND_LINE) return -1;
  spread(e, *n, f->top - 0.5 * LEGEND_LINE, f->bottom + 0.5 * LEGEND_LINE);
  for (int i = 0; i < *n; i++) {
    if (fabs(e[i].y - height_at_end(p, f, e[i].series)) > NAME_AWAY) return -1;
  }
  return width;
}

void lb_legend_right(lb_text* script, lb_arena* arena, const lb_panel* p, const lb_frame* f) {
  lb_legend_entry* e;
  int n = lb_legend_list(arena, p, &e);
  sort_by_ends(e, n, p, f);
  spread(e, n, f->top - 12, f->height - 6);
  for (int i = 0; i < n; i++) add_entry(script, f, f->right + 14, &e[i]);
}

// Lays a legend out in lines below the panels; with a NULL script it only measures. Returns its height.
double lb_legend_below(lb_text* script, const lb_frame* f, const lb_legend_entry* e, int n, double top) {
  double x = 24, y = top;
  for (int i = 0; i < n; i++) {
    double width = LB_LEGEND_SAMPLE + 7 + lb_frame_text_width(e[i].series->label, 12) + 22;
    if (x + width > f->width - 8 && x > 24) {
      x = 24;
      y += LEGEND_LINE + 4;
    }
    if (script) {
      add_sample(script, f, x, y, e[i].series);
      lb_frame_label(script, f, x + LB_LEGEND_SAMPLE + 7, y, "left", 12, lb_frame_ink, e[i].series->label);
    }
    x += width;
  }
  return y - top + LEGEND_LINE;
}

// Every name that occurs in one of the panels, once.
int lb_legend_unite(lb_arena* arena, const lb_panel* panels, int n, lb_legend_entry** out) {
  int most = 1, count = 0;
  for (int i = 0; i < n; i++) most += panels[i].n;
  lb_legend_entry* all = LB_TAKE(arena, lb_legend_entry, most);
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < panels[i].n; k++) {
      const lb_series* s = &panels[i].series[k];
      bool known = !has_entry(&panels[i], s);
      for (int j = 0; j < count && !known; j++) {
        const lb_series* other = all[j].series;
        bool alike = other->kind == s->kind || (other->kind != LB_SERIES_MARKERS && s->kind != LB_SERIES_MARKERS);
        known = strcmp(other->label, s->label) == 0 && alike;
      }
      if (!known) all[count++].series = s;
    }
  }
  *out = all;
  return count;
}
