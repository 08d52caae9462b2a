#include "task/draft.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/file.h"
#include "io/json_writer.h"
#include "phys/mujoco_log.h"
#include "phys/outline.h"
#include "task/spec.h"

// What is under way: the model where it came from, and the folder that is being filled.
typedef struct draft {
  const char *name, *base;   // of the task; of the model's file
  char from[PATH_MAX];       // the model's folder, without links
  char inner[PATH_MAX + 2];  // where the model's folder lies within the task's: "" or "scene/"
  char to[PATH_MAX];         // the task's folder while it is made
  lb_phys_model* model;
  lb_arena* arena;
  lb_outline outline;
  lb_text text;  // of task.json
} draft;

// Fails unless the name can be a folder's and a command's word.
static lb_status check_name(const char* name) {
  if (!*name || strlen(name) > LB_TASK_NAME_MOST || *name == '.') {
    return lb_fail(LB_INPUT,
                   "'%.100s' is no name for a task; use 1 to %d letters, digits, '-', '_', '.', not '.' first", name,
                   (int)LB_TASK_NAME_MOST);
  }
  for (const char* c = name; *c; ++c) {
    bool fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("-_.", *c);
    if (!fine) return lb_fail(LB_INPUT, "'%s' is no name for a task; use letters, digits, '-', '_', '.'", name);
  }
  return lb_ok();
}

// By how many folders a path climbs above where it starts, at most.
static int climbs(const char* path) {
  int depth = 0, lowest = 0;
  while (*path) {
    size_t n = strcspn(path, "/");
    bool up = n == 2 && strncmp(path, "..", 2) == 0, stays = n == 0 || (n == 1 && *path == '.');
    bool last = path[n] == '\0';
    if (up) {
      --depth;
    } else if (!stays && !last) {
      ++depth;
    }
    if (depth < lowest) lowest = depth;
    path += n + !last;
  }
  return -lowest;
}

// The failure of a model that names a file by an absolute path.
static lb_status absolute_name(const draft* d, const char* file) {
  return lb_fail(LB_INPUT,
                 "%s/%s: the model names %s by an absolute path, which a copy would not find; write it relative to the "
                 "model's folder",
                 d->from, d->base, file);
}

// Where the model must lie within the task's folder for all of its files to lie in it too.
static lb_status lay_out(draft* d) {
  int n, ups = 0;
  const lb_phys_file* files = lb_phys_model_files(d->model, &n);
  for (int i = 0; i < n; ++i) {
    if (files[i].name[0] == '/') return absolute_name(d, files[i].name);
    int own = climbs(files[i].name);
    if (own > ups) ups = own;
  }
  const char* end = d->from + strlen(d->from);
  const char* first = end;
  for (int i = 0; i < ups; ++i) {
    while (first > d->from && first[-1] != '/') --first;
    if (i + 1 < ups && first > d->from) --first;
  }
  if (ups > 0) snprintf(d->inner, sizeof d->inner, "%s/", first);
  return lb_ok();
}

// out = "a/bc"; fails where that is too long for a path.
static lb_status join(char out[PATH_MAX], const char* a, const char* b, const char* c) {
  int n = snprintf(out, PATH_MAX, "%s/%s%s", a, b, c);
  return n > 0 && n < PATH_MAX ? lb_ok() : lb_fail(LB_INPUT, "%s/%s%s: the path is too long", a, b, c);
}

// Copies one file, which must still be what MuJoCo read.
static lb_status copy_file(const draft* d, const lb_phys_file* file) {
  char source[PATH_MAX], target[PATH_MAX], folder[PATH_MAX], *bytes, sha256[65];
  size_t n;
  LB_TRY(join(source, d->from, "", file->name));
  LB_TRY(join(target, d->to, d->inner, file->name));
  snprintf(folder, sizeof folder, "%s", target);
  *strrchr(folder, '/') = '\0';
  LB_TRY(lb_folder_make(folder));
  LB_TRY(lb_file_read(source, &bytes, &n));
  lb_sha256(bytes, n, sha256);
  lb_status status = strcmp(sha256, file->sha256) == 0
                         ? lb_file_replace(target, bytes, n)
                         : lb_fail(LB_INPUT, "%s: changed while it was copied; run this again", source);
  free(bytes);
  return status;
}

