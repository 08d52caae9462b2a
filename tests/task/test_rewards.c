// Tasks with rewards, on a toy whose numbers can be worked out by hand: what is read when, how terms are put together,
// where episodes begin and end, and which mistakes in task.json are refused in which words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "../support/near.h"
#include "task_fixture.h"

// Two masses on slides, 2 kg and 0.5 kg, each with a motor: an Euler step of 0.01 s adds u / m * 0.01 to the velocity,
// then the new velocity * 0.01 to the position.
static const char slides[] =
    "<mujoco><option timestep='0.01' gravity='0 0 0'/><worldbody>"
    "<body name='first'><joint name='a' type='slide' axis='1 0 0'/><geom size='0.1' mass='2'/></body>"
    "<body name='second' pos='0 1 0'><joint name='b' type='slide' axis='0 1 0'/><site name='tip' pos='0 0 1'/>"
    "<geom name='gb' size='0.1' mass='0.5'/></body></worldbody>"
    "<actuator><motor name='ma' joint='a' ctrlrange='-1 1' ctrllimited='true'/><motor name='mb' joint='b'/></actuator>"
    "</mujoco>";

static const char base[] =
    "{\n"
    "  \"name\": \"toy\", \"version\": 1, \"description\": \"two masses\", \"model\": \"model.xml\",\n"
    "  \"aliases\": [\"Toy-v5\"], \"physics\": \"by hand\",\n"
    "  \"frame_skip\": 2, \"horizon\": 10, \"controls\": [\"mb\", \"ma\"],\n"
    "  \"reset\": {\"qpos\": [{\"uniform\": 0.1}], \"qvel\": [{\"of\": \"b\", \"normal\": 0.5}]},\n"
    "  \"observation\": [\n"
    "    {\"signal\": \"qpos\", \"range\": [1, 2], \"function\": \"sin\"},\n"
    "    {\"signal\": \"xpos\", \"of\": [\"first\", \"second\"], \"components\": [1, 0]},\n"
    "    {\"signal\": \"qvel\", \"clip\": [-0.5, null]}\n"
    "  ],\n"
    "  \"reward\": [\n"
    "    {\"name\": \"forward\", \"signal\": \"qpos\", \"of\": \"a\", \"read\": \"rate\", \"weight\": 3},\n"
    "    {\"name\": \"stale\", \"signal\": \"xpos\", \"of\": \"first\", \"components\": [0], \"read\": \"change\", "
    "\"weight\": 100},\n"
    "    {\"signal\": \"action\", \"norm\": \"squared\", \"weight\": -0.5, \"limits\": [-1.5, null]},\n"
    "    {\"signal\": \"healthy\", \"weight\": 7},\n"
    "    {\"product\": [{\"signal\": \"qpos\", \"of\": \"b\", \"minus\": 2, \"scale\": 2, \"plus\": 1}, "
    "{\"signal\": \"qvel\", \"minus\": [1, 2], \"norm\": \"euclidean\"}], \"weight\": 10}\n"
    "  ],\n"
    "  \"healthy\": [{\"signal\": \"qpos\", \"of\": \"a\", \"within\": [-1, 1]}, "
    "{\"signal\": \"qvel\", \"finite\": true}]\n"
    "}\n";

static void put(const char* name, const char* text) {
  char path[1024];
  assert_ok(lb_folder_make(temporary("models/toy")));
  lb_path_join(path, sizeof path, temporary("models/toy"), name);
  write_plainly(path, text, strlen(text));
}

static void put_task(const char* old, const char* new) {
  char text[6000];
  const char* at = strstr(base, old);
  if (!at) fail_msg("'%s' is not in the base", old);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(at - base), base, new, at + strlen(old));
  put("model.xml", slides);
  put("task.json", text);
}

static lb_system* open_toy(const char* old, const char* new) {
  lb_system* system;
  put_task(old, new);
  assert_ok(lb_task_open(&system, temporary("models"), "toy"));
  return system;
}

static void check_refused(const char* old, const char* new, const char* words) {
  lb_system* system;
  put_task(old, new);
  check_failure(lb_task_open(&system, temporary("models"), "toy"), LB_INPUT, words);
  assert_null(system);
}

