// The Mersenne Twister (Matsumoto & Nishimura 1998) as NumPy's RandomState seeds and reads it: for experiments that are
// compared with published runs draw by draw, and for nothing else (base/rng.h has this program's own numbers).
#ifndef LB_THEORY_MT19937_H_
#define LB_THEORY_MT19937_H_

#include <stdint.h>

typedef struct lb_mt19937 {
  uint32_t word[624];
  int used;
} lb_mt19937;

static inline lb_mt19937 lb_mt19937_seeded(uint32_t seed) {
  lb_mt19937 m = {.used = 624};
  m.word[0] = seed;
  for (uint32_t i = 1; i < 624; ++i) m.word[i] = UINT32_C(1812433253) * (m.word[i - 1] ^ m.word[i - 1] >> 30) + i;
  return m;
}

// 32 bits.
static inline uint32_t lb_mt19937_bits(lb_mt19937* m) {
  if (m->used == 624) {
    for (int i = 0; i < 624; ++i) {
      uint32_t y = (m->word[i] & UINT32_C(0x80000000)) | (m->word[(i + 1) % 624] & UINT32_C(0x7fffffff));
      m->word[i] = m->word[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? UINT32_C(0x9908b0df) : 0);
    }
    m->used = 0;
  }
  uint32_t y = m->word[m->used++];
  y ^= y >> 11;
  y ^= y << 7 & UINT32_C(0x9d2c5680);
  y ^= y << 15 & UINT32_C(0xefc60000);
  return y ^ y >> 18;
}

// RandomState.rand(): 53 bits of two words.
static inline double lb_mt19937_uniform(lb_mt19937* m) {
  uint32_t a = lb_mt19937_bits(m) >> 5, b = lb_mt19937_bits(m) >> 6;
  return (a * 67108864.0 + b) / 9007199254740992.0;
}

// RandomState.randint(n): words masked to the bits of n - 1 until one is below n.
static inline uint32_t lb_mt19937_below(lb_mt19937* m, uint32_t n) {
  uint32_t mask = n - 1, value;
  for (int i = 1; i < 32; i *= 2) mask |= mask >> i;
  do {
    value = lb_mt19937_bits(m) & mask;
  } while (value >= n);
  return value;
}

// Takes what 2 n calls of RandomState.randn() take: Marsaglia's polar method, two normals a pair of uniforms that lies
// within the circle.
static inline void lb_mt19937_skip_normals(lb_mt19937* m, int n) {
  for (int i = 0; i < n; ++i) {
    double x, y, r;
    do {
      x = 2 * lb_mt19937_uniform(m) - 1;
      y = 2 * lb_mt19937_uniform(m) - 1;
      r = x * x + y * y;
    } while (r >= 1 || r == 0);
  }
}

#endif  // LB_THEORY_MT19937_H_
