#include "task/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "phys/map.h"
#include "task/helicopter_2023.h"
#include "task/mujoco_system.h"

// The systems written in C.
static const struct {
  const char *name, *description;
  lb_status (*open)(lb_system** out);
} built_in[] = {
    {"helicopter-hover-2023",
     "the LAMPS paper's helicopter hover with its published equations, attitude map included; no MuJoCo",
     lb_helicopter_2023_open},
};

enum { BUILT_IN = sizeof built_in / sizeof built_in[0], PATH = 1200 };

lb_task_config lb_task_default_config(void) {
  lb_phys_map_config map = lb_phys_map_default_config();
  return (lb_task_config){map.threads, map.eps_x, map.eps_u};
}

// Whether models_dir/name is meant for a task: it has a task.json, or is a link that leads nowhere.
static bool is_task_folder(const char* models_dir, const char* name) {
  char path[PATH];
  int n = snprintf(path, sizeof path, "%s/%s/task.json", models_dir, name);
  if (n <= 0 || n >= PATH) return false;
  if (lb_file_is_named(path)) return true;
  path[n - (int)strlen("/task.json")] = '\0';
  return lb_file_is_named(path) && !lb_file_exists(path);
}

static int compare(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

lb_status lb_task_names(char*** names, int* n, const char* models_dir) {
  char** folders;
  int nfolder;
  *names = NULL;
  *n = 0;
  LB_TRY(lb_folder_list(models_dir, &folders, &nfolder));
  char** all = calloc((size_t)nfolder + BUILT_IN + 1, sizeof *all);
  int count = 0;
  for (int i = 0; all && i < nfolder; ++i) {
    if (is_task_folder(models_dir, folders[i])) all[count++] = strdup(folders[i]);
  }
  for (int i = 0; all && i < BUILT_IN; ++i) all[count++] = strdup(built_in[i].name);
  lb_names_free(folders, nfolder);
  if (!all) return lb_fail(LB_MEMORY, "no memory for the names of the tasks");
  qsort(all, (size_t)count, sizeof *all, compare);
  *names = all;
  *n = count;
  return lb_ok();
}

static lb_status unknown(const char* models_dir, const char* name) {
  char** names;
  int n;
  LB_TRY(lb_task_names(&names, &n, models_dir));
  const char* nearest = lb_text_nearest(name, (const char* const*)names, n);
  lb_status status =
      nearest ? lb_fail(LB_INPUT, "unknown task '%s' (did you mean '%s'?); 'bench tasks' lists all", name, nearest)
              : lb_fail(LB_INPUT, "unknown task '%s'; 'bench tasks' lists all", name);
  lb_names_free(names, n);
  return status;
}

// Whether a task that opens goes by this name elsewhere.
static bool has_alias(const lb_system* system, const char* name) {
  for (int i = 0; system->aliases && system->aliases[i]; ++i) {
    if (strcmp(system->aliases[i], name) == 0) return true;
  }
  return false;
}

// The task that another name stands for. Tasks with mistakes of their own are not it.
static lb_status open_alias(lb_system** out, const char* models_dir, const char* name, const lb_task_config* config) {
  char** names;
  int n;
  LB_TRY(lb_task_names(&names, &n, models_dir));
  for (int i = 0; i < n && !*out; ++i) {
    lb_system* system = NULL;
    if (!is_task_folder(models_dir, names[i])) continue;
    if (lb_task_open_with(&system, models_dir, names[i], config).code != LB_OK || !system) continue;
    if (has_alias(system, name)) {
      *out = system;
    } else {
      lb_system_free(system);
    }
  }
  lb_names_free(names, n);
  return *out ? lb_ok() : unknown(models_dir, name);
}

lb_status lb_task_open_with(lb_system** out, const char* models_dir, const char* name, const lb_task_config* config) {
  *out = NULL;
  for (int i = 0; i < BUILT_IN; ++i) {
    if (strcmp(name, built_in[i].name) == 0) return built_in[i].open(out);
  }
  if (name[0] == '\0' || name[0] == '.' || strchr(name, '/')) return unknown(models_dir, name);
  if (!is_task_folder(models_dir, name)) return open_alias(out, models_dir, name, config);
  char folder[PATH];
  lb_path_join(folder, sizeof folder, models_dir, name);
  lb_phys_map_config map = {config->threads, config->eps_x, config->eps_u};
  return lb_mujoco_system_open(out, folder, name, &map);
}

lb_status lb_task_open(lb_system** out, const char* models_dir, const char* name) {
  lb_task_config config = lb_task_default_config();
  return lb_task_open_with(out, models_dir, name, &config);
}

const char* lb_task_description(const lb_system* system) {
  const lb_task_spec* spec = lb_mujoco_system_spec(system);
  if (spec) return spec->description;
  for (int i = 0; i < BUILT_IN; ++i) {
    if (strcmp(system->name, built_in[i].name) == 0) return built_in[i].description;
  }
  return "";
}
