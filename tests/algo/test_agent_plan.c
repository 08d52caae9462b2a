// Online rows that plan at every step, or lazily after every fit: interrupted in the middle of an episode and taken up
// again they leave the same bytes; their accounts add up; the model's expansion is the gradient of an imagined return;
// what does not go together is refused; numbers that are not finite end a run.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "../support/near.h"
#include "algo/agent.h"
#include "algo/run.h"
#include "io/file.h"
#include "model/model_kinds.h"
#include "model/true_model.h"
#include "plan/planner_kinds.h"
#include "run_support.h"

static char base[] = "/tmp/lb_plan_XXXXXX";

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(base));
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static lb_run_options options(const char* task, const char* algo, const char* folder) {
  lb_run_options o = run_of(task, algo, 3, folder);
  lb_protocol* p = &o.protocol;
  lb_protocol_put(p, "steps", 330);
  lb_protocol_put(p, "warmup_steps", 90);
  lb_protocol_put(p, "evaluate_every", 110);
  lb_protocol_put(p, "evaluation_episodes", 2);
  lb_protocol_put(p, "fit_every", 60);
  lb_protocol_put(p, "plan_horizon", 6);
  lb_protocol_put(p, "plan_iterations", 2);
  lb_protocol_put(p, "plan_guesses", 5);
  stop_now = 0;
  return o;
}

static void make_small(lb_protocol* p) {
  lb_protocol_put(p, "model_layers", 2);
  lb_protocol_put(p, "model_width", 16);
  lb_protocol_put(p, "model_members", 3);
  lb_protocol_put(p, "model_elites", 2);
  lb_protocol_put(p, "model_updates", 20);
}

static const struct row {
  const char *task, *algo;
  bool ensemble;
} rows[] = {{"pendulum-swingup", "sysid-ilqr", true},
            {"hopper", "sysid-ilqr", true},
            {"pendulum-swingup", "sysid-ilqr-learned-reward", true},
            {"pendulum-swingup", "sysid-ilqr-linear", false},
            {"inverted-pendulum", "sysid-ilqr-linear", false},
            {"pendulum-swingup", "lamps-ilqr", true},
            {"pendulum-swingup", "lamps-ilqr-clock", true},
            {"cartpole-swingup", "lamps-ilqr-linear", false},
            {"pendulum-swingup", "lamps-ilqr-oracle", false}};
enum { ROWS = sizeof rows / sizeof *rows, SEARCHING = 5 };  // the first plan at every step

static bool is_lazy(const struct row* row) {
  return row >= rows + SEARCHING;
}

static lb_run_options options_of(const struct row* row, const char* folder) {
  lb_run_options o = options(row->task, row->algo, folder);
  lb_protocol usual = lb_protocol_default();
  if (is_lazy(row)) {
    lb_protocol_put(&o.protocol, "plan_iterations", lb_protocol_get(&usual, "plan_iterations"));
    lb_protocol_put(&o.protocol, "plan_guesses", lb_protocol_get(&usual, "plan_guesses"));
    lb_protocol_put(&o.protocol, "expert_transitions", 2000);
  }
  if (row->ensemble) make_small(&o.protocol);
  return o;
}

static void resumes_in_the_middle_of_a_plan(void** state) {
  (void)state;
  for (size_t i = 0; i < ROWS; ++i) {
    char whole[200], parts[200];
    snprintf(whole, sizeof whole, "%s/%zu-whole", base, i);
    snprintf(parts, sizeof parts, "%s/%zu-parts", base, i);
    same_in_parts(options_of(&rows[i], whole), whole, parts, 330, 110);
    if (rows[i].ensemble) same_bytes(whole, parts, "model.safetensors");
  }
}

