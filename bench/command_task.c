// bench task: a robot of one's own, from its XML to a task that is fit to learn on.
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "io/file.h"
#include "options.h"
#include "root.h"
#include "task/check.h"
#include "task/draft.h"
#include "task/task.h"
#include "task_page.h"

static const char text[] =
    "new: makes the folder of a task from any MJCF model: the model with every file that MuJoCo opens for it, and a\n"
    "task.json that runs as it is and is there to be edited: the actuators, an observation, a start with a little\n"
    "noise, and a reward by what the model has. The folder goes to models/, or to the first of --models and\n"
    "LAZYBENCH_MODELS.\n\n"
    "check: steps a task with random controls and with none, and says what it saw: ranges of the observation and of\n"
    "each term of the reward, ends, MuJoCo's warnings, whether an episode can be taken up in its middle to the bit, "
    "how\n"
    "reward and end look from a model's side, and steps a second; then what of it is wrong or unwise, and the mend.\n"
    "Exit status 1 when a finding is an error.\n\n"
    "schema: prints a JSON Schema of task.json, by which editors complete keys and mark mistakes. `bench help --task`\n"
    "has the same for people.";

static const char examples[] =
    "  bench task new robot --xml ~/robot/scene.xml\n"
    "  bench task new robot --xml scene.xml --models ~/tasks\n"
    "  bench task check robot --models ~/tasks\n"
    "  bench task check hopper --json\n"
    "  bench task schema > task.schema.json";

typedef struct arguments {
  const char* xml;
  int steps;
  uint64_t seed;
  double seconds;
  bool as_json;
} arguments;

// A name that stands for a task elsewhere would hide it.
static lb_status check_unused(const char* models, const char* name) {
  char** names;
  int n;
  bool used = false;
  LB_TRY(lb_task_names(&names, &n, models));
  for (int i = 0; i < n; ++i) used = used || strcmp(names[i], name) == 0;
  lb_names_free(names, n);
  return used ? lb_fail(LB_INPUT, "there is a task '%s' already; take another name or remove it", name) : lb_ok();
}

// Makes the folder of a task from an MJCF model, and says what to do next.
static lb_status make(const char* root, const char* name, const arguments* a) {
  const char* own = lb_task_folders_find(NULL);
  char models[LB_BENCH_PATH + 16];
  lb_draft draft;
  if (!a->xml) return lb_fail(LB_INPUT, "new needs a model: --xml FILE");
  if (a->as_json) return lb_fail(LB_INPUT, "--json belongs to check");
  snprintf(models, sizeof models, "%s/models", root);
  const char* folder = own ? own : models;
  LB_TRY(lb_root_check_path(folder, "--models"));
  LB_TRY(check_unused(models, name));
  LB_TRY(lb_draft_make(&draft, folder, name, a->xml));
  printf("%s: %d %s, %d %s", draft.folder, draft.files, lb_plural(draft.files, "file", "files"), draft.controls,
         lb_plural(draft.controls, "control", "controls"));
  if (draft.left_out > 0) {
    printf(" (%d left out, which %s not one control)", draft.left_out, lb_plural(draft.left_out, "takes", "take"));
  }
  printf(
      "; the reward is %s, less the controls\n"
      "next: edit 'description', 'reward', 'healthy' and 'horizon' in %s/task.json, then: tools/bench task check %s",
      draft.purpose, draft.folder, name);
  // A folder of the user's own is named by every command, or once in the environment.
  own ? printf(" --models %s\n", own) : printf("\n");
  if (draft.unlimited > 0) {
    printf(
        "note: %d of %d controls %s no ctrlrange in the model; random actions are taken within [-1, 1], and networks "
        "cannot choose them: give each <actuator> a ctrlrange in %s\n",
        draft.unlimited, draft.controls, lb_plural(draft.unlimited, "has", "have"), draft.folder);
  }
  return lb_ok();
}

