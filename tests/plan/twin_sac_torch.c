// Twenty updates of soft actor-critic against PyTorch's, with the same weights, transitions and noise
// (tests/golden/make_torch.py): every reported number, and all weights at the end.
#include "plan/sac.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "../nn/torch_layers.h"
#include "../support/near.h"
#include "plan/sac_private.h"

enum { NOBS = 4, NACT = 2, N = 24, UPDATES = 20, WIDTH = 2 * NOBS + NACT + 2, COLUMNS = 32 };

#ifdef LB_NN_DOUBLE
static const double tolerance = 1e-10, weight_tolerance = 1e-10;
#else
static const double tolerance = 2e-4, weight_tolerance = 1e-3;
#endif

static void columns(lb_real* out, const double* rows) {
  for (int j = 0; j < N; j++) {
    for (int i = 0; i < NACT; i++) out[i * COLUMNS + j] = (lb_real)rows[j * NACT + i];
  }
}

static lb_sac* start(const lb_npz* npz, lb_arena* arena) {
  lb_sac_config config = lb_sac_default_config(NOBS, NACT);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  config.width = 16;
  config.batch = N;
  config.gamma = 0.97;
  config.tau = 0.05;
  config.target_interval = 2;
  config.rate = 3e-3;
  lb_sac* sac = lb_sac_new(&config, &rng, arena);
  torch_layers(sac->actor, npz, arena, "%s_start", "actor");
  torch_layers(sac->critics, npz, arena, "%s_start", "critics");
  memcpy(sac->targets->theta, sac->critics->theta, (size_t)sac->critics->count * sizeof(lb_real));
  return sac;
}

static void check_net(const lb_net* net, const lb_npz* npz, const char* name, lb_arena* arena) {
  lb_net* end = lb_net_new(&net->shape, arena);
  torch_layers(end, npz, arena, "%s_end", name);
  for (long i = 0; i < net->count; i++) assert_near((double)net->theta[i], (double)end->theta[i], weight_tolerance);
}

static void test_updates(void** state) {
  (void)state;
  lb_arena* arena = lb_arena_new(0);
  lb_npz* npz = torch_open("torch_sac.npz");
  lb_sac* sac = start(npz, arena);
  const double *data = torch_array(npz, arena, "%s", "data"), *states = torch_array(npz, arena, "%s", "states");
  const double *noise = torch_array(npz, arena, "%s", "noise"), *expected = torch_array(npz, arena, "%s", "report");
  float rows[N * WIDTH], own[N * WIDTH] = {0};
  lb_real first[NACT * COLUMNS] = {0}, second[NACT * COLUMNS] = {0};
  for (int u = 0; u < UPDATES; u++) {
    for (int i = 0; i < N * WIDTH; i++) rows[i] = (float)data[u * N * WIDTH + i];
    for (int i = 0; i < N * NOBS; i++) own[i / NOBS * WIDTH + i % NOBS] = (float)states[u * N * NOBS + i];
    columns(first, noise + (2 * u) * N * NACT);
    columns(second, noise + (2 * u + 1) * N * NACT);
    lb_transitions batch = {.n = N, .nobs = NOBS, .nact = NACT, .data = rows}, others = batch;
    others.data = own;
    lb_sac_report report;
    lb_sac_update_with(sac, &report, &batch, u >= UPDATES / 2 ? &others : NULL, first, second, (int[]){0, 1});
    assert_null(report.broken);
    assert_int_equal(report.updates, u + 1);
    const double found[] = {report.critic_loss, report.actor_loss, report.q, report.log_density, report.alpha};
    for (int i = 0; i < 5; i++)
      assert_near(found[i], expected[5 * u + i], tolerance * fmax(1, fabs(expected[5 * u + i])));
  }
  check_net(sac->actor, npz, "actor", arena);
  check_net(sac->critics, npz, "critics", arena);
  check_net(sac->targets, npz, "targets", arena);
  lb_npz_free(npz);
  lb_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_updates)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
