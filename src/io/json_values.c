// Typed values of a JSON document, and the complaints about wrong ones: see json.h.
#include <assert.h>
#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/json.h"
#include "io/json_writer.h"

typedef char phrase[120];

static const cJSON* item_of(lb_node node) {
  return node.item;
}

// What stands at the node, for "expected ..., found ...".
static const char* describe(lb_node node, phrase out) {
  const cJSON* item = item_of(node);
  size_t size = sizeof(phrase);
  if (cJSON_IsString(item)) {
    size_t shown = 40;
    bool cut = strlen(item->valuestring) > shown;
    while (cut && ((unsigned char)item->valuestring[shown] & 0xC0u) == 0x80u) shown--;
    snprintf(out, size, "the string \"%.*s%s\"", (int)shown, item->valuestring, cut ? "..." : "");
  } else if (cJSON_IsNumber(item)) {
    char number[LB_NUMBER_TEXT];
    lb_json_number_text(item->valuedouble, number);
    snprintf(out, size, "the number %s", number);
  } else if (cJSON_IsBool(item)) {
    snprintf(out, size, cJSON_IsTrue(item) ? "true" : "false");
  } else if (cJSON_IsNull(item)) {
    snprintf(out, size, "null");
  } else if (cJSON_IsArray(item)) {
    int n = lb_json_length(node);
    snprintf(out, size, "an array of %d element%s", n, n == 1 ? "" : "s");
  } else {
    snprintf(out, size, "an object");
  }
  return out;
}

// The failure of a value of another type.
static lb_status wrong_type(lb_node node, const char* expected) {
  phrase found;
  return lb_json_fail(node, "expected %s, found %s", expected, describe(node, found));
}

// "from 0 to 1", "of at least 0", "of at most 1".
static const char* describe_range(double low, double high, phrase out) {
  char a[LB_NUMBER_TEXT], b[LB_NUMBER_TEXT];
  lb_json_number_text(low, a);
  lb_json_number_text(high, b);
  if (isfinite(low) && isfinite(high)) {
    snprintf(out, sizeof(phrase), "from %s to %s", a, b);
  } else if (isfinite(low)) {
    snprintf(out, sizeof(phrase), "of at least %s", a);
  } else {
    snprintf(out, sizeof(phrase), "of at most %s", b);
  }
  return out;
}

// The failure of a number outside its range.
static lb_status out_of_range(lb_node node, const char* noun, double low, double high) {
  phrase range, found;
  return lb_json_fail(node, "expected %s %s, found %s", noun, describe_range(low, high, range), describe(node, found));
}

// The end of a message that names the nearest of some names, or lists them when none is near.
static void suggest(lb_text* out, const char* wanted, const char* const* names, int n) {
  const char* nearest = lb_text_nearest(wanted, names, n);
  if (nearest) {
    lb_text_add(out, " (did you mean '%s'?)", nearest);
    return;
  }
  lb_text_add(out, ", expected %s", n == 0 ? "none" : n == 1 ? "" : "one of ");
  for (int i = 0; i < n; i++) lb_text_add(out, i ? ", '%s'" : "'%s'", names[i]);
}

lb_status lb_json_keys(lb_node object, const char* const* known, int n) {
  if (!lb_json_is_object(object)) return wrong_type(object, "an object");
  for (const cJSON* c = item_of(object)->child; c; c = c->next) {
    int i = 0;
    while (i < n && strcmp(c->string, known[i]) != 0) i++;
    if (i < n) continue;
    lb_text hint = {0};
    suggest(&hint, c->string, known, n);
    lb_status status = lb_json_fail(object, "unknown key '%.60s'%s", c->string, hint.data);
    lb_text_free(&hint);
    return status;
  }
  return lb_ok();
}

lb_status lb_json_as_number(lb_node node, double low, double high, double* out) {
  if (!lb_json_is_number(node)) return wrong_type(node, "a number");
  double value = item_of(node)->valuedouble;
  if (!(value >= low && value <= high)) return out_of_range(node, "a number", low, high);
  *out = value;
  return lb_ok();
}

// The node as a whole number in [low, high].
static lb_status as_int(lb_node node, int low, int high, int* out) {
  if (!lb_json_is_number(node)) return wrong_type(node, "a whole number");
  double value = item_of(node)->valuedouble;
  if (value != floor(value)) return wrong_type(node, "a whole number");
  if (!(value >= low && value <= high)) return out_of_range(node, "a whole number", low, high);
  *out = (int)value;
  return lb_ok();
}

