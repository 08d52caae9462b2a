#include "view/window.h"

#include <GLFW/glfw3.h>
#include <dlfcn.h>
#include <math.h>
#include <mujoco/mujoco.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "io/file.h"
#include "view/overlay.h"
#include "view/picture.h"

enum { SLOWEST = 0, USUAL = 4, SPEEDS = 9, MOST_KEPT = 4001, TITLE = 200 };
static const double speeds[SPEEDS] = {1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2, 1, 2, 4, 8, 16};
static const double hold = 1.5;       // seconds for which the end of an episode stays, if somebody acts in it
static const double most_late = 0.1;  // seconds behind the clock that are made up for; more are let go

// clang-format off
static const char help_keys[] =
    "Space\nRight, Left\n+, -\nBackspace\nN\n[, ]\nTab\nC\nF\nG\nPage up, down\nEnd\nP\nMouse left\nMouse right\n"
    "Scroll, middle\nCtrl + mouse\nDrop a file\nF1\nEsc";
static const char help_words[] =
    "pause, go on\na step on, a step back\nfaster, slower\nthe episode again\nthe next episode\nthe cameras\n"
    "follow the body, or not\ncontact points\ncontact forces\nwhat the model imagines, from here on\n"
    "earlier, later policies of the run\nits newest policy\na picture\nturn\nmove\nnearer, further\n"
    "pull a body that nothing drives\nthis policy acts\nthis help\nclose";
// clang-format on

// What the two threads share, under the lock.
typedef struct shared {
  pthread_mutex_t lock;
  bool closing, paused, restart, next;
  int steps;  // single steps asked for: forth, or back where negative
  int speed;
  int browse;  // policies of the run to go on, or back where negative
  bool newest, anchor;
  char dropped[1200];  // "": nothing was
  int dropped_on;
  mjvPerturb pull;  // inactive: nothing is pulled
  lb_window_news news;
  char titles[LB_WINDOW_MOST][80];
  bool are_older[LB_WINDOW_MOST];  // than the models that imagine
  double* gaps[LB_WINDOW_MOST];    // (ngaps) of what is imagined, since `anchors`
  int ngaps[LB_WINDOW_MOST];
  lb_play_moment shown[LB_WINDOW_MOST];
  double simulated, wall;
} shared;

typedef struct window {
  const lb_window_options* options;
  GLFWwindow* glfw;
  shared s;
  lb_play_moment* kept[LB_WINDOW_MOST];  // (nkept) the episode so far, of each
  int nkept, at;                         // moments kept; the one shown
  int anchor;                            // the kept one at which the models began to imagine
  double* gaps[LB_WINDOW_MOST];          // the drawing thread's copy
  lb_play_moment view[LB_WINDOW_MOST];   // the drawing thread's copy
  bool help, wants_picture, was_paused;
  char said[300], title[80];  // speed and note; who acts first
  const char* model;          // and which one imagines beside him
  int ngaps[LB_WINDOW_MOST];
  int camera, pictures, filed;
  double x, y;  // where the pointer is as far as events were looked at
  bool is_pulling;
} window;

// Hands the moment under the cursor over to the thread that draws.
static void show(window* w) {
  const lb_window_options* o = w->options;
  pthread_mutex_lock(&w->s.lock);
  for (int i = 0; i < o->n; ++i) {
    lb_play_moment_copy(&w->s.shown[i], &w->kept[i][w->at], o->system);
    w->s.ngaps[i] = 0;
    if (!o->acts[i].ghost) continue;
    for (int k = w->anchor; k <= w->at; ++k) w->s.gaps[i][w->s.ngaps[i]++] = w->kept[i][k].gap;
  }
  pthread_mutex_unlock(&w->s.lock);
}

// What the model of act i imagines at the kept moment k, which followed the one before.
static void imagine(window* w, int i, int k) {
  lb_ghost* ghost = w->options->acts[i].ghost;
  lb_play_moment* m = &w->kept[i][k];
  if (!ghost || !m->x) return;
  if (k == w->anchor) {
    lb_ghost_anchor(ghost, m->x);
  } else if (m->t > w->kept[i][k - 1].t) {
    lb_ghost_step(ghost, m->t - 1, m->u, m->x);
  }
  m->anchor = w->kept[i][w->anchor].t;
  m->gap = lb_ghost_gap(ghost);
  memcpy(m->ghost, lb_ghost_state(ghost), (size_t)w->options->system->space.nx * sizeof *m->ghost);
}

