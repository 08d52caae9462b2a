// Opening tasks by name: what is there, what is refused and in which words, what the hash and the card cover.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>
#include <unistd.h>

#include "io/json.h"
#include "io/npz.h"
#include "task/mujoco_system.h"
#include "task/reference.h"
#include "task_fixture.h"

// Two springs to be held, one noisy.
static const char base[] =
    "{\n"
    "  \"name\": \"toy\", \"version\": 1, \"description\": \"two springs\", \"model\": \"model.xml\",\n"
    "  \"frame_skip\": 2, \"horizon\": 10, \"controls\": [\"ma\", \"mb\"],\n"
    "  \"reset\": {\"from\": \"qpos0\"},\n"
    "  \"noise\": [{\"body\": \"second\", \"force\": 0.1, \"torque\": 0}],\n"
    "  \"reference\": null,\n"
    "  \"cost\": {\n"
    "    \"stage\": [{\"joint\": \"a\", \"of\": \"position\", \"weight\": 2}, {\"actuator\": \"mb\", \"weight\": "
    "[3]}],\n"
    "    \"terminal\": [{\"joint\": \"b\", \"of\": \"velocity\", \"weight\": 4}]\n"
    "  },\n"
    "  \"stop_norm\": 5,\n"
    "  \"parameters\": [{\"name\": \"stiffness\", \"joint\": \"a\", \"field\": \"stiffness\", \"offset\": [0, 1]}]\n"
    "}\n";

static const char springs[] =
    "<mujoco><option timestep='0.01' gravity='0 0 0'/><worldbody>"
    "<body name='first'><joint name='a' type='slide' axis='1 0 0' stiffness='3' damping='0.7'/>"
    "<geom size='0.1' mass='2'/></body>"
    "<body name='second' pos='0 1 0'><joint name='b' type='slide' axis='0 1 0' stiffness='5'/>"
    "<geom name='gb' size='0.1' mass='0.5'/></body></worldbody>"
    "<actuator><motor name='ma' joint='a' ctrlrange='-1 1'/><motor name='mb' joint='b'/><motor name='mc' joint='b'/>"
    "</actuator><keyframe><key name='away' qpos='2 3' qvel='4 5'/></keyframe></mujoco>";

static const char* models(void) {
  return temporary("models");
}

static void put(const char* name, const char* text) {
  char path[1024];
  assert_ok(lb_folder_make(temporary("models/toy")));
  lb_path_join(path, sizeof path, temporary("models/toy"), name);
  write_plainly(path, text, strlen(text));
}

// The base with the first `old` replaced.
static void put_task(const char* old, const char* new) {
  char text[4000];
  const char* at = strstr(base, old);
  assert_non_null(at);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(at - base), base, new, at + strlen(old));
  put("model.xml", springs);
  put("task.json", text);
}

static lb_system* open_toy(const char* old, const char* new) {
  lb_system* system;
  put_task(old, new);
  assert_ok(lb_task_open(&system, models(), "toy"));
  return system;
}

static void check_refused(const char* old, const char* new, const char* words) {
  lb_system* system;
  put_task(old, new);
  check_failure(lb_task_open(&system, models(), "toy"), LB_INPUT, words);
  assert_null(system);
}

static void a_small_task_works(void** state) {
  (void)state;
  lb_system* system = open_toy("toy", "toy");
  double x[4] = {0.5, 0.1, 0.2, -0.3}, u[2] = {1, 2}, got[4], w[6] = {0, 1, 0, 0, 0, 0}, calm[4];
  assert_string_equal(system->name, "toy");
  assert_true(system->space.nx == 4 && system->nq == 2 && system->nu == 2 && system->nobs == 4 && system->nw == 6);
  assert_true(system->horizon == 10 && fabs(system->dt - 0.02) < 1e-15 && system->stop_norm == 5);
  assert_true(system->u_low[0] == -1 && system->u_high[0] == 1 && isinf(system->u_low[1]) && isinf(system->u_high[1]));
  assert_true(system->family->nparam == 1 && system->family->truth[0] == 3);
  assert_true(fabs(system->cost->stage(system->cost->ctx, 0, x, u) - 0.5 * (2 * 0.25 + 3 * 4)) < 1e-14);
  assert_true(fabs(system->cost->terminal(system->cost->ctx, 10, x) - 0.5 * 4 * 0.09) < 1e-14);
  system->set_state(system->self, x, 8);
  assert_false(lb_system_step(system, LB_STEP_EVALUATION, u, NULL).truncated);
  system->get_state(system->self, calm);
  assert_true(lb_system_step(system, LB_STEP_EVALUATION, u, NULL).truncated);
  system->set_state(system->self, x, 0);
  lb_system_step(system, LB_STEP_EXPERT, u, w);
  system->get_state(system->self, got);
  system->observe(system->self, x);
  assert_memory_equal(x, got, sizeof x);
  assert_true(got[0] == calm[0] && fabs(got[3] - calm[3] - 0.02 * 0.1 / 0.5) < 1e-4);
  assert_int_equal(system->ledger.steps[LB_STEP_EXPERT], 1);
  assert_int_equal(system->ledger.steps[LB_STEP_EVALUATION], 2);
  lb_system_free(system);
}