// One physics step by hand; u in the order of `controls`: b, a.
static void by_hand(double* x, const double* u) {
  x[2] += 0.01 * fmax(-1, fmin(1, u[1])) / 2;
  x[3] += 0.01 * u[0] / 0.5;
  x[0] += 0.01 * x[2];
  x[1] += 0.01 * x[3];
}

static void a_step_is_worth_what_the_terms_say(void** state) {
  (void)state;
  lb_system* s = open_toy("toy", "toy");
  double x[4] = {0.2, 0.3, 0.7, -0.1}, half[4], next[4], got[4], obs[7], u[2] = {0.8, 1.3};
  assert_true(s->nobs == 7 && s->nq == 2 && s->nu == 2 && s->horizon == 10 && !s->cost && !s->reference);
  assert_true(s->u_low[1] == -1 && isinf(s->u_low[0]) && s->nwarm == 2 && s->nhidden == 4);
  s->set_state(s->self, x, 3);
  double stale = x[0];
  for (int t = 0; t < 2; ++t) {
    memcpy(half, x, sizeof x);
    by_hand(half, u);
    memcpy(next, half, sizeof next);
    by_hand(next, u);
    lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
    // xpos is that of the state before the last physics step, and was at the step's beginning.
    double want = 3 * (next[0] - x[0]) / 0.02 + 100 * (half[0] - stale) + fmax(-0.5 * (0.64 + 1.69), -1.5) + 7 +
                  10 * (2 * (next[1] - 2) + 1) * hypot(next[2] - 1, next[3] - 2);
    s->get_state(s->self, got);
    for (int i = 0; i < 4; ++i) assert_near(got[i], next[i], 1e-14);
    assert_near(outcome.reward, want, 1e-11);
    assert_false(outcome.terminated || outcome.truncated || outcome.diverged);
    s->observe(s->self, obs);
    const double seen[7] = {sin(next[1]), 0, half[0], 1 + half[1], 0, fmax(next[2], -0.5), fmax(next[3], -0.5)};
    for (int i = 0; i < 7; ++i) assert_near(obs[i], seen[i], 1e-14);
    stale = half[0];
    memcpy(x, next, sizeof x);
  }
  lb_system_free(s);
}

static void limits_are_of_the_weighted_term(void** state) {
  (void)state;
  lb_system* s = open_toy("\"weight\": 10}", "\"weight\": 0}");
  double x[4] = {0, 0, 0, 0}, u[2] = {3, 0};
  s->set_state(s->self, x, 0);
  assert_near(lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward, -1.5 + 7, 1e-14);
  lb_system_free(s);
}

static bool ends_at(lb_system* s, double a) {
  double x[4] = {a, 0, 0, 0}, u[2] = {0, 0};
  s->set_state(s->self, x, 0);
  lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
  assert_true(fabs(outcome.reward - (outcome.terminated ? 0 : 7)) < 1e-12);
  return outcome.terminated;
}

static void conditions_are_closed_or_open(void** state) {
  (void)state;
  double below = nextafter(1, 0), above = nextafter(1, 2);
  lb_system* s = open_toy("\"weight\": 10}", "\"weight\": 0}");
  assert_true(!ends_at(s, 1) && !ends_at(s, -1) && ends_at(s, above) && ends_at(s, -above));
  lb_system_free(s);
  s = open_toy("{\"signal\": \"qpos\", \"of\": \"a\", \"within\": [-1, 1]}",
               "{\"signal\": \"qpos\", \"within\": [-1, 1], \"open\": true}");
  double x[4] = {1, 0, 0, 0}, u[2] = {0, 0};
  s->set_state(s->self, x, 0);
  assert_true(lb_system_step(s, LB_STEP_LEARNER, u, NULL).terminated);
  x[0] = below;
  s->set_state(s->self, x, 0);
  assert_false(lb_system_step(s, LB_STEP_LEARNER, u, NULL).terminated);
  x[0] = 0, x[1] = -1;
  s->set_state(s->self, x, 0);
  assert_true(lb_system_step(s, LB_STEP_LEARNER, u, NULL).terminated);
  lb_system_free(s);
}

