// The grammar of a suite's definition: see suite_grammar.h.
#include "suite/suite_grammar.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "io/json_schema.h"
#include "suite/suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { KEYS_MOST = 40 };

typedef enum value_type {
  TEXT,
  TEXTS,
  NAME,  // of a task, a row or a part; it becomes a folder or a file
  NAMES,
  YES,
  NUMBER,  // in [low, high]
  NUMBERS,
  WHOLE,  // in [low, high]
  WHOLES,
  ITERATION,  // a whole number, or "last"
  WHEN,       // an iteration, or "tail"
  SEEDS,      // how many, or a list of them
  WORD,       // one of words
  OBJECT,
  LIST,       // of objects
  TASK_MAP,   // a number a task
  SETTINGS,   // of --set
  ANY_OBJECT  // for others to read
} value_type;

typedef struct words {
  const char* const* list;
  int n;
} words;

typedef struct key {
  const char* name;
  const char* what;
  value_type type;
  bool required;
  lb_suite_object of;  // OBJECT and LIST
  double low, high;
  words words;  // WORD
} key;

typedef struct object {
  const char* name;  // of the schema's definition
  const char* what;
  const key* keys;
  int n;
  const char *rule, *rules;  // a further member of the schema, and its JSON; NULL: none
} object;

const char* const lb_suite_expectations[] = {"better", "worse", "no worse", "equal"};
const char* const lb_suite_laws[] = {"exponential", "power"};
const char* const lb_suite_log_axes[] = {"", "x", "y", "xy"};

// clang-format off
#define WORDS(list) {list, COUNT(list)}

