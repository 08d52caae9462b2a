// bench tasks: what the algorithms can be run on.
#include <stdio.h>

#include "command.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "task/task.h"

static const char text[] =
    "Lists the tasks, a line each; with a name (or an alias such as Hopper-v5), all that defines that one: sizes,\n"
    "controls and their limits, cost or observation, reward and ends, noise, horizon, unknown parameters, and the "
    "hash\n"
    "that its results carry. A task is a folder of models/ with a task.json and a model.xml; a few are systems "
    "written\n"
    "in C. A task that cannot be opened is listed with what is wrong (with --json: \"error\").";

static const char examples[] =
    "  bench tasks\n"
    "  bench tasks helicopter-hover\n"
    "  bench tasks --json";

// A task that cannot be opened has its line too, and hides no other.
static void add_broken(lb_text* out, const char* name, const char* why, bool as_json) {
  if (!as_json) {
    lb_text_add(out, "%-25s CANNOT BE OPENED: %s\n", name, why);
    return;
  }
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "name", name);
  lb_json_write_string(&w, "error", why);
  lb_json_write_end_object(&w);
}

static lb_status print_list(const char* models, bool as_json) {
  char** names;
  int n;
  LB_TRY(lb_task_names(&names, &n, models));
  lb_text out = {0};
  for (int i = 0; i < n; i++) {
    lb_system* system = NULL;
    lb_status status = lb_task_open(&system, models, names[i]);
    if (as_json) lb_text_add(&out, i > 0 ? "," : "[");
    if (status.code != LB_OK) {
      add_broken(&out, names[i], status.text, as_json);
    } else if (as_json) {
      lb_task_card(&out, system, true);
    } else {
      lb_text_add(&out, "%-25s %s\n", names[i], lb_task_description(system));
    }
    lb_system_free(system);
  }
  if (as_json) lb_text_add(&out, n > 0 ? "]\n" : "[]\n");
  fputs(out.data, stdout);
  lb_text_free(&out);
  lb_names_free(names, n);
  return lb_ok();
}

static lb_status print_one(const char* models, const char* name, bool as_json) {
  lb_system* system;
  LB_TRY(lb_task_open(&system, models, name));
  lb_text out = {0};
  lb_task_card(&out, system, as_json);
  fputs(out.data, stdout);
  if (out.length == 0 || out.data[out.length - 1] != '\n') putchar('\n');
  lb_text_free(&out);
  lb_system_free(system);
  return lb_ok();
}

static lb_status print(const lb_operands* operands, bool as_json) {
  char root[LB_BENCH_PATH], models[LB_BENCH_PATH + 16];
  LB_TRY(lb_root_find(root, sizeof root));
  snprintf(models, sizeof models, "%s/models", root);
  return operands->n > 0 ? print_one(models, operands->values[0], as_json) : print_list(models, as_json);
}

int lb_command_tasks(int argc, char** argv) {
  bool as_json = false;
  const lb_option options[] = {{"json", NULL, "as JSON", LB_OPTION_FLAG, &as_json}};
  const lb_usage usage = {"tasks", "[NAME]", text, examples, 0, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = print(&operands, as_json);
  lb_operands_free(&operands);
  return lb_command_end("tasks", status);
}
