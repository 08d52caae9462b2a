// The folders of a campaign's suites: taken, emptied, and left with the definitions. See campaign.h.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "algo/expert_store.h"
#include "base/log.h"
#include "base/text.h"
#include "campaign.h"
#include "io/file_set.h"
#include "io/json_writer.h"
#include "io/run_folder.h"
#include "suite_files.h"

// A suite's folder is new, empty, or looks like one: a mistyped --out must not cost anybody their files.
static lb_status check_is_ours(const char* folder) {
  char path[LB_BENCH_PATH + 300];
  char** names;
  int n;
  if (!lb_folder_exists(folder)) return lb_ok();
  LB_TRY(lb_folder_list(folder, &names, &n));
  snprintf(path, sizeof path, "%s/suite.json", folder);
  lb_status status = lb_ok();
  if (n > 0 && !lb_file_exists(path)) {
    status =
        lb_fail(LB_INPUT, "%s: holds %.60s and no suite.json, so it is not the folder of a suite; choose another --out",
                folder, names[0]);
  }
  lb_names_free(names, n);
  return status;
}

// What the report writes into a suite's folder; suite.json stays until it is replaced: it says whose folder this is.
static const char* const report_files[] = {"report.md",    "report.html",   "tables.csv", "tables.tex", "claims.csv",
                                           "findings.csv", "contrasts.csv", "curves.csv", "across.csv"};

static lb_status empty_below(const char* folder, int depth);

// An entry of a folder of a suite: `depth` folders above those of runs.
static lb_status empty_entry(const char* folder, const char* name, int depth) {
  static const char* const drawn[] = {".svg", ".png", ".pdf", ".gp", ".dat", ".log"};
  char path[LB_BENCH_PATH + 600];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return lb_ok();
  if (!lb_folder_exists(path)) {
    const char* ending = strrchr(name, '.');
    bool ours = false;
    for (int i = 0; depth == 2 && i < LB_COUNT_OF(report_files); i++) ours = ours || !strcmp(name, report_files[i]);
    for (int i = 0; depth < 0 && ending && i < LB_COUNT_OF(drawn); i++) ours = ours || !strcmp(ending, drawn[i]);
    if (ours && unlink(path) != 0) return lb_fail(LB_IO, "%s: cannot be removed", path);
    return lb_ok();
  }
  if (depth == 0) return strncmp(name, "seed-", 5) == 0 ? lb_run_folder_remove(path) : lb_ok();
  if (depth < 0) return lb_ok();
  LB_TRY(empty_below(path, depth == 2 && strcmp(name, "plots") == 0 ? -1 : depth - 1));
  rmdir(path);  // unless somebody has put something else there
  return lb_ok();
}

// Empties a folder of results, as deep as results lie.
static lb_status empty_below(const char* folder, int depth) {
  char** names;
  int n;
  LB_TRY(lb_folder_list(folder, &names, &n));
  lb_status status = lb_ok();
  for (int i = 0; i < n && status.code == LB_OK; i++) status = empty_entry(folder, names[i], depth);
  lb_names_free(names, n);
  return status;
}

// Removes a suite's runs and its report, and nothing else. SUITE/TASK/ALGO/seed-N/...: two folders above the runs'.
static lb_status empty_folder(const char* folder) {
  return empty_below(folder, 2);
}

// They go along with it, so that the results folder can be reported anywhere.
static lb_status copy_overlays(const lb_campaign_suite* s, const char* into) {
  const lb_suite* suite = s->suite;
  for (int i = 0; i < suite->n_overlays; i++) {
    const char* file = suite->overlays[i].file;
    char from[2 * LB_BENCH_PATH], to[2 * LB_BENCH_PATH], folder[2 * LB_BENCH_PATH];
    bool copied = false;
    for (int j = 0; j < i; j++) copied = copied || strcmp(suite->overlays[j].file, file) == 0;
    if (copied) continue;
    lb_suite_files_overlay(from, sizeof from, suite, file);
    snprintf(to, sizeof to, "%s/%s", into, file);
    char* bytes;
    size_t n;
    LB_TRY(lb_file_read(from, &bytes, &n));
    snprintf(folder, sizeof folder, "%s", to);
    *strrchr(folder, '/') = '\0';
    lb_status status = lb_folder_make(folder);
    if (status.code == LB_OK) status = lb_file_replace(to, bytes, n);
    free(bytes);
    LB_TRY(status);
  }
  return lb_ok();
}

