#include "io/run_identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/file.h"

bool lb_run_is_wording(const char* key) {
  static const char* const keys[] = {"suite", "title", "summary"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    if (strcmp(key, keys[i]) == 0) return true;
  }
  return false;
}

void lb_run_sum(char out[65], lb_node object) {
  lb_text all = {0};
  lb_text_add(&all, "run\n");
  for (int i = 0; i < lb_json_length(object); i++) {
    const char* key = lb_json_key(object, i);
    if (lb_run_is_wording(key)) continue;
    char* value = lb_json_canonical(lb_json_element(object, i));
    lb_text_add(&all, "%s: %s\n", key, value);
    free(value);
  }
  lb_sha256(all.data, all.length, out);
  lb_text_free(&all);
}
