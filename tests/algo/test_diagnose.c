// What an online run with a model says of why it wins: taken up again it says the same bytes, measuring changes nothing
// of what is learned, each side's terms add up to what its episodes returned, and what cannot be told is null.
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
#include "algo/expert_files.h"
#include "algo/run.h"
#include "data/demos.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "model/model_kinds.h"
#include "model/neural_private.h"
#include "plan/planner_kinds.h"
#include "plan/sac.h"
#include "run_support.h"
#include "task/task.h"

static char base[] = "/tmp/lb_terms_XXXXXX";
static char root[64], bare[64];  // with experts; with their demonstrations, but not their policies

enum { STEPS = 240, WARMUP = 60, EPISODES = 3, DEMONSTRATED = 500 };

static void passes(lb_status status) {
  if (status.code != LB_OK) fail_msg("%s", status.text);
}

static void write_text(const char* folder, const char* name, const char* text) {
  char path[300];
  lb_path_join(path, sizeof path, folder, name);
  passes(lb_file_replace(path, text, strlen(text)));
}

// A folder that has the tasks and two rows: one with demonstrations in mix and actor states, one without.
static void make_root(char* out, size_t size, const char* name) {
  char path[200];
  snprintf(out, size, "%s/%s", base, name);
  passes(lb_folder_make(out));
  snprintf(path, sizeof path, "%s/models", out);
  assert_int_equal(symlink(LB_SOURCE_DIR "/models", path), 0);
  snprintf(path, sizeof path, "%s/expert_data", out);
  passes(lb_folder_make(path));
  snprintf(path, sizeof path, "%s/bench/recipes", out);
  passes(lb_folder_make(path));
  write_text(path, "with.json",
             "{\"title\": \"With\", \"summary\": \"with demonstrations\", \"model\": {\"type\": \"ensemble\"},"
             " \"planner\": {\"type\": \"sac\", \"actor_states\": {\"learner\": 1, \"expert\": 1}}}");
  write_text(path, "without.json",
             "{\"title\": \"Without\", \"summary\": \"without\", \"data\": {\"expert_share\": 0},"
             " \"model\": {\"type\": \"ensemble\"}, \"planner\": {\"type\": \"sac\"}}");
}

// The card, which says what belongs together.
static void write_card(const char* where, const char* task) {
  char folder[300], name[80];
  lb_text text = {0};
  lb_json_writer card = lb_json_writer_on(&text);
  snprintf(folder, sizeof folder, "%s/expert_data", where);
  snprintf(name, sizeof name, "%s.json", task);
  lb_json_write_begin_object(&card, NULL);
  passes(lb_expert_files_write_sums(&card, folder, task));
  lb_json_write_end_object(&card);
  write_text(folder, name, text.data);
  lb_text_free(&text);
}

// An expert that has learned nothing, and its demonstrations.
static void make_expert(const char* task) {
  lb_system* system;
  lb_demos* demos;
  char path[300];
  passes(lb_task_open(&system, LB_SOURCE_DIR "/models", task));
  lb_arena* arena = lb_arena_new(0);
  lb_actor_config config = lb_actor_default_config(system->nobs, system->nu);
  config.width = 8;
  config.u_low = system->u_low;
  config.u_high = system->u_high;
  lb_rng rng = lb_rng_stream(5, LB_RNG_TEST, 0, 0);
  lb_actor* actor = lb_actor_new(&config, &rng, arena);
  lb_policy policy = lb_actor_policy(actor);
  lb_net_task named = {.name = system->name, .hash = system->hash};
  lb_demos_compact compact = lb_demos_default_compact();
  passes(lb_demos_record_transitions(&demos, system, &policy, DEMONSTRATED, 5));
  const char* roots[] = {root, bare};
  for (int i = 0; i < 2; ++i) {
    snprintf(path, sizeof path, "%s/expert_data/%s.npz", roots[i], task);
    passes(lb_demos_save_compact(demos, system, path, "{}", &compact));
  }
  snprintf(path, sizeof path, "%s/expert_data/%s.policy.safetensors", root, task);
  passes(lb_actor_save(actor, path, &named, "{}"));
  for (int i = 0; i < 2; ++i) write_card(roots[i], task);
  lb_demos_free(demos);
  lb_arena_free(arena);
  lb_system_free(system);
}

