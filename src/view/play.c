#include "view/play.h"

#include <assert.h>
#include <math.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault.h"
#include "phys/sim.h"
#include "task/mujoco_system.h"

struct lb_play {
  lb_system* system;
  const lb_task_spec* spec;  // NULL: no MuJoCo task
  lb_policy policy;
  const lb_demos* demos;  // NULL: a policy acts
  bool is_replaced;       // a policy acts from the next beginning on
  uint64_t seed;
  lb_rng rng;
  lb_play_moment now;
  double *obs, *w, *hidden, *dx;  // (nobs), (nw), (nhidden), (ndx)
};

lb_status lb_play_moment_new(lb_play_moment* m, const lb_system* s) {
  *m = (lb_play_moment){.anchor = -1};
  m->x = calloc((size_t)s->space.nx, sizeof *m->x);
  m->ghost = calloc((size_t)s->space.nx, sizeof *m->ghost);
  m->u = calloc((size_t)s->nu + 1, sizeof *m->u);
  if (m->x && m->u && m->ghost) return lb_ok();
  lb_play_moment_free(m);
  return lb_fail(LB_MEMORY, "%s: no memory for a moment", s->name);
}

void lb_play_moment_copy(lb_play_moment* to, const lb_play_moment* from, const lb_system* s) {
  double *x = to->x, *u = to->u, *ghost = to->ghost;
  *to = *from;
  to->x = x;
  to->u = u;
  to->ghost = ghost;
  memcpy(x, from->x, (size_t)s->space.nx * sizeof *x);
  memcpy(ghost, from->ghost, (size_t)s->space.nx * sizeof *ghost);
  memcpy(u, from->u, (size_t)s->nu * sizeof *u);
}

void lb_play_moment_free(lb_play_moment* m) {
  free(m->x);
  free(m->u);
  free(m->ghost);
  m->x = m->u = m->ghost = NULL;
}

// The names of the terms, which do not change.
static void name_terms(lb_play* p) {
  const lb_task_spec* spec = p->spec;
  if (!spec) return;
  int n = spec->has_rewards ? spec->terms.nreward : spec->nstage;
  p->now.nterms = n < LB_PLAY_TERMS ? n : LB_PLAY_TERMS;
  for (int i = 0; i < p->now.nterms; ++i) {
    if (spec->has_rewards) {
      p->now.names[i] = spec->terms.reward[i].name ? spec->terms.reward[i].name : spec->terms.reward[i].text;
    } else {
      p->now.names[i] = spec->stage[i].of ? spec->stage[i].of : spec->stage[i].name;
    }
  }
}

lb_status lb_play_replace(lb_play* p, const lb_policy* policy) {
  const lb_system* s = p->system;
  int wanted = policy->input == LB_READS_STATE ? s->space.nx : s->nobs;
  if (policy->nin != wanted || policy->nu != s->nu) {
    return lb_fail(LB_INPUT, "a policy from %d numbers to %d controls, where %s has %d and %d", policy->nin, policy->nu,
                   s->name, wanted, s->nu);
  }
  p->policy = *policy;
  p->is_replaced = true;
  return lb_ok();
}

lb_status lb_play_new(lb_play** out, lb_system* s, const lb_policy* policy, const lb_demos* demos, uint64_t seed) {
  assert(!policy != !demos);
  lb_play* p = *out = calloc(1, sizeof *p);
  if (!p) return lb_fail(LB_MEMORY, "%s: no memory for an episode", s->name);
  *p = (lb_play){.system = s, .spec = lb_mujoco_system_spec(s), .demos = demos, .seed = seed};
  p->obs = calloc((size_t)s->nobs + 1, sizeof(double));
  p->w = calloc((size_t)s->nw + 1, sizeof(double));
  p->hidden = calloc((size_t)s->nhidden + 1, sizeof(double));
  p->dx = calloc((size_t)s->space.ndx + 1, sizeof(double));
  lb_status status = lb_play_moment_new(&p->now, s);
  bool room = p->obs && p->w && p->hidden && p->dx;
  if (status.code == LB_OK && !room) status = lb_fail(LB_MEMORY, "%s: no memory for an episode", s->name);
  if (status.code == LB_OK && policy) status = lb_play_replace(p, policy);
  if (status.code != LB_OK) {
    lb_play_free(p);
    *out = NULL;
    return status;
  }
  name_terms(p);
  lb_play_begin(p, 0);
  return status;
}

