// The scripts of `bench slurm`, as text: an array of tasks that work runs off, the job that reports, and what submits
// both. They are bash, and use sbatch and scontrol alone.
#ifndef LB_BENCH_SLURM_SCRIPT_H_
#define LB_BENCH_SLURM_SCRIPT_H_

#include "base/text.h"
#include "options.h"

typedef struct lb_slurm_script {
  const char* folder;     // of the scripts
  const char* out;        // of the results
  const char* summary;    // a line for people: how many runs, how long
  const char* program;    // what starts the program, as a shell reads it
  const char* partition;  // NULL: the cluster's own choice, as for account
  const char* account;
  const char* time;  // limit of a task, as sbatch reads it
  lb_texts more;     // other options of sbatch
  int tasks, cores;
  double bytes;        // memory of a task
  int seconds_before;  // the limit: when the runs are told to save what they have
} lb_slurm_script;

void lb_slurm_write_array(lb_text* out, const lb_slurm_script* script);
void lb_slurm_write_report(lb_text* out, const lb_slurm_script* script);
void lb_slurm_write_submit(lb_text* out, const lb_slurm_script* script);

#endif  // LB_BENCH_SLURM_SCRIPT_H_
