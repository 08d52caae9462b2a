#include "theory/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lb_study_opener* const openers[] = {lb_generative_open,   lb_worlds_open, lb_tree_open,  lb_hedges_open,
                                           lb_linear_study_open, lb_lemmas_open, lb_passes_open};
enum { OPENERS = sizeof openers / sizeof *openers };

typedef struct words {
  const char *name, *text;  // a name that ends with '-' is the beginning of one
} words;

static const words worlds[] = {
    {"generative-hard", "the instance behind the minimax rate of learning from a generative model"},
    {"generative-random", "random discounted MDPs, learned from a generative model"},
    {"shortcut", "a path with a brook and a ditch: what jumps one may jump the other, or not"},
    {"trophy", "a coin at the foot of a ladder, a trophy at its top, and a slippery first rung"},
    {"portals-", "a tree of decisions, and a model of it with portals that are not there"},
    {"wide-tree", "the published tree of value matching: three steps, a hundred leaves"},
    {"twins-", "pairs of equal rooms in a row, and two doors that are not"},
    {"lds-growing", "a linear system that grows when nothing is done"},
    {"lds", "the published linear system, which shrinks by itself"},
    {"random-mdps", "random MDPs with random policies and random models"},
    {"linear-psdp", "a linear system with noise, in which one LQR pass is PSDP"},
    {"hover-psdp", "the published helicopter, in which it is not quite"},
};

static const words rows[] = {
    {"expert", "Expert"},
    {"zero", "Doing nothing"},
    {"plug-in-samples", "Plan in the fitted model, more samples"},
    {"plug-in-horizon", "Plan in the fitted model, longer horizons"},
    {"expert-only", "Expert data only"},
    {"learner-only", "Learner data only"},
    {"sysid", "SysID"},
    {"lamps", "LAMPS"},
    {"hedge-prediction", "Hedge, prediction"},
    {"hedge-value", "Hedge, value moments"},
    {"lds-likelihood", "Likelihood"},
    {"lds-moments-", "Value moments, another ridge"},
    {"lds-moments", "Value moments"},
    {"lemmas", "Both lemmas"},
    {"lqr-pass", "One LQR pass"},
    {"lqr-displaced-2023", "One LQR pass about wrong states, as published"},
    {"lqr-displaced", "One LQR pass about wrong states"},
    {"psdp", "PSDP by regression"},
};

static const char* look_up(const words* list, int n, const char* name) {
  for (int i = 0; i < n; ++i) {
    size_t length = strlen(list[i].name);
    bool begins = list[i].name[length - 1] == '-';
    if (begins ? strncmp(list[i].name, name, length) == 0 : strcmp(list[i].name, name) == 0) return list[i].text;
  }
  return NULL;
}

bool lb_study_is_file(const char* name) {
  size_t length = strlen(name);
  return length > 5 && strcmp(name + length - 5, ".json") == 0;
}

bool lb_study_is_world(const char* name) {
  return lb_study_world_text(name) != NULL;
}

const char* lb_study_world_text(const char* name) {
  if (lb_study_is_file(name)) return "an MDP from a file";
  return look_up(worlds, sizeof worlds / sizeof *worlds, name);
}

const char* lb_study_row_title(const char* name) {
  return look_up(rows, sizeof rows / sizeof *rows, name);
}

lb_status lb_study_open(lb_study** out, const char* world, const char* row, uint64_t seed) {
  *out = NULL;
  lb_arena* arena = lb_arena_new(0);
  if (!arena) return lb_fail(LB_MEMORY, "%s: no memory", world);
  lb_study* study = LB_TAKE(arena, lb_study, 1);
  study->arena = arena;
  study->world = lb_arena_text(arena, world);
  study->row = lb_arena_text(arena, row);
  lb_status status = lb_ok();
  bool taken = false;
  for (int i = 0; i < OPENERS && !taken && status.code == LB_OK; ++i) status = openers[i](study, seed, &taken);
  if (status.code == LB_OK && !taken) {
    status = lb_study_is_world(world) ? lb_fail(LB_INPUT, "%s has no row '%s'", world, row)
                                      : lb_fail(LB_INPUT, "there is no small world '%s'", world);
  }
  if (status.code != LB_OK) {
    lb_arena_free(arena);
    return status;
  }
  *out = study;
  return lb_ok();
}

void lb_study_close(lb_study* study) {
  if (!study) return;
  if (study->close) study->close(study);
  lb_arena_free(study->arena);
}

int lb_study_round(lb_study* study, int round, lb_study_number out[LB_STUDY_NUMBERS]) {
  if (round > 0 && study->collect) study->collect(study, round);
  if (round > 0 && study->fit) study->fit(study, round);
  if (study->plan) study->plan(study, round);
  return study->measure(study, round, out);
}

double lb_study_exponent(const double* x, const double* y, int n) {
  double k = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (int i = 0; i < n; ++i) {
    if (!(y[i] > 0)) continue;
    double a = log(x[i]), b = log(y[i]);
    k += 1, sx += a, sy += b, sxx += a * a, sxy += a * b;
  }
  return k < 2 ? NAN : (k * sxy - sx * sy) / (k * sxx - sx * sx);
}
