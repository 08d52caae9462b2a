// A learner as a file: the weights and moments as they lie in memory, the temperature, the counters. See sac.h.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/json.h"
#include "io/json_writer.h"
#include "io/safetensors.h"
#include "plan/sac_private.h"

enum { RUNS = 7, TENSORS = RUNS + 2 };

#ifdef LB_NN_DOUBLE
static const lb_dtype dtype = LB_F64;
#else
static const lb_dtype dtype = LB_F32;
#endif

static const char* const sizes[] = {"nobs", "nact", "hidden", "width"};

typedef struct scalars {
  double temperature[3];  // log alpha, Adam's moments of it
  int64_t counters[4];    // updates, steps of the optimisers of actor, critics, temperature
} scalars;

static scalars scalars_of(const lb_sac* sac) {
  return (scalars){{sac->log_alpha, sac->alpha_m, sac->alpha_v},
                   {sac->updates, sac->actor_adam.steps, sac->critic_adam.steps, sac->alpha_steps}};
}

static void describe(lb_array tensors[TENSORS], const lb_sac* sac, const scalars* s) {
  const struct {
    const char* name;
    const lb_real* data;
    long count;
  } runs[RUNS] = {
      {"actor", sac->actor->theta, sac->actor->count},        {"actor.m", sac->actor_adam.m, sac->actor->count},
      {"actor.v", sac->actor_adam.v, sac->actor->count},      {"critics", sac->critics->theta, sac->critics->count},
      {"critics.m", sac->critic_adam.m, sac->critics->count}, {"critics.v", sac->critic_adam.v, sac->critics->count},
      {"targets", sac->targets->theta, sac->critics->count},
  };
  for (int i = 0; i < RUNS; i++) {
    tensors[i] = (lb_array){.name = runs[i].name,
                            .dtype = dtype,
                            .rank = 1,
                            .shape = {runs[i].count},
                            .size = runs[i].count,
                            .data = runs[i].data};
  }
  tensors[RUNS] =
      (lb_array){.name = "temperature", .dtype = LB_F64, .rank = 1, .shape = {3}, .size = 3, .data = s->temperature};
  tensors[RUNS + 1] =
      (lb_array){.name = "counters", .dtype = LB_I64, .rank = 1, .shape = {4}, .size = 4, .data = s->counters};
}

static void config_sizes(int out[4], const lb_sac_config* c) {
  out[0] = c->nobs;
  out[1] = c->nact;
  out[2] = c->hidden;
  out[3] = c->width;
}

lb_status lb_sac_save(const lb_sac* sac, const char* path) {
  lb_array tensors[TENSORS];
  scalars s = scalars_of(sac);
  int own[4];
  lb_text text = {0};
  lb_json_writer json = lb_json_writer_on(&text);
  describe(tensors, sac, &s);
  config_sizes(own, &sac->config);
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_int(&json, "format", 1);
  lb_json_write_string(&json, "kind", "soft actor-critic");
  for (int i = 0; i < 4; i++) lb_json_write_int(&json, sizes[i], own[i]);
  lb_json_write_end_object(&json);
  lb_status status = lb_safetensors_save(path, text.data, tensors, TENSORS);
  lb_text_free(&text);
  return status;
}

static lb_status check_metadata(const lb_sac* sac, const lb_safetensors* file, const char* path) {
  static const char* const kinds[] = {"soft actor-critic"};
  char origin[1100];
  snprintf(origin, sizeof origin, "%s: metadata", path);
  lb_json* doc;
  LB_TRY(lb_json_parse(&doc, lb_safetensors_metadata(file), origin));
  lb_node root = lb_json_root(doc);
  int kind, found, own[4];
  config_sizes(own, &sac->config);
  lb_status status;
  LB_TRY_OR(done, status, lb_json_choice(root, "kind", kinds, 1, &kind));
  for (int i = 0; i < 4; i++) LB_TRY_OR(done, status, lb_json_int(root, sizes[i], own[i], own[i], &found));
done:
  lb_json_free(doc);
  return status;
}

static lb_status check_finite(const lb_array* a, const char* path) {
  for (int64_t i = 0; i < a->size; i++) {
    double value = 0;
    if (a->dtype == LB_F32) value = (double)((const float*)a->data)[i];
    if (a->dtype == LB_F64) value = ((const double*)a->data)[i];
    if (isfinite(value)) continue;
    return lb_fail(LB_INPUT, "%s: the tensor '%s' holds %g at entry %lld, where only finite numbers can be", path,
                   a->name, value, (long long)i);
  }
  return lb_ok();
}

static lb_status find_all(const lb_array* found[TENSORS], const lb_array wanted[TENSORS], const lb_safetensors* file,
                          const char* path) {
  for (int i = 0; i < TENSORS; i++) {
    found[i] = lb_safetensors_find(file, wanted[i].name);
    if (!found[i]) return lb_fail(LB_INPUT, "%s: the tensor '%s' is missing", path, wanted[i].name);
    if (found[i]->dtype != wanted[i].dtype || found[i]->rank != 1 || found[i]->size != wanted[i].size) {
      return lb_fail(LB_INPUT, "%s: the tensor '%s' has another type or size; %lld numbers are wanted", path,
                     wanted[i].name, (long long)wanted[i].size);
    }
    LB_TRY(check_finite(found[i], path));
  }
  return lb_ok();
}

static void take_scalars(lb_sac* sac, const scalars* s) {
  sac->log_alpha = s->temperature[0];
  sac->alpha_m = s->temperature[1];
  sac->alpha_v = s->temperature[2];
  sac->updates = s->counters[0];
  sac->actor_adam.steps = s->counters[1];
  sac->critic_adam.steps = s->counters[2];
  sac->alpha_steps = s->counters[3];
}

static lb_status load(lb_sac* sac, const lb_safetensors* file, const char* path) {
  lb_array wanted[TENSORS];
  const lb_array* found[TENSORS];
  scalars s = scalars_of(sac);
  LB_TRY(check_metadata(sac, file, path));
  describe(wanted, sac, &s);
  LB_TRY(find_all(found, wanted, file, path));
  const int64_t* counters = found[RUNS + 1]->data;
  for (int i = 0; i < 4; i++) {
    if (counters[i] < 0) return lb_fail(LB_INPUT, "%s: the tensor 'counters' holds a negative number", path);
  }
  // Only now that all of it is right does the learner change.
  for (int i = 0; i < RUNS; i++) {
    memcpy((lb_real*)wanted[i].data, found[i]->data, (size_t)found[i]->size * sizeof(lb_real));
  }
  memcpy(s.temperature, found[RUNS]->data, sizeof s.temperature);
  memcpy(s.counters, counters, sizeof s.counters);
  take_scalars(sac, &s);
  return lb_ok();
}

lb_status lb_sac_load(lb_sac* sac, const char* path) {
  lb_safetensors* file;
  LB_TRY(lb_safetensors_load(&file, path));
  lb_status status = load(sac, file, path);
  lb_safetensors_free(file);
  return status;
}
