#include "report/looks.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "plot/panel.h"

enum { ALGOS_MAX = 256 };

// The head of a family: so many first characters of an algorithm's name.
typedef struct family {
  const char* name;
  int length;
} family;

static bool same(const char* a, const char* b) {
  return a && b && strcmp(a, b) == 0;
}

bool lb_looks_is_role(const lb_suite* suite, const char* algo) {
  return same(suite->reference, algo) || same(suite->start, algo);
}

// Whether a figure draws an algorithm.
static bool holds(const lb_suite_figure* figure, const char* algo) {
  for (int i = 0; i < figure->n_algos; ++i) {
    if (strcmp(figure->algos[i], algo) == 0) return true;
  }
  return false;
}

// The figures that draw an algorithm, a bit each; of more than 64 some share a bit.
static uint64_t figures_of(const lb_suite* suite, const char* algo) {
  uint64_t bits = suite->n_figures == 0;
  for (int i = 0; i < suite->n_figures; ++i) {
    if (holds(&suite->figures[i], algo)) bits |= (uint64_t)1 << (i % 64);
  }
  return bits;
}

static bool ends_word(char c) {
  return c == '\0' || c == '-' || c == '@';
}

// Whether some algorithm of the suite has a name that goes on after these first characters.
static bool has_namesakes(const lb_suite* suite, const char* name, int length) {
  for (int i = 0; i < suite->n_algos; ++i) {
    const char* other = suite->algos[i];
    if (lb_looks_is_role(suite, other) || strncmp(other, name, (size_t)length) != 0) continue;
    if (other[length] != '\0' && ends_word(other[length])) return true;
  }
  return false;
}

static int word_length(const char* name) {
  return (int)strcspn(name, "-@");
}

// The longest part of a name that heads a family: its first word, or an algorithm with namesakes.
static family family_of(const lb_suite* suite, const char* algo) {
  family found = {algo, word_length(algo)};
  for (int i = 0; i < suite->n_algos; ++i) {
    const char* head = suite->algos[i];
    int length = (int)strlen(head);
    bool is_part = strncmp(head, algo, (size_t)length) == 0 && ends_word(algo[length]);
    if (!is_part || length <= found.length || lb_looks_is_role(suite, head)) continue;
    if (has_namesakes(suite, head, length)) found.length = length;
  }
  return found;
}

static bool same_family(const family* a, const family* b) {
  return a->length == b->length && strncmp(a->name, b->name, (size_t)a->length) == 0;
}

// What is known of the algorithms of a suite; roles have no family.
typedef struct cast {
  int n;
  bool role[ALGOS_MAX];
  family family[ALGOS_MAX];
  uint64_t figures[ALGOS_MAX];         // of the algorithm
  uint64_t family_figures[ALGOS_MAX];  // of its family
} cast;

// Fills what is known of the suite's algorithms.
static void collect(cast* c, const lb_suite* suite) {
  c->n = suite->n_algos < ALGOS_MAX ? suite->n_algos : ALGOS_MAX;
  for (int i = 0; i < c->n; ++i) {
    c->role[i] = lb_looks_is_role(suite, suite->algos[i]);
    c->family[i] = family_of(suite, suite->algos[i]);
    c->figures[i] = figures_of(suite, suite->algos[i]);
  }
  for (int i = 0; i < c->n; ++i) {
    c->family_figures[i] = 0;
    for (int k = 0; k < c->n; ++k) {
      if (!c->role[k] && same_family(&c->family[k], &c->family[i])) c->family_figures[i] |= c->figures[k];
    }
  }
}

// The colour of the family of algorithm i, given the looks of all earlier algorithms.
static int choose_color(const cast* c, const lb_looks* given, int i) {
  int rivals[LB_PALETTE] = {0}, all[LB_PALETTE] = {0}, best = 0;
  for (int j = 0; j < i; ++j) {
    if (c->role[j]) continue;
    if (same_family(&c->family[j], &c->family[i])) return given[j].color;
    all[given[j].color] += 1;
    rivals[given[j].color] += (c->family_figures[i] & c->family_figures[j]) != 0;
  }
  for (int k = 1; k < LB_PALETTE; ++k) {
    if (rivals[k] < rivals[best] || (rivals[k] == rivals[best] && all[k] < all[best])) best = k;
  }
  return best;
}

// How alike algorithm i would be to earlier ones of its colour with this dash and marker: both the same is the worst,
// in one figure worse than in several, and dashes count more than markers.
static int likeness(const cast* c, const lb_looks* given, int i, const lb_looks* looks) {
  int sum = 0;
  for (int j = 0; j < i; ++j) {
    if (c->role[j] || given[j].color != looks->color) continue;
    int dashes = given[j].dash == looks->dash, marks = given[j].mark == looks->mark;
    sum += (dashes && marks ? 100000 : 0) + (c->figures[i] & c->figures[j] ? 100 : 1) * (2 * dashes + marks);
  }
  return sum;
}

// The looks of algorithm i, given those of all earlier ones.
static lb_looks choose(const cast* c, const lb_looks* given, int i) {
  int color = choose_color(c, given, i), least = INT_MAX;
  lb_looks best = {color, 0, 0};
  for (int dash = 0; dash < LB_DASHES; ++dash) {
    for (int k = 0; k < LB_MARKS; ++k) {
      lb_looks looks = {color, dash, (color + k) % LB_MARKS};
      int alike = likeness(c, given, i, &looks);
      if (alike >= least) continue;
      least = alike;
      best = looks;
    }
  }
  return best;
}

lb_looks lb_looks_of(const lb_suite* suite, const char* algo) {
  if (same(suite->reference, algo)) return (lb_looks){LB_COLOR_INK, 0, 0};
  if (same(suite->start, algo)) return (lb_looks){LB_COLOR_SOFT, 0, 0};
  cast c;
  lb_looks given[ALGOS_MAX];
  collect(&c, suite);
  for (int i = 0; i < c.n; ++i) {
    given[i] = c.role[i] ? (lb_looks){0, 0, 0} : choose(&c, given, i);
    if (strcmp(suite->algos[i], algo) == 0) return given[i];
  }
  return (lb_looks){0, 1, 0};
}
