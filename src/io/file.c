// Files that survive a crash: see file.h.
#include "io/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_failure.h"

lb_status lb_file_failure(const char* verb, const char* path, int error) {
  const char* mend = "";
  if (error == LB_NOT_A_FILE || error == ENXIO) {
    return lb_fail(LB_INPUT, "%s: is a pipe or the like, expected a file", path);
  }
  if (error == EMFILE || error == ENFILE) mend = "; too many files are open: raise the limit (ulimit -n)";
  if (error == ENOSPC || error == EDQUOT) mend = "; free some and run the same command again: it resumes";
  if (error == EROFS || error == EACCES || error == EPERM) mend = "; make it writable or choose another place";
  return lb_fail(LB_IO, "%s: cannot %s: %s%s", path, verb, strerror(error), mend);
}

// Opens a regular file for reading. O_NONBLOCK: a pipe without a writer must not hold us up.
static lb_status open_for_reading(const char* path, int* fd, size_t* size) {
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return lb_fail(LB_INPUT, "%s: no such file", path);
    return lb_fail(LB_IO, "%s: cannot read: %s", path, strerror(errno));
  }
  struct stat info;
  bool known = fstat(*fd, &info) == 0;
  if (known && S_ISREG(info.st_mode)) {
    *size = (size_t)info.st_size;
    return lb_ok();
  }
  close(*fd);
  *fd = -1;
  bool folder = known && S_ISDIR(info.st_mode);
  return lb_fail(LB_INPUT, "%s: is %s, expected a file", path, folder ? "a folder" : "not a regular file");
}

lb_status lb_file_read(const char* path, char** out, size_t* n) {
  return lb_file_read_tail(path, SIZE_MAX, out, n);
}

size_t lb_file_length(const char* path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
}

lb_status lb_file_read_tail(const char* path, size_t most, char** out, size_t* n) {
  int fd;
  size_t size = 0, used = 0;
  *out = NULL;
  LB_TRY(open_for_reading(path, &fd, &size));
  if (size > most && lseek(fd, (off_t)(size - most), SEEK_SET) >= 0) size = most;
  size_t capacity = size + 2;  // room for the NUL, and to see that the file ends where it should
  char* bytes = malloc(capacity);
  lb_status status = lb_ok();
  while (bytes) {
    if (used + 1 == capacity) {
      char* larger = realloc(bytes, 2 * capacity);
      if (!larger) free(bytes);
      bytes = larger;
      capacity *= 2;
      continue;
    }
    ssize_t got = read(fd, bytes + used, capacity - used - 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = lb_fail(LB_IO, "%s: cannot read: %s", path, strerror(errno));
    if (got <= 0) break;
    used += (size_t)got;
  }
  close(fd);
  if (!bytes) return lb_fail(LB_MEMORY, "%s: out of memory for a file of %zu bytes", path, size);
  if (status.code != LB_OK) {
    free(bytes);
    return status;
  }
  bytes[used] = '\0';
  *out = bytes;
  *n = used;
  return lb_ok();
}

// Writes all bytes, in one call where the system lets us. Returns 0 or the errno.
static int write_all(int fd, const char* bytes, size_t n) {
  while (n > 0) {
    ssize_t wrote = write(fd, bytes, n);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno;
    if (wrote == 0) return ENOSPC;
    bytes += wrote;
    n -= (size_t)wrote;
  }
  return 0;
}

// Waits until the data are on the disk. Devices and some file systems cannot say (EINVAL), which is no failure.
static int sync_data(int fd) {
  if (fdatasync(fd) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
  return errno;
}

// Opens what is written in place: a file or a device. O_NONBLOCK: a pipe must not hold us up, whoever reads it.
static int open_in_place(const char* path, int flags, struct stat* info) {
  int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd < 0) return -1;
  int error = fstat(fd, info) != 0 ? errno : S_ISREG(info->st_mode) || S_ISCHR(info->st_mode) ? 0 : LB_NOT_A_FILE;
  if (!error) return fd;
  close(fd);
  errno = error;
  return -1;
}

// The folder part of a path ("." when there is none), in `out`.
static void folder_of(const char* path, char* out, size_t size) {
  const char* slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash - path) : 1;
  if (slash == path) n = 1;
  assert(n < size);
  memcpy(out, slash ? path : ".", n);
  out[n] = '\0';
}

