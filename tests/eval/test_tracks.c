// Episodes within rows: where they begin, pieces that never cross an end and hold what was recorded, and visits whose
// weighted sums are the discounted ones - exactly where all steps are there, in the mean where they are drawn.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "eval/tracks.h"

static lb_arena* arena;

static int set_up(void** state) {
  (void)state;
  arena = lb_arena_new(0);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_arena_free(arena);
  return 0;
}

enum { WIDTH = 7, LENGTHS = 6 };

// Two observations, one action. Step t of episode e: observation (e, t), action t / 10, reward 100 e + t, next
// observation (e, t + 1).
static void put(float* row, int e, int t, bool terminated) {
  const float values[WIDTH] = {(float)e,           (float)t, (float)t / 10, (float)(100 * e + t),
                               terminated ? 1 : 0, (float)e, (float)(t + 1)};
  for (int i = 0; i < WIDTH; ++i) row[i] = values[i];
}

static const int lengths[LENGTHS] = {4, 1, 7, 2, 5, 3};

static int write_episodes(float* rows) {
  int n = 0;
  for (int e = 0; e < LENGTHS; ++e) {
    for (int t = 0; t < lengths[e]; ++t) put(rows + WIDTH * n++, e, t, e % 2 && t == lengths[e] - 1);
  }
  return n;
}

static void episodes_are_found(void** state) {
  (void)state;
  float rows[40 * WIDTH];
  int n = write_episodes(rows), at = 0;
  lb_tracks tracks = lb_tracks_find(rows, n, 2, 1, arena);
  assert_int_equal(tracks.episodes, LENGTHS);
  for (int e = 0; e < LENGTHS; at += lengths[e++]) assert_int_equal(tracks.start[e], at);
  assert_int_equal(tracks.start[LENGTHS], n);
  // A row that begins where a terminated one ended is another episode all the same.
  put(rows, 0, 0, true);
  put(rows + WIDTH, 0, 1, false);
  assert_int_equal(lb_tracks_find(rows, 2, 2, 1, arena).episodes, 2);
  put(rows, 0, 0, false);
  assert_int_equal(lb_tracks_find(rows, 2, 2, 1, arena).episodes, 1);
  // A difference in the last number of an observation counts.
  rows[WIDTH + 1] = 1.5f;
  assert_int_equal(lb_tracks_find(rows, 2, 2, 1, arena).episodes, 2);
  assert_int_equal(lb_tracks_find(rows, 0, 2, 1, arena).episodes, 0);
}

static void check_segment(const lb_segments* s, int j) {
  int e = (int)s->x[2 * j], t = (int)s->x[2 * j + 1];
  assert_true(t + s->k <= lengths[e]);
  assert_true(s->end[2 * j] == e && s->end[2 * j + 1] == t + s->k);
  for (int i = 0; i < s->k; ++i) assert_near(s->u[i * s->n + j], (t + i) / 10.0, 1e-6);
}

static void segments_stay_within_episodes(void** state) {
  (void)state;
  float rows[40 * WIDTH];
  lb_tracks tracks = lb_tracks_find(rows, write_episodes(rows), 2, 1, arena);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  static const int fitting[] = {0, 22, 16, 11, 7, 4, 2, 1, 0};  // places for k steps, by hand
  for (int k = 1; k <= 8; ++k) {
    lb_segments s = lb_tracks_segments(&tracks, 100, k, &rng, arena);
    assert_int_equal(s.n, fitting[k]);
    for (int j = 0; j < s.n; ++j) check_segment(&s, j);
    // All of them, each once, in order.
    for (int j = 1; j < s.n; ++j) {
      assert_true(s.x[2 * j] > s.x[2 * j - 2] || (s.x[2 * j] == s.x[2 * j - 2] && s.x[2 * j + 1] > s.x[2 * j - 1]));
    }
  }
  // Fewer than fit: every place is as likely as every other.
  int seen[LENGTHS][7] = {{0}};
  for (int i = 0; i < 4000; ++i) {
    lb_mark mark = lb_arena_mark(arena);
    lb_segments s = lb_tracks_segments(&tracks, 3, 3, &rng, arena);
    assert_int_equal(s.n, 3);
    for (int j = 0; j < 3; ++j) {
      check_segment(&s, j);
      seen[(int)s.x[2 * j]][(int)s.x[2 * j + 1]] += 1;
    }
    lb_arena_release(arena, mark);
  }
  for (int e = 0; e < LENGTHS; ++e) {
    // 12000 draws over 11 places: 1091 each, standard deviation at most 32.
    for (int t = 0; t + 3 <= lengths[e]; ++t) assert_true(abs(seen[e][t] - 1091) < 160);
  }
}

