// The looks of rows: no two of a suite's look alike, families have colours, and whoever shares a figure with members of
// other families is told from them by colour.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "report/looks.h"
#include "suite/suite.h"

static char base[] = "/tmp/lb_looks_XXXXXX";

static int set_up(void** state) {
  (void)state;
  return mkdtemp(base) ? 0 : 1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static lb_suite* load(const char* algos, const char* more) {
  char path[200], text[2000];
  lb_suite* s;
  snprintf(path, sizeof path, "%s/suite.json", base);
  snprintf(text, sizeof text, "{\"name\": \"s\", \"tasks\": [\"t\"], \"algos\": [%s]%s}", algos, more);
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
  lb_status status = lb_suite_load(&s, path);
  assert_string_equal(status.text, "");
  return s;
}

static bool alike(lb_looks a, lb_looks b) {
  return a.color == b.color && a.dash == b.dash && a.mark == b.mark;
}

static void expect_nobody_alike(const lb_suite* s) {
  for (int i = 0; i < s->n_algos; ++i) {
    for (int j = 0; j < i; ++j) {
      if (alike(lb_looks_of(s, s->algos[i]), lb_looks_of(s, s->algos[j]))) {
        fail_msg("%s: %s and %s look alike", s->name, s->algos[i], s->algos[j]);
      }
    }
  }
}

// Those of one figure and one colour have dashes and markers of their own, as far as there are three dashes.
static void expect_figures_told_apart(const lb_suite* s) {
  for (int f = 0; f < s->n_figures; ++f) {
    for (int i = 0; i < s->figures[f].n_algos; ++i) {
      int companions = 0;
      lb_looks one = lb_looks_of(s, s->figures[f].algos[i]);
      for (int j = 0; j < s->figures[f].n_algos; ++j) {
        lb_looks other = lb_looks_of(s, s->figures[f].algos[j]);
        if (i == j || one.color != other.color) continue;
        companions += 1;
        if (one.mark == other.mark) fail_msg("%s: %s has a marker twice", s->name, s->figures[f].title);
      }
      if (companions > 2) fail_msg("%s: %s has %d lines in one colour", s->name, s->figures[f].title, companions + 1);
    }
  }
}

// Clones are drawn as horizontal lines, which have no markers, in every figure: their dashes tell them apart.
static void expect_clones_told_apart(const lb_suite* s) {
  for (int i = 0; i < s->n_algos; ++i) {
    for (int j = 0; j < i; ++j) {
      const char *a = s->algos[i], *b = s->algos[j];
      bool clones = strncmp(a, "bc", 2) == 0 && strncmp(b, "bc", 2) == 0 && strchr("@", a[2]) && strchr("@", b[2]);
      lb_looks x = lb_looks_of(s, a), y = lb_looks_of(s, b);
      if (clones && x.color == y.color && x.dash == y.dash) fail_msg("%s: %s and %s look alike", s->name, a, b);
    }
  }
}

static void no_rows_of_a_suite_look_alike(void** state) {
  (void)state;
  static const char* const suites[] = {"control",   "demonstrations", "helicopter", "helicopter-2023",
                                       "imitation", "laziness",       "locomotion", "maze",
                                       "mbpo",      "planning",       "quality"};
  static const char* const presets[] = {"quick", "evening", "standard", "paper"};
  for (size_t i = 0; i < sizeof suites / sizeof *suites; ++i) {
    for (size_t k = 0; k < sizeof presets / sizeof *presets; ++k) {
      char path[600];
      lb_suite* s;
      snprintf(path, sizeof path, "%s/bench/suites/%s.json", LB_SOURCE_DIR, suites[i]);
      lb_status status = lb_suite_load_preset(&s, path, presets[k]);
      assert_string_equal(status.text, "");
      expect_nobody_alike(s);
      expect_figures_told_apart(s);
      expect_clones_told_apart(s);
      lb_suite_free(s);
    }
  }
}

static void families_have_a_colour(void** state) {
  (void)state;
  lb_suite* s = load(
      "\"expert\", \"sac\", \"sysid-sac\", \"sysid-both\", \"lamps\", \"lamps-linear\", \"lamps-mm\", "
      "\"lamps-mm-linear\", \"lamps-mm-ltv\", \"lampshade\"",
      "");
  int sysid = lb_looks_of(s, "sysid-sac").color, lamps = lb_looks_of(s, "lamps").color;
  int mm = lb_looks_of(s, "lamps-mm").color;
  assert_int_equal(lb_looks_of(s, "sysid-both").color, sysid);
  assert_int_equal(lb_looks_of(s, "lamps-linear").color, lamps);
  assert_int_equal(lb_looks_of(s, "lamps-mm-ltv").color, mm);  // it heads two
  const int colors[] = {lb_looks_of(s, "sac").color, sysid, lamps, mm, lb_looks_of(s, "lampshade").color};
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < i; ++j) assert_int_not_equal(colors[i], colors[j]);
  }
  expect_nobody_alike(s);
  lb_suite_free(s);
}

// Of one colour there may be so many that dashes and markers repeat, but not both.
static void many_of_one_family_differ(void** state) {
  (void)state;
  lb_suite* s =
      load("\"expert\", \"a\"",
           ", \"sweep\": {\"setting\": \"n\", \"values\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "
           "\"algos\": [\"a\"]}");
  assert_int_equal(s->n_algos, 17);
  expect_nobody_alike(s);
  lb_suite_free(s);
}

// Rows of a sweep: a colour an algorithm, a dash a value.
static void rows_of_a_sweep_differ_in_dash(void** state) {
  (void)state;
  lb_suite* s = load("\"expert\", \"a\", \"b\"",
                     ", \"sweep\": {\"setting\": \"n\", \"values\": [10, 50000], \"algos\": [\"a\", \"b\"]}");
  assert_int_equal(lb_looks_of(s, "a@10").color, lb_looks_of(s, "a@50000").color);
  assert_int_not_equal(lb_looks_of(s, "a@10").dash, lb_looks_of(s, "a@50000").dash);
  assert_int_not_equal(lb_looks_of(s, "a@10").color, lb_looks_of(s, "b@10").color);
  lb_suite_free(s);
}

// Up to six families of one figure have six colours.
static void algorithms_of_a_figure_are_told_apart(void** state) {
  (void)state;
  lb_suite* s =
      load("\"expert\", \"zero\", \"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\"",
           ", \"figures\": [{\"name\": \"one\", \"algos\": [\"a\", \"b\", \"c\", \"d\", \"e\"]}, {\"name\": \"two\", "
           "\"algos\": [\"a\", \"b\", \"f\", \"g\", \"h\", \"i\"]}]");
  for (int f = 0; f < s->n_figures; ++f) {
    for (int i = 0; i < s->figures[f].n_algos; ++i) {
      for (int j = 0; j < i; ++j) {
        int one = lb_looks_of(s, s->figures[f].algos[i]).color, other = lb_looks_of(s, s->figures[f].algos[j]).color;
        assert_int_not_equal(one, other);
      }
    }
  }
  assert_true(lb_looks_of(s, "expert").color < 0 && lb_looks_of(s, "zero").color < 0);
  expect_nobody_alike(s);
  lb_suite_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_rows_of_a_suite_look_alike),
      cmocka_unit_test(families_have_a_colour),
      cmocka_unit_test(many_of_one_family_differ),
      cmocka_unit_test(rows_of_a_sweep_differ_in_dash),
      cmocka_unit_test(algorithms_of_a_figure_are_told_apart),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
