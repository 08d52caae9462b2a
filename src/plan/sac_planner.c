// Soft actor-critic behind core/planner.h.
#include <assert.h>
#include <math.h>

#include "plan/planner_kinds.h"
#include "plan/sac.h"

static const char* const values[] = {"least", "mean", NULL};

#define AT(field) offsetof(lb_sac_options, field)
static const lb_param choices[] = {
    {"critics", LB_PARAM_WHOLE, AT(own_critics), 1, LB_SAC_MOST_CRITICS, 2, NULL, "", "how many there are"},
    {"target_critics", LB_PARAM_WHOLE, AT(own_target_critics), 1, LB_SAC_MOST_CRITICS, 0, NULL, "",
     "of them, drawn for the target of each update; usually all"},
    {"layer_norm", LB_PARAM_YES, AT(own_layer_norm), 0, 1, 0, NULL, "", "of the critics' hidden layers"},
    {"actor_value", LB_PARAM_WORD, AT(mean_value), 0, 1, 0, values, "", "the actor learns from their least, or mean"},
    {"critic_updates", LB_PARAM_WHOLE, AT(own_critic_updates), 1, 1000, 0, NULL, "",
     "of the critics for a real step, and one of the actor with the last of them; usually updates_per_step of both"},
};
const lb_params lb_sac_choices = LB_PARAMS_OF(choices);

static const lb_param settings[] = {
    {"critic_updates", LB_PARAM_WHOLE, AT(critic_updates), 0, 1000, 0, NULL, "updates",
     "instead: so many of the critics for a real step and one of the actor with the last; 0: as the algorithm has it"},
    {"target_interval", LB_PARAM_WHOLE, AT(target_interval), 1, 1000000, 1, NULL, "updates",
     "between two updates of the target networks"},
    {"temperature", LB_PARAM_REAL, AT(temperature), 1e-9, 1e6, 0.2, NULL, "return",
     "alpha, the weight of the entropy, at the start"},
    {"learn_temperature", LB_PARAM_WHOLE, AT(learn_temperature), 0, 1, 1, NULL, "",
     "1: alpha follows the target entropy, 0: it stays"},
    {"target_entropy", LB_PARAM_REAL, AT(target_entropy), -100, 100, -1, NULL, "nats", "for each control"},
    {"critics", LB_PARAM_WHOLE, AT(critics), 0, LB_SAC_MOST_CRITICS, 0, NULL, "networks",
     "0: as the algorithm has it, for most 2"},
    {"target_critics", LB_PARAM_WHOLE, AT(target_critics), 0, LB_SAC_MOST_CRITICS, 0, NULL, "networks",
     "of them, drawn for the target of an update; 0: as the algorithm has it, for most all"},
    {"layer_norm", LB_PARAM_WHOLE, AT(layer_norm), -1, 1, -1, NULL, "",
     "layer normalisation in the critics; 1: yes, 0: no, -1: as the algorithm has it"},
};
const lb_params lb_sac_params = LB_SETTINGS_OF(settings, "Those of these that learn by soft actor-critic");

// Sums since the last measurement.
typedef struct sums {
  double updates, critic_loss;
  double actor_updates, actor_loss, q, log_density;  // those with which the actor learned
} sums;

typedef struct planner {
  lb_sac* sac;
  lb_sac_options options;
  double per_step;  // updates
  lb_kept_weights weights;
  sums sums;
  const lb_system* system;
} planner;

lb_status lb_sac_check(const void* options, unsigned given) {
  const lb_sac_options* o = options;
  (void)given;
  if (o->own_target_critics <= o->own_critics) return lb_ok();
  return lb_fail(LB_INPUT, "'target_critics' (%d) are more than 'critics' (%d)", o->own_target_critics, o->own_critics);
}

void lb_sac_settle(void* options) {
  lb_sac_options* o = options;
  if (o->critics == 0) o->critics = o->own_critics;
  if (o->target_critics == 0) {
    bool some = o->own_target_critics > 0 && o->own_target_critics < o->critics;
    o->target_critics = some ? o->own_target_critics : o->critics;
  }
  if (o->layer_norm < 0) o->layer_norm = o->own_layer_norm;
  if (o->critic_updates == 0) o->critic_updates = o->own_critic_updates;
}

