// The pool of workers: see runner.h. One loop waits for signals (through a file descriptor, so that none is missed)
// and for what the workers say.
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { TICK_MS = 250, LINE = 512, TAIL = 4096, MOST_ATTEMPTS = 2 };

// A loop goes round every tick. Where one takes longer than this, the runner itself was suspended, and with it most
// likely its workers: no more than this counts as time that passed.
static const double longest_tick = 1;

// What a worker has said and not yet been read as a line, or the last that it said.
typedef struct pipe_text {
  int fd;
  size_t length;
  char bytes[TAIL];
} pipe_text;

typedef struct worker {
  pid_t pid;  // 0: the place is free
  lb_job* job;
  pipe_text out;  // lines of the protocol
  pipe_text err;  // the last bytes of standard error
  double silent;  // seconds of work since it last made progress
  bool suspended;
  bool hung;   // killed for its silence
  int status;  // how it ended
} worker;

typedef struct pool {
  const lb_runner_options* options;
  lb_job* jobs;
  int n;
  worker* workers;
  struct pollfd* polled;  // the signals, then two a worker
  int signals;
  bool stopping, killed;
  double now;      // when the time was looked at last
  double patient;  // seconds since the workers were told to stop
} pool;

// In the child: the worker's ears and mouth, then its program. Returns only when that cannot be started.
static void become_worker(const lb_job* job, const char* program, pid_t parent, int out, int err) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // A runner that is killed takes its workers along: nobody would read what they say, and their folders stay locked.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  int in = open("/dev/null", O_RDONLY);
  if (in < 0 || dup2(in, STDIN_FILENO) < 0) _exit(127);
  if (in > STDERR_FILENO) close(in);
  if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) _exit(127);
  if (!program) program = job->words[0];
  execv(program, (char* const*)job->words);
  dprintf(STDERR_FILENO, "%s: cannot be started: %s\n", program, strerror(errno));
}

// A pipe that children do not inherit, read without waiting.
static bool open_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return true;
}

// Closes both ends.
static void close_pipe(int ends[2]) {
  close(ends[0]);
  close(ends[1]);
}

// Starts a process that works on the job.
static lb_status start_worker(worker* w, lb_job* job, const char* program) {
  int out[2], err[2];
  if (!open_pipe(out)) return lb_fail(LB_IO, "no pipe for a worker: %s", strerror(errno));
  if (!open_pipe(err)) {
    close_pipe(out);
    return lb_fail(LB_IO, "no pipe for a worker: %s", strerror(errno));
  }
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) {
    become_worker(job, program, parent, out[1], err[1]);
    _exit(127);
  }
  if (pid < 0) {
    close_pipe(out);
    close_pipe(err);
    return lb_fail(LB_IO, "no process for a worker: %s", strerror(errno));
  }
  close(out[1]);
  close(err[1]);
  *w = (worker){.pid = pid, .job = job, .out = {.fd = out[0]}, .err = {.fd = err[0]}};
  job->state = LB_JOB_RUNNING;
  job->attempts += 1;
  job->started = lb_wall_seconds();
  job->seconds = job->reached = 0;
  job->started_iteration = 0;
  job->iterations = job->iteration = 0;
  return lb_ok();
}

static void copy_line(char* out, size_t size, const char* text) {
  snprintf(out, size, "%.*s", (int)strcspn(text, "\r\n"), text);
}

// The worker is at this iteration.
static void come_to(worker* w, int iteration, int iterations) {
  lb_job* job = w->job;
  if (job->iterations == 0) job->started_iteration = iteration > 0 ? iteration - 1 : 0;
  if (job->iterations == 0 || iteration != job->iteration) job->reached = job->seconds;
  job->iteration = iteration;
  job->iterations = iterations;
  w->silent = 0;
}

// Takes a worker's line: how far it is, its score, that it diverged.
static void read_line(worker* w, const char* line) {
  lb_job* job = w->job;
  int iteration, iterations;
  double cost, se;
  char unit[sizeof job->unit] = "";
  if (sscanf(line, "progress %d %d %lf %lf %31[^\n]", &iteration, &iterations, &cost, &se, unit) >= 4) {
    memcpy(job->unit, unit, sizeof unit);
    come_to(w, iteration, iterations);
    job->cost = cost;
    job->cost_se = se;
  } else if (sscanf(line, "beat %d %d", &iteration, &iterations) == 2) {
    come_to(w, iteration, iterations);
  } else if (strncmp(line, "diverged ", 9) == 0) {
    copy_line(job->reason, sizeof job->reason, line + 9);
    job->state = LB_JOB_DIVERGED;
  }
}

// Hands whole lines on, and keeps the rest; a line without end is cut.
static void take_lines(worker* w) {
  pipe_text* text = &w->out;
  size_t begin = 0;
  for (size_t i = 0; i < text->length; i++) {
    if (text->bytes[i] != '\n') continue;
    text->bytes[i] = '\0';
    read_line(w, text->bytes + begin);
    begin = i + 1;
  }
  if (begin == 0 && text->length > TAIL - LINE) begin = text->length;
  memmove(text->bytes, text->bytes + begin, text->length - begin);
  text->length -= begin;
}

