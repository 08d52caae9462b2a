// SHA-256 (FIPS 180-4) through libmd: see file.h.
#include <assert.h>
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

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

// What was hashed, as it was then.
typedef struct remembered {
  dev_t device;
  ino_t inode;
  off_t length;
  struct timespec changed, written;
  size_t most;
  char sha256[65];  // "": an empty place
} remembered;

// An open-addressed table; `size` is a power of two.
static remembered* table;
static size_t size, used;

// Whether nothing shows that the file changed in between.
static bool is_same(const remembered* a, const remembered* b) {
  return a->device == b->device && a->inode == b->inode && a->length == b->length && a->most == b->most &&
         a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
         a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec;
}

// Where a file stands in the table, or would.
static remembered* place_of(const remembered* file) {
  size_t at = (size_t)((uint64_t)file->inode * 0x9E3779B97F4A7C15u >> 32);
  for (;; at++) {
    remembered* place = &table[at & (size - 1)];
    if (!place->sha256[0] || is_same(place, file)) return place;
  }
}

// Twice as many places; false when memory is short.
static bool grow(void) {
  remembered* old = table;
  size_t n = size, wanted = n > 0 ? 2 * n : 256;
  remembered* fresh = calloc(wanted, sizeof *fresh);
  if (!fresh) return false;
  table = fresh;
  size = wanted;
  for (size_t i = 0; i < n; i++) {
    if (old[i].sha256[0]) *place_of(&old[i]) = old[i];
  }
  free(old);
  return true;
}

// What the file system says of the file now; false where there is none.
static bool look(remembered* file, const char* path, size_t most) {
  struct stat s;
  if (stat(path, &s) != 0) return false;
  *file = (remembered){.device = s.st_dev,
                       .inode = s.st_ino,
                       .length = s.st_size,
                       .changed = s.st_ctim,
                       .written = s.st_mtim,
                       .most = most};
  return true;
}

// A file that was changed just now could be changed once more within a tick of the clock that dates it.
static bool is_settled(const remembered* file) {
  enum { SETTLED = 2 };
  return time(NULL) - file->changed.tv_sec >= SETTLED;
}

lb_status lb_sha256_again(const char* path, size_t most, char out[65]) {
  remembered file;
  bool known = look(&file, path, most) && is_settled(&file) && (2 * used < size || grow());
  remembered* place = known ? place_of(&file) : NULL;
  if (place && place->sha256[0]) {
    memcpy(out, place->sha256, sizeof place->sha256);
    return lb_ok();
  }
  LB_TRY(lb_sha256_tail(path, most, out));
  if (!place) return lb_ok();
  memcpy(file.sha256, out, sizeof file.sha256);
  *place = file;
  used += 1;
  return lb_ok();
}
