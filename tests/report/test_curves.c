// Ranges of panels and what is drawn of bands: counts begin at 0, the ends of lines are in, a band is cut where it
// leaves the panel and has nothing on the way from a start that is off the scale.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "core/metrics.h"
#include "plot/series.h"
#include "report/curves.h"

enum { POINTS = 5 };
static const double rounds[POINTS] = {0, 1, 2, 3, 4};
static const int iterations[POINTS] = {0, 1, 2, 3, 4};

static lb_series line(const double* y) {
  return (lb_series){.kind = LB_SERIES_LINE, .label = "a", .n = POINTS, .x = rounds, .y = y, .iteration = iterations};
}

static void fit(lb_panel* p, lb_series* series, int n, lb_curve_spec spec) {
  lb_arena* arena = lb_arena_new(0);
  *p = (lb_panel){.title = "p", .note = "", .series = series, .n = n};
  spec.axis = LB_AXIS_ITERATION;
  lb_curves_fit_ranges(arena, p, &spec);
  p->note = "";
  lb_arena_free(arena);
}

static void counts_begin_at_zero(void** state) {
  (void)state;
  const double few[POINTS] = {1, 2, 3, 4, 5}, many[POINTS] = {4, 6, 8, 10, 12};
  lb_series series[] = {line(few), line(many)};
  lb_panel p;
  fit(&p, series, 2, (lb_curve_spec){.metric = LB_METRIC_LQR_PASSES, .zero = true});
  assert_true(p.y_low == 0);
  assert_true(p.y_high > 12);
}

// Of either sign: 0 is in, and intervals below it are not cut.
static void signed_quantities_hold_zero(void** state) {
  (void)state;
  const double y[POINTS] = {50, 51, 52, 53, 54}, low[POINTS] = {-8, -8, -8, -8, -8},
               high[POINTS] = {60, 60, 60, 60, 60};
  const double below[POINTS] = {-5, -4, -3, -2, -1};
  lb_series series[] = {line(y)};
  lb_panel p;
  fit(&p, series, 1, (lb_curve_spec){.metric = LB_METRIC_ADVANTAGE, .zero = true});
  assert_true(p.y_low <= 0);
  series[0].low = low;
  series[0].high = high;
  fit(&p, series, 1, (lb_curve_spec){.metric = LB_METRIC_ADVANTAGE, .zero = true});
  assert_true(p.y_low < -8 && p.y_high > 60);
  series[0] = line(below);
  fit(&p, series, 1, (lb_curve_spec){.metric = LB_METRIC_PLANNING_ERROR, .zero = true});
  assert_true(p.y_high > 0 && p.y_low < -4);
}

// Most values lie near 1; one line leaves them in the end, and is seen to arrive.
static void what_lines_end_with_is_in(void** state) {
  (void)state;
  const double near_by[POINTS] = {1, 1.1, 0.9, 1, 1.1}, leaving[POINTS] = {1, 1, 1.2, 2, 8};
  lb_series series[] = {line(near_by), line(near_by), line(near_by), line(leaving)};
  lb_panel p;
  fit(&p, series, 4, (lb_curve_spec){.metric = LB_METRIC_VALUE_GAP_EXPERT, .zero = true});
  assert_true(p.y_high > 8);
}

// All that can be seen beside each other is in: not only what lies close together, and nothing that hides the rest.
static void all_but_stray_values_are_in(void** state) {
  (void)state;
  const double falling[POINTS] = {9, 3, 0.5, 0.3, 0.2}, stray[POINTS] = {9, 1e9, 1e9, 1e9, 1e9};
  lb_series series[] = {line(falling), line(falling), line(falling), line(stray)};
  lb_panel p;
  fit(&p, series, 3, (lb_curve_spec){.metric = LB_METRIC_COST_IN_MODEL, .zero = true});
  assert_true(p.y_low == 0 && p.y_high > 3 && p.y_high < 9);
  fit(&p, series, 4, (lb_curve_spec){.metric = LB_METRIC_COST_IN_MODEL, .zero = true});
  assert_true(p.y_high > 0.5 && p.y_high < 9);
}

// Also of the thin lines beside others, on both kinds of axes; not of one that is decades away.
static void what_thin_lines_end_with_is_in(void** state) {
  (void)state;
  const double y[POINTS] = {1, 1, 2, 1, 1}, thin[POINTS] = {90, 80, 50, 20, 4},
               lost[POINTS] = {9e9, 9e9, 9e9, 9e9, 9e9};
  lb_series series[] = {line(y), line(thin), line(lost)};
  series[1].kind = series[2].kind = LB_SERIES_THIN;
  lb_panel p;
  fit(&p, series, 3, (lb_curve_spec){.metric = LB_METRIC_COST_IN_MODEL, .zero = true});
  assert_true(p.y_high > 4 && p.y_high < 20);
  fit(&p, series, 3, (lb_curve_spec){.metric = LB_METRIC_COST_IN_MODEL, .log = true});
  assert_true(p.y_high > 4 && p.y_high < 20);
}

