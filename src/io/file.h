// Files that survive a crash: nothing half-written is ever read as whole.
#ifndef LB_IO_FILE_H_
#define LB_IO_FILE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

// The whole file, NUL-terminated (n excludes it). Caller frees. A missing file is LB_INPUT, an unreadable one LB_IO.
lb_status lb_file_read(const char* path, char** out, size_t* n);
// The same from its last `most` bytes.
lb_status lb_file_read_tail(const char* path, size_t most, char** out, size_t* n);
// Its length; 0 when there is none.
size_t lb_file_length(const char* path);

// Writes under a temporary name beside `path`, fsyncs, renames, fsyncs the folder.
lb_status lb_file_replace(const char* path, const void* bytes, size_t n);

// The same piece by piece: begin, put any number of times, commit. A failure is remembered and told by commit; nothing
// is left behind then, nor after abandon.
typedef struct lb_file_writer {
  char* path;
  char* temporary;
  int fd;     // -1: not open
  int error;  // an errno; 0: none so far
} lb_file_writer;
void lb_file_begin(lb_file_writer* w, const char* path);
void lb_file_put(lb_file_writer* w, const void* bytes, size_t n);
lb_status lb_file_commit(lb_file_writer* w);
void lb_file_abandon(lb_file_writer* w);

// Appends bytes in one write; a short write (disk full) is an error that leaves the earlier content as it was.
// What was appended may be undone by a power cut until lb_file_sync, for which a file that is not there is in order.
lb_status lb_file_append(const char* path, const void* bytes, size_t n);
lb_status lb_file_sync(const char* path);

// Cuts the file to n bytes; a missing file counts as empty. A file that is shorter than that is LB_INPUT.
lb_status lb_file_truncate(const char* path, size_t n);

bool lb_file_exists(const char* path);

// Whether something may stand under this name: a link that leads nowhere and what may not be looked at count.
bool lb_file_is_named(const char* path);

// Whether there is a folder, or a link to one.
bool lb_folder_exists(const char* path);

// Makes a folder and its parents.
lb_status lb_folder_make(const char* path);

// Removes a folder and all that is in it; a missing one is fine. Refuses "", "/" and links.
lb_status lb_folder_remove(const char* path);

// LB_INPUT with both numbers where `bytes`, of `what`, are more than the disk of the file or folder `path` has left for
// this user; `mend` is what to do about it. Neither has to be there yet.
lb_status lb_folder_check_room(const char* path, double bytes, const char* what, const char* mend);

// Bytes of disk of all that is in a folder; 0 where there is none.
double lb_folder_bytes(const char* path);

// Makes a new folder, lb_<what>_ and six letters, in $TMPDIR or /tmp; whoever asked removes it.
lb_status lb_folder_temporary(char path[300], const char* what);

// Sorted names in a folder, without those that start with "." (locks, temporary files). Caller frees with
// lb_names_free. A missing folder is LB_INPUT.
lb_status lb_folder_list(const char* path, char*** names, int* n);
void lb_names_free(char** names, int n);

// Removes the temporary files that a killed lb_file_replace left in a folder. Only for who holds the folder's lock.
void lb_folder_sweep(const char* path);

// Holds the folder for this process alone, on this machine (flock on a file ".lock" in it) and among those that share
// it (a heartbeat in a file ".alive-...", io/heartbeat.h). While another process holds it: LB_IO with its pid and, of
// another machine, its host; of one that may have died there, after the patience at the latest, else it is taken over.
// The lock ends with lb_lock_release or with the process.
typedef struct lb_lock {
  int fd;
  struct lb_heartbeat* heartbeat;
} lb_lock;
lb_status lb_lock_take(lb_lock* lock, const char* folder);
void lb_lock_release(lb_lock* lock);
// LB_IO where the folder was taken over, because this process was suspended or cut off for too long. For before one
// writes there.
lb_status lb_lock_check(const lb_lock* lock, const char* folder);
// Whether a process holds the folder, of this machine or another. A process id that was given to another process means
// nothing.
bool lb_lock_is_held(const char* folder);

// "a/b" in a buffer of `size`; asserts that it fits.
void lb_path_join(char* out, size_t size, const char* a, const char* b);

// SHA-256 as 64 hex digits and a NUL.
void lb_sha256(const void* bytes, size_t n, char out[65]);
lb_status lb_sha256_file(const char* path, char out[65]);
// The same of a file's last `most` bytes. Of a zip archive they hold every entry's size and checksum.
lb_status lb_sha256_tail(const char* path, size_t most, char out[65]);

// The same of a file that may have been hashed before by this process, which then remembers it and does not read it
// again: as long as it is the same file of the same length, and nothing was written to it. Not for several threads.
lb_status lb_sha256_again(const char* path, size_t most, char out[65]);

// The same of bytes that come one after the other. lb_digest_text may be asked at any time.
typedef struct lb_digest {
  uint64_t state[32];
} lb_digest;
lb_digest lb_digest_new(void);
void lb_digest_add(lb_digest* digest, const void* bytes, size_t n);
void lb_digest_text(const lb_digest* digest, char out[65]);

#endif  // LB_IO_FILE_H_
