#include "algo/cloning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algo/demonstrator.h"
#include "algo/phases.h"
#include "algo/reference_lines.h"
#include "base/clock.h"
#include "base/text.h"
#include "eval/evaluate.h"
#include "io/entries.h"
#include "io/json_writer.h"
#include "task/task.h"

enum { MOST_BUDGETS = 4, ACCOUNTS = 3 };

typedef struct cloning {
  lb_recipe recipe;
  lb_protocol protocol;
  uint64_t seed;
  lb_arena* arena;
  lb_system* system;
  lb_demos* demos;
  lb_expert_used used;
  lb_demos_choice given;
  int budgets;
  int episodes[MOST_BUDGETS];  // of each round

  lb_actor* actor;  // of the last round; NULL before
  lb_cloning_fit fit;
  lb_status status;  // of that fit
  lb_evaluation measured;
  int64_t updates;
  int round;
  double plan_seconds, evaluate_seconds;
} cloning;

// Demonstrations laid out for cloning, in an arena.
typedef struct layout {
  lb_transitions rows;
  int* starts;  // (episodes) where each begins among the rows
  int episodes;
} layout;

static lb_status lay_out(layout* out, const lb_demos* demos, const lb_system* s, const lb_demos_choice* choice,
                         lb_arena* arena) {
  int n = 0;
  LB_TRY(lb_demos_rows_count(&n, demos, choice));
  size_t width = (size_t)lb_transitions_width(s->nobs, s->nu);
  float* rows = LB_TAKE(arena, float, (size_t)n* width);
  LB_TRY(lb_demos_rows_copy(rows, demos, s, choice));
  *out = (layout){.rows = {.n = n, .nobs = s->nobs, .nact = s->nu, .data = rows},
                  .starts = LB_TAKE(arena, int, lb_demos_episodes(demos))};
  for (int at = 0, k = 0; at < n; ++k) {
    out->starts[out->episodes++] = at;
    at += lb_demos_episode(demos, choice->index ? choice->index[k] : k, NULL, NULL).length;
  }
  return lb_ok();
}

lb_status lb_cloning_clone(lb_actor** actor, lb_cloning_fit* fit, const lb_demos* demos, const lb_system* s,
                           const lb_demos_choice* choice, const lb_online_protocol* p, lb_bc_loss loss, lb_rng* rng,
                           lb_arena* arena) {
  lb_actor_config shape = lb_actor_default_config(s->nobs, s->nu);
  shape.hidden = p->hidden_layers;
  shape.width = p->width;
  shape.u_low = s->u_low;
  shape.u_high = s->u_high;
  lb_bc_config config = lb_bc_default_config();
  config.loss = loss;
  config.batch = p->batch;
  layout data;
  *actor = lb_actor_new(&shape, rng, arena);
  LB_TRY(lay_out(&data, demos, s, choice, arena));
  fit->transitions = data.rows.n;
  fit->episodes = data.episodes;
  LB_TRY(lb_within(lb_bc_fit(*actor, &fit->report, &data.rows, data.starts, data.episodes, &config, rng, arena), "%s",
                   s->name));
  if (!fit->report.broken) return lb_ok();
  return lb_fail(LB_DIVERGED, "cloning %d %s of %s: the %s is not finite", data.episodes,
                 lb_plural(data.episodes, "demonstration", "demonstrations"), s->name, fit->report.broken);
}

// Transitions of the first n episodes of an order.
static int length_of(const lb_demos* demos, const int* index, int n) {
  int length = 0;
  for (int k = 0; k < n; ++k) length += lb_demos_episode(demos, index[k], NULL, NULL).length;
  return length;
}

