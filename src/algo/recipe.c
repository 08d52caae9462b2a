#include "algo/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"
#include "io/json.h"
#include "plan/sac.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const char* const kinds[] = {"loop", "expert", "zero", "random"};
static const char* const models[] = {"parametric", "linear", "linear-tv", "none", "ensemble", "true"};
static const char* const fits[] = {"least-squares", "bfgs-2023"};
static const char* const planners[] = {"ilqr", "psdp", "sac", "bc", "mpc", "lazy"};
static const char* const bc_losses[] = {"squared", "likelihood"};
static const char* const model_losses[] = {"prediction", "value-moments"};
static const char* const scores[] = {"loss", "mse"};
static const char* const states[] = {"learner", "expert", "initial", "imagined"};
static const char* const abouts[] = {"expert", "target"};
static const char* const rewards[] = {"known", "learned"};
static const char* const entries[] = {"at-once", "one-a-step"};
static const char* const values[] = {"least", "mean"};
static const char* const decays[] = {"scaled", "plain"};
static const char* const editions[] = {"textbook", "2023"};

static const char suffix[] = ".json";

static lb_recipe recipe_default(const char* name) {
  lb_recipe r = {.kind = LB_ROW_LOOP,
                 .expert_share = 0.5,
                 .model = LB_MODEL_PARAMETRIC,
                 .fit = LB_CHOICE_LEAST_SQUARES,
                 .ridge = 1,
                 .window = 5,
                 .value_scale = 0.01,
                 .spread = true,
                 .planner = {.kind = LB_PLANNER_PSDP,
                             .about = LB_ABOUT_EXPERT,
                             .edition = LB_EDITION_TEXTBOOK,
                             .max_iterations = 100,
                             .real_share = -1,
                             .window = -1,
                             .critics = 2}};
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

// One of `names` as an int, defaulting to *out.
static lb_status read_choice(lb_node object, const char* key, const char* const* names, int n, int* out) {
  return lb_json_choice_or(object, key, names, n, *out, out);
}

// Weights of states by name, not all 0, over the default.
static lb_status read_weights(lb_node node, const char* key, int n, double weights[LB_STATES]) {
  if (!lb_json_has(node, key)) return lb_ok();
  lb_node object;
  double sum = 0;
  LB_TRY(lb_json_object(node, key, &object));
  LB_TRY(lb_json_keys(object, states, n));
  for (int i = 0; i < n; ++i) {
    LB_TRY(lb_json_number_or(object, states[i], 0, 1e6, 0, &weights[i]));
    sum += weights[i];
  }
  if (!(sum > 0)) return lb_json_fail(object, "at least one weight must be positive");
  return lb_ok();
}

// By LQR passes in the mean of a model of observations.
static bool plans_for_reward(lb_planner_kind planner) {
  return planner == LB_PLANNER_MPC || planner == LB_PLANNER_LAZY;
}

// The keys of sac's critics, which mean nothing to other planners.
static lb_status read_critics(lb_node node, lb_planner_choice* p) {
  static const char* const own[] = {"critics", "target_critics", "layer_norm", "actor_value", "critic_updates"};
  int mean = p->mean_value;
  for (int i = 0; i < COUNT(own) && p->kind != LB_PLANNER_SAC; ++i) {
    if (!lb_json_has(node, own[i])) continue;
    return lb_json_fail(node, "'%s' means nothing to planner '%s'; it goes with sac", own[i], planners[p->kind]);
  }
  LB_TRY(lb_json_int_or(node, "critics", 1, LB_SAC_MOST_CRITICS, p->critics, &p->critics));
  LB_TRY(lb_json_int_or(node, "target_critics", 1, p->critics, p->target_critics, &p->target_critics));
  LB_TRY(lb_json_bool_or(node, "layer_norm", p->layer_norm, &p->layer_norm));
  LB_TRY(read_choice(node, "actor_value", values, COUNT(values), &mean));
  p->mean_value = mean > 0;
  return lb_json_int_or(node, "critic_updates", 1, 1000, p->critic_updates, &p->critic_updates);
}

static lb_status read_planner(lb_node root, const char* key, lb_planner_choice* p) {
  if (!lb_json_has(root, key)) return lb_ok();
  static const char* const keys[] = {"type",           "about",   "edition",        "max_iterations", "warm_start",
                                     "loss",           "starts",  "actor_states",   "real_share",     "from_clone",
                                     "reward",         "critics", "target_critics", "layer_norm",     "actor_value",
                                     "critic_updates", "window"};
  lb_node node;
  LB_TRY(lb_json_object(root, key, &node));
  LB_TRY(lb_json_keys(node, keys, COUNT(keys)));
  int kind = (int)p->kind, about = (int)p->about, edition = (int)p->edition, loss = (int)p->loss;
  int reward = (int)p->reward;
  LB_TRY(read_choice(node, "type", planners, COUNT(planners), &kind));
  LB_TRY(read_choice(node, "about", abouts, COUNT(abouts), &about));
  LB_TRY(read_choice(node, "edition", editions, COUNT(editions), &edition));
  LB_TRY(read_choice(node, "loss", bc_losses, COUNT(bc_losses), &loss));
  LB_TRY(read_choice(node, "reward", rewards, COUNT(rewards), &reward));
  p->kind = (lb_planner_kind)kind;
  p->reward = (lb_reward_source)reward;
  if (lb_json_has(node, "reward") && !plans_for_reward(p->kind) && p->kind != LB_PLANNER_SAC) {
    return lb_json_fail(node, "'reward' means nothing to planner '%s'; it goes with mpc, lazy and sac", planners[kind]);
  }
  if (p->kind == LB_PLANNER_SAC && !lb_json_has(node, "reward")) p->reward = LB_REWARD_LEARNED;
  p->loss = (lb_bc_loss)loss;
  p->about = (lb_about)about;
  p->edition = (lb_edition)edition;
  LB_TRY(lb_json_int_or(node, "max_iterations", 1, 100000, p->max_iterations, &p->max_iterations));
  LB_TRY(read_weights(node, "starts", LB_STATES_IMAGINED, p->starts));
  LB_TRY(read_weights(node, "actor_states", LB_STATES, p->actor_states));
  LB_TRY(lb_json_number_or(node, "real_share", 0, 1, p->real_share, &p->real_share));
  LB_TRY(lb_json_bool_or(node, "from_clone", p->from_clone, &p->from_clone));
  if (lb_json_has(node, "window") && p->kind != LB_PLANNER_LAZY) {
    return lb_json_fail(node, "'window' means nothing to planner '%s'; it goes with lazy", planners[kind]);
  }
  LB_TRY(lb_json_int_or(node, "window", 0, 1000000, p->window, &p->window));
  LB_TRY(read_critics(node, p));
  return lb_json_bool_or(node, "warm_start", p->warm_start, &p->warm_start);
}

// The keys of value moments, which mean nothing to another loss, and some of them nothing to linear models.
static lb_status read_moments(lb_node node, lb_recipe* r) {
  static const char* const own[] = {"anchor", "value_scale", "score", "decay", "spread"};
  bool moments = r->loss == LB_LOSS_VALUE_MOMENTS, networks = r->model == LB_MODEL_ENSEMBLE;
  if (moments && (r->model == LB_MODEL_NONE || r->model == LB_MODEL_TRUE ||
                  (r->model == LB_MODEL_PARAMETRIC && r->fit == LB_CHOICE_BFGS_2023))) {
    return lb_json_fail(node,
                        "loss 'value-moments' goes with every model but 'none' and 'true' and with every fit but '%s'",
                        fits[LB_CHOICE_BFGS_2023]);
  }
  for (int i = 0; i < COUNT(own); ++i) {
    if (!lb_json_has(node, own[i])) continue;
    if (!moments) {
      return lb_json_fail(node, "'%s' means nothing to loss '%s'; it goes with value-moments", own[i],
                          model_losses[r->loss]);
    }
    if (i > 0 && networks == (i == COUNT(own) - 1)) {
      return lb_json_fail(node, "'%s' means nothing to model '%s'", own[i], models[r->model]);
    }
  }
  int score = (int)r->score;
  if (!networks && moments) r->anchor = 1;
  LB_TRY(lb_json_number_or(node, "value_scale", 1e-9, 1e9, r->value_scale, &r->value_scale));
  LB_TRY(lb_json_number_or(node, "anchor", networks ? 0 : 1e-9, 1e9, r->anchor, &r->anchor));
  LB_TRY(read_choice(node, "score", scores, COUNT(scores), &score));
  r->score = (lb_neural_score)score;
  int decay = r->plain_decay;
  LB_TRY(read_choice(node, "decay", decays, COUNT(decays), &decay));
  r->plain_decay = decay > 0;
  return lb_json_bool_or(node, "spread", r->spread, &r->spread);
}

static lb_status read_model(lb_node root, lb_recipe* r) {
  if (!lb_json_has(root, "model")) return lb_ok();
  static const char* const keys[] = {"type",        "fit",    "ridge", "window", "loss",
                                     "value_scale", "anchor", "score", "decay",  "spread"};
  lb_node node;
  LB_TRY(lb_json_object(root, "model", &node));
  LB_TRY(lb_json_keys(node, keys, COUNT(keys)));
  int model = (int)r->model, fit = (int)r->fit, loss = (int)r->loss;
  LB_TRY(read_choice(node, "type", models, COUNT(models), &model));
  LB_TRY(read_choice(node, "fit", fits, COUNT(fits), &fit));
  LB_TRY(read_choice(node, "loss", model_losses, COUNT(model_losses), &loss));
  r->model = (lb_model_kind)model;
  r->loss = (lb_model_loss)loss;
  r->fit = (lb_fit_choice)fit;
  LB_TRY(read_moments(node, r));
  if (r->model != LB_MODEL_PARAMETRIC) r->ridge = 1e-3;
  LB_TRY(lb_json_number_or(node, "ridge", 0, 1e6, r->ridge, &r->ridge));
  if (r->loss == LB_LOSS_VALUE_MOMENTS && r->model == LB_MODEL_PARAMETRIC && r->ridge == 0) {
    return lb_json_fail(node, "'ridge' must be more than 0 for loss 'value-moments' and model 'parametric'");
  }
  return lb_json_number_or(node, "window", 0.1, 1e6, r->window, &r->window);
}

// Whether it learns from transitions of observations and rewards.
static bool is_online(lb_planner_kind planner) {
  return planner == LB_PLANNER_SAC || planner == LB_PLANNER_BC || plans_for_reward(planner);
}

bool lb_recipe_uses_demonstrations(const lb_recipe* r) {
  const lb_planner_choice* p = &r->planner;
  if (r->kind != LB_ROW_LOOP) return false;
  return p->kind == LB_PLANNER_BC || p->kind == LB_PLANNER_LAZY || r->expert_share > 0 ||
         p->starts[LB_STATES_EXPERT] > 0 || p->actor_states[LB_STATES_EXPERT] > 0 || p->from_clone;
}

bool lb_recipe_is_online(const lb_recipe* recipe) {
  return recipe->kind == LB_ROW_LOOP && is_online(recipe->planner.kind);
}

bool lb_recipe_plans(const lb_recipe* recipe) {
  return recipe->kind == LB_ROW_LOOP && plans_for_reward(recipe->planner.kind);
}

int lb_recipe_parts(const lb_recipe* r, bool by_rounds) {
  if (r->kind != LB_ROW_LOOP) return by_rounds ? LB_PROTOCOL_ROUNDS : LB_PROTOCOL_RETURNS;
  if (!is_online(r->planner.kind)) return LB_PROTOCOL_ROUNDS;
  int parts = LB_PROTOCOL_RETURNS | LB_PROTOCOL_DEMOS;
  if (r->planner.kind == LB_PLANNER_BC) return parts | LB_PROTOCOL_ACTOR;
  bool sac = r->planner.kind == LB_PLANNER_SAC;
  parts |= LB_PROTOCOL_ONLINE | (sac ? LB_PROTOCOL_ACTOR | LB_PROTOCOL_POLICY : LB_PROTOCOL_PLAN);
  if (r->planner.kind == LB_PLANNER_MPC) parts |= LB_PROTOCOL_SEARCH;
  if (r->model != LB_MODEL_NONE) parts |= LB_PROTOCOL_MODEL;
  if (r->model == LB_MODEL_ENSEMBLE) parts |= LB_PROTOCOL_ENSEMBLE | (sac ? LB_PROTOCOL_IMAGINED : 0);
  return parts;
}

void lb_recipe_settle(const lb_recipe* r, lb_online_protocol* p) {
  const lb_planner_choice* own = &r->planner;
  if (p->critics == 0) p->critics = own->critics;
  if (p->target_critics == 0) {
    bool some = own->target_critics > 0 && own->target_critics < p->critics;
    p->target_critics = some ? own->target_critics : p->critics;
  }
  if (p->layer_norm < 0) p->layer_norm = own->layer_norm;
  if (p->critic_updates == 0) p->critic_updates = own->critic_updates;
}

static double total(const double weights[LB_STATES]) {
  double sum = 0;
  for (int i = 0; i < LB_STATES; ++i) sum += weights[i];
  return sum;
}

// The states of a planner that does not name its own.
static void settle_states(lb_recipe* r) {
  lb_planner_choice* p = &r->planner;
  bool model = r->model == LB_MODEL_ENSEMBLE || r->model == LB_MODEL_TRUE;
  if (p->kind != LB_PLANNER_SAC) return;
  if (model && !(total(p->starts) > 0)) p->starts[LB_STATES_LEARNER] = 1;
  if (!(total(p->actor_states) > 0)) p->actor_states[model ? LB_STATES_IMAGINED : LB_STATES_LEARNER] = 1;
}

static bool goes_together(lb_planner_kind planner, lb_model_kind model) {
  switch (planner) {
    case LB_PLANNER_SAC:
      return model == LB_MODEL_NONE || model == LB_MODEL_ENSEMBLE || model == LB_MODEL_TRUE;
    case LB_PLANNER_BC:
      return model == LB_MODEL_NONE;
    case LB_PLANNER_MPC:
      return model == LB_MODEL_LINEAR || model == LB_MODEL_ENSEMBLE;
    case LB_PLANNER_LAZY:
      return model == LB_MODEL_LINEAR || model == LB_MODEL_ENSEMBLE || model == LB_MODEL_TRUE;
    case LB_PLANNER_ILQR:
    case LB_PLANNER_PSDP:
      break;
  }
  return model != LB_MODEL_NONE && model != LB_MODEL_ENSEMBLE && model != LB_MODEL_TRUE;
}

static lb_status check_plans(lb_node root, const lb_recipe* r) {
  if (!plans_for_reward(r->planner.kind)) return lb_ok();
  if (r->loss == LB_LOSS_VALUE_MOMENTS) {
    return lb_json_fail(root, "loss 'value-moments' needs the critics of sac; planner '%s' has none",
                        planners[r->planner.kind]);
  }
  if (r->planner.reward == LB_REWARD_LEARNED && r->model != LB_MODEL_ENSEMBLE) {
    return lb_json_fail(root, "model '%s' does not predict rewards; reward 'learned' goes with ensemble",
                        models[r->model]);
  }
  return lb_ok();
}

// Refuses choices that do not go together.
static lb_status check_row(lb_node root, const lb_recipe* r) {
  bool online = is_online(r->planner.kind);
  if (r->kind != LB_ROW_LOOP) return lb_ok();
  if (!goes_together(r->planner.kind, r->model)) {
    return lb_json_fail(
        root,
        "planner '%s' does not go with model '%s'; sac goes with none, ensemble and true, bc with none, mpc "
        "with linear and ensemble, lazy with these and true",
        planners[r->planner.kind], models[r->model]);
  }
  if (r->model == LB_MODEL_NONE && (r->planner.actor_states[LB_STATES_IMAGINED] > 0 || total(r->planner.starts) > 0)) {
    return lb_json_fail(root, "nothing is imagined without a model: 'starts' and imagined 'actor_states' mean nothing");
  }
  if (r->planner.kind == LB_PLANNER_SAC && r->planner.reward == LB_REWARD_KNOWN && r->model != LB_MODEL_ENSEMBLE) {
    return lb_json_fail(root, "model '%s' has no rewards to replace; reward 'known' goes with ensemble",
                        models[r->model]);
  }
  if (r->one_a_step && r->model == LB_MODEL_TRUE) {
    return lb_json_fail(root, "model 'true' is fitted to nothing; demonstrations '%s' mean nothing to it", entries[1]);
  }
  if (is_online(r->first.kind) != online) {
    return lb_json_fail(root, "first_planner '%s' does not go with planner '%s'", planners[r->first.kind],
                        planners[r->planner.kind]);
  }
  if (r->one_a_step && (!online || r->model == LB_MODEL_NONE || !(r->expert_share > 0))) {
    return lb_json_fail(root, "demonstrations '%s' goes with a planner for rewards, a model and an expert_share",
                        entries[1]);
  }
  return check_plans(root, r);
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
    LB_TRY(read_choice(data, "demonstrations", entries, COUNT(entries), &entry));
    r->one_a_step = entry > 0;
  }
  LB_TRY(read_model(node, r));
  LB_TRY(read_planner(node, "planner", &r->planner));
  settle_states(r);
  r->first = r->planner;
  LB_TRY(read_planner(node, "first_planner", &r->first));
  return check_row(node, r);
}

