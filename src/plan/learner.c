#include "plan/learner.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define AT(field) offsetof(lb_actor_settings, field)
static const lb_param of_actors[] = {
    {"hidden_layers", LB_PARAM_WHOLE, AT(hidden), 1, 8, 2, NULL, "layers", "of actor and critics"},
    {"width", LB_PARAM_WHOLE, AT(width), 1, 4096, 256, NULL, "units", "of each of these layers"},
    {"batch", LB_PARAM_WHOLE, AT(batch), 1, 65536, 256, NULL, "transitions", "in a gradient update of the policy"},
};
const lb_params lb_actor_params = LB_SETTINGS_OF(of_actors, "Those whose policy is a network");
#undef AT

#define AT(field) offsetof(lb_learner_settings, field)
static const lb_param of_learners[] = {
    {"updates_per_step", LB_PARAM_REAL, AT(updates_per_step), 0, 1000, 1, NULL, "updates",
     "gradient updates of the policy for a real step after the warm-up"},
    {"discount", LB_PARAM_REAL, AT(discount), 0, 1, 0.99, NULL, "", "gamma of the critics' targets"},
    {"target_rate", LB_PARAM_REAL, AT(target_rate), 0, 1, 0.005, NULL, "",
     "tau: rate at which target networks follow the critics"},
    {"learning_rate", LB_PARAM_REAL, AT(learning_rate), 1e-9, 1, 3e-4, NULL, "",
     "Adam's, of actor, critics and temperature"},
    {"gradient_clip", LB_PARAM_REAL, AT(gradient_clip), 0, 1e9, 0, NULL, "",
     "most norm of the gradient of the critics, and of the actor; 0: no limit"},
    {"actor_average", LB_PARAM_REAL, AT(actor_average), 0, 1, 0, NULL, "",
     "rate at each update of an average of the actor, which is measured beside it and changes nothing else; 0: none"},
};
const lb_params lb_learner_params = LB_SETTINGS_OF(of_learners, "Those of these that learn from rewards");

// Keeps a copy of the best weights so far beside the learner's own.
lb_kept_weights lb_kept_weights_new(lb_real* own, long count, lb_real* average, lb_arena* arena) {
  lb_real* best = LB_TAKE(arena, lb_real, count);
  return (lb_kept_weights){.own = own, .count = count, .best = best, .average = average};
}

// Swaps the learner's weights with others.
static void exchange(lb_kept_weights* w, lb_real* other) {
  for (long i = 0; i < w->count; ++i) {
    lb_real kept = w->own[i];
    w->own[i] = other[i];
    other[i] = kept;
  }
}

void lb_kept_weights_keep_best(lb_kept_weights* w) {
  memcpy(w->best, w->own, (size_t)w->count * sizeof *w->own);
}

bool lb_kept_weights_use(lb_kept_weights* w, lb_which_policy which) {
  lb_real* const others[] = {NULL, w->best, w->average};
  if (which != LB_POLICY_LAST && !others[which]) return false;
  if (w->in_use != LB_POLICY_LAST) exchange(w, others[w->in_use]);
  if (which != LB_POLICY_LAST) exchange(w, others[which]);
  w->in_use = which;
  return true;
}

lb_entry lb_kept_weights_entry(lb_kept_weights* w) {
  return (lb_entry)LB_ENTRIES("best/actor", w->best, w->count, -DBL_MAX, DBL_MAX);
}

lb_status lb_learner_clone(lb_actor** out, lb_bc_report* report, const lb_demo_rows* demos, lb_bc_loss loss,
                           const lb_actor_settings* layers, const double* u_low, const double* u_high, const char* task,
                           lb_rng* rng, lb_arena* arena) {
  lb_actor_config shape = lb_actor_default_config(demos->rows.nobs, demos->rows.nact);
  shape.hidden = layers->hidden;
  shape.width = layers->width;
  shape.u_low = u_low;
  shape.u_high = u_high;
  lb_bc_config config = lb_bc_default_config();
  config.loss = loss;
  config.batch = layers->batch;
  *out = lb_actor_new(&shape, rng, arena);
  LB_TRY(lb_within(lb_bc_fit(*out, report, &demos->rows, demos->starts, demos->episodes, &config, rng, arena), "%s",
                   task));
  if (!report->broken) return lb_ok();
  return lb_fail(LB_DIVERGED, "cloning %d %s of %s: the %s is not finite", demos->episodes,
                 lb_plural(demos->episodes, "demonstration", "demonstrations"), task, report->broken);
}

// Epochs of a fit, by experience: most end by patience.
static const double usual_epochs = 170, trained = 0.9;

double lb_learner_clone_updates(const lb_actor_settings* layers, double n) {
  return usual_epochs * ceil(trained * n / layers->batch);
}

// A few epochs, which tell an update's time.
typedef struct trial {
  lb_actor_config shape;
  lb_bc_config config;
  const lb_transitions* sample;
  lb_rng* rng;
  lb_arena* arena;
} trial;

// A short fit of a clone, to be timed for the forecast; it leaves nothing behind.
static void clone_a_little(void* ctx) {
  trial* t = ctx;
  lb_mark mark = lb_arena_mark(t->arena);
  lb_bc_report report;
  lb_actor* actor = lb_actor_new(&t->shape, t->rng, t->arena);
  (void)lb_bc_fit(actor, &report, t->sample, NULL, 0, &t->config, t->rng, t->arena);
  lb_arena_release(t->arena, mark);
}

double lb_learner_clone_seconds(const lb_actor_settings* layers, lb_bc_loss loss, const lb_transitions* sample,
                                double n, lb_rng* rng, lb_arena* scratch) {
  enum { EPOCHS = 4 };
  trial t = {.shape = lb_actor_default_config(sample->nobs, sample->nact),
             .config = lb_bc_default_config(),
             .sample = sample,
             .rng = rng,
             .arena = scratch};
  t.shape.hidden = layers->hidden;
  t.shape.width = layers->width;
  t.config.loss = loss;
  t.config.batch = layers->batch;
  t.config.most_epochs = EPOCHS;
  double an_update = lb_clock_of_call(clone_a_little, &t) / (EPOCHS * ceil(trained * sample->n / layers->batch));
  return an_update * lb_learner_clone_updates(layers, n);
}
