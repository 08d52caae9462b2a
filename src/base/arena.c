// A stack of memory blocks: see arena.h. Blocks above the present one are kept after a release, for reuse.
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static _Noreturn void end_without_memory(size_t count, size_t size) {
  fprintf(stderr, "out of memory: asked for %zu elements of %zu bytes\n", count, size);
  exit(1);
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
    free(b);
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
    free(small);
  }
  if (!*link) {
    size_t capacity = bytes > arena->block_bytes ? bytes : round_up(arena->block_bytes);
    block* fresh = aligned_alloc(ALIGNMENT, ALIGNMENT + capacity);
    if (!fresh) return 0;
    *fresh = (block){.capacity = capacity};
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
  size_t bytes = round_up(count * size);
  if (bytes == 0) bytes = ALIGNMENT;
  block* b = arena->present;
  if (!b || b->capacity - b->used < bytes) {
    if (!move_up(arena, bytes)) end_without_memory(count, size);
    b = arena->present;
  }
  char* piece = block_data(b) + b->used;
  b->used += bytes;
  if (b->below + b->used > arena->peak) arena->peak = b->below + b->used;
  return memset(piece, 0, bytes);
}

char* lb_arena_text(lb_arena* arena, const char* text) {
  size_t n = strlen(text) + 1;
  return memcpy(lb_arena_take(arena, n, 1), text, n);
}

lb_mark lb_arena_mark(const lb_arena* arena) {
  return (lb_mark){.block = arena->present, .used = arena->present ? arena->present->used : 0};
}

void lb_arena_release(lb_arena* arena, lb_mark mark) {
  arena->present = mark.block;
  if (arena->present) {
    assert(mark.used <= arena->present->used);
    arena->present->used = mark.used;
  }
}

size_t lb_arena_peak(const lb_arena* arena) {
  return arena->peak;
}
