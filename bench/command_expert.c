// bench expert: an expert for a task, and its demonstrations.
#include <math.h>
#include <stdio.h>

#include "algo/expert.h"
#include "algo/expert_files.h"
#include "algo/expert_online.h"
#include "algo/run.h"
#include "base/log.h"
#include "base/text.h"
#include "campaign.h"
#include "command.h"
#include "forecasts.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "task/task.h"
#include "worker.h"

static const char text[] =
    "Makes an expert on the true system, lets it act, and writes TASK.npz, the demonstrations under D4RL's names;\n"
    "TASK.policy.safetensors, the policy; TASK.json, how they were made, what they return, and their checksums.\n\n"
    "A task with a cost is solved: iLQR on its noise-free dynamics, from one LQR pass about the reference. A task "
    "with\n"
    "rewards is learned, by soft actor-critic as bench/experts/TASK.json says (or by defaults): a long run that can "
    "be\n"
    "stopped and goes on where it was. Of its evaluations the best policy counts; 100 fresh episodes judge it, and\n"
    "TASK.curve.jsonl is its learning curve. With --record the best policy so far is recorded without more training.\n"
    "With --quality the training ends at the first evaluation that returns so many per cent of what the expert in\n"
    "expert_data does; TASK-30.npz and the others are what an agent with a worse expert gets (expert_quality).\n"
    "Exit status 1: the expert is recorded, but returns less than the file asks for.";

static const char examples[] =
    "  bench expert helicopter-hover\n"
    "  bench expert helicopter-funnel --episodes 20 --seed 1 --out /tmp/demos\n"
    "  bench expert hopper\n"
    "  bench expert hopper --dry-run\n"
    "  bench expert hopper --record --transitions 50000 --out /tmp/demos\n"
    "  bench expert pendulum-swingup --quality 30 --out /tmp/demos";

typedef struct arguments {
  const char *task, *out, *run;
  int episodes, transitions, quality;
  uint64_t seed;
  bool has_seed;
  lb_texts set;
  bool record, fresh, dry_run, as_json, quiet;
} arguments;

