// Receding-horizon iLQR against what is known of its problems: LQR's own feedback; a box-constrained optimum by
// enumeration; the gradient of a plan's return by differences; an end that is not to be reached; a pendulum, on its own
// equations, that has to swing before it can stand.
#include "plan/mpc.h"

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
#include "plan/reward_expansion.h"
#include "reward_lq.h"

static lb_rng stream(uint32_t i) {
  return lb_rng_stream(9, LB_RNG_TEST, i, 0);
}

// Exact iterations to the end, without guesses.
static lb_mpc_config thorough(int horizon) {
  lb_mpc_config c = lb_mpc_default_config();
  c.horizon = horizon;
  c.iterations = 20;
  c.guesses = 0;
  c.mu_initial = c.mu_min = 1e-9;
  c.tolerance = 0;
  return c;
}

static void linear_quadratic_is_lqr(void** state) {
  (void)state;
  static const int horizons[] = {1, 2, 7, 30};
  const double low[NU] = {-1e6, -1e6}, high[NU] = {1e6, 1e6};
  for (uint32_t i = 0; i < sizeof horizons / sizeof *horizons; ++i) {
    lb_arena* arena = lb_arena_new(0);
    lb_rng rng = stream(i);
    lq p = random_lq(&rng);
    lb_reward_model model = {NX, NU, &p, lq_step, lq_expand};
    lb_mpc_config c = thorough(horizons[i]);
    lb_mpc* mpc = lb_mpc_new(&c, NX, NU, low, high, &rng, arena);
    double x[NX] = {1, -2, 0.5}, u[NU], want[NU], r, next[NX];
    bool ended;
    lb_counts counts = {0};
    for (int t = 0; t < 4; ++t) {
      lb_mpc_report report = lb_mpc_act(mpc, u, &model, x, &counts);
      riccati(want, &p, x, horizons[i]);
      for (int j = 0; j < NU; ++j) assert_near(u[j], want[j], 1e-7);
      assert_true(report.value >= report.start);
      lq_step(&p, 1, x, u, next, &r, &ended);
      memcpy(x, next, sizeof x);
    }
    assert_true(counts.lqr_passes >= 4 && counts.model_queries >= 4 * horizons[i]);
    lb_arena_free(arena);
  }
}

// The best of the nine ways to hold two controls at a limit or let them be free, for min u^T R u / 2 + q^T u.
static void best_in_box(double* best, const lq* p, const double* low, const double* high) {
  double least = INFINITY;
  for (int code = 0; code < 9; ++code) {
    int how[2] = {code % 3, code / 3};
    double u[2];
    if (how[0] == 0 && how[1] == 0) {
      double b[2] = {-p->q[0], -p->q[1]};
      solve_two(u, p->R, b);
    } else {
      for (int i = 0; i < 2; ++i) u[i] = how[i] == 1 ? low[i] : high[i];
      for (int i = 0; i < 2; ++i) {
        if (how[i] == 0) u[i] = -(p->q[i] + p->R[2 * i + 1 - i] * u[1 - i]) / p->R[3 * i];
      }
    }
    bool feasible = true;
    for (int i = 0; i < 2; ++i) feasible = feasible && u[i] >= low[i] && u[i] <= high[i];
    double value = form(p->R, u, 2) + p->q[0] * u[0] + p->q[1] * u[1];
    if (!feasible || value >= least) continue;
    least = value;
    memcpy(best, u, sizeof u);
  }
}

static void limits_hold_as_in_a_box(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = stream(20);
  int active = 0;
  for (int i = 0; i < 40; ++i) {
    lq p = random_lq(&rng);
    lb_rng_normals(&rng, p.q, NU);
    for (int j = 0; j < NU; ++j) p.q[j] *= 3;
    const double low[NU] = {-1, -0.4}, high[NU] = {0.5, 2};
    lb_mpc_config c = thorough(1);
    lb_mpc* mpc = lb_mpc_new(&c, NX, NU, low, high, &rng, arena);
    lb_reward_model model = {NX, NU, &p, lq_step, lq_expand};
    double x[NX] = {0}, u[NU], want[NU];
    lb_mpc_act(mpc, u, &model, x, NULL);
    best_in_box(want, &p, low, high);
    for (int j = 0; j < NU; ++j) {
      assert_near(u[j], want[j], 1e-7);
      active += u[j] <= low[j] || u[j] >= high[j];
    }
  }
  assert_true(active > 10 && active < 70);
  lb_arena_free(arena);
}

