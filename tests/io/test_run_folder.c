// The life of a run's folder: new, killed, resumed, done, and all that can be wrong with one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "io/run_folder.h"
#include "temporary.h"

static const char config[] = "{\"seed\": 1, \"task\": {\"name\": \"hopper\", \"dt\": [1, 2]}}";

static const char* folder(void) {
  return temporary("run");
}

static const char* in_folder(const char* name) {
  char relative[64];
  snprintf(relative, sizeof relative, "run/%s", name);
  return temporary(relative);
}

static int no_folder(void** state) {
  (void)state;
  return lb_folder_remove(temporary("run")).code == LB_OK ? 0 : -1;
}

static void check_content(const char* path, const char* expected) {
  char* bytes;
  size_t n;
  assert_ok(lb_file_read(path, &bytes, &n));
  assert_string_equal(bytes, expected);
  free(bytes);
}

static void check_begins(const char* path, const char* expected) {
  char* bytes;
  size_t n;
  assert_ok(lb_file_read(path, &bytes, &n));
  assert_true(n > strlen(expected));
  bytes[strlen(expected)] = '\0';
  assert_string_equal(bytes, expected);
  free(bytes);
}

static void save(lb_run_folder* run, double value) {
  lb_npz_writer* w = lb_npz_writer_new(false);
  lb_npz_add_doubles(w, "value", 0, NULL, &value);
  assert_ok(lb_run_folder_save(run, w));
  lb_npz_writer_free(w);
}

