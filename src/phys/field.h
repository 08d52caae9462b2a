// Numbers inside a model: any real-valued physical field of a named element, read and changed.
#ifndef LB_PHYS_FIELD_H_
#define LB_PHYS_FIELD_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "phys/phys_model.h"

typedef struct lb_phys_field {
  size_t member;  // offset in mjModel, of a pointer or of the option's number itself
  int index;      // element of the array
  bool option;    // a field of mjModel.opt
  bool derived;   // other fields of the model are computed from it (mj_setConst)
  double low;     // values must be above this...
  bool closed;    // ...or equal to it
} lb_phys_field;

// Finds field `field` of the element `name`, entry `index` of it. Fields have mjModel's names without the element's
// prefix: body "mass", "inertia" [3], "ipos" [3]; joint "stiffness", "damping", "armature", "frictionloss" (an entry a
// degree of freedom); geom "friction" [3]; actuator "gainprm", "biasprm" [10], "gear" [6]... What MuJoCo computes by
// itself (invweight0, ...), quaternions and user data are no parameters. LB_INPUT names what is missing, and the
// nearest.
lb_status lb_phys_field_find(lb_phys_field* out, const lb_phys_model* model, lb_phys_kind kind, const char* name,
                             const char* field, int index);

// The same for an <option>: gravity [3], wind [3], magnetic [3], density, viscosity, impratio.
lb_status lb_phys_field_find_option(lb_phys_field* out, const lb_phys_model* model, const char* field, int index);

double lb_phys_field_get(const lb_phys_model* model, const lb_phys_field* field);

// What changes fields of one model over and over; the model is the caller's and must outlive it.
typedef struct lb_phys_editor lb_phys_editor;

lb_status lb_phys_editor_new(lb_phys_editor** out, lb_phys_model* model, int n, const lb_phys_field* fields);
void lb_phys_editor_free(lb_phys_editor* editor);

// Sets all n fields to values (n) and what MuJoCo derives from them. False, and no change, where a value is not finite
// or out of its field's range: a mass or an inertia must be above 0, a friction, armature or friction loss not below.
bool lb_phys_editor_set(lb_phys_editor* editor, const double* values);

#endif  // LB_PHYS_FIELD_H_
