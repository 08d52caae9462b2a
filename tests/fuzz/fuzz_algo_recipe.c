// bench/recipes/NAME.json, as a task with a cost and one with rewards read it.
#include "algo/recipe.h"
#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_recipe recipe;
  fuzz_folder("bench/recipes");
  fuzz_put("bench/recipes/x.json", data, size);
  (void)lb_recipe_load(&recipe, fuzz_place, "x");  // refusal is as good as success
  (void)lb_recipe_load_for_rewards(&recipe, fuzz_place, "x");
  return 0;
}
