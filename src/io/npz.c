// .npz archives: see npz.h.
#include "io/npz.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"
#include "io/npy.h"
#include "io/utf8.h"
#include "io/zip.h"

// ---------------------------------------------------------------------------------------------------------------------
// Reading

struct lb_npz {
  char* origin;
  char* bytes;  // the file, where entries are unpacked as they are asked for; NULL else
  lb_zip zip;
  lb_array* arrays;          // (zip.n)
  char** trouble;            // (zip.n) why an entry is no array that can be read; NULL: it is one
  const char* const* known;  // (nknown) what is not suggested
  int nknown;
};

enum { MOST_PEEKED = 256 };  // bytes of an entry that hold the header of nearly every array

// What entry i says of itself. What is wrong with it is remembered, for who asks for it.
static lb_status read_description(lb_npz* npz, int i, const char* name, size_t length) {
  uint8_t few[MOST_PEEKED];
  size_t total = npz->zip.entries[i].size, got = 0, start = 0, more = 0;
  if (length <= 4 || strcmp(name + length - 4, ".npy") != 0) {
    return lb_fail(LB_INPUT, "%s: entry '%.100s': is not a .npy array", npz->origin, name);
  }
  LB_TRY(lb_zip_peek(&npz->zip, i, few, sizeof few, &got));
  lb_status status = lb_npy_peek(&npz->arrays[i], few, got, total, &start, &more);
  if (status.code == LB_OK && more > 0) {
    uint8_t* bytes = malloc(more);
    if (!bytes) return lb_fail(LB_MEMORY, "%s: out of memory", npz->origin);
    status = lb_zip_peek(&npz->zip, i, bytes, more, &got);
    if (status.code == LB_OK) status = lb_npy_peek(&npz->arrays[i], bytes, got, total, &start, &more);
    free(bytes);
  }
  return lb_within(status, "%s: entry '%.100s'", npz->origin, name);
}

// Entry i's name, type and shape; what is wrong with it is kept, and told to who asks for it.
static lb_status describe(lb_npz* npz, int i) {
  const char* name = npz->zip.entries[i].name;
  size_t length = strlen(name);
  lb_status status = read_description(npz, i, name, length);
  if (status.code == LB_INPUT) {
    npz->arrays[i] = (lb_array){0};
    npz->trouble[i] = strdup(status.text);
    status = npz->trouble[i] ? lb_ok() : lb_fail(LB_MEMORY, "%s: out of memory", npz->origin);
  }
  LB_TRY(status);
  bool is_npy = length > 4 && strcmp(name + length - 4, ".npy") == 0;
  npz->arrays[i].name = strndup(name, is_npy ? length - 4 : length);
  return npz->arrays[i].name ? lb_ok() : lb_fail(LB_MEMORY, "%s: out of memory", npz->origin);
}

// Unpacks entry i, if that has not been done.
static lb_status fetch(const lb_npz* npz, int i) {
  lb_array* array = &npz->arrays[i];
  lb_zip zip = npz->zip;
  if (npz->trouble[i]) return lb_fail(LB_INPUT, "%s", npz->trouble[i]);
  if (array->data) return lb_ok();
  LB_TRY(lb_zip_unpack(&zip, i));
  lb_status status = lb_npy_parse(array, zip.entries[i].data, zip.entries[i].size);
  if (status.code != LB_OK) {
    array->data = NULL;
    lb_zip_drop(&zip, i);
  }
  return lb_within(status, "%s: entry '%.100s'", npz->origin, zip.entries[i].name);
}

// Reads the directory and what stands before each array.
static lb_status open_archive(lb_npz* npz, const void* bytes, size_t n) {
  LB_TRY(lb_zip_open(&npz->zip, bytes, n, npz->origin));
  npz->arrays = calloc((size_t)npz->zip.n + 1, sizeof *npz->arrays);
  npz->trouble = calloc((size_t)npz->zip.n + 1, sizeof *npz->trouble);
  if (!npz->arrays || !npz->trouble) return lb_fail(LB_MEMORY, "%s: out of memory", npz->origin);
  for (int i = 0; i < npz->zip.n; i++) LB_TRY(describe(npz, i));
  return lb_ok();
}

