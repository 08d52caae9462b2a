// .npz archives: what is written is read, what is wrong is refused in words, and damage does no harm. Whether NumPy
// agrees is for test_numpy.py.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "damage.h"
#include "io/npz.h"
#include "io/zip.h"
#include "temporary.h"

// Writes an archive, reads its bytes back and frees the writer.
static uint8_t* bytes_of(lb_npz_writer* w, size_t* n) {
  char* bytes;
  assert_ok(lb_npz_save(w, temporary("a.npz")));
  assert_ok(lb_file_read(temporary("a.npz"), &bytes, n));
  lb_npz_writer_free(w);
  return (uint8_t*)bytes;
}

static lb_npz_writer* sample(bool deflate) {
  static const float f32[] = {1.5f, -2.25f, 3e-30f};
  static const double f64[] = {0.1, -1e300, 0, -0.0, 5e-324, 7};
  static const bool flags[] = {true, false, true};
  static const int8_t i8[] = {-128, 127};
  static const int16_t i16[] = {-32768, 32767};
  static const int32_t i32[] = {INT32_MIN, INT32_MAX};
  static const int64_t i64[] = {INT64_MIN, INT64_MAX};
  static const uint8_t u8[] = {0, 255};
  static const uint16_t u16[] = {0, 65535};
  static const uint32_t u32[] = {0, UINT32_MAX};
  static const uint64_t u64[] = {0, UINT64_MAX};
  static const int64_t two[] = {2}, three[] = {3}, matrix[] = {2, 3}, deep[] = {1, 2, 1, 3, 1}, none[] = {0, 4};
  lb_npz_writer* w = lb_npz_writer_new(deflate);
  lb_npz_add(w, "f32", LB_F32, 1, three, f32);
  lb_npz_add_doubles(w, "infos/f64", 2, matrix, f64);
  lb_npz_add_doubles(w, "deep", 5, deep, f64);
  lb_npz_add_doubles(w, "none", 2, none, NULL);
  lb_npz_add_doubles(w, "scalar", 0, NULL, f64);
  lb_npz_add(w, "flags", LB_BOOL, 1, three, flags);
  lb_npz_add(w, "i8", LB_I8, 1, two, i8);
  lb_npz_add(w, "i16", LB_I16, 1, two, i16);
  lb_npz_add(w, "i32", LB_I32, 1, two, i32);
  lb_npz_add(w, "i64", LB_I64, 1, two, i64);
  lb_npz_add(w, "u8", LB_U8, 1, two, u8);
  lb_npz_add(w, "u16", LB_U16, 1, two, u16);
  lb_npz_add(w, "u32", LB_U32, 1, two, u32);
  lb_npz_add(w, "u64", LB_U64, 1, two, u64);
  lb_npz_add_string(w, "text", "{\"caf\xC3\xA9\": \"\xF0\x9F\x98\x80\"}");
  lb_npz_add_string(w, "empty", "");
  return w;
}

static void check_values(const lb_npz* npz, const char* name, int n, const double* expected) {
  lb_arena* arena = lb_arena_new(0);
  const lb_array* array = lb_npz_find(npz, name);
  assert_non_null(array);
  double* values;
  int64_t shape[LB_MAX_RANK];
  assert_ok(lb_npz_doubles(npz, name, array->rank, NULL, arena, &values, shape));
  assert_int_equal(array->size, n);
  for (int i = 0; i < array->rank; i++) assert_int_equal(shape[i], array->shape[i]);
  for (int i = 0; i < n; i++) assert_true(values[i] == expected[i] && signbit(values[i]) == signbit(expected[i]));
  assert_int_equal((uintptr_t)array->data % 8, 0);
  lb_arena_free(arena);
}

