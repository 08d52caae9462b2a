// Reading JSON strictly. Every complaint names the file, the JSON path ("task.json: $.cost.terms[2].weight"), what was
// found, what would be right, and the nearest valid key where one was misspelt.
//
// Usage: load a document, take its root, check its keys once with lb_json_keys, then read each value by key.
#ifndef LB_IO_JSON_H_
#define LB_IO_JSON_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

typedef struct lb_json lb_json;

// A value inside a document, with its path. Valid while the document lives.
typedef struct lb_node {
  const lb_json* doc;
  const void* item;
  char path[200];
} lb_node;

// Parses a file, or a text whose `origin` stands in for a file name in messages. Trailing text after the value, a
// duplicate key, and an empty file are errors; a syntax error gives line and column.
lb_status lb_json_load(lb_json** out, const char* path);
lb_status lb_json_parse(lb_json** out, const char* text, const char* origin);
void lb_json_free(lb_json* doc);

lb_node lb_json_root(const lb_json* doc);

// The object's text again, compact and with sorted keys: the same content gives the same bytes. Caller frees.
char* lb_json_canonical(lb_node node);

// An LB_INPUT failure at this node: "FILE: PATH: ..." followed by the formatted text.
lb_status lb_json_fail(lb_node node, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Fails unless the node is an object whose keys are all among known[0..n); suggests the nearest.
lb_status lb_json_keys(lb_node object, const char* const* known, int n);

bool lb_json_has(lb_node object, const char* key);  // present and not null
bool lb_json_is_null(lb_node node);
bool lb_json_is_string(lb_node node);
bool lb_json_is_number(lb_node node);
bool lb_json_is_array(lb_node node);
bool lb_json_is_object(lb_node node);

// Required values. Numbers must be finite and within [low, high]; integers must be whole.
lb_status lb_json_number(lb_node object, const char* key, double low, double high, double* out);
lb_status lb_json_int(lb_node object, const char* key, int low, int high, int* out);
lb_status lb_json_bool(lb_node object, const char* key, bool* out);
// The string stays the document's.
lb_status lb_json_string(lb_node object, const char* key, const char** out);
// The index of the string among choices[0..n); suggests the nearest.
lb_status lb_json_choice(lb_node object, const char* key, const char* const* choices, int n, int* out);
lb_status lb_json_object(lb_node object, const char* key, lb_node* out);
lb_status lb_json_array(lb_node object, const char* key, lb_node* out, int* length);
// The value of a key whatever its type; fails when it is missing.
lb_status lb_json_child(lb_node object, const char* key, lb_node* out);
// Element i of an array, key i of an object (the key is the document's).
lb_node lb_json_element(lb_node array, int i);
int lb_json_length(lb_node array_or_object);
const char* lb_json_key(lb_node object, int i);

// An array of exactly `n` finite numbers (n < 0: any length, returned in *length) in the arena.
lb_status lb_json_numbers(lb_node object, const char* key, int n, lb_arena* arena, double** out, int* length);

// The same with a default for a missing key.
lb_status lb_json_number_or(lb_node object, const char* key, double low, double high, double missing, double* out);
lb_status lb_json_int_or(lb_node object, const char* key, int low, int high, int missing, int* out);
lb_status lb_json_bool_or(lb_node object, const char* key, bool missing, bool* out);
lb_status lb_json_string_or(lb_node object, const char* key, const char* missing, const char** out);
lb_status lb_json_choice_or(lb_node object, const char* key, const char* const* choices, int n, int missing, int* out);

// Plain values of a node itself.
lb_status lb_json_as_number(lb_node node, double low, double high, double* out);
lb_status lb_json_as_string(lb_node node, const char** out);

#endif  // LB_IO_JSON_H_
