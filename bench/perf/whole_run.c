// `bench perf --run`: see whole_run.h.
#include "perf/whole_run.h"

#include <string.h>

#include "campaign.h"

// A run that takes minutes and spends them as a long one does.
static const char* const usual_settings[] = {"steps=2000", "warmup_steps=1000", "updates_per_step=20",
                                             "evaluate_every=1000"};

// The settings of --set; without any, for mbpo, those of a short run.
static lb_status settle_protocol(lb_protocol* p, const char* algo, const lb_texts* set) {
  *p = lb_protocol_default();
  for (int i = 0; i < LB_COUNT_OF(usual_settings) && set->n == 0 && strcmp(algo, "mbpo") == 0; i++) {
    LB_TRY(lb_protocol_set(p, usual_settings[i]));
  }
  for (int i = 0; i < set->n; i++) LB_TRY(lb_protocol_set(p, set->values[i]));
  return lb_ok();
}

lb_status lb_whole_run_measure(lb_run_parts* out, const char* root, const lb_operands* operands,
                               const lb_whole_run_arguments* a) {
  const char* task = operands->n > 0 ? operands->values[0] : "hopper";
  const char* algo = a->algo ? a->algo : "mbpo";
  if (operands->n > 1)
    return lb_fail(LB_INPUT, "--run takes one task apart at a time, not '%s' too", operands->values[1]);
  LB_TRY(lb_campaign_check_task(root, task, NULL));
  LB_TRY(lb_campaign_check_algo(root, algo, NULL));
  lb_run_options o = {.root = root,
                      .suite = "",
                      .task = task,
                      .algo = algo,
                      .seed = a->seed,
                      .command = "bench perf --run",
                      .checkpoint_seconds = 5};
  LB_TRY(settle_protocol(&o.protocol, algo, &a->set));
  return lb_run_parts_measure(out, &o);
}

lb_status lb_whole_run_refuse(const lb_whole_run_arguments* a) {
  if (!a->algo && a->seed == 0 && a->set.n == 0) return lb_ok();
  return lb_fail(LB_INPUT, "--algo, --seed and --set are of a whole run: give --run too");
}
