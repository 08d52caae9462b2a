// Small systems whose states are counted: finite MDPs and trees of decisions, by a name or from a file (tabular/mdp.h).
// What is random in one is drawn from the seed of the run (`draw` of core/exact.h).
//
//   shortcut, trophy, FILE.json            worlds in which it matters whose data a model is fitted to
//   portals-DEPTH, portals-poor-expert     a tree, and portals that are believed to be in it and are not
//   portals-DEPTH-forced, FILE.json-forced  the same, also where that takes hours
//   wide-tree, twins-ROOMS                 a world and two models of it, neither of which is right
//   generative-hard, generative-random,    of families of MDPs, an instance
//   random-mdps
#ifndef LB_TASK_FINITE_SYSTEM_H_
#define LB_TASK_FINITE_SYSTEM_H_

#include <stdbool.h>

#include "base/status.h"
#include "core/system.h"

// What a name of these is, in a line; NULL: it is none.
const char* lb_finite_description(const char* name);

// Opens one; free it with lb_system_free. LB_INPUT: what is wrong with the name or the file.
lb_status lb_finite_open(lb_system** out, const char* name);

#endif  // LB_TASK_FINITE_SYSTEM_H_
