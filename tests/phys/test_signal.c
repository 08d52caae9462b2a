// The table of signals: names lead to MuJoCo's own arrays, elements to their places in them, and a state by itself
// gives the same numbers at the level that a signal asks for as a whole mj_forward does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h needs the four above.
#include <cmocka.h>
#include <mujoco/mujoco.h>

#include "fixture.h"
#include "phys/signal.h"

// A free body with a leg on a hinge, above a floor that the foot can touch.
static const char walker[] =
    "<mujoco><option timestep='0.01'/><worldbody><geom name='floor' type='plane' size='5 5 1'/>"
    "<body name='trunk' pos='0 0 0.5'><freejoint name='root'/><geom name='belly' size='0.1' mass='2'/>"
    "<site name='eye' pos='0.1 0 0'/>"
    "<body name='leg' pos='0 0 -0.1'><joint name='hip' axis='0 1 0' damping='0.3' armature='0.01'/>"
    "<geom name='shin' type='capsule' fromto='0 0 0 0 0 -0.35' size='0.04' mass='0.5'/></body></body></worldbody>"
    "<actuator><position name='servo' joint='hip' kp='2'/><motor name='spare' joint='hip'/></actuator>"
    "<sensor><gyro name='gyro' site='eye'/><touch name='touch' site='eye'/></sensor></mujoco>";

static const int spare_only[] = {1};

static lb_phys_rate rate_of(void) {
  return (lb_phys_rate){.frame_skip = 1, .nu = 1, .actuators = spare_only};
}

static const lb_phys_signal* find(const char* name) {
  const lb_phys_signal* signal;
  assert_ok(lb_phys_signal_find(&signal, name));
  assert_string_equal(signal->name, name);
  return signal;
}

static void check_place(const lb_phys_model* model, const char* signal, const char* name, int first, int n) {
  int got_first, got_n;
  lb_phys_rate rate = rate_of();
  assert_ok(lb_phys_signal_element(find(signal), &got_first, &got_n, model, &rate, name));
  assert_int_equal(got_first, first);
  assert_int_equal(got_n, n);
}

static void elements_have_their_places(void** state) {
  (void)state;
  lb_phys_model* model = load_text(walker);
  check_place(model, "qpos", "root", 0, 7);
  check_place(model, "qpos", "hip", 7, 1);
  check_place(model, "qvel", "root", 0, 6);
  check_place(model, "qvel", "hip", 6, 1);
  check_place(model, "xpos", "world", 0, 3);
  check_place(model, "xpos", "leg", 6, 3);
  check_place(model, "cinert", "trunk", 10, 10);
  check_place(model, "cfrc_ext", "leg", 12, 6);
  check_place(model, "geom_xpos", "shin", 6, 3);
  check_place(model, "site_xmat", "eye", 0, 9);
  check_place(model, "sensordata", "gyro", 0, 3);
  check_place(model, "sensordata", "touch", 3, 1);
  check_place(model, "ctrl", "spare", 1, 1);
  check_place(model, "actuator_force", "servo", 0, 1);
  check_place(model, "action", "spare", 0, 1);
  lb_phys_rate rate = rate_of();
  assert_int_equal(lb_phys_signal_rows(find("qpos"), model, &rate), 8);
  assert_int_equal(lb_phys_signal_rows(find("qvel"), model, &rate), 7);
  assert_int_equal(lb_phys_signal_rows(find("xpos"), model, &rate), 3);
  assert_int_equal(lb_phys_signal_rows(find("act"), model, &rate), 0);
  assert_int_equal(lb_phys_signal_rows(find("action"), model, &rate), 1);
  assert_int_equal(lb_phys_signal_rows(find("healthy"), model, &rate), 1);
  lb_phys_model_free(model);
}

static void what_is_not_there_is_named(void** state) {
  (void)state;
  const lb_phys_signal* signal;
  int first, n;
  lb_phys_rate rate = rate_of();
  lb_phys_model* model = load_text(walker);
  check_failure(lb_phys_signal_find(&signal, "qpso"), LB_INPUT, "there is no signal 'qpso' (did you mean 'qpos'?)");
  check_failure(lb_phys_signal_find(&signal, "zzzzzzzzzz"), LB_INPUT, "there is no signal 'zzzzzzzzzz'");
  check_failure(lb_phys_signal_element(find("qpos"), &first, &n, model, &rate, "hp"), LB_INPUT,
                "the model has no joint 'hp' (did you mean 'hip'?)");
  check_failure(lb_phys_signal_element(find("sensordata"), &first, &n, model, &rate, "gryo"), LB_INPUT,
                "the model has no sensor 'gryo' (did you mean 'gyro'?)");
  check_failure(lb_phys_signal_element(find("action"), &first, &n, model, &rate, "servo"), LB_INPUT,
                "actuator 'servo' is not among $.controls");
  check_failure(lb_phys_signal_element(find("act"), &first, &n, model, &rate, "servo"), LB_INPUT,
                "actuator 'servo' has no activation");
  check_failure(lb_phys_signal_element(find("healthy"), &first, &n, model, &rate, "x"), LB_INPUT, "without names");
  lb_phys_model_free(model);
}

