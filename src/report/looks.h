// The colours and dashes of algorithms in figures.
#ifndef LB_REPORT_LOOKS_H_
#define LB_REPORT_LOOKS_H_

#include "report/suite.h"

typedef struct lb_looks {
  int color, dash;  // as in gnuplot.h
} lb_looks;

// The looks of an algorithm in all figures of a suite: the reference is drawn in ink, the start in grey; another one
// gets the first colour that no earlier algorithm of the same figures has, or else the one that the fewest of them
// have, and a dash that tells apart those of the same colour.
lb_looks lb_looks_of(const lb_suite* suite, const char* algo);

// Whether the algorithm is the suite's reference or start.
bool lb_looks_is_role(const lb_suite* suite, const char* algo);

#endif  // LB_REPORT_LOOKS_H_
