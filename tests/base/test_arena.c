// The arena: alignment, zeros, stacking, growth, and the end when memory is short.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif

#ifdef SANITIZED
#include <sanitizer/asan_interface.h>
enum { GAP = 64 };
static int is_open(const void* address) {
  return !__asan_address_is_poisoned(address);
}
#else
enum { GAP = 0 };
#endif

static int is_zero(const unsigned char* bytes, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (bytes[i]) return 0;
  }
  return 1;
}

static void pieces_are_aligned_zeroed_and_apart(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(256);  // small blocks, so that several are needed
  enum { PIECES = 200 };
  unsigned char* pieces[PIECES];
  for (size_t i = 0; i < PIECES; i++) {
    pieces[i] = LB_TAKE(arena, unsigned char, 1 + i * 7 % 300);
    assert_int_equal((uintptr_t)pieces[i] % 64, 0);
    assert_true(is_zero(pieces[i], 1 + i * 7 % 300));
    memset(pieces[i], (int)i + 1, 1 + i * 7 % 300);
  }
  for (size_t i = 0; i < PIECES; i++) {
    for (size_t k = 0; k < 1 + i * 7 % 300; k++) assert_int_equal(pieces[i][k], (unsigned char)(i + 1));
  }
  lb_arena_free(arena);
}

static void nothing_is_a_piece_too(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  void* a = lb_arena_take(arena, 0, 8);
  void* b = lb_arena_take(arena, 0, 8);
  assert_non_null(a);
  assert_ptr_not_equal(a, b);
  lb_arena_free(arena);
  lb_arena_free(NULL);
}

static void release_gives_the_same_memory_zeroed_again(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(1024);
  double* kept = LB_TAKE(arena, double, 8);
  kept[0] = 7;
  lb_mark mark = lb_arena_mark(arena);
  double* first = LB_TAKE(arena, double, 64);
  memset(first, 0xFF, 64 * sizeof *first);
  double* far = LB_TAKE(arena, double, 1000);  // a block of its own
  memset(far, 0xFF, 1000 * sizeof *far);
  lb_arena_release(arena, mark);
  double* again = LB_TAKE(arena, double, 64);
  assert_ptr_equal(again, first);
  assert_true(is_zero((unsigned char*)again, 64 * sizeof *again));
  double* far_again = LB_TAKE(arena, double, 1000);
  assert_ptr_equal(far_again, far);
  assert_true(is_zero((unsigned char*)far_again, 1000 * sizeof *far));
  assert_true(kept[0] == 7);
  lb_arena_free(arena);
}

static void a_mark_of_an_empty_arena_empties_it(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(128);
  lb_mark empty = lb_arena_mark(arena);
  void* first = lb_arena_take(arena, 1, 100);
  lb_arena_take(arena, 1, 5000);
  lb_arena_release(arena, empty);
  assert_ptr_equal(lb_arena_take(arena, 1, 100), first);
  lb_arena_free(arena);
}

// Growing demands after a release: blocks that became too small are replaced, in whatever order they are asked for.
static void released_blocks_that_are_too_small_are_replaced(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(128);
  lb_mark mark = lb_arena_mark(arena);
  for (size_t iteration = 1; iteration < 40; iteration++) {
    for (size_t i = 0; i < 5; i++) memset(lb_arena_take(arena, iteration * (i + 1), 37), 1, iteration * (i + 1) * 37);
    lb_arena_release(arena, mark);
  }
  lb_arena_free(arena);
}

static void peak_counts_what_was_in_use_at_once(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(256);
  assert_int_equal(lb_arena_peak(arena), 0);
  lb_arena_take(arena, 1, 64);
  lb_mark mark = lb_arena_mark(arena);
  lb_arena_take(arena, 1, 128);
  lb_arena_take(arena, 1, 6400);
  assert_int_equal(lb_arena_peak(arena), 64 + 128 + 6400 + 3 * GAP);
  lb_arena_release(arena, mark);
  lb_arena_take(arena, 1, 640);
  assert_int_equal(lb_arena_peak(arena), 64 + 128 + 6400 + 3 * GAP);
  lb_arena_free(arena);
}

// Every byte of a piece is open; the byte before it, the bytes after it and all bytes of released pieces are not.
static void the_address_sanitizer_sees_what_is_no_piece(void** state) {
  (void)state;
#ifndef SANITIZED
  skip();
#else
  lb_arena* arena = lb_arena_new(256);
  const size_t sizes[] = {1, 7, 8, 63, 64, 65, 100, 128, 5000, 3};  // in blocks below and above 256 bytes
  enum { PIECES = sizeof sizes / sizeof *sizes };
  lb_mark empty = lb_arena_mark(arena), second = empty;
  char* pieces[PIECES];
  for (int iteration = 0; iteration < 3; ++iteration) {
    for (int i = 0; i < PIECES; ++i) {
      if (i == 2) second = lb_arena_mark(arena);
      pieces[i] = lb_arena_take(arena, sizes[i], 1);
    }
    for (int i = 0; i < PIECES; ++i) {
      for (size_t k = 0; k < sizes[i]; ++k) assert_true(is_open(pieces[i] + k));
      for (size_t k = 0; k < 64; ++k) assert_false(is_open(pieces[i] + sizes[i] + k));
    }
    lb_arena_release(arena, iteration == 1 ? second : empty);
    for (int i = 0; i < PIECES; ++i) {
      for (size_t k = 0; k < sizes[i]; ++k) assert_int_equal(is_open(pieces[i] + k), iteration == 1 && i < 2);
    }
    lb_arena_release(arena, empty);
  }
  char* nothing = lb_arena_take(arena, 0, 8);
  assert_false(is_open(nothing));
  lb_arena_free(arena);
#endif
}

static void the_impossible_ends_the_program(void** state) {
  (void)state;
  const size_t counts[] = {SIZE_MAX / 8, SIZE_MAX};
  for (int i = 0; i < 2; i++) {
    pid_t child = fork();
    if (child == 0) {
      if (!freopen("/dev/null", "w", stderr)) _exit(3);
      lb_arena* arena = lb_arena_new(0);
      lb_arena_take(arena, counts[i], 8);
      _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pieces_are_aligned_zeroed_and_apart),
      cmocka_unit_test(nothing_is_a_piece_too),
      cmocka_unit_test(release_gives_the_same_memory_zeroed_again),
      cmocka_unit_test(a_mark_of_an_empty_arena_empties_it),
      cmocka_unit_test(released_blocks_that_are_too_small_are_replaced),
      cmocka_unit_test(peak_counts_what_was_in_use_at_once),
      cmocka_unit_test(the_address_sanitizer_sees_what_is_no_piece),
      cmocka_unit_test(the_impossible_ends_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
