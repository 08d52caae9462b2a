// A Markov decision process with few states and actions, written out: what tabular models give and tabular planners
// read. States and actions are numbered from 0; a state x (nx = 1) and a control u (nu = 1) hold the number.
#ifndef LB_CORE_TABLE_H_
#define LB_CORE_TABLE_H_

#include <stdbool.h>

typedef struct lb_table {
  int states, actions;
  const double* next;     // (states, actions, states) probabilities of the next state; rows add up to 1
  const double* reward;   // (states, actions) expected reward of the step
  const bool* terminal;   // (states) the episode ends there; NULL: none does
  const double* initial;  // (states) probabilities of the first state; NULL: not known
} lb_table;

#endif  // LB_CORE_TABLE_H_
