// Figures drawn by gnuplot: see gnuplot.h. All positions are pixels of the SVG, from the upper left corner; the PNG has
// twice as many of each (and 3/4 of twice the font size, which counts in points there).
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/file.h"
#include "report/format.h"
#include "report/ticks.h"

static const char* const palette[LB_PALETTE] = {"#0072b2", "#d55e00", "#009e73", "#e69f00", "#56b4e9", "#cc79a7"};
static const char ink[] = "#1c1f23", soft[] = "#5b626b", grid[] = "#e6e8ea";
static const char* const part_colors[4] = {"#c9ced4", "#3f4a55", "#8b96a1", "#e3e6e9"};
static const char* const dashes[LB_DASHES] = {"1", "(9,4)", "(9,3,2,3)"};
static const int filled_marks[LB_PALETTE] = {7, 5, 9, 13, 11, 15};
static const int open_marks[LB_PALETTE] = {6, 4, 8, 12, 10, 14};

enum { FONT = 13, SMALL = 11, LEGEND_LINE = 16, SAMPLE = 26, LABEL_WRAP = 24 };

// The frame of a panel on a canvas, in pixels.
typedef struct frame {
  double width, height;             // of the canvas
  double left, right, top, bottom;  // of the axes
} frame;

static const char* color_of(int color) {
  return color == LB_COLOR_INK ? ink : color == LB_COLOR_SOFT ? soft : palette[color % LB_PALETTE];
}

static int mark_of(const lb_series* s) {
  int i = s->color < 0 ? 0 : s->color % LB_PALETTE;
  return s->kind == LB_SERIES_MARKERS ? open_marks[i] : filled_marks[i];
}

// A single-quoted gnuplot string: nothing in it is interpreted.
static void add_quoted(lb_text* script, const char* text) {
  lb_text_add(script, "'");
  for (const char* c = text; *c; c++) {
    if (*c == '\'') lb_text_add(script, "'");
    if ((unsigned char)*c >= 32) lb_text_add_bytes(script, c, 1);
  }
  lb_text_add(script, "'");
}

static void add_label(lb_text* script, const frame* f, double x, double y, const char* align, int size,
                      const char* color, const char* text) {
  lb_text_add(script, "set label ");
  add_quoted(script, text);
  lb_text_add(script, " at screen %.6f,%.6f %s noenhanced font ',%d' tc rgb '%s'\n", x / f->width, 1 - y / f->height,
              align, size, color);
}

// The short piece of line, with its marker, that stands before a name in a legend.
static void add_sample(lb_text* script, const frame* f, double x, double y, const lb_series* s) {
  double sx = x / f->width, ex = (x + SAMPLE) / f->width, sy = 1 - y / f->height;
  const char* color = color_of(s->color);
  if (s->kind == LB_SERIES_LINE || s->kind == LB_SERIES_FLAT) {
    lb_text_add(script, "set arrow from screen %.6f,%.6f to screen %.6f,%.6f nohead lw %s dt %s lc rgb '%s'\n", sx, sy,
                ex, sy, s->kind == LB_SERIES_FLAT ? "1.4" : "2", s->kind == LB_SERIES_FLAT ? "(5,3)" : dashes[s->dash],
                color);
  }
  if ((s->kind == LB_SERIES_LINE && !s->bare) || s->kind == LB_SERIES_MARKERS) {
    lb_text_add(script, "set label '' at screen %.6f,%.6f point pt %d ps 0.7 lc rgb '%s'\n", 0.5 * (sx + ex), sy,
                mark_of(s), color);
  }
}

// Breaks a label at the last space before LABEL_WRAP characters; returns the second part, NULL when it fits.
static const char* wrap(lb_arena* arena, const char* label, char** first) {
  size_t length = strlen(label), cut = 0;
  *first = lb_format_text(arena, "%s", label);
  if (length <= LABEL_WRAP) return NULL;
  for (size_t i = 1; i <= LABEL_WRAP; i++) {
    if (label[i] == ' ') cut = i;
  }
  if (!cut) return NULL;
  (*first)[cut] = '\0';
  return label + cut + 1;
}

