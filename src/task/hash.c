#include "task/hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"

// Raise it when the same files come to mean another task.
static const char format_version[] = "lazybench task 1";

// Appends a length and so many bytes: no two lists of files give the same text.
static void add_bytes(lb_text* all, const char* bytes, size_t n) {
  lb_text_add(all, "\nfile %zu\n", n);
  lb_text_add_bytes(all, bytes, n);
}

// Appends the model's text, and of the files it reads name, size and checksum.
static void add_model(lb_text* all, const lb_phys_model* model) {
  int n;
  size_t size;
  const char* text = lb_phys_model_text(model, &size);
  const lb_phys_file* files = lb_phys_model_files(model, &n);
  add_bytes(all, text, size);
  for (int i = 1; i < n; ++i) {
    lb_text_add(all, "\nfile %zu %s %zu %s\n", strlen(files[i].name), files[i].name, files[i].size, files[i].sha256);
  }
}

// Appends a file's bytes.
static lb_status add_file(lb_text* all, const char* path) {
  char* bytes;
  size_t n;
  LB_TRY(lb_file_read(path, &bytes, &n));
  add_bytes(all, bytes, n);
  free(bytes);
  return lb_ok();
}

lb_status lb_task_hash(char out[65], lb_node task, const lb_phys_model* model, const char* reference) {
  lb_text all = {0};
  char* canonical = lb_json_canonical(task);
  lb_text_add(&all, "%s\n%s\n", format_version, canonical);
  free(canonical);
  add_model(&all, model);
  lb_status status = reference ? add_file(&all, reference) : lb_ok();
  lb_sha256(all.data, all.length, out);
  lb_text_free(&all);
  return status;
}
