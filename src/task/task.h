// The tasks by name: the folders of models/, and of others that a user names, that hold a task.json, and the systems
// written in C.
#ifndef LB_TASK_TASK_H_
#define LB_TASK_TASK_H_

#include <stdbool.h>

#include "base/status.h"
#include "base/text.h"
#include "core/system.h"

typedef struct lb_task_config {
  int threads;   // of the truth's and the family's batches, >= 1; the results do not depend on it
  double eps_x;  // finite differences in the state and
  double eps_u;  // in a control (phys/map.h)
} lb_task_config;

// One thread, the finite differences of phys/map.h.
lb_task_config lb_task_default_config(void);

// Further folders of tasks for this process, a list with a colon between two, looked at in this order and before the
// models_dir of the functions below; NULL or "": none. Where several folders have a task of one name the first is
// meant, and opening it warns of the others, once. A folder that is not there has no tasks. Not for several threads.
lb_status lb_task_folders_use(const char* list);

// The first of these folders that holds such a task (name NULL: the first of them); NULL: none does. Valid until they
// are set anew.
const char* lb_task_folders_find(const char* name);

// Opens a task at the start of an episode, by its name or an alias, or one of the small systems that are known exactly
// (task/finite_system.h, task/lds_system.h), which no list names; free it with lb_system_free. An unknown name is
// LB_INPUT with the nearest one; whatever is wrong in task.json, model.xml or the reference is LB_INPUT with file and
// place.
lb_status lb_task_open(lb_system** out, const char* models_dir, const char* name);
lb_status lb_task_open_with(lb_system** out, const char* models_dir, const char* name, const lb_task_config* config);

// Whether there is a task of this name, aliases aside; one of the small systems, too.
bool lb_task_exists(const char* models_dir, const char* name);

// The i-th of the small systems, of families an instance; NULL beyond the last.
const char* lb_task_small(int i);

// The sorted names of all tasks but the small systems; free with lb_names_free (io/file.h).
lb_status lb_task_names(char*** names, int* n, const char* models_dir);

// One line about the task; static, or the system's own.
const char* lb_task_description(const lb_system* system);

// Appends all that defines the task, for people or as a JSON object: sizes, controls and limits, cost terms or
// observation, rewards and ends, noise, horizon, dt, parameters, hash. For a task with rewards that read derived
// quantities it measures how live reads differ from a state by itself (task/reads.h), which takes up to a second.
void lb_task_card(lb_text* out, const lb_system* system, bool json);

#endif  // LB_TASK_TASK_H_
