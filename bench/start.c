#include "start.h"

#include <cblas.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// OpenBLAS starts a thread a core when it is loaded, each with 128 MB of address space, which it asks for again and
// again where there are none. A run is one thread: the number must be in the environment before the library is, so the
// program starts itself once more with it. A debugger or a profiler that should not see this sets the variable itself.
enum { MOST_VARIABLES = 4000 };
static const char one_thread[] = "OPENBLAS_NUM_THREADS=1";

__attribute__((no_sanitize("address", "undefined", "thread"))) static void start_with_one_thread(int argc, char** argv,
                                                                                                 char** variables) {
  static char* changed[MOST_VARIABLES + 2];
  size_t name = sizeof "OPENBLAS_NUM_THREADS=" - 1;
  int n = 0;
  (void)argc;
  for (int i = 0; variables[i]; i++) {
    size_t k = 0;
    while (k < sizeof one_thread - 1 && variables[i][k] == one_thread[k]) k++;
    if (k == sizeof one_thread - 1 && variables[i][k] == '\0') return;
    if (k >= name) continue;  // another number
    if (n == MOST_VARIABLES) return;
    changed[n++] = variables[i];
  }
  changed[n++] = (char*)one_thread;
  changed[n] = NULL;
  syscall(SYS_execve, "/proc/self/exe", argv, changed);
}

// Runs before the constructors of the shared libraries.
__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char**,
                                                                                       char**) = start_with_one_thread;

static void open_standard_files(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", O_RDWR);  // the lowest number that is free
  }
}

// OpenBLAS takes its memory at the first product of some size; where it gets none it tries for ever.
lb_status lb_start_blas(void) {
  enum { MEGA = 1 << 20, WANTED = 160, SIZE = 64 };
  static double a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];
  size_t bytes = (size_t)WANTED * MEGA;
  void* room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) {
    return lb_fail(LB_MEMORY,
                   "OpenBLAS needs %d MB of address space, and this process gets no more: raise its limit (ulimit -v)",
                   WANTED);
  }
  munmap(room, bytes);
  // A run is a process on one core. With more threads sums would be split differently, and give other bits.
  openblas_set_num_threads(1);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIZE, SIZE, SIZE, 1, a, SIZE, b, SIZE, 0, c, SIZE);
  return lb_ok();
}

void lb_start(void) {
  prctl(PR_SET_NAME, "bench");  // started by way of /proc/self/exe, it would be called "exe"
  open_standard_files();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file beyond its limit (ulimit -f) is an error of the write, which is reported
}

bool lb_stdout_is_left(void) {
  struct pollfd out = {.fd = STDOUT_FILENO};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}
