#include "io/entries.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
  lb_dtype dtype;
  size_t size;
} types[] = {[LB_ENTRY_INT] = {LB_I32, sizeof(int)},
             [LB_ENTRY_LONG] = {LB_I64, sizeof(int64_t)},
             [LB_ENTRY_FLOAT] = {LB_F32, sizeof(float)},
             [LB_ENTRY_DOUBLE] = {LB_F64, sizeof(double)}};

// out = prefix and name.
static const char* full_name(char out[160], const char* prefix, const char* name) {
  snprintf(out, 160, "%s%s", prefix, name);
  return out;
}

lb_array lb_entry_as_array(const lb_entry* e, const char* name) {
  bool single = e->count < 0;
  return (lb_array){.name = name,
                    .dtype = types[e->type].dtype,
                    .rank = single ? 0 : 1,
                    .shape = {single ? 0 : e->count},
                    .size = single ? 1 : e->count,
                    .data = e->at};
}

void lb_entries_save(const lb_entry* entries, int n, const char* prefix, lb_npz_writer* w) {
  char name[160];
  for (int i = 0; i < n; i++) {
    lb_array a = lb_entry_as_array(&entries[i], full_name(name, prefix, entries[i].name));
    if (a.dtype == LB_F32 && a.rank == 1) {
      lb_npz_add_view(w, name, a.dtype, a.rank, a.shape, a.data);
    } else {
      lb_npz_add(w, name, a.dtype, a.rank, a.shape, a.data);
    }
  }
}

// Number i of an entry's data, of whatever type.
static double number_at(const lb_entry* e, const void* data, int64_t i) {
  switch (e->type) {
    case LB_ENTRY_INT:
      return ((const int*)data)[i];
    case LB_ENTRY_LONG:
      return (double)((const int64_t*)data)[i];
    case LB_ENTRY_FLOAT:
      return (double)((const float*)data)[i];
    case LB_ENTRY_DOUBLE:
      return ((const double*)data)[i];
  }
  return NAN;
}

// "'x'[3] is nan, where only finite numbers can be".
static lb_status out_of_bounds(const lb_entry* e, const char* name, int64_t i, double value, const char* origin) {
  char place[32] = "", bounds[96];
  if (e->count >= 0) snprintf(place, sizeof place, "[%lld]", (long long)i);
  if (e->least <= -FLT_MAX && e->most >= FLT_MAX) {
    snprintf(bounds, sizeof bounds, "where only finite numbers can be");
  } else if (e->most >= FLT_MAX) {
    snprintf(bounds, sizeof bounds, "and cannot be less than %.10g", e->least);
  } else {
    snprintf(bounds, sizeof bounds, "and can only be from %.10g to %.10g", e->least, e->most);
  }
  return lb_fail(LB_INPUT, "%s: the entry '%s'%s is %.10g, %s", origin, name, place, value, bounds);
}

// Fails at the first number outside the entry's bounds.
static lb_status check_numbers(const lb_entry* e, const void* data, const char* name, const char* origin) {
  int64_t n = e->count < 0 ? 1 : e->count;
  if (isinf(e->least) && isinf(e->most)) return lb_ok();
  for (int64_t i = 0; i < n; i++) {
    double value = number_at(e, data, i);
    if (!(value >= e->least && value <= e->most)) return out_of_bounds(e, name, i, value, origin);
  }
  return lb_ok();
}

lb_status lb_entry_check_array(const lb_entry* e, const lb_array* a, const char* name, const char* origin) {
  if (!a) return lb_fail(LB_INPUT, "%s: the entry '%s' is missing", origin, name);
  lb_array wanted = lb_entry_as_array(e, name);
  if (a->dtype != wanted.dtype || a->rank != wanted.rank) {
    return lb_fail(LB_INPUT, "%s: the entry '%s' has another type", origin, name);
  }
  if (a->size != wanted.size) {
    return lb_fail(LB_INPUT, "%s: the entry '%s' has %lld %s, where there can only be %lld", origin, name,
                   (long long)a->size, lb_plural(a->size, "number", "numbers"), (long long)wanted.size);
  }
  return check_numbers(e, a->data, name, origin);
}

void lb_entry_take(const lb_entry* e, const lb_array* a) {
  if (a->size > 0) memcpy(e->at, a->data, (size_t)a->size * types[e->type].size);
}

lb_status lb_entries_restore(const lb_entry* entries, int n, const char* prefix, const lb_npz* npz) {
  char name[160];
  for (int i = 0; i < n; i++) {
    const lb_array* found = lb_npz_find(npz, full_name(name, prefix, entries[i].name));
    LB_TRY(lb_entry_check_array(&entries[i], found, name, lb_npz_origin(npz)));
  }
  for (int i = 0; i < n; i++) {
    lb_entry_take(&entries[i], lb_npz_find(npz, full_name(name, prefix, entries[i].name)));
  }
  return lb_ok();
}
