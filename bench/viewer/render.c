// bench render: pictures and films of an episode, without a display.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "io/file.h"
#include "io/json_writer.h"
#include "io/run_folder.h"
#include "options.h"
#include "root.h"
#include "view/offscreen.h"
#include "view/overlay.h"
#include "view/picture.h"
#include "view/scene.h"
#include "viewer.h"

// clang-format off
static const char text[] =
    "Draws an episode without a display (through EGL: on a graphics card, else in Mesa's software). --expert draws the\n"
    "recorded states, exactly; the others act in the real system, on the episodes that `bench eval` measures with the\n"
    "same seed. Drawing changes no result.\n\n"
    "--out says what comes out: NAME.png an animated picture (APNG: browsers and code hosts play it), with --filmstrip\n"
    "one picture of some moments side by side; NAME.mp4 a film, by ffmpeg; another name a folder of PNG files, one a\n"
    "frame. With --compare the words after the task are who acts, side by side on one seed: expert, random, zero, runs'\n"
    "folders and policies' files. With --suite every run below a folder gets a filmstrip.png of its final policy, six\n"
    "moments of 160x120 if nothing else is asked for, which the report's page shows.";
// clang-format on

static const char examples[] =
    "  bench render hopper --expert --out hopper.png\n"
    "  bench render humanoid --expert --filmstrip 6 --every 10 --size 200x200 --out humanoid.png\n"
    "  bench render hopper --run results/runs/single/hopper/sac/seed-0 --overlay --out hopper.mp4\n"
    "  bench render helicopter-hover --compare expert zero --out both.png\n"
    "  bench render --suite results/runs/quick";

static const char who[] = "--expert, --policy FILE, --run DIR, --random and --zero";

enum { MOST_TOGETHER = 8, LEAST_SIDE = 16, MOST_SIDE = 4096, MOST_FRAMES = 100000, STRIP = 6 };

typedef struct render_arguments {
  lb_actor_words words;
  uint64_t seed, episode;
  const char *size, *camera, *out;
  int every, frames, filmstrip, from;
  double zoom;
  const char* suite;  // a folder of runs
  bool compare, overlay, json, ghost, quiet;
} render_arguments;

// Where frames go.
typedef enum target { ANIMATION, STRIP_OF_MOMENTS, VIDEO, FILES } target;

typedef struct render {
  const render_arguments* arguments;
  char root[LB_BENCH_PATH], out[LB_BENCH_PATH + 200];
  lb_performer performers[MOST_TOGETHER];
  int n;
  int width, height;  // of one performer's picture
  int every;          // control steps from a frame to the next
  int limit;          // frames, at most
  int length;         // of the episode, in control steps; 0: nobody asked
  lb_offscreen offscreen;
  lb_scene* scene;
  target target;
  lb_picture part, frame;
  lb_animation animation;
  lb_video video;
  lb_picture* strip;            // (limit) of a filmstrip
  double* gaps[MOST_TOGETHER];  // (steps since the first frame) of what is imagined; NULL: nothing is
  int drawn;
  lb_text frames;  // as JSON
} render;

// Whether the text has this ending.
static bool ends_in(const char* text_, const char* ending) {
  size_t n = strlen(text_), m = strlen(ending);
  return n >= m && strcmp(text_ + n - m, ending) == 0;
}

// Pixels of one picture.
static lb_status read_size(render* r) {
  char left;
  const char* size = r->arguments->size;
  r->width = 480;
  r->height = 360;
  if (!size) return lb_ok();
  if (sscanf(size, "%dx%d%c", &r->width, &r->height, &left) == 2 && r->width >= LEAST_SIDE && r->width <= MOST_SIDE &&
      r->height >= LEAST_SIDE && r->height <= MOST_SIDE) {
    return lb_ok();
  }
  return lb_fail(LB_INPUT, "--size '%s': should be WIDTHxHEIGHT in pixels, each from %d to %d: 480x360", size,
                 (int)LEAST_SIDE, (int)MOST_SIDE);
}

