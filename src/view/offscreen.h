// An OpenGL context without a window or a display, through EGL: on a graphics card that has it, else in Mesa's
// software.
#ifndef LB_VIEW_OFFSCREEN_H_
#define LB_VIEW_OFFSCREEN_H_

#include "base/status.h"

typedef struct lb_offscreen {
  void *display, *context;  // EGL's
} lb_offscreen;

// Makes one and makes it current to this thread. LB_INPUT with what to install where there is none.
lb_status lb_offscreen_open(lb_offscreen* offscreen);
void lb_offscreen_close(lb_offscreen* offscreen);

#endif  // LB_VIEW_OFFSCREEN_H_
