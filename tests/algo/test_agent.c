// Online runs: interrupted in the middle of episodes and taken up again they leave the same bytes; their accounts add
// up; a number that is not finite ends them with a record of where; settings that mean nothing to a row are refused.
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

#include "algo/agent.h"
#include "algo/run.h"
#include "io/file.h"
#include "io/run_policies.h"
#include "plan/planner_kinds.h"
#include "run_support.h"

static char base[] = "/tmp/lb_agent_XXXXXX";

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(base));
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static lb_protocol small(void) {
  lb_protocol p = lb_protocol_default();
  lb_protocol_put(&p, "steps", 430);
  lb_protocol_put(&p, "warmup_steps", 90);
  lb_protocol_put(&p, "evaluate_every", 130);
  lb_protocol_put(&p, "evaluation_episodes", 2);
  lb_protocol_put(&p, "buffer", 300);  // less than the steps: the ring wraps around
  lb_protocol_put(&p, "updates_per_step", 0.5);
  lb_protocol_put(&p, "width", 16);
  lb_protocol_put(&p, "batch", 16);
  return p;
}

static lb_run_options options(const char* task, const char* folder) {
  lb_run_options o = run_of(task, "sac", 3, folder);
  o.protocol = small();
  return o;
}

// A small model whose rollouts grow longer, so that what is kept of them changes its room, shrinks never and wraps.
static void add_model(lb_protocol* p) {
  lb_protocol_put(p, "fit_every", 40);
  lb_protocol_put(p, "model_layers", 2);
  lb_protocol_put(p, "model_width", 16);
  lb_protocol_put(p, "model_members", 3);
  lb_protocol_put(p, "model_elites", 2);
  lb_protocol_put(p, "model_updates", 20);
  lb_protocol_put(p, "imagined_per_step", 4);
  lb_protocol_put(p, "imagined_kept", 60);
  lb_protocol_put(p, "rollout_last", 3);
  lb_protocol_put(p, "rollout_from", 100);
  lb_protocol_put(p, "rollout_to", 300);
}

static void leaves_the_same_in_parts(lb_run_options o, const char* whole, const char* parts) {
  same_in_parts(o, whole, parts, 430, 130);
  same_bytes(whole, parts, "policy.safetensors");
  same_bytes(whole, parts, "best.safetensors");
  for (int iteration = 0; iteration < 430; iteration += 130) {
    char name[LB_RUN_POLICY_NAME];
    lb_run_policy_name(name, iteration);
    same_bytes(whole, parts, name);
  }
}

// A policy that is kept of the way is the last one of a run that ends there.
static void keeps_policies_of_its_way(void** state) {
  (void)state;
  char whole[600], part[600];
  int iterations[LB_RUN_POLICIES];
  snprintf(whole, sizeof whole, "%s/way", base);
  snprintf(part, sizeof part, "%s/way130", base);
  lb_run_options o = options("pendulum-swingup", whole);
  assert_int_equal(lb_run(&o).code, LB_OK);
  assert_int_equal(lb_run_policies_list(iterations, LB_RUN_POLICIES, whole), 4);
  for (int i = 0; i < 4; ++i) assert_int_equal(iterations[i], 130 * i);
  o = options("pendulum-swingup", part);
  lb_protocol_put(&o.protocol, "steps", 130);
  assert_int_equal(lb_run(&o).code, LB_OK);
  size_t na, nb;
  char *a = slurp(whole, "policy-000000130.safetensors", &na), *b = slurp(part, "policy.safetensors", &nb);
  assert_int_equal(na, nb);
  assert_memory_equal(a, b, na);
  free(a);
  free(b);
}

