// PSDP for linear-quadratic expansions: which trajectory, which settings; the work is that of an LQR pass.
#include "plan/psdp.h"

#include <assert.h>
#include <stddef.h>

lb_psdp_config lb_psdp_default_config(void) {
  return (lb_psdp_config){.about = LB_PSDP_ABOUT_EXPERT, .rule = LB_RULE_TEXTBOOK, .lqr = lb_lqr_default_config()};
}

lb_psdp_config lb_psdp_2023_config(void) {
  return (lb_psdp_config){.about = LB_PSDP_ABOUT_TARGET, .rule = LB_RULE_2023, .lqr = {.affine = false}};
}

const lb_trajectory* lb_psdp_trajectory(const lb_psdp_config* config, const lb_trajectory* expert,
                                        const lb_trajectory* target) {
  const lb_trajectory* about = config->about == LB_PSDP_ABOUT_EXPERT ? expert : target;
  assert(about != NULL);
  return about;
}

lb_lqr_report lb_psdp_plan(lb_lqr* w, lb_lq_policy* policy, lb_lq_value* value, const lb_dynamics* f,
                           const lb_cost* cost, const lb_trajectory* expert, const lb_trajectory* target,
                           const lb_psdp_config* config, lb_counts* counts) {
  const lb_trajectory* about = lb_psdp_trajectory(config, expert, target);
  policy->rule = config->rule;
  return lb_lqr_pass(w, policy, value, f, cost, about, &config->lqr, counts);
}
