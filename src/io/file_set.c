// Files that are replaced as one: see file_set.h.
#include "io/file_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/file.h"
#include "io/file_failure.h"

static const char next_mark[] = ".next-";
static const char ready_mark[] = ".ready";
static const char drop_mark[] = ".drop-";

typedef char set_path[1400];

enum { NO_LOCKS = -1, BUSY = -2 };

// Opens a folder and waits for its lock (LOCK_EX, LOCK_SH; with LOCK_NB: takes it now, or says BUSY). NO_LOCKS: there
// is no such folder, or its file system has no locks.
static int lock_folder(const char* path, int operation) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  int failed;
  do {
    failed = flock(fd, operation);
  } while (failed && errno == EINTR);
  if (!failed) return fd;
  int result = errno == EWOULDBLOCK ? BUSY : NO_LOCKS;
  close(fd);
  return result;
}

// The same for LOCK_EX, within a few seconds: a reader of another set of this folder may be this very process.
static int lock_folder_soon(const char* path) {
  enum { TRIES = 300 };
  int fd = BUSY;
  for (int i = 0; i < TRIES && fd == BUSY; i++) {
    if (i > 0) usleep(10000);
    fd = lock_folder(path, LOCK_EX | LOCK_NB);
  }
  return fd;
}

static bool join(set_path out, const char* a, const char* b) {
  return snprintf(out, sizeof(set_path), "%s/%s", a, b) < (int)sizeof(set_path);
}

static void ready_path(set_path out, const char* folder, const char* name) {
  snprintf(out, sizeof(set_path), "%.1000s/.%.100s%s", folder, name, ready_mark);
}

// Moves one entry of `from` to `to`; a drop mark removes the file that it names instead. Returns 0 or the errno.
static int move_entry(const char* from, const char* to, const char* name) {
  set_path source, target;
  bool drops = strncmp(name, drop_mark, strlen(drop_mark)) == 0;
  if (!join(source, from, name) || !join(target, to, drops ? name + strlen(drop_mark) : name)) return ENAMETOOLONG;
  if (!drops) return rename(source, target) == 0 ? 0 : errno;
  if (unlink(target) != 0 && errno != ENOENT) return errno;
  return unlink(source) == 0 ? 0 : errno;
}

