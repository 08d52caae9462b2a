// The keys of a suite's definition (suite/suite.h), object by object: which there are, what they hold, which are
// required. The readers check their objects by it, and the JSON Schema of `bench suite schema` is written from it.
#ifndef LB_SUITE_SUITE_GRAMMAR_H_
#define LB_SUITE_SUITE_GRAMMAR_H_

#include "base/status.h"
#include "io/json.h"
#include "io/json_writer.h"

typedef enum lb_suite_object {
  LB_SUITE_ROOT,
  LB_SUITE_PRESETS_OBJECT,
  LB_SUITE_PRESET,  // the keys of the root that a preset may change
  LB_SUITE_ROW,
  LB_SUITE_OVERRIDE,
  LB_SUITE_SWEEP,
  LB_SUITE_LADDER,
  LB_SUITE_FIGURE,
  LB_SUITE_CONTRAST,
  LB_SUITE_CLAIM,
  LB_SUITE_BAND,
  LB_SUITE_OVERLAY,
  LB_SUITE_CHAPTER,
  LB_SUITE_CHAPTER_FIGURE,
  LB_SUITE_CHAPTER_TERMS,
  LB_SUITE_CHAPTER_FIT,
  LB_SUITE_OBJECTS
} lb_suite_object;

// Whole numbers in definitions: the most seeds, the last iteration, the largest margin or bound.
#define LB_SUITE_MOST_SEEDS 10000
#define LB_SUITE_MOST_ITERATION 100000000
#define LB_SUITE_MOST_NUMBER 1e300

// Words that keys may hold.
enum { LB_SUITE_EXPECTATIONS = 4, LB_SUITE_LAWS = 2, LB_SUITE_LOG_AXES = 4 };
extern const char* const lb_suite_expectations[LB_SUITE_EXPECTATIONS];  // by lb_claim_kind
extern const char* const lb_suite_laws[LB_SUITE_LAWS];
extern const char* const lb_suite_log_axes[LB_SUITE_LOG_AXES];

// Fails unless the node is an object with keys of this kind alone; suggests the nearest.
lb_status lb_suite_check_keys(lb_node node, lb_suite_object which);

// The JSON Schema. `settings` is that of an object of settings ("protocol"), as JSON text.
void lb_suite_schema(lb_json_writer* w, const char* settings);

#endif  // LB_SUITE_SUITE_GRAMMAR_H_
