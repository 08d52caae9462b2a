// The JSON Schema of an algorithm's file (algo/recipe.h), made of the tables by which it is read: kinds, their choices
// with ranges and meanings, and which planner goes with which model. `bench algos schema` prints it.
#ifndef LB_ALGO_RECIPE_SCHEMA_H_
#define LB_ALGO_RECIPE_SCHEMA_H_

#include "io/json_writer.h"

void lb_recipe_schema(lb_json_writer* w);

// {"KEY": VALUE} for "protocol" objects of suites: every setting of --set, with its range, unit and meaning.
void lb_protocol_schema(lb_json_writer* w, const char* key);

#endif  // LB_ALGO_RECIPE_SCHEMA_H_
