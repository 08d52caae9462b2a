#include "phys/raw.h"

#include <stdlib.h>

#include "phys/guard.h"
#include "phys/internal.h"

struct lb_phys_raw {
  const lb_phys_model* model;
  mjData* data;
  lb_phys_control control;
};

lb_status lb_phys_raw_new(lb_phys_raw** out, const lb_phys_model* model, const lb_phys_rate* rate) {
  char error[LB_PHYS_MESSAGE];
  lb_phys_raw* raw = *out = calloc(1, sizeof *raw);
  if (!raw) return lb_fail(LB_MEMORY, "no memory for a simulation");
  raw->model = model;
  lb_status status = lb_phys_control_new(&raw->control, model, rate);
  if (status.code == LB_OK) {
    raw->data = lb_phys_data_new(model->raw, error);
    if (!raw->data) status = lb_fail(LB_MEMORY, "%s: %s", model->path, error);
  }
  if (status.code != LB_OK) {
    lb_phys_raw_free(raw);
    *out = NULL;
  }
  return status;
}

void lb_phys_raw_free(lb_phys_raw* raw) {
  if (!raw) return;
  lb_phys_control_free(&raw->control);
  mj_deleteData(raw->data);
  free(raw);
}

void lb_phys_raw_run(lb_phys_raw* raw, const double* x, const double* u, int horizon, long n) {
  const mjModel* m = raw->model->raw;
  mjData* d = raw->data;
  const lb_phys_control* c = &raw->control;
  for (long i = 0; i < n; ++i) {
    int t = (int)(i % horizon);
    if (t == 0) lb_phys_put(m, d, c, x);
    for (int k = 0; k < c->nu; ++k) d->ctrl[c->address[k]] = u[t * c->nu + k];
    for (int k = 0; k < c->frame_skip; ++k) mj_step(m, d);
  }
}
