// A stack of memory blocks: see arena.h. Blocks above the present one are kept after a release, for reuse.
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define POISONS 1
#endif

// Under the address sanitizer what is not handed out is poisoned, and a poisoned gap follows every piece, so that a
// write past a piece, or into a released one, ends the program as it does with memory of malloc.
#ifdef POISONS
#include <sanitizer/asan_interface.h>
enum { GAP = 64 };
static void poison(const char* from, size_t bytes) {
  ASAN_POISON_MEMORY_REGION(from, bytes);
}
static void unpoison(const char* from, size_t bytes) {
  ASAN_UNPOISON_MEMORY_REGION(from, bytes);
}
#else
enum { GAP = 0 };
static void poison(const char* from, size_t bytes) {
  (void)from, (void)bytes;
}
static void unpoison(const char* from, size_t bytes) {
  (void)from, (void)bytes;
}
#endif

enum { ALIGNMENT = 64, DEFAULT_BLOCK_BYTES = 1 << 20 };

typedef struct block {
  struct block* next;
  size_t capacity;
  size_t used;
  size_t below;  // bytes in use in the blocks below this one
} block;

struct lb_arena {
  block* first;
  block* present;  // NULL while nothing is in use
  size_t block_bytes;
  size_t peak;
};

static size_t round_up(size_t bytes) {
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

// The data of a block start one alignment unit after its header.
static char* block_data(block* b) {
  static_assert(sizeof(block) <= ALIGNMENT, "the header must fit before the data");
  return (char*)b + ALIGNMENT;
}

// Says on stderr how much was asked for and ends the program: no caller can go on without it.
static _Noreturn void end_without_memory(size_t count, size_t size) {
  fprintf(stderr, "out of memory: asked for %zu elements of %zu bytes\n", count, size);
  exit(1);
}

// Gives a block back to libc, readable again for the sanitizer (free reads its header).
static void free_block(block* b) {
  unpoison(block_data(b), b->capacity);
  free(b);
}

lb_arena* lb_arena_new(size_t block_bytes) {
  lb_arena* arena = calloc(1, sizeof *arena);
  if (arena) arena->block_bytes = block_bytes ? block_bytes : DEFAULT_BLOCK_BYTES;
  return arena;
}

void lb_arena_free(lb_arena* arena) {
  if (!arena) return;
  for (block *b = arena->first, *next; b; b = next) {
    next = b->next;
    free_block(b);
  }
  free(arena);
}

// The link that leads to the block after the present one.
static block** next_link(lb_arena* arena) {
  return arena->present ? &arena->present->next : &arena->first;
}

// Moves up to a block that has room for `bytes`: a kept one, or a new one. Kept ones that are too small are void, so
// they go. Returns false when memory is short.
static int move_up(lb_arena* arena, size_t bytes) {
  block** link = next_link(arena);
  while (*link && (*link)->capacity < bytes) {
    block* small = *link;
    *link = small->next;
    free_block(small);
  }
  if (!*link) {
    size_t capacity = bytes > arena->block_bytes ? bytes : round_up(arena->block_bytes);
    block* fresh = aligned_alloc(ALIGNMENT, ALIGNMENT + capacity);
    if (!fresh) return 0;
    *fresh = (block){.capacity = capacity};
    poison(block_data(fresh), capacity);
    *link = fresh;
  }
  size_t below = arena->present ? arena->present->below + arena->present->used : 0;
  arena->present = *link;
  arena->present->used = 0;
  arena->present->below = below;
  return 1;
}

void* lb_arena_take(lb_arena* arena, size_t count, size_t size) {
  if (size && count > (SIZE_MAX / 4) / size) end_without_memory(count, size);
  size_t wanted = count * size, bytes = (wanted ? round_up(wanted) : ALIGNMENT) + GAP;
  block* b = arena->present;
  if (!b || b->capacity - b->used < bytes) {
    if (!move_up(arena, bytes)) end_without_memory(count, size);
    b = arena->present;
  }
  char* piece = block_data(b) + b->used;
  b->used += bytes;
  if (b->below + b->used > arena->peak) arena->peak = b->below + b->used;
  unpoison(piece, wanted);
  return memset(piece, 0, wanted);
}

char* lb_arena_text(lb_arena* arena, const char* text) {
  size_t n = strlen(text) + 1;
  return memcpy(lb_arena_take(arena, n, 1), text, n);
}

lb_mark lb_arena_mark(const lb_arena* arena) {
  return (lb_mark){.block = arena->present, .used = arena->present ? arena->present->used : 0};
}

void lb_arena_release(lb_arena* arena, lb_mark mark) {
  block *top = arena->present, *b = arena->present = mark.block;
  if (b) {
    assert(mark.used <= b->used);
    poison(block_data(b) + mark.used, b->used - mark.used);
    b->used = mark.used;
  }
  while (b != top) {
    b = b ? b->next : arena->first;
    poison(block_data(b), b->used);
  }
}

size_t lb_arena_peak(const lb_arena* arena) {
  return arena->peak;
}
