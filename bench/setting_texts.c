// What each setting means: see setting_texts.h.
#include "setting_texts.h"

#include <stdio.h>
#include <string.h>

#include "algo/protocol.h"
#include "base/log.h"
#include "options.h"

static const struct text {
  const char *key, *unit, *what;
} texts[] = {
    {"iterations", "iterations", "how often models are fitted and policies planned after the first time"},
    {"expert_rollouts", "rollouts", "demonstrations, collected or drawn once before the loop"},
    {"learner_rollouts", "rollouts", "of the learner's policy in an iteration, from which its samples are drawn"},
    {"samples", "transitions", "added to the data set in an iteration, expert's and learner's together"},
    {"evaluation_rollouts", "rollouts", "in the real system, by which the policy of an iteration is measured"},
    {"demonstrations", "",
     "`fresh`: the expert is solved and rolled out anew in every run; `file`: episodes are drawn from the recorded "
     "ones (expert_data/ or --data)"},
    {"steps", "real steps", "of the learner, warm-up included: the length of the run"},
    {"warmup_steps", "real steps",
     "the first of them, with uniformly random actions (a clone's, of algorithms that begin with one) and no learning"},
    {"evaluate_every", "real steps", "between two evaluations"},
    {"evaluation_episodes", "episodes", "in the real system, by which an evaluation measures the policy"},
    {"buffer", "transitions", "real ones that are kept for learning; the oldest go first"},
    {"expert_transitions", "transitions",
     "demonstrations that are used, from the first on; 0: all that are recorded; more than are recorded: the expert is "
     "recorded for longer"},
    {"expert_episodes", "episodes", "of these, the transitions of so many whole ones, drawn for each seed; 0: of all"},
    {"expert_quality", "% of return",
     "whose demonstrations: of a policy with so much of the expert's return (`bench expert --quality`); 100: the "
     "expert's"},
    {"updates_per_step", "updates", "gradient updates of the policy for a real step after the warm-up"},
    {"critic_updates", "updates",
     "instead: so many of the critics for a real step and one of the actor with the last; 0: as the algorithm has it"},
    {"hidden_layers", "layers", "of actor and critics"},
    {"width", "units", "of each of these layers"},
    {"batch", "transitions", "in a gradient update of the policy"},
    {"discount", "", "gamma of the critics' targets"},
    {"target_rate", "", "tau: rate at which target networks follow the critics"},
    {"target_interval", "updates", "between two updates of the target networks"},
    {"learning_rate", "", "Adam's, of actor, critics and temperature"},
    {"temperature", "return", "alpha, the weight of the entropy, at the start"},
    {"learn_temperature", "", "1: alpha follows the target entropy, 0: it stays"},
    {"target_entropy", "nats", "for each control"},
    {"critics", "networks", "0: as the algorithm has it, for most 2"},
    {"target_critics", "networks",
     "of them, drawn for the target of an update; 0: as the algorithm has it, for most all"},
    {"layer_norm", "", "layer normalisation in the critics; 1: yes, 0: no, -1: as the algorithm has it"},
    {"gradient_clip", "", "most norm of the gradient of the critics, and of the actor; 0: no limit"},
    {"actor_average", "",
     "rate at each update of an average of the actor, which is measured beside it and changes nothing else; 0: none"},
    {"fit_every", "real steps", "between two fits of the model"},
    {"model_layers", "layers", "hidden, of each member of the ensemble"},
    {"model_width", "units", "of each of these layers"},
    {"model_batch", "transitions", "of one member in a gradient update"},
    {"model_members", "networks", "in the ensemble"},
    {"model_elites", "networks", "of them, those with the least held-out loss, which predict"},
    {"model_learning_rate", "", "Adam's, of the model"},
    {"model_decay", "", "weight decay of the model"},
    {"model_gradient_clip", "", "most norm of a member's gradient; 0: no limit"},
    {"model_updates", "updates", "of a fit; 0: until `model_patience` ends it"},
    {"model_patience", "epochs", "without a better held-out loss, after which a fit ends; only with `model_updates` 0"},
    {"real_share", "", "of a critics' batch: real transitions among imagined ones"},
    {"imagined_per_step", "rollouts", "begun in the model for a real step"},
    {"imagined_kept", "real steps", "as many steps' worth of imagined transitions are kept"},
    {"rollout_first", "steps", "length of a rollout in the model at real step `rollout_from` and before"},
    {"rollout_last", "steps", "and at `rollout_to` and after; linear between, rounded down"},
    {"rollout_from", "real steps", "where rollouts begin to grow"},
    {"rollout_to", "real steps", "where they have grown"},
    {"plan_horizon", "steps", "planned ahead; of lazy planning: that a point of a demonstration must have to go"},
    {"plan_iterations", "iterations", "of iLQR at a real step"},
    {"plan_guesses", "sequences", "random ones of controls, tried beside the former plan"},
};

