// .safetensors files: what is written is read, the layout is the published one, what is wrong is refused in words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "base/text.h"
#include "io/safetensors.h"
#include "temporary.h"

static const float weights[] = {1.5f, -2, 0.25f, 8, 1e-30f};
static const double scale[] = {0.1, -1e300};
static const int64_t steps[] = {INT64_MAX};

static const lb_array tensors[] = {
    {.name = "layer/0/w", .dtype = LB_F32, .rank = 2, .shape = {5, 1}, .size = 5, .data = weights},
    {.name = "scale", .dtype = LB_F64, .rank = 1, .shape = {2}, .size = 2, .data = scale},
    {.name = "none", .dtype = LB_F64, .rank = 2, .shape = {0, 3}, .size = 0, .data = NULL},
    {.name = "steps", .dtype = LB_I64, .rank = 0, .size = 1, .data = steps},
};

static void check_tensors(const lb_safetensors* s) {
  for (int i = 0; i < 4; i++) {
    const lb_array* found = lb_safetensors_find(s, tensors[i].name);
    assert_non_null(found);
    assert_int_equal(found->dtype, tensors[i].dtype);
    assert_int_equal(found->rank, tensors[i].rank);
    assert_int_equal(found->size, tensors[i].size);
    for (int k = 0; k < found->rank; k++) assert_int_equal(found->shape[k], tensors[i].shape[k]);
    size_t bytes = (size_t)found->size * (found->dtype == LB_F32 ? 4 : 8);
    if (bytes) assert_memory_equal(found->data, tensors[i].data, bytes);
    assert_int_equal((uintptr_t)found->data % 8, 0);
  }
}

static void tensors_come_back(void** state) {
  (void)state;
  const char* metadata = "{\"note\": \"caf\xC3\xA9 \\\"quoted\\\"\"}";
  assert_ok(lb_safetensors_save(temporary("p"), metadata, tensors, 4));
  lb_safetensors* s;
  assert_ok(lb_safetensors_load(&s, temporary("p")));
  assert_string_equal(lb_safetensors_metadata(s), metadata);
  check_tensors(s);
  assert_null(lb_safetensors_find(s, "w"));
  assert_null(lb_safetensors_find(s, "__metadata__"));
  lb_safetensors_free(s);
  lb_safetensors_free(NULL);
}

// A file of this header (its length put before it) and data.
static lb_status load_text(lb_safetensors** out, const char* header, const void* data, size_t n) {
  lb_text file = {0};
  uint64_t length = strlen(header);
  lb_text_add_bytes(&file, (const char*)&length, 8);
  lb_text_add(&file, "%s", header);
  lb_text_add_bytes(&file, data, n);
  write_plainly(temporary("t"), file.data, file.length);
  lb_text_free(&file);
  return lb_safetensors_load(out, temporary("t"));
}

// The example of the format's own description: names in any order, spaces after the header, foreign metadata.
static void files_of_others_are_read(void** state) {
  (void)state;
  const float data[] = {1, 2, 3, 4, 5, 6};
  lb_safetensors* s;
  assert_ok(load_text(&s,
                      "{\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},\"__metadata__\":{\"format\":"
                      "\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}     ",
                      data, sizeof data));
  assert_string_equal(lb_safetensors_metadata(s), "{}");
  assert_memory_equal(lb_safetensors_find(s, "a")->data, data, 16);
  assert_memory_equal(lb_safetensors_find(s, "b")->data, data + 4, 8);
  lb_safetensors_free(s);
  assert_ok(load_text(&s, "{}", data, 0));
  lb_safetensors_free(s);
}

// Numbers by hand: 1, -2, the largest half, the smallest, infinity; and 1, -3.140625, the largest brain float.
static void halves_are_read_as_floats(void** state) {
  (void)state;
  const uint16_t data[] = {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x7C00, 0x3F80, 0xC049, 0x7F7F};
  const float half[] = {1, -2, 65504, 0x1p-24f, INFINITY}, brain[] = {1, -3.140625f, 0x1.FEp127f};
  lb_safetensors* s;
  assert_ok(load_text(&s,
                      "{\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[0,10]},"
                      "\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[10,16]}}",
                      data, sizeof data));
  assert_int_equal(lb_safetensors_find(s, "h")->dtype, LB_F32);
  assert_memory_equal(lb_safetensors_find(s, "h")->data, half, sizeof half);
  assert_memory_equal(lb_safetensors_find(s, "b")->data, brain, sizeof brain);
  lb_safetensors_free(s);
}

