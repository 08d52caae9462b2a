#include "algo/online.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "algo/cloning.h"
#include "algo/demonstrator.h"
#include "algo/forecast.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/demos_rows.h"
#include "io/file.h"
#include "plan/sac_actor.h"
#include "task/task.h"

enum { MOST_IMAGINED = 20000000 };

void lb_online_scale(const lb_system* s, double* u, const double* action, int n) {
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < s->nu; ++i) {
      double low = s->u_low[i], high = s->u_high[i];
      u[j * s->nu + i] = low + 0.5 * (action[j * s->nu + i] + 1) * (high - low);
    }
  }
}

static int at_most(int64_t wanted, int64_t limit) {
  return (int)(wanted < limit ? wanted : limit);
}

static void act(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_online* o = ctx;
  lb_sac_act(o->sac, u, in, n, NULL);
  lb_online_scale(o->system, u, u, n);
}

double lb_online_updates_per_step(const lb_recipe* r, const lb_online_protocol* protocol) {
  lb_online_protocol p = *protocol;
  lb_recipe_settle(r, &p);
  return p.critic_updates > 0 ? p.critic_updates : p.updates_per_step;
}

lb_sac_config lb_online_sac_config(const lb_system* s, const lb_recipe* r, const lb_online_protocol* protocol) {
  lb_sac_config c = lb_sac_default_config(s->nobs, s->nu);
  lb_online_protocol p = *protocol;
  lb_recipe_settle(r, &p);
  c.hidden = p.hidden_layers;
  c.width = p.width;
  c.batch = p.batch;
  c.gamma = p.discount;
  c.tau = p.target_rate;
  c.target_interval = p.target_interval;
  c.rate = p.learning_rate;
  c.alpha = p.temperature;
  c.learn_alpha = p.learn_temperature != 0;
  c.target_entropy = p.target_entropy * s->nu;
  c.clip = p.gradient_clip;
  c.critics = p.critics;
  c.target_critics = p.target_critics;
  c.layer_norm = p.layer_norm > 0;
  c.mean_value = r->planner.mean_value;
  c.average = p.actor_average;
  if (p.critic_updates > 0) c.actor_every = p.critic_updates;
  return c;
}

// The actor begins as a clone of the demonstrations that this seed's run is given.
static lb_status clone_expert(lb_online* o) {
  lb_mark mark = lb_arena_mark(o->arena);
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 3);
  lb_actor* actor;
  lb_cloning_fit fit;
  lb_demos_choice given;
  LB_TRY(lb_cloning_given(&given, o->cloned, o->seed, &o->protocol.online, o->arena));
  LB_TRY(lb_cloning_clone(&actor, &fit, o->cloned, o->system, &given, &o->protocol.online, LB_BC_LIKELIHOOD, &rng,
                          o->arena));
  lb_status status = lb_sac_actor_take(o->sac, actor);
  lb_arena_release(o->arena, mark);
  return status;
}

lb_status lb_online_begin(lb_online* o) {
  double start = lb_cpu_seconds();
  if (!o->cloned) return lb_ok();
  lb_status status = clone_expert(o);
  lb_demos_free(o->cloned);
  o->cloned = NULL;
  lb_phase_add(&o->times.clone, start);
  return status;
}

// Room for the learner's transitions behind `expert` of the demonstrations, so that both are rows of one run of memory.
static void make_rings(lb_online* o, int expert) {
  const lb_system* s = o->system;
  const lb_online_protocol* p = &o->protocol.online;
  int learner = at_most(p->steps, p->buffer);
  size_t width = (size_t)lb_transitions_width(s->nobs, s->nu);
  float* memory = LB_TAKE(o->arena, float, ((size_t)expert + (size_t)learner) * width);
  if (expert > 0) lb_ring_init_in(&o->data.expert, s->nobs, s->nu, expert, memory);
  lb_ring_init_in(&o->data.learner, s->nobs, s->nu, learner, memory + (size_t)expert * width);
}

