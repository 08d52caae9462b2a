#include "tabular/families.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 50000000 };

// A name in the arena.
static const char* name_of(lb_arena* arena, const char* what, int number) {
  char text[LB_MDP_NAME];
  snprintf(text, sizeof text, "%s %d", what, number);
  return lb_arena_text(arena, text);
}

// Room for n names in the arena.
static const char** new_names(int n, lb_arena* arena) {
  return LB_TAKE(arena, const char*, n);
}

// ---------------------------------------------------------------------------------------------------------------------
// random

// p (n) uniform on the simplex: gaps between sorted uniforms are, and so are normalised exponentials.
static void draw_simplex(lb_rng* rng, double* p, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += p[i] = -log(1 - lb_rng_uniform(rng));
  for (int i = 0; i < n; ++i) p[i] /= sum;
}

// k of 0 .. n - 1 without replacement (Floyd), in next.
static void draw_some(lb_rng* rng, int* next, int k, int n) {
  for (int i = 0, j = n - k; i < k; ++i, ++j) {
    int t = (int)lb_rng_below(rng, (uint32_t)j + 1);
    for (int l = 0; l < i; ++l) {
      if (next[l] == t) {
        t = j;
        break;
      }
    }
    next[i] = t;
  }
}

lb_mdp* lb_families_random(const lb_family_random* f, lb_arena* arena) {
  int k = f->successors, filled = 0;
  lb_mdp* m = lb_mdp_new(f->states, f->actions, f->states * f->actions * k, arena);
  m->title = "random";
  m->horizon = f->horizon;
  m->discount = f->discount;
  lb_rng rng = lb_rng_stream(f->seed, LB_RNG_INITIAL_MODEL, 0, 0);
  lb_mark mark = lb_arena_mark(arena);
  int* next = LB_TAKE(arena, int, k);
  double* p = LB_TAKE(arena, double, k);
  memset(m->start, 0, (size_t)m->ns * sizeof *m->start);
  draw_simplex(&rng, m->start, m->ns - f->ends);
  for (int s = 0; s < m->ns; ++s) {
    m->end[s] = s >= m->ns - f->ends;
    for (int a = 0; a < m->na; ++a) {
      draw_some(&rng, next, k, m->ns);
      draw_simplex(&rng, p, k);
      double reward = lb_rng_uniform(&rng);
      for (int i = 0; i < k && !m->end[s]; ++i) lb_mdp_put(m, &filled, next[i], p[i]);
      lb_mdp_close(m, &filled, m->end[s] ? 0 : reward);
    }
  }
  lb_arena_release(arena, mark);
  lb_mdp_seal(m, filled);
  return m;
}

// ---------------------------------------------------------------------------------------------------------------------
// hard

double lb_families_hard_stay(double discount) {
  return (4 * discount - 1) / (3 * discount);
}

lb_mdp* lb_families_hard(const lb_family_hard* f, lb_arena* arena) {
  static const char* const what[] = {"choose", "left", "right", "over"};
  int ns = 4 * f->copies, filled = 0;
  lb_mdp* m = lb_mdp_new(ns, f->actions, 2 * ns * f->actions, arena);
  m->title = "hard";
  m->discount = f->discount;
  m->states = new_names(ns, arena);
  memset(m->start, 0, (size_t)ns * sizeof *m->start);
  double stay = lb_families_hard_stay(f->discount);
  for (int s = 0; s < ns; ++s) {
    int first = s / 4 * 4, which = s % 4;
    m->states[s] = name_of(arena, what[which], s / 4);
    if (which == 0) m->start[s] = 1.0 / f->copies;
    for (int a = 0; a < f->actions; ++a) {
      double p = fmin(which == 2 ? stay + f->gap : stay, 1);
      if (which == 0) {
        lb_mdp_put(m, &filled, first + 1 + a % 2, 1);
      } else if (which == 3) {
        lb_mdp_put(m, &filled, s, 1);
      } else {
        lb_mdp_put(m, &filled, s, p);
        lb_mdp_put(m, &filled, first + 3, 1 - p);
      }
      lb_mdp_close(m, &filled, which == 1 || which == 2);
    }
  }
  lb_mdp_seal(m, filled);
  return m;
}

// ---------------------------------------------------------------------------------------------------------------------
// shortcut and trophy