// A run that wrote two lines, saved 7, wrote a third line and was killed there.
static void live_and_die(void) {
  pid_t child = fork();
  if (child == 0) {
    lb_run_folder run;
    lb_run_state so_far;
    if (lb_run_folder_open(&run, folder(), config, false, &so_far).code != LB_OK || so_far != LB_RUN_NEW) _exit(1);
    if (lb_run_folder_metrics(&run, "{\"i\":0}", "{\"s\":0.5}").code != LB_OK) _exit(1);
    if (lb_run_folder_metrics(&run, "{\"i\":1}", "{\"s\":0.75}").code != LB_OK) _exit(1);
    save(&run, 7);
    if (lb_run_folder_metrics(&run, "{\"i\":2}", "{\"s\":0.875}").code != LB_OK) _exit(1);
    raise(SIGKILL);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_killed_run_resumes_at_its_checkpoint(void** state) {
  (void)state;
  live_and_die();
  check_content(in_folder("config.json"), config);
  check_content(in_folder("metrics.jsonl"), "{\"i\":0}\n{\"i\":1}\n{\"i\":2}\n");
  lb_run_folder run;
  lb_run_state so_far;
  lb_npz* checkpoint;
  assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
  assert_int_equal(so_far, LB_RUN_STARTED);
  assert_ok(lb_run_folder_resume(&run, &checkpoint));
  assert_true(*(const double*)lb_npz_find(checkpoint, "value")->data == 7);
  lb_npz_free(checkpoint);
  check_content(in_folder("metrics.jsonl"), "{\"i\":0}\n{\"i\":1}\n");
  check_content(in_folder("timing.jsonl"), "{\"s\":0.5}\n{\"s\":0.75}\n");
  assert_int_equal(run.metrics.bytes, 16);
  assert_int_equal(run.timing.bytes, 21);
  assert_ok(lb_run_folder_metrics(&run, "{\"i\":2}", "{\"s\":1}"));
  save(&run, 8);
  assert_ok(lb_run_folder_done(&run, "finished", "all \"well\""));
  lb_run_folder_close(&run);
  check_content(in_folder("metrics.jsonl"), "{\"i\":0}\n{\"i\":1}\n{\"i\":2}\n");
  check_begins(in_folder("done.json"), "{\"status\":\"finished\",\"message\":\"all \\\"well\\\"\",\"files\":{");
  assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
  assert_int_equal(so_far, LB_RUN_DONE);
  lb_run_folder_close(&run);
}

static void a_run_without_a_checkpoint_starts_over(void** state) {
  (void)state;
  live_and_die();
  assert_int_equal(unlink(in_folder("checkpoint.npz")), 0);
  lb_run_folder run;
  lb_run_state so_far;
  lb_npz* checkpoint;
  assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
  assert_int_equal(so_far, LB_RUN_STARTED);
  assert_ok(lb_run_folder_resume(&run, &checkpoint));
  assert_null(checkpoint);
  check_content(in_folder("metrics.jsonl"), "");
  check_content(in_folder("timing.jsonl"), "");
  lb_run_folder_close(&run);
  // A new folder can be "resumed" too.
  assert_int_equal(no_folder(state), 0);
  assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
  assert_int_equal(so_far, LB_RUN_NEW);
  assert_ok(lb_run_folder_resume(&run, &checkpoint));
  assert_null(checkpoint);
  lb_run_folder_close(&run);
}

static void check_other_config(const char* other, const char* words) {
  lb_run_folder run;
  lb_run_state so_far;
  lb_status status = lb_run_folder_open(&run, folder(), other, false, &so_far);
  check_failure(status, LB_INPUT, "was made with another configuration|choose another --out or give --fresh");
  check_failure(status, LB_INPUT, words);
}

#define HASH_A "44a7d2fc00112233445566778899aabbccddeeff00112233445566778899aabb"
#define HASH_B "5b0c9e1100112233445566778899aabbccddeeff00112233445566778899aabb"
#define TEXT_50 "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVW"

// Opens a run that has `there` as its configuration with `here`.
static void check_kind(void** state, const char* there, const char* here, const char* words) {
  lb_run_folder run;
  lb_run_state so_far;
  assert_int_equal(no_folder(state), 0);
  assert_ok(lb_run_folder_open(&run, folder(), there, false, &so_far));
  lb_run_folder_close(&run);
  check_failure(lb_run_folder_open(&run, folder(), here, false, &so_far), LB_INPUT, words);
}

static void what_differs_has_the_name_that_status_gives_it(void** state) {
  check_kind(state, "{\"task_hash\": \"" HASH_A "\"}", "{\"task_hash\": \"" HASH_B "\"}",
             "is of another version of the task ($.task_hash was \"44a7d2fc...\" and is now \"5b0c9e11...\"); choose");
  check_kind(state, "{\"expert\": {\"policy\": \"" HASH_A "\"}}", "{\"expert\": {\"policy\": \"" HASH_B "\"}}",
             "was made from another recording of the expert ($.expert.policy was \"44a7d2fc...\"");
  check_kind(state, "{\"recipe\": {\"model\": 1}}", "{\"recipe\": {\"model\": 2}}",
             "was made by another version of the algorithm ($.recipe.model was 1 and is now 2)");
  check_kind(state, "{\"protocol\": {\"width\": 8}}", "{\"protocol\": {\"width\": 9}}",
             "was made with other settings ($.protocol.width was 8 and is now 9)");
  check_kind(
      state, "{\"x\": \"" TEXT_50 "0123456789 and on\"}", "{\"x\": \"b\"}",
      "was made with another configuration ($.x was \"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUV...\" and is "
      "now \"b\")");
}

static void another_configuration_is_refused_and_the_difference_named(void** state) {
  (void)state;
  live_and_die();
  check_other_config("{\"seed\": 2, \"task\": {\"name\": \"hopper\", \"dt\": [1, 2]}}", "($.seed was 1 and is now 2)");
  check_other_config("{\"seed\": 1, \"task\": {\"name\": \"ant\", \"dt\": [1, 2]}}",
                     "($.task.name was \"hopper\" and is now \"ant\")");
  check_other_config("{\"seed\": 1, \"task\": {\"name\": \"hopper\", \"dt\": [1, 3]}}", "($.task.dt[1] was 2");
  check_other_config("{\"seed\": 1, \"task\": {\"name\": \"hopper\", \"dt\": [1]}}", "($.task.dt was [1,2] and is");
  check_other_config("{\"seed\": 1, \"task\": {\"name\": \"hopper\", \"dt\": [1, 2], \"x\": 1}}", "($.task.x is new)");
  check_other_config("{\"seed\": 1}", "($.task is no longer there)");
  // Nothing was touched, and the lock was given back each time.
  check_content(in_folder("config.json"), config);
  check_content(in_folder("metrics.jsonl"), "{\"i\":0}\n{\"i\":1}\n{\"i\":2}\n");
}

// A run with this text as its configuration, over or not, is opened with another.
static lb_status reopen(lb_run_folder* run, const char* first, bool over, const char* second) {
  lb_run_state so_far;
  assert_int_equal(no_folder(NULL), 0);
  assert_ok(lb_run_folder_open(run, folder(), first, false, &so_far));
  if (over) assert_ok(lb_run_folder_done(run, "finished", ""));
  lb_run_folder_close(run);
  lb_status status = lb_run_folder_open(run, folder(), second, false, &so_far);
  if (status.code == LB_OK) lb_run_folder_close(run);
  return status;
}

static void what_made_a_run_is_a_part_of_it(void** state) {
  (void)state;
  static const char one[] =
      "{\"title\":\"A\",\"seed\":1,\"program\":{\"numerics\":\"aa\"},\"arithmetic\":{\"isa\":\"X\"}}";
  static const char elsewhere[] =
      "{\"title\":\"A\",\"seed\":1,\"program\":{\"numerics\":\"aa\"},\"arithmetic\":{\"isa\":\"Y\"}}";
  static const char next[] =
      "{\"title\":\"A\",\"seed\":1,\"program\":{\"numerics\":\"bb\"},\"arithmetic\":{\"isa\":\"X\"}}";
  static const char named[] =
      "{\"title\":\"B\",\"seed\":1,\"program\":{\"numerics\":\"aa\"},\"arithmetic\":{\"isa\":\"X\"}}";
  static const char old[] = "{\"title\":\"A\",\"seed\":1}";
  lb_run_folder run;
  for (int over = 0; over < 2; over++) {
    check_failure(reopen(&run, one, over, next), LB_INPUT,
                  "was made by another program ($.program.numerics was \"aa\" and is now \"bb\")|give --fresh");
    check_failure(reopen(&run, old, over, one), LB_INPUT, "was made by another program ($.program is new)");
    assert_ok(reopen(&run, one, over, named));  // words decide nothing
    assert_string_equal(run.elsewhere, "");
  }
  check_failure(reopen(&run, one, false, elsewhere), LB_INPUT,
                "another arithmetic|($.arithmetic.isa was \"X\" and is now \"Y\")|give --fresh");
  assert_ok(reopen(&run, one, true, elsewhere));
  assert_string_equal(run.elsewhere, "$.arithmetic.isa was \"X\" and is now \"Y\"");
}

static void fresh_removes_the_run_and_nothing_else(void** state) {
  (void)state;
  live_and_die();
  write_plainly(in_folder("notes.txt"), "mine", 4);
  write_plainly(in_folder(".checkpoint.npz.tmp-99999"), "half", 4);
  write_plainly(in_folder("policy-000000100.safetensors"), "kept", 4);
  write_plainly(in_folder("policy-100.safetensors"), "mine", 4);
  lb_run_folder run;
  lb_run_state so_far;
  assert_ok(lb_run_folder_open(&run, folder(), "{\"seed\": 2}", true, &so_far));
  assert_int_equal(so_far, LB_RUN_NEW);
  assert_int_equal(run.metrics.bytes, 0);
  lb_run_folder_close(&run);
  check_content(in_folder("config.json"), "{\"seed\": 2}");
  check_content(in_folder("notes.txt"), "mine");
  check_content(in_folder("policy-100.safetensors"), "mine");
  assert_false(lb_file_exists(in_folder("policy-000000100.safetensors")));
  assert_false(lb_file_exists(in_folder("metrics.jsonl")));
  assert_false(lb_file_exists(in_folder("timing.jsonl")));
  assert_false(lb_file_exists(in_folder("checkpoint.npz")));
  assert_false(lb_file_exists(in_folder(".checkpoint.npz.tmp-99999")));
}

static void a_folder_in_use_is_refused(void** state) {
  (void)state;
  lb_run_folder run, other;
  lb_run_state so_far;
  assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
  check_failure(lb_run_folder_open(&other, folder(), config, true, &so_far), LB_IO, "run: is in use by process");
  check_content(in_folder("config.json"), config);
  lb_run_folder_close(&other);
  lb_run_folder_close(&run);
}

static void check_resume_fails(const char* words) {
  lb_run_folder run;
  lb_run_state so_far;
  lb_npz* checkpoint;
  assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
  lb_status status = lb_run_folder_resume(&run, &checkpoint);
  lb_run_folder_close(&run);
  assert_null(checkpoint);
  check_failure(status, LB_INPUT, words);
  check_failure(status, LB_INPUT, "; start over with --fresh");
}

static void damaged_runs_are_refused(void** state) {
  (void)state;
  char* bytes;
  size_t n;
  live_and_die();
  assert_ok(lb_file_read(in_folder("checkpoint.npz"), &bytes, &n));
  write_plainly(in_folder("checkpoint.npz"), bytes, n / 2);
  check_resume_fails("checkpoint.npz: is truncated or damaged");
  bytes[n / 4] = (char)(bytes[n / 4] ^ 1);
  write_plainly(in_folder("checkpoint.npz"), bytes, n);
  check_resume_fails("checkpoint.npz: entry");
  bytes[n / 4] = (char)(bytes[n / 4] ^ 1);
  write_plainly(in_folder("checkpoint.npz"), bytes, n);
  free(bytes);
  write_plainly(in_folder("metrics.jsonl"), "{\"i\":0}\n", 8);
  check_resume_fails("metrics.jsonl: was altered since the run was stopped: its first 16 bytes");
  lb_npz_writer* w = lb_npz_writer_new(false);
  assert_ok(lb_npz_save(w, in_folder("checkpoint.npz")));
  lb_npz_writer_free(w);
  check_resume_fails("checkpoint.npz: was written by another version");
}

// Whatever of a checkpoint is another number, the archive's own checksums mended, is noticed.
static void altered_checkpoints_are_refused(void** state) {
  (void)state;
  enum { CHANGES = 5 };
  static const double eight = 8, seven[] = {7};
  for (int change = 0; change < CHANGES; change++) {
    lb_npz* npz;
    lb_npz_writer* w = lb_npz_writer_new(false);
    assert_int_equal(no_folder(state), 0);
    live_and_die();
    assert_ok(lb_npz_load(&npz, in_folder("checkpoint.npz")));
    for (int i = 0; i < lb_npz_count(npz); i++) {
      const lb_array* a = lb_npz_at(npz, i);
      if (strcmp(a->name, "value") != 0) {
        lb_npz_add(w, a->name, a->dtype, a->rank, a->shape, a->data);
      } else if (change == 0) {
        lb_npz_add_doubles(w, "value", 0, NULL, &eight);
      } else if (change == 1) {
        lb_npz_add_doubles(w, "value", 1, (const int64_t[]){1}, seven);
      } else if (change == 2) {
        lb_npz_add(w, "value", LB_I64, 0, NULL, a->data);
      } else if (change == 3) {
        lb_npz_add_doubles(w, "valve", 0, NULL, seven);
      }
    }
    assert_ok(lb_npz_save(w, in_folder("checkpoint.npz")));
    lb_npz_writer_free(w);
    lb_npz_free(npz);
    check_resume_fails("checkpoint.npz: its entries are not those that were written: it was altered");
  }
}

// What an editor, git's autocrlf, or a copy from elsewhere make of a log, long enough or not.
static void altered_logs_are_refused(void** state) {
  (void)state;
  static const char* const metrics[] = {"{\"i\":0}\r\n{\"i\":1}\r\n{\"i\":2}\r\n", "{\"i\":1}\n{\"i\":2}\n",
                                        "{\"i\":0}\n{\"i\":0}\n{\"i\":1}\n{\"i\":2}\n",
                                        "{\"i\":0}\n{\"i\":7}\n{\"i\":2}\n", ""};
  live_and_die();
  assert_ok(lb_run_folder_verify(folder()));
  for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
    write_plainly(in_folder("metrics.jsonl"), metrics[i], strlen(metrics[i]));
    check_resume_fails("metrics.jsonl: was altered since the run was stopped");
    check_failure(lb_run_folder_verify(folder()), LB_INPUT, "metrics.jsonl: was altered since the run was stopped");
    check_content(in_folder("metrics.jsonl"), metrics[i]);
  }
  write_plainly(in_folder("metrics.jsonl"), "{\"i\":0}\n{\"i\":1}\nand what came behind", 37);
  write_plainly(in_folder("timing.jsonl"), "{\"s\":0.5}\n{\"s\":0.76}\n", 22);
  check_resume_fails("timing.jsonl: was altered since the run was stopped: its first 21 bytes");
  check_failure(lb_run_folder_verify(folder()), LB_INPUT, "timing.jsonl: was altered since the run was stopped");
  write_plainly(in_folder("timing.jsonl"), "{\"s\":0.5}\n{\"s\":0.75}\n", 21);
  lb_run_folder run;
  lb_run_state so_far;
  lb_npz* checkpoint;
  assert_ok(lb_run_folder_verify(folder()));
  assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
  assert_ok(lb_run_folder_resume(&run, &checkpoint));
  lb_npz_free(checkpoint);
  // What a process writes just now is nobody else's business.
  write_plainly(in_folder("timing.jsonl"), "", 0);
  assert_ok(lb_run_folder_verify(folder()));
  lb_run_folder_close(&run);
  check_content(in_folder("metrics.jsonl"), "{\"i\":0}\n{\"i\":1}\n");
}

static void another_runs_checkpoint_is_refused(void** state) {
  (void)state;
  lb_run_folder run;
  lb_run_state so_far;
  char* bytes;
  size_t n;
  live_and_die();
  assert_ok(lb_file_read(in_folder("checkpoint.npz"), &bytes, &n));
  assert_int_equal(no_folder(state), 0);
  assert_ok(lb_run_folder_open(&run, folder(), "{\"seed\": 2}", false, &so_far));
  assert_ok(lb_run_folder_metrics(&run, "{\"i\":0}", "{}"));
  lb_run_folder_close(&run);
  write_plainly(in_folder("checkpoint.npz"), bytes, n);
  free(bytes);
  lb_npz* checkpoint;
  assert_ok(lb_run_folder_open(&run, folder(), "{\"seed\": 2}", false, &so_far));
  lb_status status = lb_run_folder_resume(&run, &checkpoint);
  check_failure(
      status, LB_INPUT,
      "checkpoint.npz: is the checkpoint of another run ($.seed was 1 and is now 2); start over with --fresh");
  lb_run_folder_close(&run);
}

// A finished run, with a policy.
static void finish(void) {
  lb_run_folder run;
  lb_run_state so_far;
  assert_ok(lb_run_folder_open(&run, folder(), config, true, &so_far));
  assert_ok(lb_run_folder_metrics(&run, "{\"i\":0}", "{\"s\":0.5}"));
  assert_ok(lb_run_folder_metrics(&run, "{\"i\":1}", "{\"s\":0.75}"));
  save(&run, 7);
  write_plainly(in_folder("policy.safetensors"), "a policy", 8);
  assert_ok(lb_run_folder_done(&run, "finished", ""));
  lb_run_folder_close(&run);
}

static void check_altered(const char* words) {
  lb_run_folder run;
  lb_run_state so_far;
  check_failure(lb_run_folder_verify(folder()), LB_INPUT, words);
  check_failure(lb_run_folder_open(&run, folder(), config, false, &so_far), LB_INPUT, words);
  lb_run_folder_close(&run);
  assert_int_equal(unlink(in_folder("done.json")), 0);
  finish();
  assert_ok(lb_run_folder_verify(folder()));
}

static void a_finished_run_vouches_for_its_files(void** state) {
  (void)state;
  char long_line[] = "{\"i\":0}\n{\"i\":1}\n{\"i\":1}\n";
  finish();
  assert_ok(lb_run_folder_verify(folder()));
  write_plainly(in_folder("metrics.jsonl"), "{\"i\":1}\n", 8);
  check_altered("metrics.jsonl: is not what the run left");
  write_plainly(in_folder("metrics.jsonl"), long_line, strlen(long_line));
  check_altered("metrics.jsonl: is not what the run left");
  write_plainly(in_folder("metrics.jsonl"), "{\"i\":0}\n{\"i\":2}\n", 16);
  check_altered("metrics.jsonl: is not what the run left");
  assert_int_equal(unlink(in_folder("metrics.jsonl")), 0);
  check_altered("metrics.jsonl: is missing, though the run is over");
  write_plainly(in_folder("policy.safetensors"), "a police", 8);
  check_altered("policy.safetensors: is not what the run left");
  write_plainly(in_folder("best.safetensors"), "a policy", 8);
  check_altered("best.safetensors: was not there when the run ended");
  write_plainly(in_folder("checkpoint.npz"), "another", 7);
  check_altered("checkpoint.npz: is not what the run left");
  assert_int_equal(unlink(in_folder("checkpoint.npz")), 0);
  check_altered("checkpoint.npz: is missing, though the run is over");
  assert_int_equal(unlink(in_folder("policy.safetensors")), 0);
  check_altered("policy.safetensors: is missing, though the run is over");
}

// Marks a file in done.json as tools/publish does.
static void mark_left_out(const char* name) {
  char *bytes, key[64];
  size_t n;
  lb_text text = {0};
  assert_ok(lb_file_read(in_folder("done.json"), &bytes, &n));
  snprintf(key, sizeof key, "\"%s\":{", name);
  char* at = strstr(bytes, key);
  assert_non_null(at);
  at += strlen(key);
  lb_text_add(&text, "%.*s\"left_out\":true,%s", (int)(at - bytes), bytes, at);
  write_plainly(in_folder("done.json"), text.data, text.length);
  lb_text_free(&text);
  free(bytes);
}

// Results are published without checkpoints and policies, which done.json then says; without logs they are none.
static void published_runs_lack_what_done_says(void** state) {
  (void)state;
  finish();
  mark_left_out("policy.safetensors");
  mark_left_out("metrics.jsonl");
  assert_ok(lb_run_folder_verify(folder()));
  assert_int_equal(unlink(in_folder("policy.safetensors")), 0);
  assert_ok(lb_run_folder_verify(folder()));
  write_plainly(in_folder("policy.safetensors"), "a police", 8);
  check_failure(lb_run_folder_verify(folder()), LB_INPUT, "policy.safetensors: is not what the run left");
  assert_int_equal(unlink(in_folder("policy.safetensors")), 0);
  assert_int_equal(unlink(in_folder("checkpoint.npz")), 0);
  check_failure(lb_run_folder_verify(folder()), LB_INPUT, "checkpoint.npz: is missing");
  mark_left_out("checkpoint.npz");
  assert_ok(lb_run_folder_verify(folder()));
  assert_int_equal(unlink(in_folder("metrics.jsonl")), 0);
  check_failure(lb_run_folder_verify(folder()), LB_INPUT, "metrics.jsonl: is missing");
}

// Older programs listed no files, and did not name themselves in config.json; of one that does, the list is missed.
static void a_list_of_files_that_is_missing(void** state) {
  (void)state;
  const char* done = "{\"status\":\"finished\",\"message\":\"\"}\n";
  const char* named = "{\"seed\": 1, \"program\": {}}";
  finish();
  write_plainly(in_folder("done.json"), done, strlen(done));
  assert_ok(lb_run_folder_verify(folder()));
  write_plainly(in_folder("config.json"), named, strlen(named));
  check_failure(lb_run_folder_verify(folder()), LB_INPUT, "done.json: has no \"files\"");
}

// What somebody changes while a run is going on is noticed too: done.json says what was written.
static void a_log_altered_while_the_run_goes_on(void** state) {
  (void)state;
  lb_run_folder run;
  lb_run_state so_far;
  assert_ok(lb_run_folder_open(&run, folder(), config, true, &so_far));
  assert_ok(lb_run_folder_metrics(&run, "{\"i\":0}", "{}"));
  write_plainly(in_folder("metrics.jsonl"), "{\"i\":9}\n", 8);
  assert_ok(lb_run_folder_done(&run, "finished", ""));
  lb_run_folder_close(&run);
  check_failure(lb_run_folder_verify(folder()), LB_INPUT, "metrics.jsonl: is not what the run left");
}

// Whatever was there of another run goes, whoever wrote it.
static void fresh_leaves_nothing_of_the_former_run(void** state) {
  (void)state;
  static const char* const names[] = {"best.safetensors", "model.safetensors", "policy.safetensors", "environment.json",
                                      "progress.json",    "done.json",         "checkpoint.npz"};
  lb_run_folder run;
  lb_run_state so_far;
  live_and_die();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) write_plainly(in_folder(names[i]), "old", 3);
  assert_ok(lb_run_folder_open(&run, folder(), config, true, &so_far));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) assert_false(lb_file_exists(in_folder(names[i])));
  lb_run_folder_close(&run);
}

