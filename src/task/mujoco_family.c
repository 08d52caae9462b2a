#include "task/mujoco_family.h"

#include <stdlib.h>

typedef struct context {
  lb_family family;
  const lb_task_spec* spec;
  lb_phys_map_config config;
} context;

typedef struct member {
  lb_phys_model* model;
  lb_phys_editor* editor;
  lb_phys_map* map;
} member;

// Frees a member; NULL is nothing to free.
static void member_free(void* self) {
  member* m = self;
  if (!m) return;
  lb_phys_map_free(m->map);
  lb_phys_editor_free(m->editor);
  lb_phys_model_free(m->model);
  free(m);
}

// A copy of the task's model, an editor of its parameters, a map of its steps.
static lb_status fill(member* m, const context* c) {
  const lb_task_spec* spec = c->spec;
  lb_phys_rate rate = lb_task_spec_rate(spec);
  lb_phys_field* fields = calloc((size_t)spec->nparameter, sizeof *fields);
  m->model = lb_phys_model_copy(spec->model);
  lb_status status = fields && m->model ? lb_ok() : lb_fail(LB_MEMORY, "no memory for a model of '%s'", spec->name);
  if (status.code == LB_OK && fields) {
    for (int i = 0; i < spec->nparameter; ++i) fields[i] = spec->parameters[i].place;
    status = lb_phys_editor_new(&m->editor, m->model, spec->nparameter, fields);
  }
  if (status.code == LB_OK) status = lb_phys_map_new(&m->map, m->model, &rate, &c->config);
  free(fields);
  return status;
}

// A member at the task's parameters; NULL when memory is short.
static void* member_new(void* ctx) {
  member* m = calloc(1, sizeof *m);
  if (m && fill(m, ctx).code != LB_OK) {
    member_free(m);
    return NULL;
  }
  return m;
}

// Takes the parameters; false where the model cannot have them.
static bool member_set(void* self, const double* theta) {
  member* m = self;
  return lb_phys_editor_set(m->editor, theta);
}

// x_next (n, nx): one control step of each row.
static void step(void* self, int n, const int* t, const double* x, const double* u, double* x_next) {
  member* m = self;
  (void)t;
  lb_phys_map_step(m->map, n, x, u, x_next);
}

// A (n, ndx, ndx), B (n, ndx, nu) by finite differences; returns the steps that took.
static long linearize(void* self, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  member* m = self;
  (void)t;
  return lb_phys_map_linearize(m->map, n, x, u, A, B);
}

const lb_family* lb_mujoco_family_new(lb_arena* arena, const lb_task_spec* spec, const lb_space* space,
                                      const lb_phys_map_config* config) {
  int n = spec->nparameter;
  if (n == 0) return NULL;
  context* c = LB_TAKE(arena, context, 1);
  const char** names = LB_TAKE(arena, const char*, n);
  double *truth = LB_TAKE(arena, double, n), *low = LB_TAKE(arena, double, n), *high = LB_TAKE(arena, double, n);
  for (int i = 0; i < n; ++i) {
    names[i] = spec->parameters[i].name;
    truth[i] = lb_phys_field_get(spec->model, &spec->parameters[i].place);
    low[i] = spec->parameters[i].low;
    high[i] = spec->parameters[i].high;
  }
  c->spec = spec;
  c->config = *config;
  c->family = (lb_family){.nparam = n,
                          .names = names,
                          .truth = truth,
                          .prior_low = low,
                          .prior_high = high,
                          .space = space,
                          .nu = spec->nu,
                          .ctx = c,
                          .member_new = member_new,
                          .member_free = member_free,
                          .member_set = member_set,
                          .step = step,
                          .linearize = linearize};
  return &c->family;
}
