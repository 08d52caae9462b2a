// UTF-8 (RFC 3629), for the files of this room only.
#ifndef LB_IO_UTF8_H_
#define LB_IO_UTF8_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The bytes of the character that starts at text[0..n), 1 to 4, or 0 when it is cut short, overlong, a surrogate or
// past U+10FFFF. *code (may be NULL) receives the character.
int lb_utf8_decode(const char* text, size_t n, uint32_t* code);

// Writes the character and returns its bytes, or 0 when there is no such character.
int lb_utf8_encode(uint32_t code, char out[4]);

// Whether all of text[0..n) is valid.
bool lb_utf8_is_valid(const char* text, size_t n);

#endif  // LB_IO_UTF8_H_
