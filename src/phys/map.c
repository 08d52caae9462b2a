#include "phys/map.h"

#include <assert.h>
#include <math.h>
#include <mujoco/mjbatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "phys/guard.h"
#include "phys/internal.h"

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define WATCHES_THREADS 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define WATCHES_THREADS 1
#endif

// How MuJoCo's pool hands a call over to its threads, and waits for them, is inside a library that the thread sanitizer
// does not see into. These two tell it: what was done before hand_over(place) is seen after take_over(place). What the
// library itself does stays unseen (tests/tsan.supp).
#ifdef WATCHES_THREADS
#include <sanitizer/tsan_interface.h>
static void hand_over(void* place) {
  __tsan_release(place);
}
static void take_over(void* place) {
  __tsan_acquire(place);
}
#else
static void hand_over(void* place) {
  (void)place;
}
static void take_over(void* place) {
  (void)place;
}
#endif

// Copies a text that a pool thread wrote inside the library after run_chunk was left.
#ifdef WATCHES_THREADS
__attribute__((no_sanitize_thread))
#endif
static void
copy_error(char* out, size_t size, const char* text) {
  size_t n = 0;
  for (; text[n] && n + 1 < size; ++n) out[n] = text[n];
  out[n] = '\0';
}

// What one chunk of a call needs of its own.
typedef struct scratch {
  double *x, *up, *down;  // (nx) each
  double* dx;             // (ndx)
  double* u;              // (nu)
  double* column;         // (ndx)
  int next, end;          // items still to be done
} scratch;

struct lb_phys_map {
  const lb_phys_model* model;
  lb_phys_map_config config;
  lb_phys_control control;
  lb_space space;
  double *low, *high;  // (nu) control limits
  mjData* data;        // one thread
  mjBatch* batch;      // more threads: a simulation of the batch is a chunk of items
  const mjModel** models;
  int nchunk;
  scratch* chunks;  // (nchunk)
  lb_arena* arena;
  long evaluations;  // of one linearised knot
};

// One call: what is done to the items 0..n-1.
typedef struct job {
  lb_phys_map* map;
  const double *x, *u;
  double *x_next, *A, *B;
  void (*item)(const struct job* j, const mjModel* m, mjData* d, scratch* s, int i);
  void (*spoil)(const struct job* j, int i);  // writes NaN for an item that MuJoCo gave up
  mjData* data;                               // one thread: where it runs
} job;

lb_phys_map_config lb_phys_map_default_config(void) {
  return (lb_phys_map_config){1, 1e-5, 1e-5};
}

static void fill_nan(double* out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = NAN;
}

// x_next = f(x, s->u), NaN where it diverges. An error of MuJoCo leaves the chunk from here.
static void step_once(const lb_phys_map* map, const mjModel* m, mjData* d, scratch* s, const double* x,
                      double* x_next) {
  lb_phys_put(m, d, &map->control, x);
  hand_over(s);
  if (lb_phys_advance(m, d, &map->control, s->u)) {
    lb_phys_take(m, d, x_next);
  } else {
    fill_nan(x_next, (size_t)map->space.nx);
  }
}

// u of row i into the scratch.
static void put_control(const job* j, scratch* s, int i) {
  size_t nu = (size_t)j->map->control.nu;
  if (nu) memcpy(s->u, j->u + (size_t)i * nu, sizeof(double) * nu);
}

// x'_i = f(x_i, u_i).
static void step_item(const job* j, const mjModel* m, mjData* d, scratch* s, int i) {
  const lb_phys_map* map = j->map;
  size_t nx = (size_t)map->space.nx, at = (size_t)i;
  put_control(j, s, i);
  step_once(map, m, d, s, j->x + at * nx, j->x_next + at * nx);
}

// x'_i is NaN: MuJoCo failed at it.
static void spoil_step(const job* j, int i) {
  size_t nx = (size_t)j->map->space.nx;
  fill_nan(j->x_next + (size_t)i * nx, nx);
}

// Column c (of ncol) of `out` (ndx, ncol) = (up - down) / width.
static void write_column(const lb_phys_map* map, double* out, int ncol, int c, scratch* s, double width) {
  lb_space_difference(&map->space, s->column, s->down, s->up);
  for (int r = 0; r < map->space.ndx; ++r) out[(size_t)r * (size_t)ncol + (size_t)c] = s->column[r] / width;
}

