// Writing a zip archive: see zip.h. Entries carry the first date that the format knows, so that the same
// content gives the same bytes.
#define ZLIB_CONST
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "io/zip.h"
#include "io/zip_format.h"

enum { FIRST_DATE = 0x0021, VERSION = 20, UTF8_NAME = 0x0800 };  // 1980-01-01; zip 2.0; flag bit 11

static void put16(lb_text* text, unsigned value) {
  char bytes[2] = {(char)(value & 0xFF), (char)(value >> 8 & 0xFF)};
  lb_text_add_bytes(text, bytes, 2);
}

static void put32(lb_text* text, uint32_t value) {
  put16(text, value & 0xFFFF);
  put16(text, value >> 16);
}

// What an entry consists of.
typedef struct body {
  const void *head, *data;
  size_t head_size, size;
} body;

// Raw deflate of it; *packed receives the length. NULL when memory is short.
static uint8_t* deflate_all(const body* b, size_t* packed) {
  z_stream z = {0};
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return NULL;
  size_t bound = deflateBound(&z, (uLong)(b->head_size + b->size));
  uint8_t* out = bound <= UINT32_MAX ? malloc(bound) : NULL;
  bool ok = false;
  if (out) {
    z.next_out = out;
    z.avail_out = (uInt)bound;
    z.next_in = b->head;
    z.avail_in = (uInt)b->head_size;
    ok = b->head_size == 0 || deflate(&z, Z_NO_FLUSH) == Z_OK;
    z.next_in = b->data;
    z.avail_in = (uInt)b->size;
    ok = ok && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *packed = z.total_out;
  }
  deflateEnd(&z);
  if (ok) return out;
  free(out);
  return NULL;
}

static lb_status emit(lb_zip_writer* w, const void* bytes, size_t n) {
  if (n == 0) return lb_ok();
  w->length += n;
  if (w->sink) return w->sink(w->ctx, bytes, n);
  lb_text_add_bytes(&w->archive, bytes, n);
  return lb_ok();
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

static lb_status emit_local(lb_zip_writer* w, const char* name, unsigned method, uint32_t crc, size_t packed,
                            size_t size) {
  lb_text header = {0};
  put32(&header, LB_ZIP_LOCAL);
  put_common(&header, method, crc, packed, size, strlen(name));
  lb_text_add_bytes(&header, name, strlen(name));
  lb_status status = emit(w, header.data, header.length);
  lb_text_free(&header);
  return status;
}

static void put_central(lb_text* text, const char* name, unsigned method, uint32_t crc, size_t packed, size_t size,
                        size_t offset) {
  put32(text, LB_ZIP_CENTRAL);
  put16(text, VERSION);
  put_common(text, method, crc, packed, size, strlen(name));
  put16(text, 0);  // no comment
  put16(text, 0);  // first disk
  put16(text, 0);  // binary
  put32(text, 0);  // no attributes
  put32(text, (uint32_t)offset);
  lb_text_add_bytes(text, name, strlen(name));
}

lb_status lb_zip_add_parts(lb_zip_writer* w, const char* name, const void* head, size_t head_size, const void* data,
                           size_t size, bool deflate) {
  static const size_t most = 0xFFFFFFFE;
  body b = {.head = head, .head_size = head_size, .data = data, .size = size};
  size_t whole = head_size + size, offset = w->length, packed = whole;
  // Deflate is never longer than its input by more than a few bytes in a thousand.
  if (whole + whole / 512 + 1024 + strlen(name) > most - offset || w->n >= 65534) {
    return lb_fail(LB_INPUT, "entry '%.100s': an archive past 4 GiB or 65534 entries is not supported", name);
  }
  uint8_t* shrunk = deflate ? deflate_all(&b, &packed) : NULL;
  if (deflate && !shrunk) return lb_fail(LB_MEMORY, "entry '%.100s': out of memory", name);
  unsigned method = deflate ? LB_ZIP_DEFLATED : LB_ZIP_STORED;
  uint32_t crc = head_size > 0 ? (uint32_t)crc32_z(0, head, head_size) : 0;
  if (size > 0) crc = (uint32_t)crc32_z(crc, data, size);

  lb_status status = emit_local(w, name, method, crc, packed, whole);
  if (status.code == LB_OK && shrunk) status = emit(w, shrunk, packed);
  if (status.code == LB_OK && !shrunk) status = emit(w, head, head_size);
  if (status.code == LB_OK && !shrunk) status = emit(w, data, size);
  put_central(&w->directory, name, method, crc, packed, whole, offset);
  w->n++;
  free(shrunk);
  return status;
}

lb_status lb_zip_add(lb_zip_writer* w, const char* name, const void* data, size_t size, bool deflate) {
  return lb_zip_add_parts(w, name, NULL, 0, data, size, deflate);
}

lb_status lb_zip_end(lb_zip_writer* w) {
  size_t offset = w->length, size = w->directory.length;
  if (offset + size > 0xFFFFFFFE) return lb_fail(LB_INPUT, "an archive past 4 GiB is not supported");
  put32(&w->directory, LB_ZIP_END);
  put16(&w->directory, 0);
  put16(&w->directory, 0);
  put16(&w->directory, (unsigned)w->n);
  put16(&w->directory, (unsigned)w->n);
  put32(&w->directory, (uint32_t)size);
  put32(&w->directory, (uint32_t)offset);
  put16(&w->directory, 0);
  return emit(w, w->directory.data, w->directory.length);
}

void lb_zip_writer_free(lb_zip_writer* w) {
  lb_text_free(&w->archive);
  lb_text_free(&w->directory);
  w->length = 0;
  w->n = 0;
}
