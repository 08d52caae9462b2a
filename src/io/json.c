// JSON documents, the way through them and their typed values: see json.h. cJSON holds the tree; json_strict.c has
// checked the text before.
#include "io/json.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"
#include "io/json_strict.h"
#include "io/json_writer.h"

// A large array or object, so that its element i, or one of its keys, is found without walking through the others.
typedef struct table {
  const cJSON* of;
  int n;
  const cJSON** items;   // (n) in order
  const cJSON** sorted;  // (n) of an object, by key
} table;

struct lb_json {
  cJSON* root;
  char* origin;
  table* tables;  // by the address of what they are of
  int n_tables, capacity;
};

enum { LARGE = 16 };  // more elements than this get a table

static const cJSON* item_of(lb_node node) {
  return node.item;
}

// A path for messages; one that does not fit ends in "...".
static void extend_path(lb_node* child, const char* parent, const char* format, ...) {
  int used = snprintf(child->path, sizeof child->path, "%s", parent);
  size_t room = sizeof child->path;
  if (used >= 0 && (size_t)used < room) {
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(child->path + used, room - (size_t)used, format, arguments);
    va_end(arguments);
    if (more >= 0 && (size_t)(used + more) < room) return;
  }
  memcpy(child->path + room - 4, "...", 4);
}

// The node of a child, with its path: ".key", or "[index]" for index >= 0.
static lb_node make_child(lb_node parent, const cJSON* item, int index) {
  lb_node child = {.doc = parent.doc, .item = item};
  if (item && item->string && index < 0) {
    extend_path(&child, parent.path, ".%s", item->string);
  } else {
    extend_path(&child, parent.path, "[%d]", index);
  }
  return child;
}

static int compare_keys(const void* a, const void* b) {
  return strcmp((*(const cJSON* const*)a)->string, (*(const cJSON* const*)b)->string);
}

// The children of an array or object in order; of an object by key with `sorted`. Caller frees; NULL when memory is
// short.
static const cJSON** children_of(const cJSON* item, int n, bool sorted) {
  const cJSON** out = malloc((size_t)(n + 1) * sizeof(const cJSON*));
  if (!out) return NULL;
  int i = 0;
  for (const cJSON* c = item->child; c; c = c->next) out[i++] = c;
  if (sorted) qsort(out, (size_t)n, sizeof(const cJSON*), compare_keys);
  return out;
}

// Keeps a table of `item`, whose sorted children (NULL: of an array) become its own.
static bool keep_table(lb_json* doc, const cJSON* item, int n, const cJSON** sorted) {
  if (doc->n_tables == doc->capacity) {
    int capacity = doc->capacity ? 2 * doc->capacity : 8;
    table* larger = realloc(doc->tables, (size_t)capacity * sizeof *larger);
    if (!larger) return false;
    doc->tables = larger;
    doc->capacity = capacity;
  }
  const cJSON** items = children_of(item, n, false);
  if (!items) return false;
  doc->tables[doc->n_tables++] = (table){item, n, items, sorted};
  return true;
}

// Refuses a key that occurs twice anywhere below, and tables what is large.
static lb_status look_through(lb_json* doc, lb_node node) {
  const cJSON* item = item_of(node);
  bool object = cJSON_IsObject(item);
  int n = cJSON_GetArraySize(item);
  const cJSON** sorted = object ? children_of(item, n, true) : NULL;
  if (object && !sorted) return lb_fail(LB_MEMORY, "%s: out of memory", doc->origin);
  const char* twice = object ? lb_json_strict_twice(sorted, n) : NULL;
  lb_status status = twice ? lb_json_fail(node, "the key '%s' occurs twice", twice) : lb_ok();
  bool kept = status.code == LB_OK && n > LARGE && keep_table(doc, item, n, sorted);
  if (status.code == LB_OK && n > LARGE && !kept) status = lb_fail(LB_MEMORY, "%s: out of memory", doc->origin);
  if (!kept) free(sorted);
  LB_TRY(status);
  int i = 0;
  for (const cJSON* c = item->child; c; c = c->next, i++) {
    if (c->child) LB_TRY(look_through(doc, make_child(node, c, object ? -1 : i)));
  }
  return lb_ok();
}

// Order of tables by the address of what they are of.
static int compare_tables(const void* a, const void* b) {
  uintptr_t x = (uintptr_t)((const table*)a)->of, y = (uintptr_t)((const table*)b)->of;
  return (x > y) - (x < y);
}

// Checks the keys and makes the tables ready for their search.
static lb_status finish(lb_json* doc) {
  LB_TRY(look_through(doc, lb_json_root(doc)));
  if (doc->n_tables > 1) qsort(doc->tables, (size_t)doc->n_tables, sizeof *doc->tables, compare_tables);
  return lb_ok();
}

// NULL: it is not large.
static const table* table_of(const lb_json* doc, const cJSON* item) {
  table key = {.of = item};
  if (doc->n_tables == 0) return NULL;
  return bsearch(&key, doc->tables, (size_t)doc->n_tables, sizeof *doc->tables, compare_tables);
}

// Child i; NULL: there is none.
static const cJSON* element_of(lb_node node, int i) {
  const table* t = table_of(node.doc, item_of(node));
  if (t) return i >= 0 && i < t->n ? t->items[i] : NULL;
  return cJSON_GetArrayItem(item_of(node), i);
}

