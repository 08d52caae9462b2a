#include "shell.h"

#include <stdbool.h>
#include <string.h>

// In quotes that any shell of POSIX reads; a quote itself stands outside of them.
static void add_quoted(lb_text* out, const char* word) {
  lb_text_add(out, "'");
  for (const char* p = word; *p; p++) {
    if (*p == '\'') {
      lb_text_add(out, "'\\''");
    } else {
      lb_text_add_bytes(out, p, 1);
    }
  }
  lb_text_add(out, "'");
}

void lb_shell_add(lb_text* out, const char* word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=,./:+@%";
  size_t n = strlen(word);
  lb_text shown = {0};
  lb_text_show_line(&shown, word, n);
  bool can_be_shown = shown.length == n;
  lb_text_free(&shown);
  if (out->length > 0) lb_text_add(out, " ");
  if (n > 0 && strspn(word, plain) == n) {
    lb_text_add(out, "%s", word);
  } else if (can_be_shown) {
    add_quoted(out, word);
  } else {
    lb_text_add(out, "$'");
    for (size_t i = 0; i < n; i++) {
      unsigned char c = (unsigned char)word[i];
      bool safe = c >= ' ' && c < 0x7F && c != '\'' && c != '\\';
      lb_text_add(out, safe ? "%c" : "\\x%02x", c);
    }
    lb_text_add(out, "'");
  }
}
