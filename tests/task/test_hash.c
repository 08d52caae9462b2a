// The task's hash covers every file that MuJoCo opens for the model, in whatever way MJCF names it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <mujoco/mujoco.h>
#include <unistd.h>

#include "task/mujoco_system.h"
#include "task_fixture.h"

static const char task[] =
    "{\"name\": \"sled\", \"version\": 1, \"description\": \"a block\", \"model\": \"model.xml\", \"frame_skip\": 1,\n"
    " \"horizon\": 5, \"controls\": [\"push\"],\n"
    " \"cost\": {\"stage\": [{\"joint\": \"x\", \"of\": \"position\", \"weight\": 1}],\n  \"terminal\": []}}\n";

#define BODY(geom)                                                   \
  "<worldbody><body name='sled'><joint name='x' type='slide'/>" geom \
  "</body></worldbody><actuator><motor name='push' joint='x'/></actuator>"
#define HULL BODY("<geom type='mesh' mesh='hull'/>")
#define BALL BODY("<geom size='0.1'/>")

// A tetrahedron of volume 1/6, and one twice as long.
static const char hull[] = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n";
static const char longer[] = "v 0 0 0\nv 2 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n";
static const char mesh[] = "<mujoco><asset><mesh name='hull' file='hull.obj'/></asset></mujoco>";

typedef struct layout {
  const char* name;
  const char* model;
  const char* also[3][2];  // further files: path in the task's folder, text
  const char* changed;     // the file that is exchanged; its two contents, texts
  const char *before, *after;
  bool weighs;   // the sled's mass doubles
  size_t bytes;  // of contents that are no text
} layout;

static const layout layouts[] = {
    {"the asset folder in the model, the mesh in an included file",
     "<mujoco><compiler meshdir='assets'/><include file='parts.xml'/>" HULL "</mujoco>",
     {{"parts.xml", mesh}},
     "assets/hull.obj",
     hull,
     longer,
     true,
     0},
    {"a path that is stripped",
     "<mujoco><compiler strippath='true'/><asset><mesh file='gone/hull.obj'/></asset>" HULL "</mujoco>",
     {{0}},
     "hull.obj",
     hull,
     longer,
     true,
     0},
    {"a mesh from an included file in a folder of its own",
     "<mujoco><include file='parts/parts.xml'/>" HULL "</mujoco>",
     {{"parts/parts.xml", "<mujoco><asset><mesh name='hull' file='parts/hull.obj'/></asset></mujoco>"}},
     "parts/hull.obj",
     hull,
     longer,
     true,
     0},
    {"an included file that is not called .xml",
     "<mujoco><include file='parts.mjcf'/>" HULL "</mujoco>",
     {{"parts.mjcf", mesh}},
     "hull.obj",
     hull,
     longer,
     true,
     0},
    {"an include in an include",
     "<mujoco><include file='one.txt'/>" HULL "</mujoco>",
     {{"one.txt", "<mujoco><include file='two'/></mujoco>"}, {"two", mesh}},
     "hull.obj",
     hull,
     longer,
     true,
     0},
    {"a name with an escaped character",
     "<mujoco><asset><mesh name='hull' file='a&amp;b&#46;obj'/></asset>" HULL "</mujoco>",
     {{0}},
     "a&b.obj",
     hull,
     longer,
     true,
     0},
    {"two compiler elements",
     "<mujoco><compiler meshdir='nothing'/><compiler meshdir='assets'/>"
     "<asset><mesh file='hull.obj'/></asset>" HULL "</mujoco>",
     {{0}},
     "assets/hull.obj",
     hull,
     longer,
     true,
     0},
    {"one folder for all assets",
     "<mujoco><compiler assetdir='assets'/><asset><mesh file='hull.obj'/></asset>" HULL "</mujoco>",
     {{0}},
     "assets/hull.obj",
     hull,
     longer,
     true,
     0},
    {"a file beside the task's folder",
     "<mujoco><asset><mesh file='../shared/hull.obj'/></asset>" HULL "</mujoco>",
     {{0}},
     "../shared/hull.obj",
     hull,
     longer,
     true,
     0},
    {"an attached model",
     "<mujoco><asset><model name='part' file='parts/part.xml'/></asset><worldbody><body name='sled'>"
     "<joint name='x' type='slide'/><attach model='part' body='part' prefix='p'/></body></worldbody>"
     "<actuator><motor name='push' joint='x'/></actuator></mujoco>",
     {{"parts/part.xml",
       "<mujoco><asset><mesh name='hull' file='hull.obj'/></asset><worldbody><body name='part'>"
       "<geom type='mesh' mesh='hull'/></body></worldbody></mujoco>"}},
     "parts/hull.obj",
     hull,
     longer,
     false,
     0},
    {"a height field",
     "<mujoco><asset><hfield name='h' file='h.bin' size='1 1 1 1'/></asset><worldbody>"
     "<geom type='hfield' hfield='h'/><body name='sled'><joint name='x' type='slide'/><geom size='0.1'/></body>"
     "</worldbody><actuator><motor name='push' joint='x'/></actuator></mujoco>",
     {{0}},
     "h.bin",
     "\2\0\0\0\2\0\0\0"
     "aaaabbbbccccdddd",
     "\2\0\0\0\2\0\0\0"
     "aaaabbbbccccdddh",
     false,
     24},
    {"a texture",
     "<mujoco><compiler texturedir='paint'/><asset><texture name='t' type='2d' file='t.bin'"
     " content_type='image/vnd.mujoco.texture'/><material name='m' texture='t'/></asset>" BALL "</mujoco>",
     {{0}},
     "paint/t.bin",
     "\1\0\0\0\1\0\0\0"
     "abc",
     "\1\0\0\0\1\0\0\0"
     "abd",
     false,
     11},
    {"a part of the model itself",
     "<mujoco><include file='rest.xml'/>" BALL "</mujoco>",
     {{0}},
     "rest.xml",
     "<mujoco><default><geom density='1000'/></default></mujoco>",
     "<mujoco><default><geom density='2000'/></default></mujoco>",
     true,
     0},
};

