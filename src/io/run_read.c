#include "io/run_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

static const char* const words[LB_ENDS] = {"running", "finished", "diverged", "failed"};

const char* lb_run_end_word(lb_run_end end) {
  return words[end];
}

lb_status lb_run_read_end(lb_run_end* end, char* message, size_t size, const char* folder) {
  char path[4096];
  lb_json* doc;
  int word = 0;
  const char* text = "";
  *end = LB_END_NONE;
  if (message) message[0] = '\0';
  lb_path_join(path, sizeof path, folder, "done.json");
  if (!lb_file_exists(path)) return lb_ok();
  LB_TRY(lb_json_load(&doc, path));
  lb_status status = lb_json_choice(lb_json_root(doc), "status", words + 1, LB_ENDS - 1, &word);
  if (status.code == LB_OK) status = lb_json_string_or(lb_json_root(doc), "message", "", &text);
  if (status.code == LB_OK) *end = (lb_run_end)(word + 1);
  if (status.code == LB_OK && message) snprintf(message, size, "%s", text);
  lb_json_free(doc);
  return status;
}

lb_status lb_run_read_log(const char* folder, const char* log, bool over, lb_run_line take, void* ctx) {
  char path[4096], origin[4200];
  char* text;
  size_t size;
  lb_path_join(path, sizeof path, folder, log);
  if (!lb_file_exists(path)) return lb_ok();
  LB_TRY(lb_file_read(path, &text, &size));
  lb_status status = lb_ok();
  int number = 1;
  char* line = text;
  for (char* end; status.code == LB_OK && (end = strchr(line, '\n')); line = end + 1, number++) {
    lb_json* doc;
    *end = '\0';
    snprintf(origin, sizeof origin, "%s line %d", path, number);
    status = lb_json_parse(&doc, line, origin);
    if (status.code != LB_OK) break;
    status = take(ctx, lb_json_root(doc));
    lb_json_free(doc);
  }
  if (status.code == LB_OK && *line && over) {
    status = lb_fail(LB_INPUT, "%s line %d: cut off, though the run is over", path, number);
  }
  free(text);
  return status;
}

lb_status lb_run_read_last(lb_json** out, const char* folder, const char* log) {
  char path[4096];
  char* text;
  size_t n;
  *out = NULL;
  lb_path_join(path, sizeof path, folder, log);
  if (!lb_file_exists(path)) return lb_ok();
  LB_TRY(lb_file_read(path, &text, &n));
  while (n > 0 && text[n - 1] != '\n') n--;
  lb_status status = lb_ok();
  if (n > 0) {
    text[n - 1] = '\0';
    const char* before = strrchr(text, '\n');
    status = lb_json_parse(out, before ? before + 1 : text, path);
  }
  free(text);
  return status;
}

double lb_run_read_number(lb_node line, const char* key) {
  double value;
  if (!lb_json_has(line, key) || lb_json_number(line, key, -INFINITY, INFINITY, &value).code != LB_OK) return NAN;
  return fabs(value) > 1e308 ? NAN : value;
}
