#include "phys/signal.h"

#include <string.h>

#include "base/text.h"
#include "phys/internal.h"

// Whose numbers stand in a row, how many rows a model has, and where an element's are.
struct lb_phys_rows {
  lb_phys_kind kind;  // LB_PHYS_KINDS: rows without names
  size_t count;       // offset of their number in mjModel; 0: see lb_phys_signal_rows
  void (*place)(const mjModel* m, int id, int* first, int* n);
};

typedef struct lb_phys_rows rows;

// One number an object.
static void by_id(const mjModel* m, int id, int* first, int* n) {
  (void)m;
  *first = id;
  *n = 1;
}

// A joint's numbers in qpos.
static void by_position(const mjModel* m, int id, int* first, int* n) {
  static const int numbers[] = {[mjJNT_FREE] = 7, [mjJNT_BALL] = 4, [mjJNT_SLIDE] = 1, [mjJNT_HINGE] = 1};
  *first = m->jnt_qposadr[id];
  *n = numbers[m->jnt_type[id]];
}

// A joint's numbers in qvel and its like.
static void by_freedom(const mjModel* m, int id, int* first, int* n) {
  static const int numbers[] = {[mjJNT_FREE] = 6, [mjJNT_BALL] = 3, [mjJNT_SLIDE] = 1, [mjJNT_HINGE] = 1};
  *first = m->jnt_dofadr[id];
  *n = numbers[m->jnt_type[id]];
}

// An actuator's numbers in act.
static void by_activation(const mjModel* m, int id, int* first, int* n) {
  *first = m->actuator_actadr[id];
  *n = m->actuator_actnum[id];
}

// An actuator's numbers in ctrl.
static void by_control(const mjModel* m, int id, int* first, int* n) {
  *first = m->actuator_ctrladr[id];
  *n = m->actuator_ctrlnum[id];
}

// An actuator's forces.
static void by_output(const mjModel* m, int id, int* first, int* n) {
  *first = m->actuator_outadr[id];
  *n = m->actuator_outnum[id];
}

// A sensor's numbers in sensordata.
static void by_sensor(const mjModel* m, int id, int* first, int* n) {
  *first = m->sensor_adr[id];
  *n = m->sensor_dim[id];
}

#define COUNT_OF(member) offsetof(mjModel, member)

static const rows positions = {LB_PHYS_JOINT, COUNT_OF(nq), by_position};
static const rows freedoms = {LB_PHYS_JOINT, COUNT_OF(nv), by_freedom};
static const rows bodies = {LB_PHYS_BODY, COUNT_OF(nbody), by_id};
static const rows geoms = {LB_PHYS_GEOM, COUNT_OF(ngeom), by_id};
static const rows sites = {LB_PHYS_SITE, COUNT_OF(nsite), by_id};
static const rows tendons = {LB_PHYS_TENDON, COUNT_OF(ntendon), by_id};
static const rows activations = {LB_PHYS_ACTUATOR, COUNT_OF(na), by_activation};
static const rows controls = {LB_PHYS_ACTUATOR, COUNT_OF(nu), by_control};
static const rows outputs = {LB_PHYS_ACTUATOR, COUNT_OF(nout), by_output};
static const rows sensors = {LB_PHYS_SENSOR, COUNT_OF(nsensordata), by_sensor};
static const rows actions = {LB_PHYS_ACTUATOR, 0, NULL};
static const rows one = {LB_PHYS_KINDS, 0, NULL};

#define DATA(member) offsetof(mjData, member)
#define NAMED(member) #member
#define SIGNAL(member, unit, rows, width, level, what) \
  { NAMED(member), unit, what, rows, width, level, DATA(member) }

