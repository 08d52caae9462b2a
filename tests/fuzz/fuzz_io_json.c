// Whatever text a user hands us as JSON is either read or refused, and what is read prints as text that reads again.
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  char* text = malloc(size + 1);
  if (!text) return 0;
  memcpy(text, data, size);
  text[size] = '\0';

  lb_json* doc = NULL;
  if (lb_json_parse(&doc, text, "fuzz").code == LB_OK) {
    char* canonical = lb_json_canonical(lb_json_root(doc));
    lb_json* again = NULL;
    assert(canonical && lb_json_parse(&again, canonical, "canonical").code == LB_OK);
    lb_json_free(again);
    free(canonical);
  }
  lb_json_free(doc);
  free(text);
  return 0;
}
