// Legends: at the right of a panel, each entry near the end of its line, or below several panels.
#ifndef LB_PLOT_LEGEND_H_
#define LB_PLOT_LEGEND_H_

#include "base/arena.h"
#include "plot/frame.h"

enum {
  LB_LEGEND_SAMPLE = 26,
  LB_LEGEND_LINE = 14
};  // pixels of the piece of line before a name, and of a line of text

typedef struct lb_legend_entry {
  const lb_series* series;
  char* first;
  const char* second;
  double y, height;
} lb_legend_entry;

// The entries of a panel; returns how many.
int lb_legend_list(lb_arena* arena, const lb_panel* p, lb_legend_entry** out);

// Every name that occurs in one of the panels, once.
int lb_legend_unite(lb_arena* arena, const lb_panel* panels, int n, lb_legend_entry** out);

// Names beside a panel, each in one or two lines of LB_LEGEND_LINE pixels about its y, at the end of its curve or,
// where several end close together, near it; none overlaps. Returns the pixels that the widest takes; -1 where they do
// not fit: too wide, too many, or too far from their ends.
double lb_legend_ends(lb_legend_entry** out, int* n, lb_arena* arena, const lb_panel* p, const lb_frame* f);

// Draws the legend at the right of a panel, each entry near the end of its line.
void lb_legend_right(lb_text* script, lb_arena* arena, const lb_panel* p, const lb_frame* f);

// Lays a legend out in lines below the panels; with a NULL script it only measures. Returns its height.
double lb_legend_below(lb_text* script, const lb_frame* f, const lb_legend_entry* e, int n, double top);

#endif  // LB_PLOT_LEGEND_H_
