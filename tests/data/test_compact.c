// Compact recordings: the recorder stops where it should, what was recorded comes back to the bit from keyframes and
// actions alone, what is read without stepping is its rounding, and files that are damaged or lie are refused.
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

#include "data/demos_private.h"
#include "data/replay.h"
#include "io/file.h"
#include "io/npz.h"
#include "spring.h"

enum { N = 500 };

static spring self;
static lb_system world;
static char folder[] = "/tmp/lb_compact_XXXXXX";
static char path[64];

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/spring.npz", folder);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(folder).code;
}

static int fresh_world(void** state) {
  (void)state;
  world = spring_system(&self);
  return 0;
}

static lb_demos* record(int n) {
  lb_rng rng;
  lb_policy policy = spring_policy(&rng);
  lb_demos* demos;
  lb_status status = lb_demos_record_transitions(&demos, &world, &policy, n, 3);
  assert_string_equal(status.text, "");
  return demos;
}

static void save(const lb_demos* demos, const lb_demos_compact* config) {
  lb_status status = lb_demos_save_compact(demos, &world, path, "{\"made\": \"in a test\"}", config);
  assert_string_equal(status.text, "");
}

static lb_demos* load(unsigned parts) {
  lb_demos* demos;
  lb_status status = lb_demos_load_with(&demos, &world, path, parts);
  assert_string_equal(status.text, "");
  return demos;
}

static void the_recorder_stops_where_it_is_told(void** state) {
  (void)state;
  lb_demos* demos = record(N);
  assert_int_equal(lb_demos_transitions(demos), N);
  assert_int_equal(world.ledger.steps[LB_STEP_EXPERT], N);
  int last = lb_demos_episodes(demos) - 1, at = 0, terminals = 0, timeouts = 0;
  for (int e = 0; e <= last; ++e) {
    int length = lb_demos_episode(demos, e, NULL, NULL).length;
    for (int t = 0; t < length; ++t, ++at) {
      bool is_end = t + 1 == length, ends = demos->terminal[at] || demos->timeout[at];
      assert_true(is_end == ends && !(demos->terminal[at] && demos->timeout[at]));
      terminals += demos->terminal[at];
      timeouts += demos->timeout[at];
      const lb_demo_step step = lb_demos_step(demos, e, t);
      assert_true((double)(float)step.u[0] == step.u[0] && (double)(float)step.noise[0] == step.noise[0]);
    }
    assert_true(lb_demos_is_cut(demos, e) == (e == last));
    assert_true(length == SPRING_H || demos->terminal[at - 1] || e == last);
  }
  assert_true(at == N && terminals >= 3 && timeouts >= 3 && demos->timeout[N - 1]);  // every kind of end occurs
  assert_true(lb_demos_episode(demos, last, NULL, NULL).length < SPRING_H);
  // The mean is over episodes that came to an end.
  double total = 0, mean, se;
  for (int i = 0; i < demos->start[last]; ++i) total -= demos->reward[i];
  lb_demos_cost(demos, &world, &mean, &se);
  assert_true(fabs(mean - total / last) < 1e-9);
  lb_demos_free(demos);
  // Where the last transition ends an episode by itself, nothing is cut.
  lb_demos* whole = record(N);
  int end = whole->start[2];
  lb_demos_free(whole);
  whole = record(end);
  assert_true(lb_demos_episodes(whole) == 2 && !lb_demos_is_cut(whole, 1));
  lb_demos_free(whole);
}

static void assert_rows(const double* a, const double* b, int width) {
  assert_memory_equal(a, b, (size_t)N * (size_t)width * sizeof(double));
}

