// Writing .npz archives: see npz.h.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"
#include "io/npy.h"
#include "io/npz.h"
#include "io/zip.h"

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
