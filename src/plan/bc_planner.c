// Behaviour cloning behind core/planner.h: each plan fits a fresh actor to the demonstrations of the iteration.
#include "plan/planner_kinds.h"

static const char* const losses[] = {"squared", "likelihood", NULL};

static const lb_param choices[] = {
    {"loss", LB_PARAM_WORD, offsetof(lb_bc_options, loss), 0, 1, 0, losses, "",
     "squared error of the mean action, or likelihood of a tanh Gaussian"},
};
const lb_params lb_bc_choices = LB_PARAMS_OF(choices);

typedef struct planner {
  lb_bc_options options;
  const lb_system* system;
  lb_arena* arena;
  lb_actor* actor;  // of the last plan; NULL before
  lb_bc_report report;
  int episodes, transitions;
} planner;

// lb_policy.act: the clone's.
static void act(void* ctx, int n, int t, const double* in, double* u) {
  lb_policy own = lb_actor_policy(((planner*)ctx)->actor);
  lb_policy_act(&own, n, t, in, u);
}

// Clones the demonstrations anew, from a fresh net; without demonstrations it does nothing.
static lb_status plan(void* ctx, const lb_problem* problem, lb_plan_report* report) {
  planner* p = ctx;
  const lb_system* s = p->system;
  if (!problem->demos) return lb_ok();
  lb_rng rng = lb_rng_stream(problem->seed, LB_RNG_PLAN, problem->iteration, 0);
  p->episodes = problem->demos->episodes;
  p->transitions = problem->demos->rows.n;
  LB_TRY(lb_learner_clone(&p->actor, &p->report, problem->demos, (lb_bc_loss)p->options.loss, &p->options.actor,
                          s->u_low, s->u_high, s->name, &rng, p->arena));
  problem->counts->gradient_updates += p->report.updates;
  report->planned = true;
  return lb_ok();
}

// The metrics of the last fit.
static void write(void* ctx, lb_json_writer* w) {
  const planner* p = ctx;
  lb_json_write_int(w, "demonstrations", p->episodes);
  lb_json_write_int(w, "samples_expert", p->transitions);
  lb_json_write_int(w, "fit_epochs", p->report.epochs);
  lb_json_write_int(w, "fit_best_epoch", p->report.best_epoch);
  lb_json_write_bool(w, "holdout_of_episodes", p->report.by_episode);
  lb_json_write_number(w, "fit_loss", p->report.loss);
  lb_json_write_number(w, "holdout_loss", p->report.holdout);
}

// Writes the clone as a policy's file; nothing before there is one.
static lb_status write_policy(void* ctx, const char* path, const lb_system* s, lb_arena* scratch) {
  (void)scratch;
  const planner* p = ctx;
  lb_net_task task = {.name = s->name, .hash = s->hash};
  return p->actor ? lb_actor_save(p->actor, path, &task, "{}") : lb_ok();
}

lb_status lb_bc_open(lb_planner* out, const lb_opening* o, const void* options) {
  planner* p = LB_TAKE(o->arena, planner, 1);
  *p = (planner){.options = *(const lb_bc_options*)options, .system = o->system, .arena = o->arena};
  *out = (lb_planner){
      .ctx = p,
      .policy = {.input = LB_READS_OBSERVATION, .nin = o->system->nobs, .nu = o->system->nu, .ctx = p, .act = act},
      .gives_controls = true,
      .plan = plan,
      .write = write,
      .write_policy = write_policy};
  return lb_ok();
}

double lb_bc_updates(const void* options, double n) {
  return lb_learner_clone_updates(&((const lb_bc_options*)options)->actor, n);
}

double lb_bc_imitation(const void* options, const lb_transitions* sample, double n, lb_rng* rng, lb_arena* scratch) {
  const lb_bc_options* o = options;
  return lb_learner_clone_seconds(&o->actor, (lb_bc_loss)o->loss, sample, n, rng, scratch);
}

double lb_bc_bytes(const void* options, int nobs, int nact) {
  const lb_actor_settings* a = &((const lb_bc_options*)options)->actor;
  double layers = a->hidden, width = a->width, actor = lb_learner_net_size(1, nobs, layers, width, 2.0 * nact);
  return sizeof(lb_real) * (9 * actor + 4.0 * a->batch * (layers + 3) * width);
}

double lb_bc_policy_bytes(const void* options, int nobs, int nact) {
  return lb_learner_policy_bytes(&((const lb_bc_options*)options)->actor, nobs, nact);
}
