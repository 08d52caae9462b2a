// bench replay: do demonstrations and task belong together?
#include "data/replay.h"

#include <stdio.h>

#include "campaign.h"
#include "command.h"
#include "data/demos.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "task/task.h"

static const char text[] =
    "Steps the recorded states and actions, with the recorded noise, through the simulator again and reports the "
    "largest\n"
    "deviations: of the next state when every step starts at its recorded state, of the state when whole episodes run\n"
    "from their first state, of the reward, and how many termination flags differ. On the machine and with the "
    "program\n"
    "that recorded them the two agree to the bit; elsewhere to rounding. The exit status is 1 when a deviation of a\n"
    "restarted step or of the reward exceeds the tolerance or a flag differs, and 2 for a file that is damaged, "
    "altered,\n"
    "or of another version of the task. Whole episodes are reported and not judged: a chaotic task tears them apart.";

static const char examples[] =
    "  bench replay helicopter-hover\n"
    "  bench replay helicopter-hover --data /tmp/demos/helicopter-hover.npz --tolerance 1e-12 --json";

typedef struct replay_arguments {
  const char* data;
  double tolerance;
  bool as_json, quiet;
} replay_arguments;

static void print_deviation(const char* what, double value, int episode, int step, bool is_bitwise) {
  if (is_bitwise) {
    printf("%-34s %-12s\n", what, "bit-equal");
  } else {
    printf("%-34s %-12.3g episode %d, step %d\n", what, value, episode, step);
  }
}

static void print_text(const lb_replay_report* r, const replay_arguments* a, bool holds) {
  printf("%d episodes, %d transitions, tolerance %g\n\n", r->episodes, r->transitions, a->tolerance);
  printf("%-34s %-12s %s\n", "largest deviation", "value", "where");
  print_deviation("next state, each step restarted", r->restart, r->restart_episode, r->restart_step,
                  r->restart_is_bitwise);
  print_deviation("state, whole episodes", r->run, r->run_episode, r->run_step, r->run_is_bitwise);
  printf("%-34s %-12.3g\n", "reward", r->reward);
  printf("%-34s %-12d\n\n", "termination flags that differ", r->flags);
  puts(!holds                  ? "The data and the simulator do not agree."
       : r->restart_is_bitwise ? "The simulator repeats the data to the bit."
                               : "The simulator repeats the data within the tolerance.");
}

static void print_json(const lb_replay_report* r, const replay_arguments* a, const char* task, const char* path,
                       bool holds) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", task);
  lb_json_write_string(&w, "data", path);
  lb_json_write_int(&w, "episodes", r->episodes);
  lb_json_write_int(&w, "transitions", r->transitions);
  lb_json_write_number(&w, "tolerance", a->tolerance);
  lb_json_write_number(&w, "next_state", r->restart);
  lb_json_write_bool(&w, "next_state_bit_equal", r->restart_is_bitwise);
  lb_json_write_number(&w, "episode_state", r->run);
  lb_json_write_bool(&w, "episode_state_bit_equal", r->run_is_bitwise);
  lb_json_write_number(&w, "reward", r->reward);
  lb_json_write_int(&w, "flags", r->flags);
  lb_json_write_bool(&w, "holds", holds);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// *holds: whether the deviations stay within the tolerance.
static lb_status replay(bool* holds, const replay_arguments* a, const char* task) {
  char root[LB_BENCH_PATH], models[LB_BENCH_PATH + 16], path[LB_BENCH_PATH + 200];
  LB_TRY(lb_root_find(root, sizeof root));
  LB_TRY(lb_campaign_check_task(root, task, NULL));
  snprintf(models, sizeof models, "%s/models", root);
  if (a->data) LB_TRY(lb_root_check_path(a->data, "--data"));
  if (a->data) {
    snprintf(path, sizeof path, "%s", a->data);
  } else {
    snprintf(path, sizeof path, "%s/expert_data/%s.npz", root, task);
  }
  lb_system* system;
  LB_TRY(lb_task_open(&system, models, task));
  lb_demos* demos;
  lb_status status = lb_demos_load(&demos, system, path);
  if (status.code == LB_OK) {
    lb_replay_report report;
    lb_replay(&report, system, demos);
    // Written so that a NaN does not pass.
    *holds = report.restart <= a->tolerance && report.reward <= a->tolerance && report.flags == 0;
    if (a->as_json) {
      print_json(&report, a, task, path, *holds);
    } else {
      print_text(&report, a, *holds);
    }
    lb_demos_free(demos);
  }
  lb_system_free(system);
  return status;
}

int lb_command_replay(int argc, char** argv) {
  replay_arguments a = {.tolerance = 1e-9};
  const lb_option options[] = {
      {"data", "FILE", "the demonstrations (default expert_data/TASK.npz)", LB_OPTION_TEXT, &a.data},
      {"tolerance", "X", "largest deviation that passes (default 1e-9)", LB_OPTION_NUMBER, &a.tolerance},
      {"json", NULL, "the result as one JSON object", LB_OPTION_FLAG, &a.as_json},
      {"quiet", NULL, "no progress", LB_OPTION_FLAG, &a.quiet},
  };
  const lb_usage usage = {"replay", "TASK [OPTION...]", text, examples, 1, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  bool holds = true;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = replay(&holds, &a, operands.values[0]);
  lb_operands_free(&operands);
  if (status.code != LB_OK) return lb_command_end("replay", status);
  return holds ? LB_EXIT_OK : LB_EXIT_FAILED;
}
