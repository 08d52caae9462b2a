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
  uint8_t* data;  // NULL until it is unpacked; then 64-byte aligned and followed by a NUL
  size_t size;    // unpacked
  // For zip.c alone: what the central directory says of it.
  size_t packed, offset;
  uint32_t crc;
  unsigned flags, method;
} lb_zip_entry;

typedef struct lb_zip {
  lb_zip_entry* entries;
  int n;
  const char* origin;
  const uint8_t* bytes;
  size_t directory;  // where the central directory begins in them
} lb_zip;

// Reads the directory; nothing is unpacked. `bytes` and `origin` must live as long as the archive. Every length is
// checked against the archive's before it is believed; an archive that promises more than 8 GiB is refused. Entries for
// folders are left out. Failures are LB_INPUT and start with `origin` and the entry's name.
lb_status lb_zip_open(lb_zip* out, const uint8_t* bytes, size_t n, const char* origin);

// The first `size` bytes of entry i, or all of it where it is shorter; *got receives how many. No CRC is checked.
lb_status lb_zip_peek(const lb_zip* zip, int i, uint8_t* out, size_t size, size_t* got);

// Unpacks entry i and checks its CRC; nothing is done where its data are there already.
lb_status lb_zip_unpack(lb_zip* zip, int i);
void lb_zip_drop(lb_zip* zip, int i);  // gives its data back
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
