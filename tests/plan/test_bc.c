// Behaviour cloning from outside: it recovers an expert it was shown enough of and says so when it was not, it
// stops early at the weights it reports, it holds out whole episodes, it says what broke.
#include "plan/bc.h"

// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "../io/temporary.h"
#include "../nn/fill.h"
#include "../support/near.h"
#include "plan/bc_private.h"

enum { NOBS = 6, NACT = 2, MOST = 3000, FRESH = 500, WIDTH = 2 * NOBS + NACT + 2 };

// The expert: tanh of a linear map of observations that lie on very different scales, plus noise before the tanh.
static const double offset[NOBS] = {0, 100, -3, 0, 1, 0}, scale[NOBS] = {1, 20, 0.05, 3, 1, 0.3};
static const double gain[NACT][NOBS] = {{0.8, -0.5, 0.3, 0, 0.2, -0.4}, {-0.2, 0.6, 0.5, 0.4, 0, 0.7}};
static const double bias[NACT] = {0.1, -0.3};

typedef struct fixture {
  lb_arena *arena, *scratch;
  lb_rng rng;
  lb_actor* actor;
  lb_bc_config config;
  lb_bc_report report;
  float data[MOST * WIDTH];
} fixture;

static double mean_of(const double* z, int i) {
  double mean = bias[i];
  for (int k = 0; k < NOBS; k++) mean += gain[i][k] * z[k];
  return mean;
}

// n transitions of the expert; z (n, NOBS) are its observations before they are scaled, NULL: not wanted. What is
// no business of behaviour cloning is not a number.
static void demonstrate(fixture* f, int n, double noise) {
  for (int j = 0; j < n; j++) {
    float* row = f->data + (long)j * WIDTH;
    double z[NOBS];
    lb_rng_normals(&f->rng, z, NOBS);
    for (int k = 0; k < NOBS; k++) row[k] = (float)(offset[k] + scale[k] * z[k]);
    for (int i = 0; i < NACT; i++) row[NOBS + i] = (float)tanh(mean_of(z, i) + noise * lb_rng_normal(&f->rng));
    for (int k = NOBS + NACT; k < WIDTH; k++) row[k] = NAN;
  }
}

static fixture* make(uint32_t seed) {
  fixture* f = malloc(sizeof *f);
  assert_non_null(f);
  *f = (fixture){.arena = lb_arena_new(0), .scratch = lb_arena_new(0), .config = lb_bc_default_config()};
  f->rng = lb_rng_stream(seed, LB_RNG_TEST, 0, 0);
  lb_actor_config config = lb_actor_default_config(NOBS, NACT);
  config.width = 32;
  f->actor = lb_actor_new(&config, &f->rng, f->arena);
  f->config.batch = 64;
  f->config.most_epochs = 120;
  return f;
}

static void drop(fixture* f) {
  lb_arena_free(f->arena);
  lb_arena_free(f->scratch);
  free(f);
}

static lb_transitions rows_of(const fixture* f, int n) {
  return (lb_transitions){.n = n, .nobs = NOBS, .nact = NACT, .data = f->data};
}

static void fit(fixture* f, int n) {
  lb_transitions data = rows_of(f, n);
  assert_ok(lb_bc_fit(f->actor, &f->report, &data, NULL, 0, &f->config, &f->rng, f->scratch));
  assert_null(f->report.broken);
  assert_true(f->report.train + f->report.held == n);
}

// The root mean square distance of the actor's mean action from the noise-free expert's, where neither was seen.
static double error_of(fixture* f) {
  double total = 0;
  lb_rng rng = lb_rng_stream(77, LB_RNG_TEST, 0, 0);
  for (int j = 0; j < FRESH; j++) {
    double z[NOBS], obs[NOBS], a[NACT];
    lb_rng_normals(&rng, z, NOBS);
    for (int k = 0; k < NOBS; k++) obs[k] = offset[k] + scale[k] * z[k];
    lb_actor_act(f->actor, a, obs, 1, NULL);
    for (int i = 0; i < NACT; i++) total += pow(a[i] - tanh(mean_of(z, i)), 2) / (NACT * FRESH);
  }
  return sqrt(total);
}

