// A learner as a file: the weights and moments as they lie in memory, the temperature, the counters. See sac.h.
#include "nn/bundle.h"
#include "plan/sac_private.h"

enum { ENTRIES = 15, SIZES = 6 };

typedef struct layout {
  lb_bundle bundle;
  lb_entry entries[ENTRIES];
  lb_bundle_size sizes[SIZES];
} layout;

// The tensors and sizes that a learner is made of, with the bounds that a file must keep.
static void describe(layout* l, lb_sac* sac) {
  long actor = sac->actor->count, critics = sac->critics->count;
  const lb_sac_config* c = &sac->config;
  const double any = DBL_MAX;
  int entries = sac->average ? ENTRIES : ENTRIES - 1;
  *l = (layout){
      .entries = {LB_ENTRIES("actor", sac->actor->theta, actor, -any, any),
                  LB_ENTRIES("actor.m", sac->actor_adam.m, actor, -any, any),
                  LB_ENTRIES("actor.v", sac->actor_adam.v, actor, 0, any),
                  LB_ENTRIES("critics", sac->critics->theta, critics, -any, any),
                  LB_ENTRIES("critics.m", sac->critic_adam.m, critics, -any, any),
                  LB_ENTRIES("critics.v", sac->critic_adam.v, critics, 0, any),
                  LB_ENTRIES("targets", sac->targets->theta, critics, -any, any),
                  LB_ENTRIES("log_alpha", &sac->log_alpha, 1, -any, any),
                  LB_ENTRIES("log_alpha.m", &sac->alpha_m, 1, -any, any),
                  LB_ENTRIES("log_alpha.v", &sac->alpha_v, 1, 0, any),
                  LB_ENTRIES("updates", &sac->updates, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("actor.steps", &sac->actor_adam.steps, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("critics.steps", &sac->critic_adam.steps, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("log_alpha.steps", &sac->alpha_steps, 1, 0, LB_MOST_COUNT),
                  LB_ENTRIES("average", sac->average, actor, -any, any)},
      .sizes = {{"nobs", c->nobs},
                {"nact", c->nact},
                {"hidden", c->hidden},
                {"width", c->width},
                {"critics", c->critics},
                {"layer_norm", c->layer_norm}},
  };
  l->bundle = (lb_bundle){
      .kind = "soft actor-critic", .sizes = l->sizes, .nsizes = SIZES, .entries = l->entries, .nentries = entries};
}

lb_status lb_sac_save(lb_sac* sac, const char* path) {
  layout l;
  describe(&l, sac);
  return lb_bundle_save(&l.bundle, path);
}

lb_status lb_sac_load(lb_sac* sac, const char* path) {
  layout l;
  describe(&l, sac);
  return lb_bundle_load(&l.bundle, path);
}

void lb_sac_add(lb_sac* sac, lb_npz_writer* w, const char* prefix) {
  layout l;
  describe(&l, sac);
  lb_entries_save(l.entries, l.bundle.nentries, prefix, w);
}

lb_status lb_sac_take(lb_sac* sac, const lb_npz* npz, const char* prefix) {
  layout l;
  describe(&l, sac);
  return lb_entries_restore(l.entries, l.bundle.nentries, prefix, npz);
}
