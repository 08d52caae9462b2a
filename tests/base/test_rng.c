// The random numbers: the published test vectors, the exactness of the series, the laws, and independent streams. The
// streams are fixed, so each statistical bound either holds for good or not; it is stated with the probability that a
// right generator would miss it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

// Known answers of Philox4x32-10 from the kat_vectors of Random123 (Salmon et al. 2011).
static void philox_known_answers(void** state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], out[4];
  } cases[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t c = 0; c < 3; c++) {
    lb_rng rng = {.used = 4};
    for (int k = 0; k < 4; k++) rng.counter[k] = cases[c].counter[k];
    for (int k = 0; k < 2; k++) rng.key[k] = cases[c].key[k];
    for (int k = 0; k < 4; k++) assert_int_equal(lb_rng_bits(&rng), cases[c].out[k]);
  }
}

static void block_counter_carries(void** state) {
  (void)state;
  lb_rng a = lb_rng_stream(1, LB_RNG_TEST, 5, 6);
  a.counter[0] = 0xFFFFFFFF;
  for (int k = 0; k < 4; k++) lb_rng_bits(&a);
  assert_int_equal(a.counter[0], 0);
  assert_int_equal(a.counter[1], 1);
  assert_int_equal(a.counter[2], 5);
  assert_int_equal(a.counter[3], 6);
  // The same at the seam of a batch of normals.
  lb_rng b = lb_rng_stream(1, LB_RNG_TEST, 5, 6), c;
  b.counter[0] = 0xFFFFFFF0;
  c = b;
  double many[300];
  lb_rng_normals(&b, many, 300);
  for (int i = 0; i < 300; i++) assert_true(many[i] == lb_rng_normal(&c));
  assert_int_equal(b.counter[1], 1);
}

// A normal pair takes one block: u = 1 - (top 52 bits of words 0, 1) 2^-52 for the radius, and for the angle the top 52
// bits of words 2, 3 within a quarter turn about 0, plus the quarter given by the two lowest bits.
static void normals_are_box_muller(void** state) {
  (void)state;
  lb_rng a = lb_rng_stream(3, LB_RNG_TEST, 0, 0), b = a;
  const double quarter = acos(0);
  for (int i = 0; i < 20000; i++) {
    uint64_t w[4];
    for (int k = 0; k < 4; k++) w[k] = lb_rng_bits(&a);
    double u = 1 - ldexp((double)((w[0] << 32 | w[1]) >> 12), -52);
    double x = (ldexp((double)((w[2] << 32 | w[3]) >> 12) + 0.5, -52) - 0.5) * quarter;
    double radius = sqrt(-2 * log(u));
    static const int turns[4] = {0, 1, 2, 3};
    double angle = x + turns[w[3] & 3] * quarter;
    assert_true(fabs(lb_rng_normal(&b) - radius * cos(angle)) <= 4e-15 * (1 + radius));
    assert_true(fabs(lb_rng_normal(&b) - radius * sin(angle)) <= 4e-15 * (1 + radius));
  }
}

// The radius is at most sqrt(2 * 52 log 2) = 8.49.
static void normals_are_finite(void** state) {
  (void)state;
  enum { N = 1 << 16 };
  double* z = malloc(N * sizeof *z);
  for (uint32_t stream = 0; stream < 16; stream++) {
    lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, stream, 0);
    lb_rng_normals(&rng, z, N);
    for (int i = 0; i < N; i++) assert_true(fabs(z[i]) < 8.5);
  }
  free(z);
}

// However the normals are asked for, and whatever else is drawn in between, they come in the same order.
static void many_normals_equal_single_ones(void** state) {
  (void)state;
  static const int sizes[] = {0, 1, 2, 3, 1, 16, 17, 127, 128, 129, 1, 255, 256, 257, 5, 1000, 6, 6, 7};
  lb_rng a = lb_rng_stream(11, LB_RNG_TEST, 2, 3), b = a;
  double many[1000];
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    lb_rng_normals(&a, many, sizes[s]);
    for (int i = 0; i < sizes[s]; i++) assert_true(many[i] == lb_rng_normal(&b));
    assert_int_equal(lb_rng_bits(&a), lb_rng_bits(&b));
  }
}

static void a_copy_of_the_state_goes_on_alike(void** state) {
  (void)state;
  lb_rng a = lb_rng_stream(8, LB_RNG_PLAN, 1, 0);
  lb_rng_normal(&a);
  lb_rng_bits(&a);
  lb_rng b = a;
  for (int i = 0; i < 100; i++) {
    assert_true(lb_rng_normal(&a) == lb_rng_normal(&b));
    assert_true(lb_rng_uniform(&a) == lb_rng_uniform(&b));
    assert_int_equal(lb_rng_below(&a, 10), lb_rng_below(&b, 10));
  }
}