lb_status lb_cloning_given(lb_demos_choice* given, const lb_demos* demos, uint64_t seed, const lb_online_protocol* p,
                           lb_arena* arena) {
  int episodes = lb_demos_episodes(demos), wanted = p->expert_episodes, first;
  LB_TRY(lb_within(lb_demos_rows_count(&first, demos, &(lb_demos_choice){.episodes = wanted}), "expert_episodes"));
  int* index = LB_TAKE(arena, int, episodes);
  for (int i = 0; i < episodes; ++i) index[i] = i;
  lb_rng rng = lb_rng_stream(seed, LB_RNG_EXPERT, 0, LB_EXPERT_ORDER);
  lb_rng_shuffle(&rng, index, episodes);
  int most = length_of(demos, index, wanted > 0 ? wanted : episodes);
  int asked = p->expert_transitions > 0 && (wanted == 0 || p->expert_transitions < most) ? p->expert_transitions : most;
  *given = (lb_demos_choice){.index = index, .episodes = episodes, .transitions = asked};
  return lb_ok();
}

static void fit(void* self) {
  cloning* c = self;
  double start = lb_cpu_seconds();
  if (c->round == 0) return;
  lb_rng rng = lb_rng_stream(c->seed, LB_RNG_PLAN, (uint32_t)c->round, 0);
  lb_demos_choice choice = c->given;
  choice.episodes = c->episodes[c->round - 1];
  if (c->round < c->budgets) choice.transitions = 0;
  c->status = lb_cloning_clone(&c->actor, &c->fit, c->demos, c->system, &choice, &c->protocol.online,
                               c->recipe.planner.loss, &rng, c->arena);
  c->updates += c->fit.report.updates;
  c->plan_seconds += lb_cpu_seconds() - start;
}

static void write_lines(const cloning* c, lb_lines* lines) {
  lb_json_writer w = lb_json_writer_on(&lines->metrics);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", c->fit.transitions);
  lb_json_write_number(&w, "return", -c->measured.mean);
  lb_json_write_number(&w, "return_se", c->measured.se);
  lb_json_write_number(&w, "return_median", -c->measured.median);
  lb_reference_lines_survival(&w, c->system, &c->measured);
  lb_json_write_int(&w, "rollouts_diverged", c->measured.diverged);
  lb_json_write_int(&w, "demonstrations", c->fit.episodes);
  lb_json_write_int(&w, "samples_expert", c->fit.transitions);
  lb_json_write_int(&w, "steps_learner", 0);
  lb_json_write_int(&w, "steps_expert", c->fit.transitions);
  lb_json_write_int(&w, "steps_evaluation", c->system->ledger.steps[LB_STEP_EVALUATION]);
  lb_json_write_int(&w, "gradient_updates", c->updates);
  lb_json_write_int(&w, "fit_epochs", c->fit.report.epochs);
  lb_json_write_int(&w, "fit_best_epoch", c->fit.report.best_epoch);
  lb_json_write_bool(&w, "holdout_of_episodes", c->fit.report.by_episode);
  lb_json_write_number(&w, "fit_loss", c->fit.report.loss);
  lb_json_write_number(&w, "holdout_loss", c->fit.report.holdout);
  lb_json_write_end_object(&w);
  w = lb_json_writer_on(&lines->timing);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "iteration", c->fit.transitions);
  lb_json_write_number(&w, "cpu", c->plan_seconds + c->evaluate_seconds);
  lb_json_write_number(&w, "plan", c->plan_seconds);
  lb_json_write_number(&w, "evaluate", c->evaluate_seconds);
  lb_phase_memory(&w);
  lb_json_write_end_object(&w);
}

static bool measure(void* self, lb_lines* lines) {
  cloning* c = self;
  const lb_online_protocol* p = &c->protocol.online;
  if (c->round == 0 || c->status.code != LB_OK) return false;
  double start = lb_cpu_seconds();
  lb_policy policy = lb_actor_policy(c->actor);
  c->measured =
      lb_evaluate(c->system, &policy, p->evaluation_episodes, c->seed, (uint32_t)p->steps, c->arena, 0, NULL, NULL);
  c->evaluate_seconds += lb_cpu_seconds() - start;
  *lines = (lb_lines){.measure = "return", .score = -c->measured.mean, .score_se = c->measured.se, .real = c->measured};
  write_lines(c, lines);
  return true;
}

