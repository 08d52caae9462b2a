// bench eval: what a policy is worth in the real system.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actors.h"
#include "base/memory.h"
#include "base/running.h"
#include "base/sort.h"
#include "command.h"
#include "eval/episode.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "task/task.h"

static const char text[] =
    "Measures a policy in the real system: an episode a line, then mean, standard error and median. What acts is a\n"
    "policy's file of any kind that this program writes (a network, time-varying feedback, a learned model that its\n"
    "run plans in, a checkpoint), the last or the best policy of a run, the task's expert, random actions or none.\n\n"
    "With a run's folder in the place of the task, and no --episodes or --seed, the policies that the run left are\n"
    "measured on the very episodes on which the run measured them, and stand beside the number in its log: the same\n"
    "to the bit with the same program on the same type of machine.";

static const char examples[] =
    "  bench eval hopper --expert --episodes 5\n"
    "  bench eval hopper --policy results/runs/single/hopper/sac/seed-0/best.safetensors --seed 7 --json\n"
    "  bench eval hopper --run results/runs/single/hopper/sac/seed-0 --sampled\n"
    "  bench eval results/runs/single/hopper/sac/seed-0";

static const char who[] = "--policy FILE, --run DIR, --expert, --random and --zero";

#define NO_SEED UINT64_MAX

typedef struct eval_arguments {
  lb_actor_words words;
  int episodes;   // 0: as the run has it, or 10
  uint64_t seed;  // NO_SEED: none was given
  bool sampled, json;
} eval_arguments;

// One policy, measured.
typedef struct measured {
  char name[LB_BENCH_PATH + 64];
  const char* kind;
  uint64_t seed;
  uint32_t iteration;  // of the streams of its episodes
  int n;
  double *score, *sorted;  // (n) cost or return of each
  int* length;
  double mean, se, median, steps;
  int diverged;
  char why[300];        // of the first that did
  lb_run_score logged;  // what the run has of the same episodes
} measured;

typedef struct bench_eval {
  const eval_arguments* arguments;
  char root[LB_BENCH_PATH], models[LB_BENCH_PATH + 16];
  lb_system* system;
  lb_arena* arena;
  measured policies[3];
  int npolicies;
} bench_eval;

// Whether there is room for the results of so many episodes.
static lb_status check_room(int n) {
  char what[64];
  lb_memory there = lb_memory_of_process();
  snprintf(what, sizeof what, "--episodes %d", n);
  return lb_memory_check((double)n * (2 * sizeof(double) + sizeof(int)), &there, what, "measure fewer");
}

// Episode i has the stream that lb_evaluate gives it.
static void measure(measured* m, lb_system* s, const lb_policy* policy, lb_arena* arena) {
  lb_moments cost = {0}, steps = {0};
  m->score = LB_TAKE(arena, double, m->n);
  m->sorted = LB_TAKE(arena, double, m->n);
  m->length = LB_TAKE(arena, int, m->n);
  for (int i = 0; i < m->n; ++i) {
    lb_rng rng = lb_rng_stream(m->seed, LB_RNG_EVALUATION, m->iteration, (uint32_t)i);
    lb_episode e = lb_episode_run(s, policy, LB_STEP_EVALUATION, &rng, LB_NO_EARLY_STOP, NULL, arena);
    lb_moments_add(&cost, e.cost);
    lb_moments_add(&steps, e.length);
    m->score[i] = m->sorted[i] = s->cost ? e.cost : -e.cost;
    m->length[i] = e.length;
    if (e.diverged && m->diverged++ == 0) lb_fault_describe(m->why, sizeof m->why, &e.fault, s);
  }
  lb_sort(m->sorted, m->n);
  m->median = lb_sort_median(m->sorted, m->n);
  m->mean = m->diverged ? (s->cost ? INFINITY : -INFINITY) : s->cost ? cost.mean : -cost.mean;
  m->se = m->diverged ? NAN : lb_moments_se(&cost);
  m->steps = steps.mean;
}