// Who has a setting: the parts of a protocol, a heading each.
static const struct {
  int part;
  const char* heading;
} parts[] = {
    {LB_PROTOCOL_ROUNDS, "Algorithms that go by iterations, on tasks with a cost"},
    {LB_PROTOCOL_RETURNS, "All algorithms on tasks with a reward"},
    {LB_PROTOCOL_ONLINE, "Those that go by real steps"},
    {LB_PROTOCOL_DEMOS, "Those that use demonstrations, or are measured on them"},
    {LB_PROTOCOL_ACTOR, "Those whose policy is a network"},
    {LB_PROTOCOL_POLICY, "Those of these that learn from rewards (soft actor-critic)"},
    {LB_PROTOCOL_MODEL, "Those that learn a model"},
    {LB_PROTOCOL_ENSEMBLE, "Those whose model is an ensemble of networks"},
    {LB_PROTOCOL_IMAGINED, "Those whose policy network learns in the model"},
    {LB_PROTOCOL_PLAN, "Those that plan by LQR passes"},
    {LB_PROTOCOL_SEARCH, "Those of these that plan at every real step"},
};

static const struct text* find(const char* key) {
  for (int i = 0; i < LB_COUNT_OF(texts); i++) {
    if (strcmp(texts[i].key, key) == 0) return &texts[i];
  }
  return NULL;
}

const char* lb_setting_meaning(const char* key) {
  const struct text* text = find(key);
  return text ? text->what : "";
}

// Whether only whole numbers are taken: by trying one that is none.
static bool is_whole(const lb_protocol_setting* s) {
  char assignment[120];
  lb_protocol scratch = lb_protocol_default();
  snprintf(assignment, sizeof assignment, "%s=%.17g", s->key,
           s->low + (s->high > s->low + 1 ? 0.5 : 0.25 * (s->high - s->low)));
  return lb_protocol_set(&scratch, assignment).code != LB_OK;
}

static void print_line(const lb_protocol_setting* s, const struct text* text) {
  if (s->is_number) {
    printf("| `%s` | %s %.10g to %.10g | %.10g | %s | %s |\n", s->key, is_whole(s) ? "whole number," : "number,",
           s->low, s->high, s->usual, text->unit, text->what);
  } else {
    printf("| `%s` | `fresh` or `file` | `%s` | %s | %s |\n", s->key, s->usual_word, text->unit, text->what);
  }
}

bool lb_settings_page(void) {
  lb_protocol_setting settings[LB_PROTOCOL_SETTINGS];
  lb_protocol usual = lb_protocol_default();
  bool whole = true;
  int printed = 0;
  puts(
      "# Settings\n"
      "Every setting of `--set KEY=VALUE` (`bench run`, `suite`, `all`, `expert`), of `protocol` in a suite's JSON "
      "and\n"
      "of `train.protocol` in an expert's. `bench help --settings` prints this page from the program's own tables.\n\n"
      "An algorithm has some of these, with these defaults unless it has its own: `bench algos NAME` lists them, and\n"
      "`bench run TASK --algo NAME --dry-run` what a run would have. A setting that would do nothing is refused. The\n"
      "suites' settings for a task are those of `bench run --preset` and `bench suite`; how they were chosen is in\n"
      "[tuning.md](tuning.md). Whole numbers may be written 1000000, 1_000_000 or 1e6.");
  for (int p = 0; p < LB_COUNT_OF(parts); p++) {
    int n = lb_protocol_settings(settings, &usual, parts[p].part);
    if (n == 0) continue;
    printf("\n## %s\n| setting | values | default | unit | meaning |\n|---|---|---|---|---|\n", parts[p].heading);
    for (int i = 0; i < n; i++) {
      const struct text* text = find(settings[i].key);
      if (!text) lb_log_say("bench help: no meaning of the setting %s", settings[i].key);
      whole = whole && text;
      if (text) print_line(&settings[i], text);
      printed++;
    }
  }
  if (printed != LB_COUNT_OF(texts) || printed != lb_protocol_settings(settings, &usual, LB_PROTOCOL_WHOLE)) {
    lb_log_say("bench help: %d settings under %d headings, %d meanings", printed, LB_COUNT_OF(parts),
               LB_COUNT_OF(texts));
    whole = false;
  }
  return whole;
}
