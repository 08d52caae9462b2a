// Twin delayed deep deterministic policy gradient behind core/planner.h.
#include <assert.h>
#include <math.h>

#include "plan/planner_kinds.h"
#include "plan/td3.h"

#define AT(field) offsetof(lb_td3_options, field)
static const lb_param settings[] = {
    {"policy_delay", LB_PARAM_WHOLE, AT(delay), 1, 1000, 2, NULL, "updates",
     "of the critics for one of the actor and of the target networks"},
    {"target_noise", LB_PARAM_REAL, AT(smoothing), 0, 10, 0.2, NULL, "",
     "standard deviation of the noise on the targets' actions"},
    {"target_noise_clip", LB_PARAM_REAL, AT(most_smooth), 0, 10, 0.5, NULL, "", "where this noise is cut off"},
    {"exploration_noise", LB_PARAM_REAL, AT(exploration), 0, 10, 0.1, NULL, "",
     "standard deviation of the noise on the learner's actions"},
};
const lb_params lb_td3_params = LB_SETTINGS_OF(settings, "Those of these that learn by twin delayed policy gradients");

// Sums since the last measurement.
typedef struct sums {
  double updates, critic_loss, actor_updates, q;
} sums;

typedef struct planner {
  lb_td3* td3;
  lb_td3_options options;
  lb_kept_weights weights;
  sums sums;
  const lb_system* system;
} planner;

// The actor's action, with exploration noise where there is an rng.
static void act(void* ctx, int n, int t, const double* in, double* action, lb_rng* rng) {
  (void)t;
  lb_td3_act(((planner*)ctx)->td3, action, in, n, rng);
}

// As many updates as the real steps so far entitle to.
static lb_status plan(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  int64_t* updates = &problem->counts->gradient_updates;
  report->planned = true;
  while (problem->draw && (double)*updates + 1 <= p->options.learner.updates_per_step * problem->steps) {
    lb_rng rng = lb_rng_stream(problem->seed, LB_RNG_PLAN, (uint32_t)*updates, 0);
    lb_td3_report r;
    lb_transitions states;
    lb_transitions batch = problem->draw(problem->source, p->options.actor.batch, &states, &rng);
    lb_td3_update(p->td3, &r, &batch, states.n > 0 ? &states : NULL, &rng);
    *updates += 1;
    p->sums.updates += 1;
    p->sums.critic_loss += r.critic_loss;
    p->sums.actor_updates += r.actor_learned;
    p->sums.q += r.q;
    if (!r.broken) continue;
    return lb_fail(LB_DIVERGED, "update %lld: the gradient of the %s is not finite", (long long)*updates, r.broken);
  }
  return lb_ok();
}

// Starts the actor as a clone of the demonstrations (squared error).
static lb_status imitate(void* ctx, const lb_demo_rows* demos, lb_rng* rng, lb_arena* scratch) {
  planner* p = ctx;
  lb_actor* actor;
  lb_bc_report report;
  LB_TRY(lb_learner_clone(&actor, &report, demos, LB_BC_SQUARED, &p->options.actor, p->system->u_low, p->system->u_high,
                          p->system->name, rng, scratch));
  return lb_td3_actor_take(p->td3, actor);
}

static void keep_best(void* ctx) {
  lb_kept_weights_keep_best(&((planner*)ctx)->weights);
}

static bool use(void* ctx, lb_which_policy which) {
  return lb_kept_weights_use(&((planner*)ctx)->weights, which);
}

enum { ENTRIES = 5 };

