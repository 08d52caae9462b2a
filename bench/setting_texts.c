// What each setting means: see setting_texts.h.
#include "setting_texts.h"

#include <stdio.h>
#include <string.h>

#include "algo/protocol.h"
#include "base/log.h"

const char* lb_setting_meaning(const char* key) {
  lb_protocol_setting settings[LB_PROTOCOL_SETTINGS];
  lb_protocol usual = lb_protocol_default();
  int n = lb_protocol_settings(settings, &usual, LB_PROTOCOL_WHOLE);
  for (int i = 0; i < n; i++) {
    if (strcmp(settings[i].key, key) == 0) return settings[i].meaning;
  }
  return "";
}

// A setting as a line of docs/settings.md.
static void print_line(const lb_protocol_setting* s) {
  if (s->is_number) {
    printf("| `%s` | %s %.10g to %.10g | %.10g | %s | %s |\n", s->key, s->is_whole ? "whole number," : "number,",
           s->low, s->high, s->usual, s->unit, s->meaning);
    return;
  }
  printf("| `%s` | ", s->key);
  for (int i = 0; s->words[i]; i++) printf("%s`%s`", i == 0 ? "" : s->words[i + 1] ? ", " : " or ", s->words[i]);
  printf(" | `%s` | %s | %s |\n", s->usual_word, s->unit, s->meaning);
}

bool lb_settings_page(void) {
  lb_protocol_setting settings[LB_PROTOCOL_SETTINGS];
  lb_protocol usual = lb_protocol_default();
  bool whole = true;
  puts(
      "# Settings\n"
      "Every setting of `--set KEY=VALUE` (`bench run`, `suite`, `all`, `expert`), of `protocol` in a suite's JSON "
      "and\n"
      "of `train.protocol` in an expert's. `bench help --settings` prints this page from the program's own tables.\n\n"
      "An algorithm has some of these, with these defaults unless it has its own: `bench algos NAME` lists them, and\n"
      "`bench run TASK --algo NAME --dry-run` what a run would have. A setting that would do nothing is refused. The\n"
      "suites' settings for a task are those of `bench run --preset` and `bench suite`; how they were chosen is in\n"
      "[tuning.md](tuning.md). Whole numbers may be written 1000000, 1_000_000 or 1e6.");
  const char* heading;
  for (int k = 0, part; (heading = lb_protocol_part_at(k, &part)); k++) {
    int n = lb_protocol_settings(settings, &usual, part);
    printf("\n## %s\n| setting | values | default | unit | meaning |\n|---|---|---|---|---|\n", heading);
    for (int i = 0; i < n; i++) {
      if (!*settings[i].meaning) lb_log_say("bench help: no meaning of the setting %s", settings[i].key);
      whole = whole && *settings[i].meaning;
      print_line(&settings[i]);
    }
  }
  return whole;
}