// Opens a policy and measures it; one of a run under the run's own seed and number of episodes, to be compared with its
// log.
static lb_status add(bench_eval* b, const lb_actor_words* words, const lb_run_record* run, const char* file) {
  const eval_arguments* a = b->arguments;
  measured* m = &b->policies[b->npolicies];
  *m = (measured){.n = a->episodes > 0 ? a->episodes : 10, .seed = a->seed == NO_SEED ? 0 : a->seed};
  LB_TRY(lb_actors_path(m->name, words));
  lb_open_policy* open;
  LB_TRY(lb_actors_open(&open, words, b->root, b->system, m->seed));
  if (run) {
    int saved = lb_policy_iteration(open);
    m->logged = saved >= 0 ? lb_run_record_at(run, saved) : lb_run_record_score(run, file);
    if (m->logged.exists) {
      m->n = run->episodes;
      // Rows that learn from rewards log minus the cost of a task that has one.
      if (run->by_returns && b->system->cost) m->logged.score = -m->logged.score;
      m->seed = run->seed;
      m->iteration = m->logged.iteration;
    }
  }
  lb_policy policy = lb_policy_of(open);
  lb_status status = lb_ok();
  if (a->sampled) status = lb_policy_sampled(&policy, open, lb_rng_stream(m->seed, LB_RNG_PLAN, 0, 0));
  m->kind = lb_policy_kind(open);
  if (status.code == LB_OK) measure(m, b->system, &policy, b->arena);
  if (status.code == LB_OK) b->npolicies += 1;
  lb_policy_close(open);
  return status;
}

// The policies that a run left: its last, its best, its average; or what it has while it is under way.
static lb_status add_run(bench_eval* b, const char* folder) {
  static const char* const others[] = {"best.safetensors", "average.safetensors"};
  const eval_arguments* a = b->arguments;
  bool own = a->episodes == 0 && a->seed == NO_SEED && !a->sampled;
  lb_run_record run;
  const char* name;
  char path[LB_BENCH_PATH + 64];
  LB_TRY(lb_run_record_read(&run, folder));
  LB_TRY(lb_run_record_file(&run, &name, a->words.best));
  snprintf(path, sizeof path, "%s/%s", folder, name);
  LB_TRY(add(b, &(lb_actor_words){.policy = path}, own ? &run : NULL, name));
  for (int i = 0; i < 2 && !a->words.best; ++i) {
    snprintf(path, sizeof path, "%s/%s", folder, others[i]);
    if (strcmp(name, others[i]) == 0 || !lb_file_exists(path)) continue;
    LB_TRY(add(b, &(lb_actor_words){.policy = path}, own ? &run : NULL, others[i]));
  }
  return lb_ok();
}

// The episodes of one policy, their mean, and whether the run's log has the same number.
static void print_text(const bench_eval* b, const measured* m) {
  const char* what = b->system->cost ? "cost" : "return";
  printf("%s: %s%s%s\n", b->system->name, m->name, *m->name ? ", " : "", m->kind);
  printf("%-9s%-14s%s\n", "episode", what, "length");
  for (int i = 0; i < m->n; ++i) printf("%-9d%-14.6g%d\n", i, m->score[i], m->length[i]);
  printf("mean %s %.6g +- %.3g (s.e.), median %.6g, mean length %.6g\n", what, m->mean, m->se, m->median, m->steps);
  if (m->diverged > 0) printf("%d of %d episodes diverged: in the first, %s\n", m->diverged, m->n, m->why);
  if (m->logged.exists && m->logged.score == m->mean) {
    puts("the run's log has the same number, to the bit");
  } else if (m->logged.exists) {
    printf("the run's log has %.17g, another number: it was written by another program or on another machine\n",
           m->logged.score);
  }
}

// The same as an object.
static void write_policy(lb_json_writer* w, const measured* m, const char* what) {
  lb_json_write_begin_object(w, NULL);
  lb_json_write_string(w, "file", *m->name ? m->name : NULL);
  lb_json_write_string(w, "kind", m->kind);
  lb_json_write_int(w, "seed", (int64_t)m->seed);
  lb_json_write_int(w, "iteration", m->iteration);
  lb_json_write_number(w, "mean", m->mean);
  lb_json_write_number(w, "se", m->se);
  lb_json_write_number(w, "median", m->median);
  lb_json_write_number(w, "mean_length", m->steps);
  lb_json_write_int(w, "diverged", m->diverged);
  lb_json_write_number(w, "logged", m->logged.exists ? m->logged.score : (double)NAN);
  lb_json_write_begin_array(w, "episodes");
  for (int i = 0; i < m->n; ++i) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_number(w, what, m->score[i]);
    lb_json_write_int(w, "length", m->length[i]);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  lb_json_write_end_object(w);
}

