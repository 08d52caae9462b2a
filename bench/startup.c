#include "startup.h"

#include <cblas.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// What a command needs, at most, is half of that. A soft limit below it is raised; a hard one ends the program before
// it runs into it: with a sentence, written by hand, since the C library has not begun yet.
__attribute__((no_sanitize("address", "undefined", "thread"))) static void have_stack(void) {
  enum { NEEDED = 256 << 10, BETTER = 8 << 20 };
  static const char too_little[] =
      "bench: the stack of this process is limited to less than 256 KiB: raise its limit (ulimit -s 8192)\n";
  struct {
    uint64_t soft, hard;
  } limit;
  if (syscall(SYS_prlimit64, 0, RLIMIT_STACK, NULL, &limit) != 0 || limit.soft >= NEEDED) return;
  limit.soft = limit.hard < BETTER ? limit.hard : BETTER;
  if (limit.soft >= NEEDED && syscall(SYS_prlimit64, 0, RLIMIT_STACK, &limit, NULL) == 0) return;
  syscall(SYS_write, STDERR_FILENO, too_little, sizeof too_little - 1);
  syscall(SYS_exit_group, 1);
}

// OpenBLAS starts a thread a core when it is loaded, each with 128 MB of address space, which it asks for again and
// again where there are none. A run is one thread: the number must be in the environment before the library is, so the
// program starts itself once more with it. A debugger or a profiler that should not see this sets the variable itself.
enum { MOST_VARIABLES = 4000 };
static const char one_thread[] = "OPENBLAS_NUM_THREADS=1";

__attribute__((no_sanitize("address", "undefined", "thread"))) static void begin(int argc, char** argv,
                                                                                 char** variables) {
  static char* changed[MOST_VARIABLES + 2];
  size_t name = sizeof "OPENBLAS_NUM_THREADS=" - 1;
  int n = 0;
  (void)argc;
  have_stack();
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
__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char**, char**) = begin;

// What is written to a stdout that was closed fails, as results that reach nobody should.
static void open_standard_files(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    int how = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", how);  // the lowest number that is free
  }
}

// OpenBLAS takes its memory at the first product of some size; where it gets none it tries for ever.
lb_status lb_startup_blas(void) {
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

void lb_startup(void) {
  prctl(PR_SET_NAME, "bench");  // started by way of /proc/self/exe, it would be called "exe"
  open_standard_files();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file beyond its limit (ulimit -f) is an error of the write, which is reported
}

bool lb_stdout_is_left(void) {
  struct pollfd out = {.fd = STDOUT_FILENO};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}