static int set_up(void** state) {
  (void)state;
  assert_non_null(mkdtemp(base));
  make_root(root, sizeof root, "root");
  make_root(bare, sizeof bare, "bare");
  make_expert("hopper");
  make_expert("inverted-pendulum");
  make_expert("pendulum-swingup");
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  return lb_folder_remove(base).code;
}

static lb_run_options options(const char* task, const char* algo, const char* folder) {
  lb_protocol p = lb_protocol_default();
  lb_protocol* o = &p;
  lb_protocol_put(o, "steps", STEPS);
  lb_protocol_put(o, "warmup_steps", WARMUP);
  lb_protocol_put(o, "evaluate_every", 60);
  lb_protocol_put(o, "evaluation_episodes", EPISODES);
  lb_protocol_put(o, "updates_per_step", 0.5);
  lb_protocol_put(o, "width", 16);
  lb_protocol_put(o, "batch", 16);
  lb_protocol_put(o, "model_width", 16);
  lb_protocol_put(o, "model_layers", 2);
  lb_protocol_put(o, "model_members", 3);
  lb_protocol_put(o, "model_elites", 2);
  lb_protocol_put(o, "model_updates", 20);
  lb_protocol_put(o, "fit_every", 40);
  lb_protocol_put(o, "imagined_per_step", 2);
  lb_run_options r = run_of(task, algo, 3, folder);
  r.root = root;
  r.protocol = p;
  return r;
}

static void run_into(char* folder, size_t size, const char* name, const char* task, const char* algo, int every) {
  snprintf(folder, size, "%s/%s", base, name);
  lb_run_options o = options(task, algo, folder);
  lb_protocol_put(&o.protocol, "evaluate_every", every);
  stop_now = 0;
  passes(lb_run(&o));
}

static void taken_up_again(const char* task) {
  char whole[200], parts[200], name[100];
  snprintf(name, sizeof name, "%s-whole", task);
  run_into(whole, sizeof whole, name, task, "with", 60);
  snprintf(parts, sizeof parts, "%s/%s-parts", base, task);
  lb_run_options o = options(task, "with", parts);
  o.progress = stop_after;
  for (int iteration = 60; iteration < STEPS; iteration += 60) {
    o.progress_ctx = &iteration;
    stop_now = 0;
    assert_int_equal(lb_run(&o).code, LB_INTERRUPT);
  }
  stop_now = 0;
  o.progress = NULL;
  passes(lb_run(&o));
  same_bytes(whole, parts, "metrics.jsonl");
  same_bytes(whole, parts, "policy.safetensors");
}

// Hopper's short episodes are looked at in full, of the pendulum's a part is drawn.
static void taken_up_again_it_says_the_same(void** state) {
  (void)state;
  taken_up_again("hopper");
  taken_up_again("pendulum-swingup");
}

static void measuring_changes_nothing(void** state) {
  (void)state;
  char often[200], seldom[200];
  run_into(often, sizeof often, "often", "hopper", "with", 17);
  run_into(seldom, sizeof seldom, "seldom", "hopper", "with", STEPS);
  same_bytes(often, seldom, "policy.safetensors");
}

// The number at a key; NAN for null.
static double number_or_nan(const char* line, const char* key) {
  char pattern[100];
  snprintf(pattern, sizeof pattern, "\"%s\":", key);
  const char* at = strstr(line, pattern);
  if (!at) fail_msg("no %s in %s", key, line);
  at += strlen(pattern);
  return strncmp(at, "null", 4) == 0 ? NAN : strtod(at, NULL);
}

static const char* const expert_keys[] = {"model_error_expert_1",       "model_error_expert_5",
                                          "model_error_expert_20",      "value_disagreement_expert",
                                          "reward_disagreement_expert", "advantage"};
