// The .safetensors format: see safetensors.h.
#include "io/safetensors.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "io/npy.h"

static const uint64_t longest_header = 100000000;  // as in the reference implementation
enum { MOST_TENSORS = 4096 };

typedef enum encoding { AS_IT_IS, HALF, BRAIN } encoding;  // IEEE 754 binary16; the upper half of a float

static const struct {
  lb_dtype dtype;
  const char* name;
  encoding code;
} dtypes[] = {
    {LB_F32, "F32", AS_IT_IS}, {LB_F64, "F64", AS_IT_IS}, {LB_BOOL, "BOOL", AS_IT_IS}, {LB_I8, "I8", AS_IT_IS},
    {LB_I16, "I16", AS_IT_IS}, {LB_I32, "I32", AS_IT_IS}, {LB_I64, "I64", AS_IT_IS},   {LB_U8, "U8", AS_IT_IS},
    {LB_U16, "U16", AS_IT_IS}, {LB_U32, "U32", AS_IT_IS}, {LB_U64, "U64", AS_IT_IS},   {LB_F32, "F16", HALF},
    {LB_F32, "BF16", BRAIN},
};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0] };

static const char metadata_key[] = "__metadata__";
static const char our_key[] = "lazybench";
static const char sum_key[] = "lazybench_content";
static const char old_sum_key[] = "lazybench_sha256";
static const char old_sum_start[] = "\"lazybench_sha256\":\"";  // what stands before the digits
enum { SUM_DIGITS = 64 };
static const char no_sum[] = "0000000000000000000000000000000000000000000000000000000000000000";

// Where a tensor's data lie, and how.
typedef struct span {
  int64_t begin, end;
  int tensor;
  int type;  // a row of dtypes
} span;

struct lb_safetensors {
  lb_arena* arena;
  lb_array* tensors;
  span* spans;  // (n) by where they begin, once the data are placed
  int n;
  const char* metadata;
  const char *sum, *old_sum;  // NULL: the file has none
  int metadata_keys;
};

// How many bytes the tensor's numbers take.
static size_t tensor_bytes(const lb_array* tensor) {
  size_t bytes = lb_dtype_bytes(tensor->dtype);
  for (int i = 0; i < tensor->rank; i++) bytes *= (size_t)tensor->shape[i];
  return bytes;
}

// The digits of the old checksum in a header, or NULL.
static char* find_old_sum(char* header, size_t n) {
  char* start = memmem(header, n, old_sum_start, sizeof old_sum_start - 1);
  if (!start || n - (size_t)(start - header) < sizeof old_sum_start - 1 + SUM_DIGITS) return NULL;
  return start + sizeof old_sum_start - 1;
}

// The tensor's type as a row of the table.
static int type_of(const lb_array* tensor) {
  int type = 0;
  while (dtypes[type].dtype != tensor->dtype) type++;
  return type;
}

static int compare_names(const void* x, const void* y) {
  return strcmp((*(const lb_array* const*)x)->name, (*(const lb_array* const*)y)->name);
}

// A tensor's line of the file's own checksum: name, type, shape, SHA-256 of the data.
static void add_line(lb_text* out, const lb_array* tensor, int type, const void* data, size_t bytes) {
  char sum[SUM_DIGITS + 1];
  lb_sha256(data, bytes, sum);
  lb_text_add(out, "%zu %s %s", strlen(tensor->name), tensor->name, dtypes[type].name);
  for (int i = 0; i < tensor->rank; i++) lb_text_add(out, " %" PRId64, tensor->shape[i]);
  lb_text_add(out, " %s\n", sum);
}

// The checksum of what is in a file, wherever it stands. Of a file that is read, `spans` are its tensors' and `data`
// its data; spans NULL: the tensors have theirs.
static void sum_content(char out[SUM_DIGITS + 1], const char* metadata, const lb_array* tensors, int n,
                        const span* spans, const char* data) {
  lb_text text = {0};
  char sum[SUM_DIGITS + 1];
  const lb_array** sorted = malloc((size_t)(n + 1) * sizeof(const lb_array*));
  const span** of = calloc((size_t)(n + 1), sizeof(const span*));
  if (!sorted || !of) {
    fputs("out of memory\n", stderr);
    exit(1);
  }
  for (int i = 0; i < n; i++) {
    sorted[i] = &tensors[i];
    if (spans) of[spans[i].tensor] = &spans[i];
  }
  qsort(sorted, (size_t)n, sizeof(const lb_array*), compare_names);
  lb_sha256(metadata, strlen(metadata), sum);
  lb_text_add(&text, "metadata %s\n", sum);
  for (int i = 0; i < n; i++) {
    const span* s = of[sorted[i] - tensors];
    if (s) {
      add_line(&text, sorted[i], s->type, data + s->begin, (size_t)(s->end - s->begin));
    } else {
      add_line(&text, sorted[i], type_of(sorted[i]), sorted[i]->data, tensor_bytes(sorted[i]));
    }
  }
  lb_sha256(text.data, text.length, out);
  lb_text_free(&text);
  free(sorted);
  free(of);
}

