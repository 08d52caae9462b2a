// A window in which episodes are watched: the simulation on a thread of its own, in real time, the drawing on this one.
// Keys and mouse are those of MuJoCo's simulate where it has them.
#ifndef LB_VIEW_WINDOW_H_
#define LB_VIEW_WINDOW_H_

#include <stdbool.h>

#include "base/status.h"
#include "view/ghost.h"
#include "view/play.h"
#include "view/scene.h"

enum { LB_WINDOW_MOST = 4 };  // who can be watched at once

typedef struct lb_window_act {
  const char* title;
  lb_play* play;    // touched by the simulation's thread alone while the window is open
  lb_ghost* ghost;  // NULL: nothing is imagined; likewise
  bool is_older;    // than the model that imagines
} lb_window_act;

// What may change who acts.
typedef enum lb_window_event {
  LB_WINDOW_EPISODE,  // an episode is to begin
  LB_WINDOW_EARLIER,  // an earlier policy of the run is asked for, and a later one,
  LB_WINDOW_LATER,
  LB_WINDOW_NEWEST,  // and the newest, as it changes
  LB_WINDOW_DROPPED  // a file was dropped on the window
} lb_window_event;

enum { LB_WINDOW_POLICIES = 32 };

// What there is to say after it.
typedef struct lb_window_news {
  char note[200], title[80];          // "": nothing; the title of who acts now, "": as it was
  int act;                            // of whom
  int n, at;                          // policies of the run's way; the one that acts, n: the newest. n = 0: no way
  double shares[LB_WINDOW_POLICIES];  // of the run that each had behind it
  bool anew;                          // somebody else acts: the episode begins again
  bool is_older;                      // who acts, than the model that imagines
} lb_window_news;

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
  // On the simulation's thread: takes up another policy where the event asks for one. `path` of what was dropped, on
  // act news->act.
  void (*renew)(void* ctx, lb_window_news* news, lb_window_event event, const char* path);
  // Called where the display went away; does not return.
  void (*lost)(void);
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
