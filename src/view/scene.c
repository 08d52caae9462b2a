#include "view/scene.h"

#include <math.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "phys/phys_model.h"
#include "task/mujoco_system.h"

enum { MOST_GEOMS = 4000, MOST_CAMERAS = 64 };

// A plane has nothing below it to throw a shadow on, and on itself rounding throws speckles.
static void mend_shadows(mjModel* m) {
  for (int i = 0; i < m->ngeom; ++i) {
    if (m->geom_type[i] == mjGEOM_PLANE) m->geom_castshadow[i] = 0;
  }
}

// The whole of the model that the task simulates, under the data that episodes begin with.
static lb_status load(lb_scene* s, const lb_task_spec* spec) {
  lb_phys_model* whole;
  LB_TRY(lb_phys_model_load_drawn(&whole, lb_phys_model_path(spec->model)));
  s->model = mj_copyModel(NULL, lb_phys_model_raw(whole));
  lb_phys_model_free(whole);
  s->data = s->model ? mj_makeData(s->model) : NULL;
  if (!s->data) return lb_fail(LB_MEMORY, "%s: no memory to draw it", spec->name);
  int key = spec->keyframe ? mj_name2id(s->model, mjOBJ_KEY, spec->keyframe) : -1;
  if (key >= 0) mj_resetDataKeyframe(s->model, s->data, key);
  mend_shadows(s->model);
  lb_phys_sizes sizes = lb_phys_model_sizes(spec->model);
  if (s->model->nq == sizes.nq && s->model->nv == sizes.nv && s->model->na == sizes.na) return lb_ok();
  return lb_fail(LB_INPUT, "%s: the model as it is drawn has other joints than as it is simulated", spec->name);
}

// The first body with a joint, whose subtree a tracking camera follows.
static int find_tracked(const mjModel* m) {
  for (int i = 1; i < m->nbody; ++i) {
    if (m->body_jntnum[i] > 0) return i;
  }
  return 0;
}

// Whether the body is this one or one below it.
static bool is_part_of(const mjModel* m, int body, int whole) {
  while (body > whole) body = m->body_parentid[body];
  return body == whole;
}

// The radius about its centre of what a tracking camera follows, as the model's data has it.
static double radius_of_tracked(const lb_scene* s) {
  const mjModel* m = s->model;
  double radius = 0;
  for (int i = 0; i < m->ngeom; ++i) {
    if (!is_part_of(m, m->geom_bodyid[i], s->tracked)) continue;
    double away = mju_dist3(s->data->geom_xpos + 3 * (ptrdiff_t)i, s->data->subtree_com + 3 * (ptrdiff_t)s->tracked);
    if (m->geom_rbound[i] > 0) radius = fmax(radius, away + m->geom_rbound[i]);
  }
  return radius;
}

// Whether the geom is a thing that stands fast and is seen, and no ground.
static bool is_obstacle(const mjModel* m, int geom) {
  int type = m->geom_type[geom];
  bool is_seen = m->geom_rgba[4 * geom + 3] > 0 && m->geom_group[geom] < 3;
  return m->body_weldid[m->geom_bodyid[geom]] == 0 && is_seen && type != mjGEOM_PLANE && type != mjGEOM_HFIELD;
}

// How near to a point a geom's bounding box comes, and how far from it it goes. False where the box is wholly above the
// point or below it: what one stands on, or under, is not in the way.
static bool find_reach(const mjModel* m, const mjData* d, int geom, const double* point, double* near, double* far) {
  const double *box = m->geom_aabb + 6 * (ptrdiff_t)geom, *R = d->geom_xmat + 9 * (ptrdiff_t)geom;
  double centre[3], least = 0, most = 0;
  mju_mulMatVec3(centre, R, box);
  for (int i = 0; i < 3; ++i) {
    double half = fabs(R[3 * i]) * box[3] + fabs(R[3 * i + 1]) * box[4] + fabs(R[3 * i + 2]) * box[5];
    double off = fabs(d->geom_xpos[3 * (ptrdiff_t)geom + i] + centre[i] - point[i]);
    if (i == 2 && off > half) return false;
    least += fmax(0, off - half) * fmax(0, off - half);
    most += (off + half) * (off + half);
  }
  *near = sqrt(least);
  *far = sqrt(most);
  return true;
}

