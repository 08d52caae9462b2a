// Learners as files: see bundle.h.
#include "nn/bundle.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "io/json.h"
#include "io/json_writer.h"
#include "io/safetensors.h"

enum { MOST_ENTRIES = 32 };

// Writes the tensors as safetensors; format, kind and sizes are its metadata.
lb_status lb_bundle_save(const lb_bundle* bundle, const char* path) {
  lb_array tensors[MOST_ENTRIES];
  lb_text text = {0};
  lb_json_writer json = lb_json_writer_on(&text);
  assert(bundle->nentries <= MOST_ENTRIES);
  for (int i = 0; i < bundle->nentries; i++) {
    tensors[i] = lb_entry_as_array(&bundle->entries[i], bundle->entries[i].name);
  }
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_int(&json, "format", 1);
  lb_json_write_string(&json, "kind", bundle->kind);
  for (int i = 0; i < bundle->nsizes; i++) lb_json_write_int(&json, bundle->sizes[i].name, bundle->sizes[i].value);
  lb_json_write_end_object(&json);
  lb_status status = lb_safetensors_save(path, text.data, tensors, bundle->nentries);
  lb_text_free(&text);
  return status;
}

// Fails unless the file's kind and sizes are the bundle's own.
static lb_status check_sizes(const lb_bundle* bundle, lb_node root) {
  int kind, found;
  LB_TRY(lb_json_choice(root, "kind", &bundle->kind, 1, &kind));
  for (int i = 0; i < bundle->nsizes; i++) {
    int own = bundle->sizes[i].value;
    LB_TRY(lb_json_int(root, bundle->sizes[i].name, own, own, &found));
  }
  return lb_ok();
}

// The same from the metadata's text.
static lb_status check_metadata(const lb_bundle* bundle, const lb_safetensors* file, const char* path) {
  char origin[1100];
  snprintf(origin, sizeof origin, "%s: metadata", path);
  lb_json* doc;
  LB_TRY(lb_json_parse(&doc, lb_safetensors_metadata(file), origin));
  lb_status status = check_sizes(bundle, lb_json_root(doc));
  lb_json_free(doc);
  return status;
}

// Checks every tensor, then copies all of them: a failure leaves the bundle as it was.
static lb_status load(const lb_bundle* bundle, const lb_safetensors* file, const char* path) {
  const lb_array* found[MOST_ENTRIES];
  assert(bundle->nentries <= MOST_ENTRIES);
  LB_TRY(check_metadata(bundle, file, path));
  for (int i = 0; i < bundle->nentries; i++) {
    const lb_entry* e = &bundle->entries[i];
    found[i] = lb_safetensors_find(file, e->name);
    LB_TRY(lb_entry_check_array(e, found[i], e->name, path));
  }
  // All or nothing.
  for (int i = 0; i < bundle->nentries; i++) lb_entry_take(&bundle->entries[i], found[i]);
  return lb_ok();
}

lb_status lb_bundle_load(const lb_bundle* bundle, const char* path) {
  lb_safetensors* file;
  LB_TRY(lb_safetensors_load(&file, path));
  lb_status status = load(bundle, file, path);
  lb_safetensors_free(file);
  return status;
}
