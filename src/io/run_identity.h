// What of a run's configuration (config.json) decides its numbers.
#ifndef LB_IO_RUN_IDENTITY_H_
#define LB_IO_RUN_IDENTITY_H_

#include <stdbool.h>

#include "io/json.h"

// Whether the member of this name says something of a run and decides nothing: a title, a summary, the suite's name.
bool lb_run_is_wording(const char* key);

// SHA-256 of an object's members but for its wording, as they stand: two recipes of one sum are one recipe.
void lb_run_sum(char out[65], lb_node object);

#endif  // LB_IO_RUN_IDENTITY_H_
