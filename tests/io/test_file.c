// Files and folders: whole or not at all, also when the disk is full, and messages that say what to do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temporary.h"

static void check_content(const char* path, const char* expected, size_t n) {
  char* bytes;
  size_t length;
  assert_ok(lb_file_read(path, &bytes, &length));
  assert_int_equal(length, n);
  assert_memory_equal(bytes, expected, n);
  assert_int_equal(bytes[n], 0);
  free(bytes);
}

// All names in the temporary folder, those with a dot too.
static int count_entries(void) {
  DIR* folder = opendir(temporary_folder);
  assert_non_null(folder);
  int n = 0;
  while (readdir(folder)) n++;
  closedir(folder);
  return n - 2;  // . and ..
}

static int empty_folder(void** state) {
  (void)state;
  if (lb_folder_remove(temporary_folder).code != LB_OK) return -1;
  return mkdir(temporary_folder, 0700);
}

static void read_gives_every_byte(void** state) {
  (void)state;
  char bytes[70000];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 7);
  write_plainly(temporary("a"), bytes, sizeof bytes);
  check_content(temporary("a"), bytes, sizeof bytes);
  write_plainly(temporary("a"), "", 0);
  check_content(temporary("a"), "", 0);
}

// Files whose length the system does not tell before.
static void read_of_a_file_without_a_length(void** state) {
  (void)state;
  char* bytes;
  size_t n;
  if (access("/proc/self/status", R_OK) != 0) skip();
  assert_ok(lb_file_read("/proc/self/status", &bytes, &n));
  assert_true(n > 100);
  assert_memory_equal(bytes, "Name:", 5);
  free(bytes);
}

static void read_failures(void** state) {
  (void)state;
  char* bytes;
  size_t n;
  check_failure(lb_file_read(temporary("missing"), &bytes, &n), LB_INPUT, "missing: no such file");
  assert_null(bytes);
  check_failure(lb_file_read(temporary_folder, &bytes, &n), LB_INPUT, "is a folder, expected a file");
  check_failure(lb_file_read("/dev/zero", &bytes, &n), LB_INPUT, "/dev/zero: is not a regular file");
  check_failure(lb_file_read("", &bytes, &n), LB_INPUT, "no such file");
  // A pipe without a writer must not make us wait.
  assert_int_equal(mkfifo(temporary("pipe"), 0600), 0);
  check_failure(lb_file_read(temporary("pipe"), &bytes, &n), LB_INPUT, "pipe: is not a regular file");
  if (geteuid() == 0) return;  // root reads everything
  write_plainly(temporary("secret"), "x", 1);
  chmod(temporary("secret"), 0);
  check_failure(lb_file_read(temporary("secret"), &bytes, &n), LB_IO, "secret: cannot read: Permission denied");
}

