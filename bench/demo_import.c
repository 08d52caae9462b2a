// bench demo import, bench demo check: does a recording belong to a task?
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "algo/environment.h"
#include "base/text.h"
#include "command.h"
#include "command_demo.h"
#include "command_replay.h"
#include "data/demos_hdf5.h"
#include "data/demos_import.h"
#include "io/file.h"
#include "io/hdf5.h"
#include "io/json_writer.h"
#include "options.h"

static const char import_text[] =
    "Makes a recording of this program's of one from elsewhere: .npz in D4RL's layout (observations, actions, "
    "rewards,\n"
    "terminals, timeouts, infos/qpos, infos/qvel), as Gymnasium's users and D4RL have them: in double or float32, "
    "with\n"
    "or without metadata, next_observations, infos/next_qpos, infos/next_qvel and timeouts, whatever other arrays it\n"
    "holds; or HDF5, in D4RL's layout or Minari's, where libhdf5 is installed. docs/files.md has all names. Every step "
    "is taken again from its recorded state and compared: states,\n"
    "observations, rewards, ends. What the file lacks is filled in by stepping. A line each says what was found: ends\n"
    "without a flag, actions beyond the limits, returns that do not add up, what nothing could be compared with. The\n"
    "same stands in the metadata of the new file, with the checksum of the old one.\n\n"
    "A recording that this simulator does not repeat is not written (exit status 1) unless --unverified is given; the\n"
    "new file says that, too. The new file is for `bench run --data` and `bench suite --data`.";

static const char import_examples[] =
    "  bench demo import Hopper-v5.npz --task hopper --out hopper.npz\n"
    "  bench demo import mine.npz --task Walker2d-v5 --out mine-walker2d.npz --json";

static const char check_text[] =
    "Says whether a recording, ours or from elsewhere, belongs to a task: every step is taken again and compared, as\n"
    "`bench replay` does, and actions beyond the limits, ends without a flag and returns that do not add up are told.\n"
    "The exit status is 1 when the simulator does not repeat it.";

static const char check_examples[] = "  bench demo check hopper.npz --task hopper";

typedef struct import_arguments {
  const char *task, *out;
  double tolerance;
  bool unverified, json;
} import_arguments;

// What was found, for both commands.
typedef struct findings {
  lb_demos_import_report report;
  lb_demos_returns returns;
  double tolerance;
  bool holds;
} findings;

// The returns are looked at where some reward is off; where what a reward had read is not in the data they say nothing.
static void look_at_returns(findings* f, lb_system* system, const lb_demos* demos) {
  if (f->report.replay.restart.reward <= f->tolerance || f->report.replay.without_reading > 0) return;
  f->returns = lb_demos_compare_returns(demos, system, f->tolerance);
}

// What the recording lacked or had too much of.
static void print_findings(const findings* f, const lb_system* s) {
  const lb_demos_import_report* r = &f->report;
  if (r->jumps > 0) {
    printf("ends: %d %s without a flag, the first at row %d, where the next row does not follow; taken for %s\n",
           r->jumps, lb_plural(r->jumps, "episode ends", "episodes end"), r->first_jump,
           lb_plural(r->jumps, "a timeout", "timeouts"));
  }
  if (r->open_end) printf("ends: the last row, %d, has no flag; taken for a timeout\n", r->replay.transitions - 1);
  if (r->beyond.n > 0) {
    const lb_demos_beyond* b = &r->beyond;
    printf(
        "actions: %d of %d rows beyond the limits, which the task clips; furthest at row %d, control %s: %g, limits "
        "[%g, %g]\n",
        b->n, r->replay.transitions, b->row, lb_system_control(s, b->control).text, b->value, s->u_low[b->control],
        s->u_high[b->control]);
  }
  if (f->returns.differ > 0) {
    const lb_demos_returns* d = &f->returns;
    printf("returns: %d of %d episodes do not add up; episode %d has %.9g, this simulator pays %.9g\n", d->differ,
           r->replay.episodes, d->episode, d->recorded, d->paid);
  }
}

// How far single steps of the simulator are from the recorded ones.
static void print_gap(const findings* f) {
  const lb_replay_gap* g = &f->report.replay.restart;
  printf(
      "compared: %d steps, each from its recorded state; largest deviation of a state %.3g, an observation %.3g, a "
      "reward %.3g, %d %s; tolerance %g\n",
      g->compared, g->state, g->observation, g->reward, g->flags, lb_plural(g->flags, "end differs", "ends differ"),
      f->tolerance);
}

// What could not be compared.
static void print_unverified(const findings* f) {
  char lines[LB_DEMOS_UNVERIFIED][200];
  int n = lb_demos_import_unverified(lines, &f->report);
  for (int i = 0; i < n; i++) printf("not verified: %s\n", lines[i]);
}

