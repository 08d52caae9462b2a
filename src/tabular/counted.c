// Transitions of a kind are one entry with a count, in the order in which they were first met, found by hashing. A fit
// sorts them by state and action (counting sort) and writes the rows of an MDP.
#include "tabular/counted.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
  int sa, next;
  int64_t times;
} entry;

struct lb_counted {
  const lb_mdp *real, *prior;
  lb_unseen unseen;
  entry* entries;
  int n, room;
  int* slots;  // (nslots) entry + 1; 0: free
  int nslots;
  int64_t* seen;  // (ns na)
  int64_t total;
  lb_arena* arena;                 // of the last fit
  int *at_place, lowest, nplaces;  // the state at each place from the lowest on; -1: none
};

// realloc that ends the program when memory is short.
static void* heap(void* old, size_t count, size_t size) {
  void* memory = realloc(old, count * size);
  if (!memory) abort();
  return memory;
}

// Which state lies at which place.
static void map_places(lb_counted* c) {
  const lb_mdp* m = c->real;
  int low = INT_MAX, high = INT_MIN;
  for (int s = 0; s < m->ns && m->place; ++s) {
    if (m->place[s] == INT_MIN) continue;
    if (m->place[s] < low) low = m->place[s];
    if (m->place[s] > high) high = m->place[s];
  }
  c->lowest = low;
  c->nplaces = high >= low ? high - low + 1 : 0;
  c->at_place = heap(NULL, (size_t)c->nplaces + 1, sizeof *c->at_place);
  for (int i = 0; i < c->nplaces; ++i) c->at_place[i] = -1;
  for (int s = 0; s < m->ns && m->place; ++s) {
    if (m->place[s] != INT_MIN) c->at_place[m->place[s] - low] = s;
  }
}

lb_counted* lb_counted_new(const lb_mdp* real, lb_unseen unseen, const lb_mdp* prior) {
  lb_counted* c = heap(NULL, 1, sizeof *c);
  *c = (lb_counted){.real = real, .prior = prior, .unseen = unseen, .room = 64, .nslots = 256};
  c->entries = heap(NULL, (size_t)c->room, sizeof *c->entries);
  c->slots = heap(NULL, (size_t)c->nslots, sizeof *c->slots);
  c->seen = heap(NULL, (size_t)real->ns * (size_t)real->na, sizeof *c->seen);
  c->arena = lb_arena_new(0);
  if (!c->arena) abort();
  map_places(c);
  lb_counted_clear(c);
  return c;
}

void lb_counted_free(lb_counted* c) {
  if (!c) return;
  free(c->entries);
  free(c->slots);
  free(c->seen);
  free(c->at_place);
  lb_arena_free(c->arena);
  free(c);
}

void lb_counted_clear(lb_counted* c) {
  c->n = 0;
  c->total = 0;
  memset(c->slots, 0, (size_t)c->nslots * sizeof *c->slots);
  memset(c->seen, 0, (size_t)c->real->ns * (size_t)c->real->na * sizeof *c->seen);
}

// The slot of a kind of transition, or the free one where it belongs.
static int* find_slot(const lb_counted* c, int sa, int next) {
  uint64_t h = ((uint64_t)(uint32_t)sa << 32 | (uint32_t)next) * UINT64_C(0x9e3779b97f4a7c15);
  for (uint32_t i = (uint32_t)(h >> 32);; ++i) {
    int* slot = &c->slots[i & ((uint32_t)c->nslots - 1)];
    if (*slot == 0 || (c->entries[*slot - 1].sa == sa && c->entries[*slot - 1].next == next)) return slot;
  }
}

// Twice the room, with a new index.
static void grow(lb_counted* c) {
  c->room *= 2;
  c->nslots *= 2;
  c->entries = heap(c->entries, (size_t)c->room, sizeof *c->entries);
  c->slots = heap(c->slots, (size_t)c->nslots, sizeof *c->slots);
  memset(c->slots, 0, (size_t)c->nslots * sizeof *c->slots);
  for (int i = 0; i < c->n; ++i) *find_slot(c, c->entries[i].sa, c->entries[i].next) = i + 1;
}

