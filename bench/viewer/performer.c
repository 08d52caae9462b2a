// Who is watched: see viewer.h.
#include <stdio.h>
#include <string.h>

#include "algo/expert_files.h"
#include "io/file.h"
#include "task/task.h"
#include "viewer.h"

lb_actor_words lb_performer_words(const char* word) {
  lb_actor_words w = {0};
  if (strcmp(word, "expert") == 0) {
    w.expert = true;
  } else if (strcmp(word, "random") == 0) {
    w.random = true;
  } else if (strcmp(word, "zero") == 0) {
    w.zero = true;
  } else if (lb_folder_exists(word)) {
    w.run = word;
  } else {
    w.policy = word;
  }
  return w;
}

// The last two parts of a path, as a title.
static void take_title(char* out, size_t size, const char* path) {
  const char* end = strrchr(path, '/');
  while (end && end > path && end[-1] != '/') --end;
  snprintf(out, size, "%.70s", end ? end : path);
}

// Who acts, in words.
static void name_it(lb_performer* p, const lb_actor_words* w) {
  if (w->expert) {
    snprintf(p->title, sizeof p->title, "expert");
  } else if (w->random) {
    snprintf(p->title, sizeof p->title, "random");
  } else if (w->run || w->policy) {
    lb_run_record run;
    if (w->run && lb_run_record_read(&run, w->run).code == LB_OK) {
      snprintf(p->title, sizeof p->title, "%.40s, seed %llu", run.algo, (unsigned long long)run.seed);
    } else {
      take_title(p->title, sizeof p->title, w->run ? w->run : w->policy);
    }
  } else {
    snprintf(p->title, sizeof p->title, "no control");
  }
}

// The expert's recorded episodes.
static lb_status load_recording(lb_performer* p, const char* root) {
  char folder[LB_EXPERT_FILES_FOLDER], path[LB_EXPERT_FILES_FOLDER + 200];
  lb_file_share share;
  LB_TRY(lb_expert_files_folder(folder, root, p->system->name));
  snprintf(path, sizeof path, "%s/%s.npz", folder, p->system->name);
  lb_status status = lb_expert_files_open(NULL, &share, folder, p->system->name);
  if (status.code == LB_OK) status = lb_demos_load_with(&p->demos, p->system, path, LB_DEMOS_AS_STORED);
  lb_file_set_release(&share);
  return status;
}

// The run that the policy is one of: its folder, or that of its file.
static void find_run(lb_performer* p, const lb_actor_words* w) {
  static const char* const newest[] = {"/policy.safetensors", "/model.safetensors", "/checkpoint.npz", "/config.json"};
  char path[LB_BENCH_PATH + 64];
  bool is_file = (w->run || w->policy) && lb_actors_path(path, w).code == LB_OK && strchr(path, '/');
  p->is_older = is_file;
  for (int i = 0; i < 4 && is_file; ++i) {
    if (strcmp(strrchr(path, '/'), newest[i]) == 0) p->is_older = false;
  }
  p->run[0] = '\0';
  if (w->run) snprintf(p->run, sizeof p->run, "%s", w->run);
  if (!w->policy) return;
  snprintf(p->run, sizeof p->run, "%s", w->policy);
  char* end = strrchr(p->run, '/');
  if (end) *end = '\0';
  if (!end || !lb_run_record_exists(p->run)) p->run[0] = '\0';
}

// The task, and who acts in it.
static lb_status open_all(lb_performer* p, const lb_actor_words* w, bool live, const char* root, const char* task,
                          uint64_t seed) {
  char models[LB_BENCH_PATH + 16];
  lb_path_join(models, sizeof models, root, "models");
  LB_TRY(lb_task_open(&p->system, models, task));
  name_it(p, w);
  find_run(p, w);
  if (w->expert && !live) {
    LB_TRY(load_recording(p, root));
    snprintf(p->title, sizeof p->title, "expert, recorded");
    return lb_play_new(&p->play, p->system, NULL, p->demos, seed);
  }
  lb_actor_words words = *w;
  if (!w->policy && !w->run && !w->expert && !w->random) words.zero = true;
  LB_TRY(lb_actors_open(&p->policy, &words, root, p->system, seed));
  lb_policy policy = lb_policy_of(p->policy);
  return lb_play_new(&p->play, p->system, &policy, NULL, seed);
}

lb_status lb_performer_open(lb_performer* p, const lb_actor_words* w, bool live, const char* root, const char* task,
                            uint64_t seed) {
  *p = (lb_performer){0};
  lb_status status = open_all(p, w, live, root, task, seed);
  if (status.code != LB_OK) lb_performer_close(p);
  return status;
}

lb_status lb_performer_imagine(lb_performer* p, const char* root) {
  char models[LB_BENCH_PATH + 16];
  lb_open_policy* learned;
  bool of_states;
  if (!*p->run) return lb_fail(LB_INPUT, "--ghost: '%s' comes from no run, whose model could imagine", p->title);
  lb_path_join(models, sizeof models, root, "models");
  if (!p->imagined) LB_TRY(lb_task_open(&p->imagined, models, p->system->name));
  LB_TRY(lb_policy_open_learned(&learned, p->run, root, p->imagined));
  const lb_dynamics* map = lb_policy_learned(learned, &of_states);
  lb_status status = lb_ok();
  if (p->ghost) {
    lb_ghost_replace(p->ghost, map);
  } else {
    status = lb_ghost_new(&p->ghost, map, of_states, p->imagined);
  }
  if (status.code != LB_OK) {
    lb_policy_close(learned);
    return status;
  }
  lb_policy_close(p->learned);
  p->learned = learned;
  return status;
}

lb_status lb_performer_replace(lb_performer* p, const lb_actor_words* w, const char* root, uint64_t seed) {
  lb_open_policy* fresh;
  LB_TRY(lb_actors_open(&fresh, w, root, p->system, seed));
  lb_policy policy = lb_policy_of(fresh);
  lb_status status = lb_play_replace(p->play, &policy);
  if (status.code != LB_OK) {
    lb_policy_close(fresh);
    return status;
  }
  lb_policy_close(p->policy);
  p->policy = fresh;
  name_it(p, w);
  find_run(p, w);
  return status;
}

void lb_performer_close(lb_performer* p) {
  lb_ghost_free(p->ghost);
  lb_policy_close(p->learned);
  lb_system_free(p->imagined);
  lb_play_free(p->play);
  lb_policy_close(p->policy);
  lb_demos_free(p->demos);
  lb_system_free(p->system);
  *p = (lb_performer){0};
}
