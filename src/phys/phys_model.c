#include "phys/phys_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/file.h"
#include "phys/files.h"
#include "phys/guard.h"
#include "phys/internal.h"
#include "phys/mujoco_log.h"
#include "phys/trial.h"

static const struct {
  const char* name;
  mjtObj object;
} kinds[LB_PHYS_KINDS] = {
    [LB_PHYS_BODY] = {"body", mjOBJ_BODY},
    [LB_PHYS_JOINT] = {"joint", mjOBJ_JOINT},
    [LB_PHYS_GEOM] = {"geom", mjOBJ_GEOM},
    [LB_PHYS_SITE] = {"site", mjOBJ_SITE},
    [LB_PHYS_TENDON] = {"tendon", mjOBJ_TENDON},
    [LB_PHYS_EQUALITY] = {"equality", mjOBJ_EQUALITY},
    [LB_PHYS_ACTUATOR] = {"actuator", mjOBJ_ACTUATOR},
    [LB_PHYS_SENSOR] = {"sensor", mjOBJ_SENSOR},
};

typedef struct compilation {
  const char* path;
  char* absolute;  // the same as MuJoCo is given it
  lb_phys_files files;
  bool whole, drawn;
  mjModel* model;
  char error[1000];
} compilation;

// Whether something in the model may see or name what is only drawn: a range finder meets every geom, <distance>
// measures those of a body.
static bool has_spectators(mjSpec* spec) {
  static const mjtObj spectators[] = {mjOBJ_SENSOR, mjOBJ_TUPLE, mjOBJ_PLUGIN};
  for (int k = 0; k < 3; ++k) {
    if (mjs_firstElement(spec, spectators[k])) return true;
  }
  return false;
}

// Drawn geoms, cameras and lights move no body, yet every step places them anew. Inertia that must come from the geoms
// cannot spare the drawn ones.
static void discard_drawn(mjSpec* spec) {
  static const mjtObj kinds_of_onlooker[] = {mjOBJ_CAMERA, mjOBJ_LIGHT};
  if (spec->compiler.inertiafromgeom != mjINERTIAFROMGEOM_TRUE) spec->compiler.discardvisual = 1;
  for (int k = 0; k < 2; ++k) {
    for (mjsElement *e = mjs_firstElement(spec, kinds_of_onlooker[k]), *next; e; e = next) {
      next = mjs_nextElement(spec, e);
      mjs_delete(spec, e);
    }
  }
}

// Whether the model has a sky of its own.
static bool has_sky(mjSpec* spec) {
  for (mjsElement* e = mjs_firstElement(spec, mjOBJ_TEXTURE); e; e = mjs_nextElement(spec, e)) {
    if (mjs_asTexture(e)->type == mjTEXTURE_SKYBOX) return true;
  }
  return false;
}

// A sky and a light from above where there are none: without them everything is drawn in the dark.
static void furnish(mjSpec* spec) {
  static const double high[3] = {0.55, 0.7, 0.9}, low[3] = {0.9, 0.95, 1}, down[3] = {0.2, 0.2, -1};
  static const float bright[3] = {0.6F, 0.6F, 0.6F}, soft[3] = {0.35F, 0.35F, 0.35F};
  if (!has_sky(spec)) {
    mjsTexture* sky = mjs_addTexture(spec, NULL);
    sky->type = mjTEXTURE_SKYBOX;
    sky->builtin = mjBUILTIN_GRADIENT;
    memcpy(sky->rgb1, high, sizeof high);
    memcpy(sky->rgb2, low, sizeof low);
    sky->width = sky->height = 256;
  }
  if (mjs_firstElement(spec, mjOBJ_LIGHT)) return;
  mjsLight* light = mjs_addLight(mjs_findBody(spec, "world"), NULL);
  light->type = mjLIGHT_DIRECTIONAL;
  light->pos[2] = 4;
  memcpy(light->dir, down, sizeof down);
  memcpy(light->diffuse, bright, sizeof bright);
  memcpy(spec->visual.headlight.ambient, soft, sizeof soft);
}

