// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) and what is drawn from it: see rng.h.
//
// Normals come from Box and Muller (1958): a pair takes one block of four words, two for the radius and two for the
// angle. Logarithm, sine and cosine are short series of our own instead of libm's, for two reasons: the compiler
// vectorises them over many blocks, and the values are the same bits whatever the C library. This assumes that a*b+c
// is not contracted to a fused multiply-add (GCC's -std=c17 forbids it), so that one value at a time and many at once
// agree to the last bit.
#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ROUNDS = 10, SMALL = 8, LARGE = 64 };  // SMALL, LARGE: blocks computed at once

// One step of SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits that scatters neighbours.
static uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

lb_rng lb_rng_stream(uint64_t seed, lb_purpose purpose, uint32_t i, uint32_t j) {
  // For one purpose this is a bijection of the seed, so no two seeds share a key.
  uint64_t key = mix(mix(seed) + (uint64_t)purpose * 0xD1342543DE82EF95u);
  return (lb_rng){
      .key = {(uint32_t)key, (uint32_t)(key >> 32)},
      .counter = {0, 0, i, j},
      .used = 4,
  };
}

// The block of a counter under a key.
static inline void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0;
    uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// Moves the 64-bit block number of the stream, whose low word is counter[0], by `blocks`.
static void advance(lb_rng* rng, uint32_t blocks) {
  uint64_t next = (((uint64_t)rng->counter[1] << 32) | rng->counter[0]) + blocks;
  rng->counter[0] = (uint32_t)next;
  rng->counter[1] = (uint32_t)(next >> 32);
}

uint32_t lb_rng_bits(lb_rng* rng) {
  if (rng->used >= 4) {
    philox(rng->block, rng->counter, rng->key);
    advance(rng, 1);
    rng->used = 0;
  }
  return rng->block[rng->used++];
}

double lb_rng_uniform(lb_rng* rng) {
  uint64_t high = lb_rng_bits(rng), low = lb_rng_bits(rng);
  return (double)(((high << 32) | low) >> 11) * 0x1p-53;
}

uint32_t lb_rng_below(lb_rng* rng, uint32_t n) {
  assert(n >= 1);
  uint64_t product = (uint64_t)lb_rng_bits(rng) * n;
  if ((uint32_t)product < n) {
    uint32_t threshold = (uint32_t)(-n) % n;  // 2^32 mod n: so many low words would be drawn once too often
    while ((uint32_t)product < threshold) product = (uint64_t)lb_rng_bits(rng) * n;
  }
  return (uint32_t)(product >> 32);
}

void lb_rng_shuffle(lb_rng* rng, int* a, int n) {
  for (int i = n - 1; i > 0; i--) {
    int j = (int)lb_rng_below(rng, (uint32_t)i + 1), saved = a[i];
    a[i] = a[j];
    a[j] = saved;
  }
}

