// docs/task-reference.md: see task_page.h.
#include "task_page.h"

#include <stdio.h>
#include <string.h>

#include "phys/signal.h"
#include "task/grammar.h"
#include "task/norm.h"

// Words in a row.
static void print_words(lb_task_words words) {
  const char* names[LB_TASK_WORDS_MOST];
  int n = lb_task_words_list(names, NULL, words);
  for (int i = 0; i < n; i++) printf("%s`%s`", i ? ", " : "", names[i]);
}

// A link to the section of an object.
static void print_link(int object) {
  const char* name = lb_task_object_name((lb_task_object)object);
  printf("[%s](#%s)", name, name);
}

// The range of a number.
static void print_range(const lb_task_key* k) {
  if (k->low <= -1e300 && k->high >= 1e300) return;
  if (k->high >= 1e300) {
    printf(k->low > 0 ? " above 0" : ", %g or more", k->low);
  } else {
    printf(", %.10g to %.10g", k->low, k->high);
  }
}

// What a key holds.
static void print_type(const lb_task_key* k) {
  static const char* const names[] = {
      [LB_TASK_TEXT] = "text",
      [LB_TASK_TEXT_OR_NULL] = "text or null",
      [LB_TASK_TEXTS] = "list of texts",
      [LB_TASK_NAMES] = "text, or list of texts",
      [LB_TASK_ACTUATOR] = "text, or whole number",
      [LB_TASK_ACTUATORS] = "list of texts or whole numbers",
      [LB_TASK_WHOLE] = "whole number",
      [LB_TASK_WHOLES] = "list of whole numbers",
      [LB_TASK_RANGE] = "[first, end], whole numbers",
      [LB_TASK_NUMBER] = "number",
      [LB_TASK_NUMBERS] = "list of numbers",
      [LB_TASK_ROWS] = "list of lists of numbers",
      [LB_TASK_WEIGHTS] = "number, or list of numbers",
      [LB_TASK_SPREAD] = "number, or [low, high]",
      [LB_TASK_PAIR] = "[low, high]",
      [LB_TASK_BOUNDS] = "[low, high], numbers or null",
      [LB_TASK_MINUS] = "number, list of numbers, or ",
      [LB_TASK_BOOL] = "true or false",
      [LB_TASK_CHOICE] = "",
      [LB_TASK_NODE] = "",
      [LB_TASK_LIST] = "list of ",
  };
  fputs(names[k->type], stdout);
  if (k->type == LB_TASK_WHOLE || k->type == LB_TASK_NUMBER || k->type == LB_TASK_WEIGHTS ||
      k->type == LB_TASK_SPREAD) {
    print_range(k);
  }
  if (k->type == LB_TASK_MINUS || k->type == LB_TASK_NODE || k->type == LB_TASK_LIST) print_link(k->of);
  if (k->type != LB_TASK_CHOICE) return;
  if (k->of == LB_WORDS_SIGNAL) {
    printf("a [signal](#signals)");
  } else if (k->of == LB_WORDS_NORM) {
    printf("a [norm](#norms)");
  } else {
    print_words((lb_task_words)k->of);
  }
}

// The keys of which exactly one must be there.
static void print_one_of(lb_task_object object) {
  const char* const* one_of = lb_task_object_one_of(object);
  if (!one_of) return;
  printf(" Exactly one of");
  for (int i = 0; one_of[i]; i++) printf("%s `%s`", i ? "," : "", one_of[i]);
  puts(" must be there.");
}

// The section of an object: its keys in a table.
static void print_object(lb_task_object object) {
  const lb_task_key* keys;
  int n = lb_task_keys(&keys, object);
  printf("\n## %s\n%s", lb_task_object_name(object), lb_task_object_what(object));
  lb_task_object_one_of(object) ? print_one_of(object) : (void)puts("");
  puts("\n| key | type | unit | default | meaning | example |\n|---|---|---|---|---|---|");
  for (int i = 0; i < n; i++) {
    const lb_task_key* k = &keys[i];
    printf("| `%s`%s | ", k->name, k->required ? "" : "*");
    print_type(k);
    printf(" | %s | %s | %s", k->unit ? k->unit : "", k->fallback ? k->fallback : "", k->what);
    if (k->needs) printf("; goes with `%s`", k->needs);
    printf(" | `%s` |\n", k->example);
  }
}

// The section of signals.
static void print_signals(void) {
  puts(
      "\n## signals\n"
      "Numbers of the running simulation, under MuJoCo's names. A row belongs to one joint, body, geom, site, tendon,\n"
      "actuator or sensor, which `of` names. A free joint has 7 numbers of qpos (position, quaternion w x y z) and 6 "
      "of\n"
      "qvel (linear in world axes, angular in body axes), a ball joint 4 and 3, others 1 and 1.\n\n"
      "After a real step qpos, qvel, act, ctrl and action are new; the others are those of the last state that the\n"
      "integrator evaluated, as Gymnasium's environments read them. In a model, whose states have no such history, "
      "all\n"
      "are computed from the state alone; `bench tasks NAME` measures how much that changes.\n\n"
      "| signal | rows | numbers a row | unit | meaning |\n|---|---|---|---|---|");
  const lb_phys_signal* s;
  for (int i = 0; (s = lb_phys_signal_at(i)); i++) {
    printf("| `%s` | %s | %d | %s | %s |\n", s->name, lb_phys_signal_owner(s), s->width, s->unit, s->what);
  }
}

// A section of words with their meanings.
static void print_named(const char* heading, const char* text, lb_task_words words) {
  const char *names[LB_TASK_WORDS_MOST], *what[LB_TASK_WORDS_MOST];
  int n = lb_task_words_list(names, what, words);
  printf("\n## %s\n%s\n\n| name | meaning |\n|---|---|\n", heading, text);
  for (int i = 0; i < n; i++) printf("| `%s` | %s |\n", names[i], what[i]);
}

void lb_task_page(void) {
  puts(
      "# task.json\n"
      "Every key of a task's definition. `bench help --task` prints this page from the tables that the program reads\n"
      "by; `bench task schema` prints a JSON Schema of the same for editors. What a task is, with words around it, is "
      "in\n"
      "[models/README.md](../models/README.md), the whole way to one in [your-own-task.md](your-own-task.md).\n\n"
      "Keys marked * may be left out. Unknown keys, wrong types, numbers out of range and names that the model lacks "
      "are\n"
      "errors that say where. Units are m, kg, s, N and rad.");
  for (int i = 0; i < LB_TASK_OBJECTS; i++) print_object((lb_task_object)i);
  print_signals();
  print_named("norms", "What makes one number of several.", LB_WORDS_NORM);
  print_named("readings", "When a term of the reward is read.", LB_WORDS_READING);
  print_named("starts", "The state that an episode begins in.", LB_WORDS_START);
  print_named("parts", "Of a joint in a cost, with the unit of the difference to the reference.", LB_WORDS_PART);
  puts(
      "\n## distributions\n"
      "A [draw](#draw) is `uniform` on [-W, W) or [low, high), `normal` about 0, uniform in a `disc`, or a `choice`\n"
      "among rows; it is added to what stands there, or to `about`.\n\n"
      "## curves\n"
      "Of a [tolerance](#tolerance), with z the distance from the bounds in margins, stretched so that the value at\n"
      "z = 1 is `value_at_margin`: gaussian exp(-z^2 / 2), hyperbolic 1 / cosh z, long_tail 1 / (z^2 + 1), reciprocal\n"
      "1 / (z + 1), cosine (1 + cos pi z) / 2, linear 1 - z, quadratic 1 - z^2, tanh_squared 1 - tanh(z)^2.");
}
