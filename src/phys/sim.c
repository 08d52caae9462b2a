#include "phys/sim.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "phys/guard.h"
#include "phys/internal.h"

struct lb_phys_sim {
  const lb_phys_model* model;
  mjData* data;
  lb_phys_control control;
  bool diverged;
  bool pushed;  // forces of lb_phys_sim_push are in place
};

// Where the controls stand in ctrl, how many physics steps one is held, and where episodes begin.
lb_status lb_phys_control_new(lb_phys_control* control, const lb_phys_model* model, const lb_phys_rate* rate) {
  *control = (lb_phys_control){.frame_skip = rate->frame_skip, .nu = rate->nu, .max_velocity = rate->max_velocity};
  control->address = calloc((size_t)rate->nu + 1, sizeof(int));
  if (!control->address) return lb_fail(LB_MEMORY, "no memory for a simulation");
  for (int i = 0; i < rate->nu; ++i) control->address[i] = model->raw->actuator_ctrladr[rate->actuators[i]];
  control->key = rate->keyframe ? mj_name2id(model->raw, mjOBJ_KEY, rate->keyframe) : -1;
  assert(!rate->keyframe || control->key >= 0);
  return lb_ok();
}

void lb_phys_control_free(lb_phys_control* control) {
  free(control->address);
}

typedef struct creation {
  const mjModel* m;
  mjData* d;
} creation;

// For lb_phys_guard: mj_makeData.
static void create(void* arg) {
  creation* c = arg;
  c->d = mj_makeData(c->m);
}

mjData* lb_phys_data_new(const mjModel* m, char* error) {
  creation c = {.m = m};
  if (!lb_phys_guard(create, &c, error)) return NULL;
  static const char why[] = "no memory for mjData";
  if (!c.d) memcpy(error, why, sizeof why);
  return c.d;
}

// What mj_resetDataKeyframe sets besides the state.
static void put_start(const mjModel* m, mjData* d, int key) {
  size_t nu = (size_t)m->nu, nmocap = (size_t)m->nmocap, k = (size_t)(key < 0 ? 0 : key);
  d->time = key < 0 ? 0 : m->key_time[k];
  if (key < 0) {
    memset(d->ctrl, 0, sizeof(double) * nu);
    return;
  }
  memcpy(d->ctrl, m->key_ctrl + k * nu, sizeof(double) * nu);
  memcpy(d->mocap_pos, m->key_mpos + k * 3 * nmocap, sizeof(double) * 3 * nmocap);
  memcpy(d->mocap_quat, m->key_mquat + k * 4 * nmocap, sizeof(double) * 4 * nmocap);
}

void lb_phys_put(const mjModel* m, mjData* d, const lb_phys_control* control, const double* x) {
  size_t nq = (size_t)m->nq, nv = (size_t)m->nv, na = (size_t)m->na;
  memcpy(d->qpos, x, sizeof(double) * nq);
  memcpy(d->qvel, x + nq, sizeof(double) * nv);
  if (na) memcpy(d->act, x + nq + nv, sizeof(double) * na);
  memset(d->qacc_warmstart, 0, sizeof(double) * nv);
  put_start(m, d, control->key);
  memset(d->xfrc_applied, 0, sizeof(double) * 6 * (size_t)m->nbody);
  // The counters of the other warnings stay, so that MuJoCo speaks of each once, not at every step.
  for (int w = mjWARN_BADQPOS; w <= mjWARN_BADQACC; ++w) d->warning[w].number = 0;
}

void lb_phys_take(const mjModel* m, const mjData* d, double* x) {
  size_t nq = (size_t)m->nq, nv = (size_t)m->nv, na = (size_t)m->na;
  memcpy(x, d->qpos, sizeof(double) * nq);
  memcpy(x + nq, d->qvel, sizeof(double) * nv);
  if (na) memcpy(x + nq + nv, d->act, sizeof(double) * na);
}

// Whether a number is NaN or as large as MuJoCo calls bad.
static bool has_bad(const double* values, int n) {
  for (int i = 0; i < n; ++i) {
    if (!(fabs(values[i]) < mjMAXVAL)) return true;  // NaN as well
  }
  return false;
}

// A NaN stays one.
static void clip_velocity(const mjModel* m, mjData* d, double limit) {
  for (int i = 0; i < (int)m->nv; ++i) {
    if (d->qvel[i] > limit) d->qvel[i] = limit;
    if (d->qvel[i] < -limit) d->qvel[i] = -limit;
  }
}

