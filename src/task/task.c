#include "task/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/file.h"
#include "phys/map.h"
#include "task/finite_system.h"
#include "task/helicopter_2023.h"
#include "task/lds_system.h"
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

// The published helicopter as a system on which planners alone are compared.
static const char hover_text[] = "the published helicopter, in which one LQR pass is not quite PSDP";

// The same system under another name, measured in cost.
static lb_status open_hover(lb_system** out, const char* name) {
  static const lb_exact exact = {.in_cost = true};
  (void)name;
  LB_TRY(lb_helicopter_2023_open(out));
  (*out)->name = "hover-psdp";
  (*out)->exact = &exact;
  return lb_ok();
}

static const char* describe_hover(const char* name) {
  return strcmp(name, "hover-psdp") == 0 ? hover_text : NULL;
}

// Systems so small that they are known exactly (core/exact.h). There are too many of them for a list.
static const struct {
  const char* (*describe)(const char* name);  // NULL: none of these
  lb_status (*open)(lb_system** out, const char* name);
} small[] = {{lb_finite_description, lb_finite_open}, {lb_lds_description, lb_lds_open}, {describe_hover, open_hover}};
enum { SMALL = sizeof small / sizeof small[0] };

lb_task_config lb_task_default_config(void) {
  lb_phys_map_config map = lb_phys_map_default_config();
  return (lb_task_config){map.threads, map.eps_x, map.eps_u};
}

// Further folders of tasks: lb_task_folders_use.
enum { MOST_FOLDERS = 32 };
static char* further[MOST_FOLDERS];
static int nfurther;

lb_status lb_task_folders_use(const char* list) {
  while (nfurther > 0) free(further[--nfurther]);
  while (list && *list) {
    size_t length = strcspn(list, ":");
    if (length > 0) {
      if (nfurther == MOST_FOLDERS) return lb_fail(LB_INPUT, "more than %d folders of tasks", (int)MOST_FOLDERS);
      char* folder = strndup(list, length);
      if (!folder) return lb_fail(LB_MEMORY, "no memory for the folders of tasks");
      further[nfurther++] = folder;
    }
    list += length + (list[length] == ':');
  }
  return lb_ok();
}

// The folders of tasks in the order in which they are looked at; NULL beyond the last.
static const char* folder_at(const char* models_dir, int i) {
  return i < nfurther ? further[i] : i == nfurther ? models_dir : NULL;
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

// The first folder from number *i on that holds such a task, as *i; NULL where none does.
static const char* find_folder(const char* models_dir, const char* name, int* i) {
  for (const char* folder; (folder = folder_at(models_dir, *i)); ++*i) {
    if (is_task_folder(folder, name)) return folder;
  }
  return NULL;
}

const char* lb_task_folders_find(const char* name) {
  int at = 0;
  if (name) find_folder(NULL, name, &at);
  return at < nfurther ? further[at] : NULL;
}

// Appends a copy of the name.
static lb_status add_name(char*** all, int* n, const char* name) {
  char** longer = realloc(*all, ((size_t)*n + 1) * sizeof *longer);
  if (longer) *all = longer;
  char* copy = longer ? strdup(name) : NULL;
  if (!copy) return lb_fail(LB_MEMORY, "no memory for the names of the tasks");
  longer[(*n)++] = copy;
  return lb_ok();
}

// Adds the tasks in a folder. Of several folders those that are not there are passed over, but not the last.
static lb_status add_names(char*** all, int* n, const char* folder, bool is_last) {
  char** names;
  int count;
  lb_status status = lb_folder_list(folder, &names, &count);
  if (status.code != LB_OK) return is_last ? status : lb_ok();
  for (int i = 0; i < count && status.code == LB_OK; ++i) {
    if (is_task_folder(folder, names[i])) status = add_name(all, n, names[i]);
  }
  lb_names_free(names, count);
  return status;
}

// Sorts the names and keeps one of each.
static void settle_names(char** all, int* n) {
  int kept = 0;
  if (*n > 0) qsort(all, (size_t)*n, sizeof *all, compare);
  for (int i = 0; i < *n; ++i) {
    if (kept > 0 && strcmp(all[kept - 1], all[i]) == 0) {
      free(all[i]);
    } else {
      all[kept++] = all[i];
    }
  }
  *n = kept;
}

lb_status lb_task_names(char*** names, int* n, const char* models_dir) {
  char** all = NULL;
  int count = 0;
  lb_status status = lb_ok();
  *names = NULL;
  *n = 0;
  for (int i = 0; i <= nfurther && status.code == LB_OK; ++i) {
    status = add_names(&all, &count, folder_at(models_dir, i), i == nfurther);
  }
  for (int i = 0; i < BUILT_IN && status.code == LB_OK; ++i) status = add_name(&all, &count, built_in[i].name);
  if (status.code != LB_OK) {
    lb_names_free(all, count);
    return status;
  }
  settle_names(all, &count);
  *names = all;
  *n = count;
  return lb_ok();
}

const char* lb_task_small(int i) {
  static const char* const names[] = {"shortcut",  "trophy",      "portals-8",       "portals-poor-expert",
                                      "wide-tree", "twins-16",    "generative-hard", "generative-random",
                                      "lds",       "lds-growing", "random-mdps",     "linear-psdp",
                                      "hover-psdp"};
  return i < (int)(sizeof names / sizeof *names) ? names[i] : NULL;
}

bool lb_task_exists(const char* models_dir, const char* name) {
  int at = 0;
  for (int i = 0; i < BUILT_IN; ++i) {
    if (strcmp(name, built_in[i].name) == 0) return true;
  }
  for (int i = 0; i < SMALL; ++i) {
    if (small[i].describe(name)) return true;
  }
  return *name && !strchr(name, '/') && find_folder(models_dir, name, &at) != NULL;
}

// Says which task of this name is meant, once a name, where several folders have one.
static void tell_shadows(const char* models_dir, const char* name, int first) {
  static char told[2000];
  char word[LB_TASK_NAME_MOST + 3];
  int next = first + 1;
  const char* hidden = find_folder(models_dir, name, &next);
  if (!hidden) return;
  snprintf(word, sizeof word, "/%.100s/", name);
  if (strstr(told, word) || strlen(told) + strlen(word) >= sizeof told) return;
  strcat(told, word);
  lb_log_warning("task '%s' is that of %s; the one of %s is hidden by it", name, folder_at(models_dir, first), hidden);
}

// The failure of a name that no task has, with the nearest.
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
    int at = 0;
    if (!find_folder(models_dir, names[i], &at)) continue;
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
  int at = 0;
  bool plain = name[0] != '\0' && name[0] != '.' && !strchr(name, '/');
  const char* place = plain ? find_folder(models_dir, name, &at) : NULL;
  for (int i = 0; i < SMALL && !place; ++i) {
    if (small[i].describe(name)) return small[i].open(out, name);
  }
  if (!plain) return unknown(models_dir, name);
  if (!place) return open_alias(out, models_dir, name, config);
  tell_shadows(models_dir, name, at);
  char folder[PATH];
  lb_path_join(folder, sizeof folder, place, name);
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
  for (int i = 0; i < SMALL; ++i) {
    const char* text = small[i].describe(system->name);
    if (text) return text;
  }
  return "";
}
