// Reading JSON: what is refused, in which words, and what comes back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <time.h>

#include "base/rng.h"
#include "base/text.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "temporary.h"

static lb_json* parse(const char* text) {
  lb_json* doc;
  assert_ok(lb_json_parse(&doc, text, "test.json"));
  return doc;
}

static void check_refused(const char* text, const char* words) {
  lb_json* doc = (lb_json*)text;
  check_failure(lb_json_parse(&doc, text, "test.json"), LB_INPUT, words);
  assert_null(doc);
}

static void syntax_errors_name_line_and_column(void** state) {
  (void)state;
  check_refused("", "test.json: is empty");
  check_refused(" \n\t", "test.json: is empty");
  check_refused("{\"a\": 1,\n \"b\" 2}", "test.json:2:6: expected ':'");
  check_refused("{\"a\": 1\n\"b\": 2}", "test.json:2:1: expected ',' or '}'");
  check_refused("[1 2]", "test.json:1:4: expected ',' or ']'");
  check_refused("[1, 2,]", "test.json:1:7: a comma before ']'");
  check_refused("{\"a\":1,}", "test.json:1:8: a comma before '}'");
  check_refused("{a: 1}", "test.json:1:2: expected a key in double quotes");
  check_refused("{'a': 1}", "test.json:1:2: expected a key in double quotes");
  check_refused("{\"a\": 'b'}", "test.json:1:7: expected double quotes");
  check_refused("{\"\xC3\xA9\": x}", "test.json:1:7: expected a value");  // columns count characters
  check_refused("{} {}", "test.json:1:4: text after the end");
  check_refused("{\"a\": 1} // end", "test.json:1:10: text after the end");
  check_refused("// start\n{}", "test.json:1:1: JSON has no comments");
  check_refused("{", "test.json:1:2: expected a key");
  check_refused("[", "test.json:1:2: the text ends");
  check_refused("[1", "test.json:1:3: expected ',' or ']'");
  check_refused("[tru]", "test.json:1:2: expected a value");
  check_refused("[NaN]", "test.json:1:2: NaN and infinities");
  check_refused("[-Infinity]", "test.json:1:3: expected a digit");
  check_refused("\xEF\xBB\xBF{}", "test.json:1:1: the file starts with a byte order mark");
}

static void numbers_are_strict(void** state) {
  (void)state;
  check_refused("[01]", "1:3: a number must not start with 0");
  check_refused("[-]", "1:3: expected a digit");
  check_refused("[+1]", "1:2: expected a value");
  check_refused("[.5]", "1:2: expected a value");
  check_refused("[1.]", "1:4: expected a digit after the decimal point");
  check_refused("[1e]", "1:4: expected a digit in the exponent");
  check_refused("[1e+]", "1:5: expected a digit in the exponent");
  check_refused("[0x10]", "1:3: expected ',' or ']'");
  check_refused("[1e999]", "1:2: this number is too large");
  check_refused("[-1e999]", "1:2: this number is too large");
  check_refused("[1234567890123456789012345678901234567890123456789012345678901234567890]",
                "1:2: this number has more than 62 characters");
}

static void strings_are_strict(void** state) {
  (void)state;
  check_refused("[\"abc]", "1:2: this string does not end");
  check_refused("[\"a\nb\"]", "1:2: this string does not end");
  check_refused("[\"a\tb\"]", "1:4: a control character");
  check_refused("[\"\\x\"]", "1:4: unknown escape");
  check_refused("[\"\\u12g4\"]", "four hexadecimal digits");
  check_refused("[\"\\u0000\"]", "\\u0000 is not allowed");
  check_refused("[\"\\ud800x\"]", "a high surrogate");
  check_refused("[\"\\ud800\\u0041\"]", "a high surrogate");
  check_refused("[\"\\udc00\"]", "a low surrogate");
  check_refused("[\"\xC3(\"]", "1:3: this is not UTF-8");
  check_refused("[\"\xED\xA0\x80\"]", "1:3: this is not UTF-8");
}

static void nesting_is_limited(void** state) {
  (void)state;
  char text[200001];
  memset(text, '[', 200000);
  text[200000] = '\0';
  check_refused(text, "1:31: nested more than 30 levels");
  memset(text + 30, ']', 30);
  text[60] = '\0';
  lb_json* doc = parse(text);
  char* canonical = lb_json_canonical(lb_json_root(doc));
  assert_string_equal(canonical, text);
  free(canonical);
  lb_json_free(doc);
}