static void check_sample(bool deflate) {
  size_t n;
  uint8_t* bytes = bytes_of(sample(deflate), &n);
  lb_npz* npz;
  assert_ok(lb_npz_parse(&npz, bytes, n, "origin"));
  assert_string_equal(lb_npz_origin(npz), "origin");
  assert_int_equal(lb_npz_count(npz), 16);
  assert_string_equal(lb_npz_at(npz, 1)->name, "infos/f64");
  assert_null(lb_npz_find(npz, "f64"));
  check_values(npz, "f32", 3, (double[]){1.5, -2.25, (double)3e-30f});
  check_values(npz, "infos/f64", 6, (double[]){0.1, -1e300, 0, -0.0, 5e-324, 7});
  check_values(npz, "deep", 6, (double[]){0.1, -1e300, 0, -0.0, 5e-324, 7});
  check_values(npz, "none", 0, NULL);
  check_values(npz, "scalar", 1, (double[]){0.1});
  check_values(npz, "flags", 3, (double[]){1, 0, 1});
  check_values(npz, "i8", 2, (double[]){-128, 127});
  check_values(npz, "i16", 2, (double[]){-32768, 32767});
  check_values(npz, "i32", 2, (double[]){-2147483648.0, 2147483647});
  check_values(npz, "i64", 2, (double[]){-0x1p63, 0x1p63});
  check_values(npz, "u8", 2, (double[]){0, 255});
  check_values(npz, "u16", 2, (double[]){0, 65535});
  check_values(npz, "u32", 2, (double[]){0, 4294967295.0});
  check_values(npz, "u64", 2, (double[]){0, 0x1p64});
  assert_true(((const int64_t*)lb_npz_find(npz, "i64")->data)[1] == INT64_MAX);
  const char* text;
  assert_ok(lb_npz_string(npz, "text", &text));
  assert_string_equal(text, "{\"caf\xC3\xA9\": \"\xF0\x9F\x98\x80\"}");
  assert_ok(lb_npz_string(npz, "empty", &text));
  assert_string_equal(text, "");
  lb_npz_free(npz);
  free(bytes);
}

static void stored_arrays_come_back(void** state) {
  (void)state;
  check_sample(false);
}

static void deflated_arrays_come_back(void** state) {
  (void)state;
  check_sample(true);
}

static void the_same_arrays_give_the_same_bytes(void** state) {
  (void)state;
  size_t n, again_n;
  uint8_t *bytes = bytes_of(sample(true), &n), *again = bytes_of(sample(true), &again_n);
  assert_int_equal(n, again_n);
  assert_memory_equal(bytes, again, n);
  free(bytes);
  free(again);
}

