// The panels of a task's figures: a view of the rows of a group of algorithms, with reference rows and published
// curves.
#ifndef LB_REPORT_PANELS_H_
#define LB_REPORT_PANELS_H_

#include "base/text.h"
#include "doc/doc.h"
#include "plot/panel.h"
#include "report/results.h"
#include "report/views.h"

// What is being drawn.
typedef struct lb_drawing {
  lb_doc* doc;
  lb_text* script;
  const lb_results* results;
  const lb_results_task* task;
  const char* name;   // of the group of algorithms; "" when the suite has only one
  const char* title;  // likewise
  const char* const* algos;
  int n_algos;
} lb_drawing;

bool lb_panels_in_group(const lb_drawing* drawing, const char* algo);

// Fills a panel, with its ranges and its note; false when there is nothing to draw. All in the document's arena.
bool lb_panels_make(const lb_drawing* drawing, lb_panel* panel, const lb_view* view);

// Texts about the panels of a picture, equal ones once, behind the panels' letters: " (a, c) Off the scale: iteration 0
// (up to 6.8e7)."; "" where all are empty.
const char* lb_panels_by_letter(lb_arena* arena, const char* const* texts, int n);

#endif  // LB_REPORT_PANELS_H_