static void what_may_be_left_out(void** state) {
  (void)state;
  static const char* const drop[] = {"  \"reset\": {\"from\": \"qpos0\"},\n",
                                     "  \"noise\": [{\"body\": \"second\", \"force\": 0.1, \"torque\": 0}],\n",
                                     "  \"reference\": null,\n", "  \"stop_norm\": 5,\n"};
  for (int i = 0; i < 4; ++i) {
    lb_system* system = open_toy(drop[i], "");
    double x[4];
    system->reset(system->self, NULL);
    system->get_state(system->self, x);
    assert_true(x[0] == 0 && x[1] == 0);
    if (i == 1) assert_int_equal(system->nw, 0);
    if (i == 3) assert_true(isinf(system->stop_norm));
    lb_system_free(system);
  }
  lb_system* system =
      open_toy("[{\"name\": \"stiffness\", \"joint\": \"a\", \"field\": \"stiffness\", \"offset\": [0, 1]}]", "[]");
  assert_null(system->family);
  lb_system_free(system);
}

static void divergence_is_reported(void** state) {
  (void)state;
  lb_system* system = open_toy("toy", "toy");
  double x[4] = {0, 0, 1e11, 0}, u[2] = {0, 0};
  system->set_state(system->self, x, 0);
  assert_true(lb_system_step(system, LB_STEP_LEARNER, u, NULL).diverged);
  expect_warning("QVEL");
  system->get_state(system->self, x);
  assert_true(isnan(x[0]));
  assert_true(lb_system_step(system, LB_STEP_LEARNER, u, NULL).diverged);
  system->reset(system->self, NULL);
  assert_false(lb_system_step(system, LB_STEP_LEARNER, u, NULL).diverged);
  lb_system_free(system);
}

static void keyframes_are_starts(void** state) {
  (void)state;
  lb_system* system = open_toy("{\"from\": \"qpos0\"}", "{\"from\": \"keyframe\", \"keyframe\": \"away\"}");
  double x[4], want[4] = {2, 3, 4, 5};
  system->get_state(system->self, x);
  assert_memory_equal(x, want, sizeof x);
  assert_memory_equal(system->reference->x + 4 * 10, want, sizeof x);
  lb_system_free(system);
}

static void names(void** state) {
  (void)state;
  char** list;
  int n;
  lb_system* system;
  assert_ok(lb_task_names(&list, &n, MODELS));
  assert_true(n >= 3);
  int found = 0;
  for (int i = 0; i < n; ++i) {
    if (i > 0) assert_true(strcmp(list[i - 1], list[i]) < 0);
    found += strcmp(list[i], "helicopter-hover") == 0 || strcmp(list[i], "helicopter-funnel") == 0 ||
             strcmp(list[i], "helicopter-hover-2023") == 0;
    system = open_task(list[i]);
    assert_string_equal(system->name, list[i]);
    assert_true(strlen(lb_task_description(system)) > 0);
    lb_system_free(system);
  }
  assert_int_equal(found, 3);
  lb_names_free(list, n);
  check_failure(lb_task_open(&system, MODELS, "helicopter-hovr"), LB_INPUT,
                "unknown task 'helicopter-hovr' (did you mean 'helicopter-hover'?); 'bench tasks' lists all");
  assert_null(system);
  check_failure(lb_task_open(&system, MODELS, "zzzzzzzz"), LB_INPUT,
                "unknown task 'zzzzzzzz'; 'bench tasks' lists all");
  check_failure(lb_task_open(&system, MODELS, "../models/helicopter-hover"), LB_INPUT, "unknown task");
  check_failure(lb_task_open(&system, MODELS, ""), LB_INPUT, "unknown task ''");
  check_failure(lb_task_open(&system, "/nowhere/models", "helicopter-hover"), LB_INPUT, "/nowhere/models");
}

