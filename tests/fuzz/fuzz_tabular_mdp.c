// A file of an MDP: what is read is whole, is written as text that reads again as the same, and can be solved. Sizes of
// more than four digits are left out: they take as long and as much memory as they say.
#include <assert.h>
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tabular/mdp.h"
#include "tabular/solve.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

static lb_mdp* read_text(const char* text, lb_arena* arena) {
  lb_json* doc = NULL;
  lb_mdp* m = NULL;
  if (lb_json_parse(&doc, text, "fuzz").code == LB_OK && lb_mdp_read(&m, lb_json_root(doc), arena).code != LB_OK) {
    assert(!m);
  }
  lb_json_free(doc);
  return m;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  char* text = malloc(size + 1);
  lb_arena* arena = lb_arena_new(0);
  if (!text || !arena) abort();
  memcpy(text, data, size);
  text[size] = '\0';
  int digits = 0, most = 0;
  for (size_t i = 0; i < size; ++i) {
    digits = isdigit(data[i]) ? digits + 1 : data[i] == 'e' || data[i] == 'E' ? digits + 4 : 0;
    if (digits > most) most = digits;
  }
  lb_mdp* m = most > 20 || (most > 4 && strstr(text, "family")) ? NULL : read_text(text, arena);
  if (m) {
    lb_text written = {0}, again = {0};
    lb_mdp_write(m, &written);
    lb_mdp* same = read_text(written.data, arena);
    assert(same);
    lb_mdp_write(same, &again);
    assert(strcmp(written.data, again.data) == 0);
    lb_text_free(&written);
    lb_text_free(&again);
    if ((double)lb_mdp_value_size(m) * m->na < 1e5 && m->discount < 0.99) {
      double* V = LB_TAKE(arena, double, lb_mdp_value_size(m));
      lb_solve_optimal(V, NULL, m, 1e-6, NULL, arena);
    }
  }
  lb_arena_free(arena);
  free(text);
  return 0;
}
