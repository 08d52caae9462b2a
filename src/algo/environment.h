// What a result depends on besides its configuration: versions of the program and its libraries, and the machine.
#ifndef LB_ALGO_ENVIRONMENT_H_
#define LB_ALGO_ENVIRONMENT_H_

#include "io/json_writer.h"

// {"lazybench", "commit", "mujoco", "openblas", "compiler"}
void lb_environment_write_versions(lb_json_writer* w, const char* key);

// {"cpu", "cores", "isa"}
void lb_environment_write_machine(lb_json_writer* w, const char* key);

#endif  // LB_ALGO_ENVIRONMENT_H_
