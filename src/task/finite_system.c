#include "task/finite_system.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "tabular/acting.h"
#include "tabular/families.h"
#include "tabular/portals.h"
#include "tabular/solve.h"

enum {
  WORLD_ITERATIONS = 30,
  WIDE_ITERATIONS = 100,
  WORLD_EPISODES = 4,
  POINTS = 8,
  MDPS = 50,
  MOST_ROOMS = 4096,
  SHALLOWEST = 2,
  POOR_DEPTH = 10
};

// ---------------------------------------------------------------------------------------------------------------------
// Tables

// What is drawn for a seed lies in the arena, and is replaced as a whole.
typedef struct table {
  lb_acting_world world;  // its system is the first member
  lb_exact exact;
  lb_arena* arena;
  char name[200], hash[65];
  int size;  // of the family: rooms
  const struct family* family;
  const lb_mdp* members[2];
  double *V, *pi;  // of the expert
  lb_acting expert;
} table;

// A family of worlds. A name that ends with '-' is the beginning of one.
typedef struct family {
  const char *name, *text;
  bool by_seed;  // worlds of different seeds differ
  bool alike;    // the expert draws anew among actions that are alike
  lb_exact exact;
  const lb_mdp* (*make)(table* w, uint64_t seed);
} family;

// The path of nine steps, over twelve.
static const lb_mdp* make_shortcut(table* w, uint64_t seed) {
  (void)seed;
  lb_family_shortcut f = {.length = 9, .horizon = 12};
  return lb_families_shortcut(&f, w->arena);
}

// The ladder of five rungs, over nine steps.
static const lb_mdp* make_trophy(table* w, uint64_t seed) {
  (void)seed;
  lb_family_trophy f = {.rungs = 5, .horizon = 9, .grip = 0.2, .prize = 10};
  return lb_families_trophy(&f, w->arena);
}

// The published tree of a hundred leaves, its bad and its good model.
static const lb_mdp* make_wide_tree(table* w, uint64_t seed) {
  lb_family_wide_tree f = {.leaves = 100, .seed = seed};
  const lb_mdp* real = lb_families_wide_tree(&f, w->arena);
  f.kind = LB_WIDE_TREE_BAD;
  w->members[0] = lb_families_wide_tree(&f, w->arena);
  f.kind = LB_WIDE_TREE_GOOD;
  w->members[1] = lb_families_wide_tree(&f, w->arena);
  return real;
}

// Pairs of rooms, and the models that are right about the rooms and about the doors.
static const lb_mdp* make_twins(table* w, uint64_t seed) {
  (void)seed;
  lb_family_twins f = {.rooms = w->size};
  const lb_mdp* real = lb_families_twins(&f, w->arena);
  f.kind = LB_TWINS_A;
  w->members[0] = lb_families_twins(&f, w->arena);
  f.kind = LB_TWINS_B;
  w->members[1] = lb_families_twins(&f, w->arena);
  return real;
}

// An instance of the minimax rate.
static const lb_mdp* make_hard(table* w, uint64_t seed) {
  (void)seed;
  lb_family_hard f = {.copies = 16, .actions = 2, .discount = 0.9, .gap = 0.01};
  return lb_families_hard(&f, w->arena);
}

// A random MDP of twenty states.
static const lb_mdp* make_random(table* w, uint64_t seed) {
  lb_family_random f = {.states = 20, .actions = 3, .successors = 5, .discount = 0.9, .seed = seed};
  return lb_families_random(&f, w->arena);
}

