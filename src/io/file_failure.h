// What the file functions of this room share.
#ifndef LB_IO_FILE_FAILURE_H_
#define LB_IO_FILE_FAILURE_H_

#include "base/status.h"

enum { LB_PATH_SIZE = 4096 };

// In the place of an errno: there is something else than a regular file.
enum { LB_NOT_A_FILE = -2 };

// Temporary files are named ".NAME.tmp-PID".
#define LB_TEMPORARY_MARK ".tmp-"

// LB_IO: "PATH: cannot VERB: reason; what to do about it".
lb_status lb_file_failure(const char* verb, const char* path, int error);

// Brings a folder's names to the disk; where that is not possible nothing is lost but the promise.
void lb_file_sync_folder(const char* folder);

#endif  // LB_IO_FILE_FAILURE_H_
