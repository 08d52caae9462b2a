#include "phys/outline.h"

#include <math.h>
#include <mujoco/mujoco.h>
#include <string.h>

#include "base/rng.h"
#include "phys/guard.h"
#include "phys/internal.h"

// Whether an actuator acts on this joint itself.
static bool is_pushed(const mjModel* m, int joint) {
  for (int i = 0; i < (int)m->nactuator; ++i) {
    bool on_joint = m->actuator_trntype[i] == mjTRN_JOINT || m->actuator_trntype[i] == mjTRN_JOINTINPARENT;
    if (on_joint && m->actuator_trnid[2 * i] == joint) return true;
  }
  return false;
}

// The moving body that carries all others of its tree: 0 for what is fixed to the world.
static int tree_of(const mjModel* m, int body) {
  int root = 0;
  for (int b = body; b > 0; b = m->body_parentid[b]) {
    if (m->body_jntnum[b] > 0) root = b;
  }
  return root;
}

// Whether nothing but planes belongs to the world, and a single tree moves in it.
static bool is_flat(const mjModel* m) {
  int tree = 0;
  for (int b = 1; b < (int)m->nbody; ++b) {
    int own = tree_of(m, b);
    if (own && tree && own != tree) return false;
    if (own) tree = own;
  }
  for (int g = 0; g < (int)m->ngeom; ++g) {
    bool meets = m->geom_contype[g] || m->geom_conaffinity[g];
    if (tree_of(m, m->geom_bodyid[g]) == 0 && meets && m->geom_type[g] != mjGEOM_PLANE) return false;
  }
  return true;
}

// Whether some coupling or spring ties the joint to a place.
static bool is_tied(const mjModel* m, int joint) {
  bool tied = m->jnt_limited[joint] || m->jnt_stiffness[joint] != 0 || m->neq > 0;
  for (int i = 0; i < (int)m->nwrap; ++i) tied = tied || (m->wrap_type[i] == mjWRAP_JOINT && m->wrap_objid[i] == joint);
  return tied;
}

// Whether it moves its body along the ground, from the world itself.
static bool drifts(const mjModel* m, int joint) {
  int body = m->jnt_bodyid[joint];
  bool slides = m->jnt_type[joint] == mjJNT_SLIDE && fabs(m->jnt_axis[3 * joint + 2]) < 1e-6;
  bool at_root = tree_of(m, body) == body;
  return at_root && (m->jnt_type[joint] == mjJNT_FREE || slides) && !is_tied(m, joint) && !is_pushed(m, joint);
}

// All joints: name, type, first position and how many, whether it turns without end, whether it drifts over flat
// ground.
static const lb_outline_joint* list_joints(const lb_phys_model* model, lb_arena* arena, bool flat) {
  static const int numbers[] = {[LB_PHYS_FREE] = 7, [LB_PHYS_BALL] = 4, [LB_PHYS_SLIDE] = 1, [LB_PHYS_HINGE] = 1};
  const mjModel* m = model->raw;
  lb_outline_joint* joints = LB_TAKE(arena, lb_outline_joint, m->njnt);
  for (int j = 0; j < (int)m->njnt; ++j) {
    lb_phys_joint_type type = lb_phys_model_joint(model, j).type;
    joints[j] = (lb_outline_joint){.name = lb_phys_model_joint_name(model, j),
                                   .type = type,
                                   .first = m->jnt_qposadr[j],
                                   .n = numbers[type],
                                   .turns = lb_phys_model_turns_freely(model, j),
                                   .drifts = flat && drifts(m, j)};
  }
  return joints;
}

// The touch and range sensors: what an observation may take in.
static const lb_outline_sensor* list_sensors(const mjModel* m, lb_arena* arena, int* n) {
  lb_outline_sensor* sensors = LB_TAKE(arena, lb_outline_sensor, m->nsensor);
  *n = 0;
  for (int i = 0; i < (int)m->nsensor; ++i) {
    if (m->sensor_type[i] != mjSENS_TOUCH && m->sensor_type[i] != mjSENS_RANGEFINDER) continue;
    sensors[(*n)++] = (lb_outline_sensor){mj_id2name(m, mjOBJ_SENSOR, i), m->sensor_adr[i], m->sensor_dim[i]};
  }
  return sensors;
}

