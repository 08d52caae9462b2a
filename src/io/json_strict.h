// What is checked of a JSON text (RFC 8259) beyond what cJSON checks, before it builds the tree. Each check is here
// because cJSON (1.7) has no option for it; its one option, require_null_terminated, is taken.
//
//   what is refused                      what cJSON does, and which option is missing
//   01, 1., 1e999 as numbers             takes [0-9+-.eE]{1,63} to strtod; a strict mode
//   control characters in strings        copies them; a strict mode
//   strings that are not UTF-8           copies them; a check of the encoding
//   \u0000 in strings                    ends the string there; a refusal
//   white space but blank, \t, \r, \n    skips every byte up to 0x20; a strict mode
//   a byte order mark                    skips it; a refusal
//   more than LB_JSON_DEPTH levels       CJSON_NESTING_LIMIT is fixed when the library is compiled; an argument
//   a key that occurs twice              keeps both and finds the first; a refusal
//
// And it says of an error only where it gave up (return_parse_end, in keys and objects one byte late), not what is
// wrong: so the whole grammar is walked here, for messages with line, column and the mend. For this room only.
#ifndef LB_IO_JSON_STRICT_H_
#define LB_IO_JSON_STRICT_H_

#include <cjson/cJSON.h>
#include <stddef.h>

#include "base/status.h"

// No file of ours comes near this depth, and lb_json_writer can write what was read.
enum { LB_JSON_DEPTH = 30 };

// Fails, as FILE:LINE:COLUMN, unless text[0..n) is one JSON value and nothing else.
lb_status lb_json_strict_text(const char* text, size_t n, const char* origin);

// A key that occurs twice among an object's children, sorted by their keys; NULL: there is none.
const char* lb_json_strict_twice(const cJSON* const* sorted, int n);

#endif  // LB_IO_JSON_STRICT_H_
