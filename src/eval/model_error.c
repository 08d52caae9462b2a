// Open-loop prediction errors: see model_error.h.
#include "eval/model_error.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 256 };

// Where the model is after k steps from segments begin..begin + n, in x (n, nx); other: (n, nx) to work in.
static const double* predict(const lb_dynamics* model, const lb_segments* s, int begin, int n, int* t, double* x,
                             double* other) {
  size_t nx = (size_t)model->space->nx, nu = (size_t)model->nu;
  memcpy(x, s->x + (size_t)begin * nx, (size_t)n * nx * sizeof *x);
  for (int k = 0; k < s->k; ++k) {
    const double* u = s->u + ((size_t)k * (size_t)s->n + (size_t)begin) * nu;
    for (int i = 0; i < n; ++i) t[i] = k;
    model->step(model->ctx, n, t, x, u, other);
    double* swapped = x;
    x = other;
    other = swapped;
  }
  return x;
}

// Mean over the directions of the squared difference in units of scale.
static double squared(const lb_space* space, const double* scale, const double* real, const double* predicted,
                      double* dx) {
  double sum = 0;
  lb_space_difference(space, dx, real, predicted);
  for (int j = 0; j < space->ndx; ++j) sum += dx[j] / scale[j] * (dx[j] / scale[j]);
  return sum / space->ndx;
}

lb_estimate lb_model_error_open_loop(const lb_dynamics* model, const lb_segments* s, const double* scale,
                                     lb_arena* scratch) {
  int nx = model->space->nx;
  lb_mark mark = lb_arena_mark(scratch);
  double* x = LB_TAKE(scratch, double, ((size_t)CHUNK * (size_t)nx));
  double* other = LB_TAKE(scratch, double, ((size_t)CHUNK * (size_t)nx));
  double* dx = LB_TAKE(scratch, double, model->space->ndx);
  int t[CHUNK];
  lb_moments moments = {0};
  for (int begin = 0; begin < s->n; begin += CHUNK) {
    int n = s->n - begin < CHUNK ? s->n - begin : CHUNK;
    const double* predicted = predict(model, s, begin, n, t, x, other);
    for (int i = 0; i < n; ++i) {
      const double* real = s->end + (size_t)(begin + i) * (size_t)nx;
      lb_moments_add(&moments, squared(model->space, scale, real, predicted + (ptrdiff_t)i * nx, dx));
    }
  }
  lb_arena_release(scratch, mark);
  lb_estimate e = lb_estimate_of(&moments);
  e.mean = sqrt(e.mean);
  e.se = e.mean > 0 ? e.se / (2 * e.mean) : e.se;
  return e;
}

void lb_model_error_scale(double* scale, const lb_transitions* data, int first, double share, lb_arena* scratch) {
  int width = lb_transitions_width(data->nobs, data->nact);
  lb_mark mark = lb_arena_mark(scratch);
  lb_moments* moments = LB_TAKE(scratch, lb_moments, 2 * data->nobs);
  for (int i = 0; i < data->n; ++i) {
    const float* row = data->data + (ptrdiff_t)(data->rows ? data->rows[i] : i) * width;
    lb_moments* part = moments + (i < first ? 0 : data->nobs);
    for (int j = 0; j < data->nobs; ++j) lb_moments_add(&part[j], (double)row[j]);
  }
  for (int j = 0; j < data->nobs; ++j) {
    double mean, variance;
    lb_moments_mix(&mean, &variance, &moments[j], &moments[data->nobs + j], share);
    double sd = data->n > 1 ? sqrt(variance * data->n / (data->n - 1)) : 0;
    scale[j] = sd < 1e-12 ? 1 : sd;
  }
  lb_arena_release(scratch, mark);
}
