// The settings of a protocol as "key=value", the way `--set` takes them.
#ifndef LB_BENCH_SETTINGS_H_
#define LB_BENCH_SETTINGS_H_

#include "algo/protocol.h"

enum { LB_SETTINGS_MAX = 64 };

typedef struct lb_setting {
  char text[128];  // "key=value"
} lb_setting;

// Every setting of these parts of the protocol, in the order in which it writes them; returns how many.
int lb_settings_list(lb_setting out[LB_SETTINGS_MAX], const lb_protocol* protocol, int parts);

// Those in which `protocol` is not as `other`; returns how many.
int lb_settings_difference(lb_setting out[LB_SETTINGS_MAX], const lb_protocol* protocol, const lb_protocol* other);

// Whether a run of these parts with these settings is over before it has learned anything: all of its steps are
// warm-up.
bool lb_settings_only_warm_up(const lb_protocol* protocol, int parts);

#endif  // LB_BENCH_SETTINGS_H_
