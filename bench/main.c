// bench: the program of LazyBench. This file finds the command and hands the words on; each command is a file of its
// own.
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "options.h"
#include "setting_texts.h"
#include "startup.h"
#include "task_page.h"

typedef struct command {
  const char* name;
  const char* operands;
  const char* summary;
  int (*run)(int argc, char** argv);
} command;

static const command commands[] = {
    {"all", "", "every suite, then the report", lb_command_all},
    {"suite", "NAME...|schema", "some suites, then their report", lb_command_suite},
    {"run", "TASK --algo NAME", "one run: a task, an algorithm, a seed", lb_command_run},
    {"jobs", "SUITE...", "the runs of suites as command lines, for parallel, xargs or a batch system", lb_command_jobs},
    {"slurm", "SUITE...", "suites as a job array of Slurm, with their report", lb_command_slurm},
    {"status", "DIR...", "what is done, running, failed, and how long the rest takes", lb_command_status},
    {"report", "DIR...", "tables, plots and a page from finished or running results", lb_command_report},
    {"compare", "A B", "whether two folders of results agree, row by row", lb_command_compare},
    {"tasks", "[NAME]", "the tasks, or all about one", lb_command_tasks},
    {"task", "new|check|schema", "a task of your own from its XML; whether a task is fit to learn on", lb_command_task},
    {"algos", "[NAME|schema]", "the algorithms, or all about one", lb_command_algos},
    {"eval", "TASK|RUN", "what a policy is worth in the real system", lb_command_eval},
    {"expert", "TASK", "solve an expert on the true system and record demonstrations", lb_command_expert},
    {"demo", "import|record|...", "demonstrations of one's own: import, record, look at, check", lb_command_demo},
    {"replay", "TASK", "step recorded demonstrations through the simulator again", lb_command_replay},
    {"render", "TASK", "pictures and films of an episode, without a display", lb_command_render},
    {"view", "TASK", "watch an episode, or a run while it learns, in a window", lb_command_view},
    {"verify", "[NAME...]", "short versions of stated results against what a correct build gave", lb_command_verify},
    {"perf", "[NAME...]", "micro-benchmarks beside what the machine can do; or a whole run's parts", lb_command_perf},
};

// The commands, the environment, examples.
static void print_help(void) {
  printf(
      "bench COMMAND [ARGUMENT...]\n\n"
      "LazyBench compares ways of learning a dynamics model and planning in it, after \"The Virtues of Laziness in\n"
      "Model-based RL\" (Vemula, Song, Singh, Bagnell, Choudhury, ICML 2023).\n\n"
      "Commands\n");
  for (int i = 0; i < LB_COUNT_OF(commands); i++) {
    char left[48];
    snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].operands);
    printf("  %-22s %s\n", left, commands[i].summary);
  }
  printf(
      "  %-22s %s\n  %-22s %s\n\n"
      "bench help --settings prints what every setting of --set is, bench help --task every key of a task.json\n"
      "(docs/settings.md, docs/task-reference.md).\n\n"
      "Every command answers --help with its options and examples. Where a command prints results or tables, --json\n"
      "prints one JSON value in their place. Whole numbers may be written 1000000, 1_000_000 or 1e6.\n\n"
      "Results are printed on stdout, everything else on stderr. The exit status is 0 on success, 1 when a run failed\n"
      "or a check did not hold, 2 when the command line or an input file is wrong, 130 after Ctrl-C (what was done so\n"
      "far is kept, and the same command goes on from there).\n\n"
      "Environment\n"
      "  LAZYBENCH_ROOT         the folder that holds models/, expert_data/ and bench/suites/ (default: the sources;\n"
      "                         for an installed program, with results in the current folder, its share/lazybench)\n"
      "  LAZYBENCH_MODELS       folders of tasks of your own, with a colon between two; --models DIR, which every "
      "command\n"
      "                         takes, precedes them, and they precede models/\n"
      "  LAZYBENCH_PATIENCE     seconds without a sign of life after which what a process of another machine held in "
      "a\n"
      "                         shared folder is taken over (default 60; the same on all)\n"
      "  LAZYBENCH_HOST         the name of this machine in shared folders (default: its own, and the kernel's boot "
      "id)\n"
      "  NO_COLOR               when set, no colours\n\n"
      "Examples\n"
      "  bench all                                           every suite: helicopters, networks, the maze, imitation\n"
      "  bench suite helicopter-2023 --seeds 2               the paper's helicopter, two seeds\n"
      "  bench run helicopter-hover --algo lamps --seed 3    one run\n",
      "help [COMMAND]", "this text, or that of a command", "--version", "the version of this program");
}

// The command by its name; NULL: none.
static const command* find_command(const char* name) {
  for (int i = 0; i < LB_COUNT_OF(commands); i++) {
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  }
  return NULL;
}

// Says that there is no such command, with the nearest; the exit status.
static int unknown_command(const char* name) {
  const char* names[LB_COUNT_OF(commands) + 1];
  char hint[160];
  for (int i = 0; i < LB_COUNT_OF(commands); i++) names[i] = commands[i].name;
  names[LB_COUNT_OF(commands)] = "help";
  lb_did_you_mean(name, names, LB_COUNT_OF(names), hint, sizeof hint);
  lb_log_say("bench: unknown command '%s'%s; `bench help` lists them", name, hint);
  return LB_EXIT_INPUT;
}

// The help of the program, of a command, or a page; the exit status.
static int help(int argc, char** argv) {
  if (argc < 2 || strcmp(argv[1], "help") == 0) {
    print_help();
    return LB_EXIT_OK;
  }
  if (strcmp(argv[1], "--settings") == 0) return lb_settings_page() ? LB_EXIT_OK : LB_EXIT_FAILED;
  if (strcmp(argv[1], "--task") == 0) {
    lb_task_page();
    return LB_EXIT_OK;
  }
  const command* wanted = find_command(argv[1]);
  if (!wanted) return unknown_command(argv[1]);
  char option[] = "--help";
  char* words[] = {argv[1], option, NULL};
  return wanted->run(2, words);
}

// Finds the command and hands the words on.
int main(int argc, char** argv) {
  lb_startup();
  lb_log_shown_output();
  if (argc < 2) {
    fprintf(stderr, "usage: bench COMMAND [ARGUMENT...]; `bench help` lists the commands\n");
    return LB_EXIT_INPUT;
  }
  const char* name = argv[1];
  if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    return lb_command_flushed(help(argc - 1, argv + 1));
  }
  if (strcmp(name, "--version") == 0) {
    printf("LazyBench %s\n", LB_VERSION);
    return lb_command_flushed(LB_EXIT_OK);
  }
  const command* wanted = find_command(name);
  if (!wanted) return unknown_command(name);
  lb_status status = lb_startup_blas();
  if (status.code != LB_OK) return lb_command_end(name, status);
  return lb_command_flushed(wanted->run(argc - 1, argv + 1));
}