// The copy must read the copies, and nothing else.
static lb_status check_copy(const draft* d) {
  char path[PATH_MAX];
  lb_phys_model* copy;
  int n, own;
  LB_TRY(join(path, d->to, d->inner, d->base));
  LB_TRY(lb_phys_model_load(&copy, path, true));
  const lb_phys_file* files = lb_phys_model_files(d->model, &n);
  const lb_phys_file* copied = lb_phys_model_files(copy, &own);
  lb_status status = lb_ok();
  for (int i = 0; i < own && status.code == LB_OK; ++i) {
    if (i >= n || strcmp(files[i].name, copied[i].name) != 0) status = absolute_name(d, copied[i].name);
  }
  lb_phys_model_free(copy);
  return status;
}

// Copies the model and all files it reads, then compiles the copy.
static lb_status copy_files(draft* d, int* copied) {
  const lb_phys_file* files = lb_phys_model_files(d->model, copied);
  for (int i = 0; i < *copied; ++i) LB_TRY(copy_file(d, &files[i]));
  return check_copy(d);
}

// A line "  "key": [items],", where an item is what `add` writes.
static void begin_list(draft* d, const char* key) {
  lb_text_add(&d->text, ",\n  \"%s\": [", key);
}

// A comma where one is due, and a line of its own.
static void begin_item(draft* d, bool* any) {
  lb_text_add(&d->text, *any ? ",\n    " : "\n    ");
  *any = true;
}

// A JSON string.
static void add_string(draft* d, const char* value) {
  lb_json_writer w = lb_json_writer_on(&d->text);
  lb_json_write_string(&w, NULL, value);
}

// Which actuators are controlled, and the largest control of each (0: no limits).
typedef struct controls {
  int n;
  int* ids;
  double* most;
} controls;

// The actuators with one control, and the largest magnitude of each (0: without limits).
static controls list_controls(const draft* d, lb_draft* out) {
  int n = lb_phys_model_actuators(d->model);
  controls c = {0, LB_TAKE(d->arena, int, n), LB_TAKE(d->arena, double, n)};
  for (int i = 0; i < n; ++i) {
    double low, high;
    if (lb_phys_model_control(d->model, i, &low, &high).code != LB_OK) continue;
    c.ids[c.n] = i;
    bool limited = isfinite(low) && isfinite(high);
    out->unlimited += !limited;
    c.most[c.n++] = limited ? fmax(fabs(low), fabs(high)) : 0;
  }
  out->controls = c.n;
  out->left_out = n - c.n;
  return c;
}

// By name; by number where it has none, or shares what it acts on with another.
static void add_controls(draft* d, const controls* c) {
  lb_text_add(&d->text, ",\n  \"controls\": [");
  for (int i = 0; i < c->n; ++i) {
    const char* name = lb_phys_model_actuator_name(d->model, c->ids[i]);
    int found = -1;
    lb_text_add(&d->text, i ? ", " : "");
    if (name && lb_phys_model_find(d->model, &found, LB_PHYS_ACTUATOR, name).code == LB_OK && found == c->ids[i]) {
      add_string(d, name);
    } else {
      lb_text_add(&d->text, "%d", c->ids[i]);
    }
  }
  lb_text_add(&d->text, "]");
}

// Where episodes begin: at the usual keyframe where there is one, a little drawn.
static void add_reset(draft* d) {
  lb_text_add(&d->text, ",\n  \"reset\": {");
  if (d->outline.keyframe) {
    lb_text_add(&d->text, "\"from\": \"keyframe\", \"keyframe\": ");
    add_string(d, d->outline.keyframe);
    lb_text_add(&d->text, ", ");
  }
  lb_text_add(&d->text, "\"qpos\": [{\"uniform\": 0.005}], \"qvel\": [{\"uniform\": 0.005}]}");
}