static const key root_keys[] = {
    {"name", "also the name of the results folder", .type = NAME, .required = true},
    {"title", "for the report; default: the name", .type = TEXT},
    {"summary", "one line for the report", .type = TEXT},
    {"part", "what its claims stand under in a report of several suites", .type = TEXT},
    {"seeds", "how many (from 0 on), or which; default 10", .type = SEEDS, .low = 1, .high = LB_SUITE_MOST_SEEDS},
    {"tasks", "each with every one of \"algos\"", .type = NAMES},
    {"algos", "each with every one of \"tasks\"", .type = NAMES},
    {"rows", "single rows, after those", .type = LIST, .of = LB_SUITE_ROW},
    {"protocol", "settings of all rows", .type = SETTINGS},
    {"overrides", "settings of some rows, over those", .type = LIST, .of = LB_SUITE_OVERRIDE},
    {"sweep", "one setting through several values", .type = OBJECT, .of = LB_SUITE_SWEEP},
    {"presets", "what --preset changes", .type = OBJECT, .of = LB_SUITE_PRESETS_OBJECT},
    {"preset", "of a copy beside results: what they were made under", .type = TEXT},
    {"only", "of a copy: the part that was asked for last", .type = TEXTS},
    {"as_run", "of a copy: program, tasks and algorithms when it was run last", .type = ANY_OBJECT},
    {"reference", "the row whose score is the goal; default: \"expert\"", .type = NAME},
    {"start", "the row where the way to the goal begins; default: \"zero\", else \"random\"", .type = NAME},
    {"references", "further rows without a curve", .type = NAMES},
    {"baseline", "the row that the probability of improvement is stated against", .type = NAME},
    {"metric", "what is compared: cost (lower is better) or return", .type = TEXT},
    {"cost_floor", "a constant inside every cost of a task", .type = TASK_MAP, .low = -LB_SUITE_MOST_NUMBER,
     .high = LB_SUITE_MOST_NUMBER},
    {"show", "iterations that get a column in the table", .type = WHOLES, .high = LB_SUITE_MOST_ITERATION},
    {"ladder", "tasks that are one problem of growing difficulty", .type = OBJECT, .of = LB_SUITE_LADDER},
    {"figures", "groups of algorithms that are drawn together", .type = LIST, .of = LB_SUITE_FIGURE},
    {"contrasts", "differences between two rows that are named beforehand", .type = LIST, .of = LB_SUITE_CONTRAST},
    {"claims", "what somebody says of a contrast", .type = LIST, .of = LB_SUITE_CLAIM},
    {"chapters", "a report that is read from top to bottom", .type = LIST, .of = LB_SUITE_CHAPTER},
    {"bands", "where means must lie", .type = LIST, .of = LB_SUITE_BAND},
    {"overlays", "curves of others", .type = LIST, .of = LB_SUITE_OVERLAY},
};
static const key presets_keys[] = {
    {"quick", "", .type = OBJECT, .of = LB_SUITE_PRESET},
    {"evening", "", .type = OBJECT, .of = LB_SUITE_PRESET},
    {"standard", "", .type = OBJECT, .of = LB_SUITE_PRESET},
    {"paper", "", .type = OBJECT, .of = LB_SUITE_PRESET},
};
static const key row_keys[] = {
    {"task", "", .type = NAME, .required = true},
    {"algo", "", .type = NAME, .required = true},
};
static const key override_keys[] = {
    {"tasks", "default: all", .type = NAMES},
    {"algos", "default: all", .type = NAMES},
    {"protocol", "their settings", .type = SETTINGS, .required = true},
};
static const key sweep_keys[] = {
    {"setting", "one of --set", .type = TEXT, .required = true},
    {"values", "ascending", .type = NUMBERS, .required = true},
    {"algos", "which run once with each value, as the rows ALGO@VALUE", .type = NAMES, .required = true},
};
static const key ladder_keys[] = {
    {"label", "what the numbers are", .type = TEXT, .required = true},
    {"tasks", "each with its number", .type = TASK_MAP, .required = true, .low = 1e-9, .high = 1e9},
};
static const key figure_keys[] = {
    {"name", "", .type = NAME, .required = true},
    {"title", "default: the name", .type = TEXT},
    {"algos", "", .type = NAMES, .required = true},
};
static const key contrast_keys[] = {
    {"name", "", .type = NAME, .required = true},
    {"question", "", .type = TEXT},
    {"baseline", "the difference is variant minus baseline, seed by seed", .type = NAME, .required = true},
    {"variant", "", .type = NAME, .required = true},
    {"metrics", "default: the suite's", .type = NAMES},
    {"tasks", "default: every task that has both rows", .type = NAMES},
    {"from", "the first iteration that counts; default 1", .type = WHOLE, .high = LB_SUITE_MOST_ITERATION},
    {"to", "the last one; default \"last\"", .type = ITERATION, .high = LB_SUITE_MOST_ITERATION},
    {"at", "one iteration instead, or \"tail\": the last fifth", .type = WHEN, .high = LB_SUITE_MOST_ITERATION},
    {"primary", "one of the few that the suite is there for", .type = YES},
};
static const key claim_keys[] = {
    {"claim", "what somebody says", .type = TEXT, .required = true},
    {"contrast", "the name of one", .type = NAME, .required = true},
    {"metric", "one of the contrast's; default: its first", .type = NAME},
    {"expect", "where the variant's difference lies", .type = WORD, .required = true,
     .words = WORDS(lb_suite_expectations)},
    {"margin", "what difference does not matter, in the metric's units", .type = NUMBER, .high = LB_SUITE_MOST_NUMBER},
    {"tasks", "default: the contrast's", .type = NAMES},
};
static const key band_keys[] = {
    {"task", "default: the suite's only one", .type = NAME},
    {"algo", "", .type = NAME, .required = true},
    {"metric", "default: the suite's", .type = TEXT},
    {"iteration", "default \"last\"", .type = ITERATION, .high = LB_SUITE_MOST_ITERATION},
    {"since", "takes the value at that iteration off", .type = WHOLE, .high = LB_SUITE_MOST_ITERATION},
    {"low", "the mean over seeds lies in [low, high]", .type = NUMBER, .low = -LB_SUITE_MOST_NUMBER,
     .high = LB_SUITE_MOST_NUMBER},
    {"high", "", .type = NUMBER, .low = -LB_SUITE_MOST_NUMBER, .high = LB_SUITE_MOST_NUMBER},
    {"mean", "of a published result", .type = NUMBER, .low = -LB_SUITE_MOST_NUMBER, .high = LB_SUITE_MOST_NUMBER},
    {"se", "its standard error", .type = NUMBER, .high = LB_SUITE_MOST_NUMBER},
    {"seeds", "behind it", .type = WHOLE, .low = 2, .high = LB_SUITE_MOST_SEEDS},
    {"source", "where the band comes from", .type = TEXT},
};
static const key overlay_keys[] = {
    {"file", "an .npz beside the definition", .type = TEXT, .required = true},
    {"task", "default: every task", .type = NAME},
    {"algo", "", .type = NAME, .required = true},
    {"metric", "default: the suite's", .type = TEXT},
    {"x", "the axis, a metric; default \"iteration\"", .type = TEXT},
    {"at", "the array of x values; default: 0, 1, 2, ...", .type = TEXT},
    {"mean", "the array of y values", .type = TEXT, .required = true},
    {"se", "the array of standard errors", .type = TEXT},
    {"label", "default \"published\"", .type = TEXT},
    {"seeds", "behind the standard errors", .type = WHOLE, .low = 2, .high = LB_SUITE_MOST_SEEDS},
};
static const key chapter_keys[] = {
    {"title", "", .type = TEXT, .required = true},
    {"text", "paragraphs", .type = TEXTS},
    {"tasks", "whose claims and bands close the chapter", .type = NAMES, .required = true},
    {"drawings", "WORLD-ROW of pictures that runs left", .type = TEXTS},
    {"figures", "", .type = LIST, .of = LB_SUITE_CHAPTER_FIGURE},
    {"terms", "one row's means at some iterations", .type = LIST, .of = LB_SUITE_CHAPTER_TERMS},
    {"table", "metrics whose last values are listed", .type = NAMES},
    {"fits", "growth, fitted seed by seed", .type = LIST, .of = LB_SUITE_CHAPTER_FIT},
};
static const key chapter_figure_keys[] = {
    {"metric", "", .type = NAME, .required = true},
    {"along", "the metric, or with \"at\" the label, of the other axis; default: the iteration", .type = TEXT},
    {"at", "a number a task: one panel for all of them", .type = TASK_MAP, .low = -INFINITY, .high = INFINITY},
    {"tasks", "default: the chapter's", .type = NAMES},
    {"algos", "default: all", .type = NAMES},
    {"log", "logarithmic axes", .type = WORD, .words = WORDS(lb_suite_log_axes)},
    {"title", "", .type = TEXT},
};
static const key chapter_terms_keys[] = {
    {"task", "", .type = NAME, .required = true},
    {"algo", "", .type = NAME, .required = true},
    {"metrics", "", .type = NAMES, .required = true},
    {"at", "iterations", .type = WHOLES, .high = LB_SUITE_MOST_ITERATION},
};
static const key chapter_fit_keys[] = {
    {"metric", "", .type = NAME, .required = true},
    {"algo", "", .type = NAME, .required = true},
    {"law", "a factor for each one more, or an exponent", .type = WORD, .required = true,
     .words = WORDS(lb_suite_laws)},
    {"at", "a number a task", .type = TASK_MAP, .required = true, .low = -INFINITY, .high = INFINITY},
};
#define KEYS(name) name##_keys, COUNT(name##_keys)
static const object objects[LB_SUITE_OBJECTS] = {
    [LB_SUITE_ROOT] = {.name = "suite", "which tasks, algorithms and seeds, and what the report asks", KEYS(root),
        "anyOf", "[{\"required\":[\"tasks\",\"algos\"]},"
                 "{\"required\":[\"rows\"],\"properties\":{\"tasks\":false,\"algos\":false}}]"},
    [LB_SUITE_PRESETS_OBJECT] = {.name = "presets", "how much is run", KEYS(presets)},
    // Its keys are the root's.
    [LB_SUITE_PRESET] = {.name = "preset", "settings come over the suite's, any other key takes its place"},
    [LB_SUITE_ROW] = {.name = "row", "an algorithm on a task", KEYS(row)},
    [LB_SUITE_OVERRIDE] = {.name = "override", "settings of the rows of some tasks and algorithms", KEYS(override)},
    [LB_SUITE_SWEEP] = {.name = "sweep", "one setting through several values", KEYS(sweep)},
    [LB_SUITE_LADDER] = {.name = "ladder", "tasks that are one problem of growing difficulty", KEYS(ladder)},
    [LB_SUITE_FIGURE] = {.name = "figure", "algorithms that are drawn together", KEYS(figure)},
    [LB_SUITE_CONTRAST] = {.name = "contrast", "a difference between two rows", KEYS(contrast),
        "dependentSchemas", "{\"at\":{\"properties\":{\"from\":false,\"to\":false}}}"},
    [LB_SUITE_CLAIM] = {.name = "claim", "what somebody says of a contrast", KEYS(claim),
        "anyOf", "[{\"properties\":{\"expect\":{\"enum\":[\"better\",\"worse\"]}}},"
                 "{\"required\":[\"margin\"],\"properties\":{\"margin\":{\"exclusiveMinimum\":0}}}]"},
    [LB_SUITE_BAND] = {.name = "band", "where a mean must lie", KEYS(band),
        "oneOf", "[{\"required\":[\"low\",\"high\"],\"properties\":{\"mean\":false,\"se\":false,\"seeds\":false}},"
                 "{\"required\":[\"mean\",\"se\",\"seeds\"],\"properties\":{\"low\":false,\"high\":false}}]"},
    [LB_SUITE_OVERLAY] = {.name = "overlay", "a curve of others", KEYS(overlay)},
    [LB_SUITE_CHAPTER] = {.name = "chapter", "an idea: words, pictures, tables, verdicts", KEYS(chapter)},
    [LB_SUITE_CHAPTER_FIGURE] = {.name = "chapter_figure", "panels of curves", KEYS(chapter_figure)},
    [LB_SUITE_CHAPTER_TERMS] = {.name = "chapter_terms", "means of one row, with their sum", KEYS(chapter_terms)},
    [LB_SUITE_CHAPTER_FIT] = {.name = "chapter_fit", "a law of growth", KEYS(chapter_fit)},
};
// clang-format on

