// Pieces of JSON Schemas (draft 2020-12), for the objects that people write: tasks, algorithms, suites. The tables by
// which these are read are written with them, so that a schema cannot say anything else than the reader.
#ifndef LB_IO_JSON_SCHEMA_H_
#define LB_IO_JSON_SCHEMA_H_

#include "io/json_writer.h"

// The outermost object of a schema, with its title; ends with lb_json_write_end_object.
void lb_schema_begin(lb_json_writer* w, const char* title);

// Begins an object in an object: "if/properties/type" three of them. Returns how many lb_schema_close has to end.
int lb_schema_open(lb_json_writer* w, const char* keys);
void lb_schema_close(lb_json_writer* w, int n);

// Members of the object under way. "description", unless it is NULL or empty; a unit in brackets where there is one.
void lb_schema_describe(lb_json_writer* w, const char* what, const char* unit);
// "type", and the range where an end is finite.
void lb_schema_range(lb_json_writer* w, const char* type, double low, double high);
// "enum".
void lb_schema_words(lb_json_writer* w, const char* const* words, int n);
// "required".
void lb_schema_required(lb_json_writer* w, const char* const* keys, int n);
// "type": "object" with no other keys than those of the "properties" that are to follow.
void lb_schema_strict(lb_json_writer* w);

#endif  // LB_IO_JSON_SCHEMA_H_