// A view is the array itself, not a copy: what is saved is what it holds then.
static void views_give_the_same_bytes(void** state) {
  (void)state;
  static const int64_t shape[] = {3, 500}, none[] = {0};
  static float data[1500];
  for (int deflate = 0; deflate < 2; deflate++) {
    lb_npz_writer *copied = lb_npz_writer_new(deflate), *viewed = lb_npz_writer_new(deflate);
    for (int i = 0; i < 1500; i++) data[i] = (float)i;
    lb_npz_add(copied, "a", LB_F32, 2, shape, data);
    lb_npz_add(copied, "none", LB_F32, 1, none, data);
    lb_npz_add_string(copied, "text", "after");
    lb_npz_add_view(viewed, "a", LB_F32, 2, shape, data);
    lb_npz_add_view(viewed, "none", LB_F32, 1, none, data);
    lb_npz_add_string(viewed, "text", "after");
    size_t n, m;
    uint8_t *a = bytes_of(copied, &n), *b = bytes_of(viewed, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(a);
    free(b);
  }
}

static void deflate_makes_large_arrays_small(void** state) {
  (void)state;
  enum { N = 500000 };
  double* zeros = calloc(N, sizeof *zeros);
  lb_npz_writer* w = lb_npz_writer_new(true);
  lb_npz_add_doubles(w, "zeros", 1, (int64_t[]){N}, zeros);
  size_t n;
  uint8_t* bytes = bytes_of(w, &n);
  assert_true(n < 10000);
  lb_npz* npz;
  assert_ok(lb_npz_parse(&npz, bytes, n, "zeros.npz"));
  assert_memory_equal(lb_npz_find(npz, "zeros")->data, zeros, N * sizeof *zeros);
  lb_npz_free(npz);
  free(bytes);
  free(zeros);
}

static void an_archive_without_arrays(void** state) {
  (void)state;
  size_t n;
  uint8_t* bytes = bytes_of(lb_npz_writer_new(false), &n);
  lb_npz* npz;
  assert_ok(lb_npz_parse(&npz, bytes, n, "none.npz"));
  assert_int_equal(lb_npz_count(npz), 0);
  lb_npz_free(npz);
  free(bytes);
}

static void text_that_is_not_utf8_is_mended_when_written(void** state) {
  (void)state;
  lb_npz_writer* w = lb_npz_writer_new(false);
  lb_npz_add_string(w, "text", "a\xFFz");
  size_t n;
  uint8_t* bytes = bytes_of(w, &n);
  lb_npz* npz;
  const char* text;
  assert_ok(lb_npz_parse(&npz, bytes, n, "text.npz"));
  assert_ok(lb_npz_string(npz, "text", &text));
  assert_string_equal(text, "a\xEF\xBF\xBDz");
  lb_npz_free(npz);
  free(bytes);
}

static void requests_that_do_not_fit_are_refused(void** state) {
  (void)state;
  lb_npz_writer* w = sample(false);
  const double bad[] = {1, 2, 3, NAN, 5, 6};
  lb_npz_add_doubles(w, "bad", 2, (int64_t[]){2, 3}, bad);
  lb_npz_add_doubles(w, "worse", 0, NULL, (double[]){INFINITY});
  lb_npz_add(w, "latin", LB_U8, 1, (int64_t[]){2}, "\xE9x");
  lb_npz_add(w, "letters", LB_U8, 1, (int64_t[]){2}, "ab");
  size_t n;
  uint8_t* bytes = bytes_of(w, &n);
  lb_npz* npz;
  assert_ok(lb_npz_parse(&npz, bytes, n, "demo.npz"));
  lb_arena* arena = lb_arena_new(0);
  double* values;
  bool* flags;
  const char* text;
  check_failure(lb_npz_doubles(npz, "f46", 1, NULL, arena, &values, NULL), LB_INPUT,
                "demo.npz: the array 'f46' is missing (is it 'f32'?)");
  check_failure(lb_npz_doubles(npz, "rows/bad", 2, NULL, arena, &values, NULL), LB_INPUT,
                "demo.npz: the array 'rows/bad' is missing (is it 'bad'?)");
  lb_npz_know(npz, (const char* const[]){"f32"}, 1);
  lb_status missing = lb_npz_doubles(npz, "f31", 1, NULL, arena, &values, NULL);
  assert_null(strstr(missing.text, "'f32'"));
  lb_npz_know(npz, NULL, 0);
  check_failure(lb_npz_doubles(npz, "observations", 1, NULL, arena, &values, NULL), LB_INPUT,
                "the array 'observations' is missing");
  check_failure(lb_npz_doubles(npz, "infos/f64", 2, (int64_t[]){-1, 4}, arena, &values, NULL), LB_INPUT,
                "demo.npz: the array 'infos/f64' has shape (2, 3), expected (any, 4)");
  check_failure(lb_npz_doubles(npz, "f32", 2, NULL, arena, &values, NULL), LB_INPUT,
                "has shape (3,), expected (any, any)");
  check_failure(lb_npz_doubles(npz, "scalar", 1, (int64_t[]){1}, arena, &values, NULL), LB_INPUT,
                "has shape (), expected (1,)");
  check_failure(lb_npz_doubles(npz, "text", 0, NULL, arena, &values, NULL), LB_INPUT, "is a str, expected numbers");
  check_failure(lb_npz_doubles(npz, "bad", 2, NULL, arena, &values, NULL), LB_INPUT,
                "the array 'bad'[1, 0] is nan, expected finite numbers");
  check_failure(lb_npz_doubles(npz, "worse", 0, NULL, arena, &values, NULL), LB_INPUT, "the array 'worse' is inf");
  check_failure(lb_npz_bools(npz, "f32", 3, arena, &flags), LB_INPUT, "'f32'[0] is 1.5, expected 0 or 1");
  check_failure(lb_npz_bools(npz, "flags", 4, arena, &flags), LB_INPUT, "has shape (3,), expected (4,)");
  check_failure(lb_npz_bools(npz, "text", 4, arena, &flags), LB_INPUT, "is a str, expected 0 and 1");
  check_failure(lb_npz_string(npz, "f32", &text), LB_INPUT, "is numeric, expected a str");
  check_failure(lb_npz_string(npz, "latin", &text), LB_INPUT, "'latin' is not UTF-8 text");
  check_failure(lb_npz_string(npz, "u8", &text), LB_INPUT, "'u8' is not UTF-8 text");
  assert_ok(lb_npz_string(npz, "letters", &text));
  assert_string_equal(text, "ab");
  assert_ok(lb_npz_bools(npz, "flags", 3, arena, &flags));
  assert_true(flags[0] && !flags[1] && flags[2]);
  assert_ok(lb_npz_doubles(npz, "infos/f64", 2, (int64_t[]){2, -1}, arena, &values, NULL));
  lb_arena_free(arena);
  lb_npz_free(npz);
  free(bytes);
}

// An archive of one entry with these bytes, and what asking for it says.
static lb_status read_entry(const char* name, const void* data, size_t n) {
  lb_zip_writer zip = {0};
  lb_npz* npz;
  const lb_array* array;
  assert_ok(lb_zip_add(&zip, name, data, n, false));
  assert_ok(lb_zip_end(&zip));
  lb_status status = lb_npz_parse(&npz, zip.archive.data, zip.archive.length, "x.npz");
  if (status.code == LB_OK) status = lb_npz_fetch(npz, lb_npz_at(npz, 0)->name, &array);
  lb_npz_free(npz);
  lb_zip_writer_free(&zip);
  return status;
}

// An entry with this header text and so many zero bytes of data.
static lb_status read_npy(int major, const char* header, size_t data_bytes) {
  lb_text npy = {0};
  size_t n = strlen(header) + 1;  // and a newline
  const char start[] = {(char)0x93, 'N', 'U', 'M', 'P', 'Y', (char)major, 0, (char)(n & 0xFF), (char)(n >> 8 & 0xFF),
                        0,          0};
  lb_text_add_bytes(&npy, start, major == 1 ? 10 : 12);
  lb_text_add(&npy, "%s\n", header);
  char* zeros = calloc(data_bytes + 1, 1);
  lb_text_add_bytes(&npy, zeros, data_bytes);
  lb_status status = read_entry("a.npy", npy.data, npy.length);
  free(zeros);
  lb_text_free(&npy);
  return status;
}

static void headers_in_all_good_forms(void** state) {
  (void)state;
  assert_ok(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 48));
  assert_ok(read_npy(2, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }      ", 48));
  assert_ok(read_npy(3, "{'shape': (2, 3,), \"descr\": \"<f8\", 'fortran_order': False}", 48));
  assert_ok(read_npy(1, "{'descr':'<i1','fortran_order':False,'shape':(3,)}", 3));
  assert_ok(read_npy(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (), }", 1));
  assert_ok(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 100000), }", 0));
  assert_ok(read_npy(1, "{'descr': '<U3', 'fortran_order': False, 'shape': (), }", 12));
  assert_ok(read_npy(1, "{'descr': '<U0', 'fortran_order': False, 'shape': (), }", 0));
}

static void headers_that_are_refused(void** state) {
  (void)state;
#define REST "'fortran_order': False, 'shape': (2,), }"
  check_failure(read_npy(1, "{'descr': '>f8', " REST, 16), LB_INPUT,
                "x.npz: entry 'a.npy': is big-endian (dtype '>f8'), save it with astype('<f8')");
  check_failure(read_npy(1, "{'descr': '|O', " REST, 16), LB_INPUT, "entry 'a.npy': holds Python objects");
  check_failure(read_npy(1, "{'descr': [('x', '<f8')], " REST, 16), LB_INPUT, "has a structured dtype");
  check_failure(read_npy(1, "{'descr': '<c16', " REST, 32), LB_INPUT, "has dtype '<c16', expected float32");
  check_failure(read_npy(1, "{'descr': '<f2', " REST, 4), LB_INPUT, "has dtype '<f2'");
  check_failure(read_npy(1, "{'descr': '|S4', " REST, 8), LB_INPUT, "has dtype '|S4'");
  check_failure(read_npy(1, "{'descr': '<M8[s]', " REST, 16), LB_INPUT, "has dtype '<M8[s]'");
  check_failure(read_npy(1, "{'descr': '|f8', " REST, 16), LB_INPUT, "has dtype '|f8'");
  check_failure(read_npy(1, "{'descr': '<U2', " REST, 16), LB_INPUT, "is an array of strings");
  check_failure(read_npy(1, "{'descr': '<Ux', 'fortran_order': False, 'shape': ()}", 16), LB_INPUT, "malformed");
  check_failure(read_npy(1, "{'descr': '', " REST, 16), LB_INPUT, "malformed");
  check_failure(read_npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2,), }", 16), LB_INPUT,
                "is in Fortran order, save it with numpy.ascontiguousarray");
  check_failure(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,2), }", 16), LB_INPUT,
                "has more than 5 dimensions");
  check_failure(read_npy(4, "{'descr': '<f8', " REST, 16), LB_INPUT, "has .npy version 4.0, expected 1.0 to 3.0");
  const char* const malformed[] = {
      "",
      "{}",
      "{'descr': '<f8', 'fortran_order': False}",
      "{'descr': '<f8', 'shape': (2,)}",
      "{'descr': '<f8', 'descr': '<f8', " REST,
      "{'descr': '<f8', 'more': 1, " REST,
      "{'descr': '<f8' " REST,
      "{'descr': '<f8', " REST " x",
      "{'descr': '<f8', " REST "\n",
      "{'descr': <f8, " REST,
      "{'descr': '<f8",
      "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': 2, }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2 3), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (,), }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2,",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,), }",
  };
  for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
    check_failure(read_npy(1, malformed[i], 16), LB_INPUT, "x.npz: entry 'a.npy': has a malformed .npy header");
  }
}