// Where it goes and as what: an animation, a film, files, a strip.
static lb_status find_target(render* r) {
  const render_arguments* a = r->arguments;
  const char* task = r->performers[0].system->name;
  if (a->out) {
    LB_TRY(lb_root_check_path(a->out, "--out"));
    snprintf(r->out, sizeof r->out, "%s", a->out);
  } else {
    char results[LB_BENCH_PATH];
    LB_TRY(lb_root_results(results, sizeof results, r->root));
    snprintf(r->out, sizeof r->out, "%s/results/runs/pictures/%s.png", results, task);
  }
  r->target = ends_in(r->out, ".png") ? ANIMATION : ends_in(r->out, ".mp4") ? VIDEO : FILES;
  if (a->filmstrip > 0) {
    if (r->target != ANIMATION) return lb_fail(LB_INPUT, "--out %s: a filmstrip is one picture: NAME.png", r->out);
    r->target = STRIP_OF_MOMENTS;
  }
  char folder[sizeof r->out];
  snprintf(folder, sizeof folder, "%s", r->out);
  char* end = strrchr(folder, '/');
  if (r->target == FILES) return lb_folder_make(r->out);
  if (!end || end == folder) return lb_ok();
  *end = '\0';
  return lb_folder_make(folder);
}

// Whether the episodes of all are over.
static bool all_over(const render* r) {
  for (int i = 0; i < r->n; ++i) {
    if (!lb_play_now(r->performers[i].play)->over) return false;
  }
  return true;
}

// One step, which the model imagines too.
static void step_one(render* r, int i) {
  const lb_performer* p = &r->performers[i];
  const lb_play_moment* m = lb_play_now(p->play);
  int t = m->t;
  lb_play_step(p->play);
  if (!r->gaps[i] || m->t == t || t < r->arguments->from) return;
  lb_ghost_step(p->ghost, t, m->u, m->x);
  r->gaps[i][m->t - r->arguments->from] = lb_ghost_gap(p->ghost);
}

// Steps that somebody can still take.
static void advance(render* r, int steps) {
  for (int k = 0; k < steps; ++k) {
    for (int i = 0; i < r->n; ++i) step_one(r, i);
  }
}

// Control steps until everybody's episode is over.
static int find_length(render* r) {
  int steps = 0;
  for (int i = 0; i < r->n; ++i) lb_play_begin(r->performers[i].play, (int)r->arguments->episode);
  for (; !all_over(r); ++steps) advance(r, 1);
  return steps;
}

// About 25 frames a second; the moments of a strip over the whole of what is left of the episode.
static void pace(render* r) {
  const render_arguments* a = r->arguments;
  const lb_system* s = r->performers[0].system;
  int usual = (int)lround(0.04 / s->dt);
  if (r->length > 0) usual = (r->length - a->from) / (a->filmstrip - 1);
  r->every = a->every > 0 ? a->every : usual > 1 ? usual : 1;
  r->limit = a->frames > 0 ? a->frames : 250;
  if (a->filmstrip > 0) r->limit = a->filmstrip;
}

// The task, and all who act in it.
static lb_status open_all(render* r, const lb_operands* o) {
  const render_arguments* a = r->arguments;
  const char* task = o->values[0];
  if (!a->compare) {
    if (o->n > 1) {
      return lb_fail(LB_INPUT, "'%s': one task at a time; several who act in it go with --compare", o->values[1]);
    }
    LB_TRY(lb_actors_check(&a->words, true, who));
    r->n = 1;
    return lb_performer_open(&r->performers[0], &a->words, false, r->root, task, a->seed);
  }
  lb_status none = lb_actors_check(&a->words, true, who);
  if (none.code == LB_OK) return lb_fail(LB_INPUT, "--compare takes who acts as words after the task, without %s", who);
  if (o->n < 3 || o->n > MOST_TOGETHER + 1) {
    return lb_fail(LB_INPUT, "--compare shows from two to %d who act: bench render %s --compare expert random",
                   (int)MOST_TOGETHER, task);
  }
  for (int i = 1; i < o->n; ++i) {
    lb_actor_words words = lb_performer_words(o->values[i]);
    LB_TRY(lb_performer_open(&r->performers[r->n], &words, true, r->root, task, a->seed));
    r->n += 1;
  }
  return lb_ok();
}