static void assert_same(const lb_demos* a, const lb_demos* b) {
  assert_true(a->n == b->n && a->episodes == b->episodes && a->noisy == b->noisy && a->has_hidden == b->has_hidden);
  assert_memory_equal(a->start, b->start, (size_t)(a->episodes + 1) * sizeof(int));
  assert_rows(a->x, b->x, a->nx);
  assert_rows(a->x_next, b->x_next, a->nx);
  assert_rows(a->u, b->u, a->nu);
  assert_rows(a->noise, b->noise, a->nw);
  assert_rows(a->hidden, b->hidden, a->nhidden);
  assert_rows(a->reward, b->reward, 1);
  assert_rows(a->observation, b->observation, a->nobs);
  assert_rows(a->next_observation, b->next_observation, a->nobs);
  assert_memory_equal(a->terminal, b->terminal, N);
  assert_memory_equal(a->timeout, b->timeout, N);
  assert_memory_equal(a->cut, b->cut, (size_t)a->episodes);
  for (int e = 0; e < a->episodes; ++e) {
    size_t numbers = (size_t)(a->start[e + 1] - a->start[e] + 1) * (size_t)a->nx;
    assert_memory_equal(a->path[e], b->path[e], numbers * sizeof(double));
  }
}

// The ways to keep observations, by what there is room for.
static const struct layout {
  int64_t room, next_room;
  bool observes_state;
  const char *has, *lacks;
} layouts[] = {
    {1000000, 1000000, false, "next_observations", "infos/final_observations"},
    {N * SPRING_NOBS * 4, N* SPRING_NOBS * 4 - 1, false, "infos/final_observations", "next_observations"},
    {0, 1000000, true, "infos/observation_columns", "observations"},
    {N * SPRING_NOBS * 4 - 1, 1000000, false, "keyframes/before", "observations"},
};

static void everything_comes_back_to_the_bit(void** state) {
  (void)state;
  for (size_t k = 0; k < 2 * sizeof layouts / sizeof layouts[0]; ++k) {
    const struct layout* l = &layouts[k / 2];
    world = spring_system(&self);
    world.nq = k % 2 ? 0 : 2;
    self.observes_state = l->observes_state;
    lb_demos* demos = record(N);
    save(demos, &(lb_demos_compact){1 + (int)k * 3, l->room, l->next_room});
    lb_npz* npz;
    assert_int_equal(lb_npz_load(&npz, path).code, LB_OK);
    assert_non_null(lb_npz_find(npz, l->has));
    assert_null(lb_npz_find(npz, l->lacks));
    assert_non_null(lb_npz_find(npz, world.nq ? "keyframes/qpos" : "keyframes/state"));
    lb_npz_free(npz);
    lb_ledger ledger = world.ledger;
    lb_demos* loaded = load(LB_DEMOS_EXACT | LB_DEMOS_OBSERVATIONS);
    assert_memory_equal(&ledger, &world.ledger, sizeof ledger);
    assert_true(!lb_demos_is_rounded(loaded) && lb_demos_has_hidden(loaded));
    assert_same(demos, loaded);
    lb_replay_report report;
    lb_replay(&report, &world, loaded);
    assert_true(report.restart.is_bitwise && report.run.is_bitwise && report.is_exact);
    lb_demos_free(loaded);
    lb_demos_free(demos);
  }
}

static void assert_rounded(const double* rounded, const double* exact, int n) {
  for (int i = 0; i < n; ++i) assert_true(rounded[i] == (double)(float)exact[i]);
}

