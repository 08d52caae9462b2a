#include "eval/episode.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MAX_WIDTH = 1024 };

// The process noise of a rollout, drawn many steps at once: a bulk draw costs a fifth of single ones and gives the same
// values.
typedef struct noise {
  double draws[MAX_WIDTH];
  int next, left;  // in steps
} noise;

// The draws of the next step (nw), or NULL for a system without noise.
static const double* next_draws(noise* buffer, const lb_system* s, lb_rng* rng) {
  if (s->nw == 0) return NULL;
  if (buffer->left == 0) {
    buffer->left = MAX_WIDTH / s->nw;
    buffer->next = 0;
    lb_rng_normals(rng, buffer->draws, buffer->left * s->nw);
  }
  buffer->left -= 1;
  return buffer->draws + s->nw * buffer->next++;
}

// |(x (-) x_ref_t, u - u_ref_t)|; a system without a reference is measured from its own state, which is 0.
static double distance(const lb_system* s, int t, const double* x, const double* u) {
  double dx[MAX_WIDTH];
  double sum = 0;
  if (s->reference) {
    lb_space_difference(&s->space, dx, s->reference->x + t * s->space.nx, x);
    for (int i = 0; i < s->space.ndx; ++i) sum += dx[i] * dx[i];
  }
  for (int i = 0; i < s->nu; ++i) {
    double du = u[i] - (s->reference ? s->reference->u[t * s->nu + i] : 0);
    sum += du * du;
  }
  return sqrt(sum);
}

static void keep(const lb_record* r, const lb_system* s, int k, const double* x, const double* u, const double* x_next,
                 const double* obs, const lb_outcome* outcome) {
  size_t nx = (size_t)s->space.nx, nu = (size_t)s->nu, nobs = (size_t)s->nobs, i = (size_t)k;
  if (r->t) r->t[i] = k;
  if (r->x) memcpy(r->x + i * nx, x, nx * sizeof(double));
  if (r->u) memcpy(r->u + i * nu, u, nu * sizeof(double));
  if (r->x_next) memcpy(r->x_next + i * nx, x_next, nx * sizeof(double));
  if (r->obs) memcpy(r->obs + i * nobs, obs, nobs * sizeof(double));
  if (r->obs_next) s->observe(s->self, r->obs_next + i * nobs);
  if (r->reward) r->reward[i] = outcome->reward;
  if (r->terminated) r->terminated[i] = outcome->terminated;
}

lb_episode lb_episode_run(lb_system* s, const lb_policy* policy, lb_source source, lb_rng* rng, int always,
                          const lb_record* record) {
  double x[MAX_WIDTH], x_next[MAX_WIDTH], u[MAX_WIDTH], obs[MAX_WIDTH];
  noise buffer;
  buffer.left = 0;
  assert(s->space.nx <= MAX_WIDTH && s->nu <= MAX_WIDTH && s->nw <= MAX_WIDTH && s->nobs <= MAX_WIDTH);
  bool reads_state = policy->input == LB_READS_STATE;
  lb_episode episode = {0};
  s->reset(s->self, rng);
  s->get_state(s->self, x);
  while (episode.length < s->horizon) {
    int t = episode.length;
    if (!reads_state || (record && record->obs)) s->observe(s->self, obs);
    lb_policy_act(policy, 1, t, reads_state ? x : obs, u);
    if (always != LB_NO_EARLY_STOP && t >= always && !(distance(s, t, x, u) <= s->stop_norm)) return episode;
    lb_outcome outcome = lb_system_step(s, source, u, next_draws(&buffer, s, rng));
    s->get_state(s->self, x_next);
    episode.cost -= outcome.reward;
    episode.length += 1;
    if (record) keep(record, s, t, x, u, x_next, obs, &outcome);
    memcpy(x, x_next, (size_t)s->space.nx * sizeof(double));
    if (outcome.diverged || !isfinite(episode.cost)) {
      episode.diverged = true;
      episode.cost = INFINITY;
      return episode;
    }
    if (outcome.terminated || outcome.truncated) break;
  }
  if (s->cost) episode.cost += s->cost->terminal(s->cost->ctx, episode.length, x);
  return episode;
}
