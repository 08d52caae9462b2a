// The kinds of panels that a task's figures have: a metric along an axis.
#ifndef LB_REPORT_VIEWS_H_
#define LB_REPORT_VIEWS_H_

#include <stdbool.h>

enum { LB_VIEW_NONE = -1 };

typedef enum lb_view_place {
  LB_VIEW_OVERVIEW,  // a panel of the overview, and a file of its own
  LB_VIEW_TERMS,     // the same of the overview of the lemmas' terms
  LB_VIEW_PAGE,      // a file of its own, shown on the page
} lb_view_place;

typedef struct lb_view {
  int of;            // drawn by suites that compare this metric
  const char* name;  // in file names
  const char* title;
  int metric, axis;  // axis: a metric or LB_AXIS_ITERATION
  lb_view_place place;
  bool zoomed;          // linear whatever the span (it may be negative); costs about the reference
  bool only_log;        // only where the values span so much, beside the zoomed one
  int companion;        // a metric drawn thin beside it, or LB_VIEW_NONE
  const char* x_label;  // NULL: the axis' own title
  const char* along;    // what a page that switches axes calls this one
} lb_view;

// The list; *n of them.
const lb_view* lb_views(int* n);

#endif  // LB_REPORT_VIEWS_H_
