// record_tool TASK TRANSITIONS FILE [SIZE [LIE]]: a compact recording of uniformly random controls, up to SIZE (default
// 0.4) of their limits. Prints what it wrote, and how long writing and the ways to read took. With LIE the file is
// untrue: this is added to a number of row 1's state; then nothing is read.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "data/demos.h"
#include "data/replay.h"
#include "task/task.h"

typedef struct dice {
  const lb_system* system;
  lb_rng rng;
  double size;
} dice;

static void throw(void* ctx, int n, int t, const double* in, double* u) {
  dice* d = ctx;
  (void)t;
  (void)in;
  for (int i = 0; i < n * d->system->nu; ++i) {
    u[i] = d->size * d->system->u_high[i % d->system->nu] * (2 * lb_rng_uniform(&d->rng) - 1);
  }
}

static int check(lb_status status) {
  if (status.code != LB_OK) fprintf(stderr, "record_tool: %s\n", status.text);
  return status.code != LB_OK;
}

static int load(lb_system* system, const char* path, const char* what, unsigned parts) {
  lb_demos* demos;
  double begin = lb_wall_seconds();
  if (check(lb_demos_load_with(&demos, system, path, parts))) return 1;
  printf("%s %.2f s\n", what, lb_wall_seconds() - begin);
  if (lb_demos_is_rounded(demos)) {
    lb_replay_keyed_report r;
    lb_replay_keyed(&r, system, demos);
    printf("bit-equal: %s\n", r.is_bitwise ? "yes" : "no");
  }
  lb_demos_free(demos);
  return 0;
}

static int run(lb_system* system, int n, const char* path, double size, double lie) {
  dice d = {.system = system, .rng = lb_rng_stream(7, LB_RNG_TEST, 0, 0), .size = size};
  lb_policy policy = {.input = LB_READS_OBSERVATION, .nin = system->nobs, .nu = system->nu, .ctx = &d, .act = throw};
  lb_demos_compact config = lb_demos_default_compact();
  lb_demos* demos;
  double begin = lb_wall_seconds();
  if (check(lb_demos_record_transitions(&demos, system, &policy, n, 1))) return 1;
  ((double*)(uintptr_t)lb_demos_step(demos, 0, 1).x)[1] += lie;
  double recorded = lb_wall_seconds();
  int failed = check(lb_demos_save_compact(demos, system, path, "{\"policy\": \"random\"}", &config));
  struct stat file = {0};
  if (!failed) failed = stat(path, &file) != 0;
  printf("%s: %d episodes, %d transitions, %lld bytes, %.1f a transition\nrecorded %.2f s\nsaved %.2f s\n",
         system->name, lb_demos_episodes(demos), n, (long long)file.st_size, (double)file.st_size / n, recorded - begin,
         lb_wall_seconds() - recorded);
  lb_demos_free(demos);
  if (failed || lie != 0) return failed;
  return load(system, path, "as stored", LB_DEMOS_AS_STORED) ||
         load(system, path, "observations", LB_DEMOS_OBSERVATIONS) ||
         load(system, path, "exact", LB_DEMOS_EXACT | LB_DEMOS_OBSERVATIONS);
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  lb_system* system;
  if (check(lb_task_open(&system, LB_SOURCE_DIR "/models", argv[1]))) return 1;
  int failed = run(system, atoi(argv[2]), argv[3], argc > 4 ? atof(argv[4]) : 0.4, argc > 5 ? atof(argv[5]) : 0);
  lb_system_free(system);
  return failed;
}
