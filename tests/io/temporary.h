// A folder for one test program's files, and the checks that its tests share. Include after cmocka.h.
#ifndef LB_TESTS_IO_TEMPORARY_H_
#define LB_TESTS_IO_TEMPORARY_H_

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "io/file.h"

static char temporary_folder[512];

// Group set-up and tear-down.
static inline int make_temporary_folder(void** state) {
  (void)state;
  const char* root = getenv("TMPDIR");
  snprintf(temporary_folder, sizeof temporary_folder, "%s/lb-test-XXXXXX", root && *root ? root : "/tmp");
  return mkdtemp(temporary_folder) ? 0 : -1;
}

static inline int remove_temporary_folder(void** state) {
  (void)state;
  return lb_folder_remove(temporary_folder).code == LB_OK ? 0 : -1;
}

// A path in the folder; valid until the eighth call after this one.
static inline const char* temporary(const char* name) {
  static char paths[8][1024];
  static int turn;
  char* path = paths[turn++ % 8];
  lb_path_join(path, sizeof paths[0], temporary_folder, name);
  return path;
}

static inline void write_plainly(const char* path, const void* bytes, size_t n) {
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

#define assert_ok(expression)                                      \
  do {                                                             \
    lb_status assert_ok_ = (expression);                           \
    if (assert_ok_.code != LB_OK) fail_msg("%s", assert_ok_.text); \
  } while (0)

// The expression fails with this code and says all of `words` (separated by '|').
static inline void check_failure(lb_status status, lb_code code, const char* words) {
  if (status.code != code) fail_msg("code %d instead of %d: %s", status.code, code, status.text);
  char copy[500];
  snprintf(copy, sizeof copy, "%s", words);
  for (char* word = strtok(copy, "|"); word; word = strtok(NULL, "|")) {
    if (!strstr(status.text, word)) fail_msg("'%s' is not in: %s", word, status.text);
  }
}

#endif  // LB_TESTS_IO_TEMPORARY_H_
