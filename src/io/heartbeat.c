#include "io/heartbeat.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/file.h"
#include "io/file_failure.h"

struct lb_heartbeat {
  char path[LB_PATH_SIZE];  // of ".alive"
  char token[LB_HEARTBEAT_NAME];
  double touched;  // boot_seconds of the last sign of life
  bool lost;       // the file is another's, or gone
  lb_heartbeat* next;
};

// What this process holds, and the thread that says so. A child of fork() has neither.
static struct {
  pthread_mutex_t mutex;
  lb_heartbeat* first;
  pid_t pid;
} held = {.mutex = PTHREAD_MUTEX_INITIALIZER};

// Seconds that go on while the machine sleeps.
static double boot_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Sleeps so long, fractions included.
static void sleep_seconds(double seconds) {
  struct timespec t = {.tv_sec = (time_t)seconds, .tv_nsec = (long)(1e9 * (seconds - floor(seconds)))};
  nanosleep(&t, NULL);
}

double lb_heartbeat_patience(void) {
  enum { USUAL = 60 };
  const char* given = getenv("LAZYBENCH_PATIENCE");
  double seconds;
  return given && lb_text_number(given, &seconds) && seconds > 0 ? seconds : USUAL;
}

static double between_beats(void) {
  return lb_heartbeat_patience() / 6;
}

// One word of a file that has one, or "".
static void read_word(char out[LB_HEARTBEAT_NAME], const char* path) {
  out[0] = '\0';
  FILE* file = fopen(path, "re");
  if (!file) return;
  if (fscanf(file, "%64s", out) != 1) out[0] = '\0';
  fclose(file);
}

// The names of this machine: for people, and that of its kernel since it was started. $LAZYBENCH_HOST replaces both.
static void name_machine(char host[LB_HEARTBEAT_NAME], char machine[LB_HEARTBEAT_NAME]) {
  const char* given = getenv("LAZYBENCH_HOST");
  if (given && *given && !strpbrk(given, " \t\n")) {
    snprintf(host, LB_HEARTBEAT_NAME, "%s", given);
    snprintf(machine, LB_HEARTBEAT_NAME, "%s", given);
    return;
  }
  if (gethostname(host, LB_HEARTBEAT_NAME) != 0 || !*host || strpbrk(host, " \t\n")) {
    snprintf(host, LB_HEARTBEAT_NAME, "unknown");
  }
  host[LB_HEARTBEAT_NAME - 1] = '\0';
  read_word(machine, "/proc/sys/kernel/random/boot_id");
  if (!*machine) snprintf(machine, LB_HEARTBEAT_NAME, "%s", host);
}

// Another word for every holder, of this machine or another.
static void make_token(char token[LB_HEARTBEAT_NAME]) {
  static unsigned count;
  unsigned char bytes[8] = {0};
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    if (read(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes) bytes[0] = 0;
    close(fd);
  }
  int n = snprintf(token, LB_HEARTBEAT_NAME, "%lx%09lx%x", (unsigned long)t.tv_sec, (unsigned long)t.tv_nsec, count++);
  for (size_t i = 0; i < sizeof bytes; i++) n += snprintf(token + n, LB_HEARTBEAT_NAME - (size_t)n, "%02x", bytes[i]);
}

// Who the file names, and when it was touched. 0, or an error number: ENOENT where there is no such file. One that
// cannot be made sense of is nobody's: its token is "".
static int read_holder(lb_holder* out, struct timespec* touched, const char* path) {
  char text[4 * LB_HEARTBEAT_NAME] = "", host[LB_HEARTBEAT_NAME], machine[LB_HEARTBEAT_NAME];
  struct stat info;
  *out = (lb_holder){0};
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // opened anew: what NFS keeps of it is looked up again
  if (fd < 0) return errno;
  ssize_t n = read(fd, text, sizeof text - 1);
  int error = n < 0 || fstat(fd, &info) != 0 ? errno : 0;
  close(fd);
  if (error) return error;
  *touched = info.st_mtim;
  if (sscanf(text, "%ld %64s %64s %64s", &out->pid, out->host, out->machine, out->token) != 4) out->token[0] = '\0';
  name_machine(host, machine);
  out->here = strcmp(machine, out->machine) == 0;
  return 0;
}

