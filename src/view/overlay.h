// What is said over a picture: time, return so far, the terms of the reward and the controls as bars, and how the
// episode ended.
#ifndef LB_VIEW_OVERLAY_H_
#define LB_VIEW_OVERLAY_H_

#include "core/system.h"
#include "view/play.h"
#include "view/scene.h"

// Where, in pixels of MuJoCo's present buffer.
typedef struct lb_overlay_place {
  int left, bottom, width, height;
} lb_overlay_place;

// `title` says who acts; `more` (NULL: nothing) is said below: "paused". Bars only where there is room for them.
void lb_overlay_draw(const lb_scene* scene, const lb_overlay_place* place, const lb_play_moment* moment,
                     const char* title, const char* more);

// How far what a model imagines is from what came, of the n steps since it began: a curve in the lower right corner,
// from 0 to the largest. `model` says which: "model", "newest model".
void lb_overlay_gap(const lb_scene* scene, const lb_overlay_place* place, const double* gaps, int n, int anchor,
                    const char* model);

// Where on its way a run is watched: a line along the lower edge, a mark for each policy at its share of the way, the
// one that acts (n: the newest, at the end) larger.
void lb_overlay_history(const lb_scene* scene, const lb_overlay_place* place, const double* shares, int n, int at);
enum { LB_OVERLAY_HISTORY = 12 };  // pixels that it takes

// Two columns of lines, the keys and what they do, in the middle of the place.
void lb_overlay_help(const lb_scene* scene, const lb_overlay_place* place, const char* keys, const char* words);

#endif  // LB_VIEW_OVERLAY_H_
