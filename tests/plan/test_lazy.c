// Passes about demonstrations against what is known of them: where model and reward are linear-quadratic, LQR's own
// feedback about any demonstration, which iLQR comes to as well; PSDP's definition, by rolling out the later policies;
// the regularised gain of a last step in closed form; limits; which knot acts; a model that is not finite.
#include "plan/lazy.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "plan/mpc.h"
#include "reward_lq.h"

enum { L = 12, DEMOS = 3 };
static const double low[NU] = {-1e6, -1e6}, high[NU] = {1e6, 1e6};

static lb_rng stream(uint32_t i) {
  return lb_rng_stream(11, LB_RNG_TEST, i, 0);
}

// Nothing but the quadratic itself, at the demonstrations' own times.
static lb_lazy_config exact(void) {
  lb_lazy_config c = lb_lazy_default_config();
  c.window = 0;
  c.mu_control = 1e-10;
  c.mu_state = 0;
  c.reach = INFINITY;
  return c;
}

// Any states and controls, which need not be the model's: it errs along all of them.
typedef struct recording {
  double x[DEMOS][(L + 1) * NX], u[DEMOS][L * NU];
  lb_trajectory demos[DEMOS];
} recording;

static void record(recording* r, lb_rng* rng) {
  for (int d = 0; d < DEMOS; ++d) {
    lb_rng_normals(rng, r->x[d], (L + 1) * NX);
    lb_rng_normals(rng, r->u[d], L * NU);
    r->demos[d] = (lb_trajectory){.length = L - d, .x = r->x[d], .u = r->u[d]};
  }
}

static void one_pass_is_lqr_where_all_is_linear_quadratic(void** state) {
  (void)state;
  for (uint32_t i = 0; i < 5; ++i) {
    lb_arena* arena = lb_arena_new(0);
    lb_rng rng = stream(i);
    lq p = random_lq(&rng);
    lb_reward_model model = {NX, NU, &p, lq_step, lq_expand};
    recording r;
    record(&r, &rng);
    lb_lazy_config c = exact();
    lb_lazy* lazy = lb_lazy_new(&c, NX, NU, low, high, r.demos, DEMOS, arena);
    lb_counts counts = {0};
    lb_lazy_report report = lb_lazy_plan(lazy, &model, &counts);
    assert_true(report.passes == DEMOS && report.failed == 0 && counts.lqr_passes == DEMOS);
    assert_int_equal(counts.model_queries, 2 * (L + L - 1 + L - 2));
    for (int k = 0; k < 40; ++k) {
      double x[NX], u[NU], riccati_u[NU], ilqr[NU];
      int t = k % L, at;
      lb_rng_normals(&rng, x, NX);
      int d = lb_lazy_nearest(lazy, &at, x, t, 1), to_go = L - d - at;
      lb_lazy_act(lazy, u, x, t, 1);
      riccati(riccati_u, &p, x, to_go);
      lb_mpc_config full = lb_mpc_default_config();
      full.horizon = to_go;
      full.iterations = 20;
      full.guesses = 0;
      full.mu_initial = full.mu_min = 1e-9;
      full.tolerance = 0;
      lb_mpc* mpc = lb_mpc_new(&full, NX, NU, low, high, &rng, arena);
      lb_mpc_act(mpc, ilqr, &model, x, NULL);
      for (int j = 0; j < NU; ++j) {
        assert_near(u[j], riccati_u[j], 1e-7);
        assert_near(ilqr[j], riccati_u[j], 1e-7);
      }
    }
    lb_arena_free(arena);
  }
}

// What is earned from (x, u) at time t if the policy acts afterwards, until its demonstration ends.
static double earned(const lb_lazy* lazy, lq* p, const double* x, const double* u, int t) {
  double state[NX], next[NX], action[NU], r, total = 0;
  bool ended;
  memcpy(state, x, sizeof state);
  memcpy(action, u, sizeof action);
  for (int s = t; s < L; ++s) {
    if (s > t) lb_lazy_act(lazy, action, state, s, 1);
    lq_step(p, 1, state, action, next, &r, &ended);
    total += r;
    memcpy(state, next, sizeof state);
  }
  return total;
}

