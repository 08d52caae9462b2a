// Solves for the funnel's reference and stores it: build/tests/task/make_funnel_reference [models/helicopter-funnel]
#include <stdio.h>

#include "base/text.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "task/funnel.h"
#include "task/reference.h"

static lb_status find_controls(int actuators[4], const lb_phys_model* model) {
  static const char* const names[] = {"roll", "pitch", "yaw", "collective"};
  for (int i = 0; i < 4; ++i) LB_TRY(lb_phys_model_find(model, &actuators[i], LB_PHYS_ACTUATOR, names[i]));
  return lb_ok();
}

static void describe(lb_text* out, const lb_funnel_config* config, const lb_funnel_report* report) {
  lb_json_writer w = lb_json_writer_on(out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "made_by", "make_funnel_reference (tests/task/make_funnel_reference.c, src/task/funnel.c)");
  lb_json_write_string(&w, "what",
                       "relative equilibrium of the one-step map under rotation about the vertical through the origin, "
                       "by Newton's method; x_t = g^t x_0, constant controls");
  lb_json_write_number(&w, "radius_m", config->radius);
  lb_json_write_int(&w, "horizon", config->horizon);
  lb_json_write_number(&w, "turns", config->turns);
  lb_json_write_number(&w, "residual", report->residual);
  lb_json_write_end_object(&w);
}

static lb_status make(const char* folder, lb_arena* arena) {
  char model_path[1200], out_path[1200];
  int actuators[4];
  lb_funnel_config config = lb_funnel_default_config();
  lb_funnel_report report;
  lb_trajectory reference;
  lb_phys_model* model;
  lb_text metadata = {0};
  lb_path_join(model_path, sizeof model_path, folder, "model.xml");
  lb_path_join(out_path, sizeof out_path, folder, "reference.npz");
  LB_TRY(lb_phys_model_load(&model, model_path, false));
  lb_status status = find_controls(actuators, model);
  lb_phys_rate rate = {.frame_skip = 1, .nu = 4, .actuators = actuators};
  if (status.code == LB_OK) status = lb_funnel_reference(&reference, &report, arena, model, &rate, &config);
  if (status.code == LB_OK) {
    describe(&metadata, &config, &report);
    status = lb_reference_save(out_path, &reference, 13, 4, metadata.data);
    if (status.code == LB_OK)
      printf("%s: residual %.3g, %d iterations\n", out_path, report.residual, report.iterations);
  }
  lb_text_free(&metadata);
  lb_phys_model_free(model);
  return status;
}

int main(int argc, char** argv) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return 1;
  lb_status status = make(argc > 1 ? argv[1] : LB_SOURCE_DIR "/models/helicopter-funnel", arena);
  if (status.code != LB_OK) fprintf(stderr, "%s\n", status.text);
  lb_arena_free(arena);
  return lb_exit_code(status);
}