static const lb_phys_signal table[] = {
    SIGNAL(qpos, "m, rad, quaternion", &positions, 1, LB_PHYS_STATE, "joint positions"),
    SIGNAL(qvel, "m/s, rad/s", &freedoms, 1, LB_PHYS_STATE, "joint velocities"),
    SIGNAL(act, "the actuator's own", &activations, 1, LB_PHYS_STATE, "actuator activations"),
    SIGNAL(ctrl, "the actuator's own", &controls, 1, LB_PHYS_STATE, "controls of all actuators, not clamped"),
    {"action", "the actuator's own",
     "the controls in the order of `controls`, as asked for, not clamped; 0 before the first step", &actions, 1,
     LB_PHYS_STATE, 0},
    {"healthy", "1 or 0",
     "1 while every condition of `healthy` holds after the step, else 0; in rewards only, 1 elsewhere", &one, 1,
     LB_PHYS_STATE, 0},
    SIGNAL(xpos, "m", &bodies, 3, LB_PHYS_POSITION, "origin of a body's frame, world axes"),
    SIGNAL(xquat, "quaternion w x y z", &bodies, 4, LB_PHYS_POSITION, "orientation of a body's frame"),
    SIGNAL(xmat, "1", &bodies, 9, LB_PHYS_POSITION, "the same as a rotation matrix, row by row"),
    SIGNAL(xipos, "m", &bodies, 3, LB_PHYS_POSITION, "centre of mass of a body, world axes"),
    SIGNAL(subtree_com, "m", &bodies, 3, LB_PHYS_POSITION,
           "centre of mass of a body with all that hangs on it ('world': of everything)"),
    SIGNAL(geom_xpos, "m", &geoms, 3, LB_PHYS_POSITION, "centre of a geom"),
    SIGNAL(geom_xmat, "1", &geoms, 9, LB_PHYS_POSITION, "orientation of a geom, row by row"),
    SIGNAL(site_xpos, "m", &sites, 3, LB_PHYS_POSITION, "position of a site"),
    SIGNAL(site_xmat, "1", &sites, 9, LB_PHYS_POSITION, "orientation of a site, row by row"),
    SIGNAL(cinert, "kg m^2, kg m, kg", &bodies, 10, LB_PHYS_POSITION,
           "inertia of a body about its tree's centre of mass: xx yy zz xy xz yz, mass times offset (3), mass"),
    SIGNAL(cvel, "rad/s, m/s", &bodies, 6, LB_PHYS_VELOCITY,
           "velocity of a body about its tree's centre of mass: angular (3), linear (3)"),
    SIGNAL(ten_length, "m", &tendons, 1, LB_PHYS_FORWARD, "length of a tendon"),
    SIGNAL(ten_velocity, "m/s", &tendons, 1, LB_PHYS_FORWARD, "velocity of a tendon"),
    SIGNAL(actuator_force, "N, N m", &outputs, 1, LB_PHYS_FORWARD, "force of an actuator"),
    SIGNAL(qfrc_actuator, "N, N m", &freedoms, 1, LB_PHYS_FORWARD, "actuators' force on each degree of freedom"),
    SIGNAL(qfrc_passive, "N, N m", &freedoms, 1, LB_PHYS_FORWARD, "springs, dampers and drag on each"),
    SIGNAL(qfrc_constraint, "N, N m", &freedoms, 1, LB_PHYS_FORWARD, "contacts, limits and friction on each"),
    SIGNAL(qacc, "m/s^2, rad/s^2", &freedoms, 1, LB_PHYS_FORWARD, "joint accelerations"),
    SIGNAL(sensordata, "the sensor's own", &sensors, 1, LB_PHYS_FORWARD,
           "sensors of the model. A `clock` is no number of the state: algorithms that plan for the task's own reward "
           "in a "
           "model are refused where it enters that"),
    SIGNAL(cfrc_ext, "N m, N", &bodies, 6, LB_PHYS_CONTACT,
           "contact forces on a body about its tree's centre of mass: torque (3), force (3), world axes; 0 at the "
           "start of "
           "an episode"),
};

enum { COUNT = sizeof table / sizeof table[0] };

