#include "tabular/mdp.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/json_writer.h"
#include "tabular/families.h"

static const double tolerance = 1e-9;  // of a sum of probabilities
enum { MOST_STATES = 50000000, MOST_ACTIONS = 1000000, MOST_STEPS = 1000000 };

enum { LONGEST_NAME = LB_MDP_NAME - 1 };

lb_mdp* lb_mdp_new(int ns, int na, int links, lb_arena* arena) {
  lb_mdp* m = LB_TAKE(arena, lb_mdp, 1);
  size_t rows = (size_t)ns * (size_t)na;
  *m = (lb_mdp){.title = "",
                .ns = ns,
                .na = na,
                .discount = 1,
                .row = LB_TAKE(arena, int, rows + 1),
                .next = LB_TAKE(arena, int, links > 0 ? links : 1),
                .p = LB_TAKE(arena, double, links > 0 ? links : 1),
                .step = LB_TAKE(arena, double, rows),
                .arrival = LB_TAKE(arena, double, ns),
                .reward = LB_TAKE(arena, double, rows),
                .end = LB_TAKE(arena, bool, ns),
                .start = LB_TAKE(arena, double, ns)};
  m->start[0] = 1;
  return m;
}

void lb_mdp_put(lb_mdp* m, int* filled, int next, double p) {
  int from = m->row[*filled], *to = &m->row[*filled + 1];
  if (*to < from) *to = from;
  if (p == 0) return;
  for (int i = from; i < *to; ++i) {
    if (m->next[i] == next) {
      m->p[i] += p;
      return;
    }
  }
  m->next[*to] = next;
  m->p[*to] = p;
  *to += 1;
}

void lb_mdp_close(lb_mdp* m, int* filled, double step) {
  if (m->row[*filled + 1] < m->row[*filled]) m->row[*filled + 1] = m->row[*filled];
  m->step[*filled] = step;
  *filled += 1;
}

// r(s, a) = step(s, a) + sum_s' p(s' | s, a) arrival(s')
void lb_mdp_seal(lb_mdp* m, int filled) {
  assert(filled == m->ns * m->na);
  (void)filled;
  for (int sa = 0; sa < m->ns * m->na; ++sa) {
    double sum = m->step[sa];
    for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) sum += m->p[i] * m->arrival[m->next[i]];
    m->reward[sa] = sum;
  }
}

lb_mdp* lb_mdp_copy(const lb_mdp* m, lb_arena* arena) {
  size_t rows = (size_t)m->ns * (size_t)m->na, links = (size_t)m->row[rows], ns = (size_t)m->ns;
  lb_mdp* c = lb_mdp_new(m->ns, m->na, (int)links, arena);
  lb_mdp own = *c;
  *c = *m;
  c->row = memcpy(own.row, m->row, (rows + 1) * sizeof *m->row);
  c->next = memcpy(own.next, m->next, links * sizeof *m->next);
  c->p = memcpy(own.p, m->p, links * sizeof *m->p);
  c->step = memcpy(own.step, m->step, rows * sizeof *m->step);
  c->reward = memcpy(own.reward, m->reward, rows * sizeof *m->reward);
  c->arrival = memcpy(own.arrival, m->arrival, ns * sizeof *m->arrival);
  c->end = memcpy(own.end, m->end, ns * sizeof *m->end);
  c->start = memcpy(own.start, m->start, ns * sizeof *m->start);
  return c;
}

int lb_mdp_times(const lb_mdp* m) {
  return m->horizon > 0 ? m->horizon : 1;
}

size_t lb_mdp_policy_size(const lb_mdp* m) {
  return (size_t)lb_mdp_times(m) * (size_t)m->ns * (size_t)m->na;
}

size_t lb_mdp_value_size(const lb_mdp* m) {
  return (size_t)(m->horizon > 0 ? m->horizon + 1 : 1) * (size_t)m->ns;
}

const char* lb_mdp_state_name(const lb_mdp* m, int s, char out[LB_MDP_NAME]) {
  if (m->states) return m->states[s];
  snprintf(out, LB_MDP_NAME, "%d", s);
  return out;
}

