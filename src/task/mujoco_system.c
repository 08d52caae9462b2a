#include "task/mujoco_system.h"

#include <math.h>
#include <string.h>

#include "task/imagine.h"
#include "task/mujoco_family.h"
#include "task/quadratic.h"
#include "task/reference.h"
#include "task/restore.h"

typedef struct mujoco_system {
  lb_system base;
  lb_task_spec* spec;
  lb_phys_sim* sim;
  lb_phys_sim* imagined;  // where states are put that nobody was in; NULL for a task with a cost
  lb_phys_map* map;
  lb_dynamics truth;
  lb_trajectory reference;
  lb_restore restore;
  bool reads_contacts;
  double *x0, *x;  // (nx) start of an episode; scratch
  double* u;       // (nu) of the last step; zero at the start
  double* before;  // (nbefore) what the next step's reward takes for the step's beginning
  int t;
} mujoco_system;

static lb_phys_view view_of(const mujoco_system* s) {
  return (lb_phys_view){.data = lb_phys_sim_raw(s->sim), .action = s->u, .healthy = 1};
}

// lb_system.set_state, with everything that a step reads derived from x.
static void set_state(void* self, const double* x, int t) {
  mujoco_system* s = self;
  s->t = t;
  if (!s->spec->has_rewards) {
    lb_phys_sim_set(s->sim, x);
    return;
  }
  lb_phys_sim_begin(s->sim, x, t);
  memset(s->u, 0, sizeof(double) * (size_t)s->base.nu);
  lb_phys_view view = view_of(s);
  lb_terms_prepare(&s->spec->terms, s->before, &view);
}

// lb_system.reset: the start, and the draws about it where there is an rng.
static void reset(void* self, lb_rng* rng) {
  mujoco_system* s = self;
  memcpy(s->x, s->x0, sizeof(double) * (size_t)s->base.space.nx);
  if (rng) lb_draws_apply(s->spec->draws, s->spec->ndraw, s->x, rng);
  set_state(s, s->x, 0);
}

// lb_system.get_state.
static void get_state(void* self, double* x) {
  mujoco_system* s = self;
  lb_phys_sim_get(s->sim, x);
}

// lb_system.get_hidden: the solver's warm start, then the values before the step that terms read the change of.
static void get_hidden(void* self, double* hidden) {
  mujoco_system* s = self;
  if (s->base.nwarm > 0) lb_phys_sim_get_warm(s->sim, hidden);
  memcpy(hidden + s->base.nwarm, s->before, sizeof(double) * (size_t)s->spec->terms.nbefore);
}

// lb_system.set_hidden.
static void set_hidden(void* self, const double* hidden) {
  mujoco_system* s = self;
  if (s->base.nwarm > 0) lb_phys_sim_set_warm(s->sim, hidden);
  memcpy(s->before, hidden + s->base.nwarm, sizeof(double) * (size_t)s->spec->terms.nbefore);
}

// lb_system.observe by the task's terms; NaN after a divergence.
static void observe_terms(void* self, double* obs) {
  mujoco_system* s = self;
  lb_phys_view view = view_of(s);
  lb_terms_observe(&s->spec->terms, obs, &view);
  if (!lb_phys_sim_diverged(s->sim)) return;
  for (int i = 0; i < s->base.nobs; ++i) obs[i] = NAN;
}

// The noise of one step: per noisy body three numbers of force, then three of torque.
static void push(mujoco_system* s, const double* w) {
  for (int i = 0; i < s->spec->nnoise; ++i, w += 6) {
    const lb_task_noise* noise = &s->spec->noise[i];
    double force[3], torque[3];
    for (int k = 0; k < 3; ++k) {
      force[k] = noise->force * w[k];
      torque[k] = noise->torque * w[3 + k];
    }
    lb_phys_sim_push(s->sim, noise->body, force, torque);
  }
}

// lb_system.step where the task has a cost: reward = -cost(t, x, u).
static lb_outcome costly_step(void* self, const double* u, const double* w) {
  mujoco_system* s = self;
  const lb_cost* cost = s->base.cost;
  lb_phys_sim_get(s->sim, s->x);
  lb_outcome outcome = {.reward = -cost->stage(cost->ctx, s->t, s->x, u)};
  if (w) push(s, w);
  outcome.diverged = !lb_phys_sim_step(s->sim, u);
  outcome.truncated = ++s->t >= s->base.horizon;
  return outcome;
}