static lb_status deposit(void* self, const char* folder) {
  cloning* c = self;
  char path[1200];
  if (!c->actor) return lb_ok();
  lb_path_join(path, sizeof path, folder, "policy.safetensors");
  lb_net_task task = {.name = c->system->name, .hash = c->system->hash};
  return lb_actor_save(c->actor, path, &task, "{}");
}

static lb_status check(void* self) {
  const cloning* c = self;
  return c->status;
}

static int list_accounts(lb_entry out[ACCOUNTS], cloning* c) {
  const lb_entry entries[ACCOUNTS] = {
      LB_ENTRY("round", &c->round, 1, c->budgets + 1),
      LB_ENTRY("updates", &c->updates, 0, LB_MOST_COUNT),
      LB_ENTRY("steps/evaluation", &c->system->ledger.steps[LB_STEP_EVALUATION], 0, LB_MOST_COUNT),
  };
  memcpy(out, entries, sizeof entries);
  return ACCOUNTS;
}

static void save(void* self, lb_npz_writer* w) {
  lb_entry accounts[ACCOUNTS];
  lb_entries_save(accounts, list_accounts(accounts, self), "", w);
}

static lb_status restore(void* self, const lb_npz* npz) {
  lb_entry accounts[ACCOUNTS];
  return lb_entries_restore(accounts, list_accounts(accounts, self), "", npz);
}

static void close_cloning(void* self) {
  cloning* c = self;
  lb_demos_free(c->demos);
  lb_arena_free(c->arena);
  lb_system_free(c->system);
  free(c);
}

// The rounds: 1, 4, 10 and all episodes, as far as there are as many; or those alone that are asked for.
static void plan_rounds(cloning* c) {
  static const int few[] = {1, 4, 10};
  const lb_online_protocol* p = &c->protocol.online;
  for (int i = 0; i < 3 && p->expert_transitions == 0 && p->expert_episodes == 0; ++i) {
    if (few[i] < c->given.episodes) c->episodes[c->budgets++] = few[i];
  }
  c->episodes[c->budgets++] = c->given.episodes;
}

static lb_status open_cloning(cloning* c, const lb_run_options* o) {
  char models[1024];
  lb_path_join(models, sizeof models, o->root, "models");
  LB_TRY(lb_task_open(&c->system, models, o->task));
  c->arena = lb_arena_new(0);
  if (!c->arena) return lb_fail(LB_MEMORY, "%s: no memory for a run", o->task);
  int wanted = c->protocol.online.expert_transitions, quality = c->protocol.online.expert_quality;
  if (o->given.data) {
    LB_TRY(lb_demonstrator_given_data(&c->demos, &c->used, o->given.data, c->system, wanted, quality));
  } else {
    LB_TRY(lb_demonstrator_data(&c->demos, &c->used, o->root, c->system, wanted, quality));
  }
  LB_TRY(lb_cloning_given(&c->given, c->demos, o->seed, &c->protocol.online, c->arena));
  c->system->ledger.steps[LB_STEP_EXPERT] += c->given.transitions;
  plan_rounds(c);
  return lb_ok();
}

lb_status lb_cloning_open(lb_steps* steps, const lb_recipe* recipe, const lb_run_options* o) {
  cloning* c = calloc(1, sizeof *c);
  if (!c) return lb_fail(LB_MEMORY, "%s: no memory for a run", o->task);
  *c = (cloning){.recipe = *recipe, .protocol = o->protocol, .seed = o->seed};
  lb_status status = open_cloning(c, o);
  if (status.code != LB_OK) {
    close_cloning(c);
    return status;
  }
  *steps = (lb_steps){.self = c,
                      .system = c->system,
                      .expert = &c->used,
                      .parts = lb_recipe_parts(recipe, false),
                      .rounds = c->budgets,
                      .round_name = "size of the data",
                      .round = &c->round,
                      .fit = fit,
                      .measure = measure,
                      .deposit = deposit,
                      .check = check,
                      .save = save,
                      .restore = restore,
                      .close = close_cloning};
  return status;
}
