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
  lb_text npy;       // the array as a .npy file, or, of a view, what comes before its data
  const void* data;  // of a view: the caller's
  size_t bytes;
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
  assert(dtype != LB_UTF8);
  entry* e = new_entry(w, name);
  e->bytes = lb_npy_write_header(&e->npy, dtype, rank, shape, data);
  e->data = data;
}

void lb_npz_add_doubles(lb_npz_writer* w, const char* name, int rank, const int64_t* shape, const double* data) {
  lb_npz_add(w, name, LB_F64, rank, shape, data);
}

void lb_npz_add_string(lb_npz_writer* w, const char* name, const char* text) {
  lb_npz_add(w, name, LB_UTF8, 0, NULL, text);
}

static lb_status add_to_draft(void* ctx, const void* bytes, size_t n) {
  return lb_file_draft_add(ctx, bytes, n);
}

// The archive goes to the file as it is made: a second copy in memory could be larger than everything else.
static lb_status write_archive(const lb_npz_writer* w, lb_file_draft* draft, const char* path) {
  lb_zip_writer zip = {.sink = add_to_draft, .ctx = draft};
  lb_status status = lb_ok();
  for (int i = 0; i < w->n && status.code == LB_OK; i++) {
    const entry* e = &w->entries[i];
    if (e->data) {
      status = lb_zip_add_parts(&zip, e->name, e->npy.data, e->npy.length, e->data, e->bytes, w->deflate);
    } else {
      status = lb_zip_add(&zip, e->name, e->npy.data, e->npy.length, w->deflate);
    }
  }
  if (status.code == LB_OK) status = lb_zip_end(&zip);
  lb_zip_writer_free(&zip);
  return status.code == LB_INPUT || status.code == LB_MEMORY ? lb_within(status, "%s", path) : status;
}

lb_status lb_npz_save(lb_npz_writer* w, const char* path) {
  lb_file_draft* draft;
  LB_TRY(lb_file_draft_open(&draft, path));
  lb_status status = write_archive(w, draft, path);
  if (status.code == LB_OK) return lb_file_draft_keep(draft);
  lb_file_draft_drop(draft);
  return status;
}
