// Models and planners of finite systems, by their lines in the registry (algo/registry.c): behind core/model.h and
// core/planner.h, and against what a system says of itself exactly (core/exact.h).
#ifndef LB_THEORY_FINITE_KINDS_H_
#define LB_THEORY_FINITE_KINDS_H_

#include "core/kind.h"

// "counts": the frequencies of what was seen (tabular/counted.h, LB_UNSEEN_POOLED); of a tree, what is believed of it
// but for what was seen to be otherwise (tabular/portals.h).
lb_status lb_counts_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_counts_open(lb_model* out, const lb_opening* opening, const void* options);

// "class": one of a finite class of models, weighed by Hedge after every iteration (tabular/hedge.h).
typedef struct lb_class_options {
  int loss;  // an lb_hedge_loss
} lb_class_options;
extern const lb_params lb_class_choices;
unsigned lb_class_needs(const void* options);
lb_status lb_class_fits(const void* options, const lb_system* system, const char* algorithm);
lb_status lb_class_open(lb_model* out, const lb_opening* opening, const void* options);

// "search": the best policy in the model, to the end: dynamic programming over a table, a search of the whole tree.
// Before there is a model, of a table: all actions alike.
typedef struct lb_search_options {
  bool alike;  // among actions that are alike one is drawn in every plan; else the first is taken
} lb_search_options;
extern const lb_params lb_search_choices;
lb_status lb_search_fits(const void* options, const lb_system* system, const char* algorithm);
double lb_search_seconds(const void* options, const lb_system* system, int iterations);
lb_status lb_search_open(lb_planner* out, const lb_opening* opening, const void* options);

// "lazy-search": PSDP at the states where the expert was, in the same models.
lb_status lb_lazy_search_fits(const void* options, const lb_system* system, const char* algorithm);
double lb_lazy_search_seconds(const void* options, const lb_system* system, int iterations);
lb_status lb_lazy_search_open(lb_planner* out, const lb_opening* opening, const void* options);

#endif  // LB_THEORY_FINITE_KINDS_H_