// A = df/dx (ndx, ndx) by central differences in the tangent space.
static void state_columns(const job* j, const mjModel* m, mjData* d, scratch* s, const double* x, double* A) {
  const lb_phys_map* map = j->map;
  int ndx = map->space.ndx;
  double eps = map->config.eps_x;
  memset(s->dx, 0, sizeof(double) * (size_t)ndx);
  for (int c = 0; c < ndx; ++c) {
    s->dx[c] = eps;
    lb_space_displace(&map->space, s->x, x, s->dx);
    step_once(map, m, d, s, s->x, s->up);
    s->dx[c] = -eps;
    lb_space_displace(&map->space, s->x, x, s->dx);
    step_once(map, m, d, s, s->x, s->down);
    s->dx[c] = 0;
    write_column(map, A, ndx, c, s, 2 * eps);
  }
}

// B = df/du (ndx, nu) by central differences, one-sided at a limit.
static void control_columns(const job* j, const mjModel* m, mjData* d, scratch* s, const double* x, double* B) {
  const lb_phys_map* map = j->map;
  int nu = map->control.nu;
  for (int c = 0; c < nu; ++c) {
    double u = s->u[c], low = u - map->config.eps_u, high = u + map->config.eps_u;
    if (map->low[c] <= u && u <= map->high[c]) {
      low = fmax(low, map->low[c]);
      high = fmin(high, map->high[c]);
    }
    s->u[c] = high;
    step_once(map, m, d, s, x, s->up);
    s->u[c] = low;
    step_once(map, m, d, s, x, s->down);
    s->u[c] = u;
    write_column(map, B, nu, c, s, high - low);
  }
}

// A_i, B_i at (x_i, u_i).
static void linearize_item(const job* j, const mjModel* m, mjData* d, scratch* s, int i) {
  const lb_phys_map* map = j->map;
  size_t nx = (size_t)map->space.nx, ndx = (size_t)map->space.ndx, nu = (size_t)map->control.nu, at = (size_t)i;
  put_control(j, s, i);
  state_columns(j, m, d, s, j->x + at * nx, j->A + at * ndx * ndx);
  control_columns(j, m, d, s, j->x + at * nx, j->B + at * ndx * nu);
}

// A_i, B_i are NaN: MuJoCo failed at them.
static void spoil_linearization(const job* j, int i) {
  size_t ndx = (size_t)j->map->space.ndx, nu = (size_t)j->map->control.nu, at = (size_t)i;
  fill_nan(j->A + at * ndx * ndx, ndx * ndx);
  fill_nan(j->B + at * ndx * nu, ndx * nu);
}

// The rows of one chunk that are not done yet, on a thread's own mjData.
static void run_chunk(const mjModel* m, mjData* d, int chunk, void* arg) {
  take_over(arg);
  const job* j = arg;
  scratch* s = &j->map->chunks[chunk];
  for (; s->next < s->end; ++s->next) j->item(j, m, d, s, s->next);
  hand_over(s);
}

// For lb_phys_guard: the only chunk, on the caller's thread.
static void run_alone(void* arg) {
  const job* j = arg;
  run_chunk(j->map->model->raw, j->data, 0, arg);
}

// An error of MuJoCo costs the item that it struck, not the call.
static void skip_item(const job* j, int chunk, const char* error) {
  scratch* s = &j->map->chunks[chunk];
  char text[LB_PHYS_MESSAGE], line[LB_PHYS_MESSAGE];
  copy_error(text, sizeof text, error);
  lb_phys_one_line(line, sizeof line, text);
  lb_log_warning("%s: MuJoCo gave up a step: %s", j->map->model->path, line);
  j->spoil(j, s->next);
  s->next += 1;
}

// A batch whose call itself is refused (never by what a user can do) leaves through the guard as well.
static void run_batch(void* arg) {
  const job* j = arg;
  lb_phys_map* map = j->map;
  mjb_setModels(map->batch, map->models);
  int failed;
  do {
    hand_over(arg);
    failed = mjb_apply(map->batch, NULL, 0, run_chunk, arg, 0);
    for (int c = 0; c < map->nchunk; ++c) {
      take_over(&map->chunks[c]);
      if (mjb_status(map->batch)[c]) skip_item(j, c, mjb_error(map->batch, c));
    }
  } while (failed > 0);
}

// All n rows; one at which MuJoCo fails is spoilt and passed over.
static void run(job* j, int n) {
  lb_phys_map* map = j->map;
  char error[LB_PHYS_MESSAGE];
  for (int c = 0; c < map->nchunk; ++c) {
    map->chunks[c].next = (int)((long)n * c / map->nchunk);
    map->chunks[c].end = (int)((long)n * (c + 1) / map->nchunk);
  }
  if (map->batch) {
    bool ran = lb_phys_guard(run_batch, j, error);
    if (!ran) lb_log_warning("%s: %s", map->model->path, error);
    assert(ran);
    return;
  }
  j->data = map->data;
  while (!lb_phys_guard(run_alone, j, error)) {
    mj_resetData(map->model->raw, map->data);  // its stack is as the error left it
    skip_item(j, 0, error);
  }
}