static void short_episodes_are_taken_whole(void** state) {
  (void)state;
  float rows[40 * WIDTH];
  int n = write_episodes(rows);
  lb_tracks tracks = lb_tracks_find(rows, n, 2, 1, arena);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 1, 0);
  lb_visits v = lb_tracks_visits(&tracks, 120, 0.9, &rng, arena);
  assert_int_equal(v.n, n);
  assert_int_equal(v.episodes, LENGTHS);
  assert_null(v.t);
  for (int i = 0; i < n; ++i) {
    const float* row = rows + WIDTH * i;
    assert_int_equal(v.episode[i], (int)row[0]);
    assert_near(v.weight[i], pow(0.9, (double)row[1]), 1e-12);
    assert_true(v.x[2 * i] == (double)row[0] && v.x[2 * i + 1] == (double)row[1]);
    assert_true(v.u[i] == (double)row[2] && v.reward[i] == (double)row[3] && v.terminated[i] == (row[4] > 0));
    assert_true(v.x_next[2 * i] == (double)row[5] && v.x_next[2 * i + 1] == (double)row[6]);
  }
  // Room for two episodes only, each as likely as the others.
  int seen[LENGTHS] = {0};
  for (int i = 0; i < 3000; ++i) {
    lb_mark mark = lb_arena_mark(arena);
    v = lb_tracks_visits(&tracks, 40, 0.9, &rng, arena);
    assert_int_equal(v.episodes, 2);
    for (int j = 0; j < v.n; ++j) {
      if (j == 0 || v.episode[j] != v.episode[j - 1]) seen[(int)v.x[2 * j]] += 1;
    }
    assert_int_equal(v.episode[0], 0);
    assert_int_equal(v.episode[v.n - 1], 1);
    assert_true(v.x[0] != v.x[2 * (v.n - 1)]);
    lb_arena_release(arena, mark);
  }
  for (int e = 0; e < LENGTHS; ++e) assert_true(abs(seen[e] - 1000) < 5 * 26);
  assert_int_equal(lb_tracks_visits(&(lb_tracks){.nobs = 2, .nact = 1}, 40, 0.9, &rng, arena).n, 0);
}

// Of one episode of 3000 steps, 25 are drawn again and again: the sums of g^t and g^t cos(t / period) come out right.
static void drawn_visits_are_unbiased(void** state) {
  (void)state;
  enum { LONG = 3000, DRAWS = 25, REPEATS = 2000 };
  static const double discounts[] = {0.99, 1, 0.9, 0};
  static float rows[LONG * WIDTH];
  for (int t = 0; t < LONG; ++t) put(rows + WIDTH * t, 0, t, false);
  lb_tracks tracks = lb_tracks_find(rows, LONG, 2, 1, arena);
  assert_int_equal(tracks.episodes, 1);
  for (int d = 0; d < 4; ++d) {
    double g = discounts[d], period = g < 1 ? 40 : 1000, truth = 0, weights = 0;
    lb_moments moments = {0};
    for (int t = 0; t < LONG; ++t) {
      weights += pow(g, t);
      truth += pow(g, t) * cos(t / period);
    }
    for (uint32_t i = 0; i < REPEATS; ++i) {
      lb_mark mark = lb_arena_mark(arena);
      lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 2, i);
      lb_visits v = lb_tracks_visits(&tracks, DRAWS, g, &rng, arena);
      double sum = 0, of_weights = 0;
      assert_int_equal(v.n, DRAWS);
      for (int j = 0; j < DRAWS; ++j) {
        sum += v.weight[j] * cos(v.x[2 * j + 1] / period);
        of_weights += v.weight[j];
      }
      assert_near(of_weights, weights, 1e-9 * weights);
      lb_moments_add(&moments, sum);
      lb_arena_release(arena, mark);
    }
    assert_near(moments.mean, truth, 5 * lb_moments_se(&moments) + 1e-9);
    // Much better than draws that are not stratified, whose deviation is 0.14 of the sum of weights.
    if (d < 2) assert_true(lb_moments_sd(&moments) < 0.05 * weights);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(episodes_are_found),
      cmocka_unit_test(segments_stay_within_episodes),
      cmocka_unit_test(short_episodes_are_taken_whole),
      cmocka_unit_test(drawn_visits_are_unbiased),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
