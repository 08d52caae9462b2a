#include "algo/recipe.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/recipe_private.h"
#include "base/text.h"
#include "io/file.h"
#include "io/json.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

const char* const lb_recipe_states[] = {"learner", "expert", "initial", "imagined"};
const char* const lb_recipe_rewards[] = {"known", "learned"};
const char* const lb_recipe_entries[] = {"at-once", "one-a-step"};
// Keys of a planner that are not its kind's own, and which kinds they go with.
static const char* const shared[] = {"reward", "starts", "actor_states", "real_share", "from_clone"};

static const char suffix[] = ".json";

static void usual_choices(const lb_params* choices, double* value) {
  for (int i = 0; choices && i < choices->n; ++i) value[i] = choices->list[i].usual;
}

// What an algorithm is of which nothing is said.
static lb_recipe recipe_default(const char* name) {
  lb_recipe r = {.expert_share = 0.5};
  r.model.kind = lb_registry_find_model("parametric");
  r.planner.kind = lb_registry_find_planner("psdp");
  r.planner.real_share = -1;
  usual_choices(r.model.kind->choices, r.model.value);
  usual_choices(r.planner.kind->choices, r.planner.value);
  snprintf(r.name, sizeof r.name, "%s", name);
  return r;
}

// Reads the string `key` into a field of `size`.
static lb_status read_text(lb_node object, const char* key, char* out, size_t size) {
  const char* text;
  LB_TRY(lb_json_string(object, key, &text));
  if (strlen(text) >= size) return lb_json_fail(object, "%s is longer than %zu characters", key, size - 1);
  snprintf(out, size, "%s", text);
  return lb_ok();
}

// Weights of states by name, not all 0, over the default.
static lb_status read_weights(lb_node node, const char* key, int n, double weights[LB_STATES]) {
  if (!lb_json_has(node, key)) return lb_ok();
  lb_node object;
  double sum = 0;
  LB_TRY(lb_json_object(node, key, &object));
  LB_TRY(lb_json_keys(object, lb_recipe_states, n));
  for (int i = 0; i < n; ++i) {
    LB_TRY(lb_json_number_or(object, lb_recipe_states[i], 0, 1e6, 0, &weights[i]));
    sum += weights[i];
  }
  if (!(sum > 0)) return lb_json_fail(object, "at least one weight must be positive");
  return lb_ok();
}

// The place of a choice in its table; -1: it is none.
static int place_of(const lb_params* choices, const char* key) {
  for (int i = 0; choices && i < choices->n; ++i) {
    if (strcmp(choices->list[i].key, key) == 0) return i;
  }
  return -1;
}

// How many words a choice can be.
static int count_words(const lb_param* p) {
  int n = 0;
  while (p->words[n]) n += 1;
  return n;
}

// One of a kind's choices over its default.
static lb_status read_choice(double* value, const lb_param* p, lb_node node) {
  int whole = (int)*value;
  bool yes = whole > 0;
  switch (p->type) {
    case LB_PARAM_REAL:
      return lb_json_number_or(node, p->key, p->low, p->high, *value, value);
    case LB_PARAM_WORD:
      LB_TRY(lb_json_choice_or(node, p->key, p->words, count_words(p), whole, &whole));
      break;
    case LB_PARAM_YES:
      LB_TRY(lb_json_bool_or(node, p->key, yes, &yes));
      whole = yes;
      break;
    case LB_PARAM_WHOLE:
      LB_TRY(lb_json_int_or(node, p->key, (int)p->low, (int)p->high, whole, &whole));
      break;
  }
  *value = whole;
  return lb_ok();
}

// All of them; *given gets a bit for each that the recipe names.
static lb_status read_choices(double* value, unsigned* given, const lb_params* choices, lb_node node) {
  *given = 0;
  for (int i = 0; choices && i < choices->n; ++i) {
    if (lb_json_has(node, choices->list[i].key)) *given |= 1u << i;
    LB_TRY(read_choice(&value[i], &choices->list[i], node));
  }
  return lb_ok();
}