// Unpacks all of it; of entries that are no arrays for us only the CRC is looked at.
static lb_status fetch_all(lb_npz* npz) {
  for (int i = 0; i < npz->zip.n; i++) {
    if (!npz->trouble[i]) {
      LB_TRY(fetch(npz, i));
    } else {
      LB_TRY(lb_zip_unpack(&npz->zip, i));
      lb_zip_drop(&npz->zip, i);
    }
  }
  return lb_ok();
}

// An archive from bytes that stay the caller's (all: every array is unpacked now).
static lb_status read_bytes(lb_npz** out, const void* bytes, size_t n, const char* origin, bool all) {
  *out = NULL;
  lb_npz* npz = calloc(1, sizeof *npz);
  if (!npz) return lb_fail(LB_MEMORY, "%s: out of memory", origin);
  npz->origin = strdup(origin);
  lb_status status = npz->origin ? open_archive(npz, bytes, n) : lb_fail(LB_MEMORY, "%s: out of memory", origin);
  if (status.code == LB_OK && all) status = fetch_all(npz);
  if (status.code != LB_OK) {
    lb_npz_free(npz);
    return status;
  }
  *out = npz;
  return lb_ok();
}

lb_status lb_npz_parse(lb_npz** out, const void* bytes, size_t n, const char* origin) {
  return read_bytes(out, bytes, n, origin, true);
}

lb_status lb_npz_load(lb_npz** out, const char* path) {
  char* bytes;
  size_t n;
  *out = NULL;
  LB_TRY(lb_file_read(path, &bytes, &n));
  lb_status status = lb_npz_parse(out, bytes, n, path);
  free(bytes);
  return status;
}

lb_status lb_npz_open(lb_npz** out, const char* path) {
  char* bytes;
  size_t n;
  *out = NULL;
  LB_TRY(lb_file_read(path, &bytes, &n));
  lb_status status = read_bytes(out, bytes, n, path, false);
  if (*out) {
    (*out)->bytes = bytes;
  } else {
    free(bytes);
  }
  return status;
}

// Frees the archive and its arrays; NULL is nothing to free.
void lb_npz_free(lb_npz* npz) {
  if (!npz) return;
  for (int i = 0; i < npz->zip.n && npz->arrays && npz->trouble; i++) {
    free((char*)npz->arrays[i].name);
    free(npz->trouble[i]);
  }
  lb_zip_free(&npz->zip);
  free(npz->arrays);
  free(npz->trouble);
  free(npz->origin);
  free(npz->bytes);
  free(npz);
}

void lb_npz_know(lb_npz* npz, const char* const* names, int n) {
  npz->known = names;
  npz->nknown = n;
}

const char* lb_npz_origin(const lb_npz* npz) {
  return npz->origin;
}

int lb_npz_count(const lb_npz* npz) {
  return npz->zip.n;
}

const lb_array* lb_npz_at(const lb_npz* npz, int i) {
  return &npz->arrays[i];
}

// The index of an entry, first of those that can be read; -1: none.
static int index_of(const lb_npz* npz, const char* name) {
  int found = -1;
  for (int i = 0; i < npz->zip.n; i++) {
    if (strcmp(npz->arrays[i].name, name) != 0) continue;
    if (!npz->trouble[i]) return i;
    if (found < 0) found = i;
  }
  return found;
}

const lb_array* lb_npz_find(const lb_npz* npz, const char* name) {
  int i = index_of(npz, name);
  return i >= 0 && !npz->trouble[i] ? &npz->arrays[i] : NULL;
}

bool lb_npz_has(const lb_npz* npz, const char* name) {
  return index_of(npz, name) >= 0;
}

// Whether somebody asked for the array by this name.
static bool is_known(const lb_npz* npz, const char* name) {
  for (int i = 0; i < npz->nknown; i++) {
    if (strcmp(npz->known[i], name) == 0) return true;
  }
  return false;
}

// The name behind the last slash.
static const char* without_folder(const char* name) {
  const char* slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}

// What may be meant by a name that is not there; NULL: nothing like it.
static const char* likely(const char* name, const char* const* names, int n) {
  for (int i = 0; i < n; i++) {
    if (strcmp(without_folder(names[i]), without_folder(name)) == 0) return names[i];
  }
  return lb_text_nearest(name, names, n);
}

