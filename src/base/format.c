// Numbers and texts as people read them: see format.h.
#include "base/format.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char* lb_format_text(lb_arena* arena, const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int n = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  char* text = LB_TAKE(arena, char, n + 1);
  vsnprintf(text, (size_t)n + 1, format, again);
  va_end(again);
  return text;
}

// The place of the last digit to print, as a power of ten.
static int last_place(double x, double resolution) {
  if (resolution > 0 && isfinite(resolution)) {
    int place = (int)floor(log10(resolution)) - 1;
    int first = x == 0 ? place : (int)floor(log10(fabs(x)));
    return place < first - 7 ? first - 7 : place;  // never more than eight digits
  }
  return x == 0 ? 0 : (int)floor(log10(fabs(x))) - 3;
}

// "6.16e7" instead of printf's "6.16e+07".
static const char* with_exponent(lb_arena* arena, double x, int digits) {
  char buffer[64];
  snprintf(buffer, sizeof(buffer), "%.*e", digits, x);
  char* e = strchr(buffer, 'e');
  int exponent = atoi(e + 1);
  *e = '\0';
  return lb_format_text(arena, "%se%d", buffer, exponent);
}

// Whether a number of this size is printed with an exponent.
static bool needs_exponent(double size) {
  return size >= 1e6 || (size > 0 && size < 1e-3);
}

// x rounded at the decimal place 10^place: as m * 10^e with `exponent`, else in full. The text is the arena's.
static const char* print(lb_arena* arena, double x, int place, bool exponent) {
  if (exponent && x != 0) {
    int digits = (int)floor(log10(fabs(x))) - place;
    return with_exponent(arena, x, digits < 0 ? 0 : digits);
  }
  const char* text = lb_format_text(arena, "%.*f", place < 0 ? -place : 0, x);
  return text[0] == '-' && strspn(text, "-0.") == strlen(text) ? text + 1 : text;  // no "-0.00"
}

const char* lb_format_number(lb_arena* arena, double x, double resolution) {
  if (isnan(x)) return "-";
  if (isinf(x)) return "diverged";
  bool measured = resolution > 0 && isfinite(resolution);
  if (measured && fabs(x) < 1e-9 * resolution) x = 0;  // the rounding of a difference
  if (!measured && x == floor(x) && fabs(x) < 1e7) return lb_format_text(arena, "%.0f", x + 0.0);
  return print(arena, x, last_place(x, resolution), needs_exponent(fabs(x)));
}

const char* lb_format_interval(lb_arena* arena, double mean, double low, double high) {
  double reach = 0.5 * (high - low);
  if (!isfinite(low) || !isfinite(high)) return lb_format_number(arena, mean, 0);
  if (!(reach > 1e-9 * fabs(mean))) {  // no wider than the rounding of a mean
    const char* text = lb_format_number(arena, mean, 0);
    return lb_format_text(arena, "%s [%s, %s]", text, text, text);
  }
  // One notation for all three: that of the largest.
  double size = fmax(fabs(low), fabs(high));
  int place = last_place(size, reach);
  bool exponent = needs_exponent(size);
  return lb_format_text(arena, "%s [%s, %s]", print(arena, mean, place, exponent), print(arena, low, place, exponent),
                        print(arena, high, place, exponent));
}

const char* lb_format_name(lb_arena* arena, const char* name) {
  return strchr(name, ',') ? lb_format_text(arena, "“%s”", name) : name;
}

const char* lb_format_p(lb_arena* arena, double p) {
  if (isnan(p)) return "p not defined";
  if (p < 0.001) return "p < 0.001";
  return lb_format_text(arena, "p = %.*f", p < 0.1 ? 3 : 2, p);
}

const char* lb_format_count(lb_arena* arena, int n, const char* singular, const char* plural) {
  return lb_format_text(arena, "%d %s", n, n == 1 ? singular : plural);
}
