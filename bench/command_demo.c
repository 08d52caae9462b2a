// bench demo: demonstrations of one's own.
#include "command_demo.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "options.h"
#include "task/task.h"

static const struct {
  const char *name, *operands, *summary;
  int (*run)(int argc, char** argv);
} parts[] = {
    {"import", "FILE --task NAME --out FILE", "make a recording of this program's of one from elsewhere",
     lb_demo_import},
    {"record", "TASK --policy FILE --out FILE", "record what a policy does", lb_demo_record},
    {"info", "FILE", "what a recording holds, and how it was made", lb_demo_info},
    {"check", "FILE --task NAME", "does it belong to the task, as this simulator has it?", lb_demo_check},
};

// The parts of the command.
static void print_help(void) {
  puts(
      "usage: bench demo import|record|info|check ...\n\n"
      "Demonstrations of one's own, for `bench run --data FILE` and `bench suite --data FILE`.\n");
  for (int i = 0; i < LB_COUNT_OF(parts); i++) {
    char left[60];
    snprintf(left, sizeof left, "demo %s %s", parts[i].name, parts[i].operands);
    printf("  %-42s %s\n", left, parts[i].summary);
  }
  puts("\nEach answers --help with its options and examples.");
}

lb_status lb_demo_open_task(lb_system** system, char root[LB_BENCH_PATH], const char* task) {
  char models[LB_BENCH_PATH + 16];
  *system = NULL;
  LB_TRY(lb_root_find(root, LB_BENCH_PATH));
  snprintf(models, sizeof models, "%s/models", root);
  return lb_task_open(system, models, task);
}

int lb_command_demo(int argc, char** argv) {
  const char* names[LB_COUNT_OF(parts)];
  char hint[160];
  if (argc < 2) {
    return lb_command_end("demo", lb_fail(LB_INPUT, "import, record, info or check? 'bench demo --help' says more"));
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
    print_help();
    return LB_EXIT_OK;
  }
  for (int i = 0; i < LB_COUNT_OF(parts); i++) {
    names[i] = parts[i].name;
    if (strcmp(argv[1], parts[i].name) == 0) return parts[i].run(argc - 1, argv + 1);
  }
  lb_did_you_mean(argv[1], names, LB_COUNT_OF(parts), hint, sizeof hint);
  return lb_command_end(
      "demo", lb_fail(LB_INPUT, "unknown part '%s'%s; there are import, record, info and check", argv[1], hint));
}