static void duplicate_keys_are_refused(void** state) {
  (void)state;
  check_refused("{\"a\":1,\"b\":2,\"a\":3}", "test.json: $: the key 'a' occurs twice");
  check_refused("{\"x\":[1,{\"a\":{\"k\":1,\"k\":1}}]}", "test.json: $.x[1].a: the key 'k' occurs twice");
  check_refused("{\"a\":1,\"\\u0061\":2}", "the key 'a' occurs twice");
  lb_json_free(parse("{\"a\":1,\"A\":2,\"b\":{\"a\":1}}"));
}

static void files_that_cannot_be_read(void** state) {
  (void)state;
  lb_json* doc;
  check_failure(lb_json_load(&doc, temporary("missing.json")), LB_INPUT, "missing.json: no such file");
  assert_null(doc);
  check_failure(lb_json_load(&doc, temporary_folder), LB_INPUT, "is a folder");
  write_plainly(temporary("nul.json"), "{\"a\": \"x\0y\"}", 12);
  check_failure(lb_json_load(&doc, temporary("nul.json")), LB_INPUT, "nul.json:1:9: a control character");
  write_plainly(temporary("nul.json"), "{}\0", 3);
  check_failure(lb_json_load(&doc, temporary("nul.json")), LB_INPUT, "nul.json:1:3: text after the end");
  write_plainly(temporary("nul.json"), "\0", 1);
  check_failure(lb_json_load(&doc, temporary("nul.json")), LB_INPUT, "nul.json:1:1: a NUL byte");
  write_plainly(temporary("good.json"), "{\"a\": 1}\n", 9);
  assert_ok(lb_json_load(&doc, temporary("good.json")));
  assert_true(lb_json_has(lb_json_root(doc), "a"));
  lb_json_free(doc);
}

static void values_come_back(void** state) {
  (void)state;
  lb_json* doc = parse(
      "{\"n\": 2.5, \"i\": -3, \"t\": true, \"s\": \"a\\u00e9\\ud83d\\ude00\\n\", \"c\": \"two\", \"o\": {\"x\": 1},"
      " \"a\": [1, 2.5, -3e2], \"z\": null}");
  lb_node root = lb_json_root(doc), node;
  double number;
  int integer, length;
  bool flag;
  const char* string;
  assert_ok(lb_json_number(root, "n", 0, 3, &number));
  assert_true(number == 2.5);
  assert_ok(lb_json_int(root, "i", -3, -3, &integer));
  assert_int_equal(integer, -3);
  assert_ok(lb_json_bool(root, "t", &flag));
  assert_true(flag);
  assert_ok(lb_json_string(root, "s", &string));
  assert_string_equal(string, "a\xC3\xA9\xF0\x9F\x98\x80\n");
  const char* const choices[] = {"one", "two"};
  assert_ok(lb_json_choice(root, "c", choices, 2, &integer));
  assert_int_equal(integer, 1);
  assert_ok(lb_json_object(root, "o", &node));
  assert_string_equal(node.path, "$.o");
  assert_ok(lb_json_array(root, "a", &node, &length));
  assert_int_equal(length, 3);
  assert_string_equal(lb_json_element(node, 2).path, "$.a[2]");
  assert_ok(lb_json_as_number(lb_json_element(node, 2), -INFINITY, INFINITY, &number));
  assert_true(number == -300);
  assert_false(lb_json_has(root, "z"));
  assert_false(lb_json_has(root, "y"));
  assert_int_equal(lb_json_length(root), 8);
  assert_string_equal(lb_json_key(root, 1), "i");
  lb_arena* arena = lb_arena_new(0);
  double* values;
  assert_ok(lb_json_numbers(root, "a", 3, arena, &values, NULL));
  assert_true(values[0] == 1 && values[1] == 2.5 && values[2] == -300);
  assert_ok(lb_json_numbers(root, "a", -1, arena, &values, &length));
  assert_int_equal(length, 3);
  lb_arena_free(arena);
  lb_json_free(doc);
}