static const char* const learner_keys[] = {"model_error_learner_1",       "model_error_learner_5",
                                           "model_error_learner_20",      "value_disagreement_learner",
                                           "reward_disagreement_learner", "advantage_learner"};

static const char* const left_keys[] = {"lemma_left",
                                        "lemma_residual",
                                        "undiscounted_lemma_left",
                                        "undiscounted_lemma_residual",
                                        "undiscounted_advantage_learner",
                                        "undiscounted_reward_disagreement_learner"};

// Whether each of six keys and its standard error are numbers in a line.
static void are_numbers(const char* line, const char* const keys[6], bool wanted) {
  for (int i = 0; i < 6; ++i) {
    char se[80];
    snprintf(se, sizeof se, "%s_se", keys[i]);
    assert_int_equal(isfinite(number_or_nan(line, keys[i])), wanted);
    assert_int_equal(isfinite(number_or_nan(line, se)), wanted);
    if (wanted) assert_true(number_or_nan(line, se) > 0);
  }
}

// The last line of a run, after a look at the first, where no model was fitted yet; caller frees.
static char* last_line(const char* folder) {
  size_t n;
  char *text = slurp(folder, "metrics.jsonl", &n), *rest = text, *line, *last = NULL;
  for (int k = 0; (line = strsep(&rest, "\n")) && *line; ++k) {
    if (k == 0) {
      are_numbers(line, expert_keys, false);
      are_numbers(line, learner_keys, false);
      are_numbers(line, left_keys, false);
      assert_true(isnan(number_or_nan(line, "planning_error")));
    }
    last = line;
  }
  last = strdup(last);
  free(text);
  return last;
}

static void what_cannot_be_told_is_null(void** state) {
  (void)state;
  char folder[200];
  run_into(folder, sizeof folder, "with", "pendulum-swingup", "with", 120);
  char* line = last_line(folder);
  are_numbers(line, expert_keys, true);
  are_numbers(line, learner_keys, true);
  are_numbers(line, left_keys, true);
  assert_true(isfinite(number_or_nan(line, "undiscounted_advantage")));
  assert_true(fabs(number_or_nan(line, "lemma_residual")) < 6 * number_or_nan(line, "lemma_residual_se"));
  assert_true(isfinite(number_or_nan(line, "planning_error")) && number_or_nan(line, "planning_error_se") > 0);
  // 0.99^298 > 0.05 >= 0.99^299, but an episode has 200 steps.
  assert_true(number_or_nan(line, "planning_horizon") == 200);
  free(line);
  run_into(folder, sizeof folder, "without", "pendulum-swingup", "without", 120);
  line = last_line(folder);
  are_numbers(line, expert_keys, false);
  are_numbers(line, learner_keys, true);
  // The learner's side stands for itself.
  are_numbers(line, left_keys, true);
  assert_true(isnan(number_or_nan(line, "undiscounted_advantage")));
  assert_true(isnan(number_or_nan(line, "planning_error")));
  free(line);
  // Hopper's episodes are longer.
  run_into(folder, sizeof folder, "horizon", "hopper", "without", 120);
  line = last_line(folder);
  assert_true(number_or_nan(line, "planning_horizon") == 299);
  free(line);
  // Demonstrations whose policy is not at hand.
  snprintf(folder, sizeof folder, "%s/%s", base, "no-policy");
  lb_run_options o = options("pendulum-swingup", "with", folder);
  o.root = bare;
  passes(lb_run(&o));
  line = last_line(folder);
  are_numbers(line, expert_keys, true);
  assert_true(isnan(number_or_nan(line, "planning_error")) && isnan(number_or_nan(line, "planning_error_se")));
  free(line);
}

// A run that has trained for a while, by hand.
static lb_agent* trained(lb_steps* steps, const char* task, const char* algo) {
  static lb_run_options run;
  static lb_recipe recipe;
  run = options(task, algo, "");
  passes(lb_recipe_load(&recipe, root, algo));
  passes(lb_agent_open(steps, &recipe, &run));
  lb_agent* o = lb_agent_of(steps);
  for (o->iteration = 1; o->iteration <= 100; o->iteration++) {
    steps->collect(o);
    steps->fit(o);
    steps->plan(o);
    assert_int_equal(steps->check(o).code, LB_OK);
  }
  assert_true(o->fits == 2 && o->counts.gradient_updates == 20);
  return o;
}