static void without_stepping_there_are_roundings(void** state) {
  (void)state;
  for (size_t k = 0; k < sizeof layouts / sizeof layouts[0]; ++k) {
    world = spring_system(&self);
    self.observes_state = layouts[k].observes_state;
    lb_demos* demos = record(N);
    save(demos, &(lb_demos_compact){10, layouts[k].room, layouts[k].next_room});
    long steps = self.steps;
    lb_demos* loaded = load(LB_DEMOS_AS_STORED);
    assert_true(self.steps == steps && lb_demos_is_rounded(loaded) && !lb_demos_has_hidden(loaded));
    bool replayed = strcmp(layouts[k].has, "keyframes/before") == 0;
    assert_true(lb_demos_has_observations(loaded) == !replayed);
    for (int i = 0, key = 0; i < N; ++i) {
      size_t o = (size_t)i * SPRING_NX, p = (size_t)i * SPRING_NOBS;
      bool is_key = key < loaded->keys.n && loaded->keys.row[key] == i;
      key += is_key;
      for (int j = 0; j < SPRING_NX; ++j) {
        double exact = demos->x[o + (size_t)j];
        assert_true(loaded->x[o + (size_t)j] == (is_key ? exact : (double)(float)exact));
      }
      if (demos->terminal[i] || demos->timeout[i]) assert_memory_equal(loaded->x_next + o, demos->x_next + o, 32);
      if (replayed) continue;
      assert_rounded(loaded->observation + p, demos->observation + p, SPRING_NOBS);
      assert_rounded(loaded->next_observation + p, demos->next_observation + p, SPRING_NOBS);
    }
    assert_rows(loaded->u, demos->u, 2);
    assert_rows(loaded->reward, demos->reward, 1);
    lb_demos_free(loaded);
    // Observations that are asked for are there, at the price of stepping where they are not stored.
    loaded = load(LB_DEMOS_OBSERVATIONS);
    assert_true(lb_demos_has_observations(loaded) && (self.steps > steps) == replayed);
    if (replayed) assert_same(demos, loaded);
    lb_demos_free(loaded);
    lb_demos_free(demos);
  }
}

static void a_selection_keeps_what_it_can(void** state) {
  (void)state;
  lb_demos *demos = record(N), *some;
  int last = lb_demos_episodes(demos) - 1;
  save(demos, &(lb_demos_compact){10, 0, 0});
  lb_demos* loaded = load(LB_DEMOS_AS_STORED);
  assert_int_equal(lb_demos_select(&some, loaded, (const int[]){last, 1}, 2).code, LB_OK);
  assert_true(lb_demos_is_cut(some, 0) && !lb_demos_is_cut(some, 1) && lb_demos_is_rounded(some));
  assert_true(!lb_demos_has_observations(some) && lb_demos_keyframes(some) == 0);
  assert_true(lb_demos_step(some, 1, 2).u[1] == lb_demos_step(demos, 1, 2).u[1] && !lb_demos_step(some, 1, 2).obs);
  lb_demos_free(some);
  lb_demos_free(loaded);
  lb_demos_free(demos);
}

static lb_replay_keyed_report replay(void) {
  lb_demos* loaded = load(LB_DEMOS_AS_STORED);
  lb_replay_keyed_report report;
  lb_replay_keyed(&report, &world, loaded);
  lb_demos_free(loaded);
  return report;
}

static void a_replay_compares_everything(void** state) {
  (void)state;
  lb_demos* demos = record(N);
  int episodes = lb_demos_episodes(demos);
  save(demos, &(lb_demos_compact){10, 1000000, 0});
  lb_replay_keyed_report r = replay();
  assert_true(r.is_bitwise && r.worst == 0 && r.hidden == 0 && r.observation == 0 && r.reward == 0 && r.flags == 0);
  assert_true(r.transitions == N && r.episodes == episodes && r.exact + r.rounded == N && r.observed == N);
  assert_true(r.exact == r.keyframes && r.hidden_compared == r.keyframes - episodes);  // starts against ends
  save(demos, &(lb_demos_compact){10, 0, 0});
  assert_int_equal(replay().observed, 0);
  lb_demos_free(demos);
}

static void expect_refusal(const char* fragment, const char* second, unsigned parts) {
  lb_demos* loaded;
  lb_status status = lb_demos_load_with(&loaded, &world, path, parts);
  assert_int_equal(status.code, LB_INPUT);
  assert_null(loaded);
  bool helps = strstr(status.text, fragment) && strstr(status.text, second) && strstr(status.text, "spring.npz");
  if (!helps || strchr(status.text, '\n')) fail_msg("unhelpful message: %s (%s)", status.text, fragment);
}