const lb_phys_signal* lb_phys_signal_at(int i) {
  return i >= 0 && i < COUNT ? &table[i] : NULL;
}

lb_status lb_phys_signal_find(const lb_phys_signal** out, const char* name) {
  const char* names[COUNT];
  for (int i = 0; i < COUNT; ++i) {
    names[i] = table[i].name;
    if (strcmp(name, names[i]) != 0) continue;
    *out = &table[i];
    return lb_ok();
  }
  const char* nearest = lb_text_nearest(name, names, COUNT);
  return nearest ? lb_fail(LB_INPUT, "there is no signal '%s' (did you mean '%s'?)", name, nearest)
                 : lb_fail(LB_INPUT, "there is no signal '%s'; 'bench help --task' lists them", name);
}

const char* lb_phys_signal_owner(const lb_phys_signal* signal) {
  if (signal->rows == &actions) return "controlled actuator";
  return signal->rows == &one ? "" : lb_phys_kind_name(signal->rows->kind);
}

int lb_phys_signal_rows(const lb_phys_signal* signal, const lb_phys_model* model, const lb_phys_rate* rate) {
  if (signal->rows == &actions) return rate->nu;
  if (signal->rows == &one) return 1;
  mjtSize count;
  memcpy(&count, (const char*)model->raw + signal->rows->count, sizeof count);
  return (int)count;
}

// The place of an actuator among the controls.
static lb_status find_control(int* first, const lb_phys_rate* rate, int actuator, const char* name) {
  for (int i = 0; i < rate->nu; ++i) {
    if (rate->actuators[i] != actuator) continue;
    *first = i;
    return lb_ok();
  }
  return lb_fail(LB_INPUT, "actuator '%s' is not among $.controls", name);
}

lb_status lb_phys_signal_element(const lb_phys_signal* signal, int* first, int* n, const lb_phys_model* model,
                                 const lb_phys_rate* rate, const char* name) {
  const rows* r = signal->rows;
  int id;
  if (r->kind == LB_PHYS_KINDS) return lb_fail(LB_INPUT, "the signal '%s' is one number without names", signal->name);
  LB_TRY(lb_phys_model_find(model, &id, r->kind, name));
  *n = signal->width;
  if (r == &actions) return find_control(first, rate, id, name);
  r->place(model->raw, id, first, n);
  if (*n == 0) return lb_fail(LB_INPUT, "actuator '%s' has no activation", name);
  *first *= signal->width;
  *n *= signal->width;
  return lb_ok();
}

// The object that the row belongs to, and which of its numbers the row is; -1 where none does.
static int find_owner(const lb_phys_signal* signal, const lb_phys_model* model, const lb_phys_rate* rate, int row,
                      int* component) {
  const rows* r = signal->rows;
  const mjModel* m = model->raw;
  *component = 0;
  if (r == &actions) return rate->actuators[row];
  int count = r->kind == LB_PHYS_JOINT      ? (int)m->njnt
              : r->kind == LB_PHYS_ACTUATOR ? (int)m->nactuator
              : r->kind == LB_PHYS_SENSOR   ? (int)m->nsensor
                                            : row + 1;
  for (int id = r->place == by_id ? row : 0; id < count; ++id) {
    int first, n;
    r->place(m, id, &first, &n);
    if (row < first || row >= first + n) continue;
    *component = row - first;
    return id;
  }
  return -1;
}

static const char* const axes[] = {"x", "y", "z"};
static const char* const turns[] = {"quaternion w", "quaternion x", "quaternion y", "quaternion z"};

// What one of a joint's numbers is called; "": it has one only.
static const char* component_of_joint(const rows* r, int type, int i) {
  static const char* const moves[] = {"linear x", "linear y", "linear z", "angular x", "angular y", "angular z"};
  if (type == mjJNT_FREE) return r == &freedoms ? moves[i] : i < 3 ? axes[i] : turns[i - 3];
  if (type == mjJNT_BALL) return r == &freedoms ? moves[3 + i] : turns[i];
  return "";
}

