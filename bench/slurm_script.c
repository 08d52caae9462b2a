#include "slurm_script.h"

#include <math.h>
#include <string.h>

#include "shell.h"

// A value of an #SBATCH line, which sbatch reads as a shell reads words.
static void add_option(lb_text* out, const char* name, const char* value) {
  lb_text word = {0};
  lb_shell_add(&word, value);
  lb_text_add(out, "#SBATCH --%s=%s\n", name, word.data);
  lb_text_free(&word);
}

// The name of a log; what stands for something in such names stands for itself in a folder's.
static void add_log(lb_text* out, const char* folder, const char* name) {
  lb_text path = {0};
  for (const char* p = folder; *p; p++) lb_text_add(&path, *p == '%' ? "%%%%" : "%c", *p);
  lb_text_add(&path, "/%s", name);
  add_option(out, "output", path.data);
  lb_text_free(&path);
}

// The options that the user chose.
static void add_choices(lb_text* out, const lb_slurm_script* s) {
  if (s->partition) add_option(out, "partition", s->partition);
  if (s->account) add_option(out, "account", s->account);
  for (int i = 0; i < s->more.n; i++) lb_text_add(out, "#SBATCH %s\n", s->more.values[i]);
}

// VARIABLE='value'
static void add_assignment(lb_text* out, const char* variable, const char* value) {
  lb_text word = {0};
  lb_shell_add(&word, value);
  lb_text_add(out, "%s=%s\n", variable, word.data);
  lb_text_free(&word);
}

static const char work[] =
    "# A task is a file: how many runs at once, then a command line for each run. A run that is done ends at once, "
    "one\n"
    "# that was stopped goes on from its last checkpoint.\n"
    "file=$folder/tasks/${SLURM_ARRAY_TASK_ID:?a task of an array is to run this}.txt\n"
    "{ read -r _ at_once _ && mapfile -t lines; } <\"$file\"\n"
    "pids=() stopping=\n"
    "\n"
    "tell_runs() {\n"
    "  local running\n"
    "  mapfile -t running < <(jobs -rp)\n"
    "  [ ${#running[@]} = 0 ] || kill -TERM \"${running[@]}\"\n"
    "}\n"
    "\n"
    "# USR1 comes before the time limit, TERM when Slurm wants the node: the runs save what they have and end.\n"
    "trap 'stopping=USR1; tell_runs' USR1\n"
    "trap 'stopping=TERM; tell_runs' TERM\n"
    "\n"
    "for line in \"${lines[@]}\"; do\n"
    "  while [ \"$(jobs -rp | wc -l)\" -ge \"$at_once\" ]; do wait -n; done # a signal ends it, too\n"
    "  [ -z \"$stopping\" ] || break\n"
    "  bash -c \"exec $line\" &\n"
    "  pids+=($!)\n"
    "  [ -z \"$stopping\" ] || tell_runs # it came just before\n"
    "done\n"
    "while [ -n \"$(jobs -rp)\" ]; do wait -n; done\n"
    "\n"
    "# Exit status 0: done; 1: diverged or failed, with a record or a message; else: to be gone on with.\n"
    "failed=0 left=$((${#lines[@]} - ${#pids[@]}))\n"
    "for pid in \"${pids[@]}\"; do\n"
    "  status=0\n"
    "  wait \"$pid\" || status=$?\n"
    "  case $status in 0) ;; 1 | 2) failed=$((failed + 1)) ;; *) left=$((left + 1)) ;; esac\n"
    "done\n"
    "echo \"task $SLURM_ARRAY_TASK_ID on $(uname -n): $((${#lines[@]} - failed - left)) of ${#lines[@]} runs done, "
    "$failed failed, $left left\"\n"
    "if [ \"$stopping\" = USR1 ] && [ \"$left\" != 0 ] && [ \"${SLURM_RESTART_COUNT:-0}\" -lt 1000 ]; then\n"
    "  scontrol requeue \"$SLURM_JOB_ID\"\n"
    "fi\n"
    "[ $((failed + left)) = 0 ]\n";

// The job array: a task works through a list of runs.
void lb_slurm_write_array(lb_text* out, const lb_slurm_script* s) {
  lb_text_add(out, "#!/bin/bash\n# Written by bench slurm: %s\n", s->summary);
  lb_text_add(out, "#SBATCH --job-name=lazybench\n#SBATCH --array=0-%d\n", s->tasks - 1);
  lb_text_add(out, "#SBATCH --nodes=1\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=%d\n", s->cores);
  lb_text_add(out, "#SBATCH --mem=%.0fM\n", ceil(s->bytes / (1 << 20)));
  add_option(out, "time", s->time);
  lb_text_add(out, "#SBATCH --signal=B:USR1@%d\n#SBATCH --requeue\n#SBATCH --open-mode=append\n", s->seconds_before);
  add_log(out, s->folder, "task-%a.log");
  add_choices(out, s);
  lb_text_add(out, "\n");
  add_assignment(out, "folder", s->folder);
  lb_text_add(out, "%s", work);
}

// The job that makes the report once all tasks have ended.
void lb_slurm_write_report(lb_text* out, const lb_slurm_script* s) {
  lb_text_add(out,
              "#!/bin/bash\n# Written by bench slurm: the report of what is done, once all tasks have ended.\n"
              "#SBATCH --job-name=lazybench-report\n#SBATCH --nodes=1\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=1\n"
              "#SBATCH --mem=2G\n#SBATCH --time=1:00:00\n");
  add_log(out, s->folder, "report.log");
  add_choices(out, s);
  lb_text out_word = {0};
  lb_shell_add(&out_word, s->out);
  lb_text_add(out, "\n%s status %s\nexec %s report %s\n", s->program, out_word.data, s->program, out_word.data);
  lb_text_free(&out_word);
}

// The script that submits both.
void lb_slurm_write_submit(lb_text* out, const lb_slurm_script* s) {
  lb_text_add(out,
              "#!/bin/bash\n# Written by bench slurm: submits the runs, and their report for when they have ended.\n"
              "set -euo pipefail\n");
  add_assignment(out, "folder", s->folder);
  lb_text_add(out,
              "array=$(sbatch --parsable \"$folder/array.sh\")\n"
              "array=${array%%%%;*} # a cluster's name may follow\n"
              "report=$(sbatch --parsable --dependency=\"afterany:$array\" \"$folder/report.sh\")\n"
              "echo \"submitted: runs $array, report ${report%%%%;*}; squeue says how far they are\"\n");
}
