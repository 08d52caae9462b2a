// UTF-8 against its definition: all characters there and back, and the malformed sequences of RFC 3629.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <string.h>

#include "io/utf8.h"

static void all_characters_come_back(void** state) {
  (void)state;
  int count = 0;
  for (uint32_t code = 0; code < 0x110400; code++) {
    char text[4];
    uint32_t again = 0;
    int n = lb_utf8_encode(code, text);
    if (n == 0) continue;
    count++;
    assert_int_equal(n, code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
    assert_int_equal(lb_utf8_decode(text, 4, &again), n);
    assert_int_equal(again, code);
    assert_int_equal(lb_utf8_decode(text, (size_t)n - 1, &again), 0);  // cut short
  }
  assert_int_equal(count, 0x110000 - 0x800);  // all but the surrogates
}

static void known_encodings(void** state) {
  (void)state;
  char text[4];
  assert_int_equal(lb_utf8_encode(0xE9, text), 2);
  assert_memory_equal(text, "\xC3\xA9", 2);
  assert_int_equal(lb_utf8_encode(0x20AC, text), 3);
  assert_memory_equal(text, "\xE2\x82\xAC", 3);
  assert_int_equal(lb_utf8_encode(0x1F600, text), 4);
  assert_memory_equal(text, "\xF0\x9F\x98\x80", 4);
}

static void malformed_sequences(void** state) {
  (void)state;
  const char* const bad[] = {
      "\x80",
      "\xBF",
      "\xC3(",
      "\xC0\x80",
      "\xC1\xBF",
      "\xE0\x80\x80",
      "\xE0\x9F\xBF",
      "\xED\xA0\x80",
      "\xED\xBF\xBF",
      "\xF0\x80\x80\x80",
      "\xF0\x8F\xBF\xBF",
      "\xF4\x90\x80\x80",
      "\xF8\x88\x80\x80\x80",
      "\xFE",
      "\xFF",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(lb_utf8_decode(bad[i], strlen(bad[i]), NULL), 0);
    assert_false(lb_utf8_is_valid(bad[i], strlen(bad[i])));
  }
  assert_true(lb_utf8_is_valid("caf\xC3\xA9", 5));
  assert_false(lb_utf8_is_valid("caf\xC3\xA9", 4));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_characters_come_back),
      cmocka_unit_test(known_encodings),
      cmocka_unit_test(malformed_sequences),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
