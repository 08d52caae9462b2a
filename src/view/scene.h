// What a MuJoCo task looks like: its whole model, visual elements included, posed by states that come from elsewhere.
// Nothing here steps anything, and whoever simulates is not touched. Contacts are those that MuJoCo finds at the state.
#ifndef LB_VIEW_SCENE_H_
#define LB_VIEW_SCENE_H_

#include <stdbool.h>

#include "base/status.h"
#include "core/system.h"
#include "view/picture.h"

struct mjModel_;
struct mjData_;
struct mjvScene_;
struct mjvCamera_;
struct mjvOption_;
struct mjvPerturb_;
struct mjrContext_;

typedef struct lb_scene {
  struct mjModel_* model;
  struct mjData_* data;
  struct mjData_* ghost;  // of the transparent body; NULL: there was none yet
  struct mjvScene_* scene;
  struct mjvCamera_* camera;
  struct mjvOption_* option;
  struct mjvPerturb_* perturb;
  struct mjrContext_* context;
  const lb_system* system;
  int tracked;      // the body that a tracking camera follows: the first that moves
  double standoff;  // the distance at which it does, by the body's own size, so that a small robot in a big arena is no
                    // dot, and further off among walls, so that one sees where it goes
  bool is_drawing;  // there is a context of OpenGL
  bool is_haunted;  // the transparent body is there
} lb_scene;

// For a system that is a MuJoCo task and outlives it; LB_INPUT for another. The camera is the model's first, else one
// that follows the first moving body.
lb_status lb_scene_new(lb_scene** out, const lb_system* system);
// The thread's context of OpenGL must be as lb_scene_ready met it. NULL is allowed.
void lb_scene_free(lb_scene* scene);

// Once a context of OpenGL is current: uploads the model, for pictures of up to width x height. LB_INPUT where OpenGL
// is too old for MuJoCo.
lb_status lb_scene_ready(lb_scene* scene, int width, int height, bool offscreen);

// "free" (which can be moved), "track" (which follows the body), or a camera of the model.
lb_status lb_scene_look(lb_scene* scene, const char* name);

// Everything `zoom` times as large, > 0: cameras see so much narrower an angle.
void lb_scene_zoom(lb_scene* scene, double zoom);

// Poses the model at x (nx) under the controls u (nu; NULL: none) at `time` seconds.
void lb_scene_pose(lb_scene* scene, const double* x, const double* u, double time);

// Besides the pose, and until the next one, a transparent body at x (nx).
void lb_scene_haunt(lb_scene* scene, const double* x);

// Draws the pose into MuJoCo's present buffer, `width` x `height` from (left, bottom).
void lb_scene_draw(lb_scene* scene, int left, int bottom, int width, int height);

// What the present buffer shows, from its lower left corner.
void lb_scene_read(const lb_scene* scene, lb_picture* out);

#endif  // LB_VIEW_SCENE_H_