// Parses and compiles. MuJoCo reports its own warnings about the file one by one.
static void compile(void* arg) {
  compilation* c = arg;
  mjSpec* spec = mj_parseXML(c->absolute, &c->files.vfs, c->error, sizeof c->error);
  if (!spec) return;
  // The file's own discardvisual stays as it is asked for.
  if (!c->whole && !has_spectators(spec)) discard_drawn(spec);
  if (c->drawn) furnish(spec);
  c->model = mj_compile(spec, &c->files.vfs);
  if (!c->model) {
    const char* why = mjs_getError(spec);
    strncpy(c->error, why ? why : "cannot be compiled", sizeof c->error - 1);
  }
  for (int i = 0; c->model && i < mjs_numWarnings(spec); ++i) {
    char line[LB_PHYS_MESSAGE];
    lb_phys_one_line(line, sizeof line, mjs_getWarning(spec, i));
    lb_log_warning("%s: %s", c->path, line);
  }
  mj_deleteSpec(spec);
}

// The same in a child process: what is wrong with the model, if it is the child that has to find out.
static void try_out(void* arg, char* text) {
  compilation* c = arg;
  if (lb_phys_guard(compile, c, text) && !c->model) lb_phys_one_line(text, LB_PHYS_MESSAGE, c->error);
}

// Whether a state (qpos, qvel, act) is all that the model remembers, and is something that moves.
static lb_status check_state(const mjModel* m, const char* path) {
  const char* what = m->nplastic > 0                       ? "plasticity (springyield)"
                     : m->nhistory > 0                     ? "delays (history buffers)"
                     : m->npluginstate > 0                 ? "a plugin with a state of its own"
                     : (m->opt.enableflags & mjENBL_SLEEP) ? "sleeping"
                                                           : NULL;
  if (what) {
    return lb_fail(LB_INPUT, "%s: the model uses %s, but a state here is (qpos, qvel, act) and no more", path, what);
  }
  if (m->nv == 0) return lb_fail(LB_INPUT, "%s: the model has no joint, so nothing in it can move", path);
  if (!(m->opt.timestep > 0)) {
    return lb_fail(LB_INPUT, "%s: <option timestep> is %g, expected a number of seconds above 0", path,
                   m->opt.timestep);
  }
  return lb_ok();
}

// Fails where the model's file cannot be read or is empty.
static lb_status check_file(const char* path) {
  char* text;
  size_t n;
  LB_TRY(lb_file_read(path, &text, &n));
  bool blank = strspn(text, " \t\r\n") == n;
  free(text);
  return blank ? lb_fail(LB_INPUT, "%s: the file is empty, expected an MJCF model (<mujoco>...)", path) : lb_ok();
}

// The model as ours, which owns `raw`; NULL, with raw freed, when memory is short.
static lb_phys_model* wrap(mjModel* raw, const char* path) {
  lb_phys_model* model = calloc(1, sizeof *model);
  char* copy = strdup(path);
  if (!raw || !model || !copy) {
    mj_deleteModel(raw);
    free(model);
    free(copy);
    return NULL;
  }
  *model = (lb_phys_model){.raw = raw, .path = copy};
  return model;
}

// A path from "/" on. NULL when memory is short.
static char* absolute_path(const char* path) {
  char* here = path[0] == '/' ? NULL : getcwd(NULL, 0);
  if (!here) return strdup(path);
  size_t size = strlen(here) + strlen(path) + 2;
  char* out = malloc(size);
  if (out) lb_path_join(out, size, here, path);
  free(here);
  return out;
}

