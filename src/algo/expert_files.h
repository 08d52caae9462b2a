// The files of an expert, which belong together: <task>.npz, <task>.policy.safetensors, <task>.curve.jsonl (the last
// only of one that was trained), and the card <task>.json, which has the SHA-256 of each of the others under
// sha256_demonstrations, sha256_policy and sha256_curve. They are replaced as one (io/file_set.h), and whoever uses one
// of them checks them all: what the card does not name is not taken for a part of the expert. Wherever `task` stands, a
// name of lb_expert_files_name may.
#ifndef LB_ALGO_EXPERT_FILES_H_
#define LB_ALGO_EXPERT_FILES_H_

#include "base/status.h"
#include "io/file_set.h"
#include "io/json_writer.h"

typedef struct lb_expert_files_sums {
  char demonstrations[65], policy[65], curve[65];  // SHA-256; "": the expert has no such file
} lb_expert_files_sums;

// The folder where the files of a task's expert lie: expert_data/ beside the task, in the folder of the user's own
// tasks that holds it (task/task.h), else below root. LB_INPUT where the path is too long.
enum { LB_EXPERT_FILES_FOLDER = 1100 };
lb_status lb_expert_files_folder(char folder[LB_EXPERT_FILES_FOLDER], const char* root, const char* task);

// What stands before the endings: the task, and of a policy that returns so many per cent of what the expert does
// "<task>-<quality>". 100: the expert.
enum { LB_EXPERT_FILES_NAME = 240 };
void lb_expert_files_name(char name[LB_EXPERT_FILES_NAME], const char* task, int quality);

// <folder>/<task>.*, kept from being replaced until lb_file_set_release(share), which the caller owes in any case.
// `sums` may be NULL. LB_INPUT: there is no expert (how to make one, or go without), no card, or a file that is not the
// card's.
lb_status lb_expert_files_open(lb_expert_files_sums* sums, lb_file_share* share, const char* folder, const char* task);

// Writes the checksums of the files in `folder` into the card that is being written.
lb_status lb_expert_files_write_sums(lb_json_writer* card, const char* folder, const char* task);

// Says for each of the files that the new expert does not have that it is to go. Before lb_file_set_commit.
lb_status lb_expert_files_drop_others(lb_file_set* set, const char* task);

#endif  // LB_ALGO_EXPERT_FILES_H_
