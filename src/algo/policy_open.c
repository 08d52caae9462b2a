#include "algo/policy_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/expert_files.h"
#include "algo/identity.h"
#include "algo/loop.h"
#include "algo/registry.h"
#include "algo/run_record.h"
#include "core/action.h"
#include "io/file.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "plan/actor.h"
#include "plan/lq_policy_file.h"
#include "plan/planner_kinds.h"

struct lb_open_policy {
  const lb_system* system;
  const char* kind;
  char path[1200];
  lb_policy policy;
  lb_arena* arena;
  lb_actor* actor;  // NULL: no network
  lb_lq_policy feedback;
  lb_steps steps;  // of a row that was opened to act; self NULL: none
  int iteration;   // of a checkpoint; else -1
  lb_rng rng;      // of sampled actions
};

// From ENSEMBLE on, models.
typedef enum file_kind { NETWORK, FEEDBACK, ENSEMBLE, FEATURES, AFFINE, FILE_KINDS } file_kind;
static const char* const kinds[FILE_KINDS] = {"policy", "time-varying linear feedback", "probabilistic ensemble",
                                              "random features", "map of observations"};

// As soft actor-critic's evaluations scale.
static void act_as_run(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_open_policy* p = ctx;
  lb_actor_act(p->actor, u, in, n, NULL);
  lb_action_scale(p->system, u, u, n);
}

// The network's sampled actions, in the system's units.
static void act_sampled(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  lb_open_policy* p = ctx;
  lb_actor_act(p->actor, u, in, n, &p->rng);
  lb_action_scale(p->system, u, u, n);
}

// Whether the planner of a run acts in [-1, 1], so that its evaluations scale: all that learn from batches.
static bool scales_actions(const lb_run_record* run) {
  const lb_planner_kind* kind = lb_registry_find_planner(run->planner);
  return kind && kind->learns;
}

// A policy network, which acts as its run's evaluations do.
static lb_status open_network(lb_open_policy* p, const lb_run_record* run) {
  const lb_system* s = p->system;
  lb_net_task task = {.name = s->name, .hash = s->hash};
  lb_actor_config config = lb_actor_default_config(s->nobs, s->nu);
  config.u_low = s->u_low;
  config.u_high = s->u_high;
  LB_TRY(lb_actor_load(&p->actor, p->path, &task, &config, p->arena));
  p->kind = "network";
  p->policy = lb_actor_policy(p->actor);
  if (run && scales_actions(run)) {
    p->policy.ctx = p;
    p->policy.act = act_as_run;
  }
  return lb_ok();
}

// Time-varying linear feedback, of a task with a cost.
static lb_status open_feedback(lb_open_policy* p) {
  if (!p->system->cost) {
    return lb_fail(LB_INPUT, "%s: time-varying linear feedback, which is for tasks with a cost; %s has rewards",
                   p->path, p->system->name);
  }
  LB_TRY(lb_lq_policy_file_load(&p->feedback, p->path, p->system, p->arena));
  p->kind = "time-varying linear feedback";
  p->policy = lb_lq_policy_view(&p->feedback);
  return lb_ok();
}

// Whether the row can be opened as it was: a plan depends on the task, the expert's data and the recipe.
static lb_status check_row(const lb_run_record* run, const char* root) {
  lb_identities* ids = lb_identities_new(root);
  lb_identity identity;
  if (!ids) return lb_fail(LB_MEMORY, "no memory to compare %s with the present tree", run->folder);
  lb_status status = lb_identities_compare(ids, &identity, run->folder, run->task, run->algo, (int64_t)run->seed, NULL);
  lb_identities_free(ids);
  LB_TRY(status);
  if (identity != LB_IDENTITY_TASK && identity != LB_IDENTITY_EXPERT && identity != LB_IDENTITY_RECIPE) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: made with %s than the present one, so that its planner cannot be put together again; "
                 "run it anew",
                 run->folder, lb_identity_words(identity));
}

