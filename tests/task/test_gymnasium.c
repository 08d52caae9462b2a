// The repository's tasks with rewards as they stand: sizes, starts and ends by the numbers of Gymnasium's documentation
// and code, states that speak for themselves, and replays that need the hidden numbers. What Gymnasium itself recorded
// is compared in tests/algo/test_parity.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "../support/near.h"
#include "task/mujoco_system.h"
#include "task_fixture.h"

enum { WIDTH = 400 };

static const struct {
  const char *name, *alias;
  int nq, nv, nu, nobs, horizon;
  double dt, bound;
  bool ends;
} tasks[] = {
    {"hopper", "Hopper-v5", 6, 6, 3, 11, 1000, 0.008, 1, true},
    {"walker2d", "Walker2d-v5", 9, 9, 6, 17, 1000, 0.008, 1, true},
    {"halfcheetah", "HalfCheetah-v5", 9, 9, 6, 17, 1000, 0.05, 1, false},
    {"ant", "Ant-v5", 15, 14, 8, 105, 1000, 0.05, 1, true},
    {"ant-truncated", NULL, 15, 14, 8, 27, 1000, 0.05, 1, true},
    {"humanoid", "Humanoid-v5", 24, 23, 17, 348, 1000, 0.015, 0.4, true},
    {"humanoid-truncated", NULL, 24, 23, 17, 45, 1000, 0.015, 0.4, true},
    {"inverted-pendulum", "InvertedPendulum-v5", 2, 2, 1, 4, 1000, 0.04, 3, true},
    {"inverted-double-pendulum", "InvertedDoublePendulum-v5", 3, 3, 1, 9, 1000, 0.05, 1, true},
    {"swimmer", "Swimmer-v5", 5, 5, 2, 8, 1000, 0.04, 1, false},
    {"reacher", "Reacher-v5", 4, 4, 2, 10, 50, 0.02, 1, false},
    {"pointmaze-large", "maze2d-large-v1", 2, 2, 2, 4, 800, 0.01, 1, false},
    {"pendulum-swingup", NULL, 1, 1, 1, 3, 200, 0.04, 1, false},
    {"cartpole-swingup", NULL, 2, 2, 1, 5, 250, 0.04, 1, false},
    {"ball-and-beam", NULL, 2, 2, 1, 4, 150, 0.05, 1, false},
};

enum { TASKS = sizeof tasks / sizeof tasks[0] };

static void sizes(void** state) {
  (void)state;
  for (int k = 0; k < TASKS; ++k) {
    lb_system* s = open_task(tasks[k].name);
    assert_true(s->nq == tasks[k].nq && s->space.nx == tasks[k].nq + tasks[k].nv && s->nu == tasks[k].nu);
    assert_true(s->nobs == tasks[k].nobs && s->horizon == tasks[k].horizon && !s->cost && s->imagine);
    assert_near(s->dt, tasks[k].dt, 1e-15);
    for (int i = 0; i < s->nu; ++i) assert_true(s->u_low[i] == -tasks[k].bound && s->u_high[i] == tasks[k].bound);
    if (tasks[k].alias) assert_string_equal(s->aliases[0], tasks[k].alias);
    assert_true((lb_mujoco_system_spec(s)->terms.nhealthy > 0) == tasks[k].ends);
    lb_system_free(s);
  }
}

// Smooth random controls that leave the bounds now and then.
static void act(const lb_system* s, lb_rng* rng, double* u) {
  for (int i = 0; i < s->nu; ++i) u[i] = 0.8 * u[i] + 0.5 * s->u_high[i] * lb_rng_normal(rng);
}

// After a start nothing is stale, so a state by itself is observed as the live one is: all but the contact forces,
// which no start has yet.
static void a_start_speaks_for_itself(void** state) {
  (void)state;
  for (int k = 0; k < TASKS; ++k) {
    lb_system* s = open_task(tasks[k].name);
    lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, (uint32_t)k, 0);
    double x[WIDTH], live[WIDTH], alone[WIDTH], u[20] = {0};
    for (int trial = 0; trial < 5; ++trial) {
      s->reset(s->self, &rng);
      for (int t = 0; t < 10; ++t) {
        act(s, &rng, u);
        lb_system_step(s, LB_STEP_LEARNER, u, NULL);
      }
      s->get_state(s->self, x);
      s->set_state(s->self, x, 0);
      s->observe(s->self, live);
      s->imagine(s->self, &(lb_imagined){.obs = alone}, 1, NULL, NULL, x);
      bool contact = strcmp(tasks[k].name, "ant") == 0 || strcmp(tasks[k].name, "humanoid") == 0;
      assert_memory_equal(live, alone, (size_t)(s->nobs - (contact ? 78 : 0)) * sizeof *live);
    }
    lb_system_free(s);
  }
}

