#include "io/heartbeat.h"

#include <dirent.h>
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

static const char head[] = ".alive-";
enum { FLAG_PATH = LB_PATH_SIZE + 2 * LB_HEARTBEAT_NAME };

struct lb_heartbeat {
  char path[FLAG_PATH];  // of its flag
  char token[LB_HEARTBEAT_NAME];
  double touched;  // boot_seconds of the last sign of life
  bool lost;       // another took the flag away
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

// Who a flag names, and when it was touched. 0, or an error number: ENOENT where there is no such flag. One that cannot
// be made sense of is nobody's: its host is "".
static int read_flag(lb_holder* out, struct timespec* touched, const char* path) {
  char text[4 * LB_HEARTBEAT_NAME] = "", host[LB_HEARTBEAT_NAME], machine[LB_HEARTBEAT_NAME], lock[8] = "";
  struct stat info;
  *out = (lb_holder){0};
  snprintf(out->token, sizeof out->token, "%.64s", strrchr(path, '/') + sizeof head);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // opened anew: what NFS keeps of it is looked up again
  if (fd < 0) return errno;
  ssize_t n = read(fd, text, sizeof text - 1);
  int error = n < 0 || fstat(fd, &info) != 0 ? errno : 0;
  close(fd);
  if (error) return error;
  *touched = info.st_mtim;
  if (sscanf(text, "%ld %64s %64s %7s", &out->pid, out->host, out->machine, lock) != 4) out->host[0] = '\0';
  name_machine(host, machine);
  out->here = *out->host && strcmp(machine, out->machine) == 0;
  out->locked = strcmp(lock, "locked") == 0;
  return 0;
}

static double seconds_between(const struct timespec* from, const struct timespec* to) {
  return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

// Names of flags, sorted: by the clocks of those who raised them.
typedef struct flags {
  char (*names)[sizeof head + LB_HEARTBEAT_NAME];
  int n;
} flags;

// Ascending, for qsort.
static int compare_flags(const void* a, const void* b) {
  return strcmp(a, b);
}

// All flags in the folder but `own` ("": all). Caller frees the names.
static lb_status list_flags(flags* out, const char* folder, const char* own) {
  *out = (flags){0};
  DIR* entries = opendir(folder);
  if (!entries) return lb_file_failure("list", folder, errno);
  errno = 0;
  for (struct dirent* e; (e = readdir(entries)); errno = 0) {
    size_t n = strlen(e->d_name);
    if (strncmp(e->d_name, head, sizeof head - 1) != 0 || n >= sizeof *out->names) continue;
    if (strcmp(e->d_name + sizeof head - 1, own) == 0) continue;
    void* larger = realloc(out->names, (size_t)(out->n + 1) * sizeof *out->names);
    if (!larger) {
      errno = ENOMEM;
      break;
    }
    out->names = larger;
    memcpy(out->names[out->n++], e->d_name, n + 1);
  }
  int error = errno;
  closedir(entries);
  if (out->n > 0) qsort(out->names, (size_t)out->n, sizeof *out->names, compare_flags);
  return error ? lb_file_failure("list", folder, error) : lb_ok();
}

bool lb_heartbeat_look(lb_holder* out, const char* folder) {
  flags all;
  bool found = false, lives = false;
  lb_status status = list_flags(&all, folder, "");
  for (int i = 0; status.code == LB_OK && i < all.n && !lives; i++) {
    char path[FLAG_PATH];
    struct timespec touched, now;
    lb_holder holder;
    lb_path_join(path, sizeof path, folder, all.names[i]);
    if (read_flag(&holder, &touched, path) != 0 || !*holder.host) continue;
    clock_gettime(CLOCK_REALTIME, &now);  // of this machine: a look writes nothing that the server could date
    holder.age = seconds_between(&touched, &now);
    lives = holder.age <= lb_heartbeat_patience();
    if (lives || !found) *out = holder;
    found = true;
  }
  free(all.names);
  return found;
}

// Gives a sign of life, if the flag is still up.
static void beat(lb_heartbeat* b) {
  double now = boot_seconds();
  int fd = open(b->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT) b->lost = true;
  if (fd >= 0 && futimens(fd, NULL) == 0) b->touched = now;
  if (fd >= 0) close(fd);
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
  if (holder->here) {
    return lb_fail(LB_IO, "%s: is in use by process %ld; wait for it, stop it, or choose another folder", folder,
                   holder->pid);
  }
  return lb_fail(LB_IO, "%s: is in use by process %ld on %s; wait for it, stop it, or choose another folder", folder,
                 holder->pid, holder->host);
}

// One who wants a folder, and has not got it.
typedef struct candidate {
  lb_heartbeat* heartbeat;
  const char* folder;
  char lowered[FLAG_PATH];  // where its flag lies while it is not up
  bool up, locked;
} candidate;

// By how many seconds `touched` is before now, by the clock that dates it: that of the file server.
static double server_age(const struct timespec* touched, const candidate* c) {
  const char* own = c->up ? c->heartbeat->path : c->lowered;
  struct stat info;
  if (utimensat(AT_FDCWD, own, NULL, 0) != 0 || stat(own, &info) != 0) return 0;
  return seconds_between(touched, &info.st_mtim);
}

// Writes who wants to hold the folder, into a file that must not be there.
static lb_status write_flag(const candidate* c) {
  char host[LB_HEARTBEAT_NAME], machine[LB_HEARTBEAT_NAME], text[4 * LB_HEARTBEAT_NAME];
  name_machine(host, machine);
  int n = snprintf(text, sizeof text, "%ld %s %s %s\n", (long)getpid(), host, machine, c->locked ? "locked" : "alone");
  int fd = open(c->lowered, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return lb_file_failure("write", c->lowered, errno);
  bool whole = write(fd, text, (size_t)n) == n;
  int error = errno;
  if (close(fd) != 0 || !whole) {
    unlink(c->lowered);
    return lb_file_failure("write", c->lowered, whole ? errno : error);
  }
  return lb_ok();
}

// Puts the flag up, whole.
static lb_status raise_flag(candidate* c) {
  enum { TRIES = 100 };
  for (int i = 0; i < TRIES; i++) {
    // Who takes a folder sweeps it of temporary files, of those who wait for it too.
    if (!lb_file_exists(c->lowered)) LB_TRY(write_flag(c));
    // A server may have done its work and yet say no, where its answer was lost.
    c->up = rename(c->lowered, c->heartbeat->path) == 0 || lb_file_exists(c->heartbeat->path);
    if (c->up) return lb_ok();
    if (errno != ENOENT || !lb_folder_exists(c->folder)) break;
  }
  return lb_file_failure("lock", c->folder, errno);
}

// Takes the flag down; it can be put up again.
static void lower_flag(candidate* c) {
  if (c->up && rename(c->heartbeat->path, c->lowered) != 0) unlink(c->heartbeat->path);
  c->up = false;
}

typedef enum fate { GONE, LIVES, DEAD, UNKNOWN } fate;

// What became of the one whose flag is at `path`; returns once that is known. Signs of life, or the patience, decide.
// UNKNOWN: errno says why.
static fate wait_for(lb_holder* holder, const char* path, const candidate* c) {
  struct timespec touched, then;
  lb_holder now;
  errno = read_flag(holder, &touched, path);
  if (errno) return errno == ENOENT ? GONE : UNKNOWN;
  if (!*holder->host || (holder->here && holder->locked && c->locked)) return DEAD;
  double patience = lb_heartbeat_patience(), begun = boot_seconds(), age = server_age(&touched, c);
  for (bool told = false; age <= patience && boot_seconds() - begun <= patience; age = server_age(&touched, c)) {
    if (age > 2 * between_beats() && !told) {
      lb_log_note("%s: process %ld on %s had it and has given no sign of life for %.0f s; it is taken over after %.0f",
                  c->folder, holder->pid, holder->host, age, patience);
      told = true;
    }
    sleep_seconds(fmin(0.5, between_beats() / 2));
    int error = read_flag(&now, &then, path);
    if (error == ENOENT) return GONE;
    if (error == 0 && seconds_between(&touched, &then) != 0) return LIVES;
  }
  return DEAD;
}

// Waits for whom the flag `name` is. *again: this candidate gave way, and has to begin anew.
static lb_status settle(candidate* c, const char* name, bool* again, bool* refused) {
  char path[FLAG_PATH];
  lb_holder holder;
  lb_path_join(path, sizeof path, c->folder, name);
  *again = strcmp(name + sizeof head - 1, c->heartbeat->token) < 0;
  if (*again) lower_flag(c);
  switch (wait_for(&holder, path, c)) {
    case GONE:
      break;
    case LIVES:
      *refused = true;
      return held_by(&holder, c->folder);
    case UNKNOWN:
      return lb_file_failure("read", path, errno);
    case DEAD:
      unlink(path);
      break;
  }
  return lb_ok();
}

// One attempt: the folder is the candidate's where all whose flags were there before its own are gone, and its own is
// not: else it was suspended meanwhile, taken for dead, and seen by nobody who came then.
static lb_status attempt(candidate* c, bool* again, bool* refused) {
  flags others;
  LB_TRY(raise_flag(c));
  lb_status status = list_flags(&others, c->folder, c->heartbeat->token);
  *again = false;
  for (int i = 0; status.code == LB_OK && i < others.n && !*again; i++) {
    status = settle(c, others.names[i], again, refused);
  }
  free(others.names);
  if (status.code != LB_OK || *again) return status;
  beat(c->heartbeat);
  *again = c->heartbeat->lost;
  c->up = !*again;
  c->heartbeat->lost = false;
  return status;
}

lb_status lb_heartbeat_take(lb_heartbeat** out, const char* folder, bool alone) {
  lb_heartbeat* b = calloc(1, sizeof *b);
  *out = NULL;
  if (!b) return lb_fail(LB_MEMORY, "%s: no memory to lock it", folder);
  make_token(b->token);
  candidate c = {.heartbeat = b, .folder = folder, .locked = alone};
  lb_path_join(b->path, sizeof b->path, folder, head);
  snprintf(c.lowered, sizeof c.lowered, "%.*s" LB_TEMPORARY_MARK "%s", (int)strlen(b->path) - 1, b->path, b->token);
  snprintf(b->path + strlen(b->path), sizeof b->path - strlen(b->path), "%s", b->token);
  bool refused = false, again = true;
  lb_status status = lb_ok();
  while (status.code == LB_OK && again) status = attempt(&c, &again, &refused);
  if (status.code != LB_OK) {
    lower_flag(&c);
    unlink(c.lowered);
    free(b);
    return alone && !refused ? lb_ok() : status;
  }
  hold(b);
  *out = b;
  return lb_ok();
}

void lb_heartbeat_release(lb_heartbeat* heartbeat) {
  pthread_mutex_lock(&held.mutex);
  for (lb_heartbeat** p = &held.first; *p; p = &(*p)->next) {
    if (*p != heartbeat) continue;
    *p = heartbeat->next;
    break;
  }
  pthread_mutex_unlock(&held.mutex);
  unlink(heartbeat->path);
  free(heartbeat);
}

lb_status lb_heartbeat_check(lb_heartbeat* heartbeat, const char* folder) {
  pthread_mutex_lock(&held.mutex);
  if (boot_seconds() - heartbeat->touched > lb_heartbeat_patience() / 2) beat(heartbeat);
  bool lost = heartbeat->lost;
  pthread_mutex_unlock(&held.mutex);
  if (!lost) return lb_ok();
  lb_holder holder;
  if (lb_heartbeat_look(&holder, folder)) {
    return lb_fail(LB_IO,
                   "%s: process %ld on %s took it over while this process gave no sign of life; nothing more is "
                   "written there",
                   folder, holder.pid, holder.host);
  }
  return lb_fail(LB_IO, "%s: another process took it over, or removed its %s*; nothing more is written there", folder,
                 head);
}