bool lb_phys_advance(const mjModel* m, mjData* d, const lb_phys_control* control, const double* u) {
  if (has_bad(u, control->nu)) return false;
  if (control->max_velocity > 0) clip_velocity(m, d, control->max_velocity);
  for (int i = 0; i < control->nu; ++i) d->ctrl[control->address[i]] = u[i];
  for (int i = 0; i < control->frame_skip; ++i) {
    mj_step(m, d);
    if (d->warning[mjWARN_BADQPOS].number | d->warning[mjWARN_BADQVEL].number | d->warning[mjWARN_BADQACC].number) {
      return false;
    }
  }
  // What the last physics step left has not been looked at by MuJoCo yet.
  return !has_bad(d->qpos, (int)m->nq) && !has_bad(d->qvel, (int)m->nv) && !has_bad(d->act, (int)m->na);
}

lb_status lb_phys_sim_new(lb_phys_sim** out, const lb_phys_model* model, const lb_phys_rate* rate) {
  char error[LB_PHYS_MESSAGE];
  lb_phys_sim* sim = *out = calloc(1, sizeof *sim);
  if (!sim) return lb_fail(LB_MEMORY, "no memory for a simulation");
  sim->model = model;
  lb_status status = lb_phys_control_new(&sim->control, model, rate);
  if (status.code == LB_OK) {
    sim->data = lb_phys_data_new(model->raw, error);
    if (!sim->data) status = lb_fail(LB_MEMORY, "%s: %s", model->path, error);
  }
  if (status.code != LB_OK) {
    lb_phys_sim_free(sim);
    *out = NULL;
  }
  return status;
}

void lb_phys_sim_free(lb_phys_sim* sim) {
  if (!sim) return;
  lb_phys_control_free(&sim->control);
  mj_deleteData(sim->data);
  free(sim);
}

void lb_phys_sim_set(lb_phys_sim* sim, const double* x) {
  lb_phys_put(sim->model->raw, sim->data, &sim->control, x);
  sim->diverged = sim->pushed = false;
}

typedef struct look {
  const mjModel* m;
  mjData* d;
  lb_phys_level level;
} look;

// Brings the data up to a level: positions, velocities, forces, contact forces.
static void compute(void* arg) {
  const look* l = arg;
  if (l->level >= LB_PHYS_FORWARD) {
    mj_forward(l->m, l->d);
    if (l->level >= LB_PHYS_CONTACT) mj_rnePostConstraint(l->m, l->d);
    return;
  }
  if (l->level >= LB_PHYS_POSITION) {
    mj_kinematics(l->m, l->d);
    mj_comPos(l->m, l->d);
  }
  if (l->level >= LB_PHYS_VELOCITY) mj_comVel(l->m, l->d);
}

// Derived quantities of the state that stands there.
static bool compute_guarded(lb_phys_sim* sim, lb_phys_level level) {
  look l = {sim->model->raw, sim->data, level};
  char error[LB_PHYS_MESSAGE];
  if (level == LB_PHYS_STATE || lb_phys_guard(compute, &l, error)) return true;
  lb_log_warning("%s: MuJoCo gave up a state: %s", sim->model->path, error);
  mj_resetData(sim->model->raw, sim->data);  // its stack is as the error left it
  return false;
}

// The clock after t control steps, added up as mj_step does it. Only models that read it spend the time.
static void set_clock(lb_phys_sim* sim, int t) {
  const mjModel* m = sim->model->raw;
  if (!lb_phys_model_is_timed(sim->model)) return;
  for (long i = (long)t * sim->control.frame_skip; i > 0; --i) sim->data->time += m->opt.timestep;
}

bool lb_phys_sim_begin(lb_phys_sim* sim, const double* x, int t) {
  lb_phys_sim_set(sim, x);
  set_clock(sim, t);
  sim->diverged = has_bad(x, lb_phys_model_sizes(sim->model).nx) || !compute_guarded(sim, LB_PHYS_FORWARD);
  memset(sim->data->cfrc_ext, 0, sizeof(double) * 6 * (size_t)sim->model->raw->nbody);
  return !sim->diverged;
}

bool lb_phys_sim_look(lb_phys_sim* sim, const double* x, const double* u, lb_phys_level level) {
  lb_phys_sim_set(sim, x);
  if (has_bad(x, lb_phys_model_sizes(sim->model).nx) || (u && has_bad(u, sim->control.nu))) return false;
  for (int i = 0; u && i < sim->control.nu; ++i) sim->data->ctrl[sim->control.address[i]] = u[i];
  return compute_guarded(sim, level);
}

