// What the targets share: a folder of their own, files in it, and archives that are edited array by array (a changed
// byte of the archive itself would only fail its CRC).
#ifndef LB_TESTS_FUZZ_PLACE_H_
#define LB_TESTS_FUZZ_PLACE_H_

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/status.h"
#include "io/file.h"
#include "io/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

static char fuzz_place[300];

static inline void fuzz_leave(void) {
  lb_folder_remove(fuzz_place);
}

// What a target cannot do without.
static inline void fuzz_need(lb_status status) {
  if (status.code == LB_OK) return;
  fprintf(stderr, "%s\n", status.text);
  abort();
}

// A path in the target's folder, which is in memory where there is such a place. Valid until the eighth call after.
static inline const char* fuzz_path(const char* name) {
  static char paths[8][512];
  static int turn;
  if (!fuzz_place[0]) {
    if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 1);
    fuzz_need(lb_folder_temporary(fuzz_place, "fuzz"));
    atexit(fuzz_leave);
  }
  char* path = paths[turn++ % 8];
  lb_path_join(path, sizeof paths[0], fuzz_place, name);
  return path;
}

static inline void fuzz_folder(const char* name) {
  fuzz_need(lb_folder_make(fuzz_path(name)));
}

// Writes a file without waiting for the disk.
static inline void fuzz_put(const char* name, const void* bytes, size_t n) {
  FILE* file = fopen(fuzz_path(name), "wb");
  if (!file || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) abort();
}

static inline void fuzz_link(const char* target, const char* name) {
  if (symlink(target, fuzz_path(name)) != 0) abort();
}

// Splits an input at its first byte of 0: *second is what follows. Returns the length of the first part.
static inline size_t fuzz_split(const uint8_t* data, size_t size, const uint8_t** second, size_t* rest) {
  const uint8_t* zero = size > 0 ? memchr(data, 0, size) : NULL;
  size_t first = zero ? (size_t)(zero - data) : size;
  *second = zero ? zero + 1 : data + size;
  *rest = size - (size_t)(*second - data);
  return first;
}

enum { FUZZ_ARRAYS = 128, FUZZ_EDIT = 12, FUZZ_LARGEST = 1 << 16 };

typedef struct fuzz_array {
  char name[100];
  lb_dtype dtype;
  int rank;
  int64_t shape[LB_MAX_RANK];
  char* data;    // of LB_UTF8: NUL-terminated
  size_t bytes;  // without the NUL
} fuzz_array;

// Its data lie in the archives' arena.
typedef struct fuzz_archive {
  fuzz_array arrays[FUZZ_ARRAYS];
  int n;
} fuzz_archive;

// Where the data of all archives lie: bases stay, an edited one goes as a whole.
static inline lb_arena* fuzz_arena(void) {
  static lb_arena* arena;
  if (!arena) arena = lb_arena_new(0);
  if (!arena) abort();
  return arena;
}

static inline size_t fuzz_element(lb_dtype dtype) {
  static const size_t bytes[] = {4, 8, 1, 1, 2, 4, 8, 1, 2, 4, 8, 1};
  return bytes[dtype];
}

// n bytes and a NUL.
static inline char* fuzz_copy(const char* data, size_t n) {
  char* copy = LB_TAKE(fuzz_arena(), char, n + 1);
  if (n > 0) memcpy(copy, data, n);
  return copy;
}

// A good archive, to be edited again and again.
static inline void fuzz_read(fuzz_archive* out, const char* path) {
  lb_npz* npz;
  fuzz_need(lb_npz_load(&npz, path));
  out->n = 0;
  if (lb_npz_count(npz) > FUZZ_ARRAYS) fuzz_need(lb_fail(LB_INPUT, "%s: more than %d arrays", path, FUZZ_ARRAYS));
  for (int i = 0; i < lb_npz_count(npz); i++) {
    const lb_array* from = lb_npz_at(npz, i);
    fuzz_array* to = &out->arrays[out->n++];
    snprintf(to->name, sizeof to->name, "%s", from->name);
    to->dtype = from->dtype;
    to->rank = from->rank;
    memcpy(to->shape, from->shape, sizeof to->shape);
    to->bytes = from->dtype == LB_UTF8 ? strlen(from->data) : (size_t)from->size * fuzz_element(from->dtype);
    to->data = fuzz_copy(from->data, to->bytes);
  }
  lb_npz_free(npz);
}

// Gives an array this type and shape, what is new of it zeros; does nothing where that is large.
static inline void fuzz_reshape(fuzz_array* a, lb_dtype dtype, int rank, const int64_t* shape) {
  size_t bytes = fuzz_element(dtype);
  for (int i = 0; i < rank; i++) bytes *= (size_t)shape[i];
  if (bytes > FUZZ_LARGEST || a->dtype == LB_UTF8) return;
  char* data = LB_TAKE(fuzz_arena(), char, bytes + 1);
  memcpy(data, a->data, bytes < a->bytes ? bytes : a->bytes);
  a->data = data;
  a->bytes = bytes;
  a->dtype = dtype;
  a->rank = rank;
  memmove(a->shape, shape, (size_t)rank * sizeof *shape);
}