// Mean over episodes of sum g^t r + g^L W(s_L) - W(s_0), from rows as core/transitions.h has them: what a side's three
// terms add up to, whatever the model draws.
static double told_by_returns(lb_agent* o, const float* rows, int n, int* episodes) {
  int nobs = o->system->nobs, nu = o->system->nu, width = lb_transitions_width(nobs, nu), t = 0;
  lb_value critic = lb_agent_planner(o)->value;
  double total = 0, x[64], v;
  *episodes = 0;
  for (int i = 0; i < n; ++i, ++t) {
    const float *row = rows + i * width, *next = row + lb_transitions_next(nobs, nu);
    bool terminated = row[lb_transitions_terminated(nobs, nu)] > 0;
    if (t == 0) {
      for (int j = 0; j < nobs; ++j) x[j] = (double)row[j];
      critic.at(critic.ctx, 1, 0, x, &v);
      total -= v;
      *episodes += 1;
    }
    total += pow(0.99, t) * (double)row[lb_transitions_reward(nobs, nu)];
    if (i + 1 < n && !terminated && memcmp(next, row + width, (size_t)nobs * sizeof *next) == 0) continue;
    for (int j = 0; j < nobs; ++j) x[j] = (double)next[j];
    critic.at(critic.ctx, 1, 0, x, &v);
    if (!terminated) total += pow(0.99, t + 1) * v;
    t = -1;
  }
  return total / *episodes;
}

// Whatever the evaluation has seen, as rows.
static int repeat_evaluation(lb_agent* o, float* rows, int most) {
  lb_system* s = o->evaluator;
  int nobs = s->nobs, nu = s->nu, n = 0;
  for (int e = 0; e < EPISODES; ++e) {
    lb_rng rng = lb_rng_stream(o->seed, LB_RNG_EVALUATION, (uint32_t)o->iteration, (uint32_t)e);
    double obs[64], u[8];
    s->reset(s->self, &rng);
    s->observe(s->self, obs);
    for (int t = 0; t < s->horizon; ++t) {
      assert_true(n < most);
      float* row = rows + n++ * lb_transitions_width(nobs, nu);
      for (int j = 0; j < nobs; ++j) row[j] = (float)obs[j];
      lb_sac_act(lb_sac_of(lb_agent_planner(o)), u, obs, 1, NULL);
      for (int j = 0; j < nu; ++j) row[nobs + j] = (float)u[j];
      lb_policy_act(&o->policy, 1, t, obs, u);
      lb_outcome outcome = lb_system_step(s, LB_STEP_EVALUATION, u, NULL);
      s->observe(s->self, obs);
      row[lb_transitions_reward(nobs, nu)] = (float)outcome.reward;
      row[lb_transitions_terminated(nobs, nu)] = outcome.terminated;
      for (int j = 0; j < nobs; ++j) row[lb_transitions_next(nobs, nu) + j] = (float)obs[j];
      if (outcome.terminated || outcome.truncated) break;
    }
  }
  return n;
}

static double total(const lb_lemma_terms* terms) {
  return terms->advantage.mean + terms->value.mean + terms->reward.mean;
}