// What another library makes of a file: the tensors sorted, the header laid out its own way. The checksum still holds,
// and still sees a changed number.
static void a_file_written_again_is_the_same(void** state) {
  (void)state;
  lb_safetensors* s;
  char* bytes;
  size_t n;
  const float w[] = {1, 2};
  const lb_array two[] = {{.name = "w", .dtype = LB_F32, .rank = 1, .shape = {2}, .size = 2, .data = w},
                          {.name = "a", .dtype = LB_I64, .rank = 0, .size = 1, .data = steps}};
  assert_ok(lb_safetensors_save(temporary("p"), "{}", two, 2));
  assert_ok(lb_file_read(temporary("p"), &bytes, &n));
  char* sum = strstr(bytes + 8, "\"lazybench_content\":\"");
  assert_non_null(sum);
  sum += strlen("\"lazybench_content\":\"");
  char header[500];
  snprintf(
      header, sizeof header,
      "{\"a\": {\"data_offsets\": [0,8], \"dtype\": \"I64\", \"shape\": []}, \"w\": {\"dtype\":\"F32\",\"shape\":[2],"
      "\"data_offsets\":[8,16]},\"__metadata__\":{\"lazybench\":\"{}\", \"lazybench_content\":\"%.64s\"}}",
      sum);
  free(bytes);
  char data[16];
  memcpy(data, steps, 8);
  memcpy(data + 8, w, 8);
  assert_ok(load_text(&s, header, data, sizeof data));
  assert_memory_equal(lb_safetensors_find(s, "w")->data, w, sizeof w);
  lb_safetensors_free(s);
  data[9] ^= 1;
  check_failure(load_text(&s, header, data, sizeof data), LB_INPUT, "'lazybench_content' in its metadata does not fit");
  header[2] = 'b';  // a tensor by another name
  data[9] ^= 1;
  check_failure(load_text(&s, header, data, sizeof data), LB_INPUT, "it was altered");
}

static void check_refused(const char* header, size_t data_bytes, const char* words) {
  const char data[64] = "";
  lb_safetensors* s;
  check_failure(load_text(&s, header, data, data_bytes), LB_INPUT, words);
  assert_null(s);
}

static void wrong_headers_are_refused(void** state) {
  (void)state;
#define ONE "\"dtype\":\"F64\",\"shape\":[2]"
  check_refused("[]", 0, "t: $: expected an object");
  check_refused("{", 0, "t:1:2: expected a key");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[0,16]},\"a\":{" ONE ",\"data_offsets\":[16,32]}}", 32,
                "the key 'a' occurs twice");
  check_refused("{\"a\":{" ONE "}}", 16, "$.a: the key 'data_offsets' is missing");
  check_refused("{\"a\":{" ONE ",\"data_offset\":[0,16]}}", 16, "$.a: unknown key 'data_offset' (did you mean");
  check_refused("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4,
                "$.a.dtype: 'F8_E4M3' is none of the types that are read: F64, F32, F16");
  check_refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[-2],\"data_offsets\":[0,16]}}", 16, "$.a.shape[0]: expected");
  check_refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[2.5],\"data_offsets\":[0,16]}}", 16,
                "$.a.shape[0]: expected a whole number, found 2.5");
  check_refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[1,1,1,1,1,1],\"data_offsets\":[0,8]}}", 8,
                "has more than 5 dimensions");
  check_refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[9007199254740992,1024],\"data_offsets\":[0,0]}}", 0,
                "$.a.shape: is too large");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[0,15]}}", 15, "the offsets 0 to 15 do not hold a tensor");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[0,24]}}", 24, "the offsets 0 to 24 do not hold a tensor");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[16,0]}}", 16, "the offsets 16 to 0 do not hold a tensor");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[0]}}", 16, "expected two offsets, found 1");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[0,16]}}", 15, "reaches past the end of the file");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[0,16]}}", 17, "t: has 1 bytes after the last tensor");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[8,24]}}", 24, "tensor 'a' leaves a gap before it");
  check_refused("{\"a\":{" ONE ",\"data_offsets\":[0,16]},\"b\":{" ONE ",\"data_offsets\":[8,24]}}", 24,
                "tensor 'b' overlaps another");
  check_refused("{\"__metadata__\":[]}", 0, "$.__metadata__: expected an object of strings");
  check_refused("{\"__metadata__\":{\"x\":1}}", 0, "$.__metadata__.x: expected a string");
  check_refused("{\"__metadata__\":{\"lazybench_sha256\":\"12\"}}", 0, "the checksum 'lazybench_sha256'");
}

