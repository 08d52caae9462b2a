#include "task/bounds.h"

#include <math.h>

#include "io/json_writer.h"

lb_bounds lb_bounds_none(void) {
  return (lb_bounds){-INFINITY, INFINITY};
}

lb_status lb_bounds_read(lb_bounds* out, lb_node object, const char* key) {
  lb_node list;
  int n;
  *out = lb_bounds_none();
  LB_TRY(lb_json_array(object, key, &list, &n));
  if (n != 2) return lb_json_fail(list, "expected [low, high], found %d element%s", n, n == 1 ? "" : "s");
  double* ends[2] = {&out->low, &out->high};
  for (int i = 0; i < 2; ++i) {
    lb_node node = lb_json_element(list, i);
    if (!lb_json_is_null(node)) LB_TRY(lb_json_as_number(node, -1e300, 1e300, ends[i]));
  }
  if (out->low <= out->high) return lb_ok();
  return lb_json_fail(list, "is [%g, %g], expected [low, high]", out->low, out->high);
}

void lb_bounds_add_number(lb_text* out, double value) {
  char text[LB_NUMBER_TEXT];
  if (isinf(value)) {
    lb_text_add(out, value > 0 ? "inf" : "-inf");
    return;
  }
  lb_json_number_text(value, text);
  lb_text_add(out, "%s", text);
}
