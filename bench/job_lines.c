// Command lines of runs: see job_lines.h.
#include "job_lines.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"
#include "suite_files.h"
#include "worker.h"

// A path that means the same in every folder; it need not exist.
static lb_status make_absolute(const char** path, const char* what, lb_arena* arena) {
  lb_text whole = {0};
  char here[PATH_MAX];
  if (strchr(*path, '\n')) return lb_fail(LB_INPUT, "%s: no command line can hold a path with a line end", what);
  if (**path == '/') return lb_ok();
  if (!getcwd(here, sizeof here)) return lb_fail(LB_IO, "the current folder has no name; give absolute paths");
  if (strchr(here, '\n'))
    return lb_fail(LB_INPUT, "no command line can hold the path of this folder: a line end is in it");
  lb_text_add(&whole, "%s/%s", here, *path);
  *path = lb_arena_text(arena, whole.data);
  lb_text_free(&whole);
  return lb_ok();
}

// Makes all paths of the options absolute, for machines that start elsewhere.
static lb_status make_all_absolute(lb_campaign_options* o, lb_arena* arena) {
  if (o->out) LB_TRY(make_absolute(&o->out, "--out", arena));
  for (int i = 0; i < o->data.n; i++) LB_TRY(make_absolute(&o->data.values[i], "--data", arena));
  for (int i = 0; i < o->expert.n; i++) LB_TRY(make_absolute(&o->expert.values[i], "--expert", arena));
  return lb_ok();
}

// The suites of "all", where that is what was asked for.
static lb_status find_all(lb_campaign_options* o, lb_arena* arena) {
  char root[LB_BENCH_PATH];
  if (o->nsuites != 1 || strcmp(o->suites[0], "all") != 0) return lb_ok();
  const char** names;
  LB_TRY(lb_root_find(root, sizeof root));
  LB_TRY(lb_suite_files_of_all(&names, &o->nsuites, root, o->preset, arena));
  o->suites = names;
  return lb_ok();
}

lb_status lb_job_lines_open(lb_campaign* c, lb_campaign_options* o, lb_arena* arena) {
  LB_TRY(find_all(o, arena));
  LB_TRY(make_all_absolute(o, arena));
  LB_TRY(lb_campaign_open(c, o));
  LB_TRY(lb_campaign_take(c, o));
  LB_TRY(lb_campaign_remove_stale(c));
  return lb_campaign_prepare(c);
}

// Appends "NAME=..." with the folders that the environment has under this name, made absolute.
static void add_variable(lb_text* out, const char* name) {
  const char* list = getenv(name);
  lb_text word = {0};
  if (!list || !*list) return;
  lb_text_add(&word, "%s=", name);
  for (const char* p = list; *p;) {
    char folder[PATH_MAX], path[PATH_MAX];
    int n = (int)strcspn(p, ":");
    snprintf(folder, sizeof folder, "%.*s", n, p);
    lb_text_add(&word, "%s%s", p == list ? "" : ":", realpath(folder, path) ? path : folder);
    p += n + (p[n] == ':');
  }
  if (out->length == 0) lb_shell_add(out, "env");
  lb_shell_add(out, word.data);
  lb_text_free(&word);
}

// Appends what starts the program, with what it needs of this process's environment.
static void add_program(lb_text* out, const char* program, const char* file) {
  add_variable(out, "LAZYBENCH_ROOT");
  add_variable(out, "LAZYBENCH_MODELS");
  if (program) {
    lb_text_add(out, "%s%s", out->length > 0 ? " " : "", program);
  } else {
    lb_shell_add(out, file);
  }
}

lb_status lb_job_program(lb_text* out, const char* program, lb_arena* arena) {
  const char* file = "";
  if (!program) LB_TRY(lb_worker_program(&file, arena));
  add_program(out, program, file);
  return lb_ok();
}

void lb_job_line(lb_text* out, const lb_job* job, const char* program) {
  const char* const* words = ((const lb_campaign_run*)job->ctx)->again;
  add_program(out, program, words[0]);
  for (int i = 1; words[i]; i++) lb_shell_add(out, strcmp(words[i], "--worker") == 0 ? "--quiet" : words[i]);
}
