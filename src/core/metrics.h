// What a run measures: every number that it writes, and what the report makes of them. One table (metric_table.h) has
// what a metric is called in files and in print, its unit, which way is better, and what it means; who writes a number
// and who reads one names it by its id.
#ifndef LB_CORE_METRICS_H_
#define LB_CORE_METRICS_H_

#include <stdbool.h>

typedef enum lb_metric_section {
  LB_METRIC_IN_QUALITY,  // how good the policy is
  LB_METRIC_IN_PRICE,    // what it took
  LB_METRIC_IN_MODEL,    // the model
  LB_METRIC_IN_WHY,      // the terms of the lemmas
  LB_METRIC_IN_LEARNER,  // the actor-critic's own
} lb_metric_section;

typedef enum lb_metric_better { LB_BETTER_NEITHER, LB_BETTER_LOWER, LB_BETTER_HIGHER, LB_BETTER_ZERO } lb_metric_better;

enum {
  LB_METRIC_CUMULATIVE = 1,  // grows with the iterations, so that its last value says it all
  LB_METRIC_WHOLE = 2,       // counts something
  LB_METRIC_SIGNED = 4,      // may have either sign
  LB_METRIC_WORST = 8,       // a run that diverged ends with the worst of it: an infinity
  LB_METRIC_DERIVED = 16,    // made by the report
  LB_METRIC_TEXT = 32,       // a word, or true or false
};

// LB_METRIC_<ID> of every line of the table.
typedef enum lb_metric_id {
#define LB_METRIC(id, ...) LB_METRIC_##id,
#define LB_METRIC_WITH_SE(id, ...) LB_METRIC_##id, LB_METRIC_##id##_SE,
#include "core/metric_table.h"
#undef LB_METRIC
#undef LB_METRIC_WITH_SE
  LB_METRICS,  // how many there are
} lb_metric_id;

typedef struct lb_metric {
  const char* name;     // in files
  const char* unit;     // "" where it has none
  const char* title;    // in headings and on axes
  const char* meaning;  // a line of docs/metrics.md
  lb_metric_section section;
  lb_metric_better better;
  int flags;
} lb_metric;

// The metric of this id.
const lb_metric* lb_metric_at(int id);

// What it is called in files.
const char* lb_metric_name(int id);

// The id of a name; -1: none.
int lb_metric_find(const char* name);

// Whether higher values are better.
bool lb_metric_is_higher(int id);

// Whether a is strictly better than b, a metric that is no word taken for one that should be low.
bool lb_metric_is_better(int id, double a, double b);

// The metric of its standard error; -1: none.
int lb_metric_se(int id);

// What a run that diverged ends with: an infinity; NaN: nothing.
double lb_metric_worst(int id);

#endif  // LB_CORE_METRICS_H_