static void sizes_must_add_up(void** state) {
  (void)state;
  const char* const wrong = "bytes of data, which is not what its shape says";
  check_failure(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 8), LB_INPUT, wrong);
  check_failure(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 24), LB_INPUT, wrong);
  check_failure(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 17), LB_INPUT, wrong);
  check_failure(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", 8), LB_INPUT, wrong);
  // A product of 2^64, and one just past: neither may pass for a small one.
  check_failure(read_npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 0),
                LB_INPUT, wrong);
  check_failure(read_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (281474976710656, 65536, 2), }", 16),
                LB_INPUT, wrong);
}

static void contents_are_checked(void** state) {
  (void)state;
  check_failure(read_entry("a.npy", "\x93NUMP", 5), LB_INPUT, "entry 'a.npy': is not a .npy array");
  check_failure(read_entry("a.npy", "", 0), LB_INPUT, "entry 'a.npy': is not a .npy array");
  check_failure(read_entry("a.npy", "\x93NUMPY\x01\x00\xFF\xFF{}", 12), LB_INPUT, "malformed");
  check_failure(read_entry("a.npy", "\x93NUMPY\x02\x00\x00\x00", 10), LB_INPUT, "malformed");
  check_failure(read_entry("a.npy", "\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF{}", 14), LB_INPUT, "malformed");
  check_failure(read_entry("readme.txt", "hello", 5), LB_INPUT, "entry 'readme.txt': is not a .npy array");
  check_failure(read_entry(".npy", "hello", 5), LB_INPUT, "entry '.npy': is not a .npy array");
  const char flags[] = "\x93NUMPY\x01\x00\x38\x00{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}\n\x01\x02";
  check_failure(read_entry("a.npy", flags, sizeof flags - 1), LB_INPUT, "is a bool array with the byte 2 at 1");
  const char text[] =
      "\x93NUMPY\x01\x00\x36\x00{'descr': '<U1', 'fortran_order': False, 'shape': ()}\n\x00\xD8\x00\x00";
  check_failure(read_entry("a.npy", text, sizeof text - 1), LB_INPUT, "is a str with an invalid character at 0");
  const char gap[] =
      "\x93NUMPY\x01\x00\x36\x00{'descr': '<U3', 'fortran_order': False, 'shape': ()}\na\0\0\0\0\0\0\0b\0\0\0";
  check_failure(read_entry("a.npy", gap, sizeof gap - 1), LB_INPUT, "is a str with an invalid character at 2");
}