static void lengths_that_lie_are_refused(void** state) {
  (void)state;
  lb_safetensors* s;
  check_failure(lb_safetensors_load(&s, temporary("missing")), LB_INPUT, "missing: no such file");
  write_plainly(temporary("t"), "\x02\0\0\0", 4);
  check_failure(lb_safetensors_load(&s, temporary("t")), LB_INPUT, "t: is truncated: 4 bytes");
  write_plainly(temporary("t"), "\x03\0\0\0\0\0\0\0{}", 10);
  check_failure(lb_safetensors_load(&s, temporary("t")), LB_INPUT, "t: its header claims 3 bytes in a file of 10");
  write_plainly(temporary("t"), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", 10);
  check_failure(lb_safetensors_load(&s, temporary("t")), LB_INPUT, "its header claims 18446744073709551615 bytes");
  write_plainly(temporary("t"), "\x03\0\0\0\0\0\0\0{}\0", 11);
  check_failure(lb_safetensors_load(&s, temporary("t")), LB_INPUT, "the header holds a NUL byte");
  // A header of 100 MB and one byte that the file does hold (a sparse file: it takes no space).
  const uint64_t length = 100000001;
  write_plainly(temporary("t"), &length, sizeof length);
  FILE* file = fopen(temporary("t"), "r+b");
  assert_int_equal(fseek(file, 100000008, SEEK_SET), 0);
  assert_int_equal(fputc(' ', file), ' ');
  assert_int_equal(fclose(file), 0);
  check_failure(lb_safetensors_load(&s, temporary("t")), LB_INPUT, "its header claims 100000001 bytes");
  remove(temporary("t"));
}

static void too_many_tensors_are_refused(void** state) {
  (void)state;
  lb_text header = {0};
  lb_text_add(&header, "{");
  for (int i = 0; i < 5000; i++) {
    lb_text_add(&header, "%s\"%d\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[0,0]}", i ? "," : "", i);
  }
  lb_text_add(&header, "}");
  check_refused(header.data, 0, "has 5000 entries, expected at most 4096");
  lb_text_free(&header);
}

// Cut at every length, every byte changed: the checksum sees it, unless the change is in the checksum's own key and
// leaves the content as it was.
static void damage_is_seen(void** state) {
  (void)state;
  char* bytes;
  size_t n;
  int accepted = 0;
  assert_ok(lb_safetensors_save(temporary("p"), "{\"a\": 1}", tensors, 4));
  assert_ok(lb_file_read(temporary("p"), &bytes, &n));
  for (size_t length = 0; length < n; length++) {
    lb_safetensors* s;
    write_plainly(temporary("d"), bytes, length);
    check_failure(lb_safetensors_load(&s, temporary("d")), LB_INPUT, "d:");
    assert_null(s);
  }
  for (size_t at = 0; at < n; at++) {
    for (int mask = 1; mask <= 255; mask = 2 * mask + 1) {
      lb_safetensors* s;
      bytes[at] = (char)(bytes[at] ^ mask);
      write_plainly(temporary("d"), bytes, n);
      bytes[at] = (char)(bytes[at] ^ mask);
      lb_status status = lb_safetensors_load(&s, temporary("d"));
      if (status.code == LB_OK) {
        accepted++;
        check_tensors(s);
        assert_string_equal(lb_safetensors_metadata(s), "{\"a\": 1}");
        lb_safetensors_free(s);
      } else {
        assert_int_equal(status.code, LB_INPUT);
      }
    }
  }
  assert_true(accepted > 0 && accepted <= 16 * 8);  // within the sixteen letters of the key
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tensors_come_back),
      cmocka_unit_test(files_of_others_are_read),
      cmocka_unit_test(halves_are_read_as_floats),
      cmocka_unit_test(a_file_written_again_is_the_same),
      cmocka_unit_test(wrong_headers_are_refused),
      cmocka_unit_test(lengths_that_lie_are_refused),
      cmocka_unit_test(too_many_tensors_are_refused),
      cmocka_unit_test(damage_is_seen),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
