// What a run's folder says of the run, for whoever measures or shows its policies afterwards: config.json, and the last
// line of metrics.jsonl (io/run_folder.h).
#ifndef LB_ALGO_RUN_RECORD_H_
#define LB_ALGO_RUN_RECORD_H_

#include <stdbool.h>
#include <stdint.h>

#include "algo/protocol.h"
#include "base/status.h"

// One of the run's own measurements. `iteration` names the streams of its episodes (eval/evaluate.h).
typedef struct lb_run_score {
  bool exists;
  uint32_t iteration;
  double score;  // a cost or a return
} lb_run_score;

typedef struct lb_run_record {
  char folder[1024];
  char task[128], task_hash[65], algo[64];
  char planner[32];  // of the recipe: "sac", "bc", "mpc", ...; "" of a reference row
  char model[32];    // likewise; "" where it names none
  uint64_t seed;
  lb_protocol protocol;   // its settings; those of other kinds of rows are at their defaults
  bool by_returns;        // it is measured by returns; else by costs
  bool imitates;          // its iterations are sizes of the data
  bool has_planned;       // by its last measurement, where it plans to act
  int episodes;           // of a measurement
  int last_iteration;     // of the log; -1: there is none
  lb_run_score last;      // of policy.safetensors or model.safetensors, once the run is finished
  lb_run_score best;      // of best.safetensors
  lb_run_score averaged;  // of average.safetensors
} lb_run_record;

// LB_INPUT: there is no run in the folder, or its files are no run's.
lb_status lb_run_record_read(lb_run_record* record, const char* folder);

// Whether a folder holds a run.
bool lb_run_record_exists(const char* folder);

// The name in the folder of what acts: "best.safetensors" where `best` is asked for; else what the finished run left,
// or of one under way the best so far, or its checkpoint; "config.json" of a row that plans in the true system, which
// needs nothing else. LB_INPUT where there is none.
lb_status lb_run_record_file(const lb_run_record* record, const char** name, bool best);

// The run's own measurement of the policy in that file; `exists` is false where it has none.
lb_run_score lb_run_record_score(const lb_run_record* record, const char* name);

// Its measurement at an iteration, if it has one.
lb_run_score lb_run_record_at(const lb_run_record* record, int iteration);

#endif  // LB_ALGO_RUN_RECORD_H_