// A tensor's entry of the header.
static void write_tensor(lb_json_writer* w, const lb_array* tensor, size_t begin, size_t end) {
  assert(tensor->dtype == LB_F32 || tensor->dtype == LB_F64 || tensor->dtype == LB_I32 || tensor->dtype == LB_I64);
  lb_json_write_begin_object(w, tensor->name);
  lb_json_write_string(w, "dtype", dtypes[type_of(tensor)].name);
  lb_json_write_begin_array(w, "shape");
  for (int i = 0; i < tensor->rank; i++) lb_json_write_int(w, NULL, tensor->shape[i]);
  lb_json_write_end_array(w);
  lb_json_write_begin_array(w, "data_offsets");
  lb_json_write_int(w, NULL, (int64_t)begin);
  lb_json_write_int(w, NULL, (int64_t)end);
  lb_json_write_end_array(w);
  lb_json_write_end_object(w);
}

// The header with a checksum under `key`; padded so that the data start aligned.
static void write_header(lb_text* header, const char* key, const char* sum, const char* metadata,
                         const lb_array* tensors, int n) {
  lb_json_writer w = lb_json_writer_on(header);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_begin_object(&w, metadata_key);
  lb_json_write_string(&w, key, sum);
  lb_json_write_string(&w, our_key, metadata);
  lb_json_write_end_object(&w);
  size_t begin = 0;
  for (int i = 0; i < n; i++) {
    size_t end = begin + tensor_bytes(&tensors[i]);
    write_tensor(&w, &tensors[i], begin, end);
    begin = end;
  }
  lb_json_write_end_object(&w);
  while (header->length % 8) lb_text_add_bytes(header, " ", 1);
}

lb_status lb_safetensors_save(const char* path, const char* metadata, const lb_array* tensors, int n) {
  assert(n < MOST_TENSORS);
  lb_text header = {0}, file = {0};
  char sum[SUM_DIGITS + 1];
  sum_content(sum, metadata, tensors, n, NULL, NULL);
  write_header(&header, sum_key, sum, metadata, tensors, n);
  uint64_t length = header.length;
  lb_text_add_bytes(&file, (const char*)&length, sizeof length);
  lb_text_add_bytes(&file, header.data, header.length);
  for (int i = 0; i < n; i++) {
    size_t bytes = tensor_bytes(&tensors[i]);
    if (bytes > 0) lb_text_add_bytes(&file, tensors[i].data, bytes);
  }
  lb_status status = lb_file_replace(path, file.data, file.length);
  lb_text_free(&header);
  lb_text_free(&file);
  return status;
}

// A whole number that JSON can carry exactly.
static lb_status read_size(lb_node node, int64_t* out) {
  double value;
  LB_TRY(lb_json_as_number(node, 0, 0x1p53, &value));
  *out = (int64_t)value;
  return (double)*out == value ? lb_ok() : lb_json_fail(node, "expected a whole number, found %g", value);
}

// The type by its name; fails for one that is not read.
static lb_status read_dtype(lb_node node, lb_dtype* out, int* type) {
  const char* name;
  lb_node value;
  LB_TRY(lb_json_string(node, "dtype", &name));
  for (*type = 0; *type < DTYPES; ++*type) {
    if (strcmp(dtypes[*type].name, name) != 0) continue;
    *out = dtypes[*type].dtype;
    return lb_ok();
  }
  LB_TRY(lb_json_child(node, "dtype", &value));
  return lb_json_fail(
      value, "'%.20s' is none of the types that are read: F64, F32, F16, BF16, BOOL, I8 to I64, U8 to U64", name);
}

