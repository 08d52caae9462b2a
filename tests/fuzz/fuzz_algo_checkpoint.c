// Checkpoints whose arrays were edited, of every kind of run, taken up by the run itself: refused, or gone on with for
// a round. The first byte says which kind.
#include "algo/run.h"
#include "base/log.h"
#include "place.h"

typedef struct kind {
  const char *task, *algo;
  const char* settings[12];
} kind;

static const kind kinds[] = {
    {"helicopter-hover-2023", "lamps-2023", {"iterations=3", "samples=20", "evaluation_rollouts=2"}},
    {"helicopter-hover-2023", "lamps-ltv", {"iterations=3", "samples=20", "evaluation_rollouts=2"}},
    {"pendulum-swingup",
     "sac",
     {"steps=60", "warmup_steps=20", "evaluate_every=20", "evaluation_episodes=1", "width=8", "batch=8",
      "hidden_layers=1", "buffer=100"}},
    {"pendulum-swingup",
     "mbpo",
     {"steps=60", "warmup_steps=20", "evaluate_every=20", "evaluation_episodes=1", "width=8", "batch=8",
      "model_layers=1", "model_width=8", "model_members=2", "model_elites=1", "model_updates=2",
      "imagined_per_step=2"}},
    {"pendulum-swingup",
     "bc",
     {"steps=60", "evaluation_episodes=1", "width=8", "batch=8", "hidden_layers=1", "expert_transitions=1000"}},
    {"pendulum-swingup",
     "sysid-ilqr-linear",
     {"steps=60", "warmup_steps=20", "evaluate_every=20", "evaluation_episodes=1", "plan_horizon=3",
      "plan_iterations=1", "plan_guesses=0"}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const char* const files[] = {"config.json", "metrics.jsonl", "timing.jsonl"};

typedef struct base {
  fuzz_archive checkpoint;
  char* bytes[3];  // of `files`; NULL: there is none
  size_t n[3];
} base;

static base bases[KINDS];
static volatile sig_atomic_t stop = 1;

// The run from where its folder stands, for one round.
static lb_status one_round(const kind* k, const char* folder) {
  lb_run_options o = {.root = LB_SOURCE_DIR,
                      .suite = "",
                      .task = k->task,
                      .algo = k->algo,
                      .protocol = lb_protocol_default(),
                      .folder = folder,
                      .command = "fuzz",
                      .checkpoint_seconds = 1e9,
                      .stop = &stop};
  for (int i = 0; i < 12 && k->settings[i]; i++) fuzz_need(lb_protocol_set(&o.protocol, k->settings[i]));
  return lb_run(&o);
}

static void make_base(base* b, const kind* k) {
  char name[100], path[512];
  snprintf(name, sizeof name, "base-%s-%s", k->task, k->algo);
  snprintf(path, sizeof path, "%s", fuzz_path(name));
  for (int round = 0; round < (strcmp(k->algo, "bc") == 0 ? 1 : 2); round++) {
    lb_status status = one_round(k, path);
    if (status.code != LB_INTERRUPT)
      fuzz_need(lb_fail(LB_INPUT, "%s: %s: not stopped: %s", k->task, k->algo, status.text));
  }
  char file[600];
  for (int i = 0; i < 3; i++) {
    lb_path_join(file, sizeof file, path, files[i]);
    if (lb_file_exists(file)) fuzz_need(lb_file_read(file, &b->bytes[i], &b->n[i]));
  }
  lb_path_join(file, sizeof file, path, "checkpoint.npz");
  fuzz_read(&b->checkpoint, file);
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz_archive edited;
  if (size < 1) return 0;
  const kind* k = &kinds[data[0] % KINDS];
  base* b = &bases[data[0] % KINDS];
  lb_log_quiet(true);
  fuzz_path("");  // the folder is there
  if (b->checkpoint.n == 0) make_base(b, k);
  fuzz_edited(&edited, &b->checkpoint, data + 1, size - 1);
  fuzz_need(lb_folder_remove(fuzz_path("run")));
  fuzz_folder("run");
  for (int i = 0; i < 3; i++) {
    char name[100];
    snprintf(name, sizeof name, "run/%s", files[i]);
    if (b->bytes[i]) fuzz_put(name, b->bytes[i], b->n[i]);
  }
  fuzz_write(&edited, fuzz_path("run/checkpoint.npz"));
  fuzz_free(&edited);
  lb_status status = one_round(k, fuzz_path("run"));
  (void)status;  // refusal is as good as success
  return 0;
}
