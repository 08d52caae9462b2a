// What an agent gets of the task's expert: its policy, and its demonstrations in the form that the algorithm uses.
#include <stdio.h>
#include <string.h>

#include "algo/agent.h"
#include "algo/expert.h"
#include "algo/expert_files.h"
#include "algo/expert_store.h"
#include "base/text.h"
#include "eval/tracks.h"
#include "plan/lq_policy_file.h"
#include "plan/mean_trajectory.h"

static int at_most(int64_t wanted, int64_t limit) {
  return (int)(wanted < limit ? wanted : limit);
}

static int length_of(const lb_agent* a, int k) {
  return lb_demos_episode(a->demos, a->shown.index[k], NULL, NULL).length;
}

//
// Over observations: rows
//

// The demonstrations that a run of this seed is given, whatever its algorithm: all episodes in the order in which it
// takes them, of which the first `transitions`: as many as expert_transitions and expert_episodes allow.
static lb_status find_shown(lb_agent* a) {
  const lb_loop_settings* l = &a->schedule.settings;
  int episodes = lb_demos_episodes(a->demos), wanted = l->expert_episodes, first, most = 0;
  LB_TRY(lb_within(lb_demos_rows_count(&first, a->demos, &(lb_demos_choice){.episodes = wanted}), "expert_episodes"));
  int* index = LB_TAKE(a->arena, int, episodes);
  for (int i = 0; i < episodes; ++i) index[i] = i;
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_EXPERT, 0, LB_EXPERT_ORDER);
  lb_rng_shuffle(&rng, index, episodes);
  a->shown = (lb_demos_choice){.index = index, .episodes = episodes};
  for (int k = 0; k < (wanted > 0 ? wanted : episodes); ++k) most += length_of(a, k);
  bool fewer = l->expert_transitions > 0 && (wanted == 0 || l->expert_transitions < most);
  a->shown.transitions = fewer ? l->expert_transitions : most;
  return lb_ok();
}

// Room for the learner's transitions behind `expert` of the demonstrations, so that both are rows of one run of memory.
static void make_rings(lb_agent* a, int expert) {
  const lb_system* s = a->system;
  int learner = at_most(a->schedule.settings.steps, a->schedule.settings.buffer);
  size_t width = (size_t)lb_transitions_width(s->nobs, s->nu);
  float* memory = LB_TAKE(a->arena, float, ((size_t)expert + (size_t)learner) * width);
  if (expert > 0) lb_ring_init_in(&a->data.expert, s->nobs, s->nu, expert, memory);
  lb_ring_init_in(&a->data.learner, s->nobs, s->nu, learner, memory + (size_t)expert * width);
}

// Which demonstrations a model is measured on: episodes that are filed and not given; where there are none, one in ten
// of those that are given is kept apart, if there are ten and the row is not one that uses all. *learned: transitions
// that are learned from, those given less the episodes measured on.
static void set_apart(const lb_agent* a, bool may_keep, int* learned, int* first, int* apart) {
  int episodes = a->shown.episodes, given = 0, begun = 0;
  while (given < a->shown.transitions) given += length_of(a, begun++);
  *learned = a->shown.transitions;
  *first = begun;
  *apart = at_most(episodes - begun, LB_AGENT_APART);
  if (*apart > 0 || !may_keep || begun < 10) return;
  *apart = begun / 10;
  *first = begun - *apart;
  *learned = 0;
  for (int k = 0; k < *first; ++k) *learned += length_of(a, k);
}

// The demonstrations that are learned from, and those on which a model is measured, as rows.
static lb_status take_rows(lb_agent* a) {
  const lb_system* s = a->system;
  bool model = lb_recipe_has_model(&a->recipe);
  int n = 0, learned, first, apart;
  set_apart(a, model && !a->recipe.one_a_step, &learned, &first, &apart);
  make_rings(a, learned);
  lb_demos_choice learned_from = {.index = a->shown.index, .episodes = a->shown.episodes, .transitions = learned};
  LB_TRY(lb_demos_rows_push(&a->data.expert, NULL, a->demos, s, &learned_from));
  if (apart == 0 || !model) return lb_ok();
  lb_demos_choice measured_on = {.index = a->shown.index + first, .episodes = apart};
  LB_TRY(lb_demos_rows_count(&n, a->demos, &measured_on));
  lb_ring_init(&a->data.apart, s->nobs, s->nu, n, a->arena);
  return lb_demos_rows_push(&a->data.apart, NULL, a->demos, s, &measured_on);
}

// Transitions of the demonstrations that the run uses, drawn by seed, an episode after the other.
static lb_status load_observed(lb_agent* a, const char* root) {
  int wanted = a->schedule.settings.expert_transitions, quality = a->schedule.settings.expert_quality;
  if (a->given.data) {
    LB_TRY(lb_expert_store_given_data(&a->demos, &a->used, a->given.data, a->system, wanted, quality));
  } else {
    LB_TRY(lb_expert_store_data(&a->demos, &a->used, root, a->system, wanted, quality));
  }
  LB_TRY(find_shown(a));
  a->system->ledger.steps[LB_STEP_EXPERT] += a->shown.transitions;
  return lb_ok();
}

