// Writing a zip archive, into memory or a file: see zip.h. Entries carry the first date that the format knows, so that
// the same content gives the same bytes.
#define ZLIB_CONST
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "io/zip.h"
#include "io/zip_format.h"

enum { FIRST_DATE = 0x0021, VERSION = 20, UTF8_NAME = 0x0800 };  // 1980-01-01; zip 2.0; flag bit 11

// Appends 16 bits, the low byte first.
static void put16(lb_text* text, unsigned value) {
  char bytes[2] = {(char)(value & 0xFF), (char)(value >> 8 & 0xFF)};
  lb_text_add_bytes(text, bytes, 2);
}

// Appends 32 bits, the low byte first.
static void put32(lb_text* text, uint32_t value) {
  put16(text, value & 0xFFFF);
  put16(text, value >> 16);
}

// Raw deflate of data; *packed receives the length. NULL when memory is short.
static uint8_t* deflate_all(const void* data, size_t size, size_t* packed) {
  z_stream z = {.next_in = data, .avail_in = (uInt)size};
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return NULL;
  size_t bound = deflateBound(&z, (uLong)size);
  uint8_t* out = bound <= UINT32_MAX ? malloc(bound) : NULL;
  bool ok = false;
  if (out) {
    z.next_out = out;
    z.avail_out = (uInt)bound;
    ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
    *packed = z.total_out;
  }
  deflateEnd(&z);
  if (ok) return out;
  free(out);
  return NULL;
}

// The fields that a local header and its twin in the directory have in common.
static void put_common(lb_text* text, unsigned method, uint32_t crc, size_t packed, size_t size, size_t name) {
  put16(text, VERSION);
  put16(text, UTF8_NAME);
  put16(text, method);
  put16(text, 0);  // time
  put16(text, FIRST_DATE);
  put32(text, crc);
  put32(text, (uint32_t)packed);
  put32(text, (uint32_t)size);
  put16(text, (unsigned)name);
  put16(text, 0);  // no extra fields
}

// Writes bytes to the file, or to the archive in memory.
static void put(lb_zip_writer* w, const void* bytes, size_t n) {
  if (n == 0) return;
  if (w->file) {
    lb_file_put(w->file, bytes, n);
  } else {
    lb_text_add_bytes(&w->archive, bytes, n);
  }
  w->length += n;
}

// What goes into an entry: as it is stored, and what its CRC is of.
typedef struct content {
  unsigned method;
  uint32_t crc;
  size_t size;  // unpacked
  const void* pieces[2];
  size_t packed[2];  // their lengths
} content;

// Writes an entry's local header and content, and appends its record of the directory.
static void put_entry(lb_zip_writer* w, const char* name, const content* c) {
  size_t name_length = strlen(name), offset = w->length, packed = c->packed[0] + c->packed[1];
  lb_text head = {0};
  put32(&head, LB_ZIP_LOCAL);
  put_common(&head, c->method, c->crc, packed, c->size, name_length);
  lb_text_add_bytes(&head, name, name_length);
  put(w, head.data, head.length);
  lb_text_free(&head);
  for (int i = 0; i < 2; i++) put(w, c->pieces[i], c->packed[i]);

  put32(&w->directory, LB_ZIP_CENTRAL);
  put16(&w->directory, VERSION);
  put_common(&w->directory, c->method, c->crc, packed, c->size, name_length);
  put16(&w->directory, 0);  // no comment
  put16(&w->directory, 0);  // first disk
  put16(&w->directory, 0);  // binary
  put32(&w->directory, 0);  // no attributes
  put32(&w->directory, (uint32_t)offset);
  lb_text_add_bytes(&w->directory, name, name_length);
  w->n++;
}

// Deflate is never longer than its input by more than a few bytes in a thousand.
static lb_status check_room(const lb_zip_writer* w, const char* name, size_t size) {
  static const size_t most = 0xFFFFFFFE;
  if (size <= most && size + size / 512 + 1024 + strlen(name) <= most - w->length && w->n < 65534) return lb_ok();
  return lb_fail(LB_INPUT, "entry '%.100s': an archive past 4 GiB or 65534 entries is not supported", name);
}

lb_status lb_zip_add(lb_zip_writer* w, const char* name, const void* data, size_t size, bool deflate) {
  LB_TRY(check_room(w, name, size));
  size_t packed = size;
  uint8_t* shrunk = deflate ? deflate_all(data, size, &packed) : NULL;
  if (deflate && !shrunk) return lb_fail(LB_MEMORY, "entry '%.100s': out of memory", name);
  content c = {.method = deflate ? LB_ZIP_DEFLATED : LB_ZIP_STORED,
               .crc = (uint32_t)crc32_z(0, data, size),
               .size = size,
               .pieces = {shrunk ? shrunk : data},
               .packed = {packed}};
  put_entry(w, name, &c);
  free(shrunk);
  return lb_ok();
}

lb_status lb_zip_add_two(lb_zip_writer* w, const char* name, const void* first, size_t nfirst, const void* second,
                         size_t nsecond) {
  LB_TRY(check_room(w, name, nfirst + nsecond));
  uLong crc = crc32_z(0, first, nfirst);
  content c = {.method = LB_ZIP_STORED,
               .crc = (uint32_t)crc32_z(crc, second, nsecond),
               .size = nfirst + nsecond,
               .pieces = {first, second},
               .packed = {nfirst, nsecond}};
  put_entry(w, name, &c);
  return lb_ok();
}

lb_status lb_zip_end(lb_zip_writer* w) {
  size_t offset = w->length, size = w->directory.length;
  if (offset + size > 0xFFFFFFFE) return lb_fail(LB_INPUT, "an archive past 4 GiB is not supported");
  put(w, w->directory.data, size);
  lb_text end = {0};
  put32(&end, LB_ZIP_END);
  put16(&end, 0);
  put16(&end, 0);
  put16(&end, (unsigned)w->n);
  put16(&end, (unsigned)w->n);
  put32(&end, (uint32_t)size);
  put32(&end, (uint32_t)offset);
  put16(&end, 0);
  put(w, end.data, end.length);
  lb_text_free(&end);
  return lb_ok();
}

void lb_zip_writer_free(lb_zip_writer* w) {
  lb_text_free(&w->archive);
  lb_text_free(&w->directory);
  w->length = 0;
  w->n = 0;
}
