// Demonstrations as a learner's transitions: every number of every row, against the demonstrations themselves; which
// are chosen; what is refused.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "data/demos_rows.h"
#include "spring.h"

enum { N = 300, WIDTH = 2 * SPRING_NOBS + 2 + 2 };

static spring self;
static lb_system world;
static lb_demos* demos;

static int set_up(void** state) {
  (void)state;
  lb_rng rng;
  lb_policy policy = spring_policy(&rng);
  world = spring_system(&self);
  return lb_demos_record_transitions(&demos, &world, &policy, N, 3).code;
}

static int tear_down(void** state) {
  (void)state;
  lb_demos_free(demos);
  return 0;
}

// Row `row` is step t of episode e. The limits of the controls are [-1.5, 0.5].
static int check_row(const float* row, int e, int t) {
  lb_demo_step s = lb_demos_step(demos, e, t);
  int clipped = 0;
  for (int i = 0; i < SPRING_NOBS; ++i) {
    assert_true(row[i] == (float)s.obs[i] && row[SPRING_NOBS + 4 + i] == (float)s.next_obs[i]);
  }
  for (int i = 0; i < 2; ++i) {
    double u = s.u[i] > 0.5 ? 0.5 : s.u[i] < -1.5 ? -1.5 : s.u[i];
    clipped += u != s.u[i];
    assert_true(fabs(row[SPRING_NOBS + i] - (u + 0.5)) < 1e-6 && fabsf(row[SPRING_NOBS + i]) <= 1);
  }
  assert_true(row[SPRING_NOBS + 2] == (float)s.reward && row[SPRING_NOBS + 3] == (s.terminal ? 1.0f : 0.0f));
  return clipped;
}

static void all_of_them(void** state) {
  (void)state;
  static float rows[N * WIDTH];
  int n = 0, at = 0, clipped = 0, terminated = 0;
  assert_int_equal(lb_demos_rows_count(&n, demos, &(lb_demos_choice){0}).code, LB_OK);
  assert_int_equal(n, N);
  assert_int_equal(lb_demos_rows_copy(rows, demos, &world, &(lb_demos_choice){0}).code, LB_OK);
  for (int e = 0; e < lb_demos_episodes(demos); ++e) {
    for (int t = 0; t < lb_demos_episode(demos, e, NULL, NULL).length; ++t, ++at) {
      clipped += check_row(rows + (size_t)at * WIDTH, e, t);
      terminated += rows[at * WIDTH + SPRING_NOBS + 3] == 1.0f;
    }
  }
  assert_true(at == N && clipped > 0 && terminated > 0);
  assert_true(rows[(N - 1) * WIDTH + SPRING_NOBS + 3] == 0.0f);  // cut: not terminated
}

static void the_chosen_ones_into_a_ring(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_ring ring;
  const int index[] = {3, 1}, first = lb_demos_episode(demos, 3, NULL, NULL).length;
  const lb_demos_choice choice = {.index = index, .episodes = 2, .transitions = first + 4};
  int n = 0, count = 0;
  lb_ring_init(&ring, SPRING_NOBS, 2, first + 10, arena);
  const float obs[SPRING_NOBS] = {9}, act[2] = {0};
  lb_ring_add(&ring, obs, act, 5, false, obs);  // what is in the ring stays
  assert_int_equal(lb_demos_rows_push(&ring, &n, demos, &world, &choice).code, LB_OK);
  assert_int_equal(lb_demos_rows_count(&count, demos, &choice).code, LB_OK);
  assert_true(n == first + 4 && count == n && ring.n == n + 1 && ring.data[0] == 9);
  for (int k = 0; k < n; ++k) {
    check_row(ring.data + (size_t)(k + 1) * WIDTH, k < first ? 3 : 1, k < first ? k : k - first);
  }
  lb_arena_free(arena);
}

static void the_first_episodes(void** state) {
  (void)state;
  int n = 0;
  int want = lb_demos_episode(demos, 0, NULL, NULL).length + lb_demos_episode(demos, 1, NULL, NULL).length;
  assert_int_equal(lb_demos_rows_count(&n, demos, &(lb_demos_choice){.episodes = 2}).code, LB_OK);
  assert_int_equal(n, want);
  assert_int_equal(lb_demos_rows_count(&n, demos, &(lb_demos_choice){.transitions = 17}).code, LB_OK);
  assert_int_equal(n, 17);
}

static void refused(const lb_demos_choice* choice, const char* words) {
  int n;
  float row[WIDTH];
  lb_status status = lb_demos_rows_count(&n, demos, choice);
  assert_true(status.code == LB_INPUT && strstr(status.text, words));
  assert_int_equal(lb_demos_rows_copy(row, demos, &world, choice).code, LB_INPUT);
}

static void more_than_there_is(void** state) {
  (void)state;
  refused(&(lb_demos_choice){.transitions = N + 1}, "300 transitions");
  refused(&(lb_demos_choice){.episodes = 1, .transitions = N}, "300 were asked for");
  refused(&(lb_demos_choice){.episodes = 1000}, "1000 were asked for");
  refused(&(lb_demos_choice){.index = (const int[]){1000}, .episodes = 1}, "number 1000 was asked for");
  refused(&(lb_demos_choice){.index = (const int[]){-1}, .episodes = 1}, "number -1 was asked for");
}

static void controls_without_limits(void** state) {
  (void)state;
  static float rows[N * WIDTH];
  const double endless[2] = {0.5, INFINITY};
  lb_system other = world;
  other.u_high = endless;
  lb_status status = lb_demos_rows_copy(rows, demos, &other, &(lb_demos_choice){0});
  assert_true(status.code == LB_INPUT && strstr(status.text, "spring: control 1"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_of_them),
      cmocka_unit_test(the_chosen_ones_into_a_ring),
      cmocka_unit_test(the_first_episodes),
      cmocka_unit_test(more_than_there_is),
      cmocka_unit_test(controls_without_limits),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