// The entry of that name, or a failure that suggests the nearest, or says why it is none. Its data may not be there.
static lb_status require(const lb_npz* npz, const char* name, int* out) {
  *out = index_of(npz, name);
  if (*out >= 0 && npz->trouble[*out]) return lb_fail(LB_INPUT, "%s", npz->trouble[*out]);
  if (*out >= 0) return lb_ok();
  const char** names = malloc(((size_t)npz->zip.n + 1) * sizeof *names);
  if (!names) return lb_fail(LB_MEMORY, "%s: out of memory", npz->origin);
  int n = 0;
  for (int i = 0; i < npz->zip.n; i++) {
    if (!is_known(npz, npz->arrays[i].name)) names[n++] = npz->arrays[i].name;
  }
  const char* nearest = likely(name, names, n);
  free(names);
  if (!nearest) return lb_fail(LB_INPUT, "%s: the array '%s' is missing", npz->origin, name);
  return lb_fail(LB_INPUT, "%s: the array '%s' is missing (is it '%.100s'?)", npz->origin, name, nearest);
}

lb_status lb_npz_fetch(const lb_npz* npz, const char* name, const lb_array** out) {
  int i = -1;
  LB_TRY(require(npz, name, &i));
  *out = &npz->arrays[i];
  return fetch(npz, i);
}

// Adds an array to a digest as lb_npz_seal does: as the .npy file that the writer makes of it.
static void digest_array(lb_digest* digest, const lb_array* a) {
  lb_text npy = {0};
  size_t bytes = 0;
  if (a->dtype == LB_UTF8) {
    lb_npy_write(&npy, LB_UTF8, 0, NULL, a->data);
  } else {
    bytes = lb_npy_write_header(&npy, a->dtype, a->rank, a->shape);
  }
  lb_digest_add(digest, npy.data, npy.length);
  lb_digest_add(digest, a->data, bytes);
  lb_text_free(&npy);
}

lb_status lb_npz_check_seal(const lb_npz* npz, const char* name) {
  const char* wanted;
  char found[65];
  lb_digest digest = lb_digest_new();
  int sealed = index_of(npz, name);
  LB_TRY(lb_npz_string(npz, name, &wanted));
  for (int i = 0; i < npz->zip.n; i++) {
    const char* entry = npz->zip.entries[i].name;
    if (i == sealed) continue;
    lb_digest_add(&digest, entry, strlen(entry) + 1);
    if (!npz->trouble[i]) digest_array(&digest, &npz->arrays[i]);
  }
  lb_digest_text(&digest, found);
  if (strcmp(found, wanted) == 0) return lb_ok();
  return lb_fail(LB_INPUT, "%s: its entries are not those that were written: it was altered", npz->origin);
}

// "(3, any)" as Python writes a tuple.
static void add_shape(lb_text* out, int rank, const int64_t* shape) {
  lb_text_add(out, "(");
  for (int i = 0; i < rank; i++) {
    lb_text_add(out, i ? ", " : "");
    if (!shape || shape[i] < 0) {
      lb_text_add(out, "any");
    } else {
      lb_text_add(out, "%" PRId64, shape[i]);
    }
  }
  lb_text_add(out, rank == 1 ? ",)" : ")");
}

// Fails unless the array has the rank and the shape; a negative size: any.
static lb_status check_shape(const lb_npz* npz, const lb_array* array, int rank, const int64_t* shape) {
  bool right = array->rank == rank;
  for (int i = 0; right && shape && i < rank; i++) right = shape[i] < 0 || shape[i] == array->shape[i];
  if (right) return lb_ok();
  lb_text text = {0};
  add_shape(&text, array->rank, array->shape);
  lb_text_add(&text, ", expected ");
  add_shape(&text, rank, shape);
  lb_status status = lb_fail(LB_INPUT, "%s: the array '%s' has shape %s", npz->origin, array->name, text.data);
  lb_text_free(&text);
  return status;
}

