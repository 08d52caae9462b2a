// A learner as a file: the weights and moments as they lie in memory, the temperature, the counters. See sac.h.
#include "nn/bundle.h"
#include "plan/sac_private.h"

enum { RUNS = 9, SIZES = 4 };

typedef struct layout {
  lb_bundle bundle;
  lb_bundle_run runs[RUNS];
  lb_bundle_size sizes[SIZES];
  double temperature[3];  // log alpha, Adam's moments of it
  int64_t counters[4];    // updates, steps of the optimisers of actor, critics, temperature
} layout;

static void describe(layout* l, const lb_sac* sac) {
  long actor = sac->actor->count, critics = sac->critics->count;
  const lb_sac_config* c = &sac->config;
  *l = (layout){
      .runs = {{"actor", LB_REAL_DTYPE, actor, sac->actor->theta},
               {"actor.m", LB_REAL_DTYPE, actor, sac->actor_adam.m},
               {"actor.v", LB_REAL_DTYPE, actor, sac->actor_adam.v},
               {"critics", LB_REAL_DTYPE, critics, sac->critics->theta},
               {"critics.m", LB_REAL_DTYPE, critics, sac->critic_adam.m},
               {"critics.v", LB_REAL_DTYPE, critics, sac->critic_adam.v},
               {"targets", LB_REAL_DTYPE, critics, sac->targets->theta},
               {"temperature", LB_F64, 3, l->temperature},
               {"counters", LB_I64, 4, l->counters}},
      .sizes = {{"nobs", c->nobs}, {"nact", c->nact}, {"hidden", c->hidden}, {"width", c->width}},
      .temperature = {sac->log_alpha, sac->alpha_m, sac->alpha_v},
      .counters = {sac->updates, sac->actor_adam.steps, sac->critic_adam.steps, sac->alpha_steps},
  };
  l->bundle =
      (lb_bundle){.kind = "soft actor-critic", .sizes = l->sizes, .nsizes = SIZES, .runs = l->runs, .nruns = RUNS};
}

lb_status lb_sac_save(const lb_sac* sac, const char* path) {
  layout l;
  describe(&l, sac);
  return lb_bundle_save(&l.bundle, path);
}

// What does not lie in the learner's own arrays.
static void take_counters(lb_sac* sac, const layout* l) {
  sac->log_alpha = l->temperature[0];
  sac->alpha_m = l->temperature[1];
  sac->alpha_v = l->temperature[2];
  sac->updates = l->counters[0];
  sac->actor_adam.steps = l->counters[1];
  sac->critic_adam.steps = l->counters[2];
  sac->alpha_steps = l->counters[3];
}

lb_status lb_sac_load(lb_sac* sac, const char* path) {
  layout l;
  describe(&l, sac);
  LB_TRY(lb_bundle_load(&l.bundle, path));
  take_counters(sac, &l);
  return lb_ok();
}

void lb_sac_add(const lb_sac* sac, lb_npz_writer* w, const char* prefix) {
  layout l;
  describe(&l, sac);
  lb_bundle_add(&l.bundle, w, prefix);
}

lb_status lb_sac_take(lb_sac* sac, const lb_npz* npz, const char* prefix) {
  layout l;
  describe(&l, sac);
  LB_TRY(lb_bundle_take(&l.bundle, npz, prefix));
  take_counters(sac, &l);
  return lb_ok();
}
