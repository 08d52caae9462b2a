// Words of a command line as a shell reads them.
#ifndef LB_BENCH_SHELL_H_
#define LB_BENCH_SHELL_H_

#include "base/text.h"

// Appends a space (unless the text is empty) and the word: as it is, in quotes, or, where it holds what cannot be
// shown, as bash writes it ($'...').
void lb_shell_add(lb_text* out, const char* word);

#endif  // LB_BENCH_SHELL_H_
