// Recordings from elsewhere, in D4RL's layout with a Gymnasium environment's name: what is read, how episodes are cut,
// what is compared with what, and what is refused. The system is a counter with a hidden number, so that a restart from
// the state alone differs from the live step by a known amount.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "data/demos.h"
#include "data/replay.h"
#include "io/file.h"
#include "io/npz.h"

// q' = q + u + v / 10, v' = v + warm; the reward is q' - track; then warm' = warm / 2 + 1, track' = q'. Ends at q' > 3.
typedef struct counter {
  double q, v, warm, track;
} counter;

static counter self;

// What v' takes of the warm start, and by how much of the action the track stays behind q', which no state tells.
static double warmth = 1, lag = 0;

static void set_state(void* s, const double* x, int t) {
  counter* c = s;
  (void)t;
  *c = (counter){x[0], x[1], 0, x[0]};
}
static void get_state(void* s, double* x) {
  counter* c = s;
  x[0] = c->q, x[1] = c->v;
}
static void observe(void* s, double* obs) {
  obs[0] = 100 * ((counter*)s)->q;
}
static void get_hidden(void* s, double* h) {
  counter* c = s;
  h[0] = c->warm, h[1] = c->track;
}
static void set_hidden(void* s, const double* h) {
  counter* c = s;
  c->warm = h[0], c->track = h[1];
}
static lb_outcome step(void* s, const double* u, const double* w) {
  counter* c = s;
  (void)w;
  c->q += u[0] + c->v / 10;
  c->v += warmth * c->warm;
  lb_outcome outcome = {.reward = c->q - c->track, .terminated = c->q > 3};
  c->warm = c->warm / 2 + 1;
  c->track = c->q - lag * u[0];
  return outcome;
}
static void destroy(void* s) {
  (void)s;
}

static const char* const aliases[] = {"Counter-v5", "Counter-v4", NULL};
static const double limit_low[] = {-1}, limit_high[] = {1};

static lb_system world(void) {
  return (lb_system){.name = "counter",
                     .aliases = aliases,
                     .hash = "0123",
                     .self = &self,
                     .space = {.nx = 2, .ndx = 2},
                     .nu = 1,
                     .nobs = 1,
                     .nq = 1,
                     .nhidden = 2,
                     .nwarm = 1,
                     .horizon = 10,
                     .u_low = limit_low,
                     .u_high = limit_high,
                     .set_state = set_state,
                     .get_state = get_state,
                     .get_hidden = get_hidden,
                     .set_hidden = set_hidden,
                     .observe = observe,
                     .step = step,
                     .destroy = destroy};
}

enum { N = 9, LAST = 5 };  // rows; the first episode has LAST of them

typedef struct recording {
  double obs[N], next_obs[N], u[N], q[N], v[N], next_q[N], next_v[N], warm[N], track[N], reward[N];
  double cold_q[N], cold_v[N], cold_obs[N], cold_reward[N];
  bool terminal[N], timeout[N], cold_terminal[N];
  int64_t episode[N];
} recording;

static recording r;
static char folder[] = "/tmp/lb_foreign_XXXXXX";
static char path[64];

static void record(void) {
  lb_system s = world();
  double x[2];
  for (int i = 0; i < N; ++i) {
    if (i == 0 || i == LAST) set_state(&self, (const double[]){0.1 * i, 0.5}, 0);
    r.q[i] = self.q, r.v[i] = self.v, r.warm[i] = self.warm, r.track[i] = self.track;
    observe(&self, &r.obs[i]);
    r.u[i] = 0.9;
    counter before = self;
    set_state(&self, (const double[]){r.q[i], r.v[i]}, 0);
    lb_outcome cold = step(&self, &r.u[i], NULL);
    r.cold_q[i] = self.q, r.cold_v[i] = self.v, r.cold_reward[i] = cold.reward, r.cold_terminal[i] = cold.terminated;
    observe(&self, &r.cold_obs[i]);
    self = before;
    lb_outcome outcome = lb_system_step(&s, LB_STEP_EXPERT, &r.u[i], NULL);
    get_state(&self, x);
    r.next_q[i] = x[0], r.next_v[i] = x[1];
    observe(&self, &r.next_obs[i]);
    r.reward[i] = outcome.reward, r.terminal[i] = outcome.terminated;
    r.timeout[i] = (i == LAST - 1 || i == N - 1) && !outcome.terminated;
    r.episode[i] = i >= LAST;
  }
}

