// Settings of a protocol as text: see settings.h. They go through the protocol's own JSON, so that a new setting needs
// nothing here.
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/json.h"
#include "io/json_writer.h"

int lb_settings_list(lb_setting out[LB_SETTINGS_MAX], const lb_protocol* protocol, int parts) {
  lb_text text = {0};
  lb_json_writer w = lb_json_writer_on(&text);
  lb_protocol_write(protocol, parts, &w, NULL);
  lb_json* doc;
  if (lb_json_parse(&doc, text.data, "protocol").code != LB_OK) abort();  // our own text
  lb_node object = lb_json_root(doc);
  int n = lb_json_length(object);
  if (n > LB_SETTINGS_MAX) n = LB_SETTINGS_MAX;
  for (int i = 0; i < n; i++) {
    char* value = lb_json_canonical(lb_json_element(object, i));
    int quote = value[0] == '"';
    snprintf(out[i].text, sizeof out[i].text, "%s=%.*s", lb_json_key(object, i), (int)strlen(value) - 2 * quote,
             value + quote);
    free(value);
  }
  lb_json_free(doc);
  lb_text_free(&text);
  return n;
}

int lb_settings_difference(lb_setting out[LB_SETTINGS_MAX], const lb_protocol* protocol, const lb_protocol* other) {
  lb_setting ours[LB_SETTINGS_MAX], theirs[LB_SETTINGS_MAX];
  int n = lb_settings_list(ours, protocol, LB_PROTOCOL_WHOLE), kept = 0;
  lb_settings_list(theirs, other, LB_PROTOCOL_WHOLE);
  for (int i = 0; i < n; i++) {
    if (strcmp(ours[i].text, theirs[i].text) != 0) out[kept++] = ours[i];
  }
  return kept;
}

bool lb_settings_only_warm_up(const lb_protocol* p, int parts) {
  return parts & LB_PROTOCOL_ONLINE && lb_protocol_get(p, "steps") <= lb_protocol_get(p, "warmup_steps");
}