static void the_accounts_add_up(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/accounts", base);
  lb_run_options o = options_of(&rows[0], folder);
  assert_int_equal(lb_run(&o).code, LB_OK);
  size_t n;
  char *text = slurp(folder, "metrics.jsonl", &n), *rest = text, *line;
  int k = 0;
  for (; (line = strsep(&rest, "\n")) && *line; ++k) {
    int iteration = 110 * k, learner = iteration > 90 ? iteration - 90 : 0;
    // The plan for the next step is made in this one; after the last step there is none.
    int calls = iteration < 90 ? 0 : learner + (iteration < 330);
    int fits = iteration < 90 ? 0 : 1 + (iteration - 90) / 60;
    double passes = number_at(line, "lqr_passes"), measured = iteration < 90 ? 0 : 400 * k;
    assert_true(number_at(line, "iteration") == iteration);
    assert_true(number_at(line, "steps_learner") == learner);
    assert_true(number_at(line, "steps_exploration") == iteration - learner);
    assert_true(number_at(line, "planner_calls") == calls);
    assert_true(number_at(line, "fits") == fits);
    assert_true(passes <= 2 * calls && passes >= 0.2 * calls);
    // Guesses and the moved plan or the middle, of 6 steps each; a pass and its search are less than 9 such.
    double queries = number_at(line, "model_queries");
    assert_true(queries >= 36 * calls && queries <= 42 * calls + 54 * passes);
    assert_true(number_at(line, "planner_calls_evaluation") == measured);
    assert_true(number_at(line, "lqr_passes_evaluation") <= 2 * measured);
    assert_true(number_at(line, "model_queries_evaluation") >= 36 * measured);
    assert_true(number_at(line, "gradient_updates") == 0);
  }
  assert_int_equal(k, 4);
  free(text);
}

// A lazy planner plans once a fit, one pass about each demonstration that is learned from (ten of 200
// steps), asks the model for each of their steps and their derivatives, and for nothing when it acts.
static void a_lazy_planners_accounts_add_up(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/lazy-accounts", base);
  lb_run_options o = options_of(&rows[SEARCHING], folder);
  assert_int_equal(lb_run(&o).code, LB_OK);
  size_t n;
  char *text = slurp(folder, "metrics.jsonl", &n), *rest = text, *line;
  int k = 0;
  for (; (line = strsep(&rest, "\n")) && *line; ++k) {
    int iteration = 110 * k, fits = iteration < 90 ? 0 : 1 + (iteration - 90) / 60;
    const int demos = 10;
    assert_true(number_at(line, "fits") == fits);
    assert_true(number_at(line, "planner_calls") == fits);
    assert_true(number_at(line, "lqr_passes") == demos * fits);
    assert_true(number_at(line, "model_queries") == 2 * 200 * demos * fits);
    assert_true(number_at(line, "planner_calls_evaluation") == 0);
    assert_true(number_at(line, "model_queries_evaluation") == 0);
  }
  assert_int_equal(k, 4);
  free(text);
}

// A run taken as far as its first two fits, and its planning.
static lb_agent* fitted(lb_steps* steps, const struct row* row) {
  lb_run_options run = options_of(row, "");
  lb_recipe recipe;
  assert_int_equal(lb_recipe_load(&recipe, LB_SOURCE_DIR, row->algo).code, LB_OK);
  lb_status status = lb_agent_open(steps, &recipe, &run);
  assert_string_equal(status.text, "");
  lb_agent* o = lb_agent_of(steps);
  for (o->iteration = 1; o->iteration <= 160; o->iteration++) {
    steps->collect(o);
    steps->fit(o);
    steps->plan(o);
  }
  return o;
}

enum { H = 5, MOST = 16 };

static double imagined_return(const lb_reward_model* m, const double* x0, const double* u, double* x) {
  double total = 0, r;
  bool ended;
  memcpy(x, x0, (size_t)m->nx * sizeof *x);
  for (int t = 0; t < H; ++t) {
    m->step(m->ctx, 1, x + t * m->nx, u + t * m->nu, x + (t + 1) * m->nx, &r, &ended);
    assert_false(ended);
    total += r;
  }
  return total;
}

