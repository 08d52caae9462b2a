#include "phys/mujoco_log.h"

#include <mujoco/mujoco.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "phys/guard.h"

typedef struct guard {
  jmp_buf place;
  char text[LB_PHYS_MESSAGE];
  struct guard* outer;
} guard;

static _Thread_local guard* innermost;

static _Atomic(lb_phys_listener) listener_function;
static _Atomic(void*) listener_ctx;

// Warnings that lb_phys steps report as divergence.
static bool tells_of_divergence(const char* text) {
  return strstr(text, "Nan, Inf or huge value in ") != NULL;
}

// A warning goes to the listener, else to the log; those of a diverging simulation are told otherwise.
static void take_warning(const char* text) {
  lb_phys_listener listener = atomic_load(&listener_function);
  if (listener) {
    listener(atomic_load(&listener_ctx), text);
  } else if (!tells_of_divergence(text)) {
    lb_log_warning("MuJoCo: %s", text);
  }
}

// MuJoCo's message handler: an error jumps to the innermost guard, or ends the program where there is none.
static void take_message(const mjLogMessage* message) {
  char text[LB_PHYS_MESSAGE];
  if (message->level < mjLOG_WARNING) return;
  lb_phys_one_line(text, sizeof text, message->subject);
  if (message->level == mjLOG_WARNING) {
    take_warning(text);
    return;
  }
  if (innermost) {
    memcpy(innermost->text, text, sizeof text);
    longjmp(innermost->place, 1);
  }
  lb_log_say("error: MuJoCo: %s", text);
  exit(1);
}

void lb_phys_log_install(void) {
  mju_setLogHandler(take_message);
}

void lb_phys_log_listen(lb_phys_listener listener, void* ctx) {
  atomic_store(&listener_ctx, ctx);
  atomic_store(&listener_function, listener);
}

bool lb_phys_guard(void (*body)(void* arg), void* arg, char* error) {
  guard g = {.outer = innermost};
  innermost = &g;
  if (_setjmp(g.place) == 0) {
    body(arg);
    innermost = g.outer;
    return true;
  }
  if (error) memcpy(error, g.text, sizeof g.text);
  innermost = g.outer;
  return false;
}

void lb_phys_one_line(char* out, size_t size, const char* text) {
  static const char* const heads[] = {"XML Error: ", "Error: "};
  for (size_t i = 0; i < sizeof heads / sizeof heads[0]; ++i) {
    size_t n = strlen(heads[i]);
    if (strncmp(text, heads[i], n) == 0) text += n;
  }
  size_t length = 0;
  while (*text && length + 3 < size) {
    size_t gap = strspn(text, " \t\r\n");
    if (memchr(text, '\n', gap)) {
      text += gap;
      if (length == 0 || !*text) continue;
      if (!strchr(",:", out[length - 1])) out[length++] = ',';
      out[length++] = ' ';
    } else {
      out[length++] = *text++;
    }
  }
  out[length] = '\0';
}
