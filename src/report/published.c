#include "report/published.h"

#include <math.h>

#include "io/file.h"
#include "io/npz.h"
#include "stats/stats.h"

static lb_status read_arrays(const lb_npz* npz, const lb_suite_overlay* o, lb_arena* arena, int64_t* length,
                             double** mean, double** se, double** at) {
  const int64_t any[1] = {-1};
  LB_TRY(lb_npz_doubles(npz, o->mean, 1, any, arena, mean, length));
  if (o->se) LB_TRY(lb_npz_doubles(npz, o->se, 1, length, arena, se, NULL));
  if (o->at) LB_TRY(lb_npz_doubles(npz, o->at, 1, length, arena, at, NULL));
  return lb_ok();
}

lb_status lb_published_load(lb_series* out, lb_arena* arena, const lb_suite_overlay* overlay, const char* folder) {
  char path[4096];
  lb_npz* npz;
  double *mean = NULL, *se = NULL, *at = NULL;
  int64_t length[1] = {0};
  lb_path_join(path, sizeof path, folder, overlay->file);
  LB_TRY(lb_npz_open(&npz, path));
  lb_status status = read_arrays(npz, overlay, arena, length, &mean, &se, &at);
  lb_npz_free(npz);
  LB_TRY(status);

  int n = (int)length[0];
  double reach = overlay->seeds >= 2 ? lb_stats_t_quantile(0.975, overlay->seeds - 1) : 1.96;
  double *x = LB_TAKE(arena, double, n + 1), *low = LB_TAKE(arena, double, n + 1),
         *high = LB_TAKE(arena, double, n + 1);
  for (int i = 0; i < n; ++i) {
    x[i] = at ? at[i] : i;
    low[i] = se ? mean[i] - reach * se[i] : NAN;
    high[i] = se ? mean[i] + reach * se[i] : NAN;
  }
  *out = (lb_series){
      .kind = LB_SERIES_MARKERS, .label = overlay->label, .n = n, .x = x, .y = mean, .low = low, .high = high};
  return lb_ok();
}