static lb_status read_recipe(lb_node root, lb_recipe* r, bool for_rewards) {
  static const char* const keys[] = {"title",   "summary",       "kind",    "data", "model",
                                     "planner", "first_planner", "rewards", "note"};
  LB_TRY(lb_json_keys(root, keys, COUNT(keys)));
  LB_TRY(read_text(root, "title", r->title, sizeof r->title));
  LB_TRY(read_text(root, "summary", r->summary, sizeof r->summary));
  if (lb_json_has(root, "note")) LB_TRY(read_text(root, "note", r->note, sizeof r->note));
  int kind = (int)r->kind;
  LB_TRY(read_choice(root, "kind", kinds, COUNT(kinds), &kind));
  r->kind = (lb_row_kind)kind;
  r->has_two_forms = lb_json_has(root, "rewards");
  lb_recipe blank = *r;
  LB_TRY(read_form(root, r));
  if (!r->has_two_forms) return lb_ok();
  static const char* const form_keys[] = {"data", "model", "planner", "first_planner"};
  lb_node form;
  LB_TRY(lb_json_object(root, "rewards", &form));
  LB_TRY(lb_json_keys(form, form_keys, COUNT(form_keys)));
  LB_TRY(read_form(form, &blank));
  if (for_rewards) *r = blank;
  return lb_ok();
}

