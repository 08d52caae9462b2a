// bench algos: the algorithms, each a row of choices.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/needs.h"
#include "algo/recipe.h"
#include "algo/recipe_schema.h"
#include "command.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "options.h"
#include "root.h"
#include "setting_texts.h"
#include "task/task.h"

static const char text[] =
    "Lists the algorithms by what they need, a line each; with a name, every choice that makes up that one and, of\n"
    "some, why, the tasks that it fits, and its settings with their defaults and ranges. An algorithm is a JSON file "
    "in bench/recipes/:\n"
    "whose data, which model, which planner. A new combination needs no C. One that cannot be opened is listed with "
    "what\n"
    "is wrong (with --json: \"error\").\n\n"
    "schema: prints a JSON Schema of these files, by which editors complete keys and mark mistakes.";

static const char examples[] =
    "  bench algos\n"
    "  bench algos lamps\n"
    "  bench algos --json\n"
    "  bench algos schema > algorithm.schema.json";

// What an algorithm needs. One with several forms stands in as many groups.
typedef enum group { REFERENCE, COST, IMITATION, NO_MODEL, MODEL, EXACT, GROUPS } group;

static const char* const headings[GROUPS] = {
    "Learn nothing; on every task",
    "Plan over whole trajectories; on tasks with a cost and an expert, by iterations of rollouts",
    "Imitate; on tasks with an observation and recorded demonstrations",
    "Learn a policy without a model; on tasks with an observation, by real steps",
    "Learn a model and plan in it; on tasks with an observation, by real steps",
    "Learn a model and plan in it, or are a study; on small systems that are known exactly (docs/theory.md)",
};

// The heading that an algorithm stands under.
static group group_of(const lb_recipe* r) {
  if (!lb_recipe_learns(r)) return REFERENCE;
  if (lb_recipe_iterations(r)->is_exact) return EXACT;
  if (!lb_recipe_is_online(r)) return COST;
  if (lb_recipe_iterations(r)->imitates) return IMITATION;
  return lb_recipe_has_model(r) ? MODEL : NO_MODEL;
}

// The recipe in one of its forms; *has is false where it has no such form of its own.
static lb_status load_form(lb_recipe* r, bool* has, const char* root, const char* name, lb_recipe_form form) {
  LB_TRY(lb_recipe_load(r, root, name));
  *has = form == LB_FORM_COST || (form == LB_FORM_REWARDS ? r->has_two_forms : r->has_exact_form);
  return *has ? lb_recipe_load_as(r, root, name, form) : lb_ok();
}

// The algorithms of one group, a line each.
static void print_group(group wanted, char* const* names, int n, const char* root) {
  bool first = true;
  for (int i = 0; i < n; i++) {
    for (int form = 0; form < LB_FORMS; form++) {
      lb_recipe recipe;
      bool has;
      if (load_form(&recipe, &has, root, names[i], (lb_recipe_form)form).code != LB_OK) break;
      if (!has || group_of(&recipe) != wanted) continue;
      if (first) printf("%s%s\n", wanted > 0 ? "\n" : "", headings[wanted]);
      first = false;
      printf("  %-26s %s\n", recipe.name, recipe.summary);
    }
  }
}

// A recipe that cannot be read, in one of its forms, has its line too, and hides no other.
static void print_broken(char* const* names, int n, const char* root) {
  bool first = true;
  for (int i = 0; i < n; i++) {
    lb_status status = lb_ok();
    for (int form = 0; form < 2 && status.code == LB_OK; form++) {
      lb_recipe recipe;
      bool has;
      status = load_form(&recipe, &has, root, names[i], form);
    }
    if (status.code == LB_OK) continue;
    if (first) printf("\nWrong\n");
    first = false;
    printf("  %-26s CANNOT BE OPENED: %s\n", names[i], status.text);
  }
}

// All algorithms with their choices; what is wrong with those that cannot be read.
static void print_json_list(char* const* names, int n, const char* root) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_array(&w, NULL);
  for (int i = 0; i < n; i++) {
    lb_recipe recipe;
    lb_status status = lb_recipe_load(&recipe, root, names[i]);
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "name", names[i]);
    if (status.code == LB_OK) {
      lb_recipe_write(&recipe, &w, "recipe");
    } else {
      lb_json_write_string(&w, "error", status.text);
    }
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_array(&w);
  puts(out.data);
  lb_text_free(&out);
}

