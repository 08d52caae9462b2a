// Just enough of the ZIP format (PKWARE APPNOTE 6.3) for .npz: stored and deflated entries, no encryption, no
// splitting, archives below 4 GiB. For the files of this room only.
#ifndef LB_IO_ZIP_H_
#define LB_IO_ZIP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef struct lb_zip_entry {
  char* name;     // valid UTF-8, a relative path without "..", unique in the archive
  uint8_t* data;  // unpacked, 64-byte aligned, followed by a NUL
  size_t size;
} lb_zip_entry;

typedef struct lb_zip {
  lb_zip_entry* entries;
  int n;
} lb_zip;

// Unpacks all entries. Every length is checked against the archive's before it is believed, and every CRC. Failures are
// LB_INPUT and start with `origin` and the entry's name.
lb_status lb_zip_read(lb_zip* out, const uint8_t* bytes, size_t n, const char* origin);
void lb_zip_free(lb_zip* zip);

// Writes an archive into memory: begin with zeros, add entries, end. `directory` is scratch. With a sink the archive
// goes there piece by piece, and `archive` stays empty.
typedef struct lb_zip_writer {
  lb_text archive;
  lb_text directory;
  size_t length;  // of the archive so far
  int n;
  lb_status (*sink)(void* ctx, const void* bytes, size_t n);
  void* ctx;
} lb_zip_writer;

// Adds an entry; it may come in two parts, one after the other (head NULL: none). Fails (LB_INPUT, without a file name)
// when it does not fit below 4 GiB, and as the sink does.
lb_status lb_zip_add(lb_zip_writer* w, const char* name, const void* data, size_t size, bool deflate);
lb_status lb_zip_add_parts(lb_zip_writer* w, const char* name, const void* head, size_t head_size, const void* data,
                           size_t size, bool deflate);
lb_status lb_zip_end(lb_zip_writer* w);
void lb_zip_writer_free(lb_zip_writer* w);

#endif  // LB_IO_ZIP_H_