// The compiled model, checked, and what it was made of. The files stay the compilation's where this fails.
static lb_status finish(lb_phys_model** out, compilation* c) {
  char error[LB_PHYS_MESSAGE];
  if (!c->model) {
    lb_phys_one_line(error, sizeof error, c->error);
    return lb_fail(LB_INPUT, "%s: %s", c->path, error);
  }
  lb_status status = c->files.names_archive
                         ? lb_fail(LB_INPUT, "%s: takes a file from an archive (.mjz, .zip); unpack it", c->path)
                         : check_state(c->model, c->path);
  if (status.code != LB_OK) {
    mj_deleteModel(c->model);
    return status;
  }
  // A diverged simulation is reported, not silently put back to its start.
  c->model->opt.disableflags |= mjDSBL_AUTORESET;
  *out = wrap(c->model, c->path);
  if (!*out) return lb_fail(LB_MEMORY, "%s: no memory for the model", c->path);
  lb_phys_files* f = &c->files;
  lb_phys_files_settle(f);
  (*out)->files = f->list;
  (*out)->nfiles = f->n;
  (*out)->text = f->text;
  (*out)->text_size = f->text_size;
  f->list = NULL;
  f->text = NULL;
  f->n = 0;
  return lb_ok();
}

// Compiles an MJCF file: first in a process of its own under limits (phys/trial.h), then here.
static lb_status load(lb_phys_model** out, const char* path, bool whole, bool drawn) {
  compilation c = {.path = path, .whole = whole, .drawn = drawn};
  char error[LB_PHYS_MESSAGE];
  *out = NULL;
  lb_phys_log_install();
  LB_TRY(check_file(path));
  LB_TRY(lb_phys_files_open(&c.files));
  c.absolute = absolute_path(path);
  lb_status status = c.absolute ? lb_phys_trial(try_out, &c, path, lb_phys_default_limits())
                                : lb_fail(LB_MEMORY, "%s: no memory to read it", path);
  if (status.code == LB_OK) {
    status = lb_phys_guard(compile, &c, error) ? finish(out, &c) : lb_fail(LB_INPUT, "%s: %s", path, error);
  }
  lb_phys_files_close(&c.files);
  lb_phys_files_free(c.files.list, c.files.n, c.files.text);
  free(c.absolute);
  return status;
}

lb_status lb_phys_model_load(lb_phys_model** out, const char* path, bool whole) {
  return load(out, path, whole, false);
}

lb_status lb_phys_model_load_drawn(lb_phys_model** out, const char* path) {
  return load(out, path, true, true);
}

lb_phys_model* lb_phys_model_copy(const lb_phys_model* model) {
  return wrap(mj_copyModel(NULL, model->raw), model->path);
}

void lb_phys_model_free(lb_phys_model* model) {
  if (!model) return;
  mj_deleteModel(model->raw);
  lb_phys_files_free(model->files, model->nfiles, model->text);
  free(model->path);
  free(model);
}

const char* lb_phys_model_path(const lb_phys_model* model) {
  return model->path;
}

const lb_phys_file* lb_phys_model_files(const lb_phys_model* model, int* n) {
  *n = model->nfiles;
  return model->files;
}

const char* lb_phys_model_text(const lb_phys_model* model, size_t* size) {
  *size = model->text_size;
  return model->text;
}

bool lb_phys_model_overshoots(const lb_phys_model* model, int id, double joint[2]) {
  const mjModel* m = model->raw;
  int at = m->actuator_ctrladr[id], j = m->actuator_trnid[2 * id];
  if (m->actuator_trntype[id] != mjTRN_JOINT || m->actuator_biastype[id] != mjBIAS_AFFINE) return false;
  double gain = m->actuator_gainprm[mjNGAIN * id], pull = m->actuator_biasprm[mjNBIAS * id + 1];
  // A servo pulls back by as much a unit of its joint as its control pushes.
  if (!m->jnt_limited[j] || !m->actuator_ctrllimited[at] || !(gain > 0) || !(fabs(gain + pull) < 1e-9 * gain))
    return false;
  double scale = m->actuator_gear[6 * id];
  for (int k = 0; k < 2; ++k) joint[k] = m->jnt_range[2 * j + k];
  double asked = m->actuator_ctrlrange[2 * at + 1] - m->actuator_ctrlrange[2 * at];
  return asked > 10 * fabs(scale) * (joint[1] - joint[0]);
}

