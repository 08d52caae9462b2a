// What is checked of a JSON text beyond what cJSON checks: see json_strict.h. The grammar is a recursive descent: each
// rule returns NULL, or the complaint, with the scanner standing at the place complained of.
#include "io/json_strict.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/utf8.h"

enum { LONGEST_NUMBER = 62 };  // cJSON reads no more characters of a number than this

typedef struct scanner {
  const char* text;
  size_t n;
  size_t at;
  int depth;
} scanner;

static int peek(const scanner* s) {
  return s->at < s->n ? (unsigned char)s->text[s->at] : -1;
}

// Moves past the character c, if it comes next.
static bool accept(scanner* s, int c) {
  if (peek(s) != c) return false;
  s->at++;
  return true;
}

static void skip_space(scanner* s) {
  while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r') s->at++;
}

static bool is_digit(int c) {
  return c >= '0' && c <= '9';
}

// Moves past digits; false where there are none.
static bool skip_digits(scanner* s) {
  if (!is_digit(peek(s))) return false;
  while (is_digit(peek(s))) s->at++;
  return true;
}

// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?, within the range of doubles.
static const char* check_number(scanner* s) {
  size_t start = s->at;
  accept(s, '-');
  if (accept(s, '0')) {
    if (is_digit(peek(s))) return "a number must not start with 0";
  } else if (!skip_digits(s)) {
    return "expected a digit";
  }
  if (accept(s, '.') && !skip_digits(s)) return "expected a digit after the decimal point";
  if (accept(s, 'e') || accept(s, 'E')) {
    if (!accept(s, '+')) accept(s, '-');
    if (!skip_digits(s)) return "expected a digit in the exponent";
  }
  size_t length = s->at - start;
  char number[LONGEST_NUMBER + 1];
  s->at = start;
  if (length > LONGEST_NUMBER) return "this number has more than 62 characters";
  memcpy(number, s->text + start, length);
  number[length] = '\0';
  if (!isfinite(strtod(number, NULL))) return "this number is too large for a double";
  s->at = start + length;
  return NULL;
}

// Four hexadecimal digits, or -1.
static int read_hex4(scanner* s) {
  int value = 0;
  for (int i = 0; i < 4; i++) {
    int c = peek(s);
    int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    value = 16 * value + digit;
    s->at++;
  }
  return value;
}

// What follows a backslash.
static const char* check_escape(scanner* s) {
  int c = peek(s);
  if (c > 0 && strchr("\"\\/bfnrt", c)) {
    s->at++;
    return NULL;
  }
  if (!accept(s, 'u')) return "unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
  int code = read_hex4(s);
  if (code < 0) return "expected four hexadecimal digits after \\u";
  if (code == 0) return "the character \\u0000 is not allowed";
  if (code >= 0xDC00 && code <= 0xDFFF) return "a low surrogate without the high one before it";
  if (code >= 0xD800 && code <= 0xDBFF) {
    int low = accept(s, '\\') && accept(s, 'u') ? read_hex4(s) : -1;
    if (low < 0xDC00 || low > 0xDFFF) return "a high surrogate without the low one after it";
  }
  return NULL;
}

// A string in double quotes, on one line, in UTF-8.
static const char* check_string(scanner* s) {
  size_t start = s->at;
  s->at++;
  for (;;) {
    int c = peek(s);
    if (c < 0 || c == '\n') {
      s->at = start;
      return "this string does not end on its line";
    }
    if (c < 0x20) return "a control character in a string, expected an escape such as \\t";
    if (accept(s, '"')) return NULL;
    if (accept(s, '\\')) {
      const char* wrong = check_escape(s);
      if (wrong) return wrong;
      continue;
    }
    int bytes = lb_utf8_decode(s->text + s->at, s->n - s->at, NULL);
    if (bytes == 0) return "this is not UTF-8";
    s->at += (size_t)bytes;
  }
}

static const char* check_value(scanner* s);