static void missing_values_have_defaults(void** state) {
  (void)state;
  lb_json* doc = parse("{\"z\": null, \"n\": 7, \"s\": 5}");
  lb_node root = lb_json_root(doc);
  double number;
  int integer;
  bool flag;
  const char* string;
  const char* const choices[] = {"one", "two"};
  assert_ok(lb_json_number_or(root, "z", 0, 1, 0.5, &number));
  assert_true(number == 0.5);
  assert_ok(lb_json_int_or(root, "missing", 0, 1, 9, &integer));
  assert_int_equal(integer, 9);
  assert_ok(lb_json_bool_or(root, "missing", true, &flag));
  assert_true(flag);
  assert_ok(lb_json_string_or(root, "missing", NULL, &string));
  assert_null(string);
  assert_ok(lb_json_choice_or(root, "missing", choices, 2, 1, &integer));
  assert_int_equal(integer, 1);
  assert_ok(lb_json_number_or(root, "n", 0, 10, 0.5, &number));
  assert_true(number == 7);
  // A wrong value is never replaced by the default.
  check_failure(lb_json_number_or(root, "n", 0, 1, 0.5, &number), LB_INPUT, "$.n");
  check_failure(lb_json_int_or(root, "n", 0, 1, 0, &integer), LB_INPUT, "$.n");
  check_failure(lb_json_bool_or(root, "n", true, &flag), LB_INPUT, "$.n: expected true or false, found the number 7");
  check_failure(lb_json_string_or(root, "s", "x", &string), LB_INPUT, "$.s: expected a string, found the number 5");
  check_failure(lb_json_choice_or(root, "s", choices, 2, 0, &integer), LB_INPUT, "$.s");
  lb_json_free(doc);
}

static void wrong_values_are_described(void** state) {
  (void)state;
  lb_json* doc = parse(
      "{\"n\": 2.5, \"big\": 3e9, \"t\": true, \"z\": null, \"s\": \"text\", \"o\": {\"x\": {\"y\": \"q\"}}, \"a\": "
      "[1, "
      "\"x\"]}");
  lb_node root = lb_json_root(doc), node, child;
  double number;
  int integer, length;
  bool flag;
  const char* string;
  const char* const choices[] = {"test", "other"};
  double* values;
  lb_arena* arena = lb_arena_new(0);
  check_failure(lb_json_number(root, "m", 0, 1, &number), LB_INPUT, "test.json: $: the key 'm' is missing");
  check_failure(lb_json_number(root, "s", 0, 1, &number), LB_INPUT,
                "test.json: $.s: expected a number, found the string \"text\"");
  check_failure(lb_json_number(root, "z", 0, 1, &number), LB_INPUT, "$.z: expected a number, found null");
  check_failure(lb_json_number(root, "n", 0, 1, &number), LB_INPUT,
                "$.n: expected a number from 0 to 1, found the number 2.5");
  check_failure(lb_json_number(root, "n", 3, INFINITY, &number), LB_INPUT, "expected a number of at least 3");
  check_failure(lb_json_number(root, "n", -INFINITY, 0.1, &number), LB_INPUT, "expected a number of at most 0.1");
  check_failure(lb_json_int(root, "n", 0, 9, &integer), LB_INPUT, "expected a whole number, found the number 2.5");
  check_failure(lb_json_int(root, "big", 0, 9, &integer), LB_INPUT, "expected a whole number from 0 to 9");
  check_failure(lb_json_bool(root, "n", &flag), LB_INPUT, "expected true or false");
  check_failure(lb_json_string(root, "t", &string), LB_INPUT, "expected a string, found true");
  check_failure(lb_json_string(root, "o", &string), LB_INPUT, "expected a string, found an object");
  check_failure(lb_json_choice(root, "s", choices, 2, &integer), LB_INPUT,
                "$.s: unknown value 'text' (did you mean 'test'?)");
  check_failure(lb_json_object(root, "a", &node), LB_INPUT, "expected an object, found an array of 2 elements");
  check_failure(lb_json_array(root, "o", &node, &length), LB_INPUT, "expected an array, found an object");
  check_failure(lb_json_numbers(root, "a", 3, arena, &values, NULL), LB_INPUT, "$.a: expected 3 numbers, found 2");
  check_failure(lb_json_numbers(root, "a", 2, arena, &values, NULL), LB_INPUT,
                "$.a[1]: expected a number, found the string \"x\"");
  assert_ok(lb_json_object(root, "o", &node));
  assert_ok(lb_json_object(node, "x", &child));
  check_failure(lb_json_number(child, "y", 0, 1, &number), LB_INPUT, "$.o.x.y: expected a number");
  check_failure(lb_json_fail(child, "is %d", 7), LB_INPUT, "test.json: $.o.x: is 7");
  lb_arena_free(arena);
  lb_json_free(doc);
}

