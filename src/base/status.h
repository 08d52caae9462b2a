// Errors as values. A function that reads input, touches files or allocates returns an lb_status; only programs print
// and exit. A numeric failure (no Cholesky factor, a diverged rollout) is an ordinary result that the caller acts on,
// not a status. Wrong sizes handed from one room to another are bugs: assert.
#ifndef LB_BASE_STATUS_H_
#define LB_BASE_STATUS_H_

#include <stdarg.h>

typedef enum lb_code {
  LB_OK = 0,
  LB_INPUT,      // the command line or an input file is wrong: exit 2
  LB_IO,         // a file or folder cannot be read or written (disk full, read-only, locked): exit 1
  LB_MEMORY,     // an allocation failed: exit 1
  LB_DIVERGED,   // a simulation or an optimisation left the finite numbers: ends that run
  LB_INTERRUPT,  // the user asked to stop; what was written so far is resumable
} lb_code;

// One line for a person: the file, the place in it, what is wrong, what would be right. No trailing newline.
typedef struct lb_status {
  lb_code code;
  char text[1000];
} lb_status;

// Success, with an empty text.
lb_status lb_ok(void);

// A failure whose text is formatted as by printf, and shown as by lb_text_show_line; longer texts are cut at a
// character boundary.
lb_status lb_fail(lb_code code, const char* format, ...) __attribute__((format(printf, 2, 3)));

// The same failure with "prefix: " before its text; success is returned unchanged.
lb_status lb_within(lb_status status, const char* format, ...) __attribute__((format(printf, 2, 3)));

// The exit status of a program that ends with this: 0, 1 or 2 (130 for LB_INTERRUPT).
int lb_exit_code(lb_status status);

// Returns from the calling function when the expression fails.
#define LB_TRY(expression)                     \
  do {                                         \
    lb_status lb_try_ = (expression);          \
    if (lb_try_.code != LB_OK) return lb_try_; \
  } while (0)

// Leaves by a label that releases what was acquired; `status` must be a local lb_status.
#define LB_TRY_OR(label, status, expression) \
  do {                                       \
    (status) = (expression);                 \
    if ((status).code != LB_OK) goto label;  \
  } while (0)

#endif  // LB_BASE_STATUS_H_
