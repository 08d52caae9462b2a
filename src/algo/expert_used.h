// Which of the expert's files a run reads: a part of what decides its numbers.
#ifndef LB_ALGO_EXPERT_USED_H_
#define LB_ALGO_EXPERT_USED_H_

typedef struct lb_expert_used {
  char demonstrations[65];  // SHA-256 of expert_data/<task>.npz, or of the file given in its place; "": not read
  char policy[65];          // of expert_data/<task>.policy.safetensors, which also made any longer recording; ""
} lb_expert_used;

// Files of the user's own in their place; NULL: none.
typedef struct lb_expert_given {
  const char* data;    // demonstrations
  const char* policy;  // a policy network
} lb_expert_given;

#endif  // LB_ALGO_EXPERT_USED_H_
