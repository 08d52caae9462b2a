// Whatever bytes a user hands us as .npz are either read or refused by name: no crash, no read past the end.
#include <stddef.h>
#include <stdint.h>

#include "io/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_npz* npz = NULL;
  lb_status status = lb_npz_parse(&npz, data, size, "fuzz");
  (void)status;  // refusal is as good as success
  lb_npz_free(npz);
  return 0;
}
