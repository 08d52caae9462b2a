#include "task/imagine.h"

#include <math.h>

// What is asked of one transition.
typedef struct question {
  const lb_terms* terms;
  lb_phys_sim* sim;
  const double *x, *u, *x_next;
  double *reward, *obs;
  bool* terminated;
} question;

// The answer where MuJoCo cannot compute the state: it has ended, the rest is NaN.
static void spoil(const question* q) {
  if (q->reward) *q->reward = NAN;
  if (q->terminated) *q->terminated = true;
  for (int i = 0; q->obs && i < q->terms->nobs; ++i) q->obs[i] = NAN;
}

// Reward, end and observation of one transition, from data computed of its states alone, to the level each needs.
static void answer(const question* q, double* before) {
  const lb_terms* terms = q->terms;
  lb_phys_view view = {.data = lb_phys_sim_raw(q->sim), .action = q->u, .healthy = 1};
  lb_phys_level level = terms->ended;
  if (q->reward && terms->rewarded > level) level = terms->rewarded;
  if (q->obs && terms->seen > level) level = terms->seen;
  if (q->reward && terms->nbefore > 0) {
    if (!lb_phys_sim_look(q->sim, q->x, q->u, terms->before)) {
      spoil(q);
      return;
    }
    lb_terms_prepare(terms, before, &view);
  }
  if (!lb_phys_sim_look(q->sim, q->x_next, q->u, level)) {
    spoil(q);
    return;
  }
  view.healthy = lb_terms_healthy(terms, &view);
  if (q->terminated) *q->terminated = view.healthy == 0;
  if (q->reward) *q->reward = lb_terms_reward(terms, before, &view);
  if (q->obs) lb_terms_observe(terms, q->obs, &view);
}

void lb_imagine(const lb_terms* terms, lb_phys_sim* sim, const lb_space* space, int nu, const lb_imagined* out, int n,
                const double* x, const double* u, const double* x_next) {
  static const double still[LB_QUANTITY_MAX];
  double before[LB_QUANTITY_MAX];
  for (int i = 0; i < n; ++i) {
    size_t row = (size_t)i;
    question q = {.terms = terms,
                  .sim = sim,
                  .x = x ? x + row * (size_t)space->nx : NULL,
                  .u = u ? u + row * (size_t)nu : still,
                  .x_next = x_next + row * (size_t)space->nx,
                  .reward = out->reward ? out->reward + row : NULL,
                  .obs = out->obs ? out->obs + row * (size_t)terms->nobs : NULL,
                  .terminated = out->terminated ? out->terminated + row : NULL};
    answer(&q, before);
  }
}
