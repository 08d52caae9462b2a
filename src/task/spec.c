// Reading task.json: see spec.h and docs/task-reference.md.
#include "task/spec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "task/grammar.h"
#include "task/hash.h"

// An actuator by its name, or by its number in the model; *name is what it is called for people.
static lb_status find_actuator(lb_task_spec* s, lb_node node, int* id, const char** name) {
  int n = lb_phys_model_actuators(s->model);
  char text[32];
  double number;
  if (!lb_json_is_number(node)) {
    LB_TRY(lb_json_as_string(node, name));
    lb_status found = lb_phys_model_find(s->model, id, LB_PHYS_ACTUATOR, *name);
    return found.code == LB_OK ? found : lb_json_fail(node, "%s", found.text);
  }
  LB_TRY(lb_json_as_number(node, -1e9, 1e9, &number));
  if (number != floor(number) || number < 0 || number >= n) {
    return lb_json_fail(node, "is %g, but the model's actuators are numbers 0 to %d", number, n - 1);
  }
  *id = (int)number;
  *name = lb_phys_model_actuator_name(s->model, *id);
  snprintf(text, sizeof text, "#%d", *id);
  if (!*name) *name = lb_arena_text(s->arena, text);
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// The terms of a cost

// What a joint's name can be followed by in a cost term, and where it stands among the joint's own directions.
typedef enum part { POSITION, ROTATION, VELOCITY, ANGULAR_VELOCITY, PARTS } part;

// A number for all n components, or n numbers; none below 0.
static lb_status read_weight(lb_task_spec* s, lb_node node, lb_task_term* term) {
  lb_node value;
  double* weight;
  LB_TRY(lb_json_child(node, "weight", &value));
  if (lb_json_is_array(value)) {
    LB_TRY(lb_json_numbers(node, "weight", term->n, s->arena, &weight, NULL));
    for (int i = 0; i < term->n; ++i) LB_TRY(lb_json_as_number(lb_json_element(value, i), 0, 1e12, &weight[i]));
  } else {
    weight = LB_TAKE(s->arena, double, term->n);
    LB_TRY(lb_json_as_number(value, 0, 1e12, &weight[0]));
    for (int i = 1; i < term->n; ++i) weight[i] = weight[0];
  }
  term->weight = weight;
  return lb_ok();
}

// Which of a joint's own directions a part is; false where the joint has no such part.
static bool locate(lb_phys_joint_type type, part which, int* first, int* n) {
  bool turns = which == ROTATION || which == ANGULAR_VELOCITY;
  *first = type == LB_PHYS_FREE && turns ? 3 : 0;
  *n = type == LB_PHYS_FREE || type == LB_PHYS_BALL ? 3 : 1;
  if (type == LB_PHYS_FREE) return true;
  return type == LB_PHYS_BALL ? turns : !turns;
}

// A joint's part (position, velocity, ...): where it stands in dx, and how many numbers.
static lb_status read_joint_term(lb_task_spec* s, lb_node node, lb_task_term* term) {
  int id, choice = 0, first;
  LB_TRY(lb_json_string(node, "joint", &term->name));
  lb_status found = lb_phys_model_find(s->model, &id, LB_PHYS_JOINT, term->name);
  if (found.code != LB_OK) return lb_json_fail(node, "%s", found.text);
  const char* part_names[LB_TASK_WORDS_MOST];
  lb_task_words_list(part_names, NULL, LB_WORDS_PART);
  LB_TRY(lb_json_choice(node, "of", part_names, PARTS, &choice));
  lb_phys_joint joint = lb_phys_model_joint(s->model, id);
  if (!locate(joint.type, (part)choice, &first, &term->n)) {
    bool ball = joint.type == LB_PHYS_BALL;
    return lb_json_fail(node, "joint '%s' has no %s, expected '%s' or '%s'", term->name, part_names[choice],
                        part_names[ball ? ROTATION : POSITION], part_names[ball ? ANGULAR_VELOCITY : VELOCITY]);
  }
  bool rate = choice == VELOCITY || choice == ANGULAR_VELOCITY;
  term->of = part_names[choice];
  term->first = joint.dof + first + (rate ? lb_phys_model_sizes(s->model).nv : 0);
  return lb_ok();
}

// An actuator's control: where it stands in u.
static lb_status read_actuator_term(lb_task_spec* s, lb_node node, lb_task_term* term) {
  int id;
  lb_node actuator;
  LB_TRY(lb_json_child(node, "actuator", &actuator));
  if (lb_json_has(node, "of")) return lb_json_fail(node, "'of' belongs to a joint, an actuator has only its control");
  LB_TRY(find_actuator(s, actuator, &id, &term->name));
  for (int i = 0; i < s->nu; ++i) {
    if (s->actuators[i] == id) term->first = i, term->n = 1;
  }
  return term->n ? lb_ok() : lb_json_fail(node, "actuator '%s' is not among $.controls", term->name);
}

// The terms of the stage cost or of the terminal one.
static lb_status read_terms(lb_task_spec* s, lb_node cost, const char* key, lb_task_term** terms, int* n) {
  bool terminal = strcmp(key, "terminal") == 0;
  lb_node list;
  LB_TRY(lb_json_array(cost, key, &list, n));
  *terms = LB_TAKE(s->arena, lb_task_term, *n);
  for (int i = 0; i < *n; ++i) {
    lb_node node = lb_json_element(list, i);
    LB_TRY(lb_task_check_keys(node, LB_TASK_COST_TERM));
    bool joint = lb_json_has(node, "joint"), actuator = lb_json_has(node, "actuator");
    if (joint == actuator) return lb_json_fail(node, "a term needs either 'joint' or 'actuator'");
    if (actuator && terminal) return lb_json_fail(node, "no control acts at the end, so no actuator has a cost there");
    LB_TRY(joint ? read_joint_term(s, node, &(*terms)[i]) : read_actuator_term(s, node, &(*terms)[i]));
    LB_TRY(read_weight(s, node, &(*terms)[i]));
  }
  return lb_ok();
}

// root.cost into stage and terminal terms. The model and the controls must have been read.
static lb_status read_cost(lb_task_spec* s, lb_node root) {
  lb_node cost;
  LB_TRY(lb_json_object(root, "cost", &cost));
  LB_TRY(lb_task_check_keys(cost, LB_TASK_COST));
  LB_TRY(read_terms(s, cost, "stage", &s->stage, &s->nstage));
  return read_terms(s, cost, "terminal", &s->terminal, &s->nterminal);
}

// ---------------------------------------------------------------------------------------------------------------------
// The numbers of a model that a learner may have to find

static const char option_key[] = "option";

// Where in the model the parameter stands: an element's field, or an option.
static lb_status read_place(lb_task_spec* s, lb_node node, lb_task_parameter* p) {
  int kind = -1, named = 0;
  for (int k = 0; k <= LB_PHYS_KINDS; ++k) {
    const char* key = k < LB_PHYS_KINDS ? lb_phys_kind_name((lb_phys_kind)k) : option_key;
    if (lb_json_has(node, key)) kind = k, ++named;
  }
  if (named != 1) {
    return lb_json_fail(node,
                        "a parameter needs one of 'body', 'joint', 'geom', 'site', 'tendon', 'equality', "
                        "'actuator', 'option'");
  }
  LB_TRY(lb_task_read_int(node, LB_TASK_PARAMETER, "index", &p->index));
  lb_status found;
  if (kind == LB_PHYS_KINDS) {
    p->kind = option_key;
    LB_TRY(lb_json_string(node, option_key, &p->field));
    if (lb_json_has(node, "field")) return lb_json_fail(node, "'field' belongs to an element, an option is its own");
    found = lb_phys_field_find_option(&p->place, s->model, p->field, p->index);
  } else {
    p->kind = lb_phys_kind_name((lb_phys_kind)kind);
    LB_TRY(lb_json_string(node, p->kind, &p->element));
    LB_TRY(lb_json_string(node, "field", &p->field));
    found = lb_phys_field_find(&p->place, s->model, (lb_phys_kind)kind, p->element, p->field, p->index);
  }
  return found.code == LB_OK ? found : lb_json_fail(node, "%s", found.text);
}

// root.parameters, which may be missing.
static lb_status read_parameters(lb_task_spec* s, lb_node root) {
  lb_node list;
  if (!lb_json_has(root, "parameters")) return lb_ok();
  LB_TRY(lb_json_array(root, "parameters", &list, &s->nparameter));
  s->parameters = LB_TAKE(s->arena, lb_task_parameter, s->nparameter);
  for (int i = 0; i < s->nparameter; ++i) {
    lb_task_parameter* p = &s->parameters[i];
    lb_node node = lb_json_element(list, i);
    double* offset;
    LB_TRY(lb_task_check_keys(node, LB_TASK_PARAMETER));
    LB_TRY(lb_json_string(node, "name", &p->name));
    LB_TRY(read_place(s, node, p));
    LB_TRY(lb_json_numbers(node, "offset", 2, s->arena, &offset, NULL));
    if (!(offset[0] <= offset[1])) {
      return lb_json_fail(node, "'offset' is [%g, %g], expected [low, high]", offset[0], offset[1]);
    }
    p->low = offset[0], p->high = offset[1];
    for (int j = 0; j < i; ++j) {
      if (strcmp(s->parameters[j].name, p->name) == 0) return lb_json_fail(node, "'%s' is named twice", p->name);
      if (s->parameters[j].place.member == p->place.member && s->parameters[j].place.index == p->place.index) {
        return lb_json_fail(node, "'%s' is the same number as '%s'", p->name, s->parameters[j].name);
      }
    }
  }
  return lb_ok();
}

// ---------------------------------------------------------------------------------------------------------------------
// All of it

// A path in the task's folder, in the arena.
static lb_status path_in(lb_task_spec* s, const char** out, const char* name) {
  size_t size = strlen(s->folder) + strlen(name) + 2;
  char* path = LB_TAKE(s->arena, char, size);
  lb_path_join(path, size, s->folder, name);
  *out = path;
  return lb_ok();
}

// The controlled actuators, each once, and their limits.
static lb_status read_controls(lb_task_spec* s, lb_node root) {
  lb_node list;
  LB_TRY(lb_json_array(root, "controls", &list, &s->nu));
  if (s->nu == 0) return lb_json_fail(list, "a task needs at least one control");
  if (s->nu > LB_QUANTITY_MAX) {
    return lb_json_fail(list, "names %d controls, expected at most %d", s->nu, (int)LB_QUANTITY_MAX);
  }
  s->controls = LB_TAKE(s->arena, const char*, s->nu);
  s->actuators = LB_TAKE(s->arena, int, s->nu);
  s->u_low = LB_TAKE(s->arena, double, s->nu);
  s->u_high = LB_TAKE(s->arena, double, s->nu);
  for (int i = 0; i < s->nu; ++i) {
    lb_node node = lb_json_element(list, i);
    LB_TRY(find_actuator(s, node, &s->actuators[i], &s->controls[i]));
    lb_status found = lb_phys_model_control(s->model, s->actuators[i], &s->u_low[i], &s->u_high[i]);
    if (found.code != LB_OK) return lb_json_fail(node, "%s", found.text);
    for (int j = 0; j < i; ++j) {
      if (s->actuators[j] == s->actuators[i]) return lb_json_fail(node, "'%s' is named twice", s->controls[i]);
    }
  }
  return lb_ok();
}

static lb_quantity_source source_of(const lb_task_spec* s) {
  return (lb_quantity_source){s->model, lb_task_spec_rate(s), s->arena};
}

// What is drawn at the start of an episode.
static lb_status read_draws(lb_task_spec* s, lb_node reset) {
  lb_quantity_source source = source_of(s);
  return lb_draws_read(&s->draws, &s->ndraw, reset, &source);
}

// Where episodes begin.
static lb_status read_reset(lb_task_spec* s, lb_node root) {
  lb_node reset;
  int start = LB_START_QPOS0;
  if (!lb_json_has(root, "reset")) return lb_ok();
  LB_TRY(lb_json_object(root, "reset", &reset));
  LB_TRY(lb_task_check_keys(reset, LB_TASK_RESET));
  LB_TRY(lb_task_read_word(reset, LB_TASK_RESET, "from", &start));
  LB_TRY(read_draws(s, reset));
  s->start = (lb_task_start)start;
  if (s->start == LB_START_REFERENCE && !s->reference) {
    return lb_json_fail(reset, "starts from the reference, but $.reference names no file");
  }
  if (s->start != LB_START_KEYFRAME) {
    return lb_json_has(reset, "keyframe") ? lb_json_fail(reset, "'keyframe' needs \"from\": \"keyframe\"") : lb_ok();
  }
  LB_TRY(lb_json_string(reset, "keyframe", &s->keyframe));
  double* x = LB_TAKE(s->arena, double, lb_phys_model_sizes(s->model).nx);
  lb_status found = lb_phys_model_keyframe(s->model, x, s->keyframe);
  return found.code == LB_OK ? found : lb_json_fail(reset, "%s", found.text);
}

// The bodies that random forces and torques push, and how hard.
static lb_status read_noise(lb_task_spec* s, lb_node root) {
  lb_node list;
  if (!lb_json_has(root, "noise")) return lb_ok();
  LB_TRY(lb_json_array(root, "noise", &list, &s->nnoise));
  s->noise = LB_TAKE(s->arena, lb_task_noise, s->nnoise);
  for (int i = 0; i < s->nnoise; ++i) {
    lb_task_noise* w = &s->noise[i];
    lb_node node = lb_json_element(list, i);
    LB_TRY(lb_task_check_keys(node, LB_TASK_NOISE));
    LB_TRY(lb_json_string(node, "body", &w->name));
    LB_TRY(lb_task_read_number(node, LB_TASK_NOISE, "force", &w->force));
    LB_TRY(lb_task_read_number(node, LB_TASK_NOISE, "torque", &w->torque));
    lb_status found = lb_phys_model_find(s->model, &w->body, LB_PHYS_BODY, w->name);
    if (found.code != LB_OK) return lb_json_fail(node, "%s", found.text);
  }
  return lb_ok();
}

// Other names of the task, with which foreign recordings may call it.
static lb_status read_aliases(lb_task_spec* s, lb_node root) {
  lb_node list;
  int n;
  if (!lb_json_has(root, "aliases")) return lb_ok();
  LB_TRY(lb_json_array(root, "aliases", &list, &n));
  const char** names = LB_TAKE(s->arena, const char*, n + 1);
  for (int i = 0; i < n; ++i) LB_TRY(lb_json_as_string(lb_json_element(list, i), &names[i]));
  s->aliases = names;
  return lb_ok();
}

// Either a cost, or rewards with what belongs to them.
static lb_status read_purpose(lb_task_spec* s, lb_node root) {
  static const char* const of_cost[] = {"reference", "stop_norm"};
  static const char* const of_reward[] = {"observation", "healthy"};
  bool cost = lb_json_has(root, "cost"), reward = lb_json_has(root, "reward");
  if (cost && reward) return lb_json_fail(root, "has both 'cost' and 'reward', expected one of them");
  if (!cost && !reward) return lb_json_fail(root, "the key 'cost' or 'reward' is missing");
  for (int i = 0; i < 2; ++i) {
    if (reward && lb_json_has(root, of_cost[i])) return lb_json_fail(root, "'%s' belongs to a 'cost'", of_cost[i]);
    if (cost && lb_json_has(root, of_reward[i])) return lb_json_fail(root, "'%s' belongs to a 'reward'", of_reward[i]);
  }
  if (cost && s->ndraw > 0) {
    return lb_json_fail(root, "$.reset draws the start, but a 'cost' is planned for from one start");
  }
  if (cost) return read_cost(s, root);
  lb_quantity_source source = source_of(s);
  s->has_rewards = true;
  return lb_terms_read(&s->terms, root, s->frame_skip * lb_phys_model_sizes(s->model).timestep, &source);
}

// Whether a term or a parameter may speak of a geom, which then is there even if it is only drawn.
static bool names_geoms(lb_node root) {
  char* text = lb_json_canonical(root);
  bool found = text && strstr(text, "\"geom");
  free(text);
  return found;
}

// All plain values, then the compiled model.
static lb_status read_head(lb_task_spec* s, lb_node root, const char* name) {
  const char *model, *reference, *path;
  lb_node node;
  LB_TRY(lb_json_string(root, "name", &s->name));
  if (strlen(s->name) > LB_TASK_NAME_MOST) {
    LB_TRY(lb_json_child(root, "name", &node));
    return lb_json_fail(node, "has %zu characters, expected at most %d", strlen(s->name), (int)LB_TASK_NAME_MOST);
  }
  if (strcmp(s->name, name) != 0) {
    LB_TRY(lb_json_child(root, "name", &node));
    return lb_json_fail(node, "the task is called '%s', but its folder '%s'", s->name, name);
  }
  LB_TRY(lb_task_read_int(root, LB_TASK_ROOT, "version", &s->version));
  LB_TRY(lb_json_string(root, "description", &s->description));
  LB_TRY(lb_json_string_or(root, "physics", NULL, &s->physics));
  LB_TRY(read_aliases(s, root));
  s->stop_norm = INFINITY;
  LB_TRY(lb_task_read_number(root, LB_TASK_ROOT, "max_velocity", &s->max_velocity));
  LB_TRY(lb_task_read_int(root, LB_TASK_ROOT, "frame_skip", &s->frame_skip));
  LB_TRY(lb_task_read_int(root, LB_TASK_ROOT, "horizon", &s->horizon));
  LB_TRY(lb_task_read_number(root, LB_TASK_ROOT, "stop_norm", &s->stop_norm));
  LB_TRY(lb_json_string_or(root, "reference", NULL, &reference));
  if (reference) LB_TRY(path_in(s, &s->reference, reference));
  LB_TRY(lb_json_string(root, "model", &model));
  LB_TRY(path_in(s, &path, model));
  return lb_phys_model_load(&s->model, path, names_geoms(root));
}

// The whole task.json, and the task's hash.
static lb_status read_all(lb_task_spec* s, const char* name) {
  const char* path;
  LB_TRY(path_in(s, &path, "task.json"));
  LB_TRY(lb_json_load(&s->doc, path));
  lb_node root = lb_json_root(s->doc);
  LB_TRY(lb_task_check_keys(root, LB_TASK_ROOT));
  LB_TRY(read_head(s, root, name));
  LB_TRY(read_controls(s, root));
  LB_TRY(read_reset(s, root));
  LB_TRY(read_noise(s, root));
  LB_TRY(read_purpose(s, root));
  LB_TRY(read_parameters(s, root));
  return lb_task_hash(s->hash, root, s->model, s->reference);
}

lb_status lb_task_spec_load(lb_task_spec** out, const char* folder, const char* name) {
  lb_arena* arena = lb_arena_new(1 << 14);
  *out = NULL;
  if (!arena) return lb_fail(LB_MEMORY, "no memory for task '%s'", name);
  lb_task_spec* s = LB_TAKE(arena, lb_task_spec, 1);
  s->arena = arena;
  s->folder = lb_arena_text(arena, folder);
  lb_status status = read_all(s, name);
  if (status.code != LB_OK) {
    lb_task_spec_free(s);
  } else {
    *out = s;
  }
  return status;
}

lb_phys_rate lb_task_spec_rate(const lb_task_spec* s) {
  return (lb_phys_rate){s->frame_skip, s->nu, s->actuators, s->max_velocity, s->keyframe};
}

void lb_task_spec_start(const lb_task_spec* s, double* x0) {
  lb_phys_model_start(s->model, x0);
  if (s->start == LB_START_KEYFRAME) lb_phys_model_keyframe(s->model, x0, s->keyframe);
}

// Frees the spec, itself in its arena; NULL is nothing to free.
void lb_task_spec_free(lb_task_spec* s) {
  if (!s) return;
  lb_phys_model_free(s->model);
  lb_json_free(s->doc);
  lb_arena_free(s->arena);
}