// The settings of --set as one JSON object; NULL when there are none. Caller frees.
static lb_status write_set(lb_text* out, const lb_texts* set) {
  lb_protocol usual = lb_protocol_default(), changed = usual;
  lb_json* doc;
  if (set->n == 0) return lb_ok();
  for (int i = 0; i < set->n; i++) LB_TRY(lb_protocol_set(&changed, set->values[i]));
  lb_text whole = {0};
  lb_json_writer all = lb_json_writer_on(&whole), w = lb_json_writer_on(out);
  lb_protocol_write(&changed, LB_PROTOCOL_WHOLE, &all, NULL);
  lb_status status = lb_json_parse(&doc, whole.data, "--set");
  lb_text_free(&whole);
  LB_TRY(status);
  lb_json_write_begin_object(&w, NULL);
  for (int i = 0; i < lb_json_length(lb_json_root(doc)); i++) {
    const char* key = lb_json_key(lb_json_root(doc), i);
    bool named = false;
    for (int k = 0; k < set->n; k++) {
      named = named || (strncmp(set->values[k], key, strlen(key)) == 0 && set->values[k][strlen(key)] == '=');
    }
    if (!named) continue;
    char* value = lb_json_canonical(lb_json_element(lb_json_root(doc), i));
    lb_json_write_raw(&w, key, value);
    free(value);
  }
  lb_json_write_end_object(&w);
  lb_json_free(doc);
  return lb_ok();
}

// What the suite's tasks, recipes and experts are now, as JSON text.
static void write_as_run(lb_text* out, const lb_campaign* c, const lb_suite* suite) {
  const char** tasks = LB_TAKE(c->arena, const char*, suite->n_rows);
  const char** recipes = LB_TAKE(c->arena, const char*, suite->n_rows);
  for (int i = 0; i < suite->n_rows; i++) {
    tasks[i] = suite->rows[i].task;
    recipes[i] = suite->rows[i].recipe;
  }
  lb_json_writer w = lb_json_writer_on(out);
  lb_identities_write(c->identities, &w, tasks, recipes, suite->n_rows);
}

// The definition as it is run, beside the results.
static lb_status save_definition(const lb_campaign* c, const lb_campaign_suite* s, const char* into,
                                 const lb_campaign_options* o) {
  char path[LB_BENCH_PATH + 300];
  lb_text protocol = {0}, assigned = {0}, as_run = {0};
  lb_json_writer w = lb_json_writer_on(&protocol);
  lb_protocol common = lb_protocol_default();
  snprintf(path, sizeof path, "%s/suite.json", into);
  if (s->suite->has_protocol) LB_TRY(lb_protocol_read(&common, s->suite->protocol));
  LB_TRY(write_set(&assigned, &o->set));
  write_as_run(&as_run, c, s->suite);
  lb_protocol_write(&common, LB_PROTOCOL_WHOLE, &w, NULL);
  const lb_suite_as_run run = {.seeds = s->seeds,
                               .n_seeds = s->nseeds,
                               .protocol = protocol.data,
                               .set = assigned.data,
                               .only = o->only.values,
                               .n_only = o->only.n,
                               .as_run = as_run.data};
  lb_status status = lb_suite_save(s->suite, path, &run);
  lb_text_free(&as_run);
  lb_text_free(&assigned);
  lb_text_free(&protocol);
  return status;
}

// The definition and what it shows beside the results, in one step.
static lb_status file_definition(const lb_campaign* c, const lb_campaign_suite* s, const lb_campaign_options* o) {
  lb_file_set set;
  LB_TRY(lb_file_set_begin(&set, s->folder, "suite"));
  lb_status status = copy_overlays(s, set.staging);
  if (status.code == LB_OK) status = save_definition(c, s, set.staging, o);
  if (status.code == LB_OK) return lb_file_set_commit(&set);
  lb_file_set_abandon(&set);
  return status;
}