// du (H, nu) of the return, backwards through the expansions.
static void adjoint(const lb_reward_model* m, const double* x, const double* u, double* du) {
  int nx = m->nx, nu = m->nu, k = nx + nu;
  double A[H * MOST * MOST], B[H * MOST * MOST], g[H * MOST], h[H * MOST * MOST], p[MOST] = {0}, now[MOST];
  m->expand(m->ctx, H, x, u, x + nx, A, B, g, h);
  for (int t = H - 1; t >= 0; --t) {
    for (int j = 0; j < k; ++j) {
      double sum = g[t * k + j];
      for (int i = 0; i < nx; ++i) sum += p[i] * (j < nx ? A[(t * nx + i) * nx + j] : B[(t * nx + i) * nu + j - nx]);
      *(j < nx ? now + j : du + t * nu + j - nx) = sum;
    }
    memcpy(p, now, sizeof p);
  }
}

// In single precision but for the linear model, whose differences are as good as the reward's own.
static void expansions_are_gradients_of_imagined_returns(void** state) {
  (void)state;
  for (size_t i = 0; i < SEARCHING; ++i) {
    lb_steps steps;
    lb_agent* o = fitted(&steps, &rows[i]);
    const lb_reward_model* m = lb_world_mean(o->world);
    int nu = m->nu;
    double x[(H + 1) * MOST], u[H * MOST], du[H * MOST], largest = 0, error = 0;
    assert_true(m->nx + nu <= MOST);
    // Near the start of an episode, where nothing ends it.
    double start[MOST];
    for (int j = 0; j < m->nx; ++j) start[j] = (double)o->data.initial[j];
    if (strcmp(rows[i].task, "pendulum-swingup") == 0) {
      start[0] = 0, start[1] = 1;  // to the side: where it hangs at rest, its height has no slope
    }
    for (int j = 0; j < H * nu; ++j) u[j] = 0.3 * sin(2.0 * j);
    imagined_return(m, start, u, x);
    adjoint(m, x, u, du);
    for (int j = 0; j < H * nu; ++j) {
      double here = u[j], h = 1e-2, scratch[(H + 1) * MOST];
      u[j] = here + h;
      double up = imagined_return(m, start, u, scratch);
      u[j] = here - h;
      double down = imagined_return(m, start, u, scratch);
      u[j] = here;
      largest = fmax(largest, fabs(du[j]));
      error = fmax(error, fabs(du[j] - (up - down) / (2 * h)));
    }
    print_message("%s, %s: gradient up to %.3g, off by %.2g\n", rows[i].task, rows[i].algo, largest, error);
    if (strcmp(rows[i].task, "inverted-pendulum") == 0) {
      assert_true(largest == 0 && error == 0);  // its reward is that it has not ended
    } else {
      assert_true(largest > 1e-3 && error <= 0.01 * largest);
    }
    steps.close(o);
  }
}

// The pendulum's reward as models/pendulum-swingup/task.json has it, on what an observation says.
static double upright(const double* obs, double action) {
  double height = cos(atan2(obs[1], obs[0])), below = fmax(0, 0.95 - height) / 1.95;
  double fast = fmax(0, fabs(obs[2]) - 0.5) / 8, calm = exp(log(0.1) * fast * fast);
  return (1 - below) * (0.5 + 0.5 * calm) * (0.9 + 0.1 * (1 - action * action));
}

// What is planned for: the task's own terms on what the mean predicts, or the reward that the ensemble predicts.
static void rewards_are_the_tasks_own_or_the_ensembles(void** state) {
  (void)state;
  static const size_t which[] = {0, 2, 3};
  enum { N = 40 };
  for (int i = 0; i < 3; ++i) {
    lb_steps steps;
    lb_agent* o = fitted(&steps, &rows[which[i]]);
    const lb_reward_model* m = lb_world_mean(o->world);
    lb_dynamics mean = o->model.dynamics;
    lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 0, 0);
    double x[N * 3], u[N], next[N * 3], want[N * 3], r[N], predicted[N * 4], apart = 0;
    bool ended[N];
    for (int k = 0; k < N; ++k) {
      double angle = 6.3 * lb_rng_uniform(&rng);
      x[3 * k] = cos(angle);
      x[3 * k + 1] = sin(angle);
      x[3 * k + 2] = 6 * lb_rng_uniform(&rng) - 3;
      u[k] = 2 * lb_rng_uniform(&rng) - 1;
    }
    m->step(m->ctx, N, x, u, next, r, ended);
    mean.step(mean.ctx, N, NULL, x, u, want);
    if (rows[which[i]].ensemble) lb_neural_predict(lb_ensemble_of(&o->model), -1, predicted, NULL, x, u, N);
    for (int k = 0; k < N; ++k) {
      for (int j = 0; j < 3; ++j) assert_near(next[3 * k + j], want[3 * k + j], 1e-12);
      assert_false(ended[k]);
      double own = upright(next + 3 * k, u[k]);
      assert_near(r[k], i == 1 ? predicted[4 * k + 3] : own, 1e-9);
      apart = fmax(apart, fabs(r[k] - own));
    }
    assert_true(i != 1 || apart > 1e-3);
    steps.close(o);
  }
}