static void resumes_in_the_middle_of_an_episode(void** state) {
  (void)state;
  // Long episodes, episodes that end early, a start from a list, live readings of contact forces; with a model.
  static const struct {
    const char *task, *algo;
  } rows[] = {{"pendulum-swingup", "sac"},
              {"hopper", "sac"},
              {"reacher", "sac"},
              {"ant", "sac"},
              {"hopper", "mbpo"},
              {"pendulum-swingup", "sysid-both"},
              {"hopper", "mbpo-oracle"},
              {"pendulum-swingup", "lamps-known-reward"},
              {"pendulum-swingup", "bc-sac"},
              {"hopper", "rlpd"},
              {"pendulum-swingup", "sac-ln"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    char whole[200], parts[200];
    snprintf(whole, sizeof whole, "%s/%s-%s-whole", base, rows[i].task, rows[i].algo);
    snprintf(parts, sizeof parts, "%s/%s-%s-parts", base, rows[i].task, rows[i].algo);
    lb_run_options o = options(rows[i].task, NULL);
    o.algo = rows[i].algo;
    if (strstr(o.algo, "oracle")) o.suite = "a suite";  // whose settings of networks it passes over
    bool rlpd = strcmp(o.algo, "rlpd") == 0;
    if (!strstr(o.algo, "sac") && !rlpd) add_model(&o.protocol);
    if (rlpd) lb_protocol_put(&o.protocol, "critic_updates", 3);
    if (rlpd) lb_protocol_put(&o.protocol, "actor_average", 0.01);
    leaves_the_same_in_parts(o, whole, parts);
    if (rlpd) same_bytes(whole, parts, "average.safetensors");
  }
}

// An averaged actor is measured on the same episodes as the actor itself and changes nothing else of a run; an average
// that follows at once is the actor.
static void an_average_of_the_actor_is_only_looked_at(void** state) {
  (void)state;
  static const double rates[] = {0, 0.02, 1};
  char folders[3][200], *lines[3];
  for (int i = 0; i < 3; ++i) {
    size_t n;
    snprintf(folders[i], sizeof folders[i], "%s/average-%d", base, i);
    lb_run_options o = options("pendulum-swingup", folders[i]);
    lb_protocol_put(&o.protocol, "actor_average", rates[i]);
    stop_now = 0;
    assert_int_equal(lb_run(&o).code, LB_OK);
    if (i > 0) same_bytes(folders[0], folders[i], "policy.safetensors");
    if (i > 0) same_bytes(folders[0], folders[i], "best.safetensors");
    char* text = slurp(folders[i], "metrics.jsonl", &n);
    text[n - 1] = '\0';
    size_t begin = n - 1;
    while (begin > 0 && text[begin - 1] != '\n') begin -= 1;
    lines[i] = strdup(text + begin);
    free(text);
  }
  same_bytes(folders[2], folders[0], "policy.safetensors");
  static const char* const same[] = {"return",     "return_se", "return_best", "learner_return", "critic_loss",
                                     "actor_loss", "entropy",   "temperature", "episodes"};
  for (size_t k = 0; k < sizeof same / sizeof *same; ++k) {
    assert_true(number_at(lines[0], same[k]) == number_at(lines[1], same[k]));
  }
  assert_null(strstr(lines[0], "average"));
  assert_true(number_at(lines[1], "return_average") != number_at(lines[1], "return"));
  assert_true(number_at(lines[2], "return_average") == number_at(lines[2], "return"));
  assert_true(number_at(lines[2], "return_average_se") == number_at(lines[2], "return_se"));
  assert_true(number_at(lines[1], "steps_evaluation") == 2 * number_at(lines[0], "steps_evaluation"));
  size_t na, nb;
  char *average = slurp(folders[2], "average.safetensors", &na), *policy = slurp(folders[2], "policy.safetensors", &nb);
  assert_true(na == nb && memcmp(average, policy, na) == 0);
  free(average);
  free(policy);
  for (int i = 0; i < 3; ++i) free(lines[i]);
}

// Limits of the gradients' norms that nothing comes to change nothing; others do.
static void gradients_are_clipped_by_the_settings(void** state) {
  (void)state;
  static const struct {
    const char* algo;
    double policy, model;
  } runs[] = {{"mbpo", 0, 0}, {"mbpo", 1e8, 1e8}, {"mbpo", 1e-3, 0}, {"mbpo", 0, 1e-3}};
  char folders[4][200];
  for (int i = 0; i < 4; ++i) {
    snprintf(folders[i], sizeof folders[i], "%s/clip-%d", base, i);
    lb_run_options o = options("pendulum-swingup", folders[i]);
    o.algo = runs[i].algo;
    lb_protocol_put(&o.protocol, "steps", 150);
    add_model(&o.protocol);
    lb_protocol_put(&o.protocol, "gradient_clip", runs[i].policy);
    lb_protocol_put(&o.protocol, "model_gradient_clip", runs[i].model);
    stop_now = 0;
    assert_int_equal(lb_run(&o).code, LB_OK);
    if (i == 1) same_bytes(folders[0], folders[1], "metrics.jsonl");
    if (i < 2) continue;
    size_t na, nb;
    char *a = slurp(folders[0], "policy.safetensors", &na), *b = slurp(folders[i], "policy.safetensors", &nb);
    assert_true(na == nb && memcmp(a, b, na) != 0);
    free(a);
    free(b);
  }
}

// A house of its own for recipes: the tasks are the shipped ones.
static void put_recipe(const char* root, const char* name, const char* text) {
  char path[400];
  lb_path_join(path, sizeof path, root, "bench/recipes");
  assert_int_equal(lb_folder_make(path).code, LB_OK);
  lb_path_join(path, sizeof path, root, "models");
  if (!lb_file_exists(path)) assert_int_equal(symlink(LB_SOURCE_DIR "/models", path), 0);
  snprintf(path, sizeof path, "%s/bench/recipes/%s.json", root, name);
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
}

static lb_run_options options_with_model(const char* root, const char* task, const char* algo, const char* folder) {
  lb_run_options o = options(task, folder);
  lb_protocol* p = &o.protocol;
  o.root = root;
  o.algo = algo;
  lb_protocol_put(p, "fit_every", 45);
  lb_protocol_put(p, "model_layers", 2);
  lb_protocol_put(p, "model_width", 16);
  lb_protocol_put(p, "model_members", 3);
  lb_protocol_put(p, "model_elites", 2);
  lb_protocol_put(p, "model_updates", 20);
  lb_protocol_put(p, "imagined_per_step", 2);
  lb_protocol_put(p, "imagined_kept", 100);
  return o;
}

// With a model that is fitted to the values of the critics, which are themselves part of a checkpoint. Each of the
// loss's choices goes another way: the likelihood instead, another scale, an anchor, another score.
static void resumes_with_value_moments(void** state) {
  (void)state;
  static const char* const tasks[] = {"pendulum-swingup", "hopper"};
  static const char* const losses[] = {"\"value-moments\"", "\"prediction\"", "\"value-moments\", \"value_scale\": 10",
                                       "\"value-moments\", \"anchor\": 0.5", "\"value-moments\", \"score\": \"mse\""};
  enum { ROWS = sizeof losses / sizeof *losses };
  char root[200], names[ROWS][32];
  snprintf(root, sizeof root, "%s/house", base);
  for (int i = 0; i < ROWS; ++i) {
    char text[400];
    snprintf(names[i], sizeof names[i], "row-%d", i);
    snprintf(text, sizeof text,
             "{\"title\": \"T\", \"summary\": \"S\", \"kind\": \"loop\", \"data\": {\"expert_share\": 0}, "
             "\"model\": {\"type\": \"ensemble\", \"loss\": %s}, \"planner\": {\"type\": \"sac\"}}",
             losses[i]);
    put_recipe(root, names[i], text);
  }
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks; ++i) {
    char whole[200], parts[200], other[200];
    snprintf(whole, sizeof whole, "%s/%s-values-whole", base, tasks[i]);
    snprintf(parts, sizeof parts, "%s/%s-values-parts", base, tasks[i]);
    leaves_the_same_in_parts(options_with_model(root, tasks[i], names[0], NULL), whole, parts);
    for (int k = 1; k < ROWS; ++k) {
      snprintf(other, sizeof other, "%s/%s-values-%d", base, tasks[i], k);
      lb_run_options o = options_with_model(root, tasks[i], names[k], other);
      assert_int_equal(lb_run(&o).code, LB_OK);
      size_t na, nb;
      char *a = slurp(whole, "policy.safetensors", &na), *b = slurp(other, "policy.safetensors", &nb);
      if (na == nb && memcmp(a, b, na) == 0) fail_msg("the loss %s goes the same way", losses[k]);
      free(a);
      free(b);
    }
  }
}

