// The .npy format: see npy.h.
#include "io/npy.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/utf8.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "arrays are read and written as they lie in memory");
static_assert(sizeof(bool) == 1, "NumPy's bool is one byte");

static const struct {
  lb_dtype dtype;
  const char* name;
  size_t bytes;
} dtypes[] = {
    {LB_F32, "<f4", 4}, {LB_F64, "<f8", 8}, {LB_BOOL, "|b1", 1}, {LB_I8, "|i1", 1},
    {LB_I16, "<i2", 2}, {LB_I32, "<i4", 4}, {LB_I64, "<i8", 8},  {LB_U8, "|u1", 1},
    {LB_U16, "<u2", 2}, {LB_U32, "<u4", 4}, {LB_U64, "<u8", 8},  {LB_UTF8, "<U", 0},
};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0] };

typedef char dtype_name[24];

static const size_t longest_header = 1 << 20;  // NumPy's own are 118 bytes; a structured dtype's may be longer

typedef struct header {
  lb_dtype dtype;
  int64_t characters;  // of an LB_UTF8
  int rank;
  int64_t shape[LB_MAX_RANK];
  bool has_dtype, has_order, has_shape;
} header;

typedef struct cursor {
  const char* at;
  const char* end;
} cursor;

size_t lb_dtype_bytes(lb_dtype dtype) {
  assert((int)dtype >= 0 && (int)dtype < DTYPES && dtypes[dtype].dtype == dtype);
  return dtypes[dtype].bytes;
}

static lb_status malformed(void) {
  return lb_fail(LB_INPUT, "has a malformed .npy header");
}

static void skip_spaces(cursor* c) {
  while (c->at < c->end && *c->at == ' ') c->at++;
}

// Skips spaces and takes the word if it comes next.
static bool take(cursor* c, const char* word) {
  size_t n = strlen(word);
  skip_spaces(c);
  if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0) return false;
  c->at += n;
  return true;
}

// A quoted Python string without escapes.
static bool take_string(cursor* c, dtype_name out) {
  skip_spaces(c);
  if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return false;
  char quote = *c->at++;
  size_t n = 0;
  while (c->at < c->end && *c->at != quote) {
    if (*c->at == '\\' || n + 1 == sizeof(dtype_name)) return false;
    out[n++] = *c->at++;
  }
  if (c->at == c->end) return false;
  out[n] = '\0';
  c->at++;
  return true;
}

// A decimal number without a sign, at most 2^48: no array that fits a machine is longer along one axis.
static bool take_size(cursor* c, int64_t* out) {
  skip_spaces(c);
  const char* start = c->at;
  int64_t value = 0;
  for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
    value = 10 * value + (*c->at - '0');
    if (value > (int64_t)1 << 48) return false;
  }
  *out = value;
  return c->at > start;
}

// The type of the numbers by NumPy's name; fails for types and byte orders that are not read.
static lb_status read_dtype(cursor* c, header* h) {
  dtype_name name;
  skip_spaces(c);
  if (c->at < c->end && *c->at == '[') return lb_fail(LB_INPUT, "has a structured dtype, expected a plain array");
  if (!take_string(c, name) || strlen(name) < 2) return malformed();
  h->has_dtype = true;
  for (int i = 0; i < DTYPES; i++) {
    bool sign_free = dtypes[i].bytes == 1;  // one byte has no order, so both marks mean the same
    if (dtypes[i].dtype == LB_UTF8 || strcmp(name + 1, dtypes[i].name + 1) != 0) continue;
    if (name[0] != dtypes[i].name[0] && !(sign_free && (name[0] == '<' || name[0] == '|'))) continue;
    h->dtype = dtypes[i].dtype;
    return lb_ok();
  }
  if (strncmp(name, "<U", 2) == 0) {
    cursor digits = {name + 2, name + strlen(name)};
    h->dtype = LB_UTF8;
    return take_size(&digits, &h->characters) && digits.at == digits.end ? lb_ok() : malformed();
  }
  if (name[0] == '>') {
    return lb_fail(LB_INPUT, "is big-endian (dtype '%s'), save it with astype('<%s')", name, name + 1);
  }
  if (strcmp(name, "|O") == 0) return lb_fail(LB_INPUT, "holds Python objects (dtype object), expected numbers");
  return lb_fail(LB_INPUT, "has dtype '%s', expected float32, float64, bool, an integer or a str", name);
}