static const char half_header[] = "\x93NUMPY\x01\x00\x38\x00{'descr': '<f2', 'fortran_order': False, 'shape': (2,)}\n";

// An archive with an array that we read, and others that we do not; two of them in folders of the zip's own.
static uint8_t* mixed_archive(size_t* n) {
  lb_zip_writer zip = {0};
  char half[sizeof half_header - 1 + 4] = "";
  char good[] = "\x93NUMPY\x01\x00\x38\x00{'descr': '|i1', 'fortran_order': False, 'shape': (2,)}\n\x07\x08";
  memcpy(half, half_header, sizeof half_header - 1);
  assert_ok(lb_zip_add(&zip, "metadata/", "", 0, false));
  assert_ok(lb_zip_add(&zip, "metadata/note.txt", "hello", 5, false));
  assert_ok(lb_zip_add(&zip, "half.npy", half, sizeof half, true));
  assert_ok(lb_zip_add(&zip, "good.npy", good, sizeof good - 1, true));
  assert_ok(lb_zip_end(&zip));
  uint8_t* bytes = malloc(zip.archive.length);
  *n = zip.archive.length;
  memcpy(bytes, zip.archive.data, *n);
  lb_zip_writer_free(&zip);
  return bytes;
}

static void check_mixed(const lb_npz* npz) {
  lb_arena* arena = lb_arena_new(0);
  double* values;
  assert_int_equal(lb_npz_count(npz), 3);  // the folder is none
  assert_ok(lb_npz_doubles(npz, "good", 1, (int64_t[]){2}, arena, &values, NULL));
  assert_true(values[0] == 7 && values[1] == 8);
  assert_true(lb_npz_has(npz, "half") && !lb_npz_find(npz, "half") && !lb_npz_has(npz, "metadata"));
  check_failure(lb_npz_doubles(npz, "half", 1, NULL, arena, &values, NULL), LB_INPUT,
                "entry 'half.npy': has dtype '<f2'");
  const char* text;
  check_failure(lb_npz_string(npz, "metadata/note.txt", &text), LB_INPUT, "'metadata/note.txt': is not a .npy array");
  lb_arena_free(arena);
}

