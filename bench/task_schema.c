// The JSON Schema of task.json: see task_page.h.
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/json_schema.h"
#include "task/grammar.h"
#include "task_page.h"

static void write_type(lb_json_writer* w, const char* type) {
  lb_json_write_string(w, "type", type);
}

// {"$ref": the object's definition}, as a member unless key is NULL.
static void write_reference(lb_json_writer* w, const char* key, int object) {
  char place[80];
  snprintf(place, sizeof place, "#/$defs/%s", lb_task_object_name((lb_task_object)object));
  if (key) lb_json_write_begin_object(w, key);
  lb_json_write_string(w, "$ref", place);
  if (key) lb_json_write_end_object(w);
}

// {"type": "array", "items": {"type": T}}; so many items, n 0: at least one.
static void write_list(lb_json_writer* w, const char* type, int n, bool or_null) {
  write_type(w, "array");
  lb_json_write_begin_object(w, "items");
  if (or_null) {
    lb_json_write_begin_array(w, "type");
    lb_json_write_string(w, NULL, type);
    lb_json_write_string(w, NULL, "null");
    lb_json_write_end_array(w);
  } else {
    write_type(w, type);
  }
  lb_json_write_end_object(w);
  if (n > 0) lb_json_write_int(w, "minItems", n);
  if (n > 0) lb_json_write_int(w, "maxItems", n);
}

// Begins "anyOf" with its first alternative.
static void begin_either(lb_json_writer* w) {
  lb_json_write_begin_array(w, "anyOf");
  lb_json_write_begin_object(w, NULL);
}

// The next alternative.
static void then_or(lb_json_writer* w) {
  lb_json_write_end_object(w);
  lb_json_write_begin_object(w, NULL);
}

// Ends "anyOf".
static void end_either(lb_json_writer* w) {
  lb_json_write_end_object(w);
  lb_json_write_end_array(w);
}

// An actuator's name or number.
static void write_actuator(lb_json_writer* w) {
  lb_json_write_raw(w, "type", "[\"string\",\"integer\"]");
  lb_json_write_int(w, "minimum", 0);
}

// Of the terms of a reward, those with factors have keys of their own.
static void write_items(lb_json_writer* w, const lb_task_key* k) {
  write_type(w, "array");
  lb_json_write_begin_object(w, "items");
  if (k->of == LB_TASK_TERM) {
    lb_json_write_raw(w, "if", "{\"required\":[\"product\"]}");
    write_reference(w, "then", LB_TASK_PRODUCT);
    write_reference(w, "else", LB_TASK_TERM);
  } else {
    write_reference(w, NULL, k->of);
  }
  lb_json_write_end_object(w);
}

// One of some words.
static void write_choice(lb_json_writer* w, lb_task_words words) {
  const char* names[LB_TASK_WORDS_MOST];
  int n = lb_task_words_list(names, NULL, words);
  lb_schema_words(w, names, n);
}

