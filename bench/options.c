// The command line: see options.h.
#include "options.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MOST_SEEDS = 100000 };
static const uint64_t LARGEST_NUMBER = INT32_MAX;  // of a seed: the definitions of suites hold it as an int

// Room for one element more; ends the program when memory is short.
static void* grow(void* array, int n, size_t size) {
  void* grown = realloc(array, (size_t)(n + 1) * size);
  if (!grown) {
    fprintf(stderr, "bench: out of memory\n");
    exit(1);
  }
  return grown;
}

// A whole number in digits only; *end is where it stopped. False when there is none or it is too large.
static bool read_digits(const char* text, const char** end, uint64_t* out) {
  uint64_t value = 0;
  const char* p = text;
  for (; *p >= '0' && *p <= '9'; p++) {
    value = 10 * value + (uint64_t)(*p - '0');
    if (value > LARGEST_NUMBER) return false;
  }
  *end = p;
  *out = value;
  return p != text;
}

// Adds a seed; false when it is there already.
static bool add_seed(lb_seeds* seeds, uint64_t value) {
  for (int i = 0; i < seeds->n; i++) {
    if (seeds->values[i] == value) return false;
  }
  seeds->values = grow(seeds->values, seeds->n, sizeof *seeds->values);
  seeds->values[seeds->n++] = value;
  return true;
}

// The failure of a text that is no list of seeds.
static lb_status seeds_wrong(const char* option, const char* text) {
  return lb_fail(LB_INPUT,
                 "%s '%s': not a list of seeds; give how many (10 means 0 to 9), a list (0,3,7) or a range (0-9)",
                 option, text);
}

// "0,3,7" or "0-9", each seed once.
static lb_status read_seed_list(lb_seeds* seeds, const char* text, const char* option) {
  const char* p = text;
  for (;;) {
    uint64_t first, last;
    if (!read_digits(p, &p, &first)) return seeds_wrong(option, text);
    last = first;
    if (*p == '-' && !read_digits(p + 1, &p, &last)) return seeds_wrong(option, text);
    if (last < first) {
      return lb_fail(LB_INPUT, "%s '%s': the range runs backwards; write the smaller seed first", option, text);
    }
    if (last - first >= MOST_SEEDS) {
      return lb_fail(LB_INPUT, "%s '%s': more than %d seeds", option, text, (int)MOST_SEEDS);
    }
    for (uint64_t seed = first; seed <= last; seed++) {
      if (!add_seed(seeds, seed)) {
        return lb_fail(LB_INPUT, "%s '%s': seed %llu is there twice", option, text, (unsigned long long)seed);
      }
    }
    if (*p == '\0') return lb_ok();
    if (*p++ != ',') return seeds_wrong(option, text);
  }
}

lb_status lb_seeds_parse(lb_seeds* seeds, const char* text, const char* option) {
  lb_seeds_free(seeds);
  int64_t count;
  if (lb_text_whole(text, &count)) {
    if (count < 1 || count > MOST_SEEDS) {
      return lb_fail(LB_INPUT, "%s %s: the number of seeds should lie in 1..%d (a single seed is written 7-7)", option,
                     text, (int)MOST_SEEDS);
    }
    lb_seeds_first(seeds, (int)count);
    return lb_ok();
  }
  lb_status status = read_seed_list(seeds, text, option);
  if (status.code != LB_OK) lb_seeds_free(seeds);
  return status;
}

void lb_seeds_first(lb_seeds* seeds, int n) {
  lb_seeds_free(seeds);
  seeds->values = grow(NULL, n, sizeof *seeds->values);
  for (int i = 0; i < n; i++) seeds->values[i] = (uint64_t)i;
  seeds->n = n;
}

void lb_seeds_free(lb_seeds* seeds) {
  free(seeds->values);
  *seeds = (lb_seeds){0};
}

void lb_texts_free(lb_texts* texts) {
  free(texts->values);
  *texts = (lb_texts){0};
}

void lb_operands_free(lb_operands* operands) {
  free(operands->values);
  *operands = (lb_operands){0};
}

const char* lb_did_you_mean(const char* wanted, const char* const* names, int n, char* out, int size) {
  const char* nearest = lb_text_nearest(wanted, names, n);
  out[0] = '\0';
  if (nearest) snprintf(out, (size_t)size, " (did you mean '%s'?)", nearest);
  return out;
}