static double seconds_between(const struct timespec* from, const struct timespec* to) {
  return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

bool lb_heartbeat_look(lb_holder* out, const char* folder) {
  char path[LB_PATH_SIZE];
  struct timespec touched, now;
  lb_path_join(path, sizeof path, folder, ".alive");
  if (read_holder(out, &touched, path) != 0) return false;
  clock_gettime(CLOCK_REALTIME, &now);  // of this machine: a look writes nothing that the server could date
  out->age = seconds_between(&touched, &now);
  return true;
}

// Gives a sign of life, if the file is still this process's.
static void beat(lb_heartbeat* b) {
  lb_holder holder;
  struct timespec touched;
  int error = read_holder(&holder, &touched, b->path);
  if (error == ENOENT || (error == 0 && strcmp(holder.token, b->token) != 0)) {
    b->lost = true;
  } else if (error == 0 && utimensat(AT_FDCWD, b->path, NULL, 0) == 0) {
    b->touched = boot_seconds();
  }
}

// The thread that keeps all held folders alive.
static void* beat_on(void* ignored) {
  (void)ignored;
  for (;;) {
    sleep_seconds(between_beats());
    pthread_mutex_lock(&held.mutex);
    for (lb_heartbeat* b = held.first; b; b = b->next) beat(b);
    pthread_mutex_unlock(&held.mutex);
  }
  return NULL;
}

// The thread gets no signals: they are for who waits for them.
static bool start_thread(void) {
  sigset_t all, before;
  pthread_t thread;
  pthread_attr_t attributes;
  enum { STACK = 256 << 10 };
  sigfillset(&all);
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&thread, &attributes, beat_on, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return started;
}

// Adds it to what this process holds. Where no thread can be had, checks alone give signs of life.
static void hold(lb_heartbeat* b) {
  if (held.pid != getpid()) {
    pthread_mutex_init(&held.mutex, NULL);
    held.first = NULL;
    held.pid = start_thread() ? getpid() : 0;
  }
  pthread_mutex_lock(&held.mutex);
  b->next = held.first;
  held.first = b;
  pthread_mutex_unlock(&held.mutex);
}

// The failure that names who holds the folder.
static lb_status held_by(const lb_holder* holder, const char* folder) {
  if (holder->here || !*holder->token) {
    return lb_fail(LB_IO, "%s: is in use by process %ld; wait for it, stop it, or choose another folder", folder,
                   holder->pid);
  }
  return lb_fail(LB_IO, "%s: is in use by process %ld on %s; wait for it, stop it, or choose another folder", folder,
                 holder->pid, holder->host);
}

// What the candidate's file is dated: now, by the clock that dates the holder's.
static double server_age(const struct timespec* touched, const char* candidate) {
  struct stat info;
  if (utimensat(AT_FDCWD, candidate, NULL, 0) != 0 || stat(candidate, &info) != 0) return 0;
  return seconds_between(touched, &info.st_mtim);
}

// Whether the holder is dead; returns once that is known. Its signs of life, or the patience, decide.
static bool is_dead(const lb_holder* holder, const struct timespec* touched, const char* path, const char* candidate,
                    bool alone, const char* folder) {
  double patience = lb_heartbeat_patience(), begun = boot_seconds(), age = server_age(touched, candidate);
  if (!*holder->token || (holder->here && alone)) return true;
  for (bool told = false; age <= patience && boot_seconds() - begun <= patience; age = server_age(touched, candidate)) {
    lb_holder now;
    struct timespec then;
    if (age > 2 * between_beats() && !told) {
      lb_log_note("%s: process %ld on %s had it and has given no sign of life for %.0f s; it is taken over after %.0f",
                  folder, holder->pid, holder->host, age, patience);
      told = true;
    }
    sleep_seconds(fmin(0.5, between_beats() / 2));
    int error = read_holder(&now, &then, path);
    if (error == ENOENT) return false;
    if (error == 0 && (strcmp(now.token, holder->token) != 0 || seconds_between(touched, &then) != 0)) return false;
  }
  return true;
}

// Takes a dead holder's file away. What comes into one's hands may be the file of one who was faster: it goes back.
static void bury(const lb_holder* dead, const char* path, const char* candidate) {
  char grave[LB_PATH_SIZE + 3 * LB_HEARTBEAT_NAME];
  lb_holder now;
  struct timespec touched;
  if (read_holder(&now, &touched, path) != 0 || strcmp(now.token, dead->token) != 0) return;
  snprintf(grave, sizeof grave, "%s-dead", candidate);
  if (rename(path, grave) != 0) return;
  if (read_holder(&now, &touched, grave) == 0 && strcmp(now.token, dead->token) != 0 && link(grave, path) != 0)
    errno = 0;
  unlink(grave);
}

// Writes who wants to hold a folder, into a file that must not be there.
static lb_status write_candidate(const char* path, const char* token) {
  char host[LB_HEARTBEAT_NAME], machine[LB_HEARTBEAT_NAME], text[4 * LB_HEARTBEAT_NAME];
  name_machine(host, machine);
  int n = snprintf(text, sizeof text, "%ld %s %s %s\n", (long)getpid(), host, machine, token);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return lb_file_failure("write", path, errno);
  bool whole = write(fd, text, (size_t)n) == n;
  int error = errno;
  if (close(fd) != 0 || !whole) {
    unlink(path);
    return lb_file_failure("write", path, whole ? errno : error);
  }
  return lb_ok();
}

// link() may have done its work and yet say no, where a server's answer was lost.
static bool link_candidate(const char* candidate, const char* path) {
  struct stat info;
  return link(candidate, path) == 0 || (stat(candidate, &info) == 0 && info.st_nlink == 2);
}

// Makes the candidate the folder's file. *refused: another process has it; else a failure is of the file system.
static lb_status install(const lb_heartbeat* b, const char* candidate, const char* folder, bool alone, bool* refused) {
  enum { TRIES = 100 };
  lb_holder holder = {0};
  *refused = false;
  for (int i = 0; i < TRIES; i++) {
    struct timespec touched;
    // Who takes a folder sweeps it of temporary files, of those who wait for it too.
    if (!lb_file_exists(candidate)) LB_TRY(write_candidate(candidate, b->token));
    if (link_candidate(candidate, b->path)) return lb_ok();
    int error = errno;
    if (error == ENOENT && lb_folder_exists(folder)) continue;
    if (error != EEXIST) return lb_file_failure("lock", folder, error);
    error = read_holder(&holder, &touched, b->path);
    if (error == ENOENT) continue;
    if (error != 0) return lb_file_failure("lock", folder, error);
    if (!is_dead(&holder, &touched, b->path, candidate, alone, folder)) {
      *refused = lb_file_exists(b->path);  // else it was let go meanwhile
      if (*refused) return held_by(&holder, folder);
      continue;
    }
    bury(&holder, b->path, candidate);
  }
  *refused = true;
  return held_by(&holder, folder);
}

lb_status lb_heartbeat_take(lb_heartbeat** out, const char* folder, bool alone) {
  char candidate[LB_PATH_SIZE + 2 * LB_HEARTBEAT_NAME];
  lb_heartbeat* b = calloc(1, sizeof *b);
  *out = NULL;
  if (!b) return lb_fail(LB_MEMORY, "%s: no memory to lock it", folder);
  lb_path_join(b->path, sizeof b->path, folder, ".alive");
  make_token(b->token);
  snprintf(candidate, sizeof candidate, "%s" LB_TEMPORARY_MARK "%s", b->path, b->token);
  bool refused;
  lb_status status = install(b, candidate, folder, alone, &refused);
  unlink(candidate);
  if (status.code != LB_OK) {
    free(b);
    return alone && !refused ? lb_ok() : status;
  }
  b->touched = boot_seconds();
  hold(b);
  *out = b;
  return lb_ok();
}

void lb_heartbeat_release(lb_heartbeat* b) {
  lb_holder holder;
  struct timespec touched;
  pthread_mutex_lock(&held.mutex);
  for (lb_heartbeat** p = &held.first; *p; p = &(*p)->next) {
    if (*p != b) continue;
    *p = b->next;
    break;
  }
  pthread_mutex_unlock(&held.mutex);
  if (read_holder(&holder, &touched, b->path) == 0 && strcmp(holder.token, b->token) == 0) unlink(b->path);
  free(b);
}

lb_status lb_heartbeat_check(lb_heartbeat* b, const char* folder) {
  pthread_mutex_lock(&held.mutex);
  if (boot_seconds() - b->touched > lb_heartbeat_patience() / 2) beat(b);
  bool lost = b->lost;
  pthread_mutex_unlock(&held.mutex);
  if (!lost) return lb_ok();
  lb_holder holder;
  if (lb_heartbeat_look(&holder, folder)) {
    return lb_fail(LB_IO,
                   "%s: process %ld on %s took it over while this process gave no sign of life; nothing more is "
                   "written there",
                   folder, holder.pid, holder.host);
  }
  return lb_fail(LB_IO, "%s: another process took it over, or removed its .alive; nothing more is written there",
                 folder);
}
