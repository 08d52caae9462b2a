// bench view: watch an episode, or a run while it learns, in a window.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "io/file.h"
#include "io/run_policies.h"
#include "options.h"
#include "root.h"
#include "view/window.h"
#include "viewer.h"

// clang-format off
static const char text[] =
    "Opens a window and plays episodes in real time. --expert plays the recorded states; the others act in the real\n"
    "system. --run follows a run: while it learns, each new episode is played by the best policy (or the checkpoint)\n"
    "that its folder has by then, and Page up and Page down go through the policies that it kept of its way. Without\n"
    "any of these nothing drives the model, and bodies can be pulled with Ctrl and the mouse. With --compare the words\n"
    "after the task are who acts, side by side on one seed. A policy's file, or a run's folder, that is dropped on the\n"
    "window acts from then on.\n\n"
    "--ghost shows, transparent, what the run's learned model imagines from the beginning of the episode on, or from\n"
    "where G was pressed, under the same controls; and how far it is off. Of a model of observations it is the body as\n"
    "far as observations determine it. The model is the newest that the run's folder has, whatever policy acts: where\n"
    "that is an earlier one, it is called the newest.\n\n"
    "Keys: Space pause, Right and Left one step on and back, + and - speed from 1/16 to 16, Backspace the episode\n"
    "again, N the next one, [ and ] cameras, Tab follow the body, C contact points, F contact forces, G imagine from\n"
    "here on, Page up and Page down earlier and later policies, End the newest, P a picture, F1 help, Esc close. Mouse:\n"
    "left turns, right moves, wheel goes nearer (free and following cameras).\n\n"
    "The window says time, return so far, the terms of the last step's reward, the controls, and how an episode\n"
    "ended. Without a display: bench render.";
// clang-format on

static const char examples[] =
    "  bench view hopper --expert\n"
    "  bench view hopper --run results/runs/single/hopper/sac/seed-0\n"
    "  bench view hopper --run results/runs/single/hopper/mbpo/seed-0 --ghost\n"
    "  bench view helicopter-hover --compare expert zero";

static const char who[] = "--expert, --policy FILE, --run DIR, --random and --zero";

typedef struct view_arguments {
  lb_actor_words words;
  uint64_t seed, episode;
  const char *size, *camera;
  double seconds;
  bool compare, ghost;
} view_arguments;

// A file as it was when it was opened.
typedef struct seen_file {
  char path[LB_BENCH_PATH + 64];
  struct stat when;
} seen_file;

typedef struct viewing {
  const view_arguments* arguments;
  char root[LB_BENCH_PATH];
  lb_performer performers[LB_WINDOW_MOST];
  int n;
  int width, height;
  char run[LB_BENCH_PATH];  // that is followed; "": none
  int iteration;            // of the kept policy that acts; -1: the newest acts
  seen_file policy, model;  // of that run
  bool is_told;             // what of the body is not imagined
} viewing;

// The task, and all who act in it.
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

// --ghost: of each who comes from a run, at least one.
static lb_status imagine_all(viewing* v) {
  int n = 0;
  if (!v->arguments->ghost) return lb_ok();
  for (int i = 0; i < v->n; ++i) {
    if (!*v->performers[i].run) continue;
    LB_TRY(lb_performer_imagine(&v->performers[i], v->root));
    n += 1;
  }
  if (n > 0) return lb_ok();
  return lb_fail(LB_INPUT, "--ghost shows what the model of a run imagines; give the run's folder with --run DIR");
}

