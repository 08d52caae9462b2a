// The folder of one run: what the loop writes, what the report reads.
//
//   config.json     everything that decides the numbers: task and its hash, algorithm and its recipe, seed, protocol,
//                   the expert's files, the program, its arithmetic (instruction set, BLAS kernel, compiler, ...)
//   metrics.jsonl   a line an evaluation, appended; the same seed gives the same bytes, interrupted or not
//   timing.jsonl    a line an evaluation: what the clocks said, which is not the same twice
//   checkpoint.npz  replaced as a whole; knows its run's config.json, how the two logs were (length, SHA-256), and the
//                   SHA-256 of all its entries
//   policy.safetensors, best.safetensors, average.safetensors, model.safetensors    of rows that have them
//   rollout.npz     of rows that learn a model: an episode beside what the model makes of it (io/run_rollout.h)
//   policy-<iteration>.safetensors    policies of its way (io/run_policies.h); for lookers-on, nothing vouches for them
//   filmstrip.png   a picture of its final policy, if one was drawn (bench render --suite)
//   drawing.svg     a finite world and the model of it in the end, of rows on one whose states have places
//   environment.json  the last process that worked on the run
//   progress.json   while a process works on the run: how far it is; gone when it is over
//   .alive-<token>  while a process works on the run: its host, its pid; the time of its last change says that it lives
//   done.json       {"status": "finished" | "diverged" | "failed", "message": "...", "files": {...}}: the run is over;
//                   lengths and SHA-256 of the files that it left; "left_out" of those that are not published
#ifndef LB_IO_RUN_FOLDER_H_
#define LB_IO_RUN_FOLDER_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "io/file.h"
#include "io/npz.h"

#define LB_RUN_STRIP "filmstrip.png"
#define LB_RUN_DRAWING "drawing.svg"

// A log as far as it is written.
typedef struct lb_run_log {
  size_t bytes;
  lb_digest digest;
} lb_run_log;

typedef struct lb_run_folder {
  char path[1024];
  lb_lock lock;
  char* config;  // JSON text
  lb_run_log metrics, timing;
  char elsewhere[320];  // of a run that is over: how its arithmetic differs from the present one; "": not
} lb_run_folder;

typedef enum lb_run_state { LB_RUN_NEW, LB_RUN_STARTED, LB_RUN_DONE } lb_run_state;

// Makes or opens the folder and takes its lock. `config` is the resolved configuration (JSON text): a new folder gets
// it; an existing one must hold the same, titles and the like aside, else LB_INPUT ("was made with another
// configuration ($.task_hash was ... and is now ...); choose another --out or give --fresh"). "$.arithmetic" may differ
// where the run is over; going on with another would come to neither's end. `fresh` removes the run that is there
// first, and nothing else. A folder with other files than a run's, and a finished run that lb_run_folder_verify
// refuses, are LB_INPUT. *state says how far an earlier process came.
lb_status lb_run_folder_open(lb_run_folder* run, const char* path, const char* config, bool fresh, lb_run_state* state);
// Removes a run that nobody works on: its files, and its folder if nothing else is in it. LB_IO while a process holds
// it.
lb_status lb_run_folder_remove(const char* path);
// Releases the lock, and the memory.
void lb_run_folder_close(lb_run_folder* run);

// Appends a line (without newline) to metrics.jsonl and one to timing.jsonl. Here and below: LB_IO where another
// process has taken the folder over (lb_lock_check).
lb_status lb_run_folder_metrics(lb_run_folder* run, const char* metrics, const char* timing);

// Saves a checkpoint; the writer's arrays plus the configuration and the state of the two logs. Frees nothing.
lb_status lb_run_folder_save(lb_run_folder* run, lb_npz_writer* checkpoint);

// Loads the last checkpoint and cuts the logs back to where they were then. *out is NULL, and the logs are emptied,
// when there is none. A checkpoint that is damaged, another run's or another version's, and a log that was altered
// since it was saved, are LB_INPUT with the file's name and the way out (--fresh).
lb_status lb_run_folder_resume(lb_run_folder* run, lb_npz** out);
// Adds that way out to a failure by what is in the folder: for whoever reads the checkpoint's other entries.
lb_status lb_run_folder_way_out(lb_status status);

lb_status lb_run_folder_done(lb_run_folder* run, const char* status, const char* message);

// LB_INPUT with the name of a file that is not as done.json says that the run left it. Fine without "files" in it where
// config.json names no program either (older results), and where a checkpoint or policy is missing of which it says
// that it was left out (tools/publish). Of a run that was interrupted: with the name of a log that was altered since
// the last checkpoint. A run that a process works on, or that has no checkpoint, is fine.
lb_status lb_run_folder_verify(const char* folder);

// How far a process has come with a run: for lookers-on, nothing depends on it.
typedef struct lb_run_folder_progress {
  int iteration, iterations, from;  // it began at iteration `from`
  double cpu;                       // seconds of this process
  const char* iteration_name;       // when read: static text, "iteration", "step" or "size of the data"
} lb_run_folder_progress;

// Writes progress.json. That it cannot be written is no reason to end a run.
void lb_run_folder_write_progress(const lb_run_folder* run, const lb_run_folder_progress* progress);
// Reads it from the folder at `path`; false when there is none that makes sense.
bool lb_run_folder_read_progress(lb_run_folder_progress* out, const char* path);

#endif  // LB_IO_RUN_FOLDER_H_
