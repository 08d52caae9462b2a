// bench replay: do demonstrations and task belong together?
#include "data/replay.h"

#include <stdio.h>

#include "command.h"
#include "data/demos.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "task/task.h"

static const char text[] =
    "Steps the recorded states and actions, with the recorded noise, through the simulator again and reports the\n"
    "largest deviations of state, observation and reward, and how many termination flags differ:\n"
    "  restarted  every step from its recorded state, and from what else is recorded that a step depends on (the\n"
    "             constraint solver's warm start, what a reward had read before the step)\n"
    "  cold       every step from its state alone, beside what a recording from elsewhere holds of that\n"
    "  episodes   whole episodes from their first state; once the state is off by more than 1e-6 an episode has\n"
    "             parted, and only its state is compared from there\n"
    "On the machine and with the program that recorded them all agree to the bit; elsewhere to rounding. The exit\n"
    "status is 1 when a deviation of a restarted step exceeds the tolerance, a flag differs, or an episode parts in "
    "its\n"
    "first 25 steps (later ones are reported and not judged: a chaotic task tears them apart), and 2 for a file that "
    "is\n"
    "damaged, altered, or of another task or version of it. An observation's deviation counts in units of its size\n"
    "where that is above 1. Recordings of Gymnasium's MuJoCo environments in D4RL's layout are read as they are, and\n"
    "their names (Hopper-v5) stand for the tasks.";

static const char examples[] =
    "  bench replay helicopter-hover\n"
    "  bench replay helicopter-hover --data /tmp/demos/helicopter-hover.npz --tolerance 1e-12 --json\n"
    "  bench replay Hopper-v5 --data Hopper-v5.npz";

enum { JUDGED_STEPS = 25 };

// A step is sensitive to the solver's warm start by about this where that is not recorded.
static const double cold_tolerance = 1e-5;

typedef struct replay_arguments {
  const char* data;
  double tolerance;  // 0: by what the data hold
  bool as_json, quiet;
} replay_arguments;

// What the comparison is judged by.
typedef struct verdict {
  double tolerance;
  bool judges_reward;  // of restarted steps: not where what the reward had read before the step is missing
  bool holds;
} verdict;

// Written so that a NaN does not pass.
static bool is_within(const lb_replay_gap* g, double tolerance, bool with_reward) {
  return g->state <= tolerance && g->observation <= tolerance && (!with_reward || g->reward <= tolerance) &&
         g->flags == 0;
}

static verdict judge(const lb_replay_report* r, const lb_system* system, const replay_arguments* a) {
  verdict v = {.tolerance = a->tolerance > 0 ? a->tolerance
                            : r->is_exact    ? 1e-9
                                             : cold_tolerance,
               .judges_reward = r->is_exact || system->nhidden == system->nwarm};
  bool restart = is_within(&r->restart, v.tolerance, v.judges_reward);
  bool cold = r->cold.compared == 0 || is_within(&r->cold, v.tolerance, true);
  bool run = (r->parted < 0 || r->parted >= JUDGED_STEPS) && r->run.flags == 0;
  v.holds = restart && cold && run;
  return v;
}

static void print_gap(const char* what, const lb_replay_gap* g) {
  if (g->compared == 0) return;
  printf("%-12s%-12.3g%-13.3g%-12.3g%-7d", what, g->state, g->observation, g->reward, g->flags);
  if (g->state == 0) {
    puts(g->is_bitwise ? "all bit-equal" : "states bit-equal");
  } else {
    printf("episode %d, step %d\n", g->episode, g->step);
  }
}

