#include "phys/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "phys/guard.h"

// A sanitizer maps terabytes and never writes to most of them: there the resident memory alone can be limited.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SHADOW_MEMORY 1
#endif
#endif

enum { POLLS_PER_SECOND = 100, TRIAL_DONE = 93 };

typedef enum reason { RAN, TOO_MUCH_MEMORY, TOO_LONG, STALLED } reason;

lb_phys_limits lb_phys_default_limits(void) {
  return (lb_phys_limits){.bytes = (int64_t)4 << 30, .cpu_seconds = 60, .stall_seconds = 10};
}

// The two first numbers of /proc/PID/statm, in bytes: mapped and resident. Zeros when there is no such process.
static void memory_of(pid_t pid, int64_t* mapped, int64_t* resident) {
  char path[64];
  long pages[2] = {0, 0};
  snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
  FILE* file = fopen(path, "re");
  if (file) {
    if (fscanf(file, "%ld %ld", &pages[0], &pages[1]) != 2) pages[0] = pages[1] = 0;
    fclose(file);
  }
  *mapped = (int64_t)pages[0] * sysconf(_SC_PAGESIZE);
  *resident = (int64_t)pages[1] * sysconf(_SC_PAGESIZE);
}

// Whether a process sleeps, and the processor time that all its threads have used, in ticks.
static bool is_asleep(pid_t pid, unsigned long* ticks) {
  char path[64], state = '?';
  unsigned long user = 0, kernel = 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  FILE* file = fopen(path, "re");
  if (!file) return false;
  int got = fscanf(file, "%*d (%*[^)]) %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &user, &kernel);
  fclose(file);
  *ticks = user + kernel;
  return got == 3 && (state == 'S' || state == 'D');
}

// Never returns: the child's whole life.
static _Noreturn void live(void (*body)(void* arg, char* text), void* arg, int out, const lb_phys_limits* limits) {
  char text[LB_PHYS_MESSAGE] = "";
  int none = open("/dev/null", O_WRONLY | O_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
  if (none >= 0) dup2(none, STDERR_FILENO);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  setrlimit(RLIMIT_CPU, &(struct rlimit){(rlim_t)limits->cpu_seconds, (rlim_t)limits->cpu_seconds + 1});
#ifndef HAS_SHADOW_MEMORY
  int64_t mapped, resident;
  memory_of(getpid(), &mapped, &resident);
  rlim_t most = (rlim_t)(mapped + limits->bytes);
  if (mapped > 0) setrlimit(RLIMIT_AS, &(struct rlimit){most, most});
#endif
  body(arg, text);
  ssize_t wrote = write(out, text, strlen(text));
  _exit(wrote < 0 ? EXIT_FAILURE : TRIAL_DONE);
}

// Waits for the child's end, and ends it where it takes too much or stands still. Polls are counted, not seconds, so
// that a suspended machine is no standstill.
static reason watch(pid_t pid, int* exit_status, const lb_phys_limits* limits) {
  int64_t mapped, before, resident;
  unsigned long ticks = 0, used = 0;
  reason why = RAN;
  memory_of(getpid(), &mapped, &before);
  for (int poll = 0, still = 0;; poll++) {
    pid_t ended = waitpid(pid, exit_status, why == RAN ? WNOHANG : 0);
    if (ended == pid || (ended < 0 && errno != EINTR)) return why;
    long wait = poll < 40 ? 500000 : 1000000000 / POLLS_PER_SECOND;  // most models take some milliseconds
    nanosleep(&(struct timespec){0, wait}, NULL);
    memory_of(pid, &mapped, &resident);
    bool stands = is_asleep(pid, &ticks) && ticks == used;
    used = ticks;
    still = stands ? still + 1 : 0;
    if (resident > before + limits->bytes) why = TOO_MUCH_MEMORY;
    if (still > limits->stall_seconds * POLLS_PER_SECOND) why = STALLED;
    if (why != RAN) kill(pid, SIGKILL);
  }
}

// What the child has left in the pipe, as one NUL-terminated text.
static void read_all(int fd, char* text, size_t size) {
  size_t used = 0;
  for (;;) {
    ssize_t got = read(fd, text + used, size - 1 - used);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    used += (size_t)got;
  }
  text[used] = '\0';
}

// What came of the trial, in words: ran, too much memory, too long, stalled, crashed.
static lb_status tell(reason why, int exit_status, const char* text, const char* path, const lb_phys_limits* limits) {
  bool signalled = WIFSIGNALED(exit_status);
  if (why == RAN && signalled && WTERMSIG(exit_status) == SIGXCPU) why = TOO_LONG;
  switch (why) {
    case TOO_MUCH_MEMORY:
      return lb_fail(LB_INPUT, "%s: MuJoCo needs more than %g GiB to compile this model", path,
                     (double)limits->bytes / 0x1p30);
    case TOO_LONG:
      return lb_fail(LB_INPUT, "%s: MuJoCo did not compile this model within %d s", path, limits->cpu_seconds);
    case STALLED:
      return lb_fail(LB_INPUT, "%s: MuJoCo waits for ever while it reads this model: does it name a pipe?", path);
    case RAN:
      break;
  }
  if (signalled) {
    return lb_fail(LB_INPUT, "%s: MuJoCo crashes on this model (%s)", path, strsignal(WTERMSIG(exit_status)));
  }
  if (text[0]) return lb_fail(LB_INPUT, "%s: %s", path, text);
  if (WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == TRIAL_DONE) return lb_ok();
  return lb_fail(LB_INPUT, "%s: MuJoCo crashes on this model (exit status %d)", path, WEXITSTATUS(exit_status));
}

lb_status lb_phys_trial(void (*body)(void* arg, char* text), void* arg, const char* path, lb_phys_limits limits) {
  int ends[2], exit_status = 0;
  char text[LB_PHYS_MESSAGE];
  if (pipe2(ends, O_CLOEXEC) != 0) return lb_fail(LB_IO, "%s: cannot make a pipe: %s", path, strerror(errno));
  fflush(NULL);  // else what stdio holds back could come out twice
  pid_t pid = fork();
  if (pid < 0) {
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    return lb_fail(LB_IO, "%s: cannot start a process: %s", path, strerror(error));
  }
  if (pid == 0) live(body, arg, ends[1], &limits);
  close(ends[1]);
  reason why = watch(pid, &exit_status, &limits);
  read_all(ends[0], text, sizeof text);
  close(ends[0]);
  return tell(why, exit_status, text, path, &limits);
}
