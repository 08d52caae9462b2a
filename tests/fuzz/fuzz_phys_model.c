// A model file, as a task's is loaded: MuJoCo may refuse it, crash on it or never end with it, but only in its child.
#include "phys/mujoco_log.h"
#include "phys/phys_model.h"
#include "place.h"

static void listen(void* ctx, const char* text) {
  (void)ctx;
  (void)text;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lb_phys_model* model = NULL;
  lb_phys_log_listen(listen, NULL);
  fuzz_put("model.xml", data, size);
  if (lb_phys_model_load(&model, fuzz_path("model.xml"), true).code == LB_OK) {
    lb_phys_sizes sizes = lb_phys_model_sizes(model);
    double* x = malloc(sizeof(double) * (size_t)sizes.nx);
    if (!x) abort();
    lb_phys_model_start(model, x);
    if (lb_phys_model_bad_component(model, x) >= sizes.nx) abort();
    free(x);
  }
  lb_phys_model_free(model);
  return 0;
}
