// Where an axis gets its ticks, and how they are labelled.
#ifndef LB_PLOT_TICKS_H_
#define LB_PLOT_TICKS_H_

#include <stdbool.h>

#include "plot/panel.h"

enum { LB_TICKS_MAX = 24 };

typedef struct lb_ticks {
  int n;
  double at[LB_TICKS_MAX];
  char label[LB_TICKS_MAX][24];  // in gnuplot's enhanced text: 10^{-3}
} lb_ticks;

// Ticks between low and high, about `about` of them: steps of 1, 2 or 5 times a power of ten on a linear axis; powers
// of ten, or 1, 2, 5 times those, on a logarithmic one.
lb_ticks lb_ticks_choose(double low, double high, bool log, int about);

// Those of a panel's x axis: its own, or, where it has none, about so many.
lb_ticks lb_ticks_of_x(const lb_panel* panel, int about);

#endif  // LB_PLOT_TICKS_H_
