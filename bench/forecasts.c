// What a campaign will take: see forecasts.h.
#include "forecasts.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algo/run.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "settings.h"

// Forecasts every row that is wanted.
static lb_status forecast_rows(lb_forecasts* e, const lb_campaign* c, lb_forecaster* f) {
  int kind = 0;
  for (int i = 0; i < c->nsuites; i++) {
    const lb_campaign_suite* s = &c->suites[i];
    for (int r = 0; r < s->suite->n_rows; r++, kind++) {
      const lb_suite_row* row = &s->suite->rows[r];
      lb_forecasts_row* own = &e->rows[kind];
      if (!s->wanted[r]) continue;
      LB_TRY(lb_within(lb_forecast_run(f, &own->forecast, own->curve, row->task, row->recipe, &s->protocols[r]), "%s",
                       s->suite->path));
      own->runs = s->nseeds;
    }
  }
  return lb_ok();
}

// Order of two doubles for qsort.
static int descending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x < y) - (x > y);
}

// The workers take the jobs in their order, each the next one that is free: when the last of them ends.
static double makespan(const lb_campaign* c, int workers) {
  double* busy = calloc((size_t)workers, sizeof *busy);
  double last = 0;
  if (!busy) abort();
  for (int i = 0; i < c->njobs; i++) {
    int free_one = 0;
    for (int w = 1; w < workers; w++) {
      if (busy[w] < busy[free_one]) free_one = w;
    }
    busy[free_one] += c->jobs[i].expected;
    last = fmax(last, busy[free_one]);
  }
  free(busy);
  return last;
}

// The largest jobs, one a worker, at the same time.
static double most_memory(const lb_forecasts* e, const lb_campaign* c, int workers) {
  double *bytes = calloc((size_t)c->njobs + 1, sizeof *bytes), sum = 0;
  if (!bytes) abort();
  for (int i = 0; i < c->njobs; i++) bytes[i] = e->rows[c->jobs[i].kind].forecast.bytes;
  qsort(bytes, (size_t)c->njobs, sizeof *bytes, descending);
  for (int i = 0; i < c->njobs && i < workers; i++) sum += bytes[i];
  free(bytes);
  return sum;
}

lb_status lb_forecasts_make(lb_forecasts* e, lb_campaign* c, int workers) {
  *e = (lb_forecasts){0};
  for (int i = 0; i < c->nsuites; i++) e->nrows += c->suites[i].suite->n_rows;
  e->rows = LB_TAKE(c->arena, lb_forecasts_row, e->nrows + 1);
  openblas_set_num_threads(1);  // as the workers have it
  lb_forecaster* f = lb_forecaster_new(c->root);
  if (!f) return lb_fail(LB_MEMORY, "no memory to forecast what the runs take");
  lb_status status = forecast_rows(e, c, f);
  lb_forecaster_free(f);
  LB_TRY(status);
  for (int i = 0; i < c->njobs; i++) {
    lb_job* job = &c->jobs[i];
    lb_forecasts_row* row = &e->rows[job->kind];
    bool known = !isnan(row->forecast.seconds);
    row->to_do += 1;
    job->expected = known ? row->forecast.seconds : 0;
    job->curve = row->curve;
    e->unknown += !known;
    e->core_seconds += job->expected;
    e->disk += row->forecast.disk;
  }
  e->wall_seconds = makespan(c, workers);
  e->bytes = most_memory(e, c, workers);
  return lb_ok();
}

void lb_forecasts_duration(char* out, int size, double seconds) {
  if (isnan(seconds)) {
    snprintf(out, (size_t)size, "unknown");
  } else if (seconds < 9.95) {
    snprintf(out, (size_t)size, "%.1f s", seconds);
  } else {
    lb_format_duration(seconds, out, size);
  }
}

void lb_forecasts_bytes(char* out, size_t size, double bytes) {
  if (bytes < 1e9) {
    snprintf(out, size, "%.0f MB", ceil(bytes / 1e6));
  } else {
    snprintf(out, size, "%.1f GB", bytes / 1e9);
  }
}

