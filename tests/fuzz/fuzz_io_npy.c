// One .npy array: read or refused, whole or by its first bytes, which must agree.
#include "io/npy.h"
#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint8_t* bytes = aligned_alloc(64, (size + 1 + 63) / 64 * 64);
  lb_array array = {0}, peeked = {0};
  size_t start, more, few = size < 100 ? size : 100;
  if (!bytes) abort();
  if (size > 0) memcpy(bytes, data, size);
  lb_status peek = lb_npy_peek(&peeked, bytes, few, size, &start, &more);
  lb_status parse = lb_npy_parse(&array, bytes, size);
  if (parse.code == LB_OK && (peek.code != LB_OK || (more == 0 && peeked.size != array.size))) abort();
  free(bytes);
  return 0;
}