// A number that rounds to the neighbour of the recorded float is off by what lies beyond that one's half step.
static void rounding_is_no_deviation(void** state) {
  (void)state;
  lb_demos* demos = record(N);
  save(demos, &(lb_demos_compact){10, 0, 0});
  lb_demos* loaded = load(LB_DEMOS_AS_STORED);
  size_t at = 4 * 7 + 1;
  double exact = demos->x[at];
  float own = (float)loaded->x[at], beside = nextafterf(own, exact > (double)own ? INFINITY : -INFINITY);
  assert_true(exact != (double)own);
  loaded->x[at] = (double)beside;
  double step = fabs((double)beside - (double)own), beyond = fabs(exact - (double)beside) - step / 2;
  lb_replay_keyed_report r;
  lb_replay_keyed(&r, &world, loaded);
  assert_true(!r.is_bitwise && r.row == 7 && r.exact_state == 0 && r.worst == r.rounded_state);
  assert_true(fabs(r.rounded_state - beyond / fmax(1, fabs((double)beside))) < 1e-3 * step && beyond < step / 2);
  lb_demos_free(loaded);
  lb_demos_free(demos);
}

// The observation is the state in all rows but one, after the end of an episode: no columns then.
static void an_exception_is_no_column(void** state) {
  (void)state;
  self.observes_state = true;
  lb_demos* demos = record(N);
  size_t end = (size_t)demos->start[1] - 1;
  demos->next_observation[end * SPRING_NOBS + 2] += 1e-3;
  save(demos, &(lb_demos_compact){10, 0, 0});
  lb_npz* npz;
  assert_int_equal(lb_npz_load(&npz, path).code, LB_OK);
  assert_null(lb_npz_find(npz, "infos/observation_columns"));
  lb_npz_free(npz);
  lb_demos_free(demos);
}

// Another simulator: a nudge like rounding passes and shows, a real difference is found.
static void another_simulator_is_noticed(void** state) {
  (void)state;
  lb_demos* demos = record(N);
  save(demos, &(lb_demos_compact){10, 1000000, 0});
  self.stiffness = 2 + 1e-12;
  lb_replay_keyed_report r = replay();
  assert_true(!r.is_bitwise && r.exact_state > 0 && r.exact_state < 1e-10 && r.hidden > 0 && r.reward > 0);
  assert_true(r.reward < 1e-10 && r.rounded_state < 1e-10 && r.observation < 1e-10);  // rounding does not count
  lb_demos* loaded = load(LB_DEMOS_EXACT);
  for (int k = 0; k < loaded->keys.n; ++k) {  // what is recorded exactly is taken from the file
    size_t i = (size_t)loaded->keys.row[k];
    assert_memory_equal(loaded->x + i * 4, demos->x + i * 4, 32);
    assert_memory_equal(loaded->hidden + i * 3, demos->hidden + i * 3, 24);
    if (i > 0) assert_memory_equal(loaded->x_next + (i - 1) * 4, demos->x_next + (i - 1) * 4, 32);
  }
  assert_true(loaded->x[4 * 9] != demos->x[4 * 9] && fabs(loaded->x[4 * 9] - demos->x[4 * 9]) < 1e-10);
  lb_demos_free(loaded);
  self.stiffness = 2 + 1e-4;
  r = replay();
  assert_true(r.exact_state > 1e-6 && r.rounded_state > 1e-6 && r.observation > 1e-6 && r.reward > 1e-6);
  expect_refusal("does not repeat it", "record it anew with 'bench expert spring --fresh'", LB_DEMOS_EXACT);
  lb_demos_free(load(LB_DEMOS_OBSERVATIONS));  // stored: nothing is stepped
  lb_demos_free(demos);
}