static bool is_dots(const char* name) {
  return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

// Moves what is in a folder, and in the folders in it, and removes it. Whatever was moved before is not there any more,
// so that this can be repeated. Returns 0 or the errno.
static int move_all(const char* from, const char* to, int depth) {
  DIR* folder = opendir(from);
  int error = folder ? 0 : errno;
  for (struct dirent* entry; !error && (entry = readdir(folder));) {
    set_path source, target;
    struct stat info;
    if (is_dots(entry->d_name)) continue;
    if (!join(source, from, entry->d_name) || !join(target, to, entry->d_name)) {
      error = ENAMETOOLONG;
    } else if (lstat(source, &info) == 0 && S_ISDIR(info.st_mode) && depth > 0) {
      if (mkdir(target, 0777) != 0 && errno != EEXIST) error = errno;
      if (!error) error = move_all(source, target, depth - 1);
    } else {
      error = move_entry(from, to, entry->d_name);
    }
  }
  if (folder) closedir(folder);
  if (error) return error;
  lb_file_sync_folder(to);
  if (rmdir(from) == 0) return 0;
  // A listing may pass over names while others are taken away.
  return errno == ENOTEMPTY || errno == EEXIST ? move_all(from, to, depth) : errno;
}

// Moves the files of a set that is ready, if there is one. The caller holds the folder for itself.
static lb_status finish(const char* folder, const char* name) {
  set_path ready;
  ready_path(ready, folder, name);
  if (!lb_folder_exists(ready)) return lb_ok();
  int error = move_all(ready, folder, 1);
  return error ? lb_file_failure("move its files to their place", ready, error) : lb_ok();
}

// Whether the number at the end of a name is that of a process that is no more.
static bool is_of_the_dead(const char* number) {
  long pid = strtol(number, NULL, 10);
  return pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

// Whether `entry` is a temporary file of the set that a process, now dead, wrote beside it.
static bool is_dead_temporary(const char* entry, const char* name) {
  size_t n = strlen(name);
  const char* mark = strstr(entry, LB_TEMPORARY_MARK);
  if (entry[0] != '.' || strncmp(entry + 1, name, n) != 0 || entry[1 + n] != '.' || !mark) return false;
  return is_of_the_dead(mark + strlen(LB_TEMPORARY_MARK));
}

// Whether nothing was put into a folder for a minute.
static bool is_old(const char* path) {
  enum { MINUTE = 60 };
  struct stat info;
  return stat(path, &info) == 0 && time(NULL) - info.st_mtim.tv_sec > MINUTE;
}

// Removes a staging folder whose writer is dead: it holds the folder while it lives, on whatever machine. Between
// making the folder and holding it pass milliseconds, for which its number tells, unless that was given to another
// process.
static void remove_dead_staging(const char* path, const char* number) {
  if (!is_of_the_dead(number) && !is_old(path)) return;
  int hold = lock_folder(path, LOCK_EX | LOCK_NB);
  if (hold < 0) return;
  lb_status removed = lb_folder_remove(path);
  (void)removed;
  close(hold);
}

// What a killed process left of a set: what it had not finished is removed, what was ready is moved.
static void settle(const char* folder, const char* name) {
  char next[160];
  snprintf(next, sizeof next, ".%.100s%s", name, next_mark);
  bool ready = false;
  DIR* entries = opendir(folder);
  if (!entries) return;
  for (struct dirent* entry; (entry = readdir(entries));) {
    set_path path, own;
    if (!join(path, folder, entry->d_name)) continue;
    ready_path(own, folder, name);
    ready = ready || strcmp(path, own) == 0;
    if (is_dead_temporary(entry->d_name, name)) unlink(path);
    if (strncmp(entry->d_name, next, strlen(next)) == 0) remove_dead_staging(path, entry->d_name + strlen(next));
  }
  closedir(entries);
  if (!ready) return;
  int lock = lock_folder_soon(folder);
  if (lock == BUSY) return;
  lb_status moved = finish(folder, name);
  (void)moved;
  if (lock >= 0) close(lock);
}

lb_status lb_file_set_begin(lb_file_set* set, const char* folder, const char* name) {
  *set = (lb_file_set){.hold = -1};
  if (strlen(folder) >= sizeof set->folder || strlen(name) >= sizeof set->name) {
    return lb_file_failure("write", folder, ENAMETOOLONG);
  }
  snprintf(set->folder, sizeof set->folder, "%s", folder);
  snprintf(set->name, sizeof set->name, "%s", name);
  snprintf(set->staging, sizeof set->staging, "%s/.%s%s%ld", folder, name, next_mark, (long)getpid());
  LB_TRY(lb_folder_make(folder));
  settle(folder, name);
  LB_TRY(lb_folder_remove(set->staging));
  LB_TRY(lb_folder_make(set->staging));
  set->hold = lock_folder(set->staging, LOCK_EX | LOCK_NB);
  return lb_ok();
}

lb_status lb_file_set_drop(lb_file_set* set, const char* name) {
  set_path path;
  if (snprintf(path, sizeof path, "%s/%s%s", set->staging, drop_mark, name) >= (int)sizeof path) {
    return lb_file_failure("write", set->staging, ENAMETOOLONG);
  }
  return lb_file_replace(path, "", 0);
}

lb_status lb_file_set_commit(lb_file_set* set) {
  set_path ready;
  ready_path(ready, set->folder, set->name);
  lb_file_sync_folder(set->staging);
  int lock = lock_folder(set->folder, LOCK_EX);
  lb_status status = finish(set->folder, set->name);
  if (status.code == LB_OK && rename(set->staging, ready) != 0) {
    status = lb_file_failure("write", set->folder, errno);
  }
  if (status.code == LB_OK) {
    lb_file_sync_folder(set->folder);
    status = finish(set->folder, set->name);
  }
  if (lock >= 0) close(lock);
  if (status.code != LB_OK) {
    lb_file_set_abandon(set);
  } else if (set->hold >= 0) {
    close(set->hold);
    set->hold = -1;
  }
  return status;
}

void lb_file_set_abandon(lb_file_set* set) {
  lb_status removed = lb_folder_remove(set->staging);
  (void)removed;
  if (set->hold >= 0) close(set->hold);
  set->hold = -1;
}

lb_file_share lb_file_set_share(const char* folder, const char* name) {
  enum { TRIES = 8 };
  lb_file_share share = {.fd = -1};
  set_path ready;
  ready_path(ready, folder, name);
  for (int i = 0; i < TRIES; i++) {
    settle(folder, name);
    share.fd = lock_folder(folder, LOCK_SH);
    // Another writer may have been killed in between.
    if (!lb_folder_exists(ready) || i == TRIES - 1) break;
    lb_file_set_release(&share);
  }
  return share;
}

void lb_file_set_release(lb_file_share* share) {
  if (share->fd >= 0) close(share->fd);
  share->fd = -1;
}
