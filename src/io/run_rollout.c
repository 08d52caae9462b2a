#include "io/run_rollout.h"

#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "io/file.h"
#include "io/npz.h"

// Writes the arrays and names, compressed.
lb_status lb_run_rollout_write(const lb_run_rollout* r, const char* folder) {
  char path[4096];
  const int64_t shape[2] = {r->steps + 1, r->n};
  lb_text names = {0};
  for (int i = 0; i < r->n; ++i) lb_text_add(&names, "%s%s", i > 0 ? "\n" : "", r->names[i]);
  lb_npz_writer* w = lb_npz_writer_new(true);
  lb_npz_add_string(w, "names", names.data);
  lb_npz_add(w, "of_states", LB_BOOL, 0, NULL, &r->of_states);
  lb_npz_add_doubles(w, "dt", 0, NULL, &r->dt);
  lb_npz_add_doubles(w, "real", 2, shape, r->real);
  lb_npz_add_doubles(w, "model", 2, shape, r->model);
  lb_npz_add_doubles(w, "error", 1, shape, r->error);
  lb_path_join(path, sizeof path, folder, LB_RUN_ROLLOUT);
  lb_status status = lb_npz_save(w, path);
  lb_npz_writer_free(w);
  lb_text_free(&names);
  return status;
}

// Splits the lines of `text` into names; false when there are not n.
static bool split(const char** names, int n, const char* text, lb_arena* arena) {
  char* at = lb_format_text(arena, "%s", text);
  for (int i = 0; i < n; ++i) {
    char* end = strchr(at, '\n');
    if ((end == NULL) != (i == n - 1)) return false;
    if (end) *end = '\0';
    names[i] = at;
    if (end) at = end + 1;
  }
  return true;
}

// The rollout, checked against the sizes that one may have; names lie in the arena.
static lb_status parse(lb_run_rollout* out, const lb_npz* npz, lb_arena* arena) {
  const char* names;
  double *dt, *real, *model, *error;
  int64_t shape[LB_MAX_RANK];
  const int64_t any[2] = {-1, -1};
  const lb_array* flag = lb_npz_find(npz, "of_states");
  LB_TRY(lb_npz_string(npz, "names", &names));
  LB_TRY(lb_npz_doubles(npz, "dt", 0, NULL, arena, &dt, NULL));
  LB_TRY(lb_npz_doubles(npz, "real", 2, any, arena, &real, shape));
  LB_TRY(lb_npz_doubles(npz, "model", 2, shape, arena, &model, NULL));
  LB_TRY(lb_npz_doubles(npz, "error", 1, shape, arena, &error, NULL));
  if (!flag || flag->dtype != LB_BOOL || flag->size != 1) {
    return lb_fail(LB_INPUT, "%s: 'of_states' is no single bool", lb_npz_origin(npz));
  }
  bool fits =
      shape[0] >= 1 && shape[0] <= LB_RUN_ROLLOUT_STEPS + 1 && shape[1] >= 1 && shape[1] <= LB_RUN_ROLLOUT_NUMBERS;
  *out = (lb_run_rollout){.steps = fits ? (int)shape[0] - 1 : 0,
                          .n = fits ? (int)shape[1] : 0,
                          .of_states = *(const bool*)flag->data,
                          .dt = *dt,
                          .real = real,
                          .model = model,
                          .error = error};
  if (!fits || !split(out->names, out->n, names, arena)) {
    return lb_fail(LB_INPUT, "%s: 'real' should have up to %d rows of up to %d numbers, and 'names' a line for each",
                   lb_npz_origin(npz), LB_RUN_ROLLOUT_STEPS + 1, LB_RUN_ROLLOUT_NUMBERS);
  }
  return lb_ok();
}

lb_status lb_run_rollout_read(lb_run_rollout* out, const char* folder, lb_arena* arena) {
  char path[4096];
  lb_npz* npz;
  *out = (lb_run_rollout){0};
  lb_path_join(path, sizeof path, folder, LB_RUN_ROLLOUT);
  if (!lb_file_exists(path)) return lb_ok();
  LB_TRY(lb_npz_load(&npz, path));
  lb_status status = parse(out, npz, arena);
  lb_npz_free(npz);
  if (status.code != LB_OK) *out = (lb_run_rollout){0};
  return status;
}