// How a file is forged: one array dropped, or its element `at` set; one key of the metadata replaced; the checksum made
// to fit, or not.
typedef struct forgery {
  const char* victim;  // an array; NULL: none
  bool drop;
  int at;
  double value;
  const char *key, *with;  // text in the metadata, and what is put there
  bool honest;             // the checksum is that of the original
  const char *says, *also;
} forgery;

static void set_element(const lb_array* a, void* data, int at, double value) {
  if (a->dtype == LB_F32) ((float*)data)[at] = (float)value;
  if (a->dtype == LB_F64) ((double*)data)[at] = value;
  if (a->dtype == LB_I64) ((int64_t*)data)[at] = (int64_t)value;
  if (a->dtype == LB_BOOL) ((bool*)data)[at] = value != 0;
}

static void replace(char* text, size_t size, const char* old, const char* with) {
  char* found = strstr(text, old);
  assert_non_null(found);
  char rest[2000];
  snprintf(rest, sizeof rest, "%s", found + strlen(old));
  snprintf(found, size - (size_t)(found - text), "%s%s", with, rest);
}

static void forge(const forgery* f) {
  static const size_t bytes[] = {[LB_F32] = 4, [LB_F64] = 8, [LB_BOOL] = 1, [LB_I64] = 8};
  lb_npz* npz;
  assert_int_equal(lb_npz_load(&npz, path).code, LB_OK);
  lb_array arrays[32];
  void* copies[32];
  int n = 0;
  const char* card;
  assert_int_equal(lb_npz_string(npz, "metadata", &card).code, LB_OK);
  bool found = !f->victim;
  for (int i = 0; i < lb_npz_count(npz); ++i) {
    const lb_array* a = lb_npz_at(npz, i);
    bool is_victim = f->victim && strcmp(a->name, f->victim) == 0;
    found = found || is_victim;
    if (a->dtype == LB_UTF8 || (is_victim && f->drop)) continue;
    size_t size = (size_t)a->size * bytes[a->dtype];
    copies[n] = malloc(size + 8);
    memcpy(copies[n], a->data, size);
    if (is_victim) set_element(a, copies[n], f->at, f->value);
    arrays[n] = *a;
    arrays[n].data = copies[n];
    n += 1;
  }
  assert_true(found);
  char text[4000], sha[65], old[65];
  const char* odd;
  snprintf(text, sizeof text, "%s", card);
  if (f->key) replace(text, sizeof text, f->key, f->with);
  const char* old_sha = strstr(text, "\"sha256\":\"");
  assert_non_null(old_sha);
  snprintf(old, sizeof old, "%.64s", old_sha + 10);
  assert_true(lb_demos_digest(sha, arrays, n, &odd));
  if (!f->honest) replace(text, sizeof text, old, sha);
  lb_npz_writer* w = lb_npz_writer_new(true);
  for (int i = 0; i < n; ++i) {
    lb_npz_add(w, arrays[i].name, arrays[i].dtype, arrays[i].rank, arrays[i].shape, arrays[i].data);
    free(copies[i]);
  }
  lb_npz_add_string(w, "metadata", text);
  assert_int_equal(lb_npz_save(w, path).code, LB_OK);
  lb_npz_writer_free(w);
  lb_npz_free(npz);
}

static void check_forgery(const lb_demos* demos, const lb_demos_compact* config, const forgery* f) {
  save(demos, config);
  forge(f);
  expect_refusal(f->says, f->also ? f->also : "", LB_DEMOS_AS_STORED);
}