// As Gymnasium's v5 environments do it: no quantity is computed anew after the last physics step, except the contact
// forces where a term reads them.
static lb_outcome rewarded_step(void* self, const double* u, const double* w) {
  mujoco_system* s = self;
  const lb_terms* terms = &s->spec->terms;
  if (w) push(s, w);
  lb_outcome outcome = {.diverged = !lb_phys_sim_step(s->sim, u), .truncated = ++s->t >= s->base.horizon};
  if (outcome.diverged) return outcome;
  if (s->reads_contacts) lb_phys_sim_contacts(s->sim);
  memcpy(s->u, u, sizeof(double) * (size_t)s->base.nu);
  lb_phys_view view = view_of(s);
  outcome.terminated = !lb_terms_healthy(terms, &view);
  view.healthy = !outcome.terminated;
  outcome.reward = lb_terms_reward(terms, s->before, &view);
  return outcome;
}

// lb_system.imagine: rewards and ends of transitions that no step made.
static void imagine(void* self, const lb_imagined* out, int n, const double* x, const double* u, const double* x_next) {
  mujoco_system* s = self;
  lb_imagine(&s->spec->terms, s->imagined, &s->base.space, s->base.nu, out, n, x, u, x_next);
}

// lb_system.restore: states from observations.
static void restore(void* self, double* x, int n, const double* obs) {
  mujoco_system* s = self;
  lb_restore_states(&s->restore, x, n, obs);
}

// lb_system.restore_next: next states from their observations and the states before.
static void restore_next(void* self, double* x_next, const double* x, int n, const double* obs_next) {
  mujoco_system* s = self;
  lb_restore_next(&s->restore, x_next, x, n, obs_next, s->base.dt);
}

// lb_dynamics.step of the truth, without noise, not counted as real steps.
static void true_step(void* ctx, int n, const int* t, const double* x, const double* u, double* x_next) {
  (void)t;
  lb_phys_map_step(ctx, n, x, u, x_next);
}

// lb_dynamics.linearize of the truth.
static long true_linearize(void* ctx, int n, const int* t, const double* x, const double* u, double* A, double* B) {
  (void)t;
  return lb_phys_map_linearize(ctx, n, x, u, A, B);
}

// lb_system.destroy.
static void destroy(void* self) {
  mujoco_system* s = self;
  lb_phys_map_free(s->map);
  lb_phys_sim_free(s->imagined);
  lb_phys_sim_free(s->sim);
  lb_task_spec_free(s->spec);  // the system itself is in its arena
}

// All members that do not depend on rewards or costs.
static void fill_base(mujoco_system* s) {
  const lb_task_spec* spec = s->spec;
  lb_phys_sizes sizes = lb_phys_model_sizes(spec->model);
  s->base = (lb_system){.name = spec->name,
                        .aliases = spec->aliases,
                        .hash = spec->hash,
                        .self = s,
                        .space = lb_phys_model_space(spec->model),
                        .nu = spec->nu,
                        .nobs = sizes.nx,
                        .nq = sizes.nq,
                        .na = sizes.na,
                        .nw = 6 * spec->nnoise,
                        .nwarm = lb_phys_model_nwarm(spec->model),
                        .horizon = spec->horizon,
                        .dt = spec->frame_skip * sizes.timestep,
                        .u_low = spec->u_low,
                        .u_high = spec->u_high,
                        .truth = &s->truth,
                        .stop_norm = spec->stop_norm,
                        .reset = reset,
                        .set_state = set_state,
                        .get_state = get_state,
                        .get_hidden = get_hidden,
                        .set_hidden = set_hidden,
                        .observe = get_state,
                        .step = costly_step,
                        .destroy = destroy};
}

// Reference and quadratic cost.
static lb_status fill_cost(mujoco_system* s) {
  lb_task_spec* spec = s->spec;
  LB_TRY(lb_reference_load(&s->reference, s->x0, spec->arena, spec));
  s->base.nhidden = s->base.nwarm;
  s->base.reference = &s->reference;
  s->base.cost = lb_quadratic_new(spec->arena, spec, &s->base.space, &s->reference);
  return lb_ok();
}

// A name for each number of the observation.
static const char* const* name_observations(const lb_task_spec* spec) {
  lb_phys_rate rate = lb_task_spec_rate(spec);
  const char **names = LB_TAKE(spec->arena, const char*, spec->terms.nobs), **name = names;
  for (int i = 0; i < spec->terms.nobservation; ++i) {
    const lb_quantity* q = &spec->terms.observation[i];
    for (int k = 0; k < q->n; ++k) {
      lb_text text = {0};
      lb_quantity_label(q, &text, spec->model, &rate, k);
      *name++ = lb_arena_text(spec->arena, text.data);
      lb_text_free(&text);
    }
  }
  return names;
}