static void the_accounts_add_up(void** state) {
  (void)state;
  static const int at[] = {0, 130, 260, 390, 430};
  char folder[200];
  snprintf(folder, sizeof folder, "%s/accounts", base);
  lb_run_options o = options("pendulum-swingup", folder);
  stop_now = 0;
  assert_int_equal(lb_run(&o).code, LB_OK);
  size_t n;
  char *text = slurp(folder, "metrics.jsonl", &n), *rest = text, *line;
  int k = 0;
  double best = -INFINITY;
  for (; (line = strsep(&rest, "\n")) && *line; ++k) {
    assert_true(k < 5);
    int learner = at[k] > 90 ? at[k] - 90 : 0;
    best = fmax(best, number_at(line, "return"));
    assert_true(number_at(line, "iteration") == at[k]);
    assert_true(number_at(line, "steps_exploration") == at[k] - learner);
    assert_true(number_at(line, "steps_learner") == learner);
    assert_true(number_at(line, "steps_evaluation") == 400 * (k + 1));
    assert_true((int)number_at(line, "gradient_updates") == learner / 2);
    assert_true((int)number_at(line, "episodes") == at[k] / 200);
    assert_true(number_at(line, "return_best") == best);
  }
  assert_int_equal(k, 5);
  free(text);
}

