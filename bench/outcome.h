// What a run folder says about how its run went, in one line.
#ifndef LB_BENCH_OUTCOME_H_
#define LB_BENCH_OUTCOME_H_

#include <stdbool.h>

#include "base/status.h"
#include "io/run_read.h"

// What a row that only imitates came to with so many demonstrations.
typedef struct lb_outcome_size {
  int episodes, transitions;
  double score, score_se;
} lb_outcome_size;

enum { LB_OUTCOME_SIZES = 8 };

typedef struct lb_outcome_line {
  lb_run_end end;                           // NONE while there is no done.json
  char message[500];                        // "" when finished and there is nothing to say
  int iteration;                            // of the last line of metrics; -1: none
  const char* measure;                      // what `score` is: "cost" or "return"; static text
  double score, score_se;                   // of that line; NAN where it has none
  bool by_steps;                            // it learns step by step
  double expert;                            // the expert's, in the same measure; NAN: not known
  double best;                              // of a return: the best evaluation so far; NAN where there is none
  lb_outcome_size sizes[LB_OUTCOME_SIZES];  // of a row that only imitates, a line of metrics each
  int n_sizes;                              // 0: any other row
} lb_outcome_line;

// "return 4.76 +- 0.12", or "no return" where an evaluation episode diverged.
void lb_outcome_score(char out[80], const char* measure, double score, double se);

// LB_INPUT where the folder is not as the run left it.
lb_status lb_outcome_read(lb_outcome_line* line, const char* folder);

// Fills `expert` of a line that was read: from what expert_data/ of the root says of this version of the task.
void lb_outcome_read_expert(lb_outcome_line* line, const char* root, const char* task, const char* folder);

// The first two fields alone.
lb_status lb_outcome_read_end(lb_outcome_line* line, const char* folder);

// CPU seconds that the run has taken, by its last line of timing; 0 where nothing says so.
double lb_outcome_cpu(const char* folder);

#endif  // LB_BENCH_OUTCOME_H_
