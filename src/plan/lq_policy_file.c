#include "plan/lq_policy_file.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "io/safetensors.h"

enum { TENSORS = 5 };

static const char* const rules[] = {[LB_RULE_TEXTBOOK] = "textbook", [LB_RULE_2023] = "2023"};

// The five tensors of a policy, with their shapes; data point into it.
static void describe(lb_array tensors[TENSORS], const lb_lq_policy* p) {
  int64_t H = p->horizon, nx = p->space->nx, ndx = p->space->ndx, nu = p->nu;
  tensors[0] = (lb_array){.name = "x_nominal", .rank = 2, .shape = {H + 1, nx}, .data = p->x_nominal};
  tensors[1] = (lb_array){.name = "u_nominal", .rank = 2, .shape = {H, nu}, .data = p->u_nominal};
  tensors[2] = (lb_array){.name = "K", .rank = 3, .shape = {H, nu, ndx}, .data = p->K};
  tensors[3] = (lb_array){.name = "k", .rank = 2, .shape = {H, nu}, .data = p->k};
  tensors[4] = (lb_array){.name = "alpha", .rank = 1, .shape = {1}, .data = &p->alpha};
  for (int i = 0; i < TENSORS; ++i) {
    tensors[i].dtype = LB_F64;
    tensors[i].size = 1;
    for (int r = 0; r < tensors[i].rank; ++r) tensors[i].size *= tensors[i].shape[r];
  }
}

lb_status lb_lq_policy_file_save(const char* path, const lb_lq_policy* policy, const lb_system* system,
                                 const char* provenance) {
  lb_array tensors[TENSORS];
  describe(tensors, policy);
  lb_text text = {0};
  lb_json_writer json = lb_json_writer_on(&text);
  lb_json_write_begin_object(&json, NULL);
  lb_json_write_int(&json, "format", 1);
  lb_json_write_string(&json, "kind", "time-varying linear feedback");
  lb_json_write_string(&json, "task", system->name);
  lb_json_write_string(&json, "task_hash", system->hash);
  lb_json_write_string(&json, "rule", rules[policy->rule]);
  lb_json_write_raw(&json, "provenance", provenance);
  lb_json_write_end_object(&json);
  lb_status status = lb_safetensors_save(path, text.data, tensors, TENSORS);
  lb_text_free(&text);
  return status;
}

// The update rule from the metadata; fails unless the file was made for this task as it is now.
static lb_status check_metadata(lb_lq_policy* policy, const lb_safetensors* file, const char* path,
                                const lb_system* system) {
  char origin[1100];
  snprintf(origin, sizeof origin, "%s: metadata", path);
  lb_json* doc;
  LB_TRY(lb_json_parse(&doc, lb_safetensors_metadata(file), origin));
  lb_node root = lb_json_root(doc);
  const char *task, *hash;
  int rule;
  lb_status status;
  LB_TRY_OR(done, status, lb_json_string(root, "task", &task));
  LB_TRY_OR(done, status, lb_json_string(root, "task_hash", &hash));
  LB_TRY_OR(done, status, lb_json_choice(root, "rule", rules, 2, &rule));
  policy->rule = (lb_update_rule)rule;
  if (strcmp(task, system->name) != 0) {
    status = lb_fail(LB_INPUT, "%s: a policy for the task '%s', not for '%s'", path, task, system->name);
  } else if (strcmp(hash, system->hash) != 0) {
    status = lb_fail(LB_INPUT,
                     "%s: made for another version of %s (hash %.12s, the present one is %.12s); make it anew with "
                     "'bench expert %s --fresh'",
                     path, task, hash, system->hash, task);
  }
done:
  lb_json_free(doc);
  return status;
}

// Copies the tensors into the policy; fails unless all have its shapes.
static lb_status take_tensors(lb_lq_policy* policy, const lb_safetensors* file, const char* path) {
  lb_array wanted[TENSORS];
  describe(wanted, policy);
  for (int i = 0; i < TENSORS; ++i) {
    const lb_array* found = lb_safetensors_find(file, wanted[i].name);
    if (!found) return lb_fail(LB_INPUT, "%s: the tensor '%s' is missing", path, wanted[i].name);
    if (found->dtype != LB_F64 || found->rank != wanted[i].rank ||
        memcmp(found->shape, wanted[i].shape, (size_t)found->rank * sizeof found->shape[0]) != 0) {
      return lb_fail(LB_INPUT, "%s: the tensor '%s' is not of type F64 with the shape that %d %s of this task ask for",
                     path, wanted[i].name, policy->horizon, lb_plural(policy->horizon, "step", "steps"));
    }
  }
  size_t bytes = sizeof(double);
  memcpy(policy->x_nominal, lb_safetensors_find(file, "x_nominal")->data, (size_t)wanted[0].size * bytes);
  memcpy(policy->u_nominal, lb_safetensors_find(file, "u_nominal")->data, (size_t)wanted[1].size * bytes);
  memcpy(policy->K, lb_safetensors_find(file, "K")->data, (size_t)wanted[2].size * bytes);
  memcpy(policy->k, lb_safetensors_find(file, "k")->data, (size_t)wanted[3].size * bytes);
  memcpy(&policy->alpha, lb_safetensors_find(file, "alpha")->data, bytes);
  return lb_ok();
}

lb_status lb_lq_policy_file_load(lb_lq_policy* policy, const char* path, const lb_system* system, lb_arena* arena) {
  lb_safetensors* file;
  LB_TRY(lb_safetensors_load(&file, path));
  lb_lq_policy_init(policy, &system->space, system->nu, system->horizon, arena);
  lb_status status = check_metadata(policy, file, path, system);
  if (status.code == LB_OK) status = take_tensors(policy, file, path);
  lb_safetensors_free(file);
  return status;
}
