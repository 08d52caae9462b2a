// The colours, dashes and markers of algorithms in figures.
#ifndef LB_REPORT_LOOKS_H_
#define LB_REPORT_LOOKS_H_

#include "suite/suite.h"

typedef struct lb_looks {
  int color, dash, mark;  // as in gnuplot.h
} lb_looks;

// The looks of an algorithm in all figures of a suite: the reference is drawn in ink, the start in grey; of the others
// each family has a colour, and its members differ in dash and marker: no two algorithms look alike. A family is what
// bears one name before a dash or an '@': sysid-sac and sysid-both. A member with namesakes of its own heads a family
// with them: lamps-mm and lamps-mm-linear beside lamps and lamps-linear. A family gets the first colour that no earlier
// family of the same figures has, or else the one that the fewest of them have.
lb_looks lb_looks_of(const lb_suite* suite, const char* algo);

// Whether the algorithm is the suite's reference or start.
bool lb_looks_is_role(const lb_suite* suite, const char* algo);

#endif  // LB_REPORT_LOOKS_H_
