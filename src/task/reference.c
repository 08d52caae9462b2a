#include "task/reference.h"

#include <stdint.h>
#include <string.h>

#include "io/npz.h"

// x (H + 1, nx), u (H, nu); fails where a quaternion is none.
static lb_status read_arrays(lb_trajectory* reference, lb_arena* arena, const lb_task_spec* spec, const lb_npz* npz) {
  int nx = lb_phys_model_sizes(spec->model).nx;
  int64_t x_shape[2] = {spec->horizon + 1, nx}, u_shape[2] = {spec->horizon, spec->nu};
  double *x, *u;
  LB_TRY(lb_npz_doubles(npz, "x", 2, x_shape, arena, &x, NULL));
  LB_TRY(lb_npz_doubles(npz, "u", 2, u_shape, arena, &u, NULL));
  for (int t = 0; t <= spec->horizon; ++t) {
    int bad = lb_phys_model_bad_component(spec->model, x + (size_t)t * (size_t)nx);
    if (bad < 0) continue;
    return lb_fail(LB_INPUT, "%s: x[%d, %d..%d] is no quaternion of unit length", lb_npz_origin(npz), t, bad, bad + 3);
  }
  *reference = (lb_trajectory){spec->horizon, x, u};
  return lb_ok();
}

// The reference from its .npz.
static lb_status read_file(lb_trajectory* reference, lb_arena* arena, const lb_task_spec* spec) {
  lb_npz* npz;
  LB_TRY(lb_npz_open(&npz, spec->reference));
  lb_status status = read_arrays(reference, arena, spec, npz);
  lb_npz_free(npz);
  return status;
}

// The reference without a file: x_t = x0, u_t = 0.
static void stay(lb_trajectory* reference, const double* x0, int nx, lb_arena* arena, const lb_task_spec* spec) {
  double* x = LB_TAKE(arena, double, (spec->horizon + 1) * nx);
  for (int t = 0; t <= spec->horizon; ++t) memcpy(x + (size_t)t * (size_t)nx, x0, sizeof(double) * (size_t)nx);
  *reference = (lb_trajectory){spec->horizon, x, LB_TAKE(arena, double, spec->horizon * spec->nu)};
}

lb_status lb_reference_load(lb_trajectory* reference, double* x0, lb_arena* arena, const lb_task_spec* spec) {
  int nx = lb_phys_model_sizes(spec->model).nx;
  if (spec->reference) LB_TRY(read_file(reference, arena, spec));
  if (spec->start == LB_START_REFERENCE) {
    memcpy(x0, reference->x, sizeof(double) * (size_t)nx);
  } else {
    lb_task_spec_start(spec, x0);
  }
  if (!spec->reference) stay(reference, x0, nx, arena, spec);
  return lb_ok();
}

lb_status lb_reference_save(const char* path, const lb_trajectory* reference, int nx, int nu, const char* metadata) {
  int64_t x_shape[2] = {reference->length + 1, nx}, u_shape[2] = {reference->length, nu};
  lb_npz_writer* w = lb_npz_writer_new(true);
  lb_npz_add_doubles(w, "x", 2, x_shape, reference->x);
  lb_npz_add_doubles(w, "u", 2, u_shape, reference->u);
  lb_npz_add_string(w, "metadata", metadata);
  lb_status status = lb_npz_save(w, path);
  lb_npz_writer_free(w);
  return status;
}
