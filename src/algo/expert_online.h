// The expert of a task with rewards: a trained policy is measured over fresh episodes, records demonstrations, and is
// filed with all that tells how it came to be.
#ifndef LB_ALGO_EXPERT_ONLINE_H_
#define LB_ALGO_EXPERT_ONLINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/expert_plan.h"
#include "base/status.h"

enum { LB_EXPERT_EPISODES = 100 };  // fresh episodes that measure an expert

typedef struct lb_expert_files {
  const char* root;  // holds models/ and expert_data/
  const char* task;
  const lb_expert_plan* plan;
  int quality;          // 100, or the per cent of the expert's return that the policy was trained for (expert_files.h)
  const char* run;      // the folder of the training run; not read where the plan takes another task's policy
  const char* folder;   // gets <task>.npz, <task>.policy.safetensors, <task>.curve.jsonl, <task>.json
  const char* command;  // the command line, for the provenance
} lb_expert_files;

typedef struct lb_expert_record {
  double mean, se, least;  // return over the fresh episodes
  int successes;           // episodes of at least plan->success; -1: not counted
  bool met;                // thresholds of the plan, where it states any
  double recorded_mean;    // return of the recorded episodes
  int episodes, transitions;
} lb_expert_record;

// Takes the best policy of the training run so far (best.safetensors), or the other task's of expert_data/; measures,
// records, writes the files. LB_INPUT when there is no such policy yet.
lb_status lb_expert_online_record(lb_expert_record* record, const lb_expert_files* files);

#endif  // LB_ALGO_EXPERT_ONLINE_H_