// Hopper falls soon, so that every step is looked at and nothing is left to chance.
static void each_side_adds_up_to_its_returns(void** state) {
  (void)state;
  enum { MOST = 1000 };
  static float rows[MOST * 32];
  lb_steps steps;
  lb_agent* o = trained(&steps, "hopper", "with");
  lb_counts counts = o->counts;
  int64_t evaluated = o->evaluator->ledger.steps[LB_STEP_EVALUATION],
          learned = o->system->ledger.steps[LB_STEP_LEARNER];
  lb_evaluation measured = lb_diagnose(o);
  assert_memory_equal(&counts, &o->counts, sizeof counts);
  assert_int_equal(o->system->ledger.steps[LB_STEP_LEARNER], learned);
  evaluated = o->evaluator->ledger.steps[LB_STEP_EVALUATION] - evaluated;
  int n = repeat_evaluation(o, rows, MOST), episodes;
  assert_int_equal(evaluated, n);
  lb_diagnose_terms* terms = &o->terms;
  double told = told_by_returns(o, rows, n, &episodes);
  assert_int_equal(episodes, EPISODES);
  assert_int_equal(terms->learner.value.n, EPISODES);
  assert_near(-total(&terms->learner), told, 1e-4 * (1 + fabs(told)));
  // Every step of every episode ends up in its length and in the undiscounted left side.
  double rewards = 0;
  int width = lb_transitions_width(o->system->nobs, o->system->nu);
  for (int i = 0; i < n; ++i) {
    rewards += (double)rows[i * width + lb_transitions_reward(o->system->nobs, o->system->nu)];
  }
  assert_true(measured.steps * EPISODES == n && measured.steps_se > 0);
  assert_near(-terms->learner_whole.left.mean, rewards / EPISODES, 1e-4 * (1 + fabs(rewards)));
  const lb_ring* expert = &o->data.apart;
  told = told_by_returns(o, expert->data, expert->n, &episodes);
  assert_true(episodes > 1);
  assert_int_equal(terms->expert.value.n, episodes);
  assert_near(total(&terms->expert), told, 1e-4 * (1 + fabs(told)));
  // What is left of all terms is what the critic says at first states.
  assert_near(terms->residual.mean, terms->left.mean - total(&terms->expert) - total(&terms->learner), 1e-6);
  assert_true(fabs(terms->residual.mean) < 6 * terms->residual.se && terms->residual.se > 0);
  assert_near(terms->residual_whole.mean,
              terms->left_whole.mean - total(&terms->expert_whole) - total(&terms->learner_whole), 1e-6);
  assert_true(fabs(terms->residual_whole.mean) < 6 * terms->residual_whole.se && terms->residual_whole.se > 0);
  // Each of the terms is there.
  assert_true(fabs(terms->expert.value.mean) > 1e-3 && fabs(terms->learner.value.mean) > 1e-3);
  assert_true(fabs(terms->expert.reward.mean) > 1e-3 && fabs(terms->learner.reward.mean) > 1e-3);
  steps.close(o);
}

// One step ahead from every state of the evaluation, by hand; the controls of this task are not within [-1, 1].
static void the_learners_error_is_that_of_its_steps(void** state) {
  (void)state;
  enum { MOST = 1000 };
  static float rows[MOST * 12];
  lb_steps steps;
  lb_agent* o = trained(&steps, "inverted-pendulum", "with");
  assert_true(o->system->nobs == 4 && o->system->nu == 1 && o->system->u_high[0] > 1.5);
  lb_diagnose(o);
  int n = repeat_evaluation(o, rows, MOST);
  double squares = 0;
  for (int j = 0; j < 4; ++j) {
    const lb_ring* two[] = {&o->data.expert, &o->data.learner};
    double mean = 0, variance = 0;
    int all = two[0]->n + two[1]->n;
    for (int k = 0; k < 2; ++k) {
      for (int i = 0; i < two[k]->n; ++i) mean += 0.5 * (double)two[k]->data[i * two[k]->width + j] / two[k]->n;
    }
    for (int k = 0; k < 2; ++k) {
      for (int i = 0; i < two[k]->n; ++i) {
        double off = (double)two[k]->data[i * two[k]->width + j] - mean;
        variance += 0.5 * off * off / two[k]->n * all / (all - 1);
      }
    }
    for (int i = 0; i < n; ++i) {
      double obs[4], act[1] = {(double)rows[11 * i + 4]}, predicted[5];
      for (int k = 0; k < 4; ++k) obs[k] = (double)rows[11 * i + k];
      lb_neural_predict(lb_ensemble_of(&o->model), -1, predicted, NULL, obs, act, 1);
      squares += pow(predicted[j] - (double)rows[11 * i + 7 + j], 2) / variance / (4 * n);
    }
  }
  assert_int_equal(o->terms.error_learner[0].n, n);
  assert_near(o->terms.error_learner[0].mean, sqrt(squares), 1e-4 * sqrt(squares));
  steps.close(o);
}

