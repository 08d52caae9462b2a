// NumPy's .npz: a zip of .npy arrays, deflated or stored. We read what NumPy writes (format 1.0 to 3.0, little-endian
// f4, f8, bool, i1..i8, u1..u8, and U strings of rank 0) and NumPy reads what we write. Refused by name, entry and
// reason: a truncated file, a wrong CRC, an entry name that is a path out of the archive, archives that promise more
// than 8 GiB. An entry that we cannot read (big-endian, float16, objects, several strings, Fortran order, no array at
// all, sizes that do not add up) is refused when it is asked for, and does no harm otherwise.
#ifndef LB_IO_NPZ_H_
#define LB_IO_NPZ_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

typedef enum lb_dtype {
  LB_F32,
  LB_F64,
  LB_BOOL,
  LB_I8,
  LB_I16,
  LB_I32,
  LB_I64,
  LB_U8,
  LB_U16,
  LB_U32,
  LB_U64,
  LB_UTF8
} lb_dtype;

enum { LB_MAX_RANK = 5 };

typedef struct lb_array {
  const char* name;  // without ".npy"
  lb_dtype dtype;    // LB_UTF8: a string of rank 0; `data` is NUL-terminated UTF-8
  int rank;
  int64_t shape[LB_MAX_RANK];
  int64_t size;  // elements
  const void* data;
} lb_array;

typedef struct lb_npz lb_npz;

// Reads the whole archive and checks every entry's CRC. `lb_npz_parse` reads from memory; `origin` names it in
// messages.
lb_status lb_npz_load(lb_npz** out, const char* path);
lb_status lb_npz_parse(lb_npz** out, const void* bytes, size_t n, const char* origin);

// The same, but an entry is unpacked (and its CRC checked) only when its data are asked for: for archives of others,
// which may hold much that nobody reads.
lb_status lb_npz_open(lb_npz** out, const char* path);

void lb_npz_free(lb_npz* npz);

// The names that the reader has a use for, which no message suggests in another's place: of a missing array it suggests
// one that is there, of the same name in another folder or of the nearest spelling. The list must outlive the archive.
void lb_npz_know(lb_npz* npz, const char* const* names, int n);

const char* lb_npz_origin(const lb_npz* npz);
int lb_npz_count(const lb_npz* npz);
const lb_array* lb_npz_at(const lb_npz* npz, int i);
// NULL when there is no such array, or none that we can read. Of an archive opened by lb_npz_open `data` is NULL until
// it is asked for.
const lb_array* lb_npz_find(const lb_npz* npz, const char* name);
// Whether there is an entry of that name, readable or not.
bool lb_npz_has(const lb_npz* npz, const char* name);
// The array with its data; a failure says why not.
lb_status lb_npz_fetch(const lb_npz* npz, const char* name, const lb_array** out);

// An entry as doubles: it must exist, be numeric, have this rank and shape (-1: any), and hold finite numbers only
// (the message gives the first bad index). The copy is in the arena; *shape_out (may be NULL) receives the real shape.
lb_status lb_npz_doubles(const lb_npz* npz, const char* name, int rank, const int64_t* shape, lb_arena* arena,
                         double** out, int64_t* shape_out);
// The same for a 0/1 array, and for a string of rank 0 (or a rank-1 u1 array) that stays the archive's.
lb_status lb_npz_bools(const lb_npz* npz, const char* name, int64_t n, lb_arena* arena, bool** out);
lb_status lb_npz_string(const lb_npz* npz, const char* name, const char** out);

// LB_INPUT unless the entry `name` is what lb_npz_seal made of the others, which must all be there, in the same order.
// Of an archive that was loaded whole.
lb_status lb_npz_check_seal(const lb_npz* npz, const char* name);

typedef struct lb_npz_writer lb_npz_writer;

// Collects arrays (the data are copied at once, but for views) and writes the archive under a temporary name, fsynced,
// then renamed. The same arrays give the same bytes: entries carry a fixed date.
lb_npz_writer* lb_npz_writer_new(bool deflate);
void lb_npz_writer_free(lb_npz_writer* w);
void lb_npz_add(lb_npz_writer* w, const char* name, lb_dtype dtype, int rank, const int64_t* shape, const void* data);
// The same without a copy of the data, which must stay as they are until the archive is saved: for large arrays of a
// numeric type.
void lb_npz_add_view(lb_npz_writer* w, const char* name, lb_dtype dtype, int rank, const int64_t* shape,
                     const void* data);
void lb_npz_add_doubles(lb_npz_writer* w, const char* name, int rank, const int64_t* shape, const double* data);
void lb_npz_add_string(lb_npz_writer* w, const char* name, const char* text);
// Adds an entry of that name with a SHA-256 over the entries so far: their names, types, shapes and data.
void lb_npz_seal(lb_npz_writer* w, const char* name);
lb_status lb_npz_save(lb_npz_writer* w, const char* path);

#endif  // LB_IO_NPZ_H_