static void wrong_keys_and_values(void** state) {
  (void)state;
  check_refused("\"frame_skip\"", "\"frame_skp\"",
                "task.json: $: unknown key 'frame_skp' (did you mean 'frame_skip'?)");
  check_refused("\"frame_skip\": 2,", "", "task.json: $: the key 'frame_skip' is missing");
  check_refused("\"frame_skip\": 2", "\"frame_skip\": 0", "task.json: $.frame_skip: expected a whole number from 1");
  check_refused("\"frame_skip\": 2", "\"frame_skip\": 1.5", "task.json: $.frame_skip: expected a whole number");
  check_refused("\"horizon\": 10", "\"horizon\": \"ten\"",
                "task.json: $.horizon: expected a whole number, found the string");
  check_refused("\"version\": 1", "\"version\": -1", "task.json: $.version: expected a whole number from 1");
  check_refused("\"name\": \"toy\"", "\"name\": \"toi\"",
                "task.json: $.name: the task is called 'toi', but its folder 'toy'");
  check_refused("\"stop_norm\": 5", "\"stop_norm\": -5", "task.json: $.stop_norm: expected a number from");
  check_refused("\"horizon\": 10,", "\"horizon\": 10", "task.json:3:");
  check_refused("\"weight\": 2", "\"weight\": -2", "task.json: $.cost.stage[0].weight: expected a number from 0");
  check_refused("\"weight\": [3]", "\"weight\": [3, 4]",
                "task.json: $.cost.stage[1].weight: expected 1 number, found 2");
  check_refused("\"weight\": [3]", "\"weight\": [-3]",
                "task.json: $.cost.stage[1].weight[0]: expected a number from 0");
  check_refused("\"weight\": 4", "\"wight\": 4",
                "task.json: $.cost.terminal[0]: unknown key 'wight' (did you mean 'weight'?)");
  check_refused("\"terminal\"", "\"final\"", "task.json: $.cost: unknown key 'final'");
  check_refused("\"from\": \"qpos0\"", "\"from\": \"qpos\"",
                "$.reset.from: unknown value 'qpos' (did you mean 'qpos0'?)");
  check_refused("\"force\": 0.1", "\"force\": -0.1", "$.noise[0].force: expected a number from 0");
  check_refused("\"offset\": [0, 1]", "\"offset\": [1, 0]",
                "$.parameters[0]: 'offset' is [1, 0], expected [low, high]");
  check_refused("\"offset\": [0, 1]", "\"offset\": [1]", "$.parameters[0].offset: expected 2 numbers, found 1");
  check_refused("[\"ma\", \"mb\"]", "[]", "$.controls: a task needs at least one control");
  check_refused("[\"ma\", \"mb\"]", "[\"ma\", \"ma\"]", "$.controls[1]: 'ma' is named twice");
  check_refused("{\"from\": \"qpos0\"}", "{\"from\": \"reference\"}",
                "$.reset: starts from the reference, but $.reference");
  check_refused("{\"from\": \"qpos0\"}", "{\"from\": \"qpos0\", \"keyframe\": \"away\"}", "$.reset: 'keyframe' needs");
}

// The third of four actuators has a name; the first acts on a joint that has one, the second and the fourth on another.
static const char unnamed[] =
    "<mujoco><worldbody><body name='first'><joint name='a' type='slide'/><geom size='0.1'/></body>"
    "<body name='second'><joint name='b' type='slide'/><geom size='0.1'/></body></worldbody><actuator>"
    "<motor joint='a' ctrlrange='-1 2' ctrllimited='true'/><motor joint='b' ctrlrange='-3 4' ctrllimited='true'/>"
    "<motor name='mc' joint='b'/><motor joint='b'/></actuator></mujoco>";

static lb_status open_unnamed(lb_system** system, const char* controls) {
  char text[600];
  snprintf(text, sizeof text,
           "{\"name\": \"toy\", \"version\": 1, \"description\": \"-\", \"model\": \"model.xml\", \"frame_skip\": 1, "
           "\"horizon\": 2, \"controls\": %s, \"reward\": [{\"signal\": \"ctrl\", \"of\": \"a\", \"weight\": 5}]}",
           controls);
  put("model.xml", unnamed);
  put("task.json", text);
  return lb_task_open(system, models(), "toy");
}

