// Checkpoints of learners: bits come back, and what does not fit changes nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../io/temporary.h"
#include "nn/bundle.h"

enum { FLOATS = 5, DOUBLES = 2, COUNTERS = 3 };

typedef struct learner {
  float floats[FLOATS];
  double doubles[DOUBLES];
  int64_t counters[COUNTERS];
  lb_bundle_size sizes[2];
  lb_entry entries[3];
  lb_bundle bundle;
} learner;

static void make(learner* l) {
  *l =
      (learner){.floats = {1.5f, -2, 0.1f, 1e-30f, 7}, .doubles = {0.1, -3e200}, .counters = {1, 1000000000000000, -4}};
  l->sizes[0] = (lb_bundle_size){"width", 5};
  l->sizes[1] = (lb_bundle_size){"depth", 2};
  l->entries[0] = (lb_entry)LB_ENTRIES("floats", l->floats, FLOATS, -DBL_MAX, DBL_MAX);
  l->entries[1] = (lb_entry)LB_ENTRIES("doubles", l->doubles, DOUBLES, -DBL_MAX, DBL_MAX);
  l->entries[2] = (lb_entry)LB_ENTRIES("counters", l->counters, COUNTERS, -4, LB_MOST_COUNT);
  l->bundle = (lb_bundle){.kind = "a learner", .sizes = l->sizes, .nsizes = 2, .entries = l->entries, .nentries = 3};
}

static void test_bits_come_back(void** state) {
  (void)state;
  learner from, to;
  make(&from);
  make(&to);
  memset(to.floats, 0, sizeof to.floats);
  memset(to.doubles, 0, sizeof to.doubles);
  memset(to.counters, 0, sizeof to.counters);
  assert_ok(lb_bundle_save(&from.bundle, temporary("whole")));
  assert_ok(lb_bundle_load(&to.bundle, temporary("whole")));
  assert_memory_equal(to.floats, from.floats, sizeof to.floats);
  assert_memory_equal(to.doubles, from.doubles, sizeof to.doubles);
  assert_memory_equal(to.counters, from.counters, sizeof to.counters);
}

// Saves one learner, loads it into an untouched one, which must refuse it and stay as it is.
static void refuse(const learner* from, const char* words) {
  learner to, before;
  make(&to);
  make(&before);
  assert_ok(lb_bundle_save(&from->bundle, temporary("wrong")));
  check_failure(lb_bundle_load(&to.bundle, temporary("wrong")), LB_INPUT, words);
  assert_memory_equal(to.floats, before.floats, sizeof to.floats);
  assert_memory_equal(to.doubles, before.doubles, sizeof to.doubles);
  assert_memory_equal(to.counters, before.counters, sizeof to.counters);
}

static void test_what_does_not_fit_is_refused(void** state) {
  (void)state;
  learner from;
  make(&from);
  from.floats[0] = 99;
  from.doubles[1] = NAN;
  refuse(&from, "wrong|doubles|nan|doubles'[1]");
  make(&from);
  from.floats[3] = INFINITY;
  refuse(&from, "wrong|floats|inf|floats'[3]");
  make(&from);
  from.sizes[1].value = 3;
  refuse(&from, "wrong|$.depth|3|2");
  make(&from);
  from.bundle.kind = "a lerner";
  refuse(&from, "wrong|$.kind|a lerner|a learner");
  make(&from);
  from.bundle.nentries = 2;
  refuse(&from, "wrong|counters|missing");
  make(&from);
  from.entries[0].count = FLOATS - 1;
  refuse(&from, "wrong|floats|can only be 5");
  make(&from);
  from.entries[2].type = LB_ENTRY_DOUBLE;
  memset(from.counters, 0, sizeof from.counters);
  refuse(&from, "wrong|counters|another type");
  make(&from);
  from.counters[1] = INT64_MAX;
  refuse(&from, "wrong|counters'[1]|9.223372037e+18|from -4 to 1e+15");
  make(&from);
  from.counters[2] = -5;
  refuse(&from, "wrong|counters'[2]|-5");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bits_come_back),
      cmocka_unit_test(test_what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