// Core-hours with as many digits as they deserve.
static void hours_in_words(char* out, size_t size, double seconds) {
  double hours = seconds / 3600;
  snprintf(out, size, hours < 0.01 ? "%.4f" : hours < 1 ? "%.2f" : hours < 100 ? "%.1f" : "%.0f", hours);
}

void lb_forecasts_in_words(char* out, size_t size, const lb_forecasts* e, int workers) {
  char time[32], hours[32], memory[32], disk[32];
  lb_format_duration(e->wall_seconds, time, sizeof time);
  hours_in_words(hours, sizeof hours, e->core_seconds);
  lb_forecasts_bytes(memory, sizeof memory, e->bytes);
  lb_forecasts_bytes(disk, sizeof disk, e->disk);
  snprintf(out, size, "about %s on %d %s (%s core-hours), at most %s of memory and %s of disk", time, workers,
           workers == 1 ? "core" : "cores", hours, memory, disk);
}

// The width of the longest name of a task or algorithm.
static int widest(const lb_suite* suite, bool tasks) {
  int width = (int)strlen(tasks ? "task" : "algorithm");
  for (int r = 0; r < suite->n_rows; r++) {
    int own = (int)strlen(tasks ? suite->rows[r].task : suite->rows[r].algo);
    if (own > width) width = own;
  }
  return width;
}

// A row's runs, time, core-hours and memory.
static void print_row(FILE* out, const lb_forecasts_row* row, const lb_suite_row* names, int task, int algo) {
  char time[32], hours[32] = "unknown", memory[32];
  lb_forecasts_duration(time, sizeof time, row->forecast.seconds);
  if (!isnan(row->forecast.seconds)) hours_in_words(hours, sizeof hours, row->to_do * row->forecast.seconds);
  lb_forecasts_bytes(memory, sizeof memory, row->forecast.bytes);
  fprintf(out, "  %-*s  %-*s %6d %6d  %12s %11s %9s\n", task, names->task, algo, names->algo, row->runs, row->to_do,
          time, hours, memory);
}

void lb_forecasts_print(FILE* out, const lb_forecasts* e, const lb_campaign* c, int workers) {
  char words[200];
  int kind = 0;
  for (int i = 0; i < c->nsuites; i++) {
    const lb_suite* suite = c->suites[i].suite;
    int task = widest(suite, true), algo = widest(suite, false);
    fprintf(out, "%s\n  %-*s  %-*s %6s %6s  %12s %11s %9s\n", suite->name, task, "task", algo, "algorithm", "runs",
            "to do", "CPU of a run", "core-hours", "memory");
    for (int r = 0; r < suite->n_rows; r++, kind++) {
      if (e->rows[kind].runs > 0) print_row(out, &e->rows[kind], &suite->rows[r], task, algo);
    }
    fputc('\n', out);
  }
  lb_forecasts_in_words(words, sizeof words, e, workers);
  fprintf(out, "%s", words);
  if (e->unknown > 0)
    fprintf(out, ", and %d %s of which nothing is known", e->unknown, lb_plural(e->unknown, "run", "runs"));
  fputc('\n', out);
}

// A number that is not known is null.
static void write_row(lb_json_writer* w, const lb_forecasts_row* row, const lb_suite_row* names) {
  lb_json_write_begin_object(w, NULL);
  lb_json_write_string(w, "task", names->task);
  lb_json_write_string(w, "algo", names->algo);
  lb_json_write_int(w, "runs", row->runs);
  lb_json_write_int(w, "to_do", row->to_do);
  lb_json_write_number(w, "cpu_seconds", row->forecast.seconds);
  lb_json_write_number(w, "bytes", row->forecast.bytes);
  lb_json_write_number(w, "disk", row->forecast.disk);
  lb_json_write_end_object(w);
}