// The row of the run that the file belongs to, ready to act.
static lb_status open_row(lb_open_policy* p, const lb_run_record* run, const char* root) {
  const lb_system* s = p->system;
  if (!run) {
    return lb_fail(LB_INPUT,
                   "%s: what plans with it stands in its run's config.json, which is not beside it; name the "
                   "file in its run's folder",
                   p->path);
  }
  LB_TRY(check_row(run, root));
  if (strcmp(run->task_hash, s->hash) != 0) {
    return lb_fail(LB_INPUT, "%s: of a run on '%s', not on '%s'", p->path, run->task, s->name);
  }
  lb_recipe recipe;
  lb_run_options options = {.root = root,
                            .suite = "",
                            .task = run->task,
                            .algo = run->algo,
                            .seed = run->seed,
                            .protocol = run->protocol,
                            .folder = run->folder,
                            .command = ""};
  LB_TRY(lb_run_open_steps(&p->steps, &recipe, &options));
  if (p->steps.policy) return lb_ok();
  return lb_fail(LB_INPUT, "%s: rows such as '%s' act by their policy.safetensors alone", p->path, run->algo);
}

// A run's model, in which its planner plans at every step.
static lb_status open_model(lb_open_policy* p, const lb_run_record* run, const char* root) {
  LB_TRY(open_row(p, run, root));
  if (!p->steps.take_model) {
    return lb_fail(LB_INPUT, "%s: a learned model, and '%s' does not plan in one when it acts", p->path, run->algo);
  }
  LB_TRY(p->steps.take_model(p->steps.self, p->path));
  p->kind = "plans in a learned model";
  p->policy = *p->steps.policy(p->steps.self);
  return lb_ok();
}

// A row that plans in the true system: nothing but its settings is needed.
static lb_status open_truth(lb_open_policy* p, const lb_run_record* run, const char* root) {
  LB_TRY(open_row(p, run, root));
  if (!p->steps.take_model || p->steps.take_learned) {
    return lb_fail(LB_INPUT, "%s: a run's settings, where a policy's file should be named (of a run: --run %s)",
                   p->path, run->folder);
  }
  LB_TRY(p->steps.take_model(p->steps.self, NULL));
  p->kind = "plans in the true system";
  p->policy = *p->steps.policy(p->steps.self);
  return lb_ok();
}

// The policy of a run under way.
static lb_status open_checkpoint(lb_open_policy* p, const lb_run_record* run, const char* root) {
  lb_npz* npz;
  LB_TRY(open_row(p, run, root));
  LB_TRY(lb_npz_load(&npz, p->path));
  lb_status status = p->steps.restore(p->steps.self, npz);
  lb_npz_free(npz);
  LB_TRY(status);
  p->iteration = *p->steps.iteration - 1;
  p->kind = "a run as it stood at its last checkpoint";
  p->policy = *p->steps.policy(p->steps.self);
  return lb_ok();
}

// What a .safetensors file says that it holds.
static lb_status find_kind(file_kind* kind, const char* path) {
  char origin[1300];
  lb_safetensors* file;
  lb_json* doc;
  const char* word;
  LB_TRY(lb_safetensors_load(&file, path));
  snprintf(origin, sizeof origin, "%s: metadata", path);
  lb_status status = lb_json_parse(&doc, lb_safetensors_metadata(file), origin);
  lb_safetensors_free(file);
  LB_TRY(status);
  status = lb_json_string_or(lb_json_root(doc), "kind", "", &word);
  if (status.code == LB_OK) {
    int i = 0;
    while (i < FILE_KINDS && strcmp(word, kinds[i]) != 0) ++i;
    *kind = (file_kind)i;
    if (i == FILE_KINDS) {
      status = lb_fail(LB_INPUT,
                       "%s: its metadata say that it is of the kind \"%s\"; what can act is \"%s\", \"%s\", "
                       "\"%s\", \"%s\" or \"%s\" (policy.safetensors, best.safetensors and model.safetensors of a "
                       "run, and an expert's file)",
                       path, word, kinds[NETWORK], kinds[FEEDBACK], kinds[ENSEMBLE], kinds[FEATURES], kinds[AFFINE]);
    }
  }
  lb_json_free(doc);
  return status;
}

// Whether a text ends in another.
static bool ends_in(const char* text, const char* ending) {
  size_t n = strlen(text), m = strlen(ending);
  return n >= m && strcmp(text + n - m, ending) == 0;
}