static void entries_that_nobody_asks_for_do_no_harm(void** state) {
  (void)state;
  size_t n;
  uint8_t* bytes = mixed_archive(&n);
  lb_npz* npz;
  assert_ok(lb_npz_parse(&npz, bytes, n, "x.npz"));
  check_mixed(npz);
  lb_npz_free(npz);
  write_plainly(temporary("mixed.npz"), bytes, n);
  assert_ok(lb_npz_open(&npz, temporary("mixed.npz")));
  assert_null(lb_npz_find(npz, "good")->data);
  assert_int_equal(lb_npz_find(npz, "good")->size, 2);
  check_mixed(npz);
  assert_non_null(lb_npz_find(npz, "good")->data);
  lb_npz_free(npz);
  free(bytes);
}

static void what_is_not_asked_for_is_not_unpacked(void** state) {
  (void)state;
  size_t n;
  lb_npz_writer* w = lb_npz_writer_new(false);
  lb_npz_add_doubles(w, "a", 1, (int64_t[]){2}, (double[]){1, 2});
  lb_npz_add_doubles(w, "b", 1, (int64_t[]){2}, (double[]){3, 4});
  uint8_t *bytes = bytes_of(w, &n), *at = memmem(bytes, n, &(double){3}, sizeof(double));
  at[0] ^= 1;
  write_plainly(temporary("damaged.npz"), bytes, n);
  lb_npz* npz;
  lb_arena* arena = lb_arena_new(0);
  double* values;
  check_failure(lb_npz_load(&npz, temporary("damaged.npz")), LB_INPUT, "entry 'b.npy': has a wrong CRC");
  assert_ok(lb_npz_open(&npz, temporary("damaged.npz")));
  assert_ok(lb_npz_doubles(npz, "a", 1, NULL, arena, &values, NULL));
  check_failure(lb_npz_doubles(npz, "b", 1, NULL, arena, &values, NULL), LB_INPUT, "entry 'b.npy': has a wrong CRC");
  lb_arena_free(arena);
  lb_npz_free(npz);
  free(bytes);
}

static void names_that_leave_the_archive_are_refused(void** state) {
  (void)state;
  const char* const names[] = {"/a.npy",  "../a.npy", "a/../b.npy", "a/..", "..",        "a//b.npy",
                               "./a.npy", "a\\b.npy", "",           "a/",   "a/./b.npy", "\xFF.npy"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    check_failure(read_entry(names[i], "x", 1), LB_INPUT, "the name is not a plain relative path");
  }
}

static void a_name_must_not_occur_twice(void** state) {
  (void)state;
  lb_zip_writer zip = {0};
  lb_npz* npz;
  assert_ok(lb_zip_add(&zip, "a.npy", "x", 1, false));
  assert_ok(lb_zip_add(&zip, "b.npy", "x", 1, false));
  assert_ok(lb_zip_add(&zip, "a.npy", "x", 1, false));
  assert_ok(lb_zip_end(&zip));
  check_failure(lb_npz_parse(&npz, zip.archive.data, zip.archive.length, "x.npz"), LB_INPUT,
                "x.npz: entry 'a.npy': occurs twice");
  lb_zip_writer_free(&zip);
}

static void other_files_are_named_for_what_they_are(void** state) {
  (void)state;
  const struct {
    const char* bytes;
    size_t n;
    const char* words;
  } cases[] = {
      {"", 0, "x: is not a .npz archive"},
      {"hello, this is a text of some length", 36, "x: is not a .npz archive"},
      {"\x93NUMPY\x01\x00 and so on, long enough", 33, "x: is a single .npy array, expected a .npz archive"},
      {"\x89HDF\r\n\x1a\n and so on, long enough", 33, "x: is an HDF5 file"},
      {"PK\x03\x04 and so on, long enough for it", 32, "x: is truncated or damaged"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    lb_npz* npz;
    check_failure(lb_npz_parse(&npz, cases[i].bytes, cases[i].n, "x"), LB_INPUT, cases[i].words);
    assert_null(npz);
  }
  lb_npz* npz;
  check_failure(lb_npz_load(&npz, temporary("missing.npz")), LB_INPUT, "missing.npz: no such file");
}

static void put(uint8_t* at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> 8 * i);
}

