// Checkpoints whose arrays were edited (the checksum mended), of every kind of run, taken up by the run itself:
// refused, or gone on with for an iteration. The first byte says which kind. A run is opened once and put back for each
// input; one whose planner saves nothing, so that no checkpoint puts its own memory back, is opened anew.
#include "algo/agent.h"
#include "algo/loop.h"
#include "base/log.h"
#include "io/run_folder.h"
#include "place.h"

typedef struct kind {
  const char *task, *algo;
  int iterations;  // before the checkpoint that is edited
  const char* settings[12];
} kind;

static const kind kinds[] = {
    {"helicopter-hover-2023", "lamps-2023", 2, {"iterations=3", "samples=20", "evaluation_rollouts=2"}},
    {"helicopter-hover-2023", "lamps-ltv", 2, {"iterations=3", "samples=20", "evaluation_rollouts=2"}},
    {"pendulum-swingup",
     "sac",
     25,
     {"steps=60", "warmup_steps=20", "evaluate_every=20", "evaluation_episodes=1", "width=8", "batch=8",
      "hidden_layers=1", "buffer=100"}},
    {"pendulum-swingup",
     "mbpo",
     25,
     {"steps=60", "warmup_steps=20", "evaluate_every=20", "evaluation_episodes=1", "width=8", "batch=8",
      "model_layers=1", "model_width=8", "model_members=2", "model_elites=1", "model_updates=2",
      "imagined_per_step=2"}},
    {"pendulum-swingup",
     "bc",
     1,
     {"steps=60", "evaluation_episodes=1", "width=8", "batch=8", "hidden_layers=1", "expert_transitions=1000"}},
    {"pendulum-swingup",
     "sysid-ilqr-linear",
     25,
     {"steps=60", "warmup_steps=20", "evaluate_every=20", "evaluation_episodes=1", "plan_horizon=3",
      "plan_iterations=1", "plan_guesses=0"}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const char* const logs[] = {"metrics.jsonl", "timing.jsonl"};

typedef struct base {
  bool made;
  char path[512];
  lb_run_options options;
  lb_steps steps;
  lb_run_folder folder;
  fuzz_archive checkpoint;
  char* log[2];
  size_t length[2];
  lb_agent self;
  lb_mark mark;
} base;

static base bases[KINDS];
static volatile sig_atomic_t stop = 1;

// What a run is, besides the arrays of its checkpoint and what lies in its arena.
static void keep_self(base* b) {
  b->self = *lb_agent_of(&b->steps);
  b->mark = lb_arena_mark(b->self.arena);
}

static void open_steps(base* b) {
  lb_recipe recipe;
  fuzz_need(lb_run_open_steps(&b->steps, &recipe, &b->options));
}

static void put_back_self(base* b) {
  if (!b->self.planners[1].save) {
    b->steps.close(b->steps.self);
    open_steps(b);
    keep_self(b);
    return;
  }
  lb_arena_release(b->self.arena, b->mark);
  *lb_agent_of(&b->steps) = b->self;
}

// The run after so many iterations.
static void make_base(base* b, const kind* k) {
  lb_run_state state;
  lb_evaluation last;
  char name[100], file[600];
  snprintf(name, sizeof name, "%s-%s", k->task, k->algo);
  snprintf(b->path, sizeof b->path, "%s", fuzz_path(name));
  b->options = (lb_run_options){.root = LB_SOURCE_DIR,
                                .suite = "",
                                .task = k->task,
                                .algo = k->algo,
                                .protocol = lb_protocol_default(),
                                .folder = b->path,
                                .command = "fuzz",
                                .checkpoint_seconds = 1e9,
                                .stop = &stop};
  for (int i = 0; i < 12 && k->settings[i]; i++) fuzz_need(lb_protocol_set(&b->options.protocol, k->settings[i]));
  open_steps(b);
  fuzz_need(lb_run_folder_open(&b->folder, b->path, "{\"task\": \"t\", \"algo\": \"a\", \"seed\": 0}", true, &state));
  for (int iteration = 0; iteration < k->iterations; iteration++) {
    lb_status status = lb_loop(&b->steps, &b->folder, &b->options, &last);
    if (status.code != LB_INTERRUPT) fuzz_need(lb_fail(LB_INPUT, "%s: not stopped: %s", b->path, status.text));
  }
  for (int i = 0; i < 2; i++) {
    lb_path_join(file, sizeof file, b->path, logs[i]);
    if (lb_file_exists(file)) fuzz_need(lb_file_read(file, &b->log[i], &b->length[i]));
  }
  lb_path_join(file, sizeof file, b->path, "checkpoint.npz");
  fuzz_read(&b->checkpoint, file);
  keep_self(b);
  put_back_self(b);
  b->made = true;
}

static void put_in_folder(const base* b, const fuzz_archive* checkpoint) {
  char file[600];
  for (int i = 0; i < 2; i++) {
    lb_path_join(file, sizeof file, b->path, logs[i]);
    FILE* log = b->log[i] ? fopen(file, "wb") : NULL;
    if (b->log[i] && (!log || fwrite(b->log[i], 1, b->length[i], log) != b->length[i] || fclose(log) != 0)) abort();
  }
  lb_path_join(file, sizeof file, b->path, "checkpoint.npz");
  fuzz_write_sealed(checkpoint, file, "run/sha256");
}

// Takes the checkpoint up as a run does. Refusal is as good as success.
static lb_status take_up(base* b) {
  lb_npz* npz;
  LB_TRY(lb_run_folder_resume(&b->folder, &npz));
  lb_status status = b->steps.restore(b->steps.self, npz);
  lb_npz_free(npz);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz_archive edited;
  if (size < 1) return 0;
  const kind* k = &kinds[data[0] % KINDS];
  base* b = &bases[data[0] % KINDS];
  lb_log_quiet(true);
  if (!b->made) make_base(b, k);
  put_in_folder(b, &b->checkpoint);
  fuzz_need(take_up(b));
  put_back_self(b);
  if (size == 1) return 0;
  lb_mark mark = fuzz_edited(&edited, &b->checkpoint, data + 1, size - 1);
  put_in_folder(b, &edited);
  lb_arena_release(fuzz_arena(), mark);
  bool refused = take_up(b).code != LB_OK;
  lb_evaluation last;
  if (!refused) (void)lb_loop(&b->steps, &b->folder, &b->options, &last);
  put_back_self(b);
  return 0;
}
