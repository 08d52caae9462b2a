// Messages: what reaches a file, what reaches a terminal, and what --quiet and NO_COLOR leave of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"

// While a capture runs, stderr is the given descriptor.
static int saved_stderr;

static void begin_capture(int fd) {
  fflush(stderr);
  saved_stderr = dup(STDERR_FILENO);
  assert_true(dup2(fd, STDERR_FILENO) >= 0);
}

static void end_capture(void) {
  fflush(stderr);
  dup2(saved_stderr, STDERR_FILENO);
  close(saved_stderr);
}

static void speak(void) {
  lb_log_warning("the %s", "first");
  lb_log_note("a note");
  lb_log_progress(1000, "step %d", 1);
  lb_log_progress(1000, "step %d", 2);
  lb_log_progress(0, "step %d", 3);
  lb_log_progress_done();
  lb_log_note("the end");
}

static void hear_from_pipe(char* out, size_t size) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  begin_capture(ends[1]);
  speak();
  end_capture();
  close(ends[1]);
  ssize_t n = read(ends[0], out, size - 1);
  out[n > 0 ? n : 0] = '\0';
  close(ends[0]);
}

static void a_file_gets_plain_lines(void** state) {
  (void)state;
  char heard[1000];
  setenv("TERM", "xterm", 1);
  hear_from_pipe(heard, sizeof heard);
  assert_string_equal(heard, "warning: the first\na note\nstep 1\nstep 3\nthe end\n");
}

static void quiet_leaves_warnings(void** state) {
  (void)state;
  char heard[1000];
  lb_log_quiet(true);
  hear_from_pipe(heard, sizeof heard);
  lb_log_quiet(false);
  assert_string_equal(heard, "warning: the first\n");
}

// What a terminal of `columns` receives, without its translation of "\n".
static void hear_from_terminal(int columns, char* out, size_t size) {
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) skip();
  assert_int_equal(grantpt(master), 0);
  assert_int_equal(unlockpt(master), 0);
  int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  assert_true(terminal >= 0);
  struct winsize window = {.ws_col = (unsigned short)columns, .ws_row = 25};
  ioctl(terminal, TIOCSWINSZ, &window);
  begin_capture(terminal);
  speak();
  end_capture();
  size_t n = 0;
  // The last words are known, so that we never wait for more than comes.
  while (n + 1 < size && !(n > 9 && memcmp(out + n - 9, "the end\r\n", 9) == 0)) {
    ssize_t got = read(master, out + n, 1);
    if (got <= 0) break;
    n += (size_t)got;
  }
  out[n] = '\0';
  close(terminal);
  close(master);
}

static void a_terminal_gets_one_line_that_changes(void** state) {
  (void)state;
  char heard[1000];
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  hear_from_terminal(80, heard, sizeof heard);
  assert_string_equal(heard,
                      "\033[33mwarning:\033[0m the first\r\na note\r\n"
                      "\r\033[Kstep 1\r\033[Kstep 2\r\033[Kstep 3\r\nthe end\r\n");
}

static void no_color_takes_the_colours_away(void** state) {
  (void)state;
  char heard[1000];
  setenv("NO_COLOR", "1", 1);
  hear_from_terminal(80, heard, sizeof heard);
  unsetenv("NO_COLOR");
  assert_non_null(strstr(heard, "warning: the first"));
  assert_null(strstr(heard, "\033[33m"));
}

static void a_narrow_terminal_gets_a_cut_line(void** state) {
  (void)state;
  char heard[1000];
  hear_from_terminal(5, heard, sizeof heard);
  assert_non_null(strstr(heard, "\033[Kstep\r"));
}

static void a_dumb_terminal_gets_plain_lines(void** state) {
  (void)state;
  char heard[1000];
  setenv("TERM", "dumb", 1);
  hear_from_terminal(80, heard, sizeof heard);
  setenv("TERM", "xterm", 1);
  assert_string_equal(heard, "warning: the first\r\na note\r\nstep 1\r\nstep 3\r\nthe end\r\n");
}

static void durations(void** state) {
  (void)state;
  const struct {
    double seconds;
    const char* text;
  } cases[] = {
      {0, "0 s"},           {42.4, "42 s"},           {59.6, "1 min 00 s"},
      {200, "3 min 20 s"},  {3599.4, "59 min 59 s"},  {3599.6, "1 h 00 min"},
      {7500, "2 h 05 min"}, {360000, "100 h 00 min"}, {-1, "unknown"},
      {NAN, "unknown"},     {INFINITY, "unknown"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[32];
    lb_format_duration(cases[i].seconds, text, sizeof text);
    assert_string_equal(text, cases[i].text);
  }
  char small[4];
  lb_format_duration(7500, small, sizeof small);
  assert_string_equal(small, "2 h");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_gets_plain_lines),
      cmocka_unit_test(quiet_leaves_warnings),
      cmocka_unit_test(a_terminal_gets_one_line_that_changes),
      cmocka_unit_test(no_color_takes_the_colours_away),
      cmocka_unit_test(a_narrow_terminal_gets_a_cut_line),
      cmocka_unit_test(a_dumb_terminal_gets_plain_lines),
      cmocka_unit_test(durations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
