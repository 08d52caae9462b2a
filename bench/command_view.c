// bench render, bench view: another program draws, bench-view beside this one, so that this one links no OpenGL.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

// Becomes bench-view, which lies beside this program, with the same words.
static int become_viewer(const char* command, int argc, char** argv) {
  char path[PATH_MAX + 16];
  ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
  if (n <= 0) return lb_command_end(command, lb_fail(LB_IO, "where this program lies cannot be told"));
  path[n] = '\0';
  memcpy(strrchr(path, '/') + 1, "bench-view", sizeof "bench-view");
  char** words = calloc((size_t)argc + 2, sizeof *words);
  if (!words) return lb_command_end(command, lb_fail(LB_MEMORY, "no memory for the command line"));
  words[0] = path;
  for (int i = 0; i < argc; i++) words[i + 1] = argv[i];
  fflush(stdout);
  execv(path, words);
  int error = errno;
  free(words);
  if (error != ENOENT) {
    return lb_command_end(command, lb_fail(LB_IO, "%s: cannot be started: %s", path, strerror(error)));
  }
  return lb_command_end(command,
                        lb_fail(LB_INPUT,
                                "this program was built without the viewer, which needs libegl-dev, libglfw3-dev and "
                                "libgl1-mesa-dri (Debian; tools/setup view): install them and build again; everything "
                                "else works without"));
}

int lb_command_render(int argc, char** argv) {
  return become_viewer("render", argc, argv);
}

int lb_command_view(int argc, char** argv) {
  return become_viewer("view", argc, argv);
}