// All algorithms, grouped by what they need.
static lb_status print_list(const char* root, bool as_json) {
  char** names;
  int n;
  LB_TRY(lb_recipe_names(&names, &n, root));
  if (as_json) print_json_list(names, n, root);
  for (int g = 0; g < GROUPS && !as_json; g++) print_group((group)g, names, n, root);
  if (!as_json) print_broken(names, n, root);
  lb_names_free(names, n);
  return lb_ok();
}

// "type psdp, about expert, starts (learner 1)".
static void add_members(lb_text* out, lb_node object) {
  for (int i = 0; i < lb_json_length(object); i++) {
    lb_node node = lb_json_element(object, i);
    char* value = lb_json_canonical(node);
    int quote = value[0] == '"';
    const char* comma = i > 0 ? ", " : "";
    const char* key = lb_json_key(object, i);
    if (lb_json_is_object(node)) {
      lb_text_add(out, "%s%s (", comma, key);
      add_members(out, node);
      lb_text_add(out, ")");
    } else if (strcmp(key, "type") == 0) {
      lb_text_add(out, "%s%.*s", comma, (int)strlen(value) - 2 * quote, value + quote);
    } else {
      lb_text_add(out, "%s%s %.*s", comma, key, (int)strlen(value) - 2 * quote, value + quote);
    }
    free(value);
  }
}

// Data, model and planners, a line each, from what the recipe writes of itself.
static void print_choices(const lb_recipe* r) {
  lb_text json = {0};
  lb_json_writer w = lb_json_writer_on(&json);
  lb_recipe_write(r, &w, NULL);
  lb_json* doc;
  if (lb_json_parse(&doc, json.data, "recipe").code != LB_OK) abort();  // our own text
  lb_node root = lb_json_root(doc);
  for (int i = 0; i < lb_json_length(root); i++) {
    lb_node node = lb_json_element(root, i);
    if (!lb_json_is_object(node)) continue;
    lb_text line = {0};
    add_members(&line, node);
    const char* key = lb_json_key(root, i);
    printf("  %-10s %s\n", strcmp(key, "first_planner") == 0 ? "at first" : key, line.data ? line.data : "");
    lb_text_free(&line);
  }
  lb_json_free(doc);
  lb_text_free(&json);
}

// The words of a text, a hundred columns a line.
static void print_wrapped(const char* words) {
  enum { WIDTH = 100 };
  int column = 0;
  for (const char* word = words; *word;) {
    int length = (int)strcspn(word, " ");
    if (column > 0 && column + 1 + length > WIDTH) {
      putchar('\n');
      column = 0;
    }
    column += printf("%s%.*s", column > 0 ? " " : "  ", length, word);
    word += length + (int)strspn(word + length, " ");
  }
  putchar('\n');
}

// The tasks that have what this form asks for, and lines are kept short. What a task that cannot be opened has nobody
// knows: 'bench tasks' says what is wrong with it.
static lb_status print_fits(const lb_recipe* r, lb_recipe_form for_form, const char* root) {
  enum { WIDTH = 100, INDENT = 13 };
  char models[LB_BENCH_PATH + 16], **names;
  int n, column = INDENT;
  bool exact = lb_recipe_iterations(r)->is_exact;
  snprintf(models, sizeof models, "%s/models", root);
  LB_TRY(lb_task_names(&names, &n, models));
  printf("  %-10s", "fits");
  for (int i = 0; exact ? lb_task_small(i) != NULL : i < n; i++) {
    lb_system* system;
    const char* name = exact ? lb_task_small(i) : names[i];
    if (lb_task_open(&system, models, name).code != LB_OK) continue;
    bool form = exact || !r->has_two_forms || lb_recipe_form_on(system) == for_form;
    bool fits = form && lb_needs_check(r, system).code == LB_OK;
    lb_system_free(system);
    int length = (int)strlen(name) + 1;
    if (!fits) continue;
    if (column + length > WIDTH) {
      printf("\n%*s", INDENT - 1, "");
      column = INDENT;
    }
    printf(" %s", name);
    column += length;
  }
  putchar('\n');
  lb_names_free(names, n);
  return lb_ok();
}

