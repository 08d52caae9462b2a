// Runs that are not what would be made now: see stale.h.
#include "stale.h"

#include <stdio.h>
#include <string.h>

#include "outcome.h"

// Adds a task to the list in words, once.
static void name_task(lb_stale* s, const char* task) {
  char wanted[110], had[210];
  snprintf(wanted, sizeof wanted, ", %.100s,", task);
  snprintf(had, sizeof had, ", %s,", s->tasks);
  size_t used = strlen(s->tasks);
  if (strstr(had, wanted) || used + strlen(wanted) >= sizeof s->tasks) return;
  snprintf(s->tasks + used, sizeof s->tasks - used, "%s%.100s", used ? ", " : "", task);
}

void lb_stale_add(lb_stale* s, lb_identity identity, const char* task, const char* folder) {
  s->count[identity] += 1;
  s->total += 1;
  s->seconds += lb_outcome_cpu(folder);
  if (identity == LB_IDENTITY_TASK) name_task(s, task);
}

void lb_stale_words(char* out, size_t size, const lb_stale* s) {
  size_t used = 0;
  out[0] = '\0';
  for (int i = 0; i < LB_IDENTITIES && used < size; i++) {
    if (s->count[i] == 0) continue;
    const char* tasks = i == LB_IDENTITY_TASK ? s->tasks : "";
    int n = snprintf(out + used, size - used, "%s%s%s%s%s: %d", used ? ", " : "", lb_identity_words((lb_identity)i),
                     *tasks ? " (" : "", tasks, *tasks ? ")" : "", s->count[i]);
    used += n > 0 ? (size_t)n : 0;
  }
}

const char* lb_stale_are(const lb_stale* s) {
  return s->total == 1 ? "is" : "are";
}

// Whether a run that ended so may be stale.
static bool is_looked_at(lb_run_outcome outcome) {
  return outcome == LB_OUTCOME_FINISHED || outcome == LB_OUTCOME_RUNNING || outcome == LB_OUTCOME_DIVERGED ||
         outcome == LB_OUTCOME_FAILED;
}

void lb_stale_survey(lb_stale* s, lb_identities* identities, const lb_results* results) {
  *s = (lb_stale){0};
  for (int i = 0; i < results->n_runs; i++) {
    const lb_results_run* run = &results->runs[i];
    const lb_suite_row* row = lb_suite_find_row(results->suite, run->task, run->algo);
    lb_identity identity;
    if (!row || !is_looked_at(run->outcome)) continue;
    // A task or recipe that is gone cannot be compared with.
    if (lb_identities_compare(identities, &identity, run->folder, row->task, row->recipe, run->seed, NULL).code !=
        LB_OK)
      continue;
    bool over = run->outcome == LB_OUTCOME_FINISHED || run->outcome == LB_OUTCOME_DIVERGED;
    if (lb_identity_is_stale(identity, over)) lb_stale_add(s, identity, run->task, run->folder);
  }
}
