#include "theory/lds.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "core/cost.h"
#include "core/dynamics.h"
#include "model/bfgs.h"
#include "plan/lqr.h"
#include "theory/mt19937.h"

enum { N = LB_LDS_N, H = LB_LDS_H, NN = N * N, MOST_VALUES = 100, MOST_SAMPLES = 10000 };

lb_lds_config lb_lds_default_config(void) {
  return (lb_lds_config){.loss = LB_LDS_LIKELIHOOD, .ridge = 0.01, .gradient_tolerance = 1e-5, .samples = 100};
}

// ---------------------------------------------------------------------------------------------------------------------
// Planning: the house's Riccati pass about the origin

void lb_lds_plan(double* K, double* P, const lb_lds_problem* problem, const double* theta, lb_counts* counts,
                 lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  lb_lds_view view;
  lb_lds_view_init(&view, problem, theta);
  const lb_space* space = view.f.space;
  const lb_trajectory origin = {
      .length = H, .x = LB_TAKE(scratch, double, ((H + 1) * N)), .u = LB_TAKE(scratch, double, H)};
  lb_lqr* pass = lb_lqr_new(space, 1, H, scratch);
  lb_lq_policy policy;
  lb_lq_value value;
  lb_lq_policy_init(&policy, space, 1, H, scratch);
  lb_lq_value_init(&value, space, H, scratch);
  lb_lqr_config config = lb_lqr_default_config();
  config.affine = false;
  lb_lqr_report report = lb_lqr_pass(pass, &policy, &value, &view.f, &view.cost, &origin, &config, counts);
  bool done = report.outcome == LB_LQR_DONE;
  for (int i = 0; i < H * N; ++i) K[i] = done ? policy.K[i] : NAN;
  for (int i = 0; i < (H + 1) * NN; ++i) P[i] = done ? value.P[i] / 2 : NAN;
  lb_arena_release(scratch, mark);
}

// ---------------------------------------------------------------------------------------------------------------------
// Losses

double lb_lds_likelihood(double* gradient, const double* theta, const lb_lds_samples* data) {
  double sum = 0, weight = 0;
  if (gradient) memset(gradient, 0, LB_LDS_PARAMS * sizeof *gradient);
  for (int k = 0; k < data->n; ++k) {
    const double *x = data->x + k * N, *next = data->x_next + k * N;
    double u = data->u[k], w = data->weight[k];
    weight += w;
    for (int i = 0; i < N; ++i) {
      double e = theta[NN + i] * u - next[i];
      for (int j = 0; j < N; ++j) e += theta[i * N + j] * x[j];
      sum += w * e * e;
      if (!gradient) continue;
      for (int j = 0; j < N; ++j) gradient[i * N + j] += 2 * w * e * x[j];
      gradient[NN + i] += 2 * w * e * u;
    }
  }
  for (int i = 0; gradient && weight > 0 && i < LB_LDS_PARAMS; ++i) gradient[i] /= weight;
  return weight > 0 ? sum / weight : 0;
}

// The samples coordinate by coordinate, so that the same time's go through one P side by side.
typedef struct columns {
  double *next, *guess, *pull;  // (N, n): x', x^, and d loss / d x^
} columns;

// The samples by coordinate, with what theta predicts of them.
static columns make_columns(const double* theta, const lb_lds_samples* data, lb_arena* scratch) {
  int n = data->n;
  columns c = {.next = LB_TAKE(scratch, double, (N * n + 1)),
               .guess = LB_TAKE(scratch, double, (N * n + 1)),
               .pull = LB_TAKE(scratch, double, (N * n + 1))};
  for (int k = 0; k < n; ++k) {
    for (int i = 0; i < N; ++i) {
      double sum = theta[NN + i] * data->u[k];
      for (int j = 0; j < N; ++j) sum += theta[i * N + j] * data->x[k * N + j];
      c.guess[i * n + k] = sum;
      c.next[i * n + k] = data->x_next[k * N + i];
    }
  }
  return c;
}

enum { SIDE = 8 };

// Of samples k .. k + SIDE - 1, side by side, each with its own sums in the same order as alone: the sum of
// w (x'^T P x' - x^^T P x^)^2 added to *sum, and its pull on x^.
static void moments_side_by_side(double* sum, const columns* c, const double* P, const double* weight, int n, int k) {
  double y[N][SIDE], error[SIDE] = {0};
  for (int i = 0; i < N; ++i) {
    double z[SIDE] = {0}, v[SIDE] = {0};
    for (int j = 0; j < N; ++j) {
      const double p = P[i * N + j], *next = c->next + j * n + k, *guess = c->guess + j * n + k;
      for (int s = 0; s < SIDE; ++s) {
        z[s] += p * next[s];
        v[s] += p * guess[s];
      }
    }
    for (int s = 0; s < SIDE; ++s) {
      y[i][s] = v[s];
      error[s] += z[s] * c->next[i * n + k + s] - v[s] * c->guess[i * n + k + s];
    }
  }
  for (int s = 0; s < SIDE; ++s) *sum += weight[k + s] * error[s] * error[s];
  for (int i = 0; i < N; ++i) {
    double* pull = c->pull + i * n + k;
    for (int s = 0; s < SIDE; ++s) pull[s] -= 4 * weight[k + s] * error[s] * y[i][s];
  }
}

