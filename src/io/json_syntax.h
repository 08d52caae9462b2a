// The grammar of JSON (RFC 8259), checked to the letter before cJSON builds the tree: cJSON accepts numbers such as
// "01" and 1e999, raw control characters and broken UTF-8, and says only where it gave up. For this room only.
#ifndef LB_IO_JSON_SYNTAX_H_
#define LB_IO_JSON_SYNTAX_H_

#include <stddef.h>

// Deeper nesting is refused: no file of ours comes near, and lb_json_writer can write what was read.
enum { LB_JSON_DEPTH = 30 };

// NULL when text[0..n) is one JSON value and nothing else; else what is wrong, and *where it is (a byte offset).
const char* lb_json_syntax(const char* text, size_t n, size_t* where);

#endif  // LB_IO_JSON_SYNTAX_H_
