// The lines, bands and markers inside a panel of curves.
#ifndef LB_REPORT_LINES_H_
#define LB_REPORT_LINES_H_

#include "base/text.h"
#include "report/gnuplot.h"

// The data blocks of a panel's series; `panel` is its number in the picture.
void lb_lines_data(lb_text* script, const lb_panel* p, int panel);

// A horizontal line with its interval.
void lb_lines_flat(lb_text* script, const lb_panel* p, const lb_series* s);

// The plot command over the data of lb_lines_data.
void lb_lines_plot(lb_text* script, const lb_panel* p, int panel);

#endif  // LB_REPORT_LINES_H_
