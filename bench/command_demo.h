// The parts of `bench demo`, a file each.
#ifndef LB_BENCH_COMMAND_DEMO_H_
#define LB_BENCH_COMMAND_DEMO_H_

#include "base/status.h"
#include "core/system.h"
#include "root.h"

// Each gets its own words (argv[0] is its name) and returns the program's exit status.
int lb_demo_import(int argc, char** argv);
int lb_demo_info(int argc, char** argv);
int lb_demo_check(int argc, char** argv);
int lb_demo_record(int argc, char** argv);

// Opens a task by its name or an alias; `root` gets the data's folder.
lb_status lb_demo_open_task(lb_system** system, char root[LB_BENCH_PATH], const char* task);

#endif  // LB_BENCH_COMMAND_DEMO_H_