// Whether a file is the one that was there.
static bool is_same(const struct stat* a, const struct stat* b) {
  return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// Whether the file at `path` is another than was seen; false where there is none. It is seen from then on.
static bool is_new(seen_file* seen, const char* path) {
  struct stat now;
  if (stat(path, &now) != 0 || (strcmp(path, seen->path) == 0 && is_same(&now, &seen->when))) return false;
  snprintf(seen->path, sizeof seen->path, "%s", path);
  seen->when = now;
  return true;
}

// The run's present policy, where it is another than the one that acts.
static bool take_newest(viewing* v, lb_window_news* news) {
  char path[LB_BENCH_PATH + 64];
  lb_actor_words words = {.run = v->run, .best = v->arguments->words.best};
  bool first = !*v->policy.path;
  if (lb_actors_path(path, &words).code != LB_OK || !is_new(&v->policy, path)) return false;
  lb_performer* p = &v->performers[0];
  lb_status status = lb_performer_replace(p, &words, v->root, v->arguments->seed);
  if (status.code != LB_OK) {
    snprintf(news->note, sizeof news->note, "the new policy cannot be read: %.150s", status.text);
    return false;
  }
  if (!first) snprintf(news->note, sizeof news->note, "new policy: %.90s", strrchr(path, '/') + 1);
  snprintf(news->title, sizeof news->title, "%s", p->title);
  return true;
}

// The learned model, where the run has another by now.
static void take_model(viewing* v, lb_window_news* news) {
  char path[LB_BENCH_PATH + 64];
  lb_performer* p = &v->performers[0];
  if (!p->ghost) return;
  lb_path_join(path, sizeof path, v->run, "model.safetensors");
  if (!lb_file_exists(path)) lb_path_join(path, sizeof path, v->run, "checkpoint.npz");
  bool first = !*v->model.path;
  if (!is_new(&v->model, path) || first) return;
  lb_status status = lb_performer_imagine(p, v->root);
  if (status.code != LB_OK) snprintf(news->note, sizeof news->note, "%.190s", status.text);
}

// The iterations of the policies that the run kept, and where among them the one that acts is.
static int find_way(viewing* v, lb_window_news* news, int iterations[LB_WINDOW_POLICIES], const lb_run_record* run) {
  int n = lb_run_policies_list(iterations, LB_WINDOW_POLICIES, v->run);
  int all = run->imitates ? run->last_iteration
                          : (int)lb_protocol_get(&run->protocol, run->by_returns ? "steps" : "iterations");
  news->n = n;
  news->at = n;
  for (int i = 0; i < n; ++i) {
    news->shares[i] = all > 0 ? (double)iterations[i] / all : 0;
    if (iterations[i] == v->iteration) news->at = i;
  }
  return n;
}

// The policy of the run that is `by` places on among those that it kept; after the last of them comes the newest.
static bool browse(viewing* v, lb_window_news* news, int by) {
  lb_run_record run;
  int iterations[LB_WINDOW_POLICIES];
  if (lb_run_record_read(&run, v->run).code != LB_OK) return false;
  int n = find_way(v, news, iterations, &run), at = news->at + by;
  if (n == 0) {
    snprintf(news->note, sizeof news->note, "this run has kept no policies of its way");
    return false;
  }
  if (at < 0 || at > n || at == news->at) return false;
  if (at == n) {
    v->iteration = -1;
    v->policy.path[0] = '\0';
    bool changed = take_newest(v, news);
    snprintf(news->note, sizeof news->note, "the newest policy");
    find_way(v, news, iterations, &run);
    return changed;
  }
  char name[LB_RUN_POLICY_NAME], path[LB_BENCH_PATH + 64];
  lb_run_policy_name(name, iterations[at]);
  lb_path_join(path, sizeof path, v->run, name);
  lb_performer* p = &v->performers[0];
  lb_status status = lb_performer_replace(p, &(lb_actor_words){.policy = path}, v->root, v->arguments->seed);
  if (status.code != LB_OK) {
    snprintf(news->note, sizeof news->note, "%.190s", status.text);
    return false;
  }
  v->iteration = iterations[at];
  news->at = at;
  lb_run_score score = lb_run_record_at(&run, iterations[at]);
  snprintf(news->title, sizeof news->title, "%.40s, seed %llu", run.algo, (unsigned long long)run.seed);
  const char* after = run.imitates     ? "policy of %d transitions"
                      : run.by_returns ? "policy after step %d"
                                       : "policy after iteration %d";
  snprintf(news->note, sizeof news->note, after, iterations[at]);
  size_t length = strlen(news->note);
  if (score.exists) {
    snprintf(news->note + length, sizeof news->note - length, ", %s %.6g where it was measured",
             run.by_returns ? "return" : "cost", score.score);
  }
  return true;
}

// A policy's file or a run's folder, in the place of whoever acts there.
static bool take_dropped(viewing* v, lb_window_news* news, const char* path) {
  lb_performer* p = &v->performers[news->act];
  lb_actor_words words = lb_folder_exists(path) ? (lb_actor_words){.run = path} : (lb_actor_words){.policy = path};
  lb_status status = strlen(path) < sizeof v->run - 64 ? lb_performer_replace(p, &words, v->root, v->arguments->seed)
                                                       : lb_fail(LB_INPUT, "the path is too long");
  if (status.code != LB_OK) {
    snprintf(news->note, sizeof news->note, "not taken: %.180s", status.text);
    return false;
  }
  snprintf(news->title, sizeof news->title, "%s", p->title);
  snprintf(news->note, sizeof news->note, "dropped: %.150s", p->title);
  if (v->n > 1) return true;
  // It is followed where it is a run, and what was imagined was another's.
  snprintf(v->run, sizeof v->run, "%s", words.run ? path : "");
  v->iteration = -1;
  news->n = 0;
  v->policy.path[0] = v->model.path[0] = '\0';
  return true;
}

// What the event asks for: another policy, or what there is to say.
static void take_up(viewing* v, lb_window_news* news, lb_window_event event, const char* path) {
  lb_run_record run;
  int iterations[LB_WINDOW_POLICIES];
  if (event == LB_WINDOW_DROPPED) news->anew = take_dropped(v, news, path);
  if (event == LB_WINDOW_DROPPED || !*v->run) return;
  if (event == LB_WINDOW_EARLIER || event == LB_WINDOW_LATER) {
    news->anew = browse(v, news, event == LB_WINDOW_LATER ? 1 : -1);
    return;
  }
  if (event == LB_WINDOW_NEWEST) {
    if (v->iteration >= 0) v->policy.path[0] = '\0';
    v->iteration = -1;
  }
  if (v->iteration < 0) news->anew = take_newest(v, news);
  if (event == LB_WINDOW_NEWEST) snprintf(news->note, sizeof news->note, "the newest policy");
  take_model(v, news);
  const lb_performer* p = &v->performers[0];
  if (p->ghost && !v->is_told) {
    snprintf(news->note, sizeof news->note, "%.190s", lb_ghost_note(p->ghost));
    v->is_told = true;
  }
  if (lb_run_record_read(&run, v->run).code == LB_OK) find_way(v, news, iterations, &run);
}

// What the window asks for between episodes: the run's newest policy, an earlier one, a file that was dropped.
static void renew(void* ctx, lb_window_news* news, lb_window_event event, const char* path) {
  viewing* v = ctx;
  take_up(v, news, event, path);
  news->is_older = v->performers[news->act].is_older;
}

// The display went away: no call of the window system returns any more.
static void leave(void) {
  lb_command_end("view", lb_fail(LB_IO, "the display went away while the window was open; 'bench render' needs none"));
  fflush(NULL);
  _exit(LB_EXIT_FAILED);
}

// Pixels of the window.
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

// Opens the window and stays until it is closed.
static lb_status watch(viewing* v, lb_scene* scene) {
  const view_arguments* a = v->arguments;
  char title[160];
  lb_window_end end;
  const lb_system* s = v->performers[0].system;
  if (a->camera) LB_TRY(lb_scene_look(scene, a->camera));
  snprintf(title, sizeof title, "LazyBench: %.120s", s->name);
  lb_window_options options = {.title = title,
                               .scene = scene,
                               .n = v->n,
                               .system = s,
                               .width = v->width,
                               .height = v->height,
                               .episode = (int)a->episode,
                               .seconds = a->seconds,
                               .folder = ".",
                               .renew = renew,
                               .lost = leave,
                               .ctx = v};
  for (int i = 0; i < v->n; ++i) {
    const lb_performer* p = &v->performers[i];
    options.acts[i] = (lb_window_act){.title = p->title, .play = p->play, .ghost = p->ghost, .is_older = p->is_older};
  }
  options.may_drag = !a->compare && !a->words.expert && !a->words.policy && !a->words.run && !a->words.random;
  if (a->words.run && !a->compare) snprintf(v->run, sizeof v->run, "%s", a->words.run);
  LB_TRY(lb_window_run(&end, &options));
  printf("closed in episode %d after step %d; %.2f s of the task in %.2f s of the clock times the speed, %d pictures\n",
         end.episode, end.t, end.simulated, end.wall, end.pictures);
  return lb_ok();
}

// From the options to the window.
static lb_status work(viewing* v, const lb_operands* o) {
  lb_scene* scene;
  LB_TRY(read_size(v));
  LB_TRY(lb_root_find(v->root, sizeof v->root));
  LB_TRY(open_all(v, o));
  LB_TRY(imagine_all(v));
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
      {"ghost", NULL, "beside it, transparent, what the run's learned model imagines", LB_OPTION_FLAG, &a.ghost},
      {"seed", "N", "of starts and noise, as in bench eval (default 0)", LB_OPTION_SEED, &a.seed},
      {"episode", "N", "the first one (default 0)", LB_OPTION_SEED, &a.episode},
      {"size", "WxH", "of the window (default 1024x720)", LB_OPTION_TEXT, &a.size},
      {"camera", "NAME", "free, track, or one of the model (default: its first)", LB_OPTION_TEXT, &a.camera},
      {"seconds", "N", "close by itself after so long (default: not)", LB_OPTION_NUMBER, &a.seconds},
  };
  const lb_usage usage = {"view", "TASK [WHO...] [OPTION...]", text, examples, 1, -1, options, LB_COUNT_OF(options)};
  lb_operands operands;
  viewing v = {.arguments = &a, .iteration = -1};
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) status = work(&v, &operands);
  for (int i = 0; i < v.n; ++i) lb_performer_close(&v.performers[i]);
  lb_operands_free(&operands);
  return lb_command_end("view", status);
}