static void recipe_path(char* out, size_t size, const char* root, const char* name) {
  snprintf(out, size, "%s/bench/recipes/%s%s", root, name, suffix);
}

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

static lb_status load(lb_recipe* recipe, const char* root, const char* name, bool for_rewards) {
  *recipe = recipe_default(name);
  char path[1024];
  recipe_path(path, sizeof path, root, name);
  if (strchr(name, '/') || strlen(name) >= sizeof recipe->name || !lb_file_exists(path)) {
    return unknown_recipe(root, name);
  }
  lb_json* doc;
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = read_recipe(lb_json_root(doc), recipe, for_rewards);
  lb_json_free(doc);
  return status;
}

lb_status lb_recipe_load(lb_recipe* recipe, const char* root, const char* name) {
  return load(recipe, root, name, false);
}

lb_status lb_recipe_load_for_rewards(lb_recipe* recipe, const char* root, const char* name) {
  return load(recipe, root, name, true);
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

static void write_weights(const double weights[LB_STATES], int n, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  for (int i = 0; i < n; ++i) {
    if (weights[i] > 0) lb_json_write_number(w, states[i], weights[i]);
  }
  lb_json_write_end_object(w);
}

static void write_planner(const lb_recipe* r, const lb_planner_choice* p, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "type", planners[p->kind]);
  if (p->kind == LB_PLANNER_BC) lb_json_write_string(w, "loss", bc_losses[p->loss]);
  bool rewarded = plans_for_reward(p->kind) || (p->kind == LB_PLANNER_SAC && r->model == LB_MODEL_ENSEMBLE);
  if (rewarded) lb_json_write_string(w, "reward", rewards[p->reward]);
  if (p->window >= 0) lb_json_write_int(w, "window", p->window);
  if (p->kind == LB_PLANNER_SAC) {
    if (r->model == LB_MODEL_ENSEMBLE || r->model == LB_MODEL_TRUE) {
      write_weights(p->starts, LB_STATES_IMAGINED, w, "starts");
      if (p->real_share >= 0) lb_json_write_number(w, "real_share", p->real_share);
    }
    write_weights(p->actor_states, LB_STATES, w, "actor_states");
    lb_json_write_bool(w, "from_clone", p->from_clone);
    if (p->critics != 2) lb_json_write_int(w, "critics", p->critics);
    if (p->target_critics > 0) lb_json_write_int(w, "target_critics", p->target_critics);
    if (p->layer_norm) lb_json_write_bool(w, "layer_norm", true);
    if (p->mean_value) lb_json_write_string(w, "actor_value", values[1]);
    if (p->critic_updates > 0) lb_json_write_int(w, "critic_updates", p->critic_updates);
  }
  if (!is_online(p->kind)) {
    lb_json_write_string(w, "about", abouts[p->about]);
    lb_json_write_string(w, "edition", editions[p->edition]);
  }
  if (p->kind == LB_PLANNER_ILQR) {
    lb_json_write_int(w, "max_iterations", p->max_iterations);
    lb_json_write_bool(w, "warm_start", p->warm_start);
  }
  lb_json_write_end_object(w);
}

