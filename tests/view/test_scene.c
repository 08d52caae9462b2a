// What is drawn: pictures are of the state that was posed, the same every time; a body that is raised is raised in the
// picture; what is said over a picture covers its corners and nothing else. Skipped where there is no OpenGL.
// clang-format off
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "io/file.h"
#include "task/task.h"
#include "view/offscreen.h"
#include "view/overlay.h"
#include "view/play.h"
#include "view/scene.h"

enum { WIDTH = 160, HEIGHT = 120, WIDE = 420, HIGH = 260 };

typedef struct fixture {
  lb_offscreen offscreen;
  lb_system* system;
  lb_scene* scene;
  double x[64];
} fixture;

static fixture f;

static int set_up(void** state) {
  (void)state;
  f = (fixture){0};
  lb_status status = lb_offscreen_open(&f.offscreen);
  if (status.code != LB_OK) {
    fprintf(stderr, "SKIPPED, nothing is drawn: %s\n", status.text);
    return 0;
  }
  assert_int_equal(lb_task_open(&f.system, LB_SOURCE_DIR "/models", "hopper").code, LB_OK);
  assert_int_equal(lb_scene_new(&f.scene, f.system).code, LB_OK);
  assert_int_equal(lb_scene_ready(f.scene, WIDE, HIGH, true).code, LB_OK);
  f.system->reset(f.system->self, NULL);
  f.system->get_state(f.system->self, f.x);
  return 0;
}

static int tear_down(void** state) {
  (void)state;
  lb_scene_free(f.scene);
  lb_system_free(f.system);
  lb_offscreen_close(&f.offscreen);
  return 0;
}

static lb_picture draw(const double* x, int width, int height) {
  lb_picture p;
  assert_int_equal(lb_picture_new(&p, width, height).code, LB_OK);
  lb_scene_pose(f.scene, x, NULL, 0);
  lb_scene_draw(f.scene, 0, 0, width, height);
  lb_scene_read(f.scene, &p);
  return p;
}

// Mean row of the pixels that have the hopper's orange: much more red than blue.
static double height_of_body(const lb_picture* p, int* n) {
  double sum = 0;
  *n = 0;
  for (int i = 0; i < p->width * p->height; ++i) {
    if (p->rgb[3 * i] < p->rgb[3 * i + 2] + 70) continue;
    sum += i / p->width;
    *n += 1;
  }
  return *n > 0 ? sum / *n : NAN;
}

static void a_raised_body_is_higher_in_the_picture(void** state) {
  (void)state;
  int n, m;
  if (!f.scene) skip();
  assert_int_equal(lb_scene_look(f.scene, "free").code, LB_OK);
  double raised[64];
  memcpy(raised, f.x, sizeof raised);
  raised[1] += 0.5;  // rootz, m
  lb_picture a = draw(f.x, WIDTH, HEIGHT), b = draw(raised, WIDTH, HEIGHT), again = draw(f.x, WIDTH, HEIGHT);
  double low = height_of_body(&a, &n), high = height_of_body(&b, &m);
  assert_true(n > 30 && m > 30);
  assert_true(high < low - 3);
  assert_memory_equal(a.rgb, again.rgb, 3 * WIDTH * HEIGHT);
  lb_picture_free(&a);
  lb_picture_free(&b);
  lb_picture_free(&again);
}

static void a_camera_that_follows_keeps_the_body_in_the_middle(void** state) {
  (void)state;
  int n, m;
  if (!f.scene) skip();
  assert_int_equal(lb_scene_look(f.scene, "track").code, LB_OK);
  double away[64];
  memcpy(away, f.x, sizeof away);
  away[0] += 7;  // rootx, m
  lb_picture a = draw(f.x, WIDTH, HEIGHT), b = draw(away, WIDTH, HEIGHT);
  assert_true(fabs(height_of_body(&a, &n) - height_of_body(&b, &m)) < 2);
  assert_true(n > 30 && abs(n - m) < 20);
  lb_picture_free(&a);
  lb_picture_free(&b);
}

