// One run: see worker.h.
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "forecasts.h"
#include "options.h"
#include "outcome.h"
#include "settings.h"
#include "task/task.h"

static volatile sig_atomic_t stop_requested;

// The run may be in the middle of a long iteration. What it has written is whole, so it can end anywhere.
enum { GRACE_SECONDS = 15 };  // less than a pool of workers waits

// SIGTERM and its like: the run ends at the next iteration; it has so long for that.
static void request_stop(int number) {
  (void)number;
  stop_requested = 1;
  alarm(GRACE_SECONDS);
}

static const char* last_words;

// SIGALRM: it took too long.
static void end_now(int number) {
  (void)number;
  ssize_t wrote = write(STDERR_FILENO, last_words, strlen(last_words));
  (void)wrote;
  _exit(LB_EXIT_INTERRUPT);
}

// Requests to stop that this process was started to ignore (nohup, a shell's "&") stay ignored.
static void handle_requests(void (*handler)(int), int flags) {
  static const int requests[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    struct sigaction before, action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    if (sigaction(requests[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
      sigaction(requests[i], &action, NULL);
    }
  }
}

static const char late_words[] =
    "bench: told to stop in the middle of a long computation; the run goes on from its last checkpoint\n";

// The first request asks for an orderly end, soon; a second one of the same kind ends the process as usual.
static void listen_for_requests(void) {
  last_words = late_words;
  signal(SIGALRM, end_now);
  handle_requests(request_stop, SA_RESTART | (int)SA_RESETHAND);
}

// What comes after a run ends at once when it is told to.
static void stop_listening(void) {
  alarm(0);
  handle_requests(SIG_DFL, 0);
}

void lb_worker_end_on_request(const char* words) {
  last_words = words;
  handle_requests(end_now, 0);
  if (stop_requested) end_now(0);
}

void lb_worker_command(char* out, int size, const lb_run_options* o) {
  lb_protocol usual = lb_protocol_default();
  lb_setting settings[LB_SETTINGS_MAX];
  int n = lb_settings_difference(settings, &o->protocol, &usual);
  lb_text text = {0};
  lb_text_add(&text, "tools/bench run %s --algo %s --seed %llu", o->task, o->algo, (unsigned long long)o->seed);
  const char* own = lb_task_folders_find(o->task);
  if (own) lb_text_add(&text, " --models %s", own);
  for (int i = 0; i < n; i++) lb_text_add(&text, " --set %s", settings[i].text);
  if (o->given.data) lb_text_add(&text, " --data %s", o->given.data);
  if (o->given.policy) lb_text_add(&text, " --expert %s", o->given.policy);
  snprintf(out, (size_t)size, "%s", text.data);
  lb_text_free(&text);
}

lb_status lb_worker_program(const char** program, lb_arena* arena) {
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0) return lb_fail(LB_IO, "/proc/self/exe: cannot be read; workers cannot be started without it");
  path[n] = '\0';
  *program = lb_arena_text(arena, path);
  return lb_ok();
}

const char* const* lb_worker_words(const char* program, const lb_run_options* o, lb_arena* arena) {
  const char** words = LB_TAKE(arena, const char*, 24 + 2 * LB_SETTINGS_MAX);
  char seed[32], seconds[32];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)o->seed);
  snprintf(seconds, sizeof seconds, "%g", o->checkpoint_seconds);
  const char* first[] = {program,
                         "run",
                         o->task,
                         "--algo",
                         o->algo,
                         "--seed",
                         lb_arena_text(arena, seed),
                         "--out",
                         o->folder,
                         "--checkpoint",
                         lb_arena_text(arena, seconds),
                         "--worker"};
  int n = LB_COUNT_OF(first);
  memcpy(words, first, sizeof first);
  if (o->fresh) words[n++] = "--fresh";
  if (*o->suite) {
    words[n++] = "--suite";
    words[n++] = o->suite;
  }
  if (o->given.data) {
    words[n++] = "--data";
    words[n++] = o->given.data;
  }
  if (o->given.policy) {
    words[n++] = "--expert";
    words[n++] = o->given.policy;
  }
  lb_protocol usual = lb_protocol_default();
  lb_setting settings[LB_SETTINGS_MAX];
  int nsettings = lb_settings_difference(settings, &o->protocol, &usual);
  for (int i = 0; i < nsettings; i++) {
    words[n++] = "--set";
    words[n++] = lb_arena_text(arena, settings[i].text);
  }
  return words;
}

typedef struct listener {
  bool for_pool;
  double started;
  lb_run_progress last;
} listener;

// After an evaluation: a line for the pool, or the live line.
static void hear(void* ctx, const lb_run_progress* p) {
  listener* l = ctx;
  l->last = *p;
  if (l->for_pool) {
    printf("progress %d %d %.17g %.17g %s\n", p->iteration, p->iterations, p->score, p->score_se, p->iteration_name);
    fflush(stdout);
    return;
  }
  char elapsed[32], score[80];
  lb_format_duration(lb_wall_seconds() - l->started, elapsed, sizeof elapsed);
  lb_outcome_score(score, p->measure, p->score, p->score_se);
  lb_log_progress(10, "%s %d/%d  %s  %s elapsed", p->iteration_name, p->iteration, p->iterations, score, elapsed);
}

// Between evaluations: a sign of life.
static void hear_beat(void* ctx, int iteration, int iterations) {
  listener* l = ctx;
  if (l->for_pool) {
    printf("beat %d %d\n", iteration, iterations);
    fflush(stdout);
    return;
  }
  char elapsed[32], score[80];
  const lb_run_progress* p = &l->last;
  lb_format_duration(lb_wall_seconds() - l->started, elapsed, sizeof elapsed);
  if (p->iteration_name) {
    lb_outcome_score(score, p->measure, p->score, p->score_se);
    lb_log_progress(10, "%s %d/%d  %s at %d  %s elapsed", p->iteration_name, iteration, iterations, score, p->iteration,
                    elapsed);
  } else {
    lb_log_progress(10, "%d/%d  %s elapsed", iteration, iterations, elapsed);
  }
}

lb_status lb_worker_run(const lb_run_options* options, bool for_pool, lb_run_progress* last) {
  LB_TRY(lb_forecasts_check_disk_of_run(options));
  listen_for_requests();
  listener l = {.for_pool = for_pool, .started = lb_wall_seconds()};
  lb_run_options o = *options;
  o.stop = &stop_requested;
  o.progress = hear;
  o.beat = hear_beat;
  o.progress_ctx = &l;
  lb_status status = lb_run(&o);
  stop_listening();
  lb_log_progress_done();
  if (for_pool && status.code == LB_DIVERGED) printf("diverged %s\n", status.text);
  *last = l.last;
  return status;
}