static void unknown_keys_are_named(void** state) {
  (void)state;
  lb_json* doc = parse("{\"horizon\": 1, \"wieght\": 2, \"sub\": {\"zzz\": 1}, \"n\": 1}");
  lb_node root = lb_json_root(doc), node;
  const char* const known[] = {"horizon", "weight", "sub", "n"};
  check_failure(lb_json_keys(root, known, 4), LB_INPUT, "test.json: $: unknown key 'wieght' (did you mean 'weight'?)");
  assert_ok(lb_json_object(root, "sub", &node));
  check_failure(lb_json_keys(node, known, 2), LB_INPUT,
                "test.json: $.sub: unknown key 'zzz', expected one of 'horizon', 'weight'");
  check_failure(lb_json_keys(node, NULL, 0), LB_INPUT, "unknown key 'zzz', expected none");
  assert_ok(lb_json_child(root, "n", &node));
  check_failure(lb_json_keys(node, known, 4), LB_INPUT, "$.n: expected an object, found the number 1");
  const char* const all[] = {"wieght", "n", "sub", "horizon", "more"};
  assert_ok(lb_json_keys(root, all, 5));
  lb_json_free(doc);
}

static void long_and_odd_names_are_shown_safely(void** state) {
  (void)state;
  lb_text text = {0};
  lb_text_add(&text, "{\"");
  for (int i = 0; i < 1000; i++) lb_text_add(&text, "long\\u001b[31m\\n");
  lb_text_add(&text, "\": {\"x\": 1}}");
  lb_json* doc = parse(text.data);
  lb_node node, root = lb_json_root(doc);
  assert_ok(lb_json_child(root, lb_json_key(root, 0), &node));
  assert_int_equal(strlen(node.path), sizeof node.path - 1);
  assert_non_null(strstr(node.path, "..."));
  lb_status status = lb_json_fail(node, "wrong");
  for (const char* c = status.text; *c; c++) assert_true((unsigned char)*c >= 0x20);
  lb_json_free(doc);
  lb_text_free(&text);
}

static void check_canonical(const char* text, const char* expected) {
  lb_json* doc = parse(text);
  char* canonical = lb_json_canonical(lb_json_root(doc));
  assert_string_equal(canonical, expected);
  free(canonical);
  lb_json_free(doc);
}

static void canonical_text_depends_on_content_only(void** state) {
  (void)state;
  const char* expected = "{\"a\":[1,{\"x\":\"\xC3\xA9\",\"y\":null}],\"b\":0.1,\"c\":true}";
  check_canonical("{\"a\":[1,{\"x\":\"\xC3\xA9\",\"y\":null}],\"b\":0.1,\"c\":true}", expected);
  check_canonical(" { \"c\" : true , \"b\":1e-1,\n\"a\":[1.0,{\"y\":null,\"x\":\"\\u00e9\"}] } ", expected);
  check_canonical("3", "3");
  check_canonical("\"a\\nb\"", "\"a\\nb\"");
}

// Damage of every kind to a good text: each is accepted or refused, never worse (the sanitizers watch).
static void damaged_texts_do_no_harm(void** state) {
  (void)state;
  const char good[] = "{\"a\": [1, -2.5e3, true, null], \"b\\u00e9\\n\": {\"c\": \"\xF0\x9F\x98\x80\"}, \"d\": []}";
  enum { N = sizeof good - 1 };
  char text[N + 1];
  int accepted = 0, refused = 0;
  for (size_t n = 0; n <= N; n++) {
    memcpy(text, good, n);
    text[n] = '\0';
    lb_json* doc;
    if (lb_json_parse(&doc, text, "x").code == LB_OK) accepted++;
    lb_json_free(doc);
  }
  assert_int_equal(accepted, 1);
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  for (int iteration = 0; iteration < 20000; iteration++) {
    memcpy(text, good, N + 1);
    for (int k = 0; k < 1 + iteration % 3; k++) text[lb_rng_below(&rng, N)] = (char)(1 + lb_rng_below(&rng, 255));
    lb_json* doc;
    lb_status status = lb_json_parse(&doc, text, "x");
    if (status.code == LB_OK) {
      free(lb_json_canonical(lb_json_root(doc)));
    } else {
      refused++;
      assert_int_equal(status.code, LB_INPUT);
    }
    lb_json_free(doc);
  }
  assert_true(refused > 10000);
}