static const char* models(const char* root) {
  static char path[1024];
  snprintf(path, sizeof path, "%s/models", temporary(root));
  return path;
}

static void put_bytes(const char* root, const char* name, const char* bytes, size_t n) {
  char path[1300], folder[1300];
  snprintf(path, sizeof path, "%s/sled/%s", models(root), name);
  snprintf(folder, sizeof folder, "%s/sled", models(root));
  assert_ok(lb_folder_make(folder));
  snprintf(folder, sizeof folder, "%s", path);
  *strrchr(folder, '/') = '\0';
  assert_ok(lb_folder_make(folder));
  write_plainly(path, bytes, n);
}

static void put(const char* root, const char* name, const char* text) {
  put_bytes(root, name, text, strlen(text));
}

// The hash of the layout in a folder, and the mass of the sled as MuJoCo has it.
static void open_layout(char hash[65], double* mass, const char* root, const layout* l, const char* text) {
  lb_system* system;
  put(root, "task.json", task);
  put(root, "model.xml", l->model);
  for (int i = 0; i < 3 && l->also[i][0]; ++i) put(root, l->also[i][0], l->also[i][1]);
  put_bytes(root, l->changed, text, l->bytes ? l->bytes : strlen(text));
  assert_ok(lb_task_open(&system, models(root), "sled"));
  const mjModel* m = lb_phys_model_raw(lb_mujoco_system_spec(system)->model);
  memcpy(hash, system->hash, 65);
  *mass = m->body_mass[mj_name2id(m, mjOBJ_BODY, "sled")];
  lb_system_free(system);
}