void lb_phys_map_step(lb_phys_map* map, int n, const double* x, const double* u, double* x_next) {
  job j = {.map = map, .x = x, .u = u, .x_next = x_next, .item = step_item, .spoil = spoil_step};
  run(&j, n);
}

long lb_phys_map_linearize(lb_phys_map* map, int n, const double* x, const double* u, double* A, double* B) {
  job j = {.map = map, .x = x, .u = u, .A = A, .B = B, .item = linearize_item, .spoil = spoil_linearization};
  run(&j, n);
  return n * map->evaluations;
}

// Room for one row in each chunk.
static void take_scratch(lb_phys_map* map) {
  int nx = map->space.nx, ndx = map->space.ndx, nu = map->control.nu;
  map->chunks = LB_TAKE(map->arena, scratch, map->nchunk);
  for (int c = 0; c < map->nchunk; ++c) {
    map->chunks[c] = (scratch){.x = LB_TAKE(map->arena, double, nx),
                               .up = LB_TAKE(map->arena, double, nx),
                               .down = LB_TAKE(map->arena, double, nx),
                               .dx = LB_TAKE(map->arena, double, ndx),
                               .u = LB_TAKE(map->arena, double, nu + 1),
                               .column = LB_TAKE(map->arena, double, ndx)};
  }
}

// MuJoCo's own threads, with the caller's model for each chunk.
static lb_status make_batch(lb_phys_map* map) {
  char error[LB_PHYS_MESSAGE] = "";
  mjBatchConfig config;
  mjb_defaultConfig(&config);
  config.nthread = map->config.threads;
  map->batch = mjb_makeBatch(map->model->raw, map->nchunk, &config, error, sizeof error);
  if (!map->batch) return lb_fail(LB_INPUT, "%s: %s", map->model->path, error);
  // The caller's model itself, so that changed fields count.
  map->models = LB_TAKE(map->arena, const mjModel*, map->nchunk);
  for (int c = 0; c < map->nchunk; ++c) map->models[c] = map->model->raw;
  return lb_ok();
}

// All that a map needs of its model: controls, their limits, chunks, data.
static lb_status fill(lb_phys_map* map, const lb_phys_rate* rate) {
  char error[LB_PHYS_MESSAGE];
  LB_TRY(lb_phys_control_new(&map->control, map->model, rate));
  map->low = LB_TAKE(map->arena, double, rate->nu + 1);
  map->high = LB_TAKE(map->arena, double, rate->nu + 1);
  for (int i = 0; i < rate->nu; ++i) {
    LB_TRY(lb_phys_model_control(map->model, rate->actuators[i], &map->low[i], &map->high[i]));
  }
  // A few chunks a thread, so that a thread that was held up does not hold up the rest.
  map->nchunk = map->config.threads == 1 ? 1 : 4 * map->config.threads;
  take_scratch(map);
  if (map->config.threads > 1) return make_batch(map);
  map->data = lb_phys_data_new(map->model->raw, error);
  return map->data ? lb_ok() : lb_fail(LB_MEMORY, "%s: %s", map->model->path, error);
}

lb_status lb_phys_map_new(lb_phys_map** out, const lb_phys_model* model, const lb_phys_rate* rate,
                          const lb_phys_map_config* config) {
  lb_phys_map* map = *out = calloc(1, sizeof *map);
  if (!map) return lb_fail(LB_MEMORY, "no memory for a simulation");
  map->model = model;
  map->config = config ? *config : lb_phys_map_default_config();
  assert(map->config.threads >= 1 && map->config.eps_x > 0 && map->config.eps_u > 0);
  map->space = lb_phys_model_space(model);
  map->evaluations = 2 * (long)(map->space.ndx + rate->nu);
  map->arena = lb_arena_new(1 << 14);
  lb_status status = map->arena ? fill(map, rate) : lb_fail(LB_MEMORY, "no memory for a simulation");
  if (status.code != LB_OK) {
    lb_phys_map_free(map);
    *out = NULL;
  }
  return status;
}

void lb_phys_map_free(lb_phys_map* map) {
  if (!map) return;
  mjb_deleteBatch(map->batch);
  mj_deleteData(map->data);
  lb_phys_control_free(&map->control);
  lb_arena_free(map->arena);
  free(map);
}