// The shape, whose product must be below 2^53.
static lb_status read_shape(lb_node node, lb_array* tensor) {
  lb_node shape;
  LB_TRY(lb_json_array(node, "shape", &shape, &tensor->rank));
  if (tensor->rank > LB_MAX_RANK) return lb_json_fail(shape, "has more than %d dimensions", LB_MAX_RANK);
  tensor->size = 1;
  for (int i = 0; i < tensor->rank; i++) {
    LB_TRY(read_size(lb_json_element(shape, i), &tensor->shape[i]));
    bool fits = tensor->shape[i] == 0 || tensor->size <= ((int64_t)1 << 53) / tensor->shape[i];
    if (!fits) return lb_json_fail(shape, "is too large");
    tensor->size *= tensor->shape[i];
  }
  return lb_ok();
}

// Where the tensor's data begin and end.
static lb_status read_offsets(lb_node node, int64_t* begin, int64_t* end) {
  lb_node offsets;
  int n;
  LB_TRY(lb_json_array(node, "data_offsets", &offsets, &n));
  if (n != 2) return lb_json_fail(offsets, "expected two offsets, found %d", n);
  LB_TRY(read_size(lb_json_element(offsets, 0), begin));
  return read_size(lb_json_element(offsets, 1), end);
}

// One tensor of the header; its data stay where they are until all spans are known to be right.
static lb_status read_tensor(lb_node node, lb_array* tensor, span* where) {
  static const char* const keys[] = {"dtype", "shape", "data_offsets"};
  LB_TRY(lb_json_keys(node, keys, 3));
  LB_TRY(read_dtype(node, &tensor->dtype, &where->type));
  LB_TRY(read_shape(node, tensor));
  LB_TRY(read_offsets(node, &where->begin, &where->end));
  int64_t bytes = dtypes[where->type].code == AS_IT_IS ? (int64_t)lb_dtype_bytes(tensor->dtype) : 2;
  if (where->end < where->begin || (where->end - where->begin) % bytes != 0 ||
      (where->end - where->begin) / bytes != tensor->size) {
    return lb_json_fail(node, "the offsets %" PRId64 " to %" PRId64 " do not hold a tensor of this shape and dtype",
                        where->begin, where->end);
  }
  return lb_ok();
}

// The metadata: ours, and the checksum, kept; others counted.
static lb_status read_metadata(lb_safetensors* s, lb_node node) {
  if (!lb_json_is_object(node)) return lb_json_fail(node, "expected an object of strings");
  for (int i = 0; i < lb_json_length(node); i++) {
    const char* text;
    lb_node value;
    LB_TRY(lb_json_child(node, lb_json_key(node, i), &value));
    LB_TRY(lb_json_as_string(value, &text));
    const char* key = lb_json_key(node, i);
    if (strcmp(key, our_key) == 0) s->metadata = lb_arena_text(s->arena, text);
    if (strcmp(key, sum_key) == 0) s->sum = lb_arena_text(s->arena, text);
    if (strcmp(key, old_sum_key) == 0) s->old_sum = lb_arena_text(s->arena, text);
    s->metadata_keys++;
  }
  return lb_ok();
}

// Order of two spans by their begin, then their end.
static int compare_spans(const void* x, const void* y) {
  const span *a = x, *b = y;
  if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
  return (a->end > b->end) - (a->end < b->end);
}

// A half or a brain float.
static float widen(uint16_t x, encoding code) {
  float out;
  uint32_t bits = (uint32_t)x << 16;
  if (code == HALF) {
    uint32_t exponent = x >> 10 & 31u, mantissa = x & 1023u;
    float value = exponent == 31  ? (mantissa ? NAN : INFINITY)
                  : exponent == 0 ? ldexpf((float)mantissa, -24)
                                  : ldexpf((float)(mantissa + 1024), (int)exponent - 25);
    return x >> 15 ? -value : value;
  }
  memcpy(&out, &bits, sizeof out);
  return out;
}

// A tensor's own data, in the arena.
static const void* copy_data(lb_arena* arena, const char* from, const lb_array* tensor, const span* where) {
  encoding code = dtypes[where->type].code;
  if (code == AS_IT_IS) {
    size_t bytes = (size_t)(where->end - where->begin);
    void* copy = lb_arena_take(arena, bytes, 1);
    if (bytes > 0) memcpy(copy, from, bytes);
    return copy;
  }
  float* copy = LB_TAKE(arena, float, tensor->size);
  for (int64_t i = 0; i < tensor->size; i++) {
    uint16_t x;
    memcpy(&x, from + 2 * i, sizeof x);
    copy[i] = widen(x, code);
  }
  return copy;
}

