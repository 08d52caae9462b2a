// SHA-256 (FIPS 180-4) through libmd: see file.h.
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>

#include "io/file.h"

void lb_sha256(const void* bytes, size_t n, char out[65]) {
  static const char digits[] = "0123456789abcdef";
  SHA2_CTX context;
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256Init(&context);
  if (n > 0) SHA256Update(&context, bytes, n);
  SHA256Final(digest, &context);
  for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
    out[2 * i] = digits[digest[i] >> 4];
    out[2 * i + 1] = digits[digest[i] & 15];
  }
  out[64] = '\0';
}

lb_status lb_sha256_file(const char* path, char out[65]) {
  char* bytes;
  size_t n;
  LB_TRY(lb_file_read(path, &bytes, &n));
  lb_sha256(bytes, n, out);
  free(bytes);
  return lb_ok();
}
