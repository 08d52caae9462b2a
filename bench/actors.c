// Who acts: see actors.h.
#include "actors.h"

#include <stdio.h>
#include <string.h>

lb_status lb_actors_check(const lb_actor_words* w, bool needed, const char* options) {
  int n = (w->policy != NULL) + (w->run != NULL) + w->expert + w->random + w->zero;
  if (n > 1) return lb_fail(LB_INPUT, "give one of %s, not %d of them", options, n);
  if (n == 0 && needed) return lb_fail(LB_INPUT, "who acts? Give one of %s", options);
  if (w->best && !w->run) return lb_fail(LB_INPUT, "--best chooses among a run's policies; give --run DIR with it");
  return lb_ok();
}

lb_status lb_actors_path(char path[LB_BENCH_PATH + 64], const lb_actor_words* w) {
  lb_run_record run;
  const char* name;
  path[0] = '\0';
  if (w->policy) {
    LB_TRY(lb_root_check_path(w->policy, "--policy"));
    snprintf(path, LB_BENCH_PATH, "%s", w->policy);
  }
  if (w->run) {
    LB_TRY(lb_run_record_read(&run, w->run));
    LB_TRY(lb_run_record_file(&run, &name, w->best));
    snprintf(path, LB_BENCH_PATH + 64, "%s/%s", run.folder, name);
  }
  return lb_ok();
}

lb_status lb_actors_open(lb_open_policy** policy, const lb_actor_words* w, const char* root, const lb_system* system,
                         uint64_t seed) {
  char path[LB_BENCH_PATH + 64];
  if (w->expert) return lb_policy_open_expert(policy, root, system);
  if (w->random) return lb_policy_open_random(policy, system, seed);
  if (w->zero) return lb_policy_open_zero(policy, system);
  LB_TRY(lb_actors_path(path, w));
  return lb_policy_open(policy, path, root, system);
}