const char* lb_mdp_action_name(const lb_mdp* m, int a, char out[LB_MDP_NAME]) {
  if (m->actions) return m->actions[a];
  snprintf(out, LB_MDP_NAME, "%d", a);
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// Names

// A list of names, and the order in which they are found by bisection.
typedef struct names {
  const char** name;  // NULL: the numbers 0 .. n - 1
  int* order;
  int n;
} names;

typedef struct named {
  const char* name;
  int index;
} named;

static int by_name(const void* a, const void* b) {
  return strcmp(((const named*)a)->name, ((const named*)b)->name);
}

// Names or a number under a key; `what` is one of them, in words.
static lb_status read_names(names* out, lb_node object, const char* key, const char* what, int most, lb_arena* arena) {
  lb_node node;
  LB_TRY(lb_json_child(object, key, &node));
  if (lb_json_is_number(node)) return lb_json_int(object, key, 1, most, &out->n);
  LB_TRY(lb_json_array(object, key, &node, &out->n));
  if (out->n < 1) return lb_json_fail(node, "there must be one %s at least", what);
  out->name = LB_TAKE(arena, const char*, out->n);
  out->order = LB_TAKE(arena, int, out->n);
  named* sorted = LB_TAKE(arena, named, out->n);
  for (int i = 0; i < out->n; ++i) {
    const char* text;
    LB_TRY(lb_json_as_string(lb_json_element(node, i), &text));
    size_t length = strlen(text);
    if (length < 1 || length > LONGEST_NAME) {
      return lb_json_fail(lb_json_element(node, i), "a name has 1 to %d letters", LONGEST_NAME);
    }
    out->name[i] = lb_arena_text(arena, text);
    sorted[i] = (named){out->name[i], i};
  }
  qsort(sorted, (size_t)out->n, sizeof *sorted, by_name);
  for (int i = 0; i < out->n; ++i) {
    out->order[i] = sorted[i].index;
    if (i > 0 && strcmp(sorted[i].name, sorted[i - 1].name) == 0) {
      return lb_json_fail(node, "the %s '%s' is there twice", what, sorted[i].name);
    }
  }
  return lb_ok();
}

// The number of a state or action by its name, or by its digits where they have no names; -1: none.
static int find_name(const names* all, const char* wanted) {
  if (!all->name) {
    char* end;
    long value = strtol(wanted, &end, 10);
    char again[LB_MDP_NAME];
    snprintf(again, sizeof again, "%ld", value);
    return *end == '\0' && value >= 0 && value < all->n && strcmp(again, wanted) == 0 ? (int)value : -1;
  }
  int low = 0, high = all->n - 1;
  while (low <= high) {
    int mid = low + (high - low) / 2, order = strcmp(wanted, all->name[all->order[mid]]);
    if (order == 0) return all->order[mid];
    if (order < 0) {
      high = mid - 1;
    } else {
      low = mid + 1;
    }
  }
  return -1;
}

// The failure of an unknown name, with the nearest.
static lb_status refuse_name(lb_node node, const names* all, const char* wanted, const char* what) {
  if (!all->name) return lb_json_fail(node, "unknown %s '%s': they are '0' to '%d'", what, wanted, all->n - 1);
  const char* near = lb_text_nearest(wanted, all->name, all->n);
  if (near) return lb_json_fail(node, "unknown %s '%s' (did you mean '%s'?)", what, wanted, near);
  return lb_json_fail(node, "unknown %s '%s': they are in '%ss'", what, wanted, what);
}

// The number of a name that must be there.
static lb_status need_name(int* out, lb_node node, const names* all, const char* wanted, const char* what) {
  *out = find_name(all, wanted);
  return *out < 0 ? refuse_name(node, all, wanted, what) : lb_ok();
}

int lb_mdp_find_state(const lb_mdp* m, const char* name) {
  char number[LB_MDP_NAME];
  for (int s = 0; s < m->ns; ++s) {
    if (strcmp(lb_mdp_state_name(m, s, number), name) == 0) return s;
  }
  return -1;
}

// ---------------------------------------------------------------------------------------------------------------------
// Sizes

double lb_mdp_bytes(double ns, double na, double links) {
  return links * (sizeof(int) + sizeof(double)) + ns * na * (sizeof(int) + 2 * sizeof(double)) +
         ns * (sizeof(bool) + 2 * sizeof(double));
}

// Bytes of memory that the machine has.
static double machine_bytes(void) {
  double pages = (double)sysconf(_SC_PHYS_PAGES), size = (double)sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0 ? pages * size : 4e9;
}

lb_status lb_mdp_check_size(lb_node node, double ns, double na, double links) {
  double need = lb_mdp_bytes(ns, na, links), most = machine_bytes() / 2;
  if (need > most) {
    return lb_json_fail(node,
                        "%.4g states, %.4g actions and %.4g successors would need %.4g GB of memory, more than half of "
                        "the %.3g GB that this machine has",
                        ns, na, links, need / 1e9, 2 * most / 1e9);
  }
  if (ns * na >= INT_MAX || links >= INT_MAX) {
    return lb_json_fail(node,
                        "%.4g rows with %.4g successors are more than can be counted here (%d), and would need "
                        "%.4g GB of memory",
                        ns * na, links, INT_MAX, need / 1e9);
  }
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// Reading

// p (n) from an object of probabilities by name, which must sum to one.
static lb_status read_distribution(lb_node node, const names* states, int* index, double* p, int* n) {
  double sum = 0;
  *n = lb_json_length(node);
  if (*n < 1) return lb_json_fail(node, "no state has a probability: they must sum to 1");
  for (int i = 0; i < *n; ++i) {
    const char* name = lb_json_key(node, i);
    LB_TRY(need_name(&index[i], node, states, name, "state"));
    lb_node value;
    LB_TRY(lb_json_child(node, name, &value));
    LB_TRY(lb_json_as_number(value, -1e300, 1e300, &p[i]));
    if (p[i] < 0) return lb_json_fail(value, "is %.17g: a probability is not negative", p[i]);
    sum += p[i];
  }
  if (!(fabs(sum - 1) <= tolerance)) {
    return lb_json_fail(node, "the probabilities sum to %.10g, not to 1", sum);
  }
  // What sums to one but for rounding stays as it is, so that what is written reads again to the bit.
  for (int i = 0; i < *n && fabs(sum - 1) > 1e-12; ++i) p[i] /= sum;
  return lb_ok();
}

// The start's distribution: one state, or weights by name.
static lb_status read_start(lb_mdp* m, lb_node root, const names* states, lb_arena* arena) {
  lb_node node;
  LB_TRY(lb_json_child(root, "start", &node));
  memset(m->start, 0, (size_t)m->ns * sizeof *m->start);
  if (lb_json_is_string(node)) {
    const char* name;
    int s;
    LB_TRY(lb_json_as_string(node, &name));
    LB_TRY(need_name(&s, node, states, name, "state"));
    m->start[s] = 1;
  } else {
    LB_TRY(lb_json_object(root, "start", &node));
    int n = lb_json_length(node), *index = LB_TAKE(arena, int, n + 1);
    double* p = LB_TAKE(arena, double, n + 1);
    LB_TRY(read_distribution(node, states, index, p, &n));
    for (int i = 0; i < n; ++i) m->start[index[i]] += p[i];
  }
  char name[LB_MDP_NAME];
  for (int s = 0; s < m->ns; ++s) {
    if (m->start[s] > 0 && m->end[s]) {
      return lb_json_fail(node, "episodes begin in '%s', which is among 'ends': they would be over at once",
                          lb_mdp_state_name(m, s, name));
    }
  }
  return lb_ok();
}

// The states that end an episode.
static lb_status read_ends(lb_mdp* m, lb_node root, const names* states) {
  if (!lb_json_has(root, "ends")) return lb_ok();
  lb_node node;
  int n;
  LB_TRY(lb_json_array(root, "ends", &node, &n));
  for (int i = 0; i < n; ++i) {
    lb_node element = lb_json_element(node, i);
    const char* name;
    int s;
    LB_TRY(lb_json_as_string(element, &name));
    LB_TRY(need_name(&s, element, states, name, "state"));
    if (m->end[s]) return lb_json_fail(element, "'%s' is there twice", name);
    m->end[s] = true;
  }
  return lb_ok();
}

// The rewards of arriving in states.
static lb_status read_arrival(lb_mdp* m, lb_node root, const names* states) {
  if (!lb_json_has(root, "arrival")) return lb_ok();
  lb_node node;
  LB_TRY(lb_json_object(root, "arrival", &node));
  for (int i = 0; i < lb_json_length(node); ++i) {
    const char* name = lb_json_key(node, i);
    int s;
    LB_TRY(need_name(&s, node, states, name, "state"));
    LB_TRY(lb_json_number(node, name, -1e15, 1e15, &m->arrival[s]));
  }
  return lb_ok();
}

// Where states lie on a line, for models that pool over places.
static lb_status read_places(lb_mdp* m, lb_node root, const names* states, lb_arena* arena) {
  if (!lb_json_has(root, "places")) return lb_ok();
  lb_node node;
  LB_TRY(lb_json_object(root, "places", &node));
  m->place = LB_TAKE(arena, int, m->ns);
  for (int s = 0; s < m->ns; ++s) m->place[s] = INT_MIN;
  for (int i = 0; i < lb_json_length(node); ++i) {
    const char* name = lb_json_key(node, i);
    int s;
    LB_TRY(need_name(&s, node, states, name, "state"));
    LB_TRY(lb_json_int(node, name, -MOST_STATES, MOST_STATES, &m->place[s]));
  }
  return lb_ok();
}

// Where rows were read, before they are put in order: (s, a) -> the element of "rows", 1 and up; 0: none.
typedef struct draft {
  int* at;
  int links;
} draft;

// Notes which row a state and its action (none: all) have, and counts the successors.
static lb_status place_row(draft* d, lb_node node, const lb_mdp* m, const names* states, const names* actions, int i) {
  static const char* const known[] = {"state", "action", "to", "reward"};
  const char* name;
  int s, first = 0, last = m->na - 1;
  LB_TRY(lb_json_keys(node, known, 4));
  LB_TRY(lb_json_string(node, "state", &name));
  LB_TRY(need_name(&s, node, states, name, "state"));
  if (m->end[s]) {
    return lb_json_fail(node, "'%s' is among 'ends': nothing may follow it; remove this row, or the end", name);
  }
  if (lb_json_has(node, "action")) {
    lb_node action;
    LB_TRY(lb_json_child(node, "action", &action));
    LB_TRY(lb_json_as_string(action, &name));
    LB_TRY(need_name(&first, action, actions, name, "action"));
    last = first;
  }
  for (int a = first; a <= last; ++a) {
    if (d->at[s * m->na + a]) {
      return lb_json_fail(node, "this state and action have a row already, rows[%d]", d->at[s * m->na + a] - 1);
    }
    d->at[s * m->na + a] = i + 1;
  }
  lb_node to;
  LB_TRY(lb_json_object(node, "to", &to));
  if ((double)d->links + (double)lb_json_length(to) * (last - first + 1) >= INT_MAX) {
    return lb_json_fail(node, "too many successors");
  }
  d->links += lb_json_length(to) * (last - first + 1);
  return lb_ok();
}

// Successors, probabilities and reward of one state and action.
static lb_status fill_row(lb_mdp* m, int* filled, lb_node node, const names* states, lb_arena* arena) {
  lb_node to;
  double reward;
  LB_TRY(lb_json_object(node, "to", &to));
  LB_TRY(lb_json_number_or(node, "reward", -1e15, 1e15, 0, &reward));
  lb_mark mark = lb_arena_mark(arena);
  int n = lb_json_length(to), *index = LB_TAKE(arena, int, n + 1);
  double* p = LB_TAKE(arena, double, n + 1);
  lb_status status = read_distribution(to, states, index, p, &n);
  for (int i = 0; status.code == LB_OK && i < n; ++i) lb_mdp_put(m, filled, index[i], p[i]);
  lb_arena_release(arena, mark);
  if (status.code == LB_OK) lb_mdp_close(m, filled, reward);
  return status;
}

// All rows: first their places and sizes, then their contents.
static lb_status read_rows(lb_mdp** out, lb_node root, const names* states, const names* actions, lb_arena* arena) {
  lb_mdp* m = *out;
  char state[LB_MDP_NAME], action[LB_MDP_NAME];
  lb_node rows;
  int n, nsa = m->ns * m->na;
  LB_TRY(lb_json_array(root, "rows", &rows, &n));
  draft d = {.at = LB_TAKE(arena, int, nsa)};
  for (int i = 0; i < n; ++i) LB_TRY(place_row(&d, lb_json_element(rows, i), m, states, actions, i));
  m->next = LB_TAKE(arena, int, d.links + 1);
  m->p = LB_TAKE(arena, double, d.links + 1);
  int filled = 0;
  for (int sa = 0; sa < nsa; ++sa) {
    int s = sa / m->na;
    if (m->end[s]) {
      lb_mdp_close(m, &filled, 0);
    } else if (d.at[sa] == 0) {
      return lb_json_fail(rows,
                          "there is no row for state '%s' and action '%s': give it one, or name the state in "
                          "'ends'",
                          lb_mdp_state_name(m, s, state), lb_mdp_action_name(m, sa % m->na, action));
    } else {
      LB_TRY(fill_row(m, &filled, lb_json_element(rows, d.at[sa] - 1), states, arena));
    }
  }
  lb_mdp_seal(m, filled);
  return lb_ok();
}

// Horizon or discount: values must be finite.
static lb_status read_clock(lb_mdp* m, lb_node root) {
  LB_TRY(lb_json_int_or(root, "horizon", 1, MOST_STEPS, 0, &m->horizon));
  LB_TRY(lb_json_number_or(root, "discount", 0, 1, 1, &m->discount));
  if (m->horizon == 0 && m->discount >= 1) {
    return lb_json_fail(root, "has neither a 'horizon' nor a 'discount' below 1: values would be infinite");
  }
  return lb_ok();
}

// The MDP that the file describes.
static lb_status read_whole(lb_mdp** out, lb_node root, lb_arena* arena) {
  static const char* const known[] = {"title", "horizon", "discount", "states", "actions",
                                      "start", "ends",    "arrival",  "rows",   "places"};
  LB_TRY(lb_json_keys(root, known, sizeof known / sizeof *known));
  names states = {0}, actions = {0};
  lb_node rows;
  int n;
  LB_TRY(read_names(&states, root, "states", "state", MOST_STATES, arena));
  LB_TRY(read_names(&actions, root, "actions", "action", MOST_ACTIONS, arena));
  LB_TRY(lb_json_array(root, "rows", &rows, &n));
  LB_TRY(lb_mdp_check_size(root, states.n, actions.n, n));
  int ends = 0;
  lb_node node;
  if (lb_json_has(root, "ends")) LB_TRY(lb_json_array(root, "ends", &node, &ends));
  if (n < states.n - ends) {
    return lb_json_fail(rows, "has %d rows for %d states of which %d are ends: each other state needs one", n, states.n,
                        ends);
  }
  lb_mdp* m = lb_mdp_new(states.n, actions.n, 0, arena);
  m->states = states.name;
  m->actions = actions.name;
  const char* title;
  LB_TRY(lb_json_string_or(root, "title", "", &title));
  m->title = lb_arena_text(arena, title);
  LB_TRY(read_clock(m, root));
  LB_TRY(read_ends(m, root, &states));
  LB_TRY(read_start(m, root, &states, arena));
  LB_TRY(read_arrival(m, root, &states));
  LB_TRY(read_places(m, root, &states, arena));
  *out = m;
  return read_rows(out, root, &states, &actions, arena);
}

lb_status lb_mdp_read(lb_mdp** out, lb_node node, lb_arena* arena) {
  *out = NULL;
  if (!lb_json_is_object(node)) return lb_json_fail(node, "must be an object: an MDP");
  lb_status status = lb_json_has(node, "family") ? lb_families_read(out, node, arena) : read_whole(out, node, arena);
  if (status.code != LB_OK) *out = NULL;
  return status;
}

lb_status lb_mdp_load(lb_mdp** out, const char* path, lb_arena* arena) {
  lb_json* doc;
  *out = NULL;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = lb_mdp_read(out, lb_json_root(doc), arena);
  lb_json_free(doc);
  return status;
}

// ---------------------------------------------------------------------------------------------------------------------
// Writing

// Names, or how many there are where they have none.
static void write_names(lb_json_writer* w, const char* key, const char** all, int n) {
  if (!all) {
    lb_json_write_int(w, key, n);
    return;
  }
  lb_json_write_begin_array(w, key);
  for (int i = 0; i < n; ++i) lb_json_write_string(w, NULL, all[i]);
  lb_json_write_end_array(w);
}

// The numbers of x (ns) that are not 0, by the states' names.
static void write_weights(lb_json_writer* w, const char* key, const lb_mdp* m, const double* x) {
  char name[LB_MDP_NAME];
  lb_json_write_begin_object(w, key);
  for (int s = 0; s < m->ns; ++s) {
    if (x[s] != 0) lb_json_write_number(w, lb_mdp_state_name(m, s, name), x[s]);
  }
  lb_json_write_end_object(w);
}

// A state, an action, its successors and its reward.
static void write_row(lb_json_writer* w, const lb_mdp* m, int sa) {
  char name[LB_MDP_NAME];
  lb_json_write_begin_object(w, NULL);
  lb_json_write_string(w, "state", lb_mdp_state_name(m, sa / m->na, name));
  lb_json_write_string(w, "action", lb_mdp_action_name(m, sa % m->na, name));
  lb_json_write_begin_object(w, "to");
  for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) {
    lb_json_write_number(w, lb_mdp_state_name(m, m->next[i], name), m->p[i]);
  }
  lb_json_write_end_object(w);
  if (m->step[sa] != 0) lb_json_write_number(w, "reward", m->step[sa]);
  lb_json_write_end_object(w);
}

void lb_mdp_write(const lb_mdp* m, lb_text* text) {
  char name[LB_MDP_NAME];
  lb_json_writer w = lb_json_writer_on(text);
  lb_json_write_begin_object(&w, NULL);
  if (*m->title) lb_json_write_string(&w, "title", m->title);
  if (m->horizon > 0) lb_json_write_int(&w, "horizon", m->horizon);
  lb_json_write_number(&w, "discount", m->discount);
  write_names(&w, "states", m->states, m->ns);
  write_names(&w, "actions", m->actions, m->na);
  write_weights(&w, "start", m, m->start);
  lb_json_write_begin_array(&w, "ends");
  for (int s = 0; s < m->ns; ++s) {
    if (m->end[s]) lb_json_write_string(&w, NULL, lb_mdp_state_name(m, s, name));
  }
  lb_json_write_end_array(&w);
  write_weights(&w, "arrival", m, m->arrival);
  if (m->place) {
    lb_json_write_begin_object(&w, "places");
    for (int s = 0; s < m->ns; ++s) {
      if (m->place[s] != INT_MIN) lb_json_write_int(&w, lb_mdp_state_name(m, s, name), m->place[s]);
    }
    lb_json_write_end_object(&w);
  }
  lb_json_write_begin_array(&w, "rows");
  for (int sa = 0; sa < m->ns * m->na; ++sa) {
    if (!m->end[sa / m->na]) write_row(&w, m, sa);
  }
  lb_json_write_end_array(&w);
  lb_json_write_end_object(&w);
}
