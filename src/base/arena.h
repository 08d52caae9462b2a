// Memory that is taken once and given back at once. An arena hands out zeroed, 64-byte aligned pieces; a mark taken
// before scratch work and released after it makes the arena a stack. Pieces never move.
// Under the address sanitizer everything between and above the pieces is poisoned.
#ifndef LB_BASE_ARENA_H_
#define LB_BASE_ARENA_H_

#include <stddef.h>

typedef struct lb_arena lb_arena;

typedef struct lb_mark {
  void* block;
  size_t used;
} lb_mark;

// A new arena that grows by blocks of at least `block_bytes` (0: a default of 1 MiB); NULL when memory is short.
lb_arena* lb_arena_new(size_t block_bytes);

// Gives back everything; NULL is allowed.
void lb_arena_free(lb_arena* arena);

// `count` zeroed elements of `size` bytes. Never NULL: a program that cannot have its memory prints how much it asked
// for and ends (the sizes come from checked input, so this is the machine's limit, not the user's mistake).
void* lb_arena_take(lb_arena* arena, size_t count, size_t size);

// A copy of a string.
char* lb_arena_text(lb_arena* arena, const char* text);

// The present top of the stack, and the way back to it: all pieces taken since are void.
lb_mark lb_arena_mark(const lb_arena* arena);
void lb_arena_release(lb_arena* arena, lb_mark mark);

// The most bytes that were ever in use at once (in whole alignment units; under the address sanitizer with the gaps).
size_t lb_arena_peak(const lb_arena* arena);

#define LB_TAKE(arena, type, count) ((type*)lb_arena_take((arena), (size_t)(count), sizeof(type)))

#endif  // LB_BASE_ARENA_H_
