// What the commands share: see command.h.
#include "command.h"

#include <stdio.h>

#include "base/log.h"
#include "startup.h"

int lb_command_flushed(int exit_status) {
  if ((fflush(stdout) == 0 && !ferror(stdout)) || lb_stdout_is_left()) return exit_status;
  fprintf(stderr, "bench: the results could not be written to standard output\n");
  return exit_status == LB_EXIT_OK ? LB_EXIT_FAILED : exit_status;
}

int lb_command_end(const char* command, lb_status status) {
  if (status.code == LB_OK) return LB_EXIT_OK;
  fflush(stdout);
  lb_log_say("bench %s: %s", command, status.text);
  return lb_exit_code(status);
}