// What every command takes beside its own options.
static const char* models_folder;
static const lb_option models_option = {"models", "DIR",
                                        "a folder of tasks of your own, before models/; see docs/your-own-task.md",
                                        LB_OPTION_TEXT, &models_folder};

// The option called name[0..length), or NULL.
static const lb_option* find_option(const lb_usage* usage, const char* name, size_t length) {
  for (int i = 0; i < usage->noptions; i++) {
    const char* own = usage->options[i].name;
    if (strlen(own) == length && memcmp(own, name, length) == 0) return &usage->options[i];
  }
  const char* models = models_option.name;
  return strlen(models) == length && memcmp(models, name, length) == 0 ? &models_option : NULL;
}

// The failure of an option that the command does not have, with the nearest.
static lb_status unknown_option(const lb_usage* usage, const char* name, size_t length) {
  const char* names[64];
  int n = 0;
  for (int i = 0; i < usage->noptions && n < LB_COUNT_OF(names) - 1; i++) {
    if (usage->options[i].help) names[n++] = usage->options[i].name;
  }
  if (n < LB_COUNT_OF(names) - 1) names[n++] = models_option.name;
  names[n++] = "help";
  char wanted[128], hint[160];
  snprintf(wanted, sizeof wanted, "%.*s", (int)length, name);
  const char* nearest = lb_text_nearest(wanted, names, n);
  if (nearest) {
    snprintf(hint, sizeof hint, "did you mean --%s?", nearest);
  } else {
    snprintf(hint, sizeof hint, "see bench %s --help", usage->command);
  }
  return lb_fail(LB_INPUT, "unknown option --%s (%s)", wanted, hint);
}

// A whole number, 1 or more.
static lb_status read_count(const lb_option* option, const char* text) {
  int64_t value;
  if (!lb_text_whole(text, &value) || value < 1 || value > INT32_MAX) {
    return lb_fail(LB_INPUT, "--%s '%s': should be a whole number from 1 to %d", option->name, text, INT32_MAX);
  }
  *(int*)option->out = (int)value;
  return lb_ok();
}

// A number, 0 or more.
static lb_status read_number(const lb_option* option, const char* text) {
  double value;
  if (!lb_text_number(text, &value) || value < 0) {
    return lb_fail(LB_INPUT, "--%s '%s': should be a number, 0 or more", option->name, text);
  }
  *(double*)option->out = value;
  return lb_ok();
}

// A whole number from 0 on.
static lb_status read_seed(const lb_option* option, const char* text) {
  int64_t value;
  if (!lb_text_whole(text, &value) || value < 0 || value > INT32_MAX) {
    return lb_fail(LB_INPUT, "--%s '%s': should be a whole number from 0 to %d", option->name, text, INT32_MAX);
  }
  *(uint64_t*)option->out = (uint64_t)value;
  return lb_ok();
}

// The option's value, as its kind reads it.
static lb_status read_value(const lb_option* option, const char* text) {
  switch (option->kind) {
    case LB_OPTION_FLAG:
      *(bool*)option->out = true;
      return lb_ok();
    case LB_OPTION_TEXT:
      if (!*text) return lb_fail(LB_INPUT, "--%s: the value is empty; %s is expected", option->name, option->value);
      *(const char**)option->out = text;
      return lb_ok();
    case LB_OPTION_TEXTS: {
      if (!*text) return lb_fail(LB_INPUT, "--%s: the value is empty; %s is expected", option->name, option->value);
      lb_texts* texts = option->out;
      texts->values = grow(texts->values, texts->n, sizeof *texts->values);
      texts->values[texts->n++] = text;
      return lb_ok();
    }
    case LB_OPTION_COUNT:
      return read_count(option, text);
    case LB_OPTION_NUMBER:
      return read_number(option, text);
    case LB_OPTION_SEED:
      return read_seed(option, text);
    case LB_OPTION_SEEDS: {
      char name[64];
      snprintf(name, sizeof name, "--%s", option->name);
      return lb_seeds_parse(option->out, text, name);
    }
  }
  return lb_ok();
}

