// Sets of files: at every moment at which their writer may die, a reader finds all old ones or all new ones.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/file.h"
#include "io/file_set.h"

static char folder[64];

static int set_up(void** state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/lb_file_set_XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(folder).code;
}

static void passes(lb_status status) {
  if (status.code != LB_OK) fail_msg("%s", status.text);
}

static lb_status write_in(const char* where, const char* name, const char* text) {
  char path[1600];
  snprintf(path, sizeof path, "%.1400s/%.100s", where, name);
  return lb_file_replace(path, text, strlen(text));
}

// What a file of the folder holds; "" where there is none.
static void read_in(const char* name, char out[100]) {
  char path[200], *bytes;
  size_t n;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  out[0] = '\0';
  if (!lb_file_exists(path)) return;
  passes(lb_file_read(path, &bytes, &n));
  snprintf(out, 100, "%s", bytes);
  free(bytes);
}

static void holds(const char* name, const char* text) {
  char there[100];
  read_in(name, there);
  assert_string_equal(there, text);
}

// A set of three files, one of them in a folder; the new set has no "c".
static lb_status write_set(const char* text, bool with_c) {
  lb_file_set set;
  char plots[1400];
  LB_TRY(lb_file_set_begin(&set, folder, "x"));
  LB_TRY(write_in(set.staging, "x.a", text));
  snprintf(plots, sizeof plots, "%s/plots", set.staging);
  LB_TRY(lb_folder_make(plots));
  LB_TRY(write_in(plots, "b", text));
  LB_TRY(with_c ? write_in(set.staging, "x.c", text) : lb_file_set_drop(&set, "x.c"));
  return lb_file_set_commit(&set);
}

// Nothing but the set's own files, hidden ones included.
static int entries(const char* path) {
  char command[300], out[64] = "";
  snprintf(command, sizeof command, "find %s -mindepth 1 | wc -l", path);
  FILE* pipe = popen(command, "r");
  if (!fgets(out, sizeof out, pipe)) out[0] = '\0';
  pclose(pipe);
  return atoi(out);
}

static void a_set_replaces_another(void** state) {
  (void)state;
  passes(write_set("old", true));
  holds("x.a", "old");
  holds("plots/b", "old");
  holds("x.c", "old");
  passes(write_in(folder, "plots/other", "stays"));
  passes(write_set("new", false));
  holds("x.a", "new");
  holds("plots/b", "new");
  holds("x.c", "");
  holds("plots/other", "stays");
  assert_int_equal(entries(folder), 4);
}

static void an_abandoned_set_leaves_nothing(void** state) {
  (void)state;
  lb_file_set set;
  passes(write_set("old", true));
  passes(lb_file_set_begin(&set, folder, "x"));
  passes(write_in(set.staging, "x.a", "new"));
  lb_file_set_abandon(&set);
  holds("x.a", "old");
  assert_int_equal(entries(folder), 4);
}

// Lets a child write the new set and kills it at its n-th system call. False: it came to its end.
static bool kill_at(int n) {
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    lb_status status = write_set("new", false);
    _exit(status.code == LB_OK ? 0 : 1);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) skip();  // no tracing here
  for (int i = 0; i < n; i++) {
    if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0) skip();
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
      assert_int_equal(WEXITSTATUS(status), 0);
      return false;
    }
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return true;
}

// The old set, without waiting for the disk.
static void lay_out_old(void) {
  static const char* const names[] = {"x.a", "plots/b", "x.c"};
  char path[200];
  snprintf(path, sizeof path, "%s/plots", folder);
  passes(lb_folder_make(path));
  for (int i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    FILE* file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs("old", file) >= 0);
    assert_int_equal(fclose(file), 0);
  }
}

static void killed_at_every_system_call(void** state) {
  (void)state;
  int olds = 0, news = 0;
  for (int n = 1;; n += 2) {  // it stops before and after every call
    lay_out_old();
    bool killed = kill_at(n);
    lb_file_share share = lb_file_set_share(folder, "x");
    char a[100], b[100], c[100];
    read_in("x.a", a);
    read_in("plots/b", b);
    read_in("x.c", c);
    bool old = strcmp(a, "old") == 0;
    assert_string_equal(a, old ? "old" : "new");
    assert_string_equal(b, a);
    assert_string_equal(c, old ? "old" : "");
    lb_file_set_release(&share);
    assert_int_equal(entries(folder), old ? 4 : 3);
    *(old ? &olds : &news) += 1;
    if (!killed) break;
  }
  assert_true(olds > 10);
  assert_true(news > 5);
}

