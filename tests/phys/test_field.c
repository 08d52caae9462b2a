// Physical parameters: found by name, refused in words, and the changed model moves as one that was compiled so.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "fixture.h"
#include "phys/field.h"
#include "phys/map.h"

// The arm of FREE_AND_HINGE with these numbers in place.
static lb_phys_model* compile_with(double mass, double inertia, double damping, double gain, double gravity) {
  char text[2000];
  snprintf(
      text, sizeof text,
      "<mujoco><option timestep='0.01' gravity='0 0 %.17g'/><worldbody>"
      "<body name='ship'><freejoint name='root'/><site name='s'/>"
      "<inertial pos='0 0 0' mass='2' diaginertia='0.02 0.03 0.04'/>"
      "<body name='arm' pos='0.1 0 0'><joint name='elbow' type='hinge' axis='0 1 0' damping='%.17g'/>"
      "<inertial pos='0 0 -0.2' mass='%.17g' diaginertia='%.17g 0.02 0.015'/>"
      "<geom name='pad' size='0.01'/></body></body></worldbody>"
      "<actuator><general name='lift' site='s' gear='0 0 1 0 0 0' gainprm='%.17g' biastype='affine' biasprm='1 0 -2'/>"
      "</actuator></mujoco>",
      gravity, damping, mass, inertia, gain);
  return load_text(text);
}

static void find_five(lb_phys_field fields[5], const lb_phys_model* model) {
  assert_ok(lb_phys_field_find(&fields[0], model, LB_PHYS_BODY, "arm", "mass", 0));
  assert_ok(lb_phys_field_find(&fields[1], model, LB_PHYS_BODY, "arm", "inertia", 0));
  assert_ok(lb_phys_field_find(&fields[2], model, LB_PHYS_JOINT, "elbow", "damping", 0));
  assert_ok(lb_phys_field_find(&fields[3], model, LB_PHYS_ACTUATOR, "lift", "gainprm", 0));
  assert_ok(lb_phys_field_find_option(&fields[4], model, "gravity", 2));
}

static void step_from_somewhere(double next[15], const lb_phys_model* model) {
  static const int lift[1] = {0};
  lb_phys_rate rate = {.frame_skip = 10, .nu = 1, .actuators = lift};
  lb_phys_map* map;
  lb_space space = lb_phys_model_space(model);
  lb_rng rng = lb_rng_stream(7, LB_RNG_TEST, 0, 0);
  double x[15], dx[14], u[1] = {0.7};
  lb_phys_model_start(model, x);
  draw(&rng, dx, 14, 1);
  lb_space_displace(&space, x, x, dx);
  assert_ok(lb_phys_map_new(&map, model, &rate, NULL));
  lb_phys_map_step(map, 1, x, u, next);
  lb_phys_map_free(map);
}

static void a_changed_model_moves_as_a_compiled_one(void** state) {
  (void)state;
  static const double before[5] = {0.3, 0.02, 0.1, 3, -9.81}, after[5] = {0.9, 0.033, 0.4, 5, -3};
  lb_phys_model* model = compile_with(0.3, 0.02, 0.1, 3, -9.81);
  lb_phys_model* wanted = compile_with(0.9, 0.033, 0.4, 5, -3);
  lb_phys_field fields[5];
  lb_phys_editor* editor;
  double first[15], changed[15], want[15];
  find_five(fields, model);
  for (int i = 0; i < 5; ++i) assert_true(lb_phys_field_get(model, &fields[i]) == before[i]);
  assert_ok(lb_phys_editor_new(&editor, model, 5, fields));
  step_from_somewhere(first, model);
  assert_true(lb_phys_editor_set(editor, after));
  step_from_somewhere(changed, model);
  step_from_somewhere(want, wanted);
  for (int i = 0; i < 15; ++i) assert_true(fabs(changed[i] - want[i]) < 1e-13);
  assert_true(fabs(changed[9] - first[9]) > 1e-3);
  assert_true(lb_phys_editor_set(editor, before));
  step_from_somewhere(changed, model);
  assert_memory_equal(first, changed, sizeof first);
  lb_phys_editor_free(editor);
  lb_phys_model_free(wanted);
  lb_phys_model_free(model);
}

static void impossible_values_change_nothing(void** state) {
  (void)state;
  static const double bad[][5] = {{0, 0.02, 0.1, 3, -9.81},  {-1, 0.02, 0.1, 3, -9.81},      {0.3, 0, 0.1, 3, -9.81},
                                  {0.3, NAN, 0.1, 3, -9.81}, {0.3, 0.02, 0.1, INFINITY, -1}, {0.4, 0.02, 0.1, 3, NAN}};
  lb_phys_model* model = compile_with(0.3, 0.02, 0.1, 3, -9.81);
  lb_phys_field fields[5], friction;
  lb_phys_editor* editor;
  find_five(fields, model);
  assert_ok(lb_phys_editor_new(&editor, model, 5, fields));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    assert_false(lb_phys_editor_set(editor, bad[i]));
    assert_true(lb_phys_field_get(model, &fields[0]) == 0.3 && lb_phys_field_get(model, &fields[3]) == 3);
  }
  lb_phys_editor_free(editor);
  assert_ok(lb_phys_field_find(&friction, model, LB_PHYS_GEOM, "pad", "friction", 0));
  assert_ok(lb_phys_editor_new(&editor, model, 1, &friction));
  double below = -0.1, zero = 0;
  assert_false(lb_phys_editor_set(editor, &below));
  assert_true(lb_phys_editor_set(editor, &zero));
  lb_phys_editor_free(editor);
  lb_phys_model_free(model);
}

static void wrong_names_are_told_the_nearest(void** state) {
  (void)state;
  lb_phys_model* model = compile_with(0.3, 0.02, 0.1, 3, -9.81);
  lb_phys_field f;
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_BODY, "arn", "mass", 0), LB_INPUT,
                "the model has no body 'arn' (did you mean 'arm'?)");
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_BODY, "arm", "mas", 0), LB_INPUT,
                "body 'arm' has no parameter 'mas' (did you mean 'mass'?)");
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_ACTUATOR, "lift", "gainprn", 0), LB_INPUT,
                "actuator 'lift' has no parameter 'gainprn' (did you mean 'gainprm'?)");
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_BODY, "arm", "inertia", 3), LB_INPUT,
                "'inertia' of body 'arm' has entries 0 to 2, not 3");
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_JOINT, "root", "damping", 6), LB_INPUT,
                "'damping' of joint 'root' has entries 0 to 5, not 6");
  check_failure(lb_phys_field_find_option(&f, model, "gravty", 0), LB_INPUT, "did you mean 'gravity'?");
  check_failure(lb_phys_field_find_option(&f, model, "gravity", 3), LB_INPUT,
                "'gravity' of the option has entries 0 to 2, not 3");
  // What MuJoCo computes by itself, quaternions and whole numbers are no parameters.
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_BODY, "arm", "subtreemass", 0), LB_INPUT, "no parameter");
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_BODY, "arm", "quat", 0), LB_INPUT, "no parameter");
  check_failure(lb_phys_field_find(&f, model, LB_PHYS_BODY, "arm", "parentid", 0), LB_INPUT, "no parameter");
  lb_phys_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      simulated_test(a_changed_model_moves_as_a_compiled_one),
      simulated_test(impossible_values_change_nothing),
      simulated_test(wrong_names_are_told_the_nearest),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
