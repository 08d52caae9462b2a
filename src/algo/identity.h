// Whether a run that is there is the run that would be made now. A run's identity is everything that decides its
// numbers: config.json has it (algo/run.c). A suite asks before it takes runs for done, `bench status` and `bench
// report` to say what has become stale.
#ifndef LB_ALGO_IDENTITY_H_
#define LB_ALGO_IDENTITY_H_

#include "algo/expert_used.h"
#include "algo/protocol.h"
#include "base/status.h"
#include "io/json_writer.h"

typedef enum lb_identity {
  LB_IDENTITY_SAME,
  LB_IDENTITY_ELSEWHERE,  // the same, with another arithmetic: other roundings
  LB_IDENTITY_PLACE,      // the folder of another run: task, algorithm or seed; the first of this and those below
  LB_IDENTITY_TASK,
  LB_IDENTITY_EXPERT,
  LB_IDENTITY_RECIPE,
  LB_IDENTITY_SETTINGS,
  LB_IDENTITY_PROGRAM,
  LB_IDENTITY_UNKNOWN,  // its configuration does not say which program made it
  LB_IDENTITIES
} lb_identity;

// "another version of the task", "another program", ...; static text.
const char* lb_identity_words(lb_identity identity);

// Whether a run must be made anew: it is another one, or is to go on (`over`: it is not) with another arithmetic.
bool lb_identity_is_stale(lb_identity identity, bool over);

// What tasks, recipes and experts' files below a root are now, each looked at once.
typedef struct lb_identities lb_identities;

// NULL when memory is short.
lb_identities* lb_identities_new(const char* root);
void lb_identities_free(lb_identities* ids);

// What the runs of a task are given in the place of the expert's files. LB_INPUT: there is no such task or file.
lb_status lb_identities_give(lb_identities* ids, const char* task, const lb_expert_given* given);

// Compares the run in `folder` with that of a task, a recipe, a seed (-1: whatever it has) and settings (NULL: whatever
// it has; then files that the run was given are taken to be those that it would be given again). A folder without
// config.json holds no other run: SAME. LB_INPUT when a file cannot be read, or there is no such task or recipe.
lb_status lb_identities_compare(lb_identities* ids, lb_identity* out, const char* folder, const char* task,
                                const char* recipe, int64_t seed, const lb_protocol* protocol);

// {"program": {...}, "tasks": {"hopper": {"hash", "demonstrations", "policy"}}, "recipes": {"hopper/lamps": sum}}, of n
// pairs of a task and a recipe: what a suite was last run as, for its report (suite/suite.h). What cannot be read is
// left out: whoever runs it complains.
void lb_identities_write(lb_identities* ids, lb_json_writer* w, const char* const* tasks, const char* const* recipes,
                         int n);

#endif  // LB_ALGO_IDENTITY_H_
