// For phys alone: running MuJoCo calls that may raise an error (mju_error), which is fatal unless its handler leaves by
// longjmp ("Errors, warnings, logging" in MuJoCo's programming guide).
#ifndef LB_PHYS_GUARD_H_
#define LB_PHYS_GUARD_H_

#include <stdbool.h>
#include <stddef.h>

enum { LB_PHYS_MESSAGE = 400 };

// Runs body(arg); true when it returned, false when MuJoCo raised an error in it, whose one-line text goes to `error`
// (LB_PHYS_MESSAGE bytes; may be NULL). What body had acquired is then lost. May be nested.
bool lb_phys_guard(void (*body)(void* arg), void* arg, char* error);

// Copies MuJoCo's text as one line without its leading "Error: ": inner line ends become ", ". At most `size` bytes.
void lb_phys_one_line(char* out, size_t size, const char* text);

#endif  // LB_PHYS_GUARD_H_
