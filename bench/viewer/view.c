// bench view: watch an episode, or a run while it learns, in a window.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "options.h"
#include "root.h"
#include "view/window.h"
#include "viewer.h"

static const char text[] =
    "Opens a window and plays episodes in real time. --expert plays the recorded states; the others act in the real\n"
    "system. --run follows a run: while it learns, each new episode is played by the best policy (or the checkpoint) "
    "that\n"
    "its folder has by then. Without any of these nothing drives the model, and bodies can be pulled with Ctrl and "
    "the\n"
    "mouse. With --compare the words after the task are who acts, side by side on one seed.\n\n"
    "Keys: Space pause, Right and Left one step on and back, + and - speed from 1/16 to 16, Backspace the episode "
    "again,\n"
    "N the next one, [ and ] cameras, Tab follow the body, C contact points, F contact forces, P a picture, F1 help,\n"
    "Esc close. Mouse: left turns, right moves, wheel goes nearer (free and following cameras).\n\n"
    "The window says time, return so far, the terms of the last step's reward, the controls, and how an episode "
    "ended.\n"
    "Without a display: bench render.";

static const char examples[] =
    "  bench view hopper --expert\n"
    "  bench view hopper --run results/runs/single/hopper/sac/seed-0\n"
    "  bench view helicopter-hover --compare expert zero";

static const char who[] = "--expert, --policy FILE, --run DIR, --random and --zero";

typedef struct view_arguments {
  lb_actor_words words;
  uint64_t seed, episode;
  const char *size, *camera;
  double seconds;
  bool compare;
} view_arguments;

typedef struct viewing {
  const view_arguments* arguments;
  char root[LB_BENCH_PATH];
  lb_performer performers[LB_WINDOW_MOST];
  int n;
  int width, height;
  // Of a run that is followed: the file that acts, as it was when it was opened.
  char file[LB_BENCH_PATH + 64];
  struct stat when;
} viewing;

static lb_status open_all(viewing* v, const lb_operands* o) {
  const view_arguments* a = v->arguments;
  const char* task = o->values[0];
  LB_TRY(lb_actors_check(&a->words, false, who));
  if (!a->compare) {
    if (o->n > 1) {
      return lb_fail(LB_INPUT, "'%s': one task at a time; several who act in it go with --compare", o->values[1]);
    }
    v->n = 1;
    return lb_performer_open(&v->performers[0], &a->words, false, v->root, task, a->seed);
  }
  if (o->n < 3 || o->n > LB_WINDOW_MOST + 1) {
    return lb_fail(LB_INPUT, "--compare shows from two to %d who act: bench view %s --compare expert random",
                   (int)LB_WINDOW_MOST, task);
  }
  for (int i = 1; i < o->n; ++i) {
    lb_actor_words words = lb_performer_words(o->values[i]);
    LB_TRY(lb_performer_open(&v->performers[v->n], &words, true, v->root, task, a->seed));
    v->n += 1;
  }
  return lb_ok();
}