// Tasks that read qpos, qvel and the action alone give a model's state the very same reward, end and observation.
static void plain_tasks_are_the_same_in_a_model(void** state) {
  (void)state;
  static const char* const plain[] = {"hopper",       "walker2d",         "halfcheetah",      "inverted-pendulum",
                                      "swimmer",      "pendulum-swingup", "cartpole-swingup", "pointmaze-large",
                                      "ball-and-beam"};
  for (size_t k = 0; k < sizeof plain / sizeof plain[0]; ++k) {
    lb_system* s = open_task(plain[k]);
    lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, (uint32_t)k, 0);
    double x[WIDTH], next[WIDTH], obs[WIDTH], alone[WIDTH], u[20] = {0}, reward;
    bool terminated;
    for (int episode = 0; episode < 4; ++episode) {
      s->reset(s->self, &rng);
      for (int t = 0; t < 60; ++t) {
        act(s, &rng, u);
        s->get_state(s->self, x);
        lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
        s->get_state(s->self, next);
        s->observe(s->self, obs);
        s->imagine(s->self, &(lb_imagined){&reward, &terminated, alone}, 1, x, u, next);
        assert_true(reward == outcome.reward && terminated == outcome.terminated);
        assert_memory_equal(obs, alone, (size_t)s->nobs * sizeof *obs);
      }
    }
    lb_system_free(s);
  }
}

// A model that predicts observations can still tell the task's end: from the state that an observation gives back.
static void observations_decide_the_end(void** state) {
  (void)state;
  int ends = 0;
  for (int k = 0; k < TASKS; ++k) {
    lb_system* s = open_task(tasks[k].name);
    lb_rng rng = lb_rng_stream(12, LB_RNG_TEST, (uint32_t)k, 0);
    double x[WIDTH], back[WIDTH], obs[WIDTH], u[20] = {0};
    bool want, got;
    assert_non_null(s->restore);
    for (int episode = 0; episode < 10; ++episode) {
      s->reset(s->self, &rng);
      for (int t = 0; t < 60; ++t) {
        act(s, &rng, u);
        lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
        s->get_state(s->self, x);
        s->observe(s->self, obs);
        s->restore(s->self, back, 1, obs);
        s->imagine(s->self, &(lb_imagined){.terminated = &want}, 1, NULL, NULL, x);
        s->imagine(s->self, &(lb_imagined){.terminated = &got}, 1, NULL, NULL, back);
        assert_true(got == want);
        ends += got;
        if (outcome.terminated) break;
      }
    }
    lb_system_free(s);
  }
  assert_true(ends > 50);
}

// What an observation holds comes back; a pendulum's angle from its sine and cosine.
static void observed_numbers_come_back(void** state) {
  (void)state;
  lb_system* s = open_task("cartpole-swingup");
  double x[4] = {0.3, 2.5, -1, 4}, obs[5], back[4];
  s->set_state(s->self, x, 0);
  s->observe(s->self, obs);
  s->restore(s->self, back, 1, obs);
  for (int i = 0; i < 4; ++i) assert_near(back[i], x[i], 1e-15);
  lb_system_free(s);
  s = open_task("hopper");
  double y[12] = {5, 1.1, 0.1, -0.2, -0.3, 0.4, 1, 2, 3, 4, 5, 60}, seen[11], again[12];
  s->set_state(s->self, y, 0);
  s->observe(s->self, seen);
  s->restore(s->self, again, 1, seen);
  assert_true(again[0] == 0 && again[11] == 10);  // x is not observed, velocities are clipped
  for (int i = 1; i < 11; ++i) assert_true(again[i] == y[i]);
  lb_system_free(s);
}

// The first numbers of the observation, reward and end of a task and its twin.
static void twins_share_physics_and_reward(void** state) {
  (void)state;
  static const char* const pairs[][2] = {{"ant", "ant-truncated"}, {"humanoid", "humanoid-truncated"}};
  for (int k = 0; k < 2; ++k) {
    lb_system *s = open_task(pairs[k][0]), *twin = open_task(pairs[k][1]);
    double obs[WIDTH], less[WIDTH], u[20] = {0};
    lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, (uint32_t)k, 0), same = rng;
    s->reset(s->self, &rng);
    twin->reset(twin->self, &same);
    for (int t = 0; t < 40; ++t) {
      act(s, &rng, u);
      lb_outcome a = lb_system_step(s, LB_STEP_LEARNER, u, NULL), b = lb_system_step(twin, LB_STEP_LEARNER, u, NULL);
      assert_true(a.reward == b.reward && a.terminated == b.terminated);
      s->observe(s->self, obs);
      twin->observe(twin->self, less);
      assert_memory_equal(obs, less, (size_t)twin->nobs * sizeof *less);
    }
    lb_system_free(s);
    lb_system_free(twin);
  }
}