// PSDP: at the expert's state the control is chosen that earns most if the later policies act afterwards.
static void each_control_is_the_best_before_the_later_ones(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = stream(20);
  lq p = random_lq(&rng);
  lb_rng_normals(&rng, p.q, NU);
  lb_reward_model model = {NX, NU, &p, lq_step, lq_expand};
  recording r;
  record(&r, &rng);
  lb_lazy_config c = exact();
  lb_lazy* lazy = lb_lazy_new(&c, NX, NU, low, high, r.demos, 1, arena);
  lb_lazy_plan(lazy, &model, NULL);
  for (int t = 0; t < L; ++t) {
    const double h = 0.1, *x = r.x[0] + t * NX;
    double u[NU];
    lb_lazy_act(lazy, u, x, t, 1);
    double best = earned(lazy, &p, x, u, t);
    for (int j = 0; j < NU; ++j) {
      double here = u[j];
      u[j] = here + h;
      double up = earned(lazy, &p, x, u, t);
      u[j] = here - h;
      double down = earned(lazy, &p, x, u, t);
      u[j] = here;
      assert_true(up < best && down < best);
      assert_near(up, down, 1e-8 * (1 + fabs(best)));
    }
  }
  lb_arena_free(arena);
}

// The last step of a demonstration: V = 0 afterwards, so that with S the states' scales
//   (R + mu I + m B^T S^-2 B) K = -m B^T S^-2 A,   (the same) k = -(R u + q).
static void leaving_the_experts_states_is_held_back(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = stream(30);
  lq p = random_lq(&rng);
  lb_rng_normals(&rng, p.q, NU);
  lb_reward_model model = {NX, NU, &p, lq_step, lq_expand};
  recording r;
  record(&r, &rng);
  lb_lazy_config c = exact();
  c.mu_control = 0.3;
  c.mu_state = 0.7;
  lb_lazy* lazy = lb_lazy_new(&c, NX, NU, low, high, r.demos, 1, arena);
  lb_lazy_plan(lazy, &model, NULL);
  double weight[NX], S[NU * NU], G[NU * NX], b[NU];
  for (int i = 0; i < NX; ++i) {
    double mean = 0, square = 0;
    for (int t = 0; t < L; ++t) mean += r.x[0][t * NX + i] / L;
    for (int t = 0; t < L; ++t) square += (r.x[0][t * NX + i] - mean) * (r.x[0][t * NX + i] - mean) / L;
    weight[i] = c.mu_state / square;
  }
  for (int i = 0; i < NU; ++i) {
    b[i] = -p.q[i];
    for (int j = 0; j < NU; ++j) {
      S[i * NU + j] = p.R[i * NU + j] + (i == j ? c.mu_control : 0);
      for (int k = 0; k < NX; ++k) S[i * NU + j] += p.B[k * NU + i] * weight[k] * p.B[k * NU + j];
      b[i] -= p.R[i * NU + j] * r.u[0][(L - 1) * NU + j];
    }
    for (int j = 0; j < NX; ++j) {
      G[i * NX + j] = 0;
      for (int k = 0; k < NX; ++k) G[i * NX + j] -= p.B[k * NU + i] * weight[k] * p.A[k * NX + j];
    }
  }
  const double *k, *K;
  double want[NU];
  lb_lazy_feedback(lazy, &k, &K, 0, L - 1);
  solve_two(want, S, b);
  for (int i = 0; i < NU; ++i) assert_near(k[i], want[i], 1e-9);
  for (int j = 0; j < NX; ++j) {
    double column[NU] = {G[j], G[NX + j]};
    solve_two(want, S, column);
    for (int i = 0; i < NU; ++i) assert_near(K[i * NX + j], want[i], 1e-9);
  }
  lb_arena_free(arena);
}