static void an_imagined_state_answers_for_itself(void** state) {
  (void)state;
  lb_system* s = open_toy("toy", "toy");
  double x[8] = {0.2, 0.3, 0.7, -0.1, 0, 0, 0, 0}, next[8] = {0.25, 0.31, 0.6, 0.9, 1.5, 0, 0, NAN};
  double u[4] = {0.8, 1.3, 0, 0}, reward[2], obs[14], live[4];
  bool terminated[2];
  s->set_state(s->self, x, 4);
  lb_imagined out = {reward, terminated, obs};
  s->imagine(s->self, &out, 2, x, u, next);
  double want =
      3 * 0.05 / 0.02 + 100 * 0.05 - 0.5 * (0.64 + 1.69) + 7 + 10 * (2 * (0.31 - 2) + 1) * hypot(0.6 - 1, 0.9 - 2);
  assert_near(reward[0], want, 1e-11);
  assert_false(terminated[0]);
  const double seen[7] = {sin(0.31), 0, 0.25, 1.31, 0, 0.6, 0.9};
  for (int i = 0; i < 7; ++i) assert_near(obs[i], seen[i], 1e-14);
  assert_true(terminated[1] && isnan(reward[1]));
  s->get_state(s->self, live);
  assert_memory_equal(live, x, sizeof live);
  next[7] = 0;
  s->imagine(s->self, &(lb_imagined){.terminated = terminated}, 2, NULL, NULL, next);
  assert_true(!terminated[0] && terminated[1]);
  lb_system_free(s);
}

// The toy's end asks for a position that only its observation of xpos shows: no plain number gives it back.
static void what_is_not_observed_cannot_decide(void** state) {
  (void)state;
  lb_system* s = open_toy("toy", "toy");
  assert_null(s->restore);
  lb_system_free(s);
  s = open_toy("\"range\": [1, 2], \"function\": \"sin\"", "\"range\": [0, 1]");
  assert_non_null(s->restore);
  double obs[7] = {1.5, 0, 0, 0, 0, 0.1, 0.2}, x[4];
  bool ends;
  s->restore(s->self, x, 1, obs);
  assert_true(x[0] == 1.5 && x[1] == 0 && x[2] == 0.1 && x[3] == 0.2);
  s->imagine(s->self, &(lb_imagined){.terminated = &ends}, 1, NULL, NULL, x);
  assert_true(ends);
  lb_system_free(s);
}

static void hidden_numbers_complete_the_state(void** state) {
  (void)state;
  lb_system* s = open_toy("toy", "toy");
  double x[4] = {0.2, 0.3, 0.7, -0.1}, u[2] = {0.8, 0.5}, hidden[4];
  s->set_state(s->self, x, 0);
  lb_system_step(s, LB_STEP_LEARNER, u, NULL);
  s->get_state(s->self, x);
  s->get_hidden(s->self, hidden);
  assert_near(hidden[2], x[0], 1e-15);         // the forward term reads qpos
  assert_true(fabs(hidden[3] - x[0]) > 1e-3);  // the other what xpos had stayed at
  double want = lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward;
  s->set_state(s->self, x, 1);
  double cold = lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward;
  s->set_state(s->self, x, 1);
  s->set_hidden(s->self, hidden);
  assert_true(lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward == want && fabs(cold - want) > 0.1);
  lb_system_free(s);
}

static void starts_are_drawn_as_stated(void** state) {
  (void)state;
  enum { N = 4000 };
  lb_system* s =
      open_toy("\"qvel\": [{\"of\": \"b\", \"normal\": 0.5}]",
               "\"qvel\": [{\"of\": \"b\", \"about\": [2], \"normal\": 0.5}, {\"of\": \"b\", \"uniform\": [1, 3]}]");
  double x[4], again[4], sum[4] = {0}, squares[4] = {0};
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 0, 0);
  for (int i = 0; i < N; ++i) {
    s->reset(s->self, &rng);
    s->get_state(s->self, x);
    assert_true(fabs(x[0]) <= 0.1 && fabs(x[1]) <= 0.1 && x[2] == 0);
    for (int k = 0; k < 4; ++k) sum[k] += x[k] / N, squares[k] += x[k] * x[k] / N;
  }
  // Four standard errors: a wrong mean or variance by more than these would be seen; a right one fails in 1 of 16000.
  assert_near(sum[0], 0, 4 * 0.1 / sqrt(3.0 * N));
  assert_near(squares[0] * 3, 0.01, 4 * 0.01 * sqrt(4.0 / 5 / N));
  double variance = 0.25 + 4.0 / 12;
  assert_near(sum[3], 4, 4 * sqrt(variance / N));
  assert_near(squares[3] - sum[3] * sum[3], variance, 4 * variance * sqrt(2.0 / N));
  assert_true(fabs(x[0] - x[1]) > 1e-6);
  lb_rng one = lb_rng_stream(7, LB_RNG_TEST, 0, 0), two = one;
  s->reset(s->self, &one);
  s->get_state(s->self, x);
  s->reset(s->self, &two);
  s->get_state(s->self, again);
  assert_memory_equal(x, again, sizeof x);
  lb_system_free(s);
}