// A NaN in the data reaches the critics' gradient at the first update that draws it: the run must end there, not train
// on.
static void a_number_that_is_not_finite_ends_the_run(void** state) {
  (void)state;
  lb_run_options run = options("pendulum-swingup", "");
  lb_recipe recipe;
  lb_steps steps;
  assert_int_equal(lb_recipe_load(&recipe, LB_SOURCE_DIR, "sac").code, LB_OK);
  assert_int_equal(lb_agent_open(&steps, &recipe, &run).code, LB_OK);
  lb_agent* o = lb_agent_of(&steps);
  for (o->iteration = 1; o->iteration <= 120; o->iteration++) {
    steps.collect(o);
    steps.plan(o);
    assert_int_equal(steps.check(o).code, LB_OK);
  }
  lb_ring* ring = &o->data.learner;
  for (int i = 0; i < ring->n; ++i) {
    ring->data[i * ring->width + lb_transitions_reward(ring->nobs, ring->nact)] = (float)NAN;
  }
  o->iteration = 122;
  steps.plan(o);
  lb_status status = steps.check(o);
  assert_int_equal(status.code, LB_DIVERGED);
  assert_non_null(strstr(status.text, "step 122"));
  assert_non_null(strstr(status.text, "critics"));
  steps.close(o);
}

static void settings_of_the_other_kind_are_refused(void** state) {
  (void)state;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/none", base);
  lb_run_options o = options("pendulum-swingup", folder);
  lb_protocol_put(&o.protocol, "iterations", 3);
  lb_status status = lb_run(&o);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "iterations"));
  o = options("helicopter-hover-2023", folder);
  o.algo = "lamps-2023";
  status = lb_run(&o);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "steps"));
  assert_false(lb_file_exists(folder));
}

static lb_status open_given(lb_steps* steps, const char* algo, uint64_t seed, int transitions, int episodes) {
  lb_run_options run = options("pendulum-swingup", "");
  lb_recipe recipe;
  add_model(&run.protocol);
  run.seed = seed;
  lb_protocol_put(&run.protocol, "expert_transitions", transitions);
  lb_protocol_put(&run.protocol, "expert_episodes", episodes);
  assert_int_equal(lb_recipe_load_for_rewards(&recipe, LB_SOURCE_DIR, algo).code, LB_OK);
  return lb_agent_open(steps, &recipe, &run);
}

