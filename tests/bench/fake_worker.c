// A worker that behaves as its first word says; the second names a file, the third goes into it. For test_runner.c.
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t told;

static void listen_to(int number) {
  told = number;
}

static void append(const char* path, const char* text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) exit(99);
  close(fd);
}

static void say_progress(int iteration) {
  printf("progress %d 4 %d.5 0.25%s\n", iteration, 50 + iteration, iteration > 0 ? " size of the data" : "");
  fflush(stdout);
}

static int finish(void) {
  for (int i = 0; i <= 4; i++) say_progress(i);
  return 0;
}

static int crash(void) {
  fputs("first words\nlast words\n", stderr);
  kill(getpid(), SIGKILL);
  return 99;
}

static int crash_once(const char* path) {
  if (access(path, F_OK) == 0) return finish();
  append(path, "crashed");
  return crash();
}

// Saves what it has when it is told to stop.
static int stop_politely(const char* path) {
  signal(SIGTERM, listen_to);
  append(path, "s");
  say_progress(1);
  while (!told) usleep(1000);
  append(path, "saved");
  return 130;
}

// Is suspended until it is told to stop, and then saves.
static int sleep_until_told(const char* path) {
  signal(SIGTERM, listen_to);
  append(path, "s");
  while (!told) kill(getpid(), SIGSTOP);
  append(path, "saved");
  return 130;
}

// Is suspended for four seconds.
static int suspend(void) {
  pid_t self = getpid();
  say_progress(1);
  if (fork() == 0) {
    sleep(4);
    kill(self, SIGCONT);
    _exit(0);
  }
  kill(self, SIGSTOP);
  return finish();
}

// Three seconds of work, a word every tenth.
static int work_slowly(const char* path) {
  char pid[32];
  snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
  append(path, pid);
  for (int i = 0; i < 30; i++) {
    say_progress(1);
    usleep(100000);
  }
  return finish();
}

static _Noreturn void hang(const char* path) {
  signal(SIGTERM, SIG_IGN);
  char pid[32];
  snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
  append(path, pid);
  for (;;) pause();
}

// Floods both pipes, without a line end, and much beyond what they hold.
static int flood(void) {
  for (int i = 0; i < 3000; i++) {
    printf("%s", "a long word without any end of line, again and again and again and again and again and again ");
    fprintf(stderr, "%s", "noise noise noise noise noise noise noise noise noise noise noise noise noise noise noise ");
  }
  putchar('\n');
  fprintf(stderr, "\nthe end\n");
  finish();
  return 1;
}

// Nothing to read, no signal blocked.
static bool is_environment_clean(void) {
  sigset_t mask;
  char byte;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  return read(STDIN_FILENO, &byte, 1) == 0 && !sigismember(&mask, SIGINT) && !sigismember(&mask, SIGTERM) &&
         !sigismember(&mask, SIGCHLD);
}

int main(int argc, char** argv) {
  if (argc < 3) return 99;
  const char *mode = argv[1], *path = argv[2];
  if (argc > 3) append(path, argv[3]);
  if (strcmp(mode, "finish") == 0) return finish();
  if (strcmp(mode, "crash") == 0) return crash();
  if (strcmp(mode, "crash-once") == 0) return crash_once(path);
  if (strcmp(mode, "polite") == 0) return stop_politely(path);
  if (strcmp(mode, "asleep") == 0) return sleep_until_told(path);
  if (strcmp(mode, "suspend") == 0) return suspend();
  if (strcmp(mode, "slow") == 0) return work_slowly(path);
  if (strcmp(mode, "hang") == 0) hang(path);
  if (strcmp(mode, "flood") == 0) return flood();
  if (strcmp(mode, "diverge") == 0) {
    puts("diverged the state left the finite numbers in iteration 3");
    return 1;
  }
  if (strcmp(mode, "disk") == 0) {
    fputs("bench run: metrics.jsonl: no space left\n", stderr);
    return 1;
  }
  if (strcmp(mode, "odd") == 0) return 77;
  if (strcmp(mode, "environment") == 0) return is_environment_clean() ? 0 : 2;
  return 99;
}