// The place of a signature.
static uint8_t* find(uint8_t* bytes, size_t n, const char* signature) {
  uint8_t* at = memmem(bytes, n, signature, 4);
  assert_non_null(at);
  return at;
}

// Entries that promise 16 GiB together, each within what deflate can do, are refused before any is unpacked.
static void archives_that_promise_too_much_are_refused(void** state) {
  (void)state;
  enum { MANY = 5 };
  size_t packed = 4 << 20;
  uint8_t* data = calloc(packed, 1);
  lb_zip_writer zip = {0};
  for (int i = 0; i < MANY; i++) {
    char name[] = "a.npy";
    name[0] = (char)('a' + i);
    assert_ok(lb_zip_add(&zip, name, data, packed, false));
  }
  assert_ok(lb_zip_end(&zip));
  uint8_t* bytes = (uint8_t*)zip.archive.data;
  for (size_t at = 0; at + 46 < zip.archive.length; at++) {
    if (memcmp(bytes + at, "PK\x01\x02", 4) != 0) continue;
    put(bytes + at + 10, 8, 2);           // deflated
    put(bytes + at + 24, 0xF0000000, 4);  // to 3.75 GiB
  }
  lb_npz* npz;
  check_failure(lb_npz_parse(&npz, bytes, zip.archive.length, "bomb.npz"), LB_INPUT,
                "bomb.npz: entry 'c.npy': with it the archive unpacks to more than 8 GiB");
  lb_zip_writer_free(&zip);
  free(data);
}

// One field of a good deflated archive is overwritten in the directory and, where it has a twin, in the local header.
static void check_lie(int central, int local, int width, uint64_t value, const char* words) {
  lb_npz_writer* w = lb_npz_writer_new(true);
  double zeros[100] = {0};
  lb_npz_add_doubles(w, "a", 1, (int64_t[]){100}, zeros);
  size_t n;
  uint8_t* bytes = bytes_of(w, &n);
  put(find(bytes, n, "PK\x01\x02") + central, value, width);
  if (local >= 0) put(find(bytes, n, "PK\x03\x04") + local, value, width);
  lb_npz* npz;
  check_failure(lb_npz_parse(&npz, bytes, n, "lie.npz"), LB_INPUT, words);
  free(bytes);
}

static void lies_of_the_headers_are_seen(void** state) {
  (void)state;
  check_lie(16, 14, 4, 12345, "lie.npz: entry 'a.npy': has a wrong CRC");
  check_lie(16, -1, 4, 12345, "its two headers contradict each other");
  check_lie(20, 18, 4, 10, "cannot be unpacked");
  check_lie(20, 18, 4, 0xFFFFFFF0, "reaches past the end of the file");
  check_lie(24, 22, 4, 900, "cannot be unpacked");
  check_lie(24, 22, 4, 1000, "cannot be unpacked");
  check_lie(24, 22, 4, 0xFFFFFFF0, "the stated sizes contradict each other");  // 4 GiB from a few bytes
  check_lie(24, 22, 4, 0xFFFFFFFF, "lie.npz: the zip directory is damaged");   // zip64 without its field
  check_lie(42, -1, 4, 0xFFFFFF00, "reaches past the end of the file");
  check_lie(42, -1, 4, 1, "its two headers contradict each other");
  check_lie(8, 6, 2, 1, "is encrypted");
  check_lie(8, 6, 2, 0x2000, "uses a zip feature that is not supported");
  check_lie(10, 8, 2, 12, "uses another compression");
  check_lie(10, 8, 2, 0, "the stated sizes contradict each other");
  check_lie(28, -1, 2, 4, "lie.npz: the zip directory is damaged");
  check_lie(30, -1, 2, 60000, "the zip directory is damaged");
}

