// One process at a time in a folder: see file.h. Two things say who that is. flock belongs to the open file, so it ends
// with the process however that dies, and two opens within one process exclude each other too; but on a file system
// that machines share it may hold on each of them alone, or not exist. There the heartbeat decides (io/heartbeat.h).
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
#include "io/heartbeat.h"

enum { TRIES = 30 };

// The pid in the lock's file; 0: none.
static long read_holder(int fd) {
  char text[32] = "";
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  long pid = n > 0 ? strtol(text, NULL, 10) : 0;
  return pid > 0 ? pid : 0;
}

// Whether an error of flock says that the file system has none, not that another process holds the file.
static bool has_no_flock(int error) {
  return error == ENOLCK || error == ENOSYS || error == EOPNOTSUPP || error == EINVAL;
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

// Whether the folder is another machine's, by its sign of life. What flock says of that one may come too late: a server
// may keep the lock of a machine that has died.
static bool is_elsewhere(const char* folder, lb_holder* holder) {
  return lb_heartbeat_look(holder, folder) && !holder->here;
}

// The failure that names the process which holds the folder, where its lock file says so.
static lb_status held_by_another(int fd, const char* folder) {
  long pid = read_holder(fd);
  if (pid <= 0) return lb_fail(LB_IO, "%s: is in use by another process; wait for it or choose another folder", folder);
  return lb_fail(LB_IO, "%s: is in use by process %ld; wait for it, stop it, or choose another folder", folder, pid);
}

lb_status lb_lock_take(lb_lock* lock, const char* folder) {
  char path[LB_PATH_SIZE], text[32];
  lb_holder holder;
  *lock = (lb_lock){.fd = -1};
  if (strlen(folder) + 8 > sizeof path) return lb_file_failure("lock", folder, ENAMETOOLONG);
  lb_path_join(path, sizeof path, folder, ".lock");
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return lb_file_failure("lock", folder, errno);
  bool alone = take(fd);
  int error = alone ? 0 : errno;
  if (!alone && !has_no_flock(error) && !(error == EWOULDBLOCK && is_elsewhere(folder, &holder))) {
    lb_status status = error == EWOULDBLOCK ? held_by_another(fd, folder) : lb_file_failure("lock", folder, error);
    close(fd);
    return status;
  }
  lb_status status = lb_heartbeat_take(&lock->heartbeat, folder, alone);
  if (status.code != LB_OK) {
    close(fd);
    return status;
  }
  // Who it is, is only for messages, so a full disk is no reason to stop here either.
  int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) errno = 0;
  lock->fd = fd;
  return lb_ok();
}

void lb_lock_release(lb_lock* lock) {
  if (lock->fd < 0) return;
  if (lock->heartbeat) lb_heartbeat_release(lock->heartbeat);
  if (ftruncate(lock->fd, 0) != 0) errno = 0;
  close(lock->fd);
  *lock = (lb_lock){.fd = -1};
}

lb_status lb_lock_check(const lb_lock* lock, const char* folder) {
  return lock->heartbeat ? lb_heartbeat_check(lock->heartbeat, folder) : lb_ok();
}

bool lb_lock_is_held(const char* folder) {
  char path[LB_PATH_SIZE];
  lb_holder holder;
  if (strlen(folder) + 8 > sizeof path) return false;
  lb_path_join(path, sizeof path, folder, ".lock");
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  bool busy = flock(fd, LOCK_SH | LOCK_NB) != 0, unknown = busy && has_no_flock(errno);
  close(fd);
  if (busy && !unknown && !is_elsewhere(folder, &holder)) return true;
  return lb_heartbeat_look(&holder, folder) && (unknown || !holder.here) && holder.age <= lb_heartbeat_patience();
}
