// What is to be run: suites with their options resolved, every run with its folder and how far it has come.
//
//   OUT/<suite>/suite.json                     the definition as it is run
//   OUT/<suite>/<task>/<algo>/seed-<n>/        a run (io/run_folder.h)
#ifndef LB_BENCH_CAMPAIGN_H_
#define LB_BENCH_CAMPAIGN_H_

#include <stdbool.h>

#include "algo/expert_used.h"
#include "algo/protocol.h"
#include "base/arena.h"
#include "base/status.h"
#include "io/file.h"
#include "options.h"
#include "outcome.h"
#include "root.h"
#include "runner.h"
#include "stale.h"
#include "suite/suite.h"

// What the command line asks for.
typedef struct lb_campaign_options {
  const char* const* suites;  // (nsuites) names
  int nsuites;
  const char* task;    // instead of suites: a comparison on this task alone (task_suite.h), of
  const char* algos;   // these, with commas between; NULL: of those that suit it
  const char* out;     // NULL: results/runs/<preset> below the root
  const char* preset;  // one of lb_suite_presets
  lb_seeds seeds;      // none: the suites' own
  lb_texts set;        // "key=value", over the settings of every suite
  lb_texts data;       // recordings in the place of the expert's, each for the task that it names
  lb_texts expert;     // policies in the place of the expert's, likewise
  lb_texts only;       // patterns of the rows to run (only.h); none: all
  bool fresh, resume;
  bool renew;         // make stale runs anew, however long they took
  double checkpoint;  // least seconds between two checkpoints of a run
} lb_campaign_options;

// What the command line says of them: the options that all commands share which take suites (bench suite, jobs, ...),
// and how they are where it says nothing. Returns how many there are. Free what was read.
enum { LB_CAMPAIGN_OPTIONS = 11 };
lb_campaign_options lb_campaign_options_default(void);
int lb_campaign_options_list(lb_option options[LB_CAMPAIGN_OPTIONS], lb_campaign_options* into);
void lb_campaign_options_free(lb_campaign_options* options);

typedef struct lb_campaign_suite {
  lb_suite* suite;
  lb_protocol* protocols;  // (suite->n_rows) of each row
  bool* wanted;            // (suite->n_rows) whether the row is to be run
  const int* seeds;
  int nseeds;
  char folder[LB_BENCH_PATH];
  lb_lock lock;
} lb_campaign_suite;

typedef struct lb_campaign_run {
  const lb_campaign_suite* suite;
  int row;  // of the suite
  int seed;
  char folder[LB_BENCH_PATH];
  lb_run_end before;         // how it had ended when the campaign was opened; NONE where it is stale
  bool stale;                // what is there is not what is asked for (algo/identity.h): it is made anew
  const char* const* again;  // of a stale run: the words that start it a second time, to go on where it was
} lb_campaign_run;

// The row of a run, and its settings.
static inline const lb_suite_row* lb_campaign_row(const lb_campaign_run* run) {
  return &run->suite->suite->rows[run->row];
}
static inline const lb_protocol* lb_campaign_protocol(const lb_campaign_run* run) {
  return &run->suite->protocols[run->row];
}

// What the runs of a task are given in the place of the expert's files.
typedef struct lb_campaign_given {
  char task[128];
  lb_expert_given files;
} lb_campaign_given;

typedef struct lb_campaign {
  char root[LB_BENCH_PATH];
  char out[LB_BENCH_PATH];
  lb_campaign_suite* suites;  // (nsuites)
  int nsuites;
  lb_campaign_given* given;  // (ngiven)
  int ngiven;
  lb_campaign_run* runs;  // (nruns) the first seed of every row, then the second, ...
  int nruns;
  lb_job* jobs;  // (njobs) those of the runs that are not over; ctx is the run
  int njobs;
  lb_stale stale;
  lb_identities* identities;
  lb_arena* arena;
} lb_campaign;

// Reads the suites and looks at the folders; writes nothing. Free with lb_campaign_close in any case. LB_INPUT: an
// unknown suite, preset, task, algorithm or setting; results in OUT that were made under another protocol (and no
// --fresh); nothing to resume under --resume.
lb_status lb_campaign_open(lb_campaign* campaign, const lb_campaign_options* options);
void lb_campaign_close(lb_campaign* campaign);

// What the runs of a task are given.
lb_expert_given lb_campaign_given_to(const lb_campaign* campaign, const char* task);

// Takes the folders of all suites for this process alone (LB_IO with the pid of another that holds one), empties them
// when the options say so, and leaves the definitions there. LB_INPUT where stale runs took so long that only
// options.renew lets them go.
lb_status lb_campaign_take(lb_campaign* campaign, const lb_campaign_options* options);

// Longer recordings of experts that rows ask for: made once here, and not by every run at the same time.
lb_status lb_campaign_prepare(const lb_campaign* campaign);

// Removes what is left of stale runs, so that the words that start a run can be given again (lb_campaign_run.again).
// LB_IO where a process works on one.
lb_status lb_campaign_remove_stale(lb_campaign* campaign);

// Leaves a record in the folder of a run that ended without leaving one itself; an existing record stays.
lb_status lb_campaign_record(const lb_campaign_run* run, lb_run_end end, const char* reason);

// The settings of a row of a suite: its protocol, its overrides in their order, the value of its sweep.
lb_status lb_campaign_resolve(lb_protocol* protocol, const lb_suite* suite, const lb_suite_row* row);

// LB_INPUT unless there is such a preset.
lb_status lb_campaign_check_preset(const char* preset);

// LB_INPUT, with the nearest name, unless there is such a task, such an algorithm. `origin` (may be NULL) is what names
// it.
lb_status lb_campaign_check_task(const char* root, const char* task, const char* origin);
lb_status lb_campaign_check_algo(const char* root, const char* algo, const char* origin);

#endif  // LB_BENCH_CAMPAIGN_H_