static int set_up(void** state) {
  (void)state;
  record();
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/counter.npz", folder);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(folder).code;
}

// Which of the optional entries are written.
enum { WARM = 1, TRACK = 2, EPISODE = 4, COLD = 8, NEXT = 16, ALL = 31, SINGLE = 32, OTHERS = 64 };

// Adds (N, ...) numbers as double, or as float32.
static void add_numbers(lb_npz_writer* w, const char* name, int rank, const double* data, bool single) {
  const int64_t shape[2] = {N, 1};
  float rounded[N];
  for (int i = 0; i < N; ++i) rounded[i] = (float)data[i];
  lb_npz_add(w, name, single ? LB_F32 : LB_F64, rank, shape, single ? (const void*)rounded : (const void*)data);
}

// What D4RL's files hold besides, and nobody reads.
static void add_others(lb_npz_writer* w) {
  const int64_t flat[1] = {N};
  static const uint8_t image[N];
  lb_npz_add(w, "metadata/policy", LB_U8, 1, flat, image);
  lb_npz_add_string(w, "metadata/algorithm", "SAC");
  lb_npz_add(w, "infos/action_log_probs", LB_F32, 1, flat, (float[N]){0});
}

static void write_file(int parts, const char* metadata) {
  lb_npz_writer* w = lb_npz_writer_new(true);
  const int64_t flat[1] = {N};
  const struct {
    const char* name;
    const double* data;
    int part;
  } columns[] = {{"observations", r.obs, 0},
                 {"next_observations", r.next_obs, 0},
                 {"actions", r.u, 0},
                 {"infos/qpos", r.q, 0},
                 {"infos/qvel", r.v, 0},
                 {"infos/next_qpos", r.next_q, NEXT},
                 {"infos/next_qvel", r.next_v, NEXT},
                 {"infos/qacc_warmstart", r.warm, WARM},
                 {"infos/restart_next_qpos", r.cold_q, COLD},
                 {"infos/restart_next_qvel", r.cold_v, COLD},
                 {"restart_observations", r.cold_obs, COLD}};
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; ++i) {
    if ((columns[i].part & parts) == columns[i].part) {
      add_numbers(w, columns[i].name, 2, columns[i].data, parts & SINGLE);
    }
  }
  add_numbers(w, "rewards", 1, r.reward, parts & SINGLE);
  if (parts & OTHERS) add_others(w);
  lb_npz_add(w, "terminals", LB_BOOL, 1, flat, r.terminal);
  lb_npz_add(w, "timeouts", LB_BOOL, 1, flat, r.timeout);
  if (parts & TRACK) add_numbers(w, "infos/track_x", 1, r.track, parts & SINGLE);
  if (parts & EPISODE) lb_npz_add(w, "infos/episode", LB_I64, 1, flat, r.episode);
  if (parts & COLD) lb_npz_add_doubles(w, "restart_rewards", 1, flat, r.cold_reward);
  if (parts & COLD) lb_npz_add(w, "restart_terminals", LB_BOOL, 1, flat, r.cold_terminal);
  if (metadata) lb_npz_add_string(w, "metadata", metadata);
  assert_int_equal(lb_npz_save(w, path).code, LB_OK);
  lb_npz_writer_free(w);
}

static const char by_gymnasium[] = "{\"task\": \"Counter-v5\", \"gymnasium\": \"1.4.0\"}";

