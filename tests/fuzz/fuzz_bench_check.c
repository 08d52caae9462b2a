// A check of `bench verify`; after a byte of 0, its reference.
#include "place.h"
#include "verify/checks.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const uint8_t* reference;
  size_t n_reference, n = fuzz_split(data, size, &reference, &n_reference);
  lb_verify_check check;
  lb_arena* arena = lb_arena_new(0);
  fuzz_folder("bench/verify/reference");
  if (access(fuzz_path("models"), F_OK) != 0) fuzz_link(LB_SOURCE_DIR "/models", "models");
  fuzz_put("bench/verify/x.json", data, n);
  fuzz_put("bench/verify/reference/x.json", reference, n_reference);
  if (lb_verify_check_load(&check, fuzz_place, "x", arena).code == LB_OK) {
    (void)lb_verify_check_load_reference(&check, fuzz_place, arena);  // refusal is as good as success
  }
  lb_arena_free(arena);
  return 0;
}
