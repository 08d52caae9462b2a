// A world and a model of it as a picture (SVG): states that have places (tabular/mdp.h) stand in a row, the others
// below; an arrow for each action and each successor, as wide as it is likely. What a model says of what it has never
// seen is dashed.
#ifndef LB_THEORY_DRAWING_H_
#define LB_THEORY_DRAWING_H_

#include "base/text.h"
#include "tabular/mdp.h"

// One above the other: the real world under `title`, the model under `model_title`; seen (ns na) whether a row of the
// model is of data; NULL: all are.
void lb_drawing_write(lb_text* svg, const lb_mdp* real, const char* title, const lb_mdp* model, const char* model_title,
                      const bool* seen);

#endif  // LB_THEORY_DRAWING_H_
