// Panels as SVG inside a page. Text is real text, the neutral colours are the page's variables, and all that belongs to
// a curve stands in a group with the curve's label in data-row, so that a page can hide a row in all of its figures.
// Each point says its mean, interval and number of seeds in a <title>.
#ifndef LB_PLOT_SVG_H_
#define LB_PLOT_SVG_H_

#include "base/text.h"
#include "plot/panel.h"

// A panel of curves or of bars. `id` is unique on the page; `alt` says what is drawn. named: every curve has its label
// at its end, in its colour, where that fits.
void lb_svg_panel(lb_text* out, const lb_panel* panel, const char* id, const char* alt, bool named);

// Whether the labels fit at the ends of the curves of all of these panels, so that they need no legend.
bool lb_svg_names_fit(const lb_panel* panels, int n);

// The legend of several panels in HTML: a button for every label that occurs in one of them, with its line and marker.
void lb_svg_legend(lb_text* out, const lb_panel* panels, int n);

#endif  // LB_PLOT_SVG_H_
