// Whatever bytes a user hands us as .npz are either read or refused by name, and so is every array that is asked for.
#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_npz* npz = NULL;
  lb_status status = lb_npz_parse(&npz, data, size, "fuzz");
  for (int i = 0; status.code == LB_OK && i < lb_npz_count(npz); i++) {
    const lb_array* array = lb_npz_at(npz, i);
    lb_arena* arena = lb_arena_new(0);
    double* numbers;
    bool* flags;
    const char* text;
    (void)lb_npz_doubles(npz, array->name, array->rank, NULL, arena, &numbers, NULL);  // refusal is as good as success
    (void)lb_npz_bools(npz, array->name, array->rank > 0 ? array->shape[0] : 1, arena, &flags);
    (void)lb_npz_string(npz, array->name, &text);
    lb_arena_free(arena);
  }
  lb_npz_free(npz);
  return 0;
}