// Of an algorithm that goes by real steps.
static lb_status load_for_steps(lb_agent* a, const char* root) {
  if (!lb_recipe_uses_demonstrations(&a->recipe)) {
    make_rings(a, 0);
    return lb_ok();
  }
  LB_TRY(load_observed(a, root));
  LB_TRY(take_rows(a));
  if (a->recipe.planner.from_clone) return lb_ok();
  lb_demos_free(a->demos);
  a->demos = NULL;
  return lb_ok();
}

lb_status lb_agent_lay_out(lb_demo_rows* out, const lb_agent* a, int episodes, lb_arena* arena) {
  const lb_system* s = a->system;
  lb_demos_choice choice = a->shown;
  int n = 0;
  if (episodes > 0 && episodes < choice.episodes)
    choice = (lb_demos_choice){.index = choice.index, .episodes = episodes};
  LB_TRY(lb_demos_rows_count(&n, a->demos, &choice));
  float* rows = LB_TAKE(arena, float, (size_t)n*(size_t)lb_transitions_width(s->nobs, s->nu));
  int* starts = LB_TAKE(arena, int, lb_demos_episodes(a->demos));
  LB_TRY(lb_demos_rows_copy(rows, a->demos, s, &choice));
  *out = (lb_demo_rows){.rows = {.n = n, .nobs = s->nobs, .nact = s->nu, .data = rows}, .starts = starts};
  for (int at = 0; at < n;) {
    starts[out->episodes] = at;
    at += length_of(a, out->episodes++);
  }
  return lb_ok();
}

const lb_trajectory* lb_agent_trajectories(lb_agent* a, int* n) {
  const lb_ring* ring = &a->data.expert;
  int nobs = ring->nobs, nact = ring->nact;
  lb_tracks tracks = lb_tracks_find(ring->data, ring->n, nobs, nact, a->arena);
  lb_trajectory* out = LB_TAKE(a->arena, lb_trajectory, tracks.episodes);
  *n = tracks.episodes;
  for (int e = 0; e < tracks.episodes; ++e) {
    int length = tracks.start[e + 1] - tracks.start[e];
    double* x = LB_TAKE(a->arena, double, (ptrdiff_t)(length + 1) * nobs);
    double* u = LB_TAKE(a->arena, double, (ptrdiff_t)length* nact);
    for (ptrdiff_t t = 0; t < length; ++t) {
      const float *row = ring->data + (tracks.start[e] + t) * ring->width,
                  *next = row + lb_transitions_next(nobs, nact);
      for (int i = 0; i < nobs; ++i) x[t * nobs + i] = (double)row[i];
      for (int i = 0; i < nobs; ++i) x[(t + 1) * nobs + i] = (double)next[i];
      for (int i = 0; i < nact; ++i) u[t * nact + i] = (double)row[nobs + i];
    }
    out[e] = (lb_trajectory){.length = length, .x = x, .u = u};
  }
  return out;
}

//
// Over states: whole trajectories
//

// A draw of `n` of `total` numbers without replacement.
static void draw_some(int* index, int n, int total, lb_rng* rng, lb_arena* arena) {
  lb_mark mark = lb_arena_mark(arena);
  int* deck = LB_TAKE(arena, int, total);
  for (int i = 0; i < total; ++i) deck[i] = i;
  for (int i = 0; i < n; ++i) {
    int j = i + (int)lb_rng_below(rng, (uint32_t)(total - i));
    int swap = deck[i];
    deck[i] = deck[j];
    deck[j] = swap;
    index[i] = deck[i];
  }
  lb_arena_release(arena, mark);
}

// The recorded expert's policy and all of its demonstrations.
static lb_status load_recorded(lb_demos** all, lb_agent* a, const char* root) {
  char folder[LB_EXPERT_FILES_FOLDER], path[1300];
  lb_file_share share;
  lb_expert_files_sums sums;
  LB_TRY(lb_expert_files_folder(folder, root, a->system->name));
  lb_status status = lb_expert_files_open(&sums, &share, folder, a->system->name);
  if (status.code == LB_OK) {
    snprintf(path, sizeof path, "%s/%.150s.policy.safetensors", folder, a->system->name);
    status = lb_lq_policy_file_load(&a->feedback, path, a->system, a->arena);
  }
  if (status.code == LB_OK) {
    snprintf(path, sizeof path, "%s/%.150s.npz", folder, a->system->name);
    status = lb_demos_load(all, a->system, a->given.data ? a->given.data : path);
  }
  lb_file_set_release(&share);
  LB_TRY(status);
  memcpy(a->used.policy, sums.policy, sizeof sums.policy);
  memcpy(a->used.demonstrations, sums.demonstrations, sizeof sums.demonstrations);
  if (a->given.data) status = lb_sha256_file(a->given.data, a->used.demonstrations);
  if (status.code != LB_OK) lb_demos_free(*all);
  return status;
}

