// Writing JSON: see json_writer.h.
#include "io/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/utf8.h"

// value with `digits` significant digits; true when it reads back to the same double.
static bool try_digits(double value, int digits, char out[LB_NUMBER_TEXT]) {
  snprintf(out, LB_NUMBER_TEXT, "%.*g", digits, value);
  return strtod(out, NULL) == value;
}

// The 16-digit decimal just above the magnitude of the nearest one. Above a power of two doubles lie twice as far apart
// as below it, so there this one can read back to the value where the nearest does not.
static bool try_next_above(double value, char out[LB_NUMBER_TEXT]) {
  char digits[LB_NUMBER_TEXT];
  snprintf(digits, sizeof digits, "%.15e", value);
  char* last = strchr(digits, 'e') - 1;
  if (*last == '9') return false;  // the sum with a carry has fewer digits and was tried before
  ++*last;
  double neighbour = strtod(digits, NULL);
  if (neighbour != value) return false;
  snprintf(out, LB_NUMBER_TEXT, "%s", digits);
  return true;
}

void lb_json_number_text(double value, char out[LB_NUMBER_TEXT]) {
  if (!isfinite(value)) {
    memcpy(out, "null", 5);
    return;
  }
  if (value == 0 && signbit(value)) {
    memcpy(out, "-0.0", 5);  // many readers take "-0" for an integer and lose the sign
    return;
  }
  // A normal double that has a decimal of 15 digits or fewer is found with 15; a subnormal has fewer digits to begin
  // with, so there each length is tried.
  int first = fabs(value) < 0x1p-1022 ? 1 : 15;
  for (int digits = first; digits <= 16; digits++) {
    if (try_digits(value, digits, out)) return;
  }
  int exponent;
  if (fabs(frexp(value, &exponent)) == 0.5 && try_next_above(value, out)) return;
  try_digits(value, 17, out);
}

lb_json_writer lb_json_writer_on(lb_text* text) {
  return (lb_json_writer){.text = text};
}

// A JSON string: quotes and control characters escaped, bytes that are not UTF-8 as U+FFFD.
static void write_quoted(lb_text* text, const char* value) {
  size_t n = strlen(value);
  lb_text_add_bytes(text, "\"", 1);
  for (size_t i = 0; i < n;) {
    char c = value[i];
    int bytes = lb_utf8_decode(value + i, n - i, NULL);
    if (bytes == 0) {
      lb_text_add(text, "\\ufffd");  // not UTF-8, and a JSON text must be
      i++;
      continue;
    }
    if (c == '"' || c == '\\') {
      lb_text_add(text, "\\%c", c);
    } else if (c == '\n') {
      lb_text_add(text, "\\n");
    } else if (c == '\t') {
      lb_text_add(text, "\\t");
    } else if ((unsigned char)c < 0x20) {
      lb_text_add(text, "\\u%04x", (unsigned)(unsigned char)c);
    } else {
      lb_text_add_bytes(text, value + i, (size_t)bytes);
    }
    i += (size_t)bytes;
  }
  lb_text_add_bytes(text, "\"", 1);
}

// The comma before a value, and its key.
static void begin_value(lb_json_writer* w, const char* key) {
  if (w->comma[w->depth]) lb_text_add_bytes(w->text, ",", 1);
  w->comma[w->depth] = true;
  if (key) {
    write_quoted(w->text, key);
    lb_text_add_bytes(w->text, ":", 1);
  }
}

// Begins an object or array, one level deeper.
static void open_bracket(lb_json_writer* w, const char* key, const char* bracket) {
  begin_value(w, key);
  lb_text_add_bytes(w->text, bracket, 1);
  w->depth++;
  assert(w->depth < (int)(sizeof w->comma / sizeof w->comma[0]));
  w->comma[w->depth] = false;
}

// Ends one.
static void close_bracket(lb_json_writer* w, const char* bracket) {
  assert(w->depth > 0);
  w->depth--;
  lb_text_add_bytes(w->text, bracket, 1);
}

void lb_json_write_begin_object(lb_json_writer* w, const char* key) {
  open_bracket(w, key, "{");
}

void lb_json_write_end_object(lb_json_writer* w) {
  close_bracket(w, "}");
}

void lb_json_write_begin_array(lb_json_writer* w, const char* key) {
  open_bracket(w, key, "[");
}

void lb_json_write_end_array(lb_json_writer* w) {
  close_bracket(w, "]");
}

void lb_json_write_number(lb_json_writer* w, const char* key, double value) {
  char number[LB_NUMBER_TEXT];
  lb_json_number_text(value, number);
  lb_json_write_raw(w, key, number);
}

void lb_json_write_int(lb_json_writer* w, const char* key, int64_t value) {
  begin_value(w, key);
  lb_text_add(w->text, "%" PRId64, value);
}

void lb_json_write_bool(lb_json_writer* w, const char* key, bool value) {
  lb_json_write_raw(w, key, value ? "true" : "false");
}

void lb_json_write_string(lb_json_writer* w, const char* key, const char* value) {
  if (!value) {
    lb_json_write_raw(w, key, "null");
    return;
  }
  begin_value(w, key);
  write_quoted(w->text, value);
}

void lb_json_write_numbers(lb_json_writer* w, const char* key, const double* values, int n) {
  lb_json_write_begin_array(w, key);
  for (int i = 0; i < n; i++) lb_json_write_number(w, NULL, values[i]);
  lb_json_write_end_array(w);
}

void lb_json_write_raw(lb_json_writer* w, const char* key, const char* json) {
  begin_value(w, key);
  lb_text_add_bytes(w->text, json, strlen(json));
}
