#include "algo/recipe_schema.h"

#include <string.h>

#include "algo/protocol.h"
#include "algo/recipe_private.h"
#include "io/json_schema.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const char usual_model[] = "parametric", usual_planner[] = "psdp";

// One choice of a kind.
static void write_param(lb_json_writer* w, const lb_param* p) {
  int words = 0;
  lb_json_write_begin_object(w, p->key);
  lb_schema_describe(w, p->meaning, p->unit);
  switch (p->type) {
    case LB_PARAM_WHOLE:
      lb_schema_range(w, "integer", p->low, p->high);
      break;
    case LB_PARAM_REAL:
      lb_schema_range(w, "number", p->low, p->high);
      break;
    case LB_PARAM_YES:
      lb_json_write_string(w, "type", "boolean");
      break;
    case LB_PARAM_WORD:
      while (p->words[words]) words++;
      lb_schema_words(w, p->words, words);
      break;
  }
  lb_json_write_end_object(w);
}

// Weights of the first n states, at least one of them positive.
static void write_weights(lb_json_writer* w, const char* key, const char* what, int n) {
  lb_json_write_begin_object(w, key);
  lb_schema_describe(w, what, NULL);
  lb_schema_strict(w);
  lb_json_write_begin_object(w, "properties");
  for (int i = 0; i < n; ++i) {
    lb_json_write_begin_object(w, lb_recipe_states[i]);
    lb_schema_range(w, "number", 0, 1e6);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_object(w);
  lb_json_write_begin_array(w, "anyOf");
  for (int i = 0; i < n; ++i) {
    lb_json_write_begin_object(w, NULL);
    lb_json_write_begin_object(w, "properties");
    lb_json_write_raw(w, lb_recipe_states[i], "{\"exclusiveMinimum\":0}");
    lb_json_write_end_object(w);
    lb_schema_required(w, &lb_recipe_states[i], 1);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  lb_json_write_end_object(w);
}

// The keys that a planner has beside its kind's own.
static void write_shared(lb_json_writer* w, const lb_planner_kind* kind) {
  if (lb_recipe_takes_shared(kind, "reward")) {
    lb_json_write_begin_object(w, "reward");
    lb_schema_describe(w, "known: the task's own terms on what is predicted; learned: predicted by the model", NULL);
    lb_schema_words(w, lb_recipe_rewards, COUNT(lb_recipe_rewards));
    lb_json_write_end_object(w);
  }
  if (!lb_recipe_takes_shared(kind, "starts")) return;
  write_weights(w, "starts", "weights of the states at which rollouts in the model begin", LB_STATES_IMAGINED);
  write_weights(w, "actor_states", "weights of the states on which the actor learns", LB_STATES);
  lb_json_write_begin_object(w, "real_share");
  lb_schema_describe(w, "share of real transitions in a batch, instead of the setting of that name", NULL);
  lb_schema_range(w, "number", 0, 1);
  lb_json_write_end_object(w);
  lb_json_write_begin_object(w, "from_clone");
  lb_schema_describe(w, "whether the actor begins as a clone of the expert", NULL);
  lb_json_write_string(w, "type", "boolean");
  lb_json_write_end_object(w);
}

// The kinds that "type" may name.
static int list_kinds(const char* names[LB_REGISTRY_MOST], bool model) {
  const char* name;
  const lb_params* choices;
  int n = 0;
  for (int i = 0; lb_recipe_kind_at(model, i, &name, &choices); ++i) {
    if (model || lb_registry_iterations(lb_registry_planner(i))->learns) names[n++] = name;
  }
  return n;
}

// {"if": "type" names the i-th kind, "then": the keys that this kind has}. `usual`: the kind without "type"; NULL:
// none.
static void write_kind(lb_json_writer* w, bool model, int i, const char* usual) {
  static const char* const type = "type";
  const char* name;
  const lb_params* choices;
  if (!lb_recipe_kind_at(model, i, &name, &choices)) return;
  lb_json_write_begin_object(w, NULL);
  lb_json_write_begin_object(w, "if");
  int open = lb_schema_open(w, "properties/type");
  lb_json_write_string(w, "const", name);
  lb_schema_close(w, open);
  if (!usual || strcmp(usual, name) != 0) lb_schema_required(w, &type, 1);
  lb_json_write_end_object(w);
  lb_json_write_begin_object(w, "then");
  lb_schema_strict(w);
  lb_json_write_begin_object(w, "properties");
  lb_json_write_bool(w, "type", true);
  for (int k = 0; choices && k < choices->n; ++k) write_param(w, &choices->list[k]);
  if (!model) write_shared(w, lb_registry_planner(i));
  lb_json_write_end_object(w);
  lb_json_write_end_object(w);
  lb_json_write_end_object(w);
}

// "model", "planner" or "first_planner": a kind, and the keys that it has.
static void write_kinds(lb_json_writer* w, const char* key, bool model, const char* usual) {
  const char *names[LB_REGISTRY_MOST], *name;
  const lb_params* choices;
  int n = list_kinds(names, model);
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "type", "object");
  int open = lb_schema_open(w, "properties/type");
  lb_schema_words(w, names, n);
  lb_schema_close(w, open);
  lb_json_write_begin_array(w, "allOf");
  for (int i = 0; lb_recipe_kind_at(model, i, &name, &choices); ++i) {
    if (model || lb_registry_iterations(lb_registry_planner(i))->learns) write_kind(w, model, i, usual);
  }
  lb_json_write_end_array(w);
  lb_json_write_end_object(w);
}

// The keys of a form: data, model, planners.
static void write_form(lb_json_writer* w) {
  lb_json_write_begin_object(w, "data");
  lb_schema_strict(w);
  lb_json_write_begin_object(w, "properties");
  lb_json_write_begin_object(w, "expert_share");
  lb_schema_describe(w, "of the data: 1 the expert's only, 0 the learner's only", NULL);
  lb_schema_range(w, "number", 0, 1);
  lb_json_write_end_object(w);
  lb_json_write_begin_object(w, "demonstrations");
  lb_schema_describe(w, "whether all are there from the start, or some are drawn at every real step", NULL);
  lb_schema_words(w, lb_recipe_entries, COUNT(lb_recipe_entries));
  lb_json_write_end_object(w);
  lb_json_write_end_object(w);
  lb_json_write_end_object(w);
  write_kinds(w, "model", true, usual_model);
  write_kinds(w, "planner", false, usual_planner);
  write_kinds(w, "first_planner", false, NULL);
}

// {"if": the planner is of this kind, "then": the model is of one that it goes with}.
static void write_pair(lb_json_writer* w, const lb_planner_kind* planner) {
  static const char *const type = "type", *const planner_key = "planner", *const model_key = "model";
  const char* goes[LB_REGISTRY_MOST];
  int n = 0;
  bool is_usual = strcmp(planner->name, usual_planner) == 0, with_usual = false;
  for (int i = 0; lb_registry_model(i); ++i) {
    if (lb_registry_check(planner, lb_registry_model(i)).code != LB_OK) continue;
    goes[n++] = lb_registry_model(i)->name;
    with_usual = with_usual || strcmp(goes[n - 1], usual_model) == 0;
  }
  lb_json_write_begin_object(w, NULL);
  int open = lb_schema_open(w, "if/properties/planner/properties/type");
  lb_json_write_string(w, "const", planner->name);
  lb_schema_close(w, 2);
  if (!is_usual) lb_schema_required(w, &type, 1);
  lb_schema_close(w, 2);
  if (!is_usual) lb_schema_required(w, &planner_key, 1);
  lb_schema_close(w, open - 4);
  open = lb_schema_open(w, "then/properties/model/properties/type");
  lb_schema_words(w, goes, n);
  lb_schema_close(w, 2);
  if (!with_usual) lb_schema_required(w, &type, 1);
  lb_schema_close(w, 2);
  if (!with_usual) lb_schema_required(w, &model_key, 1);
  lb_schema_close(w, open - 4);
  lb_json_write_end_object(w);
}

// "allOf": which planner goes with which model.
static void write_pairs(lb_json_writer* w) {
  lb_json_write_begin_array(w, "allOf");
  for (int i = 0; lb_registry_planner(i); ++i) {
    if (lb_registry_iterations(lb_registry_planner(i))->learns) write_pair(w, lb_registry_planner(i));
  }
  lb_json_write_end_array(w);
}

// A text of less than `room` bytes.
static void write_text(lb_json_writer* w, const char* key, const char* what, size_t room) {
  lb_json_write_begin_object(w, key);
  lb_schema_describe(w, what, NULL);
  lb_json_write_string(w, "type", "string");
  lb_json_write_int(w, "maxLength", (int64_t)room - 1);
  lb_json_write_end_object(w);
}

// A form of its own under a key of the whole.
static void write_own_form(lb_json_writer* w, const char* key, const char* what) {
  lb_json_write_begin_object(w, key);
  lb_schema_describe(w, what, NULL);
  lb_schema_strict(w);
  lb_json_write_begin_object(w, "properties");
  write_form(w);
  lb_json_write_end_object(w);
  write_pairs(w);
  lb_json_write_end_object(w);
}

// The keys of an algorithm, and of each kind of model and planner.
void lb_recipe_schema(lb_json_writer* w) {
  static const char* const required[] = {"title", "summary"};
  const lb_recipe* r = NULL;
  const char* kinds[LB_REGISTRY_MOST];
  int n = lb_recipe_whole_kinds(kinds);
  lb_schema_begin(w, "an algorithm of LazyBench");
  lb_schema_strict(w);
  lb_schema_required(w, required, COUNT(required));
  lb_json_write_begin_object(w, "properties");
  write_text(w, "title", "for tables and legends", sizeof r->title);
  write_text(w, "summary", "one line for `bench algos`", sizeof r->summary);
  write_text(w, "note", "for `bench algos NAME`: what was chosen, and why", sizeof r->note);
  lb_json_write_begin_object(w, "kind");
  lb_schema_describe(w, "loop: collects, fits, plans, evaluates; else a policy that is measured once", NULL);
  lb_schema_words(w, kinds, n);
  lb_json_write_end_object(w);
  write_form(w);
  write_own_form(w, "rewards", "what the algorithm is on tasks that have rewards and no cost");
  write_own_form(w, "exact", "what the algorithm is on small systems that are known exactly");
  lb_json_write_end_object(w);
  lb_json_write_raw(w, "if", "{\"properties\":{\"kind\":{\"const\":\"loop\"}}}");
  lb_json_write_begin_object(w, "then");
  write_pairs(w);
  lb_json_write_end_object(w);
  int open = lb_schema_open(w, "else/properties");
  static const char* const form[] = {"data", "model", "planner", "first_planner", "rewards", "exact"};
  for (int i = 0; i < COUNT(form); ++i) lb_json_write_bool(w, form[i], false);
  lb_schema_close(w, open);
  lb_json_write_end_object(w);
}

void lb_protocol_schema(lb_json_writer* w, const char* key) {
  lb_protocol_setting settings[LB_PROTOCOL_SETTINGS];
  lb_protocol usual = lb_protocol_default();
  int n = lb_protocol_settings(settings, &usual, LB_PROTOCOL_WHOLE);
  lb_json_write_begin_object(w, key);
  lb_schema_strict(w);
  lb_json_write_begin_object(w, "properties");
  for (int i = 0; i < n; ++i) {
    const lb_protocol_setting* s = &settings[i];
    int words = 0;
    lb_json_write_begin_object(w, s->key);
    lb_schema_describe(w, s->meaning, s->unit);
    if (s->is_number) {
      lb_schema_range(w, s->is_whole ? "integer" : "number", s->low, s->high);
      lb_json_write_number(w, "default", s->usual);
    } else {
      while (s->words[words]) words++;
      lb_schema_words(w, s->words, words);
      lb_json_write_string(w, "default", s->usual_word);
    }
    lb_json_write_end_object(w);
  }
  lb_json_write_end_object(w);
  lb_json_write_end_object(w);
}