// The double whose bits these are.
static inline double as_double(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// The bits of a double.
static inline uint64_t as_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// -log(u) for u in [2^-52, 1]. With u = 2^k m and m in about [1/sqrt 2, sqrt 2], log m = 2 atanh s, s = (m-1)/(m+1),
// |s| < 0.172; the first term left out of the series is below 1e-18.
static inline double minus_log(double u) {
  const uint64_t middle = 0x3FE6A09E00000000u;  // about 1/sqrt 2
  uint64_t shifted = as_bits(u) - middle + (64u * (uint64_t)1 << 52);
  uint64_t k64 = shifted >> 52;  // k + 64: positive, so that the shift needs no sign
  double m = as_double(as_bits(u) - (k64 << 52) + (64u * (uint64_t)1 << 52));
  double k = as_double(0x4330000000000000u | k64) - (0x1p52 + 64);  // integer to double by its bits
  double s = (m - 1) / (m + 1), z = s * s;
  double p = 1.0 / 23;
  p = p * z + 1.0 / 21;
  p = p * z + 1.0 / 19;
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return -(k * 0.69314718055994530942 + 2 * (s + s * (z * p)));
}

// sin x for |x| <= pi/4 by its Taylor series; the first term left out is below 1e-18 of x.
static inline double short_sine(double x) {
  double z = x * x, p = 1.0 / 355687428096000;
  p = p * z - 1.0 / 1307674368000;
  p = p * z + 1.0 / 6227020800;
  p = p * z - 1.0 / 39916800;
  p = p * z + 1.0 / 362880;
  p = p * z - 1.0 / 5040;
  p = p * z + 1.0 / 120;
  p = p * z - 1.0 / 6;
  return x + x * (z * p);
}

// cos(x) by its Taylor series to x^16, in Horner's form; for |x| <= pi/4.
static inline double short_cosine(double x) {
  double z = x * x, p = 1.0 / 20922789888000;
  p = p * z - 1.0 / 87178291200;
  p = p * z + 1.0 / 479001600;
  p = p * z - 1.0 / 3628800;
  p = p * z + 1.0 / 40320;
  p = p * z - 1.0 / 720;
  p = p * z + 1.0 / 24;
  p = p * z - 1.0 / 2;
  return 1 + z * p;
}

// Two normals from a block. Words 0, 1 give the radius: u in (0, 1]. Words 2, 3 give the angle: 52 bits within
// (-pi/4, pi/4) and two further bits for the quarter turn.
static inline void normal_pair(double out[2], uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3) {
  uint64_t a = ((uint64_t)w0 << 32) | w1, b = ((uint64_t)w2 << 32) | w3;
  double u = 2 - as_double((a >> 12) | 0x3FF0000000000000u);
  double radius = sqrt(2 * minus_log(u));
  double x = (as_double((b >> 12) | 0x3FF0000000000000u) - (1.5 - 0x1p-53)) * 1.57079632679489661923;
  double c = radius * short_cosine(x), s = radius * short_sine(x);
  uint64_t swap = -(b & 1), sign = (b & 2) << 62;
  uint64_t cb = as_bits(c), sb = as_bits(s);
  out[0] = as_double(((cb & ~swap) | (sb & swap)) ^ sign ^ (swap & 0x8000000000000000u));
  out[1] = as_double(((sb & ~swap) | (cb & swap)) ^ sign);
}

double lb_rng_normal(lb_rng* rng) {
  if (rng->has_spare) {
    rng->has_spare = 0;
    return rng->spare;
  }
  // A block of its own: the words left in rng->block stay for whoever wants bits next.
  uint32_t w[4];
  double pair[2];
  philox(w, rng->counter, rng->key);
  advance(rng, 1);
  normal_pair(pair, w[0], w[1], w[2], w[3]);
  rng->spare = pair[1];
  rng->has_spare = 1;
  return pair[0];
}

// The pairs of the next `blocks` blocks (at most LARGE). The two loops are apart and flat so that each vectorises;
// inlined with a constant count.
static inline void normal_blocks(const lb_rng* rng, double* out, uint32_t blocks) {
  uint32_t words[4][LARGE];
  uint64_t first = ((uint64_t)rng->counter[1] << 32) | rng->counter[0];
  for (uint32_t i = 0; i < blocks; i++) {
    uint64_t at = first + i;
    uint32_t counter[4] = {(uint32_t)at, (uint32_t)(at >> 32), rng->counter[2], rng->counter[3]}, w[4];
    philox(w, counter, rng->key);
    for (int k = 0; k < 4; k++) words[k][i] = w[k];
  }
  for (uint32_t i = 0; i < blocks; i++) {
    normal_pair(out + 2 * i, words[0][i], words[1][i], words[2][i], words[3][i]);
  }
}

// n <= 2 SMALL normals, no spare waiting: whole vectors are computed, what is not asked for is thrown away.
static void few_normals(lb_rng* rng, double* out, int n) {
  double pairs[2 * SMALL];
  normal_blocks(rng, pairs, SMALL);
  memcpy(out, pairs, (size_t)n * sizeof *out);
  advance(rng, (uint32_t)(n + 1) / 2);
  if (n % 2) {
    rng->spare = pairs[n];
    rng->has_spare = 1;
  }
}

void lb_rng_normals(lb_rng* rng, double* out, int n) {
  int i = 0;
  if (n > 0 && rng->has_spare) out[i++] = lb_rng_normal(rng);
  for (; n - i >= 2 * LARGE; i += 2 * LARGE) {
    normal_blocks(rng, out + i, LARGE);
    advance(rng, LARGE);
  }
  while (n - i > 2) {
    int count = n - i < 2 * SMALL ? n - i : 2 * SMALL;
    few_normals(rng, out + i, count);
    i += count;
  }
  for (; i < n; i++) out[i] = lb_rng_normal(rng);
}