static void test_expert_is_recovered_from_enough(void** state) {
  (void)state;
  for (uint32_t seed = 1; seed <= 3; seed++) {
    fixture* f = make(seed);
    demonstrate(f, MOST, 0);
    double before = error_of(f);
    fit(f, MOST);
    assert_true(before > 0.4);
    assert_true(error_of(f) < 0.03);
    assert_near(sqrt(f->report.holdout), error_of(f), 0.002);
    drop(f);
  }
}

static void test_holdout_tells_when_it_was_not_enough(void** state) {
  (void)state;
  for (uint32_t seed = 1; seed <= 3; seed++) {
    fixture* f = make(seed);
    f->config.holdout = 0.5;
    demonstrate(f, 24, 0);
    fit(f, 24);
    assert_true(error_of(f) > 0.1);
    assert_true(sqrt(f->report.holdout) > 0.1);
    assert_true(sqrt(f->report.holdout) > error_of(f) / 1.5);
    drop(f);
  }
}

// Mean and deviation of atanh of the actor's sampled actions at one observation.
static void sample(fixture* f, double* mean, double* deviation, const double* obs, lb_rng* rng) {
  enum { DRAWS = 2000 };
  double sum[NACT] = {0}, square[NACT] = {0}, a[NACT];
  for (int j = 0; j < DRAWS; j++) {
    lb_actor_act(f->actor, a, obs, 1, rng);
    for (int i = 0; i < NACT; i++) {
      double u = atanh(a[i]);
      sum[i] += u / DRAWS;
      square[i] += u * u / DRAWS;
    }
  }
  for (int i = 0; i < NACT; i++) {
    mean[i] = sum[i];
    deviation[i] = sqrt(square[i] - sum[i] * sum[i]);
  }
}

// -log density of the expert's own distribution, with noise of 0.3, at its actions: no policy has less in the
// long run. By the transformation of densities, in the actions' own terms.
static double own_likelihood(const fixture* f, const int* rows, int n, double noise) {
  double total = 0;
  for (int j = 0; j < n; j++) {
    const float* row = f->data + (long)rows[j] * WIDTH;
    double z[NOBS];
    for (int k = 0; k < NOBS; k++) z[k] = ((double)row[k] - offset[k]) / scale[k];
    for (int i = 0; i < NACT; i++) {
      double a = (double)row[NOBS + i], e = (atanh(a) - mean_of(z, i)) / noise;
      total += (0.5 * e * e + log(noise * sqrt(2 * acos(-1))) + log(1 - a * a)) / n;
    }
  }
  return total;
}

static void test_likelihood_recovers_the_noise(void** state) {
  (void)state;
  const double noise = 0.3;
  fixture* f = make(1);
  double average = 0;
  int count = 0;
  f->config.loss = LB_BC_LIKELIHOOD;
  demonstrate(f, MOST, noise);
  lb_transitions data = rows_of(f, MOST);
  lb_bc_work w = lb_bc_begin(f->actor, &data, &f->config, f->scratch);
  lb_rng same = f->rng;
  lb_bc_split(&w, NULL, 0, &same);
  double own = own_likelihood(f, w.rows + w.train, w.held, noise);
  fit(f, MOST);
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 0, 0);
  for (int p = 0; p < 20; p++) {
    double z[NOBS], obs[NOBS], mean[NACT], deviation[NACT];
    lb_rng_normals(&rng, z, NOBS);
    for (int k = 0; k < NOBS; k++) obs[k] = offset[k] + scale[k] * z[k];
    sample(f, mean, deviation, obs, &rng);
    for (int i = 0; i < NACT; i++) {
      if (fabs(mean_of(z, i)) > 2) continue;
      average += deviation[i];
      count += 1;
      assert_near(deviation[i], noise, 0.15);
      assert_near(mean[i], mean_of(z, i), 0.25);
    }
  }
  assert_true(count > 25);
  assert_near(average / count, noise, 0.03);
  assert_true(f->report.holdout > own - 0.05 && f->report.holdout < own + 0.2);
  drop(f);
}

