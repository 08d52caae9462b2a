#include "model/map_file.h"

#include <float.h>

#include "nn/bundle.h"

typedef struct layout {
  lb_bundle_size size;
  lb_entry entry;
  lb_bundle bundle;
} layout;

// The bundle that such a file is.
static const lb_bundle* lay_out(layout* l, double* map, int n, const char* kind) {
  l->size = (lb_bundle_size){"numbers", n};
  l->entry = (lb_entry)LB_ENTRIES("map", map, n, -DBL_MAX, DBL_MAX);
  l->bundle = (lb_bundle){.kind = kind, .sizes = &l->size, .nsizes = 1, .entries = &l->entry, .nentries = 1};
  return &l->bundle;
}

lb_status lb_map_save(double* map, int n, const char* kind, const char* path) {
  layout l;
  return lb_bundle_save(lay_out(&l, map, n, kind), path);
}

lb_status lb_map_load(double* map, int n, const char* kind, const char* path) {
  layout l;
  return lb_bundle_load(lay_out(&l, map, n, kind), path);
}
