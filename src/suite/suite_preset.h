// What a preset makes of a suite's definition: JSON in, JSON out. See suite.h for the rules.
#ifndef LB_SUITE_SUITE_PRESET_H_
#define LB_SUITE_SUITE_PRESET_H_

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"
#include "io/json.h"

// Checks the names and the keys of all presets.
lb_status lb_suite_preset_check(lb_node presets);

// The definition `root` under the preset, as JSON text, without its presets.
lb_status lb_suite_preset_apply(lb_text* out, lb_node root, const char* preset, lb_arena* arena);

#endif  // LB_SUITE_SUITE_PRESET_H_
