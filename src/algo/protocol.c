#include "algo/protocol.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/registry.h"
#include "base/text.h"

static const char* const sources[] = {"fresh", "file", NULL};

#define WHOLE(name, low, high, usual, unit, meaning) \
  { #name, LB_PARAM_WHOLE, offsetof(lb_loop_settings, name), low, high, usual, NULL, unit, meaning }
#define BILLION 1000000000

static const lb_param of_iterations[] = {
    WHOLE(iterations, 0, 1000000, 20, "iterations",
          "how often models are fitted and policies planned after the first time"),
    WHOLE(expert_rollouts, 1, 100000, 10, "rollouts", "demonstrations, collected or drawn once before the loop"),
    WHOLE(learner_rollouts, 1, 100000, 1, "rollouts",
          "of the learner's policy in an iteration, from which its samples are drawn"),
    WHOLE(samples, 1, 1000000, 100, "transitions",
          "added to the data set in an iteration, expert's and learner's together"),
    WHOLE(evaluation_rollouts, 1, 1000000, 100, "rollouts",
          "in the real system, by which the policy of an iteration is measured"),
    {"demonstrations", LB_PARAM_WORD, offsetof(lb_loop_settings, demonstrations), 0, 1, 0, sources, "",
     "`fresh`: the expert is solved and rolled out anew in every run; `file`: episodes are drawn from the recorded "
     "ones (expert_data/ or --data)"},
};
static const lb_param of_returns[] = {
    WHOLE(steps, 1, BILLION, 100000, "real steps", "of the learner, warm-up included: the length of the run"),
    WHOLE(evaluation_episodes, 1, 1000000, 10, "episodes",
          "in the real system, by which an evaluation measures the policy"),
};
static const lb_param of_steps[] = {
    WHOLE(warmup_steps, 0, BILLION, 1000, "real steps",
          "the first of them, with uniformly random actions (a clone's, of algorithms that begin with one) and no "
          "learning"),
    WHOLE(evaluate_every, 1, BILLION, 5000, "real steps", "between two evaluations"),
    WHOLE(buffer, 1, 100000000, 1000000, "transitions", "real ones that are kept for learning; the oldest go first"),
};
static const lb_param of_demos[] = {
    WHOLE(expert_transitions, 0, 100000000, 0, "transitions",
          "demonstrations that are used, from the first on; 0: all that are recorded; more than are recorded: the "
          "expert is recorded for longer"),
    WHOLE(expert_episodes, 0, 1000000, 0, "episodes",
          "of these, the transitions of so many whole ones, drawn for each seed; 0: of all"),
    WHOLE(expert_quality, 1, 100, 100, "% of return",
          "whose demonstrations: of a policy with so much of the expert's return (`bench expert --quality`); 100: the "
          "expert's"),
};
static const lb_param of_fits[] = {
    WHOLE(fit_every, 1, BILLION, 250, "real steps", "between two fits of the model"),
};
static const lb_param of_imagination[] = {
    {"real_share", LB_PARAM_REAL, offsetof(lb_loop_settings, real_share), 0, 1, 0.5, NULL, "",
     "of a critics' batch: real transitions among imagined ones"},
    WHOLE(imagined_per_step, 1, 100000, 400, "rollouts", "begun in the model for a real step"),
    WHOLE(imagined_kept, 1, BILLION, 1000, "real steps", "as many steps' worth of imagined transitions are kept"),
    WHOLE(rollout_first, 1, 1000, 1, "steps",
          "length of a rollout in the model at real step `rollout_from` and before"),
    WHOLE(rollout_last, 1, 1000, 1, "steps", "and at `rollout_to` and after; linear between, rounded down"),
    WHOLE(rollout_from, 0, BILLION, 0, "real steps", "where rollouts begin to grow"),
    WHOLE(rollout_to, 0, BILLION, 1, "real steps", "where they have grown"),
};
#undef WHOLE

enum { OWN = 6, MOST_TABLES = 30 };
static const lb_params own[OWN] = {
    LB_SETTINGS_OF(of_iterations, "Algorithms that go by iterations, on tasks with a cost"),
    LB_SETTINGS_OF(of_returns, "All algorithms on tasks with a reward"),
    LB_SETTINGS_OF(of_steps, "Those that go by real steps"),
    LB_SETTINGS_OF(of_demos, "Those that use demonstrations, or are measured on them"),
    LB_SETTINGS_OF(of_fits, "Those that have a model"),
    LB_SETTINGS_OF(of_imagination, "Those whose policy network learns in the model"),
};

// Table k, the loop's first; NULL beyond the last. Its bit is 1 << k.
static const lb_params* table(int k) {
  return k < OWN ? &own[k] : lb_registry_settings(k - OWN);
}

const char* lb_protocol_part_at(int k, int* part) {
  if (k >= MOST_TABLES || !table(k)) return NULL;
  *part = 1 << k;
  return table(k)->whose;
}

int lb_protocol_part(const lb_params* params) {
  for (int k = 0;; ++k) {
    assert(table(k) && k < MOST_TABLES);
    if (table(k) == params) return 1 << k;
  }
}

// A setting: its place in a protocol, and its table's bit.
typedef struct setting {
  const lb_param* param;
  int index, part;
} setting;

// The setting after *s, which begins as {0}; false beyond the last.
static bool next(setting* s) {
  int index = s->param ? s->index + 1 : 0, first = 0;
  const lb_params* t;
  for (int k = 0; (t = table(k)); first += t->n, ++k) {
    if (index >= first + t->n) continue;
    *s = (setting){.param = &t->list[index - first], .index = index, .part = 1 << k};
    assert(index < LB_PROTOCOL_SETTINGS);
    return true;
  }
  return false;
}

// False: there is no such key.
static bool find(setting* s, const char* key, size_t length) {
  *s = (setting){0};
  while (next(s)) {
    if (strlen(s->param->key) == length && strncmp(s->param->key, key, length) == 0) return true;
  }
  return false;
}

// Every setting at its table's default.
lb_protocol lb_protocol_default(void) {
  lb_protocol p = {0};
  for (setting s = {0}; next(&s);) p.value[s.index] = s.param->usual;
  return p;
}

double lb_protocol_get(const lb_protocol* p, const char* key) {
  setting s;
  bool is_there = find(&s, key, strlen(key));
  assert(is_there);
  return is_there ? p->value[s.index] : 0;
}

void lb_protocol_put(lb_protocol* p, const char* key, double value) {
  setting s;
  bool is_there = find(&s, key, strlen(key));
  assert(is_there);
  if (is_there) p->value[s.index] = value;
}

// The loop's own settings, stored in their struct.
lb_loop_settings lb_protocol_loop(const lb_protocol* p) {
  lb_loop_settings out = {0};
  setting s = {0};
  while (next(&s)) {
    if (s.part < 1 << OWN) lb_param_store(s.param, &out, p->value[s.index]);
  }
  return out;
}

void lb_protocol_fill(const lb_protocol* p, const lb_params_at* settings, void* options) {
  for (; settings->params; ++settings) {
    setting s = {0};
    int part = lb_protocol_part(settings->params);
    while (next(&s)) {
      if (s.part == part) lb_param_store(s.param, (char*)options + settings->at, p->value[s.index]);
    }
  }
}

void lb_protocol_take(lb_protocol* p, const lb_params_at* settings, const void* options) {
  for (; settings->params; ++settings) {
    setting s = {0};
    int part = lb_protocol_part(settings->params);
    while (next(&s)) {
      if (s.part == part) p->value[s.index] = lb_param_load(s.param, (const char*)options + settings->at);
    }
  }
}

// The keys of all settings; returns how many.
static int list_keys(const char* keys[LB_PROTOCOL_SETTINGS]) {
  int n = 0;
  for (setting s = {0}; next(&s);) keys[n++] = s.param->key;
  return n;
}

// How many words a setting can be.
static int count_words(const lb_param* p) {
  int n = 0;
  while (p->words[n]) n += 1;
  return n;
}

// A setting of a JSON object over *value, if the object has it.
static lb_status read_setting(double* value, const lb_param* s, lb_node object) {
  int whole = (int)*value;
  if (s->type == LB_PARAM_REAL) return lb_json_number_or(object, s->key, s->low, s->high, *value, value);
  if (s->type == LB_PARAM_WORD) {
    LB_TRY(lb_json_choice_or(object, s->key, s->words, count_words(s), whole, &whole));
  } else {
    LB_TRY(lb_json_int_or(object, s->key, (int)s->low, (int)s->high, whole, &whole));
  }
  *value = whole;
  return lb_ok();
}

lb_status lb_protocol_read(lb_protocol* p, lb_node object) {
  const char* keys[LB_PROTOCOL_SETTINGS];
  int n = list_keys(keys);
  LB_TRY(lb_json_keys(object, keys, n));
  for (setting s = {0}; next(&s);) LB_TRY(read_setting(&p->value[s.index], s.param, object));
  return lb_ok();
}

// A whole number in its range, from text.
static lb_status set_whole(double* value, const lb_param* s, const char* text) {
  int64_t number;
  if (!lb_text_whole(text, &number) || (double)number < s->low || (double)number > s->high) {
    return lb_fail(LB_INPUT, "--set %s=%s: a whole number from %.0f to %.0f is needed", s->key, text, s->low, s->high);
  }
  *value = (double)number;
  return lb_ok();
}

// A number in its range, from text.
static lb_status set_real(double* value, const lb_param* s, const char* text) {
  double number;
  if (!lb_text_number(text, &number) || !(number >= s->low && number <= s->high)) {
    return lb_fail(LB_INPUT, "--set %s=%s: a number from %g to %g is needed", s->key, text, s->low, s->high);
  }
  *value = number;
  return lb_ok();
}

// A word's place, from text; else the failure names the nearest word, or all.
static lb_status set_word(double* value, const lb_param* s, const char* text) {
  int n = count_words(s);
  for (int i = 0; i < n; ++i) {
    if (strcmp(text, s->words[i]) != 0) continue;
    *value = i;
    return lb_ok();
  }
  const char* nearest = lb_text_nearest(text, s->words, n);
  if (nearest) return lb_fail(LB_INPUT, "--set %s=%s: did you mean '%s'?", s->key, text, nearest);
  lb_text list = {0};
  for (int i = 0; i < n; ++i) lb_text_add(&list, "%s'%s'", i == 0 ? "" : i + 1 == n ? " or " : ", ", s->words[i]);
  lb_status status = lb_fail(LB_INPUT, "--set %s=%s: %s is needed", s->key, text, list.data);
  lb_text_free(&list);
  return status;
}

// The failure names the nearest key, or all.
static lb_status unknown_setting(const char* key) {
  const char* keys[LB_PROTOCOL_SETTINGS];
  int n = list_keys(keys);
  const char* nearest = lb_text_nearest(key, keys, n);
  if (nearest) return lb_fail(LB_INPUT, "--set %s: unknown setting (did you mean '%s'?)", key, nearest);
  lb_text list = {0};
  for (int i = 0; i < n; ++i) lb_text_add(&list, "%s%s", i ? ", " : "", keys[i]);
  lb_status status = lb_fail(LB_INPUT, "--set %s: unknown setting; there are %s", key, list.data);
  lb_text_free(&list);
  return status;
}

lb_status lb_protocol_set(lb_protocol* p, const char* assignment) {
  const char* equals = strchr(assignment, '=');
  if (!equals) return lb_fail(LB_INPUT, "--set %s: 'key=value' is needed", assignment);
  setting s;
  if (!find(&s, assignment, (size_t)(equals - assignment))) {
    char key[64];
    snprintf(key, sizeof key, "%.*s", (int)(equals - assignment), assignment);
    return unknown_setting(key);
  }
  double* value = &p->value[s.index];
  if (s.param->type == LB_PARAM_WORD) return set_word(value, s.param, equals + 1);
  return (s.param->type == LB_PARAM_REAL ? set_real : set_whole)(value, s.param, equals + 1);
}

int lb_protocol_settings(lb_protocol_setting out[LB_PROTOCOL_SETTINGS], const lb_protocol* usual, int parts) {
  int n = 0;
  for (setting s = {0}; next(&s);) {
    if (!(s.part & parts)) continue;
    const lb_param* p = s.param;
    double value = usual->value[s.index];
    out[n++] = (lb_protocol_setting){.key = p->key,
                                     .is_number = p->type != LB_PARAM_WORD,
                                     .usual = value,
                                     .low = p->low,
                                     .high = p->high,
                                     .usual_word = p->words ? p->words[(int)value] : NULL,
                                     .words = p->words,
                                     .is_whole = p->type == LB_PARAM_WHOLE,
                                     .unit = p->unit,
                                     .meaning = p->meaning};
  }
  return n;
}

// The parts of the settings that a kind of planner has.
static int parts_of(const lb_planner_kind* kind) {
  const lb_iterations* iterations = lb_registry_iterations(kind);
  if (iterations->is_exact) return 0;
  int parts = iterations->rolls_out ? LB_PROTOCOL_ITERATIONS : LB_PROTOCOL_RETURNS;
  if (iterations->keeps_episode) parts |= LB_PROTOCOL_ONLINE;
  for (const lb_params_at* s = kind->settings; s->params; ++s) parts |= lb_protocol_part(s->params);
  return parts;
}

// What an algorithm of these parts does: as the planner that has the most of them, and no others.
static const char* what_it_does(int parts) {
  const char* does = "learns nothing";
  int most = 0;
  for (int i = 0; lb_registry_planner(i); ++i) {
    const lb_planner_kind* kind = lb_registry_planner(i);
    int own_parts = parts_of(kind), n = 0;
    for (int k = 0; k < MOST_TABLES; ++k) n += own_parts >> k & 1;
    if (own_parts & ~parts || n <= most) continue;
    most = n;
    does = kind->does;
  }
  return does;
}

// The failure says what the algorithm does and some of the settings that it has.
static lb_status fail_meaningless(const char* key, int parts, const char* algo) {
  enum { SOME = 5 };
  lb_text some = {0};
  int n = 0;
  for (setting s = {0}; next(&s) && n < SOME;) {
    if (s.part & parts) lb_text_add(&some, "%s%s", n++ ? ", " : "", s.param->key);
  }
  if (n == 0) return lb_fail(LB_INPUT, "the setting %s means nothing to %s here: it has no settings", key, algo);
  lb_status status = lb_fail(LB_INPUT, "the setting %s means nothing to %s, which %s: its settings are %s, ...", key,
                             algo, what_it_does(parts), some.data);
  lb_text_free(&some);
  return status;
}

lb_status lb_protocol_check_set(const char* assignment, int parts, const char* algo) {
  setting s;
  if (!find(&s, assignment, strcspn(assignment, "="))) return lb_ok();  // lb_protocol_set names unknown ones
  return s.part & parts ? lb_ok() : fail_meaningless(s.param->key, parts, algo);
}

lb_status lb_protocol_check(const lb_protocol* p, int parts, const char* algo) {
  for (setting s = {0}; next(&s);) {
    double value = p->value[s.index];
    if (s.part & parts || !(value < s.param->usual || value > s.param->usual)) continue;
    return fail_meaningless(s.param->key, parts, algo);
  }
  return lb_ok();
}

void lb_protocol_write(const lb_protocol* p, int parts, lb_json_writer* w, const char* key) {
  lb_json_write_begin_object(w, key);
  for (setting s = {0}; next(&s);) {
    if (!(parts & s.part)) continue;
    double value = p->value[s.index];
    if (s.param->type == LB_PARAM_REAL) {
      lb_json_write_number(w, s.param->key, value);
    } else if (s.param->type == LB_PARAM_WORD) {
      lb_json_write_string(w, s.param->key, s.param->words[(int)value]);
    } else {
      lb_json_write_int(w, s.param->key, (int64_t)value);
    }
  }
  lb_json_write_end_object(w);
}
