// What a program says while it works: on stderr, never on stdout. On a terminal one line is rewritten in place; else a
// line is printed now and then. Colours only on a terminal without NO_COLOR.
#ifndef LB_BASE_LOG_H_
#define LB_BASE_LOG_H_

#include <stdbool.h>

// Silences progress and notes (warnings, and what is said, stay). Call before the first message.
void lb_log_quiet(bool quiet);

// True when stderr is a terminal that can rewrite a line.
bool lb_log_is_live(void);

// "warning: ..." and plain notes; both clear a live progress line first.
void lb_log_warning(const char* format, ...) __attribute__((format(printf, 1, 2)));
void lb_log_note(const char* format, ...) __attribute__((format(printf, 1, 2)));

// A line behind the progress: for a program's last words. As all messages here, it is shown by lb_text_show_line.
void lb_log_say(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Replaces the progress line on a terminal; elsewhere prints it if at least `every_seconds` passed since the last one.
void lb_log_progress(double every_seconds, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Ends the progress line, so that what follows starts on a line of its own.
void lb_log_progress_done(void);

// From now on what is printed on stdout passes lb_text_show on its way, as messages here do: results name tasks, suites
// and files whose names and descriptions may come from anybody. Nothing of the program's own on stdout has control
// characters.
void lb_log_shown_output(void);

// Writes seconds as "42 s", "3 min 20 s" or "2 h 05 min" into out.
void lb_format_duration(double seconds, char* out, int size);

#endif  // LB_BASE_LOG_H_