// Whether a preset may change this key of the root.
static bool is_of_preset(const key* k) {
  static const char* const others[] = {"name", "presets", "preset", "only", "as_run"};
  for (int i = 0; i < COUNT(others); i++) {
    if (strcmp(k->name, others[i]) == 0) return false;
  }
  return true;
}

// The keys of an object, in order; returns how many.
static int list_keys(const key* out[KEYS_MOST], lb_suite_object which) {
  bool preset = which == LB_SUITE_PRESET;
  const object* o = &objects[preset ? LB_SUITE_ROOT : which];
  int n = 0;
  for (int i = 0; i < o->n; i++) {
    if (!preset || is_of_preset(&o->keys[i])) out[n++] = &o->keys[i];
  }
  return n;
}

lb_status lb_suite_check_keys(lb_node node, lb_suite_object which) {
  const key* keys[KEYS_MOST];
  const char* names[KEYS_MOST];
  int n = list_keys(keys, which);
  for (int i = 0; i < n; i++) names[i] = keys[i]->name;
  return lb_json_keys(node, names, n);
}

// "$ref": the object's definition.
static void write_reference(lb_json_writer* w, lb_suite_object of) {
  lb_text place = {0};
  lb_text_add(&place, "#/$defs/%s", objects[of].name);
  lb_json_write_string(w, "$ref", place.data);
  lb_text_free(&place);
}