const mjModel* lb_phys_model_raw(const lb_phys_model* model) {
  return model->raw;
}

// nq, nv, na, nx = nq + nv + na, ndx = 2 nv + na, and the physics step in seconds.
lb_phys_sizes lb_phys_model_sizes(const lb_phys_model* model) {
  const mjModel* m = model->raw;
  int nq = (int)m->nq, nv = (int)m->nv, na = (int)m->na;
  return (lb_phys_sizes){nq, nv, na, nq + nv + na, 2 * nv + na, m->opt.timestep};
}

// dx = to - from.
static void difference(const void* ctx, double* dx, const double* from, const double* to) {
  const mjModel* m = ctx;
  int nq = (int)m->nq, nv = (int)m->nv, rest = nv + (int)m->na;
  mj_differentiatePos(m, dx, 1, from, to);
  for (int i = 0; i < rest; ++i) dx[nv + i] = to[nq + i] - from[nq + i];
}

// x_new = x + dx.
static void displace(const void* ctx, double* x_new, const double* x, const double* dx) {
  const mjModel* m = ctx;
  int nq = (int)m->nq, nv = (int)m->nv, rest = nv + (int)m->na;
  if (x_new != x) memcpy(x_new, x, sizeof(double) * (size_t)(nq + rest));
  mj_integratePos(m, x_new, dx, 1);
  for (int i = 0; i < rest; ++i) x_new[nq + i] += dx[nv + i];
}

lb_space lb_phys_model_space(const lb_phys_model* model) {
  lb_phys_sizes s = lb_phys_model_sizes(model);
  return (lb_space){.nx = s.nx, .ndx = s.ndx, .ctx = model->raw, .difference = difference, .displace = displace};
}

int lb_phys_model_bad_component(const lb_phys_model* model, const double* x) {
  const mjModel* m = model->raw;
  int nx = lb_phys_model_sizes(model).nx;
  for (int i = 0; i < nx; ++i) {
    if (!isfinite(x[i])) return i;
  }
  for (int j = 0; j < m->njnt; ++j) {
    if (m->jnt_type[j] != mjJNT_FREE && m->jnt_type[j] != mjJNT_BALL) continue;
    int at = m->jnt_qposadr[j] + (m->jnt_type[j] == mjJNT_FREE ? 3 : 0);
    if (fabs(mju_norm(x + at, 4) - 1) > 1e-6) return at;
  }
  return -1;
}

void lb_phys_model_start(const lb_phys_model* model, double* x) {
  const mjModel* m = model->raw;
  memset(x, 0, sizeof(double) * (size_t)lb_phys_model_sizes(model).nx);
  memcpy(x, m->qpos0, sizeof(double) * (size_t)m->nq);
}

// The name of what an actuator acts on; NULL for none.
static const char* target_of(const mjModel* m, int actuator) {
  static const mjtObj objects[] = {
      [mjTRN_JOINT] = mjOBJ_JOINT,   [mjTRN_JOINTINPARENT] = mjOBJ_JOINT, [mjTRN_SLIDERCRANK] = mjOBJ_SITE,
      [mjTRN_TENDON] = mjOBJ_TENDON, [mjTRN_SITE] = mjOBJ_SITE,           [mjTRN_BODY] = mjOBJ_BODY};
  int type = m->actuator_trntype[actuator];
  bool known = type >= 0 && type < (int)(sizeof objects / sizeof objects[0]);
  return known ? mj_id2name(m, objects[type], m->actuator_trnid[2 * actuator]) : NULL;
}