// Any step can be repeated to the bit elsewhere from its state and hidden numbers; the state alone is not enough where
// the solver stops early or a reward has read something stale.
static void steps_repeat_from_state_and_hidden(void** state) {
  (void)state;
  for (int k = 0; k < TASKS; ++k) {
    lb_system *s = open_task(tasks[k].name), *other = open_task(tasks[k].name);
    lb_rng rng = lb_rng_stream(6, LB_RNG_TEST, (uint32_t)k, 0);
    double x[WIDTH], hidden[WIDTH], a[WIDTH], b[WIDTH], u[20] = {0};
    s->reset(s->self, &rng);
    for (int t = 0; t < 60; ++t) {
      act(s, &rng, u);
      s->get_state(s->self, x);
      s->get_hidden(s->self, hidden);
      lb_outcome live = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
      other->set_state(other->self, x, t);
      other->set_hidden(other->self, hidden);
      lb_outcome again = lb_system_step(other, LB_STEP_LEARNER, u, NULL);
      assert_true(live.reward == again.reward && live.terminated == again.terminated);
      s->get_state(s->self, a);
      other->get_state(other->self, b);
      assert_memory_equal(a, b, (size_t)s->space.nx * sizeof *a);
      s->observe(s->self, a);
      other->observe(other->self, b);
      assert_memory_equal(a, b, (size_t)s->nobs * sizeof *a);
    }
    lb_system_free(s);
    lb_system_free(other);
  }
}

static void the_step_that_ends_earns_no_survival(void** state) {
  (void)state;
  lb_system* s = open_task("hopper");
  double x[12] = {0, 1.5, 0.199, 0, 0, 0, 0.7, 0, 1}, next[12], u[3] = {0};  // tipping over in the air
  s->set_state(s->self, x, 0);
  lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
  s->get_state(s->self, next);
  assert_true(outcome.terminated && next[2] > 0.2);
  assert_near(outcome.reward, (next[0] - x[0]) / 0.008, 1e-12);
  lb_system_free(s);
}

static void the_clock_truncates(void** state) {
  (void)state;
  lb_system* s = open_task("reacher");
  lb_rng rng = lb_rng_stream(8, LB_RNG_TEST, 0, 0);
  double u[2] = {0.1, -0.1};
  s->reset(s->self, &rng);
  for (int t = 1; t <= 50; ++t) {
    lb_outcome outcome = lb_system_step(s, LB_STEP_LEARNER, u, NULL);
    assert_true(outcome.truncated == (t == 50) && !outcome.terminated);
  }
  lb_system_free(s);
}

// The target: uniform in the disc of radius 0.2, at rest, and it stays.
static void the_reachers_target(void** state) {
  (void)state;
  enum { N = 2000 };
  lb_system* s = open_task("reacher");
  lb_rng rng = lb_rng_stream(9, LB_RNG_TEST, 0, 0);
  double x[8], next[8], u[2] = {1, -1}, inner = 0;
  for (int i = 0; i < N; ++i) {
    s->reset(s->self, &rng);
    s->get_state(s->self, x);
    double r = hypot(x[2], x[3]);
    assert_true(r < 0.2 && fabs(x[0]) <= 0.1 && fabs(x[1]) <= 0.1 && x[6] == 0 && x[7] == 0);
    assert_true(fabs(x[4]) <= 0.005 && fabs(x[5]) <= 0.005);
    inner += (r < 0.1) / (double)N;
  }
  assert_near(inner, 0.25, 4 * sqrt(0.25 * 0.75 / N));
  lb_system_step(s, LB_STEP_LEARNER, u, NULL);
  s->get_state(s->self, next);
  assert_true(next[2] == x[2] && next[3] == x[3]);
  lb_system_free(s);
}

// D4RL's large maze, a row an x: '#' is wall, 'G' the goal.
static const char maze[9][13] = {"############", "#OOOO#OOOOO#", "#O##O#O#O#O#", "#OOOOOO#OOO#", "#O####O###O#",
                                 "#OO#O#OOOOO#", "##O#O#O#O###", "#OO#OOO#OGO#", "############"};

