// What a task does when it is stepped: ranges of what it observes and pays, its ends, whether it can be put back and
// replayed, and how it looks from a model's side. What is wrong, or unwise, is a finding with what to do about it.
#ifndef LB_TASK_CHECK_H_
#define LB_TASK_CHECK_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"
#include "core/system.h"

typedef struct lb_check_config {
  int random_steps, zero_steps;
  uint64_t seed;
  double seconds;  // of CPU time, about, after which steps that are still to be taken are left out; 0: none is
  // Told now and then what is being done, "random controls", and how far it is. NULL: nobody is.
  void (*progress)(void* ctx, const char* what, int done, int all);
  void* ctx;
} lb_check_config;

// 10,000 steps with random controls within their limits (within [-1, 1] where there are none), 1,000 without control;
// 60 seconds.
lb_check_config lb_check_default_config(void);

// Over the random steps, finite numbers alone.
typedef struct lb_check_range {
  const char* name;
  double low, high, mean, sd;
} lb_check_range;

typedef struct lb_check_episodes {
  int steps, begun, terminated, truncated, diverged;
  int shortest;       // steps of the shortest episode that terminated; 0: none did
  double reward;      // mean of a step
  int not_finite;     // steps with an observation or reward that is no finite number
  const char* first;  // what was not finite first; NULL: nothing
} lb_check_episodes;

typedef struct lb_check_warning {
  const char* text;  // MuJoCo's own, and where it came up first
  size_t length;     // of MuJoCo's part
  int count;
} lb_check_warning;

// How the terms on states alone, and on states put back from observations, differ from what real steps gave.
typedef struct lb_check_states {
  int steps;                   // compared; 0: there is nothing to compare (a cost)
  double reward, reward_mean;  // of states alone: largest and mean difference of a step's reward
  double observation;          // largest difference of a number of the observation
  int ends;                    // steps whose end differs
  bool can_end, can_reward;    // whether observations determine ends, rewards
  int observed_ends;           // steps whose end differs, by observations
  double observed_reward;      // largest difference of a step's reward, by observations
} lb_check_states;

typedef enum lb_check_level { LB_CHECK_ERROR, LB_CHECK_WARNING, LB_CHECK_NOTE, LB_CHECK_LEVELS } lb_check_level;

typedef struct lb_check_finding {
  lb_check_level level;
  const char *what, *mend;
} lb_check_finding;

enum { LB_CHECK_WARNINGS = 16, LB_CHECK_FINDINGS = 64 };

typedef struct lb_check {
  const lb_system* system;
  lb_check_episodes random, zero;
  int asked, asked_zero;    // steps that there were to be; fewer are taken where the time is up
  double seconds;           // of CPU time that there were
  double steps_per_second;  // of CPU time
  int nobs, nterm;
  lb_check_range *obs, *terms;  // terms: weighted, as they enter the reward
  int nwarning, nfinding, nerror;
  lb_check_warning warnings[LB_CHECK_WARNINGS];
  int restarts, unequal;  // restarts tried, and those that did not repeat what went on before to the bit
  double apart;           // the largest difference then
  lb_check_states states;
  lb_check_finding findings[LB_CHECK_FINDINGS];
} lb_check;

// Steps the task; `name` is opened below models_dir (task/task.h). All in the arena but the system, which the caller
// frees (lb_system_free(check->system), NULL when this fails). MuJoCo's warnings are listened to meanwhile.
lb_status lb_check_run(lb_check* check, lb_arena* arena, const char* models_dir, const char* name,
                       const lb_check_config* config);

// Fills findings, nfinding and nerror from the rest; lb_check_run has done so.
void lb_check_find(lb_check* check, lb_arena* arena);

// "error", "warning", "note".
const char* lb_check_level_name(lb_check_level level);

void lb_check_add_text(lb_text* out, const lb_check* check);
void lb_check_add_json(lb_text* out, const lb_check* check);

#endif  // LB_TASK_CHECK_H_