static lb_demos* load(int parts) {
  lb_system s = world();
  lb_demos* demos;
  write_file(parts, by_gymnasium);
  lb_status status = lb_demos_load_any(&demos, &s, path);
  assert_string_equal(status.text, "");
  assert_int_equal(lb_demos_transitions(demos), N);
  return demos;
}

static lb_replay_report replay(int parts) {
  lb_system s = world();
  lb_demos* demos = load(parts);
  lb_replay_report report;
  lb_replay(&report, &s, demos);
  lb_demos_free(demos);
  return report;
}

static void everything_recorded_is_compared(void** state) {
  (void)state;
  lb_replay_report report = replay(ALL);
  assert_true(report.is_exact && report.episodes == 2 && report.parted == -1);
  assert_true(report.restart.is_bitwise && report.cold.is_bitwise && report.run.is_bitwise);
  assert_true(report.restart.compared == N && report.cold.compared == N && report.run.compared == N);
}

static void what_is_missing_shows(void** state) {
  (void)state;
  lb_replay_report report = replay(TRACK | EPISODE | COLD | NEXT);
  assert_true(!report.is_exact && report.cold.is_bitwise && report.run.is_bitwise && !report.restart.is_bitwise);
  assert_true(report.restart.state > 0.1);  // the warm start adds up to nearly 2, of some 10
  report = replay(WARM | EPISODE | NEXT);
  assert_true(!report.is_exact && report.cold.compared == 0 && report.run.is_bitwise);
}

static void episodes_are_cut_by_number_or_by_flags(void** state) {
  (void)state;
  lb_demos* demos = load(ALL - EPISODE);  // the run passes 3 within the first episode, and goes on
  int n = 1;
  for (int i = 0; i + 1 < N; ++i) n += r.terminal[i] || r.timeout[i];
  assert_true(n > 2);
  assert_int_equal(lb_demos_episodes(demos), n);
  lb_demos_free(demos);
  demos = load(ALL);
  assert_int_equal(lb_demos_episodes(demos), 2);
  assert_int_equal(lb_demos_episode(demos, 0, NULL, NULL).length, LAST);
  lb_demo_step step_1 = lb_demos_step(demos, 1, 2);
  assert_true(step_1.x[0] == r.q[LAST + 2] && step_1.hidden[0] == r.warm[LAST + 2] &&
              step_1.reward == r.reward[LAST + 2]);
  lb_demos_free(demos);
}

static void deviations_are_found(void** state) {
  (void)state;
  recording kept = r;
  r.reward[3] += 1e-3;
  r.cold_obs[2] += 1;
  r.terminal[7] = !r.terminal[7];
  lb_replay_report report = replay(ALL);
  double off = 1e-3 / fmax(1, r.reward[3]);
  assert_true(fabs(report.restart.reward - off) < 1e-12 && fabs(report.run.reward - off) < 1e-12);
  assert_true(fabs(report.cold.observation - 1 / (r.cold_obs[2])) < 1e-3 && report.cold.observation > 0);
  assert_true(report.restart.flags == 1 && report.run.flags == 1 && report.cold.flags == 0);
  r = kept;
  r.next_q[1] += 2e-6;  // the run parts there, and what follows counts for the state alone
  r.reward[4] += 1;
  report = replay(ALL);
  assert_true(report.parted == 1 && fabs(report.run.state - 2e-6 / fmax(1, r.next_q[1])) < 1e-12 &&
              report.run.reward < 1e-12);
  assert_true(fabs(report.restart.reward - 1 / fmax(1, r.reward[4])) < 1e-12 && report.restart.episode == 0 &&
              report.restart.step == 1);
  r = kept;
}