static void the_mazes_walls_and_starts(void** state) {
  (void)state;
  enum { N = 3000 };
  lb_system* s = open_task("pointmaze-large");
  lb_rng rng = lb_rng_stream(10, LB_RNG_TEST, 0, 0);
  double x[4], u[2];
  int seen[9][12] = {{0}}, cells = 0;
  for (int i = 0; i < N; ++i) {
    s->reset(s->self, &rng);
    s->get_state(s->self, x);
    long r = lround(x[0]), c = lround(x[1]);
    assert_true(fabs(x[0] - (double)r) <= 0.1 && fabs(x[1] - (double)c) <= 0.1 && maze[r][c] != '#');
    cells += seen[r][c]++ == 0;
  }
  assert_int_equal(cells, 46);
  // Pushed for a second, the ball enters the next cell exactly where it is open.
  static const int step_r[4] = {1, -1, 0, 0}, step_c[4] = {0, 0, 1, -1};
  for (int r = 1; r < 8; ++r) {
    for (int c = 1; c < 11; ++c) {
      for (int d = 0; d < 4 && maze[r][c] != '#'; ++d) {
        memset(x, 0, sizeof x);
        x[0] = r - 0.2, x[1] = c - 0.2;  // a cell's centre
        u[0] = 0.3 * step_r[d], u[1] = 0.3 * step_c[d];
        s->set_state(s->self, x, 0);
        for (int t = 0; t < 60; ++t) lb_system_step(s, LB_STEP_LEARNER, u, NULL);
        s->get_state(s->self, x);
        double way = (x[0] + 0.2 - r) * step_r[d] + (x[1] + 0.2 - c) * step_c[d];
        bool open = maze[r + step_r[d]][c + step_c[d]] != '#';
        assert_true(open ? way > 0.5 : way < 0.45);
      }
    }
  }
  lb_system_free(s);
}

static void the_maze_clips_velocities_and_pays_at_the_goal(void** state) {
  (void)state;
  lb_system* s = open_task("pointmaze-large");
  double fast[4] = {3, 3, 9, -9}, slow[4] = {3, 3, 5, -5}, a[4], b[4], u[2] = {1, 1};
  s->set_state(s->self, fast, 0);
  lb_system_step(s, LB_STEP_LEARNER, u, NULL);
  s->get_state(s->self, a);
  s->set_state(s->self, slow, 0);
  lb_system_step(s, LB_STEP_LEARNER, u, NULL);
  s->get_state(s->self, b);
  assert_memory_equal(a, b, sizeof a);
  s->truth->step(s->truth->ctx, 1, NULL, fast, u, b);
  assert_memory_equal(a, b, sizeof a);
  for (int i = 0; i < 2; ++i) {
    double x[4] = {7, 9 - (i ? 0.501 : 0.499), 0, 0};
    u[0] = u[1] = 0;
    s->set_state(s->self, x, 0);
    assert_true(lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward == (i ? 0 : 1));
  }
  lb_system_free(s);
}

// Of the two swing-ups: 1 a step upright and at rest, next to nothing hanging.
static void swing_ups_pay_for_balance(void** state) {
  (void)state;
  static const char* const names[] = {"pendulum-swingup", "cartpole-swingup"};
  for (int k = 0; k < 2; ++k) {
    lb_system* s = open_task(names[k]);
    double x[4] = {0}, u[1] = {0};
    s->set_state(s->self, x, 0);
    assert_near(lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward, 1, 1e-9);
    lb_rng rng = lb_rng_stream(11, LB_RNG_TEST, 0, 0);
    double worth = 0;
    s->reset(s->self, &rng);
    for (int t = 0; t < s->horizon; ++t) worth += lb_system_step(s, LB_STEP_LEARNER, u, NULL).reward / s->horizon;
    assert_true(worth < 0.02);
    lb_system_free(s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(sizes),
      simulated_test(a_start_speaks_for_itself),
      simulated_test(plain_tasks_are_the_same_in_a_model),
      simulated_test(observations_decide_the_end),
      simulated_test(observed_numbers_come_back),
      simulated_test(twins_share_physics_and_reward),
      simulated_test(steps_repeat_from_state_and_hidden),
      simulated_test(the_step_that_ends_earns_no_survival),
      simulated_test(the_clock_truncates),
      simulated_test(the_reachers_target),
      simulated_test(the_mazes_walls_and_starts),
      simulated_test(the_maze_clips_velocities_and_pays_at_the_goal),
      simulated_test(swing_ups_pay_for_balance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