static void altered_arrays_are_refused(void** state) {
  (void)state;
  static const char* const arrays[] = {"observations",
                                       "infos/final_observations",
                                       "actions",
                                       "rewards",
                                       "terminals",
                                       "timeouts",
                                       "infos/final_qpos",
                                       "infos/final_qvel",
                                       "infos/qpos",
                                       "infos/qvel",
                                       "infos/noise",
                                       "keyframes/row",
                                       "keyframes/qpos",
                                       "keyframes/qvel",
                                       "keyframes/qacc_warmstart",
                                       "keyframes/before"};
  const lb_demos_compact config = {10, 1000000, 0};
  lb_demos* demos = record(N);
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; ++i) {
    forgery f = {.victim = arrays[i], .at = 3, .value = 1, .honest = true, .says = "altered after recording"};
    check_forgery(demos, &config, &f);
    f.drop = true;
    check_forgery(demos, &config, &f);
    // Noise may be missing; of all else the loader says that it is. (keyframes/qpos is as near as keyframes/qvel.)
    if (strcmp(arrays[i], "infos/noise") == 0) continue;
    f = (forgery){.victim = arrays[i], .drop = true, .says = arrays[i], .also = "missing"};
    check_forgery(demos, &config, &f);
  }
  lb_demos_free(demos);
}

static void files_that_lie_are_refused(void** state) {
  (void)state;
  lb_demos* demos = record(N);
  char transitions[40], episodes[40], keyframes[40];
  const int end = demos->start[1] - 1, second = demos->start[1];
  const lb_demos_compact config = {10, 1000000, 1000000};
  save(demos, &config);
  lb_demos* loaded = load(LB_DEMOS_AS_STORED);
  snprintf(transitions, sizeof transitions, "\"transitions\":%d", N);
  snprintf(episodes, sizeof episodes, "\"episodes\":%d", demos->episodes);
  snprintf(keyframes, sizeof keyframes, "\"keyframes\":%d", loaded->keys.n);
  lb_demos_free(loaded);
  assert_true(end > 21 && demos->timeout[demos->start[2] - 1] + demos->timeout[end] > 0);
  const forgery lies[] = {
      {.key = transitions, .with = "\"transitions\":499", .says = "$.transitions is 499", .also = "500 rows"},
      {.key = transitions, .with = "\"transitions\":100000000", .says = "$.transitions is 100000000"},
      {.key = transitions, .with = "\"transitions\":4000000000", .says = "$.transitions"},
      {.key = transitions, .with = "\"transitions\":0", .says = "$.transitions"},
      {.key = episodes, .with = "\"episodes\":2", .says = "$.episodes is 2"},
      {.key = keyframes, .with = "\"keyframes\":50", .says = "keyframes/row", .also = "shape"},
      {.key = keyframes, .with = "\"keyframes\":1", .says = "$.keyframes"},
      {.key = "\"keyframe_every\":10", .with = "\"keyframe_every\":0", .says = "$.keyframe_every"},
      {.key = "\"keyframe_every\":10", .with = "\"keyframe_every\":11", .says = "keyframes/row[1] is 10, expected 11"},
      {.key = "\"keyframe_every\":10", .with = "\"keyframe_every\":5", .says = "keyframes/row[1] is 10, expected 5"},
      {.key = "\"last_episode_cut\":true", .with = "\"last_episode_cut\":false", .says = "$.last_episode_cut"},
      {.key = "\"observations\":\"stored\"", .with = "\"observations\":\"stord\"", .says = "stored"},
      {.key = "\"observations\":\"stored\"", .with = "\"observations\":\"state columns\"", .says = "columns"},
      {.key = "\"format\":2", .with = "\"format\":3", .says = "format 3", .also = "reads 1 and 2"},
      {.key = "\"format\":2", .with = "\"format\":1", .says = "missing"},
      {.key = "\"format\":2", .with = "\"format\":\"2\"", .says = "$.format"},
      {.key = "\"task\":\"spring\"", .with = "\"task\":\"string\"", .says = "on the task 'string', not on 'spring'"},
      {.key = "00112233", .with = "10112233", .says = "another version of spring", .also = "bench expert spring"},
      {.victim = "keyframes/row", .at = 1, .value = 20, .says = "keyframes/row[1] is 20, expected 10"},
      {.victim = "keyframes/row", .at = 0, .value = -1, .says = "keyframes/row[0] is -1, expected 0"},
      {.victim = "keyframes/row", .at = 2, .value = 1e15, .says = "keyframes/row[2] is 1000000000000000"},
      {.victim = "keyframes/qpos", .at = 5, .value = 1, .says = "keyframe 2 and row 20 differ"},
      {.victim = "keyframes/qvel", .at = 5, .value = INFINITY, .says = "keyframes/qvel"},
      {.victim = "keyframes/before", .at = 1, .value = NAN, .says = "keyframes/before"},
      {.victim = "infos/qvel", .at = 40, .value = 9, .says = "keyframe 2 and row 20 differ"},
      {.victim = "infos/qpos", .at = 7, .value = NAN, .says = "infos/qpos"},
      {.victim = "observations", .at = 5 * 3 + 1, .value = 7, .says = "next_observations[2] is not observations[3]"},
      {.victim = "next_observations", .at = 5 * 4, .value = 7, .says = "next_observations[4] is not observations[5]"},
      {.victim = "next_observations", .drop = true, .says = "infos/final_observations"},
      {.victim = "timeouts", .at = N - 1, .value = 0, .says = "timeouts[499] is 0"},
      {.victim = "timeouts", .at = 4, .value = 1, .says = "$.episodes"},
      {.victim = "actions", .at = 4, .value = NAN, .says = "actions"},
      {.victim = "rewards", .at = 4, .value = INFINITY, .says = "rewards"},
  };
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; ++i) check_forgery(demos, &config, &lies[i]);
  // An end that is both, and one that is none: episodes run on.
  int timed = demos->timeout[end] ? 0 : 1;
  int row = demos->start[timed + 1] - 1;
  check_forgery(demos, &config,
                &(forgery){.victim = "terminals", .at = row, .value = 1, .says = "in terminals and in timeouts"});
  check_forgery(demos, &config,
                &(forgery){.victim = "timeouts", .at = row, .value = 0, .says = "runs past the 47 steps"});
  assert_true(second > 0);
  lb_demos_free(demos);
}

