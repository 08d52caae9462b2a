// A task's file over a small model that has something of each kind.
#include "core/system.h"
#include "place.h"
#include "task/task.h"

static const char model[] =
    "<mujoco><worldbody><geom name='floor' type='plane' size='5 5 1'/>"
    "<body name='cart' pos='0 0 1'><joint name='slide' type='slide' axis='1 0 0' range='-1 1'/>"
    "<geom name='box' type='box' size='.2 .1 .1'/><site name='top'/>"
    "<body name='pole'><joint name='hinge' axis='0 1 0'/><geom name='rod' type='capsule' fromto='0 0 0 0 0 .6' "
    "size='.03'/><site name='tip' pos='0 0 .6'/></body></body></worldbody>"
    "<actuator><motor name='push' joint='slide' ctrlrange='-1 1'/></actuator>"
    "<sensor><touch name='felt' site='tip'/></sensor><keyframe><key name='up' qpos='0 0'/></keyframe></mujoco>";

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_system* system = NULL;
  fuzz_folder("models/x");
  fuzz_put("models/x/model.xml", model, sizeof model - 1);
  fuzz_put("models/x/task.json", data, size);
  if (lb_task_open(&system, fuzz_path("models"), "x").code == LB_OK) {
    lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
    double u[64] = {0}, noise[64] = {0};
    system->reset(system->self, &rng);
    for (int t = 0; t < 3 && system->nu <= 64 && system->nw <= 64; t++) {
      lb_system_step(system, LB_STEP_EVALUATION, u, system->nw > 0 ? noise : NULL);
    }
    lb_system_free(system);
  }
  return 0;
}