// x' = x + u on a line: what is earned is x' itself, up to an end beyond 3.
static void cliff_step(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward,
                       bool* ended) {
  bool* seen = ctx;
  for (int s = 0; s < n; ++s) {
    x_next[s] = x[s] + u[s];
    reward[s] = x_next[s];
    ended[s] = x_next[s] > 3;
    *seen = *seen || ended[s];
  }
}

static long cliff_expand(void* ctx, int n, const double* x, const double* u, const double* x_next, double* A, double* B,
                         double* g, double* H) {
  (void)ctx, (void)x, (void)u, (void)x_next;
  memset(H, 0, sizeof(double) * (size_t)(4 * n));
  for (int s = 0; s < n; ++s) A[s] = B[s] = g[2 * s] = g[2 * s + 1] = 1;
  return n;
}

// Straight over the edge is worth 1 + 2 + 3 + 4, and nothing after; to wait before it is worth up to 3 a step. What is
// known of the end is no more than that: its edge has no gradient, so the wait need not be at the very edge.
static void an_end_is_not_worth_its_last_reward(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  const double low = -1, high = 1;
  lb_rng rng = stream(30);
  lb_mpc_config c = lb_mpc_default_config();
  c.horizon = 12;
  c.iterations = 30;
  c.guesses = 30;
  lb_mpc* mpc = lb_mpc_new(&c, 1, 1, &low, &high, &rng, arena);
  bool seen = false;
  lb_reward_model model = {1, 1, &seen, cliff_step, cliff_expand};
  double x = 0, total = 0, last = 0;
  for (int t = 0; t < 40; ++t) {
    double u;
    lb_mpc_report report = lb_mpc_act(mpc, &u, &model, &x, NULL);
    x += u;
    total += x;
    last = report.value;
    assert_true(u >= low && u <= high);
    assert_true(x <= 3);
  }
  assert_true(seen);
  assert_true(total > 50 && total <= 3 * 40 && last > 20);
  lb_arena_free(arena);
}

// Falls out of the numbers wherever it is pushed, or always.
static void broken_step(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward,
                        bool* ended) {
  bool always = *(bool*)ctx;
  for (int s = 0; s < n; ++s) {
    x_next[s] = always || u[s] > 0.1 ? NAN : x[s] + u[s];
    reward[s] = -fabs(x[s] + u[s] - 5);
    ended[s] = false;
  }
}

static void a_model_that_is_not_finite_is_not_followed(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  const double low = -1, high = 1;
  lb_rng rng = stream(31);
  lb_mpc_config c = lb_mpc_default_config();
  c.horizon = 8;
  lb_mpc* mpc = lb_mpc_new(&c, 1, 1, &low, &high, &rng, arena);
  bool always = false;
  lb_reward_model model = {1, 1, &always, broken_step, cliff_expand};
  double x = 0, u = 7;
  lb_mpc_report report = lb_mpc_act(mpc, &u, &model, &x, NULL);
  assert_true(isfinite(report.value) && u <= 0.1);
  always = true;
  report = lb_mpc_act(mpc, &u, &model, &x, NULL);
  assert_true(report.value == -INFINITY && u == 0);
  lb_arena_free(arena);
}

// A pendulum of 0.5 m and 1 kg whose motor of 2 N m is too weak to lift it at once (gravity: 4.9 N m). State: cosine,
// sine, velocity; reward: height, less speed and effort.
typedef struct pendulum {
  lb_reward_expansion* expansion;
  lb_transition_reward reward;
} pendulum;