void lb_phys_sim_contacts(lb_phys_sim* sim) {
  if (!sim->diverged) mj_rnePostConstraint(sim->model->raw, sim->data);
}

// Whether a step has constraints to solve for: something that can touch, or that is limited, rubs or is tied.
static bool is_constrained(const mjModel* m) {
  bool found = m->neq > 0 || m->npair > 0 || m->nflex > 0;
  for (int i = 0; i < m->njnt; ++i) found = found || m->jnt_limited[i];
  for (int i = 0; i < m->ntendon; ++i) found = found || m->tendon_limited[i] || m->tendon_frictionloss[i] > 0;
  for (int i = 0; i < m->nv; ++i) found = found || m->dof_frictionloss[i] > 0;
  for (int i = 0; i < m->ngeom; ++i) found = found || m->geom_contype[i] || m->geom_conaffinity[i];
  return found && !(m->opt.disableflags & mjDSBL_CONSTRAINT);
}

int lb_phys_model_nwarm(const lb_phys_model* model) {
  return is_constrained(model->raw) ? (int)model->raw->nv : 0;
}

void lb_phys_sim_get_warm(const lb_phys_sim* sim, double* warm) {
  memcpy(warm, sim->data->qacc_warmstart, sizeof(double) * (size_t)sim->model->raw->nv);
}

void lb_phys_sim_set_warm(lb_phys_sim* sim, const double* warm) {
  memcpy(sim->data->qacc_warmstart, warm, sizeof(double) * (size_t)sim->model->raw->nv);
}

bool lb_phys_sim_diverged(const lb_phys_sim* sim) {
  return sim->diverged;
}

void lb_phys_sim_get(const lb_phys_sim* sim, double* x) {
  if (!sim->diverged) {
    lb_phys_take(sim->model->raw, sim->data, x);
    return;
  }
  int nx = lb_phys_model_sizes(sim->model).nx;
  for (int i = 0; i < nx; ++i) x[i] = NAN;
}

// quat (4) of the body at the present state.
static void orientation(const mjModel* m, mjData* d, int body, double* quat) {
  int joint = m->body_jntadr[body];
  if (m->body_jntnum[body] == 1 && m->jnt_type[joint] == mjJNT_FREE) {
    mju_copy4(quat, d->qpos + m->jnt_qposadr[joint] + 3);
    mju_normalize4(quat);
  } else {
    mj_kinematics(m, d);
    mju_copy4(quat, d->xquat + 4 * body);
  }
}

void lb_phys_sim_push(lb_phys_sim* sim, int body, const double* force, const double* torque) {
  mjData* d = sim->data;
  double quat[4], world[3];
  if (sim->diverged) return;
  orientation(sim->model->raw, d, body, quat);
  mju_rotVecQuat(world, torque, quat);
  double* applied = d->xfrc_applied + 6 * body;
  for (int i = 0; i < 3; ++i) {
    applied[i] += force[i];
    applied[3 + i] += world[i];
  }
  sim->pushed = true;
}

typedef struct step {
  lb_phys_sim* sim;
  const double* u;
  bool finite;
} step;

// For lb_phys_guard: one control step.
static void take_step(void* arg) {
  step* s = arg;
  s->finite = lb_phys_advance(s->sim->model->raw, s->sim->data, &s->sim->control, s->u);
}

bool lb_phys_sim_step(lb_phys_sim* sim, const double* u) {
  step s = {sim, u, false};
  char error[LB_PHYS_MESSAGE];
  if (sim->diverged) return false;
  if (!lb_phys_guard(take_step, &s, error)) {
    lb_log_warning("%s: MuJoCo gave up a step: %s", sim->model->path, error);
    mj_resetData(sim->model->raw, sim->data);  // its stack is as the error left it
    s.finite = false;
  }
  sim->diverged = !s.finite;
  if (sim->pushed) {
    memset(sim->data->xfrc_applied, 0, sizeof(double) * 6 * (size_t)sim->model->raw->nbody);
    sim->pushed = false;
  }
  return s.finite;
}

void lb_phys_sim_acceleration(lb_phys_sim* sim, double* acceleration, const double* u) {
  const mjModel* m = sim->model->raw;
  for (int i = 0; i < sim->control.nu; ++i) sim->data->ctrl[sim->control.address[i]] = u[i];
  mj_forward(m, sim->data);
  memcpy(acceleration, sim->data->qacc, sizeof(double) * (size_t)m->nv);
}

mjData* lb_phys_sim_raw(lb_phys_sim* sim) {
  return sim->data;
}