void lb_play_free(lb_play* p) {
  if (!p) return;
  lb_play_moment_free(&p->now);
  free(p->obs);
  free(p->w);
  free(p->hidden);
  free(p->dx);
  free(p);
}

const lb_play_moment* lb_play_now(const lb_play* p) {
  return &p->now;
}

void lb_play_begin(lb_play* p, int episode) {
  lb_system* s = p->system;
  lb_play_moment* m = &p->now;
  if (p->is_replaced) p->demos = NULL;
  m->episode = episode;
  m->t = 0;
  m->time = m->reward = m->total = 0;
  m->over = m->terminated = m->truncated = m->diverged = false;
  m->why[0] = '\0';
  memset(m->u, 0, (size_t)s->nu * sizeof(double));
  memset(m->terms, 0, sizeof m->terms);
  if (p->demos) {
    m->episode = episode % lb_demos_episodes(p->demos);
    const double *x, *hidden;
    lb_demos_exact_at(p->demos, m->episode, 0, &x, &hidden);
    memcpy(m->x, x, (size_t)s->space.nx * sizeof(double));
    return;
  }
  p->rng = lb_rng_stream(p->seed, LB_RNG_EVALUATION, 0, (uint32_t)episode);
  s->reset(s->self, &p->rng);
  s->get_state(s->self, m->x);
}

// The shares of the reward of the step that the live system just took; `before` as lb_terms_reward has it.
static void take_rewards(lb_play* p, const double* before, bool healthy) {
  const lb_terms* terms = &p->spec->terms;
  lb_phys_view view = {
      .data = lb_phys_sim_raw(lb_mujoco_system_sim(p->system)), .action = p->now.u, .healthy = healthy};
  for (int i = 0; i < p->now.nterms; ++i) {
    const lb_reward_term* term = &terms->reward[i];
    double earlier = term->read == LB_READ_AFTER ? 0 : *before++;
    p->now.terms[i] = lb_reward_term_worth(term, lb_reward_term_value(term, &view), earlier, terms->dt);
  }
}

// The shares of the stage cost at t, x under u.
static void take_costs(lb_play* p, int t, const double* x, const double* u) {
  const lb_system* s = p->system;
  const lb_trajectory* r = s->reference;
  ptrdiff_t state = t < r->length ? t : r->length, control = t < r->length ? t : r->length - 1;
  lb_space_difference(&s->space, p->dx, r->x + state * s->space.nx, x);
  for (int i = 0; i < p->now.nterms; ++i) {
    const lb_task_term* term = &p->spec->stage[i];
    double sum = 0;
    for (int k = 0; k < term->n; ++k) {
      double e = term->of ? p->dx[term->first + k] : u[term->first + k] - r->u[control * s->nu + term->first + k];
      sum += 0.5 * term->weight[k] * e * e;
    }
    p->now.terms[i] = sum;
  }
}

// Which of the task's conditions fails in the live system.
static void say_why(lb_play* p) {
  lb_play_moment* m = &p->now;
  snprintf(m->why, sizeof m->why, "the task's own end");
  if (!p->spec) return;
  lb_phys_view view = {.data = lb_phys_sim_raw(lb_mujoco_system_sim(p->system)), .action = m->u, .healthy = 0};
  for (int i = 0; i < p->spec->terms.nhealthy; ++i) {
    const lb_condition* c = &p->spec->terms.healthy[i];
    if (lb_condition_holds(c, &view)) continue;
    snprintf(m->why, sizeof m->why, "does not hold: %s", c->text);
    return;
  }
}

// The episode is over, and why unless NULL.
static void end(lb_play* p, const char* why) {
  p->now.over = true;
  if (why) snprintf(p->now.why, sizeof p->now.why, "%s", why);
}

// Accounts of a step; x is the state before it.
static void settle(lb_play* p, const lb_outcome* outcome) {
  const lb_system* s = p->system;
  lb_play_moment* m = &p->now;
  m->t += 1;
  m->time = m->t * s->dt;
  m->reward = outcome->reward;
  m->total += s->cost ? -outcome->reward : outcome->reward;
  m->terminated = outcome->terminated;
  m->truncated = outcome->truncated && !outcome->terminated;
  m->diverged = outcome->diverged || !isfinite(m->total);
  char limit[80];
  snprintf(limit, sizeof limit, "time limit of %d steps", s->horizon);
  if (m->diverged) {
    end(p, "the simulation left the finite numbers");
  } else if (m->terminated) {
    say_why(p);
    end(p, NULL);
  } else if (m->truncated) {
    end(p, limit);
  }
}