// What solving an expert came to.
static void print_solved(const lb_expert_options* o, const lb_expert_result* r, bool as_json) {
  if (!as_json) {
    printf("%s: cost %.6g +- %.2g (s.e.) over %d %s; without noise %.6g; %d LQR %s (%s)\n%s/%s.npz\n", o->task,
           r->cost_mean, r->cost_se, r->episodes, lb_plural(r->episodes, "episode", "episodes"), r->account.cost,
           r->account.lqr_passes, lb_plural(r->account.lqr_passes, "pass", "passes"), r->account.stop, o->folder,
           o->task);
    return;
  }
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", o->task);
  lb_json_write_string(&w, "folder", o->folder);
  lb_json_write_number(&w, "cost", r->cost_mean);
  lb_json_write_number(&w, "cost_se", r->cost_se);
  lb_json_write_number(&w, "noise_free_cost", r->account.cost);
  lb_json_write_int(&w, "episodes", r->episodes);
  lb_json_write_int(&w, "transitions", r->transitions);
  lb_json_write_int(&w, "lqr_passes", r->account.lqr_passes);
  lb_json_write_string(&w, "stop", r->account.stop);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// From here on everything is done in one piece, and filed in one step at its end.
static void end_on_request(void) {
  lb_worker_end_on_request("bench expert: stopped before its files were written; the same command makes them\n");
}

// The option given that means nothing where the expert is solved; NULL: none.
static const char* for_learning_only(const arguments* a) {
  if (a->transitions > 0) return "--transitions";
  if (a->set.n > 0) return "--set";
  if (a->run) return "--run";
  if (a->record) return "--record";
  if (a->quality > 0) return "--quality";
  return a->fresh ? "--fresh" : NULL;
}

// What evaluating the solved expert as often takes; the solution itself takes seconds.
static lb_status forecast_solved(const arguments* a, const char* root, int episodes) {
  lb_run_options o = {
      .root = root, .suite = "", .task = a->task, .algo = "expert", .protocol = lb_protocol_default(), .folder = ""};
  lb_protocol_put(&o.protocol, "evaluation_rollouts", episodes);
  if (!a->as_json)
    printf("solved by iLQR (seconds), then recorded in %d %s:\n", episodes, lb_plural(episodes, "episode", "episodes"));
  return lb_forecasts_run(&o, a->as_json);
}

// Solves the expert of a task with a cost, and records it.
static lb_status solve(const arguments* a, const char* root, const char* folder) {
  char command[300];
  const char* wrong = for_learning_only(a);
  if (wrong) {
    return lb_fail(LB_INPUT, "%s is for tasks that are learned; %s has a cost and is solved%s", wrong, a->task,
                   a->transitions > 0 ? ": give --episodes" : "");
  }
  int episodes = a->episodes > 0 ? a->episodes : 100;
  if (a->dry_run) return forecast_solved(a, root, episodes);
  snprintf(command, sizeof command, "tools/bench expert %s --episodes %d --seed %llu", a->task, episodes,
           (unsigned long long)a->seed);
  lb_expert_options options = {
      .root = root, .task = a->task, .episodes = episodes, .seed = a->seed, .folder = folder, .command = command};
  lb_expert_result result;
  end_on_request();
  LB_TRY(lb_expert_make(&result, &options));
  print_solved(&options, &result, a->as_json);
  return lb_ok();
}

// What recording a learned expert came to, beside what was asked for.
static void print_record(const lb_expert_files* f, const lb_expert_record* r, bool as_json) {
  const lb_expert_plan* p = f->plan;
  if (as_json) {
    lb_text out = {0};
    lb_json_writer w = lb_json_writer_on(&out);
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "task", f->task);
    lb_json_write_string(&w, "folder", f->folder);
    lb_json_write_number(&w, "return", r->mean);
    lb_json_write_number(&w, "return_se", r->se);
    lb_json_write_number(&w, "return_least", r->least);
    if (r->successes >= 0) lb_json_write_int(&w, "successes", r->successes);
    if (!isnan(p->threshold)) lb_json_write_number(&w, "threshold", p->threshold);
    lb_json_write_bool(&w, "met", r->met);
    lb_json_write_int(&w, "episodes", r->episodes);
    lb_json_write_int(&w, "transitions", r->transitions);
    lb_json_write_end_object(&w);
    puts(out.data);
    lb_text_free(&out);
    return;
  }
  printf("%s: return %.6g +- %.2g (s.e.) over %d fresh episodes, the least %.6g", f->task, r->mean, r->se,
         LB_EXPERT_EPISODES, r->least);
  if (r->successes >= 0) printf("; %d of them at least %g", r->successes, p->success);
  if (!isnan(p->threshold)) printf("; %s the %g asked for", r->met ? "meets" : "misses", p->threshold);
  if (!isnan(p->share)) printf("; %s the share of %g asked for", r->met ? "meets" : "misses", p->share);
  char name[LB_EXPERT_FILES_NAME];
  lb_expert_files_name(name, f->task, f->quality);
  printf("\n%d %s in %d %s of mean return %.6g: %s/%s.npz\n", r->transitions,
         lb_plural(r->transitions, "transition", "transitions"), r->episodes,
         lb_plural(r->episodes, "episode", "episodes"), r->recorded_mean, f->folder, name);
}

// --dry-run: what the training takes; nothing is trained for a recording, or where another task's policy serves.
static lb_status forecast_learned(const lb_expert_plan* plan, const arguments* a, const lb_run_options* o) {
  if (!a->record && !*plan->policy_of) return lb_forecasts_run(o, a->as_json);
  if (a->as_json) {
    printf("{\"task\":\"%s\",\"cpu_seconds\":null,\"transitions\":%d}\n", a->task, plan->transitions);
  } else {
    printf("%s: nothing is trained; %d %s and %d episodes are recorded (a minute)\n", a->task, plan->transitions,
           lb_plural(plan->transitions, "transition", "transitions"), LB_EXPERT_EPISODES);
  }
  return lb_ok();
}

// Whether an evaluation of the training so far returns as much as is asked for.
static bool has_enough(const char* run, double enough) {
  char path[LB_BENCH_PATH + 400], line[4096];
  snprintf(path, sizeof path, "%s/metrics.jsonl", run);
  FILE* f = fopen(path, "r");
  bool found = false;
  while (f && !found && fgets(line, sizeof line, f)) {
    lb_json* doc;
    double value;
    if (lb_json_parse(&doc, line, path).code != LB_OK) continue;
    found = lb_json_number(lb_json_root(doc), "return", -1e300, 1e300, &value).code == LB_OK && value >= enough;
    lb_json_free(doc);
  }
  if (f) fclose(f);
  return found;
}