// The same over samples first .. last - 1, all under the same P.
static double moments_of(const columns* c, const double* P, const double* weight, int n, int first, int last) {
  double sum = 0;
  int k = first;
  for (; k + SIDE <= last; k += SIDE) moments_side_by_side(&sum, c, P, weight, n, k);
  for (; k < last; ++k) {
    double y[N], error = 0;
    for (int i = 0; i < N; ++i) {
      double z = 0, v = 0;
      for (int j = 0; j < N; ++j) {
        z += P[i * N + j] * c->next[j * n + k];
        v += P[i * N + j] * c->guess[j * n + k];
      }
      y[i] = v;
      error += z * c->next[i * n + k] - v * c->guess[i * n + k];
    }
    sum += weight[k] * error * error;
    for (int i = 0; i < N; ++i) c->pull[i * n + k] -= 4 * weight[k] * error * y[i];
  }
  return sum;
}

double lb_lds_moments(double* gradient, const double* theta, const lb_lds_samples* data, const lb_lds_values* values,
                      lb_arena* scratch) {
  lb_mark mark = lb_arena_mark(scratch);
  int n = data->n;
  columns c = make_columns(theta, data, scratch);
  double sum = 0, weight = 0;
  for (int k = 0; k < n; ++k) weight += data->weight[k];
  for (int v = 0; v < values->k; ++v) {
    for (int first = 0, last; first < n; first = last) {
      for (last = first + 1; last < n && data->t[last] == data->t[first]; ++last) continue;
      const double* P = values->P + ((size_t)v * (H + 1) + (size_t)data->t[first] + 1) * NN;
      double most = 0;
      for (int i = 0; i < NN; ++i) most = fabs(P[i]) > most ? fabs(P[i]) : most;
      // A value of an LQ controller may be 1e-300, whose square is nothing.
      if (most > 1e-100 || isnan(most)) sum += moments_of(&c, P, data->weight, n, first, last);
    }
  }
  double scale = weight > 0 && values->k > 0 ? 1 / (weight * values->k) : 0;
  if (gradient) {
    memset(gradient, 0, LB_LDS_PARAMS * sizeof *gradient);
    for (int i = 0; i < N; ++i) {
      for (int k = 0; k < n; ++k) {
        double pull = scale * c.pull[i * n + k];
        for (int j = 0; j < N; ++j) gradient[i * N + j] += pull * data->x[k * N + j];
        gradient[NN + i] += pull * data->u[k];
      }
    }
  }
  lb_arena_release(scratch, mark);
  return scale * sum;
}

// ---------------------------------------------------------------------------------------------------------------------
// The loop

typedef struct rollout {
  double x[H + 1][N], u[H];
} rollout;

// One kind of sample, in the order of its time.
struct lb_lds {
  lb_lds_problem problem;
  lb_lds_config config;
  lb_counts* counts;
  lb_arena* arena;
  double theta[LB_LDS_PARAMS], loss;
  double K[H * N], P[(H + 1) * NN], expert_K[H * N];
  rollout expert;
  lb_mt19937 published;
  lb_rng rng;
  int iteration;
  // All samples so far, sorted by time.
  int n, most;
  int *t, *t_new;
  double *weight, *x, *u, *next;  // (most)
  double *weight_new, *x_new, *u_new, *next_new;
  int at[H];  // where the expert's sample of a time lies; -1: not drawn yet
  double* values;
  int n_values;
};

// A rollout of u = K x in the real system (K NULL: u = 0), and its cost.
static double roll(rollout* r, const lb_lds_problem* p, const double* K) {
  lb_lds_view real;
  lb_lds_view_init(&real, p, NULL);
  double cost = 0;
  memcpy(r->x[0], p->x0, sizeof r->x[0]);
  for (int t = 0; t < H; ++t) {
    double u = 0;
    for (int j = 0; K && j < N; ++j) u += K[t * N + j] * r->x[t][j];
    r->u[t] = u;
    cost += 0.5 * p->r * u * u;
    real.f.step(real.f.ctx, 1, &t, r->x[t], &u, r->x[t + 1]);
  }
  cost += real.cost.terminal(real.cost.ctx, H, r->x[H]);
  return isfinite(cost) ? cost : INFINITY;
}