static void lies_of_the_end_record_are_seen(void** state) {
  (void)state;
  const struct {
    int at, width;
    uint64_t value;
    const char* words;
  } cases[] = {
      {4, 2, 1, "directory is damaged"},        {8, 2, 2, "directory is damaged"},
      {10, 2, 2, "directory is damaged"},       {12, 4, 10, "directory is damaged"},
      {16, 4, 10, "directory is damaged"},      {10, 2, 0xFFFF, "are not supported"},
      {16, 4, 0xFFFFFFFF, "are not supported"}, {20, 2, 5, "truncated or damaged"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    size_t n;
    uint8_t* bytes = bytes_of(sample(false), &n);
    put(find(bytes, n, "PK\x05\x06") + cases[i].at, cases[i].value, cases[i].width);
    lb_npz* npz;
    check_failure(lb_npz_parse(&npz, bytes, n, "end.npz"), LB_INPUT, cases[i].words);
    free(bytes);
  }
}

// An archive inside an entry, its directory merged into the outer one: so a small file would unpack to a huge one.
static void entries_must_not_share_data(void** state) {
  (void)state;
  lb_zip_writer inner = {0}, outer = {0};
  lb_zip zip;
  char data[1000] = "";
  assert_ok(lb_zip_add(&inner, "b.npy", data, sizeof data, false));
  assert_ok(lb_zip_add(&outer, "a.npy", inner.archive.data, inner.archive.length, false));
  put((uint8_t*)inner.directory.data + 42, 30 + 5, 4);  // where the inner header is in the outer archive
  lb_text_add_bytes(&outer.directory, inner.directory.data, inner.directory.length);
  outer.n = 2;
  assert_ok(lb_zip_end(&outer));
  check_failure(lb_zip_open(&zip, (uint8_t*)outer.archive.data, outer.archive.length, "x.npz"), LB_INPUT,
                "x.npz: entry 'b.npy': overlaps another entry");
  lb_zip_writer_free(&inner);
  lb_zip_writer_free(&outer);
}

static void the_directory_must_end_where_it_says(void** state) {
  (void)state;
  lb_zip_writer w = {0};
  lb_zip zip;
  assert_ok(lb_zip_add(&w, "a.npy", "x", 1, false));
  lb_text_add_bytes(&w.directory, "x", 1);
  assert_ok(lb_zip_end(&w));
  check_failure(lb_zip_open(&zip, (uint8_t*)w.archive.data, w.archive.length, "x.npz"), LB_INPUT,
                "x.npz: the zip directory is damaged");
  lb_zip_writer_free(&w);
}

static void damage_does_no_harm(void** state) {
  (void)state;
  for (int deflate = 0; deflate < 2; deflate++) {
    lb_npz_writer* w = lb_npz_writer_new(deflate);
    const double values[] = {1, -2.5, 3e100, 0.1};
    const bool flags[] = {true, false, true};
    lb_npz_add_doubles(w, "infos/v", 2, (int64_t[]){2, 2}, values);
    lb_npz_add(w, "flags", LB_BOOL, 1, (int64_t[]){3}, flags);
    lb_npz_add_string(w, "text", "{\"\xC3\xA9\": 1}");
    size_t n;
    uint8_t* bytes = bytes_of(w, &n);
    lb_npz* good;
    int refused;
    assert_ok(lb_npz_parse(&good, bytes, n, "good.npz"));
    assert_int_equal(count_harm(good, bytes, n, &refused), 0);
    assert_int_equal(refused, n);  // every cut
    lb_npz_free(good);
    free(bytes);
  }
}

static void a_failed_save_says_where(void** state) {
  (void)state;
  lb_npz_writer* w = sample(false);
  check_failure(lb_npz_save(w, temporary("none/a.npz")), LB_IO, "none/a.npz: cannot write: No such file");
  lb_npz_writer_free(w);
  lb_npz_writer_free(NULL);
  lb_npz_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stored_arrays_come_back),
      cmocka_unit_test(deflated_arrays_come_back),
      cmocka_unit_test(the_same_arrays_give_the_same_bytes),
      cmocka_unit_test(views_give_the_same_bytes),
      cmocka_unit_test(deflate_makes_large_arrays_small),
      cmocka_unit_test(an_archive_without_arrays),
      cmocka_unit_test(text_that_is_not_utf8_is_mended_when_written),
      cmocka_unit_test(requests_that_do_not_fit_are_refused),
      cmocka_unit_test(headers_in_all_good_forms),
      cmocka_unit_test(headers_that_are_refused),
      cmocka_unit_test(sizes_must_add_up),
      cmocka_unit_test(contents_are_checked),
      cmocka_unit_test(entries_that_nobody_asks_for_do_no_harm),
      cmocka_unit_test(what_is_not_asked_for_is_not_unpacked),
      cmocka_unit_test(archives_that_promise_too_much_are_refused),
      cmocka_unit_test(names_that_leave_the_archive_are_refused),
      cmocka_unit_test(a_name_must_not_occur_twice),
      cmocka_unit_test(other_files_are_named_for_what_they_are),
      cmocka_unit_test(lies_of_the_headers_are_seen),
      cmocka_unit_test(lies_of_the_end_record_are_seen),
      cmocka_unit_test(entries_must_not_share_data),
      cmocka_unit_test(the_directory_must_end_where_it_says),
      cmocka_unit_test(damage_does_no_harm),
      cmocka_unit_test(a_failed_save_says_where),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
