// The lines, bands and markers inside a panel of curves.
#ifndef LB_PLOT_SERIES_H_
#define LB_PLOT_SERIES_H_

#include "base/text.h"
#include "plot/panel.h"

// The data blocks of a panel's series; `panel` is its number in the picture.
void lb_series_data(lb_text* script, const lb_panel* p, int panel);

// A horizontal line with its interval.
void lb_series_flat(lb_text* script, const lb_panel* p, const lb_series* s);

// The plot command over the data of lb_series_data.
void lb_series_plot(lb_text* script, const lb_panel* p, int panel);

#endif  // LB_PLOT_SERIES_H_