// Adds the value function of the last plan to those that moments are matched under, while there is room.
static void keep_value(lb_lds* l) {
  if (l->n_values < MOST_VALUES) {
    memcpy(l->values + (size_t)l->n_values * (H + 1) * NN, l->P, sizeof l->P);
    l->n_values += 1;
  }
}

// The first guess: A = I, B = (1, 0, ...).
static void start_theta(double* theta) {
  memset(theta, 0, LB_LDS_PARAMS * sizeof *theta);
  for (int i = 0; i < N; ++i) theta[i * N + i] = 1;
  theta[NN] = 1;
}

lb_lds* lb_lds_new(const lb_lds_problem* problem, const lb_lds_config* config, lb_counts* counts, lb_arena* arena) {
  lb_lds* l = LB_TAKE(arena, lb_lds, 1);
  l->problem = *problem;
  l->config = *config;
  l->counts = counts;
  l->arena = arena;
  l->most = MOST_SAMPLES;
  l->t = LB_TAKE(arena, int, MOST_SAMPLES);
  l->t_new = LB_TAKE(arena, int, MOST_SAMPLES);
  l->weight = LB_TAKE(arena, double, MOST_SAMPLES);
  l->weight_new = LB_TAKE(arena, double, MOST_SAMPLES);
  l->x = LB_TAKE(arena, double, (MOST_SAMPLES * N));
  l->x_new = LB_TAKE(arena, double, (MOST_SAMPLES * N));
  l->u = LB_TAKE(arena, double, MOST_SAMPLES);
  l->u_new = LB_TAKE(arena, double, MOST_SAMPLES);
  l->next = LB_TAKE(arena, double, (MOST_SAMPLES * N));
  l->next_new = LB_TAKE(arena, double, (MOST_SAMPLES * N));
  l->values = LB_TAKE(arena, double, (MOST_VALUES * (H + 1) * NN));
  for (int t = 0; t < H; ++t) l->at[t] = -1;
  l->published = lb_mt19937_seeded((uint32_t)config->seed);
  l->rng = lb_rng_stream(config->seed, LB_RNG_MIX, 0, 0);
  double P[(H + 1) * NN];
  lb_lds_plan(l->expert_K, P, problem, NULL, NULL, arena);
  roll(&l->expert, problem, l->expert_K);
  start_theta(l->theta);
  lb_lds_plan(l->K, l->P, problem, l->theta, counts, arena);
  keep_value(l);
  return l;
}

// How often the expert's and the learner's transition of each time are drawn this iteration: a coin, then a time; of
// the learner's rollout the first `length` steps.
static void draw(lb_lds* l, int length, int expert[H], int learner[H]) {
  memset(expert, 0, H * sizeof *expert);
  memset(learner, 0, H * sizeof *learner);
  bool old = l->config.published_draws;
  if (old) lb_mt19937_skip_normals(&l->published, H * N);  // the noise of two rollouts, which it multiplies by zero
  for (int i = 0; i < l->config.samples; ++i) {
    double coin = old ? lb_mt19937_uniform(&l->published) : lb_rng_uniform(&l->rng);
    int t = (int)(old ? lb_mt19937_below(&l->published, H) : lb_rng_below(&l->rng, H));
    if (coin < 0.5) {
      expert[t] += 1;
    } else {
      learner[t % length] += 1;
    }
  }
}

// Where the next sample in order of time goes.
static void put(lb_lds* l, int* n, int t, double weight, const double* x, double u, const double* next) {
  if (*n == l->most) return;
  l->t_new[*n] = t;
  l->weight_new[*n] = weight;
  l->u_new[*n] = u;
  memcpy(l->x_new + *n * N, x, N * sizeof *x);
  memcpy(l->next_new + *n * N, next, N * sizeof *next);
  *n += 1;
}

// Exchanges two buffers.
static void swap(double** a, double** b) {
  double* c = *a;
  *a = *b;
  *b = c;
}

// Merges this iteration's draws into the samples: the expert's transitions are the same in every iteration.
static void take_up(lb_lds* l, const rollout* learner, const int expert_times[H], const int learner_times[H]) {
  int n = 0, old = 0;
  for (int t = 0; t < H; ++t) {
    int expert_at = l->at[t];
    for (; old < l->n && l->t[old] == t; ++old) {
      double more = old == expert_at ? expert_times[t] : 0;
      if (old == expert_at) l->at[t] = n;
      put(l, &n, t, l->weight[old] + more, l->x + old * N, l->u[old], l->next + old * N);
    }
    if (expert_at < 0 && expert_times[t] > 0) {
      l->at[t] = n;
      put(l, &n, t, expert_times[t], l->expert.x[t], l->expert.u[t], l->expert.x[t + 1]);
    }
    if (learner_times[t] > 0) put(l, &n, t, learner_times[t], learner->x[t], learner->u[t], learner->x[t + 1]);
  }
  l->n = n;
  int* times = l->t;
  l->t = l->t_new;
  l->t_new = times;
  swap(&l->weight, &l->weight_new);
  swap(&l->x, &l->x_new);
  swap(&l->u, &l->u_new);
  swap(&l->next, &l->next_new);
}