static void write_moments(const lb_recipe* r, lb_json_writer* w) {
  bool networks = r->model == LB_MODEL_ENSEMBLE;
  if (networks) lb_json_write_number(w, "value_scale", r->value_scale);
  lb_json_write_number(w, "anchor", r->anchor);
  if (networks) lb_json_write_string(w, "score", scores[r->score]);
  if (networks && r->plain_decay) lb_json_write_string(w, "decay", decays[true]);
  if (!networks) lb_json_write_bool(w, "spread", r->spread);
}

void lb_recipe_write(const lb_recipe* r, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "title", r->title);
  lb_json_write_string(w, "summary", r->summary);
  lb_json_write_string(w, "kind", kinds[r->kind]);
  if (r->kind == LB_ROW_LOOP) {
    lb_json_write_begin_object(w, "data");
    lb_json_write_number(w, "expert_share", r->expert_share);
    bool shares = is_online(r->planner.kind) && r->model != LB_MODEL_NONE && r->expert_share > 0;
    if (shares) lb_json_write_string(w, "demonstrations", entries[r->one_a_step]);
    lb_json_write_end_object(w);
    lb_json_write_begin_object(w, "model");
    lb_json_write_string(w, "type", models[r->model]);
    if (r->model == LB_MODEL_PARAMETRIC) lb_json_write_string(w, "fit", fits[r->fit]);
    bool moments = r->loss == LB_LOSS_VALUE_MOMENTS;
    if (r->model == LB_MODEL_ENSEMBLE || moments) lb_json_write_string(w, "loss", model_losses[r->loss]);
    if (moments) write_moments(r, w);
    if (r->model != LB_MODEL_NONE && r->model != LB_MODEL_ENSEMBLE && r->model != LB_MODEL_TRUE &&
        r->fit != LB_CHOICE_BFGS_2023)
      lb_json_write_number(w, "ridge", r->ridge);
    if (r->model == LB_MODEL_LINEAR_TV) lb_json_write_number(w, "window", r->window);
    lb_json_write_end_object(w);
    write_planner(r, &r->planner, w, "planner");
    if (!is_online(r->planner.kind)) write_planner(r, &r->first, w, "first_planner");
  }
  lb_json_write_end_object(w);
}