// What the terms draw from is the ensemble as the imagination rolls it out, with the task's own end, in as many parts.
static void the_sampler_is_the_imaginations_step(void** state) {
  (void)state;
  enum { N = 2500, PART = 2048, NOBS = 11, NACT = 3 };
  static double x[N * NOBS], u[N * NACT], x_next[N * NOBS], reward[N], judged[N * NOBS];
  static float obs[N * NOBS], act[N * NACT], next[N * NOBS], rewards[N];
  static bool ended[N], expected[N];
  lb_steps steps;
  lb_agent* o = trained(&steps, "hopper", "with");
  lb_system* s = o->evaluator;
  assert_true(s->nobs == NOBS && s->nu == NACT);
  lb_rng rng = lb_rng_stream(1, LB_RNG_TEST, 1, 0), twin = rng;
  for (int i = 0; i < N; ++i) {
    const float* row = o->data.learner.data + i % o->data.learner.n * o->data.learner.width;
    for (int j = 0; j < NOBS; ++j) x[i * NOBS + j] = (double)(obs[i * NOBS + j] = row[j]);
    for (int j = 0; j < NACT; ++j) u[i * NACT + j] = (double)(act[i * NACT + j] = row[NOBS + j]);
  }
  lb_sampler model = lb_world_sampler(o->world);
  int64_t queries = o->counts.model_queries;
  lb_sampler_draw(&model, N, 0, x, u, x_next, reward, ended, &rng);
  assert_int_equal(o->counts.model_queries, queries);
  for (int at = 0; at < N; at += PART) {
    int part = N - at < PART ? N - at : PART;
    lb_neural_sample(lb_ensemble_of(&o->model), next + at * NOBS, rewards + at, obs + at * NOBS, act + at * NACT, part,
                     &twin, o->arena);
  }
  assert_memory_equal(&rng, &twin, sizeof rng);
  for (int i = 0; i < N * NOBS; ++i) assert_true(x_next[i] == (double)next[i]);
  lb_imagined wanted = {.terminated = expected};
  double* states = LB_TAKE(o->arena, double, N * s->space.nx);
  memcpy(judged, x_next, sizeof judged);
  s->restore(s->self, states, N, judged);
  s->imagine(s->self, &wanted, N, NULL, NULL, states);
  int ends = 0;
  for (int i = 0; i < N; ++i) {
    assert_true(reward[i] == (double)rewards[i] && ended[i] == expected[i]);
    ends += ended[i];
  }
  assert_true(ends > 10 && ends < N - 10);
  steps.close(o);
}

// Demonstrations of 25 steps that are the model's own mean predictions: no error but rounding, in one step or in
// twenty.
static void demonstrations_of_the_model_itself_have_no_error(void** state) {
  (void)state;
  lb_steps steps;
  lb_agent* o = trained(&steps, "pendulum-swingup", "with");
  lb_ring* ring = &o->data.expert;
  int nobs = ring->nobs, nact = ring->nact;
  double obs[3], act[1], mean[4];
  assert_true(nobs == 3 && nact == 1);
  for (int i = 0; i < ring->n; ++i) {
    float* row = ring->data + i * ring->width;
    for (int j = 0; j < nobs && i % 25 == 0; ++j) obs[j] = (double)o->data.learner.data[j];
    act[0] = 0.5 * sin(i);
    lb_neural_predict(lb_ensemble_of(&o->model), -1, mean, NULL, obs, act, 1);
    for (int j = 0; j < nobs; ++j) {
      row[j] = (float)obs[j];
      obs[j] = (double)(float)mean[j];
      row[lb_transitions_next(nobs, nact) + j] = (float)mean[j];
    }
    row[nobs] = (float)act[0];
    row[lb_transitions_terminated(nobs, nact)] = 0;
  }
  lb_diagnose(o);
  for (int i = 0; i < LB_DIAGNOSE_ERRORS; ++i) {
    assert_true(o->terms.error_expert[i].mean < 1e-5);
    assert_true(o->terms.error_learner[i].mean > 1e-2);
    assert_true(o->terms.error_expert[i].n > 0 && o->terms.error_learner[i].n > 0);
  }
  steps.close(o);
}