// Draws one who acts into his part of the frame.
static void draw_one(render* r, int i) {
  const lb_performer* p = &r->performers[i];
  const lb_play_moment* m = lb_play_now(p->play);
  lb_overlay_place place = {0, 0, r->width, r->height};
  lb_scene_pose(r->scene, m->x, m->u, m->time);
  if (p->ghost) lb_scene_haunt(r->scene, lb_ghost_state(p->ghost));
  lb_scene_draw(r->scene, 0, 0, r->width, r->height);
  if (r->arguments->overlay) lb_overlay_draw(r->scene, &place, m, p->title, NULL);
  if (r->arguments->overlay && p->ghost) {
    lb_overlay_gap(r->scene, &place, r->gaps[i], m->t - r->arguments->from + 1, r->arguments->from,
                   p->is_older ? "newest model" : "model");
  }
  lb_scene_read(r->scene, &r->part);
  lb_picture_paste(&r->frame, i * r->width, 0, &r->part);
}

// The frame's time and state, for --json.
static void note_frame(render* r) {
  lb_json_writer w = lb_json_writer_on(&r->frames);
  if (r->drawn > 0) lb_text_add(&r->frames, ",");
  const lb_play_moment* m = lb_play_now(r->performers[0].play);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_int(&w, "t", m->t);
  lb_json_write_number(&w, "time", m->time);
  lb_json_write_numbers(&w, "state", m->x, r->performers[0].system->space.nx);
  lb_json_write_end_object(&w);
}

// Draws all side by side and puts the frame where it goes.
static lb_status draw_frame(render* r) {
  double seconds = r->every * r->performers[0].system->dt;
  if (r->drawn == 0) {
    LB_TRY(lb_picture_new(&r->part, r->width, r->height));
    LB_TRY(lb_picture_new(&r->frame, r->n * r->width, r->height));
    if (r->target == VIDEO) LB_TRY(lb_video_begin(&r->video, r->out, r->frame.width, r->frame.height, 1 / seconds));
  }
  for (int i = 0; i < r->n; ++i) draw_one(r, i);
  if (r->arguments->json) note_frame(r);
  r->drawn += 1;
  char path[sizeof r->out + 40];
  switch (r->target) {
    case ANIMATION:
      return lb_animation_add(&r->animation, &r->frame, (int)fmin(60000, fmax(1, round(1000 * seconds))));
    case VIDEO:
      return lb_video_add(&r->video, &r->frame);
    case FILES:
      snprintf(path, sizeof path, "%s/frame-%05d.png", r->out, r->drawn - 1);
      return lb_picture_save(&r->frame, path);
    case STRIP_OF_MOMENTS:
      LB_TRY(lb_picture_new(&r->strip[r->drawn - 1], r->frame.width, r->frame.height));
      lb_picture_paste(&r->strip[r->drawn - 1], 0, 0, &r->frame);
      return lb_ok();
  }
  return lb_ok();
}

// Draws frame after frame until all episodes are over, or enough are drawn.
static lb_status draw_all(render* r) {
  for (int i = 0; i < r->n; ++i) lb_play_begin(r->performers[i].play, (int)r->arguments->episode);
  advance(r, r->arguments->from);
  for (int i = 0; i < r->n; ++i) {
    const lb_performer* p = &r->performers[i];
    if (p->ghost) lb_ghost_anchor(p->ghost, lb_play_now(p->play)->x);
  }
  for (;;) {
    LB_TRY(draw_frame(r));
    if (all_over(r) || r->drawn == r->limit) return lb_ok();
    advance(r, r->every);
  }
}

// Moments one beside the other; what is compared, one below the other.
static lb_status save_strip(render* r) {
  lb_picture all, one;
  LB_TRY(lb_picture_new(&all, r->drawn * r->width, r->n * r->height));
  lb_status status = lb_picture_new(&one, r->width, r->height);
  for (int k = 0; k < r->drawn && status.code == LB_OK; ++k) {
    for (int i = 0; i < r->n; ++i) {
      for (int y = 0; y < r->height; ++y) {
        size_t line = 3 * (size_t)r->width, from = ((size_t)y * (size_t)r->n + (size_t)i) * line;
        memcpy(one.rgb + (size_t)y * line, r->strip[k].rgb + from, line);
      }
      lb_picture_paste(&all, k * r->width, i * r->height, &one);
    }
  }
  if (status.code == LB_OK) status = lb_picture_save(&all, r->out);
  lb_picture_free(&one);
  lb_picture_free(&all);
  return status;
}