// The value of a key; NULL: there is none.
static const cJSON* value_of(lb_node object, const char* key) {
  const table* t = table_of(object.doc, item_of(object));
  if (!t || !t->sorted) return cJSON_GetObjectItemCaseSensitive(item_of(object), key);
  const cJSON wanted = {.string = (char*)key}, *at = &wanted;
  const cJSON** found = bsearch(&at, t->sorted, (size_t)t->n, sizeof(const cJSON*), compare_keys);
  return found ? *found : NULL;
}

// The document of text[0..n), behind which a NUL byte stands.
static lb_status parse_bytes(lb_json** out, const char* text, size_t n, const char* origin) {
  *out = NULL;
  LB_TRY(lb_json_strict_text(text, n, origin));
  lb_json* doc = calloc(1, sizeof *doc);
  if (!doc) return lb_fail(LB_MEMORY, "%s: out of memory", origin);
  doc->origin = strdup(origin);
  doc->root = cJSON_ParseWithLengthOpts(text, n + 1, NULL, 1);
  bool built = doc->origin && doc->root;
  lb_status status = built ? finish(doc) : lb_fail(LB_MEMORY, "%s: out of memory", origin);
  if (status.code != LB_OK) {
    lb_json_free(doc);
    return status;
  }
  *out = doc;
  return lb_ok();
}

lb_status lb_json_load(lb_json** out, const char* path) {
  char* text;
  size_t n;
  *out = NULL;
  LB_TRY(lb_file_read(path, &text, &n));
  lb_status status = parse_bytes(out, text, n, path);
  free(text);
  return status;
}

lb_status lb_json_parse(lb_json** out, const char* text, const char* origin) {
  return parse_bytes(out, text, strlen(text), origin);
}

void lb_json_free(lb_json* doc) {
  if (!doc) return;
  cJSON_Delete(doc->root);
  for (int i = 0; i < doc->n_tables; i++) {
    free(doc->tables[i].items);
    free(doc->tables[i].sorted);
  }
  free(doc->tables);
  free(doc->origin);
  free(doc);
}

lb_node lb_json_root(const lb_json* doc) {
  return (lb_node){.doc = doc, .item = doc->root, .path = "$"};
}

// Writes the item, objects by ascending keys.
static void write_canonical(lb_json_writer* w, const char* key, const cJSON* item) {
  if (cJSON_IsObject(item)) {
    int n = cJSON_GetArraySize(item);
    const cJSON** sorted = children_of(item, n, true);
    if (!sorted) {
      fputs("out of memory\n", stderr);
      exit(1);
    }
    lb_json_write_begin_object(w, key);
    for (int i = 0; i < n; i++) write_canonical(w, sorted[i]->string, sorted[i]);
    lb_json_write_end_object(w);
    free(sorted);
  } else if (cJSON_IsArray(item)) {
    lb_json_write_begin_array(w, key);
    for (const cJSON* c = item->child; c; c = c->next) write_canonical(w, NULL, c);
    lb_json_write_end_array(w);
  } else if (cJSON_IsNumber(item)) {
    lb_json_write_number(w, key, item->valuedouble);
  } else if (cJSON_IsBool(item)) {
    lb_json_write_bool(w, key, cJSON_IsTrue(item));
  } else {
    lb_json_write_string(w, key, cJSON_IsString(item) ? item->valuestring : NULL);
  }
}

char* lb_json_canonical(lb_node node) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  write_canonical(&w, NULL, item_of(node));
  return text.data;
}

lb_status lb_json_fail(lb_node node, const char* format, ...) {
  char text[sizeof((lb_status*)0)->text];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return lb_fail(LB_INPUT, "%s: %s: %s", node.doc->origin, node.path, text);
}

bool lb_json_has(lb_node object, const char* key) {
  const cJSON* item = value_of(object, key);
  return item && !cJSON_IsNull(item);
}

bool lb_json_is_null(lb_node node) {
  return cJSON_IsNull(item_of(node));
}

bool lb_json_is_string(lb_node node) {
  return cJSON_IsString(item_of(node));
}

bool lb_json_is_number(lb_node node) {
  return cJSON_IsNumber(item_of(node));
}

bool lb_json_is_array(lb_node node) {
  return cJSON_IsArray(item_of(node));
}

bool lb_json_is_object(lb_node node) {
  return cJSON_IsObject(item_of(node));
}

lb_status lb_json_child(lb_node object, const char* key, lb_node* out) {
  const cJSON* item = value_of(object, key);
  if (!item) return lb_json_fail(object, "the key '%s' is missing", key);
  *out = make_child(object, item, -1);
  return lb_ok();
}

lb_node lb_json_element(lb_node array, int i) {
  const cJSON* item = element_of(array, i);
  assert(item);
  return make_child(array, item, i);
}

int lb_json_length(lb_node array_or_object) {
  const table* t = table_of(array_or_object.doc, item_of(array_or_object));
  return t ? t->n : cJSON_GetArraySize(item_of(array_or_object));
}

const char* lb_json_key(lb_node object, int i) {
  const cJSON* item = element_of(object, i);
  assert(item);
  return item->string;
}

// ---------------------------------------------------------------------------------------------------------------------
// Typed values, and the complaints about wrong ones

typedef char phrase[120];

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
