// A suite's file, with and without one of its presets; what is read is written and read again.
#include "place.h"
#include "suite/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const char* const presets[] = {NULL, "quick", "standard", "full"};
  fuzz_put("x.json", data, size);
  for (int i = 0; i < 4; i++) {
    lb_suite* suite = NULL;
    lb_status status = presets[i] ? lb_suite_load_preset(&suite, fuzz_path("x.json"), presets[i])
                                  : lb_suite_load(&suite, fuzz_path("x.json"));
    if (status.code == LB_OK) lb_suite_free(suite);
  }
  return 0;
}