static void discs_and_choices(void** state) {
  (void)state;
  enum { N = 4000 };
  lb_system* s = open_toy("\"qpos\": [{\"uniform\": 0.1}]", "\"qpos\": [{\"about\": [1, 2], \"disc\": 0.5}]");
  lb_rng rng = lb_rng_stream(2, LB_RNG_TEST, 0, 0);
  double x[4], inner = 0;
  for (int i = 0; i < N; ++i) {
    s->reset(s->self, &rng);
    s->get_state(s->self, x);
    double r = hypot(x[0] - 1, x[1] - 2);
    assert_true(r < 0.5);
    inner += (r < 0.25) / (double)N;
  }
  assert_near(inner, 0.25, 4 * sqrt(0.25 * 0.75 / N));
  lb_system_free(s);
  s = open_toy("\"qpos\": [{\"uniform\": 0.1}]",
               "\"qpos\": [{\"choice\": [[1, 2], [3, 4], [5, 6]]}, {\"uniform\": 0.1}]");
  int seen[3] = {0};
  for (int i = 0; i < N; ++i) {
    s->reset(s->self, &rng);
    s->get_state(s->self, x);
    int row = (int)lround((x[0] - 1) / 2);
    assert_true(row >= 0 && row < 3 && fabs(x[0] - (1 + 2 * row)) <= 0.1 && fabs(x[1] - (2 + 2 * row)) <= 0.1);
    seen[row] += 1;
  }
  for (int k = 0; k < 3; ++k) assert_near(seen[k] / (double)N, 1.0 / 3, 4 * sqrt(2.0 / 9 / N));
  lb_system_free(s);
}

static void aliases_open_the_task(void** state) {
  (void)state;
  lb_system* s = open_toy("toy", "toy");
  lb_system_free(s);
  assert_ok(lb_task_open(&s, temporary("models"), "Toy-v5"));
  assert_string_equal(s->name, "toy");
  assert_string_equal(s->aliases[0], "Toy-v5");
  lb_system_free(s);
  check_failure(lb_task_open(&s, temporary("models"), "Toy-v4"), LB_INPUT, "unknown task 'Toy-v4'");
}

static void divergence_ends_the_episode(void** state) {
  (void)state;
  lb_system* s = open_toy("toy", "toy");
  double x[4] = {0, 0, 1e11, 0}, u[2] = {0, NAN}, obs[7];
  s->set_state(s->self, x, 0);
  assert_true(lb_system_step(s, LB_STEP_LEARNER, u, NULL).diverged);
  s->observe(s->self, obs);
  for (int i = 0; i < 7; ++i) assert_true(isnan(obs[i]));
  s->reset(s->self, NULL);
  assert_true(lb_system_step(s, LB_STEP_LEARNER, u, NULL).diverged);
  u[1] = 0;
  s->reset(s->self, NULL);
  assert_false(lb_system_step(s, LB_STEP_LEARNER, u, NULL).diverged);
  lb_system_free(s);
}