// fortran_order, which must be False.
static lb_status read_order(cursor* c, header* h) {
  h->has_order = true;
  if (take(c, "False")) return lb_ok();
  if (take(c, "True")) return lb_fail(LB_INPUT, "is in Fortran order, save it with numpy.ascontiguousarray");
  return malformed();
}

// "()", "(3,)", "(3, 4)".
static lb_status read_shape(cursor* c, header* h) {
  h->has_shape = true;
  if (!take(c, "(")) return malformed();
  bool comma = true;
  while (!take(c, ")")) {
    int64_t length;
    if (!comma || !take_size(c, &length)) return malformed();
    if (h->rank == LB_MAX_RANK) return lb_fail(LB_INPUT, "has more than %d dimensions", LB_MAX_RANK);
    h->shape[h->rank++] = length;
    comma = take(c, ",");
  }
  return h->rank == 1 && !comma ? malformed() : lb_ok();  // "(3)" is a number, not a tuple
}

// The header's dictionary, a Python literal with exactly descr, fortran_order and shape.
static lb_status read_dictionary(cursor* c, header* h) {
  if (!take(c, "{")) return malformed();
  bool comma = true;
  while (!take(c, "}")) {
    dtype_name key;
    if (!comma || !take_string(c, key) || !take(c, ":")) return malformed();
    if (strcmp(key, "descr") == 0 && !h->has_dtype) {
      LB_TRY(read_dtype(c, h));
    } else if (strcmp(key, "fortran_order") == 0 && !h->has_order) {
      LB_TRY(read_order(c, h));
    } else if (strcmp(key, "shape") == 0 && !h->has_shape) {
      LB_TRY(read_shape(c, h));
    } else {
      return malformed();
    }
    comma = take(c, ",");
  }
  skip_spaces(c);
  bool ends = c->end - c->at == 1 && *c->at == '\n';
  return h->has_dtype && h->has_order && h->has_shape && ends ? lb_ok() : malformed();
}

// The length of all that stands before the data, as the first 12 bytes say. 0: it is none.
static lb_status header_length(const uint8_t* bytes, size_t n, size_t* fixed, size_t* length) {
  if (n < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0) return lb_fail(LB_INPUT, "is not a .npy array");
  int major = bytes[6], minor = bytes[7];
  if (major < 1 || major > 3 || minor != 0) {
    return lb_fail(LB_INPUT, "has .npy version %d.%d, expected 1.0 to 3.0", major, minor);
  }
  *fixed = major == 1 ? 10 : 12;
  *length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
  if (n < *fixed) return malformed();
  if (major > 1) *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
  return lb_ok();
}

// Turns UCS-4 text into UTF-8, in place: a character never takes more bytes than it did.
static lb_status shorten_text(uint8_t* data, size_t characters) {
  size_t used = 0;
  bool ended = false;
  for (size_t i = 0; i < characters; i++) {
    uint32_t code;
    char utf8[4];
    memcpy(&code, data + 4 * i, 4);
    if (code == 0) {
      ended = true;  // NumPy pads with NULs
      continue;
    }
    int bytes = ended ? 0 : lb_utf8_encode(code, utf8);
    if (bytes == 0) return lb_fail(LB_INPUT, "is a str with an invalid character at %zu", i);
    memcpy(data + used, utf8, (size_t)bytes);
    used += (size_t)bytes;
  }
  data[used] = 0;
  return lb_ok();
}

// The number of elements; the bytes after the header must be exactly theirs.
static lb_status count_elements(const header* h, size_t data_bytes, int64_t* size) {
  uint64_t element = h->dtype == LB_UTF8 ? (uint64_t)h->characters * 4 : lb_dtype_bytes(h->dtype);
  uint64_t count = 1;
  for (int i = 0; i < h->rank; i++) count = h->shape[i] == 0 ? 0 : count;
  for (int i = 0; i < h->rank && count > 0; i++) {
    count = (uint64_t)h->shape[i] > (uint64_t)INT64_MAX / 8 / count ? UINT64_MAX : count * (uint64_t)h->shape[i];
    if (count == UINT64_MAX) break;
  }
  bool fits = element == 0 ? data_bytes == 0 : data_bytes % element == 0 && data_bytes / element == count;
  if (!fits) return lb_fail(LB_INPUT, "has %zu bytes of data, which is not what its shape says", data_bytes);
  *size = (int64_t)count;
  return lb_ok();
}