static lb_agent* opened(lb_steps* steps, const char* algo, uint64_t seed, int transitions) {
  lb_status status = open_given(steps, algo, seed, transitions, 0);
  assert_string_equal(status.text, "");
  return lb_agent_of(steps);
}

static bool has_row(const lb_ring* ring, const float* row) {
  size_t bytes = (size_t)ring->width * sizeof *row;
  for (int i = 0; i < ring->n; ++i) {
    if (memcmp(ring->data + i * ring->width, row, bytes) == 0) return true;
  }
  return false;
}

// 50 episodes of 200 steps are filed. All that are asked for are there before the first step, other ones for another
// seed, the same for every row of a seed; none of those on which the model is measured is among them.
static void demonstrations_are_drawn_by_seed_and_there_at_once(void** state) {
  (void)state;
  static const struct {
    int wanted, learned, apart;
  } cases[] = {{2000, 2000, 2000}, {9900, 9000, 1000}, {0, 9000, 1000}};
  for (int i = 0; i < 3; ++i) {
    lb_steps steps, again, other, bare;
    lb_agent *o = opened(&steps, "sysid-sac", 0, cases[i].wanted), *same = opened(&again, "lamps", 0, cases[i].wanted);
    lb_agent *else_ = opened(&other, "sysid-sac", 1, cases[i].wanted), *without = opened(&bare, "bc-sac", 0, 2000);
    const lb_ring *expert = &o->data.expert, *apart = &o->data.apart;
    int all = cases[i].wanted > 0 ? cases[i].wanted : 10000;
    int learned = cases[i].learned;  // 9,900 begin all 50 episodes: one in ten of them is kept apart
    assert_int_equal(expert->n, learned);
    assert_int_equal(apart->n, cases[i].apart);
    assert_int_equal(o->system->ledger.steps[LB_STEP_EXPERT], all);
    size_t bytes = (size_t)expert->n * (size_t)expert->width * sizeof(float);
    assert_memory_equal(expert->data, same->data.expert.data, bytes);
    assert_memory_equal(expert->data, without->data.expert.data, (size_t)2000 * (size_t)expert->width * sizeof(float));
    assert_memory_not_equal(expert->data, else_->data.expert.data, bytes);
    for (int k = 0; k < apart->n; k += 199) assert_false(has_row(expert, apart->data + k * apart->width));
    for (o->iteration = 1; o->iteration <= 30; o->iteration++) steps.collect(o);
    lb_fit_data f = lb_agent_fit_data(o);
    assert_true(f.rows.n == learned + 30 && f.first == learned && f.share > 0.49 && f.share < 0.51);
    assert_memory_equal(f.rows.data + (size_t)learned * (size_t)expert->width, o->data.learner.data,
                        30 * (size_t)expert->width * sizeof(float));
    steps.close(o);
    again.close(same);
    other.close(else_);
    bare.close(without);
  }
}

// Whole episodes: the same that begin what is given by the number of transitions; both limits hold. 50 are filed.
static void demonstrations_are_given_by_episodes(void** state) {
  (void)state;
  static const struct {
    int transitions, episodes, given;
  } cases[] = {{0, 3, 600}, {10000, 3, 600}, {500, 3, 500}, {0, 50, 10000}};
  lb_steps steps, bare;
  lb_agent* all = opened(&bare, "bc-sac", 1, 0);
  for (int i = 0; i < 4; ++i) {
    lb_status status = open_given(&steps, "bc-sac", 1, cases[i].transitions, cases[i].episodes);
    assert_string_equal(status.text, "");
    lb_agent* o = lb_agent_of(&steps);
    const lb_ring* expert = &o->data.expert;
    assert_int_equal(expert->n, cases[i].given);
    assert_int_equal(o->system->ledger.steps[LB_STEP_EXPERT], cases[i].given);
    assert_memory_equal(expert->data, all->data.expert.data,
                        (size_t)cases[i].given * (size_t)expert->width * sizeof(float));
    steps.close(o);
  }
  bare.close(all);
  lb_status status = open_given(&steps, "bc-sac", 1, 0, 51);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "expert_episodes"));
  assert_non_null(strstr(status.text, "50 episodes, 51"));
}