static void store_choices(const lb_params* choices, const double* value, void* options) {
  for (int i = 0; choices && i < choices->n; ++i) lb_param_store(&choices->list[i], options, value[i]);
}

bool lb_recipe_kind_at(bool model, int i, const char** name, const lb_params** choices) {
  const lb_model_kind* m = model ? lb_registry_model(i) : NULL;
  const lb_planner_kind* p = model ? NULL : lb_registry_planner(i);
  if (!m && !p) return false;
  *name = m ? m->name : p->name;
  *choices = m ? m->choices : p->choices;
  return true;
}

bool lb_recipe_takes_shared(const lb_planner_kind* kind, const char* key) {
  return strcmp(key, "reward") == 0 ? kind->plans_for_reward || kind->learns : kind->learns;
}

// Whether a key is one that several kinds of planners have.
static bool is_shared(const char* key) {
  for (int i = 0; i < COUNT(shared); ++i) {
    if (strcmp(key, shared[i]) == 0) return true;
  }
  return false;
}

// Every key of a recipe's model or planner: "type", the shared ones, and those of all kinds.
static lb_status check_keys(lb_node node, bool model) {
  const char *keys[LB_REGISTRY_MOST * LB_MOST_CHOICES], *name;
  const lb_params* choices;
  int n = 0;
  keys[n++] = "type";
  for (int i = 0; !model && i < COUNT(shared); ++i) keys[n++] = shared[i];
  for (int i = 0; lb_recipe_kind_at(model, i, &name, &choices); ++i) {
    for (int k = 0; choices && k < choices->n; ++k) {
      bool is_new = true;
      for (int j = 0; j < n; ++j) is_new = is_new && strcmp(keys[j], choices->list[k].key) != 0;
      if (is_new) keys[n++] = choices->list[k].key;
    }
  }
  return lb_json_keys(node, keys, n);
}

// Refuses a key that is of other kinds alone.
static lb_status check_own(lb_node node, bool model, const char* kind, const lb_params* own,
                           const lb_planner_kind* planner) {
  for (int i = 0; i < lb_json_length(node); ++i) {
    const char *key = lb_json_key(node, i), *name;
    const lb_params* choices;
    bool means = strcmp(key, "type") == 0 || place_of(own, key) >= 0;
    if (planner && is_shared(key)) means = lb_recipe_takes_shared(planner, key);
    if (means) continue;
    lb_text goes = {0};
    for (int k = 0; lb_recipe_kind_at(model, k, &name, &choices); ++k) {
      bool takes = place_of(choices, key) >= 0;
      if (!model && is_shared(key)) takes = lb_recipe_takes_shared(lb_registry_planner(k), key);
      if (takes) lb_text_add(&goes, "%s%s", goes.length > 0 ? ", " : "", name);
    }
    lb_status status = lb_json_fail(node, "'%s' means nothing to %s '%s'; it goes with %s", key,
                                    model ? "model" : "planner", kind, goes.data ? goes.data : "none");
    lb_text_free(&goes);
    return status;
  }
  return lb_ok();
}

// "type", as the place of a kind.
static lb_status read_type(lb_node node, bool model, int usual, int* out) {
  const char* names[LB_REGISTRY_MOST];
  const lb_params* choices;
  int n = 0;
  while (lb_recipe_kind_at(model, n, &names[n], &choices)) n += 1;
  return lb_json_choice_or(node, "type", names, n, usual, out);
}

// The values of choices that two kinds share go over.
static void carry(double* to, const lb_params* theirs, const double* from, const lb_params* ours) {
  for (int i = 0; ours && i < ours->n; ++i) {
    int k = place_of(theirs, ours->list[i].key);
    if (k >= 0) to[k] = from[i];
  }
}