// --quality: what of the expert's return an evaluation must return, and no other demand on the policy.
static lb_status demand(double* enough, lb_expert_plan* plan, const arguments* a, const char* root) {
  char folder[LB_EXPERT_FILES_FOLDER], path[LB_EXPERT_FILES_FOLDER + 300];
  lb_json* doc;
  double expert = 0;
  if (a->quality > 99) return lb_fail(LB_INPUT, "--quality %d: a whole number from 1 to 99 is needed", a->quality);
  if (*plan->policy_of) {
    return lb_fail(LB_INPUT, "--quality: %s takes the policy of %s and trains none of its own", a->task,
                   plan->policy_of);
  }
  LB_TRY(lb_expert_files_folder(folder, root, a->task));
  snprintf(path, sizeof path, "%s/%.200s.json", folder, a->task);
  if (!lb_file_exists(path)) {
    return lb_fail(LB_INPUT, "%s: no such file: --quality needs the expert; 'bench expert %s' makes it", path, a->task);
  }
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = lb_json_number(lb_json_root(doc), "mean_return", -1e300, 1e300, &expert);
  lb_json_free(doc);
  LB_TRY(status);
  if (!(expert > 0)) {
    return lb_fail(LB_INPUT, "--quality: the expert of %s returns %g, of which no share is a measure", a->task, expert);
  }
  *enough = 0.01 * a->quality * expert;
  plan->threshold = plan->success = plan->share = NAN;
  return lb_ok();
}

// Trains the expert, or goes on with it; with `enough` until an evaluation returns as much.
static lb_status train(const lb_expert_plan* plan, const arguments* a, const char* root, const char* run,
                       double enough) {
  char command[2048];
  lb_run_options o = {.root = root,
                      .suite = "",
                      .task = a->task,
                      .algo = plan->algo,
                      .seed = plan->seed,
                      .protocol = plan->protocol,
                      .folder = run,
                      .command = command,
                      .fresh = a->fresh,
                      .checkpoint_seconds = 60,
                      .enough = enough};
  if (a->dry_run) return forecast_learned(plan, a, &o);
  lb_worker_command(command, sizeof command, &o);
  if (enough > 0 && !a->fresh && has_enough(run, enough)) return lb_ok();
  lb_run_progress last = {0};
  lb_status status = lb_worker_run(&o, false, &last);
  if (enough > 0 && status.code == LB_INTERRUPT && last.score >= enough) return lb_ok();
  if (enough > 0 && status.code == LB_OK) {
    return lb_fail(LB_DIVERGED, "%s: no evaluation of the training returns %g; give it more --set steps", run, enough);
  }
  if (status.code != LB_INTERRUPT) return status;
  return lb_fail(LB_INTERRUPT,
                 "%s; the same command goes on from there, with --record it records the best policy so far",
                 status.text);
}

// Trains the expert of a task with rewards, judges its best policy and records it.
static lb_status learn(const arguments* a, const char* root, const char* folder, bool* met) {
  lb_expert_plan plan;
  char run[LB_BENCH_PATH + 300], command[300], results[LB_BENCH_PATH];
  LB_TRY(lb_expert_plan_load(&plan, root, a->task));
  if (a->has_seed) plan.seed = a->seed;
  if (a->transitions > 0) plan.transitions = a->transitions;
  for (int i = 0; i < a->set.n; i++) LB_TRY(lb_protocol_set(&plan.protocol, a->set.values[i]));
  if (a->episodes > 0) {
    return lb_fail(LB_INPUT,
                   "--episodes is for tasks that are solved; %s has rewards and is learned: give --transitions",
                   a->task);
  }
  double enough = 0;
  if (a->quality > 0) LB_TRY(demand(&enough, &plan, a, root));
  if (a->run) LB_TRY(lb_root_check_path(a->run, "--run"));
  LB_TRY(lb_root_results(results, sizeof results, root));
  char name[LB_EXPERT_FILES_NAME], quality[32] = "";
  lb_expert_files_name(name, a->task, a->quality > 0 ? a->quality : 100);
  if (a->quality > 0) snprintf(quality, sizeof quality, " --quality %d", a->quality);
  snprintf(run, sizeof run, a->run ? "%s" : "%s/results/runs/experts/%s", a->run ? a->run : results, name);
  snprintf(command, sizeof command, "tools/bench expert %s%s%s", a->task, quality, a->record ? " --record" : "");
  if (a->dry_run) return train(&plan, a, root, run, enough);
  if (!a->record && !*plan.policy_of) LB_TRY(train(&plan, a, root, run, enough));
  lb_expert_files files = {.root = root,
                           .task = a->task,
                           .plan = &plan,
                           .quality = a->quality > 0 ? a->quality : 100,
                           .run = run,
                           .folder = folder,
                           .command = command};
  lb_expert_record record = {0};
  end_on_request();
  LB_TRY(lb_expert_online_record(&record, &files));
  print_record(&files, &record, a->as_json);
  *met = record.met;
  return lb_ok();
}