// A string that may be a folder's name.
static void write_name(lb_json_writer* w) {
  lb_json_write_string(w, "type", "string");
  lb_json_write_string(w, "pattern", "^[A-Za-z0-9_-][A-Za-z0-9._@-]{0,99}$");
}

// {"type": "array", "items": {...}}: begins the items' schema.
static void begin_items(lb_json_writer* w) {
  lb_json_write_string(w, "type", "array");
  lb_json_write_begin_object(w, "items");
}

// A whole number, or one of some words.
static void write_whole_or(lb_json_writer* w, const key* k, const char* list) {
  lb_json_write_begin_array(w, "anyOf");
  lb_json_write_begin_object(w, NULL);
  lb_schema_range(w, "integer", k->low, k->high);
  lb_json_write_end_object(w);
  lb_json_write_begin_object(w, NULL);
  lb_json_write_raw(w, "enum", list);
  lb_json_write_end_object(w);
  lb_json_write_end_array(w);
}

// How many seeds, or which.
static void write_seeds(lb_json_writer* w, const key* k) {
  lb_json_write_begin_array(w, "anyOf");
  lb_json_write_begin_object(w, NULL);
  lb_schema_range(w, "integer", k->low, k->high);
  lb_json_write_end_object(w);
  lb_json_write_begin_object(w, NULL);
  begin_items(w);
  lb_schema_range(w, "integer", 0, INT_MAX);
  lb_json_write_end_object(w);
  lb_json_write_int(w, "minItems", 1);
  lb_json_write_bool(w, "uniqueItems", true);
  lb_json_write_end_object(w);
  lb_json_write_end_array(w);
}