// By what the file says that it is.
static lb_status open_file(lb_open_policy* p, const lb_run_record* run, const char* root) {
  file_kind kind;
  if (ends_in(p->path, ".npz")) return open_checkpoint(p, run, root);
  if (ends_in(p->path, "/config.json")) return open_truth(p, run, root);
  LB_TRY(find_kind(&kind, p->path));
  if (kind == NETWORK) return open_network(p, run);
  return kind == FEEDBACK ? open_feedback(p) : open_model(p, run, root);
}

// The run whose folder the file is in; false: it is in none.
static lb_status find_run(lb_run_record* run, bool* found, const char* path) {
  char folder[1200];
  snprintf(folder, sizeof folder, "%s", path);
  char* end = strrchr(folder, '/');
  if (end) *end = '\0';
  const char* name = end ? (end == folder ? "/" : folder) : ".";
  *found = lb_run_record_exists(name);
  return *found ? lb_run_record_read(run, name) : lb_ok();
}

lb_status lb_policy_open(lb_open_policy** out, const char* path, const char* root, const lb_system* system) {
  lb_run_record run;
  bool in_run = false;
  *out = NULL;
  if (strlen(path) > 1100) return lb_fail(LB_INPUT, "%.100s...: the path is too long", path);
  if (lb_folder_exists(path)) {
    return lb_fail(LB_INPUT, "%s: a folder, where a policy's file should be named (of a run: --run %s)", path, path);
  }
  LB_TRY(find_run(&run, &in_run, path));
  lb_open_policy* p = calloc(1, sizeof *p);
  if (!p) return lb_fail(LB_MEMORY, "%s: no memory for a policy", path);
  p->system = system;
  p->iteration = -1;
  snprintf(p->path, sizeof p->path, "%s", path);
  p->arena = lb_arena_new(0);
  lb_status status =
      p->arena ? open_file(p, in_run ? &run : NULL, root) : lb_fail(LB_MEMORY, "%s: no memory for a policy", path);
  if (status.code != LB_OK) {
    lb_policy_close(p);
    return status;
  }
  *out = p;
  return status;
}

// Where the learned model of a run lies.
static lb_status find_learned(lb_open_policy* p, const lb_run_record* run) {
  lb_path_join(p->path, sizeof p->path, run->folder, "model.safetensors");
  if (lb_file_exists(p->path)) return lb_ok();
  lb_path_join(p->path, sizeof p->path, run->folder, "checkpoint.npz");
  if (lb_file_exists(p->path)) return lb_ok();
  return lb_fail(LB_INPUT,
                 "%s: there is no learned model yet, neither model.safetensors, which a finished run leaves, nor a "
                 "checkpoint (bench run --checkpoint 0 saves one after every measurement)",
                 run->folder);
}

// Whether a row of this kind of model fits one.
static bool learns_model(const lb_run_record* run) {
  const lb_model_kind* kind = lb_registry_find_model(run->model);
  return kind && !(kind->gives & (LB_GIVES_NO_MODEL | LB_GIVES_TRUTH));
}

// The run's last model, of its file or of its checkpoint.
static lb_status open_learned(lb_open_policy* p, const lb_run_record* run, const char* root) {
  if (*run->planner && !learns_model(run)) {
    return lb_fail(LB_INPUT, "%s: '%s' learns no model", run->folder, run->algo);
  }
  LB_TRY(open_row(p, run, root));
  if (!p->steps.learned || (!p->steps.take_learned && !p->steps.restore)) {
    return lb_fail(LB_INPUT, "%s: '%s' learns no model", run->folder, run->algo);
  }
  LB_TRY(find_learned(p, run));
  if (!ends_in(p->path, ".npz")) {
    if (!p->steps.take_learned) return lb_fail(LB_INPUT, "%s: '%s' has no model in a file", p->path, run->algo);
    LB_TRY(p->steps.take_learned(p->steps.self, p->path));
  } else {
    lb_npz* npz;
    LB_TRY(lb_npz_load(&npz, p->path));
    lb_status status = p->steps.restore(p->steps.self, npz);
    lb_npz_free(npz);
    LB_TRY(status);
  }
  p->kind = "a learned model";
  if (p->steps.learned(p->steps.self)) return lb_ok();
  return lb_fail(LB_INPUT, "%s: '%s' learns no model, or has fitted none yet", run->folder, run->algo);
}