// MuJoCo's name of an object; of an actuator without one, its target's.
static const char* name_of(const mjModel* m, mjtObj object, int id) {
  const char* name = mj_id2name(m, object, id);
  return name || object != mjOBJ_ACTUATOR ? name : target_of(m, id);
}

// How many actuators without a name act on `name`; *id is the last of them.
static int find_by_target(const mjModel* m, int* id, const char* name) {
  int hits = 0;
  for (int i = 0; i < (int)m->nactuator; ++i) {
    const char* target = mj_id2name(m, mjOBJ_ACTUATOR, i) ? NULL : target_of(m, i);
    if (target && strcmp(target, name) == 0) *id = i, ++hits;
  }
  return hits;
}

// Fails with the nearest of the names of MuJoCo's objects of one type.
static lb_status find(const mjModel* m, int* id, mjtObj object, int count, const char* kind, const char* name) {
  *id = mj_name2id(m, object, name);
  if (*id >= 0) return lb_ok();
  int hits = object == mjOBJ_ACTUATOR ? find_by_target(m, id, name) : 0;
  if (hits == 1) return lb_ok();
  if (hits > 1) return lb_fail(LB_INPUT, "%d actuators without a name act on '%s'; give names or numbers", hits, name);
  if (count == 0) return lb_fail(LB_INPUT, "the model has no %s '%s': it has no %s at all", kind, name, kind);
  const char** names = calloc((size_t)count, sizeof *names);
  if (!names) return lb_fail(LB_MEMORY, "no memory for the names of the model");
  int n = 0;
  for (int i = 0; i < count; ++i) {
    names[n] = name_of(m, object, i);
    if (names[n]) ++n;
  }
  if (n == 0) {
    free(names);
    return lb_fail(LB_INPUT, "the model has no %s '%s': none of its %d has a name", kind, name, count);
  }
  const char* nearest = lb_text_nearest(name, names, n);
  if (!nearest && n == 1) nearest = names[0];
  lb_status status = nearest ? lb_fail(LB_INPUT, "the model has no %s '%s' (did you mean '%s'?)", kind, name, nearest)
                             : lb_fail(LB_INPUT, "the model has no %s '%s'", kind, name);
  free(names);
  return status;
}

// How many objects of a kind the model has.
static int count_of(const mjModel* m, lb_phys_kind kind) {
  switch (kind) {
    case LB_PHYS_BODY:
      return (int)m->nbody;
    case LB_PHYS_JOINT:
      return (int)m->njnt;
    case LB_PHYS_GEOM:
      return (int)m->ngeom;
    case LB_PHYS_SITE:
      return (int)m->nsite;
    case LB_PHYS_TENDON:
      return (int)m->ntendon;
    case LB_PHYS_EQUALITY:
      return (int)m->neq;
    case LB_PHYS_ACTUATOR:
      return (int)m->nactuator;
    case LB_PHYS_SENSOR:
      return (int)m->nsensor;
    default:
      return 0;
  }
}

const char* lb_phys_kind_name(lb_phys_kind kind) {
  return kinds[kind].name;
}

lb_status lb_phys_model_find(const lb_phys_model* model, int* id, lb_phys_kind kind, const char* name) {
  return find(model->raw, id, kinds[kind].object, count_of(model->raw, kind), kinds[kind].name, name);
}

const char* lb_phys_model_name(const lb_phys_model* model, lb_phys_kind kind, int id) {
  return name_of(model->raw, kinds[kind].object, id);
}

lb_status lb_phys_model_keyframe(const lb_phys_model* model, double* x, const char* name) {
  const mjModel* m = model->raw;
  int id;
  LB_TRY(find(m, &id, mjOBJ_KEY, (int)m->nkey, "keyframe", name));
  size_t nq = (size_t)m->nq, nv = (size_t)m->nv, na = (size_t)m->na, key = (size_t)id;
  memcpy(x, m->key_qpos + key * nq, sizeof(double) * nq);
  memcpy(x + nq, m->key_qvel + key * nv, sizeof(double) * nv);
  memcpy(x + nq + nv, m->key_act + key * na, sizeof(double) * na);
  return lb_ok();
}