// Writes value to element `at`, as whatever the array holds.
static inline void fuzz_set(fuzz_array* a, size_t at, double value) {
  size_t element = fuzz_element(a->dtype), n = a->bytes / element;
  if (n == 0) return;
  char* to = a->data + at % n * element;
  float single = (float)value;
  uint64_t whole = value > -9e18 && value < 9e18 ? (uint64_t)(int64_t)value : (uint64_t)1 << 63;
  const void* from = a->dtype == LB_F32 ? (const void*)&single : a->dtype == LB_F64 ? (const void*)&value : &whole;
  memcpy(to, from, element);
  for (size_t i = 0; a->dtype == LB_BOOL && i < element; i++) to[i] &= 1;
}

// One edit of FUZZ_EDIT bytes: which array, what, where, with what.
static inline void fuzz_edit(fuzz_archive* a, const uint8_t* e) {
  static const double odd[] = {0,     -1,  1,   2,   1e-300, 1e300, -1e300,      HUGE_VAL, 0.5, 255,
                               65536, 1e9, 2e9, 3e9, 1e18,   -2e9,  4294967296., 20,       100, 1000};
  if (a->n == 0) return;
  int i = e[0] % a->n;
  fuzz_array* x = &a->arrays[i];
  size_t at = (size_t)e[2] | (size_t)e[3] << 8;
  int64_t number;
  memcpy(&number, e + 4, sizeof number);
  switch (e[1] % 8) {
    case 0:  // bytes
      for (size_t k = 0; k < 8 && x->bytes > 0; k++) {
        char* to = &x->data[(at + k) % x->bytes];
        *to = (char)e[4 + k];
        if (x->dtype == LB_UTF8 && (*to & 0x80 || *to == 0)) *to = '9';
        if (x->dtype == LB_BOOL) *to &= 1;
      }
      break;
    case 1:  // an odd number
      fuzz_set(x, at, odd[e[4] % (sizeof odd / sizeof *odd)]);
      break;
    case 2:  // a number
      fuzz_set(x, at, (double)number);
      break;
    case 3: {  // a length along one axis
      int64_t shape[LB_MAX_RANK];
      memcpy(shape, x->shape, sizeof shape);
      if (x->rank > 0) shape[e[4] % x->rank] = (int64_t)(at % 300);
      fuzz_reshape(x, x->dtype, x->rank, shape);
      break;
    }
    case 4: {  // another rank
      int64_t shape[LB_MAX_RANK] = {1, 1, 1, 1, 1};
      int rank = e[4] % (LB_MAX_RANK + 1);
      if (rank > 0) shape[0] = (int64_t)(at % 300);
      fuzz_reshape(x, x->dtype, rank, shape);
      break;
    }
    case 5:  // another type, of as many elements
      if (x->dtype != LB_UTF8) {
        int64_t shape[LB_MAX_RANK];
        memcpy(shape, x->shape, sizeof shape);
        fuzz_reshape(x, (lb_dtype)(e[4] % LB_UTF8), x->rank, shape);
        for (size_t k = 0; x->dtype == LB_BOOL && k < x->bytes; k++) x->data[k] &= 1;
      }
      break;
    case 6:  // it is gone
      *x = a->arrays[--a->n];
      break;
    case 7:  // cut or filled up, if it is a text
      if (x->dtype == LB_UTF8 && at < x->bytes) {
        x->data[at] = '\0';
        x->bytes = at;
      } else {
        fuzz_set(x, at, (double)number * 1e-9);
      }
      break;
  }
}

// `base` with the edits that the bytes say. Releasing the mark that is returned gives its memory back.
static inline lb_mark fuzz_edited(fuzz_archive* out, const fuzz_archive* base, const uint8_t* data, size_t size) {
  lb_mark mark = lb_arena_mark(fuzz_arena());
  *out = *base;
  for (int i = 0; i < out->n; i++) out->arrays[i].data = fuzz_copy(base->arrays[i].data, base->arrays[i].bytes);
  for (; size >= FUZZ_EDIT; data += FUZZ_EDIT, size -= FUZZ_EDIT) fuzz_edit(out, data);
  return mark;
}

// seal: the entry that is made anew as lb_npz_seal has it; NULL: none.
static inline void fuzz_write_sealed(const fuzz_archive* a, const char* path, const char* seal) {
  lb_npz_writer* w = lb_npz_writer_new(false);
  for (int i = 0; i < a->n; i++) {
    const fuzz_array* x = &a->arrays[i];
    if (seal && strcmp(x->name, seal) == 0) continue;
    if (x->dtype == LB_UTF8) {
      lb_npz_add_string(w, x->name, x->data);
    } else {
      lb_npz_add(w, x->name, x->dtype, x->rank, x->shape, x->data);
    }
  }
  if (seal) lb_npz_seal(w, seal);
  fuzz_need(lb_npz_save(w, path));
  lb_npz_writer_free(w);
}

static inline void fuzz_write(const fuzz_archive* a, const char* path) {
  fuzz_write_sealed(a, path, NULL);
}

#endif  // LB_TESTS_FUZZ_PLACE_H_
