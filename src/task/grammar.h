// The grammar of task.json: every object that may stand in it and every key of each, with type, range, unit, default
// and meaning. The readers of this room take the keys, ranges and words that they allow from here;
// docs/task-reference.md and the JSON Schema of `bench task schema` are made from it.
#ifndef LB_TASK_GRAMMAR_H_
#define LB_TASK_GRAMMAR_H_

#include <stdbool.h>

#include "base/status.h"
#include "io/json.h"

typedef enum lb_task_object {
  LB_TASK_ROOT,
  LB_TASK_RESET,
  LB_TASK_DRAW,
  LB_TASK_NOISE,
  LB_TASK_QUANTITY,
  LB_TASK_PICK,
  LB_TASK_TERM,
  LB_TASK_PRODUCT,
  LB_TASK_FACTOR,
  LB_TASK_TOLERANCE,
  LB_TASK_CONDITION,
  LB_TASK_COST,
  LB_TASK_COST_TERM,
  LB_TASK_PARAMETER,
  LB_TASK_OBJECTS
} lb_task_object;

// What a value may be.
typedef enum lb_task_type {
  LB_TASK_TEXT,
  LB_TASK_TEXT_OR_NULL,
  LB_TASK_TEXTS,      // list of texts
  LB_TASK_NAMES,      // a text, or a list of texts
  LB_TASK_ACTUATOR,   // a text, or a whole number from 0
  LB_TASK_ACTUATORS,  // list of these
  LB_TASK_WHOLE,      // a whole number in [low, high]
  LB_TASK_WHOLES,     // list of whole numbers from 0
  LB_TASK_RANGE,      // [first, end], two whole numbers from 0
  LB_TASK_NUMBER,     // in [low, high]
  LB_TASK_NUMBERS,    // list of numbers
  LB_TASK_ROWS,       // list of lists of numbers
  LB_TASK_WEIGHTS,    // a number in [low, high], or a list of them
  LB_TASK_SPREAD,     // a number in [low, high], or [low, high] of its own
  LB_TASK_PAIR,       // [low, high], two numbers
  LB_TASK_BOUNDS,     // the same, null where there is no bound
  LB_TASK_MINUS,      // a number, a list of numbers, or an object `of`
  LB_TASK_BOOL,
  LB_TASK_CHOICE,  // one of the words `of`
  LB_TASK_NODE,    // an object `of`
  LB_TASK_LIST     // list of objects `of`
} lb_task_type;

// Words that a value is chosen from.
typedef enum lb_task_words {
  LB_WORDS_SIGNAL,
  LB_WORDS_NORM,
  LB_WORDS_SIGMOID,
  LB_WORDS_FUNCTION,
  LB_WORDS_READING,
  LB_WORDS_START,
  LB_WORDS_PART
} lb_task_words;

typedef struct lb_task_key {
  const char* name;
  lb_task_type type;
  int of;  // an lb_task_object, or lb_task_words
  bool required;
  double low, high;      // of numbers
  const char* unit;      // NULL: none
  const char* fallback;  // what stands for it where it is left out; NULL: nothing, or it is required
  const char* what;
  const char* example;  // JSON
  const char* needs;    // another key of the object that must stand beside it; NULL: none
} lb_task_key;

enum { LB_TASK_KEYS_MOST = 24, LB_TASK_WORDS_MOST = 64 };

// The keys of an object; returns how many.
int lb_task_keys(const lb_task_key** out, lb_task_object object);

// Its name ("term"), what it is in a sentence, and keys of which exactly one must be there (NULL-terminated; NULL:
// none).
const char* lb_task_object_name(lb_task_object object);
const char* lb_task_object_what(lb_task_object object);
const char* const* lb_task_object_one_of(lb_task_object object);

// The words of a choice, in the order of the enum that stands for them; returns how many. `what` (may be NULL) gets
// what each means.
int lb_task_words_list(const char* names[LB_TASK_WORDS_MOST], const char* what[LB_TASK_WORDS_MOST],
                       lb_task_words words);

// For readers. LB_INPUT, by file and place: a key that the object has not; a value out of the key's range; an unknown
// word. A key that is not required and not there leaves *out as it is.
lb_status lb_task_check_keys(lb_node node, lb_task_object object);
lb_status lb_task_read_int(lb_node node, lb_task_object object, const char* name, int* out);
lb_status lb_task_read_number(lb_node node, lb_task_object object, const char* name, double* out);
lb_status lb_task_read_word(lb_node node, lb_task_object object, const char* name, int* out);

#endif  // LB_TASK_GRAMMAR_H_