static void lying_columns_are_refused(void** state) {
  (void)state;
  const lb_demos_compact config = {10, 0, 0};
  self.observes_state = true;
  lb_demos* demos = record(N);
  check_forgery(demos, &config,
                &(forgery){.victim = "infos/observation_columns", .at = 2, .value = 4, .says = "columns[2] is 4"});
  check_forgery(demos, &config,
                &(forgery){.victim = "infos/observation_columns", .at = 0, .value = -1, .says = "columns[0] is -1"});
  lb_demos_free(demos);
}

// Lies that only stepping can tell.
static void a_wrong_hidden_number_or_reward_shows_in_a_replay(void** state) {
  (void)state;
  const lb_demos_compact config = {10, 1000000, 0};
  static const forgery lies[] = {{.victim = "keyframes/qacc_warmstart", .at = 4, .value = 1.5},
                                 {.victim = "keyframes/before", .at = 2, .value = 1.5},
                                 {.victim = "rewards", .at = 33, .value = 1.5},
                                 {.victim = "actions", .at = 33, .value = 0.25},
                                 {.victim = "infos/qpos", .at = 33, .value = 0.25},
                                 {.victim = "infos/final_qpos", .at = 3, .value = 0.25},
                                 {.victim = "infos/noise", .at = 18, .value = 0.25},
                                 {.victim = "observations", .at = 33, .value = 0.25}};
  lb_demos* demos = record(N);
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; ++i) {
    save(demos, &config);
    forge(&lies[i]);
    lb_replay_keyed_report r = replay();
    double worst = fmax(fmax(r.worst, r.hidden), fmax(r.reward, r.observation));
    if (r.is_bitwise || !(worst > 1e-5)) fail_msg("%s: a lie of size %g passes", lies[i].victim, worst);
    expect_refusal("does not repeat it", "record it anew", LB_DEMOS_EXACT);
  }
  // A flag: the task's own end is claimed to be the clock's.
  int e = 0;
  while (e + 1 < demos->episodes && !demos->terminal[demos->start[e + 1] - 1]) ++e;
  assert_true(demos->terminal[demos->start[e + 1] - 1]);
  int row = demos->start[e + 1] - 1;
  save(demos, &config);
  forge(&(forgery){.victim = "terminals", .at = row, .value = 0});
  forge(&(forgery){.victim = "timeouts", .at = row, .value = 1});
  assert_int_equal(replay().flags, 2);
  expect_refusal("does not repeat it", "2 flags", LB_DEMOS_EXACT);
  lb_demos_free(demos);
}

