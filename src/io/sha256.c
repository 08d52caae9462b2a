// SHA-256 (FIPS 180-4) through libmd: see file.h.
#include <assert.h>
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

lb_digest lb_digest_new(void) {
  lb_digest digest = {0};
  SHA2_CTX context;
  static_assert(sizeof context <= sizeof digest, "a digest has room for the context");
  SHA256Init(&context);
  memcpy(&digest, &context, sizeof context);
  return digest;
}

void lb_digest_add(lb_digest* digest, const void* bytes, size_t n) {
  SHA2_CTX context;
  memcpy(&context, digest, sizeof context);
  if (n > 0) SHA256Update(&context, bytes, n);
  memcpy(digest, &context, sizeof context);
}

void lb_digest_text(const lb_digest* digest, char out[65]) {
  static const char digits[] = "0123456789abcdef";
  SHA2_CTX context;
  uint8_t bytes[SHA256_DIGEST_LENGTH];
  memcpy(&context, digest, sizeof context);
  SHA256Final(bytes, &context);
  for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  out[64] = '\0';
}

void lb_sha256(const void* bytes, size_t n, char out[65]) {
  lb_digest digest = lb_digest_new();
  lb_digest_add(&digest, bytes, n);
  lb_digest_text(&digest, out);
}

lb_status lb_sha256_tail(const char* path, size_t most, char out[65]) {
  char* bytes;
  size_t n;
  LB_TRY(lb_file_read_tail(path, most, &bytes, &n));
  lb_sha256(bytes, n, out);
  free(bytes);
  return lb_ok();
}

lb_status lb_sha256_file(const char* path, char out[65]) {
  return lb_sha256_tail(path, SIZE_MAX, out);
}