// A quarter of a million elements and keys, asked for one by one: some milliseconds each. A walk from the first to each
// would take minutes.
static void large_documents_are_read_in_linear_time(void** state) {
  (void)state;
  enum { N = 250000 };
  lb_text text = {0};
  lb_text_add(&text, "{\"rows\":[");
  for (int i = 0; i < N; i++) lb_text_add(&text, "%s[%d]", i ? "," : "", i);
  lb_text_add(&text, "]");
  for (int i = 0; i < N; i++) lb_text_add(&text, ",\"k%d\":%d", (int)((i * 7919LL) % N), i);
  lb_text_add(&text, "}");
  clock_t start = clock();
  lb_json* doc = parse(text.data);
  lb_node root = lb_json_root(doc), rows;
  int n;
  assert_ok(lb_json_array(root, "rows", &rows, &n));
  assert_int_equal(n, N);
  for (int i = 0; i < lb_json_length(rows); i++) {
    double value;
    assert_ok(lb_json_as_number(lb_json_element(lb_json_element(rows, i), 0), 0, N, &value));
    assert_true(value == i);
  }
  assert_int_equal(lb_json_length(root), N + 1);
  for (int i = 1; i < lb_json_length(root); i++) {
    int value;
    assert_ok(lb_json_int(root, lb_json_key(root, i), 0, N, &value));
    assert_int_equal(value, i - 1);
  }
  assert_false(lb_json_has(root, "k"));
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20);
  free(lb_json_canonical(root));
  lb_json_free(doc);
  lb_text_free(&text);
}

static void a_key_that_occurs_twice_among_many(void** state) {
  (void)state;
  lb_text text = {0};
  lb_json* doc;
  lb_text_add(&text, "{");
  for (int i = 0; i < 100; i++) lb_text_add(&text, "\"k%d\":%d,", i, i);
  lb_text_add(&text, "\"k50\":0}");
  check_failure(lb_json_parse(&doc, text.data, "x"), LB_INPUT, "x: $: the key 'k50' occurs twice");
  lb_text_free(&text);
}

static void what_is_written_is_read(void** state) {
  (void)state;
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  enum { N = 1000 };
  double values[N];
  for (int i = 0; i < N; i++) values[i] = lb_rng_normal(&rng) * pow(10, lb_rng_normal(&rng) * 50);
  char bytes[128];
  for (int i = 0; i < 127; i++) bytes[i] = (char)(i + 1);
  bytes[127] = '\0';
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_numbers(&w, "values", values, N);
  lb_json_write_string(&w, "text", bytes);
  lb_json_write_end_object(&w);
  lb_json* doc = parse(text.data);
  lb_arena* arena = lb_arena_new(0);
  double* again;
  const char* string;
  assert_ok(lb_json_numbers(lb_json_root(doc), "values", N, arena, &again, NULL));
  assert_memory_equal(again, values, sizeof values);
  assert_ok(lb_json_string(lb_json_root(doc), "text", &string));
  assert_string_equal(string, bytes);
  lb_arena_free(arena);
  lb_json_free(doc);
  lb_text_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(syntax_errors_name_line_and_column),
      cmocka_unit_test(numbers_are_strict),
      cmocka_unit_test(strings_are_strict),
      cmocka_unit_test(nesting_is_limited),
      cmocka_unit_test(duplicate_keys_are_refused),
      cmocka_unit_test(files_that_cannot_be_read),
      cmocka_unit_test(values_come_back),
      cmocka_unit_test(missing_values_have_defaults),
      cmocka_unit_test(wrong_values_are_described),
      cmocka_unit_test(unknown_keys_are_named),
      cmocka_unit_test(long_and_odd_names_are_shown_safely),
      cmocka_unit_test(canonical_text_depends_on_content_only),
      cmocka_unit_test(damaged_texts_do_no_harm),
      cmocka_unit_test(large_documents_are_read_in_linear_time),
      cmocka_unit_test(a_key_that_occurs_twice_among_many),
      cmocka_unit_test(what_is_written_is_read),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
