// bench replay: do demonstrations and task belong together?
#include "command_replay.h"

#include <math.h>
#include <stdio.h>

#include "algo/expert_files.h"
#include "base/text.h"
#include "command.h"
#include "data/demos.h"
#include "data/replay.h"
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
    "damaged, altered, or of another task or version of it. A deviation counts in units of the recorded number's size\n"
    "where that is above 1; where the data are float32, what their rounding explains is none. Where a reward takes\n"
    "off what was read before the step, and nothing in the data tells it, the output says that the rewards of so many\n"
    "rows are not judged. A compact recording\n"
    "is stepped from each of its keyframes to the next instead, and compared with what it holds: exact states at\n"
    "keyframes and at the end of episodes, float roundings of the states and observations between them (what rounding\n"
    "explains is no deviation), and every reward and flag, and all of it is judged. Recordings of Gymnasium's MuJoCo\n"
    "environments in D4RL's layout are read as they are, and their names (Hopper-v5) stand for the tasks. They may\n"
    "lack next_observations, infos/next_qpos and infos/next_qvel: the next row tells them, but not after an episode's\n"
    "last step.";

static const char examples[] =
    "  bench replay helicopter-hover\n"
    "  bench replay helicopter-hover --data /tmp/demos/helicopter-hover.npz --tolerance 1e-12 --json\n"
    "  bench replay Hopper-v5 --data Hopper-v5.npz";

enum { JUDGED_STEPS = 25 };

// A step is sensitive to the solver's warm start, where that is not recorded, and to the rounding of states that are
// float32 by less than this: contacts are stiff (4e-5 is seen of half-cheetah's states, 2e-5 of humanoid's
// observations).
static const double cold_tolerance = 1e-4;

typedef struct replay_arguments {
  const char* data;
  double tolerance;  // below 0: by what the data hold
  bool as_json, quiet;
} replay_arguments;

// What the comparison is judged by.
typedef struct verdict {
  double tolerance;
  bool holds;
} verdict;

// Written so that a NaN does not pass.
static bool is_within(const lb_replay_gap* g, const verdict* v) {
  return g->state <= v->tolerance && g->observation <= v->tolerance && g->reward <= v->tolerance && g->flags == 0;
}

// Whether steps go out from numbers that were rounded to float32. Actions that are float32 were so when they were
// taken.
static bool is_rounded(const lb_replay_report* r) {
  return r->singles.state || r->singles.hidden;
}

// Whether the data and the simulator agree: single steps within the tolerance, whole episodes for their first steps.
static verdict judge(const lb_replay_report* r, const replay_arguments* a) {
  verdict v = {.tolerance = a->tolerance >= 0 ? a->tolerance : !r->is_exact || is_rounded(r) ? cold_tolerance : 1e-9};
  bool restart = is_within(&r->restart, &v);
  bool cold = r->cold.compared == 0 || is_within(&r->cold, &v);
  bool run = is_rounded(r) || ((r->parted < 0 || r->parted >= JUDGED_STEPS) && r->run.flags == 0);
  v.holds = restart && cold && run;
  return v;
}

// Which of the data are floats, and what that means.
static void print_singles(const lb_replay_report* r) {
  const lb_demos_singles* s = &r->singles;
  const bool single[5] = {s->state, s->hidden, s->next_state, s->observation, s->reward};
  static const char* const names[5] = {"states", "hidden numbers", "next states", "observations", "rewards"};
  const char* before = "float32 in the data: ";
  for (int i = 0; i < 5; i++) {
    if (!single[i]) continue;
    printf("%s%s", before, names[i]);
    before = ", ";
  }
  if (before[0] == ',') puts("; a deviation is what their rounding does not explain");
  if (is_rounded(r)) puts("steps go out from rounded numbers, so that whole episodes are not judged");
}

// A line of deviations.
static void print_gap(const char* what, const lb_replay_gap* g) {
  if (g->compared == 0) return;
  printf("%-12s%-12.3g%-13.3g%-12.3g%-7d", what, g->state, g->observation, g->reward, g->flags);
  if (g->state == 0) {
    puts(g->is_bitwise ? "all bit-equal" : "states bit-equal");
  } else {
    printf("episode %d, step %d\n", g->episode, g->step);
  }
}

