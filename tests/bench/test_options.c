// The command line: what is accepted, and what is said about what is not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the four above first.
#include <cmocka.h>
#include <string.h>

#include "options.h"

typedef struct values {
  bool flag;
  const char* text;
  lb_texts texts;
  int count;
  double number;
  uint64_t seed;
  lb_seeds seeds;
  lb_operands operands;
} values;

// Reads up to 8 words, NULL-terminated.
static lb_status read_words(values* v, char* const* words) {
  const lb_option options[] = {
      {"flag", NULL, "help", LB_OPTION_FLAG, &v->flag},      {"text", "T", "help", LB_OPTION_TEXT, &v->text},
      {"texts", "T", "help", LB_OPTION_TEXTS, &v->texts},    {"count", "N", "help", LB_OPTION_COUNT, &v->count},
      {"number", "X", "help", LB_OPTION_NUMBER, &v->number}, {"seed", "N", "help", LB_OPTION_SEED, &v->seed},
      {"seeds", "LIST", "help", LB_OPTION_SEEDS, &v->seeds},
  };
  const lb_usage usage = {"demo", "A [B]", "text", NULL, 1, 2, options, LB_COUNT_OF(options)};
  char* argv[12] = {(char*)(uintptr_t) "demo"};
  int argc = 1;
  for (; words[argc - 1]; argc++) argv[argc] = words[argc - 1];
  *v = (values){.count = -1, .number = -1};
  return lb_options_read(&v->operands, &usage, argc, argv);
}

static void free_values(values* v) {
  lb_operands_free(&v->operands);
  lb_texts_free(&v->texts);
  lb_seeds_free(&v->seeds);
}

#define WORDS(...) ((char* const[]){__VA_ARGS__, NULL})

// A command line that must be refused with a text that holds `part`.
static void refuse(char* const* words, const char* part) {
  values v;
  lb_status status = read_words(&v, words);
  free_values(&v);
  assert_int_equal(status.code, LB_INPUT);
  if (!strstr(status.text, part)) fail_msg("'%s' does not say '%s'", status.text, part);
}

static void test_accepts(void** state) {
  (void)state;
  values v;
  lb_status status = read_words(&v, WORDS("--flag", "a", "--text=x=y", "--count", "3", "--seed=7", "b"));
  assert_int_equal(status.code, LB_OK);
  assert_true(v.flag);
  assert_string_equal(v.text, "x=y");
  assert_int_equal(v.count, 3);
  assert_int_equal(v.seed, 7);
  assert_int_equal(v.operands.n, 2);
  assert_string_equal(v.operands.values[0], "a");
  assert_string_equal(v.operands.values[1], "b");
  free_values(&v);
}

static void test_defaults_stay(void** state) {
  (void)state;
  values v;
  assert_int_equal(read_words(&v, WORDS("a")).code, LB_OK);
  assert_int_equal(v.count, -1);
  assert_true(v.number == -1);
  assert_null(v.seeds.values);
  free_values(&v);
}

static void test_repeated_texts_and_end_of_options(void** state) {
  (void)state;
  values v;
  assert_int_equal(read_words(&v, WORDS("--texts", "p=1", "--texts", "q=2", "--", "--flag", "-")).code, LB_OK);
  assert_int_equal(v.texts.n, 2);
  assert_string_equal(v.texts.values[1], "q=2");
  assert_false(v.flag);
  assert_string_equal(v.operands.values[0], "--flag");
  assert_string_equal(v.operands.values[1], "-");
  free_values(&v);
}

static void test_refuses(void** state) {
  (void)state;
  refuse(WORDS("a", "--conut", "3"), "did you mean --count?");
  refuse(WORDS("a", "--zzzzzzzz"), "see bench demo --help");
  refuse(WORDS("a", "-c"), "unknown option -c");
  refuse(WORDS("a", "--count"), "--count needs a value");
  refuse(WORDS("a", "--text", "--flag"), "--text needs a value");
  refuse(WORDS("a", "--text="), "empty");
  refuse(WORDS("a", "--flag=1"), "--flag takes no value");
  refuse(WORDS("a", "--count", "1", "--count", "1"), "given twice");
  refuse(WORDS("a", "--flag", "--flag"), "given twice");
  refuse(WORDS("--flag"), "usage: bench demo A [B]");
  refuse(WORDS("a", "b", "c"), "'c' is one word too many");
}

