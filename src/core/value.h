// The value (or cost to go) of a policy, as a function of state and time: what the value-moment loss and the lemma
// terms need from a planner, without knowing which.
#ifndef LB_CORE_VALUE_H_
#define LB_CORE_VALUE_H_

typedef struct lb_value {
  int nx;
  void* ctx;
  // v (n) at n states x (n, nx), all at time t.
  void (*at)(void* ctx, int n, int t, const double* x, double* v);
  // The same with its derivatives by the state, dv (n, nx); where V has a kink, those of one side. On a curved space
  // (core/space.h) they are taken by displacements of the state, dv (n, ndx). NULL: none to give.
  void (*slope)(void* ctx, int n, int t, const double* x, double* v, double* dv);
} lb_value;

#endif  // LB_CORE_VALUE_H_
