// What a planner hands back, and what acts in the real system.
#ifndef LB_CORE_POLICY_H_
#define LB_CORE_POLICY_H_

// Which of a system's two views a policy reads.
typedef enum lb_policy_input { LB_READS_STATE, LB_READS_OBSERVATION } lb_policy_input;

typedef struct lb_policy {
  lb_policy_input input;
  int nin, nu;
  void* ctx;
  // u (n, nu) for n inputs (n, nin), all at time t. Not clipped: the system clips.
  void (*act)(void* ctx, int n, int t, const double* in, double* u);
  // Of a policy over the few actions of a finite system: the probability of each, p (n, actions). NULL: it does what
  // `act` says.
  void (*chances)(void* ctx, int n, int t, const double* in, double* p);
} lb_policy;

// The controls u (n, nu) of the policy at n inputs, all at time t.
static inline void lb_policy_act(const lb_policy* p, int n, int t, const double* in, double* u) {
  p->act(p->ctx, n, t, in, u);
}

#endif  // LB_CORE_POLICY_H_