void lb_file_sync_folder(const char* folder) {
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

// Why nothing may be put in the place of what is there, as an errno: a device or a pipe would be gone for good. 0: it
// may.
static int irreplaceable(const char* path) {
  struct stat info;
  if (stat(path, &info) != 0 || S_ISREG(info.st_mode)) return 0;
  return S_ISDIR(info.st_mode) ? EISDIR : LB_NOT_A_FILE;
}

void lb_file_begin(lb_file_writer* w, const char* path) {
  char temporary[LB_PATH_SIZE];
  *w = (lb_file_writer){.path = strdup(path), .fd = -1, .error = irreplaceable(path)};
  if (w->error) return;
  if (strlen(path) + 40 > sizeof temporary) {
    w->error = ENAMETOOLONG;
    return;
  }
  const char* slash = strrchr(path, '/');
  int prefix = slash ? (int)(slash + 1 - path) : 0;
  snprintf(temporary, sizeof temporary, "%.*s.%s" LB_TEMPORARY_MARK "%ld", prefix, path, path + prefix, (long)getpid());
  w->temporary = strdup(temporary);
  if (!w->path || !w->temporary) {
    w->error = ENOMEM;
    return;
  }
  unlink(temporary);
  w->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (w->fd < 0) w->error = errno;
}

void lb_file_put(lb_file_writer* w, const void* bytes, size_t n) {
  if (!w->error) w->error = write_all(w->fd, bytes, n);
}

// The writer holds nothing any more.
static void forget(lb_file_writer* w) {
  free(w->path);
  free(w->temporary);
  *w = (lb_file_writer){.fd = -1};
}

// Removes what was begun. A temporary file that was never opened is not ours to remove.
static void give_up(const lb_file_writer* w, bool opened) {
  if (w->fd >= 0) close(w->fd);
  if (opened) unlink(w->temporary);
}

lb_status lb_file_commit(lb_file_writer* w) {
  bool opened = w->fd >= 0;
  if (!w->error) w->error = sync_data(w->fd);
  if (opened && close(w->fd) != 0 && !w->error) w->error = errno;
  w->fd = -1;
  if (!w->error && rename(w->temporary, w->path) != 0) w->error = errno;
  lb_status status = lb_ok();
  if (w->error) {
    give_up(w, opened);
    status = lb_file_failure("write", w->path ? w->path : "a file", w->error);
  } else {
    char folder[LB_PATH_SIZE];
    folder_of(w->path, folder, sizeof folder);
    lb_file_sync_folder(folder);
  }
  forget(w);
  return status;
}

void lb_file_abandon(lb_file_writer* w) {
  give_up(w, w->fd >= 0);
  forget(w);
}

lb_status lb_file_replace(const char* path, const void* bytes, size_t n) {
  lb_file_writer w;
  lb_file_begin(&w, path);
  lb_file_put(&w, bytes, n);
  return lb_file_commit(&w);
}

lb_status lb_file_append(const char* path, const void* bytes, size_t n) {
  struct stat info;
  int fd = open_in_place(path, O_WRONLY | O_APPEND | O_CREAT, &info);
  if (fd < 0) return lb_file_failure("append", path, errno);
  int error = write_all(fd, bytes, n);
  // Best effort: when this fails too, the first failure is the one to tell.
  if (error && S_ISREG(info.st_mode) && ftruncate(fd, info.st_size) != 0) errno = 0;
  if (close(fd) != 0 && !error) error = errno;
  return error ? lb_file_failure("append", path, error) : lb_ok();
}

lb_status lb_file_sync(const char* path) {
  struct stat info;
  int fd = open_in_place(path, O_WRONLY, &info);
  if (fd < 0) return errno == ENOENT ? lb_ok() : lb_file_failure("write", path, errno);
  int error = sync_data(fd);
  if (close(fd) != 0 && !error) error = errno;
  return error ? lb_file_failure("write", path, error) : lb_ok();
}

lb_status lb_file_truncate(const char* path, size_t n) {
  struct stat info;
  int fd = open_in_place(path, O_WRONLY, &info);
  size_t length = 0;
  int error = 0;
  if (fd < 0) {
    if (errno != ENOENT) return lb_file_failure("cut", path, errno);
  } else {
    length = (size_t)info.st_size;
    if (length > n && ftruncate(fd, (off_t)n) != 0) error = errno;
    if (!error && length > n) error = sync_data(fd);
    close(fd);
  }
  if (error) return lb_file_failure("cut", path, error);
  if (length < n) return lb_fail(LB_INPUT, "%s: has %zu bytes, expected at least %zu: it was altered", path, length, n);
  return lb_ok();
}

bool lb_file_exists(const char* path) {
  return access(path, F_OK) == 0;
}

bool lb_file_is_named(const char* path) {
  struct stat info;
  return lstat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

void lb_path_join(char* out, size_t size, const char* a, const char* b) {
  size_t n = strlen(a);
  const char* slash = n == 0 || a[n - 1] == '/' ? "" : "/";
  int length = snprintf(out, size, "%s%s%s", a, slash, b);
  assert(length >= 0 && (size_t)length < size);
  (void)length;
}