// The node as true or false.
static lb_status as_bool(lb_node node, bool* out) {
  if (!cJSON_IsBool(item_of(node))) return wrong_type(node, "true or false");
  *out = cJSON_IsTrue(item_of(node));
  return lb_ok();
}

lb_status lb_json_as_string(lb_node node, const char** out) {
  if (!lb_json_is_string(node)) return wrong_type(node, "a string");
  *out = item_of(node)->valuestring;
  return lb_ok();
}

// The index of the node's string among the choices.
static lb_status as_choice(lb_node node, const char* const* choices, int n, int* out) {
  const char* text = NULL;
  LB_TRY(lb_json_as_string(node, &text));
  for (int i = 0; i < n; i++) {
    if (strcmp(text, choices[i]) == 0) {
      *out = i;
      return lb_ok();
    }
  }
  lb_text hint = {0};
  suggest(&hint, text, choices, n);
  lb_status status = lb_json_fail(node, "unknown value '%.60s'%s", text, hint.data);
  lb_text_free(&hint);
  return status;
}

lb_status lb_json_number(lb_node object, const char* key, double low, double high, double* out) {
  lb_node node;
  LB_TRY(lb_json_child(object, key, &node));
  return lb_json_as_number(node, low, high, out);
}

lb_status lb_json_int(lb_node object, const char* key, int low, int high, int* out) {
  lb_node node;
  LB_TRY(lb_json_child(object, key, &node));
  return as_int(node, low, high, out);
}

lb_status lb_json_bool(lb_node object, const char* key, bool* out) {
  lb_node node;
  LB_TRY(lb_json_child(object, key, &node));
  return as_bool(node, out);
}

lb_status lb_json_string(lb_node object, const char* key, const char** out) {
  lb_node node;
  LB_TRY(lb_json_child(object, key, &node));
  return lb_json_as_string(node, out);
}

lb_status lb_json_choice(lb_node object, const char* key, const char* const* choices, int n, int* out) {
  lb_node node;
  LB_TRY(lb_json_child(object, key, &node));
  return as_choice(node, choices, n, out);
}

lb_status lb_json_object(lb_node object, const char* key, lb_node* out) {
  LB_TRY(lb_json_child(object, key, out));
  return lb_json_is_object(*out) ? lb_ok() : wrong_type(*out, "an object");
}

lb_status lb_json_array(lb_node object, const char* key, lb_node* out, int* length) {
  LB_TRY(lb_json_child(object, key, out));
  if (!lb_json_is_array(*out)) return wrong_type(*out, "an array");
  if (length) *length = lb_json_length(*out);
  return lb_ok();
}

lb_status lb_json_numbers(lb_node object, const char* key, int n, lb_arena* arena, double** out, int* length) {
  lb_node array;
  int count = 0;
  LB_TRY(lb_json_array(object, key, &array, &count));
  if (n >= 0 && count != n) {
    return lb_json_fail(array, "expected %d number%s, found %d", n, n == 1 ? "" : "s", count);
  }
  double* values = LB_TAKE(arena, double, count);
  int i = 0;
  for (const cJSON* c = item_of(array)->child; c; c = c->next, i++) {
    if (!cJSON_IsNumber(c)) return wrong_type(lb_json_element(array, i), "a number");
    values[i] = c->valuedouble;
  }
  *out = values;
  if (length) *length = count;
  return lb_ok();
}

lb_status lb_json_number_or(lb_node object, const char* key, double low, double high, double missing, double* out) {
  *out = missing;
  return lb_json_has(object, key) ? lb_json_number(object, key, low, high, out) : lb_ok();
}

lb_status lb_json_int_or(lb_node object, const char* key, int low, int high, int missing, int* out) {
  *out = missing;
  return lb_json_has(object, key) ? lb_json_int(object, key, low, high, out) : lb_ok();
}

lb_status lb_json_bool_or(lb_node object, const char* key, bool missing, bool* out) {
  *out = missing;
  return lb_json_has(object, key) ? lb_json_bool(object, key, out) : lb_ok();
}

lb_status lb_json_string_or(lb_node object, const char* key, const char* missing, const char** out) {
  *out = missing;
  return lb_json_has(object, key) ? lb_json_string(object, key, out) : lb_ok();
}

lb_status lb_json_choice_or(lb_node object, const char* key, const char* const* choices, int n, int missing, int* out) {
  *out = missing;
  return lb_json_has(object, key) ? lb_json_choice(object, key, choices, n, out) : lb_ok();
}