// All models imagine from the moment shown on.
static void anchor(window* w) {
  w->anchor = w->at;
  for (int i = 0; i < w->options->n; ++i) {
    for (int k = 0; k < w->anchor; ++k) w->kept[i][k].anchor = -1;
    for (int k = w->anchor; k < w->nkept; ++k) imagine(w, i, k);
  }
  show(w);
}

// Keeps the moments at which everybody is now. Where an episode is longer than what is kept, the last place is used
// again.
static void keep(window* w) {
  const lb_window_options* o = w->options;
  if (w->nkept < MOST_KEPT) w->nkept += 1;
  w->at = w->nkept - 1;
  for (int i = 0; i < o->n; ++i) {
    lb_play_moment* m = &w->kept[i][w->at];
    if (m->x || lb_play_moment_new(m, o->system).code == LB_OK) {
      lb_play_moment_copy(m, lb_play_now(o->acts[i].play), o->system);
      imagine(w, i, w->at);
    }
  }
  show(w);
}

// Asks who acts from now on; true where that is somebody else than before.
static bool renew(window* w, lb_window_event event, const char* path) {
  const lb_window_options* o = w->options;
  if (!o->renew) return false;
  pthread_mutex_lock(&w->s.lock);
  lb_window_news news = w->s.news;
  news.act = path ? w->s.dropped_on : 0;
  news.is_older = w->s.are_older[news.act];
  pthread_mutex_unlock(&w->s.lock);
  news.note[0] = news.title[0] = '\0';
  news.anew = false;
  o->renew(o->ctx, &news, event, path);
  pthread_mutex_lock(&w->s.lock);
  w->s.news = news;
  w->s.are_older[news.act] = news.is_older;
  if (*news.title) snprintf(w->s.titles[news.act], sizeof w->s.titles[0], "%s", news.title);
  pthread_mutex_unlock(&w->s.lock);
  return news.anew;
}

// Begins an episode of all who act.
static void begin(window* w, int episode) {
  const lb_window_options* o = w->options;
  for (int i = 0; i < o->n; ++i) lb_play_begin(o->acts[i].play, episode);
  w->nkept = w->anchor = 0;
  keep(w);
}

// What the keys asked for and what was dropped. True: the episode begins again.
static bool change(window* w, int browse, bool newest, const char* dropped) {
  bool anew = false;
  for (; browse != 0; browse += browse > 0 ? -1 : 1) {
    if (renew(w, browse > 0 ? LB_WINDOW_LATER : LB_WINDOW_EARLIER, NULL)) anew = true;
  }
  if (newest && renew(w, LB_WINDOW_NEWEST, NULL)) anew = true;
  if (*dropped && renew(w, LB_WINDOW_DROPPED, dropped)) anew = true;
  return anew;
}

// Whether the episodes of all are over.
static bool all_over(const window* w) {
  for (int i = 0; i < w->options->n; ++i) {
    if (!lb_play_now(w->options->acts[i].play)->over) return false;
  }
  return true;
}

// One control step of all, with the pull of the mouse.
static void step(window* w) {
  const lb_window_options* o = w->options;
  pthread_mutex_lock(&w->s.lock);
  mjvPerturb pull = w->s.pull;
  pthread_mutex_unlock(&w->s.lock);
  for (int i = 0; i < o->n; ++i) {
    lb_play_pull(o->acts[i].play, &pull);
    lb_play_step(o->acts[i].play);
  }
  keep(w);
}

// One step on, out of what is kept if it is there, or one back.
static void step_once(window* w, bool forth) {
  if (!forth && w->at > 0) {
    w->at -= 1;
    show(w);
  } else if (forth && w->at < w->nkept - 1) {
    w->at += 1;
    show(w);
  } else if (forth && !all_over(w)) {
    step(w);
  }
}

