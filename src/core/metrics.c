#include "core/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define LB_METRIC(id, name_, unit_, title_, section_, better_, flags_, meaning_) \
  [LB_METRIC_##id] = {.name = (name_),                                           \
                      .unit = (unit_),                                           \
                      .title = (title_),                                         \
                      .meaning = (meaning_),                                     \
                      .section = LB_METRIC_IN_##section_,                        \
                      .better = LB_BETTER_##better_,                             \
                      .flags = (flags_)},
#define LB_METRIC_WITH_SE(id, name_, unit_, title_, section_, better_, flags_, meaning_)  \
  LB_METRIC(id, name_, unit_, title_, section_, better_, flags_, meaning_)                \
  LB_METRIC(id##_SE, name_ "_se", unit_, title_ ", standard error", section_, NEITHER, 0, \
            "standard error of `" name_ "` over the episodes")

static const lb_metric metrics[LB_METRICS] = {
#include "core/metric_table.h"
};

const lb_metric* lb_metric_at(int id) {
  assert(id >= 0 && id < LB_METRICS);
  return &metrics[id];
}

const char* lb_metric_name(int id) {
  return lb_metric_at(id)->name;
}

int lb_metric_find(const char* name) {
  for (int i = 0; i < LB_METRICS; ++i) {
    if (strcmp(metrics[i].name, name) == 0) return i;
  }
  return -1;
}

bool lb_metric_is_higher(int id) {
  return id >= 0 && id < LB_METRICS && metrics[id].better == LB_BETTER_HIGHER;
}

bool lb_metric_is_better(int id, double a, double b) {
  return lb_metric_is_higher(id) ? a > b : a < b;
}

int lb_metric_se(int id) {
  if (id < 0 || id + 1 >= LB_METRICS) return -1;
  size_t n = strlen(metrics[id].name);
  const char* next = metrics[id + 1].name;
  return strncmp(next, metrics[id].name, n) == 0 && strcmp(next + n, "_se") == 0 ? id + 1 : -1;
}

double lb_metric_worst(int id) {
  if (id < 0 || id >= LB_METRICS || !(metrics[id].flags & LB_METRIC_WORST)) return NAN;
  return metrics[id].better == LB_BETTER_HIGHER ? -INFINITY : INFINITY;
}
