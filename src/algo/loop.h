// The one loop. Every algorithm is the same four steps an iteration, and what is due in an iteration is the schedule's
// affair (algo/schedule.h): a set of rollouts, one real step, a number of demonstrations, or nothing but a measurement.
// What the steps do is the agent's (algo/agent.h).
#ifndef LB_ALGO_LOOP_H_
#define LB_ALGO_LOOP_H_

#include <stdbool.h>

#include "algo/expert_used.h"
#include "algo/phases.h"
#include "algo/recipe.h"
#include "algo/run.h"
#include "base/status.h"
#include "base/text.h"
#include "core/dynamics.h"
#include "core/policy.h"
#include "core/system.h"
#include "eval/evaluate.h"
#include "io/run_folder.h"

// What one measurement says.
typedef struct lb_lines {
  int iteration;        // of both logs' lines, by which a policy that is kept is named
  lb_text metrics;      // the line for metrics.jsonl
  const char* measure;  // what `score` is: "cost" or "return"; static text
  double score, score_se;
  lb_evaluation real;  // what it measured
} lb_lines;

// The steps of an algorithm, on whatever it works on. A row that has nothing to do in a step, nothing that could break
// (check), or nothing to remember (save and restore: it starts over when it is taken up again) leaves that NULL; only
// measure and close are always there.
typedef struct lb_steps {
  void* self;
  const lb_system* system;
  const lb_expert_used* expert;  // what it read of the expert's files
  int parts;                     // of the protocol that mean something to it (algo/protocol.h)
  int iterations;                // the last iteration
  const char* iteration_name;    // of one iteration in messages: "iteration", "step", "size of the data"
  int* iteration;                // the iteration under way, 0..iterations
  lb_phase_times* times;         // where the loop adds what each step costs, and files; NULL: nowhere
  // Once before iteration 0, but not when a run is taken up again: what takes long and could not be done when it was
  // opened.
  lb_status (*begin)(void* self);
  // The four of an iteration. There is nothing to collect, and so nothing to fit, in iteration 0.
  void (*collect)(void* self);
  void (*fit)(void* self);
  void (*plan)(void* self);
  // Measures if it is time to, else returns false.
  bool (*measure)(void* self, lb_lines* lines);
  // Right after a measurement, and when a run is taken up again: writes what the folder is to hold besides the logs
  // (the best policy so far).
  lb_status (*deposit)(void* self, const char* folder);
  // LB_DIVERGED when the run has to end, with the reason.
  lb_status (*check)(void* self);
  // All that the next iteration depends on, as arrays of a checkpoint, and back.
  void (*save)(void* self, lb_npz_writer* w);
  lb_status (*restore)(void* self, const lb_npz* npz);
  // The last act of a finished run: writes the final policy into the folder.
  lb_status (*finish)(void* self, const char* folder);
  // Writes the policy that was just measured into a file. NULL: the row has none to show of its way.
  lb_status (*write_policy)(void* self, const char* path);
  // What acts now: the policy that is measured. NULL: the row acts by its file alone.
  const lb_policy* (*policy)(void* self);
  // Plans from now on in the learned model of a file that `finish` wrote. NULL: nothing is planned when the row acts.
  // path NULL: in a model that is known, and nothing is read.
  lb_status (*take_model)(void* self, const char* path);
  // The map that was learned: over states and controls, or over observations and actions in [-1, 1]; NULL where there
  // is none yet, or the row learns none.
  const lb_dynamics* (*learned)(void* self);
  // Puts in its place that of a model.safetensors that `finish` wrote, to be looked at. NULL: it writes none.
  lb_status (*take_learned)(void* self, const char* path);
  // Appends what the reader of a finished run should know besides its last evaluation.
  void (*remark)(const void* self, lb_text* out);
  void (*close)(void* self);
} lb_steps;

// A row's steps at iteration 0, its recipe in the form for the task, without a folder (algo/run.c). LB_INPUT where the
// task has not what the row needs. Whoever opens them closes them.
lb_status lb_run_open_steps(lb_steps* steps, lb_recipe* recipe, const lb_run_options* options);

// Runs the loop from the iteration under way to the last one, and keeps its folder (algo/logbook.h). LB_INTERRUPT when
// stopped, LB_DIVERGED as said by `check`. *last is the last evaluation that was made here (no rollouts: none).
lb_status lb_loop(const lb_steps* steps, lb_run_folder* folder, const lb_run_options* options, lb_evaluation* last);

#endif  // LB_ALGO_LOOP_H_