// Makes the suite's folder, locks it, and files the definition in it.
static lb_status take_suite(const lb_campaign* c, lb_campaign_suite* s, const lb_campaign_options* o) {
  LB_TRY(check_is_ours(s->folder));
  LB_TRY(lb_folder_make(s->folder));
  LB_TRY(lb_lock_take(&s->lock, s->folder));
  lb_folder_sweep(s->folder);  // what a process that was killed while it wrote may have left
  if (o->fresh) LB_TRY(empty_folder(s->folder));
  return file_definition(c, s, o);
}

// A run that failed starts anew from its last checkpoint; its record of failure must not pass for its end.
static lb_status forget_failure(const lb_campaign_run* run) {
  char path[LB_BENCH_PATH + 16];
  if (run->before != LB_END_FAILED) return lb_ok();
  snprintf(path, sizeof path, "%s/done.json", run->folder);
  if (unlink(path) == 0) return lb_ok();
  return lb_fail(LB_IO, "%s: cannot be removed, so the run cannot be tried again", path);
}

// Nothing that took long is thrown away unasked.
static lb_status check_stale(const lb_campaign* c, const lb_campaign_options* o) {
  enum { LONG = 3600 };
  char why[300], took[32];
  if (o->renew || c->stale.seconds <= LONG) return lb_ok();
  lb_stale_words(why, sizeof why, &c->stale);
  lb_format_duration(c->stale.seconds, took, sizeof took);
  const char* them = lb_plural(c->stale.total, "it", "them");
  return lb_fail(LB_INPUT,
                 "%s: %d of %d %s %s stale (%s) and took %s; give --renew to make %s anew, or another --out to "
                 "keep %s",
                 c->out, c->stale.total, c->nruns, lb_plural(c->nruns, "run", "runs"), lb_stale_are(&c->stale), why,
                 took, them, them);
}

lb_status lb_campaign_take(lb_campaign* c, const lb_campaign_options* o) {
  LB_TRY(check_stale(c, o));
  for (int i = 0; i < c->nsuites; i++) LB_TRY(take_suite(c, &c->suites[i], o));
  for (int i = 0; i < c->njobs; i++) LB_TRY(forget_failure(c->jobs[i].ctx));
  return lb_ok();
}

lb_status lb_campaign_prepare(const lb_campaign* c) {
  for (int i = 0; i < c->njobs; i++) {
    const lb_campaign_run* run = c->jobs[i].ctx;
    const lb_suite_row* row = lb_campaign_row(run);
    int transitions = (int)lb_protocol_get(lb_campaign_protocol(run), "expert_transitions");
    int quality = (int)lb_protocol_get(lb_campaign_protocol(run), "expert_quality");
    bool known = transitions == 0 || lb_campaign_given_to(c, row->task).data;
    for (int j = 0; j < i && !known; j++) {
      const lb_campaign_run* other = c->jobs[j].ctx;
      const lb_protocol* theirs = lb_campaign_protocol(other);
      known = strcmp(lb_campaign_row(other)->task, row->task) == 0 &&
              (int)lb_protocol_get(theirs, "expert_transitions") == transitions &&
              (int)lb_protocol_get(theirs, "expert_quality") == quality;
    }
    if (!known) LB_TRY(lb_expert_store_prepare(c->root, row->task, transitions, quality));
  }
  return lb_ok();
}

lb_status lb_campaign_remove_stale(lb_campaign* c) {
  for (int i = 0; i < c->nruns; i++) {
    if (c->runs[i].stale) LB_TRY(lb_run_folder_remove(c->runs[i].folder));
  }
  return lb_ok();
}

lb_status lb_campaign_record(const lb_campaign_run* run, lb_run_end end, const char* reason) {
  lb_outcome_line line;
  if (lb_outcome_read_end(&line, run->folder).code == LB_OK && line.end != LB_END_NONE) return lb_ok();
  LB_TRY(lb_folder_make(run->folder));
  lb_run_folder folder = {.lock = {.fd = -1}};
  snprintf(folder.path, sizeof folder.path, "%s", run->folder);
  return lb_run_folder_done(&folder, lb_run_end_word(end), reason);
}