// The squared error gives the noise that its own errors on the holdout have.
static void test_squared_error_sets_the_noise(void** state) {
  (void)state;
  fixture* f = make(1);
  double z[NOBS] = {0.1, -0.1, 0.2}, obs[NOBS], mean[NACT], deviation[NACT], square = 0;
  demonstrate(f, MOST, 0.3);
  fit(f, MOST);
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 0, 0);
  for (int k = 0; k < NOBS; k++) obs[k] = offset[k] + scale[k] * z[k];
  sample(f, mean, deviation, obs, &rng);
  for (int i = 0; i < NACT; i++) square += deviation[i] * deviation[i] / NACT;
  assert_near(sqrt(square), sqrt(f->report.holdout), 0.02);
  assert_true(deviation[0] > 0.1 && deviation[1] > 0.1);
  drop(f);
}

// An expert that is clipped at its limits, as controllers are: nothing becomes infinite, and the actor reaches the
// limits too.
static void test_actions_at_their_bounds(void** state) {
  (void)state;
  for (int loss = 0; loss < 2; loss++) {
    fixture* f = make(2);
    int at_bound = 0, right = 0;
    f->config.loss = (lb_bc_loss)loss;
    demonstrate(f, 2000, 0);
    for (int j = 0; j < 2000; j++) {
      for (int i = 0; i < NACT; i++) {
        float* a = f->data + (long)j * WIDTH + NOBS + i;
        *a = (float)fmax(-1, fmin(1, 2 * atanh((double)*a)));
      }
    }
    fit(f, 2000);
    assert_true(f->report.best_epoch > 3);
    for (int j = 0; j < 2000; j++) {
      const float* row = f->data + (long)j * WIDTH;
      double obs[NOBS], a[NACT];
      for (int k = 0; k < NOBS; k++) obs[k] = (double)row[k];
      lb_actor_act(f->actor, a, obs, 1, NULL);
      for (int i = 0; i < NACT; i++) {
        if (fabsf(row[NOBS + i]) < 1) continue;
        at_bound += 1;
        right += fabs(a[i] - (double)row[NOBS + i]) < 0.15;
      }
    }
    assert_true(at_bound > 1000 && right > 0.95 * at_bound);
    drop(f);
  }
}

// The loss at rows of the data by plain loops in double precision.
static double plain_loss(const fixture* f, const int* rows, int n) {
  const lb_normalizer* z = &f->actor->normalizer;
  double total = 0;
  for (int j = 0; j < n; j++) {
    const float* row = f->data + (long)rows[j] * WIDTH;
    lb_real x[NOBS] = {0};
    for (int k = 0; k < NOBS; k++) x[k] = ((lb_real)row[k] - z->mean[k]) * z->scale[k];
    for (int i = 0; i < NACT; i++) {
      total += pow(tanh(plain_output(f->actor->net, 0, x, 1, 0, i)) - (double)row[NOBS + i], 2) / (NACT * n);
    }
  }
  return total;
}

// The normalizer is that of the training part alone.
static void check_normalizer(const fixture* f, const int* rows, int n) {
  for (int k = 0; k < NOBS; k++) {
    double mean = 0, square = 0;
    for (int j = 0; j < n; j++) mean += (double)f->data[(long)rows[j] * WIDTH + k] / n;
    for (int j = 0; j < n; j++) square += pow((double)f->data[(long)rows[j] * WIDTH + k] - mean, 2) / n;
    assert_near((double)f->actor->normalizer.mean[k], mean, 1e-6 * (1 + fabs(mean)));
    assert_near((double)f->actor->normalizer.scale[k] * sqrt(square), 1, 1e-6);
  }
}

