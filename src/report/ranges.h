// The ranges of panels: what a reader must see is in, and a note says what lies outside.
#ifndef LB_REPORT_RANGES_H_
#define LB_REPORT_RANGES_H_

#include "plot/panel.h"
#include "report/curves.h"

// Chooses the ranges of a panel whose series are in place, and writes its note about what is off the scale. A linear
// range holds what lies near the focus (or near the median): values are taken in by their distance until the next one
// is four times as far, iteration 0 aside; then what lines end with, until the next one would take ten times the
// height.
void lb_ranges_fit(lb_arena* arena, lb_panel* panel, const lb_curve_spec* spec);

// Gives a panel the upward range of another one, and a note of its own.
void lb_ranges_share(lb_arena* arena, lb_panel* panel, const lb_panel* with);

// Whether the lines' values after iteration 0 (or only their last ones) are all positive and span more than `factor`.
bool lb_ranges_span(const lb_panel* panel, double factor, bool ends_only);

#endif  // LB_REPORT_RANGES_H_
