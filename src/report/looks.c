#include "report/looks.h"

#include <string.h>

#include "report/gnuplot.h"

enum { ALGOS_MAX = 256 };

static bool same(const char* a, const char* b) {
  return a && b && strcmp(a, b) == 0;
}

bool lb_looks_is_role(const lb_suite* suite, const char* algo) {
  return same(suite->reference, algo) || same(suite->start, algo);
}

static bool holds(const lb_suite_figure* figure, const char* algo) {
  for (int i = 0; i < figure->n_algos; ++i) {
    if (strcmp(figure->algos[i], algo) == 0) return true;
  }
  return false;
}

static bool share_a_figure(const lb_suite* suite, const char* a, const char* b) {
  for (int i = 0; i < suite->n_figures; ++i) {
    if (holds(&suite->figures[i], a) && holds(&suite->figures[i], b)) return true;
  }
  return suite->n_figures == 0;
}

// The row that an algorithm of the suite names first.
static const lb_suite_row* row_of(const lb_suite* suite, const char* algo) {
  for (int i = 0; i < suite->n_rows; ++i) {
    if (same(suite->rows[i].algo, algo)) return &suite->rows[i];
  }
  return NULL;
}

// The same algorithm under an earlier value of a sweep; -1: none.
static int sibling(const lb_suite* suite, int i) {
  const lb_suite_row* row = row_of(suite, suite->algos[i]);
  for (int j = 0; row && row->value >= 0 && j < i; ++j) {
    const lb_suite_row* other = row_of(suite, suite->algos[j]);
    if (other && other->value >= 0 && strcmp(other->recipe, row->recipe) == 0) return j;
  }
  return -1;
}

// The looks of algorithm i, given those of all earlier ones. Under other values of a sweep it keeps its colour.
static lb_looks choose(const lb_suite* suite, const lb_looks* given, int i) {
  int twin = sibling(suite, i);
  if (twin >= 0) return (lb_looks){given[twin].color, row_of(suite, suite->algos[i])->value % LB_DASHES};
  int rivals[LB_PALETTE] = {0}, all[LB_PALETTE] = {0}, best = 0;
  for (int j = 0; j < i; ++j) {
    if (lb_looks_is_role(suite, suite->algos[j])) continue;
    all[given[j].color] += 1;
    rivals[given[j].color] += share_a_figure(suite, suite->algos[i], suite->algos[j]);
  }
  for (int c = 1; c < LB_PALETTE; ++c) {
    if (rivals[c] < rivals[best] || (rivals[c] == rivals[best] && all[c] < all[best])) best = c;
  }
  return (lb_looks){best, all[best] % LB_DASHES};
}

lb_looks lb_looks_of(const lb_suite* suite, const char* algo) {
  if (same(suite->reference, algo)) return (lb_looks){LB_COLOR_INK, 0};
  if (same(suite->start, algo)) return (lb_looks){LB_COLOR_SOFT, 0};
  lb_looks given[ALGOS_MAX];
  for (int i = 0; i < suite->n_algos && i < ALGOS_MAX; ++i) {
    given[i] = choose(suite, given, i);
    if (strcmp(suite->algos[i], algo) == 0) return given[i];
  }
  return (lb_looks){0, 1};
}
