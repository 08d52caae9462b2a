// What a robot is made of, as far as a first task for it depends on that: read off a compiled model.
#ifndef LB_PHYS_OUTLINE_H_
#define LB_PHYS_OUTLINE_H_

#include <stdbool.h>

#include "base/arena.h"
#include "phys/phys_model.h"

typedef struct lb_outline_joint {
  const char* name;  // NULL: none
  lb_phys_joint_type type;
  int first, n;  // its numbers of qpos
  bool turns;    // a hinge whose whole turns change nothing (lb_phys_model_turns_freely)
  bool drifts;   // a free joint, or a slide along the ground, at the root of the only thing that moves in a flat world:
                 // where it is along the ground changes nothing
} lb_outline_joint;

typedef struct lb_outline_sensor {
  const char* name;  // NULL: none
  int first, n;      // its numbers of sensordata
} lb_outline_sensor;

typedef struct lb_outline {
  int njoint;
  const lb_outline_joint* joints;
  int nsensor;  // of those that tell what positions and velocities do not: touch sensors and range finders
  const lb_outline_sensor* sensors;
  int forward;            // the joint whose first drifting number grows as it moves forward; -1: it goes nowhere
  int body;               // the last body of the longest chain of what the actuators move
  const char* body_name;  // NULL: none
  bool rises;             // some postures hold that body higher than others, and there is gravity
  const char* target;     // a site or body that is called target or goal; NULL: none
  bool target_is_site;
  const char* keyframe;  // "home", "stand" or the like; NULL: none
} lb_outline;

// All of it is the model's or the arena's.
lb_outline lb_phys_outline(const lb_phys_model* model, lb_arena* arena);

#endif  // LB_PHYS_OUTLINE_H_
