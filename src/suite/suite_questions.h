// The parts of a suite's definition that only the report reads: ladder, figures, contrasts, claims, bands and
// overlays. Rows, roles and metric of the suite must be read already.
#ifndef LB_SUITE_SUITE_QUESTIONS_H_
#define LB_SUITE_SUITE_QUESTIONS_H_

#include "suite/suite.h"

// Algorithms of the suite, at least one, from the array under `key`.
lb_status lb_suite_questions_algos(lb_suite* suite, lb_node node, const char* key, const char*** out, int* n);

// Read their part of the definition into the suite; nothing where it has none. LB_INPUT with the place of what is
// wrong.
lb_status lb_suite_questions_ladder(lb_suite* suite, lb_node root);
lb_status lb_suite_questions_figures(lb_suite* suite, lb_node root);
lb_status lb_suite_questions_contrasts(lb_suite* suite, lb_node root);
lb_status lb_suite_questions_claims(lb_suite* suite, lb_node root);  // contrasts must be read already
lb_status lb_suite_questions_bands(lb_suite* suite, lb_node root);
lb_status lb_suite_questions_overlays(lb_suite* suite, lb_node root);

#endif  // LB_SUITE_SUITE_QUESTIONS_H_
