// What `bench tasks NAME` prints: see lb_task_card in task.h.
#include "task/card.h"

#include "task/mujoco_system.h"
#include "task/task.h"

const char* lb_card_start(const lb_task_spec* spec) {
  return spec->start == LB_START_KEYFRAME ? spec->keyframe : spec->start == LB_START_REFERENCE ? "reference" : "qpos0";
}

void lb_task_card(lb_text* out, const lb_system* system, bool json) {
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  if (json) {
    lb_card_add_json(out, system, spec);
  } else {
    lb_card_add_text(out, system, spec);
  }
}