// The oracle is the true system: from what the learner saw and did it gives what came of it, to single precision, and
// takes no step on anybody's account. A known reward is the task's own of what was drawn: an action of no effort earns
// what the pendulum's terms say.
static void oracles_tell_what_really_came(void** state) {
  (void)state;
  enum { N = 80 };
  static double x[N * 4], u[N], next[N * 4], reward[N];
  bool ended[N];
  static const char* const tasks[] = {"pendulum-swingup", "inverted-pendulum"};
  for (int i = 0; i < 2; ++i) {
    lb_run_options run = options(tasks[i], "");
    lb_recipe recipe;
    lb_steps steps;
    lb_protocol_put(&run.protocol, "imagined_kept", 10);
    assert_int_equal(lb_recipe_load_for_rewards(&recipe, LB_SOURCE_DIR, "mbpo-oracle").code, LB_OK);
    assert_string_equal(lb_agent_open(&steps, &recipe, &run).text, "");
    lb_agent* o = lb_agent_of(&steps);
    int nobs = o->system->nobs;
    for (o->iteration = 1; o->iteration <= N; o->iteration++) steps.collect(o);
    lb_ledger real = o->system->ledger, other = o->evaluator->ledger;
    for (int k = 0; k < N; ++k) {
      const float* row = o->data.learner.data + k * o->data.learner.width;
      for (int j = 0; j < nobs; ++j) x[k * nobs + j] = (double)row[j];
      u[k] = (double)row[nobs];
    }
    lb_sampler sampler = lb_world_sampler(o->world);
    lb_rng rng = lb_rng_stream(0, LB_RNG_TEST, 0, 0);
    lb_sampler_draw(&sampler, N, 0, x, u, next, reward, ended, &rng);
    for (int k = 0; k < N; ++k) {
      const float* row = o->data.learner.data + k * o->data.learner.width;
      for (int j = 0; j < nobs; ++j) {
        assert_true(fabs(next[k * nobs + j] - (double)row[lb_transitions_next(nobs, 1) + j]) < 1e-4);
      }
      assert_true(fabs(reward[k] - (double)row[lb_transitions_reward(nobs, 1)]) < 1e-4);
      assert_int_equal(ended[k], row[lb_transitions_terminated(nobs, 1)] > 0);
    }
    assert_memory_equal(&real, &o->system->ledger, sizeof real);
    assert_memory_equal(&other, &o->evaluator->ledger, sizeof other);
    steps.close(o);
  }
}

// BC + SAC keeps its clone: it acts from the first step on, and no weight of it moves until the critics have learned
// for as many real steps as the warm-up has.
static void a_clone_is_kept_until_the_critics_know_it(void** state) {
  (void)state;
  lb_steps steps;
  lb_run_options run = options("pendulum-swingup", "");
  lb_recipe recipe;
  long count;
  lb_protocol_put(&run.protocol, "expert_transitions", 400);
  assert_int_equal(lb_recipe_load_for_rewards(&recipe, LB_SOURCE_DIR, "bc-sac").code, LB_OK);
  assert_string_equal(lb_agent_open(&steps, &recipe, &run).text, "");
  lb_agent* o = lb_agent_of(&steps);
  assert_int_equal(steps.begin(o).code, LB_OK);
  lb_real* actor = lb_sac_actor_weights(lb_sac_of(lb_agent_planner(o)), &count);
  size_t bytes = (size_t)count * sizeof *actor;
  lb_real* clone = malloc(bytes);
  memcpy(clone, actor, bytes);
  double total = 0, action;
  for (o->iteration = 1; o->iteration <= 200; o->iteration++) {
    double seen[3];
    memcpy(seen, o->episode.obs, sizeof seen);
    lb_rng rng = lb_rng_stream(o->seed, LB_RNG_LEARNER, (uint32_t)o->iteration, 1);
    lb_sac_act(lb_sac_of(lb_agent_planner(o)), &action, seen, 1, &rng);
    steps.collect(o);
    const float* row = o->data.learner.data + (o->iteration - 1) * o->data.learner.width;
    assert_true(fabs((double)row[3] - action) < 1e-6);
    steps.plan(o);
    total += fabs(action);
    bool same = memcmp(clone, actor, bytes) == 0;
    assert_int_equal(same, o->iteration <= 180 + 1);  // the 46th update comes after 92 steps beyond the warm-up's 90
    if (o->iteration == 181) assert_int_equal(o->counts.gradient_updates, 45);
  }
  assert_true(total > 0);
  free(clone);
  steps.close(o);
}

