#include "algo/protocol.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const char* const sources[] = {"fresh", "file"};

// The whole-number settings, by name: where each lives and what it may be.
static const struct number {
  const char* key;
  size_t offset;
  int low, high;
} numbers[] = {
    {"iterations", offsetof(lb_protocol, iterations), 0, 1000000},
    {"expert_rollouts", offsetof(lb_protocol, expert_rollouts), 1, 100000},
    {"learner_rollouts", offsetof(lb_protocol, learner_rollouts), 1, 100000},
    {"samples", offsetof(lb_protocol, samples), 1, 1000000},
    {"evaluation_rollouts", offsetof(lb_protocol, evaluation_rollouts), 1, 1000000},
};

static const char* const keys[] = {"iterations", "expert_rollouts",     "learner_rollouts",
                                   "samples",    "evaluation_rollouts", "demonstrations"};

static int* field(lb_protocol* p, const struct number* number) {
  return (int*)(void*)((char*)p + number->offset);
}

lb_protocol lb_protocol_default(void) {
  return (lb_protocol){.iterations = 20,
                       .expert_rollouts = 10,
                       .learner_rollouts = 1,
                       .samples = 100,
                       .evaluation_rollouts = 100,
                       .demonstrations = LB_DEMONSTRATIONS_FRESH};
}

lb_status lb_protocol_read(lb_protocol* p, lb_node object) {
  LB_TRY(lb_json_keys(object, keys, COUNT(keys)));
  for (int i = 0; i < COUNT(numbers); ++i) {
    int* value = field(p, &numbers[i]);
    LB_TRY(lb_json_int_or(object, numbers[i].key, numbers[i].low, numbers[i].high, *value, value));
  }
  int source = (int)p->demonstrations;
  LB_TRY(lb_json_choice_or(object, "demonstrations", sources, COUNT(sources), source, &source));
  p->demonstrations = (lb_demonstrations)source;
  return lb_ok();
}

static lb_status set_number(lb_protocol* p, const struct number* number, const char* text) {
  char* end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (end == text || *end || errno || value < number->low || value > number->high) {
    return lb_fail(LB_INPUT, "--set %s=%s: a whole number from %d to %d is needed", number->key, text, number->low,
                   number->high);
  }
  *field(p, number) = (int)value;
  return lb_ok();
}

static lb_status set_source(lb_protocol* p, const char* text) {
  for (int i = 0; i < COUNT(sources); ++i) {
    if (strcmp(text, sources[i]) == 0) {
      p->demonstrations = (lb_demonstrations)i;
      return lb_ok();
    }
  }
  return lb_fail(LB_INPUT, "--set demonstrations=%s: 'fresh' or 'file' is needed", text);
}

lb_status lb_protocol_set(lb_protocol* p, const char* assignment) {
  const char* equals = strchr(assignment, '=');
  if (!equals) return lb_fail(LB_INPUT, "--set %s: 'key=value' is needed", assignment);
  char key[64];
  snprintf(key, sizeof key, "%.*s", (int)(equals - assignment), assignment);
  for (int i = 0; i < COUNT(numbers); ++i) {
    if (strcmp(key, numbers[i].key) == 0) return set_number(p, &numbers[i], equals + 1);
  }
  if (strcmp(key, "demonstrations") == 0) return set_source(p, equals + 1);
  const char* nearest = lb_text_nearest(key, keys, COUNT(keys));
  return lb_fail(LB_INPUT,
                 "--set %s: unknown setting%s%s%s; there are iterations, expert_rollouts, learner_rollouts, "
                 "samples, evaluation_rollouts, demonstrations",
                 key, nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

void lb_protocol_write(const lb_protocol* p, lb_json_writer* w, const char* key) {
  lb_protocol copy = *p;
  lb_json_write_begin_object(w, key);
  for (int i = 0; i < COUNT(numbers); ++i) {
    lb_json_write_int(w, numbers[i].key, *field(&copy, &numbers[i]));
  }
  lb_json_write_string(w, "demonstrations", sources[p->demonstrations]);
  lb_json_write_end_object(w);
}