// k is halved until it moves the next state no further than it may, in the states' scales; K stays.
static void a_control_reaches_no_further_than_it_may(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = stream(35);
  lq p = random_lq(&rng);
  for (int i = 0; i < NU; ++i) p.q[i] = 3;
  lb_reward_model model = {NX, NU, &p, lq_step, lq_expand};
  recording r;
  record(&r, &rng);
  lb_lazy_config c = lb_lazy_default_config();
  c.reach = INFINITY;
  lb_lazy* full = lb_lazy_new(&c, NX, NU, low, high, r.demos, 1, arena);
  c.reach = 0.05;
  lb_lazy* held = lb_lazy_new(&c, NX, NU, low, high, r.demos, 1, arena);
  lb_lazy_plan(full, &model, NULL);
  lb_lazy_plan(held, &model, NULL);
  double scale[NX];
  for (int i = 0; i < NX; ++i) {
    double mean = 0, square = 0;
    for (int t = 0; t < L; ++t) mean += r.x[0][t * NX + i] / L;
    for (int t = 0; t < L; ++t) square += pow(r.x[0][t * NX + i] - mean, 2) / L;
    scale[i] = sqrt(square);
  }
  int shortened = 0;
  for (int t = 0; t < L; ++t) {
    const double *k, *K, *longer, *same;
    double moved = 0;
    lb_lazy_feedback(held, &k, &K, 0, t);
    lb_lazy_feedback(full, &longer, &same, 0, t);
    for (int i = 0; i < NX; ++i) moved += pow((p.B[i * NU] * k[0] + p.B[i * NU + 1] * k[1]) / scale[i], 2);
    moved = sqrt(moved);
    assert_true(moved <= 0.05 * (1 + 1e-9));
    shortened += moved > 0.025 * (1 - 1e-9);
    if (t < L - 1) continue;
    // At the last step nothing differs but the length: a power of two, the first that is short enough.
    int halvings = (int)lround(log2(longer[0] / k[0]));
    assert_true(halvings > 0 && 2 * moved > 0.05);
    for (int i = 0; i < NU; ++i) assert_near(ldexp(k[i], halvings), longer[i], 1e-9);
    for (int i = 0; i < NU * NX; ++i) assert_near(K[i], same[i], 1e-12);
  }
  assert_true(shortened > L / 2);
  lb_arena_free(arena);
}

// A control that the pass holds at a limit has no feedback; what acts is always within them.
static void limits_hold(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = stream(40);
  const double least[NU] = {-0.3, -0.2}, most[NU] = {0.1, 0.4};
  lq p = random_lq(&rng);
  lb_reward_model model = {NX, NU, &p, lq_step, lq_expand};
  recording r;
  record(&r, &rng);
  for (int d = 0; d < DEMOS; ++d) {
    for (int i = 0; i < L * NU; ++i) r.u[d][i] = fmin(most[i % NU], fmax(least[i % NU], r.u[d][i]));
  }
  lb_lazy_config c = lb_lazy_default_config();
  c.reach = INFINITY;
  lb_lazy* lazy = lb_lazy_new(&c, NX, NU, least, most, r.demos, DEMOS, arena);
  int held = 0, free = 0;
  for (int planned = 0; planned < 2; ++planned) {
    for (int k = 0; k < 30; ++k) {
      double x[NX], u[NU];
      int at;
      lb_rng_normals(&rng, x, NX);
      int d = lb_lazy_nearest(lazy, &at, x, k % L, 1);
      lb_lazy_act(lazy, u, x, k % L, 1);
      for (int i = 0; i < NU; ++i) {
        assert_true(u[i] >= least[i] && u[i] <= most[i]);
        if (!planned) assert_true(u[i] == r.u[d][at * NU + i]);  // the expert's own
      }
    }
    lb_lazy_plan(lazy, &model, NULL);
  }
  for (int d = 0; d < DEMOS; ++d) {
    for (int t = 0; t < L - d; ++t) {
      const double *k, *K;
      lb_lazy_feedback(lazy, &k, &K, d, t);
      for (int i = 0; i < NU; ++i) {
        double u = r.u[d][t * NU + i] + k[i];
        bool at_limit = u < least[i] + 1e-12 || u > most[i] - 1e-12;
        assert_true(u > least[i] - 1e-12 && u < most[i] + 1e-12);
        for (int j = 0; j < NX; ++j) assert_true(!at_limit || K[i * NX + j] == 0);
        held += at_limit;
        free += !at_limit;
      }
    }
  }
  assert_true(held > 5 && free > 5);
  lb_arena_free(arena);
}

