// The expansion of a reward that is known by its values against closed forms: a quadratic, for which differences are
// exact; smooth functions; a kink, seen as a rounded corner; numbers that the reward does not read.
#include "plan/reward_expansion.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "base/rng.h"

enum { NX = 3, NU = 2, M = 2 * NX + NU, K = NX + NU };

// r = z^T Q z / 2 + q^T z on z = (x, u, x_next), with evaluations counted.
typedef struct quadratic {
  double Q[M][M], q[M];
  int asked;
} quadratic;

static void join(double* z, const double* x, const double* u, const double* x_next) {
  for (int i = 0; i < NX; ++i) z[i] = x[i];
  for (int i = 0; i < NU; ++i) z[NX + i] = u[i];
  for (int i = 0; i < NX; ++i) z[K + i] = x_next[i];
}

static void quadratic_at(void* ctx, int n, const double* x, const double* u, const double* x_next, double* r) {
  quadratic* f = ctx;
  f->asked += n;
  for (int s = 0; s < n; ++s) {
    double z[M];
    join(z, x + s * NX, u + s * NU, x_next + s * NX);
    r[s] = 0;
    for (int i = 0; i < M; ++i) {
      r[s] += f->q[i] * z[i];
      for (int j = 0; j < M; ++j) r[s] += 0.5 * z[i] * f->Q[i][j] * z[j];
    }
  }
}

static void a_quadratic_is_expanded_exactly(void** state) {
  (void)state;
  enum { N = 4 };
  lb_arena* arena = lb_arena_new(0);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  quadratic f = {.asked = 0};
  for (int i = 0; i < M; ++i) {
    f.q[i] = lb_rng_normal(&rng);
    for (int j = 0; j <= i; ++j) f.Q[i][j] = f.Q[j][i] = lb_rng_normal(&rng);
  }
  double x[N * NX], u[N * NU], next[N * NX], A[N * NX * NX], B[N * NX * NU], g[N * K], H[N * K * K];
  lb_rng_normals(&rng, x, N * NX);
  lb_rng_normals(&rng, u, N * NU);
  lb_rng_normals(&rng, next, N * NX);
  lb_rng_normals(&rng, A, N * NX * NX);
  lb_rng_normals(&rng, B, N * NX * NU);
  lb_transition_reward reward = {NX, NU, &f, quadratic_at};
  lb_reward_expansion* e = lb_reward_expansion_new(NX, NU, 0.1, arena);
  lb_reward_expansion_take(e, g, H, &reward, N, x, u, next, A, B);
  assert_int_equal(f.asked, N * (1 + 2 * M + M * (M - 1)));
  for (int s = 0; s < N; ++s) {
    double z[M], J[M][K] = {{0}}, slope[M];
    join(z, x + s * NX, u + s * NU, next + s * NX);
    for (int i = 0; i < K; ++i) J[i][i] = 1;
    for (int i = 0; i < NX; ++i) {
      for (int j = 0; j < K; ++j) J[K + i][j] = j < NX ? A[(s * NX + i) * NX + j] : B[(s * NX + i) * NU + j - NX];
    }
    for (int i = 0; i < M; ++i) {
      slope[i] = f.q[i];
      for (int j = 0; j < M; ++j) slope[i] += f.Q[i][j] * z[j];
    }
    for (int a = 0; a < K; ++a) {
      double want = 0;
      for (int i = 0; i < M; ++i) want += slope[i] * J[i][a];
      assert_near(g[s * K + a], want, 1e-10);
      for (int b = 0; b < K; ++b) {
        want = 0;
        for (int i = 0; i < M; ++i) {
          for (int j = 0; j < M; ++j) want += J[i][a] * f.Q[i][j] * J[j][b];
        }
        assert_near(H[(s * K + a) * K + b], want, 1e-9);
      }
    }
  }
  lb_arena_free(arena);
}

// sin(x_next0) exp(u1), and at number 2 of x_next a corner at 1.
static void smooth_at(void* ctx, int n, const double* x, const double* u, const double* x_next, double* r) {
  (void)x;
  *(int*)ctx += n;
  for (int s = 0; s < n; ++s) r[s] = sin(x_next[s * NX]) * exp(u[s * NU + 1]) - fabs(x_next[s * NX + 2] - 1);
}

static void what_is_smooth_and_what_has_a_corner(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  const double h = 1e-3;
  double x[NX] = {5, 6, 7}, u[NU] = {0.3, -0.4}, next[NX] = {0.6, 0, 1 - h / 4}, A[NX * NX] = {0}, B[NX * NU] = {0};
  A[0] = 2;           // x_next0 moves by 2 dx0
  A[2 * NX + 2] = 1;  // x_next2 by dx2
  double g[K], H[K * K];
  int asked = 0;
  lb_transition_reward reward = {NX, NU, &asked, smooth_at};
  lb_reward_expansion* e = lb_reward_expansion_new(NX, NU, h, arena);
  lb_reward_expansion_take(e, g, H, &reward, 1, x, u, next, A, B);
  assert_int_equal(asked, 1 + 2 * M + 2 * 3);  // three numbers matter: three pairs
  double sine = sin(0.6), cosine = cos(0.6), power = exp(-0.4);
  assert_near(g[0], 2 * cosine * power, 1e-5);
  assert_near(g[NX + 1], sine * power, 1e-5);
  assert_near(H[0], -4 * sine * power, 1e-4);
  assert_near(H[NX + 1], 2 * cosine * power, 1e-4);
  assert_near(H[(NX + 1) * K + NX + 1], sine * power, 1e-4);
  // A corner of slopes +1 and -1 that lies h / 4 up the way.
  assert_near(g[2], 0.25, 1e-9);
  assert_near(H[2 * K + 2], -1.5 / h, 1e-6);
  assert_true(g[1] == 0 && g[NX] == 0 && H[K + 1] == 0 && H[NX * K + NX] == 0);
  lb_arena_free(arena);
}

static void nan_at(void* ctx, int n, const double* x, const double* u, const double* x_next, double* r) {
  (void)ctx, (void)x, (void)u;
  for (int s = 0; s < n; ++s) r[s] = x_next[s * NX] > 1 ? NAN : x_next[s * NX];
}

static void beside_a_number_that_is_none_nothing_is_said(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  double x[2 * NX] = {0}, u[2 * NU] = {0}, next[2 * NX] = {0.9999}, A[2 * NX * NX] = {0}, B[2 * NX * NU] = {0};
  double g[2 * K], H[2 * K * K];
  A[0] = A[NX * NX] = 1;
  lb_transition_reward reward = {NX, NU, NULL, nan_at};
  lb_reward_expansion* e = lb_reward_expansion_new(NX, NU, 1e-3, arena);
  lb_reward_expansion_take(e, g, H, &reward, 2, x, u, next, A, B);
  for (int i = 0; i < K; ++i) assert_true(g[i] == 0 && H[i * K + i] == 0);
  assert_near(g[K], 1, 1e-12);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quadratic_is_expanded_exactly),
      cmocka_unit_test(what_is_smooth_and_what_has_a_corner),
      cmocka_unit_test(beside_a_number_that_is_none_nothing_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
