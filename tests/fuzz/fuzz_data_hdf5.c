// Recordings in HDF5, byte by byte: whatever the file is, it is refused in a line, or what was read of it is imported
// or refused. Where there is no libhdf5 all of them are refused for that.
#include "../data/spring.h"
#include "data/demos_hdf5.h"
#include "data/demos_import.h"
#include "place.h"

static spring self;
static lb_system world;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_demos_import_report report;
  lb_demos* demos;
  if (!world.self) world = spring_system(&self);
  fuzz_put("x.hdf5", data, size);
  lb_status status = lb_demos_hdf5_to_npz(fuzz_path("x.hdf5"), fuzz_path("x.npz"));
  if (status.code == LB_OK) {
    if (lb_demos_import(&demos, &report, &world, fuzz_path("x.npz"), NULL).code == LB_OK) lb_demos_free(demos);
    return 0;
  }
  if (!*status.text || strchr(status.text, '\n')) abort();
  return 0;
}