lb_mdp* lb_families_shortcut(const lb_family_shortcut* f, lb_arena* arena) {
  int prize = f->length, ditch = prize + 1, filled = 0;
  lb_mdp* m = lb_mdp_new(ditch + 1, 2, 2 * (ditch + 1), arena);
  m->title = "shortcut";
  m->horizon = f->horizon;
  m->states = new_names(m->ns, arena);
  m->actions = new_names(2, arena);
  m->actions[0] = "walk", m->actions[1] = "jump";
  m->place = LB_TAKE(arena, int, m->ns);
  for (int s = 0; s < m->ns; ++s) {
    m->states[s] = s == 0 ? "brook" : s == prize ? "prize" : s == ditch ? "ditch" : name_of(arena, "path", s);
    m->place[s] = s == ditch ? INT_MIN : s;
  }
  m->end[prize] = m->end[ditch] = true;
  m->arrival[prize] = 1;
  m->arrival[ditch] = -1;
  for (int s = 0; s < m->ns; ++s) {
    for (int a = 0; a < 2; ++a) {
      if (!m->end[s]) lb_mdp_put(m, &filled, s == 0 ? (a ? 3 : 0) : a ? ditch : s + 1, 1);
      lb_mdp_close(m, &filled, m->end[s] ? 0 : -0.1 / f->length);
    }
  }
  lb_mdp_seal(m, filled);
  return m;
}

lb_mdp* lb_families_trophy(const lb_family_trophy* f, lb_arena* arena) {
  int trophy = f->rungs, coin = trophy + 1, filled = 0;
  lb_mdp* m = lb_mdp_new(coin + 1, 2, 4 * (coin + 1), arena);
  m->title = "trophy";
  m->horizon = f->horizon;
  m->states = new_names(m->ns, arena);
  m->actions = new_names(2, arena);
  m->actions[0] = "take", m->actions[1] = "climb";
  m->place = LB_TAKE(arena, int, m->ns);
  for (int s = 0; s < m->ns; ++s) {
    m->states[s] = s == 0 ? "foot" : s == trophy ? "trophy" : s == coin ? "coin" : name_of(arena, "rung", s);
    m->place[s] = s == coin ? INT_MIN : s;
  }
  m->end[trophy] = m->end[coin] = true;
  m->arrival[trophy] = f->prize;
  m->arrival[coin] = 1;
  for (int s = 0; s < m->ns; ++s) {
    if (!m->end[s]) lb_mdp_put(m, &filled, s == 0 ? coin : 0, 1);
    lb_mdp_close(m, &filled, 0);
    if (!m->end[s]) {
      double holds = s == 0 ? f->grip : 1;
      lb_mdp_put(m, &filled, s + 1, holds);
      lb_mdp_put(m, &filled, s, 1 - holds);
    }
    lb_mdp_close(m, &filled, 0);
  }
  lb_mdp_seal(m, filled);
  return m;
}

// ---------------------------------------------------------------------------------------------------------------------
// wide tree

lb_mdp* lb_families_wide_tree(const lb_family_wide_tree* f, lb_arena* arena) {
  int n = f->leaves, quarter = n / 4, filled = 0;
  lb_mdp* m = lb_mdp_new(n + 5, 2, 4 + 4 + n, arena);
  m->title = f->kind == LB_WIDE_TREE_REAL ? "wide tree" : f->kind == LB_WIDE_TREE_GOOD ? "good model" : "bad model";
  m->horizon = 3;
  int* leaf = LB_TAKE(arena, int, n);
  for (int i = 0; i < n; ++i) leaf[i] = 5 + i;
  lb_rng rng = lb_rng_stream(f->seed, LB_RNG_INITIAL_MODEL, 0, 0);
  if (f->kind == LB_WIDE_TREE_GOOD) lb_rng_shuffle(&rng, leaf, n);
  bool exchanged = f->kind == LB_WIDE_TREE_GOOD;
  for (int s = 0; s < m->ns; ++s) {
    m->end[s] = s >= 5;
    for (int a = 0; a < 2; ++a) {
      if (s == 0) {
        int likely = f->kind == LB_WIDE_TREE_BAD ? 2 - a : 1 + a;
        lb_mdp_put(m, &filled, likely, 0.7);
        lb_mdp_put(m, &filled, 3 - likely, 0.3);
      } else if (s < 3) {
        lb_mdp_put(m, &filled, exchanged ? 5 - s : 2 + s, 1);
      } else if (s < 5) {
        int half = exchanged ? 4 - s : s - 3;  // 0: of the first middle state
        for (int i = 0; i < quarter; ++i) lb_mdp_put(m, &filled, leaf[(2 * half + a) * quarter + i], 1.0 / quarter);
      }
      lb_mdp_close(m, &filled, s == 1 ? -1 : 0);
    }
  }
  lb_mdp_seal(m, filled);
  return m;
}

