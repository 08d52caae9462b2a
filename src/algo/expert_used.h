// Which of the expert's files a run reads: a part of what decides its numbers.
#ifndef LB_ALGO_EXPERT_USED_H_
#define LB_ALGO_EXPERT_USED_H_

typedef struct lb_expert_used {
  char demonstrations[65];  // SHA-256 of expert_data/<task>.npz; "": not read
  char policy[65];          // of expert_data/<task>.policy.safetensors, which also made any longer recording; ""
} lb_expert_used;

#endif  // LB_ALGO_EXPERT_USED_H_
