// Loading MJCF: what is refused, in which words; names, spaces and keyframes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <math.h>

#include "fixture.h"
#include "phys/phys_model.h"

static void check_refused(const char* text, const char* words) {
  lb_phys_model* model;
  check_failure(lb_phys_model_load(&model, write_text("bad.xml", text), false), LB_INPUT, words);
  assert_null(model);
}

static void bad_files_give_one_line(void** state) {
  (void)state;
  lb_phys_model* model;
  lb_status status = lb_phys_model_load(&model, temporary("nowhere.xml"), false);
  check_failure(status, LB_INPUT, "nowhere.xml");
  check_refused("", "bad.xml: the file is empty, expected an MJCF model");
  check_refused(" \n \t\n", "bad.xml: the file is empty");
  check_refused("<mujoco>\n<worldbody>\n</mujoco>", "bad.xml: |Line number=2");
  check_refused("this is no XML", "bad.xml: ");
  check_refused("<mujoco>\n<worldbdy/>\n</mujoco>", "bad.xml: Schema violation|'worldbdy', line 2");
  check_refused("<mujoco>\n<worldbody>\n<body>\n<joint typ='hinge'/></body></worldbody></mujoco>",
                "bad.xml: Schema violation|'typ'|line 4");
  check_refused("<mujoco><worldbody>\n<geom size='a'/></worldbody></mujoco>", "bad.xml: |line 2");
}

static void no_message_has_a_line_end(void** state) {
  (void)state;
  static const char* const texts[] = {"<mujoco>\n<worldbody>\n</mujoco>", "<mujoco>\n<worldbdy/>\n</mujoco>",
                                      "<mujoco><worldbody><body><joint/></body></worldbody></mujoco>"};
  for (size_t i = 0; i < 3; ++i) {
    lb_phys_model* model;
    lb_status status = lb_phys_model_load(&model, write_text("bad.xml", texts[i]), false);
    assert_int_equal(status.code, LB_INPUT);
    assert_null(strchr(status.text, '\n'));
  }
}

static void models_that_cannot_be_compiled(void** state) {
  (void)state;
  check_refused("<mujoco><worldbody>\n<body name='b'><joint/></body></worldbody></mujoco>", "bad.xml: |mass|'b'");
  check_refused(
      "<mujoco><worldbody><body><joint name='j'/><geom size='1'/></body></worldbody>\n"
      "<actuator><motor joint='k'/></actuator></mujoco>",
      "bad.xml: |'k'");
  check_refused("<mujoco><worldbody><geom size='1'/></worldbody></mujoco>", "bad.xml: the model has no joint");
}

// MuJoCo reads archives by itself, so that nobody would notice when one has changed.
static void archives_are_refused(void** state) {
  (void)state;
  static const char zip[] = "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
  write_plainly(temporary("parts.zip"), zip, sizeof zip - 1);
  check_refused(
      "<mujoco><compiler meshdir='parts.zip'/><worldbody><body><joint/><geom size='1'/></body></worldbody></mujoco>",
      "bad.xml: takes a file from an archive|unpack it");
  lb_phys_model_free(
      load_text("<!-- from parts.zip, unpacked --><mujoco><worldbody><body><joint/><geom size='1'/>"
                "</body></worldbody></mujoco>"));
}

static void models_with_a_hidden_state(void** state) {
  (void)state;
  check_refused(
      "<mujoco><option><flag sleep='enable'/></option><worldbody><body><joint/><geom size='1'/></body>"
      "</worldbody></mujoco>",
      "bad.xml: the model uses sleeping, but a state here is (qpos, qvel, act)");
  check_refused(
      "<mujoco><worldbody><body><joint name='j' stiffness='1' springyield='0.1'/><geom size='1'/></body>"
      "</worldbody></mujoco>",
      "bad.xml: the model uses plasticity");
  check_refused(
      "<mujoco><worldbody><body><joint name='j'/><geom size='1'/></body></worldbody>"
      "<actuator><motor joint='j' delay='0.01' nsample='10'/></actuator></mujoco>",
      "bad.xml: the model uses delays");
}

static void names_are_found_or_the_nearest_is_told(void** state) {
  (void)state;
  lb_phys_model* model = load_text(FREE_AND_HINGE);
  int id;
  assert_ok(lb_phys_model_find(model, &id, LB_PHYS_JOINT, "elbow"));
  assert_int_equal(lb_phys_model_joint(model, id).type, LB_PHYS_HINGE);
  assert_int_equal(lb_phys_model_joint(model, id).dof, 6);
  assert_ok(lb_phys_model_find(model, &id, LB_PHYS_ACTUATOR, "spin"));
  assert_int_equal(id, 2);
  check_failure(lb_phys_model_find(model, &id, LB_PHYS_JOINT, "elbw"), LB_INPUT,
                "the model has no joint 'elbw' (did you mean 'elbow'?)");
  check_failure(lb_phys_model_find(model, &id, LB_PHYS_ACTUATOR, "xxxxxxxxx"), LB_INPUT,
                "the model has no actuator 'xxxxxxxxx'");
  check_failure(lb_phys_model_find(model, &id, LB_PHYS_TENDON, "t"), LB_INPUT, "it has no tendon at all");
  lb_phys_model_free(model);
}