static double text_width(const char* text, int size) {
  double width = 0;
  for (const char* c = text; *c; ++c) {
    bool wide = (*c >= 'A' && *c <= 'Z') || *c == 'm' || *c == 'w', narrow = strchr("ijlt.,:;'|! ", *c) != NULL;
    width += wide ? 0.76 : narrow ? 0.34 : 0.58;
  }
  return width * size;
}

// Where a series ends, as a height on the canvas; the legend entry stands near it.
static double height_at_end(const lb_panel* p, const frame* f, const lb_series* s) {
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

typedef struct entry {
  const lb_series* series;
  char* first;
  const char* second;
  double y, height;
} entry;

// A thin line goes without saying, a horizontal one outside the panel would be sought in vain.
static bool has_entry(const lb_panel* p, const lb_series* s) {
  if (s->kind == LB_SERIES_FLAT) return s->n > 0 && s->y[0] >= p->y_low && s->y[0] <= p->y_high;
  return s->kind != LB_SERIES_THIN;
}

static int list_entries(lb_arena* arena, const lb_panel* p, entry** out) {
  entry* entries = LB_TAKE(arena, entry, p->n + 1);
  int n = 0;
  for (int i = 0; i < p->n; i++) {
    if (!has_entry(p, &p->series[i])) continue;
    entry* e = &entries[n++];
    e->series = &p->series[i];
    e->second = wrap(arena, p->series[i].label, &e->first);
    e->height = e->second ? 2 * LEGEND_LINE - 2 : LEGEND_LINE + 2;
  }
  *out = entries;
  return n;
}

// Moves entries, sorted by height, apart until none overlaps and all lie between top and bottom.
static void spread(entry* e, int n, double top, double bottom) {
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

static void add_entry(lb_text* script, const frame* f, double x, const entry* e) {
  double text_x = x + SAMPLE + 7, first_y = e->second ? e->y - 0.5 * (LEGEND_LINE - 2) : e->y;
  add_sample(script, f, x, first_y, e->series);
  const char* color = e->series->kind == LB_SERIES_MARKERS ? soft : ink;
  add_label(script, f, text_x, first_y, "left", 12, color, e->first);
  if (e->second) add_label(script, f, text_x, first_y + LEGEND_LINE - 2, "left", 12, color, e->second);
}

static void add_legend_right(lb_text* script, lb_arena* arena, const lb_panel* p, const frame* f) {
  entry* e;
  int n = list_entries(arena, p, &e);
  for (int i = 0; i < n; i++) e[i].y = height_at_end(p, f, e[i].series);
  for (int i = 1; i < n; i++) {
    for (int j = i; j > 0 && e[j].y < e[j - 1].y; j--) {
      entry swap = e[j];
      e[j] = e[j - 1];
      e[j - 1] = swap;
    }
  }
  spread(e, n, f->top - 12, f->height - 6);
  for (int i = 0; i < n; i++) add_entry(script, f, f->right + 14, &e[i]);
}

// Turns the ticks' labels into 500, 50k, 1M.
static void label_counts(lb_ticks* ticks) {
  for (int i = 0; i < ticks->n; i++) {
    double x = ticks->at[i], unit = x >= 1e6 ? 1e6 : x >= 1e3 ? 1e3 : 1;
    snprintf(ticks->label[i], sizeof ticks->label[i], "%.10g%s", x / unit, unit == 1e6 ? "M" : unit == 1e3 ? "k" : "");
  }
}

static void add_range(lb_text* script, const char* axis, double low, double high, bool log, int about, bool counts) {
  lb_ticks ticks = lb_ticks_choose(low, high, log, about);
  if (counts) label_counts(&ticks);
  lb_text_add(script, "%s logscale %s\nset %srange [%.17g:%.17g]\nset %stics (", log ? "set" : "unset", axis, axis, low,
              high, axis);
  for (int i = 0; i < ticks.n; i++) {
    lb_text_add(script, "%s'%s' %.17g", i ? ", " : "", ticks.label[i], ticks.at[i]);
  }
  lb_text_add(script, ")\n");
}

static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

static bool has_interval(const lb_series* s, int i) {
  return s->low && s->high && isfinite(s->low[i]) && isfinite(s->high[i]);
}

// Whether a point can be drawn at all.
static bool is_drawable(const lb_panel* p, const lb_series* s, int i) {
  return isfinite(s->x[i]) && isfinite(s->y[i]) && !(p->log_y && s->y[i] <= 0) && !(p->log_x && s->x[i] <= 0);
}

// 1 above the panel, -1 below, 0 within.
static int side_of(const lb_panel* p, double y) {
  return y > p->y_high ? 1 : y < p->y_low ? -1 : 0;
}

// Whether a point lies so far outside that a line to it would be a vertical stroke: the line breaks there, and a small
// triangle on the edge stands for the point.
static bool is_far(const lb_panel* p, double y) {
  enum { HEIGHTS = 3 };
  if (p->log_y) return y > p->y_high * pow(p->y_high / p->y_low, HEIGHTS);
  return y > p->y_high + HEIGHTS * (p->y_high - p->y_low) || y < p->y_low - HEIGHTS * (p->y_high - p->y_low);
}

// The data of one series: x y low high, a blank line at a gap. Intervals are cut at a little more than the panel, so
// that no terminal has to draw to 1e7 where 56 is the edge.
static void add_curve_data(lb_text* script, const lb_panel* p, const lb_series* s, int panel, int number) {
  double room = p->log_y ? 0 : p->y_high - p->y_low;
  double least = p->log_y ? p->y_low / 2 : p->y_low - room, most = p->log_y ? 2 * p->y_high : p->y_high + room;
  lb_text_add(script, "$d%d_%d << EOD\n", panel, number);
  bool gap = false, any = false;
  for (int i = 0; i < s->n; i++) {
    if (!is_drawable(p, s, i) || is_far(p, s->y[i])) {
      gap = any;
      continue;
    }
    if (gap) lb_text_add(script, "\n");
    gap = false;
    any = true;
    bool interval = has_interval(s, i);
    lb_text_add(script, "%.10g %.10g %.10g %.10g\n", s->x[i], s->y[i],
                clamp(interval ? s->low[i] : s->y[i], least, most),
                clamp(interval ? s->high[i] : s->y[i], least, most));
  }
  lb_text_add(script, "EOD\n");
}

// A height inside the panel, as a share of it from the bottom.
static double height_in(const lb_panel* p, double share) {
  return p->log_y ? p->y_low * pow(p->y_high / p->y_low, share) : p->y_low + share * (p->y_high - p->y_low);
}

// On which edge a triangle stands for a point, 0: on none. Where all begin far off the note says so.
static int edge_side(const lb_panel* p, const lb_series* s, int i) {
  bool start = s->iteration && s->iteration[i] == 0;
  return s->kind == LB_SERIES_LINE && !start && is_drawable(p, s, i) ? side_of(p, s->y[i]) : 0;
}

// Points outside the panel, moved to its edge; those of later series a little further inside.
static void add_edge_data(lb_text* script, const lb_panel* p, const lb_series* s, int panel, int number) {
  int n = 0, rank = number % 6;
  for (int i = 0; i < s->n; i++) {
    int side = edge_side(p, s, i);
    if (side == 0) continue;
    if (n++ == 0) lb_text_add(script, "$e%d_%d << EOD\n", panel, number);
    double inside = 0.02 + 0.03 * rank;
    lb_text_add(script, "%.10g %.10g %d\n", s->x[i], height_in(p, side > 0 ? 1 - inside : inside), side > 0 ? 9 : 11);
  }
  if (n > 0) lb_text_add(script, "EOD\n");
}

static void add_data(lb_text* script, const lb_panel* p, int panel) {
  for (int i = 0; i < p->n; i++) {
    if (p->series[i].kind == LB_SERIES_FLAT) continue;
    add_curve_data(script, p, &p->series[i], panel, i);
    add_edge_data(script, p, &p->series[i], panel, i);
  }
}

static int drawn_points(const lb_panel* p, const lb_series* s) {
  int n = 0;
  for (int i = 0; i < s->n; i++) n += is_drawable(p, s, i) && !is_far(p, s->y[i]);
  return n;
}

static int edge_points(const lb_panel* p, const lb_series* s) {
  int n = 0;
  for (int i = 0; i < s->n; i++) n += edge_side(p, s, i) != 0;
  return n;
}

static void add_flat(lb_text* script, const lb_panel* p, const lb_series* s) {
  double y = s->n > 0 ? s->y[0] : NAN;
  if (!(y >= p->y_low && y <= p->y_high)) return;
  const char* color = color_of(s->color);
  if (has_interval(s, 0)) {
    lb_text_add(script,
                "set object rect from graph 0, first %.17g to graph 1, first %.17g behind fs transparent solid 0.15 "
                "noborder fc rgb '%s'\n",
                clamp(s->low[0], p->y_low, p->y_high), clamp(s->high[0], p->y_low, p->y_high), color);
  }
  lb_text_add(script,
              "set arrow from graph 0, first %.17g to graph 1, first %.17g nohead lw 1.4 dt (5,3) lc rgb '%s'\n", y, y,
              color);
}

// Whether two lines lie on top of each other wherever both are in the panel.
static bool coincide(const lb_panel* p, const lb_series* a, const lb_series* b) {
  if (a->kind != LB_SERIES_LINE || b->kind != LB_SERIES_LINE || a->n != b->n) return false;
  int both = 0;
  for (int i = 0; i < a->n; i++) {
    if (!is_drawable(p, a, i) || !is_drawable(p, b, i) || side_of(p, a->y[i]) || side_of(p, b->y[i])) continue;
    double apart = p->log_y ? fabs(log(a->y[i] / b->y[i])) / log(p->y_high / p->y_low)
                            : fabs(a->y[i] - b->y[i]) / (p->y_high - p->y_low);
    if (apart > 0.02 || fabs(a->x[i] - b->x[i]) > 0.02 * (p->x_high - p->x_low)) return false;
    both++;
  }
  return both > 0;
}

// How a line stands among those that it coincides with: lower lines are wider, so that all of them show, and their
// markers take turns.
static void place_among(const lb_panel* p, int number, int* rank, int* crowd) {
  *rank = 0;
  *crowd = 1;
  for (int i = 0; i < p->n; i++) {
    if (i == number || !coincide(p, &p->series[i], &p->series[number])) continue;
    *crowd += 1;
    *rank += i < number;
  }
}

static void add_line(lb_text* script, const lb_panel* p, int panel, int number) {
  const lb_series* s = &p->series[number];
  int rank, crowd, points = drawn_points(p, s);
  place_among(p, number, &rank, &crowd);
  int above = crowd - 1 - rank, stride = points / 26 + 1;
  if (p->log_x && points > 60) stride = points / 9 + 1;  // they crowd at the right
  if (crowd > 1 && points >= 2 * crowd) stride *= crowd < 5 ? crowd : 5;
  const char* color = color_of(s->color);
  lb_text_add(script, "$d%d_%d using 1:2 with lines lw %.1f dt %s lc rgb '%s'", panel, number,
              2 + 1.6 * (above < 4 ? above : 4), dashes[s->dash], color);
  if (s->bare) return;
  lb_text_add(script, ", \\\n     ");
  lb_text_add(script, "$d%d_%d every %d::%d using 1:2 with points pt %d ps 0.6 lc rgb '%s'", panel, number, stride,
              stride > 1 ? rank % stride : 0, mark_of(s), color);
}

static void add_edge_marks(lb_text* script, const lb_panel* p, bool* any, int panel) {
  for (int i = 0; i < p->n; i++) {
    const lb_series* s = &p->series[i];
    if (edge_points(p, s) == 0) continue;
    lb_text_add(script, "%s$e%d_%d using 1:2:3 with points pt variable ps 0.5 lc rgb '%s'",
                *any ? ", \\\n     " : "plot ", panel, i, color_of(s->color));
    *any = true;
  }
}

// Fainter where many lie on top of each other.
static double band_opacity(const lb_panel* p, int lines) {
  return lines <= 2 ? 0.17 : lines <= 4 ? 0.12 : p->counts ? 0.14 : 0.08;
}

static void add_curves(lb_text* script, const lb_panel* p, int panel) {
  bool any = false;
  int lines = 0;
  for (int i = 0; i < p->n; i++) lines += p->series[i].kind == LB_SERIES_LINE;
  for (int pass = 0; pass < 2; pass++) {  // all bands lie behind all lines
    for (int i = 0; i < p->n; i++) {
      const lb_series* s = &p->series[i];
      int points = drawn_points(p, s);
      if (s->kind == LB_SERIES_FLAT || points == 0) continue;
      if (pass == 0 && (s->kind != LB_SERIES_LINE || points < 2)) continue;
      lb_text_add(script, "%s", any ? ", \\\n     " : "plot ");
      any = true;
      if (pass == 0) {
        lb_text_add(script, "$d%d_%d using 1:3:4 with filledcurves fs transparent solid %.2f noborder lc rgb '%s'",
                    panel, i, band_opacity(p, lines), color_of(s->color));
      } else if (s->kind == LB_SERIES_LINE) {
        add_line(script, p, panel, i);
      } else if (s->kind == LB_SERIES_THIN) {
        lb_text_add(script, "$d%d_%d using 1:2 with lines lw 1.2 dt (2,3) lc rgb '%s'", panel, i, color_of(s->color));
      } else {
        lb_text_add(script, "$d%d_%d using 1:2:3:4 with yerrorbars lw 1 pt %d ps 0.7 lc rgb '%s'", panel, i, mark_of(s),
                    color_of(s->color));
      }
    }
  }
  add_edge_marks(script, p, &any, panel);
  lb_text_add(script, any ? "\n" : "plot NaN\n");
}

// Copies a text, cut with "..." to what fits into so many pixels of small print.
static void shorten(char* out, size_t size, const char* text, double pixels) {
  size_t fits = (size_t)fmax(10, pixels / (0.53 * SMALL));
  if (fits > size - 1) fits = size - 1;
  if (strlen(text) <= fits) {
    snprintf(out, size, "%s", text);
    return;
  }
  size_t cut = fits - 3;
  size_t remark = cut, word = cut;
  while (remark > 0 && text[remark] != ';') remark--;  // between two remarks, if there is such a place
  while (word > 0 && text[word] != ' ') word--;
  cut = remark > 0 ? remark + 1 : word > 0 ? word : cut;
  while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80) cut--;  // not inside a character
  snprintf(out, size, "%.*s ...", (int)cut, text);
}

// Resets everything and sets what all panels share.
static void add_setup(lb_text* script, const frame* f) {
  lb_text_add(
      script,
      "unset label; unset arrow; unset object; unset key; unset title; unset xlabel; unset ylabel\n"
      "set border 3 lw 1 lc rgb '%s'\nset tics nomirror out scale 0.5 tc rgb '%s' font ',12'\n"
      "set grid ytics noxtics lw 1 lc rgb '%s' dt 1 back\nset errorbars 0.6\nset bars front\n"
      "set lmargin at screen %.6f; set rmargin at screen %.6f; set tmargin at screen %.6f; set bmargin at screen "
      "%.6f\n",
      soft, ink, grid, f->left / f->width, f->right / f->width, 1 - f->top / f->height, 1 - f->bottom / f->height);
}

static void add_panel(lb_text* script, const lb_panel* p, const frame* f, const char* letter) {
  add_setup(script, f);
  double x = f->left - 42;
  if (letter) {
    lb_text_add(script, "set label '{/:Bold %s}' at screen %.6f,%.6f left font ',14' tc rgb '%s'\n", letter,
                x / f->width, 1 - (f->top - 26) / f->height, ink);
    x += 18;
  }
  add_label(script, f, x, f->top - 26, "left", FONT + 1, ink, p->title);
  if (p->note && p->note[0]) {
    char note[200];
    shorten(note, sizeof(note), p->note, (letter ? f->right : f->width - 8) - x);
    add_label(script, f, x, f->top - 10, "left", SMALL, soft, note);
  }
  add_label(script, f, 0.5 * (f->left + f->right), f->bottom + 42, "center", FONT, ink, p->x_label);
  add_range(script, "x", p->x_low, p->x_high, p->log_x, f->right - f->left > 330 ? 6 : 4, p->counts);
  add_range(script, "y", p->y_low, p->y_high, p->log_y, 5, false);
  for (int i = 0; i < p->n; i++) {
    if (p->series[i].kind == LB_SERIES_FLAT) add_flat(script, p, &p->series[i]);
  }
}

static void begin_output(lb_text* script, const char* name, const frame* f, bool png) {
  if (png) {
    lb_text_add(script,
                "set terminal pngcairo enhanced size %.0f,%.0f font 'Arial,%d' fontscale 1.5 linewidth 2 pointscale 2 "
                "background rgb 'white'\n",
                2 * f->width, 2 * f->height, FONT);
  } else {
    lb_text_add(script, "set terminal svg enhanced size %.0f,%.0f font 'Arial,%d' background rgb '#ffffff'\n", f->width,
                f->height, FONT);
  }
  lb_text_add(script, "set output '%s.%s'\n", name, png ? "png" : "svg");
}

static void add_bars(lb_text* script, const lb_panel* p, const frame* f) {
  add_setup(script, f);
  add_label(script, f, 14, f->top - 44, "left", FONT + 1, ink, p->title);
  add_label(script, f, 0.5 * (f->left + f->right), f->bottom + 42, "center", FONT, ink, p->x_label);
  add_range(script, "x", p->x_low, p->x_high, false, 5, false);
  lb_text_add(script, "unset logscale y\nset yrange [%g:-0.5]\nset grid xtics noytics\nset ytics scale 0 (",
              p->bars - 0.5);
  for (int b = 0; b < p->bars; b++) lb_text_add(script, "%s'' %d", b ? ", " : "", b);
  lb_text_add(script, ")\n");
  double step = (f->bottom - f->top) / p->bars;
  double x = f->left;
  for (int k = 0; k < p->parts; k++) {
    double sx = x / f->width, sy = 1 - (f->top - 16) / f->height, w = 12 / f->width, h = 6 / f->height;
    lb_text_add(script, "set object rect from screen %.6f,%.6f to screen %.6f,%.6f fs solid noborder fc rgb '%s'\n", sx,
                sy - h, sx + w, sy + h, part_colors[k]);
    add_label(script, f, x + 18, f->top - 16, "left", 12, ink, p->part_labels[k]);
    x += 34 + text_width(p->part_labels[k], 12);
  }
  for (int b = 0; b < p->bars; b++) {
    double from = 0;
    for (int k = 0; k < p->parts; k++) {
      double value = p->values[b * p->parts + k];
      if (!(value > 0)) continue;
      lb_text_add(script, "set object rect from first %.10g,%g to first %.10g,%g fs solid noborder fc rgb '%s'\n", from,
                  b - 0.32, from + value, b + 0.32, part_colors[k]);
      from += value;
    }
    double y = f->top + (b + 0.5) * step;
    add_label(script, f, f->left - 10, y, "right", 12, ink, p->bar_labels[b]);
    add_label(script, f, f->left + from / (p->x_high - p->x_low) * (f->right - f->left) + 6, y, "left", SMALL, soft,
              p->bar_notes[b]);
  }
  lb_text_add(script, "plot NaN\n");
}

static void draw_bars(lb_text* script, const char* name, const lb_panel* p) {
  double longest = 0;
  for (int b = 0; b < p->bars; b++) longest = fmax(longest, text_width(p->bar_labels[b], 12));
  frame f = {.width = 640, .height = 136 + 26.0 * p->bars, .left = 30 + longest, .right = 620, .top = 72};
  f.bottom = f.height - 60;
  for (int png = 0; png < 2; png++) {
    begin_output(script, name, &f, png);
    add_bars(script, p, &f);
  }
  lb_text_add(script, "unset output\n");
}

void lb_gnuplot_single(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panel) {
  if (panel->bars > 0) {
    draw_bars(script, name, panel);
    return;
  }
  entry* e;
  int n = list_entries(arena, panel, &e);
  double legend = 0, tall = 0;
  for (int i = 0; i < n; i++) {
    double width = fmax(text_width(e[i].first, 12), e[i].second ? text_width(e[i].second, 12) : 0);
    legend = fmax(legend, width + SAMPLE + 34);
    tall += e[i].height;
  }
  frame f = {.width = 640, .height = fmax(394, tall + 60), .left = 64, .top = 56};
  f.right = f.width - legend;
  f.bottom = f.height - 60;
  add_data(script, panel, 0);
  for (int png = 0; png < 2; png++) {
    begin_output(script, name, &f, png);
    add_panel(script, panel, &f, NULL);
    add_legend_right(script, arena, panel, &f);
    add_curves(script, panel, 0);
  }
  lb_text_add(script, "unset output\n");
}

// Lays a legend out in lines below the panels; with a NULL script it only measures. Returns its height.
static double legend_below(lb_text* script, const frame* f, const entry* e, int n, double top) {
  double x = 24, y = top;
  for (int i = 0; i < n; i++) {
    double width = SAMPLE + 7 + text_width(e[i].series->label, 12) + 22;
    if (x + width > f->width - 8 && x > 24) {
      x = 24;
      y += LEGEND_LINE + 4;
    }
    if (script) {
      add_sample(script, f, x, y, e[i].series);
      add_label(script, f, x + SAMPLE + 7, y, "left", 12, ink, e[i].series->label);
    }
    x += width;
  }
  return y - top + LEGEND_LINE;
}

// Every name that occurs in one of the panels, once.
static int unite_entries(lb_arena* arena, const lb_panel* panels, int n, entry** out) {
  int most = 1, count = 0;
  for (int i = 0; i < n; i++) most += panels[i].n;
  entry* all = LB_TAKE(arena, entry, most);
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

void lb_gnuplot_overview(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panels, int n) {
  enum { COLUMNS = 4, CELL_WIDTH = 320, CELL_HEIGHT = 288 };
  int columns = n < COLUMNS ? n : COLUMNS, lines = (n + columns - 1) / columns;
  frame f = {.width = columns * CELL_WIDTH};
  entry* e;
  int entries = unite_entries(arena, panels, n, &e);
  double legend_top = lines * CELL_HEIGHT + 18;
  f.height = legend_top + legend_below(NULL, &f, e, entries, legend_top) + 4;
  for (int i = 0; i < n; i++) add_data(script, &panels[i], i);
  for (int png = 0; png < 2; png++) {
    begin_output(script, name, &f, png);
    lb_text_add(script, "set multiplot\n");
    for (int i = 0; i < n; i++) {
      int column = i % columns, line = i / columns;
      double left = column * CELL_WIDTH, top = line * CELL_HEIGHT;
      char letter[2] = {(char)('a' + i), '\0'};
      f.left = left + 64;
      f.right = left + CELL_WIDTH - 18;
      f.top = top + 56;
      f.bottom = top + CELL_HEIGHT - 60;
      add_panel(script, &panels[i], &f, letter);
      if (i == n - 1) legend_below(script, &f, e, entries, legend_top);
      add_curves(script, &panels[i], i);
    }
    lb_text_add(script, "unset multiplot\n");
  }
  lb_text_add(script, "unset output\n");
}

// Runs the program on plots.gp; what it says on stderr goes to <folder>/gnuplot.log.
static lb_status spawn(bool* found, const char* program, const char* folder, int* exit_status) {
  char log[4096];
  lb_path_join(log, sizeof(log), folder, "gnuplot.log");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);
  posix_spawn_file_actions_addchdir_np(&actions, folder);
  char* arguments[] = {(char*)program, (char*)"-d", (char*)"plots.gp", NULL};
  pid_t child;
  int failure = posix_spawnp(&child, program, &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  *found = failure == 0;
  if (failure == ENOENT || failure == EACCES) return lb_ok();
  if (failure) return lb_fail(LB_IO, "cannot run %s: %s", program, strerror(failure));
  while (waitpid(child, exit_status, 0) < 0) {
    if (errno != EINTR) return lb_fail(LB_IO, "lost %s: %s", program, strerror(errno));
  }
  return lb_ok();
}

lb_status lb_gnuplot_run(bool* found, const char* program, const char* folder, const lb_text* script) {
  char path[4096], log[4096];
  *found = false;
  lb_path_join(path, sizeof(path), folder, "plots.gp");
  lb_path_join(log, sizeof(log), folder, "gnuplot.log");
  LB_TRY(lb_file_replace(path, script->data, script->length));
  int exit_status = 0;
  LB_TRY(spawn(found, program, folder, &exit_status));
  lb_status status = lb_ok();
  char* words = NULL;
  size_t n = 0;
  if (*found && exit_status != 0) {
    if (lb_file_read(log, &words, &n).code != LB_OK) words = NULL;
    status = lb_fail(LB_IO, "%s: %s could not draw it: %.300s", path, program, words && n ? words : "it said nothing");
  }
  free(words);
  unlink(log);
  return status;
}