static void words_and_bars_stand_at_the_edges(void** state) {
  (void)state;
  if (!f.scene) skip();
  assert_int_equal(lb_scene_look(f.scene, "side").code, LB_OK);
  lb_play_moment m;
  assert_int_equal(lb_play_moment_new(&m, f.system).code, LB_OK);
  memcpy(m.x, f.x, (size_t)f.system->space.nx * sizeof(double));
  m.t = 3;
  m.nterms = 2;
  m.names[0] = "forward";
  m.names[1] = "control";
  m.terms[0] = 2;
  m.terms[1] = -1;
  m.u[0] = 1;
  m.over = m.terminated = true;
  snprintf(m.why, sizeof m.why, "does not hold: qpos");
  lb_picture bare = draw(m.x, WIDE, HIGH), said;
  lb_overlay_place place = {0, 0, WIDE, HIGH};
  assert_int_equal(lb_picture_new(&said, WIDE, HIGH).code, LB_OK);
  lb_scene_draw(f.scene, 0, 0, WIDE, HIGH);
  lb_overlay_draw(f.scene, &place, &m, "a title", "paused");
  lb_scene_read(f.scene, &said);
  int upper_left = 0, upper_right = 0, lower_left = 0, lower_right = 0, green = 0, orange = 0;
  for (int y = 0; y < HIGH; ++y) {
    for (int x = 0; x < WIDE; ++x) {
      const unsigned char *a = bare.rgb + 3 * (y * WIDE + x), *b = said.rgb + 3 * (y * WIDE + x);
      if (memcmp(a, b, 3) == 0) continue;
      *(y < HIGH * 2 / 3 ? (x < WIDE * 3 / 5 ? &upper_left : &upper_right)
                         : (x < WIDE * 3 / 4 ? &lower_left : &lower_right)) += 1;
      green += b[1] > b[0] + 60 && b[1] > b[2] + 60;
      orange += b[0] > b[2] + 100;
    }
  }
  assert_true(upper_left > 1000 && upper_right > 500 && lower_left > 500);
  assert_int_equal(lower_right, 0);
  // The bar of 2 is full and that of -1 half so long: 45 and 22 columns of 13 rows; that of a control at its limit
  // full.
  assert_in_range(green, 750, 1000);
  assert_in_range(orange, 450, 750);
  lb_picture_free(&bare);
  lb_picture_free(&said);
  lb_play_moment_free(&m);
}

static void what_cannot_be_drawn_says_why(void** state) {
  (void)state;
  lb_scene* none;
  lb_system* s;
  assert_int_equal(lb_task_open(&s, LB_SOURCE_DIR "/models", "helicopter-hover-2023").code, LB_OK);
  lb_status status = lb_scene_new(&none, s);
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "nothing to draw"));
  lb_system_free(s);
  if (!f.scene) skip();
  status = lb_scene_look(f.scene, "sid");
  assert_int_equal(status.code, LB_INPUT);
  assert_non_null(strstr(status.text, "free, track, side"));
}

static int count_glass(const lb_picture* p) {
  int n = 0;
  for (int i = 0; i < p->width * p->height; ++i) n += p->rgb[3 * i + 2] > p->rgb[3 * i] + 15 && p->rgb[3 * i + 2] < 190;
  return n;
}

static void what_is_imagined_is_of_glass_beside_the_body(void** state) {
  (void)state;
  if (!f.scene) skip();
  assert_int_equal(lb_scene_look(f.scene, "side").code, LB_OK);
  double beside[64];
  memcpy(beside, f.x, sizeof beside);
  beside[0] += 0.5;  // rootx, m
  lb_picture bare = draw(f.x, WIDTH, HEIGHT), both, again;
  assert_int_equal(lb_picture_new(&both, WIDTH, HEIGHT).code, LB_OK);
  lb_scene_pose(f.scene, f.x, NULL, 0);
  lb_scene_haunt(f.scene, beside);
  lb_scene_draw(f.scene, 0, 0, WIDTH, HEIGHT);
  lb_scene_read(f.scene, &both);
  assert_true(count_glass(&both) > count_glass(&bare) + 30);
  again = draw(f.x, WIDTH, HEIGHT);  // the next pose is without it
  assert_memory_equal(bare.rgb, again.rgb, 3 * WIDTH * HEIGHT);
  lb_picture_free(&bare);
  lb_picture_free(&both);
  lb_picture_free(&again);
}

// A picture of a task's start by a scene of its own.
static lb_picture draw_start(const char* models, const char* task, int width, int height) {
  lb_system* s;
  lb_scene* scene;
  lb_picture p;
  double x[64];
  assert_int_equal(lb_task_open(&s, models, task).code, LB_OK);
  assert_int_equal(lb_scene_new(&scene, s).code, LB_OK);
  assert_int_equal(lb_scene_ready(scene, width, height, true).code, LB_OK);
  assert_int_equal(lb_picture_new(&p, width, height).code, LB_OK);
  s->reset(s->self, NULL);
  s->get_state(s->self, x);
  lb_scene_pose(scene, x, NULL, 0);
  lb_scene_draw(scene, 0, 0, width, height);
  lb_scene_read(scene, &p);
  lb_scene_free(scene);
  lb_system_free(s);
  return p;
}

static int sum_at(const lb_picture* p, int x, int y) {
  const unsigned char* at = p->rgb + 3 * (y * p->width + x);
  return at[0] + at[1] + at[2];
}

