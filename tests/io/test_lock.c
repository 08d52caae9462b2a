// A folder that machines share: one process holds it, whatever flock says there; one that dies is followed by another
// after the patience, and one that was suspended for longer writes no more. Machines are processes with other names.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "temporary.h"

// What the file system knows of flock: the library calls this one.
static int flock_error;
int flock(int fd, int operation) {
  if (flock_error == 0) return (int)syscall(SYS_flock, fd, operation);
  errno = flock_error;
  return -1;
}

static void pause_for(double seconds) {
  nanosleep(&(struct timespec){(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))}, NULL);
}

// A machine that is slow at the worst moments: before a name of a file changes. The library calls these.
static bool is_slow;
static void dawdle(void) {
  if (is_slow && rand() % 2) pause_for(1e-6 * (rand() % 3000));
}
int link(const char* from, const char* to) {
  dawdle();
  return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int rename(const char* from, const char* to) {
  dawdle();
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int unlink(const char* path) {
  dawdle();
  return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

static void be_machine(const char* name) {
  assert_int_equal(setenv("LAZYBENCH_HOST", name, 1), 0);
}

static int empty_folder(void** state) {
  (void)state;
  flock_error = 0;
  setenv("LAZYBENCH_PATIENCE", "1.5", 1);
  if (lb_folder_remove(temporary_folder).code != LB_OK) return -1;
  return mkdir(temporary_folder, 0700);
}

// A process that takes the folder as a machine of its own, says 'y' or 'n', and lives until it is told by a byte: then
// it says whether the folder is still its own, and lets go.
typedef struct node {
  pid_t pid;
  int said, told;
} node;

static void be_node(const char* machine, int says, int hears) {
  lb_lock lock;
  char byte;
  setenv("LAZYBENCH_HOST", machine, 1);
  lb_status status = lb_lock_take(&lock, temporary_folder);
  byte = status.code == LB_OK ? 'y' : 'n';
  if (write(says, &byte, 1) != 1 || read(hears, &byte, 1) != 1) _exit(1);
  byte = status.code == LB_OK && lb_lock_check(&lock, temporary_folder).code == LB_OK ? 'y' : 'n';
  lb_lock_release(&lock);
  if (write(says, &byte, 1) != 1) _exit(1);
  _exit(0);
}

static node start_node(const char* machine) {
  int up[2], down[2];
  assert_int_equal(pipe(up), 0);
  assert_int_equal(pipe(down), 0);
  node n = {.pid = fork()};
  if (n.pid == 0) be_node(machine, up[1], down[0]);
  close(up[1]);
  close(down[0]);
  n.said = up[0];
  n.told = down[1];
  return n;
}

static bool answer(const node* n) {
  char byte = 0;
  assert_int_equal(read(n->said, &byte, 1), 1);
  return byte == 'y';
}

// Tells the node to go on; whether the folder was its own to the end.
static bool end_node(const node* n) {
  assert_int_equal(write(n->told, "x", 1), 1);
  bool owned = answer(n);
  waitpid(n->pid, NULL, 0);
  close(n->said);
  close(n->told);
  return owned;
}

static void kill_node(const node* n) {
  kill(n->pid, SIGKILL);
  waitpid(n->pid, NULL, 0);
  close(n->said);
  close(n->told);
}

static int entries_with(const char* pattern) {
  char command[700];
  int n = -1;
  snprintf(command, sizeof command, "ls -A '%s' | grep -c '%s'", temporary_folder, pattern);
  FILE* found = popen(command, "r");
  assert_non_null(found);
  assert_int_equal(fscanf(found, "%d", &n), 1);
  pclose(found);
  return n;
}

static int entries_but(const char* suffix) {
  char command[700];
  snprintf(command, sizeof command, "test -z \"$(ls -A '%s' | grep -v '%s')\"", temporary_folder, suffix);
  return system(command);
}

// One machine holds the folder and lives; another is refused, and told who has it. It lets go: the other has it.
static void check_exclusion(int error) {
  lb_lock lock;
  char words[100];
  flock_error = error;
  node n = start_node("one");
  assert_true(answer(&n));
  be_machine("two");
  assert_true(lb_lock_is_held(temporary_folder));
  snprintf(words, sizeof words, "is in use by process %ld on one; wait", (long)n.pid);
  check_failure(lb_lock_take(&lock, temporary_folder), LB_IO, words);
  pause_for(1.8);  // longer than the patience: it lives
  check_failure(lb_lock_take(&lock, temporary_folder), LB_IO, words);
  assert_true(end_node(&n));
  assert_false(lb_lock_is_held(temporary_folder));
  double start = lb_wall_seconds();
  assert_ok(lb_lock_take(&lock, temporary_folder));
  assert_true(lb_wall_seconds() - start < 0.6);
  assert_ok(lb_lock_check(&lock, temporary_folder));
  lb_lock_release(&lock);
  assert_int_equal(entries_but("^[.]lock$"), 0);
}

static void machines_exclude_each_other_with_flock(void** state) {
  (void)state;
  check_exclusion(0);
}

static void machines_exclude_each_other_without_flock(void** state) {
  (void)state;
  check_exclusion(ENOLCK);
}

// One that is killed is followed after the patience, and not before.
static void check_takeover(int error) {
  lb_lock lock;
  flock_error = error;
  node n = start_node("one");
  assert_true(answer(&n));
  be_machine("two");
  double start = lb_wall_seconds();
  kill_node(&n);
  assert_true(lb_lock_is_held(temporary_folder));
  assert_ok(lb_lock_take(&lock, temporary_folder));
  double waited = lb_wall_seconds() - start;
  if (waited < 1.1 || waited > 10) fail_msg("it was taken over after %g s", waited);
  assert_true(lb_lock_is_held(temporary_folder));
  lb_lock_release(&lock);
}

static void a_dead_machine_is_followed_with_flock(void** state) {
  (void)state;
  check_takeover(0);
}

static void a_dead_machine_is_followed_without_flock(void** state) {
  (void)state;
  check_takeover(EOPNOTSUPP);
}

// Where the kernel knows that the process has died, nobody waits.
static void a_dead_process_of_this_machine_is_followed_at_once(void** state) {
  (void)state;
  lb_lock lock;
  node n = start_node("one");
  assert_true(answer(&n));
  kill_node(&n);
  be_machine("one");
  assert_false(lb_lock_is_held(temporary_folder));
  double start = lb_wall_seconds();
  assert_ok(lb_lock_take(&lock, temporary_folder));
  assert_true(lb_wall_seconds() - start < 0.6);
  lb_lock_release(&lock);
}

// A process that was suspended for longer than the patience finds the folder another's, and leaves it so; also where
// the lock that the server keeps for it says otherwise.
static void check_suspension(int error) {
  lb_lock lock;
  flock_error = error;
  node n = start_node("one");
  assert_true(answer(&n));
  kill(n.pid, SIGSTOP);
  be_machine("two");
  assert_ok(lb_lock_take(&lock, temporary_folder));
  kill(n.pid, SIGCONT);
  assert_false(end_node(&n));
  assert_ok(lb_lock_check(&lock, temporary_folder));
  assert_int_equal(entries_with("^[.]alive-"), 1);
  pause_for(1);
  assert_ok(lb_lock_check(&lock, temporary_folder));
  lb_lock_release(&lock);
  assert_int_equal(entries_with("^[.]alive"), 0);
}

static void a_suspended_process_writes_no_more_with_flock(void** state) {
  (void)state;
  check_suspension(0);
}

static void a_suspended_process_writes_no_more_without_flock(void** state) {
  (void)state;
  check_suspension(ENOSYS);
}

// Of many machines that find a dead one's folder at the same time, one gets it.
static void of_many_one_takes_over(void** state) {
  (void)state;
  enum { NODES = 8, TIMES = 3 };
  setenv("LAZYBENCH_PATIENCE", "0.6", 1);
  flock_error = ENOLCK;
  for (int k = 0; k < TIMES; k++) {
    node dead = start_node("dead"), nodes[NODES];
    assert_true(answer(&dead));
    kill_node(&dead);
    int owners = 0, to_the_end = 0;
    for (int i = 0; i < NODES; i++) {
      char name[32];
      snprintf(name, sizeof name, "node-%d", i);
      nodes[i] = start_node(name);
    }
    for (int i = 0; i < NODES; i++) owners += answer(&nodes[i]);
    for (int i = 0; i < NODES; i++) to_the_end += end_node(&nodes[i]);
    assert_int_equal(owners, 1);
    assert_int_equal(to_the_end, 1);
    assert_int_equal(entries_but("^[.]lock$"), 0);
  }
}

// Leaves what a machine leaves that lost its disk while it wrote: a sign of life that nobody gives.
static void leave_ruins(const char* own) {
  int fd = open(own, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd >= 0) close(fd);
  if (link(own, temporary(".alive-0")) != 0) errno = 0;
  unlink(own);
}

// Takes the folder again and again. What it does there alone, is to make a file that is not there and take it away.
static void be_racer(int i, double end) {
  char name[32], ruin[700];
  lb_lock lock;
  snprintf(name, sizeof name, "racer-%d", i);
  snprintf(ruin, sizeof ruin, "%s", temporary(name));
  setenv("LAZYBENCH_HOST", name, 1);
  srand((unsigned)i);
  is_slow = true;
  while (lb_wall_seconds() < end) {
    if (lb_lock_take(&lock, temporary_folder).code != LB_OK) continue;
    int fd = open(temporary("inside"), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0 && lb_lock_check(&lock, temporary_folder).code == LB_OK) _exit(1);
    if (fd < 0) _exit(2);
    if (write(fd, "x", 1) != 1) _exit(3);
    pause_for(0.0005);
    if (unlink(temporary("inside")) != 0) _exit(4);
    close(fd);
    lb_lock_release(&lock);
    leave_ruins(ruin);
  }
  _exit(0);
}

// However often machines meet at the folder of one that is gone, no two are in it at the same time.
static void racing_machines_are_never_two(void** state) {
  (void)state;
  enum { RACERS = 6 };
  pid_t racers[RACERS];
  setenv("LAZYBENCH_PATIENCE", "3", 1);
  flock_error = ENOLCK;
  double end = lb_wall_seconds() + 2;
  for (int i = 0; i < RACERS; i++) {
    racers[i] = fork();
    if (racers[i] == 0) be_racer(i, end);
  }
  for (int i = 0; i < RACERS; i++) {
    int status;
    waitpid(racers[i], &status, 0);
    if (status != 0) fail_msg("two machines worked in one folder (racer %d, status %d)", i, WEXITSTATUS(status));
  }
}

// What makes no sense holds nothing.
static void a_damaged_sign_of_life_is_nobodys(void** state) {
  (void)state;
  lb_lock lock;
  const char* const texts[] = {"", "\n", "12 one", "what is this?", "\xFF\xFE\x00\x01"};
  for (int k = 0; k < 5; k++) {
    write_plainly(temporary(".alive-0"), texts[k], strlen(texts[k]));
    assert_false(lb_lock_is_held(temporary_folder));
    assert_ok(lb_lock_take(&lock, temporary_folder));
    assert_ok(lb_lock_check(&lock, temporary_folder));
    lb_lock_release(&lock);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(machines_exclude_each_other_with_flock, empty_folder),
      cmocka_unit_test_setup(machines_exclude_each_other_without_flock, empty_folder),
      cmocka_unit_test_setup(a_dead_machine_is_followed_with_flock, empty_folder),
      cmocka_unit_test_setup(a_dead_machine_is_followed_without_flock, empty_folder),
      cmocka_unit_test_setup(a_dead_process_of_this_machine_is_followed_at_once, empty_folder),
      cmocka_unit_test_setup(a_suspended_process_writes_no_more_with_flock, empty_folder),
      cmocka_unit_test_setup(a_suspended_process_writes_no_more_without_flock, empty_folder),
      cmocka_unit_test_setup(of_many_one_takes_over, empty_folder),
      cmocka_unit_test_setup(racing_machines_are_never_two, empty_folder),
      cmocka_unit_test_setup(a_damaged_sign_of_life_is_nobodys, empty_folder),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