static double chi_square(const int* counts, int bins, int n) {
  double expected = (double)n / bins, sum = 0;
  for (int i = 0; i < bins; i++) sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  return sum;
}

// Upper limit of chi-square by Wilson and Hilferty (1931) at z = 4.5 sigma: a right generator passes it with p = 3e-6.
static double chi_square_limit(int degrees) {
  double v = 2.0 / (9 * degrees);
  return degrees * pow(1 - v + 4.5 * sqrt(v), 3);
}

static void uniforms_are_uniform(void** state) {
  (void)state;
  enum { BINS = 1024, N = 1000000 };  // a power of two: the low bits are few
  static int counts[BINS], low[BINS];
  lb_rng rng = lb_rng_stream(21, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < N; i++) {
    double u = lb_rng_uniform(&rng);
    assert_true(u >= 0 && u < 1);
    counts[(int)(u * BINS)]++;
    low[(int)(fmod(u * 0x1p40, 1) * BINS)]++;  // the low 13 bits
  }
  assert_true(chi_square(counts, BINS, N) < chi_square_limit(BINS - 1));
  assert_true(chi_square(low, BINS, N) < chi_square_limit(BINS - 1));
}

static void below_is_without_bias(void** state) {
  (void)state;
  enum { N = 700000 };
  lb_rng rng = lb_rng_stream(22, LB_RNG_TEST, 0, 0);
  int sevens[7] = {0};
  for (int i = 0; i < N; i++) sevens[lb_rng_below(&rng, 7)]++;
  assert_true(chi_square(sevens, 7, N) < chi_square_limit(6));
  // With n = 3 * 2^30 the plain product maps two words to every third value and one to the others: shares of
  // 1/2, 1/4, 1/4 instead of thirds.
  int thirds[3] = {0};
  for (int i = 0; i < N; i++) {
    uint32_t value = lb_rng_below(&rng, 3u << 30);
    assert_true(value < 3u << 30);
    thirds[value % 3]++;
  }
  assert_true(chi_square(thirds, 3, N) < chi_square_limit(2));
  for (int i = 0; i < 100; i++) assert_int_equal(lb_rng_below(&rng, 1), 0);
}