// Element i of an array of numbers that fetch has unpacked.
static double element(const lb_array* array, int64_t i) {
  assert(array->data);
  switch (array->dtype) {
    case LB_F32:
      return (double)((const float*)array->data)[i];
    case LB_F64:
      return ((const double*)array->data)[i];
    case LB_BOOL:
    case LB_U8:
      return ((const uint8_t*)array->data)[i];
    case LB_I8:
      return ((const int8_t*)array->data)[i];
    case LB_I16:
      return ((const int16_t*)array->data)[i];
    case LB_I32:
      return ((const int32_t*)array->data)[i];
    case LB_I64:
      return (double)((const int64_t*)array->data)[i];
    case LB_U16:
      return ((const uint16_t*)array->data)[i];
    case LB_U32:
      return ((const uint32_t*)array->data)[i];
    case LB_U64:
      return (double)((const uint64_t*)array->data)[i];
    case LB_UTF8:
      break;
  }
  return NAN;
}

// A failure at element `flat`, named by its indices as NumPy writes them.
static lb_status bad_element(const lb_npz* npz, const lb_array* array, int64_t flat, const char* expected) {
  int64_t index[LB_MAX_RANK], rest = flat;
  for (int i = array->rank - 1; i >= 0; i--) {
    index[i] = rest % array->shape[i];
    rest /= array->shape[i];
  }
  lb_text place = {0};
  for (int i = 0; i < array->rank; i++) lb_text_add(&place, "%s%" PRId64, i ? ", " : "[", index[i]);
  if (array->rank) lb_text_add(&place, "]");
  lb_status status = lb_fail(LB_INPUT, "%s: the array '%s'%s is %g, expected %s", npz->origin, array->name,
                             place.data ? place.data : "", element(array, flat), expected);
  lb_text_free(&place);
  return status;
}

lb_status lb_npz_doubles(const lb_npz* npz, const char* name, int rank, const int64_t* shape, lb_arena* arena,
                         double** out, int64_t* shape_out) {
  int index = -1;
  LB_TRY(require(npz, name, &index));
  const lb_array* array = &npz->arrays[index];
  if (array->dtype == LB_UTF8) {
    return lb_fail(LB_INPUT, "%s: the array '%s' is a str, expected numbers", npz->origin, name);
  }
  LB_TRY(check_shape(npz, array, rank, shape));
  LB_TRY(fetch(npz, index));
  double* values = LB_TAKE(arena, double, array->size);
  for (int64_t i = 0; i < array->size; i++) {
    values[i] = element(array, i);
    if (!isfinite(values[i])) return bad_element(npz, array, i, "finite numbers");
  }
  *out = values;
  if (shape_out) memcpy(shape_out, array->shape, (size_t)rank * sizeof *shape_out);
  return lb_ok();
}

lb_status lb_npz_bools(const lb_npz* npz, const char* name, int64_t n, lb_arena* arena, bool** out) {
  int index = -1;
  LB_TRY(require(npz, name, &index));
  const lb_array* array = &npz->arrays[index];
  if (array->dtype == LB_UTF8) {
    return lb_fail(LB_INPUT, "%s: the array '%s' is a str, expected 0 and 1", npz->origin, name);
  }
  LB_TRY(check_shape(npz, array, 1, &n));
  LB_TRY(fetch(npz, index));
  bool* values = LB_TAKE(arena, bool, array->size);
  for (int64_t i = 0; i < array->size; i++) {
    double value = element(array, i);
    if (value != 0 && value != 1) return bad_element(npz, array, i, "0 or 1");
    values[i] = value != 0;
  }
  *out = values;
  return lb_ok();
}

