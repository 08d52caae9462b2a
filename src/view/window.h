// A window in which episodes are watched: the simulation on a thread of its own, in real time, the drawing on this one.
// Keys and mouse are those of MuJoCo's simulate where it has them.
#ifndef LB_VIEW_WINDOW_H_
#define LB_VIEW_WINDOW_H_

#include <stdbool.h>

#include "base/status.h"
#include "view/play.h"
#include "view/scene.h"

enum { LB_WINDOW_MOST = 4 };  // who can be watched at once

typedef struct lb_window_act {
  const char* title;
  lb_play* play;  // touched by the simulation's thread alone while the window is open
} lb_window_act;

typedef struct lb_window_options {
  const char* title;
  lb_scene* scene;  // of the task; not ready for drawing
  lb_window_act acts[LB_WINDOW_MOST];
  int n;
  const lb_system* system;  // of all of them
  int width, height, episode;
  bool may_drag;       // nothing drives it: bodies can be pulled
  double seconds;      // closes by itself after so long; 0: not
  const char* folder;  // where key P puts its pictures
  // Before each episode, on the simulation's thread: takes up another policy if there is one. Writes what there is to
  // say of it. NULL: nothing changes.
  void (*renew)(void* ctx, char note[120]);
  void* ctx;
} lb_window_options;

// What was watched.
typedef struct lb_window_end {
  int episode, t;    // of the moment shown last
  double simulated;  // seconds of the task that went by while it ran,
  double wall;       // and of the clock, times the speed
  int pictures;      // drawn
} lb_window_end;

// Until the window is closed. LB_INPUT where there is no display, with what works without.
lb_status lb_window_run(lb_window_end* end, const lb_window_options* options);

#endif  // LB_VIEW_WINDOW_H_
