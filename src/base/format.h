// Numbers and texts as people read them.
#ifndef LB_BASE_FORMAT_H_
#define LB_BASE_FORMAT_H_

#include <stdbool.h>

#include "base/arena.h"

// A formatted text in the arena.
char* lb_format_text(lb_arena* arena, const char* format, ...) __attribute__((format(printf, 2, 3)));

// A number to the place where `resolution` (say, half the width of its interval) has two digits; four digits when
// resolution is 0 or NaN. Whole numbers stay whole, the very large and small get an exponent ("6.16e7"), NaN is "-",
// an infinity "diverged".
const char* lb_format_number(lb_arena* arena, double x, double resolution);

// "52.35 [52.20, 52.50]"; the mean alone when there is no interval, or one that is wider than numbers go.
const char* lb_format_interval(lb_arena* arena, double mean, double low, double high);

// A name inside a sentence: in quotation marks when it holds a comma.
const char* lb_format_name(lb_arena* arena, const char* name);

// "p = 0.002", "p < 0.001".
const char* lb_format_p(lb_arena* arena, double p);

// "1 seed", "10 seeds".
const char* lb_format_count(lb_arena* arena, int n, const char* singular, const char* plural);

#endif  // LB_BASE_FORMAT_H_