// Writes what is written at the end.
static lb_status save(render* r) {
  if (r->target == ANIMATION && r->drawn == 1) return lb_picture_save(&r->frame, r->out);
  if (r->target == ANIMATION) return lb_animation_save(&r->animation, r->out);
  if (r->target == STRIP_OF_MOMENTS) return save_strip(r);
  return r->target == VIDEO ? lb_video_end(&r->video) : lb_ok();
}

static const char* end_of(const lb_play_moment* m) {
  return !m->over ? "going on" : m->diverged ? "diverged" : m->terminated ? "terminated" : "truncated";
}

// What was drawn, as one JSON object.
static void print_json(const render* r) {
  const char* what = r->performers[0].system->cost ? "cost" : "return";
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", r->performers[0].system->name);
  lb_json_write_string(&w, "out", r->out);
  lb_json_write_int(&w, "width", r->frame.width);
  lb_json_write_int(&w, "height", r->frame.height);
  lb_json_write_begin_array(&w, "shown");
  for (int i = 0; i < r->n; ++i) {
    const lb_play_moment* m = lb_play_now(r->performers[i].play);
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "who", r->performers[i].title);
    lb_json_write_int(&w, "steps", m->t);
    lb_json_write_number(&w, what, m->total);
    lb_json_write_string(&w, "end", end_of(m));
    lb_json_write_string(&w, "why", m->why);
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_array(&w);
  lb_text frames = {0};
  lb_text_add(&frames, "[%s]", r->frames.data ? r->frames.data : "");
  lb_json_write_raw(&w, "frames", frames.data);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&frames);
  lb_text_free(&out);
}

// What was drawn.
static void print_text(const render* r) {
  const char* what = r->performers[0].system->cost ? "cost" : "return";
  printf("%s: %d %s of %d x %d, every %d %s\n", r->out, r->drawn, lb_plural(r->drawn, "frame", "frames"),
         r->frame.width, r->frame.height, r->every, lb_plural(r->every, "step", "steps"));
  for (int i = 0; i < r->n; ++i) {
    const lb_play_moment* m = lb_play_now(r->performers[i].play);
    printf("%s: episode %d, %d steps, %s %.6g, %s%s%s\n", r->performers[i].title, m->episode, m->t, what, m->total,
           end_of(m), m->over ? ": " : "", m->why);
  }
}

// Frees all who act.
static void close_performers(render* r) {
  for (int i = 0; i < r->n; ++i) lb_performer_close(&r->performers[i]);
  r->n = 0;
}

// --ghost: of each who comes from a run, at least one.
static lb_status imagine_all(render* r) {
  int n = 0;
  for (int i = 0; i < r->n && r->arguments->ghost; ++i) {
    if (!*r->performers[i].run) continue;
    LB_TRY(lb_performer_imagine(&r->performers[i], r->root));
    n += 1;
  }
  if (n > 0 || !r->arguments->ghost) return lb_ok();
  return lb_fail(LB_INPUT, "--ghost shows what the model of a run imagines; give the run's folder with --run DIR");
}

// Room for the strip's frames and the ghosts' gaps.
static lb_status make_room(render* r) {
  r->strip = calloc((size_t)r->limit, sizeof *r->strip);
  if (!r->strip) return lb_fail(LB_MEMORY, "no memory for %d frames", r->limit);
  for (int i = 0; i < r->n; ++i) {
    if (!r->performers[i].ghost) continue;
    r->gaps[i] = calloc((size_t)r->performers[i].system->horizon + 1, sizeof *r->gaps[i]);
    if (!r->gaps[i]) return lb_fail(LB_MEMORY, "no memory for an episode");
  }
  return lb_ok();
}