// On few noisy transitions the holdout loss turns; the reported losses are those of the weights that came back, and a
// fit that ends at the best epoch has the same ones to the bit.
static void test_best_weights_come_back(void** state) {
  (void)state;
  enum { N = 150 };
  fixture *f = make(3), *again = make(3), *longer = make(3);
  demonstrate(f, N, 0.5);
  demonstrate(again, N, 0.5);
  demonstrate(longer, N, 0.5);
  lb_transitions data = rows_of(f, N);
  lb_bc_work w = lb_bc_begin(f->actor, &data, &f->config, f->scratch);
  lb_rng same = f->rng;
  lb_bc_split(&w, NULL, 0, &same);
  f->config.rate = again->config.rate = longer->config.rate = 3e-3;
  f->config.drops = again->config.drops = longer->config.drops = 0;
  fit(f, N);
  assert_true(f->report.best_epoch > 2 && f->report.epochs == f->report.best_epoch + f->config.patience);
  assert_int_equal(f->report.held, 15);
  assert_int_equal(f->report.updates, 3 * f->report.epochs);
  assert_near(plain_loss(f, w.rows + w.train, w.held), f->report.holdout, 1e-6);
  assert_near(plain_loss(f, w.rows, w.train), f->report.loss, 1e-6);
  check_normalizer(f, w.rows, w.train);
  again->config.most_epochs = f->report.best_epoch;
  fit(again, N);
  assert_int_equal(again->report.epochs, f->report.best_epoch);
  assert_memory_equal(again->actor->net->theta, f->actor->net->theta, (size_t)f->actor->net->count * sizeof(lb_real));
  assert_true(again->report.holdout == f->report.holdout);
  assert_near(again->report.loss, f->report.loss, 1e-9);  // summed in another order
  // More patience buys more epochs, and never a worse holdout.
  longer->config.patience = 60;
  fit(longer, N);
  assert_true(longer->report.epochs > f->report.epochs && longer->report.holdout <= f->report.holdout);
  drop(f);
  drop(again);
  drop(longer);
}

// Near the end Adam's steps are noise of the size of the rate: lower rates must find weights that are better by much,
// on an expert without noise.
static void test_lower_rates_refine(void** state) {
  (void)state;
  enum { N = 2000 };
  fixture *once = make(5), *refined = make(5);
  demonstrate(once, N, 0);
  demonstrate(refined, N, 0);
  once->config.drops = 0;
  refined->config.drops = 2;
  once->config.patience = refined->config.patience = 10;
  once->config.most_epochs = refined->config.most_epochs = 1000;
  fit(once, N);
  fit(refined, N);
  print_message("holdout %.3g, with lower rates %.3g\n", once->report.holdout, refined->report.holdout);
  assert_true(refined->report.epochs > once->report.epochs);
  assert_true(refined->report.holdout < 0.9 * once->report.holdout);
  drop(once);
  drop(refined);
}

static void test_same_stream_gives_the_same_bits(void** state) {
  (void)state;
  fixture *a = make(4), *b = make(4), *c = make(4);
  fixture* all[] = {a, b, c};
  for (int i = 0; i < 3; i++) {
    demonstrate(all[i], 300, 0.1);
    all[i]->config.most_epochs = 5;
  }
  c->rng = lb_rng_stream(99, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < 3; i++) fit(all[i], 300);
  size_t bytes = (size_t)a->actor->net->count * sizeof(lb_real);
  assert_memory_equal(a->actor->net->theta, b->actor->net->theta, bytes);
  assert_memory_not_equal(a->actor->net->theta, c->actor->net->theta, bytes);
  for (int i = 0; i < 3; i++) drop(all[i]);
}

// More epochs take no more memory, and a fit gives back what it took.
static void test_training_steps_take_no_memory(void** state) {
  (void)state;
  size_t peaks[2];
  for (int i = 0; i < 2; i++) {
    fixture* f = make(4);
    demonstrate(f, 300, 0.1);
    f->config.most_epochs = i ? 20 : 1;
    lb_mark before = lb_arena_mark(f->scratch);
    fit(f, 300);
    lb_mark after = lb_arena_mark(f->scratch);
    assert_true(before.block == after.block && before.used == after.used);
    assert_int_equal(f->report.epochs, i ? 20 : 1);
    peaks[i] = lb_arena_peak(f->scratch);
    drop(f);
  }
  assert_true(peaks[0] > 0 && peaks[0] == peaks[1]);
}

