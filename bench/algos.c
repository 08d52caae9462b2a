// bench algos: the algorithms, each a row of choices.
#include <stdio.h>
#include <string.h>

#include "algo/recipe.h"
#include "command.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"

static const char text[] =
    "Lists the algorithms, a line each; with a name, every choice that makes up that one. An algorithm is a JSON file\n"
    "in bench/recipes/: whose data, which model, which planner. A new combination needs no C.";

static const char examples[] =
    "  bench algos\n"
    "  bench algos lamps\n"
    "  bench algos --json";

static lb_status print_list(const char* root, bool as_json) {
  char** names;
  int n;
  LB_TRY(lb_recipe_names(&names, &n, root));
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_array(&w, NULL);
  lb_status status = lb_ok();
  for (int i = 0; i < n && status.code == LB_OK; i++) {
    lb_recipe recipe;
    status = lb_recipe_load(&recipe, root, names[i]);
    if (status.code != LB_OK) break;
    if (!as_json) printf("%-22s %s\n", recipe.name, recipe.summary);
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "name", recipe.name);
    lb_recipe_write(&recipe, &w, "recipe");
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_array(&w);
  if (status.code == LB_OK && as_json) puts(out.data);
  lb_text_free(&out);
  lb_names_free(names, n);
  return status;
}

static lb_status print_one(const char* root, const char* name) {
  lb_recipe recipe;
  LB_TRY(lb_recipe_load(&recipe, root, name));
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "name", recipe.name);
  lb_recipe_write(&recipe, &w, "recipe");
  if (recipe.has_two_forms) {
    LB_TRY(lb_recipe_load_for_rewards(&recipe, root, name));
    lb_recipe_write(&recipe, &w, "on_tasks_with_rewards");
  }
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
  return lb_ok();
}

static lb_status print(const lb_operands* operands, bool as_json) {
  char root[LB_BENCH_PATH];
  LB_TRY(lb_root_find(root, sizeof root));
  return operands->n > 0 ? print_one(root, operands->values[0]) : print_list(root, as_json);
}

int lb_command_algos(int argc, char** argv) {
  bool as_json = false;
  const lb_option options[] = {{"json", NULL, "as JSON (what one algorithm is, always is)", LB_OPTION_FLAG, &as_json}};
  const lb_usage usage = {"algos", "[NAME]", text, examples, 0, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = print(&operands, as_json);
  lb_operands_free(&operands);
  return lb_command_end("algos", status);
}
