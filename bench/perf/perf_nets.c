// The updates of networks beside the core's own peak of multiply-adds (perf/perf_peak.h), measured in turns with them.
// The work is counted as a plain program would do it; the limit is the time that the peak would take for as many
// operations.
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/sort.h"
#include "data/ring.h"
#include "model/neural.h"
#include "perf/perf.h"
#include "perf/perf_peak.h"
#include "plan/sac.h"

enum { NOBS = 11, NACT = 3, BATCH = 256, ROOM = 100000, ITERATIONS = 15, ROLLOUT = 100000 };
static const double seconds_each = 0.04;

typedef struct nets {
  lb_arena* arena;
  lb_ring ring;
  lb_rng rng;
  lb_sac* sac;
  lb_neural* ensemble;
  lb_neural_values* values;  // NULL: the prediction loss
  int* rows;
  float *obs, *act, *next, *reward;
} nets;

// A buffer full of random transitions.
static void open_nets(nets* s) {
  *s = (nets){.arena = lb_arena_new(0), .rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0)};
  float row[2 * NOBS + NACT + 1];
  lb_ring_init(&s->ring, NOBS, NACT, ROOM, s->arena);
  for (int i = 0; i < ROOM; i++) {
    for (size_t j = 0; j < sizeof row / sizeof *row; j++) row[j] = (float)(2 * lb_rng_uniform(&s->rng) - 1);
    lb_ring_add(&s->ring, row, row + NOBS, row[NOBS + NACT], i % 500 == 0, row + NOBS + NACT + 1);
  }
}

// The median of n numbers.
static double median(double* a, int n) {
  lb_sort(a, n);
  return lb_sort_median(a, n);
}

// Measures `run` and the peak in turns, so that what else the machine does falls on both.
static lb_perf_result beside_peak(const char* name, void (*run)(void* ctx, long n), nets* s, double flop,
                                  int iterations) {
  double own[ITERATIONS], limit[ITERATIONS], best = INFINITY;
  for (int i = 0; i < iterations; i++) {
    own[i] = lb_perf_measure(run, s, seconds_each, 1).median;
    limit[i] = lb_perf_measure(lb_perf_peak_run, NULL, seconds_each, 1).median * flop / lb_perf_peak_flop;
    best = fmin(best, own[i]);
  }
  lb_perf_time time = {.median = median(own, iterations), .best = best};
  lb_perf_result result = lb_perf_duration(name, "ms", time, 1e3, median(limit, iterations));
  result.flop = flop;
  return result;
}

// n updates, with drawing and gathering.
static void run_sac(void* ctx, long n) {
  nets* s = ctx;
  int rows[BATCH];
  lb_sac_report report;
  for (long i = 0; i < n; i++) {
    lb_ring_draw(&s->ring, rows, BATCH, &s->rng);
    lb_transitions batch = lb_ring_view(&s->ring, rows, BATCH);
    lb_sac_update(s->sac, &report, &batch, NULL, &s->rng);
  }
}

// Each sample would have to go back through both critics; the update itself takes the lesser one alone, and so executes
// 6 % less. Forward: the actor twice, the critics and their targets, the critics again. Backward: the critics with
// their weights; the critics to the action alone; the actor with its weights.
static double sac_flop(double w) {
  double critic = (NOBS + NACT + 1) * w + w * w, actor = (NOBS + 2 * NACT) * w + w * w;
  double critics = 2 * (3 * critic + critic + (w * w + w) + (w * w + w + NACT * w));
  return 2.0 * BATCH * (critics + 3 * actor + (w * w + 2 * NACT * w));
}

// Times an update of networks of this width beside the core's peak.
static lb_status sac_update(lb_perf_result* result, const char* name, int width) {
  nets s;
  open_nets(&s);
  lb_sac_config config = lb_sac_default_config(NOBS, NACT);
  config.width = width;
  s.sac = lb_sac_new(&config, &s.rng, s.arena);
  *result = beside_peak(name, run_sac, &s, sac_flop(width), ITERATIONS);
  result->note = "11 observations, 3 actions, batch 256, with drawing and gathering; limit: fma";
  lb_arena_free(s.arena);
  return lb_ok();
}

lb_status lb_perf_sac_256(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)root;
  (void)task;
  return sac_update(result, name, 256);
}

lb_status lb_perf_sac_512(lb_perf_result* result, const char* name, const char* root, const char* task) {
  (void)root;
  (void)task;
  return sac_update(result, name, 512);
}