// The authors' release adds one draw a real step, with replacement: of 2,000 demonstrations after 30 steps no more than
// 30 are in the mix.
static void released_rows_take_demonstrations_one_a_step(void** state) {
  (void)state;
  lb_steps steps;
  lb_agent* o = opened(&steps, "sysid-released", 0, 2000);
  for (o->iteration = 1; o->iteration <= 30; o->iteration++) steps.collect(o);
  lb_fit_data f = lb_agent_fit_data(o);
  int expert = 0;
  for (int i = 0; i < f.rows.n; ++i) expert += has_row(&o->data.expert, f.rows.data + i * o->data.expert.width);
  assert_true(f.rows.n == 60 && f.first == 0 && expert == 30);
  steps.close(o);
}

// The states on which the actor of a lazy row learns: the expert's and its own by turns, the expert's alone, its own.
static void lazy_actors_learn_on_the_states_that_their_rows_say(void** state) {
  (void)state;
  static const struct {
    const char* algo;
    double least, most;  // share of the draws that are the expert's
  } rows[] = {{"lamps", 0.3, 0.7}, {"lamps-expert-states", 1, 1}, {"lamps-released", 0, 0}};
  enum { DRAWS = 100 };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    lb_steps steps;
    lb_agent* o = opened(&steps, rows[i].algo, 0, 400);
    for (o->iteration = 1; o->iteration <= 91; o->iteration++) {
      steps.collect(o);
      steps.fit(o);
    }
    assert_true(o->data.imagined.n > 0);
    int expert = 0;
    for (int draw = 0; draw < DRAWS; ++draw) {
      lb_rng rng = lb_rng_stream(9, LB_RNG_TEST, (uint32_t)draw, 0);
      lb_transitions states;
      lb_agent_draw(o, 16, &states, &rng);
      assert_true(states.n == 16);
      const lb_ring* from = states.data == o->data.expert.data ? &o->data.expert : &o->data.learner;
      assert_true(states.data == from->data);
      for (int k = 0; k < states.n; ++k) assert_true(states.rows[k] >= 0 && states.rows[k] < from->n);
      expert += from == &o->data.expert;
    }
    assert_true(expert >= rows[i].least * DRAWS && expert <= rows[i].most * DRAWS);
    steps.close(o);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keeps_policies_of_its_way),
      cmocka_unit_test(demonstrations_are_drawn_by_seed_and_there_at_once),
      cmocka_unit_test(demonstrations_are_given_by_episodes),
      cmocka_unit_test(oracles_tell_what_really_came),
      cmocka_unit_test(a_clone_is_kept_until_the_critics_know_it),
      cmocka_unit_test(released_rows_take_demonstrations_one_a_step),
      cmocka_unit_test(lazy_actors_learn_on_the_states_that_their_rows_say),
      cmocka_unit_test(resumes_in_the_middle_of_an_episode),
      cmocka_unit_test(an_average_of_the_actor_is_only_looked_at),
      cmocka_unit_test(gradients_are_clipped_by_the_settings),
      cmocka_unit_test(resumes_with_value_moments),
      cmocka_unit_test(the_accounts_add_up),
      cmocka_unit_test(a_number_that_is_not_finite_ends_the_run),
      cmocka_unit_test(settings_of_the_other_kind_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