// ---------------------------------------------------------------------------------------------------------------------
// twins and trees

lb_mdp* lb_families_twins(const lb_family_twins* f, lb_arena* arena) {
  int n = f->rooms, treasure = 2 * n, filled = 0;
  lb_mdp* m = lb_mdp_new(2 * n + 2, 2, 2 * (2 * n + 2), arena);
  m->title = f->kind == LB_TWINS_REAL ? "twins" : f->kind == LB_TWINS_A ? "model A" : "model B";
  m->horizon = n;
  m->start[0] = m->start[1] = 0.5;
  m->end[treasure] = m->end[treasure + 1] = true;
  m->arrival[treasure] = n;
  for (int s = 0; s < m->ns; ++s) {
    for (int a = 0; a < 2; ++a) {
      int side = f->kind == LB_TWINS_B ? 1 - s % 2 : s % 2, door = f->kind == LB_TWINS_A ? 1 - a : a;
      if (s < 2 * (n - 1)) lb_mdp_put(m, &filled, s - s % 2 + 2 + side, 1);
      if (s >= 2 * (n - 1) && s < treasure) lb_mdp_put(m, &filled, treasure + door, 1);
      lb_mdp_close(m, &filled, 0);
    }
  }
  lb_mdp_seal(m, filled);
  return m;
}

lb_mdp* lb_families_tree(const lb_family_tree* f, lb_arena* arena) {
  int inner = (1 << f->depth) - 1, ns = 2 * inner + 1, filled = 0, good = 0;
  lb_mdp* m = lb_mdp_new(ns, 2, 2 * inner, arena);
  m->title = "tree";
  m->horizon = f->depth;
  for (int t = 0; t < f->depth; ++t) good = 2 * good + 1 + (int)(f->good >> t & 1);
  m->arrival[good] = 1;
  for (int s = 0; s < ns; ++s) {
    m->end[s] = s >= inner;
    for (int a = 0; a < 2; ++a) {
      if (s < inner) lb_mdp_put(m, &filled, 2 * s + 1 + a, 1);
      lb_mdp_close(m, &filled, 0);
    }
  }
  lb_mdp_seal(m, filled);
  return m;
}

// ---------------------------------------------------------------------------------------------------------------------
// Reading

// "seed", default 0.
static lb_status read_seed(lb_node node, uint64_t* seed) {
  int value;
  LB_TRY(lb_json_int_or(node, "seed", 0, INT_MAX, 0, &value));
  *seed = (uint64_t)value;
  return lb_ok();
}

// A random MDP: each pair has so many successors.
static lb_status read_random(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"family",  "states",   "actions", "successors",
                                      "horizon", "discount", "ends",    "seed"};
  lb_family_random f;
  LB_TRY(lb_json_keys(node, known, 8));
  LB_TRY(lb_json_int(node, "states", 1, MOST, &f.states));
  LB_TRY(lb_json_int(node, "actions", 1, MOST, &f.actions));
  LB_TRY(lb_json_int_or(node, "successors", 1, f.states, f.states < 8 ? f.states : 8, &f.successors));
  LB_TRY(lb_json_int_or(node, "ends", 0, f.states - 1, 0, &f.ends));
  LB_TRY(lb_json_int_or(node, "horizon", 1, 1000000, 0, &f.horizon));
  LB_TRY(lb_json_number_or(node, "discount", 0, 1, 1, &f.discount));
  LB_TRY(read_seed(node, &f.seed));
  if (f.horizon == 0 && f.discount >= 1) {
    return lb_json_fail(node, "has neither a 'horizon' nor a 'discount' below 1: values would be infinite");
  }
  LB_TRY(lb_mdp_check_size(node, f.states, f.actions, (double)f.states * f.actions * f.successors));
  *out = lb_families_random(&f, arena);
  return lb_ok();
}

// Copies of the instance behind the minimax rate (Azar, Munos, Kappen 2013).
static lb_status read_hard(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"family", "copies", "actions", "discount", "gap"};
  lb_family_hard f;
  LB_TRY(lb_json_keys(node, known, 5));
  LB_TRY(lb_json_int_or(node, "copies", 1, MOST / 4, 1, &f.copies));
  LB_TRY(lb_json_int_or(node, "actions", 2, MOST, 2, &f.actions));
  LB_TRY(lb_json_number(node, "discount", 0.26, 1 - 1e-9, &f.discount));
  LB_TRY(lb_json_number_or(node, "gap", 0, 1 - lb_families_hard_stay(f.discount), 0, &f.gap));
  LB_TRY(lb_mdp_check_size(node, 4.0 * f.copies, f.actions, 8.0 * f.copies * f.actions));
  *out = lb_families_hard(&f, arena);
  return lb_ok();
}

