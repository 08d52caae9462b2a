// Figures drawn by gnuplot, which is looked for when the report is made: panels of curves or bars become a script, one
// run of gnuplot turns it into SVG and PNG files. The script stays beside the figures, so that they can be restyled.
#ifndef LB_PLOT_GNUPLOT_H_
#define LB_PLOT_GNUPLOT_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"
#include "plot/panel.h"

// Points above or below a panel stand as small triangles on its edge. Lines that lie on top of each other all show: the
// lower ones are wider and their markers take turns.

// Appends the commands that draw one panel, with its legend at its right, as <name>.svg and <name>.png.
void lb_gnuplot_single(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panel);

// The same for several panels side by side, four a row, lettered, with one legend below for all of them.
void lb_gnuplot_overview(lb_text* script, lb_arena* arena, const char* name, const lb_panel* panels, int n);

// Writes the script to <folder>/plots.gp and runs `program` (usually "gnuplot", searched in PATH) on it there. *found
// is false, and nothing is drawn, when there is no such program; that gnuplot reports an error is LB_IO with its words.
// The figures are dealt out to as many processes as there are cores, 16 at most.
lb_status lb_gnuplot_run(bool* found, const char* program, const char* folder, const lb_text* script);

#endif  // LB_PLOT_GNUPLOT_H_