// Episodes of unequal lengths: each is on one side as a whole, a tenth of them (at least one) are held out, nothing is
// lost; which ones is up to the stream. Rows of a view are followed.
static void test_whole_episodes_are_held_out(void** state) {
  (void)state;
  enum { EPISODES = 30 };
  fixture* f = make(5);
  int starts[EPISODES], rows[MOST], sides[2] = {0}, n = 0;
  for (int e = 0; e < EPISODES; e++) {
    starts[e] = n;
    n += 1 + (7 * e) % 13;
  }
  for (int j = 0; j < n; j++) rows[j] = 3 * j + 1;
  lb_transitions data = rows_of(f, n);
  data.rows = rows;
  bool was_held[EPISODES] = {false};
  for (int draw = 0; draw < 40; draw++) {
    int side[MOST] = {0}, held = 0;
    lb_mark mark = lb_arena_mark(f->scratch);
    lb_bc_work w = lb_bc_begin(f->actor, &data, &f->config, f->scratch);
    lb_bc_split(&w, starts, EPISODES, &f->rng);
    assert_true(w.by_episode && w.train + w.held == n);
    for (int j = 0; j < n; j++) {
      assert_int_equal(w.rows[j] % 3, 1);
      assert_int_equal(side[w.rows[j] / 3], 0);
      side[w.rows[j] / 3] = j < w.train ? 1 : 2;
      sides[j >= w.train] += 1;
    }
    for (int e = 0; e < EPISODES; e++) {
      for (int j = starts[e]; j < (e + 1 < EPISODES ? starts[e + 1] : n); j++) {
        assert_int_equal(side[j], side[starts[e]]);
      }
      held += side[starts[e]] == 2;
      was_held[e] = was_held[e] || side[starts[e]] == 2;
    }
    assert_int_equal(held, 3);
    lb_arena_release(f->scratch, mark);
  }
  int ever = 0;
  for (int e = 0; e < EPISODES; e++) ever += was_held[e];
  assert_true(ever > 25);
  lb_bc_work w = lb_bc_begin(f->actor, &data, &f->config, f->scratch);
  lb_bc_split(&w, starts, LB_BC_LEAST_EPISODES - 1, &f->rng);
  assert_true(!w.by_episode && w.held == (int)round(0.1 * n));
  drop(f);
}

// Each episode has an action of its own, which its observations tell: by rows the holdout looks easy, by episodes it
// says that nothing was learned that holds elsewhere.
static void test_episodes_are_an_honest_holdout(void** state) {
  (void)state;
  enum { EPISODES = 10, LENGTH = 60, N = EPISODES * LENGTH };
  double holdout[2];
  for (int by_episode = 0; by_episode < 2; by_episode++) {
    fixture* f = make(6);
    int starts[EPISODES];
    demonstrate(f, N, 0);
    for (int e = 0; e < EPISODES; e++) {
      starts[e] = e * LENGTH;
      double own = lb_rng_uniform(&f->rng) < 0.5 ? -0.8 : 0.8, place[NOBS];
      lb_rng_normals(&f->rng, place, NOBS);
      for (int j = starts[e]; j < starts[e] + LENGTH; j++) {
        for (int k = 0; k < NOBS; k++) f->data[j * WIDTH + k] = (float)(place[k] + 0.1 * lb_rng_normal(&f->rng));
        for (int i = 0; i < NACT; i++) f->data[j * WIDTH + NOBS + i] = (float)own;
      }
    }
    lb_transitions data = rows_of(f, N);
    f->config.holdout = 0.3;
    assert_ok(
        lb_bc_fit(f->actor, &f->report, &data, starts, by_episode ? EPISODES : 0, &f->config, &f->rng, f->scratch));
    assert_true(f->report.by_episode == by_episode);
    holdout[by_episode] = f->report.holdout;
    drop(f);
  }
  assert_true(holdout[0] < 0.02 && holdout[1] > 0.2);
}

