// bench demo record: what a policy does, as demonstrations.
#include <math.h>
#include <stdio.h>

#include "actors.h"
#include "algo/environment.h"
#include "base/text.h"
#include "command.h"
#include "command_demo.h"
#include "data/demos.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "options.h"

static const char text[] =
    "Records demonstrations of any policy that `bench eval` takes: a file that this program wrote, the policy of a "
    "run,\n"
    "the task's expert, random actions or none. --noise adds Gaussian noise to its actions, its standard deviation in\n"
    "units of half of each control's range; the sum is clipped to the limits. The same policy, seed and noise give "
    "the\n"
    "same file. The metadata say what acted and how, and every step can be repeated from what is recorded.";

static const char examples[] =
    "  bench demo record hopper --policy results/runs/single/hopper/sac/seed-0/best.safetensors --out mine.npz\n"
    "  bench demo record pendulum-swingup --expert --noise 0.3 --episodes 20 --seed 1 --out noisy.npz";

static const char who[] = "--policy FILE, --run DIR, --expert, --random and --zero";

typedef struct record_arguments {
  lb_actor_words words;
  int episodes;
  uint64_t seed;
  double noise;
  bool sampled, json;
  const char* out;
} record_arguments;

// A policy whose actions get noise.
typedef struct noisy {
  const lb_policy* policy;
  const lb_system* system;
  double deviation;
  lb_rng rng;
} noisy;

// u + deviation (u_high - u_low) / 2 z with z ~ N(0, 1), clipped to the limits.
static void act_noisily(void* ctx, int n, int t, const double* in, double* u) {
  noisy* p = ctx;
  const lb_system* s = p->system;
  lb_policy_act(p->policy, n, t, in, u);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < s->nu; j++) {
      double z, *v = &u[i * s->nu + j];
      lb_rng_normals(&p->rng, &z, 1);
      *v = fmin(fmax(*v + p->deviation * 0.5 * (s->u_high[j] - s->u_low[j]) * z, s->u_low[j]), s->u_high[j]);
    }
  }
}

// Fails unless every control has two limits.
static lb_status check_limits(const lb_system* s) {
  for (int j = 0; j < s->nu; j++) {
    if (!isfinite(s->u_low[j]) || !isfinite(s->u_high[j])) {
      return lb_fail(LB_INPUT, "--noise: control %s of %s has no limits that its size could be told by",
                     lb_system_control(s, j).text, s->name);
    }
  }
  return lb_ok();
}

// Whether the file will have room, before hours are spent on it. Too many for the memory are refused by the recorder.
static lb_status check_room(const record_arguments* a, const lb_system* s) {
  char what[200];
  snprintf(what, sizeof what, "%d %s of %.100s", a->episodes, lb_plural(a->episodes, "episode", "episodes"), s->name);
  return lb_folder_check_room(a->out, lb_demos_bytes(s, (double)a->episodes * s->horizon), what,
                              "record fewer, or elsewhere");
}

// Who made the recording: policy, checksum, noise, seed, program.
static lb_status write_provenance(lb_text* out, const record_arguments* a, const char* file,
                                  const lb_open_policy* policy) {
  char sum[65] = "";
  const char *kind = lb_policy_kind(policy), *read = lb_policy_path(policy);
  if (*read) LB_TRY(lb_sha256_file(read, sum));
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "made_by", "bench demo record");
  lb_json_write_string(&w, "policy", *file ? file : a->words.expert ? "expert" : kind);
  lb_json_write_string(&w, "kind", kind);
  if (*sum) lb_json_write_string(&w, "policy_sha256", sum);
  lb_json_write_bool(&w, "sampled", a->sampled);
  lb_json_write_number(&w, "noise", a->noise);
  lb_json_write_int(&w, "seed", (int64_t)a->seed);
  lb_environment_write_program(&w, "program");
  lb_json_write_end_object(&w);
  return lb_ok();
}