// A name for each number of the state.
static const char* const* name_states(const lb_task_spec* spec) {
  static const char* const parts[] = {"qpos", "qvel", "act"};
  lb_phys_sizes sizes = lb_phys_model_sizes(spec->model);
  lb_phys_rate rate = lb_task_spec_rate(spec);
  const int n[] = {sizes.nq, sizes.nv, sizes.na};
  const char **names = LB_TAKE(spec->arena, const char*, sizes.nx), **name = names;
  for (int part = 0; part < 3; ++part) {
    const lb_phys_signal* signal;
    if (lb_phys_signal_find(&signal, parts[part]).code != LB_OK) return NULL;
    for (int i = 0; i < n[part]; ++i) {
      lb_text text = {0};
      lb_phys_signal_label(signal, &text, spec->model, &rate, i);
      *name++ = lb_arena_text(spec->arena, text.data);
      lb_text_free(&text);
    }
  }
  return names;
}

// Observation, reward, ends, and whether states follow from observations.
static lb_status fill_rewards(mujoco_system* s) {
  lb_task_spec* spec = s->spec;
  lb_phys_rate rate = lb_task_spec_rate(spec);
  lb_task_spec_start(spec, s->x0);
  s->base.nobs = spec->terms.nobs;
  s->base.obs_names = name_observations(spec);
  s->base.has_end = spec->terms.nhealthy > 0;
  s->base.nhidden = s->base.nwarm + spec->terms.nbefore;
  s->base.observe = observe_terms;
  s->base.step = rewarded_step;
  s->base.imagine = imagine;
  s->reads_contacts = spec->terms.seen == LB_PHYS_CONTACT || spec->terms.ended == LB_PHYS_CONTACT ||
                      spec->terms.rewarded == LB_PHYS_CONTACT;
  s->restore = lb_restore_new(spec->arena, &spec->terms, spec->model, s->x0);
  s->base.restore = s->restore.decides ? restore : NULL;
  s->base.restore_next = s->restore.rewards ? restore_next : NULL;
  s->u = LB_TAKE(spec->arena, double, spec->nu);
  return lb_phys_sim_new(&s->imagined, spec->model, &rate);
}

// The system of a task that was read.
static lb_status fill(mujoco_system* s, const lb_phys_map_config* config) {
  lb_task_spec* spec = s->spec;
  lb_phys_rate rate = lb_task_spec_rate(spec);
  fill_base(s);
  s->base.state_names = name_states(spec);
  s->base.control_names = spec->controls;
  s->x0 = LB_TAKE(spec->arena, double, s->base.space.nx);
  s->x = LB_TAKE(spec->arena, double, s->base.space.nx);
  s->before = LB_TAKE(spec->arena, double, spec->terms.nbefore);
  LB_TRY(spec->has_rewards ? fill_rewards(s) : fill_cost(s));
  LB_TRY(lb_phys_sim_new(&s->sim, spec->model, &rate));
  LB_TRY(lb_phys_map_new(&s->map, spec->model, &rate, config));
  s->truth = (lb_dynamics){
      .space = &s->base.space, .nu = spec->nu, .ctx = s->map, .step = true_step, .linearize = true_linearize};
  s->base.family = lb_mujoco_family_new(spec->arena, spec, &s->base.space, config);
  reset(s, NULL);
  return lb_ok();
}

lb_status lb_mujoco_system_open(lb_system** out, const char* folder, const char* name,
                                const lb_phys_map_config* config) {
  lb_task_spec* spec;
  *out = NULL;
  LB_TRY(lb_task_spec_load(&spec, folder, name));
  mujoco_system* s = LB_TAKE(spec->arena, mujoco_system, 1);
  s->spec = spec;
  lb_status status = fill(s, config);
  if (status.code != LB_OK) {
    destroy(s);
    return status;
  }
  *out = &s->base;
  return status;
}

static const mujoco_system* own(const lb_system* system) {
  return system->destroy == destroy ? system->self : NULL;
}

const lb_task_spec* lb_mujoco_system_spec(const lb_system* system) {
  const mujoco_system* s = own(system);
  return s ? s->spec : NULL;
}

lb_phys_sim* lb_mujoco_system_sim(const lb_system* system) {
  const mujoco_system* s = own(system);
  return s ? s->sim : NULL;
}

const lb_restore* lb_mujoco_system_restore(const lb_system* system) {
  const mujoco_system* s = own(system);
  return s && s->spec->has_rewards ? &s->restore : NULL;
}