// The demonstrations of a run: its episodes are `index`, in this seed's order.
typedef struct chosen {
  lb_demos* demos;
  const int* index;
  int used;            // of the first episodes, so many transitions are given
  int first_apart;     // episodes from this one on are measured on
  int apart_episodes;  // so many
  int learned;         // transitions that are learned from: those given, less the episodes measured on
} chosen;

static int length_of(const chosen* c, int k) {
  return lb_demos_episode(c->demos, c->index[k], NULL, NULL).length;
}

// Where a model is measured: on episodes that are filed and not given; where there are none, one in ten of those that
// are given is kept apart, if there are ten and the row is not one that uses all.
static void set_apart(chosen* c, bool may_keep) {
  int episodes = lb_demos_episodes(c->demos), given = 0, begun = 0;
  while (given < c->used) given += length_of(c, begun++);
  c->learned = c->used;
  c->first_apart = begun;
  c->apart_episodes = at_most(episodes - begun, LB_ONLINE_APART);
  if (c->apart_episodes > 0 || !may_keep || begun < 10) return;
  c->apart_episodes = begun / 10;
  c->first_apart = begun - c->apart_episodes;
  c->learned = 0;
  for (int k = 0; k < c->first_apart; ++k) c->learned += length_of(c, k);
}

static lb_status take_rows(lb_online* o, const chosen* c) {
  const lb_system* s = o->system;
  int n = 0;
  lb_demos_choice learned = {.index = c->index, .episodes = lb_demos_episodes(c->demos), .transitions = c->learned};
  make_rings(o, c->learned);
  LB_TRY(lb_demos_rows_push(&o->data.expert, NULL, c->demos, s, &learned));
  if (c->apart_episodes == 0 || !lb_online_learns_model(&o->recipe)) return lb_ok();
  lb_demos_choice apart = {.index = c->index + c->first_apart, .episodes = c->apart_episodes};
  LB_TRY(lb_demos_rows_count(&n, c->demos, &apart));
  lb_ring_init(&o->data.apart, s->nobs, s->nu, n, o->arena);
  return lb_demos_rows_push(&o->data.apart, NULL, c->demos, s, &apart);
}

// Transitions of the demonstrations that the run uses, drawn by seed, episode by episode, as cloning draws them.
static lb_status load_expert(lb_online* o, const char* root) {
  chosen c = {0};
  int wanted = o->protocol.online.expert_transitions;
  int quality = o->protocol.online.expert_quality;
  if (o->given.data) {
    LB_TRY(lb_demonstrator_given_data(&c.demos, &o->used, o->given.data, o->system, wanted, quality));
  } else {
    LB_TRY(lb_demonstrator_data(&c.demos, &o->used, root, o->system, wanted, quality));
  }
  lb_demos_choice given;
  lb_status status = lb_cloning_given(&given, c.demos, o->seed, &o->protocol.online, o->arena);
  if (status.code != LB_OK) {
    lb_demos_free(c.demos);
    return status;
  }
  c.index = given.index;
  c.used = given.transitions;
  o->system->ledger.steps[LB_STEP_EXPERT] += c.used;
  set_apart(&c, lb_online_learns_model(&o->recipe) && !o->recipe.one_a_step);
  status = take_rows(o, &c);
  if (status.code == LB_OK && o->recipe.planner.from_clone) {
    o->cloned = c.demos;
    return status;
  }
  lb_demos_free(c.demos);
  return status;
}

lb_neural_config lb_online_ensemble_config(const lb_system* s, const lb_recipe* recipe, const lb_online_protocol* p) {
  lb_neural_config c = lb_neural_default_config(s->nobs, s->nu);
  c.members = p->model_members;
  c.elites = p->model_elites;
  c.hidden = p->model_layers;
  c.width = p->model_width;
  c.batch = p->model_batch;
  c.rate = p->model_learning_rate;
  c.weight_decay = p->model_decay;
  // The loss is so much smaller.
  if (recipe->loss == LB_LOSS_VALUE_MOMENTS && !recipe->plain_decay) c.weight_decay *= recipe->value_scale;
  c.clip = p->model_gradient_clip;
  c.updates = p->model_updates;
  c.patience = p->model_patience;
  c.loss = recipe->loss == LB_LOSS_VALUE_MOMENTS ? LB_NEURAL_VALUE_MOMENTS : LB_NEURAL_PREDICTION;
  c.value_scale = recipe->value_scale;
  c.anchor = recipe->anchor;
  c.score = recipe->score;
  return c;
}

