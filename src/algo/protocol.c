#include "algo/protocol.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/mpc.h"
#include "plan/sac.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

typedef enum setting_type { WHOLE, REAL, SOURCE } setting_type;

static const char* const sources[] = {"fresh", "file"};

// Every setting by name: whose it is, where it lives, what it may be.
static const struct setting {
  const char* key;
  int part;
  setting_type type;
  size_t offset;
  double low, high;
} settings[] = {
#define ROUNDS(name, low, high) \
  { #name, LB_PROTOCOL_ROUNDS, WHOLE, offsetof(lb_protocol, name), low, high }
#define OF_STEPS(part, name, type, low, high) \
  { #name, LB_PROTOCOL_##part, type, offsetof(lb_protocol, online.name), low, high }
#define RETURNS(...) OF_STEPS(RETURNS, __VA_ARGS__)
#define DEMOS(...) OF_STEPS(DEMOS, __VA_ARGS__)
#define ONLINE(...) OF_STEPS(ONLINE, __VA_ARGS__)
#define ACTOR(...) OF_STEPS(ACTOR, __VA_ARGS__)
#define POLICY(...) OF_STEPS(POLICY, __VA_ARGS__)
#define MODEL(...) OF_STEPS(MODEL, __VA_ARGS__)
#define ENSEMBLE(...) OF_STEPS(ENSEMBLE, __VA_ARGS__)
#define IMAGINED(...) OF_STEPS(IMAGINED, __VA_ARGS__)
#define PLAN(...) OF_STEPS(PLAN, __VA_ARGS__)
#define SEARCH(...) OF_STEPS(SEARCH, __VA_ARGS__)
    ROUNDS(iterations, 0, 1000000),
    ROUNDS(expert_rollouts, 1, 100000),
    ROUNDS(learner_rollouts, 1, 100000),
    ROUNDS(samples, 1, 1000000),
    ROUNDS(evaluation_rollouts, 1, 1000000),
    {"demonstrations", LB_PROTOCOL_ROUNDS, SOURCE, offsetof(lb_protocol, demonstrations), 0, 0},
    RETURNS(steps, WHOLE, 1, 1000000000),
    ONLINE(warmup_steps, WHOLE, 0, 1000000000),
    ONLINE(evaluate_every, WHOLE, 1, 1000000000),
    RETURNS(evaluation_episodes, WHOLE, 1, 1000000),
    ONLINE(buffer, WHOLE, 1, 100000000),
    DEMOS(expert_transitions, WHOLE, 0, 100000000),
    DEMOS(expert_episodes, WHOLE, 0, 1000000),
    DEMOS(expert_quality, WHOLE, 1, 100),
    POLICY(updates_per_step, REAL, 0, 1000),
    POLICY(critic_updates, WHOLE, 0, 1000),
    ACTOR(hidden_layers, WHOLE, 1, 8),
    ACTOR(width, WHOLE, 1, 4096),
    ACTOR(batch, WHOLE, 1, 65536),
    POLICY(discount, REAL, 0, 1),
    POLICY(target_rate, REAL, 0, 1),
    POLICY(target_interval, WHOLE, 1, 1000000),
    POLICY(learning_rate, REAL, 1e-9, 1),
    POLICY(temperature, REAL, 1e-9, 1e6),
    POLICY(learn_temperature, WHOLE, 0, 1),
    POLICY(target_entropy, REAL, -100, 100),
    POLICY(critics, WHOLE, 0, LB_SAC_MOST_CRITICS),
    POLICY(target_critics, WHOLE, 0, LB_SAC_MOST_CRITICS),
    POLICY(layer_norm, WHOLE, -1, 1),
    POLICY(gradient_clip, REAL, 0, 1e9),
    POLICY(actor_average, REAL, 0, 1),
    MODEL(fit_every, WHOLE, 1, 1000000000),
    ENSEMBLE(model_layers, WHOLE, 1, 8),
    ENSEMBLE(model_width, WHOLE, 1, 4096),
    ENSEMBLE(model_batch, WHOLE, 1, 65536),
    ENSEMBLE(model_members, WHOLE, 1, 32),
    ENSEMBLE(model_elites, WHOLE, 1, 32),
    ENSEMBLE(model_learning_rate, REAL, 1e-9, 1),
    ENSEMBLE(model_decay, REAL, 0, 1),
    ENSEMBLE(model_gradient_clip, REAL, 0, 1e9),
    ENSEMBLE(model_updates, WHOLE, 0, 1000000),
    ENSEMBLE(model_patience, WHOLE, 1, 1000000),
    IMAGINED(real_share, REAL, 0, 1),
    IMAGINED(imagined_per_step, WHOLE, 1, 100000),
    IMAGINED(imagined_kept, WHOLE, 1, 1000000000),
    IMAGINED(rollout_first, WHOLE, 1, 1000),
    IMAGINED(rollout_last, WHOLE, 1, 1000),
    IMAGINED(rollout_from, WHOLE, 0, 1000000000),
    IMAGINED(rollout_to, WHOLE, 0, 1000000000),
    PLAN(plan_horizon, WHOLE, 1, 1000),
    SEARCH(plan_iterations, WHOLE, 0, 1000),
    SEARCH(plan_guesses, WHOLE, 0, LB_MPC_MOST_GUESSES),
#undef ROUNDS
#undef OF_STEPS
#undef RETURNS
#undef DEMOS
#undef ONLINE
#undef ACTOR
#undef POLICY
#undef MODEL
#undef ENSEMBLE
#undef IMAGINED
#undef PLAN
#undef SEARCH
};

enum { SETTINGS = COUNT(settings) };
_Static_assert(COUNT(settings) <= LB_PROTOCOL_SETTINGS, "room for every setting");

static void* field(lb_protocol* p, const struct setting* s) {
  return (char*)p + s->offset;
}

lb_protocol lb_protocol_default(void) {
  return (lb_protocol){
      .iterations = 20,
      .expert_rollouts = 10,
      .learner_rollouts = 1,
      .samples = 100,
      .evaluation_rollouts = 100,
      .demonstrations = LB_DEMONSTRATIONS_FRESH,
      .online = {.steps = 100000,
                 .warmup_steps = 1000,
                 .evaluate_every = 5000,
                 .evaluation_episodes = 10,
                 .buffer = 1000000,
                 .expert_transitions = 0,
                 .expert_episodes = 0,
                 .expert_quality = 100,
                 .updates_per_step = 1,
                 .hidden_layers = 2,
                 .width = 256,
                 .batch = 256,
                 .discount = 0.99,
                 .target_rate = 0.005,
                 .target_interval = 1,
                 .learning_rate = 3e-4,
                 .temperature = 0.2,
                 .learn_temperature = 1,
                 .target_entropy = -1,
                 .layer_norm = -1,
                 .fit_every = 250,
                 .model_layers = 4,
                 .model_width = 200,
                 .model_batch = 256,
                 .model_members = 7,
                 .model_elites = 5,
                 .model_learning_rate = 1e-3,
                 .model_decay = 1e-5,
                 .model_updates = 0,
                 .model_patience = 5,
                 .real_share = 0.5,
                 .imagined_per_step = 400,
                 .imagined_kept = 1000,
                 .rollout_first = 1,
                 .rollout_last = 1,
                 .rollout_from = 0,
                 .rollout_to = 1,
                 .plan_horizon = 25,
                 .plan_iterations = 1,
                 .plan_guesses = 14},
  };
}

static void list_keys(const char* keys[SETTINGS]) {
  for (int i = 0; i < SETTINGS; ++i) keys[i] = settings[i].key;
}

static lb_status read_setting(lb_protocol* p, const struct setting* s, lb_node object) {
  void* value = field(p, s);
  switch (s->type) {
    case WHOLE:
      return lb_json_int_or(object, s->key, (int)s->low, (int)s->high, *(int*)value, value);
    case REAL:
      return lb_json_number_or(object, s->key, s->low, s->high, *(double*)value, value);
    case SOURCE:
      break;
  }
  int source = (int)p->demonstrations;
  LB_TRY(lb_json_choice_or(object, s->key, sources, COUNT(sources), source, &source));
  p->demonstrations = (lb_demonstrations)source;
  return lb_ok();
}

lb_status lb_protocol_read(lb_protocol* p, lb_node object) {
  const char* keys[SETTINGS];
  list_keys(keys);
  LB_TRY(lb_json_keys(object, keys, SETTINGS));
  for (int i = 0; i < SETTINGS; ++i) LB_TRY(read_setting(p, &settings[i], object));
  return lb_ok();
}

static lb_status set_whole(int* value, const struct setting* s, const char* text) {
  int64_t number;
  if (!lb_text_whole(text, &number) || (double)number < s->low || (double)number > s->high) {
    return lb_fail(LB_INPUT, "--set %s=%s: a whole number from %.0f to %.0f is needed", s->key, text, s->low, s->high);
  }
  *value = (int)number;
  return lb_ok();
}

static lb_status set_real(double* value, const struct setting* s, const char* text) {
  double number;
  if (!lb_text_number(text, &number) || !(number >= s->low && number <= s->high)) {
    return lb_fail(LB_INPUT, "--set %s=%s: a number from %g to %g is needed", s->key, text, s->low, s->high);
  }
  *value = number;
  return lb_ok();
}

static lb_status set_source(lb_protocol* p, const char* text) {
  for (int i = 0; i < COUNT(sources); ++i) {
    if (strcmp(text, sources[i]) == 0) {
      p->demonstrations = (lb_demonstrations)i;
      return lb_ok();
    }
  }
  const char* nearest = lb_text_nearest(text, sources, COUNT(sources));
  if (nearest) return lb_fail(LB_INPUT, "--set demonstrations=%s: did you mean '%s'?", text, nearest);
  return lb_fail(LB_INPUT, "--set demonstrations=%s: 'fresh' or 'file' is needed", text);
}

static lb_status unknown_setting(const char* key) {
  const char* keys[SETTINGS];
  list_keys(keys);
  const char* nearest = lb_text_nearest(key, keys, SETTINGS);
  if (nearest) return lb_fail(LB_INPUT, "--set %s: unknown setting (did you mean '%s'?)", key, nearest);
  lb_text list = {0};
  for (int i = 0; i < SETTINGS; ++i) lb_text_add(&list, "%s%s", i ? ", " : "", settings[i].key);
  lb_status status = lb_fail(LB_INPUT, "--set %s: unknown setting; there are %s", key, list.data);
  lb_text_free(&list);
  return status;
}

lb_status lb_protocol_set(lb_protocol* p, const char* assignment) {
  const char* equals = strchr(assignment, '=');
  if (!equals) return lb_fail(LB_INPUT, "--set %s: 'key=value' is needed", assignment);
  char key[64];
  snprintf(key, sizeof key, "%.*s", (int)(equals - assignment), assignment);
  for (int i = 0; i < SETTINGS; ++i) {
    const struct setting* s = &settings[i];
    if (strcmp(key, s->key) != 0) continue;
    if (s->type == WHOLE) return set_whole(field(p, s), s, equals + 1);
    return s->type == REAL ? set_real(field(p, s), s, equals + 1) : set_source(p, equals + 1);
  }
  return unknown_setting(key);
}

int lb_protocol_settings(lb_protocol_setting out[LB_PROTOCOL_SETTINGS], const lb_protocol* given, int parts) {
  lb_protocol usual = *given;
  int n = 0;
  for (int i = 0; i < SETTINGS; ++i) {
    const struct setting* s = &settings[i];
    if (!(s->part & parts)) continue;
    lb_protocol_setting* own = &out[n++];
    *own = (lb_protocol_setting){.key = s->key, .low = s->low, .high = s->high, .is_number = s->type != SOURCE};
    if (s->type == WHOLE) own->usual = *(int*)field(&usual, s);
    if (s->type == REAL) own->usual = *(double*)field(&usual, s);
    if (s->type == SOURCE) own->usual_word = sources[usual.demonstrations];
  }
  return n;
}

static bool is_equal(lb_protocol* a, lb_protocol* b, const struct setting* s) {
  const void *x = field(a, s), *y = field(b, s);
  switch (s->type) {
    case WHOLE:
      return *(const int*)x == *(const int*)y;
    case REAL:
      return !(*(const double*)x < *(const double*)y) && !(*(const double*)x > *(const double*)y);
    case SOURCE:
      break;
  }
  return a->demonstrations == b->demonstrations;
}

// A row of these parts, and some of the settings that it has.
static const char* what_it_does(int parts) {
  if (parts & LB_PROTOCOL_ROUNDS) return "goes by rounds: iterations, learner_rollouts, samples, ...";
  if (parts & LB_PROTOCOL_SEARCH) return "plans at every real step: steps, fit_every, plan_horizon, ...";
  if (parts & LB_PROTOCOL_PLAN) return "plans once a fit: steps, fit_every, plan_horizon, ...";
  if (parts & LB_PROTOCOL_MODEL) return "goes by real steps: steps, warmup_steps, evaluate_every, ...";
  if (parts & LB_PROTOCOL_POLICY) return "goes by real steps and learns no model: steps, evaluate_every, ...";
  if (parts & LB_PROTOCOL_ACTOR) return "imitates demonstrations: expert_transitions, hidden_layers, width, batch, ...";
  return "learns nothing: evaluation_episodes";
}

static lb_status fail_meaningless(const char* key, int parts, const char* algo) {
  return lb_fail(LB_INPUT, "the setting %s means nothing to %s, which %s", key, algo, what_it_does(parts));
}

lb_status lb_protocol_check_set(const char* assignment, int parts, const char* algo) {
  size_t length = strcspn(assignment, "=");
  for (int i = 0; i < SETTINGS; ++i) {
    const char* key = settings[i].key;
    if (strlen(key) != length || strncmp(assignment, key, length) != 0) continue;
    return settings[i].part & parts ? lb_ok() : fail_meaningless(key, parts, algo);
  }
  return lb_ok();  // lb_protocol_set names unknown ones
}

lb_status lb_protocol_check(const lb_protocol* protocol, int parts, const char* algo) {
  lb_protocol given = *protocol, usual = lb_protocol_default();
  for (int i = 0; i < SETTINGS; ++i) {
    const struct setting* s = &settings[i];
    if (s->part & parts || is_equal(&given, &usual, s)) continue;
    return fail_meaningless(s->key, parts, algo);
  }
  return lb_ok();
}

void lb_protocol_write(const lb_protocol* p, int parts, lb_json_writer* w, const char* key) {
  lb_protocol copy = *p;
  lb_json_write_begin_object(w, key);
  for (int i = 0; i < SETTINGS; ++i) {
    const struct setting* s = &settings[i];
    if (!(parts & s->part)) continue;
    if (s->type == WHOLE) lb_json_write_int(w, s->key, *(int*)field(&copy, s));
    if (s->type == REAL) lb_json_write_number(w, s->key, *(double*)field(&copy, s));
    if (s->type == SOURCE) lb_json_write_string(w, s->key, sources[p->demonstrations]);
  }
  lb_json_write_end_object(w);
}