// An expert that acts as the learner does plans as well as it; one that does not, does not.
static void planning_is_told_apart(void** state) {
  (void)state;
  lb_steps steps;
  lb_agent* o = trained(&steps, "hopper", "with");
  lb_diagnose(o);
  assert_true(o->terms.planning_error.mean != 0 && o->terms.planning_error.se > 0);
  assert_int_equal(o->terms.planning_error.n, 64);
  o->expert_actor = lb_sac_actor_copy(lb_sac_of(lb_agent_planner(o)), o->system->u_low, o->system->u_high, o->arena);
  lb_diagnose(o);
  assert_true(o->terms.planning_error.mean == 0 && o->terms.planning_error.se == 0);
  steps.close(o);
}

// The expert's states and the starts are the same at every evaluation, the learner's are not.
static void the_same_demonstrations_are_looked_at(void** state) {
  (void)state;
  lb_steps steps;
  lb_agent* o = trained(&steps, "pendulum-swingup", "with");
  lb_diagnose(o);
  lb_diagnose_terms first = o->terms;
  o->iteration += 1;
  lb_diagnose(o);
  for (int i = 0; i < LB_DIAGNOSE_ERRORS; ++i) {
    assert_true(o->terms.error_expert[i].mean == first.error_expert[i].mean);
    assert_true(o->terms.error_learner[i].mean != first.error_learner[i].mean);
  }
  // But the model is drawn from anew.
  assert_true(o->terms.expert.value.mean != first.expert.value.mean);
  o->iteration -= 1;
  lb_diagnose(o);
  assert_true(o->terms.learner.value.mean == first.learner.value.mean);
  steps.close(o);
}

// A model whose draws leave every number ever seen cannot make the planning error larger than rewards of the box of the
// data, three times as wide as these, add up to.
static void a_wild_model_leaves_the_planning_error_bounded(void** state) {
  (void)state;
  lb_steps steps;
  lb_agent* o = trained(&steps, "pendulum-swingup", "with");
  lb_net* net = lb_ensemble_of(&o->model)->net;
  for (long i = 0; i < net->count; ++i) net->theta[i] *= 20;
  lb_diagnose(o);
  double low = INFINITY, high = -INFINITY, steps_told = o->terms.planning_horizon;
  const lb_ring* two[] = {&o->data.expert, &o->data.learner};
  for (int k = 0; k < 2; ++k) {
    for (int i = 0; i < two[k]->n; ++i) {
      double reward = (double)two[k]->data[i * two[k]->width + lb_transitions_reward(3, 1)];
      low = fmin(low, reward);
      high = fmax(high, reward);
    }
  }
  assert_true(isfinite(o->terms.planning_error.mean) && o->terms.planning_error.n == 64);
  assert_true(fabs(o->terms.planning_error.mean) <= 3 * (high - low) * steps_told);
  steps.close(o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(taken_up_again_it_says_the_same),
      cmocka_unit_test(measuring_changes_nothing),
      cmocka_unit_test(what_cannot_be_told_is_null),
      cmocka_unit_test(each_side_adds_up_to_its_returns),
      cmocka_unit_test(the_learners_error_is_that_of_its_steps),
      cmocka_unit_test(the_sampler_is_the_imaginations_step),
      cmocka_unit_test(demonstrations_of_the_model_itself_have_no_error),
      cmocka_unit_test(planning_is_told_apart),
      cmocka_unit_test(a_wild_model_leaves_the_planning_error_bounded),
      cmocka_unit_test(the_same_demonstrations_are_looked_at),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