static lb_status make_ensemble(lb_online* o) {
  lb_neural_config c = lb_online_ensemble_config(o->system, &o->recipe, &o->protocol.online);
  if (c.elites > c.members) {
    return lb_fail(LB_INPUT, "model_elites (%d) are more than model_members (%d)", c.elites, c.members);
  }
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_INITIAL_MODEL, 0, 0);
  o->model = lb_neural_new(&c, &rng, o->arena);
  return lb_ok();
}

// Where a policy's rollouts in the model are kept.
static lb_status make_imagination(lb_online* o) {
  const lb_system* s = o->system;
  const lb_online_protocol* p = &o->protocol.online;
  int64_t longest = p->rollout_first > p->rollout_last ? p->rollout_first : p->rollout_last;
  int64_t imagined = longest * p->imagined_per_step * p->imagined_kept;
  if (imagined > MOST_IMAGINED) {
    return lb_fail(
        LB_INPUT,
        "rollouts of %lld steps, %d a real step, kept for %d real steps are %lld transitions; at most %d can "
        "be kept: lower imagined_kept",
        (long long)longest, p->imagined_per_step, p->imagined_kept, (long long)imagined, MOST_IMAGINED);
  }
  bool known = o->model && o->recipe.planner.reward == LB_REWARD_KNOWN;
  o->imagination = lb_imagination_new(o->evaluator, o->model, o->sac, known, o->arena);
  lb_ring_init(&o->data.imagined, s->nobs, s->nu, (int)imagined, o->arena);
  return lb_ok();
}

static lb_status make_model(lb_online* o) {
  const lb_online_protocol* p = &o->protocol.online;
  if (o->recipe.model == LB_MODEL_NONE) return lb_ok();
  if (o->recipe.model == LB_MODEL_ENSEMBLE) LB_TRY(make_ensemble(o));
  int mixed = o->recipe.one_a_step ? at_most(2 * (int64_t)p->steps, p->buffer) : 1;
  lb_ring_init(&o->data.mix, o->system->nobs, o->system->nu, mixed, o->arena);
  if (o->sac) return make_imagination(o);
  lb_online_plan_open(o);
  return lb_ok();
}

static void make_room(lb_online* o) {
  const lb_system* s = o->system;
  o->space = (lb_space){.nx = s->nobs, .ndx = s->nobs};
  o->best.mean = -DBL_MAX;
  o->episode.obs = LB_TAKE(o->arena, double, s->nobs);
  o->episode.action = LB_TAKE(o->arena, double, s->nu);
  o->episode.u = LB_TAKE(o->arena, double, s->nu);
  o->episode.w = LB_TAKE(o->arena, double, s->nw);
  o->episode.before = LB_TAKE(o->arena, float, s->nobs);
  o->episode.after = LB_TAKE(o->arena, float, s->nobs);
  o->episode.taken = LB_TAKE(o->arena, float, s->nu);
  o->data.initial = LB_TAKE(o->arena, float, LB_ONLINE_INITIAL * s->nobs);
}