// What a checkpoint remembers beside the learner: the best weights and the sums of the present iteration.
static void list_entries(lb_entry out[ENTRIES], planner* p) {
  const double any = DBL_MAX;
  const lb_entry entries[ENTRIES] = {
      lb_kept_weights_entry(&p->weights),
      LB_ENTRY("sums/updates", &p->sums.updates, 0, LB_MOST_COUNT),
      LB_ENTRY("sums/critic_loss", &p->sums.critic_loss, -any, any),
      LB_ENTRY("sums/actor_updates", &p->sums.actor_updates, 0, LB_MOST_COUNT),
      LB_ENTRY("sums/q", &p->sums.q, -any, any),
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
  lb_td3_save(p->td3, w, "td3/");
}

// Takes them from one.
static lb_status restore(void* ctx, const lb_npz* npz, lb_arena* scratch) {
  (void)scratch;
  planner* p = ctx;
  lb_entry entries[ENTRIES];
  list_entries(entries, p);
  LB_TRY(lb_entries_restore(entries, ENTRIES, "", npz));
  return lb_td3_restore(p->td3, npz, "td3/");
}

// The means of the iteration's losses; their sums start anew.
static void write(void* ctx, lb_json_writer* w) {
  planner* p = ctx;
  const sums* s = &p->sums;
  if (s->updates > 0) lb_json_write_number(w, "critic_loss", s->critic_loss / s->updates);
  if (s->actor_updates > 0) lb_json_write_number(w, "actor_loss", -s->q / s->actor_updates);
  if (s->actor_updates > 0) lb_json_write_number(w, "critic_value", s->q / s->actor_updates);
  p->sums = (sums){0};
}

// Writes the actor as a policy's file.
static lb_status write_policy(void* ctx, const char* path, const lb_system* s, lb_arena* scratch) {
  planner* p = ctx;
  lb_net_task task = {.name = s->name, .hash = s->hash};
  lb_actor* actor = lb_td3_actor_copy(p->td3, s->u_low, s->u_high, scratch);
  return lb_actor_save(actor, path, &task, "{}");
}

// The learner's settings from those of --set.
static lb_td3_config config_of(int nobs, int nact, const lb_td3_options* o) {
  lb_td3_config c = lb_td3_default_config(nobs, nact);
  c.hidden = o->actor.hidden;
  c.width = o->actor.width;
  c.batch = o->actor.batch;
  c.gamma = o->learner.discount;
  c.tau = o->learner.target_rate;
  c.rate = o->learner.learning_rate;
  c.clip = o->learner.gradient_clip;
  c.average = o->learner.actor_average;
  c.delay = o->delay;
  c.smoothing = o->smoothing;
  c.most_smooth = o->most_smooth;
  c.exploration = o->exploration;
  return c;
}

lb_td3* lb_td3_of(const lb_planner* p) {
  assert(p->act == act);
  return ((planner*)p->ctx)->td3;
}

lb_status lb_td3_open(lb_planner* out, const lb_opening* o, const void* options) {
  planner* p = LB_TAKE(o->arena, planner, 1);
  *p = (planner){.options = *(const lb_td3_options*)options, .system = o->system};
  lb_td3_config config = config_of(o->space->nx, o->system->nu, &p->options);
  config.actor_from = (int64_t)ceil(p->options.learner.updates_per_step * o->clone_steps);
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 1);
  p->td3 = lb_td3_new(&config, &rng, o->arena);
  long count;
  lb_real* actor = lb_td3_actor_weights(p->td3, &count);
  p->weights = lb_kept_weights_new(actor, count, lb_td3_average_weights(p->td3), o->arena);
  *out = (lb_planner){.ctx = p,
                      .policy = lb_td3_policy(p->td3),
                      .value = lb_td3_value(p->td3),
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

double lb_td3_updates(const void* options, double steps) {
  return floor(((const lb_td3_options*)options)->learner.updates_per_step * steps);
}

double lb_td3_imitation(const void* options, const lb_transitions* sample, double n, lb_rng* rng, lb_arena* scratch) {
  return lb_learner_clone_seconds(&((const lb_td3_options*)options)->actor, LB_BC_SQUARED, sample, n, rng, scratch);
}

// Networks with their targets, moments and gradients, an update's tapes, and what a checkpoint copies.
double lb_td3_bytes(const void* options, int nobs, int nact) {
  const lb_td3_options* o = options;
  double layers = o->actor.hidden, width = o->actor.width;
  double actor = lb_learner_net_size(1, nobs, layers, width, 2.0 * nact);
  double critics = lb_learner_net_size(2, nobs + nact, layers, width, 1);
  double tapes = 4.0 * o->actor.batch * (layers + 3) * width;
  double nets = (o->learner.actor_average > 0 ? 7 : 6) * actor + 5 * critics + tapes, saved = 5 * actor + 4 * critics;
  return sizeof(lb_real) * (nets + saved);
}

double lb_td3_policy_bytes(const void* options, int nobs, int nact) {
  return lb_learner_policy_bytes(&((const lb_td3_options*)options)->actor, nobs, nact);
}