lb_sac_config lb_sac_config_from(int nobs, int nact, const lb_sac_options* o) {
  lb_sac_config c = lb_sac_default_config(nobs, nact);
  c.hidden = o->actor.hidden;
  c.width = o->actor.width;
  c.batch = o->actor.batch;
  c.gamma = o->learner.discount;
  c.tau = o->learner.target_rate;
  c.target_interval = o->target_interval;
  c.rate = o->learner.learning_rate;
  c.alpha = o->temperature;
  c.learn_alpha = o->learn_temperature != 0;
  c.target_entropy = o->target_entropy * nact;
  c.clip = o->learner.gradient_clip;
  c.critics = o->critics;
  c.target_critics = o->target_critics;
  c.layer_norm = o->layer_norm > 0;
  c.mean_value = o->mean_value;
  c.average = o->learner.actor_average;
  if (o->critic_updates > 0) c.actor_every = o->critic_updates;
  return c;
}

// Updates of the critics for a real step after the warm-up.
static double updates_per_step(const lb_sac_options* o) {
  return o->critic_updates > 0 ? o->critic_updates : o->learner.updates_per_step;
}

// An action of the tanh Gaussian; its mean without rng.
static void act(void* ctx, int n, int t, const double* in, double* action, lb_rng* rng) {
  (void)t;
  lb_sac_act(((planner*)ctx)->sac, action, in, n, rng);
}

// As many updates as the real steps so far entitle to.
static lb_status plan(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  int64_t* updates = &problem->counts->gradient_updates;
  report->planned = true;
  while (problem->draw && (double)*updates + 1 <= p->per_step * problem->steps) {
    lb_rng rng = lb_rng_stream(problem->seed, LB_RNG_PLAN, (uint32_t)*updates, 0);
    lb_sac_report r;
    lb_transitions states;
    lb_transitions batch = problem->draw(problem->source, p->options.actor.batch, &states, &rng);
    lb_sac_update(p->sac, &r, &batch, states.n > 0 ? &states : NULL, &rng);
    *updates += 1;
    p->sums.updates += 1;
    p->sums.critic_loss += r.critic_loss;
    p->sums.actor_updates += r.actor_learned;
    p->sums.actor_loss += r.actor_loss;
    p->sums.q += r.q;
    p->sums.log_density += r.log_density;
    if (!r.broken) continue;
    return lb_fail(LB_DIVERGED, "update %lld: the gradient of the %s is not finite", (long long)*updates, r.broken);
  }
  return lb_ok();
}

// Starts the actor as a clone of the demonstrations (likelihood).
static lb_status imitate(void* ctx, const lb_demo_rows* demos, lb_rng* rng, lb_arena* scratch) {
  planner* p = ctx;
  lb_actor* actor;
  lb_bc_report report;
  LB_TRY(lb_learner_clone(&actor, &report, demos, LB_BC_LIKELIHOOD, &p->options.actor, p->system->u_low,
                          p->system->u_high, p->system->name, rng, scratch));
  return lb_sac_actor_take(p->sac, actor);
}

static void keep_best(void* ctx) {
  lb_kept_weights_keep_best(&((planner*)ctx)->weights);
}

static bool use(void* ctx, lb_which_policy which) {
  return lb_kept_weights_use(&((planner*)ctx)->weights, which);
}

enum { ENTRIES = 7 };

// What a checkpoint remembers beside the learner: the best weights and the sums of the present iteration.
static void list_entries(lb_entry out[ENTRIES], planner* p) {
  const double any = DBL_MAX;
  const lb_entry entries[ENTRIES] = {
      lb_kept_weights_entry(&p->weights),
      LB_ENTRY("sums/updates", &p->sums.updates, 0, LB_MOST_COUNT),
      LB_ENTRY("sums/critic_loss", &p->sums.critic_loss, -any, any),
      LB_ENTRY("sums/actor_updates", &p->sums.actor_updates, 0, LB_MOST_COUNT),
      LB_ENTRY("sums/actor_loss", &p->sums.actor_loss, -any, any),
      LB_ENTRY("sums/q", &p->sums.q, -any, any),
      LB_ENTRY("sums/log_density", &p->sums.log_density, -any, any),
  };
  for (int i = 0; i < ENTRIES; ++i) out[i] = entries[i];
}

// Adds the entries and the learner to a checkpoint.
static void save(void* ctx, lb_npz_writer* w, lb_arena* scratch) {
  (void)scratch;
  planner* p = ctx;
  lb_entry entries[ENTRIES];
  list_entries(entries, p);
  lb_entries_save(entries, ENTRIES, "", w);
  lb_sac_add(p->sac, w, "sac/");
}