static void print_text(const lb_replay_report* r, const verdict* v) {
  printf("%d episodes, %d transitions, tolerance %g\n", r->episodes, r->transitions, v->tolerance);
  if (!r->is_exact) {
    puts("the data lack what an exact replay needs (the solver's warm start, what the reward had read before a step)");
  }
  printf("\n%-12s%-12s%-13s%-12s%-7s%s\n", "deviation", "state", "observation", "reward", "flags", "largest state");
  print_gap("restarted", &r->restart);
  print_gap("cold", &r->cold);
  print_gap("episodes", &r->run);
  if (r->parted >= 0)
    printf("\nEpisodes part by more than %g at step %d at the earliest.\n", LB_REPLAY_PARTED, r->parted);
  puts(!v->holds                                    ? "\nThe data and the simulator do not agree."
       : r->restart.is_bitwise && r->run.is_bitwise ? "\nThe simulator repeats the data to the bit."
                                                    : "\nThe simulator repeats the data within the tolerance.");
}

static void write_gap(lb_json_writer* w, const char* prefix, const lb_replay_gap* g) {
  char key[64];
  const char* const names[] = {"state", "observation", "reward"};
  const double values[] = {g->state, g->observation, g->reward};
  for (int i = 0; i < 3; i++) {
    snprintf(key, sizeof key, "%s_%s", prefix, names[i]);
    lb_json_write_number(w, key, values[i]);
  }
  snprintf(key, sizeof key, "%s_flags", prefix);
  lb_json_write_int(w, key, g->flags);
  snprintf(key, sizeof key, "%s_bit_equal", prefix);
  lb_json_write_bool(w, key, g->is_bitwise);
}

static void print_json(const lb_replay_report* r, const verdict* v, const char* task, const char* path) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", task);
  lb_json_write_string(&w, "data", path);
  lb_json_write_int(&w, "episodes", r->episodes);
  lb_json_write_int(&w, "transitions", r->transitions);
  lb_json_write_number(&w, "tolerance", v->tolerance);
  lb_json_write_bool(&w, "exact", r->is_exact);
  write_gap(&w, "next", &r->restart);
  if (r->cold.compared > 0) write_gap(&w, "cold", &r->cold);
  write_gap(&w, "episode", &r->run);
  lb_json_write_int(&w, "episode_parted", r->parted);
  lb_json_write_number(&w, "reward", r->restart.reward);
  lb_json_write_int(&w, "flags", r->restart.flags);
  lb_json_write_bool(&w, "holds", v->holds);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

static lb_status find_data(char* path, size_t size, const replay_arguments* a, const char* root, const char* task) {
  if (a->data) LB_TRY(lb_root_check_path(a->data, "--data"));
  if (a->data) {
    snprintf(path, size, "%s", a->data);
  } else {
    snprintf(path, size, "%s/expert_data/%s.npz", root, task);
  }
  return lb_ok();
}

// *holds: whether the deviations stay within the tolerance.
static lb_status replay(bool* holds, const replay_arguments* a, const char* task) {
  char root[LB_BENCH_PATH], models[LB_BENCH_PATH + 16], path[LB_BENCH_PATH + 200];
  lb_system* system;
  lb_demos* demos;
  LB_TRY(lb_root_find(root, sizeof root));
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&system, models, task));
  lb_status status = find_data(path, sizeof path, a, root, system->name);
  if (status.code == LB_OK) status = lb_demos_load_any(&demos, system, path);
  if (status.code == LB_OK) {
    lb_replay_report report;
    lb_replay(&report, system, demos);
    verdict v = judge(&report, system, a);
    *holds = v.holds;
    if (a->as_json) {
      print_json(&report, &v, system->name, path);
    } else {
      print_text(&report, &v);
    }
    lb_demos_free(demos);
  }
  lb_system_free(system);
  return status;
}

int lb_command_replay(int argc, char** argv) {
  replay_arguments a = {0};
  const lb_option options[] = {
      {"data", "FILE", "the demonstrations (default expert_data/TASK.npz)", LB_OPTION_TEXT, &a.data},
      {"tolerance", "X",
       "largest deviation that passes (default 1e-9, or 1e-5 where\nthe data lack what an exact replay needs)",
       LB_OPTION_NUMBER, &a.tolerance},
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
