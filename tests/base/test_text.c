// The growing string, and the nearest name.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void appending_grows(void** state) {
  (void)state;
  lb_text text = {0};
  char expected[20000] = "";
  size_t at = 0;
  for (int i = 0; i < 2000; i++) {
    lb_text_add(&text, "%d,", i);
    at += (size_t)sprintf(expected + at, "%d,", i);
    assert_int_equal(text.length, at);
  }
  assert_string_equal(text.data, expected);
  lb_text_free(&text);
  assert_null(text.data);
  assert_int_equal(text.length, 0);
  lb_text_free(&text);
}

// C0, DEL, C1 (as UTF-8, and as bytes alone) and what is no UTF-8 are shown; letters, line ends and tabs stay.
static void control_characters_are_shown(void** state) {
  (void)state;
  static const char* const cases[][2] = {
      {"plain\n\ttext", "plain\n\ttext"},
      {"\x1b[2J\x07", "\\x1B[2J\\x07"},
      {"\x7f\r", "\\x7F\\x0D"},
      {"a\xC2\x9B"
       "31m",
       "a\\x9B31m"},
      {"a\x9B"
       "31m",
       "a\\x9B31m"},
      {"caf\xC3\xA9 \xF0\x9F\x98\x80 \xC2\xA0", "caf\xC3\xA9 \xF0\x9F\x98\x80 \xC2\xA0"},
      {"\xE2\x80\x99", "\xE2\x80\x99"},
      {"a\xFFz\xC3", "a\\xFFz\\xC3"},
      {"\xC0\x80 \xE0\x80\x80", "\\xC0\\x80 \\xE0\\x80\\x80"},                    // overlong
      {"\xED\xA0\x80 \xF4\x90\x80\x80", "\\xED\\xA0\\x80 \\xF4\\x90\\x80\\x80"},  // a surrogate, past the last
      {"\xF0\x9F\x98", "\\xF0\\x9F\\x98"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lb_text out = {0};
    lb_text_show(&out, cases[i][0], strlen(cases[i][0]));
    assert_string_equal(out.data, cases[i][1]);
    lb_text_free(&out);
  }
}

static void on_one_line(void** state) {
  (void)state;
  static const char text[] = "a\nb\tc\r\xC3\xA9";
  lb_text out = {0};
  lb_text_show_line(&out, text, strlen(text));
  assert_string_equal(out.data, "a\\x0Ab\\x09c\\x0D\xC3\xA9");
  lb_text_free(&out);
}

// Of a text that comes in pieces, what belongs to a character that the next piece completes.
static void characters_that_are_cut_off(void** state) {
  (void)state;
  static const char text[] = "a\xC3\xA9\xE2\x80\x99\xF0\x9F\x98\x80z";
  static const size_t cut[] = {0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 0};
  for (size_t n = 0; n < sizeof cut / sizeof *cut; n++) assert_int_equal(lb_text_cut_off(text, n), cut[n]);
  assert_int_equal(lb_text_cut_off("\x80\x80\x80\x80", 4), 0);
}

static void bytes_are_kept_as_they_are(void** state) {
  (void)state;
  lb_text text = {0};
  lb_text_add_bytes(&text, NULL, 0);
  assert_string_equal(text.data, "");
  lb_text_add_bytes(&text, "a\0b", 3);
  lb_text_add(&text, "%s", "c");
  assert_int_equal(text.length, 4);
  assert_memory_equal(text.data, "a\0bc", 5);
  lb_text_free(&text);
}

static void nearest_name(void** state) {
  (void)state;
  const char* const tasks[] = {"hopper", "walker2d", "half-cheetah", "helicopter", "helicopter-2023"};
  const struct {
    const char *wanted, *nearest;
  } cases[] = {
      {"hoper", "hopper"},     // one missing
      {"hopperr", "hopper"},   // one too many
      {"hoppre", "hopper"},    // two swapped
      {"walker", "walker2d"},  // two missing
      {"wlaker2d", "walker2d"},
      {"halfcheetah", "half-cheetah"},
      {"helicopter-2022", "helicopter-2023"},
      {"helicoptre", "helicopter"},
      {"helicopter", "helicopter"},
      {"humanoid", NULL},
      {"", NULL},
      {"ab", NULL},  // nothing in common with anything
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char* nearest = lb_text_nearest(cases[i].wanted, tasks, 5);
    if (cases[i].nearest) {
      assert_non_null(nearest);
      assert_string_equal(nearest, cases[i].nearest);
    } else {
      assert_null(nearest);
    }
  }
  assert_null(lb_text_nearest("hopper", NULL, 0));
}

static void two_short_names_without_a_common_letter_are_not_near(void** state) {
  (void)state;
  const char* const names[] = {"xy"};
  assert_null(lb_text_nearest("ab", names, 1));
  const char* const swapped[] = {"ba"};
  assert_string_equal(lb_text_nearest("ab", swapped, 1), "ba");
}

static void the_threshold_is_a_third_of_the_length(void** state) {
  (void)state;
  const char* const names[] = {"abcdefghijkl"};
  assert_string_equal(lb_text_nearest("abcdefghXXXX", names, 1), names[0]);  // 4 of 12
  assert_null(lb_text_nearest("abcdefgXXXXX", names, 1));                    // 5 of 12
}

static void very_long_names_are_never_near(void** state) {
  (void)state;
  char wanted[5000];
  memset(wanted, 'a', sizeof wanted - 1);
  wanted[sizeof wanted - 1] = '\0';
  const char* names[] = {"aaa", wanted};
  assert_null(lb_text_nearest(wanted, names, 2));
  assert_null(lb_text_nearest("bbb", names + 1, 1));
}

static void the_same_text(void** state) {
  (void)state;
  char word[] = "hopper";
  assert_true(lb_text_same(NULL, NULL));
  assert_true(lb_text_same(word, "hopper"));
  assert_true(lb_text_same("", ""));
  assert_false(lb_text_same(word, "hoppers"));
  assert_false(lb_text_same(word, NULL));
  assert_false(lb_text_same(NULL, ""));
}

static void numbers_as_people_write_them(void** state) {
  (void)state;
  static const struct {
    const char* text;
    int64_t value;
  } right[] = {{"0", 0},
               {"1000000", 1000000},
               {"1_000_000", 1000000},
               {"1e6", 1000000},
               {"2.5e3", 2500},
               {"-3", -3},
               {"1E3", 1000},
               {"5.0", 5},
               {"+7", 7},
               {"1_0e1_0", 100000000000},
               {"007", 7}};
  static const char* const wrong[] = {"",   "2.5", "1e-3", "_1",    "1_",   "1__0", "0x10", "inf", "nan",
                                      " 1", "1 ",  "1e",   "1e999", "9e18", "--1",  "1_e3", "one"};
  for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
    int64_t value = 99;
    if (!lb_text_whole(right[i].text, &value)) fail_msg("'%s' is not read", right[i].text);
    assert_int_equal(value, right[i].value);
  }
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t value = 99;
    if (lb_text_whole(wrong[i], &value)) fail_msg("'%s' is read as %lld", wrong[i], (long long)value);
    assert_int_equal(value, 99);
  }
  double x = 0;
  assert_true(lb_text_number("1_5e-1", &x));
  assert_true(fabs(x - 1.5) < 1e-15);
}

// Between tags, in either kind of quotes, and what no XML may hold.
static void markup_is_escaped(void** state) {
  (void)state;
  lb_text out = {0};
  lb_text_add_xml(&out, "<b a='\"'>R&D\x1b\x01\t\u00e9");
  assert_string_equal(out.data, "&lt;b a=&#39;&quot;&#39;&gt;R&amp;D\t\u00e9");
  lb_text_free(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(appending_grows),
      cmocka_unit_test(control_characters_are_shown),
      cmocka_unit_test(on_one_line),
      cmocka_unit_test(markup_is_escaped),
      cmocka_unit_test(characters_that_are_cut_off),
      cmocka_unit_test(bytes_are_kept_as_they_are),
      cmocka_unit_test(nearest_name),
      cmocka_unit_test(two_short_names_without_a_common_letter_are_not_near),
      cmocka_unit_test(the_threshold_is_a_third_of_the_length),
      cmocka_unit_test(the_same_text),
      cmocka_unit_test(numbers_as_people_write_them),
      cmocka_unit_test(very_long_names_are_never_near),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
