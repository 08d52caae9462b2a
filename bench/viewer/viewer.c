// bench-view: see viewer.h.
#include "viewer.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "startup.h"

// Hands the words on to render or view.
int main(int argc, char** argv) {
  lb_startup();
  lb_log_shown_output();
  const char* name = argc > 1 ? argv[1] : "";
  lb_status status = lb_startup_blas();
  if (status.code != LB_OK) return lb_command_end(name, status);
  if (strcmp(name, "render") == 0) return lb_command_flushed(lb_command_render(argc - 1, argv + 1));
  if (strcmp(name, "view") == 0) return lb_command_flushed(lb_command_view(argc - 1, argv + 1));
  fprintf(stderr, "bench-view: the program behind `bench render` and `bench view`; call these\n");
  return LB_EXIT_INPUT;
}