// All deviations, and the verdict.
static void print_text(const lb_replay_report* r, const verdict* v) {
  printf("%d %s, %d %s, tolerance %g\n", r->episodes, lb_plural(r->episodes, "episode", "episodes"), r->transitions,
         lb_plural(r->transitions, "transition", "transitions"), v->tolerance);
  if (!r->is_exact) {
    puts("the data lack what an exact replay needs (the solver's warm start, what the reward had read before a step)");
  }
  print_singles(r);
  if (r->without_next > 0) {
    printf(
        "%d %s, each the last of an episode, without a next state or observation in the data: reward and flag are\n"
        "compared, where it leads is not\n",
        r->without_next, lb_plural(r->without_next, "row", "rows"));
  }
  if (r->without_reading > 0) {
    printf("rewards are not judged in %d %s: neither the data nor the row before tell what was read before the step\n",
           r->without_reading, lb_plural(r->without_reading, "row", "rows"));
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

// The same under keys with a prefix.
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

// All deviations and the verdict as one JSON object.
static void print_json(const lb_replay_report* r, const verdict* v, const char* task, const char* path) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", task);
  lb_json_write_string(&w, "data", path);
  lb_json_write_int(&w, "episodes", r->episodes);
  lb_json_write_int(&w, "transitions", r->transitions);
  lb_json_write_number(&w, "tolerance", v->tolerance);
  lb_json_write_int(&w, "rewards_not_judged", r->without_reading);
  lb_json_write_bool(&w, "exact", r->is_exact);
  lb_json_write_bool(&w, "float32_inputs", is_rounded(r));
  lb_json_write_int(&w, "without_next", r->without_next);
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

// A compact recording, from keyframe to keyframe. Written so that a NaN does not pass.
static verdict judge_keyed(const lb_replay_keyed_report* r, const replay_arguments* a) {
  verdict v = {.tolerance = a->tolerance >= 0 ? a->tolerance : LB_DEMOS_REPEATS};
  v.holds = r->exact_state <= v.tolerance && r->rounded_state <= v.tolerance && r->hidden <= v.tolerance &&
            r->observation <= v.tolerance && r->reward <= v.tolerance && r->flags == 0;
  return v;
}

// The deviations of a compact recording, and the verdict.
static void print_keyed_text(const lb_replay_keyed_report* r, const verdict* v) {
  printf("%d %s, %d %s, %d %s, tolerance %g\n\n", r->episodes, lb_plural(r->episodes, "episode", "episodes"),
         r->transitions, lb_plural(r->transitions, "transition", "transitions"), r->keyframes,
         lb_plural(r->keyframes, "keyframe", "keyframes"), v->tolerance);
  printf("%-26s%-12s%s\n", "", "compared", "largest deviation");
  printf("%-26s%-12d%g\n", "states, exact", r->exact, r->exact_state);
  printf("%-26s%-12d%g\n", "hidden numbers, exact", r->hidden_compared, r->hidden);
  printf("%-26s%-12d%g\n", "states, rounded", r->rounded, r->rounded_state);
  if (r->observed > 0) {
    printf("%-26s%-12d%g\n", "observations, rounded", r->observed, r->observation);
  } else {
    puts("observations, rounded     none         (the recording leaves them to a replay)");
  }
  printf("%-26s%-12d%g\n", "rewards", r->transitions, r->reward);
  printf("%-26s%-12d%d differ\n", "flags", r->transitions, r->flags);
  if (r->worst > 0) printf("\nThe state deviates most at row %d.\n", r->row);
  puts(!v->holds       ? "\nThe data and the simulator do not agree."
       : r->is_bitwise ? "\nThe simulator repeats the data to the bit."
                       : "\nThe simulator repeats the data within the tolerance.");
}

// The same as one JSON object.
static void print_keyed_json(const lb_replay_keyed_report* r, const verdict* v, const char* task, const char* path) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", task);
  lb_json_write_string(&w, "data", path);
  lb_json_write_int(&w, "episodes", r->episodes);
  lb_json_write_int(&w, "transitions", r->transitions);
  lb_json_write_int(&w, "keyframes", r->keyframes);
  lb_json_write_number(&w, "tolerance", v->tolerance);
  lb_json_write_int(&w, "exact_compared", r->exact);
  lb_json_write_number(&w, "exact_state", r->exact_state);
  lb_json_write_int(&w, "hidden_compared", r->hidden_compared);
  lb_json_write_number(&w, "hidden", r->hidden);
  lb_json_write_int(&w, "rounded_compared", r->rounded);
  lb_json_write_number(&w, "rounded_state", r->rounded_state);
  lb_json_write_int(&w, "observations_compared", r->observed);
  lb_json_write_number(&w, "observation", r->observation);
  lb_json_write_number(&w, "reward", r->reward);
  lb_json_write_int(&w, "flags", r->flags);
  lb_json_write_int(&w, "worst_row", r->row);
  lb_json_write_bool(&w, "bit_equal", r->is_bitwise);
  lb_json_write_bool(&w, "holds", v->holds);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

// Steps a compact recording and prints what came of it; whether it holds.
static bool replay_keyed(const replay_arguments* a, lb_system* system, const lb_demos* demos, const char* path) {
  lb_replay_keyed_report report;
  lb_replay_keyed(&report, system, demos);
  verdict v = judge_keyed(&report, a);
  if (a->as_json) {
    print_keyed_json(&report, &v, system->name, path);
  } else {
    print_keyed_text(&report, &v);
  }
  return v.holds;
}

// Steps a recording in full and prints what came of it; whether it holds.
static bool replay_full(const replay_arguments* a, lb_system* system, const lb_demos* demos, const char* path) {
  lb_replay_report report;
  lb_replay(&report, system, demos);
  verdict v = judge(&report, a);
  if (a->as_json) {
    print_json(&report, &v, system->name, path);
  } else {
    print_text(&report, &v);
  }
  return v.holds;
}

// The recording that is to be replayed: the one that --data names, else the expert's, whose files must belong together.
static lb_status load_data(lb_demos** demos, char* path, size_t size, const replay_arguments* a, const char* root,
                           lb_system* system) {
  if (a->data) {
    LB_TRY(lb_root_check_path(a->data, "--data"));
    snprintf(path, size, "%s", a->data);
    return lb_demos_load_with(demos, system, path, LB_DEMOS_FOREIGN);
  }
  char folder[LB_EXPERT_FILES_FOLDER];
  lb_file_share share;
  LB_TRY(lb_expert_files_folder(folder, root, system->name));
  snprintf(path, size, "%s/%s.npz", folder, system->name);
  lb_status status = lb_expert_files_open(NULL, &share, folder, system->name);
  if (status.code == LB_OK) status = lb_demos_load_with(demos, system, path, LB_DEMOS_FOREIGN);
  lb_file_set_release(&share);
  return status;
}

// *holds: whether the deviations stay within the tolerance.
static lb_status replay(bool* holds, const replay_arguments* a, const char* task) {
  char root[LB_BENCH_PATH], models[LB_BENCH_PATH + 16], path[LB_EXPERT_FILES_FOLDER + 200];
  lb_system* system;
  lb_demos* demos;
  LB_TRY(lb_replay_check_tolerance(a->tolerance));
  LB_TRY(lb_root_find(root, sizeof root));
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&system, models, task));
  lb_status status = load_data(&demos, path, sizeof path, a, root, system);
  if (status.code == LB_OK) {
    bool keyed = lb_demos_keyframes(demos) > 0;
    *holds = keyed ? replay_keyed(a, system, demos, path) : replay_full(a, system, demos, path);
    lb_demos_free(demos);
  }
  lb_system_free(system);
  return status;
}

