// The two update rules by hand, on plain and curved spaces; times beyond the horizon; stored policies and values.
#include "plan/lq_policy.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "../linalg/plain.h"
#include "../support/near.h"
#include "sphere.h"

enum { NX = 3, NU = 2, H = 4 };

static const lb_space plain_space = {.nx = NX, .ndx = NX};
static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return arena == NULL;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

static void random_policy(lb_lq_policy* p) {
  lb_rng rng = lb_rng_stream(10, LB_RNG_TEST, 0, 0);
  lb_lq_policy_init(p, &plain_space, NU, H, arena);
  lb_rng_normals(&rng, p->x_nominal, (H + 1) * NX);
  lb_rng_normals(&rng, p->u_nominal, H * NU);
  lb_rng_normals(&rng, p->K, H * NU * NX);
  lb_rng_normals(&rng, p->k, H * NU);
  p->alpha = 0.25;
}

// Component i of the control at time t in state x, written out.
static double by_hand(const lb_lq_policy* p, int t, const double* x, int i) {
  double a = p->alpha, u = p->rule == LB_RULE_2023 ? (1 - a) * p->u_nominal[t * NU + i] : p->u_nominal[t * NU + i];
  u += a * p->k[t * NU + i];
  for (int j = 0; j < NX; ++j) {
    double from = p->rule == LB_RULE_2023 ? (1 - a) * p->x_nominal[t * NX + j] : p->x_nominal[t * NX + j];
    u += p->K[(t * NU + i) * NX + j] * (x[j] - from);
  }
  return u;
}

static void test_rules(void** state) {
  (void)state;
  lb_lq_policy p;
  random_policy(&p);
  lb_policy view = lb_lq_policy_view(&p);
  assert_int_equal(view.input, LB_READS_STATE);
  assert_int_equal(view.nin, NX);
  assert_int_equal(view.nu, NU);
  double x[2 * NX] = {1, -2, 3, 0.5, 0.25, -1}, u[2 * NU];
  for (int rule = 0; rule < 2; ++rule) {
    p.rule = rule ? LB_RULE_2023 : LB_RULE_TEXTBOOK;
    for (int t = 0; t < H + 3; ++t) {
      lb_policy_act(&view, 2, t, x, u);
      for (int i = 0; i < 2 * NU; ++i) {
        assert_near(u[i], by_hand(&p, t < H ? t : H - 1, x + NX * (i / NU), i % NU), 1e-14);
      }
    }
  }
}

// The rules are the same at alpha = 0, and about the origin at any alpha.
static void test_where_the_rules_agree(void** state) {
  (void)state;
  lb_lq_policy p;
  random_policy(&p);
  lb_policy view = lb_lq_policy_view(&p);
  double x[NX] = {1, -2, 3}, u[2][NU];
  for (int origin = 0; origin < 2; ++origin) {
    p.alpha = origin ? 0.5 : 0;
    for (int i = 0; origin && i < (H + 1) * NX; ++i) p.x_nominal[i] = 0;
    for (int i = 0; origin && i < H * NU; ++i) p.u_nominal[i] = 0;
    for (int rule = 0; rule < 2; ++rule) {
      p.rule = rule ? LB_RULE_2023 : LB_RULE_TEXTBOOK;
      lb_policy_act(&view, 1, 2, x, u[rule]);
    }
    assert_true(plain_difference(u[0], u[1], NU) < 1e-15);
  }
}

static void test_curved_space(void** state) {
  (void)state;
  lb_lq_policy p;
  lb_lq_policy_init(&p, &sphere_space, 1, 1, arena);
  double x[4], dx[] = {0.3, -0.2, 0.9}, u;
  p.x_nominal[0] = 0.6;
  p.x_nominal[2] = 0.8;
  sphere_displace(NULL, x, p.x_nominal, dx);
  p.K[0] = 2;
  p.K[1] = -1;
  p.K[2] = 3;
  lb_policy view = lb_lq_policy_view(&p);
  lb_policy_act(&view, 1, 0, x, &u);
  assert_near(u, 2 * 0.3 + 0.2 + 3 * 0.9, 1e-14);
  for (int i = 0; i < 4; ++i) x[i] = -x[i];  // the same rotation
  lb_policy_act(&view, 1, 0, x, &u);
  assert_near(u, 2 * 0.3 + 0.2 + 3 * 0.9, 1e-14);
}