static void what_is_only_seen_is_left_out(void** state) {
  (void)state;
  lb_phys_model* model = load_text(
      "<mujoco><worldbody><light name='sun'/><body name='b'><joint/><camera name='eye' mode='trackcom'/>"
      "<geom name='seen' size='1' contype='0' conaffinity='0'/><geom name='felt' "
      "size='1'/></body></worldbody></mujoco>");
  int id;
  assert_ok(lb_phys_model_find(model, &id, LB_PHYS_GEOM, "felt"));
  check_failure(lb_phys_model_find(model, &id, LB_PHYS_GEOM, "seen"), LB_INPUT, "no geom 'seen'");
  lb_phys_model_free(model);
}

// A sensor sees what is only drawn, or a task names it.
static void what_is_seen_by_someone_is_kept(void** state) {
  (void)state;
  static const char drawn[] =
      "<worldbody><geom name='wall' type='box' pos='2 0 0' size='0.1 1 1' contype='0' conaffinity='0'/>"
      "<body><joint type='slide' axis='1 0 0'/><geom size='0.1'/><site name='eye' pos='0.15 0 0' zaxis='1 0 0'/></body>"
      "</worldbody>";
  static const int sees[3] = {1, 0, 0}, whole[3] = {0, 1, 0};
  for (int k = 0; k < 3; ++k) {
    char text[1000];
    lb_phys_model* model;
    int id;
    snprintf(text, sizeof text, "<mujoco>%s%s</mujoco>", drawn,
             sees[k] ? "<sensor><rangefinder site='eye'/></sensor>" : "");
    assert_ok(lb_phys_model_load(&model, write_text("model.xml", text), whole[k]));
    assert_int_equal(lb_phys_model_find(model, &id, LB_PHYS_GEOM, "wall").code == LB_OK, sees[k] || whole[k]);
    lb_phys_model_free(model);
  }
}

// x + (y - x) = y, and the rotation part of a difference is the rotation vector in body axes.
static void space_is_consistent(void** state) {
  (void)state;
  lb_phys_model* model = load_text(FREE_AND_HINGE);
  lb_space space = lb_phys_model_space(model);
  lb_rng rng = lb_rng_stream(3, LB_RNG_TEST, 0, 0);
  double x[15], y[15], back[15], dx[14], again[14];
  assert_int_equal(space.nx, 15);
  assert_int_equal(space.ndx, 14);
  for (int trial = 0; trial < 100; ++trial) {
    lb_phys_model_start(model, x);
    draw(&rng, dx, 14, 1.5);
    lb_space_displace(&space, x, x, dx);
    assert_int_equal(lb_phys_model_bad_component(model, x), -1);
    draw(&rng, dx, 14, 1);
    lb_space_displace(&space, y, x, dx);
    lb_space_difference(&space, again, x, y);
    for (int i = 0; i < 14; ++i) assert_true(fabs(again[i] - dx[i]) < 1e-12);
    lb_space_displace(&space, back, x, again);
    for (int i = 0; i < 15; ++i) assert_true(fabs(back[i] - y[i]) < 1e-12);
  }
  lb_phys_model_start(model, x);
  memset(dx, 0, sizeof dx);
  dx[3] = 0.4;  // about body x
  lb_space_displace(&space, y, x, dx);
  assert_true(fabs(y[3] - cos(0.2)) < 1e-15 && fabs(y[4] - sin(0.2)) < 1e-15);
  y[4] *= 1.001;
  assert_int_equal(lb_phys_model_bad_component(model, y), 3);
  y[9] = NAN;
  assert_int_equal(lb_phys_model_bad_component(model, y), 9);
  lb_phys_model_free(model);
}

static void starts_and_keyframes(void** state) {
  (void)state;
  lb_phys_model* model = load_text(
      "<mujoco><worldbody><body><joint name='j' type='slide' ref='0.5'/><geom size='1'/></body></worldbody>"
      "<keyframe><key name='away' qpos='2' qvel='3'/></keyframe></mujoco>");
  double x[2];
  lb_phys_model_start(model, x);
  assert_true(x[0] == 0.5 && x[1] == 0);
  assert_ok(lb_phys_model_keyframe(model, x, "away"));
  assert_true(x[0] == 2 && x[1] == 3);
  check_failure(lb_phys_model_keyframe(model, x, "awy"), LB_INPUT, "no keyframe 'awy' (did you mean 'away'?)");
  lb_phys_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_files_give_one_line),
      cmocka_unit_test(no_message_has_a_line_end),
      cmocka_unit_test(models_that_cannot_be_compiled),
      cmocka_unit_test(archives_are_refused),
      cmocka_unit_test(models_with_a_hidden_state),
      simulated_test(names_are_found_or_the_nearest_is_told),
      simulated_test(what_is_only_seen_is_left_out),
      simulated_test(what_is_seen_by_someone_is_kept),
      simulated_test(space_is_consistent),
      simulated_test(starts_and_keyframes),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