// How one joint's positions are observed.
static void add_joint(draft* d, const lb_outline_joint* j, bool* any) {
  static const char* const functions[] = {"sin", "cos"};
  int skip = !j->drifts ? 0 : j->type == LB_PHYS_FREE ? 2 : 1;
  for (int k = 0; k < (j->turns ? 2 : 1); ++k) {
    if (skip == j->n) return;
    begin_item(d, any);
    lb_text_add(&d->text, "{\"signal\": \"qpos\", ");
    if (j->name && skip == 0) {
      lb_text_add(&d->text, "\"of\": ");
      add_string(d, j->name);
    } else {
      lb_text_add(&d->text, "\"range\": [%d, %d]", j->first + skip, j->first + j->n);
    }
    if (j->turns) lb_text_add(&d->text, ", \"function\": \"%s\"", functions[k]);
    lb_text_add(&d->text, "}");
  }
}

// Whether the numbers of a joint stand in the observation as they are.
static bool is_plain(const lb_outline_joint* j) {
  return !j->turns && !j->drifts;
}

// Neighbouring joints that are observed as they are, as one range.
static int add_plain(draft* d, int from, bool* any) {
  const lb_outline_joint* joints = d->outline.joints;
  int end = from;
  while (end < d->outline.njoint && is_plain(&joints[end])) ++end;
  begin_item(d, any);
  lb_text_add(&d->text, "{\"signal\": \"qpos\", \"range\": [%d, %d]}", joints[from].first,
              joints[end - 1].first + joints[end - 1].n);
  return end;
}

// One item each; many of them that have names, as those of a skin, in one.
static void add_sensors(draft* d, bool* any) {
  enum { FEW = 8 };
  const lb_outline* o = &d->outline;
  bool as_list = o->nsensor > FEW;
  for (int i = 0; i < o->nsensor; ++i) as_list = as_list && o->sensors[i].name;
  for (int i = 0; i < o->nsensor; ++i) {
    const lb_outline_sensor* s = &o->sensors[i];
    if (as_list && i > 0) {
      lb_text_add(&d->text, ", ");
    } else {
      begin_item(d, any);
      lb_text_add(&d->text, "{\"signal\": \"sensordata\", \"%s\": %s", s->name ? "of" : "range", as_list ? "[" : "");
    }
    if (s->name) {
      add_string(d, s->name);
    } else {
      lb_text_add(&d->text, "[%d, %d]", s->first, s->first + s->n);
    }
    if (!as_list || i + 1 == o->nsensor) lb_text_add(&d->text, as_list ? "]}" : "}");
  }
}

// The observation: positions (angles by sine and cosine, drifting ones left out), velocities, activations, sensors.
static void add_observation(draft* d) {
  const lb_outline* o = &d->outline;
  bool any = false;
  begin_list(d, "observation");
  for (int j = 0; j < o->njoint;) {
    bool run = is_plain(&o->joints[j]) && j + 1 < o->njoint && is_plain(&o->joints[j + 1]);
    if (run) {
      j = add_plain(d, j, &any);
    } else {
      add_joint(d, &o->joints[j++], &any);
    }
  }
  begin_item(d, &any);
  lb_text_add(&d->text, "{\"signal\": \"qvel\"}");
  if (lb_phys_model_sizes(d->model).na > 0) {
    begin_item(d, &any);
    lb_text_add(&d->text, "{\"signal\": \"act\"}");
  }
  add_sensors(d, &any);
  lb_text_add(&d->text, "\n  ]");
}

// Reward of moving along the joint that drifts.
static void add_forward(draft* d, bool* any) {
  const lb_outline_joint* j = &d->outline.joints[d->outline.forward];
  begin_item(d, any);
  lb_text_add(&d->text,
              "{\"name\": \"forward\", \"signal\": \"qpos\", \"range\": [%d, %d], \"read\": \"rate\", \"weight\": 1}",
              j->first, j->first + 1);
}