static lb_lds_samples samples_of(const lb_lds* l) {
  return (lb_lds_samples){.n = l->n, .t = l->t, .weight = l->weight, .x = l->x, .u = l->u, .x_next = l->next};
}

// The loss of the fit, with the ridge.
static double objective(lb_lds* l, double* gradient, const double* theta) {
  lb_lds_samples data = samples_of(l);
  if (l->config.loss == LB_LDS_LIKELIHOOD) return lb_lds_likelihood(gradient, theta, &data);
  lb_lds_values values = {.k = l->n_values, .P = l->values};
  double sum = lb_lds_moments(gradient, theta, &data, &values, l->arena);
  for (int i = 0; i < LB_LDS_PARAMS; ++i) {
    sum += l->config.ridge * theta[i] * theta[i];
    if (gradient) gradient[i] += 2 * l->config.ridge * theta[i];
  }
  return sum;
}

// BFGS asks for the gradient only where it has just asked for the value: one computation gives both.
typedef struct fit_now {
  lb_lds* l;
  double gradient[LB_LDS_PARAMS];
} fit_now;

// The loss at theta.
static double fit_value(void* ctx, const double* theta) {
  fit_now* f = ctx;
  if (f->l->counts) f->l->counts->model_queries += 1;
  return objective(f->l, f->gradient, theta);
}

// Its gradient, which fit_value left.
static void fit_gradient(void* ctx, double* gradient, const double* theta, double value) {
  (void)theta;
  (void)value;
  memcpy(gradient, ((fit_now*)ctx)->gradient, LB_LDS_PARAMS * sizeof *gradient);
}

// Steps of a rollout until its state is larger than that, 1 at least.
static int usable(const rollout* r, double stop) {
  int length = 1;
  for (; length < H; ++length) {
    double sum = 0;
    for (int i = 0; i < N; ++i) sum += r->x[length][i] * r->x[length][i];
    if (!(sqrt(sum) <= stop)) break;
  }
  return length;
}

bool lb_lds_iteration(lb_lds* l) {
  int expert[H], learner[H];
  rollout own;
  roll(&own, &l->problem, l->K);
  draw(l, usable(&own, l->problem.stop), expert, learner);
  take_up(l, &own, expert, learner);
  l->iteration += 1;
  fit_now f = {.l = l};
  double theta[LB_LDS_PARAMS];
  start_theta(theta);
  lb_bfgs_config config = lb_bfgs_default_config();
  config.gradient_tolerance = l->config.gradient_tolerance;
  config.max_iterations = l->config.max_iterations;
  config.gradient = fit_gradient;
  lb_bfgs_result r = lb_bfgs_minimize(theta, LB_LDS_PARAMS, fit_value, &f, &config, l->arena);
  bool finite = isfinite(r.value);
  for (int i = 0; i < LB_LDS_PARAMS; ++i) finite = finite && isfinite(theta[i]);
  if (!finite) return false;
  memcpy(l->theta, theta, sizeof theta);
  l->loss = r.value;
  double K[H * N], P[(H + 1) * NN];
  lb_lds_plan(K, P, &l->problem, theta, l->counts, l->arena);
  for (int i = 0; i < H * N; ++i) finite = finite && isfinite(K[i]);
  if (!finite) return false;
  memcpy(l->K, K, sizeof K);
  memcpy(l->P, P, sizeof P);
  keep_value(l);
  return true;
}

double lb_lds_cost(const lb_lds* l) {
  rollout r;
  return roll(&r, &l->problem, l->K);
}

double lb_lds_expert_cost(const lb_lds* l) {
  rollout r;
  return roll(&r, &l->problem, l->expert_K);
}

double lb_lds_zero_cost(const lb_lds* l) {
  rollout r;
  return roll(&r, &l->problem, NULL);
}

const double* lb_lds_theta(const lb_lds* l) {
  return l->theta;
}

const double* lb_lds_gains(const lb_lds* l) {
  return l->K;
}

const double* lb_lds_value(const lb_lds* l) {
  return l->P;
}

double lb_lds_fit_loss(const lb_lds* l) {
  return l->loss;
}
