// Errors as values: see status.h.
#include "base/status.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

// Shortens text to at most `limit` bytes without splitting a UTF-8 character.
static void cut_at_character(char* text, size_t limit) {
  size_t end = strlen(text);
  if (end < limit) return;
  end = limit;
  while (end > 0 && ((unsigned char)text[end] & 0xC0u) == 0x80u) end--;
  text[end] = '\0';
}

// Takes the blanks and line ends at the end away.
static void trim(char* text) {
  size_t length = strlen(text);
  while (length > 0 && strchr(" \n\r\t", text[length - 1])) length--;
  text[length] = '\0';
}

// A status whose text is one printable line that fits, cut between two characters where it is too long.
static lb_status format_status(lb_code code, const char* format, va_list arguments) {
  lb_status status = {.code = code};
  char whole[sizeof status.text + 4];
  lb_text shown = {0};
  vsnprintf(whole, sizeof whole, format, arguments);
  cut_at_character(whole, sizeof status.text - 1);
  trim(whole);
  lb_text_show_line(&shown, whole, strlen(whole));
  cut_at_character(shown.data, sizeof status.text - 1);
  memcpy(status.text, shown.data, strlen(shown.data) + 1);
  lb_text_free(&shown);
  return status;
}

lb_status lb_ok(void) {
  return (lb_status){.code = LB_OK};
}

lb_status lb_fail(lb_code code, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lb_status status = format_status(code, format, arguments);
  va_end(arguments);
  return status;
}

lb_status lb_within(lb_status status, const char* format, ...) {
  if (status.code == LB_OK) return status;
  va_list arguments;
  va_start(arguments, format);
  lb_status prefix = format_status(status.code, format, arguments);
  va_end(arguments);
  return lb_fail(status.code, "%s: %s", prefix.text, status.text);
}

int lb_exit_code(lb_status status) {
  switch (status.code) {
    case LB_OK:
      return 0;
    case LB_INPUT:
      return 2;
    case LB_INTERRUPT:
      return 130;
    case LB_IO:
    case LB_MEMORY:
    case LB_DIVERGED:
      return 1;
  }
  return 1;
}
