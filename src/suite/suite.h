// The definition of a suite: which tasks, which algorithms, how many seeds, under which settings, and what the report
// asks of the results. The program `bench` reads it from bench/suites/<name>.json and leaves a copy, seeds and settings
// resolved, beside the results (lb_suite_save); the report reads that copy. Every mistake is named by file, JSON path
// and nearest key.
//
//   {
//     "name": "helicopter",                 required; also the name of the results folder
//     "title": "...", "summary": "...",     for the report; the title defaults to the name
//     "part": "Theory",                     of a report of several suites: what its claims stand under there
//     "seeds": 10,                          or a list, [0, 1, 5]; 10 means 0..9; default 10
//     "tasks": [...], "algos": [...],       every task with every algorithm, and / or
//     "rows": [{"task": "...", "algo": "..."}],                        single rows, after those
//
//   Settings (algo/protocol.h has their names), the later ones over the earlier:
//     "protocol": {...},                    of all rows
//     "overrides": [{"tasks": ["hopper"], "algos": ["mbpo"],           of the rows of these tasks and algorithms; one
//                    "protocol": {"updates_per_step": 40}}],           that is not given stands for all of them
//     "sweep": {"setting": "expert_transitions", "values": [1000, 10000], "algos": ["bc"]},
//                                           these algorithms run once with each value: the rows bc@1000 and bc@10000
//                                           take the place of bc here, in what follows and in the results folder
//
//   What --preset changes (quick, which is the default; evening; standard; paper). A suite runs as it is written under
//   a preset that it does not name:
//     "presets": {"paper": {"seeds": 5, "protocol": {...}}},           any of the keys of this list but name and
//                                           presets. "protocol" and "overrides" come over the suite's own settings; any
//                                           other takes the place of the suite's key. Where tasks or algorithms are
//                                           left out, so is what the suite says of them below.
//     "preset": "quick",                    of a copy beside results: what they were made under
//     "only": ["hopper/lamps*"],            of a copy too: the part that was asked for last (bench suite --only)
//     "as_run": {"program": {...}, "tasks": {...}, "recipes": {...}},  of a copy too: the program, the tasks' hashes,
//     the
//                                           checksums of the experts' files and of the recipes when the suite was run
//                                           last (lb_identities_write). Runs of others are stale and enter no number
//
//   What the report asks:
//     "reference": "expert",                the row whose cost is the goal; default "expert" when it is among the algos
//     "start": "zero",                      the row whose cost is where the way to the goal begins; default "zero",
//                                           else "random", when among the algos; else the median cost at iteration 0
//     "references": ["bc"],                 further rows that have a result and no curve: their runs count by their
//                                           last line, drawn as horizontal lines; rows that plan by behaviour cloning
//                                           always
//     "baseline": "sac",                    the row that the probability of improvement is stated against; default:
//                                           every row against every other
//     "metric": "cost",                     what is compared: "cost", lower is better, or "return", higher is better,
//                                           with all else turned round accordingly (start: the 0, reference: the 1 of
//                                           normalised returns); default: what the runs write
//     "cost_floor": {"TASK": 50.5},         a constant inside every cost of a task: taken off before logarithms, ratios
//     "show": [1, 5, 10],                   iterations that get a column in the table
//     "ladder": {"label": "cells to the goal", "tasks": {"serpentine-1": 1, "serpentine-2": 2}},
//                                           tasks that are one problem of growing difficulty, each with its number:
//                                           the report tells what the rows take to come near the reference, against it
//     "figures": [{"name": "...", "title": "...", "algos": [...]}],    groups of algorithms drawn together (reference
//                                           and start rows are always drawn); default: one figure with all, or with a
//                                           sweep one a value
//     "contrasts": [{"name": "laziness",
//                    "question": "Does planning lazily cost anything against full planning?",
//                    "baseline": "sysid", "variant": "lamps",          the difference is variant minus baseline, per
//                                                                      seed
//                    "metrics": ["cost", "lqr_passes"],
//                    "tasks": [...],                                   default: every task that has both rows
//                    "from": 2, "to": 20}],                            default 1 to the last; or "at": 20, "at":
//                    "last",
//                                                                      "at": "tail": the mean over the last fifth of
//                                                                      the steps. "primary": true: one of the few
//                                                                      that the suite is there for; their p values
//                                                                      in the suite's metric are corrected for being
//                                                                      several (Holm), the others are exploratory
//     "claims": [{"claim": "Lazy planning takes fewer passes.", "contrast": "laziness", "metric": "lqr_passes",
//                 "expect": "better", "margin": 0}],
//                                           what somebody says and these results can judge (claims.h): a contrast of
//                                           the above, one of its metrics (default: its first), where the difference
//                                           should lie, in that metric's units: "better" or "worse" (the variant, by
//                                           more than the margin; default 0), "no worse" or "equal" (by less than the
//                                           margin, which is then required); "tasks" as of a contrast. What is said of
//                                           a contrast that a preset leaves out is left out too
//     "chapters": [{"title": "...", ...}],  a report that is read from top to bottom (report/chapters.h), in place of a
//                                           section a task
//     "bands": [{"algo": "lamps-2023", "metric": "cost", "iteration": 20, "low": 52.2, "high": 52.6,
//                "source": "where the band comes from", "task": "...", "since": 0}],
//                                           the mean over seeds must lie in [low, high]; iteration defaults to the
//                                           last; task to the suite's only one; "since" takes the value at that
//                                           iteration off. In place of low and high, "mean": 52.352, "se": 0.071,
//                                           "seeds": 10 state a published result: the mean over the n seeds that ran
//                                           must lie in the prediction interval for n further seeds, mean +- t se
//                                           sqrt(1 + seeds / n), with t such that all such bands of the suite hold at
//                                           once with 95 % (Bonferroni)
//     "overlays": [{"file": "published/x.npz", "algo": "lamps-2023", "metric": "cost", "mean": "KEY", "se": "KEY",
//                   "label": "published", "seeds": 10, "task": "...", "x": "iteration", "at": "KEY"}]
//   }                                       curves of others, drawn as markers. The file lies beside this definition or
//                                           below the folder given to the report. "at" names the array of x values
//                                           (default 0, 1, 2, ...), "x" the axis that they lie on
//
// A metric is a number that the loop writes (metrics.jsonl, timing.jsonl) or one that the report derives (metric.h).
// Contrasts average a metric over the iterations from..to; of a cumulative one (counts, seconds) they take the last.
#ifndef LB_SUITE_SUITE_H_
#define LB_SUITE_SUITE_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "io/json.h"

