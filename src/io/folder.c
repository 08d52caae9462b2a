// Folders: see file.h.
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/file.h"
#include "io/file_failure.h"

bool lb_folder_exists(const char* path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// Makes one folder; an existing one is fine. Returns 0 or the errno.
static int make_one(const char* path) {
  if (mkdir(path, 0777) == 0) return 0;
  int error = errno;
  struct stat info;
  if (stat(path, &info) != 0) return error;
  return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
}

lb_status lb_folder_make(const char* path) {
  char partial[LB_PATH_SIZE];
  size_t n = strlen(path);
  if (n == 0) return lb_fail(LB_INPUT, "the name of a folder is empty");
  if (n >= sizeof partial) return lb_file_failure("make the folder", path, ENAMETOOLONG);
  memcpy(partial, path, n + 1);
  for (size_t i = 1; i <= n; i++) {
    if (partial[i] != '/' && partial[i] != '\0') continue;
    partial[i] = '\0';
    int error = make_one(partial);
    if (error == ENOTDIR) return lb_fail(LB_INPUT, "%s: is a file, expected a folder", partial);
    if (error) return lb_file_failure("make the folder", partial, error);
    partial[i] = path[i];
  }
  return lb_ok();
}

// "1.5 GB", "123 MB" or "12.3 MB".
static void in_words(char out[32], double bytes) {
  bool large = bytes >= 1e9;
  snprintf(out, 32, large ? "%.1f GB" : bytes >= 1e8 ? "%.0f MB" : "%.3g MB", bytes / (large ? 1e9 : 1e6));
}

double lb_folder_bytes(const char* path) {
  DIR* folder = opendir(path);
  double sum = 0;
  if (!folder) return 0;
  for (struct dirent* entry; (entry = readdir(folder));) {
    char below[LB_PATH_SIZE];
    struct stat info;
    bool is_dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (is_dots || fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    sum += 512.0 * (double)info.st_blocks;
    if (!S_ISDIR(info.st_mode)) continue;
    if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < (int)sizeof below) sum += lb_folder_bytes(below);
  }
  closedir(folder);
  return sum;
}

lb_status lb_folder_check_room(const char* path, double bytes, const char* what, const char* mend) {
  char at[LB_PATH_SIZE], wanted[32], left[32];
  struct statvfs disk;
  if (strlen(path) >= sizeof at) return lb_file_failure("look at", path, ENAMETOOLONG);
  snprintf(at, sizeof at, "%s", path);
  // The nearest folder that is there.
  while (statvfs(at, &disk) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return lb_ok();
    char* end = strrchr(at, '/');
    bool top = !end || strcmp(at, "/") == 0;
    if (top && strcmp(at, ".") == 0) return lb_ok();
    if (top) {
      snprintf(at, sizeof at, ".");
    } else {
      end[end == at] = '\0';
    }
  }
  double there = (double)disk.f_bavail * (double)disk.f_frsize;
  if (disk.f_blocks == 0 || !(bytes > there)) return lb_ok();  // some file systems know no sizes
  in_words(wanted, bytes);
  in_words(left, there);
  return lb_fail(LB_INPUT, "%s: up to %s of disk are needed, and that of %.300s has %s left; %s", what, wanted, path,
                 left, mend);
}

lb_status lb_folder_temporary(char path[300], const char* what) {
  enum { LONGEST = 200 };
  const char* base = getenv("TMPDIR");
  if (base && strlen(base) > LONGEST) {
    return lb_fail(LB_INPUT, "TMPDIR: the path is %zu bytes long; at most %d are possible", strlen(base), LONGEST);
  }
  snprintf(path, 300, "%.200s/lb_%.60s_XXXXXX", base && *base ? base : "/tmp", what);
  if (!mkdtemp(path)) return lb_fail(LB_IO, "%s: no temporary folder can be made", path);
  return lb_ok();
}

// For nftw: removes a file or an empty folder.
static int remove_entry(const char* path, const struct stat* info, int type, struct FTW* at) {
  (void)info;
  (void)type;
  (void)at;
  return remove(path);
}

lb_status lb_folder_remove(const char* path) {
  struct stat info, root;
  if (path[0] == '\0') return lb_fail(LB_INPUT, "the name of a folder to remove is empty");
  if (lstat(path, &info) != 0) {
    return errno == ENOENT ? lb_ok() : lb_file_failure("remove", path, errno);
  }
  bool is_root = stat("/", &root) == 0 && root.st_dev == info.st_dev && root.st_ino == info.st_ino;
  if (is_root || !S_ISDIR(info.st_mode)) {
    const char* what = is_root ? "the root" : S_ISLNK(info.st_mode) ? "a link" : "not a folder";
    return lb_fail(LB_INPUT, "%s: will not be removed: it is %s", path, what);
  }
  if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0) return lb_file_failure("remove", path, errno);
  return lb_ok();
}

static int compare_names(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

// Appends a copy of name; false when memory is short.
static bool push_name(char*** names, int* n, const char* name) {
  char** larger = realloc(*names, (size_t)(*n + 1) * sizeof **names);
  if (!larger) return false;
  *names = larger;
  larger[*n] = strdup(name);
  if (!larger[*n]) return false;
  ++*n;
  return true;
}

lb_status lb_folder_list(const char* path, char*** names, int* n) {
  *names = NULL;
  *n = 0;
  DIR* folder = opendir(path);
  if (!folder) {
    if (errno == ENOENT) return lb_fail(LB_INPUT, "%s: no such folder", path);
    if (errno == ENOTDIR) return lb_fail(LB_INPUT, "%s: is a file, expected a folder", path);
    return lb_file_failure("list", path, errno);
  }
  bool ok = true;
  for (struct dirent* entry; ok && (entry = readdir(folder));) {
    if (entry->d_name[0] != '.') ok = push_name(names, n, entry->d_name);
  }
  closedir(folder);
  if (!ok) {
    lb_names_free(*names, *n);
    *names = NULL;
    *n = 0;
    return lb_fail(LB_MEMORY, "%s: out of memory", path);
  }
  if (*n > 0) qsort(*names, (size_t)*n, sizeof **names, compare_names);
  return lb_ok();
}

void lb_names_free(char** names, int n) {
  for (int i = 0; i < n; i++) free(names[i]);
  free(names);
}

void lb_folder_sweep(const char* path) {
  DIR* folder = opendir(path);
  if (!folder) return;
  for (struct dirent* entry; (entry = readdir(folder));) {
    const char* name = entry->d_name;
    if (name[0] == '.' && strstr(name, LB_TEMPORARY_MARK)) unlinkat(dirfd(folder), name, 0);
  }
  closedir(folder);
}
