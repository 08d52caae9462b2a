// What a checkpoint holds, entry by entry: a name, where the numbers lie, how many, and between what bounds they can
// be. A table of entries is saved and restored as a whole:
//
//   lb_entry table[] = {LB_ENTRY("iteration", &o->iteration, 0, o->iterations), LB_ENTRIES("x", o->x, n, -DBL_MAX,
//   DBL_MAX)}; lb_entries_save(table, 2, "", w); LB_TRY(lb_entries_restore(table, 2, "", npz));
//
// A checkpoint is input: whatever is missing, of another size, or out of its bounds is refused by the entry's name.
// What depends on several entries is for whoever restores them to check.
#ifndef LB_IO_ENTRIES_H_
#define LB_IO_ENTRIES_H_

#include <float.h>
#include <stdint.h>

#include "base/status.h"
#include "io/npz.h"

typedef enum lb_entry_type { LB_ENTRY_INT, LB_ENTRY_LONG, LB_ENTRY_FLOAT, LB_ENTRY_DOUBLE } lb_entry_type;

typedef struct lb_entry {
  const char* name;
  lb_entry_type type;
  int64_t count;       // of an array; -1: a single number
  void* at;            // (count)
  double least, most;  // what each number can be; from -INFINITY to INFINITY: anything, NaN too
} lb_entry;

// No account of a run comes to more.
#define LB_MOST_COUNT 1e15

#define LB_ENTRY_TYPE(at) \
  _Generic((at), int* : LB_ENTRY_INT, int64_t* : LB_ENTRY_LONG, float* : LB_ENTRY_FLOAT, double* : LB_ENTRY_DOUBLE)
// An initialiser for a single number at `at`, and for `count` of them.
#define LB_ENTRY(name, at, least, most) \
  { name, LB_ENTRY_TYPE(at), -1, at, least, most }
#define LB_ENTRIES(name, at, count, least, most) \
  { name, LB_ENTRY_TYPE(at), count, at, least, most }

// Adds the entries to an archive as "<prefix><name>". Arrays of floats are views: they must stay as they are until the
// archive is saved.
void lb_entries_save(const lb_entry* entries, int n, const char* prefix, lb_npz_writer* w);

// Restores all of them, or none: LB_INPUT with the name of the entry that cannot be.
lb_status lb_entries_restore(const lb_entry* entries, int n, const char* prefix, const lb_npz* npz);

// The array by which an archive or another file keeps an entry.
lb_array lb_entry_as_array(const lb_entry* entry, const char* name);
// LB_INPUT unless `array` (NULL: missing), of a file `origin`, is what an entry can be.
lb_status lb_entry_check_array(const lb_entry* entry, const lb_array* array, const char* name, const char* origin);
// Copies the numbers of an array that was checked.
void lb_entry_take(const lb_entry* entry, const lb_array* array);

#endif  // LB_IO_ENTRIES_H_