// What one of a sensor's numbers is called; NULL: it goes by its place.
static const char* component_of_sensor(const mjModel* m, int id, int i) {
  static const char* const ends[] = {"from x", "from y", "from z", "to x", "to y", "to z"};
  int type = m->sensor_type[id], n = m->sensor_dim[id];
  if (n == 1) return "";
  if (type == mjSENS_GEOMFROMTO) return ends[i];
  if (type == mjSENS_FRAMEQUAT || type == mjSENS_BALLQUAT) return turns[i];
  bool is_listed = type == mjSENS_USER || type == mjSENS_PLUGIN || type == mjSENS_CONTACT || type == mjSENS_RANGEFINDER;
  return n == 3 && !is_listed ? axes[i] : NULL;
}

// What the i-th number of a row of several is called.
static const char* component_of_row(const lb_phys_signal* signal, int i) {
  static const char* const inertia[] = {"xx", "yy",           "zz",           "xy",           "xz",
                                        "yz", "mass times x", "mass times y", "mass times z", "mass"};
  static const char* const velocity[] = {"angular x", "angular y", "angular z", "linear x", "linear y", "linear z"};
  static const char* const force[] = {"torque x", "torque y", "torque z", "force x", "force y", "force z"};
  static const char* const matrix[] = {"xx", "xy", "xz", "yx", "yy", "yz", "zx", "zy", "zz"};
  if (signal->width == 3) return axes[i];
  if (signal->width == 4) return turns[i];
  if (signal->width == 9) return matrix[i];
  if (signal->width == 10) return inertia[i];
  return signal->level == LB_PHYS_CONTACT ? force[i] : velocity[i];
}

void lb_phys_signal_label(const lb_phys_signal* signal, lb_text* out, const lb_phys_model* model,
                          const lb_phys_rate* rate, int index) {
  const rows* r = signal->rows;
  const mjModel* m = model->raw;
  if (r == &one) {
    lb_text_add(out, "%s", signal->name);
    return;
  }
  int i, id = find_owner(signal, model, rate, index / signal->width, &i);
  if (id < 0) {
    lb_text_add(out, "%s[%d]", signal->name, index);
    return;
  }
  const char* name = lb_phys_model_name(model, r->kind, id);
  const char* kind = r->kind != LB_PHYS_JOINT        ? lb_phys_kind_name(r->kind)
                     : m->jnt_type[id] == mjJNT_FREE ? "free joint"
                     : m->jnt_type[id] == mjJNT_BALL ? "ball joint"
                                                     : "joint";
  if (r != &sensors) lb_text_add(out, "%s of ", signal->name);
  if (name) {
    lb_text_add(out, "%s %s", kind, name);
  } else {
    lb_text_add(out, "%s %d", kind, id);
  }
  const char* component = r == &sensors              ? component_of_sensor(m, id, i)
                          : r->kind == LB_PHYS_JOINT ? component_of_joint(r, m->jnt_type[id], i)
                          : signal->width > 1        ? component_of_row(signal, index % signal->width)
                          : i > 0                    ? NULL
                                                     : "";
  if (!component) {
    lb_text_add(out, ": %d", i);
  } else if (*component) {
    lb_text_add(out, ": %s", component);
  }
}

bool lb_phys_signal_is_timed(const lb_phys_signal* signal, const lb_phys_model* model, int index) {
  const mjModel* m = model->raw;
  for (int i = 0; signal->rows == &sensors && i < m->nsensor; ++i) {
    if (m->sensor_adr[i] == index && m->sensor_type[i] == mjSENS_CLOCK) return true;
  }
  return false;
}

const double* lb_phys_signal_read(const lb_phys_signal* signal, const lb_phys_view* view) {
  if (signal->rows == &actions) return view->action;
  if (signal->rows == &one) return &view->healthy;
  const double* base;
  memcpy(&base, (const char*)view->data + signal->member, sizeof base);
  return base;
}