static const family families[] = {
    {"shortcut",
     "a path with a brook and a ditch: what jumps one may jump the other, or not",
     false,
     false,
     {.iterations = WORLD_ITERATIONS, .episodes = WORLD_EPISODES},
     make_shortcut},
    {"trophy",
     "a coin at the foot of a ladder, a trophy at its top, and a slippery first rung",
     false,
     false,
     {.iterations = WORLD_ITERATIONS, .episodes = WORLD_EPISODES},
     make_trophy},
    {"wide-tree",
     "the published tree of value matching: three steps, a hundred leaves",
     true,
     true,
     {.iterations = WIDE_ITERATIONS, .episodes = 2, .nmembers = 2, .in_cost = true, .interactions = 3},
     make_wide_tree},
    {"twins-",
     "pairs of equal rooms in a row, and two doors that are not",
     false,
     true,
     {.iterations = WORLD_ITERATIONS, .episodes = 2, .nmembers = 2},
     make_twins},
    {"generative-hard",
     "the instance behind the minimax rate of learning from a generative model",
     false,
     false,
     {.iterations = POINTS - 1},
     make_hard},
    {"generative-random",
     "random discounted MDPs, learned from a generative model",
     true,
     false,
     {.iterations = POINTS - 1},
     make_random},
    {"random-mdps",
     "random MDPs with random policies and random models",
     true,
     false,
     {.iterations = MDPS - 1},
     make_random},
};
static const family of_files = {
    ".json", "an MDP from a file", false, false, {.iterations = WORLD_ITERATIONS, .episodes = WORLD_EPISODES}, NULL};

static const char forced[] = "-forced";

// How much of a file's name is its path: all but "-forced". 0: it is no file's.
static size_t path_length(const char* name) {
  size_t n = strlen(name), suffix = sizeof forced - 1;
  if (n > suffix && strcmp(name + n - suffix, forced) == 0) n -= suffix;
  return n > 5 && strncmp(name + n - 5, ".json", 5) == 0 ? n : 0;
}

// The family that a name belongs to; NULL: none.
static const family* find_family(const char* name) {
  if (path_length(name) > 0) return &of_files;
  for (size_t i = 0; i < sizeof families / sizeof *families; ++i) {
    size_t length = strlen(families[i].name);
    bool begins = families[i].name[length - 1] == '-';
    if (begins ? strncmp(families[i].name, name, length) == 0 : strcmp(families[i].name, name) == 0)
      return &families[i];
  }
  return NULL;
}

// The expert of the present world, optimal in it.
static void settle_table(table* w, const lb_mdp* m) {
  w->world.m = m;
  w->exact.table = m;
  w->V = LB_TAKE(w->arena, double, lb_mdp_value_size(m));
  w->pi = LB_TAKE(w->arena, double, lb_mdp_policy_size(m));
  w->expert = (lb_acting){.m = m, .pi = w->pi};
  lb_solve_optimal(w->V, w->pi, m, 1e-9, NULL, w->arena);
}

// The world of another seed, in the place of the present one.
static void draw_table(void* self, uint64_t seed) {
  table* w = self;
  lb_arena_release(w->arena, (lb_mark){0});
  settle_table(w, w->family->make(w, seed));
}

// The optimal policy; where actions are alike, one of them by the iteration.
static lb_policy table_expert(void* self, uint64_t seed, uint32_t iteration) {
  table* w = self;
  lb_rng rng = lb_rng_stream(seed, LB_RNG_PLAN, iteration, 1);
  if (w->family->alike) lb_solve_choose(w->pi, w->exact.table, w->V, &rng);
  w->expert.rng = rng;
  return lb_acting_policy(&w->expert);
}

// J of a policy by dynamic programming, or minus it.
static double table_worth(void* self, const lb_policy* policy, lb_arena* scratch) {
  const table* w = self;
  const lb_mdp* m = w->exact.table;
  lb_mark mark = lb_arena_mark(scratch);
  double *pi = LB_TAKE(scratch, double, lb_mdp_policy_size(m)), *V = LB_TAKE(scratch, double, lb_mdp_value_size(m));
  lb_acting_read(pi, m, policy);
  lb_solve_evaluate(V, m, pi, NULL, scratch);
  double worth = lb_solve_return(m, V);
  lb_arena_release(scratch, mark);
  return w->exact.in_cost ? -worth : worth;
}

// Frees the world and its arena.
static void destroy_table(void* self) {
  table* w = self;
  lb_arena_free(w->arena);
  free(w);
}

