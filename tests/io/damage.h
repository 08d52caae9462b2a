// Damage to a good .npz archive: cut at every length, every byte changed. Each must be refused or read to the same
// content; the sanitizers watch for worse.
#ifndef LB_TESTS_IO_DAMAGE_H_
#define LB_TESTS_IO_DAMAGE_H_

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/npz.h"

static inline size_t array_bytes(const lb_array* a) {
  static const size_t bytes[] = {4, 8, 1, 1, 2, 4, 8, 1, 2, 4, 8};
  return a->dtype == LB_UTF8 ? strlen(a->data) : bytes[a->dtype] * (size_t)a->size;
}

static inline bool is_same_array(const lb_array* a, const lb_array* b) {
  return b && a->dtype == b->dtype && a->rank == b->rank && a->size == b->size &&
         memcmp(a->shape, b->shape, sizeof a->shape) == 0 && array_bytes(a) == array_bytes(b) &&
         memcmp(a->data, b->data, array_bytes(a)) == 0;
}

static inline bool is_same_archive(const lb_npz* a, const lb_npz* b) {
  if (lb_npz_count(a) != lb_npz_count(b)) return false;
  for (int i = 0; i < lb_npz_count(a); i++) {
    if (!is_same_array(lb_npz_at(a, i), lb_npz_find(b, lb_npz_at(a, i)->name))) return false;
  }
  return true;
}

// Whether bytes[0..n) are refused as LB_INPUT, or read to the content of `good`.
static inline bool is_harmless(const lb_npz* good, const uint8_t* bytes, size_t n) {
  uint8_t* exact = malloc(n + !n);  // a block of just this size, so that reading past it is seen
  memcpy(exact, bytes, n);
  lb_npz* npz;
  lb_status status = lb_npz_parse(&npz, exact, n, "damaged.npz");
  bool harmless = status.code == LB_OK ? is_same_archive(good, npz) : status.code == LB_INPUT && !npz;
  lb_npz_free(npz);
  free(exact);
  return harmless;
}

// The number of harmful damages (0), and in *refused how many were refused.
static inline int count_harm(const lb_npz* good, const uint8_t* bytes, size_t n, int* refused) {
  static const uint8_t masks[] = {0x01, 0x04, 0x10, 0x80, 0xFF};
  int harmful = 0;
  *refused = 0;
  uint8_t* copy = malloc(n + 1);
  for (size_t length = 0; length < n; length++) {
    harmful += !is_harmless(good, bytes, length);
    lb_npz* npz;
    *refused += lb_npz_parse(&npz, bytes, length, "cut.npz").code != LB_OK;
    lb_npz_free(npz);
  }
  for (size_t at = 0; at < n; at++) {
    for (size_t m = 0; m < sizeof masks + 1; m++) {
      memcpy(copy, bytes, n);
      copy[at] = m < sizeof masks ? copy[at] ^ masks[m] : 0;
      harmful += !is_harmless(good, copy, n);
    }
  }
  free(copy);
  return harmful;
}

#endif  // LB_TESTS_IO_DAMAGE_H_