lb_status lb_npy_peek(lb_array* array, const uint8_t* bytes, size_t n, size_t total, size_t* start, size_t* more) {
  header h = {0};
  size_t fixed = 0, length = 0;
  *more = 0;
  LB_TRY(header_length(bytes, n, &fixed, &length));
  if (length > total - fixed || length > longest_header) return malformed();
  *start = fixed + length;
  if (*start > n) {
    *more = *start;
    return lb_ok();
  }
  cursor c = {(const char*)bytes + fixed, (const char*)bytes + *start};
  LB_TRY(read_dictionary(&c, &h));
  LB_TRY(count_elements(&h, total - *start, &array->size));
  if (h.dtype == LB_UTF8 && h.rank != 0) return lb_fail(LB_INPUT, "is an array of strings, expected a single str");
  array->dtype = h.dtype;
  array->rank = h.rank;
  array->data = NULL;
  memcpy(array->shape, h.shape, sizeof array->shape);
  return lb_ok();
}

lb_status lb_npy_parse(lb_array* array, uint8_t* bytes, size_t n) {
  size_t start = 0, more = 0;
  LB_TRY(lb_npy_peek(array, bytes, n, n, &start, &more));
  size_t data_bytes = n - start;
  array->data = bytes;
  memmove(bytes, bytes + start, data_bytes);
  bytes[data_bytes] = 0;
  if (array->dtype == LB_UTF8) return shorten_text(bytes, data_bytes / 4);
  for (size_t i = 0; array->dtype == LB_BOOL && i < data_bytes; i++) {
    if (bytes[i] > 1) return lb_fail(LB_INPUT, "is a bool array with the byte %d at %zu", bytes[i], i);
  }
  return lb_ok();
}

// The next character of a NUL-terminated text; what is not UTF-8 counts byte by byte as U+FFFD.
static uint32_t next_character(const char** text) {
  uint32_t code = 0xFFFD;
  int bytes = lb_utf8_decode(*text, strnlen(*text, 4), &code);
  *text += bytes > 0 ? bytes : 1;
  return code;
}

// Characters, not bytes, of a UTF-8 text.
static size_t count_characters(const char* text) {
  size_t n = 0;
  while (*text) {
    next_character(&text);
    n++;
  }
  return n;
}

// Writes a text as NumPy's "<U": four bytes a character.
static void write_text(lb_text* out, const char* text) {
  while (*text) {
    uint32_t code = next_character(&text);
    lb_text_add_bytes(out, (const char*)&code, sizeof code);
  }
}

// Everything before the data. characters: of an LB_UTF8 text.
static size_t write_header(lb_text* out, lb_dtype dtype, size_t characters, int rank, const int64_t* shape) {
  assert(rank >= 0 && rank <= LB_MAX_RANK && (dtype != LB_UTF8 || rank == 0));
  lb_text dictionary = {0};
  lb_text_add(&dictionary, "{'descr': '%s", dtypes[dtype].name);
  if (dtype == LB_UTF8) lb_text_add(&dictionary, "%zu", characters);
  lb_text_add(&dictionary, "', 'fortran_order': False, 'shape': (");
  size_t count = 1;
  for (int i = 0; i < rank; i++) {
    lb_text_add(&dictionary, "%s%" PRId64, i ? ", " : "", shape[i]);
    count *= (size_t)shape[i];
  }
  lb_text_add(&dictionary, "%s), }", rank == 1 ? "," : "");
  size_t length = (10 + dictionary.length + 1 + 63) / 64 * 64 - 10;  // the data start at a multiple of 64
  uint8_t start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)(length & 0xFF), (uint8_t)(length >> 8)};
  lb_text_add_bytes(out, (const char*)start, sizeof start);
  lb_text_add(out, "%-*s\n", (int)length - 1, dictionary.data);
  lb_text_free(&dictionary);
  return count * lb_dtype_bytes(dtype);
}

size_t lb_npy_write_header(lb_text* out, lb_dtype dtype, int rank, const int64_t* shape) {
  assert(dtype != LB_UTF8);
  return write_header(out, dtype, 0, rank, shape);
}

void lb_npy_write(lb_text* out, lb_dtype dtype, int rank, const int64_t* shape, const void* data) {
  size_t bytes = write_header(out, dtype, dtype == LB_UTF8 ? count_characters(data) : 0, rank, shape);
  if (dtype == LB_UTF8) {
    write_text(out, data);
  } else if (bytes > 0) {
    lb_text_add_bytes(out, data, bytes);
  }
}
