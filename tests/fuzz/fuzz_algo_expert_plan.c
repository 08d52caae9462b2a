// bench/experts/TASK.json.
#include "algo/expert_plan.h"
#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_expert_plan plan;
  fuzz_folder("bench/experts");
  fuzz_put("bench/experts/x.json", data, size);
  (void)lb_expert_plan_load(&plan, fuzz_place, "x");  // refusal is as good as success
  return 0;
}