// "planner" or "first_planner": the kind, its own choices, and those that it shares with others.
static lb_status read_planner(lb_node root, const char* key, lb_planner_choice* p) {
  if (!lb_json_has(root, key)) return lb_ok();
  lb_node node;
  int type = 0, reward;
  unsigned given;
  LB_TRY(lb_json_object(root, key, &node));
  LB_TRY(check_keys(node, false));
  while (lb_registry_planner(type) != p->kind) type += 1;
  LB_TRY(read_type(node, false, type, &type));
  lb_planner_choice former = *p;
  p->kind = lb_registry_planner(type);
  if (!lb_registry_iterations(p->kind)->learns) {
    return lb_json_fail(node, "'%s' plans nothing; it is \"kind\": \"%s\" of the whole", p->kind->name, p->kind->name);
  }
  usual_choices(p->kind->choices, p->value);
  carry(p->value, p->kind->choices, former.value, former.kind->choices);
  LB_TRY(check_own(node, false, p->kind->name, p->kind->choices, p->kind));
  LB_TRY(read_choices(p->value, &given, p->kind->choices, node));
  if (p->kind->learns) p->reward = LB_REWARD_LEARNED;
  reward = (int)p->reward;
  LB_TRY(lb_json_choice_or(node, "reward", lb_recipe_rewards, COUNT(lb_recipe_rewards), reward, &reward));
  p->reward = (lb_reward_source)reward;
  LB_TRY(read_weights(node, "starts", LB_STATES_IMAGINED, p->starts));
  LB_TRY(read_weights(node, "actor_states", LB_STATES, p->actor_states));
  LB_TRY(lb_json_number_or(node, "real_share", 0, 1, p->real_share, &p->real_share));
  LB_TRY(lb_json_bool_or(node, "from_clone", p->from_clone, &p->from_clone));
  if (!p->kind->check) return lb_ok();
  lb_options_room options = {{0}};
  store_choices(p->kind->choices, p->value, &options);
  lb_status status = p->kind->check(&options, given);
  return status.code == LB_OK ? status : lb_json_fail(node, "%s", status.text);
}

// "model": the kind and its choices.
static lb_status read_model(lb_node root, lb_model_choice* m) {
  if (!lb_json_has(root, "model")) return lb_ok();
  lb_node node;
  int type = 0;
  unsigned given;
  LB_TRY(lb_json_object(root, "model", &node));
  LB_TRY(check_keys(node, true));
  LB_TRY(read_type(node, true, type, &type));
  m->kind = lb_registry_model(type);
  usual_choices(m->kind->choices, m->value);
  LB_TRY(check_own(node, true, m->kind->name, m->kind->choices, NULL));
  LB_TRY(read_choices(m->value, &given, m->kind->choices, node));
  if (!m->kind->check) return lb_ok();
  lb_options_room options = {{0}};
  store_choices(m->kind->choices, m->value, &options);
  lb_status status = m->kind->check(&options, given);
  return status.code == LB_OK ? status : lb_json_fail(node, "%s", status.text);
}

void lb_recipe_model_options(const lb_recipe* r, const lb_protocol* protocol, lb_options_room* out) {
  assert(r->model.kind->size <= sizeof *out);
  *out = (lb_options_room){{0}};
  store_choices(r->model.kind->choices, r->model.value, out);
  lb_protocol_fill(protocol, r->model.kind->settings, out);
}

void lb_recipe_planner_options(const lb_planner_choice* choice, const lb_protocol* protocol, lb_options_room* out) {
  assert(choice->kind->size <= sizeof *out);
  *out = (lb_options_room){{0}};
  store_choices(choice->kind->choices, choice->value, out);
  lb_protocol_fill(protocol, choice->kind->settings, out);
}

double lb_recipe_model_value(const lb_recipe* r, const char* key) {
  int i = place_of(r->model.kind->choices, key);
  assert(i >= 0);
  return r->model.value[i];
}

double lb_recipe_planner_value(const lb_planner_choice* choice, const char* key) {
  int i = place_of(choice->kind->choices, key);
  assert(i >= 0);
  return choice->value[i];
}

