// What the commands share: see command.h.
#include "command.h"

#include <stdio.h>

#include "base/log.h"

int lb_command_end(const char* command, lb_status status) {
  if (status.code == LB_OK) return LB_EXIT_OK;
  lb_log_progress_done();
  fflush(stdout);
  fprintf(stderr, "bench %s: %s\n", command, status.text);
  return lb_exit_code(status);
}