// How many lines of the block `name` there are; the first with x in (from, to) is stored.
static int find_rows(const char* script, const char* name, double from, double to, double row[3]) {
  int n = 0;
  const char* at = strstr(script, name);
  assert_non_null(at);
  for (at = strchr(at, '\n') + 1; strncmp(at, "EOD", 3) != 0; at = strchr(at, '\n') + 1) {
    double v[3];
    if (sscanf(at, "%lf %lf %lf", &v[0], &v[1], &v[2]) != 3) continue;
    if (v[0] > from && v[0] < to && n == 0) memcpy(row, v, sizeof v);
    n += v[0] > from && v[0] < to;
  }
  return n;
}

static void bands_are_cut_at_the_edge(void** state) {
  (void)state;
  // The upper edge goes from 2 at x = 1 to 12 at x = 2 and leaves a panel of 0 to 10 at x = 1.8.
  const double y[POINTS] = {900, 1, 4, 4, 4}, low[POINTS] = {800, 0.5, 1, 1, 1}, high[POINTS] = {1000, 2, 12, 12, 12};
  lb_series s = line(y);
  s.low = low;
  s.high = high;
  lb_panel p = {.series = &s, .n = 1, .x_low = 0, .x_high = 4, .y_low = 0, .y_high = 10};
  lb_text script = {0};
  double row[3];
  lb_series_data(&script, &p, 0);
  assert_int_equal(find_rows(script.data, "$b0_0", 1.5, 1.99, row), 1);
  assert_true(fabs(row[0] - 1.8) < 1e-9 && fabs(row[1] - 0.9) < 1e-9 && fabs(row[2] - 10) < 1e-9);
  assert_int_equal(find_rows(script.data, "$b0_0", -1, 0.99, row), 0);  // nothing left of the first point that is in
  assert_int_equal(find_rows(script.data, "$b0_0", 1.99, 2.01, row), 1);
  assert_true(row[1] == 1 && row[2] == 10);
  lb_text_free(&script);
}

static void a_start_just_off_the_scale_draws_no_wedge(void** state) {
  (void)state;
  const double y[POINTS] = {5, 0.01, 0.002, 0.001, 0.001}, low[POINTS] = {4, 0.005, 0.001, 5e-4, 5e-4},
               high[POINTS] = {6, 0.02, 0.004, 0.002, 0.002};
  lb_series s = line(y);
  s.low = low;
  s.high = high;
  lb_panel p = {.series = &s, .n = 1, .x_low = 0, .x_high = 4, .y_low = 1e-4, .y_high = 0.1, .log_y = true};
  lb_text script = {0};
  double row[3];
  lb_series_data(&script, &p, 0);
  assert_int_equal(find_rows(script.data, "$b0_0", -1, 0.99, row), 0);
  assert_int_equal(find_rows(script.data, "$d0_0", -1, 0.99, row), 0);
  assert_int_equal(find_rows(script.data, "$b0_0", 0.99, 9, row), 4);
  lb_text_free(&script);
}

// On a logarithmic axis edges are straight in the logarithm: from 1 at x = 1 to 100 at x = 2, 10 is half way.
static void bands_are_cut_along_logarithms(void** state) {
  (void)state;
  const double y[POINTS] = {1, 1, 1, 1, 1}, low[POINTS] = {1, 1, 1, 1, 1}, high[POINTS] = {1, 1, 100, 100, 100};
  lb_series s = line(y);
  s.low = low;
  s.high = high;
  lb_panel p = {.series = &s, .n = 1, .x_low = 0, .x_high = 4, .y_low = 0.1, .y_high = 10, .log_y = true};
  lb_text script = {0};
  double row[3];
  lb_series_data(&script, &p, 0);
  assert_int_equal(find_rows(script.data, "$b0_0", 1.01, 1.99, row), 1);
  assert_true(fabs(row[0] - 1.5) < 1e-9 && fabs(row[2] - 10) < 1e-8);
  lb_text_free(&script);
}

// A start that is left out is said, above the panel or below it.
static void starts_off_the_scale_are_said(void** state) {
  (void)state;
  const double up[POINTS] = {900, 1, 1.1, 1.2, 1}, down[POINTS] = {-900, 1, 1.1, 1.2, 1};
  lb_arena* arena = lb_arena_new(0);
  lb_series series[] = {line(up)};
  lb_panel p = {.title = "p", .note = "", .series = series, .n = 1};
  const lb_curve_spec spec = {.metric = LB_METRIC_RETURN, .axis = LB_AXIS_ITERATION, .whole = true};
  lb_curves_fit_ranges(arena, &p, &spec);
  assert_string_equal(p.note, "Off the scale: iteration 0 (up to 900)");
  series[0] = line(down);
  lb_curves_fit_ranges(arena, &p, &spec);
  assert_string_equal(p.note, "Off the scale: iteration 0 (down to -900)");
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(starts_off_the_scale_are_said),  cmocka_unit_test(counts_begin_at_zero),
      cmocka_unit_test(signed_quantities_hold_zero),    cmocka_unit_test(what_lines_end_with_is_in),
      cmocka_unit_test(all_but_stray_values_are_in),    cmocka_unit_test(what_thin_lines_end_with_is_in),
      cmocka_unit_test(bands_are_cut_at_the_edge),      cmocka_unit_test(a_start_just_off_the_scale_draws_no_wedge),
      cmocka_unit_test(bands_are_cut_along_logarithms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