// Rewards are compared without the readings that they take off, where the state or the row before tells them.
static void rewards_count_without_their_readings(void** state) {
  (void)state;
  recording kept = r;
  lb_replay_report report = replay(EPISODE | NEXT);
  assert_true(!report.is_exact && report.restart.reward == 0 && report.without_reading == 0);
  r.reward[3] += 0.5;
  report = replay(EPISODE | NEXT);
  assert_true(fabs(report.restart.reward - 0.5 / fmax(1, r.reward[3])) < 1e-12 && report.without_reading == 0);
  lag = 0.25;
  record();
  report = replay(EPISODE | NEXT);  // only the first row of an episode leads to the next one without a warm start
  assert_true(report.restart.reward < 1e-12 && report.without_reading == N - 2);
  warmth = 1e-9;
  record();
  report = replay(EPISODE | NEXT);
  assert_true(report.restart.reward < 1e-8 && report.without_reading == 2);
  r.reward[LAST + 1] -= 0.25;
  report = replay(EPISODE | NEXT);
  assert_true(fabs(report.restart.reward - 0.25 / fmax(1, r.reward[LAST + 1])) < 1e-8 && report.without_reading == 2);
  lag = 0, warmth = 1;
  r = kept;
}

// D4RL's layout: what follows a row is the next row, and nothing is known of what follows an episode's last.
static void what_follows_is_the_next_row(void** state) {
  (void)state;
  lb_demos* demos = load(ALL - NEXT);
  assert_int_equal(lb_demos_without_next(demos), 2);
  lb_demo_step inner = lb_demos_step(demos, 0, LAST - 2), last = lb_demos_step(demos, 0, LAST - 1);
  assert_true(inner.x_next[0] == r.q[LAST - 1] && inner.x_next[1] == r.v[LAST - 1]);
  assert_true(inner.next_obs[0] == r.obs[LAST - 1] && !last.x_next && !last.next_obs &&
              last.reward == r.reward[LAST - 1]);
  lb_demos_free(demos);
  lb_replay_report report = replay(ALL - NEXT);
  assert_true(report.restart.is_bitwise && report.run.is_bitwise && report.restart.compared == N);
  assert_int_equal(report.without_next, 2);
  recording kept = r;
  r.reward[LAST - 1] += 1e-3;  // rewards are held to all the same
  assert_true(fabs(replay(ALL - NEXT).restart.reward - 1e-3 / fmax(1, r.reward[LAST - 1])) < 1e-12);
  r = kept;
}

static void nobody_minds_what_nobody_reads(void** state) {
  (void)state;
  lb_replay_report report = replay(ALL | OTHERS);
  assert_true(report.restart.is_bitwise && report.run.is_bitwise);
  lb_system s = world();
  lb_demos* demos;
  write_file(ALL | OTHERS, NULL);  // D4RL has no metadata of that name
  assert_int_equal(lb_demos_load_any(&demos, &s, path).code, LB_OK);
  lb_demos_free(demos);
}

// Roundings of the right numbers deviate by nothing but what they change in the next step.
static void float32_counts_as_rounding(void** state) {
  (void)state;
  lb_replay_report report = replay(ALL | SINGLE);
  assert_true(report.singles.state && report.singles.hidden && report.singles.next_state &&
              report.singles.observation && report.singles.reward);
  assert_true(report.restart.state < 1e-6 && report.restart.observation < 1e-6 && report.restart.reward < 1e-6);
  assert_true(report.restart.flags == 0);
  recording kept = r;
  for (int i = 0; i < N; ++i) r.reward[i] += 1e-5;  // more than a rounding
  assert_true(replay(ALL | SINGLE).restart.reward > 5e-6);
  r = kept;
}

// A reward of a million that is off by its last digits is off by nothing to speak of.
static void deviations_are_relative(void** state) {
  (void)state;
  recording kept = r;
  for (int i = 0; i < N; ++i) r.reward[i] += 1e6;
  lb_replay_report report = replay(ALL);
  assert_true(report.restart.reward > 0.9 && report.restart.reward <= 1);  // all of it, in units of its size
  r = kept;
}