// With the row's own defaults where it has some.
static void print_settings(const lb_recipe* r) {
  lb_protocol_setting settings[LB_PROTOCOL_SETTINGS];
  lb_protocol usual = lb_protocol_default();
  lb_recipe_settle(r, &usual);
  int n = lb_protocol_settings(settings, &usual, lb_recipe_parts(r, LB_FORM_REWARDS));
  printf("  settings   default, range and meaning, to be changed by --set KEY=VALUE\n");
  for (int i = 0; i < n; i++) {
    const lb_protocol_setting* s = &settings[i];
    if (s->is_number) {
      char range[48];
      snprintf(range, sizeof range, "%.10g to %.10g", s->low, s->high);
      printf("    %-21s %-10.10g %-16s %s\n", s->key, s->usual, range, lb_setting_meaning(s->key));
    } else {
      printf("    %-21s %-10s %-16s %s\n", s->key, s->usual_word, "fresh or file", lb_setting_meaning(s->key));
    }
  }
}

// One form of an algorithm: its choices, the tasks that it fits, its settings.
static lb_status print_form(const lb_recipe* r, lb_recipe_form form, const char* root) {
  static const char* const on[LB_FORMS] = {"tasks with a cost", "tasks with rewards",
                                           "small systems that are known exactly"};
  if (r->has_two_forms || r->has_exact_form) printf("\nOn %s\n", on[form]);
  print_choices(r);
  if (lb_recipe_uses_demonstrations(r) && lb_recipe_is_online(r)) {
    printf("  %-10s recorded demonstrations of the task (expert_data/)\n", "needs");
  }
  LB_TRY(print_fits(r, form, root));
  if (lb_recipe_iterations(r)->is_exact) return lb_ok();
  if (!lb_recipe_learns(r)) {
    printf(
        "  settings   of tasks with a cost: iterations, evaluation_rollouts; with rewards: steps, "
        "evaluation_episodes\n");
    return lb_ok();
  }
  print_settings(r);
  return lb_ok();
}

// All about one algorithm, in all of its forms.
static lb_status print_one(const char* root, const char* name) {
  for (int form = 0; form < LB_FORMS; form++) {
    lb_recipe recipe;
    bool has;
    LB_TRY(load_form(&recipe, &has, root, name, (lb_recipe_form)form));
    if (!has) continue;
    if (form == 0) printf("%s: %s\n  %s\n", recipe.name, recipe.title, recipe.summary);
    if (form == 0 && recipe.note[0]) print_wrapped(recipe.note);
    LB_TRY(print_form(&recipe, (lb_recipe_form)form, root));
  }
  return lb_ok();
}

// The same as one JSON object.
static lb_status print_one_as_json(const char* root, const char* name) {
  lb_recipe recipe;
  LB_TRY(lb_recipe_load(&recipe, root, name));
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "name", recipe.name);
  lb_recipe_write(&recipe, &w, "recipe");
  if (recipe.note[0]) lb_json_write_string(&w, "note", recipe.note);
  const bool has_two = recipe.has_two_forms, has_exact = recipe.has_exact_form;
  if (has_two) {
    LB_TRY(lb_recipe_load_for_rewards(&recipe, root, name));
    lb_recipe_write(&recipe, &w, "on_tasks_with_rewards");
  }
  if (has_exact) {
    LB_TRY(lb_recipe_load_as(&recipe, root, name, LB_FORM_EXACT));
    lb_recipe_write(&recipe, &w, "on_small_systems");
  }
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
  return lb_ok();
}

// The JSON Schema of an algorithm's file.
static void print_schema(void) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_recipe_schema(&w);
  puts(out.data);
  lb_text_free(&out);
}

// What the operands ask for.
static lb_status print(const lb_operands* operands, bool as_json) {
  char root[LB_BENCH_PATH];
  if (operands->n == 1 && strcmp(operands->values[0], "schema") == 0) {
    print_schema();
    return lb_ok();
  }
  LB_TRY(lb_root_find(root, sizeof root));
  if (operands->n == 0) return print_list(root, as_json);
  return as_json ? print_one_as_json(root, operands->values[0]) : print_one(root, operands->values[0]);
}

int lb_command_algos(int argc, char** argv) {
  bool as_json = false;
  const lb_option options[] = {{"json", NULL, "as JSON", LB_OPTION_FLAG, &as_json}};
  const lb_usage usage = {"algos", "[NAME|schema]", text, examples, 0, 1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = print(&operands, as_json);
  lb_operands_free(&operands);
  return lb_command_end("algos", status);
}
