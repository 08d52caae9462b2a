// Checkpoints of learners: see bundle.h.
#include "nn/bundle.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/json.h"
#include "io/json_writer.h"
#include "io/safetensors.h"

enum { MOST_RUNS = 32 };

lb_status lb_bundle_save(const lb_bundle* bundle, const char* path) {
  lb_array tensors[MOST_RUNS];
  lb_text text = {0};
  lb_json_writer json = lb_json_writer_on(&text);
  assert(bundle->nruns <= MOST_RUNS);
  for (int i = 0; i < bundle->nruns; i++) {
    const lb_bundle_run* run = &bundle->runs[i];
    tensors[i] = (lb_array){.name = run->name,
                            .dtype = run->dtype,
                            .rank = 1,
                            .shape = {run->count},
                            .size = run->count,
                            .data = run->data};
  }
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_int(&json, "format", 1);
  lb_json_write_string(&json, "kind", bundle->kind);
  for (int i = 0; i < bundle->nsizes; i++) lb_json_write_int(&json, bundle->sizes[i].name, bundle->sizes[i].value);
  lb_json_write_end_object(&json);
  lb_status status = lb_safetensors_save(path, text.data, tensors, bundle->nruns);
  lb_text_free(&text);
  return status;
}

static lb_status check_sizes(const lb_bundle* bundle, lb_node root) {
  int kind, found;
  LB_TRY(lb_json_choice(root, "kind", &bundle->kind, 1, &kind));
  for (int i = 0; i < bundle->nsizes; i++) {
    int own = bundle->sizes[i].value;
    LB_TRY(lb_json_int(root, bundle->sizes[i].name, own, own, &found));
  }
  return lb_ok();
}

static lb_status check_metadata(const lb_bundle* bundle, const lb_safetensors* file, const char* path) {
  char origin[1100];
  snprintf(origin, sizeof origin, "%s: metadata", path);
  lb_json* doc;
  LB_TRY(lb_json_parse(&doc, lb_safetensors_metadata(file), origin));
  lb_status status = check_sizes(bundle, lb_json_root(doc));
  lb_json_free(doc);
  return status;
}

static lb_status check_finite(const lb_array* a, const char* path) {
  for (int64_t i = 0; i < a->size; i++) {
    double value = 0;
    if (a->dtype == LB_F32) value = (double)((const float*)a->data)[i];
    if (a->dtype == LB_F64) value = ((const double*)a->data)[i];
    if (isfinite(value)) continue;
    return lb_fail(LB_INPUT, "%s: the tensor '%s' holds %g at entry %lld, where only finite numbers can be", path,
                   a->name, value, (long long)i);
  }
  return lb_ok();
}

static lb_status check_run(const lb_bundle_run* run, const lb_array* found, const char* path) {
  if (!found) return lb_fail(LB_INPUT, "%s: the tensor '%s' is missing", path, run->name);
  if (found->dtype != run->dtype || found->rank != 1 || found->size != run->count) {
    return lb_fail(LB_INPUT, "%s: the tensor '%s' has another type or size; %lld numbers are wanted", path, run->name,
                   (long long)run->count);
  }
  return check_finite(found, path);
}

// All or nothing.
static void take_runs(const lb_bundle* bundle, const lb_array* const found[MOST_RUNS]) {
  for (int i = 0; i < bundle->nruns; i++) {
    size_t each = bundle->runs[i].dtype == LB_F32 ? sizeof(float) : sizeof(double);
    memcpy(bundle->runs[i].data, found[i]->data, (size_t)found[i]->size * each);
  }
}

static lb_status load(const lb_bundle* bundle, const lb_safetensors* file, const char* path) {
  const lb_array* found[MOST_RUNS];
  assert(bundle->nruns <= MOST_RUNS);
  LB_TRY(check_metadata(bundle, file, path));
  for (int i = 0; i < bundle->nruns; i++) {
    found[i] = lb_safetensors_find(file, bundle->runs[i].name);
    LB_TRY(check_run(&bundle->runs[i], found[i], path));
  }
  take_runs(bundle, found);
  return lb_ok();
}

lb_status lb_bundle_load(const lb_bundle* bundle, const char* path) {
  lb_safetensors* file;
  LB_TRY(lb_safetensors_load(&file, path));
  lb_status status = load(bundle, file, path);
  lb_safetensors_free(file);
  return status;
}

static void entry_name(char* out, size_t size, const char* prefix, const char* name) {
  snprintf(out, size, "%s/%s", prefix, name);
}

void lb_bundle_add(const lb_bundle* bundle, lb_npz_writer* w, const char* prefix) {
  char name[128];
  for (int i = 0; i < bundle->nruns; i++) {
    const lb_bundle_run* run = &bundle->runs[i];
    entry_name(name, sizeof name, prefix, run->name);
    lb_npz_add(w, name, run->dtype, 1, (const int64_t[]){run->count}, run->data);
  }
}

lb_status lb_bundle_take(const lb_bundle* bundle, const lb_npz* npz, const char* prefix) {
  const lb_array* found[MOST_RUNS];
  char name[128];
  assert(bundle->nruns <= MOST_RUNS);
  for (int i = 0; i < bundle->nruns; i++) {
    entry_name(name, sizeof name, prefix, bundle->runs[i].name);
    found[i] = lb_npz_find(npz, name);
    LB_TRY(check_run(&bundle->runs[i], found[i], lb_npz_origin(npz)));
  }
  take_runs(bundle, found);
  return lb_ok();
}