static void test_copy_and_store(void** state) {
  (void)state;
  lb_lq_policy p, copied, loaded;
  random_policy(&p);
  p.rule = LB_RULE_2023;
  lb_lq_policy_init(&copied, &plain_space, NU, H, arena);
  lb_lq_policy_init(&loaded, &plain_space, NU, H, arena);
  lb_lq_policy_copy(&copied, &p);
  double* stored = LB_TAKE(arena, double, lb_lq_policy_nstate(&p) + 1);
  stored[lb_lq_policy_nstate(&p)] = 12345;
  lb_lq_policy_save(&p, stored);
  assert_near(stored[lb_lq_policy_nstate(&p)], 12345, 0);
  lb_lq_policy_load(&loaded, stored);
  double x[NX] = {1, 2, 3}, u[3][NU];
  lb_lq_policy* all[] = {&p, &copied, &loaded};
  for (int t = 0; t < H; ++t) {
    for (int i = 0; i < 3; ++i) {
      lb_policy view = lb_lq_policy_view(all[i]);
      assert_ptr_equal(lb_lq_policy_of(&view), all[i]);
      lb_policy_act(&view, 1, t, x, u[i]);
    }
    assert_memory_equal(u[0], u[1], sizeof u[0]);
    assert_memory_equal(u[0], u[2], sizeof u[0]);
  }
}

static void test_value(void** state) {
  (void)state;
  lb_lq_value v, loaded, copied;
  lb_lq_value_init(&v, &plain_space, 1, arena);
  lb_lq_value_init(&loaded, &plain_space, 1, arena);
  lb_lq_value_init(&copied, &plain_space, 1, arena);
  const double P[9] = {2, 1, 0, 1, 4, 0, 0, 0, 6}, p[3] = {1, -1, 2}, nominal[3] = {1, 1, 1};
  memcpy(v.P + 9, P, sizeof P);
  memcpy(v.p + 3, p, sizeof p);
  memcpy(v.x_nominal + 3, nominal, sizeof nominal);
  v.c[1] = 0.5;
  double* stored = LB_TAKE(arena, double, lb_lq_value_nstate(&v));
  lb_lq_value_save(&v, stored);
  lb_lq_value_load(&loaded, stored);
  lb_lq_value_copy(&copied, &v);
  lb_lq_value* all[] = {&v, &loaded, &copied};
  for (int i = 0; i < 3; ++i) {
    lb_value view = lb_lq_value_view(all[i]);
    double x[6] = {1, 1, 1, 2, 3, 0}, value[2];  // dx = 0 and dx = (1, 2, -1)
    for (int t = 1; t < 4; ++t) {
      view.at(view.ctx, 2, t, x, value);
      assert_near(value[0], 0.5, 0);
      assert_near(value[1], 0.5 + (1 - 2 - 2) + 0.5 * (2 + 4 + 16 + 6), 1e-14);
    }
    view.at(view.ctx, 1, 0, x, value);
    assert_near(value[0], 0, 0);
  }
}

// The value's slope against differences of the value by displacements, on both kinds of space.
static void test_slope(void** state) {
  (void)state;
  for (int curved = 0; curved < 2; ++curved) {
    const lb_space* space = curved ? &sphere_space : &plain_space;
    int nx = space->nx;
    lb_rng rng = lb_rng_stream(12, LB_RNG_TEST, 0, 0);
    lb_lq_value v;
    lb_lq_value_init(&v, space, H, arena);
    double x[8];
    for (int t = 0; t <= H; ++t) {
      double *P = v.P + 9 * t, *middle = v.x_nominal + nx * t, e[3];
      lb_rng_normals(&rng, P, 9);
      lb_rng_normals(&rng, v.p + 3 * t, 3);
      lb_rng_normals(&rng, e, 3);
      for (int i = 0; i < 9; ++i) P[i] = P[3 * (i % 3) + i / 3];
      if (curved) middle[0] = 1;
      lb_space_displace(space, middle, middle, e);
    }
    lb_value view = lb_lq_value_view(&v);
    for (int t = 0; t < H + 2; ++t) {
      double values[2], again[2], slope[6], e[3];
      const double* middle = v.x_nominal + nx * (t < H ? t : H);
      for (int i = 0; i < 2; ++i) {
        lb_rng_normals(&rng, e, 3);
        for (int j = 0; j < 3; ++j) e[j] *= 0.5;
        lb_space_displace(space, x + nx * i, middle, e);
      }
      view.at(view.ctx, 2, t, x, values);
      view.slope(view.ctx, 2, t, x, again, slope);
      for (int i = 0; i < 6; ++i) {
        double moved[4], around[2], h[3] = {0};
        for (int sign = 0; sign < 2; ++sign) {
          h[i % 3] = sign ? 1e-5 : -1e-5;
          lb_space_displace(space, moved, x + nx * (i / 3), h);
          view.at(view.ctx, 1, t, moved, &around[sign]);
        }
        assert_near(again[i / 3], values[i / 3], 0);
        assert_near(slope[i], (around[1] - around[0]) / 2e-5, 1e-8);
      }
    }
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_rules),        TEST(test_where_the_rules_agree),
      TEST(test_curved_space), TEST(test_copy_and_store),
      TEST(test_value),        TEST(test_slope),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
