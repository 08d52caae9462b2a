// Writing JSON: the same calls give the same bytes. Numbers are the shortest decimal that reads back to the same
// double; NaN and infinities become null.
#ifndef LB_IO_JSON_WRITER_H_
#define LB_IO_JSON_WRITER_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

typedef struct lb_json_writer {
  lb_text* text;  // where it goes; the caller's
  int depth;
  bool comma[32];  // whether the next value at this depth needs a comma
} lb_json_writer;

enum { LB_NUMBER_TEXT = 40 };

// The shortest decimal that reads back to the same double, laid out as by "%g" ("-0.0" for -0); "null" for NaN and
// infinities.
void lb_json_number_text(double value, char out[LB_NUMBER_TEXT]);

// A writer that appends to text.
lb_json_writer lb_json_writer_on(lb_text* text);

// `key` is NULL inside arrays and for the outermost value.
void lb_json_write_begin_object(lb_json_writer* w, const char* key);
void lb_json_write_end_object(lb_json_writer* w);
void lb_json_write_begin_array(lb_json_writer* w, const char* key);
void lb_json_write_end_array(lb_json_writer* w);
void lb_json_write_number(lb_json_writer* w, const char* key, double value);
void lb_json_write_int(lb_json_writer* w, const char* key, int64_t value);
void lb_json_write_bool(lb_json_writer* w, const char* key, bool value);
void lb_json_write_string(lb_json_writer* w, const char* key, const char* value);  // NULL: null
void lb_json_write_numbers(lb_json_writer* w, const char* key, const double* values, int n);
// Text that is JSON already.
void lb_json_write_raw(lb_json_writer* w, const char* key, const char* json);

#endif  // LB_IO_JSON_WRITER_H_