// Whatever the last episode's plan was, the first of the next is the same; within an episode it is not.
static void an_episode_begins_without_a_plan(void** state) {
  (void)state;
  lb_steps steps;
  lb_agent* o = fitted(&steps, &rows[0]);
  double kept[8], first[2], clean[2];
  assert_true(lb_mpc_nstate(lb_mpc_of(lb_agent_planner(o))) == 8 && o->system->horizon == 200);
  for (; o->iteration <= 200; o->iteration++) steps.collect(o);
  assert_int_equal(o->episode.t, 0);
  for (int begins = 1; begins >= 0; --begins) {
    for (int k = 0; k < 2; ++k) {
      for (int i = 0; i < 8; ++i) kept[i] = k ? 1 : 0.5;
      lb_mpc_set_state(lb_mpc_of(lb_agent_planner(o)), kept);
      steps.plan(o);
      lb_mpc_get_state(lb_mpc_of(lb_agent_planner(o)), kept);
      first[k] = kept[1];  // mu, which goes on from plan to plan
      clean[k] = lb_mpc_next_action(lb_agent_planner(o))[0];
    }
    assert_true((first[0] == first[1]) == begins);
    if (begins) assert_true(clean[0] == clean[1]);
    o->episode.t = 1;
  }
  steps.close(o);
}

// The true system as a model: what it predicts came, nobody's steps are counted, and its derivatives are those of what
// it predicts, also where an action is at its limit.
static void the_oracle_is_the_system_itself(void** state) {
  (void)state;
  enum { N = 60, NOBS = 3 };
  lb_steps steps;
  lb_run_options run = options_of(&rows[ROWS - 1], "");
  lb_recipe recipe;
  assert_int_equal(lb_recipe_load(&recipe, LB_SOURCE_DIR, "lamps-ilqr-oracle").code, LB_OK);
  assert_string_equal(lb_agent_open(&steps, &recipe, &run).text, "");
  lb_agent* o = lb_agent_of(&steps);
  for (o->iteration = 1; o->iteration <= N; o->iteration++) steps.collect(o);
  lb_ledger real = o->system->ledger, other = o->evaluator->ledger;
  lb_dynamics f = lb_oracle_dynamics(lb_oracle_new(o->evaluator, o->arena), &o->observations);
  for (int k = 0; k < N; ++k) {
    const float *row = o->data.learner.data + k * o->data.learner.width, *after = row + lb_transitions_next(NOBS, 1);
    double x[NOBS], u = (double)row[NOBS], next[NOBS], A[NOBS * NOBS], B[NOBS], up[NOBS], down[NOBS], h = 1e-3;
    for (int i = 0; i < NOBS; ++i) x[i] = (double)row[i];
    f.step(f.ctx, 1, NULL, x, &u, next);
    for (int i = 0; i < NOBS; ++i) assert_near(next[i], (double)after[i], 1e-4);
    u = k % 3 == 0 ? 1 : k % 3 == 1 ? -1 : u;
    assert_int_equal(f.linearize(f.ctx, 1, NULL, x, &u, A, B), 8);
    for (int j = 0; j <= NOBS; ++j) {
      double xs[NOBS], high = j == NOBS ? fmin(1, u + h) : 0, low = j == NOBS ? fmax(-1, u - h) : 0;
      memcpy(xs, x, sizeof xs);
      if (j < NOBS) xs[j] = x[j] + h;
      f.step(f.ctx, 1, NULL, xs, j == NOBS ? &high : &u, up);
      if (j < NOBS) xs[j] = x[j] - h;
      f.step(f.ctx, 1, NULL, xs, j == NOBS ? &low : &u, down);
      for (int i = 0; i < NOBS; ++i) {
        double slope = (up[i] - down[i]) / (j == NOBS ? high - low : 2 * h);
        assert_near(j == NOBS ? B[i] : A[i * NOBS + j], slope, 1e-3);
      }
    }
  }
  assert_memory_equal(&real, &o->system->ledger, sizeof real);
  assert_memory_equal(&other, &o->evaluator->ledger, sizeof other);
  steps.close(o);
}

