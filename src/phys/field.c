#include "phys/field.h"

#include <math.h>
#include <mujoco/mjxmacro.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "phys/guard.h"
#include "phys/internal.h"

// A member of mjModel (or of its option), as MuJoCo's own list has it.
typedef struct entry {
  const char* name;  // whole: "actuator_gainprm"
  size_t member;
  int columns;
  bool real;  // mjtNum
} entry;

enum { MAX_ENTRIES = 64 };

typedef struct table {
  int n;
  entry entries[MAX_ENTRIES];
} table;

#define IS_REAL_mjtNum true
#define IS_REAL_int false
#define IS_REAL_float false
#define IS_REAL_mjtByte false
#define IS_REAL_mjtBool false

#define X(type, member, rows, columns) \
  if (t->n < MAX_ENTRIES)              \
    t->entries[t->n++] = (entry){#member, offsetof(mjModel, member), (int)(columns), IS_REAL_##type};
#define XNV X
#undef MJ_M
#define MJ_M(size) m->size

// The members that belong to one kind of element; a joint has its degrees of freedom's as well.
static void list_members(table* t, const mjModel* m, lb_phys_kind kind) {
  t->n = 0;
  switch (kind) {
    case LB_PHYS_BODY:
      MJMODEL_POINTERS_BODY break;
    case LB_PHYS_JOINT:
      MJMODEL_POINTERS_JOINT MJMODEL_POINTERS_DOF break;
    case LB_PHYS_GEOM:
      MJMODEL_POINTERS_GEOM break;
    case LB_PHYS_SITE:
      MJMODEL_POINTERS_SITE break;
    case LB_PHYS_TENDON:
      MJMODEL_POINTERS_TENDON break;
    case LB_PHYS_EQUALITY:
      MJMODEL_POINTERS_EQUALITY break;
    case LB_PHYS_ACTUATOR:
      MJMODEL_POINTERS_ACTUATOR break;
    default:
      break;
  }
}

#undef X
#undef XNV

// Whether mj_setConst reads it.
static bool is_read_by_set_const(const char* member) {
#define X(name, a, b, c, d) \
  if (((a) | (b) | (c) | (d)) & 1 && strcmp(member, #name) == 0) return true;
  MJSETCONST_ARRAYS
#undef X
  return false;
}

// Whether the text ends with `tail`.
static bool ends_with(const char* text, const char* tail) {
  size_t n = strlen(text), k = strlen(tail);
  return n >= k && strcmp(text + n - k, tail) == 0;
}

// What MuJoCo derives, what must keep a norm, what no law of motion reads.
static bool is_parameter(const entry* e) {
  static const char* const tails[] = {"quat",  "_user",   "invweight0", "_subtreemass", "_M0",         "_length",
                                      "_aabb", "_rbound", "_acc0",      "_length0",     "lengthrange", "_width"};
  if (!e->real || strcmp(e->name, "body_margin") == 0) return false;
  for (size_t i = 0; i < sizeof tails / sizeof tails[0]; ++i) {
    if (ends_with(e->name, tails[i])) return false;
  }
  return true;
}

// "gainprm" of "actuator_gainprm".
static const char* short_name(const entry* e) {
  return strchr(e->name, '_') + 1;
}

static bool has_prefix(const entry* e, const char* prefix) {
  return strncmp(e->name, prefix, strlen(prefix)) == 0;
}

// First row and number of rows of an element in a member's array. Only some members have an array of their own.
static void rows_of(const mjModel* m, lb_phys_kind kind, int id, const entry* e, int* first, int* rows) {
  *first = id;
  *rows = 1;
  if (kind == LB_PHYS_JOINT && has_prefix(e, "dof_")) {
    *first = m->jnt_dofadr[id];
    *rows = m->jnt_type[id] == mjJNT_FREE ? 6 : m->jnt_type[id] == mjJNT_BALL ? 3 : 1;
  } else if (kind == LB_PHYS_ACTUATOR && has_prefix(e, "actuator_ctrl")) {
    *first = m->actuator_ctrladr[id];
    *rows = m->actuator_ctrlnum[id];
  } else if (kind == LB_PHYS_ACTUATOR && has_prefix(e, "actuator_gear")) {
    *first = m->actuator_outadr[id];
    *rows = m->actuator_outnum[id];
  }
}

// The lower end of a member of mjModel, and whether it belongs to the range: masses are positive, frictions not
// negative.
static void set_range(lb_phys_field* f, const char* member) {
  static const char* const positive[] = {"body_mass", "body_inertia"};
  static const char* const not_negative[] = {"geom_friction",   "dof_armature",        "dof_frictionloss",
                                             "tendon_armature", "tendon_frictionloss", "actuator_armature"};
  f->low = -INFINITY;
  for (size_t i = 0; i < sizeof positive / sizeof positive[0]; ++i) {
    if (strcmp(member, positive[i]) == 0) f->low = 0;
  }
  for (size_t i = 0; i < sizeof not_negative / sizeof not_negative[0]; ++i) {
    if (strcmp(member, not_negative[i]) == 0) f->low = 0, f->closed = true;
  }
}

// A failure that suggests the nearest parameter of the owner.
static lb_status no_field(const table* t, const char* owner, const char* field) {
  const char* names[MAX_ENTRIES];
  int n = 0;
  for (int i = 0; i < t->n; ++i) {
    if (!is_parameter(&t->entries[i])) continue;
    if (strcmp(short_name(&t->entries[i]), field) == 0) continue;
    names[n++] = short_name(&t->entries[i]);
  }
  const char* nearest = lb_text_nearest(field, names, n);
  return nearest ? lb_fail(LB_INPUT, "%s has no parameter '%s' (did you mean '%s'?)", owner, field, nearest)
                 : lb_fail(LB_INPUT, "%s has no parameter '%s'", owner, field);
}

static lb_status bad_index(const char* owner, const char* field, int index, int size) {
  return lb_fail(LB_INPUT, "'%s' of %s has entries 0 to %d, not %d", field, owner, size - 1, index);
}

lb_status lb_phys_field_find(lb_phys_field* out, const lb_phys_model* model, lb_phys_kind kind, const char* name,
                             const char* field, int index) {
  const mjModel* m = model->raw;
  int id;
  LB_TRY(lb_phys_model_find(model, &id, kind, name));
  char owner[200];
  snprintf(owner, sizeof owner, "%s '%s'", lb_phys_kind_name(kind), name);
  table t;
  list_members(&t, m, kind);
  for (int i = 0; i < t.n; ++i) {
    const entry* e = &t.entries[i];
    if (!is_parameter(e) || strcmp(short_name(e), field) != 0) continue;
    int first, rows;
    rows_of(m, kind, id, e, &first, &rows);
    int size = rows * e->columns;
    if (index < 0 || index >= size) return bad_index(owner, field, index, size);
    *out = (lb_phys_field){
        .member = e->member, .index = first * e->columns + index, .derived = is_read_by_set_const(e->name)};
    set_range(out, e->name);
    return lb_ok();
  }
  return no_field(&t, owner, field);
}

static const struct {
  const char* name;
  size_t member;
  int size;
} options[] = {{"gravity", offsetof(mjModel, opt.gravity), 3},     {"wind", offsetof(mjModel, opt.wind), 3},
               {"magnetic", offsetof(mjModel, opt.magnetic), 3},   {"density", offsetof(mjModel, opt.density), 1},
               {"viscosity", offsetof(mjModel, opt.viscosity), 1}, {"impratio", offsetof(mjModel, opt.impratio), 1}};

enum { NOPTION = sizeof options / sizeof options[0] };

lb_status lb_phys_field_find_option(lb_phys_field* out, const lb_phys_model* model, const char* field, int index) {
  const char* names[NOPTION];
  (void)model;
  for (int i = 0; i < NOPTION; ++i) {
    names[i] = options[i].name;
    if (strcmp(field, names[i]) != 0) continue;
    if (index < 0 || index >= options[i].size) return bad_index("the option", field, index, options[i].size);
    *out = (lb_phys_field){.member = options[i].member, .index = index, .option = true, .derived = true};
    out->low = -INFINITY;
    return lb_ok();
  }
  const char* nearest = lb_text_nearest(field, names, NOPTION);
  return nearest ? lb_fail(LB_INPUT, "there is no option '%s' to vary (did you mean '%s'?)", field, nearest)
                 : lb_fail(LB_INPUT, "there is no option '%s' to vary", field);
}

// Where the field's number stands in the model; `member` is an offset in mjModel, of a number or of a pointer to
// numbers.
static double* place(const mjModel* m, const lb_phys_field* f) {
  const char* member = (const char*)m + f->member;
  double* base;
  if (f->option) {
    memcpy(&base, &member, sizeof base);
  } else {
    memcpy(&base, member, sizeof base);
  }
  return base + f->index;
}

double lb_phys_field_get(const lb_phys_model* model, const lb_phys_field* field) {
  return *place(model->raw, field);
}

struct lb_phys_editor {
  lb_phys_model* model;
  mjData* data;  // where mj_setConst works; NULL where nothing is derived
  int n;
  bool derived;
  lb_phys_field* fields;
  double* before;  // (n)
};

// Remembers the fields, and takes an mjData where mj_setConst must derive others from them.
lb_status lb_phys_editor_new(lb_phys_editor** out, lb_phys_model* model, int n, const lb_phys_field* fields) {
  char error[LB_PHYS_MESSAGE] = "no memory for a model's parameters";
  lb_phys_editor* e = *out = calloc(1, sizeof *e);
  bool made = e;
  if (e) {
    *e = (lb_phys_editor){.model = model, .n = n};
    e->fields = calloc((size_t)n + 1, sizeof *e->fields);
    e->before = calloc((size_t)n + 1, sizeof *e->before);
    made = e->fields && e->before;
    for (int i = 0; made && i < n; ++i) {
      e->fields[i] = fields[i];
      e->derived = e->derived || fields[i].derived;
    }
    if (made && e->derived) e->data = lb_phys_data_new(model->raw, error);
    made = made && (e->data || !e->derived);
  }
  if (made) return lb_ok();
  lb_phys_editor_free(e);
  *out = NULL;
  return lb_fail(LB_MEMORY, "%s: %s", model->path, error);
}

// Frees the editor; NULL is nothing to free.
void lb_phys_editor_free(lb_phys_editor* e) {
  if (!e) return;
  mj_deleteData(e->data);
  free(e->fields);
  free(e->before);
  free(e);
}

// For lb_phys_guard: mj_setConst, by which MuJoCo derives constants from changed fields.
static void set_const(void* arg) {
  lb_phys_editor* e = arg;
  mj_setConst(e->model->raw, e->data);
}

static bool is_in_range(const lb_phys_field* f, double value) {
  return isfinite(value) && (value > f->low || (f->closed && value >= f->low));
}

bool lb_phys_editor_set(lb_phys_editor* e, const double* values) {
  mjModel* m = e->model->raw;
  bool changes = false;
  for (int i = 0; i < e->n; ++i) {
    if (!is_in_range(&e->fields[i], values[i])) return false;
  }
  for (int i = 0; i < e->n; ++i) {
    double* at = place(m, &e->fields[i]);
    e->before[i] = *at;
    if (*at != values[i] && e->fields[i].derived) changes = true;
    *at = values[i];
  }
  if (!changes || lb_phys_guard(set_const, e, NULL)) return true;
  for (int i = 0; i < e->n; ++i) *place(m, &e->fields[i]) = e->before[i];
  mj_resetData(m, e->data);  // its stack is as the error left it
  lb_phys_guard(set_const, e, NULL);
  return false;
}
