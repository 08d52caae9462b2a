// What the commands share: see command.h.
#include "command.h"

#include <stdio.h>

#include "base/log.h"

int lb_command_end(const char* command, lb_status status) {
  if (status.code == LB_OK) return LB_EXIT_OK;
  fflush(stdout);
  lb_log_say("bench %s: %s", command, status.text);
  return lb_exit_code(status);
}