// What a key holds.
static void write_value(lb_json_writer* w, const key* k) {
  switch (k->type) {
    case TEXT:
      lb_json_write_string(w, "type", "string");
      break;
    case TEXTS:
      begin_items(w);
      lb_json_write_string(w, "type", "string");
      lb_json_write_end_object(w);
      break;
    case NAME:
      write_name(w);
      break;
    case NAMES:
      begin_items(w);
      write_name(w);
      lb_json_write_end_object(w);
      lb_json_write_bool(w, "uniqueItems", true);
      if (k->required) lb_json_write_int(w, "minItems", 1);
      break;
    case YES:
      lb_json_write_string(w, "type", "boolean");
      break;
    case NUMBER:
      lb_schema_range(w, "number", k->low, k->high);
      break;
    case NUMBERS:
      begin_items(w);
      lb_json_write_string(w, "type", "number");
      lb_json_write_end_object(w);
      lb_json_write_int(w, "minItems", 1);
      break;
    case WHOLE:
      lb_schema_range(w, "integer", k->low, k->high);
      break;
    case WHOLES:
      begin_items(w);
      lb_schema_range(w, "integer", k->low, k->high);
      lb_json_write_end_object(w);
      lb_json_write_bool(w, "uniqueItems", true);
      break;
    case ITERATION:
      write_whole_or(w, k, "[\"last\"]");
      break;
    case WHEN:
      write_whole_or(w, k, "[\"last\",\"tail\"]");
      break;
    case SEEDS:
      write_seeds(w, k);
      break;
    case WORD:
      lb_schema_words(w, k->words.list, k->words.n);
      break;
    case OBJECT:
      write_reference(w, k->of);
      break;
    case LIST:
      begin_items(w);
      write_reference(w, k->of);
      lb_json_write_end_object(w);
      break;
    case TASK_MAP:
      lb_json_write_string(w, "type", "object");
      lb_json_write_begin_object(w, "additionalProperties");
      lb_schema_range(w, "number", k->low, k->high);
      lb_json_write_end_object(w);
      break;
    case SETTINGS:
      lb_json_write_string(w, "$ref", "#/$defs/settings");
      break;
    case ANY_OBJECT:
      lb_json_write_string(w, "type", "object");
      break;
  }
}

// The members of an object's schema.
static void write_object(lb_json_writer* w, lb_suite_object which) {
  const object* o = &objects[which];
  const key* keys[KEYS_MOST];
  const char* required[KEYS_MOST];
  int n = list_keys(keys, which), n_required = 0;
  lb_schema_describe(w, o->what, NULL);
  lb_schema_strict(w);
  lb_json_write_begin_object(w, "properties");
  for (int i = 0; i < n; i++) {
    lb_json_write_begin_object(w, keys[i]->name);
    lb_schema_describe(w, keys[i]->what, NULL);
    write_value(w, keys[i]);
    lb_json_write_end_object(w);
    if (keys[i]->required && which != LB_SUITE_PRESET) required[n_required++] = keys[i]->name;
  }
  lb_json_write_end_object(w);
  lb_schema_required(w, required, n_required);
  if (o->rule) lb_json_write_raw(w, o->rule, o->rules);
}

void lb_suite_schema(lb_json_writer* w, const char* settings) {
  lb_schema_begin(w, "a suite of LazyBench");
  write_object(w, LB_SUITE_ROOT);
  lb_json_write_begin_object(w, "$defs");
  for (int i = LB_SUITE_ROOT + 1; i < LB_SUITE_OBJECTS; i++) {
    lb_json_write_begin_object(w, objects[i].name);
    write_object(w, (lb_suite_object)i);
    lb_json_write_end_object(w);
  }
  lb_json_write_raw(w, "settings", settings);
  lb_json_write_end_object(w);
  lb_json_write_end_object(w);
}
