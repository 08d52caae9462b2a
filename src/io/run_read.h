// Reading what a run left in its folder, or has left so far: how it ended, and the lines of its logs. Nothing here
// takes a lock or waits. See run_folder.h for the files.
#ifndef LB_IO_RUN_READ_H_
#define LB_IO_RUN_READ_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "io/json.h"

// How a run ended, by its done.json.
typedef enum lb_run_end {
  LB_END_NONE,  // it has no done.json: it is under way, or was interrupted
  LB_END_FINISHED,
  LB_END_DIVERGED,
  LB_END_FAILED,
  LB_ENDS
} lb_run_end;

// "running" (also: interrupted), "finished", "diverged", "failed".
const char* lb_run_end_word(lb_run_end end);

// Reads how the run ended and what it says of that ("" when nothing), cut to `size` bytes; message may be NULL.
lb_status lb_run_read_end(lb_run_end* end, char* message, size_t size, const char* folder);

// Called for each line of a log, from the first.
typedef lb_status (*lb_run_line)(void* ctx, lb_node line);

// Hands over every whole line of a log ("metrics.jsonl", "timing.jsonl"); a log that is not there has none. A last line
// without its newline is still being written, or was cut off: LB_INPUT where the run is over. Every failure names the
// file and the line.
lb_status lb_run_read_log(const char* folder, const char* log, bool over, lb_run_line take, void* ctx);

// The last whole line of a log; *out is NULL where there is none. Caller frees.
lb_status lb_run_read_last(lb_json** out, const char* folder, const char* log);

// A number of a line; NaN where it is null or absent. What older versions wrote where there was no value (beyond 1e308
// in size) is none either.
double lb_run_read_number(lb_node line, const char* key);

#endif  // LB_IO_RUN_READ_H_