bool lb_recipe_uses_demonstrations(const lb_recipe* r) {
  const lb_planner_choice* p = &r->planner;
  if (!lb_recipe_learns(r)) return false;
  return p->kind->needs_demos || r->expert_share > 0 || p->starts[LB_STATES_EXPERT] > 0 ||
         p->actor_states[LB_STATES_EXPERT] > 0 || p->from_clone;
}

bool lb_recipe_is_online(const lb_recipe* r) {
  return lb_registry_is_online(r->planner.kind);
}

bool lb_recipe_knows_reward(const lb_recipe* r) {
  const lb_planner_kind* kind = r->planner.kind;
  return lb_recipe_has_model(r) && r->planner.reward == LB_REWARD_KNOWN && (kind->plans_for_reward || kind->learns);
}

// The bits of a kind's tables of settings.
static int parts_of_settings(const lb_params_at* settings) {
  int parts = 0;
  for (; settings->params; ++settings) parts |= lb_protocol_part(settings->params);
  return parts;
}

lb_recipe_form lb_recipe_form_on(const lb_system* s) {
  return s->exact ? LB_FORM_EXACT : s->cost ? LB_FORM_COST : LB_FORM_REWARDS;
}

int lb_recipe_parts(const lb_recipe* r, lb_recipe_form form) {
  const lb_iterations* iterations = lb_recipe_iterations(r);
  if (form == LB_FORM_EXACT || iterations->is_exact) return 0;
  if (!lb_recipe_learns(r)) return form == LB_FORM_COST ? LB_PROTOCOL_ITERATIONS : LB_PROTOCOL_RETURNS;
  int parts = parts_of_settings(r->planner.kind->settings) | parts_of_settings(r->model.kind->settings);
  if (iterations->rolls_out) return parts | LB_PROTOCOL_ITERATIONS;
  parts |= LB_PROTOCOL_RETURNS | LB_PROTOCOL_DEMOS;
  if (!iterations->keeps_episode) return parts;
  parts |= LB_PROTOCOL_ONLINE;
  if (lb_recipe_has_model(r)) parts |= LB_PROTOCOL_FITS;
  return lb_recipe_imagines(r) ? parts | LB_PROTOCOL_IMAGINED : parts;
}

void lb_recipe_settle(const lb_recipe* r, lb_protocol* protocol) {
  lb_options_room options;
  if (!r->planner.kind->settle) return;
  lb_recipe_planner_options(&r->planner, protocol, &options);
  r->planner.kind->settle(&options);
  lb_protocol_take(protocol, r->planner.kind->settings, &options);
}

// The sum of the weights.
static double total(const double weights[LB_STATES]) {
  double sum = 0;
  for (int i = 0; i < LB_STATES; ++i) sum += weights[i];
  return sum;
}

// The states of a planner that does not name its own.
static void settle_states(lb_recipe* r) {
  lb_planner_choice* p = &r->planner;
  bool model = lb_recipe_has_model(r);
  if (!p->kind->learns) return;
  if (model && !(total(p->starts) > 0)) p->starts[LB_STATES_LEARNER] = 1;
  if (!(total(p->actor_states) > 0)) p->actor_states[model ? LB_STATES_IMAGINED : LB_STATES_LEARNER] = 1;
}

// What a model's loss needs of the planner.
static lb_status check_value(lb_node root, const lb_recipe* r) {
  lb_options_room options = {{0}};
  if (!r->model.kind->needs) return lb_ok();
  store_choices(r->model.kind->choices, r->model.value, &options);
  if (!(r->model.kind->needs(&options) & ~r->planner.kind->gives)) return lb_ok();
  return lb_json_fail(root, "loss 'value-moments' needs the value of a policy; planner '%s' has none",
                      r->planner.kind->name);
}

