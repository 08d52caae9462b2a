// One process at a time in a folder: see file.h. flock belongs to the open file, so it ends with the process however
// that dies, and two opens within one process exclude each other too.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "io/file.h"
#include "io/file_failure.h"

enum { HOST = 65, TRIES = 30 };

static void name_host(char host[HOST]) {
  if (gethostname(host, HOST) != 0) host[0] = '\0';
  host[HOST - 1] = '\0';
}

// The pid in the lock's file, "PID HOST"; 0: none. host may be NULL.
static long read_holder(int fd, char host[HOST]) {
  char text[32 + HOST] = "", *end = text;
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  long pid = n > 0 ? strtol(text, &end, 10) : 0;
  if (host) snprintf(host, HOST, "%.*s", (int)strcspn(end + (*end == ' '), "\n"), end + (*end == ' '));
  return pid > 0 ? pid : 0;
}

// Whoever asks whether a lock is held has it for an instant, so one refusal does not count.
static bool take(int fd) {
  for (int i = 0; i < TRIES; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    nanosleep(&(struct timespec){0, 5000000}, NULL);
  }
  errno = EWOULDBLOCK;
  return false;
}

static lb_status held_by_another(int fd, const char* folder) {
  long pid = read_holder(fd, NULL);
  if (pid <= 0) return lb_fail(LB_IO, "%s: is in use by another process; wait for it or choose another folder", folder);
  return lb_fail(LB_IO, "%s: is in use by process %ld; wait for it, stop it, or choose another folder", folder, pid);
}

lb_status lb_lock_take(lb_lock* lock, const char* folder) {
  char path[LB_PATH_SIZE];
  lock->fd = -1;
  if (strlen(folder) + 8 > sizeof path) return lb_file_failure("lock", folder, ENAMETOOLONG);
  lb_path_join(path, sizeof path, folder, ".lock");
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return lb_file_failure("lock", folder, errno);
  if (!take(fd)) {
    int error = errno;
    lb_status status = error == EWOULDBLOCK ? held_by_another(fd, folder) : lb_file_failure("lock", folder, error);
    close(fd);
    return status;
  }
  // Who it is, is only for messages and for machines that share the folder, so a full disk is no reason to stop here.
  char host[HOST], text[32 + HOST];
  name_host(host);
  int n = snprintf(text, sizeof text, "%ld %s\n", (long)getpid(), host);
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) errno = 0;
  lock->fd = fd;
  return lb_ok();
}

void lb_lock_release(lb_lock* lock) {
  if (lock->fd < 0) return;
  if (ftruncate(lock->fd, 0) != 0) errno = 0;
  close(lock->fd);
  lock->fd = -1;
}

lb_lock_state lb_lock_look(const char* folder) {
  char path[LB_PATH_SIZE], here[HOST], host[HOST];
  if (strlen(folder) + 8 > sizeof path) return LB_LOCK_FREE;
  lb_path_join(path, sizeof path, folder, ".lock");
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return LB_LOCK_FREE;
  lb_lock_state state = LB_LOCK_FREE;
  name_host(here);
  if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) state = LB_LOCK_HELD;
  } else if (read_holder(fd, host) > 0 && strcmp(host, here) != 0) {
    state = LB_LOCK_ELSEWHERE;
  }
  close(fd);
  return state;
}