static void actuators_without_a_name(void** state) {
  (void)state;
  lb_system* system;
  assert_ok(open_unnamed(&system, "[\"a\", 1, \"mc\", 3]"));
  assert_int_equal(system->nu, 4);
  assert_true(system->u_low[0] == -1 && system->u_high[0] == 2 && system->u_low[1] == -3 && isinf(system->u_high[2]));
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  for (int i = 0; i < 4; ++i) assert_int_equal(spec->actuators[i], i);
  assert_string_equal(spec->controls[1], "b");
  double u[4] = {0.5, 0, 0, 0};
  system->reset(system->self, NULL);
  assert_true(lb_system_step(system, LB_STEP_LEARNER, u, NULL).reward == 2.5);  // its control, named by the joint
  lb_system_free(system);
  check_failure(open_unnamed(&system, "[\"b\"]"), LB_INPUT, "$.controls[0]: 2 actuators without a name act on 'b'");
  check_failure(open_unnamed(&system, "[4]"), LB_INPUT, "$.controls[0]: is 4, but|numbers 0 to 3");
  check_failure(open_unnamed(&system, "[\"aa\"]"), LB_INPUT, "the model has no actuator 'aa' (did you mean 'a'?)");
}

// A folder that cannot be opened is a task still, for the list that says so; no other is hidden by it.
static void broken_folders_are_listed(void** state) {
  (void)state;
  char** list;
  int n, found = 0;
  lb_system* system = open_toy("toy", "toy");
  lb_system_free(system);
  assert_ok(lb_folder_make(temporary("models/empty")));
  assert_ok(lb_folder_make(temporary("models/broken")));
  write_plainly(temporary("models/broken/task.json"), "{", 1);
  assert_int_equal(symlink("/nowhere/at/all", temporary("models/dangling")), 0);
  assert_ok(lb_task_names(&list, &n, models()));
  for (int i = 0; i < n; ++i) {
    found += strcmp(list[i], "toy") == 0 || strcmp(list[i], "broken") == 0 || strcmp(list[i], "dangling") == 0;
    assert_true(strcmp(list[i], "empty") != 0);
  }
  assert_int_equal(found, 3);
  lb_names_free(list, n);
  check_failure(lb_task_open(&system, models(), "broken"), LB_INPUT, "broken/task.json");
  check_failure(lb_task_open(&system, models(), "dangling"), LB_INPUT, "dangling/task.json: no such file");
}

static void names_have_an_end(void** state) {
  (void)state;
  char name[200] = "\"name\": \"";
  size_t n = strlen(name);
  memset(name + n, 'n', 101);
  memcpy(name + n + 101, "\"", 2);
  check_refused("\"name\": \"toy\"", name, "$.name: has 101 characters, expected at most 100");
}

static void elements_that_the_model_lacks(void** state) {
  (void)state;
  check_refused("[\"ma\", \"mb\"]", "[\"ma\", \"mx\"]",
                "$.controls[1]: the model has no actuator 'mx' (did you mean 'ma'?)");
  check_refused("\"body\": \"second\"", "\"body\": \"secnd\"",
                "$.noise[0]: the model has no body 'secnd' (did you mean 'second'?)");
  check_refused("\"joint\": \"a\", \"of\"", "\"joint\": \"aa\", \"of\"",
                "$.cost.stage[0]: the model has no joint 'aa'");
  check_refused("\"actuator\": \"mb\"", "\"actuator\": \"mbb\"",
                "$.cost.stage[1].actuator: the model has no actuator 'mbb' (did you mean 'mb'?)");
  check_refused("\"actuator\": \"mb\"", "\"actuator\": \"mc\"",
                "$.cost.stage[1]: actuator 'mc' is not among $.controls");
  check_refused("\"of\": \"position\"", "\"of\": \"rotation\"",
                "$.cost.stage[0]: joint 'a' has no rotation, expected 'position' or 'velocity'");
  check_refused("{\"joint\": \"b\", \"of\": \"velocity\", \"weight\": 4}", "{\"actuator\": \"ma\", \"weight\": 4}",
                "$.cost.terminal[0]: no control acts at the end");
  check_refused("{\"joint\": \"b\", \"of\": \"velocity\", \"weight\": 4}", "{\"weight\": 4}",
                "$.cost.terminal[0]: a term needs either 'joint' or 'actuator'");
  check_refused("\"joint\": \"a\", \"field\"", "\"joint\": \"c\", \"field\"",
                "$.parameters[0]: the model has no joint 'c'");
  check_refused("\"field\": \"stiffness\"", "\"field\": \"stifness\"",
                "$.parameters[0]: joint 'a' has no parameter 'stifness' (did you mean 'stiffness'?)");
  check_refused("\"field\": \"stiffness\"", "\"field\": \"stiffness\", \"index\": 1",
                "$.parameters[0]: 'stiffness' of joint 'a' has entries 0 to 0, not 1");
  check_refused("\"joint\": \"a\", \"field\": \"stiffness\"", "\"option\": \"gravityy\"",
                "$.parameters[0]: there is no option 'gravityy' to vary (did you mean 'gravity'?)");
  check_refused("\"joint\": \"a\", \"field\": \"stiffness\"", "\"field\": \"stiffness\"",
                "$.parameters[0]: a parameter needs one of 'body', 'joint'");
  check_refused("{\"from\": \"qpos0\"}", "{\"from\": \"keyframe\", \"keyframe\": \"awy\"}",
                "$.reset: the model has no keyframe 'awy' (did you mean 'away'?)");
}