// How far a tracking camera stands off: what it follows fills two fifths of the picture's height at MuJoCo's usual
// angle. Where things stand beside it that are nearer than the camera would be, it moves among them: a ball in a maze.
// Then one sees five times as far, or as far as they go. Never further than to see the whole model.
static double distance_to_tracked(const lb_scene* s) {
  const double close = 6, among = 30, all = 2.4;  // radii
  const mjModel* m = s->model;
  double radius = s->tracked > 0 ? radius_of_tracked(s) : 0, most = 1.5 * m->stat.extent, reach = 0;
  if (radius <= 0) return most;
  bool is_among = false;
  for (int i = 0; i < m->ngeom; ++i) {
    double near, far;
    const double* centre = s->data->subtree_com + 3 * (ptrdiff_t)s->tracked;
    if (!is_obstacle(m, i) || !find_reach(m, s->data, i, centre, &near, &far)) continue;
    is_among = is_among || near < close * radius;
    reach = fmax(reach, far);
  }
  double distance = close * radius;
  if (is_among) distance = fmax(distance, fmin(among * radius, all * reach));
  return fmin(distance, most);
}

lb_status lb_scene_new(lb_scene** out, const lb_system* system) {
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  *out = NULL;
  if (!spec) {
    return lb_fail(LB_INPUT,
                   "%s is a system of equations without a MuJoCo model: there is nothing to draw; "
                   "helicopter-hover is the same helicopter on MuJoCo",
                   system->name);
  }
  lb_scene* s = calloc(1, sizeof *s);
  if (!s) return lb_fail(LB_MEMORY, "%s: no memory to draw it", spec->name);
  s->system = system;
  s->scene = calloc(1, sizeof *s->scene);
  s->camera = calloc(1, sizeof *s->camera);
  s->option = calloc(1, sizeof *s->option);
  s->perturb = calloc(1, sizeof *s->perturb);
  s->context = calloc(1, sizeof *s->context);
  bool room = s->scene && s->camera && s->option && s->perturb && s->context;
  lb_status status = room ? load(s, spec) : lb_fail(LB_MEMORY, "%s: no memory to draw it", spec->name);
  if (status.code != LB_OK) {
    lb_scene_free(s);
    return status;
  }
  mjv_defaultScene(s->scene);
  mjv_makeScene(s->model, s->scene, MOST_GEOMS);
  mjv_defaultOption(s->option);
  mjv_defaultPerturb(s->perturb);
  mjr_defaultContext(s->context);
  s->tracked = find_tracked(s->model);
  mj_forward(s->model, s->data);
  s->standoff = distance_to_tracked(s);
  // Nothing so near is cut away, which MuJoCo reckons in the size of the whole model.
  float near = (float)(0.1 * s->standoff / s->model->stat.extent);
  if (near < s->model->vis.map.znear) s->model->vis.map.znear = near;
  mjv_defaultFreeCamera(s->model, s->camera);
  if (s->model->ncam > 0) {
    s->camera->type = mjCAMERA_FIXED;
    s->camera->fixedcamid = 0;
  } else {
    status = lb_scene_look(s, "track");
  }
  *out = s;
  return status;
}

void lb_scene_free(lb_scene* s) {
  if (!s) return;
  if (s->is_drawing) mjr_freeContext(s->context);
  if (s->scene && s->model) mjv_freeScene(s->scene);
  mj_deleteData(s->data);
  mj_deleteData(s->ghost);
  mj_deleteModel(s->model);
  free(s->scene);
  free(s->camera);
  free(s->option);
  free(s->perturb);
  free(s->context);
  free(s);
}

lb_status lb_scene_ready(lb_scene* s, int width, int height, bool offscreen) {
  mjModel* m = s->model;
  if (m->vis.global.offwidth < width) m->vis.global.offwidth = width;
  if (m->vis.global.offheight < height) m->vis.global.offheight = height;
  mjr_makeContext(m, s->context, mjFONTSCALE_100);
  s->is_drawing = true;
  mjr_setBuffer(offscreen ? mjFB_OFFSCREEN : mjFB_WINDOW, s->context);
  if (s->context->currentBuffer == (offscreen ? mjFB_OFFSCREEN : mjFB_WINDOW)) return lb_ok();
  return lb_fail(LB_INPUT, "this OpenGL has no buffer for pictures of %d x %d", width, height);
}