static void the_ground_has_no_speckles(void** state) {
  (void)state;
  if (!f.scene) skip();
  lb_picture p = draw_start(LB_SOURCE_DIR "/models", "pendulum-swingup", 450, 300);
  for (int y = 240; y < 300; ++y) {
    for (int x = 0; x < 200; ++x) assert_true(sum_at(&p, x, y) > 120);
  }
  lb_picture_free(&p);
}

static void write_file(const char* path, const char* text) {
  FILE* file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void a_model_without_light_is_not_dark(void** state) {
  (void)state;
  if (!f.scene) skip();
  char folder[] = "/tmp/lb_dark_XXXXXX", path[300];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/pole", folder);
  assert_int_equal(lb_folder_make(path).code, LB_OK);
  snprintf(path, sizeof path, "%s/pole/pole.xml", folder);
  write_file(path,
             "<mujoco><worldbody><body name='pole'><joint name='hinge' axis='0 1 0'/><geom type='capsule' size='0.05' "
             "fromto='0 0 0 0 0 -0.4'/></body></worldbody><actuator><motor name='motor' joint='hinge' "
             "ctrlrange='-1 1' ctrllimited='true'/></actuator></mujoco>");
  snprintf(path, sizeof path, "%s/pole/task.json", folder);
  write_file(
      path,
      "{\"name\": \"pole\", \"version\": 1, \"description\": \"a pole in the dark\", \"model\": \"pole.xml\", "
      "\"frame_skip\": 5, \"horizon\": 50, \"controls\": [\"motor\"], \"observation\": [{\"signal\": \"qpos\"}], "
      "\"reward\": [{\"name\": \"still\", \"signal\": \"qpos\", \"norm\": \"squared\", \"weight\": -1}]}");
  lb_picture p = draw_start(folder, "pole", 80, 60);
  double all = 0;
  int darkest = 765;
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 80; ++x) {
      all += sum_at(&p, x, y);
      if (sum_at(&p, x, y) < darkest) darkest = sum_at(&p, x, y);
    }
  }
  assert_true(all / (60 * 80) > 350);
  assert_true(darkest > 60 && darkest < 400);  // the pole, lit
  lb_picture_free(&p);
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
}

// The share of the picture's height that what is red takes.
static double share_of_red(const lb_picture* p) {
  int top = p->height, bottom = 0;
  for (int i = 0; i < p->width * p->height; ++i) {
    if (p->rgb[3 * i] < 2 * p->rgb[3 * i + 1] + 40) continue;
    if (i / p->width < top) top = i / p->width;
    bottom = i / p->width;
  }
  return bottom >= top ? (double)(bottom - top + 1) / p->height : 0;
}

// A robot of 20 cm in halls of very different sizes fills as much of the picture: it is followed by its own size.
static void a_small_robot_in_a_big_arena_is_no_dot(void** state) {
  (void)state;
  static const double halls[] = {2, 20, 200};
  if (!f.scene) skip();
  for (int i = 0; i < 3; ++i) {
    char folder[] = "/tmp/lb_hall_XXXXXX", path[300], model[900];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/rover", folder);
    assert_int_equal(lb_folder_make(path).code, LB_OK);
    snprintf(path, sizeof path, "%s/rover/rover.xml", folder);
    snprintf(model, sizeof model,
             "<mujoco><worldbody><light pos='0 0 3'/><geom type='plane' size='%g %g 1'/><geom type='box' size='0.1 %g "
             "0.5' pos='%g 0 0.5'/><body name='rover' pos='0 0 0.1'><joint name='x' type='slide' axis='1 0 0'/><geom "
             "type='sphere' size='0.1' rgba='1 0 0 1'/></body></worldbody><actuator><motor name='motor' joint='x' "
             "ctrlrange='-1 1' ctrllimited='true'/></actuator></mujoco>",
             halls[i], halls[i], halls[i], halls[i]);
    write_file(path, model);
    snprintf(path, sizeof path, "%s/rover/task.json", folder);
    write_file(path,
               "{\"name\": \"rover\", \"version\": 1, \"description\": \"a ball in a hall\", \"model\": "
               "\"rover.xml\", \"frame_skip\": 5, \"horizon\": 50, \"controls\": [\"motor\"], \"observation\": "
               "[{\"signal\": \"qpos\"}], \"reward\": [{\"name\": \"still\", \"signal\": \"qpos\", \"norm\": "
               "\"squared\", \"weight\": -1}]}");
    lb_picture p = draw_start(folder, "rover", 160, 120);
    double share = share_of_red(&p);
    if (!(share > 0.3 && share < 0.5)) fail_msg("in a hall of %g m the robot takes %g of the picture", halls[i], share);
    lb_picture_free(&p);
    assert_int_equal(lb_folder_remove(folder).code, LB_OK);
  }
}