static void wrong_quantities(void** state) {
  (void)state;
  check_refused("\"signal\": \"xpos\", \"of\": [", "\"signal\": \"xpso\", \"of\": [",
                "task.json: $.observation[1].signal: there is no signal 'xpso' (did you mean 'xpos'?)");
  check_refused("[\"first\", \"second\"]", "[\"first\", \"secnd\"]",
                "$.observation[1].of[1]: the model has no body 'secnd' (did you mean 'second'?)");
  check_refused("[\"first\", \"second\"]", "[]", "$.observation[1].of: names nothing");
  check_refused("[\"first\", \"second\"]", "3", "$.observation[1].of: expected a string, found the number 3");
  check_refused("\"range\": [1, 2]", "\"range\": [1, 3]",
                "$.observation[0].range: is [1, 3), but 'qpos' has rows 0 to 1 here: expected 0 <= first < end <= 2");
  check_refused("\"range\": [1, 2]", "\"range\": [1, 1]", "$.observation[0].range: is [1, 1)");
  check_refused("\"range\": [1, 2]", "\"range\": [0.5, 2]", "$.observation[0].range: is [0.5, 2)");
  check_refused("\"range\": [1, 2]", "\"range\": [1]", "$.observation[0].range: expected [first, end)");
  check_refused("\"range\": [1, 2]", "\"range\": [-1, 2]", "$.observation[0].range[0]: expected a number from 0");
  check_refused("\"range\": [1, 2]", "\"range\": [0, 1], \"of\": \"a\"",
                "$.observation[0]: has both 'of' and 'range', expected one of them");
  check_refused("\"range\": [1, 2]", "\"rang\": [1, 2]",
                "$.observation[0]: unknown key 'rang' (did you mean 'range'?)");
  check_refused("\"components\": [1, 0]", "\"components\": [1, 3]",
                "$.observation[1].components[1]: is 3, but there are components 0 to 2");
  check_refused("\"components\": [1, 0]", "\"components\": [0.5]", "$.observation[1].components[0]: is 0.5");
  check_refused("\"components\": [1, 0]", "\"components\": []", "$.observation[1].components: names no component");
  check_refused("\"function\": \"sin\"", "\"function\": \"sine\"",
                "$.observation[0].function: unknown value 'sine' (did you mean 'sin'?)");
  check_refused("\"clip\": [-0.5, null]", "\"clip\": [2, 1]", "$.observation[2].clip: is [2, 1], expected [low, high]");
  check_refused("\"clip\": [-0.5, null]", "\"clip\": 2", "$.observation[2].clip: expected an array");
  check_refused("\"minus\": [1, 2]", "\"minus\": [1, 2, 3]",
                "$.reward[4].product[1].minus: expected 2 numbers, found 3");
  check_refused("\"minus\": [1, 2]", "\"minus\": {\"signal\": \"qpos\", \"of\": \"a\"}",
                "$.reward[4].product[1].minus: has 1 number, to be taken from 2");
  check_refused("\"minus\": [1, 2]", "\"minus\": {\"signal\": \"qpos\", \"clip\": [0, 1]}",
                "$.reward[4].product[1].minus: unknown key 'clip'");
  check_refused("{\"signal\": \"qvel\", \"clip\": [-0.5, null]}", "{\"signal\": \"sensordata\"}",
                "$.observation[2]: the model has nothing that the signal 'sensordata' could read");
  check_refused("{\"signal\": \"qvel\", \"clip\": [-0.5, null]}", "{\"clip\": [0, 1]}",
                "$.observation[2]: the key 'signal' is missing");
  check_refused("{\"signal\": \"qvel\", \"clip\": [-0.5, null]}", "\"qvel\"", "$.observation[2]: expected an object");
}

static void wrong_rewards_and_conditions(void** state) {
  (void)state;
  check_refused("\"norm\": \"squared\", ", "",
                "$.reward[2]: has 2 numbers, so it needs a 'norm' that makes one of them");
  check_refused("\"norm\": \"squared\"", "\"norm\": \"square\"",
                "$.reward[2].norm: unknown value 'square' (did you mean 'squared'?)");
  check_refused("\"read\": \"rate\"", "\"read\": \"rat\"",
                "$.reward[0].read: unknown value 'rat' (did you mean 'rate'?)");
  check_refused("\"weight\": 7", "\"wieght\": 7", "$.reward[3]: unknown key 'wieght' (did you mean 'weight'?)");
  check_refused(", \"weight\": 7", "", "$.reward[3]: the key 'weight' is missing");
  check_refused("\"limits\": [-1.5, null]", "\"limits\": [0, -1.5]", "$.reward[2].limits: is [0, -1.5]");
  check_refused("\"product\": [{", "\"signal\": \"qpos\", \"product\": [{", "$.reward[4]: unknown key 'signal'");
  check_refused("\"minus\": 2, \"scale\"", "\"minus\": 2, \"weight\": 1, \"scale\"",
                "$.reward[4].product[0]: unknown key 'weight'");
  check_refused("\"of\": \"a\", \"within\": [-1, 1]", "\"of\": \"a\"",
                "$.healthy[0]: a condition needs either 'within': [low, high] or 'finite': true");
  check_refused("\"finite\": true", "\"finite\": true, \"within\": [0, 1]", "$.healthy[1]: a condition needs either");
  check_refused("\"finite\": true", "\"finite\": true, \"open\": true", "$.healthy[1]: 'open' belongs to 'within'");
  check_refused("\"finite\": true", "\"finite\": 1", "$.healthy[1].finite: expected true or false");
  check_refused("{\"signal\": \"qvel\", \"finite\"", "{\"signal\": \"healthy\", \"finite\"",
                "$.healthy[1].signal: 'healthy' is what these conditions decide");
}

