#include "tabular/portals.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FILTER_BITS = 12 };  // 4096 bits: in the nearest cache

static uint32_t hash(int64_t s, int a) {
  return (uint32_t)(((uint64_t)s * 2 + (uint64_t)a) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - FILTER_BITS));
}

// The leaf at which decisions end.
static int64_t leaf_of(int depth, uint64_t decisions) {
  int64_t s = 0;
  for (int t = 0; t < depth; ++t) s = 2 * s + 1 + (int64_t)(decisions >> t & 1);
  return s;
}

void lb_portals_way(const lb_portals* p, uint64_t decisions, int64_t* state) {
  int64_t s = 0;
  for (int t = 0; t < p->depth; ++t) {
    state[t] = s;
    s = 2 * s + 1 + (int64_t)(decisions >> t & 1);
  }
}

// Order of portals by state, then by action.
static int by_place(const void* a, const void* b) {
  const lb_portal *x = a, *y = b;
  if (x->s != y->s) return x->s < y->s ? -1 : 1;
  return x->a - y->a;
}

// The portal of a state and action; NULL: none. A filter of bits answers most questions alone.
static lb_portal* find(const lb_portals* p, int64_t s, int a) {
  uint32_t h = hash(s, a);
  if (!(p->may[h / 64] >> (h % 64) & 1)) return NULL;
  lb_portal wanted = {.s = s, .a = a};
  return bsearch(&wanted, p->portal, (size_t)p->n, sizeof *p->portal, by_place);
}

// Whether there is one already, while they are drawn.
static bool is_there(const lb_portals* p, int64_t s, int a) {
  for (int i = 0; i < p->n; ++i) {
    if (p->portal[i].s == s && p->portal[i].a == a) return true;
  }
  return false;
}

lb_portals* lb_portals_new(int depth, int near, int far, double best_reward, uint64_t seed, lb_arena* arena) {
  assert(depth >= 1 && depth <= LB_PORTALS_DEEPEST);
  lb_rng rng = lb_rng_stream(seed, LB_RNG_INITIAL_MODEL, (uint32_t)depth, 0);
  lb_portals* p = LB_TAKE(arena, lb_portals, 1);
  uint64_t all = (UINT64_C(1) << depth) - 1;
  *p = (lb_portals){.depth = depth, .best_reward = best_reward};
  p->good = ((uint64_t)lb_rng_bits(&rng) << 32 | lb_rng_bits(&rng)) & all;
  p->best = (p->good ^ 1 ^ ((uint64_t)lb_rng_bits(&rng) << 1)) & all;  // parts from the other at the first decision
  p->good_leaf = leaf_of(depth, p->good);
  p->best_leaf = best_reward > 0 ? leaf_of(depth, p->best) : -1;
  p->portal = LB_TAKE(arena, lb_portal, near + far + 1);
  p->may = LB_TAKE(arena, uint64_t, ((1 << FILTER_BITS) / 64));
  int64_t* way = LB_TAKE(arena, int64_t, depth);
  lb_portals_way(p, p->good, way);
  int* times = LB_TAKE(arena, int, depth);
  for (int t = 0; t < depth; ++t) times[t] = t;
  lb_rng_shuffle(&rng, times, depth);
  for (int i = 0; i < near + far; ++i) {
    for (int tries = 0; tries < 1000; ++tries) {
      // From the expert's way at some time, or from anywhere at some depth, over to a decision that is not the
      // expert's.
      int t = i < near ? times[i % depth] : (int)lb_rng_below(&rng, (uint32_t)depth);
      int64_t s = way[t];
      int a = 1 - (int)(p->good >> t & 1);
      if (i >= near) {
        s = 0;
        for (int k = 0; k < t; ++k) s = 2 * s + 1 + (int64_t)lb_rng_below(&rng, 2);
        a = (int)lb_rng_below(&rng, 2);
        if (s == way[t]) a = 1 - (int)(p->good >> t & 1);
      }
      if (is_there(p, s, a)) {
        if (i < near && near > depth) break;
        continue;
      }
      p->portal[p->n++] = (lb_portal){.s = s, .a = a, .promise = 2 - lb_rng_uniform(&rng)};
      break;
    }
  }
  qsort(p->portal, (size_t)p->n, sizeof *p->portal, by_place);
  for (int i = 0; i < p->n; ++i) {
    uint32_t h = hash(p->portal[i].s, p->portal[i].a);
    p->may[h / 64] |= UINT64_C(1) << (h % 64);
  }
  return p;
}

// The real tree: left or right, rewards at two leaves of the last level.
static int step_real(void* ctx, int64_t s, int t, int a, lb_branch* out) {
  const lb_portals* p = ctx;
  int64_t next = 2 * s + 1 + a;
  *out = (lb_branch){.next = next, .p = 1};
  if (t + 1 == p->depth) {
    if (next == p->good_leaf) out->reward = 1;
    if (next == p->best_leaf) out->reward = p->best_reward;
  }
  return 1;
}

// The model's tree: a portal that is not closed ends the episode with what it promises.
static int step_model(void* ctx, int64_t s, int t, int a, lb_branch* out) {
  const lb_portals* p = ctx;
  const lb_portal* portal = find(p, s, a);
  if (!portal || portal->closed) return step_real(ctx, s, t, a, out);
  *out = (lb_branch){.next = -2, .p = 1, .reward = portal->promise, .end = true};
  return 1;
}

lb_branching lb_portals_real(lb_portals* p) {
  return (lb_branching){.ctx = p, .na = 2, .most = 1, .branch = step_real};
}

lb_branching lb_portals_model(lb_portals* p) {
  return (lb_branching){.ctx = p, .na = 2, .most = 1, .branch = step_model};
}

bool lb_portals_visit(lb_portals* p, int64_t s, int a) {
  lb_portal* portal = find(p, s, a);
  if (!portal || portal->closed) return false;
  portal->closed = true;
  return true;
}

int lb_portals_open(const lb_portals* p) {
  int open = 0;
  for (int i = 0; i < p->n; ++i) open += !p->portal[i].closed;
  return open;
}
