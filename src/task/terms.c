#include "task/terms.h"

#include "task/grammar.h"

static void raise(lb_phys_level* level, lb_phys_level to) {
  if (to > *level) *level = to;
}

// Without a list: the state.
static lb_status observe_state(lb_terms* t, lb_node root, const lb_quantity_source* source) {
  static const char* const parts[] = {"qpos", "qvel", "act"};
  t->nobservation = lb_phys_model_sizes(source->model).na > 0 ? 3 : 2;
  t->observation = LB_TAKE(source->arena, lb_quantity, t->nobservation);
  for (int i = 0; i < t->nobservation; ++i) {
    const lb_phys_signal* signal;
    LB_TRY(lb_phys_signal_find(&signal, parts[i]));
    LB_TRY(lb_quantity_pick(&t->observation[i], root, signal, source));  // the root picks nothing: all of it
    t->nobs += t->observation[i].n;
  }
  return lb_ok();
}

// What the observation is made of, at most LB_QUANTITY_MAX numbers; without the key, the state.
static lb_status read_observation(lb_terms* t, lb_node root, const lb_quantity_source* source) {
  lb_node list;
  if (!lb_json_has(root, "observation")) return observe_state(t, root, source);
  LB_TRY(lb_json_array(root, "observation", &list, &t->nobservation));
  if (t->nobservation == 0) return lb_json_fail(list, "is empty; leave it out to observe the state");
  t->observation = LB_TAKE(source->arena, lb_quantity, t->nobservation);
  for (int i = 0; i < t->nobservation; ++i) {
    lb_node node = lb_json_element(list, i);
    LB_TRY(lb_task_check_keys(node, LB_TASK_QUANTITY));
    LB_TRY(lb_quantity_read(&t->observation[i], node, source));
    t->nobs += t->observation[i].n;
    raise(&t->seen, t->observation[i].level);
  }
  if (t->nobs <= LB_QUANTITY_MAX) return lb_ok();
  return lb_json_fail(list, "has %d numbers, expected at most %d", t->nobs, (int)LB_QUANTITY_MAX);
}

// The terms of the reward, and how much of the data they need.
static lb_status read_reward(lb_terms* t, lb_node root, const lb_quantity_source* source) {
  lb_node list;
  LB_TRY(lb_json_array(root, "reward", &list, &t->nreward));
  if (t->nreward == 0) return lb_json_fail(list, "a task needs at least one term of reward");
  if (t->nreward > LB_QUANTITY_MAX) {
    return lb_json_fail(list, "has %d terms, expected at most %d", t->nreward, (int)LB_QUANTITY_MAX);
  }
  t->reward = LB_TAKE(source->arena, lb_reward_term, t->nreward);
  for (int i = 0; i < t->nreward; ++i) {
    lb_reward_term* term = &t->reward[i];
    LB_TRY(lb_reward_term_read(term, lb_json_element(list, i), source));
    raise(&t->rewarded, term->level);
    if (term->read == LB_READ_AFTER) continue;
    t->nbefore += 1;
    raise(&t->before, term->level);
  }
  return lb_ok();
}

// The conditions whose failure ends an episode.
static lb_status read_healthy(lb_terms* t, lb_node root, const lb_quantity_source* source) {
  lb_node list;
  if (!lb_json_has(root, "healthy")) return lb_ok();
  LB_TRY(lb_json_array(root, "healthy", &list, &t->nhealthy));
  t->healthy = LB_TAKE(source->arena, lb_condition, t->nhealthy);
  for (int i = 0; i < t->nhealthy; ++i) {
    LB_TRY(lb_condition_read(&t->healthy[i], lb_json_element(list, i), source));
    raise(&t->ended, t->healthy[i].quantity.level);
  }
  return lb_ok();
}

lb_status lb_terms_read(lb_terms* t, lb_node root, double dt, const lb_quantity_source* source) {
  *t = (lb_terms){.dt = dt};
  LB_TRY(read_observation(t, root, source));
  LB_TRY(read_reward(t, root, source));
  return read_healthy(t, root, source);
}

void lb_terms_observe(const lb_terms* t, double* obs, const lb_phys_view* view) {
  for (int i = 0; i < t->nobservation; ++i) {
    lb_quantity_eval(&t->observation[i], obs, view);
    obs += t->observation[i].n;
  }
}

// Whether all conditions hold.
bool lb_terms_healthy(const lb_terms* t, const lb_phys_view* view) {
  for (int i = 0; i < t->nhealthy; ++i) {
    if (!lb_condition_holds(&t->healthy[i], view)) return false;
  }
  return true;
}

void lb_terms_prepare(const lb_terms* t, double* before, const lb_phys_view* view) {
  for (int i = 0; i < t->nreward; ++i) {
    if (t->reward[i].read != LB_READ_AFTER) *before++ = lb_reward_term_value(&t->reward[i], view);
  }
}

double lb_terms_reward(const lb_terms* t, double* before, const lb_phys_view* view) {
  double reward = 0;
  for (int i = 0; i < t->nreward; ++i) {
    const lb_reward_term* term = &t->reward[i];
    double value = lb_reward_term_value(term, view), earlier = 0;
    if (term->read != LB_READ_AFTER) {
      earlier = *before;
      *before++ = value;
    }
    reward += lb_reward_term_worth(term, value, earlier, t->dt);
  }
  return reward;
}
