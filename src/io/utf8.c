// UTF-8: see utf8.h.
#include "io/utf8.h"

static bool is_character(uint32_t code) {
  return code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

int lb_utf8_decode(const char* text, size_t n, uint32_t* code) {
  static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (n == 0) return 0;
  unsigned char first = (unsigned char)text[0];
  int bytes = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
  if (bytes == 0 || (size_t)bytes > n) return 0;
  uint32_t value = bytes == 1 ? first : first & (0x7Fu >> bytes);
  for (int i = 1; i < bytes; i++) {
    unsigned char c = (unsigned char)text[i];
    if ((c & 0xC0u) != 0x80u) return 0;
    value = (value << 6) | (c & 0x3Fu);
  }
  if (bytes > 1 && (value < smallest[bytes] || !is_character(value))) return 0;
  if (code) *code = value;
  return bytes;
}

int lb_utf8_encode(uint32_t code, char out[4]) {
  if (!is_character(code)) return 0;
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  int bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (int i = bytes - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80u | (code & 0x3Fu));
  out[0] = (char)((0xF00u >> bytes & 0xFFu) | code);
  return bytes;
}

bool lb_utf8_is_valid(const char* text, size_t n) {
  for (size_t i = 0; i < n;) {
    int bytes = lb_utf8_decode(text + i, n - i, NULL);
    if (bytes == 0) return false;
    i += (size_t)bytes;
  }
  return true;
}