enum {
  LB_SUITE_LAST = -1,  // "the last iteration", where an iteration is asked for
  LB_SUITE_TAIL = -2   // of a contrast's `from`: the last fifth of the way
};

typedef struct lb_suite_row {
  const char* task;
  const char* algo;    // "bc", or "bc@1000" of a sweep
  const char* recipe;  // "bc": the algorithm's own name
  int value;           // of the sweep's; -1: none
} lb_suite_row;

// Settings of the rows of some tasks and algorithms.
typedef struct lb_suite_override {
  const char** tasks;  // none: all
  int n_tasks;
  const char** algos;  // recipes or rows of a sweep; none: all
  int n_algos;
  lb_node protocol;
} lb_suite_override;

// One setting through several values. n = 0: no sweep.
typedef struct lb_suite_sweep {
  const char* setting;
  const double* values;  // (n) ascending
  const char** texts;    // (n) the same as they stand in names
  int n;
  const char** algos;  // recipes
  int n_algos;
} lb_suite_sweep;

// Tasks of growing difficulty. n = 0: none.
typedef struct lb_suite_ladder {
  const char* label;  // of the numbers
  const char** tasks;
  const double* values;  // (n) ascending, greater than 0
  int n;
} lb_suite_ladder;

typedef struct lb_suite_figure {
  const char* name;
  const char* title;
  const char** algos;
  int n_algos;
} lb_suite_figure;

typedef struct lb_suite_contrast {
  const char* name;
  const char* question;
  const char* baseline;
  const char* variant;
  const char** metrics;
  int n_metrics;
  const char** tasks;  // none: every task that has both rows
  int n_tasks;
  int from, to;  // to may be LB_SUITE_LAST; from too, and then means the same, or LB_SUITE_TAIL
  bool primary;
} lb_suite_contrast;

// Where a claim says that the difference lies which speaks for the variant.
typedef enum lb_claim_kind {
  LB_CLAIM_BETTER,    // above the margin
  LB_CLAIM_WORSE,     // below minus the margin
  LB_CLAIM_NO_WORSE,  // above minus the margin
  LB_CLAIM_EQUAL      // within the margin
} lb_claim_kind;

typedef struct lb_suite_claim {
  const char* text;
  const lb_suite_contrast* contrast;
  const char* metric;  // NULL: the contrast's first
  lb_claim_kind expect;
  double margin;
  const char** tasks;  // none: every task of the contrast
  int n_tasks;
} lb_suite_claim;

typedef struct lb_suite_band {
  const char* task;
  const char* algo;
  const char* metric;
  const char* source;
  int iteration;  // or LB_SUITE_LAST
  int since;      // -1: nothing is taken off
  double low, high;
  double mean, se;  // of a published result over so many seeds;
  int seeds;        // 0: low and high are given
} lb_suite_band;