// One step of the live system under now.u, with the terms' shares of what it was worth.
static lb_outcome take_step(lb_play* p, const double* noise) {
  lb_system* s = p->system;
  if (s->nhidden > 0) s->get_hidden(s->self, p->hidden);
  if (p->spec && !p->spec->has_rewards) take_costs(p, p->now.t, p->now.x, p->now.u);
  lb_outcome outcome = lb_system_step(s, LB_STEP_EVALUATION, p->now.u, noise);
  if (p->spec && p->spec->has_rewards && !outcome.diverged) {
    take_rewards(p, p->hidden + s->nwarm, !outcome.terminated);
  }
  return outcome;
}

// The live system takes the recorded step, from the recorded state wherever that is exact.
static void step_recorded(lb_play* p) {
  lb_system* s = p->system;
  lb_play_moment* m = &p->now;
  const double *x, *hidden;
  int length = lb_demos_episode(p->demos, m->episode, NULL, NULL).length, t = m->t;
  lb_demo_step step = lb_demos_step(p->demos, m->episode, t);
  if (lb_demos_exact_at(p->demos, m->episode, t, &x, &hidden)) {
    s->set_state(s->self, x, t);
    if (hidden) s->set_hidden(s->self, hidden);
    memcpy(m->x, x, (size_t)s->space.nx * sizeof(double));
  }
  memcpy(m->u, step.u, (size_t)s->nu * sizeof(double));
  lb_outcome here = take_step(p, step.noise);
  // What the recording says counts.
  here.reward = step.reward;
  here.terminated = step.terminal;
  here.truncated = t + 1 >= s->horizon;
  settle(p, &here);
  s->get_state(s->self, m->x);
  if (t + 1 < length) {
    if (lb_demos_exact_at(p->demos, m->episode, t + 1, &x, &hidden)) {
      memcpy(m->x, x, (size_t)s->space.nx * sizeof(double));
    }
  } else if (!m->over) {
    m->truncated = true;
    end(p, "the recording was cut here");
  }
  if (m->over && s->cost && !m->diverged) m->total += s->cost->terminal(s->cost->ctx, m->t, m->x);
}

// One control step of the policy.
static void step_acting(lb_play* p) {
  lb_system* s = p->system;
  lb_play_moment* m = &p->now;
  const double* in = m->x;
  if (p->policy.input != LB_READS_STATE) {
    s->observe(s->self, p->obs);
    in = p->obs;
    if (lb_fault_in("observation", p->obs, s->nobs, m->t - 1).what) {
      m->diverged = true;
      end(p, "an observation is not finite");
      return;
    }
  }
  lb_policy_act(&p->policy, 1, m->t, in, m->u);
  if (s->nw > 0) lb_system_noise(s, 1, p->w, &p->rng);
  lb_outcome outcome = take_step(p, s->nw > 0 ? p->w : NULL);
  settle(p, &outcome);
  s->get_state(s->self, m->x);
  if (m->over && s->cost && !m->diverged) m->total += s->cost->terminal(s->cost->ctx, m->t, m->x);
}

void lb_play_step(lb_play* p) {
  if (p->now.over) return;
  if (p->demos) {
    step_recorded(p);
  } else {
    step_acting(p);
  }
}

void lb_play_push(lb_play* p, int body, const double* force, const double* torque) {
  lb_phys_sim* sim = lb_mujoco_system_sim(p->system);
  if (!sim || p->demos || p->now.over) return;
  lb_phys_sim_push(sim, body, force, torque);
}

void lb_play_pull(lb_play* p, const mjvPerturb* perturb) {
  lb_phys_sim* sim = lb_mujoco_system_sim(p->system);
  int body = perturb->select;
  if (!sim || p->demos || p->now.over || body <= 0 || !perturb->active) return;
  const mjModel* m = lb_phys_model_raw(p->spec->model);
  mjData* d = lb_phys_sim_raw(sim);
  double force[6], torque[3], *applied = d->xfrc_applied + 6 * (ptrdiff_t)body;
  memset(applied, 0, sizeof force);
  mjv_applyPerturbForce(m, d, perturb);
  memcpy(force, applied, sizeof force);
  memset(applied, 0, sizeof force);
  mju_mulMatTVec(torque, d->xmat + 9 * (ptrdiff_t)body, force + 3, 3, 3);
  lb_play_push(p, body, force, torque);
}
