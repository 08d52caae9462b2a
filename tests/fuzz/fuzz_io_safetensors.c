// Whatever bytes stand in a .safetensors file are read or refused.
#include "io/safetensors.h"
#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_safetensors* s = NULL;
  fuzz_put("x.safetensors", data, size);
  if (lb_safetensors_load(&s, fuzz_path("x.safetensors")).code == LB_OK) {
    (void)lb_safetensors_metadata(s);
    (void)lb_safetensors_find(s, "weight");
  }
  lb_safetensors_free(s);
  return 0;
}