// A file's MDP; refused without a horizon, where policies over it need more memory than there is, or, unless forced,
// where a run would take hours: a dozen sweeps an iteration of some 1e-8 s for each action, state and time.
static lb_status load_file(lb_mdp** out, table* w) {
  char path[sizeof w->name], what[300];
  size_t n = path_length(w->name);
  snprintf(path, sizeof path, "%.*s", (int)n, w->name);
  LB_TRY(lb_mdp_load(out, path, w->arena));
  const lb_mdp* m = *out;
  if (m->horizon < 1) return lb_fail(LB_INPUT, "%s: algorithms plan over episodes: give a 'horizon'", path);
  double rows = (double)m->horizon * m->ns * m->na, hours = 12e-8 * WORLD_ITERATIONS * rows / 3600;
  snprintf(what, sizeof what, "%.200s: policies of %d steps over %d states", path, m->horizon, m->ns);
  lb_memory there = lb_memory_of_process();
  LB_TRY(lb_memory_check(8 * sizeof(double) * (rows + (double)m->horizon * m->ns), &there, what,
                         "give a smaller 'horizon', or fewer states"));
  if (hours > 1 && w->name[n] == '\0') {
    return lb_fail(
        LB_INPUT,
        "%s: a run over %d steps, %d states and %d actions takes about %.3g hours: give a smaller 'horizon', "
        "or force it (%s%s)",
        path, m->horizon, m->ns, m->na, hours, path, forced);
  }
  return lb_sha256_file(path, w->hash);
}