static void truncated_files_are_refused(void** state) {
  (void)state;
  lb_demos* demos = record(N);
  save(demos, &(lb_demos_compact){10, 0, 0});
  char* bytes;
  size_t n;
  assert_int_equal(lb_file_read(path, &bytes, &n).code, LB_OK);
  for (size_t keep = 0; keep < n; keep += 1 + n / 50) {
    assert_int_equal(lb_file_replace(path, bytes, keep).code, LB_OK);
    expect_refusal("", "", LB_DEMOS_EXACT);
  }
  free(bytes);
  lb_demos_free(demos);
}

static void what_float_cannot_hold_is_not_written(void** state) {
  (void)state;
  lb_rng rng;
  lb_policy policy = spring_policy(&rng);
  lb_demos* demos;
  const lb_demos_compact config = lb_demos_default_compact();
  assert_int_equal(lb_demos_record(&demos, &world, &policy, 2, 3).code, LB_OK);
  lb_status status = lb_demos_save_compact(demos, &world, path, "{}", &config);
  assert_true(status.code == LB_INPUT && strstr(status.text, "actions of row 0"));
  lb_demos_free(demos);
  demos = record(N);
  demos->observation[7] = 1e39;
  status = lb_demos_save_compact(demos, &world, path, "{}", &config);
  assert_true(status.code == LB_INPUT && strstr(status.text, "observations[1, 2] is 1e+39"));
  lb_demos_free(demos);
}

static void no_number(void* ctx, int n, int t, const double* in, double* u) {
  (void)ctx;
  (void)in;
  for (int i = 0; i < 2 * n; ++i) u[i] = t == 3 ? 1e300 : 0;
}

static void an_action_beyond_float_is_a_divergence(void** state) {
  (void)state;
  lb_policy policy = {.input = LB_READS_OBSERVATION, .nin = SPRING_NOBS, .nu = 2, .act = no_number};
  lb_demos* demos;
  lb_status status = lb_demos_record_transitions(&demos, &world, &policy, 100, 3);
  assert_true(status.code == LB_DIVERGED && !demos && strstr(status.text, "step 3"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(the_recorder_stops_where_it_is_told, fresh_world),
      cmocka_unit_test_setup(everything_comes_back_to_the_bit, fresh_world),
      cmocka_unit_test_setup(without_stepping_there_are_roundings, fresh_world),
      cmocka_unit_test_setup(a_selection_keeps_what_it_can, fresh_world),
      cmocka_unit_test_setup(a_replay_compares_everything, fresh_world),
      cmocka_unit_test_setup(rounding_is_no_deviation, fresh_world),
      cmocka_unit_test_setup(an_exception_is_no_column, fresh_world),
      cmocka_unit_test_setup(another_simulator_is_noticed, fresh_world),
      cmocka_unit_test_setup(altered_arrays_are_refused, fresh_world),
      cmocka_unit_test_setup(files_that_lie_are_refused, fresh_world),
      cmocka_unit_test_setup(lying_columns_are_refused, fresh_world),
      cmocka_unit_test_setup(a_wrong_hidden_number_or_reward_shows_in_a_replay, fresh_world),
      cmocka_unit_test_setup(truncated_files_are_refused, fresh_world),
      cmocka_unit_test_setup(what_float_cannot_hold_is_not_written, fresh_world),
      cmocka_unit_test_setup(an_action_beyond_float_is_a_divergence, fresh_world),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