// The signal and the rows of the last body's centre of mass.
static void add_body(draft* d) {
  lb_text_add(&d->text, "\"signal\": \"xipos\", ");
  if (d->outline.body_name) {
    lb_text_add(&d->text, "\"of\": ");
    add_string(d, d->outline.body_name);
  } else {
    lb_text_add(&d->text, "\"range\": [%d, %d]", d->outline.body, d->outline.body + 1);
  }
}

// Reward of being near the target: minus the distance.
static void add_target(draft* d, bool* any) {
  begin_item(d, any);
  lb_text_add(&d->text, "{\"name\": \"distance\", ");
  add_body(d);
  lb_text_add(&d->text, ", \"minus\": {\"signal\": \"%s\", \"of\": ", d->outline.target_is_site ? "site_xpos" : "xpos");
  add_string(d, d->outline.target);
  lb_text_add(&d->text, "}, \"norm\": \"euclidean\", \"weight\": -1}");
}

// Reward of a body's height.
static void add_height(draft* d, bool* any) {
  begin_item(d, any);
  lb_text_add(&d->text, "{\"name\": \"height\", ");
  add_body(d);
  lb_text_add(&d->text, ", \"components\": [2], \"weight\": 1}");
}

// Nothing better to go by: all that moves.
static void add_motion(draft* d, bool* any) {
  begin_item(d, any);
  lb_text_add(&d->text,
              "{\"name\": \"motion\", \"signal\": \"qvel\", \"clip\": [-10, 10], \"norm\": \"absolute\", "
              "\"weight\": 0.1}");
}

// The first term that makes sense for the model; returns it in words.
static const char* add_purpose(draft* d, bool* any) {
  const lb_outline* o = &d->outline;
  if (o->forward >= 0) {
    add_forward(d, any);
    return "moving forward";
  }
  if (o->target) {
    add_target(d, any);
    return "the nearness of a target";
  }
  if (o->rises) {
    add_height(d, any);
    return "the height of a body";
  }
  add_motion(d, any);
  return "motion of any kind";
}

// All controls at their limits cost 0.1 a step.
static void add_control_cost(draft* d, const controls* c, bool* any) {
  double squares = 0;
  bool limited = true;
  for (int i = 0; i < c->n; ++i) {
    squares += c->most[i] * c->most[i];
    limited = limited && c->most[i] > 0;
  }
  begin_item(d, any);
  lb_text_add(&d->text, "{\"name\": \"control\", \"signal\": \"action\", \"norm\": \"squared\", \"weight\": %.3g}",
              limited ? -0.1 / squares : -0.001);
}

// Steps that are about 0.02 s long, for 20 s of moving on and 10 s of what else.
static void add_head(draft* d, bool moves_on) {
  lb_phys_sizes sizes = lb_phys_model_sizes(d->model);
  double skip = fmin(fmax(round(0.02 / sizes.timestep), 1), 10000);
  double steps = (moves_on ? 20 : 10) / (skip * sizes.timestep);
  lb_text model = {0};
  lb_text_add(&model, "%s%s", d->inner, d->base);
  lb_text_add(&d->text, "{\n  \"name\": ");
  add_string(d, d->name);
  lb_text_add(&d->text,
              ",\n  \"version\": 1,\n  \"description\": \"a draft: say here what it is to do\",\n  \"model\": ");
  add_string(d, model.data);
  lb_text_add(&d->text, ",\n  \"frame_skip\": %d,\n  \"horizon\": %d", (int)skip,
              (int)fmin(fmax(round(steps), 50), 1000));
  lb_text_free(&model);
}