// What a key holds.
static void write_value(lb_json_writer* w, const lb_task_key* k) {
  switch (k->type) {
    case LB_TASK_TEXT:
      write_type(w, "string");
      break;
    case LB_TASK_TEXT_OR_NULL:
      lb_json_write_raw(w, "type", "[\"string\",\"null\"]");
      break;
    case LB_TASK_TEXTS:
      write_list(w, "string", 0, false);
      break;
    case LB_TASK_NAMES:
      begin_either(w);
      write_type(w, "string");
      then_or(w);
      write_list(w, "string", 0, false);
      end_either(w);
      break;
    case LB_TASK_ACTUATOR:
      write_actuator(w);
      break;
    case LB_TASK_ACTUATORS:
      write_type(w, "array");
      lb_json_write_int(w, "minItems", 1);
      lb_json_write_begin_object(w, "items");
      write_actuator(w);
      lb_json_write_end_object(w);
      break;
    case LB_TASK_WHOLE:
      lb_schema_range(w, "integer", k->low, k->high);
      break;
    case LB_TASK_WHOLES:
      write_list(w, "integer", 0, false);
      break;
    case LB_TASK_RANGE:
      write_list(w, "integer", 2, false);
      break;
    case LB_TASK_NUMBER:
      lb_schema_range(w, "number", k->low, k->high);
      break;
    case LB_TASK_NUMBERS:
      write_list(w, "number", 0, false);
      break;
    case LB_TASK_ROWS:
      write_type(w, "array");
      lb_json_write_int(w, "minItems", 1);
      lb_json_write_begin_object(w, "items");
      write_list(w, "number", 0, false);
      lb_json_write_end_object(w);
      break;
    case LB_TASK_WEIGHTS:
      begin_either(w);
      lb_schema_range(w, "number", k->low, k->high);
      then_or(w);
      write_list(w, "number", 0, false);
      end_either(w);
      break;
    case LB_TASK_SPREAD:
      begin_either(w);
      lb_schema_range(w, "number", k->low, k->high);
      then_or(w);
      write_list(w, "number", 2, false);
      end_either(w);
      break;
    case LB_TASK_PAIR:
      write_list(w, "number", 2, false);
      break;
    case LB_TASK_BOUNDS:
      write_list(w, "number", 2, true);
      break;
    case LB_TASK_MINUS:
      begin_either(w);
      write_type(w, "number");
      then_or(w);
      write_list(w, "number", 0, false);
      then_or(w);
      write_reference(w, NULL, k->of);
      end_either(w);
      break;
    case LB_TASK_BOOL:
      write_type(w, "boolean");
      break;
    case LB_TASK_CHOICE:
      write_choice(w, (lb_task_words)k->of);
      break;
    case LB_TASK_NODE:
      write_reference(w, NULL, k->of);
      break;
    case LB_TASK_LIST:
      write_items(w, k);
      break;
  }
}

// A key with its meaning, value and example.
static void write_key(lb_json_writer* w, const lb_task_key* k) {
  lb_text what = {0}, example = {0};
  lb_text_add(&what, "%s%s%s%s%s", k->what, k->unit ? " [" : "", k->unit ? k->unit : "", k->unit ? "]" : "",
              k->required ? "" : "; optional");
  if (k->fallback) lb_text_add(&what, ", default: %s", k->fallback);
  lb_text_add(&example, "[%s]", k->example);
  lb_json_write_begin_object(w, k->name);
  lb_json_write_string(w, "description", what.data);
  write_value(w, k);
  lb_json_write_raw(w, "examples", example.data);
  lb_json_write_end_object(w);
  lb_text_free(&what);
  lb_text_free(&example);
}

// Keys that go with others.
static void write_needs(lb_json_writer* w, const lb_task_key* keys, int n) {
  lb_json_write_begin_object(w, "dependentRequired");
  for (int i = 0; i < n; i++) {
    if (!keys[i].needs) continue;
    lb_json_write_begin_array(w, keys[i].name);
    lb_json_write_string(w, NULL, keys[i].needs);
    lb_json_write_end_array(w);
  }
  lb_json_write_end_object(w);
}

// The members of an object's schema.
static void write_object(lb_json_writer* w, lb_task_object object) {
  const lb_task_key* keys;
  int n = lb_task_keys(&keys, object);
  const char* const* one_of = lb_task_object_one_of(object);
  lb_schema_describe(w, lb_task_object_what(object), NULL);
  lb_schema_strict(w);
  lb_json_write_begin_object(w, "properties");
  for (int i = 0; i < n; i++) write_key(w, &keys[i]);
  lb_json_write_end_object(w);
  lb_json_write_begin_array(w, "required");
  for (int i = 0; i < n; i++) {
    if (keys[i].required) lb_json_write_string(w, NULL, keys[i].name);
  }
  lb_json_write_end_array(w);
  write_needs(w, keys, n);
  if (!one_of) return;
  lb_json_write_begin_array(w, "oneOf");
  for (int i = 0; one_of[i]; i++) {
    lb_json_write_begin_object(w, NULL);
    lb_schema_required(w, &one_of[i], 1);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
}

void lb_task_schema(void) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_schema_begin(&w, "task.json of LazyBench");
  write_object(&w, LB_TASK_ROOT);
  lb_json_write_begin_object(&w, "$defs");
  for (int i = LB_TASK_ROOT + 1; i < LB_TASK_OBJECTS; i++) {
    lb_json_write_begin_object(&w, lb_task_object_name((lb_task_object)i));
    write_object(&w, (lb_task_object)i);
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_object(&w);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}