static int compare_doubles(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

// Moments within 4.5 standard errors (p = 7e-6 each) and Kolmogorov-Smirnov at sqrt(n) D < 2.5 (p = 7e-6).
static void normals_have_the_normal_law(void** state) {
  (void)state;
  enum { N = 1000000 };
  double* z = malloc(N * sizeof *z);
  lb_rng rng = lb_rng_stream(23, LB_RNG_TEST, 0, 0);
  lb_rng_normals(&rng, z, N);
  double sums[5] = {0};
  double neighbours = 0;
  for (int i = 0; i < N; i++) {
    for (int k = 1; k <= 4; k++) sums[k] += pow(z[i], k);
    if (i > 0) neighbours += z[i] * z[i - 1];
  }
  assert_true(fabs(sums[1] / N) < 4.5 * sqrt(1.0 / N));
  assert_true(fabs(sums[2] / N - 1) < 4.5 * sqrt(2.0 / N));
  assert_true(fabs(sums[3] / N) < 4.5 * sqrt(15.0 / N));
  assert_true(fabs(sums[4] / N - 3) < 4.5 * sqrt(96.0 / N));
  assert_true(fabs(neighbours / N) < 4.5 * sqrt(1.0 / N));
  qsort(z, N, sizeof *z, compare_doubles);
  double distance = 0;
  for (int i = 0; i < N; i++) {
    double law = 0.5 * erfc(-z[i] / sqrt(2));
    distance = fmax(distance, fmax(fabs(law - (double)i / N), fabs(law - (i + 1.0) / N)));
  }
  assert_true(sqrt(N) * distance < 2.5);
  free(z);
}

// All pairs of 40 streams whose names differ in one place: none shares its key and indices with another, and no
// correlation exceeds 5.5 standard errors (780 pairs: p = 3e-5 that a right generator has one).
static void streams_are_independent(void** state) {
  (void)state;
  enum { STREAMS = 40, N = 4000 };
  lb_rng rngs[STREAMS];
  double* z = malloc(STREAMS * N * sizeof *z);
  for (uint32_t s = 0; s < 10; s++) {
    rngs[s] = lb_rng_stream(s, LB_RNG_LEARNER, 0, 0);
    rngs[10 + s] = lb_rng_stream(1ull << (20 + 4 * s), LB_RNG_LEARNER + (s % 3), 0, 0);
    rngs[20 + s] = lb_rng_stream(100, LB_RNG_LEARNER, s, 0);
    rngs[30 + s] = lb_rng_stream(100, LB_RNG_LEARNER, 0, s + 1);
  }
  for (int s = 0; s < STREAMS; s++) lb_rng_normals(&rngs[s], z + s * N, N);
  for (int a = 0; a < STREAMS; a++) {
    for (int b = 0; b < a; b++) {
      double sum = 0;
      for (int i = 0; i < N; i++) sum += z[a * N + i] * z[b * N + i];
      assert_true(fabs(sum) < 5.5 * sqrt(N));
    }
  }
  free(z);
}

static int compare_keys(const void* a, const void* b) {
  uint64_t x = *(const uint64_t*)a, y = *(const uint64_t*)b;
  return (x > y) - (x < y);
}

// 90000 names (neighbouring seeds, seeds that differ in high bits, all purposes) have 90000 keys.
static void keys_do_not_collide(void** state) {
  (void)state;
  enum { SEEDS = 10000, PURPOSES = 9, N = SEEDS * PURPOSES };
  uint64_t* keys = malloc(N * sizeof *keys);
  int n = 0;
  for (uint64_t s = 0; s < SEEDS; s++) {
    uint64_t seed = s % 2 ? s << 48 : s;
    for (int purpose = 1; purpose <= PURPOSES; purpose++) {
      lb_rng rng = lb_rng_stream(seed, (lb_purpose)purpose, 0, 0);
      keys[n++] = (uint64_t)rng.key[1] << 32 | rng.key[0];
    }
  }
  qsort(keys, N, sizeof *keys, compare_keys);
  for (int i = 1; i < N; i++) assert_true(keys[i - 1] != keys[i]);
  free(keys);
}

// Each of the 24 orders of four things comes up as often as the others (chi-squared with 23 degrees of freedom: 49.7 is
// passed once in a thousand), and nothing is lost.
static void shuffles_are_permutations(void** state) {
  (void)state;
  enum { N = 24000 };
  int counts[256] = {0}, orders = 0;
  lb_rng rng = lb_rng_stream(6, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < N; i++) {
    int a[4] = {0, 1, 2, 3};
    lb_rng_shuffle(&rng, a, 4);
    assert_int_equal(1 << a[0] | 1 << a[1] | 1 << a[2] | 1 << a[3], 15);
    counts[a[0] | a[1] << 2 | a[2] << 4 | a[3] << 6]++;
  }
  double chi = 0;
  for (int i = 0; i < 256; i++) {
    if (counts[i] == 0) continue;
    orders += 1;
    chi += pow(counts[i] - N / 24.0, 2) / (N / 24.0);
  }
  assert_int_equal(orders, 24);
  assert_true(chi < 49.7);
}

// The noise of the first demonstration, which recorded episodes a run gets, and in which order a clone takes them.
static void the_experts_streams_are_apart(void** state) {
  (void)state;
  static const uint32_t last[] = {LB_EXPERT_EPISODE, LB_EXPERT_CHECK_STATES, LB_EXPERT_CHECK_ACTIONS,
                                  LB_EXPERT_SAMPLES, LB_EXPERT_DRAW,         LB_EXPERT_ORDER};
  enum { N = sizeof last / sizeof *last };
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < i; ++j) {
      lb_rng a = lb_rng_stream(7, LB_RNG_EXPERT, 0, last[i]), b = lb_rng_stream(7, LB_RNG_EXPERT, 0, last[j]);
      assert_false(lb_rng_bits(&a) == lb_rng_bits(&b) && lb_rng_bits(&a) == lb_rng_bits(&b));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(philox_known_answers),           cmocka_unit_test(block_counter_carries),
      cmocka_unit_test(normals_are_box_muller),         cmocka_unit_test(normals_are_finite),
      cmocka_unit_test(many_normals_equal_single_ones), cmocka_unit_test(a_copy_of_the_state_goes_on_alike),
      cmocka_unit_test(uniforms_are_uniform),           cmocka_unit_test(below_is_without_bias),
      cmocka_unit_test(shuffles_are_permutations),      cmocka_unit_test(normals_have_the_normal_law),
      cmocka_unit_test(streams_are_independent),        cmocka_unit_test(keys_do_not_collide),
      cmocka_unit_test(the_experts_streams_are_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
