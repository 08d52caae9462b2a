// Policy files, of states and of observations, whose tensors may be anything: the first byte says which.
#include "nn/net_file.h"
#include "place.h"
#include "plan/actor.h"
#include "plan/lq_policy_file.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const double low[] = {-1, -1}, high[] = {1, 1};
  if (size < 1) return 0;
  lb_arena* arena = lb_arena_new(0);
  fuzz_put("x.safetensors", data + 1, size - 1);
  if (data[0] % 2 == 0) {
    lb_system system = {.name = "x", .hash = "0", .space = {.nx = 3, .ndx = 2}, .nu = 2, .horizon = 4};
    lb_lq_policy policy;
    (void)lb_lq_policy_file_load(&policy, fuzz_path("x.safetensors"), &system, arena);  // refusal is as good as success
  } else {
    lb_net_task task = {"x", "0"};
    lb_actor_config config = lb_actor_default_config(3, 2);
    lb_actor* actor;
    config.u_low = low;
    config.u_high = high;
    if (lb_actor_load(&actor, fuzz_path("x.safetensors"), &task, &config, arena).code == LB_OK) {
      double action[2];
      lb_actor_act(actor, action, (double[]){1, 2, 3}, 1, NULL);
    }
  }
  lb_arena_free(arena);
  return 0;
}