// A path on which a jump is right only at its start.
static lb_status read_shortcut(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"family", "length", "horizon"};
  lb_family_shortcut f;
  LB_TRY(lb_json_keys(node, known, 3));
  LB_TRY(lb_json_int_or(node, "length", 4, 100000, 9, &f.length));
  LB_TRY(lb_json_int_or(node, "horizon", 1, 1000000, f.length + 2, &f.horizon));
  *out = lb_families_shortcut(&f, arena);
  return lb_ok();
}

// A coin at the foot of a ladder, a trophy behind its last rung.
static lb_status read_trophy(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"family", "rungs", "horizon", "grip", "prize"};
  lb_family_trophy f;
  LB_TRY(lb_json_keys(node, known, 5));
  LB_TRY(lb_json_int_or(node, "rungs", 1, 100000, 5, &f.rungs));
  LB_TRY(lb_json_int_or(node, "horizon", 1, 1000000, f.rungs + 5, &f.horizon));
  LB_TRY(lb_json_number_or(node, "grip", 0, 1, 0.2, &f.grip));
  LB_TRY(lb_json_number_or(node, "prize", -1e9, 1e9, 10, &f.prize));
  *out = lb_families_trophy(&f, arena);
  return lb_ok();
}

// The published tree of value matching, real or as one of two models has it.
static lb_status read_wide_tree(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"family", "leaves", "kind", "seed"};
  static const char* const kinds[] = {"real", "good", "bad"};
  lb_family_wide_tree f;
  int kind;
  LB_TRY(lb_json_keys(node, known, 4));
  LB_TRY(lb_json_int_or(node, "leaves", 4, MOST, 100, &f.leaves));
  if (f.leaves % 4) return lb_json_fail(node, "'leaves' is %d, no multiple of 4", f.leaves);
  LB_TRY(lb_json_choice_or(node, "kind", kinds, 3, 0, &kind));
  f.kind = (lb_wide_tree)kind;
  LB_TRY(read_seed(node, &f.seed));
  LB_TRY(lb_mdp_check_size(node, f.leaves + 5.0, 2, f.leaves + 8.0));
  *out = lb_families_wide_tree(&f, arena);
  return lb_ok();
}

// Pairs of equal rooms before two doors, real or as one of two models has them.
static lb_status read_twins(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"family", "rooms", "kind"};
  static const char* const kinds[] = {"real", "a", "b"};
  lb_family_twins f;
  int kind;
  LB_TRY(lb_json_keys(node, known, 3));
  LB_TRY(lb_json_int(node, "rooms", 1, 1000000, &f.rooms));
  LB_TRY(lb_json_choice_or(node, "kind", kinds, 3, 0, &kind));
  f.kind = (lb_twins)kind;
  *out = lb_families_twins(&f, arena);
  return lb_ok();
}

// A binary tree with one good leaf, drawn by the seed.
static lb_status read_tree(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"family", "depth", "seed"};
  lb_family_tree f;
  LB_TRY(lb_json_keys(node, known, 3));
  LB_TRY(lb_json_int(node, "depth", 1, 60, &f.depth));
  LB_TRY(read_seed(node, &f.good));
  double states = ldexp(2, f.depth);
  LB_TRY(lb_mdp_check_size(node, states, 2, states));
  lb_rng rng = lb_rng_stream(f.good, LB_RNG_INITIAL_MODEL, 0, 0);
  f.good = lb_rng_bits(&rng);
  *out = lb_families_tree(&f, arena);
  return lb_ok();
}

lb_status lb_families_read(lb_mdp** out, lb_node node, lb_arena* arena) {
  static const char* const known[] = {"random", "hard", "shortcut", "trophy", "wide-tree", "twins", "tree"};
  static lb_status (*const readers[])(lb_mdp**, lb_node, lb_arena*) = {
      read_random, read_hard, read_shortcut, read_trophy, read_wide_tree, read_twins, read_tree};
  int which;
  LB_TRY(lb_json_choice(node, "family", known, 7, &which));
  return readers[which](out, node, arena);
}