static void swing(double* next, const double* x, double u) {
  double angle = atan2(x[1], x[0]), speed = x[2];
  for (int i = 0; i < 16; ++i) {
    speed += 0.0025 * (9.81 * 0.5 * sin(angle) + 2 * u - 0.1 * speed) / 0.25;
    angle += 0.0025 * speed;
  }
  next[0] = cos(angle);
  next[1] = sin(angle);
  next[2] = speed;
}

static void pendulum_reward(void* ctx, int n, const double* x, const double* u, const double* x_next, double* reward) {
  (void)ctx, (void)x;
  for (int s = 0; s < n; ++s, x_next += 3) {
    reward[s] = (0.5 + 0.5 * x_next[0]) * exp(-0.01 * x_next[2] * x_next[2]) * (1 - 0.1 * u[s] * u[s]);
  }
}

static void pendulum_step(void* ctx, int n, const double* x, const double* u, double* x_next, double* reward,
                          bool* ended) {
  for (int s = 0; s < n; ++s) {
    swing(x_next + 3 * s, x + 3 * s, u[s]);
    ended[s] = false;
  }
  pendulum_reward(ctx, n, x, u, x_next, reward);
}

static long pendulum_expand(void* ctx, int n, const double* x, const double* u, const double* x_next, double* A,
                            double* B, double* g, double* H) {
  const pendulum* p = ctx;
  for (int s = 0; s < n; ++s) {
    for (int j = 0; j < 4; ++j) {
      double z[4] = {x[3 * s], x[3 * s + 1], x[3 * s + 2], u[s]}, up[3], down[3];
      z[j] += 1e-5;
      swing(up, z, z[3]);
      z[j] -= 2e-5;
      swing(down, z, z[3]);
      for (int i = 0; i < 3; ++i) *(j < 3 ? A + 9 * s + 3 * i + j : B + 3 * s + i) = (up[i] - down[i]) / 2e-5;
    }
  }
  lb_reward_expansion_take(p->expansion, g, H, &p->reward, n, x, u, x_next, A, B);
  return n;
}

static pendulum make_pendulum(double step, lb_arena* arena) {
  return (pendulum){lb_reward_expansion_new(3, 1, step, arena), {3, 1, NULL, pendulum_reward}};
}

static double return_of(const double* u, int horizon, const double* start) {
  double x[3], next[3], total = 0, r;
  memcpy(x, start, sizeof x);
  for (int t = 0; t < horizon; ++t) {
    swing(next, x, u[t]);
    pendulum_reward(NULL, 1, x, u + t, next, &r);
    total += r;
    memcpy(x, next, sizeof x);
  }
  return total;
}

// With a regularisation that outweighs all curvature an iteration is a step along the gradient: of length 1 / mu.
static void the_step_follows_the_gradient_of_the_return(void** state) {
  (void)state;
  enum { H = 20 };
  lb_arena* arena = lb_arena_new(0);
  const double low = -1, high = 1, mu = 1e6;
  pendulum p = make_pendulum(1e-4, arena);
  lb_reward_model model = {3, 1, &p, pendulum_step, pendulum_expand};
  lb_mpc_config c = thorough(H);
  c.iterations = 1;
  c.lengths = 1;
  c.mu_initial = c.mu_min = c.mu_max = mu;
  lb_rng rng = stream(40);
  lb_mpc* mpc = lb_mpc_new(&c, 3, 1, &low, &high, &rng, arena);
  double start[3] = {cos(2.3), sin(2.3), 1.5}, before[2 + H], largest = 0, u;
  // From a plan in the middle of nowhere in particular: with the first control dropped, it begins with the second.
  before[0] = 1;
  before[1] = mu;
  for (int t = 0; t < H; ++t) before[2 + t] = 0.5 * sin(t);
  lb_mpc_set_state(mpc, before);
  double moved[H], up, down;
  for (int t = 0; t < H; ++t) moved[t] = before[2 + (t + 1 < H ? t + 1 : t)];
  lb_mpc_report report = lb_mpc_act(mpc, &u, &model, start, NULL);
  assert_int_equal(report.accepted, 1);
  assert_near(report.start, return_of(moved, H, start), 1e-12);
  for (int t = 0; t < H; ++t) {
    double here = moved[t], h = 1e-4;
    moved[t] = here + h;
    up = return_of(moved, H, start);
    moved[t] = here - h;
    down = return_of(moved, H, start);
    moved[t] = here;
    double want = (up - down) / (2 * h), got = (lb_mpc_controls(mpc)[t] - here) * mu;
    assert_near(got, want, 2e-5);
    largest = fmax(largest, fabs(want));
  }
  assert_true(largest > 0.1);
  lb_arena_free(arena);
}