// All policies as one JSON object.
static void print_json(const bench_eval* b) {
  const char* what = b->system->cost ? "cost" : "return";
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", b->system->name);
  lb_json_write_string(&w, "measure", what);
  lb_json_write_begin_array(&w, "policies");
  for (int i = 0; i < b->npolicies; ++i) write_policy(&w, &b->policies[i], what);
  lb_json_write_end_array(&w);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// What is evaluated is not said: of a task who acts is missing, another word names nothing that there is.
static lb_status say_what_it_is(bench_eval* b, const char* operand) {
  if (lb_folder_exists(operand)) return lb_run_record_read(&(lb_run_record){0}, operand);
  if (lb_file_exists(operand)) {
    return lb_fail(LB_INPUT,
                   "%s: a file, where a task or a run's folder should be named; a policy's: bench eval TASK "
                   "--policy %s",
                   operand, operand);
  }
  lb_status status = lb_task_open(&b->system, b->models, operand);
  if (status.code == LB_OK) return lb_actors_check(&b->arguments->words, true, who);
  if (strchr(operand, '/')) return lb_fail(LB_INPUT, "%s: there is no such run's folder", operand);
  return lb_fail(LB_INPUT, "there is no such run's folder, and %s", status.text);
}

// Opens the task and measures what the operand and the options name.
static lb_status evaluate(bench_eval* b, const char* operand) {
  const eval_arguments* a = b->arguments;
  bool is_run = lb_run_record_exists(operand), names_one = a->words.policy || a->words.run;
  names_one = names_one || a->words.expert || a->words.random || a->words.zero;
  lb_run_record run;
  const char* task = operand;
  if (is_run) {
    if (names_one)
      return lb_fail(LB_INPUT, "%s is a run's folder: what acts is what it left, so leave out %s", operand, who);
    LB_TRY(lb_run_record_read(&run, operand));
    task = run.task;
  }
  LB_TRY(check_room(a->episodes));
  LB_TRY(lb_root_find(b->root, sizeof b->root));
  snprintf(b->models, sizeof b->models, "%s/models", b->root);
  if (!is_run && !names_one) return say_what_it_is(b, operand);
  if (!is_run) LB_TRY(lb_actors_check(&a->words, true, who));
  LB_TRY(lb_task_open(&b->system, b->models, task));
  b->arena = lb_arena_new(0);
  if (!b->arena) return lb_fail(LB_MEMORY, "no memory for %s", task);
  LB_TRY(is_run ? add_run(b, operand) : add(b, &a->words, NULL, NULL));
  if (a->json) {
    print_json(b);
    return lb_ok();
  }
  for (int i = 0; i < b->npolicies; ++i) {
    if (i > 0) putchar('\n');
    print_text(b, &b->policies[i]);
  }
  return lb_ok();
}

int lb_command_eval(int argc, char** argv) {
  eval_arguments a = {.seed = NO_SEED};
  const lb_option options[] = {
      {"policy", "FILE", "this policy, of whatever kind", LB_OPTION_TEXT, &a.words.policy},
      {"run", "DIR", "the policy of the run in this folder: its last, or while it is\nunder way its best so far",
       LB_OPTION_TEXT, &a.words.run},
      {"best", NULL, "of a run: the policy of its best measurement", LB_OPTION_FLAG, &a.words.best},
      {"expert", NULL, "the task's expert, of expert_data/", LB_OPTION_FLAG, &a.words.expert},
      {"random", NULL, "uniformly random actions", LB_OPTION_FLAG, &a.words.random},
      {"zero", NULL, "controls of zero", LB_OPTION_FLAG, &a.words.zero},
      {"episodes", "N", "how many (default 10; of a run: as it has it)", LB_OPTION_COUNT, &a.episodes},
      {"seed", "N", "of their starts and noise, and of random actions (default 0;\nof a run: its own)", LB_OPTION_SEED,
       &a.seed},
      {"sampled", NULL, "a network's actions with their noise, not their mean", LB_OPTION_FLAG, &a.sampled},
      {"json", NULL, "as one JSON object", LB_OPTION_FLAG, &a.json},
  };
  const lb_usage usage = {"eval", "TASK|RUN [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  bench_eval b = {.arguments = &a};
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = evaluate(&b, operands.values[0]);
  lb_operands_free(&operands);
  lb_arena_free(b.arena);
  lb_system_free(b.system);
  return lb_command_end("eval", status);
}
