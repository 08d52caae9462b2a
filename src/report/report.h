// The report of a suite: tables, curves and one page, from run folders alone.
#ifndef LB_REPORT_REPORT_H_
#define LB_REPORT_REPORT_H_

#include "base/status.h"
#include "report/results.h"

// Reads the results in `folder` (OUT/<suite>/, finished or not) and writes into it
//   report.md, report.html   the same content; the page is one file that needs nothing else
//   tables.tex               the tables, for a paper (latex.h)
//   tables.csv               a line a row, metric and iteration: seeds, mean, 95 % interval, spread
//   claims.csv               a line a claim and task: the difference, its interval, the verdict
//   findings.csv             a line a paired difference: mean, intervals, tests
//   contrasts.csv            the same seed by seed
//   across.csv               statistics across tasks, of suites that compare returns (across.h)
//   curves.csv               the raw curves: a line a run and iteration, a column a metric
//   plots/                   every figure as SVG and PNG, and the gnuplot script that drew them
// `note` is a sentence on the runs that stands at the top, below the headline; NULL: none. Without gnuplot, a warning
// and a report without figures. LB_INPUT, and nothing is written, where the report that is there is all that is left of
// its runs.
lb_status lb_report_write(const char* folder, const char* note);
// The same of results that are loaded, with their note.
lb_status lb_report_write_suite(lb_results* results);

// Writes <folder>/report.html, one page with all claims at its head and a section a suite, and <folder>/report.md with
// the claims and links to the suites' reports, of suites directly below it whose reports are written already.
lb_status lb_report_write_page(const char* folder, lb_results* const* results, int n);

// Writes <folder>/index.html, the front page of a site: the claims, and links to the reports of suites that are written
// in folders of their names below it, with a page a run (results->out, results->pages).
lb_status lb_report_write_front(const char* folder, lb_results* const* results, int n);

#endif  // LB_REPORT_REPORT_H_