// Episodes of the recorded demonstrations, drawn for this seed.
static lb_status choose_recorded(lb_agent* a, const lb_demos* all) {
  int n = a->schedule.settings.expert_rollouts, total = lb_demos_episodes(all);
  if (n > total) {
    return lb_fail(LB_INPUT, "%s: %d %s, expert_rollouts asks for %d; lower it, or record more",
                   a->given.data ? a->given.data : a->system->name, total,
                   lb_plural(total, "demonstration", "demonstrations"), n);
  }
  int* index = LB_TAKE(a->arena, int, n);
  lb_rng rng = lb_rng_stream(a->seed, LB_RNG_EXPERT, 0, LB_EXPERT_DRAW);
  draw_some(index, n, total, &rng, a->arena);
  LB_TRY(lb_demos_select(&a->demos, all, index, n));
  a->system->ledger.steps[LB_STEP_EXPERT] += lb_demos_transitions(a->demos);
  return lb_ok();
}

// Lays the demonstrations out as one batch, and takes their mean.
static void pool_demonstrations(lb_agent* a) {
  const lb_system* s = a->system;
  int episodes = lb_demos_episodes(a->demos);
  lb_dataset pool;
  lb_dataset_init(&pool, s->space.nx, s->nu, lb_demos_transitions(a->demos), a->arena);
  lb_trajectory* paths = LB_TAKE(a->arena, lb_trajectory, episodes);
  for (int k = 0; k < episodes; ++k) {
    const double* x_next;
    paths[k] = lb_demos_episode(a->demos, k, &x_next, NULL);
    for (int t = 0; t < paths[k].length; ++t) {
      lb_dataset_add(&pool, t, paths[k].x + t * s->space.nx, paths[k].u + t * s->nu, x_next + t * s->space.nx);
    }
  }
  a->rollouts.expert = lb_dataset_batch(&pool);
  a->rollouts.mean = lb_mean_trajectory(&s->space, s->nu, paths, episodes, a->arena);
}

// The expert of a task with a cost: solved for and rolled out anew, or as recorded.
static lb_status load_for_cost(lb_agent* a, const char* root) {
  bool learns = lb_recipe_learns(&a->recipe);
  if (a->schedule.settings.demonstrations == LB_DEMONSTRATIONS_FILE) {
    lb_demos* all;
    LB_TRY(load_recorded(&all, a, root));
    lb_status status = choose_recorded(a, all);
    lb_demos_free(all);
    LB_TRY(status);
    a->expert = lb_lq_policy_view(&a->feedback);
  } else {
    lb_expert_account account;
    LB_TRY(lb_expert_solve(&a->feedback, &account, a->system, a->arena));
    a->expert = lb_lq_policy_view(&a->feedback);
    if (!learns) return lb_ok();
    LB_TRY(lb_demos_record(&a->demos, a->system, &a->expert, a->schedule.settings.expert_rollouts, a->seed));
  }
  if (learns) pool_demonstrations(a);
  return lb_ok();
}

// The policy network of a task with rewards.
static lb_status load_actor(lb_agent* a, const char* root) {
  if (a->given.policy) {
    LB_TRY(lb_expert_store_given_policy(&a->expert_actor, &a->used, a->given.policy, a->system, a->arena));
  } else {
    LB_TRY(lb_expert_store_policy(&a->expert_actor, &a->used, root, a->system, a->arena));
  }
  a->expert = lb_actor_policy(a->expert_actor);
  return lb_ok();
}

lb_status lb_agent_load_expert(lb_agent* a, const char* root) {
  const lb_recipe* r = &a->recipe;
  const lb_planner_kind* kind = r->planner.kind;
  const lb_iterations* run = a->schedule.run;
  if (!run->learns && !kind->needs_expert) return lb_ok();
  if (!run->learns && !a->system->cost) return load_actor(a, root);
  if (!lb_recipe_is_online(r)) return load_for_cost(a, root);
  if (run->imitates) {
    LB_TRY(load_observed(a, root));
    a->schedule = lb_schedule_of(r, &a->protocol, a->system, a->shown.episodes);
    return lb_ok();
  }
  LB_TRY(load_for_steps(a, root));
  // Where the model can be compared with the expert's own policy in it.
  unsigned draws = LB_GIVES_SAMPLES | LB_GIVES_NO_MODEL | LB_GIVES_TRUTH;
  bool compares =
      kind->gives & LB_GIVES_VALUE && a->data.expert.n > 0 && (r->model.kind->gives & draws) == LB_GIVES_SAMPLES;
  if (!compares || (!a->given.policy && (a->given.data || !lb_expert_store_has_policy(root, a->system))))
    return lb_ok();
  return load_actor(a, root);
}
