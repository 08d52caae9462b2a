// One run: a task, an algorithm, a seed, a folder. Opens the folder, takes up the last checkpoint if there is one, runs
// the loop (or measures a reference policy), and writes what io/run_folder.h documents.
#ifndef LB_ALGO_RUN_H_
#define LB_ALGO_RUN_H_

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "algo/expert_used.h"
#include "algo/protocol.h"
#include "base/status.h"

// What a run says while it works.
typedef struct lb_run_progress {
  int iteration, iterations;
  const char* iteration_name;  // what an iteration is: "iteration", "step", "size of the data"; static text
  const char* measure;         // what `score` is: "cost" or "return"; static text
  double score, score_se;      // of the last evaluation
} lb_run_progress;

typedef struct lb_run_options {
  const char* root;   // the folder that holds models/, bench/recipes/ and expert_data/
  const char* suite;  // "" outside a suite
  const char* task;
  const char* algo;
  uint64_t seed;
  lb_protocol protocol;
  lb_expert_given given;              // what is to be used in the place of the expert's files
  const char* folder;                 // the run folder
  const char* command;                // the command line that a reader would type, for config.json
  bool fresh;                         // start over whatever the folder holds
  double checkpoint_seconds;          // least time between checkpoints; 0: after every iteration
  double enough;                      // the run stops, as on request, once an evaluation returns this; 0: never
  const volatile sig_atomic_t* stop;  // becomes nonzero when the user asked to stop; may be NULL
  void (*progress)(void* ctx, const lb_run_progress* progress);  // after an evaluation; may be NULL
  void (*beat)(void* ctx, int iteration, int iterations);        // between them, about once a second; may be NULL
  void* progress_ctx;
} lb_run_options;

// LB_OK when the run is finished, also when it was before; LB_DIVERGED when it ended early with a record of why;
// LB_INTERRUPT when it stopped on request after saving a checkpoint; LB_INPUT and LB_IO as usual.
lb_status lb_run(const lb_run_options* options);

// Which parts of the protocol mean something to the run (algo/protocol.h). LB_INPUT as lb_run has it before it begins:
// settings that would do nothing, a row that the task has not what it takes for. Writes nothing.
lb_status lb_run_protocol_parts(int* parts, const lb_run_options* options);

// The same from task and recipe alone: nothing else is opened or checked.
lb_status lb_run_row_parts(int* parts, const char* root, const char* task, const char* algo);

// Which of the expert's files the run reads. LB_INPUT as above. Writes nothing.
lb_status lb_run_expert_used(lb_expert_used* used, const lb_run_options* options);

#endif  // LB_ALGO_RUN_H_