// A key and its colon.
static const char* check_key(scanner* s) {
  if (peek(s) == '}') return "a comma before '}', expected another key or no comma";
  if (peek(s) != '"') return "expected a key in double quotes";
  const char* wrong = check_string(s);
  if (wrong) return wrong;
  skip_space(s);
  return accept(s, ':') ? NULL : "expected ':' after the key";
}

// "{" key value, ... "}".
static const char* check_object(scanner* s) {
  s->at++;
  skip_space(s);
  if (accept(s, '}')) return NULL;
  for (;;) {
    skip_space(s);
    const char* wrong = check_key(s);
    if (!wrong) wrong = check_value(s);
    if (wrong) return wrong;
    if (accept(s, '}')) return NULL;
    if (!accept(s, ',')) return "expected ',' or '}'";
  }
}

// "[" value, ... "]".
static const char* check_array(scanner* s) {
  s->at++;
  skip_space(s);
  if (accept(s, ']')) return NULL;
  for (;;) {
    skip_space(s);
    if (peek(s) == ']') return "a comma before ']', expected another value or no comma";
    const char* wrong = check_value(s);
    if (wrong) return wrong;
    if (accept(s, ']')) return NULL;
    if (!accept(s, ',')) return "expected ',' or ']'";
  }
}

// true, false, null; anything else is named by how it begins.
static const char* check_word(scanner* s) {
  static const char* const words[] = {"true", "false", "null"};
  for (int i = 0; i < 3; i++) {
    size_t length = strlen(words[i]);
    if (s->n - s->at >= length && memcmp(s->text + s->at, words[i], length) == 0) {
      s->at += length;
      return NULL;
    }
  }
  switch (peek(s)) {
    case -1:
      return "the text ends where a value should be";
    case 0:
      return "a NUL byte";
    case '/':
    case '#':
      return "JSON has no comments";
    case '\'':
      return "expected double quotes around a string";
    case 'N':
    case 'I':
      return "NaN and infinities are not JSON";
    default:
      return "expected a value";
  }
}

// A value with the space around it.
static const char* check_value(scanner* s) {
  skip_space(s);
  int c = peek(s);
  const char* wrong;
  if (c == '{' || c == '[') {
    if (s->depth == LB_JSON_DEPTH) return "nested more than 30 levels deep";
    s->depth++;
    wrong = c == '{' ? check_object(s) : check_array(s);
    s->depth--;
  } else if (c == '"') {
    wrong = check_string(s);
  } else if (c == '-' || is_digit(c)) {
    wrong = check_number(s);
  } else {
    wrong = check_word(s);
  }
  if (!wrong) skip_space(s);
  return wrong;
}

// FILE:LINE:COLUMN of a byte, and what is wrong there; columns count characters.
static lb_status failure_at(const char* text, size_t where, const char* origin, const char* wrong) {
  int line = 1, column = 1;
  for (size_t i = 0; i < where; i++) {
    if (text[i] == '\n') {
      line++;
      column = 1;
    } else if (((unsigned char)text[i] & 0xC0u) != 0x80u) {
      column++;
    }
  }
  return lb_fail(LB_INPUT, "%s:%d:%d: %s", origin, line, column, wrong);
}

lb_status lb_json_strict_text(const char* text, size_t n, const char* origin) {
  scanner s = {.text = text, .n = n};
  if (strspn(text, " \t\r\n") == n) return lb_fail(LB_INPUT, "%s: is empty, expected JSON", origin);
  if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    return failure_at(text, 0, origin, "the file starts with a byte order mark, save it as UTF-8 without one");
  }
  const char* wrong = check_value(&s);
  if (!wrong && s.at < n) wrong = "text after the end of the JSON value";
  return wrong ? failure_at(text, s.at, origin, wrong) : lb_ok();
}

const char* lb_json_strict_twice(const cJSON* const* sorted, int n) {
  for (int i = 1; i < n; i++) {
    if (strcmp(sorted[i - 1]->string, sorted[i]->string) == 0) return sorted[i]->string;
  }
  return NULL;
}
