#!/bin/bash
# bench compare: the exit status says whether two folders agree, published curves serve where runs are gone.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# publish FOLDER COST...: one row, a seed a cost.
publish() {
  mkdir -p "$work/$1"
  printf '{"name": "s", "metric": "cost", "tasks": ["t"], "algos": ["near"]}' >"$work/$1/suite.json"
  printf 'suite,task,algo,seed,iteration,cost\n' >"$work/$1/curves.csv"
  local seed=0 cost
  for cost in "${@:2}"; do
    printf 's,t,near,%d,5,%s\n' $((seed++)) "$cost" >>"$work/$1/curves.csv"
  done
}
publish a 1 2 3
publish b 2 4 6
publish c 101 102 103
expect 0 compare "$work/a" "$work/b"
prints '1 rows: 0 identical, 1 agree, 0 differ'
expect 0 compare "$work/a" "$work/a"
prints 'identical'
expect 1 compare "$work/a" "$work/c"
prints 'differ'
expect 0 compare "$work/a" "$work/b" --json
prints '"p":0.2208808'
prints '"verdict":"agree"'
expect 2 compare "$work/a" "$work/nothing"
expect 2 compare "$work/a"
# The published results are those that their own folder holds.
expect 0 compare "$repository/results/quick/maze" "$repository/results/quick/maze"
prints '9 rows: 9 identical'
