// Compact recordings of the real tasks: they come back to the bit from keyframes and actions, observations that were
// left out included, and all that this repository is to ship fits.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
// clang-format on

#include "data/demos.h"
#include "data/replay.h"
#include "io/file.h"
#include "task/task.h"

// Every task that experts are recorded on, and how many transitions of it are shipped.
static const struct shipped {
  const char* task;
  int transitions;
} all[] = {{"hopper", 10000},
           {"walker2d", 10000},
           {"halfcheetah", 10000},
           {"ant", 10000},
           {"ant-truncated", 10000},
           {"humanoid", 50000},
           {"humanoid-truncated", 50000},
           {"swimmer", 10000},
           {"reacher", 10000},
           {"inverted-pendulum", 10000},
           {"inverted-double-pendulum", 10000},
           {"pointmaze-large", 10000},
           {"serpentine", 3000},
           {"serpentine-1", 1500},
           {"serpentine-16", 1500},
           {"cartpole-swingup", 10000},
           {"ball-and-beam", 10000},
           {"pendulum-swingup", 10000}};

enum { N = 600, TASKS = sizeof all / sizeof all[0] };
static const double most_bytes = 60e6, most_humanoid = 340;

static char folder[] = "/tmp/lb_recordings_XXXXXX", path[100];

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/demos.npz", folder);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(folder).code;
}

typedef struct dice {
  const lb_system* system;
  lb_rng rng;
} dice;

static void act(void* ctx, int n, int t, const double* in, double* u) {
  dice* d = ctx;
  (void)t;
  (void)in;
  for (int i = 0; i < n * d->system->nu; ++i) {
    u[i] = 0.4 * d->system->u_high[i % d->system->nu] * (2 * lb_rng_uniform(&d->rng) - 1);
  }
}

static lb_system* open_task(const char* name) {
  lb_system* system;
  lb_status status = lb_task_open(&system, LB_SOURCE_DIR "/models", name);
  assert_string_equal(status.text, "");
  return system;
}

static lb_demos* record(lb_system* system, int n) {
  dice d = {.system = system, .rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0)};
  lb_policy policy = {.input = LB_READS_OBSERVATION, .nin = system->nobs, .nu = system->nu, .ctx = &d, .act = act};
  lb_demos* demos;
  lb_status status = lb_demos_record_transitions(&demos, system, &policy, n, 1);
  assert_string_equal(status.text, "");
  return demos;
}

// The bytes of the file with that much room for observations.
static double save(const lb_demos* demos, const lb_system* system, int64_t room) {
  lb_demos_compact config = lb_demos_default_compact();
  config.observation_bytes = room;
  lb_status status = lb_demos_save_compact(demos, system, path, "{}", &config);
  assert_string_equal(status.text, "");
  struct stat file;
  assert_int_equal(stat(path, &file), 0);
  return (double)file.st_size;
}

static void assert_equal(const double* a, const double* b, int n) {
  assert_memory_equal(a, b, (size_t)n * sizeof *a);
}

static void assert_same(const lb_demos* a, const lb_demos* b, const lb_system* s) {
  assert_int_equal(lb_demos_episodes(a), lb_demos_episodes(b));
  for (int e = 0; e < lb_demos_episodes(a); ++e) {
    int length = lb_demos_episode(a, e, NULL, NULL).length;
    assert_int_equal(length, lb_demos_episode(b, e, NULL, NULL).length);
    for (int t = 0; t < length; ++t) {
      lb_demo_step p = lb_demos_step(a, e, t), q = lb_demos_step(b, e, t);
      assert_equal(p.x, q.x, s->space.nx);
      assert_equal(p.x_next, q.x_next, s->space.nx);
      assert_equal(p.u, q.u, s->nu);
      assert_equal(p.obs, q.obs, s->nobs);
      assert_equal(p.next_obs, q.next_obs, s->nobs);
      if (s->nhidden > 0) assert_equal(p.hidden, q.hidden, s->nhidden);
      assert_true(p.reward == q.reward && p.terminal == q.terminal);
    }
  }
}

static void every_task_comes_back_to_the_bit(void** state) {
  (void)state;
  static const char* const more[] = {"helicopter-hover", "helicopter-hover-2023"};
  for (int i = 0; i < TASKS + 2; ++i) {
    lb_system* system = open_task(i < TASKS ? all[i].task : more[i - TASKS]);
    lb_demos *demos = record(system, N), *loaded;
    print_message("%s\n", system->name);
    for (int k = 0; k < 2; ++k) {
      save(demos, system, k == 0 ? 8000000 : 0);
      lb_status status = lb_demos_load_with(&loaded, system, path, LB_DEMOS_AS_STORED);
      assert_string_equal(status.text, "");
      lb_replay_keyed_report report;
      lb_replay_keyed(&report, system, loaded);
      assert_true(report.is_bitwise && report.exact + report.rounded == N);
      lb_demos_free(loaded);
      status = lb_demos_load(&loaded, system, path);
      assert_string_equal(status.text, "");
      assert_same(demos, loaded, system);
      lb_demos_free(loaded);
    }
    lb_demos_free(demos);
    lb_system_free(system);
  }
}

// A file's size at the shipped count from its size a transition; observations count as they do at that count.
static void all_that_is_shipped_fits(void** state) {
  (void)state;
  double total = 0;
  for (int i = 0; i < TASKS; ++i) {
    lb_system* system = open_task(all[i].task);
    lb_demos* demos = record(system, N);
    int64_t bytes = (int64_t)all[i].transitions * system->nobs * 4;
    double size = save(demos, system, bytes <= lb_demos_default_compact().observation_bytes ? 8000000 : 0);
    if (strncmp(all[i].task, "humanoid", 8) == 0) assert_true(size / N < most_humanoid);
    total += size / N * all[i].transitions;
    lb_demos_free(demos);
    lb_system_free(system);
  }
  print_message("%.1f MB\n", total / 1e6);
  assert_true(total > 10e6 && total < most_bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_task_comes_back_to_the_bit),
      cmocka_unit_test(all_that_is_shipped_fits),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
