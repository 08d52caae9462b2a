#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/log.h"
#include "doc/latex.h"
#include "io/file.h"
#include "io/file_set.h"
#include "io/run_folder.h"
#include "plot/gnuplot.h"
#include "report/across.h"
#include "report/claims.h"
#include "report/compose.h"
#include "report/csv.h"
#include "report/forest.h"
#include "report/load.h"
#include "report/run_pages.h"

static const char set_name[] = "report";

// Frees the text, and writes it unless `status` tells of an earlier failure, which is returned.
static lb_status save(lb_status status, const char* folder, const char* name, lb_text* text) {
  char path[4096];
  lb_path_join(path, sizeof path, folder, name);
  if (status.code == LB_OK) status = lb_file_replace(path, text->data ? text->data : "", text->length);
  lb_text_free(text);
  return status;
}

// The numbers, as files for other programs.
static lb_status write_csv(lb_results* r, const char* folder) {
  int n;
  const lb_contrast_result* contrasts = lb_findings_contrasts(r, &n);
  lb_text across = {0}, tables = {0}, claims = {0}, pairs = {0}, findings = {0}, curves = {0};
  lb_csv_tables(&tables, r);
  lb_csv_contrasts(&pairs, r, contrasts, n);
  lb_csv_findings(&findings, r, contrasts, n);
  lb_csv_curves(&curves, r);
  lb_status status = save(lb_ok(), folder, "tables.csv", &tables);
  lb_claims_csv(&claims, r);
  status = save(status, folder, "claims.csv", &claims);
  if (r->measure->normalised) {
    lb_across_csv(&across, r);
    status = save(status, folder, "across.csv", &across);
  }
  status = save(status, folder, "contrasts.csv", &pairs);
  status = save(status, folder, "findings.csv", &findings);
  return save(status, folder, "curves.csv", &curves);
}

// The same document in every form.
static lb_status write_page(const char* folder, const lb_doc* doc) {
  lb_text markdown = {0}, html = {0}, latex = {0};
  lb_doc_markdown(doc, &markdown);
  lb_doc_html(doc, &html, folder);
  lb_doc_latex(doc, &latex);
  lb_status status = save(lb_ok(), folder, "report.md", &markdown);
  status = save(status, folder, "tables.tex", &latex);
  return save(status, folder, "report.html", &html);
}

// Pictures of the worlds and models of rows, by their first seeds (io/run_folder.h): they go where the others are.
static lb_status copy_drawings(const lb_results* r, const char* plots) {
  for (int t = 0; t < r->n_tasks; t++) {
    for (int k = 0; k < r->tasks[t].n_rows; k++) {
      const lb_results_row* row = &r->tasks[t].rows[k];
      char source[4096], target[8192], *bytes;
      size_t length;
      if (row->n_runs == 0) continue;
      lb_path_join(source, sizeof source, row->runs[0]->folder, LB_RUN_DRAWING);
      if (!lb_file_exists(source)) continue;
      snprintf(target, sizeof target, "%.4000s/%.200s-%.200s.svg", plots, r->tasks[t].name, row->algo);
      LB_TRY(lb_file_read(source, &bytes, &length));
      lb_status status = lb_file_replace(target, bytes, length);
      free(bytes);
      LB_TRY(status);
    }
  }
  return lb_ok();
}

// Everything, into `folder`.
static lb_status write_all(lb_results* r, const char* folder) {
  LB_TRY(write_csv(r, folder));

  char plots[4096];
  lb_path_join(plots, sizeof plots, folder, "plots");
  LB_TRY(lb_folder_make(plots));
  LB_TRY(copy_drawings(r, plots));
  lb_text script = {0};
  lb_doc* doc = lb_compose(r, &script);
  r->doc = doc;
  bool found = true;
  lb_status status = script.length ? lb_gnuplot_run(&found, "gnuplot", plots, &script) : lb_ok();
  lb_text_free(&script);
  if (!found) {
    lb_log_warning("gnuplot is not installed: the report has figures on its page alone (apt-get install gnuplot-nox)");
  } else if (status.code != LB_OK) {
    lb_log_warning("the report has figures on its page alone: %s", status.text);
  }
  if (!found || status.code != LB_OK) lb_doc_drop_files(doc);
  if (r->pages) LB_TRY(lb_run_pages_write(r, folder));
  return write_page(folder, doc);
}

// The files of a report are of the same results: they are written apart and filed in one step.
static lb_status replace_all(lb_results* r) {
  lb_file_set set;
  LB_TRY(lb_file_set_begin(&set, r->out ? r->out : r->folder, set_name));
  lb_status status = write_all(r, set.staging);
  if (status.code == LB_OK) return lb_file_set_commit(&set);
  lb_file_set_abandon(&set);
  return status;
}

// Whether a file of lines has more than one.
static bool has_lines_below_header(const char* text, size_t n) {
  size_t end = 0;
  while (end < n && text[end] != '\n') end++;
  return end + 1 < n;
}

// Whether no run is left of a report that is about some: of published results, or where only the runs were deleted.
static bool is_all_that_is_left(const lb_results* r) {
  char path[4096];
  char* curves = NULL;
  size_t n = 0;
  lb_path_join(path, sizeof path, r->folder, "curves.csv");
  bool is_left = r->count[LB_OUTCOME_MISSING] + r->count[LB_OUTCOME_LEFT_OUT] == r->n_runs &&
                 lb_file_read(path, &curves, &n).code == LB_OK;
  if (is_left) is_left = has_lines_below_header(curves, n);
  free(curves);
  return is_left;
}

