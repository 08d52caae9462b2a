#include "model/map_file.h"

#include <float.h>

#include "nn/bundle.h"

typedef struct layout {
  lb_bundle_size size;
  lb_entry entry;
  lb_bundle bundle;
} layout;

// The file of `map`'s numbers.
static const lb_bundle* lay_out(layout* l, const lb_model* m, double* map) {
  l->size = (lb_bundle_size){"numbers", m->nmap};
  l->entry = (lb_entry)LB_ENTRIES("map", map, m->nmap, -DBL_MAX, DBL_MAX);
  l->bundle = (lb_bundle){.kind = "map of states", .sizes = &l->size, .nsizes = 1, .entries = &l->entry, .nentries = 1};
  return &l->bundle;
}

lb_status lb_map_save(lb_model* m, const char* path, lb_arena* scratch) {
  layout l;
  lb_mark mark = lb_arena_mark(scratch);
  double* map = LB_TAKE(scratch, double, m->nmap);
  m->get_map(m->ctx, map);
  lb_status status = lb_bundle_save(lay_out(&l, m, map), path);
  lb_arena_release(scratch, mark);
  return status;
}

lb_status lb_map_load(lb_model* m, const char* path, lb_arena* scratch) {
  layout l;
  lb_mark mark = lb_arena_mark(scratch);
  double* map = LB_TAKE(scratch, double, m->nmap);
  lb_status status = lb_bundle_load(lay_out(&l, m, map), path);
  if (status.code == LB_OK && !m->set_map(m->ctx, map)) {
    status = lb_fail(LB_INPUT, "%s: the entry 'map' holds numbers that no model of its kind has", path);
  }
  lb_arena_release(scratch, mark);
  return status;
}