// Whose rewards, where there is a choice.
static lb_status check_reward(lb_node root, const lb_recipe* r) {
  const lb_planner_choice* p = &r->planner;
  bool predicts = r->model.kind->gives & LB_GIVES_REWARD;
  if (p->kind->plans_for_reward && p->reward == LB_REWARD_LEARNED && !predicts) {
    return lb_json_fail(root, "model '%s' does not predict rewards; reward 'learned' goes with one that does",
                        r->model.kind->name);
  }
  if (p->kind->learns && p->reward == LB_REWARD_KNOWN && !predicts) {
    return lb_json_fail(root, "model '%s' has no rewards to replace; reward 'known' goes with one that predicts them",
                        r->model.kind->name);
  }
  return lb_ok();
}

// Refuses choices that do not go together.
static lb_status check_row(lb_node root, const lb_recipe* r) {
  const lb_planner_choice* p = &r->planner;
  bool online = lb_recipe_is_online(r);
  if (!lb_recipe_learns(r)) return lb_ok();
  lb_status status = lb_registry_check(p->kind, r->model.kind);
  if (status.code != LB_OK) return lb_json_fail(root, "%s", status.text);
  if (!lb_recipe_has_model(r) && (p->actor_states[LB_STATES_IMAGINED] > 0 || total(p->starts) > 0)) {
    return lb_json_fail(root, "nothing is imagined without a model: 'starts' and imagined 'actor_states' mean nothing");
  }
  if (r->one_a_step && r->model.kind->gives & LB_GIVES_TRUTH) {
    return lb_json_fail(root, "model '%s' is fitted to nothing; demonstrations '%s' mean nothing to it",
                        r->model.kind->name, lb_recipe_entries[1]);
  }
  if (lb_registry_is_online(r->first.kind) != online) {
    return lb_json_fail(root, "first_planner '%s' does not go with planner '%s'", r->first.kind->name, p->kind->name);
  }
  if (r->one_a_step && (!online || !lb_recipe_has_model(r) || !(r->expert_share > 0))) {
    return lb_json_fail(root, "demonstrations '%s' goes with a planner for rewards, a model and an expert_share",
                        lb_recipe_entries[1]);
  }
  LB_TRY(check_reward(root, r));
  return check_value(root, r);
}

// The choices of one form: data, model, planners.
static lb_status read_form(lb_node node, lb_recipe* r) {
  if (lb_json_has(node, "data")) {
    static const char* const data_keys[] = {"expert_share", "demonstrations"};
    lb_node data;
    LB_TRY(lb_json_object(node, "data", &data));
    LB_TRY(lb_json_keys(data, data_keys, COUNT(data_keys)));
    LB_TRY(lb_json_number_or(data, "expert_share", 0, 1, r->expert_share, &r->expert_share));
    int entry = r->one_a_step;
    LB_TRY(lb_json_choice_or(data, "demonstrations", lb_recipe_entries, COUNT(lb_recipe_entries), entry, &entry));
    r->one_a_step = entry > 0;
  }
  LB_TRY(read_model(node, &r->model));
  LB_TRY(read_planner(node, "planner", &r->planner));
  settle_states(r);
  r->first = r->planner;
  LB_TRY(read_planner(node, "first_planner", &r->first));
  return check_row(node, r);
}

int lb_recipe_whole_kinds(const char* names[LB_REGISTRY_MOST]) {
  int n = 0;
  names[n++] = "loop";
  for (int i = 0; lb_registry_planner(i); ++i) {
    const lb_planner_kind* kind = lb_registry_planner(i);
    if (!lb_registry_iterations(kind)->learns) names[n++] = kind->name;
  }
  return n;
}

// "loop", or the name of a policy that is measured once.
static lb_status read_kind(lb_node root, lb_recipe* r) {
  const char* names[LB_REGISTRY_MOST];
  int n = lb_recipe_whole_kinds(names), kind = 0;
  LB_TRY(lb_json_choice_or(root, "kind", names, n, kind, &kind));
  if (kind == 0) return lb_ok();
  static const char* const forms[] = {"data", "model", "planner", "first_planner", "rewards", "exact"};
  for (int i = 0; i < COUNT(forms); ++i) {
    if (lb_json_has(root, forms[i]))
      return lb_json_fail(root, "'%s' means nothing to kind '%s'", forms[i], names[kind]);
  }
  r->planner = r->first = (lb_planner_choice){.kind = lb_registry_find_planner(names[kind]), .real_share = -1};
  r->model = (lb_model_choice){.kind = lb_registry_find_model("none")};
  return lb_ok();
}

