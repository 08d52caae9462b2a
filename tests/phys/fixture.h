// For tests that simulate: any warning of MuJoCo fails the running test unless the test expects it, and models are made
// from a text. Include after cmocka.h; give a test its fixture with simulated_test(name).
#ifndef LB_TESTS_PHYS_FIXTURE_H_
#define LB_TESTS_PHYS_FIXTURE_H_

#include <math.h>
#include <stdatomic.h>

#include "../io/temporary.h"
#include "base/rng.h"
#include "phys/mujoco_log.h"
#include "phys/phys_model.h"

static _Atomic int mujoco_warnings;
static char last_mujoco_warning[400];

static inline void count_warning(void* ctx, const char* text) {
  (void)ctx;
  if (atomic_fetch_add(&mujoco_warnings, 1) == 0) snprintf(last_mujoco_warning, sizeof last_mujoco_warning, "%s", text);
}

static inline int listen_for_warnings(void** state) {
  (void)state;
  mujoco_warnings = 0;
  lb_phys_log_install();
  lb_phys_log_listen(count_warning, NULL);
  return 0;
}

static inline int refuse_warnings(void** state) {
  (void)state;
  lb_phys_log_listen(NULL, NULL);
  if (mujoco_warnings > 0) print_error("MuJoCo warned: %s\n", last_mujoco_warning);
  return mujoco_warnings > 0 ? -1 : 0;
}

// Takes note of the warnings so far: at least one must contain `words`.
static inline void expect_warning(const char* words) {
  if (!mujoco_warnings) fail_msg("MuJoCo did not warn of '%s'", words);
  if (!strstr(last_mujoco_warning, words)) fail_msg("'%s' is not in: %s", words, last_mujoco_warning);
  mujoco_warnings = 0;
}

#define simulated_test(test) cmocka_unit_test_setup_teardown(test, listen_for_warnings, refuse_warnings)

// Writes text to a file of the temporary folder and gives its path.
static inline const char* write_text(const char* name, const char* text) {
  const char* path = temporary(name);
  write_plainly(path, text, strlen(text));
  return path;
}

static inline lb_phys_model* load_text(const char* text) {
  lb_phys_model* model;
  assert_ok(lb_phys_model_load(&model, write_text("model.xml", text), false));
  return model;
}

static inline void draw(lb_rng* rng, double* out, int n, double scale) {
  for (int i = 0; i < n; ++i) out[i] = scale * (2 * lb_rng_uniform(rng) - 1);
}

// Two masses on slides, each with spring and damper, pushed by one motor each: linear.
#define SPRINGS(integrator)                                                                       \
  "<mujoco><option timestep='0.01' integrator='" integrator                                       \
  "' gravity='0 0 0'><flag eulerdamp='disable'/></option>"                                        \
  "<worldbody>"                                                                                   \
  "<body><joint name='a' type='slide' axis='1 0 0' stiffness='3' damping='0.7'/>"                 \
  "<geom name='ga' type='sphere' size='0.1' mass='2'/></body>"                                    \
  "<body pos='0 1 0'><joint name='b' type='slide' axis='0 1 0' stiffness='5' damping='0.2'/>"     \
  "<geom name='gb' type='sphere' size='0.1' mass='0.5'/></body>"                                  \
  "</worldbody><actuator><motor name='ma' joint='a' gear='2' ctrlrange='-1 1'/><motor name='mb' " \
  "joint='b'/></actuator>"                                                                        \
  "</mujoco>"

// A free body with drag and a pendulum on it, so that a quaternion and a hinge meet.
#define FREE_AND_HINGE                                                                               \
  "<mujoco><option timestep='0.01' integrator='Euler'><flag contact='disable'/></option><worldbody>" \
  "<body name='ship'><freejoint name='root'/><site name='s'/>"                                       \
  "<inertial pos='0 0 0' mass='2' diaginertia='0.02 0.03 0.04'/>"                                    \
  "<body name='arm' pos='0.1 0 0'><joint name='elbow' type='hinge' axis='0 1 0' damping='0.1'/>"     \
  "<inertial pos='0 0 -0.2' mass='0.3' diaginertia='0.002 0.002 0.001'/></body>"                     \
  "</body></worldbody><actuator>"                                                                    \
  "<motor name='lift' site='s' gear='0 0 1 0 0 0'/><motor name='bend' joint='elbow'/>"               \
  "<motor name='spin' site='s' gear='0 0 0 0 0 1'/></actuator></mujoco>"

#endif  // LB_TESTS_PHYS_FIXTURE_H_
