#include "phys/mujoco_version.h"

#include <mujoco/mujoco.h>

const char* lb_phys_version(void) {
  return mj_versionString();
}
