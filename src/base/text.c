// Small text tools: see text.h. The edit distance is optimal string alignment (Damerau 1964 with adjacent swaps only).
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Says on stderr how much was asked for and ends the program: a text has no way to fail.
static _Noreturn void end_without_memory(size_t bytes) {
  fprintf(stderr, "out of memory: asked for a text of %zu bytes\n", bytes);
  exit(1);
}

// Makes room for `more` bytes and a NUL after the present ones.
static void reserve(lb_text* text, size_t more) {
  if (more > SIZE_MAX / 4 - text->length) end_without_memory(more);
  size_t wanted = text->length + more + 1;
  if (wanted <= text->capacity) return;
  size_t capacity = text->capacity ? 2 * text->capacity : 64;
  if (capacity < wanted) capacity = wanted;
  char* data = realloc(text->data, capacity);
  if (!data) end_without_memory(capacity);
  text->data = data;
  text->capacity = capacity;
}

void lb_text_add(lb_text* text, const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int n = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (n > 0) {
    reserve(text, (size_t)n);
    vsnprintf(text->data + text->length, (size_t)n + 1, format, again);
    text->length += (size_t)n;
  }
  va_end(again);
}

void lb_text_add_bytes(lb_text* text, const char* bytes, size_t n) {
  reserve(text, n);
  if (n) memcpy(text->data + text->length, bytes, n);
  text->length += n;
  text->data[text->length] = '\0';
}

// The length of the UTF-8 character (RFC 3629) at the beginning of n bytes, and the character; 0: there is none, or it
// is cut off.
static size_t decode(const unsigned char* bytes, size_t n, uint32_t* code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char c = bytes[0];
  size_t length = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
  if (length == 0 || length > n) return 0;
  *code = length == 1 ? c : c & (0x7Fu >> length);
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xC0u) != 0x80u) return 0;
    *code = *code << 6 | (bytes[i] & 0x3Fu);
  }
  return *code < least[length] || (*code >= 0xD800 && *code < 0xE000) || *code > 0x10FFFF ? 0 : length;
}

// Appends bytes with everything a terminal might obey (control characters, broken UTF-8) as \xNN; line breaks and tabs
// stay unless `one_line`.
static void show(lb_text* text, const char* bytes, size_t n, bool one_line) {
  size_t from = 0;
  for (size_t i = 0, length; i < n; i += length) {
    uint32_t code = 0;
    length = decode((const unsigned char*)bytes + i, n - i, &code);
    bool control = code < 0x20 || (code >= 0x7F && code < 0xA0), breaks = code == '\n' || code == '\t';
    if (length > 0 && (!control || (breaks && !one_line))) continue;
    if (length == 0) {
      code = (unsigned char)bytes[i];
      length = 1;
    }
    lb_text_add_bytes(text, bytes + from, i - from);
    lb_text_add(text, "\\x%02X", (unsigned)code);
    from = i + length;
  }
  lb_text_add_bytes(text, bytes + from, n - from);
}

void lb_text_show(lb_text* text, const char* bytes, size_t n) {
  show(text, bytes, n, false);
}

void lb_text_show_line(lb_text* text, const char* bytes, size_t n) {
  show(text, bytes, n, true);
}

size_t lb_text_cut_off(const char* bytes, size_t n) {
  for (size_t k = 1; k <= 3 && k <= n; k++) {
    unsigned char c = (unsigned char)bytes[n - k];
    if ((c & 0xC0u) == 0x80u) continue;
    size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    return length > k ? k : 0;
  }
  return 0;
}

void lb_text_free(lb_text* text) {
  free(text->data);
  *text = (lb_text){0};
}

enum { LONGEST_NAME = 127 };

// The least of three.
static int min3(int a, int b, int c) {
  int m = a < b ? a : b;
  return m < c ? m : c;
}

// Edit distance of two names of at most LONGEST_NAME bytes; three rows of the table are alive at a time.
static int edit_distance(const char* a, int na, const char* b, int nb) {
  int rows[3][LONGEST_NAME + 1];
  int *before = rows[0], *above = rows[1], *row = rows[2];
  for (int j = 0; j <= nb; j++) above[j] = j;
  for (int i = 1; i <= na; i++) {
    row[0] = i;
    for (int j = 1; j <= nb; j++) {
      int replace = above[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = min3(above[j] + 1, row[j - 1] + 1, replace);
      int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && before[j - 2] + 1 < row[j]) row[j] = before[j - 2] + 1;
    }
    int* spent = before;
    before = above;
    above = row;
    row = spent;
  }
  return above[nb];
}

const char* lb_text_nearest(const char* wanted, const char* const* names, int n) {
  size_t length = strlen(wanted);
  if (length > LONGEST_NAME) return NULL;
  int best = length / 3 > 2 ? (int)(length / 3) : 2;
  const char* nearest = NULL;
  for (int i = 0; i < n; i++) {
    size_t other = strlen(names[i]);
    if (other > LONGEST_NAME) continue;
    int distance = edit_distance(wanted, (int)length, names[i], (int)other);
    // A distance of the whole length means that the two have nothing in common.
    if (distance >= (int)(length > other ? length : other) && distance > 0) continue;
    if (distance < best || (distance == best && !nearest)) {
      best = distance;
      nearest = names[i];
    }
  }
  return nearest;
}

// Copies a number without the underscores between its digits; false where it holds anything that no number does.
static bool copy_number(char* out, size_t size, const char* text) {
  size_t n = 0;
  for (const char* p = text; *p; p++) {
    if (*p == '_') {
      if (p == text || !isdigit((unsigned char)p[-1]) || !isdigit((unsigned char)p[1])) return false;
      continue;
    }
    if (!isdigit((unsigned char)*p) && !strchr("+-.eE", *p)) return false;
    if (n + 1 >= size) return false;
    out[n++] = *p;
  }
  out[n] = '\0';
  return n > 0;
}

bool lb_text_number(const char* text, double* out) {
  char plain[64], *end;
  if (!copy_number(plain, sizeof plain, text)) return false;
  double value = strtod(plain, &end);
  if (end == plain || *end || !isfinite(value)) return false;
  *out = value;
  return true;
}

bool lb_text_whole(const char* text, int64_t* out) {
  const double largest = 9007199254740992;  // 2^53: every whole number up to it is a double
  double value;
  if (!lb_text_number(text, &value) || fabs(value) > largest || value != trunc(value)) return false;
  *out = (int64_t)value;
  return true;
}

void lb_text_add_xml(lb_text* text, const char* content) {
  for (const char* c = content; *c; c++) {
    switch (*c) {
      case '&':
        lb_text_add(text, "&amp;");
        break;
      case '<':
        lb_text_add(text, "&lt;");
        break;
      case '>':
        lb_text_add(text, "&gt;");
        break;
      case '"':
        lb_text_add(text, "&quot;");
        break;
      case '\'':
        lb_text_add(text, "&#39;");
        break;
      default:
        if ((unsigned char)*c >= 32 || *c == '\n' || *c == '\t') lb_text_add_bytes(text, c, 1);
    }
  }
}
