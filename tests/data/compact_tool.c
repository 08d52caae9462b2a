// compact_tool FILE ROOM NEXT_ROOM: writes a compact recording of the double integrator of tests/support/toy.h, 110
// transitions, with that much room for observations and next observations.
#include <stdio.h>
#include <stdlib.h>

#include "../support/toy.h"
#include "data/demos.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  static double gain[2] = {1.5, 1.8};
  toy self;
  lb_system system = toy_system(&self);
  lb_policy policy = toy_policy(gain);
  lb_demos_compact config = {.every = 6, .observation_bytes = atoll(argv[2]), .next_observation_bytes = atoll(argv[3])};
  lb_demos* demos;
  lb_status status = lb_demos_record_transitions(&demos, &system, &policy, 110, 4);
  if (status.code == LB_OK) {
    status = lb_demos_save_compact(demos, &system, argv[1], "{\"gain\": [1.5, 1.8]}", &config);
    lb_demos_free(demos);
  }
  if (status.code != LB_OK) fprintf(stderr, "%s\n", status.text);
  return status.code != LB_OK;
}
