// Short vectors of lb_real by GCC's and clang's vector extension, and the elementary functions on them. One source for
// both number types: series with as many terms as the type needs, no tables, no calls.
//
// exp and expm1: Cody and Waite's argument reduction by multiples of ln 2, then Taylor's series on |r| <= ln(2)/2.
// log1p: 2 artanh(x / (2 + x)). Errors are a few units in the last place (tests/nn/twin_vec.c measures them).
#ifndef LB_NN_VEC_H_
#define LB_NN_VEC_H_

#include <stdint.h>
#include <string.h>

#include "nn/real.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#define LB_VEC_BYTES 64
#elif defined(__AVX__)
#define LB_VEC_BYTES 32
#else
#define LB_VEC_BYTES 16
#endif

#ifdef LB_NN_DOUBLE
typedef int64_t lb_lane;
#else
typedef int32_t lb_lane;
#endif

enum { LB_LANES = LB_VEC_BYTES / sizeof(lb_real) };

typedef lb_real lb_vec __attribute__((vector_size(LB_VEC_BYTES), may_alias));
typedef lb_lane lb_mask __attribute__((vector_size(LB_VEC_BYTES), may_alias));  // a lane is all ones or all zeros
typedef lb_real lb_vec_at __attribute__((vector_size(LB_VEC_BYTES), may_alias, aligned(sizeof(lb_real))));

#define LB_INLINE static inline __attribute__((always_inline))

LB_INLINE lb_vec lb_vec_load(const lb_real* p) {
  return *(const lb_vec_at*)p;
}

LB_INLINE void lb_vec_store(lb_real* p, lb_vec v) {
  *(lb_vec_at*)p = v;
}

LB_INLINE lb_vec lb_vec_of(lb_real x) {
  return x - (lb_vec){0};
}

// The lanes of `yes` where the mask is set, else those of `no`.
LB_INLINE lb_vec lb_vec_select(lb_mask mask, lb_vec yes, lb_vec no) {
  return (lb_vec)((mask & (lb_mask)yes) | (~mask & (lb_mask)no));
}

// Both keep a NaN of x.
LB_INLINE lb_vec lb_vec_min(lb_vec x, lb_real limit) {
#if defined(__AVX512F__) && defined(LB_NN_DOUBLE)
  return (lb_vec)_mm512_min_pd((__m512d)lb_vec_of(limit), (__m512d)x);
#elif defined(__AVX512F__)
  return (lb_vec)_mm512_min_ps((__m512)lb_vec_of(limit), (__m512)x);
#else
  return lb_vec_select(x > limit, lb_vec_of(limit), x);
#endif
}

LB_INLINE lb_vec lb_vec_max(lb_vec x, lb_real limit) {
#if defined(__AVX512F__) && defined(LB_NN_DOUBLE)
  return (lb_vec)_mm512_max_pd((__m512d)lb_vec_of(limit), (__m512d)x);
#elif defined(__AVX512F__)
  return (lb_vec)_mm512_max_ps((__m512)lb_vec_of(limit), (__m512)x);
#else
  return lb_vec_select(x < limit, lb_vec_of(limit), x);
#endif
}

LB_INLINE lb_vec lb_vec_abs(lb_vec x) {
  return (lb_vec)((lb_mask)x & ~(lb_mask)lb_vec_of((lb_real)-0.0));
}

// The sum of the lanes, by halves.
LB_INLINE lb_real lb_vec_sum(lb_vec v) {
  lb_real lane[LB_LANES];
  memcpy(lane, &v, sizeof lane);
  for (int half = LB_LANES / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) lane[i] += lane[i + half];
  }
  return lane[0];
}

#ifdef LB_NN_DOUBLE
enum { LB_EXP_TERMS = 13, LB_LOG_TERMS = 16, LB_MANTISSA_BITS = 52 };
static const lb_real lb_ln2_high = 0x1.62e42fefap-1, lb_ln2_low = 0x1.cf79abc9e3b398p-40;
static const lb_real lb_exp_low = -708, lb_exp_high = 709, lb_round_magic = 0x1.8p52;
#else
enum { LB_EXP_TERMS = 7, LB_LOG_TERMS = 7, LB_MANTISSA_BITS = 23 };
static const lb_real lb_ln2_high = 0x1.62e4p-1f, lb_ln2_low = 0x1.7f7d1cp-20f;
static const lb_real lb_exp_low = -87, lb_exp_high = 88, lb_round_magic = 0x1.8p23f;
#endif

