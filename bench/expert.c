// bench expert: an expert for a task, and its demonstrations.
#include "algo/expert.h"

#include <stdio.h>

#include "campaign.h"
#include "command.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"

static const char text[] =
    "Solves for an expert on the true system (iLQR on its noise-free dynamics, from one LQR pass about the "
    "reference),\n"
    "lets it act under the task's noise, and writes three files: TASK.npz, the demonstrations in D4RL's layout;\n"
    "TASK.policy.safetensors, the policy; TASK.json, how they were made and their checksums.\n"
    "The same task, seed and program give the same bytes.";

static const char examples[] =
    "  bench expert helicopter-hover\n"
    "  bench expert helicopter-funnel --episodes 20 --seed 1 --out /tmp/demos";

static void print_result(const lb_expert_options* o, const lb_expert_result* r, bool as_json) {
  if (!as_json) {
    printf("%s: cost %.6g +- %.2g (s.e.) over %d episodes; without noise %.6g; %d LQR passes (%s)\n%s/%s.npz\n",
           o->task, r->cost_mean, r->cost_se, r->episodes, r->account.cost, r->account.lqr_passes, r->account.stop,
           o->folder, o->task);
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

static lb_status make(const char* task, int episodes, uint64_t seed, const char* out, bool as_json) {
  char root[LB_BENCH_PATH], folder[LB_BENCH_PATH + 16], command[300];
  LB_TRY(lb_root_find(root, sizeof root));
  LB_TRY(lb_campaign_check_task(root, task, NULL));
  if (out) LB_TRY(lb_root_check_path(out, "--out"));
  snprintf(folder, sizeof folder, out ? "%s" : "%s/expert_data", out ? out : root);
  snprintf(command, sizeof command, "tools/bench expert %s --episodes %d --seed %llu", task, episodes,
           (unsigned long long)seed);
  lb_expert_options options = {
      .root = root, .task = task, .episodes = episodes, .seed = seed, .folder = folder, .command = command};
  lb_expert_result result;
  LB_TRY(lb_expert_make(&result, &options));
  print_result(&options, &result, as_json);
  return lb_ok();
}

int lb_command_expert(int argc, char** argv) {
  int episodes = 100;
  uint64_t seed = 0;
  const char* out = NULL;
  bool as_json = false, quiet = false;
  const lb_option options[] = {
      {"episodes", "N", "to record (default 100)", LB_OPTION_COUNT, &episodes},
      {"seed", "N", "of the noise (default 0)", LB_OPTION_SEED, &seed},
      {"out", "DIR", "where the files go (default expert_data)", LB_OPTION_TEXT, &out},
      {"json", NULL, "the result as one JSON object", LB_OPTION_FLAG, &as_json},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &quiet},
  };
  const lb_usage usage = {"expert", "TASK [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = make(operands.values[0], episodes, seed, out, as_json);
  lb_operands_free(&operands);
  return lb_command_end("expert", status);
}