// The spans, in order, must cover the data from the first byte to the last; then the tensors get their copies.
static lb_status place_data(lb_safetensors* s, const char* data, size_t n, const char* path) {
  span* spans = s->spans;
  qsort(spans, (size_t)s->n, sizeof *spans, compare_spans);
  int64_t covered = 0;
  for (int i = 0; i < s->n; i++) {
    lb_array* tensor = &s->tensors[spans[i].tensor];
    if (spans[i].begin != covered) {
      return lb_fail(LB_INPUT, "%s: tensor '%.100s' %s", path, tensor->name,
                     spans[i].begin < covered ? "overlaps another" : "leaves a gap before it");
    }
    covered = spans[i].end;
    if ((uint64_t)covered > n) {
      return lb_fail(LB_INPUT, "%s: tensor '%.100s' reaches past the end of the file: it is truncated or damaged", path,
                     tensor->name);
    }
    tensor->data = copy_data(s->arena, data + spans[i].begin, tensor, &spans[i]);
  }
  if ((size_t)covered == n) return lb_ok();
  return lb_fail(LB_INPUT, "%s: has %zu bytes after the last tensor", path, n - (size_t)covered);
}

// All tensors that the header describes.
static lb_status read_header(lb_safetensors* s, lb_node root) {
  if (!lb_json_is_object(root)) return lb_json_fail(root, "expected an object");
  int entries = lb_json_length(root);
  for (int i = 0; i < entries; i++) {
    const char* key = lb_json_key(root, i);
    lb_node node;
    LB_TRY(lb_json_child(root, key, &node));
    if (strcmp(key, metadata_key) == 0) {
      LB_TRY(read_metadata(s, node));
      continue;
    }
    lb_array* tensor = &s->tensors[s->n];
    tensor->name = lb_arena_text(s->arena, key);
    s->spans[s->n].tensor = s->n;
    LB_TRY(read_tensor(node, tensor, &s->spans[s->n]));
    s->n++;
  }
  return lb_ok();
}

// The tensors, and their data's places.
static lb_status read_all(lb_safetensors* s, lb_node root, const char* data, size_t n, const char* path) {
  int entries = lb_json_length(root);
  if (entries > MOST_TENSORS) return lb_json_fail(root, "has %d entries, expected at most %d", entries, MOST_TENSORS);
  s->tensors = LB_TAKE(s->arena, lb_array, entries);
  s->spans = LB_TAKE(s->arena, span, entries);
  LB_TRY(read_header(s, root));
  return place_data(s, data, n, path);
}

// The header as a document; *start receives where the data begin.
static lb_status parse_header(lb_json** out, char* bytes, size_t n, const char* path, size_t* start) {
  uint64_t length;
  if (n < sizeof length) return lb_fail(LB_INPUT, "%s: is truncated: %zu bytes are no .safetensors file", path, n);
  memcpy(&length, bytes, sizeof length);
  if (length > longest_header || length > n - sizeof length) {
    return lb_fail(LB_INPUT,
                   "%s: its header claims %" PRIu64
                   " bytes in a file of %zu: it is truncated or no "
                   ".safetensors file",
                   path, length, n);
  }
  char* header = bytes + sizeof length;
  if (memchr(header, '\0', length)) return lb_fail(LB_INPUT, "%s: the header holds a NUL byte", path);
  char after = header[length];
  header[length] = '\0';
  lb_status status = lb_json_parse(out, header, path);
  header[length] = after;
  *start = sizeof length + length;
  return status;
}

static lb_status altered(const char* path, const char* key) {
  return lb_fail(LB_INPUT, "%s: the checksum '%s' in its metadata does not fit its content: it was altered", path, key);
}