static void wrong_starts_and_heads(void** state) {
  (void)state;
  check_refused("{\"uniform\": 0.1}", "{\"unifrm\": 0.1}",
                "$.reset.qpos[0]: unknown key 'unifrm' (did you mean 'uniform'?)");
  check_refused("{\"uniform\": 0.1}", "{}", "$.reset.qpos[0]: a draw needs one of 'uniform', 'normal'");
  check_refused("{\"uniform\": 0.1}", "{\"uniform\": 0.1, \"normal\": 1}", "$.reset.qpos[0]: a draw needs one of");
  check_refused("{\"uniform\": 0.1}", "{\"uniform\": -0.1}", "$.reset.qpos[0].uniform: expected a number");
  check_refused("{\"uniform\": 0.1}", "{\"uniform\": [1, null]}",
                "$.reset.qpos[0].uniform: expected two finite numbers");
  check_refused("{\"uniform\": 0.1}", "{\"of\": \"a\", \"disc\": 1}",
                "$.reset.qpos[0]: a disc has 2 coordinates, but 1 number is drawn");
  check_refused("{\"uniform\": 0.1}", "{\"disc\": 0}", "$.reset.qpos[0].disc: expected a number");
  check_refused("{\"uniform\": 0.1}", "{\"choice\": []}", "$.reset.qpos[0].choice: lists nothing");
  check_refused("{\"uniform\": 0.1}", "{\"choice\": [[1, 2], [1]]}",
                "$.reset.qpos[0].choice[1]: expected a list of 2 numbers");
  check_refused("{\"uniform\": 0.1}", "{\"choice\": [[1, 2]], \"about\": [1, 2]}",
                "$.reset.qpos[0]: 'about' has no meaning beside 'choice'");
  check_refused("{\"uniform\": 0.1}", "{\"uniform\": 0.1, \"about\": [1]}",
                "$.reset.qpos[0].about: expected 2 numbers, found 1");
  check_refused("\"of\": \"b\", \"normal\"", "\"of\": \"bb\", \"normal\"",
                "$.reset.qvel[0].of: the model has no joint 'bb'");
  check_refused("\"reset\": {", "\"reset\": {\"from\": \"reference\", ",
                "$.reset: starts from the reference, but $.reference names no file");
  check_refused("\"horizon\": 10,", "\"horizon\": 10, \"cost\": {\"stage\": [], \"terminal\": []},",
                "$: has both 'cost' and 'reward', expected one of them");
  check_refused("\"horizon\": 10,", "\"horizon\": 10, \"stop_norm\": 5,", "$: 'stop_norm' belongs to a 'cost'");
  check_refused("\"horizon\": 10,", "\"horizon\": 10, \"max_velocity\": 0,", "$.max_velocity: expected a number");
  check_refused("\"aliases\": [\"Toy-v5\"]", "\"aliases\": [5]", "$.aliases[0]: expected a string");
  check_refused("\"aliases\": [\"Toy-v5\"]", "\"aliasses\": []", "$: unknown key 'aliasses' (did you mean 'aliases'?)");
  check_refused("\"reward\": [", "\"rewards\": [", "$: unknown key 'rewards' (did you mean 'reward'?)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(a_step_is_worth_what_the_terms_say),
      simulated_test(limits_are_of_the_weighted_term),
      simulated_test(conditions_are_closed_or_open),
      simulated_test(an_imagined_state_answers_for_itself),
      simulated_test(what_is_not_observed_cannot_decide),
      simulated_test(hidden_numbers_complete_the_state),
      simulated_test(starts_are_drawn_as_stated),
      simulated_test(discs_and_choices),
      simulated_test(aliases_open_the_task),
      cmocka_unit_test(divergence_ends_the_episode),
      simulated_test(wrong_quantities),
      simulated_test(wrong_rewards_and_conditions),
      simulated_test(wrong_starts_and_heads),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
