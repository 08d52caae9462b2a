// What each setting of --set means: one table by name, from which docs/settings.md and `bench algos NAME` are made.
#ifndef LB_BENCH_SETTING_TEXTS_H_
#define LB_BENCH_SETTING_TEXTS_H_

#include <stdbool.h>

// What the setting is; "" where the table has no line for it.
const char* lb_setting_meaning(const char* key);

// docs/settings.md on stdout. False where a setting has no line in the table, or a line no setting: told on stderr.
bool lb_settings_page(void);

#endif  // LB_BENCH_SETTING_TEXTS_H_