lb_status lb_npz_string(const lb_npz* npz, const char* name, const char** out) {
  int index = -1;
  LB_TRY(require(npz, name, &index));
  const lb_array* array = &npz->arrays[index];
  if (array->dtype != LB_UTF8 && !(array->dtype == LB_U8 && array->rank == 1)) {
    return lb_fail(LB_INPUT, "%s: the array '%s' is numeric, expected a str or a rank-1 uint8 array of UTF-8",
                   npz->origin, name);
  }
  LB_TRY(fetch(npz, index));
  const char* text = array->data;
  size_t n = array->dtype == LB_UTF8 ? strlen(text) : (size_t)array->size;
  if (memchr(text, '\0', n) || !lb_utf8_is_valid(text, n)) {
    return lb_fail(LB_INPUT, "%s: the array '%s' is not UTF-8 text", npz->origin, name);
  }
  *out = text;
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// Writing

typedef struct entry {
  char* name;        // with ".npy"
  lb_text npy;       // the array as a .npy file; of a view what comes before its data
  const void* view;  // NULL: none
  size_t bytes;      // of the view
} entry;

struct lb_npz_writer {
  bool deflate;
  entry* entries;
  int n;
};

// Ends the program when memory is short, as lb_arena_take does.
static void* need(void* memory) {
  if (memory) return memory;
  fputs("out of memory while collecting arrays\n", stderr);
  exit(1);
}

lb_npz_writer* lb_npz_writer_new(bool deflate) {
  lb_npz_writer* w = need(calloc(1, sizeof *w));
  w->deflate = deflate;
  return w;
}

void lb_npz_writer_free(lb_npz_writer* w) {
  if (!w) return;
  for (int i = 0; i < w->n; i++) {
    free(w->entries[i].name);
    lb_text_free(&w->entries[i].npy);
  }
  free(w->entries);
  free(w);
}

// A new, empty entry, whose name none has yet.
static entry* new_entry(lb_npz_writer* w, const char* name) {
  size_t n = strlen(name);
  char* full = need(malloc(n + 5));
  memcpy(full, name, n);
  memcpy(full + n, ".npy", 5);
  for (int i = 0; i < w->n; i++) assert(strcmp(w->entries[i].name, full) != 0);
  w->entries = need(realloc(w->entries, ((size_t)w->n + 1) * sizeof *w->entries));
  entry* e = &w->entries[w->n++];
  *e = (entry){.name = full};
  return e;
}

void lb_npz_add(lb_npz_writer* w, const char* name, lb_dtype dtype, int rank, const int64_t* shape, const void* data) {
  lb_npy_write(&new_entry(w, name)->npy, dtype, rank, shape, data);
}

void lb_npz_add_view(lb_npz_writer* w, const char* name, lb_dtype dtype, int rank, const int64_t* shape,
                     const void* data) {
  if (w->deflate) {  // which needs it in one piece
    lb_npz_add(w, name, dtype, rank, shape, data);
    return;
  }
  entry* e = new_entry(w, name);
  e->bytes = lb_npy_write_header(&e->npy, dtype, rank, shape);
  e->view = data;
}

void lb_npz_add_doubles(lb_npz_writer* w, const char* name, int rank, const int64_t* shape, const double* data) {
  lb_npz_add(w, name, LB_F64, rank, shape, data);
}

void lb_npz_add_string(lb_npz_writer* w, const char* name, const char* text) {
  lb_npz_add(w, name, LB_UTF8, 0, NULL, text);
}

void lb_npz_seal(lb_npz_writer* w, const char* name) {
  lb_digest digest = lb_digest_new();
  char sha256[65];
  for (int i = 0; i < w->n; i++) {
    const entry* e = &w->entries[i];
    lb_digest_add(&digest, e->name, strlen(e->name) + 1);
    lb_digest_add(&digest, e->npy.data, e->npy.length);
    if (e->view) lb_digest_add(&digest, e->view, e->bytes);
  }
  lb_digest_text(&digest, sha256);
  lb_npz_add_string(w, name, sha256);
}

// Writes all entries and the directory.
static lb_status build(const lb_npz_writer* w, lb_zip_writer* zip) {
  for (int i = 0; i < w->n; i++) {
    const entry* e = &w->entries[i];
    if (e->view) {
      LB_TRY(lb_zip_add_two(zip, e->name, e->npy.data, e->npy.length, e->view, e->bytes));
    } else {
      LB_TRY(lb_zip_add(zip, e->name, e->npy.data, e->npy.length, w->deflate));
    }
  }
  return lb_zip_end(zip);
}

lb_status lb_npz_save(lb_npz_writer* w, const char* path) {
  lb_file_writer file;
  lb_file_begin(&file, path);
  lb_zip_writer zip = {.file = &file};
  lb_status status = lb_within(build(w, &zip), "%s", path);
  lb_zip_writer_free(&zip);
  if (status.code == LB_OK) return lb_file_commit(&file);
  lb_file_abandon(&file);
  return status;
}