void lb_forecasts_write(lb_json_writer* w, const lb_forecasts* e, const lb_campaign* c, int workers) {
  int kind = 0;
  lb_json_write_begin_array(w, "suites");
  for (int i = 0; i < c->nsuites; i++) {
    const lb_suite* suite = c->suites[i].suite;
    lb_json_write_begin_object(w, NULL);
    lb_json_write_string(w, "name", suite->name);
    lb_json_write_begin_array(w, "rows");
    for (int r = 0; r < suite->n_rows; r++, kind++) {
      if (e->rows[kind].runs > 0) write_row(w, &e->rows[kind], &suite->rows[r]);
    }
    lb_json_write_end_array(w);
    lb_json_write_end_object(w);
  }
  lb_json_write_end_array(w);
  lb_json_write_int(w, "runs", c->nruns);
  lb_json_write_int(w, "to_do", c->njobs);
  lb_json_write_int(w, "unknown", e->unknown);
  lb_json_write_int(w, "workers", workers);
  lb_json_write_number(w, "core_seconds", e->core_seconds);
  lb_json_write_number(w, "wall_seconds", e->wall_seconds);
  lb_json_write_number(w, "bytes", e->bytes);
  lb_json_write_number(w, "disk", e->disk);
}

// Whether the row measures at one time only: of `steps` nothing but the episodes of its evaluation depends on it.
static bool is_measured_once(int parts) {
  return parts & LB_PROTOCOL_RETURNS && !(parts & LB_PROTOCOL_ONLINE);
}

// The settings that mean something to the run, as many a line as there is room for.
static void print_settings(const lb_protocol* protocol, int parts) {
  enum { INDENT = 4, WIDTH = 100 };
  lb_setting settings[LB_SETTINGS_MAX];
  int n = lb_settings_list(settings, protocol, parts), column = WIDTH;
  printf("  settings, to be changed by --set KEY=VALUE:");
  for (int i = 0; i < n; i++) {
    int length = (int)strlen(settings[i].text) + 1;
    if (is_measured_once(parts) && strncmp(settings[i].text, "steps=", 6) == 0) continue;
    if (column + length > WIDTH) {
      printf("\n%*s", INDENT - 1, "");
      column = INDENT;
    }
    printf(" %s", settings[i].text);
    column += length;
  }
  fputc('\n', stdout);
  if (!is_measured_once(parts)) return;
  printf("  evaluated on the episodes of rows that go by steps after their last, steps=%d\n",
         (int)lb_protocol_get(protocol, "steps"));
}

// Appends "12 real steps" to a list, nothing of what there is none.
static void add_account(lb_text* out, const char* before, int64_t n, const char* one, const char* many) {
  if (n == 0) return;
  lb_text_add(out, "%s%s%lld %s", out->length ? ", " : "", before, (long long)n, lb_plural(n, one, many));
}

// What a run takes: steps, updates, fits, evaluations.
static void print_accounts(const lb_forecast_accounts* a, int parts) {
  lb_text out = {0};
  bool clones = !(parts & (LB_PROTOCOL_ONLINE | LB_PROTOCOL_ITERATIONS));
  add_account(&out, "", a->real_steps, "real step", "real steps");
  add_account(&out, "", a->gradient_updates, "gradient update", "gradient updates");
  add_account(&out, "", a->fits, clones ? "clone" : "fit of the model", clones ? "clones" : "fits of the model");
  if (a->fits > 0 && a->model_updates > 0) lb_text_add(&out, " with about %.0f updates", a->model_updates);
  add_account(&out, "at most ", a->imagined_steps, "model step", "model steps");
  if (out.length) printf("  %s\n", out.data);
  lb_text_free(&out);
  printf("  %lld %s of at most %lld %s\n", (long long)a->evaluations,
         lb_plural(a->evaluations, "evaluation", "evaluations"), (long long)a->evaluation_steps,
         lb_plural(a->evaluation_steps, "step", "steps"));
}

// The forecast of one run, and its settings.
static void print_forecast(const lb_run_options* o, const lb_forecast* f, int parts) {
  char time[32], memory[32], disk[32];
  lb_forecasts_duration(time, sizeof time, f->seconds);
  lb_forecasts_bytes(memory, sizeof memory, f->bytes);
  lb_forecasts_bytes(disk, sizeof disk, f->disk);
  printf(isnan(f->seconds) ? "%s %s: %s how much CPU time, %s of memory, at most %s of disk\n"
                           : "%s %s: about %s of CPU time, %s of memory, at most %s of disk\n",
         o->task, o->algo, time, memory, disk);
  print_accounts(&f->accounts, parts);
  print_settings(&o->protocol, parts);
}