static void test_refuses_values(void** state) {
  (void)state;
  static const char* const counts[] = {"0", "-1", "1.5", "x", "3x", "99999999999999999999", " 3"};
  for (int i = 0; i < LB_COUNT_OF(counts); i++) {
    refuse(WORDS("a", "--count", (char*)(uintptr_t)counts[i]), "from 1 to 2147483647");
  }
  static const char* const numbers[] = {"nan", "inf", "-0.5", "1e999", "x", "1x", " "};
  for (int i = 0; i < LB_COUNT_OF(numbers); i++) {
    refuse(WORDS("a", "--number", (char*)(uintptr_t)numbers[i]), "0 or more");
  }
  static const char* const seeds[] = {"-1", "2147483648", "1,2", "", "0x1"};
  for (int i = 0; i < LB_COUNT_OF(seeds); i++) {
    char word[64];
    snprintf(word, sizeof word, "--seed=%s", seeds[i]);
    refuse(WORDS("a", word), "whole number from 0");
  }
}

static void expect_seeds(const char* text, int n, const uint64_t* wanted) {
  lb_seeds seeds = {0};
  assert_int_equal(lb_seeds_parse(&seeds, text, "--seeds").code, LB_OK);
  assert_int_equal(seeds.n, n);
  assert_memory_equal(seeds.values, wanted, (size_t)n * sizeof *wanted);
  lb_seeds_free(&seeds);
}

static void test_seeds(void** state) {
  (void)state;
  expect_seeds("3", 3, (const uint64_t[]){0, 1, 2});
  expect_seeds("3e0", 3, (const uint64_t[]){0, 1, 2});
  expect_seeds("7-7", 1, (const uint64_t[]){7});
  expect_seeds("0,7,3", 3, (const uint64_t[]){0, 7, 3});
  expect_seeds("5-7,1,9-10", 6, (const uint64_t[]){5, 6, 7, 1, 9, 10});
  expect_seeds("2147483647,0", 2, (const uint64_t[]){2147483647, 0});
}

static void refuse_seeds(const char* text, const char* part) {
  lb_seeds seeds = {0};
  lb_status status = lb_seeds_parse(&seeds, text, "--seeds");
  assert_int_equal(status.code, LB_INPUT);
  assert_null(seeds.values);
  assert_non_null(strstr(status.text, part));
  assert_non_null(strstr(status.text, "--seeds"));
}

static void test_wrong_seeds(void** state) {
  (void)state;
  refuse_seeds("0", "1..");
  refuse_seeds("100001", "1..");
  refuse_seeds("", "not a list");
  refuse_seeds("1,", "not a list");
  refuse_seeds(",1", "not a list");
  refuse_seeds("1-", "not a list");
  refuse_seeds("-3", "1..");
  refuse_seeds("2147483648", "1..");
  refuse_seeds("1;2", "not a list");
  refuse_seeds("1, 2", "not a list");
  refuse_seeds("2147483648,1", "not a list");
  refuse_seeds("1,2,1", "twice");
  refuse_seeds("0-3,2", "twice");
  refuse_seeds("9-0", "backwards");
  refuse_seeds("0-2000000000", "more than");
}

static void test_did_you_mean(void** state) {
  (void)state;
  static const char* const names[] = {"hopper", "walker"};
  char out[100];
  assert_string_equal(lb_did_you_mean("hoper", names, 2, out, sizeof out), " (did you mean 'hopper'?)");
  assert_string_equal(lb_did_you_mean("cartpole", names, 2, out, sizeof out), "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accepts),
      cmocka_unit_test(test_defaults_stay),
      cmocka_unit_test(test_repeated_texts_and_end_of_options),
      cmocka_unit_test(test_refuses),
      cmocka_unit_test(test_refuses_values),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_wrong_seeds),
      cmocka_unit_test(test_did_you_mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
