// How an episode begins: qpos0 or a keyframe, then draws upon it. A draw picks numbers of qpos or qvel and adds to each
// a uniform or normal number of its own, or to a pair of them a point of a disc, or puts one of several listed rows in
// their place. Draws are taken in the order of the file, qpos before qvel.
#ifndef LB_TASK_START_H_
#define LB_TASK_START_H_

#include "base/rng.h"
#include "task/quantity.h"

typedef enum lb_draw_kind { LB_DRAW_UNIFORM, LB_DRAW_NORMAL, LB_DRAW_DISC, LB_DRAW_CHOICE, LB_DRAW_KINDS } lb_draw_kind;

typedef struct lb_draw {
  lb_quantity pick;
  lb_draw_kind kind;
  double low, high;     // uniform on [low, high)
  double size;          // normal: standard deviation; disc: radius
  const double* about;  // (n) replaces what stands there first; NULL: it stays
  int nrow;
  const double* rows;  // (nrow, n) of a choice
  int offset;          // of the pick in the state
  const char* text;
} lb_draw;

// Reads reset.qpos and reset.qvel, lists of draws, each optional.
lb_status lb_draws_read(lb_draw** out, int* n, lb_node reset, const lb_quantity_source* source);

// Draws upon x (nx).
void lb_draws_apply(const lb_draw* draws, int n, double* x, lb_rng* rng);

#endif  // LB_TASK_START_H_