static bool is_same(const struct stat* a, const struct stat* b) {
  return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// The run's present policy, where it is another than the one that acts.
static void renew(void* ctx, char note[120]) {
  viewing* v = ctx;
  lb_performer* p = &v->performers[0];
  char path[sizeof v->file];
  struct stat now;
  lb_open_policy* fresh;
  note[0] = '\0';
  if (lb_actors_path(path, &v->arguments->words).code != LB_OK || stat(path, &now) != 0) return;
  if (strcmp(path, v->file) == 0 && is_same(&now, &v->when)) return;
  lb_status status = lb_policy_open(&fresh, path, v->root, p->system);
  if (status.code != LB_OK) {
    snprintf(note, 120, "the new policy cannot be read: %.80s", status.text);
    return;
  }
  lb_policy policy = lb_policy_of(fresh);
  status = lb_play_replace(p->play, &policy);
  if (status.code != LB_OK) {
    lb_policy_close(fresh);
    return;
  }
  lb_policy_close(p->policy);
  p->policy = fresh;
  if (*v->file) snprintf(note, 120, "new policy: %.90s", strrchr(path, '/') + 1);
  snprintf(v->file, sizeof v->file, "%s", path);
  v->when = now;
}

static lb_status read_size(viewing* v) {
  char left;
  v->width = 1024;
  v->height = 720;
  if (!v->arguments->size) return lb_ok();
  if (sscanf(v->arguments->size, "%dx%d%c", &v->width, &v->height, &left) == 2 && v->width >= 64 && v->width <= 8192 &&
      v->height >= 64 && v->height <= 8192) {
    return lb_ok();
  }
  return lb_fail(LB_INPUT, "--size '%s': should be WIDTHxHEIGHT in pixels, each from 64 to 8192: 1024x720",
                 v->arguments->size);
}

static lb_status watch(viewing* v, lb_scene* scene) {
  const view_arguments* a = v->arguments;
  char title[240];
  lb_window_end end;
  const lb_system* s = v->performers[0].system;
  if (a->camera) LB_TRY(lb_scene_look(scene, a->camera));
  snprintf(title, sizeof title, "LazyBench: %.120s, %s", s->name, v->performers[0].title);
  lb_window_options options = {.title = title,
                               .scene = scene,
                               .n = v->n,
                               .system = s,
                               .width = v->width,
                               .height = v->height,
                               .episode = (int)a->episode,
                               .seconds = a->seconds,
                               .folder = "."};
  for (int i = 0; i < v->n; ++i) {
    options.acts[i] = (lb_window_act){.title = v->performers[i].title, .play = v->performers[i].play};
  }
  options.may_drag = !a->compare && !a->words.expert && !a->words.policy && !a->words.run && !a->words.random;
  if (a->words.run && !a->compare) {
    options.renew = renew;
    options.ctx = v;
  }
  LB_TRY(lb_window_run(&end, &options));
  printf("closed in episode %d after step %d; %.2f s of the task in %.2f s of the clock times the speed, %d pictures\n",
         end.episode, end.t, end.simulated, end.wall, end.pictures);
  return lb_ok();
}

static lb_status work(viewing* v, const lb_operands* o) {
  lb_scene* scene;
  LB_TRY(read_size(v));
  LB_TRY(lb_root_find(v->root, sizeof v->root));
  LB_TRY(open_all(v, o));
  LB_TRY(lb_scene_new(&scene, v->performers[0].system));
  lb_status status = watch(v, scene);
  lb_scene_free(scene);
  return status;
}

int lb_command_view(int argc, char** argv) {
  view_arguments a = {0};
  const lb_option options[] = {
      {"expert", NULL, "the recorded states of the task's expert", LB_OPTION_FLAG, &a.words.expert},
      {"policy", "FILE", "this policy, of whatever kind, in the real system", LB_OPTION_TEXT, &a.words.policy},
      {"run", "DIR", "follow the run in this folder", LB_OPTION_TEXT, &a.words.run},
      {"best", NULL, "of a run: the policy of its best measurement", LB_OPTION_FLAG, &a.words.best},
      {"random", NULL, "uniformly random actions", LB_OPTION_FLAG, &a.words.random},
      {"zero", NULL, "controls of zero (the default)", LB_OPTION_FLAG, &a.words.zero},
      {"compare", NULL, "who acts stands after the task: expert, random, zero, folders, files", LB_OPTION_FLAG,
       &a.compare},
      {"seed", "N", "of starts and noise, as in bench eval (default 0)", LB_OPTION_SEED, &a.seed},
      {"episode", "N", "the first one (default 0)", LB_OPTION_SEED, &a.episode},
      {"size", "WxH", "of the window (default 1024x720)", LB_OPTION_TEXT, &a.size},
      {"camera", "NAME", "free, track, or one of the model (default: its first)", LB_OPTION_TEXT, &a.camera},
      {"seconds", "N", "close by itself after so long (default: not)", LB_OPTION_NUMBER, &a.seconds},
  };
  const lb_usage usage = {"view", "TASK [WHO...] [OPTION...]", text, examples, 1, -1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  viewing v = {.arguments = &a};
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = work(&v, &operands);
  for (int i = 0; i < v.n; ++i) lb_performer_close(&v.performers[i]);
  lb_operands_free(&operands);
  return lb_command_end("view", status);
}
