// bench compare: whether two folders of results agree.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/text.h"
#include "command.h"
#include "folders.h"
#include "io/json_writer.h"
#include "options.h"
#include "report/compare.h"
#include "report/load.h"
#include "root.h"

static const char text[] =
    "Says of every row that two folders of results share whether their numbers agree: of returns the mean over the\n"
    "last fifth of the steps, of costs the last value. The test is Welch's t test over the seeds (two samples,\n"
    "unequal variances, two-sided), and its p values are corrected for all rows by Holm's method: rows differ where\n"
    "the corrected p is below 0.05. That they agree means that so many seeds see no difference; the interval of the\n"
    "difference says how large one could be. A and B are folders of a suite, or of several that are paired by name;\n"
    "of published results, whose runs are not there, curves.csv is read. The exit status is 1 where a row differs.";

static const char examples[] =
    "  bench compare results/quick results/runs/quick\n"
    "  bench compare results/quick/control results/runs/mine/control --json";

typedef struct comparison {
  lb_arena* arena;
  lb_results** results;  // two a suite
  int n_results;
  lb_compared_row* rows;
  int n, room;
} comparison;

// The folder's own name.
static const char* last_part(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// The suites of a folder.
static lb_status find_suites(lb_folder_group* out, const char* folder, lb_arena* arena) {
  lb_folders folders;
  LB_TRY(lb_folders_find(&folders, folder, arena));
  if (folders.n_groups == 0)
    return lb_fail(
        LB_INPUT,
        "%s: holds no results of a suite; give a suite's folder (suite.json is in it), or one that holds such", folder);
  if (folders.n_groups > 1) {
    return lb_fail(LB_INPUT, "%s: holds several folders of suites (%s, %s); name one of them", folder,
                   folders.groups[0].parent, folders.groups[1].parent);
  }
  *out = folders.groups[0];
  return lb_ok();
}

// Compares one suite of A with one of B, row by row.
static lb_status add_pair(comparison* c, const char* a, const char* b) {
  lb_compared_row* rows;
  int n;
  LB_TRY(lb_load_published(&c->results[c->n_results], a));
  c->n_results++;
  LB_TRY(lb_load_published(&c->results[c->n_results], b));
  c->n_results++;
  LB_TRY(lb_compare(&rows, &n, c->results[c->n_results - 2], c->results[c->n_results - 1]));
  if (c->n + n > c->room) {
    c->room = 2 * (c->n + n);
    lb_compared_row* larger = LB_TAKE(c->arena, lb_compared_row, c->room);
    if (c->n > 0) memcpy(larger, c->rows, sizeof *larger * (size_t)c->n);
    c->rows = larger;
  }
  memcpy(c->rows + c->n, rows, sizeof *rows * (size_t)n);
  c->n += n;
  return lb_ok();
}

// Compares suites of one name, or the only two; corrects their p values together (Holm).
static lb_status compare_all(comparison* c, const char* a, const char* b) {
  lb_folder_group as, bs;
  LB_TRY(find_suites(&as, a, c->arena));
  LB_TRY(find_suites(&bs, b, c->arena));
  c->results = LB_TAKE(c->arena, lb_results*, 2 * as.n + 2);
  bool alone = as.n == 1 && bs.n == 1;
  for (int i = 0; i < as.n; i++) {
    for (int k = 0; k < bs.n; k++) {
      if (alone || strcmp(last_part(as.suites[i]), last_part(bs.suites[k])) == 0) {
        LB_TRY(add_pair(c, as.suites[i], bs.suites[k]));
      }
    }
  }
  if (c->n == 0) return lb_fail(LB_INPUT, "%s and %s have no suite of one name", a, b);
  lb_compare_judge(c->rows, c->n);
  return lb_ok();
}

// "mean [low, high] (seeds)".
static const char* side(lb_arena* arena, const lb_stats_summary* s) {
  if (s->n == 0) return "-";
  return lb_format_text(arena, "%s (%d)", lb_format_interval(arena, s->mean, s->low, s->high), s->n);
}

// A table a task, then how many rows agree.
static void print_rows(const comparison* c) {
  const char *suite = "", *task = "";
  int count[6] = {0};
  for (int i = 0; i < c->n; i++) {
    const lb_compared_row* r = &c->rows[i];
    count[r->verdict]++;
    if (strcmp(suite, r->suite) != 0 || strcmp(task, r->task) != 0) {
      printf("%s%s, %s%s\n  %-24s %-30s %-30s %-28s %-9s %s\n", i ? "\n" : "", r->suite, r->task,
             r->other_task ? " (different versions of the task)" : "", "algorithm", "A [95 %] (seeds)",
             "B [95 %] (seeds)", "B - A [95 %]", "p (Holm)", "");
    }
    suite = r->suite;
    task = r->task;
    char p[20] = "-";
    if (!isnan(r->holm_p)) snprintf(p, sizeof p, r->holm_p < 0.001 ? "< 0.001" : "%.3f", r->holm_p);
    const char* difference = isnan(r->welch.difference)
                                 ? "-"
                                 : lb_format_interval(c->arena, r->welch.difference, r->welch.low, r->welch.high);
    printf("  %-24s %-30s %-30s %-28s %-9s %s\n", r->algo, side(c->arena, &r->a), side(c->arena, &r->b), difference, p,
           lb_compare_word(r->verdict));
  }
  printf("\n%d rows: %d identical, %d agree, %d differ, %d cannot be told, %d only in A, %d only in B\n", c->n,
         count[LB_COMPARE_IDENTICAL], count[LB_COMPARE_AGREE], count[LB_COMPARE_DIFFER], count[LB_COMPARE_OPEN],
         count[LB_COMPARE_ONLY_A], count[LB_COMPARE_ONLY_B]);
}

// One folder's side of a row.
static void write_side(lb_json_writer* w, const char* key, const lb_stats_summary* s, int as_worst) {
  lb_json_write_begin_object(w, key);
  lb_json_write_int(w, "n", s->n);
  lb_json_write_number(w, "mean", s->n > 0 ? s->mean : NAN);
  lb_json_write_number(w, "low", s->low);
  lb_json_write_number(w, "high", s->high);
  lb_json_write_int(w, "as_worst", as_worst);
  lb_json_write_end_object(w);
}

// The rows as one JSON object.
static void print_json(const comparison* c) {
  lb_text out = {0};
  lb_json_writer w = lb_json_writer_on(&out);
  lb_json_write_begin_object(&w, NULL);
  lb_json_write_string(&w, "test", "Welch's t, two-sided, Holm over all rows");
  lb_json_write_begin_array(&w, "rows");
  for (int i = 0; i < c->n; i++) {
    const lb_compared_row* r = &c->rows[i];
    lb_json_write_begin_object(&w, NULL);
    lb_json_write_string(&w, "suite", r->suite);
    lb_json_write_string(&w, "task", r->task);
    lb_json_write_string(&w, "algo", r->algo);
    lb_json_write_string(&w, "measure", r->measure);
    lb_json_write_bool(&w, "other_task", r->other_task);
    write_side(&w, "a", &r->a, r->as_worst_a);
    write_side(&w, "b", &r->b, r->as_worst_b);
    lb_json_write_number(&w, "difference", r->welch.difference);
    lb_json_write_number(&w, "low", r->welch.low);
    lb_json_write_number(&w, "high", r->welch.high);
    lb_json_write_number(&w, "t", r->welch.t);
    lb_json_write_number(&w, "df", r->welch.df);
    lb_json_write_number(&w, "p", r->welch.p);
    lb_json_write_number(&w, "holm_p", r->holm_p);
    lb_json_write_string(&w, "verdict", lb_compare_word(r->verdict));
    lb_json_write_end_object(&w);
  }
  lb_json_write_end_array(&w);
  lb_json_write_end_object(&w);
  puts(out.data);
  lb_text_free(&out);
}

int lb_command_compare(int argc, char** argv) {
  bool as_json = false;
  const lb_option options[] = {{"json", NULL, "print one JSON object", LB_OPTION_FLAG, &as_json}};
  const lb_usage usage = {"compare", "A B", text, examples, 2, 2, options, LB_COUNT_OF(options)};
  lb_operands operands;
  comparison c = {.arena = lb_arena_new(0)};
  int exit_status = LB_EXIT_OK;
  lb_status status = lb_options_read(&operands, &usage, argc, argv);
  if (status.code == LB_OK && !operands.help) {
    status = compare_all(&c, operands.values[0], operands.values[1]);
    if (status.code == LB_OK && as_json) print_json(&c);
    if (status.code == LB_OK && !as_json) print_rows(&c);
    for (int i = 0; i < c.n; i++) exit_status = c.rows[i].verdict == LB_COMPARE_DIFFER ? LB_EXIT_FAILED : exit_status;
  }
  for (int i = 0; i < c.n_results; i++) lb_results_free(c.results[i]);
  lb_operands_free(&operands);
  lb_arena_free(c.arena);
  return status.code == LB_OK ? lb_command_flushed(exit_status) : lb_command_end("compare", status);
}