// Writes task.json, and reads it as any task is read.
static lb_status write_task(draft* d, lb_draft* out) {
  char path[PATH_MAX];
  bool any = false;
  controls c = list_controls(d, out);
  if (c.n == 0) {
    return lb_fail(LB_INPUT,
                   "%s/%s: the model has no actuator %s, so nothing controls it; add some to its <actuator> section",
                   d->from, d->base, out->left_out ? "with one control" : "at all");
  }
  d->outline = lb_phys_outline(d->model, d->arena);
  add_head(d, d->outline.forward >= 0);
  add_controls(d, &c);
  add_reset(d);
  add_observation(d);
  begin_list(d, "reward");
  out->purpose = add_purpose(d, &any);
  add_control_cost(d, &c, &any);
  lb_text_add(&d->text, "\n  ]\n}\n");
  LB_TRY(join(path, d->to, "", "task.json"));
  LB_TRY(lb_file_replace(path, d->text.data, d->text.length));
  lb_task_spec* spec;
  LB_TRY(lb_task_spec_load(&spec, d->to, d->name));
  lb_task_spec_free(spec);
  return lb_ok();
}

// What MuJoCo says of a copy it has said of the model.
static void ignore_warning(void* ctx, const char* text) {
  (void)ctx;
  (void)text;
}

// Copies the model, then writes a task for it; MuJoCo's warnings are the check's to tell.
static lb_status fill(draft* d, lb_draft* out) {
  char path[PATH_MAX];
  LB_TRY(join(path, d->from, "", d->base));
  LB_TRY(lb_phys_model_load(&d->model, path, true));
  LB_TRY(lay_out(d));
  lb_phys_log_listen(ignore_warning, NULL);
  lb_status status = copy_files(d, &out->files);
  if (status.code == LB_OK) status = write_task(d, out);
  lb_phys_log_listen(NULL, NULL);
  return status;
}

// The folder of the model's file without links, and the file's name in it.
static lb_status find_model(draft* d, const char* xml, char base[PATH_MAX]) {
  char folder[PATH_MAX];
  const char* slash = strrchr(xml, '/');
  if (lb_folder_exists(xml)) {
    return lb_fail(LB_INPUT, "%s: is a folder; --xml names the model's MJCF file in it", xml);
  }
  if (!lb_file_exists(xml)) {
    return lb_fail(LB_INPUT, "%s: no such file; --xml names the MJCF model", xml);
  }
  snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - xml) + 1 : 1, slash ? xml : ".");
  if (!realpath(folder, d->from)) return lb_fail(LB_INPUT, "%s: no such folder", folder);
  snprintf(base, PATH_MAX, "%s", slash ? slash + 1 : xml);
  d->base = base;
  return lb_ok();
}

lb_status lb_draft_make(lb_draft* out, const char* models_dir, const char* name, const char* xml) {
  char base[PATH_MAX], hidden[LB_TASK_NAME_MOST + 40];
  draft d = {.name = name};
  *out = (lb_draft){0};
  LB_TRY(check_name(name));
  snprintf(out->folder, sizeof out->folder, "%s/%s", models_dir, name);
  if (lb_file_is_named(out->folder)) {
    return lb_fail(LB_INPUT, "%s: is there already; take another name or remove it", out->folder);
  }
  LB_TRY(find_model(&d, xml, base));
  snprintf(hidden, sizeof hidden, ".%s-%ld", name, (long)getpid());
  LB_TRY(join(d.to, models_dir, "", hidden));
  d.arena = lb_arena_new(0);
  if (!d.arena) return lb_fail(LB_MEMORY, "no memory for a new task");
  lb_status status = lb_folder_make(d.to);
  if (status.code == LB_OK) status = fill(&d, out);
  if (status.code == LB_OK && rename(d.to, out->folder) != 0) {
    status = lb_fail(LB_IO, "%s: cannot be made from %s", out->folder, d.to);
  }
  if (status.code != LB_OK) lb_folder_remove(d.to);
  lb_phys_model_free(d.model);
  lb_text_free(&d.text);
  lb_arena_free(d.arena);
  return status;
}
