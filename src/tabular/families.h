// Families of MDPs, of any size. A file names one by "family" with its numbers ({"family": "random", "states": 20});
// programs call them directly. What is random comes from `seed`: the same numbers give the same MDP.
#ifndef LB_TABULAR_FAMILIES_H_
#define LB_TABULAR_FAMILIES_H_

#include <stdint.h>

#include "tabular/mdp.h"

// "random": every state and action leads to `successors` states, chosen without replacement, with probabilities uniform
// on the simplex; rewards and the start are drawn too (rewards uniform on [0, 1]). `ends` of the states, the last ones,
// end an episode. Garnet MDPs (Bhatnagar, Sutton, Ghavamzadeh, Lee 2009) with rewards everywhere.
typedef struct lb_family_random {
  int states, actions, successors, ends, horizon;
  double discount;
  uint64_t seed;
} lb_family_random;
lb_mdp* lb_families_random(const lb_family_random* f, lb_arena* arena);

// "hard": the instance behind the minimax rate of learning from a generative model (Azar, Munos, Kappen 2013; Agarwal,
// Kakade, Yang 2020), `copies` of it side by side. In each, "choose" earns nothing and its actions lead to "left" or
// "right", which earn 1 a step, stay with probability p (left) or p + gap (right), and else fall into "over", where
// nothing is earned. With p = (4 g - 1) / (3 g), V(left) = 1 / (1 - g p) = 3 / (4 (1 - g)), and an error e of p moves
// it by g e / (1 - g p)^2. Every state has `actions` actions; those of left, right and over are all alike, the even
// ones of "choose" lead left, the odd ones right. States of a copy: choose, left, right, over. g > 1/4.
typedef struct lb_family_hard {
  int copies, actions;
  double discount, gap;
} lb_family_hard;
lb_mdp* lb_families_hard(const lb_family_hard* f, lb_arena* arena);
double lb_families_hard_stay(double discount);

// "shortcut": a path of `length` steps to the prize, which earns 1, with a step that costs 1 / (10 length). "walk"
// moves one on; "jump" moves three on, over the brook at the start, where walking does nothing. Anywhere else a jump
// ends in the ditch, which costs 1. Whoever has only seen the jump at the brook takes it for a short cut.
typedef struct lb_family_shortcut {
  int length, horizon;
} lb_family_shortcut;
lb_mdp* lb_families_shortcut(const lb_family_shortcut* f, lb_arena* arena);

// "trophy": at the foot of a ladder of `rungs` one may take a coin, which earns 1 and ends the episode, or climb; the
// first rung is slippery (a step on it holds with probability `grip`), the others never slip; from the last one a
// trophy is in reach that earns `prize`. Off the foot, the hand that would take the coin makes one step down to it.
typedef struct lb_family_trophy {
  int rungs, horizon;
  double grip, prize;
} lb_family_trophy;
lb_mdp* lb_families_trophy(const lb_family_trophy* f, lb_arena* arena);

// "wide-tree": the published example of value matching (Vemula et al. 2023): a root, two middle states of which the
// first costs 1, their parents, and n leaves (a multiple of 4). The root's action a leads to the middle state a + 1
// with probability 0.7, to the other with 0.3 (action 0: the one that costs). kind "real": each middle state has its
// parent and its half of the leaves, each action of the parent a quarter; "good": the parents are exchanged and each
// quarter's leaves are others, by a permutation from `seed`; the root is right. "bad": the root's actions are
// exchanged, all else is right. States: root, middle, middle, parent, parent, leaves.
typedef enum lb_wide_tree { LB_WIDE_TREE_REAL, LB_WIDE_TREE_GOOD, LB_WIDE_TREE_BAD } lb_wide_tree;
typedef struct lb_family_wide_tree {
  int leaves;
  lb_wide_tree kind;
  uint64_t seed;
} lb_family_wide_tree;
lb_mdp* lb_families_wide_tree(const lb_family_wide_tree* f, lb_arena* arena);

// "twins": `rooms` pairs of equal rooms in a row; from a room one comes into the next one on the same side, from the
// last pair through one of two doors, of which the first earns as much
// as there are pairs. kind "real"; "a": right everywhere but at the doors,
// which are exchanged; "b": wrong everywhere but there: it changes sides at every step, which nothing depends on.
typedef enum lb_twins { LB_TWINS_REAL, LB_TWINS_A, LB_TWINS_B } lb_twins;
typedef struct lb_family_twins {
  int rooms;
  lb_twins kind;
} lb_family_twins;
lb_mdp* lb_families_twins(const lb_family_twins* f, lb_arena* arena);

// "tree": all sequences of `depth` binary decisions as states (2^(depth + 1) - 1 of them, the leaves end): the state
// behind decision a in state i is 2 i + 1 + a. The leaf to which the decisions `good` lead (bit t: at time t) earns 1,
// the others nothing. tabular/portals.h has such trees without a table.
typedef struct lb_family_tree {
  int depth;
  uint64_t good;
} lb_family_tree;
lb_mdp* lb_families_tree(const lb_family_tree* f, lb_arena* arena);

// The family that a file's object names, with its numbers checked.
lb_status lb_families_read(lb_mdp** out, lb_node node, lb_arena* arena);

#endif  // LB_TABULAR_FAMILIES_H_
