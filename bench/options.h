// The command line, read strictly: an unknown option, a repeated one, a missing value or a value of the wrong kind is
// an LB_INPUT failure that says what would be right. Options are written `--name value` or `--name=value`, anywhere
// among the operands; `--` ends them. Every command answers `--help` from the same table that is parsed.
#ifndef LB_BENCH_OPTIONS_H_
#define LB_BENCH_OPTIONS_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

// Seeds to run, in the order given.
typedef struct lb_seeds {
  uint64_t* values;  // (n), owned; NULL when the option was not given
  int n;
} lb_seeds;

// "10" is the seeds 0..9; "0,3,7" and "0-9" and mixtures such as "0-4,20" are lists. Duplicates are refused.
// `option` names the option in messages. Free with lb_seeds_free.
lb_status lb_seeds_parse(lb_seeds* seeds, const char* text, const char* option);
void lb_seeds_first(lb_seeds* seeds, int n);  // 0..n-1
void lb_seeds_free(lb_seeds* seeds);

// Values of an option that may be repeated; the strings are the command line's own.
typedef struct lb_texts {
  const char** values;  // (n), owned
  int n;
} lb_texts;
void lb_texts_free(lb_texts* texts);

typedef enum lb_option_kind {
  LB_OPTION_FLAG,    // out: bool
  LB_OPTION_TEXT,    // out: const char*
  LB_OPTION_TEXTS,   // out: lb_texts; may be repeated
  LB_OPTION_COUNT,   // out: int, at least 1
  LB_OPTION_NUMBER,  // out: double, finite and not negative
  LB_OPTION_SEED,    // out: uint64_t
  LB_OPTION_SEEDS,   // out: lb_seeds
} lb_option_kind;

typedef struct lb_option {
  const char* name;   // without "--"
  const char* value;  // what stands for the value in the help; NULL for a flag
  const char* help;   // NULL: not shown (for the program's own workers)
  lb_option_kind kind;
  void* out;  // keeps its content, the default, when the option is absent
} lb_option;

typedef struct lb_usage {
  const char* command;   // "run"
  const char* operands;  // "TASK --algo NAME"
  const char* text;      // what it does, whole paragraphs
  const char* examples;  // one a line
  int least, most;       // how many operands; most < 0: any number
  const lb_option* options;
  int noptions;
} lb_usage;

typedef struct lb_operands {
  const char** values;  // (n), owned; the strings are the command line's own
  int n;
  bool help;  // --help was given and answered: nothing else is to be done
} lb_operands;

// Reads argv[1..argc). Prints the help on stdout when asked to. `operands` is to be freed in any case.
lb_status lb_options_read(lb_operands* operands, const lb_usage* usage, int argc, char** argv);
void lb_operands_free(lb_operands* operands);

void lb_options_print_help(const lb_usage* usage);

// " (did you mean 'NAME'?)", or "" when nothing among names[0..n) is near; for messages about unknown names.
const char* lb_did_you_mean(const char* wanted, const char* const* names, int n, char* out, int size);

#define LB_COUNT_OF(array) ((int)(sizeof(array) / sizeof(array)[0]))

#endif  // LB_BENCH_OPTIONS_H_