lb_status lb_scene_look(lb_scene* s, const char* name) {
  const mjModel* m = s->model;
  if (strcmp(name, "free") == 0 || strcmp(name, "track") == 0) {
    mjv_defaultFreeCamera(m, s->camera);
    if (name[0] == 'f') return lb_ok();
    s->camera->type = mjCAMERA_TRACKING;
    s->camera->trackbodyid = s->tracked;
    s->camera->distance = s->standoff;
    return lb_ok();
  }
  int id = mj_name2id(m, mjOBJ_CAMERA, name);
  if (id >= 0) {
    s->camera->type = mjCAMERA_FIXED;
    s->camera->fixedcamid = id;
    return lb_ok();
  }
  lb_text there = {0};
  lb_text_add(&there, "free, track");
  for (int i = 0; i < m->ncam && i < MOST_CAMERAS; ++i) {
    const char* camera = mj_id2name(m, mjOBJ_CAMERA, i);
    if (camera) lb_text_add(&there, ", %s", camera);
  }
  lb_status status = lb_fail(LB_INPUT, "%s has no camera '%s'; there are %s", s->system->name, name, there.data);
  lb_text_free(&there);
  return status;
}

void lb_scene_zoom(lb_scene* s, double zoom) {
  mjModel* m = s->model;
  for (int i = 0; i < m->ncam; ++i) m->cam_fovy[i] /= zoom;
  m->vis.global.fovy = (float)(m->vis.global.fovy / zoom);
}

// Puts state and controls into MuJoCo's data and derives what is drawn from them.
static void put(const lb_scene* s, mjData* d, const double* x, const double* u, double time) {
  const mjModel* m = s->model;
  const lb_task_spec* spec = lb_mujoco_system_spec(s->system);
  memcpy(d->qpos, x, (size_t)m->nq * sizeof *x);
  memcpy(d->qvel, x + m->nq, (size_t)m->nv * sizeof *x);
  if (m->na > 0) memcpy(d->act, x + m->nq + m->nv, (size_t)m->na * sizeof *x);
  for (int i = 0; i < spec->nu; ++i) d->ctrl[m->actuator_ctrladr[spec->actuators[i]]] = u ? u[i] : 0;
  d->time = time;
  memset(d->qacc_warmstart, 0, (size_t)m->nv * sizeof *d->qacc_warmstart);
  mj_forward(m, d);
}

void lb_scene_pose(lb_scene* s, const double* x, const double* u, double time) {
  put(s, s->data, x, u, time);
  s->is_haunted = false;
}

void lb_scene_haunt(lb_scene* s, const double* x) {
  if (!s->ghost) s->ghost = mj_copyData(NULL, s->model, s->data);
  if (!s->ghost) return;
  put(s, s->ghost, x, NULL, s->data->time);
  s->is_haunted = true;
}

// The bodies that move, once more, of glass.
static void add_ghost(lb_scene* s) {
  static const float glass[4] = {0.35F, 0.55F, 1.0F, 0.45F};
  mjvOption plain = *s->option;
  plain.flags[mjVIS_CONTACTPOINT] = plain.flags[mjVIS_CONTACTFORCE] = 0;
  int first = s->scene->ngeom;
  mjv_addGeoms(s->model, s->ghost, &plain, s->perturb, mjCAT_DYNAMIC, s->scene);
  for (int i = first; i < s->scene->ngeom; ++i) {
    mjvGeom* g = s->scene->geoms + i;
    memcpy(g->rgba, glass, sizeof glass);
    g->matid = -1;
    g->reflectance = g->emission = 0;
  }
}

void lb_scene_draw(lb_scene* s, int left, int bottom, int width, int height) {
  mjrRect viewport = {left, bottom, width, height};
  mjv_updateScene(s->model, s->data, s->option, s->perturb, s->camera, mjCAT_ALL, s->scene);
  if (s->is_haunted) add_ghost(s);
  mjr_render(viewport, s->scene, s->context);
}

void lb_scene_read(const lb_scene* s, lb_picture* out) {
  mjrRect viewport = {0, 0, out->width, out->height};
  size_t line = 3 * (size_t)out->width;
  mjr_readPixels(out->rgb, NULL, viewport, s->context);
  // OpenGL's first row is the lowest.
  for (int top = 0, low = out->height - 1; top < low; ++top, --low) {
    unsigned char *a = out->rgb + (size_t)top * line, *b = out->rgb + (size_t)low * line;
    for (size_t i = 0; i < line; ++i) {
      unsigned char kept = a[i];
      a[i] = b[i];
      b[i] = kept;
    }
  }
}
