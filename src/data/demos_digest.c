// The checksum of compact recordings: see demos.h.
#include <stddef.h>

#include "base/text.h"
#include "data/demos_private.h"
#include "io/file.h"

static const struct {
  lb_dtype dtype;
  size_t bytes;
  const char* name;
} types[] = {{LB_F32, 4, "<f4"}, {LB_F64, 8, "<f8"}, {LB_BOOL, 1, "|b1"}, {LB_I64, 8, "<i8"}};

bool lb_demos_digest(char sha[65], const lb_array* arrays, int n, const char** odd) {
  lb_text lines = {0};
  for (int i = 0; i < n; ++i) {
    const lb_array* a = &arrays[i];
    size_t k = 0, count = sizeof types / sizeof types[0];
    while (k < count && types[k].dtype != a->dtype) ++k;
    if (k == count) {
      *odd = a->name;
      lb_text_free(&lines);
      return false;
    }
    char own[65];
    lb_sha256(a->data, (size_t)a->size * types[k].bytes, own);
    lb_text_add(&lines, "%s %s", a->name, types[k].name);
    for (int j = 0; j < a->rank; ++j) lb_text_add(&lines, " %lld", (long long)a->shape[j]);
    lb_text_add(&lines, " %s\n", own);
  }
  lb_sha256(lines.data, lines.length, sha);
  lb_text_free(&lines);
  return true;
}