lb_status lb_policy_open_learned(lb_open_policy** out, const char* folder, const char* root, const lb_system* system) {
  lb_run_record run;
  *out = NULL;
  LB_TRY(lb_run_record_read(&run, folder));
  lb_open_policy* p = calloc(1, sizeof *p);
  if (!p) return lb_fail(LB_MEMORY, "%s: no memory for a model", folder);
  p->system = system;
  p->iteration = -1;
  snprintf(p->path, sizeof p->path, "%s", folder);
  lb_status status = open_learned(p, &run, root);
  if (status.code != LB_OK) {
    lb_policy_close(p);
    return status;
  }
  *out = p;
  return status;
}

const lb_dynamics* lb_policy_learned(const lb_open_policy* p, bool* of_states) {
  *of_states = p->steps.parts & LB_PROTOCOL_ITERATIONS;
  return p->steps.learned(p->steps.self);
}

lb_status lb_policy_open_expert(lb_open_policy** out, const char* root, const lb_system* system) {
  char folder[LB_EXPERT_FILES_FOLDER], path[1300];
  lb_file_share share;
  *out = NULL;
  LB_TRY(lb_expert_files_folder(folder, root, system->name));
  snprintf(path, sizeof path, "%s/%.150s.policy.safetensors", folder, system->name);
  lb_status status = lb_expert_files_open(NULL, &share, folder, system->name);
  if (status.code == LB_OK) status = lb_policy_open(out, path, root, system);
  lb_file_set_release(&share);
  return status;
}

// Uniform within the limits.
static void act_randomly(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  (void)in;
  lb_open_policy* p = ctx;
  lb_random_draw(p->system, &p->rng, n, u);
}

// u = 0.
static void act_zero(void* ctx, int n, int t, const double* in, double* u) {
  (void)t;
  (void)in;
  const lb_open_policy* p = ctx;
  memset(u, 0, (size_t)n * (size_t)p->system->nu * sizeof *u);
}

// A policy that needs no file.
static lb_status open_plain(lb_open_policy** out, const lb_system* s, const char* kind,
                            void (*act)(void*, int, int, const double*, double*), lb_rng rng) {
  lb_open_policy* p = *out = calloc(1, sizeof *p);
  if (!p) return lb_fail(LB_MEMORY, "%s: no memory for a policy", s->name);
  *p = (lb_open_policy){.system = s, .kind = kind, .iteration = -1, .rng = rng};
  snprintf(p->path, sizeof p->path, "%s", kind);
  p->policy = (lb_policy){.input = LB_READS_STATE, .nin = s->space.nx, .nu = s->nu, .ctx = p, .act = act};
  return lb_ok();
}

lb_status lb_policy_open_random(lb_open_policy** out, const lb_system* system, uint64_t seed) {
  return open_plain(out, system, "uniformly random actions", act_randomly, lb_rng_stream(seed, LB_RNG_PLAN, 0, 0));
}

lb_status lb_policy_open_zero(lb_open_policy** out, const lb_system* system) {
  return open_plain(out, system, "controls of zero", act_zero, (lb_rng){0});
}

void lb_policy_close(lb_open_policy* p) {
  if (!p) return;
  if (p->steps.self) p->steps.close(p->steps.self);
  lb_arena_free(p->arena);
  free(p);
}

lb_policy lb_policy_of(const lb_open_policy* p) {
  return p->policy;
}

const char* lb_policy_kind(const lb_open_policy* p) {
  return p->kind;
}

const char* lb_policy_path(const lb_open_policy* p) {
  return p->arena ? p->path : "";
}

int lb_policy_iteration(const lb_open_policy* p) {
  return p->iteration;
}

lb_status lb_policy_sampled(lb_policy* out, lb_open_policy* p, lb_rng rng) {
  if (!p->actor) {
    return lb_fail(LB_INPUT, "%s: %s: only the actions of a network's file can be sampled", p->path, p->kind);
  }
  p->rng = rng;
  *out = lb_actor_policy(p->actor);
  out->ctx = p;
  out->act = act_sampled;
  return lb_ok();
}