// Reads what there is. Of standard error the newest bytes are kept.
static void drain(worker* w, pipe_text* text, bool is_protocol) {
  char bytes[LINE];
  while (text->fd >= 0) {
    ssize_t got = read(text->fd, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      close(text->fd);
      text->fd = -1;
      return;
    }
    size_t n = (size_t)got;
    if (text->length + n >= TAIL) {
      size_t drop = text->length + n - TAIL + 1;
      memmove(text->bytes, text->bytes + drop, text->length - drop);
      text->length -= drop;
    }
    memcpy(text->bytes + text->length, bytes, n);
    text->length += n;
    if (is_protocol) take_lines(w);
  }
}

// The line of standard error that says most: the last one that is not empty, without "bench run: " before it.
static void last_words(worker* w, char* out, size_t size) {
  char* text = w->err.bytes;
  text[w->err.length] = '\0';
  size_t end = w->err.length;
  while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == ' ')) text[--end] = '\0';
  char* line = strrchr(text, '\n');
  line = line ? line + 1 : text;
  const char* own = "bench run: ";
  if (strncmp(line, own, strlen(own)) == 0) line += strlen(own);
  copy_line(out, size, line);
}

// Why a worker died, for people.
static void describe_crash(worker* w, char* out, size_t size) {
  char words[300];
  last_words(w, words, sizeof words);
  if (w->hung) {
    snprintf(out, size, "its worker made no progress for %.0f s and was killed", w->silent);
  } else if (WIFSIGNALED(w->status)) {
    int number = WTERMSIG(w->status);
    snprintf(out, size, "its worker crashed (signal %d, %s)%s%s", number, strsignal(number), *words ? ": " : "", words);
  } else {
    snprintf(out, size, "its worker crashed (exit status %d)%s%s", WEXITSTATUS(w->status), *words ? ": " : "", words);
  }
}

// Whether it hung, or ended otherwise than by an exit status of ours.
static bool is_crash(const worker* w) {
  if (w->hung || !WIFEXITED(w->status)) return true;
  int code = WEXITSTATUS(w->status);
  return code != 0 && code != 1 && code != 2 && code != 130;
}

// The state of a job whose worker has ended; LB_JOB_WAITING means that it is to be tried again.
static lb_job_state judge(pool* p, worker* w) {
  lb_job* job = w->job;
  if (is_crash(w)) {
    describe_crash(w, job->reason, sizeof job->reason);
    if (p->stopping) return LB_JOB_STOPPED;
    job->crashed = true;
    return job->attempts < MOST_ATTEMPTS ? LB_JOB_WAITING : LB_JOB_FAILED;
  }
  int code = WEXITSTATUS(w->status);
  if (code == 0) return LB_JOB_FINISHED;
  if (code == 130 && p->stopping) return LB_JOB_STOPPED;
  if (code == 1 && job->state == LB_JOB_DIVERGED) return LB_JOB_DIVERGED;
  job->crashed = false;
  last_words(w, job->reason, sizeof job->reason);
  if (code == 130) snprintf(job->reason, sizeof job->reason, "its worker was told to stop from outside");
  if (!*job->reason) snprintf(job->reason, sizeof job->reason, "its worker gave no reason (exit status %d)", code);
  return LB_JOB_FAILED;
}

// Reads the rest, judges the job and tells of it.
static void end_worker(pool* p, worker* w) {
  lb_job* job = w->job;
  drain(w, &w->out, true);
  drain(w, &w->err, false);
  if (w->out.fd >= 0) close(w->out.fd);
  if (w->err.fd >= 0) close(w->err.fd);
  job->state = judge(p, w);
  w->pid = 0;
  if (job->state == LB_JOB_WAITING) {
    if (p->options->retried) p->options->retried(p->options->ctx, job);
  } else if (p->options->ended) {
    p->options->ended(p->options->ctx, job);
  }
}

// Takes up all workers that ended or were suspended.
static void reap(pool* p) {
  for (int i = 0; i < p->options->workers; i++) {
    worker* w = &p->workers[i];
    while (w->pid > 0 && waitpid(w->pid, &w->status, WNOHANG | WUNTRACED | WCONTINUED) == w->pid) {
      if (WIFSTOPPED(w->status) || WIFCONTINUED(w->status)) {
        w->suspended = WIFSTOPPED(w->status);
      } else {
        end_worker(p, w);
      }
    }
  }
}

// Sends a signal to all workers.
static void tell_workers(pool* p, int number) {
  for (int i = 0; i < p->options->workers; i++) {
    if (p->workers[i].pid > 0) kill(p->workers[i].pid, number);
  }
}

// A first request lets the workers save what they have; a second one, or the end of the grace time, does not.
static void stop_workers(pool* p) {
  if (!p->stopping) {
    p->stopping = true;
    tell_workers(p, SIGTERM);
    tell_workers(p, SIGCONT);  // one that is suspended hears nothing
  } else {
    p->killed = true;
    tell_workers(p, SIGKILL);
  }
}