static void check_foreign(const char* name, const char* words) {
  lb_run_folder run;
  lb_run_state so_far;
  for (int fresh = 0; fresh < 2; fresh++) {
    lb_status status = lb_run_folder_open(&run, folder(), config, fresh, &so_far);
    check_failure(status, LB_INPUT, "run: is not the folder of a run: it holds|choose another --out, new or empty");
    check_failure(status, LB_INPUT, words);
    lb_run_folder_close(&run);
    assert_true(lb_file_exists(in_folder(name)));
    assert_false(lb_file_exists(in_folder(".lock")));
  }
}

static void a_folder_of_other_files_is_refused(void** state) {
  (void)state;
  assert_ok(lb_folder_make(folder()));
  write_plainly(in_folder("config.json"), "{\"compilerOptions\": {}}", 23);
  check_foreign("config.json", "config.json");
  assert_int_equal(unlink(in_folder("config.json")), 0);
  write_plainly(in_folder("metrics.jsonl"), "{}\n", 3);
  check_foreign("metrics.jsonl", "metrics.jsonl");
  assert_int_equal(unlink(in_folder("metrics.jsonl")), 0);
  write_plainly(in_folder("thesis.tex"), "mine", 4);
  check_foreign("thesis.tex", "thesis.tex");
  write_plainly(in_folder("suite.json"), "{}", 2);
  check_foreign("suite.json", "the results of a suite, suite.json");
}