// What hardly moved in the demonstrations must not rule the actor where it moves.
static void test_still_observations_are_not_blown_up(void** state) {
  (void)state;
  fixture* f = make(7);
  demonstrate(f, 500, 0);
  for (int j = 0; j < 500; j++) {
    f->data[j * WIDTH + 3] = (float)(1e-6 * lb_rng_normal(&f->rng));
    f->data[j * WIDTH + 4] = 7;
  }
  f->config.most_epochs = 1;
  fit(f, 500);
  const lb_normalizer* z = &f->actor->normalizer;
  assert_near((double)z->scale[3], 1e3, 0.1);
  assert_true(z->scale[4] == 1 && z->mean[4] == 7);
  assert_near(1 / (double)z->scale[1], scale[1], 0.1 * scale[1]);
  drop(f);
}

static void test_too_few_are_refused(void** state) {
  (void)state;
  fixture* f = make(8);
  demonstrate(f, 10, 0);
  lb_transitions data = rows_of(f, 9);
  check_failure(lb_bc_fit(f->actor, &f->report, &data, NULL, 0, &f->config, &f->rng, f->scratch), LB_INPUT,
                "9 transitions|at least 10|record more");
  data.n = 0;
  check_failure(lb_bc_fit(f->actor, &f->report, &data, NULL, 0, &f->config, &f->rng, f->scratch), LB_INPUT, "0 trans");
  fit(f, 10);
  assert_true(f->report.held == 1 && f->report.epochs > 0);
  drop(f);
}

static const char* broken_of(fixture* f, int n) {
  lb_transitions data = rows_of(f, n);
  assert_ok(lb_bc_fit(f->actor, &f->report, &data, NULL, 0, &f->config, &f->rng, f->scratch));
  assert_non_null(f->report.broken);
  return f->report.broken;
}

static void test_it_says_what_broke(void** state) {
  (void)state;
  fixture* f = make(9);
  lb_net* net = f->actor->net;
  size_t bytes = (size_t)net->count * sizeof(lb_real);
  lb_real* first = LB_TAKE(f->arena, lb_real, net->count);
  memcpy(first, net->theta, bytes);
  demonstrate(f, 200, 0);
  float saved = f->data[7 * WIDTH + 2];
  f->data[7 * WIDTH + 2] = NAN;
  assert_string_equal(broken_of(f, 200), "observations");
  f->data[7 * WIDTH + 2] = saved;
  f->data[199 * WIDTH + NOBS + 1] = INFINITY;
  assert_string_equal(broken_of(f, 200), "actions");
  assert_memory_equal(net->theta, first, bytes);
  assert_true(f->actor->normalizer.mean[1] == 0 && f->actor->normalizer.scale[1] == 1);
  fit(f, 199);
  // A rate that no float survives: at the second step of an epoch the gradient is lost, after an epoch of one step the
  // holdout. The first weights come back.
  f->config.rate = 1e30;
  memcpy(net->theta, first, bytes);
  assert_string_equal(broken_of(f, 199), "gradient");
  assert_memory_equal(net->theta, first, bytes);
  f->config.batch = 256;
  assert_string_equal(broken_of(f, 199), "holdout");
  assert_true(f->report.best_epoch == 0 && isfinite(f->report.holdout));
  assert_memory_equal(net->theta, first, bytes);
  net->theta[0] = NAN;
  assert_string_equal(broken_of(f, 199), "weights");
  assert_int_equal(f->report.updates, 0);
  drop(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_expert_is_recovered_from_enough),
      cmocka_unit_test(test_holdout_tells_when_it_was_not_enough),
      cmocka_unit_test(test_likelihood_recovers_the_noise),
      cmocka_unit_test(test_squared_error_sets_the_noise),
      cmocka_unit_test(test_actions_at_their_bounds),
      cmocka_unit_test(test_best_weights_come_back),
      cmocka_unit_test(test_lower_rates_refine),
      cmocka_unit_test(test_same_stream_gives_the_same_bits),
      cmocka_unit_test(test_training_steps_take_no_memory),
      cmocka_unit_test(test_whole_episodes_are_held_out),
      cmocka_unit_test(test_episodes_are_an_honest_holdout),
      cmocka_unit_test(test_still_observations_are_not_blown_up),
      cmocka_unit_test(test_too_few_are_refused),
      cmocka_unit_test(test_it_says_what_broke),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