lb_status lb_report_write_suite(lb_results* results) {
  lb_file_share before = lb_file_set_share(results->folder, set_name);
  lb_file_set_release(&before);
  if (!results->out && is_all_that_is_left(results)) {
    return lb_fail(LB_INPUT, "%s: its runs are gone and the report is all that is left of them; it stays as it is",
                   results->folder);
  }
  return replace_all(results);
}

lb_status lb_report_write(const char* folder, const char* note) {
  lb_results* results;
  LB_TRY(lb_load_suite(&results, folder));
  results->note = note;
  lb_status status = lb_report_write_suite(results);
  lb_results_free(results);
  return status;
}

// The name of a folder without the way to it.
static const char* last_part(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// One suite's document for a page of several, as it was written; of results that nobody wrote, anew.
static const lb_doc* document_of(lb_results* r) {
  lb_text script = {0};
  if (!r->doc) r->doc = lb_compose(r, &script);
  lb_text_free(&script);
  return r->doc;
}

// What heads the page of several suites.
static lb_doc* compose_head(lb_results* const* results, int n, lb_arena* arena) {
  lb_doc* doc = lb_doc_new(arena);
  doc->refresh = n > 0 ? results[0]->refresh : 0;
  lb_forest_add_claims(doc, results, n, NULL);
  return doc;
}

// A page of several suites: what heads it, then a section each.
static void add_sections(lb_text* html, lb_results* const* results, const lb_doc* head, int n, lb_arena* arena) {
  const lb_doc** docs = LB_TAKE(arena, const lb_doc*, n + 1);
  const char** names = LB_TAKE(arena, const char*, n + 1);
  for (int i = 0; i < n; i++) {
    docs[i] = document_of(results[i]);
    names[i] = last_part(results[i]->out ? results[i]->out : results[i]->folder);
  }
  int first = 0;
  lb_doc_html_begin(html, "Results", head, docs, names, n);
  if (head->n > 0) lb_doc_html_section(head, html, "", "", &first);
  for (int i = 0; i < n; i++) {
    const char* at = results[i]->out ? results[i]->out : results[i]->folder;
    lb_file_share share = lb_file_set_share(at, set_name);
    lb_doc_html_section(docs[i], html, at, names[i], &first);
    lb_file_set_release(&share);
  }
  lb_doc_html_end(html);
}

// The same in Markdown, with links to the suites' own reports in place of these.
static void add_index(lb_text* out, lb_results* const* results, int n, lb_arena* arena) {
  lb_doc* doc = lb_doc_new(arena);
  lb_doc_heading(doc, 1, NULL, "Results");
  lb_forest_add_claims(doc, results, n, "report.md");
  lb_doc_heading(doc, 2, NULL, "Suites");
  lb_table* table = lb_doc_table(doc, "", "Suite|Report|#Runs");
  for (int i = 0; i < n; i++) {
    const char* link = lb_format_text(arena, "%s/report.md", last_part(results[i]->folder));
    int done = results[i]->count[LB_OUTCOME_FINISHED];
    lb_table_cell(table, results[i]->suite->title, NULL);
    lb_table_cell(table, link, link);
    lb_table_cell(table, lb_format_text(arena, "%d of %d", done, results[i]->n_runs), NULL);
  }
  lb_doc_markdown(doc, out);
}

// The front page of a site: the claims of all suites, and where their reports are.
static lb_doc* compose_front(lb_results* const* results, int n, lb_arena* arena) {
  lb_doc* doc = lb_doc_new(arena);
  lb_doc_heading(doc, 1, NULL, "Results");
  lb_forest_add_claims(doc, results, n, "report.html");
  lb_doc_heading(doc, 2, "suites", "Suites");
  lb_table* table = lb_doc_table(doc, "", "Suite|#Runs finished|#Tasks|What was run");
  for (int i = 0; i < n; i++) {
    lb_table_cell(table, results[i]->suite->title, lb_format_text(arena, "%s/report.html", results[i]->suite->name));
    lb_table_cell(table, lb_format_text(arena, "%d of %d", results[i]->count[LB_OUTCOME_FINISHED], results[i]->n_runs),
                  NULL);
    lb_table_cell(table, lb_format_text(arena, "%d", results[i]->n_tasks), NULL);
    lb_table_cell(table, results[i]->suite->summary, NULL);
  }
  return doc;
}

lb_status lb_report_write_front(const char* folder, lb_results* const* results, int n) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "%s: no memory to write its page", folder);
  lb_text html = {0};
  lb_doc_html(compose_front(results, n, arena), &html, folder);
  lb_status status = save(lb_ok(), folder, "index.html", &html);
  lb_arena_free(arena);
  return status;
}

lb_status lb_report_write_page(const char* folder, lb_results* const* results, int n) {
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "%s: no memory to write its report", folder);
  lb_text html = {0}, markdown = {0};
  add_sections(&html, results, compose_head(results, n, arena), n, arena);
  add_index(&markdown, results, n, arena);
  lb_status status = save(lb_ok(), folder, "report.html", &html);
  status = save(status, folder, "report.md", &markdown);
  lb_arena_free(arena);
  return status;
}