static void names_lead_to_the_arrays(void** state) {
  (void)state;
  lb_phys_model* model = load_text(walker);
  lb_phys_rate rate = rate_of();
  lb_phys_sim* sim;
  assert_ok(lb_phys_sim_new(&sim, model, &rate));
  const mjData* d = lb_phys_sim_raw(sim);
  double action = 3;
  lb_phys_view view = {.data = d, .action = &action, .healthy = 0.5};
  const struct {
    const char* name;
    const double* array;
  } pairs[] = {{"qpos", d->qpos},
               {"qvel", d->qvel},
               {"ctrl", d->ctrl},
               {"xpos", d->xpos},
               {"xquat", d->xquat},
               {"xmat", d->xmat},
               {"xipos", d->xipos},
               {"subtree_com", d->subtree_com},
               {"geom_xpos", d->geom_xpos},
               {"geom_xmat", d->geom_xmat},
               {"site_xpos", d->site_xpos},
               {"site_xmat", d->site_xmat},
               {"cinert", d->cinert},
               {"cvel", d->cvel},
               {"actuator_force", d->actuator_force},
               {"qfrc_actuator", d->qfrc_actuator},
               {"qfrc_passive", d->qfrc_passive},
               {"qfrc_constraint", d->qfrc_constraint},
               {"qacc", d->qacc},
               {"sensordata", d->sensordata},
               {"cfrc_ext", d->cfrc_ext},
               {"action", &action},
               {"healthy", &view.healthy}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; ++i) {
    assert_ptr_equal(lb_phys_signal_read(find(pairs[i].name), &view), pairs[i].array);
  }
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// Each signal after lb_phys_sim_look at its own level, beside the plain MuJoCo calls.
static void a_level_is_enough(void** state) {
  (void)state;
  lb_phys_model* model = load_text(walker);
  const mjModel* m = lb_phys_model_raw(model);
  lb_phys_rate rate = rate_of();
  lb_phys_sim* sim;
  assert_ok(lb_phys_sim_new(&sim, model, &rate));
  mjData* plain = mj_makeData(m);
  lb_rng rng = lb_rng_stream(4, LB_RNG_TEST, 0, 0);
  int contacts = 0;
  for (int trial = 0; trial < 20; ++trial) {
    double x[15] = {0, 0, 0.4, 1}, u = 2 * lb_rng_uniform(&rng) - 1;
    for (int i = 0; i < 15; ++i) x[i] += 0.1 * (2 * lb_rng_uniform(&rng) - 1);
    memcpy(plain->qpos, x, 8 * sizeof *x);
    memcpy(plain->qvel, x + 8, 7 * sizeof *x);
    memset(plain->qacc_warmstart, 0, 7 * sizeof *x);
    plain->ctrl[0] = 0;
    plain->ctrl[1] = u;
    mj_forward(m, plain);
    mj_rnePostConstraint(m, plain);
    contacts += plain->ncon;
    for (int k = 0; lb_phys_signal_at(k); ++k) {
      const lb_phys_signal* signal = lb_phys_signal_at(k);
      if (signal->member == 0 && strcmp(signal->name, "qpos") != 0) continue;
      lb_phys_view got = {.data = lb_phys_sim_raw(sim)}, want = {.data = plain};
      size_t n = (size_t)lb_phys_signal_rows(signal, model, &rate) * (size_t)signal->width;
      lb_phys_sim_begin(sim, x, 0);  // something else was computed there before
      lb_phys_sim_set(sim, x);
      assert_true(lb_phys_sim_look(sim, x, &u, signal->level));
      if (n > 0) assert_memory_equal(lb_phys_signal_read(signal, &got), lb_phys_signal_read(signal, &want), n * 8);
    }
  }
  assert_true(contacts > 5);
  mj_deleteData(plain);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

static void a_start_has_no_contact_forces_yet(void** state) {
  (void)state;
  lb_phys_model* model = load_text(walker);
  lb_phys_rate rate = rate_of();
  lb_phys_sim* sim;
  assert_ok(lb_phys_sim_new(&sim, model, &rate));
  const mjData* d = lb_phys_sim_raw(sim);
  double x[15] = {0, 0, 0.45, 1}, u = 0, most = 0;
  assert_true(lb_phys_sim_begin(sim, x, 0));
  lb_phys_sim_step(sim, &u);
  lb_phys_sim_contacts(sim);
  for (int i = 0; i < 18; ++i) most = fmax(most, fabs(d->cfrc_ext[i]));
  assert_true(most > 1);
  assert_true(lb_phys_sim_begin(sim, x, 0));
  for (int i = 0; i < 18; ++i) assert_true(d->cfrc_ext[i] == 0);
  assert_true(d->ncon > 0);
  x[2] = NAN;
  assert_false(lb_phys_sim_begin(sim, x, 0));
  assert_true(lb_phys_sim_diverged(sim));
  assert_false(lb_phys_sim_look(sim, x, NULL, LB_PHYS_FORWARD));
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// A step depends on the state and the warm start, and on nothing else that happened before.
static void the_warm_start_completes_the_state(void** state) {
  (void)state;
  lb_phys_model* model = load_text(walker);
  lb_phys_rate rate = rate_of();
  lb_phys_sim *sim, *other;
  assert_ok(lb_phys_sim_new(&sim, model, &rate));
  assert_ok(lb_phys_sim_new(&other, model, &rate));
  assert_int_equal(lb_phys_model_nwarm(model), 7);
  double x[15] = {0, 0, 0.45, 1, 0.02}, next[15], again[15], warm[7], u = 0.3;
  lb_phys_sim_set(sim, x);
  for (int t = 0; t < 50; ++t) {
    lb_phys_sim_get(sim, x);
    lb_phys_sim_get_warm(sim, warm);
    assert_true(lb_phys_sim_step(sim, &u));
    lb_phys_sim_get(sim, next);
    lb_phys_sim_begin(other, x, 0);
    lb_phys_sim_set_warm(other, warm);
    assert_true(lb_phys_sim_step(other, &u));
    lb_phys_sim_get(other, again);
    assert_memory_equal(next, again, sizeof next);
  }
  lb_phys_sim_free(other);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
  model = load_text(SPRINGS("Euler"));
  assert_int_equal(lb_phys_model_nwarm(model), 2);
  lb_phys_model_free(model);
  model = load_text(
      "<mujoco><worldbody><body><joint type='slide'/><inertial pos='0 0 0' mass='1' diaginertia='1 1 1'/>"
      "</body></worldbody></mujoco>");
  assert_int_equal(lb_phys_model_nwarm(model), 0);
  lb_phys_model_free(model);
}

static void velocities_are_clipped_before_a_step(void** state) {
  (void)state;
  lb_phys_model* model = load_text(SPRINGS("Euler"));
  const int both[] = {0, 1};
  lb_phys_rate rate = {.frame_skip = 3, .nu = 2, .actuators = both}, slow = rate;
  slow.max_velocity = 0.5;
  lb_phys_sim *sim, *clipped;
  assert_ok(lb_phys_sim_new(&sim, model, &rate));
  assert_ok(lb_phys_sim_new(&clipped, model, &slow));
  double fast[4] = {0.1, 0.2, 3, -4}, limited[4] = {0.1, 0.2, 0.5, -0.5}, u[2] = {1, 1}, a[4], b[4];
  lb_phys_sim_set(clipped, fast);
  lb_phys_sim_set(sim, limited);
  assert_true(lb_phys_sim_step(clipped, u) && lb_phys_sim_step(sim, u));
  lb_phys_sim_get(clipped, a);
  lb_phys_sim_get(sim, b);
  assert_memory_equal(a, b, sizeof a);
  assert_true(fabs(b[2]) > 0.5 || fabs(b[3]) > 0.5);  // what a step ends with is not clipped
  lb_phys_sim_free(clipped);
  lb_phys_sim_free(sim);
  lb_phys_model_free(model);
}

// A free and a ball joint, joints and an actuator without names, sensors of one, three, four and more numbers.
static const char limbs[] =
    "<mujoco><worldbody><body name='trunk'><freejoint name='root'/><geom size='0.1' mass='2'/><site name='eye'/>"
    "<body name='arm'><joint name='shoulder' type='ball'/><geom size='0.05' mass='0.5' pos='0.2 0 0'/>"
    "<body name='hand' pos='0.4 0 0'><joint axis='0 1 0'/><joint name='grip' type='slide' axis='0 0 1'/>"
    "<geom size='0.05' mass='0.5'/></body></body></body></worldbody>"
    "<actuator><general joint='grip' dyntype='integrator'/><motor name='turn' joint='grip'/></actuator>"
    "<sensor><gyro name='gyro' site='eye'/><framequat name='pose' objtype='site' objname='eye'/>"
    "<jointpos joint='grip'/><user name='mine' dim='2'/></sensor></mujoco>";

static void numbers_are_called_by_their_owners_and_components(void** state) {
  (void)state;
  static const int both[] = {1, 0};
  static const struct {
    const char* signal;
    int index;
    const char* label;
  } cases[] = {{"qpos", 0, "qpos of free joint root: x"},
               {"qpos", 3, "qpos of free joint root: quaternion w"},
               {"qpos", 6, "qpos of free joint root: quaternion z"},
               {"qpos", 7, "qpos of ball joint shoulder: quaternion w"},
               {"qpos", 11, "qpos of joint 2"},
               {"qpos", 12, "qpos of joint grip"},
               {"qvel", 2, "qvel of free joint root: linear z"},
               {"qvel", 3, "qvel of free joint root: angular x"},
               {"qvel", 7, "qvel of ball joint shoulder: angular y"},
               {"qacc", 10, "qacc of joint grip"},
               {"act", 0, "act of actuator grip"},
               {"ctrl", 1, "ctrl of actuator turn"},
               {"action", 0, "action of actuator turn"},
               {"action", 1, "action of actuator grip"},
               {"healthy", 0, "healthy"},
               {"xpos", 3, "xpos of body trunk: x"},
               {"xquat", 11, "xquat of body arm: quaternion z"},
               {"xmat", 9 + 5, "xmat of body trunk: yz"},
               {"cinert", 10 + 9, "cinert of body trunk: mass"},
               {"cinert", 10 + 6, "cinert of body trunk: mass times x"},
               {"cvel", 6 + 5, "cvel of body trunk: linear z"},
               {"cfrc_ext", 6 + 0, "cfrc_ext of body trunk: torque x"},
               {"site_xpos", 1, "site_xpos of site eye: y"},
               {"sensordata", 2, "sensor gyro: z"},
               {"sensordata", 3, "sensor pose: quaternion w"},
               {"sensordata", 7, "sensor 2"},
               {"sensordata", 9, "sensor mine: 1"}};
  lb_phys_model* model = load_text(limbs);
  lb_phys_rate rate = {.frame_skip = 1, .nu = 2, .actuators = both};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    lb_text text = {0};
    lb_phys_signal_label(find(cases[i].signal), &text, model, &rate, cases[i].index);
    assert_string_equal(text.data, cases[i].label);
    lb_text_free(&text);
  }
  lb_phys_model_free(model);
}

// Each number of each signal has a label of its own: nothing is called like something else.
static void no_two_numbers_have_one_label(void** state) {
  (void)state;
  static const int both[] = {0, 1};
  lb_phys_model* model = load_text(limbs);
  lb_phys_rate rate = {.frame_skip = 1, .nu = 2, .actuators = both};
  for (int k = 0; lb_phys_signal_at(k); ++k) {
    const lb_phys_signal* signal = lb_phys_signal_at(k);
    int n = signal->width * lb_phys_signal_rows(signal, model, &rate);
    lb_text* labels = calloc((size_t)n + 1, sizeof *labels);
    assert_non_null(labels);
    for (int i = 0; i < n; ++i) {
      lb_phys_signal_label(signal, &labels[i], model, &rate, i);
      for (int j = 0; j < i; ++j) assert_string_not_equal(labels[i].data, labels[j].data);
    }
    for (int i = 0; i < n; ++i) lb_text_free(&labels[i]);
    free(labels);
  }
  lb_phys_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_called_by_their_owners_and_components),
      cmocka_unit_test(no_two_numbers_have_one_label),
      simulated_test(elements_have_their_places),
      simulated_test(what_is_not_there_is_named),
      simulated_test(names_lead_to_the_arrays),
      simulated_test(a_level_is_enough),
      simulated_test(a_start_has_no_contact_forces_yet),
      simulated_test(the_warm_start_completes_the_state),
      simulated_test(velocities_are_clipped_before_a_step),
  };
  return cmocka_run_group_tests(tests, make_temporary_folder, remove_temporary_folder);
}
