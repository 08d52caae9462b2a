// A picture of stacked horizontal bars.
#ifndef LB_PLOT_BARS_H_
#define LB_PLOT_BARS_H_

#include "base/text.h"
#include "plot/panel.h"

void lb_bars_draw(lb_text* script, const char* name, const lb_panel* p);

#endif  // LB_PLOT_BARS_H_
