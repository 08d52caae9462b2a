// Writing JSON: the layout, the escapes, and numbers that are short and exact.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "io/json_writer.h"

static void nested_values(void** state) {
  (void)state;
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  const double values[] = {1, -0.5, 1e300};
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_number(&w, "a", 0.1);
  lb_json_write_begin_array(&w, "b");
  lb_json_write_int(&w, NULL, INT64_MIN);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_end_object(&w);
  lb_json_write_begin_array(&w, NULL);
  lb_json_write_end_array(&w);
  lb_json_write_bool(&w, NULL, true);
  lb_json_write_end_array(&w);
  lb_json_write_numbers(&w, "c", values, 3);
  lb_json_write_string(&w, "d", NULL);
  lb_json_write_raw(&w, "e", "{\"x\":1}");
  lb_json_write_bool(&w, "f", false);
  lb_json_write_end_object(&w);
  assert_string_equal(text.data,
                      "{\"a\":0.1,\"b\":[-9223372036854775808,{},[],true],\"c\":[1,-0.5,1e+300],\"d\":null,"
                      "\"e\":{\"x\":1},\"f\":false}");
  lb_text_free(&text);
}

static void check_string(const char* value, const char* json) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_string(&w, NULL, value);
  assert_string_equal(text.data, json);
  lb_text_free(&text);
}

static void strings_are_escaped(void** state) {
  (void)state;
  check_string("plain", "\"plain\"");
  check_string("", "\"\"");
  check_string("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
  check_string("a\nb\tc\rd\x01", "\"a\\nb\\tc\\u000dd\\u0001\"");
  check_string("caf\xC3\xA9 \xF0\x9F\x98\x80", "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"");
  check_string("bad\xC3(", "\"bad\\ufffd(\"");  // not UTF-8
}

static void known_numbers(void** state) {
  (void)state;
  const struct {
    double value;
    const char* text;
  } cases[] = {
      {0, "0"},
      {-0.0, "-0.0"},
      {1, "1"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1.0 / 3, "0.3333333333333333"},
      {123456789012345, "123456789012345"},
      {1e21, "1e+21"},
      {5e-324, "5e-324"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {0x1p53, "9007199254740992"},
      {NAN, "null"},
      {INFINITY, "null"},
      {-INFINITY, "null"},
      // 2^-44: the nearest 16 digits do not read back, but the next above do.
      {0x1p-44, "5.684341886080802e-14"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[LB_NUMBER_TEXT];
    lb_json_number_text(cases[i].value, text);
    assert_string_equal(text, cases[i].text);
  }
}

// Random bits, random decimals, powers of two: each text reads back, and no shorter one does (one digit fewer, rounded
// either way).
static void check_shortest(double value) {
  char text[LB_NUMBER_TEXT], shorter[40];
  lb_json_number_text(value, text);
  assert_true(strtod(text, NULL) == value);
  int digits = 0;
  for (const char* c = text; *c && *c != 'e'; c++) digits += *c >= '0' && *c <= '9' && (digits || *c != '0');
  for (const char* c = strchr(text, 'e') ? strchr(text, 'e') : text + strlen(text); c > text && c[-1] == '0'; c--) {
    if (!strchr(text, '.')) digits--;  // zeros before the point are no digits of the decimal
  }
  if (digits <= 1) return;
  snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
  double below = strtod(shorter, NULL), unit = pow(10, floor(log10(fabs(value))) - (digits - 2));
  assert_true(below != value);
  snprintf(shorter, sizeof shorter, "%.*e", digits - 2, below + (value > 0 ? unit : -unit));
  assert_true(strtod(shorter, NULL) != value);
}

static void numbers_are_shortest(void** state) {
  (void)state;
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = (uint64_t)lb_rng_bits(&rng) << 32 | lb_rng_bits(&rng);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value) && fabs(value) > 1e-300 && fabs(value) < 1e300) check_shortest(value);
    check_shortest(floor(lb_rng_uniform(&rng) * 1e6) / 1e4 + 1e-4);
  }
  for (int exponent = -990; exponent < 990; exponent++) check_shortest(ldexp(1, exponent));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nested_values),
      cmocka_unit_test(strings_are_escaped),
      cmocka_unit_test(known_numbers),
      cmocka_unit_test(numbers_are_shortest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
