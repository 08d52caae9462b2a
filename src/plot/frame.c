// Positions, colours, labels, ticks: see frame.h.
#include "plot/frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char* const palette[LB_PALETTE] = {"#0072b2", "#d55e00", "#009e73", "#e69f00",
                                                "#56b4e9", "#cc79a7", "#5d3a9b", "#6b4a1b"};
static const char grid[] = "#e6e8ea";
static const int filled_marks[LB_MARKS] = {7, 5, 9, 13, 11, 15};
static const int open_marks[LB_MARKS] = {6, 4, 8, 12, 10, 14};
const char lb_frame_ink[] = "#1c1f23", lb_frame_soft[] = "#5b626b";
const char* const lb_frame_dashes[LB_DASHES] = {"1", "(9,4)", "(9,3,2,3)", "(12,3,2,3,2,3)"};
const char* const lb_frame_flat_dashes[LB_DASHES] = {"(5,3)", "(2,2)", "(8,2,2,2)", "(12,3,2,2,2,3)"};

const char* lb_frame_color(int color) {
  return color == LB_COLOR_INK ? lb_frame_ink : color == LB_COLOR_SOFT ? lb_frame_soft : palette[color % LB_PALETTE];
}

int lb_frame_mark(const lb_series* s) {
  return s->kind == LB_SERIES_MARKERS ? open_marks[s->mark % LB_MARKS] : filled_marks[s->mark % LB_MARKS];
}

// A single-quoted gnuplot string: nothing in it is interpreted.
void lb_frame_quote(lb_text* script, const char* text) {
  lb_text_add(script, "'");
  for (const char* c = text; *c; c++) {
    if (*c == '\'') lb_text_add(script, "'");
    if ((unsigned char)*c >= 32) lb_text_add_bytes(script, c, 1);
  }
  lb_text_add(script, "'");
}

void lb_frame_label(lb_text* script, const lb_frame* f, double x, double y, const char* align, int size,
                    const char* color, const char* text) {
  lb_text_add(script, "set label ");
  lb_frame_quote(script, text);
  lb_text_add(script, " at screen %.6f,%.6f %s noenhanced font ',%d' tc rgb '%s'\n", x / f->width, 1 - y / f->height,
              align, size, color);
}

double lb_frame_text_width(const char* text, int size) {
  double width = 0;
  for (const char* c = text; *c; ++c) {
    bool wide = (*c >= 'A' && *c <= 'Z') || *c == 'm' || *c == 'w', narrow = strchr("ijlt.,:;'|! ", *c) != NULL;
    width += wide ? 0.76 : narrow ? 0.34 : 0.58;
  }
  return width * size;
}

void lb_frame_axis(lb_text* script, const char* axis, double low, double high, bool log, const lb_ticks* ticks) {
  lb_text_add(script, "%s logscale %s\nset %srange [%.17g:%.17g]\nset %stics (", log ? "set" : "unset", axis, axis, low,
              high, axis);
  for (int i = 0; i < ticks->n; i++) {
    lb_text_add(script, "%s'%s' %.17g", i ? ", " : "", ticks->label[i], ticks->at[i]);
  }
  lb_text_add(script, ")\n");
}

// Copies a text, cut with "..." to what fits into so many pixels of small print.
void lb_frame_shorten(char* out, size_t size, const char* text, double pixels) {
  size_t fits = (size_t)fmax(10, pixels / (0.53 * LB_FRAME_SMALL));
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
void lb_frame_begin(lb_text* script, const lb_frame* f) {
  lb_text_add(
      script,
      "unset label; unset arrow; unset object; unset key; unset title; unset xlabel; unset ylabel\n"
      "set border 3 lw 1 lc rgb '%s'\nset tics nomirror out scale 0.5 tc rgb '%s' font ',12'\n"
      "set grid ytics noxtics lw 1 lc rgb '%s' dt 1 back\nset errorbars 0.6\nset bars front\n"
      "set lmargin at screen %.6f; set rmargin at screen %.6f; set tmargin at screen %.6f; set bmargin at screen "
      "%.6f\n",
      lb_frame_soft, lb_frame_ink, grid, f->left / f->width, f->right / f->width, 1 - f->top / f->height,
      1 - f->bottom / f->height);
}

void lb_frame_output(lb_text* script, const char* name, const lb_frame* f, bool png) {
  if (png) {
    lb_text_add(script,
                "set terminal pngcairo enhanced size %.0f,%.0f font 'Arial,%d' fontscale 1.5 linewidth 2 pointscale 2 "
                "background rgb 'white'\n",
                2 * f->width, 2 * f->height, LB_FRAME_FONT);
  } else {
    lb_text_add(script, "set terminal svg enhanced size %.0f,%.0f font 'Arial,%d' background rgb '#ffffff'\n", f->width,
                f->height, LB_FRAME_FONT);
  }
  lb_text_add(script, "set output '%s.%s'\n", name, png ? "png" : "svg");
}
