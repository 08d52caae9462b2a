#include "view/offscreen.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <stdbool.h>
#include <stddef.h>

enum { DEVICES = 16 };

static const EGLint wanted[] = {EGL_RED_SIZE,
                                8,
                                EGL_GREEN_SIZE,
                                8,
                                EGL_BLUE_SIZE,
                                8,
                                EGL_ALPHA_SIZE,
                                8,
                                EGL_DEPTH_SIZE,
                                24,
                                EGL_STENCIL_SIZE,
                                8,
                                EGL_COLOR_BUFFER_TYPE,
                                EGL_RGB_BUFFER,
                                EGL_SURFACE_TYPE,
                                EGL_PBUFFER_BIT,
                                EGL_RENDERABLE_TYPE,
                                EGL_OPENGL_BIT,
                                EGL_NONE};

// A context on this display, current; false: it has none for us.
static bool take(lb_offscreen* o, EGLDisplay display) {
  EGLint major, minor, n;
  EGLConfig config;
  if (display == EGL_NO_DISPLAY || !eglInitialize(display, &major, &minor)) return false;
  if (eglChooseConfig(display, wanted, &config, 1, &n) && n > 0 && eglBindAPI(EGL_OPENGL_API)) {
    EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, NULL);
    if (context != EGL_NO_CONTEXT) {
      if (eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) {
        *o = (lb_offscreen){display, context};
        return true;
      }
      eglDestroyContext(display, context);
    }
  }
  eglTerminate(display);
  return false;
}

// Extension functions go by a general pointer.
typedef void (*general)(void);

lb_status lb_offscreen_open(lb_offscreen* o) {
  PFNEGLGETPLATFORMDISPLAYEXTPROC display_of = NULL;
  PFNEGLQUERYDEVICESEXTPROC list = NULL;
  general found = eglGetProcAddress("eglGetPlatformDisplayEXT");
  if (found) display_of = (PFNEGLGETPLATFORMDISPLAYEXTPROC)found;
  found = eglGetProcAddress("eglQueryDevicesEXT");
  if (found) list = (PFNEGLQUERYDEVICESEXTPROC)found;
  EGLDeviceEXT devices[DEVICES];
  EGLint n = 0;
  if (display_of && list && list(DEVICES, devices, &n)) {
    for (EGLint i = 0; i < n; ++i) {
      if (take(o, display_of(EGL_PLATFORM_DEVICE_EXT, devices[i], NULL))) return lb_ok();
    }
  }
  if (display_of && take(o, display_of(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL))) return lb_ok();
  if (take(o, eglGetDisplay(EGL_DEFAULT_DISPLAY))) return lb_ok();
  return lb_fail(LB_INPUT,
                 "there is no OpenGL here to draw with (EGL error 0x%x): install a graphics card's driver, or software "
                 "that draws in its place (Debian: apt-get install libegl1 libgl1-mesa-dri)",
                 (unsigned)eglGetError());
}

void lb_offscreen_close(lb_offscreen* o) {
  if (!o->display) return;
  eglMakeCurrent(o->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroyContext(o->display, o->context);
  eglTerminate(o->display);
  *o = (lb_offscreen){0};
}