static void check_refused(lb_status (*load_it)(lb_demos**, lb_system*, const char*), const char* words) {
  lb_system s = world();
  lb_demos* demos;
  lb_status status = load_it(&demos, &s, path);
  assert_int_equal(status.code, LB_INPUT);
  assert_null(demos);
  if (!strstr(status.text, words) || !strstr(status.text, "counter.npz")) fail_msg("unhelpful: %s", status.text);
}

static void files_that_do_not_belong(void** state) {
  (void)state;
  write_file(ALL, "{\"task\": \"Countr-v5\"}");
  check_refused(lb_demos_load_any, "recorded on the task 'Countr-v5', not on 'counter' (also called 'Counter-v5')");
  write_file(ALL, "{\"task\": 5}");
  check_refused(lb_demos_load_any, "metadata: $.task: expected a string");
  write_file(ALL, "{\"gymnasium\": \"1.4.0\"}");
  check_refused(lb_demos_load_any, "metadata: $: the key 'task' is missing");
  write_file(ALL, "{");
  check_refused(lb_demos_load_any, "metadata");
  write_file(ALL, NULL);
  check_refused(lb_demos_load, "the array 'metadata' is missing");  // no demonstrations of ours
  write_file(ALL, by_gymnasium);
  check_refused(lb_demos_load, "task_hash");  // no demonstrations of ours
  recording kept = r;
  r.track[4] = NAN;
  write_file(ALL, by_gymnasium);
  check_refused(lb_demos_load_any, "infos/track_x");
  r = kept;
}

// Our own recording of the same system keeps the hidden numbers and repeats to the bit.
static void hold_still(void* ctx, int n, int t, const double* in, double* u) {
  (void)ctx;
  (void)t;
  for (int i = 0; i < n; ++i) u[i] = 0.1 - 0.01 * in[2 * i];
}

static void start(void* s, lb_rng* rng) {
  set_state(s, (const double[]){lb_rng_uniform(rng), 0}, 0);
}

static void our_own_keep_what_a_replay_needs(void** state) {
  (void)state;
  lb_system s = world();
  s.reset = start;
  lb_policy policy = {.input = LB_READS_STATE, .nin = 2, .nu = 1, .act = hold_still};
  lb_demos *demos, *loaded, *some;
  lb_replay_report report;
  assert_int_equal(lb_demos_record(&demos, &s, &policy, 3, 1).code, LB_OK);
  assert_int_equal(lb_demos_save(demos, &s, path, "{}").code, LB_OK);
  lb_status status = lb_demos_load(&loaded, &s, path);
  assert_string_equal(status.text, "");
  lb_replay(&report, &s, loaded);
  assert_true(report.is_exact && report.restart.is_bitwise && report.run.is_bitwise && report.cold.compared == 0);
  assert_int_equal(lb_demos_select(&some, loaded, (const int[]){2, 0}, 2).code, LB_OK);
  lb_replay(&report, &s, some);
  assert_true(report.is_exact && report.restart.is_bitwise && report.run.is_bitwise && report.episodes == 2);
  lb_demos_free(some);
  lb_demos_free(loaded);
  lb_demos_free(demos);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_recorded_is_compared),
      cmocka_unit_test(what_is_missing_shows),
      cmocka_unit_test(episodes_are_cut_by_number_or_by_flags),
      cmocka_unit_test(deviations_are_found),
      cmocka_unit_test(rewards_count_without_their_readings),
      cmocka_unit_test(what_follows_is_the_next_row),
      cmocka_unit_test(nobody_minds_what_nobody_reads),
      cmocka_unit_test(float32_counts_as_rounding),
      cmocka_unit_test(deviations_are_relative),
      cmocka_unit_test(files_that_do_not_belong),
      cmocka_unit_test(our_own_keep_what_a_replay_needs),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