// A reader never sees a set change under it, a writer waits for it.
static void a_reader_keeps_the_set(void** state) {
  (void)state;
  passes(write_set("old", true));
  lb_file_share share = lb_file_set_share(folder, "x"), again = lb_file_set_share(folder, "x");
  lb_file_set_release(&again);
  pid_t child = fork();
  if (child == 0) {
    lb_file_set_release(&share);  // its own copy of the descriptor
    _exit(write_set("new", false).code == LB_OK ? 0 : 1);
  }
  usleep(300000);
  holds("x.a", "old");
  assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
  lb_file_set_release(&share);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  holds("x.a", "new");
}

// Temporary files of a process that is no more go; those of one that lives, and of other sets, stay.
static void temporary_files_of_the_dead(void** state) {
  (void)state;
  char name[64];
  pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, NULL, 0);
  snprintf(name, sizeof name, ".x.a.tmp-%d", (int)child);
  passes(write_in(folder, name, ""));
  snprintf(name, sizeof name, ".xy.a.tmp-%d", (int)child);
  passes(write_in(folder, name, ""));
  snprintf(name, sizeof name, ".x.a.tmp-%d", (int)getppid());
  passes(write_in(folder, name, ""));
  lb_file_share share = lb_file_set_share(folder, "x");
  lb_file_set_release(&share);
  assert_int_equal(entries(folder), 2);
}

// What `ls -A` shows of staging folders after the next use of the set.
static int stagings_after_a_use(void) {
  char path[100];
  int n = 0;
  lb_file_share share = lb_file_set_share(folder, "x");
  lb_file_set_release(&share);
  DIR* there = opendir(folder);
  assert_non_null(there);
  for (struct dirent* entry; (entry = readdir(there));) n += strncmp(entry->d_name, ".x.next-", 8) == 0;
  closedir(there);
  snprintf(path, sizeof path, "%s/x.a", folder);
  assert_false(lb_file_exists(path));
  return n;
}

static void make_older(const char* path, int seconds) {
  struct timespec then = {time(NULL) - seconds, 0}, times[] = {then, then};
  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

// A staging folder stays while its writer lives, however long that takes, and goes with the next use once it is dead,
// also where another process has its number now.
static void staging_folders_of_the_dead(void** state) {
  (void)state;
  char mine[100], its[100];
  int ends[2], status;
  char ready;
  snprintf(mine, sizeof mine, "%s/.x.next-%d", folder, (int)getpid());
  for (int reused = 0; reused < 2; reused++) {
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    if (writer == 0) {
      lb_file_set set;
      bool good =
          lb_file_set_begin(&set, folder, "x").code == LB_OK && write_in(set.staging, "x.a", "new").code == LB_OK;
      if (write(ends[1], good ? "y" : "n", 1) != 1) _exit(1);
      pause();
      _exit(1);
    }
    assert_int_equal(read(ends[0], &ready, 1), 1);
    assert_int_equal(ready, 'y');
    close(ends[0]);
    close(ends[1]);
    snprintf(its, sizeof its, "%s/.x.next-%d", folder, (int)writer);
    assert_int_equal(stagings_after_a_use(), 1);
    make_older(its, 3600);
    assert_int_equal(stagings_after_a_use(), 1);
    kill(writer, SIGKILL);
    waitpid(writer, &status, 0);
    if (reused) {
      assert_int_equal(rename(its, mine), 0);
      make_older(mine, 10);
      assert_int_equal(stagings_after_a_use(), 1);
      make_older(mine, 3600);
    }
    assert_int_equal(stagings_after_a_use(), 0);
  }
}

static void a_missing_folder_is_no_failure(void** state) {
  (void)state;
  lb_file_share share = lb_file_set_share("/nonexistent/folder", "x");
  assert_int_equal(share.fd, -1);
  lb_file_set_release(&share);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_set_replaces_another, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_abandoned_set_leaves_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(killed_at_every_system_call, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_reader_keeps_the_set, set_up, tear_down),
      cmocka_unit_test_setup_teardown(temporary_files_of_the_dead, set_up, tear_down),
      cmocka_unit_test_setup_teardown(staging_folders_of_the_dead, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_missing_folder_is_no_failure, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