// The same as members of an object.
static void write_findings(lb_json_writer* w, const findings* f) {
  const lb_demos_import_report* r = &f->report;
  const lb_replay_gap* g = &r->replay.restart;
  char lines[LB_DEMOS_UNVERIFIED][200];
  int n = lb_demos_import_unverified(lines, r);
  lb_json_write_bool(w, "verified", f->holds);
  lb_json_write_number(w, "tolerance", f->tolerance);
  lb_json_write_int(w, "steps_compared", g->compared);
  lb_json_write_number(w, "state", g->state);
  lb_json_write_number(w, "observation", g->observation);
  lb_json_write_number(w, "reward", g->reward);
  lb_json_write_int(w, "flags", g->flags);
  lb_json_write_int(w, "ends_without_flag", r->jumps + r->open_end);
  lb_json_write_int(w, "rows_filled_in", r->filled);
  lb_json_write_int(w, "actions_beyond_limits", r->beyond.n);
  lb_json_write_int(w, "returns_that_differ", f->returns.differ);
  lb_json_write_begin_array(w, "not_verified");
  for (int i = 0; i < n; i++) lb_json_write_string(w, NULL, lines[i]);
  lb_json_write_end_array(w);
}

// The metadata's account of where the recording comes from.
static lb_status write_provenance(lb_text* text, const findings* f, const char* path) {
  char sum[65];
  const char* name = strrchr(path, '/');
  LB_TRY(lb_sha256_file(path, sum));
  lb_json_writer w = lb_json_writer_on(text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "made_by", "bench demo import");
  lb_json_write_string(&w, "imported_from", name ? name + 1 : path);
  lb_json_write_string(&w, "imported_sha256", sum);
  write_findings(&w, f);
  lb_environment_write_program(&w, "program");
  lb_json_write_end_object(&w);
  return lb_ok();
}

// The findings as one JSON object.
static void print_json(const findings* f, const lb_system* s, const char* path, const char* out) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", s->name);
  lb_json_write_string(&w, "from", path);
  lb_json_write_string(&w, "file", out);
  lb_json_write_int(&w, "episodes", f->report.replay.episodes);
  lb_json_write_int(&w, "transitions", f->report.replay.transitions);
  write_findings(&w, f);
  lb_json_write_end_object(&w);
  puts(text.data);
  lb_text_free(&text);
}

// The findings, and whether a file was written.
static void print_text(const findings* f, const lb_system* s, const char* path, const char* out) {
  const lb_replay_report* r = &f->report.replay;
  printf("%s: %d %s, %d %s of %s\n", path, r->episodes, lb_plural(r->episodes, "episode", "episodes"), r->transitions,
         lb_plural(r->transitions, "transition", "transitions"), s->name);
  print_findings(f, s);
  print_gap(f);
  print_unverified(f);
  if (!f->holds) puts("this simulator does not repeat the data");
  puts(!out ? "nothing was written; --unverified writes it all the same" : out);
}

// Reads the recording; one in HDF5 by way of an .npz beside the new file.
static lb_status read_recording(lb_demos** demos, findings* f, const import_arguments* a, lb_system* system,
                                const char* path) {
  if (!lb_hdf5_is(path)) return lb_demos_import(demos, &f->report, system, path, a->out);
  char between[LB_BENCH_PATH + 40];
  snprintf(between, sizeof between, "%s.hdf5.tmp%d", a->out, (int)getpid());
  lb_status status = lb_demos_hdf5_to_npz(path, between);
  if (status.code == LB_OK) {
    status = lb_demos_import(demos, &f->report, system, between, a->out);
    // The reader knows the HDF5 file alone.
    size_t named = strlen(between);
    bool names_it = strncmp(status.text, between, named) == 0 && strncmp(status.text + named, ": ", 2) == 0;
    if (names_it) memmove(status.text, status.text + named + 2, strlen(status.text + named + 2) + 1);
    status = lb_within(status, "%s", path);
  }
  remove(between);
  return status;
}

// Compares a recording with the simulator and writes one of ours, if it is repeated or --unverified is given.
static lb_status import(bool* holds, const import_arguments* a, lb_system* system, const char* path) {
  findings f = {.tolerance = a->tolerance};
  lb_demos* demos;
  LB_TRY(read_recording(&demos, &f, a, system, path));
  f.holds = *holds = lb_replay_judge(&f.tolerance, &f.report.replay);
  look_at_returns(&f, system, demos);
  lb_text provenance = {0};
  bool written = f.holds || a->unverified;
  lb_status status = written ? write_provenance(&provenance, &f, path) : lb_ok();
  if (status.code == LB_OK && written) status = lb_demos_save(demos, system, a->out, provenance.data);
  lb_text_free(&provenance);
  lb_demos_free(demos);
  LB_TRY(status);
  if (a->json) {
    print_json(&f, system, path, written ? a->out : NULL);
  } else {
    print_text(&f, system, path, written ? a->out : NULL);
  }
  *holds = written;
  return status;
}

