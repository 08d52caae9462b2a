// Small text tools: a growing string, and the nearest of a list of names for messages such as
// "unknown task 'hoper' (did you mean 'hopper'?)".
#ifndef LB_BASE_TEXT_H_
#define LB_BASE_TEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

// Appends n bytes as they may be shown on a terminal, whoever they come from: control characters (C0 but line ends and
// tabs, DEL, C1) and bytes that are no UTF-8 become \xNN, so that no escape sequence gets through. UTF-8 stays.
void lb_text_show(lb_text* text, const char* bytes, size_t n);
// The same on one line: line ends and tabs become \xNN too.
void lb_text_show_line(lb_text* text, const char* bytes, size_t n);
// Appends a text as it may stand in XML, HTML and SVG, between tags or in quotes: the five special characters are
// escaped, control characters but line ends and tabs dropped.
void lb_text_add_xml(lb_text* text, const char* content);
// How many of n bytes, 3 at most, are the beginning of a UTF-8 character that goes on behind them.
size_t lb_text_cut_off(const char* bytes, size_t n);

// Gives the memory back and leaves an empty string.
void lb_text_free(lb_text* text);

// Whether two texts are the same, or both NULL.
static inline bool lb_text_same(const char* a, const char* b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

// `one` for a single thing, `many` for any other number of them: lb_plural(n, "run", "runs").
static inline const char* lb_plural(int64_t n, const char* one, const char* many) {
  return n == 1 ? one : many;
}

// The name nearest to `wanted` by edit distance (insert, delete, replace, swap of neighbours), or NULL when none is
// within a third of its length (at least 2).
const char* lb_text_nearest(const char* wanted, const char* const* names, int n);

// Numbers as people write them: "1000000", "1_000_000", "1e6"; a whole one may be written "2.5e3", not "2.5". False,
// and *out as it was, for anything else: signs of hexadecimal, infinities, blanks.
bool lb_text_number(const char* text, double* out);
bool lb_text_whole(const char* text, int64_t* out);

#endif  // LB_BASE_TEXT_H_