// Tasks of the user's own: what is named here precedes what the environment names, for this process and those that it
// starts.
static lb_status use_models(const char* folder) {
  char path[PATH_MAX];
  const char* earlier = getenv("LAZYBENCH_MODELS");
  if (!realpath(folder, path)) return lb_fail(LB_INPUT, "--models %s: no such folder", folder);
  if (strchr(path, ':')) return lb_fail(LB_INPUT, "--models %s: the path may hold no colon", folder);
  size_t size = strlen(path) + (earlier ? strlen(earlier) : 0) + 2;
  char* list = grow(NULL, (int)size, 1);
  snprintf(list, size, "%s%s%s", path, earlier && *earlier ? ":" : "", earlier ? earlier : "");
  int failed = setenv("LAZYBENCH_MODELS", list, 1);
  free(list);
  return failed ? lb_fail(LB_MEMORY, "--models %s: no memory for the environment", folder) : lb_ok();
}

// Reads the option at argv[*i], and its value; *i ends on the last word used. `seen` has a flag an option.
static lb_status read_option(const lb_usage* usage, bool* seen, int* i, int argc, char** argv) {
  const char* name = argv[*i] + 2;
  const char* equals = strchr(name, '=');
  size_t length = equals ? (size_t)(equals - name) : strlen(name);
  const lb_option* option = find_option(usage, name, length);
  if (!option) return unknown_option(usage, name, length);
  bool* was_seen = option == &models_option ? &seen[usage->noptions] : &seen[option - usage->options];
  if (*was_seen && option->kind != LB_OPTION_TEXTS) return lb_fail(LB_INPUT, "--%s is given twice", option->name);
  *was_seen = true;
  if (option->kind == LB_OPTION_FLAG) {
    if (equals) return lb_fail(LB_INPUT, "--%s takes no value", option->name);
    return read_value(option, "");
  }
  if (equals) return read_value(option, equals + 1);
  if (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0) {
    return lb_fail(LB_INPUT, "--%s needs a value: --%s %s", option->name, option->name, option->value);
  }
  return read_value(option, argv[++*i]);
}

// Fails at too few or too many operands.
static lb_status check_operands(const lb_usage* usage, const lb_operands* operands) {
  if (operands->n < usage->least) {
    return lb_fail(LB_INPUT, "something is missing; usage: bench %s %s", usage->command, usage->operands);
  }
  if (usage->most >= 0 && operands->n > usage->most) {
    return lb_fail(LB_INPUT, "'%s' is one word too many; usage: bench %s %s", operands->values[usage->most],
                   usage->command, usage->operands);
  }
  return lb_ok();
}

lb_status lb_options_read(lb_operands* operands, const lb_usage* usage, int argc, char** argv) {
  *operands = (lb_operands){0};
  bool seen[64] = {false};
  bool ended = false;
  models_folder = NULL;
  for (int i = 1; i < argc; i++) {
    const char* word = argv[i];
    if (!ended && strcmp(word, "--") == 0) {
      ended = true;
    } else if (!ended && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
      lb_options_print_help(usage);
      operands->help = true;
      return lb_ok();
    } else if (!ended && strncmp(word, "--", 2) == 0) {
      LB_TRY(read_option(usage, seen, &i, argc, argv));
    } else if (!ended && word[0] == '-' && word[1]) {
      return lb_fail(LB_INPUT, "unknown option %s (options are written out, with two dashes: see bench %s --help)",
                     word, usage->command);
    } else if (!*word) {
      return lb_fail(LB_INPUT, "a word is empty; usage: bench %s %s", usage->command, usage->operands);
    } else {
      operands->values = grow(operands->values, operands->n, sizeof *operands->values);
      operands->values[operands->n++] = word;
    }
  }
  if (models_folder) LB_TRY(use_models(models_folder));
  return check_operands(usage, operands);
}

// The help of one option, its lines indented below each other.
static void print_option(const char* name, const char* value, const char* help) {
  char left[64];
  snprintf(left, sizeof left, "--%s%s%s", name, value ? " " : "", value ? value : "");
  printf("  %-22s ", left);
  if (strlen(left) > 22) printf("\n  %-22s ", "");
  for (const char* p = help; *p; p++) {
    putchar(*p);
    if (*p == '\n') printf("  %-22s ", "");
  }
  putchar('\n');
}

// The command's text, its options and examples, on stdout.
void lb_options_print_help(const lb_usage* usage) {
  printf("bench %s %s\n\n%s\n\nOptions\n", usage->command, usage->operands, usage->text);
  for (int i = 0; i < usage->noptions; i++) {
    const lb_option* option = &usage->options[i];
    if (option->help) print_option(option->name, option->value, option->help);
  }
  print_option(models_option.name, models_option.value, models_option.help);
  print_option("help", NULL, "this text");
  if (usage->examples) printf("\nExamples\n%s\n", usage->examples);
}
