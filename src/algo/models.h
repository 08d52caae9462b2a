// From a recipe's words to a model: the learned dynamics that a row fits.
#ifndef LB_ALGO_MODELS_H_
#define LB_ALGO_MODELS_H_

#include <stdint.h>

#include "algo/recipe.h"
#include "base/status.h"
#include "core/model.h"
#include "core/system.h"

// The model that `recipe` names, at its initial estimate: one draw from the prior of the system's parametric family,
// the same for every row of a seed (linear models start as its linearisation about the reference). Destroy it with
// model->destroy. LB_INPUT when the system has no such family.
lb_status lb_model_make(lb_model* model, const lb_recipe* recipe, const lb_system* system, uint64_t seed,
                        lb_counts* counts);

#endif  // LB_ALGO_MODELS_H_