static void a_pendulum_swings_up_and_stays(void** state) {
  (void)state;
  for (uint32_t seed = 0; seed < 3; ++seed) {
    lb_arena* arena = lb_arena_new(0);
    const double low = -1, high = 1;
    pendulum p = make_pendulum(1e-2, arena);
    lb_reward_model model = {3, 1, &p, pendulum_step, pendulum_expand};
    lb_mpc_config c = lb_mpc_default_config();
    lb_rng rng = stream(50 + seed);
    lb_mpc* mpc = lb_mpc_new(&c, 3, 1, &low, &high, &rng, arena);
    double angle = 3.1416 + 0.2 * (2 * lb_rng_uniform(&rng) - 1), x[3] = {cos(angle), sin(angle), 0}, next[3], u;
    for (int t = 0; t < 150; ++t) {
      lb_mpc_act(mpc, &u, &model, x, NULL);
      assert_true(u >= low && u <= high);
      swing(next, x, u);
      memcpy(x, next, sizeof x);
      if (t >= 90) assert_true(x[0] > 0.98);
    }
    assert_true(fabs(x[2]) < 0.05);
    lb_arena_free(arena);
  }
}

// What get_state gives is all that a plan leaves to the next: another planner of the same seed goes on to the bit.
static void a_planner_goes_on_from_its_state(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  const double low = -1, high = 1;
  pendulum p = make_pendulum(1e-2, arena);
  lb_reward_model model = {3, 1, &p, pendulum_step, pendulum_expand};
  lb_mpc_config c = lb_mpc_default_config();
  lb_rng first = stream(60), second = first;
  lb_mpc* mpc = lb_mpc_new(&c, 3, 1, &low, &high, &first, arena);
  lb_mpc* other = lb_mpc_new(&c, 3, 1, &low, &high, &second, arena);
  double x[3] = {-1, 0.01, 0}, next[3], u, v, kept[100];
  assert_true(lb_mpc_nstate(mpc) <= 100);
  for (int t = 0; t < 20; ++t) {
    lb_mpc_get_state(mpc, kept);
    lb_mpc_set_state(other, kept);
    lb_mpc_report a = lb_mpc_act(mpc, &u, &model, x, NULL), b = lb_mpc_act(other, &v, &model, x, NULL);
    assert_memory_equal(&u, &v, sizeof u);
    assert_true(a.value == b.value && a.iterations == b.iterations && a.start == b.start);
    swing(next, x, u);
    memcpy(x, next, sizeof x);
  }
  lb_mpc_forget(mpc);
  lb_mpc_forget(other);
  lb_mpc_act(mpc, &u, &model, x, NULL);
  lb_mpc_act(other, &v, &model, x, NULL);
  assert_memory_equal(&u, &v, sizeof u);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_quadratic_is_lqr),
      cmocka_unit_test(limits_hold_as_in_a_box),
      cmocka_unit_test(an_end_is_not_worth_its_last_reward),
      cmocka_unit_test(a_model_that_is_not_finite_is_not_followed),
      cmocka_unit_test(the_step_follows_the_gradient_of_the_return),
      cmocka_unit_test(a_pendulum_swings_up_and_stays),
      cmocka_unit_test(a_planner_goes_on_from_its_state),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