static void files_that_are_missing_or_wrong(void** state) {
  (void)state;
  lb_system* system;
  check_refused("model.xml", "modl.xml", "models/toy/modl.xml");
  put_task("toy", "toy");
  put("task.json", "");
  check_failure(lb_task_open(&system, models(), "toy"), LB_INPUT, "models/toy/task.json: is empty");
  put_task("toy", "toy");
  put("model.xml", "");
  check_failure(lb_task_open(&system, models(), "toy"), LB_INPUT, "models/toy/model.xml: the file is empty");
  put("model.xml", "<mujoco>\n<worldbdy/></mujoco>");
  check_failure(lb_task_open(&system, models(), "toy"), LB_INPUT, "models/toy/model.xml: |'worldbdy', line 2");
  check_refused("\"reference\": null", "\"reference\": \"reference.npz\"", "models/toy/reference.npz");
}

static void put_reference(int length, int nx, double first) {
  double x[100] = {0}, u[40] = {0};
  x[0] = first;
  lb_trajectory reference = {length, x, u};
  char path[1024];
  lb_path_join(path, sizeof path, temporary("models/toy"), "reference.npz");
  assert_ok(lb_reference_save(path, &reference, nx, 2, "{}"));
}

static void references(void** state) {
  (void)state;
  const char *old = "\"reference\": null", *new = "\"reference\": \"reference.npz\"";
  lb_system* system;
  put_task(old, new);
  put_reference(9, 4, 0);
  check_refused(old, new, "reference.npz|x|11");
  put_reference(10, 5, 0);
  check_refused(old, new, "reference.npz|x|4");
  put_reference(10, 4, NAN);
  check_refused(old, new, "reference.npz|x");
  put("reference.npz", "no zip");
  check_refused(old, new, "reference.npz");
  put_reference(10, 4, 0.25);
  system = open_toy(old, new);
  assert_true(system->reference->x[0] == 0.25);
  lb_system_free(system);
}

static void quaternions_of_a_reference_have_unit_length(void** state) {
  (void)state;
  char task[4000], path[1024], *text;
  size_t n;
  lb_system* system;
  double x[26] = {0}, u[4] = {0};
  assert_ok(lb_folder_make(temporary("models/helicopter-funnel")));
  assert_ok(lb_file_read(MODELS "/helicopter-funnel/task.json", &text, &n));
  const char* at = strstr(text, "150");
  snprintf(task, sizeof task, "%.*s1%s", (int)(at - text), text, at + 3);
  free(text);
  write_plainly(temporary("models/helicopter-funnel/task.json"), task, strlen(task));
  assert_ok(lb_file_read(MODELS "/helicopter-funnel/model.xml", &text, &n));
  write_plainly(temporary("models/helicopter-funnel/model.xml"), text, n);
  free(text);
  x[3] = 1, x[13 + 3] = 0.5;
  lb_trajectory reference = {1, x, u};
  snprintf(path, sizeof path, "%s", temporary("models/helicopter-funnel/reference.npz"));
  assert_ok(lb_reference_save(path, &reference, 13, 4, "{}"));
  check_failure(lb_task_open(&system, models(), "helicopter-funnel"), LB_INPUT,
                "reference.npz: x[1, 3..6] is no quaternion of unit length");
  x[13 + 3] = 1;
  assert_ok(lb_reference_save(path, &reference, 13, 4, "{}"));
  assert_ok(lb_task_open(&system, models(), "helicopter-funnel"));
  lb_system_free(system);
}

static void hash_of(char out[65], const char* old, const char* new) {
  lb_system* system = open_toy(old, new);
  memcpy(out, system->hash, 65);
  assert_int_equal(strlen(out), 64);
  lb_system_free(system);
}