// How far a ball of 0.3 m is watched from, between four walls of a hall that is so wide, or over a slab.
static double standoff_in(const char* folder, double wide, bool has_slab) {
  char path[600], text[2000];
  snprintf(path, sizeof path, "%s/hall", folder);
  assert_int_equal(lb_folder_make(path).code, LB_OK);
  double half = wide / 2;
  int n = snprintf(text, sizeof text,
                   "<mujoco><worldbody><geom type='plane' size='0 0 1'/>"
                   "<body pos='0 0 0.3'><joint name='x' type='slide' axis='1 0 0'/><geom size='0.3'/></body>");
  for (int i = 0; wide > 0 && i < 4; ++i) {
    double x = i < 2 ? (i ? half : -half) : 0, y = i < 2 ? 0 : i == 2 ? half : -half;
    n += snprintf(text + n, sizeof text - (size_t)n, "<geom type='box' pos='%g %g 0.5' size='%g %g 0.5'/>", x, y,
                  i < 2 ? 0.01 : half, i < 2 ? half : 0.01);
  }
  if (has_slab) n += snprintf(text + n, sizeof text - (size_t)n, "<geom type='box' pos='0 0 -1' size='50 50 1'/>");
  snprintf(text + n, sizeof text - (size_t)n, "</worldbody><actuator><motor name='m' joint='x'/></actuator></mujoco>");
  snprintf(path, sizeof path, "%s/hall/model.xml", folder);
  assert_int_equal(lb_file_replace(path, text, strlen(text)).code, LB_OK);
  static const char task[] =
      "{\"name\": \"hall\", \"version\": 1, \"description\": \"a ball\", \"model\": \"model.xml\", \"frame_skip\": 1,"
      " \"horizon\": 10, \"controls\": [\"m\"], \"reward\": [{\"signal\": \"qpos\", \"weight\": 1}]}";
  snprintf(path, sizeof path, "%s/hall/task.json", folder);
  assert_int_equal(lb_file_replace(path, task, strlen(task)).code, LB_OK);
  lb_system* system;
  lb_scene* scene;
  assert_int_equal(lb_task_open(&system, folder, "hall").code, LB_OK);
  assert_int_equal(lb_scene_new(&scene, system).code, LB_OK);
  double standoff = scene->standoff;
  lb_scene_free(scene);
  lb_system_free(system);
  return standoff;
}

// Six radii in the open and in a hall; among walls so far that one sees them all, or thirty radii of them.
static void a_camera_that_follows_shows_the_walls_that_are_near(void** state) {
  (void)state;
  char folder[300];
  assert_int_equal(lb_folder_temporary(folder, "halls").code, LB_OK);
  double r = 0.3, corner = sqrt(2 * 1.01 * 1.01 + 0.7 * 0.7);
  assert_true(fabs(standoff_in(folder, 0, true) - 6 * r) < 1e-9);
  assert_true(fabs(standoff_in(folder, 20, false) - 6 * r) < 1e-9);
  assert_true(fabs(standoff_in(folder, 200, false) - 6 * r) < 1e-9);
  double small = standoff_in(folder, 2, false);
  assert_true(small > 6 * r && small <= 2.4 * corner && small > 1.3 * corner);
  assert_int_equal(lb_folder_remove(folder).code, LB_OK);
}

static void a_ball_in_a_maze_is_shown_with_its_corridors(void** state) {
  (void)state;
  static const struct {
    const char* name;
    double radius;
  } mazes[] = {{"serpentine", 0.15}, {"pointmaze-large", 0.1}};
  for (int i = 0; i < 2; ++i) {
    lb_system* system;
    lb_scene* scene;
    assert_int_equal(lb_task_open(&system, LB_SOURCE_DIR "/models", mazes[i].name).code, LB_OK);
    assert_int_equal(lb_scene_new(&scene, system).code, LB_OK);
    assert_true(fabs(scene->standoff - 30 * mazes[i].radius) < 1e-6);
    lb_scene_free(scene);
    lb_system_free(system);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_raised_body_is_higher_in_the_picture),
      cmocka_unit_test(a_camera_that_follows_keeps_the_body_in_the_middle),
      cmocka_unit_test(a_camera_that_follows_shows_the_walls_that_are_near),
      cmocka_unit_test(a_ball_in_a_maze_is_shown_with_its_corridors),
      cmocka_unit_test(words_and_bars_stand_at_the_edges),
      cmocka_unit_test(what_is_imagined_is_of_glass_beside_the_body),
      cmocka_unit_test(what_cannot_be_drawn_says_why),
      cmocka_unit_test(the_ground_has_no_speckles),
      cmocka_unit_test(a_model_without_light_is_not_dark),
      cmocka_unit_test(a_small_robot_in_a_big_arena_is_no_dot),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