// The whole file: texts, kind, and the form that is asked for.
static lb_status read_recipe(lb_node root, lb_recipe* r, lb_recipe_form form) {
  static const char* const keys[] = {"title",   "summary",       "kind",    "data",  "model",
                                     "planner", "first_planner", "rewards", "exact", "note"};
  static const char* const own[LB_FORMS] = {[LB_FORM_REWARDS] = "rewards", [LB_FORM_EXACT] = "exact"};
  LB_TRY(lb_json_keys(root, keys, COUNT(keys)));
  LB_TRY(read_text(root, "title", r->title, sizeof r->title));
  LB_TRY(read_text(root, "summary", r->summary, sizeof r->summary));
  if (lb_json_has(root, "note")) LB_TRY(read_text(root, "note", r->note, sizeof r->note));
  LB_TRY(read_kind(root, r));
  if (!lb_recipe_learns(r)) return lb_ok();
  r->has_two_forms = lb_json_has(root, "rewards");
  r->has_exact_form = lb_json_has(root, "exact");
  const lb_recipe blank = *r;
  LB_TRY(read_form(root, r));
  for (int f = 0; f < LB_FORMS; ++f) {
    static const char* const form_keys[] = {"data", "model", "planner", "first_planner"};
    if (!own[f] || !lb_json_has(root, own[f])) continue;
    lb_recipe read = blank;
    lb_node node;
    LB_TRY(lb_json_object(root, own[f], &node));
    LB_TRY(lb_json_keys(node, form_keys, COUNT(form_keys)));
    LB_TRY(read_form(node, &read));
    if (f == (int)form) *r = read;
  }
  return lb_ok();
}

static void recipe_path(char* out, size_t size, const char* root, const char* name) {
  snprintf(out, size, "%s/bench/recipes/%s%s", root, name, suffix);
}

// The failure names the nearest algorithm.
static lb_status unknown_recipe(const char* root, const char* name) {
  char** names;
  int n;
  LB_TRY(lb_recipe_names(&names, &n, root));
  const char* nearest = lb_text_nearest(name, (const char* const*)names, n);
  lb_status status =
      nearest ? lb_fail(LB_INPUT, "unknown algorithm '%s' (did you mean '%s'?); 'bench algos' lists all", name, nearest)
              : lb_fail(LB_INPUT, "unknown algorithm '%s'; 'bench algos' lists all", name);
  lb_names_free(names, n);
  return status;
}

// The file of that name, in one of its forms.
lb_status lb_recipe_load_as(lb_recipe* recipe, const char* root, const char* name, lb_recipe_form form) {
  *recipe = recipe_default(name);
  char path[1024];
  recipe_path(path, sizeof path, root, name);
  if (strchr(name, '/') || strlen(name) >= sizeof recipe->name || !lb_file_exists(path)) {
    return unknown_recipe(root, name);
  }
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = read_recipe(lb_json_root(doc), recipe, form);
  lb_json_free(doc);
  return status;
}

lb_status lb_recipe_load(lb_recipe* recipe, const char* root, const char* name) {
  return lb_recipe_load_as(recipe, root, name, LB_FORM_COST);
}

lb_status lb_recipe_load_for_rewards(lb_recipe* recipe, const char* root, const char* name) {
  return lb_recipe_load_as(recipe, root, name, LB_FORM_REWARDS);
}