// A buffer and an ensemble with its normalizer.
static void open_ensemble(nets* s, lb_neural_config* config, lb_neural_loss loss) {
  *config = lb_neural_default_config(NOBS, NACT);
  config->loss = loss;
  open_nets(s);
  s->ensemble = lb_neural_new(config, &s->rng, s->arena);
  lb_transitions all = lb_ring_view(&s->ring, NULL, s->ring.n);
  lb_neural_normalize(s->ensemble, &all);
  s->rows = LB_TAKE(s->arena, int, config->members* BATCH);
}

// Multiply-adds of one member's forward pass for one sample.
static double forward_work(const lb_neural_config* c) {
  double w = c->width, inner = (c->hidden - 1) * w * w;
  return (NOBS + NACT) * w + inner + w * 2 * (NOBS + 1);
}

// n updates of all members.
static void run_ensemble(void* ctx, long n) {
  nets* s = ctx;
  int draws = lb_neural_config_of(s->ensemble)->members * BATCH;
  lb_transitions all = lb_ring_view(&s->ring, NULL, s->ring.n);
  for (long i = 0; i < n; i++) {
    lb_ring_draw(&s->ring, s->rows, draws, &s->rng);
    lb_neural_step(s->ensemble, &all, s->values, s->rows, BATCH);
  }
}

lb_status lb_perf_ensemble_update(lb_perf_result* result, const char* name, const char* root, const char* task) {
  nets s;
  lb_neural_config config;
  (void)root;
  (void)task;
  open_ensemble(&s, &config, LB_NEURAL_PREDICTION);
  double forward = forward_work(&config), backward = 2 * forward - (NOBS + NACT) * config.width;
  *result = beside_peak(name, run_ensemble, &s, 2.0 * BATCH * config.members * (forward + backward), ITERATIONS);
  result->note = "7 members 14 -> 4 x 200 -> 24, batch 256 each, with drawing and gathering; limit: fma";
  lb_arena_free(s.arena);
  return lb_ok();
}

// Multiply-adds of the value of a learner and of its derivatives, for one sample: forward the actor and both critics;
// back to the inputs the lesser critic and the actor.
static double slope_work(double w) {
  double critic = (NOBS + NACT + 1) * w + w * w, actor = (NOBS + 2 * NACT) * w + w * w;
  return 3 * critic + 2 * actor;
}

lb_status lb_perf_ensemble_update_moments(lb_perf_result* result, const char* name, const char* root,
                                          const char* task) {
  nets s;
  lb_neural_config config;
  (void)root;
  (void)task;
  open_ensemble(&s, &config, LB_NEURAL_VALUE_MOMENTS);
  lb_sac_config learner = lb_sac_default_config(NOBS, NACT);
  lb_value value = lb_sac_value(lb_sac_new(&learner, &s.rng, s.arena));
  lb_transitions all = lb_ring_view(&s.ring, NULL, s.ring.n);
  lb_neural_values values = lb_neural_values_new(&value, &all, s.arena);
  s.values = &values;
  double forward = forward_work(&config), backward = 2 * forward - (NOBS + NACT) * config.width;
  double work = forward + backward + slope_work(learner.width);
  *result = beside_peak(name, run_ensemble, &s, 2.0 * BATCH * config.members * work, ITERATIONS);
  result->note = "as ensemble_update, with the value of a learner of 2 x 256 and its derivatives; limit: fma";
  lb_arena_free(s.arena);
  return lb_ok();
}

// n times a step of many states.
static void run_rollout(void* ctx, long n) {
  nets* s = ctx;
  for (long i = 0; i < n; i++) {
    lb_neural_sample(s->ensemble, s->next, s->reward, s->obs, s->act, ROLLOUT, &s->rng, s->arena);
  }
}

lb_status lb_perf_ensemble_rollout(lb_perf_result* result, const char* name, const char* root, const char* task) {
  nets s;
  lb_neural_config config;
  (void)root;
  (void)task;
  open_ensemble(&s, &config, LB_NEURAL_PREDICTION);
  s.obs = LB_TAKE(s.arena, float, ROLLOUT* NOBS);
  s.act = LB_TAKE(s.arena, float, ROLLOUT* NACT);
  s.next = LB_TAKE(s.arena, float, ROLLOUT* NOBS);
  s.reward = LB_TAKE(s.arena, float, ROLLOUT);
  for (int i = 0; i < ROLLOUT * NOBS; i++) s.obs[i] = (float)lb_rng_normal(&s.rng);
  for (int i = 0; i < ROLLOUT * NACT; i++) s.act[i] = (float)(2 * lb_rng_uniform(&s.rng) - 1);
  *result = beside_peak(name, run_rollout, &s, 2.0 * ROLLOUT * forward_work(&config), 7);
  result->note = "100,000 states one step, each by one member, sampled; limit: fma";
  lb_arena_free(s.arena);
  return lb_ok();
}
