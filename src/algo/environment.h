// What a result depends on besides its configuration: versions of the program and its libraries, and the machine.
#ifndef LB_ALGO_ENVIRONMENT_H_
#define LB_ALGO_ENVIRONMENT_H_

#include "io/json_writer.h"

// {"lazybench", "commit", "mujoco", "openblas", "compiler"}
void lb_environment_write_versions(lb_json_writer* w, const char* key);

// {"cpu", "cores", "isa"}
void lb_environment_write_machine(lb_json_writer* w, const char* key);

// What numbers depend on besides a run's configuration, in two parts.
//
// {"numerics", "mujoco"}: the program. `numerics` is a checksum of the sources that decide numbers
// (cmake/Version.cmake). Runs of different programs are not comparable to the last digit or at all.
void lb_environment_write_program(lb_json_writer* w, const char* key);

// The first of the two: 16 hex digits.
const char* lb_environment_numerics(void);

// {"isa", "kernel", "blas", "compiler", "build", "libc"}: how the machine, the compiler and the libraries round. The
// same program under another arithmetic gives other draws of the same random numbers' results.
void lb_environment_write_arithmetic(lb_json_writer* w, const char* key);

#endif  // LB_ALGO_ENVIRONMENT_H_