// Nobody writes into a pipe or reads from one: the run must not wait for that.
static void pipes_in_the_place_of_logs_are_refused(void** state) {
  (void)state;
  lb_run_folder run;
  lb_run_state so_far;
  lb_npz* checkpoint;
  static const char* const names[] = {"metrics.jsonl", "checkpoint.npz", "timing.jsonl"};
  alarm(20);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(no_folder(state), 0);
    live_and_die();
    assert_int_equal(unlink(in_folder(names[i])), 0);
    assert_int_equal(mkfifo(in_folder(names[i]), 0600), 0);
    assert_ok(lb_run_folder_open(&run, folder(), config, false, &so_far));
    check_failure(lb_run_folder_resume(&run, &checkpoint), LB_INPUT, names[i]);
    if (i == 0)
      check_failure(lb_run_folder_metrics(&run, "{}", "{}"), LB_INPUT, "metrics.jsonl: is a pipe or the like");
    lb_run_folder_close(&run);
  }
  alarm(0);
}

static void folders_that_cannot_be_a_runs(void** state) {
  (void)state;
  lb_run_folder run;
  lb_run_state so_far;
  char name[3000];
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  check_failure(lb_run_folder_open(&run, name, config, false, &so_far), LB_INPUT, "is longer than 1023 bytes");
  check_failure(lb_run_folder_open(&run, "", config, false, &so_far), LB_INPUT, "empty");
  write_plainly(temporary("file"), "x", 1);
  check_failure(lb_run_folder_open(&run, temporary("file"), config, false, &so_far), LB_INPUT, "file: is a file");
  live_and_die();
  assert_int_equal(unlink(in_folder("config.json")), 0);
  check_failure(lb_run_folder_open(&run, folder(), config, false, &so_far), LB_INPUT,
                "run: holds a run without its config.json");
  lb_run_folder_close(&run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_killed_run_resumes_at_its_checkpoint, no_folder),
      cmocka_unit_test_setup(a_run_without_a_checkpoint_starts_over, no_folder),
      cmocka_unit_test_setup(another_configuration_is_refused_and_the_difference_named, no_folder),
      cmocka_unit_test_setup(what_differs_has_the_name_that_status_gives_it, no_folder),
      cmocka_unit_test_setup(what_made_a_run_is_a_part_of_it, no_folder),
      cmocka_unit_test_setup(fresh_removes_the_run_and_nothing_else, no_folder),
      cmocka_unit_test_setup(a_folder_in_use_is_refused, no_folder),
      cmocka_unit_test_setup(damaged_runs_are_refused, no_folder),
      cmocka_unit_test_setup(altered_checkpoints_are_refused, no_folder),
      cmocka_unit_test_setup(altered_logs_are_refused, no_folder),
      cmocka_unit_test_setup(another_runs_checkpoint_is_refused, no_folder),
      cmocka_unit_test_setup(a_finished_run_vouches_for_its_files, no_folder),
      cmocka_unit_test_setup(published_runs_lack_what_done_says, no_folder),
      cmocka_unit_test_setup(a_list_of_files_that_is_missing, no_folder),
      cmocka_unit_test_setup(a_log_altered_while_the_run_goes_on, no_folder),
      cmocka_unit_test_setup(fresh_leaves_nothing_of_the_former_run, no_folder),
      cmocka_unit_test_setup(a_folder_of_other_files_is_refused, no_folder),
      cmocka_unit_test_setup(pipes_in_the_place_of_logs_are_refused, no_folder),
      cmocka_unit_test_setup(folders_that_cannot_be_a_runs, no_folder),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