// A finite MDP by its family, or from a file.
static lb_status open_table(lb_system** out, const char* name, const family* f) {
  char* end = NULL;
  long rooms = f->make == make_twins ? strtol(name + strlen(f->name), &end, 10) : 0;
  if (end && (rooms < 2 || rooms > MOST_ROOMS || *end)) {
    return lb_fail(LB_INPUT, "%s: there are 2 to %d pairs of rooms", name, MOST_ROOMS);
  }
  table* w = calloc(1, sizeof *w);
  if (w) w->arena = lb_arena_new(0);
  if (!w || !w->arena || strlen(name) >= sizeof w->name) {
    free(w);
    return lb_fail(w ? LB_INPUT : LB_MEMORY, w ? "%s: the name is too long" : "%s: no memory", name);
  }
  w->family = f;
  w->size = (int)rooms;
  w->exact = f->exact;
  snprintf(w->name, sizeof w->name, "%s", name);
  lb_mdp* loaded = NULL;
  lb_status status = f->make ? lb_ok() : load_file(&loaded, w);
  if (status.code != LB_OK) {
    destroy_table(w);
    return status;
  }
  lb_text text = {0};
  settle_table(w, f->make ? f->make(w, 0) : loaded);
  if (f->make) {
    lb_mdp_write(w->exact.table, &text);
    lb_sha256(text.data, text.length, w->hash);
    lb_text_free(&text);
  }
  lb_acting_world_init(&w->world, w->exact.table, w->name, 0);
  w->exact.members = w->exact.nmembers > 0 ? w->members : NULL;
  w->exact.draw = f->by_seed ? draw_table : NULL;
  w->exact.expert = table_expert;
  w->exact.worth = table_worth;
  w->world.system.hash = w->hash;
  w->world.system.exact = &w->exact;
  w->world.system.destroy = destroy_table;
  *out = &w->world.system;
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// The tree with portals

static const char tree_text[] = "a tree of decisions, and a model of it with portals that are not there";

typedef struct tree {
  lb_system system;
  lb_exact exact;
  lb_portals* p;
  bool poor;
  int depth;
  int64_t s;
  int t;
  double low, high;
  char name[64], hash[65];
  lb_arena* arena;
} tree;

// The tree of a seed: its good leaf and its portals.
static void draw_tree(void* self, uint64_t seed) {
  tree* k = self;
  int half = k->depth / 2;
  lb_arena_release(k->arena, (lb_mark){0});
  k->p = lb_portals_new(k->depth, half, k->depth - half, k->poor ? 2 : 0, seed, k->arena);
  k->exact.tree = k->p;
}

// At the root.
static void reset_tree(void* self, lb_rng* rng) {
  (void)rng;
  tree* k = self;
  k->s = k->t = 0;
}

// A node by its number, at depth t.
static void set_in_tree(void* self, const double* x, int t) {
  tree* k = self;
  k->s = (int64_t)x[0];
  k->t = t;
}

static void get_in_tree(void* self, double* x) {
  x[0] = (double)((tree*)self)->s;
}

// To the next decision; at the last one the leaf is earned.
static lb_outcome step_in_tree(void* self, const double* u, const double* w) {
  (void)w;
  tree* k = self;
  lb_branch out;
  lb_branching real = lb_portals_real(k->p);
  if (k->t < k->depth) {
    real.branch(real.ctx, k->s, k->t, u[0] >= 0.5, &out);
    k->s = out.next;
  } else {
    out.reward = 0;
  }
  k->t += 1;
  return (lb_outcome){.reward = out.reward, .truncated = k->t >= k->depth};
}

// The expert: the decisions to the good leaf.
static void go_well(void* ctx, int n, int t, const double* in, double* u) {
  (void)in;
  const tree* k = ctx;
  for (int i = 0; i < n; ++i) u[i] = (double)(k->p->good >> t & 1);
}

// exact.expert of trees: the same in every iteration.
static lb_policy tree_expert(void* self, uint64_t seed, uint32_t iteration) {
  (void)seed;
  (void)iteration;
  return (lb_policy){.input = LB_READS_STATE, .nin = 1, .nu = 1, .ctx = self, .act = go_well};
}

// What a policy earns in the real tree.
static double tree_worth(void* self, const lb_policy* policy, lb_arena* scratch) {
  (void)scratch;
  const tree* k = self;
  lb_branching real = lb_portals_real(k->p);
  double sum = 0, x = 0, u;
  for (int t = 0; t < k->depth; ++t) {
    lb_branch out;
    lb_policy_act(policy, 1, t, &x, &u);
    real.branch(real.ctx, (int64_t)x, t, u >= 0.5, &out);
    sum += out.reward;
    x = (double)out.next;
  }
  return sum;
}

// Frees the tree and its arena.
static void destroy_tree(void* self) {
  tree* k = self;
  lb_arena_free(k->arena);
  free(k);
}

// A tree by its name.
static lb_status open_tree(lb_system** out, const char* name) {
  char* end = "";
  bool poor = strcmp(name, "portals-poor-expert") == 0;
  long depth = poor ? POOR_DEPTH : strtol(name + strlen("portals-"), &end, 10);
  bool is_forced = strcmp(end, forced) == 0;
  if ((*end && !is_forced) || depth < SHALLOWEST || depth > LB_PORTALS_DEEPEST) {
    return lb_fail(LB_INPUT, "%s: the depth is %d to %d", name, SHALLOWEST, LB_PORTALS_DEEPEST);
  }
  tree* k = calloc(1, sizeof *k);
  if (k) k->arena = lb_arena_new(0);
  if (!k || !k->arena) {
    free(k);
    return lb_fail(LB_MEMORY, "%s: no memory", name);
  }
  k->poor = poor;
  k->depth = (int)depth;
  k->high = 1;
  snprintf(k->name, sizeof k->name, "%s", name);
  lb_sha256(tree_text, sizeof tree_text - 1, k->hash);
  k->exact = (lb_exact){.forced = is_forced,
                        .iterations = k->depth + 1,
                        .episodes = 2,
                        .demos = 1,
                        .draw = draw_tree,
                        .expert = tree_expert,
                        .worth = tree_worth};
  k->system = (lb_system){.name = k->name,
                          .hash = k->hash,
                          .self = k,
                          .space = {.nx = 1, .ndx = 1},
                          .nu = 1,
                          .nobs = 1,
                          .horizon = k->depth,
                          .dt = 1,
                          .u_low = &k->low,
                          .u_high = &k->high,
                          .exact = &k->exact,
                          .stop_norm = INFINITY,
                          .reset = reset_tree,
                          .set_state = set_in_tree,
                          .get_state = get_in_tree,
                          .observe = get_in_tree,
                          .step = step_in_tree,
                          .destroy = destroy_tree};
  draw_tree(k, 0);
  *out = &k->system;
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------

static bool is_tree(const char* name) {
  return strncmp(name, "portals-", 8) == 0;
}

const char* lb_finite_description(const char* name) {
  if (is_tree(name)) return tree_text;
  const family* f = find_family(name);
  return f ? f->text : NULL;
}

lb_status lb_finite_open(lb_system** out, const char* name) {
  *out = NULL;
  if (is_tree(name)) return open_tree(out, name);
  const family* f = find_family(name);
  return f ? open_table(out, name, f) : lb_fail(LB_INPUT, "there is no small world '%s'", name);
}