// The same as one JSON object.
static void print_forecast_json(const lb_run_options* o, const lb_forecast* f, int parts) {
  const lb_forecast_accounts* a = &f->accounts;
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "task", o->task);
  lb_json_write_string(&w, "algo", o->algo);
  lb_json_write_number(&w, "cpu_seconds", f->seconds);
  lb_json_write_number(&w, "bytes", f->bytes);
  lb_json_write_number(&w, "disk", f->disk);
  lb_json_write_int(&w, "real_steps", a->real_steps);
  lb_json_write_int(&w, "gradient_updates", a->gradient_updates);
  lb_json_write_int(&w, "fits", a->fits);
  lb_json_write_number(&w, "model_updates", a->model_updates);
  lb_json_write_int(&w, "imagined_steps", a->imagined_steps);
  lb_json_write_int(&w, "evaluations", a->evaluations);
  lb_json_write_int(&w, "evaluation_steps", a->evaluation_steps);
  lb_protocol_write(&o->protocol, parts, &w, "settings");
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

lb_status lb_forecasts_check_disk_of_run(const lb_run_options* o) {
  char what[240], done[LB_BENCH_PATH + 16];
  double disk;
  snprintf(done, sizeof done, "%s/done.json", o->folder);
  if (!o->fresh && lb_file_exists(done)) return lb_ok();
  LB_TRY(lb_forecast_disk(&disk, o->root, o->task, o->algo, &o->protocol));
  snprintf(what, sizeof what, "%.100s on %.100s", o->algo, o->task);
  return lb_folder_check_room(o->folder, disk - lb_folder_bytes(o->folder), what,
                              "free some, give --out on another disk, or lower steps, iterations or samples");
}

lb_status lb_forecasts_check_disk(const lb_forecasts* e, const lb_campaign* c) {
  char what[80];
  double held = 0;
  for (int i = 0; i < c->njobs; i++) {
    const lb_campaign_run* run = c->jobs[i].ctx;
    held += fmin(lb_folder_bytes(run->folder), e->rows[c->jobs[i].kind].forecast.disk);
  }
  snprintf(what, sizeof what, "%d %s", c->njobs, lb_plural(c->njobs, "run", "runs"));
  return lb_folder_check_room(c->out, e->disk - held, what,
                              "free some, give --out on another disk, or fewer --seeds or rows (--only)");
}

lb_status lb_forecasts_run(const lb_run_options* o, bool as_json) {
  lb_forecast f;
  int parts;
  LB_TRY(lb_run_row_parts(&parts, o->root, o->task, o->algo));
  LB_TRY(lb_protocol_check(&o->protocol, parts, o->algo));
  openblas_set_num_threads(1);
  lb_forecaster* forecaster = lb_forecaster_new(o->root);
  if (!forecaster) return lb_fail(LB_MEMORY, "no memory to forecast what the run takes");
  lb_status status = lb_forecast_run(forecaster, &f, NULL, o->task, o->algo, &o->protocol);
  lb_forecaster_free(forecaster);
  LB_TRY(status);
  char what[240];
  lb_memory there = lb_memory_of_machine();
  snprintf(what, sizeof what, "%.100s on %.100s", o->algo, o->task);
  LB_TRY(lb_memory_check(f.bytes, &there, what,
                         "lower steps, buffer, expert_transitions, imagined_kept, batch sizes or widths"));
  if (*o->folder) LB_TRY(lb_forecasts_check_disk_of_run(o));
  LB_TRY(lb_run_protocol_parts(&parts, o));
  lb_run_options settled = *o;
  lb_recipe recipe;
  LB_TRY(lb_recipe_load_for_rewards(&recipe, o->root, o->algo));
  lb_recipe_settle(&recipe, &settled.protocol);
  (as_json ? print_forecast_json : print_forecast)(&settled, &f, parts);
  return lb_ok();
}