void lb_counted_add(lb_counted* c, int s, int a, int next, int64_t times) {
  assert(!c->real->end[s]);
  if (times <= 0) return;
  int sa = s * c->real->na + a, *slot = find_slot(c, sa, next);
  if (*slot == 0) {
    if (c->n == c->room) {
      grow(c);
      slot = find_slot(c, sa, next);
    }
    c->entries[c->n] = (entry){.sa = sa, .next = next};
    *slot = ++c->n;
  }
  c->entries[*slot - 1].times += times;
  c->seen[sa] += times;
  c->total += times;
}

int64_t lb_counted_seen(const lb_counted* c, int s, int a) {
  return c->seen[s * c->real->na + a];
}

int64_t lb_counted_total(const lb_counted* c) {
  return c->total;
}

// ---------------------------------------------------------------------------------------------------------------------
// Fit

// What an action did anywhere: a displacement, or a state that has no place.
typedef struct outcome {
  bool moves;
  int by;  // or the state
  int64_t times;
} outcome;

typedef struct pool {
  outcome* outcomes;
  int n;
  int64_t total;
} pool;

// Adds an outcome to a pool: how a state moves, or where it goes.
static void pool_add(pool* p, outcome o) {
  for (int i = 0; i < p->n; ++i) {
    if (p->outcomes[i].moves == o.moves && p->outcomes[i].by == o.by) {
      p->outcomes[i].times += o.times;
      p->total += o.times;
      return;
    }
  }
  p->outcomes[p->n++] = o;
  p->total += o.times;
}

// pools (na) of all data from states that have a place.
static pool* make_pools(lb_counted* c) {
  const lb_mdp* m = c->real;
  pool* pools = LB_TAKE(c->arena, pool, m->na);
  for (int a = 0; a < m->na; ++a) pools[a].outcomes = LB_TAKE(c->arena, outcome, c->n + 1);
  for (int i = 0; i < c->n && m->place; ++i) {
    const entry* e = &c->entries[i];
    int from = m->place[e->sa / m->na], to = m->place[e->next];
    if (from == INT_MIN) continue;
    bool moves = to != INT_MIN;
    pool_add(&pools[e->sa % m->na], (outcome){.moves = moves, .by = moves ? to - from : e->next, .times = e->times});
  }
  return pools;
}

// Where a displacement from s leads: past either end of the line one comes to the end.
static int moved(const lb_counted* c, int s, int by) {
  int at = c->real->place[s] + by - c->lowest;
  at = at < 0 ? 0 : at >= c->nplaces ? c->nplaces - 1 : at;
  return c->at_place[at] >= 0 ? c->at_place[at] : s;
}

// Successors of a state and an action that were never seen, at most.
static double unseen_links(const lb_counted* c) {
  switch (c->unseen) {
    case LB_UNSEEN_STAY:
      return 1;
    case LB_UNSEEN_UNIFORM:
      return c->real->ns;
    case LB_UNSEEN_POOLED:
      return c->n + 1;
    case LB_UNSEEN_PRIOR:
      break;
  }
  return 0;  // as many as the prior has, which are added as a whole
}

