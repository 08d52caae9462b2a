// bench tasks: what the algorithms can be run on.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "task/mujoco_system.h"
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
    "  bench tasks helicopter-hover --picture hover.png\n"
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

// All tasks, a line or an object each; what is wrong with those that cannot be opened.
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

// Where a picture of the task lies, or how to get one.
static void add_picture(lb_text* out, const char* root, const lb_system* system) {
  char path[LB_BENCH_PATH + 200];
  snprintf(path, sizeof path, "%s/results/pictures/%s.png", root, system->name);
  if (!lb_mujoco_system_spec(system)) return;
  if (out->length > 0 && out->data[out->length - 1] != '\n') lb_text_add(out, "\n");
  if (lb_file_exists(path)) {
    lb_text_add(out, "  %-11s%s\n", "picture", path);
  } else {
    lb_text_add(out, "  %-11s'bench tasks %s --picture FILE' draws one\n", "picture", system->name);
  }
}

// All about one task.
static lb_status print_one(const char* root, const char* models, const char* name, bool as_json) {
  lb_system* system;
  LB_TRY(lb_task_open(&system, models, name));
  lb_text out = {0};
  lb_task_card(&out, system, as_json);
  if (!as_json) add_picture(&out, root, system);
  fputs(out.data, stdout);
  if (out.length == 0 || out.data[out.length - 1] != '\n') putchar('\n');
  lb_text_free(&out);
  lb_system_free(system);
  return lb_ok();
}

// Another program draws: this one becomes it, and comes back only where it is missing.
static lb_status draw_picture(const lb_operands* operands, const char* file) {
  if (operands->n == 0) return lb_fail(LB_INPUT, "--picture draws one task: bench tasks NAME --picture FILE");
  size_t n = strlen(file);
  if (n < 5 || strcmp(file + n - 4, ".png") != 0) {
    return lb_fail(LB_INPUT, "--picture %s: the picture is a PNG file: NAME.png", file);
  }
  char words[8][LB_BENCH_PATH];
  const char* const given[] = {"render", operands->values[0], "--zero", "--frames", "1", "--out", file};
  char* argv[9] = {0};
  for (int i = 0; i < 7; ++i) {
    snprintf(words[i], sizeof words[i], "%s", given[i]);
    argv[i] = words[i];
  }
  exit(lb_command_render(7, argv));
}

// What the operands ask for.
static lb_status print(const lb_operands* operands, bool as_json, const char* picture) {
  char root[LB_BENCH_PATH], models[LB_BENCH_PATH + 16];
  LB_TRY(lb_root_find(root, sizeof root));
  snprintf(models, sizeof models, "%s/models", root);
  if (picture) return draw_picture(operands, picture);
  return operands->n > 0 ? print_one(root, models, operands->values[0], as_json) : print_list(models, as_json);
}

int lb_command_tasks(int argc, char** argv) {
  bool as_json = false;
  const char* picture = NULL;
  const lb_option options[] = {
      {"json", NULL, "as JSON", LB_OPTION_FLAG, &as_json},
      {"picture", "FILE", "draws the named task as an episode begins, into a PNG file", LB_OPTION_TEXT, &picture},
  };
  const lb_usage usage = {"tasks", "[NAME [--picture FILE]]", text, examples, 0, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = print(&operands, as_json, picture);
  lb_operands_free(&operands);
  return lb_command_end("tasks", status);
}