bool lb_phys_model_is_timed(const lb_phys_model* model) {
  const mjModel* m = model->raw;
  for (int i = 0; i < m->nsensor; ++i) {
    if (m->sensor_type[i] == mjSENS_CLOCK) return true;
  }
  return false;
}

int lb_phys_model_joints(const lb_phys_model* model) {
  return (int)model->raw->njnt;
}

// A joint's type, its first degree of freedom and how many it has.
lb_phys_joint lb_phys_model_joint(const lb_phys_model* model, int id) {
  static const struct {
    lb_phys_joint_type type;
    int ndof;
  } joints[] = {[mjJNT_FREE] = {LB_PHYS_FREE, 6},
                [mjJNT_BALL] = {LB_PHYS_BALL, 3},
                [mjJNT_SLIDE] = {LB_PHYS_SLIDE, 1},
                [mjJNT_HINGE] = {LB_PHYS_HINGE, 1}};
  int type = model->raw->jnt_type[id];
  return (lb_phys_joint){joints[type].type, model->raw->jnt_dofadr[id], joints[type].ndof};
}

const char* lb_phys_model_joint_name(const lb_phys_model* model, int id) {
  return mj_id2name(model->raw, mjOBJ_JOINT, id);
}

// Whether the forces of some actuator on the joint depend on its position.
static bool is_servo_on(const mjModel* m, int joint) {
  for (int i = 0; i < (int)m->nactuator; ++i) {
    bool on_joint = m->actuator_trntype[i] == mjTRN_JOINT || m->actuator_trntype[i] == mjTRN_JOINTINPARENT;
    if (!on_joint || m->actuator_trnid[2 * i] != joint) continue;
    if (m->actuator_gaintype[i] != mjGAIN_FIXED || m->actuator_biastype[i] != mjBIAS_NONE) return true;
  }
  return false;
}

bool lb_phys_model_turns_freely(const lb_phys_model* model, int joint) {
  const mjModel* m = model->raw;
  bool free = m->jnt_type[joint] == mjJNT_HINGE && !m->jnt_limited[joint] && m->jnt_stiffness[joint] == 0;
  for (int i = 0; i < mjNPOLY; ++i) free = free && m->jnt_stiffnesspoly[mjNPOLY * joint + i] == 0;
  for (int i = 0; i < m->nwrap; ++i) free = free && !(m->wrap_type[i] == mjWRAP_JOINT && m->wrap_objid[i] == joint);
  for (int i = 0; i < m->neq; ++i) {
    bool on_it = m->eq_obj1id[i] == joint || m->eq_obj2id[i] == joint;
    free = free && !(m->eq_type[i] == mjEQ_JOINT && on_it);
  }
  return free && !is_servo_on(m, joint);
}

int lb_phys_model_actuators(const lb_phys_model* model) {
  return (int)model->raw->nactuator;
}

const char* lb_phys_model_actuator_name(const lb_phys_model* model, int id) {
  return name_of(model->raw, mjOBJ_ACTUATOR, id);
}

lb_status lb_phys_model_control(const lb_phys_model* model, int id, double* low, double* high) {
  const mjModel* m = model->raw;
  if (m->actuator_ctrlnum[id] != 1) {
    return lb_fail(LB_INPUT, "actuator %d takes %d controls, expected 1", id, m->actuator_ctrlnum[id]);
  }
  int at = m->actuator_ctrladr[id];
  bool limited = m->actuator_ctrllimited[at];
  *low = limited ? m->actuator_ctrlrange[2 * at] : -INFINITY;
  *high = limited ? m->actuator_ctrlrange[2 * at + 1] : INFINITY;
  return lb_ok();
}