static void refused(lb_run_options o, const char* words) {
  lb_status status = lb_run(&o);
  assert_int_equal(status.code, LB_INPUT);
  if (!strstr(status.text, words)) fail_msg("unhelpful: %s", status.text);
  assert_false(lb_file_exists(o.folder));
}

static void what_does_not_go_together_is_refused(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/none", base);
  lb_protocol usual = lb_protocol_default();
  lb_run_options o = options("pendulum-swingup", "sac", folder);
  lb_protocol_put(&o.protocol, "fit_every", lb_protocol_get(&usual, "fit_every"));
  refused(o, "plan_horizon means nothing to sac");
  o = options("pendulum-swingup", "sysid-ilqr", folder);
  lb_protocol_put(&o.protocol, "width", 17);
  refused(o, "width means nothing to sysid-ilqr, which plans at every real step");
  o = options("pendulum-swingup", "sysid-ilqr", folder);
  lb_protocol_put(&o.protocol, "imagined_per_step", 17);
  refused(o, "imagined_per_step");
  o = options("pendulum-swingup", "sysid-ilqr-linear", folder);
  lb_protocol_put(&o.protocol, "model_width", 17);
  refused(o, "model_width");
  refused(options("ant", "sysid-ilqr", folder), "does not determine its reward");
  o = options("pendulum-swingup", "lamps-ilqr", folder);
  refused(o, "plan_iterations means nothing to lamps-ilqr, which plans once a fit");
  lb_protocol_put(&o.protocol, "plan_iterations", lb_protocol_get(&usual, "plan_iterations"));
  refused(o, "plan_guesses means nothing to lamps-ilqr");
  refused(options("helicopter-hover", "sysid-ilqr", folder), "has a cost");
}

static void a_number_that_is_not_finite_ends_the_run(void** state) {
  (void)state;
  static const size_t which[] = {0, 3};
  for (int i = 0; i < 2; ++i) {
    lb_steps steps;
    lb_agent* o = fitted(&steps, &rows[which[i]]);
    assert_int_equal(steps.check(o).code, LB_OK);
    lb_ring* data = &o->data.learner;
    for (int k = 0; k < data->n; ++k) {
      data->data[k * data->width + lb_transitions_next(data->nobs, data->nact)] = (float)NAN;
    }
    o->iteration = 210;
    steps.fit(o);
    steps.plan(o);
    lb_status status = steps.check(o);
    assert_int_equal(status.code, LB_DIVERGED);
    assert_non_null(strstr(status.text, "step 210: fit 3 of the model"));
    assert_non_null(strstr(status.text, i == 0 ? "of the ensemble is not finite" : "linear fit is not finite"));
    steps.close(o);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(resumes_in_the_middle_of_a_plan),
      cmocka_unit_test(the_accounts_add_up),
      cmocka_unit_test(a_lazy_planners_accounts_add_up),
      cmocka_unit_test(expansions_are_gradients_of_imagined_returns),
      cmocka_unit_test(rewards_are_the_tasks_own_or_the_ensembles),
      cmocka_unit_test(an_episode_begins_without_a_plan),
      cmocka_unit_test(the_oracle_is_the_system_itself),
      cmocka_unit_test(what_does_not_go_together_is_refused),
      cmocka_unit_test(a_number_that_is_not_finite_ends_the_run),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