static void nap(void) {
  nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

// The simulation: as many steps as the clock has gone on, times the speed.
static void* simulate(void* arg) {
  window* w = arg;
  double dt = w->options->system->dt, before = lb_wall_seconds(), due = 0, ended = 0;
  int episode = w->options->episode;
  renew(w, LB_WINDOW_EPISODE, NULL);
  begin(w, episode);
  for (;;) {
    char dropped[sizeof w->s.dropped];
    pthread_mutex_lock(&w->s.lock);
    bool closing = w->s.closing, paused = w->s.paused, restart = w->s.restart, next = w->s.next;
    int steps = w->s.steps;
    double speed = speeds[w->s.speed];
    int browse = w->s.browse;
    bool newest = w->s.newest, anchored = w->s.anchor;
    snprintf(dropped, sizeof dropped, "%s", w->s.dropped);
    w->s.restart = w->s.next = w->s.newest = w->s.anchor = false;
    w->s.steps = w->s.browse = 0;
    w->s.dropped[0] = '\0';
    pthread_mutex_unlock(&w->s.lock);
    if (closing) return NULL;
    bool changed = change(w, browse, newest, dropped);
    if (anchored) anchor(w);
    double now = lb_wall_seconds(), passed = (now - before) * speed;
    before = now;
    if (!paused && all_over(w) && !w->options->may_drag) ended += passed / speed;
    if (next || ended > hold) episode += 1;
    if (restart || next || changed || ended > hold) {
      if (!changed) renew(w, LB_WINDOW_EPISODE, NULL);
      begin(w, episode);
      due = ended = 0;
      before = lb_wall_seconds();
    }
    for (; steps != 0; steps += steps > 0 ? -1 : 1) step_once(w, steps > 0);
    if (paused || all_over(w)) {
      due = 0;
      nap();
      continue;
    }
    if (w->at < w->nkept - 1) {
      w->at = w->nkept - 1;
      show(w);
    }
    due = fmin(due + passed, fmax(most_late * speed, dt));
    int taken = 0;
    for (; due >= dt && !all_over(w); due -= dt, ++taken) step(w);
    pthread_mutex_lock(&w->s.lock);
    w->s.simulated += taken * dt;
    w->s.wall += passed;
    pthread_mutex_unlock(&w->s.lock);
    nap();
  }
}

// The camera by its number, round and round: the model's, a free one, one that follows.
static void set_camera(window* w, int camera) {
  lb_scene* s = w->options->scene;
  int n = (int)s->model->ncam + 2;  // the model's, then free, then following
  w->camera = (camera % n + n) % n;
  if (w->camera < s->model->ncam) {
    s->camera->type = mjCAMERA_FIXED;
    s->camera->fixedcamid = w->camera;
  } else {
    lb_scene_look(s, w->camera == s->model->ncam ? "free" : "track");
  }
}

// Following the body, as if the camera had always done so, and leaving it.
static void toggle_tracking(window* w) {
  int free_one = (int)w->options->scene->model->ncam;
  set_camera(w, w->camera == free_one + 1 ? free_one : free_one + 1);
}

// Switches something that MuJoCo draws.
static void toggle(window* w, int flag) {
  mjtByte* on = &w->options->scene->option->flags[flag];
  *on = !*on;
}

// GLFW's: F1 lists what the keys do.
static void on_key(GLFWwindow* glfw, int key, int code, int action, int mods) {
  (void)code;
  (void)mods;
  window* w = glfwGetWindowUserPointer(glfw);
  if (action == GLFW_RELEASE) return;
  bool once = action == GLFW_PRESS;
  pthread_mutex_lock(&w->s.lock);
  switch (key) {
    case GLFW_KEY_SPACE:
      if (once) w->s.paused = !w->s.paused;
      break;
    case GLFW_KEY_RIGHT:
    case GLFW_KEY_LEFT:
      w->s.paused = true;
      w->s.steps += key == GLFW_KEY_RIGHT ? 1 : -1;
      break;
    case GLFW_KEY_EQUAL:
    case GLFW_KEY_KP_ADD:
      if (w->s.speed < SPEEDS - 1) w->s.speed += 1;
      break;
    case GLFW_KEY_MINUS:
    case GLFW_KEY_KP_SUBTRACT:
      if (w->s.speed > SLOWEST) w->s.speed -= 1;
      break;
    case GLFW_KEY_BACKSPACE:
      w->s.restart = true;
      break;
    case GLFW_KEY_N:
      w->s.next = true;
      break;
    case GLFW_KEY_G:
      w->s.anchor = true;
      break;
    case GLFW_KEY_PAGE_UP:
    case GLFW_KEY_PAGE_DOWN:
      w->s.browse += key == GLFW_KEY_PAGE_DOWN ? 1 : -1;
      break;
    case GLFW_KEY_END:
      w->s.newest = true;
      break;
    default:
      break;
  }
  pthread_mutex_unlock(&w->s.lock);
  switch (key) {
    case GLFW_KEY_LEFT_BRACKET:
    case GLFW_KEY_RIGHT_BRACKET:
      set_camera(w, w->camera + (key == GLFW_KEY_RIGHT_BRACKET ? 1 : -1));
      break;
    case GLFW_KEY_TAB:
      toggle_tracking(w);
      break;
    case GLFW_KEY_C:
      toggle(w, mjVIS_CONTACTPOINT);
      break;
    case GLFW_KEY_F:
      toggle(w, mjVIS_CONTACTFORCE);
      break;
    case GLFW_KEY_P:
      w->wants_picture = true;
      break;
    case GLFW_KEY_F1:
      w->help = !w->help;
      break;
    case GLFW_KEY_ESCAPE:
      glfwSetWindowShouldClose(glfw, GLFW_TRUE);
      break;
    default:
      break;
  }
}

// Selects the body under the pointer, to be pulled there.
static void grasp(window* w) {
  const lb_window_options* o = w->options;
  lb_scene* s = o->scene;
  int width, height, flex[1], skin[1], geom[1];
  mjtNum place[3];
  glfwGetWindowSize(w->glfw, &width, &height);
  if (width < 1 || height < 1) return;
  int body = mjv_select(s->model, s->data, s->option, (mjtNum)width / height, w->x / width, 1 - w->y / height, s->scene,
                        place, geom, flex, skin);
  if (body <= 0) return;
  s->perturb->select = body;
  mjtNum offset[3];
  for (int i = 0; i < 3; ++i) offset[i] = place[i] - s->data->xpos[3 * body + i];
  mju_mulMatTVec(s->perturb->localpos, s->data->xmat + 9 * (ptrdiff_t)body, offset, 3, 3);
  mjv_initPerturb(s->model, s->data, s->scene, s->perturb);
  // At a pivot no force moves the body, and the mass that the spring reckons with has no bound.
  double all = s->model->body_subtreemass[0];
  if (!(s->perturb->localmass <= all)) s->perturb->localmass = all;
}

// GLFW's: with Ctrl a button grasps a body, without it the camera.
static void on_button(GLFWwindow* glfw, int button, int action, int mods) {
  window* w = glfwGetWindowUserPointer(glfw);
  mjvPerturb* p = w->options->scene->perturb;
  w->is_pulling = action == GLFW_PRESS && (mods & GLFW_MOD_CONTROL) && w->options->may_drag && w->options->n == 1;
  p->active = 0;
  if (!w->is_pulling) return;
  grasp(w);
  if (p->select > 0) p->active = button == GLFW_MOUSE_BUTTON_LEFT ? mjPERT_TRANSLATE : mjPERT_ROTATE;
}

// GLFW's: moves the camera, or pulls the body that is held.
static void on_move(GLFWwindow* glfw, double x, double y) {
  window* w = glfwGetWindowUserPointer(glfw);
  lb_scene* s = w->options->scene;
  int width, height;
  glfwGetWindowSize(glfw, &width, &height);
  double dx = (x - w->x) / (height > 0 ? height : 1), dy = (y - w->y) / (height > 0 ? height : 1);
  w->x = x;
  w->y = y;
  bool left = glfwGetMouseButton(glfw, GLFW_MOUSE_BUTTON_LEFT) == GLFW_PRESS;
  bool right = glfwGetMouseButton(glfw, GLFW_MOUSE_BUTTON_RIGHT) == GLFW_PRESS;
  bool middle = glfwGetMouseButton(glfw, GLFW_MOUSE_BUTTON_MIDDLE) == GLFW_PRESS;
  if (!left && !right && !middle) return;
  bool shift =
      glfwGetKey(glfw, GLFW_KEY_LEFT_SHIFT) == GLFW_PRESS || glfwGetKey(glfw, GLFW_KEY_RIGHT_SHIFT) == GLFW_PRESS;
  int action = mjMOUSE_ZOOM;
  if (left && !w->is_pulling) action = shift ? mjMOUSE_ROTATE_H : mjMOUSE_ROTATE_V;
  if (right || (left && w->is_pulling)) action = shift ? mjMOUSE_MOVE_H : mjMOUSE_MOVE_V;
  if (w->is_pulling && s->perturb->active) {
    if (s->perturb->active == mjPERT_ROTATE) action = shift ? mjMOUSE_ROTATE_H : mjMOUSE_ROTATE_V;
    mjv_movePerturb(s->model, s->data, action, dx, dy, s->scene, s->perturb);
  } else if (s->camera->type != mjCAMERA_FIXED) {
    mjv_moveCamera(s->model, action, dx, dy, s->camera);
  }
}

// GLFW's: zooms.
static void on_scroll(GLFWwindow* glfw, double x, double y) {
  (void)x;
  window* w = glfwGetWindowUserPointer(glfw);
  lb_scene* s = w->options->scene;
  if (s->camera->type != mjCAMERA_FIXED) mjv_moveCamera(s->model, mjMOUSE_ZOOM, 0, -0.05 * y, s->camera);
}

// The first file that was dropped, on whoever is under the pointer.
static void on_drop(GLFWwindow* glfw, int n, const char** paths) {
  window* w = glfwGetWindowUserPointer(glfw);
  int width, height;
  double x, y;
  if (n < 1) return;
  glfwGetWindowSize(glfw, &width, &height);
  glfwGetCursorPos(glfw, &x, &y);
  int on = width > 0 ? (int)(x * w->options->n / width) : 0;
  pthread_mutex_lock(&w->s.lock);
  snprintf(w->s.dropped, sizeof w->s.dropped, "%s", paths[0]);
  w->s.dropped_on = on < 0 ? 0 : on >= w->options->n ? w->options->n - 1 : on;
  pthread_mutex_unlock(&w->s.lock);
}

// Where a body is pulled to, for the simulation.
static void hand_on_pull(window* w) {
  pthread_mutex_lock(&w->s.lock);
  w->s.pull = *w->options->scene->perturb;
  pthread_mutex_unlock(&w->s.lock);
}

// Writes what the window shows as a PNG.
static void file_picture(window* w, int width, int height) {
  lb_picture picture;
  char path[1300];
  if (lb_picture_new(&picture, width, height).code != LB_OK) return;
  lb_scene_read(w->options->scene, &picture);
  snprintf(path, sizeof path, "%.1000s/%.80s-%03d.png", w->options->folder, w->options->system->name, w->filed);
  lb_status status = lb_picture_save(&picture, path);
  if (status.code == LB_OK) w->filed += 1;
  pthread_mutex_lock(&w->s.lock);
  snprintf(w->s.news.note, sizeof w->s.news.note, "%s%.180s", status.code == LB_OK ? "" : "not written: ", path);
  pthread_mutex_unlock(&w->s.lock);
  lb_picture_free(&picture);
}

// One who is watched, with all that is said of him.
static void draw_act(window* w, int i, const lb_overlay_place* place, const char* title, const char* model,
                     const char* more) {
  const lb_window_options* o = w->options;
  const lb_play_moment* m = &w->view[i];
  lb_scene_pose(o->scene, m->x, m->u, m->time);
  if (m->anchor >= 0) lb_scene_haunt(o->scene, m->ghost);
  if (i == 0) hand_on_pull(w);
  lb_scene_draw(o->scene, place->left, 0, place->width, place->bottom + place->height);
  lb_overlay_draw(o->scene, place, m, title, more);
  if (m->anchor >= 0) lb_overlay_gap(o->scene, place, w->gaps[i], w->ngaps[i], m->anchor, model);
  if (i == 0 && w->help) lb_overlay_help(o->scene, place, help_keys, help_words);
}

// Speed and note, in `said`; and with what else is said below the picture, in `more`.
static void say(window* w, char more[300], double speed, const char* note) {
  char words[40];
  snprintf(words, sizeof words, speed == 1 ? "" : speed > 1 ? "speed %g" : "speed 1/%g", speed > 1 ? speed : 1 / speed);
  snprintf(w->said, sizeof w->said, "%s%s%s", words, *words && *note ? ", " : "", note);
  const char* rest = *w->said ? w->said : w->was_paused ? "" : "F1: help";
  snprintf(more, 300, "%s%s%.280s", w->was_paused ? "paused" : "", w->was_paused && *rest ? ", " : "", rest);
}

// One picture of the window, from a copy of what the simulation shows now.
static void draw(window* w) {
  const lb_window_options* o = w->options;
  char more[300], titles[LB_WINDOW_MOST][80];
  const char* models[LB_WINDOW_MOST];
  int width, height;
  glfwGetFramebufferSize(w->glfw, &width, &height);
  pthread_mutex_lock(&w->s.lock);
  w->was_paused = w->s.paused;
  double speed = speeds[w->s.speed];
  lb_window_news news = w->s.news;
  memcpy(titles, w->s.titles, sizeof titles);
  for (int i = 0; i < o->n; ++i) {
    lb_play_moment_copy(&w->view[i], &w->s.shown[i], o->system);
    models[i] = w->s.are_older[i] ? "newest model" : "model";
    w->ngaps[i] = w->s.ngaps[i];
    if (w->ngaps[i] > 0) memcpy(w->gaps[i], w->s.gaps[i], (size_t)w->ngaps[i] * sizeof(double));
  }
  pthread_mutex_unlock(&w->s.lock);
  if (width < 8 || height < 8) return;
  say(w, more, speed, news.note);
  memcpy(w->title, titles[0], sizeof w->title);
  w->model = models[0];
  int part = width / o->n, edge = news.n > 0 ? LB_OVERLAY_HISTORY : 0;
  for (int i = 0; i < o->n; ++i) {
    lb_overlay_place place = {i * part, edge, part, height - edge};
    draw_act(w, i, &place, titles[i], models[i], i == 0 ? more : NULL);
  }
  lb_overlay_place whole = {0, 0, width, height};
  if (edge > 0) lb_overlay_history(o->scene, &whole, news.shares, news.n, news.at);
  if (w->wants_picture) file_picture(w, width, height);
  w->wants_picture = false;
  w->pictures += 1;
}

static void (*lost)(void);

// What Xlib calls once its connection is broken.
static int on_lost(void* display) {
  (void)display;
  lost();
  return 0;
}

typedef int (*io_handler)(void*);
typedef io_handler (*set_io_handler)(io_handler);

// GLFW has loaded Xlib, or works without.
static void watch_display(const lb_window_options* o) {
  void* x11 = dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
  set_io_handler set = NULL;
  void* found = x11 ? dlsym(x11, "XSetIOErrorHandler") : NULL;
  if (!found || !o->lost) return;
  memcpy(&set, &found, sizeof set);
  lost = o->lost;
  set(on_lost);
}

// A window with samples by the display's own OpenGL or EGL, else without.
static lb_status open_window(window* w) {
  const lb_window_options* o = w->options;
  const char* said = NULL;
  if (!glfwInit()) {
    return lb_fail(LB_INPUT,
                   "there is no display to open a window on (DISPLAY is %s); 'bench render' draws into files "
                   "without one",
                   getenv("DISPLAY") ? getenv("DISPLAY") : "not set");
  }
  watch_display(o);
  glfwWindowHint(GLFW_SAMPLES, 4);
  for (int way = 0; way < 4 && !w->glfw; ++way) {
    glfwWindowHint(GLFW_CONTEXT_CREATION_API, way % 2 == 0 ? GLFW_NATIVE_CONTEXT_API : GLFW_EGL_CONTEXT_API);
    if (way == 2) glfwWindowHint(GLFW_SAMPLES, 0);
    w->glfw = glfwCreateWindow(o->width, o->height, o->title, NULL, NULL);
  }
  if (w->glfw) return lb_ok();
  glfwGetError(&said);
  return lb_fail(LB_INPUT, "the display has no OpenGL for a window (%s); 'bench render' draws into files without one",
                 said ? said : "GLFW does not say why");
}

// The window with its callbacks, and the scene in its context.
static lb_status make_ready(window* w) {
  const lb_window_options* o = w->options;
  LB_TRY(open_window(w));
  glfwMakeContextCurrent(w->glfw);
  glfwSwapInterval(1);
  LB_TRY(lb_scene_ready(o->scene, 1, 1, false));
  glfwSetWindowUserPointer(w->glfw, w);
  glfwSetKeyCallback(w->glfw, on_key);
  glfwSetMouseButtonCallback(w->glfw, on_button);
  glfwSetCursorPosCallback(w->glfw, on_move);
  glfwSetScrollCallback(w->glfw, on_scroll);
  glfwSetDropCallback(w->glfw, on_drop);
  const mjvCamera* c = o->scene->camera;
  w->camera = c->type == mjCAMERA_FIXED ? c->fixedcamid : (int)o->scene->model->ncam + (c->type == mjCAMERA_TRACKING);
  return lb_ok();
}

// Where the episode is, for whoever sees the window's title alone.
static void show_title(const window* w) {
  const lb_play_moment* m = &w->view[0];
  char title[TITLE + 680], imagined[80] = "";
  if (m->anchor >= 0) snprintf(imagined, sizeof imagined, ", %s from step %d off by %.3g", w->model, m->anchor, m->gap);
  snprintf(title, sizeof title, "%.*s, %s: episode %d, step %d, %s %.6g%s%s%s%s%s", (int)TITLE, w->options->title,
           w->title, m->episode, m->t, w->options->system->cost ? "cost" : "return", m->total, m->over ? ", over" : "",
           imagined, w->was_paused ? ", paused" : "", *w->said ? ", " : "", w->said);
  glfwSetWindowTitle(w->glfw, title);
}

// Draws until the window is closed, or its time is up.
static void loop(window* w) {
  double start = lb_wall_seconds(), shown = start, titled = 0;
  while (!glfwWindowShouldClose(w->glfw)) {
    draw(w);
    glfwSwapBuffers(w->glfw);
    glfwPollEvents();
    double now = lb_wall_seconds();
    if (now - titled > 0.2) {
      show_title(w);
      titled = now;
    }
    if (w->options->seconds > 0 && now - start > w->options->seconds) return;
    // Where nothing waits for the screen, 60 pictures a second are enough.
    while (lb_wall_seconds() - shown < 1.0 / 60) nap();
    shown = lb_wall_seconds();
  }
}

// Draws here, simulates in a thread beside.
static lb_status watch(window* w) {
  pthread_t thread;
  LB_TRY(make_ready(w));
  if (pthread_create(&thread, NULL, simulate, w) != 0) return lb_fail(LB_MEMORY, "no thread for the simulation");
  loop(w);
  pthread_mutex_lock(&w->s.lock);
  w->s.closing = true;
  pthread_mutex_unlock(&w->s.lock);
  pthread_join(thread, NULL);
  return lb_ok();
}

// Room for the moments that are kept and for what the threads exchange.
static lb_status make_room(window* w) {
  const lb_window_options* o = w->options;
  for (int i = 0; i < o->n; ++i) {
    LB_TRY(lb_play_moment_new(&w->s.shown[i], o->system));
    LB_TRY(lb_play_moment_new(&w->view[i], o->system));
    w->kept[i] = calloc(MOST_KEPT, sizeof *w->kept[i]);
    w->gaps[i] = calloc(MOST_KEPT, sizeof *w->gaps[i]);
    w->s.gaps[i] = calloc(MOST_KEPT, sizeof *w->s.gaps[i]);
    snprintf(w->s.titles[i], sizeof w->s.titles[i], "%s", o->acts[i].title);
    w->s.are_older[i] = o->acts[i].is_older;
    if (!w->kept[i] || !w->gaps[i] || !w->s.gaps[i]) return lb_fail(LB_MEMORY, "no memory for a window");
    lb_play_moment_copy(&w->s.shown[i], lb_play_now(o->acts[i].play), o->system);
  }
  return lb_ok();
}

lb_status lb_window_run(lb_window_end* end, const lb_window_options* options) {
  window w = {.options = options, .s = {.speed = USUAL}};
  mjv_defaultPerturb(&w.s.pull);
  pthread_mutex_init(&w.s.lock, NULL);
  lb_status status = make_room(&w);
  if (status.code == LB_OK) status = watch(&w);
  if (status.code == LB_OK) {
    *end = (lb_window_end){.episode = w.s.shown[0].episode,
                           .t = w.s.shown[0].t,
                           .simulated = w.s.simulated,
                           .wall = w.s.wall,
                           .pictures = w.pictures};
  }
  // The model's textures go with the context.
  if (options->scene->is_drawing) mjr_freeContext(options->scene->context);
  options->scene->is_drawing = false;
  if (w.glfw) glfwDestroyWindow(w.glfw);
  glfwTerminate();
  for (int i = 0; i < options->n; ++i) {
    for (int k = 0; w.kept[i] && k < MOST_KEPT; ++k) lb_play_moment_free(&w.kept[i][k]);
    free(w.kept[i]);
    free(w.gaps[i]);
    free(w.s.gaps[i]);
    lb_play_moment_free(&w.s.shown[i]);
    lb_play_moment_free(&w.view[i]);
  }
  pthread_mutex_destroy(&w.s.lock);
  return status;
}