// From the options to the files.
static lb_status work(render* r, const lb_operands* o) {
  const render_arguments* a = r->arguments;
  LB_TRY(read_size(r));
  LB_TRY(lb_root_find(r->root, sizeof r->root));
  LB_TRY(open_all(r, o));
  if (a->filmstrip > 1 && a->every == 0) {
    // Who acts at random would go on with other actions: all are opened anew.
    r->length = find_length(r);
    close_performers(r);
    LB_TRY(open_all(r, o));
  }
  LB_TRY(imagine_all(r));
  LB_TRY(lb_scene_new(&r->scene, r->performers[0].system));
  if (a->camera) LB_TRY(lb_scene_look(r->scene, a->camera));
  if (!(a->zoom >= 0.3 && a->zoom <= 100)) return lb_fail(LB_INPUT, "--zoom %g: should be from 0.3 to 100", a->zoom);
  lb_scene_zoom(r->scene, a->zoom);
  pace(r);
  LB_TRY(find_target(r));
  LB_TRY(make_room(r));
  LB_TRY(lb_offscreen_open(&r->offscreen));
  LB_TRY(lb_scene_ready(r->scene, r->width, r->height, true));
  LB_TRY(draw_all(r));
  LB_TRY(save(r));
  if (a->json) {
    print_json(r);
  } else if (!a->quiet) {
    print_text(r);
  }
  return lb_ok();
}

// Frees everything; an unfinished film is ended.
static void close_all(render* r) {
  lb_video_end(&r->video);
  for (int k = 0; r->strip && k < r->limit; ++k) lb_picture_free(&r->strip[k]);
  free(r->strip);
  for (int i = 0; i < MOST_TOGETHER; ++i) free(r->gaps[i]);
  lb_animation_free(&r->animation);
  lb_picture_free(&r->frame);
  lb_picture_free(&r->part);
  lb_text_free(&r->frames);
  lb_scene_free(r->scene);
  lb_offscreen_close(&r->offscreen);
  close_performers(r);
}

// How the strips of a folder of runs come along.
typedef struct strips {
  const render_arguments* arguments;
  int drawn, without, failed;
} strips;

// The strip of a run's final policy, in its folder.
static void draw_run(strips* all, const char* folder) {
  lb_run_record run;
  const char* name;
  char out[LB_BENCH_PATH + 40];
  lb_status status = lb_run_record_read(&run, folder);
  if (status.code == LB_OK && lb_run_record_file(&run, &name, false).code != LB_OK) {
    all->without += 1;
    return;
  }
  render_arguments a = *all->arguments;
  a.words = (lb_actor_words){.run = folder};
  snprintf(out, sizeof out, "%s/%s", folder, LB_RUN_STRIP);
  a.out = out;
  a.quiet = true;
  if (a.filmstrip == 0) a.filmstrip = STRIP;
  if (!a.size) a.size = "160x120";
  render r = {.arguments = &a, .video = {.pipe = -1}};
  const char* task = run.task;
  if (status.code == LB_OK) status = work(&r, &(lb_operands){.values = &task, .n = 1});
  close_all(&r);
  if (status.code == LB_OK) {
    all->drawn += 1;
    printf("%s\n", out);
  } else {
    all->failed += 1;
    lb_log_warning("%s: %s", folder, status.text);
  }
}

// The runs in a folder and those below it, in the order of their names.
static void draw_below(strips* all, const char* folder, int depth) {
  enum { DEEPEST = 8 };
  char **names, path[LB_BENCH_PATH];
  int n;
  if (lb_run_record_exists(folder)) {
    draw_run(all, folder);
    return;
  }
  if (depth > DEEPEST || lb_folder_list(folder, &names, &n).code != LB_OK) return;
  for (int i = 0; i < n; ++i) {
    if (strlen(folder) + strlen(names[i]) + 2 > sizeof path) continue;
    lb_path_join(path, sizeof path, folder, names[i]);
    if (lb_folder_exists(path)) draw_below(all, path, depth + 1);
  }
  lb_names_free(names, n);
}

