// JSON documents and the way through them: see json.h. cJSON holds the tree; json_syntax.c has checked the text before.
#include "io/json.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"
#include "io/json_syntax.h"
#include "io/json_writer.h"

struct lb_json {
  cJSON* root;
  char* origin;
};

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

static lb_node make_child(lb_node parent, const cJSON* item, int index) {
  lb_node child = {.doc = parent.doc, .item = item};
  if (item && item->string && index < 0) {
    extend_path(&child, parent.path, ".%s", item->string);
  } else {
    extend_path(&child, parent.path, "[%d]", index);
  }
  return child;
}

static int compare_strings(const void* a, const void* b) {
  return strcmp(*(const char* const*)a, *(const char* const*)b);
}

// The keys of an object, sorted; *n of them. Caller frees; NULL when memory is short.
static const char** sorted_keys(const cJSON* object, int* n) {
  *n = cJSON_GetArraySize(object);
  const char** keys = malloc((size_t)(*n + 1) * sizeof *keys);
  if (!keys) return NULL;
  int i = 0;
  for (const cJSON* c = object->child; c; c = c->next) keys[i++] = c->string;
  qsort(keys, (size_t)*n, sizeof *keys, compare_strings);
  return keys;
}

static lb_status refuse_duplicates(lb_node node) {
  const cJSON* item = item_of(node);
  if (cJSON_IsObject(item)) {
    int n;
    const char** keys = sorted_keys(item, &n);
    if (!keys) return lb_fail(LB_MEMORY, "%s: out of memory", node.doc->origin);
    const char* twice = NULL;
    for (int i = 1; i < n && !twice; i++) {
      if (strcmp(keys[i - 1], keys[i]) == 0) twice = keys[i];
    }
    lb_status status = twice ? lb_json_fail(node, "the key '%s' occurs twice", twice) : lb_ok();
    free(keys);
    LB_TRY(status);
  }
  int i = 0;
  for (const cJSON* c = item->child; c; c = c->next, i++) {
    if (c->child) LB_TRY(refuse_duplicates(make_child(node, c, cJSON_IsArray(item) ? i : -1)));
  }
  return lb_ok();
}

// A syntax error as FILE:LINE:COLUMN, columns counted in characters.
static lb_status syntax_failure(const char* text, size_t where, const char* origin, const char* wrong) {
  int line = 1, column = 1;
  for (size_t i = 0; i < where; i++) {
    if (text[i] == '\n') {
      line++;
      column = 1;
    } else if (((unsigned char)text[i] & 0xC0u) != 0x80u) {
      column++;
    }
  }
  return lb_fail(LB_INPUT, "%s:%d:%d: %s", origin, line, column, wrong);
}

static lb_status parse_bytes(lb_json** out, const char* text, size_t n, const char* origin) {
  *out = NULL;
  size_t where;
  if (strspn(text, " \t\r\n") == n) return lb_fail(LB_INPUT, "%s: is empty, expected JSON", origin);
  const char* wrong = lb_json_syntax(text, n, &where);
  if (wrong) return syntax_failure(text, where, origin, wrong);
  lb_json* doc = calloc(1, sizeof *doc);
  if (!doc) return lb_fail(LB_MEMORY, "%s: out of memory", origin);
  doc->origin = strdup(origin);
  doc->root = cJSON_ParseWithLengthOpts(text, n + 1, NULL, 1);
  bool built = doc->origin && doc->root;
  lb_status status = built ? refuse_duplicates(lb_json_root(doc)) : lb_fail(LB_MEMORY, "%s: out of memory", origin);
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
  free(doc->origin);
  free(doc);
}

lb_node lb_json_root(const lb_json* doc) {
  return (lb_node){.doc = doc, .item = doc->root, .path = "$"};
}

static void write_canonical(lb_json_writer* w, const char* key, const cJSON* item) {
  if (cJSON_IsObject(item)) {
    int n;
    const char** keys = sorted_keys(item, &n);
    if (!keys) {
      fputs("out of memory\n", stderr);
      exit(1);
    }
    lb_json_write_begin_object(w, key);
    for (int i = 0; i < n; i++) write_canonical(w, keys[i], cJSON_GetObjectItemCaseSensitive(item, keys[i]));
    lb_json_write_end_object(w);
    free(keys);
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
  const cJSON* item = cJSON_GetObjectItemCaseSensitive(item_of(object), key);
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
  const cJSON* item = cJSON_GetObjectItemCaseSensitive(item_of(object), key);
  if (!item) return lb_json_fail(object, "the key '%s' is missing", key);
  *out = make_child(object, item, -1);
  return lb_ok();
}

lb_node lb_json_element(lb_node array, int i) {
  const cJSON* item = cJSON_GetArrayItem(item_of(array), i);
  assert(item);
  return make_child(array, item, i);
}

int lb_json_length(lb_node array_or_object) {
  return cJSON_GetArraySize(item_of(array_or_object));
}

const char* lb_json_key(lb_node object, int i) {
  const cJSON* item = cJSON_GetArrayItem(item_of(object), i);
  assert(item);
  return item->string;
}
