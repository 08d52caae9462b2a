// Planning is exponential in the horizon, lazy planning is not: the tree of decisions with portals. The model promises
// treasures where there are none. Full planning searches the whole tree of the model, goes to the best promise, sees
// that there is nothing, and searches again; PSDP looks only at what is one step off the expert's way. Both plan anew
// only when what was seen has changed the model: else the plan would be the same.
#include <stdlib.h>
#include <string.h>

#include "tabular/portals.h"
#include "theory/study.h"

enum { SHALLOWEST = 2 };

typedef struct tree {
  lb_portals* p;
  bool lazy, is_expert, changed;
  int plan[LB_PORTALS_DEEPEST];     // of the search
  int actions[LB_PORTALS_DEEPEST];  // of PSDP
  int64_t way[LB_PORTALS_DEEPEST];  // the expert's states
  lb_followed follows;
  double earned, promised, work;
  int64_t total;
  int reached;  // the first round as good as the expert; -1: none yet
  int plans;
} tree;

static int first_action(void* ctx, int64_t s, int t) {
  (void)ctx;
  (void)s;
  (void)t;
  return 0;
}

// What the present policy does.
static int decide(const tree* k, int64_t s, int t) {
  if (k->is_expert) return (int)(k->p->good >> t & 1);
  if (k->lazy) return lb_followed_act(&k->follows, s, t);
  return k->plan[t] < 0 ? 0 : k->plan[t];
}

// One episode in the real tree: what it earns, and whether it closed a portal.
static double go(tree* k, bool learn, bool expert, int64_t* steps) {
  lb_branching real = lb_portals_real(k->p);
  double earned = 0;
  int64_t s = 0;
  for (int t = 0; t < k->p->depth; ++t) {
    int a = expert ? (int)(k->p->good >> t & 1) : decide(k, s, t);
    lb_branch out;
    if (learn && lb_portals_visit(k->p, s, a)) k->changed = true;
    real.branch(real.ctx, s, t, a, &out);
    earned += out.reward;
    s = out.next;
  }
  *steps += k->p->depth;
  return earned;
}

static void collect(lb_study* study, int round) {
  (void)round;
  tree* k = study->self;
  if (k->is_expert) return;
  go(k, true, false, &study->ledger.steps[LB_STEP_LEARNER]);
  go(k, true, true, &study->ledger.steps[LB_STEP_EXPERT]);
}

static void plan(lb_study* study, int round) {
  (void)round;
  tree* k = study->self;
  k->work = 0;
  if (k->is_expert || !k->changed) return;
  lb_branching model = lb_portals_model(k->p);
  lb_counts counts = {0};
  if (k->lazy) {
    k->promised = lb_search_psdp(&k->follows, &model, 1, 1, NULL, &counts, study->arena);
  } else {
    k->promised = lb_search_tree(&model, 0, k->p->depth, 1, k->plan, NULL, &counts, study->arena);
  }
  k->work = (double)(counts.nodes + counts.backups);
  study->counts.nodes += counts.nodes;
  study->counts.backups += counts.backups;
  k->changed = false;
  k->plans += 1;
}

static int measure(lb_study* study, int round, lb_study_number out[LB_STUDY_NUMBERS]) {
  tree* k = study->self;
  int64_t steps = 0;
  double earned = go(k, false, false, &steps);
  if (earned >= 1 && k->reached < 0) k->reached = round;
  int n = 0;
  lb_study_put(out, &n, LB_METRIC_RETURN, earned);
  if (k->is_expert) return n;
  lb_study_put(out, &n, LB_METRIC_RETURN_IN_MODEL, k->promised);
  lb_study_put(out, &n, LB_METRIC_NODES, (double)study->counts.nodes);
  lb_study_put(out, &n, LB_METRIC_BACKUPS, (double)study->counts.backups);
  lb_study_put(out, &n, LB_METRIC_PLANNING_WORK, (double)(study->counts.nodes + study->counts.backups));
  lb_study_put(out, &n, LB_METRIC_PLANNING_WORK_EACH,
               k->plans ? (double)(study->counts.nodes + study->counts.backups) / k->plans : 0);
  lb_study_put(out, &n, LB_METRIC_PORTALS_OPEN, lb_portals_open(k->p));
  lb_study_put(out, &n, LB_METRIC_PLANS, k->plans);
  if (k->reached >= 0) lb_study_put(out, &n, LB_METRIC_ROUNDS_TO_EXPERT, k->reached);
  return n;
}

lb_status lb_tree_open(lb_study* study, uint64_t seed, bool* taken) {
  bool poor = strcmp(study->world, "portals-poor-expert") == 0;
  if (strncmp(study->world, "portals-", 8) != 0) return lb_ok();
  bool expert = strcmp(study->row, "expert") == 0, lazy = strcmp(study->row, "lamps") == 0;
  if (!expert && !lazy && strcmp(study->row, "sysid") != 0) return lb_ok();
  char* end;
  long depth = poor ? 10 : strtol(study->world + 8, &end, 10);
  bool forced = !poor && strcmp(end, "-forced") == 0;
  if (!poor && ((*end && !forced) || depth < SHALLOWEST || depth > LB_PORTALS_DEEPEST)) {
    return lb_fail(LB_INPUT, "%s: the depth is %d to %d", study->world, SHALLOWEST, LB_PORTALS_DEEPEST);
  }
  tree* k = LB_TAKE(study->arena, tree, 1);
  int half = (int)depth / 2;
  k->p = lb_portals_new((int)depth, half, (int)depth - half, poor ? 2 : 0, seed, study->arena);
  lb_branching model = lb_portals_model(k->p);
  if (!expert && !lazy) {
    LB_TRY(lb_within(lb_search_check(&model, (int)depth, forced), "%s, %s (%s-forced)", study->world, study->row,
                     study->world));
  }
  k->lazy = lazy;
  k->is_expert = expert;
  k->changed = true;
  k->reached = -1;
  lb_portals_way(k->p, k->p->good, k->way);
  k->follows = (lb_followed){.length = (int)depth, .state = k->way, .action = k->actions, .otherwise = first_action};
  study->self = k;
  study->higher = true;
  study->chance = !expert;
  study->rounds = expert ? 0 : (int)depth + 1;
  study->collect = collect;
  study->plan = plan;
  study->measure = measure;
  *taken = true;
  return lb_ok();
}