// How much was recorded, and its mean return or cost.
static void print_result(const record_arguments* a, const lb_demos* demos, const lb_system* s) {
  double mean, se;
  int episodes = lb_demos_episodes(demos), n = lb_demos_transitions(demos);
  const char* what = s->cost ? "cost" : "return";
  lb_demos_cost(demos, s, &mean, &se);
  if (!s->cost) mean = -mean;
  if (!a->json) {
    printf("%s: %d %s, %d %s, %s %.6g +- %.3g (s.e.)  %s\n", s->name, episodes,
           lb_plural(episodes, "episode", "episodes"), n, lb_plural(n, "transition", "transitions"), what, mean, se,
           a->out);
    return;
  }
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", s->name);
  lb_json_write_string(&w, "file", a->out);
  lb_json_write_int(&w, "episodes", episodes);
  lb_json_write_int(&w, "transitions", n);
  lb_json_write_number(&w, what, mean);
  lb_json_write_number(&w, "se", se);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// Records episodes of the open policy.
static lb_status record_with(const record_arguments* a, lb_system* s, lb_open_policy* open) {
  char file[LB_BENCH_PATH + 64];
  lb_text provenance = {0};
  lb_demos* demos = NULL;
  lb_policy policy = lb_policy_of(open);
  noisy with = {&policy, s, a->noise, lb_rng_stream(a->seed, LB_RNG_EXPERT, 0, LB_EXPERT_NOISE)};
  LB_TRY(lb_actors_path(file, &a->words));
  if (*file) LB_TRY(lb_root_check_new(a->out, file));
  if (a->sampled) LB_TRY(lb_policy_sampled(&policy, open, lb_rng_stream(a->seed, LB_RNG_PLAN, 0, 0)));
  lb_policy noisily = policy;
  noisily.ctx = &with;
  noisily.act = act_noisily;
  if (a->noise > 0) LB_TRY(check_limits(s));
  LB_TRY(check_room(a, s));
  lb_status status = lb_demos_record(&demos, s, a->noise > 0 ? &noisily : &policy, a->episodes, a->seed);
  if (status.code == LB_OK) status = write_provenance(&provenance, a, file, open);
  if (status.code == LB_OK) status = lb_demos_save(demos, s, a->out, provenance.data);
  if (status.code == LB_OK) print_result(a, demos, s);
  lb_text_free(&provenance);
  lb_demos_free(demos);
  return status;
}

// Opens task and policy and records.
static lb_status record(const record_arguments* a, const char* task) {
  char root[LB_BENCH_PATH];
  lb_system* system;
  lb_open_policy* open;
  LB_TRY(lb_actors_check(&a->words, true, who));
  if (!a->out) return lb_fail(LB_INPUT, "where to? Give --out FILE.npz");
  LB_TRY(lb_root_check_path(a->out, "--out"));
  LB_TRY(lb_demo_open_task(&system, root, task));
  lb_status status = lb_actors_open(&open, &a->words, root, system, a->seed);
  if (status.code == LB_OK) {
    status = record_with(a, system, open);
    lb_policy_close(open);
  }
  lb_system_free(system);
  return status;
}

int lb_demo_record(int argc, char** argv) {
  record_arguments a = {.episodes = 10};
  const lb_option options[] = {
      {"policy", "FILE", "this policy, of whatever kind", LB_OPTION_TEXT, &a.words.policy},
      {"run", "DIR", "the policy of the run in this folder", LB_OPTION_TEXT, &a.words.run},
      {"best", NULL, "of a run: the policy of its best measurement", LB_OPTION_FLAG, &a.words.best},
      {"expert", NULL, "the task's expert, of expert_data/", LB_OPTION_FLAG, &a.words.expert},
      {"random", NULL, "uniformly random actions", LB_OPTION_FLAG, &a.words.random},
      {"zero", NULL, "controls of zero", LB_OPTION_FLAG, &a.words.zero},
      {"sampled", NULL, "a network's actions with their own noise, not their mean", LB_OPTION_FLAG, &a.sampled},
      {"noise", "S", "standard deviation of noise on the actions (default 0)", LB_OPTION_NUMBER, &a.noise},
      {"episodes", "N", "how many (default 10)", LB_OPTION_COUNT, &a.episodes},
      {"seed", "N", "of starts and noise (default 0)", LB_OPTION_SEED, &a.seed},
      {"out", "FILE", "the recording; required", LB_OPTION_TEXT, &a.out},
      {"json", NULL, "the result as one JSON object", LB_OPTION_FLAG, &a.json},
  };
  const lb_usage usage = {
      "demo record", "TASK --policy FILE --out FILE [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = record(&a, operands.values[0]);
  lb_operands_free(&operands);
  return lb_command_end("demo record", status);
}