static void show_progress(void* ctx, const char* what, int done, int all) {
  lb_log_progress(5, "%s: %s, %d of %d", (const char*)ctx, what, done, all);
}

// Sets *errors to whether a finding is one.
static lb_status check(const char* root, const char* name, const arguments* a, bool* errors) {
  char models[LB_BENCH_PATH + 16];
  lb_check_config config = lb_check_default_config();
  lb_check result;
  lb_text out = {0};
  if (a->xml) return lb_fail(LB_INPUT, "--xml belongs to new");
  if (a->steps > 0) config.random_steps = a->steps;
  if (config.zero_steps > config.random_steps) config.zero_steps = config.random_steps;
  config.seed = a->seed;
  if (!(a->seconds > 0)) return lb_fail(LB_INPUT, "--seconds %g: should be above 0", a->seconds);
  config.seconds = a->seconds;
  config.progress = show_progress;
  config.ctx = (void*)name;
  snprintf(models, sizeof models, "%s/models", root);
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "no memory to check '%s'", name);
  lb_status status = lb_check_run(&result, arena, models, name, &config);
  lb_log_progress_done();
  if (status.code == LB_OK) {
    a->as_json ? lb_check_add_json(&out, &result) : lb_check_add_text(&out, &result);
    fputs(out.data, stdout);
    *errors = result.nerror > 0;
    lb_system_free((lb_system*)result.system);
  }
  lb_text_free(&out);
  lb_arena_free(arena);
  return status;
}

// What the operands ask for.
static lb_status act(const lb_operands* operands, const arguments* a, bool* errors) {
  static const char* const verbs[] = {"new", "check", "schema"};
  char root[LB_BENCH_PATH], hint[160];
  const char *verb = operands->values[0], *name = operands->n > 1 ? operands->values[1] : NULL;
  bool schema = strcmp(verb, "schema") == 0;
  if (!schema && strcmp(verb, "new") != 0 && strcmp(verb, "check") != 0) {
    return lb_fail(LB_INPUT, "'%s' is neither 'new', 'check' nor 'schema'%s", verb,
                   lb_did_you_mean(verb, verbs, LB_COUNT_OF(verbs), hint, sizeof hint));
  }
  if (schema && name) return lb_fail(LB_INPUT, "schema is the same for all tasks; leave '%s' out", name);
  if (!schema && !name) return lb_fail(LB_INPUT, "%s which task? Give its name", verb);
  if (schema) {
    lb_task_schema();
    return lb_ok();
  }
  LB_TRY(lb_root_find(root, sizeof root));
  return strcmp(verb, "new") == 0 ? make(root, name, a) : check(root, name, a, errors);
}

int lb_command_task(int argc, char** argv) {
  arguments a = {.seconds = lb_check_default_config().seconds};
  bool errors = false;
  const lb_option options[] = {
      {"xml", "FILE", "new: the model, in MJCF", LB_OPTION_TEXT, &a.xml},
      {"steps", "N", "check: steps with random controls (default 10,000; fewer for a slow model)", LB_OPTION_COUNT,
       &a.steps},
      {"seconds", "N", "check: of CPU time, after which no more steps are taken (default 60)", LB_OPTION_NUMBER,
       &a.seconds},
      {"seed", "N", "check: the seed of the controls (default 0)", LB_OPTION_SEED, &a.seed},
      {"json", NULL, "check: as JSON", LB_OPTION_FLAG, &a.as_json},
  };
  const lb_usage usage = {"task", "new|check NAME, or schema", text, examples, 1, 2, options, LB_COUNT_OF(options)};
  lb_operands operands;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  bool help = operands.help;
  if (status.code == LB_OK && !help) status = act(&operands, &a, &errors);
  lb_operands_free(&operands);
  int end = lb_command_end("task", status);
  return end == LB_EXIT_OK && errors ? LB_EXIT_FAILED : end;
}