// Whether the header, whose old checksum is zeros, is one that this program wrote: another's is laid out otherwise, or
// has the tensors in the order of their names, which ours never have.
static bool is_our_header(const lb_safetensors* s, const char* header, size_t n) {
  lb_text ours = {0};
  lb_array* tensors = LB_TAKE(s->arena, lb_array, s->n + 1);
  bool sorted = s->n > 1;
  for (int i = 1; i < s->n; i++) {
    sorted = sorted && strcmp(s->tensors[s->spans[i - 1].tensor].name, s->tensors[s->spans[i].tensor].name) < 0;
  }
  if (sorted) return false;
  for (int i = 0; i < s->n; i++) {
    if (dtypes[s->spans[i].type].code != AS_IT_IS) return false;
    tensors[i] = s->tensors[s->spans[i].tensor];
  }
  write_header(&ours, old_sum_key, no_sum, s->metadata, tensors, s->n);
  bool same = ours.length == n && memcmp(ours.data, header, n) == 0;
  lb_text_free(&ours);
  return same;
}

// Compares the old checksum. The digits in the header are overwritten.
static lb_status check_old_sum(const lb_safetensors* s, char* bytes, size_t n, size_t start, const char* path) {
  char sum[SUM_DIGITS + 1];
  char* header = bytes + sizeof(uint64_t);
  char* digits = find_old_sum(header, start - sizeof(uint64_t));
  bool told = digits && strlen(s->old_sum) == SUM_DIGITS && memcmp(digits, s->old_sum, SUM_DIGITS) == 0;
  if (told) {
    memcpy(digits, no_sum, SUM_DIGITS);
    lb_sha256(header, n - sizeof(uint64_t), sum);
    if (strcmp(sum, s->old_sum) == 0) return lb_ok();
  }
  // Only ours and the checksum are in the metadata, but the header is not as we write it.
  bool again = strlen(s->old_sum) == SUM_DIGITS && s->metadata_keys == 2 && s->n > 0 && s->metadata[0] == '{' &&
               s->metadata[1] && !is_our_header(s, header, start - sizeof(uint64_t));
  if (!again) return altered(path, old_sum_key);
  static char warned[4096];  // a command opens a file several times, and says this once
  if (strcmp(warned, path) != 0) {
    lb_log_warning("%s: another program has written it again, so that its checksum can no longer be told", path);
  }
  snprintf(warned, sizeof warned, "%s", path);
  return lb_ok();
}

// Compares the checksum, if there is one.
static lb_status check_sum(const lb_safetensors* s, char* bytes, size_t n, size_t start, const char* path) {
  char sum[SUM_DIGITS + 1];
  if (s->sum) {
    sum_content(sum, s->metadata, s->tensors, s->n, s->spans, bytes + start);
    return strcmp(sum, s->sum) == 0 ? lb_ok() : altered(path, sum_key);
  }
  return s->old_sum ? check_old_sum(s, bytes, n, start, path) : lb_ok();
}

// The whole file from its bytes, checksum included.
static lb_status load_bytes(lb_safetensors* s, char* bytes, size_t n, const char* path) {
  lb_json* header = NULL;
  size_t start = 0;
  LB_TRY(parse_header(&header, bytes, n, path, &start));
  lb_status status = read_all(s, lb_json_root(header), bytes + start, n - start, path);
  lb_json_free(header);
  LB_TRY(status);
  return check_sum(s, bytes, n, start, path);
}

// Opens a file; every offset is checked before it is followed.
lb_status lb_safetensors_load(lb_safetensors** out, const char* path) {
  char* bytes;
  size_t n;
  *out = NULL;
  LB_TRY(lb_file_read(path, &bytes, &n));
  lb_safetensors* s = calloc(1, sizeof *s);
  if (s) s->arena = lb_arena_new(0);
  lb_status status = lb_fail(LB_MEMORY, "%s: out of memory", path);
  if (s && s->arena) {
    s->metadata = "{}";
    status = load_bytes(s, bytes, n, path);
  }
  free(bytes);
  if (status.code != LB_OK) {
    lb_safetensors_free(s);
    return status;
  }
  *out = s;
  return lb_ok();
}

// Frees the file and its tensors; NULL is nothing to free.
void lb_safetensors_free(lb_safetensors* s) {
  if (!s) return;
  lb_arena_free(s->arena);
  free(s);
}

const char* lb_safetensors_metadata(const lb_safetensors* s) {
  return s->metadata;
}

const lb_array* lb_safetensors_find(const lb_safetensors* s, const char* name) {
  for (int i = 0; i < s->n; i++) {
    if (strcmp(s->tensors[i].name, name) == 0) return &s->tensors[i];
  }
  return NULL;
}
