// A number, a switch or a word that may be chosen, with its range, its default and its meaning, and where it lies in a
// struct of options: what a recipe's keys, the settings of --set, help texts and config.json are read from.
#ifndef LB_CORE_PARAM_H_
#define LB_CORE_PARAM_H_

#include <stdbool.h>
#include <stddef.h>

typedef enum lb_param_type {
  LB_PARAM_WHOLE,  // an int
  LB_PARAM_REAL,   // a double
  LB_PARAM_YES,    // a bool
  LB_PARAM_WORD    // an int: which of `words`
} lb_param_type;

typedef struct lb_param {
  const char* key;
  lb_param_type type;
  size_t offset;            // in the struct of options
  double low, high, usual;  // of words and switches: of their number
  const char* const* words;
  const char* unit;     // of a setting; "": none
  const char* meaning;  // one line
} lb_param;

// Parameters that belong together.
typedef struct lb_params {
  const lb_param* list;
  int n;
  const char* whose;  // of settings: a heading, which algorithms have them
} lb_params;

// Where such parameters lie in a larger struct.
typedef struct lb_params_at {
  const lb_params* params;  // NULL: the end of a list of these
  size_t at;
} lb_params_at;

#define LB_PARAMS_OF(array) \
  { array, (int)(sizeof(array) / sizeof((array)[0])), "" }
#define LB_SETTINGS_OF(array, whose) \
  { array, (int)(sizeof(array) / sizeof((array)[0])), whose }

// Writes a value into the parameter's place of a struct of options, in its type.
static inline void lb_param_store(const lb_param* p, void* options, double value) {
  char* at = (char*)options + p->offset;
  if (p->type == LB_PARAM_REAL) {
    *(double*)(void*)at = value;
  } else if (p->type == LB_PARAM_YES) {
    *(bool*)(void*)at = value > 0;
  } else {
    *(int*)(void*)at = (int)value;
  }
}

// Reads it from there.
static inline double lb_param_load(const lb_param* p, const void* options) {
  const char* at = (const char*)options + p->offset;
  if (p->type == LB_PARAM_REAL) return *(const double*)(const void*)at;
  if (p->type == LB_PARAM_YES) return *(const bool*)(const void*)at ? 1 : 0;
  return *(const int*)(const void*)at;
}

// Every parameter at its usual value.
static inline void lb_params_usual(const lb_params* params, void* options) {
  for (int i = 0; i < params->n; ++i) lb_param_store(&params->list[i], options, params->list[i].usual);
}

#endif  // LB_CORE_PARAM_H_