static lb_status make_sac(lb_online* o) {
  const lb_system* s = o->system;
  const lb_online_protocol* p = &o->protocol.online;
  lb_sac_config config = lb_online_sac_config(s, &o->recipe, p);
  if (config.target_critics > config.critics) {
    return lb_fail(LB_INPUT, "target_critics (%d) are more than critics (%d); lower target_critics or raise critics",
                   config.target_critics, config.critics);
  }
  double updates = lb_online_updates_per_step(&o->recipe, p);
  if (o->recipe.planner.from_clone) config.actor_from = (int64_t)ceil(updates * p->warmup_steps);
  lb_rng rng = lb_rng_stream(o->seed, LB_RNG_PLAN, 0, 1);
  o->sac = lb_sac_new(&config, &rng, o->arena);
  o->policy = (lb_policy){.input = LB_READS_OBSERVATION, .nin = s->nobs, .nu = s->nu, .ctx = o, .act = act};
  lb_sac_actor_weights(o->sac, &o->actor_count);
  o->best.actor = LB_TAKE(o->arena, lb_real, o->actor_count);
  o->data.rows = LB_TAKE(o->arena, int, 2 * o->protocol.online.batch);
  o->data.batch = LB_TAKE(o->arena, float, o->protocol.online.batch* lb_transitions_width(s->nobs, s->nu));
  return lb_ok();
}

// Whether there is room for what the settings ask for; demonstrations come on top.
static lb_status check_memory(const lb_online* o) {
  const lb_system* s = o->system;
  lb_forecast_task task = {.nobs = s->nobs, .nu = s->nu, .nx = s->space.nx, .horizon = s->horizon};
  lb_memory there = lb_memory_of_process();
  char what[200];
  snprintf(what, sizeof what, "%s on %s", o->recipe.name, s->name);
  return lb_memory_check(lb_forecast_bytes(&o->recipe, &o->protocol.online, &task), &there, what,
                         "lower steps, buffer, imagined_kept, batch sizes or widths, or use a larger machine");
}

static lb_status open_world(lb_online* o, const char* root, const char* task) {
  char models[1024];
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_task_open(&o->system, models, task));
  LB_TRY(lb_task_open(&o->evaluator, models, task));
  LB_TRY(check_memory(o));
  o->arena = lb_arena_new(0);
  if (!o->arena) return lb_fail(LB_MEMORY, "%s: no memory for a run", task);
  make_room(o);
  if (o->recipe.planner.kind == LB_PLANNER_SAC) LB_TRY(make_sac(o));
  if (lb_recipe_uses_demonstrations(&o->recipe)) {
    LB_TRY(load_expert(o, root));
  } else {
    make_rings(o, 0);
  }
  bool compares = o->sac && o->data.expert.n > 0 && o->recipe.model == LB_MODEL_ENSEMBLE;
  if (compares && o->given.policy) {
    LB_TRY(lb_demonstrator_given_policy(&o->expert, &o->used, o->given.policy, o->system, o->arena));
  } else if (compares && !o->given.data && lb_demonstrator_has_policy(root, o->system)) {
    LB_TRY(lb_demonstrator_policy(&o->expert, &o->used, root, o->system, o->arena));
  }
  LB_TRY(make_model(o));
  lb_online_begin_episode(o);
  return lb_ok();
}

static void close_online(void* self) {
  lb_online* o = self;
  lb_linear_free(o->linear);
  lb_demos_free(o->cloned);
  lb_arena_free(o->arena);
  lb_system_free(o->evaluator);
  lb_system_free(o->system);
  free(o);
}

lb_status lb_online_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* options) {
  lb_online* o = calloc(1, sizeof *o);
  if (!o) return lb_fail(LB_MEMORY, "%s: no memory for a run", options->task);
  *o = (lb_online){.recipe = *recipe, .protocol = options->protocol, .seed = options->seed, .given = options->given};
  lb_status status = open_world(o, options->root, options->task);
  if (status.code != LB_OK) {
    close_online(o);
    return status;
  }
  if (o->system->cost) {
    lb_log_warning(
        "%s has a cost and no reward: %s learns from minus its stage costs, without the terminal one, and no episode "
        "ends before its %d steps: far from the reference they grow with the square of the distance",
        o->system->name, recipe->name, o->system->horizon);
  }
  *steps = lb_online_steps(o);
  steps->close = close_online;
  return status;
}