// Takes them from one.
static lb_status restore(void* ctx, const lb_npz* npz, lb_arena* scratch) {
  (void)scratch;
  planner* p = ctx;
  lb_entry entries[ENTRIES];
  list_entries(entries, p);
  LB_TRY(lb_entries_restore(entries, ENTRIES, "", npz));
  return lb_sac_take(p->sac, npz, "sac/");
}

// The means of the iteration's losses; their sums start anew.
static void write(void* ctx, lb_json_writer* w) {
  planner* p = ctx;
  const sums* s = &p->sums;
  if (s->updates > 0) lb_json_write_number(w, "critic_loss", s->critic_loss / s->updates);
  if (s->actor_updates > 0) {
    lb_json_write_number(w, "actor_loss", s->actor_loss / s->actor_updates);
    lb_json_write_number(w, "critic_value", s->q / s->actor_updates);
    lb_json_write_number(w, "entropy", -s->log_density / s->actor_updates);
  }
  lb_json_write_number(w, "temperature", lb_sac_alpha(p->sac));
  p->sums = (sums){0};
}

// Writes the actor as a policy's file.
static lb_status write_policy(void* ctx, const char* path, const lb_system* s, lb_arena* scratch) {
  planner* p = ctx;
  lb_net_task task = {.name = s->name, .hash = s->hash};
  lb_actor* actor = lb_sac_actor_copy(p->sac, s->u_low, s->u_high, scratch);
  return lb_actor_save(actor, path, &task, "{}");
}

lb_sac* lb_sac_of(const lb_planner* p) {
  assert(p->act == act);
  return ((planner*)p->ctx)->sac;
}

lb_status lb_sac_open(lb_planner* out, const lb_opening* o, const void* options) {
  planner* p = LB_TAKE(o->arena, planner, 1);
  *p = (planner){.options = *(const lb_sac_options*)options, .system = o->system};
  lb_sac_settle(&p->options);
  lb_sac_config config = lb_sac_config_from(o->space->nx, o->system->nu, &p->options);
  if (config.target_critics > config.critics) {
    return lb_fail(LB_INPUT, "target_critics (%d) are more than critics (%d); lower target_critics or raise critics",
                   config.target_critics, config.critics);
  }
  p->per_step = updates_per_step(&p->options);
  config.actor_from = (int64_t)ceil(p->per_step * o->clone_steps);
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 1);
  p->sac = lb_sac_new(&config, &rng, o->arena);
  long count;
  lb_real* actor = lb_sac_actor_weights(p->sac, &count);
  p->weights = lb_kept_weights_new(actor, count, lb_sac_average_weights(p->sac), o->arena);
  *out = (lb_planner){.ctx = p,
                      .policy = lb_sac_policy(p->sac),
                      .value = lb_sac_value(p->sac),
                      .batch = config.batch,
                      .act = act,
                      .plan = plan,
                      .imitate = imitate,
                      .keep_best = keep_best,
                      .use = use,
                      .save = save,
                      .restore = restore,
                      .write = write,
                      .write_policy = write_policy};
  return lb_ok();
}

double lb_sac_updates(const void* options, double steps) {
  lb_sac_options o = *(const lb_sac_options*)options;
  lb_sac_settle(&o);
  return floor(updates_per_step(&o) * steps);
}

double lb_sac_imitation(const void* options, const lb_transitions* sample, double n, lb_rng* rng, lb_arena* scratch) {
  const lb_sac_options* o = options;
  return lb_learner_clone_seconds(&o->actor, LB_BC_LIKELIHOOD, sample, n, rng, scratch);
}

// Networks with their targets, moments and gradients, an update's tapes, and what a checkpoint copies.
double lb_sac_bytes(const void* options, int nobs, int nact) {
  lb_sac_options o = *(const lb_sac_options*)options;
  lb_sac_settle(&o);
  double layers = o.actor.hidden, width = o.actor.width, members = o.critics, norms = o.layer_norm > 0 ? layers : 0;
  double actor = lb_learner_net_size(1, nobs, layers, width, 2.0 * nact);
  double critics = lb_learner_net_size(members, nobs + nact, layers, width, 1) + 2 * members * norms * width;
  double tapes = (double)o.actor.batch * (layers + norms + 3) * width * (o.mean_value ? 5 : 4 + members);
  double nets = (o.learner.actor_average > 0 ? 6 : 5) * actor + 5 * critics + tapes, saved = 4 * actor + 4 * critics;
  return sizeof(lb_real) * (nets + saved);
}

double lb_sac_policy_bytes(const void* options, int nobs, int nact) {
  return lb_learner_policy_bytes(&((const lb_sac_options*)options)->actor, nobs, nact);
}
