// One process at a time in a folder: see file.h. flock belongs to the open file, so it ends with the process however
// that dies, and two opens within one process exclude each other too.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "io/file.h"
#include "io/file_failure.h"

// The pid in the lock's file; 0: none.
static long read_pid(int fd) {
  char text[32] = "";
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  return n > 0 ? strtol(text, NULL, 10) : 0;
}

static lb_status held_by_another(int fd, const char* folder) {
  long pid = read_pid(fd);
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
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    int error = errno;
    lb_status status = error == EWOULDBLOCK ? held_by_another(fd, folder) : lb_file_failure("lock", folder, error);
    close(fd);
    return status;
  }
  // The pid is only for the message above, so a full disk is no reason to stop here.
  char text[32];
  int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
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

long lb_lock_holder(const char* folder) {
  char path[LB_PATH_SIZE];
  if (strlen(folder) + 8 > sizeof path) return 0;
  lb_path_join(path, sizeof path, folder, ".lock");
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  long pid = read_pid(fd);
  close(fd);
  return pid > 0 ? pid : 0;
}
