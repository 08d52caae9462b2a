// Pieces of JSON Schemas: see json_schema.h.
#include "io/json_schema.h"

#include <math.h>
#include <string.h>

void lb_schema_begin(lb_json_writer* w, const char* title) {
  lb_json_write_begin_object(w, NULL);
  lb_json_write_string(w, "$schema", "https://json-schema.org/draft/2020-12/schema");
  lb_json_write_string(w, "title", title);
}

int lb_schema_open(lb_json_writer* w, const char* keys) {
  int n = 0;
  for (const char* at = keys; at; n++) {
    const char* slash = strchr(at, '/');
    lb_text key = {0};
    lb_text_add_bytes(&key, at, slash ? (size_t)(slash - at) : strlen(at));
    lb_json_write_begin_object(w, key.data);
    lb_text_free(&key);
    at = slash ? slash + 1 : NULL;
  }
  return n;
}

void lb_schema_close(lb_json_writer* w, int n) {
  for (int i = 0; i < n; i++) lb_json_write_end_object(w);
}

void lb_schema_describe(lb_json_writer* w, const char* what, const char* unit) {
  if (!what || !*what) return;
  lb_text text = {0};
  lb_text_add(&text, "%s", what);
  if (unit && *unit) lb_text_add(&text, " [%s]", unit);
  lb_json_write_string(w, "description", text.data);
  lb_text_free(&text);
}

void lb_schema_range(lb_json_writer* w, const char* type, double low, double high) {
  lb_json_write_string(w, "type", type);
  if (isfinite(low)) lb_json_write_number(w, "minimum", low);
  if (isfinite(high)) lb_json_write_number(w, "maximum", high);
}

void lb_schema_words(lb_json_writer* w, const char* const* words, int n) {
  lb_json_write_begin_array(w, "enum");
  for (int i = 0; i < n; i++) lb_json_write_string(w, NULL, words[i]);
  lb_json_write_end_array(w);
}

void lb_schema_required(lb_json_writer* w, const char* const* keys, int n) {
  lb_json_write_begin_array(w, "required");
  for (int i = 0; i < n; i++) lb_json_write_string(w, NULL, keys[i]);
  lb_json_write_end_array(w);
}

void lb_schema_strict(lb_json_writer* w) {
  lb_json_write_string(w, "type", "object");
  lb_json_write_bool(w, "additionalProperties", false);
}