// Space in the JSON changes nothing; every number and every file does.
static void the_hash_covers_all_that_defines_the_task(void** state) {
  (void)state;
  char first[65], other[65];
  lb_system* system;
  hash_of(first, "toy", "toy");
  hash_of(other, "\"version\": 1,", "\n\"version\":1,\n");
  assert_string_equal(first, other);
  hash_of(other, "\"weight\": 2", "\"weight\": 2.5");
  assert_string_not_equal(first, other);
  hash_of(other, "\"description\": \"two springs\"", "\"description\": \"springs\"");
  assert_string_not_equal(first, other);

  // A file that the model includes.
  char text[2000];
  put_task("toy", "toy");
  snprintf(text, sizeof text, "<mujoco><include file='rest.xml'/>%s", strstr(springs, "<worldbody>"));
  for (int i = 0; i < 2; ++i) {
    put("model.xml", text);
    put("rest.xml", i ? "<mujoco><option gravity='0 0 0'/></mujoco>" : "<mujoco><option gravity='0 0 -1'/></mujoco>");
    assert_ok(lb_task_open(&system, models(), "toy"));
    if (i) assert_string_not_equal(system->hash, first);
    memcpy(first, system->hash, 65);
    lb_system_free(system);
  }

  // The reference's numbers.
  for (int i = 0; i < 2; ++i) {
    put_reference(10, 4, i);
    hash_of(other, "\"reference\": null", "\"reference\": \"reference.npz\"");
    if (i) assert_string_not_equal(first, other);
    memcpy(first, other, 65);
  }
}

static void cards(void** state) {
  (void)state;
  static const char* const tasks[] = {"helicopter-hover", "helicopter-funnel", "helicopter-hover-2023"};
  for (int i = 0; i < 3; ++i) {
    lb_system* system = open_task(tasks[i]);
    lb_text text = {0}, json = {0};
    lb_json* doc;
    const char* string;
    int number;
    double dt;
    lb_task_card(&text, system, false);
    lb_task_card(&json, system, true);
    assert_true(strncmp(text.data, tasks[i], strlen(tasks[i])) == 0);
    assert_non_null(strstr(text.data, system->hash));
    assert_non_null(strstr(text.data, "steps of 0.05 s"));
    assert_ok(lb_json_parse(&doc, json.data, "card"));
    lb_node root = lb_json_root(doc), list;
    assert_ok(lb_json_string(root, "hash", &string));
    assert_string_equal(string, system->hash);
    assert_ok(lb_json_int(root, "horizon", 0, 1000, &number));
    assert_int_equal(number, system->horizon);
    assert_ok(lb_json_number(root, "dt", 0, 1, &dt));
    assert_true(dt == system->dt);
    assert_ok(lb_json_array(root, "controls", &list, &number));
    assert_int_equal(number, 4);
    assert_ok(lb_json_array(root, "parameters", &list, &number));
    assert_int_equal(number, 20);
    lb_json_free(doc);
    lb_text_free(&text);
    lb_text_free(&json);
    lb_system_free(system);
  }
}

static void threads_change_nothing(void** state) {
  (void)state;
  static double A[2][100 * 144], B[2][100 * 48];
  for (int k = 0; k < 2; ++k) {
    lb_task_config config = lb_task_default_config();
    lb_system* system;
    config.threads = k + 1;
    assert_ok(lb_task_open_with(&system, MODELS, "helicopter-funnel", &config));
    lb_dynamics_linearize(system->truth, 100, NULL, system->reference->x, system->reference->u, A[k], B[k]);
    lb_system_free(system);
  }
  assert_memory_equal(A[0], A[1], sizeof A[0]);
  assert_memory_equal(B[0], B[1], sizeof B[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(a_small_task_works),
      simulated_test(what_may_be_left_out),
      simulated_test(divergence_is_reported),
      simulated_test(keyframes_are_starts),
      simulated_test(names),
      simulated_test(wrong_keys_and_values),
      simulated_test(elements_that_the_model_lacks),
      simulated_test(actuators_without_a_name),
      simulated_test(names_have_an_end),
      simulated_test(broken_folders_are_listed),
      simulated_test(files_that_are_missing_or_wrong),
      simulated_test(references),
      simulated_test(quaternions_of_a_reference_have_unit_length),
      simulated_test(the_hash_covers_all_that_defines_the_task),
      simulated_test(cards),
      simulated_test(threads_change_nothing),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
