// Messages on stderr: see log.h. NO_COLOR is the convention of no-color.org: set and not empty means no colours.
#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static struct {
  bool quiet;
  bool line_open;  // a live progress line stands on the terminal
  bool printed;    // some progress line was printed
  double printed_at;
} state;

void lb_log_quiet(bool quiet) {
  state.quiet = quiet;
}

bool lb_log_is_live(void) {
  const char* term = getenv("TERM");
  return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

// Colours only for a person at a terminal who did not set NO_COLOR (no-color.org).
static bool has_colour(void) {
  const char* no_color = getenv("NO_COLOR");
  return lb_log_is_live() && !(no_color && *no_color);
}

// Erases the live line, so that what follows begins at the left.
static void clear_line(void) {
  if (state.line_open) fputs("\r\033[K", stderr);
  state.line_open = false;
}

// Prints a message as it may be shown, and ends its line.
static void say(const char* format, va_list arguments) {
  char message[4096];
  lb_text shown = {0};
  vsnprintf(message, sizeof message, format, arguments);
  lb_text_show_line(&shown, message, strlen(message));
  fprintf(stderr, "%s\n", shown.data);
  lb_text_free(&shown);
}

void lb_log_say(const char* format, ...) {
  lb_log_progress_done();
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
}

void lb_log_warning(const char* format, ...) {
  clear_line();
  fputs(has_colour() ? "\033[33mwarning:\033[0m " : "warning: ", stderr);
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
}

void lb_log_note(const char* format, ...) {
  if (state.quiet) return;
  clear_line();
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
}

// Columns of the terminal; a longer line would wrap and could not be rewritten.
static size_t terminal_columns(void) {
  struct winsize window = {0};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1) return window.ws_col;
  return 80;
}

// Cuts text to `columns` characters (UTF-8 continuation bytes take no column).
static void cut_to_columns(char* text, size_t columns) {
  size_t seen = 0;
  for (; *text; text++) {
    if (((unsigned char)*text & 0xC0u) != 0x80u && seen++ == columns) break;
  }
  *text = '\0';
}

void lb_log_progress(double every_seconds, const char* format, ...) {
  if (state.quiet) return;
  bool live = lb_log_is_live();
  double now = lb_wall_seconds();
  if (!live && state.printed && now - state.printed_at < every_seconds) return;
  char line[1024];
  lb_text shown = {0};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  lb_text_show_line(&shown, line, strlen(line));
  if (live) {
    cut_to_columns(shown.data, terminal_columns() - 1);
    fprintf(stderr, "\r\033[K%s", shown.data);
    fflush(stderr);
    state.line_open = true;
  } else {
    fprintf(stderr, "%s\n", shown.data);
    state.printed = true;
    state.printed_at = now;
  }
  lb_text_free(&shown);
}

void lb_log_progress_done(void) {
  if (state.line_open) fputc('\n', stderr);
  state.line_open = false;
  state.printed = false;
}

// The beginning of a character whose rest comes with the next write.
typedef struct shown_output {
  int descriptor;
  size_t n;
  char held[4];
} shown_output;

// Writes to the file descriptor, control characters shown.
static ssize_t write_shown(void* cookie, const char* bytes, size_t n) {
  shown_output* out = cookie;
  lb_text whole_text = {0}, shown = {0};
  lb_text_add_bytes(&whole_text, out->held, out->n);
  lb_text_add_bytes(&whole_text, bytes, n);
  out->n = lb_text_cut_off(whole_text.data, whole_text.length);
  size_t ready = whole_text.length - out->n;
  memcpy(out->held, whole_text.data + ready, out->n);
  lb_text_show(&shown, whole_text.data, ready);
  lb_text_free(&whole_text);
  size_t done = 0;
  while (done < shown.length) {
    ssize_t wrote = write(out->descriptor, shown.data + done, shown.length - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += (size_t)wrote;
  }
  bool whole = done == shown.length;
  lb_text_free(&shown);
  return whole ? (ssize_t)n : 0;
}

void lb_log_shown_output(void) {
  static shown_output out = {.descriptor = STDOUT_FILENO};
  FILE* shown = fopencookie(&out, "w", (cookie_io_functions_t){.write = write_shown});
  if (!shown) return;
  setvbuf(shown, NULL, isatty(out.descriptor) ? _IOLBF : _IOFBF, BUFSIZ);
  fflush(stdout);
  stdout = shown;
}

void lb_format_duration(double seconds, char* out, int size) {
  size_t room = (size_t)size;
  if (!isfinite(seconds) || seconds < 0 || seconds > 1e9) {
    snprintf(out, room, "unknown");
    return;
  }
  long whole = lround(seconds);
  if (whole < 60) {
    snprintf(out, room, "%ld s", whole);
  } else if (whole < 3600) {
    snprintf(out, room, "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    snprintf(out, room, "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
  }
}