lb_status lb_recipe_names(char*** names, int* n, const char* root) {
  char folder[1024];
  snprintf(folder, sizeof folder, "%s/bench/recipes", root);
  LB_TRY(lb_folder_list(folder, names, n));
  int kept = 0;
  for (int i = 0; i < *n; ++i) {
    char* dot = strrchr((*names)[i], '.');
    if (dot && strcmp(dot, suffix) == 0) {
      *dot = '\0';
      (*names)[kept++] = (*names)[i];
    } else {
      free((*names)[i]);
    }
  }
  *n = kept;
  return lb_ok();
}

// The weights that are not 0, by the names of their states.
static void write_weights(const double weights[LB_STATES], int n, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  for (int i = 0; i < n; ++i) {
    if (weights[i] > 0) lb_json_write_number(w, lb_recipe_states[i], weights[i]);
  }
  lb_json_write_end_object(w);
}

// Whether the kind would take the choice from a recipe: not one that means nothing beside the others, or that stands
// for "as usual".
static bool is_said(const lb_params* choices, const double* value, int i,
                    lb_status (*check)(const void* options, unsigned given)) {
  const lb_param* p = &choices->list[i];
  lb_options_room options = {{0}};
  if (value[i] < p->low || value[i] > p->high) return false;
  store_choices(choices, value, &options);
  return !check || check(&options, 1u << i).code == LB_OK;
}

// The kind's choices that mean something beside the others.
static void write_choices(const lb_params* choices, const double* value,
                          lb_status (*check)(const void* options, unsigned given), lb_json_writer* w) {
  for (int i = 0; choices && i < choices->n; ++i) {
    const lb_param* p = &choices->list[i];
    if (!is_said(choices, value, i, check)) continue;
    if (p->type == LB_PARAM_REAL) lb_json_write_number(w, p->key, value[i]);
    if (p->type == LB_PARAM_WHOLE) lb_json_write_int(w, p->key, (int64_t)value[i]);
    if (p->type == LB_PARAM_YES) lb_json_write_bool(w, p->key, value[i] > 0);
    if (p->type == LB_PARAM_WORD) lb_json_write_string(w, p->key, p->words[(int)value[i]]);
  }
}

// The kind, its choices, and those that it shares.
static void write_planner(const lb_recipe* r, const lb_planner_choice* p, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "type", p->kind->name);
  write_choices(p->kind->choices, p->value, p->kind->check, w);
  bool predicts = r->model.kind->gives & LB_GIVES_REWARD;
  if (p->kind->plans_for_reward || (p->kind->learns && predicts)) {
    lb_json_write_string(w, "reward", lb_recipe_rewards[p->reward]);
  }
  if (p->kind->learns) {
    if (lb_recipe_has_model(r)) {
      write_weights(p->starts, LB_STATES_IMAGINED, w, "starts");
      if (p->real_share >= 0) lb_json_write_number(w, "real_share", p->real_share);
    }
    write_weights(p->actor_states, LB_STATES, w, "actor_states");
    lb_json_write_bool(w, "from_clone", p->from_clone);
  }
  lb_json_write_end_object(w);
}

void lb_recipe_write(const lb_recipe* r, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "title", r->title);
  lb_json_write_string(w, "summary", r->summary);
  lb_json_write_string(w, "kind", lb_recipe_learns(r) ? "loop" : r->planner.kind->name);
  if (lb_recipe_learns(r)) {
    lb_json_write_begin_object(w, "data");
    lb_json_write_number(w, "expert_share", r->expert_share);
    bool shares = lb_recipe_is_online(r) && lb_recipe_has_model(r) && r->expert_share > 0;
    if (shares) lb_json_write_string(w, "demonstrations", lb_recipe_entries[r->one_a_step]);
    lb_json_write_end_object(w);
    lb_json_write_begin_object(w, "model");
    lb_json_write_string(w, "type", r->model.kind->name);
    write_choices(r->model.kind->choices, r->model.value, r->model.kind->check, w);
    lb_json_write_end_object(w);
    write_planner(r, &r->planner, w, "planner");
    if (!lb_recipe_is_online(r)) write_planner(r, &r->first, w, "first_planner");
  }
  lb_json_write_end_object(w);
}