// SIGINT and its like stop the workers; SIGCHLD only wakes.
static void take_signals(pool* p) {
  struct signalfd_siginfo info;
  while (read(p->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo != SIGCHLD) stop_workers(p);
  }
}

// Lets the time pass that has passed since the last look, for those who worked.
static void watch_clock(pool* p) {
  double now = lb_wall_seconds(), passed = fmin(now - p->now, longest_tick);
  p->now = now;
  if (p->stopping) p->patient += passed;
  if (p->stopping && !p->killed && p->patient > p->options->grace) stop_workers(p);
  for (int i = 0; i < p->options->workers; i++) {
    worker* w = &p->workers[i];
    if (w->pid == 0 || w->suspended) continue;
    w->silent += passed;
    w->job->seconds += passed;
    if (p->options->patience > 0 && !w->hung && w->silent > p->options->patience) {
      w->hung = true;
      kill(w->pid, SIGKILL);
    }
  }
}

// Waits for a signal or a word, at most one tick.
static void wait_for_news(pool* p) {
  int nworkers = p->options->workers;
  p->polled[0] = (struct pollfd){.fd = p->signals, .events = POLLIN};
  for (int i = 0; i < nworkers; i++) {
    const worker* w = &p->workers[i];
    p->polled[1 + 2 * i] = (struct pollfd){.fd = w->pid > 0 ? w->out.fd : -1, .events = POLLIN};
    p->polled[2 + 2 * i] = (struct pollfd){.fd = w->pid > 0 ? w->err.fd : -1, .events = POLLIN};
  }
  if (poll(p->polled, (nfds_t)(1 + 2 * nworkers), TICK_MS) < 0) return;
  for (int i = 0; i < nworkers; i++) {
    worker* w = &p->workers[i];
    if (p->polled[1 + 2 * i].revents) drain(w, &w->out, true);
    if (p->polled[2 + 2 * i].revents) drain(w, &w->err, false);
  }
  take_signals(p);
}

// How many workers run.
static int running(const pool* p) {
  int count = 0;
  for (int i = 0; i < p->options->workers; i++) count += p->workers[i].pid > 0;
  return count;
}

// The next job that waits; NULL: none.
static lb_job* next_job(pool* p) {
  for (int i = 0; i < p->n; i++) {
    if (p->jobs[i].state == LB_JOB_WAITING) return &p->jobs[i];
  }
  return NULL;
}

// Fills the free places. When no process can be had, that is a failure only if none is running either.
static lb_status start_workers(pool* p) {
  for (int i = 0; i < p->options->workers && !p->stopping; i++) {
    lb_job* job = p->workers[i].pid > 0 ? NULL : next_job(p);
    if (!job) continue;
    lb_status status = start_worker(&p->workers[i], job, p->options->program);
    if (status.code != LB_OK) return running(p) > 0 ? lb_ok() : status;
  }
  return lb_ok();
}

// Keeps the workers busy until no job is left, or a signal stops it.
static lb_status run_pool(pool* p) {
  double ticked = 0;
  p->now = lb_wall_seconds();
  for (;;) {
    LB_TRY(start_workers(p));
    if (running(p) == 0) break;
    wait_for_news(p);
    watch_clock(p);
    reap(p);
    double now = lb_wall_seconds();
    if (p->options->tick && now - ticked >= 1e-3 * TICK_MS) {
      ticked = now;
      p->options->tick(p->options->ctx);
    }
  }
  if (p->stopping && next_job(p)) return lb_fail(LB_INTERRUPT, "stopped on request");
  for (int i = 0; i < p->n; i++) {
    if (p->jobs[i].state == LB_JOB_STOPPED) return lb_fail(LB_INTERRUPT, "stopped on request");
  }
  return lb_ok();
}

// SIGCHLD and the requests to stop, but for those that this process was started to ignore (nohup, a shell's "&").
static void choose_signals(sigset_t* watched) {
  static const int requests[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  sigemptyset(watched);
  sigaddset(watched, SIGCHLD);
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    struct sigaction action;
    bool ignored = sigaction(requests[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN;
    if (!ignored) sigaddset(watched, requests[i]);
  }
}

lb_status lb_runner_run(const lb_runner_options* options, lb_job* jobs, int n) {
  sigset_t watched, before;
  choose_signals(&watched);
  pool p = {.options = options, .jobs = jobs, .n = n};
  p.workers = calloc((size_t)options->workers, sizeof *p.workers);
  p.polled = calloc((size_t)(1 + 2 * options->workers), sizeof *p.polled);
  lb_status status;
  if (!p.workers || !p.polled) {
    status = lb_fail(LB_MEMORY, "no memory for %d workers", options->workers);
  } else {
    sigprocmask(SIG_BLOCK, &watched, &before);
    p.signals = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
    status = p.signals < 0 ? lb_fail(LB_IO, "no signal descriptor: %s", strerror(errno)) : run_pool(&p);
    if (p.signals >= 0) close(p.signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
  }
  free(p.workers);
  free(p.polled);
  return status;
}
