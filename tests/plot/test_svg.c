// Panels on pages: the names of curves stand at their ends, in order and apart, where they fit, and else a legend has
// them; ticks of many digits have their room.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "base/text.h"
#include "plot/svg.h"

enum { MOST = 40 };
static const double x[2] = {0, 1};
static double y[MOST][2];
static char labels[MOST][80];
static lb_series series[MOST];

// n lines from 0 that end at ends[i], called names[i]; NULL: "row 0", "row 1", ...
static lb_panel panel_of(int n, const double* ends, const char* const* names) {
  for (int i = 0; i < n; ++i) {
    y[i][0] = 0;
    y[i][1] = ends[i];
    snprintf(labels[i], sizeof labels[i], "row %d", i);
    series[i] = (lb_series){.kind = LB_SERIES_LINE, .color = i % LB_PALETTE, .n = 2, .x = x, .y = y[i]};
    series[i].label = names ? names[i] : labels[i];
  }
  return (lb_panel){.title = "t", .x_label = "x", .note = "", .x_high = 1, .y_high = 1, .series = series, .n = n};
}

static char* draw(const lb_panel* p) {
  lb_text out = {0};
  lb_svg_panel(&out, p, "f0", "alt", true);
  return out.data;
}

// Where a name stands; -1: nowhere.
static double height_of(const char* svg, const char* name, double* at) {
  char wanted[4000];
  double left, height;
  snprintf(wanted, sizeof wanted, "class=\"nm\">%s</text>", name);
  const char* end = strstr(svg, wanted);
  if (!end) return -1;
  while (strncmp(end, "<text", 5) != 0) --end;
  assert_int_equal(sscanf(end, "<text x=\"%lf\" y=\"%lf\"", &left, &height), 2);
  if (at) *at = left;
  return height;
}

static void names_stand_at_the_ends(void** state) {
  (void)state;
  const double ends[] = {0.5, 0.1, 0.9, 0.52};
  lb_panel p = panel_of(4, ends, NULL);
  assert_true(lb_svg_names_fit(&p, 1));
  char* svg = draw(&p);
  double left, h[4];
  for (int i = 0; i < 4; ++i) {
    h[i] = height_of(svg, labels[i], &left);
    assert_true(h[i] > 0 && left > 300 && left < 440);
  }
  assert_true(h[2] < h[3] && h[3] < h[0] && h[0] < h[1]);  // 0.9, 0.52, 0.5, 0.1 from the top
  assert_true(h[0] - h[3] >= 14);                          // 0.02 of the height is 4 pixels
  // The panel is 222 pixels high, from 34 on; a letter's middle is 4 pixels above its base.
  assert_true(fabs(h[2] - 4 - (34 + 0.1 * 222)) < 1);
  assert_true(fabs(h[1] - 4 - (34 + 0.9 * 222)) < 1);
  // In the colour of the row, which they hide as a legend's button does.
  assert_non_null(strstr(svg, "data-row=\"row 1\" style=\"--c:#d55e00\"><path class=\"to\""));
  free(svg);
}

static void none_overlap(void** state) {
  (void)state;
  double ends[11];
  for (int i = 0; i < 11; ++i) ends[i] = 0.3;
  lb_panel p = panel_of(9, ends, NULL);
  assert_true(lb_svg_names_fit(&p, 1));
  char* svg = draw(&p);
  double last = -100;
  for (int i = 0; i < 9; ++i) {
    double h = height_of(svg, labels[i], NULL);
    assert_true(h >= last + 14);
    last = h;
  }
  assert_true(last < 300);
  free(svg);
}

static void else_a_legend_stays(void** state) {
  (void)state;
  double ends[MOST];
  for (int i = 0; i < MOST; ++i) ends[i] = (double)i / MOST;
  static const char* const two[] = {"A name in two lines (here)", "Supercalifragilisticexpialidocious"};
  lb_panel many = panel_of(MOST, ends, NULL);
  assert_false(lb_svg_names_fit(&many, 1));
  char* svg = draw(&many);
  assert_null(strstr(svg, "class=\"nm\""));
  free(svg);
  lb_panel one = panel_of(1, ends, two);
  assert_true(lb_svg_names_fit(&one, 1));
  svg = draw(&one);
  assert_true(height_of(svg, "lines (here)", NULL) - height_of(svg, "A name in two", NULL) > 12);
  free(svg);
  lb_panel wide = panel_of(2, ends, two);
  assert_false(lb_svg_names_fit(&wide, 1));
  // One that does not fit in one of several panels, too; a line that is far from all others' ends as well.
  const double at_once[] = {0.98, 0.98, 0.98, 0.98, 0.98, 0.98, 0.98, 0.98};
  lb_panel top = panel_of(8, at_once, NULL);
  assert_false(lb_svg_names_fit(&top, 1));
  const lb_panel both[] = {{.bars = 1}, top};
  assert_true(lb_svg_names_fit(both, 1));
  assert_false(lb_svg_names_fit(both, 2));
}

static void long_ticks_have_room(void** state) {
  (void)state;
  const double ends[] = {0.999991, 0.999999};
  lb_panel p = panel_of(2, ends, NULL);
  p.y_low = 0.99998;
  p.y_high = 1.00000;
  char* svg = draw(&p);
  int axis_left;
  double tick_right;
  const char *axis = strstr(svg, "class=\"gr\" d=\"M"), *tick = strstr(svg, "text-anchor=\"end\" class=\"tick\">0.99");
  assert_non_null(axis);
  assert_non_null(tick);
  assert_int_equal(sscanf(axis, "class=\"gr\" d=\"M%d", &axis_left), 1);
  while (strncmp(tick, "<text", 5) != 0) --tick;
  assert_int_equal(sscanf(tick, "<text x=\"%lf\"", &tick_right), 1);
  assert_true(tick_right > 8 * 12 * 0.55);  // "0.999980" at 12 pixels
  assert_true(tick_right < axis_left);
  free(svg);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_stand_at_the_ends),
      cmocka_unit_test(none_overlap),
      cmocka_unit_test(else_a_legend_stays),
      cmocka_unit_test(long_ticks_have_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