static void replace_is_whole_and_leaves_nothing_else(void** state) {
  (void)state;
  assert_ok(lb_file_replace(temporary("a"), "first", 5));
  check_content(temporary("a"), "first", 5);
  assert_ok(lb_file_replace(temporary("a"), "2\0d", 3));
  check_content(temporary("a"), "2\0d", 3);
  assert_ok(lb_file_replace(temporary("a"), NULL, 0));
  check_content(temporary("a"), "", 0);
  assert_int_equal(count_entries(), 1);
  // A new file's rights follow the umask, as other programs' files do.
  mode_t mask = umask(027);
  assert_ok(lb_file_replace(temporary("b"), "x", 1));
  umask(mask);
  struct stat info;
  assert_int_equal(stat(temporary("b"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
}

static void replace_in_the_working_folder(void** state) {
  (void)state;
  char before[1024];
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(temporary_folder), 0);
  assert_ok(lb_file_replace("plain", "x", 1));
  assert_int_equal(chdir(before), 0);
  check_content(temporary("plain"), "x", 1);
}

static void replace_failures(void** state) {
  (void)state;
  check_failure(lb_file_replace(temporary("none/a"), "x", 1), LB_IO, "none/a: cannot write: No such file");
  assert_int_equal(mkdir(temporary("folder"), 0700), 0);
  check_failure(lb_file_replace(temporary("folder"), "x", 1), LB_IO, "folder: cannot write: Is a directory");
  char name[6000];
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  check_failure(lb_file_replace(name, "x", 1), LB_IO, "aaa");
  name[300] = '\0';
  assert_int_equal(lb_file_replace(temporary(name), "x", 1).code, LB_IO);
  assert_int_equal(count_entries(), 1);
  // What is no file is not replaced by one: it would be gone.
  struct stat info;
  assert_int_equal(mkfifo(temporary("pipe"), 0600), 0);
  check_failure(lb_file_replace(temporary("pipe"), "x", 1), LB_INPUT, "pipe: is a pipe or the like, expected a file");
  assert_int_equal(symlink("/dev/null", temporary("device")), 0);
  check_failure(lb_file_replace(temporary("device"), "x", 1), LB_INPUT, "device: is a pipe or the like");
  assert_true(stat(temporary("pipe"), &info) == 0 && S_ISFIFO(info.st_mode));
  assert_true(lstat(temporary("device"), &info) == 0 && S_ISLNK(info.st_mode));
  assert_int_equal(count_entries(), 3);
}

// A limit on the size of files makes a write stop half-way, as a full disk does.
static void limit_file_size(rlim_t bytes) {
  struct rlimit limit;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_half_written_append_is_taken_back(void** state) {
  (void)state;
  const char* path = temporary("log");
  char line[1000];
  memset(line, 'x', sizeof line);
  assert_ok(lb_file_append(path, "first\n", 6));
  limit_file_size(500);
  lb_status status = lb_file_append(path, line, sizeof line);
  limit_file_size(RLIM_INFINITY);
  check_failure(status, LB_IO, "log: cannot append: File too large");
  check_content(path, "first\n", 6);
  assert_ok(lb_file_append(path, "second\n", 7));
  check_content(path, "first\nsecond\n", 13);
}

static void a_half_written_replacement_changes_nothing(void** state) {
  (void)state;
  const char* path = temporary("a");
  char bytes[1000] = "";
  assert_ok(lb_file_replace(path, "first", 5));
  limit_file_size(500);
  lb_status status = lb_file_replace(path, bytes, sizeof bytes);
  limit_file_size(RLIM_INFINITY);
  check_failure(status, LB_IO, "a: cannot write: File too large");
  check_content(path, "first", 5);
  assert_int_equal(count_entries(), 1);
}

static void a_full_disk_says_what_to_do(void** state) {
  (void)state;
  if (access("/dev/full", W_OK) != 0) skip();
  check_failure(lb_file_append("/dev/full", "x", 1), LB_IO,
                "/dev/full: cannot append: No space left on device; free some and run the same command again");
}

static void pieces_make_a_file_or_leave_nothing(void** state) {
  (void)state;
  lb_file_writer w;
  write_plainly(temporary("a"), "before", 6);
  lb_file_begin(&w, temporary("a"));
  lb_file_put(&w, "one ", 4);
  lb_file_put(&w, "two", 3);
  check_content(temporary("a"), "before", 6);  // until it is whole
  assert_ok(lb_file_commit(&w));
  check_content(temporary("a"), "one two", 7);
  lb_file_begin(&w, temporary("a"));
  lb_file_put(&w, "three", 5);
  lb_file_abandon(&w);
  check_content(temporary("a"), "one two", 7);
  lb_file_begin(&w, temporary("none/a"));
  lb_file_put(&w, "four", 4);
  check_failure(lb_file_commit(&w), LB_IO, "none/a: cannot write: No such file");
  assert_int_equal(count_entries(), 1);
}

static void append_failures(void** state) {
  (void)state;
  check_failure(lb_file_append(temporary("none/log"), "x", 1), LB_IO, "none/log: cannot append: No such file");
  check_failure(lb_file_append(temporary_folder, "x", 1), LB_IO, "cannot append: Is a directory");
  if (geteuid() == 0) return;  // root writes everywhere
  write_plainly(temporary("fixed"), "x", 1);
  chmod(temporary("fixed"), 0400);
  check_failure(lb_file_append(temporary("fixed"), "x", 1), LB_IO,
                "fixed: cannot append: Permission denied; make it writable or choose another place");
}

static void truncate_cuts_and_never_lengthens(void** state) {
  (void)state;
  const char* path = temporary("log");
  assert_ok(lb_file_truncate(path, 0));
  assert_false(lb_file_exists(path));
  check_failure(lb_file_truncate(path, 3), LB_INPUT, "log: has 0 bytes, expected at least 3");
  write_plainly(path, "abcdef", 6);
  assert_ok(lb_file_truncate(path, 6));
  assert_ok(lb_file_truncate(path, 4));
  check_content(path, "abcd", 4);
  check_failure(lb_file_truncate(path, 5), LB_INPUT, "log: has 4 bytes, expected at least 5");
  check_content(path, "abcd", 4);
}

static void folders_are_made_and_removed(void** state) {
  (void)state;
  assert_ok(lb_folder_make(temporary("a/b/c")));
  assert_ok(lb_folder_make(temporary("a//b/c/")));
  write_plainly(temporary("a/b/file"), "x", 1);
  write_plainly(temporary("a/.hidden"), "x", 1);
  write_plainly(temporary("kept"), "x", 1);
  assert_true(lb_folder_exists(temporary("a/b")));
  assert_false(lb_folder_exists(temporary("a/b/file")));
  assert_false(lb_folder_exists(temporary("a/none")));
  assert_int_equal(symlink(temporary("kept"), temporary("a/link")), 0);
  assert_ok(lb_folder_remove(temporary("a")));
  assert_false(lb_file_exists(temporary("a")));
  assert_true(lb_file_exists(temporary("kept")));  // a link inside is removed, not what it points to
  assert_ok(lb_folder_remove(temporary("a")));
}

static void folder_failures(void** state) {
  (void)state;
  write_plainly(temporary("file"), "x", 1);
  assert_int_equal(mkdir(temporary("real"), 0700), 0);
  assert_int_equal(symlink(temporary("real"), temporary("link")), 0);
  check_failure(lb_folder_make(""), LB_INPUT, "empty");
  check_failure(lb_folder_make(temporary("file")), LB_INPUT, "file: is a file, expected a folder");
  check_failure(lb_folder_make(temporary("file/sub")), LB_INPUT, "file: is a file, expected a folder");
  check_failure(lb_folder_remove(""), LB_INPUT, "empty");
  check_failure(lb_folder_remove("/"), LB_INPUT, "will not be removed: it is the root");
  check_failure(lb_folder_remove("//."), LB_INPUT, "will not be removed: it is the root");
  check_failure(lb_folder_remove(temporary("link")), LB_INPUT, "will not be removed: it is a link");
  check_failure(lb_folder_remove(temporary("file")), LB_INPUT, "will not be removed: it is not a folder");
  assert_true(lb_file_exists(temporary("real")));
  assert_ok(lb_folder_make(temporary("link")));  // a link to a folder is a folder
}

static void names_are_sorted(void** state) {
  (void)state;
  const char* const names[] = {"b", "a10", "a2", ".hidden", "B", "c"};
  for (int i = 0; i < 6; i++) write_plainly(temporary(names[i]), "", 0);
  char** list;
  int n;
  assert_ok(lb_folder_list(temporary_folder, &list, &n));
  assert_int_equal(n, 5);
  const char* const sorted[] = {"B", "a10", "a2", "b", "c"};
  for (int i = 0; i < 5; i++) assert_string_equal(list[i], sorted[i]);
  lb_names_free(list, n);
  check_failure(lb_folder_list(temporary("missing"), &list, &n), LB_INPUT, "missing: no such folder");
  check_failure(lb_folder_list(temporary("b"), &list, &n), LB_INPUT, "b: is a file, expected a folder");
  assert_ok(lb_folder_make(temporary("empty")));
  assert_ok(lb_folder_list(temporary("empty"), &list, &n));
  assert_int_equal(n, 0);
  lb_names_free(list, n);
}

// Whole blocks of all files, those of folders below and hidden ones too; what links name is not in there.
static void a_folder_has_its_bytes(void** state) {
  (void)state;
  static char zeros[100000];
  assert_true(lb_folder_bytes(temporary("missing")) == 0);
  assert_ok(lb_folder_make(temporary("a/b")));
  double none = lb_folder_bytes(temporary_folder);
  write_plainly(temporary("a/b/.hidden"), zeros, sizeof zeros);
  write_plainly(temporary("a/one"), "1", 1);
  assert_int_equal(symlink("/", temporary("a/root")), 0);
  double some = lb_folder_bytes(temporary_folder) - none;
  assert_true(some >= sizeof zeros && some <= sizeof zeros + 4 * 65536);
}

static void sweep_removes_stale_temporaries_only(void** state) {
  (void)state;
  write_plainly(temporary(".checkpoint.npz.tmp-123"), "half", 4);
  write_plainly(temporary(".lock"), "", 0);
  write_plainly(temporary("a.tmp-1"), "", 0);
  lb_folder_sweep(temporary_folder);
  assert_false(lb_file_exists(temporary(".checkpoint.npz.tmp-123")));
  assert_int_equal(count_entries(), 2);
  lb_folder_sweep(temporary("missing"));
}

static void a_lock_excludes_and_ends(void** state) {
  (void)state;
  lb_lock first, second;
  char words[64];
  assert_ok(lb_lock_take(&first, temporary_folder));
  snprintf(words, sizeof words, "is in use by process %ld", (long)getpid());
  check_failure(lb_lock_take(&second, temporary_folder), LB_IO, words);
  lb_lock_release(&second);
  lb_lock_release(&first);
  assert_ok(lb_lock_take(&second, temporary_folder));
  lb_lock_release(&second);
  check_failure(lb_lock_take(&first, temporary("missing")), LB_IO, "missing: cannot lock: No such file");
}

// A process that is killed leaves no lock behind.
static void a_killed_process_frees_its_lock(void** state) {
  (void)state;
  int ready[2];
  assert_int_equal(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    lb_lock lock;
    char ok = lb_lock_take(&lock, temporary_folder).code == LB_OK ? 1 : 0;
    if (write(ready[1], &ok, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char ok = 0;
  assert_int_equal(read(ready[0], &ok, 1), 1);
  assert_true(ok);
  char words[64];
  snprintf(words, sizeof words, "is in use by process %ld", (long)child);
  lb_lock lock;
  lb_status while_held = lb_lock_take(&lock, temporary_folder);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  close(ready[0]);
  close(ready[1]);
  check_failure(while_held, LB_IO, words);
  assert_ok(lb_lock_take(&lock, temporary_folder));
  lb_lock_release(&lock);
}

static void paths_are_joined(void** state) {
  (void)state;
  char path[16];
  lb_path_join(path, sizeof path, "a", "b");
  assert_string_equal(path, "a/b");
  lb_path_join(path, sizeof path, "a/", "b");
  assert_string_equal(path, "a/b");
  lb_path_join(path, sizeof path, "/", "b");
  assert_string_equal(path, "/b");
  lb_path_join(path, sizeof path, "", "b");
  assert_string_equal(path, "b");
  lb_path_join(path, sizeof path, "1234567", "1234567");
  assert_string_equal(path, "1234567/1234567");
}

// The examples of FIPS 180-4 and its test vectors: empty, "abc", 56 bytes, a million times "a".
static void sha256_known_answers(void** state) {
  (void)state;
  char hex[65];
  lb_sha256("", 0, hex);
  assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  lb_sha256("abc", 3, hex);
  assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  lb_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
  assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  char* million = malloc(1000000);
  memset(million, 'a', 1000000);
  write_plainly(temporary("million"), million, 1000000);
  free(million);
  assert_ok(lb_sha256_file(temporary("million"), hex));
  assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  check_failure(lb_sha256_file(temporary("missing"), hex), LB_INPUT, "missing: no such file");
}

// Bytes that this process has read so far.
static long bytes_read(void) {
  long n = 0;
  FILE* file = fopen("/proc/self/io", "r");
  assert_non_null(file);
  assert_int_equal(fscanf(file, "rchar: %ld", &n), 1);
  fclose(file);
  return n;
}

// A file is read once, and again when it is another: longer, replaced, or written to with its old date put back.
static void a_file_is_hashed_again_when_it_changed(void** state) {
  (void)state;
  enum { N = 100000 };
  char hex[65], other[65], *bytes = calloc(N, 1);
  struct stat s;
  write_plainly(temporary("a"), bytes, N);
  assert_int_equal(stat(temporary("a"), &s), 0);
  assert_ok(lb_sha256_again(temporary("a"), SIZE_MAX, hex));
  for (int iteration = 0; iteration < 2; iteration++) {
    usleep(3100000);  // until its date says that nobody writes to it just now
    lb_sha256(bytes, N, other);
    long before = bytes_read();
    assert_ok(lb_sha256_again(temporary("a"), SIZE_MAX, hex));
    assert_true(bytes_read() - before >= N);
    assert_string_equal(hex, other);
    before = bytes_read();
    assert_ok(lb_sha256_again(temporary("a"), SIZE_MAX, hex));
    assert_true(bytes_read() - before < N);
    assert_string_equal(hex, other);
    assert_ok(lb_sha256_again(temporary("a"), 7, hex));
    lb_sha256(bytes + N - 7, 7, other);
    assert_string_equal(hex, other);
    bytes[N - 1 - iteration] = 1;
    write_plainly(temporary("a"), bytes, N);
    assert_int_equal(utimensat(AT_FDCWD, temporary("a"), (struct timespec[]){s.st_atim, s.st_mtim}, 0), 0);
    assert_ok(lb_sha256_again(temporary("a"), SIZE_MAX, hex));
    lb_sha256(bytes, N, other);
    assert_string_equal(hex, other);
  }
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(read_gives_every_byte, empty_folder),
      cmocka_unit_test_setup(read_of_a_file_without_a_length, empty_folder),
      cmocka_unit_test_setup(read_failures, empty_folder),
      cmocka_unit_test_setup(replace_is_whole_and_leaves_nothing_else, empty_folder),
      cmocka_unit_test_setup(replace_in_the_working_folder, empty_folder),
      cmocka_unit_test_setup(replace_failures, empty_folder),
      cmocka_unit_test_setup(a_half_written_append_is_taken_back, empty_folder),
      cmocka_unit_test_setup(a_half_written_replacement_changes_nothing, empty_folder),
      cmocka_unit_test_setup(a_full_disk_says_what_to_do, empty_folder),
      cmocka_unit_test_setup(pieces_make_a_file_or_leave_nothing, empty_folder),
      cmocka_unit_test_setup(append_failures, empty_folder),
      cmocka_unit_test_setup(truncate_cuts_and_never_lengthens, empty_folder),
      cmocka_unit_test_setup(folders_are_made_and_removed, empty_folder),
      cmocka_unit_test_setup(folder_failures, empty_folder),
      cmocka_unit_test_setup(names_are_sorted, empty_folder),
      cmocka_unit_test_setup(a_folder_has_its_bytes, empty_folder),
      cmocka_unit_test_setup(sweep_removes_stale_temporaries_only, empty_folder),
      cmocka_unit_test_setup(a_lock_excludes_and_ends, empty_folder),
      cmocka_unit_test_setup(a_killed_process_frees_its_lock, empty_folder),
      cmocka_unit_test_setup(paths_are_joined, empty_folder),
      cmocka_unit_test_setup(sha256_known_answers, empty_folder),
      cmocka_unit_test_setup(a_file_is_hashed_again_when_it_changed, empty_folder),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