// The k-th coefficient of exp's series.
static const lb_real lb_exp_coefficient[] = {
    1,
    1,
    (lb_real)(1 / 2.0),
    (lb_real)(1 / 6.0),
    (lb_real)(1 / 24.0),
    (lb_real)(1 / 120.0),
    (lb_real)(1 / 720.0),
    (lb_real)(1 / 5040.0),
    (lb_real)(1 / 40320.0),
    (lb_real)(1 / 362880.0),
    (lb_real)(1 / 3628800.0),
    (lb_real)(1 / 39916800.0),
    (lb_real)(1 / 479001600.0),
    (lb_real)(1 / 6227020800.0),
};

// x = n ln 2 + r with |r| <= ln(2)/2: returns exp(r) - 1 and sets *scale = 2^n. x is clamped to the range where 2^n is
// a normal number.
LB_INLINE lb_vec lb_vec_exp_parts(lb_vec* scale, lb_vec x) {
  x = lb_vec_min(lb_vec_max(x, lb_exp_low), lb_exp_high);
  // Adding 1.5 * 2^mantissa rounds to a whole number, which then stands in the low bits.
  lb_vec magic = x * (lb_real)1.44269504088896340736 + lb_round_magic;
  lb_vec n = magic - lb_round_magic;
  lb_vec r = x - n * lb_ln2_high - n * lb_ln2_low;
  *scale = (lb_vec)((lb_mask)lb_vec_of(1) + ((lb_mask)magic << LB_MANTISSA_BITS));
  lb_vec p = lb_vec_of(lb_exp_coefficient[LB_EXP_TERMS]);
#pragma GCC unroll 16
  for (int k = LB_EXP_TERMS - 1; k >= 1; k--) p = p * r + lb_exp_coefficient[k];
  return p * r;
}

// NaN stays NaN; arguments past the range give the value at its end.
LB_INLINE lb_vec lb_vec_exp(lb_vec x) {
  lb_vec scale, tail = lb_vec_exp_parts(&scale, x);
  return tail * scale + scale;
}

// exp(x) - 1 with a small relative error near 0.
LB_INLINE lb_vec lb_vec_expm1(lb_vec x) {
  lb_vec scale, tail = lb_vec_exp_parts(&scale, x);
  return tail * scale + (scale - 1);
}

LB_INLINE lb_vec lb_vec_sigmoid(lb_vec x) {
  lb_vec d = 1 + lb_vec_exp(-x);
#if defined(__AVX512F__) && !defined(LB_NN_DOUBLE)
  // Fourteen bits and one step of Newton's, at a third of a division's time.
  lb_vec r = (lb_vec)_mm512_rcp14_ps((__m512)d);
  return r + r * (1 - d * r);
#else
  return 1 / d;
#endif
}

LB_INLINE lb_vec lb_vec_tanh(lb_vec x) {
  lb_vec e = lb_vec_expm1(-2 * lb_vec_abs(x));
  lb_vec t = -e / (2 + e);
  return lb_vec_select(x < 0, -t, t);
}

// log(1 + x) for x in [0, 1].
LB_INLINE lb_vec lb_vec_log1p_unit(lb_vec x) {
  lb_vec f = x / (2 + x), s = f * f;
  lb_vec p = lb_vec_of((lb_real)(1.0 / (2 * LB_LOG_TERMS + 1)));
#pragma GCC unroll 32
  for (int k = LB_LOG_TERMS - 1; k >= 0; k--) p = p * s + (lb_real)(1.0 / (2 * k + 1));
  return 2 * f * p;
}

// log(1 + exp(x)), without overflow and with a small relative error in both tails.
LB_INLINE lb_vec lb_vec_softplus(lb_vec x) {
  return lb_vec_max(x, 0) + lb_vec_log1p_unit(lb_vec_exp(-lb_vec_abs(x)));
}

#endif  // LB_NN_VEC_H_