// The tree on which most actuators act, by joints, bodies or sites; without any, the first.
static int driven_tree(const mjModel* m) {
  int best = 0, most = -1;
  for (int b = 1; b < (int)m->nbody; ++b) {
    int count = 0;
    if (tree_of(m, b) != b) continue;
    for (int i = 0; i < (int)m->nactuator; ++i) {
      int type = m->actuator_trntype[i], id = m->actuator_trnid[2 * i], body = -1;
      if (type == mjTRN_JOINT || type == mjTRN_JOINTINPARENT) body = m->jnt_bodyid[id];
      if (type == mjTRN_SITE || type == mjTRN_SLIDERCRANK) body = m->site_bodyid[id];
      if (type == mjTRN_BODY) body = id;
      count += body >= 0 && tree_of(m, body) == b;
    }
    if (count > most) best = b, most = count;
  }
  return best;
}

static bool is_target(const char* name) {
  return name && (strcasestr(name, "target") || strcasestr(name, "goal"));
}

// The last body of the longest chain of a tree.
static int last_body(const mjModel* m, int tree) {
  int best = tree, deepest = -1;
  for (int b = tree; b < (int)m->nbody; ++b) {
    int depth = 0;
    if (tree_of(m, b) != tree || is_target(mj_id2name(m, mjOBJ_BODY, b))) continue;
    for (int k = b; k > 0; k = m->body_parentid[k]) ++depth;
    if (depth > deepest) best = b, deepest = depth;
  }
  return best;
}

// A posture within the joints' limits.
static void draw_posture(const mjModel* m, mjData* d, lb_rng* rng) {
  mju_copy(d->qpos, m->qpos0, (int)m->nq);
  for (int j = 0; j < (int)m->njnt; ++j) {
    bool hinge = m->jnt_type[j] == mjJNT_HINGE, limited = m->jnt_limited[j];
    if (!hinge && m->jnt_type[j] != mjJNT_SLIDE) continue;
    double low = limited ? m->jnt_range[2 * j] : hinge ? -M_PI : -0.1;
    double high = limited ? m->jnt_range[2 * j + 1] : hinge ? M_PI : 0.1;
    d->qpos[m->jnt_qposadr[j]] = low + (high - low) * lb_rng_uniform(rng);
  }
}

typedef struct survey {
  const mjModel* m;
  int body;
  double low, high;
} survey;

// The heights of the body's centre of mass over postures.
static void look_around(void* arg) {
  enum { POSTURES = 50 };
  survey* s = arg;
  mjData* d = mj_makeData(s->m);
  lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
  for (int i = 0; d && i < POSTURES; ++i) {
    draw_posture(s->m, d, &rng);
    mj_kinematics(s->m, d);
    s->low = fmin(s->low, d->xipos[3 * s->body + 2]);
    s->high = fmax(s->high, d->xipos[3 * s->body + 2]);
  }
  mj_deleteData(d);
}

// The first site, else body, that is called a target.
static void find_target(lb_outline* o, const mjModel* m) {
  for (int i = 0; i < (int)m->nsite && !o->target; ++i) {
    const char* name = mj_id2name(m, mjOBJ_SITE, i);
    if (is_target(name)) o->target = name, o->target_is_site = true;
  }
  for (int i = 1; i < (int)m->nbody && !o->target; ++i) {
    const char* name = mj_id2name(m, mjOBJ_BODY, i);
    if (is_target(name)) o->target = name;
  }
}

// The keyframe with a usual name of a start; NULL: none.
static const char* find_keyframe(const mjModel* m) {
  static const char* const usual[] = {"home", "stand", "standing", "init", "start"};
  for (int k = 0; k < (int)(sizeof usual / sizeof usual[0]); ++k) {
    int id = mj_name2id(m, mjOBJ_KEY, usual[k]);
    if (id >= 0) return mj_id2name(m, mjOBJ_KEY, id);
  }
  return NULL;
}

lb_outline lb_phys_outline(const lb_phys_model* model, lb_arena* arena) {
  const mjModel* m = model->raw;
  lb_outline o = {.njoint = (int)m->njnt, .forward = -1};
  find_target(&o, m);
  o.joints = list_joints(model, arena, is_flat(m) && !o.target);
  o.sensors = list_sensors(m, arena, &o.nsensor);
  int tree = driven_tree(m);
  for (int j = 0; j < o.njoint && o.forward < 0; ++j) {
    if (m->jnt_bodyid[j] == tree && drifts(m, j)) o.forward = j;
  }
  o.body = last_body(m, tree);
  o.body_name = mj_id2name(m, mjOBJ_BODY, o.body);
  survey s = {m, o.body, INFINITY, -INFINITY};
  o.rises = lb_phys_guard(look_around, &s, NULL) && s.high - s.low > 1e-3 && m->opt.gravity[2] != 0 &&
            !(m->opt.disableflags & mjDSBL_GRAVITY);
  o.keyframe = find_keyframe(m);
  return o;
}
