// Small text tools: a growing string, and the nearest of a list of names for messages such as
// "unknown task 'hoper' (did you mean 'hopper'?)".
#ifndef LB_BASE_TEXT_H_
#define LB_BASE_TEXT_H_

#include <stddef.h>

// A string that grows by appending; zero-initialise it, free it with lb_text_free. `data` is NUL-terminated or NULL.
typedef struct lb_text {
  char* data;
  size_t length;
  size_t capacity;
} lb_text;

// Appends as printf does. Ends the program when memory is short, as lb_arena_take does.
void lb_text_add(lb_text* text, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Appends n bytes as they are.
void lb_text_add_bytes(lb_text* text, const char* bytes, size_t n);

// Gives the memory back and leaves an empty string.
void lb_text_free(lb_text* text);

// The name nearest to `wanted` by edit distance (insert, delete, replace, swap of neighbours), or NULL when none is
// within a third of its length (at least 2).
const char* lb_text_nearest(const char* wanted, const char* const* names, int n);

#endif  // LB_BASE_TEXT_H_
