// Zip archives: see zip.h.
#define ZLIB_CONST
#include "io/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "io/utf8.h"
#include "io/zip_format.h"

// ---------------------------------------------------------------------------------------------------------------------
// Reading from memory: the central directory is the truth; the local headers must agree.

// Deflate cannot shrink by more than this, so a larger claim is a lie.
static const uint64_t largest_ratio = 1032;
// What one archive may unpack to.
static const uint64_t largest_total = (uint64_t)8 << 30;

typedef struct archive {
  const uint8_t* bytes;
  size_t n;
  const char* origin;
  size_t directory, directory_end;  // where the central directory lies
  int entries;
  uint64_t packed, unpacked;  // totals so far
} archive;

static const char shown_entry[] = "%s: entry '%.*s': %s";

// An entry as the central directory tells it.
typedef struct record {
  unsigned flags, method;
  uint32_t crc;
  uint64_t packed, unpacked, offset;
  const char* name;  // not NUL-terminated
  size_t name_length;
} record;

static unsigned get16(const uint8_t* p) {
  return (unsigned)p[0] | (unsigned)p[1] << 8;
}

static uint32_t get32(const uint8_t* p) {
  return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t* p) {
  return (uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32;
}

// The failure that says what the file is instead.
static lb_status not_an_archive(const archive* a) {
  if (a->n >= 6 && memcmp(a->bytes, "\x93NUMPY", 6) == 0) {
    return lb_fail(LB_INPUT, "%s: is a single .npy array, expected a .npz archive (numpy.savez)", a->origin);
  }
  if (a->n >= 4 && memcmp(a->bytes, "\x89HDF", 4) == 0) {
    return lb_fail(LB_INPUT, "%s: is an HDF5 file, expected a .npz archive (numpy.savez)", a->origin);
  }
  if (a->n >= 4 && (get32(a->bytes) == LB_ZIP_LOCAL || get32(a->bytes) == LB_ZIP_END)) {
    return lb_fail(LB_INPUT, "%s: is truncated or damaged: a zip archive without its end record", a->origin);
  }
  return lb_fail(LB_INPUT, "%s: is not a .npz archive (a zip file, which starts with 'PK')", a->origin);
}

static lb_status damaged_directory(const archive* a) {
  return lb_fail(LB_INPUT, "%s: the zip directory is damaged", a->origin);
}

// Finds the end record: the last place from which a comment of the stated length reaches the end of the file.
static lb_status find_directory(archive* a) {
  if (a->n < LB_ZIP_END_BYTES) return not_an_archive(a);
  size_t last = a->n - LB_ZIP_END_BYTES, first = last > 0xFFFF ? last - 0xFFFF : 0, at = last + 1;
  while (at-- > first) {
    const uint8_t* p = a->bytes + at;
    if (get32(p) == LB_ZIP_END && get16(p + 20) == last - at) break;
    if (at == first) return not_an_archive(a);
  }
  const uint8_t* p = a->bytes + at;
  unsigned entries = get16(p + 10);
  uint64_t size = get32(p + 12), offset = get32(p + 16);
  if (entries == 0xFFFF || size == 0xFFFFFFFFu || offset == 0xFFFFFFFFu) {
    return lb_fail(LB_INPUT, "%s: archives past 4 GiB or 65534 entries are not supported", a->origin);
  }
  if (get16(p + 4) != 0 || get16(p + 6) != 0 || get16(p + 8) != entries || offset + size != at ||
      (uint64_t)entries * LB_ZIP_CENTRAL_BYTES > size) {
    return damaged_directory(a);
  }
  a->directory = (size_t)offset;
  a->directory_end = at;
  a->entries = (int)entries;
  return lb_ok();
}

// The 64-bit values of a zip64 extra field, for those fields that are all ones, in the order the format fixes.
// Returns false when the extra fields do not add up or a value is missing.
static bool read_zip64(const uint8_t* extra, size_t n, uint64_t* fields[], int count) {
  const uint8_t* values = NULL;
  size_t size = 0;
  for (size_t at = 0; at < n;) {
    if (n - at < 4) return false;
    size_t length = get16(extra + at + 2);
    if (length > n - at - 4) return false;
    if (get16(extra + at) == LB_ZIP64_FIELD && !values) {
      values = extra + at + 4;
      size = length;
    }
    at += 4 + length;
  }
  for (int i = 0; i < count; i++) {
    if (*fields[i] != 0xFFFFFFFFu) continue;
    if (size < 8) return false;
    *fields[i] = get64(values);
    values += 8;
    size -= 8;
  }
  return true;
}

// One record of the central directory, ZIP64 fields included; *at moves behind it.
static lb_status read_record(const archive* a, size_t* at, record* r) {
  if (a->directory_end - *at < LB_ZIP_CENTRAL_BYTES) return damaged_directory(a);
  const uint8_t* p = a->bytes + *at;
  size_t name = get16(p + 28), extra = get16(p + 30), comment = get16(p + 32);
  if (get32(p) != LB_ZIP_CENTRAL || name + extra + comment > a->directory_end - *at - LB_ZIP_CENTRAL_BYTES) {
    return damaged_directory(a);
  }
  *r = (record){
      .flags = get16(p + 8),
      .method = get16(p + 10),
      .crc = get32(p + 16),
      .packed = get32(p + 20),
      .unpacked = get32(p + 24),
      .offset = get32(p + 42),
      .name = (const char*)p + LB_ZIP_CENTRAL_BYTES,
      .name_length = name,
  };
  uint64_t* fields[] = {&r->unpacked, &r->packed, &r->offset};
  if (!read_zip64(p + LB_ZIP_CENTRAL_BYTES + name, extra, fields, 3)) return damaged_directory(a);
  *at += LB_ZIP_CENTRAL_BYTES + name + extra + comment;
  return lb_ok();
}

// A name that stays inside the archive: relative, '/' between parts, no empty, "." or ".." part.
static bool is_safe_name(const char* name, size_t n) {
  if (n == 0 || memchr(name, '\0', n) || memchr(name, '\\', n) || !lb_utf8_is_valid(name, n)) return false;
  for (size_t at = 0; at <= n;) {
    const char* slash = memchr(name + at, '/', n - at);
    size_t length = slash ? (size_t)(slash - name) - at : n - at;
    if (length == 0 || (length <= 2 && memcmp(name + at, "..", length) == 0)) return false;
    at += length + 1;
  }
  return true;
}

// A failure that names the entry.
static lb_status entry_failure(const archive* a, const record* r, const char* wrong) {
  int shown = r->name_length > 100 ? 100 : (int)r->name_length;
  return lb_fail(LB_INPUT, shown_entry, a->origin, shown, r->name, wrong);
}

// Fails where name or sizes cannot be true, so that nothing is read or allocated by them.
static lb_status check_record(archive* a, const record* r) {
  if (!is_safe_name(r->name, r->name_length)) {
    return entry_failure(a, r, "the name is not a plain relative path (no '..', no leading '/', no '\\')");
  }
  if (r->packed > a->directory || r->offset > a->directory) {
    return entry_failure(a, r, "reaches past the end of the file: it is truncated or damaged");
  }
  bool lies = r->method == LB_ZIP_STORED     ? r->unpacked != r->packed
              : r->method == LB_ZIP_DEFLATED ? r->unpacked / largest_ratio > r->packed
                                             : false;
  if (lies) return entry_failure(a, r, "the stated sizes contradict each other");
  a->packed += r->packed;
  a->unpacked += r->unpacked;
  if (a->packed > a->directory) return entry_failure(a, r, "overlaps another entry");
  if (a->unpacked > largest_total) return entry_failure(a, r, "with it the archive unpacks to more than 8 GiB");
  return lb_ok();
}

static lb_status failure_of(const lb_zip* zip, const lb_zip_entry* e, const char* wrong) {
  return lb_fail(LB_INPUT, shown_entry, zip->origin, 100, e->name, wrong);
}

// Where the entry's data start, after a local header that agrees with the directory.
static lb_status find_data(const lb_zip* zip, const lb_zip_entry* e, const uint8_t** start) {
  static const char* const contradiction = "its two headers contradict each other: the file is damaged";
  if (e->flags & 1u) return failure_of(zip, e, "is encrypted");
  if (e->flags & ~0x080Eu) return failure_of(zip, e, "uses a zip feature that is not supported");
  if (e->method != LB_ZIP_STORED && e->method != LB_ZIP_DEFLATED) {
    return failure_of(zip, e, "uses another compression than stored or deflate (numpy.savez, savez_compressed)");
  }
  if (zip->directory - e->offset < LB_ZIP_LOCAL_BYTES) return failure_of(zip, e, "its header is cut short");
  const uint8_t* p = zip->bytes + e->offset;
  size_t room = zip->directory - e->offset - LB_ZIP_LOCAL_BYTES;
  size_t name = get16(p + 26), extra = get16(p + 28);
  if (get32(p) != LB_ZIP_LOCAL || name + extra > room || name != strlen(e->name) || get16(p + 8) != e->method ||
      get16(p + 6) != e->flags || memcmp(p + LB_ZIP_LOCAL_BYTES, e->name, name) != 0) {
    return failure_of(zip, e, contradiction);
  }
  uint64_t packed = get32(p + 18), unpacked = get32(p + 22);
  uint64_t* fields[] = {&unpacked, &packed};
  if (!read_zip64(p + LB_ZIP_LOCAL_BYTES + name, extra, fields, 2)) return failure_of(zip, e, contradiction);
  // With bit 3 set the sizes were not known when the header was written; they follow the data.
  bool deferred = e->flags & 8u;
  if (!deferred && (get32(p + 14) != e->crc || packed != e->packed || unpacked != e->size)) {
    return failure_of(zip, e, contradiction);
  }
  if (e->packed > room - name - extra) return failure_of(zip, e, "its data are cut short");
  *start = p + LB_ZIP_LOCAL_BYTES + name + extra;
  return lb_ok();
}

// Whether `packed` bytes inflate to at least `size` bytes; with `exactly`, all of them to just so many.
static bool inflate_to(const uint8_t* in, size_t packed, uint8_t* out, size_t size, bool exactly) {
  z_stream z = {.next_in = in, .avail_in = (uInt)packed, .avail_out = (uInt)size};
  if (packed > UINT32_MAX || size > UINT32_MAX || inflateInit2(&z, -MAX_WBITS) != Z_OK) return false;
  uint8_t none;
  z.next_out = size > 0 ? out : &none;  // zlib wants a place even for nothing
  int end = inflate(&z, exactly ? Z_FINISH : Z_SYNC_FLUSH);
  bool ok = z.avail_out == 0 && (exactly ? end == Z_STREAM_END && z.avail_in == 0 : end == Z_OK || end == Z_STREAM_END);
  inflateEnd(&z);
  return ok;
}

static const char cannot_unpack[] = "cannot be unpacked: the file is damaged";

lb_status lb_zip_peek(const lb_zip* zip, int i, uint8_t* out, size_t size, size_t* got) {
  const lb_zip_entry* e = &zip->entries[i];
  const uint8_t* start = NULL;
  LB_TRY(find_data(zip, e, &start));
  *got = size < e->size ? size : e->size;
  if (e->method == LB_ZIP_STORED) {
    if (*got > 0) memcpy(out, start, *got);
    return lb_ok();
  }
  return inflate_to(start, e->packed, out, *got, false) ? lb_ok() : failure_of(zip, e, cannot_unpack);
}

lb_status lb_zip_unpack(lb_zip* zip, int i) {
  lb_zip_entry* e = &zip->entries[i];
  const uint8_t* start = NULL;
  if (e->data) return lb_ok();
  LB_TRY(find_data(zip, e, &start));
  uint8_t* data = aligned_alloc(64, (e->size + 1 + 63) / 64 * 64);
  if (!data) {
    return lb_fail(LB_MEMORY, "%s: entry '%.100s': out of memory for %zu bytes", zip->origin, e->name, e->size);
  }
  data[e->size] = 0;
  const char* wrong = NULL;
  if (e->method == LB_ZIP_STORED) {
    memcpy(data, start, e->size);
  } else if (!inflate_to(start, e->packed, data, e->size, true)) {
    wrong = cannot_unpack;
  }
  if (!wrong && crc32_z(0, data, e->size) != e->crc) wrong = "has a wrong CRC: the file is damaged";
  if (wrong) {
    free(data);
    return failure_of(zip, e, wrong);
  }
  e->data = data;
  return lb_ok();
}

void lb_zip_drop(lb_zip* zip, int i) {
  free(zip->entries[i].data);
  zip->entries[i].data = NULL;
}

static int compare_names(const void* x, const void* y) {
  return strcmp(*(const char* const*)x, *(const char* const*)y);
}

// Fails where two entries have one name.
static lb_status refuse_duplicates(const lb_zip* zip) {
  const char** names = malloc((size_t)(zip->n + 1) * sizeof *names);
  if (!names) return lb_fail(LB_MEMORY, "%s: out of memory", zip->origin);
  for (int i = 0; i < zip->n; i++) names[i] = zip->entries[i].name;
  qsort(names, (size_t)zip->n, sizeof *names, compare_names);
  lb_status status = lb_ok();
  for (int i = 1; i < zip->n && status.code == LB_OK; i++) {
    if (strcmp(names[i - 1], names[i]) != 0) continue;
    status = lb_fail(LB_INPUT, "%s: entry '%.100s': occurs twice", zip->origin, names[i]);
  }
  free(names);
  return status;
}

// "folder/" with nothing in it: zip programs write one for each folder.
static bool is_folder(const record* r) {
  return r->name_length > 1 && r->name[r->name_length - 1] == '/' && r->unpacked == 0;
}

// All entries of the directory but folders.
static lb_status read_entries(lb_zip* out, archive* a) {
  LB_TRY(find_directory(a));
  out->directory = a->directory;
  out->entries = calloc((size_t)a->entries + 1, sizeof *out->entries);
  if (!out->entries) return lb_fail(LB_MEMORY, "%s: out of memory", a->origin);
  size_t at = a->directory;
  for (int i = 0; i < a->entries; i++) {
    record r;
    LB_TRY(read_record(a, &at, &r));
    bool folder = is_folder(&r);
    r.name_length -= folder;
    LB_TRY(check_record(a, &r));
    if (folder) continue;
    lb_zip_entry* e = &out->entries[out->n];
    *e = (lb_zip_entry){.name = strndup(r.name, r.name_length),
                        .size = (size_t)r.unpacked,
                        .packed = (size_t)r.packed,
                        .offset = (size_t)r.offset,
                        .crc = r.crc,
                        .flags = r.flags,
                        .method = r.method};
    if (!e->name) return lb_fail(LB_MEMORY, "%s: out of memory", a->origin);
    out->n++;
  }
  if (at != a->directory_end) return damaged_directory(a);
  return refuse_duplicates(out);
}

lb_status lb_zip_open(lb_zip* out, const uint8_t* bytes, size_t n, const char* origin) {
  *out = (lb_zip){.origin = origin, .bytes = bytes};
  archive a = {.bytes = bytes, .n = n, .origin = origin};
  lb_status status = read_entries(out, &a);
  if (status.code != LB_OK) lb_zip_free(out);
  return status;
}

void lb_zip_free(lb_zip* zip) {
  for (int i = 0; i < zip->n; i++) {
    free(zip->entries[i].name);
    free(zip->entries[i].data);
  }
  free(zip->entries);
  *zip = (lb_zip){0};
}

// ---------------------------------------------------------------------------------------------------------------------
// Writing, into memory or a file. Entries carry the first date that the format knows, so that the same content gives
// the same bytes.

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
