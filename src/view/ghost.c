#include "view/ghost.h"

#include <math.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "phys/phys_model.h"
#include "task/mujoco_system.h"

struct lb_ghost {
  lb_dynamics map;
  lb_system* system;
  const lb_restore* restore;  // NULL: a map of states
  double *x, *x_next;         // (nx)
  double *in, *next, *real;   // (nin) what the model predicts, and the real system's
  double *action, *dx;        // (nu), (ndx)
  double gap;
  char note[240];
};

static bool knows(const lb_restore* r, int i) {
  return r->plain[i] >= 0 || (r->sine[i] >= 0 && r->cosine[i] >= 0) || r->velocity[i] >= 0;
}

// The joint of number i of the state; NULL: it has no name, or is an actuator's.
static const char* joint_of(const mjModel* m, int i) {
  for (int j = 0; j < m->njnt; ++j) {
    int nq = m->jnt_type[j] == mjJNT_FREE ? 7 : m->jnt_type[j] == mjJNT_BALL ? 4 : 1;
    if (i >= m->jnt_qposadr[j] && i < m->jnt_qposadr[j] + nq) return mj_id2name(m, mjOBJ_JOINT, j);
  }
  return NULL;
}

// Says which positions observations leave open.
static void write_note(lb_ghost* g) {
  const mjModel* m = lb_phys_model_raw(g->restore->model);
  lb_text names = {0};
  const char* last = NULL;
  int n = 0;
  for (int i = 0; i < g->restore->nq; ++i) {
    if (knows(g->restore, i)) continue;
    const char* name = joint_of(m, i);
    n += 1;
    if (!name || (last && strcmp(name, last) == 0)) continue;
    lb_text_add(&names, "%s%s", names.length > 0 ? ", " : "", name);
    last = name;
  }
  if (n > 0) {
    snprintf(g->note, sizeof g->note, "not observed, so the real body's: %.180s",
             names.length > 0 ? names.data : "joints without a name");
  }
  lb_text_free(&names);
}

lb_status lb_ghost_new(lb_ghost** out, const lb_dynamics* map, bool of_states, lb_system* s) {
  lb_ghost* g = *out = calloc(1, sizeof *g);
  if (!g) return lb_fail(LB_MEMORY, "%s: no memory for what a model imagines", s->name);
  *g = (lb_ghost){.map = *map, .system = s, .restore = of_states ? NULL : lb_mujoco_system_restore(s)};
  size_t nx = (size_t)s->space.nx, nin = (size_t)(of_states ? s->space.nx : s->nobs), size = sizeof(double);
  g->x = calloc(nx, size);
  g->x_next = calloc(nx, size);
  g->in = calloc(nin, size);
  g->next = calloc(nin, size);
  g->real = calloc(nin, size);
  g->action = calloc((size_t)s->nu, size);
  g->dx = calloc((size_t)s->space.ndx, size);
  lb_status status = lb_ok();
  if (!g->x || !g->x_next || !g->in || !g->next || !g->real || !g->action || !g->dx) {
    status = lb_fail(LB_MEMORY, "%s: no memory for what a model imagines", s->name);
  } else if (!of_states && (!g->restore || !s->imagine)) {
    status = lb_fail(LB_INPUT, "%s: a model of observations, which give no body back here", s->name);
  }
  if (status.code != LB_OK) {
    lb_ghost_free(g);
    *out = NULL;
    return status;
  }
  g->map.counts = NULL;
  if (g->restore) write_note(g);
  return status;
}

void lb_ghost_free(lb_ghost* g) {
  if (!g) return;
  free(g->x);
  free(g->x_next);
  free(g->in);
  free(g->next);
  free(g->real);
  free(g->action);
  free(g->dx);
  free(g);
}

void lb_ghost_replace(lb_ghost* g, const lb_dynamics* map) {
  g->map = *map;
  g->map.counts = NULL;
}

// What the task observes in state x.
static void observe(lb_ghost* g, double* obs, const double* u, const double* x) {
  lb_imagined wanted = {.obs = obs};
  g->system->imagine(g->system->self, &wanted, 1, NULL, u, x);
}

void lb_ghost_anchor(lb_ghost* g, const double* x) {
  const lb_system* s = g->system;
  memcpy(g->x, x, (size_t)s->space.nx * sizeof *x);
  if (g->restore) {
    memset(g->action, 0, (size_t)s->nu * sizeof *g->action);
    observe(g, g->in, g->action, x);
  } else {
    memcpy(g->in, x, (size_t)s->space.nx * sizeof *x);
  }
  g->gap = 0;
}

// An action in [-1, 1] for each control; those without limits are as they are.
static void unscale(lb_ghost* g, const double* u) {
  const lb_system* s = g->system;
  for (int i = 0; i < s->nu; ++i) {
    double low = s->u_low[i], high = s->u_high[i], within = fmax(low, fmin(high, u[i]));
    g->action[i] = isfinite(high - low) && high > low ? 2 * (within - low) / (high - low) - 1 : u[i];
  }
}

// The body of an imagined observation; what that leaves open is the real one's.
static void embody(lb_ghost* g, const double* x_real) {
  const lb_restore* r = g->restore;
  lb_restore_next(r, g->x_next, g->x, 1, g->next, g->system->dt);
  for (int i = 0; i < r->nx; ++i) {
    if (!knows(r, i)) g->x_next[i] = x_real[i];
  }
}

// |a - b|.
static double distance(const double* a, const double* b, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum);
}

// Whether all of x (n) is finite.
static bool is_finite(const double* x, int n) {
  for (int i = 0; i < n; ++i) {
    if (!isfinite(x[i])) return false;
  }
  return true;
}

void lb_ghost_step(lb_ghost* g, int t, const double* u, const double* x_real) {
  const lb_system* s = g->system;
  int nx = s->space.nx, nin = g->restore ? s->nobs : nx;
  if (!isfinite(g->gap)) return;
  if (g->restore) {
    unscale(g, u);
    lb_dynamics_step(&g->map, 1, &t, g->in, g->action, g->next);
  } else {
    for (int i = 0; i < s->nu; ++i) g->action[i] = fmax(s->u_low[i], fmin(s->u_high[i], u[i]));
    lb_dynamics_step(&g->map, 1, &t, g->in, g->action, g->next);
    memcpy(g->x_next, g->next, (size_t)nx * sizeof(double));
  }
  if (!is_finite(g->next, nin)) {
    g->gap = INFINITY;
    return;
  }
  if (g->restore) {
    embody(g, x_real);
    observe(g, g->real, u, x_real);
    g->gap = distance(g->next, g->real, nin);
  } else {
    lb_space_difference(&s->space, g->dx, x_real, g->next);
    g->gap = 0;
    for (int i = 0; i < s->space.ndx; ++i) g->gap += g->dx[i] * g->dx[i];
    g->gap = sqrt(g->gap);
  }
  memcpy(g->in, g->next, (size_t)nin * sizeof(double));
  memcpy(g->x, g->x_next, (size_t)nx * sizeof(double));
}

const double* lb_ghost_state(const lb_ghost* g) {
  return g->x;
}

double lb_ghost_gap(const lb_ghost* g) {
  return g->gap;
}

const char* lb_ghost_note(const lb_ghost* g) {
  return g->note;
}