static void every_file_that_is_opened_counts(void** state) {
  (void)state;
  for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; ++i) {
    const layout* l = &layouts[i];
    char before[65], after[65], again[65], elsewhere[65], here[40], there[40];
    double mass[4];
    snprintf(here, sizeof here, "here-%zu", i);
    snprintf(there, sizeof there, "there-%zu/deeper", i);
    open_layout(before, &mass[0], here, l, l->before);
    open_layout(after, &mass[1], here, l, l->after);  // in the same second, under the same name
    open_layout(again, &mass[2], here, l, l->before);
    open_layout(elsewhere, &mass[3], there, l, l->before);
    if (strcmp(before, after) == 0) fail_msg("%s: another file, the same hash", l->name);
    if (strcmp(before, again) != 0) fail_msg("%s: the same files, another hash", l->name);
    if (strcmp(before, elsewhere) != 0) fail_msg("%s: the hash knows where the files lie", l->name);
    if (l->weighs && fabs(mass[1] - 2 * mass[0]) > 1e-9 * mass[0]) fail_msg("%s: %g, %g", l->name, mass[0], mass[1]);
    assert_true(mass[2] == mass[0] && mass[3] == mass[0]);
  }
}

// What lies beside the model and is not opened does not count; two files that change places do.
static void only_what_is_opened_counts(void** state) {
  (void)state;
  layout two = {"two meshes",
                "<mujoco><asset><mesh name='hull' file='a.obj'/><mesh name='b' file='b.obj'/></asset>"
                "<worldbody><body name='sled'><joint name='x' type='slide'/><geom type='mesh' mesh='hull'/>"
                "<geom type='mesh' mesh='b' mass='0'/></body></worldbody>"
                "<actuator><motor name='push' joint='x'/></actuator></mujoco>",
                {{"a.obj", hull}},
                "b.obj",
                hull,
                longer,
                false,
                0};
  char first[65], other[65];
  double mass;
  open_layout(first, &mass, "two", &two, longer);
  put("two", "notes.txt", "not opened");
  open_layout(other, &mass, "two", &two, longer);
  assert_string_equal(first, other);
  two.also[0][1] = longer;
  open_layout(other, &mass, "two", &two, hull);
  assert_string_not_equal(first, other);
}

// The files by name, from the model's folder.
static void the_files_have_names(void** state) {
  (void)state;
  char hash[65], outside[200], model[800];
  double mass;
  int n;
  lb_system* system;
  snprintf(outside, sizeof outside, "/tmp/lb_hash_%ld.obj", (long)getpid());
  write_plainly(outside, hull, strlen(hull));
  snprintf(model, sizeof model, "<mujoco><asset><mesh name='hull' file='%s'/></asset>" HULL "</mujoco>", outside);
  layout l = {.model = model, .changed = "unused"};
  open_layout(hash, &mass, "names", &l, hull);
  assert_ok(lb_task_open(&system, models("names"), "sled"));
  const lb_phys_file* files = lb_phys_model_files(lb_mujoco_system_spec(system)->model, &n);
  assert_int_equal(n, 2);
  assert_string_equal(files[0].name, "model.xml");
  assert_int_equal(files[0].size, strlen(model));
  assert_non_null(strstr(files[1].name, strrchr(outside, '/') + 1));
  lb_system_free(system);
  unlink(outside);
}

// Recordings and results that exist carry these.
static void the_hash_of_one_file_is_as_ever(void** state) {
  (void)state;
  char all[6000], wanted[65];
  double mass;
  lb_system* system;
  layout l = {.model = "<mujoco>" BALL "</mujoco>", .changed = "unused"};
  open_layout(wanted, &mass, "plain", &l, hull);
  lb_json* doc;
  assert_ok(lb_json_parse(&doc, task, "task"));
  char* canonical = lb_json_canonical(lb_json_root(doc));
  int n = snprintf(all, sizeof all, "lazybench task 1\n%s\n\nfile %zu\n%s", canonical, strlen(l.model), l.model);
  free(canonical);
  lb_json_free(doc);
  lb_sha256(all, (size_t)n, wanted);
  assert_ok(lb_task_open(&system, models("plain"), "sled"));
  assert_string_equal(system->hash, wanted);
  lb_system_free(system);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(every_file_that_is_opened_counts),
      simulated_test(only_what_is_opened_counts),
      simulated_test(the_files_have_names),
      simulated_test(the_hash_of_one_file_is_as_ever),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
