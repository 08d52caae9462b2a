// Chapters of a suite that is read from top to bottom, instead of a section a task: each an idea in words, a picture, a
// table, what was fitted, and the verdicts on the claims that rest on its tasks. A suite's definition has
//
//   "chapters": [{
//     "title": "...", "text": ["a paragraph", ...],
//     "tasks": ["shortcut", "trophy"],                 whose claims and bands close the chapter; required
//     "drawings": ["shortcut-sysid"],                  WORLD-ROW: pictures of a world and a row's model, of the first
//                                                      seed (io/run_folder.h)
//     "figures": [{"metric": "return",                 one panel a task, the rows against the iterations, or
//                  "along": "samples_each",            against another metric,
//                  "at": {"portals-4": 4, ...},        or one panel for several tasks, the rows' last values against
//                                                      these numbers, under the label `along`
//                  "tasks": [...], "algos": [...],     default: the chapter's tasks, all of their rows
//                  "log": "xy", "title": "..."}],      logarithmic axes: "", "x", "y", "xy"
//     "terms": [{"task": "...", "algo": "...",         one row's means at some iterations, with their sum beside the
//                "metrics": [...], "at": [1, 5, 10]}], true difference (lemma_left) that they must come to; and, also
//                                                      without "at", drawn one on the other over all iterations
//     "table": ["return", "nodes"],                    last values of these metrics, a line a task and row
//     "fits": [{"metric": "planning_work", "algo": "sysid", "law": "exponential", "at": {"portals-4": 4, ...}}]
//   }]                                                 growth against these numbers, fitted seed by seed: "exponential"
//                                                      (a factor for each one more), or "power" (an exponent)
#ifndef LB_REPORT_CHAPTERS_H_
#define LB_REPORT_CHAPTERS_H_

#include <stdbool.h>

#include "base/text.h"
#include "doc/doc.h"
#include "report/results.h"

// LB_INPUT with the place of what is wrong; fine where there are none.
lb_status lb_chapters_check(lb_node root);

// The number of the first chapter that rests on the task, from 1; 0: none does. Its section's id is "chapter-NUMBER".
int lb_chapters_of_task(const lb_results* results, const char* task);

// All of them. `script` as of lb_compose.
void lb_chapters_add(lb_doc* doc, lb_text* script, lb_results* results);

#endif  // LB_REPORT_CHAPTERS_H_
