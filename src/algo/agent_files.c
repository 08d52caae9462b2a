// What a run leaves in its folder and takes up from there: policies, the model, and words on how it went.
#include <float.h>
#include <stdio.h>

#include "algo/agent.h"
#include "algo/imagined_episode.h"
#include "io/file.h"

// Why the run has to end.
static lb_status check(void* self) {
  const lb_agent* a = self;
  const char* iteration = a->schedule.name;
  char why[300];
  if (a->episode.fault.what) {
    lb_fault_describe(why, sizeof why, &a->episode.fault, a->system);
    return lb_fail(LB_DIVERGED, "%s %d: episode %d of the learner cannot begin: %s", iteration, a->iteration,
                   a->episode.number, why);
  }
  if (a->fit.broken) {
    return lb_fail(LB_DIVERGED, "%s %d: fit %d of the model: the %s is not finite", iteration, a->iteration, a->fits,
                   a->fit.broken);
  }
  if (a->status.code == LB_OK) return lb_ok();
  return lb_fail(a->status.code, "%s %d: %s", iteration, a->iteration, a->status.text);
}

// What a reader of the result should know.
static void remark(const void* self, lb_text* out) {
  const lb_agent* a = self;
  char why[300];
  if (a->unusable.n == 0) return;
  lb_fault_describe(why, sizeof why, &a->unusable.fault, a->system);
  lb_text_add(out, "%d step%s of the learner left out, the first at step %d of the run, where %s", a->unusable.n,
              a->unusable.n == 1 ? "" : "s", a->unusable.iteration, why);
}

// What acts, as a file.
static lb_status write_present(void* self, const char* path) {
  lb_agent* a = self;
  const lb_planner* p = lb_agent_planner(a);
  lb_mark mark = lb_arena_mark(a->scratch);
  lb_status status = p->write_policy(p->ctx, path, a->system, a->scratch);
  lb_arena_release(a->scratch, mark);
  return status;
}

// The policy file of what acts, or of another that the planner keeps.
static lb_status write_policy(lb_agent* a, lb_which_policy which, const char* folder, const char* name) {
  char path[1200];
  const lb_planner* p = lb_agent_planner(a);
  lb_path_join(path, sizeof path, folder, name);
  if (which != LB_POLICY_LAST && !(p->use && p->use(p->ctx, which))) return lb_ok();
  lb_status status = write_present(a, path);
  if (which != LB_POLICY_LAST) p->use(p->ctx, LB_POLICY_LAST);
  return status;
}

// After a measurement: the best policy so far; and of a planner that saves nothing, so that no checkpoint has it, the
// present one.
static lb_status deposit(void* self, const char* folder) {
  lb_agent* a = self;
  const lb_planner* p = lb_agent_planner(a);
  if (!p->write_policy) return lb_ok();
  if (!p->save) return write_policy(a, LB_POLICY_LAST, folder, "policy.safetensors");
  if (!p->keep_best || !(a->best.mean > -DBL_MAX) || a->best.is_filed) return lb_ok();
  lb_status status = write_policy(a, LB_POLICY_BEST, folder, "best.safetensors");
  a->best.is_filed = status.code == LB_OK;
  return status;
}

// The map that was learned, once there is one.
static const lb_dynamics* learned(void* self) {
  const lb_agent* a = self;
  return a->model.fit && lb_agent_is_ready(a) ? &a->model.dynamics : NULL;
}

// The last policy, its average, the model, and an episode as it is and as the model has it.
static lb_status finish(void* self, const char* folder) {
  lb_agent* a = self;
  const lb_planner* p = lb_agent_planner(a);
  if (p->write_policy) {
    LB_TRY(write_policy(a, LB_POLICY_AVERAGE, folder, "average.safetensors"));
    LB_TRY(write_policy(a, LB_POLICY_LAST, folder, "policy.safetensors"));
  }
  LB_TRY(lb_imagined_episode_write(a, folder));
  if (a->way->draw) LB_TRY(a->way->draw(a, folder));
  if (!a->model.write_file || !learned(a)) return lb_ok();
  char path[1200];
  lb_path_join(path, sizeof path, folder, "model.safetensors");
  return a->model.write_file(a->model.ctx, path);
}

// The model of a file in the place of the one that was fitted; path NULL: of a model that is known.
static lb_status take_learned(void* self, const char* path) {
  lb_agent* a = self;
  if (path) LB_TRY(a->model.read_file(a->model.ctx, path));
  a->fits = 1;
  return lb_ok();
}

// What acts now.
static const lb_policy* policy(void* self) {
  const lb_agent* a = self;
  return &a->policy;
}

static void save(void* self, lb_npz_writer* w) {
  lb_agent_save(self, w);
}

// After a restored run or a model from a file: what the planner makes of it anew.
static void prepare(lb_agent* a) {
  lb_planner* p = &a->planners[a->acting];
  lb_agent_take_policy(a);
  if (!p->prepare) return;
  lb_problem problem = lb_agent_problem(a);
  p->prepare(p->ctx, &problem);
}

// A checkpoint, and what the planner makes anew of it.
static lb_status restore(void* self, const lb_npz* npz) {
  lb_agent* a = self;
  LB_TRY(lb_agent_restore(a, npz));
  prepare(a);
  return lb_ok();
}

// The model of a file, to plan in it from now on.
static lb_status take_model(void* self, const char* path) {
  LB_TRY(take_learned(self, path));
  prepare(self);
  return lb_ok();
}

void lb_agent_add_files(lb_steps* steps) {
  const lb_agent* a = steps->self;
  const lb_planner* p = &a->planners[1];
  bool learns = lb_recipe_learns(&a->recipe) && a->way->resumes;
  steps->check = check;
  steps->remark = remark;
  steps->deposit = deposit;
  steps->finish = finish;
  steps->write_policy = p->write_policy ? write_present : NULL;
  steps->save = learns ? save : NULL;
  steps->restore = learns ? restore : NULL;
  steps->learned = learned;
  steps->take_learned = a->model.read_file ? take_learned : NULL;
  steps->policy = learns && p->restore ? policy : NULL;
  steps->take_model = p->prepare && (a->model.read_file || !a->model.fit) ? take_model : NULL;
}