// A filmstrip into each run's folder.
static lb_status draw_suite(const render_arguments* a) {
  strips all = {.arguments = a};
  LB_TRY(lb_actors_check(&a->words, false, who));
  if (a->compare || a->words.policy || a->words.run || a->words.expert || a->words.random || a->words.zero || a->out) {
    return lb_fail(LB_INPUT, "--suite draws the final policy of each run into its folder: leave out --out and %s", who);
  }
  LB_TRY(lb_root_check_path(a->suite, "--suite"));
  if (!lb_folder_exists(a->suite)) return lb_fail(LB_INPUT, "%s: no such folder", a->suite);
  draw_below(&all, a->suite, 0);
  if (all.drawn + all.without + all.failed == 0) {
    return lb_fail(LB_INPUT, "%s: holds no runs ('bench suite' and 'bench run' say where theirs are)", a->suite);
  }
  printf("%d %s, %d %s without a policy\n", all.drawn, lb_plural(all.drawn, "filmstrip", "filmstrips"), all.without,
         lb_plural(all.without, "run", "runs"));
  if (all.failed == 0) return lb_ok();
  return lb_fail(LB_IO, "%d of the runs in %s could not be drawn", all.failed, a->suite);
}

// What the operands ask for.
static lb_status draw(render* r, const lb_operands* o) {
  if (r->arguments->suite && o->n == 0) return draw_suite(r->arguments);
  if (r->arguments->suite) return lb_fail(LB_INPUT, "'%s': with --suite the runs say which task", o->values[0]);
  if (o->n == 0) return lb_fail(LB_INPUT, "which task? bench render TASK, or --suite DIR for all runs of a suite");
  return work(r, o);
}

int lb_command_render(int argc, char** argv) {
  render_arguments a = {.zoom = 1};
  const lb_option options[] = {
      {"expert", NULL, "the recorded states of the task's expert", LB_OPTION_FLAG, &a.words.expert},
      {"policy", "FILE", "this policy, of whatever kind, in the real system", LB_OPTION_TEXT, &a.words.policy},
      {"run", "DIR", "the policy of the run in this folder: its last, or while it is\nunder way its best so far",
       LB_OPTION_TEXT, &a.words.run},
      {"best", NULL, "of a run: the policy of its best measurement", LB_OPTION_FLAG, &a.words.best},
      {"random", NULL, "uniformly random actions", LB_OPTION_FLAG, &a.words.random},
      {"zero", NULL, "controls of zero", LB_OPTION_FLAG, &a.words.zero},
      {"compare", NULL, "who acts stands after the task: expert, random, zero, folders, files", LB_OPTION_FLAG,
       &a.compare},
      {"seed", "N", "of start and noise, as in bench eval (default 0)", LB_OPTION_SEED, &a.seed},
      {"episode", "N", "which episode of that seed, or of the recording (default 0)", LB_OPTION_SEED, &a.episode},
      {"size", "WxH", "of a picture, in pixels (default 480x360)", LB_OPTION_TEXT, &a.size},
      {"from", "N", "the first frame is after so many control steps (default 0)", LB_OPTION_COUNT, &a.from},
      {"every", "N", "control steps from a frame to the next (default: 25 frames a second)", LB_OPTION_COUNT, &a.every},
      {"frames", "N", "at most (default 250)", LB_OPTION_COUNT, &a.frames},
      {"filmstrip", "N", "so many moments side by side, in one picture (all over the episode,\nwithout --every)",
       LB_OPTION_COUNT, &a.filmstrip},
      {"suite", "DIR", "in each run's folder below DIR a filmstrip.png of its final policy", LB_OPTION_TEXT, &a.suite},
      {"camera", "NAME", "free, track, or one of the model (default: its first)", LB_OPTION_TEXT, &a.camera},
      {"zoom", "X", "so many times as large (default 1)", LB_OPTION_NUMBER, &a.zoom},
      {"ghost", NULL, "beside it, transparent, what the run's learned model imagines\nfrom the first frame on",
       LB_OPTION_FLAG, &a.ghost},
      {"overlay", NULL, "time, return, reward terms and controls in the picture", LB_OPTION_FLAG, &a.overlay},
      {"out", "PATH", "NAME.png, NAME.mp4 or a folder\n(default results/runs/pictures/TASK.png)", LB_OPTION_TEXT,
       &a.out},
      {"json", NULL, "what was drawn, with the state of each frame, as one JSON object", LB_OPTION_FLAG, &a.json},
  };
  const lb_usage usage = {
      "render", "TASK [WHO...] [OPTION...] | --suite DIR", text, examples, 0, -1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  render r = {.arguments = &a, .video = {.pipe = -1}};
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = draw(&r, &operands);
  close_all(&r);
  lb_operands_free(&operands);
  return lb_command_end("render", status);
}