// The row of a pair that was never seen: the prior's, uniform, that of all places pooled, or staying.
static void put_unseen(const lb_counted* c, lb_mdp* m, int* filled, int sa, const pool* pools) {
  int s = sa / m->na, a = sa % m->na;
  if (c->unseen == LB_UNSEEN_PRIOR) {
    for (int i = c->prior->row[sa]; i < c->prior->row[sa + 1]; ++i) {
      lb_mdp_put(m, filled, c->prior->next[i], c->prior->p[i]);
    }
  } else if (c->unseen == LB_UNSEEN_UNIFORM) {
    int at = m->row[sa];
    for (int j = 0; j < m->ns; ++j) m->next[at + j] = j, m->p[at + j] = 1.0 / m->ns;
    m->row[sa + 1] = at + m->ns;
  } else if (c->unseen == LB_UNSEEN_POOLED && c->real->place && c->real->place[s] != INT_MIN && pools[a].total > 0) {
    for (int i = 0; i < pools[a].n; ++i) {
      const outcome* o = &pools[a].outcomes[i];
      lb_mdp_put(m, filled, o->moves ? moved(c, s, o->by) : o->by, (double)o->times / (double)pools[a].total);
    }
  } else {
    lb_mdp_put(m, filled, s, 1);
  }
}

const lb_mdp* lb_counted_fit(lb_counted* c) {
  const lb_mdp* real = c->real;
  int rows = real->ns * real->na;
  lb_arena_release(c->arena, (lb_mark){0});
  int *first = LB_TAKE(c->arena, int, rows + 1), *order = LB_TAKE(c->arena, int, c->n + 1);
  for (int i = 0; i < c->n; ++i) first[c->entries[i].sa + 1] += 1;
  double links = c->n + (c->unseen == LB_UNSEEN_PRIOR ? c->prior->row[rows] : 0);
  for (int sa = 0; sa < rows; ++sa) {
    if (first[sa + 1] == 0 && !real->end[sa / real->na]) links += unseen_links(c);
    first[sa + 1] += first[sa];
  }
  assert(links < INT_MAX);
  for (int i = 0; i < c->n; ++i) order[first[c->entries[i].sa]++] = i;  // first[sa] is now where sa + 1 begins
  const pool* pools = c->unseen == LB_UNSEEN_POOLED ? make_pools(c) : NULL;
  lb_mdp* m = LB_TAKE(c->arena, lb_mdp, 1);
  *m = *real;
  m->title = "model";
  m->row = LB_TAKE(c->arena, int, rows + 1);
  m->next = LB_TAKE(c->arena, int, links + 1);
  m->p = LB_TAKE(c->arena, double, links + 1);
  m->reward = LB_TAKE(c->arena, double, rows);
  int filled = 0;
  for (int sa = 0, i = 0; sa < rows; ++sa) {
    bool end = real->end[sa / real->na];
    if (i == first[sa] && !end) put_unseen(c, m, &filled, sa, pools);
    int at = m->row[sa];
    for (; i < first[sa]; ++i) {
      const entry* e = &c->entries[order[i]];
      m->next[at] = e->next;
      m->p[at++] = (double)e->times / (double)c->seen[sa];
      m->row[sa + 1] = at;
    }
    if (m->row[sa + 1] < m->row[sa]) m->row[sa + 1] = m->row[sa];
    filled = sa + 1;
  }
  lb_mdp_seal(m, filled);
  return m;
}

// ---------------------------------------------------------------------------------------------------------------------
// Losses

// P(next | sa).
static double probability(const lb_mdp* m, int sa, int next) {
  for (int i = m->row[sa]; i < m->row[sa + 1]; ++i) {
    if (m->next[i] == next) return m->p[i];
  }
  return 0;
}

double lb_counted_surprise(const lb_counted* c, const lb_mdp* model) {
  double sum = 0;
  for (int i = 0; i < c->n; ++i) {
    sum -= (double)c->entries[i].times * log(probability(model, c->entries[i].sa, c->entries[i].next));
  }
  return c->total > 0 ? sum / (double)c->total : 0;
}

double lb_counted_miss(const lb_counted* c, const lb_mdp* model) {
  double sum = 0;
  for (int i = 0; i < c->n; ++i) {
    sum += (double)c->entries[i].times * (1 - probability(model, c->entries[i].sa, c->entries[i].next));
  }
  return c->total > 0 ? sum / (double)c->total : 0;
}
