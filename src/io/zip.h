// Just enough of the ZIP format (PKWARE APPNOTE 6.3) for .npz: stored and deflated entries, no encryption, no
// splitting, archives below 4 GiB. For the files of this room only.
#ifndef LB_IO_ZIP_H_
#define LB_IO_ZIP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "io/file.h"

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

// Writes an archive: begin with a writer of zeros, which collects it in `archive`, or with its `file` set (and begun),
// which gets it instead. Add entries, end. `directory` is scratch.
typedef struct lb_zip_writer {
  lb_file_writer* file;
  lb_text archive;
  lb_text directory;
  size_t length;  // of what has been written
  int n;
} lb_zip_writer;

// Fails (LB_INPUT, without a file name) when the entry does not fit below 4 GiB.
lb_status lb_zip_add(lb_zip_writer* w, const char* name, const void* data, size_t size, bool deflate);
// A stored entry of two pieces.
lb_status lb_zip_add_two(lb_zip_writer* w, const char* name, const void* first, size_t nfirst, const void* second,
                         size_t nsecond);
lb_status lb_zip_end(lb_zip_writer* w);
void lb_zip_writer_free(lb_zip_writer* w);

#endif  // LB_IO_ZIP_H_