// On a line, whose second number never varies: demonstrations of 10, 6 and 3 steps from 0, 100 and 200 on.
static void the_nearest_knot_acts_that_has_enough_to_go(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  static const int lengths[] = {10, 6, 3};
  double x[3][22], u[10] = {0};
  lb_trajectory demos[3];
  for (int d = 0; d < 3; ++d) {
    for (int t = 0; t <= 10; ++t) {
      x[d][2 * t] = 100 * d + t;
      x[d][2 * t + 1] = 5;
    }
    demos[d] = (lb_trajectory){.length = lengths[d], .x = x[d], .u = u};
  }
  static const struct {
    double at;
    int t, to_go, window, demo, time;
  } wanted[] = {
      {3.2, 0, 1, 100, 0, 3},   {3.2, 0, 1, 0, 0, 0},     {3.2, 5, 1, 0, 0, 5},
      {3.2, 5, 1, 1, 0, 4},     {104.4, 9, 1, 100, 1, 4}, {104.4, 9, 1, 0, 1, 5},  // the last that it has
      {9.4, 0, 4, 100, 0, 6},   {9.4, 0, 50, 100, 0, 6},                           // as many as the horizon is enough
      {9.4, 0, 1, 100, 0, 9},   {203.0, 0, 4, 100, 2, 0},                          // too short: its first
      {203.0, 0, 2, 100, 2, 1}, {1e9, 7, 1, 100, 2, 2},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; ++i) {
    lb_lazy_config c = lb_lazy_default_config();
    c.horizon = 4;
    c.window = wanted[i].window;
    const double least = -1, most = 1;
    lb_lazy* lazy = lb_lazy_new(&c, 2, 1, &least, &most, demos, 3, arena);
    double here[2] = {wanted[i].at, 5};
    int at, d = lb_lazy_nearest(lazy, &at, here, wanted[i].t, wanted[i].to_go);
    if (d != wanted[i].demo || at != wanted[i].time) fail_msg("case %zu: knot %d of %d", i, at, d);
  }
  lb_arena_free(arena);
}

// Falls out of the numbers far along the first of them.
static void broken_step(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward,
                        bool* ended) {
  lq_step(ctx, n, x, u, x_next, reward, ended);
  for (int s = 0; s < n; ++s) {
    if (x[s * NX] > 1e3) x_next[s * NX] = NAN;
  }
}

static void a_model_that_is_not_finite_leaves_the_experts_controls(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = stream(50);
  lq p = random_lq(&rng);
  lb_reward_model model = {NX, NU, &p, broken_step, lq_expand};
  recording r;
  record(&r, &rng);
  r.x[1][5 * NX] = 1e4;
  lb_lazy_config c = lb_lazy_default_config();
  lb_lazy* lazy = lb_lazy_new(&c, NX, NU, low, high, r.demos, DEMOS, arena);
  lb_lazy_report report = lb_lazy_plan(lazy, &model, NULL);
  assert_true(report.passes == DEMOS && report.failed == 1);
  for (int d = 0; d < DEMOS; ++d) {
    for (int t = 0; t < L - d; ++t) {
      const double *k, *K;
      double sum = 0;
      lb_lazy_feedback(lazy, &k, &K, d, t);
      for (int i = 0; i < NU; ++i) sum += fabs(k[i]);
      for (int i = 0; i < NU * NX; ++i) sum += fabs(K[i]);
      assert_true(isfinite(sum) && (sum > 0) == (d != 1));
    }
  }
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_pass_is_lqr_where_all_is_linear_quadratic),
      cmocka_unit_test(each_control_is_the_best_before_the_later_ones),
      cmocka_unit_test(leaving_the_experts_states_is_held_back),
      cmocka_unit_test(a_control_reaches_no_further_than_it_may),
      cmocka_unit_test(limits_hold),
      cmocka_unit_test(the_nearest_knot_acts_that_has_enough_to_go),
      cmocka_unit_test(a_model_that_is_not_finite_leaves_the_experts_controls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