// The same for `bench verify`, without a word.
static void check_keyed(bool* holds, double* deviation, double* tolerance, lb_system* system, const lb_demos* demos) {
  lb_replay_keyed_report r;
  lb_replay_keyed(&r, system, demos);
  verdict v = judge_keyed(&r, &(replay_arguments){.tolerance = *tolerance});
  *holds = v.holds;
  *tolerance = v.tolerance;
  *deviation = fmax(fmax(fmax(r.exact_state, r.rounded_state), fmax(r.hidden, r.observation)), r.reward);
}

// The same for `bench verify`, without a word.
static void check_full(bool* holds, double* deviation, double* tolerance, lb_system* system, const lb_demos* demos) {
  lb_replay_report r;
  lb_replay(&r, system, demos);
  verdict v = judge(&r, &(replay_arguments){.tolerance = *tolerance});
  *holds = v.holds;
  *tolerance = v.tolerance;
  *deviation = fmax(fmax(r.restart.state, r.restart.observation), r.restart.reward);
}

lb_status lb_replay_check_tolerance(double tolerance) {
  static const double most = 0.1;
  if (tolerance <= most) return lb_ok();
  return lb_fail(LB_INPUT, "--tolerance %g: what is off by more than %g is another simulator's; give less", tolerance,
                 most);
}

bool lb_replay_judge(double* tolerance, const lb_replay_report* report) {
  verdict v = judge(report, &(replay_arguments){.tolerance = *tolerance});
  *tolerance = v.tolerance;
  return v.holds;
}

bool lb_replay_show(lb_system* system, const lb_demos* demos, double tolerance) {
  const replay_arguments a = {.tolerance = tolerance};
  return lb_demos_keyframes(demos) > 0 ? replay_keyed(&a, system, demos, "") : replay_full(&a, system, demos, "");
}

void lb_replay_measure(bool* holds, double* deviation, double* tolerance, lb_system* system, const lb_demos* demos) {
  bool keyed = lb_demos_keyframes(demos) > 0;
  (keyed ? check_keyed : check_full)(holds, deviation, tolerance, system, demos);
}

lb_status lb_replay_check(bool* holds, double* deviation, double* tolerance, const char* root, const char* task) {
  char models[LB_BENCH_PATH + 16], path[LB_EXPERT_FILES_FOLDER + 200];
  lb_system* system;
  lb_demos* demos;
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_open(&system, models, task));
  lb_status status = load_data(&demos, path, sizeof path, &(replay_arguments){0}, root, system);
  if (status.code == LB_OK) {
    *tolerance = LB_REPLAY_BY_DATA;
    lb_replay_measure(holds, deviation, tolerance, system, demos);
    lb_demos_free(demos);
  }
  lb_system_free(system);
  return status;
}

int lb_command_replay(int argc, char** argv) {
  replay_arguments a = {.tolerance = LB_REPLAY_BY_DATA};
  const lb_option options[] = {
      {"data", "FILE", "the demonstrations (default expert_data/TASK.npz)", LB_OPTION_TEXT, &a.data},
      {"tolerance", "X",
       "largest deviation that passes (default 1e-9, 1e-6 where\nactions are float32 and for a compact recording, "
       "1e-4\n"
       "where states are, or the data lack what an exact\nreplay needs)",
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