// Compares a recording with the simulator.
static lb_status check(bool* holds, const import_arguments* a, lb_system* system, const char* path) {
  findings f = {.tolerance = a->tolerance};
  lb_demos* demos;
  double deviation = 0;
  if (lb_hdf5_is(path)) {
    return lb_fail(LB_INPUT,
                   "%s: is HDF5; 'bench demo import %s --task %s --out NEW.npz' compares it and makes one of "
                   "ours of it",
                   path, path, system->name);
  }
  LB_TRY(lb_demos_load_with(&demos, system, path, LB_DEMOS_FOREIGN));
  f.report.beyond = lb_demos_beyond_limits(demos, system);
  f.report.replay.episodes = lb_demos_episodes(demos);
  f.report.replay.transitions = lb_demos_transitions(demos);
  if (a->json) {
    lb_replay_measure(&f.holds, &deviation, &f.tolerance, system, demos);
    lb_text text = {0};
    lb_json_writer w = lb_json_writer_on(&text);
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "task", system->name);
    lb_json_write_string(&w, "file", path);
    lb_json_write_int(&w, "episodes", lb_demos_episodes(demos));
    lb_json_write_int(&w, "transitions", lb_demos_transitions(demos));
    lb_json_write_int(&w, "actions_beyond_limits", f.report.beyond.n);
    lb_json_write_number(&w, "deviation", deviation);
    lb_json_write_number(&w, "tolerance", f.tolerance);
    lb_json_write_bool(&w, "holds", f.holds);
    lb_json_write_end_object(&w);
    puts(text.data);
    lb_text_free(&text);
  } else {
    f.holds = lb_replay_show(system, demos, a->tolerance);
    print_findings(&f, system);
  }
  *holds = f.holds;
  lb_demos_free(demos);
  return lb_ok();
}

// Imports or checks, once the task is open.
static lb_status with_task(bool* holds, const import_arguments* a, const char* path, bool imports) {
  char root[LB_BENCH_PATH];
  lb_system* system;
  if (!a->task) return lb_fail(LB_INPUT, "which task? Give --task NAME; 'bench tasks' lists them");
  if (imports && !a->out) return lb_fail(LB_INPUT, "where to? Give --out FILE.npz");
  LB_TRY(lb_replay_check_tolerance(a->tolerance));
  if (imports) LB_TRY(lb_root_check_new(a->out, path));
  LB_TRY(lb_demo_open_task(&system, root, a->task));
  lb_status status = (imports ? import : check)(holds, a, system, path);
  lb_system_free(system);
  return status;
}

// Reads the command line; the exit status.
static int command(const lb_usage* usage, const import_arguments* a, bool imports, int argc, char** argv) {
  lb_operands operands;
  bool holds = true;
  lb_status status = lb_options_read(&operands, usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = with_task(&holds, a, operands.values[0], imports);
  lb_operands_free(&operands);
  if (status.code != LB_OK) return lb_command_end(usage->command, status);
  return holds ? LB_EXIT_OK : LB_EXIT_FAILED;
}

int lb_demo_import(int argc, char** argv) {
  import_arguments a = {.tolerance = LB_REPLAY_BY_DATA};
  const lb_option options[] = {
      {"task", "NAME", "of this task, by its name or Gymnasium's; required", LB_OPTION_TEXT, &a.task},
      {"out", "FILE", "the new recording; required", LB_OPTION_TEXT, &a.out},
      {"tolerance", "X", "largest deviation that passes (default as `bench replay` has it)", LB_OPTION_NUMBER,
       &a.tolerance},
      {"unverified", NULL, "write also what this simulator does not repeat", LB_OPTION_FLAG, &a.unverified},
      {"json", NULL, "what was found as one JSON object", LB_OPTION_FLAG, &a.json},
  };
  const lb_usage usage = {
      "demo import",       "FILE --task NAME --out FILE [OPTION...]", import_text, import_examples, 1, 1, options,
      LB_COUNT_OF(options)};
  return command(&usage, &a, true, argc, argv);
}

int lb_demo_check(int argc, char** argv) {
  import_arguments a = {.tolerance = LB_REPLAY_BY_DATA};
  const lb_option options[] = {
      {"task", "NAME", "of this task, by its name or Gymnasium's; required", LB_OPTION_TEXT, &a.task},
      {"tolerance", "X", "largest deviation that passes (default as `bench replay` has it)", LB_OPTION_NUMBER,
       &a.tolerance},
      {"json", NULL, "what was found as one JSON object", LB_OPTION_FLAG, &a.json},
  };
  const lb_usage usage = {
      "demo check", "FILE --task NAME [OPTION...]", check_text, check_examples, 1, 1, options, LB_COUNT_OF(options)};
  return command(&usage, &a, false, argc, argv);
}