// Solves or learns, as the task asks for.
static lb_status make(const arguments* a, bool* met) {
  char root[LB_BENCH_PATH], folder[LB_EXPERT_FILES_FOLDER], models[LB_BENCH_PATH + 16];
  lb_system* system;
  LB_TRY(lb_root_find(root, sizeof root));
  LB_TRY(lb_campaign_check_task(root, a->task, NULL));
  if (a->out) LB_TRY(lb_root_check_path(a->out, "--out"));
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&system, models, a->task));
  bool has_cost = system->cost != NULL;
  arguments named = *a;
  char name[128];
  snprintf(name, sizeof name, "%s", system->name);
  named.task = name;
  lb_system_free(system);
  if (a->out) {
    snprintf(folder, sizeof folder, "%s", a->out);
  } else {
    LB_TRY(lb_expert_files_folder(folder, root, name));
  }
  return has_cost ? solve(&named, root, folder) : learn(&named, root, folder, met);
}

int lb_command_expert(int argc, char** argv) {
  arguments a = {0};
  const uint64_t unset = UINT64_MAX;
  bool met = true;
  a.seed = unset;
  const lb_option options[] = {
      {"episodes", "N", "of a solved task, to record (default 100)", LB_OPTION_COUNT, &a.episodes},
      {"transitions", "N", "of a learned task, to record (default as in bench/experts)", LB_OPTION_COUNT,
       &a.transitions},
      {"seed", "N", "of the noise, or of the training (default 0, or as in bench/experts)", LB_OPTION_SEED, &a.seed},
      {"set", "KEY=VALUE", "changes a setting of the training; may be repeated", LB_OPTION_TEXTS, &a.set},
      {"record", NULL, "record the best policy so far, without more training", LB_OPTION_FLAG, &a.record},
      {"quality", "PERCENT",
       "train until an evaluation returns so much of what the expert of expert_data\ndoes, and file that policy as "
       "TASK-PERCENT",
       LB_OPTION_COUNT, &a.quality},
      {"run", "DIR", "the folder of the training (default results/runs/experts/TASK)", LB_OPTION_TEXT, &a.run},
      {"fresh", NULL, "start the training over", LB_OPTION_FLAG, &a.fresh},
      {"out", "DIR", "where the files go (default expert_data/, of a task of your own beside it)", LB_OPTION_TEXT,
       &a.out},
      {"dry-run", NULL, "say what it would take, and do nothing", LB_OPTION_FLAG, &a.dry_run},
      {"json", NULL, "the result, or with --dry-run the forecast, as one JSON object", LB_OPTION_FLAG, &a.as_json},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &a.quiet},
  };
  const lb_usage usage = {"expert", "TASK [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  bool go = status.code == LB_OK && !operands.help;
  a.has_seed = a.seed != unset;
  if (!a.has_seed) a.seed = 0;
  lb_log_quiet(a.quiet);
  if (go) {
    a.task = operands.values[0];
    status = make(&a, &met);
  }
  lb_operands_free(&operands);
  lb_texts_free(&a.set);
  int exit_status = lb_command_end("expert", status);
  return exit_status == LB_EXIT_OK && !met ? LB_EXIT_FAILED : exit_status;
}
