// Which MuJoCo runs underneath.
#ifndef LB_PHYS_MUJOCO_VERSION_H_
#define LB_PHYS_MUJOCO_VERSION_H_

// "4.0.0"; static text.
const char* lb_phys_version(void);

#endif  // LB_PHYS_MUJOCO_VERSION_H_
