// What each setting of --set means, from the tables of the loop and of the kinds of models and planners
// (algo/protocol.h): docs/settings.md and `bench algos NAME` are made of it.
#ifndef LB_BENCH_SETTING_TEXTS_H_
#define LB_BENCH_SETTING_TEXTS_H_

#include <stdbool.h>

// What the setting is; "" where there is none of that name.
const char* lb_setting_meaning(const char* key);

// docs/settings.md on stdout. False where a setting has no meaning: told on stderr.
bool lb_settings_page(void);

#endif  // LB_BENCH_SETTING_TEXTS_H_