typedef struct lb_suite_overlay {
  const char* file;
  const char* task;  // NULL: every task
  const char* algo;
  const char* metric;
  const char* x;   // the axis, a metric's name or "iteration"
  const char* at;  // NULL: 0, 1, 2, ...
  const char* mean;
  const char* se;  // NULL: no error bars
  const char* label;
  int seeds;  // behind `se`; 0: unknown
} lb_suite_overlay;

typedef struct lb_suite_floor {
  const char* task;
  double value;
} lb_suite_floor;

// Everything lives as long as the suite.
typedef struct lb_suite {
  const char* path;
  const char* name;
  const char* title;
  const char* summary;  // "" when absent
  const char* part;     // likewise
  const int* seeds;
  int n_seeds;
  const char* preset;  // "" when the definition is as it is written
  const char** only;   // (n_only) patterns; none: all rows
  int n_only;
  bool has_as_run;
  lb_node as_run;
  bool has_protocol, has_presets;
  lb_node protocol, presets;  // objects for the runner to read; only their being objects is checked here
  const lb_suite_override* overrides;
  int n_overrides;
  lb_suite_sweep sweep;
  const lb_suite_row* rows;
  int n_rows;
  const char** tasks;  // in the order in which the rows name them first
  int n_tasks;
  const char** algos;
  int n_algos;
  const char* reference;    // NULL: none
  const char* start;        // NULL: none
  const char** references;  // further ones
  int n_references;
  const char* baseline;  // NULL: none
  const char* metric;
  bool has_metric;  // the definition names it
  const int* show;
  int n_show;
  const lb_suite_floor* floors;
  int n_floors;
  lb_suite_ladder ladder;
  const lb_suite_figure* figures;
  int n_figures;
  const lb_suite_contrast* contrasts;
  int n_contrasts;
  const lb_suite_claim* claims;
  int n_claims;
  lb_suite_band* bands;
  int n_bands;
  lb_suite_overlay* overlays;
  int n_overlays;
  lb_json *doc, *written;  // what was read, under the preset and as it is written (the same where there is none)
  lb_arena* arena;
} lb_suite;

// Reads and checks a definition as it is written. On failure *out is NULL.
lb_status lb_suite_load(lb_suite** out, const char* path);
// The same from text; `origin` stands for the file in messages.
lb_status lb_suite_parse(lb_suite** out, const char* text, const char* origin);
// The same under a preset; where the definition has none of that name, as it is written.
lb_status lb_suite_load_preset(lb_suite** out, const char* path, const char* preset);
void lb_suite_free(lb_suite* suite);

// Compares another metric, where the definition named none: contrasts, bands and overlays that name none follow.
void lb_suite_use_metric(lb_suite* suite, const char* metric);

// How a suite was run.
typedef struct lb_suite_as_run {
  const int* seeds;  // (n_seeds)
  int n_seeds;
  const char* protocol;     // JSON text of an object, in place of the suite's own; NULL: its own
  const char* set;          // the same, over all other settings; NULL: none
  const char* const* only;  // (n_only)
  int n_only;
  const char* as_run;  // JSON text of an object; NULL: not known
} lb_suite_as_run;

// Writes the definition to `path` as it was run, without its presets: the copy that goes beside the results.
lb_status lb_suite_save(const lb_suite* suite, const char* path, const lb_suite_as_run* run);

// Whether an override is about this row.
bool lb_suite_override_covers(const lb_suite_override* override, const lb_suite_row* row);

// The presets there are.
enum { LB_SUITE_PRESETS = 4 };
extern const char* const lb_suite_presets[LB_SUITE_PRESETS];

// What a pattern of this form is held against: "TASK/ALGO", or "TASK" where it has no '/'.
enum { LB_SUITE_ROW_NAME = 400 };
void lb_suite_row_name(char name[LB_SUITE_ROW_NAME], const char* pattern, const lb_suite_row* row);

// Whether a row is among what only[0..n) asks for: patterns of a shell (fnmatch), TASK (all its rows) or TASK/ALGO.
// None: every row is.
bool lb_suite_row_is_wanted(const lb_suite_row* row, const char* const* only, int n);

// The row of a task and an algorithm, one of suite->rows; NULL when there is none.
const lb_suite_row* lb_suite_find_row(const lb_suite* suite, const char* task, const char* algo);
// The constant inside the costs of a task; 0 when none was given.
double lb_suite_cost_floor(const lb_suite* suite, const char* task);

#endif  // LB_SUITE_SUITE_H_
